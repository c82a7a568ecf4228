"""newsletter.toml -> settings, and what they say when they can't be read."""

import pytest

from newsletter.errors import CommandError, ContentError, Fault, Place
from newsletter.read.config import fill, find_root, issue_named, issue_names, months_of, read_config, resolve
from tests.room import TOML, Room

SMALL = """\
[organization]
name = "Network"

[publications.network]
title = "The Download"
scope = "network"

[sections.wins]
title = "Wins"
"""


def faults(room: Room, toml: str | bytes) -> list[str]:
    room.file("newsletter.toml", toml)
    with pytest.raises(ContentError) as caught:
        read_config(room.root)
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ('name = "Network', 'newsletter.toml:2: the quotation mark " is not closed\n  hint: write name = "Network"'),
        ("name = 'Network", 'newsletter.toml:2: the quotation mark \' is not closed\n  hint: write name = "Network"'),
        (
            "name = Network",
            "newsletter.toml:2: the value of 'name' has no quotation marks\n  hint: write name = \"Network\"",
        ),
        ("name = True", "newsletter.toml:2: the value of 'name' has no quotation marks\n  hint: write name = true"),
        (
            "name = #1D5C63",
            "newsletter.toml:2: the value of 'name' has no quotation marks\n  hint: write name = \"#1D5C63\"",
        ),
        (
            "name = “Network”",
            'newsletter.toml:2: curly quotation marks don\'t count here\n  hint: write name = "Network"',
        ),
        ('name: "Network"', 'newsletter.toml:2: a colon stands where = belongs\n  hint: write name = "Network"'),
        ("name: Network", 'newsletter.toml:2: a colon stands where = belongs\n  hint: write name = "Network"'),
        ('name "Network"', 'newsletter.toml:2: this line has no = after its key\n  hint: write name = "…"'),
        ("name =", "newsletter.toml:2: 'name' has no value\n  hint: write name = \"…\", or take the line out"),
        (
            'name = "Network",',
            "newsletter.toml:2: something stands after the value\n  hint: one key a line, and no comma at its end",
        ),
        (
            'name = "C:\\Network"',
            "newsletter.toml:2: a backslash has a meaning of its own between double quotes\n"
            "  hint: write name = 'C:\\Network'",
        ),
        (
            'name = "Network"\nname = "Other"',
            "newsletter.toml:3: 'name' stands twice, first in line 2\n  hint: keep one of them",
        ),
        (
            'name = "Network"\n[organization]',
            "newsletter.toml:3: [organization] stands twice, first in line 1\n  hint: join the two",
        ),
        (
            'name = "Network"\n[sections.q&a]',
            "newsletter.toml:3: [sections.q&a] can't be a name\n"
            "  hint: use letters, digits, - and _, for example [sections.q-a]",
        ),
        (
            'name = "Network"\n[sections.x',
            "newsletter.toml:3: the square bracket is not closed\n  hint: write [sections.x]",
        ),
        (
            'name = "Network"\nsections = ["wins"\naccent = "#123456"',
            'newsletter.toml:3: this list is not closed\n  hint: write it as ["one", "two"]',
        ),
        (
            'name = "Net\x01work"',
            "newsletter.toml:2: an invisible control character (U+0001) stands in this line\n"
            "  hint: write the line anew",
        ),
        (
            "name = " + "1" * 5000,
            "newsletter.toml:2: this number has 5,000 digits\n  hint: put it in double quotes, if it is a text",
        ),
    ],
)
def test_broken_toml_is_told_at_its_line_with_the_line_to_write(room: Room, typed: str, told: str) -> None:
    assert faults(room, SMALL.replace('name = "Network"', typed)) == [told]


def test_toml_nested_too_deep_is_refused(room: Room) -> None:
    assert faults(room, SMALL + "x = " + "[" * 20_000) == [
        "newsletter.toml:10: this list is nested too deep\n  hint: a list holds texts"
    ]


def test_toml_that_is_not_utf8_is_told_at_its_line(room: Room) -> None:
    assert faults(room, SMALL.encode() + b'[sections.x]\ntitle = "caf\xe9"\n') == [
        "newsletter.toml:11: this is not UTF-8 text\n  hint: save the file with the encoding UTF-8"
    ]


def test_a_byte_order_mark_and_windows_line_ends_are_read(room: Room) -> None:
    room.file("newsletter.toml", b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    assert read_config(room.root).organization == "Network"


def test_an_empty_newsletter_toml_says_what_it_needs(room: Room) -> None:
    assert faults(room, "") == [
        "newsletter.toml:1: [organization] has no 'name'\n  hint: add name = \"…\"",
        "newsletter.toml:1: there is no [sections.…] table\n  hint: a newsroom has at least one: [sections.wins]",
        "newsletter.toml:1: there is no [publications.…] table\n"
        "  hint: a newsroom has at least one: [publications.network]",
    ]


def test_every_fault_of_newsletter_toml_is_told_at_once_in_the_order_of_its_lines(room: Room) -> None:
    assert faults(
        room,
        """\
chapter = "red"
[organization]
nmae = "Network"
accent = "red"
headlines = 99
sections = ["winz"]
why = "Hello %%first_nam|you%%"
greeting = "Dear {chaptr}"
[publications.network]
scope = "everyone"
title = ""
[publications.state]
title = "State"
scope = "chapter"
sender_address = "state"
[publications.state-LPMN]
title = "Twice"
scope = "network"
[chapters.LPMN]
cadence = "quaterly"
[chapters.network]
name = "Two of a name"
[sections.wins]
title = ["a"]
look = "pretty"
[theme]
accent = "#12"
[words]
followw = "x"
""",
    ) == [
        "newsletter.toml:1: unknown table or key 'chapter'\n  hint: did you mean 'chapters'?",
        "newsletter.toml:2: [organization] has no 'name'\n  hint: add name = \"…\"",
        "newsletter.toml:3: unknown key 'nmae' in [organization]\n  hint: did you mean 'name'?",
        "newsletter.toml:4: accent: 'red' is not a colour\n  hint: write it as # and six digits, for example #1D5C63",
        "newsletter.toml:5: headlines: 99 is not from 1 to 20\n  hint: write a number from 1 to 20",
        "newsletter.toml:6: section 'winz' is not defined\n  hint: did you mean 'wins'?",
        "newsletter.toml:7: unknown placeholder '%%first_nam|you%%'\n  hint: did you mean '%%first_name|friend%%'?",
        "newsletter.toml:8: greeting: '{chaptr}' is not filled in here\n  hint: did you mean 'chapter'?",
        "newsletter.toml:10: scope: 'everyone' is not one of network, chapter",
        "newsletter.toml:11: 'title' is empty\n  hint: write title = \"…\"",
        "newsletter.toml:15: sender_address: 'state' is not an email address\n  hint: write it as news@example.org",
        "newsletter.toml:16: two issues would be called 'state-LPMN'\n"
        "  hint: give one of the publications another name",
        "newsletter.toml:19: [chapters.LPMN] has no 'name'\n  hint: add name = \"…\"",
        "newsletter.toml:20: cadence: 'quaterly' is not one of monthly, quarterly\n  hint: did you mean 'quarterly'?",
        "newsletter.toml:21: 'network' is a publication as well, in line 9\n  hint: give one of them another name",
        "newsletter.toml:24: title: one text is wanted, not a list or a table\n"
        "  hint: put a text with brackets or braces in quotes",
        "newsletter.toml:25: look: 'pretty' is not one of story, compact, action, quote",
        "newsletter.toml:27: accent: '#12' is not a colour\n  hint: write it as # and six digits, for example #1D5C63",
        "newsletter.toml:29: unknown key 'followw' in [words]\n  hint: did you mean 'follow'?",
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_faults_stand_at_their_lines_whatever_stands_above_them(room: Room, end: str) -> None:
    source = """\
# [chapters.LPMN]
[organization] # "name = 1
name = "Network" # [theme]
greeting = \"\"\"
[chapters.LPMN]
accent = "red"
Dear %%first_nam|you%%,
\"\"\"
why = '''It's
{chaptr}'''
social = { Here = "https://here.example", There = "there.example" }
sections = [
    "wins", # ]
    "winz",
]
accent = "red"
[ publications . "network" ]
scope = "network"
title = ""
period . "x" = 1
[sections.wins]
title = "Wins"
[chapters]
LPMN.name = "Minnesota"
LPMN.nmae = "Minnesota"
"a.b".name = "x"
[[words]]
x = 1
"""
    assert faults(room, source.replace("\n", end)) == [
        "newsletter.toml:7: unknown placeholder '%%first_nam|you%%'\n  hint: did you mean '%%first_name|friend%%'?",
        "newsletter.toml:10: why: '{chaptr}' is not filled in here\n  hint: did you mean 'chapter'?",
        "newsletter.toml:11: social: 'there.example' is not a full address\n"
        "  hint: write it with its beginning: https://there.example",
        "newsletter.toml:14: section 'winz' is not defined\n  hint: did you mean 'wins'?",
        "newsletter.toml:16: accent: 'red' is not a colour\n  hint: write it as # and six digits, for example #1D5C63",
        "newsletter.toml:19: 'title' is empty\n  hint: write title = \"…\"",
        "newsletter.toml:20: period: one text is wanted, not a list or a table\n"
        "  hint: put a text with brackets or braces in quotes",
        "newsletter.toml:25: unknown key 'nmae' in [chapters.LPMN]\n  hint: did you mean 'name'?",
        "newsletter.toml:26: 'a.b' is not a name\n  hint: use letters, digits, - and _",
        "newsletter.toml:27: 'words' must be a table\n  hint: write [words]",
    ]


@pytest.mark.parametrize(
    ("added", "told"),
    [
        ("chapters = 3", "newsletter.toml:1: 'chapters' must be a table\n  hint: write [chapters.NAME]"),
        ("theme = 3", "newsletter.toml:1: 'theme' must be a table\n  hint: write [theme]"),
        ("providers = 3", "newsletter.toml:1: 'providers' must be a table\n  hint: write [providers.NAME]"),
        ("chapters.LPMN = 3", "newsletter.toml:1: 'chapters.LPMN' must be a table\n  hint: write [chapters.LPMN]"),
        (
            'chapters."LP MN".name = "x"',
            "newsletter.toml:1: 'LP MN' is not a name\n  hint: use letters, digits, - and _",
        ),
    ],
)
def test_a_value_where_a_table_belongs_is_refused(room: Room, added: str, told: str) -> None:
    assert faults(room, f"{added}\n{SMALL}") == [told]


def test_a_newsroom_is_found_from_any_folder_in_it(room: Room) -> None:
    deep = room.root / "issues" / "2024-09" / "items"
    deep.mkdir(parents=True)
    assert find_root(deep) == room.root


def test_a_folder_outside_any_newsroom_is_told_the_way_in(room: Room) -> None:
    with pytest.raises(CommandError) as caught:
        find_root(room.root.parent)
    assert str(caught.value) == (
        f"no newsroom here: neither {room.root.parent} nor a folder above it holds newsletter.toml\n"
        "  hint: go into your newsroom, name it with --newsroom DIR, or start one: newsletter new newsroom DIR"
    )


def test_settings_inherit_from_organization_over_publication_and_chapter_to_front_page(room: Room) -> None:
    room.file(
        "newsletter.toml",
        """\
[organization]
name = "Network"
emoji = "1"
more = "1"
accent = "#111111"
why = "1"
[organization.social]
Here = "https://here.example"
[publications.state]
title = "State"
scope = "chapter"
emoji = "2"
more = "2"
accent = "#222222"
[chapters.LPMN]
name = "Minnesota"
emoji = "3"
more = "3"
[sections.wins]
title = "Wins"
""",
    )
    config = read_config(room.root)
    settings = resolve(config, config.publications["state"], config.chapters["LPMN"], {"emoji": "4"})
    assert (settings.why, settings.accent, settings.more, settings.emoji) == ("1", "#222222", "3", "4")
    assert (settings.social, settings.title) == ((("Here", "https://here.example"),), "State")


def test_a_chapter_of_two_lines_is_enough(room: Room) -> None:
    room.file("newsletter.toml", TOML + '[chapters.LPCO]\nname = "Colorado"\n')
    assert list(issue_names(read_config(room.root))) == ["network", "state-LPMN", "state-LPNY", "state-LPCO"]


def test_one_name_means_what_it_means_among_all(room: Room) -> None:
    more = """
[publications.state-of]
title = "B"
scope = "chapter"
[publications.net-work]
title = "N"
scope = "network"
[chapters.LP-MN]
name = "Dashes"
"""
    room.file("newsletter.toml", TOML + more)
    config = read_config(room.root)
    for name, meant in issue_names(config).items():
        assert issue_named(config, name) == meant
    for name in ("", "-", "state", "state-", "network-LPMN", "LPMN", "state-of-of"):
        with pytest.raises(KeyError):
            issue_named(config, name)


def test_each_key_knows_its_line(room: Room) -> None:
    room.file("newsletter.toml", SMALL)
    config = read_config(room.root)
    lines = {key: config.place(key).line for key in ("organization.name", "sections.wins.title", "sections.wins.look")}
    assert lines == {"organization.name": 2, "sections.wins.title": 9, "sections.wins.look": 8}
    assert config.place("nothing") == Place(file="newsletter.toml")


@pytest.mark.parametrize(
    ("month", "cadence", "taken"),
    [
        ("2024-09", "monthly", ("2024-09",)),
        ("2024-09", "quarterly", ("2024-07", "2024-08", "2024-09")),
        ("2024-03", "quarterly", ("2024-01", "2024-02", "2024-03")),
        ("2024-12", "quarterly", ("2024-10", "2024-11", "2024-12")),
        ("2024-08", "quarterly", ()),
    ],
)
def test_an_issue_takes_its_month_or_the_quarter_that_it_closes(
    month: str, cadence: str, taken: tuple[str, ...]
) -> None:
    assert months_of(month, cadence) == taken


def test_a_pattern_is_filled_once_and_other_braces_stay() -> None:
    assert fill("{a} {b} {A} {{a}} {", {"a": "{b}", "b": "2"}) == "{b} 2 {A} {{b}} {"


def test_a_fault_says_where_what_and_how_to_mend_it() -> None:
    fault = Fault(place=Place(file="a.md", line=3), message="x is wrong", hint="write y")
    assert str(fault) == "a.md:3: x is wrong\n  hint: write y"
    assert str(Fault(place=Place(file="a.md"), message="x is wrong")) == "a.md: x is wrong"
