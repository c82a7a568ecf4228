"""Fixed words, section titles and dates in ten languages, and items in another language than their issue."""

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import ContentError
from newsletter.issue.compose import join
from newsletter.issue.dates import of_month, worded
from newsletter.model import Moment, Words
from newsletter.read import languages, values
from newsletter.read.columns import broken, cells
from newsletter.read.config import read_config
from newsletter.read.languages import COUNTED, LANGUAGES, base, direction, language_of_script, plural, words_in
from newsletter.read.prose import wrap
from tests.room import TOML, Room

FOLDER = Path(languages.__file__).parent / "words"
FILES = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in FOLDER.glob("*.toml")}
TEN = ("ar", "de", "en", "es", "fr", "he", "ht", "pt", "vi", "zh")


def organization(*lines: str) -> str:
    return TOML.replace("[publications.network]", "\n".join([*lines, "", "[publications.network]"]), 1)


def slots(words: str) -> list[str]:
    return sorted(re.findall(r"\{[a-z_0-9]+\}", words))


def test_there_are_ten_languages() -> None:
    assert LANGUAGES == TEN


@pytest.mark.parametrize("language", TEN)
def test_every_language_says_all_that_english_says_and_nothing_else(language: str) -> None:
    own, english = FILES[language], FILES["en"]
    forms = {f"{noun}_{form}" for noun in COUNTED for form in ("zero", "one", "two", "few", "many", "other")}
    assert own.keys() - forms - {"dates"} == english.keys() - forms - {"dates"}
    assert own["sections"].keys() == english["sections"].keys()
    words = {key: word for key, word in own.items() if isinstance(word, str)}
    assert all(words.values())
    for key, word in words.items():
        if key not in forms:
            assert slots(word) == slots(english[key]), key
    # As many forms as the language has for counts that there are.
    # French, Spanish and Portuguese have one for millions; Babel takes Haitian Creole for French.
    needed = {"other"} if language == "ht" else {Locale.parse(language).plural_form(count) for count in range(1, 300)}
    assert {f"{noun}_{form}" for noun in COUNTED for form in needed} <= own.keys()
    assert Words(**words).when


@pytest.mark.parametrize("language", TEN)
def test_every_language_has_its_days_months_and_patterns(language: str) -> None:
    own, spanish = FILES[language]["dates"], FILES["es"]["dates"]
    assert own.keys() == spanish.keys()
    assert [len(own[key]) for key in ("months", "short_months", "weekdays")] == [12, 12, 7]
    assert "{day}" in own["day"] and "{weekday}" in own["day"] and "{year}" not in own["day"]
    assert slots(own["day_with_year"]) == sorted([*slots(own["day"]), "{year}"])
    assert ("{hour12}" in own["time"]) == bool(own["morning"] and own["afternoon"])
    assert slots(own["times"]) == ["{from}", "{to}"] and slots(own["day_and_time"]) == ["{day}", "{time}"]


@pytest.mark.parametrize("language", [language for language in TEN if language != "ht"])
def test_days_and_months_are_called_as_the_unicode_consortium_has_them(language: str) -> None:
    locale, own = Locale.parse(language), FILES[language]["dates"]
    # The names of Haitian Creole are in no version of CLDR that Babel has.
    months = [locale.months["format"]["wide"][number] for number in range(1, 13)]
    weekdays = [locale.days["format"]["wide"][number] for number in range(7)]
    # Chinese writes its months in digits beside the digits of days.
    assert language == "zh" or [name.casefold() for name in own["months"]] == [name.casefold() for name in months]
    assert [name.casefold() for name in own["weekdays"]] == [name.casefold() for name in weekdays]


@pytest.mark.parametrize(
    ("language", "day", "with_time", "with_year", "first", "month"),
    [
        (
            "es",
            "jueves, 10 de octubre",
            "jueves, 10 de octubre, 6:30\u00a0p.\u00a0m.\u00a0CDT",
            "viernes, 10 de octubre de 2025",
            "martes, 1 de octubre",
            "octubre de 2024",
        ),
        (
            "fr",
            "jeudi 10 octobre",
            "jeudi 10 octobre, 18\u00a0h\u00a030\u00a0CDT",
            "vendredi 10 octobre 2025",
            "mardi 1er octobre",
            "octobre 2024",
        ),
        (
            "pt",
            "quinta-feira, 10 de outubro",
            "quinta-feira, 10 de outubro, 18h30\u00a0CDT",
            "sexta-feira, 10 de outubro de 2025",
            "terça-feira, 1º de outubro",
            "outubro de 2024",
        ),
        (
            "de",
            "Donnerstag, 10. Oktober",
            "Donnerstag, 10. Oktober, 18:30\u00a0Uhr\u00a0CDT",
            "Freitag, 10. Oktober 2025",
            "Dienstag, 1. Oktober",
            "Oktober 2024",
        ),
        (
            "ar",
            "الخميس، 10 أكتوبر",
            "الخميس، 10 أكتوبر، 6:30\u00a0م\u00a0CDT",
            "الجمعة، 10 أكتوبر 2025",
            "الثلاثاء، 1 أكتوبر",
            "أكتوبر 2024",
        ),
        (
            "he",
            "יום חמישי, 10 באוקטובר",
            "יום חמישי, 10 באוקטובר, 18:30\u00a0CDT",
            "יום שישי, 10 באוקטובר 2025",
            "יום שלישי, 1 באוקטובר",
            "אוקטובר 2024",
        ),
        (
            "zh",
            "10月10日星期四",
            "10月10日星期四 18:30\u00a0CDT",
            "2025年10月10日星期五",
            "10月1日星期二",
            "2024年10月",
        ),
        (
            "vi",
            "thứ Năm, ngày 10 tháng 10",
            "thứ Năm, ngày 10 tháng 10, 18:30\u00a0CDT",
            "thứ Sáu, ngày 10 tháng 10 năm 2025",
            "thứ Ba, ngày 1 tháng 10",
            "tháng 10 năm 2024",
        ),
        (
            "ht",
            "jedi 10 oktòb",
            "jedi 10 oktòb, 6:30\u00a0PM\u00a0CDT",
            "vandredi 10 oktòb 2025",
            "madi premye oktòb",
            "oktòb 2024",
        ),
    ],
)
def test_a_date_reads_as_its_language_writes_it(
    language: str, day: str, with_time: str, with_year: str, first: str, month: str
) -> None:
    def said(typed: str) -> str:
        return re.sub("(CT|HC)$", "CDT", worded(values.moment(typed), "America/Chicago", language, "2024-10"))

    assert (said("2024-10-10"), said("2024-10-10 18:30"), said("2025-10-10"), said("2024-10-01")) == (
        day,
        with_time,
        with_year,
        first,
    )
    assert of_month(date(2024, 10, 1), language, is_short=False) == month
    assert worded(Moment(day=date(2024, 10, 10)), "UTC", f"{language}-XX" if language == "es" else language, "2024-10")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["1 chapter", "2 chapters", "6 chapters"]),
        ("es", ["1 capítulo", "2 capítulos", "6 capítulos"]),
        ("ar", ["فرع واحد", "فرعان", "6 فروع"]),
        ("he", ["סניף אחד", "שני סניפים", "6 סניפים"]),
        ("zh", ["1 个分会", "2 个分会", "6 个分会"]),
    ],
)
def test_a_number_of_chapters_has_the_form_of_its_language(room: Room, language: str, said: list[str]) -> None:
    words = words_in(read_config(room.root), language)
    assert [plural(words, language, "chapters", count) for count in (1, 2, 6)] == said
    if language == "ar":
        assert [plural(words, language, "chapters", count) for count in (11, 100)] == ["11 فرعًا", "100 فرع"]


def test_an_item_for_more_than_three_chapters_says_so_in_words(room: Room) -> None:
    more = "".join(f'[chapters.C{number}]\nname = "C{number}"\n' for number in range(3))
    room.file("newsletter.toml", TOML + more)
    codes = ["LPMN", "LPNY", "C0", "C1", "C2"]
    for count in (3, 4, 5):
        room.item(f"story-{count}", chapters=["network", *codes[:count]], order=count)
    stories = room.issue("2024-09/network").stories
    assert [(len(story.badges), story.reach) for story in stories] == [(3, ""), (0, "4 chapters"), (0, "All chapters")]
    email = room.email("2024-09/network")
    for part in (email.html, email.text):
        assert "4 chapters" in part and "All chapters" in part and "LPNY" in part


@pytest.mark.parametrize(
    ("language", "headlines", "follows", "said"),
    [
        ("es", ["Uno", "Dos", "Tres"], False, "Uno, Dos y Tres"),
        ("es", ["Uno", "Iglesias"], False, "Uno e Iglesias"),
        ("es", ["Uno", "hielo"], False, "Uno y hielo"),
        ("es", ["Uno", "Dos"], True, "Uno, Dos ¡y más!"),
        ("fr", ["Un", "Deux"], True, "Un, Deux et plus encore\u00a0!"),
        ("ar", ["واحد", "اثنان", "ثلاثة"], False, "واحد، اثنان وثلاثة"),
        ("zh", ["一", "二", "三"], False, "一、二和三"),
        ("zh", ["一", "二"], True, "一、二等更多内容"),
    ],
)
def test_headlines_are_joined_as_their_language_joins(
    room: Room, language: str, headlines: list[str], follows: bool, said: str
) -> None:
    words = words_in(read_config(room.root), language)
    assert join(headlines, words.more, follows=follows, comma=words.comma, joined=words.joined) == said


def test_an_issue_in_spanish_has_no_english_word_of_ours(room: Room) -> None:
    room.file(
        "newsletter.toml",
        organization('timezone = "America/Chicago"').replace(
            'name = "Minnesota"', 'name = "Minnesota"\nlanguage = "es"'
        ),
    )
    room.item("uno", title="Uno", link="https://network.example/1", author="Ana", deadline="2024-09-20")
    room.item(
        "dos", title="Dos", section="events", starts="2024-09-12 18:00", location="Plaza", rsvp="https://r.example"
    )
    room.item("tres", title="Tres", section="action")
    email = room.email()
    english = {word for key, word in FILES["en"].items() if isinstance(word, str) and re.search(r"\w{2}", word)}
    english |= set(FILES["en"]["sections"].values())
    for part in (email.html, email.text):
        assert [word for word in english if not slots(word) and re.search(rf"\b{re.escape(word)}\b", part)] == []
        for word in ("Logros", "Pasa a la acción", "Leer la nota completa", "Confirma tu asistencia", "Cancelar la"):
            assert word.casefold() in part.casefold()
    assert email.cover.subject == "LPMN State Download 📣 | Uno, Tres y Dos | septiembre de 2024"


def test_a_newsroom_says_words_and_titles_its_own_way_in_each_language(room: Room) -> None:
    toml = organization('language = "en"').replace('name = "Minnesota"', 'name = "Minnesota"\nlanguage = "es-MX"')
    toml += '[words]\nwhen = "Date"\n[words.es]\nwhen = "Cuándo es"\nwhere = "Sitio"\n'
    toml += '[words.es.sections]\nevents = "Citas"\n[words.es-MX]\nwhere = "Dónde es"\n'
    room.file("newsletter.toml", toml)
    room.item("story", section="events", starts="2024-09-12", location="Plaza", chapters=["LPMN", "LPNY"])
    spanish = room.email().text
    assert "Cuándo es: jueves" in spanish and "Dónde es: Plaza" in spanish and "CITAS" in spanish
    words = words_in(read_config(room.root), "en-US")
    assert (words.when, words.where) == ("Date", "Where")


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("[words]\nwhenn = 'x'", "unknown key 'whenn' in [words]\n  hint: did you mean 'when'?"),
        ("[words.es]\nwhenn = 'x'", "unknown key 'whenn' in [words.es]\n  hint: did you mean 'when'?"),
        ("[words.es.sections]\nwinz = 'x'", "unknown key 'winz' in [words.es.sections]\n  hint: did you mean 'wins'?"),
        ("[words.spanish]\nwhen = 'x'", "'spanish' is not a language\n  hint: write es"),
        (
            "[words.es]\ndeadline = 'Pronto'",
            "deadline: '{date}' is missing\n  hint: put {date} where it belongs in the words",
        ),
        ("[words]\nby = 'By {autor} {author}'", "by: '{autor}' is not filled in here\n  hint: did you mean 'author'?"),
        (
            "[words]\nwhen = ['x']",
            "when: one text is wanted, not a list or a table\n  hint: put a text with brackets or braces in quotes",
        ),
    ],
)
def test_fixed_words_that_are_none_are_told(room: Room, lines: str, told: str) -> None:
    room.file("newsletter.toml", f"{TOML}{lines}\n")
    with pytest.raises(ContentError) as caught:
        read_config(room.root)
    first = TOML.count("\n") + 1 + ("language" not in told)
    assert [str(fault) for fault in caught.value.faults] == [f"newsletter.toml:{first}: {told}"]


def test_tags_are_known_with_their_regions_and_scripts() -> None:
    tags = ("es-MX", "pt_BR", "zh", "zh-CN", "zh-Hans", "zh-TW", "zh-Hant-HK", "it", "EN-us", "ht")
    assert [base(tag) for tag in tags] == ["es", "pt", "zh", "zh", "zh", "", "", "", "en", "ht"]
    assert [direction(tag) for tag in ("ar-EG", "he", "fa", "ur", "az-Arab", "ku-Latn", "es", "zh")] == [
        *["rtl"] * 5,
        *["ltr"] * 3,
    ]


def test_a_region_has_the_words_of_its_language_and_chinese_of_two_scripts_is_two() -> None:
    same = [("it", "it-CH"), ("es-MX", "es-US"), ("zh", "zh-Hans"), ("zh-TW", "zh-Hant-HK"), ("en", "EN-gb")]
    other = [("it", "es"), ("zh", "zh-TW"), ("zh-CN", "zh-HK"), ("de", "nds")]
    assert [languages.is_same(*pair) for pair in same + other] == [True] * 5 + [False] * 4


def test_a_region_of_a_language_that_is_not_here_has_what_the_newsroom_says_in_it(room: Room) -> None:
    room.file("newsletter.toml", f"{TOML}[words.it]\nwhen = 'Quando'\nwhere = 'Dove'\n[words.it-CH]\nwhere = 'Luogo'\n")
    config = read_config(room.root)
    said = {tag: words_in(config, tag) for tag in ("it-CH", "it", "it-IT", "es")}
    assert {tag: (words.when, words.where) for tag, words in said.items()} == {
        "it-CH": ("Quando", "Luogo"),
        "it": ("Quando", "Dove"),
        "it-IT": ("Quando", "Dove"),
        "es": ("Cuándo", "Dónde"),
    }


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("Hello there", ""),
        ("¿Cómo está?", ""),
        ("Привет", ""),
        ("مرحبا بكم في LPMN", "ar"),
        ("שלום לכולם", "he"),
        ("欢迎大家参加", "zh"),
        ("みなさん、ようこそ日本語", "ja"),
        ("여러분 환영합니다", "ko"),
        ("A word of Hebrew: שלום, and that was it", ""),
        ("", ""),
    ],
)
def test_only_a_script_that_one_language_has_says_it(words: str, language: str) -> None:
    assert language_of_script(words) == language


def test_an_item_in_another_language_wears_it_and_the_rest_of_the_issue_does_not(room: Room) -> None:
    toml = organization('timezone = "America/Chicago"').replace(
        'name = "New York"', 'name = "New York"\nlanguage = "es"'
    )
    room.file("newsletter.toml", toml)
    room.item("plain", chapters=["network"], order=1, link="https://a.example")
    room.item("dicho", chapters=["network"], order=2, language="fr", link="https://b.example")
    room.item("de-su-grupo", chapters=["network", "LPNY"], order=3, link="https://c.example", deadline="2024-09-20")
    room.item("arabic", "هذه كلمات\n\n- LPMN نقطة أولى\n", chapters=["network"], title="خبر", order=4)
    email = room.email("2024-09/network")
    opened = re.findall(r'<td[^>]*id="story-(\d)"([^>]*)>', email.html)
    assert {number: re.findall(r'(?:lang|dir|align)="[^"]*"', rest) for number, rest in opened} == {
        "1": [],
        "2": ['lang="fr"'],
        "3": ['lang="es"'],
        "4": ['lang="ar"', 'dir="rtl"', 'align="right"'],
    }
    assert '<html lang="en" dir="ltr"' in email.html
    said = ["Read the full story", "Lire l’article complet", "Leer la nota completa", "Fecha límite: viernes, 20"]
    assert [words in email.html and words in email.text for words in said] == [True] * 4
    # The list's room is on the side where an Arabic line begins.
    arabic = email.html[email.html.index('id="story-4"') :]
    assert "padding-right:24px" in re.sub(r":\s+", ":", arabic[: arabic.index("</ul>")])
    room.item("gone", "كلمات\n", title="ذكرى", chapters=["network"], section="remembrance", order=5)
    quote = room.email("2024-09/network").html.partition('id="story-5"')[2]
    assert re.search(r'<td class="said turned upright bar ink"[^>]*border-left:\s*0[^>]*border-right:\s*4px', quote)
    # A line that begins with Latin letters would run the wrong way without its mark.
    assert "\u200f- LPMN نقطة أولى" in email.text and "\nهذه كلمات" in email.text


def test_an_issue_in_arabic_or_hebrew_runs_from_right_to_left(room: Room) -> None:
    room.file("newsletter.toml", TOML.replace('name = "Minnesota"', 'name = "Minnesota"\nlanguage = "he"'))
    room.item("story", "מילים\n\n- נקודה\n", title="כותרת", link="https://a.example")
    room.item("other", "English words.\n", title="English words", language="en", order=2, link="https://b.example")
    room.item("third", "מילים.\n", title="שלישי", order=3, link="https://c.example")
    email = room.email()
    assert '<html lang="he" dir="rtl"' in email.html and len(re.findall("&larr;|←", email.html)) == 1
    assert len(re.findall("&rarr;|→", email.html)) == 1
    assert re.search(r'<td[^>]*id="story-2" lang="en" dir="ltr" align="left"', email.html)
    assert "\u200fLPMN STATE DOWNLOAD" not in email.text and "\u200f  * English" not in email.text
    assert "\u200fExample Network · LPMN Minnesota · ספטמבר 2024" in email.text


def test_an_english_issue_has_no_mark_of_direction(room: Room) -> None:
    room.item("story", "Words, שלום, words.\n\nשלום is a greeting.\n")
    assert not set("\u200e\u200f") & set(room.email().text)


def test_rules_that_know_english_leave_what_is_in_another_language(room: Room) -> None:
    body = "Nous nous retrouvons , nombreux !\n"
    room.item("french", body, language="fr")
    room.item("english", "This was the the slip , here.\n", order=2)
    found = {(finding.slug, finding.place.file.rpartition("/")[2]) for finding in room.findings()}
    assert {one for one in found if one[0] in {"double-words", "stray-blanks"}} == {
        ("double-words", "english.md"),
        ("stray-blanks", "english.md"),
    }


def test_fix_leaves_what_is_in_another_language(room: Room) -> None:
    from newsletter.check.fix import mend
    from newsletter.issue.edition import edition_of

    toml = TOML.replace('name = "New York"\n', 'name = "New York"\nlanguage = "fr"\n').replace(
        'cadence = "quarterly"', ""
    )
    room.file("newsletter.toml", toml)
    words = "Nous nous retrouvons , nombreux !\n"
    room.item("french", words, language="fr")
    room.item("of-its-chapter", words, chapters=["network", "LPNY"])
    room.item("of-both", words, chapters=["LPMN", "LPNY"])
    room.item("english", "This was the the slip , here.\n")
    room.item("pointed", "שָׁ\u05bc ok.\n")
    newsroom = room.load()
    names = ("state-LPMN", "state-LPNY", "network")
    edits = mend(newsroom, [edition_of(newsroom, f"2024-09/{name}") for name in names])
    assert [edit.path.rpartition("/")[2] for edit in edits] == ["english.md"]


def test_a_language_that_has_no_words_here_is_told_what_still_is_english(room: Room) -> None:
    room.file("newsletter.toml", organization('language = "it"'))
    room.item("story")
    found = [finding for finding in room.findings() if finding.slug == "words-in-english"]
    assert [finding.place.line for finding in found] == [11]
    assert found[0].message.startswith("the language is 'it', but the look says 'Have a media inquiry?'")


def test_a_setting_in_english_is_told_in_an_issue_of_another_language(room: Room) -> None:
    toml = organization('why = "You signed up."').replace('name = "Minnesota"', 'name = "Minnesota"\nlanguage = "es"')
    room.file("newsletter.toml", toml)
    room.item("story")
    assert [finding.message for finding in room.findings() if finding.slug == "words-in-english"] == [
        "the language of 2024-09/state-LPMN is 'es', but 'why' is stated where it is 'en'"
    ]
    room.file("newsletter.toml", toml.replace('language = "es"', 'language = "es"\nwhy = "Te apuntaste."'))
    assert [finding for finding in room.findings() if finding.slug == "words-in-english"] == []


def test_the_intro_of_a_section_is_said_in_the_language_of_the_issue_or_told(room: Room) -> None:
    toml = TOML.replace('name = "Minnesota"', 'name = "Minnesota"\nlanguage = "es"')
    toml = toml.replace('title = "Wins"', 'title = "Wins"\nintro = "What we won."')
    room.file("newsletter.toml", toml)
    room.item("story")
    room.item("other", order=2)
    line = toml[: toml.index("intro")].count("\n") + 1
    found = [finding for finding in room.findings() if finding.slug == "words-in-english"]
    assert [(finding.place.line, finding.message) for finding in found] == [
        (line, "the language of 2024-09/state-LPMN is 'es', but the intro of 'wins' is in 'en'")
    ]
    room.file("newsletter.toml", f'{toml}[words.es.sections.wins]\ntitle = "Triunfos"\nintro = "Lo que ganamos."\n')
    assert [finding for finding in room.findings() if finding.slug == "words-in-english"] == []
    text = room.email().text
    assert "TRIUNFOS" in text and "Lo que ganamos." in text and "What we won" not in text


def test_a_newsroom_all_of_whose_publications_are_spanish_says_its_sections_its_way(room: Room) -> None:
    toml = TOML.replace("scope = ", 'language = "es"\nscope = ').replace('title = "Wins"', 'title = "Triunfos"')
    room.file("newsletter.toml", f'{toml}[words]\nwhen = "El día"\n')
    room.item("story")
    assert "TRIUNFOS" in room.email().text
    assert words_in(read_config(room.root), "es").when == "El día"


def test_chinese_is_wrapped_by_width_and_never_before_a_full_stop() -> None:
    words = "我们在圣保罗召开了一次关于住房的会议，有很多人参加。" * 4
    lines = wrap(words, 40).split("\n")
    assert "".join(lines) == words
    assert all(30 < cells(line) <= 42 for line in lines[:-1])
    assert not [line for line in lines if line[0] in "，。"]
    assert broken("请访问 https://network.example/a-long-address 了解（详情）", 20, "", "  ") == [
        "请访问",
        "  https://network.example/a-long-address",
        "  了解（详情）",
    ]


def test_words_with_blanks_are_wrapped_as_before() -> None:
    words = "Café words and 📣 emoji, “quoted” ones too; 여러분 환영합니다 " * 3
    lines = wrap(words, 30).split("\n")
    assert max(map(len, lines)) <= 30 and " ".join(lines) == words.strip()


@given(st.text(st.sampled_from("ab, .「（》。，一二三カ\u0301\u00a0🎉é한"), max_size=60), st.integers(4, 30))
def test_no_letter_is_lost_where_lines_are_broken(words: str, width: int) -> None:
    lines = broken(words, width, "", "")
    assert "".join("".join(lines).split(" ")) == "".join(words.split(" "))
    for line in lines:
        # Longer is only what can't be broken.
        assert (
            cells(line) <= width
            or len(broken(line, 1, "", "")) == 1
            or cells(max(broken(line, 1, "", ""), key=cells)) > width - 4
        )
