"""Issue -> Cover: the words the inbox shows."""

import pytest

from newsletter.issue.compose import join
from newsletter.model import Cover
from tests.room import TOML, Room

SUBJECT_PATTERN = 'subject = "{title} {emoji} | {headlines} | {period}"'


def stories(room: Room, *headlines: str, chapter: str = "LPMN") -> None:
    for number, headline in enumerate(headlines):
        room.item(f"item-{number}", "", title=headline, order=number, chapters=[chapter])


def state_toml(**own: str) -> str:
    lines = "".join(f'\n{key} = "{value}"' for key, value in own.items())
    return TOML.replace(SUBJECT_PATTERN, SUBJECT_PATTERN + lines)


@pytest.mark.parametrize(
    ("headlines", "more", "follows", "joined"),
    [
        ([], "& more!", False, ""),
        (["a"], "& more!", False, "a"),
        (["a"], "& more!", True, "a"),
        (["a", "b"], "& more!", False, "a & b"),
        (["a", "b"], ", & more!", False, "a & b"),
        (["a", "b"], "& more!", True, "a, b & more!"),
        (["a", "b"], ", and more", True, "a, b, and more"),
        (["a", "b", "c"], "& more!", False, "a, b & c"),
        (["a", "b", "c"], ", & more!", False, "a, b, & c"),
        (["a", "b", "c"], "& more!", True, "a, b, c & more!"),
        (["a", "b", "c"], "", True, "a, b & c"),
    ],
)
def test_headlines_join_as_people_write_them(headlines: list[str], more: str, follows: bool, joined: str) -> None:
    assert join(headlines, more, follows=follows) == joined


@pytest.mark.parametrize(
    ("emoji", "title", "headlines", "more", "follows", "period", "pattern", "subject"),
    [
        (
            "📬",
            "The Network Download",
            "Localities standing up for local democracy; exploring bold ways to help their communities thrive",
            ", and more",
            True,
            "September 2023",
            "{emoji} {title} | {headlines} | {period}",
            "📬 The Network Download | Localities standing up for local democracy, "
            "exploring bold ways to help their communities thrive, and more | September 2023",
        ),
        (
            "🍂",
            "LPMN State Download",
            "Progressive Governance Academy; Summer Highlights; Cannabis Memo",
            "& More",
            True,
            "September 2023",
            "{title} {emoji} | {headlines} | {period}",
            "LPMN State Download 🍂 | Progressive Governance Academy, Summer Highlights, Cannabis Memo & More "
            "| September 2023",
        ),
        (
            "📬",
            "The Network Download",
            "Supporting autoworkers; tackling zoning; ballot initiatives",
            ", & more!",
            True,
            "October 2023",
            "{emoji} {title} | {headlines} | {period}",
            "📬 The Network Download | Supporting autoworkers, tackling zoning, ballot initiatives, & more! "
            "| October 2023",
        ),
        (
            "📎",
            "Federal Advocacy Roundup",
            "Holding this moment; government shutdown averted; SCOTUS preview",
            ", and more",
            True,
            "October 2023",
            "{emoji} {title} | {headlines} | {period}",
            "📎 Federal Advocacy Roundup | Holding this moment, government shutdown averted, SCOTUS preview, and more "
            "| October 2023",
        ),
        (
            "📬",
            "LP Network Download",
            "Traffic safety; ceasefire; history in Minnesota",
            ", & more!",
            True,
            "January 2024",
            "{emoji} {title} | {headlines} | {period}",
            "📬 LP Network Download | Traffic safety, ceasefire, history in Minnesota, & more! | January 2024",
        ),
        (
            "📬",
            "LP Network Download",
            "Anti-gentrification ordinance; abortion travel funds; environmental win",
            "& more!",
            True,
            "Sept 2024",
            "{emoji} {title} | {headlines} | {period}",
            "📬 LP Network Download | Anti-gentrification ordinance, abortion travel funds, environmental win & more! "
            "| Sept 2024",
        ),
        (
            "📎",
            "Federal Advocacy Roundup",
            "Election resources",
            ", and more",
            True,
            "September 2024",
            "{emoji} {title} | {headlines} | {period}",
            "📎 Federal Advocacy Roundup | Election resources | September 2024",
        ),
        (
            "📚",
            "LP School Board Download",
            "Fully funding public education; sustainable school facilities; "
            "a recap from our National Convening this summer!",
            ", & more!",
            False,
            "September 2024",
            "{title} {emoji} | {headlines} | {period}",
            "LP School Board Download 📚 | Fully funding public education, sustainable school facilities, "
            "& a recap from our National Convening this summer! | September 2024",
        ),
        (
            "🛣️",
            "LPNY State Download",
            "Road to Good Cause; Organizing Committee / Strategy session",
            ", and more!",
            True,
            "September 2024",
            "{title} {emoji} | {headlines} | {period}",
            "LPNY State Download 🛣️ | Road to Good Cause, Organizing Committee / Strategy session, and more! "
            "| September 2024",
        ),
        (
            "📣",
            "LPMN State Download",
            "LPMN at the National Convening; Saint Paul climate action case study",
            "& more!",
            True,
            "September 2024",
            "{title} {emoji} | {headlines} | {period}",
            "LPMN State Download 📣 | LPMN at the National Convening, Saint Paul climate action case study & more! "
            "| September 2024",
        ),
        (
            "📣",
            "LPNC State Download",
            "LPNC at the National Convening; recent policy wins",
            "& more!",
            True,
            "September 2024",
            "{title} {emoji} | {headlines} | {period}",
            "LPNC State Download 📣 | LPNC at the National Convening, recent policy wins & more! | September 2024",
        ),
        (
            "🌲",
            "LPPA State Download",
            "Your first Pennsylvania newsletter!",
            "& more!",
            True,
            "Fall 2024",
            "{title} {emoji} | {headlines} | {period}",
            "LPPA State Download 🌲 | Your first Pennsylvania newsletter! | Fall 2024",
        ),
    ],
)
def test_the_twelve_subjects_of_the_contract(
    room: Room,
    emoji: str,
    title: str,
    headlines: str,
    more: str,
    follows: bool,
    period: str,
    pattern: str,
    subject: str,
) -> None:
    named = headlines.split("; ")
    toml = TOML.replace('title = "{chapter} State Download"', f'title = "{title}"')
    toml = toml.replace('emoji = "📣"', f'emoji = "{emoji}"\nmore = "{more}"\nheadlines = {len(named)}')
    style = {"Sept": "short", "Fall": "season"}.get(period.split()[0], "long")
    room.file("newsletter.toml", toml.replace(SUBJECT_PATTERN, f'subject = "{pattern}"\nperiod = "{style}"'))
    number = {"September": "09", "Sept": "09", "Fall": "09", "October": "10", "January": "01"}[period.split()[0]]
    month = f"{period.split()[1]}-{number}"
    for order, headline in enumerate([*named, *(["Something else"] if follows else [])]):
        room.item(f"item-{order}", folder=month, title="Long title", headline=headline, order=order, month=month)
    assert room.cover(f"{month}/state-LPMN").subject == subject


def test_the_subject_names_the_first_headlines_in_the_issues_order(room: Room) -> None:
    stories(room, "One", "Two", "Three", "Four")
    room.item("lead", title="Lead", section="action", lead=True)
    assert room.cover().subject == "LPMN State Download 📣 | Lead, One, Two & more! | September 2024"


def test_a_front_page_chooses_headlines_by_item_or_in_its_own_words(room: Room) -> None:
    stories(room, "One", "Two", "Three", "Four")
    room.front_page("2024-09/state-LPMN", headlines=["item-2", "Our own words"], emoji="🌲", more="and so on")
    assert room.cover().subject == "LPMN State Download 🌲 | Three, Our own words and so on | September 2024".replace(
        "words and", "words and"
    )


def test_a_front_page_that_names_every_item_ends_in_an_ampersand(room: Room) -> None:
    stories(room, "One", "Two")
    room.front_page("2024-09/state-LPMN", headlines=["item-1", "item-0"])
    assert room.cover().subject == "LPMN State Download 📣 | Two & One | September 2024"


def test_a_front_page_may_state_the_whole_subject_and_it_stays_as_typed(room: Room) -> None:
    stories(room, "One")
    room.front_page("2024-09/state-LPMN", subject="{title}|Our words | for %%first_name|friend%%")
    assert room.cover().subject == "{title}|Our words | for %%first_name|friend%%"


def test_an_empty_part_of_the_pattern_leaves_no_bar_behind(room: Room) -> None:
    stories(room, "One")
    room.file("newsletter.toml", state_toml(emoji="").replace('emoji = "📣"\n', "").replace('emoji = ""\n', ""))
    room.file("newsletter.toml", TOML.replace(SUBJECT_PATTERN, 'subject = "{emoji} | {title}  {headlines} |"'))
    assert room.cover().subject == "📣 | LPMN State Download One"
    room.file("newsletter.toml", TOML.replace('emoji = "📣"\n' + SUBJECT_PATTERN, 'subject = "{emoji} | {headlines}"'))
    assert room.cover().subject == "One"


def test_a_bar_in_a_placeholder_of_the_pattern_is_not_a_part(room: Room) -> None:
    stories(room, "One")
    room.file(
        "newsletter.toml", TOML.replace(SUBJECT_PATTERN, 'subject = "%%first_name|friend%%: {headlines} | {period}"')
    )
    assert room.cover().subject == "%%first_name|friend%%: One | September 2024"


def test_braces_bars_and_percent_signs_in_a_headline_stay_as_typed(room: Room) -> None:
    stories(room, "{period} | 100% of {{ x }}")
    assert room.cover().subject == "LPMN State Download 📣 | {period} | 100% of {{ x }} | September 2024"


def test_the_sender_is_the_settings_or_the_organization(room: Room) -> None:
    stories(room, "One")
    assert room.cover() == Cover(
        sender_name="Example Network",
        sender_address="news@network.example",
        reply_to="",
        subject="LPMN State Download 📣 | One | September 2024",
        preheader="",
    )
    room.file(
        "newsletter.toml", state_toml(sender_name="{organization} {chapter_name}", reply_to="{chapter}@x.example")
    )
    cover = room.cover()
    assert (cover.sender_name, cover.reply_to) == ("Example Network Minnesota", "LPMN@x.example")


def test_the_preheader_says_what_the_subject_did_not(room: Room) -> None:
    stories(room, "One", "Two", "Three", "Four", "Five")
    assert room.cover().preheader == "Also in this issue: Four, Five"


def test_the_preheader_is_the_front_pages_own(room: Room) -> None:
    stories(room, "One", "Two", "Three", "Four")
    room.front_page("2024-09/state-LPMN", preheader="Read this first")
    assert room.cover().preheader == "Read this first"


def test_the_preheader_stops_before_it_grows_too_long(room: Room) -> None:
    stories(room, "One", "Two", "Three", "x" * 80, "y" * 80)
    assert room.cover().preheader == f"Also in this issue: {'x' * 80}"


def test_a_headline_chosen_by_a_front_page_is_not_said_again(room: Room) -> None:
    stories(room, "One", "Two", "Three")
    room.front_page("2024-09/state-LPMN", headlines=["item-1"])
    assert room.cover().preheader == "Also in this issue: One, Three"


def test_headlines_in_ones_own_words_stand_for_as_many_items(room: Room) -> None:
    stories(room, "One", "Two")
    room.front_page("2024-09/state-LPMN", "Hello there.\n", headlines=["First in other words", "Then the second"])
    cover = room.cover()
    assert cover.subject == "LPMN State Download 📣 | First in other words & Then the second | September 2024"
    assert cover.preheader == "Hello there."
    stories(room, "One", "Two", "Three")
    assert room.cover().subject.startswith("LPMN State Download 📣 | First in other words, Then the second")
    assert room.cover().preheader == "Also in this issue: One, Two, Three"


def test_without_more_items_the_preheader_is_the_beginning_of_the_greeting(room: Room) -> None:
    stories(room, "One")
    room.front_page("2024-09/state-LPMN", "**Dear** members, [we won](https://x.example). And\nmore is to come.\n")
    assert room.cover().preheader == "Dear members, we won. And more is to come."


def test_without_a_greeting_the_preheader_is_the_first_storys_words_up_to_a_sentence(room: Room) -> None:
    room.item("story", f"A sentence of some length that says it all. {'word ' * 40}")
    assert room.cover().preheader == "A sentence of some length that says it all."
    room.item("story", "word " * 40)
    assert room.cover().preheader == f"{'word ' * 23}word …"
    room.item("story", f"We won. {'word ' * 40}")
    # Two words would leave most of the line empty.
    assert room.cover().preheader == f"We won. {'word ' * 21}word …"


def test_a_table_before_the_first_words_is_no_preheader(room: Room) -> None:
    room.item("story", "| Day | Hall |\n|---|---|\n| Monday | East |\n\nThe halls are open to all.\n", title="One")
    assert room.cover().preheader == "The halls are open to all."
