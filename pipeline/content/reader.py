"""Takes the values of columns out of one file, and remembers which were taken and what was wrong.

A value that does not fit keeps a file from being an article only where its column is required;
elsewhere it costs the value, which stays in ``extra``, and is a finding.
"""

import re
from collections.abc import Mapping, Set
from functools import cached_property
from typing import Any, NamedTuple

from ..base.errors import SettingsError
from ..base.problems import Code, Finding, FindingCode, Problem
from ..frontmatter.document import FrontMatter
from ..model import templates
from ..model.collections import Match
from ..model.content import ContentModel
from ..model.file_names import FileName, file_name
from ..model.value_sources import Kind, Source
from .columns import OF_LINKS, Convert, as_boolean
from .plan import Derived, Plan
from .wrong_value import WrongValueError


class StatedLink(NamedTuple):
    """A related link as written in a file."""

    position: int
    id: int | None
    title: str | None
    subject: str | None
    url: str | None
    line: int


def body_of(body: str) -> str | None:
    """The text below the front matter; None if it is blank or only a no-break space."""
    text = body.strip()
    return None if text in {"", "&nbsp;"} else body.strip("\n")


# Columns of one text, of which a file may state a list or a mapping.
_MAY_SAY_MORE = frozenset({"subject", "author"})
_OF_DATE = {"year": "%Y", "month": "%m", "day": "%d"}
_NUMBER = re.compile("0|[1-9][0-9]{0,5}")


class Reader:
    """The values of one file by a plan."""

    def __init__(
        self,
        front_matter: FrontMatter,
        body: str,
        path: str,
        plan: Plan,
        match: Match,
        model: ContentModel,
    ) -> None:
        """Of a document, the path of its file, and how that fits its collection."""
        self.values = front_matter.values
        self.positions = front_matter.positions
        self.first_line = front_matter.first_line
        self.problems = list(front_matter.problems)
        self.findings: list[Finding] = []
        self.body, self.path, self.match = body, path, match
        self.plan, self.model = plan, model
        self.folders = [self._folder(path) for path in plan.folders]
        self.whole = set(plan.whole)  # top-level keys of which nothing is left, as far as present
        self.more = set[tuple[str, ...]]()  # keys that were taken beside those of the plan
        self.kept = set[tuple[str, ...]]()  # keys of the plan whose value was not taken
        self.used: dict[str, str] = {}  # the key that filled a derived column

    def _folder(self, path: tuple[str, ...]) -> Mapping[str, Any]:
        """The mapping at a path of keys; an empty one if there is none."""
        mapping: Any = self.values
        for part in path:
            mapping = mapping.get(part)
            if not isinstance(mapping, dict):
                return {}
        return mapping  # type: ignore[no-any-return]

    # --- columns ----------------------------------------------------------------------------------

    def columns(self) -> dict[str, Any]:
        """The values of the columns; None where one is absent, null or wrong."""
        columns: dict[str, Any] = dict.fromkeys(self.plan.unfilled)
        folders = self.folders
        for column, key, folder, name, convert, is_text in self.plan.fields:
            value = folders[folder].get(name)
            if "." in key:
                value = self._dotted(key, value)
            if not is_text or value.__class__ is not str:  # nearly all is text
                if column in _MAY_SAY_MORE and value is not None and not isinstance(value, str):
                    self._keep(key)
                value = self._converted(value, convert, column, key)
            columns[column] = value
        for derived in self.plan.derived:
            columns[derived.column] = self._derived(derived, columns)
        self._check_required(columns)
        return columns

    def _dotted(self, key: str, stepped: Any) -> Any:
        """The value of a key with dots; `stepped` is what steps through mappings found."""
        if key in self.values:
            self.more.add((key,))
            self.kept.add(tuple(key.split(".")))
            return self.values[key]
        return self._value(key) if stepped is None else stepped

    def _converted(self, value: Any, convert: Convert, column: str, *keys: str) -> Any:
        """A value as its column holds it; None where it is absent, null or wrong."""
        try:
            return None if value is None else convert(value)
        except WrongValueError as wrong:
            self._wrong(wrong, column, ".".join(keys))
            return None

    def _wrong(self, wrong: WrongValueError, column: str, key: str) -> None:
        message = f"{key}: {wrong.message}"
        if column in self.plan.required:
            self._problem(wrong.code, message, key)
        else:
            line = self.positions.get(key, (None, None))[0]
            self.findings.append(Finding(line, key, FindingCode.WRONG_VALUE, message))
        self._keep(key)

    def _keep(self, key: str) -> None:
        """Let a key of a field stand in ``extra`` as well."""
        if "." in key and key in self.values:
            self.more.discard((key,))
        else:
            self.kept.add(tuple(key.split(".")))
        self.whole.discard(key)

    def _derived(self, derived: Derived, columns: Mapping[str, Any]) -> Any:
        """The value of the first source that has one."""
        if derived.column == "no_index":
            return self._flag(derived)
        first_wrong: tuple[WrongValueError, str] | None = None
        for source in derived.sources:
            value = self._of_source(source, derived.column, columns)
            try:
                found = None if value is None or value in ("", []) else derived.convert(value)
            except WrongValueError as wrong:
                first_wrong = first_wrong or (wrong, source.key or source.text)
                continue
            if found is not None:
                if derived.column not in _MAY_SAY_MORE or isinstance(value, str):
                    self._take(derived.column, source.key)
                return found
        if first_wrong is not None:
            self._wrong(first_wrong[0], derived.column, first_wrong[1])
        if derived.column == "url" and first_wrong is None and self.plan.url.parts:
            return self._made_url(derived, columns)
        return None if derived.constant is None else derived.convert(derived.constant)

    def _made_url(self, derived: Derived, columns: Mapping[str, Any]) -> str | None:
        made = self.plan.url.filled(lambda name: self._named(name, columns))
        if made is None:
            return None
        try:
            return derived.convert(_joined(made))  # type: ignore[no-any-return]
        except WrongValueError as wrong:
            self._problem(wrong.code, f"content.url: {wrong.message}", "")
            return None

    def _flag(self, derived: Derived) -> bool:
        """Whether any of some sources is true, false where it is negated, or has its value."""
        is_set = False
        found: bool | None
        for source in derived.sources:
            value = self._value(source.key)
            if value is None:
                continue
            if source.equals is not None:
                found = source.equals in (value if isinstance(value, list) else [value])
            else:
                found = self._converted(value, as_boolean, "no_index", source.key)
            if found is not None:
                if source.equals is None or found:
                    self._take(derived.column, source.key)
                is_set = is_set or found is not source.is_negated
        return is_set

    def _take(self, column: str, key: str) -> None:
        if key:
            self.used[column] = key
            self.more.add((key,) if key in self.values else tuple(key.split(".")))

    # --- sources ----------------------------------------------------------------------------------

    def _of_source(self, source: Source, column: str, columns: Mapping[str, Any]) -> Any:
        match source.kind:
            case Kind.KEY if column == "url":
                value = self._stated_url(self._value(source.key), columns)
            case Kind.KEY:
                value = self._value(source.key)
            case Kind.FILENAME if column == "published":
                value = self._file.date and self._file.date.isoformat()
            case Kind.FILENAME:
                value = self._file.text
            case Kind.FOLDER:
                folder, slash, _ = self.path[self.match.start :].partition("/")
                value = folder if slash else None
            case Kind.BODY:
                value = body_of(self.body)
            case Kind.HEADING:
                value = self._heading
            case Kind.TEMPLATE:
                assert source.template is not None
                value = source.template.filled(lambda name: self._named(name, columns))
        return value

    def _stated_url(self, value: Any, columns: Mapping[str, Any]) -> Any:
        """A url as it is stated, in which placeholders of the site's generator are filled."""
        placeholders = self.model.placeholders
        if not isinstance(value, str) or not any(one in value for one in placeholders):
            return value
        try:
            filled = templates.parse(value, placeholders).filled(
                lambda name: self._named(name, columns)
            )
        except SettingsError:  # braces of the file's own, which no url has
            return value
        return value if filled is None else _joined(filled)

    def _value(self, key: str) -> Any:
        """The value of a key: of one with dots, of the key itself first, then through mappings."""
        if key in self.values:
            return self.values[key]
        if "." not in key:
            return None
        value: Any = self.values
        for part in key.split("."):
            value = _step(value, part)
        return value

    @cached_property
    def _file(self) -> FileName:
        return file_name(self.path, self.model.index)

    @property
    def _path(self) -> str:
        """The path from where the pattern of its collection says, without suffix and index."""
        return self._file.path[self.match.start :]

    @cached_property
    def _heading(self) -> str | None:
        from ..markup import document  # noqa: PLC0415  most files state their title

        return document.read(self.body, self.model.markdown).heading()

    def _named(self, name: str, columns: Mapping[str, Any]) -> str | None:
        """The value of a name in a template."""
        if name == "path":
            return self._with_slug(columns)
        if name == "name":
            return self._file.name
        if name.isdigit():
            wildcards = self.match.wildcards
            return wildcards[int(name) - 1] if 0 < int(name) <= len(wildcards) else None
        if name in _OF_DATE:
            published = columns.get("published")
            return published[0].strftime(_OF_DATE[name]) if published else None
        if name in self.plan.others:
            return self._derived(self.plan.others[name], columns)  # type: ignore[no-any-return]
        value = columns.get(name)
        return _as_segments(self._value(name) if value is None else value)

    def _with_slug(self, columns: Mapping[str, Any]) -> str:
        """The path with its slug as the last part; one with a leading slash is all of it."""
        slug = self._named("slug", columns)
        if slug is None or not self._path:
            return self._path
        if slug.startswith("/"):
            return slug.strip("/")
        folder, _, _ = self._path.rpartition("/")
        return f"{folder}/{slug}" if folder else slug

    # --- links, lines, problems -------------------------------------------------------------------

    def links(self, prefix: str) -> list[StatedLink]:
        """The related links, in the order of their numbers."""
        links = []
        for key in [key for key in self.values if key.startswith(prefix)]:
            value, number = self.values[key], key.removeprefix(prefix)
            if value is None or not _NUMBER.fullmatch(number):
                continue
            if isinstance(value, dict):
                links.append(self._link(int(number), key, value))
            else:
                message = "expected a mapping with id, title, subject and url."
                self._wrong(WrongValueError(Code.WRONG_TYPE, message), prefix, key)
        return sorted(links)

    def _link(self, number: int, key: str, mapping: Mapping[str, Any]) -> StatedLink:
        """The link that a mapping states; what it does not state, or wrongly, is None."""
        wrong = len(self.findings)
        stated = [
            self._converted(mapping.get(name), convert, key, key, name)
            for name, convert in OF_LINKS.items()
        ]
        if mapping and mapping.keys() <= OF_LINKS.keys() and wrong == len(self.findings):
            self.whole.add(key)
        else:
            self.more.update((key, name) for name in OF_LINKS)
        line, _ = self._place(key)
        return StatedLink._make((number, *stated, line))

    def lines(self) -> dict[str, int | None]:
        """The lines of the keys that fill some columns; None where there is none."""
        nowhere = (None, None)
        return {
            column: self.positions.get(self.used.get(column, key), nowhere)[0]
            for column, key in self.plan.lines
        }

    def _problem(self, code: Code, message: str, key: str) -> None:
        self.problems.append(Problem(code, message, *self._place(key)))

    def _place(self, key: str) -> tuple[int, int]:
        """Line and column of a value; where the front matter begins, if its key is absent."""
        return self.positions.get(key, (self.first_line, 1))

    def _check_required(self, columns: Mapping[str, Any]) -> None:
        for column, key in self.plan.required.items():
            if not _is_empty(columns[column]):
                continue
            if column == "answer" and (not key or body_of(self.body)):
                continue  # the text stands in the body
            if not _is_empty(self._value(key)):
                continue  # it is wrong, which was said
            if key in self.positions or key in self.values:
                self._problem(Code.EMPTY_VALUE, f"The key {key!r} has no value.", key)
            else:
                self._problem(Code.MISSING_KEY, self._missing(column, key), key)

    def _missing(self, column: str, key: str) -> str:
        derived = next((one for one in self.plan.derived if one.column == column), None)
        if derived is None:
            return f"The key {key!r} is missing."
        tried = [source.text for source in derived.sources]
        tried += [self.plan.url.text] if column == "url" and self.plan.url.text else []
        return f"No source of {column} has a value: {', '.join(map(repr, tried))}."

    def rest(self) -> dict[str, Any]:
        """The front matter without what was taken, in any order."""
        left = {key: self.values[key] for key in self.values.keys() - self.whole}
        taken: Set[tuple[str, ...]] = self.plan.taken
        if self.more or self.kept:
            taken = (taken | self.more) - self.kept
        return _without(left, taken, ())


def _joined(path: str) -> str:
    """A path of which parts were left empty, without the slashes between these."""
    return re.sub("/{2,}", "/", path)


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _step(value: Any, part: str) -> Any:
    if isinstance(value, dict):
        return value.get(part)
    if isinstance(value, list):
        found = [one.get(part) for one in value if isinstance(one, dict)]
        return [one for one in found if one is not None] or None
    return None


def _as_segments(value: Any) -> str | None:
    """A value as a part of a url: the texts of a list are segments."""
    if isinstance(value, list):
        return "/".join(text for text in value if isinstance(text, str)) or None
    return value if isinstance(value, str) and value else None


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
