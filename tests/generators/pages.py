"""What site generators say of the pages that they make, held against a build with their preset."""

import os
import subprocess
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import pytest

from pressroom.model.settings_toml import load
from tests.conftest import Site
from tests.test_other_sites import build, in_sitemaps

# A folder with the `node_modules` of package.json beside this file.
GENERATORS = Path(os.environ.get("PRESSROOM_GENERATORS") or Path(__file__).parent)
BASE_URL = "https://a.example"


class Page(NamedTuple):
    """The page of a file: its path from the root of the site, and its title and day if it has."""

    url: str
    title: str | None = None
    day: str | None = None


def page(front_matter: str = "", text: str = "Text.") -> str:
    """A file of some front matter, or none in it, and a text."""
    return f"---\n{front_matter}\n---\n{text}\n"


def lay_out(folder: Path, files: Mapping[str, str]) -> None:
    """Write files by their paths."""
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def from_npm(home: Path, package: str) -> None:
    """Let a site find the packages of npm; skips the test where one is not installed."""
    modules = GENERATORS / "node_modules"
    if not (modules / package / "package.json").exists():
        pytest.skip(f"{package} is not installed: npm ci --prefix {GENERATORS}")
    (home / "node_modules").symlink_to(modules.resolve())


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """What a command prints; what it complains of where it fails."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, "CI": "1", "NO_COLOR": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


class Difference(NamedTuple):
    """What we make of a file and what its generator does; None for no page."""

    ours: Page | None
    theirs: Page | None


def differences(
    site: Site, home: Path, settings: str, pages: Mapping[str, Page]
) -> dict[str, Difference]:
    """The files of which a build by `settings`, TOML, shows other pages than the generator.

    Of a page that has no title or no day for the generator, ours may be anything.
    """
    file = home / "pressroom.toml"
    file.write_text(f'[site]\nbase_url = "{BASE_URL}"\n{settings}')
    build(site, load(file))
    shown = [row for row in site.rows("articles") if not row["no_index"]]
    assert in_sitemaps(site).count("<loc>") == len(shown)
    ours = {row["source_path"]: _as_stated(row, pages.get(row["source_path"])) for row in shown}
    theirs = {path: page._replace(url=decoded(page.url)) for path, page in pages.items()}
    paired = {path: Difference(ours.get(path), theirs.get(path)) for path in sorted(ours | theirs)}
    return {path: both for path, both in paired.items() if both.ours != both.theirs}


def _as_stated(row: dict[str, Any], theirs: Page | None) -> Page:
    """The page of an article, with what its generator says of it, too."""
    title = row["title"] if theirs and theirs.title else None
    day = str(row["published"]) if theirs and theirs.day else None
    return Page(decoded(row["url"]), title, day)


def decoded(url: str) -> str:
    """A url without what tools write in several ways: escapes, and the index of a folder."""
    return unicodedata.normalize("NFC", unquote(url)).removesuffix("index.html")
