"""A raw folder of which every fifth file is hostile, and what must become of each file.

The same number of files gives the same folder, byte for byte. A hostile file is made by a function
below, decorated with the codes of which its reject must have one: `content` for what is wrong
inside a file, `node` for what is wrong with the file itself.
"""

import json
import os
import random
import stat
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from pressroom.base.problems import Code
from pressroom.model.settings import Limits

HOSTILE_EVERY = 5
FOLDER_FILES = 250
_LONG = 200_000
_FILE_BYTES = Limits().file_bytes

Random = random.Random
Content = Callable[[Random, str], str | bytes]
Node = Callable[[Path, str], None]


class Way(NamedTuple):
    """A way to be hostile: the codes of which the reject has one, and whether it has a line."""

    name: str
    codes: frozenset[Code]
    has_line: bool
    write: Callable[[Path, Random, str], None]


class Folder(NamedTuple):
    """A raw folder: the url of each good file and the way of each hostile one.

    Both by source path as a release shows it.
    """

    root: Path
    good: dict[str, str]
    hostile: dict[str, Way]

    def mend(self) -> None:
        """Delete all hostile files."""
        for entry in self._entries():
            if shown(entry.relative_to(self.root)) in self.hostile:
                entry.unlink()

    def _entries(self) -> list[Path]:
        return [
            Path(folder, name)
            for folder, folders, files in os.walk(self.root)
            for name in [*folders, *files]
        ]


WAYS: list[Way] = []


def content(*codes: Code, has_line: bool = True) -> Callable[[Content], Content]:
    """Register a way to be hostile by what a file holds."""

    def register(make: Content) -> Content:
        def write(path: Path, chance: Random, number: str) -> None:
            made = make(chance, number)
            path.write_bytes(made.encode() if isinstance(made, str) else made)

        WAYS.append(Way(make.__name__, frozenset(codes), has_line, write))
        return make

    return register


def node(*codes: Code) -> Callable[[Node], Node]:
    """Register a way to be hostile by what a file is; it leaves no line to point at."""

    def register(make: Node) -> Node:
        def write(path: Path, chance: Random, number: str) -> None:
            make(path, number)

        WAYS.append(Way(make.__name__, frozenset(codes), False, write))
        return make

    return register


def shown(path: Path) -> str:
    """A path as the column ``source_path`` has it."""
    return os.fsencode(path).decode("utf-8", errors="backslashreplace")


def url(number: str) -> str:
    """The url of a file."""
    return f"/learn/torture/questions/{number}"


def front(number: str, **changes: str | None) -> str:
    """A file with all that is required; a change to None leaves the key out."""
    keys = {
        "id": number.lstrip("0") or "0",
        "date": "2025-03-01",
        "title": f"What is {number}?",
        "subject": "Torture",
        "answer": f"The answer of {number}.",
        "url": url(number),
        **changes,
    }
    lines = [f"{key}: {value}\n" for key, value in keys.items() if value is not None]
    return f"---\n{''.join(lines)}---\n\n&nbsp;"


def with_lines(number: str, *lines: str) -> str:
    """A file with more lines at the end of its front matter."""
    head, fence, body = front(number).rpartition("---\n")
    return head + "".join(f"{line}\n" for line in lines) + fence + body


# --- too much ----------------------------------------------------------------------------------


@content(Code.TOO_DEEP)
def brackets_without_end(chance: Random, number: str) -> str:
    return front(number, title="[" * _LONG)


@content(Code.TOO_DEEP)
def braces_without_end(chance: Random, number: str) -> str:
    return front(number, title="{a: " * (_LONG // 4))


@content(Code.TOO_DEEP)
def hyphens_without_end(chance: Random, number: str) -> str:
    return with_lines(number, "more:", "  " + "- " * (_LONG // 2))


@content(Code.TOO_DEEP)
def brackets_that_are_closed(chance: Random, number: str) -> str:
    return front(number, title="[" * 5_000 + "]" * 5_000)


@content(Code.TOO_DEEP)
def one_level_beyond_the_limit(chance: Random, number: str) -> str:
    lines = [
        "more:",
        *(" " * depth + "a:" for depth in range(1, Limits().depth + 1)),
        " " * 80 + "b",
    ]
    return with_lines(number, *lines)


@content(Code.TOO_DEEP)
def deep_by_aliases(chance: Random, number: str) -> str:
    levels = [f"deep{level}: &deep{level} [*deep{level - 1}]" for level in range(1, 80)]
    return with_lines(number, "deep0: &deep0 [x]", *levels)


@content(Code.TOO_MANY_NODES)
def alias_bomb(chance: Random, number: str) -> str:
    levels = [
        f"bomb{level}: &bomb{level} [{', '.join([f'*bomb{level - 1}'] * 9)}]"
        for level in range(1, 9)
    ]
    return with_lines(number, "bomb0: &bomb0 [lol, lol]", *levels)


@content(Code.TOO_MANY_NODES)
def a_key_for_every_number(chance: Random, number: str) -> str:
    return with_lines(number, *(f"key{index}: {index}" for index in range(Limits().nodes)))


@content(Code.TOO_MANY_NODES)
def a_list_of_commas(chance: Random, number: str) -> str:
    return with_lines(number, f"more: [{'a,' * (_LONG // 2)}]")


@content(Code.TOO_MANY_NODES)
def an_anchor_in_every_line(chance: Random, number: str) -> str:
    return with_lines(number, *(f"key{index}: &a{index} x" for index in range(20_000)))


@content(Code.TOO_LONG)
def a_scalar_beyond_the_limit(chance: Random, number: str) -> str:
    return front(number, answer="a" * (Limits().scalar_chars + 1))


@content(Code.WRONG_TYPE, Code.OUT_OF_RANGE)
def number_of_ten_thousand_digits(chance: Random, number: str) -> str:
    return front(number, id="9" * 10_000)


@node(Code.TOO_LARGE)
def sparse_file_of_a_gigabyte(path: Path, number: str) -> None:
    with path.open("wb") as stream:
        stream.truncate(1 << 30)


@node(Code.TOO_LARGE)
def one_byte_beyond_the_limit(path: Path, number: str) -> None:
    data = front(number).encode()
    path.write_bytes(data + b"a" * (_FILE_BYTES + 1 - len(data)))


# --- YAML that is more than key and value ------------------------------------------------------


@content(Code.ALIAS_CYCLE)
def alias_cycle(chance: Random, number: str) -> str:
    return with_lines(number, "more: &more", "  inner: [1, *more]")


@content(Code.UNKNOWN_ALIAS)
def alias_to_nothing(chance: Random, number: str) -> str:
    return with_lines(number, "more: [&a x, *b]")


@content(Code.UNSUPPORTED_KEY)
def anchor_at_a_key(chance: Random, number: str) -> str:
    return with_lines(number, "&anchor more: x")


@content(Code.SEVERAL_DOCUMENTS)
def several_documents(chance: Random, number: str) -> str:
    return with_lines(number, "--- # the next", "title: Another")


@content(Code.UNSUPPORTED_TAG)
def tag_that_runs_python(chance: Random, number: str) -> str:
    return front(number, title='!!python/object/apply:os.system ["touch owned"]')


@content(Code.UNSUPPORTED_TAG)
def tag_of_ones_own(chance: Random, number: str) -> str:
    return front(number, title="!important Shards")


@content(Code.UNSUPPORTED_TAG)
def tag_directives_without_end(chance: Random, number: str) -> str:
    lines = "".join(f"%TAG !{index}! tag:example.org,2025:\n" for index in range(10_000))
    return f"---\n{lines}{front(number)}"


@content(Code.MERGE_KEY)
def merge_key(chance: Random, number: str) -> str:
    return with_lines(number, "base: &base b", "more:", "  <<: *base")


@content(Code.UNSUPPORTED_KEY)
def list_as_a_key(chance: Random, number: str) -> str:
    return with_lines(number, "? [a, b]", ": c")


@content(Code.UNSUPPORTED_KEY)
def template_that_was_not_filled(chance: Random, number: str) -> str:
    return front(number, title="{{ page.title }}")


@content(Code.DUPLICATE_KEY)
def key_that_stands_twice(chance: Random, number: str) -> str:
    return with_lines(number, "title: Another")


@content(Code.NOT_A_MAPPING)
def list_of_keys(chance: Random, number: str) -> str:
    return "---\n- id: 1\n- title: A\n---\n"


@content(Code.NOT_A_MAPPING)
def one_sentence(chance: Random, number: str) -> str:
    return "---\nJust a sentence.\n---\n"


# --- slips of the hand -------------------------------------------------------------------------


@content(Code.UNQUOTED_COLON)
def unquoted_colon(chance: Random, number: str) -> str:
    return front(number, title="Shards: what are they?")


@content(Code.TAB)
def tab_as_indentation(chance: Random, number: str) -> str:
    return with_lines(number, "seo:", "\ttitle: Shards")


@content(Code.SYNTAX, Code.UNQUOTED_COLON)
def uneven_indentation(chance: Random, number: str) -> str:
    return with_lines(number, "seo:", "    title: Shards", "  page_description: Parts")


@content(Code.UNQUOTED_COLON)
def line_that_is_indented_too_far(chance: Random, number: str) -> str:
    return with_lines(number, "seo:", "  title: Shards", "     page_description: Parts")


@content(Code.NOT_A_MAPPING)
def text_that_is_not_indented(chance: Random, number: str) -> str:
    return front(number, answer=">-\nThe answer stands\nat the margin")


@content(Code.QUOTES)
def text_behind_quotes(chance: Random, number: str) -> str:
    return front(number, title='"Shards" and parts')


@content(Code.QUOTES)
def apostrophe_in_single_quotes(chance: Random, number: str) -> str:
    return front(number, title="'Here's a shard'")


@content(Code.QUOTES)
def quote_without_end(chance: Random, number: str) -> str:
    return front(number, title='"Shards')


@content(Code.QUOTES)
def windows_path_in_double_quotes(chance: Random, number: str) -> str:
    return front(number, title=r'"C:\Windows\system"')


@content(Code.UNKNOWN_ALIAS)
def leading_asterisk(chance: Random, number: str) -> str:
    return front(number, title=chance.choice(["*Shards* and parts", "**Shards**"]))


@content(Code.RESERVED_CHARACTER)
def leading_at_sign_percent_or_backtick(chance: Random, number: str) -> str:
    return front(number, title=chance.choice(["@home", "%d of shards", "`grep` and parts"]))


@content(Code.RESERVED_CHARACTER, Code.SYNTAX)
def leading_bracket(chance: Random, number: str) -> str:
    return front(number, title="[Shards] and parts")


@content(Code.RESERVED_CHARACTER)
def leading_ampersand(chance: Random, number: str) -> str:
    return front(number, title="& so on")


@content(Code.NOT_A_MAPPING, Code.SYNTAX)
def conflict_that_was_not_merged(chance: Random, number: str) -> str:
    return with_lines(number, "<<<<<<< HEAD", "author: A", "=======", "author: B", ">>>>>>> b")


# --- characters --------------------------------------------------------------------------------


@content(Code.FORBIDDEN_CHARACTER)
def nul(chance: Random, number: str) -> str:
    return front(number, title="What is\0this?")


@content(Code.FORBIDDEN_CHARACTER)
def form_feed_of_a_lost_backslash(chance: Random, number: str) -> str:
    return front(number, answer="Half is $\frac{1}{2}$.")


@content(Code.FORBIDDEN_CHARACTER)
def escape_that_makes_nul(chance: Random, number: str) -> str:
    return front(number, title=r'"a\0b"')


@content(Code.QUOTES, Code.FORBIDDEN_CHARACTER)
def escape_of_half_a_surrogate_pair(chance: Random, number: str) -> str:
    return front(number, title=r'"\ud83d"')


@content(Code.FORBIDDEN_CHARACTER)
def byte_order_mark_inside(chance: Random, number: str) -> str:
    return with_lines(number, "\ufeffmore: Shards")


@content(Code.UTF_16)
def utf_16(chance: Random, number: str) -> bytes:
    return front(number).encode("utf-16")


@content(Code.UTF_16)
def utf_16_without_byte_order_mark(chance: Random, number: str) -> bytes:
    return front(number).encode("utf-16-le")


@content(Code.NOT_UTF8)
def latin_1(chance: Random, number: str) -> bytes:
    return front(number, title="Résumé").encode("latin-1")


@content(Code.NOT_UTF8)
def cut_off_in_a_character(chance: Random, number: str) -> bytes:
    return front(number, answer="5 €").partition("€")[0].encode() + "€".encode()[:2]


@content(Code.NOT_UTF8)
def surrogate_in_utf_8(chance: Random, number: str) -> bytes:
    return front(number, title="@@").replace("@@", "a\ud83db").encode(errors="surrogatepass")


@content(Code.NOT_UTF8)
def overlong_utf_8(chance: Random, number: str) -> bytes:
    return front(number).encode().replace(b"answer of", b"answer\xc0\xafof")


# --- what is not front matter at all -----------------------------------------------------------


@content(Code.EMPTY_FILE)
def empty_file(chance: Random, number: str) -> str:
    return ""


@content(Code.EMPTY_FILE)
def blank_lines_alone(chance: Random, number: str) -> str:
    return "\n \n\t\n"


@content(Code.NO_FRONT_MATTER)
def no_fence(chance: Random, number: str) -> str:
    return f"# What is {number}?\n\nThe answer.\n"


@content(Code.NO_FRONT_MATTER)
def page_instead_of_its_source(chance: Random, number: str) -> str:
    return chance.choice(["<!doctype html>\n", "<?xml version='1.0'?>\n", "{{ page }}\n"])


@content(Code.MISSING_KEY)
def other_language_with_keys_missing(chance: Random, number: str) -> str:
    toml = f'+++\nid = 1\nurl = "{url(number)}"\n+++\n'
    return chance.choice([toml, f'{{"id": 1, "url": "{url(number)}"}}\n'])


@content(Code.TOO_DEEP)
def other_language_with_brackets_without_end(chance: Random, number: str) -> str:
    return chance.choice([f"+++\na = {'[' * _LONG}\n+++\n", f'{{"a": {"[" * _LONG}}}\n'])


@content(Code.TOO_DEEP)
def other_language_with_braces_without_end(chance: Random, number: str) -> str:
    toml = f"+++\na = {'{a=' * (_LONG // 3)}\n+++\n"
    return chance.choice([toml, '{"a":' * 50_000 + "}" * 50_000])


@content(Code.TOO_DEEP)
def toml_key_of_many_parts(chance: Random, number: str) -> str:
    return f"+++\n{'a.' * (_LONG // 2)}a = 1\n+++\n"


@content(Code.TOO_MANY_NODES)
def other_language_with_many_keys(chance: Random, number: str) -> str:
    toml = "".join(f"key{index} = {index}\n" for index in range(Limits().nodes))
    members = ",".join(f'"key{index}": {index}' for index in range(Limits().nodes))
    return chance.choice([f"+++\n{toml}+++\n", f"{{{members}}}\n"])


@content(Code.TOO_LONG, Code.WRONG_TYPE, Code.OUT_OF_RANGE)
def other_language_with_a_long_number(chance: Random, number: str) -> str:
    digits = "9" * 10_000
    return chance.choice([f"+++\nid = {digits}\n+++\n", f'{{"id": {digits}}}\n'])


@content(Code.TOML_SYNTAX, Code.JSON_SYNTAX, Code.INVALID_DATE, Code.FORBIDDEN_CHARACTER)
def other_language_with_a_slip(chance: Random, number: str) -> str:
    toml = ["title = Shards", "title = 'Here's'", "id = 007", "date = 2025-02-30", "a", "= 1"]
    toml += [r'title = "\ud83d"', "title = 'a\0b'"]
    slips = ['{"id": 1,}', "{'id': 1}", '{"id": 01}', "{id: 1}", '{"id": NaN}', r'{"a": "\ud83d"}']
    return chance.choice([*(f"+++\n{line}\n+++\n" for line in toml), *slips])


@content(Code.DUPLICATE_KEY)
def other_language_with_a_key_twice(chance: Random, number: str) -> str:
    return chance.choice(["+++\nid = 1\nid = 2\n+++\n", '{"id": 1, "id": 2}\n'])


@content(Code.UNCLOSED_FRONT_MATTER, Code.TOO_DEEP)
def other_language_without_end(chance: Random, number: str) -> str:
    return chance.choice(["+++\nid = 1\n---\n", '{"id": {"a": 1}\n', '{"a": ' * 50_000])


@content(Code.NO_FRONT_MATTER)
def fence_that_is_almost_one(chance: Random, number: str) -> str:
    return chance.choice(["----", " ---", "--", "–--"]) + front(number).removeprefix("---")


@content(Code.UNCLOSED_FRONT_MATTER)
def fence_without_end(chance: Random, number: str) -> str:
    return front(number).rpartition("---\n")[0]


@content(Code.UNCLOSED_FRONT_MATTER)
def end_that_is_almost_a_fence(chance: Random, number: str) -> str:
    head, _, body = front(number).rpartition("---\n")
    return head + chance.choice(["----", " ---", "***"]) + "\n" + body


@content(Code.NOT_UTF8)
def picture(chance: Random, number: str) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + chance.randbytes(chance.randrange(100, 5_000))


@content(Code.NOT_UTF8, Code.NO_FRONT_MATTER)
def random_bytes(chance: Random, number: str) -> bytes:
    return chance.randbytes(chance.randrange(1, 50_000))


@content(Code.NOT_UTF8)
def random_bytes_in_the_front_matter(chance: Random, number: str) -> bytes:
    return front(number, title="@@").encode().replace(b"@@", b"\xff" + chance.randbytes(999))


# --- values ------------------------------------------------------------------------------------


@content(Code.MISSING_KEY)
def key_that_is_missing(chance: Random, number: str) -> str:
    key = chance.choice(["id", "date", "title", "subject", "answer", "url"])
    return front(number, **{key: None})


@content(Code.MISSING_KEY)
def empty_front_matter(chance: Random, number: str) -> str:
    return chance.choice(["---\n---\n", "---\n\n---\n", "---\n# only a comment\n---\n"])


@content(Code.EMPTY_VALUE)
def title_that_is_empty(chance: Random, number: str) -> str:
    return front(number, title=chance.choice(["", '""', "' '", "~", "null", "# a comment"]))


@content(Code.WRONG_TYPE)
def value_of_another_type(chance: Random, number: str) -> str:
    wrong = [
        {"id": "abc"},
        {"id": "1.5"},
        {"id": "0042"},
        {"id": "1_000"},
        {"id": "٣"},
        {"title": "[a, b]"},
        {"subject": "{a: b}"},
    ]
    return front(number, **chance.choice(wrong))


@content(Code.OUT_OF_RANGE)
def number_out_of_range(chance: Random, number: str) -> str:
    return front(number, id=chance.choice(["9223372036854775808", "-9223372036854775809"]))


@content(Code.INVALID_DATE)
def date_that_does_not_exist(chance: Random, number: str) -> str:
    dates = ["2025-02-30", "2024-13-45", "0000-01-01", "2025-03-01T25:00:00Z", "2023-02-29"]
    return front(number, date=chance.choice(dates))


@content(Code.INVALID_DATE)
def date_in_another_form(chance: Random, number: str) -> str:
    dates = ["01/03/2025", "Mars 1, 2025", "1740787200", "２０２５-03-01"]
    return front(number, date=chance.choice(dates))


@content(Code.INVALID_DATE)
def date_that_a_zone_moves_out_of_time(chance: Random, number: str) -> str:
    dates = ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"]
    return front(number, date=chance.choice(dates))


# --- urls --------------------------------------------------------------------------------------


@content(Code.INVALID_URL)
def url_that_is_absolute(chance: Random, number: str) -> str:
    return front(number, url=chance.choice(["https://example.org", "//example.org"]) + url(number))


@content(Code.INVALID_URL)
def url_that_is_relative(chance: Random, number: str) -> str:
    return front(number, url=chance.choice(["./", "../"]) + url(number)[1:])


@content(Code.INVALID_URL)
def url_that_climbs(chance: Random, number: str) -> str:
    return front(number, url=chance.choice(["/../../etc/passwd", f"{url(number)}/..", "/a/./b"]))


@content(Code.INVALID_URL)
def url_with_fragment_or_placeholder(chance: Random, number: str) -> str:
    return front(number, url=url(number) + chance.choice(["#a", "/:title/", "/{slug}"]))


@content(Code.INVALID_URL)
def url_with_half_an_escape(chance: Random, number: str) -> str:
    return front(number, url=f"{url(number)}%2")


@content(Code.INVALID_URL)
def url_of_two_thousand_characters(chance: Random, number: str) -> str:
    return front(number, url=url(number) + "a" * 2_000)


@content(Code.DUPLICATE_URL, has_line=False)
def url_of_the_file_before(chance: Random, number: str) -> str:
    return front(number, url=url(f"{int(number) - 1:05}"))


# --- the file itself ---------------------------------------------------------------------------


@node(Code.NOT_A_FILE)
def pipe_that_nobody_writes_to(path: Path, number: str) -> None:
    os.mkfifo(path)


@node(Code.NOT_A_FILE, Code.UNREADABLE)
def socket_that_nobody_listens_on(path: Path, number: str) -> None:
    os.mknod(path, stat.S_IFSOCK | 0o600)


@node(Code.LINK_DANGLING)
def link_to_nothing(path: Path, number: str) -> None:
    path.symlink_to("nowhere.md")


@node(Code.LINK_LOOP, Code.LINK_DANGLING)
def link_to_itself(path: Path, number: str) -> None:
    path.symlink_to(path.name)


@node(Code.LINK_LOOP)
def link_to_the_folder_around_it(path: Path, number: str) -> None:
    path.symlink_to("..")


@node(Code.LINK_OUTSIDE)
def link_to_a_device_without_end(path: Path, number: str) -> None:
    path.symlink_to("/dev/zero")


@node(Code.LINK_OUTSIDE)
def link_to_the_passwords(path: Path, number: str) -> None:
    path.symlink_to("/etc/passwd")


@node(Code.NAME_NOT_UTF8)
def name_that_is_not_utf_8(path: Path, number: str) -> None:
    path.write_text(front(number), encoding="utf-8")


@content(Code.MISSING_KEY)
def name_that_speaks_to_the_terminal(chance: Random, number: str) -> str:
    return front(number, url=None)


_NAMES_OF_WAYS = {
    name_that_is_not_utf_8.__name__: os.fsdecode(b"r\xe9sum\xe9"),
    name_that_speaks_to_the_terminal.__name__: "\x1b[2J\x07\r\nb.md:1:1: all is well\x9b",
}


# --- good files --------------------------------------------------------------------------------

_PARAGRAPHS = (
    r"**Maths**: \( a \neq b \), $\nu = 3$, $ x $ and\n\n$$\n\begin{pmatrix}a & b \\\nc & d"
    r"\end{pmatrix}\n$$\n\nso that $A \notin B$.",
    r"Money: it costs $50,000, then $3 more, and $x$ is not $5; ₹ 300 too.",
    r"1. Code:\n\n   ```python\n   print(\"a $b$\")\n   x = a[i]\n   ```\n\n2. `C:\Users`, `\"`.",
    r"| a | b |\n|---|---|\n| 1 | <td> |\n| `x|y` | --- |",
    r"### Heading\n- one\n  - two\n    - three\n\n> a quote\n\nLine  \nbreak — é ° ⁺ x̄ 日本 🎉",
    r"A [link](/learn/a), an image ![x](y.png), <b>tags</b> & &amp; entities, https://example.org.",
    r"Sums:\n-----\n 12\n+ 3\n-----\n 15",
)


def _prose(chance: Random) -> str:
    return r"\n\n".join(chance.choices(_PARAGRAPHS, k=chance.randrange(1, 12)))


def _related(chance: Random, number: str) -> list[str]:
    lines = []
    for position in range(1, chance.randrange(6)):
        target = f"{max(0, int(number) - chance.randrange(5)):05}"
        lines += [
            f"related_article{position}:",
            f"    id: {int(target)}",
            "    title: >-",
            f"        What is {target}?",
            "    subject: Torture",
            f"    url: {url(target)}",
        ]
    return lines


def _census(chance: Random, number: str) -> str:
    """A file in the layout of the content that the project is made for."""
    identity = int(number) // 2 if chance.random() < 0.1 else int(number)  # twins share one
    subject = chance.choice(["Torture", "torture", "Health Studies", "C & C++", "¿?"])
    lines = [
        "---",
        "_schema: default",
        f"id: {-identity if chance.random() < 0.05 else identity}",
        f"date: 2025-0{chance.randrange(1, 10)}-1{chance.randrange(10)}",
        "title: >-",
        f"    What is: {number} # in all?",
        "seo:",
        f"  title: QuickTakes | {subject}",
        "  page_keywords: >-",
        f"    {chance.choice(['a, b, c', 'a,b,,a', '-hydroxy, $, #tag', 'one two', ','])}",
        *(["no_index: True"] if chance.random() < 0.05 else []),
        "answer: >-",
        f"    {_prose(chance)}",
        f"subject: '{subject}'",
        f"url: {url(number)}",
        *(["score: -1.0", ""] if chance.random() < 0.5 else []),
        *_related(chance, number),
        "---",
        "",
        "&nbsp;",
    ]
    return "\n".join(lines)


def _with_literal_answer(chance: Random, number: str) -> str:
    lines = _prose(chance).replace(r"\n", "\n    ")
    return front(number, answer=f"|\n    {lines}", published="[1:30, NO, 051120]")


def _with_answer_in_the_body(chance: Random, number: str) -> str:
    head = front(number, answer=None).removesuffix("&nbsp;")
    text = _prose(chance).replace(r"\n", "\n")
    return f"{head}{text}\n\n---\n\nThe line above looks like a fence.\n"


def _with_deep_extra(chance: Random, number: str) -> str:
    depth = Limits().depth - 4
    return with_lines(number, f"more: {'[' * depth}{']' * depth}")


def _with_many_keys(chance: Random, number: str) -> str:
    return with_lines(number, *(f"key{index}: {index}" for index in range(1_000)))


def _with_long_answer(chance: Random, number: str) -> str:
    return front(
        number, answer=">-\n  " + _prose(chance) + " long" * chance.randrange(1_000, 20_000)
    )


def _with_aliases(chance: Random, number: str) -> str:
    return with_lines(number, "base: &base [a, {b: c}]", "more: [*base, *base]", "? other", ": x")


def _with_odd_characters(chance: Random, number: str) -> str:
    odd = "a\u2028b\u0085c\u00add\u202ee\U0010ffff🎉\ue000"
    return front(number, title=odd, author=f"=cmd() {odd}", answer=odd)


def _with_quotes(chance: Random, number: str) -> str:
    return front(number, title='"Shards: \\"what\\" are they?"', author="'it''s, \"q\"'")


def _toml(chance: Random, number: str) -> str:
    lines = [
        "+++",
        f"id = {int(number):_}",
        f"date = 2025-03-01{chance.choice(['', 'T10:00:00Z', ' 23:59:59.5-09:00'])}",
        f"title = 'What is {number}: really?'  # a comment",
        'subject = "Torture \\u00e9"',
        f"answer = '''\n{_prose(chance)}'''",
        f"url = '{url(number)}'",
        "no_index = false",
        "score = 9.50",
        "[seo]",
        'page_keywords = ["a", "b"]',
        "+++",
        "",
        "&nbsp;",
    ]
    return "\n".join(lines)


def _json(chance: Random, number: str) -> str:
    values = {
        "id": int(number),
        "date": "2025-03-01",
        "title": f"What is {number}: {{really}}?",
        "subject": "Torture",
        "answer": _prose(chance),
        "url": url(number),
        "more": [None, True, 1.50, {"a": "}"}],
    }
    text = json.dumps(values, indent=chance.choice([None, 2]), ensure_ascii=chance.random() < 0.5)
    return f"{text}\n\n&nbsp;"


def _smallest(chance: Random, number: str) -> str:
    return front(number)


LAYOUTS: tuple[Callable[[Random, str], str], ...] = (
    _census,
    _census,
    _census,
    _with_literal_answer,
    _with_answer_in_the_body,
    _with_deep_extra,
    _with_many_keys,
    _with_long_answer,
    _with_aliases,
    _with_odd_characters,
    _with_quotes,
    _toml,
    _json,
    _smallest,
)
_NAMES = (
    "{}.md",
    "{}.md",
    "{}.MD",
    "{}.markdown",
    "{}-with space.md",
    "{}-é-日本.md",
    "{}-first line\nsecond line.md",
    "{}-'\"\\&<>%2e;$(id).md",
    "{}-*?[a].md",
)
_BYTES: tuple[Callable[[str], bytes], ...] = (
    str.encode,
    str.encode,
    lambda text: text.replace("\n", "\r\n").encode(),
    lambda text: text.replace("\n", "\r").encode(),
    lambda text: text.encode("utf-8-sig"),
    lambda text: f"\n \n{text}".encode(),
    lambda text: text.removesuffix("\n\n&nbsp;").encode(),
    lambda text: text.removesuffix("\n\n&nbsp;").removesuffix("\n").encode(),
    lambda text: f"{text}\n\n\n".encode(),
)


def _write_good(folder: Path, chance: Random, number: str) -> Path:
    path = folder / chance.choice(_NAMES).format(number)
    data = chance.choice(_BYTES)(chance.choice(LAYOUTS)(chance, number))
    if chance.random() < 0.02:  # a link to a file is that file
        target = folder / f".{number}-target"
        target.write_bytes(data)
        path.symlink_to(target.name)
    else:
        path.write_bytes(data)
    return path


def _write_what_is_passed_over(folder: Path) -> None:
    (folder / ".hidden.md").write_text("not looked at", encoding="utf-8")
    (folder / "notes.txt").write_text("not looked at", encoding="utf-8")
    (folder / ".git").mkdir()
    (folder / ".git" / "config.md").write_text("not looked at", encoding="utf-8")
    (folder / "empty.md").mkdir()  # a folder may be named so


def generate(root: Path, files: int) -> Folder:
    """Write a raw folder of so many files, every fifth of them hostile."""
    made = Folder(root, {}, {})
    for index in range(files):
        number, chance = f"{index:05}", Random(index)
        folder = root / f"part-{index // FOLDER_FILES:03}"
        if index % FOLDER_FILES == 0:
            folder.mkdir(parents=True)
            _write_what_is_passed_over(folder)
        if index % HOSTILE_EVERY < HOSTILE_EVERY - 1:
            path = _write_good(folder, chance, number)
            made.good[shown(path.relative_to(root))] = url(number)
        else:
            way = WAYS[index // HOSTILE_EVERY % len(WAYS)]
            path = folder / f"{number}-{_NAMES_OF_WAYS.get(way.name, way.name)}.md"
            way.write(path, chance, number)
            made.hostile[shown(path.relative_to(root))] = way
    return made
