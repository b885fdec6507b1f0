"""The inputs that fuzzing begins with: articles and cases of the project, a file of each layout."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from pipeline.articles import Article, normalize
from pipeline.errors import DocumentError
from pipeline.front_matter import decode, load, split
from pipeline.newlines import decode_newlines
from pipeline.settings import ContentModel, Limits
from tests.conftest import RAW, ROOT
from tests.torture import hostile


def files() -> list[Path]:
    """The articles of raw/ and the files of tests/cases/."""
    return sorted([*RAW.rglob("*.md"), *(ROOT / "tests" / "cases").rglob("*.md")])


def of(law: str) -> Iterator[bytes]:
    """The seeds of a law: whole files, answers as they are written, or Markdown."""
    made = [make(hostile.Random(1), "00001").encode() for make in hostile.LAYOUTS]
    for data in [*(path.read_bytes() for path in files()), *made]:
        if law == "read":
            yield data
            continue
        for written in _texts(data):
            yield (written if law == "text" else decode_newlines(written).text).encode()


def _texts(data: bytes) -> Iterator[str]:
    """The answer as written, or the body where there is none."""
    try:
        document = split(decode(data))
        front_matter = load(document, Limits())
    except DocumentError:
        return
    answer = front_matter.values.get("answer")
    if isinstance(answer, str):
        yield answer
    elif isinstance(normalize(front_matter, document.body, ContentModel()), Article):
        yield document.body


def write(law: str, folder: Path) -> None:
    """Write the seeds of a law into a folder, each under the SHA-1 of its bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    for data in of(law):
        (folder / hashlib.sha1(data, usedforsecurity=False).hexdigest()).write_bytes(data)
