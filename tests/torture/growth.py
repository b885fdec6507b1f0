"""How the time of a function grows with its input: what is fed to it, and how it is measured.

A function is one line of `FUNCTIONS`, and a kind of text one of `shapes.SHAPES`.
"""

import gc
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, NamedTuple

from pressroom.base import printable
from pressroom.base.problems import Code, DocumentError, Problem
from pressroom.cli import fix
from pressroom.content import article, lint, word_count
from pressroom.content.article import Rules
from pressroom.content.damaged_description import is_damaged
from pressroom.content.escaped_newlines import decode_newlines
from pressroom.frontmatter import fences, json_reader, toml_reader, yaml_fast, yaml_reader
from pressroom.frontmatter.document import Document, FrontMatter
from pressroom.markup import document, mathml, spans
from pressroom.markup.outline import outline
from pressroom.model import slugs
from pressroom.model.settings import Limits
from pressroom.tables import rejects
from tests.quicktakes import KEYS, MODEL
from tests.torture.shapes import Shape

_LIMITS, _MODEL = Limits(), MODEL
_RULES = Rules(_MODEL, _LIMITS)


def _block(read: Callable[[Document, Limits], Any], language: str, block: str) -> None:
    read(Document(block, 2, "", language), _LIMITS)


def _fields(value: str) -> None:
    """Every column has the text, and so have a link, a keyword and the body."""
    values: dict[str, Any] = dict.fromkeys(KEYS.values(), value)
    values |= {"seo": {"page_keywords": [value, value], "page_description": value, "title": value}}
    values |= {"related_article1": {"id": value, "url": value}, value: value}
    article.normalize(FrontMatter(values, {}, [], 2), article.Body(value), _MODEL)


def _article(value: str) -> None:
    """The text is the answer, the description and the title of an article that is accepted."""
    texts = dict.fromkeys(("answer", "title", "subject", "author"), value)
    stated = {"url": "/a", "id": "1", "date": "2024-01-01", "seo": {"page_description": value}}
    made = article.normalize(
        FrontMatter({**texts, **stated}, {}, [], 2), article.Body(value), _MODEL
    )
    if isinstance(made, article.Article):
        for _ in lint.lint(made, _MODEL):
            pass


def _file(begin: str, end: str, inside: str) -> bytes:
    return f"{begin}{inside}{end}".encode(errors="replace")


_IN_YAML = partial(_file, "---\nurl: /a\n", "\n---\n")


def _read(data: bytes) -> None:
    fix.problems_of(data, "a.md", _RULES)


def _rejected(value: str) -> None:
    place = value.count("\n") + 1, len(value) - value.rfind("\n")
    rejects.row(value, "", [Problem(Code.SYNTAX, "A message.", *place)], value)


def _markup(name: str, value: str) -> None:
    read = document.read(value)
    if name == "html":
        read.html(_PAGE, _SITE)
    else:
        read.text()
        read.summary(300)


_PAGE, _SITE = "https://www.example.org/base/a", "https://www.example.org/base"
# What takes a text that someone else has written.
FUNCTIONS: Mapping[str, Callable[[str], Any]] = {
    "fences.decode": lambda value: fences.decode(value.encode()),
    "fences.split": fences.split,
    "fences.split, YAML": lambda value: fences.split(f"---\n{value}"),
    "fences.split, TOML": lambda value: fences.split(f"+++\n{value}"),
    "fences.split, JSON": lambda value: fences.split("{" + value),
    "yaml_fast.read": partial(_block, yaml_fast.read, "yaml"),
    "yaml_reader.read": partial(_block, yaml_reader.read, "yaml"),
    "toml_reader.read": partial(_block, toml_reader.read, "toml"),
    "json_reader.read": partial(_block, json_reader.read, "json"),
    "article.normalize, all columns": _fields,
    "article.normalize, lint.lint": _article,
    "slugs.slug": slugs.slug.__wrapped__,
    "slugs.fold": slugs.fold,
    "word_count.count": word_count.count,
    "decode_newlines": decode_newlines,
    "decode_newlines, code": lambda value: decode_newlines(f"```\n{value}\n```"),
    "text.spans": spans.spans,
    "text.unbalanced": spans.unbalanced,
    "mathml.from_tex": lambda value: mathml.from_tex(value, display=True),
    "mathml.to_text": mathml.to_text,
    "is_damaged, description": lambda value: is_damaged(value, "é", "Schrödinger é"),
    "is_damaged, text": lambda value: is_damaged("Schrdinger xabcdx " * 99, "é", value),
    "is_damaged, both": lambda value: is_damaged(value, value, f"é{value}é"),
    "lint.context": lambda value: lint.context(value, len(value) // 2),
    "printable.note": printable.note,
    "rejects.row": _rejected,
    "mend.mend": lambda value: fix.mend(value.encode(errors="replace"), "a.md", _RULES),
    "mend.mend, YAML": lambda value: fix.mend(_IN_YAML(value), "a.md", _RULES),
    "a file": lambda value: _read(_file("", "", value)),
    "a file of YAML": lambda value: _read(_IN_YAML(value)),
    "a file of TOML": lambda value: _read(_file("+++\nurl = '/a'\n", "\n+++\n", value)),
    "a file of JSON": lambda value: _read(_file('{"url": "/a", ', "}\n", value)),
    "markup.document, html": partial(_markup, "html"),
    "markup.document, text": partial(_markup, "text"),
    "markup.outline": outline,
}

_ENOUGH_SECONDS = 0.02
_MOST_CHARS = 2_000_000
_MOST_GROWTH = 2.6  # for twice the text
# A second for 100 KB, on a machine that does other things at the same time.
_SECONDS_A_CHAR = 2 / 100_000
_SECONDS = 2


class Slow(NamedTuple):
    """What took too long: the seconds for a text, and for those of twice and four times the units.

    They grow too fast if they do so twice: one step up is a cache that is full, or another way
    that is taken from some size on.
    """

    shape: Shape
    chars: int
    seconds: tuple[float, float, float]


def slow(function: Callable[[str], Any], shape: Shape) -> Slow | None:
    """What grows faster than its text, or takes more than a second for 100 KB."""
    times = max(1, 256 // len(shape.unit))
    with _uncollected():
        while True:
            value = shape.text(times)
            seconds = seconds_of(function, value)
            if seconds > _ENOUGH_SECONDS or len(value) > _MOST_CHARS:
                break
            times *= 2
        if seconds <= _ENOUGH_SECONDS:
            return None
        least = [seconds, seconds_of(function, shape.text(2 * times)), 0.0]
        for _ in range(3):  # other processes disturb
            if not _is_slow(len(value), least[0]) and least[1] <= _MOST_GROWTH * least[0]:
                return None
            texts = [shape.text(factor * times) for factor in (1, 2, 4)]
            least = [min(seconds_of(function, text) for _ in range(5)) for text in texts]
            if not _is_slow(len(value), least[0]) and least[2] <= _MOST_GROWTH * least[1]:
                return None
    return Slow(shape, len(value), (least[0], least[1], least[2]))


def _is_slow(chars: int, seconds: float) -> bool:
    return seconds > max(_SECONDS, _SECONDS_A_CHAR * chars)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the garbage collector, which comes when it likes."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def seconds_of(function: Callable[[str], Any], value: str) -> float:
    began = time.process_time()
    with suppress(DocumentError, UnicodeEncodeError):
        function(value)
    return time.process_time() - began
