"""What people are told of one file: what became of it, and by which rules."""

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, NamedTuple

import pyarrow as pa

from ..base.problems import Code, Problem
from ..base.wording import cut
from ..content.article import Article, Skipped
from ..content.origins import Found, Origin, columns_of
from ..model import collections
from ..model.columns import LISTS
from ..model.content import ContentModel, OfPath
from ..model.layers import DEFAULT, Layers
from ..model.related import Related
from ..model.schemas import articles_of
from ..sources.listing import LeftOut
from ..tables import due

_SHOWN = 60
_ELSEWHERE = ("keys", "columns", "set", "placeholders", "related", "collections")


class Row(NamedTuple):
    """What a release has of a file: the table that its row is in, and that row."""

    table: str
    values: dict[str, Any]


class Rules(NamedTuple):
    """The content model of a site, what of it holds for a file, and where that is stated."""

    model: ContentModel
    of_path: OfPath
    layers: Layers

    def place(self, *keys: str, item: Any = None) -> str:
        """Where a rule for the file is stated."""
        collection = self.of_path.collection
        places = (n for n, one in enumerate(self.model.collections) if one is collection)
        return self.layers.of(*keys, collection=next(places, None), item=item)


def became(row: Row, found: Found | None, rules: Rules) -> str:
    """What a release made of a file."""
    if row.table == "articles":
        return f"article {row.values['url']}"
    if row.table == "rejects":
        return "rejected"
    skipped = Skipped(row.values["reason"], row.values["key"])
    return f"skipped: {why_skipped(skipped, rules, found)}"


def would_become(found: Found, left_out: LeftOut | None, rules: Rules) -> str:
    """What the next build would make of a file, as far as other files do not matter."""
    if left_out:
        return f"passed over: {why_left_out(left_out, rules)}"
    if isinstance(found.made, Skipped):
        return f"skipped: {why_skipped(found.made, rules, found)}"
    return f"article {found.made.columns['url']}" if isinstance(found.made, Article) else "rejected"


def next_build(
    row: Row, found: Found, left_out: LeftOut | None, rules: Rules, *, is_same: bool
) -> Iterator[str]:
    """What the next build makes of a file that is in a release, if anything else.

    What other files make of one `is_same` that was published, if they do, they make of it again.
    """
    of_others = row.values.get("reason") == "bundle" or row.values.get("code") == Code.DUPLICATE_URL
    now = would_become(found, left_out, rules)
    if now != became(row, found, rules) and not (is_same and of_others):
        yield now
    elif isinstance(found.made, Article) and row.table == "articles":
        values = {**found.made.columns, **found.made.lists}
        names = [name for name in columns_of(rules.of_path.model) if name != "no_index"]
        if other := [name for name in names if row.values.get(name) != values.get(name)]:
            yield f"other values of {', '.join(other)}"


def why_left_out(left_out: LeftOut, rules: Rules) -> str:
    """Why a file is not listed."""
    match left_out.reason:
        case "hidden":
            return "its name, or that of a folder above, begins with a dot"
        case "suffix":
            return (
                f"its suffix is none of sources.extensions ({rules.place('sources', 'extensions')})"
            )
        case "include":
            return f"it fits no pattern of sources.include ({rules.place('sources', 'include')})"
    place = rules.place("sources", "exclude", item=left_out.pattern)
    return f"it fits {left_out.pattern!r} of sources.exclude ({place})"


def why_skipped(skipped: Skipped, rules: Rules, found: Found | None = None) -> str:
    """Why a file has no page."""
    line = found.lines.get(skipped.key or "") if found else None
    key = f"{skipped.key}, line {line}," if line else skipped.key
    match skipped.reason:
        case "collection":
            return f"content.skip ({rules.place('content', 'skip')})"
        case "bundle":
            page = "it belongs to the page of an index.md"
            return f"{page}, by content.bundles ({rules.place('content', 'bundles')})"
        case "url":
            return f"{key} is false, by content.keys.url ({rules.place('content', 'keys', 'url')})"
    return f"{key} says so, by content.keys.skip ({rules.place('content', 'keys', 'skip')})"


def of_collection(rules: Rules) -> Iterator[str]:
    """The collection of a file, and the pattern by which it belongs to it."""
    collection = rules.of_path.collection
    if collection is None:
        if rules.model.collections:
            yield "  in no collection"
        return
    path = rules.of_path.path
    fitting = (one for one in collection.files if collections.match((one,), path))
    name = f"collection {collection.name}" if collection.name else "a collection without a name"
    yield f"  {name}: it fits {next(fitting)!r} of files ({rules.place('content', 'files')})"


def problems(row: Row | None, found: Found) -> Iterator[str]:
    """All that is wrong with a rejected file, with what to do about it."""
    if row and row.table == "rejects":
        stated = row.values["problems"]
    elif not row and isinstance(found.made, list):
        stated = [_of_problem(problem) for problem in found.made]
    else:
        return
    for one in stated:
        yield f"{one['line'] or '':>5}  {one['message']} [{one['code']}]"
        yield f"       {one['hint']}"


def _of_problem(problem: Problem) -> dict[str, Any]:
    return {
        "line": problem.line,
        "message": problem.message,
        "code": str(problem.code),
        "hint": problem.code.hint,
    }


# --- columns --------------------------------------------------------------------------------------


def columns(
    values: Mapping[str, Any], found: Found | None, rules: Rules, as_of: int
) -> Iterator[str]:
    """The columns of an article that have a value, with what filled them; `as_of` is in seconds.

    Where it is not known what did, these are all sources.
    """
    model = rules.of_path.model
    width = max(map(len, (*columns_of(model), "related_links")))
    origins = found.origins if found else {}
    for column in columns_of(model):
        value = values.get(column)
        stated = Origin(", ".join(_sources(column, model)), ())
        if column == "no_index":
            reasons = _hidden_by(values, origins, rules, as_of) if value else ()
            yield from (_told(column, "", reason, rules, width) for reason in reasons)
        elif value not in (None, "", []) and not (column in LISTS and len(value) == 1):
            shown = ", ".join(value) if isinstance(value, list) else str(value)
            shown = f" = {cut(shown, _SHOWN)!r}"
            yield _told(column, shown, origins.get(column, stated), rules, width)
    for link in values["related_links"]:
        key = link.get("key") or f"{model.related.prefix}{link['position']}"
        origin = Origin(key, ("content", "related", _of_related(key, model.related)), link["line"])
        status = f" ({link['status']})" if "status" in link else ""
        shown = f" = {link['related_url'] or link['related_id']}{status}"
        yield _told("related_links", shown, origin, rules, width)


def _of_related(key: str, related: Related) -> str:
    """The setting that says that a key states links."""
    if key in related.by_id:
        return "by_id"
    return "keys" if key in related.keys else "prefix"


def _sources(column: str, model: ContentModel) -> Iterator[str]:
    """All that may fill a column."""
    yield from model.sources(LISTS.get(column, column))
    if column in model.set:
        yield "content.set"
    if column == "url" and model.url:
        yield model.url


def _told(column: str, shown: str, origin: Origin, rules: Rules, width: int) -> str:
    place = f" ({rules.place(*origin.setting)})" if origin.setting else ""
    return f"{origin.line or '':>5}  {column:<{width}}  {origin.source}{shown}{place}"


def _hidden_by(
    values: Mapping[str, Any], origins: Mapping[str, Origin], rules: Rules, as_of: int
) -> Iterator[Origin]:
    """All that keeps an article out of sitemaps and feeds."""
    model = rules.of_path.model
    of_settings = Origin("content.no_index is true", ("content", "no_index"))
    by_key = origins.get("no_index", of_settings)
    if by_key.setting != of_settings.setting:
        yield by_key
    if model.no_index:
        yield of_settings
    schema = pa.schema([articles_of(rules.model).field(name) for name in due.COLUMNS])
    row = pa.Table.from_pylist([{name: values[name] for name in due.COLUMNS}], schema)
    times = due.times_of(row, rules.model)
    if times.shown[0] > as_of * 1_000_000:
        yield Origin(f"held until {_time(times.shown[0])}", ("content", "future"))
    if times.expired[0] <= as_of * 1_000_000:
        stated = origins.get("expires", Origin("", ("content", "keys", "expires")))
        yield stated._replace(source=f"expired at {_time(times.expired[0])}")


def _time(microseconds: Any) -> str:
    return f"{dt.datetime.fromtimestamp(int(microseconds) // 1_000_000, dt.UTC):%Y-%m-%d %H:%M} UTC"


def text_links(values: Mapping[str, Any]) -> Iterator[str]:
    """What the links in the text of a published article lead to, but those out of the site."""
    for row in values.get("text_links", ()):
        if row["status"] != "external":
            target = f" -> {row['target_url']}" if row["status"] == "ok" else ""
            found_by = f", by its {row['found_by']}" if target and row["found_by"] != "url" else ""
            written = f"{row['kind']} {row['href']}{target}"
            yield f"{row['line'] or '':>5}  {written} ({row['status']}{found_by})"


def findings(values: Mapping[str, Any]) -> Iterator[str]:
    """What was found in an article."""
    for row in values["findings"]:
        yield f"{row['line'] or '':>5}  {row['severity']}: {row['message']} [{row['code']}]"


# --- rules ----------------------------------------------------------------------------------------


def rules_beside(rules: Rules) -> Iterator[str]:
    """The rules for a file that no column tells, and that are not the defaults."""
    for name in (one.name for one in fields(ContentModel) if one.name not in _ELSEWHERE):
        if (place := rules.place("content", name)) != DEFAULT:
            value = json.dumps(getattr(rules.of_path.model, name), default=str, ensure_ascii=False)
            yield f"  content.{name} = {cut(value, _SHOWN)} ({place})"
