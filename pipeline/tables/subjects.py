"""Subjects: articles grouped by the slug of their subject."""

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from ..model.schemas import SUBJECTS

if TYPE_CHECKING:
    import pandas as pd

_LINKS = ("links_in", "text_links_in")


def count(articles: pa.Table) -> pa.Table:
    """The articles of each spelling of each subject, when the first and last was published, and
    the links to them.

    `articles` has the columns ``subject``, ``subject_slug``, ``published``, ``links_in`` and
    ``text_links_in``.
    """
    with_subject = articles.filter(pc.is_valid(articles["subject_slug"]))
    grouped = with_subject.group_by(["subject_slug", "subject"], use_threads=False)
    counted = grouped.aggregate(
        [([], "count_all"), ("published", "min"), ("published", "max")]
        + [(name, "sum") for name in _LINKS]
    )
    names = ["subject_slug", "subject", "articles", "first_published", "last_published", *_LINKS]
    return counted.rename_columns(names)


def merge(counted: pa.Table) -> pa.Table:
    """The table ``subjects`` from what `count` counted, of all parts; in the order of the slugs."""
    import pandas as pd  # noqa: PLC0415  half a second that only the worker of this job pays

    if not len(counted):
        return SUBJECTS.schema.empty_table()
    frame = counted.to_pandas(types_mapper=pd.ArrowDtype)
    spellings = _added(frame, ["subject_slug", "subject"])
    spellings = spellings.sort_values(
        ["subject_slug", "articles", "subject"], ascending=[True, False, True]
    )
    subjects = _added(spellings, ["subject_slug"])
    by_slug = spellings.groupby("subject_slug")["subject"]
    subjects["label"] = by_slug.first().to_numpy()
    subjects["spellings"] = by_slug.agg(list).to_numpy()
    subjects = subjects.rename(columns={"subject_slug": "slug"})
    return pa.Table.from_pandas(
        subjects[SUBJECTS.schema.names], SUBJECTS.schema, preserve_index=False
    )


def _added(counted: "pd.DataFrame", by: list[str]) -> "pd.DataFrame":
    return counted.groupby(by, as_index=False, sort=True).agg(
        articles=("articles", "sum"),
        first_published=("first_published", "min"),
        last_published=("last_published", "max"),
        **{name: (name, "sum") for name in _LINKS},
    )
