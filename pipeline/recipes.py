"""Digests of what an output is made from: code, libraries, settings and other outputs.

An output whose inputs' digest is unchanged is the same output. A recipe is computed from the
sources of the modules and the versions of the libraries that make it, so that nobody has to
remember to raise a number.
"""

import dataclasses
import hashlib
import importlib.metadata
import importlib.util
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def digest(*values: Any) -> str:
    """SHA-256, in hexadecimal, of values: text, numbers, lists, mappings, dataclasses."""
    text = json.dumps(values, default=_plain, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return str(value)


def recipe(modules: Iterable[str], libraries: Iterable[str]) -> str:
    """The digest of the sources of modules and the versions of libraries (distribution names)."""
    sources = {}
    for name in modules:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(name)
        sources[name] = hashlib.sha256(Path(spec.origin).read_bytes()).hexdigest()
    return digest(sources, {name: importlib.metadata.version(name) for name in libraries})
