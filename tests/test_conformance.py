# ruff: noqa: E501  documents on a line
"""Published files are checked against the rules of their standards, and what breaks one is told."""

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pressroom import conformance
from pressroom.base.errors import AuditError
from pressroom.conformance import rules
from pressroom.conformance.rules import Outcome, Staged
from pressroom.exports import EXPORTS
from pressroom.files import atomic
from pressroom.model.settings import Limits, Settings
from pressroom.model.settings import Site as SiteSettings
from tests.conftest import AS_OF, ROOT, Site, article
from tests.standards import held

BASE = "https://site.example/base"
SITE = SiteSettings(base_url=BASE)
HTML = '&lt;p&gt;Text with a &lt;a href="https://else.example/?a&amp;amp;b"&gt;link&lt;/a&gt;.&lt;/p&gt;'

SITEMAP = f"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>{BASE}/a/</loc><lastmod>2026-01-02T03:04:05Z</lastmod><xhtml:link rel="alternate" hreflang="en" href="{BASE}/a/"/><xhtml:link rel="alternate" hreflang="de" href="{BASE}/de/a/"/><image:image><image:loc>{BASE}/a.png</image:loc></image:image></url>
<url><loc>{BASE}/de/a/</loc><xhtml:link rel="alternate" hreflang="en" href="{BASE}/a/"/><xhtml:link rel="alternate" hreflang="de" href="{BASE}/de/a/"/></url>
</urlset>
"""
INDEX = f"""<?xml version="1.0" encoding="UTF-8"?>
<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>{BASE}/sitemap-s-1.xml</loc><lastmod>2026-01-02</lastmod></sitemap>
<sitemap><loc>{BASE}/sitemap-t-1.xml.gz</loc></sitemap>
</sitemapindex>
"""
OTHER = f"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>{BASE}/b?x=1&amp;y=%C3%A9</loc></url></urlset>
"""
JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Site",
    "home_page_url": f"{BASE}/",
    "feed_url": f"{BASE}/feed.json",
    "next_url": f"{BASE}/feeds/archives/1.json",
    "language": "en",
    "hubs": [{"type": "WebSub", "url": "https://hub.example/"}],
    "items": [
        {
            "id": f"{BASE}/a/",
            "url": f"{BASE}/a/",
            "content_html": '<p title="a style=x">Text &lt;script&gt; <a href="mailto:a@b.example">mail</a></p>',
            "date_published": "2026-01-01T00:00:00Z",
            "date_modified": "2026-01-02T00:00:00+01:00",
            "authors": [{"name": "Ann"}],
            "tags": ["one"],
        },
        {"id": f"{BASE}/b/", "url": f"{BASE}/b/", "content_html": ""},
    ],
}
PAGE = {
    **{key: value for key, value in JSON_FEED.items() if key != "next_url"},
    "feed_url": f"{BASE}/feeds/archives/1.json",
}
RSS = f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><title>Site</title><link>{BASE}/</link><description>About</description>
<lastBuildDate>Fri, 02 Jan 2026 03:04:05 GMT</lastBuildDate>
<atom:link rel="self" type="application/rss+xml" href="{BASE}/feed.xml"/>
<item><title>A</title><link>{BASE}/a/</link><guid isPermaLink="true">{BASE}/a/</guid><pubDate>Fri, 02 Jan 2026 03:04:05 +0000</pubDate><description>About a</description><content:encoded>{HTML}</content:encoded><enclosure url="{BASE}/a.mp3" length="1" type="audio/mpeg"/></item>
<item><title>B</title><guid isPermaLink="false">b</guid></item>
</channel></rss>
"""
ATOM = f"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:fh="http://purl.org/syndication/history/1.0">
<id>{BASE}/atom.xml</id><title>Site</title><updated>2026-01-02T03:04:05Z</updated><author><name>Site</name></author>
<link rel="self" href="{BASE}/atom.xml"/><link rel="alternate" href="{BASE}/"/><link rel="prev-archive" href="{BASE}/feeds/archives/1.atom"/>
<entry><id>{BASE}/a/</id><title>A</title><updated>2026-01-02T03:04:05Z</updated><link rel="alternate" href="{BASE}/a/"/><summary>About</summary><content type="html">{HTML}</content></entry>
<entry><id>{BASE}/b/</id><title>B</title><updated>2026-01-01T03:04:05Z</updated><link rel="alternate" href="{BASE}/b/"/></entry>
</feed>
"""
ARCHIVE = (
    ATOM.replace(f'<link rel="prev-archive" href="{BASE}/feeds/archives/1.atom"/>', "<fh:archive/>")
    .replace(
        f'rel="self" href="{BASE}/atom.xml"', f'rel="self" href="{BASE}/feeds/archives/1.atom"'
    )
    .replace("<fh:archive/>", f'<fh:archive/><link rel="current" href="{BASE}/atom.xml"/>')
)
ROBOTS = f"User-agent: *\nDisallow: /base/drafts/\n\nSitemap: {BASE}/sitemap.xml\n"
LLMS = f"# Site\n\n> About\n\n## Subjects\n\n- [S]({BASE}/feeds/s.json): 2 articles\n"
CSV = b'url,title\r\n"/a/","A, or ""B"""\r\n"/b/",\r\n'
RIGHT: dict[str, bytes] = {
    "site/sitemap.xml": INDEX.encode(),
    "site/sitemap-s-1.xml": SITEMAP.encode(),
    "site/sitemap-t-1.xml.gz": gzip.compress(OTHER.encode(), mtime=0),
    "site/feed.json": json.dumps(JSON_FEED).encode(),
    "site/feeds/archives/1.json": json.dumps(PAGE).encode(),
    "site/feed.xml": RSS.encode(),
    "site/atom.xml": ATOM.encode(),
    "site/feeds/archives/1.atom": ARCHIVE.encode(),
    "site/robots.txt": ROBOTS.encode(),
    "site/llms.txt": LLMS.encode(),
    "csv/articles.csv": CSV,
    "csv/spreadsheet/articles.csv": b"\xef\xbb\xbf" + CSV,
}


def package(*paths: str, **others: Any) -> bytes:
    entries = [atomic.describe(path, RIGHT[path]) for path in paths]
    hashes = [f"sha256:{entry.sha256}" for entry in entries]
    resource = {
        "name": "articles",
        "path": [*paths] if len(paths) > 1 else paths[0].removeprefix("csv/"),
        "bytes": sum(entry.bytes for entry in entries),
        **({"hash": hashes[0]} if len(hashes) == 1 else {}),
        "schema": {"fields": [{"name": "url"}, {"name": "title"}]},
        **others,
    }
    profile = "https://datapackage.org/profiles/2.0/datapackage.json"
    whole = {"$schema": profile, "version": "1.0.0", "created": "2026-01-02T00:00:00Z"}
    return json.dumps({**whole, "resources": [resource]}).encode()


def parquet(rows: int) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"url": ["/a/"] * rows, "title": ["A"] * rows}), sink)
    return sink.getvalue().to_pybytes()


RIGHT["tables/articles/part-00000.parquet"] = parquet(1)
RIGHT["tables/articles/part-00001.parquet"] = parquet(2)
OF_CSV = ("csv/articles.csv",)
OF_PARQUET = tuple(path for path in RIGHT if path.startswith("tables/"))
RIGHT["csv/datapackage.json"] = package(*OF_CSV)
RIGHT["datapackage.json"] = package(*OF_PARQUET)


def outcomes(root: Path, files: Mapping[str, bytes]) -> list[Outcome]:
    """What is found in some files of a release."""
    entries = {}
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
        entries[path] = atomic.describe(path, data, 2 if path.endswith(".csv") else None)
    found = []
    for kind in conformance.KINDS:
        of_kind = {path: entry for path, entry in entries.items() if kind.concerns(path)}
        staged = Staged(root, Settings(site=SITE), AS_OF, of_kind, frozenset(of_kind))
        found += rules.outcomes(kind, staged)
    return found


def broken(root: Path, files: Mapping[str, bytes]) -> set[str]:
    return {one.rule.id for one in outcomes(root, files) if one.broken}


def test_what_is_right_breaks_no_rule(tmp_path: Path) -> None:
    found = outcomes(tmp_path, RIGHT)
    assert [(one.rule.id, one.first) for one in found if one.broken] == []
    assert {one.rule.id for one in found} == {
        rule.id for kind in conformance.KINDS for rule in kind.rules
    }


Change = Callable[[bytes], bytes]


def other(old: str, new: str) -> Change:
    """Another text in one place."""

    def change(data: bytes) -> bytes:
        assert data.count(old.encode()), old
        return data.replace(old.encode(), new.encode(), 1)

    return change


def feed(**others: Any) -> Change:
    return lambda data: json.dumps({**json.loads(data), **others}).encode()


def item(**others: Any) -> Change:
    def change(data: bytes) -> bytes:
        values = json.loads(data)
        values["items"][0].update(others)
        return json.dumps(values).encode()

    return change


def zipped(change: Change) -> Change:
    return lambda data: gzip.compress(change(gzip.decompress(data)), mtime=0)


def many(data: bytes) -> bytes:
    url = b"<url><loc>%b/many/%d</loc></url>"
    urls = b"".join(url % (BASE.encode(), number) for number in range(50_000))
    return data.replace(b"</urlset>", urls + b"</urlset>")


S, T, INDEXED = "site/sitemap-s-1.xml", "site/sitemap-t-1.xml.gz", "site/sitemap.xml"
J, R, A = "site/feed.json", "site/feed.xml", "site/atom.xml"
LATER = "2042-01-01T00:00:00Z"
IMAGE = f"<image:image><image:loc>{BASE}/a.png</image:loc></image:image>"
# By rule: the file, and changes of it each of which breaks that rule.
BREACHES: list[tuple[str, str, list[Change]]] = [
    ("SM-01", S, [other("</urlset>", ""), other("urlset", "set"), other("UTF-8", "ascii")]),
    ("SM-01", S, [other("</urlset>", "<u/></urlset>"), other("0.9", "0.8")]),
    ("SM-02", S, [other(f"<loc>{BASE}/a/</loc>", ""), other("https://site", "//site")]),
    ("SM-02", S, [other("/a/</loc>", f"/{'a' * 2048}</loc>")]),
    ("SM-03", S, [other("/a/</loc>", "/a b/</loc>"), other("/a/</loc>", "/ä/</loc>")]),
    (
        "SM-04",
        S,
        [
            other(f"<loc>{BASE}", "<loc>https://else.example"),
            other(f"<loc>{BASE}/a/", "<loc>https://site.example/a/"),
        ],
    ),
    (
        "SM-05",
        S,
        [other("T03:04:05Z", "T03:04Z"), other("2026-01-02", "2026-13-02"), other("05Z", "05")],
    ),
    (
        "SM-06",
        S,
        [
            lambda data: data.replace(b"<lastmod>2026-01-02T03:04:05Z</lastmod>", b"").replace(
                b"</url>", b"<lastmod>2026-01-02</lastmod></url>", 1
            )
        ],
    ),
    ("SM-08", S, [many, lambda data: data.replace(b"</urlset>", b" " * 52_428_800 + b"</urlset>")]),
    (
        "SM-09",
        S,
        [
            other("/de/a/</loc>", "/a/</loc>"),
            other(f"{BASE}/a/</loc>", f"{BASE}/b?x=1&amp;y=%C3%A9</loc>"),
        ],
    ),
    ("SM-10", T, [zipped(lambda data: data[: data.index(b"<url>")] + b"</urlset>")]),
    ("SM-11", INDEXED, [other("sitemap-t-1.xml.gz", "sitemap-s-1.xml")]),
    (
        "SM-13",
        INDEXED,
        [other("sitemap-s-1", "sitemap-u-1"), other("sitemap-t-1.xml.gz", "sitemap-s-1.xml")],
    ),
    ("SM-14", T, [lambda data: data[:4] + b"1234" + data[8:], lambda data: data[:20]]),
    ("G-01", S, [other("</lastmod>", "</lastmod><priority>1.0</priority>")]),
    (
        "G-02",
        S,
        [other("2026-01-02T03:04:05Z", LATER), other("2026-01-02T03:04:05Z", "2042-01-01")],
    ),
    ("G-03", S, [other("/a/</loc>", "/a/#b</loc>")]),
    ("G-06", S, [other(IMAGE, IMAGE * 1_001)]),
    (
        "G-08",
        S,
        [other(f'hreflang="de" href="{BASE}/de/a/"', f'hreflang="de" href="{BASE}/de/c/"')],
    ),
    (
        "JF-01",
        J,
        [
            lambda data: b"[]",
            lambda data: b"\xff",
            lambda data: data[:-1],
            other('"title"', '"version"'),
        ],
    ),
    (
        "JF-02",
        J,
        [
            other("version/1.1", "version/1"),
            lambda data: json.dumps(dict(reversed(json.loads(data).items()))).encode(),
        ],
    ),
    ("JF-03", J, [feed(title=" ")]),
    ("JF-04", J, [feed(items={}), feed(items=["a"])]),
    ("JF-05", J, [feed(feed_url=f"{BASE}/other.json"), feed(home_page_url="/")]),
    (
        "JF-06",
        J,
        [feed(next_url=f"{BASE}/feeds/archives/2.json"), feed(next_url=f"{BASE}/feed.json")],
    ),
    ("JF-07", J, [item(authors=[{}]), item(author={"name": "Ann"}), feed(authors=[{"name": " "}])]),
    ("JF-08", J, [feed(language="en_US"), item(language="")]),
    ("JF-11", J, [feed(hubs=[{"type": "WebSub"}])]),
    ("JF-12", J, [item(id=f"{BASE}/b/"), item(id=1), item(id=" ")]),
    (
        "JF-13",
        J,
        [
            item(url="/a/"),
            item(content_html='<p><a class="b" href="/b/">b</a></p>'),
        ],
    ),
    (
        "JF-14",
        J,
        [
            item(content_html='<p onclick="x()">a</p>'),
            item(content_html="<script>x()</script>"),
            item(content_html='<a href="javascript:x()">a</a>'),
        ],
    ),
    (
        "JF-15",
        J,
        [
            item(date_published="2026-01-01"),
            item(date_modified=LATER),
            item(date_modified="2025-01-01T00:00:00Z"),
        ],
    ),
    ("JF-16", J, [item(tags=[1]), item(tags=[" "])]),
    ("JF-17", J, [item(image="a.png"), item(banner_image="/a.png")]),
    ("JF-20", J, [item(content_text="a" * 1_000_000)]),
    ("JF-22", J, [feed(colour="red"), item(title=3), item(authors={})]),
    (
        "RS-01",
        R,
        [
            other("</channel>", ""),
            other('version="2.0"', 'version="1.0"'),
            other("<description>About</description>", ""),
        ],
    ),
    ("RS-02", R, [other("<title>B</title>", "")]),
    (
        "RS-03",
        R,
        [
            other('<guid isPermaLink="false">b</guid>', ""),
            other('"false"', '"true"'),
            other(">b<", f">{BASE}/a/<"),
        ],
    ),
    (
        "RS-04",
        R,
        [
            other("+0000", "UTC"),
            other("<lastBuildDate>Fri, 02 Jan 2026", "<lastBuildDate>Wed, 01 Jan 2042"),
            other("02 Jan 2026", "02 Jan 26"),
        ],
    ),
    ("RS-05", R, [other(' length="1"', "")]),
    ("RS-06", R, [other("<title>B</title>", "<title>B</title><author>Ann</author>")]),
    (
        "RS-07",
        R,
        [other(f'href="{BASE}/feed.xml"', f'href="{BASE}/rss"'), other('rel="self"', 'rel="hub"')],
    ),
    (
        "RS-09",
        R,
        [
            other("https://else.example", "/else"),
            other("&lt;p&gt;", "&lt;script&gt;"),
            other(f"<link>{BASE}/a/", "<link>/a/"),
        ],
    ),
    ("RS-11", R, [other("About a", "About\x0b a"), other("About a", "About \ufffe a")]),
    (
        "AT-01",
        A,
        [
            other("</feed>", ""),
            other("<title>Site</title>", ""),
            other("<author><name>Site</name></author>", ""),
        ],
    ),
    (
        "AT-02",
        A,
        [
            other(f'rel="self" href="{BASE}/atom.xml"', 'rel="self" href="https://else.example/"'),
            other('rel="prev-archive"', 'rel="alternate"'),
        ],
    ),
    (
        "AT-03",
        A,
        [other("<title>A</title>", ""), other(f'<link rel="alternate" href="{BASE}/b/"/>', "")],
    ),
    (
        "AT-04",
        A,
        [
            other(f"<id>{BASE}/b/</id>", f"<id>{BASE}/a/</id>"),
            other(f"<id>{BASE}/b/</id>", "<id>b</id>"),
        ],
    ),
    (
        "AT-05",
        A,
        [other("2026-01-01T03:04:05Z", "2026-01-01"), other("2026-01-01T03:04:05Z", LATER)],
    ),
    (
        "AT-06",
        A,
        [
            other('type="html"', 'type="text"'),
            other("&lt;p&gt;", '&lt;p style="x"&gt;'),
            other("About", "<b>About</b>"),
        ],
    ),
    (
        "AT-07",
        A,
        [other("https://else.example", "/else"), other(f'href="{BASE}/b/"', 'href="/b/"')],
    ),
    ("AT-08", A, [other("<updated>2026-01-02", "<updated>2026-01-03")]),
    ("AT-10", A, [other("archives/1.atom", "archives/2.atom")]),
    (
        "AT-10",
        "site/feeds/archives/1.atom",
        [other(f'rel="current" href="{BASE}/atom.xml"', f'rel="current" href="{BASE}/other.xml"')],
    ),
    (
        "RB-01",
        "site/robots.txt",
        [other("sitemap.xml", "sitemaps.xml"), other(BASE, "https://else.example")],
    ),
    ("RB-02", "site/robots.txt", [lambda data: b"\xff" + data, lambda data: data + b"#" * 512_001]),
    ("RB-03", "site/robots.txt", [other("/base/drafts/", "/base/")]),
    (
        "LL-01",
        "site/llms.txt",
        [other("# Site", "Site"), other("> About", "# About"), other("- [S]", "S")],
    ),
    (
        "CS-01",
        "csv/articles.csv",
        [
            other('/b/"', '/b/",1'),
            lambda data: data.replace(b"\r\n", b"\n"),
            lambda data: data[: data.index(b'"/b')],
        ],
    ),
    (
        "CS-02",
        "csv/articles.csv",
        [lambda data: b"\xef\xbb\xbf" + data, lambda data: data.replace(b"A,", b"\xff,")],
    ),
    ("CS-02", "csv/spreadsheet/articles.csv", [lambda data: data[3:]]),
    ("DP-01", "csv/datapackage.json", [lambda data: b"{}", lambda data: b"{", other("2.0", "1.0")]),
    (
        "DP-02",
        "csv/datapackage.json",
        [
            other('"path": "articles.csv"', '"path": "other.csv"'),
            lambda data: package(*OF_CSV, name=None),
        ],
    ),
    (
        "DP-02",
        "datapackage.json",
        [other("part-00001", "part-00002"), lambda data: package(*OF_PARQUET, path=[])],
    ),
    (
        "DP-03",
        "csv/datapackage.json",
        [
            lambda data: package(*OF_CSV, bytes=1),
            lambda data: package(*OF_CSV, hash="sha256:0"),
            lambda data: package(*OF_CSV, schema={"fields": []}),
        ],
    ),
    (
        "DP-03",
        "datapackage.json",
        [
            lambda data: package(*OF_PARQUET, bytes=1),
            lambda data: package(*OF_PARQUET, hash="sha256:0"),
            lambda data: package(*OF_PARQUET, schema={"fields": []}),
        ],
    ),
    (
        "DP-04",
        "datapackage.json",
        [other('"1.0.0"', '"1.0"'), other("T00:00:00Z", "T00:00:00"), other('"created"', '"made"')],
    ),
]
CASES = [
    pytest.param(rule, path, change, id=f"{rule}-{number}")
    for rule, path, changes in BREACHES
    for number, change in enumerate(changes)
]


@pytest.mark.parametrize(("rule", "path", "change"), CASES)
def test_what_breaks_a_rule_is_found(tmp_path: Path, rule: str, path: str, change: Change) -> None:
    assert rule in broken(tmp_path, {**RIGHT, path: change(RIGHT[path])})


def test_every_rule_is_shown_to_be_broken_by_something() -> None:
    known = {rule.id for kind in conformance.KINDS for rule in kind.rules}
    assert {rule for rule, _, _ in BREACHES} == known
    ids = [rule.id for kind in conformance.KINDS for rule in kind.rules]
    assert len(ids) == len(set(ids))


# --- whole builds --------------------------------------------------------------------------------


def report(site: Site) -> dict[str, dict[str, Any]]:
    data = (site.out / "current" / "conformance.json").read_bytes()
    return {rule["rule"]: rule for rule in rules.read(data)}


def test_a_release_says_which_rules_it_keeps(site: Site) -> None:
    site.write(a=article(slug="a"), b=article(slug="b", id=2))
    site.build(site=SITE)
    found = report(site)
    assert {"SM-01", "JF-12", "CS-01"} <= found.keys()
    assert all(rule["passed"] and rule["first"] is None for rule in found.values())
    assert found["SM-01"]["files"] == 2


def test_a_long_text_holds_no_release_back(site: Site) -> None:
    text = '"' * 3_000_000 + "words " * 150_000
    site.write(
        a=article(slug="a", answer="|\n  " + text.replace("\n", "\n  ")), b=article(slug="b")
    )
    site.build(limits=Limits(scalar_chars=4_000_000, max_rejects=1))
    assert len(site.rows("articles")) == 2
    # But one that is only told: a single item is more than readers like.
    assert [name for name, rule in report(site).items() if not rule["passed"]] == ["JF-20"]


def test_a_broken_export_holds_the_release_back_and_the_rule_is_named(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.write(a=article(slug="a"))

    def write(context: Any) -> list[atomic.FileEntry]:
        data = SITEMAP.replace(f"{BASE}/a/", "https://else.example/").encode()
        paths = ("site/sitemap-s-1.xml", "site/sitemap.xml")
        return [
            atomic.write_bytes(context.root, path, made)
            for path, made in zip(paths, (data, INDEX.encode()), strict=True)
        ]

    broken = [one._replace(write=write) if one.name == "sitemap" else one for one in EXPORTS]
    for module in ("engine.export_steps", "engine.steps", "engine.finish"):
        monkeypatch.setattr(f"pressroom.{module}.EXPORTS", tuple(broken))
    with pytest.raises(
        AuditError, match=r"SM-04: .* site/sitemap-s-1\.xml: https://else\.example/"
    ):
        site.build(site=SITE)
    assert not (site.out / "current").exists()


def test_what_did_not_change_is_not_read_again_and_the_report_is_that_of_a_full_build(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[str] = []
    read = Staged.read

    def noted(staged: Staged, path: str) -> bytes:
        looked_at.append(path)
        return read(staged, path)

    monkeypatch.setattr(Staged, "read", noted)
    (tmp_path / "twin").mkdir()
    twin = Site(tmp_path / "twin")
    texts = {name: article(slug=name, subject=name) for name in "ab"}
    for each, full in ((site, False), (twin, True)):
        each.write(**texts)
        each.build(site=SITE, full=full)
        each.write(a=article(slug="a", subject="a", answer="Another."))
        looked_at.clear()
        each.build(as_of=AS_OF + 60, site=SITE, full=full)
        assert ("site/feeds/b.json" in looked_at) is full
        assert "site/feeds/a.json" in looked_at
    assert report(site) == report(twin)


def test_a_release_of_another_site_is_looked_at_anew(site: Site) -> None:
    site.write(a=article(slug="a"))
    site.build(site=SITE)
    site.build(as_of=AS_OF + 60, site=replace(SITE, base_url="https://b.example"))
    assert all(rule["passed"] for rule in report(site).values())


def test_every_rule_is_held_in_each_run_or_by_a_test_or_it_is_said_why_not() -> None:
    assert [id for id, _, where in held.where() if not where] == []
    assert not held.NOT_APPLIED.keys() & {
        rule.id for kind in conformance.KINDS for rule in kind.rules
    }


def test_the_page_of_rules_is_that_of_make_docs() -> None:
    assert (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8") == held.page()
