"""How much each finding matters, by the settings: nothing, little, or more than a release may."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from pressroom.base.errors import AuditError, SettingsError
from pressroom.base.problems import FindingCode
from pressroom.model.findings import Findings
from pressroom.model.settings import Compute
from pressroom.model.settings_toml import load
from tests.conftest import AS_OF, Site, article, contents, pressroom, read_rows
from tests.test_findings import link

HOUR = 3600
GONE = article(slug="gone", id=2, answer="'A $$ B'", related_article1=link(url="/gone"))
SHARDS = Compute(workers=1, shard_files=1)


@pytest.fixture
def linted(site: Site) -> Site:
    """A site with two findings in one of its files, and none in the others."""
    site.write(a=article(slug="a"), b=GONE, c=article(slug="c", id=3))
    return site


def found(site: Site) -> list[tuple[str, str]]:
    return [(row["code"], row["severity"]) for row in site.rows("findings")]


def build(site: Site, hours: int = 0, **levels: Any) -> Any:
    """Build; `levels` are those of findings, `full` and `force` options of the run."""
    options = {name: levels.pop(name) for name in ("full", "force") if name in levels}
    findings = Findings(**levels)
    return site.build(AS_OF + hours * HOUR, findings=findings, compute=SHARDS, **options)


def test_every_finding_has_a_level() -> None:
    assert [each.name for each in fields(Findings)] == [*FindingCode]
    assert all(code.description.endswith(".") for code in FindingCode)


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ({}, [("unbalanced_maths", "warning"), ("missing_link", "warning")]),
        ({"missing_link": "off"}, [("unbalanced_maths", "warning")]),
        ({"unbalanced_maths": "off"}, [("missing_link", "warning")]),
        (
            {"missing_link": "info", "unbalanced_maths": "info"},
            [("unbalanced_maths", "info"), ("missing_link", "info")],
        ),
    ],
)
def test_a_finding_is_what_the_settings_say(
    linted: Site, levels: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    release = build(linted, **levels).release

    assert found(linted) == expected
    assert release.counts.findings == len(expected)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("missing_lnk = 'off'", "did you mean 'missing_link'?"),
        ("missing_key = 'off'", "unknown key 'findings.missing_key'"),  # that is of rejects
        ("missing_link = 'fatal'", "findings.missing_link: "),
        ("missing_link = false", "findings.missing_link: "),
    ],
)
def test_a_wrong_setting_is_refused_with_its_line(tmp_path: Path, line: str, told: str) -> None:
    file = tmp_path / "pressroom.toml"
    file.write_text(f"[findings]\nself_link = 'info'\n{line}\n")
    with pytest.raises(SettingsError) as refused:
        load(file)

    assert str(refused.value).startswith(f"{file}:3: ")
    assert told in str(refused.value)


def test_an_error_holds_the_release_back_until_it_is_mended(linted: Site) -> None:
    build(linted)
    with pytest.raises(AuditError) as held:
        build(linted, 1, missing_link="error")

    assert "findings_allowed" in str(held.value)
    assert "b.md:9: " in str(held.value)
    assert found(linted)[-1] == ("missing_link", "warning")
    rows = read_rows(linted.out / "held-back", "findings")
    assert [row["severity"] for row in rows] == ["warning", "error"]

    linted.write(b=GONE.replace("'/gone'", "/learn/databases/questions/a"))
    assert build(linted, 2, missing_link="error").published
    assert [code for code, _ in found(linted)] == ["unbalanced_maths"]


def test_an_error_that_is_one_no_more_holds_nothing_back(linted: Site) -> None:
    with pytest.raises(AuditError):
        build(linted, unbalanced_maths="error")
    assert build(linted, 1, unbalanced_maths="warning").published


def test_the_build_says_how_to_look_at_what_holds_it_back(linted: Site) -> None:
    settings = linted.home / "pressroom.toml"
    settings.write_text(settings.read_text() + "[findings]\nmissing_link = 'error'\n")
    held = pressroom("build", cwd=linted.home)

    assert held.status == 3
    assert "`pressroom findings --run`" in held.err.splitlines()[-1]
    assert "findings --run --severity error" in held.err


# Each is built upon the one before: how many files are parsed for it, of three.
CHANGES = [
    ({}, 3),
    ({"missing_link": "info", "unbalanced_maths": "info"}, 0),
    ({"missing_link": "off"}, 0),
    ({"missing_link": "warning"}, 0),
    ({"unbalanced_maths": "off"}, 3),
    ({}, 3),
]


def test_an_incremental_build_with_other_levels_is_the_full_one(
    linted: Site, tmp_path: Path
) -> None:
    for hours, (levels, parsed) in enumerate(CHANGES):
        outcome = build(linted, hours, **levels)
        incremental = contents(outcome.release.root, lambda path: path == "manifest.json")
        assert (outcome.published, outcome.parsed) == (True, parsed), levels
        again = build(linted, hours, **levels)
        assert (again.published, again.parsed) == (False, 0), levels

        full = build(linted, hours, full=True, **levels)
        assert not full.published
        fresh = tmp_path / f"fresh-{hours}"
        fresh.mkdir()
        other = Site(fresh)
        other.raw.rmdir()
        other.raw.symlink_to(linted.raw)
        anew = contents(build(other, hours, **levels).release.root)
        of_findings = [path for path in anew if "findings" in path]
        assert len(of_findings) == 4  # a part for each file, and CSV
        assert {path: incremental[path] for path in of_findings} == {
            path: anew[path] for path in of_findings
        }


def test_a_level_that_is_written_out_as_it_is_by_default_is_no_change(linted: Site) -> None:
    build(linted)
    assert not build(linted, 1, missing_link="warning").published
