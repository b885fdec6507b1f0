"""CSV (RFC 4180), and the Data Packages that describe the tables (datapackage.org, v2)."""

import codecs
import contextlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.csv as pv
import pyarrow.parquet as pq

from . import texts
from .rules import Breach, Kind, Rule, Staged

_RFC, _PACKAGE = "RFC 4180", "Data Package v2"
_METADATA, _RESOURCE = f"{_PACKAGE}, metadata", f"{_PACKAGE}, resource"
RULES = (
    Rule("CS-01", "Every line has the fields of the header; lines end in CR LF.", f"{_RFC}, 2"),
    Rule("CS-02", "UTF-8; a byte order mark for spreadsheets alone.", f"{_RFC}, 3"),
    Rule("DP-01", "The profile is v2, and there are resources.", _METADATA),
    Rule(
        "DP-02",
        "Names of resources are unique, and all their files exist.",
        f"{_PACKAGE}, resource",
    ),
    Rule(
        "DP-03",
        "Bytes and hash are those of the file, fields its columns.",
        f"{_PACKAGE}, resource",
    ),
    Rule("DP-04", "The version is semantic, the time of RFC 3339.", _METADATA),
)
_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_DESCRIPTOR = "datapackage.json"
_VERSION = re.compile(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*)){2}")
_OF_SPREADSHEETS = "csv/spreadsheet/"


def check(staged: Staged) -> Iterator[Breach]:
    """The breaches of the CSV of a release, and of what describes its tables."""
    for path in sorted(staged.changed):
        if path.endswith(".csv"):
            yield from _csv(path, staged)
        if path.endswith(_DESCRIPTOR):
            for rule, what in _package(path, staged):
                yield Breach(rule, path, what)


def _csv(path: str, staged: Staged) -> Iterator[Breach]:
    """Read a file in blocks, as text, with a reader that is not what wrote it."""
    with (staged.root / path).open("rb") as stream:
        head = stream.readline()
    if head.startswith(codecs.BOM_UTF8) != path.startswith(_OF_SPREADSHEETS):
        yield Breach("CS-02", path, "the byte order mark")
    if not head.endswith(b"\r\n"):
        yield Breach("CS-01", path, "the header does not end in CR LF")
    expected = staged.files[path].rows or 0
    try:
        rows = _rows(path, staged)
    except pa.ArrowInvalid as error:
        rule = "CS-02" if "UTF8" in str(error) else "CS-01"
        yield Breach(rule, path, str(error).splitlines()[0])
        return
    if rows != expected:
        yield Breach("CS-01", path, f"{rows:,} lines for {expected:,} rows")


def _rows(path: str, staged: Staged) -> int:
    """The lines of a file; in blocks that are as small as its lines let them be.

    Arrow reads some two hundred ahead: of 120 MB all in 1 MiB, and 15 MB in the smallest.
    """
    for block in _BLOCKS:
        with contextlib.suppress(pa.ArrowInvalid):
            return sum(batch.num_rows for batch in _batches(path, staged, block))
    return sum(batch.num_rows for batch in _batches(path, staged, _most_bytes(staged)))


_BLOCKS = (1 << 16, 1 << 20)


def _header(path: str, staged: Staged) -> list[str]:
    with (staged.root / path).open("rb") as stream:
        names = stream.readline().decode("utf-8-sig").rstrip("\r\n").split(",")
    return [name.strip('"') for name in names]


def _batches(path: str, staged: Staged, block: int) -> Iterator[pa.RecordBatch]:
    names = _header(path, staged)
    reader = pv.open_csv(
        staged.root / path,
        pv.ReadOptions(use_threads=False, block_size=min(block, staged.files[path].bytes + 1)),
        pv.ParseOptions(newlines_in_values=True),
        pv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
    )
    yield from reader


def _most_bytes(staged: Staged) -> int:
    """More than a line takes, which Arrow needs whole: a file with quotes doubled, some twice."""
    return max(16 * 1024 * 1024, 6 * staged.settings.limits.file_bytes)


def _package(descriptor: str, staged: Staged) -> Iterator[tuple[str, str]]:
    try:
        package: dict[str, Any] = json.loads(staged.read(descriptor))
        resources = package["resources"]
    except (ValueError, KeyError, TypeError) as error:
        yield "DP-01", str(error)
        return
    if package.get("$schema") != _PROFILE or not resources:
        yield "DP-01", str(package.get("$schema"))
    if not _VERSION.fullmatch(str(package.get("version"))) or not texts.time(
        package.get("created")
    ):
        yield "DP-04", f"{package.get('version')}, {package.get('created')}"
    names = [resource.get("name") for resource in resources]
    if None in names or len(set(names)) < len(names):
        yield "DP-02", "names of resources"
    for resource in resources:
        yield from _resource(resource, descriptor.removesuffix(_DESCRIPTOR), staged)


def _resource(resource: dict[str, Any], folder: str, staged: Staged) -> Iterator[tuple[str, str]]:
    """What breaks a rule in a resource of one file, or of several parts."""
    stated = resource.get("path")
    paths = stated if isinstance(stated, list) else [stated]
    files = [entry for path in paths if (entry := staged.files.get(f"{folder}{path}"))]
    if not paths or len(files) < len(paths) or "data" in resource:
        yield "DP-02", f"{resource.get('name')}: {stated}"
        return
    hashes = {f"sha256:{entry.sha256}" for entry in files} if len(files) == 1 else {None}
    if resource.get("bytes") != sum(e.bytes for e in files) or resource.get("hash") not in hashes:
        yield "DP-03", files[0].path
    if [field["name"] for field in resource["schema"]["fields"]] != _names(files[0].path, staged):
        yield "DP-03", f"fields of {files[0].path}"


def _names(path: str, staged: Staged) -> list[str]:
    if path.endswith(".csv"):
        return _header(path, staged)
    names: list[str] = pq.read_schema(staged.root / path).names
    return names


KIND = Kind(
    "tables",
    RULES,
    lambda path: path.startswith(("csv/", "tables/")) or path == _DESCRIPTOR,
    check,
    is_divisible=True,
)
