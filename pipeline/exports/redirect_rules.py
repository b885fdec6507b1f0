"""Redirects for web servers: ``site/_redirects`` (Netlify, Cloudflare Pages) and a map of nginx.

Former urls without an article at their end are left out; with none left no file is written. In
``_redirects`` a ``*`` and a ``:`` stand for something else, and are percent-encoded; it knows no
queries, so that former urls with one stand in the map alone.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from ..files import atomic, parquet
from ..files.atomic import FileEntry
from .base import Context, Export, always

_RULES, _MAP = "site/_redirects", "site/redirects.map"
_OWN = str.maketrans({"*": "%2A", ":": "%3A"})
_IN_MAP = str.maketrans({"$": "%24"})  # urls hold no other sign that means anything here
_SPECIAL = re.compile(r"[.*+?()|$]")


class RulesJob(NamedTuple):
    """All redirects of a site; `base_path` is what all its urls stand below."""

    redirects: tuple[Path, ...]
    base_path: str
    root: Path


def write(context: Context) -> list[FileEntry]:
    """Write both files."""
    base_path = context.settings.site.base_path
    job = RulesJob(context.tables["redirects"], base_path, context.root)
    return next(iter(context.run(write_rules, [job])))


def write_rules(job: RulesJob) -> list[FileEntry]:
    """Write both files of a site."""
    table = pa.concat_tables(parquet.read(path) for path in job.redirects)
    live = table.filter(pc.field("is_live"))
    columns = (live[name].to_pylist() for name in ("from_url", "to_url"))
    pairs = [
        (job.base_path + former, job.base_path + url) for former, url in zip(*columns, strict=True)
    ]
    files = ((_RULES, "".join(_rules(pairs))), (_MAP, "".join(_map(pairs))))
    return [atomic.write_bytes(job.root, path, text.encode()) for path, text in files if text]


def literal(path: str) -> str:
    """A path as ``_redirects`` and ``_headers`` take it for itself, and for no pattern."""
    return path.translate(_OWN)


def _rules(pairs: list[tuple[str, str]]) -> Iterator[str]:
    for former, url in pairs:
        if "?" not in former:
            yield f"{literal(former)} {url} 301\n"


def _map(pairs: list[tuple[str, str]]) -> Iterator[str]:
    """Lines for the body of ``map $request_uri $redirect_to { … }``.

    nginx compares texts without regard to case, and regular expressions as they are.
    """
    for former, url in pairs:
        pattern = _SPECIAL.sub(r"\\\g<0>", former)
        yield f'"~^{pattern}$" "{url.translate(_IN_MAP)}";\n'


EXPORT = Export(
    name="redirect_rules",
    description="Redirects from former urls, for Netlify and Cloudflare Pages and for nginx.",
    kinds=("_redirects", "map"),
    tables=always("redirects"),
    module=__name__,
    settings=lambda settings: settings.site.base_url,
    write=write,
)
