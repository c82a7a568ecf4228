"""Tables, bare addresses, definitions: what CommonMark and GitHub know, in HTML, text and the terminal."""

import pytest

from newsletter.read import prose
from tests.conftest import Run
from tests.room import Room
from tests.test_linear import guard

TABLE = "| Day | Votes |\n|---|--:|\n| Monday | 9 |\n| *Tuesday* | 104 |"
STYLES = {"table": {"class": "table"}, "td": {"style": "padding: 0;text-align: left"}, "span": {"class": "tag"}}


def html(markdown: str) -> str:
    return prose.to_html(markdown, {})


def text(markdown: str, width: int = prose.WIDTH) -> str:
    return prose.to_text(markdown, lambda address: f"[{address}]", width)


def links(markdown: str) -> list[tuple[str, str]]:
    return [(link.text, link.address) for passage in prose.passages(markdown) for link in passage.links]


def test_a_table_is_a_table() -> None:
    assert html("| A | B |\n|---|:-:|\n| 1 | `|` \\| |") == (
        '<table><thead><tr><th>A</th><th style="text-align:center">B</th></tr></thead><tbody><tr><td>1</td>'
        '<td style="text-align:center">`</td><td>` |</td></tr></tbody></table>'
    ).replace("</th></tr>", "</th><th></th></tr>")


def test_the_side_of_a_column_wins_over_the_look_of_cells() -> None:
    assert '<td style="padding: 0;text-align:right">9</td>' in prose.to_html(TABLE, STYLES)


def test_a_cell_beyond_the_head_is_not_lost() -> None:
    written = html("| A |\n|---|\n| one | two | three |\n| four |")
    assert "<td>one</td><td>two</td><td>three</td>" in written
    assert "<td>four</td><td></td><td></td>" in written


def test_columns_stand_below_each_other_in_text() -> None:
    assert text(TABLE) == "Day        Votes\n---------  -----\nMonday         9\n_Tuesday_    104"


def test_a_table_too_wide_for_text_says_each_cell_with_its_column() -> None:
    assert text(TABLE, 14) == "Day: Monday\nVotes: 9\n\nDay: _Tuesday_\nVotes: 104"


def test_a_wide_table_names_its_columns_for_phones() -> None:
    wide = "| A | B | C | D |\n|-|-|-|-|\n| 1 | 2 | 3 | 4 |"
    assert '<table class="table wide">' in prose.to_html(wide, STYLES)
    assert '<td style="padding: 0;text-align: left"><span class="tag">D: </span>4</td>' in prose.to_html(wide, STYLES)
    assert "wide" not in prose.to_html(TABLE, STYLES)


def test_words_of_a_crowded_table_break_and_others_stay_whole() -> None:
    assert "word-break" not in prose.to_html(TABLE, STYLES)
    crowded = f"| A | B |\n|---|---|\n| {'long' * 6} | {'word' * 4} |"
    assert '<table class="table" style="word-break:break-word">' in prose.to_html(crowded, STYLES)


def test_a_placeholder_takes_its_sentence_out_of_a_cell_and_leaves_the_cell() -> None:
    written = html("| A | B |\n|---|---|\n| [online](%%browser_url%%) | two |")
    assert '<td>\x01browser_url\x02<a href="%%browser_url%%">online</a>\x03browser_url\x02</td><td>two</td>' in written


def test_a_placeholder_with_a_fallback_stays_in_one_cell_and_as_typed() -> None:
    assert "<td>Dear %%first_name|my *dear*%%</td><td>b</td>" in html(
        "| A | B |\n|-|-|\n| Dear %%first_name|my *dear*%% | b |"
    )
    assert html("%%first_name|a <b>*b*</b>%%") == "<p>%%first_name|a &lt;b&gt;*b*&lt;/b&gt;%%</p>"


def test_a_table_stands_in_columns_in_the_terminal(room: Room, run: Run) -> None:
    room.item("a", TABLE)
    shown = run("preview", "2024-09/state-LPMN", "--width", "60").stdout
    assert "Day      Votes\nMonday       9\nTuesday    104\n" in shown


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("See https://a.example/b_c_d?e=f.", [("https://a.example/b_c_d?e=f", "https://a.example/b_c_d?e=f")]),
        ("**https://a.example/**", [("https://a.example/", "https://a.example/")]),
        ("(HTTPS://A.example)", [("HTTPS://A.example", "HTTPS://A.example")]),
        ("See www.a.example/b, please.", [("www.a.example/b", "https://www.a.example/b")]),
        ("Write to joe@a.example.org.", [("joe@a.example.org", "mailto:joe@a.example.org")]),
        ("[words](https://a.example) `https://b.example`", [("words", "https://a.example")]),
        ("README.md, Node.js, Change.org, 5 p.m.to 6, ftp://a.example, //a.example", []),
        ("shttps://a.example and https:// alone", []),
    ],
)
def test_bare_addresses_are_links(typed: str, wanted: list[tuple[str, str]]) -> None:
    assert links(typed) == wanted


def test_a_bare_address_is_said_once_in_text() -> None:
    assert text("https://a.example www.b.example joe@c.example.org") == (
        "https://a.example www.b.example joe@c.example.org"
    )


def test_one_unused_definition_swallows_none_below_it() -> None:
    typed = "We read [the plan].\n\n[a note]: https://a.example/note\n[the plan]: https://a.example/plan"
    assert ("the plan", "https://a.example/plan") in links(typed)
    assert html(typed).endswith('<p>[a note]: <a href="https://a.example/note">https://a.example/note</a></p>')


def test_a_label_may_be_broken_over_a_line() -> None:
    typed = "Ana has [published][the long\nlabel] her notes.\n\n[the long label]: https://a.example/ana"
    assert links(typed) == [("published", "https://a.example/ana")]


def test_of_two_links_with_one_label_none_is_lost() -> None:
    typed = "One.\n\n[Video]: https://a.example/1\n\nTwo.\n\n[Video]: https://a.example/2"
    assert [address for _, address in links(typed)] == ["https://a.example/1", "https://a.example/2"]
    # Which of the two a reference means is for its reader to say.
    assert links(f"See [Video].\n\n{typed}")[0] == ("Video", "https://a.example/1")


def test_a_footnote_is_no_link_to_its_first_word() -> None:
    assert html("Won[^1].\n\n[^1]: Source") == "<p>Won[^1].</p><p>[^1]: Source</p>"


@pytest.mark.parametrize(
    "typed",
    [
        "a ://" * 20_000,
        "https://" * 12_000,
        "http://a.example " * 5_000,
        "www." * 25_000,
        "a@b.org " * 12_000,
        "a@" * 50_000,
        "[a]: b\n" * 14_000,
        "".join(f"[{number}]: b\n\n" for number in range(8_000)),
        "|a" * 500 + "\n" + "|-" * 500 + "\n" + "|a\n" * 10_000,
        "|a\n|-\n" * 10_000,
        "|a\n|-\n" + "|b" * 40_000,
    ],
    ids=lambda typed: typed[:12],
)
def test_many_of_one_sign_take_no_time(typed: str) -> None:
    with guard(30):
        prose.to_html(typed, STYLES)
        text(typed)
        prose.plain(typed)
