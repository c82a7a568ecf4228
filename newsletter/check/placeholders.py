"""Words -> what stands in them for others still to be written: `TK`, `[First Name]`, `preview text goes here`."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Set
from functools import lru_cache

from msgspec import Struct

from newsletter.check import lists
from newsletter.patterns import later
from newsletter.read.days import bare


class Placeholder(Struct, frozen=True, kw_only=True):
    """Where it begins, what it is; `is_sure` where nobody can have meant it as it stands."""

    start: int
    words: str
    is_sure: bool = True


# [First Name], [[first_name]], {First Name}, {{ first_name }}, {% if %}, <First Name>, <<First Name>>, «First_Name»,
# %FIRST_NAME%; not [words](link), [words][label], [label]: https://… and ${{ … }}, which is a shell's.
_DRESSED = later(
    r"(?<!\[)(?P<square>\[\[?)(?P<in_square>[^\[\]\n]{1,60})\]\]?(?![(\[]|:\s*<?https?:)"
    r"|(?<![{$])(?P<brace>\{\{?)(?P<in_brace>[^{}\n]{1,80})\}\}?"
    r"|<<?(?P<in_angle>[^<>\n/]{1,60})>>?"
    r"|«(?P<in_quotes>[^«»\s]{1,60})»"
    r"|(?<![\w%])%(?P<in_percents>[A-Za-z][A-Za-z_]{1,28}[A-Za-z])%(?![\w%])"
)
# (insert photo), (LINK); the same signs on both sides: #FIRST_NAME#, ~Contact.FirstName~, @@name@@; ${firstName}.
_BETWEEN = later(
    r"(?<![\])\w])\((?P<in_round>[^()\n]{3,60})\)"
    r"|(?<![\w#~@^])(?P<sign>[#~@^]{1,2})(?P<in_signs>[A-Za-z][\w. ]{1,30}\w)(?P=sign)(?![\w#~@^])"
    r"|\$\{(?P<in_dollar>[A-Za-z][\w.]{1,40})\}"
)
# What holds a place by its looks: [XX], [##], [●], [____], [??]; |FNAME|, a tag that lost its stars.
_LOOKS = later(
    r"\[(?:[xX]{2,}|#{1,6}|[●•]|_{2,}|\?{2,})\](?![(\[])|(?<![*|\w])\|(?:[FL]NAME|FIRST_?NAME|LAST_?NAME)\|(?![*|\w])"
)
# A number to come before what is counted; not: Super Bowl XX, chromosomes XX, the XX century.
_COUNT = later(r"(?<![\w.])(?P<before>[A-Za-z]+) (?P<count>XX) (?P<after>[a-z]{3,})(?![\w-])")
# Numbers to come: $XX, XX:XX, XX/XX/2026, XXth, 555-XXXX.
_NUMBERS = later(
    r"(?<![\w$])[$€£]X[X,.]*X?(?!\w)|(?<![\w/:.])X{1,2}[:/]XX(?:[:/][X\d]{2,4})?(?!\w)|(?<!\w)XX(?:th|st|nd|rd)(?!\w)"
    r"|(?<![\w-])(?:X{3}|\d{3})-(?:X{3}-)?XXXX(?![\w-])"
)
# Without one of these none of the patterns matches, but for those of whole phrases.
_SIGNS = (*"[{<«%(#~@^$|", "TK", "TODO", "FIXME", "XX", "€X", "£X", "__")
_SHORT = later(r"(?<![\w/.#@$-])(?:TK(?:TK)*|TODO|FIXME|XXX+)(?![\w/-])")
_WORD = later(r"\w+(?:['’]\w+)*")
# Before XXX, where English has a number.
_BEFORE_A_NUMBER = frozenset(
    (
        *("a", "about", "an", "and", "are", "at", "by", "for", "from"),
        *("is", "of", "over", "than", "the", "to", "was", "with"),
    )
)
# Before TK, where it is somebody.
_BEFORE_A_NAME = frozenset({"and", "by", "or", "with", "&"})
# Signs beside a word that a judge looks at.
_NEAR = 80
_BEFORE_A_COUNT = _BEFORE_A_NUMBER | {
    "almost", "another", "collected", "gathered", "got", "had", "have", "in", "nearly", "our", "raised", "reached",
}  # fmt: skip
# Who a tag is about, in the words of programs; and who a quotation is about: "[his name]", "[the road's name]".
_ON_FILE = frozenset({"contact", "contacts", "person", "profile", "supporter"})
_SAID_OF = frozenset({"a", "his", "her", "its", "my", "our", "that", "the", "their", "this", "whose"})
_NO_COUNT = frozenset({"century", "chromosome", "chromosomes", "olympiad"})
# `todo` is a word of these.
_ALL_IS_TODO = frozenset({"ca", "es", "gl", "it", "pt"})


def placeholders(text: str, language: str) -> Iterator[Placeholder]:
    """Yield what stands for words still to be written, in a text of that language; in code it would be meant."""
    for match in _DRESSED.finditer(text):
        if (is_sure := _dressed(match)) is not None:
            yield Placeholder(start=match.start(), words=match[0], is_sure=is_sure)
    for match in _SHORT.finditer(text):
        judge = _JUDGES[match[0][:2]]
        if (is_sure := judge(text, match, language.partition("-")[0])) is not None:
            yield Placeholder(start=match.start(), words=match[0], is_sure=is_sure)
    for match in _BETWEEN.finditer(text):
        if _is_between(match):
            yield Placeholder(start=match.start(), words=match[0])
    for match in _COUNT.finditer(text) if language.startswith("en") else ():
        if match["before"].casefold() in _BEFORE_A_COUNT and match["after"] not in _NO_COUNT:
            yield Placeholder(start=match.start("count"), words=match["count"], is_sure=False)
    for pattern in (_NUMBERS, _nameless(), _LOOKS, _phrases(), _whole()):
        for match in pattern.finditer(text):
            yield Placeholder(start=match.start(), words=match[0])


def may_hold_placeholders(words: str, vocabulary: Set[str]) -> bool:
    """Tell at a glance whether words may hold any: most don't. `vocabulary` has each of the words, made bare."""
    return any(sign in words for sign in _SIGNS) or not _telling_words().isdisjoint(vocabulary)


def _dressed(match: re.Match[str]) -> bool | None:
    """Tell whether what stands in brackets is to be filled in: surely, probably (False) or not at all (None)."""
    inside = match["in_square"] or match["in_brace"] or match["in_angle"] or match["in_quotes"] or match["in_percents"]
    words = _words(inside)
    # What else stands between two braces each, or in {% … %}, is some template's.
    is_template = match["brace"] == "{{" or (match["brace"] is not None and inside[0] == inside[-1] == "%")
    if not words or any(word.isdigit() for word in words):
        return False if is_template and words else None
    is_code = match["brace"] == "{{" or match["in_percents"] is not None or match["square"] == "[["
    if _is_order(words) and not match["in_quotes"]:
        return True
    if len(words) > 1 and any(" ".join(words).endswith(f" {late}") for late in _set("late")):
        return True
    named = _set("things")
    if _is_of_somebody(words) and not match["in_quotes"]:
        return inside.isupper()
    count = sum(word in named for word in words)
    if count and all(word in named or word in _set("small") for word in words):
        if len(words) > 1 or is_code:
            return True
        if match[0].startswith("<<"):
            return False
        if match["in_angle"] is not None or match["in_quotes"] is not None:
            return None
        if inside.isupper() and len(inside) > 2:
            return True
        # Who edits a quotation writes [city] and [State] as well.
        is_told = match["brace"] or words[0] in _set("alone") or (inside[0].isupper() and words[0] not in _set("said"))
        return False if is_told else None
    if match[0].startswith("<<") and words[0] in {"first", "last"} and all(word in _set("small") for word in words):
        return False
    return False if is_template else None


def _is_between(match: re.Match[str]) -> bool:
    """Tell whether what stands in round brackets, or between two signs, is to be filled in."""
    inside = match["in_round"] or match["in_signs"] or match["in_dollar"]
    words = _words(inside)
    things = [word for word in words if word in _set("things")]
    if match["in_round"]:
        # Not: (insert your ballot), (see the link), (date and time).
        if inside in {"LINK", "URL", "HYPERLINK"}:
            return True
        is_order = _is_order(words) or words[0] == "add"
        return bool(is_order and things) and all(
            word in things or word in _set("small") or word in _set("orders") for word in words
        )
    # Not: #Detroit#Chicago, @name@.
    is_name = any(word.endswith("name") for word in words) or match["in_dollar"] is not None
    return (
        is_name and bool(things) and all(word in things or word in _set("small") or word in _ON_FILE for word in words)
    )


def _is_of_somebody(words: list[str]) -> bool:
    """Tell whether it is somebody's name, address or number: [staff name], [Friend's name], [SPEAKER EMAIL]."""
    if not 2 <= len(words) <= 4 or words[-1] not in _set("own") or words[0] in _SAID_OF:
        return False
    return not all(word in _set("things") or word in _set("small") for word in words)


def _to_come(text: str, match: re.Match[str], language: str) -> bool | None:
    if match[0] == "TODO":
        after = _after(text, match)
        if re.match(r"\s*:", after) or _is_alone(text, match):
            return True
        following = _WORD.search(after[:40])
        if language in _ALL_IS_TODO or not following:
            return None
        return True if following[0].casefold() in _set("todo") and not following[0].isupper() else None
    if match[0] != "TK":
        # TKTK, FIXME
        return True
    after = _after(text, match)
    following = _WORD.match(after.lstrip(" "))
    if _is_alone(text, match):
        # German names a health insurer so, and in brackets stand abbreviations of what was said before them.
        is_abbreviation = language == "de" or re.search(r"\w\s+\($", _before(text, match))
        return None if is_abbreviation else True
    if language != "en" or re.match(r"['’]", after):
        return None
    if not following and re.match(r"[.,;:!?)]*\s*(?:\n|$)", after):
        # The vote was TK. Not: the band of DJ TK; by Ana and TK.
        before = _before(text, match).split()[-1:]
        is_name = before and ((before[0][0].isupper() and before[0][-1].isalpha()) or before[0] in _BEFORE_A_NAME)
        return None if is_name else True
    return True if following and following[0] in _set("todo") else None


def _unknown(text: str, match: re.Match[str], language: str) -> bool | None:
    if len(match[0]) > 3 or _is_alone(text, match):
        return True
    # XXX is thirty: the XXX Olympiad, Super Bowl XXX.
    before = _before(text, match).split()[-1:]
    following = _WORD.match(_after(text, match).lstrip(" "))
    is_number = before and before[0].casefold() in _BEFORE_A_NUMBER
    return False if language == "en" and is_number and following and following[0].islower() else None


_JUDGES: dict[str, Callable[[str, re.Match[str], str], bool | None]] = {
    "TK": _to_come,
    "TO": _to_come,
    "FI": _to_come,
    "XX": _unknown,
}


def _before(text: str, match: re.Match[str]) -> str:
    """Return the signs before a match, as many as a judge needs: all of them would make a long text take long."""
    return text[max(0, match.start() - _NEAR) : match.start()]


def _after(text: str, match: re.Match[str]) -> str:
    return text[match.end() : match.end() + _NEAR]


def _is_alone(text: str, match: re.Match[str]) -> bool:
    """Tell whether nothing else stands in the text, in the line or in the brackets."""
    before, after = _before(text, match).rstrip(" \t"), _after(text, match).lstrip(" \t.…:")
    begins = not before or before[-1] in "\n[({"
    ends = not after or after[0] in "\n])}"
    return begins and ends


def _is_order(words: list[str]) -> bool:
    said = " ".join(words)
    return any(said == order or said.startswith(f"{order} ") for order in _set("orders")) or any(
        said.startswith(order) for order in _set("orders") if not order.isascii() and len(order) < 4
    )


def _words(inside: str) -> list[str]:
    """Return the words of a name in any spelling, in small letters: `FirstName` and `FIRST_NAME` are first, name."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])|[_.|:#/,-]+", " ", unicodedata.normalize("NFC", inside))
    return parted.casefold().split()


@lru_cache
def _set(kind: str) -> frozenset[str]:
    return frozenset(lists.table("words")["placeholders"][kind])


@lru_cache(1)
def _telling_words() -> frozenset[str]:
    """Return the longest word of each phrase: where none of them stands, no phrase does."""
    phrases = (bare(phrase) for phrase in (*_set("whole"), *_set("phrases"), "insert"))
    return frozenset(max(re.findall(r"\w+", phrase), key=len) for phrase in phrases)


@lru_cache(1)
def _nameless() -> re.Pattern[str]:
    """Return what finds a greeting before a line to write on: `Dear ____`."""
    named = "|".join(map(re.escape, sorted(lists.words("salutations"), key=len, reverse=True)))
    return re.compile(rf"(?i)(?<!\w)(?:{named})[ \t]+_{{2,}}")


@lru_cache(1)
def _whole() -> re.Pattern[str]:
    """Match a line that holds nothing else."""
    named = "|".join(map(re.escape, sorted(_set("whole"))))
    return re.compile(rf"(?im)^(?:{named})(?=[.…]*$)|(?<!\w)insert (?:\w+ ){{1,3}}here(?!\w)")


@lru_cache(1)
def _phrases() -> re.Pattern[str]:
    named = "|".join(
        re.escape(phrase).replace(r"\ ", r"\s+") for phrase in sorted(_set("phrases"), key=len, reverse=True)
    )
    return re.compile(rf"(?i)(?<!\w)(?:{named})(?!\w)")
