"""What is installed: one package, whichever way, beside a project that has names of ours."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT, article
from tests.quicktakes import SETTINGS

LISTED = (
    "from pressroom.dagster.definitions import defs; import pressroom; print(pressroom.__file__);"
    "print(*sorted(k.to_user_string() for k in defs.resolve_asset_graph().get_all_asset_keys()))"
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("wheel")
    clone = home / "clone"
    clone.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "pipeline", "assets"):
        subprocess.run(["cp", "-r", ROOT / name, clone / name], check=True)
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "-w", home, clone], check=True)
    (built,) = home.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    folder = wheel.parent / "installed"
    zipfile.ZipFile(wheel).extractall(folder)  # as pip does with pure Python
    return folder


def test_a_wheel_holds_one_package_with_every_module_and_template(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    made = {name for name in names if ".dist-info/" not in name}
    there = {"pipeline": "pressroom", "assets": "pressroom/dagster"}
    expected = {
        f"{package}/{path.relative_to(ROOT / folder)}"
        for folder, package in there.items()
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".html", ".toml", ".css", ".xsl"}
    }

    assert made == expected


def run(code: str, project: Path, installed: Path | None = None) -> list[str]:
    """The lines that Python prints in a project, with the package of the clone or of a wheel."""
    # The wheel stands before the clone, which the environment of the tests has by a finder.
    path = [f"import sys; sys.path.append({str(installed)!r})"] if installed else []
    done = subprocess.run(
        [sys.executable, "-c", "; ".join([*path, code])],
        cwd=project,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.splitlines()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with packages called as our folders."""
    for name in ("assets", "pipeline"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise ImportError('of the project')")
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.md").write_text(article(slug="a"))
    (tmp_path / "pressroom.toml").write_text(SETTINGS)
    return tmp_path


def test_a_project_with_folders_of_our_names_builds_and_loads_the_definitions(
    project: Path, installed: Path
) -> None:
    of_wheel = run(LISTED, project, installed)
    build = (
        "import sys; sys.argv[1:] = ['build', '--quiet', '--base-url', 'https://a.example'];"
        "from pressroom.__main__ import main; main()"
    )
    run(build, project, installed)

    assert of_wheel[0] == str(installed / "pressroom" / "__init__.py")
    assert (project / "out" / "current" / "manifest.json").exists()


def test_clone_and_wheel_define_the_same_assets(project: Path, installed: Path) -> None:
    of_wheel, of_clone = (run(LISTED, project, where) for where in (installed, None))

    assert of_clone[0] == str(ROOT / "pipeline" / "__init__.py")
    assert of_wheel[1:] == of_clone[1:]
