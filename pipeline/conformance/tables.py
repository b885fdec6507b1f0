"""CSV (RFC 4180), and the Data Package that describes it (datapackage.org, v2)."""

import codecs
import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.csv as pv

from .rules import Breach, Kind, Rule, Staged

_RFC, _PACKAGE = "RFC 4180", "Data Package v2"
RULES = (
    Rule("CS-01", "Every line has the fields of the header; lines end in CR LF.", f"{_RFC}, 2"),
    Rule("CS-02", "UTF-8; a byte order mark for spreadsheets alone.", f"{_RFC}, 3"),
    Rule("DP-01", "The profile is v2, and there are resources.", f"{_PACKAGE}, metadata"),
    Rule("DP-02", "Names of resources are unique, and each has one path.", f"{_PACKAGE}, resource"),
    Rule(
        "DP-03", "Bytes and hash are those of the file, fields its header.", f"{_PACKAGE}, resource"
    ),
)
_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_DESCRIPTOR = "csv/datapackage.json"
_OF_SPREADSHEETS = "csv/spreadsheet/"


def check(staged: Staged) -> Iterator[Breach]:
    """The breaches of the CSV of a release, and of what describes it."""
    for path in sorted(staged.changed):
        if path.endswith(".csv"):
            yield from _csv(path, staged)
    if _DESCRIPTOR in staged.changed:
        for rule, what in _package(staged):
            yield Breach(rule, _DESCRIPTOR, what)


def _csv(path: str, staged: Staged) -> Iterator[Breach]:
    """Read a file in blocks, as text, with a reader that is not what wrote it."""
    with (staged.root / path).open("rb") as stream:
        head = stream.readline()
    if head.startswith(codecs.BOM_UTF8) != path.startswith(_OF_SPREADSHEETS):
        yield Breach("CS-02", path, "the byte order mark")
    if not head.endswith(b"\r\n"):
        yield Breach("CS-01", path, "the header does not end in CR LF")
    rows, expected = 0, staged.files[path].rows or 0
    try:
        for batch in _batches(path, staged):
            rows += batch.num_rows
    except pa.ArrowInvalid as error:
        rule = "CS-02" if "UTF8" in str(error) else "CS-01"
        yield Breach(rule, path, str(error).splitlines()[0])
        return
    if rows != expected:
        yield Breach("CS-01", path, f"{rows:,} lines for {expected:,} rows")


def _header(path: str, staged: Staged) -> list[str]:
    with (staged.root / path).open("rb") as stream:
        names = stream.readline().decode("utf-8-sig").rstrip("\r\n").split(",")
    return [name.strip('"') for name in names]


def _batches(path: str, staged: Staged) -> Iterator[pa.RecordBatch]:
    names = _header(path, staged)
    reader = pv.open_csv(
        staged.root / path,
        pv.ReadOptions(use_threads=False, block_size=_most_bytes(staged)),
        pv.ParseOptions(newlines_in_values=True),
        pv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
    )
    yield from reader


def _most_bytes(staged: Staged) -> int:
    """More than a line takes, which Arrow needs whole: a file with quotes doubled, some twice."""
    return max(16 * 1024 * 1024, 6 * staged.settings.limits.file_bytes)


def _package(staged: Staged) -> Iterator[tuple[str, str]]:
    try:
        package: dict[str, Any] = json.loads(staged.read(_DESCRIPTOR))
        resources = package["resources"]
    except (ValueError, KeyError, TypeError) as error:
        yield "DP-01", str(error)
        return
    if package.get("$schema") != _PROFILE or not resources:
        yield "DP-01", str(package.get("$schema"))
    names = [resource.get("name") for resource in resources]
    if None in names or len(set(names)) < len(names):
        yield "DP-02", "names of resources"
    for resource in resources:
        path = f"csv/{resource.get('path')}"
        entry = staged.files.get(path)
        if entry is None or "data" in resource:
            yield "DP-02", f"{resource.get('name')}: {resource.get('path')}"
            continue
        if (resource.get("bytes"), resource.get("hash")) != (entry.bytes, f"sha256:{entry.sha256}"):
            yield "DP-03", path
        if [field["name"] for field in resource["schema"]["fields"]] != _header(path, staged):
            yield "DP-03", f"fields of {path}"


KIND = Kind(
    "tables",
    RULES,
    lambda path: path.startswith("csv/") and path.endswith((".csv", ".json")),
    check,
)
