import os
import re
import resource
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.base.errors import SettingsError
from pressroom.base.problems import Code, Problem
from pressroom.cli.fix import Mended, check_folder, mend, mend_file, problems_of, write
from pressroom.content.article import Article, Body, Rules, normalize
from pressroom.frontmatter.fences import decode, split
from pressroom.frontmatter.load import load
from pressroom.model.content import ContentModel
from pressroom.model.settings import Limits
from pressroom.sources.source import source_at
from tests.conftest import AS_OF, Site, article, pressroom
from tests.quicktakes import KEYS, quicktakes

INVALID = sorted((Path(__file__).parent / "cases" / "invalid").glob("*.md"))
LIMITS = Limits()
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes on Linux")
MODEL = quicktakes(required=("url",))
TITLED = quicktakes(required=("url", "title"))
RULES = Rules(MODEL, LIMITS)


def mended(text: str, model: ContentModel = MODEL) -> Mended:
    return mend(text.encode(), "a.md", Rules(model, LIMITS))


def with_url(line: str) -> str:
    return f"---\nurl: /a\n{line}\n---\nText.\n"


# --- what an author would type -----------------------------------------------------------------

LINES = {
    # what is written: what is proposed
    "title: What: now": "title: 'What: now'",
    "title: What's this: a shard": "title: 'What''s this: a shard'",
    "title: What: now  ": "title: 'What: now'  ",
    "seo:\n  title: What: now": "seo:\n  title: 'What: now'",
    "tags:\n  - @home": "tags:\n  - '@home'",
    "tags:\n  - a: @home": "tags:\n  - a: '@home'",
    "title: *What* is a shard?": "title: '*What* is a shard?'",
    "title: @home": "title: '@home'",
    "title: %d of shards": "title: '%d of shards'",
    "title: `make`": "title: '`make`'",
    "title: [solved] What?": "title: '[solved] What?'",
    "title: {a} and {b}": "title: '{a} and {b}'",
    "title: {{ title }}": "title: '{{ title }}'",
    "title: [[shard]]": "title: '[[shard]]'",
    "title: [Solved]": "title: '[Solved]'",
    "title: > than": "title: '> than'",
    "title: |x|": "title: '|x|'",
    "title: & a": "title: '& a'",
    "title: !important x": "title: '!important x'",
    "title: 'What's new'": "title: 'What''s new'",
    "title: 'It''s what's new'": "title: 'It''s what''s new'",
    'title: "He said "yes""': "title: 'He said \"yes\"'",
    'title: "Shards" and "parts"': 'title: \'"Shards" and "parts"\'',
    'title: "Shards" in brief': "title: '\"Shards\" in brief'",
    'title: "What is a shard?': 'title: "What is a shard?"',
    'title: "$\\sqrt{2}$"': "title: '$\\sqrt{2}$'",
    'title: "$\\frac{1}{2}$"': "title: '$\\frac{1}{2}$'",
    "title: What is\n  of it: a shard or\n  not?": "title: 'What is\n  of it: a shard or\n  not?'",
    'title: "What is\n  a shard" really?': "title: '\"What is\n  a shard\" really?'",
    "seo:\n\ttitle: a\n\timage: b": "seo:\n  title: a\n  image: b",
    "id: 1\n\ttitle: a": "id: 1\ntitle: a",
    "question >-\n  What?": "question: >-\n  What?",
    "title:Shards": "title: Shards",
    "title: a\x00b": "title: ab",
    "\ufefftitle: b\ufeff": "title: b",
    "title: What: now\nquestion: Who: me\nauthor: @me": (
        "title: 'What: now'\nquestion: 'Who: me'\nauthor: '@me'"
    ),
}


@pytest.mark.parametrize(("wrong", "right"), LINES.items())
def test_a_line_is_mended_as_an_author_would(wrong: str, right: str) -> None:
    text = with_url(wrong)
    found = mended(text, TITLED if wrong.startswith("title: [") else MODEL)
    assert found.left == ()
    assert found.data == with_url(right).encode()
    lines = zip(text.split("\n"), found.data.decode().split("\n"), strict=True)
    assert found.lines == tuple(n for n, (old, new) in enumerate(lines, 1) if old != new)


WHOLE = {
    "four hyphens": ("----\nurl: /a\n----\nText.", "---\nurl: /a\n---\nText.", (1, 3)),
    "a dash of a word processor": ("—-\nurl: /a\n–-\n", "---\nurl: /a\n---\n", (1, 3)),
    "no last fence and no body": ("---\nurl: /a\n", "---\nurl: /a\n---\n", (3,)),
    "no last fence, no line end": ("---\nurl: /a", "---\nurl: /a\n---", (2,)),
    "no last fence before the body": (
        "---\nurl: /a\nid: 1\n\nText: goes on\nhere.\n",
        "---\nurl: /a\nid: 1\n---\nText: goes on\nhere.\n",
        (4,),
    ),
    "no first fence": ("url: /a\nid: 1\n---\nText.", "---\nurl: /a\nid: 1\n---\nText.", (1,)),
    "two byte order marks": ("\ufeff\ufeff---\nurl: /a\n---\n", "\ufeff---\nurl: /a\n---\n", (1,)),
    "TOML": ("+++\nurl = '/a'\n++++\n", "+++\nurl = '/a'\n+++\n", (3,)),
    "CRLF": ("---\r\nurl: /a\r\nx: a: b\r\n", "---\r\nurl: /a\r\nx: 'a: b'\r\n---\r\n", (3, 4)),
    "CR": ("---\rurl: /a\rx: a: b\r---\r", "---\rurl: /a\rx: 'a: b'\r---\r", (3,)),
}


@pytest.mark.parametrize(("text", "expected", "lines"), WHOLE.values(), ids=WHOLE)
def test_fences_and_line_ends_are_mended(text: str, expected: str, lines: tuple[int, ...]) -> None:
    found = mended(text)
    assert (found.data or b"").decode() == expected, found
    assert found.lines == lines


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_unicode_is_proposed_as_utf8(encoding: str) -> None:
    found = mend(with_url("title: Größe").encode(encoding), "a.md", RULES)
    assert found == Mended(with_url("title: Größe").encode(), (), ())


# --- what needs a person -----------------------------------------------------------------------

LEFT = {
    # what is written: why it is left
    "title: Shards: >-\n  What are they?": Code.SYNTAX,
    "title: What: now # or later": Code.UNQUOTED_COLON,
    "seo:\n  title: a\n   image: b": Code.UNQUOTED_COLON,
    "title: 'tis a shard: a part": Code.QUOTES,
    "title: 'the Romans' empire'": Code.QUOTES,
    'title: "a \\"b\\" \\sqrt{2}"': Code.QUOTES,
    'title: "a\\n \\sqrt{2}"': Code.QUOTES,
    "tags: [one, two": Code.RESERVED_CHARACTER,
    "title: {shard": Code.RESERVED_CHARACTER,
    "title: [a, b]": Code.WRONG_TYPE,
    "title: {a: b}": Code.WRONG_TYPE,
    "a: !!binary aGk=": Code.UNSUPPORTED_TAG,
    "a: *b\nc: &b d": Code.UNKNOWN_ALIAS,
    "a: 1\na: 2": Code.DUPLICATE_KEY,
    "<<: a": Code.MERGE_KEY,
    "title: It is $\x0crac{1}{2}$.": Code.FORBIDDEN_CHARACTER,
    "title: What is\na shard?": Code.NOT_A_MAPPING,
    "note:Shards": Code.NOT_A_MAPPING,
    "https://www.example.org": Code.NOT_A_MAPPING,
    "date: 03/01/2025": Code.INVALID_DATE,
    "date: 2025/02/30": Code.INVALID_DATE,
    "date: Mars 1, 2025": Code.INVALID_DATE,
    "no_index: maybe": Code.WRONG_TYPE,
    "id: 051120": Code.WRONG_TYPE,
    "score: 11": Code.OUT_OF_RANGE,
    "url: /b": Code.DUPLICATE_KEY,
}


@pytest.mark.parametrize(("line", "code"), LEFT.items())
def test_what_could_be_meant_otherwise_is_left(line: str, code: Code) -> None:
    key = line.partition(":")[0]
    required = ("url", key) if key in KEYS or key == "date" else ("url",)
    names = tuple("published" if name == "date" else name for name in required)
    found = mended(with_url(line), quicktakes(required=names))
    assert found.data is None
    assert [problem.code for problem in found.left] == [code]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "Text.",
            "\xff",
            '{"url": "/a", }',
            "+++\nurl = /a\n+++\n",
        ),
        *("---\nurl: //a/é\n---\n", "{'url': '/a'}\n", "[url]\n", "https://a.example\n---\n"),
    ],
)
def test_other_files_are_left(text: str) -> None:
    data = text.encode("latin-1")
    assert mend(data, "a.md", RULES) == Mended(None, (), tuple(problems_of(data, "a.md", RULES)))


def test_a_large_file_is_left() -> None:
    found = mended(with_url("title: What: now") + "a" * 1_000_000)
    assert (found.data, [problem.code for problem in found.left]) == (None, [Code.UNQUOTED_COLON])


@pytest.mark.parametrize(
    "block",
    [
        *("- " * 100_000 + "@", "a: " + " " * 100_000 + "@b: c", "a: @" + "b " * 100_000),
        *("a" * 300_000 + "\n@", "---- \n" * 50_000 + "\n@", "a: @b\n" * 1_000),
        *("title: [" * 10_000, "a: 'b' 'c\n" * 1_000, "\t" * 100_000 + "a: b"),
    ],
)
def test_a_hostile_file_is_left(block: str) -> None:
    result = mended(f"---\n{block}")
    assert result.data is None
    assert result.left


def test_bytes_that_are_utf_16_twice_are_left() -> None:
    found = mend("a\0b\0c\0".encode("utf-16"), "a.md", RULES)
    assert [problem.code for problem in found.left] == [Code.UTF_16]


def test_a_file_is_left_if_one_of_its_problems_needs_a_person() -> None:
    found = mended(with_url("title: What: now\nauthor: @me\nid: 1\nid: 2"))
    assert (found.data, [problem.code for problem in found.left]) == (None, [Code.DUPLICATE_KEY])


# --- what holds for any file -------------------------------------------------------------------


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_a_proposal_is_accepted_and_differs_in_the_named_lines_only(path: Path) -> None:
    data = path.read_bytes()
    model = quicktakes(required=())
    if b"url:" not in data:
        data = data.replace(b"---\n", b"---\nurl: /a\n", 1)
    if not problems_of(data, "a.md", Rules(model, LIMITS)):
        return
    found = mend(data, "a.md", Rules(model, LIMITS))
    assert bool(found.left) == (found.data is None)
    if found.data is not None and found.lines:
        assert not problems_of(found.data, "a.md", Rules(model, LIMITS))
        old, new = re.split(b"\r\n|\r|\n", data), re.split(b"\r\n|\r|\n", found.data)
        if len(old) == len(new):
            pairs = enumerate(zip(old, new, strict=True), 1)
            assert found.lines == tuple(number for number, (a, b) in pairs if a != b)


SIGNS = st.text(st.sampled_from(list("ab:#'\"\\[]{}*&!|>%@`,?- .")), min_size=1, max_size=12)


def starts_like_quoted(text: str) -> bool:
    return text.strip()[:1] in {"'", '"'}


@given(SIGNS.filter(lambda text: text.strip() == text and not starts_like_quoted(text)))
def test_a_value_that_is_mended_is_read_as_it_was_written(text: str) -> None:
    data = with_url(f"title: {text}").encode()
    if not problems_of(data, "a.md", RULES):
        return
    found = mend(data, "a.md", RULES)
    if found.data is not None:
        document = split(decode(found.data))
        read = normalize(load(document, LIMITS), Body(document.body), MODEL)
        assert isinstance(read, Article)
        assert read.columns["title"] == text


@given(st.lists(SIGNS, max_size=4).map("\n".join))
def test_mending_ends_and_proposes_only_what_is_accepted(block: str) -> None:
    data = f"---\nurl: /a\n{block}\n---\nText.".encode()
    found = mend(data, "a.md", RULES)
    if found.data is None:
        assert found.left
    else:
        assert not problems_of(found.data, "a.md", RULES)


# --- files -------------------------------------------------------------------------------------


def test_a_file_is_read_no_more_often_than_its_size_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def counted(data: bytes, path: str, rules: Rules) -> Sequence[Problem]:
        read.append(len(data))
        return problems_of(data, path, rules)

    monkeypatch.setattr("pressroom.cli.fix.problems_of", counted)
    for lines in (1_000, 20_000):
        data = article(x="\n" + "".join(f"k{n}:\n\tb: c\n" for n in range(lines))).encode()
        read.clear()
        assert mend(data, "a.md", Rules(MODEL, Limits())).data is None
        assert sum(read) <= max(1_000_000, 4 * len(data)) + 2 * len(data)


def test_files_are_proposed_from_the_raw_folder(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(with_url("title: What: now"))
    (tmp_path / "b.md").write_text(with_url("title: What"))
    files = source_at(tmp_path).read_all(["a.md", "b.md", "c.md"], LIMITS.file_bytes)
    broken, whole, gone = (mend_file(file, RULES) for file in files)
    assert broken.lines == (3,)
    assert whole == Mended(None, (), ())
    assert gone.left[0].code == Code.VANISHED


def test_a_proposed_file_that_does_not_fit_on_the_disk_leaves_no_half(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, before[1]))  # EFBIG: Python ignores SIGXFSZ
    try:
        with pytest.raises(OSError, match=r"a\.md"):
            write(tmp_path, "a.md", b"x" * 9_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not list(tmp_path.iterdir())


def test_a_proposed_file_never_overwrites_another(tmp_path: Path) -> None:
    write(tmp_path / "new", "a/b.md", b"one")
    with pytest.raises(FileExistsError):
        write(tmp_path / "new", "a/b.md", b"two")
    assert (tmp_path / "new/a/b.md").read_bytes() == b"one"


def test_a_folder_of_originals_or_of_other_files_is_refused(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    (raw / "sub").mkdir(parents=True)
    (tmp_path / "file").write_text("")
    (tmp_path / "full").mkdir()
    (tmp_path / "full/a.md").symlink_to("nowhere")
    (tmp_path / "link").symlink_to("raw/sub")
    (tmp_path / "partly").mkdir()
    (tmp_path / "partly/raw").symlink_to("../raw")
    (tmp_path / "leaving").mkdir()
    (tmp_path / "leaving/raw").symlink_to("../elsewhere")
    source, out = source_at(raw), tmp_path / "out"
    paths = ["a.md", "raw/b.md"]
    for folder in (raw, raw / "sub", raw / "new", raw / "../raw", tmp_path / "link", tmp_path):
        with pytest.raises(SettingsError, match=f"^{folder} "):
            check_folder(folder, source, out, paths)
    for folder in (tmp_path / "partly", tmp_path / "out/current"):
        with pytest.raises(SettingsError, match=f"^{folder} "):
            check_folder(folder, source, out, paths)
    with pytest.raises(SettingsError, match=str(tmp_path / "leaving")):
        check_folder(tmp_path / "leaving", source, out, paths)
    with pytest.raises(SettingsError, match=r"full .*a\.md"):
        check_folder(tmp_path / "full", source, out, paths)
    with pytest.raises(SettingsError, match=str(tmp_path / "file")):
        check_folder(tmp_path / "file", source, out, paths)
    check_folder(tmp_path / "raw2", source, out, paths)
    check_folder(tmp_path / "new/er", source, out, paths)


def test_an_end_of_the_front_matter_that_could_be_in_two_places_is_left() -> None:
    text = "---\nurl: /a\n\n# Heading\n\nNote: this is text\n"
    assert mended(text).data is None


def test_a_backslash_that_was_escaped_beside_a_wrong_escape_is_left() -> None:
    assert mended(with_url(r'answer: "a \\alpha \q b"')).data is None


# --- the command line --------------------------------------------------------------------------


@pytest.fixture
def built(site: Site) -> Site:
    (site.raw / "sub").mkdir()
    site.write(good=article(slug="a"), twice=article(slug="a"))
    site.write(**{"sub/colon": article(slug="c", title="What: now", author="@me")})
    site.write(person=article(slug="d", title="What: now # or later"))
    site.write(changed=article(slug="e", title="What: now"), gone="", two="---\na: 1\na: 2\n---")
    (site.raw / os.fsdecode(b"\xff.md")).write_text(article(slug="f"))
    site.build(AS_OF)
    site.write(changed=article(slug="e"))
    (site.raw / "gone.md").unlink()
    return site


@on_linux
def test_rejects_are_mended_into_a_folder_and_what_is_left_is_listed(built: Site) -> None:
    before = {path: path.read_bytes() for path in built.raw.rglob("*.md")}
    new = built.home / "new"
    command = ("rejects", "--out", built.out, "--raw", built.raw, "--fix", new)

    done = pressroom(*command)

    assert (done.status, done.err) == (0, "")
    *files, last = done.out.splitlines()
    assert [each.partition(": ")[0] for each in files] == [
        *("changed.md", "gone.md", "person.md", "sub/colon.md", "twice.md", "two.md", r"\xff.md")
    ]
    assert [re.findall(r"\[\w+\]|\d+", each.partition(": ")[2]) for each in files] == [
        [],
        ["[vanished]"],
        ["5", "[unquoted_colon]"],
        ["5", "9"],
        ["[duplicate_url]"],
        ["2", "[missing_key]", "6"],
        ["8", "[name_not_utf8]"],
    ]
    assert re.findall(r" (\d+) ", last) == ["1", "7"]
    assert f"{new}" in last
    expected = article(slug="c", title="'What: now'", author="'@me'")
    assert {path: path.read_text() for path in new.rglob("*.md")} == {
        new / "sub/colon.md": expected
    }
    assert {path: path.read_bytes() for path in built.raw.rglob("*.md")} == before

    again = pressroom(*command)
    assert again.status == 2
    assert again.err.startswith(f"pressroom: {new} ")
    assert "sub/colon.md" in again.err
    assert len(again.err.splitlines()) == 1


def test_mended_files_copied_over_the_originals_are_accepted(built: Site) -> None:
    new = built.home / "new"
    pressroom("rejects", "--out", built.out, "--raw", built.raw, "--fix", new)
    (built.raw / "sub/colon.md").write_bytes((new / "sub/colon.md").read_bytes())
    built.build(AS_OF + 1)
    assert "sub/colon.md" in {row["source_path"] for row in built.rows("articles")}


def test_the_raw_folder_is_refused(built: Site) -> None:
    done = pressroom("rejects", "--out", built.out, "--raw", built.raw, "--fix", built.raw)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(f"pressroom: {built.raw} ")
