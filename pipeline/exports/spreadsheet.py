"""CSV for people who open it in Excel or LibreOffice: a byte order mark, and no cell a formula.

Text that a spreadsheet would run as a formula has an apostrophe before it; numbers stay numbers.
The exact tables stand in ``csv/``. Off by default: `exports.spreadsheet` in the settings.
"""

import pyarrow as pa
import pyarrow.compute as pc

from ..files.atomic import FileEntry
from . import tabular
from .base import Context, Export, tables_without_past

_FOLDER = "csv/spreadsheet"
# OWASP, "CSV Injection", and the full-width forms that Excel takes for the same.
_FORMULA = "^[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
_NUMBER = r"^[+-]?[0-9]+(\.[0-9]+)?$"


def write(context: Context) -> list[FileEntry]:
    """Write ``csv/spreadsheet/<table>.csv`` for each table, if the settings ask for it."""
    if not context.settings.exports.spreadsheet:
        return []
    layout = tabular.Layout(_FOLDER, b"\xef\xbb\xbf", guarded)
    return tabular.write_tables(context, layout)


def guarded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column in which no text begins a formula."""
    if not pa.types.is_string(column.type):
        return column
    begins_one = pc.match_substring_regex(column, _FORMULA)
    if not pc.any(begins_one).as_py():
        return column
    is_formula = pc.and_not(begins_one, pc.match_substring_regex(column, _NUMBER))
    return pc.if_else(is_formula, pc.binary_join_element_wise("'", column, ""), column)


EXPORT = Export(
    name="spreadsheet",
    description="CSV for Excel and LibreOffice, in which no cell is a formula; off by default.",
    kinds=("csv",),
    tables=tables_without_past,
    module=__name__,
    settings=lambda settings: settings.exports.spreadsheet,
    write=write,
    about_release=(f"{_FOLDER}/changes.csv",),
)
