"""The bytes that people see of the release of the sample articles, kept beside the tests."""

import os
import re
from pathlib import Path

import pytest

from tests.standards.releases import Published

pytest_plugins = ["tests.standards.fixtures"]

GOLDEN = Path(__file__).with_name("golden")
RENEW = "make golden"


def whole(data: bytes) -> bytes:
    return data


def first_lines(data: bytes) -> bytes:
    return b"".join(data.splitlines(keepends=True)[:6])


def without_digests(data: bytes) -> bytes:
    """Without the size and the digest of each file: other tests compare them with the files."""
    data = re.sub(rb'"bytes": \d+', b'"bytes": 0', data)
    return re.sub(rb"sha256:[0-9a-f]{64}", b"sha256:0", data)


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("site/sitemap.xml", whole),
        ("site/sitemap-programming-languages-1.xml", whole),
        ("site/feeds/programming-languages.json", whole),
        ("site/feeds/programming-languages.xml", whole),
        ("site/feeds/programming-languages.atom", whole),
        ("site/feeds.opml", whole),
        ("report/index.html", whole),
        ("csv/subjects.csv", whole),
        ("csv/related_links.csv", first_lines),
        ("csv/datapackage.json", without_digests),
    ],
)
def test_the_sample_is_published_with_the_bytes_that_were_looked_at(
    sample: Published, path: str, part: object
) -> None:
    assert callable(part)
    found = part((sample.root / path).read_bytes())
    golden = GOLDEN / path
    if os.environ.get("PRESSROOM_GOLDEN") == "1":
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_bytes(found)

    message = f"If {path} is as it should be, renew {golden} by: {RENEW}"
    assert golden.exists(), message
    assert found.decode().splitlines() == golden.read_bytes().decode().splitlines(), message
    assert found == golden.read_bytes(), message


def test_no_golden_file_is_left_over() -> None:
    files = {path.relative_to(GOLDEN).as_posix() for path in GOLDEN.rglob("*") if path.is_file()}
    files -= {"messages.txt", "imports.json"}  # of test_messages and test_up_to_date
    marks = test_the_sample_is_published_with_the_bytes_that_were_looked_at.pytestmark  # type: ignore[attr-defined]

    assert files == {case[0] for case in marks[0].args[1]}
