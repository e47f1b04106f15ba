"""Reads the assignments of a Python file without running it. Pure."""

import ast
import posixpath
from collections.abc import Callable, Mapping, Sequence
from typing import Final

MAX_BYTES = 256 * 1024
# Additions in a file could double a value line by line.
MAX_LENGTH = 10_000
MAX_DEPTH = 50


class _Unknown:
    """The value of an expression that only running the file would show."""


_UNKNOWN: Final = _Unknown()


def read_assignments(content: bytes, known: Mapping[str, object]) -> Mapping[str, object]:
    """Return the values of the names that a file assigns at its top level, added to those `known`.

    Understood are literals, names assigned before, additions, f-strings, `os.path.join`, `Path`,
    and the default value of `os.environ.get`. A name with another value is left out. What is inside
    of conditions, loops and functions is ignored. Never raises an exception.
    """
    values: dict[str, object] = dict(known)
    if len(content) > MAX_BYTES:
        return values
    try:
        # RecursionError and MemoryError: expressions that are nested too deeply.
        module = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return values
    for statement in module.body:
        names, value = _assignment(statement, values)
        for name in names:
            if isinstance(value, _Unknown):
                values.pop(name, None)
            else:
                values[name] = value
    return values


def _assignment(
    statement: ast.stmt, values: Mapping[str, object]
) -> tuple[Sequence[str], object | _Unknown]:
    if isinstance(statement, ast.Assign):
        targets = statement.targets
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        return names, _evaluate(statement.value, values)
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        if statement.value is not None:
            return [statement.target.id], _evaluate(statement.value, values)
    elif isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        name = statement.target.id
        added = _evaluate(statement.value, values)
        is_sum = isinstance(statement.op, ast.Add)
        return [name], _add(values.get(name, _UNKNOWN), added) if is_sum else _UNKNOWN
    return (), _UNKNOWN


def _evaluate(  # noqa: PLR0911 - one for each kind of expression
    node: ast.expr | None, values: Mapping[str, object], depth: int = 0
) -> object | _Unknown:
    def each(nodes: Sequence[ast.expr | None]) -> list[object | _Unknown]:
        return [_evaluate(item, values, depth + 1) for item in nodes]

    if depth > MAX_DEPTH:
        return _UNKNOWN
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return values.get(node.id, _UNKNOWN)
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return [item for item in each(node.elts) if not isinstance(item, _Unknown)]
    if isinstance(node, ast.Dict):
        pairs = zip(each(node.keys), each(node.values), strict=True)
        return {
            key: value
            for key, value in pairs
            if isinstance(key, str | int) and not isinstance(value, _Unknown)
        }
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _add(*each([node.left, node.right]))
    if isinstance(node, ast.JoinedStr):
        return _join("".join, each(node.values))
    if isinstance(node, ast.FormattedValue):
        is_plain = node.format_spec is None and node.conversion == -1
        return _evaluate(node.value, values, depth + 1) if is_plain else _UNKNOWN
    return _call(node, each) if isinstance(node, ast.Call) else _UNKNOWN


def _call(
    node: ast.Call, each: Callable[[Sequence[ast.expr]], list[object | _Unknown]]
) -> object | _Unknown:
    name = ast.unparse(node.func) if isinstance(node.func, ast.Attribute | ast.Name) else ""
    if name in {"os.environ.get", "os.getenv", "environ.get", "getenv"}:
        return each(node.args)[1] if len(node.args) > 1 else _UNKNOWN
    if name in {"os.path.join", "path.join", "Path", "pathlib.Path"}:
        return _join(lambda parts: posixpath.join("", *parts), each(node.args))
    if name == "dict" and not node.args:
        given = [keyword.value for keyword in node.keywords]
        pairs = zip((keyword.arg for keyword in node.keywords), each(given), strict=True)
        return {key: value for key, value in pairs if key and not isinstance(value, _Unknown)}
    return _UNKNOWN


def _add(left: object | _Unknown, right: object | _Unknown) -> object | _Unknown:
    if isinstance(left, str) and isinstance(right, str):
        return left + right if len(left) + len(right) <= MAX_LENGTH else _UNKNOWN
    if isinstance(left, list) and isinstance(right, list):
        return left + right if len(left) + len(right) <= MAX_LENGTH else _UNKNOWN
    return _UNKNOWN


def _join(
    join: Callable[[Sequence[str]], str], parts: Sequence[object | _Unknown]
) -> str | _Unknown:
    texts = [part for part in parts if isinstance(part, str)]
    if len(texts) < len(parts) or sum(map(len, texts)) > MAX_LENGTH:
        return _UNKNOWN
    return join(texts)
