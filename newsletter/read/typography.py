"""Words -> the same words with the quotation marks, dashes and ellipses of their language.

Marks by language are those of the Unicode CLDR (delimiters, read 2026-11-26), where it has the language.
"""

import re
from collections.abc import Sequence

from newsletter.patterns import later
from newsletter.read.values import PLACEHOLDER

# Opening and closing, then those of a quotation inside another.
_MARKS = {
    "ar": "”“’‘", "be": "«»„“", "bg": "„“‚‘", "ca": "«»“”", "cs": "„“‚‘", "de": "„“‚‘", "de-ch": "«»‹›",
    "de-li": "«»‹›", "el": "«»“”", "es": "«»“”", "et": "„“‚‘", "eu": "«»“”", "fa": "«»‹›", "fi": "””’’", "fr": "«»“”",
    "he": "””’’",
    "hr": "„”‚’", "hu": "„”»«", "hy": "«»“”", "is": "„“‚‘", "it": "«»“”", "ka": "„“‚‘", "lt": "„“‚‘", "mk": "„“‚‘",
    "nb": "«»‘’", "nn": "«»‘’", "no": "«»‘’", "pl": "„”«»", "pt-pt": "«»“”", "ro": "„”«»", "ru": "«»„“", "sk": "„“‚‘",
    "sl": "„“‚‘", "sr": "„“‚‘", "sv": "””’’", "uk": "«»„“", "ur": "”“’‘", "zh-hant": "「」『』", "zh-hk": "「」『』",
    "zh-tw": "「」『』", "ja": "「」『』",
    # Spanish as it is written in the Americas.
    **dict.fromkeys(("es-419", "es-us", "es-mx", "es-pr", "es-ar", "es-co", "es-cl", "es-do", "es-pe"), "“”‘’"),
}  # fmt: skip
_OTHERS = "“”‘’"
# Nothing in these is prose: placeholders, addresses, the merge tags of providers (which are told as they were typed).
_TAG = r"\{\{[^{}\n]{1,200}\}\}|\{%[^{}\n]{1,200}%\}|\*\|[^|\n]{1,200}\|\*|\[\[[^][\n]{1,100}\]\]"
_OPAQUE = later(rf"{PLACEHOLDER.pattern}|{_TAG}|(?:https?://|www\.)\S+|(?<!\S)[^\s@]{{1,100}}@[^\s@]+")
_OPAQUE_SIGNS = ("%%", "@", "www", "://", "{{", "{%", "*|", "[[")
# A letter in the place of what is left alone, so that marks beside it know that a word is there.
_LETTER = "\ufffc"
# What may change; of full stops, the first of several.
_SET = later(r"[\"'-]|\.(?=\.\.)")
_SET_IN_FRENCH = later(r"[\"';:!?» -]|\.(?=\.\.)")
_BEFORE_OPENING = frozenset(" \t\n\u00a0\u202f([{-–—/«„“‘‚「『¿¡")
# Words that begin with an apostrophe: nothing is quoted.
_CUT = later(r"(?:tis|twas|em|n|til|cause|bout|round|cuz|nuff|\d{2}s?)\b", re.IGNORECASE)
_CLOSES_LATER = later(r"[^\n]{0,300}?[^\s\ufffc(]'(?![^\W_])")
_GAP = "\u00a0"


def typeset(words: str, language: str) -> str:
    """Return the words of a title or a line; as they are without a language."""
    # Most titles have no such sign.
    if not language or not _signs(language).search(words):
        return words
    return pieces([(words, True)], language)[0]


def pieces(typed: Sequence[tuple[str, bool]], language: str) -> list[str]:
    """Return pieces of one paragraph, of which only the prose (True) changes; marks know what stands beside them."""
    if not language or not _signs(language).search("".join(piece for piece, _ in typed)):
        return [piece for piece, _ in typed]
    words = "".join(_masked(piece) if is_prose else _LETTER * len(piece) for piece, is_prose in typed)
    signs = _set(words, language.lower().replace("_", "-"))
    out: list[str] = []
    at = 0
    for piece, is_prose in typed:
        new = signs[at : at + len(piece)]
        kept = (old if sign == _LETTER else sign for old, sign in zip(piece, new, strict=True))
        out.append("".join(kept) if is_prose else piece)
        at += len(piece)
    return out


def _signs(language: str) -> re.Pattern[str]:
    """Return what finds the signs that may change; French sets gaps as well."""
    return _SET_IN_FRENCH if language[:2].lower() == "fr" else _SET


def _masked(piece: str) -> str:
    if not any(sign in piece for sign in _OPAQUE_SIGNS):
        return piece
    return _OPAQUE.sub(lambda match: _LETTER * len(match[0]), piece)


def _set(words: str, language: str) -> list[str]:
    """Return what stands in the place of each sign."""
    base = language.partition("-")[0]
    marks = _MARKS.get(language) or _MARKS.get(base) or _OTHERS
    signs = list(words)
    opened: list[str] = []
    for match in _signs(base).finditer(words):
        at, sign = match.start(), match[0]
        before, after = words[at - 1 : at] or " ", words[at + 1 : at + 2] or " "
        if sign == '"':
            signs[at] = _double(before, after, opened, marks, base)
        elif sign == "'":
            signs[at] = _single(words, at, opened, marks, base)
        elif sign == "." and words.startswith("...", at) and before != "." and words[at + 3 : at + 4] != ".":
            signs[at : at + 3] = ["…", "", ""]
        elif sign == "-" and before != "-":
            _dash(words, at, signs, base)
        elif base == "fr" and before == " " and sign in ";:!?»" and at > 1:
            signs[at - 1] = _GAP
        elif base == "fr" and before == "«" and sign == " ":
            signs[at] = _GAP
    return signs


def _double(before: str, after: str, opened: list[str], marks: str, base: str) -> str:
    gap = _GAP if base == "fr" else ""
    if base == "he" and _is_hebrew(before) and _is_hebrew(after):
        # The mark of an abbreviation (gershayim).
        return "״"
    # Chinese and Japanese have no blanks: every second mark closes.
    if (before in _BEFORE_OPENING and not after.isspace()) or (base in {"ja", "zh"} and '"' not in opened):
        is_inner = '"' in opened
        opened.append('"')
        return marks[2] if is_inner else f"{marks[0]}{gap}"
    if '"' in opened:
        while opened.pop() != '"':
            pass
        return marks[3] if '"' in opened else f"{gap}{marks[1]}"
    # 6'2", or the end of what began in another paragraph.
    return "″" if before.isdigit() else f"{gap}{marks[1]}"


def _single(words: str, at: int, opened: list[str], marks: str, base: str) -> str:
    before, after = words[at - 1 : at] or " ", words[at + 1 : at + 2] or " "
    if base == "he" and _is_hebrew(before):
        return "׳"
    if before.isdigit() and (after.isdigit() or (after in ' "' and "'" not in opened)):
        return "′"
    if before in _BEFORE_OPENING or before == '"':
        if not after.isspace() and not _CUT.match(words, at + 1) and _CLOSES_LATER.match(words, at + 1):
            inner = marks[2:] if '"' in opened or marks == _OTHERS else marks
            opened.append("'")
            return inner[0]
        return "’"
    if opened and opened[-1] == "'" and not after.isalnum():
        opened.pop()
        return (marks[2:] if '"' in opened or marks == _OTHERS else marks)[1]
    return "’"


def _dash(words: str, at: int, signs: list[str], base: str) -> None:
    """Set the dash that begins there: one hyphen between blanks, two or three in a row."""
    count = 1
    while words.startswith("-", at + count):
        count += 1
    before, after = words[at - 1 : at] or " ", words[at + count : at + count + 1] or " "
    is_first = at < 2 or words[at - 2] in " \n"
    if count == 1 and before == " " == after and not is_first:
        signs[at] = "–"
    elif count == 3 or (count == 2 and not (before == " " and after.isalnum())):
        # `--fix` is an option of a program; 2019--2024 goes from year to year.
        is_long = base == "en" and not (before.isdigit() and after.isdigit() and count == 2)
        signs[at : at + count] = ["—" if is_long else "–", *[""] * (count - 1)]


def _is_hebrew(sign: str) -> bool:
    return "א" <= sign <= "ת"
