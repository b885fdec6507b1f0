"""The steps of a build that make tables: what each makes, and all that its rows depend on."""

from collections.abc import Callable
from typing import Any, NamedTuple

from pipeline.exports import EXPORTS, Export
from pipeline.recipes import MARKUP, MARKUP_LIBRARIES, digest, recipe
from pipeline.settings import Settings


class Step(NamedTuple):
    """A step that makes tables from files or `tables`.

    `modules`, `libraries` and `settings` are what its rows depend on besides.
    """

    name: str
    outputs: tuple[str, ...]
    tables: tuple[str, ...]
    modules: tuple[str, ...]
    libraries: tuple[str, ...]
    settings: Callable[[Settings], Any]


def _modules(*names: str) -> tuple[str, ...]:
    common = ("schemas", "settings", "stages", "store", "url_index")
    return tuple(f"pipeline.{name}" for name in (*common, *names))


INGEST = Step(
    name="ingest",
    outputs=("articles", "keywords", "rejects"),
    tables=(),
    modules=MARKUP
    + _modules(
        *("articles", "document", "errors", "fences", "findings", "former", "front_matter"),
        *("json_reader", "ledger", "newlines", "printable", "raw_file", "rejects", "seo", "slugs"),
        *("sources", "text", "toml_reader", "wording", "words"),
        *("yaml_lines", "yaml_reader", "yaml_syntax"),
    ),
    libraries=(*MARKUP_LIBRARIES, "pyarrow", "pyyaml"),
    settings=lambda settings: [settings.content, settings.limits.of_a_file],
)
LINK = Step(
    name="link",
    outputs=("related_links", "link_degrees"),
    tables=("articles",),
    modules=_modules("links"),
    libraries=("numpy", "pyarrow"),
    settings=lambda _: None,
)
SUMMARIZE = Step(
    name="summarize",
    outputs=("subjects", "findings", "changes", "ledger"),
    tables=("articles", "keywords", "related_links"),
    modules=MARKUP
    + _modules(
        *("changes", "findings", "former", "ledger", "links", "newlines", "seo", "slugs"),
        *("printable", "subjects", "text"),
    ),
    libraries=(*MARKUP_LIBRARIES, "numpy", "pandas", "pyarrow"),
    settings=lambda settings: settings.content,
)
AFTER_INGEST: tuple[Step | Export, ...] = (LINK, SUMMARIZE, *EXPORTS)


def code_of(step: Step | Export) -> str:
    """The digest of the code and the libraries that a step's bytes depend on."""
    return recipe(step.modules, step.libraries)


def recipe_of(step: Step | Export, settings: Settings) -> str:
    """The digest of what a step's bytes depend on besides its tables."""
    return digest(code_of(step), step.settings(settings))


def release_inputs(ingested: str, settings: Settings) -> str:
    """The digest of all that a release is made from, by the digest of what ingest read."""
    return digest(ingested, [recipe_of(step, settings) for step in AFTER_INGEST])
