"""Rules that need more than the newsroom: the web (`--online`) and SpamAssassin (`--spam`). See fetch.py, spam.py."""

from collections.abc import Iterator

from newsletter.check.registry import Found, rule
from newsletter.model import Level


@rule("dead-link", Level.ERROR)
def dead_link() -> Iterator[Found]:
    """A link that opens an error page makes a reader wonder what else is wrong. Found with --online."""
    yield from ()


@rule("moved-link", Level.ADVICE)
def moved_link() -> Iterator[Found]:
    """A page that has moved for good opens through a redirect that will end one day. Found with --online."""
    yield from ()


@rule("private-link", Level.WARNING)
def private_link() -> Iterator[Found]:
    """A document that only its owner may open shows every reader a login page. Found with --online."""
    yield from ()


@rule("spam-score", Level.WARNING)
def spam_score() -> Iterator[Found]:
    """SpamAssassin is what many mail servers ask whether a mail is junk. Asked with --spam, if it is installed."""
    yield from ()
