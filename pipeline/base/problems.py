"""What can be wrong with one file, by codes that are closed sets.

A `Problem` keeps a file from being an article, and never stops a run: it becomes a row of
``rejects``, with a hint for the author. A `Finding` keeps nothing from being published: it becomes
a row of ``findings``.
"""

from enum import StrEnum
from typing import NamedTuple

from . import printable
from .errors import PipelineError


class Code(StrEnum):
    """Why a file was rejected, with what to do about it."""

    hint: str

    def __new__(cls, value: str, hint: str) -> "Code":
        """A code with its hint."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.hint = hint
        return member

    UNREADABLE = (
        "unreadable",
        "Check that the file still exists and that its permissions allow reading it.",
    )
    UNREADABLE_FOLDER = (
        "unreadable_folder",
        "Let the user who runs the build list the folder, or exclude it with sources.exclude in the"
        " settings.",
    )
    UNREADABLE_CONTENT = (
        "unreadable_content",
        "Look for anything unusual in the file, such as thousands of nested brackets."
        " Pressroom should have reported it: please report the message as a bug.",
    )
    CHANGING = (
        "changing",
        "Run again when nothing is writing to the file; the next run reads it in any case.",
    )
    PATH_TOO_LONG = (
        "path_too_long",
        "Shorten the folder names, or nest the folders less deeply.",
    )
    VANISHED = "vanished", "No action if it was deleted on purpose; otherwise run again."
    NOT_A_FILE = (
        "not_a_file",
        "Replace it with a regular file, or exclude it with sources.exclude in the settings.",
    )
    LINK_OUTSIDE = (
        "link_outside",
        "Move the file itself into the raw folder, or exclude the link with sources.exclude in the"
        " settings.",
    )
    LINK_DANGLING = "link_dangling", "Delete the link, or restore its target."
    LINK_LOOP = "link_loop", "Delete the link, or point it at another file or folder."
    NOT_UTF8 = "not_utf8", "Save the file as UTF-8."
    UTF_16 = "utf_16", "Save the file as UTF-8, or run `pressroom rejects --fix`."
    NAME_NOT_UTF8 = "name_not_utf8", "Rename the file; its name is shown with those bytes escaped."
    TOO_LARGE = "too_large", "Split the file, or raise limits.file_bytes in the settings."
    EMPTY_FILE = "empty_file", "Write the article, or delete the file."
    NO_FRONT_MATTER = (
        "no_front_matter",
        "Start the file with a line that contains only ---, or set front_matter = 'optional' in"
        " [sources]: then a file without front matter is an article of its text.",
    )
    OTHER_LANGUAGE = (
        "other_language",
        "Write the front matter as YAML between lines of ---, as TOML between lines of +++, or as"
        " JSON.",
    )
    UNCLOSED_FRONT_MATTER = (
        "unclosed_front_matter",
        "Close the front matter with a line that contains only --- (+++ for TOML).",
    )
    SYNTAX = "syntax", "Align this line with those around it, or quote the value."
    TOML_SYNTAX = (
        "toml_syntax",
        'Fix the line: front matter between +++ lines is TOML, as in key = "value".',
    )
    JSON_SYNTAX = (
        "json_syntax",
        "Fix the syntax: front matter that starts with { is JSON; between --- lines it is YAML.",
    )
    UNQUOTED_COLON = (
        "unquoted_colon",
        "A colon followed by a space ends a key. Quote the whole value, or write >- after"
        " the key and the text indented on the next line.",
    )
    QUOTES = (
        "quotes",
        "There is text outside the quotes, or a quote inside them ends the value early. Put the"
        " whole value between one pair of quotes, or write >- and the text indented on the next"
        " line. In double quotes a backslash is an escape: use single quotes or >-.",
    )
    RESERVED_CHARACTER = (
        "reserved_character",
        "Quote the whole value, or write >- after the key and the text indented on the next line.",
    )
    TAB = "tab", "Indent with spaces: YAML does not allow tabs here."
    FORBIDDEN_CHARACTER = (
        "forbidden_character",
        "Delete the invisible character at this place, or use single quotes if a backslash made"
        " it.",
    )
    NOT_A_MAPPING = (
        "not_a_mapping",
        "Write front matter as `key: value` lines; indent text that continues from the line above.",
    )
    UNSUPPORTED_KEY = (
        "unsupported_key",
        "Use plain text as the key; put a value that starts with { in quotes.",
    )
    DUPLICATE_KEY = "duplicate_key", "Keep one of the two lines."
    MERGE_KEY = "merge_key", "Merge an anchored mapping, as in <<: *base, or write its keys out."
    UNSUPPORTED_TAG = (
        "unsupported_tag",
        "Quote the value if it starts with an exclamation mark; tags and %TAG lines are not"
        " supported.",
    )
    UNKNOWN_ALIAS = (
        "unknown_alias",
        "A value that starts with * is an alias. Quote the whole value.",
    )
    ALIAS_CYCLE = "alias_cycle", "Write the value out; it cannot contain itself."
    SEVERAL_DOCUMENTS = "several_documents", "Keep only one front matter block."
    TOO_DEEP = "too_deep", "Nest less deeply, or raise limits.depth in the settings."
    TOO_MANY_NODES = (
        "too_many_nodes",
        "Shorten the front matter, or raise limits.nodes in the settings.",
    )
    TOO_LONG = (
        "too_long",
        "Shorten the value, or raise limits.scalar_chars in the settings. A key, with those around"
        " it, is at most 1,024 characters.",
    )
    MISSING_KEY = (
        "missing_key",
        "Add the key, or name the one that has the value in content.keys in the settings. A url may"
        " also be made of the path: content.url = '/{path}/'.",
    )
    EMPTY_VALUE = (
        "empty_value",
        "Give the key a value. A # starts a comment unless the value is quoted.",
    )
    WRONG_TYPE = (
        "wrong_type",
        "Write the value as the message says; text that starts with [ or { goes in quotes.",
    )
    OUT_OF_RANGE = "out_of_range", "Correct the number, or widen the range in the settings."
    INVALID_DATE = (
        "invalid_date",
        "Write the date as YYYY-MM-DD, or add its form to content.date_formats in the settings.",
    )
    INVALID_URL = (
        "invalid_url",
        "Write a path from the root of the site, percent-encoded, such as"
        " /learn/subject/questions/title.",
    )
    DUPLICATE_URL = "duplicate_url", "Give one of the two files another URL, or delete one of them."


class Problem(NamedTuple):
    """One thing wrong with a file. `line` and `column` count from 1, columns in characters."""

    code: Code
    message: str
    line: int | None = None
    column: int | None = None


class FindingCode(StrEnum):
    """What was found in an accepted file or the whole site; how much it matters, settings say."""

    description: str

    def __new__(cls, value: str, description: str) -> "FindingCode":
        """A code with a sentence that describes it."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.description = description
        return member

    DOUBTFUL_ESCAPE = (
        "doubtful_escape",
        r"A `\n` that could be a line break, LaTeX or part of a string in code.",
    )
    UNBALANCED_MATHS = "unbalanced_maths", r"An unmatched `$$`, `\(` or `\[`."
    TEMPLATE_SYNTAX = (
        "template_syntax",
        "Tags of a generator's templates, which readers do not see.",
    )
    NOT_RENDERED = (
        "not_rendered",
        "A text that is nested too deeply or renders too large, and is shown as written.",
    )
    DAMAGED_DESCRIPTION = (
        "damaged_description",
        "A description that is the remainder of a formula, or has lost letters.",
    )
    WRONG_VALUE = (
        "wrong_value",
        "An optional value that does not fit its column, which is null.",
    )
    NEAR_URL = (
        "near_url",
        "A url that differs from another in case, last slash or `index.html` alone.",
    )
    SUBJECT_SPELLING = "subject_spelling", "A subject in an unusual spelling."
    SHARED_SLUG = (
        "shared_slug",
        "A subject with the slug of another: they share a feed and sitemaps.",
    )
    SHARED_ID = "shared_id", "An id used by several articles."
    STALE_LINK = (
        "stale_link",
        "A related link whose title, id or subject differs from its target's.",
    )
    MISSING_LINK = "missing_link", "A related link, or one in a text, to no article."
    MISSING_ANCHOR = "missing_anchor", "A link to a heading or id that its target does not have."
    ALIAS_LINK = "alias_link", "A link to a former url of an article."
    TAKEN_ALIAS = "taken_alias", "An alias that is the url, or an alias, of another article."
    SELF_LINK = "self_link", "A related link to its own article."
    REPEATED_LINK = "repeated_link", "A related link to the same target as an earlier one."
    FUTURE_DATE = "future_date", "A date later than the release, which counts from then on."
    # Of what a release changes.
    DATE_MOVED = "date_moved", "A date of publication that is another than in the release before."
    # Of the site as a whole.
    SCHEMA_CHANGE = (
        "schema_change",
        "A column of another type than in the release before.",
    )
    NO_HISTORY = "no_history", "No git history, though your settings name `:git`."


class Finding(NamedTuple):
    """A finding in an article that is known from elsewhere."""

    line: int | None
    key: str
    code: FindingCode
    message: str


class DocumentError(PipelineError):
    """One file cannot be read. Holds plain values, so that it survives pickling.

    `problem` is the first, and `problems` are all that could be found.
    """

    def __init__(
        self,
        code: Code,
        message: str,
        line: int | None = None,
        column: int | None = None,
        more: tuple[Problem, ...] = (),
    ) -> None:
        super().__init__(code, message, line, column, more)
        self.problem = Problem(code, message, line, column)
        self.problems = (self.problem, *more)

    def __str__(self) -> str:
        return self.problem.message


_MESSAGE_CHARS = 500


def unforeseen(error: Exception) -> DocumentError:
    """The error of a file at which code failed that should have known what to say of it."""
    text = printable.line(" ".join(str(error).split())[:_MESSAGE_CHARS])
    message = f"Pressroom failed at this file: {type(error).__name__}{text and ': '}{text}"
    return DocumentError(Code.UNREADABLE_CONTENT, message)
