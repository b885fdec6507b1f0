import ast
import importlib.metadata
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline import recipes, steps
from pipeline.exports import EXPORTS, Export
from pipeline.recipes import digest, recipe, versions, versions_of_extensions
from tests.conftest import ROOT

# These import nearly everything; what they hand to a step is named beside them.
HUBS = {"pipeline.stages", "pipeline.exports"}
# What these say does not come out in the bytes of an output.
SILENT = {
    "pipeline.arrow",
    "pipeline.errors",
    "pipeline.recipes",
    "pipeline.compute",
    "pipeline.ending",
    "pipeline.storage",
    "pipeline.raw_file",
    # Settings hold and check what these say; a step that makes anything of it names them.
    "pipeline.markup.python_markdown",
    "pipeline.markup.rules",
}


def imports(module: str) -> set[str]:
    """The modules of ours that a module imports."""
    path = ROOT / Path(*module.split("."))
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    found = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pipeline"):
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            are_modules = {n for n in names if (ROOT / f"{n.replace('.', '/')}.py").exists()}
            found |= are_modules or {str(node.module)}
    return found


@pytest.mark.parametrize(
    "step",
    [steps.INGEST, steps.LINK, steps.SUMMARIZE, *EXPORTS],
    ids=lambda step: step.name,
)
def test_a_recipe_names_every_module_that_its_modules_import(step: steps.Step | Export) -> None:
    named = set(step.modules)
    needed = {found for module in named - HUBS for found in imports(module)}

    assert needed - named - HUBS - SILENT == set()


def test_a_recipe_changes_with_modules_and_libraries() -> None:
    recipes = [
        recipe(["pipeline.text"], ["pyarrow"]),
        recipe(["pipeline.text", "pipeline.store"], ["pyarrow"]),
        recipe(["pipeline.text"], ["pyarrow", "pandas"]),
    ]
    assert len(set(recipes)) == 3


def test_a_template_is_a_part_of_the_module_beside_it(tmp_path: Path) -> None:
    module = tmp_path / "report.py"
    module.write_text("a = 1")
    alone = recipes._source(module)
    module.with_suffix(".html").write_text("<p>")

    assert alone == b"a = 1"
    assert recipes._source(module) != alone
    report = ROOT / "pipeline" / "exports" / "report.py"
    assert report.with_suffix(".html").read_bytes() in recipes._source(report)


def test_a_module_that_there_is_not_is_an_error() -> None:
    with pytest.raises(KeyError):
        recipe(["pipeline.nothing"], [])


def test_versions_are_those_of_python_our_code_and_each_library_that_bytes_depend_on() -> None:
    made_by: list[steps.Step | Export] = [steps.INGEST, steps.LINK, steps.SUMMARIZE, *EXPORTS]
    libraries = {name for step in made_by for name in step.libraries}
    known = versions()

    assert known.keys() >= {"Python", "pressroom", *libraries}
    assert known["pyarrow"] == pa.__version__
    assert "pytest" not in known


def test_a_digest_does_not_depend_on_the_order_of_keys_but_on_that_of_values() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest([1, 2]) != digest([2, 1])
    assert digest("\udce9") != digest("?")


def test_feeds_depend_on_the_versions_of_extensions_of_markdown() -> None:
    found = versions_of_extensions(["tables", "pymdownx.superfences", "nowhere"])

    assert found["tables"] == versions()["markdown"]
    assert found["pymdownx.superfences"] == importlib.metadata.version("pymdown-extensions")
    assert found["nowhere"] == ""
