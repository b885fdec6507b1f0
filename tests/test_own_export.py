"""The export that docs/architecture.md shows, added to a copy of the package as it says."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checkout import blocks
from tests.conftest import AS_OF, ROOT, article
from tests.pages import PAGES
from tests.quicktakes import SETTINGS

MODULE, LINE = blocks(
    PAGES["docs/architecture.md"].partition("## Write an export of your own")[2], "python"
)
DAGSTER = """
import json
from pressroom.dagster.definitions import defs
graph = defs.resolve_asset_graph()
found = {key.to_user_string(): graph.get(key) for key in graph.get_all_asset_keys()}
node = found["titles"]
print(json.dumps([node.group_name, [key.to_user_string() for key in node.parent_keys],
    node.description, sorted(node.kinds)]))
print("titles" in [key.to_user_string() for key in found["release"].parent_keys])
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with the package, to which the module and the line were added, and a site."""
    package = tmp_path / "code" / "pressroom"
    without = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "pipeline", package, ignore=without)
    shutil.copytree(ROOT / "assets", package / "dagster", ignore=without)
    (package / "exports" / "titles.py").write_text(MODULE)
    registry = package / "exports" / "__init__.py"
    text = registry.read_text()
    end = "\n)\n\n__all__"
    assert text.count(end) == 1
    text = text.replace(end, f"\n{LINE.rstrip()}{end}")
    registry.write_text(
        text.replace("from .base import", "from . import titles\nfrom .base import")
    )

    (tmp_path / "raw").mkdir()
    (tmp_path / "pressroom.toml").write_text(SETTINGS)
    for name in "abc":
        hidden = {"no_index": "true"} if name == "c" else {}
        (tmp_path / "raw" / f"{name}.md").write_text(article(slug=name, **hidden))
    return tmp_path


def python(home: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(home / "code")}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=home,
        env={**environment, "PRESSROOM_SETTINGS": str(home / "pressroom.toml")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def build(home: Path, as_of: int, *options: str) -> bool:
    """Whether a build, which is one of the copy, published anything."""
    options = ("--json", "--workers", "1", *options)
    out = python(home, "-m", "pressroom", "build", "--as-of", str(as_of), *options)
    return bool(json.loads(out.splitlines()[-1])["published"])


def lines(home: Path) -> list[str]:
    return (home / "out/current/site/titles.txt").read_text().splitlines()


URL = "http://localhost:8000/learn/databases/questions"


def test_the_export_of_the_page_is_one_module_and_one_line(home: Path) -> None:
    where = python(home, "-c", "import pressroom.exports as e; print(e.__file__)")
    assert Path(where.strip()).is_relative_to(home)

    assert build(home, AS_OF)
    assert lines(home) == [f"{URL}/a What is a?", f"{URL}/b What is b?"]
    first = (home / "out/current/site/titles.txt").stat().st_ino

    (home / "raw/a.md").write_text(article(slug="a", answer="Another."))
    assert build(home, AS_OF + 60)
    assert (home / "out/current/site/titles.txt").stat().st_ino == first
    (home / "raw/d.md").write_text(article(slug="d"))
    assert build(home, AS_OF + 120)
    assert lines(home)[-1] == f"{URL}/d What is d?"
    assert not build(home, AS_OF + 180, "--full")
    manifest = json.loads((home / "out/current/manifest.json").read_text())
    assert [one["path"] for one in manifest["files"] if one["output"] == "titles"] == [
        "site/titles.txt"
    ]


def test_dagster_shows_the_export_of_the_page(home: Path) -> None:
    node, is_of_release = python(home, "-c", DAGSTER).splitlines()
    assert json.loads(node) == [
        "exports", ["staged"], "The address and the title of every article.", ["txt"],
    ]  # fmt: skip
    assert is_of_release == "True"
