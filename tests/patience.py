"""How long a test waits before it says that time grows with the square of a text.

Each text is so long that this would take half a minute or more. How long it does take is for
``benchmarks/`` and ``make torture`` to say: a busy machine takes a multiple of what this one does.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

SECONDS = 20


@contextmanager
def linear_time() -> Iterator[None]:
    """Raise when the block took more of this process's time than a linear one ever does."""
    began = time.process_time()
    yield
    assert time.process_time() - began < SECONDS
