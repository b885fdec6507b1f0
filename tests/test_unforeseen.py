"""Files at which code fails that nobody expected to fail: each is a reject, and harms no other."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from pressroom.base.errors import AuditError
from pressroom.base.problems import Code
from pressroom.cli import build as cli
from pressroom.cli import fix
from pressroom.cli.common import Site as CommandSite
from pressroom.content.article import Rules, normalize
from pressroom.engine.outcome import Outcome
from pressroom.files import parquet
from pressroom.model.paths import Paths
from pressroom.model.settings import Limits
from pressroom.releases.local import current
from pressroom.sources.source import source_at
from tests.conftest import AS_OF, Site, article
from tests.quicktakes import MODEL
from tests.test_incremental import equals_a_full_build


def _deeper() -> object:
    return _deeper()


def _raise(error: Exception) -> object:
    raise error


# Real errors, as files may raise them.
RAISED: dict[str, tuple[Callable[[], object], str]] = {
    "too deep for Python": (_deeper, "RecursionError: maximum recursion depth exceeded"),
    "too large for memory": (lambda: bytearray(1 << 62), "MemoryError"),
    "no text": ("\ud800".encode, r"UnicodeEncodeError: 'utf-8' codec can't encode"),
    "no value of a type": (lambda: pa.array(["a"], pa.date32()), "ArrowTypeError: "),
    "invalid for Arrow": (lambda: pa.scalar(1 << 40).cast(pa.int8()), "ArrowInvalid: Integer"),
    "too large for Arrow": (
        lambda: _raise(pa.ArrowCapacityError("array cannot contain more than 2147483646 bytes")),
        "ArrowCapacityError: array cannot contain",
    ),
    "a bug": (lambda: dict[str, str]()["key"], "KeyError: 'key'"),
}
by_each_error = pytest.mark.parametrize(("fail", "told"), RAISED.values(), ids=RAISED)


@pytest.fixture
def inline(site: Site, in_process: None) -> Site:
    """A site whose stages run in this process, where they can be made to fail."""
    site.write(**{f"a{number}": article(slug=f"a{number}") for number in range(5)})
    site.write(bad=article(slug="bad", title="Bad"), c="no front matter")
    return site


def failing_at_content(monkeypatch: pytest.MonkeyPatch, fail: Callable[[], object]) -> None:
    """Let the file with the title fail when it is read."""

    def normalize_or_fail(front_matter: Any, *others: Any) -> Any:
        if front_matter.values["title"] == "Bad":
            fail()
        return normalize(front_matter, *others)

    monkeypatch.setattr("pressroom.content.article.normalize", normalize_or_fail)


def failing_at_rows(monkeypatch: pytest.MonkeyPatch, fail: Callable[[], object]) -> None:
    """Let a batch fail that holds the file with the title."""
    to_table = parquet.to_table

    def to_table_or_fail(rows: Any, schema: Any) -> Any:
        if any("Bad" in row for row in rows):
            fail()
        return to_table(rows, schema)

    monkeypatch.setattr(parquet, "to_table", to_table_or_fail)


by_each_place = pytest.mark.parametrize("failing", [failing_at_content, failing_at_rows])


@by_each_place
@by_each_error
def test_whatever_a_file_raises_is_a_reject_that_names_it(
    inline: Site,
    monkeypatch: pytest.MonkeyPatch,
    failing: Callable[[pytest.MonkeyPatch, Callable[[], object]], None],
    fail: Callable[[], object],
    told: str,
) -> None:
    failing(monkeypatch, fail)
    inline.build()

    assert [row["source_path"] for row in inline.rows("articles")] == [
        f"a{number}.md" for number in range(5)
    ]
    bad, other = inline.rows("rejects")
    assert (bad["source_path"], bad["code"]) == ("bad.md", Code.UNREADABLE_CONTENT)
    assert f": {told}" in bad["message"]
    assert bad["hint"] == Code.UNREADABLE_CONTENT.hint
    assert (other["source_path"], other["code"]) == ("c.md", Code.NO_FRONT_MATTER)


@by_each_place
def test_a_file_that_failed_is_read_again_by_the_next_run(
    inline: Site,
    monkeypatch: pytest.MonkeyPatch,
    failing: Callable[[pytest.MonkeyPatch, Callable[[], object]], None],
) -> None:
    with monkeypatch.context() as patch:
        failing(patch, lambda: _raise(MemoryError()))
        inline.build()
        again = inline.build(AS_OF + 60)
        assert not again.published
        assert equals_a_full_build(inline, AS_OF + 120)

    assert inline.build(AS_OF + 180).published
    assert len(inline.rows("articles")) == 6
    assert equals_a_full_build(inline, AS_OF + 240)


def test_many_files_that_fail_hold_the_release_back(
    inline: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    inline.write(
        **{f"bad{number}": article(slug=f"b{number}", title="Bad") for number in range(30)}
    )
    failing_at_rows(monkeypatch, lambda: _raise(MemoryError()))
    with pytest.raises(AuditError, match="rejects_limited"):
        inline.build()


def test_an_error_of_the_disk_is_not_one_of_a_file(
    inline: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing_at_rows(monkeypatch, lambda: _raise(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space left"):
        inline.build()


def test_a_message_of_an_error_is_one_printable_line(
    inline: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = f"one\n  two\x1b[2J\ud800 {'x' * 10_000}"
    failing_at_content(monkeypatch, lambda: _raise(ValueError(said)))
    inline.build()
    message = inline.rows("rejects")[0]["message"]
    assert r": ValueError: one two\x1b[2J\ud800 xxx" in message
    assert len(message) < 600


def test_the_summary_of_a_build_counts_the_files_at_which_it_failed(
    inline: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        failing_at_content(patch, lambda: _raise(MemoryError()))
        inline.build()
        release = current(inline.out)
        assert release is not None
        outcome = Outcome(release, True, 7, 0, {})
        told = cli.told_of(
            cli.result_of(outcome, 1.0),
            outcome,
            CommandSite(Paths(inline.raw, inline.out), "", None, "", {}),
        )
    (failed,) = (line for line in told if "[unreadable_content]" in line)
    assert " 1 " in failed
    assert any(line.startswith("2 ") and "`pressroom rejects`" in line for line in told)


def test_a_file_that_fails_while_it_is_mended_is_left(
    inline: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fix, "article_of", lambda *_: _deeper())
    file = source_at(inline.raw).read("a0.md", 10_000)
    found = fix.mend_file(file, Rules(MODEL, Limits()))
    assert found.data is None
    assert [problem.code for problem in found.left] == [Code.UNREADABLE_CONTENT]
