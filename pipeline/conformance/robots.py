"""robots.txt (RFC 9309), llms.txt (llmstxt.org), and the key file of IndexNow."""

import re
from collections.abc import Iterator
from urllib.robotparser import RobotFileParser

from .rules import Breach, Kind, Rule, Staged

_ROBOTS, _LLMS = "site/robots.txt", "site/llms.txt"
RULES = (
    Rule(
        "RB-01", "Sitemap lines are absolute, and each leads to a file.", "sitemaps.org, informing"
    ),
    Rule("RB-02", "UTF-8, and at most 500 KiB.", "RFC 9309, 2.3 and 2.5"),
    Rule("RB-03", "No sitemap is disallowed.", "RFC 9309, 2.2.2"),
    Rule(
        "LL-01",
        "One heading of the first level, first; sections are lists of links.",
        "llmstxt.org",
    ),
)
_BYTES = 500 * 1024
_ITEM = re.compile(r"- \[[^\]]++\]\([^\s()]++\)(?:: .++)?")


def check(staged: Staged) -> Iterator[Breach]:
    """The breaches of these files of a release."""
    for path in sorted(staged.files):
        try:
            text = staged.read(path).decode()
        except UnicodeDecodeError as error:
            yield Breach("RB-02", path, str(error))
            continue
        found = _robots(text, staged) if path == _ROBOTS else _llms(text)
        for rule, what in found:
            yield Breach(rule, path, what)


def _robots(text: str, staged: Staged) -> Iterator[tuple[str, str]]:
    if len(text.encode()) > _BYTES:
        yield "RB-02", f"{len(text.encode()):,} bytes"
    parser = RobotFileParser()
    parser.parse(text.splitlines())
    for url in parser.site_maps() or ():
        path = url.removeprefix(staged.settings.site.base_url)
        if path == url or not (staged.root / f"site{path}").is_file():
            yield "RB-01", url
        if not parser.can_fetch("*", url):
            yield "RB-03", url


def _llms(text: str) -> Iterator[tuple[str, str]]:
    lines = text.splitlines()
    if not lines or not lines[0].startswith("# ") or sum(line[:2] == "# " for line in lines) != 1:
        yield "LL-01", lines[0] if lines else "it is empty"
    _, *sections = text.split("\n## ")
    for section in sections:
        name, *body = section.splitlines()
        for line in filter(None, body):
            if not _ITEM.fullmatch(line):
                yield "LL-01", f"{name}: {line}"


def _concerns(path: str) -> bool:
    return path in (_ROBOTS, _LLMS)


KIND = Kind("robots", RULES, _concerns, check)
