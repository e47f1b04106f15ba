"""The data that Eleventy gives pages: files beside them, of their folders, and of layouts.

https://www.11ty.dev/docs/data-cascade: a page's own front matter takes precedence over the files
beside it, these over those of folders, and these over the front matter of layouts.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.ingest.frontmatter import RejectedError
from bot.ingest.frontmatter_formats import read_any_front_matter
from bot.ingest.sites.eleventy.functions import UNKNOWN_TEMPLATE, template_of
from bot.ingest.sites.file_names import NamesEndingWith
from bot.ingest.sites.javascript import Function, load_script
from bot.ingest.sites.site import SiteFiles

Data = Mapping[str, object]

MAX_FILES = 500
MAX_LAYOUTS = 10
_ENDINGS = (".json", ".11tydata.json", ".11tydata.mjs", ".11tydata.cjs", ".11tydata.js")
_LAYOUT_ENDINGS = (".njk", ".liquid", ".html", ".md", ".webc", ".vto", ".hbs")


@dataclass(frozen=True, slots=True)
class CascadingData:
    """The data files of a site, by the folder or the page (without its ending) that they are for.

    `layouts` is the front matter of layouts by their paths without ending below their folder.
    """

    common: Data = field(default_factory=dict)
    of_folders: Mapping[str, Data] = field(default_factory=dict)
    of_pages: Mapping[str, Data] = field(default_factory=dict)
    layouts: Mapping[str, Data] = field(default_factory=dict)

    def of(self, path: str, fields: Data) -> Data:
        """Return all data of a page; `path` is its path below the input folder."""
        stem = _without_ending(path)
        parts = stem.split("/")[:-1]
        local: Data = {}
        for depth in range(len(parts) + 1):
            local = merge(local, self.of_folders.get("/".join(parts[:depth]), {}))
        local = merge(local, self.of_pages.get(stem, {}))
        layout = fields.get("layout") or local.get("layout") or self.common.get("layout")
        data = merge(self.common, self._of_layout(layout))
        return merge(merge(data, local), fields)

    def _of_layout(self, name: object) -> Data:
        chain: list[Data] = []
        while isinstance(name, str) and name and len(chain) < MAX_LAYOUTS:
            layout = self.layouts.get(name) or self.layouts.get(_without_ending(name)) or {}
            chain.append(layout)
            name = layout.get("layout")
        data: Data = {}
        for layout in reversed(chain):
            data = merge(data, layout)
        return data


def merge(below: Data, above: Data) -> Data:
    """Merge as Eleventy does: lists are put together, groups of fields are merged."""
    merged = dict(below)
    for written, value in above.items():
        name = written.removeprefix("override:")
        known = None if name != written else merged.get(name)
        if isinstance(known, dict) and isinstance(value, dict):
            merged[name] = merge(known, value)
        elif isinstance(known, list) and isinstance(value, list):
            merged[name] = [*known, *value]
        else:
            merged[name] = value
    return merged


def read_data_files(
    files: SiteFiles, input_dir: str, left_out: Sequence[str], base_name: str | None
) -> tuple[Mapping[str, Data], Mapping[str, Data]]:
    """Return the data of folders and of pages, by their paths below the input folder.

    `left_out` are folders without pages; `base_name` is the name of the files of folders, if not
    that of the folder.
    """
    of_folders: dict[str, Data] = {}
    of_pages: dict[str, Data] = {}
    paths = _files_below(files, input_dir, _ENDINGS, left_out)
    # Files that come later take precedence.
    ranked = sorted(paths, key=lambda path: [path.endswith(each) for each in _ENDINGS[1:]])
    count = 0
    for path in ranked:
        stem = _data_stem(path)
        folder, _, name = stem.rpartition("/")
        folder_name = (f"{input_dir}/{folder}").rstrip("/").rpartition("/")[2]
        is_of_folder = name == (base_name or folder_name)
        is_of_page = files.exists(f"{input_dir}/{stem}.md".lstrip("/"))
        if count >= MAX_FILES or not (is_of_folder or is_of_page):
            continue
        count += 1
        data = read_data_file(files, f"{input_dir}/{path}".lstrip("/"))
        if is_of_folder:
            of_folders[folder] = merge(of_folders.get(folder, {}), data)
        if is_of_page:
            of_pages[stem] = merge(of_pages.get(stem, {}), data)
    return of_folders, of_pages


def read_layouts(files: SiteFiles, folders: Sequence[str]) -> Mapping[str, Data]:
    """Return the front matter of the layouts in some folders."""
    layouts: dict[str, Data] = {}
    for folder in folders:
        if not folder or not files.exists(folder):
            continue
        for path in files.find(NamesEndingWith(_LAYOUT_ENDINGS), folder)[:MAX_FILES]:
            content = files.read(path) or b""
            if content.startswith(b"---"):
                try:
                    data = read_any_front_matter(content).fields
                except RejectedError:
                    continue
                layouts.setdefault(_without_ending(path.removeprefix(f"{folder}/")), data)
    return layouts


def read_data_file(files: SiteFiles, path: str) -> Data:
    """Return what a data file says in literals; values are text, lists and groups of fields."""
    if path.endswith(".json"):
        try:
            value = json.loads(files.read(path) or b"{}")
        except (ValueError, RecursionError):
            return {}
        return as_data(value)
    script = load_script(files, path)
    if script is None:
        return {}
    data = dict(as_data(script.configuration()))
    source = (files.read(path) or b"").decode("utf-8", "replace")
    if data.get("permalink") == UNKNOWN_TEMPLATE:
        data |= template_of(source, is_computed=False)
    computed = data.get("eleventyComputed")
    if isinstance(computed, dict) and computed.get("permalink") == UNKNOWN_TEMPLATE:
        others = {name: value for name, value in computed.items() if name != "permalink"}
        data["eleventyComputed"] = {**others, **template_of(source, is_computed=True)}
    return data


def as_data(value: object) -> Data:
    """Return the fields of an object, with text for plain values as in front matter."""
    converted = _converted(value, 0)
    return converted if isinstance(converted, dict) else {}


def _converted(value: object, depth: int) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if value is None or isinstance(value, str):
        return value
    if depth > 20:  # noqa: PLR2004 - deeper than anybody writes it
        return None
    if isinstance(value, dict):
        return {
            str(name): UNKNOWN_TEMPLATE
            if name == "permalink" and isinstance(each, Function)
            else _converted(each, depth + 1)
            for name, each in value.items()
        }
    if isinstance(value, list):
        return [_converted(each, depth + 1) for each in value]
    return None


def _files_below(
    files: SiteFiles, folder: str, endings: tuple[str, ...], left_out: Sequence[str]
) -> Sequence[str]:
    """The paths below a folder, relative to it."""
    if folder and not files.exists(folder):
        return ()
    found = files.find(NamesEndingWith(endings), folder)
    start = f"{folder}/" if folder else ""
    skipped = tuple(f"{each}/" for each in left_out if each)
    return [
        path.removeprefix(start)
        for path in found
        if not path.startswith(skipped) and "node_modules/" not in path
    ]


def _data_stem(path: str) -> str:
    ending = next(each for each in reversed(_ENDINGS) if path.endswith(each))
    return path.removesuffix(ending)


def _without_ending(path: str) -> str:
    dot = path.rfind(".", path.rfind("/") + 2)
    return path[:dot] if dot > 0 else path
