"""Where the command ``pressroom`` begins."""

import signal
import sys
import traceback
from types import TracebackType

from .base import printable


def main() -> None:
    """Run the command line; its first argument is the command."""
    sys.excepthook = _report
    try:
        from .cli import app  # noqa: PLC0415  Ctrl-C while it is imported is told, too
    except KeyboardInterrupt:
        print("Aborted!", file=sys.stderr)
        sys.exit(128 + signal.SIGINT)
    app.main()


def _report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print what nothing has caught, as Python does, but for what a terminal would obey."""
    told = "".join(traceback.format_exception(kind, error, trace))
    print(printable.message(told), end="", file=sys.stderr)


if __name__ == "__main__":
    main()
