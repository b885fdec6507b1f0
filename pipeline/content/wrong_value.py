"""What a value is told that does not fit its column."""

from typing import Any

from ..base.problems import Code


class WrongValueError(Exception):
    """A value that does not fit its column; `value` is what of it does, if anything."""

    def __init__(self, code: Code, message: str, value: Any = None) -> None:
        super().__init__(code, message)
        self.code, self.message, self.value = code, message, value
