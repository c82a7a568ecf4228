"""The rules."""

from collections.abc import Iterator

from newsletter.check import Found, Subject, rule
from newsletter.errors import Place
from newsletter.model import Level

# Gmail hides what follows about 102 kB of HTML; tracking links, which the provider adds, make it grow on the way.
CLIP_WARNING, CLIP_ERROR = 80_000, 100_000


@rule("gmail-clips", Level.WARNING)
def gmail_clips(subject: Subject) -> Iterator[Found]:
    """Gmail hides all that follows about 102 kB of HTML, the unsubscribe link with it."""
    size = len(subject.delivery.html.encode())
    if size < CLIP_WARNING:
        return
    heaviest = sorted(subject.email.blocks, key=lambda block: block.start - block.end)[:3]
    named = ", ".join(f"{block.place.file} {(block.end - block.start) / 1000:.1f} kB" for block in heaviest)
    yield Found(
        place=heaviest[0].place if heaviest else Place(file="newsletter.toml"),
        message=f"the HTML of {subject.issue.id} is {size / 1000:.0f} kB; Gmail clips near 102 kB",
        hint=f"shorten the heaviest: {named}" if named else "shorten the issue",
        level=Level.ERROR if size >= CLIP_ERROR else None,
    )


@rule("picture-without-alt", Level.WARNING)
def picture_without_alt(subject: Subject) -> Iterator[Found]:
    """Readers who can't see a picture, or whose mail program blocks it, get nothing in its place."""
    for story in subject.issue.stories:
        item = story.item
        for file in filter(None, (item.picture, *item.body_pictures.values())):
            if not file.alt:
                yield Found(
                    place=file.place,
                    message=f"picture '{file.source}' has no alt text",
                    hint="say in a few words what it shows: image_alt: Two council members plant a tree",
                )


@rule("no-sender", Level.ERROR)
def no_sender(subject: Subject) -> Iterator[Found]:
    """A mail without a sender's address can't be answered, and no provider sends it."""
    if not subject.cover.sender_address:
        yield Found(
            place=Place(file="newsletter.toml"),
            message=f"{subject.issue.id} has no sender address",
            hint='set sender_address = "news@example.org" under [organization], a publication or a chapter',
        )


@rule("no-preheader", Level.ADVICE)
def no_preheader(subject: Subject) -> Iterator[Found]:
    """Without a preheader the inbox shows whatever words come first, often a link to the browser view."""
    if not subject.cover.preheader:
        front = subject.issue.front_page
        yield Found(
            place=front.place() if front else Place(file="newsletter.toml"),
            message=f"{subject.issue.id} has nothing to show after the subject",
            hint="write preheader: … on its front page",
        )
