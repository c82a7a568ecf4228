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
        ("2026-12-12T18:00-05:00", Reading(days=(DAY,), clock="18:00", zone="America/New_York", has_offset=True)),
        (
            "July 20, 2026 6pm -05:00",
            Reading(days=(date(2026, 7, 20),), clock="18:00", zone="America/Chicago", has_offset=True),
        ),
        ("Dec 12, 6pm (AKST)", Reading(days=(DAY,), clock="18:00", zone="America/Anchorage")),
        ("Dec 12, 6pm US Pacific", Reading(days=(DAY,), clock="18:00", zone="America/Los_Angeles")),
        ("Weds., Dec 12, 6pm +03:30", Reading(days=(DAY,), clock="18:00", zone="+03:30", has_offset=True)),
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


@pytest.mark.parametrize(
    ("typed", "clock"),
    [
        ("12. Dezember 2026", ""),
        ("Samstag, den 12. Dezember 2026, 18 Uhr", "18:00"),
        ("12. Dez. um 18.30 Uhr", "18:30"),
        ("12 de diciembre de 2026", ""),
        ("sábado 12 de diciembre a las 6 de la tarde", "18:00"),
        ("12 dic 2026, 6:00 p. m.", "18:00"),
        ("samedi 12 décembre 2026 à 18 h 30", "18:30"),
        ("12 décembre, 6 heures du soir", "18:00"),
        ("sábado, 12 de dezembro de 2026, às 18h30", "18:30"),
        ("ngày 12 tháng 12 năm 2026", ""),
        ("thứ bảy, 12 tháng 12, 2026 lúc 6 giờ chiều", "18:00"),
        ("2026年12月12日 下午6点半", "18:30"),
        ("12月12日（星期六）晚上7:30", "19:30"),
        ("السبت 12 ديسمبر 2026، الساعة 6 مساءً", "18:00"),
        ("יום שבת, 12 בדצמבר 2026, בשעה 18:00", "18:00"),
        ("samdi 12 desanm 2026 a 6è diswa", "18:00"),
    ],
)
def test_a_day_is_read_in_each_of_the_ten_languages_whatever_the_newsroom_speaks(typed: str, clock: str) -> None:
    assert read_date(typed, "2026-12") == Reading(days=(DAY,), clock=clock)
    assert read_date(typed, "2026-12", "de") == Reading(days=(DAY,), clock=clock)


def test_a_month_that_two_languages_call_alike_is_that_of_ones_own_or_both() -> None:
    october, august = date(2026, 10, 12), date(2026, 8, 12)
    assert read_date("12 out 2026", "2026-12", "pt").days == (october,)
    assert read_date("12 out 2026", "2026-12", "ht").days == (august,)
    assert set(read_date("12 out 2026", "2026-12").days) == {august, october}
    assert read_date("mar 3 mar 2026", "2026-12", "es").days == (date(2026, 3, 3),)


@pytest.mark.parametrize(
    "typed",
    ["Dezember 2026", "diciembre de 2026", "décembre", "dezembro de 2026", "tháng 12 năm 2026", "2026年12月", "desanm"],
)
def test_a_month_is_read_in_each_of_the_ten_languages(typed: str) -> None:
    assert read_month(typed, "2026-12") == ("2026-12",)
