"""What ``astro.config`` says, of Astro and of Starlight; and what the routes of a blog show."""

import re
from collections.abc import Iterator

from .. import javascript
from ..configuration import Folder
from ..draft import Draft, Stated, Table, address, below, shared, site, stated
from ..javascript import Literals

_FILE = "astro.config.*"

_GET = re.compile(r"getCollection\(\s*['\"]([\w-]+)['\"]")
_ROUTES = "src/pages/**/[[]*[]].astro"
_DEFINITIONS = ("src/content.config.*", "src/content/config.*")
_DEFINED = re.compile(r"(?<![\w$])([\w$]++)\s*+[=:]\s*+defineCollection\(")
_BASE = re.compile(r"base:\s*+['\"]([^'\"\n]++)['\"]")


def mark(folder: Folder) -> str:
    """The configuration, if there is one."""
    return folder.first(_FILE)


def is_starlight(folder: Folder) -> str:
    """The configuration if it is that of a site of Starlight."""
    file = folder.first(_FILE)
    return file if "@astrojs/starlight" in folder.text(file) else ""


def draft(folder: Folder) -> Draft:
    """The draft of a site of Astro: a collection for each route that shows one."""
    file = folder.first(_FILE)
    found = folder.script(file)
    constants = folder.script(folder.first("src/consts.*", "src/config.*", "src/site.config.*"))
    names = [javascript.first_of(constants, key) for key in ("SITE_TITLE", "title")]
    routes = dict(_routes(folder))
    defined = _folders(folder)
    homes = {name: defined.get(name, f"src/content/{name}") for name in routes}
    content = "src/content" if folder.is_folder("src/content") else "src/pages"
    raw = shared((homes or defined).values()) if homes or defined else content
    return Draft(
        raw=Stated(raw, "the folder of the content of Astro"),
        site=site(
            file,
            base_url=_base_url(found),
            title=next(filter(None, names), ""),
            language=javascript.first_of(found, "i18n", "defaultLocale"),
        ),
        content={
            **_slash(found, file),
            **stated(f"{file}: i18n.locales", languages=_languages(found)),
        },
        collections=tuple(
            _collection(name, homes[name], raw, route) for name, route in routes.items()
        ),
    )


def starlight(folder: Folder) -> Draft:
    """The draft of a site of Starlight."""
    file = folder.first(_FILE)
    found = folder.script(file)
    locales = [*dict.fromkeys(javascript.keys_of(found, "locales"))]
    root = javascript.first_of(found, "locales", "root", "lang")
    languages = [root, *(name for name in locales if name != "root")] if root else []
    first = javascript.first_of(found, "defaultLocale")
    has_prefix = bool(locales) and not root
    return Draft(
        raw=Stated("src/content/docs", "the folder of the pages of Starlight"),
        site=site(
            file,
            base_url=_base_url(found),
            title=javascript.first_of(found, "integrations", "title"),
            language=root or first,
        ),
        content={
            **_slash(found, file),
            **stated(f"{file}: locales", languages=languages if len(languages) > 1 else []),
        },
        notes=(f"{file}: each of the locales has its folder in the urls.",) if has_prefix else (),
    )


def _base_url(found: Literals) -> str:
    return address(javascript.first_of(found, "site"), javascript.first_of(found, "base"))


def _slash(found: Literals, file: str) -> Table:
    if javascript.first_of(found, "build", "format") == "file":
        return stated(f"{file}: build.format", url="/{path:github}.html", slash="kept")
    slash = javascript.first_of(found, "trailingSlash")
    return stated(f"{file}: trailingSlash", slash=slash if slash in ("always", "never") else "")


def _languages(found: Literals) -> list[str]:
    locales = javascript.all_of(found, "i18n", "locales")
    first = javascript.first_of(found, "i18n", "defaultLocale")
    others = [name for name in locales if name != first]
    return [first, *others] if first and others else []


def _folders(folder: Folder) -> dict[str, str]:
    """The folder of each collection that is defined, from the root of the site."""
    text = folder.text(folder.first(*_DEFINITIONS))
    names = list(_DEFINED.finditer(text))
    ends = [*(name.start() for name in names[1:]), len(text)]
    found = {
        name[1]: _BASE.search(text, name.end(), end) for name, end in zip(names, ends, strict=False)
    }
    return {name: below(base[1]) for name, base in found.items() if base}


def _routes(folder: Folder) -> Iterator[tuple[str, str]]:
    """The collections that a route shows each entry of, and the route, whose name has brackets.

    One that shows several puts their urls together itself.
    """
    for route in folder.all(_ROUTES):
        names = {*_GET.findall(folder.text(route))}
        if len(names) == 1 and "[" not in route.rpartition("/")[0]:
            yield names.pop(), route


def _collection(name: str, home: str, raw: str, route: str) -> Table:
    parent = below(route.removeprefix("src/pages/").rpartition("/")[0])
    files = below(home.removeprefix(raw), "**") if raw != "." else f"{home}/**"
    url = f"/{parent}/{{path:github}}/".replace("/./", "/")
    return stated(f"route {route}", name=name, files=files, url=url)
