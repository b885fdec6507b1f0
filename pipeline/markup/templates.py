"""Template syntax in a text: what a site's generator replaces before readers see the page.

Liquid and Nunjucks tags, Hugo's shortcodes, MDX components with their imports, attribute lists of
kramdown and Pandoc are left out.  A ``:::`` container becomes a quote, a highlight tag a fenced
block.  What a tag would have inserted is known to the generator alone.  So is nothing of comments,
which some editors have.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .raw_html import is_element

__all__ = ["Blocks", "addressed", "blocks", "comments", "inline", "may_be_in", "without_comments"]


def may_be_in(text: str) -> bool:
    """Whether a text may hold any; most do not.

    For speed alone: to look for all of it takes 50 µs a text, this 5.
    """
    may_hold_tags = ("{" in text or "<" in text) and bool(_MAY_HOLD_TAGS.search(text))
    return may_hold_tags or _may_hold_blocks(text)


def _may_hold_blocks(text: str) -> bool:
    has_highlight = "highlight" in text and bool(_OPENS_HIGHLIGHT.search(text))
    return has_highlight or ":::" in text or text.lstrip().startswith(("import", "export"))


# --- lines: containers, highlight tags, imports --------------------------------------------------

_OPENS_HIGHLIGHT = re.compile(r"\{(?:%-?|\{<)[ ]*+highlight\b")
# MDX, before anything else in a text; in prose neither stands like this.
_IMPORT = re.compile(
    r"""
    \A \s*+ import (?: (?: [^\S\n]++ (?! from\s ) (?: [^\s'"{}]++ | \{ [^{}'"]*+ \} ) )++
                     [^\S\n]++ from )?+ [^\S\n]++ ['"] [^'"\n]++ ['"] ;?+ [ \t]*+ $ \n?+
    """,
    re.VERBOSE | re.MULTILINE,
)
_EXPORT = re.compile(
    r"\A\s*+export\s++(?:(?:const|let|var)\s++\w++\s*+=|(?:default\s++)?+function\s++\w++\s*+\()"
)
_BRACKET = re.compile(r"[(\[{]|[)\]}]|\n|\Z")
_FENCE = re.compile(r"[ \t>]*+(?:(?:[-*+]|\d{1,9}[.)])[ \t]++)*+(`{3,}+|~{3,}+)")
_CONTAINER = re.compile(r"([ \t]*+)(:{3,}+)[ ]*+(?:([A-Za-z][\w-]*+))?+(.*)")
_TITLE = re.compile(r"\[([^\[\]]*+)\]|([^{}\[\]]*+)")
_HIGHLIGHT = re.compile(r"([ \t]*+)\{(?:%-?|\{<)[ ]*+highlight[ ]++([\w+#.-]++)[^{}]*+\}++[ ]*+")
_END_HIGHLIGHT = re.compile(
    r"[ \t]*+\{(?:%-?[ ]*+end|\{<[ ]*+/[ ]*+)highlight[ ]*+[-%>]++\}++[ ]*+"
)
_LIST_ITEM = re.compile(r"^[ \t]*+(?:[-*+]|\d{1,9}[.)])[ \t]", re.MULTILINE)
_LONG_FENCE = "~" * 9
_DEEPEST = 16  # containers within containers


class Blocks(NamedTuple):
    """A text in which what takes whole lines is replaced.

    `dropped` is the first that is lost, or shown otherwise; `lines` are the numbers, from 0, that
    its lines had before, None where these are the same.
    """

    text: str
    dropped: str | None = None
    lines: Sequence[int] | None = None


def blocks(text: str) -> Blocks:
    """Replace what takes whole lines."""
    if not _may_hold_blocks(text):
        return Blocks(text)
    first, above = None, 0
    while end := _end_of_module(text):
        first = first or text[:end].strip()
        above += text.count("\n", 0, end)
        text = text[end:]
    if ":::" not in text and not _OPENS_HIGHLIGHT.search(text):
        return Blocks(text, first, range(above, above + text.count("\n") + 1) if above else None)
    lines = _Lines(text)
    replaced = [(line, above + lines.number) for line in lines.replaced()]
    text = "\n".join(line for line, _ in replaced)
    return Blocks(text, first or lines.first, [number for _, number in replaced])


def _end_of_module(text: str) -> int:
    """Where an import or an export ends that a text begins with; 0 if there is none."""
    if found := _IMPORT.match(text):
        return found.end()
    found = _EXPORT.match(text)
    depth = found.group().count("(") if found else 0
    for sign in _BRACKET.finditer(text, found.end()) if found else ():
        if depth == 0 and sign.group() in {"\n", ""}:
            return sign.end()
        depth += {"": 0, "\n": 0}.get(sign.group(), 1 if sign.group() in "([{" else -1)
    return 0


class _Lines:
    """Walks over the lines of a text, outside of fenced blocks."""

    def __init__(self, text: str) -> None:
        self.first: str | None = None
        self.number = 0  # of the line that stands where the one is which was taken last
        self._lines = text.split("\n")
        ends = (n for n, line in enumerate(self._lines) if _END_HIGHLIGHT.fullmatch(line))
        self._last_end = max(ends, default=-1)
        self._has_list = bool(_LIST_ITEM.search(text))
        self._open: list[int] = []  # the indent of each open container

    def replaced(self) -> Iterator[str]:
        """The lines, with what stands for those that are no Markdown."""
        fence = ""
        for number, line in enumerate(self._lines):
            self.number = number
            margin, rest = self._in_containers(line)
            if fence:
                ends = rest.strip(" \t>").startswith(fence) and not rest.strip(f" \t>{fence[0]}")
                if fence == _LONG_FENCE and _END_HIGHLIGHT.fullmatch(rest):
                    ends, rest = True, f"{fence}"
                fence = "" if ends else fence
                yield margin + rest
            elif opening := _FENCE.match(rest):
                fence = opening[1]
                yield margin + rest
            elif number < self._last_end and (highlight := _HIGHLIGHT.fullmatch(rest)):
                fence = _LONG_FENCE
                yield f"{margin}{highlight[1]}{fence}{highlight[2]}"
            elif (container := _CONTAINER.match(rest)) and self._is_container(container):
                self.first = self.first or rest.strip()
                yield from self._container(margin, container)
            else:
                yield margin + rest

    def _is_container(self, found: re.Match[str]) -> bool:
        """Whether it is no line of indented code, which a list would indent as far."""
        return len(found[1].expandtabs(4)) < 4 or self._has_list

    def _in_containers(self, line: str) -> tuple[str, str]:
        """A line without the indent of the containers around it, and what makes it a quote."""
        margin = ""
        for indent in self._open:
            blanks = len(line) - len(line.lstrip(" \t"))
            line = line[min(indent, blanks) :]
            margin += " " * indent + "> "
        return margin, line

    def _container(self, margin: str, found: re.Match[str]) -> Iterator[str]:
        indent, name, rest = found[1], found[3], found[4].strip()
        if not name and not rest:  # the end of one
            if self._open:
                self._open.pop()
            yield margin
            return
        if len(self._open) == _DEEPEST:
            return
        title = _TITLE.match(rest)
        label = title and (title[1] or title[2] or "").strip(" :")
        self._open.append(len(indent))
        yield margin
        if label or name:
            quote = f"{margin}{' ' * len(indent)}> "
            yield f"{quote}**{label or name.replace('-', ' ').capitalize()}**"
            yield quote


# --- comments ----------------------------------------------------------------------------------

_COMMENT = r"%%(?:[^%]|%(?!%))*+%%"
_ANY_COMMENT = re.compile(rf"^(?P<before>[ >]{{0,3}}){_COMMENT}[ \t]*+$|{_COMMENT}", re.MULTILINE)


def comments(text: str, sign: str, left_out: list[str]) -> str:
    """Put tokens for the comments of a text from which code is taken, as `inline` does for tags."""
    if text.count("%%") < 2:
        return text

    def instead(found: re.Match[str]) -> str:
        if found["before"] is not None:  # alone on its lines
            return found["before"] + "\n" * found.group().count("\n")
        left_out.append(found.group())
        return f"{sign}{len(left_out) - 1}{sign}"

    return _ANY_COMMENT.sub(instead, text)


def without_comments(text: str) -> str:
    """A text that is shown as it is written, without its comments, also in code."""
    return re.sub(_COMMENT, "", text)


# --- within lines ------------------------------------------------------------------------------

_MAY_HOLD_TAGS = re.compile(r"\{[{%\#:./]|</?[A-Z>]|=\{")
_JSX_VALUE = r"""(?: "[^"]*+" | '[^']*+' | \{ [^{}]*+ (?: \{ [^{}]*+ \} [^{}]*+ )*+ \} )"""
_TAG = re.compile(
    rf"""
      (?P<liquid> \{{% (?: [^%{{] | %(?!\}}) | \{{(?!%) )*+ %\}} )
      # LaTeX has two braces as well, without a blank and behind a letter or another brace; ${{ is
      # of shells and of workflows.
    | (?: (?<! [\w}}^\\$] ) \{{\{{ (?! [\d{{}}] ) | (?<! \$ ) \{{\{{ (?= [\s<%] ) )
        (?P<output> (?: [^{{}}] | \}}(?!\}}) | \{{(?!\{{) )*+ ) \}}\}}
    | \{{\# \s [^{{}}\#]*+ \#\}}
    | \{{/\* (?: [^*{{] | \*(?!/) | \{{(?!/) )*+ \*/ \s*+ \}}
    | ^ [ \t>]*+ \{{: [^{{}}\n]*+ \}} (?= [ \t]*+ $ )
    | (?<= [)*_`\]>] ) \{{: [^{{}}\n]*+ \}}
    | (?P<heading> (?<! [ \t] ) [ \t]++
        \{{ :?+ [ ]*+ [\#.] [^{{}}\n]{{1,200}}+ \}} (?= [ \t]*+ $ ) )
    | < /?+ >
    | < (?P<component> /?+ [A-Za-z][\w.]*+ )
        (?P<attributes> (?: \s++ [\w:-]++ (?: = {_JSX_VALUE} )?+ )*+ ) \s*+ (?P<empty> / )?+ >
    """,
    re.VERBOSE | re.MULTILINE,
)
_ENDED_COMPONENT = re.compile(r"</([A-Z][\w.]*+)\s*+>")
_WORD = re.compile(r"[\w-]+")


def inline(text: str, sign: str, left_out: list[str]) -> str:
    """Put a token for each tag of a text from which code and maths are taken, or leave it out.

    A token is the place of the tag in `left_out`, where it is added, between two of `sign`: what is
    around a tag is read as if there were a word, and in code it is put back.  A tag that is alone
    on its lines leaves empty ones, which end a paragraph.
    """
    if not _MAY_HOLD_TAGS.search(text):
        return text
    ended = set(_ENDED_COMPONENT.findall(text))
    last = {word: text.rfind(word) for word in ("endraw", "endcomment")}
    parts: list[str] = []
    until, done = "", 0
    for tag in _TAG.finditer(text):
        word = _word(tag)
        if until:
            if word != until:
                continue
            if until == "endcomment":
                done = tag.end()
        elif not _is_template(tag, ended):
            continue
        until = f"end{word}" if last.get(f"end{word}", -1) > tag.start() and not until else ""
        parts += text[done : tag.start()], _instead(tag, sign, len(left_out))
        left_out.append(tag.group().strip())
        done = tag.end()
    parts.append(text[done:])
    return "".join(parts)


_LONGEST_MARGIN = 80


def _instead(tag: re.Match[str], sign: str, number: int) -> str:
    """What stands for a tag."""
    name = tag["component"] or ""
    if name and is_element(name.removeprefix("/")):  # of HTML, with properties of JSX
        return f"<{name}>"
    text = tag.string
    # Of a long line the end is enough to see that the tag is not alone.
    before = text[max(tag.start() - _LONGEST_MARGIN, 0) : tag.start()].rpartition("\n")[2]
    behind = text[tag.end() : tag.end() + 80].partition("\n")[0]
    is_alone = not before.strip(" \t>") and not behind.strip() and len(before.expandtabs(4)) < 4
    return "\n" * tag.group().count("\n") if is_alone else f"{sign}{number}{sign}"


def _word(tag: re.Match[str]) -> str:
    """The first word of a Liquid tag."""
    word = _WORD.search(tag["liquid"]) if tag["liquid"] else None
    return word.group() if word else ""


def _is_template(tag: re.Match[str], ended: set[str]) -> bool:
    if tag["heading"]:
        line = tag.string[tag.string.rfind("\n", 0, tag.start()) + 1 : tag.start()]
        return line.lstrip(" >").startswith("#") and not line.startswith("    ")
    if tag["component"]:
        name = tag["component"].removeprefix("/")
        has_jsx = "={" in tag["attributes"]
        if is_element(name) or not name[0].isupper():
            return is_element(name) and has_jsx
        # `<MyClass>` alone is text: a component has properties, or an end.
        return bool(tag["empty"] or "=" in tag["attributes"] or name in ended)
    if tag["output"] is not None:
        # In a set of sets, {{a}, {b}}, the first brace closes.
        return not 0 <= tag["output"].find("}") < tag["output"].find("{")
    return True


# --- addresses ---------------------------------------------------------------------------------

_QUOTED = r"""(?: "[^"]*+" | '[^']*+' )"""
_ADDRESS = re.compile(
    rf"""
      \{{% -? \s*+ link \s++ (?P<file> [^\s%]++ (?: \s++ [^\s%]++ )*+ ) \s*+ -? %\}}
    | \{{% -? \s*+ post_url \s++ (?P<post> [^\s%]++ ) \s*+ -? %\}}
    | \{{\{{ [<%]? \s*+ (?: rel )?+ ref \s++ (?: \. \s++ )?+ (?: path \s*+ = \s*+ )?+
        (?P<page> {_QUOTED} ) [^{{}}]*+ \}}\}}
    | \{{\{{ -? \s*+ (?P<text> {_QUOTED} ) \s*+
        (?: \| \s*+ (?: (?: relative_ | absolute_ )?+ url | prepend: \s*+ site\.(?: base )?+ url )
            \s*+ )*+
        -? \}}\}}
    | (?P<home> \{{\{{ -? \s*+ site\.(?: baseurl | url | github\.url ) \s*+ -? \}}\}} )
    """,
    re.VERBOSE,
)


_ANY_TAG = re.compile(r"\{\{[^{}]*+\}\}|\{%(?:[^{}%]|%(?!\}))*+%\}")


def addressed(address: str) -> str:
    """The address of a link with what tags in it stand for, where no generator is needed for that.

    That is the file of Jekyll's ``link`` and ``post_url`` and of Hugo's ``ref`` and ``relref``, a
    text that a filter completes to a url, and nothing for the address of the site itself.
    """
    return _ANY_TAG.sub(_stands_for, address) if "{" in address else address


def is_address(tag: str) -> bool:
    """Whether it is known without a generator what a tag stands for in an address."""
    return _ADDRESS.fullmatch(tag) is not None


def _stands_for(tag: re.Match[str]) -> str:
    found = _ADDRESS.fullmatch(tag.group())
    if found is None:
        return tag.group()
    if found["file"]:
        return f"/{found['file'].removeprefix('/')}"
    if found["post"]:
        return f"/_posts/{found['post'].removeprefix('/')}.md"
    if page := found["page"]:
        path, mark, fragment = page[1:-1].partition("#")
        suffix = "" if not path or "." in path.rpartition("/")[2] else ".md"
        return f"{path}{suffix}{mark}{fragment}"
    return "" if found["home"] else found["text"][1:-1]
