"""Extensions of Python-Markdown: whether it takes those that a site names.

Settings ask this, on which everything depends: so it depends on no code that renders.
"""

from collections.abc import Sequence


def unusable(extensions: Sequence[str]) -> str | None:
    """Why Python-Markdown does not take these extensions; None if it does."""
    import markdown  # noqa: PLC0415  0.1 s, for sites of this dialect alone

    for extension in extensions:
        try:
            markdown.Markdown(extensions=[extension])
        except Exception as error:  # noqa: BLE001  an extension may raise anything
            return f"{extension}: {error}"
    return None
