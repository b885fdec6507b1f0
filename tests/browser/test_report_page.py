"""The report for editors, as a browser shows it: on a desk and on a phone, in light and dark."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, TypeAlias

import pytest
from playwright.sync_api import Browser, ViewportSize, sync_playwright

from pressroom.model.settings_toml import load
from tests.conftest import RAW, ROOT, Site

CHROMIUM = shutil.which("chromium")
IMAGES = os.environ.get("PRESSROOM_IMAGES")

Scheme: TypeAlias = Literal["light", "dark"]

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.filterwarnings("default::ResourceWarning"),
]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the report of the sample."""
    site = Site(tmp_path_factory.mktemp("site"))
    shutil.copytree(RAW, site.raw, dirs_exist_ok=True)
    site.write(broken="no front matter")
    site.build(content=load(ROOT / "pressroom.toml").content)
    return f"file://{(site.out / 'current').resolve()}/report/index.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1200])
def test_it_is_as_wide_as_the_window_and_loads_nothing(
    browser: Browser, report: str, width: int, scheme: Scheme
) -> None:
    requests: list[str] = []
    errors: list[Any] = []
    viewport = ViewportSize(width=width, height=800)
    with browser.new_context(viewport=viewport, color_scheme=scheme) as context:
        context.on("request", lambda request: requests.append(request.url))
        context.on("console", lambda message: errors.append(message.text))
        page = context.new_page()
        page.goto(report)
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")

        assert page.evaluate("document.scrollingElement.scrollWidth") == width
        assert requests == [report]
        assert errors == []
        if IMAGES and (width, scheme) == (1200, "light"):
            page.goto(report)
            page.screenshot(path=Path(IMAGES) / "report.png")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_its_ground_is_as_light_or_dark_as_the_reader_wants(
    browser: Browser, report: str, scheme: Scheme
) -> None:
    with browser.new_context(color_scheme=scheme) as context:
        page = context.new_page()
        page.goto(report)
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")

    red = int(ground.removeprefix("rgb(").split(",")[0])
    assert (red > 127) == (scheme == "light")
