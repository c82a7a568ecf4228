"""`check --fix`: a file that could not be read is mended line by line, until it can, and nothing else in it changes."""

import pytest

from tests.conftest import Run
from tests.room import TOML, Room, picture

FRONT = "title: We won\nchapters: [LPMN]\nmonth: 2024-09\nsection: wins\n"
ITEM = f"---\n{FRONT}---\nWords.\n"
PATH = "issues/2024-09/items/story.md"


def fixed(room: Room, run: Run, typed: str) -> str:
    """Return what becomes of an item, beside one that is as it should be."""
    room.file("issues/2024-09/items/other.md", ITEM.replace("We won", "Another"))
    room.file(PATH, typed)
    run("check", "-m", "2024-09", "--fix", "--yes")
    return (room.root / PATH).read_text()


@pytest.mark.parametrize("fence", ["—", "----", "–––", "***"])
def test_both_fences_are_written_and_no_key_is_taken_for_words(room: Room, run: Run, fence: str) -> None:
    assert fixed(room, run, f"{fence}\n{FRONT}{fence}\nWords.\n") == ITEM


def test_what_comes_to_light_once_the_fence_is_right_is_mended_too(room: Room, run: Run) -> None:
    slips = FRONT.replace("2024-09", "2024/09").replace("wins", "wins\ndeadline: Sept 12, 2024 at 5pm")
    assert fixed(room, run, f"---\n{slips}----\nWords.\n") == ITEM.replace("wins", "wins\ndeadline: 2024-09-12 17:00")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Title: We won", "title: We won"),
        ("section: Wins", "section: wins"),
        ("chapters: [lpmn]", "chapters: [LPMN]"),
        ("chapters: lpmn", "chapters: [LPMN]"),
        ("Link: https://a.example", "link: https://a.example"),
        ("link-label: Read the plan", "link_label: Read the plan"),
    ],
)
def test_a_name_that_differs_in_capitals_alone_is_written_as_it_is(
    room: Room, run: Run, typed: str, meant: str
) -> None:
    kept = "".join(f"{line}\n" for line in FRONT.splitlines() if line.split(":")[0] != meant.split(":")[0])
    assert fixed(room, run, f"---\n{typed}\n{kept}---\nWords.\n") == f"---\n{meant}\n{kept}---\nWords.\n"


@pytest.mark.parametrize("typed", ["titel: We won", "section: winz", "chapters: [LPM]"])
def test_a_name_that_is_merely_near_is_asked_for_and_left(room: Room, run: Run, typed: str) -> None:
    source = f"---\n{FRONT}---\nWords.\n".replace(next(one for one in FRONT.splitlines() if one[0] == typed[0]), typed)
    assert fixed(room, run, source) == source


def test_a_key_in_capitals_is_told_once_and_never_beside_its_twin(room: Room, run: Run) -> None:
    room.file(PATH, f"---\n{FRONT.replace('title', 'Title')}---\nWords.\n")
    assert run("check", "-m", "2024-09").stdout.count("[not-loaded]") == 1
    both = f"---\n{FRONT}Title: Another\n---\nWords.\n"
    assert fixed(room, run, both) == both


def test_a_colour_in_curly_quotes_is_written_as_the_hint_says(room: Room, run: Run) -> None:
    room.file("issues/2024-09/items/story.md", ITEM)
    front = room.file("issues/2024-09/state-LPMN.md", "---\naccent: “#1D5C63”\n---\nHello.\n")
    run("check", "-m", "2024-09", "--fix", "--yes")
    assert front.read_text() == '---\naccent: "#1D5C63"\n---\nHello.\n'


def test_an_end_without_a_start_is_answered_with_its_own_day(room: Room, run: Run) -> None:
    room.file(PATH, f"---\n{FRONT}ends: 2024-09-20 20:00\n---\nWords.\n")
    assert "hint: write starts: 2024-09-20 and its hour" in run("check", "-m", "2024-09").stdout


def test_lines_inside_html_are_told_with_what_helps_there_and_stay(room: Room, run: Run) -> None:
    typed = ITEM + "\n<details>\n<summary>Who came</summary>\nAda Baker\nBob Carter\n</details>\n"
    assert fixed(room, run, typed) == typed
    told = run("check", "-m", "2024-09", "--only", "lines-run-together", "--format", "json").stdout
    assert "leave an empty line between the HTML and them" in told
    helped = typed.replace("</summary>\n", "</summary>\n\n").replace("Baker\n", "Baker\\\n")
    helped = helped.replace("Carter\n", "Carter\n\n")
    assert fixed(room, run, helped) == helped
    assert "[lines-run-together]" not in run("check", "-m", "2024-09").stdout


def test_lines_of_a_list_are_kept_apart_beside_html_too(room: Room, run: Run) -> None:
    typed = ITEM + "\n- Town hall\n  1 Main Street\n  Saint Paul\n\nA <b>word</b>.\n"
    kept = typed.replace("hall\n", "hall\\\n").replace("Street\n", "Street\\\n")
    assert fixed(room, run, typed) == kept


# Lines that are not there yet


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (
            "starts: Sept 14, 6-7pm CT",
            "starts: 2024-09-14 18:00\nends: 2024-09-14 19:00\ntimezone: America/Chicago",
        ),
        ("deadline: Sept 14 at noon ET", "deadline: 2024-09-14 12:00\ntimezone: America/New_York"),
        (
            "starts: Sept 14, 6pm ET\nends: Sept 14, 7pm ET",
            "starts: 2024-09-14 18:00\ntimezone: America/New_York\nends: 2024-09-14 19:00",
        ),
        ("starts: 14. September um 18 Uhr", "starts: 2024-09-14 18:00"),
        ("deadline: 2024-09-14 24:00", "deadline: 2024-09-14 23:59"),
        ("starts: 2024-09-14\ntimezone: Pacific", "starts: 2024-09-14\ntimezone: America/Los_Angeles"),
        ("starts: 2024-09-14\ntimezone: New York", "starts: 2024-09-14\ntimezone: America/New_York"),
        ("language: Spanish", "language: es"),
        ("image_focus: Top", "image_focus: top"),
        ("starts: 2024-09-14 18:00\nends: 20:00", "starts: 2024-09-14 18:00\nends: 2024-09-14 20:00"),
        ("starts: 2024-09-14 18:00\nends: 8pm", "starts: 2024-09-14 18:00\nends: 2024-09-14 20:00"),
        ("starts: 2024-09-14 18:00-20:00", "starts: 2024-09-14 18:00\nends: 2024-09-14 20:00"),
        ("starts: 6pm Saturday, Sept 14 CT", "starts: 2024-09-14 18:00\ntimezone: America/Chicago"),
        ("deadline: by Sept 14, EOD", "deadline: 2024-09-14"),
        ("starts: 2024-09-14\ntimezone: (GMT-06:00) Central Time", "starts: 2024-09-14\ntimezone: America/Chicago"),
        ("link: '[Read](https://a.example/b)'", "link: https://a.example/b"),
        ("link: <https://a.example/b>", "link: https://a.example/b"),
        ("link: “https://a.example/b”", "link: https://a.example/b"),
        ("headline: Hi %%First Name%%", "headline: Hi %%first_name%%"),
        ("headline: Hi %% first-name|friend %%", "headline: Hi %%first_name|friend %%"),
        ("headline: Hi %%first_name|friend%", "headline: Hi %%first_name|friend%%"),
    ],
)
def test_what_a_hint_says_to_write_is_written_whole(room: Room, run: Run, typed: str, meant: str) -> None:
    assert fixed(room, run, f"---\n{FRONT}{typed}\n---\nWords.\n") == f"---\n{FRONT}{meant}\n---\nWords.\n"


@pytest.mark.parametrize(
    "typed",
    [
        # Of which of the two clocks the item is.
        "starts: Sept 14, 6pm ET\nends: Sept 14, 7pm CT",
        "starts: Sept 14, 6pm ET\ntimezone: America/Chicago",
        # Which of two days.
        "starts: 10/12",
        # What of that is an address, and what is lost with the rest.
        "link: Write to ada@a.example today",
        "link: https://a.example/b https://a.example/c",
        # Past midnight, or a slip.
        "starts: 2024-09-14 20:00\nends: 1:00",
        # Which of the zones that are so far from UTC.
        "starts: 2024-09-14 18:00-05:00",
    ],
)
def test_what_takes_judgement_stays(room: Room, run: Run, typed: str) -> None:
    source = f"---\n{FRONT}{typed}\n---\nWords.\n"
    assert fixed(room, run, source) == source


def test_the_month_of_an_item_that_has_none_is_that_of_its_folder(room: Room, run: Run) -> None:
    without = FRONT.replace("month: 2024-09\n", "")
    assert fixed(room, run, f"---\r\n{without}---\nWords.\n") == f"---\n{without}month: 2024-09\n---\nWords.\n"
    empty = FRONT.replace("month: 2024-09\n", "month:\n")
    assert fixed(room, run, f"---\n{empty}---\nWords.\n") == ITEM


def test_a_line_that_is_added_ends_as_the_others_do(room: Room, run: Run) -> None:
    path = room.root / PATH
    path.parent.mkdir(parents=True, exist_ok=True)
    (path.parent / "other.md").write_text(ITEM.replace("We won", "Another"))
    path.write_bytes(f"---\n{FRONT}starts: Sept 14, 6-7pm\n---\nWords.\n".replace("\n", "\r\n").encode())
    run("check", "-m", "2024-09", "--fix", "--yes")
    assert b"starts: 2024-09-14 18:00\r\nends: 2024-09-14 19:00\r\n---\r\n" in path.read_bytes()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (f"{FRONT}---\nWords.\n", ITEM),
        (f"---\n{FRONT}\nWords.\n", ITEM.replace("---\nWords", "---\n\nWords")),
        (f"{FRONT}\nWords.\n", ITEM.replace("---\nWords", "---\n\nWords")),
        (f"---\n{FRONT}", ITEM.removesuffix("Words.\n")),
        (f"\n\n{ITEM}", ITEM.replace("---\n", "---\n\n\n", 1)),
    ],
)
def test_a_fence_that_is_missing_is_set_where_keys_begin_and_words_do(
    room: Room, run: Run, typed: str, meant: str
) -> None:
    assert fixed(room, run, typed) == meant


@pytest.mark.parametrize("words", ["Note: we won.\n", "\nWhen: Monday\nWhere: the hall\n", "and more words\n"])
def test_a_fence_is_not_set_among_what_may_be_keys_or_words(room: Room, run: Run, words: str) -> None:
    source = f"---\n{FRONT}{words}"
    assert fixed(room, run, source) == source


@pytest.mark.parametrize("typed", ["Take action", "✊ TAKE ACTION!", "Tome acción"])
def test_a_section_by_its_title_is_written_by_its_key(room: Room, run: Run, typed: str) -> None:
    source = f"---\n{FRONT.replace('wins', typed)}---\nWords.\n"
    room.file("newsletter.toml", TOML + '\n[words.es.sections]\naction = "Tome acción"\n')
    assert fixed(room, run, source) == ITEM.replace("section: wins", "section: action")


def test_one_tag_of_several_and_a_chapter_by_its_name_are_written_by_code(room: Room, run: Run) -> None:
    source = f"---\n{FRONT.replace('[LPMN]', '[lpmn, New York, network]')}---\nWords.\n"
    assert fixed(room, run, source) == ITEM.replace("[LPMN]", "[LPMN, LPNY, network]")


def test_a_picture_by_its_path_on_a_web_site_is_named_by_its_file(room: Room, run: Run) -> None:
    room.file("issues/2024-09/items/a tree.jpg", picture(kind="JPEG"))
    source = ITEM.replace("section", "image: /images/a tree.jpg\nimage_alt: A tree\nsection")
    words = "![A tree](/images/a%20tree.jpg)\n"
    assert fixed(room, run, source + words) == (source + words).replace("/images/", "")


# newsletter.toml


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("accent = “#1D5C63”  # teal", 'accent = "#1D5C63"  # teal'),
        ("accent: '#1D5C63'", "accent = '#1D5C63'"),
        ("accent = #1D5C63 # teal", 'accent = "#1D5C63" # teal'),
        ('accent = "1D5C63"', 'accent = "#1D5C63"'),
        ('Accent = "#1D5C63"', 'accent = "#1D5C63"'),
        ('website = "network.example"  # ours', 'website = "https://network.example"  # ours'),
        ('timezone = "Central"', 'timezone = "America/Chicago"'),
        ('language = "Spanish"', 'language = "es"'),
        ('cadence = "Monthly"', 'cadence = "monthly"'),
        ('sender_name = "Ada "the" Baker"', "sender_name = 'Ada \"the\" Baker'"),
        ("sender_name = Minnesota", 'sender_name = "Minnesota"'),
        ('acent = "#1D5C63"', None),
        ('cadence = "weekly"', None),
    ],
)
def test_newsletter_toml_is_mended_as_its_hints_say(room: Room, run: Run, typed: str, meant: str | None) -> None:
    room.file("issues/2024-09/items/other.md", ITEM)
    source = TOML.replace('accent = "#1D5C63"', typed)
    room.file("newsletter.toml", source)
    run("check", "-m", "2024-09", "--fix", "--yes")
    written = source if meant is None else TOML.replace('accent = "#1D5C63"', meant)
    assert (room.root / "newsletter.toml").read_text() == written


def test_words_behind_code_that_goes_over_a_lines_end_are_not_split_in_the_wrong_place(room: Room, run: Run) -> None:
    typed = ITEM + "\n`one\ntwo` it\nTown hall\n1 Main Street\nSaint Paul\n"
    assert fixed(room, run, typed) == typed


# What rules say to write


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Join us on July 9 at 6 PM EST.", "Join us on July 9 at 6 PM ET."),
        ("On July 9, 6 PM Pacific Standard Time.", "On July 9, 6 PM PT."),
        ("Join us on January 9 at 6 PM EST.", None),
        ("On July 9, 6 PM MST in Phoenix.", None),
        ("See [the plan](network.example/plan).", "See [the plan](https://network.example/plan)."),
        ("See [the plan](network.org).", "See [the plan](https://network.org)."),
        ("See [the plan](plan.pdf) and [it](/plan).", None),
        ("See `[the plan](network.example/plan)`.", None),
        ("![Photo of a street tree](tree.jpg)", "![A street tree](tree.jpg)"),
        ("![Foto de una ceiba](tree.jpg)", "![Una ceiba](tree.jpg)"),
        ("Hello %%first_name%%, we won.", "Hello %%first_name|friend%%, we won."),
        ("Hello %%first_name|neighbor%%, we won.", None),
    ],
)
def test_what_a_rule_says_to_write_is_written(room: Room, run: Run, typed: str, meant: str | None) -> None:
    room.file("newsletter.toml", TOML.replace("[organization]", '[organization]\nprovider = "mailchimp"', 1))
    room.file("issues/2024-07/items/tree.jpg", picture(kind="JPEG"))
    source = ITEM.replace("2024-09", "2024-07").replace("Words.\n", f"{typed}\n")
    room.file("issues/2024-07/items/story.md", source)
    run("check", "-m", "2024-07", "--fix", "--yes")
    assert (room.root / "issues/2024-07/items/story.md").read_text() == source.replace(typed, meant or typed)


def test_a_zone_of_the_winter_is_written_as_the_place_whose_clocks_were_meant(room: Room, run: Run) -> None:
    front = FRONT.replace("2024-09", "2024-07").replace("section", "starts: 2024-07-09 18:00\ntimezone: {}\nsection")
    for typed, meant in (("EST", "America/New_York"), ("MST", "MST")):
        room.file("issues/2024-07/items/story.md", f"---\n{front.format(typed)}---\nWords.\n")
        run("check", "-m", "2024-07", "--fix", "--yes")
        written = (room.root / "issues/2024-07/items/story.md").read_text()
        assert written == f"---\n{front.format(meant)}---\nWords.\n"


def test_the_cover_gets_a_word_for_who_gave_no_name(room: Room, run: Run) -> None:
    room.file("newsletter.toml", TOML.replace("[organization]", '[organization]\nprovider = "mailchimp"', 1))
    room.file(PATH, ITEM)
    front = room.file("issues/2024-09/state-LPMN.md", "---\nsubject: For %%first_name%%\n---\nHello.\n")
    run("check", "-m", "2024-09", "--fix", "--yes")
    assert front.read_text() == "---\nsubject: For %%first_name|friend%%\n---\nHello.\n"


def test_an_item_that_is_all_there_is_of_its_month_is_mended_too(room: Room, run: Run) -> None:
    front = FRONT.replace("month: 2024-09\n", "").replace("[LPMN]", "[Minnesota]").replace("wins", "WINS")
    path = room.file(PATH, f"---\n{front}starts: 14. September um 18 Uhr\n---\nWords.\n")
    run("check", "-m", "2024-09", "--fix", "--yes")
    meant = FRONT.replace("month: 2024-09\n", "") + "starts: 2024-09-14 18:00\nmonth: 2024-09\n"
    assert path.read_text() == f"---\n{meant}---\nWords.\n"
