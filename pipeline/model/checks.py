"""How a setting is checked, and what a wrong one is told."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ..base.errors import SettingsError

STRICT = {"extra": "forbid"}  # of pydantic: an unknown key is an error


@dataclass(frozen=True, slots=True)
class Checked:
    """Marks a value that a function checks, and may give another form, when settings are loaded.

    It does what pydantic's ``AfterValidator`` does, whose import would cost workers, which load no
    settings, 0.1 s. What the function raises is a `SettingsError`.
    """

    check: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, kind: Any, handler: Any) -> Any:
        """The schema of a value of this kind, then the function."""
        from pydantic_core import core_schema  # noqa: PLC0415

        return core_schema.no_info_after_validator_function(self._value, handler(kind))

    def _value(self, value: Any) -> Any:
        try:
            return self.check(value)
        except SettingsError as error:
            raise ValueError(str(error)) from error


@dataclass(frozen=True, slots=True)
class Shorthand:
    """Marks a value that may be written more briefly: a function spells it out."""

    spelled_out: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, kind: Any, handler: Any) -> Any:
        """The function, then the schema of a value of this kind."""
        from pydantic_core import core_schema  # noqa: PLC0415

        return core_schema.no_info_before_validator_function(self.spelled_out, handler(kind))


def ordered(bounds: tuple[Any, Any]) -> tuple[Any, Any]:
    """Bounds, the first of which is not above the second.

    Raises:
        SettingsError: It is.
    """
    low, high = bounds
    if not low <= high:
        raise SettingsError(f"{low} is not below {high}.")
    return bounds


def nearest(word: str, known: Iterable[str]) -> str:
    """What is known that is most like a word, or all that is, as the end of a message."""
    import difflib  # noqa: PLC0415  paid where something is wrong

    names = list(known)
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(names)}."
