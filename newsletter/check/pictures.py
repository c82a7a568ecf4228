"""Rules about pictures: what is said in their place, and whether they fit it."""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from newsletter.check.links import host_of, is_within
from newsletter.check.page import Element, Page
from newsletter.check.registry import Found, rule
from newsletter.check.subject import Subject
from newsletter.errors import Place as Line
from newsletter.look.pictures import Place, cut, places_of, room_of
from newsletter.model import COVER_WIDTH, Config, Level, PictureFacts, PictureFile

_LONGEST_ALT = 125
_HEAVY = 1_000_000
# A cut takes much where it takes more than this: faces sit in the upper part of a tall picture, most else of a wide one
# in its middle. A portrait has room up to 16:9, and who sends a taller one sees it cut; a thumb is small anyway.
_MOST_OF_HEIGHT: Mapping[Place, float] = {"cover": 0.2, "side": 0.2, "thumb": 0.4}
_MOST_OF_WIDTH = 0.5
_UPRIGHT, _ACROSS = {"top", "center", "bottom"}, {"left", "center", "right"}
_CROP: Mapping[Place, str] = {
    "cover": "crop it yourself, to about twice as wide as high",
    "side": "crop it yourself, to about twice as wide as high",
    "thumb": "crop it yourself, to a square",
}
_SAYS_PICTURE = re.compile(
    r"(?i)^\s*(?:an? )?(?:image|photo|photograph|picture|pic|graphic|screenshot|foto|imagen)s? (?:of|showing|de|con)\b"
)
_FILE_NAME = re.compile(
    r"(?i)[\w .()-]+\.(?:jpe?g|png|gif|webp|heic|svg|bmp|tiff?)|(?:img|dsc|dscn|pxl|screenshot)[-_ ]?\d[\w-]*"
)
_DRIVES = re.compile(
    r"(?i)https://(?:drive\.google\.com|docs\.google\.com|photos\.google\.com|photos\.app\.goo\.gl|www\.dropbox\.com|"
    r"dropbox\.com|1drv\.ms|onedrive\.live\.com|[\w-]+\.sharepoint\.com|(?:www\.|share\.)?icloud\.com|"
    r"(?:www\.)?canva\.com|imgur\.com/(?:a|gallery)/)"
)
_UNSHOWN = {
    **{"webp": "WebP, which Outlook and older programs don't show", "svg": "SVG, which Gmail and Outlook don't show"},
    **{"avif": "AVIF, which few programs show", "heic": "HEIC, which only Apple's programs show"},
    **{
        "tiff": "TIFF, which few programs show",
        "tif": "TIFF, which few programs show",
        "pdf": "PDF, which is no picture",
    },
}


@rule("picture-without-alt", Level.WARNING)
def picture_without_alt(subject: Subject) -> Iterator[Found]:
    """Readers who can't see a picture, or whose mail program blocks it, get nothing in its place."""
    for file in _files(subject):
        if not file.alt.strip():
            yield Found(
                place=file.place,
                message=f"picture '{_shown(file.source)}' has no alt text",
                hint="say in a few words what it shows: image_alt: Two council members plant a tree",
            )


@rule("alt-is-file-name", Level.WARNING)
def alt_is_file_name(subject: Subject) -> Iterator[Found]:
    """A file name in place of a description is read aloud letter by letter and tells nothing."""
    for file in _files(subject):
        stem = PurePosixPath(file.source).stem
        alt = file.alt.strip()
        if _FILE_NAME.fullmatch(alt) or (len(stem) > 3 and alt in {stem, PurePosixPath(file.source).name}):
            yield Found(
                place=_alt_place(subject, file),
                message=f"'{_shown(alt)}' is the name of a file",
                hint="say what the picture shows: Two council members plant a tree",
            )


@rule("alt-says-picture", Level.ADVICE)
def alt_says_picture(subject: Subject) -> Iterator[Found]:
    """A screen reader says 'image' by itself: 'image of' makes a listener wait for it twice."""
    for file in _files(subject):
        if match := _SAYS_PICTURE.match(file.alt):
            shows = described(file.alt)
            yield Found(
                place=_alt_place(subject, file),
                message=f"the alt text begins with '{match[0].strip()}'",
                hint=f"begin with what it shows: {_shown(shows) if shows != file.alt else 'Two members plant a tree'}",
            )


def described(alt: str) -> str:
    """Return an alt text that begins with what the picture shows: without `Photo of`."""
    match = _SAYS_PICTURE.match(alt)
    rest = alt[match.end() :].strip() if match else ""
    return rest[:1].upper() + rest[1:] if rest else alt


@rule("long-alt", Level.WARNING)
def long_alt(subject: Subject) -> Iterator[Found]:
    """Some screen readers stop after 125 characters, and nobody can go back in an alt text."""
    for file in _files(subject):
        if len(file.alt) > _LONGEST_ALT:
            yield Found(
                place=_alt_place(subject, file),
                message=f"the alt text has {len(file.alt)} characters; after {_LONGEST_ALT} some readers hear no more",
                hint="keep what the picture adds; the rest belongs into the words or into image_caption",
            )


@rule("heavy-picture", Level.WARNING)
def heavy_picture(subject: Subject) -> Iterator[Found]:
    """A picture of more than 1 MB costs a reader on a phone time and money, and often arrives after she has left."""
    for file in _files(subject):
        facts = subject.pictures.get(file.path)
        sent = [picture for picture in subject.delivery.pictures if file in picture.uses]
        weight = max((len(picture.content) for picture in sent), default=0)
        if weight > _HEAVY:
            yield Found(
                place=file.place,
                message=f"picture '{_shown(file.source)}' weighs {_megabytes(weight)} in the mail",
                hint="a moving GIF: make it shorter or smaller; else save it as JPEG",
            )
        elif facts and facts.size > _HEAVY:
            yield Found(
                place=file.place,
                message=f"picture '{_shown(file.source)}' is a file of {_megabytes(facts.size)}; "
                f"the mail carries {_megabytes(weight)} of it",
                hint=f"readers lose nothing; to keep the newsroom light, save it {2 * COVER_WIDTH} pixels wide",
                level=Level.ADVICE,
            )


@rule("small-picture", Level.WARNING)
def small_picture(subject: Subject) -> Iterator[Found]:
    """A picture narrower than its place is blurred when it is blown up, or leaves a hole beside it."""
    for file, facts, place, _ in _placed(subject):
        width = room_of((facts.width, facts.height), place).width
        if facts.width < width:
            yield Found(
                place=file.place,
                message=f"picture '{_shown(file.source)}' is {facts.width} pixels wide, its place {width}",
                hint=f"use one of at least {width} pixels; {2 * width} are sharp on every screen",
            )


@rule("odd-proportions", Level.WARNING)
def odd_proportions(subject: Subject) -> Iterator[Found]:
    """A tall picture is cut to its place and may lose heads or words; a very flat one becomes a strip.

    Who says what the cut must keep (`image_focus: top`) has decided it.
    """
    for file, facts, place, focus in _placed(subject):
        width, height = facts.width, facts.height
        picture = f"picture '{_shown(file.source)}' ({width} × {height})"
        # A GIF is never cut: it would have to be made anew.
        left, top, right, bottom = cut((width, height), place, focus) if facts.kind != "GIF" else (0, 0, width, height)
        lost = 1 - (right - left) * (bottom - top) / (width * height)
        if bottom - top < height:
            if 3 * height >= 4 * width and lost > _MOST_OF_HEIGHT[place] and focus not in _UPRIGHT:
                yield Found(
                    place=file.place,
                    message=f"{picture} is tall: the cut to its place takes {round(100 * lost)} % of it away",
                    hint=f"say what must stay: image_focus: top (or center, bottom); or {_CROP[place]}",
                )
        elif right - left < width:
            if lost > _MOST_OF_WIDTH and focus not in _ACROSS:
                yield Found(
                    place=file.place,
                    message=f"{picture} is wide: the cut to its place takes {round(100 * lost)} % of it away",
                    hint=f"say what must stay: image_focus: left (or center, right); or {_CROP[place]}",
                )
        elif width > 4 * height:
            yield Found(
                place=file.place,
                message=f"{picture} is very flat: it becomes a strip",
                hint=_CROP[place],
            )


@rule("picture-stands-still", Level.WARNING)
def picture_stands_still(subject: Subject) -> Iterator[Found]:
    """Of a moving WebP or PNG only the first picture goes out: mail programs move none but GIFs."""
    for file in _files(subject):
        facts = subject.pictures.get(file.path)
        if facts and facts.frames > 1 and facts.kind != "GIF":
            yield Found(
                place=file.place,
                message=f"picture '{_shown(file.source)}' is a moving one, and only the first of its {facts.frames} "
                "pictures goes out",
                hint="save it as GIF: it goes out as it is",
            )


@rule("unshown-format", Level.ERROR)
def unshown_format(subject: Subject) -> Iterator[Found]:
    """Many mail programs show no WebP, SVG, AVIF or HEIC: their readers see an empty frame."""
    for file in _files(subject):
        ending = file.source.partition("?")[0].rpartition(".")[2].lower()
        # A file of the newsroom's own becomes JPEG or PNG on its way into the mail.
        if not file.path and ending in _UNSHOWN:
            yield Found(
                place=file.place,
                message=f"picture '{_shown(file.source)}' is {_UNSHOWN[ending]}",
                hint="save it beside the item: the build makes a JPEG or PNG of it",
            )


@rule("drive-picture", Level.ERROR)
def drive_picture(subject: Subject) -> Iterator[Found]:
    """The page of a drive or of a design tool is not a picture: readers see an empty frame."""
    for file in _files(subject):
        if _DRIVES.match(file.source):
            yield Found(
                place=file.place,
                message=f"'{_shown(file.source)}' is a page that shows a picture, not the picture",
                hint="download it, and put the file beside the item",
            )


@rule("foreign-picture", Level.WARNING)
def foreign_picture(subject: Subject) -> Iterator[Found]:
    """A picture on another host can be exchanged after everybody has approved it, and that host counts your readers."""
    page = subject.page
    elsewhere = [
        (host, address, element)
        for address, element in _loaded(page)
        if (host := host_of(f"https:{address}" if address.startswith("//") else address))
    ]
    own = _own_hosts(subject.config) if elsewhere else ()
    for host, address, element in elsewhere:
        # What is no picture at all is told as that.
        if not any(is_within(host, ours) for ours in own) and not _DRIVES.match(address):
            yield Found(
                place=page.place(element, address) if element else page.sources.template(address),
                message=f"picture '{_shown(address)}' lies on {host}, which is not yours",
                hint="save it beside the item, and name the file; a host of yours is that of website, browser_url or "
                "picture_base_url in newsletter.toml",
            )


@rule("data-picture", Level.ERROR)
def data_picture(page: Page) -> Iterator[Found]:
    """Gmail and Outlook drop pictures that are written into the HTML itself (data:), and filters distrust them."""
    for image in page.images:
        if image.attrs.get("src", "").startswith("data:"):
            yield Found(
                place=page.place(image, "data:"),
                message="a picture is written into the HTML itself (data:)",
                hint="put the file beside the item",
            )


@rule("logo-vanishes", Level.WARNING)
def logo_vanishes(subject: Subject) -> Iterator[Found]:
    """A dark logo on a transparent ground can't be seen in dark mode: the mail looks as if nobody had signed it."""
    source = subject.issue.settings.logo
    facts = subject.pictures.get(source)
    if facts and 0 <= facts.ink < 0.18:
        yield Found(
            place=subject.sources.setting("logo"),
            message=f"logo '{_shown(source)}' is dark on a transparent ground",
            hint="give it a light ground or a light outline",
        )


@rule("words-in-picture", Level.WARNING)
def words_in_picture(subject: Subject) -> Iterator[Found]:
    """A flyer in place of words is lost on readers who can't see it, where pictures are blocked, and in searches."""
    for story in subject.issue.stories:
        item = story.item
        if item.picture and not (item.starts or item.source) and len(re.findall(r"\w+", item.body)) < 8:
            yield Found(
                place=item.place("image"),
                message=f"'{_shown(item.title)}' says it all in its picture",
                hint="write who, what, when and where below the front matter as well",
            )


def _files(subject: Subject) -> Iterator[PictureFile]:
    for story in subject.issue.stories:
        if story.item.picture:
            yield story.item.picture
        yield from story.item.body_pictures.values()
    if subject.issue.front_page:
        yield from subject.issue.front_page.body_pictures.values()


def _own_hosts(config: Config) -> set[str]:
    """Return the hosts that newsletter.toml calls the newsroom's own; a front page has no say in it."""
    tables = [config.own, *(publication.own for publication in config.publications.values())]
    tables += [chapter.own for chapter in config.chapters.values()]
    stated = (str(own.get(key, "")) for own in tables for key in ("website", "browser_url", "picture_base_url"))
    # `https://{chapter}.network.example/`: a host for each chapter.
    hosts = (host_of(re.sub(r"\{[^{}/]*\}\.?", "", address)).removeprefix("www.") for address in stated)
    return {host for host in hosts if "." in host}


def _loaded(page: Page) -> Iterator[tuple[str, Element | None]]:
    """Yield what a mail program loads to show the page, and the element that asks for it; None for a style sheet."""
    for element in page.elements:
        if element.tag in {"img", "input"}:
            yield element.attrs.get("src", ""), element
        if "background" in element.attrs:
            yield element.attrs["background"], element
        if element.style:
            for address in _backgrounds(element.style):
                yield address, element
    for sheet in page.sheets:
        for css_rule in sheet.rules:
            for address in _backgrounds(css_rule.style):
                yield address, None


def _backgrounds(style: Mapping[str, str]) -> Iterator[str]:
    for name in ("background", "background-image"):
        if name in style:
            yield from re.findall(r"url\(\s*['\"]?([^'\")\s]+)", style[name])


def _placed(subject: Subject) -> Iterator[tuple[PictureFile, PictureFacts, Place, str]]:
    """Yield the items' own pictures with what they are like, where they stand, and what a cut must keep of them."""
    places = places_of(subject.issue)
    for story in subject.issue.stories:
        item = story.item
        if item.picture and (facts := subject.pictures.get(item.picture.path)):
            yield item.picture, facts, places[item.path], item.image_focus


def _alt_place(subject: Subject, file: PictureFile) -> Line:
    for story in subject.issue.stories:
        if file is story.item.picture:
            return story.item.place("image_alt" if "image_alt" in story.item.lines else "image")
    return file.place


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1000:.0f} kB"


def _shown(words: str, most: int = 60) -> str:
    return words if len(words) <= most else f"{words[: most - 1]}…"
