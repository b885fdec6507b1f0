r"""What an answer of the generated corpus looks like: Markdown on one line.

Each newline is written as a backslash and an ``n``, and nothing else is escaped, as in the corpus
that the census counted: a LaTeX command such as ``\neq`` stands as it is.
"""

from collections.abc import Callable, Sequence
from random import Random

from benchmarks import words

# Characters of an answer at these shares of all answers, from shortest to longest.
_SHARES = (0.0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.999, 1.0)
_LENGTHS = (0, 1000, 1450, 1880, 2290, 2690, 3050, 3170, 3900, 4700)

_FORMULAS = (
    r"\frac{\partial u}{\partial t} = \alpha \nabla^2 u",
    r"\text{rank}(A) \neq n \quad \Rightarrow \quad \det(A) = 0",
    r"G_{\mu\nu} = \kappa T_{\mu\nu}",
    r"p \land \neg q \equiv \neg (p \rightarrow q)",
    r"\begin{pmatrix}" "\na & b \\\\\nc & d\n" r"\end{pmatrix}",
    r"f(x) = \begin{cases} 1 & \text{if } x \in A \\ 0 & \text{if } x \notin A \end{cases}",
    r"\sum_{k=1}^{n} k = \frac{n(n+1)}{2}",
    r"\rho \vec{v} \times \vec{B} = \beta \cdot \tan(\theta)",
)
_COMMON_FORMULAS = (6, 7)  # without a command that begins like a newline
_INLINE = (
    r"$x$",
    r"$ n \times m $",
    r"\( \tau \)",
    r"\( a_1 + a_2 = \beta \)",
    r"$\theta_0$",
    r"$ E = h \cdot f $",
)
_INLINE_LIKE_NEWLINE = (r"$a \neq b$", r"$ a \nmid b $", r"\( x \notin Y \)", r"$P \not\equiv Q$")
_PROGRAMS = (
    (
        "python",
        "def {n}(rows):\n    for row in rows:\n        if row['{m}'] > {k}:\n"
        '            print(f"{m}: ${{row}}")\n    return len(rows)',
    ),
    ("bash", "for f in *.{n}; do\n  grep -c '{m}' \"$f\" | sort -n > {m}.txt\ndone"),
    (
        "cpp",
        '#include <iostream>\n\nint main() {{\n    std::cout << "{n} {m}\\n";\n    return {k};\n}}',
    ),
    ("java", "List<{n}> rows = new ArrayList<>();\nrows.add(new {n}({k}));"),
    ("sql", "select {n}, count(*)\nfrom {m}\nwhere weight > {k}\ngroup by {n};"),
    ("", "{n} -> {m}\n{m} -> {n} ({k})"),
)
_NO_ANSWER = "There is not enough material to say anything about this question."


def answer(chance: Random, number: int, kind: str) -> str:
    """The answer of a question: of its number, what is rare; of its subject's kind, the rest."""
    return Writer(chance, number, kind).text().replace("\n", "\\n")


def sentence(chance: Random) -> str:
    """A sentence of its own, for an edit."""
    return Writer(chance, 1, "prose").sentence()


class Writer:
    """Writes one text, with real newlines: an answer, or any of the blocks that it is made of."""

    def __init__(self, chance: Random, number: int, kind: str) -> None:
        self._random = chance.random
        self._number = number
        self._beyond_ascii = self._random() < 0.2
        self._is_nested = self._random() < 0.11
        self._is_bulleted = self._random() < 0.5
        self._extras = self._chosen_extras(kind)

    def pick(self, choices: Sequence[str]) -> str:
        """One of these."""
        return choices[int(self._random() * len(choices))]

    def _every(self, files: int, at: int) -> bool:
        """Whether this is one of the few that show something rare."""
        return self._number % files == at % files

    def _chosen_extras(self, kind: str) -> list[Callable[[], str]]:
        """The blocks other than prose that this answer has."""
        share = self._random()
        extras: list[Callable[[], str]] = []
        if share < 0.7 and kind == "maths":
            extras += [self._maths] * (1 + int(share * 5))
        if share < 0.2 and kind == "code":
            extras += [self.program] * (1 + int(share * 30))
        if share < 0.2 and kind == "money":
            extras += [self._money]
        rare = (
            (700, 3, self.table),
            (1800, 8, self._sum),
            (250, 17, self._like_newline),
            (1800, 29, self._drawing),
        )
        return extras + [block for files, at, block in rare if self._every(files, at)]

    def text(self) -> str:
        """A whole answer."""
        if self._every(536, 5):
            return f"{_NO_ANSWER} {self.sentence()}"
        length = self._length()
        if self._every(300, 11) or length < 150:
            return self._sentences(length)
        blocks = self._blocks(length)
        end = "\n\n" if self._every(2200, 31) else ""
        return "\n\n".join([*blocks, self._fill(self.pick(words.CLOSINGS))]) + end

    def _length(self) -> float:
        share = self._random()
        after = next(k for k, end in enumerate(_SHARES) if share < end)
        low, high = _SHARES[after - 1 : after + 1]
        part = (share - low) / (high - low)
        return _LENGTHS[after - 1] + part * (_LENGTHS[after] - _LENGTHS[after - 1])

    def _sentences(self, length: float) -> str:
        text = self.sentence()
        while len(text) < length:
            text += f" {self.sentence()}"
        return text

    def _blocks(self, length: float) -> list[str]:
        style = self._random()
        block = self.numbered if style < 0.7 else self._headed if style < 0.92 else self.paragraph
        blocks = [f"{self.sentence()} {self._lead()}"]
        left = length - len(blocks[0]) - 150
        extras = self._extras
        while left > 0:
            blocks.append(block(len(blocks)))
            left -= len(blocks[-1])
            if extras:
                blocks.append(extras.pop()())
                left -= len(blocks[-1])
        return blocks

    def sentence(self) -> str:
        """One of the sentences of the vocabulary."""
        beyond = self._beyond_ascii and self._random() < 0.15
        return self._fill(self.pick(words.SENTENCES_BEYOND_ASCII if beyond else words.SENTENCES))

    def _fill(self, pattern: str) -> str:
        pick = self.pick
        return pattern.format(
            a=pick(words.ADJECTIVES),
            b=pick(words.ADJECTIVES),
            n=pick(words.NOUNS),
            m=pick(words.NOUNS),
            o=pick(words.NOUNS),
            v=pick(words.VERBS),
            w=pick(words.VERBS),
            d=pick(words.ADVERBS),
            t=pick(words.TERMS),
        )

    def _lead(self) -> str:
        return f"What is known about the {self.pick(words.NOUNS)} is set out below:"

    def _term(self) -> str:
        adjective, noun = self.pick(words.ADJECTIVES), self.pick(words.NOUNS)
        return f"**{adjective.capitalize()} {noun.capitalize()}**"

    def numbered(self, number: int) -> str:
        """An item of a list."""
        item = f"{number}. {self._term()}: {self.sentence()}"
        if self._is_nested and self._random() < 0.4:
            return item + "".join(f"\n   - {self.sentence()}" for _ in range(2))
        return f"{item}  \n   {self.sentence()}" if self._random() < 0.03 else item

    def _headed(self, number: int) -> str:
        marks = ("-", "-") if self._is_bulleted else ("1.", "2.")
        items = "".join(f"\n{mark} {self._term()}: {self.sentence()}" for mark in marks)
        return f"### {number}. {self.pick(words.NOUNS).capitalize()}\n{items}"

    def paragraph(self, number: int = 0) -> str:
        """Two sentences; the number of the block does not matter."""
        return f"{self.sentence()} {self.sentence()}"

    def _maths(self) -> str:
        formula = _FORMULAS[_COMMON_FORMULAS[int(self._random() * len(_COMMON_FORMULAS))]]
        inline, other = self.pick(_INLINE), self.pick(_INLINE)
        lead = f"With {inline} and {other} the {self.pick(words.NOUNS)} follows:"
        return f"{lead}\n\n$$\n{formula}\n$$\n\nHere {inline} is {self.pick(words.ADJECTIVES)}."

    def _like_newline(self) -> str:
        formula, inline = self.pick(_FORMULAS), self.pick(_INLINE_LIKE_NEWLINE)
        return f"This holds if {inline}, so that:\n   $$\n   {formula}\n   $$\n   where it is."

    def program(self) -> str:
        """An example of code, between fences."""
        language, program = _PROGRAMS[int(self._random() * len(_PROGRAMS))]
        n, m = self.pick(words.NOUNS), self.pick(words.NOUNS)
        lines = program.format(n=n, m=m, k=int(self._random() * 100))
        indent = self.pick(("", "", "   "))
        fence = f"```{language}\n{lines}\n```".replace("\n", f"\n{indent}")
        return f"An example of a {n}:\n\n{indent}{fence}\n\nUse `{m}` to see more."

    def _money(self) -> str:
        low, high = int(self._random() * 90) + 5, int(self._random() * 900) + 100
        return f"A {self.pick(words.NOUNS)} costs $5 to ${low},000, and ${high}.50 for the rest."

    def table(self) -> str:
        """A table of three columns."""
        rows = "".join(
            f"| {self.pick(words.NOUNS)} | {self.pick(words.TERMS)} | {k * 7} |\n"
            for k in range(1, 5)
        )
        return f"| Part | Name | Number |\n|------|------|--------|\n{rows.rstrip()}"

    def _sum(self) -> str:
        return "Added up:\n\n   120\n + 345\n -----\n   465\n\n---\n\nThat is all there is to add."

    def _drawing(self) -> str:
        return "Drawn, it looks like this:\n\n    A\n   / \\\n  B   C\n   \\ /\n    D\n"
