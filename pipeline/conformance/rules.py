"""Rules of standards, what breaks them, and the report of a release."""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from ..files.atomic import FileEntry
from ..model.settings import Settings


class Rule(NamedTuple):
    """A rule of a standard. Where one that `is_must` is broken, the release is held back.

    `source` is the name of the specification and its section.
    """

    id: str
    text: str
    source: str
    is_must: bool = True


class Breach(NamedTuple):
    """Where a rule is broken: a path of the release, and what stands there."""

    rule: str
    path: str
    what: str


class Staged(NamedTuple):
    """A release that is about to be published, below `root`, as the check of a kind sees it.

    `as_of` is in seconds since 1970. `files` are the entries in the manifest of all files of the
    kind, by path, and `changed` the paths of those that were not found right before.
    """

    root: Path
    settings: Settings
    as_of: int
    files: Mapping[str, FileEntry]
    changed: frozenset[str]

    def served_at(self, path: str) -> str:
        """The URL at which a file of the folder ``site`` is served."""
        return self.settings.site.served_at(path)

    def serves(self, url: str) -> bool:
        """Whether a file of the kind is served at a URL."""
        path = "site" + unquote(url.removeprefix(self.settings.site.base_url))
        return path in self.files and self.served_at(path) == url

    def read(self, path: str) -> bytes:
        """The bytes of a file."""
        return (self.root / path).read_bytes()


class Kind(NamedTuple):
    """A kind of files. `check` finds breaches in those whose paths it `concerns`.

    A file that did not change since it was found right is right: it is looked at only for what
    files have to keep together. Those of a kind that `is_divisible` are looked at one by one: some
    may be checked here, others elsewhere.
    """

    name: str
    rules: tuple[Rule, ...]
    concerns: Callable[[str], bool]
    check: Callable[[Staged], Iterable[Breach]]
    is_divisible: bool = False


class Outcome(NamedTuple):
    """How often a rule is broken in so many files, and where first."""

    rule: Rule
    files: int
    broken: int
    first: str | None


def outcomes(kind: Kind, staged: Staged) -> list[Outcome]:
    """What becomes of the rules of a kind; nothing in a release without files of it."""
    if not staged.files:
        return []
    counts, first = dict.fromkeys((rule.id for rule in kind.rules), 0), dict[str, str]()
    for breach in kind.check(staged):
        counts[breach.rule] += 1
        first.setdefault(breach.rule, f"{breach.path}: {breach.what}")
    return [
        Outcome(rule, len(staged.files), counts[rule.id], first.get(rule.id)) for rule in kind.rules
    ]


def joined(found: Iterable[list[Outcome]]) -> list[Outcome]:
    """The outcomes of a kind whose files were checked in several places, in the order of paths."""
    return [
        Outcome(
            of_rule[0].rule,
            of_rule[0].files,
            sum(one.broken for one in of_rule),
            next((one.first for one in of_rule if one.first), None),
        )
        for of_rule in zip(*found, strict=True)
    ]


def to_json(found: Iterable[Outcome]) -> bytes:
    """The text of ``conformance.json``: a rule an object, in their order."""
    rules = [
        {
            "rule": one.rule.id,
            "passed": not one.broken,
            "level": "must" if one.rule.is_must else "should",
            "files": one.files,
            "broken": one.broken,
            "first": one.first,
            "text": one.rule.text,
            "source": one.rule.source,
        }
        for one in found
    ]
    return (json.dumps({"rules": rules}, indent=1, ensure_ascii=False) + "\n").encode()


def read(data: bytes) -> list[dict[str, Any]]:
    """The rules of a report."""
    rules: list[dict[str, Any]] = json.loads(data)["rules"]
    return rules
