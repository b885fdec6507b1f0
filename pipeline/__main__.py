"""Where the command ``pressroom`` begins: the workers of a build import while it imports itself."""

import sys

from pipeline import compute


def main() -> None:
    """Run the command line; its first argument is the command."""
    try:
        if sys.argv[1:2] == ["build"]:
            compute.prepare()
        from pipeline import cli  # noqa: PLC0415  a quarter of a second
    except KeyboardInterrupt:
        sys.exit("Aborted!")  # as Click says it from then on
    cli.main()


if __name__ == "__main__":
    main()
