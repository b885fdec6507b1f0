"""``datapackage.json``, ``croissant.json`` and ``data-dictionary.md`` at the top of a release."""

from ...files.atomic import FileEntry
from ...model import dictionary
from ...model.schemas import tables
from ..base import Context, Export, all_tables, write_text
from . import croissant, data_package
from .about import about

_PACKAGE, _CROISSANT, _DICTIONARY = "datapackage.json", "croissant.json", "data-dictionary.md"


def write(context: Context) -> list[FileEntry]:
    """Write the three descriptions of the tables."""
    of_site = tables(context.settings.content)
    described = [(table, context.files[name]) for name, table in of_site.items()]
    told = about(context.settings.site, context.as_of, context.schema_version())
    resources = [data_package.parquet_resource(*one) for one in described]
    texts = {
        _PACKAGE: data_package.package(told, resources),
        _CROISSANT: croissant.dataset(told, described),
        _DICTIONARY: dictionary.of_release(context.settings.content),
    }
    return [write_text(context, path, text) for path, text in texts.items()]


EXPORT = Export(
    name="dataset",
    description="The tables described: Data Package (v2), Croissant (1.0) and data dictionary.",
    kinds=("json", "markdown"),
    tables=all_tables,
    module=__name__,
    settings=lambda settings: [settings.site, settings.content.all_columns()],
    write=write,
    about_release=(_PACKAGE, _CROISSANT),
    is_dated=True,
)
