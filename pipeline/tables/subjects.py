"""Subjects: articles grouped by the slug of their subject."""

import pyarrow as pa
import pyarrow.compute as pc

from ..model.schemas import SUBJECTS

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
    spellings = _added(counted, ["subject_slug", "subject"]).sort_by(
        [("subject_slug", "ascending"), ("articles", "descending"), ("subject", "ascending")]
    )
    by_slug = spellings.group_by("subject_slug", use_threads=False)
    named = by_slug.aggregate([("subject", "first"), ("subject", "list")])
    subjects = _added(spellings, ["subject_slug"])  # in the same order: that of the rows
    columns = {
        **{name: subjects[name] for name in subjects.column_names},
        "slug": subjects["subject_slug"],
        "label": named["subject_first"],
        "spellings": named["subject_list"],
    }
    schema = SUBJECTS.schema
    return pa.table({name: columns[name] for name in schema.names}).cast(schema)


_ADDED = (("articles", "sum"), ("first_published", "min"), ("last_published", "max"))


def _added(counted: pa.Table, by: list[str]) -> pa.Table:
    added = [*_ADDED, *((name, "sum") for name in _LINKS)]
    grouped = counted.group_by(by, use_threads=False).aggregate(added)
    return grouped.rename_columns([*by, *(name for name, _ in added)])
