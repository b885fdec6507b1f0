"""What settings name in vain is told once a build."""

from typing import Any

import pytest

from pressroom.model.collections import Collection
from pressroom.model.columns import Column
from pressroom.model.content import ContentModel
from pressroom.model.paths import Sources
from pressroom.model.publishing import Feeds, Sitemaps
from pressroom.model.settings_toml import parse
from tests.conftest import Site

POSTS = Collection(("posts/**",), name="posts")


def told(site: Site, **sections: Any) -> list[str]:
    """The lines about what nothing was found for."""
    site.build(**sections)
    return [line for line in site.lines if "no file " in line]


@pytest.fixture
def small(site: Site) -> Site:
    for folder in ("posts", "broken", "gone"):
        (site.raw / folder).mkdir()
    site.write(
        **{
            "posts/a": "---\ntitle: A\nmood: x\nmore: {deep: y}\n---\n",
            "b": "---\ntitle: B\n---\n",
            "broken/c": "---\ntitle: [\n---\n",
            "gone/d": "---\nurl: false\n---\n",
        }
    )
    return site


@pytest.mark.parametrize(
    ("sections", "named"),
    [
        ({"content": ContentModel(collections=(POSTS,))}, []),
        ({"content": ContentModel(collections=(Collection(("broken/*", "gone/*")),))}, []),
        (
            {"content": ContentModel(collections=(Collection(("post/**", "b.md"), name="x"),))},
            ["[[content.collections]] x: 'post/**'"],
        ),
        (
            {"content": ContentModel(collections=(Collection(("*.txt",)), POSTS))},
            ["[[content.collections]] 1: '*.txt'"],
        ),
        (
            {
                "content": ContentModel(
                    languages=("en", "fr"), collections=(Collection(("fr/**",)),)
                )
            },
            ["[[content.collections]] 1: 'fr/**'"],
        ),
        (
            {"content": ContentModel(), "sources": Sources(include=("posts/", "!drafts/", "b.md"))},
            [],
        ),
        (
            {"content": ContentModel(), "sources": Sources(include=("*.md", "Posts/"))},
            ["sources.include: 'Posts/'"],
        ),
    ],
)
def test_patterns_that_no_file_fits_are_told(
    small: Site, sections: dict[str, Any], named: list[str]
) -> None:
    lines = told(small, **sections)
    assert [line.replace("no file fits ", "") for line in lines] == named


def test_subjects_that_no_article_has_are_told(small: Site) -> None:
    small.write(c="---\ntitle: C\ncategory: C++\n---\n")
    asked = Sitemaps(leave_out_subjects=("c-plus-plus", "c++", "C"))
    small.build(content=ContentModel(), sitemaps=asked)

    told = [line for line in small.lines if "leave_out_subjects" in line]
    assert told == ["sitemaps.leave_out_subjects: no article has the subject 'C'"]


@pytest.mark.parametrize(
    ("model", "names"),
    [
        ({"url": "/{title}/{slug}/{mood|}{more.deep|}/"}, []),
        ({"url": "/{1|}/{name}/{language|}{collection|}{file_year|}{year|}/"}, []),
        ({"url": "/{tilte|}/{path}/"}, ["tilte"]),
        ({"url": "/{path}/", "keys": {"title": "{mod|title}"}}, ["mod"]),
        ({"columns": {"x": Column(key=("mood", "{x|}"))}}, []),
        ({"collections": (Collection(("posts/**",), url="/{moode|path}/"),)}, ["moode"]),
    ],
)
def test_names_that_no_file_has_are_told(
    small: Site, model: dict[str, Any], names: list[str]
) -> None:
    lines = told(small, content=ContentModel(**model))
    assert len(lines) == len(names)
    assert all(f"{name!r}" in line for name, line in zip(names, lines, strict=True))


@pytest.mark.parametrize("preset", ["jekyll", "hugo", "docusaurus", "quartz", "wordpress"])
def test_what_a_preset_says_is_not_told(site: Site, preset: str) -> None:
    site.write(a="---\ntitle: A\n---\n")
    settings = parse(f'[content]\npreset = "{preset}"\n', site.raw / "pressroom.toml")
    assert told(site, content=settings.content, sources=settings.sources) == []


def test_feeds_that_are_empty_for_lack_of_dates_are_told(small: Site) -> None:
    def lines(**sections: Any) -> list[str]:
        small.lines.clear()
        small.build(content=ContentModel(), force=True, **sections)
        return [line for line in small.lines if "feeds are empty" in line]

    assert len(lines()) == 1
    assert lines(feeds=Feeds(order="first_seen")) == lines(feeds=Feeds(formats=())) == []
    small.write(e="---\ntitle: E\ndate: 2025-03-01\n---\n")
    assert lines() == []
