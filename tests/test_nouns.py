"""`@noun`: what a frozen, slotted, keyword-only dataclass promises."""

import copy
import pickle
from collections.abc import Mapping
from dataclasses import FrozenInstanceError, asdict, dataclass, field, fields, is_dataclass, replace
from typing import Any

import pytest

from newsletter import model
from newsletter.errors import Fault, Place
from newsletter.nouns import noun


@noun
class Sample:
    """A noun with one field of every kind."""

    name: str
    size: int = 3
    parts: tuple[str, ...] = ()
    own: Mapping[str, object] = field(default_factory=dict)
    secret: str = field(default="", repr=False)

    @property
    def twice(self) -> int:
        """Twice the size."""
        return 2 * self.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """The same, as the standard library makes it."""

    name: str
    size: int = 3
    parts: tuple[str, ...] = ()
    own: Mapping[str, object] = field(default_factory=dict)
    secret: str = field(default="", repr=False)


STATED: list[dict[str, Any]] = [
    {"name": "a"},
    {"name": "a", "size": 4, "parts": ("x",), "own": {"k": 1}, "secret": "s"},
    {"secret": "s", "name": "b"},
]


@pytest.mark.parametrize("stated", STATED)
def test_it_holds_and_shows_what_the_standard_one_does(stated: dict[str, Any]) -> None:
    ours, standard = Sample(**stated), Standard(**stated)
    assert asdict(ours) == asdict(standard)
    assert repr(ours) == repr(standard).replace("Standard(", "Sample(")
    assert [one.name for one in fields(ours)] == [one.name for one in fields(standard)]
    assert is_dataclass(Sample)


def test_each_gets_a_default_of_its_own() -> None:
    assert Sample(name="a").own is not Sample(name="a").own


@pytest.mark.parametrize("stated", [{}, {"size": 1}, {"name": "a", "colour": "red"}, {"colour": "red"}])
def test_what_is_missing_or_unknown_is_refused_as_by_the_standard_one(stated: dict[str, Any]) -> None:
    with pytest.raises(TypeError) as expected:
        Standard(**stated)
    with pytest.raises(TypeError) as caught:
        Sample(**stated)
    named = next(word for word in ("'colour'", "'name'") if word in str(expected.value))
    assert named in str(caught.value)


def test_nothing_is_taken_by_position() -> None:
    with pytest.raises(TypeError):
        Sample("a")  # type: ignore[call-arg]


def test_it_never_changes_and_has_no_room_for_more() -> None:
    one = Sample(name="a")
    for name in ("name", "colour"):
        with pytest.raises(FrozenInstanceError):
            setattr(one, name, "b")
    with pytest.raises(FrozenInstanceError):
        del one.name
    assert one == Sample(name="a")
    assert not hasattr(one, "__dict__")


def test_it_compares_and_hashes_by_its_values_and_kind() -> None:
    assert Place(file="a", line=1) == Place(file="a", line=1) != Place(file="a", line=2)
    assert len({Place(file="a", line=1), Place(file="a", line=1), Place(file="b")}) == 2
    other: object = Standard(name="a")
    assert Sample(name="a") != other
    with pytest.raises(TypeError, match="unhashable"):
        hash(Sample(name="a", own={"k": 1}))


def test_places_sort_by_file_and_line() -> None:
    places = [Place(file="b"), Place(file="a", line=10), Place(file="a", line=9)]
    assert sorted(places) == places[::-1]


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_it_travels_to_another_process_and_can_be_copied(again: Any) -> None:
    fault = Fault(place=Place(file="a.md", line=3), message="is missing", months=("2024-09",))
    assert again(fault) == fault
    assert again(Sample(name="a", own={"k": (1,)})) == Sample(name="a", own={"k": (1,)})


def test_one_is_made_from_another() -> None:
    assert replace(Sample(name="a", size=4), name="b") == Sample(name="b", size=4)
    assert Sample(name="a", size=4).twice == 8


def test_the_nouns_of_the_line_are_such() -> None:
    nouns = [one for one in vars(model).values() if is_dataclass(one)]
    assert len(nouns) > 20
    assert all("__noun_names__" in vars(one) for one in nouns)
