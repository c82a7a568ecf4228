"""Issue -> how long it takes to read: words and minutes. Pure."""

import re
from collections.abc import Iterator
from functools import lru_cache

from newsletter.model import Issue, Section, Story
from newsletter.read import prose
from newsletter.read.columns import NO_BLANKS, has_no_blanks

# Words that an adult reads in a minute: 238 of English prose (Brysbaert 2019, over 190 studies), and fewer of what
# is full of names, as a newsletter is. Chinese and Japanese are read at 255 and 357 characters a minute
# (Trauzettel-Klosinski and Dietz 2012), so a character there counts as a word.
_A_MINUTE = 230


def words(issue: Issue) -> int:
    """Return how many words a reader has before them: greeting, intros, and each story's title, words and dates.

    A Chinese or Japanese character counts as a word. What stands in every issue, such as the footer, does not count.
    """
    return sum(map(_counted, _texts(issue)))


def minutes(issue: Issue) -> int:
    """Return how many minutes the issue takes to read, begun ones whole: 0 for no words, else at least 1."""
    return minutes_for(words(issue))


def minutes_for(words: int) -> int:
    """Return how many minutes so many words take to read, begun ones whole."""
    return -(-words // _A_MINUTE)


def _texts(issue: Issue) -> Iterator[str]:
    front = issue.front_page
    yield _bare(front.greeting if front and front.greeting else issue.settings.greeting)
    sections = [*([issue.lead_section] if issue.lead_section else []), *(part.section for part in issue.parts)]
    told: dict[str, Section] = {section.key: section for section in sections}
    for section in told.values():
        yield section.intro
    for story in issue.stories:
        yield from _of_story(story)


def _of_story(story: Story) -> Iterator[str]:
    yield story.item.title
    yield _bare(story.item.body)
    yield story.item.image_caption if story.item.picture else ""
    yield story.deadline
    if story.event:
        yield story.event.when
        yield story.event.location


# The masthead of HTML and text says the minutes, the manifest the words: they ask one after the other.
@lru_cache(256)
def _bare(markdown: str) -> str:
    return "\n".join(passage.words for passage in prose.passages(markdown))


@lru_cache(1024)
def _counted(text: str) -> int:
    if text.isascii():
        return sum(map(_is_word, text.split()))
    characters = 0
    if has_no_blanks(text):
        # Of "在 Saint Paul，2024" the characters are counted, then "Saint", "Paul" and "2024".
        characters = sum(map(str.isalnum, re.findall(NO_BLANKS, text)))
        text = re.sub(NO_BLANKS, " ", text)
    # A dash stands between words.
    return characters + sum(map(_is_word, re.sub("[—–]", " ", text).split()))


def _is_word(part: str) -> bool:
    return part[0].isalnum() or any(map(str.isalnum, part))
