"""Whatever still looks like markup in the finished words is told, and nothing that is none."""

import pytest

from newsletter.check.leftovers import leftovers
from tests.conftest import Run
from tests.room import Room
from tests.test_linear import guard


def told(words: str) -> list[str]:
    return [left.typed for left in leftovers(words)]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("A **bold ** word", "**"),
        ("A __bold __ word", "__"),
        ("A * very much * so", "* very much *"),
        ("A ~~ word", "~~"),
        ("It is ==important==", "==important=="),
        ("[words](see below)", "[words](see below)"),
        ("[words] (https://a.example)", "[words] (https://a.example)"),
        ("(words)[https://a.example]", "(words)[https://a.example]"),
        ("[Video]: https://a.example/1", "[Video]: https://a.example/1"),
        ("Won[^1]", "[^1]"),
        ("[x] done", "[x]"),
        ("See [[The plan]]", "[[The plan]]"),
        ("[!NOTE]\nWords", "[!NOTE]"),
        ("[b]bold[/b]", "[b]"),
        ("[caption id=1]A tree[/caption]", "[caption id=1]"),
        ("Our plan {#our-plan}", "{#our-plan}"),
        ('{{< figure src="/a.jpg" >}}', '{{< figure src="/a.jpg" >'),
        (":::note\nWords", ":::note"),
        ("We won :tada: today", ":tada:"),
        ("Words\n## Heading", "## Heading"),
        ("A `word", "`"),
        ("A \\* sign", ""),
        ("A \\*sign", "\\*"),
        ("a&nbsp;b", "&nbsp;"),
        ("Caf&eacute;", "&eacute;"),
        ("<b>bold</b>", "<b>"),
        ("<a href=https://a.example words", "<a href="),
        ("<!-- note", "<!--"),
        ("<marquee>words</marquee>", "<marquee>"),
        ("words</story>", "</story>"),
        ("<amp-img src='a.jpg'>", "<amp-img src='a.jpg'>"),
        ("See [the plan][] and", "[the plan][]"),
        ("See [the\nplan][plan]", "[the\nplan][plan]"),
        ("<https://a.example/the plan.pdf>", "<https://a.example/the plan.pdf>"),
        ("|---|---|", "|---|---|"),
        ("| Day | Time |", "| Day | Time |"),
        ("https://a.example|the plan", "https://a.example|the"),
        ("'''bold'''", "'''bold'''"),
        ("See [https://a.example the plan].", "[https://a.example the plan]"),
        ('"the plan":https://a.example', '"the plan":https://a.example'),
        ("h2. Our plan", "h2. Our plan"),
        ("{| class=wide\n|-\n", "{| class=wide"),
        ("It is ~gone~ now", "~gone~"),
        ("H~2~O", "~2~"),
        ("x^2^", "^2^"),
        ("!!! note\nWords", "!!! note"),
        ("[TOC]", "[TOC]"),
        ("It is ||secret|| so far", "||secret||"),
        ("\\emph{Rally}", "\\emph{Rally}"),
        ("Ask <@U12345>", "<@U12345>"),
    ],
)
def test_a_sign_of_markup_is_told(words: str, wanted: str) -> None:
    assert told(words) == ([wanted] if wanted else [])


@pytest.mark.parametrize(
    "words",
    [
        "about ~5 to ~10 people, ~ 5 ~, ~/folder and ~name, p || q, C:\\begin{",
        'An h2. is no heading here; 10^6, 2^10, ^_^; !!!, Why???; [https://a.example], "so": https://a.example',
        "2 * 3 * 4 = 24, a*b*c, 2**3, f**k, s**t, *Terms apply, 5* hotel",
        "a <b-c> d, <https://a.example/plan>, [1][2], [12][c]",
        "a < b > c, <3, x<y, ->, <-, <name>, <First Name>, <jane@a.example>",
        "$5 | $10, A | B, true || false, |x|",
        "10:30:45, 1:2:3, at 10:30: come, Note: this: that, a::b, C::D",
        "[ES] with captions, [[ES]], [sic], [1], [x^2], (a)[1], [words] (see below)",
        "snake_case ______, a_b_c, Name: ______",
        "#RentControl #5 # one, C#, ###",
        "don't, 'tis, rock 'n' roll, ''",
        "AT&T; R&D; &c.",
        "C:\\temp, \\o/, ¯\\_(ツ)_/¯",
        "~5, ~~~, ==, a == b, ===",
        "{golem}, {a}, {1, 2}, {}",
        "%%first_name|friend%%, %%browser_url%%",
        "!!! ??? :-) :D :) ;-) :p",
    ],
)
def test_what_is_no_markup_is_left_alone(words: str) -> None:
    assert told(words) == []


def test_the_finished_words_are_looked_at(room: Room, run: Run) -> None:
    room.item(
        "a",
        "Words.\n\n<center>**mid**</center>\n\n`**code**` and \\*\\*typed\\*\\*.\n\nSee [the plan] (https://a.org).\n",
    )
    found = run("check", "-m", "2024-09", "--only", "typed-markup").stdout
    assert "'**' was meant for bold words" in found
    assert "'[the plan] (https://a.org)' was meant for a link" in found
    assert found.count("[typed-markup]") == 2


@pytest.mark.parametrize(
    "sign", ["*", "* ", "~~", "==", "](", "[", "[a] (", "(a)[", "[a]: ", "[^", "[[", "{#", "{{<", ":a", ":::", "#", "`",
             "\\*", "&", "<a ", "|", "|-", "| a ", "'''", "https://a|"]
)  # fmt: skip
def test_many_signs_take_no_time(sign: str) -> None:
    with guard(20):
        told(sign * (100_000 // len(sign)))
        told("\n".join([sign * 40] * (2_000 // len(sign))))
