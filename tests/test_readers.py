"""Whom an issue goes to, and when: another month's words, another chapter's list, one story told twice."""

from typing import Any

import pytest

from newsletter.model import Finding
from tests.room import TOML, Room
from tests.test_check_rules import findings, subject_of

LPMN, LPNY, NETWORK = "2024-09/state-LPMN", "2024-09/state-LPNY", "2024-09/network"
LISTS = TOML.replace("[publications.state]", '[publications.state]\naudience = "{chapter}@lists.example"')
GREETING = "Here is what the valley did, and who did it."


def page(room: Room, slug: str, body: str = "", issue_id: str = LPMN, **front: Any) -> list[Finding]:
    """Return what a rule finds in an issue with that front page."""
    chapter = issue_id.rpartition("state-")[2] if "state-" in issue_id else "network"
    room.item(f"of-{chapter.lower()}", title=f"What {chapter} did", chapters=[chapter])
    room.front_page(issue_id, body, **front)
    return findings(subject_of(room, issue_id), slug)


# Another month


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("en", "The Valley Download | A new bridge | October 2024"),
        ("en", "The Valley Download | A new bridge | October"),
        ("en", "📬 October newsletter: a new bridge"),
        ("en", "News – Oct. 2024"),
        ("en", "Happy October!"),
        ("en", "The September 2025 issue"),
        ("es", "Boletín | octubre de 2024"),
        ("fr", "Bulletin | Octobre 2024"),
        ("pt", "Boletim | outubro de 2024"),
        ("de", "Rundbrief | Oktober 2024"),
        ("ar", "النشرة | أكتوبر 2024"),
        ("he", "ניוזלטר | אוקטובר 2024"),
        ("zh", "简报 | 2024年10月"),
        ("vi", "Bản tin | tháng 10 2024"),
    ],
)
def test_a_subject_that_gives_the_issue_another_month_is_told(room: Room, language: str, subject: str) -> None:
    room.file("newsletter.toml", TOML.replace("[organization]", f'[organization]\nlanguage = "{language}"'))
    (found,) = page(room, "wrong-month", subject=subject)
    assert str(found.place) == "issues/2024-09/state-LPMN.md:2"


@pytest.mark.parametrize(
    "subject",
    [
        *("The Valley Download | A new bridge | September 2024", "September newsletter", "News | Sept. 2024"),
        *("What October will bring", "Road to the November election", "Our March on the capitol", "May Day | Come"),
        *("2024年8月的数据", "10月1日开会 | 简报"),
        *("Happy May Day!", "You may issue a march update", "The august hall | News", "2024 in numbers"),
        *("Convening in October 2024 | News", "From May to October: what we won", "April Ruiz wins | News"),
    ],
)
def test_a_subject_that_speaks_of_other_months_is_believed(room: Room, subject: str) -> None:
    assert page(room, "wrong-month", subject=subject) == []


def test_a_greeting_that_welcomes_another_month_is_told_at_its_line(room: Room) -> None:
    (found,) = page(room, "wrong-month", "Dear friends,\nwelcome to October!\n\nHappy November.\n")
    assert (found.place.line, found.message) == (4, "'welcome to October' stands in an issue of September 2024")


def test_another_year_in_a_greeting_is_told(room: Room) -> None:
    assert len(page(room, "wrong-month", "Happy New Year 2023!\n")) == 1
    assert page(room, "wrong-month", "Happy New Year 2025! Welcome to the 2024 season. In 2019 we began.\n") == []


def test_a_quarter_has_three_months(room: Room) -> None:
    assert page(room, "wrong-month", issue_id=LPNY, subject="News | July") == []
    assert len(page(room, "wrong-month", issue_id=LPNY, subject="News | June")) == 1


def test_an_old_year_is_told_once(room: Room) -> None:
    room.item()
    room.front_page(LPMN, subject="News | September 2023")
    subject = subject_of(room)
    assert len([*findings(subject, "wrong-month"), *findings(subject, "stale-year")]) == 1


def test_the_hint_at_another_month_can_be_followed(room: Room) -> None:
    (found,) = page(room, "wrong-month", subject="News | October 2024")
    assert found.hint == "was this copied from another issue? name this month, or take it out"
    assert page(room, "wrong-month", subject="News | September 2024") == []
    assert page(room, "wrong-month", subject="News") == []


# A page copied whole


@pytest.mark.parametrize(
    ("front", "body", "message"),
    [
        ({"subject": "Bikes"}, "", "subject is"),
        ({"headlines": ["Bikes", "Bread"]}, "", "headlines are"),
        ({"preheader": "Bikes and a bakery"}, GREETING, "preheader and greeting are"),
        ({"preheader": "Bikes", "subject": "Bread"}, GREETING, "subject, preheader and greeting are"),
        ({}, f"{GREETING} " * 3, "greeting is"),
    ],
)
def test_a_page_copied_from_another_month_is_told(room: Room, front: dict[str, Any], body: str, message: str) -> None:
    room.front_page("2024-07/state-LPMN", body, **front)
    room.front_page("2024-08/state-LPMN", "Something else.")
    (found,) = page(room, "copied-front-page", body.replace(" ", "\n", 1), **front)
    assert found.message == f"{message} the same as in 2024-07/state-LPMN"


@pytest.mark.parametrize(
    ("issue", "front", "body"),
    [
        ("2024-08/state-LPMN", {"preheader": "News from your chapter"}, ""),
        ("2024-08/state-LPMN", {}, "Dear friends,"),
        ("2024-08/state-LPMN", {"emoji": "📣", "lead": "of-lpmn"}, GREETING),
        ("2024-10/state-LPMN", {"subject": "Bikes"}, GREETING),
        ("2024-09/state-LPNY", {"subject": "Bikes"}, GREETING),
        ("2024-08/network", {"subject": "Bikes"}, GREETING),
    ],
)
def test_what_stays_on_purpose_is_believed(room: Room, issue: str, front: dict[str, Any], body: str) -> None:
    room.front_page(issue, body, **{key: value for key, value in front.items() if key != "lead"})
    assert page(room, "copied-front-page", body, **front) == []


def test_what_a_page_was_held_against_is_built_again_when_that_changes(room: Room) -> None:
    room.item()
    room.front_page("2024-08/state-LPMN", subject="Bread")
    room.front_page(LPMN, subject="Bikes")
    assert room.build().findings == {}
    room.front_page("2024-08/state-LPMN", subject="Bikes")
    assert {level.value: count for level, count in room.build().findings.items()} == {"warning": 1}


# Another chapter


def test_one_list_for_two_chapters_is_told_in_either(room: Room) -> None:
    room.file("newsletter.toml", LISTS)
    room.item("of-lpmn", chapters=["LPMN"])
    (found,) = page(room, "one-list-twice", issue_id=LPNY, audience="lpmn@lists.example")
    assert found.message == f"{LPNY} and {LPMN} go to one list, 'lpmn@lists.example'"
    (found,) = page(room, "one-list-twice", issue_id=LPMN, audience="LPNY@lists.example")
    assert found.message == "'LPNY@lists.example' is the list of LPNY, in an issue of LPMN"


def test_a_chapter_that_gets_everybodys_list_is_told(room: Room) -> None:
    everyone = LISTS.replace("[publications.network]", '[publications.network]\naudience = "all@lists.example"')
    room.file("newsletter.toml", everyone)
    room.item("of-network", chapters=["network"])
    assert len(page(room, "one-list-twice", audience="all@lists.example")) == 1


def test_two_newsletters_for_everyone_may_share_a_list(room: Room) -> None:
    federal = '[organization]\naudience = "all@lists.example"\n'
    publication = '[publications.federal]\ntitle = "Federal"\nscope = "network"\n'
    room.file("newsletter.toml", TOML.replace("[organization]\n", federal) + publication)
    room.item("of-network", chapters=["network", "federal"])
    assert findings(subject_of(room, "2024-09/federal"), "one-list-twice") == []


@pytest.mark.parametrize(
    ("front", "body"),
    [
        ({"title": "LPNY State Download"}, ""),
        ({"subject": "LPNY State Download | Bikes"}, ""),
        ({"sender_name": "Example Network New York"}, ""),
        ({"sender_address": "lpny@network.example"}, ""),
        ({"reply_to": "hello+LPNY@network.example"}, ""),
        ({}, "Hello New York!\n\nThis is what we did.\n"),
        ({}, "Dear LPNY members,\n"),
    ],
)
def test_another_chapters_name_is_told(room: Room, front: dict[str, Any], body: str) -> None:
    assert len(page(room, "other-chapter", body, **front)) == 1


@pytest.mark.parametrize(
    ("front", "body"),
    [
        ({"title": "LPMN State Download", "sender_name": "Example Network Minnesota"}, "Hello Minnesota!\n"),
        ({"subject": "LPMN meets LPNY"}, "Hello Minnesota and New York!\n"),
        ({}, "Our friends in New York won their fight, and here is what we can learn from it.\n"),
        ({}, "Hello!\n\nNew York sends its love.\n"),
        ({}, "New York sends its love!\n"),
        ({}, "Dear friends, New York sends its love.\n"),
        ({"sender_address": "news@network.example"}, "lpny is a word here\n"),
        ({"subject": "HI all, it is OK"}, "OK, HI!\n"),
    ],
)
def test_its_own_name_and_what_is_told_of_others_are_believed(room: Room, front: dict[str, Any], body: str) -> None:
    room.file("newsletter.toml", f'{TOML}\n[chapters.OK]\nname = "Oklahoma"\n[chapters.HI]\nname = "Hawaii"\n')
    assert page(room, "other-chapter", body, **front) == []


def test_another_chapters_own_address_on_a_front_page_is_told(room: Room) -> None:
    room.file("newsletter.toml", TOML.replace('name = "New York"', 'name = "New York"\nreply_to = "ana@a.example"'))
    (found,) = page(room, "other-chapter", reply_to="ana@a.example")
    assert found.message == "the address for answers 'ana@a.example' is that of LPNY, in an issue of LPMN"


def test_a_sender_that_all_chapters_have_is_nobodys(room: Room) -> None:
    stated = '[publications.state]\nsender_name = "New York office"\nreply_to = "lpny@network.example"'
    room.file("newsletter.toml", TOML.replace("[publications.state]", stated))
    assert page(room, "other-chapter") == []


# Told twice

STORY = (
    "On Tuesday the council voted for the new plan, which plants trees on every block and pays for heat in winter. "
    "Neighbours who came to the hall had asked for it since spring, and stayed until the votes were counted."
)
CHINESE = "市议会周二通过了新的租房条例，租户可以在三十天内提出申请，街坊们从春天起就一直在要求这项计划。"


def twice(room: Room, slug: str, first: dict[str, Any], second: dict[str, Any]) -> int:
    """Return how often a rule finds something in an issue of two stories."""
    for name, keys in (("first", first), ("second", second)):
        room.item(name, keys.get("body", f"What {name} did."), **{k: v for k, v in keys.items() if k != "body"})
    return len(findings(subject_of(room), slug))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/recount?utm_source=x", "https://a.example/recount/"),
        ("http://www.a.example/recount", "https://a.example/recount/index.html"),
        ("https://m.a.example/recount?fbclid=1", "https://A.example/recount#top"),
        ("https://a.example/page?id=5&ref=home&x=1", "https://a.example/page?x=1&id=5"),
    ],
)
def test_one_page_at_two_addresses_is_one(room: Room, one: str, other: str) -> None:
    assert twice(room, "repeated-link", {"link": one}, {"link": other}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/page?id=5", "https://a.example/page?id=6"),
        ("https://a.example/a", "https://b.example/a"),
        ("https://a.example/a", "https://a.example/A"),
        ("https://mail.example/a", "https://ail.example/a"),
    ],
)
def test_two_pages_are_two(room: Room, one: str, other: str) -> None:
    assert twice(room, "repeated-link", {"link": one}, {"link": other}) == 0


def test_a_list_that_links_to_another_story_is_told_and_a_sentence_may_refer_to_it(room: Room) -> None:
    link = {"link": "https://a.example/recount"}
    listed = {"body": "Also:\n\n- [The recount](https://a.example/recount?utm_source=x) ends\n- Bread\n"}
    assert twice(room, "repeated-link", link, listed) == 1
    told = {"body": "After [the recount](https://a.example/recount), we slept.\n"}
    assert twice(room, "repeated-link", link, told) == 0
    home = {"body": "- [Our site](https://network.example)\n"}
    assert twice(room, "repeated-link", {"link": "https://network.example/"}, home) == 0


@pytest.mark.parametrize("story", [STORY, CHINESE])
def test_nearly_the_same_words_are_told(room: Room, story: str) -> None:
    other = story.replace("Tuesday", "Wednesday").replace("周二", "昨天") + " [More](https://a.example/x)."
    assert twice(room, "repeated-words", {"body": story}, {"body": f"Good news. {other}"}) == 1


def test_a_standing_sentence_is_no_story(room: Room) -> None:
    standing = "This is a project of the network, a movement of local officials who work for justice in their towns."
    assert twice(room, "repeated-words", {"body": f"{STORY} {standing}"}, {"body": f"{CHINESE} {standing}"}) == 0


def test_what_is_told_by_its_title_or_link_is_not_told_by_its_words_as_well(room: Room) -> None:
    assert twice(room, "repeated-words", {"body": STORY, "title": "A"}, {"body": STORY, "title": "a"}) == 0
    link = "https://a.example/x"
    assert twice(room, "repeated-words", {"body": STORY, "link": link}, {"body": STORY, "link": f"{link}/"}) == 0


def test_a_story_that_a_members_other_issue_tells_is_told(room: Room) -> None:
    room.item("of-network", STORY, chapters=["network"], title="One")
    room.item("of-lpmn", STORY.replace("Tuesday", "Monday"), chapters=["LPMN"], title="Two")
    (found,) = findings(subject_of(room), "repeated-words")
    assert found.message.endswith("which 2024-09/network tells")


# A name


def test_a_name_without_a_word_for_who_gave_none_is_told_wherever_it_stands(room: Room) -> None:
    room.item("story", "Dear %%first_name%%,\n\n%%first_name|friend%%, read on.\n\nHey %%first_name|%%!\n")
    found = findings(subject_of(room, provider="mailchimp"), "name-without-fallback")
    assert [one.place.line for one in found] == [8, 12]
