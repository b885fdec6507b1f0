"""What ``quartz.config`` says."""

from .. import javascript
from ..configuration import Folder
from ..draft import Draft, Stated, address, site, stated

_FILE = "quartz.config.*"


def mark(folder: Folder) -> str:
    """The configuration, if there is one."""
    return folder.first(_FILE)


def draft(folder: Folder) -> Draft:
    """The draft of a garden of Quartz."""
    file = folder.first(_FILE)
    found = folder.script(file)
    host = javascript.first_of(found, "baseUrl")
    return Draft(
        raw=Stated("content", "the folder of the notes of Quartz"),
        site=site(
            file,
            base_url=address(host if "://" in host or not host else f"https://{host}"),
            title=javascript.first_of(found, "pageTitle"),
            language=javascript.first_of(found, "locale"),
        ),
        sources=stated(
            f"{file}: ignorePatterns", exclude=javascript.all_of(found, "ignorePatterns")
        ),
    )
