"""The steps of a build that make tables: what each makes, and all that its rows depend on."""

from collections.abc import Callable
from typing import Any, NamedTuple

from ..base.digests import digest
from ..base.fingerprint import code_of
from ..content import lint
from ..content.addresses import link_rules
from ..exports import EXPORTS, Export
from ..exports.base import always
from ..model.content import ContentModel
from ..model.findings import OFF
from ..model.release_schemas import PAST
from ..model.settings import Settings
from . import shard_ingest, shard_link, shard_summarize


class Step(NamedTuple):
    """A step that makes tables from files or `tables`.

    Which these are depends on the content model of the site. Its rows depend on `settings` besides,
    and on the code of `module`.
    """

    name: str
    outputs: Callable[[ContentModel], tuple[str, ...]]
    tables: Callable[[ContentModel], tuple[str, ...]]
    module: str
    settings: Callable[[Settings], Any]


def _orders(content: ContentModel) -> list[list[str]]:
    """The order of the declared columns, which digests of mappings do not tell: that of tables."""
    return [list(model.columns) for model in (content, *content.of_collections())]


def _unlinted(settings: Settings) -> list[str]:
    """The findings of texts that are off: the last release has no rows of them to carry over."""
    return [code for code in lint.CODES if settings.findings.level(code) == OFF]


INGEST = Step(
    name="ingest",
    outputs=lambda model: ("articles", *model.lists(), "anchors", "rejects", "skipped"),
    tables=always(),
    module=shard_ingest.__name__,
    settings=lambda settings: [
        settings.content,
        _orders(settings.content),
        settings.limits.of_a_file,
        settings.site.rules,
        settings.sources.front_matter,
        _unlinted(settings),
    ],
)
LINK = Step(
    name="link",
    outputs=always("redirects", "related_links", "text_links", "link_degrees"),
    tables=always("articles", "anchors"),
    module=shard_link.__name__,
    # All that depends on the host is read anew by ingest.
    settings=lambda settings: link_rules(settings)._replace(host=""),
)
SUMMARIZE = Step(
    name="summarize",
    outputs=always("subjects", "findings", "changes", "ledger"),
    tables=lambda model: (
        *("articles", *model.lists()),
        *("related_links", "text_links", "link_degrees"),
    ),
    module=shard_summarize.__name__,
    settings=lambda settings: [settings.content, settings.findings],
)
# What says how a release came about, and what was before it: made for each that is written, and
# alone no reason to publish one.
PER_RELEASE = ("changes", *PAST)
AFTER_INGEST: tuple[Step | Export, ...] = (LINK, SUMMARIZE, *EXPORTS)


def recipe_of(step: Step | Export, settings: Settings) -> str:
    """The digest of what a step's bytes depend on besides its tables."""
    return digest(code_of(step.module), step.settings(settings))
