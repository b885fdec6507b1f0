"""Feeds of all formats: what they hold, that they are right, and that readers find it."""

import datetime as dt
import html
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, get_args
from urllib.parse import unquote

import feedparser
import feedparser_rs
import pytest
from lxml import etree

from pressroom.exports.feeds import atom, rss
from pressroom.exports.feeds.content import Item
from pressroom.exports.feeds.document import Document
from pressroom.exports.feeds.documents import FORMATS
from pressroom.model.collections import Collection
from pressroom.model.columns import Column
from pressroom.model.publishing import FeedFormat, Feeds
from pressroom.model.settings import Limits
from pressroom.model.settings import Site as SiteSettings
from tests.conftest import AS_OF, Site, article, contents
from tests.quicktakes import quicktakes
from tests.servers import serve_folder
from tests.standards import atom_feeds, json_feeds, rss_feeds
from tests.standards.releases import Published, served_at
from tests.standards.xml_feeds import ATOM

pytest_plugins = ["tests.standards.fixtures"]

DAY = 24 * 3600
BASE = "http://localhost:8000"
HERE = "https://a.example/feed"
NODE = Path(os.environ.get("PRESSROOM_GENERATORS") or Path(__file__).parent / "generators")

# --- the checkers --------------------------------------------------------------------------------

RSS = f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"
     xmlns:content="http://purl.org/rss/1.0/modules/content/"
     xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>A</title><link>https://a.example/</link><description>D</description>
<language>en</language><lastBuildDate>Sat, 01 Mar 2025 00:00:00 GMT</lastBuildDate>
<generator>G</generator><docs>https://www.rssboard.org/rss-specification</docs>
<atom:link rel="self" href="{HERE}"/>
<item><title>AT&amp;T</title><link>https://a.example/a</link>
<guid isPermaLink="true">https://a.example/a</guid>
<pubDate>Sat, 01 Mar 2025 00:00:00 GMT</pubDate><dc:creator>Ann</dc:creator>
<description>1 &amp;lt; 2</description><content:encoded>&lt;p&gt;x&lt;/p&gt;</content:encoded>
</item></channel></rss>"""
ATOM_FEED = f"""<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:fh="http://purl.org/syndication/history/1.0">
<id>{HERE}</id><title>A</title><updated>2025-03-01T00:00:00Z</updated>
<author><name>A</name></author><link rel="self" href="{HERE}"/>
<link rel="alternate" type="text/html" href="https://a.example/"/>
<entry><id>https://a.example/a</id><title>AT&amp;T</title><updated>2025-03-01T00:00:00Z</updated>
<category term="a"/><content type="html">&lt;p&gt;x&lt;/p&gt;</content></entry></feed>"""


@pytest.mark.parametrize(("check", "text"), [(rss_feeds.check, RSS), (atom_feeds.check, ATOM_FEED)])
def test_the_checkers_pass_what_is_right(check: Callable[..., list[str]], text: str) -> None:
    assert check(text.encode(), HERE) == []


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        ("RS-01", 'version="2.0"', 'version="0.91"'),
        ("RS-01", "<title>A</title>", ""),
        ("RS-01", "<description>D</description>", "<description/>"),
        ("RS-02", "<title>AT&amp;T</title>", "<title>A</title><title>B</title>"),
        ("RS-02", "<dc:creator>", "<tag>x</tag><dc:creator>"),
        ("RS-03", "<guid isPermaLink", "<guid>x</guid><guid isPermaLink"),
        ("RS-03", ">https://a.example/a</guid>", ">7</guid>"),
        (
            "RS-03",
            "</item>",
            "</item><item><title>B</title><guid>https://a.example/a</guid></item>",
        ),
        ("RS-04", "<pubDate>Sat, 01 Mar 2025 00:00:00 GMT", "<pubDate>2025-03-01"),
        ("RS-04", "<pubDate>Sat, 01 Mar 2025 00:00:00 GMT", "<pubDate>Sat, 01 Mar 25 00:00:00 UTC"),
        ("RS-05", "<dc:creator>", '<enclosure url="https://a.example/i"/><dc:creator>'),
        ("RS-06", "<dc:creator>Ann", "<author>Ann</author><dc:creator>Ann"),
        ("RS-06", "<dc:creator>Ann", "<dc:creator> "),
        ("RS-07", f'href="{HERE}"', 'href="https://a.example/other"'),
        ("RS-08", "&lt;p&gt;x&lt;/p&gt;", "&amp;lt;p&amp;gt;x"),
        ("RS-09", "<link>https://a.example/a", "<link>/a"),
        ("RS-09", "&lt;p&gt;x", '&lt;img src="/i.png"&gt;'),
        ("RS-10", "<language>en", "<language>english language"),
        ("RS-11", "1 &amp;lt; 2", "\x01"),
        ("RS-11", "1 &amp;lt; 2", "1 < 2"),
        ("AT-10", "<item>", f'<atom:link rel="prev-archive" href="{HERE}"/><item>'),
        ("AT-10", "<item>", f'<atom:link rel="next-archive" href="{HERE}/2"/><item>'),
    ],
)
def test_the_checker_of_rss_finds_what_is_wrong(rule: str, before: str, after: str) -> None:
    assert before in RSS
    found = rss_feeds.check(RSS.replace(before, after, 1).encode(), HERE)

    assert rule in {problem.split()[0] for problem in found}


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        ("AT-00", "<title>A</title>", "<title>A</title><color>red</color>"),
        ("AT-00", "<title>A</title>", '<title type="markdown">A</title>'),
        ("AT-00", "<name>A</name>", ""),
        ("AT-00", '<link rel="self" href', '<link rel="self" to'),
        ("AT-01", f"<id>{HERE}</id>", ""),
        ("AT-01", "<author><name>A</name></author>", ""),
        ("AT-01", f'rel="self" href="{HERE}"', 'rel="self" href="https://a.example/other"'),
        ("AT-02", "<entry>", '<link type="text/html" href="https://a.example/b"/><entry>'),
        ("AT-03", '<content type="html">&lt;p&gt;x&lt;/p&gt;</content>', ""),
        ("AT-03", "<title>AT&amp;T</title>", ""),
        ("AT-03", 'term="a"', 'term=" "'),
        ("AT-04", "<id>https://a.example/a</id>", "<id>/a</id>"),
        ("AT-05", "<category", "<published>2025-03-01T00:00:00+01:00</published><category"),
        ("AT-06", "&lt;p&gt;x&lt;/p&gt;", "<p>x</p>"),
        ("AT-07", "&lt;p&gt;x", '&lt;a href="/a"&gt;'),
        ("AT-08", "<updated>2025-03-01", "<updated>2025-03-02"),
        ("AT-10", "<entry>", "<fh:archive/><entry>"),
    ],
)
def test_the_checker_of_atom_finds_what_is_wrong(rule: str, before: str, after: str) -> None:
    assert before in ATOM_FEED
    found = atom_feeds.check(ATOM_FEED.replace(before, after, 1).encode(), HERE)

    assert rule in {problem.split()[0] for problem in found}


# --- what is published ---------------------------------------------------------------------------

CHECKS = {".json": json_feeds.check, ".xml": rss_feeds.check, ".atom": atom_feeds.check}


def suffix(url: str) -> str:
    return ".atom" if url.endswith("/atom.xml") else Path(url).suffix


def feeds(release: Published, kind: str) -> dict[str, bytes]:
    """The feeds of a format by the URL they are served at."""
    of_site = {".json": "feed.json", ".xml": "feed.xml", ".atom": "atom.xml"}[kind]
    return release.files(of_site) | release.files(f"feeds/**/*{kind}")


def problems(site: Site, base: str = BASE) -> list[str]:
    """What is wrong with all feeds of the current release."""
    root = (site.out / "current").resolve()
    release = Published(root, SiteSettings(base_url=base), AS_OF)
    return [
        f"{url}: {problem}"
        for kind, check in CHECKS.items()
        for url, data in feeds(release, kind).items()
        for problem in check(data, url)
    ]


@pytest.mark.parametrize("kind", CHECKS)
def test_every_feed_of_a_release_is_right_RS_AT(release: Published, kind: str) -> None:
    found = feeds(release, kind)

    assert len(found) > 3
    assert [problem for url, data in found.items() for problem in CHECKS[kind](data, url)] == []


def test_all_formats_hold_the_same_articles_in_the_same_order(release: Published) -> None:
    of_json = {
        url.removesuffix(".json"): [item["id"] for item in json.loads(data)["items"]]
        for url, data in feeds(release, ".json").items()
    }
    of_rss = {
        url.removesuffix(".xml"): etree.fromstring(data).xpath("//guid/text()")
        for url, data in feeds(release, ".xml").items()
    }
    of_atom = {
        url.replace("/atom.xml", "/feed.atom").removesuffix(".atom"): [
            one.text for one in etree.fromstring(data).iter(f"{ATOM}id")
        ][1:]
        for url, data in feeds(release, ".atom").items()
    }

    assert of_json == of_rss == of_atom


@pytest.mark.parametrize("parse", [feedparser.parse, feedparser_rs.parse])
@pytest.mark.parametrize("kind", [".xml", ".atom"])
def test_readers_find_each_item_with_all_that_it_says(
    release: Published, kind: str, parse: Callable[[bytes], Any]
) -> None:
    for url, data in feeds(release, kind).items():
        name = "feed.json" if url.endswith(("/feed.xml", "/atom.xml")) else None
        path = name or url.removeprefix(f"{release.site.base_url}/").replace(kind, ".json")
        stated = json.loads(release.files(unquote(path))[served_at(release.site, unquote(path))])
        parsed = parse(data)

        assert not parsed.bozo, url
        assert parsed.version == {".xml": "rss20", ".atom": "atom10"}[kind]
        assert parsed.feed.title == stated["title"] or "&" in stated["title"]
        for entry, item in zip(parsed.entries, stated["items"], strict=True):
            assert plain(entry.id) == plain(entry.link) == plain(item["id"])
            assert bool(entry.content[0].value) == bool(item["content_html"])
            tags = [tag.term for tag in entry.get("tags") or ()]
            assert list(map(html.unescape, tags)) == item.get("tags", [])
            assert moment(entry.published) == moment(item["date_published"])
            authors = [one["name"] for one in item.get("authors", [])]
            if authors:
                assert entry.author == authors[0]


def plain(url: str) -> str:
    """A url as both readers have it: each takes `&a;` in one for a reference, in its own way."""
    return url.replace("&amp;", "&").replace(";", "")


def moment(text: Any) -> dt.datetime:
    if isinstance(text, dt.datetime):
        return text
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return parsedate_to_datetime(text)


READ = """
import { parseFeed, parseOpml } from "feedsmith";
import Parser from "rss-parser";
import fs from "node:fs";
const told = [];
for (const path of process.argv.slice(2)) {
  const text = fs.readFileSync(path, "utf8");
  if (path.endsWith(".opml")) {
    told.push([path, parseOpml(text).body.outlines.map((one) => one.xmlUrl)]);
    continue;
  }
  const { format, feed } = parseFeed(text);
  const ids = (feed.items ?? feed.entries ?? []).map((one) => one.guid?.value ?? one.id);
  const others = path.endsWith(".json")
    ? ids : (await new Parser().parseString(text)).items.map((one) => one.guid ?? one.id);
  told.push([path, format, ids, others]);
}
console.log(JSON.stringify(told));
"""


def test_readers_on_node_find_each_item(odd: Published, tmp_path: Path) -> None:
    modules = NODE / "node_modules"
    if not (modules / "feedsmith" / "package.json").exists():
        pytest.skip(f"feedsmith is not installed: npm ci --prefix {NODE}")
    (tmp_path / "node_modules").symlink_to(modules.resolve())
    (tmp_path / "read.mjs").write_text(READ)
    folder = odd.root / "site"
    paths = [folder / "feed.json", folder / "feed.xml", folder / "atom.xml"]
    paths += [path for path in sorted((folder / "feeds").glob("*")) if path.is_file()]
    done = subprocess.run(
        ["node", "read.mjs", *paths, folder / "feeds.opml"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    *told, (_, listed) = json.loads(done.stdout)

    assert {kind for _, kind, _, _ in told} == {"json", "rss", "atom"}
    of_json = {Path(path).with_suffix(""): ids for path, kind, ids, _ in told if kind == "json"}
    for path, _, ids, others in told:
        assert (
            ids == others == of_json[Path(path.replace("/atom.xml", "/feed.xml")).with_suffix("")]
        )
    assert listed == list(release_feeds(odd))


def release_feeds(release: Published) -> dict[str, bytes]:
    """The feeds in RSS, that of the site first."""
    return release.files("feed.xml") | release.files("feeds/**/*.xml")


@pytest.mark.parametrize("name", ["feed.xml", "atom.xml"])
def test_newsboat_reads_every_item_over_http(odd: Published, tmp_path: Path, name: str) -> None:
    if shutil.which("newsboat") is None:
        pytest.skip("newsboat is not installed (Debian: newsboat)")
    folder = odd.root / "site"
    (tmp_path / "config").touch()
    with serve_folder(folder) as address:
        (tmp_path / "urls").write_text(f"{address}/{name}\n")
        options = ["-u", "urls", "-c", "cache.db", "-C", "config"]
        subprocess.run(
            ["newsboat", *options, "-x", "reload"],
            cwd=tmp_path,
            check=True,
            timeout=60,
            env={**os.environ, "HOME": str(tmp_path), "TERM": "xterm"},
            capture_output=True,
        )
    with sqlite3.connect(tmp_path / "cache.db") as cache:
        found = {
            guid: (url, title)
            for guid, url, title in cache.execute("select guid, url, title from rss_item")
        }
    items = json.loads((folder / "feed.json").read_bytes())["items"]

    # It makes up titles for items without any.
    assert found == {
        item["id"]: (item["url"], item.get("title", found[item["id"]][1])) for item in items
    }


# --- which articles, in which order --------------------------------------------------------------


def ids(site: Site, name: str = "feed.json") -> list[str]:
    found = json.loads((site.out / "current" / "site" / name).read_bytes())
    return [item["id"].rpartition("/")[2] for item in found["items"]]


def write_in_two_releases(site: Site, **options: Any) -> None:
    """First an old and a new article and one without a date, then others, one of them backdated."""
    site.write(
        old=article(slug="old", date="2025-01-01"),
        b=article(slug="b", date="2025-03-01"),
        undated=article(slug="undated", date=None),
    )
    site.build(**options)
    site.write(
        c=article(slug="c", date="2025-03-01"),
        a=article(slug="a", date="2025-03-01"),
        backdated=article(slug="backdated", date="2024-06-01"),
    )
    site.build(AS_OF + DAY, **options)


@pytest.mark.parametrize(
    ("feeds", "expected"),
    [
        (Feeds(), ["a", "c", "b", "old", "backdated"]),
        (Feeds(items=2), ["a", "c"]),
        (Feeds(order="first_seen"), ["a", "c", "backdated", "b", "old", "undated"]),
        (Feeds(items=3, order="first_seen"), ["a", "c", "backdated"]),
    ],
)
def test_the_newest_come_first_and_among_equals_those_seen_later(
    site: Site, feeds: Feeds, expected: list[str]
) -> None:
    write_in_two_releases(site, feeds=feeds, content=quicktakes(required=("url",)))

    assert ids(site) == expected
    assert problems(site) == []


def test_a_new_article_of_a_day_with_sixty_others_reaches_the_feed(site: Site) -> None:
    site.write(**{f"a{number}": article(slug=f"a{number:02}") for number in range(60)})
    site.build()
    site.write(z=article(slug="z"))
    site.build(AS_OF + DAY)

    assert ids(site)[0] == "z"
    assert len(ids(site)) == 50


def write_languages(site: Site) -> None:
    for name, language in (("a", "en"), ("b", "fr"), ("c", "pt_BR")):
        (site.raw / language).mkdir(exist_ok=True)
        (site.raw / language / f"{name}.md").write_text(
            f"---\ntitle: {name}\ndate: 2025-03-01\n---\nText.\n"
        )


def test_each_language_of_a_site_and_each_collection_that_asks_has_a_feed(site: Site) -> None:
    write_languages(site)
    content = quicktakes(
        required=("url",),
        keys={"url": ()},
        url="/{path}/",
        languages=("en", "fr", "pt_BR"),
        collections=(
            Collection(("a*",), name="Take A", feed=True),
            Collection(("b*",), name="B"),
            Collection(("nothing/**",), name="Empty", feed=True),
        ),
    )
    site.build(content=content)
    folder = site.out / "current" / "site" / "feeds"

    found = {
        path.relative_to(folder).with_suffix("").as_posix(): json.loads(path.read_bytes())
        for path in folder.glob("*/*.json")
    }
    assert {name: [item["title"] for item in feed["items"]] for name, feed in found.items()} == {
        "collections/take-a": ["a"],
        "collections/empty": [],
        "languages/en": ["a"],
        "languages/fr": ["b"],
        "languages/pt_BR": ["c"],
    }
    assert {name: feed["language"] for name, feed in found.items() if "lang" in name} == {
        "languages/en": "en",
        "languages/fr": "fr",
        "languages/pt_BR": "pt-BR",
    }
    of_site = json.loads((folder.parent / "feed.json").read_bytes())
    assert [item.get("language") for item in of_site["items"]] == [None, "fr", "pt-BR"]
    assert problems(site) == []
    listed = etree.parse(folder.parent / "feeds.opml").xpath("//outline/@xmlUrl")
    assert listed[0] == f"{BASE}/feed.xml"
    assert f"{BASE}/feeds/languages/pt_BR.xml" in listed
    assert len(listed) == len(list(folder.rglob("*.xml"))) + 1


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("/i/a b.png", f"{BASE}/i/a%20b.png"),
        ("i.png", f"{BASE}/learn/databases/questions/i.png"),
        ("https://cdn.example/i.png", "https://cdn.example/i.png"),
        ("data:image/png;base64,AA", None),
        ("'http://[::1'", None),
    ],
)
def test_an_image_that_the_model_has_is_in_each_format(
    site: Site, stated: str, expected: str | None
) -> None:
    site.write(a=article(slug="a", image=stated))
    site.build(content=quicktakes(columns={"image": Column("text")}))
    folder = site.out / "current" / "site"

    item = json.loads((folder / "feed.json").read_bytes())["items"][0]
    media = "{http://search.yahoo.com/mrss/}content"
    of_xml = [
        next((one.get("url") for one in etree.parse(folder / name).iter(media)), None)
        for name in ("feed.xml", "atom.xml")
    ]
    assert [item.get("image"), *of_xml] == [expected] * 3
    assert problems(site) == []


@pytest.mark.parametrize("odd", ["&#11;", "&#xFFFE;", "&#127;", "]]>", "&lt;", "<wbr>"])
def test_odd_characters_of_a_text_are_right_in_each_format_RS_11(site: Site, odd: str) -> None:
    text = json.dumps(f"a{odd}b")
    site.write(a=article(slug="a", title=text, answer=text, seo=f"{{page_description: {text}}}"))
    site.build()

    assert problems(site) == []
    assert ids(site) == ["a"]


@pytest.mark.parametrize(
    ("odd", "expected"),
    [
        ("\x00", ""),
        ("\x0b", ""),
        ("\x1f", ""),
        ("\ufffe", ""),
        ("\uffff", ""),
        ("\ud800", ""),
        ("\x7f", "\x7f"),
        ("\r\n", "\n"),
        ("\r", "\n"),
        ("]]>", "]]>"),
        ("\U0001f989", "\U0001f989"),
    ],
)
@pytest.mark.parametrize("write", [rss.FORMAT.write, atom.FORMAT.write])
def test_characters_that_xml_has_no_place_for_are_left_out_RS_11(
    write: Callable[..., bytes], odd: str, expected: str
) -> None:
    text, time = f"a{odd}b", dt.datetime(2025, 3, 1, tzinfo=dt.UTC)
    item = Item("/a", text, text, text, text, time, time, time, None, None, [text], [text], "")
    document = Document(
        "https://a.example", text, text, text, "en", HERE, HERE, None, False, "", time
    )
    data = write(document, [item])

    check = rss_feeds.check if write is rss.FORMAT.write else atom_feeds.check
    assert check(data, HERE) == []
    root = etree.fromstring(data)
    found = [
        element.text
        for element in root.iter()
        if (element.text or "").startswith("a") and element.tag != "description"
    ]
    assert set(found) == {f"a{expected}b"}
    assert len(found) > 4


def test_a_summary_is_text_and_stands_as_such_where_readers_expect_html_RS_08(site: Site) -> None:
    site.write(a=article(slug="a", seo="{page_description: 'Is 1 < 2 & <b> bold?'}"))
    site.build()
    folder = site.out / "current" / "site"

    rss = etree.parse(folder / "feed.xml")
    assert rss.findtext("channel/item/description") == "Is 1 &lt; 2 &amp; &lt;b&gt; bold?"
    assert feedparser.parse((folder / "atom.xml").read_bytes()).entries[0].summary == (
        "Is 1 < 2 & <b> bold?"
    )


def test_no_time_of_a_feed_is_that_of_its_build_RS_10_AT_08(site: Site) -> None:
    site.write(a=article(slug="a", date="2025-03-01"), b=article(slug="b", date="2025-02-01"))
    site.build()
    first = contents(site.out / "current", lambda path: not path.startswith("site/"))
    site.build(AS_OF + DAY, force=True)

    assert contents(site.out / "current", lambda path: not path.startswith("site/")) == first
    assert b"<lastBuildDate>Sat, 01 Mar 2025 00:00:00 GMT<" in first["site/feed.xml"]
    assert b"<updated>2025-03-01T00:00:00Z</updated>\n<author>" in first["site/atom.xml"]


def test_a_hub_is_named_in_each_format_WS_01(site: Site) -> None:
    site.write(a=article(slug="a"))
    site.build(feeds=Feeds(hub="https://hub.example/?a=1&b=2"))
    folder = site.out / "current" / "site"

    hub = "https://hub.example/?a=1&b=2"
    assert json.loads((folder / "feed.json").read_bytes())["hubs"] == [
        {"type": "WebSub", "url": hub}
    ]
    for name in ("feed.xml", "atom.xml"):
        links = etree.parse(folder / name).iter(f"{ATOM}link")
        assert {link.get("rel"): link.get("href") for link in links}["hub"] == hub
    assert problems(site) == []


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([400_000, 400_000, 400_000], 2),
        ([1_500_000, 10], 1),
        ([10, 1_500_000, 10], 1),
        ([100] * 30, 30),
    ],
)
def test_a_feed_that_would_be_a_burden_holds_fewer_items_JF_20(
    site: Site, sizes: list[int], expected: int
) -> None:
    for number, size in enumerate(sizes):
        text = "<p>&</p>\n" if size < 1000 else "x " * (size // 4)  # HTML, and as plain text
        site.write(**{f"a{number}": article(slug=f"{number:02}", answer=json.dumps(text))})
    site.build(limits=Limits(file_bytes=2**24, scalar_chars=2**23))
    folder = site.out / "current" / "site"

    assert ids(site) == [f"{number:02}" for number in range(expected)]
    paths = [folder / "feed.json", folder / "feed.xml", folder / "atom.xml"]
    assert expected == 1 or max(path.stat().st_size for path in paths) < 1_000_000
    assert problems(site) == []


# --- settings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("feeds", "expected"),
    [
        (Feeds(formats=("rss",)), {"feed.xml", "feeds/databases.xml", "feeds.opml"}),
        (Feeds(formats=("json",), opml=False), {"feed.json", "feeds/databases.json"}),
        (Feeds(formats=()), set()),
    ],
)
def test_settings_say_which_formats_there_are(site: Site, feeds: Feeds, expected: set[str]) -> None:
    site.write(a=article(slug="a"))
    site.build(feeds=feeds)
    folder = (site.out / "current" / "site").resolve()

    paths = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    assert {path for path in paths if Path(path).suffix in (".json", ".atom", ".opml", ".xml")} == (
        expected | {path for path in paths if path.startswith("sitemap") and path.endswith(".xml")}
    )


def test_settings_know_each_format() -> None:
    assert {one.name for one in FORMATS} == set(get_args(FeedFormat))
