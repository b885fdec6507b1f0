"""Files made to keep a reader busy: each is an article or a reject, soon and in little memory.

A second for each 100 KB is what a file takes; that the square of its length is not, is held here.
"""

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from pressroom.base.problems import Code, DocumentError, Problem
from pressroom.cli import fix
from pressroom.content.article import Article, Body, Rules, normalize
from pressroom.content.lint import lint
from pressroom.frontmatter.fences import decode, split
from pressroom.frontmatter.load import load
from pressroom.model.settings import Limits
from pressroom.tables import rejects
from tests.conftest import ROOT
from tests.patience import SECONDS
from tests.quicktakes import MODEL

_MOST = Limits().file_bytes - 1_000
_LIMITS, _MODEL = Limits(), MODEL
_HEAD = "url: /a\nid: 1\ndate: 2024-01-01\ntitle: T\nsubject: S\n"


def _yaml(block: str, body: str = "body") -> str:
    return f"---\n{_HEAD}{block}\n---\n{body}"


def _repeated(unit: str, chars: int = _MOST) -> str:
    """A unit again and again; ``§`` is its number."""
    if "§" not in unit:
        return unit * (chars // len(unit))
    return "".join(unit.replace("§", str(number)) for number in range(chars // (len(unit) + 6)))


def _toml(block: str) -> str:
    head = 'url = "/a"\nid = 1\ndate = 2024-01-01\ntitle = "T"\nsubject = "S"\n'
    return f"+++\n{head}{block}\n+++\nbody"


def files() -> dict[str, tuple[str, Code | None]]:
    """The files by what they hold, with the code of the first problem; none of an article."""
    return {
        "aliases of a long text": (
            _yaml(f"a: &x '{_repeated('x ', 450_000)}'\nb: [{'*x,' * 4_900}]"),
            Code.TOO_LARGE,
        ),
        "aliases as keywords": (
            _yaml(f"a: &x {_repeated('x,', 300_000)}\nseo:\n  page_keywords: [{'*x,' * 5_000}]"),
            Code.TOO_LARGE,
        ),
        "words that lost letters": (
            _yaml(
                f"answer: x\nseo:\n  page_description: '{_repeated('xabcdx ', 40_000)}'\n"
                f"author: b\nx: '{_repeated('é', 100)}'",
                "",
            ).replace("answer: x", f"answer: '{_repeated('éabcdé§ ', 60_000)}'"),
            None,
        ),
        "a long blank line of TOML": (_toml(f'x = """\n{" " * 200_000}\n"""'), None),
        "blanks around dots of TOML": (_toml(f'x = """\n{_repeated("a  ", 200_000)}\n"""'), None),
        "deep lists of TOML": (_toml(f"a = {'[' * 200_000}"), Code.TOO_DEEP),
        "deep tables of TOML": (_toml(f"a = {'{a = ' * 40_000}"), Code.TOO_DEEP),
        "deep but closed lists of TOML": (_toml(f"a = {'[' * 900}{']' * 900}"), Code.TOO_DEEP),
        "keys of TOML": (_toml(_repeated("k§ = 1\n", 200_000)), Code.TOO_MANY_NODES),
        "a long key of TOML": (
            _toml("[" + "a" * 100_000 + "]\n" + _repeated("k§ = 1\n", 90_000)),
            Code.TOO_LONG,
        ),
        "deep lists of JSON": (f'{{"a": {"[" * _MOST}', Code.TOO_DEEP),
        "deep objects of JSON": (_repeated('{"a":'), Code.TOO_DEEP),
        "keys of JSON": ("{" + _repeated('"k§": 1, ') + '"z": 1}', Code.TOO_MANY_NODES),
        "a key of JSON again and again": ("{" + _repeated('"k": 1, ') + "}", Code.TOO_MANY_NODES),
        "one text of JSON": ('{"a": "' + "a" * _MOST + '"}', Code.TOO_LONG),
        "escapes of JSON": ('{"a": "' + _repeated("\\n") + '"}', Code.TOO_LONG),
        "lines of JSON": ("{" + "\n" * _MOST, Code.UNCLOSED_FRONT_MATTER),
        "deep lists of YAML": (_yaml("a: " + "[" * _MOST), Code.TOO_DEEP),
        "deep mappings of YAML": (_yaml("a: " + _repeated("{a: ")), Code.TOO_DEEP),
        "keys of YAML": (_yaml(_repeated("k§: v\n")), Code.TOO_MANY_NODES),
        "a key of YAML again and again": (_yaml(_repeated("k: v\n", 20_000)), Code.DUPLICATE_KEY),
        "a long key of YAML": (
            _yaml(f"? {'a' * 90_000}\n: {{{_repeated('k§: 1, ', 90_000)}}}"),
            Code.TOO_LONG,
        ),
        "100,000 problems": (_yaml(_repeated("k§: 'a'b'\n", 1_500_000)), Code.QUOTES),
        "problems of a smaller file": (_yaml(_repeated("k§: 'a'b'\n", 200_000)), Code.QUOTES),
        "tabs": (_yaml(_repeated("k§:\n\tb: c\n", 200_000)), Code.TAB),
        "links that are none": (_yaml(_repeated("related_article§: x\n", 90_000)), None),
        "marks that have an order": (
            _yaml("seo:\n  page_keywords: a" + _repeated("\u0301\u0316", 800_000)),
            None,
        ),
        "one line of text": (_yaml("x: y", "a" * _MOST), None),
        "one line and no more": ("a" * _MOST, Code.NO_FRONT_MATTER),
        "one value": (_yaml("answer: " + "a" * _MOST), Code.TOO_LONG),
        "blanks": (" " * _MOST, Code.EMPTY_FILE),
        "empty lines": ("\n" * _MOST, Code.EMPTY_FILE),
        "what is almost a fence": ("---\n" + _repeated(" --- a\n"), Code.UNCLOSED_FRONT_MATTER),
        "fences of code": (
            _yaml("x: y", "`" * 2_000_000 + "\n" + _repeated("```\n", 2_000_000)),
            None,
        ),
        "dollars": (_yaml("x: y", _repeated("$$ ")), None),
        "escapes": (_yaml("answer: >-\n  " + _repeated("\\nu ", 900_000)), None),
        "NUL": ("\0" * _MOST, Code.NO_FRONT_MATTER),
    }


def _read(text: str) -> Code | None:
    """The code of the first problem of a file, when rows have been made of what was found."""
    try:
        document = split(decode(text.encode()))
        result = normalize(load(document, _LIMITS), Body(document.body), _MODEL)
    except DocumentError as error:
        return _rejected(error.problems, text)
    if isinstance(result, list):
        return _rejected(result, text)
    assert isinstance(result, Article)
    for _ in lint(result, _MODEL):
        pass
    return None


def _rejected(problems: list[Problem] | tuple[Problem, ...], text: str) -> Code:
    rejects.row("a.md", "", problems, text)
    return problems[0].code


class Taken(NamedTuple):
    """What became of a file, and the seconds for each 100 KB, to read and to mend it."""

    code: str | None
    reading: float
    mending: float


def main() -> None:
    """Read and mend all files, and print what became of them and the most memory, in KB."""
    taken = {}
    for name, (text, _) in files().items():
        size = max(1.0, len(text.encode()) / 100_000)
        began = time.process_time()
        code = _read(text)
        read = time.process_time()
        fix.mend(text.encode(), "a.md", Rules(_MODEL, _LIMITS))
        taken[name] = Taken(code, (read - began) / size, (time.process_time() - read) / size)
    # Not getrusage(2), whose peak is that of the process that began this one, if that was larger.
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    print(json.dumps([taken, int(peak[1]) if peak else 0]))


@pytest.fixture(scope="module")
def done() -> tuple[dict[str, Taken], int]:
    """What `main` prints, of a process that has the modules of a worker."""
    script = "import pressroom.engine.steps; from tests.test_hostile_files import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    taken, peak = json.loads(done.stdout)
    return {name: Taken(*values) for name, values in taken.items()}, peak


def test_a_hostile_file_becomes_what_it_is(done: tuple[dict[str, Taken], int]) -> None:
    assert {name: taken.code for name, taken in done[0].items()} == {
        name: code for name, (_, code) in files().items()
    }


def test_it_is_read_in_linear_time(done: tuple[dict[str, Taken], int]) -> None:
    assert {name: taken for name, taken in done[0].items() if taken.reading > SECONDS} == {}


def test_what_it_needs_to_be_mended_is_told_in_linear_time(
    done: tuple[dict[str, Taken], int],
) -> None:
    assert {name: taken for name, taken in done[0].items() if taken.mending > SECONDS} == {}


def test_all_of_them_take_no_more_than_half_a_gib(done: tuple[dict[str, Taken], int]) -> None:
    assert done[1] < 512 * 1024
