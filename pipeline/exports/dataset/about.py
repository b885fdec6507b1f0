"""What descriptors of the tables say of a release as a whole."""

import datetime as dt
import re
from typing import NamedTuple

from ...base import web
from ...model.settings import Site
from ..base import utc


class About(NamedTuple):
    """`name` is that of no other site, `created` a time as RFC 3339 has it, and `license` a URL."""

    name: str
    title: str
    description: str
    homepage: str
    version: str
    created: str
    license_name: str | None
    license: str | None


def about(site: Site, as_of: int, schema_version: int = 1) -> About:
    """What there is to say of the release of a site, as of seconds since 1970."""
    return About(
        re.sub(r"[^a-z0-9.]+", "-", (site.host + site.base_path).lower()).strip("-"),
        site.title,
        site.description or f"The articles of {site.title}, and what follows from them, as tables.",
        site.base_url,
        f"{schema_version}.0.0",
        utc(dt.datetime.fromtimestamp(as_of, dt.UTC)),
        *_license(site),
    )


def _license(site: Site) -> tuple[str | None, str | None]:
    """The SPDX identifier of the licence, if it has one, and the URL of its text."""
    if not site.license:
        return None, None
    if web.is_address(site.license):
        return None, web.uri(site.license)
    return site.license, f"https://spdx.org/licenses/{site.license}.html"
