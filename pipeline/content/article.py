"""From one document to one article, or to all that keeps it from being one.

`normalize` takes the values of the columns out of a file (`reader`), each as its column holds it
(`columns`), reports all that is wrong with a file at once, and leaves the rest as ``extra``.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ..base.problems import Finding, Problem
from ..frontmatter.document import FrontMatter
from ..frontmatter.fences import split
from ..frontmatter.load import load
from ..model.columns import LISTS
from ..model.content import ContentModel, OfPath
from ..model.settings import ANY_SITE, Limits, Settings, SiteRules
from ..model.slugs import slug
from . import dates, stated_links, text_links, word_count
from .columns import as_json
from .dates import Dated
from .escaped_newlines import Ambiguity, decode_newlines
from .plan import plan_of
from .reader import Reader, Skipped
from .source_values import body_of
from .stated_links import StatedLink
from .text_links import ReadText

__all__ = [
    "Article",
    "Body",
    "Rules",
    "Skipped",
    "StatedLink",
    "article_of",
    "normalize",
    "rules_of",
]


class Rules(NamedTuple):
    """What is made of a file depends on these, and on its bytes and path.

    Where front matter `is_optional`, a file without any is an article of its text.
    """

    model: ContentModel
    limits: Limits
    site: SiteRules = ANY_SITE
    is_optional: bool = False


def rules_of(settings: Settings) -> Rules:
    """The rules of a site."""
    is_optional = settings.sources.front_matter == "optional"
    return Rules(settings.content, settings.limits, settings.site.rules, is_optional)


class Body(NamedTuple):
    """What stands below the front matter, and the line of the file, from 1, where that begins."""

    text: str
    line: int = 1

    @property
    def first_line(self) -> int:
        """The line of its first line that is not empty, where `body_of` begins."""
        return self.line + len(self.text) - len(self.text.lstrip("\n"))


class Article(NamedTuple):
    """An accepted file: the columns of the table ``articles`` that the file itself decides.

    `lists` holds the texts of those that are tables of their own, by the names of these, `text`
    what was found in the text.
    """

    columns: dict[str, Any]
    lists: dict[str, list[str]]
    links: list[StatedLink]
    text: ReadText
    ambiguities: tuple[Ambiguity, ...]
    findings: tuple[Finding, ...]


def article_of(
    text: str, path: str, rules: Rules, commits: Sequence[int] = ()
) -> Article | Skipped | list[Problem]:
    """What `normalize` makes of a decoded file, whose path is below the raw folder.

    Raises:
        DocumentError: Its front matter cannot be read.
    """
    if rules.model.of(path).model.skip:  # what it holds may be no front matter at all
        return Skipped("collection", None)
    document = split(text, is_optional=rules.is_optional)
    front_matter = load(document, rules.limits)
    body = body_in(text, document.body)
    return normalize(front_matter, body, rules.model, path, rules.site, commits)


def body_in(text: str, body: str) -> Body:
    """What stands below the front matter of a file with a text, which it is the end of."""
    return Body(body, text.count("\n", 0, len(text) - len(body)) + 1)


def normalize(
    front_matter: FrontMatter,
    body: Body,
    site_model: ContentModel,
    path: str = "",
    site: SiteRules = ANY_SITE,
    commits: Sequence[int] = (),
) -> Article | Skipped | list[Problem]:
    """The article that a file states, why it has no page, or all that keeps it from being one.

    `path` is that of the file below the raw folder; `commits` are the times of its first and last
    commit, where they are known.
    """
    rules = site_model.of(path)
    reader = Reader(front_matter, body.text, plan_of(rules.model, site), rules, commits)
    return made_of(reader, body, rules, site)


def made_of(
    reader: Reader, body: Body, rules: OfPath, site: SiteRules
) -> Article | Skipped | list[Problem]:
    """As `normalize`, of a reader that has not read yet: it knows then which source filled what."""
    if skipped := reader.skipped():
        return skipped
    columns = reader.columns()
    links = stated_links.read(reader, rules.model.related)
    if reader.problems:
        return sorted(reader.problems, key=lambda problem: problem.line or 0)
    columns["no_index"] = columns["no_index"] or rules.model.no_index
    columns["published"], columns["published_at"] = _published(columns["published"], site)
    columns["source_lines"] = reader.lines()
    columns["collection"] = rules.collection.name if rules.collection else None
    columns["language"] = _language(columns["language"], reader, rules)
    lists = {name: columns.pop(name) or [] for name in reader.plan.lists}
    lists |= {name: reader.texts(column) for name, column in LISTS.items()}
    return _article(columns, lists, links, reader, body)


def _language(stated: str | None, reader: Reader, rules: OfPath) -> str | None:
    """The language of a file: that of its path, unless the path names none and the file one."""
    languages = rules.model.languages
    if not rules.language or (rules.language == languages[0] and stated in languages):
        return stated
    if stated:
        reader.keep("language")
    return rules.language


def _published(dated: Dated | None, site: SiteRules) -> tuple[dt.date | None, dt.datetime | None]:
    """The day and the time; null is midnight in UTC, which need not be stated for a day alone."""
    if dated is None:
        return None, None
    day, time = dated
    if time is None and site.timezone != "UTC":
        time = dates.midnight(day, site.timezone)
    return day, time


def _article(
    columns: dict[str, Any],
    lists: dict[str, list[str]],
    links: list[StatedLink],
    reader: Reader,
    stated_body: Body,
) -> Article:
    body, is_body = body_of(stated_body.text), reader.is_body_the_text
    stated = None if is_body else columns["text"]
    ambiguities: tuple[Ambiguity, ...] = ()
    if stated is not None and reader.model.decode:
        stated, ambiguities = decode_newlines(stated, reader.model.maths)
        columns["text"] = stated
    columns["body"] = None if is_body else body
    first_line = stated_body.first_line if is_body else None
    key_line = columns["source_lines"]["text"] or 1
    text = text_links.read(columns["text"] or "", reader.model.markdown, first_line, key_line)
    columns["word_count"] = word_count.count(columns["text"] or "")
    columns["doubtful_escapes"] = len(ambiguities)
    subject = columns["subject"]
    columns["subject_slug"] = slug(subject) if subject and subject.strip() else None
    extra = reader.rest()
    columns["extra"] = as_json(extra) if extra else None
    declared = (columns.get(name, lists.get(name)) for name in reader.plan.significant)
    values = [stated, body, columns["title"], *declared, subject]
    columns["content_sha256"] = _content_digest(values, links)
    findings = sorted(reader.findings, key=lambda found: (found.line or 0, found.key))
    return Article(columns, lists, links, text, ambiguities, tuple(findings))


def _content_digest(values: list[Any], links: Iterable[StatedLink]) -> str:
    """SHA-256 of significant values, then of the content of each link.

    A value is its length, a colon and itself, and null a hyphen, so that no other content makes the
    same text.
    """
    for link in links:
        values += link.content
    stated = ["-" if value is None else f"{len(text := str(value))}:{text}" for value in values]
    return hashlib.sha256("".join(stated).encode()).hexdigest()
