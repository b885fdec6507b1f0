"""The language versions of pages in sitemaps: complete, reciprocal, and none that is not listed."""

from pathlib import Path
from typing import Any

import pytest

from pressroom.model.content import ContentModel
from pressroom.model.publishing import Sitemaps
from pressroom.model.settings import Site as SiteSettings
from tests.conftest import AS_OF, Site, contents
from tests.standards import hreflang, sitemaps
from tests.standards.releases import Published, served_at

BASE = "https://a.example/docs"
SITE = SiteSettings(base_url=BASE)
LANGUAGES = ("en", "fr", "pt_BR")


def page(title: str, **keys: str) -> str:
    stated = {"title": title, "date": "2025-03-01", "category": "Guide", **keys}
    return "---\n" + "".join(f"{key}: {value}\n" for key, value in stated.items()) + "---\nText.\n"


def lay_out(site: Site, **files: str) -> None:
    """Write ``folder__name=text`` as ``folder/name.md``."""
    for name, text in files.items():
        path = site.raw / f"{name.replace('__', '/')}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


def build(site: Site, as_of: int = AS_OF, **options: Any) -> dict[str, bytes]:
    """The sitemaps of a site in three languages, without the index, by their names."""
    content = ContentModel(languages=LANGUAGES)
    site.build(as_of, **{"site": SITE, "content": content, "accept_removals": True, **options})
    return {
        Path(path).name: data
        for path, data in contents(site.out / "current").items()
        if path.startswith("site/sitemap-") and path.endswith(".xml")
    }


def said(files: dict[str, bytes]) -> dict[str, list[tuple[str, str]]]:
    """What each page says, without the base URL."""
    return {
        url.removeprefix(BASE): [(code, other.removeprefix(BASE)) for code, other in versions]
        for url, versions in hreflang.versions(files.values()).items()
    }


def translated(site: Site) -> None:
    lay_out(
        site,
        a=page("A"),
        fr__a=page("A", category="Aide"),
        pt_BR__a=page("A", category="Ajuda"),
        b=page("B"),
        **{"b.fr": page("B")},
        alone=page("Alone"),
        fr__seul=page("Seul"),
        hidden=page("Hidden"),
        fr__hidden=page("Hidden", draft="true"),
        fr__only=page("Only"),
        pt_BR__only=page("Only"),
    )


def test_every_version_names_all_and_the_main_one_for_all_others_G_08(site: Site) -> None:
    translated(site)
    files = build(site)

    of_a = [("en", "/a/"), ("fr", "/fr/a/"), ("pt-BR", "/pt_BR/a/"), ("x-default", "/a/")]
    of_b = [("en", "/b/"), ("fr", "/fr/b/"), ("x-default", "/b/")]
    of_only = [("fr", "/fr/only/"), ("pt-BR", "/pt_BR/only/")]
    assert said(files) == {
        **dict.fromkeys(["/a/", "/fr/a/", "/pt_BR/a/"], of_a),
        **dict.fromkeys(["/b/", "/fr/b/"], of_b),
        **dict.fromkeys(["/fr/only/", "/pt_BR/only/"], of_only),
        **{url: [] for url in ("/alone/", "/fr/seul/", "/hidden/")},
    }
    assert set(files) == {f"sitemap-{subject}-1.xml" for subject in ("guide", "aide", "ajuda")}
    assert hreflang.check(files.values()) == []


def test_the_sitemaps_of_a_site_in_three_languages_are_right_SM_01_to_SM_13(site: Site) -> None:
    translated(site)
    build(site)
    published = Published((site.out / "current").resolve(), SITE, AS_OF)
    pages = [BASE + row["url"] for row in published.indexable()]
    files = published.files("sitemap*.xml")

    assert sitemaps.check_site(served_at(SITE, "sitemap.xml"), files, pages, AS_OF) == []


def test_an_edit_that_adds_a_translation_changes_all_sitemaps_of_its_group(site: Site) -> None:
    translated(site)
    before = build(site)
    lay_out(site, fr__alone=page("Seule", category="Aide"))
    after = build(site, AS_OF + 60)

    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"sitemap-guide-1.xml", "sitemap-aide-1.xml"}
    assert said(after)["/alone/"] == said(after)["/fr/alone/"] != []
    assert hreflang.check(after.values()) == []

    (site.raw / "fr" / "alone.md").unlink()
    assert build(site, AS_OF + 120) == before


@pytest.mark.parametrize("leave_out", ["Aide", "aide"])
def test_what_is_left_out_or_hidden_is_no_version_G_10(site: Site, leave_out: str) -> None:
    translated(site)
    lay_out(site, pt_BR__a=page("A", draft="true"))
    files = build(site, sitemaps=Sitemaps(leave_out_subjects=(leave_out,)))

    assert said(files)["/a/"] == []
    assert "/fr/a/" not in said(files)
    assert hreflang.check(files.values()) == []


def test_of_two_pages_in_one_language_the_first_is_the_version(site: Site) -> None:
    lay_out(site, a=page("A"), fr__a=page("A"), **{"a.fr": page("A", permalink="/other/")})
    files = build(site)

    assert said(files)["/a/"] == [("en", "/a/"), ("fr", "/other/"), ("x-default", "/a/")]
    assert said(files)["/fr/a/"] == []
    assert hreflang.check(files.values()) == []


@pytest.mark.parametrize("languages", [("en",), ("en", "francais"), ()])
def test_without_two_languages_that_readers_know_there_are_no_versions(
    site: Site, languages: tuple[str, ...]
) -> None:
    lay_out(site, a=page("A"), francais__a=page("A"), fr__a=page("A"))
    files = build(site, content=ContentModel(languages=languages))

    assert files
    assert not any(said(files).values())


def test_groups_stand_in_several_sitemaps(site: Site) -> None:
    names = [f"n{number:02}" for number in range(30)]
    lay_out(site, **{f"{folder}{name}": page(name) for name in names for folder in ("", "fr__")})
    files = build(site, sitemaps=Sitemaps(urls=7))

    assert len(files) == 9
    assert all(len(versions) == 3 for versions in said(files).values())
    assert hreflang.check(files.values()) == []


# --- the checker ---------------------------------------------------------------------------------


def checked(**pages: str) -> list[str]:
    """The problems of pages and what they say, as ``en:a fr:b``."""
    entries = "".join(
        f"<url><loc>{page}</loc>"
        + "".join(
            f'<x:link rel="alternate" hreflang="{code}" href="{url}"/>'
            for code, _, url in (version.partition(":") for version in versions.split())
        )
        + "</url>"
        for page, versions in pages.items()
    )
    head = f'<urlset xmlns="{sitemaps.NAMESPACE}" xmlns:x="{sitemaps.XHTML}">'
    return hreflang.check([f"{head}{entries}</urlset>".encode()])


@pytest.mark.parametrize(
    ("pages", "is_right"),
    [
        ({"a": "", "b": ""}, True),
        ({"a": "en:a fr:b", "b": "en:a fr:b"}, True),
        ({"a": "en:a fr-CA:b x-default:a", "b": "en:a fr-CA:b x-default:a"}, True),
        ({"a": "en:a fr:b", "b": ""}, False),
        ({"a": "en:a fr:b", "b": "en:a fr:b de:c", "c": ""}, False),
        ({"a": "en:a fr:b"}, False),
        ({"a": "fr:b", "b": "fr:b"}, False),
        ({"a": "en:a en:b", "b": "en:a en:b"}, False),
        ({"a": "en:a french:b", "b": "en:a french:b"}, False),
        ({"a": "en:a pt_BR:b", "b": "en:a pt_BR:b"}, False),
        ({"a": "en:a x-default:a"}, False),
        ({"a": "x-default:a en:a fr:b", "b": "x-default:a en:a fr:b"}, False),
        ({"a": "en:a fr:b x-default:c", "b": "en:a fr:b x-default:c", "c": ""}, False),
    ],
)
def test_the_checker_finds_groups_that_are_not_complete_or_reciprocal_G_08(
    pages: dict[str, str], is_right: bool
) -> None:
    assert (checked(**pages) == []) is is_right
