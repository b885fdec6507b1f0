import ast
import importlib.metadata
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from pressroom.base import fingerprint
from pressroom.base.digests import digest
from pressroom.base.fingerprint import (
    closure,
    code_of,
    libraries,
    versions,
    versions_of_extensions,
)
from pressroom.engine.steps import AFTER_INGEST, INGEST
from pressroom.exports import EXPORTS
from tests.conftest import ROOT, change

STEPS = {step.name: step.module for step in (INGEST, *AFTER_INGEST)}


def parsed(path: Path) -> Iterator[str]:
    """What a module of the package imports, by Python's own parser; ours are relative there."""
    parts = path.relative_to(ROOT / "pipeline").with_suffix("").parts
    package = parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module).split(".")[0]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1]
            source = [*above, *(node.module or "").split(".")] if node.module else [*above]
            for alias in node.names:
                file = ROOT.joinpath("pipeline", *source, f"{alias.name}.py")
                is_package = file.with_suffix("").is_dir()
                module = [*source, alias.name] if file.exists() or is_package else source
                yield "." + ".".join(module)


def test_the_imports_of_each_module_are_those_that_python_finds() -> None:
    for path in (ROOT / "pipeline").rglob("*.py"):
        found = fingerprint._MODULES[
            fingerprint._name(path.relative_to(ROOT / "pipeline").as_posix())
        ]
        expected = {name for name in parsed(path) if name not in sys.stdlib_module_names}

        assert {*found.others, *(f".{name}" for name in found.ours)} == expected, path


@pytest.mark.parametrize(
    ("module", "stale"),
    [
        ("exports.sitemaps.sitemap", {"sitemap"}),
        ("exports.feeds.rss", {"feeds", "headers", "llms"}),
        ("exports.tabular", {"csv", "spreadsheet"}),
        (
            "exports.base",
            {item.name for item in EXPORTS},
        ),
        (
            "markup.html",
            {"ingest", "feeds", "headers", "llms", "structured_data", "plain_text", "summarize"},
        ),
        ("content.article", {"ingest", "summarize"}),
        ("engine.shard_link", {"link"}),
        ("tables.subjects", {"summarize"}),
        ("model.schemas", {*STEPS}),
        ("cli.app", set()),
        ("engine.build", set()),
        ("exports", set()),
    ],
)
def test_a_change_of_a_module_makes_just_those_steps_stale_whose_code_imports_it(
    monkeypatch: pytest.MonkeyPatch, module: str, stale: set[str]
) -> None:
    before = {name: code_of(of_step) for name, of_step in STEPS.items()}
    change(monkeypatch, module)
    after = {name: code_of(of_step) for name, of_step in STEPS.items()}

    assert {name for name in STEPS if after[name] != before[name]} == stale


def test_a_step_depends_on_the_libraries_that_its_modules_import(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert {"pyarrow", "pyromark", "nh3", "linkify-it-py"} <= set(libraries(STEPS["feeds"]))
    assert "pyromark" not in libraries(STEPS["sitemap"])
    assert {"click", "dagster", "numpy.typing"}.isdisjoint(libraries(STEPS["ingest"]))

    before = {name: code_of(module) for name, module in STEPS.items()}
    monkeypatch.setitem(versions(), "jinja2", "another")
    after = {name: code_of(module) for name, module in STEPS.items()}
    assert {name for name in STEPS if after[name] != before[name]} == {"report"}


def test_each_library_is_known_by_what_is_installed() -> None:
    for module in fingerprint._MODULES.values():
        for name in module.others:
            assert importlib.metadata.version(fingerprint._DISTRIBUTIONS.get(name, name))


@pytest.mark.parametrize("suffix", [".html", ".css", ".xsl"])
def test_a_template_is_a_part_of_the_module_beside_it(tmp_path: Path, suffix: str) -> None:
    module = tmp_path / "report.py"
    module.write_text("a = 1")
    alone = fingerprint.modules(tmp_path)["report"]
    module.with_suffix(suffix).write_text("<p>")

    assert fingerprint.modules(tmp_path)["report"].sha256 != alone.sha256
    assert list((ROOT / "pipeline/exports").rglob(f"*{suffix}"))


def test_a_module_that_there_is_not_is_an_error() -> None:
    with pytest.raises(KeyError):
        closure("pressroom.nothing")


def test_versions_are_those_of_python_our_code_and_each_library_that_bytes_depend_on() -> None:
    known = versions()

    for module in STEPS.values():
        assert known.keys() >= {"Python", "pressroom", *libraries(module)}
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
