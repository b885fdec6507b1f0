"""A tree of documentation as large as is wanted, as Hugo and its like publish them.

Sections are nested, each with a page of its own; those of two of the eight areas are translated.
File number `i` depends on the seed, the number of files and `i` alone, as in `benchmarks.corpus`.
"""

import argparse
import datetime as dt
import posixpath
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import words
from benchmarks.answers import Writer

SECTION_FILES = 24  # even, so that a page and its translation are in one section
_AREAS = ("start", "guides", "tutorials", "concepts", "reference", "operations", "faq", "releases")
_SUBSECTIONS = 6  # of each section
_FIRST_DAY, _DAYS = dt.date(2021, 3, 1), 1500
_TAGS = words.NOUNS[::9]


@dataclass(frozen=True)
class DocsTree:
    """All files of one size and seed."""

    files: int
    seed: int = 0

    def path(self, file: int) -> str:
        """The path of a file below the folder of the content."""
        page, is_translation = self._page(file)
        section = file // SECTION_FILES
        stem = "_index" if page == 0 else _stem(section, page)
        if page % 20 == 7:
            stem += "/index"
        return f"{folder(section)}/{stem}{'.fr' if is_translation else ''}.md"

    def text(self, file: int) -> str:
        """A whole file."""
        chance = self._chance(file)
        writer = Writer(chance, file, "prose")  # a translation has a text of its own
        return f"---\n{self._front_matter(file, writer)}---\n\n{self._body(file, writer)}"

    def write(self, raw: Path) -> None:
        """Write all files below a folder."""
        for file in range(self.files):
            path = raw / self.path(file)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.text(file), encoding="utf-8")

    def _chance(self, file: int) -> random.Random:
        return random.Random(f"{self.seed} {self.files} {file}")

    def _page(self, file: int) -> tuple[int, bool]:
        """The number of a page in its section, and whether this file is its translation."""
        section, place = divmod(file, SECTION_FILES)
        if section % 4 == 1:
            return place // 2, place % 2 == 1
        return place, False

    def _front_matter(self, file: int, writer: Writer) -> str:
        page, is_translation = self._page(file)
        section = file // SECTION_FILES
        title = f"{_heading(section, page)} and {writer.pick(words.NOUNS)}"
        day = _FIRST_DAY + dt.timedelta(days=file * 7 % _DAYS)
        tags = sorted({writer.pick(_TAGS) for _ in range(3)})
        lines = [f'title: "{title}"', f"weight: {page * 10}"]
        lines += [f"linkTitle: {title.split()[1].capitalize()}"] * (file % 3 == 0)
        lines += [f"description: >-\n  {writer.sentence()}"] * (file % 2 == 0)
        lines += [f"date: {day}"] * (file % 4 != 1)
        lines += [f"lastmod: {day + dt.timedelta(days=90)}T08:30:00Z"] * (file % 4 == 2)
        lines += [f"tags: [{', '.join(tags)}]"] * (file % 3 == 1)
        if file % 12 == 3 and not is_translation:
            lines.append(f"aliases:\n  - /v1/{folder(section)}/{_stem(section, page)}/")
        lines += ["draft: true"] * (file % 100 == 99)
        return "".join(f"{line}\n" for line in lines)

    def _body(self, file: int, writer: Writer) -> str:
        """Headings, paragraphs, lists, code, tables and links, about as long as an answer."""
        page, _ = self._page(file)
        chance = self._chance(~file)
        blocks = [writer.paragraph()]
        for number, heading in enumerate(self._headings(file // SECTION_FILES, page, chance)):
            blocks += [f"{'###' if number % 3 == 2 else '##'} {heading}", writer.paragraph()]
            kind = chance.random()
            if kind < 0.35:
                blocks.append("\n".join(f"- {writer.sentence()}" for _ in range(3)))
            elif kind < 0.6:
                blocks.append(writer.program())
            elif kind < 0.68:
                blocks.append(writer.table())
            elif kind < 0.76:
                blocks.append(f"> **Note:** {writer.sentence()}")
        links = ", ".join(self._links(file, chance))
        return "\n\n".join([*blocks, f"## See also\n\n{links}."]) + "\n"

    def _headings(self, section: int, page: int, chance: random.Random) -> Iterator[str]:
        """The first is known to the pages that link it."""
        yield _heading(section, page)
        for number in range(chance.randint(2, 5)):
            yield f"{chance.choice(words.NOUNS).capitalize()} {number + 1}"

    def _links(self, file: int, chance: random.Random) -> Iterator[str]:
        """Links to files of the tree, relative as they are written by hand."""
        start = posixpath.dirname(self.path(file))
        for number in range(chance.randint(2, 5)):
            near = file + chance.randint(-SECTION_FILES, SECTION_FILES)
            target = near if chance.random() < 0.7 else chance.randrange(self.files)
            target = min(max(target, 0), self.files - 1)
            page, is_translation = self._page(target)
            if is_translation and not self._page(file)[1]:
                target -= 1
            path = posixpath.relpath(self.path(target), start)
            if chance.random() < 0.01:
                path = path.replace(".md", "-gone.md")
            elif chance.random() < 0.25:
                path += "#" + _anchor(_heading(target // SECTION_FILES, page))
            yield f"[{number + 1}]({path})"
        if chance.random() < 0.2:
            yield f"[elsewhere](https://www.example.com/{chance.choice(words.NOUNS)})"


def folder(section: int) -> str:
    """The folder of a section: an area, or within that of an earlier section."""
    level, area = divmod(section, len(_AREAS))
    names: list[str] = []
    while level:
        level, place = divmod(level - 1, _SUBSECTIONS)
        names.append(words.NOUNS[place * 11 + len(names)])
    return "/".join([_AREAS[area], *reversed(names)])


def _heading(section: int, page: int) -> str:
    """The first heading of a page; no two pages of a section have the same."""
    adjective = words.ADJECTIVES[(section * 5 + page * 3) % len(words.ADJECTIVES)]
    return f"{adjective.capitalize()} {words.NOUNS[(section * 7 + page) % len(words.NOUNS)]}"


def _anchor(heading: str) -> str:
    return re.sub(r"\s", "-", heading.lower())


def _stem(section: int, page: int) -> str:
    return _anchor(_heading(section, page))


def say_more(data: bytes, said: str) -> bytes:
    """A page that has one more sentence at its end."""
    return data + f"\n{said}\n".encode()


def main(arguments: Sequence[str] | None = None) -> None:
    """Write a tree of documentation, as the command line asks."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.docs_tree", description=main.__doc__
    )
    parser.add_argument("files", type=int, metavar="N")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    DocsTree(given.files, given.seed).write(given.folder)


if __name__ == "__main__":
    main()
