"""What links mean: the keys that they want, and those that articles have."""

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.content import addresses
from pressroom.content.addresses import LinkRules, Names, Page, keys_of, page_of
from pressroom.markup.link_kinds import LinkKind
from pressroom.model.collections import Collection
from pressroom.model.content import ContentModel
from pressroom.model.vocabulary import FoundBy
from tests.conftest import Site

RULES = LinkRules(ContentModel(), "site.example", "", (".md", ".mdx"))
BELOW = RULES._replace(base_path="/base")
LANGUAGES = RULES._replace(model=ContentModel(languages=("en", "fr")))
ROOTED = RULES._replace(model=ContentModel(collections=(Collection(("docs/**",), url="/{path}/"),)))
NO_WIKILINKS = RULES._replace(model=ContentModel(syntax=()))

URL, FILE, ALIAS, NAME, SLUG, ID = FoundBy
ARTICLES = (
    Names("/", "index.md"),
    Names("/a/", "a.md", "anna", ["/old/a", "/older/?q=1", "https://site.example/oldest"]),
    Names("/b/", "b/index.md"),
    Names("/b/a/", "b/a.md", None, ["former"], ["Anna", "Ann Ex"]),
    Names("/b/C+d", "b/C d.mdx", None, None, None, {"number": 7}),
    Names("/d/%C3%A9", "d/e\u0301.md"),
    Names("/page.html", "page.md"),
    Names("/q?x=1", "q.md"),
    Names("/v1.2/", "v1.2.md"),
)
FRENCH = (
    Names("/a/", "a.md"),
    Names("/b/", "b.md", "bee"),
    Names("/fr/a/", "a.fr.md", None, ["/fr/vieux"]),
    Names("/fr/c/", "fr/c.md"),
)


def found(
    links: Iterable[addresses.Key | str], status: str, owned: dict[str, tuple[str, FoundBy]]
) -> tuple[str, FoundBy | None]:
    keys = (key for key in links if isinstance(key, str) and key in owned)
    return owned.get(next(keys, ""), (status, None))


def owned(articles: Iterable[Names], rules: LinkRules) -> dict[str, tuple[str, FoundBy]]:
    """The article that has each key, and by what it is found."""
    ranked = (
        (key.rank, number, key.text, called.url, key.found_by)
        for number, called in enumerate(articles)
        for key in keys_of(called, rules)
    )
    return {key: (url, by) for _, _, key, url, by in sorted(ranked, reverse=True)}


def meant(
    href: str,
    source: str = "b/a.md",
    kind: LinkKind = LinkKind.LINK,
    rules: LinkRules = RULES,
    articles: tuple[Names, ...] = ARTICLES,
) -> tuple[str, FoundBy | None]:
    """The url that a link of a file leads to, and by what it is found; else its status."""
    url = next(called.url for called in articles if called.source_path == source)
    wanted = addresses.wanted(kind, href, page_of(url, source, rules), rules)
    return found(wanted.keys, wanted.status, owned(articles, rules))


@pytest.mark.parametrize(
    ("href", "url", "by"),
    [
        # by url: with or without its slash, its index, its host; relative to the page
        ("/a/", "/a/", URL),
        ("/a", "/a/", URL),
        ("/a/index.html", "/a/", URL),
        ("https://site.example/a/", "/a/", URL),
        ("HTTP://SITE.example/a/", "/a/", URL),
        ("//site.example/a/", "/a/", URL),
        ("https://site.example", "/", URL),
        ("https://site.example?q", "/", URL),
        ("https://site.example//a/", "/a/", URL),
        (" /a/ ", "/a/", URL),
        ("../../a/", "/a/", URL),
        ("..", "/b/", URL),
        ("/page.html", "/page.html", URL),
        ("/q?x=1", "/q?x=1", URL),
        ("/q?x=2", "missing", None),
        ("/a/?utm=1", "/a/", URL),
        ("/v1.2", "/v1.2/", URL),
        # percent-encoded or not, composed or not
        ("/d/é", "/d/%C3%A9", URL),
        ("/d/e\u0301", "/d/%C3%A9", URL),
        ("/d/%c3%a9", "/d/%C3%A9", URL),
        ("/d/e%CC%81", "/d/%C3%A9", URL),
        ("/%61/", "/a/", URL),
        ("/A/", "missing", None),
        # by the path of the file, beside the page or from the root
        ("a.md", "/b/a/", FILE),
        ("./C%20d.mdx", "/b/C+d", FILE),
        ("C d.md", "/b/C+d", FILE),
        ("../a.md", "/a/", FILE),
        ("/b/a.md", "/b/a/", FILE),
        ("b/index.md", "/b/", FILE),
        ("@site/b/a.md", "/b/a/", FILE),
        ("../d/é.md", "/d/%C3%A9", FILE),
        ("../d/e%CC%81.md", "/d/%C3%A9", FILE),
        ("../page.html", "/page.html", FILE),
        ("gone.md", "missing", None),
        # by an alias
        ("/old/a/", "/a/", ALIAS),
        ("/oldest", "/a/", ALIAS),
        ("/older/?q=1", "missing", None),
        ("/former", "/b/a/", ALIAS),
        ("/b/former", "/b/a/", ALIAS),
        # elsewhere, in the page itself, no page, nothing
        ("https://else.example/a/", "external", None),
        ("mailto:a@b.example", "external", None),
        ("https://site.example:81/a/", "external", None),
        ("#part", "self", None),
        ("?q=1", "self", None),
        ("", "self", None),
        ("a.pdf", "asset", None),
        ("/x.tar.gz?v=2", "asset", None),
        ("/gone/", "missing", None),
        ("/gone.html", "missing", None),
        ("{{ x }}/a/", "missing", None),
    ],
)
def test_a_link_means_an_article_by_its_url_its_file_or_an_alias(
    href: str, url: str, by: FoundBy | None
) -> None:
    assert meant(href) == (url, by)


@pytest.mark.parametrize(
    ("href", "url", "by"),
    [
        ("a", "/a/", NAME),  # the shortest path
        ("b/a", "/b/a/", NAME),
        ("B/A", "/b/a/", NAME),
        ("anna", "/b/a/", NAME),
        ("ANN EX", "/b/a/", NAME),
        ("C d", "/b/C+d", NAME),
        ("C d.mdx", "/b/C+d", NAME),
        ("c D#part", "/b/C+d", NAME),
        ("É", "/d/%C3%A9", NAME),
        ("./a", "/b/a/", NAME),
        ("../a", "/a/", NAME),
        ("/b/a", "/b/a/", NAME),
        ("v1.2", "/v1.2/", NAME),
        ("old/a", "missing", None),
        ("#part", "self", None),
        ("a.png", "asset", None),
        ("Gone", "missing", None),
    ],
)
@pytest.mark.parametrize("kind", [LinkKind.WIKILINK, LinkKind.EMBED])
def test_a_wikilink_means_an_article_by_its_name_or_the_end_of_its_path(
    kind: LinkKind, href: str, url: str, by: FoundBy | None
) -> None:
    assert meant(href, kind=kind) == (url, by)


@pytest.mark.parametrize(
    ("source", "kind", "href", "url"),
    [
        ("a.md", LinkKind.LINK, "/a/", "/a/"),
        ("a.fr.md", LinkKind.LINK, "/a/", "/a/"),
        ("a.fr.md", LinkKind.LINK, "/c/", "/fr/c/"),
        ("a.md", LinkKind.LINK, "/c/", "missing"),
        ("a.fr.md", LinkKind.LINK, "a.md", "/fr/a/"),
        ("fr/c.md", LinkKind.LINK, "a.md", "/fr/a/"),
        ("fr/c.md", LinkKind.LINK, "b.md", "/b/"),
        ("a.md", LinkKind.LINK, "a.fr.md", "/fr/a/"),
        ("a.md", LinkKind.LINK, "/fr/c.md", "/fr/c/"),
        ("a.fr.md", LinkKind.LINK, "/vieux", "/fr/a/"),
        ("a.fr.md", LinkKind.WIKILINK, "a", "/fr/a/"),
        ("a.md", LinkKind.WIKILINK, "a", "/a/"),
        ("a.md", LinkKind.WIKILINK, "c", "/fr/c/"),
    ],
)
def test_a_link_means_a_page_of_its_language_before_one_of_the_main_language(
    source: str, kind: LinkKind, href: str, url: str
) -> None:
    assert meant(href, source, kind, LANGUAGES, FRENCH)[0] == url


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("/base/a/", "/a/"),
        ("/base", "/"),
        ("/base#part", "/"),
        ("https://site.example/base/a/", "/a/"),
        ("https://site.example/a/", "external"),
        ("/base//a/", "/a/"),
        ("/a/", "/a/"),  # as generators that put the path in front
        ("/baseline/", "missing"),
        ("../../a/", "/a/"),
        ("../../../other/", "external"),
    ],
)
def test_the_path_of_the_base_url_is_not_part_of_a_url(href: str, url: str) -> None:
    assert meant(href, rules=BELOW)[0] == url


ROOTS = (Names("/a/", "docs/a.md"), Names("/b/a/", "docs/b/a.md"), Names("/c/", "c.md"))


@pytest.mark.parametrize(
    ("source", "href", "url"),
    [
        ("docs/b/a.md", "/a.md", "/a/"),
        ("docs/b/a.md", "/docs/a.md", "/a/"),
        ("docs/b/a.md", "b/a.md", "/b/a/"),
        ("c.md", "docs/a.md", "/a/"),
        ("c.md", "a.md", "/a/"),  # by its url
    ],
)
def test_a_path_from_the_root_is_that_of_the_collection_too(
    source: str, href: str, url: str
) -> None:
    assert meant(href, source, rules=ROOTED, articles=ROOTS)[0] == url


def test_without_wikilinks_no_article_has_a_name() -> None:
    assert not [key for key in owned(ARTICLES, NO_WIKILINKS) if key.startswith("name:")]


@pytest.mark.parametrize(
    ("href", "url", "by"),
    [
        ("a", "/a/", URL),  # from the root first
        ("b/a", "/b/a/", URL),
        ("a.md", "/a/", FILE),
        ("C d.mdx", "/b/C+d", FILE),
        ("anna", "/a/", SLUG),
        ("ANNA ", "/a/", SLUG),
        ("/anna", "missing", None),
        ("former", "/b/a/", ALIAS),
        ("https://else.example/", "external", None),
        ("#x", "self", None),
        ("  ", "missing", None),
    ],
)
def test_a_link_in_front_matter_may_be_a_path_without_a_slash_or_a_slug(
    href: str, url: str, by: FoundBy | None
) -> None:
    wanted = addresses.stated(href, page_of("/b/a/", "b/a.md", RULES), RULES)
    assert found(wanted.keys, wanted.status, owned(ARTICLES, RULES)) == (url, by)


@pytest.mark.parametrize(
    ("column", "number", "expected"),
    [("number", 7, ("/b/C+d", ID)), ("number", 8, ("missing", None)), ("id", 7, ("missing", None))],
)
def test_a_number_means_the_article_that_has_it_in_that_column(
    column: str, number: int, expected: tuple[str, FoundBy | None]
) -> None:
    wanted = addresses.by_id(column, number)
    assert found(wanted.keys, wanted.status, owned(ARTICLES, RULES)) == expected


@pytest.mark.parametrize(
    ("href", "fragment"),
    [("#a", "a"), ("/a/#b%20c", "b c"), ("/a/?q#d", "d"), ("/a/#", None), ("a.md#e", "e")],
)
def test_a_fragment_is_told_decoded(href: str, fragment: str | None) -> None:
    page = page_of("/b/a/", "b/a.md", RULES)
    assert addresses.wanted(LinkKind.LINK, href, page, RULES).fragment == fragment


PIECES = [
    *("/", "//", "https://site.example", "http:", ":", "[", "]", "#", "?", "@", "&", "{{"),
    *("a", "é", "%", "%zz", "%C3%A9", "\\", "..", ".", ".md", "/base", " ", "\n", "\0"),
]


@settings(max_examples=300)
@given(
    st.sampled_from(LinkKind),
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
    st.sampled_from([RULES, BELOW, LANGUAGES]),
    st.sampled_from(["/", "/b/a/", "/b/a", "/q?x=1"]),
)
def test_whatever_a_link_is_it_means_something_or_nothing(
    kind: LinkKind, href: str, rules: LinkRules, url: str
) -> None:
    page = Page(url, "b/a.md", None, "")
    for wanted in (addresses.wanted(kind, href, page, rules), addresses.stated(href, page, rules)):
        assert wanted.status in {"missing", "asset", "external", "self"}
        assert len(set(wanted.keys)) == len(wanted.keys)


def test_the_same_link_in_pages_of_several_roots_or_folders_means_what_it_means_in_each(
    site: Site,
) -> None:
    for folder in ("x", "y"):
        for name in ("page", "http-api"):
            path = site.raw / folder / f"{name}.md"
            path.parent.mkdir(exist_ok=True)
            path.write_text("---\ntitle: A\n---\n[1](/page.md) [2](http-api.md)\n")
    of_folder = (Collection((f"{folder}/**",), url=f"/{folder}/{{path}}/") for folder in "xy")
    site.build(content=ContentModel(collections=tuple(of_folder)))

    links = [(row["url"], row["href"], row["target_url"]) for row in site.rows("text_links")]
    assert len(links) == 8
    for url, href, target in links:
        assert target == f"{url[:3]}{href.removeprefix('/').removesuffix('.md')}/"
