"""Nothing below issues/ is lost in silence: files that are no items, items beside issues/, items in another month."""

from pathlib import Path

import pytest

from tests.conftest import Run
from tests.room import Room

ITEM = "---\ntitle: A\nchapters: [LPMN]\nmonth: 2024-09\nsection: wins\n---\nWords.\n"


def remarks(room: Room) -> list[tuple[str, str]]:
    return [(remark.slug, str(remark.fault.place)) for remark in room.load().remarks]


@pytest.mark.parametrize(
    "name",
    [
        "story.docx",
        "story.rtf",
        "story.html",
        "story.pdf",
        "story",
        "notes.txt",
        "list.xlsx",
        "story.md.bak",
        "story.mp4",
    ],
)
def test_a_file_that_is_no_item_is_named_and_stops_nothing(room: Room, run: Run, name: str) -> None:
    room.item("good")
    room.file(f"issues/2024-09/items/{name}", "A story.\n")
    assert remarks(room) == [("no-item", f"issues/2024-09/items/{name}")]
    assert room.faults() == []
    result = run("build")
    assert (result.exit_code, f"issues/2024-09/items/{name}: is no item" in result.stderr) == (0, True)
    checked = run("check", "--only", "no-item")
    assert (checked.exit_code, f"issues/2024-09/items/{name}: warning [no-item]" in checked.stdout) == (0, True)
    assert checked.stderr.count("is no item") == 0


@pytest.mark.parametrize(
    "name",
    [
        *("a.jpg", "a.JPEG", "a.png", "a.HEIC", "a.svg", "README.md", "readme.txt", ".DS_Store", ".story.md.swp"),
        *("Thumbs.db", "desktop.ini", "~$story.docx", "story.md~", "#story.md#", "a.webp"),
    ],
)
def test_pictures_and_what_is_hidden_are_not_named(room: Room, name: str) -> None:
    room.item("good")
    room.file(f"issues/2024-09/items/{name}", "x")
    assert (remarks(room), room.faults()) == ([], [])


@pytest.mark.parametrize(
    ("name", "message", "good"),
    [
        ("story.md.txt", "the name ends in .txt", "story.md"),
        ("story.txt", "the name ends in .txt", "story.md"),
        ("story", "the name has no .md", "story.md"),
        ("story.mdown", "the name ends in .mdown", "story.md"),
        ("Story.MDX", "the name ends in .MDX", "Story.md"),
    ],
)
def test_an_item_with_another_ending_stops_its_own_issues(room: Room, name: str, message: str, good: str) -> None:
    room.file(f"issues/2024-09/items/{name}", ITEM.replace("2024-09", "2024-10"))
    (fault,) = room.load().faults
    assert (fault.message, fault.hint) == (f"{message}, so this is no item", f"rename it to {good}")
    assert (fault.months, fault.tags) == (("2024-10",), ("LPMN",))
    assert remarks(room) == []


@pytest.mark.parametrize("folder", ["items", "Items", "2024-09", "stories", "issue"])
def test_items_beside_issues_are_told(room: Room, run: Run, folder: str) -> None:
    room.item("good")
    room.file(f"{folder}/2024-09/story.md", ITEM)
    assert remarks(room) == [("no-item", f"{folder}/")]
    assert f"{folder}/: lies beside issues/" in run("build").stderr


def test_an_item_beside_newsletter_toml_is_told(room: Room) -> None:
    room.item("good")
    room.file("story.md", ITEM)
    assert remarks(room) == [("no-item", "story.md")]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("docs/story.md", ITEM),
        ("items/notes.md", "Just words.\n"),
        ("README.md", ITEM),
        ("notes.md", "---\nlayout: page\n---\nWords.\n"),
        ("build/2024-09/story.md", ITEM),
        (".github/items/story.md", ITEM),
    ],
)
def test_other_files_beside_issues_are_nobody_s_business(room: Room, path: str, content: str) -> None:
    room.item("good")
    room.file(path, content)
    assert remarks(room) == []


def test_a_newsroom_of_word_files_says_so(room: Room, run: Run) -> None:
    room.file("issues/2024-09/items/story.docx", "x")
    result = run("build")
    assert (result.exit_code, "issues/2024-09/items/story.docx: is no item" in result.stderr) == (1, True)


def test_many_strays_are_counted(room: Room, run: Run) -> None:
    room.item("good")
    for number in range(3):
        room.file(f"issues/2024-09/items/{number}.docx", "x")
    stderr = run("build").stderr
    assert ("issues/2024-09/items/0.docx: is no item" in stderr, "2 more such files: newsletter check" in stderr) == (
        True,
        True,
    )


def test_strays_of_another_month_are_not_told(room: Room, run: Run) -> None:
    room.item("good")
    room.file("issues/2024-05/items/old.docx", "x")
    assert "old.docx" not in run("build", "-m", "2024-09").stderr
    assert "old.docx" in run("check", "--all").stdout


def test_a_rule_that_is_off_tells_nothing(room: Room, run: Run) -> None:
    toml = (room.root / "newsletter.toml").read_text("utf-8")
    room.file("newsletter.toml", f'{toml}\n[checks]\nno-item = "off"\n')
    room.item("good")
    room.file("issues/2024-09/items/story.docx", "x")
    assert "story.docx" not in run("build").stderr
    assert "story.docx" not in run("check").stdout


@pytest.mark.parametrize(("month", "level"), [("2024-08", "warning"), ("2024-10", "advice")])
def test_an_item_in_the_folder_of_another_month_is_told(room: Room, run: Run, month: str, level: str) -> None:
    room.item("good")
    room.item("gala", month=month)
    stdout = run("check", "-m", "2024-09").stdout
    assert f"issues/2024-09/items/gala.md:5: {level} [other-month]" in stdout
    assert f"this item lies in the folder of 2024-09, and its month is {month}" in " ".join(stdout.split())
    # It is told where it runs, too.
    assert f"gala.md:5: {level} [other-month]" in run("check", "-m", month).stdout


def test_items_that_are_where_they_belong_are_not_told(room: Room, run: Run) -> None:
    room.item("both", month=None, months=["2024-08", "2024-09"])
    room.item("a-draft", month="2024-08", draft=True)
    room.item("of-the-quarter", chapters=["LPNY"], month="2024-07")
    room.file("issues/archive/old.md", ITEM.replace("2024-09", "2024-01"))
    assert "other-month" not in run("check", "-m", "2024-09").stdout


def test_listing_finds_the_folder_of_issues_by_another_name_once(room: Room) -> None:
    room.item("good")
    Path(room.root, "Issues").mkdir(exist_ok=True)
    assert remarks(room) == []
