"""Nothing hangs: patterns that read a text once, bounds on what files hold, and what is told beyond them."""

import ast
import importlib
import pkgutil
import re
import signal
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from re import _parser as sre_parser  # type: ignore[attr-defined]  # the only one that tells what a pattern is made of
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import newsletter
from newsletter.check import css, fix, words
from newsletter.check.registry import levels
from newsletter.deliver.providers import providers
from newsletter.deliver.tags import typed_tags
from newsletter.errors import MOST_TOLD, ContentError, did_you_mean
from newsletter.issue import edition, venue
from newsletter.issue.edition import chosen
from newsletter.line import Builder
from newsletter.model import Chapter, Config, Publication
from newsletter.read import markdown, prose, slips, values, yaml_slips
from newsletter.read.config import issue_names, read_config
from newsletter.review import Wanted, review
from newsletter.unchanged import digests_before
from tests.compiled import COMPILED
from tests.room import TOML, Room

ISSUE = "2024-09/state-LPMN"
ITEM = "issues/2024-09/items/story.md"
# What members may repeat, and a pattern or a parser of ours once read anew from each of them.
SIGNS = (
    "?",
    "!",
    "[",
    "[^",
    "](",
    "<",
    "<a",
    "*",
    "**a ",
    "_",
    "`",
    "|-",
    "&",
    "%%first_name|",
    "🎉\u200d",
    "e\u0301",
    " \t",
    "a\n\n",
)


class TooSlow(Exception):
    """A hang guard went off."""


@contextmanager
def guard(seconds: float) -> Iterator[None]:
    """End what is inside after some seconds of the processor's: generous, since only a hang is meant."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: object) -> None:
        raise TooSlow(f"not done in {seconds:g} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


# Every pattern in the package


def patterns() -> dict[str, tuple[re.Pattern[str], str]]:
    """Return the package's patterns by where they stand, each with how it is asked: `search`, `match`, `fullmatch`."""
    found: dict[str, tuple[re.Pattern[str], str]] = {}
    for info in pkgutil.walk_packages(newsletter.__path__, "newsletter."):
        if info.name.endswith("__main__"):
            continue
        module = importlib.import_module(info.name)
        source = Path(str(module.__file__)).read_text("utf-8")
        tree = ast.parse(source)
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            asks = ast.unparse(node.func)
            if asks != "later" and not (asks.startswith("re.") and asks != "re.escape"):
                continue
            pattern = _compiled(node, vars(module))
            if pattern is None:
                continue
            # What is compiled later is asked as what is compiled now.
            is_kept = asks in {"later", "re.compile"}
            name, how = _asked(tree, node) if is_kept else (str(node.lineno), asks.removeprefix("re."))
            found[f"{info.name}:{name}"] = pattern, how if how in {"match", "fullmatch"} else "search"
    return found


def _compiled(call: ast.Call, names: dict[str, Any]) -> re.Pattern[str] | None:
    """Return the pattern of a call; None for one that is put together while the program runs."""
    flags = [one for one in (*call.args[1:], *(key.value for key in call.keywords if key.arg == "flags"))]
    try:
        stated = [eval(ast.unparse(one), {"re": re}) for one in flags if ast.unparse(one).startswith("re.")]
        pattern = eval(ast.unparse(call.args[0]), dict(names))
    except Exception:
        return None
    if isinstance(pattern, re.Pattern):
        return pattern
    return re.compile(pattern, sum(int(one) for one in stated)) if isinstance(pattern, str) else None


def _asked(tree: ast.Module, call: ast.Call) -> tuple[str, str]:
    """Return the name of a pattern, else its line, and how it is asked in its module; `search` if in several ways."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and node.value is call:
            name = ast.unparse(node.targets[0])
            ways = {
                one.attr for one in ast.walk(tree) if isinstance(one, ast.Attribute) and ast.unparse(one.value) == name
            } - {"pattern"}
            # The reader of TOML hands its patterns to a function that matches them where it stands.
            calls = [
                one for one in ast.walk(tree) if isinstance(one, ast.Call) and ast.unparse(one.func) == "self._take"
            ]
            ways |= {"match" for one in calls if ast.unparse(one.args[0]) == name}
            return name, ways.pop() if len(ways) == 1 else "search"
    return str(call.lineno), "search"


# Why these may be slow on what nobody can write.
GUARDED = {
    "newsletter.deliver.tags:_ESCAPED": "asked of patterns, which have 200 characters at most",
    "newsletter.deliver.wrap:_COMMENT": "asked up to the last end of a comment only",
    "newsletter.deliver.wrap:_LINK": "asked of HTML that lxml wrote: each tag in it has its end",
    "newsletter.deliver.wrap:_ORNAMENT": "asked of HTML that lxml wrote: each tag in it has its end",
    "newsletter.read.toml:_EACH_PART": "asked of a name that was taken, whose parts all have their end",
    "newsletter.read.slips:_DOUBLE": "asked at the beginning of a value",
    "newsletter.read.yaml_slips:_DOUBLE": "asked at the beginning of a value",
}


def pumps(pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    """Return beginnings, and what is to be repeated after them: each sign that is named, each pair."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = list(sre_parser.parse(pattern.pattern, pattern.flags))
    signs = list(dict.fromkeys(_signs(tree)))[:7]
    bodies = [*dict.fromkeys(_bodies(tree))]
    beginnings = sorted(dict.fromkeys(_beginnings(tree, "")), key=len)[:5]
    pairs = [one + other for one in signs for other in signs if one != other]
    repeated = [("", one) for one in (*pairs, _sample(tree), *beginnings)]
    repeated += [(begin, one) for begin in beginnings for one in (*signs, *bodies)]
    return [(begin, one) for begin, one in dict.fromkeys(repeated) if one]


def _signs(tree: Iterable[tuple[Any, Any]]) -> Iterator[str]:
    for kind, value in tree:
        match str(kind):
            case "LITERAL":
                yield chr(value)
            case "NOT_LITERAL" | "ANY":
                yield "a"
            case "IN":
                yield from _in(value)
            case _:
                for inner in _inner(str(kind), value):
                    yield from _signs(inner)


def _in(members: Sequence[tuple[Any, Any]]) -> Iterator[str]:
    if str(members[0][0]) == "NEGATE":
        yield "a"
        return
    for kind, value in members:
        match str(kind):
            case "LITERAL":
                yield chr(value)
            case "RANGE":
                yield chr(value[0])
            case _:
                yield {"CATEGORY_DIGIT": "7", "CATEGORY_SPACE": " ", "CATEGORY_NOT_WORD": " "}.get(str(value), "a")


def _inner(kind: str, value: Any) -> list[Any]:
    match kind:
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            return [value[2]]
        case "SUBPATTERN":
            return [value[3]]
        case "BRANCH":
            return list(value[1])
        case "ASSERT" | "ASSERT_NOT":
            return [value[1]]
        case "ATOMIC_GROUP":
            return [value]
    return []


def _sample(tree: Iterable[tuple[Any, Any]]) -> str:
    """Return a text that the pattern takes, more or less."""
    out = ""
    for kind, value in tree:
        match str(kind):
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                out += _sample(value[2]) * min(20, max(1, value[0]))
            case "ASSERT" | "ASSERT_NOT" | "AT":
                pass
            case "BRANCH":
                out += _sample(value[1][0])
            case "SUBPATTERN" | "ATOMIC_GROUP":
                out += _sample(_inner(str(kind), value)[0])
            case _:
                out += next(_signs([(kind, value)]), "")
    return out


def _bodies(tree: Iterable[tuple[Any, Any]]) -> Iterator[str]:
    for kind, value in tree:
        for inner in _inner(str(kind), value):
            if "REPEAT" in str(kind):
                yield _sample(inner)
                yield 2 * _sample(inner)
            yield from _bodies(inner)


def _beginnings(tree: Iterable[tuple[Any, Any]], before: str) -> Iterator[str]:
    listed = list(tree)
    for number, (kind, value) in enumerate(listed):
        begun = before + _sample(listed[:number])
        yield begun
        for inner in _inner(str(kind), value)[:3]:
            yield from _beginnings(inner, begun)


def _took(ask: Callable[[str], object], text: str, rounds: int) -> float:
    best = 60.0
    for _ in range(rounds):
        begun = time.process_time()
        # Those that read a text once take a fiftieth of it, the slowest of them a tenth.
        with guard(1):
            ask(text)
        best = min(best, time.process_time() - begun)
    return best


def test_the_search_for_slow_patterns_finds_those_that_there_were() -> None:
    for slow in (
        r"[!?！]*(?:[!！][?]*){3,}",
        r"\s*\[+\s*([^\]]+?)\s*\]",
        r"(?<!!)\[(?P<text>[^\]\n]+)\]\(\s*(?:<>|#)?\s*\)",
        r"<a\b([^>]*?)\s*\bhref=",
        r"\]\([^)]*\)|<[^>\n]*>",
    ):
        assert grown(re.compile(slow), "search"), slow
    for quick in (r"[a-z]+", r"\[[^\[\]]*\]", r"(?<![a-z-])([a-z-]+)\("):
        assert not grown(re.compile(quick), "search"), quick


def grown(pattern: re.Pattern[str], how: str) -> str:
    """Return the text for which the pattern takes far more time than the text is longer; "" if none was found."""
    asked = {"match": pattern.match, "fullmatch": pattern.fullmatch}.get(how)
    ask: Callable[[str], object] = asked or (lambda text: sum(1 for _ in pattern.finditer(text)))
    for begin, pump in pumps(pattern):
        for end in ("", "\x07"):

            def text(size: int, begin: str = begin, pump: str = pump, end: str = end) -> str:
                return begin + pump * (size // len(pump)) + end

            try:
                # What reads each sign once takes a tenth of a millisecond here.
                if _took(ask, text(2_000), 1) < 0.002:
                    continue
                small, large = _took(ask, text(3_000), 3), _took(ask, text(24_000), 2)
            except TooSlow:
                return repr((begin, pump, end))
            if large > 24 * small and large > 0.02:
                return repr((begin, pump, end))
    return ""


def test_every_pattern_reads_a_text_once_whatever_stands_in_it() -> None:
    known = patterns()
    assert known.keys() >= GUARDED.keys()
    found = {place: grown(*one) for place, one in known.items() if place not in GUARDED}
    assert {place: text for place, text in found.items() if text} == {}


def test_the_patterns_of_a_location_read_it_once() -> None:
    # They are made of a file of words, so that the source alone does not tell them.
    joins, online = venue._patterns()
    assert (grown(joins, "search"), grown(online, "fullmatch")) == ("", "")


# What changed its shape says the same


@given(st.recursive(st.text(alphabet="xyz\n", max_size=3), lambda inner: st.lists(inner, max_size=3)), st.booleans())
def test_regions_are_taken_out_however_they_lie_in_each_other(tree: Any, is_kept: bool) -> None:
    def told(one: Any, depth: int = 0) -> tuple[str, str]:
        if isinstance(one, str):
            return one, one
        begin, end = values.region("ab"[depth % 2])
        inside = [told(part, depth + 1) for part in one]
        kept = is_kept or depth % 2 == 0
        return begin + "".join(a for a, _ in inside) + end, "".join(b for _, b in inside) if kept else ""

    marked, wanted = told(tree)
    assert values.without_regions(marked, lambda name: is_kept or name == "a") == wanted


def test_a_mark_without_its_other_one_stays_and_takes_no_words_along() -> None:
    begin, end = values.region("a")
    assert values.without_regions(f"one {begin}two", lambda name: False) == f"one {begin}two"
    assert values.without_regions(f"one {end}two", lambda name: False) == f"one {end}two"
    assert values.without_regions(f"{begin}one {begin}two{end} three", lambda name: False) == f"{begin}one  three"


@given(st.lists(st.sampled_from(["the", "The", "walla", "Walla", "had", " ", "\n", "a"]), max_size=12))
def test_double_words_are_mended_as_if_one_by_one(parts: list[str]) -> None:
    one_by_one = "".join(parts)
    while twice := next(words.doubles(one_by_one), None):
        one_by_one = one_by_one[: twice.start()] + twice[1] + one_by_one[twice.end() :]
    mended = "".join(parts)
    while pairs := list(words.doubles(mended)):
        mended = fix._once(mended, pairs)
    assert mended == one_by_one


@pytest.mark.parametrize(
    ("told", "marks"),
    [("Now!!!", "!!!"), ("Now!?!?! Now", "!?!?!"), ("What?!", ""), ("??!!", ""), ("来！！！", "！！！")],
)
def test_three_exclamation_marks_are_found_among_others(told: str, marks: str) -> None:
    runs = [run[0] for run in words._MARKS.finditer(told) if run[0].count("!") + run[0].count("！") > 2]
    assert "".join(runs) == marks


# Whole newsrooms


@pytest.mark.parametrize("sign", SIGNS)
def test_an_item_of_one_sign_is_built_checked_and_mended(room: Room, sign: str) -> None:
    room.item(body=f"a {sign * (30_000 // len(sign))} b\n")
    newsroom = room.load()
    assert not newsroom.faults
    builder = Builder(newsroom, room.root / "build", cache=COMPILED)
    with guard(10):
        assert builder.build(ISSUE).is_good
        levels_now, _ = levels(newsroom.config)
        choice = chosen(newsroom, [ISSUE], None, date(2024, 9, 1))
        review(builder, choice, Wanted(today=date(2024, 9, 1), levels=levels_now), lambda one: None)
        fix.mend(newsroom, choice.editions)


def test_words_that_nobody_reads_to_their_end_are_told(room: Room) -> None:
    room.item("story", "word " * 30_000)
    assert room.faults() == [f"{ITEM}: the words have 149,999 characters; the most is 100,000\n  hint: split it in two"]


def test_a_broken_picture_written_into_the_words_is_told_at_its_line(room: Room) -> None:
    room.item("story", f"One.\n\n![][image1]\n\n[image1]: <data:image/png;base64,{'A' * 200_000}>\n")
    assert room.faults() == [
        f"{ITEM}:10: the picture that is written into the words is broken\n"
        "  hint: export the document once more, or put the picture beside the item"
    ]


def test_long_front_pages_and_greetings_are_told(room: Room) -> None:
    room.file(f"issues/{ISSUE}.md", "word " * 30_000)
    room.item("story", title="a" * 6_000, location="b" * 20_000, starts="2024-09-09")
    assert [fault.partition("\n")[0] for fault in room.faults()] == [
        f"{ITEM}:2: title: this text has 6,000 characters; the most is 5,000",
        f"{ITEM}:7: location: this text has 20,000 characters; the most is 5,000",
        f"issues/{ISSUE}.md: the words have 150,000 characters; the most is 100,000",
    ]


def test_front_matter_of_a_megabyte_is_told(room: Room) -> None:
    room.file(ITEM, "---\n" + "a: b\n" * 20_000 + "---\nWords.\n")
    assert room.faults() == [
        f"{ITEM}:2: the front matter has 100,000 characters; the most is 50,000\n"
        "  hint: the story stands below its second line ---"
    ]


@pytest.mark.parametrize(
    "nested",
    ["[" * 20_000, "{a: " * 10_000, "- " * 20_000, "? " * 20_000, "[" * 20_000 + "]" * 20_000, "[{a: " * 8_000],
)
def test_brackets_end_in_words_and_not_the_program(room: Room, nested: str) -> None:
    room.file(ITEM, f"---\ntitle: {nested}\n---\nWords.\n")
    assert room.faults()[0].startswith((f"{ITEM}:1: 'chapters' is missing", f"{ITEM}:2: "))


def test_anchors_that_grow_or_hold_themselves_are_told(room: Room) -> None:
    laugh = "".join(f"{one}: &{one} [{', '.join([f'*{chr(ord(one) - 1)}'] * 9)}]\n" for one in "bcdefghijk")
    room.file(ITEM, f"---\na: &a [x]\n{laugh}title: &self [*self]\n---\nWords.\n")
    with guard(5):
        told = room.faults()
    assert any("stands twice" in one or "unknown key 'b'" in one for one in told)


def test_an_anchor_of_a_long_text_in_a_long_list_takes_no_memory(room: Room) -> None:
    room.file(ITEM, f"---\ntitle: &a {'b' * 20_000}\nchapter: [{'*a, ' * 4_000}]\n---\nWords.\n")
    assert all(len(one) < 1_000 for one in room.faults())


def test_a_list_of_more_than_a_thousand_is_told(room: Room) -> None:
    room.item("story", chapters=[f"C{number}" for number in range(1_001)])
    assert f"{ITEM}:3: chapters: this list has 1,001 entries; the most is 1,000\n  hint: shorten it" in room.faults()


def test_a_hundred_faults_of_a_file_are_told_and_the_rest_is_counted(room: Room) -> None:
    front = "".join(f"tilte{number}: a\n" for number in range(3_000))
    room.file(ITEM, f"---\n{front}---\nWords.\n")
    with guard(10):
        told = room.faults()
    assert len(told) == MOST_TOLD + 1
    assert "more faults in this file" in told[-1]


def test_a_hundred_findings_of_a_rule_are_told(room: Room) -> None:
    room.item(body="TK more. " * 1_000)
    found = [one for one in room.findings() if one.slug == "placeholder-words"]
    assert len({one.message for one in found}) == 1
    assert found[-1].hint == "there are more of these: mend the first ones, then run this again"


TOMLS = {
    "unknown keys": "".join(f"tilte{number} = 1\n" for number in range(20_000)),
    "a key of dots": f"a{'.a' * 50_000} = 1\n",
    "a quoted key of dots": f'"{"a. " * 100_000}" = 1\n',
    "a table of dots": f"[a{'.a' * 50_000}]\n",
    "an inline table of dots": f"x = {{a{'.a' * 50_000} = 1}}\n",
    "lists": f"x = {'[' * 50_000}\n",
    "tables": f"x = {'{a=' * 30_000}\n",
    "a number": f"x = {'1' * 10_000}\n",
    "a header of blanks": f"[ {' ' * 100_000}\n",
    "a key of blanks": f"a {' ' * 100_000}\n",
    "a table with a long name": f"[{'a' * 100_000}]\n" + "".join(f"k{number} = 1\n" for number in range(5_000)),
}


@pytest.mark.parametrize("hostile", TOMLS.values(), ids=TOMLS.keys())
def test_newsletter_toml_is_told_whatever_stands_in_it(room: Room, hostile: str) -> None:
    room.file("newsletter.toml", hostile + TOML)
    with guard(10), pytest.raises(ContentError) as caught:
        read_config(room.root)
    assert 0 < len(caught.value.faults) <= MOST_TOLD + 1
    assert all(len(str(one)) < 1_000 for one in caught.value.faults)


def test_the_nearest_of_20_000_names_is_found_at_once() -> None:
    known = [f"chapter-{number}" for number in range(20_000)]
    with guard(10):
        assert did_you_mean("chpater-777", known) == "did you mean 'chapter-777'?"
        for number in range(100):
            did_you_mean(f"chaptre-{number}x", known)
    assert did_you_mean("a" * 100_000, known).startswith("there is chapter-0, ")


def test_20_000_unknown_rules_are_told_as_a_hundred(room: Room) -> None:
    room.file("newsletter.toml", TOML + "[checks]\n" + "".join(f'rule-{number}x = "off"\n' for number in range(20_000)))
    config = read_config(room.root)
    with guard(5):
        faults = levels(config)[1]
    assert (len(faults), faults[-1].message) == (MOST_TOLD + 1, "19,900 more faults in this file")


def test_an_issue_among_2_000_chapters_is_found_without_the_others(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    chapters = "".join(f'[chapters.X{number}]\nname = "Chapter {number}"\n' for number in range(2_000))
    room.file("newsletter.toml", TOML + chapters)
    room.item()
    newsroom = room.load()
    # Once each issue of the month asked for the names of all: 20,000 chapters took minutes.
    asked: list[Config] = []

    def counted(config: Config) -> dict[str, tuple[Publication, Chapter | None]]:
        asked.append(config)
        return issue_names(config)

    monkeypatch.setattr(edition, "issue_names", counted)
    assert len(digests_before(newsroom, "2024-09")) > 2_000
    assert len(asked) == 1


# Patterns of a newsroom's own


def own_typed(room: Room, *typed: str) -> None:
    listed = ", ".join(f"'{one}'" for one in typed)
    room.file("newsletter.toml", f"{TOML}\n[providers.ours]\ntyped = [{listed}]\n")


def test_a_pattern_that_takes_too_long_is_told_at_its_line(room: Room) -> None:
    own_typed(room, "(a+)+$")
    room.item(body="a" * 5_000 + "!\n")
    newsroom = room.load()
    with guard(10):
        (told,) = typed_tags(room.issue(), providers(newsroom.config), newsroom.config)
    assert str(told) == (
        f"newsletter.toml:{TOML.count(chr(10)) + 3}: typed: '(a+)+$' takes too long to look for\n"
        "  hint: write it without a repetition inside a repetition: a+ in place of (a+)+"
    )


def test_a_pattern_of_ones_own_is_looked_for(room: Room) -> None:
    own_typed(room, r"\$\[[a-z]+\]")
    room.item(body="One.\nDear $[name], hello.\n")
    newsroom = room.load()
    (told,) = typed_tags(room.issue(), providers(newsroom.config), newsroom.config)
    assert str(told.place) == f"{ITEM}:9"
    assert told.message == "'$[name]' is a merge tag of ours"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("(a{1000}){1000}", "typed: '(a{1000}){1000}' repeats too often; the most is 1000 times"),
        ("a{99999999999}", "typed: 'a{99999999999}' repeats too often; the most is 1000 times"),
        ("(", "typed: '(' is not a regular expression (missing ), unterminated subpattern at position 0)"),
        ("a*", "typed: 'a*' also matches where there is no text"),
        ("a" * 201, f"typed: '{'a' * 59}…' has 201 characters; the most is 200"),
    ],
)
def test_a_wild_pattern_is_told(room: Room, typed: str, words: str) -> None:
    own_typed(room, typed)
    with pytest.raises(ContentError) as caught:
        providers(room.load().config)
    assert [fault.message for fault in caught.value.faults] == [f"[providers.ours] {words}"]


def test_more_than_twenty_patterns_are_told(room: Room) -> None:
    own_typed(room, *(f"a{number}" for number in range(21)))
    with pytest.raises(ContentError, match="has 21 patterns; the most is 20"):
        providers(room.load().config)


# Dates, zones and languages


@pytest.mark.parametrize("key", ["starts", "deadline", "until"])
@pytest.mark.parametrize("typed", ["9999-12-31", "0001-01-01", "1899-12-31", "2200-01-01"])
def test_a_year_that_is_a_slip_is_told(room: Room, key: str, typed: str) -> None:
    room.item("story", **{key: typed})
    assert room.faults() == [
        f"{ITEM}:7: {key}: '{typed}' is not from 1900 to 2199\n  hint: look at its year, for example 2024-09-30"
    ]


@pytest.mark.parametrize("day", ["1900-01-01", "2199-12-31"])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "America/New_York"])
def test_the_first_and_the_last_day_are_worded_in_every_zone(room: Room, day: str, zone: str) -> None:
    room.item("story", starts=f"{day} 23:59", timezone=zone)
    (story,) = room.issue().stories
    assert story.event
    assert story.event.calendar_url


@pytest.mark.parametrize("month", ["9999-12", "0000-01"])
def test_a_front_page_of_no_month_is_told(room: Room, month: str) -> None:
    room.front_page(f"{month}/state-LPMN", "Hello.\n", issue=f"{month}/state-LPMN")
    assert room.faults()


@pytest.mark.parametrize(
    "typed",
    [
        "../../etc/passwd",
        "/etc/localtime",
        "localtime",
        "posixrules",
        "Factory",
        "America",
        "right/UTC",
        "zone.tab",
        "é",
    ],
)
def test_a_zone_is_a_name_and_never_a_path(typed: str) -> None:
    with pytest.raises(values.Refused, match="is not a time zone"):
        values.zone(typed)


@pytest.mark.parametrize("typed", ["en-xx", "de@posix", 'en@"><script>', "C", "x" * 150, "en--US", "-", ""])
def test_a_language_is_letters_and_hyphens(typed: str) -> None:
    with pytest.raises(values.Refused, match="is not a language"):
        values.language(typed)


# Slips are looked for in one pass as well


@pytest.mark.parametrize("sign", ['"', "'", "[", "a.", ":", "#", " ", "\t", "=", "\\", "a = ", "- "])
def test_slips_are_looked_for_in_long_lines(sign: str) -> None:
    source = f"a = {sign * (100_000 // len(sign))}"
    with guard(5):
        slips.in_toml(source, 1)
        yaml_slips.in_yaml(source.replace("=", ":", 1), 1)


def test_what_is_kept_of_long_texts_is_bounded() -> None:
    for number in range(20):
        list(prose.passages(f"{number} {'a ' * 49_000}"))
    assert sum(map(len, markdown._kept)) <= markdown._MOST_KEPT
    assert len(markdown._kept) > 1


def test_definitions_of_links_are_counted_once() -> None:
    with guard(10):
        assert len(list(prose.passages("[a]: b\n" * 15_000))) == 15_000


@pytest.mark.parametrize("step", [" * ", " ~ * ", " *:has(* *) "])
def test_a_selector_that_looks_everywhere_ends(step: str) -> None:
    from lxml import etree

    html = "<html><body>" + "<div><p>" * 60 + "words" + "</p><p>more</p></div>" * 60 + "</body></html>"
    root = etree.fromstring(html, etree.HTMLParser())
    rules = css.parse(f".none{step * 12}p {{ color: #fff }} p {{ color: #000 }}").rules
    with guard(20):
        for _ in css.matches(css.matcher([rule.selectors for rule in rules]), root):
            pass


def test_selectors_of_a_few_steps_are_held_against_the_whole_page() -> None:
    from lxml import etree

    root = etree.fromstring("<html><body class='a'><div><p>One</p><p>Two</p></div></body></html>", etree.HTMLParser())
    matcher = css.matcher([rule.selectors for rule in css.parse(".a div p + p { color: #fff }").rules])
    assert [node.text for node, matched in css.matches(matcher, root) if matched] == ["Two"]
