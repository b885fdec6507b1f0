"""A corpus as large as is wanted, of the shape that a census of 36,000 real files found.

File number `i` depends on the seed, the number of files and `i` alone, so that any process can
write any part, and a link can name its target without reading it.
"""

import argparse
import os
import random
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import NamedTuple

from benchmarks import words
from benchmarks.answers import answer, sentence

_CHUNK = 2000  # files that a process writes at a time
# Of 500 files 34 hold a question that another of them has: 32 questions stand in two, one in three.
_BLOCK, _QUESTIONS = 500, 466
_CYCLE = 1000  # questions in which every subject has its share
_FIRST_DAY, _DAYS = date(2024, 11, 21), 97
_TITLES = (
    len(words.OPENINGS)
    * len(words.TAILS)
    * len(words.ADJECTIVES)
    * len(words.NOUNS)
    * len(words.NOUNS)
)
_STRIDE = 982_451_653  # a prime that does not divide _TITLES: neighbours get unlike titles
_LINKS = (0.0658, 0.0690, 0.0951, 0.1220, 0.1907, 0.4574)  # of the files that may have 0 to 5
_TRIES = 8

_TITLE, _ANSWER, _SCORE, _SPELLING, _FILE, _TEXT = range(6)  # what a hash is for


class Edition(NamedTuple):
    """What a link states of a file."""

    id: int
    title: str
    subject: str
    url: str


@dataclass(frozen=True)
class Corpus:
    """All files of one size and seed; of each `bad_every` one is broken, if that is not 0.

    Each answer ends in `links` links to other files.
    """

    files: int
    seed: int = 0
    bad_every: int = 0
    links: int = 0

    @cached_property
    def questions(self) -> int:
        """How many different questions there are."""
        blocks, rest = divmod(self.files, _BLOCK)
        return blocks * _QUESTIONS + min(rest, _QUESTIONS)

    @cached_property
    def subjects(self) -> list[int]:
        """The subject of each question of a cycle."""
        total = sum(sum(subject.files) for subject in words.SUBJECTS)
        cycle: list[int] = []
        filled = 0
        for number, subject in enumerate(words.SUBJECTS):
            filled += sum(subject.files)
            cycle += [number] * (max(filled * _CYCLE // total, len(cycle) + 1) - len(cycle))
        random.Random(self.seed).shuffle(cycle)
        return cycle[:_CYCLE]

    @cached_property
    def places(self) -> list[list[int]]:
        """The questions of a cycle that each subject has."""
        places: list[list[int]] = [[] for _ in words.SUBJECTS]
        for place, subject in enumerate(self.subjects):
            places[subject].append(place)
        return places

    def question(self, file: int) -> int:
        """The number of the question that a file answers."""
        block, place = divmod(file, _BLOCK)
        if place >= _QUESTIONS:
            place = 13 * min(place - _QUESTIONS, 32) + 5
        return block * _QUESTIONS + place

    def edition(self, file: int) -> Edition:
        """What a link to a file states."""
        question = self.question(file)
        spelling = self.spelling(file)
        title = self.title(self._number_of_title(question))
        return Edition(_id(question), title, spelling, url(spelling, title))

    def subject(self, file: int) -> int:
        """The number of a file's subject: a question never stands twice in the same one."""
        place = file % _BLOCK
        further = 0 if place < _QUESTIONS else 1 + (place == _BLOCK - 1)
        return (self._subject_of(self.question(file)) + further) % len(words.SUBJECTS)

    def spelling(self, file: int) -> str:
        """A file's subject as the file writes it."""
        subject = words.SUBJECTS[self.subject(file)]
        if len(subject.spellings) == 1:
            return subject.spellings[0]
        second = self._hash(file, _SPELLING) % sum(subject.files) >= subject.files[0]
        return subject.spellings[second]

    def has_score(self, file: int) -> bool:
        """Whether a file has a score; without one it neither has links nor is linked."""
        return self._hash(file, _SCORE) % 1000 < 781

    def title(self, number: int) -> str:
        """A title; different numbers have different ones, in their urls too."""
        rest = (number * _STRIDE + self.seed) % _TITLES
        rest, opening = divmod(rest, len(words.OPENINGS))
        rest, tail = divmod(rest, len(words.TAILS))
        rest, a = divmod(rest, len(words.ADJECTIVES))
        n, m = divmod(rest, len(words.NOUNS))
        noun = words.NOUNS[n]
        text = words.OPENINGS[opening].format(
            a=words.ADJECTIVES[a],
            n=f'"{noun}"' if number % 620 == 20 else noun,
            m=words.NOUNS[m],
            tail=words.TAILS[tail],
        )
        return _decorated(text, number) + ("." if text.startswith("Explain") else "?")

    def write(self, folder: Path, numbers: range) -> None:
        """Write some of the files below a folder whose subfolders are there."""
        for number in numbers:
            stated = self.edition(number)
            path = folder / stated.url.lstrip("/").replace("/questions/", "/")
            path.with_name(f"{path.name}.md").write_bytes(self.text(number).encode())

    def text(self, file: int) -> str:
        """A whole file."""
        chance = random.Random(self._hash(file, _FILE))
        stated = self.edition(file)
        question, stem = self.question(file), stated.url.rpartition("/")[2]
        has_score = self.has_score(file)
        links = list(self._links(file, chance)) if has_score else []
        title = _scalar(stated.title, plain=not has_score or chance.random() < 0.01)
        lines = [
            "---",
            "_schema: default",
            f"id: {stated.id}",
            f"date: {_FIRST_DAY + timedelta(days=question * _DAYS // self.questions)}",
            f"title:{title}",
            f"article_title:{title}",
            "date_format: MMM DD, YYYY",
            "post_on_text: Posted on",
            "seo:",
            f"  title: Broadsheet | {stated.subject}",
            f"  page_description: >-\n    {self._description(stated, file, chance)}",
            f"  page_keywords: >-\n    {_keywords(stated, file, chance)}",
            "author: Broadsheet",
            f"question:{_scalar(stated.title)}",
            *(["no_index: True"] if question % 536 == 5 else []),
            f"answer: >-\n    {self._answer(question)}{self._text_links(file)}",
            f"subject: {stated.subject}",
            f"file_name: {stem}.md",
            f"url: {stated.url}",
            *(["score: -1.0"] if has_score else []),
            *(_related(place, link, chance) for place, link in enumerate(links, 1)),
            *([] if links or not has_score else [""]),
            "---\n\n&nbsp;",
        ]
        text = "\n".join(lines)
        return _broken(text, file) if self.bad_every and file % self.bad_every == 0 else text

    def _hash(self, number: int, purpose: int) -> int:
        """64 bits that look random (the mixing function of SplitMix64)."""
        mask = 2**64 - 1
        x = (self.seed * 31 + purpose + 1) * 0x9E3779B97F4A7C15 + number * 0xD1B54A32D192ED03 & mask
        x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 & mask
        x = (x ^ x >> 27) * 0x94D049BB133111EB & mask
        return x ^ x >> 31

    def _subject_of(self, question: int) -> int:
        if _copies_title(question):
            return (self._subject_of(question - 1) + 3) % len(words.SUBJECTS)
        return self.subjects[question % _CYCLE]

    def _number_of_title(self, question: int) -> int:
        return question - 1 if _copies_title(question) else question

    def _answer(self, question: int) -> str:
        kind = words.SUBJECTS[self._subject_of(question)].kind
        return answer(random.Random(self._hash(question, _ANSWER)), question, kind)

    def _text_links(self, file: int) -> str:
        """Links by url, with a fragment, with the host, and by the path of the file."""
        if not self.links:
            return ""
        chance = random.Random(self._hash(file, _TEXT))
        links = []
        for place in range(self.links):
            stated = self._linked(file, chance)
            folder, _, stem = stated.url.removeprefix("/learn/").partition("/questions/")
            written = (
                stated.url,
                f"{stated.url}#1-{chance.choice(words.NOUNS)}",
                f"https://pressroom.example{stated.url}",
                f"../{folder}/{stem}.md",
            )
            links.append(f"[{place + 1}]({written[chance.choice((0, 0, 0, 1, 2, 3))]})")
        return f"\\n\\nSee {', '.join(links)}."

    def _description(self, stated: Edition, file: int, chance: random.Random) -> str:
        if file % 12_000 == 77:
            return "ext{width } w$, area $A$, $"
        title = stated.title.rstrip("?.")
        if chance.random() < 0.62:
            title = title.encode("ascii", "ignore").decode()  # as a tool did that dropped the rest
        said = sentence(chance)
        more = f" {sentence(chance)}" if chance.random() < 0.25 else ""
        return f"{said}{more} This text answers: {title}"[:507].rstrip()

    def _links(self, file: int, chance: random.Random) -> Iterator[Edition]:
        count = chance.choices(range(6), _LINKS)[0]
        stated: list[Edition] = []
        repeats = chance.random() < 0.2
        for place in range(count):
            if file % 9000 == 500 and place == 0:
                stated.append(self.edition(file))
            elif repeats and stated and chance.random() < 0.45:
                stated.append(chance.choice(stated))
            else:
                stated.append(self._linked(file, chance))
        yield from stated

    def _linked(self, file: int, chance: random.Random) -> Edition:
        for _ in range(_TRIES if chance.random() >= 0.003 else 0):
            target = self._near(file, chance)
            if target != file and 0 <= target < self.files and self.has_score(target):
                return self.edition(target)
        return self._gone(chance)

    def _near(self, file: int, chance: random.Random) -> int:
        """A file that may be linked: of the same subject, or one of the neighbours."""
        if chance.random() < 0.35:
            return file + chance.randint(-60, 60)
        places = self.places[self.subject(file)]
        cycle = self.question(file) // _CYCLE + chance.choice((-2, -1, 0, 0, 0, 0, 1, 2))
        place = places[int(chance.random() ** 2 * len(places))]
        block, rest = divmod(max(cycle, 0) * _CYCLE + place, _QUESTIONS)
        return block * _BLOCK + rest

    def _gone(self, chance: random.Random) -> Edition:
        """A link to a file that there never was."""
        number = self.questions + chance.randrange(self.files // 440 + 1)
        title, spelling = self.title(number), words.SUBJECTS[number % 40].spellings[0]
        return Edition(_id(number), title, spelling, url(spelling, title))


def _copies_title(question: int) -> bool:
    """Whether a question has the title of the one before it, and another answer."""
    return question % 164 == 50


def _id(question: int) -> int:
    """An id: they rise with the date, with gaps, and a few are negative."""
    if question % 2763 == 7:
        return -1 - question // 2763
    return question * 5 + question % 4 + 1


def _decorated(title: str, number: int) -> str:
    """A title with what is rare in titles; its letters and figures stay as they are."""
    if number % 144 == 3:
        title += words.TITLE_BEYOND_ASCII[number // 144 % len(words.TITLE_BEYOND_ASCII)]
    if number % 264 == 9:
        title = title.replace("'", "’")
    if number % 800 == 40:
        title = title.replace(" and ", " & ")
    if number % 3000 == 100:
        title += ": a view"
    if number % 9000 == 60:
        title += " #2"
    if number % 7200 == 90:
        title += " with `grep`"
    return title


def slug(label: str) -> str:
    """A subject as it stands in a url."""
    return re.sub("[^a-z0-9]+", "-", label.lower())


def url(label: str, title: str) -> str:
    """The url of a title under a subject, by the rule that every real file follows."""
    stem = re.sub("[^A-Za-z0-9 ]", "", title).strip().lower().replace(" ", "-")
    return f"/learn/{slug(label)}/questions/{stem}"


def _scalar(text: str, plain: bool = False, indent: str = "    ") -> str:
    """The value of a key: on the key's line if that is wanted and safe."""
    if plain and ": " not in text and " #" not in text:
        return f" {text}"
    return f" >-\n{indent}{text}"


def _keywords(stated: Edition, file: int, chance: random.Random) -> str:
    """Keywords of a file, with what is odd in those of some."""
    count = min(31, max(1, round(chance.gauss(11, 3))))
    keywords = [_keyword(chance) for _ in range(count)]
    if file % 700 == 15:
        keywords.append(keywords[0].upper())
    for every, at, odd in ((4000, 21, ""), (6000, 33, "-rays"), (3000, 45, "$"), (5000, 57, "#1")):
        if file % every == at:
            keywords.insert(0 if odd.startswith("-") else count // 2, odd)
    if file % 20_000 == 123:
        return " ".join(keywords)
    separator = "," if chance.random() < 0.083 else ", "
    return separator.join(keywords) + ("." if file % 4500 == 69 else "")


def _keyword(chance: random.Random) -> str:
    parts = (words.TERMS, words.ADJECTIVES, words.NOUNS)
    return " ".join(chance.choice(part) for part in parts[chance.choice((0, 0, 1, 1, 1, 2)) :])


def _related(place: int, link: Edition, chance: random.Random) -> str:
    """A related link as it is written: now and then with another id or title than its target's."""
    wrong_id = link.id + 3 if chance.random() < 0.029 else link.id
    title = link.title
    if chance.random() < 0.0008:
        title = title.lower().replace(",", "")
    scalar = _scalar(title, chance.random() < 0.013, indent=" " * 8)
    return (
        f"related_article{place}:\n    id: {wrong_id}\n    title:{scalar}\n"
        f"    subject: {link.subject}\n    url: {link.url}"
    )


def _broken(text: str, file: int) -> str:
    """A file that is refused, in one of three ways that were seen."""
    ways = (
        ("\nquestion: >-\n    ", "\nquestion: said: "),
        ("\nurl: /", "\naddress: /"),
        ("answer: >-\n    ", "answer: >-\n    \f"),
    )
    return text.replace(*ways[file // 7 % len(ways)], 1)


def generate(corpus: Corpus, folder: Path, processes: int = 2) -> None:
    """Write all files of a corpus below a folder."""
    for subject in words.SUBJECTS:
        (folder / "learn" / slug(subject.spellings[0])).mkdir(parents=True, exist_ok=True)
    starts = range(0, corpus.files, _CHUNK)
    chunks = [range(start, min(start + _CHUNK, corpus.files)) for start in starts]
    with ProcessPoolExecutor(processes) as pool:
        for _ in pool.map(partial(corpus.write, folder), chunks):
            pass


def say_more(data: bytes, said: str) -> bytes:
    """A file whose answer has one more sentence."""
    return data.replace(b"\nsubject: ", f" {said}\nsubject: ".encode(), 1)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write a corpus, as the command line asks."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.corpus", description=main.__doc__)
    parser.add_argument("files", type=int, metavar="N")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--bad-every", type=int, default=0, help="break every so many-th file")
    parser.add_argument("--links", type=int, default=0, help="links in the text of each file")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    given = parser.parse_args(arguments)
    corpus = Corpus(given.files, given.seed, given.bad_every, given.links)
    generate(corpus, given.folder, given.processes)


if __name__ == "__main__":
    main()
