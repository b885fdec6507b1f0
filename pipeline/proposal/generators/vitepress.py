"""What the configuration of VitePress says."""

from .. import javascript
from ..configuration import Folder
from ..draft import Draft, Stated, address, below, site, stated

_FILES = (".vitepress/config.*", ".vitepress/config/index.*", "docs/.vitepress/config.*")
_ALL = "/:rest*"


def mark(folder: Folder) -> str:
    """The configuration, if there is one."""
    return folder.first(*_FILES)


def draft(folder: Folder) -> Draft:
    """The draft of a site of VitePress."""
    file = folder.first(*_FILES)
    found = folder.script(file)
    home = file.partition(".vitepress")[0]
    first = javascript.first_of(found, "locales", "root", "lang")
    first = first or javascript.first_of(found, "lang")
    others = [name for name in javascript.keys_of(found, "locales") if name != "root"]
    rewrites = {one.path[-1]: one.value for one in found if "rewrites" in one.path[:-1]}
    # Where the first language has a folder, its urls do not.
    own_folder = [path.removesuffix(_ALL) for path, to in rewrites.items() if f"/{to}" == _ALL]
    languages = [*(own_folder or [first])[:1], *others] if first and others else []
    has_clean_urls = javascript.first_of(found, "cleanUrls") == "true"
    is_rest = len(rewrites) > len(own_folder)
    return Draft(
        raw=Stated(below(home, javascript.first_of(found, "srcDir")), f"beside {home}.vitepress"),
        site=site(
            file,
            base_url=address(
                javascript.first_of(found, "sitemap", "hostname"),
                javascript.first_of(found, "base"),
            ),
            title=javascript.first_of(found, "title"),
            description=javascript.first_of(found, "description"),
            language=first,
        ),
        sources=stated(f"{file}: srcExclude", exclude=javascript.all_of(found, "srcExclude")),
        content=stated(f"{file}: cleanUrls", url="/{path}" if has_clean_urls else "")
        | stated(f"{file}: locales", languages=languages),
        notes=(f"{file}: write the rewrites as collections.",) * is_rest,
    )
