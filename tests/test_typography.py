"""Quotation marks, dashes and ellipses come out as typeset in the language of the words."""

import pytest

from newsletter.read import prose
from newsletter.read.typography import typeset
from tests.room import TOML, Room
from tests.test_linear import guard


@pytest.mark.parametrize(
    ("language", "typed", "wanted"),
    [
        ("en", 'He said "we won".', "He said “we won”."),
        ("en", "\"She said 'go' now,\" he said", "“She said ‘go’ now,” he said"),
        ("en", "It's the '90s, rock 'n' roll, 'tis", "It’s the ’90s, rock ’n’ roll, ’tis"),
        ("en", "the students' work, the boss's 'plan'", "the students’ work, the boss’s ‘plan’"),
        ("en", '("a" and "b")', "(“a” and “b”)"),
        ("en", "Wait... what....", "Wait… what...."),
        ("en", "a -- b, a--b, a --- b, 2019--2024", "a — b, a—b, a — b, 2019–2024"),
        ("en", "Rally - Saint Paul, 9 - 5", "Rally – Saint Paul, 9 – 5"),
        ("en", "- one, well-known, 9-5, 555-0100, --fix", "- one, well-known, 9-5, 555-0100, --fix"),
        ("en", "6'2\" tall", "6′2″ tall"),
        ("en", '"A quotation goes on', "“A quotation goes on"),
        ("en", "already “set” — it’s…", "already “set” — it’s…"),
        ("en", "%%first_name|a \"b\" -- c%% www.a.org/'a' joe--x@a.org",
         "%%first_name|a \"b\" -- c%% www.a.org/'a' joe--x@a.org"),
        ("de", 'Er sagte "ja" -- und "nein"', "Er sagte „ja“ – und „nein“"),
        ("de-CH", 'Er sagte "ja"', "Er sagte «ja»"),
        ("es", 'Dijo "sí"', "Dijo «sí»"),
        ("es-MX", 'Dijo "sí"', "Dijo “sí”"),
        ("fr", 'Il dit "oui" ! Et l\'été ; où ?', "Il dit «\u00a0oui\u00a0»\u00a0! Et l’été\u00a0; où\u00a0?"),
        ("pt", 'Disse "sim"', "Disse “sim”"),
        ("he", 'צה"ל אמר "שלום"', "צה״ל אמר ”שלום”"),
        ("ar", 'قال "نعم"', "قال ”نعم“"),
        ("zh", '他说"好"了', "他说“好”了"),
        ("vi", 'Nói "có"', "Nói “có”"),
        ("ht", 'Li di "wi"', "Li di “wi”"),
        ("", 'He said "no" -- ...', 'He said "no" -- ...'),
    ],
)  # fmt: skip
def test_words_are_typeset_in_their_language(language: str, typed: str, wanted: str) -> None:
    assert typeset(typed, language) == wanted


def test_marks_know_what_stands_beside_them_and_code_and_addresses_stay() -> None:
    typed = '**"Bold"** and *\'it\'s\'* `"code" -- x` "[plan](https://a.example/\'x\')" <https://a.example/"> --\n"two"'
    assert prose.to_html(typed, {}, None, "en") == (
        "<p><strong>“Bold”</strong> and <em>‘it’s’</em> <code>&quot;code&quot; -- x</code> "
        "“<a href=\"https://a.example/'x'\">plan</a>” "
        '<a href="https://a.example/%22">https://a.example/&quot;</a> —\n“two”</p>'
    )
    assert prose.to_text('"a" -- b', str, language="en") == "“a” — b"
    assert prose.plain('"a" -- b', "de") == "„a“ – b"


def test_titles_subjects_and_captions_are_typeset_and_a_setting_turns_it_off(room: Room) -> None:
    room.item("story", 'Words "here".\n', title='It\'s "done"', headline="It's done")
    email = room.email()
    assert "It’s “done”" in email.html
    assert "Words “here”." in email.text
    assert "It’s done" in email.cover.subject
    room.file("newsletter.toml", TOML.replace("[organization]\n", "[organization]\ntypography = false\n"))
    email = room.email()
    assert "It&#x27;s &quot;done&quot;" in email.html
    assert 'Words "here".' in email.text
    assert "It's done" in email.cover.subject


@pytest.mark.parametrize("sign", ['"', "'", '"a ', "'a ", " - ", "--", "...", " '", "a'", '("', "%%", "@ ", "« "])
def test_many_marks_take_no_time(sign: str) -> None:
    with guard(20):
        for language in ("en", "fr", "he"):
            typeset(sign * (100_000 // len(sign)), language)
