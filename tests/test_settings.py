import dataclasses
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from pressroom.base.errors import SettingsError
from pressroom.model import presets
from pressroom.model.paths import Paths
from pressroom.model.patterns import compile_patterns
from pressroom.model.settings import Settings, Site, check_base_url, is_placeholder
from pressroom.model.settings_toml import load
from pressroom.proposal import document
from tests.conftest import ROOT
from tests.quicktakes import MODEL, quicktakes


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "pressroom.toml"


def refused(file: Path, text: str | bytes) -> str:
    """Why settings are refused, without the path of the file."""
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(SettingsError) as caught:
        load(file)
    assert caught.value.exit_status == 2
    return str(caught.value).replace(f"{file}:", "")


UNKNOWN = {
    "[site]\nbase_ulr = 'x'": ("2", "'site.base_ulr'", "'base_url'"),
    "[sites]\ntitle = 'x'": ("1", "'sites'", "'site'"),
    "# c\n\n  [ limits ]\n  dept = 3": ("4", "'limits.dept'", "'depth'"),
    "compute.worker = 2": ("1", "'compute.worker'", "'workers'"),
    "feeds = {item = 2}": ("1", "'feeds.item'", "'items'"),
    "[content.keys]\npublisehd = 'x'": ("2", "'publisehd'", "'published'"),
    "[content]\nkeys = {autor = 'x'}": ("2", "'autor'", "'author'"),
    "[content]\nrequired = [\n  'autor',\n]": ("2", "'autor'", "'author'"),
}


@pytest.mark.parametrize(("text", "expected"), UNKNOWN.items(), ids=UNKNOWN)
def test_an_unknown_key_names_file_line_and_the_nearest_known_key(
    file: Path, text: str, expected: tuple[str, str, str]
) -> None:
    message = refused(file, text)
    line, _, rest = message.partition(": ")
    assert (line, *re.findall("'[^']+'", rest)) == expected


WRONG = {
    "[site]\ntitle = 3": "2: site.title: ",
    "site = 3": "1: site: ",
    "[[site]]\ntitle = 'x'": "1: site: ",
    "[site]\ntitle = 2025-01-01": "2: site.title: ",
    "[paths]\nraw = 3": "2: paths.raw: ",
    "[compute]\nworkers = 'many'": "2: compute.workers: ",
    "[feeds]\nformats = ['rss', 'rdf']": "2: feeds.formats.1: ",
    "[feeds]\norder = 'updated'": "2: feeds.order: ",
    "[feeds]\nhub = 'hub.example.org'": "2: feeds.hub: ",
    "[feeds]\narchive_items = 0": "2: feeds.archive_items: ",
    "[feeds]\nexpired_days = -1": "2: feeds.expired_days: ",
    "[[content.collections]]\nfiles = 'a'\nfeed = true": "3: content.collections.0.feed: ",
    "[[content.collections]]\nname = 'A b'\nfiles = 'a'\nfeed = true\n"
    "[[content.collections]]\nname = 'a-b'\nfiles = 'b'\nfeed = true": (
        "6: content.collections.1.name: "
    ),
    "[compute]\nworkers = 2.5": "2: compute.workers: ",
    "[content]\nrequired = 'url'": "2: content.required: ",
    "[content]\nrequired = ['url', 1]": "2: content.required.1: ",
    "[content.keys]\nurl = 3": "2: content.keys.url: ",
    "[content]\nkeys = 3": "2: content.keys: ",
    "[content]\nrequired = 3": "2: content.required: ",
    "[content]\npreset = 3": "2: content.preset: ",
    "[content]\npreset = 'hugo'\ncollections = 3": "3: content.collections: ",
    "[content]\npreset = 'quicktakes'\ncolumns = 3": "3: content.columns: ",
    "[content.columns]\nscore = 3": "2: content.columns.score: ",
    "[content.columns]\nscore = 'numeral'": "2: content.columns.score.type: ",
    "[content.columns]\nscore = {range = [1]}": "2: content.columns.score.range: ",
    "[content.columns]\nscore = {range = 'all'}": "2: content.columns.score.range: ",
    "[content.keys]\ntitle = 'x'\n[site]\ntitle = 3": "4: site.title: ",
    "[site]\n'title' = 3": "2: site.title: ",
    "site.title = 3": "1: site.title: ",
}

OUT_OF_RANGE = {
    "[compute]\nworkers = -1": "2: compute.workers: ",
    "[compute]\nshard_files = 0": "2: compute.shard_files: ",
    "[limits]\nfile_bytes = 0": "2: limits.file_bytes: ",
    "[limits]\ndepth = 201": "2: limits.depth: ",
    "[limits]\nmax_rejects = 1.01": "2: limits.max_rejects: ",
    "[limits]\nmax_removed = nan": "2: limits.max_removed: ",
    "[sitemaps]\nurls = 50_001": "2: sitemaps.urls: ",
    "[sitemaps]\nbytes = 52_428_801": "2: sitemaps.bytes: ",
    "[releases]\nkeep = 0": "2: releases.keep: ",
    "[releases]\nkeep_days = -1": "2: releases.keep_days: ",
    "[sources]\nexclude = ['a', '[']": "2: sources.exclude: '['",
    "[sources]\ninclude = ['[z-a].md']": "2: sources.include: '[z-a].md'",
    "[sources]\nexclude = ['# drafts']": "2: sources.exclude: '# drafts'",
    "[sources]\nexclude = ['']": "2: sources.exclude: ''",
    "[sources]\nexclude = ['!']": "2: sources.exclude: '!'",
    "[sources]\nexclude = 'drafts/'": "2: sources.exclude: ",
    "[sources]\nextensions = ['.md', 'txt']": "2: sources.extensions: 'txt'",
    "[sources]\nextensions = ['.']": "2: sources.extensions: '.'",
    "[sources]\nextensions = ['.a/b']": "2: sources.extensions: '.a/b'",
    "[sources]\nextensions = ['.md ']": "2: sources.extensions: '.md '",
    "[sources]\nextensions = ['*.md']": "2: sources.extensions: '*.md'",
    "[sources]\nextensions = []": "2: sources.extensions: ",
    "[sources]\nextensions = '.md'": "2: sources.extensions: ",
    "[content.columns]\na = {type = 'number', range = [10, -1]}": "2: content.columns.a.range: ",
    "[content.columns]\na = {type = 'number', range = [nan, 1]}": "2: content.columns.a.range: ",
    "[content.columns]\na = {type = 'date', range = [1, 2]}": "2: content.columns.a: ",
    "[content.columns]\na = {type = 'number', range = [2000-01-01, 2001-01-01]}": (
        "2: content.columns.a: "
    ),
    "[content.columns]\na = {range = [1, 2]}": "2: content.columns.a: ",
    "[content]\nmaths = ['$', '\\)']": "2: content.maths: '\\\\)'",
    "[content]\nmaths = '$'": "2: content.maths: ",
    "[content]\nrequired = ['subject']\n[content.keys]\nsubject = ''": "4: ",
    "[automation]\nlate_hours = 60": "2: automation.late_hours: ",
    "[automation]\nlate_hours = -1": "2: automation.late_hours: ",
    "[automation]\nwebhook_variable = 'https://x'": "2: automation.webhook_variable: 'https://x'",
    "[robots]\ndisallow = ['drafts/']": "2: robots.disallow: 'drafts/'",
    "[[robots.rules]]\nuser_agents = ['G Bot']": "2: robots.rules.0.user_agents: 'G Bot'",
    "[[robots.rules]]\nuser_agents = ['*']": "2: robots.rules.0.user_agents: ",
    "[[robots.rules]]\nuser_agents = ['A', 'a']": "2: robots.rules.0.user_agents: 'a'",
    "[notify]\nindexnow_key = 'short'": "2: notify.indexnow_key: ",
    "[notify]\nindexnow_endpoint = 'x'": "2: notify.indexnow_endpoint: 'x'",
    "[exports]\nstructured_data = 'qapage'": "2: exports.structured_data: ",
    "[exports]\nstructured_data_eligible = true\nstructured_data = 'qapage'": (
        "3: exports.structured_data: 'qapage'"
    ),
    "[site]\nbase_url = 'ftp://x'": "2: site.base_url: ",
    "[site]\ntimezone = 'Nowhere/Land'": "2: site.timezone: ",
    "[site]\nlicense = 'as you like'": "2: site.license: ",
}

REFUSED = (*UNKNOWN, *WRONG, *OUT_OF_RANGE)


@pytest.mark.parametrize(
    ("text", "message"), (WRONG | OUT_OF_RANGE).items(), ids=(WRONG | OUT_OF_RANGE)
)
def test_a_wrong_value_names_file_line_and_key(file: Path, text: str, message: str) -> None:
    assert refused(file, text).startswith(message)


def test_all_that_is_wrong_is_reported_at_once(file: Path) -> None:
    message = refused(file, "[compute]\nworkers = -1\nshards = 2\n[site]\ntitle = 3\n")
    assert sorted(line.split(": ")[0] for line in message.splitlines()) == [
        "2",
        "3",
        "5",
    ]


def test_a_missing_file_is_named(file: Path) -> None:
    with pytest.raises(SettingsError, match=r"pressroom\.toml"):
        load(file)
    with pytest.raises(SettingsError, match=str(file.parent)):
        load(file.parent)


@pytest.mark.parametrize("text", [b"title = ", b"a = 1\na = 2", b"\xff", b"site: x", b"{}"])
def test_what_is_not_toml_is_named(file: Path, text: bytes) -> None:
    assert "TOML" in refused(file, text)


def test_paths_are_relative_to_the_file_and_not_to_the_working_folder(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text("[paths]\nraw = 'content/../articles'\nout = '/srv/out'\n")
    (file.parent / "elsewhere").mkdir()
    monkeypatch.chdir(file.parent / "elsewhere")
    for path in (file, Path("../pressroom.toml")):
        settings = load(path)
        assert settings.paths.raw == file.parent / "content/../articles"
        assert settings.paths.out == Path("/srv/out")


def test_where_releases_are_written_is_shown_without_steps_back(file: Path) -> None:
    file.write_text("[paths]\nout = '../vault-pressroom'\n")
    assert load(file).paths.out == file.parent.parent / "vault-pressroom"


def test_an_empty_file_gives_the_defaults_beside_it(file: Path) -> None:
    file.write_text("")
    paths = Paths(file.parent / "raw", file.parent / "out")
    assert load(file) == dataclasses.replace(Settings(), paths=paths)


def test_patterns_of_sources_are_those_of_a_gitignore(file: Path) -> None:
    file.write_text("[sources]\nexclude = ['drafts/', '/a*.md', '!ab.md']\n")
    fits = compile_patterns(load(file).sources.exclude)
    paths = ["drafts/", "drafts/x.md", "b/drafts/x.md", "drafts.md", "ac.md", "ab.md", "b/ac.md"]
    assert [path for path in paths if fits(path)] == [paths[i] for i in (0, 1, 2, 4)]


def test_a_byte_order_mark_and_crlf_are_read(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf[site]\r\ntitle = 'Gr\xc3\xbcn'\r\n")
    assert load(file).site.title == "Grün"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://a.example", "https://a.example"),
        ("https://a.example/", "https://a.example"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("https://a.example/learn/x%20y/", "https://a.example/learn/x%20y"),
        ("http://[::1]:8000/a", "http://[::1]:8000/a"),
    ],
)
def test_a_base_url_loses_its_trailing_slash(text: str, url: str) -> None:
    assert check_base_url(text) == url
    assert Settings().override(base_url=text).site.absolute("/a") == url + "/a"


@pytest.mark.parametrize(
    ("base_url", "is_one"),
    [
        (Site().base_url, True),
        (document.NO_ADDRESS.value, True),
        ("http://LocalHost", True),
        ("https://example.com/blog", True),
        ("http://blog.example.net:8080", True),
        ("https://site.example", False),
        ("https://example.org.uk", False),
        ("https://myexample.org", False),
        ("https://a.test/example.org", False),
        ("https://localhost.test", False),
    ],
)
def test_a_base_url_that_nobody_has_stated_is_known(base_url: str, is_one: bool) -> None:
    assert is_placeholder(base_url) is is_one


@pytest.mark.parametrize(
    "text",
    [
        *("", "a.example", "//a.example", "ftp://a.example", "https://", "https:///a", "HTTPS//a"),
        *("https://a.example?b=c", "https://a.example/#b", "https://a b", "https://user@a.example"),
        *("https://a.example\n", "https://bücher.example", "https://a.example/é", "javascript:a"),
    ],
)
def test_what_is_no_base_url_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="https://"):
        check_base_url(text)


def test_what_the_command_line_says_counts_more_than_the_file() -> None:
    settings = Settings()
    assert settings.override() == settings
    changed = settings.override(raw=Path("r"), out=Path("o"), base_url="https://x/", workers=0)
    assert changed.paths == Paths(Path("r"), Path("o"))
    assert changed.site.base_url == "https://x"
    assert settings.override(workers=3).override().compute.workers == 3
    assert settings.override(workers=3).override(workers=0).compute.workers == 0


def keys_of(kind: Any, prefix: str = "") -> set[str]:
    names = set()
    for field in dataclasses.fields(kind):
        value = getattr(kind, field.name)
        is_section = dataclasses.is_dataclass(value)
        names |= keys_of(value, f"{field.name}.") if is_section else {prefix + field.name}
    return names


def test_the_settings_of_this_site_parse_and_hold_known_keys_only() -> None:
    text = (ROOT / "pressroom.toml").read_text(encoding="utf-8")
    values = tomllib.loads(text)
    written = {f"{section}.{key}" for section, keys in values.items() for key in keys}
    assert written <= keys_of(Settings())
    settings = load(ROOT / "pressroom.toml")
    assert settings.paths == Paths(ROOT / "raw", ROOT / "out")


def test_the_content_model_of_this_site_is_that_of_its_preset() -> None:
    content = load(ROOT / "pressroom.toml").content
    assert dataclasses.replace(content, collections=()) == MODEL


@pytest.mark.parametrize("name", presets.names())
def test_a_preset_parses_and_what_an_owner_states_is_put_above_it(file: Path, name: str) -> None:
    text = f"[content]\npreset = '{name}'\n"
    file.write_text(text)
    of_preset = load(file).content
    assert of_preset.preset == name
    file.write_text(f"{text}slash = 'never'\n[content.keys]\nauthor = 'by'\n")
    keys = {**of_preset.keys, "author": ("by",)}
    assert load(file).content == dataclasses.replace(of_preset, slash="never", keys=keys)


MOVED = {
    "keyword_separator = ';'": ("content.keyword_separator", "content.columns.keywords.separator"),
    "score_range = [0, 1]": ("content.score_range", "content.columns.score.range"),
    "related_prefix = 'see'": ("content.related_prefix", "content.related.prefix"),
    "keys.answer = 'body'": ("content.keys.answer", "content.keys.text"),
    "keys.keywords = 'tags'": ("content.keys.keywords", "content.columns.keywords"),
}


@pytest.mark.parametrize("text", MOVED)
def test_a_key_of_earlier_versions_is_told_what_it_is_now(file: Path, text: str) -> None:
    key, now = MOVED[text]
    alone = refused(file, f"[content]\n{text}\n")
    assert alone == f'2: {key}: it is {now} now, and add preset = "quicktakes" to [content].'
    message = refused(file, f"[content]\npreset = 'quicktakes'\n{text}\n")
    assert message == f"3: {key}: it is {now} now."


def test_a_required_answer_of_earlier_versions_is_told_to_be_a_text(file: Path) -> None:
    message = refused(file, "[content]\nrequired = ['url', 'answer']\n")
    assert message.startswith("2: content.required: the column 'answer' is 'text' now")


def test_every_setting_can_be_written_as_it_stands_by_default(file: Path) -> None:
    def toml(value: Any) -> str:
        if isinstance(value, tuple):
            return f"[{', '.join(map(toml, value))}]"
        if isinstance(value, dict):
            return f"{{{', '.join(f'{k} = {toml(v)}' for k, v in value.items())}}}"
        if isinstance(value, bool):
            return str(value).lower()
        return str(value) if isinstance(value, int | float) else f"'{value}'"

    lines = []
    for section, values in dataclasses.asdict(Settings()).items():
        lines.append(f"[{section}]")
        lines += [f"{key} = {toml(value)}" for key, value in values.items()]
    file.write_text("\n".join(lines))
    assert dataclasses.replace(load(file), paths=Paths()) == Settings()


def test_a_column_has_the_key_by_default_another_or_none() -> None:
    model = quicktakes(keys={"published": "when", "author": ""})
    assert (model.key("published"), model.key("author")) == ("when", "")
    assert model.key("seo_title") == "seo.title"
