"""``site/_headers`` (Netlify, Cloudflare Pages): the media types of files that servers get wrong.

No two patterns fit one file: both hosts would send both types.
"""

from ..files.atomic import FileEntry
from .base import Context, Export, always, write_text
from .redirect_rules import literal

_PATH = "site/_headers"
# What is served at these urls, from the root of the site; a `*` is anything.
TYPES = {
    "/feed.json": "application/feed+json; charset=utf-8",
    "/feeds/*.json": "application/feed+json; charset=utf-8",
    "/feed.xml": "application/rss+xml; charset=utf-8",
    "/feeds/*.xml": "application/rss+xml; charset=utf-8",
    "/atom.xml": "application/atom+xml; charset=utf-8",
    "/feeds/*.atom": "application/atom+xml; charset=utf-8",
    "/*.opml": "text/x-opml; charset=utf-8",
    "/sitemap*.xml.gz": "application/gzip",
    "/llms.txt": "text/plain; charset=utf-8",
    "/structured-data.jsonl": "application/jsonl; charset=utf-8",
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
