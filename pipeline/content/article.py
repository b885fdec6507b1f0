"""From one document to one article, or to all that keeps it from being one.

`normalize` takes the values of the columns out of the front matter, each as its column holds it
(`columns`), reports all that is wrong with a file at once, and leaves the rest as ``extra``.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Set
from typing import Any, NamedTuple

from ..base.problems import Code, Problem
from ..frontmatter.document import FrontMatter
from ..markup.spans import Delimiters
from ..model.article_row import text_of
from ..model.content import ContentModel
from ..model.slugs import slug
from . import word_count
from .columns import OF_LINKS, Convert, Plan, WrongValueError, as_text, plan_of
from .escaped_newlines import Ambiguity, decode_newlines


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
    ambiguities: tuple[Ambiguity, ...]


_READABLE = json.JSONEncoder(ensure_ascii=False, sort_keys=True)  # `json.dumps` makes one a call


def normalize(front_matter: FrontMatter, body: str, model: ContentModel) -> Article | list[Problem]:
    """The article that a file states, or all that keeps it from being one."""
    plan = plan_of(model)
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
    ambiguities: tuple[Ambiguity, ...] = ()
    if columns["answer"] is not None:
        columns["answer"], ambiguities = decode_newlines(columns["answer"], maths)
    text = text_of(columns)
    columns["word_count"] = word_count.count(text or "")
    columns["doubtful_escapes"] = len(ambiguities)
    subject = columns["subject"]
    columns["subject_slug"] = slug(subject) if subject and subject.strip() else None
    columns["extra"] = _READABLE.encode(extra) if extra else None
    columns["content_sha256"] = _content_digest(columns, links)
    return Article(columns, keywords, links, ambiguities)


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


_ABSENT = object()
_NUMBER = re.compile("0|[1-9][0-9]{0,5}")


class _Reader:
    """Takes values out of front matter, remembers which were taken and what was wrong."""

    def __init__(self, front_matter: FrontMatter, plan: Plan) -> None:
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
            if convert is not as_text or value.__class__ is not str:  # nearly all is text
                value = self.converted(value, convert, key)
            columns[column] = value
        return columns

    def converted(self, value: Any, convert: Convert, *keys: str) -> Any:
        """A value as its column holds it; None where it is absent, null or wrong."""
        try:
            return None if value is None else convert(value)
        except WrongValueError as wrong:
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
                message = f"{key}: expected a mapping with id, title, subject and url."
                self.problem(Code.WRONG_TYPE, message, key)
        return sorted(links)

    def link(self, number: int, key: str, mapping: Mapping[str, Any]) -> StatedLink:
        """The link that a mapping states; what it does not state, or wrongly, is None."""
        stated = [
            self.converted(mapping.get(name), convert, key, name)
            for name, convert in OF_LINKS.items()
        ]
        if mapping and mapping.keys() <= OF_LINKS.keys():
            self.whole.add(key)
        else:
            self.of_links.update((key, name) for name in OF_LINKS)
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
