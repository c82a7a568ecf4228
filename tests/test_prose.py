"""Markdown -> HTML, plain text, bare words."""

import time

import pytest

from newsletter.read import prose
from newsletter.read.prose import Shown

PLAIN: dict[str, dict[str, str]] = {}


def html(markdown: str) -> str:
    return prose.to_html(markdown, PLAIN)


def text(markdown: str, width: int = prose.WIDTH) -> tuple[str, list[str]]:
    """Return the text and the addresses that it noted."""
    noted: list[str] = []

    def link(address: str) -> str:
        noted.append(address)
        return f"[{len(noted)}]"

    return prose.to_text(markdown, link, width), noted


@pytest.mark.parametrize(
    ("markdown", "wanted"),
    [
        (
            "One *two* **three** ~~four~~ `five`",
            "<p>One <em>two</em> <strong>three</strong> <s>four</s> <code>five</code></p>",
        ),
        ("> quoted\n\n---", "<blockquote><p>quoted</p></blockquote><hr>"),
        ("3. three\n4. four", '<ol start="3"><li>three</li><li>four</li></ol>'),
        ("```\n a < b\n\n c\n```", "<pre><code> a &lt; b\n\n c\n</code></pre>"),
        ("One\\\ntwo", "<p>One<br>\ntwo</p>"),
        (
            "<https://network.example/a_b>",
            '<p><a href="https://network.example/a_b">https://network.example/a_b</a></p>',
        ),
        ("<news@network.example>", '<p><a href="mailto:news@network.example">news@network.example</a></p>'),
        ('"Quotes" & <tags>', "<p>&quot;Quotes&quot; &amp; &lt;tags&gt;</p>"),
    ],
)
def test_markdown_becomes_this_html(markdown: str, wanted: str) -> None:
    assert html(markdown) == wanted


def test_a_line_that_begins_with_emphasis_a_link_or_code_keeps_its_distance() -> None:
    # A line end before `<` must not be taken for one between blocks.
    assert html("one\n*two*\n[three](https://a.example)\n`four`") == (
        '<p>one\n<em>two</em>\n<a href="https://a.example">three</a>\n<code>four</code></p>'
    )


def test_headings_start_at_h4_and_keep_their_order() -> None:
    assert html("# One\n\n### Two\n\n# Three") == "<h4>One</h4><h5>Two</h5><h4>Three</h4>"


def test_every_element_wears_the_attributes_of_its_tag() -> None:
    styles = {"p": {"class": "p", "style": "margin:0"}, "a": {"class": "link"}, "h4": {"class": "h4"}}
    assert prose.to_html("# One\n\n[two](https://a.example)", styles) == (
        '<h4 class="h4">One</h4><p class="p" style="margin:0"><a href="https://a.example" class="link">two</a></p>'
    )


def test_a_look_leaves_nothing_behind_for_the_next_one() -> None:
    markdown = "![alt](a.png) [two](https://a.example) once only"
    shown = {"a.png": Shown(source="made.png", width=536, height=300, room=536)}
    dressed = prose.to_html(markdown, {"p": {"class": "p"}, "a": {"class": "link"}, "img": {"class": "cover"}}, shown)
    assert dressed == (
        '<p class="p"><img src="made.png" alt="alt" class="cover" width="536" height="300"> '
        '<a href="https://a.example" class="link">two</a> once only</p>'
    )
    assert list(prose.pictures(markdown)) == [("a.png", "alt", 0)]
    assert html(markdown) == '<p><img src="a.png" alt="alt"> <a href="https://a.example">two</a> once only</p>'


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "file:///etc/passwd", "vbscript:x", "blob:x"],
)
def test_a_link_that_could_run_something_stays_words(address: str) -> None:
    for markdown in (
        f"[words]({address})",
        f"[words](<{address}>)",
        f"[words][one]\n\n[one]: {address}",
        f"<{address}>",
    ):
        assert "href" not in html(markdown)
        assert "words" in html(markdown) or address in html(markdown)
    assert "src" not in html(f"![words]({address})")


@pytest.mark.parametrize("address", ["&#1;javascript:x", "&Tab;javascript:x", "java&#10;script:x", "&#x6A;avascript:x"])
def test_character_references_do_not_smuggle_a_scheme_in(address: str) -> None:
    written = html(f"[words](<{address}>)")
    assert 'href="javascript' not in written.replace("&amp;", "&")
    assert "\n" not in written
    assert "\t" not in written


def test_an_address_stays_byte_for_byte_what_was_typed() -> None:
    address = "https://network.example/é/%7Ea/?q=a+b&c={{x}}#%C3%A9"
    assert f'href="{address.replace("&", "&amp;")}"' in html(f"[words]({address})")
    assert text(f"[words]({address})") == ("words [1]", [address])


def test_a_placeholder_is_a_link_address_of_its_own() -> None:
    assert html("[leave](%%unsubscribe_url%%)") == (
        '\x01unsubscribe_url\x02<p><a href="%%unsubscribe_url%%">leave</a></p>\x03unsubscribe_url\x02'
    )


def test_only_the_sentence_that_needs_a_placeholder_is_marked() -> None:
    assert html("Hello. [Read it online](%%browser_url%%) now! Bye.") == (
        '<p>Hello. \x01browser_url\x02<a href="%%browser_url%%">Read it online</a> now! \x03browser_url\x02Bye.</p>'
    )
    assert html("Dear %%first_name|friend%%, hello.") == "<p>Dear %%first_name|friend%%, hello.</p>"


def test_a_link_to_nowhere_is_only_its_words() -> None:
    assert html("[one]() ![two]() [three](<>)") == "<p>one two three</p>"
    assert text("[one]() ![two]() [three](<>)") == ("one two three", [])


def test_a_definition_that_nothing_refers_to_does_not_vanish() -> None:
    assert html("[Update]: won\n\nMore.") == "<p>[Update]: won</p><p>More.</p>"
    assert html("[here][x]\n\n[X]: https://a.example") == '<p><a href="https://a.example">here</a></p>'


def test_alt_text_has_no_marks_in_html_text_and_checks_alike() -> None:
    markdown = r"![a *b* \* `c` [d](https://a.example) ![e](f.png)](g.png)"
    assert html(markdown) == '<p><img src="g.png" alt="a b * c d e"></p>'
    assert text(markdown) == ("[Picture: a b * c d e]", [])
    assert list(prose.pictures(markdown)) == [("g.png", "a b * c d e", 0)]


def test_the_line_of_every_picture_is_told() -> None:
    assert list(prose.pictures("One\n\n![a](a.png)\n\n- ![b](b.png)")) == [("a.png", "a", 2), ("b.png", "b", 4)]


def test_a_character_reference_brings_no_control_character_back() -> None:
    assert html("a&#12;b&#13;c&NewLine;d&#0;e&#127;f&#65279;g") == "<p>a b c d\ufffde\ufffdfg</p>"
    assert prose.plain("a&#12;b&#13;c") == "a b c"
    assert text("a&#12;b&#13;c") == ("a b c", [])


def test_text_wraps_at_72_and_never_inside_an_address() -> None:
    address = "https://network.example/" + "long" * 20
    words, _ = text(f"{'word ' * 20}<{address}> {'word ' * 20}")
    assert address in words.split("\n")
    assert all(len(line) <= 72 for line in words.split("\n") if line != address)
    assert words.split() == ["word"] * 20 + [address] + ["word"] * 20


def test_text_says_what_the_html_says() -> None:
    words, noted = text(
        "# Title\n\nOne [two](https://a.example) and <https://b.example>,\\\nthree **four** _five_ ~~six~~ `seven`.\n\n"
        "> quoted\n>\n> again\n\n- a\n- b\n  1. c\n  2. d\n\n---\n\n```\ncode  here\n```\n\n![alt](x.png)"
    )
    assert words == (
        "Title\n~~~~~\n\nOne two [1] and https://b.example,\nthree *four* _five_ ~six~ seven.\n\n"
        "> quoted\n>\n> again\n\n- a\n- b\n  1. c\n  2. d\n\n* * *\n\n    code  here\n\n[Picture: alt]"
    )
    assert noted == ["https://a.example"]


def test_paragraphs_of_one_list_entry_stand_apart_in_text() -> None:
    assert text("- one\n\n  two\n- three") == ("- one\n\n  two\n- three", [])


def test_a_picture_inside_a_link_keeps_both_in_text() -> None:
    assert text("[![alt](a.png)](https://a.example)") == ("[Picture: alt] [1]", ["https://a.example"])


def test_no_break_spaces_hold_words_together() -> None:
    words, _ = text("word " * 14 + "10\u00a0000\u00a0people")
    assert words.split("\n")[-1] == "10\u00a0000\u00a0people"


def test_the_fallback_of_a_placeholder_is_not_broken_over_lines() -> None:
    words, _ = text("word " * 10 + "%%first_name|dear friend of ours%% and more")
    assert "%%first_name|dear friend of ours%%" in words


def test_plain_is_one_line_of_bare_words() -> None:
    assert (
        prose.plain("# One\n\n*two*\n[three](https://a.example)\n\n- `four`\n\n> five\\\n> six")
        == "One two three four five six"
    )


@pytest.mark.parametrize(
    "markdown",
    [
        ">" * 1000 + " needle",
        "> " * 1000 + "needle",
        "- " * 1000 + "needle",
        "1. " * 1000 + "needle",
        "999999999. " * 1000 + "needle",
        "> - " * 1000 + "needle",
        "".join("  " * level + "- one\n" for level in range(1000)) + "\nneedle",
        "*" * 1000 + "needle" + "*" * 1000,
        "*a **b _c " * 1000 + "needle" + "_ ** *" * 1000,
        "[" * 1000 + "needle" + "]" * 1000,
        "![" * 1000 + "needle" + "](a.png)" * 1000,
        "[a " * 1000 + "needle" + "](https://a.example)" * 1000,
        "`" * 1000 + "needle" + "`" * 999,
        "<b>" * 1000 + "needle" + "</b>" * 1000,
        "<" * 5000 + " needle",
        "(" * 5000 + "needle" + ")" * 5000,
        "# " * 1000 + "needle",
        "a " + "~~" * 1000 + " needle",
        "~~" * 1000 + " needle and words",
        "\\" * 5000 + " needle",
        "&" * 5000 + " needle",
        "[a](" * 1000 + "needle",
    ],
)
def test_a_thousand_levels_lose_nothing_and_take_no_time(markdown: str) -> None:
    began = time.process_time()
    assert "needle" in html(markdown)
    assert "needle" in text(markdown)[0]
    assert "needle" in prose.plain(markdown) or "![" in markdown
    # What goes quadratic or worse takes minutes here.
    assert time.process_time() - began < 20
    assert html(markdown).count("<") < 6000


def test_emphasis_inside_itself_says_nothing_more() -> None:
    assert html("*" * 1000 + "needle" + "*" * 1000) == "<p><strong>needle</strong></p>"
    assert html("*a **b *c* d** e*") == "<p><em>a <strong>b c d</strong> e</em></p>"


def test_deep_quotes_and_lists_keep_their_markers_as_text() -> None:
    written = html("> " * 15 + "needle")
    assert written.count("<blockquote>") == 12
    assert written.count("&gt; &gt; &gt; needle") == 1


def test_entries_past_the_narrowest_column_still_come_out() -> None:
    deep = "".join(" " * 11 * level + "999999999. a\n" for level in range(6)) + " " * 66 + "needle " * 20
    assert text(deep)[0].split().count("needle") == 20
