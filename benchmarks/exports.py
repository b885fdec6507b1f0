"""What each optional export costs: a cold build with it alone, beside one without any.

The build without any has what the first version of Pressroom made: the tables as Parquet and CSV,
sitemaps, JSON feeds and the report.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.measure import Usage
from benchmarks.rounds import in_turn
from benchmarks.runs import COLD, Bench

NONE = "none"
_ROUNDS = 3
# Keys of the settings, and their values in TOML.
_WITHOUT = {"feeds.formats": '["json"]', "feeds.opml": "false"}
OPTIONAL: Mapping[str, Mapping[str, str]] = {
    NONE: {},
    "RSS and Atom (on by default)": {"feeds.formats": '["json", "rss", "atom"]'},
    "list of feeds (on by default)": {"feeds.opml": "true"},
    "archives of feeds": {"feeds.archives": "true"},
    "images in sitemaps": {"sitemaps.images": "true"},
    "compressed sitemaps": {"sitemaps.gzip": "true"},
    "CSV for spreadsheets": {"exports.spreadsheet": "true"},
    "llms.txt": {"exports.llms": '"titles"'},
    "structured data": {"exports.structured_data": '"article"'},
    "SQLite": {"exports.sqlite": "true"},
    "JSON Lines": {"exports.jsonl": "true"},
    "SQLite and JSON Lines": {"exports.sqlite": "true", "exports.jsonl": "true"},
    "views for DuckDB": {"exports.duckdb": "true"},
}


def measure(bench: Bench, files: int, rounds: int) -> dict[str, Any]:
    """The figures of a cold build with each export."""
    bench.prepare(files)
    places = {name: settings(bench, name) for name in OPTIONAL}

    def one_round(_: int, sample_every: float) -> dict[str, Usage]:
        used = {
            name: bench.pressroom(COLD, files, sample_every, settings=place)
            for name, place in places.items()
        }
        bench.clear()
        return used

    return {"files": files} | in_turn(f"exports of {files:,} files", rounds or _ROUNDS, one_round)


def settings(bench: Bench, name: str) -> Path:
    """A settings file with one of the exports."""
    keys = {**_WITHOUT, **OPTIONAL[name]}
    lines = [f"{key} = {value}\n" for key, value in keys.items()]
    place = bench.folder / "settings" / f"{name}.toml"
    place.parent.mkdir(exist_ok=True)
    place.write_text("".join(lines) + bench.site.settings.read_text())
    return place
