"""What libyaml's words mean to the author of a file: a code, a place, a sentence."""

import re
import unicodedata
from typing import Any, NamedTuple

import yaml

from ..base.problems import Code, DocumentError


def character_error(error: Any, data: bytes, first_line: int) -> DocumentError:
    """libyaml states only the byte offset of a character that it refuses."""
    before = data[: error.position]
    line = before.count(b"\n")
    column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", errors="replace"))
    message = f"The character U+{error.character:04X} is not allowed."
    return DocumentError(Code.FORBIDDEN_CHARACTER, message, first_line + line, column + 1)


# What looks like a blank, like nothing or like a colon, as word processors write it.
_LOOKALIKE = re.compile("[\u00a0\u200b-\u200f\u2060\u3000\ufeff\ufe55\uff1a]")


def lookalike(text: str) -> tuple[int, str] | None:
    """The first character that looks like a blank or a colon: where, and a message."""
    found = _LOOKALIKE.search(text)
    if found is None:
        return None
    name = unicodedata.name(found[0], "")
    message = (
        f"The character U+{ord(found[0]):04X} ({name}) is neither a blank nor a colon of YAML."
    )
    return found.start(), message


class _Rule(NamedTuple):
    """What libyaml's words mean to an author; in `line`, NUL stands at the place of the problem."""

    words: re.Pattern[str]
    line: re.Pattern[str]
    code: Code
    message: str
    at_start: bool  # the place is where libyaml's context begins, not where it gave up


def _rule(words: str, line: str, code: Code, message: str, at_start: bool = False) -> _Rule:
    return _Rule(re.compile(words), re.compile(line), code, message, at_start)


_TEXT_AFTER = "(expected key|not allowed in this context)$"
# The first that fits counts. <> stands for the character at the place.
_RULES = (
    _rule("tab character", "", Code.TAB, "Indentation contains a tab."),
    _rule("", r"^ *\0?\t", Code.TAB, "Indentation contains a tab."),
    _rule("", "\ufeff *\0", Code.FORBIDDEN_CHARACTER, "The character U+FEFF is not allowed."),
    _rule(_TEXT_AFTER, r"""["'] *\0""", Code.QUOTES, "Text after the closing quote."),
    _rule(
        _TEXT_AFTER,
        r"[\]}] *\0",
        Code.RESERVED_CHARACTER,
        "Text after the closing bracket. A value that starts with [ or { needs quotes.",
    ),
    _rule(
        "mapping values are not allowed",
        r"^ +[^ \0]+ *\0",
        Code.UNQUOTED_COLON,
        "This line is indented as a continuation of the value above, in which a colon followed by"
        " a space needs quotes. If it is a key itself, correct the indentation.",
    ),
    _rule(
        "mapping values are not allowed",
        "",
        Code.UNQUOTED_COLON,
        "Unquoted value contains a colon followed by a space.",
    ),
    _rule(
        "expected key",
        r"^ +\0",
        Code.SYNTAX,
        "The indentation matches no line above: keys of one mapping, and the hyphens of one list,"
        " start in the same column.",
    ),
    _rule(
        "expected (key|':')",
        "",
        Code.NOT_A_MAPPING,
        "This line is neither `key: value` nor indented under a key: a colon is missing, or text"
        " that belongs to the line above is not indented.",
        at_start=True,
    ),
    _rule(
        "an alias",
        "",
        Code.UNKNOWN_ALIAS,
        "A value that starts with * is an alias.",
        at_start=True,
    ),
    _rule(
        "an anchor",
        "",
        Code.RESERVED_CHARACTER,
        "A value must not start with &.",
        at_start=True,
    ),
    _rule("tag", "", Code.UNSUPPORTED_TAG, "A value that starts with ! is a tag.", at_start=True),
    _rule(
        "scanning a quoted",
        "",
        Code.QUOTES,
        "Unterminated quoted value.",
        at_start=True,
    ),
    _rule(
        "parsing a quoted",
        r"\\\0?u\0?[dD][89a-fA-F]",
        Code.FORBIDDEN_CHARACTER,
        "The escape is an unpaired surrogate. Write the character itself: YAML escapes it as"
        " one \\U with eight digits.",
    ),
    _rule(
        "parsing a quoted",
        "",
        Code.QUOTES,
        "Invalid escape sequence in double quotes. Single quotes keep a backslash as it is.",
    ),
    _rule(
        "expected ',' or",
        "",
        Code.RESERVED_CHARACTER,
        "Unclosed bracket at the start of a value. Text that starts with [ or { needs quotes.",
        at_start=True,
    ),
    _rule(
        "block scalar",
        "",
        Code.RESERVED_CHARACTER,
        "The text of a value that starts with > or | goes on the next line.",
        at_start=True,
    ),
    _rule("flow node", "", Code.SYNTAX, "Missing value before <>."),
    _rule(
        "cannot start any token|not allowed in this context|expected node content",
        "",
        Code.RESERVED_CHARACTER,
        "A value must not start with <>.",
    ),
    _rule(
        "directive",
        "",
        Code.RESERVED_CHARACTER,
        "A line must not start with %.",
        at_start=True,
    ),
    _rule(
        "document start",
        "",
        Code.SEVERAL_DOCUMENTS,
        "A line above that is ... or starts with % ends the front matter.",
    ),
)


def syntax_error(error: yaml.MarkedYAMLError, block: str, first_line: int) -> DocumentError:
    """The first rule that fits libyaml's words and the line that it stopped in."""
    mark: Any = error.problem_mark or error.context_mark
    words = f"{error.context}: {error.problem}"
    lines = block.split("\n")
    text = lines[mark.line] if mark.line < len(lines) else ""
    place = f"{text[: mark.column]}\0{text[mark.column :]}"
    for rule in _RULES:
        if rule.words.search(words) and rule.line.search(place):
            break
    else:
        rule = _rule("", "", Code.SYNTAX, f"The front matter is not YAML: {error.problem}.")
    if rule.at_start and error.context_mark and "block mapping" not in words:
        mark = error.context_mark
    if rule.code is Code.NOT_A_MAPPING and (seen := lookalike(lines[mark.line])):
        place_of_it, message = seen
        line = first_line + mark.line
        return DocumentError(Code.FORBIDDEN_CHARACTER, message, line, place_of_it + 1)
    message = rule.message.replace("<>", repr(text[mark.column : mark.column + 1]))
    return DocumentError(rule.code, message, first_line + mark.line, mark.column + 1)
