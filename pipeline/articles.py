"""From front matter to an article: the only place that knows which key means what.

`normalize` gives every column its type from the content model, never from a guess of YAML, and
reports all that is wrong with a file at once.
"""

import datetime as dt
import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar
from urllib.parse import unquote

from pipeline.errors import Code, Problem
from pipeline.front_matter import FrontMatter
from pipeline.schemas import SOURCE_LINES
from pipeline.settings import ContentModel
from pipeline.text import Doubt, decode_newlines


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


T = TypeVar("T")

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
_LINK_KEYS = ("id", "title", "subject", "url")


def normalize(front_matter: FrontMatter, body: str, model: ContentModel) -> Article | list[Problem]:
    """The article that a file states, or all that keeps it from being one."""
    reader = _Reader(front_matter, model)
    columns: dict[str, Any] = {name: reader.take(name, _text) for name in _TEXT_COLUMNS}
    columns["url"] = reader.take("url", _url)
    columns["id"] = reader.take("id", _integer)
    columns["score"] = reader.take("score", _score(model.score_range))
    columns["no_index"] = reader.take("no_index", _boolean) or False
    columns["published"], columns["published_at"] = reader.take(
        "published", _date(model.date_range)
    ) or (None, None)
    keywords = reader.take("keywords", _keywords(model.keyword_separator)) or []
    links = _links(reader, model.related_prefix)
    reader.check_required(body)
    if reader.problems:
        return sorted(reader.problems, key=lambda problem: problem.line or 0)
    columns["source_lines"] = {name: reader.line(name) for name in SOURCE_LINES.names}
    columns["body"] = _body(body)
    return _article(columns, keywords, links, reader.rest())


def _article(
    columns: dict[str, Any],
    keywords: list[str],
    links: list[StatedLink],
    extra: Mapping[str, Any],
) -> Article:
    doubts: tuple[Doubt, ...] = ()
    if columns["answer"] is not None:
        columns["answer"], doubts = decode_newlines(columns["answer"])
    text = text_of(columns)
    columns["word_count"] = len(text.split()) if text else 0
    columns["doubtful_escapes"] = len(doubts)
    subject = columns["subject"]
    columns["subject_slug"] = slug(subject) if subject and subject.strip() else None
    columns["extra"] = json.dumps(extra, ensure_ascii=False, sort_keys=True) if extra else None
    columns["content_sha256"] = _content_digest(columns, links)
    return Article(columns, keywords, links, doubts)


def text_of(columns: Mapping[str, Any]) -> str | None:
    """The text of an article: its answer if it has one, else its body."""
    text: str | None = columns["body"] if columns["answer"] is None else columns["answer"]
    return text


def slug(subject: str) -> str:
    """A subject in lower case, each run of other characters than letters and digits a hyphen.

    Longer results than 100 bytes end in a checksum, and a subject without letters and digits is
    one: slugs name files.
    """
    text = re.sub(r"[\W_]+", "-", unicodedata.normalize("NFC", subject).lower()).strip("-")
    if 0 < len(text.encode()) <= 100:
        return text
    checksum = hashlib.sha256((text or subject).encode()).hexdigest()[:8]
    if not text:
        return checksum
    return f"{text.encode()[:90].decode(errors='ignore').rstrip('-')}-{checksum}"


def fold(keyword: str) -> str:
    """A keyword for grouping: NFKC, case folded, white space as single blanks."""
    return " ".join(unicodedata.normalize("NFKC", keyword).casefold().split())


_SIGNIFICANT = ("answer", "body", "title", "article_title", "question", "subject")


def _content_digest(columns: Mapping[str, Any], links: Sequence[StatedLink]) -> str:
    stated = [link[:-1] for link in links]  # all but the line
    content = [[columns[name] for name in _SIGNIFICANT], stated]
    return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()


def _body(body: str) -> str | None:
    text = body.strip()
    return None if text in {"", "&nbsp;"} else body.strip("\n")


class _Wrong(Exception):
    """A value that does not fit its column."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(code, message)
        self.code, self.message = code, message


class _Reader:
    """Takes values out of front matter, remembers which were taken and what was wrong."""

    def __init__(self, front_matter: FrontMatter, model: ContentModel) -> None:
        self.front_matter = front_matter
        self.model = model
        self.problems = list(front_matter.problems)
        self.taken: set[tuple[str, ...]] = set()

    def take(self, column: str, convert: Callable[[Any], T]) -> T | None:
        key = self.model.key(column)
        return self.value(tuple(key.split(".")), convert) if key else None

    def value(self, path: tuple[str, ...], convert: Any) -> Any:
        """The value at a path of keys, converted; None if it is absent, null or wrong."""
        value: Any = self.front_matter.values
        for part in path:
            if not isinstance(value, dict) or part not in value:
                return None
            value = value[part]
        self.taken.add(path)
        if value is None:
            return None
        try:
            return convert(value)
        except _Wrong as wrong:
            key = ".".join(path)
            self.problem(wrong.code, f"{key}: {wrong.message}", key)
            return None

    def line(self, column: str) -> int | None:
        """The line of the key that fills a column; None if there is none."""
        place = self.front_matter.positions.get(self.model.key(column))
        return place[0] if place else None

    def problem(self, code: Code, message: str, key: str) -> None:
        self.problems.append(Problem(code, message, *self.place(key)))

    def place(self, key: str) -> tuple[int, int]:
        """Line and column of a value; where the front matter begins, if its key is absent."""
        return self.front_matter.positions.get(key, (self.front_matter.first_line, 1))

    def check_required(self, body: str) -> None:
        for column in dict.fromkeys(("url", *self.model.required)):  # the key of every table
            key = self.model.key(column)
            if column == "answer" and (not key or _body(body)):
                continue  # the text stands in the body
            value = self.front_matter.values
            path = tuple(key.split("."))
            for part in path:
                value = value.get(part) if isinstance(value, dict) else None  # type: ignore[assignment]
            if path not in self.taken:
                self.problem(Code.MISSING_KEY, f"The key {key!r} is missing.", key)
            elif value is None or (isinstance(value, str) and not value.strip()):
                self.problem(Code.EMPTY_VALUE, f"The key {key!r} has no value.", key)

    def rest(self) -> dict[str, Any]:
        """The front matter without what was taken."""
        return _without(self.front_matter.values, self.taken, ())


def _without(
    values: Mapping[str, Any], taken: set[tuple[str, ...]], prefix: tuple[str, ...]
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


def _links(reader: _Reader, prefix: str) -> list[StatedLink]:
    numbered = re.compile(re.escape(prefix) + "(0|[1-9][0-9]{0,5})")
    links = []
    for key, value in reader.front_matter.values.items():
        match = numbered.fullmatch(key)
        if not match or value is None:
            continue
        if not isinstance(value, dict):
            reader.problem(
                Code.WRONG_TYPE, f"{key}: a mapping of id, title, subject and url is needed.", key
            )
            continue
        converters = (_integer, _text, _text, _text)
        id_, title, subject, url = (
            reader.value((key, name), convert)
            for name, convert in zip(_LINK_KEYS, converters, strict=True)
        )
        line, _ = reader.place(key)
        links.append(StatedLink(int(match[1]), id_, title, subject, url, line))
    return sorted(links)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return value
    what, begin = ("a mapping", "{") if isinstance(value, dict) else ("a list", "[ or -")
    message = f"text is needed, not {what}. Text that begins with {begin} needs quotes."
    raise _Wrong(Code.WRONG_TYPE, message)


_text = _scalar


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:39] + "…")


def _integer(value: Any) -> int:
    text = _scalar(value)
    if not re.fullmatch(r"-?(0|[1-9][0-9]{0,18})", text, re.ASCII):
        raise _Wrong(Code.WRONG_TYPE, f"{_shown(text)} is not a whole number.")
    if not -(2**63) <= int(text) < 2**63:
        raise _Wrong(Code.OUT_OF_RANGE, f"{text} does not fit into 64 bits.")
    return int(text)


def _score(bounds: tuple[float, float]) -> Callable[[Any], float]:
    def convert(value: Any) -> float:
        text = _scalar(value)
        if not re.fullmatch(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?", text):
            raise _Wrong(Code.WRONG_TYPE, f"{_shown(text)} is not a number.")
        number = float(text)
        if not bounds[0] <= number <= bounds[1]:
            message = f"{_shown(text)} is not between {bounds[0]:g} and {bounds[1]:g}."
            raise _Wrong(Code.OUT_OF_RANGE, message)
        return number

    return convert


def _boolean(value: Any) -> bool:
    """True or false as in the core schema of YAML 1.2, section 10.3.2."""
    text = _scalar(value)
    if text not in {"true", "True", "TRUE", "false", "False", "FALSE"}:
        raise _Wrong(Code.WRONG_TYPE, f"{_shown(text)} is neither true nor false.")
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
            message = f"{_shown(value)} is not between {bounds[0]} and {bounds[1]}."
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
        raise _Wrong(Code.INVALID_DATE, f"{_shown(text)} does not exist: {error}.") from error
    raise _Wrong(Code.INVALID_DATE, f"{_shown(text)} is not a date.")


_PATH = re.compile(r"/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2}|/(?!/))*")


def _url(value: Any) -> str:
    """A path from the root of the site (RFC 3986, ``path-absolute``)."""
    text = _scalar(value)
    if text.startswith("//") or not _PATH.fullmatch(text):
        raise _Wrong(Code.INVALID_URL, f"{_shown(text)} is not a path from the root of the site.")
    if not {".", ".."}.isdisjoint(unquote(text).split("/")):
        raise _Wrong(Code.INVALID_URL, f"{_shown(text)} has a part that is . or ..")
    if len(text) > 1900:
        raise _Wrong(Code.INVALID_URL, f"{_shown(text)} is longer than 1,900 characters.")
    return text


def _keywords(separator: str) -> Callable[[Any], list[str]]:
    def convert(value: Any) -> list[str]:
        parts = (
            [_scalar(part) for part in value if part is not None]
            if isinstance(value, list)
            else _scalar(value).split(separator)
        )
        return [part.strip() for part in parts if part.strip()]

    return convert
