import pytest

from tests.conftest import RAW, Site, article, pressroom

URL = "/learn/databases/questions/a"


@pytest.fixture
def built(site: Site) -> Site:
    link = "{id: 7, title: Gone, subject: Databases, url: /gone}"
    site.write(
        a=article(slug="a", answer=r"'One $\nu$ two'", related_article1=link),
        b=article(slug="b", id="2"),
    )
    site.build()
    return site


def test_explain_shows_file_line_and_value_of_each_field_and_what_is_doubtful(built: Site) -> None:
    done = pressroom("explain", "--raw", built.raw, "--out", built.out, URL)

    assert done.status == 0, done.err
    lines = [line.split() for line in done.out.splitlines()]
    assert lines[0] == ["a.md"]
    assert ["3", "id", "id", "=", "'1'"] in lines
    assert ["5", "title", "title", "=", "'What", "is", "a?'"] in lines
    assert ["9", "related_links", "related_article1", "=", "/gone", "(missing)"] in lines
    findings = [line[-1] for line in lines if line[-1].startswith("[")]
    assert findings == ["[doubtful_escape]", "[missing_link]"]


def test_explain_says_if_the_file_has_changed_since_it_was_published(built: Site) -> None:
    built.write(a=article(slug="a", answer="Other."))
    done = pressroom("explain", "--raw", built.raw, "--out", built.out, URL)

    assert done.status == 0
    assert "not as it was published" in done.out
    assert "= 'What is a?'" in done.out


def test_explain_of_an_unknown_url_says_so(built: Site) -> None:
    done = pressroom("explain", "--raw", RAW, "--out", built.out, "https://x.example/a")

    assert done.status == 1
    assert "No article of 000001-" in done.err
