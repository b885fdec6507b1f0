"""Annotations as a log of SARIF 2.1.0 (OASIS), which editors and code hosts read."""

import hashlib
import importlib.metadata
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import IO, Any

from ..base import printable
from ..base.problems import Code, FindingCode
from ..model.findings import Findings
from .annotations import Annotation, Places, is_relative, uri

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {"info": "note", "warning": "warning", "error": "error"}
_HERE = "%SRCROOT%"  # by convention the root of a repository


def write(annotations: Iterable[Annotation], places: Places, stream: IO[str]) -> None:
    """Write a log with one run, a result on each line, as they come."""
    rules = list(_rules())
    numbers = {rule["id"]: number for number, rule in enumerate(rules)}
    driver = {
        "name": "Pressroom",
        "version": importlib.metadata.version("pressroom"),
        "rules": rules,
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            _HERE: {"description": {"text": "The folder that pressroom was run in."}}
        },
        "results": [],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    stream.write(_json(log).removesuffix("]}]}"))
    separator = "\n"
    for result in _results(annotations, places, numbers):
        stream.write(f"{separator}{_json(result)}")
        separator = ",\n"
    stream.write("\n]}]}\n")


_encoded = json.JSONEncoder(ensure_ascii=False).encode


def _json(value: Any) -> str:
    return printable.as_json(_encoded(value))


def _rules() -> Iterator[dict[str, Any]]:
    """The codes of findings, then those of rejected files."""
    levels = Findings()
    for code in FindingCode:
        yield _rule(code, code.description, _LEVELS[levels.level(code)])
    for reject in Code:
        name = reject.replace("_", " ").capitalize()
        yield {**_rule(reject, f"{name}.", "error"), "help": {"text": _message(reject.hint)}}


def _rule(code: str, description: str, level: str) -> dict[str, Any]:
    return {
        "id": str(code),
        "shortDescription": {"text": _message(description)},
        "defaultConfiguration": {"level": level},
    }


def _results(
    annotations: Iterable[Annotation], places: Places, numbers: dict[str, int]
) -> Iterator[dict[str, Any]]:
    """A result for each; they come file by file."""
    path: str | None = None
    seen = Counter[str]()
    for one in annotations:
        if one.path != path:
            path, seen = one.path, Counter()
        # Without the line, so that what is written above makes no new result of it.
        stated = "\0".join((one.code, one.path or "", one.key, one.message))
        said = hashlib.sha256(stated.encode()).hexdigest()[:16]
        seen[said] += 1
        rule = {"ruleIndex": numbers[one.code]} if one.code in numbers else {}
        yield {
            "ruleId": one.code,
            **rule,
            "level": _LEVELS[one.severity],
            "message": {"text": _message(one.message)},
            "locations": _locations(one, places),
            "partialFingerprints": {"pressroom/v1": f"{said}:{seen[said]}"},
            **({"properties": {"key": one.key}} if one.key else {}),
        }


def _message(text: str) -> str:
    """A plain text message without placeholders and links (sections 3.11.5 and 3.11.6)."""
    return text.replace("{", "{{").replace("}", "}}").replace("](", "] (")


def _locations(one: Annotation, places: Places) -> list[dict[str, Any]]:
    path = places.path(one.path)
    if path is None:
        return []
    artifact = {"uri": uri(path)} | ({"uriBaseId": _HERE} if is_relative(path) else {})
    stated = {"startLine": one.line, "startColumn": one.column}
    region = {name: value for name, value in stated.items() if value is not None}
    return [
        {
            "physicalLocation": {
                "artifactLocation": artifact,
                **({"region": region} if region else {}),
            }
        }
    ]
