"""From front matter to an article: the only place that knows which key means what.

`normalize` gives every column its type from the content model, never from a guess of YAML, and
reports all that is wrong with a file at once.
"""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Set
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import unquote

from ..base.printable import brief
from ..base.problems import Code, Problem
from ..frontmatter.load import FrontMatter
from ..markup.spans import Delimiters
from ..model.schemas import SOURCE_LINES
from ..model.settings import ContentModel
from ..model.slugs import slug
from . import word_count
from .newlines import Doubt, decode_newlines


class StatedLink(NamedTuple):
    """A related link as written in a file."""

    position: int
    id: int | None
    title: str | None
    subject: str | None
    url: str | None
    line: int


class Article(NamedTuple):
    """An accepted file: the columns of the table ``articles`` that the file itself decides."""

    columns: dict[str, Any]
    keywords: list[str]
    links: list[StatedLink]
    doubts: tuple[Doubt, ...]


_TEXT_COLUMNS = (
    "schema",
    "title",
    "article_title",
    "question",
    "answer",
    "description",
    "seo_title",
    "author",
    "subject",
    "date_format",
    "post_on_text",
)
_READABLE = json.JSONEncoder(ensure_ascii=False, sort_keys=True)  # `json.dumps` makes one a call


def normalize(front_matter: FrontMatter, body: str, model: ContentModel) -> Article | list[Problem]:
    """The article that a file states, or all that keeps it from being one."""
    plan = _plan(model)
    reader = _Reader(front_matter, plan)
    columns = reader.columns()
    links = reader.links(model.related_prefix)
    reader.check_required(body)
    if reader.problems:
        return sorted(reader.problems, key=lambda problem: problem.line or 0)
    columns["no_index"] = columns["no_index"] or False
    columns["published"], columns["published_at"] = columns["published"] or (None, None)
    columns["source_lines"] = reader.lines()
    columns["body"] = _body(body)
    return _article(columns, columns.pop("keywords") or [], links, reader.rest(), model.maths)


def _article(
    columns: dict[str, Any],
    keywords: list[str],
    links: list[StatedLink],
    extra: Mapping[str, Any],
    maths: Delimiters,
) -> Article:
    doubts: tuple[Doubt, ...] = ()
    if columns["answer"] is not None:
        columns["answer"], doubts = decode_newlines(columns["answer"], maths)
    text = text_of(columns)
    columns["word_count"] = word_count.count(text or "")
    columns["doubtful_escapes"] = len(doubts)
    subject = columns["subject"]
    columns["subject_slug"] = slug(subject) if subject and subject.strip() else None
    columns["extra"] = _READABLE.encode(extra) if extra else None
    columns["content_sha256"] = _content_digest(columns, links)
    return Article(columns, keywords, links, doubts)


def text_of(columns: Mapping[str, Any]) -> str | None:
    """The text of an article: its answer if it has one, else its body."""
    text: str | None = columns["body"] if columns["answer"] is None else columns["answer"]
    return text


_SIGNIFICANT = ("answer", "body", "title", "article_title", "question", "subject")


def _content_digest(columns: Mapping[str, Any], links: Iterable[StatedLink]) -> str:
    """SHA-256 of the significant columns, then of each link all but its line.

    A value is its length, a colon and itself, and null a hyphen, so that no other content makes the
    same text.
    """
    values = [columns[name] for name in _SIGNIFICANT]
    for link in links:
        values += link[:-1]
    stated = ["-" if value is None else f"{len(text := str(value))}:{text}" for value in values]
    return hashlib.sha256("".join(stated).encode()).hexdigest()


def _body(body: str) -> str | None:
    text = body.strip()
    return None if text in {"", "&nbsp;"} else body.strip("\n")


class _Wrong(Exception):
    """A value that does not fit its column."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(code, message)
        self.code, self.message = code, message


_ABSENT = object()
_Convert = Callable[[Any], Any]


class _Field(NamedTuple):
    """A column and the key that fills it: the last part `name`, in mapping `folder` of a plan."""

    column: str
    key: str
    folder: int
    name: str
    convert: _Convert


class _Plan(NamedTuple):
    """A content model worked out for reading.

    `folders` are the paths of the mappings that hold keys of columns; `fields` stand in the order
    in which problems are reported. `taken` are the paths of all keys that fill columns, and `whole`
    those of them that step into no mapping.
    """

    folders: tuple[tuple[str, ...], ...]
    fields: tuple[_Field, ...]
    required: tuple[_Field, ...]
    unfilled: tuple[str, ...]
    lines: tuple[tuple[str, str], ...]
    taken: Set[tuple[str, ...]]
    whole: Set[str]


@lru_cache
def _plan(model: ContentModel) -> _Plan:
    converters: dict[str, _Convert] = dict.fromkeys(_TEXT_COLUMNS, _text) | {
        "url": _url,
        "id": _integer,
        "score": _score(model.score_range),
        "no_index": _boolean,
        "published": _date(model.date_range),
        "keywords": _keywords(model.keyword_separator),
    }
    paths = {column: tuple(model.key(column).split(".")) for column in converters}
    folders = tuple(dict.fromkeys(path[:-1] for path in paths.values()))
    fields = {
        column: _Field(column, model.key(column), folders.index(path[:-1]), path[-1], convert)
        for (column, path), convert in zip(paths.items(), converters.values(), strict=True)
    }
    required = dict.fromkeys(("url", *model.required))  # the url is the key of every table
    filled = [field for field in fields.values() if field.key]
    return _Plan(
        folders,
        tuple(filled),
        tuple(fields[column] for column in required),
        tuple(field.column for field in fields.values() if not field.key),
        tuple((column, model.key(column)) for column in SOURCE_LINES.names),
        frozenset(paths[field.column] for field in filled),
        frozenset(field.key for field in filled if len(paths[field.column]) == 1),
    )


class _Reader:
    """Takes values out of front matter, remembers which were taken and what was wrong."""

    def __init__(self, front_matter: FrontMatter, plan: _Plan) -> None:
        self.values = front_matter.values
        self.positions = front_matter.positions
        self.first_line = front_matter.first_line
        self.problems = list(front_matter.problems)
        self.plan = plan
        self.folders = [self.folder(path) for path in plan.folders]
        self.whole = set(plan.whole)  # top-level keys of which nothing is left, as far as present
        self.of_links: set[tuple[str, ...]] = set()  # keys of links that have other keys as well

    def folder(self, path: tuple[str, ...]) -> Mapping[str, Any]:
        """The mapping at a path of keys; an empty one if there is none."""
        mapping: Any = self.values
        for part in path:
            mapping = mapping.get(part)
            if not isinstance(mapping, dict):
                return {}
        return mapping  # type: ignore[no-any-return]

    def columns(self) -> dict[str, Any]:
        """The values of the columns, converted; None where one is absent, null or wrong."""
        columns: dict[str, Any] = dict.fromkeys(self.plan.unfilled)
        folders = self.folders
        for column, key, folder, name, convert in self.plan.fields:
            value = folders[folder].get(name)
            if convert is not _text or value.__class__ is not str:  # nearly all is text
                value = self.converted(value, convert, key)
            columns[column] = value
        return columns

    def converted(self, value: Any, convert: _Convert, *keys: str) -> Any:
        """A value as its column holds it; None where it is absent, null or wrong."""
        try:
            return None if value is None else convert(value)
        except _Wrong as wrong:
            self.problem(wrong.code, f"{'.'.join(keys)}: {wrong.message}", ".".join(keys))
            return None

    def links(self, prefix: str) -> list[StatedLink]:
        """The related links, in the order of their numbers."""
        links = []
        for key in [key for key in self.values if key.startswith(prefix)]:
            value, number = self.values[key], key.removeprefix(prefix)
            if value is None or not _NUMBER.fullmatch(number):
                continue
            if isinstance(value, dict):
                links.append(self.link(int(number), key, value))
            else:
                message = f"{key}: a mapping of id, title, subject and url is needed."
                self.problem(Code.WRONG_TYPE, message, key)
        return sorted(links)

    def link(self, number: int, key: str, mapping: Mapping[str, Any]) -> StatedLink:
        """The link that a mapping states; what it does not state, or wrongly, is None."""
        stated = [
            self.converted(mapping.get(name), convert, key, name)
            for name, convert in _OF_LINKS.items()
        ]
        if mapping and mapping.keys() <= _OF_LINKS.keys():
            self.whole.add(key)
        else:
            self.of_links.update((key, name) for name in _OF_LINKS)
        line, _ = self.place(key)
        return StatedLink._make((number, *stated, line))

    def lines(self) -> dict[str, int | None]:
        """The lines of the keys that fill some columns; None where there is none."""
        nowhere = (None, None)
        return {column: self.positions.get(key, nowhere)[0] for column, key in self.plan.lines}

    def problem(self, code: Code, message: str, key: str) -> None:
        self.problems.append(Problem(code, message, *self.place(key)))

    def place(self, key: str) -> tuple[int, int]:
        """Line and column of a value; where the front matter begins, if its key is absent."""
        return self.positions.get(key, (self.first_line, 1))

    def check_required(self, body: str) -> None:
        for column, key, folder, name, _ in self.plan.required:
            if column == "answer" and (not key or _body(body)):
                continue  # the text stands in the body
            value = self.folders[folder].get(name, _ABSENT) if key else _ABSENT
            if value is _ABSENT:
                self.problem(Code.MISSING_KEY, f"The key {key!r} is missing.", key)
            elif value is None or value == "" or (isinstance(value, str) and value.isspace()):
                self.problem(Code.EMPTY_VALUE, f"The key {key!r} has no value.", key)

    def rest(self) -> dict[str, Any]:
        """The front matter without what was taken, in any order."""
        left = {key: self.values[key] for key in self.values.keys() - self.whole}
        taken = self.plan.taken | self.of_links if self.of_links else self.plan.taken
        return _without(left, taken, ())


def _without(
    values: Mapping[str, Any], taken: Set[tuple[str, ...]], prefix: tuple[str, ...]
) -> dict[str, Any]:
    rest = {}
    for key, value in values.items():
        path = (*prefix, key)
        if path in taken:
            continue
        if isinstance(value, dict) and value:
            if left := _without(value, taken, path):
                rest[key] = left
        else:
            rest[key] = value
    return rest


_NUMBER = re.compile("0|[1-9][0-9]{0,5}")


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return value
    what, begin = ("a mapping", "{") if isinstance(value, dict) else ("a list", "[ or -")
    message = f"text is needed, not {what}. Text that begins with {begin} needs quotes."
    raise _Wrong(Code.WRONG_TYPE, message)


_text = _scalar  # `_Reader.columns` leaves it out where the value is text


_INTEGER = re.compile("-?(?:0|[1-9][0-9]{0,18})")


def _integer(value: Any) -> int:
    text = _scalar(value)
    if not _INTEGER.fullmatch(text):
        raise _Wrong(Code.WRONG_TYPE, f"{brief(text)} is not a whole number.")
    number = int(text)
    if not -(2**63) <= number < 2**63:
        raise _Wrong(Code.OUT_OF_RANGE, f"{text} does not fit into 64 bits.")
    return number


_NUMERAL = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")


def _score(bounds: tuple[float, float]) -> Callable[[Any], float]:
    def convert(value: Any) -> float:
        text = _scalar(value)
        if not _NUMERAL.fullmatch(text):
            raise _Wrong(Code.WRONG_TYPE, f"{brief(text)} is not a number.")
        number = float(text)
        if not bounds[0] <= number <= bounds[1]:
            message = f"{brief(text)} is not between {bounds[0]:g} and {bounds[1]:g}."
            raise _Wrong(Code.OUT_OF_RANGE, message)
        return number

    return convert


# What YAML 1.1 takes for booleans besides.
_ONCE_BOOLEAN = {"yes": "true", "on": "true", "no": "false", "off": "false"}


def _boolean(value: Any) -> bool:
    """True or false as in the core schema of YAML 1.2, section 10.3.2."""
    text = _scalar(value)
    if text not in {"true", "True", "TRUE", "false", "False", "FALSE"}:
        meant = _ONCE_BOOLEAN.get(text.lower())
        instead = f": write {meant}" if meant else ""
        raise _Wrong(Code.WRONG_TYPE, f"{brief(text)} is neither true nor false{instead}.")
    return text.lower() == "true"


_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?"
    r" ?([Zz]|[-+][0-9]{2}:?[0-9]{2})?"
)


def _date(
    bounds: tuple[dt.date, dt.date],
) -> Callable[[Any], tuple[dt.date, dt.datetime | None]]:
    def convert(value: Any) -> tuple[dt.date, dt.datetime | None]:
        date, time = _instant(value)
        if not bounds[0] <= date <= bounds[1]:
            message = f"{brief(value)} is not between {bounds[0]} and {bounds[1]}."
            raise _Wrong(Code.OUT_OF_RANGE, message)
        return date, time

    return convert


def _instant(value: Any) -> tuple[dt.date, dt.datetime | None]:
    """Date and, if one is stated, time in UTC; a time without a zone is UTC."""
    text = _scalar(value).strip()
    try:
        if _DATE.fullmatch(text):
            return dt.date.fromisoformat(text), None
        if _TIME.fullmatch(text):
            time = dt.datetime.fromisoformat(re.sub(" (?=[-+Z])", "", text.upper()))
            time = time.replace(tzinfo=time.tzinfo or dt.UTC).astimezone(dt.UTC)
            return time.date(), time
    except (ValueError, OverflowError) as error:
        raise _Wrong(Code.INVALID_DATE, f"{brief(text)} does not exist: {error}.") from error
    raise _Wrong(Code.INVALID_DATE, f"{brief(text)} is not a date.")


_PATH = re.compile(r"/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]++|%[0-9A-Fa-f]{2}|/(?!/))*+")


def _url(value: Any) -> str:
    """A path from the root of the site (RFC 3986, ``path-absolute``)."""
    text = _scalar(value)
    if text.startswith("//") or not _PATH.fullmatch(text):
        raise _Wrong(Code.INVALID_URL, f"{brief(text)} is not a path from the root of the site.")
    # Few urls have a part that could be one.
    if ("/." in text or "%" in text) and not {".", ".."}.isdisjoint(unquote(text).split("/")):
        raise _Wrong(Code.INVALID_URL, f"{brief(text)} has a part that is . or ..")
    if len(text) > 1900:
        raise _Wrong(Code.INVALID_URL, f"{brief(text)} is longer than 1,900 characters.")
    return text


def _keywords(separator: str) -> Callable[[Any], list[str]]:
    def convert(value: Any) -> list[str]:
        parts = (
            [_scalar(part) for part in value if part is not None]
            if isinstance(value, list)
            else _scalar(value).split(separator)
        )
        return [keyword for part in parts if (keyword := part.strip())]

    return convert


_OF_LINKS: Mapping[str, _Convert] = {
    "id": _integer,
    "title": _text,
    "subject": _text,
    "url": _text,
}
