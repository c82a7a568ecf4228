"""What a provider has nothing for goes sentence by sentence, leaves no hole behind, and is told."""

import re

import pytest

from newsletter.read import prose
from newsletter.read.values import without_regions
from tests.room import TOML, Room

ITEM = "issues/2024-09/items/story.md"


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
        ("We met.\nRead it\nonline: %%browser_url%%.\nWe sang.", "We met.\nWe sang."),
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


def test_a_sentence_over_two_lines_goes_whole() -> None:
    assert left("You can read this\nin your browser: %%browser_url%%.\nWe met.") == "<p>We met.</p>"


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
    room.file("newsletter.toml", TOML.replace('browser_url = "https://network.example/{id}"\n', ""))
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
