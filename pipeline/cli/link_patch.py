"""Changes of raw files that mend their links: what an author would type, and nothing else.

A change is only made where the file, read again, says what it said before but for the link.
"""

import difflib
import json
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import quote

from ..base.problems import DocumentError
from ..content.addresses import LinkRules
from ..content.article import Article, Rules, article_of
from ..frontmatter.fences import decode, split
from ..frontmatter.load import load
from ..markup.link_kinds import LinkKind
from ..tables.broken_links import Articles, BrokenLink

__all__ = ["Mended", "diff", "mend"]

_MOST_TRIES = 20  # the file is read again for each
_WIKI = (LinkKind.WIKILINK, LinkKind.EMBED)


class Mended(NamedTuple):
    """What becomes of a file: its bytes, and the links that need a person."""

    data: bytes
    left: tuple[BrokenLink, ...]


def diff(path: str, before: bytes, after: bytes) -> Iterator[str]:
    """A unified diff, as ``git apply`` takes it; `path` is that of the file for git."""
    old, new = (_lines(data.decode()) for data in (before, after))
    for line in difflib.unified_diff(old, new, _quoted(f"a/{path}"), _quoted(f"b/{path}")):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    """The lines of a text, each with its newline: no other sign ends a line for git."""
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop().removesuffix("\n")
    return [*lines, last] if last else lines


def _quoted(path: str) -> str:
    """A path as git writes it: within quotes where it holds what a diff cannot show."""
    if path.isascii() and path.isprintable() and not {'"', "\\"} & {*path}:
        return path
    escaped = "".join(
        chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03o}"
        for byte in path.encode()
    )
    return f'"{escaped}"'


class Context(NamedTuple):
    """What a link of a file is mended by."""

    path: str
    articles: Articles
    rules: Rules
    links: LinkRules


def mend(data: bytes, links: Iterable[BrokenLink], context: Context) -> Mended:
    """Mend the links of a file that have a suggestion."""
    left = list[BrokenLink]()
    for link in links:
        mended = _in_text(data, link, context) if link.kind else _stated(data, link, context)
        if mended is None:
            left.append(link)
        else:
            data = mended
    return Mended(data, tuple(left))


# --- links in texts ------------------------------------------------------------------------------


def _in_text(data: bytes, link: BrokenLink, context: Context) -> bytes | None:
    """The file with another address at the first place where only that link changes."""
    before = _article(data, context)
    new = _address(link, context)
    text = data.decode()
    start = sum(map(len, _lines(text)[: link.line - 1]))
    for place in islice(_places(text, link.href, start), _MOST_TRIES) if before else ():
        changed = (text[:place] + new + text[place + len(link.href) :]).encode()
        after = _article(changed, context)
        if before and after and _differ_in_one_link(before, after, link.href, new):
            return changed
    return None


def _places(text: str, piece: str, start: int) -> Iterator[int]:
    """Where a piece stands in a text, from a place on."""
    while (start := text.find(piece, start)) >= 0:
        yield start
        start += 1


def _article(data: bytes, context: Context) -> Article | None:
    try:
        result = article_of(decode(data), context.path, context.rules)
    except DocumentError:
        return None
    return result if isinstance(result, Article) else None


def _differ_in_one_link(before: Article, after: Article, old: str, new: str) -> bool:
    pairs = list(zip(before.text.links, after.text.links, strict=False))
    differing = [(one, other) for one, other in pairs if one != other]
    return (
        len(before.text.links) == len(after.text.links)
        and [(one.href, other.href) for one, other in differing] == [(old, new)]
        and before.text.anchors == after.text.anchors
        and before.links == after.links
        and len(before.columns["text"]) + len(new) == len(after.columns["text"]) + len(old)
    )


def _address(link: BrokenLink, context: Context) -> str:
    """What leads to the article that is meant, written as the link is."""
    assert link.suggestion is not None
    target = link.suggestion.url
    file = context.articles.value(target, "source_path")
    path, mark, fragment = link.href.partition("#")
    path, question, query = path.partition("?")
    rest = f"{question}{query}{mark}{fragment}"
    suffix = posixpath.splitext(path)[1].lower()
    if link.kind in _WIKI:
        return f"{posixpath.splitext(file)[0]}{mark}{fragment}"
    if suffix in context.links.suffixes and "://" not in path:
        if path.startswith("/"):
            return f"/{quote(file)}{rest}"
        relative = posixpath.relpath(file, posixpath.dirname(context.path) or ".")
        dot = "./" if path.startswith("./") and not relative.startswith("../") else ""
        return f"{dot}{quote(relative)}{rest}"
    host = re.match(r"(?:https?:)?//[^/]*", path, re.IGNORECASE)
    base = context.links.base_path if host or path.startswith(f"{context.links.base_path}/") else ""
    return f"{host[0] if host else ''}{base}{target}{rest}"


# --- related links -------------------------------------------------------------------------------


def _stated(data: bytes, link: BrokenLink, context: Context) -> bytes | None:
    """The file with what a related link states of the article that is meant."""
    assert link.suggestion is not None
    wanted: dict[str, str] = {}
    if link.problem != "stale":
        wanted["url"] = link.suggestion.url
    for name in link.differing:
        value = context.articles.value(link.suggestion.url, name)
        if value is None:
            return None
        wanted[name] = str(value)
    mended: bytes | None = data
    for name, value in wanted.items():
        mended = mended and _with_value(mended, link, name, value, context)
    return mended


def _with_value(
    data: bytes, link: BrokenLink, name: str, value: str, context: Context
) -> bytes | None:
    """The file with another value in a related link, of a mapping or of a list of urls."""
    before = _leaves(data, context)
    dotted = f"{link.key}.{name}"
    document = load(split(decode(data)), context.rules.limits)
    line, column = document.positions.get(dotted, (link.line, 1))
    text = data.decode()
    old = before and before.get((*link.key.split("."), name))
    stated = old if isinstance(old, str) else link.href if name == "url" else None
    for changed in _ways(text, line - 1, column - 1, stated, value):
        after = _leaves(changed.encode(), context)
        if before is None or after is None or before.keys() != after.keys():
            continue
        differing = [key for key in before if before[key] != after[key]]
        if [after[key] for key in differing] == [value] and _is_of(differing[0], link.key, name):
            return changed.encode()
    return None


def _is_of(path: tuple[Any, ...], key: str, name: str) -> bool:
    """Whether a path of keys is that of a value of a link."""
    parts = tuple(key.split("."))
    return path[: len(parts)] == parts and (path[-1] == name or isinstance(path[-1], int))


def _leaves(data: bytes, context: Context) -> dict[tuple[Any, ...], Any] | None:
    """The values of front matter by their paths; None where it cannot be read."""
    try:
        found = load(split(decode(data)), context.rules.limits)
    except DocumentError:
        return None
    return dict(_paths(found.values, ())) if not found.problems else None


def _paths(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, one in pairs:
            yield from _paths(one, (*path, key))
    else:
        yield path, value


_BLOCK = re.compile(r"[|>][-+0-9]*[ \t]*(?:#.*)?\r?$")


def _ways(text: str, line: int, column: int, old: str | None, value: str) -> Iterator[str]:
    """Ways to write another value at a place, as a plain text first."""
    lines = _lines(text)
    before, place = lines[line][:column], lines[line][column:]
    if _BLOCK.match(place.rstrip("\n")):
        yield from _in_block(lines, line, value)
        return
    writings = (value, "'" + value.replace("'", "''") + "'", json.dumps(value))
    if old is not None:  # one of several on a line, or in a list, of which the place is not known
        head = sum(map(len, lines[:line])) + column
        for written in writings if place.startswith(old) else ():
            yield text[:head] + written + text[head + len(old) :]
        for start in _places(text, old, sum(map(len, lines[:line]))):
            yield text[:start] + value + text[start + len(old) :]
    comment = re.search(r"(?<=[ \t])#", place)
    stated = place[: comment.start() if comment else None].rstrip()
    ending = place[len(stated) :]
    quotes = re.match(r"'(?:[^'\n]|'')*'|\"(?:[^\"\\\n]|\\.)*\"", place)
    if quotes:
        ending = place[quotes.end() :]
    for written in writings:
        made = [*lines[:line], before + written + ending, *lines[line + 1 :]]
        yield "".join(made)


def _in_block(lines: Sequence[str], line: int, value: str) -> Iterator[str]:
    """A text of several lines below its key, on one line."""
    indent = len(lines[line]) - len(lines[line].lstrip(" "))
    end = line + 1
    while end < len(lines) and (
        not lines[end].strip() or len(lines[end]) - len(lines[end].lstrip(" ")) > indent
    ):
        end += 1
    while end > line + 1 and not lines[end - 1].strip():
        end -= 1
    first = lines[line + 1] if end > line + 1 else ""
    margin = first[: len(first) - len(first.lstrip(" "))] or " " * (indent + 2)
    newline = "\r\n" if lines[line].endswith("\r\n") else "\n"
    yield "".join([*lines[: line + 1], f"{margin}{value}{newline}", *lines[end:]])
