"""What one article gives reason to look at: it is published all the same."""

from collections.abc import Iterator

from ..base import printable
from ..base.problems import Finding, FindingCode
from ..markup.spans import unbalanced
from ..model.content import ContentModel
from .article import Article
from .damaged_description import is_damaged
from .escaped_newlines import AmbiguityReason

_CONTEXT = 30
_EACH = 20  # findings of one code in one article: a broken file has thousands

# What `lint` finds; the other codes of findings need tables.
CODES = (
    FindingCode.DOUBTFUL_ESCAPE,
    FindingCode.DAMAGED_DESCRIPTION,
    FindingCode.UNBALANCED_MATHS,
    FindingCode.TEMPLATE_SYNTAX,
    FindingCode.NOT_RENDERED,
    FindingCode.WRONG_VALUE,
)


_AMBIGUITIES = {
    AmbiguityReason.NU: r"\nu may be the Greek letter, or a line break and the word u",
    AmbiguityReason.RELATION: r"\ne may begin a LaTeX command, or be a line break and a name",
    AmbiguityReason.COMMAND_OUTSIDE_MATHS: "LaTeX command outside maths",
    AmbiguityReason.NEWLINE_IN_STRING: r"\n in code may be a line break, or part of a string",
    AmbiguityReason.INLINE_CODE: r"\n in inline code may be literal, or a line break",
}


def lint(article: Article, model: ContentModel) -> Iterator[Finding]:
    """What one article gives reason to look at."""
    yield from article.findings[:_EACH]
    columns = article.columns
    text = columns["text"] or ""
    lines = columns["source_lines"]
    line = lines["text"]
    key = "body" if line is None else model.key("text")
    for ambiguity in article.ambiguities[:_EACH]:
        message = f"{_AMBIGUITIES[ambiguity.reason]}: {context(text, ambiguity.offset)}"
        yield Finding(line, key, FindingCode.DOUBTFUL_ESCAPE, message)
    looks_for_damage = "damaged-description" in model.lint
    if looks_for_damage and is_damaged(columns["description"] or "", columns["title"] or "", text):
        message = f"The description has lost text: {context(columns['description'], 0)}"
        where = lines["description"], model.key("description")
        yield Finding(*where, FindingCode.DAMAGED_DESCRIPTION, message)
    for offset in unbalanced(text, model.maths)[:_EACH]:
        message = f"Unmatched maths delimiter: {context(text, offset)}"
        yield Finding(line, key, FindingCode.UNBALANCED_MATHS, message)
    if template := article.text.template:
        message = f"Template syntax is not shown to readers: {context(template, 0)}"
        yield Finding(line, key, FindingCode.TEMPLATE_SYNTAX, message)
    if article.text.is_as_written:
        message = "The text is nested too deeply or renders too large, and is shown unrendered."
        yield Finding(line, key, FindingCode.NOT_RENDERED, message)


def context(text: str, offset: int) -> str:
    r"""A place in a text with what stands around it, on one line; line ends are shown as ``⏎``."""
    start, end = max(0, offset - _CONTEXT), offset + _CONTEXT
    before, after = ("…" if start else ""), ("…" if end < len(text) else "")
    shown = text[start:end].replace("\n", "⏎")
    return f"{before}{printable.replaced(shown)}{after}"
