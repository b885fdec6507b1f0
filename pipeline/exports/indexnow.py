"""``site/<key>.txt``: proves to search engines that who sends urls with the key owns the site.

That is the protocol of IndexNow (indexnow.org). ``pressroom notify`` sends the urls.
"""

from ..files.atomic import FileEntry
from .base import Context, Export, always, write_text


def write(context: Context) -> list[FileEntry]:
    """Write the file of the key, if the settings have one."""
    key = context.settings.notify.indexnow_key
    return [write_text(context, f"site/{key}.txt", key)] if key else []


EXPORT = Export(
    name="indexnow",
    description="The key of the site for IndexNow, where search engines look for it.",
    kinds=("txt",),
    tables=always("articles"),  # without any it would stand apart from the graph
    module=__name__,
    settings=lambda settings: settings.notify.indexnow_key,
    write=write,
)
