"""Plain text as Markdown in which nothing marks anything up."""

import re

# What may mean something in Markdown. A bracket, even with a backslash before it, ends a name for
# readers that look for links by a pattern, as that of llmstxt.org does.
_MARK = re.compile(r"[\\`*<~|]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)|(?<!\S)#+$")
_BLOCK = re.compile(r"^(\d*)([>#+=.)-])")  # what begins a block, where a line begins
_BRACKETS = str.maketrans({"[": "&#91;", "]": "&#93;"})


def text(plain: str) -> str:
    """Plain text as Markdown on one line, none of which marks anything up."""
    line = " ".join(plain.split())
    return _MARK.sub(r"\\\g<0>", line).translate(_BRACKETS)


def in_block(plain: str) -> str:
    """The same where a block begins, and is to be a paragraph."""
    return _BLOCK.sub(r"\1\\\2", text(plain))
