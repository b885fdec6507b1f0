"""What a build advises where most of its files are rejected for want of a setting.

Advice is followed to the letter here: what is not read by it was no advice.
"""

import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from pressroom.base.errors import AuditError
from pressroom.engine.export_steps import export_all
from pressroom.engine.run import Run
from pressroom.model.collections import Collection
from pressroom.model.content import ContentModel
from pressroom.model.paths import Sources
from pressroom.model.settings import Limits
from tests.conftest import AS_OF, Site

KEYS = {name: (name,) for name in ("url", "title", "subject", "author")}
ALL = ContentModel(keys=KEYS, url="", required=("url", "title", "subject", "author"))
DAY = 24 * 3600
WHOLE = {"url": "/a/{name}/", "title": "T", "subject": "S", "author": "A"}
NOTE = "# A note\n\nIts text.\n"
BROKEN = "---\ntitle: What: now\n---\n"


def text_of(*missing: str, name: str = "a") -> str:
    stated = {key: value for key, value in WHOLE.items() if key not in missing}
    lines = [f"{key}: {value.format(name=name)}" for key, value in stated.items()]
    return "\n".join(["---", *lines, "more: 1", "---", "Text."])


def write(site: Site, number: int, *missing: str, suffix: str = ".md") -> None:
    """Write so many files that lack keys."""
    for index in range(number):
        name = f"{'-'.join(missing) or 'whole'}-{index:02}"
        (site.raw / f"{name}{suffix}").write_text(text_of(*missing, name=name))


def held_back(site: Site, **sections: Any) -> str:
    with pytest.raises(AuditError) as caught:
        site.build(**{"content": ALL, **sections})
    return str(caught.value)


def advised(told: str) -> Mapping[str, Any]:
    """The settings that stand in what was told."""
    lines = [line.strip() for line in told.split("\n")]
    toml = [line for line in lines if line.startswith("[") or " = " in line]
    return tomllib.loads("\n".join(toml))


def follow(site: Site, told: str, **sections: Any) -> None:
    """Build with the settings that were told; `sections` are those before."""
    before = {"content": ALL, "sources": Sources(), **sections}
    after = {
        section: replace(before[section], **{k: _value(v) for k, v in stated.items()})
        for section, stated in advised(told).items()
    }
    assert after
    built = site.build(AS_OF + DAY, **{**before, **after})
    assert built.release.counts.articles
    assert not built.release.counts.rejects


def _value(stated: Any) -> Any:
    return tuple(stated) if isinstance(stated, list) else stated


def test_a_site_without_urls_is_told_the_template(site: Site) -> None:
    write(site, 5, "url")
    told = held_back(site)
    assert advised(told) == {"content": {"url": "/{path}/"}}
    follow(site, told)


def test_a_site_without_front_matter_is_told_all_that_its_files_need(site: Site) -> None:
    site.write(a=NOTE, b=NOTE)
    told = held_back(site)
    assert advised(told) == {
        "sources": {"front_matter": "optional"},
        "content": {"url": "/{path}/", "required": ["url"]},
    }
    follow(site, told)
    shutil.rmtree(site.out)
    enough = ContentModel(keys=KEYS, required=("url",), url="/{path}/")
    assert advised(held_back(site, content=enough)) == {"sources": {"front_matter": "optional"}}


@pytest.mark.parametrize(
    ("preset", "names", "patterns"),
    [
        ("jekyll", ["README", "docs/CONTRIBUTING"], ["/README.md", "/docs/CONTRIBUTING.md"]),
        ("jekyll", ["a [b]* "], ["/a \\[b\\]\\* .md"]),
        ("zola", ["README"], ["/README.md"]),
        ("wordpress", ["README"], None),
        ("", ["README"], None),
    ],
)
def test_what_the_generator_makes_no_page_of_is_to_be_left_out(
    site: Site, preset: str, names: list[str], patterns: list[str] | None
) -> None:
    content = replace(ALL, preset=preset, url="/{path}/", required=("url",))
    write(site, 3, "url")
    (site.raw / "docs").mkdir()
    site.write(**dict.fromkeys(names, NOTE))
    assert site.build(content=content).published
    told = "\n".join(site.lines)

    expected = {"exclude": patterns} if patterns else {"front_matter": "optional"}
    assert advised(told) == {"sources": expected}
    follow(site, told, content=content)


def test_a_column_that_most_files_lack_is_to_be_taken_out_or_given_a_source(site: Site) -> None:
    write(site, 5, "author")
    told = held_back(site)
    assert advised(told) == {"content": {"required": ["url", "title", "subject"]}}
    assert "content.keys" in told
    follow(site, told)


def test_what_few_files_lack_is_not_advised(site: Site) -> None:
    write(site, 11, "url")
    write(site, 1, "url", "author")
    assert advised(held_back(site)) == {"content": {"url": "/{path}/"}}


def test_some_files_from_all_over_the_site_are_tried(site: Site) -> None:
    write(site, 31, "url")
    told = held_back(site)
    assert "20 of 20 " in told


def test_raw_files_that_are_gone_meanwhile_hide_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(site, 3, suffix=".txt")

    def gone(run: Run) -> None:
        export_all(run)
        shutil.rmtree(site.raw)

    monkeypatch.setattr("pressroom.engine.build.export_all", gone)
    told = held_back(site)
    assert "articles_remain" in told
    assert advised(told) == {}


def test_what_is_missing_together_is_advised_together(site: Site) -> None:
    write(site, 5, "url", "author", "title")
    advice = {"content": {"url": "/{path}/", "required": ["url", "subject"]}}
    assert advised(held_back(site)) == advice


@pytest.mark.parametrize("limits", [Limits(), Limits(max_rejects=0, max_rejects_files=0)])
def test_it_is_told_once_whichever_check_holds_the_release_back(site: Site, limits: Limits) -> None:
    write(site, 5, "url")
    told = held_back(site, limits=limits)
    assert told.count("{path}") == 1
    assert not any("{path}" in line for line in site.lines)


def test_a_release_that_is_published_though_many_are_rejected_is_told_it(site: Site) -> None:
    write(site, 7)
    write(site, 5, "url")
    assert site.build(content=ALL).published
    assert advised("\n".join(site.lines)) == {"content": {"url": "/{path}/"}}


NOT_ADVISED: dict[str, tuple[dict[str, int], ContentModel]] = {
    "few are rejected": ({"": 40, "url": 1}, ALL),
    "most are rejected for something else": ({"": 9, "url": 2, "broken": 3}, ALL),
    "the template states no url of these": (
        {"": 3, "url": 3},
        ContentModel(keys=KEYS, required=ALL.required, url="/{none}/"),
    ),
    "their collection says what is required": (
        {"": 3, "author": 3},
        ContentModel(
            keys=KEYS,
            url="",
            required=("url",),
            collections=(Collection(("author*",), required=ALL.required),),
        ),
    ),
}


@pytest.mark.parametrize(("files", "content"), NOT_ADVISED.values(), ids=NOT_ADVISED)
def test_what_would_not_help_is_not_advised(
    site: Site, files: dict[str, int], content: ContentModel
) -> None:
    for missing, number in files.items():
        if missing == "broken":
            site.write(**{f"broken-{index}": BROKEN for index in range(number)})
        else:
            write(site, number, *([missing] if missing else []))
    assert site.build(content=content).published
    assert advised("\n".join(site.lines)) == {}


def test_a_site_of_other_suffixes_is_told_to_list_them(site: Site) -> None:
    write(site, 3, suffix=".txt")
    (site.raw / "more.HTML").write_text(text_of())
    (site.raw / "a.png").touch()
    told = held_back(site)

    extensions = [".md", ".markdown", ".mdx", ".txt", ".html"]
    assert advised(told) == {"sources": {"extensions": extensions}}
    follow(site, told)


def test_files_of_other_suffixes_may_need_more(site: Site) -> None:
    for name in "abc":
        (site.raw / f"{name}.txt").write_text(NOTE)
    told = held_back(site)
    assert advised(told) == {
        "sources": {
            "extensions": [".md", ".markdown", ".mdx", ".txt"],
            "front_matter": "optional",
        },
        "content": {"url": "/{path}/", "required": ["url"]},
    }
    follow(site, told)


@pytest.mark.parametrize("name", ["a.png", "b.txt"])
def test_a_suffix_whose_files_are_no_articles_is_not_advised(site: Site, name: str) -> None:
    (site.raw / name).write_text(BROKEN)
    told = held_back(site)
    assert f"1 {name[1:]}" in told
    assert advised(told) == {}
