"""Where a picture came from: kept when its name is made, never read out of the name."""

import io
import re

import pytest
from PIL import Image

from newsletter.deliver.export import export
from newsletter.deliver.providers import provider_named
from newsletter.deliver.tags import translate
from newsletter.issue.compose import compose
from newsletter.look.pictures import prepare
from newsletter.look.render import render
from newsletter.look.templates import Look
from newsletter.model import Issue
from tests.compiled import COMPILED
from tests.conftest import Run
from tests.room import TOML, Room, picture

ID = "2024-09/state-LPMN"
FOLDER = "issues/2024-09/items"


def listed(room: Room, issue_id: str = ID) -> list[str]:
    """Return what the checklist says of each picture, behind its size."""
    issue = room.issue(issue_id)
    cover, pictures = compose(issue), prepare(issue, room.root)
    email = render(issue, cover, pictures, Look(room.root, COMPILED))
    row = provider_named(room.load().config, "brevo")
    delivery = translate(email, issue, row, {picture.name: picture for picture in pictures.values()})
    checklist = export(issue, cover, email, delivery, row)["handover.md"].decode()
    return re.findall(r"^ +- `[^`]+`: \d+ pixels wide, \d+ kB(.*)$", checklist, re.MULTILINE)


def used(issue: Issue, room: Room) -> dict[str, list[tuple[str, int, str]]]:
    """Return by place where each picture is asked for, and with which alt text."""
    return {
        place: [(use.place.file, use.place.line, use.alt) for use in picture.uses]
        for (_, place, _), picture in prepare(issue, room.root).items()
    }


@pytest.mark.parametrize(
    "name",
    ["IMG_1234.jpg", "UPPER.PNG", "two blanks here.png", "v1.2.final.png", "📬.png", "-.png", "x" * 200 + ".png"],
)
def test_whatever_its_file_is_called_a_picture_keeps_story_and_alt_text(room: Room, name: str) -> None:
    room.file(f"{FOLDER}/{name}", picture("#1D5C63"))
    room.item("a-tree", image=name, image_alt="Two oaks")
    assert listed(room) == [", in “A tree”; alt text “Two oaks”"]


def test_two_files_of_one_name_each_have_their_own_story(room: Room) -> None:
    for folder, colour in (("one", "#1D5C63"), ("two", "#8A2B5B")):
        room.file(f"{FOLDER}/{folder}/photo.jpg", picture(colour))
        keys = {"chapters": ["LPMN"], "month": "2024-09", "section": "wins", "image": "photo.jpg"}
        room.page(f"{FOLDER}/{folder}/x.md", "Words.\n", {"title": f"Story {folder}", **keys, "image_alt": colour})
    assert listed(room) == [
        ", in “Story one”; alt text “#1D5C63”",
        ", in “Story two”; alt text “#8A2B5B”",
    ]


def test_a_file_in_two_stories_is_told_with_both_and_what_each_says_of_it(room: Room) -> None:
    room.file(f"{FOLDER}/a.png", picture("#1D5C63"))
    room.item("first", lead=True)
    room.item("one", image="a.png", image_alt="Two oaks")
    room.item("two", image="a.png")
    assert listed(room) == [", in “One”; alt text “Two oaks”; in “Two”"]


def test_copies_of_a_file_in_two_folders_are_one_picture_of_two_stories(room: Room) -> None:
    room.item("first", lead=True)
    for folder in ("one", "two"):
        room.file(f"{FOLDER}/{folder}/photo.jpg", picture("#1D5C63"))
        keys = {"chapters": ["LPMN"], "month": "2024-09", "section": "wins", "image": "photo.jpg"}
        room.page(f"{FOLDER}/{folder}/x.md", "Words.\n", {"title": f"Story {folder}", **keys, "image_alt": folder})
    assert listed(room) == [", in “Story one”; alt text “one”; in “Story two”; alt text “two”"]


def test_a_picture_beside_and_inside_the_words_of_a_story_is_told_at_each_place(room: Room) -> None:
    room.file(f"{FOLDER}/a.png", picture("#1D5C63"))
    room.item("one", "Words.\n\n![Again](a.png)\n", image="a.png", image_alt="First")
    assert listed(room) == [", in “One”; alt text “First”", ", in “One”; alt text “Again”"]
    assert used(room.issue(), room) == {
        "cover": [(f"{FOLDER}/one.md", 7, "First")],
        "words": [(f"{FOLDER}/one.md", 12, "Again")],
    }


def test_the_logo_and_a_picture_of_the_greeting_are_called_that(room: Room) -> None:
    room.file("newsletter.toml", TOML.replace("[organization]", '[organization]\nlogo = "Our Logo.PNG"', 1))
    room.file("Our Logo.PNG", picture("#1D5C63"))
    room.file("issues/2024-09/Hello There.png", picture("#8A2B5B"))
    room.front_page(ID, "Dear all,\n\n![A wave](<Hello There.png>)\n")
    room.item()
    assert listed(room) == [", in the greeting; alt text “A wave”", ", the logo; alt text “Example Network”"]


def test_a_heavy_picture_is_weighed_for_each_story_that_shows_it(room: Room, run: Run) -> None:
    file = io.BytesIO()
    frames = [Image.effect_noise((600, 400), 90 + number) for number in range(6)]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    assert len(file.getvalue()) > 1_000_000
    room.file(f"{FOLDER}/one/photo.gif", file.getvalue())
    room.file(f"{FOLDER}/two/photo.gif", picture("#1D5C63"))
    keys = {"chapters": ["LPMN"], "month": "2024-09", "section": "wins", "image": "photo.gif", "image_alt": "A tree"}
    room.page(f"{FOLDER}/one/x.md", "Words.\n", {"title": "Story one", **keys})
    room.page(f"{FOLDER}/two/x.md", "Words.\n", {"title": "Story two", **keys})
    found = run("check", "LPMN", "-m", "2024-09").output
    assert re.findall(r"(\w+/x\.md):\d+: .*heavy-picture", found) == ["one/x.md"]
