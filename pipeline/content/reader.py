"""Takes the values of columns out of one file, and remembers which were taken and what was wrong.

A value that does not fit keeps a file from being an article only where its column is required;
elsewhere it costs the value, which stays in ``extra``, and is a finding.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any, NamedTuple

from ..base.problems import Code, Finding, FindingCode, Problem
from ..frontmatter.document import FrontMatter
from ..model.content import OfPath
from ..model.slugs import slug
from ..model.value_sources import Kind, Source
from ..model.vocabulary import SkipReason
from .columns import Convert, as_boolean, has_only_texts, is_boolean, texts_in
from .plan import Derived, Plan
from .source_values import SourceValues
from .wrong_value import WrongValueError


class Skipped(NamedTuple):
    """Why a file has no page, by a rule of its owner (`schemas.SKIPPED`)."""

    reason: SkipReason
    key: str | None


# Columns of one text, of which a file may state several, and what tells these from each other.
_LISTED: Mapping[str, Callable[[str], str]] = {"subject": slug, "author": str}


class Reader:
    """The values of one file by a plan."""

    def __init__(
        self,
        front_matter: FrontMatter,
        body: str,
        plan: Plan,
        rules: OfPath,
        commits: Sequence[int] = (),
    ) -> None:
        """Of a document, what holds for its path, and when it was committed first and last."""
        self.values = front_matter.values
        self.sources = SourceValues(self.values, body, rules, self._column, commits)
        self.positions = front_matter.positions
        self.first_line = front_matter.first_line
        self.problems = list(front_matter.problems)
        self.findings: list[Finding] = []
        self.plan, self.model = plan, rules.model
        self.filled: dict[str, Any] = dict.fromkeys(plan.unfilled)
        self.pending = dict(plan.derived)
        self.folders = [self._folder(path) for path in plan.folders]
        self.whole = set(plan.whole)  # top-level keys of which nothing is left, as far as present
        self.more = set[tuple[str, ...]]()  # keys that were taken beside those of the plan
        self.kept = set[tuple[str, ...]]()  # keys of the plan whose value was not taken
        self.by: dict[str, Source] = {}  # the source that filled a derived column
        self.listed: dict[str, list[str]] = {}  # each once, of columns that have several
        self.told = set[str]()  # columns of which a wrong value was told
        self.is_body_the_text = False

    def _folder(self, path: tuple[str, ...]) -> Mapping[str, Any]:
        """The mapping at a path of keys; an empty one if there is none."""
        mapping: Any = self.values
        for part in path:
            mapping = mapping.get(part)
            if not isinstance(mapping, dict):
                return {}
        return mapping  # type: ignore[no-any-return]

    def skipped(self) -> Skipped | None:
        """Why the file has no page, if it says so itself."""
        for key in self.plan.url_keys:
            url = self.sources.key(key)
            if isinstance(url, str) and url.strip().lower() == "false":
                return Skipped("url", key)
        flags = (source.key for source in self.plan.skip if self._is_set(source, "skip"))
        return next((Skipped("key", key) for key in flags), None)

    # --- columns ----------------------------------------------------------------------------------

    def columns(self) -> dict[str, Any]:
        """The values of the columns; None where one is absent, null or wrong."""
        columns, folders = self.filled, self.folders
        for column, key, folder, name, convert, is_text in self.plan.fields:
            value = folders[folder].get(name)
            if "." in key:
                value = self._dotted(key, value)
            if not is_text or value.__class__ is not str:  # nearly all is text
                if column in _LISTED and not self._list(column, value):
                    self._keep(key)
                value = self.converted(value, convert, column, key)
            columns[column] = value
        while self.pending:
            self._column(next(iter(self.pending)))
        self._check_required(columns)
        return columns

    def _list(self, column: str, value: Any) -> bool:
        """Note what a column lists besides its value; whether that is all that was stated."""
        if column not in _LISTED or isinstance(value, str):
            return True
        texts: dict[str, str] = {}
        for text in texts_in(value):
            texts.setdefault(_LISTED[column](text), text)
        self.listed[column] = list(texts.values())
        return has_only_texts(value)

    def texts(self, column: str) -> list[str]:
        """All texts of a column that holds one of them, or all in one."""
        value = self.filled[column]
        if not value or value.isspace():
            return []
        return self.listed.get(column, [value])

    def _column(self, column: str) -> Any:
        """The value of a column, for which a template may ask before it is filled."""
        if column in self.pending:
            self.filled[column] = self._derived(self.pending.pop(column))
        return self.filled.get(column)

    def _dotted(self, key: str, stepped: Any) -> Any:
        """The value of a key with dots; `stepped` is what steps through mappings found."""
        if key in self.values:
            self.more.add((key,))
            self.kept.add(tuple(key.split(".")))
            return self.values[key]
        return self.sources.key(key) if stepped is None else stepped

    def converted(self, value: Any, convert: Convert, column: str, *keys: str) -> Any:
        """A value as its column holds it; None where it is absent, null or wrong."""
        try:
            return None if value is None else convert(value)
        except WrongValueError as wrong:
            self.wrong(wrong, column, ".".join(keys))
            return wrong.value

    def wrong(self, wrong: WrongValueError, column: str, key: str) -> None:
        """Tell of a value that a column cannot hold."""
        message = f"{key}: {wrong.message}"
        self.told.add(column)
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

    def _derived(self, derived: Derived) -> Any:
        """The value of the first source that has one."""
        if derived.column == "no_index":
            return self._flag(derived)
        first_wrong: tuple[WrongValueError, Source] | None = None
        for source in derived.sources:
            value = self.sources.of(source, derived.column)
            if source.key and source.key in self.values and _is_empty(value):
                self.more.add((source.key,))  # nothing is not to be kept
            try:
                found = None if _is_empty(value) else derived.convert(value)
            except WrongValueError as wrong:
                first_wrong = first_wrong or (wrong, source)
                continue
            if found is not None:
                self.by[derived.column] = source
                if self._list(derived.column, value):
                    self._take(source.key)
                if source.kind is Kind.BODY and derived.column == "text":
                    self.is_body_the_text = True
                return found
        if first_wrong is not None:
            (error, source), column = first_wrong, derived.column
            self.wrong(error, column, source.key or source.text)
            if error.value is not None:
                self.by[column] = source
                return error.value
        if derived.column == "url" and first_wrong is None and self.plan.url.parts:
            return self._made_url(derived)
        return self._constant(derived)

    def _constant(self, derived: Derived) -> Any:
        """What the settings say where the file says nothing."""
        try:
            return None if derived.constant is None else derived.convert(derived.constant)
        except WrongValueError as wrong:
            self._problem(wrong.code, f"content.set.{derived.column}: {wrong.message}", "")
            return None

    def _made_url(self, derived: Derived) -> str | None:
        made = self.sources.made_url(self.plan.url)
        if made is None:
            return None
        try:
            return derived.convert(made)  # type: ignore[no-any-return]
        except WrongValueError as wrong:
            self._problem(wrong.code, f"content.url: {wrong.message}", "")
            return None

    def _flag(self, derived: Derived) -> bool:
        """Whether any of some sources is true, false where it is negated, or has its value."""
        is_set = [self._is_set(source, derived.column) for source in derived.sources]
        if any(is_set):
            self.by[derived.column] = derived.sources[is_set.index(True)]
        return any(is_set)

    def _is_set(self, source: Source, column: str) -> bool:
        value = self.sources.key(source.key)
        if value is None:
            return False
        found: bool | None
        if source.equals is not None:
            texts = value if isinstance(value, list) else [value, *_split_at_commas(value)]
            found = source.equals in texts
        elif source.is_negated and not is_boolean(value):
            return False  # published: 2024-01-02 is no flag
        else:
            found = self.converted(value, as_boolean, column, source.key)
        if found is None:
            return False
        if source.equals is None or value in (source.equals, [source.equals]):
            self._take(source.key)
        return found is not source.is_negated

    def keep(self, column: str) -> None:
        """Let the key that filled a column stand in ``extra``, where another value is taken."""
        key = self.key_of(column, self.model.key(column))
        self.more.discard((key,) if key in self.values else tuple(key.split(".")))
        self._keep(key)

    def key_of(self, column: str, key: str) -> str:
        """The key that filled a column; `key` is its first, which would, where no other did."""
        return self.by[column].key or key if column in self.by else key

    def _take(self, key: str) -> None:
        """Let a key not stand in ``extra``."""
        if key:
            self.more.add((key,) if key in self.values else tuple(key.split(".")))

    # --- lines, problems --------------------------------------------------------------------------

    def lines(self) -> dict[str, int | None]:
        """The lines of the keys that fill some columns; None where there is none."""
        nowhere = (None, None)
        found = {
            column: self.positions.get(self.key_of(column, key), nowhere)[0]
            for column, key in self.plan.lines
        }
        return {**found, "text": None} if self.is_body_the_text else found

    def _problem(self, code: Code, message: str, key: str) -> None:
        self.problems.append(Problem(code, message, *self.place(key)))

    def place(self, key: str) -> tuple[int, int]:
        """Line and column of a value; where the front matter begins, if its key is absent."""
        return self.positions.get(key, (self.first_line, 1))

    def _check_required(self, columns: Mapping[str, Any]) -> None:
        for column, key in self.plan.required.items():
            if not _is_empty(columns[column]):
                continue
            if column in self.told:
                continue
            if key in self.positions or key in self.values:
                self._problem(Code.EMPTY_VALUE, f"The key {key!r} has no value.", key)
            else:
                self._problem(Code.MISSING_KEY, self._missing(column, key), key)

    def _missing(self, column: str, key: str) -> str:
        derived = self.plan.derived.get(column)
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


def _split_at_commas(value: Any) -> list[str]:
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else []


def _is_empty(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


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
