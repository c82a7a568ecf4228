"""newsletter proof: against real mail servers on loopback, kind and unkind."""

import email
import email.policy
import os
import re
import ssl
import sys
from pathlib import Path

import keyring
import pytest
import trustme

from newsletter.deliver.smtp import Server, read_server
from newsletter.read.values import Refused
from tests.conftest import Run
from tests.mailserver import CLOSE, HANG, PASSWORD, USER, mail_server
from tests.rings import Locked, Ring
from tests.room import TOML, Room
from tests.terminal import Terminal

ID = "2024-09/state-LPMN"
ANA, BO = "ana@network.example", "bo@network.example"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000"
    "050001a5f645400000000049454e44ae426082"
)


pytestmark = pytest.mark.usefixtures("ring")


@pytest.fixture
def room(room: Room) -> Room:
    """Return a newsroom with a picture and a name to fill in."""
    room.file("newsletter.toml", f"{TOML}\n[proof]\ntimeout = 20\n")
    room.file("issues/2024-09/items/square.png", PIXEL)
    room.item("square", "Words — with “signs”.\n.\n..two\n", image="square.png", image_alt="A square")
    room.front_page(ID, "Dear %%first_name|neighbor%%,\n")
    return room


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[trustme.CA, Path]:
    """Return a certificate authority for these tests, and its certificate's file."""
    authority = trustme.CA()
    file = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return authority, file


def certified(authority: tuple[trustme.CA, Path], *names: str) -> ssl.SSLContext:
    """Return what a server with a certificate for these names speaks TLS with."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority[0].issue_cert(*names).configure_cert(context)
    return context


@pytest.fixture
def trusted(authority: tuple[trustme.CA, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this computer trust the authority."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority[1]))


# The mail.


def sent(room: Room, run: Run, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> bytes:
    """Return the raw mail that a server got."""
    with mail_server() as server:
        monkeypatch.setenv("NEWSLETTER_SMTP_URL", server.url())
        result = run("proof", "LPMN", *(arguments or ("--to", ANA)))
    assert result.exit_code == 0, result.stderr
    (mail,) = server.mails
    assert isinstance(mail.original_content, bytes)
    return mail.original_content


def test_a_proof_is_byte_for_byte_the_built_parts_and_a_note(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.build(provider="html")
    proof, built = sent(room, run, monkeypatch), room.built("issue.eml")
    note = b"This is a proof of 2024-09/state-LPMN. It has not gone to any list.\r\n\r\n"
    _, _, body = proof.partition(b"MIME-Version: 1.0\r\n")
    _, _, wanted = built.partition(b"MIME-Version: 1.0\r\n")
    assert body.count(note) == 1
    assert body.replace(note, b"").rstrip() == wanted.rstrip()
    message = email.message_from_bytes(proof, policy=email.policy.default)
    plain = message.get_body(("plain",))
    page = message.get_body(("html",))
    assert plain is not None
    assert page is not None
    text = plain.get_content().replace("\r\n", "\n")
    assert text.partition("\n\n")[2] == room.built("issue.txt").decode()
    shown = re.sub(r'src="cid:([^"@]*)@network\.example"', r'src="\1"', page.get_content().replace("\r\n", "\n"))
    assert shown == room.built("issue.html").decode()


def test_the_headers_of_a_proof_are_these_and_no_others(room: Room, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = sent(room, run, monkeypatch, "--to", ANA, "--to", BO)
    head = raw[: raw.index(b"\r\n\r\n")]
    pattern = rb"""From: Example Network <news@network\.example>\r
To: ana@network\.example,\r
 bo@network\.example\r
Subject: =\?utf-8\?q\?=5BProof=5D_LPMN_State_Download_=F0=9F=93=A3_=7C_[^\r]*\?=\r
(?: =\?utf-8\?q\?[^\r]*\?=\r
)*Date: (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} [+-][0-9]{4}\r
Message-ID: <[0-9a-f]{32}@network\.example>\r
MIME-Version: 1\.0\r
Content-Type: multipart/related; type="multipart/alternative";\r
 boundary="=_[0-9a-f]{24}\""""
    assert re.fullmatch(pattern, head), head


def test_a_proof_is_lines_of_76_ascii_characters_with_crlf(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = sent(room, run, monkeypatch)
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 76
    message = email.message_from_bytes(raw)
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == ["multipart/related", "multipart/alternative", "text/plain", "text/html", "image/png"]
    for part in list(message.walk())[2:4]:
        assert part["Content-Transfer-Encoding"] == "quoted-printable"
        assert part.get_content_charset() == "utf-8"
    picture = list(message.walk())[4]
    room.build()
    assert picture.get_payload(decode=True) == room.built(str(picture.get_filename()))
    assert f"cid:{str(picture['Content-ID'])[1:-1]}".encode() in raw.replace(b"=\r\n", b"")


def test_every_proof_has_an_id_of_its_own_on_the_senders_domain(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [re.search(rb"Message-ID: (<.*>)", sent(room, run, monkeypatch)) for _ in range(2)]
    first, second = (one[1] if one else b"" for one in found)
    assert first != second
    assert first.endswith(b"@network.example>")


def test_fallbacks_stand_in_place_of_merge_tags_whatever_the_provider(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    toml = TOML.replace('short_name = "EN"', 'short_name = "EN"\nprovider = "mailchimp"')
    for key in ("unsubscribe_url", "browser_url", "postal_address"):
        toml = re.sub(rf"{key} = .*\n", "", toml)
    room.file("newsletter.toml", toml)
    room.front_page(ID, "Dear %%first_name|neighbor%%,\n", subject="For %%first_name|neighbor%%")
    message = email.message_from_bytes(sent(room, run, monkeypatch), policy=email.policy.default)
    assert message["Subject"] == "[Proof] For neighbor"
    plain = message.get_body(("plain",))
    assert plain is not None
    text = plain.get_content()
    assert "Dear neighbor," in text
    assert "mailto:news@network.example?subject=unsubscribe" in text
    assert "*|" not in text
    assert message["List-Unsubscribe"] is None


# The draft.


def test_a_long_list_unsubscribe_stays_raw_in_the_built_message_and_a_proof_has_none(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "https://network.example/unsubscribe/" + "x" * 200
    toml = (room.root / "newsletter.toml").read_text("utf-8")
    room.file("newsletter.toml", toml.replace("https://network.example/unsubscribe", address))
    room.build(provider="html")
    built = room.built("issue.eml")
    assert f"\r\nList-Unsubscribe: <{address}>\r\n".encode() in built
    assert b"\r\nX-Unsent: 1\r\n" in built
    proof = sent(room, run, monkeypatch)
    for header in (b"List-Unsubscribe", b"X-Unsent"):
        assert header not in proof


# Whom it goes to.


def test_each_recipient_is_shown_and_named_as_sent(room: Room, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_server() as server:
        monkeypatch.setenv("NEWSLETTER_SMTP_URL", server.url())
        result = run("proof", "LPMN", "--to", f"{ANA}, {BO}", "--to", "ANA@network.example")
    assert result.stdout == f"sent to {ANA}\nsent to {BO}\n"
    assert result.stderr == (
        "[Proof] LPMN State Download 📣 | Square | September 2024\n"
        f"from Example Network <news@network.example>, through localhost:{server.port}, to\n"
        f"  {ANA}\n  {BO}\n"
    )
    assert [mail.rcpt_tos for mail in server.mails] == [[ANA, BO]]


def test_several_addresses_may_follow_one_to(room: Room, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_server() as server:
        monkeypatch.setenv("NEWSLETTER_SMTP_URL", server.url())
        assert run("proof", "LPMN", "--to", ANA, BO).exit_code == 0
    assert server.mails[0].rcpt_tos == [ANA, BO]


def test_a_list_of_newsletter_toml_is_a_name_for_its_addresses(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.file("newsletter.toml", f'{TOML}\n[proof.lists]\nstaff = ["{ANA}", "{BO}"]\n')
    with mail_server() as server:
        monkeypatch.setenv("NEWSLETTER_SMTP_URL", server.url())
        assert run("proof", "LPMN", "--list", "staff").exit_code == 0
        result = run("proof", "LPMN", "--list", "stuff")
    assert server.mails[0].rcpt_tos == [ANA, BO]
    assert (result.exit_code, result.stderr) == (
        2,
        "no list for proofs is called 'stuff'\n  hint: did you mean 'staff'?\n",
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "nobody is named to send the proof to\n  hint: --to you@…, or --list NAME from [proof.lists]\n"),
        (
            tuple(f"--to=a{number}@network.example" for number in range(21)),
            "21 recipients are too many for a proof: at most 20\n"
            "  hint: a proof goes to colleagues; an issue goes out through the provider\n",
        ),
        (("--to", "ana"), "'ana' is not an email address\n  hint: write it as news@example.org\n"),
        (
            ("--to", "a@network.example\r\nBcc: b@elsewhere.example"),
            "'a@network.example\\r\\nBcc: b@elsewhere.example' is not an email address\n"
            "  hint: write it as news@example.org\n",
        ),
        (
            ("--to", "Ana <ana@network.example>"),
            "'Ana <ana@network.example>' is not an email address\n  hint: write it as news@example.org\n",
        ),
        (
            ("--to", "änä@network.example"),
            "'änä@network.example' is not an email address\n  hint: write its domain in ASCII (xn--…)\n",
        ),
    ],
)
def test_what_is_no_recipient_is_refused_before_any_server_hears_of_it(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], words: str
) -> None:
    monkeypatch.setenv("NEWSLETTER_SMTP_URL", "smtp://localhost:1")
    result = run("proof", "LPMN", *arguments)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", words)


def test_a_senders_name_can_inject_no_header(room: Room, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    name = r'sender_name = "Desk\r\nBcc: all@elsewhere.example\u2028X: y"'
    room.file("newsletter.toml", TOML.replace('short_name = "EN"', f'short_name = "EN"\n{name}'))
    head = sent(room, run, monkeypatch).partition(b"\r\n\r\n")[0]
    assert not re.search(rb"(?mi)^(bcc|x):", head)
    assert b'From: "Desk Bcc: all@elsewhere.example X: y"' in head.replace(b"\r\n ", b" ")


def test_strangers_are_refused_without_a_terminal_unless_told_yes(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = "cy@notnetwork.example"
    with mail_server() as server:
        monkeypatch.setenv("NEWSLETTER_SMTP_URL", server.url())
        result = run("proof", "LPMN", "--to", ANA, "--to", stranger)
        assert result.exit_code == 2
        assert f"  {stranger}  (outside your own domains)\n" in result.stderr
        assert result.stderr.endswith(
            f"{stranger} is outside the newsroom's own domains, so nothing was sent\n"
            '  hint: add --yes to send it all the same, or state your domains: [proof] domains = ["…"]\n'
        )
        assert not server.mails
        assert run("proof", "LPMN", "--to", ANA, "--to", stranger, "--yes").exit_code == 0
        assert run("proof", "LPMN", "--to", "cy@team.network.example").exit_code == 0
        room.file("newsletter.toml", f'{TOML}\n[proof]\ndomains = ["notnetwork.example"]\n')
        assert run("proof", "LPMN", "--to", stranger).exit_code == 0
    assert len(server.mails) == 3


@pytest.mark.parametrize(("answer", "mails"), [("y", 1), ("n", 0), ("", 0)])
def test_on_a_terminal_strangers_are_asked_about(room: Room, answer: str, mails: int) -> None:
    command = [sys.executable, "-m", "newsletter", "--newsroom", str(room.root), "proof", "LPMN"]
    with mail_server() as server:
        environment = {**os.environ, "NEWSLETTER_SMTP_URL": server.url()}
        with Terminal([*command, "--to", "cy@elsewhere.example"], environment) as terminal:
            terminal.read_until(
                "cy@elsewhere.example is outside the newsroom's own domains. Send it there too? [y/N]: "
            )
            terminal.type(answer)
            seen = terminal.read_to_end()
            assert terminal.exit_code == (0 if mails else 1)
    assert ("nothing was sent" in seen) == (mails == 0)
    assert len(server.mails) == mails


def test_an_issue_without_a_sender_is_not_sent(room: Room, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    room.file("newsletter.toml", TOML.replace('sender_address = "news@network.example"\n', ""))
    monkeypatch.setenv("NEWSLETTER_SMTP_URL", "smtp://localhost:1")
    result = run("proof", "LPMN", "--to", ANA)
    assert result.exit_code == 1
    assert result.stderr == (
        "newsletter.toml:1: 2024-09/state-LPMN has no sender address, so no mail server takes it\n"
        '  hint: set sender_address = "news@…" under [organization], a publication or a chapter\n'
    )


# Encryption and login.


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_tls_with_a_certificate_that_holds_and_a_login(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch, authority: tuple[trustme.CA, Path], scheme: str
) -> None:
    tls = certified(authority, "localhost")
    with mail_server(tls=tls, is_tls_from_start=scheme == "smtps", has_auth=True) as server:
        query = "?encryption=starttls" if scheme == "smtp" else ""
        login = "desk%40network.example:s3cret%20p%C3%A4ssw%C3%B6rd%2F%25@"
        monkeypatch.setenv("NEWSLETTER_SMTP_URL", server.url(scheme, login, query))
        result = run("proof", "LPMN", "--to", ANA)
    assert result.exit_code == 0, result.stderr
    assert server.was_encrypted == [True]
    assert server.logins == [PASSWORD.encode()]


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_certificate_that_nobody_vouches_for_ends_it_before_the_password(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch, authority: tuple[trustme.CA, Path], scheme: str
) -> None:
    tls = certified(authority, "localhost")
    with mail_server(tls=tls, is_tls_from_start=scheme == "smtps", has_auth=True) as server:
        query = "?encryption=starttls" if scheme == "smtp" else ""
        monkeypatch.setenv("NEWSLETTER_SMTP_URL", server.url(scheme, "desk:hunter2@", query))
        result = run("proof", "LPMN", "--to", ANA)
    assert result.exit_code == 3
    assert re.search(
        rf"^the certificate of localhost:{server.port} is not valid \(unable to get local issuer certificate\), so "
        r"nothing was sent\n  hint: check the host's name; if it is right, ask whoever runs the server\n",
        result.stderr,
        re.MULTILINE,
    )
    assert not server.logins
    assert not server.mails


@pytest.mark.usefixtures("trusted")
def test_a_certificate_of_another_host_does_not_hold(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch, authority: tuple[trustme.CA, Path]
) -> None:
    with mail_server(tls=certified(authority, "mail.elsewhere.example")) as server:
        monkeypatch.setenv("NEWSLETTER_SMTP_URL", server.url(query="?encryption=starttls"))
        result = run("proof", "LPMN", "--to", ANA)
    assert result.exit_code == 3
    assert "is not valid (Hostname mismatch, certificate is not valid for 'localhost'.)" in result.stderr
    assert not server.mails


def test_a_server_without_the_encryption_that_was_asked_for_gets_nothing(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server(has_auth=True) as server:
        monkeypatch.setenv("NEWSLETTER_SMTP_URL", server.url(login="desk:hunter2@", query="?encryption=starttls"))
        result = run("proof", "LPMN", "--to", ANA)
        monkeypatch.setenv("NEWSLETTER_SMTP_URL", server.url("smtps"))
        second = run("proof", "LPMN", "--to", ANA)
    hint = "smtps:// goes with port 465, smtp:// with port 587 or 25"
    assert result.exit_code == second.exit_code == 3
    assert result.stderr.endswith(
        f"localhost:{server.port} offers no encryption, so nothing was sent\n"
        f"  hint: {hint}; for a server that has none, add ?encryption=none\n"
    )
    assert second.stderr.endswith(
        f"localhost:{server.port} does not speak TLS as it should, so nothing was sent\n  hint: {hint}\n"
    )
    assert not server.logins
    assert not server.mails


@pytest.mark.parametrize(
    ("typed", "server"),
    [
        ("smtp://mail.network.example", ("mail.network.example", 587, "starttls", "", "")),
        ("smtp://u:p@mail.network.example:25", ("mail.network.example", 25, "starttls", "u", "p")),
        ("smtps://mail.network.example", ("mail.network.example", 465, "tls", "", "")),
        ("smtp://mail.network.example?encryption=none", ("mail.network.example", 25, "none", "", "")),
        ("smtp://localhost:1025", ("localhost", 1025, "none", "", "")),
        ("smtp://[::1]:1025/", ("::1", 1025, "none", "", "")),
        ("smtp://u%40x:p%2F%C3%BC@127.0.0.1:25?encryption=starttls", ("127.0.0.1", 25, "starttls", "u@x", "p/ü")),
    ],
)
def test_an_address_of_a_server_says_host_port_encryption_and_login(
    typed: str, server: tuple[str, int, str, str, str]
) -> None:
    read = read_server(typed)
    assert (read.host, read.port, read.encryption, read.user, read.password) == server


@pytest.mark.parametrize(
    "typed",
    [
        *("mail.network.example", "http://mail.network.example", "smtp://", "smtp://host:port", "smtp://u:hunter2/@h"),
        *(
            "smtp://u:hunter2#@h",
            "smtp://u:hunter2?@h",
            "smtp://u:12/hunter2@h",
            "smtp://h?hunter2=1",
            "smtp://h/inbox",
        ),
        *(
            "smtp://[hunter2",
            "smtp://u:hunter2@h:99999",
            "smtp://h?encryption=maybe",
            "smtp://:hunter2@h",
            "smtp://u%0A:hunter2@h",
        ),
    ],
)
def test_what_is_no_servers_address_is_refused_without_repeating_it(typed: str) -> None:
    with pytest.raises(Refused) as caught:
        read_server(typed)
    assert "hunter2" not in f"{caught.value.message} {caught.value.hint} {caught.value!r}"


def test_a_password_never_goes_out_unencrypted_to_another_machine(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSLETTER_SMTP_URL", "smtp://desk:hunter2@mail.network.example?encryption=none")
    result = run("proof", "LPMN", "--to", ANA)
    assert result.exit_code == 3
    assert result.stderr.endswith(
        "mail.network.example:25 would get the password unencrypted\n"
        "  hint: take encryption=none away, or the password\n"
    )


# Where the password comes from, and that it goes nowhere.


def stated(room: Room, port: int) -> None:
    """State the server in newsletter.toml."""
    proof = f'\n[proof]\nserver = "smtp://localhost:{port}"\nuser = "{USER}"\ntimeout = 20\n'
    room.file("newsletter.toml", TOML + proof)


def test_the_password_comes_from_the_environment_or_the_keyring(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch, ring: Ring
) -> None:
    with mail_server(has_auth=True) as server:
        stated(room, server.port)
        result = run("proof", "LPMN", "--to", ANA)
        assert result.exit_code == 3
        assert result.stderr.endswith(
            f"there is no password for {USER} at localhost:{server.port}\n"
            "  hint: set NEWSLETTER_SMTP_PASSWORD, or run the command in a terminal: it asks\n"
        )
        ring.set_password("newsletter localhost", USER, PASSWORD)
        assert run("proof", "LPMN", "--to", ANA).exit_code == 0
        ring.set_password("newsletter localhost", USER, "old")
        monkeypatch.setenv("NEWSLETTER_SMTP_PASSWORD", PASSWORD)
        assert run("proof", "LPMN", "--to", ANA).exit_code == 0
        keyring.set_keyring(Locked())
        assert run("proof", "LPMN", "--to", ANA).exit_code == 0
    assert server.logins == [PASSWORD.encode()] * 3


def test_on_a_terminal_the_password_is_asked_for_and_not_shown(room: Room) -> None:
    command = [sys.executable, "-m", "newsletter", "--newsroom", str(room.root), "proof", "LPMN", "--to", ANA]
    with mail_server(has_auth=True) as server:
        stated(room, server.port)
        environment = {**os.environ, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
        with Terminal(command, environment) as terminal:
            terminal.read_until(f"password of {USER} at localhost: ")
            terminal.type(PASSWORD)
            terminal.read_until("Keep the password in this computer's keyring? [y/N]: ")
            terminal.type("y")
            seen = terminal.read_to_end()
            assert terminal.exit_code == 0
    assert PASSWORD not in seen
    assert "there is no keyring here; you will be asked again" in seen
    assert server.logins == [PASSWORD.encode()]


@pytest.mark.parametrize(
    "line",
    [
        'server = "smtp://desk:hunter2@mail.network.example"',
        'password = "hunter2"',
        'server = "smtp://desk%40network.example:hunter2@mail.network.example:587"',
    ],
)
def test_a_password_in_newsletter_toml_is_a_fault_and_is_not_repeated(room: Room, run: Run, line: str) -> None:
    room.file("newsletter.toml", f"{TOML}\n[proof]\n{line}\n")
    result = run("proof", "LPMN", "--to", ANA)
    key, number = line.partition(" ")[0], TOML.count("\n") + 3
    assert (result.exit_code, result.stderr) == (
        1,
        f"newsletter.toml:{number}: {key}: a password has no place in this file\n"
        "  hint: take it out, and change it if anybody saw it; set NEWSLETTER_SMTP_PASSWORD, or let "
        "`newsletter proof` ask\n",
    )


@pytest.mark.parametrize("step", ["AUTH", "MAIL", "RCPT", "DATA", "content"])
def test_a_server_that_repeats_the_password_is_not_quoted_with_it(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    form = "AGRlc2sAaHVudGVyMi1sb25n"  # base64 of NUL desk NUL hunter2-long
    with mail_server(has_auth=True, mood=(step, f"550 hunter2-long {form} aHVudGVyMi1sb25n is wrong")) as server:
        monkeypatch.setenv("NEWSLETTER_SMTP_URL", server.url(login="desk:hunter2-long@"))
        if step != "AUTH":
            monkeypatch.setattr("tests.mailserver.USER", "desk")
            monkeypatch.setattr("tests.mailserver.PASSWORD", "hunter2-long")
        result = run("proof", "LPMN", "--to", ANA)
    assert result.exit_code == 3
    assert "550 … … … is wrong" in result.stderr
    for secret in ("hunter2", form, "aHVudGVyMi1sb25n"):
        assert secret not in result.output


def test_a_password_shows_in_no_repr_and_no_file(room: Room, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "hunter2" not in repr(Server(host="h", port=1, encryption="tls", user="u", password="hunter2"))
    with mail_server(has_auth=True) as server:
        stated(room, server.port)
        monkeypatch.setenv("NEWSLETTER_SMTP_PASSWORD", PASSWORD)
        result = run("proof", "LPMN", "--to", ANA)
    assert result.exit_code == 0
    assert PASSWORD not in result.output
    for file in room.root.rglob("*"):
        assert not file.is_file() or PASSWORD.encode() not in file.read_bytes()


def test_a_wrong_password_is_one_worded_line(room: Room, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_server(has_auth=True) as server:
        monkeypatch.setenv("NEWSLETTER_SMTP_URL", server.url(login="desk:hunter2@"))
        result = run("proof", "LPMN", "--to", ANA)
    assert result.exit_code == 3
    assert result.stderr.endswith(
        f"localhost:{server.port} refused the login of desk: 535 5.7.8 Authentication credentials invalid\n"
        "  hint: check user and password\n"
    )


def test_a_server_without_logins_is_not_told_the_password(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server() as server:
        monkeypatch.setenv("NEWSLETTER_SMTP_URL", server.url(login="desk:hunter2@", query="?encryption=none"))
        result = run("proof", "LPMN", "--to", ANA)
    assert result.exit_code == 3
    assert "offers no way to log in that we know, so nothing was sent\n" in result.stderr
    assert not server.mails


# Servers that refuse, fall silent, hang up.


def refused(room: Room, run: Run, monkeypatch: pytest.MonkeyPatch, step: str, mood: str) -> tuple[str, int]:
    """Return the words after the list of recipients, the port masked, and how many mails the server kept."""
    has_auth = step == "AUTH"
    with mail_server(mood=(step, mood), has_auth=has_auth) as server:
        monkeypatch.setenv("NEWSLETTER_SMTP_URL", server.url(login="desk:hunter2@" if has_auth else ""))
        result = run("proof", "LPMN", "--to", ANA)
    assert (result.exit_code, result.stdout) == (3, "")
    words = result.stderr.partition(f"  {ANA}\n")[2]
    return words.replace(f":{server.port}", ""), len(server.mails)


REFUSALS = {
    "greeting": "localhost would not talk to us, so nothing was sent",
    "EHLO": "localhost would not talk to us, so nothing was sent",
    "AUTH": "localhost refused the login of desk",
    "MAIL": "localhost refused the sender news@network.example, so nothing was sent",
    "DATA": "localhost refused the mail, so nothing was sent",
    "content": "localhost refused the mail, so nothing was sent",
}


@pytest.mark.parametrize("code", ["451 try again", "554 go away"])
@pytest.mark.parametrize("step", REFUSALS)
def test_a_refusal_at_any_step_is_one_worded_line(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch, step: str, code: str
) -> None:
    words, mails = refused(room, run, monkeypatch, step, code)
    hint = {"AUTH": "check user and password"}.get(step, "it may work later" if code.startswith("4") else "")
    assert words == f"{REFUSALS[step]}: {code}\n" + (f"  hint: {hint}\n" if hint else "")
    assert mails == 0


@pytest.mark.parametrize("code", ["451 try again", "554 go away"])
def test_a_refused_starttls_is_one_worded_line(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch, authority: tuple[trustme.CA, Path], code: str
) -> None:
    with mail_server(tls=certified(authority, "localhost"), mood=("STARTTLS", code)) as server:
        monkeypatch.setenv("NEWSLETTER_SMTP_URL", server.url(query="?encryption=starttls"))
        result = run("proof", "LPMN", "--to", ANA)
    assert result.exit_code == 3
    assert f"localhost:{server.port} would not encrypt, so nothing was sent: {code}\n" in result.stderr
    assert not server.mails


@pytest.mark.parametrize("code", ["451 try again", "550 no such user"])
def test_when_all_recipients_are_refused_nothing_is_sent(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    words, mails = refused(room, run, monkeypatch, "RCPT", code)
    assert words == f"localhost refused every recipient, so nothing was sent\n  {ANA}: {code}\n"
    assert mails == 0


def test_partial_refusals_are_told_by_address_and_the_others_have_it(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server(refuses={BO: "550 no such user here"}) as server:
        monkeypatch.setenv("NEWSLETTER_SMTP_URL", server.url())
        result = run("proof", "LPMN", "--to", ANA, "--to", BO)
    assert (result.exit_code, result.stdout) == (3, f"sent to {ANA}\n")
    assert result.stderr.endswith(
        f"localhost:{server.port} refused 1 of 2 recipients; the others have it\n  {BO}: 550 no such user here\n"
    )
    assert [mail.rcpt_tos for mail in server.mails] == [[ANA]]


@pytest.mark.parametrize("step", ["greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("mood", [HANG, CLOSE])
def test_a_server_that_hangs_or_hangs_up_before_the_mail_has_sent_nothing(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch, step: str, mood: str
) -> None:
    room.file("newsletter.toml", f"{TOML}\n[proof]\ntimeout = 2\n")
    words, mails = refused(room, run, monkeypatch, step, mood)
    check = "check host and port of the mail server"
    ports = "smtps:// goes with port 465, smtp:// with port 587 or 25"
    hung = f"localhost did not answer within 2 seconds, so nothing was sent\n  hint: {check}; {ports}\n"
    closed = f"localhost hung up, so nothing was sent\n  hint: try again later, or {check}\n"
    assert words == (hung if mood == HANG else closed)
    assert mails == 0


@pytest.mark.parametrize("mood", [HANG, CLOSE, "nonsense"])
def test_a_server_lost_after_the_mail_may_have_sent_it_and_is_not_asked_twice(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch, mood: str
) -> None:
    room.file("newsletter.toml", f"{TOML}\n[proof]\ntimeout = 2\n")
    words, mails = refused(room, run, monkeypatch, "content", mood)
    assert words == (
        "the mail may have been sent: localhost did not say what became of it\n"
        "  hint: ask a recipient before you send it again; nothing is tried twice on its own\n"
    )
    assert mails == (0 if mood == "nonsense" else 1)


def test_a_mail_larger_than_the_server_takes_is_not_begun(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server(size=1000) as server:
        monkeypatch.setenv("NEWSLETTER_SMTP_URL", server.url())
        result = run("proof", "LPMN", "--to", ANA)
    assert result.exit_code == 3
    assert re.search(r"the proof has 0\.0 MB, localhost:[0-9]+ takes 0\.0\n  hint: use smaller", result.stderr)
    assert not server.mails


def test_where_no_server_is_named_or_answers_the_way_out_is(
    room: Room, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run("proof", "LPMN", "--to", ANA)
    assert (result.exit_code, result.stderr) == (
        2,
        "no mail server is named\n"
        "  hint: set NEWSLETTER_SMTP_URL=smtp://user@host:587, or server and user under [proof] in newsletter.toml\n",
    )
    with mail_server() as server:
        gone = server.url()
    monkeypatch.setenv("NEWSLETTER_SMTP_URL", gone)
    result = run("proof", "LPMN", "--to", ANA)
    assert result.exit_code == 3
    assert result.stderr.endswith(
        f"no mail server answers at localhost:{server.port}\n  hint: check host and port of the mail server\n"
    )
    monkeypatch.setenv("NEWSLETTER_SMTP_URL", "mail.network.example")
    result = run("proof", "LPMN", "--to", ANA)
    assert result.exit_code == 2
    assert result.stderr == (
        "NEWSLETTER_SMTP_URL: this is not the address of a mail server\n"
        "  hint: write smtp://user@mail.network.example:587, or smtps:// with port 465; in a user or password, write "
        "%40 for @, %3A for :, %2F for /\n"
    )
