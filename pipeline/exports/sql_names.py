"""Names in SQL (ISO 9075): what a site calls a column may be a word of the language."""


def quoted(name: str) -> str:
    """A name as an identifier."""
    return '"' + name.replace('"', '""') + '"'
