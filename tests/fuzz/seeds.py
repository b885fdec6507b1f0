"""The inputs that fuzzing begins with: articles and cases of the project, a file of each layout."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pressroom.base.problems import DocumentError
from pressroom.content.article import Article, Body, normalize
from pressroom.content.escaped_newlines import decode_newlines
from pressroom.frontmatter.fences import decode, split
from pressroom.frontmatter.load import load
from pressroom.markup.spans import spans
from pressroom.model.settings import Limits
from tests.conftest import RAW, ROOT
from tests.quicktakes import MODEL
from tests.torture import hostile


def files() -> list[Path]:
    """The articles of raw/ and the files of tests/cases/."""
    return sorted([*RAW.rglob("*.md"), *(ROOT / "tests" / "cases").rglob("*.md")])


def of(law: str) -> Iterator[bytes]:
    """The seeds of a law: whole files, answers as they are written, or Markdown."""
    made = [make(hostile.Random(1), "00001").encode() for make in hostile.LAYOUTS]
    for data in [*(path.read_bytes() for path in files()), *made]:
        if law in ("read", "decode"):
            yield data
        elif law == "toml":
            yield from _toml(data)
        else:
            for written in _texts(data):
                yield from (part.encode() for part in _of_text(law, written))


def _of_text(law: str, written: str) -> Iterator[str]:
    """The seeds of a law in an answer as it is written."""
    decoded = decode_newlines(written).text
    if law == "maths":
        for span in spans(decoded):
            yield decoded[span.inner_start : span.inner_end]
    else:
        yield written if law == "text" else decoded


def _toml(data: bytes) -> Iterator[bytes]:
    """The front matter of a file: where it is YAML, some of it is TOML once its colons are."""
    with suppress(DocumentError):
        block = split(decode(data)).block
        yield block.encode()
        yield re.sub("(?m)^([a-z_]+): (.*)$", r"\1 = '\2'", block).encode()


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
    elif isinstance(normalize(front_matter, Body(document.body), MODEL), Article):
        yield document.body


def write(law: str, folder: Path) -> None:
    """Write the seeds of a law into a folder, each under the SHA-1 of its bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    for data in of(law):
        (folder / hashlib.sha1(data, usedforsecurity=False).hexdigest()).write_bytes(data)
