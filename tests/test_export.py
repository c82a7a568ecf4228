"""A delivery -> the files that staff paste, for every provider; each quirk as a claim."""

import html
import json
import re
from pathlib import Path

import pytest
from lxml import etree

from newsletter.deliver import reference
from newsletter.deliver.export import export, zipped
from newsletter.deliver.providers import Provider, packaged_providers, provider_named, providers
from newsletter.deliver.tags import translate
from newsletter.deliver.wrap import go_string
from newsletter.errors import ContentError
from newsletter.issue.compose import compose
from newsletter.look.pictures import prepare
from newsletter.look.render import render
from newsletter.look.templates import Look
from newsletter.model import Email, Issue
from newsletter.read.values import PICTURE, PLACEHOLDER, without_regions
from tests.compiled import COMPILED
from tests.room import TOML, Room

ID = "2024-09/state-LPMN"
TABLE = packaged_providers()
NAMES = tuple(TABLE)
EVERYACTION = """
[providers.everyaction.tags]
unsubscribe_url = "{{unsubscribe-link}}"
"""
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000"
    "050001a5f645400000000049454e44ae426082"
)


def parts(room: Room) -> tuple[Issue, Email]:
    """Return the issue and its neutral email."""
    issue = room.issue(ID)
    pictures = prepare(issue, room.root)
    return issue, render(issue, compose(issue), pictures, Look(room.root, COMPILED))


def exported(room: Room, name: str) -> dict[str, bytes]:
    """Return the exported files."""
    issue = room.issue(ID)
    pictures = prepare(issue, room.root)
    email = render(issue, compose(issue), pictures, Look(room.root, COMPILED))
    row = provider_named(room.load().config, name)
    delivery = translate(email, issue, row, {picture.name: picture for picture in pictures.values()})
    return export(issue, compose(issue), email, delivery, row)


def page(room: Room, name: str) -> str:
    """Return the exported HTML."""
    return exported(room, name)["issue.html"].decode()


def faults(room: Room, name: str) -> list[str]:
    """Return why the export is refused."""
    with pytest.raises(ContentError) as caught:
        exported(room, name)
    return [str(fault) for fault in caught.value.faults]


@pytest.fixture
def full(room: Room) -> Room:
    """Return a newsroom whose issue has all that providers treat differently."""
    room.file("newsletter.toml", TOML + EVERYACTION)
    room.file("issues/2024-09/items/picture.png", PIXEL)
    room.item("picture", "Words with a [link](https://example.org/a).\n", image="picture.png", image_alt="A square")
    for number in range(4):
        room.item(
            f"story-{number}", "Write to [the desk](mailto:desk@network.example).\n", link="https://example.org/b"
        )
    room.front_page(ID, "Dear %%first_name|neighbor%%,\n", subject="Hello %%first_name|neighbor%% | News")
    return room


# The same render serves all.


@pytest.mark.parametrize("name", NAMES)
def test_only_tags_and_wrapping_differ_between_providers(full: Room, name: str) -> None:
    issue, email = parts(full)
    row = providers(full.load().config)[name]
    assert _undone(page(full, name), email, row) == _forward(email.html, issue, row)


def _forward(neutral: str, issue: Issue, row: Provider) -> str:
    """Put a provider's tags into the neutral HTML: a second, simpler hand at what deliver/tags.py does."""

    def is_kept(name: str) -> bool:
        return name in row.tags or name in row.elements or bool(name in row.literal and getattr(issue.settings, name))

    def tag(found: re.Match[str]) -> str:
        if found[1] in row.tags:
            return row.tags[found[1]].replace("{fallback}", found[2] or "")
        return found[2] or html.escape(str(getattr(issue.settings, found[1])))

    told = without_regions(neutral, is_kept)
    for name, element in row.elements.items():
        told = re.sub(rf'<a ([^>]*?) ?href="%%{name}%%"([^>]*)>([^<]*)</a>', rf"<{element} \1\2>\3</{element}>", told)
    told = PICTURE.sub(r"\1", told)
    if '"' in row.tags.get("first_name", ""):
        told = re.sub(r'(="[^"<>]*?)%%first_name\|([^%]*)%%', r"\1\2", told)
    told = PLACEHOLDER.sub(tag, told)
    if row.document == "fragment":
        told = told[told.index(">", told.index("<body")) + 1 : told.index("</body>")]
        arrow = r'(?:<span[^>]*aria-hidden="true"[^>]*>[^<]*</span>)?'
        told = re.sub(rf'<a ([^>]*) href="#[^"]*"([^>]*)>{arrow}(.*?)</a>', r"<span \1\2>\3</span>", told)
        told = re.sub(r'<a [^>]*href="mailto:press@[^>]*>([^<]*)</a>', r"<span>\1</span>", told)
        told = re.sub(r'<a [^>]*href="mailto:([^"]*)"[^>]*>([^<]*)</a>', r"<span>\2 (\1)</span>", told)
    return told


def _undone(wrapped: str, email: Email, row: Provider) -> str:
    """Take the wrapping off."""
    told = wrapped.removeprefix(f"{row.first_line}\n") if row.first_line else wrapped
    told = re.sub(r'\{\{ Safe ("(?:[^"\\]|\\.)*") \}\}', lambda found: json.loads(found[1]), told)
    for literal in row.once:
        told = told.replace(literal, "")
    if row.preheader == "field":
        told = told.replace('mso-hide:all">\u034f', f'mso-hide:all">{html.escape(email.cover.preheader)}\u034f', 1)
    return told


@pytest.mark.parametrize("name", NAMES)
def test_the_same_issue_gives_the_same_bytes(full: Room, name: str) -> None:
    first, second = exported(full, name), exported(full, name)
    assert first == second
    assert zipped(first, "folder") == zipped(second, "folder")


@pytest.mark.parametrize("name", NAMES)
def test_each_provider_gets_the_files_that_it_takes(full: Room, name: str) -> None:
    files = exported(full, name)
    picture = next(one for one in files if one.endswith(".png"))
    assert files[picture].startswith(b"\x89PNG")
    wanted = {"issue.html", "subject.txt", "preheader.txt", "handover.md", picture}
    if name == "mailchimp":
        wanted.add("2024-09-state-LPMN-import.zip")
    if name not in {"action-network", "constant-contact", "mailerlite"}:
        wanted.add("issue.txt")
    if name == "html":
        wanted.add("issue.eml")
    assert set(files) == wanted
    assert b"%%" not in b"".join(files.values())


# Merge tags.

FALLBACKS = {
    "html": "neighbor",
    "action-network": "neighbor",
    "everyaction": "neighbor",
    "mailchimp": "*|IF:FNAME|**|FNAME|**|ELSE:|*neighbor*|END:IF|*",
    "constant-contact": "[[FirstName]]",
    "campaign-monitor": "[firstname,fallback=neighbor]",
    "sendgrid": '{{insert first_name "default=neighbor"}}',
    "brevo": "{{ contact.FIRSTNAME|default:'neighbor' }}",
    "mailerlite": "{$name|default('neighbor')}",
    "buttondown": "{% if subscriber.metadata.first_name %}{{ subscriber.metadata.first_name }}"
    "{% else %}neighbor{% endif %}",
    "listmonk": "{{ if .Subscriber.FirstName }}{{ .Subscriber.FirstName }}{{ else }}neighbor{{ end }}",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_first_name_has_its_fallback_in_html_text_and_subject(full: Room, name: str) -> None:
    files = exported(full, name)
    assert f"Dear {FALLBACKS[name]}," in files["issue.html"].decode()
    assert files["subject.txt"].decode() == f"Hello {FALLBACKS[name]} | News\n"
    if "issue.txt" in files:
        assert f"Dear {FALLBACKS[name]}," in files["issue.txt"].decode().replace("\n", " ")


@pytest.mark.parametrize("name", NAMES)
def test_a_tag_in_the_subject_breaks_no_attribute(full: Room, name: str) -> None:
    tree = etree.fromstring(page(full, name), etree.HTMLParser())
    (body,) = tree.iterfind(".//*[@aria-roledescription]")
    assert body.get("aria-label").endswith("| News")
    # Links say where they lead.
    assert {link.get("aria-label") for link in tree.iterfind(".//a[@aria-label]")} == {
        f"Read the full story: Story {number}" for number in range(4)
    }


@pytest.mark.parametrize("name", NAMES)
def test_words_of_members_hold_no_delimiter_of_the_target(room: Room, name: str) -> None:
    room.file("newsletter.toml", TOML + EVERYACTION)
    hostile = "*|x {{ y {% z {# q [[ r [# s ${ t <@u [firstname [unsubscribe"
    room.item("one", f"Mark: {hostile} end.\n", title=hostile, link="https://example.org/?a={{b}}&c=*|d")
    files = {key: content.decode() for key, content in exported(room, name).items() if key != "handover.md"}
    room.item("one", "Mark: harmless end.\n", title="harmless", link="https://example.org/?a=b&c=d")
    tame = {key: content.decode() for key, content in exported(room, name).items() if key != "handover.md"}
    for delimiter in TABLE[name].delimiters:
        for key in ("issue.html", "issue.txt", "subject.txt", "preheader.txt"):
            assert files.get(key, "").count(delimiter) == tame.get(key, "").count(delimiter), (delimiter, key)
    seen = etree.tostring(etree.fromstring(files["issue.html"], etree.HTMLParser()), method="text", encoding="unicode")
    assert hostile in seen


# Nobody is mailed without a way out and an address.


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_unsubscribe_link_is_a_fault_unless_the_provider_adds_it(room: Room, name: str) -> None:
    room.file("newsletter.toml", TOML.replace('unsubscribe_url = "https://network.example/unsubscribe"\n', ""))
    room.item()
    wanted = {
        "html": 'newsletter.toml: a mail program gets no unsubscribe link\n  hint: set unsubscribe_url = "https://…" '
        "under [organization]",
        "everyaction": "newsletter.toml: EveryAction gets no unsubscribe link\n  hint: set its merge tag: "
        '[providers.everyaction.tags] unsubscribe_url = "…"',
    }
    if name in wanted:
        assert faults(room, name) == [wanted[name]]
    else:
        assert exported(room, name)


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_postal_address_is_a_fault_unless_the_provider_adds_it(room: Room, name: str) -> None:
    without = re.sub(r"postal_address = .*\n", "", TOML)
    room.file("newsletter.toml", without + EVERYACTION)
    room.item()
    if name in {"mailchimp", "sendgrid", "constant-contact", "action-network"}:
        assert exported(room, name)
    else:
        told = 'newsletter.toml: the issue shows no postal address\n  hint: set postal_address = "…" '
        assert faults(room, name) == [told + "under [organization]"]


@pytest.mark.parametrize("name", NAMES)
def test_a_footer_template_that_forgets_them_is_a_fault_unless_the_provider_adds_them(room: Room, name: str) -> None:
    room.file("newsletter.toml", TOML + EVERYACTION)
    room.file("templates/footer.mjml.j2", "<mj-text>Goodbye</mj-text>\n")
    room.item()
    if name in {"constant-contact", "action-network"}:
        assert exported(room, name)
        return
    label = TABLE[name].label
    assert faults(room, name) == [
        f"templates: the HTML shows no unsubscribe link, and {label} adds none\n"
        "  hint: keep {{ tags.unsubscribe_url }} in your footer template, or delete that template",
        f"templates: the HTML shows no postal address, and {label} adds none\n"
        "  hint: keep {{ tags.postal_address }} in your footer template, or delete that template",
    ]


# Action Network.


def test_action_network_gets_the_inner_part_with_absolute_links_only(full: Room) -> None:
    content = page(full, "action-network")
    assert not re.search(r"<(!doctype|html|head|body|style|title|meta)\b|</(html|body)>", content, re.IGNORECASE)
    links = re.findall(r'href="([^"]*)"', content)
    assert links
    assert all(re.match(r"https?://[^/]+", html.unescape(link)) for link in links)
    assert "the desk (desk@network.example)" in re.sub(r"<[^>]*>", "", content)
    assert "Story 3" in content
    assert "style=" in content
    assert "nsubscribe" not in content
    assert "1 Main Street" not in content


def test_action_network_refuses_a_subject_of_200_characters(room: Room) -> None:
    room.item()
    room.front_page(ID, subject="x" * 199)
    assert exported(room, "action-network")
    room.front_page(ID, subject="x" * 200)
    assert faults(room, "action-network") == [
        "issues/2024-09/state-LPMN.md:1: the subject has 200 characters; Action Network takes 199\n"
        "  hint: choose fewer headlines on the issue's front page: headlines: [one, two]"
    ]


# listmonk.


def test_listmonk_gets_every_comment_as_a_safe_string(full: Room) -> None:
    content = page(full, "listmonk")
    neutral = parts(full)[1].html
    comments = re.findall(r"<!--.*?-->", neutral, re.DOTALL)
    assert any("[if mso]" in comment for comment in comments)
    strings = re.findall(r'\{\{ Safe ("(?:[^"\\]|\\.)*") \}\}', content)
    assert [json.loads(one) for one in strings] == comments
    assert "<!--" not in re.sub(r'\{\{ Safe "(?:[^"\\]|\\.)*" \}\}', "", content)


def test_a_string_of_go_keeps_quotes_backslashes_and_lines() -> None:
    assert go_string('a "b" \\ \n\r c') == '"a \\"b\\" \\\\ \\n\\r c"'


def test_a_newsroom_can_have_the_comments_dropped(room: Room) -> None:
    room.file("newsletter.toml", TOML + '\n[providers.listmonk]\ncomments = "dropped"\n')
    room.item(body="Words that stay.\n")
    content = page(room, "listmonk")
    assert "<!--" not in content
    assert "Safe" not in content
    assert "mso |" not in content
    assert "Words that stay." in content


# Constant Contact.


def test_constant_contact_gets_one_tracking_image_and_none_of_its_forbidden_sequences(room: Room) -> None:
    room.item(title="Prices [#1] are ${5} <@home>", body="[#1] ${5} <@home>\n", link="https://example.org/${a}[#b]")
    content = page(room, "constant-contact")
    assert content.count("[[trackingImage]]") == 1
    assert content.index("[[trackingImage]]") > content.rindex("</div>")
    for sequence in ("[#", "${", "<@"):
        assert sequence not in content
    assert "Prices [#1] are ${5} <@home>" in html.unescape(content)


def test_constant_contact_refuses_more_than_150_000_characters(room: Room) -> None:
    for number in range(2):
        room.item(f"story-{number}", body="word " * 16_000 + "\n")
    (told,) = faults(room, "constant-contact")
    assert re.fullmatch(
        r"issues/2024-09: the HTML has 1[0-9]{2},[0-9]{3} characters; Constant Contact takes 150,000\n"
        r"  hint: move items to another issue",
        told,
    )


def test_a_template_with_a_forbidden_sequence_is_a_fault(room: Room) -> None:
    room.item()
    room.file("newsletter.toml", TOML + '\n[providers.constant-contact]\nforbidden = ["</table>"]\n')
    assert faults(room, "constant-contact") == [
        "issues/2024-09: the HTML holds '</table>', which Constant Contact refuses\n"
        "  hint: take it out of your templates"
    ]


# Buttondown, SendGrid, Mailchimp, Campaign Monitor.


def test_buttondown_takes_the_whole_page_in_naked_mode(full: Room) -> None:
    assert page(full, "buttondown").startswith("<!doctype html>")
    checklist = exported(full, "buttondown")["handover.md"].decode()
    assert "choose “Naked mode”" in checklist
    assert "It is a paid feature." in checklist
    assert "into naked mode" in checklist


def test_sendgrid_keeps_one_character_that_only_utf_8_has(full: Room) -> None:
    assert "\u200c" in page(full, "sendgrid")
    full.file("templates/issue.mjml.j2", _without_filler())
    assert page(full, "sendgrid").count("\u200c") == 1


def _without_filler() -> str:
    source = Path(__file__).parent.parent / "templates" / "issue.mjml.j2"
    return source.read_text("utf-8").replace("{{ cover.filler }}", "")


def test_mailchimp_gets_its_unsubscribe_tag_and_no_html_inside_any_tag(full: Room) -> None:
    files = exported(full, "mailchimp")
    content = files["issue.html"].decode()
    assert 'href="*|UNSUB|*"' in content
    assert "*|UNSUB|*" in files["issue.txt"].decode()
    assert "*|HTML:LIST_ADDRESS_HTML|*" in content
    assert "*|LIST:ADDRESSLINE|*" in files["issue.txt"].decode()
    assert all(re.fullmatch(r"[A-Z:_]+", inside) for inside in re.findall(r"\*\|(.*?)\|\*", content, re.DOTALL))


def test_campaign_monitor_gets_its_elements_in_html_and_tags_in_text(full: Room) -> None:
    files = exported(full, "campaign-monitor")
    assert re.search(r"<unsubscribe [^>]*>Unsubscribe</unsubscribe>", files["issue.html"].decode())
    assert re.search(r"<webversion [^>]*>[^<]+</webversion>", files["issue.html"].decode())
    assert "[unsubscribe]" in files["issue.txt"].decode()


@pytest.mark.parametrize("name", NAMES)
def test_a_preheader_with_a_field_of_its_own_is_not_in_the_html_as_well(full: Room, name: str) -> None:
    full.front_page(ID, preheader="What the inbox shows.")
    files = exported(full, name)
    assert files["preheader.txt"] == b"What the inbox shows.\n"
    is_inside = "What the inbox shows." in files["issue.html"].decode()
    assert is_inside == (name in {"html", "everyaction", "buttondown", "listmonk"})


# The table is the newsroom's.


def test_a_newsroom_can_make_a_provider_of_its_own(room: Room) -> None:
    own = '\n[providers.ours]\nlabel = "Ours"\nfirst_line = "<!-- ours -->"\n[providers.ours.tags]\n'
    own += 'unsubscribe_url = "<<OUT>>"\npostal_address = "<<WHERE>>"\n'
    own += '[providers.ours.steps]\nhtml = "Give it to {label}."\n'
    room.file("newsletter.toml", TOML + own)
    room.item()
    files = exported(room, "ours")
    assert files["issue.html"].startswith(b"<!-- ours -->\n")
    assert b"<<OUT>>" in files["issue.html"]
    assert b"[ ] Give it to Ours." in files["handover.md"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("max_subject = true", "newsletter.toml:49: [providers.ours] max_subject: must be a whole number"),
        ('preheader = "x"', "newsletter.toml:49: [providers.ours] preheader: 'x' is not one of field, html"),
        ('has_text = "no"', "newsletter.toml:49: [providers.ours] has_text: must be true or false, without quotes"),
        ("label = 1", "newsletter.toml:49: [providers.ours] label: must be a text"),
        ("look = [1]", "newsletter.toml:49: [providers.ours] look: must be a list of texts"),
        (r'tags = { x = "a\u0001b" }', "newsletter.toml:49: [providers.ours] tags: holds a control character"),
        (r'does = ["a\u001B[2J"]', "newsletter.toml:49: [providers.ours] does: holds a control character"),
        ('tag = "x"', "newsletter.toml:49: [providers.ours] has an unknown key 'tag'"),
        ('steps = { strat = "x" }', "newsletter.toml:49: [providers.ours] steps: there is no step 'strat'"),
    ],
)
def test_a_row_that_does_not_fit_is_a_fault_at_its_line(room: Room, line: str, told: str) -> None:
    room.file("newsletter.toml", f"{TOML}\n[providers.ours]\n{line}\n")
    at = TOML.count("\n") + 3
    with pytest.raises(ContentError) as caught:
        providers(room.load().config)
    assert str(caught.value.faults[0]).partition("\n")[0] == told.replace(":49:", f":{at}:")


def test_a_newsroom_has_fifty_providers_of_its_own_at_the_most(room: Room) -> None:
    room.file("newsletter.toml", TOML + "".join(f"[providers.p{number}]\n" for number in range(51)))
    with pytest.raises(ContentError) as caught:
        providers(room.load().config)
    assert [fault.message for fault in caught.value.faults] == ["there are 51 [providers.…] tables; the most is 50"]


def test_the_page_of_providers_names_each_and_all_its_tags() -> None:
    told = reference.providers_page()
    for name, row in TABLE.items():
        assert f"(`{name}`)" in told
        for tag in (*row.tags.values(), *row.text_tags.values()):
            assert tag.replace("|", "\\|") in told
    keys = re.findall(r"^\| `([a-z_]+)` \|", told, re.MULTILINE)
    assert keys == [
        *("like", "audiences", "url", "user"),
        *("tags", "text_tags", "elements", "adds", "literal", "delimiters", "typed", "unverified", "document"),
        *("comments", "preheader", "has_text", "takes_message", "takes_zip", "first_line", "once", "kept", "forbidden"),
        *("max_characters", "max_subject", "steps", "look", "does", "cannot"),
    ]
