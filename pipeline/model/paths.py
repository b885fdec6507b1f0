"""Where files are read from, which of them, and where releases are written to.

Commands that read a release need nothing else of the settings, and are spared the rest of them.
"""

import os
import tomllib
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from ..base.errors import SettingsError
from ..base.places import Place, below, check_storage
from .checks import STRICT, Checked
from .patterns import check_patterns, check_suffixes


@dataclass(frozen=True, slots=True)
class Paths:
    """Where files are read from and releases are written to.

    `raw` is a folder, or a place on object storage, such as ``s3://bucket/raw``. With `storage`,
    such a place too, releases are published there, and `out` is where this machine works.
    """

    __pydantic_config__ = STRICT

    raw: Annotated[Place, Checked(partial(below, Path()))] = Path("raw")
    out: Path = Path("out")
    storage: Annotated[str, Checked(check_storage)] = ""

    def within(self, home: Path) -> "Paths":
        """The same, where relative ones are those in a folder."""
        out = Path(
            os.path.normpath(home / self.out)
        )  # it is shown: vault/../vault-pressroom is not
        return Paths(below(home, self.raw), out, self.storage)

    def override(self, raw: Place | None, out: Path | None, storage: str | None) -> "Paths":
        """The same with what the command line says instead.

        Raises:
            SettingsError: A URL is none of object storage.
        """
        return Paths(
            self.raw if raw is None else below(Path(), raw),
            out or self.out,
            self.storage if storage is None else check_storage(storage),
        )


@dataclass(frozen=True, slots=True)
class Sources:
    """Which files of the raw folder are read: by suffix, and by patterns as in a ``.gitignore``.

    A file is read if its name ends in one of the `extensions`, in capitals or not, it fits
    `include`, where that holds anything, and does not fit `exclude`. Where `front_matter` is
    "optional", a file without any is an article of its text.
    """

    __pydantic_config__ = STRICT

    extensions: Annotated[tuple[str, ...], Checked(check_suffixes)] = (".md", ".markdown", ".mdx")
    include: Annotated[tuple[str, ...], Checked(check_patterns)] = ()
    exclude: Annotated[tuple[str, ...], Checked(check_patterns)] = ()
    front_matter: Literal["required", "optional"] = "required"


# The tables of a settings file: the fields of `Settings`.
SECTIONS = frozenset(
    {"paths", "sources", "site", "content", "findings", "limits", "exports", "feeds", "sitemaps"}
    | {"robots", "notify", "releases", "query", "compute", "automation"}
)


def read(file: Path) -> str:
    """The text of a settings file.

    Raises:
        SettingsError: It cannot be read, or is no text.
    """
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{file}: not a TOML file: {error}."
        raise SettingsError(message) from error
    except OSError as error:
        message = f"Cannot read the settings file {file}: {error.strerror}."
        raise SettingsError(message) from error


def stated_paths(text: str, file: Path) -> Paths | None:
    """The paths that the text of a settings file states, without a look at what else it does.

    For speed alone: to validate all settings takes 0.1 s, of which ``status`` would need one more.
    None where they are not plainly right: `settings_toml.parse` tells why.
    """
    try:
        values = tomllib.loads(text)
        if values.keys() - SECTIONS:  # one of which may be [paths], mistyped
            return None
        stated = values.get("paths", {})
        names = {field.name for field in fields(Paths)}
        if stated.keys() - names or not all(isinstance(text, str) for text in stated.values()):
            return None
        raw, storage = stated.get("raw", "raw"), check_storage(stated.get("storage", ""))
        return Paths(raw, Path(stated.get("out", "out")), storage).within(file.resolve().parent)
    except (OSError, ValueError, AttributeError, SettingsError):
        return None
