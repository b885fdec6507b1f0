"""Whether a regular expression can take more than linear time, told from its automaton.

`re` tries one way after another. Its time is linear unless a text can be cut in more and more ways:
in terms of the automaton, unless there are two states p and q and a text w that leads from p to p,
from p to q and from q to q (infinite ambiguity: Weber and Seidl, "On the degree of ambiguity of
finite automata", 1991). Where `re` searches, it begins at each place: the automaton then has a
state before its first that any text leads back to.

It is an approximation from above but for what is said here. A repeat of at most `_FEW` is written
out, and a longer one has no end. What a group refers to again is taken for empty: it costs no more
than the group did. Of possessive repeats and atomic groups it is known that a repeat of one
character ends only before another character; else they are taken for greedy ones. Of what looks
around, single characters are known.
"""

import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

_FEW = 9
# With the edges of all sets in a pattern: what \w, \s and \d hold, and what they do not.
_SAMPLES = [*map(chr, range(0x80)), *"\x85\xa0ß²é\u0301\u0663Ⅳ\u2028\u3000中\ue000\ufeff🎉"]


class Mode(NamedTuple):
    """How a pattern is used: from each place of a text on, and to its end."""

    searches: bool
    to_end: bool


MODES = {"match": Mode(False, False), "fullmatch": Mode(False, True)}
SEARCH = Mode(True, False)


def pump(pattern: re.Pattern[Any], mode: Mode) -> str | None:
    """A text that, repeated, can be cut in more and more ways; None if there is none."""
    return _Analysis(_Automaton(pattern, mode)).pump()


class _Silent(NamedTuple):
    """A step that eats nothing, and the sets (bits) that the characters around it must be of.

    One that is not `free` may fail for another reason, too.
    """

    target: int
    before: int
    after: int
    free: bool


class _Eats(NamedTuple):
    """A step that eats one character of a set."""

    source: int
    chars: int
    target: int


class _Automaton:
    """States and steps of a pattern (Thompson's construction); a set of characters is a mask."""

    def __init__(self, pattern: re.Pattern[Any], mode: Mode) -> None:
        tree = _parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
        self.samples = _samples(tree, isinstance(pattern.pattern, bytes))
        self.every = (1 << len(self.samples)) - 1
        self.silent: list[list[_Silent]] = []
        self.eats: list[_Eats] = []
        self.start = self.state()
        if mode.searches:
            self.eat(self.start, self.every, self.start)
        first = self.state()
        self.step(self.start, first)
        self.accept = self.sequence(tree, first, pattern.flags)
        if mode.to_end:
            end = self.state()
            self.step(self.accept, end, after=0)
            self.accept = end

    def state(self) -> int:
        self.silent.append([])
        return len(self.silent) - 1

    def step(
        self,
        source: int,
        target: int,
        before: int = -1,
        after: int = -1,
        *,
        free: bool | None = None,
    ) -> None:
        before, after = before & self.every, after & self.every
        if free is None:
            free = before == after == self.every
        self.silent[source].append(_Silent(target, before, after, free))

    def eat(self, source: int, chars: int, target: int) -> None:
        self.eats.append(_Eats(source, chars, target))

    def sequence(self, items: Iterable[Any], state: int, flags: int) -> int:
        for item in items:
            state = self.item(item, state, flags)
        return state

    def item(self, item: Any, state: int, flags: int) -> int:
        """Add what an item of a parsed pattern means behind a state; the state behind it."""
        kind, value = item
        end = self.state()
        chars = self.chars(item, flags)
        if chars is not None:
            self.eat(state, chars, end)
        elif kind is sre.AT:
            self.at(value, state, end, flags)
        elif kind is sre.BRANCH:
            for branch in value[1]:
                self.step(self.sequence(branch, state, flags), end)
        elif kind is sre.SUBPATTERN:
            _, add, remove, body = value
            self.step(self.sequence(body, state, (flags | add) & ~remove), end)
        elif kind in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            least, most, body = value
            is_possessive = kind is sre.POSSESSIVE_REPEAT
            self.repeat(body, (state, end), (least, most), is_possessive, flags)
        elif kind is sre.ATOMIC_GROUP:
            self.atomic(value, state, end, flags)
        elif kind in (sre.ASSERT, sre.ASSERT_NOT):
            self.around(value, kind is sre.ASSERT_NOT, state, end, flags)
        elif kind is sre.GROUPREF:
            self.step(state, end)
        else:
            raise ValueError(f"{kind} is not known here")
        return end

    def repeat(
        self,
        body: Any,
        ends: tuple[int, int],
        times: tuple[int, int],
        is_possessive: bool,
        flags: int,
    ) -> None:
        (state, end), (least, most) = ends, times
        is_few = least <= _FEW
        for _ in range(least if is_few else 1):
            state = self.sequence(body, state, flags)
        if most <= _FEW:
            for _ in range(most - least):
                self.step(state, end)
                state = self.sequence(body, state, flags)
            self.step(state, end)
            return
        loop = self.loop(body, state, flags)
        if not is_few and body.getwidth()[0] == 0:  # any of so many may be empty
            loop = self.loop(body, loop, flags)
        only = self.only(body, flags) if is_possessive and most == sre.MAXREPEAT else None
        # Where it may not end yet, it goes on, and ends later.
        self.step(loop, end, after=-1 if only is None else ~only, free=is_few)

    def loop(self, body: Any, state: int, flags: int) -> int:
        """Add any number of a body behind a state; the state behind."""
        loop = self.state()
        self.step(state, loop)
        self.step(self.sequence(body, loop, flags), loop)
        return loop

    def atomic(self, body: Sequence[Any], state: int, end: int, flags: int) -> None:
        """Its last item, if it is a greedy repeat, is a possessive one."""
        *items, (kind, value) = body
        if kind is sre.MAX_REPEAT:
            kind = sre.POSSESSIVE_REPEAT
        self.step(self.sequence([*items, (kind, value)], state, flags), end)

    def at(self, place: Any, state: int, end: int, flags: int) -> None:
        newline = self.mask(lambda char: char == "\n")
        if place in (sre.AT_BOUNDARY, sre.AT_NON_BOUNDARY):
            word = self.category(sre.CATEGORY_WORD, flags)
            same = place is sre.AT_NON_BOUNDARY
            self.step(state, end, word, word if same else ~word)
            self.step(state, end, ~word, ~word if same else word)
        elif place is sre.AT_BEGINNING_STRING:
            self.step(state, end, before=0)
        elif place is sre.AT_BEGINNING:
            self.step(state, end, before=newline if flags & re.MULTILINE else 0)
        elif place is sre.AT_END:  # without MULTILINE, too, before a newline that is the last
            self.step(state, end, after=newline)
        else:
            self.step(state, end, after=0)

    def around(self, value: Any, is_not: bool, state: int, end: int, flags: int) -> None:
        """What must stand, or not, before or after a place. What is sought there costs time, too,
        and leads nowhere.
        """
        direction, body = value
        only = self.only(body, flags)
        known = -1 if only is None else ~only if is_not else only
        if direction < 0:
            self.step(state, end, before=known)
            return
        self.step(state, end, after=known)
        inside = self.state()
        self.step(state, inside)
        self.sequence(body, inside, flags)

    def only(self, body: Any, flags: int) -> int | None:
        """The characters of a body that eats exactly one; None if it is another."""
        if len(body) != 1:
            return None
        kind, value = body[0]
        if kind is sre.SUBPATTERN:
            return self.only(value[3], (flags | value[1]) & ~value[2])
        if kind is sre.BRANCH:
            sets = [self.only(branch, flags) for branch in value[1]]
            known = [chars for chars in sets if chars is not None]
            return _union(known) if len(known) == len(sets) else None
        return self.chars(body[0], flags)

    def chars(self, item: Any, flags: int) -> int | None:
        """The characters of an item that eats exactly one; None if it is another."""
        kind, value = item
        if kind is sre.ANY:
            return self.every if flags & re.DOTALL else self.mask(lambda char: char != "\n")
        if kind is sre.LITERAL:
            return self.literal(value, value, flags)
        if kind is sre.NOT_LITERAL:
            return self.every & ~self.literal(value, value, flags)
        if kind is not sre.IN:
            return None
        is_negated = value[0][0] is sre.NEGATE
        chars = 0
        for kind_inside, inside in value[is_negated:]:
            if kind_inside is sre.CATEGORY:
                chars |= self.category(inside, flags)
            else:
                low, high = inside if kind_inside is sre.RANGE else (inside, inside)
                chars |= self.literal(low, high, flags)
        return self.every & ~chars if is_negated else chars

    def literal(self, low: int, high: int, flags: int) -> int:
        def fits(char: str) -> bool:
            cases = (char, char.lower(), char.upper()) if flags & re.IGNORECASE else (char,)
            return any(low <= ord(case) <= high for case in cases if len(case) == 1)

        return self.mask(fits)

    def category(self, category: Any, flags: int) -> int:
        letter = {"DIGIT": "d", "SPACE": "s", "WORD": "w"}[str(category).split("_")[-1]]
        letter = letter.upper() if "_NOT_" in str(category) else letter
        is_bytes = not flags & (re.UNICODE | re.ASCII)
        fits = re.compile(rf"\{letter}", re.ASCII if is_bytes else flags & re.ASCII).match
        return self.mask(lambda char: fits(char) is not None)

    def mask(self, fits: Any) -> int:
        return sum(1 << index for index, char in enumerate(self.samples) if fits(char))


def _samples(tree: Any, is_bytes: bool) -> list[str]:
    """A character of each kind that a pattern tells apart."""
    edges = {code + by for code in _codes(tree) for by in (-1, 0, 1)}
    chars = {chr(code) for code in edges if 0 <= code <= 0x10FFFF} | {*_SAMPLES}
    return sorted(char for char in chars if not is_bytes or ord(char) < 0x100)


def _codes(tree: Any) -> Iterator[int]:
    """All numbers in a parsed pattern: those of its characters are among them."""
    if isinstance(tree, int):
        yield int(tree)
    elif isinstance(tree, tuple | list | _parser.SubPattern):
        for part in tree:
            yield from _codes(part)


def _union(sets: Iterable[int]) -> int:
    union = 0
    for chars in sets:
        union |= chars
    return union


def _bits(mask: int) -> Iterator[int]:
    return (index for index in range(mask.bit_length()) if mask >> index & 1)


class _Follow(NamedTuple):
    """A step from one character that is eaten to the next, and what both must be of."""

    target: int
    last: int
    next: int


class _Analysis:
    """Looks for infinite ambiguity; a state is a step of the automaton that has just eaten."""

    def __init__(self, automaton: _Automaton) -> None:
        self.automaton = automaton
        self.eats = automaton.eats
        self.starting: dict[int, list[int]] = {}
        for index, eats in enumerate(self.eats):
            self.starting.setdefault(eats.source, []).append(index)
        self.follows: list[list[_Follow]] = []
        self.succeeds: list[bool] = []
        for eats in self.eats:
            follows, succeeds = self.walk(eats.target, eats.chars)
            self.follows.append(follows)
            self.succeeds.append(succeeds)
        self.reached = [self.reachable(index) for index in range(len(self.eats))]
        self.letters = self.classes()

    def walk(self, state: int, last: int) -> tuple[list[_Follow], bool]:
        """What can be eaten after a state, once for each way there; whether it just succeeds."""
        found: list[_Follow] = []
        succeeds = False
        visits: Counter[tuple[int, int, int, bool]] = Counter()
        stack = [(state, last, self.automaton.every, True, frozenset[tuple[int, int]]())]
        while stack:
            state, last, after, is_free, steps = stack.pop()
            visit = state, last, after, is_free
            visits[visit] += 1
            if visits[visit] > 2:  # whether there is more than one way is all that is asked
                continue
            succeeds |= is_free and state == self.automaton.accept
            for index in self.starting.get(state, ()):
                if chars := self.eats[index].chars & after:
                    found.append(_Follow(index, last, chars))
            for step in enumerate(self.automaton.silent[state]):
                number, (target, before, ahead, free) = step
                if (state, number) not in steps and last & before:
                    taken = steps | {(state, number)}
                    stack.append((target, last & before, after & ahead, is_free and free, taken))
        return found, succeeds

    def reachable(self, start: int) -> set[int]:
        """What can be eaten after a step, sooner or later."""
        seen: set[int] = set()
        stack = [start]
        while stack:
            for follow in self.follows[stack.pop()]:
                if follow.target not in seen:
                    seen.add(follow.target)
                    stack.append(follow.target)
        return seen

    def classes(self) -> list[int]:
        """One character for each class of those that no step tells apart."""
        masks = {eats.chars for eats in self.eats}
        for follows in self.follows:
            masks |= {mask for follow in follows for mask in (follow.last, follow.next)}
        known: dict[tuple[int, ...], int] = {}
        for index, char in enumerate(self.automaton.samples):
            signs = tuple(mask >> index & 1 for mask in masks)
            if signs not in known or char.isprintable() > self.shown(known[signs]).isprintable():
                known[signs] = index
        return list(known.values())

    def shown(self, letter: int) -> str:
        return self.automaton.samples[letter]

    def loops(self, index: int) -> bool:
        return index in self.reached[index]

    def pump(self) -> str | None:
        for p in filter(self.loops, range(len(self.eats))):
            if not self.succeeds[p] and (twice := self.twice(p)) is not None:
                return twice
            for q in self.reached[p]:
                # Where it has succeeded, nothing before is tried again.
                differ = q != p and self.loops(q) and not self.succeeds[q]
                if differ and (word := self.word(p, q)) is not None:
                    return word
        return None

    def twice(self, p: int) -> str | None:
        """A character that can be eaten again in two ways that eat nothing else: nested repeats."""
        for index, one in enumerate(self.follows[p]):
            for other in self.follows[p][:index]:
                both = one.next & other.next if one.last & other.last else 0
                if both and one.target == other.target and p in self.reached[one.target]:
                    return self.shown(next(_bits(both)))
        return None

    def word(self, p: int, q: int) -> str | None:
        """A text that leads from p to p, from p to q and from q to q."""
        for letter in self.letters:
            both = self.eats[p].chars & self.eats[q].chars & 1 << letter
            if both and (word := self.word_after(p, q, letter)) is not None:
                return word
        return None

    def word_after(self, p: int, q: int, letter: int) -> str | None:
        goal = (p, q, q, letter)
        begin = (p, p, q, letter)
        found: dict[tuple[int, int, int, int], tuple[int, int, int, int] | None] = {begin: None}
        queue = deque([begin])
        while queue:
            place = queue.popleft()
            for following in self.together(place, p, q):
                if following == goal:
                    return self.spelled([following, *_back(place, found)])
                if following not in found:
                    found[following] = place
                    queue.append(following)
        return None

    def together(
        self, place: tuple[int, int, int, int], p: int, q: int
    ) -> Iterator[tuple[int, int, int, int]]:
        first, second, third, last = place
        of_first, of_second, of_third = (self.next(one, last) for one in (first, second, third))
        for letter in of_first.keys() & of_second.keys() & of_third.keys():
            ones = [one for one in of_first[letter] if p in self.reached[one]]
            threes = [
                one for one in of_third[letter] if q in self.reached[one] and not self.succeeds[one]
            ]
            for two in of_second[letter]:
                if two == q or q in self.reached[two]:
                    yield from ((one, two, three, letter) for one in ones for three in threes)

    @cache  # noqa: B019  an analysis is made for one pattern and let go
    def next(self, index: int, last: int) -> dict[int, list[int]]:
        """What is eaten after a step that has eaten a letter, by the next letter."""
        found: dict[int, list[int]] = {}
        for follow in self.follows[index]:
            if follow.last >> last & 1:
                for letter in self.letters:
                    if follow.next >> letter & 1:
                        found.setdefault(letter, []).append(follow.target)
        return found

    def spelled(self, places: Sequence[tuple[int, int, int, int]]) -> str:
        return "".join(self.shown(place[3]) for place in reversed(places))


def _back(place: Any, found: dict[Any, Any]) -> Iterator[Any]:
    """The way back from a place to the first, which is left out."""
    while found[place] is not None:
        yield place
        place = found[place]
