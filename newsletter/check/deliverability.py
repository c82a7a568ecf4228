"""Rules about arriving, and about the law: who sends, how to leave, what filters dislike."""

import re
from collections.abc import Iterator

from newsletter.check import lists
from newsletter.check.cover import place_of
from newsletter.check.page import Page, long_words, readable
from newsletter.check.registry import Found, rule
from newsletter.check.subject import Subject
from newsletter.model import Level

# Words that the text may lack.
_FEW = 8
# Signs of a text that tell whether it has some words.
_BEGINNING = 1000
# Characters that may be hidden, and those that are not counted (the rule of @emailens/engine 0.9, read 2026-11-26).
_MOST_HIDDEN = 200
_NO_WIDTH = re.compile("[\u00ad\u180e\u200b-\u200f\u2060\ufeff]")


@rule("no-sender", Level.ERROR)
def no_sender(subject: Subject) -> Iterator[Found]:
    """A mail without a sender's address can't be answered, and no provider sends it."""
    if not subject.cover.sender_address:
        yield Found(
            place=subject.sources.setting("sender_address"),
            message=f"{subject.issue.id} has no sender address",
            hint='set sender_address = "news@your-site.org" under [organization], a publication or a chapter',
        )


@rule("free-mail-sender", Level.ERROR)
def free_mail_sender(subject: Subject) -> Iterator[Found]:
    """Gmail, Yahoo and their like refuse mails that claim to come from one of their mailboxes and don't."""
    domain = subject.cover.sender_address.rpartition("@")[2].lower()
    if domain in lists.hosts("free_mail"):
        yield Found(
            place=subject.sources.setting("sender_address"),
            message=f"the sender is a mailbox at {domain}, which nobody else may send for",
            hint="send from an address of your own domain",
        )


@rule("placeholder-sender", Level.ERROR)
def placeholder_sender(subject: Subject) -> Iterator[Found]:
    """A mail from an address that the settings were delivered with is refused, and answers to it reach nobody."""
    for key in ("sender_address", "reply_to", "press_contact"):
        address = getattr(subject.issue.settings, key)
        if lists.placeholder_host(address):
            yield Found(
                place=subject.sources.setting(key),
                message=f"{key} is still '{address}'",
                hint="put your own address in its place",
            )


@rule("no-reply-address", Level.ADVICE)
def no_reply_address(subject: Subject) -> Iterator[Found]:
    """A noreply address tells members that nobody listens; answers also teach filters that the mail is wanted."""
    key = "reply_to" if subject.cover.reply_to else "sender_address"
    address = subject.cover.reply_to or subject.cover.sender_address
    if re.match(r"(?i)(?:no|do-?not)[-_.]?reply", address):
        yield Found(
            place=subject.sources.setting(key),
            message=f"answers go to {address}, where nobody reads them",
            hint='set reply_to = "hello@your-site.org"',
        )


@rule("no-postal-address", Level.ERROR)
def no_postal_address(subject: Subject) -> Iterator[Found]:
    """The law (CAN-SPAM, 15 U.S.C. 7704) wants a postal address in every issue, and providers look for it."""
    if "postal_address" in subject.adds:
        return
    # Where the provider has a tag for it, the tag is the address; elsewhere it is our own setting.
    is_tag = "%%postal_address%%" in subject.email.html and "postal_address" in subject.tags
    missing = not is_tag and not _shows(subject, subject.issue.settings.postal_address)
    if missing:
        yield Found(
            place=subject.sources.setting("postal_address"),
            message=f"{subject.issue.id} shows no postal address",
            hint='set postal_address = "…" under [organization]',
        )


@rule("no-unsubscribe", Level.ERROR)
def no_unsubscribe(subject: Subject) -> Iterator[Found]:
    """A reader who can't find the way out presses 'spam', and three of those in a thousand block the whole list."""
    if "unsubscribe_url" in subject.adds:
        return
    page = subject.page
    links = [link for link in page.links if link.attrs["href"] == "%%unsubscribe_url%%"]
    has_address = "unsubscribe_url" in subject.tags or bool(subject.issue.settings.unsubscribe_url)
    if not has_address or not any(link.words for link in links):
        yield Found(
            place=subject.sources.setting("unsubscribe_url")
            if not has_address
            else page.sources.template("unsubscribe_url"),
            message=f"{subject.issue.id} has no unsubscribe link that a reader sees",
            hint='set unsubscribe_url = "https://…" under [organization]'
            if not has_address
            else "keep the link to %%unsubscribe_url%% in footer.mjml.j2",
        )


@rule("foreign-merge-tag", Level.ERROR)
def foreign_merge_tag(subject: Subject) -> Iterator[Found]:
    """Another provider's tag is not filled in: every reader sees *|FNAME|* where the name should stand."""
    for fault in subject.foreign_tags:
        yield Found(place=fault.place, message=fault.message, hint=fault.hint)


@rule("text-part-differs", Level.WARNING)
def text_part_differs(subject: Subject) -> Iterator[Found]:
    """Filters compare the plain text with the HTML; readers of the text miss what only the HTML says."""
    text = readable(subject.email.text).casefold()
    # What stands in both with the same marks beside it is in both; of most mails that leaves next to nothing.
    shown, said = set(subject.page.shown.split()), set(text.split())
    apart = set(long_words(" ".join(shown - said)))
    # What has other marks beside it in the text (`plan.` for `plan`) is soon found; few mails need the whole text read.
    if len(apart.difference(long_words(" ".join(said - shown)))) <= _FEW:
        return
    in_text = set(long_words(text))
    if len(apart - in_text) <= _FEW:
        return
    in_html = subject.page.long_words
    missing = [word for word in in_html if word not in in_text]
    if len(missing) > max(_FEW, 0.1 * len(in_html)):
        yield Found(
            place=subject.sources.template("{{ rule }}", "{{ double_rule }}"),
            message=f"{len(missing)} words of the HTML are not in the plain text: {', '.join(missing[:6])} …",
            hint="write into issue.txt.j2 what the HTML templates show",
        )


@rule("text-part-empty", Level.ERROR)
def text_part_empty(subject: Subject) -> Iterator[Found]:
    """A mail without a plain-text part can't be read on a watch or by ear alone, and costs points with filters."""
    if len(long_words(subject.delivery.text[:_BEGINNING])) < 5 and len(long_words(subject.delivery.text)) < 5:
        yield Found(
            place=subject.sources.template("{{ double_rule }}"),
            message="the plain-text part is empty",
            hint="keep the packaged issue.txt.j2",
        )


@rule("spammy-subject", Level.WARNING)
def spammy_subject(subject: Subject) -> Iterator[Found]:
    """Filters look for what junk mail shouts: such a subject sends the issue to the junk folder."""
    for key, words in (("subject", subject.cover.subject), ("preheader", subject.cover.preheader)):
        # All letters count: a Japanese subject with NPO and IT in it is not loud.
        letters = [letter for letter in words if letter.isalpha()]
        what = said = ""
        if match := lists.junk().search(words):
            what, said = f"'{match[0]}'", match[0]
        elif len(letters) > 12 and sum(letter.isupper() for letter in letters) > 0.7 * len(letters):
            what = "mostly capitals"
        elif words.count("!") >= 4 or "!!" in words:
            what, said = f"{words.count('!')} exclamation marks", "!!" if "!!" in words else "!"
        if what:
            yield Found(
                place=place_of(subject, key, said),
                message=f"the {key} has {what}",
                hint="say plainly what is in the issue",
            )


@rule("hidden-text", Level.WARNING)
def hidden_text(page: Page) -> Iterator[Found]:
    """Words that no reader sees are how junk fools filters: they pass a preheader, and no more than 200 characters."""
    for element in page.elements:
        if not element.hidden or (element.parent and element.parent.hidden):
            continue
        # What fills the preview line counts too, but for signs without any width.
        count = len(_NO_WIDTH.sub("", element.text).strip())
        if count > _MOST_HIDDEN:
            yield Found(
                place=page.template(element),
                message=f"'{element.words[:40]}' is hidden, and has {count} characters as spam filters count them",
                hint="hide a short preheader only; of what fills its line, signs without width (U+200C) do not count",
            )


@rule("mostly-pictures", Level.WARNING)
def mostly_pictures(subject: Subject) -> Iterator[Found]:
    """A mail of pictures with few words is how junk hides its words from filters; where pictures are blocked it is
    empty.
    """
    pictures = [image for image in subject.page.images if image.block is not None]
    count = sum(len(text.own_words.split()) for text in subject.page.texts if text.block is not None)
    if pictures and count < 30 * len(pictures):
        yield Found(
            place=subject.page.place(pictures[0], pictures[0].attrs.get("alt", ""), pictures[0].attrs.get("src", "")),
            message=f"{len(pictures)} picture{'s' if len(pictures) > 1 else ''} and {count} words",
            hint="write at least a paragraph for each picture",
        )


def _shows(subject: Subject, words: str) -> bool:
    if not words:
        return False
    put_in = subject.issue.settings.postal_address if "%%postal_address%%" in subject.email.html else ""
    left = set(long_words(words)).difference(long_words(put_in))
    return not left or left <= subject.page.long_words.keys()
