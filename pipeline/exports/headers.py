"""``site/_headers`` (Netlify, Cloudflare Pages): the media types of files that servers get wrong.

No two patterns fit one file: both hosts would send both types.
"""

from ..files.atomic import FileEntry
from .base import Context, Export, always, write_text
from .feeds.documents import FORMATS
from .redirect_rules import literal

_PATH = "site/_headers"
_UTF_8 = "; charset=utf-8"
# What is served at these urls, from the root of the site; a `*` is anything.
TYPES = {
    **{f"/{one.of_site}": one.media_type + _UTF_8 for one in FORMATS},
    **{f"/feeds/*{one.suffix}": one.media_type + _UTF_8 for one in FORMATS},
    "/feeds.opml": f"text/x-opml{_UTF_8}",
    "/sitemap*.xml.gz": "application/gzip",
    "/llms.txt": f"text/plain{_UTF_8}",
    "/structured-data.jsonl": f"application/jsonl{_UTF_8}",
}


def write(context: Context) -> list[FileEntry]:
    """Write the file."""
    base_path = literal(context.settings.site.base_path)
    rules = (f"{base_path}{url}\n  Content-Type: {kind}\n" for url, kind in TYPES.items())
    return [write_text(context, _PATH, "".join(rules))]


EXPORT = Export(
    name="headers",
    description="Media types of feeds and sitemaps, for Netlify and Cloudflare Pages.",
    kinds=("_headers",),
    tables=always("articles"),  # without any it would stand apart from the graph
    module=__name__,
    settings=lambda settings: settings.site.base_url,
    write=write,
)
