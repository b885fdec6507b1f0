"""A strict reader of CSV as RFC 4180 has it, which keeps apart null and empty text."""

import re

_FIELD = re.compile(r'(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)')


def read(data: bytes) -> list[list[str | None]]:
    """All records; an empty field without quotes is None.

    Raises:
        ValueError: It is not RFC 4180 in UTF-8, with CRLF after every record; the message says
            where.
    """
    text = data.decode("utf-8")
    records: list[list[str | None]] = []
    record: list[str | None] = []
    position = 0
    while position < len(text):
        field = _FIELD.match(text, position)
        if field is None:
            message = f"no field at character {position}: {text[position : position + 40]!r}"
            raise ValueError(message)
        quoted, bare, end = field.groups()
        record.append(bare or None if quoted is None else quoted.replace('""', '"'))
        if end == "\r\n":
            records.append(record)
            record = []
        position = field.end()
    if record:
        message = "the last record has no CRLF"
        raise ValueError(message)
    for number, found in enumerate(records, 1):
        if len(found) != len(records[0]):
            message = f"record {number} has {len(found)} fields, the header {len(records[0])}"
            raise ValueError(message)
    return records
