"""``_headers`` as Netlify and Cloudflare Pages read it."""

import re
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

import pytest

from pressroom.exports import headers
from pressroom.model.settings import Site as SiteSettings
from tests.conftest import Site, article
from tests.standards.releases import Published

pytest_plugins = ["tests.standards.fixtures"]

MOST_RULES, MOST_CHARS = 100, 2_000  # Cloudflare's
FEEDS = {
    ".json": "application/feed+json; charset=utf-8",
    ".xml": "application/rss+xml; charset=utf-8",
    ".atom": "application/atom+xml; charset=utf-8",
}


def rules(text: str) -> dict[str, dict[str, str]]:
    """The headers by the pattern of their urls; nothing else stands in the file."""
    found: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        if line.startswith("/"):
            assert line not in found
            found[line] = {}
        else:
            name, value = re.fullmatch(r"  ([A-Za-z-]+): (\S.*)", line).groups()  # type: ignore[union-attr]
            found[[*found][-1]][name] = value
    return found


def sent(text: str, path: str) -> list[dict[str, str]]:
    """The headers of the rules that a path fits; a ``*`` is anything."""
    return [
        values
        for pattern, values in rules(text).items()
        if re.fullmatch(".*".join(re.escape(unquote(part)) for part in pattern.split("*")), path)
    ]


def test_each_feed_of_a_release_is_sent_as_what_it_is_JF_01(release: Published) -> None:
    text = (release.root / "site/_headers").read_text()
    files = [urlsplit(url).path for url in release.files("feed.*") | release.files("feeds/*")]
    files = [path for path in files if PurePosixPath(path).suffix in FEEDS]

    assert files
    for path in files:
        assert sent(text, path) == [{"Content-Type": FEEDS[PurePosixPath(path).suffix]}], path


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/feed.xml", "application/rss+xml; charset=utf-8"),
        ("/feeds/c-plus-plus.xml", "application/rss+xml; charset=utf-8"),
        ("/atom.xml", "application/atom+xml; charset=utf-8"),
        ("/feeds/databases.atom", "application/atom+xml; charset=utf-8"),
        ("/feeds.opml", "text/x-opml; charset=utf-8"),
        ("/sitemap-databases-1.xml.gz", "application/gzip"),
        ("/structured-data.jsonl", "application/jsonl; charset=utf-8"),
        ("/sitemap.xml", None),
        ("/data.json", None),
        ("/learn/feed.json", None),
    ],
)
def test_a_file_is_sent_as_one_type_or_as_the_host_likes(
    release: Published, path: str, kind: str | None
) -> None:
    text = (release.root / "site/_headers").read_text()
    found = sent(text, release.site.base_path + path)
    assert found == ([{"Content-Type": kind}] if kind else [])


def test_hosts_take_the_file(release: Published) -> None:
    found = rules((release.root / "site/_headers").read_text())
    assert len(found) <= MOST_RULES
    assert all(len(pattern) <= MOST_CHARS and pattern.count("*") <= 1 for pattern in found)
    assert len(found) == len(headers.TYPES)


def test_a_path_of_the_base_url_is_no_pattern(site: Site) -> None:
    site.write(a=article(slug="a"))
    site.build(site=SiteSettings(base_url="https://a.example/x*y/a:b"))
    text = (site.out / "current/site/_headers").read_text()
    assert "/x%2Ay/a%3Ab/feed.json\n  Content-Type: application/feed+json" in text
