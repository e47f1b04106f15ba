"""Every text for people is in the message catalogue, `bot/discordapp/messages`."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from bot.discordapp.messages import news_commands, subscription_commands, subscription_options

ROOT = Path(__file__).parents[2] / "bot" / "discordapp"
# What `storywire check --online` says in the terminal; nothing of it is read in Discord.
IN_TERMINAL = {"inspection.py"}
MODULES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in ROOT.rglob("*.py")
    if "messages" not in path.relative_to(ROOT).parts and path.name not in IN_TERMINAL
)
# Two words, or a placeholder and a word, with a space between them.
SENTENCE = re.compile(r"\w{2}[.,:;!?)”]* [(“]?(?:\w|\{\})|\{\}[.,:;!?)”]* [(“]?\w")
# Texts of others that ours are compared with.
FOREIGN = {
    "Value error, ",  # the beginning of pydantic's messages
    "front matter",
}
# Arguments of discord.py that a person reads, whatever their length.
SHOWN = {"content", "description", "label", "placeholder", "text", "title"}
# Errors with a text that is an answer in Discord.
ANSWERS = frozenset({"NotFoundError", "Refusal", "FileRefusedError", "InvalidInputError"})
LOGGERS = {"logger"}
# Functions, classes and methods whose texts are for the log: the names of tasks, how a connection
# ended, and what `MalformedData` skipped.
LOGGED = {"keep_trying", "_End"}
LOGGING_METHODS = {"skip", "_skip", "_skip_change", "_skip_part", "_tolerate"}


def texts(source: str) -> Iterator[str]:
    """The texts in a module that a person may read in Discord; values in a text become `{}`."""
    yield from texts_below(ast.parse(source))


def texts_below(node: ast.AST) -> Iterator[str]:
    """The texts in a part of a module."""
    if is_for_programmers(node):
        return
    children: Iterable[ast.AST] = ast.iter_child_nodes(node)
    match node:
        case ast.keyword(arg=name, value=ast.Constant(str(text))) if name in SHOWN and text.strip():
            yield text
            return
        case ast.JoinedStr(parts):
            pieces = [part.value if isinstance(part, ast.Constant) else "{}" for part in parts]
            whole = "".join(map(str, pieces))
            yield from [whole] if is_sentence(whole) else []
            children = [part for part in parts if not isinstance(part, ast.Constant)]
        case ast.Constant(str(text)) if is_sentence(text):
            yield text
    for child in children:
        yield from texts_below(child)


def is_for_programmers(node: ast.AST) -> bool:
    """Whether a part of a module is documentation, or for the log or an error message."""
    match node:
        case ast.Expr(value=ast.Constant()) | ast.Assert():
            return True
        case ast.Raise(exc=ast.Call(func=ast.Name(name))):
            return name not in ANSWERS
        case ast.Call(func=ast.Attribute(value=value, attr=name)):
            is_logger = isinstance(value, ast.Name) and value.id in LOGGERS
            return is_logger or name in LOGGING_METHODS
        case ast.Call(func=ast.Name(name)):
            return name in LOGGED
    return False


def is_sentence(text: str) -> bool:
    """Whether a text looks like one for people."""
    return SENTENCE.search(text) is not None and text not in FOREIGN


@pytest.mark.parametrize("module", MODULES)
def test_texts_are_in_the_catalogue(module: str) -> None:
    """No other module contains a sentence or label for people."""
    assert list(texts((ROOT / module).read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("answer('Nothing found')", ["Nothing found"]),
        ("answer(f'{count} stories')", ["{} stories"]),
        ("answer(f'for {name}')", ["for {}"]),
        ("raise Refusal('Choose another one.')", ["Choose another one."]),
        ("Button(label='Read')", ["Read"]),
        ("Button(label=f'About {name}')", ["About {}"]),
        ("answer(f'{name or \"an unnamed one\"}')", ["an unnamed one"]),
        ("'''What a module is for.'''", []),
        ("logger.info('back in server %d', guild_id)", []),
        ("raise ValueError('no such page')", []),
        ("Group(name='news')", []),
        ("x = f'{name}:{page}'", []),
    ],
)
def test_the_search_finds_texts_for_people(source: str, found: list[str]) -> None:
    """Sentences and labels are found; documentation, logs and errors for programmers are not."""
    assert list(texts(source)) == found


def test_descriptions_fit_discord() -> None:
    """Discord takes at most 100 characters for the description of a command or option."""
    constants = [*vars(news_commands).items(), *vars(subscription_commands).items()]
    descriptions = [
        *(value for name, value in constants if name.isupper() and isinstance(value, str)),
        *subscription_options.DESCRIPTIONS.values(),
    ]
    assert len(descriptions) > 40
    assert [text for text in descriptions if len(text) > 100] == []
