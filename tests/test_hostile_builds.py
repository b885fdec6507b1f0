"""Files that ended every build, or kept it busy for hours: nobody else is harmed by them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pressroom.model.settings import Limits
from tests.conftest import Site, article, pressroom_process, read_rows
from tests.dagster_runs import by_command_line, settings_file
from tests.patience import linear_time

TEXTS = {
    "rule": "*   " * 600,
    "items": "- " * 600 + "x",
    "quoted-items": ">" + " -" * 600 + " x",
    "stx-items": "\x02- " * 600 + "x",
    "blank-quote": ">" + " " * 40_001 + "x",
    "blank-table": "t\na|b\n" + " " * 40_000 + "x|",
    "lost-letters": "éabcd " * 6_600,
    "quotes": ">" * 100_000,
    "footnotes": "[^1]: " * 16_000,
    "brackets": "[" * 50_000,
}
HEAD = "url: /{name}\nid: 1\ndate: 2024-01-01\nsubject: S\n"


def in_block(text: str) -> str:
    return "|-\n" + "".join(f"    {line}\n" for line in text.split("\n"))


def hostile() -> Iterator[tuple[str, str]]:
    """Names and texts of files."""
    for name, text in TEXTS.items():
        head = HEAD.replace("{name}", name)
        yield name, f"---\n{head}title: T\n---\n{text}\n"
        for key in ("title", "answer", "question", "description"):
            place = f"{name}-{key}"
            values = {"title": "T", "answer": "A", key: in_block(text)}
            lines = "".join(f"{one}: {value}\n" for one, value in values.items())
            yield place, f"---\n{HEAD.replace('{name}', place)}{lines}---\n"
    seo = f"seo:\n  page_description: '{'xabcdx ' * 5_700}'\n"
    yield (
        "seo",
        f"---\n{HEAD.replace('{name}', 'seo')}title: T\n{seo}---\n{TEXTS['lost-letters']}\n",
    )
    yield (
        "toml",
        '+++\nurl = "/toml"\nid = 1\ndate = 2024-01-01\ntitle = "T"\nsubject = "S"\n'
        f'x = """\n{" " * 40_000}y\n"""\n+++\nbody\n',
    )
    aliases = f"a: &x '{'x ' * 225_000}'\nseo:\n  page_keywords: [{'*x, ' * 4_899}*x]\n"
    yield "aliases", f"---\n{HEAD.replace('{name}', 'aliases')}title: T\n{aliases}---\nbody\n"
    nested = "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    yield (
        "doubling",
        f"---\n{HEAD.replace('{name}', 'doubling')}title: T\na0: &a0 x\n{nested}---\nb\n",
    )


FILES = dict(hostile())


def good(site: Site) -> None:
    site.write(**{f"good-{n:02}": article(slug=f"good-{n}", id=str(n)) for n in range(20)})


def accounted_for(release: Path, names: list[str]) -> None:
    tables = {
        table: {row["source_path"]: row for row in read_rows(release, table)}
        for table in ("articles", "rejects")
    }
    for name in names:
        assert (f"{name}.md" in tables["articles"]) != (f"{name}.md" in tables["rejects"]), name
    assert {f"good-{n:02}.md" for n in range(20)} <= set(tables["articles"])


LIMITS = "[limits]\nmax_rejects = 1.0\n"


def test_hostile_files_harm_nobody_on_the_command_line(site: Site) -> None:
    good(site)
    site.write(**FILES)
    run = pressroom_process(
        "build", "--settings", settings_file(site, more=LIMITS), "--out", site.out
    )

    assert run.status == 0, run.err
    assert "Traceback" not in run.err
    accounted_for(site.out / "current", list(FILES))


@pytest.mark.parametrize(
    "name",
    [
        "rule",
        "items",
        "quoted-items",
        "stx-items",
        "blank-quote",
        "blank-table",
        "seo",
        "toml",
        "aliases",
    ],
)
def test_a_hostile_file_alone_harms_nobody(site: Site, name: str) -> None:
    good(site)
    site.write(**{name: FILES[name]})
    with linear_time():
        site.build(limits=Limits(max_rejects=1.0))

    accounted_for(site.out / "current", [name])


def test_hostile_files_harm_nobody_in_dagster(site: Site, tmp_path: Path) -> None:
    good(site)
    site.write(**FILES)
    home = tmp_path / "dagster"
    home.mkdir()
    run = by_command_line(settings_file(site, more=LIMITS), home)

    assert run.returncode == 0, run.stderr[-2_000:]
    accounted_for(site.out / "current", list(FILES))
