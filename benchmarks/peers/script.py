"""Tables, sitemap and feed as an analyst's script makes them: no checks, no links resolved.

Usage: python script.py RAW OUT
"""

import json
import sys
from pathlib import Path
from xml.sax.saxutils import escape

import frontmatter
import markdown
import pandas as pd

SITE = "https://www.broadsheet.test"

raw, out = Path(sys.argv[1]), Path(sys.argv[2])
out.mkdir(parents=True, exist_ok=True)
articles, keywords, related = [], [], []

for path in sorted(raw.rglob("*.md")):
    post = frontmatter.load(path)
    articles.append(
        {
            "url": post["url"],
            "id": post["id"],
            "date": post["date"],
            "title": post["title"],
            "subject": post["subject"],
            "description": post["seo"]["page_description"],
            "answer": post["answer"].replace("\\n", "\n"),
            "score": post.get("score"),
            "no_index": post.get("no_index", False),
        }
    )
    for keyword in post["seo"]["page_keywords"].split(","):
        keywords.append({"url": post["url"], "keyword": keyword.strip()})
    for n in range(1, 6):
        if link := post.get(f"related_article{n}"):
            related.append(
                {
                    "url": post["url"],
                    "position": n,
                    "related_id": link["id"],
                    "related_title": link["title"],
                    "related_subject": link["subject"],
                    "related_url": link["url"],
                }
            )

tables = {"articles": articles, "keywords": keywords, "related_links": related}
frames = {name: pd.DataFrame(rows) for name, rows in tables.items()}
for name, frame in frames.items():
    frame.to_parquet(out / f"{name}.parquet", index=False)
    frame.to_csv(out / f"{name}.csv", index=False)

listed = frames["articles"][~frames["articles"]["no_index"]]
with open(out / "sitemap.xml", "w") as sitemap:
    sitemap.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    sitemap.write('<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n')
    for row in listed.itertuples():
        loc = escape(SITE + row.url)
        sitemap.write(f"<url><loc>{loc}</loc><lastmod>{row.date}</lastmod></url>\n")
    sitemap.write("</urlset>\n")

items = [
    {
        "id": SITE + row.url,
        "url": SITE + row.url,
        "title": row.title,
        "summary": row.description,
        "content_html": markdown.markdown(row.answer, extensions=["tables", "fenced_code"]),
        "date_published": f"{row.date}T00:00:00Z",
    }
    for row in listed.sort_values("date", ascending=False).head(100).itertuples()
]
feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Articles", "items": items}
(out / "feed.json").write_text(json.dumps(feed, ensure_ascii=False))
