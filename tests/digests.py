"""The digests of all files of releases: do two versions of the code make the same bytes?

Each input is built cold and once more after each of three edits, at fixed times, by the command
`pressroom` of either version. Nothing of the product is imported, so that its modules may move.
"""

import argparse
import csv
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from benchmarks import corpus

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT.parent / "shared" / "corpus" / "content"
COMMAND = Path(sys.executable).with_name("pressroom")

_AS_OF, _DAY = 1_790_000_000, 86_400  # 2026-09-21T14:13:20Z
_WRITTEN = 1_700_000_000  # long before any build: a file that has just changed is read twice
_WORDING = ("message", "hint")
# The sizes and hashes are those of the tables.
_DESCRIBING = ("description", "bytes", "hash", "contentSize", "sha256")
_CONTENT = '[content]\npreset = "quicktakes"\n'
_OTHER_SETTINGS = """
[site]
base_url = "https://other.example/help"
title = "Another title"

[feeds]
items = 7
subject_items = 3

[exports]
spreadsheet = true
report_rows = 5
"""


class Input(NamedTuple):
    """What fills a raw folder, and the settings of the site in TOML."""

    fill: Callable[[Path], None]
    settings: str = ""


class Step(NamedTuple):
    """An edit of a site: what changes its folder, given the time of files that are written."""

    name: str
    edit: Callable[[Path, int], None]


def edit_texts(home: Path, time: int) -> None:
    """Change the answers of some files, and the titles of others."""
    paths = _sources(home)
    for key, chosen in (("answer", paths[::10]), ("title", paths[1::10])):
        for path in chosen:
            _write(path, _with_word(path.read_text(), key, " revised"), time)


def edit_files(home: Path, time: int) -> None:
    """Rename, delete and add files, one of them with a url that is taken, and break the first."""
    paths = _sources(home)
    for path in paths[2::50]:
        path.rename(path.with_stem(f"{path.stem}-renamed"))
    for path in paths[3::50]:
        path.unlink()
    for path in paths[4::50]:
        text = _with_word(path.read_text(), "url", "-added")
        _write(path.with_stem(f"{path.stem}-added"), text, time)
    _write(paths[5].with_stem(f"{paths[5].stem}-copied"), paths[5].read_text(), time)
    _write(paths[0], paths[0].read_text().replace("\nsubject: ", "\nsubject: [", 1), time)


def edit_settings(home: Path, time: int) -> None:
    """Change settings, and repair the file that was broken."""
    settings = home / "pressroom.toml"
    settings.write_text(settings.read_text() + _OTHER_SETTINGS)
    broken = _sources(home)[0]
    _write(broken, broken.read_text().replace("\nsubject: [", "\nsubject: ", 1), time)


EDITS = (
    Step("1-texts", edit_texts),
    Step("2-files", edit_files),
    Step("3-settings", edit_settings),
)


def copy(source: Path, raw: Path) -> None:
    """Fill a raw folder with the files of another, which may be read-only."""
    shutil.copytree(source, raw, copy_function=shutil.copyfile)
    for folder in (raw, *(path for path in raw.rglob("*") if path.is_dir())):
        folder.chmod(0o755)


def inputs() -> dict[str, Input]:
    """The sample articles, the shared corpus where it is, and a corpus of several shards."""
    generated = partial(corpus.generate, corpus.Corpus(1000, seed=1, bad_every=97))
    found = {
        "sample": Input(partial(copy, ROOT / "raw")),
        "generated": Input(generated, "[compute]\nshard_files = 150\n"),
    }
    return found | ({"corpus": Input(partial(copy, CORPUS))} if CORPUS.exists() else {})


def lines(
    name: str,
    given: Input,
    *,
    command: Path = COMMAND,
    edits: Sequence[Step] = EDITS,
    wording: bool = False,
) -> Iterator[str]:
    """Lines `name/step/path digest` of the files of each release but its manifest.

    With `wording`, what sentences in English may change is left out. A raw folder needs six files.
    Raises RuntimeError if a build fails or is held back.
    """
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        given.fill(home / "raw")
        (home / "pressroom.toml").write_text(_CONTENT + given.settings)
        for path in _sources(home):
            os.utime(path, (_WRITTEN, _WRITTEN))
        for number, step in enumerate((Step("0-cold", lambda *_: None), *edits)):
            step.edit(home, _WRITTEN + number * _DAY)
            release = _build(command.absolute(), home, _AS_OF + number * _DAY)
            for path in release.rglob("*"):
                inside = path.relative_to(release).as_posix()
                left_out = inside == "manifest.json" or (wording and inside.startswith("report/"))
                if path.is_file() and not left_out:
                    data = without_wording(path) if wording else path.read_bytes()
                    yield f"{name}/{step.name}/{inside} {hashlib.sha256(data).hexdigest()}"


def without_wording(path: Path) -> bytes:
    """What a file holds, without messages, hints, descriptions and what follows from them."""
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        columns = [(column.name, str(column.type), column.nullable) for column in table.schema]
        return repr((columns, _without(table.to_pylist(), _WORDING))).encode()
    if path.suffix == ".csv":
        return _csv_without_wording(path.read_bytes())
    if path.name == "data-dictionary.md":
        return b""
    if path.name in ("datapackage.json", "croissant.json"):
        return repr(_without(json.loads(path.read_bytes()), _DESCRIBING)).encode()
    return path.read_bytes()


def _csv_without_wording(data: bytes) -> bytes:
    """The bytes of a table that has no messages, or its values without them."""
    rows = csv.DictReader(io.StringIO(data.decode(), newline=""))
    if "message" not in (rows.fieldnames or ()):
        return data
    read = [
        {key: json.loads(cell) if cell.startswith("[{") else cell for key, cell in row.items()}
        for row in rows
    ]
    return repr((rows.fieldnames, _without(read, _WORDING))).encode()


def _without(value: Any, keys: Collection[str]) -> Any:
    """A value without some keys of the mappings in it."""
    if isinstance(value, dict):
        return {key: _without(part, keys) for key, part in value.items() if key not in keys}
    return [_without(part, keys) for part in value] if isinstance(value, list) else value


def _sources(home: Path) -> list[Path]:
    return sorted((home / "raw").rglob("*.md"))


def _write(path: Path, text: str, time: int) -> None:
    path.write_text(text)
    os.utime(path, (time, time))


def _with_word(text: str, key: str, word: str) -> str:
    """A text with a word more in a key's value of one line, before the marks at its end."""
    return re.sub(rf"(?m)^({key}:(?: >-\n +| ).*?)(\W*)$", rf"\g<1>{word}\2", text, count=1)


def _build(command: Path, home: Path, as_of: int) -> Path:
    """The folder of the release that is published after a build."""
    unset = ("SOURCE_DATE_EPOCH", "PRESSROOM_SETTINGS")
    done = subprocess.run(
        [command, "build", "--accept-removals", "--as-of", str(as_of)],
        cwd=home,
        env={key: value for key, value in os.environ.items() if key not in unset},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command} ended with {done.returncode}: {done.stderr}")
    return (home / "out" / "current").resolve()


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the digests of the files of releases, as the command line asks."""
    parser = argparse.ArgumentParser(prog="python -m tests.digests", description=main.__doc__)
    parser.add_argument("file", type=Path, metavar="OUT_FILE")
    parser.add_argument(
        "--command", type=Path, default=COMMAND, help="pressroom of the version that builds"
    )
    parser.add_argument(
        "--wording", action="store_true", help="leave out what sentences in English may change"
    )
    given = parser.parse_args(arguments)
    found = sorted(
        line
        for name, item in inputs().items()
        for line in lines(name, item, command=given.command, wording=given.wording)
    )
    given.file.write_text("".join(f"{line}\n" for line in found))


if __name__ == "__main__":
    main()
