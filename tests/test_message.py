"""Delivery -> .eml: asserted on the raw bytes, then read back by Python's own email package."""

import email
import email.policy
import quopri
import re
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from msgspec.structs import replace

from newsletter.deliver.message import _text_part, make_message
from newsletter.model import Cover, Delivery
from tests.room import Room, picture

ISSUE = "2024-09/state-LPMN"
COVER = Cover(
    sender_name="Example Network",
    sender_address="news@network.example",
    reply_to="hello@network.example",
    subject="Wins",
    preheader="",
)
DELIVERY = Delivery(provider="html", subject="Wins", preheader="", html="<p>Hello</p>\n", text="Hello\n")


def parsed(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def made(room: Room, *, cover: Cover = COVER, delivery: Delivery = DELIVERY) -> bytes:
    return make_message(room.issue(), cover, delivery)


def header(raw: bytes, name: str) -> str:
    """Return a header's raw value, unfolded."""
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    return next(
        line.partition(": ")[2]
        for line in re.sub(r"\r\n(?=[ \t])", "", head).split("\r\n")
        if line.startswith(f"{name}:")
    )


def test_the_smallest_message_byte_for_byte(room: Room) -> None:
    room.item()
    raw = made(room)
    boundary, identifier = re.findall(rb'boundary="=_([0-9a-f]{24})"|<([0-9a-f]{32})@', raw)[::-1]
    assert raw == (
        b"From: Example Network <news@network.example>\r\n"
        b"Reply-To: hello@network.example\r\n"
        b"To: news@network.example\r\n"
        b"Subject: Wins\r\n"
        b"Date: Sun, 01 Sep 2024 12:00:00 +0000\r\n"
        b"Message-ID: <" + identifier[1] + b"@network.example>\r\n"
        b"X-Unsent: 1\r\n"
        b"List-Unsubscribe: <https://network.example/unsubscribe>\r\n"
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        b"MIME-Version: 1.0\r\n"
        b"Content-Type: multipart/alternative;\r\n"
        b' boundary="=_' + boundary[0] + b'"\r\n'
        b"\r\n"
        b"--=_" + boundary[0] + b"\r\n"
        b'Content-Type: text/plain; charset="utf-8"\r\n'
        b"Content-Transfer-Encoding: quoted-printable\r\n"
        b"\r\n"
        b"Hello\r\n"
        b"\r\n"
        b"--=_" + boundary[0] + b"\r\n"
        b'Content-Type: text/html; charset="utf-8"\r\n'
        b"Content-Transfer-Encoding: quoted-printable\r\n"
        b"\r\n"
        b"<p>Hello</p>\r\n"
        b"\r\n"
        b"--=_" + boundary[0] + b"--\r\n"
    )


def test_the_text_comes_before_the_html_and_both_come_back_whole(room: Room) -> None:
    room.item("story", "Café, naïve — “quotes” 📬.   \n\nEquals = signs.\n", title="Ünïcødé " * 20)
    room.build()
    message = parsed(room.built("issue.eml"))
    assert message.get_content_type() == "multipart/alternative"
    parts = list(message.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert [part.get_content_charset() for part in parts] == ["utf-8", "utf-8"]
    assert [part["Content-Transfer-Encoding"] for part in parts] == ["quoted-printable"] * 2
    whole = [bytes(part.get_payload(decode=True)).decode().replace("\r\n", "\n") for part in parts]
    assert whole == [room.built("issue.txt").decode(), room.built("issue.html").decode()]


def test_no_line_is_longer_than_76_and_every_one_ends_in_crlf(room: Room) -> None:
    room.file("issues/2024-09/items/a.png", picture())
    room.item(
        "story", "Wörter " * 200 + "\n\n" + "x" * 5000 + "\n", title="T" * 300, image="a.png", image_alt="é" * 200
    )
    room.front_page(ISSUE, subject="Ein sehr langer Betreff mit Ümläuten und 📬 " * 8)
    room.build()
    raw = room.built("issue.eml")
    assert raw.isascii()
    assert raw.endswith(b"--\r\n")
    lines = raw.split(b"\r\n")
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert max(map(len, lines)) <= 76


@pytest.mark.parametrize("mark", ["\u2028", "\u0085", "\x0b", "\x0c", "\x1c", "\r"])
def test_no_odd_line_end_of_a_writer_breaks_a_line_of_the_message(room: Room, mark: str) -> None:
    room.item("story", f"one{mark}two\n", location=f"here{mark}there")
    room.build()
    for line in room.built("issue.eml").split(b"\r\n"):
        assert len((line + b"x").splitlines()) == 1


@pytest.mark.parametrize(
    "subject",
    [
        "Wins",
        "A long subject in plain letters that has to be folded because no line may have so many of them, and more",
        "📬 The Network Download | Café, naïve & more! | September 2024",
        "e\u0301 is not é, 👩\u200d👩\u200d👧 is one family, \u200fשלום\u200f, 10\u00a0000",
        "=?utf-8?q?not_encoded?= by us",
        "x" * 200,
        "é" * 200,
        "word  and   blanks",
        'quotes " and \\ and (brackets) <angles> , ; : @',
        "a_b=c?d",
        "📬" * 60,
    ],
)
def test_a_subject_comes_back_as_it_was(room: Room, subject: str) -> None:
    room.item()
    raw = made(room, delivery=replace(DELIVERY, subject=subject))
    assert parsed(raw)["Subject"] == subject
    assert all(len(line) <= 76 for line in raw.partition(b"\r\n\r\n")[0].split(b"\r\n"))


def test_plain_subjects_are_not_encoded(room: Room) -> None:
    # SpamAssassin counts needless encoding.
    room.item()
    subject = "Traffic safety, ceasefire, history in Minnesota, & more! | January 2024 | LP Network Download"
    assert header(made(room, delivery=replace(DELIVERY, subject=subject)), "Subject") == subject


def test_no_character_is_split_between_two_encoded_words(room: Room) -> None:
    room.item()
    raw = made(room, delivery=replace(DELIVERY, subject="x" + "📬é" * 40))
    words = re.findall(r"=\?utf-8\?q\?([^?]*)\?=", header(raw, "Subject"))
    assert len(words) > 4
    for word in words:
        assert quopri.decodestring(word, header=True).decode("utf-8")


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Example Network", "Example Network <news@network.example>"),
        ("Network, the", '"Network, the" <news@network.example>'),
        ('The "Network" \\ (all)', '"The \\"Network\\" \\\\ (all)" <news@network.example>'),
        ("", " <news@network.example>"),
        ("Café", "=?utf-8?q?Caf=C3=A9?= <news@network.example>"),
    ],
)
def test_a_senders_name_is_written_as_rfc_5322_wants_it(room: Room, name: str, wanted: str) -> None:
    room.item()
    raw = made(room, cover=replace(COVER, sender_name=name))
    assert header(raw, "From").strip() == wanted.strip()
    assert parsed(raw)["From"].addresses[0].addr_spec == "news@network.example"


@pytest.mark.parametrize("name", ["Réseau " * 20, "x" * 100, "📬 News, from: <us>", "=?utf-8?q?x?=", "Long name " * 9])
def test_a_long_or_odd_sender_comes_back_as_it_was(room: Room, name: str) -> None:
    room.item()
    raw = made(room, cover=replace(COVER, sender_name=name.strip()))
    # Python's newer parser puts blanks between encoded words, the older one follows RFC 2047.
    shown, address = parseaddr(header(raw, "From"))
    assert (str(make_header(decode_header(shown))), address) == (name.strip(), "news@network.example")


def test_a_long_unsubscribe_address_stays_raw_in_one_line(room: Room) -> None:
    address = "https://network.example/unsubscribe?" + "&".join(f"key{number}=value{number}" for number in range(20))
    toml = (room.root / "newsletter.toml").read_text("utf-8")
    room.file("newsletter.toml", toml.replace("https://network.example/unsubscribe", address))
    room.item()
    raw = made(room)
    assert f"\r\nList-Unsubscribe: <{address}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n".encode() in raw
    assert parsed(raw)["List-Unsubscribe"] == f"<{address}>"


def test_an_unsubscribe_address_with_other_letters_is_percent_encoded(room: Room) -> None:
    toml = (room.root / "newsletter.toml").read_text("utf-8")
    room.file(
        "newsletter.toml", toml.replace("https://network.example/unsubscribe", "https://bücher.example/ab melden/é%20")
    )
    room.item()
    wanted = b"\r\nList-Unsubscribe: <https://xn--bcher-kva.example/ab%20melden/%C3%A9%20>\r\n"
    assert wanted in made(room)


def test_an_address_to_write_to_is_not_one_click(room: Room) -> None:
    toml = (room.root / "newsletter.toml").read_text("utf-8")
    room.file("newsletter.toml", toml.replace("https://network.example/unsubscribe", "mailto:leave@network.example"))
    room.item()
    raw = made(room)
    assert b"\r\nList-Unsubscribe: <mailto:leave@network.example>\r\nMIME-Version" in raw


def test_a_provider_sets_list_unsubscribe_itself(room: Room) -> None:
    room.item()
    assert b"List-Unsubscribe" not in made(room, delivery=replace(DELIVERY, provider="mailchimp"))


def test_pictures_travel_inside_and_the_html_refers_to_them(room: Room) -> None:
    room.file("issues/2024-09/items/a.png", picture("red"))
    room.file("issues/2024-09/items/b.gif", picture(kind="GIF"))
    room.item("one", image="a.png", image_alt="Red")
    room.item("two", "![Moving](b.gif)\n")
    room.build()
    message = parsed(room.built("issue.eml"))
    assert message.get_content_type() == "multipart/related"
    assert message.get_param("type") == "multipart/alternative"
    alternative, *pictures = message.iter_parts()
    assert alternative.get_content_type() == "multipart/alternative"
    html = alternative.get_body(("html",))
    assert html is not None
    sources = re.findall(r'src="cid:([^"]*)"', html.get_content())
    assert [part["Content-ID"] for part in pictures] == [f"<{source}>" for source in sources]
    assert [(part.get_content_type(), part.get_content_disposition()) for part in pictures] == [
        ("image/png", "inline"),
        ("image/gif", "inline"),
    ]
    assert all(source.endswith("@network.example") for source in sources)
    for part in pictures:
        assert part.get_content() == room.built(str(part.get_filename()))
    assert "cid:" not in room.built("issue.html").decode()


def test_pictures_travel_inside_even_if_they_lie_on_a_server_as_well(room: Room) -> None:
    toml = (room.root / "newsletter.toml").read_text("utf-8")
    base = 'picture_base_url = "https://pictures.example/a&b/"'
    room.file("newsletter.toml", toml.replace("[organization]", f"[organization]\n{base}"))
    room.file("issues/2024-09/items/a.png", picture())
    room.item("one", image="a.png")
    room.build()
    assert 'src="https://pictures.example/a&amp;b/2024-09/state-LPMN/a-' in room.built("issue.html").decode()
    html = parsed(room.built("issue.eml")).get_body(("html",))
    assert html is not None
    assert "pictures.example" not in html.get_content()
    assert len(re.findall('src="cid:', html.get_content())) == 1


def test_a_picture_that_two_stories_share_travels_once(room: Room) -> None:
    room.file("issues/2024-09/items/a.png", picture())
    room.item("first", lead=True)
    room.item("one", image="a.png")
    room.item("two", image="a.png")
    room.build()
    raw = room.built("issue.eml")
    assert raw.count(b"Content-ID:") == 1
    html = parsed(raw).get_body(("html",))
    assert html is not None
    assert html.get_content().count('src="cid:') == 2


def test_the_same_issue_gives_the_same_message_and_another_one_another(room: Room) -> None:
    room.item("story", "One.\n")
    room.build()
    first = room.built("issue.eml")
    room.build()
    assert room.built("issue.eml") == first
    room.item("story", "Two.\n")
    room.build()
    other = room.built("issue.eml")
    identity = rb"Message-ID: <([0-9a-f]+)@"
    assert re.findall(identity, other) != re.findall(identity, first)
    assert re.findall(rb'boundary="([^"]+)"', other) != re.findall(rb'boundary="([^"]+)"', first)


def test_an_issue_without_a_sender_is_still_a_message(room: Room) -> None:
    room.item()
    raw = made(room, cover=replace(COVER, sender_address="", reply_to=""))
    assert raw.startswith(b"Subject: Wins\r\n")
    assert re.search(rb"\r\nMessage-ID: <[0-9a-f]{32}@localhost>\r\n", raw)


def test_windows_quotes_and_dashes_become_what_they_mean(room: Room) -> None:
    # U+0080 to U+009F: Gmail clips mails that hold them.
    room.item("story", "\u0093quoted\u0094 \u0096 it\u0092s\u0085\n")
    room.build()
    assert "“quoted” – it’s…" in room.built("issue.html").decode()
    for name in ("issue.html", "issue.txt"):
        assert not re.search("[\u0080-\u009f]", room.built(name).decode())


@pytest.mark.parametrize("blank", [" ", "\t"])
@pytest.mark.parametrize("length", range(70, 80))
def test_a_blank_at_a_lines_end_makes_no_line_too_long(length: int, blank: str) -> None:
    words = f"{'x' * length}{blank}\nnext\n{'é' * 11}{'y' * (length - 66)}{blank}\nend\n"
    raw = _text_part("plain", words)
    assert max(map(len, raw.split(b"\r\n"))) <= 76
    _, _, body = raw.partition(b"\r\n\r\n")
    assert quopri.decodestring(body).decode() == words.replace("\n", "\r\n")
