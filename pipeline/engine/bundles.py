"""Which raw files belong to the page of another: those beside and below an ``index.md``."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from ..model.content import ContentModel
from ..sources import listing
from ..sources.listing import Slice
from .run import Run
from .shard_parse import Bundled

_PAGE = "index"


def bundled(run: Run, shards: Sequence[Slice]) -> dict[int, dict[str, Bundled]]:
    """The files of each shard that are no pages of their own, by path."""
    content = run.settings.content
    if not any(model.bundles for model in (content, *content.of_collections())):
        return {}
    pages = {
        folder: path
        for paths in _paths(run, shards)
        for path in paths
        if (folder := _folder_of_page(path, content))
    }
    found = {
        shard: {path: Bundled(page) for path in paths if (page := _page_of(path, pages, content))}
        for shard, paths in enumerate(_paths(run, shards))
    }
    return {shard: files for shard, files in found.items() if files}


def _paths(run: Run, shards: Sequence[Slice]) -> Iterator[list[str]]:
    """The paths of each shard."""
    for shard in shards:
        yield [one.path for one in listing.read_list(run.workspace.paths, shard)]


def _folder_of_page(path: str, content: ContentModel) -> str:
    """The folder whose files belong to a page; empty if there is none, or if it is the root."""
    rules = content.of(path)
    named = PurePosixPath(rules.path)
    is_page = rules.model.bundles and named.stem == _PAGE and named.parent.name
    return path.rpartition("/")[0] if is_page else ""


def _page_of(path: str, pages: Mapping[str, str], content: ContentModel) -> str | None:
    """The page that a file belongs to: that of the outermost folder around it."""
    folders = [str(folder) for folder in PurePosixPath(path).parents][::-1]
    for folder in folders:
        if folder in pages:
            is_its_own = folder == folders[-1] and _folder_of_page(path, content)
            return None if is_its_own else pages[folder]
    return None
