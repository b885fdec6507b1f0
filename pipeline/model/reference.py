"""The reference of all settings, `docs/settings.md`: what their types do not say, and these.

``python -m pressroom.model.reference`` prints it, and ``make docs`` writes it. A test holds that
`TEXTS` has a sentence for each key.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from ..base.problems import FindingCode
from . import presets
from .collections import Collection
from .columns import DEFAULT_KEYS, SKIP_KEYS, Column
from .publishing import Page
from .related import Related
from .settings import Settings

_HEAD = """\
# Settings

Made by `make docs` from the types of the settings and `pipeline/model/reference.py`: change it
there.

A settings file is TOML; every key is optional, and an unknown one is refused with its line. Paths
are relative to the file. `pressroom init` writes one for a folder; `pressroom build --settings
FILE` reads another than `pressroom.toml`.

What is read is, from the weakest to the strongest: the defaults below, the preset that
`content.preset` names, your own file, the collection that a file belongs to. Tables are merged key
by key; lists and values replace, but for `sources.exclude`, which is added to. `""` or `[]` takes a
value away. Your collections come before those of the preset; one with the name of a preset's
completes it.

The presets, each a settings file with comments in `pipeline/model/presets/`: {presets}.
"""

_COLUMNS_HEAD = """\
A column is filled by the first of its *sources* that has a value it can hold. A source is

| source | |
|---|---|
| `date` | a key of the front matter; `a.b` is a key with a dot, else a step into a mapping |
| `!published` | the key, true for false (for flags) |
| `robots=noindex` | whether the key has this value (for flags) |
| `:filename` | the name of the file: its date for a date, else its text (`2024-01-02-text`) |
| `:folder` | the first folder of `{path}`, see below, else the one that this is in |
| `:path` | the date in the path (`2024/01/02/text`), else the path without language and suffix |
| `:heading` | the first heading of the text |
| `:title` | the heading of the first level that the text begins with |
| `:body` | what stands below the front matter |
| `:git` | the first commit of the file for `published`, else the last one |
| `:url` | a date in the url that the front matter states |
| `{year}/{slug}` | a template |

A *template* is text with `{names}`. `{path}` is the path from the last `**` of the collection's
pattern (else the first `*`, else all), without suffix and index, its last part replaced by the
slug; where it ends a template, or `{path}.html` does, the url of an index file ends in a slash.
`{undated}` is the path without a date in it; `{1}` what the first wildcard stands for, and so on;
`{name}` and `{filename}` the name of the file, or of the folder of an index file, with and without
its date, `{basename}` that of the file in any case; `{year}`, `{month}`, `{day}` (and
`{short_year}`, `{i_month}`, `{i_day}`, `{y_day}`) those of publication, with `file_` before them
those of the path; `{language}` the language; any other name a column or a key. `{a|b}` is the first
that exists, `{a|}` that or nothing, `{a+b}` the segments of both, each once; if nothing is there,
the whole template states nothing. In a list a template is one term, and `{a}` alone all terms of
it; no separator is looked for in them.
`{path:github}` is written as a generator writes urls: `lower`, `github`, `hugo`, `jekyll`,
`slugify` (Jekyll's), `eleventy`, `docusaurus`, `zola`, `quartz`, `plus` (blanks to `+`); or as a
title: `title` (words between hyphens, capitalized), `words` (blanks for hyphens).

A url gets a leading slash, loses the address of the site before it, and is percent-encoded
(RFC 3986, section 6.2.2). `false` is no page: the file is a row of the table `skipped`. A value
that does not fit its column is null and a finding `wrong_value`; where the column is required, the
file is rejected.
"""

_FINDINGS_TAIL = """\
A finding that is `off` is no row of the table `findings`. One that is an `error` holds the release
back, until it is mended or is no error any more.
"""

# What each key means, by its place in the file.
TEXTS: Mapping[str, str] = {
    "paths.raw": "The folder of the raw files, or a place on object storage (`s3://bucket/raw`).",
    "paths.out": "Where releases are written; it is not within `raw`.",
    "paths.storage": "Where releases are published, if not in `out`: `s3://bucket/site`.",
    "sources.include": "Patterns as in `.gitignore`; where there are any, a file must fit one.",
    "sources.extensions": "What the names of the files to read end in; others are counted.",
    "sources.exclude": "Patterns of what is not read; the last that fits wins, `!` takes back.",
    "sources.front_matter": "`optional`: a file without any is an article of its text.",
    "site.base_url": "The address of the site.",
    "site.title": "Its title, in feeds and the report.",
    "site.description": "Its description, in feeds.",
    "site.language": "Its language (BCP 47).",
    "site.license": "By which its tables may be used: an SPDX identifier (`CC-BY-4.0`), or a URL.",
    "site.timezone": "Of times that state no zone (IANA).",
    "site.days": "The day of a time with an offset: the stated one, or `site`, that in `timezone`.",
    "content.preset": "Settings that these complete.",
    "content.keys": "Sources of the columns of every site, see below.",
    "content.columns": "Further columns, see below.",
    "content.set": "Values of columns for files that state none.",
    "content.required": "Columns without which a file is rejected; a url always is required.",
    "content.date_range": "The first and the last date that is no mistake.",
    "content.date_formats": "Forms of dates (`strptime`) that could be read in several ways.",
    "content.url": "A template for files that state no url.",
    "content.slash": "At the end of urls; `always` leaves `.html` and the like alone.",
    "content.index": "Names of files that stand for their folder; `{folder}`: `a/a.md`.",
    "content.placeholders": "Other spellings in urls, and the templates that they stand for.",
    "content.bundles": "Beside and below an `index.md` nothing is a page.",
    "content.languages": (
        "Of a site in several, the main one first: `x.fr.md`, else the first folder."
    ),
    "content.main_language_in_urls": "Urls begin with the main language, too.",
    "content.translation": "Sources of what translations of one page have in common.",
    "content.future": "`hold`: kept out of sitemaps and feeds before its date.",
    "content.no_index": "Kept out of sitemaps and feeds, whatever the files say.",
    "content.skip": "No page at all: a row of the table `skipped`.",
    "content.dialect": (
        "How texts are written: CommonMark with GitHub's extensions, or as Python-Markdown."
    ),
    "content.markdown_extensions": "Extensions of Python-Markdown, by name.",
    "content.maths": "What opens maths in a text: `$`, `$$`, `\\(`, `\\[`.",
    "content.syntax": (
        "What else texts may hold: `[[name]]` is a link, and `![[name]]` shows what it leads to;"
        " `%%comments%%` are shown to nobody; `==highlights==` are marked."
    ),
    "content.decode": "Escapes in a text that stands in the front matter.",
    "content.lint": "What else is looked for.",
    "content.related": "Links that front matter states, see below.",
    "content.collections": "Rules for some of the files, see below.",
    "content.related.prefix": (
        "Keys such as `related_article1`, each with `id`, `title`, `subject`, `url`."
    ),
    "content.related.copies": "What of them is held against the target.",
    "content.related.keys": (
        "Keys that hold lists of urls, paths, slugs or `{title, url}`, or titles by url."
    ),
    "content.related.by_id": (
        "Keys that hold numbers, and the column in which other files have theirs:"
        ' `{ requires = "number" }`.'
    ),
    "content.columns.type": (
        "A `list` is a table of its own: `url`, `position`, `term`, `term_key`."
    ),
    "content.columns.key": "Its sources; without any, the key of its name.",
    "content.columns.range": "The least and the greatest value.",
    "content.columns.formats": "Of dates, instead of `date_formats`.",
    "content.columns.separator": "Between the terms of a list that is one text.",
    "content.columns.prefix": "What may stand before a term of a list, and is no part of it.",
    "content.columns.description": "In the data dictionary and the data package.",
    "content.columns.significant": "When it changes, the article counts as modified.",
    "content.collections.files": (
        "A pattern of paths, or several: `*` in a name, `**` folders or none."
    ),
    "content.collections.name": "Its name: the column `collection`.",
    "content.collections.feed": "It has a feed of its own, `feeds/collections/<name>`.",
    **{f"findings.{code}": code.description for code in FindingCode},
    "limits.file_bytes": "The size of a file, in bytes.",
    "limits.depth": "How deep front matter nests.",
    "limits.nodes": "How many values front matter has.",
    "limits.scalar_chars": "The characters of one value.",
    "limits.max_removed": "The share of articles that a release may lose …",
    "limits.max_removed_articles": "… or this many, if that is more. One that moved is not lost.",
    "limits.max_rejects": "The share of files that may be rejected …",
    "limits.max_rejects_files": "… or this many, if that is more.",
    "feeds.formats": "The formats of each feed: JSON Feed 1.1, RSS 2.0, Atom.",
    "feeds.items": "Articles in the feed of the site, of a language, of a collection.",
    "feeds.subject_items": "Articles in the feed of a subject.",
    "feeds.order": (
        "The newest by publication, then by first sight; or by first sight, then by publication."
    ),
    "feeds.archives": "All other articles stand on pages that a feed leads to.",
    "feeds.archive_items": "Articles on one of them.",
    "feeds.expired_days": "The feed of a subject without articles stays, empty, so many days.",
    "feeds.opml": "Also write `feeds.opml`, the list of all feeds.",
    "feeds.hub": "A WebSub hub, which feeds name; you tell it of new releases.",
    "sitemaps.urls": "Urls in one sitemap.",
    "sitemaps.bytes": "Bytes of one sitemap, uncompressed.",
    "sitemaps.pages": "Pages that no file stands for, see below.",
    "sitemaps.leave_out_collections": "Collections, by name, that no sitemap lists.",
    "sitemaps.leave_out_subjects": "Subjects, as they are spelled or by slug, likewise.",
    "sitemaps.images": "Name the images of each article: of its column `image`, and of its text.",
    "sitemaps.stylesheet": (
        "Browsers show sitemaps as tables by `sitemap.css`, or with links by `sitemap.xsl`."
    ),
    "sitemaps.gzip": "Compress all but the index.",
    "sitemaps.pages.url": (
        "A path from the root of the site. With `{subject_slug}`, `{collection}`, `{language}`,"
        " `{year}` or `{month}`: one page for each value that listed articles have."
    ),
    "sitemaps.pages.lastmod": "`newest`: that of the newest article that a page stands for.",
    "robots.allow": "What all crawlers may read, even where `disallow` forbids it.",
    "robots.disallow": (
        "What they are to leave alone: beginnings of urls; `*` is anything, a last `$` the end."
    ),
    "robots.rules": "Other rules for crawlers by name: `user_agents`, `allow`, `disallow`.",
    "notify.indexnow_key": "The key of the site for IndexNow: 8 to 128 letters, digits, hyphens.",
    "notify.indexnow_endpoint": "Where `pressroom notify` sends urls.",
    "exports.spreadsheet": (
        "Also write CSV for Excel and LibreOffice, in which no cell is a formula."
    ),
    "exports.report_rows": "Rows in each list of the report; 0: no report.",
    "exports.llms": "`site/llms.txt` for language models, with subjects and feeds, or all titles.",
    "exports.structured_data": (
        "`site/structured-data.jsonl`: JSON-LD of each article, an `Article` or a `QAPage`."
    ),
    "exports.structured_data_eligible": (
        "Users can submit answers on the pages of the site: without that there is no `qapage`."
    ),
    "exports.digital_source_type": "What the texts were made by, if not by people.",
    "exports.sqlite": "`sqlite/site.db`: all tables in a SQLite file with full-text search.",
    "exports.jsonl": (
        "`jsonl/articles.jsonl`: an article on each line, as plain text and Markdown, for search"
        " engines and language models; and `README.md`, the card of a data set of Hugging Face."
    ),
    "exports.duckdb": "`duckdb.sql`: a view for each table, for DuckDB in the release's folder.",
    "releases.keep": "How many of the newest releases stay.",
    "releases.keep_days": "And all that were current within so many days.",
    "query.seconds": "Time that a statement may take; 0: no limit.",
    "query.memory_bytes": "Memory that it may take.",
    "query.threads": "Threads that it runs on; 0: one a core.",
    "compute.workers": "Processes; 0: one a core, but one for less than 1 MiB of raw files.",
    "compute.shard_files": "About so many files are read by one job.",
    "compute.address": "The scheduler of a Dask cluster, such as `tcp://10.0.0.1:8786`.",
    "automation.cron": 'When Dagster publishes; `""`: never.',
    "automation.timezone": "Of `cron`.",
    "automation.late_hours": "Hours without a run after which a release is late; 0: never.",
    "automation.failed_hours": "Hours after which it has failed; 0: never.",
    "automation.owners": "Owners of the assets: addresses, or `team:name`.",
    "automation.webhook_variable": (
        "The environment variable with the URL that is told of failed runs."
    ),
    "automation.ui_url": "The address of Dagster's UI, to which these reports link.",
    "automation.keep_runs_days": (
        "Dagster's records of runs are deleted after so many days; 0: never."
    ),
    "automation.watch_seconds": "How often the sensor looks at the raw folder.",
}
# What a collection may say again is what it means in [content].
_AGAIN = "content.collections."


def markdown() -> str:
    """The whole reference."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield _HEAD.replace("{presets}", ", ".join(f"`{name}`" for name in presets.names()))
    for section in fields(Settings):
        yield from _section(section.name, get_type_hints(Settings)[section.name])
        if section.name == "content":
            yield from _content()
        if section.name == "findings":
            yield _FINDINGS_TAIL
        if section.name == "sitemaps":
            yield from _section("sitemaps.pages", Page, "`[[sitemaps.pages]]`: further pages")


def _content() -> Iterator[str]:
    yield "## `[content.keys]`: where columns get their values\n"
    yield _COLUMNS_HEAD
    yield "| column | sources, where nothing else is said |\n|---|---|"
    for column, sources in {**DEFAULT_KEYS, "skip": SKIP_KEYS}.items():
        yield f"| `{column}` | {', '.join(f'`{one}`' for one in sources) or 'none'} |"
    yield ""
    yield from _section("content.columns", Column, "`[content.columns]`: further columns")
    yield 'A column that is nothing but its type may be written as that: `weight = "integer"`.\n'
    yield from _section("content.related", Related, "`[content.related]`: stated links")
    yield from _section("content.collections", Collection, "`[[content.collections]]`")


def _section(place: str, kind: Any, title: str = "") -> Iterator[str]:
    yield f"## {title or f'`[{place}]`'}\n"
    yield "| key | type | default | |\n|---|---|---|---|"
    hints = get_type_hints(kind)
    again = []
    for each in fields(kind):
        key = f"{place}.{each.name}"
        if key not in TEXTS and f"content.{each.name}" in TEXTS and key.startswith(_AGAIN):
            again.append(f"`{each.name}`")
            continue
        named = _CHECKED.get(key) or _type(hints[each.name])
        yield f"| `{each.name}` | {named} | {_default(each)} | {TEXTS[key]} |"
    yield ""
    if again:
        yield f"The following mean what they mean in `[content]`: {', '.join(again)}.\n"


_NAMES = {
    str: "text",
    bool: "true, false",
    int: "integer",
    float: "number",
    Path: "path",
    dt.date: "date",
    Any: "text, or a list of texts",
}


# Of any type, until a function has checked it.
_CHECKED = {"content.columns.range": "two numbers or two dates"}


def _type(kind: Any) -> str:
    """A type in the words of people."""
    if kind in _NAMES:
        return _NAMES[kind]
    origin, parts = get_origin(kind), [one for one in get_args(kind) if one is not type(None)]
    if origin is Literal:
        return ", ".join(f"`{one}`" if one else '`""`' for one in parts)
    if origin in (Union, UnionType):
        return " or ".join(dict.fromkeys(map(_type, parts)))
    if origin is tuple:
        inner = parts[0]
        if is_dataclass(inner):
            return "tables"
        return f"list of {_plural(inner)}" if parts[-1] is Ellipsis else f"two {_plural(inner)}"
    return "table"


def _plural(kind: Any) -> str:
    return "texts" if get_origin(kind) is Literal else f"{_type(kind)}s"


def _default(each: "Field[Any]") -> str:
    value = each.default
    if value is MISSING or value is None or value in ((), ""):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return f"`[{', '.join(map(_shown, value))}]`"
    return f"`{_shown(value)}`"


def _shown(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str | Path) else f"{value}"


if __name__ == "__main__":
    print(markdown(), end="")
