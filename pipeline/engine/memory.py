"""How this process allocates memory, and gives it back."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h
_SPARE_BYTES, _LARGE_BYTES = 8 << 20, 2 << 20
# What libraries read when they are imported. Arrow's own allocators reserve some 30 MB a process
# and keep more; `pyarrow.set_memory_pool` does not reach what Arrow allocates for itself. NumPy's
# threads are for matrices, of which there are none, and take 0.1 s to begin. A process is forked
# that has no threads.
_OF_LIBRARIES = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "OPENBLAS_NUM_THREADS": "1",
}


@contextmanager
def for_libraries() -> Iterator[None]:
    """Tell libraries how to allocate that this process uses meanwhile, or one that it starts.

    Arrow asks when it allocates first, which may be long after it was imported.
    """
    stated = {name: value for name, value in _OF_LIBRARIES.items() if name not in os.environ}
    os.environ.update(stated)
    try:
        yield
    finally:
        for name in stated:
            del os.environ[name]


def give_back() -> None:
    """From now on this process gives memory back to the system that it does not use.

    By itself glibc gives back what is as large as the largest buffer that was freed before, up to
    32 MiB, and keeps the others in a heap that only grows (mallopt(3)). Where there is no such
    setting nothing happens.
    """
    import pyarrow as pa  # noqa: PLC0415  0.1 s, which a run that changes nothing is spared

    pa.set_memory_pool(pa.system_memory_pool())  # where Arrow was imported before
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mallopt(_M_TRIM_THRESHOLD, _SPARE_BYTES)
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


def trim() -> None:
    """Give back what lies free inside the heap: after a large shard, as much as the shard was."""
    if found := getattr(ctypes.CDLL(None), "malloc_trim", None):
        found(0)
