"""Code that is only there for speed: it says so, says what it saves, and is little."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

MARK = "or speed alone"
FIGURE = re.compile(r"\d (µs|ms|s|MB)\b|\d+ ms|\bin \d+\b")
MOST = 0.05

Node = ast.Module | ast.ClassDef | ast.FunctionDef


def sources() -> Iterator[Path]:
    for folder in ("pipeline", "assets"):
        yield from (ROOT / folder).rglob("*.py")


def marked(path: Path) -> Iterator[tuple[Node, str, int]]:
    """What says so in a module, with its docstring and its lines; what it holds is part of it."""
    tree = ast.parse(path.read_text())
    nodes = [tree, *ast.walk(tree)]
    for node in nodes:
        if isinstance(node, Node) and MARK in (text := ast.get_docstring(node) or ""):
            whole = isinstance(node, ast.Module)
            lines = len(path.read_text().splitlines()) if whole else _lines(node)
            yield node, " ".join(text.split()), lines
            if whole:
                return


def _lines(node: Node) -> int:
    assert not isinstance(node, ast.Module)
    return (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize(
    "path", [path for path in sources() if MARK in path.read_text()], ids=lambda path: path.stem
)
def test_what_is_there_for_speed_alone_says_what_it_saves(path: Path) -> None:
    found = list(marked(path))

    assert found, f"{path.name} says so elsewhere than in a docstring"
    for _, text, _ in found:
        assert FIGURE.search(text[text.index(MARK) :]), text


def test_little_is_there_for_speed_alone() -> None:
    for_speed = sum(lines for path in sources() for _, _, lines in marked(path))
    whole = sum(len(path.read_text().splitlines()) for path in sources())

    assert 0 < for_speed < MOST * whole, f"{for_speed:,} of {whole:,} lines"
