"""Patterns that are compiled when they are first asked."""

import importlib
import re

import pytest

from newsletter.patterns import later
from tests.test_layers import MODULES


def test_a_pattern_answers_as_the_compiled_one() -> None:
    pattern = later(r"(?P<day>\d+)(?:st|nd)", re.IGNORECASE)
    words = "the 1ST and the 22nd"
    assert [match["day"] for match in pattern.finditer(words)] == ["1", "22"]
    assert (pattern.search(words, 8) or [""])[0] == "22nd"
    assert pattern.sub("*", words) == "the * and the *" and pattern.findall(words) == ["1", "22"]
    assert not pattern.match(words) and not pattern.fullmatch(words) and pattern.split("a 1st b") == ["a ", "1", " b"]
    assert (pattern.groups, pattern.flags & re.IGNORECASE) == (1, re.IGNORECASE)
    assert later(rb"\d+").findall(b"1 22") == [b"1", b"22"]


def test_nothing_is_compiled_before_it_is_asked() -> None:
    pattern = later("(")
    with pytest.raises(re.error):
        pattern.search("words")


@pytest.mark.parametrize("name", sorted(MODULES.keys() - {"newsletter.__main__"}))
def test_every_pattern_of_a_module_can_be_compiled(name: str) -> None:
    values = vars(importlib.import_module(name)).values()
    patterns = [value for value in values if type(value) is type(later(""))]
    assert all(isinstance(pattern.pattern, str | bytes) for pattern in patterns)
