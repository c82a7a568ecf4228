"""An item's words -> whether anybody has written them: `newsletter new item` begins a file with words of its own."""

import re

# What `newsletter new item` writes where the words belong. Whoever changes one of these keeps the former beside it:
# items that were begun with an earlier version lie about for months.
STORY = "Write the story here: what happened, who made it happen, what it changes."
PLACEHOLDERS: tuple[str, ...] = (STORY,)

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


def is_untouched(words: str) -> bool:
    """Tell whether the words of an item are what a scaffold begins with, and nothing of somebody's own beside them.

    Only whole sentences count, letter by letter; an editor may have wrapped their lines. No words at all are the
    writer's own choice: an event's date and place may be all there is to say.
    """
    if not any(sentence[:20] in words for sentence in PLACEHOLDERS):
        return False
    left = " ".join(_COMMENT.sub(" ", words).split())
    for sentence in PLACEHOLDERS:
        left = left.replace(sentence, " ")
    return not left.strip()
