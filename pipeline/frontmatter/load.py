"""Front matter, whatever its language: the block of a document, read.

What every language gives is the same: scalars are text, as it was written where that can be had
and else in the form that the content model reads, each with its place.

YAML has two readers: `yaml_fast` reads the plainest shape, which nearly all files have, several
times as fast; `yaml_reader` reads all of YAML and says what is wrong. What both can read, they read
alike.
"""

from ..model.settings import Limits
from . import json_reader, toml_reader, yaml_fast, yaml_reader
from .document import Document, FrontMatter


def load(document: Document, limits: Limits) -> FrontMatter:
    """Read a block of front matter. The problems of the body are among those that are found.

    Raises:
        DocumentError: The block is not in its language, is no mapping, or goes beyond a limit.
    """
    found = _READERS[document.language](document, limits)
    if document.problems:
        return found._replace(problems=[*found.problems, *document.problems])
    return found


def _yaml(document: Document, limits: Limits) -> FrontMatter:
    return yaml_fast.read(document, limits) or yaml_reader.read(document, limits)


_READERS = {"yaml": _yaml, "toml": toml_reader.read, "json": json_reader.read}
