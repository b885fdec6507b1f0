"""A sitemap, as a browser shows it by its stylesheet: a table that fits the window."""

import shutil

import pytest
from playwright.sync_api import ViewportSize, sync_playwright

from pressroom.model.content import ContentModel
from tests.conftest import Site

CHROMIUM = shutil.which("chromium")
PAGE = "---\ntitle: T\ndate: 2025-03-01\ncategory: Guide\n---\nText.\n"

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.filterwarnings("default::ResourceWarning"),
]


def test_a_sitemap_is_a_table_of_what_it_lists(site: Site) -> None:
    long = "a-very-long-name-of-a-page-" * 8
    for name in ("a", "fr/a", long):
        (site.raw / name).parent.mkdir(exist_ok=True)
        site.write(**{name: PAGE})
    site.build(content=ContentModel(languages=("en", "fr")))
    home = f"file://{(site.out / 'current').resolve()}/site"

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport=ViewportSize(width=600, height=800))
        requests: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        for name, rows in (("sitemap.xml", 1), ("sitemap-guide-1.xml", 3)):
            page.goto(f"{home}/{name}")
            displays = page.evaluate(
                "[...document.documentElement.children].map(row => getComputedStyle(row).display)"
            )
            assert displays == ["table-row"] * rows
            assert page.evaluate("document.scrollingElement.scrollWidth") == 600
        shown = "[...document.querySelectorAll('link')].filter(one => one.offsetWidth).length"
        assert page.evaluate(shown) == 4
        assert set(requests) == {
            f"{home}/{name}" for name in ("sitemap.xml", "sitemap-guide-1.xml", "sitemap.css")
        }
