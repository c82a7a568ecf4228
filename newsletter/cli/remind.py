"""newsletter remind."""

from datetime import date
from typing import TYPE_CHECKING

import click

from newsletter.cli import book, cache_of, choose, month_option, newsroom_option, root_of, show

if TYPE_CHECKING:
    from newsletter.issue.reminder import Reminder

# Between two messages: no line of one looks like it.
_BETWEEN = "=" * 20


@click.command("remind", short_help="Write a message to each chapter whose items are late.")
@month_option
@click.option("--copy", "is_copied", is_flag=True, help="Put the messages on the clipboard as well.")
@newsroom_option
@click.pass_context
def remind_command(ctx: click.Context, month: str | None, is_copied: bool) -> None:
    """Write a message to each chapter whose items are late, to be pasted into a mail or a chat. Nothing is sent.

    It is in the chapter's language: what was wanted by when, what is there, what is missing, and a file to fill in.
    Late is a chapter that has fewer than three items, or none of its own, after its day (due, in newsletter.toml).
    """
    from newsletter.board import FEW, due_of, is_own, late_by
    from newsletter.issue.edition import cards_of, editions
    from newsletter.issue.reminder import reminder
    from newsletter.read.load import load

    root = root_of(ctx)
    newsroom = load(root, cache_of(root, root / "build"))
    choice = choose(newsroom, (), month)
    if choice.note:
        show.say(choice.note)
    if not choice.month:
        for empty in choice.empty:
            show.say(f"{empty.name} has no items", empty.hint)
        return
    ledger = book.read(root)
    today = date.today()
    messages: list[Reminder] = []
    days: list[date] = []
    for edition in editions(newsroom, choice.month):
        due, contact = due_of(newsroom, edition)
        if not due or not edition.chapter:
            continue
        days.append(due)
        if late_by(newsroom, edition, ledger, today):
            cards = cards_of(newsroom, edition)
            needs_own = not any(is_own(card, edition, newsroom) for card in cards)
            few = FEW if len(cards) < FEW else 0
            messages.append(reminder(newsroom, edition, due, contact, needs_own=needs_own, few=few))
    if not messages:
        _tell_nobody(choice.month, days, today)
        return
    shown = f"\n{_BETWEEN}\n\n".join(map(_message, messages))
    show.text(shown)
    for message in messages:
        if not message.contact:
            show.say(f"{message.issue} has no contact", 'write contact = "name@…" under its [chapters.…] table')
    if is_copied:
        from newsletter.cli.clipboard import copy

        counted = "the message" if len(messages) == 1 else f"{len(messages)} messages"
        show.say(f"{counted}: {copy(shown)}")


def _message(message: "Reminder") -> str:
    """Return the message as it is pasted, with the lines that a mail has above it."""
    head = [f"To: {', '.join(message.contact)}"] if message.contact else []
    return "\n".join([*head, f"Subject: {message.subject}", "", message.text])


def _tell_nobody(month: str, days: list[date], today: date) -> None:
    """Say why there is no message to write."""
    if not days:
        show.say(
            f"nobody can be late in {month}: no chapter has a day by which its items are wanted",
            "write due = 20 under [organization], a publication or a chapter: the day of the month",
        )
    elif all(today <= day for day in days):
        show.say(f"nobody is late in {month}: the first items are wanted by {min(days)}")
    else:
        show.say(f"nobody is late in {month}")
