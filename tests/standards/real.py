"""The answers of the real articles, decoded."""

from collections.abc import Iterator

import yaml

from pressroom.content.escaped_newlines import decode_newlines
from tests.conftest import CORPUS


def real_front_matter() -> Iterator[dict[str, object]]:
    """The front matter of the real articles, in the order of their paths."""
    for path in sorted((CORPUS / "content").rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        block = text.split("\n---\n")[0].removeprefix("---\n")
        found: dict[str, object] = yaml.load(block, yaml.CBaseLoader)
        yield found


def real_answers() -> Iterator[str]:
    """Their answers."""
    return (decode_newlines(str(front["answer"])).text for front in real_front_matter())
