"""Where the keys of a TOML text stand, of which tomllib says nothing."""

import re
from collections.abc import Iterable, Iterator, Mapping

PART = r"(?:[A-Za-z0-9_-]++|\"(?:[^\"\\\n]|\\.)*+\"|'[^'\n]*')"
_HEADER = re.compile(rf"[ \t]*(\[\[?)[ \t]*({PART}(?:[ \t]*\.[ \t]*{PART})*+)[ \t]*\]")
_ASSIGNMENT = re.compile(rf"[ \t]*({PART}(?:[ \t]*\.[ \t]*{PART})*+)[ \t]*=[ \t]*")
_NEXT_PART = re.compile(rf"({PART})(?:[ \t]*\.[ \t]*)?")
_LONG_QUOTES = re.compile(r'"""|\'\'\'')


def places(text: str, first_line: int, longest: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """The dotted key and the place of the value, line and column, of each line that sets one.

    A table stands where its header begins; tables of an array have numbers in their keys, from 0.
    A key of more than `longest` characters is passed over, with what stands in it.
    """
    table, quotes, arrays = "", "", dict[str, int]()
    for number, line in enumerate(text.split("\n"), first_line):
        if quotes:  # a text goes on
            if quotes in line:
                quotes = ""
            continue
        if match := _ASSIGNMENT.match(line):
            if len(path := table + _dotted(match[1])) <= longest:
                yield path, (number, match.end() + 1)
            value = line[match.end() :]
            mark = _LONG_QUOTES.match(value)
            quotes = mark.group() if mark and mark.group() not in value[3:] else ""
        elif match := _HEADER.match(line):
            if len(path := _dotted(match[2])) <= longest:
                path = _numbered(path, arrays)
                yield path, (number, match.start(1) + 1)
            table = path[: longest + 1] + "."
            if match[1] == "[[":
                arrays[table] = arrays.get(table, -1) + 1
                table += f"{arrays[table]}."


def _numbered(path: str, arrays: Mapping[str, int]) -> str:
    """The key of a table, with the numbers of those of the arrays that it stands in."""
    *above, last = path.split(".")
    numbered = ""
    for part in above:
        numbered += f"{part}."
        if numbered in arrays:
            numbered += f"{arrays[numbered]}."
    return numbered + last


def line_of(places: Iterable[tuple[str, int]], key: str) -> int | None:
    """The line of a dotted key, or of the nearest table around it; `places` are keys and lines."""
    around = [(len(known), -line) for known, line in places if f"{key}.".startswith(f"{known}.")]
    return -max(around)[1] if around else None


def _dotted(key: str) -> str:
    parts, end = [], 0
    while match := _NEXT_PART.match(key, end):
        parts.append(match[1].strip("\"'"))
        end = match.end()
    return ".".join(parts)
