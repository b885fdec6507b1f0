"""Releases that the tests of standards read, and the files that one is made of."""

from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from pressroom.model.settings import Site as SiteSettings
from tests.conftest import AS_OF, article, read_rows

SAMPLE = SiteSettings(
    base_url="https://pressroom.example",
    title="Pressroom",
    description="Questions and answers about data engineering and its neighbours.",
)
REAL = SiteSettings(base_url="https://quicktakes.example", title="Quick takes")
ODD = SiteSettings(base_url="https://odd.example:8443/a/b~c", title="Odd & <even>", language="de")
LATER = AS_OF + 86_400


class Published(NamedTuple):
    """A published release, the site it is made for and the time it was made at."""

    root: Path
    site: SiteSettings
    as_of: int

    def parts(self, table: str) -> list[Path]:
        """The Parquet files of a table, in order."""
        return sorted((self.root / "tables" / table).glob("*.parquet"))

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table."""
        return read_rows(self.root, table)

    def indexable(self) -> list[dict[str, Any]]:
        """The articles that search engines and feed readers may see."""
        return [row for row in self.rows("articles") if not row["no_index"]]

    def files(self, pattern: str) -> dict[str, bytes]:
        """The files of the site by the URL they are served at."""
        folder = self.root / "site"
        return {
            served_at(self.site, path.relative_to(folder).as_posix()): path.read_bytes()
            for path in sorted(folder.glob(pattern))
        }


def served_at(site: SiteSettings, path: str) -> str:
    """The URL of a file below the root of the site."""
    return f"{site.base_url}/{quote(path)}"


def odd_files() -> dict[str, str]:
    """Text that breaks naive writers, empty text, nulls wherever a null may stand, rejects."""
    link = "\n    id: 7\n    title: X\n    subject: S\n    url: "
    return {
        "bare": "---\nurl: /bare\n---\n",
        "body": "---\nurl: /body\ndate: 2025-02-01\n---\n\n[Link](../other#part), \\( x < y \\).\n",
        "changed": article(slug="changed"),
        "comma": article(slug="comma", title="'a, \"b\", c'", author='" padded "'),
        "empty": article(slug="empty", author='""', question='""', article_title="''"),
        "formula": article(slug="formula", title='"=1+1"', author='"-1"', question='"@x"'),
        "hidden": article(slug="hidden", no_index="true"),
        "lines": article(slug="lines", answer='"one\\r\\ntwo\\tthree\\u2028four\\n\\nfive"'),
        "links": article(
            slug="links",
            related_article1=link + "/learn/databases/questions/comma",
            related_article2=link + "/learn/databases/questions/links",
            related_article3=link + "/nowhere",
            related_article4="{id: ~, title: X, subject: S}",
            related_article5=link + "/learn/databases/questions/comma",
        ),
        "markup": article(
            slug="markup",
            answer="'a <script>alert(1)</script> [x](javascript:alert(1)) ![i](/i.png) [f](#f)'",
        ),
        "minus": article(slug="minus", id="-12", score="-1.0", keys="[a, 'b, c', null]"),
        "nulls": article(slug="nulls", id="~", score="~", subject="~", title="NULL", author="NA"),
        "numbers": article(slug="numbers", score="0.30000000000000004", id=2**63 - 1),
        "seo": article(
            slug="seo",
            subject="Économie politique",
            seo="{page_description: 'A, \"B\"', page_keywords: 'β,Γ γ,,β , \"quoted\", C++'}",
        ),
        "times": article(slug="times", date="2025-03-01T23:30:00.25-05:00", subject="数学"),
        "urls": article(slug="it's-q&a;x=(1)%C3%A9~"),
        "wide": article(slug="wide", title="'🦉 𝒳 ẞ'", subject="數學"),
        "reject_colon": "---\ntitle: What: now\n---\n",
        "reject_empty": "",
        "reject_two": article(slug="two", score="1\nscore: 2", id="1\nid: 2"),
    }
