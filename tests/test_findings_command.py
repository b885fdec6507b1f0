"""What `pressroom findings` prints: for people, for programs, and for editors and code hosts."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pytest

from pressroom.base.problems import Code, FindingCode
from pressroom.cli import annotations, findings, sarif
from pressroom.cli.annotations import Annotation, Places, uri
from pressroom.files import parquet
from pressroom.model.findings import SEVERITIES
from pressroom.model.settings import Compute
from tests.conftest import AS_OF, Completed, Site, article, pressroom
from tests.test_findings import link

NASTY = "ü 50%, a: b#1?.md"
BROKEN = "---\ntitle: What: now\n---\n"


@pytest.fixture
def found(site: Site) -> Site:
    """A published site in shards of one file, with findings of two severities and a reject."""
    (site.raw / "d").mkdir()
    gone = article(slug="gone", id=2, answer="'A $$ B'", related_article1=link(url="/gone"))
    (site.raw / "d" / NASTY).write_text(gone)
    site.write(a=article(slug="a"), z=article(slug="z"), broken=BROKEN)
    site.build(compute=Compute(workers=1, shard_files=1))
    return site


def run(site: Site, *arguments: str, cwd: Path | None = None) -> Completed:
    settings = () if cwd is None else ("--settings", site.home / "pressroom.toml")
    return pressroom("findings", *settings, *arguments, cwd=cwd or site.home)


def rows(site: Site, *arguments: str) -> list[dict[str, Any]]:
    done = run(site, "--format", "json", *arguments)
    assert done.status == 0
    listed: list[dict[str, Any]] = json.loads(done.out)
    return listed


def codes(site: Site, *arguments: str) -> list[str]:
    return [row["code"] for row in rows(site, *arguments)]


def log(site: Site, *arguments: str, cwd: Path | None = None) -> dict[str, Any]:
    """The run of a SARIF log, which is one as the standard has it."""
    done = run(site, "--format", "sarif", *arguments, cwd=cwd)
    assert done.status == 0
    return checked(json.loads(done.out))


def checked(whole: dict[str, Any]) -> dict[str, Any]:
    """The one run of a log that has what the schema of SARIF 2.1.0 requires, and no other key."""
    assert whole.keys() == {"$schema", "version", "runs"}
    assert whole["version"] == "2.1.0"
    (made,) = whole["runs"]
    assert made.keys() == {"tool", "columnKind", "originalUriBaseIds", "results"}
    assert made["columnKind"] == "unicodeCodePoints"
    driver = made["tool"]["driver"]
    assert driver.keys() == {"name", "version", "rules"}
    rules = driver["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert {"id", "shortDescription", "defaultConfiguration"} <= rule.keys()
        assert rule.keys() <= {"id", "shortDescription", "defaultConfiguration", "help"}
        assert rule["defaultConfiguration"]["level"] in {"none", "note", "warning", "error"}
    for result in made["results"]:
        assert result["level"] in {"note", "warning", "error"}
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"].keys() == {"text"}
        assert "{" not in re.sub("{{|}}", "", result["message"]["text"])
        for location in result["locations"]:
            (place,) = location.values()
            address = place["artifactLocation"]
            assert re.fullmatch(r"(file://)?([A-Za-z0-9._~/-]|%[0-9A-F]{2})+", address["uri"])
            assert address.get("uriBaseId") in {None, *made["originalUriBaseIds"]}
            assert all(number > 0 for number in place.get("region", {"": 1}).values())
        assert all(isinstance(one, str) for one in result["partialFingerprints"].values())
    return dict(made)


# --- for people and programs ----------------------------------------------------------------------


def test_findings_are_listed_by_file_and_line(found: Site) -> None:
    expected = [
        ("info", "shared_id", "a.md", 3, "id"),
        ("warning", "unbalanced_maths", f"d/{NASTY}", 7, "answer"),
        ("warning", "missing_link", f"d/{NASTY}", 9, "related_article1"),
        ("info", "shared_id", "z.md", 3, "id"),
    ]
    names = ("severity", "code", "source_path", "line", "key")
    assert [tuple(row[name] for name in names) for row in rows(found)] == expected
    told = run(found)
    assert told.status == 0
    lines = told.out.splitlines()
    assert lines[0].split() == ["severity", "code", "file", "key", "message"]
    assert [line.split()[:2] for line in lines[2:]] == [[row[0], row[1]] for row in expected]
    assert f"d/{NASTY}:9" in told.out


def test_csv_and_json_have_the_same_rows(found: Site) -> None:
    as_csv = list(csv.DictReader(io.StringIO(run(found, "--format", "csv").out)))
    as_json = rows(found)
    as_lines = map(json.loads, run(found, "--format", "jsonl").out.splitlines())

    assert as_json == list(as_lines)
    assert [row["message"] for row in as_csv] == [row["message"] for row in as_json]
    assert [int(row["line"]) for row in as_csv] == [row["line"] for row in as_json]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--severity", "info"), ["shared_id", "unbalanced_maths", "missing_link", "shared_id"]),
        (("--severity", "warning"), ["unbalanced_maths", "missing_link"]),
        (("--severity", "error"), []),
        (("--code", "shared_id"), ["shared_id", "shared_id"]),
        (("--code", "missing_link", "--code", "shared_id", "--severity", "warning"),
         ["missing_link"]),
    ],
)  # fmt: skip
def test_they_are_chosen_by_severity_and_code(
    found: Site, arguments: tuple[str, ...], expected: list[str]
) -> None:
    assert codes(found, *arguments) == expected


def test_an_unknown_code_is_refused_with_the_nearest(found: Site) -> None:
    done = run(found, "--code", "missing_lnk")
    assert done.status == 2
    assert "did you mean 'missing_link'?" in done.err


def test_with_run_they_are_those_of_what_was_held_back(found: Site) -> None:
    settings = found.home / "pressroom.toml"
    settings.write_text(settings.read_text() + "[findings]\nmissing_link = 'error'\n")
    assert pressroom("build", cwd=found.home).status == 3

    assert codes(found, "--run", "--severity", "error") == ["missing_link"]
    assert codes(found, "--severity", "error") == []
    assert "--run" in run(found).err
    (result,) = log(found, "--run", "--code", "missing_link")["results"]
    assert result["level"] == "error"


def test_a_site_without_a_release_or_a_run_that_was_held_back_is_told(site: Site) -> None:
    assert run(site).status == 1
    assert run(site, "--run").status == 1


def test_of_a_release_without_findings_there_is_nothing_to_list(site: Site) -> None:
    site.write(a=article(slug="a"))
    site.build()
    listed = {form: run(site, "--format", form).out for form in ("table", "csv", "jsonl", "github")}

    assert rows(site) == log(site)["results"] == []
    assert listed["jsonl"] == listed["github"] == ""
    assert len(listed["csv"].splitlines()) == 1
    assert len(listed["table"].splitlines()) == 2


# --- SARIF ----------------------------------------------------------------------------------------


def test_sarif_has_a_result_for_each_finding_and_each_problem_of_a_reject(found: Site) -> None:
    results = log(found)["results"]
    problems = sum(len(row["problems"]) for row in found.rows("rejects"))

    assert len(results) == 4 + problems
    level = {"info": "note", "warning": "warning", "error": "error"}
    severity = {row["code"]: row["severity"] for row in found.rows("findings")}
    for result in results:
        assert result["level"] == level[severity.get(result["ruleId"], "error")]
    (reject,) = (one for one in results if one["ruleId"] == "unquoted_colon")
    place = reject["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 2, "startColumn": 12}
    assert place["artifactLocation"]["uri"] == "raw/broken.md"


def test_its_rules_are_all_codes_with_their_default_levels(found: Site) -> None:
    rules = log(found)["tool"]["driver"]["rules"]

    assert [rule["id"] for rule in rules] == [*FindingCode, *Code]
    levels = {rule["id"]: rule["defaultConfiguration"]["level"] for rule in rules}
    assert levels["missing_link"] == "warning"
    assert levels["shared_id"] == "note"
    assert levels["duplicate_key"] == "error"


def test_paths_are_from_the_folder_that_it_is_run_in(found: Site) -> None:
    def uris(cwd: Path) -> dict[str, str | None]:
        places = [
            one["locations"][0]["physicalLocation"]["artifactLocation"]
            for one in log(found, "--code", "missing_link", cwd=cwd)["results"]
        ]
        return {place["uri"]: place.get("uriBaseId") for place in places}

    encoded = "d/%C3%BC%2050%25%2C%20a%3A%20b%231%3F.md"
    assert uris(found.home) == {f"raw/{encoded}": "%SRCROOT%"}
    assert unquote(encoded) == f"d/{NASTY}"
    assert uris(found.home.parent) == {f"{uri(found.home.name)}/raw/{encoded}": "%SRCROOT%"}
    elsewhere = found.home / "elsewhere"
    elsewhere.mkdir()
    assert uris(elsewhere) == {f"{uri(str(found.home))}/raw/{encoded}": None}


def test_a_fingerprint_stays_when_lines_move_and_tells_equal_findings_apart(found: Site) -> None:
    def fingerprints() -> list[str]:
        results = log(found, "--code", "unbalanced_maths")["results"]
        return [one["partialFingerprints"]["pressroom/v1"] for one in results]

    (before,) = fingerprints()
    file = found.raw / "d" / NASTY
    file.write_text(file.read_text().replace("id: 2", "id: 2\nauthor: A"))
    found.build(AS_OF + 60)
    assert fingerprints() == [before]

    same = Annotation("info", "self_link", "a.md", 1, None, "Same.")
    stream = io.StringIO()
    sarif.write([same, same._replace(line=9)], Places("raw/", None), stream)
    results = checked(json.loads(stream.getvalue()))["results"]
    assert len({one["partialFingerprints"]["pressroom/v1"] for one in results}) == 2


def test_a_message_has_neither_placeholders_nor_links() -> None:
    one = Annotation("info", "template_syntax", "a.md", 1, None, "{% a %} [b](c) {0}")
    stream = io.StringIO()
    sarif.write([one], Places("", None), stream)
    (result,) = checked(json.loads(stream.getvalue()))["results"]
    assert result["message"]["text"] == "{{% a %}} [b] (c) {{0}}"


def test_what_concerns_the_whole_site_is_at_its_settings() -> None:
    whole = Annotation("warning", "schema_change", None, None, None, "It changed.", "weight")
    results = []
    for settings in ("site/press room.toml", None):
        stream = io.StringIO()
        sarif.write([whole], Places("raw/", settings), stream)
        results += checked(json.loads(stream.getvalue()))["results"]
    address = {"uri": "site/press%20room.toml", "uriBaseId": "%SRCROOT%"}
    assert results[0]["locations"] == [{"physicalLocation": {"artifactLocation": address}}]
    assert results[1]["locations"] == []


def test_a_log_without_results_is_one_as_well() -> None:
    stream = io.StringIO()
    sarif.write([], Places("raw/", None), stream)
    assert checked(json.loads(stream.getvalue()))["results"] == []


# --- annotations of GitHub ------------------------------------------------------------------------


def decoded(text: str, *, is_property: bool = False) -> str:
    """What GitHub's runner makes of it (actions/runner, ActionCommand.cs)."""
    marks = {"%0D": "\r", "%0A": "\n", **({"%3A": ":", "%2C": ","} if is_property else {})}
    for mark, sign in marks.items():
        text = text.replace(mark, sign)
    return text.replace("%25", "%")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("a.md", "Plain."),
        (NASTY, "100% of: all, and %0A"),
        ("d,e/f:g.md", "Two\nlines\r\nand more"),
        ("ä/🚢.md", "::error::no command"),
    ],
)
def test_an_annotation_is_read_as_it_was_written(path: str, message: str) -> None:
    stream = io.StringIO()
    one = Annotation("warning", "wrong_value", path, 3, 4, message)
    annotations.write([one], Places("raw/", None), stream)
    (line,) = stream.getvalue().split("\n")[:-1]

    stated, text = re.fullmatch(r"::warning ([^:]*)::(.*)", line).groups()  # type: ignore[union-attr]
    pairs = (pair.split("=", 1) for pair in stated.split(","))
    properties = {name: decoded(value, is_property=True) for name, value in pairs}
    assert properties == {"file": f"raw/{path}", "line": "3", "col": "4", "title": "wrong_value"}
    assert decoded(text) == message


def test_what_acts_on_a_terminal_does_not() -> None:
    stream = io.StringIO()
    annotations.write(
        [Annotation("info", "x", None, None, None, "\x1b[2J")], Places("", None), stream
    )
    assert stream.getvalue() == "::notice title=x::\\x1b[2J\n"


def test_github_is_told_of_findings_and_rejects_by_file(found: Site) -> None:
    lines = run(found, "--format", "github").out.splitlines()
    kinds = [line.split()[0] for line in lines]

    assert kinds == ["::notice", "::error", "::warning", "::warning", "::notice"]
    assert lines[1].startswith("::error file=raw/broken.md,line=2,col=12,title=unquoted_colon::")
    assert "file=raw/d/ü 50%25%2C a%3A b#1?.md,line=9,title=missing_link::" in lines[3]
    chosen = run(found, "--format", "github", "--code", "missing_link").out.splitlines()
    assert chosen == [lines[3]]


@pytest.mark.parametrize(
    ("raw", "path"),
    [(Path("raw"), "raw/a.md"), (Path(), "a.md"), ("s3://bucket/a b", "s3://bucket/a b/a.md")],
)
def test_a_path_is_that_of_the_raw_folder(raw: Path | str, path: str) -> None:
    assert Places.of(raw, None).path("a.md") == path
    assert uri(path) == path.replace(" ", "%20")


# --- many -----------------------------------------------------------------------------------------


def test_they_are_printed_part_by_part(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.write(**{name: article(slug=name) for name in "abcd"})  # all with the same id
    release = site.build(compute=Compute(workers=1, shard_files=1)).release
    read = list[str]()
    real = parquet.read

    def noted(path: Path, columns: Any = None) -> pa.Table:
        read.append(path.parent.name)
        return real(path, columns)

    monkeypatch.setattr(parquet, "read", noted)
    wanted = findings._Wanted(SEVERITIES, ())
    printed = findings._annotations(release, wanted)
    assert next(printed).path == "a.md"
    assert read == ["findings", "rejects"]
    assert [one.path for one in printed] == ["b.md", "c.md", "d.md"]
