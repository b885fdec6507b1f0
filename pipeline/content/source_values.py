"""What the sources of a value say of one file: its keys, its path, its text, and templates."""

import datetime as dt
import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..base.errors import SettingsError
from ..model import templates, value_sources
from ..model.content import OfPath
from ..model.file_names import FileName, file_name, without_date
from ..model.templates import Template, Value
from ..model.value_sources import Kind, Source

if TYPE_CHECKING:
    from ..markup.document import Markdown

_OF_DATE = {
    "year": "%Y",
    "short_year": "%y",
    "month": "%m",
    "i_month": "%-m",
    "day": "%d",
    "i_day": "%-d",
    "y_day": "%j",
    "week": "%V",
    "short_day": "%a",
    "long_day": "%A",
    "short_month": "%b",
    "long_month": "%B",
}
_OF_PATH = frozenset({"path", "name", "basename", "filename", "undated"})
_OF_SITE = frozenset({"collection", "language"})
_OF_DATES = frozenset({"published", "updated"})
_IN_URL = re.compile("/([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})(?:/|$)")
_NOT_OF_PATH = re.compile("[?#]|%(?![0-9A-Fa-f]{2})")
_WHOLE = ("/", "http://", "https://")  # how a url begins that is not below that of its language


def is_known(name: str) -> bool:
    """Whether a name in a template means something for every file, and is no column or key."""
    is_of_path = name in _OF_PATH or name.isdigit() or name in _OF_SITE
    return is_of_path or name.removeprefix("file_") in _OF_DATE


def body_of(body: str) -> str | None:
    """The text below the front matter; None if it is blank or only a no-break space."""
    text = body.strip()
    return None if text in {"", "&nbsp;"} else body.strip("\n")


class SourceValues:
    """The values of sources in one file; `column` gives that of another column, by its name."""

    def __init__(
        self,
        values: Mapping[str, Any],
        body: str,
        rules: OfPath,
        column: Callable[[str], Any],
        commits: Sequence[int] = (),
    ) -> None:
        """Of front matter and the text below it, and what holds for the path of the file.

        `commits` are the times of its first and its last commit, in seconds since 1970.
        """
        self.values, self.body, self.rules, self.commits = values, body, rules, commits
        self._column = column

    def key(self, key: str) -> Any:
        """The value of a key: of one with dots, of the key itself first, then through mappings."""
        if key in self.values:
            return self.values[key]
        if "." not in key:
            return None
        value: Any = self.values
        for part in key.split("."):
            value = _step(value, part)
        return value

    def of(self, source: Source, column: str) -> Any:
        """What a source says for a column."""
        match source.kind:
            case Kind.KEY if column == "url":
                value = self._stated_url(self.key(source.key))
            case Kind.KEY:
                value = self.key(source.key)
            case Kind.FILENAME | Kind.PATH if column in _OF_DATES:
                date = self._file.date if source.kind is Kind.FILENAME else self._date_of_path
                value = date and date.isoformat()
            case Kind.FILENAME:
                value = self._file.text
            case Kind.FOLDER:
                value = _folder(self.rules.path, self.rules.match.start)
            case Kind.PATH:
                value = self._file.path or "/"
            case Kind.URL:
                value = self._date_of_url()
            case Kind.GIT:
                value = self._committed(column)
            case Kind.BODY:
                value = body_of(self.body)
            case Kind.HEADING:
                value = self._document.heading()
            case Kind.TITLE:
                value = self._document.title()
            case Kind.TEMPLATE:
                assert source.template is not None
                value = self._filled(source.template, column)
        return value

    def _filled(self, template: Template, column: str) -> str | list[str] | None:
        if column == "url":
            return self.made_url(template)
        declared = self.rules.model.columns.get(column)
        is_list = declared is not None and declared.type == "list"
        return template.terms(self._named) if is_list else template.filled(self._named)

    # --- urls -------------------------------------------------------------------------------------

    def made_url(self, template: Template) -> str | None:
        """The url that a template makes, below that of the language of the file."""
        made = self._path_of(template)
        return None if made is None else self._in_language(made)

    def _path_of(self, template: Template) -> str | None:
        """The path that a template makes; the index of a folder ends in a slash."""
        made = template.filled(self._named, _in_path)
        if made is not None and template.ends_in_path and self._is_of_folder:
            made = made.removesuffix(".html") + "/"
        return None if made is None else re.sub("/{2,}", "/", made)

    def _stated_url(self, value: Any) -> Any:
        """A url as it is stated, in which placeholders of the site's generator are filled."""
        if not isinstance(value, str):
            return value
        placeholders = self.rules.model.placeholders
        if any(one in value for one in placeholders):
            try:
                filled = self._path_of(templates.parse(value, placeholders))
            except SettingsError:  # braces of the file's own, which no url has
                filled = None
            value = value if filled is None else filled
        if value.startswith(f"{self.rules.language}/"):
            return value
        return value if value.strip().startswith(_WHOLE) else self._in_language(value)

    def _in_language(self, url: str) -> str:
        """A url below that of the language of the file, if urls begin with it."""
        language = self.rules.language
        if not self.rules.model.begins_urls(language):
            return url
        return f"/{language}/{url.removeprefix('/')}"

    def _committed(self, column: str) -> str | None:
        if not self.commits:
            return None
        time = self.commits[0 if column == "published" else -1]
        return dt.datetime.fromtimestamp(time, dt.UTC).isoformat()

    def _date_of_url(self) -> str | None:
        """The date in the url that the front matter states."""
        keys = (value_sources.parse(text, {}).key for text in self.rules.model.sources("url"))
        stated = (self.key(key) for key in keys if key)
        found = (_IN_URL.search(url) for url in stated if isinstance(url, str))
        return next(("-".join(date.groups()) for date in found if date), None)

    # --- the path and the text --------------------------------------------------------------------

    @cached_property
    def _file(self) -> FileName:
        return file_name(self.rules.path, self.rules.model.index)

    @property
    def _path(self) -> str:
        """The path from where the pattern of its collection says, without suffix and index."""
        return self._file.path[self.rules.match.start :]

    @property
    def _date_of_path(self) -> dt.date | None:
        return self._file.date or without_date(self._path)[0]

    @cached_property
    def _document(self) -> "Markdown":
        from ..markup import document  # noqa: PLC0415  most files state their title

        return document.read(self.body, self.rules.model.markdown)

    # --- names in templates -----------------------------------------------------------------------

    def _named(self, name: str) -> Value:
        """The value of a name in a template."""
        if name in _OF_PATH or name.isdigit():
            return self._of_path(name)
        if (part := name.removeprefix("file_")) in _OF_DATE:
            date = self._date_of_path if part != name else (self._column("published") or [None])[0]
            return date.strftime(_OF_DATE[part]) if date else None
        value = self.rules.language if name == "language" else None
        if name == "collection" and self.rules.collection:
            value = self.rules.collection.name
        value = value or self._column(name)
        if value is None or not isinstance(value, str | list):
            value = self.key(self.rules.model.key(name) or name)
        if isinstance(value, list):
            return [text for text in value if isinstance(text, str)] or None
        return value if isinstance(value, str) and value else None

    @property
    def _is_of_folder(self) -> bool:
        """Whether the path of the url is that of a folder, which no slug stands for."""
        names = (None, self._file.name, self._file.text, *self.rules.model.index)
        return self._file.is_index and self._named("slug") in names

    def _of_path(self, name: str) -> str | None:
        match name:
            case "path":
                return self._with_slug()
            case "name":
                return self._file.name
            case "basename":
                return posixpath.splitext(posixpath.basename(self.rules.path))[0]
            case "filename":
                return self._file.text
            case "undated":
                return without_date(self._path)[1]
        wildcards = self.rules.match.wildcards
        return wildcards[int(name) - 1] if 0 < int(name) <= len(wildcards) else None

    def _with_slug(self) -> str:
        """The path with its slug as the last part; one with a leading slash is all of it."""
        slug = self._named("slug")
        is_own = self._file.is_index and slug in self.rules.model.index
        if not isinstance(slug, str) or is_own or not self._path:
            return self._path
        if slug.startswith("/"):
            return slug.removeprefix("/")
        folder, slash, _ = self._path.rpartition("/")
        path = f"{folder}{slash}{slug}"
        return posixpath.normpath(path) if slug.startswith(".") else path


def _in_path(value: str) -> str:
    """A value as a part of the path of a url, in which these signs have no other meaning."""
    return _NOT_OF_PATH.sub(lambda found: quote(found[0]), value)


def _step(value: Any, part: str) -> Any:
    if isinstance(value, dict):
        return value.get(part)
    if isinstance(value, list):
        found = [one.get(part) for one in value if isinstance(one, dict)]
        return [one for one in found if one is not None] or None
    return None


def _folder(path: str, start: int) -> str | None:
    """The first folder of a path from a place on, else the one that this is in."""
    folder, slash, _ = path[start:].partition("/")
    return folder if slash else path[:start].rpartition("/")[0].rpartition("/")[2] or None
