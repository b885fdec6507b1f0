"""Lists of articles, such as their authors and tags, as texts by the url of the article."""

from collections.abc import Collection, Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from ..files import parquet
from ..model.content import ContentModel


def lists_of_tags(model: ContentModel) -> tuple[str, ...]:
    """The lists of a site whose terms are the tags of its articles."""
    return tuple(name for name in ("keywords", "tags", "categories") if name in model.lists())


def texts(
    parts: Iterable[Path], text: str, key: str, urls: Collection[str] | None = None
) -> dict[str, list[str]]:
    """The texts in lists, those with the same key once; of all articles, or of those at `urls`."""
    found: dict[str, dict[str, str]] = {}
    for part in parts:
        table = parquet.read(part, list(dict.fromkeys(["url", text, key])))
        if urls is not None:
            table = table.filter(pc.is_in(table["url"], pa.array(urls, pa.string())))
        columns = (table[name].to_pylist() for name in ("url", key, text))
        for url, same, value in zip(*columns, strict=True):
            found.setdefault(url, {}).setdefault(same, value.strip())
    return {url: list(by_key.values()) for url, by_key in found.items()}
