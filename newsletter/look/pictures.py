"""PictureFile -> Picture: resized to twice its place, turned upright, stripped of metadata; or as it is."""

import contextlib
import hashlib
import io
import os
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from msgspec.structs import replace

from newsletter.errors import ContentError, Fault
from newsletter.interrupts import in_threads
from newsletter.look import pixels
from newsletter.look.ready import as_it_is
from newsletter.memo import Cache
from newsletter.model import COVER_WIDTH, SIDE_WIDTH, THUMB_WIDTH, Issue, Picture, PictureFacts, PictureFile
from newsletter.program import program
from newsletter.read import files
from newsletter.read.embedded import read_picture

if TYPE_CHECKING:
    from PIL.Image import Image

Place = Literal["cover", "side", "thumb", "words", "logo"]
# A file's path, where it stands, and what a cut must keep of it there (`image_focus`; empty if nobody said).
Key = tuple[str, Place, str]


class Room(Struct, frozen=True, kw_only=True):
    """How much room a picture has at its place.

    `width` is in CSS pixels, `pixels` the widest that its file gets (twice the width is sharp on every screen),
    `tallest` the shape (height / width) that it is cut down to; None keeps its own.
    """

    width: int
    pixels: int
    tallest: float | None = None


_ROOMS: Mapping[Place, Room] = {
    "cover": Room(width=COVER_WIDTH, pixels=2 * COVER_WIDTH, tallest=9 / 16),
    # On a phone it stands across the page.
    "side": Room(width=SIDE_WIDTH, pixels=640, tallest=9 / 16),
    "thumb": Room(width=THUMB_WIDTH, pixels=2 * THUMB_WIDTH, tallest=1.0),
    "words": Room(width=COVER_WIDTH, pixels=2 * COVER_WIDTH),
    "logo": Room(width=200, pixels=400),
}
# What is taller than wide is mostly a person: cut to 16:9 it would lose the head, so it stands whole beside the words.
_PORTRAIT = Room(width=SIDE_WIDTH, pixels=2 * SIDE_WIDTH, tallest=16 / 9)
LOGO_HEIGHT = 48
# The longest side of a picture that is laid into a newsroom: room for a cut, at twice the widest place.
_STORED = 1600
# How much of what is cut away goes above, and how much at the left: faces sit in the upper part of a tall picture.
_ABOVE, _LEFT = {"top": 0.0, "center": 0.5, "bottom": 1.0}, {"left": 0.0, "center": 0.5, "right": 1.0}
_USUALLY_ABOVE, _USUALLY_LEFT = 0.35, 0.5
# A drawing has no more colours than this, and this share of its pixels is like those to the left and above. Of
# photographs it is a tenth at most, of drawings three quarters; lettering as small as a logo's has less.
_MOST_COLOURS, _FLAT = 4096, 1 / 3
# Bytes that a picture takes while it is made ready: up to the first number four are under way at a time, above it one;
# above the second one in all processes of a build.
_LITTLE, _MUCH = 64_000_000, 160_000_000
# A picture in the cache: `536 302`, its size as it is shown, a line of its own, and its bytes.
_KEPT = re.compile(rb"(?P<width>[1-9][0-9]{0,3}) (?P<height>[1-9][0-9]{0,5})\n(?P<content>.+)", re.DOTALL)
_BEGINS = {"jpeg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n", "gif": b"GIF8"}


class _Wanted(Struct, frozen=True, kw_only=True):
    """A file of the newsroom at one place, and what in the issue asks for it there, in reading order."""

    path: str
    place: Place
    focus: str
    uses: tuple[PictureFile, ...]


def places_of(issue: Issue) -> dict[str, Place]:
    """Return where the issue shows the pictures of its items, by the items' paths.

    In a section of stories the first has its picture across the page, the others beside their headlines; the lead is
    the first of its section.
    """
    places: dict[str, Place] = {}
    if issue.lead:
        places[issue.lead.item.path] = "cover"
    for number, part in enumerate(issue.parts):
        goes_on = number == 0 and part.section == issue.lead_section
        for at, story in enumerate(part.stories):
            place: Place = "cover" if at == 0 and not goes_on else "side"
            places[story.item.path] = {"compact": "thumb", "action": "cover"}.get(part.section.look, place)  # type: ignore[assignment]  # the literals are places
    return places


def room_of(size: tuple[int, int], place: Place) -> Room:
    """Return how much room a picture of that size has at a place."""
    width, height = size
    return _PORTRAIT if place in {"cover", "side"} and height >= width else _ROOMS[place]


def paths_of(issue: Issue) -> list[str]:
    """Return the paths of the newsroom's picture files that the issue is made from, each once."""
    return list(dict.fromkeys(path for path, *_ in _wanted(issue)))


def cut(size: tuple[int, int], place: Place, focus: str = "") -> tuple[int, int, int, int]:
    """Return what a place shows of a picture of that size: left, top, right and bottom in its pixels.

    `focus` is what the cut must keep; `left` and `right` decide nothing where it goes above and below.
    """
    width, height = size
    shape = room_of(size, place).tallest
    if shape and height > width * shape:
        kept = max(1, round(width * shape))
        top = round((height - kept) * _ABOVE.get(focus, _USUALLY_ABOVE))
        return 0, top, width, top + kept
    if place == "thumb" and width > height:
        left = int((width - height) * _LEFT.get(focus, _USUALLY_LEFT))
        return left, 0, left + height, height
    return 0, 0, width, height


def prepare(
    issue: Issue, root: Path, cache: Cache | None = None, aside: Callable[[Callable[[], object]], None] | None = None
) -> dict[Key, Picture]:
    """Return the issue's local pictures, made ready, by path, place and focus.

    `aside` is what can do some work in another process: what that puts into the cache need not be made in this one.
    Raises ContentError with every picture that can't be opened, or is too large to be safe to open.
    """
    wanted = _wanted(issue)
    faults: list[Fault] = []
    found: dict[Key, Picture | None] = {}
    memory: dict[Key, int] = {}
    for key, asked in wanted.items():
        try:
            found[key], memory[key] = _looked_at(root, asked, cache)
        except _BadPicture as bad:
            faults.append(bad.fault(asked))
    todo = {key: wanted[key] for key, picture in found.items() if not picture}
    if aside and todo and cache and cache.folder:
        aside(lambda: list(_make_each(todo, memory, root, cache)))
        for key, asked in todo.items():
            # What is wrong with it is told below.
            with contextlib.suppress(_BadPicture):
                found[key], _ = _looked_at(root, asked, cache)
        todo = {key: asked for key, asked in todo.items() if not found[key]}
    for key, result in _make_each(todo, memory, root, cache):
        if isinstance(result, Fault):
            faults.append(result)
        else:
            found[key] = result
    if faults:
        places = [asked.uses[0].place for asked in wanted.values()]
        raise ContentError(sorted(faults, key=lambda fault: places.index(fault.place)))
    return _with_all_uses({key: picture for key, picture in found.items() if picture})


def stored(raw: bytes) -> tuple[str, bytes]:
    """Return a picture as a newsroom keeps it, `jpg`, `png` or `gif` first: upright, of 1600 pixels a side at most.

    Nothing that a camera wrote beside it is left, such as where it was taken. Raises pixels.Unopenable.
    """
    found = pixels.outline(raw)
    if (ready := as_it_is(raw)) and max(found.upright) <= _STORED:
        return {"jpeg": "jpg"}.get(ready[0], ready[0]), raw

    def needed(size: tuple[int, int]) -> float:
        return min(1.0, _STORED / max(size))

    pixels.memory(found, needed)
    if found.kind == "GIF":
        return "gif", pixels.checked_gif(raw, found)
    image = pixels.opened(raw, needed)
    scale = needed(image.size)
    if scale < 1.0:
        from PIL.Image import Resampling

        size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
        image = (image.convert("RGB") if image.mode == "P" else image).resize(
            size, Resampling.LANCZOS, reducing_gap=3.0
        )
    is_photograph = found.kind in {"JPEG", "HEIC"} and image.mode != "RGBA"
    kind = "png" if not is_photograph and _is_drawing(image) else "jpeg"
    return {"jpeg": "jpg"}.get(kind, kind), _encoded(image, kind)


def _with_all_uses(pictures: dict[Key, Picture]) -> dict[Key, Picture]:
    """Return the pictures with the uses of those that go out under the same name: copies of a file in two folders."""
    uses: dict[str, tuple[PictureFile, ...]] = {}
    for picture in pictures.values():
        uses[picture.name] = (*uses.get(picture.name, ()), *picture.uses)
    return {key: replace(picture, uses=uses[picture.name]) for key, picture in pictures.items()}


def _make_each(
    todo: dict[Key, _Wanted], memory: Mapping[Key, int], root: Path, cache: Cache | None
) -> Iterator[tuple[Key, Picture | Fault]]:
    def make(wanted: _Wanted, *, waits: bool = True) -> Picture | Fault | None:
        try:
            if not cache or not cache.folder:
                return _make(root, wanted, cache)
            byte = 1 + zlib.crc32(f"{wanted.place}{wanted.focus} {wanted.path}".encode())
            with _alone(byte, waits=waits) as is_free:
                return _make(root, wanted, cache) if is_free else None
        except _BadPicture as bad:
            return bad.fault(wanted)

    little = [key for key in todo if memory[key] <= _LITTLE]
    # In this thread, and first: what a thread has freed, C's library keeps for that thread.
    for key in [key for key in todo if len(little) < 2 or memory[key] > _LITTLE]:
        with _alone(_TURN) if memory[key] > _MUCH else contextlib.nullcontext():
            made = make(todo[key])
        if made:
            yield key, made
    if len(little) < 2:
        return
    # Those that another process is at come last: they are made by then.
    for waits in (False, True):
        # Pillow lets go of the interpreter while it decodes and encodes.
        results = in_threads(partial(make, waits=waits), [todo[key] for key in little], 4)
        made_now = {key: made for key, made in zip(little, results, strict=True) if made}
        yield from made_now.items()
        little = [key for key in little if key not in made_now]


def _file_of_turns() -> int:
    # A file without a name, which workers that are forked later know too. Where there is none, each goes its own way.
    with contextlib.suppress(AttributeError, OSError):
        return os.memfd_create("newsletter-pictures")
    return -1


_TURNS = _file_of_turns()
# The byte of the file of turns that who is at a picture that takes much holds; the others stand for a picture each.
_TURN = 0


@contextlib.contextmanager
def _alone(byte: int, *, waits: bool = True) -> Iterator[bool]:
    """Hold that byte of the file of turns, as no other process of this build does; who is killed lets go of it.

    False if another one holds it and is not waited for.
    """
    if _TURNS < 0:
        yield True
        return
    import fcntl

    try:
        fcntl.lockf(_TURNS, fcntl.LOCK_EX if waits else fcntl.LOCK_EX | fcntl.LOCK_NB, 1, byte)
    except BlockingIOError:
        yield False
        return
    except OSError:
        # The system takes two threads here and two there for processes that wait for each other (EDEADLK). No thread
        # that holds a picture waits for another; to make one twice does no harm.
        yield True
        return
    try:
        yield True
    finally:
        fcntl.lockf(_TURNS, fcntl.LOCK_UN, 1, byte)


def _wanted(issue: Issue) -> dict[Key, _Wanted]:
    """Return what is to be made of the newsroom's files for the issue, by path, place and focus."""
    uses: dict[Key, list[PictureFile]] = {}
    for file, place, focus in _asked_for(issue):
        if file.path:
            uses.setdefault((file.path, place, focus), []).append(file)
    return {
        (path, place, focus): _Wanted(path=path, place=place, focus=focus, uses=tuple(files))
        for (path, place, focus), files in uses.items()
    }


def _asked_for(issue: Issue) -> Iterator[tuple[PictureFile, Place, str]]:
    places = places_of(issue)
    for story in issue.stories:
        if story.item.picture:
            yield story.item.picture, places[story.item.path], story.item.image_focus
        for file in story.item.body_pictures.values():
            yield file, "words", ""
    if issue.front_page:
        for file in issue.front_page.body_pictures.values():
            yield file, "words", ""
    if logo := logo_of(issue):
        yield logo, "logo", ""


def logo_of(issue: Issue) -> PictureFile | None:
    """Return the logo of the issue, if settings name one."""
    from newsletter.errors import Place as Line

    source = issue.settings.logo
    if not source:
        return None
    path = "" if source.startswith("https://") else source
    alt = issue.settings.logo_alt or issue.organization
    return PictureFile(source=source, alt=alt, path=path, place=Line(file="newsletter.toml"))


def facts(issue: Issue, root: Path, cache: Cache | None = None) -> dict[str, PictureFacts]:
    """Return what the issue's local pictures are like before they are made ready, by path; bad ones are left out."""
    logo = logo_of(issue)
    facts = {}
    for path in paths_of(issue):
        try:
            raw = read_picture(root, path)
            outline = pixels.outline(raw)
        except (OSError, ValueError):
            continue
        is_logo = logo and path == logo.path and outline.kind in {"PNG", "GIF", "WEBP"}
        width, height = outline.upright
        facts[path] = PictureFacts(
            size=len(raw),
            width=width,
            height=height,
            kind=outline.kind,
            frames=outline.frames,
            ink=_ink(raw, cache) if is_logo else -1.0,
        )
    return facts


def _ink(raw: bytes, cache: Cache | None) -> float:
    """Return the mean luminance (0 to 1) of what is drawn on a transparent ground; -1 where the ground is opaque."""
    key = f"ink-{hashlib.sha256(raw).hexdigest()[:40]}.txt"
    if cache and (kept := _number(cache.get(key))) is not None:
        return kept
    try:
        image = pixels.opened(raw, lambda size: min(1.0, 64 / max(size)))
    except pixels.Unopenable:
        return -1.0
    ink = -1.0
    if image.mode == "RGBA":
        image.thumbnail((64, 64))
        dots = [(r, g, b, a) for r, g, b, a in image.get_flattened_data() if a > 96]  # type: ignore[misc]  # RGBA
        if dots:
            ink = sum(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b, _ in dots) / len(dots) / 255
    if cache:
        cache.put(key, str(ink).encode())
    return ink


def _number(kept: bytes | None) -> float | None:
    """Return a luminance that was kept; what is none counts as nothing."""
    try:
        ink = float(kept or b"")
    except ValueError:
        return None
    return ink if ink == -1.0 or 0.0 <= ink <= 1.0 else None


class _BadPicture(ValueError):
    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint

    def fault(self, wanted: _Wanted) -> Fault:
        file = wanted.uses[0]
        return Fault(place=file.place, message=f"picture '{file.source}' {self}", hint=self.hint)


def _read(root: Path, wanted: _Wanted) -> bytes:
    try:
        return read_picture(root, wanted.path)
    except FileNotFoundError as error:
        raise _BadPicture(files.reason(error), files.READABLE) from None
    except files.Unreadable as error:
        raise _BadPicture(error.message, error.hint) from None


def _looked_at(root: Path, wanted: _Wanted, cache: Cache | None) -> tuple[Picture | None, int]:
    """Return the picture if it is at hand, and how many bytes it takes to make it ready.

    Its file, of up to 100 MB, is not kept: it would stay in memory until all pictures are made.
    """
    raw = _read(root, wanted)
    found, memory = _outlined(raw, wanted.place)
    return _at_hand(raw, found, _settled(wanted, found), cache), memory


def _settled(wanted: _Wanted, found: pixels.Outline) -> _Wanted:
    """Return what is wanted, without a focus that changes nothing: one picture needs one name."""
    changes = cut(found.upright, wanted.place, wanted.focus) != cut(found.upright, wanted.place)
    return wanted if changes and found.kind != "GIF" else replace(wanted, focus="")


def _outlined(raw: bytes, place: Place) -> tuple[pixels.Outline, int]:
    """Return what the picture's file says of it, and how many bytes it takes to make it ready."""
    try:
        found = pixels.outline(raw)
        return found, pixels.memory(found, lambda size: _needed(size, place))
    except pixels.Unopenable as told:
        raise _BadPicture(told.message, told.hint) from None


def _at_hand(raw: bytes, found: pixels.Outline, wanted: _Wanted, cache: Cache | None) -> Picture | None:
    """Return the picture if nothing need be done to it, or was done before."""
    size = found.width, found.height
    if _fits(size, wanted.place) and (ready := as_it_is(raw)):
        return _picture(wanted, _digest(raw), ready[0], raw, _shown(size, wanted.place))
    return _kept(_digest(raw), wanted, cache) if cache else None


def _kept(digest: str, wanted: _Wanted, cache: Cache) -> Picture | None:
    for kind in _BEGINS:
        kept = _KEPT.fullmatch(cache.get(_key(digest, wanted.place + wanted.focus, kind)) or b"")
        # What is no picture of its kind was not put there by us.
        if kept and kept["content"].startswith(_BEGINS[kind]):
            return _picture(wanted, digest, kind, kept["content"], (int(kept["width"]), int(kept["height"])))
    return None


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _make(root: Path, wanted: _Wanted, cache: Cache | None) -> Picture:
    # Read once more: all those that wait would fill the memory.
    raw = _read(root, wanted)
    digest = _digest(raw)
    found, _ = _outlined(raw, wanted.place)
    wanted = _settled(wanted, found)
    # Another process may have made it meanwhile: chapters share photos.
    if cache and (kept := _kept(digest, wanted, cache)):
        return kept
    try:
        if found.kind == "GIF":
            kind, content = "gif", pixels.checked_gif(raw, found)
            shown = _shown((found.width, found.height), wanted.place)
        else:
            image = _shaped(pixels.opened(raw, lambda size: _needed(size, wanted.place)), wanted)
            # What came as a photograph has no flat parts any more.
            is_photograph = found.kind in {"JPEG", "HEIC"} and image.mode != "RGBA"
            kind = "png" if not is_photograph and _is_drawing(image) else "jpeg"
            content = _encoded(image, kind)
            shown = _shown(image.size, wanted.place)
    except pixels.Unopenable as told:
        raise _BadPicture(told.message, told.hint) from None
    if cache:
        cache.put(_key(digest, wanted.place + wanted.focus, kind), "{} {}\n".format(*shown).encode() + content)
    return _picture(wanted, digest, kind, content, shown)


def _key(digest: str, place: str, kind: str) -> str:
    made_by = hashlib.sha256(f"{program()} {digest}".encode()).hexdigest()
    return f"{place}-{made_by[:40]}.{kind}"


def _picture(wanted: _Wanted, digest: str, kind: str, content: bytes, shown: tuple[int, int]) -> Picture:
    """Return the picture under a name of its own: what it is made from, and for which place."""
    stem = re.sub(r"[^A-Za-z0-9]+", "-", Path(wanted.path).stem).strip("-").lower()[:60] or "picture"
    place = "" if wanted.place == "cover" or kind == "gif" else f"-{wanted.place}"
    focus = f"-{wanted.focus}" if wanted.focus else ""
    ending = {"jpeg": "jpg"}.get(kind, kind)
    return Picture(
        name=f"{stem}-{digest[:8]}{place}{focus}.{ending}",
        content=content,
        content_type=f"image/{kind}",
        width=shown[0],
        height=shown[1],
        uses=wanted.uses,
    )


def _shaped(image: "Image", wanted: _Wanted) -> "Image":
    """Return the picture cut to its place's shape and no wider than twice its place."""
    from PIL import Image

    has_palette, place = image.mode == "P", wanted.place
    if has_palette:
        # A picture of 50 million pixels in full colours takes 200 MB.
        image = pixels.smaller(image, _needed(image.size, place))
    shown = cut(image.size, place, wanted.focus)
    if shown != (0, 0, *image.size):
        image = image.crop(shown)
    scale = _scale(image.size, place)
    if scale == 1.0:
        return image
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    if has_palette:
        return image.convert("RGB").resize(size, Image.Resampling.LANCZOS).quantize(256, dither=Image.Dither.NONE)
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _fits(size: tuple[int, int], place: Place) -> bool:
    """Tell whether a picture of that size needs neither cutting nor scaling."""
    return cut(size, place) == (0, 0, *size) and _scale(size, place) == 1.0


def _needed(size: tuple[int, int], place: Place) -> float:
    """Return which part of a picture's pixels is left of each row once it is ready: 0.5 is every second."""
    return min(1.0, room_of(size, place).pixels / min(size)) if place == "thumb" else _scale(size, place)


def _scale(size: tuple[int, int], place: Place) -> float:
    scale = min(1.0, room_of(size, place).pixels / size[0])
    return min(scale, 2 * LOGO_HEIGHT / size[1]) if place == "logo" else scale


def _is_drawing(image: "Image") -> bool:
    """Tell whether JPEG would blur it: what has a palette or is transparent, and what has few colours and is flat."""
    if image.mode in {"P", "RGBA"}:
        return True
    if image.getcolors(_MOST_COLOURS) is None:
        return False
    from PIL import ImageChops

    changes = [
        band
        for across, down in ((1, 0), (0, 1))
        for band in ImageChops.difference(image, ImageChops.offset(image, across, down)).split()
    ]
    return reduce(ImageChops.lighter, changes).histogram()[0] >= _FLAT * image.width * image.height


def _encoded(image: "Image", kind: str) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    bare = Image.frombytes(image.mode, image.size, image.tobytes())
    if image.mode == "P" and (palette := image.getpalette()):
        bare.putpalette(palette)
    if kind == "png":
        bare.save(file, "PNG", optimize=True)
    else:
        bare.save(file, "JPEG", quality=82, optimize=True, progressive=True)
    return file.getvalue()


def _shown(size: tuple[int, int], place: Place) -> tuple[int, int]:
    """Return width and height in CSS pixels: the place's, or the picture's own if it is smaller."""
    width, height = size
    most = room_of(size, place).width
    if place == "logo":
        scale = min(0.5, most / width, LOGO_HEIGHT / height)
        return max(1, round(width * scale)), max(1, round(height * scale))
    shown = min(most, width)
    return shown, max(1, round(height * shown / width))
