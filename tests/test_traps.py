"""What the libraries silently damage: one test for each trap, with the damage shown beside the cure.

A test fails without its cure. Where it asks the bare library too, and a new version no longer does the damage, that
line fails: then the cure may go.
"""

import http.server
import logging
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import cssutils
import premailer
import pytest
from jinja2 import DictLoader, Environment, TemplateSyntaxError, select_autoescape
from lxml import etree
from mjml import mjml2html

from newsletter.errors import ContentError
from newsletter.issue.compose import compose
from newsletter.line import Builder
from newsletter.look.render import to_mjml
from newsletter.look.skeleton import Skeleton, SkeletonError, build_skeleton, tight
from newsletter.look.templates import Look
from newsletter.read.config import packaged_templates
from tests.compiled import COMPILED
from tests.room import Room

ISSUE = "2024-09/state-LPMN"


def page(inner: str, head: str = "") -> str:
    """Return a whole MJML with one column."""
    return f"<mjml><mj-head>{head}</mj-head><mj-body>{section(inner)}</mj-body></mjml>"


def section(inner: str, attributes: str = "") -> str:
    return f"<mj-section {attributes}><mj-column>{inner}</mj-column></mj-section>"


def mrml(inner: str, head: str = "", **options: Any) -> str:
    """Return what the bare library makes of the MJML."""
    written: str = mjml2html(page(inner, head), **options)
    return written


def bare_premailer(body: str, css: str = "", *, head: str = "", **options: Any) -> str:
    """Return what premailer makes of a page, asked for nothing but what `options` name."""
    cssutils.log.setLevel(logging.CRITICAL)
    html = f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"
    written: str = premailer.Premailer(html, css_text=css, **options).transform()
    return written


def built(inner: str, css: str = "", head: str = "") -> str:
    return build_skeleton(page(inner, head), css).html


def raw(inner: str) -> str:
    return f"<mj-raw>{inner}</mj-raw>"


def everything(room: Room) -> str:
    """Return the HTML of an issue with a story of every look, pictures, an event."""
    room.item("one", image="https://pictures.example/one.jpg", image_alt="One", link="https://network.example/one")
    room.item("two", section="action", link="https://network.example/two", image="https://p.example/2.jpg")
    room.item("three", section="in-the-news", image="https://pictures.example/three.jpg", source="The Paper")
    room.item("four", section="remembrance")
    room.item("five", section="events", starts="2024-09-10 18:00", rsvp="https://network.example/five")
    room.front_page(ISSUE, "Hello.\n")
    return room.delivery().html


# Jinja2


def test_a_template_called_mjml_j2_escapes_what_it_is_given(room: Room) -> None:
    bare = Environment(autoescape=select_autoescape(), loader=DictLoader({"item.mjml.j2": "{{ x }}"}))
    assert bare.get_template("item.mjml.j2").render(x="<b>") == "<b>"
    room.file("templates/footer.mjml.j2", '{% set x = "<b>" %}<mj-text><i title="{{ x }}">{{ x }}</i></mj-text>')
    room.item()
    assert '<i title="&lt;b&gt;">&lt;b&gt;</i>' in room.delivery().html


def test_subject_and_text_are_not_escaped(room: Room) -> None:
    room.item("story", "Fish & *chips* <now>.\n", title="Fish & chips <now>")
    delivery = room.delivery()
    assert "Fish & chips <now>" in delivery.subject
    assert "Fish & chips <now>" in delivery.text
    assert "Fish & _chips_ <now>." in delivery.text
    assert "Fish &amp; chips &lt;now&gt;" in delivery.html


@pytest.mark.parametrize("name", ["unsubscribe_url", "no_such_thing", "issue.no_such_thing"])
def test_a_name_that_no_template_has_is_a_fault_with_its_line(room: Room, name: str) -> None:
    assert Environment().from_string("{{ unsubscribe_url }}").render() == ""
    room.file("templates/footer.mjml.j2", f"<mj-text>\n{{{{ {name} }}}}</mj-text>")
    room.item()
    with pytest.raises(ContentError) as caught:
        room.delivery()
    assert str(caught.value).startswith("templates/footer.mjml.j2:2: the template fails: ")


def test_minified_css_is_no_comment(room: Room) -> None:
    css = "@media screen{#outlook a{padding:0px}}"
    with pytest.raises(TemplateSyntaxError, match="Missing end of comment tag"):
        Environment().from_string(css)
    room.file("templates/head.css", css)
    room.item()
    assert css in room.delivery().html


@pytest.mark.parametrize("tag", ["mj-head", "mj-attributes", "mj-social", "mj-body", "mj-section", "mj-column"])
def test_blanks_before_a_line_end_between_tags_are_taken_out(tag: str) -> None:
    head = '<mj-attributes> \n<mj-all color="#000000" /> \n</mj-attributes>'
    with pytest.raises(ValueError, match="unexpected token"):
        mrml("<mj-text>x</mj-text>", head)
    close = page('<mj-social><mj-social-element href="https://a.example">x</mj-social-element></mj-social>', head)
    loose = re.sub(rf"(</?{tag}(?: [^>]*)?>)", " \n \\1 \n ", close)
    assert tight(loose) == tight(close)
    assert "https://a.example" in build_skeleton(loose, "").html


# mrml

HOSTILE = "Cafe\u0301 👩\u200d👩\u200d👧 ❤\ufe0f 10\u00a0000 \u200fשלום\u200f back\\slash"


def test_attributes_keep_accents_emoji_blanks_and_backslashes(room: Room) -> None:
    assert 'alt="e\\u{301} \\u{200d} \\u{a0} \\u{200f} \\\\ \\t\\n"' in mrml(
        raw('<img src="x" alt="e\u0301 \u200d \u00a0 \u200f \\ \t\n">')
    )
    room.item(
        "story",
        image="https://pictures.example/a.jpg",
        image_alt=HOSTILE,
        link=f"https://network.example/{HOSTILE.replace(' ', '-')}",
        title=HOSTILE,
    )
    tree = etree.fromstring(room.delivery().html, etree.HTMLParser())
    assert [image.get("alt") for image in tree.iter("img")] == [HOSTILE]
    address = HOSTILE.replace(" ", "-").replace("\u00a0", "%C2%A0")
    assert f"https://network.example/{address}" in [link.get("href") for link in tree.iter("a")]
    assert HOSTILE in tree.findtext(".//title")


def test_no_length_of_ours_is_without_a_unit_or_in_one_that_mrml_ignores() -> None:
    def width(padding: str) -> list[str]:
        inside = section('<mj-image src="x" alt="" />', f'padding="{padding}"')
        return re.findall(r'<img[^>]* width="([0-9]+)"', mjml2html(f"<mjml><mj-body>{inside}</mj-body></mjml>"))

    assert (width("0 20px"), width("0px 20px")) == (["550"], ["510"])
    lengths = re.compile(r'(?:padding|width|height|border-radius|font-size|line-height)(?:-\w+)?="([^"{]*)"')
    for file in sorted(packaged_templates().rglob("*.mjml.j2")):
        for tag in re.findall(r"<mj-[^>]*>", file.read_text("utf-8")):
            for lengths_of in lengths.findall(tag):
                assert re.fullmatch(r"[0-9]+px(?: [0-9]+px){0,3}", lengths_of), (file.name, tag)


def test_every_picture_and_every_ghost_column_is_as_wide_as_its_place(room: Room) -> None:
    html = everything(room)
    assert re.findall(r'<img[^>]* width="([0-9]+)"', html) == ["536", "482", "112"]
    assert set(re.findall(r'class="[^"]*-outlook" style="width:([0-9]+px)', html)) <= {"600px"}
    ghosts = re.findall(r"<!--\[if mso \| IE\]>(.*?)<!\[endif\]-->", html, re.DOTALL)
    assert set(re.findall(r"width:([^;\"]+)", "".join(ghosts))) == {"600px", "536px"}


def test_a_blank_between_two_inline_elements_survives(room: Room) -> None:
    assert "<b>a</b><i>b</i>" in mrml("<mj-text><b>a</b>\n<i>b</i></mj-text>")
    room.item("story", "**a**\n*b* [c](https://c.example)\n`d`\n")
    assert re.search(r"<strong>a</strong>\n<em>b</em> <a [^>]*>c</a>\n<code[^>]*>d</code>", room.delivery().html)


def test_pictures_are_never_sized_by_mj_image() -> None:
    assert 'width="550"' in mrml('<mj-image src="x" alt="" width="50%" />')
    for file in packaged_templates().rglob("*.mjml.j2"):
        assert "<mj-image" not in file.read_text("utf-8"), "give its width in px, and say so here"


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("a < b", "a < b"),
        ("<b>never closed", "never closed"),
        ("</p></td></mj-text>", "</mj-text>"),
        ("<mj-raw>x", "<mj-raw>x"),
        ("a\x01b\x08", "ab"),
        ("<![CDATA[", "<![CDATA["),
    ],
)
def test_broken_markup_in_words_breaks_nothing_around_them(room: Room, words: str, wanted: str) -> None:
    if "CDATA" not in words:
        with pytest.raises(ValueError, match="root template"):
            mrml(f"<mj-text>{words}</mj-text>")
    room.item("story", f"x {words} y\n")
    shown = "".join(etree.fromstring(room.delivery().html, etree.HTMLParser()).itertext())
    assert re.search(rf"x\s{re.escape(wanted)}\s*y", shown)
    assert "Unsubscribe" in shown.rpartition(" y")[2]


def test_a_fault_in_a_template_is_told_with_what_is_wrong() -> None:
    with pytest.raises(SkeletonError, match=r"^the MJML can't be read: "):
        build_skeleton(page("<mj-text><b>x</mj-text>"), "")


def test_ten_thousand_nested_elements_in_words_do_no_harm(room: Room) -> None:
    # Given to mrml itself they end the process, so that is not shown here.
    room.item("story", "<b>" * 10_000 + "x" + "</b>" * 10_000)
    assert "&lt;b&gt;" * 10_000 + "x" in room.delivery().html


def test_our_templates_use_only_tags_and_attributes_that_mrml_knows() -> None:
    assert "<mj-txt>" in mrml("<mj-txt>lost</mj-txt>")
    used = set()
    for file in packaged_templates().rglob("*.mjml.j2"):
        for tag, attributes in re.findall(r"<(mj-[a-z]+|mjml)\b([^>]*)>", file.read_text("utf-8")):
            used |= {(tag, name) for name in re.findall(r'([a-z-]+)="', attributes)} | {(tag, "")}
    attributes_of = {
        "mjml": {"lang", "dir"},
        "mj-head": set(),
        "mj-title": set(),
        "mj-breakpoint": {"width"},
        "mj-attributes": set(),
        "mj-all": {"font-family"},
        "mj-raw": set(),
        "mj-style": set(),
        "mj-body": {"background-color", "width", "css-class"},
        "mj-section": {"css-class", "background-color", "border-top", "padding", "direction"},
        "mj-column": {"direction"},
        "mj-text": {"css-class", "padding", "align", "font-family", "font-size", "line-height", "color"},
    }
    assert used <= {(tag, name) for tag, names in attributes_of.items() for name in {"", *names}}


def test_css_is_inlined_by_premailer_and_not_by_mj_style(room: Room) -> None:
    assert "<style" in mrml("<mj-text>x</mj-text>", '<mj-style inline="inline">.x{color:#ff0000}</mj-style>')
    html = everything(room)
    assert re.search(r'<h3 class="lead" style=[^>]*font-family:', html)
    for file in packaged_templates().rglob("*.mjml.j2"):
        assert 'inline="inline"' not in file.read_text("utf-8")


@pytest.mark.parametrize(
    "head",
    [
        '<meta name="color-scheme" content="light dark">',
        '<mj-attributes><mj-class name="x"><mj-text color="#000000" /></mj-class></mj-attributes>',
        '<mj-html-attributes><mj-selector path=".x"></mj-selector></mj-html-attributes>',
    ],
)
def test_what_mrml_refuses_in_the_head_stands_in_mj_raw(room: Room, head: str) -> None:
    with pytest.raises(ValueError, match="unexpected"):
        mrml("<mj-text>x</mj-text>", head)
    room.item()
    found = re.findall(r'<meta name="([^"]+)" content="([^"]+)"', room.delivery().html)
    assert ("color-scheme", "light dark") in found


def test_social_links_lead_where_they_say_and_load_no_foreign_icon(room: Room) -> None:
    shared = mrml('<mj-social><mj-social-element name="facebook" href="https://me.example" /></mj-social>')
    assert "facebook.com/sharer" in shared
    assert "mailjet.com" in shared
    toml = (room.root / "newsletter.toml").read_text("utf-8")
    social = '[organization.social]\nFacebook = "https://me.example/f"\nBluesky = "https://me.example/b"\n'
    room.file("newsletter.toml", f"{toml}\n{social}")
    room.item()
    html = room.delivery().html
    links = re.findall(r'<a [^>]*href="(https://me[^"]*)"[^>]*>([^<]*)</a>', html)
    assert links == [("https://me.example/f", "Facebook"), ("https://me.example/b", "Bluesky")]
    assert "mailjet" not in html


def test_every_picture_has_an_alt_attribute_even_an_empty_one(room: Room) -> None:
    assert "alt=" not in mrml('<mj-image src="x" />')
    room.item("story", "![](https://pictures.example/b.jpg)\n", image="https://pictures.example/a.jpg")
    images = re.findall(r"<img[^>]*>", room.delivery().html)
    assert len(images) == 2
    assert all(' alt="' in image for image in images)


def test_no_font_is_fetched(room: Room) -> None:
    assert "fonts.googleapis.com" in mrml("<mj-text>x</mj-text>")
    toml = (room.root / "newsletter.toml").read_text("utf-8")
    room.file("newsletter.toml", f'{toml}\n[theme]\ntext_font = "Roboto, Lato, Arial, sans-serif"\n')
    html = everything(room)
    assert not re.search(r"@import|@font-face|googleapis|<link", html)
    assert set(re.findall(r'(?:src|background)="https?://([^/"]+)', html)) <= {"pictures.example", "p.example"}


def test_every_colour_has_six_digits(room: Room) -> None:
    assert 'bgcolor="#abc"' in mrml('<mj-button background-color="#abc">x</mj-button>')
    toml = (room.root / "newsletter.toml").read_text("utf-8")
    room.file("newsletter.toml", f'{toml}\n[theme]\naccent = "#abc"\npaper = "#fff"\nink = "#000000"\n')
    html = everything(room)
    colours = re.findall(r'(?:color|background|border[a-z-]*|bgcolor)\s*(?::|=")[^;"]*?(#[0-9A-Fa-f]+)\b', html)
    assert len(colours) > 20
    assert {colour for colour in colours if len(colour) != 7} == set()


def test_right_to_left_reaches_every_section_column_and_text(room: Room) -> None:
    bare = mjml2html(f'<mjml dir="rtl"><mj-body>{section("<mj-text>x</mj-text>")}</mj-body></mjml>')
    assert "direction:ltr" in bare
    toml = (room.root / "newsletter.toml").read_text("utf-8")
    room.file("newsletter.toml", toml.replace("[organization]", '[organization]\nlanguage = "he"'))
    html = everything(room)
    assert "direction:ltr" not in html
    # mrml writes text-align:left on columns whatever it is told; what counts is the nearest one to the words.
    nearest = set()
    for element in etree.fromstring(html, etree.HTMLParser()).find("body").iter(etree.Element):
        styles = [one.get("style", "") for one in (element, *element.iterancestors())]
        aligned = [found[1] for style in styles if (found := re.search(r"text-align:\s*(\w+)", style))]
        if (element.text or "").strip(" \n\u034f\u200c\u00a0") and aligned:
            nearest.add(aligned[0])
    assert nearest == {"right", "center"}


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("pt-BR", "ltr"), ("ar", "rtl"), ("ar-EG", "rtl")])
def test_language_and_direction_stand_on_html_and_on_the_element_in_the_body(
    room: Room, language: str, direction: str
) -> None:
    assert 'lang="und"' in mrml("<mj-text>x</mj-text>")
    toml = (room.root / "newsletter.toml").read_text("utf-8")
    room.file("newsletter.toml", toml.replace("[organization]", f'[organization]\nlanguage = "{language}"'))
    room.item()
    tree = etree.fromstring(room.delivery().html, etree.HTMLParser())
    assert (tree.get("lang"), tree.get("dir")) == (language, direction)
    wrappers = [element for element in tree.find("body") if element.tag == "div" and element.get("lang")]
    assert [(one.get("lang"), one.get("dir")) for one in wrappers] == [(language, direction)]


def test_the_preheader_is_hidden_and_padded_so_that_nothing_follows_it(room: Room) -> None:
    assert "color:#ffffff" in mrml("<mj-text>x</mj-text>", "<mj-preview>Hello</mj-preview>")
    room.item()
    room.front_page(ISSUE, preheader="What the subject did not say")
    block = re.search(
        r'<div class="preheader" style="([^"]*)">What the subject did not say([^<]*)</div>', room.delivery().html
    )
    assert block
    assert "display:none" in block[1]
    assert "mso-hide:all" in block[1]
    assert block[2].count("\u00a0") >= 110
    assert set(block[2]) <= {"\u034f", "\u200c", "\u00a0"}
    # Filters count what is hidden, non-joiners left out, up to 200 (@emailens/engine 0.9.6).
    assert len(block[2].replace("\u200c", "")) < 170


def test_our_templates_do_without_what_differs_from_the_official_mjml() -> None:
    with pytest.raises(ValueError, match="unable to load included template"):
        mjml2html('<mjml><mj-body><mj-include path="x.mjml" /></mj-body></mjml>')
    for file in packaged_templates().rglob("*.mjml.j2"):
        assert not re.search(r"<mj-(?:include|hero|carousel|accordion|navbar|social)|\bgap=", file.read_text("utf-8"))


# premailer and lxml


def test_the_doctype_survives_so_that_no_client_falls_into_quirks_mode() -> None:
    assert "doctype" not in bare_premailer("<p>x</p>").lower()
    assert built("<mj-text>x</mj-text>").startswith("<!doctype html><html ")


@pytest.mark.parametrize("provider", ["mailchimp", "listmonk", "buttondown", "brevo", "sendgrid"])
def test_merge_tags_in_links_are_the_providers_byte_for_byte(room: Room, provider: str) -> None:
    assert "{{%20x%20'y'%20}}" in bare_premailer("<a href=\"{{ x 'y' }}\">x</a>")
    room.item()
    tag = Builder(room.load(), room.root / "build").providers[provider].tags["unsubscribe_url"]
    assert f'href="{tag}"' in room.delivery(provider=provider).html


def test_media_queries_keep_important() -> None:
    head = "<style>@media (max-width:9px){.x{color:red!important}}</style>"
    assert "important" not in bare_premailer('<p class="x">x</p>', head=head)
    html = built("<mj-text>x</mj-text>", head="<mj-style>@media (max-width:9px){.x{color:red!important}}</mj-style>")
    assert "@media (max-width:9px){.x{color:red!important}}" in html
    assert "margin:0 !important" in built(raw('<p class="x">x</p>'), ".x{margin:0 !important}")


def test_style_blocks_come_through_untouched() -> None:
    css = (
        "@font-face{font-family:q;src:url(x)}@supports (display:grid){.x{color:red}}"
        "[data-ogsc] .x{color:blue}u + .body .x{color:green}"
    )
    bare = bare_premailer('<p class="x">x</p>', head=f"<style>{css}</style>")
    assert "data-ogsc" not in bare
    assert "@supports" not in bare
    assert css in built("<mj-text>x</mj-text>", head=f"<mj-style>{css}</mj-style>")


@pytest.fixture
def visited() -> Iterator[tuple[str, list[str]]]:
    """Return the address of a server on this machine, and the paths that were asked of it."""
    paths: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/css")
            self.end_headers()
            self.wfile.write(b".x{color:red}")

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", paths
        server.shutdown()
        thread.join()


def test_nothing_is_fetched_while_building(visited: tuple[str, list[str]]) -> None:
    host, paths = visited
    # In a process of its own: skeleton.py imports cssutils without the means to fetch.
    css = f"@import url({host}/bare.css);"
    fetch = f"import premailer; premailer.Premailer('<p>x</p>', css_text='{css}', allow_network=False).transform()"
    subprocess.run([sys.executable, "-c", fetch], check=True, capture_output=True)
    assert "/bare.css" in paths
    paths.clear()
    head = f'<mj-style>@import url("{host}/style.css");</mj-style>'
    head += raw(f'<link rel="stylesheet" href="{host}/link.css">')
    built("<mj-text>x</mj-text>", head=head)
    for css in (f'@import url("{host}/own.css");', f'@IMPORT "{host}/own.css";'):
        with pytest.raises(SkeletonError, match="@import would fetch a file"):
            built("<mj-text>x</mj-text>", css)
    built("<mj-text>x</mj-text>", f'@\\69mport "{host}/own.css";')
    assert paths == []


def test_sizes_and_alignment_of_html_attributes_stay() -> None:
    body = '<img width="560" class="x"><table><tr><td align="left" class="y">x</td></tr></table>'
    css = ".x{width:100%;height:auto}.y{text-align:center;background-color:#ffffff}"
    bare = bare_premailer(body, css)
    assert 'width="100%"' in bare
    html = built(raw(body), css)
    assert re.search(r'<img width="560" class="x" style="[^"]*">', html)
    assert re.search(r'<td align="left" class="y" style="[^"]*">', html)


def test_classes_stay_for_the_media_queries() -> None:
    assert "class=" not in bare_premailer('<p class="x">x</p>', ".x{margin:0}", remove_classes=True)
    assert '<p class="x" style="margin:0">' in built(raw('<p class="x">x</p>'), ".x{margin:0}")


def test_no_base_url_is_put_before_merge_tags(room: Room) -> None:
    assert 'href="https://a.example/*|UNSUB|*"' in bare_premailer(
        '<a href="*|UNSUB|*">x</a>', base_url="https://a.example/"
    )
    room.item()
    assert 'href="*|UNSUB|*"' in room.delivery(provider="mailchimp").html


def test_no_table_stands_inside_a_link(room: Room) -> None:
    assert '<a href="x"></a><table>' in bare_premailer('<a href="x"><table><tr><td>x</td></tr></table></a>')
    html = everything(room)
    assert not re.search(r"<a [^>]*>(?:(?!</a>).)*<table", html, re.DOTALL)
    assert not re.search(r"<a [^>]*>\s*</a>", html)


def test_conditional_comments_are_of_the_kind_that_lxml_leaves_alone(room: Room) -> None:
    assert "<!--[if !mso]-->" in bare_premailer("<![if !mso]><p>x</p><![endif]>")
    html = everything(room)
    assert "<![if" not in html
    opened = len(re.findall(r"<!--\[if ", html))
    assert opened > 0
    assert opened == len(re.findall(r"<!\[endif\]-->", html))


def test_below_254_nested_elements_the_end_is_still_there() -> None:
    deep = "<div>" * 400 + "deep" + "</div>" * 400 + "<p>end</p>"
    assert "end</p>" not in bare_premailer(deep)
    html = built(raw(deep))
    with pytest.raises(SkeletonError, match="elements nested more than 500 deep"):
        built(raw(deep.replace("<div>", "<div><div>").replace("</div>", "</div></div>")))
    assert "deep" in html
    assert "<p>end</p>" in html


def test_after_ten_megabytes_in_one_node_the_end_is_still_there(room: Room) -> None:
    html = built(raw(f"<p>{'x' * 11_000_000}</p><p>end</p>"))
    assert "<p>end</p>" in html


@pytest.mark.parametrize("style", ["head", "p", ".x"])
def test_a_style_that_looks_like_a_selector_does_not_crash(style: str) -> None:
    # In processes of their own: what was asked of the bare library before stays in its caches.
    html, css = f'<p style="{style}">x</p>', "head{margin:0} p{margin:0} .x{margin:0}"
    bare = f"import premailer; premailer.Premailer({html!r}, css_text={css!r}).transform()"
    failed = subprocess.run([sys.executable, "-c", bare], check=False, capture_output=True)
    assert b"TypeError: 'CSSSelector' object is not iterable" in failed.stderr
    ours = (
        f"from newsletter.look.skeleton import build_skeleton; print(build_skeleton({page(raw(html))!r}, {css!r}).html)"
    )
    done = subprocess.run([sys.executable, "-c", ours], check=False, capture_output=True)
    assert re.search(rb"<p[^>]*>x</p>", done.stdout), done.stderr


def test_the_sheet_to_be_inlined_has_plain_class_selectors_only(room: Room) -> None:
    assert (
        "style=" not in bare_premailer('<p class="x">x</p>', ".x:not(.y){margin:0}:is(.x){margin:0}").split("<body>")[1]
    )
    room.item()
    issue = room.issue()
    _, css = to_mjml(issue, compose(issue), {}, Look(room.root, COMPILED), lambda value: "x")
    selectors = [one.strip() for rule in re.findall(r"([^{}]+)\{", css) for one in rule.split(",")]
    assert [one for one in selectors if not re.fullmatch(r"\.[a-z0-9-]+", one)] == []


def test_no_white_space_comes_between_inline_blocks() -> None:
    body = '<div style="display:inline-block">a</div><div style="display:inline-block">b</div>'
    assert "</div>\n<div" in bare_premailer(body)
    assert body in built(raw(body))


def test_no_library_talks_on_stderr() -> None:
    # In processes of their own: other tests here silence the bare library.
    html = '<p class="x" style="mso-hide:all;colr:red">x</p><style>@supports (x:y){.x{}}</style>'
    css = ".x{colr:rd;-webkit-x:y;mso-line-height-rule:exactly}} @wrong;"
    bare = f"import premailer; premailer.Premailer({html!r}, css_text={css!r}).transform()"
    ours = f"from newsletter.look.skeleton import build_skeleton; build_skeleton({page(raw(html))!r}, {css!r})"
    said = [subprocess.run([sys.executable, "-c", code], check=True, capture_output=True) for code in (bare, ours)]
    assert len(said[0].stderr.splitlines()) > 1
    assert (said[1].stdout, said[1].stderr) == (b"", b"")


def test_the_specimen_shows_how_words_are_dressed_and_goes() -> None:
    made = build_skeleton(page(raw('<div id="specimen"><p class="p">x</p><a class="a b">x</a></div>')), ".p{margin:0}")
    assert made == Skeleton(html=made.html, styles={"p": {"class": "p", "style": "margin:0"}, "a": {"class": "a b"}})
    assert "specimen" not in made.html
