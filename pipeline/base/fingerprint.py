"""Digests of what an output is made from: code, libraries, settings and other outputs.

An output whose inputs' digest is unchanged is the same output. What code an output depends on is
read from the imports of the module that makes it, so that nobody has to keep a list of modules, or
remember to raise a number.
"""

import hashlib
import importlib.metadata
import os
import platform
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from .digests import digest

_PACKAGE = Path(__file__).parents[1]
_NAME_OF_PACKAGE = __name__.split(".", maxsplit=1)[0]


class Module(NamedTuple):
    """A module of ours: the digest of its source, our modules and the others' that it imports.

    The names of ours are without the package; those of others end at the first dot.
    """

    sha256: str
    ours: tuple[str, ...]
    others: tuple[str, ...]


# An import is found by its line: parsing all sources takes 300 ms at each start, this 2 ms.
_IMPORT = re.compile(
    rb"\n *(?:from (?P<dots>\.*)(?P<source>[\w.]*) import (?P<names>\([^)]*\)|[^(#\n]*)"
    rb"|import (?P<module>\w+))"
)
_TEMPLATES = (".html", ".css", ".xsl")
_IMPORTED = re.compile(r"(\w+)(?: as \w+)?")


def modules(package: Path) -> dict[str, Module]:
    """The modules of a package by their names in it, such as ``exports.sitemap``.

    A module's source is its file, and the template beside it that has its name.
    """
    files = _files(package)
    sources = {_name(path): path for path in sorted(files) if path.endswith(".py")}
    made = {}
    for name, path in sources.items():
        within = name if path.endswith("__init__.py") else name.rpartition(".")[0]
        imports = [_names(found) for found in _IMPORT.finditer(b"\n" + files[path])]
        ours = {found for each in imports for found in _ours(each, within, sources)}
        templates = (path.removesuffix(".py") + suffix for suffix in _TEMPLATES)
        source = files[path] + b"".join(files.get(template, b"") for template in templates)
        made[name] = Module(
            hashlib.sha256(source).hexdigest(),
            tuple(sorted(ours)),
            tuple(sorted(set(_others(imports)))),
        )
    return made


def _names(found: re.Match[bytes]) -> dict[str, str]:
    return {name: (value or b"").decode() for name, value in found.groupdict().items()}


def _files(package: Path) -> dict[str, bytes]:
    """The modules of a package and their templates, by their paths in it."""
    found = {}
    for folder, _, names in os.walk(package):
        for name in names:
            if name.endswith((".py", *_TEMPLATES)):
                with open(f"{folder}/{name}", "rb") as file:  # noqa: PTH123  half of the time
                    found[f"{folder}/{name}"[len(f"{package}/") :]] = file.read()
    return found


def _name(path: str) -> str:
    """The name of a module, by its path in the package."""
    parts = path.removesuffix(".py").split("/")
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _ours(found: Mapping[str, str], within: str, known: Iterable[str]) -> Iterator[str]:
    """The modules that a relative import names: what is no module is taken from its package."""
    if not found["dots"]:
        return
    parts = within.split(".") if within else []
    above = parts[: len(parts) - len(found["dots"]) + 1]
    source = ".".join([*above, *filter(None, [found["source"]])])
    for name in _IMPORTED.findall(found["names"]):
        module = f"{source}.{name}".lstrip(".")
        yield module if module in known else source


def _others(imports: Iterable[Mapping[str, str]]) -> Iterator[str]:
    for found in imports:
        if not found["dots"]:
            name = (found["module"] or found["source"]).split(".")[0]
            if name not in sys.stdlib_module_names:
                yield name


# Read with the code: an upgrade during a run must not be taken for what made its rows.
# An installed package holds the assets of Dagster, too, on which no byte depends.
_MODULES = {name: one for name, one in modules(_PACKAGE).items() if not name.startswith("dagster")}


@cache
def closure(module: str) -> frozenset[str]:
    """A module and all that it imports, and these, and so on, by their names in the package.

    `module` is a name as of `__module__`.

    Raises:
        KeyError: It is none of ours.
    """
    first = module.removeprefix(f"{_NAME_OF_PACKAGE}.")
    found, ahead = {first}, [first]
    while ahead:
        ahead += [name for name in _MODULES[ahead.pop()].ours if name not in found]
        found.update(ahead)
    return frozenset(found)


# Libraries whose modules have another name than what is installed.
_DISTRIBUTIONS = {
    "annotated_types": "annotated-types",
    "yaml": "pyyaml",
    "linkify_it": "linkify-it-py",
}


def libraries(module: str) -> list[str]:
    """The distributions that the code of a module depends on, sorted; those of an extra make none.

    `module` is a name as of `__module__`.

    Raises:
        KeyError: It is none of ours.
    """
    names = {other for name in closure(module) for other in _MODULES[name].others}
    return sorted({_DISTRIBUTIONS.get(name, name) for name in names} & versions().keys())


def code_of(module: str) -> str:
    """The digest of a module, of all that it imports, of their libraries, and of Python's version.

    `module` is a name as of `__module__`.

    Raises:
        KeyError: It is none of ours.
    """
    return digest(
        {name: _MODULES[name].sha256 for name in closure(module)},
        {name: versions()[name] for name in libraries(module)},
        platform.python_version(),
    )


_REQUIREMENT = re.compile(r"[\w.-]+")  # the name with which one begins (PEP 508)


@cache
def versions() -> dict[str, str]:
    """What bytes may depend on, by name: Python, our own code, the libraries that we require."""
    required = importlib.metadata.requires("pressroom") or []
    names = sorted(
        name[0]
        for each in required
        if "extra ==" not in each and (name := _REQUIREMENT.match(each))
    )
    return {
        "Python": platform.python_version(),
        "pressroom": digest({name: module.sha256 for name, module in _MODULES.items()})[:12],
        **{name: importlib.metadata.version(name) for name in names},
    }


def versions_of_extensions(extensions: Iterable[str]) -> dict[str, str]:
    """The version of the distribution that each extension of Python-Markdown comes from."""
    if not (names := tuple(extensions)):
        return {}
    entries = importlib.metadata.entry_points(group="markdown.extensions")
    found = {entry.name: entry.dist.version for entry in entries if entry.dist}
    if others := [name for name in names if name not in found]:
        packages = importlib.metadata.packages_distributions()  # 0.1 s
        for name in others:
            for distribution in packages.get(re.split("[.:]", name)[0], []):
                found.setdefault(name, importlib.metadata.version(distribution))
    return {name: found.get(name, "") for name in names}
