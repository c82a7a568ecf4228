"""newsletter import of documents: Word, and what Google Docs gives as a web page, zipped or not, and as Markdown."""

import base64
import io
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.shared import Inches
from PIL import Image

from tests.conftest import Run
from tests.room import Room, picture

MONTH = ("-m", "2031-05", "--chapter", "LPMN", "--section", "wins")


def bodies(room: Room) -> dict[str, str]:
    """Return the words of each draft by its title."""
    newsroom = room.load()
    assert newsroom.faults == ()
    assert all(item.is_draft for item in newsroom.items)
    return {item.title: item.body for item in newsroom.items}


def photo(turn: int = 1, size: tuple[int, int] = (2400, 1200)) -> bytes:
    """Return a photograph as a phone takes it: with its turn, and where it was taken."""
    file = io.BytesIO()
    image = Image.effect_noise(size, 60).convert("RGB")
    exif = image.getexif()
    exif[0x0112], exif[0x010F] = turn, "Phone"
    image.save(file, "JPEG", exif=exif)
    return file.getvalue()


def document(path: Path, *, stories: int = 2) -> Any:
    written = docx.Document()
    for number in range(stories):
        written.add_heading(f"Story {number + 1}", 1)
        written.add_paragraph(f"Words {number + 1}.")
    written.save(str(path))
    return written


def rewritten(path: Path, change: Any) -> None:
    """Change the document's XML by hand."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["word/document.xml"] = change(members["word/document.xml"].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def test_a_document_of_several_stories_is_cut_at_its_headings(room: Room, run: Run) -> None:
    written = docx.Document()
    written.add_heading("May stories", 0)
    written.add_heading("Events", 1)
    written.add_heading("Town hall: come", 2)
    paragraph = written.add_paragraph("Bring ")
    paragraph.add_run("a fri").bold = True
    paragraph.add_run("end").bold = True
    paragraph.add_run(", or ")
    paragraph.add_run("two").italic = True
    written.add_paragraph("one", style="List Bullet")
    written.add_paragraph("two", style="List Bullet")
    written.add_heading("What to bring", 3)
    written.add_paragraph("3. *Nothing*")
    written.add_heading("New York", 1)
    written.add_heading("Rents", 2)
    table = written.add_table(2, 2)
    for at, words in enumerate(["who", "a|b", "us", "1"]):
        table.cell(at // 2, at % 2).text = words
    written.save(str(room.root / "plan.docx"))
    result = run("import", "plan.docx", "-m", "2031-05")
    assert result.exit_code == 0, result.stderr
    assert bodies(room) == {
        "Town hall: come": "Bring **a friend**, or *two*\n\n- one\n- two\n\n### What to bring\n\n3\\. \\*Nothing\\*",
        "Rents": "| who | a\\|b |\n|---|---|\n| us | 1 |",
    }
    assert {item.title: (item.section, item.chapters, item.made_from) for item in room.load().items} == {
        "Town hall: come": ("events", ("network",), "plan.docx#town-hall-come"),
        "Rents": ("events", ("LPNY",), "plan.docx#rents"),
    }


def test_a_document_of_one_story_is_one_item(room: Room, run: Run) -> None:
    written = docx.Document()
    written.add_heading("Rents", 1)
    written.add_paragraph("The council said yes.")
    for heading in ("Who", "How"):
        written.add_heading(heading, 2)
        written.add_paragraph("x")
    written.save(str(room.root / "plan.docx"))
    result = run("import", "plan.docx", *MONTH)
    assert bodies(room) == {"Rents": "The council said yes.\n\n## Who\n\nx\n\n## How\n\nx"}
    assert "plan.docx is one story with 2 headings inside" in result.stderr
    assert [item.made_from for item in room.load().items] == ["plan.docx#rents"]


def test_tracked_changes_count_as_accepted_and_comments_stay_away(room: Room, run: Run) -> None:
    path = room.root / "plan.docx"
    document(path, stories=1)
    rewritten(
        path,
        lambda xml: xml.replace(
            "<w:r><w:t>Words 1.</w:t></w:r>",
            '<w:r><w:t xml:space="preserve">We </w:t></w:r>'
            '<w:del w:id="1" w:author="x"><w:r><w:delText>lost</w:delText></w:r></w:del>'
            '<w:ins w:id="2" w:author="x"><w:r><w:t>won</w:t></w:r></w:ins>',
        ),
    )
    run("import", "plan.docx", *MONTH)
    assert bodies(room) == {"Story 1": "We won"}


def test_pictures_become_files_upright_small_and_without_what_the_camera_wrote(room: Room, run: Run) -> None:
    written = docx.Document()
    written.add_heading("One", 1)
    written.add_picture(io.BytesIO(photo(turn=6)), width=Inches(2))
    written.add_paragraph("Words")
    written.add_picture(io.BytesIO(picture(size=(30, 20))), width=Inches(1))
    written.save(str(room.root / "plan.docx"))
    result = run("import", "plan.docx", *MONTH)
    assert result.stderr.startswith("one.md: no alt text; no alt text for 1 picture in the words\n")
    (item,) = room.load().items
    assert item.picture and item.picture.path == "issues/2031-05/items/one.jpg"
    assert item.body == "Words\n\n![](one-2.png)"
    with Image.open(room.root / item.picture.path) as image:
        assert (image.size, dict(image.getexif())) == ((800, 1600), {})
    assert room.load().faults == ()


def test_megabytes_of_pictures_end_as_a_few(room: Room, run: Run) -> None:
    written = docx.Document()
    written.add_heading("One", 1)
    for number in range(4):
        file = io.BytesIO()
        Image.effect_noise((1600 + number, 1100), 120).convert("RGB").save(file, "PNG")
        written.add_picture(file, width=Inches(2))
    written.save(str(room.root / "plan.docx"))
    assert (room.root / "plan.docx").stat().st_size > 6_000_000
    assert run("import", "plan.docx", *MONTH).exit_code == 0
    files = [path for path in (room.root / "issues").rglob("*") if path.suffix in {".png", ".jpg"}]
    assert len(files) == 4
    assert all(path.stat().st_size < 2_500_000 for path in files)


def test_a_document_that_unpacks_without_end_is_refused(room: Room, run: Run) -> None:
    document(room.root / "plan.docx")
    rewritten(room.root / "plan.docx", lambda xml: xml + " " * 70_000_000)
    result = run("import", "plan.docx", *MONTH)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("plan.docx: holds 'word/document.xml', which unpacks to more than 10 MB")


def test_a_damaged_document_is_told(room: Room, run: Run) -> None:
    document(room.root / "plan.docx")
    raw = (room.root / "plan.docx").read_bytes()
    room.file("cut.docx", raw[: len(raw) // 2])
    rewritten(room.root / "plan.docx", lambda xml: xml[: len(xml) // 2])
    assert run("import", "cut.docx", *MONTH).stderr.startswith("cut.docx: is damaged or cut off")
    result = run("import", "plan.docx", *MONTH)
    assert (result.exit_code, result.stderr.split("\n")[0]) == (
        1,
        "plan.docx: is damaged, or no Word document that can be read",
    )


GOOGLE = """<html><head><title>Plan</title><style>.c1{font-weight:700}.c2{font-style:italic}</style></head><body>
<p class="c3 title"><span>May</span></p>
<h1 id="h.1"><span>One</span></h1>
<p class="c0"><span class="c1">Bold</span><span class="c1"> too</span>, <span class="c2">it</span>
<a href="https://www.google.com/url?q=https://example.org/a%3Fb%3D1&amp;sa=D">here</a><a href="#cmnt1">[a]</a></p>
<ul class="lst-kix_a-0"><li>a</li></ul><ul class="lst-kix_a-1"><li>b</li></ul><ol><li>c</li></ol>
<h1><span>Two</span></h1><p>w<br><br>v<br>u</p><p><img alt="A tree" src="images/image1.png"></p></body></html>"""


def test_what_google_docs_gives_as_a_zipped_page(room: Room, run: Run) -> None:
    with zipfile.ZipFile(room.root / "plan.zip", "w") as archive:
        archive.writestr("Plan.html", GOOGLE)
        archive.writestr("images/image1.png", picture())
    assert run("import", "plan.zip", *MONTH).exit_code == 0
    assert bodies(room) == {
        "One": "**Bold too**, *it* [here](https://example.org/a?b=1)\\[a\\]\n\n- a\n   - b\n1. c",
        "Two": "w\n\nv\\\nu\n\n![A tree](two.png)",
    }


def test_a_page_that_was_saved_has_its_pictures_beside_it(room: Room, run: Run) -> None:
    room.file("in/plan.html", GOOGLE)
    room.file("in/images/image1.png", picture())
    assert run("import", "in/plan.html", *MONTH).exit_code == 0
    assert bodies(room)["Two"].endswith("![A tree](two.png)")


def test_what_google_docs_gives_as_markdown(room: Room, run: Run) -> None:
    data = base64.b64encode(picture()).decode()
    room.file(
        "plan.md",
        "# **One** {#one}\n\n![A tree][image1]\n\nWords ![][image1]\n\n## Sub\n\n```\n# no heading\n```\n\n"
        f"Two\n===\n\nMore \\- words\n\n[image1]: <data:image/png;base64,{data}>\n",
    )
    assert run("import", "plan.md", *MONTH).exit_code == 0
    assert bodies(room) == {
        "One": "Words ![](one.png)\n\n## Sub\n\n```\n# no heading\n```",
        "Two": "More \\- words",
    }
    one = next(item for item in room.load().items if item.title == "One")
    assert one.picture and (one.picture.source, one.picture.alt) == ("one.png", "A tree")


def test_a_text_begins_with_its_title(room: Room, run: Run) -> None:
    room.file("story.txt", "The council said yes\n\nIt was late.\n")
    run("import", "story.txt", *MONTH)
    assert bodies(room) == {"The council said yes": "It was late."}


def test_two_stories_of_one_name_stay_two(room: Room, run: Run) -> None:
    room.file("plan.md", "# Update\n\na\n\n# Update\n\nb\n")
    assert len(run("import", "plan.md", *MONTH).stdout.split()) == 2
    assert run("import", "plan.md", *MONTH).stdout == ""


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("story.md", "---\ntitle: One\n---\nx\n", "story.md: is an item already: it has front matter"),
        ("story.md", "\n \n", "story.md: is empty"),
        ("story.html", "<html><body> </body></html>", "story.html: holds no words"),
        ("story.odt", "x", "story.odt: is of a kind that can't be imported"),
        ("story.rtf", "{\\rtf1 x}", "story.rtf: is in Rich Text Format"),
        ("photo.jpg", picture(kind="JPEG"), "photo.jpg: is a picture"),
    ],
)
def test_what_is_no_document_is_told(room: Room, run: Run, name: str, content: str | bytes, told: str) -> None:
    room.file(name, content)
    result = run("import", name, *MONTH)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(told)


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 20_000 + "deep",
        "<b><i><u>" * 3_000 + "x",
        "<ul><li>" * 2_000 + "x",
        "<table><tr><td>" * 1_000 + "x",
        "<blockquote>" * 2_000 + "x",
        "<p>" + "<a href='x'>" * 5_000 + "y",
        "<p>\x00\x0b\ud800 x</p>",
        "<p>" + "*_`[]()<>#&\\|~" * 2_000,
        "<p>![x](gone.png) %%nothing%% <<<<<<< HEAD</p>",
    ],
)
def test_odd_pages_end_in_a_draft_that_loads(room: Room, run: Run, html: str) -> None:
    room.file("story.html", f"<html><body><h1>One</h1>{html}</body></html>".encode(errors="surrogatepass"))
    assert run("import", "story.html", *MONTH).exit_code == 0
    assert [*bodies(room)] == ["One"]


def test_a_note_goes_with_the_story_that_it_is_a_note_on(room: Room, run: Run) -> None:
    path = room.root / "plan.docx"
    document(path)
    reference = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteReference w:id="2"/></w:r>'
    rewritten(path, lambda xml: xml.replace("<w:t>Words 1.</w:t></w:r>", f"<w:t>Words 1.</w:t></w:r>{reference}"))
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name).decode("latin-1") for name in archive.namelist()}
    namespace = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    members["word/footnotes.xml"] = (
        f'<w:footnotes {namespace}><w:footnote w:id="2"><w:p><w:r><w:t>See *there*.</w:t></w:r></w:p></w:footnote>'
        "</w:footnotes>"
    )
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    related = "word/_rels/document.xml.rels"
    members[related] = members[related].replace(
        "</Relationships>", f'<Relationship Id="rId99" Type="{kind}" Target="footnotes.xml"/></Relationships>'
    )
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content.encode("latin-1"))
    assert run("import", "plan.docx", *MONTH).exit_code == 0
    assert bodies(room) == {
        "Story 1": "Words 1.<sup>\\[1\\]</sup>\n\n\\[1\\] See \\*there\\*.",
        "Story 2": "Words 2.",
    }


def test_a_login_page_is_no_document_and_a_story_with_a_form_for_members_is(room: Room, run: Run) -> None:
    form = "<form><input name=p type=password></form>"
    room.file("login.html", f"<html><title>Sign in</title>{form}</html>")
    room.file("story.html", f"<html>{form}<article><h1>One</h1><p>Words</p></article></html>")
    result = run("import", "login.html", "story.html", *MONTH)
    assert (result.exit_code, result.stdout) == (1, "issues/2031-05/items/one.md\n")
    assert result.stderr.startswith("login.html: is a login page\n")


def test_a_page_says_in_which_letters_it_is_written(room: Room, run: Run) -> None:
    room.file("story.html", "<html><meta charset=shift_jis><h1>One</h1><p>日本語</p></html>".encode("shift_jis"))
    run("import", "story.html", *MONTH)
    assert bodies(room) == {"One": "日本語"}


def test_a_section_or_a_chapter_that_a_heading_names_counts_more_than_the_command_line(room: Room, run: Run) -> None:
    room.file("plan.md", "# New York\n\n## One\n\na\n\n## Two\n\nb\n\n# Take action\n\n## Three\n\nc\n")
    run("import", "plan.md", *MONTH)
    assert {item.title: (item.chapters, item.section) for item in room.load().items} == {
        "One": (("LPNY",), "wins"),
        "Two": (("LPNY",), "wins"),
        "Three": (("LPMN",), "action"),
    }


def test_pictures_take_no_name_that_a_file_has(room: Room, run: Run) -> None:
    room.file("issues/2031-05/items/one-2.png", b"somebody's own")
    data = base64.b64encode(picture()).decode()
    other = base64.b64encode(picture("red")).decode()
    shown = (
        f'<img alt="A" src="data:image/png;base64,{data}"><p>w <img alt="B" src="data:image/png;base64,{other}"></p>'
    )
    room.file("story.html", f"<html><h1>One</h1>{shown}</html>")
    assert run("import", "story.html", *MONTH).exit_code == 0
    (item,) = room.load().items
    assert (item.picture and item.picture.source, item.body) == ("one.png", "w ![B](one-3.png)")
    assert (room.root / "issues/2031-05/items/one-2.png").read_bytes() == b"somebody's own"
    assert room.load().faults == ()
