"""What ``mkdocs.yml`` says."""

from collections.abc import Mapping
from typing import Any

from ..configuration import Folder, at, flag_at, list_at, text_at
from ..draft import Draft, Stated, below, site, stated

_FILES = ("mkdocs.yml", "mkdocs.yaml")


def mark(folder: Folder) -> str:
    """The configuration, if there is one."""
    return folder.first(*_FILES)


def draft(folder: Folder) -> Draft:
    """The draft of a site of MkDocs."""
    file = folder.first(*_FILES)
    values = folder.values(file)
    is_flat = flag_at(values, "use_directory_urls") is False
    theme = at(values, "theme")
    left_out = text_at(values, "exclude_docs").splitlines()
    return Draft(
        raw=Stated(below(text_at(values, "docs_dir") or "docs"), f"{file}: docs_dir"),
        site=site(
            file,
            base_url=text_at(values, "site_url"),
            title=text_at(values, "site_name"),
            description=text_at(values, "site_description"),
            language=text_at(theme, "language") or text_at(theme, "locale"),
        ),
        sources=stated(
            f"{file}: exclude_docs",
            exclude=[line.strip() for line in left_out if line.strip() and line.strip()[0] != "#"],
        ),
        content=stated(f"{file}: use_directory_urls", url="/{path}.html" if is_flat else "")
        | stated(f"{file}: use_directory_urls", slash="kept" if is_flat else "")
        | stated(f"{file}: markdown_extensions", markdown_extensions=_extensions(values)),
    )


def _extensions(values: Mapping[str, Any]) -> list[str]:
    """The extensions of Python-Markdown that can be used here, with those of MkDocs itself."""
    from ...markup.extensions import unusable  # noqa: PLC0415  for this generator alone

    names = ["toc", "tables", "fenced_code"]
    for entry in list_at(values, "markdown_extensions"):
        names += [str(name) for name in entry] if isinstance(entry, dict) else [str(entry)]
    return [name for name in dict.fromkeys(names) if not unusable((name,))]
