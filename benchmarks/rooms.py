"""Newsrooms of any size for the benchmarks: chapters, months, items."""

from collections.abc import Iterator, Sequence
from pathlib import Path

MONTH = "2024-09"
SECTIONS = (*3 * ["wins"], "spotlight", *2 * ["events"], "action", "resources", *4 * ["news"])
WORDS = (
    "The council voted eight to one to put the plan to work, after two years of meetings in church basements and "
    "school gyms. Members from six wards stood up to say what it means on their block, and what comes next."
)


def write_newsroom(
    root: Path,
    chapters: int,
    colour: int = 0x1D5C63,
    *,
    months: Sequence[str] = (MONTH,),
    items: int = len(SECTIONS),
    has_pictures: bool = True,
) -> Path:
    """Write a newsroom: every month so many items a chapter, every chapter (LPMN, C001, …) in a colour of its own."""
    codes = ["LPMN", *(f"C{number:03}" for number in range(1, chapters))]
    root.mkdir(parents=True, exist_ok=True)
    (root / "newsletter.toml").write_text("\n".join(_settings(codes, colour)), "utf-8")
    for month in months:
        folder = root / "issues" / month / "items"
        folder.mkdir(parents=True)
        if has_pictures:
            _write_picture(folder / "street.jpg", colour)
        for code in codes:
            for number, section in enumerate(SECTIONS[:items], 1):
                text = "\n".join(_item(code, number, section, month, has_picture=has_pictures))
                (folder / f"{code}-{number:02}.md").write_text(text, "utf-8")
    return root


def _write_picture(path: Path, colour: int) -> None:
    from PIL import Image, ImageOps

    gradient = Image.linear_gradient("L").resize((1200, 800))
    ImageOps.colorize(gradient, f"#{colour:06x}", "white").save(path)


def _settings(codes: list[str], colour: int) -> Iterator[str]:
    yield from (
        "[organization]",
        'name = "Local Progress"',
        'sender_address = "news@example.org"',
        'postal_address = "100 Example Plaza, New York, NY 10001"',
        'unsubscribe_url = "https://example.org/unsubscribe"',
        "[publications.state]",
        'title = "{chapter} State Download"',
        'scope = "chapter"',
    )
    looks = {"action": "action", "resources": "compact", "news": "compact"}
    for section in dict.fromkeys(SECTIONS):
        yield from (f"[sections.{section}]", f'title = "{section.capitalize()}"')
        yield f'look = "{looks.get(section, "story")}"'
    for number, code in enumerate(codes):
        yield from (f"[chapters.{code}]", f'name = "Chapter {code}"', f'accent = "#{colour + 257 * number:06X}"')


def _item(code: str, number: int, section: str, month: str, *, has_picture: bool) -> Iterator[str]:
    yield from (
        "---",
        f"title: What happened in ward {number} of {code}",
        f"headline: ward {number} decides",
        f"chapters: [{code}]",
        f"month: {month}",
        f"section: {section}",
        f"link: https://example.org/{code}/{number}",
    )
    if has_picture and section in {"wins", "news"}:
        yield from ("image: street.jpg", "image_alt: A street in the morning", "image_credit: Photo by a neighbour")
    if section == "events":
        yield from (f"starts: {month}-{number + 20} 18:00", f"ends: {month}-{number + 20} 19:30", "location: City hall")
    yield from (
        "---",
        f"{WORDS} The [minutes](https://example.org/minutes/{number}) are *public*.",
        "",
        "- the first thing that changes",
        f"- the **second**, for {code}",
        "",
        WORDS,
        "",
    )
