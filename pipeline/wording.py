"""Words for people: a number with its noun, and a text cut short."""


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: ``1 file``, ``2,000 files``; `many` is for more than an ``s``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def cut(text: str, chars: int) -> str:
    """A text of no more than so many characters; what is cut ends in an ellipsis."""
    return text if len(text) <= chars else text[: chars - 1] + "…"
