"""What becomes of one file, and what decided it: for each column the source that filled it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ..base.problems import DocumentError, Problem
from ..frontmatter.fences import decode, split
from ..frontmatter.load import load
from ..model.columns import DEFAULT_KEYS, LISTS
from ..model.content import ContentModel, OfPath
from .article import Article, Rules, Skipped, body_in, made_of
from .columns import as_boolean, is_boolean
from .plan import plan_of
from .reader import Reader


class Origin(NamedTuple):
    """Where a value comes from.

    `source` is what fills it, as people name it, `line` that of its key in the file. `setting` are
    the keys of the setting that names the source.
    """

    source: str
    setting: tuple[str, ...]
    line: int | None = None


class Found(NamedTuple):
    """What is made of a file, and the origins of the columns that an article has a value of.

    `lines` are those of the keys of its front matter.
    """

    made: Article | Skipped | list[Problem]
    origins: Mapping[str, Origin]
    lines: Mapping[str, int]


def found(data: bytes, path: str, rules: Rules, commits: Sequence[int] = ()) -> Found:
    """What is made of the bytes of a file, whose path is below the raw folder."""
    of_path = rules.model.of(path)
    if of_path.model.skip:
        return Found(Skipped("collection", None), {}, {})
    try:
        text = decode(data)
        document = split(text, is_optional=rules.is_optional)
        front_matter = load(document, rules.limits)
    except DocumentError as error:
        return Found(list(error.problems), {}, {})
    plan = plan_of(of_path.model, rules.site)
    reader = Reader(front_matter, document.body, plan, of_path, commits)
    made = made_of(reader, body_in(text, document.body), of_path, rules.site)
    lines = {key: line for key, (line, _) in front_matter.positions.items()}
    if not isinstance(made, Article):
        return Found(made, {}, lines)
    values = {**made.columns, **made.lists}
    origins = {
        column: _LANGUAGE_OF_PATH
        if column == "language" and values[column] == of_path.language
        else _origin(LISTS.get(column, column), reader, of_path)
        for column in columns_of(of_path.model)
        if values.get(column) not in (None, "", [], False)
    }
    return Found(made, origins, lines)


def columns_of(model: ContentModel) -> tuple[str, ...]:
    """The columns and lists that files fill, or settings for them, in the order of people."""
    return (*DEFAULT_KEYS, "translation", *LISTS, *model.columns)


_LANGUAGE_OF_PATH = Origin("its path", ("content", "languages"))


def _origin(column: str, reader: Reader, rules: OfPath) -> Origin:
    model = rules.model
    if stated := _source(column, reader):
        text, key = stated
        setting = _setting(column, model)
        return Origin(text, setting, reader.positions.get(key, (None,))[0])
    if column == "url":
        return Origin(model.url, ("content", "url"))
    if column == "no_index":
        return Origin("no_index", ("content", "no_index"))
    return Origin("content.set", ("content", "set", column))


def _source(column: str, reader: Reader) -> tuple[str, str] | None:
    """The source that filled a column, and the key that it looks at, if one did."""
    if source := reader.by.get(column):
        return source.text, source.key
    key = next((one.key for one in reader.plan.fields if one.column == column), None)
    if key is None:
        return None
    value = reader.sources.key(key)
    says_so = column != "no_index" or (is_boolean(value) and as_boolean(value))
    return (key, key) if says_so else None


def _setting(column: str, model: ContentModel) -> tuple[str, ...]:
    """The keys of the setting that names the sources of a column."""
    if column == "translation":
        return ("content", "translation")
    return ("content", "columns" if column in model.columns else "keys", column)
