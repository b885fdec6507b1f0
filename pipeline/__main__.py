"""Where the command ``pressroom`` begins: the workers of a build import while it imports itself."""

import signal
import sys

from pipeline import compute


def main() -> None:
    """Run the command line; its first argument is the command."""
    try:
        if _wants_pool(sys.argv[1:]):
            compute.prepare()
        from pipeline import cli  # noqa: PLC0415  a quarter of a second
    except KeyboardInterrupt:
        print("Aborted!", file=sys.stderr)
        sys.exit(128 + signal.SIGINT)
    cli.main()


def _wants_pool(arguments: list[str]) -> bool:
    """Whether it is to build with a pool of its own, as far as the command line says."""
    others = ("--help", "--compute")
    return arguments[:1] == ["build"] and not any(one.startswith(others) for one in arguments)


if __name__ == "__main__":
    main()
