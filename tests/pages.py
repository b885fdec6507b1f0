"""The pages of the documentation: the README and what it links in `docs/`."""

import re

from tests.checkout import blocks
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text()
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text()
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
}


def of_pages(language: str) -> list[str]:
    """The blocks of all pages that are in a language."""
    return [block for text in PAGES.values() for block in blocks(text, language)]


def languages() -> set[str]:
    """The languages of all blocks; an empty one where a fence names none."""
    fences = [
        fence
        for text in PAGES.values()
        for fence in re.findall(r"^ *(?:```|~~~)(.*)$", text, re.MULTILINE)
    ]
    return set(fences[::2])
