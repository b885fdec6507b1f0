r"""TeX to MathML for readers that run no script, and to a line of plain text.

The converter is made for formulas one trusts: it passes on ``\href``, ``\class`` and ``\style``,
expands macros without end, and writes an unknown command as a variable of that name.  What it
makes is therefore rebuilt from a list of elements and attributes, and a formula that needs
anything else is refused.
"""

import html
import re
import unicodedata
from collections.abc import Callable
from functools import cache
from xml.etree import ElementTree as ET

from latex2mathml.converter import convert_to_element
from latex2mathml.symbols_parser import convert_symbol

__all__ = ["from_tex", "to_text"]

_NAMESPACE = "http://www.w3.org/1998/Math/MathML"
# MathML Core, and `menclose` of MathML 3, which readers without it show as a row.
_ELEMENTS = frozenset(
    [
        "math",
        "mrow",
        "mi",
        "mn",
        "mo",
        "ms",
        "mtext",
        "mspace",
        "mfrac",
        "msqrt",
        "mroot",
        "mstyle",
        "mpadded",
        "mphantom",
        "menclose",
        "msub",
        "msup",
        "msubsup",
        "munder",
        "mover",
        "munderover",
        "mmultiscripts",
        "mprescripts",
        "mtable",
        "mtr",
        "mtd",
    ]
)
_BOOLEAN = re.compile("true|false")
_WORDS = re.compile("[a-z -]{1,80}")
_LENGTH = (
    r"[+-]?(?:[0-9]{1,2}(?:\.[0-9]{0,4})?|\.[0-9]{1,4})(?:em|ex|px|pt|mu|width|height|depth|%)?"
)
# A length of two digits: a formula cannot cover the page that it stands on.
_LENGTHS = re.compile(rf"(?:{_LENGTH}|[a-z]{{1,30}}mathspace)(?: (?:{_LENGTH})){{0,30}}")
_ATTRIBUTES = {
    **dict.fromkeys(
        ("accent", "accentunder", "displaystyle", "fence", "largeop", "movablelimits"), _BOOLEAN
    ),
    **dict.fromkeys(("separator", "stretchy", "symmetric"), _BOOLEAN),
    **dict.fromkeys(("columnalign", "columnlines", "display", "form", "linebreak"), _WORDS),
    **dict.fromkeys(("mathvariant", "notation", "rowlines"), _WORDS),
    **dict.fromkeys(("columnspacing", "depth", "height", "linethickness", "lspace"), _LENGTHS),
    **dict.fromkeys(("maxsize", "minsize", "rowspacing", "rspace", "voffset", "width"), _LENGTHS),
    "scriptlevel": re.compile("[+-]?[0-9]"),
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
        if name in _ATTRIBUTES and _ATTRIBUTES[name].fullmatch(value)
    }
    copy = ET.SubElement(parent, element.tag, attributes)
    copy.text = text
    return all(_copy(child, copy, depth - 1) for child in element)


# --- plain text ------------------------------------------------------------------------------

_TEXT = re.compile(
    r"""
      (?P<row_end> \\\\ (?: \[ [0-9.a-z]+ \] )? )
    | (?P<matrix> \\ (?: begin | end ) \{ [a-zA-Z]*matrix \} )
    | (?P<layout> \\begin\{ [a-z]+\*? \} (?: \{ [lcr|]+ \} )? | \\end\{ [a-z]+\*? \}
        | \\hline (?! [A-Za-z] ) | & )
    | \\ (?: text | textrm | textbf | textit | mathrm | mathbf | operatorname ) \s*
         \{ (?P<text> [^\\{}$]* ) \}
    | (?P<nothing> \\ (?: ! | (?: left | right | limits | displaystyle ) (?! [A-Za-z] ) ) )
    | (?P<space> \\ (?: [ ,;:>] | (?: quad | qquad | thinspace ) (?! [A-Za-z] ) ) | ~ )
    | \\ (?P<character> [{}$%&\#_] )
    | (?P<command> \\[A-Za-z]+ ) (?P<gap> [ ]? )
    """,
    re.VERBOSE,
)
_FRACTION = re.compile(r"\\[dt]?frac\s*\{([^{}\\]+)\}\s*\{([^{}\\]+)\}")
_LAST_ROW_END = re.compile(r"(?:[ ]*;)+(?=[ ]*(?:[;)]|$))|(?<=\()[ ]|[ ]+(?=[;)])")
_PREFIXES = "¬∂∇√∀∃Δ"
_FRACTIONS_DEEP = 4


def to_text(tex: str) -> str:
    r"""TeX on one line: ``\pi \neq x_1`` is "π ≠ x_1"; what has no character stays TeX.

    Rows of a matrix are apart by a semicolon.
    """
    text = _TEXT.sub(_plain, tex)
    for _ in range(_FRACTIONS_DEEP):
        text, made = _FRACTION.subn(_fraction, text)
        if not made:
            break
    return _LAST_ROW_END.sub("", " ".join(text.split()))


def _fraction(found: re.Match[str]) -> str:
    return "/".join(
        part if part.isalnum() else f"({part})" for part in map(str.strip, found.groups())
    )


def _plain(found: re.Match[str]) -> str:
    if found["command"]:
        symbol = _symbol(found["command"])
        if symbol is None:
            return found[0]
        return symbol if symbol in _PREFIXES else symbol + found["gap"]
    if found["row_end"]:
        return ";"
    if found["matrix"]:
        return "(" if found["matrix"].startswith(r"\begin") else ")"
    if found["layout"] or found["space"]:
        return " "
    return str(found["character"] or found["text"] or "")


@cache
def _symbol(command: str) -> str | None:
    """The character that a command is, unless it stands on a keyboard or on its neighbour."""
    convert: Callable[[str], str | None] = convert_symbol
    code = convert(command)
    character = chr(int(code, 16)) if code and code.isalnum() else ""
    stands_alone = bool(character) and unicodedata.category(character)[0] != "M"
    return character if stands_alone and not character.isascii() else None
