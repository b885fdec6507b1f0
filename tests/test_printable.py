"""What reaches a terminal or a log: nothing acts there, and no address tells its secret."""

import json
import os
import subprocess
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pressroom.base import printable
from pressroom.base.errors import SettingsError
from pressroom.files import s3
from tests.conftest import AS_OF, Completed, Site, article, pressroom
from tests.quicktakes import SETTINGS

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes on Linux")

BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
MARKS = "\u061c\u200e\u200f"


def acts(character: str) -> bool:
    """Whether a character does more than to stand there, by what Unicode says of it."""
    return (
        unicodedata.category(character) in {"Cc", "Zl", "Zp", "Cs"}
        or unicodedata.bidirectional(character) in BIDI
        or character in MARKS
    )


EVERY = "".join(map(chr, range(0x110000)))
ACTING = "".join(filter(acts, EVERY))
TEXTS = st.text(st.characters() | st.sampled_from(ACTING))


# --- the cleaner ---------------------------------------------------------------------------------


def test_on_a_line_no_character_of_unicode_acts_and_the_others_stay() -> None:
    assert not any(map(acts, printable.line(EVERY)))
    plain = "".join(c for c in EVERY if not acts(c) and c != "\ufeff")
    assert printable.line(plain) == plain


def test_of_several_lines_the_line_ends_stay_and_nothing_else_that_acts() -> None:
    told = printable.lines(f"{EVERY}\n")
    assert set(filter(acts, told)) == {"\n"}
    assert told.count("\n") == 2


def test_what_is_replaced_stays_as_long_so_that_a_caret_stands_below_its_character() -> None:
    told = printable.replaced(EVERY)
    assert len(told) == len(EVERY)
    assert set(filter(acts, told)) == {"\t"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\r\t\x1b[31m\x07\x9b", r"a\nb\r\t\x1b[31m\x07\x9b"),
        ("\u202eb\u2028\u061c\ufeff", r"\u202eb\u2028\u061c\ufeff"),
        (os.fsdecode(b"\xe9\xff.md"), r"\xe9\xff.md"),
        ("\ud800", r"\ud800"),
        ("é 北 👩‍💻 \\ 'x' \"y\"", "é 北 👩‍💻 \\ 'x' \"y\""),
    ],
)
def test_what_acts_is_shown_as_its_escape(text: str, shown: str) -> None:
    assert printable.line(text) == shown


@given(st.binary(max_size=12))
def test_a_name_is_valid_text_with_the_bytes_escaped_that_are_not_utf_8(name: bytes) -> None:
    shown = name.decode("utf-8", errors="backslashreplace")
    assert printable.encodable(os.fsdecode(name)) == shown


@given(TEXTS)
def test_what_was_cleaned_stays_as_it_is_when_it_is_cleaned_again(text: str) -> None:
    for clean in (printable.line, printable.lines, printable.message, printable.note):
        assert clean(clean(text)) == clean(text)


@given(st.dictionaries(TEXTS, TEXTS))
def test_json_says_the_same_in_characters_that_do_not_act(value: dict[str, str]) -> None:
    told = printable.as_json(json.dumps(value, ensure_ascii=False))
    assert json.loads(told) == value
    assert not any(map(acts, told))


# --- secrets -------------------------------------------------------------------------------------

SECRET = "s3cr3t"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"at postgresql://dagster:{SECRET}@db:5432/x: no", "at postgresql://***@db:5432/x: no"),
        (f"postgresql+psycopg2://u:{SECRET}/@#?@db/x", "postgresql+psycopg2://***@db/x"),
        (f"https://{SECRET}@host/path", "https://***@host/path"),
        (f"'tcp://u:{SECRET}@10.0.0.1:8786'", "'tcp://***@10.0.0.1:8786'"),
        (f"https://u:{SECRET}@[::1]:9/, http://v:{SECRET}@b", "https://***@[::1]:9/, http://***@b"),
        (
            f"GET https://b.s3.example/k?X-Amz-Credential={SECRET}%2Fa&X-Amz-Date=1"
            f"&X-Amz-Signature={SECRET}&X-Amz-Security-Token={SECRET}: 403",
            "GET https://b.s3.example/k?X-Amz-Credential=***&X-Amz-Date=1"
            "&X-Amz-Signature=***&X-Amz-Security-Token=*** 403",
        ),
        (f"https://a.example/b?se=1&sig={SECRET}", "https://a.example/b?se=1&sig=***"),
        (f"https://a.example/b?token={SECRET}#x", "https://a.example/b?token=***"),
        (
            f"?AWSAccessKeyId={SECRET}&Signature={SECRET}&E=1",
            "?AWSAccessKeyId=***&Signature=***&E=1",
        ),
        (f"AWSSecretKey={SECRET} aws_secret_access_key = {SECRET}", None),
        (f"host=db password='{SECRET} with blanks' user=u", "host=db password=*** user=u"),
        (f"AccountName=a;AccountKey={SECRET}==;Suffix=s", "AccountName=a;AccountKey=***;Suffix=s"),
        (f"?password%3D{SECRET}", "?password%3D***"),
    ],
)
def test_an_address_tells_no_secret(text: str, told: str | None) -> None:
    assert SECRET not in printable.masked(text)
    assert told in (None, printable.masked(text))


@pytest.mark.parametrize(
    "text",
    [
        "There is nothing at s3://bucket/raw/me@home.md.",
        "https://social.example/@name, https://social.example:8080/x@y",
        "The article was written by a@b.example: see /learn/a?b=c and key=value.",
        "a.md:3:5: The token `]` is unexpected. [syntax]",
        "Authors = 3, signatures: 4, monkey=5, https://h/?page=2",
    ],
)
def test_what_is_no_secret_is_shown(text: str) -> None:
    assert printable.masked(text) == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"u:{SECRET}@host:8786", "***@host:8786"),
        (f"tcp://u:{SECRET}/x y@host", "tcp://***@host"),
        (f"{SECRET}@host", "***@host"),
        ("tcp://10.0.0.1:8786", "tcp://10.0.0.1:8786"),
        (f"s3://bucket/x?token={SECRET}", "s3://bucket/x?token=***"),
    ],
)
def test_what_was_given_as_an_address_and_may_be_none_tells_no_secret(text: str, told: str) -> None:
    assert printable.address(text) == told


@given(TEXTS)
@example("://" * 50_000)
@example("://a:" * 30_000)
@example("a" * 200_000)
@example("token=" * 30_000)
@example("password=' " * 2_000)
def test_masking_a_text_comes_to_an_end(text: str) -> None:
    assert printable.masked(printable.masked(text)) == printable.masked(text)


# --- the command line ----------------------------------------------------------------------------

NASTY = "\x1b[31m\x1b]0;t\x07\x9b2J\r\n\u202e\u2066\u061c\u200f\u2028\u0085x"
NASTY_NAME = os.fsencode(NASTY) + b"\xff"


class Nasty(NamedTuple):
    """A site whose folders, files and texts are named with all that acts."""

    home: Path
    raw: Path
    out: Path
    missing: str

    def given(self, arguments: Iterable[str]) -> list[str]:
        names = {"@raw": f"{self.raw}", "@out": f"{self.out}", "@missing": self.missing}
        return [names.get(each, each) for each in arguments]

    def here(self, *arguments: str) -> Completed:
        """Run a command in this process."""
        given = self.given(arguments)
        return pressroom(*given, cwd=self.home, SOURCE_DATE_EPOCH=str(AS_OF))

    def run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        given = map(os.fsencode, self.given(arguments))
        return subprocess.run(
            [Path(sys.executable).with_name("pressroom"), *given],
            cwd=self.home,
            env={**os.environ, "PYTHONUTF8": "1", "SOURCE_DATE_EPOCH": str(AS_OF)},
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=300,
            check=False,
        )


@pytest.fixture(scope="module")
def nasty(tmp_path_factory: pytest.TempPathFactory) -> Nasty:
    home = tmp_path_factory.mktemp("nasty")
    name = os.fsdecode(NASTY_NAME)
    site = Nasty(home, home / f"raw{name}", home / f"out{NASTY}", f"missing{name}")
    site.raw.mkdir()
    text = "\u202etitle\u2066\u061c\u200f"
    files = {
        "a": article(slug="a", title=text, related_article1="\n  url: /x\n  title: y"),
        f"b{NASTY}": article(slug="b", subject=text),
        f"c{NASTY}": "no front matter",
        os.fsdecode(b"d\xff" + NASTY.encode()): article(slug="d"),
        f"e{NASTY}": article(slug="a"),
        f"f{NASTY}": article(slug="f", title='"\\e[31m"'),
        f"g{NASTY}": article(slug="g", date=f"\u202e{text}"),
        f"h{NASTY}": f"---\n{text}\x07\x9b: [\n---\n",
    }
    for stem, content in files.items():
        (site.raw / f"{stem}.md").write_bytes(content.encode("utf-8", "surrogateescape"))
    (site.raw / f"link{NASTY}.md").symlink_to(site.missing)
    (home / "pressroom.toml").write_text(SETTINGS)
    (home / "bad.toml").write_text(f"{NASTY} = 1")
    (home / "unknown.toml").write_text('[site]\n"\\u001b[31m\\u202e" = 1\n')
    (home / f"file{NASTY}").write_text("")
    done = site.run("build", "--raw", "@raw", "--out", "@out")
    assert done.returncode == 0, done.stderr
    return site


SITE = ("--out", "@out")
URL = "/learn/databases/questions/a"
COMMANDS: dict[tuple[str, ...], int] = {
    ("build", "--raw", "@raw", *SITE): 0,
    ("build", "--raw", "@raw", *SITE, "--force", "--json"): 0,
    ("build", "--raw", "@raw", *SITE, "--force", "--quiet"): 0,
    ("build", "--raw", "@missing", *SITE): 2,
    ("build", "--raw", "@raw", "--out", f"file{NASTY}"): 1,
    ("build", "--raw", "@raw", "--out", f"file{NASTY}/x"): 1,
    ("build", "--raw", f"s3://{NASTY}", *SITE): 2,
    ("build", "--storage", NASTY, *SITE): 2,
    ("build", "--raw", "@raw", "--compute", NASTY, *SITE): 2,
    ("build", "--base-url", NASTY): 2,
    ("build", "--settings", "@missing"): 2,
    ("build", "--settings", "bad.toml"): 2,
    ("build", "--settings", "unknown.toml"): 2,
    ("build", "--as-of", NASTY): 2,
    ("build", NASTY): 2,
    ("build", f"--{NASTY}"): 2,
    (NASTY,): 2,
    (f"--{NASTY}",): 2,
    ("status", *SITE): 0,
    ("status", *SITE, "--json"): 0,
    ("status", "--out", "@missing"): 1,
    ("releases", *SITE): 0,
    ("releases", *SITE, "--json"): 0,
    ("releases", "--out", "@missing"): 0,
    ("verify", *SITE): 0,
    ("verify", *SITE, NASTY): 2,
    ("rejects", *SITE): 0,
    ("rejects", *SITE, "--raw", "@raw", "--fix", f"fixed{NASTY}"): 0,
    ("rejects", *SITE, "--raw", "@raw", "--fix", f"file{NASTY}"): 2,
    ("rejects", *SITE, "--raw", "@raw", "--fix", "@raw"): 2,
    ("findings", *SITE): 0,
    ("findings", *SITE, "--format", "sarif"): 0,
    ("findings", *SITE, "--format", "github"): 0,
    ("findings", *SITE, "--code", NASTY): 2,
    ("links", *SITE): 0,
    ("links", *SITE, "--csv"): 0,
    ("links", *SITE, "--raw", "@raw", "--patch"): 0,
    ("notify", *SITE, "--dry-run"): 2,
    ("notify", *SITE, NASTY): 2,
    ("explain", *SITE, "--raw", "@raw", URL): 0,
    ("explain", *SITE, "--raw", "@missing", URL): 0,
    ("explain", *SITE, NASTY): 1,
    ("explain", *SITE, f"{URL}{NASTY}"): 1,
    ("query", *SITE, "from articles"): 0,
    ("query", *SITE, "from rejects"): 0,
    ("query", *SITE, "--json", "from rejects"): 0,
    ("query", *SITE, "--jsonl", "from findings"): 0,
    ("query", *SITE, "from subjects"): 0,
    ("query", *SITE, f"select 1 as \"{NASTY}\", ['{NASTY}'], {{'a': '{NASTY}'}}"): 0,
    ("query", *SITE, f"select error('{NASTY}')"): 1,
    ("query", *SITE, f'from "{NASTY}"'): 1,
    ("query", *SITE, f"selec '{NASTY}'"): 1,
    ("query", *SITE, "from articles", "--release", NASTY): 2,
    ("init", "@raw", "--dry-run"): 0,
    ("init", "@missing"): 2,
    ("fetch", *SITE): 2,
    ("fetch", *SITE, "--storage", NASTY): 2,
    ("rollback", *SITE): 0,
    ("build", "--raw", "@raw", *SITE, "--full"): 0,
    ("rollback", *SITE, "--unpin"): 0,
    ("rollback", *SITE, NASTY): 2,
}


@on_linux
@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda given: ascii(" ".join(given))[1:60])
def test_no_command_prints_what_acts_on_a_terminal(
    nasty: Nasty, arguments: tuple[str, ...]
) -> None:
    done = nasty.here(*arguments)

    assert done.status == COMMANDS[arguments], done.err
    printed = done.out + done.err
    assert printed
    assert set(filter(acts, printed)) <= {"\n"}


@on_linux
@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (("status", *SITE), 13),
        (("rejects", *SITE, "--raw", "@raw", "--fix", f"more{NASTY}"), 8),
    ],
)
def test_a_name_with_a_line_break_does_not_make_a_line(
    nasty: Nasty, arguments: tuple[str, ...], lines: int
) -> None:
    done = nasty.run(*arguments)
    assert len((done.stdout + done.stderr).splitlines()) == lines


@on_linux
def test_every_command_is_tried_with_nasty_names() -> None:
    from pressroom.cli.app import main

    assert {arguments[0] for arguments in COMMANDS} >= set(main.commands)


@on_linux
def test_a_release_with_files_of_nasty_names_is_complained_of_in_a_line_for_each(
    nasty: Nasty,
) -> None:
    strange = nasty.out / "current" / f"a{NASTY}"
    strange.write_text("")
    try:
        done = nasty.run("verify", *SITE)
        assert done.returncode == 1
        assert len(done.stdout.splitlines()) == 1
        assert printable.line(strange.name).encode() in done.stdout
    finally:
        strange.unlink()


@on_linux
def test_each_file_of_a_nasty_name_that_is_set_aside_has_one_line_in_a_build(
    tmp_path: Path,
) -> None:
    site = Site(tmp_path)
    site.write(a=article(slug="a"))
    site.build()
    site.write(**{f"c{NASTY}": "no front matter"})
    command = ("build", "--raw", str(site.raw), "--out", str(site.out))
    done = Nasty(site.home, site.raw, site.out, "").run(*command)

    lines = done.stdout.decode().split("\n")
    newly = [line for line in lines if line.endswith("[no_front_matter]")]
    assert len(newly) == 1
    assert printable.line(f"c{NASTY}.md:1:1: ") in newly[0]


@on_linux
def test_the_reasons_why_a_release_is_held_back_are_a_line_each(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.write(**{f"c{NASTY}": "no front matter"})
    command = ("build", "--raw", str(site.raw), "--out", str(site.out))
    done = Nasty(site.home, site.raw, site.out, "").run(*command)

    assert done.returncode == 3
    printed = done.stderr.decode()
    assert set(filter(acts, printed)) <= {"\n"}
    assert printable.line(f"  c{NASTY}.md:1:1: ") in printed


def test_a_crash_prints_nothing_that_acts_and_no_secret(tmp_path: Path) -> None:
    code = (
        "import sys; from pressroom import __main__; from pressroom.cli import app\n"
        f"def crash(*_): raise KeyError({NASTY + 'x'!r}, 'a://u:s3cr3t@b', '{NASTY[0]}')\n"
        "app.main = crash\nsys.argv = ['pressroom', 'status']\n__main__.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)

    assert done.returncode == 1
    assert b"KeyError" in done.stderr
    assert SECRET.encode() not in done.stderr
    assert set(filter(acts, done.stderr.decode())) <= {"\n"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("--compute", f"tcp://u:{SECRET}@127.0.0.1:1"),
        ("--compute", f"u:{SECRET}@127.0.0.1:1"),
        ("--storage", f"s3://u:{SECRET}@bucket/x"),
        ("--storage", f"s3://bucket/x?X-Amz-Signature={SECRET}"),
        ("--base-url", f"https://u:{SECRET}@site.example"),
        ("--as-of", f"https://u:{SECRET}@a"),
        (f"https://u:{SECRET}@a",),
    ],
)
def test_an_error_about_an_address_tells_no_secret(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    site = Site(tmp_path)
    site.write(a=article(slug="a"))
    nasty = Nasty(site.home, site.raw, site.out, "")
    done = nasty.run("build", "--raw", "@raw", "--out", "@out", *arguments)

    assert done.returncode in (1, 2)
    told = (done.stdout + done.stderr).decode()
    assert SECRET not in told
    assert "***@" in told or "=***" in told


@pytest.mark.parametrize("endpoint", [f"u:{SECRET}@host", f"ftp://u:{SECRET}@host/x"])
def test_an_endpoint_that_is_none_is_told_without_its_secret(
    monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    with pytest.raises(SettingsError, match=r"\*\*\*@host") as caught:
        s3.at("s3://bucket/none")
    assert SECRET not in str(caught.value)


def test_an_address_that_a_long_error_cuts_through_tells_no_part_of_its_secret() -> None:
    for before in range(450, 500):
        error = ValueError(f"{'x' * before} https://user:{SECRET * 9}@host")
        assert SECRET[:2] not in s3._said(error)


def test_dagster_is_told_no_part_of_a_secret_that_is_cut_through() -> None:
    from pressroom.dagster.messages import _MESSAGE_CHARS, short

    for before in range(_MESSAGE_CHARS - 40, _MESSAGE_CHARS):
        assert SECRET[:2] not in short(f"{'x' * before} https://user:{SECRET * 9}@host")
