r"""TeX to MathML for readers that run no script, and to a line of plain text.

The converter is made for formulas one trusts: it passes on ``\href``, ``\class`` and ``\style``,
expands macros without end, and writes an unknown command as a variable of that name.  What it
makes is therefore rebuilt from a list of elements and attributes, and a formula that needs
anything else is refused.
"""

import contextlib
import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from xml.etree import ElementTree as ET

from latex2mathml.commands import FUNCTIONS, LIMIT
from latex2mathml.converter import convert_to_element
from latex2mathml.symbols_parser import convert_symbol

__all__ = ["from_tex", "to_text"]

_NAMESPACE = "http://www.w3.org/1998/Math/MathML"
# MathML Core, and `menclose` of MathML 3, which readers without it show as a row.
_ELEMENTS = {
    *("math", "mrow", "mi", "mn", "mo", "ms", "mtext", "mspace", "mfrac", "msqrt", "mroot"),
    *("mstyle", "mpadded", "mphantom", "menclose", "msub", "msup", "msubsup", "munder", "mover"),
    *("munderover", "mmultiscripts", "mprescripts", "mtable", "mtr", "mtd"),
}
_BOOLEAN = re.compile("true|false").fullmatch
_WORDS = re.compile("[a-z -]{1,80}").fullmatch
_LENGTH = (
    r"[+-]?(?:[0-9]{1,2}(?:\.[0-9]{0,4})?|\.[0-9]{1,4})(?:em|ex|px|pt|mu|width|height|depth|%)?"
)
# A length of two digits: a formula cannot cover the page that it stands on.
_LENGTHS = re.compile(rf"(?:{_LENGTH}|[a-z]{{1,30}}mathspace)(?: (?:{_LENGTH})){{0,30}}").fullmatch
_ATTRIBUTES = {
    **dict.fromkeys(
        ("accent", "accentunder", "displaystyle", "fence", "largeop", "movablelimits"), _BOOLEAN
    ),
    **dict.fromkeys(("separator", "stretchy", "symmetric"), _BOOLEAN),
    **dict.fromkeys(("columnalign", "columnlines", "display", "form", "linebreak"), _WORDS),
    **dict.fromkeys(("mathvariant", "notation", "rowlines"), _WORDS),
    **dict.fromkeys(("columnspacing", "depth", "height", "linethickness", "lspace"), _LENGTHS),
    **dict.fromkeys(("maxsize", "minsize", "rowspacing", "rspace", "voffset", "width"), _LENGTHS),
    "scriptlevel": re.compile("[+-]?[0-9]").fullmatch,
}
# Definitions are expanded without end; a comment hides the rest, and is a percentage by mistake.
_REFUSED = re.compile(
    r"""
      \\ (?: newcommand | renewcommand | providecommand | [egx]?def | let | DeclareMathOperator
           | (?: re )? newenvironment | unicode ) (?! [A-Za-z] )
    | (?<! \\ ) (?: \\\\ )* %
    | [^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]   # no character of XML 1.0
    """,
    re.VERBOSE,
)
_CHARACTER = re.compile(r"&#x[0-9A-Fa-f]{1,6};")
_UNKNOWN_COMMAND = re.compile(r"\\[A-Za-z]|[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LONGEST = 2_000
_DEEPEST = 60  # elements within elements: an HTML parser gives up at 512, other readers earlier


def from_tex(tex: str, *, display: bool) -> str | None:
    """A ``math`` element with the TeX as its annotation; None if the TeX is not understood."""
    if len(tex) > _LONGEST or _REFUSED.search(tex):
        return None
    kind = "block" if display else "inline"
    try:
        known = _in_rows(tex, display=display)
        formula = convert_to_element(known, display=kind)
        table = formula.find(".//mtable")
        if table is not None and _is_made_table(known, tex):
            table.set("displaystyle", "true")  # as in the environments that it stands for
        row = ET.Element("mrow")
        if not all(_copy(child, row, _DEEPEST) for child in formula):
            return None
    except Exception:  # noqa: BLE001  on broken TeX the converter fails in many ways
        return None
    math = ET.Element("math", {"xmlns": _NAMESPACE, "display": kind})
    semantics = ET.SubElement(math, "semantics")
    # A formula is one row already; semantics takes one expression.
    semantics.append(row[0] if len(row) == 1 else row)
    ET.SubElement(semantics, "annotation", encoding="application/x-tex").text = tex
    return ET.tostring(math, encoding="unicode", short_empty_elements=False)


_TABLE = r"\begin{matrix}"
# Environments that the converter does not know, as those that it does.
_ENVIRONMENTS = {
    **dict.fromkeys(("aligned", "alignedat", "alignat", "alignat*"), "split"),
    **dict.fromkeys(("gather", "gather*", "gathered", "multline", "multline*"), "matrix"),
    **dict.fromkeys(("eqnarray", "eqnarray*"), "array"),
}
_STRUCTURE = re.compile(
    r"""
      (?P<row_end> \\\\ \*? (?: \s{0,9} \[ \s{0,9} [+-]? [0-9.]{1,9} \s{0,9} [a-z]{2} \s{0,9} \] )?
        | \\ (?: newline | cr ) (?! [A-Za-z] ) )
    | \\ (?P<bound> begin | end ) \{ (?P<name> [a-zA-Z]{1,20} \*? ) \} (?P<columns> \{ [0-9]+ \} )?
    | (?P<number> \\ (?: notag | nonumber ) (?! [A-Za-z] ) )
    | (?P<group> \\ (?: left | right ) (?! [A-Za-z] ) )
    | \\ .
    | (?P<brace> [{}] )
    | (?P<cell> & )
    """,
    re.VERBOSE | re.DOTALL,
)


def _in_rows(tex: str, *, display: bool) -> str:
    r"""The TeX with row ends and environments that the converter reads.

    A length behind ``\\`` goes; in displayed maths rows outside of any group are those of a table.
    """
    rows, done, depth, has_cells = [""], 0, 0, False
    for sign in _STRUCTURE.finditer(tex):
        rows[-1] += tex[done : sign.start()]
        done = sign.end()
        depth += (sign[0] in ("{", r"\left") or sign["bound"] == "begin") - (
            sign[0] in ("}", r"\right") or sign["bound"] == "end"
        )
        if sign["row_end"] and not depth and display:
            rows.append("")
        elif not (sign["number"] and not depth):
            rows[-1] += _known_to_converter(sign)
        has_cells |= sign["cell"] is not None and not depth
    rows[-1] += tex[done:]
    if len(rows) > 1 and not rows[-1].strip():
        rows.pop()
    if len(rows) == 1:
        return rows[0]
    if has_cells:
        return r"\begin{split}" + r"\\".join(rows) + r"\end{split}"
    # The braces keep a bracket from being an option of the environment.
    return _TABLE + "{}" + r"\\".join(rows) + r"\end{matrix}"


def _is_made_table(known: str, tex: str) -> bool:
    return known.lstrip().startswith(_TABLE) and not tex.lstrip().startswith(_TABLE)


def _known_to_converter(sign: re.Match[str]) -> str:
    """The same, or what the converter has for it."""
    if sign["row_end"]:
        return r"\\"
    name = _ENVIRONMENTS.get(sign["name"] or "")
    if name is None:
        return sign[0]
    columns = "{rcl}" if name == "array" and sign["bound"] == "begin" else ""
    return rf"\{sign['bound']}{{{name}}}{columns}"


def _copy(element: ET.Element, parent: ET.Element, depth: int) -> bool:
    """Append a copy of what is known; False if there is anything that cannot be left out."""
    # The converter writes some characters as references, in a tree that is not yet escaped.
    text = _CHARACTER.sub(lambda found: html.unescape(found[0]), element.text or "")
    if not depth or element.tag not in _ELEMENTS or _UNKNOWN_COMMAND.search(text):
        return False
    attributes = {
        name: value
        for name, value in element.attrib.items()
        if name in _ATTRIBUTES and _ATTRIBUTES[name](value)
    }
    copy = ET.SubElement(parent, element.tag, attributes)
    copy.text = text
    return all(_copy(child, copy, depth - 1) for child in element)


# --- plain text ------------------------------------------------------------------------------

_ITEM = re.compile(
    r"""
      (?P<row_end> \\\\ \*? (?: \[ [0-9.a-z]+ \] )? )
    | (?P<matrix> \\ (?: begin | end ) \{ [a-zA-Z]*matrix \} )
    | (?P<space> \\begin\{ [a-z]+\*? \} (?: \{ [lcr|]+ \} )? | \\end\{ [a-z]+\*? \}
        | \\ (?: [ ,;:>] | (?: hline | quad | qquad | thinspace ) (?! [A-Za-z] ) ) | [&~\s] )
    | \\ (?: text(?:rm|bf|it|sf|tt)? | mbox | math(?:rm|bf) | operatorname\*? ) \s*
         \{ (?P<text> [^\\{}$^_]* ) \}
    | (?P<nothing> \\ (?: ! | (?: left | right | [Bb]igg?[lmr]? ) (?! [A-Za-z] ) (?: \s* \. )?
        | (?: (?:no)?limits | displaystyle | textstyle | notag | nonumber ) (?! [A-Za-z] ) ) )
    | \\ (?P<character> [{}$%&\#_] )
    | (?P<command> \\ (?: [A-Za-z]+ | \| ) ) (?P<gap> [ ]? )
    | (?P<script> [\^_] )
    | (?P<group> \{ )
    | (?P<plain> [^\\{}&~\s^_]+ | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_INDEX = re.compile(r"\[([^\]\\{}]{1,9})\]")
_ROW_ENDS = re.compile("[ ]?;(?:[ ]?;)*")
_LOST = re.compile(r";(?=[ ]?(?:\)|$))|(?<=\()[ ]|[ ](?=\))")
_PREFIXES = "¬∂∇√∀∃Δ"
_GROUPS_DEEP = 30
_FRACTIONS = {"frac", "dfrac", "tfrac", "cfrac"}
_FONTS = {"text", "mathrm", "mathbf", "mathit", "mathsf", "mathtt", "boldsymbol", "bm", "boxed"}
_ALPHABETS = {"mathbb": "DOUBLE-STRUCK", "mathcal": "SCRIPT", "mathscr": "SCRIPT"}
_ALPHABETS |= {"mathfrak": "FRAKTUR"}
_ACCENTS = {"vec": "\u20d7", "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303"}
_ACCENTS |= {"widetilde": "\u0303", "bar": "\u0304", "overline": "\u0305", "breve": "\u0306"}
_ACCENTS |= {"dot": "\u0307", "ddot": "\u0308", "mathring": "\u030a", "check": "\u030c"}
_ACCENTS |= {"acute": "\u0301", "grave": "\u0300", "underline": "\u0332", "not": "\u0338"}
_ARGUMENTS = dict.fromkeys({"sqrt", *_FONTS, *_ALPHABETS, *_ACCENTS}, 1)
_ARGUMENTS |= dict.fromkeys(_FRACTIONS, 2)
_ROOTS = {"": "√", "2": "√", "3": "∛", "4": "∜"}
_NAMES = {name[1:] for name in (*FUNCTIONS, *LIMIT)} | {"arg", "bmod", "det", "gcd", "Pr"}


def _scripts(tag: str) -> Mapping[str, str]:
    """What a script is made of, by what it raises or lowers (Unicode's decompositions)."""
    blocks = ((0xB2, 0xBA), (0x2B0, 0x2E9), (0x1D2C, 0x1DC0), (0x2070, 0x209D), (0x2C7C, 0x2C7E))
    found: dict[str, str] = {}
    for char in (chr(code) for block in blocks for code in range(*block)):
        kind, *of = unicodedata.decomposition(char).split() or [""]
        if kind == tag and len(of) == 1:
            found.setdefault(chr(int(of[0], 16)), char)
    return found


_SCRIPTS = {
    "^": {**_scripts("<super>"), "-": "⁻", "∘": "°", "\u2032": "\u2032"},
    "_": {**_scripts("<sub>"), "-": "₋"},
}


def to_text(tex: str) -> str:
    r"""TeX on one line: ``\pi \neq x_1^2`` is "π ≠ x₁²"; what Unicode cannot say stays TeX.

    Rows of a table are apart by a semicolon, and a fraction is written with a slash.
    """
    text, _ = _group(tex, 0, 0)
    text = _ROW_ENDS.sub(";", " ".join(text.split()))
    return _LOST.sub("", text)


def _group(tex: str, place: int, depth: int) -> tuple[str, int]:
    """The text up to the brace that ends a group, or to the end, and the place behind it."""
    parts: list[str] = []
    while place < len(tex):
        if tex[place] == "}" and depth:
            return "".join(parts), place + 1
        part, place = _item(tex, place, depth)
        parts.append(part)
    return "".join(parts), place


def _item(tex: str, place: int, depth: int) -> tuple[str, int]:
    """The text of what stands at a place, and the place behind it."""
    found = _ITEM.match(tex, place)
    assert found  # any character is plain
    place = found.end()
    if found["plain"] or depth > _GROUPS_DEEP:
        return found[0], place
    if found["command"]:
        return _command(tex, found, depth)
    if found["script"]:
        return _script(tex, found[0], place, depth)
    if found["group"]:
        return _group(tex, place, depth + 1)
    return _sign(found), place


def _sign(found: re.Match[str]) -> str:
    """The text of what is applied to nothing."""
    if found["row_end"]:
        return ";"
    if found["matrix"]:
        return "(" if found["matrix"].startswith(r"\begin") else ")"
    return " " if found["space"] else found["character"] or found["text"] or ""


def _argument(tex: str, place: int, depth: int) -> tuple[str, int]:
    """What a command or a script is applied to: a group, a command or one character."""
    while tex[place : place + 1].isspace():
        place += 1
    char = tex[place : place + 1]
    if char in ("", "}", "&", "^", "_"):
        return "", place
    text, place = _item(tex, place, depth + 1) if char in "{\\" else (char, place + 1)
    return " ".join(text.split()), place


def _script(tex: str, sign: str, place: int, depth: int) -> tuple[str, int]:
    text, place = _argument(tex, place, depth)
    raised = _raised(sign, text) or sign + (text if len(text) < 2 else f"{{{text}}}")
    return raised + _gap(tex, place), place


def _raised(sign: str, text: str) -> str:
    """The characters of a script; empty if Unicode has not all of them."""
    letters = [_SCRIPTS[sign].get(letter, "") for letter in text if letter != " "]
    return "".join(letters) if all(letters) else ""


def _gap(tex: str, place: int) -> str:
    """The blank behind a command, which TeX does not show, but which is easier to read."""
    return " " if tex[place - 1 : place].isspace() else ""


def _command(tex: str, found: re.Match[str], depth: int) -> tuple[str, int]:
    name, place = found["command"][1:], found.end()
    if name in _NAMES:
        return _name(tex, found), place
    if name in _ARGUMENTS:
        index = _INDEX.match(tex, place) if name == "sqrt" else None
        place = index.end() if index else place
        arguments: list[str] = []
        for _ in range(_ARGUMENTS[name]):
            argument, place = _argument(tex, place, depth)
            arguments.append(argument)
        of = index[1] if index else ""
        text = _applied(name, of, arguments) if all(arguments) else ""
        as_tex = found["command"] + (index[0] if index else "") + _in_braces(arguments)
        return (text or as_tex) + _gap(tex, place), place
    symbol = _symbol(found["command"])
    if symbol is not None:
        return symbol if symbol in _PREFIXES else symbol + found["gap"], place
    groups: list[str] = []
    while tex[place : place + 1] == "{":
        group, place = _group(tex, place + 1, depth + 1)
        groups.append(group)
    return found[0] + _in_braces(groups), place


def _in_braces(texts: Iterable[str]) -> str:
    return "".join(f"{{{text}}}" for text in texts)


def _applied(name: str, index: str, arguments: Sequence[str]) -> str:
    """What a command makes of its arguments; empty if Unicode cannot say it."""
    text = arguments[0]
    if name in _FRACTIONS:
        return "/".join(map(_whole, arguments))
    if name == "sqrt":
        root = _ROOTS.get(index) or (raised + "√" if (raised := _raised("^", index)) else "")
        return root and root + _whole(text)
    if name in _ALPHABETS:
        letters = [_of_alphabet(_ALPHABETS[name], letter) for letter in text]
        return "".join(letters) if all(letters) else ""
    return _accented(name, text) if name in _ACCENTS else text


def _name(tex: str, found: re.Match[str]) -> str:
    """The name of a function, apart from letters and digits beside it."""
    start, end = found.span()
    before, after = tex[max(start - 1, 0) : start], tex[end : end + 5]
    is_apart = after[:1].isalnum() or (after[:1] in ("\\", "{") and after != r"\left")
    blank = " " if found["gap"] or is_apart else ""
    return (" " if before.isalnum() or before in ("}", ")") else "") + found["command"][1:] + blank


def _whole(text: str) -> str:
    """Text in parentheses, unless it is one word."""
    letters = "".join(char for char in text if not unicodedata.combining(char))
    return text if letters.isalnum() else f"({text})"


def _accented(name: str, text: str) -> str:
    is_one = len(text) == 1 and (text.isalnum() or name == "not")
    if is_one or (name in ("overline", "underline") and text.isalnum()):
        return unicodedata.normalize("NFC", "".join(letter + _ACCENTS[name] for letter in text))
    return ""


@cache
def _of_alphabet(alphabet: str, letter: str) -> str:
    kind = "DIGIT" if letter.isdecimal() else "CAPITAL" if letter.isupper() else "SMALL"
    letter = unicodedata.name(letter, "?").rpartition(" ")[2]
    # Some letters are older than the alphabet that they belong to, such as that of the reals.
    old = alphabet.replace("FRAKTUR", "BLACK-LETTER")
    for name in (f"MATHEMATICAL {alphabet} {kind} {letter}", f"{old} {kind} {letter}"):
        with contextlib.suppress(KeyError):
            return unicodedata.lookup(name)
    return ""


@cache
def _symbol(command: str) -> str | None:
    """The character that a command is, unless it stands on a keyboard or on its neighbour."""
    convert: Callable[[str], str | None] = convert_symbol
    code = convert(command)
    character = chr(int(code, 16)) if code and code.isalnum() else ""
    stands_alone = bool(character) and unicodedata.category(character)[0] != "M"
    return character if stands_alone and not character.isascii() else None
