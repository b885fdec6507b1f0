"""Every regular expression of the package, and how each is used.

Those of a module's globals are found by importing it, those in functions by its syntax.
"""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pressroom
from tests.patterns.ambiguity import MODES, SEARCH, Mode

_FUNCTIONS = {"compile", "match", "fullmatch", "search", "split", "findall", "finditer", "sub"}
_FUNCTIONS |= {"subn"}
_METHODS = _FUNCTIONS - {"compile"}


class Collected(NamedTuple):
    """A pattern, where it is made and the modes it is used in."""

    place: str
    pattern: re.Pattern[Any]
    modes: frozenset[Mode]


class Unknown(NamedTuple):
    """A place in a function where a pattern is made that the syntax does not tell."""

    place: str
    source: str


def modules() -> Iterator[tuple[str, ModuleType]]:
    """All modules of the package, by their names."""
    for found in pkgutil.walk_packages(pressroom.__path__, "pressroom."):
        if not found.name.endswith("__main__"):
            yield found.name, importlib.import_module(found.name)


def of_module(module: ModuleType) -> Iterator[Collected | Unknown]:
    """The patterns that a module makes."""
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    uses = _uses(tree)
    for name, value in vars(module).items():
        for pattern, method in _patterns(value):
            if not _is_of_another(tree, name):
                modes = _of_method(method)
                if isinstance(value, re.Pattern):
                    modes = uses.get(name, _ANYHOW)
                yield Collected(f"{module.__name__}.{name}", pattern, modes)
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _in_function(function, module)


_ANYHOW = frozenset([*MODES.values(), SEARCH])


def _patterns(value: Any) -> Iterator[tuple[re.Pattern[Any], str]]:
    """The patterns in a value: itself, what a container holds, or a method's, with its name."""
    of_method = getattr(value, "__self__", None)
    if isinstance(value, re.Pattern):
        yield value, ""
    elif isinstance(of_method, re.Pattern):
        yield of_method, value.__name__
    elif isinstance(value, Mapping):
        yield from (found for part in value.values() for found in _patterns(part))
    elif isinstance(value, tuple | list | set | frozenset):
        yield from (found for part in value for found in _patterns(part))


def _of_method(name: str) -> frozenset[Mode]:
    return frozenset([MODES.get(name, SEARCH)]) if name in _METHODS else _ANYHOW


def _is_of_another(tree: ast.Module, name: str) -> bool:
    """Whether a module has imported a name."""
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom | ast.Import))
    return any(name == (alias.asname or alias.name) for node in imports for alias in node.names)


def _uses(tree: ast.Module) -> dict[str, frozenset[Mode]]:
    """The modes that the names of a module are used in; any mode where one is handed on."""
    found: dict[str, set[Mode]] = {}
    of_methods: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            of_methods.add(id(node.value))
            if node.attr in _METHODS:
                found.setdefault(node.value.id, set()).add(MODES.get(node.attr, SEARCH))
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()) if id(node) not in of_methods:
                found.setdefault(name, set()).update(_ANYHOW)
    return {name: frozenset(modes) for name, modes in found.items()}


def _in_function(
    function: ast.FunctionDef | ast.AsyncFunctionDef, module: ModuleType
) -> Iterator[Collected | Unknown]:
    parents = {
        id(child): node for node in ast.walk(function) for child in ast.iter_child_nodes(node)
    }
    for node in ast.walk(function):
        if not isinstance(node, ast.Call) or not _is_of_re(node.func):
            continue
        name = node.func.attr  # type: ignore[attr-defined]  # as `_is_of_re` has seen
        place = f"{module.__name__}.{function.name}"
        parent = parents.get(id(node))
        try:
            values = dict(_evaluated(node, vars(module)))
        except NameError:
            yield Unknown(place, ast.unparse(node.args[0]))
            continue
        pattern = values["pattern"]
        if not isinstance(pattern, re.Pattern):
            pattern = re.compile(pattern, values.get("flags", 0))
        elif name != "compile":
            continue  # a global by its name
        if name == "compile":
            name = parent.attr if isinstance(parent, ast.Attribute) else ""
        yield Collected(place, pattern, _of_method(name))


def _is_of_re(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id == "re"
        and function.attr in _FUNCTIONS
    )


_FLAGS_AT = {"compile": 1, "sub": 4, "subn": 4, "split": 3}


def _evaluated(call: ast.Call, names: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The pattern and the flags of a call of `re`."""
    flags_at = _FLAGS_AT.get(call.func.attr, 2)  # type: ignore[attr-defined]
    arguments = {0: "pattern", flags_at: "flags"}
    for index, argument in enumerate(call.args):
        if index in arguments:
            yield arguments[index], _value(argument, names)
    for keyword in call.keywords:
        if keyword.arg in ("pattern", "flags"):
            yield keyword.arg, _value(keyword.value, names)


def _value(expression: ast.expr, names: dict[str, Any]) -> Any:
    return eval(compile(ast.Expression(expression), "pattern", "eval"), {**names})
