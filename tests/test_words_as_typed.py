"""Words as people type and paste them come out as what they look like."""

from pathlib import Path

import pytest

from newsletter.read import prose
from tests.conftest import Run
from tests.room import Room
from tests.test_linear import guard


def html(markdown: str) -> str:
    return prose.to_html(markdown, {})


def text(markdown: str) -> str:
    return prose.to_text(markdown, lambda address: f"[{address}]")


def together(markdown: str) -> list[tuple[int, tuple[str, ...]]]:
    return list(prose.run_together(markdown))


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("3. Parks\n5. Schools\n6. Rent", '<ol start="3"><li>Parks</li><li value="5">Schools</li><li>Rent</li></ol>'),
        ("1. a\n1. b\n1. c", "<ol><li>a</li><li>b</li><li>c</li></ol>"),
        ("2024. That was the year.", "<p>2024. That was the year.</p>"),
        ("We began in\n2024. That was the year.", "<p>We began in\n2024. That was the year.</p>"),
        ("100. That many came.", '<ol start="100"><li>That many came.</li></ol>'),
        ("Warm regards\n---\nP.S. Come!", "<p>Warm regards</p><hr><p>P.S. Come!</p>"),
        ("Heading\n=======\nWords", "<h4>Heading</h4><p>Words</p>"),
        ("    Four blanks\n    and four\n\n\tA tab", "<p>Four blanks\nand four</p><p>A tab</p>"),
        ("##Our plan\n\nWords", "<h4>Our plan</h4><p>Words</p>"),
        ("#\u00a0Our plan", "<h4>Our plan</h4>"),
        ("#RentControl is on the ballot", "<p>#RentControl is on the ballot</p>"),
        ("-one\n-two", "<ul><li>one</li><li>two</li></ul>"),
        ("-one\n\n- two", "<ul><li><p>one</p></li><li><p>two</p></li></ul>"),
        ("Bring:\n-soup", "<p>Bring:</p><ul><li>soup</li></ul>"),
        ("-Jane Doe", "<p>-Jane Doe</p>"),
        ("-5 degrees\n-6 degrees", "<p>-5 degrees\n-6 degrees</p>"),
        ("– one\n– two", "<ul><li>one</li><li>two</li></ul>"),
        ("– Jane Doe", "<p>– Jane Doe</p>"),
        ("— Hola.\n— Adiós.", "<p>— Hola.\n— Adiós.</p>"),
        ("• one\n•two\n   ◦ three", "<ul><li>one</li><li>two<ul><li>three</li></ul></li></ul>"),
        ("\uf0b7\tone\no   two", "<ul><li>one</li><li>two</li></ul>"),
        ("Bring:\no pens\no paper", "<p>Bring:</p><ul><li>pens</li><li>paper</li></ul>"),
        ("- food\no bread\no milk\n- drinks", "<ul><li>food</li><li>bread</li><li>milk</li><li>drinks</li></ul>"),
        ("A câmara disse que\no prefeito e\no conselho", "<p>A câmara disse que\no prefeito e\no conselho</p>"),
        ("o un vaso\nde agua", "<p>o un vaso\nde agua</p>"),
        ("\u00a0\u00a0• one\n\u00a0 • two", "<ul><li>one</li><li>two</li></ul>"),
        ("**When:**Monday\n**Where:** Hall", "<p><strong>When:</strong>Monday\n<strong>Where:</strong> Hall</p>"),
        ('Say **"yes"**now or**“no”**.', '<p>Say <strong>&quot;yes&quot;</strong>now or<strong>“no”</strong>.</p>'),
        ("这是**重要的，**请看。**“引用”**结束。",
         "<p>这是<strong>重要的，</strong>请看。<strong>“引用”</strong>结束。</p>"),
        ("これは*大事*です。**「はい」**と", "<p>これは<em>大事</em>です。<strong>「はい」</strong>と</p>"),
        ("2*3*4 = 24, 5**(note), *a*b", "<p>2*3*4 = 24, 5**(note), <em>a</em>b</p>"),
        ("➢ item", "<ul><li>item</li></ul>"),
        ("> • item", "<blockquote><ul><li>item</li></ul></blockquote>"),
        ("*one\n*two", "<ul><li>one</li><li>two</li></ul>"),
        ("*one*\n*two*", "<p><em>one</em>\n<em>two</em></p>"),
        ("1.one\n2.two", "<ol><li>one</li><li>two</li></ol>"),
        ("1.one", "<p>1.one</p>"),
        ("a. one\nb. two", '<ol type="a"><li>one</li><li>two</li></ol>'),
        ("I) one\n\nII) two", '<ol type="I" data-sign=")"><li><p>one</p></li><li><p>two</p></li></ol>'),
        ("A. Philip Randolph spoke.", "<p>A. Philip Randolph spoke.</p>"),
        ("a. one\n   i. two\n   ii. three\nb. four",
         '<ol type="a"><li>one<ol type="i"><li>two</li><li>three</li></ol></li>'
         "<li>four</li></ol>"),
        ("One\n\n—————\n\n~~~~~~\nTwo", "<p>One</p><hr><hr><p>Two</p>"),
        ("```\n##x\n• a\n2024. b\n```", "<pre><code>##x\n• a\n2024. b\n</code></pre>"),
        ("~~~\n-a\n-b\n~~~\n-a\n-b", "<pre><code>-a\n-b\n</code></pre>\n<ul><li>a</li><li>b</li></ul>"),
        ("One\n\u00a0\nTwo", "<p>One</p><p>Two</p>"),
        ("1) one\n2) two", '<ol data-sign=")"><li>one</li><li>two</li></ol>'),
    ],
)  # fmt: skip
def test_words_come_out_as_what_they_look_like(typed: str, wanted: str) -> None:
    assert html(typed) == wanted


def test_numbers_and_letters_are_the_same_in_text() -> None:
    assert text("3. Parks\n5. Schools\n9. Rent") == "3. Parks\n5. Schools\n9. Rent"
    assert text("1) one\n2) two") == "1) one\n2) two"
    assert text("a. one\nb. two") == "a. one\nb. two"
    assert text("3. Parks\n5. Rent\n\na. one\nb. two\n\nA) one\nB) two") == (
        "3. Parks\n5. Rent\n\na. one\nb. two\n\nA) one\nB) two"
    )


def test_numbers_and_letters_are_the_same_in_the_terminal(room: Room, run: Run) -> None:
    room.item("a", "3. Parks\n5. Schools\n\nWords\n\na. one\nb. two")
    assert "3. Parks\n5. Schools\n\nWords\n\na. one\nb. two\n" in run("preview", "2024-09/state-LPMN").stdout


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("Monday 9 to 5\nTuesday 10 to 6", [(0, ("Monday 9 to 5", "Tuesday 10 to 6"))]),
        ("Words.\n\nWarm regards,\nJane Doe\nChair", [(2, ("Warm regards,", "Jane Doe", "Chair"))]),
        ("📅 Monday\n📍 Main Street", [(0, ("📅 Monday", "📍 Main Street"))]),
        (f"**When:** {'long ' * 20}\n**Where:** here", [(0, (f"When: {'long ' * 20}".strip(), "Where: here"))]),
        (f"{'Long ' * 12}\nMain Hall\n12 Main Street", [(1, ("Main Hall", "12 Main Street"))]),
        ("> Roses are red\n> Violets are blue", [(0, ("Roses are red", "Violets are blue"))]),
        ("Vote for:\n3. Parks\n5. Schools", [(0, ("Vote for:", "3. Parks", "5. Schools"))]),
        ("One\\\nTwo  \nThree", []),
        ("We met on Monday\nand went home on Tuesday.", []),
        ("We met.\nWe won.\nWe went home.", []),
        ("Q: Why?\nA: Because.", [(0, ("Q: Why?", "A: Because."))]),
        (f"{'Long ' * 12}\n{'Long ' * 13}\nEnd", []),
        ("- One\n- Two", []),
        ("| A | B |\n|---|---|\n| C | D |", []),
    ],
)
def test_lines_that_were_meant_as_lines_are_found(typed: str, wanted: list[tuple[int, tuple[str, ...]]]) -> None:
    assert together(typed) == wanted


def test_fix_keeps_lines_apart(room: Room, run: Run) -> None:
    path = Path(room.item("a", "Words.\n\nMonday 9 to 5\nTuesday 10 to 6 \nWednesday closed\n"))
    assert "lines-run-together" in run("check", "-m", "2024-09").stdout
    run("check", "-m", "2024-09", "--fix", "--yes")
    assert path.read_text("utf-8").endswith("Words.\n\nMonday 9 to 5\\\nTuesday 10 to 6\\\nWednesday closed\n")
    assert "lines-run-together" not in run("check", "-m", "2024-09").stdout


@pytest.mark.parametrize(
    "typed",
    ["-a\n" * 30_000, "• " * 30_000, "a. b\n" * 20_000, "i. b\nii. c\n" * 8_000, "1.a\n" * 20_000, "~~~~~\n" * 15_000,
     "A\n" * 40_000, "> " * 40_000, "–" * 90_000, "o \t" * 30_000, "##" * 40_000],
    ids=lambda typed: typed[:6],
)  # fmt: skip
def test_many_lines_take_no_time(typed: str) -> None:
    with guard(30):
        html(typed)
        together(typed)
