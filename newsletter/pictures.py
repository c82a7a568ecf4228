"""PictureFile -> Picture: resized to twice its place, turned upright, stripped of metadata; or as it is."""

import hashlib
import io
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

from newsletter.cache import Cache
from newsletter.errors import ContentError, Fault
from newsletter.model import Issue, Picture, PictureFacts, PictureFile
from newsletter.nouns import noun
from newsletter.ready import as_it_is

if TYPE_CHECKING:
    from PIL.Image import Image

Place = Literal["cover", "thumb", "words", "logo"]
# Width in CSS pixels, and the tallest shape (height / width) a picture is cut down to; None keeps its shape.
PLACES: Mapping[Place, tuple[int, float | None]] = {
    "cover": (536, 9 / 16),
    "thumb": (112, 1.0),
    "words": (536, None),
    "logo": (200, None),
}
LOGO_HEIGHT = 48
_MOST_PIXELS = 100_000_000
_RECIPE = "3"
# A picture in the cache: `536 302`, its size as it is shown, a line of its own, and its bytes.
_KEPT = re.compile(rb"(?P<width>[1-9][0-9]{0,3}) (?P<height>[1-9][0-9]{0,5})\n(?P<content>.+)", re.DOTALL)
_BEGINS = {"jpeg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n"}


@noun
class _Wanted:
    file: PictureFile
    place: Place


def place_of(issue: Issue, path: str) -> Place:
    """Return where the issue shows the picture of the item with that path."""
    if issue.lead and issue.lead.item.path == path:
        return "cover"
    looks = {story.item.path: part.section.look for part in issue.parts for story in part.stories}
    return "thumb" if looks.get(path) == "compact" else "cover"


def prepare(issue: Issue, root: Path, cache: Cache | None = None) -> dict[tuple[str, Place], Picture]:
    """Return the issue's local pictures, made ready, by path and place.

    Raises ContentError with every picture that can't be opened, or is too large to be safe to open.
    """
    wanted = {(one.file.path, one.place): one for one in _wanted(issue) if one.file.path}
    faults: list[Fault] = []
    found: dict[tuple[str, Place], Picture | None] = {}
    todo: dict[tuple[str, Place], tuple[_Wanted, bytes]] = {}
    for key, one in wanted.items():
        try:
            raw = _read(root, one)
            found[key] = _at_hand(raw, one, cache)
        except _BadPicture as bad:
            faults.append(bad.fault(one.file))
            continue
        if not found[key]:
            todo[key] = one, raw
    for key, result in zip(todo, _make_each(list(todo.values()), cache), strict=True):
        if isinstance(result, Fault):
            faults.append(result)
        else:
            found[key] = result
    if faults:
        places = [one.file.place for one in wanted.values()]
        raise ContentError(sorted(faults, key=lambda fault: places.index(fault.place)))
    return {key: picture for key, picture in found.items() if picture}


def _make_each(todo: list[tuple[_Wanted, bytes]], cache: Cache | None) -> Iterable[Picture | Fault]:
    def make(one: tuple[_Wanted, bytes]) -> Picture | Fault:
        try:
            return _make(one[1], one[0], cache)
        except _BadPicture as bad:
            return bad.fault(one[0].file)

    if len(todo) < 2:
        return map(make, todo)
    from concurrent.futures import ThreadPoolExecutor

    # Pillow lets go of the interpreter while it decodes and encodes.
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(make, todo))


def _wanted(issue: Issue) -> Iterable[_Wanted]:
    for story in issue.stories:
        if story.item.picture:
            yield _Wanted(file=story.item.picture, place=place_of(issue, story.item.path))
        for file in story.item.body_pictures.values():
            yield _Wanted(file=file, place="words")
    if issue.front_page:
        for file in issue.front_page.body_pictures.values():
            yield _Wanted(file=file, place="words")
    if logo := logo_of(issue):
        yield _Wanted(file=logo, place="logo")


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
    found = {}
    for path in dict.fromkeys(one.file.path for one in _wanted(issue) if one.file.path):
        try:
            size, (width, height, kind) = (root / path).stat().st_size, _measured(root / path)
        except (OSError, ValueError, SyntaxError):
            continue
        ink = _ink(root / path, cache) if logo and path == logo.path and kind in {"PNG", "GIF", "WEBP"} else -1.0
        found[path] = PictureFacts(size=size, width=width, height=height, kind=kind, ink=ink)
    return found


def _measured(path: Path) -> tuple[int, int, str]:
    """Return width, height and format; from the first bytes where that does, since importing Pillow takes longer."""
    with path.open("rb") as file:
        head = file.read(32)
        if head[:8] == b"\x89PNG\r\n\x1a\n":
            return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big"), "PNG"
        if head[:4] == b"GIF8":
            return int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little"), "GIF"
        if head[:2] == b"\xff\xd8" and (size := _jpeg_size(file)):
            return *size, "JPEG"
    from PIL import Image

    with Image.open(path) as image:
        return *image.size, str(image.format)


def _jpeg_size(file: BinaryIO) -> tuple[int, int] | None:
    file.seek(2)
    while len(marker := file.read(4)) == 4 and marker[0] == 0xFF:
        # A camera's thumbnail and colours come first; the frame header holds the size.
        if 0xC0 <= marker[1] <= 0xCF and marker[1] not in {0xC4, 0xC8, 0xCC}:
            frame = file.read(5)
            return int.from_bytes(frame[3:5], "big"), int.from_bytes(frame[1:3], "big")
        file.seek(int.from_bytes(marker[2:4], "big") - 2, 1)
    return None


def _ink(path: Path, cache: Cache | None) -> float:
    """Return the mean luminance (0 to 1) of what is drawn on a transparent ground; -1 where the ground is opaque."""
    raw = path.read_bytes()
    key = f"ink-{hashlib.sha256(raw).hexdigest()[:40]}.txt"
    if cache and (kept := _number(cache.get(key))) is not None:
        return kept
    try:
        image = _opened(raw)
    except _BadPicture:
        return -1.0
    ink = -1.0
    if image.mode == "RGBA":
        image.thumbnail((64, 64))
        pixels = [(r, g, b, a) for r, g, b, a in image.get_flattened_data() if a > 96]  # type: ignore[misc]  # RGBA
        if pixels:
            ink = sum(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b, _ in pixels) / len(pixels) / 255
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

    def fault(self, file: PictureFile) -> Fault:
        return Fault(place=file.place, message=f"picture '{file.source}' {self}", hint=self.hint)


def _read(root: Path, wanted: _Wanted) -> bytes:
    try:
        return (root / wanted.file.path).read_bytes()
    except OSError as error:
        raise _BadPicture(f"can't be read: {(error.strerror or 'unknown reason').lower()}", "") from None


def _at_hand(raw: bytes, wanted: _Wanted, cache: Cache | None) -> Picture | None:
    """Return the picture if nothing need be done to it, or was done before."""
    if raw[:4] == b"GIF8":
        width, height = int.from_bytes(raw[6:8], "little") or 1, int.from_bytes(raw[8:10], "little") or 1
        return _picture(wanted, raw, "gif", raw, _shown((width, height), wanted.place))
    ready = as_it_is(raw)
    if ready and _fits(ready[1:], wanted.place):
        return _picture(wanted, raw, ready[0], raw, _shown(ready[1:], wanted.place))
    for kind in ("jpeg", "png"):
        kept = cache and _KEPT.fullmatch(cache.get(_key(raw, wanted.place, kind)) or b"")
        # What is no picture of its kind was not put there by us.
        if kept and kept["content"].startswith(_BEGINS[kind]):
            return _picture(wanted, raw, kind, kept["content"], (int(kept["width"]), int(kept["height"])))
    return None


def _make(raw: bytes, wanted: _Wanted, cache: Cache | None) -> Picture:
    image = _shaped(_opened(raw), wanted.place)
    kind, content = _encoded(image)
    shown = _shown(image.size, wanted.place)
    if cache:
        cache.put(_key(raw, wanted.place, kind), "{} {}\n".format(*shown).encode() + content)
    return _picture(wanted, raw, kind, content, shown)


def _key(raw: bytes, place: Place, kind: str) -> str:
    return f"{_RECIPE}-{place}-{hashlib.sha256(raw).hexdigest()[:40]}.{kind}"


def _picture(wanted: _Wanted, raw: bytes, kind: str, content: bytes, shown: tuple[int, int]) -> Picture:
    """Return the picture under a name of its own: what it is made from, and for which place."""
    stem = re.sub(r"[^A-Za-z0-9]+", "-", Path(wanted.file.path).stem).strip("-").lower()[:60] or "picture"
    place = "" if wanted.place == "cover" or kind == "gif" else f"-{wanted.place}"
    ending = {"jpeg": "jpg"}.get(kind, kind)
    return Picture(
        name=f"{stem}-{hashlib.sha256(raw).hexdigest()[:8]}{place}.{ending}",
        content=content,
        content_type=f"image/{kind}",
        width=shown[0],
        height=shown[1],
    )


def _opened(raw: bytes) -> "Image":
    """Return the picture decoded, upright, in sRGB or grey, without anything a camera wrote beside it."""
    import warnings

    from PIL import Image, ImageOps, UnidentifiedImageError

    # What Pillow has to say of odd metadata, and of sizes that we check ourselves, is no news to a writer.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    try:
        image: Image.Image = Image.open(io.BytesIO(raw))
        width, height = image.size
        if width * height > _MOST_PIXELS:
            raise _BadPicture(
                f"has {width} × {height} pixels, too many to open safely", "save it no wider than 4000 pixels"
            )
        image.load()
        image = ImageOps.exif_transpose(image)
    except Image.DecompressionBombError:
        raise _BadPicture("has too many pixels to open safely", "save it no wider than 4000 pixels") from None
    except UnidentifiedImageError:
        raise _BadPicture("is not a picture that can be opened", "export it anew as JPEG or PNG") from None
    except (OSError, SyntaxError, ValueError) as error:
        if isinstance(error, _BadPicture):
            raise
        raise _BadPicture("is damaged or cut off", "export it anew as JPEG or PNG") from None
    if "transparency" in image.info:
        # A palette's or a PNG's one see-through colour.
        image = image.convert("RGBA")
    image = _in_srgb(image)
    if image.mode == "P":
        return image
    if image.mode in {"LA", "RGBA", "PA"}:
        image = image.convert("RGBA")
        return image if image.getchannel("A").getextrema() != (255, 255) else image.convert("RGB")
    if image.mode.startswith(("I", "F")):
        # 16 bits a pixel: keep the upper eight.
        image = image.point(lambda value: value / 256).convert("L")
    return image if image.mode in {"L", "RGB"} else image.convert("RGB")


def _in_srgb(image: "Image") -> "Image":
    """Return the picture in sRGB: a phone's wide-gamut colours look dull once their profile is gone."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in {"RGB", "RGBA", "CMYK"}:
        return image
    from PIL import ImageCms

    try:
        changed = ImageCms.profileToProfile(
            image,
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            outputMode="RGB" if image.mode == "CMYK" else image.mode,
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return changed or image


def _shaped(image: "Image", place: Place) -> "Image":
    """Return the picture cut to its place's shape and no wider than twice its place."""
    from PIL import Image

    shape = PLACES[place][1]
    if shape and image.height > image.width * shape:
        height = max(1, round(image.width * shape))
        # Faces sit in the upper part of a tall picture.
        top = round((image.height - height) * 0.35)
        image = image.crop((0, top, image.width, top + height))
    if place == "thumb" and image.width > image.height:
        left = (image.width - image.height) // 2
        image = image.crop((left, 0, left + image.height, image.height))
    scale = _scale(image.size, place)
    if scale == 1.0:
        return image
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    if image.mode == "P":
        return image.convert("RGB").resize(size, Image.Resampling.LANCZOS).quantize(256, dither=Image.Dither.NONE)
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _fits(size: tuple[int, int], place: Place) -> bool:
    """Tell whether a picture of that size needs neither cutting nor scaling."""
    width, height = size
    shape = PLACES[place][1]
    is_cut = (shape and height > width * shape) or (place == "thumb" and width > height)
    return not is_cut and _scale(size, place) == 1.0


def _scale(size: tuple[int, int], place: Place) -> float:
    scale = min(1.0, 2 * PLACES[place][0] / size[0])
    return min(scale, 2 * LOGO_HEIGHT / size[1]) if place == "logo" else scale


def _encoded(image: "Image") -> tuple[str, bytes]:
    """Return `png` or `jpeg` and the bytes: drawings and transparent pictures stay PNG, photographs become JPEG."""
    from PIL import Image

    def save(kind: str, **options: object) -> bytes:
        file = io.BytesIO()
        bare = Image.frombytes(image.mode, image.size, image.tobytes())
        if image.mode == "P" and (palette := image.getpalette()):
            bare.putpalette(palette)
        bare.save(file, kind, **options)
        return file.getvalue()

    if image.mode in {"P", "RGBA"}:
        return "png", save("PNG", optimize=True)
    photograph = save("JPEG", quality=82, optimize=True, progressive=True)
    if image.getcolors(4096) is None:
        return "jpeg", photograph
    drawing = save("PNG", optimize=True)
    return ("png", drawing) if len(drawing) <= len(photograph) else ("jpeg", photograph)


def _shown(size: tuple[int, int], place: Place) -> tuple[int, int]:
    """Return width and height in CSS pixels: the place's, or the picture's own if it is smaller."""
    width, height = size
    most = PLACES[place][0]
    if place == "logo":
        scale = min(0.5, most / width, LOGO_HEIGHT / height)
        return max(1, round(width * scale)), max(1, round(height * scale))
    shown = min(most, width)
    return shown, max(1, round(height * shown / width))
