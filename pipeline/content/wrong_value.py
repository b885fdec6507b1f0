"""What a value is told that does not fit its column."""

from ..base.problems import Code


class WrongValueError(Exception):
    """A value that does not fit its column."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(code, message)
        self.code, self.message = code, message
