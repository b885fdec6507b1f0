"""Bar charts as SVG 1.1: small, without scripts or fonts of their own, legible on any ground."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from pressroom.base.wording import cut

_LABEL, _BAR, _NUMBER = 220, 360, 80  # pixels from left to right
_ROW, _TITLE = 20, 28
_LABEL_CHARS = 32


def bars(title: str, counts: Sequence[tuple[str, int]]) -> str:
    """A bar for each label, from top to bottom. No text may hold control characters."""
    most = max((count for _, count in counts), default=0) or 1
    width, height = _LABEL + _BAR + _NUMBER, _TITLE + _ROW * len(counts) + 8
    rows = "".join(
        _bar(_TITLE + _ROW * row, label, count, round(_BAR * count / most, 1))
        for row, (label, count) in enumerate(counts)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        ' font-family="sans-serif" font-size="12" fill="#222">'
        f'<rect width="{width}" height="{height}" fill="#fff"/>'
        f'<text x="8" y="18" font-weight="bold">{escape(title)}</text>{rows}</svg>'
    )


def _bar(top: int, label: str, count: int, length: float) -> str:
    text, short = top + 14, cut(label, _LABEL_CHARS)
    return (
        f'<text x="{_LABEL - 8}" y="{text}" text-anchor="end">{escape(short)}</text>'
        f'<rect x="{_LABEL}" y="{top + 3}" width="{length}" height="{_ROW - 6}" fill="#4a7fb5"/>'
        f'<text x="{_LABEL + length + 6}" y="{text}">{count:,}</text>'
    )
