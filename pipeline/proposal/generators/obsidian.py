"""What the folder ``.obsidian`` of a vault says."""

from ..configuration import Folder, text_at, texts_at
from ..draft import Draft, Stated, stated

_FOLDER = ".obsidian"


def mark(folder: Folder) -> str:
    """The folder, if there is one."""
    return folder.first(_FOLDER)


def draft(folder: Folder) -> Draft:
    """The draft of a vault of Obsidian, without its templates."""
    templates = folder.values(f"{_FOLDER}/templates.json")
    templater = folder.values(f"{_FOLDER}/plugins/templater-obsidian/data.json")
    ignored = texts_at(folder.values(f"{_FOLDER}/app.json"), "userIgnoreFilters")
    folders = [
        text_at(templates, "folder"),
        text_at(templater, "templates_folder"),
        *texts_at(folder.values(f"{_FOLDER}/publish.json"), "excluded"),
    ]
    paths = [f"/{path}/" for name in folders if (path := name.strip("/"))]
    paths += [f"/{name}" for name in ignored if name[0] != "/"]  # others are expressions
    return Draft(
        raw=Stated(".", "the vault"),
        site=stated("the name of the vault", title=folder.path.resolve().name),
        sources=stated(f"{_FOLDER}: templates, excluded files", exclude=[*dict.fromkeys(paths)]),
    )
