"""Pages of a release's feeds, to look at them in a browser as a feed reader shows them.

    .venv/bin/python -m tests.browser.pages out/current /tmp/pages

writes one HTML file for each feed; ``--find TEXT`` keeps the items whose url holds the text.
"""

import argparse
import html
import json
from pathlib import Path
from typing import Any

_PAGE = """<!doctype html>
<html lang="{language}"><meta charset="utf-8"><title>{title}</title>
<style>
body {{ font: 16px/1.5 sans-serif; margin: 2em auto; max-width: 46em }}
article {{ border-top: 1px solid; margin-top: 2em }}
pre {{ overflow: auto; padding: .5em; background: #eee }}
pre.text {{ background: #ffd; white-space: pre-wrap }}
table {{ border-collapse: collapse }} td, th {{ border: 1px solid; padding: .2em .5em }}
</style>
<h1>{title}</h1>
{items}
</html>
"""


def page(feed: dict[str, Any], find: str = "", *, text: bool = False) -> str:
    """A feed as a page; with its plain text below each item if asked for."""
    items = [_item(item, text=text) for item in feed["items"] if find in item["url"]]
    return _PAGE.format(
        language=html.escape(feed.get("language", "en")),
        title=html.escape(feed["title"]),
        items="\n".join(items),
    )


def _item(item: dict[str, Any], *, text: bool) -> str:
    shown = f'<pre class="text">{html.escape(item.get("content_text", ""))}</pre>' if text else ""
    return (
        f"<article><h2>{html.escape(item.get('title', ''))}</h2>"
        f"<p><em>{html.escape(item.get('summary', ''))}</em></p>"
        f"{item['content_html']}{shown}</article>"
    )


def main() -> None:
    """Write the pages."""
    parser = argparse.ArgumentParser(description="Pages of a release's feeds.")
    parser.add_argument("release", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--find", default="")
    parser.add_argument("--text", action="store_true", help="show the plain text too")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    site = options.release / "site"
    for path in [site / "feed.json", *sorted((site / "feeds").glob("*.json"))]:
        feed = json.loads(path.read_bytes())
        written = page(feed, options.find, text=options.text)
        (options.folder / f"{path.stem}.html").write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
