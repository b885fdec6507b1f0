"""What a release says of itself: the manifest, the last of its files to be written.

One version of the form is written, and read, here alone.
"""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ..base.digests import digest
from ..base.errors import PipelineError
from ..files.atomic import FileEntry

MANIFEST = "manifest.json"
# Goes up where a reader of the one before would go wrong. Manifests that state none are of the 1st.
FORMAT = 1
_STATED = {
    *("as_of", "counts", "files", "inputs", "outputs"),
    *("previous", "release", "sequence"),
}


class Output(NamedTuple):
    """A table or an export: its files, and the digests of what it was made from.

    `recipe` is that of code, libraries and settings alone, `inputs` that of all.
    """

    recipe: str
    inputs: str
    files: tuple[FileEntry, ...]

    @property
    def version(self) -> str:
        """The digest of the files' content."""
        return digest([[entry.path, entry.sha256] for entry in self.files])

    @property
    def is_table(self) -> bool:
        """Whether its files are the parts of a table."""
        return any(entry.path.startswith("tables/") for entry in self.files)

    @property
    def rows(self) -> int:
        """The rows of all parts; 0 for what is no table."""
        return sum(entry.rows or 0 for entry in self.files)


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is of what a release was made from, and of what it holds.

    `passed_over` are files that were not read for their suffix, by that in lower case (empty: they
    have none), the most first. Related links are `stated`, those of texts `written`; `links` and
    `text_links` are counted by status, `changes` by kind. `next_due` is the
    first time after as-of, in seconds since 1970, at which an article is shown or expires, or the
    feed of a subject goes.
    """

    files: int = 0
    passed_over: Mapping[str, int] = field(default_factory=dict)
    articles: int = 0
    rejects: int = 0
    skipped: int = 0
    stated_links: int = 0
    written_links: int = 0
    links: Mapping[str, int] = field(default_factory=dict)
    text_links: Mapping[str, int] = field(default_factory=dict)
    findings: int = 0
    changes: Mapping[str, int] = field(default_factory=dict)
    next_due: int | None = None

    def updated(self, counted: Mapping[str, Any]) -> "Counts":
        """The same, but for what was counted anew, by name; other names are passed over."""
        names = (each.name for each in dataclasses.fields(self))
        return dataclasses.replace(
            self, **{name: counted[name] for name in names if name in counted}
        )


class SchemaChange(NamedTuple):
    """A column that was not, or was of another type, in the release before; None is no column."""

    table: str
    column: str
    before: str | None
    after: str | None

    @property
    def is_of_type(self) -> bool:
        """Whether both releases have the column."""
        return self.before is not None and self.after is not None

    def __str__(self) -> str:
        return f"{self.table}.{self.column} is of type {self.after} now; it was {self.before}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest. `as_of` is in seconds since 1970, `previous` the id of the release before.

    `inputs` is the digest of all that the release was made from, `run` and `python` say by which
    run and on which version it was made. `base_url` is None in releases that did not say it yet.
    `schema_version` is 1 for the first release, and one more than before after `schema_changes`.
    """

    release: str
    sequence: int
    previous: str | None
    as_of: int
    inputs: str
    base_url: str | None
    counts: Counts
    outputs: Mapping[str, Output]
    run: str = ""
    python: str = ""
    schema_changes: tuple[SchemaChange, ...] = ()
    schema_version: int = 1

    @property
    def files(self) -> list[FileEntry]:
        """The files of all outputs, in the order of these."""
        return [entry for output in self.outputs.values() for entry in output.files]

    def to_json(self) -> str:
        """The text of the manifest, with a file a line.

        What is indented is written by the slow encoder of `json`.
        """
        stated = {
            "format": FORMAT,
            "release": self.release,
            "sequence": self.sequence,
            "previous": self.previous,
            "as_of": self.as_of,
            "inputs": self.inputs,
            "base_url": self.base_url,
            "counts": dataclasses.asdict(self.counts),
            "schema_changes": [change._asdict() for change in self.schema_changes],
            "schema_version": self.schema_version,
            "run": {"id": self.run, "python": self.python},
            "outputs": {name: _stated(output) for name, output in self.outputs.items()},
            "files": [],
        }
        files = [
            {"output": name, **entry.to_json()}
            for name, output in self.outputs.items()
            for entry in output.files
        ]
        head = json.dumps(stated, indent=1, ensure_ascii=False)
        lines = map(json.JSONEncoder(ensure_ascii=False).encode, files)
        return head.removesuffix("[]\n}") + "[\n  " + ",\n  ".join(lines) + "\n ]\n}"

    @classmethod
    def from_json(cls, data: bytes) -> "Manifest":
        """The manifest with a text.

        Raises:
            ManifestError: It lacks something, or is of another version of the form.
            ValueError, TypeError, KeyError, AttributeError: It is no manifest.
        """
        stated = json.loads(data)
        if lacks := _STATED.difference(stated):
            raise ManifestError(f"lacks {', '.join(sorted(lacks))}")
        if (number := stated.get("format", FORMAT)) != FORMAT:
            raise ManifestError(f"has format {number}, which this version of pressroom cannot read")
        files: dict[str, list[FileEntry]] = {name: [] for name in stated["outputs"]}
        for entry in stated["files"]:
            files[entry["output"]].append(FileEntry.from_json(entry))
        outputs = {
            name: Output(output.get("recipe", ""), output["inputs"], tuple(files[name]))
            for name, output in stated["outputs"].items()
        }
        run = stated.get("run", {})
        return cls(
            stated["release"],
            stated["sequence"],
            stated["previous"],
            stated["as_of"],
            stated["inputs"],
            stated.get("base_url"),
            Counts().updated(stated["counts"]),
            outputs,
            run.get("id", ""),
            run.get("python", ""),
            tuple(SchemaChange(**change) for change in stated.get("schema_changes", ())),
            stated.get("schema_version", 1),
        )


class ManifestError(Exception):
    """A manifest cannot be used; the text goes on behind its name."""


def _stated(output: Output) -> dict[str, Any]:
    return {
        "recipe": output.recipe,
        "inputs": output.inputs,
        "version": output.version,
        "files": len(output.files),
        "rows": output.rows,
    }


@dataclass(frozen=True, slots=True)
class Release:
    """A release, published or staged."""

    root: Path
    manifest: Manifest

    @property
    def id(self) -> str:
        """Sequence and digest, such as ``000002-1f2e3d4c``."""
        return self.manifest.release

    @property
    def base_url(self) -> str | None:
        """Where the release is published; None if it was made before releases said so."""
        return self.manifest.base_url

    @property
    def counts(self) -> Counts:
        """Files, articles, rejects, links by status, changes by kind, …"""
        return self.manifest.counts

    @property
    def outputs(self) -> Mapping[str, Output]:
        """The outputs by name."""
        return self.manifest.outputs

    @property
    def tables(self) -> list[str]:
        """The names of its tables."""
        return [name for name, output in self.outputs.items() if output.is_table]

    @property
    def files(self) -> list[FileEntry]:
        """All files but the manifest."""
        return self.manifest.files

    @property
    def bytes(self) -> int:
        """The size of all files; those that a release has in common with others count in each."""
        return sum(entry.bytes for entry in self.files)

    def paths(self, output: str) -> list[Path]:
        """The files of an output, in order."""
        return [self.root / entry.path for entry in self.outputs[output].files]


def open_release(root: Path) -> Release:
    """The release in a folder.

    Raises:
        PipelineError: It has no manifest that can be read.
    """
    try:
        return Release(root, Manifest.from_json((root / MANIFEST).read_bytes()))
    except ManifestError as error:
        message = f"{root} is not a complete release: its {MANIFEST} {error}."
        raise PipelineError(message) from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        message = f"{root} is not a complete release: its {MANIFEST} cannot be read ({error})."
        raise PipelineError(message) from error
