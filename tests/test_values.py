"""Typed values out of what people write."""

from datetime import date, datetime
from typing import Any

import pytest

from newsletter.errors import did_you_mean
from newsletter.model import Moment
from newsletter.read import values
from newsletter.read.values import Parser, Refused


@pytest.mark.parametrize(
    ("parser", "typed", "value"),
    [
        (values.text, "  two\n lines\tand a tab ", "two lines and a tab"),
        (values.text, "NBSP\u00a0stays", "NBSP\u00a0stays"),
        (values.text, "It\x92s \x93quoted\x94", "It’s “quoted”"),
        (values.text, "a\x00b\x07c\ufeff", "abc"),
        (values.text, "zero\u200dwidth \u202eoverride", "zero\u200dwidth \u202eoverride"),
        (values.text, 7, "7"),
        (values.text, True, "true"),
        (values.texts, "one", ("one",)),
        (values.texts, ["one", " ", "two"], ("one", "two")),
        (values.whole_number, "-5", -5),
        (values.whole_number, "010", 10),
        (values.count, 20, 20),
        (values.yes_no, "Yes", True),
        (values.yes_no, "off", False),
        (values.yes_no, True, True),
        (values.month, "2024-09", "2024-09"),
        (values.months, ["2024-10", "2024-09", "2024-10"], ("2024-09", "2024-10")),
        (values.day, "2024-02-29", date(2024, 2, 29)),
        (values.moment, "2024-10-10", Moment(day=date(2024, 10, 10))),
        (values.moment, "2024-10-10 9:05", Moment(day=date(2024, 10, 10), at=datetime(2024, 10, 10, 9, 5))),
        (values.moment, "2024-10-10T18:00:00", Moment(day=date(2024, 10, 10), at=datetime(2024, 10, 10, 18))),
        (values.zone, "America/Chicago", "America/Chicago"),
        (values.language, "pt-BR", "pt-BR"),
        (values.language, "en_US", "en-US"),
        (values.language, "iw", "he"),
        (values.link, "https://example.org/a?b=c&d", "https://example.org/a?b=c&d"),
        (values.link, "mailto:x@example.org", "mailto:x@example.org"),
        (values.link, "%%browser_url%%", "%%browser_url%%"),
        (values.mail_address, "o.k+tag@lists.example.org", "o.k+tag@lists.example.org"),
        (values.mail_address, "{chapter}@lists.example", "{chapter}@lists.example"),
        (values.colour, "#1d5c63", "#1D5C63"),
        (values.colour, "#abc", "#AABBCC"),
        (values.fonts, 'Georgia, "Times New Roman", serif', "Georgia, 'Times New Roman', serif"),
        (values.name, "in-the-news", "in-the-news"),
        (values.pairs, {"Bluesky": "https://social.example/x"}, (("Bluesky", "https://social.example/x"),)),
    ],
)
def test_what_people_write_becomes_its_value(parser: Parser, typed: Any, value: Any) -> None:
    assert parser(typed) == value


@pytest.mark.parametrize(
    ("parser", "typed", "message", "hint"),
    [
        (
            values.text,
            ["a"],
            "one text is wanted, not a list or a table",
            "put a text with brackets or braces in quotes",
        ),
        (values.texts, {"a": "b"}, "a list is wanted, not a table", "write it as [one, two]"),
        (values.whole_number, "first", "'first' is not a whole number", "write digits only, for example 10"),
        (values.whole_number, "1_000", "'1_000' is not a whole number", "write digits only, for example 10"),
        (values.whole_number, "١", "'١' is not a whole number", "write digits only, for example 10"),
        (values.count, "0", "0 is not from 1 to 20", "write a number from 1 to 20"),
        (values.yes_no, "Maybe", "'Maybe' is neither true nor false", "write true or false"),
        (values.month, "2024-9", "'2024-9' is not a month", "write year and month, for example 2024-09"),
        (values.month, "2024-13", "'2024-13' is not a month", "write year and month, for example 2024-09"),
        (values.month, "0024-01", "'0024-01' is not a month", "write year and month, for example 2024-09"),
        (values.months, ["2024-09", "soon"], "'soon' is not a month", "write year and month, for example 2024-09"),
        (values.day, "9/30/2024", "'9/30/2024' is not a date", "write year, month and day, for example 2024-09-30"),
        (
            values.day,
            "2024-09-31",
            "there is no day '2024-09-31'",
            "a date is year, month, day, for example 2024-09-30",
        ),
        (
            values.moment,
            "Oct 10, 6 pm",
            "'Oct 10, 6 pm' is not a date",
            "write 2024-10-10, or 2024-10-10 18:00; a time zone goes into 'timezone'",
        ),
        (
            values.moment,
            "2024-10-10 18:00 EST",
            "'2024-10-10 18:00 EST' has its zone in it: that is a key of its own",
            "write 2024-10-10 18:00, and on another line timezone: America/New_York",
        ),
        (
            values.moment,
            "2024-02-30 18:00",
            "there is no day '2024-02-30'",
            "a date is year, month, day, for example 2024-09-30",
        ),
        (
            values.moment,
            "2024-10-10 25:00",
            "there is no time '25:00'",
            "write hours from 0 to 23, for example 18:00",
        ),
        (
            values.moment,
            "2024-10-10 24:00",
            "there is no time '24:00'",
            "the end of that day is 2024-10-10 23:59",
        ),
        (values.zone, "Chicago", "'Chicago' is not a time zone", "did you mean 'America/Chicago'?"),
        (values.zone, "../../etc/passwd", "'../../etc/passwd' is not a time zone", "for example America/Chicago"),
        (values.language, "englisch", "'englisch' is not a language", "write a code such as en, es or pt-BR"),
        (values.language, "Spanish", "'Spanish' is not a language", "write es"),
        (values.language, "español", "'español' is not a language", "write es"),
        (values.language, "Haitian Creole", "'Haitian Creole' is not a language", "write ht"),
        (values.language, "jp", "'jp' is not a language", "write ja"),
        (
            values.link,
            "example.org/x",
            "'example.org/x' is not a full address",
            "write it with its beginning: https://example.org/x",
        ),
        (
            values.link,
            "javascript:alert(1)",
            "a link of the kind 'javascript:' has no place in an email",
            "use an https:// address",
        ),
        (values.link, "https://", "'https://' names no host", "for example https://example.org/story"),
        (values.link, "https://[x", "'https://[x' names no host", "for example https://example.org/story"),
        (
            values.web_address,
            "mailto:x@y.example",
            "'mailto:x@y.example' is not a web address",
            "it starts with https://",
        ),
        (
            values.mail_address,
            "a..b@c.example",
            "'a..b@c.example' is not an email address",
            "write it as news@example.org",
        ),
        (
            values.mail_address,
            "Ann <ann@c.example>",
            "'Ann <ann@c.example>' is not an email address",
            "write it as news@example.org",
        ),
        (
            values.mail_address,
            "{chapter_name}@c.example",
            "'{chapter_name}@c.example' is not an email address",
            "write it as news@example.org",
        ),
        (
            values.mail_address,
            "news@bücher.example",
            "'news@bücher.example' is not an email address",
            "write its domain in ASCII (xn--…)",
        ),
        (
            values.colour,
            "dark red",
            "'dark red' is not a colour",
            "write it as # and six digits, for example #1D5C63",
        ),
        (
            values.fonts,
            "x;}body{",
            "'x;}body{' is not a list of font names",
            "for example Georgia, 'Times New Roman', serif",
        ),
        (values.name, "Q&A", "'Q&A' is not a name", "use letters, digits, - and _"),
        (values.name, "../x", "'../x' is not a name", "use letters, digits, - and _"),
        (values.pairs, "x", "a table of labels and addresses is wanted", 'for example Bluesky = "https://…"'),
        (
            values.one_of("monthly", "quarterly"),
            "quaterly",
            "'quaterly' is not one of monthly, quarterly",
            "did you mean 'quarterly'?",
        ),
    ],
)
def test_what_can_not_be_meant_is_refused_with_the_way_out(parser: Parser, typed: Any, message: str, hint: str) -> None:
    with pytest.raises(Refused) as caught:
        parser(typed)
    assert (caught.value.message, caught.value.hint) == (message, hint)


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("LPNM", "did you mean 'LPMN'?"),
        ("lpmn", "did you mean 'LPMN'?"),
        ("netwrok", "did you mean 'network'?"),
        ("Ohio", "there is LPNY, LPMN, network"),
    ],
)
def test_the_nearest_name_is_offered_and_swapped_letters_are_nearest(typed: str, hint: str) -> None:
    assert did_you_mean(typed, ["LPNY", "LPMN", "network"]) == hint


def test_of_many_names_twelve_are_listed() -> None:
    assert did_you_mean("zzz", [f"name-{n}" for n in range(14)]) == (
        "there is name-0, name-1, name-2, name-3, name-4, name-5, name-6, name-7, name-8, name-9, name-10, name-11, …"
    )
    assert did_you_mean("zzz", []) == ""
