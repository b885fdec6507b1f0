"""JSON feeds as version 1.1 of jsonfeed.org has them."""

import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pressroom.base.fingerprint import code_of
from pressroom.content.damaged_description import is_damaged
from pressroom.exports.base import Context, Job, Report
from pressroom.exports.feeds import export
from pressroom.markup import document
from pressroom.markup.rules import Rules
from pressroom.model.paths import Paths
from pressroom.model.publishing import Feeds
from pressroom.model.settings import Compute, Settings
from pressroom.releases import cache
from pressroom.releases.cache import Cache
from pressroom.releases.manifest import open_release
from tests.conftest import AS_OF, Site, article, contents
from tests.quicktakes import MODEL, quicktakes
from tests.standards import json_feeds
from tests.standards.releases import LATER, Published, served_at

pytest_plugins = ["tests.standards.fixtures"]

HERE = "https://a.example/feed.json"

# --- the checker ---------------------------------------------------------------------------------


def feed(item: dict[str, Any] | None = None, **changes: Any) -> bytes:
    """A feed of one item; a change to None leaves the key out."""
    first = {
        "id": "https://a.example/a",
        "url": "https://a.example/a",
        "title": "AT&T < 5 > 4",
        "content_html": '<p>A <a href="https://a.example/b">b</a></p>',
        "date_published": "2025-03-01T00:00:00Z",
        "date_modified": "2025-03-01T01:00:00+01:00",
        "authors": [{"name": "A"}],
        "tags": ["a", "b"],
        **(item or {}),
    }
    whole = {
        "version": json_feeds.VERSION,
        "title": "A",
        "home_page_url": "https://a.example/",
        "feed_url": HERE,
        "language": "en-GB",
        "items": [{key: value for key, value in first.items() if value is not None}],
        **changes,
    }
    return json.dumps({key: value for key, value in whole.items() if value is not None}).encode()


@pytest.mark.parametrize(
    "data",
    [
        feed(),
        feed(items=[]),
        feed({"content_html": None, "content_text": "1 < 2"}),
        feed({"content_html": "<p>a &lt;b&gt;</p>", "content_text": "a <b>"}),
        feed({"content_html": '<a href="mailto:a@a.example">x</a>'}),
    ],
)
def test_the_checker_passes_what_is_right(data: bytes) -> None:
    assert json_feeds.check(data, HERE) == []


@pytest.mark.parametrize(
    ("rule", "data"),
    [
        ("JF-01", b"\xff"),
        ("JF-01", b"[]"),
        ("JF-01", feed({"title": float("nan")})),
        ("JF-01", feed().replace(b'"title": "A"', b'"title": "A", "title": "B"')),
        ("JF-02", feed(version="https://jsonfeed.org/version/1")),
        ("JF-02", b'{"title": "A", ' + feed()[1:].replace(b' "title": "A",', b"", 1)),
        ("JF-03", feed(title=None)),
        ("JF-03", feed(title=" ")),
        ("JF-04", feed(items=None)),
        ("JF-05", feed(feed_url="https://a.example/other.json")),
        ("JF-05", feed(home_page_url="/")),
        ("JF-06", feed(next_url=HERE)),
        ("JF-06", feed(next_url="/feed-2.json")),
        ("JF-07", feed({"authors": [{}]})),
        ("JF-07", feed({"authors": [{"name": " "}]})),
        ("JF-07", feed({"author": {"name": "A"}})),
        ("JF-08", feed(language="english language")),
        ("JF-08", feed({"language": "en_GB"})),
        ("JF-11", feed(hubs=[{"url": "https://hub.example/"}])),
        ("JF-17", feed({"image": "/i.png"})),
        ("JF-12", feed({"id": 1})),
        ("JF-12", feed({"id": " "})),
        ("JF-12", feed(items=[{"id": "a"}, {"id": "a"}])),
        ("JF-13", feed({"url": "/a"})),
        ("JF-13", feed({"url": None})),
        ("JF-13", feed({"content_html": '<img src="/a.png">'})),
        ("JF-13", feed({"content_html": '<a href="javascript:x">x</a>'})),
        ("JF-14", feed({"content_html": None})),
        ("JF-14", feed({"title": "<b>A</b>"})),
        ("JF-14", feed({"summary": "A &amp; B"})),
        ("JF-14", feed({"content_text": "A <p>b</p>"})),
        ("JF-14", feed({"content_html": "<script>x</script>"})),
        ("JF-14", feed({"content_html": '<p onclick="x">x</p>'})),
        ("JF-15", feed({"date_published": "2025-03-01"})),
        ("JF-15", feed({"date_published": "2025-03-01T00:00:00"})),
        ("JF-15", feed({"date_published": "999-03-01T00:00:00Z"})),
        ("JF-15", feed({"date_modified": "2025-02-28T00:00:00Z"})),
        ("JF-16", feed({"tags": ["a", " "]})),
        ("JF-16", feed({"tags": [1]})),
        ("JF-22", feed({"tags": ["a", "a"]})),
        ("JF-22", feed({"subject": "A"})),
        ("JF-22", feed({"tags": "a"})),
    ],
)
def test_the_checker_finds_what_is_wrong(rule: str, data: bytes) -> None:
    assert rule in {problem.split()[0] for problem in json_feeds.check(data, HERE)}


# --- what is published ---------------------------------------------------------------------------


def feeds(release: Published) -> dict[str, bytes]:
    return release.files("feed.json") | release.files("feeds/*.json")


def items(release: Published, name: str = "feed.json") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((release.root / "site" / name).read_bytes())["items"]
    return found


def test_every_feed_of_a_release_is_right_JF_01_to_JF_22(release: Published) -> None:
    problems = [
        problem for url, data in feeds(release).items() for problem in json_feeds.check(data, url)
    ]

    assert problems == []


def newest_first(rows: list[dict[str, Any]]) -> list[str]:
    """The urls of those with a time of publication by that, descending, then by first sight."""

    def times(row: dict[str, Any]) -> tuple[float, float]:
        midnight = dt.datetime.combine(row["published"], dt.time(), dt.UTC)
        published = row["published_at"] or midnight
        return -published.timestamp(), -row["first_seen"].timestamp()

    dated = [row for row in rows if row["published"]]
    return [row["url"] for row in sorted(dated, key=lambda row: (times(row), row["url"]))]


def test_a_feed_holds_the_newest_indexable_articles_newest_first(release: Published) -> None:
    base, rows = release.site.base_url, release.indexable()

    assert [item["id"] for item in items(release)] == [
        base + url for url in newest_first(rows)[:50]
    ]
    slugs = {row["subject_slug"] or "no-subject" for row in rows if row["published"]}
    assert {path.stem for path in (release.root / "site" / "feeds").iterdir()} == slugs
    for slug in slugs:
        of_subject = [row for row in rows if (row["subject_slug"] or "no-subject") == slug]
        assert [item["id"] for item in items(release, f"feeds/{slug}.json")] == [
            base + url for url in newest_first(of_subject)[:20]
        ]


@pytest.mark.parametrize(
    ("feeds", "expected"),
    [(Feeds(), (50, 20)), (Feeds(3, 2), (3, 2)), (Feeds(1, 4), (1, 4))],
)
def test_a_feed_ends_at_its_number_of_items(
    site: Site, feeds: Feeds, expected: tuple[int, int]
) -> None:
    for number in range(55):
        site.write(**{f"a{number}": article(slug=f"a{number:02}")})
    site.build(feeds=feeds)
    folder = site.out / "current" / "site"

    found = [
        [item["url"].rpartition("/")[2] for item in json.loads(path.read_bytes())["items"]]
        for path in (folder / "feed.json", folder / "feeds" / "databases.json")
    ]

    assert found == [[f"a{number:02}" for number in range(count)] for count in expected]


def test_an_item_says_what_its_article_says_JF_12_JF_13_JF_15_JF_16(release: Published) -> None:
    rows = {release.site.base_url + row["url"]: row for row in release.rows("articles")}

    for item in items(release):
        row = rows[item["url"]]
        assert item["id"] == item["url"]
        assert item.get("title", "") == (row["title"] or "")
        text = row["text"] or ""
        description = row["description"] or ""
        if not description or is_damaged(description, row["title"] or "", row["text"] or ""):
            description = document.read(text).summary(300)
        assert item.get("summary", "") == description
        assert item.get("content_text", "") == document.read(text).text()
        author = (row["author"] or "").strip()
        assert item.get("authors", []) == [{"name": author}] * bool(author)
        published = item.get("date_published")
        day = row["published_at"].date() if row["published_at"] else row["published"]
        assert (published and published[:10]) == (day and str(day))
        if row["published"]:
            assert ("date_modified" in item) is (row["modified"].date() > day)


def test_a_tag_stands_once_whatever_its_case_JF_16_JF_22(odd: Published) -> None:
    item = next(item for item in items(odd) if item["id"].endswith("/seo"))

    assert item["tags"] == ["β", "Γ γ", '"quoted"', "C++"]
    assert item["summary"] == 'A, "B"'


def test_date_modified_says_when_the_text_changed_JF_15(odd: Published) -> None:
    item = next(item for item in items(odd) if item["id"].endswith("/changed"))

    assert item["date_published"] == "2025-03-01T00:00:00Z"
    assert dt.datetime.fromisoformat(item["date_modified"]).timestamp() == LATER


def test_a_time_with_a_zone_is_given_in_utc_JF_15(odd: Published) -> None:
    item = next(item for item in items(odd) if item["id"].endswith("/times"))

    assert item["date_published"] == "2025-03-02T04:30:00Z"


def test_an_article_that_is_not_to_be_indexed_stands_in_no_feed(release: Published) -> None:
    hidden = tuple(row["url"] for row in release.rows("articles") if row["no_index"])

    assert hidden
    for data in feeds(release).values():
        assert not any(item["id"].endswith(hidden) for item in json.loads(data)["items"])


def test_urls_in_the_html_are_absolute_and_no_script_runs_JF_13_JF_14(odd: Published) -> None:
    html = {item["id"].rpartition("/")[2]: item["content_html"] for item in items(odd)}

    base = "https://odd.example:8443/a/b~c"
    assert 'href="https://odd.example:8443/a/other#part"' in html["body"]
    assert f'src="{base}/i.png"' in html["markup"]
    assert f'href="{base}/learn/databases/questions/markup#f"' in html["markup"]
    assert "alert" not in html["markup"]
    assert "javascript:" not in html["markup"].replace("[x](javascript:", "")


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("feed.json", "Odd & <even>"),
        ("feeds/no-subject.json", "Odd & <even>: no-subject"),
        ("feeds/économie-politique.json", "Odd & <even>: Économie politique"),
        ("feeds/数学.json", "Odd & <even>: 数学"),
    ],
)
def test_a_feed_names_itself_its_site_and_its_language_JF_03_JF_05_JF_08(
    odd: Published, name: str, title: str
) -> None:
    found = json.loads((odd.root / "site" / name).read_bytes())

    assert found["title"] == title
    assert found["home_page_url"] == "https://odd.example:8443/a/b~c/"
    assert found["feed_url"] == served_at(odd.site, name)
    assert found["language"] == "de"


def only_item(site: Site) -> dict[str, Any]:
    site.build()
    path = site.out / "current" / "site" / "feed.json"
    found: dict[str, Any] = json.loads(path.read_bytes())["items"][0]
    return found


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("What it says.", "What it says."),
        ("'ext{length } n$, size $K$, $'", "Let x ∈ A be in <vector>."),
        ("''", "Let x ∈ A be in <vector>."),
        ("The Schrdinger equation", "Let x ∈ A be in <vector>."),
    ],
)
def test_a_description_that_is_damaged_gives_way_to_the_text(
    site: Site, description: str, expected: str
) -> None:
    site.write(
        a=article(
            title="What did Schrödinger find?",
            answer=r"Let $x \in A$ be **in** `<vector>`.",
            seo=f"{{page_description: {description}}}",
        )
    )
    item = only_item(site)

    assert item["summary"] == expected
    assert item["content_text"] == "Let x ∈ A be in <vector>."
    assert "<code>&lt;vector&gt;</code>" in item["content_html"]


@pytest.mark.parametrize("odd", ["\r", "\u2028", "\x85", "\ue000"])
def test_odd_characters_are_json(site: Site, odd: str) -> None:
    site.write(a=f"---\nurl: /a\ndate: 2025-03-01\n---\n\na{odd}b $x{odd}y$ `c{odd}d`\n")
    site.build(content=quicktakes(required=("url",)))
    data = (site.out / "current" / "site" / "feed.json").read_bytes()

    assert "<code>c" in json.loads(data)["items"][0]["content_html"]
    assert not re.search(rb"[\x00-\x09\x0b-\x1f]", data)


def test_ids_stay_when_an_article_changes_and_a_feed_may_be_empty_JF_12_JF_04(site: Site) -> None:
    site.write(a=article(slug="a"), b=article(slug="b"))
    site.build()
    path = site.out / "current" / "site" / "feed.json"
    before = [item["id"] for item in json.loads(path.read_bytes())["items"]]

    site.write(a=article(slug="a", id="9", title="New", subject="Other", answer="New."))
    site.build(as_of=AS_OF + 60)
    assert [item["id"] for item in json.loads(path.read_bytes())["items"]] == before

    site.write(a=article(slug="a", no_index="true"), b=article(slug="b", no_index="true"))
    site.build(as_of=AS_OF + 120)
    data = path.read_bytes()
    assert json.loads(data)["items"] == []
    assert json_feeds.check(data, "http://localhost:8000/feed.json") == []
    of_subject = (path.parent / "feeds" / "databases.json").read_bytes()
    assert json.loads(of_subject)["items"] == []
    assert json_feeds.check(of_subject, "http://localhost:8000/feeds/databases.json") == []


# --- what is taken from the previous release -----------------------------------------------------

SUBJECTS = ("A", "A", "B", "B")


def write_articles(site: Site) -> None:
    for number, subject in enumerate(SUBJECTS):
        seo = f"{{page_description: About {number}.}}"
        text = f"'*Text* of {number}.'"
        site.write(
            **{f"a{number}": article(slug=f"a{number}", subject=subject, answer=text, seo=seo)}
        )


def edit(site: Site, name: str, before: str, after: str) -> None:
    path = site.raw / f"{name}.md"
    path.write_text(path.read_text().replace(before, after))


def in_order(function: Callable[[Job], Report], jobs: Iterable[Job]) -> Iterator[Report]:
    return map(function, jobs)


def inodes(site: Site) -> dict[str, int]:
    folder = (site.out / "current" / "site").resolve()
    paths = (folder / "feed.json", *folder.glob("feeds/*.json"))
    return {path.stem: path.stat().st_ino for path in paths}


@pytest.mark.parametrize(
    ("before", "after", "linked"),
    [
        ("date_format: DD", "date_format: YY", {"feed", "a", "b"}),
        ("*Text* of 0", "*More* of 0", {"b"}),
        ("About 0", "All about 0", {"b"}),
        ("keys: one", "keys: two", {"feed", "a", "b"}),
        ("page_keywords: one", "page_keywords: two", {"b"}),
        ("subject: A", "subject: a", {"b"}),
    ],
)
def test_a_feed_whose_items_did_not_change_is_linked(
    site: Site, before: str, after: str, linked: set[str]
) -> None:
    write_articles(site)
    edit(site, "a0", "date: ", "date_format: DD\nkeys: one\ndate: ")
    edit(site, "a0", "About 0.", "About 0., page_keywords: one")
    site.build()
    first = inodes(site)
    edit(site, "a0", before, after)
    assert site.build(as_of=AS_OF + 60).published

    again = inodes(site)
    assert {name for name in again if again[name] == first[name]} == linked


@pytest.mark.parametrize("change", [("*Text*", "*More*"), ("About", "All about"), ("About 0.", "")])
def test_a_feed_with_known_items_is_that_of_a_full_build(
    tmp_path: Path, change: tuple[str, str]
) -> None:
    made = []
    for name, full in (("full", True), ("known", False)):
        (tmp_path / name).mkdir()
        site = Site(tmp_path / name)
        write_articles(site)
        site.build(feeds=Feeds(3, 1))
        edit(site, "a0", *change)
        site.build(as_of=AS_OF + 60, full=full, feeds=Feeds(3, 1))
        made.append(contents(site.out / "current", lambda path: not path.startswith("site/feed")))

    assert made[0] == made[1]
    assert len(made[0]) == len(["feed", "a", "b"]) * 3 - len(["atom.xml"]) + len(["feeds.opml"])


def test_only_what_changed_is_rendered_and_once(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_articles(site)
    site.build()
    before = open_release((site.out / "current").resolve())
    edit(site, "a0", "*Text*", "*More*")
    site.build(as_of=AS_OF + 60)
    after = open_release((site.out / "current").resolve())
    tables = {
        name: tuple(after.root / entry.path for entry in after.outputs[name].files)
        for name in export.EXPORT.tables(MODEL)
    }
    rendered: list[str] = []

    def read(markdown: str, rules: Rules) -> document.Markdown:
        rendered.append(markdown)
        return original(markdown, rules)

    original = document.read
    monkeypatch.setattr(document, "read", read)
    settings = Settings(content=MODEL, paths=Paths(site.raw, site.out), compute=Compute(workers=1))

    def write(known: Cache) -> dict[str, bytes]:
        rendered.clear()
        root = site.home / f"written-{known is cache.EMPTY}"
        root.mkdir()
        entries = export.write(
            Context(
                settings,
                root,
                AS_OF,
                {},
                tables,
                rows={},
                versions={},
                code=code_of(export.__name__),
                cache=known,
                run=in_order,
            )
        )
        return {entry.path: (root / entry.path).read_bytes() for entry in entries}

    of_known = write(cache.of(before, (), rebuild=False))
    assert rendered == ["*More* of 0."]
    assert of_known == write(cache.EMPTY)
    assert sorted(rendered) == ["*More* of 0.", *(f"*Text* of {number}." for number in (1, 2, 3))]
