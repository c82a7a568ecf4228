"""newsletter import of spreadsheets: CSV as programs write it, XLSX as people lay it out."""

import io
import itertools
import re
import zipfile
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter.errors import ContentError
from newsletter.gather.clipping import Asked
from newsletter.gather.sources import Source
from newsletter.gather.tables import clippings
from newsletter.gather.workbooks import sheets
from newsletter.read.config import read_config
from tests.conftest import Run
from tests.room import Room, picture

MONTH = ("-m", "2031-05")


def front(room: Room, name: str, month: str = "2031-05") -> list[str]:
    """Return the lines of a draft's front matter, without its comment on the import."""
    text = (room.root / f"issues/{month}/items/{name}.md").read_text("utf-8")
    lines = text.split("\n---\n")[0].split("\n")[1:]
    return [line for line in lines if not line.startswith("# imported as")]


def workbook(path: Path, **rows: list[list[Any]]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, listed in rows.items():
        sheet = book.create_sheet(name)
        for row in listed:
            sheet.append(row)
    book.save(path)
    return book


def test_a_row_is_a_draft_that_loads(room: Room, run: Run) -> None:
    room.file(
        "stories.csv",
        "Title,Chapter,Month,Section,Link,Text\n"
        'Saint Paul plants trees,LPMN,2031-05,Wins,https://example.org/trees,"Two thousand, says **the city**."\n',
    )
    result = run("import", "stories.csv", *MONTH)
    assert (result.exit_code, result.stdout) == (0, "issues/2031-05/items/saint-paul-plants-trees.md\n")
    text = (room.root / "issues/2031-05/items/saint-paul-plants-trees.md").read_text("utf-8")
    assert re.sub(r"as [0-9a-f]{12}", "as …", text) == (
        "---\n"
        "title: Saint Paul plants trees\n"
        "chapters: [LPMN]\n"
        "month: 2031-05\n"
        "section: wins\n"
        "link: https://example.org/trees\n"
        "draft: true\n"
        'from: "stories.csv#saint-paul-plants-trees"\n'
        "# imported as … (tells whether the source changed; it may be deleted)\n"
        "---\n"
        "Two thousand, says **the city**.\n"
    )
    (item,) = room.load().items
    assert (item.is_draft, item.chapters, item.made_from) == (True, ("LPMN",), "stories.csv#saint-paul-plants-trees")
    assert room.load().faults == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_way_to_save_a_csv_is_read_alike(room: Room, encoding: str) -> None:
    asked = Asked(config=read_config(room.root), month="2031-05")
    rows = [["Title", "Chapter", "Text"], ["Ça marche: élan", "LPMN", "Words, and more; words"]]
    for separator, ending in itertools.product(",;\t|", ("\n", "\r\n", "\r")):
        text = ending.join(separator.join(f'"{cell}"' for cell in row) for row in rows) + ending
        source = Source(name="plan.csv", kind="table", content=text.encode(encoding))
        (row,) = clippings(source, asked).clippings
        assert (row.values, row.words, row.place.line) == (
            {"title": "Ça marche: élan", "chapters": "LPMN"},
            "Words, and more; words",
            2,
        )


def test_letters_that_are_not_utf8_are_read_as_windows_has_them_and_told(room: Room, run: Run) -> None:
    room.file("stories.csv", "title,text\n“Año nuevo”,José’s niño\n".encode("cp1252"))
    result = run("import", "stories.csv", *MONTH)
    assert result.exit_code == 0
    assert "stories.csv is not UTF-8: read as Windows-1252, look at letters such as é and ñ" in result.stderr
    (item,) = room.load().items
    assert (item.title, item.body) == ("“Año nuevo”", "José’s niño")


@pytest.mark.parametrize(
    ("headers", "row"),
    [
        (
            "Title,Section,Date,Time,Place,Details,Sign up",
            "Town hall,Events,2031-05-12,6 PM,City Hall,Come,https://e.org/s",
        ),
        (
            "Título;Sección;Fecha;Hora;Lugar;Descripción;Inscripción",
            "Town hall;Events;12/05/2031;18:00;City Hall;Come;https://e.org/s",
        ),
        (
            "Titre;Rubrique;Date;Heure;Lieu;Texte;Inscription",
            "Town hall;Events;12/05/2031;18h00;City Hall;Come;https://e.org/s",
        ),
        (
            "Título;Seção;Data;Hora;Local;Descrição;Inscrição",
            "Town hall;Events;12/05/2031;18:00;City Hall;Come;https://e.org/s",
        ),
        (
            "Titel;Rubrik;Datum;Uhrzeit;Ort;Beschreibung;Anmeldung",
            "Town hall;Events;12.05.2031;18 Uhr;City Hall;Come;https://e.org/s",
        ),
        (
            "العنوان,القسم,التاريخ,الوقت,المكان,الوصف,التسجيل",
            "Town hall,Events,2031-05-12,18:00,City Hall,Come,https://e.org/s",
        ),
        ("כותרת,מדור,תאריך,שעה,מקום,תיאור,הרשמה", "Town hall,Events,2031-05-12,18:00,City Hall,Come,https://e.org/s"),
        ("标题,栏目,日期,时间,地点,正文,报名", "Town hall,Events,2031-05-12,18:00,City Hall,Come,https://e.org/s"),
        (
            "Tiêu đề,Chuyên mục,Ngày,Giờ,Địa điểm,Nội dung,Đăng ký",
            "Town hall,Events,2031-05-12,18:00,City Hall,Come,https://e.org/s",
        ),
        (
            "Tit,Seksyon,Dat,Lè,Kote,Deskripsyon,Enskripsyon",
            "Town hall,Events,2031-05-12,18:00,City Hall,Come,https://e.org/s",
        ),
    ],
)
def test_columns_are_known_in_ten_languages(room: Room, run: Run, headers: str, row: str) -> None:
    room.file("plan.csv", f"{headers}\n{row}\n")
    result = run("import", "plan.csv", *MONTH, "--chapter", "LPMN")
    assert result.exit_code == 0, result.stderr
    assert "no key of an item" not in result.stderr
    assert front(room, "town-hall")[4:] == [
        "starts: 2031-05-12 18:00",
        "location: City Hall",
        "rsvp: https://e.org/s",
        "draft: true",
        'from: "plan.csv#town-hall-2031-05-12"',
    ]


def test_what_has_no_key_is_listed_and_kept_as_a_comment(room: Room, run: Run) -> None:
    room.file("plan.csv", "Title,Budget,Owner\nTown hall,$400,the policy team\n")
    result = run("import", "plan.csv", *MONTH)
    assert (
        "plan.csv: no key of an item for the column 'Budget', 'Owner': kept as a comment in each draft\n"
        in result.stderr
    )
    assert front(room, "town-hall")[-2:] == ["# Budget: $400", "# Owner: the policy team"]
    assert room.load().faults == ()


def test_codes_that_nobody_knows_are_told_and_the_rest_is_a_draft(room: Room, run: Run) -> None:
    room.file("plan.csv", "title,chapter,section,month\nTown hall,LPNM,Winz,Smarch\n")
    result = run("import", "plan.csv", *MONTH)
    assert result.exit_code == 0
    for words in (
        "town-hall.md: ",
        "chapter 'LPNM' is not in newsletter.toml (did you mean 'LPMN'?)",
        "nobody says whose it is: 'network' stands there for now",
        "section 'Winz' is not in newsletter.toml",
        "month 'Smarch' can't be read: 2031-05 was taken",
    ):
        assert words in result.stderr
    (item,) = room.load().items
    assert (item.chapters, item.section, item.months) == (("network",), "wins", ("2031-05",))
    assert {"# chapter: LPNM", "# section: Winz"} <= {*front(room, "town-hall")}


def test_chapters_may_stand_there_by_name_and_several(room: Room, run: Run) -> None:
    room.file("plan.csv", 'title,chapter\nOne,"Minnesota, New York"\nTwo,lpmn; The Network Download\nThree,\n')
    assert run("import", "plan.csv", *MONTH, "--chapter", "LPNY").exit_code == 0
    assert {item.title: item.chapters for item in room.load().items} == {
        "One": ("LPMN", "LPNY"),
        "Two": ("LPMN", "network"),
        "Three": ("LPNY",),
    }


def test_a_second_import_changes_nothing_and_says_so(room: Room, run: Run) -> None:
    room.file("plan.csv", "title,text\nOne,a\nTwo,b\n")
    assert run("import", "plan.csv", *MONTH).exit_code == 0
    before = {path: path.read_bytes() for path in room.root.rglob("*.md")}
    again = run("import", "plan.csv", *MONTH)
    assert (again.exit_code, again.stdout) == (0, "")
    assert again.stderr == "plan.csv: all 2 are there already; nothing was changed\n"
    assert {path: path.read_bytes() for path in room.root.rglob("*.md")} == before
    assert list(room.root.rglob(".*")) == []


def test_a_row_is_known_again_wherever_its_draft_went(room: Room, run: Run) -> None:
    room.file("plan.csv", "title,text\nOne,a\n")
    run("import", "plan.csv", *MONTH)
    item = room.root / "issues/2031-05/items/one.md"
    room.file(
        "issues/2031-06/items/renamed.md",
        item.read_text("utf-8").replace("2031-05", "2031-06").replace("draft: true\n", ""),
    )
    item.unlink()
    assert run("import", "plan.csv", *MONTH).stdout == ""
    assert not item.exists()


def test_what_changed_in_the_table_is_told_and_never_overwritten(room: Room, run: Run) -> None:
    room.file("plan.csv", "title,text\nOne,a\n")
    run("import", "plan.csv", *MONTH)
    before = (room.root / "issues/2031-05/items/one.md").read_bytes()
    room.file("plan.csv", "title,text\nOne,another\n")
    result = run("import", "plan.csv", *MONTH)
    assert (result.exit_code, result.stdout) == (0, "")
    assert (
        "issues/2031-05/items/one.md: 'One' has changed at its source since it was imported; left as it is"
        in result.stderr
    )
    assert "hint: to have the new words, delete that file and import again" in result.stderr
    assert (room.root / "issues/2031-05/items/one.md").read_bytes() == before


def test_a_name_that_is_taken_is_numbered(room: Room, run: Run) -> None:
    path = room.item("one", folder="2031-05", month="2031-05")
    before = path.read_bytes()
    room.file("plan.csv", "title\nOne\nONE\nCON\nReadme\n活动\n")
    assert run("import", "plan.csv", *MONTH).stdout.split() == [
        f"issues/2031-05/items/{name}.md" for name in ("one-2", "one-3", "con-item", "readme-item", "item")
    ]
    assert path.read_bytes() == before
    assert len(room.load().items) == 6


def test_a_dry_run_shows_what_would_be_written_and_writes_nothing(room: Room, run: Run) -> None:
    room.file("plan.csv", "title,text\nOne,a\n")
    before = sorted(room.root.rglob("*"))
    result = run("import", "plan.csv", *MONTH, "--dry-run")
    assert (result.exit_code, result.stdout) == (0, "issues/2031-05/items/one.md\n")
    assert "issues/2031-05/items/one.md: would be written\n  title: One\n" in result.stderr
    assert result.stderr.endswith("1 draft would be written; nothing was\n")
    assert sorted(room.root.rglob("*")) == before


@pytest.mark.parametrize(
    ("rows", "starts"),
    [
        # Another cell leaves no doubt.
        (["10/12/2031", "10/13/2031"], ["2031-10-12", "2031-10-13"]),
        (["10/12/2031", "13/10/2031"], ["2031-12-10", "2031-10-13"]),
        # The month that is asked for.
        (["12/05/2031", "11/05/2031"], ["2031-05-12", "2031-05-11"]),
        (["05/12/2031", "05/11/2031"], ["2031-05-12", "2031-05-11"]),
        # Neither: as the language has it.
        (["10/12/2031"], ["2031-10-12"]),
    ],
)
def test_which_number_of_a_date_is_the_month(room: Room, run: Run, rows: list[str], starts: list[str]) -> None:
    room.file("plan.csv", "title,date,place\n" + "".join(f"Event {at},{day},Here\n" for at, day in enumerate(rows)))
    run("import", "plan.csv", *MONTH)
    assert [str(item.starts.day) for item in room.load().items if item.starts] == starts


@pytest.mark.parametrize(
    ("cells", "lines"),
    [
        (
            {"date": "May 12", "time": "6 - 7:30 pm ET"},
            ["starts: 2031-05-12 18:00", "ends: 2031-05-12 19:30", "timezone: America/New_York"],
        ),
        (
            {"start": "2031-05-12 18:00", "end": "2031-05-12 20:00"},
            ["starts: 2031-05-12 18:00", "ends: 2031-05-12 20:00"],
        ),
        (
            {"date": "2031-05-12", "time": "18:00", "end time": "20:00"},
            ["starts: 2031-05-12 18:00", "ends: 2031-05-12 20:00"],
        ),
        ({"date": "2031-05-12", "end date": "2031-05-14"}, ["starts: 2031-05-12", "ends: 2031-05-14"]),
        ({"when": "2031-05-12", "timezone": "Central Time"}, ["starts: 2031-05-12", "timezone: America/Chicago"]),
    ],
)
def test_days_and_times_come_together_from_their_columns(
    room: Room, run: Run, cells: dict[str, str], lines: list[str]
) -> None:
    room.file("plan.csv", f"title,{','.join(cells)}\nEvent,{','.join(cells.values())}\n")
    run("import", "plan.csv", *MONTH)
    assert [line for line in front(room, "event") if line.startswith(("starts", "ends", "timezone"))] == lines


def test_a_date_without_anything_of_an_event_is_when_it_appeared(room: Room, run: Run) -> None:
    room.file("press.csv", "title,source,date\nA story,Pioneer Press,2031-05-12\n")
    run("import", "press.csv", *MONTH)
    assert front(room, "a-story")[4:6] == ["source: Pioneer Press", "published: 2031-05-12"]


def test_a_value_that_no_item_may_have_is_told_and_kept_as_a_comment(room: Room, run: Run) -> None:
    room.file("plan.csv", "title,link,language,starts,order\nOne,see below,Klingon,some day,first\n")
    result = run("import", "plan.csv", *MONTH)
    assert result.exit_code == 0
    for sentence in (
        "link: 'see below' is not a full address",
        "language: 'Klingon' is not a language",
        "starts: 'some day' is not a date",
    ):
        assert sentence in result.stderr
    assert {"# link: see below", "# language: Klingon", "# starts: some day", "# order: first"} <= {*front(room, "one")}
    assert room.load().faults == ()


def test_a_picture_beside_the_table_is_laid_beside_the_item(room: Room, run: Run) -> None:
    room.file("in/photos/tree.png", picture(size=(3000, 1000)))
    room.file(
        "in/plan.csv", "title,photo,alt text\nOne,photos/tree.png,A tree\nTwo,gone.png,\nThree,../../newsletter.toml,\n"
    )
    result = run("import", "in/plan.csv", *MONTH)
    assert result.exit_code == 0
    assert front(room, "one")[4:6] == ["image: one.png", "image_alt: A tree"]
    assert "two.md: no words; nobody says which section" not in result.stderr
    assert "the picture gone.png is not there" in result.stderr
    assert "the picture ../../newsletter.toml lies outside the folder of what was imported" in result.stderr
    from PIL import Image

    with Image.open(room.root / "issues/2031-05/items/one.png") as image:
        assert image.size == (1600, 533)
    assert room.load().faults == ()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "plan.csv: is empty"),
        (b"one,two\n1,2\n", "plan.csv:1: no row says which column is the title (this one says 'one', 'two')"),
        (b"title,text\n", "plan.csv: holds no row below its header"),
        (b'title,text\nOne,a\nTwo,"b\nThree,c\n', "plan.csv:3: a cell that begins in this row has no end"),
        (b"<html><body>Log in <input type=password></body></html>", "plan.csv: is a login page"),
        (b"\xd0\xcf\x11\xe0rest", "plan.csv: is in the old format of Word or Excel"),
        (b"%PDF-1.7", "plan.csv: is a PDF"),
        (b"PK\x03\x04rest", "plan.csv: is damaged or cut off"),
    ],
)
def test_what_can_not_be_read_is_told_with_its_line(room: Room, run: Run, content: bytes, told: str) -> None:
    room.file("plan.csv", content)
    result = run("import", "plan.csv", *MONTH)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(told)
    assert not (room.root / "issues/2031-05").exists()


def test_a_workbook_is_read_as_it_is_laid_out(room: Room, run: Run) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Stories"
    sheet["A1"] = "Our stories for May"
    sheet.merge_cells("A1:E1")
    sheet["A2"] = "Event"
    sheet.merge_cells("A2:C2")
    for column, header in enumerate(["Title", "Date", "Time", "Chapter", "Place"], 1):
        sheet.cell(3, column, header)
    rows = [("Town hall", date(2031, 5, 12), time(18, 0)), ("Rally", datetime(2031, 5, 20, 9, 30), None)]
    for number, row in enumerate(rows, 4):
        for column, value in enumerate(row, 1):
            sheet.cell(number, column, value)
    sheet["D4"] = "LPMN"
    sheet.merge_cells("D4:D5")
    sheet["A4"].hyperlink = "https://example.org/town-hall"
    hidden = book.create_sheet("Old")
    hidden.append(["Title"])
    hidden.append(["Hidden"])
    hidden.sheet_state = "hidden"
    more = book.create_sheet("More")
    more.append(["headline", "title", "share"])
    more.append(["Short", "Long", 0.25])
    book.save(room.root / "plan.xlsx")
    assert run("import", "plan.xlsx", *MONTH).exit_code == 0
    assert front(room, "town-hall")[1:] == [
        "chapters: [LPMN]",
        "month: 2031-05",
        "section: events",
        "link: https://example.org/town-hall",
        "starts: 2031-05-12 18:00",
        "draft: true",
        'from: "plan.xlsx#stories/town-hall-2031-05-12"',
    ]
    assert front(room, "rally")[1:5] == [
        "chapters: [LPMN]",
        "month: 2031-05",
        "section: events",
        "starts: 2031-05-20 09:30",
    ]
    assert [item.title for item in room.load().items] == ["Long", "Rally", "Town hall"]


def test_a_formula_counts_as_the_value_that_it_had(tmp_path: Path) -> None:
    workbook(tmp_path / "plan.xlsx", Sheet=[["title", "total"], ["One", "=1+2"]])
    raw = (tmp_path / "plan.xlsx").read_bytes()
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    members[name] = (
        members[name]
        .replace(b"<f>1+2</f><v></v>", b"<f>1+2</f><v>3</v>")
        .replace(b"<f>1+2</f><v/>", b"<f>1+2</f><v>3</v>")
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    assert sheets(out.getvalue())[0].rows[1] == (2, ("One", "3"))


def test_words_that_cells_share_are_found_whatever_their_look(tmp_path: Path) -> None:
    workbook(tmp_path / "plan.xlsx", Sheet=[["title", "text"], ["One", "Two"], ["Two", 3]])
    with zipfile.ZipFile(tmp_path / "plan.xlsx") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    shared = ["title", "text", "One", "Two"]
    sheet = re.sub(
        r't="(?:inlineStr|s)">(?:<is><t>(\w+)</t></is>|<v>\d+</v>)',
        lambda cell: f't="s"><v>{shared.index(cell[1])}</v>' if cell[1] else cell[0],
        members["xl/worksheets/sheet1.xml"].decode(),
    )
    namespace = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    members["xl/worksheets/sheet1.xml"] = sheet.encode()
    members["xl/sharedStrings.xml"] = (
        f"<sst {namespace}><si><t>title</t></si><si><t>text</t></si><si><r><t>O</t></r><r><rPr><b/></rPr><t>ne</t></r>"
        "<rPh sb='0' eb='1'><t>spoken</t></rPh></si><si><t>Two_x000D_</t></si></sst>"
    ).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    rows = [row for _, row in sheets(out.getvalue())[0].rows]
    assert rows == [("title", "text"), ("One", "Two"), ("Two", "3")]


def test_a_cell_in_the_last_corner_costs_nothing(room: Room, run: Run) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["A1"], sheet["A2"], sheet["XFD1048576"] = "title", "One", "far away"
    book.save(room.root / "bare.xlsx")
    # The library itself takes a quarter of a minute for as many merged cells.
    merged = b'</sheetData><mergeCells count="1"><mergeCell ref="A2:A1048570"/></mergeCells>'
    with zipfile.ZipFile(room.root / "bare.xlsx") as bare, zipfile.ZipFile(room.root / "plan.xlsx", "w") as plan:
        for name in bare.namelist():
            plan.writestr(name, bare.read(name).replace(b"</sheetData>", merged))
    assert b"A2:A1048570" in zipfile.ZipFile(room.root / "plan.xlsx").read("xl/worksheets/sheet1.xml")
    assert run("import", "plan.xlsx", *MONTH).exit_code == 0
    assert [item.title for item in room.load().items] == ["One"]


@pytest.mark.parametrize("member", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
def test_a_workbook_that_unpacks_without_end_is_refused(room: Room, run: Run, member: str) -> None:
    workbook(room.root / "good.xlsx", Sheet=[["title"], ["One"]])
    with zipfile.ZipFile(room.root / "good.xlsx") as good:
        members = {name: good.read(name) for name in good.namelist()}
    members[member] = b"<x>" + b" " * 110_000_000
    with zipfile.ZipFile(room.root / "plan.xlsx", "w", zipfile.ZIP_DEFLATED) as bomb:
        for name, content in members.items():
            bomb.writestr(name, content)
    result = run("import", "plan.xlsx", *MONTH)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"plan.xlsx: holds '{member}', which unpacks to more than 100 MB")


def test_entities_of_a_workbook_unfold_to_nothing(room: Room, run: Run) -> None:
    workbook(room.root / "good.xlsx", Sheet=[["title"], ["One"]])
    with zipfile.ZipFile(room.root / "good.xlsx") as good:
        members = {name: good.read(name) for name in good.namelist()}
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + at)} "{f"&{chr(97 + at)};" * 10}">' for at in range(9)
    )
    members["xl/sharedStrings.xml"] = f"{bomb}]><sst><si><t>&j;</t></si></sst>".encode()
    with zipfile.ZipFile(room.root / "plan.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    result = run("import", "plan.xlsx", *MONTH)
    assert result.exit_code == 1
    assert result.stderr.startswith("plan.xlsx: holds 'xl/sharedStrings.xml', which defines letters of its own")


def test_placeholders_of_a_stranger_are_words(room: Room, run: Run) -> None:
    room.file("plan.csv", "title,text,x\nHello %%nothing%%,Dear %%first_name|friend%% %%else%%,%%more%%\n")
    assert run("import", "plan.csv", *MONTH).exit_code == 0
    (item,) = room.load().items
    assert (item.title, item.body) == ("Hello % %nothing% %", "Dear %%first_name|friend%% % %else% %")


def test_options_that_nobody_knows_are_the_command_lines_fault(room: Room, run: Run) -> None:
    room.file("plan.csv", "title\nOne\n")
    assert "no chapter or publication is called 'LPNM'" in run("import", "plan.csv", "--chapter", "LPNM").stderr
    assert run("import", "plan.csv", "--section", "winz").exit_code == 2
    missing = run("import", "gone.csv", "plan.csv", *MONTH)
    assert (missing.exit_code, missing.stdout) == (2, "issues/2031-05/items/one.md\n")
    assert missing.stderr.startswith("there is no file 'gone.csv'\n")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.lists(st.text(alphabet=st.characters(codec="utf-8"), max_size=60), min_size=1, max_size=6),
        min_size=1,
        max_size=5,
    )
)
def test_no_table_ends_in_a_traceback_and_every_draft_loads(room: Room, run: Run, cells: list[list[str]]) -> None:
    rows = ["title,text,chapter,section,link,date,time,image,order"]
    rows += [",".join('"{}"'.format(cell.replace('"', '""')) for cell in row) for row in cells]
    room.file("plan.csv", "\n".join(rows) + "\n")
    result = run("import", "plan.csv", *MONTH)
    assert result.exit_code in {0, 1}
    newsroom = room.load()
    assert newsroom.faults == ()
    assert all(item.is_draft for item in newsroom.items)
    for path in (room.root / "issues").rglob("*.*"):
        path.unlink()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300) | st.text(alphabet='",;\t\n\r title', max_size=200).map(str.encode))
def test_any_bytes_are_a_table_or_told(room: Room, content: bytes) -> None:
    asked = Asked(config=read_config(room.root), month="2031-05")
    try:
        clippings(Source(name="plan.csv", kind="table", content=content), asked)
    except ContentError as error:
        assert all(fault.message for fault in error.faults)


def test_no_draft_is_written_through_a_link_that_leads_out_of_the_newsroom(
    room: Room, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "outside").mkdir()
    (room.root / "issues").mkdir()
    (room.root / "issues/2031-05").symlink_to(tmp_path / "outside")
    room.file("plan.csv", "title\nOne\n")
    result = run("import", "plan.csv", *MONTH)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.endswith("lies outside the newsroom\n  hint: remove the symbolic link that leads there\n")
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_folder_that_can_not_be_made_ends_in_words(room: Room, run: Run) -> None:
    room.file("issues/2031-05", "a file stands here")
    room.file("plan.csv", "title\nOne\n")
    result = run("import", "plan.csv", *MONTH)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("issues/2031-05/items can't be written: ")


def test_a_day_with_an_hour_is_when_something_begins(room: Room, run: Run, tmp_path: Path) -> None:
    sheet = tmp_path / "plans.csv"
    sheet.write_text("Title;Date;Story\nA fair;2024-09-20 18:00;Come all.\nA bill;2024-09-12;It passed.\n", "utf-8")
    done = run("import", str(sheet), "-m", "2024-09", "--chapter", "LPMN", "--section", "wins")
    assert done.exit_code == 0, done.stderr
    fair, bill = ((room.root / f"issues/2024-09/items/{name}.md").read_text("utf-8") for name in ("a-fair", "a-bill"))
    assert "starts: 2024-09-20 18:00\n" in fair and fair.endswith("---\nCome all.\n")
    assert "published: 2024-09-12\n" in bill and "starts" not in bill
