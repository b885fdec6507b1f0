"""The laws hold for the inputs that fuzzing begins with; ``make fuzz`` looks for others."""

from collections.abc import Callable

import pytest

from tests.fuzz import laws, seeds


@pytest.mark.parametrize("name", laws.LAWS)
def test_every_law_holds_for_its_seeds(name: str) -> None:
    inputs = list(seeds.of(name))

    assert len(inputs) > 30
    for data in inputs:
        laws.LAWS[name](data)


@pytest.mark.parametrize("name", laws.LAWS)
def test_every_law_holds_for_bytes_that_mean_nothing(name: str) -> None:
    for data in (b"", b"\0", b"\xff", b"\xef\xbb\xbf", b"\r", bytes(range(256))):
        laws.LAWS[name](data)


def _changed(to: str) -> Callable[..., str]:
    return lambda *_: to


@pytest.mark.parametrize(
    "rendered",
    [
        "<script>a</script>",
        "<p onclick='a'>b</p>",
        "<a href=' java\nscript:a'>b</a>",
        "<math><mi style='a'>b</mi></math>",
        "<!-- a -->",
        "</div><p>a</p>",
    ],
)
def test_the_law_of_html_is_broken_by_what_could_run(
    monkeypatch: pytest.MonkeyPatch, rendered: str
) -> None:
    monkeypatch.setattr(laws, "to_html", _changed(rendered))

    with pytest.raises(laws.LawError):
        laws.html(b"")


def test_the_law_of_text_is_broken_by_any_other_change() -> None:
    assert laws._only_escapes_differ(r"a\nb\neq c", "a\nb\\neq c")
    assert not laws._only_escapes_differ(r"a\nb", "a b")
    assert not laws._only_escapes_differ("a\nb", r"a\nb")
    assert not laws._only_escapes_differ(r"a\nb", "a\nb ")
