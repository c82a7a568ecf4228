"""Slips of front matter are read as they were meant, told, and mended by `check --fix`."""

from pathlib import Path

import pytest

from newsletter.check.fix import mend
from newsletter.issue.edition import edition_of
from newsletter.model import Slip
from tests.conftest import Run
from tests.room import Room, picture

PATH = "issues/2024-09/items/story.md"
ISSUE = "2024-09/state-LPMN"
REST = "chapters: [LPMN]\nmonth: 2024-09\nsection: wins\n"


def written(room: Room, front: str, body: str = "Words.\n") -> Path:
    return room.file(PATH, f"---\n{front}{REST}---\n{body}")


def mended(room: Room) -> str:
    """Return the item as `check --fix` leaves it; it stays so when that is asked for again."""
    for edit in mend(room.load(), [edition_of(room.load(), ISSUE)]):
        room.file(edit.path, edit.after)
    assert mend(room.load(), [edition_of(room.load(), ISSUE)]) == []
    return (room.root / PATH).read_text("utf-8")


@pytest.mark.parametrize(
    ("typed", "title", "line"),
    [
        ("title: Budget: what it means", "Budget: what it means", 'title: "Budget: what it means"'),
        ("title: Ends in a colon:", "Ends in a colon:", 'title: "Ends in a colon:"'),
        ('title: A: b: c, and "d": e', 'A: b: c, and "d": e', "title: 'A: b: c, and \"d\": e'"),
        ('title: It\'s "so": yes', 'It\'s "so": yes', "title: 'It''s \"so\": yes'"),
        ("title: Budget: more # for Ann", "Budget: more", 'title: "Budget: more" # for Ann'),
        ("title: @home in Duluth", "@home in Duluth", 'title: "@home in Duluth"'),
        ("title: `make` it", "`make` it", 'title: "`make` it"'),
        (
            "title: %%first_name|friend%%, hello",
            "%%first_name|friend%%, hello",
            'title: "%%first_name|friend%%, hello"',
        ),
        ("title: *Star* power", "*Star* power", 'title: "*Star* power"'),
        ("title: & sons", "& sons", 'title: "& sons"'),
        ("title: &sons of X", "&sons of X", 'title: "&sons of X"'),
        ("title: !Ya basta!", "!Ya basta!", 'title: "!Ya basta!"'),
        ("title: - 40 degrees", "- 40 degrees", 'title: "- 40 degrees"'),
        ("title: , and so on", ", and so on", 'title: ", and so on"'),
        ("title: {Name}, come", "{Name}, come", 'title: "{Name}, come"'),
        ("title: {Name}", "{Name}", 'title: "{Name}"'),
        ("title: [Update] Wins", "[Update] Wins", 'title: "[Update] Wins"'),
        ("title: #1 in housing", "#1 in housing", 'title: "#1 in housing"'),
        ("title: We are #1", "We are #1", 'title: "We are #1"'),
        ('title: "Wins', "Wins", 'title: "Wins"'),
        ("title: 'Tis the season", "'Tis the season", 'title: "\'Tis the season"'),
        ('title: "Yes" to "all"', '"Yes" to "all"', 'title: \'"Yes" to "all"\''),
        ("title: 'It's here'", "It's here", 'title: "It\'s here"'),
        ("title:Wins", "Wins", "title: Wins"),
        ("title = Wins", "Wins", "title: Wins"),
        ("title：Wins", "Wins", "title: Wins"),
        ("\ttitle: Wins", "Wins", "title: Wins"),
        ("title: Long: a\n  goes on here", "Long: a goes on here", 'title: "Long: a\n  goes on here"'),
        ("title: A long\n  one: here", "A long one: here", 'title: "A long\n  one: here"'),
        (f"title: {'long ' * 30}: end", f"{'long ' * 30}: end", f'title: "{"long " * 30}: end"'),
    ],
)
def test_what_was_meant_is_read_and_mended(room: Room, typed: str, title: str, line: str) -> None:
    written(room, f"{typed}\n")
    assert room.faults() == []
    (item,) = room.load().items
    assert (item.title, [(slip.line, slip.instead) for slip in item.slips]) == (title, [(2, line)])
    plain = line.replace("*Star*", "Star").replace("`make`", "make")
    assert mended(room) == f"---\n{plain}\n{REST}---\nWords.\n".replace('"Star power"', '"Star power"')


def test_entries_of_lists_with_a_colon_are_texts(room: Room) -> None:
    room.item("story")
    room.file(f"issues/{ISSUE}.md", "---\nheadlines:\n- Budget: what it means # first\n- Rent: frozen\n---\n")
    front = room.load().front_pages[ISSUE]
    assert front.headlines == ("Budget: what it means", "Rent: frozen")
    assert [slip.instead for slip in front.slips] == ['- "Budget: what it means" # first', '- "Rent: frozen"']
    room.file(f"issues/{ISSUE}.md", "---\nheadlines: [Budget: what it means, Rent]\n---\n")
    front = room.load().front_pages[ISSUE]
    assert front.headlines == ("Budget: what it means", "Rent")
    assert [slip.instead for slip in front.slips] == ['headlines: ["Budget: what it means", Rent]']


def test_lines_of_a_text_are_no_keys(room: Room) -> None:
    written(room, "summary: |\n  Budget: more\n  title: not this\ntitle: Rent: frozen\n")
    (item,) = room.load().items
    assert (item.title, item.summary) == ("Rent: frozen", "Budget: more\ntitle: not this")
    assert [slip.line for slip in item.slips] == [5]


def test_a_quotation_over_two_lines_is_left_alone(room: Room) -> None:
    written(room, 'title: "Long\n  title"\nlocation: x: y\n')
    (item,) = room.load().items
    assert (item.title, [slip.line for slip in item.slips]) == ("Long title", [4])


@pytest.mark.parametrize(
    "front",
    [
        "title: Wins\njust words\n",
        "title: Wins\nlocation: a\n   summary x: b\n - c\n",
        "title: Wins\nchapter: [LPMN] and more\n",
        "title: [one, two]\n",
    ],
)
def test_what_leaves_a_doubt_is_a_fault_that_fix_leaves_alone(room: Room, front: str) -> None:
    path = written(room, front)
    before = path.read_text("utf-8")
    assert room.faults()
    assert mended(room) == before


def test_a_long_line_is_not_hinted_at_in_part(room: Room, run: Run) -> None:
    written(room, f"title: Budget: {'long ' * 20}\n")
    stdout = " ".join(run("check", ISSUE, "--only", "front-matter-slip").stdout.split())
    assert "hint: check --fix writes the line as it should be" in stdout


def test_many_slips_are_told_with_their_lines_and_keep_their_line_ends(room: Room, run: Run) -> None:
    front = "title: A: b\r\nlink_label: @x\r\nlink: https://network.example/\r\nimage_credit: c: d\r\n"
    room.file(PATH, f"---\r\n{front}{REST}---\r\nWords.\r\n".replace("]\n", "]\r\n"))
    assert "front-matter-slip" in run("check", ISSUE).stdout
    run("check", ISSUE, "--fix", "--yes")
    read = (room.root / PATH).read_bytes().decode()
    assert 'title: "A: b"\r\nlink_label: "@x"\r\nlink: https://network.example/\r\nimage_credit: "c: d"\r\n' in read
    assert "front-matter-slip" not in run("check", ISSUE).stdout


def test_an_item_may_keep_its_slips(room: Room) -> None:
    path = written(room, "title: A: b\nallow: [front-matter-slip]\n")
    before = path.read_text("utf-8")
    assert mended(room) == before


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("month: September 2024", "month: 2024-09"),
        ("month: 9/2024 # in fall", "month: 2024-09 # in fall"),
        ("months: [Sept 2024, October]", "months: [2024-09, 2024-10]"),
    ],
)
def test_a_month_in_words_is_answered_with_the_line_to_write(room: Room, typed: str, line: str) -> None:
    written(room, f"title: A\n{typed}\n").write_text(
        f"---\ntitle: A\nchapters: [LPMN]\nsection: wins\n{typed}\n---\nWords.\n", "utf-8"
    )
    (fault,) = room.load().faults
    assert (fault.place.line, fault.instead) == (5, line)
    assert f"\n{line}\n" in mended(room)
    assert room.load().items[0].months[0] == "2024-09"


@pytest.mark.parametrize(
    "typed", ["chapters: LPMN, network # both", "chapter: LPMN; network # both", "chapter: [LPMN, network] # both"]
)
def test_chapters_in_a_row_are_answered_with_the_list_to_write(room: Room, typed: str) -> None:
    path = room.file(PATH, f"---\ntitle: A\n{typed}\nmonth: 2024-09\nsection: wins\n---\nWords.\n")
    (fault,) = room.load().faults
    assert (fault.hint, fault.instead) == ("write chapters: [LPMN, network]", "chapters: [LPMN, network] # both")
    assert "\nchapters: [LPMN, network] # both\n" in mended(room)
    assert path.exists()


def test_a_day_in_words_is_answered_with_the_line_to_write(room: Room) -> None:
    written(room, "title: A\nstarts: Saturday, September 14, 2024 at 6pm\ndeadline: '9/13'\n")
    assert [str(fault).removeprefix(f"{PATH}:") for fault in room.load().faults] == [
        "3: starts: 'Saturday, September 14, 2024 at 6pm' is not a date\n  hint: write starts: 2024-09-14 18:00",
        "4: deadline: '9/13' is not a date\n  hint: write deadline: 2024-09-13",
    ]
    assert "starts: 2024-09-14 18:00\ndeadline: 2024-09-13\n" in mended(room)


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("until: 10/12", "write until: 2024-10-12 for October 12, or until: 2024-12-10 for December 10"),
        ("starts: 2024-09-14T18:00:00-05:00", "write starts: 2024-09-14 18:00 and timezone: America/"),
        ("starts: soon", "write 2024-10-10, or 2024-10-10 18:00; a time zone goes into 'timezone'"),
        ("starts: February 30", "write 2024-10-10, or 2024-10-10 18:00; a time zone goes into 'timezone'"),
    ],
)
def test_what_takes_judgement_is_only_told(room: Room, typed: str, hint: str) -> None:
    before = written(room, f"title: A\n{typed}\n").read_text("utf-8")
    (fault,) = room.load().faults
    assert fault.hint.startswith(hint)
    assert mended(room) == before


def test_days_in_the_newsroom_s_language_are_understood(room: Room) -> None:
    toml = (room.root / "newsletter.toml").read_text("utf-8")
    room.file("newsletter.toml", toml.replace("[organization]\n", '[organization]\nlanguage = "es"\n'))
    written(room, "title: A\nuntil: 12 de octubre de 2024\n")
    assert [fault.hint for fault in room.load().faults] == ["write until: 2024-10-12"]


@pytest.mark.parametrize(
    ("key", "typed", "plain"),
    [
        ("title", "**Budget** passes", "Budget passes"),
        ("title", "Budget *passes*", "Budget passes"),
        ("title", "The _Star_ says so", "The Star says so"),
        ("title", "~~Old~~ new", "Old new"),
        ("title", "Budget<br>passes", "Budget passes"),
        ("title", "<b>Budget</b> passes", "Budget passes"),
        ("headline", "`code`", "code"),
        ("link_label", "<span style='color:red'>Read</span>", "Read"),
    ],
)
def test_a_title_takes_no_markup(room: Room, run: Run, key: str, typed: str, plain: str) -> None:
    keys = {"title": "A", "link": "https://network.example/", key: typed}
    room.item("story", **keys)
    assert "markup-in-title" in run("check", ISSUE).stdout
    assert f"\n{key}: {plain}\n" in mended(room).replace("'", "").replace('"', "")
    assert "markup-in-title" not in run("check", ISSUE).stdout


@pytest.mark.parametrize(
    "title",
    [
        "5 * 3 * 2",
        "M*A*S*H at 50",
        "snake_case_names",
        "Ask @the_council_ now",
        "A < B and C > D",
        "What [we] won (again)",
        "https://example.org/_a_b_/",
        "Rated ***",
    ],
)
def test_signs_that_mean_themselves_are_no_markup(room: Room, run: Run, title: str) -> None:
    room.item("story", title=title)
    assert "markup-in-title" not in run("check", ISSUE).stdout


def test_a_link_in_a_title_is_told_and_left(room: Room, run: Run) -> None:
    path = room.item("story", title="The [plan](https://network.example/plan) *works*")
    before = path.read_text("utf-8")
    assert "'[plan](https://network.example/plan)' stands there as it was typed" in " ".join(
        run("check", ISSUE).stdout.split()
    )
    assert mended(room) == before


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        ({"rsvp": "https://network.example/"}, "rsvp"),
        ({"location": "City Hall"}, "location"),
        ({"timezone": "America/Chicago"}, "timezone"),
        ({"link_label": "Sign now"}, "link_label"),
        ({"image_credit": "Photo by us"}, "image_credit"),
        ({"image_caption": "The vote"}, "image_caption"),
        ({"image_alt": "A tree"}, "image_alt"),
        ({"image_focus": "top"}, "image_focus"),
    ],
)
def test_a_key_that_nothing_shows_is_told(room: Room, run: Run, keys: dict[str, str], named: str) -> None:
    room.item("story", **keys)
    assert f"'{named}' is shown only beside" in run("check", ISSUE, "--only", "shown-nowhere").stdout
    companions = {"starts": "2024-09-10 18:00", "link": "https://network.example/x"}
    room.file("issues/2024-09/items/a.jpg", picture(kind="JPEG"))
    room.item("story", **{**companions, "image": "a.jpg", **keys})
    assert run("check", ISSUE, "--only", "shown-nowhere").stdout == ""


@pytest.mark.parametrize("image", ["https://network.example/a.png", "a.gif"])
def test_a_focus_for_a_picture_that_is_never_cut_is_told(room: Room, run: Run, image: str) -> None:
    room.file("issues/2024-09/items/a.gif", picture(kind="GIF"))
    room.item("story", image=image, image_focus="top")
    assert "'image_focus' changes nothing" in run("check", ISSUE, "--only", "shown-nowhere").stdout


def test_a_key_without_a_value_is_no_companion(room: Room, run: Run) -> None:
    written(room, "title: A\nlink:\nlink_label: Sign\nrsvp:\n")
    assert run("check", ISSUE, "--only", "shown-nowhere").stdout.count("is shown only beside") == 1


def test_two_leads_are_told(room: Room, run: Run) -> None:
    room.item("a", lead=True)
    room.item("b", lead=True)
    assert "'lead: true' stands in issues/2024-09/items/a.md too" in run("check", ISSUE).stdout
    room.front_page(ISSUE, lead="b")
    assert "several-leads" not in run("check", ISSUE).stdout


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("<<<<<<< HEAD\nOne.\n=======\nTwo.\n>>>>>>> main\n", 7),
        ("Words.\n\n=======\nTwo.\n>>>>>>> main\n", 9),
        ("<<<<<<< HEAD\nOne.\n", 7),
    ],
)
def test_git_s_conflict_marks_stop_the_item(room: Room, body: str, line: int) -> None:
    written(room, "title: A\n", body)
    (fault,) = room.load().faults
    assert (fault.place.line, fault.months, fault.tags) == (line, ("2024-09",), ("LPMN",))
    assert fault.message.startswith("git's conflict marks were left")


def test_conflict_marks_in_front_matter_and_settings_are_told_as_such(room: Room, run: Run) -> None:
    written(room, "<<<<<<< HEAD\ntitle: A\n=======\ntitle: B\n>>>>>>> main\n")
    assert room.load().faults[0].message.startswith("git's conflict marks were left: lines 2 to 6")
    toml = (room.root / "newsletter.toml").read_text("utf-8")
    room.file("newsletter.toml", f"<<<<<<< HEAD\n{toml}=======\n>>>>>>> main\n")
    assert "newsletter.toml:1: git's conflict marks were left" in run("build").stderr


def test_a_mail_quoted_seven_times_is_no_conflict(room: Room) -> None:
    written(room, "title: A\n", "Heading\n=======\n\nWords.\n\n>>>>>> a\n\n<<< b\n")
    assert room.faults() == []
    written(room, "title: A\n", ">>>>>>> It was said.\n")
    assert room.faults() == []


@pytest.mark.parametrize(
    ("front", "months", "tags"),
    [
        ("title: a\n???\nchapter: LPMN\nmonth: 2024-10\n", ("2024-10",), ("LPMN",)),
        ("chapters: [LPMN, network]\n???\n", ("2024-09",), ("LPMN", "network")),
        (
            "chapters:\n  - LPNY\n  - 'network'\n???\nmonths: [2024-10, 2024-11]\n",
            ("2024-10", "2024-11"),
            ("LPNY", "network"),
        ),
        ("chapters: [LPMN, LPXX]\n???\n", ("2024-09",), None),
        ("month: 2024-10\n???\n", ("2024-10",), None),
        ("???\n", ("2024-09",), None),
    ],
)
def test_a_file_that_is_not_yaml_stops_the_issues_that_its_lines_name(
    room: Room, front: str, months: tuple[str, ...], tags: tuple[str, ...] | None
) -> None:
    room.file(PATH, f"---\n{front}---\nWords.\n")
    (fault,) = room.load().faults
    assert (fault.months, fault.tags) == (months, tags)


def test_a_file_without_fences_or_in_latin_1_stops_the_issues_that_its_lines_name(room: Room) -> None:
    room.file(PATH, "title: A\nchapters: [LPMN]\nmonth: 2024-10\n\nWords.\n")
    (fault,) = room.load().faults
    assert (fault.months, fault.tags) == (("2024-10",), ("LPMN",))
    room.file(PATH, "---\ntitle: Café\nchapters: [LPMN]\nmonth: 2024-10\n---\n".encode("latin-1"))
    (fault,) = room.load().faults
    assert (fault.months, fault.tags) == (("2024-10",), ("LPMN",))


def test_a_front_page_that_is_not_yaml_stops_its_own_issue(room: Room) -> None:
    room.file("issues/2024-09/network.md", "---\n???\n---\n")
    (fault,) = room.load().faults
    assert (fault.months, fault.tags) == (("2024-09",), ("network",))


def test_a_fault_of_one_chapter_does_not_stop_the_others(room: Room, run: Run) -> None:
    room.item("good", chapters=["network"])
    room.file(PATH, "---\n???\nchapters: [LPMN]\nmonth: 2024-09\n---\n")
    result = run("build", "-m", "2024-09")
    assert (result.exit_code, "2024-09/network" in result.stdout) == (1, True)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("Governor&#8217;s R&amp;D plan", "Governor’s R&D plan"),
        ("It&rsquo;s &#x201C;here&#x201D;", "It’s “here”"),
        ("&amp;amp; &lt;3", "&amp; <3"),
        ("Q&A; AT&T, &copy 2024 &bogus;", "Q&A; AT&T, &copy 2024 &bogus;"),
        ("a&#4;b&#x7f;c", "abc"),
    ],
)
def test_entities_of_html_are_letters_in_front_matter(room: Room, typed: str, text: str) -> None:
    room.item("story", title=typed, headline=typed, link_label=typed)
    (item,) = room.load().items
    assert (item.title, item.headline, item.link_label) == (text, text, text)
    room.front_page(ISSUE, subject=typed, headlines=[typed, "b"])
    front = room.load().front_pages[ISSUE]
    assert (front.own["subject"], front.headlines[0]) == (text, text)


def test_entities_in_links_are_signs_and_parameters_stay(room: Room) -> None:
    room.item("story", link="https://network.example/?a=1&amp;b=2&copy=3&sect=4")
    assert room.load().items[0].link == "https://network.example/?a=1&b=2&copy=3&sect=4"


def test_a_slip_is_a_value(room: Room) -> None:
    written(room, "title: A: b\n")
    assert room.load().items[0].slips == (
        Slip(
            line=2,
            message="a second colon confuses this line",
            hint='write title: "A: b"',
            instead='title: "A: b"',
        ),
    )


def test_tags_that_count_for_somebody_else_are_taken_out_of_links(room: Room, run: Run) -> None:
    path = room.item(
        "story",
        "[Read](https://other.example/a?utm_source=x&id=7&fbclid=y#b) and [ours](https://network.example/?utm_source=x).\n",
        link="https://other.example/?utm_source=x",
    )
    assert "foreign-utm" in run("check", ISSUE).stdout
    assert mended(room).endswith(
        "link: https://other.example/\n---\n"
        "[Read](https://other.example/a?id=7#b) and [ours](https://network.example/?utm_source=x).\n"
    )
    assert "foreign-utm" not in run("check", ISSUE).stdout
    assert path.exists()
