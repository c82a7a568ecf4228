"""Where each rule begins to speak: the last value that is fine, the first that is not."""

import tempfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from newsletter.check import clients
from newsletter.check.registry import check, rules
from newsletter.check.subject import Subject
from newsletter.line import Builder
from newsletter.model import Finding, PictureFacts
from tests.compiled import COMPILED
from tests.room import DOT, TOML, Room

ISSUE = "2024-09/state-LPMN"
BODY = "The council adopted its plan. It sets money aside for trees on the blocks that have the fewest.\n"
# One cache for all: the skeleton of these mails is the same.
_FOLDER = tempfile.TemporaryDirectory(prefix="newsletter-bounds-")


def subject_of(room: Room, today: date | None = None) -> Subject:
    """Return what the rules look at."""
    builder = Builder(room.load(), Path(_FOLDER.name), cache=COMPILED)
    return builder.subject(builder.whole(ISSUE), today)


def story(room: Room, body: str = BODY, **front: Any) -> Subject:
    room.item("story", body, **{"title": "A plan for trees", **front})
    return subject_of(room)


def found(subject: Subject, slug: str) -> list[Finding]:
    return list(check(subject, {slug: rules()[slug].level}).findings)


def levels(subject: Subject, slug: str) -> list[str]:
    return [one.level.value for one in found(subject, slug)]


def told(room: Room, slug: str, addresses: Iterable[str]) -> list[str]:
    """Return those of the addresses, linked from a story, at whose line the rule finds something."""
    lines = [f"- [number {number}](<{address}>)" for number, address in enumerate(addresses)]
    subject = story(room, "\n".join(lines) + "\n")
    first = subject.issue.stories[0].item.body_line
    hit = {one.place.line - first for one in found(subject, slug)}
    return [address for number, address in enumerate(addresses) if number in hit]


# Sizes.


@pytest.mark.parametrize(
    ("size", "wanted"), [(79_999, []), (80_000, ["warning"]), (99_999, ["warning"]), (100_000, ["error"])]
)
def test_gmail_clips_what_comes_near_102_kb_and_a_page_over_100_is_an_error(
    room: Room, size: int, wanted: list[str]
) -> None:
    subject = story(room)
    subject = replace(subject, delivery=replace(subject.delivery, html="é" * (size // 2) + "x" * (size % 2)))
    assert levels(subject, "gmail-clips") == wanted


@pytest.mark.parametrize(
    ("length", "wanted"), [(160, []), (161, ["warning"]), (199, ["warning"]), (200, ["error"]), (300, ["error"])]
)
def test_a_subject_that_no_inbox_shows_whole_and_one_that_is_refused(
    room: Room, length: int, wanted: list[str]
) -> None:
    subject = story(room)
    subject = replace(subject, delivery=replace(subject.delivery, subject="x" * length))
    assert levels(subject, "long-subject") == wanted


@pytest.mark.parametrize(("length", "wanted"), [(160, []), (161, ["advice"])])
def test_a_preheader_that_no_inbox_shows_whole(room: Room, length: int, wanted: list[str]) -> None:
    subject = story(room)
    subject = replace(subject, delivery=replace(subject.delivery, preheader="x" * length))
    assert levels(subject, "long-preheader") == wanted


@pytest.mark.parametrize(("words", "wanted"), [(150, 0), (151, 1)])
def test_a_wall_of_text(room: Room, words: int, wanted: int) -> None:
    assert len(found(story(room, "word " * words), "wall-of-text")) == wanted


@pytest.mark.parametrize(("length", "wanted"), [(125, 0), (126, 1)])
def test_an_alt_text_that_some_screen_readers_cut(room: Room, length: int, wanted: int) -> None:
    subject = story(room, image="https://pictures.example/a.png", image_alt="x" * length)
    assert len(found(subject, "long-alt")) == wanted


@pytest.mark.parametrize(("length", "wanted"), [(2000, 0), (2001, 1)])
def test_an_address_that_mail_programs_cut(room: Room, length: int, wanted: int) -> None:
    assert len(found(story(room, link="https://a.example/".ljust(length, "x")), "long-link")) == wanted


def page_with(room: Room, html: str) -> Subject:
    """Return an issue whose page is that HTML alone."""
    subject = story(room)
    return replace(subject, email=replace(subject.email, html=f"<html><body>{html}</body></html>", blocks=()))


@pytest.mark.parametrize(("size", "wanted"), [("13.9px", 1), ("14px", 0), ("10.5pt", 0), ("10pt", 1), ("0.8em", 1)])
def test_text_below_14_pixels(room: Room, size: str, wanted: int) -> None:
    assert len(found(page_with(room, f'<p style="font-size:{size}">Words</p>'), "small-text")) == wanted


@pytest.mark.parametrize(
    ("style", "wanted"),
    [
        ("display:block;line-height:43px", 1),
        ("display:block;line-height:44px", 0),
        ("display:inline-block;line-height:20px;padding:12px 30px", 0),
        ("display:inline-block;line-height:20px;padding:11px 30px", 1),
        ("display:inline-block;line-height:20px;padding:11px 30px;border:1px solid #000000", 0),
        ("display:inline-block;line-height:20px;padding:2px 30px 22px", 0),
        ("display:inline-block;line-height:20px;padding:0;padding-top:20px;padding-bottom:4px", 0),
        ("display:inline-block;font-size:20px;line-height:1.2;padding:10px", 0),
        ("display:inline-block;font-size:20px;line-height:1.1;padding:10px", 1),
        ("display:inline-block;font:16px/20px Arial;padding:12px", 0),
        ("display:inline-block;font:16px/20px Arial;padding:11px", 1),
        # Inside a text, its lines give it room.
        ("line-height:20px", 0),
    ],
)
def test_a_button_below_44_pixels(room: Room, style: str, wanted: int) -> None:
    page = page_with(room, f'<p><a href="https://a.example" style="{style}">Sign</a></p>')
    assert len(found(page, "small-target")) == wanted


@pytest.mark.parametrize(
    ("section", "width", "height", "slugs"),
    [
        ("wins", 208, 117, []),
        ("wins", 207, 117, ["small-picture"]),
        ("in-the-news", 112, 112, []),
        ("in-the-news", 111, 111, ["small-picture"]),
        ("wins", 900, 2000, []),
        ("wins", 900, 2001, ["odd-proportions"]),
        ("in-the-news", 900, 1500, []),
        ("in-the-news", 900, 1501, ["odd-proportions"]),
        ("in-the-news", 1200, 600, []),
        ("in-the-news", 1201, 600, ["odd-proportions"]),
        ("wins", 2000, 500, []),
        ("wins", 2001, 500, ["odd-proportions"]),
    ],
)
def test_a_picture_that_does_not_fit_its_place(
    room: Room, section: str, width: int, height: int, slugs: list[str]
) -> None:
    room.file("issues/2024-09/items/a.gif", DOT)
    room.item("first", BODY, section="wins", lead=True)
    subject = story(room, image="a.gif", image_alt="Trees", section=section)
    facts = PictureFacts(size=1000, width=width, height=height, kind="PNG", ink=-1.0)
    subject = replace(subject, pictures={"issues/2024-09/items/a.gif": facts})
    assert [slug for slug in ("small-picture", "odd-proportions") if found(subject, slug)] == slugs


@pytest.mark.parametrize(
    ("file", "sent", "wanted"),
    [(1_000_000, 10, []), (1_000_001, 10, ["advice"]), (10, 1_000_001, ["warning"]), (10, 1_000_000, [])],
)
def test_a_heavy_file_is_advice_and_a_heavy_picture_in_the_mail_a_warning(
    room: Room, file: int, sent: int, wanted: list[str]
) -> None:
    room.file("issues/2024-09/items/a.gif", DOT)
    subject = story(room, image="a.gif", image_alt="Trees")
    facts = PictureFacts(size=file, width=600, height=400, kind="GIF", ink=-1.0)
    pictures = tuple(replace(one, content=b"x" * sent) for one in subject.delivery.pictures)
    subject = replace(
        subject,
        pictures={"issues/2024-09/items/a.gif": facts},
        delivery=replace(subject.delivery, pictures=pictures),
    )
    assert levels(subject, "heavy-picture") == wanted


# Addresses.


def test_addresses_of_an_office_are_told_from_those_beside_them(room: Room) -> None:
    private = ["10.0.0.1", "10.255.1.1", "127.0.0.1", "172.16.0.1", "172.20.0.1", "172.31.255.1", "192.168.1.1"]
    private += ["localhost", "a.localhost", "printer.local", "wiki.internal", "nas.lan", "start.intranet", "0.0.0.0"]
    public = ["11.0.0.1", "172.15.0.1", "172.32.0.1", "192.169.1.1", "local.example", "10.example.net", "lan.example"]
    assert told(room, "local-link", [f"https://{host}/" for host in (*private, "[::1]", *public)]) == [
        f"https://{host}/" for host in (*private, "[::1]")
    ]


def test_counting_links_are_told_by_host_and_by_path(room: Room) -> None:
    counting = [
        "https://us1.list-manage.com/track/click?u=1",
        "https://www.google.com/url?q=https://a.example",
        "https://open.substack.com/redirect",
        "https://u1.ct.sendgrid.net/ls/click",
    ]
    plain = [
        "https://list-manage.example/",
        "https://www.google.com/search?q=a",
        "https://mailchi.mp/abc/news",
        "https://us1.list-manage.com/subscribe?u=1&id=2",
        "https://us1.list-manage.com/tracks",
        "https://org.convio.net/site/SPageServer?pagename=vote",
        "https://rs6.net.example/",
    ]
    assert told(room, "tracking-host", [*counting, *plain]) == counting


def test_somebodys_tags_are_told_and_the_newsrooms_own_are_not(room: Room) -> None:
    foreign = [
        "https://news.example/a?utm_source=x",
        "https://news.example/a?id=1&UTM_Campaign=x",
        "https://news.example/a?fbclid=1",
        # A person's own number is wrong anywhere.
        "https://network.example/a?mc_eid=1",
        "https://notnetwork.example/?utm_source=x",
    ]
    own = [
        "https://network.example/a?utm_source=x",
        "https://www.network.example/a?utm_source=x",
        "https://give.network.example/?utm_medium=mail",
        "https://news.example/a?id=1",
        "https://news.example/utm_source=x",
    ]
    assert told(room, "foreign-utm", [*foreign, *own]) == foreign


def test_each_of_several_mail_addresses_must_be_whole(room: Room) -> None:
    broken = ["mailto:desk@network", "mailto:a@b.example,desk", "mailto:", "mailto:?subject=x"]
    whole = ["mailto:a@b.example", "mailto:a@b.example,c@d.example", "mailto:a@b.example?subject=Hello"]
    assert told(room, "mailto-without-address", [*broken, *whole]) == broken


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("noreply@network.example", 1),
        ("no-reply@network.example", 1),
        ("no_reply.news@network.example", 1),
        ("donotreply@network.example", 1),
        ("do-not-reply@network.example", 1),
        ("DoNot.Reply@network.example", 1),
        ("reply@network.example", 0),
        ("nora@network.example", 0),
        ("hello.noreply@network.example", 0),
    ],
)
def test_where_nobody_reads_answers(room: Room, address: str, wanted: int) -> None:
    room.file("newsletter.toml", TOML.replace("news@network.example", address))
    assert len(found(story(room), "no-reply-address")) == wanted


# The cover.


def covered(room: Room, subject: str) -> Subject:
    given = story(room)
    return replace(given, cover=replace(given.cover, subject=subject))


@pytest.mark.parametrize(
    ("subject", "wanted"),
    [
        *((f"{begin} The plan", 1) for begin in ("Re:", "RE :", " re:", "Fw:", "Fwd:", "FWD:", "AW:", "WG:", "RV:")),
        *((words, 0) for words in ("Regarding: the plan", "Reply: now", "The plan: re: trees", "Re the plan", "")),
    ],
)
def test_a_subject_that_pretends_to_be_an_answer(room: Room, subject: str, wanted: int) -> None:
    assert len(found(covered(room, subject), "fake-reply")) == wanted


@pytest.mark.parametrize(
    ("subject", "wanted"),
    [
        ("EVERYBODY COMES NOW", 1),
        ("EVERYBODY comes now", 0),
        ("AFSCME SEIU", 0),
        ("Now!!", 1),
        ("Now! Then! Here!", 0),
        ("Now! Then! Here! There!", 1),
        ("Act now for trees", 1),
        ("Impact nowhere", 0),
        ("You've won", 1),
        ("Prize of $$$", 1),
    ],
)
def test_a_subject_that_shouts_as_junk_does(room: Room, subject: str, wanted: int) -> None:
    subject_given = replace(story(room), cover=covered(room, subject).cover)
    subject_given = replace(subject_given, cover=replace(subject_given.cover, preheader=""))
    assert len(found(subject_given, "spammy-subject")) == wanted


# Days.


@pytest.mark.parametrize(
    ("today", "wanted"),
    [
        (date(2024, 9, 15), 0),
        (date(2024, 9, 16), 1),
        (date(2024, 8, 20), 0),
        # An issue of the past is read as of its month.
        (date(2024, 10, 1), 0),
        (None, 0),
    ],
)
def test_what_is_over_today_is_told_only_of_an_issue_that_is_still_to_go_out(
    room: Room, today: date | None, wanted: int
) -> None:
    room.item("story", BODY, starts="2024-09-15", section="events")
    assert len(found(subject_of(room, today), "event-is-over")) == wanted
    room.item("story", BODY, deadline="2024-09-15")
    assert len(found(subject_of(room, today), "deadline-is-gone")) == wanted


@pytest.mark.parametrize(
    ("blocks", "wanted"),
    [([8192], 0), ([8193], 1), ([8192, 8192], 0), ([8192, 8192, 1], 1), ([4096] * 4, 0), ([], 0)],
)
def test_styles_that_gmail_drops(room: Room, blocks: list[int], wanted: int) -> None:
    subject = page_with(room, "".join(f"<style>{'x' * size}</style>" for size in blocks))
    assert len(found(subject, "head-style-too-big")) == wanted


@pytest.mark.parametrize(
    ("viewport", "wanted"),
    [
        ("width=device-width, initial-scale=1", 0),
        ("maximum-scale=2", 0),
        ("maximum-scale=1.9", 1),
        ("maximum-scale = .5", 1),
        ("user-scalable=0", 1),
        ("user-scalable=NO", 1),
        ("user-scalable=1", 0),
        ("", 0),
    ],
)
def test_a_viewport_that_lets_nobody_enlarge_the_mail(room: Room, viewport: str, wanted: int) -> None:
    assert len(found(page_with(room, f'<meta name="Viewport" content="{viewport}">'), "no-zoom")) == wanted


@pytest.mark.parametrize(
    ("drawing", "without_alt", "with_words"),
    [
        ('<v:rect alt="x"></v:rect>', 0, 0),
        ("<v:rect></v:rect>", 1, 0),
        ("<v:rect/><v:oval/>", 2, 0),
        # A fill draws nothing by itself, and what is in a shape belongs to it.
        ("<v:fill/><v:textbox></v:textbox>", 0, 0),
        ("<v:group><v:rect></v:rect><v:line/></v:group>", 1, 0),
        ('<v:group alt="x"><v:rect><a href="#a">x</a></v:rect></v:group>', 0, 1),
        ('<v:rect alt="x"></v:rect></v:rect><a href="#a">x</a>', 0, 0),
        # One that nothing closes holds the rest.
        ('<v:rect alt="x"><h2>x</h2>', 0, 1),
        ('<v:rect alt="x" href="https://a.example"/>', 0, 1),
    ],
)
def test_what_vml_draws(room: Room, drawing: str, without_alt: int, with_words: int) -> None:
    subject = page_with(room, f"<!--[if mso]>{drawing}<![endif]-->")
    assert len(found(subject, "drawing-without-alt")) == without_alt
    assert len(found(subject, "words-in-a-drawing")) == with_words


def test_ten_thousand_drawings_and_links_are_looked_at_once(room: Room) -> None:
    link = '<a href="https://a.example" style="text-decoration:none">x</a> words '
    subject = page_with(room, f"<!--[if mso]>{'<v:rect>' * 10_000}<![endif]--><p>{link * 10_000}</p>")
    assert len(found(subject, "words-in-a-drawing")) == 1
    assert len(found(subject, "colour-only-link")) == 1


# What a mail program shows of a mail.


def used(letter: str, count: int) -> clients.Used:
    """Return a feature that the most used program shows (y), shows in part (a) or leaves out (n)."""
    program = clients.clients()[0]
    slug = next(slug for slug in clients._known().titles if clients.support(slug, program) == letter)
    return clients.Used(slug=slug, title=slug, count=count, first=None)


@pytest.mark.parametrize(
    ("features", "wanted"),
    [
        ([], 100),
        ([("y", 10)], 100),
        ([("n", 2)], 80),
        ([("a", 1)], 90),
        ([("n", 2), ("a", 1)], 70),
        # The worst of each counts, not their sum.
        ([("n", 2), ("n", 3), ("a", 1), ("a", 2)], 50),
        ([("n", 10), ("a", 10)], 0),
        ([("n", 30)], 0),
    ],
)
def test_a_program_shows_all_but_the_worst_of_what_it_leaves_out_and_shows_in_part(
    features: list[tuple[str, int]], wanted: float
) -> None:
    assert clients.rating([used(*one) for one in features], 10, clients.clients()[0]) == wanted


def test_what_is_written_for_outlook_alone_is_no_feature(room: Room) -> None:
    style = "mso-padding-alt:1vw;mso-line-height-alt:calc(1em + 2px)"
    assert "css-unit-vw" not in clients.features_of(page_with(room, f'<p style="{style}">Words</p>').page)
    style = style.replace("mso-padding-alt", "padding")
    assert "css-unit-vw" in clients.features_of(page_with(room, f'<p style="{style}">Words</p>').page)
