"""newsletter list, newsletter status."""

from tests.conftest import Run
from tests.room import Room


def test_list_shows_every_item_with_its_marks_in_tab_separated_rows(run: Run, room: Room) -> None:
    room.item("later", months=["2024-09", "2024-10"], month=None, until="2024-10-15")
    room.item("draft", draft=True, chapters=["LPNY", "network"], section="events")
    shown = run("list")
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert shown.stdout.splitlines() == [
        "2024-09\tLPNY network\tevents\tDraft (draft)\tissues/2024-09/items/draft.md",
        "2024-09 2024-10\tLPMN\twins\tLater (until 2024-10-15)\tissues/2024-09/items/later.md",
    ]
    assert run("list", "-m", "2024-10").stdout.splitlines() == [shown.stdout.splitlines()[1]]
    assert run("list", "--chapter", "network").stdout.splitlines() == [shown.stdout.splitlines()[0]]


def test_list_names_the_nearest_chapter(run: Run) -> None:
    refused = run("list", "--chapter", "LPNM")
    assert (refused.exit_code, refused.stderr) == (
        2,
        "no chapter or publication is called 'LPNM'\n  hint: did you mean 'LPMN'?\n",
    )


def test_list_of_nothing_says_so(run: Run) -> None:
    shown = run("list", "-m", "2024-09")
    assert (shown.exit_code, shown.stdout, shown.stderr) == (0, "", "no items in 2024-09\n")


def test_status_tells_ready_thin_empty_and_faulty_issues_apart(run: Run, room: Room) -> None:
    for slug in ("one", "two", "three"):
        room.item(slug)
    room.item("alone", chapters=["network"])
    shown = run("status", "-m", "2024-09")
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert shown.stdout.splitlines() == [
        "2024-09/network\tthin\t1\t0\t2\t1\t\t0\t\t📬 The Network Download | Alone | September 2024\t"
        'newsletter new item "What happened" --chapter network -m 2024-09',
        "2024-09/state-LPMN\tready\t3\t0\t6\t1\t\t0\t\tLPMN State Download 📣 | One, Three & Two | September 2024\t"
        "newsletter proof 2024-09/state-LPMN --to ADDRESS",
        '2024-09/state-LPNY\tempty\t0\t0\t0\t0\t\t0\t\t\tnewsletter new item "What happened" --chapter LPNY -m 2024-09',
    ]
    room.item("broken", section="wons")
    shown = run("status", "-m", "2024-09")
    assert shown.exit_code == 1
    assert shown.stderr.startswith("issues/2024-09/items/broken.md:6: section 'wons' is not in newsletter.toml")
    assert shown.stdout.splitlines()[1].split("\t")[1] == "faulty"


def test_status_of_an_empty_newsroom_says_how_to_begin(run: Run) -> None:
    shown = run("status")
    assert (shown.exit_code, shown.stdout) == (0, "")
    told = 'this newsroom has no items\n  hint: write one: newsletter new item "What happened" --chapter CODE\n'
    assert shown.stderr == told


def test_items_at_fault_are_not_called_no_items(run: Run, room: Room) -> None:
    room.item("story", section="winz")
    told = "issues/2024-09/items/story.md:6: section 'winz' is not in newsletter.toml\n  hint: did you mean 'wins'?\n"
    for command in (["list"], ["build", "LPMN"], ["export", "LPMN"]):
        result = run(*command)
        assert (result.exit_code, result.stdout, result.stderr) == (1, "", told)
    board = run("status")
    assert (board.exit_code, board.stderr) == (1, told)
    assert [row.split("\t")[1] for row in board.stdout.splitlines()] == ["empty", "faulty", "empty"]
