"""Dagster's page as `make ui` serves it, used as a person uses it.

With PRESSROOM_IMAGES the tests write what they see into that folder: `make images`.
"""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, ViewportSize, expect, sync_playwright

from tests.checkout import checkout
from tests.conftest import RAW
from tests.quicktakes import TABLES
from tests.servers import Page as Server
from tests.servers import eventually, free_port, running

CHROMIUM = shutil.which("chromium")
FILES = len(list(RAW.rglob("*.md")))
IMAGES = os.environ.get("PRESSROOM_IMAGES")

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.filterwarnings("default::ResourceWarning"),
]
expect.set_options(timeout=120_000)


SIZE: ViewportSize = {"width": 1500, "height": 780}


class Visit:
    """A browser on the page, what it asked other programs for, and what went wrong in it."""

    def __init__(self, context: BrowserContext, address: str, home: Path) -> None:
        self.address = address
        self.home = home
        self.requests: list[str] = []
        self.errors: list[str] = []
        context.set_default_timeout(120_000)
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("weberror", lambda error: self.errors.append(str(error.error)))
        context.on(
            "console",
            lambda message: self.errors.append(message.text) if message.type == "error" else None,
        )
        self.page: Page = context.new_page()
        self.page.on("websocket", lambda socket: self.requests.append(socket.url))

    def open(self, path: str) -> Page:
        self.page.goto(self.address + path)
        return self.page

    def keep(self, name: str) -> None:
        """Renew an image of the documentation, if asked to."""
        if IMAGES:
            self.page.wait_for_load_state("networkidle")
            self.page.wait_for_timeout(5_000)  # until the states of the graph are there
            self.page.screenshot(path=Path(IMAGES) / f"{name}.png")


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """`make ui` in a new checkout, and a browser on its page."""
    home = checkout(tmp_path_factory.mktemp("ui") / "pressroom")
    port, log = free_port(), home.parent / "log"
    with running("make", "ui", f"PORT={port}", cwd=home, log=log), sync_playwright() as playwright:
        eventually(Server(port).answers, log=log)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(viewport=SIZE)
        visit = Visit(context, f"http://127.0.0.1:{port}", home)
        yield visit
        browser.close()


@pytest.fixture(scope="module")
def published(visit: Visit) -> Visit:
    """The same, after a run of `publish` that was launched from the page."""
    page = visit.open("/locations/pressroom/jobs/publish")
    page.get_by_role("button", name="Materialize all").click()
    page.get_by_role("link", name="View", exact=True).click()
    expect(page).to_have_url(re.compile("/runs/"))
    expect(page.get_by_text("Success", exact=True)).to_be_visible()
    return visit


@pytest.fixture(autouse=True)
def _calls_nobody_and_has_no_errors(visit: Visit) -> Iterator[None]:
    yield
    assert visit.requests
    own = re.compile(rf"(blob:)?(http|ws){re.escape(visit.address.removeprefix('http'))}/")
    assert [url for url in visit.requests if not own.match(url)] == []
    assert visit.errors == []


def test_the_page_opens_without_a_window_in_front_of_it(visit: Visit) -> None:
    page = visit.open("/")
    # Not "Launch a run", which is there unless a schedule is due within the hour.
    expect(page.get_by_role("tab", name="Timeline")).to_be_visible()
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_run_that_is_launched_from_the_page_publishes(published: Visit) -> None:
    release = (published.home / "out" / "current").resolve()
    assert release.name.startswith("000001-")
    page = published.open("/assets/release")
    expect(page.get_by_text(release.name, exact=True)).to_be_visible()
    expect(page.get_by_text("added_articles")).to_be_visible()


def test_the_asset_graph_shows_the_groups_and_the_catalog_every_table(published: Visit) -> None:
    page = published.open("/asset-groups")
    page.get_by_text("Hide navigation").click()
    graph = page.locator("svg")
    for group in ("ingest", "tables", "exports", "release"):
        expect(graph.get_by_text(group, exact=True).first).to_be_visible()
    published.keep("lineage")

    page.set_viewport_size({"width": 1500, "height": 4000})  # rows that do not fit are not there
    published.open("/assets")
    for table in TABLES:
        expect(page.get_by_text(table, exact=True).first).to_be_visible()
    page.set_viewport_size(SIZE)


def test_a_table_shows_its_row_count_columns_and_first_rows(published: Visit) -> None:
    page = published.open("/assets/articles")
    expect(page.get_by_text("Row count")).to_be_visible()
    expect(page.get_by_text(str(FILES), exact=True)).to_be_visible()
    expect(page.get_by_text("Path of the article from the root of the site")).to_be_visible()
    expect(page.get_by_text("first rows", exact=True)).to_be_visible()
    published.keep("table")


def test_the_checks_stand_on_the_asset_that_they_are_about(published: Visit) -> None:
    page = published.open("/assets/articles?view=checks")
    checks = ("articles_remain", "files_accounted", "removals_limited", "urls_unique")
    for check in checks:
        expect(page.get_by_text(check, exact=True).first).to_be_visible()
    expect(page.get_by_text("Succeeded")).to_have_count(len(checks))
    published.keep("checks")
