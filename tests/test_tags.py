"""Neutral placeholders -> the provider's merge tags, byte for byte; members' words can't become one."""

import html
import re

import pytest

from newsletter.deliver import tags
from newsletter.deliver.providers import providers
from newsletter.deliver.tags import typed_tags
from newsletter.errors import ContentError
from newsletter.line import Builder
from tests.compiled import COMPILED
from tests.room import Room

ISSUE = "2024-09/state-LPMN"
ALL = (
    "html",
    "action-network",
    "everyaction",
    "mailchimp",
    "constant-contact",
    "campaign-monitor",
    "sendgrid",
    "brevo",
    "mailerlite",
    "buttondown",
    "listmonk",
)
EVERYACTION = '[providers.everyaction.tags]\nunsubscribe_url = "[[unsub]]"\n'
ADDRESS = "Example Network, 1 Main Street, Saint Paul, MN 55101"
WEB = "https://network.example/2024-09/state-LPMN"
LEAVE = "https://network.example/unsubscribe"
BUTTONDOWN = "{% if subscriber.metadata.first_name %}{{ subscriber.metadata.first_name }}{% else %}friend{% endif %}"

# Provider: how its tags come out in HTML, then in text; None where the mail goes without.
TAGS: dict[str, dict[str, tuple[str | None, str | None]]] = {
    "html": {
        "unsubscribe_url": (f'href="{LEAVE}"', LEAVE),
        "browser_url": (f'href="{WEB}"', WEB),
        "postal_address": (ADDRESS, ADDRESS),
        "first_name": ("Dear friend,", "Dear friend,"),
    },
    "action-network": {
        "unsubscribe_url": (None, None),
        "browser_url": (None, None),
        "postal_address": (None, None),
        "first_name": ("Dear friend,", "Dear friend,"),
    },
    "everyaction": {
        "unsubscribe_url": ('href="[[unsub]]"', "[[unsub]]"),
        "browser_url": (None, None),
        "postal_address": (ADDRESS, ADDRESS),
        "first_name": ("Dear friend,", "Dear friend,"),
    },
    "mailchimp": {
        "unsubscribe_url": ('href="*|UNSUB|*"', "*|UNSUB|*"),
        "browser_url": ('href="*|ARCHIVE|*"', "*|ARCHIVE|*"),
        "postal_address": (">*|HTML:LIST_ADDRESS_HTML|*<", "*|LIST:ADDRESSLINE|*"),
        "first_name": (
            "Dear *|IF:FNAME|**|FNAME|**|ELSE:|*friend*|END:IF|*,",
            "Dear *|IF:FNAME|**|FNAME|**|ELSE:|*friend*|END:IF|*,",
        ),
    },
    "constant-contact": {
        "unsubscribe_url": (None, None),
        "browser_url": (None, None),
        "postal_address": (None, None),
        "first_name": ("Dear [[FirstName]],", "Dear [[FirstName]],"),
    },
    "campaign-monitor": {
        "unsubscribe_url": (">Unsubscribe</unsubscribe>", "[unsubscribe]"),
        "browser_url": (">View this email in your browser</webversion>", "[webversion]"),
        "postal_address": (ADDRESS, ADDRESS),
        "first_name": ("Dear [firstname,fallback=friend],", "Dear [firstname,fallback=friend],"),
    },
    "sendgrid": {
        "unsubscribe_url": ('href="{{{unsubscribe}}}"', "{{{unsubscribe}}}"),
        "browser_url": ('href="{{{weblink}}}"', "{{{weblink}}}"),
        "postal_address": (
            ">{{Sender_Address}}, {{Sender_City}}, {{Sender_State}} {{Sender_Zip}}<",
            "{{Sender_Address}}, {{Sender_City}}, {{Sender_State}} {{Sender_Zip}}",
        ),
        "first_name": (
            'Dear {{insert first_name "default=friend"}},',
            'Dear {{insert first_name "default=friend"}},',
        ),
    },
    "brevo": {
        "unsubscribe_url": ('href="{{ unsubscribe }}"', "{{ unsubscribe }}"),
        "browser_url": ('href="{{ mirror }}"', "{{ mirror }}"),
        "postal_address": (ADDRESS, ADDRESS),
        "first_name": (
            "Dear {{ contact.FIRSTNAME|default:'friend' }},",
            "Dear {{ contact.FIRSTNAME|default:'friend' }},",
        ),
    },
    "mailerlite": {
        "unsubscribe_url": ('href="{$unsubscribe}"', "{$unsubscribe}"),
        "browser_url": ('href="{$url}"', "{$url}"),
        "postal_address": (ADDRESS, ADDRESS),
        "first_name": ("Dear {$name|default('friend')},", "Dear {$name|default('friend')},"),
    },
    "buttondown": {
        "unsubscribe_url": ('href="{{ unsubscribe_url }}"', "{{ unsubscribe_url }}"),
        "browser_url": ('href="{{ email_url }}"', "{{ email_url }}"),
        "postal_address": (ADDRESS, ADDRESS),
        "first_name": (f"Dear {BUTTONDOWN},", f"Dear {BUTTONDOWN},"),
    },
    "listmonk": {
        "unsubscribe_url": ('href="{{ UnsubscribeURL }}"', "{{ UnsubscribeURL }}"),
        "browser_url": ('href="{{ MessageURL }}"', "{{ MessageURL }}"),
        "postal_address": (ADDRESS, ADDRESS),
        "first_name": (
            "Dear {{ if .Subscriber.FirstName }}{{ .Subscriber.FirstName }}{{ else }}friend{{ end }},",
            "Dear {{ if .Subscriber.FirstName }}{{ .Subscriber.FirstName }}{{ else }}friend{{ end }},",
        ),
    },
}
WORDS = {"unsubscribe_url": "Unsubscribe", "browser_url": "View this email", "postal_address": "1 Main Street"}


def extended(room: Room, toml: str) -> None:
    """Put more at the end of newsletter.toml."""
    room.file("newsletter.toml", (room.root / "newsletter.toml").read_text("utf-8") + "\n" + toml)


def without(room: Room, key: str) -> None:
    """Take a setting out of newsletter.toml."""
    toml = (room.root / "newsletter.toml").read_text("utf-8")
    room.file("newsletter.toml", re.sub(rf"^{key} = .*\n", "", toml, flags=re.MULTILINE))


def faults_of(room: Room, provider: str = "html") -> list[str]:
    with pytest.raises(ContentError) as caught:
        room.delivery(provider=provider)
    return [str(fault) for fault in caught.value.faults]


def test_every_provider_of_the_table_is_tested(room: Room) -> None:
    assert set(providers(room.load().config)) == set(ALL) == set(TAGS)


@pytest.mark.parametrize("provider", ALL)
def test_tags_come_out_byte_for_byte(room: Room, provider: str) -> None:
    extended(room, EVERYACTION)
    room.item("story", "Dear %%first_name|friend%%, hello.\n")
    room.front_page(ISSUE, "Hello.\n", subject="Dear %%first_name|friend%%, hello", preheader="For %%first_name|you%%")
    delivery = room.delivery(provider=provider)
    for name, (in_html, in_text) in TAGS[provider].items():
        if in_html is None:
            assert WORDS[name] not in delivery.html
        else:
            assert in_html in delivery.html
        if in_text is None:
            assert WORDS[name] not in delivery.text
        else:
            assert in_text in " ".join(delivery.text.split())
    first_name = TAGS[provider]["first_name"][1]
    assert first_name
    assert delivery.subject == f"{first_name} hello"
    assert delivery.preheader == f"For {first_name.removeprefix('Dear ').removesuffix(',').replace('friend', 'you')}"
    for part in (delivery.html, delivery.text, delivery.subject, delivery.preheader):
        assert "%%" not in part
        assert not re.search("[\x00-\x08]", part)


@pytest.mark.parametrize("provider", ALL)
def test_every_message_a_reader_gets_lets_her_leave(room: Room, provider: str) -> None:
    extended(room, EVERYACTION)
    room.item()
    delivery = room.delivery(provider=provider)
    adds = providers(room.load().config)[provider].adds
    assert ("Unsubscribe" in delivery.html) == ("unsubscribe_url" not in adds)
    assert ("Unsubscribe" in delivery.text) == ("unsubscribe_url" not in adds)


def test_a_sentence_whose_tag_a_provider_lacks_is_left_out_whole(room: Room) -> None:
    room.item("story", "Stay here. [Read it in your browser](%%browser_url%%), it is nicer. And go on.\n")
    with_it, without_it = room.delivery(provider="mailchimp"), room.delivery(provider="action-network")
    assert "it is nicer" in with_it.html
    assert "it is nicer" in with_it.text
    assert "nicer" not in without_it.html + without_it.text
    assert ">Stay here. And go on.</p>" in without_it.html
    assert "Stay here. And go on." in without_it.text


def test_a_placeholder_that_a_provider_lacks_is_a_fault_at_its_line(room: Room) -> None:
    room.item("story", title="Read %%browser_url%%")
    assert faults_of(room, "action-network")[0] == (
        "issues/2024-09/items/story.md:2: Action Network has no merge tag for '%%browser_url%%'\n"
        '  hint: leave it out, or set [providers.action-network.tags] browser_url = "…"'
    )


def test_without_a_fallback_a_name_that_nobody_knows_takes_its_sentence_along(room: Room) -> None:
    room.item("story", "Dear %%first_name%%, hello. This stays.\n")
    delivery = room.delivery()
    assert ">This stays.</p>" in delivery.html
    assert "Dear" not in delivery.text


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (
            "unsubscribe_url",
            "newsletter.toml: a mail program gets no unsubscribe link\n"
            '  hint: set unsubscribe_url = "https://…" under [organization]',
        ),
        (
            "postal_address",
            'newsletter.toml: the issue shows no postal address\n  hint: set postal_address = "…" under [organization]',
        ),
    ],
)
def test_what_the_law_wants_is_never_missing(room: Room, key: str, words: str) -> None:
    without(room, key)
    room.item()
    assert faults_of(room) == [words]


def test_a_provider_whose_unsubscribe_tag_nobody_knows_is_refused(room: Room) -> None:
    room.item()
    assert faults_of(room, "everyaction") == [
        "newsletter.toml: EveryAction gets no unsubscribe link\n"
        '  hint: set its merge tag: [providers.everyaction.tags] unsubscribe_url = "…"'
    ]


def test_a_missing_browser_view_is_simply_left_out(room: Room) -> None:
    without(room, "browser_url")
    room.item()
    delivery = room.delivery()
    assert "browser" not in delivery.html + delivery.text
    assert "Unsubscribe" in delivery.html


@pytest.mark.parametrize(
    ("provider", "typed"),
    [
        ("Mailchimp", "*|FNAME|*"),
        ("Mailchimp", "*|LIST:ADDRESSLINE|*"),
        ("listmonk", "{{ .Subscriber.FirstName }}"),
        ("listmonk", "{{UnsubscribeURL}}"),
        ("Buttondown", "{{ unsubscribe_url }}"),
        ("Buttondown", "{% if x %}"),
        ("Constant Contact", "[[FirstName]]"),
        ("SendGrid Marketing", "{{{unsubscribe}}}"),
        ("SendGrid Marketing", '{{insert first_name "default=x"}}'),
        ("Brevo", "{{ contact.FIRSTNAME }}"),
        ("MailerLite", "{$unsubscribe}"),
        ("MailerLite", "{$name}"),
        ("Campaign Monitor", "[firstname,fallback=x]"),
        ("Campaign Monitor", "<unsubscribe>"),
    ],
)
def test_a_tag_typed_by_hand_is_a_fault_with_its_line_wherever_it_stands(room: Room, provider: str, typed: str) -> None:
    body = f"One.\n\nTwo {typed} two.\n"
    picture = {"image": "https://pictures.example/a.jpg", "image_alt": f"Alt {typed}"}
    room.item("story", body, title=f"Title {typed}", location=typed, **picture)
    room.front_page(ISSUE, f"Hello {typed}\n", preheader=f"Before {typed}")
    extended(room, f"[words]\nfollow = '''Follow {typed}'''\n")
    newsroom = room.load()
    faults = typed_tags(room.issue(), providers(newsroom.config), newsroom.config)
    hint = "write a neutral placeholder: %%first_name|friend%%, %%unsubscribe_url%%, %%browser_url%%"
    assert {(str(fault.place), fault.message, fault.hint) for fault in faults} == {
        (place, f"'{typed}' is a merge tag of {provider}", hint)
        for place in (
            "issues/2024-09/items/story.md:2",
            "issues/2024-09/items/story.md:7",
            "issues/2024-09/items/story.md:9",
            "issues/2024-09/items/story.md:13",
            "issues/2024-09/state-LPMN.md:2",
            "issues/2024-09/state-LPMN.md:4",
            f"newsletter.toml:{(room.root / 'newsletter.toml').read_text('utf-8').count(chr(10))}",
        )
    }
    assert [fault.message for fault in room.build().faults] == [fault.message for fault in faults]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('title = "Wins"', 'title = "Wins *|FNAME|*"'),
        ('title = "Wins"', 'title = "Wins"\nintro = "Won by *|FNAME|*"'),
        ('title = "{chapter} State Download"', 'title = "Download of *|FNAME|*"'),
        ('name = "Minnesota"', 'name = "Minnesota"\nwhy = "For *|FNAME|*"'),
        ('press_contact = "press@network.example"', 'why = "For *|FNAME|*"'),
        (
            "[publications.network]",
            '[organization.social]\n"On *|FNAME|*" = "https://social.example"\n[publications.network]',
        ),
    ],
)
def test_a_tag_typed_into_the_settings_is_a_fault_with_its_line(room: Room, old: str, new: str) -> None:
    toml = (room.root / "newsletter.toml").read_text("utf-8")
    assert toml.count(old) == 1
    toml = toml.replace(old, new)
    room.file("newsletter.toml", toml)
    room.item()
    newsroom = room.load()
    (fault,) = typed_tags(room.issue(), providers(newsroom.config), newsroom.config)
    line = toml[: toml.index("*|FNAME|*")].count("\n") + 1
    assert (str(fault.place), fault.message) == (f"newsletter.toml:{line}", "'*|FNAME|*' is a merge tag of Mailchimp")


def test_a_tag_typed_into_a_front_pages_headlines_is_a_fault(room: Room) -> None:
    room.item()
    room.front_page(ISSUE, headlines=["One", "For *|FNAME|*"])
    newsroom = room.load()
    assert [str(one.place) for one in typed_tags(room.issue(), providers(newsroom.config), newsroom.config)] == [
        f"issues/{ISSUE}.md:2"
    ]


def test_another_chapters_settings_and_words_that_are_not_shown_are_no_faults(room: Room) -> None:
    toml = (room.root / "newsletter.toml").read_text("utf-8")
    room.file("newsletter.toml", toml.replace('name = "New York"', 'name = "New York"\nwhy = "For *|FNAME|*"'))
    room.item()
    newsroom = room.load()
    assert typed_tags(room.issue(), providers(newsroom.config), newsroom.config) == []


@pytest.mark.parametrize(
    "words", ["[email](mailto:a@b.example)", "[email][1]", "{{ x }}", "*|x|*", "[note]", "<email>", "100%"]
)
def test_what_only_resembles_a_tag_is_no_fault(room: Room, words: str) -> None:
    room.item("story", f"{words}\n")
    newsroom = room.load()
    assert typed_tags(room.issue(), providers(newsroom.config), newsroom.config) == []


HOSTILE = "*|X|* {{ x }} {{{x}}} {% x %} {# x #} [[X]] [# ${x} <@x> [firstnamex [emailx [unsubscribex {{"


@pytest.mark.parametrize("provider", ALL)
def test_members_words_can_never_become_a_tag_yet_look_the_same(room: Room, provider: str) -> None:
    extended(room, EVERYACTION)
    body = re.sub(r"([*_\[\]{}<>#!|])", r"\\\1", HOSTILE)
    room.item("story", f"{body} %%first_name|friend%% {body}\n", title=HOSTILE, location=HOSTILE, image_alt=HOSTILE)
    delivery = room.delivery(provider=provider)
    row = providers(room.load().config)[provider]
    ours = [*row.tags.values(), *row.text_tags.values()]
    for part in (delivery.html, delivery.text, delivery.subject):
        for tag in ours:
            part = part.replace(tag.replace("{fallback}", "friend"), "")
        for delimiter in row.delimiters:
            assert delimiter not in part
    name = TAGS[provider]["first_name"][0]
    assert name
    shown = html.unescape(delivery.html)
    assert f"{HOSTILE} {name.removeprefix('Dear ').removesuffix(',')} {HOSTILE}</p>" in shown
    assert f"{HOSTILE}</a></h3>" in shown
    assert HOSTILE in " ".join(delivery.text.replace("\u2060", "").split())
    assert HOSTILE in delivery.subject.replace("\u2060", "")


def test_a_delimiter_cannot_be_made_out_of_two_neighbours(room: Room) -> None:
    room.item("story", "{%%first_name|friend%%{ and\n", title="One {")
    delivery = room.delivery(provider="listmonk")
    tag = "{{ if .Subscriber.FirstName }}{{ .Subscriber.FirstName }}{{ else }}friend{{ end }}"
    assert f"&#123;{tag}{{ and" in delivery.html
    assert f"{{\u2060{tag}{{ and" in delivery.text


def test_an_address_in_text_is_not_broken_by_what_disarms_it(room: Room) -> None:
    room.item("story", link="https://network.example/{{x}}?a=*|b|*", title="{{ x }}")
    listmonk, mailchimp = room.delivery(provider="listmonk"), room.delivery(provider="mailchimp")
    assert "https://network.example/%7B%7Bx}}?a=*|b|*" in listmonk.text
    assert "https://network.example/{{x}}?a=%2A%7Cb|*" in mailchimp.text
    assert 'href="https://network.example/&#123;&#123;x}}?a=*|b|*"' in listmonk.html


def test_a_fallback_cannot_end_the_tag_it_stands_in(room: Room) -> None:
    room.item("story", 'Dear %%first_name|O\'Neil "<b>" x}}%%.\n')
    delivery = room.delivery()
    assert "Dear O&#x27;Neil &quot;&lt;b&gt;&quot; x}}." in delivery.html
    with pytest.raises(ContentError) as caught:
        room.delivery(provider="brevo")
    assert [str(fault) for fault in caught.value.faults] == [
        "issues/2024-09/items/story.md:8: '<' in the fallback 'O'Neil \"<b>\" x}}' would break the merge tag of Brevo\n"
        "  hint: write the fallback in words: %%first_name|friend%%"
    ]


def test_quotes_in_a_fallback_do_not_end_a_string_of_the_provider(room: Room) -> None:
    room.item("story", "Dear %%first_name|O'Neil%%.\n")
    delivery = room.delivery(provider="brevo")
    assert "Dear {{ contact.FIRSTNAME|default:'O&#39;Neil' }}." in delivery.html
    assert "Dear {{ contact.FIRSTNAME|default:'O’Neil' }}." in delivery.text


def test_a_fallback_is_never_markup(room: Room) -> None:
    room.item("story", "Dear %%first_name|<script>alert(1)</script>%%.\n", title="%%first_name|<i onclick=x>%%")
    assert "<script" not in room.delivery().html
    assert "<i " not in room.delivery().html


def test_a_placeholder_that_is_not_closed_swallows_nothing(room: Room) -> None:
    room.item("story", "and 50%% of it\n", title="An open %%first_name|end")
    delivery = room.delivery(provider="mailchimp")
    assert "An open %%first_name|end</a></h3>" in delivery.html
    assert "and 50%% of it</p>" in delivery.html
    assert "*|FNAME|*" not in delivery.html


@pytest.mark.parametrize(
    "typed", ["%%[unsubscribe_url%%", "%%unsubscribe_url]%%", "%%picture:a.png%%", "%%", "100%% sure"]
)
def test_what_looks_like_a_mark_of_our_own_stays_words(room: Room, typed: str) -> None:
    room.item("story", f"{typed}\n", title=f"Title {typed}")
    delivery = room.delivery()
    assert f"Title {typed}</a></h3>" in delivery.html
    assert f">{typed}</p>" in delivery.html
    assert f"Title {typed}\n" in delivery.text
    assert typed in delivery.subject


def test_control_characters_cannot_forge_a_mark_of_our_own(room: Room) -> None:
    room.item("story", "\x01unsubscribe_url\x02lost?\x03unsubscribe_url\x02 \x04a.png\x02 \x00<c>\x00\n")
    delivery = room.delivery(provider="constant-contact")
    assert "unsubscribe_urllost?unsubscribe_url a.png &lt;c&gt;</p>" in delivery.html


def test_a_newsroom_overrides_and_adds_providers(room: Room) -> None:
    extended(
        room,
        '[providers.mailchimp.tags]\nbrowser_url = "*|MINE|*"\nmember_id = "*|ID|*"\n'
        '[providers.ours]\nlabel = "Ours"\nliteral = ["postal_address"]\ndelimiters = ["<<"]\n'
        'tags = { unsubscribe_url = "<<leave>>", first_name = "<<name or {fallback}>>" }\n'
        'text_tags = { unsubscribe_url = "((leave))" }\n',
    )
    room.item("story", "Dear %%first_name|friend%%, << you are %%member_id|nobody%%.\n")
    mailchimp, ours = room.delivery(provider="mailchimp"), room.delivery(provider="ours")
    assert 'href="*|MINE|*"' in mailchimp.html
    assert 'href="*|UNSUB|*"' in mailchimp.html
    assert "you are *|ID|*." in mailchimp.html
    assert 'href="<<leave>>"' in ours.html
    assert "((leave))" in ours.text
    assert "Dear <<name or friend>>, &lt;&lt; you are nobody." in ours.html
    assert "Dear <<name or friend>>, <\u2060<\u2060 you are nobody." in ours.text
    assert ADDRESS in ours.html


def test_a_provider_table_that_misfits_is_a_fault_at_its_line(room: Room) -> None:
    first = (room.root / "newsletter.toml").read_text("utf-8").count("\n") + 2
    extended(room, '[providers.ours]\ntags = "x"\nliteral = "x"\ntyped = ["["]\ntgas = {}\n')
    with pytest.raises(ContentError) as caught:
        providers(room.load().config)
    assert [str(fault) for fault in caught.value.faults] == [
        f"newsletter.toml:{first + 1}: [providers.ours] tags: must be a table of texts\n"
        '  hint: for example { unsubscribe_url = "…" }',
        f'newsletter.toml:{first + 2}: [providers.ours] literal: must be a list of texts\n  hint: for example ["{{{{"]',
        f"newsletter.toml:{first + 3}: [providers.ours] typed: '[' is not a regular expression "
        "(unterminated character set at position 0)",
        f"newsletter.toml:{first + 4}: [providers.ours] has an unknown key 'tgas'\n  hint: did you mean 'tags'?",
    ]


def test_one_render_serves_every_provider(room: Room) -> None:
    room.item("story", "Dear %%first_name|friend%%.\n")
    email = room.email()
    assert email.html.count("%%unsubscribe_url%%") == 1
    assert email.text.count("%%unsubscribe_url%%") == 1
    assert "%%first_name|friend%%" in email.html


def test_the_newsrooms_own_provider_is_the_default(room: Room) -> None:
    toml = (room.root / "newsletter.toml").read_text("utf-8")
    room.file("newsletter.toml", toml.replace("[organization]", '[organization]\nprovider = "mailchimp"'))
    room.item()
    room.build()
    assert b"*|UNSUB|*" in room.built("issue.html")
    Builder(room.load(), room.root / "build", "brevo", cache=COMPILED).build(ISSUE)
    assert b"{{ unsubscribe }}" in room.built("issue.html")


@pytest.mark.parametrize(
    ("pattern", "begins"),
    [
        (r"\*\|(?:UNSUB|FNAME)\|\*", "*|"),
        (r"(?<!\{)\{\{\s*(?:a|b)\}\}", "{{"),
        (r"</?(?:webversion)>", "<"),
        (r"\{\{?x", "{"),
        (r"\{{2}x", ""),
        (r"\[|\{x", ""),
        (r"(?:\[|\{)x", ""),
        (r"[{]x", ""),
        (r"(?i)\{x", ""),
        ("plain", ""),
    ],
)
def test_what_a_pattern_begins_with_is_read_off_where_it_is_sure(pattern: str, begins: str) -> None:
    assert tags._opening(pattern) == begins
