"""Typed values out of what people write: one parser a kind, shared by newsletter.toml and front matter.

A parser takes text (front matter keeps scalars as they were typed) or a TOML value, and returns the value or raises
`Refused` with a sentence and a hint. It knows nothing of files.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, datetime, time
from html import unescape
from html.entities import html5
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from newsletter.errors import did_you_mean, same_name
from newsletter.model import Moment

Parser = Callable[[Any], Any]

# RFC 5321 and RFC 6531 allow far more; what is left out here (quotes, comments, blanks, letters beyond ASCII) breaks in
# some provider's form.
_ATOM, _LABEL = r"[A-Za-z0-9!#$%&*+/=?^_`|~-]+", r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")
# What a link in a mail may begin with: pages, mail, and what a phone hands to another program. Nothing that runs.
LINK_SCHEMES = frozenset(
    {
        *("callto", "facetime", "facetime-audio", "fax", "fb-messenger", "geo", "http", "https", "im", "irc", "ircs"),
        *(
            "mailto",
            "maps",
            "matrix",
            "mms",
            "msteams",
            "sgnl",
            "signal",
            "sip",
            "sips",
            "skype",
            "sms",
            "smsto",
            "tel",
        ),
        *("tg", "viber", "webcal", "webcals", "whatsapp", "xmpp", "zoommtg", "zoomus"),
    }
)
_WEB = re.compile(r"https?://[^\s<>()\[\]\"'“”‘’«»]+", re.IGNORECASE)
_SECOND = re.compile(r"(?:\s|[,;])(?:https?://|www\.)", re.IGNORECASE)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")

# A neutral placeholder with its fallback: `%%first_name|friend%%`. What each stands for is the provider's affair.
PLACEHOLDER = re.compile(r"%%([A-Za-z][A-Za-z0-9_]*)(?:\|([^%\n]*))?%%")
# What was meant for one: `%% first name %%`, `%%First-Name|friend%`. Between two single signs it may be another
# program's, which placeholder-words tells.
_LIKE_PLACEHOLDER = re.compile(
    r"%{1,2}[ \t]*(?P<name>[A-Za-z][A-Za-z0-9_ -]{0,200}?)[ \t]*(?P<fallback>\|[^%\n]*)?%{1,2}"
)
# The two marks around what a provider that lacks the placeholder leaves out. They are control characters, which
# `clean` takes out of all that people write: nobody can type them.
# Two patterns, since Python finds a sign far sooner than one of two.
_REGION_MARKS = (re.compile(r"(\x01)([A-Za-z0-9_]+)\x02"), re.compile(r"(\x03)([A-Za-z0-9_]+)\x02"))
# Stands for the address of a picture beside the issue.
PICTURE = re.compile(r"\x04([^\x02\x04]+)\x02")
PLACEHOLDERS = ("unsubscribe_url", "browser_url", "first_name", "postal_address")

# Windows-1252 for the C1 range: what people paste as U+0092 is a curly apostrophe. Gmail clips mails that keep them.
_C1 = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
_DROPPED = dict.fromkeys([*range(0x20), 0x7F, 0xFEFF, 0xFFFE, 0xFFFF], "")
# Word processors break lines with these. A blank keeps words apart and the lines of a file in their number.
_BLANK = dict.fromkeys([0x0B, 0x0C, 0x1C, 0x1D, 0x1E, 0x1F, 0x2028, 0x2029], " ")
# Characters in one text and in one short value, texts in one list: far more than anybody writes, and little enough
# that a checker's patterns, and whoever reads a message that quotes it, get through.
_LONGEST, _SHORT, _MOST = 5_000, 200, 1_000
# Characters of an item's words: three times the longest that members have sent. The worst of such texts, signs that
# Markdown has to weigh one by one, takes some seconds to build and to check.
MOST_WORDS = 100_000
# An event or a deadline outside these years is a slip; calendars and time zones know no such days.
_YEARS = range(1900, 2200)
_MOMENT = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[ T](?P<clock>(?P<hours>[0-9]{1,2}):(?P<minutes>[0-9]{2})(?::00)?)"
)
# Countries that are taken for their languages, short names; languages that people call by their own names.
_CALLED = {
    **{"cn": "zh", "gr": "el", "il": "he", "jp": "ja", "kr": "ko", "mx": "es", "sp": "es", "us": "en", "vn": "vi"},
    **{"creole": "ht", "kreyol": "ht", "kreyòl": "ht", "kreyòl ayisyen": "ht", "mandarin": "zh", "tagalog": "fil"},
}
_COMMON = ("ar", "de", "en", "es", "fil", "fr", "he", "it", "ja", "ko", "pt", "so", "vi", "zh")
_BLANKS = re.compile(r"[ \t\n]+")
_PHONE = re.compile(r"(?:tel|sms|smsto|fax|callto):[^?]*\Z", re.IGNORECASE)
_NOT_IN_ADDRESSES = re.compile(r"[\s<>\"`\x00-\x1f]")
# With their semicolon only: `?a=1&copy=2` is no sign of copyright.
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_LONE = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
_CLEAN: dict[int, str] = {**_DROPPED, **_C1, **_BLANK, **_LONE, 0x09: "\t", 0x0A: "\n"}


class Refused(ValueError):
    """The value can't be taken: a sentence, a hint, and the value to write `instead` where the hint is nothing else."""

    def __init__(self, message: str, hint: str = "", instead: str = "") -> None:
        super().__init__(message)
        self.message, self.hint, self.instead = message, hint, instead


def clean(typed: str) -> str:
    """Return the text without control characters: C1 codes become what Windows-1252 means by them, the rest go.

    Line ends come out as `\\n`, other breaks as a blank, lone surrogates (which no file can hold) as U+FFFD.
    """
    if typed.replace("\n", "").isprintable():
        # None of them is (str.isprintable: no Cc, Cs, Cn, Zl, Zp), and most texts hold none.
        return typed
    return typed.replace("\r\n", "\n").replace("\r", "\n").translate(_CLEAN)


def address(typed: str) -> str:
    """Return an address as it can stand in a mail: `joe@example.org` is for mail, `www.…` a page; blanks are encoded.

    Those of a phone number become hyphens (RFC 3966 knows no blanks), and those of a placeholder's fallback stay. All
    else is byte for byte as it was typed, but for what could end it there.
    """
    if _ADDRESS.fullmatch(typed):
        typed = f"mailto:{typed}"
    elif typed[:4].lower() == "www.":
        typed = f"https://{typed}"
    if not _NOT_IN_ADDRESSES.search(typed):
        return typed
    pieces = re.split(r"(%%[^%]*%%)", typed)
    if _PHONE.match(typed):
        pieces[::2] = [re.sub(r"\s+", "-", piece) for piece in pieces[::2]]
    pieces[::2] = [_NOT_IN_ADDRESSES.sub(_percent, piece) for piece in pieces[::2]]
    return "".join(pieces)


def _percent(sign: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in sign[0].encode())


def region(name: str) -> tuple[str, str]:
    """Return what stands before and after words that need the placeholder."""
    return f"\x01{name}\x02", f"\x03{name}\x02"


def without_regions(words: str, is_kept: Callable[[str], bool]) -> str:
    """Return the words without the marks of regions, and without the regions whose placeholder is not kept.

    Regions lie one in another as often as a sentence has placeholders; the words are read once all the same. A mark
    without its other one, which a template may have left, stays.
    """
    if "\x01" not in words:
        return words
    marks = sorted(chain.from_iterable(marks.finditer(words) for marks in _REGION_MARKS), key=re.Match.start)
    # By the number of each mark in a pair, whether its region is kept.
    paired: dict[int, bool] = {}
    opened: dict[str, list[int]] = {}
    inside: list[int] = []
    for number, mark in enumerate(marks):
        if mark[1] == "\x01":
            inside.append(number)
            opened.setdefault(mark[2], []).append(number)
        elif opened.get(mark[2]):
            while marks[inside[-1]][2] != mark[2]:
                opened[marks[inside.pop()][2]].pop()
            paired[inside.pop()] = paired[number] = is_kept(mark[2])
            opened[mark[2]].pop()
    out: list[str] = []
    at = left_out = 0
    for number, mark in enumerate(marks):
        if number not in paired:
            continue
        if not left_out:
            out.append(words[at : mark.start()])
        at = mark.end()
        if not paired[number]:
            left_out += 1 if mark[1] == "\x01" else -1
    return "".join(out) + words[at:]


def unknown_placeholders(words: str, known: Collection[str]) -> Iterator[tuple[str, str, str]]:
    """Yield each placeholder that there is none of: as typed, a hint, and what was surely meant ("" if nothing)."""
    for match in _LIKE_PLACEHOLDER.finditer(words) if "%%" in words else ():
        name, typed = match["name"], match[0]
        if (whole := PLACEHOLDER.fullmatch(typed)) and whole[1] in known:
            continue
        if not (whole or (typed.startswith("%%") or typed.endswith("%%"))):
            continue
        meant = same_name(name, tuple(known))
        if meant:
            written = f"%%{meant}{match['fallback'] or ''}%%"
            yield typed, f"write {written}", written
        elif whole:
            names = {name: "first_name|friend" if name == "first_name" else name for name in sorted(known)}
            hint = did_you_mean(name, tuple(names))
            near = hint.startswith("did") and names[hint.split("'")[1]]
            listed = ", ".join(f"%%{known_name}%%" for known_name in [*names.values()][:12])
            yield typed, f"did you mean '%%{near}%%'?" if near else f"there is {listed}", ""


def decoded(typed: str) -> str:
    """Return the text with HTML's entities as the letters that they stand for (`&amp;`, `&#8217;`), once.

    They come with what is pasted from a web page or a form.
    """
    return _ENTITY.sub(_letter, typed) if "&" in typed else typed


def _letter(entity: re.Match[str]) -> str:
    # `&nothing;` is none, though a browser reads `&not` in it.
    return unescape(entity[0]) if entity[0][1] == "#" or entity[0][1:] in html5 else entity[0]


def text(value: Any) -> str:
    """One line of text; blanks at its ends and line breaks inside count as one space, HTML's entities as letters."""
    _require_one(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    typed = str(value)
    if len(typed) > _LONGEST:
        raise Refused(
            f"this text has {len(typed):,} characters; the most is {_LONGEST:,}",
            "shorten it",
        )
    # Not str.split(): NBSP and its kin are the writer's choice and stay.
    return _BLANKS.sub(" ", clean(decoded(typed))).strip(" ")


def _require_one(value: Any) -> None:
    if isinstance(value, (list, dict)):
        raise Refused("one text is wanted, not a list or a table", "put a text with brackets or braces in quotes")


def piece(value: Any) -> str:
    """One line of text that stands between others: a blank at its ends is meant."""
    typed = str(value)
    words = text(value)
    return f"{' ' if typed[:1] == ' ' else ''}{words}{' ' if words and typed[-1:] == ' ' else ''}"


def _word(value: Any) -> str:
    """A text so short that a message can repeat it."""
    typed = text(value)
    if len(typed) > _SHORT:
        raise Refused(f"'{typed[:40]}…' has {len(typed):,} characters; the most here is {_SHORT}", "shorten it")
    return typed


def words(value: Any) -> str:
    """Words in lines and paragraphs, as an item has them."""
    _require_one(value)
    if len(typed := str(value)) > MOST_WORDS:
        raise Refused(f"these words have {len(typed):,} characters; the most is {MOST_WORDS:,}", "shorten them")
    return clean(typed).strip()


def texts(value: Any) -> tuple[str, ...]:
    """A list of texts; one text alone stands for a list of one."""
    if isinstance(value, dict):
        raise Refused("a list is wanted, not a table", "write it as [one, two]")
    values = value if isinstance(value, (list, tuple)) else [value]
    if len(values) > _MOST:
        raise Refused(f"this list has {len(values):,} entries; the most is {_MOST:,}", "shorten it")
    return tuple(filter(None, map(text, values)))


def whole_number(value: Any) -> int:
    """A whole number."""
    typed = _word(value)
    if not re.fullmatch(r"[+-]?[0-9]{1,9}", typed):
        raise Refused(f"'{typed}' is not a whole number", "write digits only, for example 10")
    return int(typed)


def count(value: Any) -> int:
    """A whole number from 1 to 20."""
    number = whole_number(value)
    if not 1 <= number <= 20:
        raise Refused(f"{number} is not from 1 to 20", "write a number from 1 to 20")
    return number


def day_of_month(value: Any) -> int:
    """A day of the month, from 1 to 31; in a short month 31 is its last one."""
    number = whole_number(value)
    if not 1 <= number <= 31:
        raise Refused(f"{number} is not a day of the month", "write a number from 1 to 31")
    return number


def yes_no(value: Any) -> bool:
    """A truth."""
    typed = _word(value)
    if typed.casefold() in {"true", "yes", "on"}:
        return True
    if typed.casefold() in {"false", "no", "off"}:
        return False
    raise Refused(f"'{typed}' is neither true nor false", "write true or false")


def month(value: Any) -> str:
    """A month as `YYYY-MM`."""
    typed = _word(value)
    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", typed) or int(typed[:4]) not in _YEARS:
        raise Refused(f"'{typed}' is not a month", "write year and month, for example 2024-09")
    return typed


def months(value: Any) -> tuple[str, ...]:
    """Months as `YYYY-MM`, in order, each once."""
    return tuple(sorted({month(typed) for typed in texts(value)}))


def day(value: Any) -> date:
    """A day as `YYYY-MM-DD`."""
    typed = _word(value)
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", typed):
        raise Refused(f"'{typed}' is not a date", "write year, month and day, for example 2024-09-30")
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        raise Refused(f"there is no day '{typed}'", "a date is year, month, day, for example 2024-09-30") from None
    if found.year not in _YEARS:
        raise Refused(
            f"'{typed}' is not from {_YEARS.start} to {_YEARS.stop - 1}", "look at its year, for example 2024-09-30"
        )
    return found


def moment(value: Any) -> Moment:
    """A day, or a day and a time: `2024-10-10`, `2024-10-10 18:00`. The time zone is a setting of its own."""
    typed = _word(value)
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", typed):
        return Moment(day=day(typed))
    if not (match := _MOMENT.fullmatch(typed)):
        _refuse_zone(typed)
        raise Refused(
            f"'{typed}' is not a date", "write 2024-10-10, or 2024-10-10 18:00; a time zone goes into 'timezone'"
        )
    calendar, clock = day(match["day"]), match["clock"]
    try:
        at = time(int(match["hours"]), int(match["minutes"]))
    except ValueError:
        hint, end = "write hours from 0 to 23, for example 18:00", ""
        if (match["hours"], match["minutes"]) == ("24", "00"):
            end = f"{calendar.isoformat()} 23:59"
            hint = f"the end of that day is {end}"
        raise Refused(f"there is no time '{clock}'", hint, end) from None
    return Moment(day=calendar, at=datetime.combine(calendar, at))


def _refuse_zone(typed: str) -> None:
    """Refuse a day and time with a zone or an offset behind it, with the two lines to write; leave all else alone."""
    match = re.fullmatch(rf"{_MOMENT.pattern}(?:\.[0-9]+)?,?[ ]?\(?(?P<zone>[^\s()].*?)\)?", typed)
    if not match:
        return
    at = moment(f"{match['day']} {match['hours']}:{match['minutes']}").at
    if not at:
        return
    from newsletter.read import zones

    typed_zone = match["zone"]
    name = zones.behind_a_time(typed_zone, at) or _zone_or_none(typed_zone)
    if not name and not zones.is_offset(typed_zone):
        return
    stated = f"timezone: {name}" if name else "its zone as timezone: America/Chicago"
    raise Refused(
        f"'{typed}' has its zone in it: that is a key of its own",
        f"write {at:%Y-%m-%d %H:%M}, and on another line {stated}",
    )


def zone(value: Any) -> str:
    """A time zone of the IANA database, such as `America/Chicago`."""
    typed = _word(value)
    if found := _zone_or_none(typed):
        return found
    from zoneinfo import available_timezones

    from newsletter.read import zones

    if meant := zones.meant(typed):
        raise Refused(f"'{typed}' is not a time zone", f"write {meant}", meant)
    known = sorted(available_timezones() - {"Factory", "localtime"})
    city = typed.partition(",")[0].strip().replace(" ", "_").casefold()
    if named := [name for name in known if name.casefold().rpartition("/")[2] == city]:
        raise Refused(
            f"'{typed}' is not a time zone", f"did you mean '{named[0]}'?", named[0] if len(named) == 1 else ""
        )
    raise Refused(f"'{typed}' is not a time zone", _near(typed, known) or "for example America/Chicago")


def _zone_or_none(typed: str) -> str:
    """Return the name of a zone, if it is one; else nothing."""
    from newsletter.read import zones

    # What is named so is opened: no path, no zone of this machine (localtime), none with leap seconds (right/UTC).
    is_named = re.fullmatch(r"[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*", typed) and typed != "Factory"
    if not is_named:
        return ""
    try:
        zones.zone_info(typed)
    except (KeyError, ValueError, OSError):
        return ""
    return typed


def language(value: Any) -> str:
    """A language tag such as `en`, `es`, `pt-BR`."""
    typed = _word(value)
    if typed in _COMMON:
        return typed
    from babel import Locale, UnknownLocaleError

    try:
        # Babel takes more, which has no place in HTML: en@posix.
        if not re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}", typed):
            raise UnknownLocaleError(typed)
        Locale.parse(typed.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        code = _code_of(typed)
        raise Refused(
            f"'{typed}' is not a language", f"write {code}" if code else "write a code such as en, es or pt-BR", code
        ) from None
    # HTML wants hyphens (RFC 5646), and the code that Hebrew has had since 1989.
    return re.sub(r"(?i)^iw(?=-|$)", "he", typed.replace("_", "-"))


def _code_of(name: str) -> str:
    """Return the code of a language that somebody wrote by its name (`Spanish`, `español`) or its country (`cn`)."""
    from babel import Locale

    name = name.casefold()
    if name in _CALLED:
        return _CALLED[name]
    english = {str(said).casefold(): str(code) for code, said in Locale("en").languages.items()}
    if code := english.get(name):
        return code.replace("_", "-")
    return next((code for code in _COMMON if (Locale(code).get_language_name() or "").casefold() == name), "")


def link(value: Any) -> str:
    """An address to click: of a page, mail, a telephone and their kin, or a placeholder such as `%%browser_url%%`.

    Blanks in it are encoded, those of a phone number hyphens; a mail address alone is one to write to.
    """
    typed = text(value)
    if not typed or (typed.startswith("%%") and typed.endswith("%%")):
        return typed
    if _ADDRESS.fullmatch(typed):
        return address(typed)
    if len(_WEB.findall(typed)) > 1 and _SECOND.search(typed):
        raise Refused(f"'{typed}' are two addresses", "keep one of them; the other can stand in the words")
    scheme = _SCHEME.match(typed)
    if not scheme and (inside := _inside(typed)):
        is_dressed = not re.search(r"\w", re.sub(r"\[[^\[\]]*\]", "", typed.replace(inside, "")))
        raise Refused(f"'{typed}' is more than an address", f"write {inside}", inside if is_dressed else "")
    if not scheme:
        full = f"https://{typed.lstrip('/')}"
        is_host = re.fullmatch(r"(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?:[:/?#]\S*)?", typed.lstrip("/"))
        raise Refused(
            f"'{typed}' is not a full address", f"write it with its beginning: {full}", full if is_host else ""
        )
    if scheme[1].lower() not in LINK_SCHEMES:
        raise Refused(f"a link of the kind '{scheme[1]}:' has no place in an email", "use an https:// address")
    if scheme[1].lower() in {"http", "https"} and not _host(typed):
        raise Refused(f"'{typed}' names no host", "for example https://example.org/story")
    return address(typed)


def _inside(typed: str) -> str:
    """Return the only address in a text: of `[Read](https://…)`, `<https://…>`, `RSVP to jane@example.org`; else ""."""
    pages = [page.rstrip(".,;:!?") for page in _WEB.findall(typed)]
    if pages:
        return pages[0] if len(pages) == 1 else ""
    mails = [word.strip("<>()[]\"'“”‘’.,;:!?") for word in typed.split() if "@" in word]
    return mails[0] if len(mails) == 1 and _ADDRESS.fullmatch(mails[0]) else ""


def web_address(value: Any) -> str:
    """An https or http address."""
    typed = link(value)
    if typed and not typed.lower().startswith(("https://", "http://")):
        raise Refused(f"'{typed}' is not a web address", "it starts with https://")
    return typed


def site_address(value: Any) -> str:
    """An https or http address that others can be put behind."""
    typed = web_address(value)
    if odd := next((sign for sign in ("?", "#", "@", "%%", "{") if sign in typed), ""):
        hint = "write where its first page lies, and no more: https://example.org/newsletters"
        raise Refused(f"'{typed}' has a '{odd}', and pages have their addresses behind it", hint)
    return typed


def mail_address(value: Any) -> str:
    """An email address, without a name around it."""
    typed = _word(value)
    # Names of chapters and months have blanks, which no address may have.
    if typed and not _ADDRESS.fullmatch(re.sub(r"\{(chapter|month)\}", "x", typed)):
        hint = "write it as news@example.org" if typed.isascii() else "write its domain in ASCII (xn--…)"
        raise Refused(f"'{typed}' is not an email address", hint)
    return typed


def mail_addresses(value: Any) -> tuple[str, ...]:
    """Email addresses, one or a list of them, each once."""
    return tuple(dict.fromkeys(map(mail_address, texts(value))))


def colour(value: Any) -> str:
    """A colour with six hexadecimal digits, in capitals."""
    typed = _word(value)
    if re.fullmatch(r"#[0-9A-Fa-f]{3}", typed):
        typed = "#" + "".join(2 * digit for digit in typed[1:])
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", typed):
        # “#1D5C63”, '1D5C63', #1d5c63;
        digits = re.fullmatch(r"[^0-9A-Za-z]*([0-9A-Fa-f]{6})[^0-9A-Za-z]*", typed)
        way_out = f'write "#{digits[1]}"' if digits else "write it as # and six digits, for example #1D5C63"
        raise Refused(f"'{typed}' is not a colour", way_out, f'"#{digits[1]}"' if digits else "")
    return typed.upper()


def fonts(value: Any) -> str:
    """A CSS list of font families."""
    typed = text(value).replace('"', "'")
    if not re.fullmatch(r"[A-Za-z0-9 ,'_-]+", typed):
        raise Refused(f"'{typed}' is not a list of font names", "for example Georgia, 'Times New Roman', serif")
    return typed


def name(value: Any) -> str:
    """A key or code: letters, digits, `-`, `_`."""
    typed = _word(value)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", typed):
        raise Refused(f"'{typed}' is not a name", "use letters, digits, - and _")
    return typed


def one_of(*choices: str) -> Parser:
    """Return a parser that takes one of the choices."""

    def parse(value: Any) -> str:
        typed = _word(value)
        if typed not in choices:
            raise Refused(
                f"'{typed}' is not one of {', '.join(choices)}", _near(typed, choices), same_name(typed, choices)
            )
        return typed

    return parse


def pairs(value: Any) -> tuple[tuple[str, str], ...]:
    """A table of labels and web addresses."""
    if not isinstance(value, dict):
        raise Refused("a table of labels and addresses is wanted", 'for example Bluesky = "https://…"')
    return tuple((text(label), web_address(address)) for label, address in value.items())


def server(value: Any) -> str:
    """A mail server's address without a password; what else must hold is known where it is used."""
    typed = _word(value)
    user, at, _ = typed.partition("//")[2].rpartition("@")
    return no_password(typed) if at and ":" in user else typed


def no_password(value: Any) -> str:
    """Nothing: a password is refused, and not repeated."""
    raise Refused(
        "a password has no place in this file",
        "take it out, and change it if anybody saw it; set NEWSLETTER_SMTP_PASSWORD, or let `newsletter proof` ask",
    )


def seconds(value: Any) -> int:
    """A time of 1 to 600 seconds."""
    number = whole_number(value)
    if not 1 <= number <= 600:
        raise Refused(f"{number} is not from 1 to 600 seconds")
    return number


def mail_lists(value: Any) -> dict[str, tuple[str, ...]]:
    """A table of names and the mail addresses behind each."""
    if not isinstance(value, dict):
        raise Refused("must be a table of names and addresses", 'for example staff = ["you@example.org"]')
    return {text(key): tuple(mail_address(address) for address in texts(own)) for key, own in value.items()}


def _near(typed: str, known: Sequence[str]) -> str:
    hint = did_you_mean(typed, known)
    return hint if hint.startswith("did") else ""


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
