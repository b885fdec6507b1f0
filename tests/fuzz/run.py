"""Coverage-guided fuzzing of one law with atheris: ``python -m tests.fuzz.run LAW FOLDER …``.

LAW is one of ``LAWS`` in tests/fuzz/laws.py, such as ``read``. FOLDER keeps the inputs that reached
something new, from one run to the next, and what broke the law: ``crash-…`` and ``timeout-…``,
each an input to give to the same command as a file. More arguments are libFuzzer's, such as
``-max_total_time=600``.

atheris is no dependency of the project: ``make fuzz`` installs it (``pip install atheris``) into
an environment of its own, beside the project's packages. It needs CPython 3.11 to 3.13 on Linux.
"""

import sys
from pathlib import Path

import atheris  # type: ignore[import-untyped]

# What follows is instrumented as it is imported. libyaml, nh3 and Arrow are compiled, and opaque.
with atheris.instrument_imports(include=["pressroom", "markdown", "latex2mathml"]):
    import markdown  # noqa: F401

    from tests.fuzz import laws, seeds

# Bytes; above this nothing new is found and every run is slow.
_LONGEST = {"maths": 2_048, "html": 20_000, "dialect": 1_024}
_LONGEST_ELSE = 8_192
# A hang, beside which the law's own bound on time counts what a run has used.
_SECONDS = 20


def main() -> None:
    """Fuzz the law that the arguments name."""
    name, folder, *options = sys.argv[1:]
    home = Path(folder)
    arguments = [sys.argv[0], *options]
    if not any(Path(option).is_file() for option in options):
        corpus = home / "corpus"
        corpus.mkdir(parents=True, exist_ok=True)
        seeds.write(name, home / "seeds")
        arguments += [str(corpus), str(home / "seeds"), f"-artifact_prefix={home}/"]
    arguments += [f"-dict={Path(__file__).with_name('tokens.dict')}", "-rss_limit_mb=2048"]
    arguments += [
        f"-max_len={_LONGEST.get(name, _LONGEST_ELSE)}",
        "-len_control=10",
        f"-timeout={_SECONDS}",
    ]
    atheris.Setup(arguments, laws.LAWS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
