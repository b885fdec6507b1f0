"""The card of a release as a data set of Hugging Face: its folder is one that `datasets` loads."""

from collections.abc import Iterable
from typing import NamedTuple

import yaml

from ..base import web
from ..base.wording import counted
from ..files.atomic import FileEntry
from ..model.settings import Settings
from ..model.table import Table
from .as_markdown import in_block, text

PATH = "README.md"
# The categories that Hugging Face has for the number of rows, by what is less than each.
_SIZES = (
    *((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M")),
    *((10**7, "1M<n<10M"), (10**8, "10M<n<100M"), (10**9, "100M<n<1B")),
)


class Listed(NamedTuple):
    """A table that the card lists, with the files that hold its rows, below the release."""

    table: Table
    files: tuple[str, ...]


def listed(table: Table, parts: Iterable[FileEntry]) -> Listed:
    """A table with its parts; those without rows are left out, for `datasets` fails at them."""
    return Listed(table, tuple(entry.path for entry in parts if entry.rows))


def card(settings: Settings, tables: Iterable[Listed], articles: int) -> str:
    """The whole card: a data set with a configuration for each table that has rows."""
    filled, site = [one for one in tables if one.files], settings.site
    head = {
        "pretty_name": site.title,
        "language": _languages(settings),
        **_license(site.license),
        "size_categories": [_size(articles)],
        "configs": [
            {
                "config_name": one.table.name,
                "data_files": list(one.files),
                **({"default": True} if one.table.name == "articles" else {}),
            }
            for one in filled
        ],
    }
    front_matter = yaml.safe_dump(head, allow_unicode=True, sort_keys=False, width=1_000)
    blocks = [
        f"---\n{front_matter}---",
        f"# {text(site.title)}",
        in_block(site.description),
        f"{counted(articles, 'article')} of <{site.absolute('/')}>, as tables in Parquet, a"
        " configuration for each:",
        "\n".join(f"- `{table.name}`: {text(table.description)}" for table, _ in filled),
        "The same articles with their plain text, one on each line and without those that search"
        " engines are not to find, are `jsonl/articles.jsonl`.",
    ]
    return "\n\n".join(filter(None, blocks)) + "\n"


def _languages(settings: Settings) -> list[str]:
    """The languages of the site as ISO 639 has them, without a region, that of the site first."""
    tags = (settings.site.language, *settings.content.languages)
    return list(dict.fromkeys(tag.replace("_", "-").partition("-")[0].lower() for tag in tags))


def _license(stated: str) -> dict[str, str]:
    """A license as Hugging Face has it: an identifier in lower case, or the address of another."""
    if web.is_address(stated):
        return {"license": "other", "license_link": stated}
    return {"license": stated.lower()} if stated else {}


def _size(rows: int) -> str:
    return next((name for below, name in _SIZES if rows < below), "n>1B")
