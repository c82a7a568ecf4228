"""Rules about links, as somebody wrote them: where they lead, what they say."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from urllib.parse import parse_qsl, unquote_plus, urlsplit

from newsletter.check import lists
from newsletter.check.manuscript import Link, Manuscript
from newsletter.check.registry import Found, rule
from newsletter.check.subject import Subject
from newsletter.model import Level
from newsletter.patterns import later

_LONGEST = 2000
# Words of a link from which on it names a page by itself.
_TELLING = 3
# An address that Markdown took for words, because a mail has no place for its kind.
_REFUSED = later(
    r"\]\(\s*+<?\s*+(?P<address>(?P<kind>javascript|vbscript|data|file|ftp|blob|about)\s*+:[^)>\s]*)", re.IGNORECASE
)
_EMPTY = later(r"(?<!!)\[(?P<text>[^\[\]\n]++)\]\(\s*+(?:(?:<>|#)\s*+)?\)")
# The end of one: patterns that begin with such signs are found far sooner, and most files hold none.
_EMPTY_TARGET = later(r"\]\(\s*+(?:(?:<>|#)\s*+)?\)")
# It ends at a `)`: to ask for that in the pattern would read the whole line anew from each beginning.
_OWN_COMPUTER = later(r"\]\(\s*+<?\s*+((?:[A-Za-z]:[\\/]|\\\\)[^)]*+)")
_ADDRESS = later(r"[^\s@<>\"',;:()\[\]\\]+@[^\s@<>\"',;:()\[\]\\]+\.[^\s@<>\"',;:()\[\]\\.]+")
_BARE = later(r"(?:https?://|www\.)[^\s<>)\]]+")
# `example.org/join`: `https://…` and `www.…` become links by themselves, and `Change.org` may be a name.
_ENDINGS = "(?:com|coop|edu|gov|info|net|org|us)/"
_UNLINKED = later(rf"(?<![\w@./-])(?:[A-Za-z0-9-]+\.)++{_ENDINGS}[^\s<>)\]]+")
_UNLINKED_ENDING = later(rf"\.{_ENDINGS}")


# A link whose brackets went wrong, as people type it; `sign` is the ! of a picture.
_TYPED = r"(?P<address>(?:https?://|www\.|mailto:)(?:[^\s<>()\[\]{}（）［］【】]|\([^\s()]*\))+)"
_SAID = r"(?P<sign>!?)[\[［【](?P<words>[^\[\]［］【】\n]{1,200})[\]］】]"
_MISTYPED = tuple(
    later(pattern)
    for pattern in (
        # [words] (https://…), [words]{https://…}, ［words］（https://…）
        rf"{_SAID}[ \t]{{0,3}}[(（{{][ \t]{{0,3}}{_TYPED}[ \t]{{0,3}}[)）}}]",
        # (words)[https://…]
        rf"(?P<sign>!?)[(（](?P<words>[^()（）\n]{{1,200}})[)）][ \t]{{0,3}}[\[［【]{_TYPED}[\]］】]",
        # [words]https://…, [words](https://… without an end
        rf"{_SAID}{_TYPED}",
        rf"{_SAID}\({_TYPED}(?![^\n]*\))",
        # [https://…](words)
        rf"(?P<sign>)\[{_TYPED}\]\((?P<words>(?!https?:|www\.|mailto:|tel:|[/#<])[^()\n]{{1,200}})\)",
    )
)
# The target of a link that begins as a host does.
_BARE_TARGET = later(r"(?<!!)\]\(((?:[\w-]{1,63}\.){1,5}[A-Za-z]{2,24}(?:[/?#][^()\s]{0,2000})?)(?=\))")
_BEGINNING = later(r"https?://|www\.|mailto:")
# Signs behind which an address goes on, and signs that are none of its own.
_GOES_ON, _IN_WORDS = frozenset("-=&?_%+/"), frozenset("()[]<>`")
# What goes on below: `plan.pdf`, `2024/plan`, `city-council/`, `page?id=2`; neither `and/or` nor `24/7`.
_REST_OF_PATH = later(
    r"(?=\S*[a-z]{2})(?=\S*[\d_-]|\S*/\S*/|\S*/(?:\s|\Z))[a-z\d%._~-]+(?:/|\?[a-z]+=)"
    r"|[\w%-]+\.(?:aspx?|docx?|html?|jpe?g|pdf|php|png)\b"
)
# A link as it should be; its words begin with no address: (words)[https://…](https://…) has another one.
_LINK = later(
    r"\[(?!https?:|www\.|mailto:)[^\[\]［］【】\n]*\]\((?:https?://|www\.|mailto:)[^\s<>()\[\]{}（）［］【】]++\)"
)
_ENDS_BELOW = later(r"[^\s()\[\]]+\)")
# [words]: https://…, which says where [words] leads.
_DEFINITION = later(r" {0,3}\[[^\[\]\n]+\]:")


@rule("mistyped-link", Level.WARNING)
def mistyped_link(manuscript: Manuscript) -> Iterator[Found]:
    """A link with a slip in its brackets is none: readers see the brackets, and the address spelled out."""
    lines = manuscript.raw_lines
    for (place, line), following in zip(lines, [*(line for _, line in lines[1:]), ""], strict=True):
        for _, typed, meant in _mistyped(line, following):
            yield Found(
                place=place,
                message=f"'{_shown(typed)}' is no link",
                hint=f"write {meant}; `newsletter check --fix` does it",
            )


def mend_links(line: str, following: str = "") -> str:
    """Return a line of Markdown with each link that `mistyped_link` tells as it was meant; `following` is the next."""
    for start, typed, meant in reversed(list(_mistyped(line, following))):
        line = line[:start] + meant + line[start + len(typed) :]
    return line


def _mistyped(line: str, following: str = "") -> Iterator[tuple[int, str, str]]:
    """Yield each link with a slip in its brackets: where, as typed, as meant; in code it was meant as it stands."""
    # Each slip has an address that stands in no link as it should be.
    if "`" in line or not _BEGINNING.search(_LINK.sub("", line)) or _DEFINITION.match(line):
        return
    at = 0
    matches = sorted(
        (match for pattern in _MISTYPED for match in pattern.finditer(line)), key=lambda match: match.start()
    )
    for match in matches:
        address = match["address"].rstrip(".,;:!?") if match[0].endswith(match["address"]) else match["address"]
        typed = match[0][: len(match[0]) - len(match["address"]) + len(address)]
        beginning = "https://" if address.startswith("www.") else ""
        meant = f"{match['sign']}[{match['words'].strip()}]({beginning}{address})"
        # Blanks around an address do no harm: [words]( https://… ).
        begin = re.escape(f"{match['sign']}[{match['words']}](")
        is_link = re.fullmatch(rf"{begin}[ \t]*{re.escape(address)}[ \t]*\)", typed)
        # The rest of the address stands in the next line: where to join them is for its writer to say.
        is_broken = typed.endswith(address) and match.end() == len(line.rstrip()) and _ENDS_BELOW.match(following)
        if match.start() >= at and not is_link and not is_broken:
            at = match.end()
            yield match.start(), typed, meant


@rule("empty-link", Level.ERROR)
def empty_link(manuscript: Manuscript) -> Iterator[Found]:
    """A link that leads nowhere is a promise the reader sees broken."""
    for place, line in manuscript.raw_lines if _EMPTY_TARGET.search(manuscript.body) else ():
        for match in _EMPTY.finditer(line):
            yield Found(
                place=place,
                message=f"the link '{match['text']}' has no address",
                hint=f"write it as [{match['text']}](https://…), or take the brackets away",
            )


@rule("relative-link", Level.ERROR)
def relative_link(manuscript: Manuscript) -> Iterator[Found]:
    """A mail has no address of its own: a link such as /about leads nowhere."""
    for link in manuscript.links:
        address = link.address
        if address and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|%%", address) and not address.startswith("#"):
            yield Found(
                place=link.place,
                message=f"'{_shown(address)}' is not a full address",
                hint=f"write it with its beginning: {_whole(address, manuscript.website)}",
            )


def with_beginnings(line: str) -> str:
    """Return a line of Markdown whose links have the https:// that was left out: `[join](example.org/join)`.

    Where a path alone leads (`/join`) is for its writer to say, and `plan.pdf` is no site.
    """
    return _BARE_TARGET.sub(lambda match: f"](https://{match[1]}" if _site_named(match[1]) else match[0], line)


@rule("page-anchor", Level.WARNING)
def page_anchor(manuscript: Manuscript) -> Iterator[Found]:
    """A link to a place in the same mail that does not exist does nothing when it is clicked."""
    for link in manuscript.links:
        if len(link.address) > 1 and link.address.startswith("#") and not re.fullmatch(r"#story-\d+", link.address):
            yield Found(
                place=link.place,
                message=f"'{_shown(link.address)}' is no place in this mail",
                hint="link to a page: https://…",
            )


@rule("script-link", Level.ERROR)
def script_link(manuscript: Manuscript) -> Iterator[Found]:
    """Mail programs strip javascript: and data: links, and filters reject mails that hold them."""
    yield from _refused(
        manuscript,
        dict.fromkeys(("javascript", "vbscript", "data", "blob", "about"), "is dead in a mail: it leads to no page"),
        "link to a page: https://…",
    )


@rule("file-link", Level.ERROR)
def file_link(manuscript: Manuscript) -> Iterator[Found]:
    """A link to a file on your computer opens on no other one."""
    yield from _refused(
        manuscript,
        {"file": "leads to a file on your own computer", "ftp": "leads to a server that browsers no longer open"},
        "upload the file, and link to its https:// address",
    )
    for place, line in manuscript.raw_lines if _OWN_COMPUTER.search(manuscript.body) else ():
        match = _OWN_COMPUTER.search(line)
        if match and line.startswith(")", match.end()):
            yield Found(
                place=place,
                message=f"'{_shown(match[1])}' lies on your own computer",
                hint="upload the file, and link to its https:// address",
            )


@rule("local-link", Level.ERROR)
def local_link(manuscript: Manuscript) -> Iterator[Found]:
    """localhost and the addresses of an office network lead to nothing from a reader's place."""
    for link in manuscript.links:
        host = host_of(link.address)
        if _is_private(host) or re.fullmatch(r"localhost|.*\.(?:localhost|local|internal|lan|intranet)", host):
            yield Found(
                place=link.place,
                message=f"'{_shown(link.address)}' can be reached from your own network only",
                hint="use the public address of the page",
            )


@rule("insecure-link", Level.WARNING)
def insecure_link(manuscript: Manuscript) -> Iterator[Found]:
    """Browsers warn before they open an http:// page, and what a reader does there can be watched."""
    for link in manuscript.links:
        if link.address.lower().startswith("http://") and "localhost" not in link.address:
            yield Found(
                place=link.place,
                message=f"'{_shown(link.address)}' is not encrypted",
                hint="write https:// and see whether it opens",
            )


@rule("shortened-link", Level.WARNING)
def shortened_link(manuscript: Manuscript) -> Iterator[Found]:
    """A shortened link hides where it leads, and spam filters distrust it for that reason."""
    for link in manuscript.links:
        if _bare_host(link.address) in lists.hosts("shorteners"):
            yield Found(
                place=link.place,
                message=f"'{_shown(link.address)}' hides where it leads",
                hint="open it, and copy the address of the page that comes",
            )


@rule("vague-link", Level.WARNING)
def vague_link(manuscript: Manuscript) -> Iterator[Found]:
    """A reader who jumps from link to link by ear hears 'here, here, read more', and none says where it leads."""
    for link in manuscript.links:
        if lists.is_vague(link.text):
            yield Found(
                place=link.said,
                message=f"the link says '{link.text}', not where it leads",
                hint="link the words that name the page: [the climate plan](https://…)",
            )


@rule("address-as-words", Level.WARNING)
def address_as_words(manuscript: Manuscript) -> Iterator[Found]:
    """A screen reader spells a web address out sign by sign, and on a phone it fills three lines."""
    lines = dict(manuscript.raw_lines)
    for link in manuscript.links:
        if not _BARE.fullmatch(link.text.strip()) or link.key in {"website", "browser_url"}:
            continue
        line = lines.get(link.said, "")
        # Told by mistyped-link.
        is_slip = any(meant.rpartition("](")[2][:-1] in link.address for _, _, meant in _mistyped(line))
        # A definition that no words use is told by typed-markup.
        if not is_slip and not _DEFINITION.match(line):
            yield Found(
                place=link.said,
                message=f"the link's words are its address, '{_shown(link.text)}'",
                hint="say what is there: [the climate plan](https://…)",
            )


@rule("address-without-link", Level.WARNING)
def address_without_link(manuscript: Manuscript) -> Iterator[Found]:
    """An address typed without its beginning can't be clicked in every mail program."""
    if not _UNLINKED_ENDING.search(manuscript.whole):
        return
    linked = {match[0].rstrip(".,;") for link in manuscript.links for match in _UNLINKED.finditer(link.text)}
    for text in manuscript.texts:
        if text.key:
            continue
        for match in _UNLINKED.finditer(text.words):
            if match[0].rstrip(".,;") not in linked:
                address = match[0].rstrip(".,;:!?")
                yield Found(
                    place=text.at(match.start()),
                    message=f"'{_shown(address)}' stands in the words, but is no link",
                    hint=f"link some words: [what is there]({address if '://' in address else f'https://{address}'})",
                )


@rule("one-text-two-targets", Level.WARNING)
def one_text_two_targets(subject: Subject) -> Iterator[Found]:
    """Two links with the same words that lead to different pages can't be told apart by ear, or in a list of links."""
    seen: dict[str, Link] = {}
    for manuscript in subject.manuscripts:
        listed = manuscript.listed_lines
        for link in manuscript.links:
            words = " ".join(link.text.casefold().split())
            # A label of the settings is the same on purpose.
            if not words or lists.is_vague(words) or link.key == "social" or not link.address:
                continue
            # In a list each entry says what its link is about: "Minutes of May (PDF)", "Minutes of June (PDF)".
            if link.said.line in listed and not link.key:
                continue
            first = seen.setdefault(words, link)
            # Words of one or two, such as "Register", are about the story that they stand in.
            if first.said.file != link.said.file and words.count(" ") < _TELLING - 1:
                continue
            if _target(first.address) != _target(link.address):
                yield Found(
                    place=link.said,
                    message=f"two links say '{_shown(link.text)}': this one leads to {_shown(link.address)}, "
                    f"the one at {first.said} to {_shown(first.address)}",
                    hint="say in each what its page is: [the job posting], [the posting as a PDF]",
                )


@rule("misleading-link", Level.WARNING)
def misleading_link(manuscript: Manuscript) -> Iterator[Found]:
    """Words that show one site and lead to another are what phishing looks like, to filters and to careful readers."""
    for link in manuscript.links:
        site, host = _site_named(link.text.strip()), _bare_host(link.address)
        if site and host and not is_within(host, site.removeprefix("www.")):
            yield Found(
                place=link.said,
                message=f"the words say {site}, the link leads to {host}",
                hint="let the words say what the page is, not its address",
            )


@rule("foreign-utm", Level.WARNING)
def foreign_utm(manuscript: Manuscript) -> Iterator[Found]:
    """utm tags copied along with a link count your readers in somebody else's campaign, or as one known person."""
    for link in manuscript.links:
        if tags := _tags(link.address, manuscript.website):
            yield Found(
                place=link.place,
                message=f"'{_shown(link.address)}' carries somebody's {', '.join(tags[:3])}",
                hint=f"write {_without(link.address, {*tags})}",
            )


def untagged(address: str, website: str) -> str:
    """Return an address without what `foreign_utm` tells of it."""
    return _without(address, {*_tags(address, website)})


def _tags(address: str, website: str) -> list[str]:
    """Return the parameters that count readers for somebody else, those that name one person before all others."""
    if "?" not in address:
        return []
    names = [name for name, _ in _query(address)]
    personal = [name for name in names if name.lower() in lists.hosts("personal")]
    tagged = [name for name in names if name.lower().startswith("utm_")]
    own, host = _bare_host(website), _bare_host(address)
    is_foreign = tagged and not (own and is_within(host, own))
    return [*personal, *tagged] if personal or is_foreign else []


@rule("tracking-host", Level.ERROR)
def tracking_host(manuscript: Manuscript) -> Iterator[Found]:
    """A provider's counting link was made for one send to one person: it stops working, or tells who that was."""
    for link in manuscript.links:
        if _counts_clicks(link.address):
            yield Found(
                place=link.place,
                message=f"'{_shown(link.address)}' is a provider's counting link, copied from a mail",
                hint="open it, and copy the address of the page that comes",
            )


@rule("long-link", Level.WARNING)
def long_link(manuscript: Manuscript) -> Iterator[Found]:
    """Mail programs and providers cut addresses of more than 2,000 characters, and the link breaks."""
    for link in manuscript.links:
        if len(link.address) > _LONGEST:
            yield Found(
                place=link.place,
                message=f"this address has {len(link.address):,} characters",
                hint="most of it is tracking; try it without what follows the question mark",
            )


@rule("mailto-without-address", Level.ERROR)
def mailto_without_address(manuscript: Manuscript) -> Iterator[Found]:
    """A mail link without a whole address opens an empty mail that nobody gets."""
    for link in manuscript.links:
        if link.address.lower().startswith("mailto:"):
            addresses = link.address[7:].partition("?")[0]
            if not all(_ADDRESS.fullmatch(recipient.strip()) for recipient in addresses.split(",")):
                yield Found(
                    place=link.place,
                    message=f"'{_shown(link.address)}' names no whole mail address",
                    hint="write mailto:name@your-site.org",
                )


@rule("broken-address", Level.ERROR)
def broken_address(manuscript: Manuscript) -> Iterator[Found]:
    """An address with a slip in it (two beginnings, a missing slash, a host without a dot) opens nothing."""
    for link in manuscript.links:
        address = link.address
        slip = ""
        if re.match(r"(?i)https?:(?!//)|https?:///|https?://https?[:/]|https?//|htps?s?:|htt?p?//", address):
            slip = "begins with a slip"
        elif address.lower().startswith(("http://", "https://")):
            host = host_of(address)
            if not host or ("." not in host and host != "localhost") or ".." in host or re.search(r"[\s,]", host):
                slip = "names no whole host"
        if slip:
            yield Found(
                place=link.place,
                message=f"'{_shown(address)}' {slip}",
                hint="open the page in a browser, and copy its address from there",
            )
    yield from _broken_over_lines(manuscript)


def _broken_over_lines(manuscript: Manuscript) -> Iterator[Found]:
    """Yield the addresses of which a mail program or an editor put the end on the next line."""
    if "://" not in manuscript.body and "www." not in manuscript.body:
        return
    for (place, line), (_, following) in pairwise(manuscript.raw_lines):
        last = line.rstrip(" \t\\").rpartition(" ")[2]
        begin = _BEGINNING.search(last)
        address = last[begin.start() :] if begin else ""
        if address[-1:] not in _GOES_ON or not _IN_WORDS.isdisjoint(address):
            continue
        rest = following.lstrip(" \t>")
        if _REST_OF_PATH.match(rest) if address.endswith("/") else re.match(r"[\w%]", rest):
            yield Found(
                place=place,
                message=f"'{_shown(address)}' ends at the line's end, and the rest of it seems to stand on the next",
                hint="write the whole address on one line",
                level=Level.WARNING,
            )


@lru_cache(1024)
def host_of(address: str) -> str:
    """Return the host of a web address in lower case; "" for any other."""
    if not address.lower().startswith(("http://", "https://")):
        return ""
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_within(host: str, domain: str) -> bool:
    """Tell whether the host is the domain or lies below it."""
    return host == domain or host.endswith(f".{domain}")


def _site_named(words: str) -> str:
    """Return the host that the words show as an address; "" for names such as `Node.js`, `ASP.NET`, `README.md`."""
    named = re.fullmatch(r"(https?://)?((?:[\w-]+\.)+([A-Za-z]{2,}))(?::\d+)?(/\S*)?", words)
    if not named:
        return ""
    ending = named[3].lower()
    is_country = len(ending) == 2 and ending not in lists.hosts("names")
    # ASP.NET is a name.
    is_known = (is_country or ending in lists.hosts("sites")) and not named[3].isupper()
    if not (named[1] or named[4] or is_known or named[2].lower().startswith("www.")):
        return ""
    return named[2].lower()


def _counts_clicks(address: str) -> bool:
    host = host_of(address)
    labels = host.split(".")
    return any(
        f"{urlsplit(address).path}/".startswith(f"/{path}/" if path else "/")
        for at in range(len(labels))
        for path in _trackers().get(".".join(labels[at:]), ())
    )


@lru_cache(1)
def _trackers() -> dict[str, list[str]]:
    """Return the paths below which a domain counts clicks; an empty one stands for all."""
    paths: dict[str, list[str]] = {}
    for tracker in lists.hosts("trackers"):
        domain, _, path = tracker.partition("/")
        paths.setdefault(domain, []).append(path)
    return paths


def _refused(manuscript: Manuscript, kinds: Mapping[str, str], hint: str) -> Iterator[Found]:
    """Yield the links of these kinds; each kind with what is wrong with it."""
    for place, line in manuscript.raw_lines if _REFUSED.search(manuscript.body) else ():
        for match in _REFUSED.finditer(line):
            if wrong := kinds.get(match["kind"].lower()):
                yield Found(place=place, message=f"'{_shown(match['address'])}' {wrong}", hint=hint)


def _is_private(host: str) -> bool:
    """Tell whether the host is an address, in one of its many spellings (`0x7f.1`, `2130706433`), of no public site."""
    if not (host[:1].isdigit() or ":" in host):
        return False
    # Here, since a build checks too, and hardly ever needs what knows sockets.
    from newsletter.sockets import is_public, literal

    address = literal(host)
    return address is not None and not is_public(address)


def _shown(words: str, most: int = 60) -> str:
    return words if len(words) <= most else f"{words[: most - 1]}…"


def _bare_host(address: str) -> str:
    return host_of(address).removeprefix("www.")


def _whole(address: str, website: str) -> str:
    """Return what a relative address was meant to be, as far as can be told."""
    if address.startswith("/") and website:
        return website.rstrip("/") + address
    return f"https://{address}" if _site_named(address) else "https://…"


def _query(address: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(urlsplit(address).query, keep_blank_values=True)
    except ValueError:
        return []


def _without(address: str, names: set[str]) -> str:
    """Return the address as it was typed, without those parameters."""
    page, _, rest = address.partition("?")
    query, hash_, fragment = rest.partition("#")
    kept = "&".join(
        parameter for parameter in query.split("&") if unquote_plus(parameter.partition("=")[0]) not in names
    )
    return page + (f"?{kept}" if kept else "") + hash_ + fragment


def _target(address: str) -> str:
    return re.sub(r"^https?://(www\.)?", "", address).rstrip("/")
