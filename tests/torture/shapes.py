"""Kinds of text that grow, to measure how the time for them does."""

from collections.abc import Iterator
from typing import NamedTuple


class Shape(NamedTuple):
    """A text of any length: something, a unit again and again, another as often, and something.

    In the units, ``§`` is a number.
    """

    before: str
    unit: str
    after: str
    then: str = ""

    def text(self, times: int) -> str:
        """The text with each unit so many times."""
        return "".join((self.before, *self._units(times), self.after))

    def _units(self, times: int) -> Iterator[str]:
        for unit in (self.unit, self.then):
            if "§" in unit:
                yield from (unit.replace("§", str(number)) for number in range(times))
            else:
                yield unit * times


# Again and again from the first character on.
_UNITS = [
    *(" ", "\t", "\n", "\r", "\r\n", " \n", "\n ", "\xa0", "\u2028", "\x85", "\u3000", "\ufeff"),
    *("'", '"', "''", '"a" ', "'a' ", '\\"', "\\", "\\\\", '"""', "'''", "”", "’s ", "[", "]"),
    *("[]", "[a](b) ", "![", "](", "{", "}", "{}", "(", ")", "<", ">", "<b>", "</b>", "<!--"),
    *("-->", "&", "&amp;", "&#x41;", "`", "``", "` ", "`a` ", "```\n", "~~~\n", "``` `\n", "> "),
    *(">", "> > \n", "- ", "-", "- a\n", "1. ", "1) a\n", "* ", "*", "**", "*a ", "_", "__"),
    *("_a ", "|", "a|b\n", "|-", "|--|\n", "$", "$$", "$a$ ", "$ ", "$1 ", "\\(", "\\)"),
    *("\\[a\\] ", "\\n", "\\nu", "\\neq ", "$$\\nu ", "\\n\\n", "`\\n", '\\n"', "---\n", "+++\n"),
    *("---", "===\n", "...\n", "# ", "#", "## a\n", ": ", ":", "a: b\n", "a:\n", "a = 1\n", "a."),
    *("a . ", "a,", ",", ", ", ";", "; ", "? ", "! ", "!a ", "@", "%", "%41", "%TAG ! a\n"),
    *("&a ", "*a, ", "<<: *a\n", "a", "a ", "word ", "Word. ", "aA", "1", "1 ", "1.", "-1", "1_"),
    *("0x", "1e9", "2024-01-01 ", "12:30:00", "é", "éa ", "a\u0301", "\u0301", "\u0301\u0316"),
    *(
        "中",
        "中文 ",
        "🎉",
        "👩\u200d👩\u200d👧 ",
        "ﬁ",
        "İ",
        "ß",
        "ﷺ",
        "\u202e",
        "/",
        "/a",
        "//",
        "../",
    ),
    *("http://a.b/ ", "a@b.c ", "\\frac{a}{b}", "\\frac{", "{\\frac", "^{a", "\\text{"),
    *("\\text{a}", "\\begin{a}", "\\left(", "\\\\ ", "a & b \\\\ ", "\x00", "\x07alpha ", "§ "),
    *("k§: v\n", "k§ = 1\n", '"k§": 1, ', "éabcd§ ", "[a§]\n", "[[a]]\nk = 1\n", "&a§ ", "{{<"),
    *("a: 'b\n", "a: b: c\n", "\ta: b\n", "a: [\n", "a: @b\n", "a: !b\n", "a: &b c\n", "a: *b\n"),
    *("a: {b: ", "- - ", "? a\n: b\n", "a: |\n b\n", "a: >-\n  b\n", " a: b\n", "a:b\n", "a b\n"),
]
# What begins or ends only once.
_FRAMED = [
    *(("```\n", unit, "") for unit in ("a\n", "`", "\n", ' "', '"a\n', '\\n"')),
    *(("`", unit, "") for unit in (" ", "a ", "\\n", '"\n')),
    *(("$", unit, "") for unit in (" ", "a", "\\nu ", "\\$")),
    *(("$$", unit, "$$") for unit in ("\\nu ", "a\n", "\n\n")),
    *(("> ", unit, "x") for unit in (" ", "\t", "> ")),
    *(("- ", unit, "x") for unit in (" ", "- ", "\n")),
    *(
        ("a: ", unit, "\n")
        for unit in (" ", "a ", "[", "{a: ", "'", "''", "- ", "#", " #", "&a ", "é")
    ),
    *(('a: "', unit, '"\n') for unit in ("a", "\\n", "\\x41", "\\\\", " \n ", "\\u0041")),
    *(("a: '", unit, "'\n") for unit in ("a", "''", "\n ", "\n\n")),
    *(("a: >-\n", unit, "") for unit in ("  a\n", "  a b\n\n", "  \n", "   ", "  - a\n")),
    *(("a: |\n", unit, "") for unit in ("  a\n", "\n", "  # a\n")),
    *(("a: &a b\nc: [", unit, "]\n") for unit in ("*a, ", "&b *a, ")),
    *(("a: [", unit, "]\n") for unit in ("b, ", "[], ", "'b', ", "{b: c}, ")),
    *(("a: {", unit, "}\n") for unit in ("b§: c, ", "b§, ", "? b§ : c, ")),
    *(("a = ", unit, "\n") for unit in (" ", "[", "{a = ", "1", "1_0", "'", '"', "0x")),
    *(('a = """\n', unit, '"""\n') for unit in (" ", "a\n", "\\\n  ", '"" ', "[a]\n", "a.b\n")),
    *(("a = [", unit, "]\n") for unit in ("1, ", "[], ", "\n", "# a\n", "{a = 1}, ", '"a.b", ')),
    *((f"[{'.'.join('a' * 60)}]\n", unit, "") for unit in ("a§ = 1\n", "a§.b.c = 1\n")),
    *((f"{'[' * 9}a{']' * 9}\n", unit, "") for unit in ("[[a.b]]\n", "[a§.b.c.d]\n")),
    *(('{"a": ', unit, "}") for unit in ("[", '{"a": ', " ", "1", "-", "1e", '"')),
    *(('{"a": [', unit, "1]}") for unit in ("1, ", "[], ", '"a", ', "null, ", "\n", '"\\u0041", ')),
    *(('{"a": "', unit, '"}') for unit in ("a", "\\n", "\\u0041", "\\ud83c\\udf89", " ")),
    ("{", '"k§": {"a": 1}, ', '"z": 1}'),
    *(("/", unit, "") for unit in ("a/", "%41", "%2e/", "a.", "a_")),
    *(("2024-01-01T00:00:00.", unit, "Z") for unit in ("0",)),
    *(("a", unit, "b") for unit in (" ", "\n", "\u3000", "-", "_", "\u0301")),
]
# First all of the one, then all of the other.
_BOTH = [
    *(("`", "\n```"), ("~", "\n~~~"), ("```\n", "~~~\n"), ("`", "a`"), ("`a", "``"), ("\\", "`")),
    *(("$", "$$"), ("$$", "\\]"), ("\\(", "\\)"), ("\\[", "\\)"), ("{", "}"), ("[", "]")),
    *(("(", ")"), ("> ", "\n> "), ("- ", "\n  - "), (" ", "\n "), ("\n", " "), ("\t", "\n\t")),
    *(("*", "a*"), ("a", " a"), ("a", "b"), ("1", "."), ("9", "a"), ('"', '\\"'), ("'", '"')),
    *(("é", " é"), ("\u0301", "\u0316"), ("a ", "é "), ("xabcd ", "éxabcdé "), ("<", ">")),
    *(("&", ";"), ("a§: &a§ b\n", "- *a§\n"), ("a§: b\n", "a§: b\n"), ("k§: v\n", "\tk: v\n")),
    *(("k§ = 1\n", "k§ = 1\n"), ("[a§]\n", "[a§]\n"), ("# a\n", "a = [\n"), ("a.", "= 1\n")),
    *(('"k§": 1, ', '"k§": 2, '), ("k§: v\n", "a: 'b'c'\n"), ("é§ ", "é\\n")),
]
SHAPES = [
    *(Shape("", unit, "") for unit in _UNITS),
    *(Shape(*framed) for framed in _FRAMED),
    *(Shape("", unit, "", then) for unit, then in _BOTH),
]
