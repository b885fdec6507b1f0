"""How a signal cancels a run, which ends within two seconds.

A signal leaves a mark, and the run looks for it wherever it can stop: `check_cancelled`. An error
raised by the handler itself could come at any line: be lost in a ``__del__``, or leave a worker
half begun.

A run that does not look in time is ended where it stands. That does no more damage than to kill it:
what it leaves in the staging folder goes with a later run. Once it has begun to publish (`commit`),
it is left to finish.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Mapping

from .errors import CancelledError

MESSAGE = "Interrupted; nothing was published."
_GRACE_SECONDS, _TIDY_SECONDS = 1.3, 0.3
_SHOW_CURSOR = "\x1b[?25h"  # which a live display hides (DECTCEM)


class _State:
    """What this process was told."""

    number: int | None = None
    is_committed = False
    watch: threading.Thread | None = None


_state = _State()


def end_on(last_words: Mapping[signal.Signals, str]) -> None:
    """Let signals end this process; with what is printed where it has to be ended as it stands.

    One that is ignored stays so: a shell has what it starts in the background ignore Ctrl-C.
    """
    numbers = {
        number: words
        for number, words in last_words.items()
        if signal.getsignal(number) != signal.SIG_IGN
    }
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    for number in numbers:
        signal.signal(number, lambda told, _: _tell(told))
    # Written to when the signal comes. The handler waits until the main thread leaves C code.
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    _state.watch = threading.Thread(target=_watch, args=(reader, numbers), daemon=True)
    _state.watch.start()


def watch() -> threading.Thread | None:
    """The thread that waits for signals, which holds no lock meanwhile."""
    return _state.watch


def check_cancelled() -> None:
    """End this run if it was cancelled.

    Raises:
        CancelledError: It was, by SIGTERM.
        KeyboardInterrupt: It was, by Ctrl-C.
    """
    if _state.number == signal.SIGINT:
        raise KeyboardInterrupt
    if _state.number is not None:
        raise CancelledError(MESSAGE)


def commit() -> None:
    """From now on signals no longer end this process: it publishes, which takes a moment.

    Raises:
        CancelledError, KeyboardInterrupt: As `check_cancelled`.
    """
    _state.is_committed = True  # first: whoever is told after this is not ended any more
    try:
        check_cancelled()
    except BaseException:
        _state.is_committed = False
        raise


def _tell(number: int) -> None:
    if _state.number is None:
        _state.number = number


def _watch(reader: int, last_words: Mapping[signal.Signals, str]) -> None:
    """Wait for a signal, and end this process if it has not ended some time after it."""
    while (number := os.read(reader, 1)[0]) not in last_words:
        pass
    _tell(number)
    time.sleep(_GRACE_SECONDS)
    if _state.is_committed:
        return
    # Else the tracker of semaphores, a process of its own, warns of those that are left.
    if (util := sys.modules.get("multiprocessing.util")) is not None:
        tidy = threading.Thread(target=vars(util)["_run_finalizers"], daemon=True)
        tidy.start()
        tidy.join(_TIDY_SECONDS)
    words = last_words[signal.Signals(number)]
    shown = f"{_SHOW_CURSOR}\r\n{words}\n" if sys.stderr.isatty() else f"{words}\n"
    os.write(sys.stderr.fileno(), shown.encode())
    os._exit(128 + number)
