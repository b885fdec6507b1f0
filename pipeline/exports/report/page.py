"""The report for editors: one page about a release, and about what in it needs attention.

The page loads nothing: its style and plots are inline. It is well-formed XML as well as HTML.
However large the site is, the page stays small: a list shows the first `exports.report_rows` rows
and says where the others are. The layout is in ``page.html`` next to this module.
"""

import datetime as dt
import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from ...base import printable
from ...base.wording import cut
from ...files import atomic, parquet
from ...files.atomic import FileEntry
from ...model.columns import LISTS
from ...model.schemas import tables
from ...releases.summary import by_suffix
from ..base import Context, Export, all_tables, tables_without_past, utc
from .figures import Row
from .sections import SECTIONS, ReportJob

if TYPE_CHECKING:
    from jinja2 import Template

# Read with the code, as `fingerprint` does, which digests it with the module.
_LAYOUT = Path(__file__).with_suffix(".html").read_text(encoding="utf-8")
_PATH = "report/index.html"
_TEXT_CHARS = 200
_NOT_OF_XML = re.compile("[\ufffe\uffff]")


def write(context: Context) -> list[FileEntry]:
    """Write ``report/index.html``, unless the settings turn it off."""
    if not context.settings.exports.report_rows:
        return []
    job = ReportJob(
        context.tables,
        context.rows,
        context.settings,
        context.root,
        context.as_of,
        context.passed_over,
    )
    sections = dict(context.run(partial(read_section, job), SECTIONS))
    return list(context.run(partial(write_page, job), [sections]))


def read_section(job: ReportJob, section: str) -> tuple[str, Row]:
    """The name of a section of the report, and what it shows, from its tables part by part."""
    return section, SECTIONS[section](job)


def write_page(job: ReportJob, sections: Mapping[str, Row]) -> FileEntry:
    """Write the page."""
    page = _template().render(
        site=job.settings.site,
        as_of=dt.datetime.fromtimestamp(job.as_of, dt.UTC),
        tables=tables(job.settings.content),
        as_csv=tables_without_past(job.settings.content),
        lists=[name for name in job.settings.content.lists() if name not in LISTS],
        rows=job.rows,
        passed_over=by_suffix(job.passed_over),
        has_spreadsheet=job.settings.exports.spreadsheet,
        titles=_titles(job, sections),
        **sections,
    )
    return atomic.write_bytes(job.root, _PATH, page.encode())


def _template() -> "Template":
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415  0.1 s, not paid by others

    page = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    page.filters.update(text=_text, path=_path, number="{:,}".format, percent=_percent, utc=utc)
    return page.from_string(_LAYOUT)


def _text(text: str) -> str:
    """A text on one line, cut if it is too long, without characters that control anything."""
    return _NOT_OF_XML.sub(printable.REPLACEMENT, printable.replaced(cut(text, _TEXT_CHARS)))


def _path(path: str) -> str:
    return _text(printable.line(path))


def _percent(share: float) -> str:
    """A share, which is 0.0 % or 100.0 % only if it is exactly nothing or all."""
    if 0 < share < 0.05:
        return "< 0.1 %"
    return "> 99.9 %" if 99.95 <= share < 100 else f"{share:.1f} %"


def _titles(job: ReportJob, sections: Mapping[str, Row]) -> dict[str, str]:
    """The titles of the articles in all lists, by url, if they are not blank.

    Part n of each table is about part n of articles; removed articles are in one more part.
    """
    changes, articles, links = (sections[name] for name in ("changes", "articles", "links"))
    lists = [*changes["first"].values(), articles["longest"], articles["shortest"]]
    lists += [links["most"], links["first_orphans"]]
    wanted: dict[int, list[str]] = {}
    for row in (row for rows in lists for row in rows):
        wanted.setdefault(row["part"], []).append(row["url"])
    titles: dict[str, str] = {}
    for part, path in enumerate(job.tables["articles"]):
        if part in wanted:
            table = parquet.read(path, ["url", "title"])
            rows = table.filter(pc.is_in(table["url"], pa.array(wanted[part]))).to_pylist()
            titles |= {row["url"]: row["title"] for row in rows if (row["title"] or "").strip()}
    return titles


EXPORT = Export(
    name="report",
    description="A page for editors: what the release contains and changed, and what needs fixing.",
    kinds=("html",),
    tables=all_tables,
    module=__name__,
    settings=lambda settings: [
        settings.site.title,
        settings.site.base_url,
        settings.exports.report_rows,
        settings.exports.spreadsheet,
    ],
    write=write,
    about_release=(_PATH,),
    is_dated=True,
)
