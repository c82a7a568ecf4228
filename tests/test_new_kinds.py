"""newsletter new item --kind: the keys of that kind, each explained, in a section that fits."""

import pytest

from newsletter.read.config import read_config
from newsletter.read.fields import ITEM
from newsletter.read.scaffold import KINDS, is_untouched, section_for
from tests.conftest import Run
from tests.room import TOML, Room

PATH = "issues/2024-09/items/story.md"
SECTIONS = TOML.index("[sections.wins]")


def sections(room: Room, *tables: tuple[str, str, str]) -> None:
    """Give the newsroom these sections: key, title, look."""
    written = (f'[sections.{key}]\ntitle = "{title}"\nlook = "{look}"\n' for key, title, look in tables)
    room.file("newsletter.toml", TOML[:SECTIONS] + "\n".join(written))


@pytest.mark.parametrize("kind", KINDS)
def test_a_begun_item_counts_as_none_and_is_one_once_its_words_are_written(run: Run, room: Room, kind: str) -> None:
    room.item("other")
    made = run("new", "item", "Story", "--chapter", "LPMN", "-m", "2024-09", "--kind", kind)
    assert (made.exit_code, made.stdout) == (0, f"{PATH}\n")
    text = (room.root / PATH).read_text("utf-8")
    assert run("build", "LPMN", "-m", "2024-09").stdout.split("\t")[2] == "1"
    room.file(PATH, text.replace(KINDS[kind].words, "Forty people came, and went home with a list."))
    assert run("build", "LPMN", "-m", "2024-09").stdout.split("\t")[2] == "2"
    checked = run("check", "LPMN", "-m", "2024-09")
    assert (checked.exit_code, checked.stdout) == (0, "")


@pytest.mark.parametrize("kind", KINDS)
def test_each_key_of_a_kind_is_explained_in_the_line_above_it(run: Run, room: Room, kind: str) -> None:
    run("new", "item", "Story", "--chapter", "LPMN", "-m", "2024-09", "--kind", kind)
    lines = (room.root / PATH).read_text("utf-8").split("\n")
    for key in KINDS[kind].keys:
        at = lines.index(f"{key}:")
        assert lines[at - 1].startswith(f"# {ITEM[key].doc.replace('`', '')}")


def test_what_is_typed_behind_the_keys_of_an_event_is_its_date_and_place(run: Run, room: Room) -> None:
    run("new", "item", "Story", "--chapter", "LPMN", "-m", "2024-09", "--kind", "event")
    text = (room.root / PATH).read_text("utf-8").replace(KINDS["event"].words, "Come.")
    for line, typed in (("starts:", "2024-10-10 18:00"), ("location:", "City Hall"), ("link:", "https://a.example/#b")):
        text = text.replace(f"\n{line}\n", f"\n{line} {typed}\n")
    room.file(PATH, text)
    (item,) = room.load().items
    assert item.starts and (str(item.starts.at), item.location) == ("2024-10-10 18:00:00", "City Hall")
    assert (item.link, item.section) == ("https://a.example/#b", "events")


@pytest.mark.parametrize(
    ("kind", "section"),
    [
        ("story", ""),
        ("event", "events"),
        ("action", "action"),
        ("press", "in-the-news"),
        ("report", ""),
        # A quote has no place among those who died, whatever the section looks like.
        ("quote", ""),
        ("remembrance", "remembrance"),
    ],
)
def test_a_section_is_known_by_its_key(room: Room, kind: str, section: str) -> None:
    assert section_for(kind, read_config(room.root)) == section


def test_a_section_is_known_by_its_title_in_other_languages_and_by_its_look(room: Room) -> None:
    sections(
        room,
        ("a", "Logros", "story"),
        ("b", "Eventos", "story"),
        ("c", "Do it today", "action"),
        ("d", "Comunicados de prensa", "compact"),
        ("e", "Informes y recursos", "compact"),
        ("f", "Our neighbors say", "quote"),
        ("g", "En memoria", "quote"),
    )
    fitting = {kind: section_for(kind, read_config(room.root)) for kind in KINDS}
    assert fitting == {
        **{"story": "", "event": "b", "action": "c", "press": "d", "report": "e", "quote": "f", "remembrance": "g"}
    }


def test_press_coverage_goes_to_the_news_before_the_releases(room: Room) -> None:
    sections(room, ("press-releases", "Press releases", "compact"), ("news", "In the news", "compact"))
    assert section_for("press", read_config(room.root)) == "news"


def test_where_no_section_fits_the_first_is_taken_and_told(run: Run, room: Room) -> None:
    made = run("new", "item", "Story", "--chapter", "LPMN", "-m", "2024-09", "--kind", "report")
    assert made.stderr == (
        "no section here is known to be for a report, so it is in 'wins'\n"
        "  hint: there is wins, action, events, in-the-news, remembrance: change 'section' in the file\n"
    )
    told = run("new", "item", "Other", "--chapter", "LPMN", "-m", "2024-09", "--kind", "report", "--section", "events")
    assert told.stderr == ""
    assert {item.section for item in room.load().items} == {"wins", "events"}


def test_a_kind_that_there_is_not_is_refused_with_those_there_are(run: Run, room: Room) -> None:
    refused = run("new", "item", "Story", "--chapter", "LPMN", "--kind", "obituary")
    assert refused.exit_code == 2
    assert all(kind in refused.stderr for kind in KINDS)


def test_the_sentence_of_each_kind_is_its_own() -> None:
    words = [kind.words for kind in KINDS.values()]
    assert len({*words}) == len(words)
    assert all(map(is_untouched, words))
    assert not is_untouched(f"{words[1]} And bring a friend.")


def test_a_front_page_says_where_its_greeting_goes_and_publishes_none_of_that(run: Run, room: Room) -> None:
    room.item("story", chapters=["network"])
    assert "issues/2024-09/network.md" in run("new", "month", "2024-09").stdout
    page = (room.root / "issues/2024-09/network.md").read_text("utf-8")
    assert "# The greeting goes below the last line of this block" in page
    checked = run("check", "network", "-m", "2024-09")
    assert (checked.exit_code, checked.stdout) == (0, "")
    assert "The greeting goes" not in room.email("2024-09/network").html
    room.file("issues/2024-09/network.md", f"{page}Hello, all,\n")
    assert "Hello, all," in room.email("2024-09/network").text


def test_a_key_without_a_value_counts_as_left_out_in_what_is_told_of_others(room: Room) -> None:
    room.item("story", image="", image_alt="", image_credit="", link_label="", location="", timezone="")
    assert "shown-nowhere" not in {finding.slug for finding in room.findings()}
