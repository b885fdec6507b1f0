"""YAML front matter of the plainest shape, read by its lines and not by libyaml.

Nearly every file is no more than ``key: text``, ``key: >-`` above one line of text, and ``key:``
above such entries. Only what can mean nothing else in YAML is read here; what is left, right or
wrong, is left to `yaml_reader`.
"""

import re
from typing import Any

from pipeline.document import Document, FrontMatter
from pipeline.settings import Limits

# A plain scalar begins with no indicator (YAML 1.1, 5.3), nor here with ~, and holds neither a
# colon before a blank nor a # behind one. Nothing is tried again, so that time is linear.
_ENTRY = re.compile(
    r"""
    ^ ( (\ *+) ([A-Za-z_][A-Za-z0-9_]{0,99}+) : (?: \ ++ | (?=\n) ) )
    (?:
        (?: >- \n \2\ ++ ( [^\n]++ )
          | ( (?! [\s?:,\[\]{}\#&*!|>'"%@`~] | -(?![\w.]) )
              [^\n:\#]++ (?: (?: :(?=\S) | (?<!\ )\# ) [^\n:\#]*+ )*+ )
        )
        (?<!\ )
    )?+ \n
    """,
    re.VERBOSE | re.MULTILINE,
)
_PRINTABLE_ASCII = bytes([*b"\n", *range(0x20, 0x7F)])
# What libyaml refuses, or takes for a blank or the end of a line.
_SPECIAL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def read(document: Document, limits: Limits) -> FrontMatter | None:
    """Read a block of YAML as `yaml_reader.read` does; None if it is not of the plainest shape.

    None too where it may go beyond a limit: nothing is refused here.
    """
    block = document.block
    lines = block.rstrip("\n").count("\n") + 1
    # An entry is a key and a value, on two lines at most, and the mapping of all is a value too.
    if lines >= limits.nodes or limits.depth < 2 or len(block) > limits.scalar_chars:
        return None
    entries = _ENTRY.findall(block)
    if 2 * len(entries) >= limits.nodes or _holds_special(block):
        return None
    return _filled(entries, document.first_line, lines)


def _holds_special(block: str) -> bool:
    rest = block.encode().translate(None, _PRINTABLE_ASCII)
    return bool(rest) and _SPECIAL.search(rest.decode()) is not None


def _filled(entries: list[tuple[str, ...]], first_line: int, lines: int) -> FrontMatter | None:
    """The mapping of entries, if they fill so many lines and each stands where it may."""
    values: dict[str, Any] = {}
    positions: dict[str, tuple[int, int]] = {}
    mapping, prefix = values, ""
    margin: str | None = ""  # of the entries of `mapping`; None as long as it has none
    line = first_line
    for head, indent, key, folded, plain in entries:
        if indent != margin:
            if bool(indent) is not (margin is None):
                return None
            if not indent:
                mapping, prefix = values, ""
            margin = indent
        if plain:
            mapping[key] = None if plain == "null" else plain
            positions[prefix + key] = line, len(head) + 1
        elif folded:
            mapping[key] = folded
            positions[prefix + key] = line, len(head) + 1
            line += 1
        elif indent:
            return None
        else:
            mapping, prefix, margin = {}, key + ".", None
            values[key] = mapping
            positions[key] = line, 1
        line += 1
    is_all = line == first_line + lines and margin is not None
    if not is_all or len(positions) < len(entries):  # a key stands twice
        return None
    return FrontMatter(values, positions, [], first_line)
