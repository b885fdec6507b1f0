"""Where the command ``pressroom`` begins: the workers of a build import while it imports itself."""

import signal
import sys
import traceback
from types import TracebackType

from .base import printable


def main() -> None:
    """Run the command line; its first argument is the command."""
    sys.excepthook = _report
    try:
        if _wants_pool(sys.argv[1:]):
            from .engine import compute  # noqa: PLC0415  no other command needs it

            compute.prepare()
        from .cli import app  # noqa: PLC0415
    except KeyboardInterrupt:
        print("Aborted!", file=sys.stderr)
        sys.exit(128 + signal.SIGINT)
    app.main()


def _report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print what nothing has caught, as Python does, but for what a terminal would obey."""
    told = "".join(traceback.format_exception(kind, error, trace))
    print(printable.message(told), end="", file=sys.stderr)


def _wants_pool(arguments: list[str]) -> bool:
    """Whether it is to build with a pool of its own, as far as the command line says."""
    others = ("--help", "--compute")
    return arguments[:1] == ["build"] and not any(one.startswith(others) for one in arguments)


if __name__ == "__main__":
    main()
