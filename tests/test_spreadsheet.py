"""CSV for people who open it in Excel or LibreOffice, read by LibreOffice itself."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from lxml import etree

from pressroom.model.settings import Exports
from tests.conftest import Site, article, contents
from tests.quicktakes import IN_CSV
from tests.standards import rfc4180

FOLDER = "csv/spreadsheet"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
# As it stands in the table, and as it does in the spreadsheet variant.
TEXTS = {
    "=1+1": "'=1+1",
    '=HYPERLINK("http://a.example","x")': '\'=HYPERLINK("http://a.example","x")',
    "+1+1": "'+1+1",
    "-1+1": "'-1+1",
    "@SUM(A1)": "'@SUM(A1)",
    "＝1+1": "'＝1+1",
    "-13": "-13",
    "-1.5": "-1.5",
    "a=1": "a=1",
    "-": "'-",
    "don't": "don't",
    "": "",
}


def quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = Site(tmp_path_factory.mktemp("spreadsheet"))
    for number, text in enumerate(TEXTS):
        name = f"a{number:02}"
        site.write(**{name: article(slug=name, author=quoted(text), id="-12", score="-1.0")})
    site.write(
        zz=article(
            slug="zz",
            id="-12",
            score="-1.0",
            author='"\\t=1+1"',
            answer='"one\\r\\ntwo, \\"three\\""',
        )
    )
    site.build(exports=Exports(spreadsheet=True))
    return (site.out / "current").resolve()


def column(release: Path, path: str, name: str) -> list[str | None]:
    data = (release / path).read_bytes().removeprefix(b"\xef\xbb\xbf")
    header, *records = rfc4180.read(data)
    return [record[header.index(name)] for record in records]


def test_it_is_off_by_default(site: Site) -> None:
    site.write(a=article())
    site.build()
    assert not any(path.startswith(FOLDER) for path in contents(site.out / "current"))


def test_turning_it_on_is_a_reason_to_publish(site: Site) -> None:
    site.write(a=article())
    site.build()
    site.build(exports=Exports(spreadsheet=True))
    found = {path for path in contents(site.out / "current") if path.startswith(FOLDER)}
    assert found == {f"{FOLDER}/{name}.csv" for name in IN_CSV}


@pytest.mark.parametrize("table", IN_CSV)
def test_each_file_begins_with_a_byte_order_mark_and_is_rfc_4180_CS_02(
    release: Path, table: str
) -> None:
    data = (release / FOLDER / f"{table}.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert rfc4180.read(data[3:])[0] == IN_CSV[table].schema.names


def test_text_that_begins_a_formula_has_an_apostrophe_before_it_CS_05(release: Path) -> None:
    found = column(release, f"{FOLDER}/articles.csv", "author")
    assert found == [*TEXTS.values(), "'\t=1+1"]
    assert column(release, "csv/articles.csv", "author") == [*TEXTS, "\t=1+1"]


@pytest.mark.parametrize("name", ["id", "score", "word_count", "published", "modified"])
def test_a_number_and_a_time_stay_as_they_are_CS_05(release: Path, name: str) -> None:
    assert column(release, f"{FOLDER}/articles.csv", name) == column(
        release, "csv/articles.csv", name
    )


@pytest.mark.skipif(not shutil.which("soffice"), reason="no soffice (Debian: libreoffice-calc)")
def test_libreoffice_finds_no_formula_and_the_numbers_are_numbers(
    release: Path, tmp_path: Path
) -> None:
    rows = office_rows(release / FOLDER / "articles.csv", tmp_path)
    header, *records = [[text for text, _, _ in row] for row in rows]
    kinds = [{name: row[header.index(name)][1] for name in ("id", "score")} for row in rows[1:]]

    assert not [formula for row in rows for _, _, formula in row if formula]
    assert [record[header.index("author")] for record in records] == [
        *TEXTS.values(),
        "'=1+1",  # the tab is an element of its own
    ]
    assert kinds == [{"id": "float", "score": "float"}] * (len(TEXTS) + 1)


@pytest.mark.skipif(not shutil.which("soffice"), reason="no soffice (Debian: libreoffice-calc)")
def test_libreoffice_would_find_formulas_in_the_exact_csv(release: Path, tmp_path: Path) -> None:
    rows = office_rows(release / "csv" / "articles.csv", tmp_path)
    assert [formula for row in rows for _, _, formula in row if formula]


def office_rows(path: Path, folder: Path) -> list[list[tuple[str, str, str]]]:
    """Text, type and formula of each cell, as LibreOffice reads a file of CSV in UTF-8."""
    subprocess.run(
        [
            *[
                "soffice",
                "--headless",
                "--norestore",
                f"-env:UserInstallation=file://{folder}/user",
            ],
            # Comma, double quote, UTF-8, from line 1; evaluate formulas: what Excel always does.
            *["--infilter=CSV:44,34,76,1,,0,false,true,false,false,false,-1,true"],
            *["--convert-to", "fods", "--outdir", str(folder), str(path)],
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )
    tree = etree.parse(next(folder.glob("*.fods")))
    return [
        [cell for element in row.iter(f"{TABLE}table-cell") for cell in office_cells(element)]
        for row in tree.iter(f"{TABLE}table-row")
    ][: 1 + len(re.findall(rb"/learn/databases/questions/", path.read_bytes()))]


def office_cells(element: etree._Element) -> list[tuple[str, str, str]]:
    text = "\n".join("".join(paragraph.itertext()) for paragraph in element)
    cell = (
        text,
        element.get(f"{OFFICE}value-type", ""),
        element.get(f"{TABLE}formula", ""),
    )
    return [cell] * min(int(element.get(f"{TABLE}number-columns-repeated", "1")), 50)
