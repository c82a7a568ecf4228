"""Issue -> Cover: the words the inbox shows."""

import re

from newsletter.model import Cover, Issue
from newsletter.read import prose
from newsletter.read.columns import has_no_blanks, room
from newsletter.read.config import fill

# Clients show 35 to 140 characters of a preheader; one of this length leaves no room for the body to leak in.
_PREHEADER = 120
# Before that sound a Spanish "y" is an "e": `cine e historia`, but `nieve y hielo`.
_SPANISH_I = re.compile(r"(?:i|hi(?![aeo]))", re.IGNORECASE)


def compose(issue: Issue) -> Cover:
    """Return sender, subject and preheader in one line each; placeholders in them are still neutral."""
    settings = issue.settings
    headlines, left = _headlines(issue)
    return Cover(
        sender_name=settings.sender_name or issue.organization,
        sender_address=settings.sender_address,
        reply_to=settings.reply_to,
        subject=_subject(issue, headlines, more=bool(left)),
        preheader=settings.preheader or _preheader(issue, left),
    )


def join(headlines: list[str], more: str, *, follows: bool, comma: str = ", ", joined: str = " & ") -> str:
    """Join headlines as people write them, with the `comma` and the "and" of their language.

    One alone stands alone. When more items follow, the list ends in the `more` phrase, which brings its own comma if
    it wants one (`, & more!`); when none follow, in `&`, with a comma before it where the phrase has one.
    """
    if len(headlines) < 2:
        return "".join(headlines)
    if follows and more:
        listed = comma.join(headlines)
        # Chinese has no blanks between words.
        is_close = more.startswith((",", comma.strip())) or has_no_blanks(more[0])
        return f"{listed}{more}" if is_close else f"{listed} {more}"
    serial = comma.rstrip() if more.startswith((",", comma.strip())) and len(headlines) > 2 else ""
    if joined == " y " and _SPANISH_I.match(headlines[-1]):
        joined = " e "
    return f"{comma.join(headlines[:-1])}{serial}{joined}{headlines[-1]}"


def _headlines(issue: Issue) -> tuple[list[str], list[str]]:
    """Return the headlines for the subject, and those of the items that it does not name."""
    items = [story.item for story in issue.stories]
    if not issue.headlines:
        named = items[: issue.settings.headlines]
        return [item.headline for item in named], [item.headline for item in items[len(named) :]]
    words = [headline.words for headline in issue.headlines]
    paths = {headline.item.path for headline in issue.headlines if headline.item}
    left = [item.headline for item in items if item.path not in paths and item.headline not in words]
    # A headline in the front page's own words stands for one item, whichever it is.
    return words, left if len(items) > len(issue.headlines) else []


def _subject(issue: Issue, headlines: list[str], *, more: bool) -> str:
    if issue.front_page and "subject" in issue.front_page.own:
        return issue.settings.subject
    words = {
        "title": issue.settings.title,
        "emoji": issue.settings.emoji,
        "headlines": join(
            headlines, issue.settings.more, follows=more, comma=issue.words.comma, joined=issue.words.joined
        ),
        "period": issue.period,
        "chapter": issue.chapter.code if issue.chapter else "",
        "chapter_name": issue.chapter.name if issue.chapter else "",
        "organization": issue.organization,
        "short_name": issue.short_name,
        "month": issue.month,
        "id": issue.id,
    }
    # Not at the bar of %%first_name|friend%%, which has no blanks around it.
    parts = (fill(part, words) for part in re.split(r"(?:^|[ \t])\|(?=[ \t]|$)", issue.settings.subject))
    return " | ".join(filter(None, (re.sub(r"[ \t\n]+", " ", part).strip(" ") for part in parts)))


def _preheader(issue: Issue, left: list[str]) -> str:
    """Return what the subject did not say: the other headlines, else the greeting, else the first story's words."""
    if left:
        named = ""
        for headline in left:
            longer = f"{named}{issue.words.comma}{headline}" if named else headline
            if named and room(longer) > _PREHEADER:
                break
            named = longer
        return fill(issue.words.also, {"headlines": named})
    greeting = issue.front_page.greeting if issue.front_page else issue.settings.greeting
    stories = ((story.item.body, story.typeset_in) for story in issue.stories)
    for words, language in ((greeting, issue.typeset_in), *stories):
        if sentences := prose.plain(words, language):
            return _cut(sentences)
    return ""


def _cut(sentences: str) -> str:
    """Return the beginning of the words, ended at a sentence if one ends in time, else at a word."""
    if room(sentences) <= _PREHEADER:
        return sentences
    most = next(number for number in range(len(sentences) + 1) if room(sentences[:number]) > _PREHEADER)
    whole = sentences[:most]
    end = max(whole.rfind(mark) for mark in (". ", "! ", "? ", "。", "！", "？", "؟ "))
    if end >= most // 3:
        return whole[: end + 1]
    if has_no_blanks(whole):
        return whole[:-1].rstrip("，、；：,;: ") + "…"
    return whole[: whole.rfind(" ")].rstrip(",;:") + " …"
