"""What a provider has nothing for goes sentence by sentence, leaves no hole behind, and is told."""

import re

import pytest

from newsletter.read import prose
from newsletter.read.values import without_regions
from tests.room import TOML, Room

ITEM = "issues/2024-09/items/story.md"


WITHOUT_ADDRESS = TOML.replace('browser_url = "https://network.example/{id}"\n', "")


def told(room: Room) -> list[tuple[str, str]]:
    """Return place and words of what the checks say is left out."""
    return [(str(one.place), one.message) for one in room.findings() if one.slug == "left-out"]


def left(markdown: str, *lacks: str) -> str:
    """Return the HTML where a provider lacks these placeholders (all, if none is named)."""
    return without_regions(prose.to_html(markdown, {}), lambda name: bool(lacks) and name not in lacks)


def left_in_text(markdown: str) -> str:
    words = without_regions(prose.to_text(markdown, lambda address: "[1]"), lambda name: False)
    return re.sub(r"\n{3,}", "\n\n", words).strip()


@pytest.mark.parametrize(
    ("markdown", "kept"),
    [
        ("Read it online: %%browser_url%%.\nWe met.\nWe sang.", "We met.\nWe sang."),
        ("We met.\nRead it online: %%browser_url%%.\nWe sang.", "We met.\nWe sang."),
        ("We met.\nRead it\nonline: %%browser_url%%.\nWe sang.", "We met.\nRead it\nWe sang."),
        ("See %%browser_url%% and\nbe there (the list\nis below)! We met.", "be there (the list\nis below)! We met."),
        ("We met, as you see at %%browser_url%%,\non Tuesday.", "on Tuesday."),
        ("See **%%browser_url%% or\nask**, we\nmet.", "met."),
        ("Read it online: %%browser_url%%\nWe met.", "We met."),
        ("Read it online: %%browser_url%%  \nor not. We met.", "or not. We met."),
        ("Read it online: %%browser_url%%\\\nor not.", "or not."),
        ("Really? Read it online: %%browser_url%%! We met.", "Really? We met."),
        ("Read it online: %%browser_url%%… We met.", "We met."),
        ("(Read it online: %%browser_url%%.) We met.", "We met."),
        ("“Read it: %%browser_url%%.” We met.", "We met."),
        ("Read it in **your browser: %%browser_url%%.** We met.", "We met."),
        ("[Read it here.](%%browser_url%%) We met.", "We met."),
        ("**We met.** Read it online: %%browser_url%%.", "<strong>We met.</strong>"),
        ("読む：%%browser_url%%。会いました。", "会いました。"),
        ("اقرأ: %%browser_url%%؟ التقينا.", "التقينا."),
        ("Dear %%first_name%%, hello. We met. %%browser_url%%", "We met."),
        ("Dear %%first_name|friend%%, hello.", "Dear %%first_name|friend%%, hello."),
    ],
)
def test_only_the_sentence_that_needs_it_goes(markdown: str, kept: str) -> None:
    assert re.sub(r"\s+</p>", "</p>", left(markdown)) == f"<p>{kept}</p>"


@pytest.mark.parametrize(
    ("markdown", "kept", "text"),
    [
        ("One.\n\nRead it: %%browser_url%%.\n\nTwo.", "<p>One.</p><p>Two.</p>", "One.\n\nTwo."),
        ("One.\n\n## At %%browser_url%%\n\nTwo.", "<p>One.</p><p>Two.</p>", "One.\n\nTwo."),
        ("- one\n- at %%browser_url%%\n- two", "<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
        ("- at %%browser_url%%\n- two", "<ul><li>two</li></ul>", "- two"),
        ("One.\n\n- at %%browser_url%%\n\nTwo.", "<p>One.</p><p>Two.</p>", "One.\n\nTwo."),
        ("> At %%browser_url%%\n\nTwo.", "<p>Two.</p>", "Two."),
        ("> - one\n> - at %%browser_url%%\n", "<blockquote><ul><li>one</li></ul></blockquote>", "> - one"),
        ("![](a.png)\nAt %%browser_url%%", '<p><img src="a.png" alt="">\n</p>', ""),
        ("At %%browser_url%%\n![](a.png)", '<p><img src="a.png" alt=""></p>', ""),
    ],
)
def test_an_empty_block_goes_with_its_words(markdown: str, kept: str, text: str) -> None:
    assert left(markdown) == kept
    assert left_in_text(markdown) == text


def test_a_block_stays_where_one_of_its_sentences_can() -> None:
    markdown = "Dear %%first_name%%. At %%browser_url%%."
    assert left(markdown, "browser_url") == "<p>Dear %%first_name%%. </p>"
    assert left(markdown, "first_name") == "<p>At %%browser_url%%.</p>"


def test_a_link_that_needs_two_goes_where_either_is_lacking() -> None:
    markdown = "Read %%first_name%% at %%browser_url%%."
    assert left(markdown, "browser_url") == left(markdown, "first_name") == ""


def test_what_readers_will_not_see_is_told_at_its_line(room: Room) -> None:
    room.file("newsletter.toml", WITHOUT_ADDRESS)
    room.item("story", "One.\n\nTwo.\nRead it in your [browser](%%browser_url%%).\nThree.\n")
    told = [one for one in room.findings() if one.slug == "left-out"]
    assert [(str(one.place), one.message, one.hint) for one in told] == [
        (
            f"{ITEM}:11",
            "'Read it in your browser.' is left out: html has nothing for %%browser_url%%",
            'set browser_url = "https://…" under [organization], or say it without the placeholder',
        )
    ]


@pytest.mark.parametrize(
    ("body", "line", "message"),
    [
        (
            "You can read this\nin your browser: %%browser_url%%.\nWe met.",
            1,
            "'in your browser: %%browser_url%%.' is left out: html has nothing for %%browser_url%%; "
            "the line before it stays, without the end of its sentence",
        ),
        (
            "One.\nSee %%browser_url%% and\nbe there.",
            1,
            "'See %%browser_url%% and' is left out: html has nothing for %%browser_url%%; "
            "the next line stays, without the beginning of its sentence",
        ),
        (
            "You can read this\nat %%browser_url%%, if\nyou like.",
            1,
            "'at %%browser_url%%, if' is left out: html has nothing for %%browser_url%%; "
            "the lines before and after it stay, without this part of their sentence",
        ),
    ],
)
def test_half_a_sentence_that_stays_is_told(room: Room, body: str, line: int, message: str) -> None:
    room.file("newsletter.toml", WITHOUT_ADDRESS)
    room.item("story", body)
    assert told(room) == [(f"{ITEM}:{8 + line}", message)]
    (hint,) = (one.hint for one in room.findings() if one.slug == "left-out")
    assert hint.startswith("write the sentence on one line, or set browser_url = ")


def test_two_lines_of_a_sentence_that_both_go_leave_nothing_half(room: Room) -> None:
    room.file("newsletter.toml", WITHOUT_ADDRESS)
    room.item("story", "At %%browser_url%% or\nat %%browser_url%%. One.")
    words = "html has nothing for %%browser_url%%"
    assert told(room) == [
        (f"{ITEM}:8", f"'At %%browser_url%% or' is left out: {words}"),
        (f"{ITEM}:9", f"'at %%browser_url%%.' is left out: {words}"),
    ]


def test_a_greeting_is_told_at_its_own_line(room: Room) -> None:
    room.item("story")
    greeting = 'short_name = "EN"\ngreeting = "Read it: %%browser_url%%."'
    room.file("newsletter.toml", WITHOUT_ADDRESS.replace('short_name = "EN"', greeting))
    assert [place for place, _ in told(room)] == ["newsletter.toml:4"]
    room.front_page("2024-09/state-LPMN", "Hello.\n\nRead it: %%browser_url%%.\n")
    assert [place for place, _ in told(room)] == ["issues/2024-09/state-LPMN.md:5"]


def test_a_long_sentence_is_quoted_whole(room: Room) -> None:
    room.file("newsletter.toml", WITHOUT_ADDRESS)
    sentence = f"Read it, {'and read it again, ' * 12}at %%browser_url%%."
    room.item("story", sentence)
    assert [message.partition(" is left out")[0] for _, message in told(room)] == [f"'{sentence}'"]


def test_a_name_that_goes_out_of_a_title_is_told(room: Room) -> None:
    room.item("story", title="Join us, %%first_name%%, on Tuesday", headline="Join us, %%first_name|friend%%")
    assert told(room) == [
        (
            f"{ITEM}:2",
            "the name in 'Join us, %%first_name%%, on Tuesday' is left out: html has nothing for %%first_name%%",
        )
    ]


@pytest.mark.parametrize(
    ("provider", "words"),
    [
        ("mailchimp", []),
        ("action-network", ["action-network has nothing for %%browser_url%%"]),
    ],
)
def test_each_provider_leaves_out_what_it_lacks(room: Room, provider: str, words: list[str]) -> None:
    room.item("story", "One. Read it in your browser: %%browser_url%%.\n")
    told = [one.message.partition(": ")[2] for one in room.findings(provider=provider) if one.slug == "left-out"]
    assert [one.rpartition(": ")[2] for one in told] == words
