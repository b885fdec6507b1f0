"""What ``config.toml`` of Zola says."""

from ..configuration import Folder, mapping_at, text_at, texts_at
from ..draft import Draft, Stated, site, stated

_FILE = "config.toml"


def mark(folder: Folder) -> str:
    """The configuration if it is that of Zola, whose name others use, too."""
    values = folder.values(_FILE)
    signs = ("build_search_index", "compile_sass", "default_language", "taxonomies", "markdown")
    is_of_zola = "base_url" in values and any(sign in values for sign in signs)
    return _FILE if is_of_zola or ("base_url" in values and folder.is_folder("content")) else ""


def draft(folder: Folder) -> Draft:
    """The draft of a site of Zola."""
    values = folder.values(_FILE)
    first = text_at(values, "default_language") or "en"
    others = [name for name in mapping_at(values, "languages") if name != first]
    return Draft(
        raw=Stated("content", "the folder of the content of Zola"),
        site=site(
            _FILE,
            base_url=text_at(values, "base_url"),
            title=text_at(values, "title"),
            description=text_at(values, "description"),
            language=first,
        ),
        sources=stated(f"{_FILE}: ignored_content", exclude=texts_at(values, "ignored_content")),
        content=stated(f"{_FILE}: languages", languages=[first, *others] if others else []),
    )
