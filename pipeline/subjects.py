"""Subjects: articles grouped by the slug of their subject."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pyarrow as pa

from pipeline.schemas import SUBJECTS

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("subject", "subject_slug", "published")


def aggregate(parts: Iterable[pa.Table]) -> pa.Table:
    """The table ``subjects``, from parts of articles with `COLUMNS`; order is that of the slugs."""
    import pandas as pd  # noqa: PLC0415  half a second that the parent of the workers is spared

    counted = [_count(part.to_pandas(types_mapper=pd.ArrowDtype)) for part in parts]
    if not any(len(part) for part in counted):
        return SUBJECTS.schema.empty_table()
    spellings = _merge(pd.concat(counted, ignore_index=True), ["subject_slug", "subject"])
    spellings = spellings.sort_values(
        ["subject_slug", "articles", "subject"], ascending=[True, False, True]
    )
    subjects = _merge(spellings, ["subject_slug"])
    by_slug = spellings.groupby("subject_slug")["subject"]
    subjects["label"] = by_slug.first().to_numpy()
    subjects["spellings"] = by_slug.agg(list).to_numpy()
    subjects = subjects.rename(columns={"subject_slug": "slug"})
    return pa.Table.from_pandas(
        subjects[SUBJECTS.schema.names], SUBJECTS.schema, preserve_index=False
    )


def _count(articles: "pd.DataFrame") -> "pd.DataFrame":
    articles = articles.dropna(subset=["subject_slug"]).assign(articles=1)
    articles["first_published"] = articles["last_published"] = articles["published"]
    return _merge(articles, ["subject_slug", "subject"])


def _merge(counted: "pd.DataFrame", by: list[str]) -> "pd.DataFrame":
    return counted.groupby(by, as_index=False, sort=True).agg(
        articles=("articles", "sum"),
        first_published=("first_published", "min"),
        last_published=("last_published", "max"),
    )
