import tracemalloc
from pathlib import Path

import pytest

from bot.ingest.folder.site_files import FolderFiles
from bot.ingest.sites.javascript import (
    COMPUTED,
    MAX_BYTES,
    Call,
    Function,
    Script,
    load_script,
    read_script,
)


def configuration(source: str, *, typescript: bool = False) -> object:
    return read_script(source.encode(), typescript=typescript).configuration()


def load(folder: Path, **files: str) -> Script:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    script = load_script(FolderFiles(folder), "config.ts")
    assert script
    return script


@pytest.mark.parametrize(
    "source",
    [
        "export default {site: 'https://a.example', build: {format: 'file'}}",
        "export default defineConfig({site: `https://a.example`, build: {'format': \"file\"}})",
        "module.exports = {site: 'https://a.example', build: {format: 'file'}};",
        "const config = {site: 'https://a.example', build: {format: 'file'}}\n"
        "module.exports = config",
        "/** @type {Config} */\nconst site = 'https://a.example', build = {format: 'file'};\n"
        "export default defineConfig({site, build});",
        "const build = {format: 'file', x: f.y};\n"
        "export { it as default };\n"
        "const it = ({ build: { ...build }, site: 'https://' + 'a.example', });",
        "module.exports = async function (c) {\n  c.use(f);\n  const format = 'file';\n"
        "  return {site: 'https://a.example', build: {format}};\n};",
        "export default defineConfig(() => ({site: 'https://a.example', build: {format: 'file'}}))",
        "export default function create() {return {site: 'https://a.example',"
        " /* a comment */ build: { // another\n format: 'file' }}}",
        "const SITES = {main: ['x', 'a.example']}\n"
        "export default {site: `https://${SITES.main[1]}`, build: Object.freeze({format: 'file'})}",
    ],
)
def test_configuration_in_all_ways_of_writing(source: str) -> None:
    """An exported object is found however the file exports it."""
    expected = {"site": "https://a.example", "build": {"format": "file"}}
    assert configuration(source) == expected
    assert configuration(source, typescript=True) == expected


@pytest.mark.parametrize(
    "source",
    [
        "const config: Config = {a: [1, 'x', true] as const};\nexport default config;",
        "export default {a: [1, 'x', true]} satisfies Config;",
        "type X = {a: number};\nexport default <X>{a: ([1, 'x', true] as unknown)!}",
        "interface X {a?: number}\nexport default defineConfig<X>({a: [1, 'x', true]})",
        "enum E {A}\nfunction f<T>(x: T): T {return x}\nexport default {a: [1, 'x', true]} as X",
    ],
)
def test_types_change_no_value(source: str) -> None:
    """Casts and declarations of types have no effect on what is read."""
    assert configuration(source, typescript=True) == {"a": [1, "x", True]}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("'it\\'s \\u00e9\\u{1F600}\\x41\\n'", "it's é😀A\n"),
        ('"a\\\nb"', "ab"),
        ("''", ""),
        ("`a\\`b`", "a`b"),
        ("-1.5e3", -1500),
        ("0x10", 16),
        ("1_000", 1000),
        ("0.5", 0.5),
        ("10n", 10),
        ("!0", True),
        ("null", None),
        ("undefined", None),
        ("[1, ...[2, 3], [4]]", [1, 2, 3, [4]]),
        ("{'a-b': 1, 2: 3, ['c']: 4}", {"a-b": 1, "2": 3, "c": 4}),
        ("process.env.SITE || 'x'", "x"),
        ("process.env.SITE ?? 'x'", "x"),
        ("'' || 'x'", "x"),
        ("require.resolve('./a.js')", "./a.js"),
        ("mdx({gfm: true})", Call("mdx", [{"gfm": True}])),
        ("z.object({}).optional()", Call("z.object({}).optional", [])),
        ("(page) => 'x'", Function("x")),
        ("[f(), 1]", [Call("f", []), 1]),
        ("[a, 1]", [COMPUTED, 1]),
    ],
)
def test_values(written: str, value: object) -> None:
    """Literals have the values that JavaScript gives them."""
    assert configuration(f"export default {{value: {written}}}") == {"value": value}


@pytest.mark.parametrize(
    "written",
    [
        "process.env.SITE",
        "`${process.env.SITE}/x`",
        "a ? 'x' : 'y'",
        "1 + 2",
        "/x/",
        "new URL('https://a.example')",
        "class {}",
        "import.meta.env.SITE",
        "changed",
        "counted",
        "parameter",
        "local",
        "around.missing",
        "a.b.c[0]",
        "self",
        "9" * 5000,
    ],
)
def test_what_is_computed_is_left_out(written: str) -> None:
    """A value that a program computes is not guessed."""
    source = f"""
    let changed = 'a'; if (process.env.B) changed = 'b';
    let counted = 1; counted++;
    const around = {{a: 1}};
    const self = self;
    function f(parameter) {{ const local = 1; return local; }}
    export default {{known: 1, value: {written}}};
    """
    assert configuration(source) == {"known": 1}


def test_a_computed_value_hides_an_earlier_one() -> None:
    """An entry that is computed replaces the literal that is spread before it."""
    assert configuration("const a = {x: 1, y: 2}; export default {...a, x: f.y}") == {"y": 2}


def test_names_mean_the_nearest_declaration() -> None:
    """A constant of a function hides that of the file, and a parameter hides both."""
    source = """
    const a = 1, b = 2;
    const {c, d: {e: d}} = {c: 3, d: {e: 4}};
    module.exports = (b) => { const a = 5; return {a, b, c, d}; };
    """
    assert configuration(source) == {"a": 5, "c": 3, "d": 4}


def test_calls_with_their_arguments() -> None:
    """All calls of a method are found, wherever they are."""
    script = read_script(b"""
    export default function (config) {
      config.addGlobalData("permalink", "/:x/");
      if (a) { config.addGlobalData("layout", () => { return "base" }); }
      config.addPlugin(feed, {...{a: 1}});
    }
    """)
    assert list(script.calls("addGlobalData")) == [
        ["permalink", "/:x/"],
        ["layout", Function("base")],
    ]
    assert list(script.calls("addPlugin")) == [[COMPUTED, {"a": 1}]]
    assert list(script.calls("missing")) == []


def test_named_exports() -> None:
    """Constants and functions that a file exports are found by name, in both module systems."""
    modern = read_script(b"const blog = f({a: 1}); export const collections = {blog}, b = 2;")
    assert modern.exported("collections") == {"blog": Call("f", [{"a": 1}])}
    assert modern.exported("b") == 2
    assert modern.exported("missing") is modern.exported() is COMPUTED
    common = read_script(b"module.exports.a = 1; exports.b = 2; exports.c = () => 3")
    assert [common.exported(name) for name in "abc"] == [1, 2, Function(3)]
    assert read_script(b"module.exports = {a: 1}").exported("a") == 1


def test_other_files_of_the_site(tmp_path: Path) -> None:
    """What a configuration imports from other files of the site is read there."""
    script = load(
        tmp_path,
        config_ts="import { SITE as S, title } from './src/site'; import pkg from './package.json';"
        "import * as all from './src/all.js'; import {f} from 'npm-package';"
        "const old = require('./src/old');"
        "export default {site: S.url, title, name: pkg.name, all, old: old.x, f,"
        " ...require('./src/old').more}",
        src__site_ts="export const SITE = {url: 'https://a.example'} as const;"
        "export { title } from './all'",
        src__all_ts="export const title = 'T'; export const computed = f.g",
        src__old_js="module.exports = {x: 1, more: {y: 2}}",
        package_json='{"name": "blog"}',
    )
    assert script.configuration() == {
        "site": "https://a.example",
        "title": "T",
        "name": "blog",
        "all": {"title": "T", "computed": COMPUTED},
        "old": 1,
        "y": 2,
    }


def test_files_outside_of_the_site_are_unknown(tmp_path: Path) -> None:
    """An import can't leave the site."""
    (tmp_path / "secret.json").write_text('{"a": 1}')
    site = tmp_path / "site"
    site.mkdir()
    script = load(
        site,
        config_ts="import s from '../secret.json'; import t from '/etc/passwd';"
        "export default {s, t}",
    )
    assert script.configuration() == {}


def test_files_that_import_each_other(tmp_path: Path) -> None:
    """A circle of imports ends."""
    script = load(
        tmp_path,
        config_ts="import {a} from './a'; export const b = a; export default {a, x: 1}",
        a_ts="import {b} from './config'; export const a = {b, c: 2}",
    )
    assert script.configuration()["x"] == 1


@pytest.mark.parametrize(
    "source",
    [
        "",
        "}}}}((((",
        "export default",
        "export default {",
        "\x00\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
        "export default " + "[" * 20_000,
        "export default " + "{a:" * 20_000 + "1" + "}" * 20_000,
        "export default " + "(" * 20_000 + "1",
        "export default {a: " + "f(" * 20_000,
        "const a = [a, a, a]; export default {a}",
        "const a = [...b, ...b], b = [...a, ...a, 1]; export default {a}",
        "".join(f"const a{i} = [a{i + 1}, a{i + 1}, a{i + 1}];" for i in range(30))
        + "export default {x: a0}",
        "".join(f"const a{i} = `${{a{i + 1}}}${{a{i + 1}}}`;" for i in range(30))
        + "const a30 = 'x'; export default {x: a0}",
        "export default {x: '" + "y" * MAX_BYTES + "'}",
        "const a = 1;" * 5_000 + "export default {" + "a," * 5_000 + "}",
        "const {" + "a: {" * 10_000,
        "<a>" * 10_000,
        "`${" * 10_000,
        "a?b:" * 20_000,
        "async (" * 10_000,
    ],
)
@pytest.mark.timeout(20)
def test_hostile_files(source: str) -> None:
    """No file raises an exception or takes long."""
    for typescript in (False, True):
        script = read_script(source.encode("utf-8", "replace"), typescript=typescript)
        script.configuration()
        list(script.calls("f"))


@pytest.mark.parametrize("operator", ["-", "!", "+", "- -", "typeof ", "await ", "...", "'", "a=>"])
def test_repeated_operators_take_little_memory(operator: str) -> None:
    """Each of the nested expressions is long."""
    source = f"A = {operator * (MAX_BYTES // len(operator) - 10)}1"
    tracemalloc.start()
    read_script(source.encode(), typescript=False).configuration()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200 * 2**20
