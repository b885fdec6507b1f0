"""From one document to one article, or to all that keeps it from being one.

`normalize` takes the values of the columns out of a file (`reader`), each as its column holds it
(`columns`), reports all that is wrong with a file at once, and leaves the rest as ``extra``.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ..base.problems import Finding, Problem
from ..frontmatter.document import FrontMatter
from ..frontmatter.fences import split
from ..frontmatter.load import load
from ..markup.spans import Delimiters
from ..model.article_row import text_of
from ..model.content import ContentModel
from ..model.settings import Limits, Settings
from ..model.slugs import slug
from . import word_count
from .escaped_newlines import Ambiguity, decode_newlines
from .plan import plan_of
from .reader import Reader, StatedLink, body_of

__all__ = ["Article", "Rules", "StatedLink", "article_of", "normalize", "rules_of"]


class Rules(NamedTuple):
    """What is made of a file depends on these, and on its bytes and path.

    `host` is that of the site. Where front matter `is_optional`, a file without any is an article
    of its text.
    """

    model: ContentModel
    limits: Limits
    host: str = ""
    is_optional: bool = False


def rules_of(settings: Settings) -> Rules:
    """The rules of a site."""
    is_optional = settings.sources.front_matter == "optional"
    return Rules(settings.content, settings.limits, settings.site.host, is_optional)


class Article(NamedTuple):
    """An accepted file: the columns of the table ``articles`` that the file itself decides."""

    columns: dict[str, Any]
    keywords: list[str]
    links: list[StatedLink]
    ambiguities: tuple[Ambiguity, ...]
    findings: tuple[Finding, ...]


_READABLE = json.JSONEncoder(ensure_ascii=False, sort_keys=True)  # `json.dumps` makes one a call


def article_of(text: str, path: str, rules: Rules) -> Article | list[Problem]:
    """The article of a decoded file, whose path is below the raw folder, or all that is wrong.

    Raises:
        DocumentError: Its front matter cannot be read.
    """
    document = split(text, is_optional=rules.is_optional)
    front_matter = load(document, rules.limits)
    return normalize(front_matter, document.body, rules.model, path, rules.host)


def normalize(
    front_matter: FrontMatter, body: str, site_model: ContentModel, path: str = "", host: str = ""
) -> Article | list[Problem]:
    """The article that a file states, or all that keeps it from being one.

    `path` is that of the file below the raw folder, `host` that of the site.
    """
    model, match = site_model.of(path)
    reader = Reader(front_matter, body, path, plan_of(model, host), match, model)
    columns = reader.columns()
    links = reader.links(model.related_prefix)
    if reader.problems:
        return sorted(reader.problems, key=lambda problem: problem.line or 0)
    columns["no_index"] = columns["no_index"] or model.no_index
    columns["published"], columns["published_at"] = columns["published"] or (None, None)
    columns["source_lines"] = reader.lines()
    columns["body"] = body_of(body)
    keywords = columns.pop("keywords") or []
    return _article(columns, keywords, links, reader, model.maths)


def _article(
    columns: dict[str, Any],
    keywords: list[str],
    links: list[StatedLink],
    reader: Reader,
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
    extra = reader.rest()
    columns["extra"] = _READABLE.encode(extra) if extra else None
    columns["content_sha256"] = _content_digest(columns, links)
    return Article(columns, keywords, links, ambiguities, tuple(reader.findings))


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
