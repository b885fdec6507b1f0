"""Words for people: a number with its noun, a text or a list cut short, and one path for many."""

from collections.abc import Sequence


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: ``1 file``, ``2,000 files``; `many` is for more than an ``s``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def cut(text: str, chars: int) -> str:
    """A text of no more than so many characters; what is cut ends in an ellipsis."""
    return text if len(text) <= chars else text[: chars - 1] + "…"


def and_more(count: int, shown: int) -> list[str]:
    """The line behind so many `shown` of a list; none behind a whole one."""
    return [f"… and {count - shown:,} more"] if count > shown else []


def some(paths: Sequence[str]) -> str:
    """The first of some paths, and how many more there are."""
    return paths[0] + f" and {counted(len(paths) - 1, 'more file')}" * (len(paths) > 1)
