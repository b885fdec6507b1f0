"""Digests of what an output is made from: code, libraries, settings and other outputs.

An output whose inputs' digest is unchanged is the same output. A recipe is computed from the
sources of the modules and the versions of the libraries that make it, so that nobody has to
remember to raise a number.
"""

import dataclasses
import hashlib
import importlib.metadata
import json
import platform
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).parent


def _source(module: Path) -> bytes:
    """The source of a module, and the template beside it that has its name."""
    template = module.with_suffix(".html")
    return module.read_bytes() + (template.read_bytes() if template.exists() else b"")


# Read with the code: an upgrade during a run must not be taken for what made its rows.
_SOURCES = {
    ".".join(("pipeline", *path.relative_to(_PACKAGE).with_suffix("").parts)): hashlib.sha256(
        _source(path)
    ).hexdigest()
    for path in _PACKAGE.rglob("*.py")
}
# What decides how a text is shown, and what of it is not.
MARKUP = (*sorted(name for name in _SOURCES if name.startswith("pipeline.markup.")),)
MARKUP += ("pipeline.mathml",)
MARKUP_LIBRARIES = ("latex2mathml", "linkify-it-py", "markdown", "nh3", "pyromark")


# Reading it again and again costs more than all the digests.
_version = cache(importlib.metadata.version)
_NAME = re.compile(r"[\w.-]+")  # with which a requirement begins (PEP 508)


@cache
def versions() -> dict[str, str]:
    """What bytes may depend on, by name: Python, our own code, the libraries that we require."""
    required = importlib.metadata.requires("pressroom") or []
    libraries = sorted(
        name[0] for each in required if "extra ==" not in each and (name := _NAME.match(each))
    )
    return {
        "Python": platform.python_version(),
        "pressroom": digest(_SOURCES)[:12],
        **{name: _version(name) for name in libraries},
    }


def versions_of_extensions(extensions: Iterable[str]) -> dict[str, str]:
    """The version of the distribution that each extension of Python-Markdown comes from."""
    if not (names := tuple(extensions)):
        return {}
    entries = importlib.metadata.entry_points(group="markdown.extensions")
    found = {entry.name: entry.dist.version for entry in entries if entry.dist}
    packages = importlib.metadata.packages_distributions()
    for name in names:
        for distribution in packages.get(re.split("[.:]", name)[0], []):
            found.setdefault(name, _version(distribution))
    return {name: found.get(name, "") for name in names}


def digest(*values: Any) -> str:
    """SHA-256, in hexadecimal, of values: text, numbers, lists, mappings, dataclasses."""
    text = json.dumps(values, default=_plain, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return str(value)


def recipe(modules: Iterable[str], libraries: Iterable[str]) -> str:
    """The digest of our modules, of libraries (by distribution name), and of Python's version.

    Raises:
        KeyError: There is no such module.
    """
    return digest(
        {name: _SOURCES[name] for name in modules},
        {name: _version(name) for name in libraries},
        platform.python_version(),
    )
