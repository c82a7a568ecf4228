"""Templates that a newsroom copied before the look changed still build, alone and together."""

from pathlib import Path

import pytest

from tests.room import Room

# The packaged look as it was until November 2026.
FORMER = Path(__file__).parent / "former_look"
FILES = sorted(str(path.relative_to(FORMER)) for path in FORMER.rglob("*") if path.is_file())


def full(room: Room) -> list[str]:
    """Write an issue with a story and an event of each look; return its titles."""
    picture = {"image": "https://pictures.example/a.jpg", "image_alt": "A", "image_credit": "B", "image_caption": "C"}
    event = {"starts": "2024-09-10 18:00", "location": "Here", "rsvp": "https://a.example"}
    room.front_page("2024-09/state-LPMN", "Hello.\n")
    titles = []
    for number, section in enumerate(("wins", "wins", "action", "in-the-news", "remembrance", "events")):
        for name, front in (("plain", picture), ("event", event)):
            titles.append(f"The {name} story {number}")
            room.item(f"{name}-{number}", title=titles[-1], section=section, link="https://a.example", **front)
    return titles


def test_there_is_each_file_of_the_former_look() -> None:
    assert len(FILES) == 13


@pytest.mark.parametrize("names", [*([name] for name in FILES), FILES], ids=[*FILES, "all of them"])
def test_a_copied_template_of_the_former_look_still_shows_every_story(room: Room, names: list[str]) -> None:
    titles = full(room)
    for name in names:
        room.file(f"templates/{name}", (FORMER / name).read_text("utf-8"))
    delivery = room.delivery()
    for title in titles:
        assert title in delivery.html
        assert title in delivery.text
    assert 'href="https://network.example/unsubscribe"' in delivery.html
