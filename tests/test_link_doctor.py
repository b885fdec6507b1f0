"""``pressroom links``: what is wrong with links, what is suggested, and a patch that mends it."""

import csv
import io
import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pressroom.frontmatter.fences import decode, split
from pressroom.frontmatter.load import load
from pressroom.model.settings import Limits
from tests.conftest import pressroom, read_rows

SETTINGS = """
[site]
base_url = "https://site.example"
[content]
preset = "quicktakes"
required = []
[content.keys]
text = ":body"
aliases = "aliases"
[limits]
max_rejects = 1
[compute]
workers = 1
"""
# What is stated of /b/: its id, title, subject and url.
B = {"id": "2", "title": 'Of b: what\'s "it"?', "subject": "Sub", "url": "/b/"}


def mapping(**stated: str) -> str:
    """A related link as YAML, in the form that each value needs."""
    lines = [f"  {name}: {value}" for name, value in {**yaml(), **stated}.items() if value]
    return "related_article1:\n" + "\n".join(lines) + "\n"


def yaml() -> dict[str, str]:
    return {"id": "2", "title": "'Of b: what''s \"it\"?'", "subject": "Sub", "url": "/b/"}


def page(url: str, front_matter: str = "", body: str = "Text.") -> str:
    return f"---\nurl: {url}\ntitle: T{url}\n{front_matter}---\n\n{body}\n"


WRONG = {
    "id": mapping(id="7"),
    "title": mapping(title="Old"),
    "title-quoted": mapping(title='"Old: title"  # note'),
    "title-single": mapping(title="'It''s old'"),
    "title-folded": mapping(title=">-\n      Old and\n      long"),
    "title-literal": mapping(title="|-\n      Old"),
    "subject": mapping(subject="Former"),
    "former-url": mapping(url="/old-b/"),
    "case": mapping(url="/B/"),
    "of-the-id": mapping(url="/nowhere/at-all"),
    "all": mapping(id="2", title="x", subject="y", url="/nowhere/at-all"),
    "repeated": mapping(url="/nowhere/else") + mapping(url="/nowhere/else").replace("1:", "2:"),
    "flow": 'related_article1: {id: 2, title: Old, subject: "Sub", url: /old-b/}\n',
    "crlf": mapping(title="Old", url="/B/"),
}
BODIES = {
    "text-former": "See [b](/old-b/#part) and [b](/b/).",
    "text-case": "See [b](/B/?x=1).\n\n`[b](/B/?x=1)` stays.",
    "text-two": "[b](/B/) [b](/B/)\n\n> [ref][r]\n\n[r]: /B/",
    "text-html": '<a href="/old-b/">b</a>',
    "text-host": "https://site.example/old-b/ and [x](https://site.example/B/).",
}


def write(raw: Path) -> None:
    raw.mkdir()
    about = "id: 2\ntitle: 'Of b: what''s \"it\"?'\nsubject: Sub\naliases: /old-b/\n"
    (raw / "b.md").write_text(f"---\nurl: /b/\n{about}---\n\n# Part\n")
    for name, front_matter in WRONG.items():
        text = page(f"/{name}/", front_matter)
        newline = "\r\n" if name == "crlf" else "\n"
        (raw / f"{name}.md").write_text(text, newline=newline)
    for name, body in BODIES.items():
        (raw / f"{name}.md").write_text(page(f"/{name}/", body=body))
    toml = '+++\nurl = "/toml/"\n[related_article1]\nid = 2\ntitle = "Old"\nurl = "/B/"\n+++\n'
    (raw / "toml.md").write_text(toml)
    same = {"url": "/json/", "related_article1": {"id": 2, "title": "Old", "url": "/old-b/"}}
    (raw / "json.md").write_text(json.dumps(same, indent=2) + "\n\nText.\n")
    (raw / 'ünï "q".md').write_text(page("/quoted/", mapping(title="Old")).rstrip("\n"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("doctor")
    write(home / "raw")
    (home / "pressroom.toml").write_text(SETTINGS)
    assert pressroom("build", cwd=home).status == 0
    return home


def listed(home: Path, *options: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(pressroom("links", "--json", *options, cwd=home).out)
    return rows


def test_a_link_is_listed_with_what_to_write_instead_and_why(home: Path) -> None:
    rows = {(row["source_path"], row["problem"]): row for row in listed(home)}

    def of(name: str, problem: str) -> tuple[str, float, str]:
        row = rows[f"{name}.md", problem]
        return row["suggestion"], row["score"], row["reason"]

    assert of("id", "stale") == ("/b/", 100, "target")
    assert of("former-url", "former") == ("/b/", 100, "redirect")
    assert of("case", "missing") == ("/b/", 100, "case")
    assert of("of-the-id", "missing") == ("/b/", 100, "id")
    assert of("text-former", "former") == ("/b/", 100, "redirect")


def test_csv_holds_what_json_does(home: Path) -> None:
    table = list(csv.DictReader(io.StringIO(pressroom("links", "--csv", cwd=home).out)))

    assert [row["link"] for row in table] == [row["link"] for row in listed(home)]


def test_a_title_or_a_slug_that_is_much_alike_is_a_guess_and_not_in_the_patch(
    tmp_path: Path,
) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    (tmp_path / "pressroom.toml").write_text(SETTINGS)
    (raw / "a.md").write_text(page("/how-to-make-a-pipeline/"))
    (raw / "b.md").write_text(page("/b/", body="[x](/guides/how-to-make-pipelines)"))
    pressroom("build", cwd=tmp_path)
    (row,) = listed(tmp_path)

    assert (row["suggestion"], row["reason"]) == ("/how-to-make-a-pipeline/", "slug")
    assert 75 < row["score"] < 100
    assert pressroom("links", "--patch", cwd=tmp_path).out == ""
    patch = pressroom("links", "--patch", "--score", "75", cwd=tmp_path).out
    assert "+[x](/how-to-make-a-pipeline/)" in patch


def test_the_patch_mends_all_that_is_certain_and_touches_nothing_else(
    home: Path, tmp_path: Path
) -> None:
    shutil.copytree(home, tmp_path / "site", symlinks=True)
    site = tmp_path / "site"
    subprocess.run(["git", "init", "-q", "."], cwd=site, check=True)
    before = {path.name: path.read_bytes() for path in (site / "raw").iterdir()}
    with (site / "links.patch").open("wb") as patch:
        command = [sys.executable, "-m", "pressroom", "links", "--patch"]
        done = subprocess.run(command, cwd=site, check=True, stdout=patch, stderr=subprocess.PIPE)
    subprocess.run(["git", "apply", "--check", "links.patch"], cwd=site, check=True)
    subprocess.run(["git", "apply", "links.patch"], cwd=site, check=True)

    assert done.stderr.endswith(b"; 0 need a person.\n")
    assert pressroom("build", cwd=site).status == 0
    assert listed(site) == []
    codes = Counter(row["code"] for row in read_rows(site / "out" / "current", "findings"))
    assert not {"missing_link", "stale_link", "alias_link"} & codes.keys()
    for path in (site / "raw").iterdir():
        assert only_links_differ(before[path.name], path.read_bytes()), path.name


def only_links_differ(before: bytes, after: bytes) -> bool:
    """Whether values outside of related links, and lines of the body without one, are the same."""
    old, new = (split(decode(data)) for data in (before, after))
    values = [load(document, Limits()).values for document in (old, new)]
    for one in values:
        for key in [key for key in one if key.startswith("related_article")]:
            del one[key]
    lines = zip(old.body.split("\n"), new.body.split("\n"), strict=True)
    return values[0] == values[1] and all(
        one == other or ("/b/" in other and len(one) - len(other) in (0, 4, 8)) or "`" in one
        for one, other in lines
    )


def test_a_link_by_its_file_or_its_name_stays_one(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    (raw / "sub").mkdir(parents=True)
    (tmp_path / "pressroom.toml").write_text(
        '[content]\nurl = "/{path}/"\n[limits]\nmax_removed = 1\n[compute]\nworkers = 1\n'
    )
    (raw / "a.md").write_text("---\ntitle: A\n---\nA.\n")
    (raw / "sub" / "c.md").write_text("---\ntitle: C\n---\n[a](../a.md#x) [b](/a/) ![[c]]\n")
    pressroom("build", cwd=tmp_path)
    (raw / "new").mkdir()
    (raw / "a.md").rename(raw / "new" / "a b.md")
    pressroom("build", cwd=tmp_path)
    patch = pressroom("links", "--patch", cwd=tmp_path).out

    assert "+[a](../new/a%20b.md#x) [b](/new/a%20b/) ![[c]]" in patch
