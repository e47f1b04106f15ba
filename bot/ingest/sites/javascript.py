"""Reads the literals of JavaScript and TypeScript files, without running them.

Generators are configured by programs. What a program says in literals is read: strings, numbers,
arrays, objects, and constants that stand for them. What it computes is unknown. Nothing that a
file contains raises an exception, and the work per file is bounded.
"""

import json
import posixpath
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple, Self, TypeAlias

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

    from bot.ingest.sites.site import SiteFiles

# Configuration files are short; a longer file is a program.
MAX_BYTES = 64 * 1024
# Nested operators would otherwise take quadratic memory.
_LONGEST_NAME = 500
MAX_FILES = 20
_MAX_DEPTH = 40
# Values per file: constants that refer to each other may stand for very many.
_MAX_VALUES = 50_000

_ESCAPE = re.compile(
    r"\\(?:u\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|(\r\n|.))", re.DOTALL
)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_LINE_ENDS = ("\n", "\r\n", "\r", "\u2028", "\u2029")
_EXTENSIONS = ("", ".ts", ".js", ".mjs", ".mts", ".cjs", ".cts", ".json", "/index.ts", "/index.js")
_CONSTANTS: Mapping[str, object] = {"true": True, "false": False, "null": None, "undefined": None}
# What stands around a value without changing it.
_WRAPPERS = frozenset(
    {
        *("as_expression", "satisfies_expression", "non_null_expression", "await_expression"),
        "parenthesized_expression",
    }
)
_FUNCTIONS = frozenset(
    {
        *("arrow_function", "function_expression", "function_declaration", "generator_function"),
        *("generator_function_declaration", "method_definition"),
    }
)
_SCOPES = _FUNCTIONS | {"program", "statement_block", "class_body"}
_DECLARATIONS = frozenset(
    {"function_declaration", "generator_function_declaration", "class_declaration"}
)
_CHANGES = frozenset(
    {"assignment_expression", "augmented_assignment_expression", "update_expression"}
)
# Functions that return their argument, or what its name leads to.
_SAME = frozenset({"Object.freeze", "require.resolve", "Object.seal", "structuredClone"})


class _Computed(Enum):
    COMPUTED = "computed"


COMPUTED: Final = _Computed.COMPUTED
"""Stands for a value that the program computes, in arrays and arguments, where positions matter."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call as a value; `name` is that of the function, such as `defineConfig` or `z.object`."""

    name: str
    arguments: Sequence[object]


@dataclass(frozen=True, slots=True)
class Function:
    """A function as a value, with what it returns at its end."""

    returned: object


class _Import(NamedTuple):
    """A name imported from another file; `name` None stands for all of its exports."""

    specifier: str
    name: str | None


_Definition: TypeAlias = "Node | _Import | None"


class _Scope(NamedTuple):
    """A part of a file, by the offsets of its first byte and of the one after it."""

    start: int
    end: int


class _Constant(NamedTuple):
    """What a name stands for in a part of the file, or an item of that, found by its path.

    A definition that is None is computed.
    """

    scope: _Scope
    definition: _Definition
    path: tuple[str, ...] = ()


class Script:
    """A file whose exports and calls can be read."""

    def __init__(self, outline: "_Outline", path: str, modules: "_Modules") -> None:
        self._outline = outline
        self._path = path
        self._modules = modules

    @property
    def names(self) -> Collection[str]:
        """The names of the file's exports; `default` is also that of CommonJS, `module.exports`."""
        return tuple(self._outline.exports)

    def exported(self, name: str = "default", depth: int = 0) -> object:
        """Return the value that is exported; `COMPUTED` if it is computed or missing.

        `depth` is that of the value within another one.
        """
        exports = self._outline.exports
        if name in exports:
            return self._resolve(exports[name], depth)
        if "default" in exports:  # CommonJS: `module.exports = {name: …}`
            return _item(self._resolve(exports["default"], depth), name)
        return COMPUTED

    def configuration(self) -> Mapping[str, object]:
        """Return the object that the file exports, itself or by a function; empty without one.

        The object may also be the argument of a function such as `defineConfig`.
        """
        value = self.exported()
        for _ in range(_MAX_DEPTH):
            if isinstance(value, Function):
                value = value.returned
            elif isinstance(value, Call):
                value = value.arguments[0] if value.arguments else COMPUTED
            else:
                break
        return value if isinstance(value, dict) else {}

    def calls(self, name: str) -> Iterator[Sequence[object]]:
        """Yield the arguments of every call of a function or method, in the order of the file."""
        for node in self._outline.calls:
            function = node.child_by_field_name("function")
            if function is not None and _text(function).rpartition(".")[2] == name:
                yield self._arguments(node, 0)

    def _resolve(self, definition: _Definition, depth: int) -> object:
        if definition is None:
            return COMPUTED
        if isinstance(definition, _Import):
            return self._imported(definition, depth)
        return self._value(definition, depth)

    def _value(self, node: "Node | None", depth: int) -> object:
        if node is None or depth > _MAX_DEPTH or not self._modules.count_value():
            return COMPUTED
        if node.type in _CONSTANTS:
            return _CONSTANTS[node.type]
        if node.type in _FUNCTIONS:
            return Function(self._returned(node, depth))
        if node.type in _WRAPPERS:
            return self._value(_first(node), depth + 1)
        if node.type == "type_assertion":
            return self._value(_children(node)[-1], depth + 1)
        reader = self._READERS.get(node.type)
        return reader(self, node, depth) if reader else COMPUTED

    def _number(self, node: "Node", _depth: int) -> object:
        return _parse_number(_text(node))

    def _string(self, node: "Node", depth: int) -> object:
        parts: list[str] = []
        for part in node.named_children:
            if part.type == "template_substitution":
                value = self._value(_first(part), depth + 1)
                if not isinstance(value, str | int) or isinstance(value, bool):
                    return COMPUTED
                parts.append(str(value))
            else:
                text = _text(part)
                parts.append(_unescape(text) if part.type == "escape_sequence" else text)
        return self._bounded("".join(parts))

    def _bounded(self, text: str) -> object:
        """Texts of constants could be put together to very long ones."""
        return text if len(text) < MAX_BYTES else COMPUTED

    def _array(self, node: "Node", depth: int) -> object:
        values: list[object] = []
        for each in _children(node):
            if each.type == "spread_element":
                value = self._value(_first(each), depth + 1)
                values += value if isinstance(value, list) else ()
            else:
                values.append(self._value(each, depth + 1))
        return values if self._modules.count_value(len(values)) else COMPUTED

    def _object(self, node: "Node", depth: int) -> object:
        values: dict[str, object] = {}
        for each in _children(node):
            if each.type == "spread_element":
                value = self._value(_first(each), depth + 1)
                values |= value if isinstance(value, dict) else {}
            elif (name := self._key(each, depth)) is not None:
                if (value := self._value(_entry_value(each), depth + 1)) is not COMPUTED:
                    values[name] = value
                else:
                    values.pop(name, None)
        return values if self._modules.count_value(len(values)) else COMPUTED

    def _key(self, entry: "Node", depth: int) -> str | None:
        if entry.type == "shorthand_property_identifier":
            return _text(entry)
        node = entry.child_by_field_name("key") or entry.child_by_field_name("name")
        if node is None or node.type == "property_identifier":
            return node and _text(node)
        is_computed = node.type == "computed_property_name"
        value = self._value(_first(node) if is_computed else node, depth + 1)
        return str(value) if isinstance(value, str | int) else None

    def _name(self, node: "Node", depth: int) -> object:
        name = _text(node)
        if name in self._outline.changed:
            return COMPUTED
        constants = self._outline.constants.get(name, ())
        around = [
            each
            for each in constants
            if each.scope.start <= node.start_byte and node.end_byte <= each.scope.end
        ]
        if not around or not self._modules.count_value(len(constants)):
            return COMPUTED
        nearest = min(around, key=lambda each: each.scope.end - each.scope.start)
        value = self._resolve(nearest.definition, depth + 1)
        for key in nearest.path:
            value = _item(value, key)
        return value

    def _member(self, node: "Node", depth: int) -> object:
        container = self._value(node.child_by_field_name("object"), depth + 1)
        name = node.child_by_field_name("property")
        if name is not None:
            return _item(container, _text(name))
        return _item(container, self._value(node.child_by_field_name("index"), depth + 1))

    def _call(self, node: "Node", depth: int) -> object:
        function = node.child_by_field_name("function")
        name = _text(function) if function is not None else ""
        arguments = self._arguments(node, depth)
        if name in _SAME and arguments:
            return arguments[0]
        if name == "require" and arguments and isinstance(arguments[0], str):
            return self._imported(_Import(arguments[0], None), depth)
        return Call(name, arguments)

    def _arguments(self, node: "Node", depth: int) -> Sequence[object]:
        arguments = node.child_by_field_name("arguments")
        if arguments is None or arguments.type != "arguments":
            return ()
        return [self._value(each, depth + 1) for each in _children(arguments)]

    def _unary(self, node: "Node", depth: int) -> object:
        value = self._value(node.child_by_field_name("argument"), depth + 1)
        if not isinstance(value, int | float):
            return COMPUTED
        match _operator(node):
            case "-":
                return -value
            case "!":
                return not value
            case _:
                return COMPUTED

    def _binary(self, node: "Node", depth: int) -> object:
        """A text put together from constants, or a default for what is computed."""
        left = self._value(node.child_by_field_name("left"), depth + 1)
        right = self._value(node.child_by_field_name("right"), depth + 1)
        match _operator(node):
            case "||":
                return right if left is COMPUTED or not left else left
            case "??":
                return right if left is COMPUTED or left is None else left
            case "+" if isinstance(left, str) and isinstance(right, str):
                return self._bounded(left + right)
            case _:
                return COMPUTED

    def _returned(self, function: "Node", depth: int) -> object:
        body = function.child_by_field_name("body")
        if body is None or body.type != "statement_block":
            return self._value(body, depth + 1)
        for statement in reversed(_children(body)):
            if statement.type == "return_statement":
                return self._value(_first(statement), depth + 1)
        return COMPUTED

    def _imported(self, wanted: _Import, depth: int) -> object:
        module = self._modules.load(wanted.specifier, self._path)
        if not isinstance(module, Script):
            return module if wanted.name in {None, "default"} else _item(module, wanted.name)
        if wanted.name is not None:
            return module.exported(wanted.name, depth + 1)
        if module.names == ("default",):  # CommonJS
            return module.exported("default", depth + 1)
        return {name: module.exported(name, depth + 1) for name in module.names}

    # https://github.com/tree-sitter/tree-sitter-javascript/blob/master/grammar.js
    _READERS: ClassVar[Mapping[str, Callable[["Script", "Node", int], object]]] = {
        "array": _array,
        "binary_expression": _binary,
        "call_expression": _call,
        "identifier": _name,
        "member_expression": _member,
        "number": _number,
        "object": _object,
        "shorthand_property_identifier": _name,
        "string": _string,
        "subscript_expression": _member,
        "template_string": _string,
        "unary_expression": _unary,
    }


class _Modules:
    """The files that a file imports from each other, and the bound of the work for all of them."""

    def __init__(self, files: "SiteFiles | None" = None) -> None:
        self._files = files
        self._left = MAX_FILES
        self._values_left = _MAX_VALUES
        self._modules: dict[str, Script | object] = {}

    def count_value(self, count: int = 1) -> bool:
        """Return whether so many more values may be read."""
        self._values_left -= count
        return self._values_left >= 0

    def load(self, specifier: str, importer: str) -> "Script | object":
        """Return a file of the site, or the content of a JSON file, else `COMPUTED`."""
        if not specifier.startswith("."):
            return COMPUTED
        path = posixpath.normpath(posixpath.join(posixpath.dirname(importer), specifier))
        if path.startswith(".."):
            return COMPUTED
        if path not in self._modules:
            self._modules[path] = self._read(path)
        return self._modules[path]

    def _read(self, path: str) -> "Script | object":
        self._left -= 1
        if self._files is None or self._left < 0:
            return COMPUTED
        for candidate in _module_paths(path):
            source = self._files.read(candidate)
            if source is None:
                continue
            if candidate.endswith(".json"):
                return _read_json(source)
            outline = _Outline.of(source, typescript=candidate.endswith("ts"))
            return Script(outline, candidate, self)
        return COMPUTED


def read_script(source: bytes, *, typescript: bool = False) -> Script:
    """Read a file by itself: what it imports from other files is unknown."""
    return Script(_Outline.of(source, typescript=typescript), "", _Modules())


def load_script(files: "SiteFiles", path: str) -> Script | None:
    """Read a file of a site, and what it imports from other files of the site.

    None if there is no such file.
    """
    source = files.read(path)
    if source is None:
        return None
    return Script(_Outline.of(source, typescript=path.endswith("ts")), path, _Modules(files))


@cache
def _parser(*, typescript: bool) -> "Parser":
    # Here, because most sites need no parser.
    import tree_sitter_typescript as grammar  # noqa: PLC0415
    from tree_sitter import Language, Parser  # noqa: PLC0415

    # JavaScript is part of TypeScript. With JSX, `<T>value` is an element instead of a cast.
    language = grammar.language_typescript() if typescript else grammar.language_tsx()
    return Parser(Language(language))


class _Outline:
    """The constants, exports and calls of a file, and the names whose values change."""

    def __init__(self) -> None:
        self.constants: defaultdict[str, list[_Constant]] = defaultdict(list)
        self.changed: set[str] = set()
        self.exports: dict[str, _Definition] = {}
        self.calls: list[Node] = []

    @classmethod
    def of(cls, source: bytes, *, typescript: bool) -> Self:
        """Read a file in one pass; a file that is too long has nothing."""
        outline = cls()
        if len(source) <= MAX_BYTES:
            root = _parser(typescript=typescript).parse(source).root_node
            outline._read(root)
        return outline

    def _read(self, root: "Node") -> None:
        # Without recursion: files may be nested deeply.
        everywhere = _Scope(root.start_byte, root.end_byte)
        pending = [(root, everywhere)]
        while pending:
            node, around = pending.pop()
            scope = _Scope(node.start_byte, node.end_byte) if node.type in _SCOPES else around
            if node.type in _DECLARATIONS:
                self._bind(node.child_by_field_name("name"), around, node)
            elif node.type in _CHANGES:
                self._read_change(node)
            elif node.type == "call_expression":
                self.calls.append(node)
            elif node.type == "export_statement":
                self._read_export(node)
            else:
                self._read_names(node, scope)
            pending += [(each, scope) for each in reversed(node.named_children)]

    def _read_names(self, node: "Node", scope: _Scope) -> None:
        match node.type:
            case "variable_declarator":
                value = node.child_by_field_name("value")
                self._bind(node.child_by_field_name("name"), scope, value)
            case "required_parameter" | "optional_parameter":
                self._bind(node.child_by_field_name("pattern"), scope, None)
            case "arrow_function":
                self._bind(node.child_by_field_name("parameter"), scope, None)
            case "import_statement":
                self._read_import(node, scope)

    def _bind(
        self,
        name: "Node | None",
        scope: _Scope,
        definition: _Definition,
        path: tuple[str, ...] = (),
    ) -> None:
        if name is None:
            return
        if name.type in {"identifier", "shorthand_property_identifier_pattern"}:
            if name.type == "shorthand_property_identifier_pattern":
                path = (*path, _text(name))
            self.constants[_text(name)].append(_Constant(scope, definition, path))
        elif name.type == "object_pattern" and len(path) < _MAX_DEPTH:
            for each in name.named_children:
                if each.type == "pair_pattern":
                    key = each.child_by_field_name("key")
                    inner = (*path, _text(key) if key is not None else "")
                    self._bind(each.child_by_field_name("value"), scope, definition, inner)
                elif each.type == "shorthand_property_identifier_pattern":
                    self._bind(each, scope, definition, path)

    def _read_import(self, node: "Node", scope: _Scope) -> None:
        source = node.child_by_field_name("source")
        clause = next((each for each in node.named_children if each.type == "import_clause"), None)
        if source is None or clause is None:
            return
        specifier = _text(source)[1:-1]
        for each in clause.named_children:
            if each.type == "identifier":
                self._bind(each, scope, _Import(specifier, "default"))
            elif each.type == "namespace_import":
                self._bind(each.named_child(0), scope, _Import(specifier, None))
            elif each.type == "named_imports":
                for one in each.named_children:
                    name = one.child_by_field_name("name")
                    alias = one.child_by_field_name("alias") or name
                    if name is not None:
                        self._bind(alias, scope, _Import(specifier, _text(name)))

    def _read_export(self, node: "Node") -> None:
        declaration = node.child_by_field_name("declaration")
        if any(each.type == "default" for each in node.children):
            self.exports["default"] = node.child_by_field_name("value") or declaration
        elif declaration is not None:
            for each in (declaration, *declaration.named_children):
                name = each.child_by_field_name("name")
                if each.type == "variable_declarator" and name is not None:
                    self.exports[_text(name)] = each.child_by_field_name("value")
                elif each.type in _DECLARATIONS and name is not None:
                    self.exports[_text(name)] = each
        else:
            self._read_export_clause(node)

    def _read_export_clause(self, node: "Node") -> None:
        source = node.child_by_field_name("source")
        for clause in node.named_children:
            for each in clause.named_children if clause.type == "export_clause" else ():
                name = each.child_by_field_name("name")
                alias = each.child_by_field_name("alias") or name
                if name is None or alias is None:
                    continue
                from_source = source and _Import(_text(source)[1:-1], _text(name))
                self.exports[_text(alias)] = from_source or name

    def _read_change(self, node: "Node") -> None:
        """An assignment is an export of CommonJS; any other makes the value of a name unknown."""
        target = node.child_by_field_name("left") or node.child_by_field_name("argument")
        if target is None or target.end_byte - target.start_byte > _LONGEST_NAME:
            return
        name = _text(target)
        if name == "module.exports":
            self.exports["default"] = node.child_by_field_name("right")
        elif name.startswith(("module.exports.", "exports.")):
            self.exports[name.rpartition(".")[2]] = node.child_by_field_name("right")
        else:
            self.changed.add(name)


def _children(node: "Node") -> Sequence["Node"]:
    return [each for each in node.named_children if each.type != "comment"]


def _first(node: "Node") -> "Node | None":
    return next(iter(_children(node)), None)


def _entry_value(entry: "Node") -> "Node":
    """The value of an entry of an object: after the colon, or the name or method itself."""
    return entry.child_by_field_name("value") or entry


def _operator(node: "Node") -> str:
    operator = node.child_by_field_name("operator")
    return operator.type if operator is not None else ""


def _item(container: object, key: object) -> object:
    """An item of an object or array; `COMPUTED` if it is not known to have it."""
    if isinstance(container, dict) and isinstance(key, str | int):
        return container.get(str(key), COMPUTED)
    if isinstance(container, list) and isinstance(key, int) and 0 <= key < len(container):
        return container[key]
    return COMPUTED


def _module_paths(path: str) -> Sequence[str]:
    """The files that an import may mean; TypeScript's imports may name the compiled file."""
    paths = [path + extension for extension in _EXTENSIONS]
    stem, extension = posixpath.splitext(path)
    if extension in {".js", ".mjs", ".cjs"}:
        paths.append(f"{stem}{extension[:-2]}ts")
    return paths


def _read_json(source: bytes) -> object:
    try:
        return json.loads(source)
    except (ValueError, RecursionError):
        return COMPUTED


def _text(node: "Node") -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _unescape(text: str) -> str:
    def replace(match: re.Match[str]) -> str:
        code = match[1] or match[2] or match[3]
        if code:
            number = int(code, 16)
            is_text = number < 0x110000 and not 0xD800 <= number < 0xE000  # noqa: PLR2004 - Unicode
            return chr(number) if is_text else "\ufffd"
        return "" if match[4] in _LINE_ENDS else _ESCAPED.get(match[4], match[4])

    return _ESCAPE.sub(replace, text)


def _parse_number(text: str) -> object:
    text = text.replace("_", "").lower()
    if len(text) > 100:  # noqa: PLR2004 - longer than any number, and slow to read
        return COMPUTED
    try:
        return int(text.removesuffix("n"), 0)
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        return COMPUTED
    return int(number) if number.is_integer() else number
