import io
import itertools
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pressroom.engine import progress
from pressroom.engine.progress import Lines, Progress
from tests.conftest import ROOT

HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    return Terminal()


def run(shown: Progress) -> None:
    """What a build of two stages tells."""
    shown.begin("ingest", 1200, "files")
    shown.advance(700, rejects=3)
    shown.say("2 files of the published release are damaged")
    shown.advance(500, rejects=1)
    shown.say("ingest: 1,200 files, 4 rejects in 0.1 s")
    shown.begin("link", 2, "parts")
    shown.advance(1)
    shown.say("[bold]as it is[/bold], and longer than the terminal is wide: " + "x" * 100)


LINES = [
    "2 files of the published release are damaged",
    "ingest: 1,200 files, 4 rejects in 0.1 s",
    "[bold]as it is[/bold], and longer than the terminal is wide: " + "x" * 100,
]


def frames(text: str) -> list[str]:
    """The lines that a terminal was told to show, one after the other in one place or not."""
    return [line.strip() for line in re.split(r"[\r\n]+", _SEQUENCE.sub("", text)) if line.strip()]


def test_a_log_gets_one_line_a_stage_without_control_characters() -> None:
    stream = io.StringIO()
    with progress.shown(stream, quiet=False) as shown:
        run(shown)

    assert stream.getvalue().splitlines() == LINES
    assert "\x1b" not in stream.getvalue()


def test_any_function_that_takes_a_line_is_a_log() -> None:
    said: list[str] = []
    run(Lines(said.append))

    assert said == LINES


def test_quiet_shows_warnings_alone(terminal: Terminal) -> None:
    with progress.shown(terminal, quiet=True) as shown:
        run(shown)
        assert not terminal.getvalue()
        shown.warn("a warning")

    assert terminal.getvalue() == "a warning\n"


def test_a_warning_is_a_line_among_the_others(terminal: Terminal) -> None:
    stream = io.StringIO()
    for each in (stream, terminal):
        with progress.shown(each, quiet=False) as shown:
            shown.begin("ingest", 2, "files")
            shown.warn("a warning")

    assert stream.getvalue() == "a warning\n"
    assert "a warning" in frames(terminal.getvalue())


def test_a_log_may_have_warnings_apart() -> None:
    said: list[str] = []
    warned: list[str] = []
    shown = Lines(said.append, warned.append)
    shown.say("a line")
    shown.warn("a warning")

    assert (said, warned) == (["a line"], ["a warning"])


@pytest.mark.parametrize("kind", ["dumb", None])
def test_a_terminal_that_cannot_move_its_cursor_gets_lines(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, kind: str | None
) -> None:
    monkeypatch.delenv("TERM")
    if kind:
        monkeypatch.setenv("TERM", kind)
    with progress.shown(terminal, quiet=False) as shown:
        run(shown)

    assert terminal.getvalue().splitlines() == LINES


def test_a_terminal_shows_how_far_the_stage_is_below_the_lines_that_stay(
    terminal: Terminal,
) -> None:
    with progress.shown(terminal, quiet=False) as shown:
        run(shown)

    seen = frames(terminal.getvalue())
    assert [line for line in seen if line in LINES] == LINES
    bars = [line for line in seen if line not in LINES]
    assert re.match(r"ingest .* 0 of 1,200 files", bars[0])
    assert any(re.match(r"ingest .* 700 of 1,200 files .* 3 [a-z ]+$", bar) for bar in bars)
    assert re.match(r"link .* 0 of 2 parts .* 4 [a-z ]+$", next(b for b in bars if "link" in b))
    after = seen.index(LINES[1])
    assert not any(line.startswith("ingest ") for line in seen[after + 1 :])
    assert all(len(bar) <= 100 for bar in bars)


def test_a_terminal_shows_speed_and_time_left(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = itertools.count()
    monkeypatch.setattr("rich.console.monotonic", lambda: next(clock))
    with progress.shown(terminal, quiet=False) as shown:
        shown.begin("ingest", 1_000_000, "files")
        for _ in range(10):
            shown.advance(1000)
        shown.say("a line")

    bars = [line for line in frames(terminal.getvalue()) if line.startswith("ingest")]
    assert any(re.search(r"10,000 of 1,000,000 files [\d,]+ files/s \d+:\d\d", bar) for bar in bars)


@pytest.mark.parametrize("total", [0, 1])
def test_a_stage_with_nothing_or_little_to_do_leaves_no_bar(terminal: Terminal, total: int) -> None:
    with progress.shown(terminal, quiet=False) as shown:
        shown.begin("link", total, "parts")
        shown.advance(total)
        shown.say("link: done")
        shown.say("another line")

    seen = frames(terminal.getvalue())
    assert seen[-2:] == ["link: done", "another line"]


# --- a real terminal -----------------------------------------------------------------------------

# A shell has what it starts in the background ignore Ctrl-C, and that would be inherited.
PROGRAM = """
import signal, sys, time
from pressroom.engine import progress
signal.signal(signal.SIGINT, signal.default_int_handler)
with progress.shown(sys.stderr, quiet=False) as shown:
    shown.begin("ingest", 10, "files")
    shown.advance(4)
    shown.say("a line")
    print("ready", flush=True)
    {end}
"""


def on_a_terminal(end: str, interrupt: bool = False) -> tuple[int, str]:
    """The exit status of a program whose standard error is a terminal, and what that was sent."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(end=end)],
        cwd=ROOT,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    assert child.stdout is not None
    with child:
        assert child.stdout.readline() == b"ready\n"
        if interrupt:
            child.send_signal(signal.SIGINT)
        sent = read_all(ours)
    os.close(ours)
    return child.returncode, sent


def read_all(terminal: int) -> str:
    data = b""
    try:
        while more := os.read(terminal, 65536):
            data += more
    except OSError:  # EIO: nobody has it open any more
        pass
    return data.decode()


@pytest.mark.parametrize(
    ("end", "interrupt", "status"),
    [
        ("pass", False, 0),
        ("raise ValueError", False, 1),
        ("sys.exit(143)", False, 143),
        ("time.sleep(600)", True, -signal.SIGINT),
    ],
    ids=["end", "error", "exit", "interrupt"],
)
def test_a_terminal_is_left_as_it_was_however_the_run_ends(
    end: str, interrupt: bool, status: int
) -> None:
    returned, sent = on_a_terminal(end, interrupt)

    assert returned == status
    assert HIDE_CURSOR in sent
    assert sent.rindex(SHOW_CURSOR) > sent.rindex(HIDE_CURSOR)
    assert any(re.match(r"ingest .* 4 of 10 files", line) for line in frames(sent))
    # The bar is erased, the line stays.
    last = sent.rindex("ingest ")
    assert "\x1b[2K" in sent[last:]
    assert "a line" in frames(sent)


def test_a_build_on_a_terminal_prints_its_result_on_standard_output(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    program = "from pressroom.cli.app import main; main()"
    child = subprocess.Popen(
        [sys.executable, "-c", program, "build", "--out", tmp_path / "out", "--json"],
        cwd=ROOT,
        env={**os.environ, "TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    with child:
        sent = read_all(ours)
        assert child.stdout is not None
        out = child.stdout.read().decode()
    os.close(ours)

    assert child.returncode == 0, sent
    assert out.startswith('{"release": "000001-')
    assert sent.rindex(SHOW_CURSOR) > sent.rindex(HIDE_CURSOR)
