"""Links of shapes that owners of sites reported, and what each leads to."""

import json
import shutil
from pathlib import Path

import pytest

from pressroom.model.settings import Settings
from pressroom.model.settings import Site as SiteSettings
from tests.conftest import Site
from tests.quicktakes import quicktakes

CASES = Path(__file__).parent / "cases"
CAFE, PLAIN, SLASH = "/g/caf%C3%A9/", "/g/plain", "/g/slash/"
LINKS = {
    1: ("ok", CAFE),
    2: ("duplicate", CAFE),
    3: ("ok", PLAIN),
    4: ("ok", SLASH),
    **dict.fromkeys((5, 6, 7), ("duplicate", PLAIN)),
    8: ("missing", None),
    **dict.fromkeys((9, 10), ("duplicate", PLAIN)),
    11: ("external", None),
    **dict.fromkeys((12, 13, 14), ("duplicate", PLAIN)),
    15: ("self", "/g/source"),
}


def built(site: Site, case: str, **content: object) -> Site:
    shutil.copytree(CASES / case, site.raw, dirs_exist_ok=True)
    owner = SiteSettings(base_url="https://example.org")
    site.build(content=quicktakes(required=(), **content), site=owner)
    return site


def test_a_related_link_is_found_however_its_url_is_spelled(site: Site) -> None:
    rows = built(site, "links").rows("related_links")

    assert {row["position"]: (row["status"], row["target_url"]) for row in rows} == LINKS


def test_urls_beyond_ascii_are_encoded_and_linked(site: Site) -> None:
    rows = built(site, "iri").rows("related_links")

    assert {row["url"]: (row["status"], row["target_url"]) for row in rows} == {
        "/%C3%BCber-uns/": ("ok", "/k%C3%A4se/"),
        "/k%C3%A4se/": ("ok", "/%C3%BCber-uns/"),
    }


@pytest.mark.parametrize(
    ("href", "kind", "status"),
    [
        ("Other note", "wikilink", "missing"),
        ("image.png", "embed", "asset"),
        ("./34-md.md", "link", "missing"),
        ("../x/", "link", "missing"),
        ("./pic.png", "image", "asset"),
    ],
)
def test_the_links_of_a_text_full_of_other_syntax_are_told(
    site: Site, href: str, kind: str, status: str
) -> None:
    shutil.copy(CASES / "traps" / "33-body.md", site.raw)
    site.build(content=Settings().content)
    (row,) = (row for row in site.rows("text_links") if row["href"] == href)
    feed = json.loads((site.out / "current/site/feed.json").read_bytes())
    html = feed["items"][0]["content_html"]

    assert (row["kind"], row["status"], row["line"]) == (kind, status, 8)
    assert "[[" not in html
    assert "&lt;br" not in html
    assert "more -->" not in html
    assert 'href="http://localhost:8000/33/34-md.md"' not in html
