"""SQL on a release: what it answers, in which forms, and what it cannot do."""

import datetime as dt
import io
import json
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner

from pressroom.base.errors import PipelineError, SettingsError
from pressroom.cli import app
from pressroom.cli.formats import FORMS
from pressroom.cli.sql import Answer, answer
from pressroom.files import values
from pressroom.model.settings import Query
from pressroom.releases.manifest import open_release
from tests.conftest import pressroom, pressroom_process
from tests.quicktakes import IN_CSV
from tests.standards import rfc4180
from tests.standards.releases import Published

pytest_plugins = ["tests.standards.fixtures"]


def asked(root: Path, sql: str) -> list[dict[str, Any]]:
    """The rows of an answer."""
    with answer(open_release(root), sql) as found:
        return listed(found)


def listed(found: Answer) -> list[dict[str, Any]]:
    """The rows of an answer, all at once."""
    return pa.concat_tables(found.rows).to_pylist()


def written(root: Path, sql: str, form: str) -> str:
    """An answer in one of its forms."""
    stream = io.StringIO()
    with answer(open_release(root), sql) as found:
        FORMS[form](found, stream)
    return stream.getvalue()


# --- what it answers -----------------------------------------------------------------------------


@pytest.mark.parametrize("table", IN_CSV)
def test_a_view_holds_the_rows_of_its_table_in_their_order(release: Published, table: str) -> None:
    assert asked(release.root, f"from {table}") == release.rows(table)


def test_the_answer_is_that_of_the_last_statement(sample: Published) -> None:
    script = """
        create table long as from articles where word_count > 100;
        select count(*) as articles from long;  -- what is asked
    """
    long = [row for row in sample.rows("articles") if row["word_count"] > 100]

    assert asked(sample.root, script) == [{"articles": len(long)}]


def test_a_file_that_the_manifest_does_not_list_is_not_read(odd: Published, tmp_path: Path) -> None:
    root = tmp_path / "release"
    shutil.copytree(odd.root, root)
    folder = root / "tables" / "ledger"
    shutil.copy(odd.parts("ledger")[0], folder / "part-99999.parquet")

    assert asked(root, "from ledger") == odd.rows("ledger")


def test_rows_come_as_they_are_made(sample: Published) -> None:
    with answer(open_release(sample.root), "from range(1_000_000_000_000)") as found:
        first = next(rows for rows in found.rows if len(rows))

    assert first.to_pydict() == {"range": list(range(len(first)))}


# --- in which forms ------------------------------------------------------------------------------


@pytest.mark.parametrize("table", IN_CSV)
def test_csv_has_the_bytes_of_the_csv_of_the_release(release: Published, table: str) -> None:
    made = written(release.root, f"from {table}", "csv")

    assert made.encode() == (release.root / "csv" / f"{table}.csv").read_bytes()


# SQL, what stands in CSV, and in JSON.
_VALUES: dict[str, tuple[str, str | None, Any]] = {
    "null": ("null", None, None),
    "empty text": ("''", "", ""),
    "text": ("""'a "b", c'""", 'a "b", c', 'a "b", c'),
    "true": ("true", "true", True),
    "sum": ("sum(9007199254740993::bigint)", "9007199254740993", 9007199254740993),
    "huge": ("170141183460469231731687303715884105727::hugeint", f"{2**127 - 1}", 2**127 - 1),
    "fraction": ("0.1::double", "0.1", 0.1),
    "small fraction": ("1e-9::double", "1e-9", 1e-9),
    "whole": ("1::double", "1", 1),
    "decimal": ("1.50", "1.50", 1.5),
    "long decimal": (
        "0.12345678901234567890",
        "0.12345678901234567890",
        "0.12345678901234567890",
    ),
    "infinity": ("1 / 0", "inf", "inf"),
    "date": ("date '2026-01-02'", "2026-01-02", "2026-01-02"),
    "time": (
        "timestamptz '2026-01-02 03:04:05.5+01'",
        "2026-01-02T02:04:05.5Z",
        "2026-01-02T02:04:05.5Z",
    ),
    "time without zone": (
        "timestamp '2026-01-02 03:04:00'",
        "2026-01-02T03:04:00",
        "2026-01-02T03:04:00",
    ),
    "time in seconds": (
        "timestamp_s '2026-01-02 03:00:00'",
        "2026-01-02T03:00:00",
        "2026-01-02T03:00:00",
    ),
    "time in nanoseconds": (
        "timestamp_ns '2026-01-02 03:04:05.123456789'",
        "2026-01-02T03:04:05.123456789",
        "2026-01-02T03:04:05.123456789",
    ),
    "time of day": ("time '03:04:05.5'", "03:04:05.5", "03:04:05.5"),
    "kind": ("'a'::enum ('a', 'b')", "a", "a"),
    "list": ("['a', null, '']", '["a", null, ""]', ["a", None, ""]),
    "array": ("[1, 2]::integer[2]", "[1, 2]", [1, 2]),
    "list of decimals": ("[1.50, null]", "[1.50, null]", [1.5, None]),
    "struct": ("{'a': 1, 'b': null}", '{"a": 1, "b": null}', {"a": 1, "b": None}),
    "row": (
        "row('x', 1 / 0)",
        '{"element1": "x", "element2": "inf"}',
        {"element1": "x", "element2": "inf"},
    ),
    "map": ("map {1: date '2026-01-02'}", '{"1": "2026-01-02"}', {"1": "2026-01-02"}),
    "map of texts": ("map {'a': time '01:00:00'}", '{"a": "01:00:00"}', {"a": "01:00:00"}),
    "bytes": (r"'\x00\xff'::blob", "00ff", "00ff"),
    "list of bytes": (r"['\x00\xff'::blob]", '["00ff"]', ["00ff"]),
}


@pytest.mark.parametrize("kind", _VALUES)
def test_a_value_is_exact_in_csv_and_json(sample: Published, kind: str) -> None:
    value, cell, item = _VALUES[kind]
    # A row without values before it, and one behind: what stands beside a value decides nothing.
    sql = f"select null as value union all select {value} union all select null"
    cells = rfc4180.read(written(sample.root, sql, "csv").encode())
    items = json.loads(written(sample.root, sql, "json"))

    assert cells == [["value"], [None], [cell], [None]]
    assert items == [{"value": None}, {"value": item}, {"value": None}]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("''", '""'),
        ("1.50", "1.50"),
        ("date '2026-01-02'", "2026-01-02"),
        ("true", "true"),
        ("time '01:00:00'", '"01:00:00"'),
        ("[1]", '"[1]"'),
        ("1 / 0", "inf"),
    ],
)
def test_in_csv_texts_alone_are_quoted(sample: Published, value: str, cell: str) -> None:
    assert written(sample.root, f'select {value} as "a""b"', "csv") == f'"a""b"\r\n{cell}\r\n'


@pytest.mark.parametrize("count", [0, 1, 3])
def test_json_is_an_array_with_an_object_a_line_and_jsonl_the_objects(
    sample: Published, count: int
) -> None:
    sql = f"select range as number from range({count})"
    rows = [{"number": number} for number in range(count)]
    array = written(sample.root, sql, "json")

    assert json.loads(array) == rows
    assert len(array.splitlines()) == max(count, 1)
    assert list(map(json.loads, written(sample.root, sql, "jsonl").splitlines())) == rows


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_an_object_never_loses_a_column_to_another_of_its_name(
    sample: Published, form: str
) -> None:
    with pytest.raises(SettingsError, match=r"^2 .* id: "):
        written(sample.root, "select 1 as id, 2 as id", form)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("interval '1 month'", "INTERVAL"),
        ("'101'::bit", "BIT"),
        (f"'{2**128 - 1}'::uhugeint", "UHUGEINT"),
        ("timetz '03:04:05+02'", "TIME WITH TIME ZONE"),
        ("union_value(k := 1)", r"UNION\(.*\)"),
        ("[{'a': ['1'::bignum]}]", r"STRUCT\(a BIGNUM\[\]\)\[\]"),
        ("map {1: 2::variant}", r"MAP\(INTEGER, VARIANT\)"),
    ],
)
def test_a_value_that_arrow_cannot_hold_is_refused_not_rounded(
    sample: Published, value: str, kind: str
) -> None:
    with pytest.raises(PipelineError, match=rf" age .* {kind}: "):
        asked(sample.root, f"select 1 as number, {value} as age")


@pytest.mark.parametrize("form", ["csv", "json", "table"])
@pytest.mark.parametrize(
    "value",
    [
        "'infinity'::timestamp",
        "'infinity'::timestamptz",
        "'-infinity'::date",
        "time '24:00:00'",
        "date '0044-03-15 (BC)'",
        "timestamp '294000-01-01'",
        "[{'a': 'infinity'::date}]",
    ],
)
def test_a_time_that_iso_8601_has_no_form_for_is_refused(
    sample: Published, value: str, form: str
) -> None:
    with pytest.raises(PipelineError, match="ISO 8601"):
        written(sample.root, f"select {value} as time", form)


def test_an_object_without_fields_is_an_object() -> None:
    objects = pa.array([{}, None], pa.struct([]))
    assert values.as_json(objects).to_pylist() == ["{}", "null"]


def answered(**columns: list[Any]) -> Answer:
    """An answer that comes in one piece."""
    rows = pa.table(columns)
    return Answer(rows.schema, iter([rows]))


def test_a_table_aligns_numbers_right_and_keeps_a_row_on_a_line() -> None:
    stream = io.StringIO()
    time = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    texts, numbers = ["a\n[b]\x1b[31m", None, ""], [Decimal("1.0"), Decimal("22.5"), None]
    FORMS["table"](answered(text=texts, number=numbers, time=[time, None, None]), stream)

    assert [line.rstrip() for line in stream.getvalue().splitlines()] == [
        "text             number   time",
        "─────────────────────────────────────────────────",
        r"a\n[b]\x1b[31m      1.0   2026-01-02 03:04:05 UTC",
        "–                  22.5   –",
        "                      –   –",
    ]


def test_a_table_names_the_zone_of_times_that_have_one() -> None:
    stream = io.StringIO()
    vienna = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    FORMS["table"](answered(zoned=[vienna], local=[dt.datetime(2026, 1, 2, 3, 4, 5)]), stream)  # noqa: DTZ001

    assert stream.getvalue().splitlines()[2].split("   ") == [
        "2026-01-02 02:04:05 UTC",
        "2026-01-02 03:04:05",
    ]


class Terminal(io.StringIO):
    """A stream that says that a person is looking."""

    def isatty(self) -> bool:
        return True


def test_a_table_fits_a_terminal_and_is_whole_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERM", "xterm")
    long = "long " * 40
    streams = Terminal(), io.StringIO()
    for stream in streams:
        FORMS["table"](answered(text=[long], number=[1]), stream)
    terminal, file = (re.sub(r"\x1b\[[\d;]*m", "", stream.getvalue()) for stream in streams)

    assert all(len(line) <= 40 for line in terminal.splitlines())
    assert "…" in terminal
    assert long.rstrip() in file


def test_csv_is_exact_in_a_file_and_acts_on_no_terminal() -> None:
    text = "a\x1b[31m\n\u202eb\x9b"
    streams = Terminal(), io.StringIO()
    for stream in streams:
        FORMS["csv"](answered(**{text: [text]}), stream)
    terminal, file = (stream.getvalue() for stream in streams)

    assert file == f'"{text}"\r\n' * 2
    assert terminal == '"a\\x1b[31m\n\\u202eb\\x9b"\n' * 2


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_json_says_what_acts_on_a_terminal_as_an_escape(form: str) -> None:
    text = "ü\x1b\n\u202e\u2028\x9b\x7f"
    stream = io.StringIO()
    FORMS[form](answered(**{text: [text]}), stream)

    (read,) = json.loads(stream.getvalue()) if form == "json" else [json.loads(stream.getvalue())]
    assert read == {text: text}
    assert "ü" in stream.getvalue()
    assert not set(text) & set(stream.getvalue()) - {"ü", "\n"}


def test_a_table_shows_a_thousand_rows_and_counts_the_others() -> None:
    stream = io.StringIO()
    rows = pa.table({"number": range(3_500)})
    pieces = (rows.slice(start, 700) for start in range(0, 3_500, 700))
    FORMS["table"](Answer(rows.schema, pieces), stream)
    lines = stream.getvalue().splitlines()

    assert len(lines) == 2 + 1_000 + 1
    assert lines[-1] == "… and 2,500 more rows: CSV and JSON have all."


# --- what it cannot do ---------------------------------------------------------------------------


_REFUSED = [
    "from read_csv('{file}')",
    "from '{file}'",
    "from glob('{home}/*')",
    "copy subjects to '{home}/new.csv'",
    "copy (select 1) to '{part}' (use_tmp_file false)",
    "explain analyze copy (select 1) to '{part}' (use_tmp_file false)",
    "with x as (copy subjects to '{part}' (use_tmp_file false)) from x",
    "attach '{home}/new.db'",
    "export database '{home}/new'",
    "load '{file}'",
    "install httpfs",
    "from 'https://127.0.0.1:9/x.parquet'",
    "set enable_external_access = true",
    "set temp_directory = '{home}'",
    "from secret",
    "insert into subjects (slug) values ('x')",
    "delete from articles",
]


@pytest.mark.parametrize("sql", _REFUSED)
def test_a_statement_reads_and_writes_nothing_but_the_views(
    odd: Published, tmp_path: Path, sql: str
) -> None:
    secret = tmp_path / "file.csv"
    secret.write_text("a,b\n1,2\n")
    part = odd.parts("subjects")[0]
    before = part.read_bytes()
    sql = sql.format(file=secret, home=tmp_path, part=part)

    with pytest.raises(PipelineError):
        asked(odd.root, sql)

    assert [*tmp_path.iterdir()] == [secret]
    assert part.read_bytes() == before


def test_a_damaged_table_is_a_message(odd: Published, tmp_path: Path) -> None:
    root = tmp_path / "release"
    shutil.copytree(odd.root, root)
    part = root / "tables" / "subjects" / "part-00000.parquet"
    part.chmod(0o644)
    part.write_bytes(b"damaged")

    with pytest.raises(PipelineError, match=r"part-00000\.parquet"):
        asked(root, "from articles")


# --- the command ---------------------------------------------------------------------------------


def test_the_command_asks_the_published_release_or_the_one_that_is_named(odd: Published) -> None:
    out = odd.root.parent.parent
    sql = "select count(*) as urls from ledger where last_seen is not null"
    runs = [
        pressroom("query", "--out", out, *more, "--jsonl", sql) for more in ([], ["--release", "1"])
    ]

    assert [(run.status, run.json, run.err) for run in runs] == [
        (0, {"urls": 1}, ""),
        (0, {"urls": 0}, ""),
    ]


@pytest.mark.parametrize("arguments", [[], ["-"]])
def test_without_a_statement_it_is_read_from_standard_input(
    odd: Published, arguments: list[str]
) -> None:
    command = ["query", "--out", str(odd.root.parent.parent), "--csv", *arguments]
    done = CliRunner().invoke(app.main, command, input="select 'ü' as a;\n")

    assert (done.exit_code, done.stdout) == (0, '"a"\n"ü"\n')


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["selec"], 1, "pressroom: Parser Error: syntax error at or near"),
        (["select error('mine')"], 1, "mine"),
        (["select nothing from articles"], 1, 'column "nothing" not found'),
        (["  "], 2, "pressroom: "),
        (["from articles", "--release", "7"], 2, "'7'"),
        (["from articles", "--xml"], 2, "--xml"),
        (["from articles", "--out", "/nowhere"], 1, "/nowhere "),
    ],
)
def test_what_goes_wrong_is_one_message_on_standard_error(
    odd: Published, arguments: list[str], status: int, message: str
) -> None:
    out = str(odd.root.parent.parent)
    done = CliRunner().invoke(app.main, ["query", "--out", out, *arguments])

    assert done.exit_code == status, done.stderr
    assert message in done.stderr
    assert not done.stdout


def test_without_duckdb_the_command_says_how_to_get_it(
    odd: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    out = str(odd.root.parent.parent)
    done = CliRunner().invoke(app.main, ["query", "--out", out, "from articles"])

    assert done.exit_code == 2
    assert "pip install 'pressroom[query]'" in done.stderr


def test_a_reader_that_has_enough_ends_it_quietly(odd: Published) -> None:
    process = subprocess.Popen(
        [
            *(Path(sys.executable).with_name("pressroom"), "query", "--csv"),
            *("--out", odd.root.parent.parent, "from range(1_000_000_000_000)"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout
    assert process.stderr
    assert process.stdout.readline() == b'"range"\r\n'
    process.stdout.close()

    assert process.wait(timeout=120) == 1
    assert process.stderr.read() == b""
    process.stderr.close()


# --- what it may take ----------------------------------------------------------------------------


_LONG = (
    "select count(*) from range(100_000_000) a, range(1_000_000) b where (a.range + b.range) = 7"
)
_FOR_EVER = {
    "rows are counted": "select count(*) from range(1_000_000_000_000)",
    "tables are joined": _LONG,
    "it calls itself": "with recursive t(n) as (select 1 union all select n + 1 from t) from t",
    "rows come for ever": "from range(1_000_000_000_000)",
    "a statement before the last": f"{_LONG}; select 1",
}


@pytest.mark.parametrize("kind", _FOR_EVER)
def test_a_query_ends_after_its_time(sample: Published, kind: str) -> None:
    with (
        pytest.raises(PipelineError, match=r" 1 .* query\.seconds"),
        answer(open_release(sample.root), _FOR_EVER[kind], Query(seconds=1)) as found,
    ):
        for _ in found.rows:
            pass


def test_the_time_that_a_reader_takes_is_not_that_of_the_query(sample: Published) -> None:
    sql = "from range(30_000)"
    with answer(open_release(sample.root), sql, Query(seconds=1)) as found:
        first = next(rows for rows in found.rows if len(rows))
        time.sleep(1.5)
        rows = pa.concat_tables([first, *found.rows])
        assert rows.to_pydict() == {"range": list(range(30_000))}


def test_without_a_limit_of_time_no_clock_runs(
    sample: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading, "Timer", None)
    with answer(open_release(sample.root), "select 1", Query(seconds=0)) as found:
        assert listed(found) == [{"1": 1}]


_LARGE = {
    "sorted": "select count(*) from (select md5(range::text) a from range(30_000_000) order by a)",
    "kept": "create table x as select md5(range::text) as a from range(30_000_000); from x",
    "grouped": "select count(*) from (select distinct md5(range::text) from range(30_000_000))",
    "listed": "select len(list(range)) from range(1_000_000_000)",
}


@pytest.mark.parametrize("kind", _LARGE)
def test_a_query_that_needs_more_memory_than_it_may_have_ends_and_leaves_no_file(
    sample: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    limits = Query(seconds=0, memory_bytes=50_000_000)
    with (
        pytest.raises(PipelineError, match=r" 50,000,000 .* query\.memory_bytes"),
        answer(open_release(sample.root), _LARGE[kind], limits) as found,
    ):
        list(found.rows)

    assert not [*tmp_path.iterdir()]
    assert not [path for path in sample.root.rglob("*") if "tmp" in path.name]


def test_the_least_memory_that_the_settings_allow_is_enough_for_each_table(
    sample: Published,
) -> None:
    limits = Query(memory_bytes=10_000_000, threads=1)
    for table in IN_CSV:
        with answer(open_release(sample.root), f"from {table}", limits) as found:
            assert listed(found) == sample.rows(table)


def test_limits_cannot_be_lifted_by_a_statement(sample: Published) -> None:
    for sql in ("set memory_limit = '9GB'", "reset memory_limit", "set threads = 9"):
        with pytest.raises(PipelineError, match="locked"):
            asked(sample.root, sql)


def _asking(odd: Published, folder: Path, limits: str) -> list[str]:
    settings = folder / "pressroom.toml"
    settings.write_text(f"[query]\n{limits}\n")
    return ["query", "--settings", str(settings), "--out", str(odd.root.parent.parent)]


@pytest.mark.parametrize(
    ("limits", "sql", "message"),
    [
        ("seconds = 1", _LONG, "query.seconds"),
        ("memory_bytes = 50_000_000", _LARGE["sorted"], "query.memory_bytes"),
    ],
)
def test_the_command_keeps_the_limits_of_the_settings(
    odd: Published, tmp_path: Path, limits: str, sql: str, message: str
) -> None:
    done = pressroom_process(*_asking(odd, tmp_path, limits), sql)

    assert (done.status, done.out) == (1, "")
    assert done.err.startswith("pressroom: ")
    assert message in done.err
    assert done.err.count("\n") == 1


def test_a_step_that_heeds_no_interruption_is_ended_with_the_process(
    odd: Published, tmp_path: Path
) -> None:
    # A constant is worked out in one go, here for hours.
    sql = "select levenshtein(repeat('a', 1_000_000), repeat('b', 1_000_000))"
    done = pressroom_process(*_asking(odd, tmp_path, "seconds = 1"), sql)

    assert (done.status, done.out) == (1, "")
    assert "query.seconds" in done.err


def test_ctrl_c_ends_a_long_query_at_once(odd: Published) -> None:
    code = f"""
import signal, sys
from pressroom.cli import app, sql
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have it ignored
opened = sql._opened
sql._opened = lambda *given: [opened(*given), print("ready", flush=True)][0]
sys.argv = ["pressroom", "query", "--out", {str(odd.root.parent.parent)!r}, {_LONG!r}]
app.main()
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGINT)

    assert process.wait(timeout=120) == -signal.SIGINT
    assert process.stdout.read() == b""
    process.stdout.close()
