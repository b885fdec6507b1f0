"""``pressroom notify`` against a server on loopback that answers as IndexNow does."""

import datetime as dt
import email.utils
import re
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pressroom.base.errors import PipelineError, SettingsError
from pressroom.cli import indexnow
from pressroom.cli.indexnow import Target
from pressroom.model.crawlers import Notify
from pressroom.model.settings import Site as SiteSettings
from pressroom.model.settings_toml import parse
from pressroom.releases import local, publishing
from pressroom.releases.store import store_at
from tests.conftest import AS_OF, ROOT, Completed, Site, article, pressroom, pressroom_process
from tests.object_storage import BUCKET, served_here
from tests.quicktakes import SETTINGS
from tests.search_engine import Answer, Engine, serving

KEY = "0123456789abcdef-XYZ"
HOME = "https://a.example/docs"
PATH = f"{HOME}/learn/databases/questions"


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr(indexnow, "_FIRST_WAIT", 0.001)
    with serving() as server:
        yield server


# --- one request ---------------------------------------------------------------------------------


OK: Answer = (200, {})
PENDING: Answer = (202, {})
BUSY: Answer = (429, {})
BROKEN: Answer = (500, {})
LATER = (429, {"Retry-After": "7"})


@pytest.mark.parametrize(
    ("answers", "status", "waits"),
    [
        ([OK], 200, []),
        ([PENDING], 202, []),
        ([BROKEN, OK], 200, [2]),
        ([BUSY, BUSY, PENDING], 202, [2, 4]),
        ([LATER, OK], 200, [7]),
        ([BUSY, BUSY, BUSY, BUSY, OK], 200, [2, 4, 8, 16]),
        ([(503, {"Retry-After": "soon"}), OK], 200, [2]),
        ([(503, {"Retry-After": "-5"}), OK], 200, [2]),
    ],
)
def test_a_request_is_sent_again_while_it_may_go_well_IN_04(
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    answers: list[Any],
    status: int,
    waits: list[Any],
) -> None:
    monkeypatch.setattr(indexnow, "_FIRST_WAIT", 2.0)
    engine.answers = list(answers)
    waited: list[float] = []
    said: list[str] = []
    [request] = indexnow.requests(Target(engine.address, HOME, KEY), ["/a"])

    assert (
        indexnow.send(Target(engine.address, HOME, KEY), request, waited.append, said.append)
        == status
    )
    assert waited == waits
    assert len(said) == len(waits)
    assert engine.told == [request]


def test_a_time_is_waited_for_as_well_as_seconds(engine: Engine) -> None:
    until = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=200)
    engine.answers = [(503, {"Retry-After": email.utils.format_datetime(until)}), OK]
    target, waited = Target(engine.address, HOME, KEY), list[float]()

    assert indexnow.send(target, next(indexnow.requests(target, ["/a"])), waited.append) == 200
    assert waited == [pytest.approx(200, abs=60)]


@pytest.mark.parametrize(
    ("answer", "said", "tries"),
    [
        ((400, {}), "status 400: it does not understand", 1),
        ((403, {}), f"status 403: it does not take the key: {HOME}/{KEY}.txt must be online", 1),
        ((422, {}), "status 422: the urls are not of a.example, or", 1),
        ((301, {"Location": "/elsewhere"}), "status 301: it failed", 1),
        (BUSY, "status 429: it was sent too much", 5),
        (BROKEN, "status 500: it failed", 5),
        ((429, {"Retry-After": "3600"}), "It asks to wait 3,600 s: send again then", 1),
    ],
)
def test_a_request_that_is_refused_says_what_to_do_IN_04(
    engine: Engine, answer: Answer, said: str, tries: int
) -> None:
    engine.answers = [answer]
    target = Target(engine.address, HOME, KEY)
    waited: list[float] = []

    with pytest.raises(PipelineError) as refused:
        indexnow.send(target, next(indexnow.requests(target, ["/a"])), waited.append)
    assert said in str(refused.value)
    assert answer[0] < 400 or "A reason" in str(refused.value)
    assert len(waited) == tries - 1
    assert engine.told == []


def test_a_server_that_does_not_answer_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        target = Target(f"http://127.0.0.1:{closed.getsockname()[1]}/", HOME, KEY)
    waited: list[float] = []
    with pytest.raises(PipelineError, match="cannot be reached: Connection refused"):
        indexnow.send(target, next(indexnow.requests(target, ["/a"])), waited.append)
    assert len(waited) == 4


def test_requests_hold_ten_thousand_urls_of_the_host_at_most_IN_02() -> None:
    urls = [f"/{number}/it's (a) é" for number in range(20_001)]
    made = list(indexnow.requests(Target("https://e.example/", HOME, KEY), urls))

    assert [len(one["urlList"]) for one in made] == [10_000, 10_000, 1]  # type: ignore[arg-type]
    assert made[2] == {
        "host": "a.example",
        "key": KEY,
        "keyLocation": f"{HOME}/{KEY}.txt",
        "urlList": [f"{HOME}/20000/it's%20(a)%20%C3%A9"],
    }


# --- releases ------------------------------------------------------------------------------------


@pytest.fixture
def home(site: Site, engine: Engine) -> Site:
    """A site whose settings file has a key, and the address of a search engine on loopback."""
    stated = f'indexnow_key = "{KEY}"\nindexnow_endpoint = "{engine.address}"\n'
    (site.home / "pressroom.toml").write_text(f"{SETTINGS}\n[notify]\n{stated}")
    return site


def published(site: Site, as_of: int, *gone: str, **files: str) -> str:
    """The id of a release with other files."""
    for name in gone:
        (site.raw / f"{name}.md").unlink()
    site.write(**files)
    done = site.build(
        as_of,
        accept_removals=True,
        site=SiteSettings(base_url=HOME),
        notify=Notify(indexnow_key=KEY),
    )
    assert done.published
    return str(done.release.id)


def notify(site: Site, *options: str) -> Completed:
    return pressroom(
        "notify", "--settings", site.home / "pressroom.toml", "--out", site.out, *options
    )


def test_the_file_of_the_key_holds_just_the_key_IN_01(home: Site) -> None:
    published(home, AS_OF, a=article(slug="a"))
    assert (home.out / f"current/site/{KEY}.txt").read_bytes() == KEY.encode()


def test_each_release_is_told_of_once_IN_03(home: Site, engine: Engine) -> None:
    first = published(home, AS_OF, a=article(slug="a"), b=article(slug="b"), c=article(slug="c"))
    done = notify(home)
    assert (done.status, done.err) == (0, "")
    assert done.out == (
        f"Told {engine.address} of 3 urls (3 added, 0 changed, 0 removed) in {first}.\n"
    )
    [told] = engine.told
    assert told["host"] == "a.example"
    assert told["key"] == KEY
    assert told["keyLocation"] == f"{HOME}/{KEY}.txt"
    assert engine.names == ["a", "b", "c"]

    assert f"was told of {first} before" in notify(home).out
    second = published(home, AS_OF + 60, "c", b=article(slug="b", title="New"))
    engine.told.clear()
    done = notify(home)
    assert f"2 urls (0 added, 1 changed, 1 removed) in {second}" in done.out
    assert engine.names == ["b", "c"]


def test_what_was_told_last_is_told_again_if_asked_for(home: Site, engine: Engine) -> None:
    published(home, AS_OF, a=article(slug="a"))
    notify(home)
    published(home, AS_OF + 60, b=article(slug="b"))
    published(home, AS_OF + 120, c=article(slug="c"))
    notify(home)
    engine.told.clear()

    assert notify(home, "--again").status == 0
    assert engine.names == ["b", "c"]
    assert "before" in notify(home).out
    assert engine.names == ["b", "c"]


def test_all_articles_are_told_if_asked_for(home: Site, engine: Engine) -> None:
    published(home, AS_OF, a=article(slug="a"), b=article(slug="b", no_index="true"))
    published(home, AS_OF + 60, c=article(slug="c"))

    assert notify(home, "--all").status == 0
    assert engine.names == ["a", "c"]
    assert "before" in notify(home).out


def test_of_several_releases_the_newest_change_of_a_url_counts(home: Site, engine: Engine) -> None:
    published(home, AS_OF, a=article(slug="a"), b=article(slug="b"))
    notify(home)
    engine.told.clear()
    published(home, AS_OF + 60, "b", a=article(slug="a", title="New"), c=article(slug="c"))
    published(home, AS_OF + 120, "c", b=article(slug="b"), d=article(slug="d"))

    done = notify(home, "--json")
    assert {kind: done.json[kind] for kind in ("added", "changed", "removed")} == {
        "added": 2, "changed": 1, "removed": 1,
    }  # fmt: skip
    assert engine.names == ["a", "b", "c", "d"]


def test_a_release_that_changed_no_url_is_told_to_nobody(home: Site, engine: Engine) -> None:
    published(home, AS_OF, a=article(slug="a"))
    notify(home)
    engine.told.clear()
    published(home, AS_OF + 60, broken="---\ntitle: What: now\n---\n")

    done = notify(home)
    assert (done.status, engine.told) == (0, [])
    assert "There is nothing to tell" in done.out
    assert "before" in notify(home).out


def test_what_search_engines_are_not_to_find_is_not_told(home: Site, engine: Engine) -> None:
    hidden = {"no_index": "true"}
    published(
        home, AS_OF, a=article(slug="a"), b=article(slug="b"), c=article(slug="c", **hidden),
        d=article(slug="d", **hidden),
    )  # fmt: skip
    notify(home)
    assert engine.names == ["a", "b"]
    engine.told.clear()
    published(
        home, AS_OF + 60, b=article(slug="b", **hidden), c=article(slug="c"),
        d=article(slug="d", title="New", **hidden),
    )  # fmt: skip
    notify(home)
    assert engine.names == ["b", "c"]


def test_after_a_rollback_what_it_undid_is_told(home: Site, engine: Engine) -> None:
    first = published(home, AS_OF, a=article(slug="a"), c=article(slug="c"))
    notify(home)
    published(home, AS_OF + 60, "c", a=article(slug="a", title="New"), b=article(slug="b"))
    notify(home)
    engine.told.clear()
    publishing.rollback(store_at(home.out), local.find(home.out, first))

    done = notify(home, "--json")
    assert (done.json["release"], done.json["is_whole"]) == (first, True)
    assert [done.json[kind] for kind in ("added", "changed", "removed")] == [1, 1, 1]
    assert engine.names == ["a", "b", "c"]
    publishing.unpin(store_at(home.out))
    engine.told.clear()
    published(home, AS_OF + 120, d=article(slug="d"))
    notify(home)
    assert engine.names == ["a", "b", "c", "d"]


def test_of_a_site_that_has_moved_all_articles_are_told(home: Site, engine: Engine) -> None:
    home.write(b=article(slug="b", no_index="true"))
    published(home, AS_OF, a=article(slug="a"), c=article(slug="c"))
    notify(home)
    engine.told.clear()
    moved = SiteSettings(base_url="https://b.example")
    home.build(AS_OF + 60, site=moved, notify=Notify(indexnow_key=KEY))

    assert "2 urls (2 added, 0 changed, 0 removed)" in notify(home).out
    [told] = engine.told
    assert (told["host"], engine.names) == ("b.example", ["a", "c"])
    assert "before" in notify(home).out


def test_releases_that_are_gone_are_told_of(home: Site, engine: Engine) -> None:
    first = published(home, AS_OF, a=article(slug="a"))
    notify(home)
    second = published(home, AS_OF + 60, b=article(slug="b"))
    published(home, AS_OF + 120, c=article(slug="c"))
    for name in (first, second):
        shutil.rmtree(home.out / "releases" / name)
    engine.told.clear()

    done = notify(home)
    assert done.status == 0
    assert f"Not all releases since {first} are kept" in done.err
    assert engine.names == ["c"]


def test_what_failed_on_the_way_goes_on_from_there(
    home: Site, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexnow, "MOST_URLS", 2)
    published(home, AS_OF, **{name: article(slug=name) for name in "abcde"})
    engine.answers = [OK, (403, {})]
    done = notify(home)
    assert (done.status, engine.names) == (1, ["a", "b"])
    assert "status 403" in done.err

    engine.answers = [OK]
    assert notify(home, "--dry-run", "--json").json["urls"] == 3
    assert notify(home).status == 0
    assert engine.names == ["a", "b", "c", "d", "e"]
    assert "before" in notify(home).out


def test_a_wait_is_told(home: Site, engine: Engine) -> None:
    published(home, AS_OF, a=article(slug="a"))
    engine.answers = [(429, {"Retry-After": "1"}), PENDING]
    done = notify(home)
    assert done.status == 0
    assert "status 429: it was sent too much. It said:" in done.err
    assert "Trying again in 1 s." in done.err
    assert f"It is yet to look at the key: {HOME}/{KEY}.txt must be online." in done.out


def test_a_dry_run_shows_what_would_be_sent_and_sends_nothing(home: Site, engine: Engine) -> None:
    release = published(home, AS_OF, a=article(slug="a"), b=article(slug="b"))
    done = notify(home, "--dry-run")
    assert done.out.splitlines() == [f"added    {PATH}/a", f"added    {PATH}/b"]
    assert "in 1 request." in done.err
    assert notify(home, "--dry-run", "--json").json == {
        "release": release,
        "since": None,
        "is_whole": True,
        "endpoint": engine.address,
        "urls": 2,
        "added": 2,
        "changed": 0,
        "removed": 0,
        "requests": [
            {
                "host": "a.example",
                "key": KEY,
                "keyLocation": f"{HOME}/{KEY}.txt",
                "urlList": [f"{PATH}/a", f"{PATH}/b"],
            }
        ],
    }
    assert engine.told == []
    assert not (home.out / "notified.json").exists()


def test_a_process_tells_of_the_published_release(home: Site, engine: Engine) -> None:
    release = published(home, AS_OF, a=article(slug="a"))
    settings = home.home / "pressroom.toml"
    done = pressroom_process("notify", "--settings", settings, "--out", home.out, "--json")
    assert done.status == 0, done.err
    assert (done.json["release"], done.json["urls"], done.json["statuses"]) == (release, 1, [200])
    assert engine.names == ["a"]


def test_machines_that_share_a_storage_tell_of_a_release_once(home: Site, engine: Engine) -> None:
    settings = home.home / "pressroom.toml"
    home.write(a=article(slug="a"))
    with served_here():
        at = ("--settings", settings, "--storage", f"s3://{BUCKET}/site")
        one, other = home.home / "one", home.home / "other"
        options = ("--raw", home.raw, "--base-url", HOME)
        for as_of in (AS_OF, AS_OF + 60):
            done = pressroom("build", *at, "--out", one, *options, "--as-of", str(as_of))
            assert done.status == 0, done.err
            assert pressroom("notify", *at, "--out", one).status == 0
            assert "before" in pressroom("notify", *at, "--out", other).out
            home.write(b=article(slug="b"))
    assert engine.names == ["a", "b"]


# --- what is missing -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        ({}, 1, "has no file of this key: run pressroom build"),
        ({"notify": Notify(indexnow_key=KEY)}, 2, "which is only a placeholder"),
    ],
)
def test_a_site_that_cannot_be_looked_at_is_not_told_of(
    home: Site, engine: Engine, options: dict[str, Any], status: int, said: str
) -> None:
    home.write(a=article(slug="a"))
    base_url = "http://localhost:8000" if options else HOME
    home.build(site=SiteSettings(base_url=base_url), **options)
    done = notify(home)
    assert (done.status, engine.told) == (status, [])
    assert said in done.err


def test_without_a_key_or_a_release_nothing_is_told(home: Site, engine: Engine) -> None:
    done = notify(home)
    assert (done.status, "There is no release" in done.err) == (1, True)
    published(home, AS_OF, a=article(slug="a"))
    (home.home / "pressroom.toml").write_text(SETTINGS)
    done = notify(home)
    assert (done.status, "set notify.indexnow_key" in done.err) == (2, True)
    assert engine.told == []


def test_a_note_that_was_damaged_is_told(home: Site, engine: Engine) -> None:
    published(home, AS_OF, a=article(slug="a"))
    for text in ("{", '{"release": 1, "other": 2}', "[]"):
        (home.out / "notified.json").write_text(text)
        done = notify(home)
        assert (done.status, "notified.json is corrupt" in done.err) == (1, True)
    assert engine.told == []


@pytest.mark.parametrize("key", ["1234567", "a" * 129, "a b c d e", "ümläute-1", "../../etc"])
def test_a_key_that_is_none_is_refused_with_its_line_IN_01(key: str) -> None:
    with pytest.raises(SettingsError, match=r"toml:2: notify.indexnow_key: a key is of 8 to 128"):
        parse(f'[notify]\nindexnow_key = "{key}"', ROOT / "pressroom.toml")


@pytest.mark.parametrize("key", ["12345678", "a" * 128, "", "A-b-C-d-9"])
def test_a_key_is_of_letters_digits_and_hyphens_IN_01(key: str) -> None:
    settings = parse(f'[notify]\nindexnow_key = "{key}"', Path("pressroom.toml"))
    assert settings.notify.indexnow_key == key


@pytest.mark.parametrize(
    "address", ["", "e.example", "ftp://e.example/", "http://", "http://[::1/"]
)
def test_an_endpoint_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(f"indexnow_endpoint: {address!r} does not")):
        parse(f'[notify]\nindexnow_endpoint = "{address}"', ROOT / "pressroom.toml")
