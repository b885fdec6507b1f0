"""What proposals are made of: configurations, permalinks, a census of keys, columns, TOML."""

import copy
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.model.content import ContentModel
from pressroom.model.settings import Settings
from pressroom.proposal import census, columns, document, javascript, recognition, toml
from pressroom.proposal.census import Census, Key
from pressroom.proposal.configuration import Folder
from pressroom.proposal.generators import hugo, jekyll
from pressroom.sources.raw_file import RawFile
from tests.conftest import ROOT

SITES = ROOT / "tests" / "cases" / "init"


@pytest.mark.parametrize(
    ("program", "path", "values"),
    [
        ("export default { title: 'A' }", ("title",), ["A"]),
        ('module.exports = {"title": "A\\"B"};', ("title",), ['A"B']),
        ("const title = `A`", ("title",), ["A"]),
        ("const title = `${name}!`", ("title",), []),
        ("const title = name + 'A'", ("title",), []),
        ("title: dark ? 'A' : 'B'", ("title",), []),
        ("// title: 'A'\n/* title: 'B' */ title: 'C'", ("title",), ["C"]),
        ("url: 'https://a.example' // no comment in a text", ("url",), ["https://a.example"]),
        ("const config: Config<Theme> = { title: 'A' }", ("title",), ["A"]),
        ("{ nav: { title: 'A' }, title: 'B' }", ("title",), ["B"]),
        ("presets: [['x', { docs: { path: 'a' } }]]", ("docs", "path"), ["a"]),
        ("i18n: { locales: ['en', 'fr'] }", ("i18n", "locales"), ["en", "fr"]),
        ("cleanUrls: true, lang: undefined", ("cleanUrls",), ["true"]),
        ("cleanUrls: true, lang: undefined", ("lang",), []),
        ("call(title, 'A')", ("title",), []),
        ("}}]] { title: 'A' ", ("title",), ["A"]),
        ("'it's` { title: 'A' }", ("title",), ["A"]),
        ("title: 'A' + name, x: 'B'", ("title",), []),
        ("title: 'A'.trim(), x: 'B'", ("title",), []),
    ],
)
def test_what_a_program_writes_out_is_found(
    program: str, path: tuple[str, ...], values: list[str]
) -> None:
    assert javascript.all_of(javascript.literals(program), *path) == values


def test_keys_of_an_object_are_found_in_order() -> None:
    found = javascript.literals("locales: { root: { lang: 'en' }, fr: { lang: 'fr' } }, x: 'y'")
    assert javascript.keys_of(found, "locales") == ["root", "fr"]


def test_tags_aliases_and_cycles_of_yaml_stop_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(
        "a: !!python/name:x.y\nb: &b [1, yes]\nc: *b\nd: &d {e: *d}\nf:"
    )
    values = Folder(tmp_path).values("a.yml")
    assert (values["b"], values["c"], values["f"]) == (["1", "yes"], ["1", "yes"], None)
    assert values["d"]["e"] is values["d"]


@pytest.mark.parametrize(
    "text", ["a: [", "- a", "", "a: b\n---\nc", "[" * 100_000, "a: b\n" * 100_000, "\xff"]
)
def test_a_configuration_that_cannot_be_read_says_nothing(text: str, tmp_path: Path) -> None:
    for name in ("a.yml", "a.toml", "a.json"):
        (tmp_path / name).write_text(text, encoding="latin-1")
        assert Folder(tmp_path).values(name) in ({}, {"a": "b"})


ODD: tuple[Any, ...] = (None, "x", True, [1], {"a": [1]})


def paths_in(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of each value within one."""
    yield path
    if isinstance(value, list):
        value = dict(enumerate(value))
    for key, one in value.items() if isinstance(value, dict) else ():
        yield from paths_in(one, (*path, key))


def put(value: Any, path: tuple[Any, ...], other: Any) -> Any:
    """A copy of a value, with another at a path."""
    if not path:
        return other
    copied = copy.copy(value)
    copied[path[0]] = put(value[path[0]], path[1:], other)
    return copied


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("cloudcannon", "cloudcannon.config.yml"),
        ("docfx", "docfx.json"),
        ("hugo", "hugo.toml"),
        ("hugo-folder", "config/_default/config.yaml"),
        ("jekyll", "_config.yml"),
        ("mkdocs", "mkdocs.yml"),
        ("obsidian", ".obsidian/app.json"),
        ("zola", "config.toml"),
    ],
)
def test_a_configuration_of_any_shape_stops_nothing(
    folder: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = SITES / folder
    read = Folder.values
    whole = read(Folder(site), name)
    shapes: list[Any] = [whole]
    monkeypatch.setattr(
        Folder, "values", lambda self, file: shapes[-1] if file == name else read(self, file)
    )
    for path in paths_in(whole):
        for odd in ODD:
            changed = put(whole, path, odd)
            shapes.append(changed if isinstance(changed, dict) else {})
            if found := recognition.configured(Folder(site)):
                written = document.text(document.parts(found, site))
                assert "paths" in tomllib.loads(written)


@given(st.text(alphabet="{}[]:='\"`,.+/*\\$\n ab"))
def test_any_program_is_read(program: str) -> None:
    for found in javascript.literals(program):
        assert all(found.path)


JEKYLL = """
permalink: {permalink}
collections: {{docs: {{output: true}}}}
"""


@pytest.mark.parametrize(
    ("permalink", "pages", "posts", "docs"),
    [
        ("date", None, None, "/docs/:path.html"),
        ("pretty", "/{path}/", "/:categories/:year/:month/:day/:title/", "/docs/:path/"),
        ("none", "/{path}.html", "/:categories/:title.html", "/docs/:path.html"),
        ("/:year/:title", "/{path}", "/:year/:title", "/docs/:path"),
        ("/:title:output_ext", "/{path}.html", "/:title:output_ext", "/docs/:path.html"),
        ("blog/:slug/", "/{path}/", "/blog/:slug/", "/docs/:path/"),
        ("ordinal", "/{path}.html", "/:categories/:year/:y_day/:title.html", "/docs/:path.html"),
        ("weekdate", "/{path}.html", None, "/docs/:path.html"),
        ("/:year/:week/:title/", "/{path}/", None, "/docs/:path/"),
    ],
)
def test_permalinks_of_jekyll(
    permalink: str, pages: str | None, posts: str | None, docs: str, tmp_path: Path
) -> None:
    (tmp_path / "_config.yml").write_text(JEKYLL.format(permalink=permalink))
    draft = jekyll.draft(Folder(tmp_path))
    urls = {table["name"].value: table["url"].value for table in draft.collections}
    assert draft.content.get("url", (None,))[0] == pages
    assert urls == ({"posts": posts} if posts else {}) | {"docs": docs}
    assert bool(draft.notes) == (posts is None and permalink != "date")


@pytest.mark.parametrize(
    ("permalinks", "urls"),
    [
        ('posts = "/:year/:month/:slug/"', {"posts": "/{year}/{month}/{slug:hugo|}/"}),
        ('page.posts = "/p/:title/"', {"posts": "/p/{title:hugo}/"}),
        ('section.posts = "/p/"', {}),
        ('posts = "/:section/:filename/"', {"posts": "/posts/{name:hugo}/"}),
        ('posts = "/:sections/:slugorcontentbasename/"', {"posts": "/posts/{path:hugo}/"}),
        ('posts = "/:sections/:title/"', {}),
        ('posts = "/:weekday/"', {}),
    ],
)
def test_permalinks_of_hugo(permalinks: str, urls: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "hugo.toml").write_text(f"[permalinks]\n{permalinks}\n")
    draft = hugo.draft(Folder(tmp_path))
    found = {table["name"].value: table["url"].value for table in draft.collections[1:]}
    assert found == urls
    assert bool(draft.notes) == (not urls and "section." not in permalinks)


@pytest.mark.parametrize(
    ("folders", "raw", "files"),
    [
        ({"en": "", "fr": ""}, "content", []),
        ({"en": "content/en", "fr": "content/fr"}, "content", []),
        ({"en": "en", "fr": "fr"}, ".", []),
        ({"en": "content/english", "fr": "content/french"}, "content", ["english/**", "french/**"]),
        ({"en": "content/en"}, "content/en", []),
    ],
)
def test_folders_of_languages_of_hugo(
    folders: dict[str, str], raw: str, files: list[str], tmp_path: Path
) -> None:
    tables = (f'[languages.{name}]\ncontentDir = "{path}"\n' for name, path in folders.items())
    (tmp_path / "hugo.toml").write_text("".join(tables))
    draft = hugo.draft(Folder(tmp_path))

    assert draft.raw.value == raw
    assert [table["files"].value for table in draft.collections] == files
    assert ("languages" in draft.content) == (len(folders) > 1 and not files)


def test_posts_of_jekyll_may_lie_with_the_collections(tmp_path: Path) -> None:
    (tmp_path / "_config.yml").write_text("collections_dir: all\ncollections: {a: {output: on}}")
    draft = jekyll.draft(Folder(tmp_path))
    files = [table["files"].value for table in draft.collections]
    assert files == ["all/**/_posts/**", "all/_a/**"]
    assert draft.sources["exclude"].value == ["!/all/_a/"]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "20", "-3"], "integer"),
        (["1", "2.5"], "number"),
        (["1", "0"], "integer"),
        (["true", "no"], "boolean"),
        (["2024-01-02", "Jan 2, 2024"], "date"),
        (["2024-01-02 10:00:00"], "datetime"),
        (["2024-01-02", "2024-01-02T10:00:00Z"], "datetime"),
        (["[a, b]", "[]"], "list"),
        (["[a]", "a b"], "list"),
        (["[{a: b}]"], "json"),
        (["{a: b}", "x"], "json"),
        (["a", "1"], "text"),
        (["true", "1"], "text"),
        (["a", "~", ""], "text"),
    ],
)
def test_a_key_has_the_type_that_holds_all_of_its_values(values: list[str], kind: str) -> None:
    files = [
        RawFile(f"{number}.md", f"---\nkey: {value}\n---\n".encode(), "")
        for number, value in enumerate(values)
    ]
    (key,) = census.taken(files, Settings()).keys
    assert key.type == kind
    assert key.files == sum(value not in ("~", "") for value in values)


def named(*names: str, files: int = 100, of: int = 100) -> Census:
    keys = (Key(name, files, Counter(text=files)) for name in names)
    return Census(of, 0, 0, tuple(keys))


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("layout", ("layout", "text")),
        ("coverImage", ("cover_image", {"key": "coverImage", "type": "text"})),
        ("Date read", ("date_read", {"key": "Date read", "type": "text"})),
        ("ms.topic", ("ms_topic", {"key": "ms.topic", "type": "text"})),
        ("HTMLTitle", ("html_title", {"key": "HTMLTitle", "type": "text"})),
        ("2nd", ("key_2nd", {"key": "2nd", "type": "text"})),
        ("日付", ("key", {"key": "日付", "type": "text"})),
        ("source_path", ("source_path_stated", {"key": "source_path", "type": "text"})),
        ("findings", ("findings_stated", {"key": "findings", "type": "text"})),
    ],
)
def test_a_column_has_a_name_that_settings_allow(key: str, line: tuple[str, Any]) -> None:
    (found,) = columns.proposed(named(key), ContentModel()).lines
    assert (found.key, found.value) == line


@pytest.mark.parametrize("key", ["title", "date", "permalink", "!a", ":a", "a=b", "a{b"])
def test_a_key_that_a_column_takes_or_no_source_can_name_gets_none(key: str) -> None:
    assert columns.proposed(named(key), ContentModel()) == ((), (), ())


def test_a_key_fills_the_column_of_its_name_where_no_preset_has_left_it_out() -> None:
    (found,) = columns.proposed(named("subject"), ContentModel()).sources
    assert (found.key, found.value[0]) == ("subject", "subject")
    assert ":folder" in found.value
    (line,) = columns.proposed(named("subject"), ContentModel(preset="hugo")).lines
    assert line.key == "subject_stated"


def test_columns_of_one_name_are_told_apart() -> None:
    found = columns.proposed(named("a-b", "a_b", "aB", "a b"), ContentModel()).lines
    assert [line.key for line in found] == ["a_b", "a_b_stated", "a_b_stated_2", "a_b_stated_3"]


@pytest.mark.parametrize(
    ("files", "of", "is_column"),
    [(1, 1, True), (1, 2, False), (2, 2, True), (2, 200, True), (2, 201, False), (10, 1000, True)],
)
def test_a_column_is_for_keys_of_some_files(files: int, of: int, is_column: bool) -> None:
    found = columns.proposed(named("a", files=files, of=of), ContentModel())
    assert (bool(found.lines), bool(found.rare)) == (is_column, not is_column)


@pytest.mark.parametrize(
    "text",
    ["plain", "quotes \"'", "back\\slash", "\x00\x1b\x7f\x85", "a\nb\tc", "\u202e\u2028", "😀é"],
)
def test_a_text_is_read_back_from_toml_as_it_was(text: str) -> None:
    written = toml.table(
        "[a]", [toml.Line("key", text, text), toml.Line(text, [text, {"b": text}])]
    )
    assert tomllib.loads(written) == {"a": {"key": text, text: [text, {"b": text}]}}
    assert not set(written) & set("\x00\x1b\x7f\x85\u202e\u2028")
