"""What settings may say, whose wins, and where each is stated."""

import pytest

from newsletter.errors import ContentError, Place
from newsletter.model import FrontPage
from newsletter.read.config import place_of_setting, read_config
from tests.room import TOML, Room


def told(room: Room, toml: str) -> list[str]:
    room.file("newsletter.toml", toml)
    with pytest.raises(ContentError) as caught:
        read_config(room.root)
    return [str(fault) for fault in caught.value.faults]


def organization(*lines: str) -> str:
    return TOML.replace("[publications.network]", "\n".join([*lines, "", "[publications.network]"]), 1)


def line_of(toml: str, words: str) -> int:
    return toml[: toml.index(words)].count("\n") + 1


def test_due_and_contact_inherit_and_a_contact_names_its_chapter(room: Room) -> None:
    toml = organization("due = 12", 'contact = "{chapter}@network.example"')
    toml = toml.replace('"New York"', '"New York"\ndue = 31\ncontact = ["ny@network.example", "b@network.example"]')
    room.file("newsletter.toml", toml)
    room.item("story", chapters=["LPMN", "LPNY", "network"])
    settings = {name: room.issue(f"2024-09/{name}").settings for name in ("state-LPMN", "state-LPNY", "network")}
    assert {name: (own.due, own.contact) for name, own in settings.items()} == {
        "state-LPMN": (12, ("LPMN@network.example",)),
        "state-LPNY": (31, ("ny@network.example", "b@network.example")),
        "network": (12, ()),
    }


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("due = 0", "due: 0 is not a day of the month\n  hint: write a number from 1 to 31"),
        ("due = 32", "due: 32 is not a day of the month\n  hint: write a number from 1 to 31"),
        ('due = "10th"', "due: '10th' is not a whole number\n  hint: write digits only, for example 10"),
        ('contact = "Ana"', "contact: 'Ana' is not an email address\n  hint: write it as news@example.org"),
        (
            'contact = ["a@network.example", "b"]',
            "contact: 'b' is not an email address\n  hint: write it as news@example.org",
        ),
        (
            'contact = "{chaptr}@network.example"',
            "contact: '{chaptr}@network.example' is not an email address\n  hint: write it as news@example.org",
        ),
        (
            'contacts = "a@b.example"',
            "unknown key 'contacts' in [chapters.LPMN]\n  hint: did you mean 'contact'?",
        ),
    ],
)
def test_a_due_day_or_contact_that_is_none_is_told(room: Room, line: str, message: str) -> None:
    toml = TOML.replace('name = "Minnesota"', f'name = "Minnesota"\n{line}')
    assert told(room, toml) == [f"newsletter.toml:{line_of(toml, line)}: {message}"]


def test_names_that_differ_only_in_capitals_are_told_with_both_lines(room: Room) -> None:
    toml = TOML + '[chapters.lpmn]\nname = "Again"\n[chapters.Network]\nname = "N"\n[sections.Wins]\ntitle = "W"\n'
    first = {name: line_of(toml, f"[{name}]") for name in ("chapters.LPMN", "publications.network", "sections.wins")}
    hint = "some machines take both for one: give one of them another name"
    assert told(room, toml) == [
        f"newsletter.toml:{line_of(toml, '[chapters.lpmn]')}: 'lpmn' and 'LPMN' (line {first['chapters.LPMN']}) "
        f"differ only in capitals\n  hint: {hint}",
        f"newsletter.toml:{line_of(toml, '[chapters.Network]')}: 'Network' and 'network' "
        f"(line {first['publications.network']}) differ only in capitals\n  hint: {hint}",
        f"newsletter.toml:{line_of(toml, '[sections.Wins]')}: 'Wins' and 'wins' (line {first['sections.wins']}) "
        f"differ only in capitals\n  hint: {hint}",
    ]


@pytest.mark.parametrize("name", ["news", "PRESS", "Assets", "2024-09"])
@pytest.mark.parametrize("table", ["chapters", "publications"])
def test_a_name_that_is_a_folder_of_the_site_is_told(room: Room, table: str, name: str) -> None:
    own = 'name = "N"\n' if table == "chapters" else 'title = "N"\nscope = "network"\n'
    toml = f"{TOML}[{table}.{name}]\n{own}"
    line = line_of(toml, f"[{table}.{name}]")
    assert told(room, toml) == [
        f"newsletter.toml:{line}: '{name}' is the name of a folder of the site\n  hint: give it another name"
    ]
    assert not read_config(room.file("newsletter.toml", f'{TOML}[sections.{name}]\ntitle = "N"\n').parent).checks


def test_two_issues_of_one_name_are_told_at_the_later_publication(room: Room) -> None:
    toml = TOML + '[publications.state-LP]\ntitle = "T"\nscope = "chapter"\n'
    toml += '[chapters.LP-a]\nname = "A"\n[chapters.a]\nname = "B"\n'
    assert told(room, toml) == [
        f"newsletter.toml:{line_of(toml, '[publications.state-LP]')}: two issues would be called 'state-LP-a'\n"
        "  hint: give one of the publications another name"
    ]


def test_a_setting_is_placed_where_its_issue_has_it_from(room: Room) -> None:
    toml = organization('more = "1"', 'why = "1"', 'title = "1"')
    toml = toml.replace('scope = "chapter"\n', 'scope = "chapter"\nwhy = "2"\n')
    toml = toml.replace('name = "Minnesota"\n', 'name = "Minnesota"\ntitle = "3"\n')
    room.file("newsletter.toml", toml)
    config = read_config(room.root)
    front = FrontPage(
        path="front.md", digest="", issue_id="", greeting="", body_line=9, lines={"more": 4}, own={"more": "4"}
    )

    def line(key: str, code: str = "LPMN", front_page: FrontPage | None = None) -> Place:
        return place_of_setting(config, key, "state", code, front_page)

    def stated(words: str) -> Place:
        return Place(file="newsletter.toml", line=line_of(toml, words))

    assert line("more", front_page=front) == Place(file="front.md", line=4)
    assert line("more") == stated('more = "1"')
    assert line("why") == stated('why = "2"')
    assert line("title") == stated('title = "3"')
    assert line("title", code="LPNY") == stated('title = "{chapter}')
    assert line("logo") == stated("[organization]")


LONG = "word " * 40


def places(room: Room, slug: str, issue_id: str = "2024-09/state-LPMN") -> list[str]:
    return [str(finding.place) for finding in room.findings(issue_id) if finding.slug == slug]


@pytest.mark.parametrize("above", ['press_contact = "press@network.example"', 'emoji = "📣"', 'name = "Minnesota"'])
def test_a_long_preheader_is_told_where_it_was_written(room: Room, above: str) -> None:
    toml = TOML.replace(above, f'{above}\npreheader = "{LONG}"')
    room.file("newsletter.toml", toml)
    room.item("story")
    assert places(room, "long-preheader") == [f"newsletter.toml:{line_of(toml, 'preheader')}"]
    room.front_page("2024-09/state-LPMN", title="A", preheader=LONG)
    assert places(room, "long-preheader") == ["issues/2024-09/state-LPMN.md:3"]


def test_a_long_preheader_of_a_headline_is_told_at_that_headline(room: Room) -> None:
    room.front_page("2024-09/state-LPMN", "Hello.\n")
    for number in range(4):
        room.item(f"story-{number}", order=number, headline=f"{number} {LONG}" if number == 3 else f"Story {number}")
    assert places(room, "long-preheader") == ["issues/2024-09/items/story-3.md:8"]


def test_what_repeats_the_subject_is_told_at_the_greeting_it_was_cut_from(room: Room) -> None:
    toml = organization('greeting = "State Download Story one September 2024"')
    room.file("newsletter.toml", toml)
    room.item("story-one")
    assert places(room, "preheader-repeats-subject") == [f"newsletter.toml:{line_of(toml, 'greeting')}"]


def test_a_long_subject_is_told_at_its_headline_though_there_is_a_front_page(room: Room) -> None:
    room.front_page("2024-09/state-LPMN", "Hello.\n")
    room.item("story", headline=LONG)
    assert places(room, "long-subject") == ["issues/2024-09/items/story.md:7"]
