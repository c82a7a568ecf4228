"""A day or a month as people write it, and what it may be."""

from datetime import date

import pytest

from newsletter.read.dates import Reading, read_date, read_month

DAY = date(2026, 12, 12)


@pytest.mark.parametrize(
    ("typed", "reading"),
    [
        ("December 12, 2026 6pm", Reading(days=(DAY,), clock="18:00")),
        ("Dec. 12", Reading(days=(DAY,))),
        ("the 12th of December", Reading(days=(DAY,))),
        ("12 Dec 2026", Reading(days=(DAY,))),
        ("Saturday, December 12th, 2026 at 6:00 p.m.", Reading(days=(DAY,), clock="18:00")),
        ("10/12", Reading(days=(date(2026, 10, 12), date(2026, 12, 10)))),
        ("10-12-2026", Reading(days=(date(2026, 10, 12), date(2026, 12, 10)))),
        ("12/12/26", Reading(days=(DAY,))),
        ("13/12/2026", Reading(days=(date(2026, 12, 13),))),
        ("10.12.2026", Reading(days=(date(2026, 12, 10),))),
        ("2026/12/12 18h30", Reading(days=(DAY,), clock="18:30")),
        ("20261212", Reading(days=(DAY,))),
        ("2026-12-12 18.00", Reading(days=(DAY,), clock="18:00")),
        ("2026-12-12T18:00Z", Reading(days=(DAY,), clock="18:00", zone="UTC")),
        ("2026-12-12T18:00-05:00", Reading(days=(DAY,), clock="18:00", zone="America/New_York")),
        ("July 20, 2026 6pm -05:00", Reading(days=(date(2026, 7, 20),), clock="18:00", zone="America/Chicago")),
        ("Dec 12, 6pm (AKST)", Reading(days=(DAY,), clock="18:00", zone="America/Anchorage")),
        ("Dec 12, 6pm US Pacific", Reading(days=(DAY,), clock="18:00", zone="America/Los_Angeles")),
        ("Weds., Dec 12, 6pm +03:30", Reading(days=(DAY,), clock="18:00", zone="+03:30")),
        ("Dec 12, 6 – 7:30 PM ET", Reading(days=(DAY,), clock="18:00", ends="19:30", zone="America/New_York")),
        ("Dec 12, 11 to 1pm", Reading(days=(DAY,), clock="11:00", ends="13:00")),
        ("noon on Dec 12", Reading(days=(DAY,), clock="12:00")),
        ("Jan 5", Reading(days=(date(2027, 1, 5),))),
        ("Feb 30, 2026", Reading()),
        ("Dec 2026", Reading()),
        ("1/2/3/4", Reading()),
        ("tomorrow", Reading()),
        ("Dec 12 25:00", Reading()),
        ("9" * 5000, Reading()),
    ],
)
def test_a_day_is_what_it_may_be(typed: str, reading: Reading) -> None:
    assert read_date(typed, "2026-12") == reading


@pytest.mark.parametrize(
    ("language", "typed"),
    [
        ("es", "12 de diciembre de 2026"),
        ("fr", "12 décembre 2026"),
        ("de", "Samstag, 12. Dezember 2026"),
        ("pt-BR", "12 de dezembro de 2026"),
    ],
)
def test_a_day_may_be_in_the_newsroom_s_language(language: str, typed: str) -> None:
    assert read_date(typed, "2026-12", language).days == (DAY,)


def test_a_day_without_a_year_needs_a_month_nearby() -> None:
    assert read_date("Dec 12", "") == Reading()
    assert read_date("Feb 29", "2026-12") == Reading()


@pytest.mark.parametrize(
    ("typed", "months"),
    [
        ("September 2024", ("2024-09",)),
        ("Sept. 2024", ("2024-09",)),
        ("9/2024", ("2024-09",)),
        ("2024-9", ("2024-09",)),
        ("2024-09-15", ("2024-09",)),
        ("January", ("2027-01",)),
        ("13/2024", ()),
        ("soon", ()),
    ],
)
def test_a_month_is_what_it_may_be(typed: str, months: tuple[str, ...]) -> None:
    assert read_month(typed, "2026-12") == months
