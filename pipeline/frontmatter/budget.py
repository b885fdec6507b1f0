"""What one block of front matter may hold, counted while it is read."""

from ..base.printable import brief
from ..base.problems import Code, DocumentError
from ..model.settings import Limits

# Of a dotted key. Each is kept with its place: a long key would be kept once for each below it.
LONGEST_PATH = 1_024


class Budget:
    """What one block may hold: all methods refuse what goes beyond the limits.

    Counts every value and every key and their characters, and what an alias repeats as often as it
    is repeated.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.nodes = 0
        self.chars = 0
        self.deepest = 0

    def count(self, nodes: int, place: tuple[int, int]) -> None:
        """Take note of so many more values.

        Raises:
            DocumentError: They are too many.
        """
        self.nodes += nodes
        if self.nodes > self.limits.nodes:
            message = f"The front matter contains more than {self.limits.nodes:,} values."
            raise DocumentError(Code.TOO_MANY_NODES, message, *place)

    def reach(self, depth: int, place: tuple[int, int]) -> None:
        """Take note of a list or mapping so deep; the outermost is 1 deep.

        Raises:
            DocumentError: That is too deep.
        """
        self.deepest = max(self.deepest, depth)
        if depth > self.limits.depth:
            message = f"Values are nested more than {self.limits.depth} levels deep."
            raise DocumentError(Code.TOO_DEEP, message, *place)

    def measure(self, text: str, place: tuple[int, int]) -> None:
        """Take note of the text of a value or a key.

        Raises:
            DocumentError: It is too long.
        """
        self.chars += len(text)
        if len(text) > self.limits.scalar_chars:
            message = f"The value is longer than {self.limits.scalar_chars:,} characters."
            raise DocumentError(Code.TOO_LONG, message, *place)

    def repeat(self, nodes: int, chars: int, place: tuple[int, int]) -> None:
        """Take note of so many values and characters that stand elsewhere, and here again.

        Raises:
            DocumentError: They are too many. Written out, characters may be as many as the bytes of
                a file.
        """
        self.count(nodes, place)
        self.chars += chars
        if self.chars > self.limits.file_bytes:
            most = f"{self.limits.file_bytes:,} characters"
            message = f"With its aliases expanded, the front matter is longer than {most}."
            raise DocumentError(Code.TOO_LARGE, message, *place)

    def step(self, path: str, place: tuple[int, int]) -> None:
        """Look at the dotted key of a value.

        Raises:
            DocumentError: It is too long.
        """
        if len(path) > LONGEST_PATH:
            message = f"The key {brief(path)}, dotted, is longer than {LONGEST_PATH:,} characters."
            raise DocumentError(Code.TOO_LONG, message, *place)
