"""Where each rule of a standard is held: ``docs/conformance.md``.

``python -m tests.standards.held`` prints it, and ``make docs`` writes it. Rules that are checked in
each run say so themselves; of the others it is told here what they ask, and tests hold those that
are named in their names. Why a rule is not held stands in `NOT_APPLIED`.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from pressroom import conformance

TESTS = Path(__file__).parents[1]
_ID = re.compile(r"_([A-Z]{1,2}_[0-9]{2})(?=_|\b)")
_RANGE = re.compile(r"_([A-Z]{1,2})_([0-9]{2})_to_\1_([0-9]{2})")
_NAME = re.compile(r"^ *def (test_\w+)", re.MULTILINE)

OTHERS = {
    "SM-07": "changefreq and priority have the values of the schema.",
    "SM-12": "In the index, lastmod is when the file of the sitemap last changed.",
    "G-04": "No index lists an index.",
    "G-05": "Search engines are not pinged at the address that is gone.",
    "G-07": "A news sitemap has articles of two days alone.",
    "G-09": "Sitemaps are divided by subject; the newest stand in feeds, too.",
    "G-10": "No page is listed that is not to be indexed, or has moved.",
    "JF-09": "Icons are square and large enough.",
    "JF-10": "`expired` is true or absent.",
    "JF-18": "An attachment has a URL and a type.",
    "JF-19": "Extensions have names of their own.",
    "JF-21": "Bytes stay the same while nothing changes, so that servers can say so.",
    "RS-08": "Plain text is written so that no reader takes it for HTML.",
    "RS-10": "There are language, generator and docs; lastBuildDate is of the content.",
    "AT-09": "updated of an entry moves with a significant change alone.",
    "WS-01": "A feed names its hub, and itself.",
    "WS-02": "A hub is told of what is live, and has changed.",
    "IN-01": "The key has 8 to 128 signs, and stands in its file.",
    "IN-02": "Urls are posted as JSON, at most 10,000 at once.",
    "IN-03": "Urls that were added, changed or removed are told, and no others.",
    "IN-04": "Each answer of a search engine is understood; 429 is waited for.",
    "LL-02": "What may be skipped stands under Optional.",
    "LL-03": "Pages are offered as Markdown, too.",
    "LL-04": "It is short: subjects and feeds.",
    "QA-01": "A QAPage has one question.",
    "QA-02": "A question has a name, the number of its answers, and one of them.",
    "QA-03": "An answer has its whole text.",
    "QA-04": "What is not known is left out.",
    "QA-05": "Where a text comes from is what the owner says, and never guessed.",
    "QA-06": "There is no QAPage unless the owner says that the site may have it.",
    "QA-07": "There is no FAQPage.",
    "JL-01": "JSON-LD cannot end the script that it stands in.",
    "CS-03": "Null and empty text are told apart.",
    "CS-04": "There is no NUL, and no line ends in CR alone.",
    "CS-05": "In the copy for spreadsheets no cell is a formula.",
    "DP-05": "Primary and foreign keys hold.",
    "CW-01": "CSV on the Web metadata describes each file.",
    "PQ-01": "Every reader has the same rows and types.",
    "PQ-02": "A date is a date, and names in nested types are the same everywhere.",
    "PQ-03": "Columns are the same without rows, and without values.",
    "PQ-04": "Order and row groups are fixed, and the metadata says what made them.",
}
NOT_APPLIED = {
    "SM-07": "Neither is written.",
    "G-04": "One index is written, which lists sitemaps alone (SM-11).",
    "G-05": "Nothing is pinged.",
    "G-07": "No news sitemap is written.",
    "G-09": "It follows from how sitemaps and feeds are named.",
    "JF-09": "No icon is written.",
    "JF-10": "It is not written: the feed of a subject that is gone is empty, and then goes.",
    "JF-18": "No attachment is written.",
    "JF-19": "No extension is written.",
    "WS-02": "Hubs are not pinged: that is left to the server, or to a hub that polls.",
    "LL-02": "There is no such section.",
    "LL-03": "Pages are the generator's.",
    "QA-07": "None is written.",
    "CW-01": "The Data Package describes the files.",
}


def named(folder: Path = TESTS) -> dict[str, set[str]]:
    """The rules that stand in names of tests, with the files of these."""
    found: dict[str, set[str]] = {}
    for path in sorted(folder.rglob("test_*.py")):
        for name in _NAME.findall(path.read_text(encoding="utf-8")):
            for rule in _rules(name):
                found.setdefault(rule, set()).add(path.relative_to(folder.parent).as_posix())
    return found


def _rules(name: str) -> Iterator[str]:
    yield from (rule.replace("_", "-") for rule in _ID.findall(name))
    for family, first, last in _RANGE.findall(name):
        yield from (f"{family}-{number:02}" for number in range(int(first), int(last) + 1))


def where() -> Iterator[tuple[str, str, str]]:
    """Each rule, what it asks, and where it is held."""
    tests = named()
    rules = {rule.id: rule for kind in conformance.KINDS for rule in kind.rules}
    families = list(dict.fromkeys(id[:2] for id in (*rules, *OTHERS)))
    for id in sorted({*rules, *OTHERS}, key=lambda id: (families.index(id[:2]), id)):
        held = []
        if rule := rules.get(id):
            held.append("each run" if rule.is_must else "each run, and only told")
        held += [f"`{path}`" for path in sorted(tests.get(id, ()))]
        text = rule.text if rule else OTHERS[id]
        yield id, text, ", ".join(held) or NOT_APPLIED.get(id, "")


HEAD = """\
# Rules of standards

Made by `make docs` from `pipeline/conformance` and the names of tests: change it there.

Each run reads back the published files that changed, and checks the rules that say so below. The
release says in `conformance.json` of each whether it is kept, in how many files it was looked for,
how often it is broken and where first. A rule that must be kept and is broken holds the release
back (`standards_met`); one that is "only told" does not. The other rules are held by tests. SM and
G are of sitemaps (sitemaps.org, Google), JF of JSON Feed 1.1, RS of RSS 2.0, AT of Atom (RFC 4287,
RFC 5005), WS of WebSub, IN of IndexNow, RB of robots.txt (RFC 9309), LL of llms.txt, QA and JL of
structured data (schema.org, JSON-LD), CS of CSV (RFC 4180), DP of Data Package v2, CW of CSV on the
Web, PQ of Parquet.

| rule | | where it is held |
|---|---|---|
"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(f"| {id} | {text} | {held} |\n" for id, text, held in where())


if __name__ == "__main__":
    print(page(), end="")
