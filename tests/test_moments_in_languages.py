"""Words of an event against its front matter, in the nine languages beside English: told where they contradict it."""

from datetime import time
from typing import Any

import pytest

from newsletter.read.days import hours
from tests.room import TOML, Room
from tests.test_check_rules import findings, subject_of


def told(room: Room, language: str, body: str, **front: Any) -> list[str]:
    room.file("newsletter.toml", TOML.replace("[organization]", f'[organization]\nlanguage = "{language}"', 1))
    room.item("story", f"{body}\n", month="2026-12", folder="2026-12", **{"starts": "2026-12-12 18:00", **front})
    return [found.message for found in findings(subject_of(room, "2026-12/state-LPMN"), "words-against-dates")]


OTHER_DAY = [
    ("es", "Acompáñanos el viernes 11 de diciembre en el ayuntamiento."),
    ("es", "Nos vemos el 11 de diciembre a las 18:00."),
    ("pt", "Venha no dia 11 de dezembro à prefeitura."),
    ("fr", "Venez à la mairie le 11 décembre."),
    ("de", "Kommen Sie am Freitag, dem 11. Dezember ins Rathaus."),
    ("de", "Freitag, 11. Dezember, 18 Uhr: im Rathaus."),
    ("vi", "Hẹn gặp các bạn ngày 11 tháng 12 tại tòa thị chính."),
    ("ht", "Vin jwenn nou 11 desanm nan meri a."),
    ("ar", "انضموا إلينا يوم 11 ديسمبر في البلدية."),
    ("he", "בואו אלינו ב-11 בדצמבר לעירייה."),
    ("zh", "欢迎参加12月11日的聚会。"),
]


@pytest.mark.parametrize(("language", "body"), OTHER_DAY)
def test_another_day_is_told(room: Room, language: str, body: str) -> None:
    (message,) = told(room, language, body)
    assert "'starts' says 2026-12-12" in message


@pytest.mark.parametrize(
    ("language", "body"),
    [
        ("es", "Inscríbete hasta el 10 de diciembre a las 18:00. Plazo: 9 de diciembre."),
        ("es", "Las inscripciones abren el 5 de diciembre a las 9:00 de la mañana."),
        ("pt", "Inscrições até 10 de dezembro às 18h."),
        ("fr", "Inscrivez-vous avant le 10 décembre à 18 h."),
        ("fr", "Les billets sont en vente dès le 5 décembre à 9 h."),
        ("de", "Anmeldung bis zum 10. Dezember, 18 Uhr."),
        ("vi", "Đăng ký trước ngày 10 tháng 12, 18:00."),
        ("ht", "Enskripsyon jiska 10 desanm, 18:00."),
        ("ar", "التسجيل حتى 10 ديسمبر، 18:00."),
        ("he", "הרשמה עד ה-10 בדצמבר, 18:00."),
        ("zh", "报名截止12月10日18:00。请在12月9日前报名。"),
        ("es", "Acompáñanos el sábado 12 de diciembre a las 6 de la tarde."),
        ("es", "El sábado 12 de diciembre, 6:00 de la tarde, o a las 6:00."),
        ("fr", "Venez le samedi 12 décembre à 6 heures du soir. Accueil à 17 h 30."),
        ("de", "Kommen Sie am 12. Dezember um 18 Uhr. Einlass ist ab 17.30 Uhr."),
        ("pt", "Venha dia 12 de dezembro, às 6 da tarde."),
        ("vi", "Hẹn gặp ngày 12 tháng 12, 6 giờ chiều."),
        ("ht", "Vin jwenn nou 12 desanm a 6è diswa."),
        ("ar", "انضموا إلينا يوم 12 ديسمبر الساعة 6 مساءً."),
        ("zh", "欢迎参加12月12日下午6点的聚会。"),
        ("he", "בואו ב-12 בדצמבר בשעה 18:00."),
    ],
)
def test_limits_and_what_comes_before_are_no_other_day(room: Room, language: str, body: str) -> None:
    assert told(room, language, body) == []


@pytest.mark.parametrize(
    ("language", "body"),
    [
        ("es", "El 12 de diciembre a las 7 de la noche. Comienza a las 7 de la noche."),
        ("pt", "Dia 12 de dezembro às 19h30."),
        ("fr", "La réunion commence à 20 h."),
        ("de", "Beginn: 20 Uhr."),
        ("vi", "Bắt đầu lúc 8 giờ tối."),
        ("ht", "Reyinyon an kòmanse a 8è diswa."),
        ("ar", "يبدأ اللقاء يوم 12 ديسمبر الساعة 7 مساءً."),
        ("he", "12 בדצמבר, 19:30."),
        ("zh", "12月12日晚上7点见。"),
    ],
)
def test_another_hour_is_told(room: Room, language: str, body: str) -> None:
    assert [message.rpartition(", and ")[2][:24] for message in told(room, language, body)] == [
        "'starts' says 18:00 UTC"
    ]


@pytest.mark.parametrize(
    ("words", "language", "at"),
    [
        ("a las 6:30 de la tarde", "es", [time(18, 30)]),
        ("6 Uhr abends", "de", [time(18)]),
        ("6 heures du matin", "fr", [time(6)]),
        ("下午6点半到晚上8点", "zh", [time(18, 30), time(20)]),
        ("a las 6:30", "es", []),
        ("um 6:30", "de", [time(6, 30)]),
        ("6 mañanas", "es", []),
    ],
)
def test_an_hour_and_its_half_of_the_day_in_words(words: str, language: str, at: list[time]) -> None:
    assert [hour.at for hour in hours(words, language)] == at


@pytest.mark.parametrize(
    ("language", "body"),
    [
        ("es", "Inscríbete antes del 11 de diciembre."),
        ("fr", "Inscrivez-vous jusqu’au 10 décembre."),
        ("de", "Anmeldung bis 10. Dezember."),
        ("zh", "请在12月10日前报名。"),
        ("he", "הרשמה עד 10 בדצמבר."),
    ],
)
def test_a_limit_is_held_against_the_deadline(room: Room, language: str, body: str) -> None:
    (message,) = told(room, language, body, deadline="2026-12-08")
    assert message.endswith("'deadline' says 2026-12-08")
