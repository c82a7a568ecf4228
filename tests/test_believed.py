"""Rules that are believed: each case is a line such as real newsletters have, right or wrong, in its own language."""

from collections.abc import Iterable

import pytest

from newsletter.check.placeholders import placeholders
from newsletter.model import Level
from tests.room import Room
from tests.test_check_rules import findings, subject_of


def lines(listed: str) -> list[str]:
    """Return the lines of a list."""
    return listed.strip().split("\n")


def told(room: Room, slug: str, bodies: Iterable[str], **front: str) -> list[str]:
    """Return those of the bodies, each a story of one issue, in which the rule finds something."""
    paths = {}
    for number, body in enumerate(bodies):
        room.item(f"story-{number:03}", f"{body}\n", title=f"Story {number}", **front)
        paths[f"issues/2024-09/items/story-{number:03}.md"] = body
    found = {one.place.file for one in findings(subject_of(room), slug)}
    return [body for path, body in paths.items() if path in found]


# Words still to be written

STILL_TO_BE_WRITTEN = """
Dear [First Name], the fair begins.
Dear [[first_name]], the fair begins.
Read it at [INSERT LINK].
Hi {First Name}!
Hi {{ first_name }}!
Hi {{FirstName}}, hello.
See [insert link to the survey] before you come.
[Your Name]
[Organization Name] met on [DATE].
[Event date and time]
See <insert link>.
Dear <<First Name>>,
Dear «First_Name»,
Dear %FIRSTNAME%,
Preview text goes here
Lorem ipsum dolor sit amet.
TODO: who was there?
TODO add the photo
[TODO]
TK
It raised TKTK dollars.
The vote was 5 to TK.
FIXME before we send this
We raised $XX,XXX.
We meet on XX/XX at XX:XX.
The XXth congress
Hola [Tu nombre]:
Bonjour [Votre prénom],
Call 555-XXXX.
Dear ____,
[插入链接]
[Chèn liên kết]
XXX
XXXX people came.
The forum is on [date TBD].
Sign up: [link to come]
Meet at [LOCATION TBA].
Ask [STAFF NAME].
(insert photo)
Read the plan (insert link here).
Read the plan (LINK)
Dear #FIRSTNAME#,
Dear ~Contact.FirstName~,
Dear ${firstName},
Dear |FNAME|,
We have [XX] members.
The meeting is at [●].
Insert headline here
Sample text
Month Year
"""
WRITTEN = """
El XXX Congreso Nacional abre el 3 de mayo: TODO el pueblo está invitado.
TODO EL PUEBLO
O TODO é maior.
The {golem} and {ggplot2} packages are out.
A talk on rent control, [[ES]] with captions in [[EN]].
"We love [the city] and [our mayor]," she said.
"[Your] vote counts [sic] […]," he wrote.
[PDF] [VIDEO] [1] [ES] [Spanish]
The [State] of the union
[Register here](https://a.network.example) and [name][1].
Super Bowl XXX and the XXX Olympiad
Malcolm X, Generation X, chromosomes XX and XY
The band of DJ TK
A photo by Ana and TK
TK Maxx opens; flight TK 1821 is late.
The Tenant Kollective (TK) meets.
100% name 50% date
${{ secrets.TOKEN }}
Main Street <3 you; a < b and c > d.
Write to us here. Everyone goes here.
Room TBD, time TBA
[email protected]
Hi [friend],
[Photo by Ana] [Photo: Ana Ruiz]
We all vote [for her] and [in time].
«La ville» et «Le nom de la rose»
[Chicago, Illinois]
The room is [still to be found], the time (TBA).
"[his name] and [the road's name] are known," she said.
Put it in (insert your ballot in the sleeve) and (add water).
Read it (link below) or (see the link).
#Detroit#Chicago and #Name#Game
Siglo XX, Super Bowl XX was long, in XX century style
Add your name here. Enter your email here.
A sample text was read. Click to edit is what the button says.
[x] [ ] [...] [?]
$ {x} and 5|6|7
The state's name, the date and the place are in the link.
`[First Name]` and `{{ first_name }}` are tags; `TODO` is none.
"""


@pytest.mark.parametrize("text", lines(STILL_TO_BE_WRITTEN))
def test_what_is_surely_still_to_be_written_is_an_error(text: str) -> None:
    assert [one.is_sure for one in placeholders(text, "en")]
    assert all(one.is_sure for one in placeholders(text, "en"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Hola [Nombre]", "[Nombre]"),
        ("你好[姓名]", "[姓名]"),
        ("Read it here: [link]", "[link]"),
        ("Meet at the {city} hall", "{city}"),
        ("An {{ anything else }}", "{{ anything else }}"),
        ("A {{ 1 }} here", "{{ 1 }}"),
        ("A {% block body %} here", "{% block body %}"),
        ("It has about XXX members", "XXX"),
        ("We got XX signatures", "XX"),
        ("Dear [Friend's name]", "[Friend's name]"),
        ("Dear <<First>>", "<<First>>"),
    ],
)
def test_what_may_have_been_meant_is_a_warning(text: str, told: str) -> None:
    assert [(one.words, one.is_sure) for one in placeholders(text, "en")] == [(told, False)]


@pytest.mark.parametrize("text", [text for text in lines(WRITTEN) if "`" not in text])
def test_what_stands_as_it_was_meant_is_believed(text: str) -> None:
    assert list(placeholders(text, "en")) == []


def test_each_language_has_its_own_words() -> None:
    assert list(placeholders("TODO add el agua", "es")) == []
    assert list(placeholders("Die Versicherung TK more", "de")) == []
    assert list(placeholders("El XXX aniversario", "es")) == []
    assert [one.words for one in placeholders("TODO: la foto", "es")] == ["TODO"]


def test_placeholders_are_told_at_their_line_and_code_is_not_language(room: Room) -> None:
    room.item("story", "Fine.\n\nSo far,\ndear [First Name].\n\nUse `{{ first_name }}` there.\n\n```\nTODO: x\n```\n")
    (found,) = findings(subject_of(room), "placeholder-words")
    assert (found.place.line, found.level) == (11, Level.ERROR)
    assert found.message == "'[First Name]' is still to be written"


@pytest.mark.parametrize(
    "typed", ["{{ first_name }}", "{{ anything }}", "{% if x %}", "*|FNAME|*", "{{ contact.NAME }}"]
)
def test_one_slip_is_told_once(room: Room, typed: str) -> None:
    room.item("story", f"Dear {typed}, hello to all of you.\n")
    subject = subject_of(room)
    slugs = ("placeholder-words", "template-leftover", "foreign-merge-tag")
    assert len([one for slug in slugs for one in findings(subject, slug)]) == 1


# A raised voice

SHOUTED = """
This IS A VERY LOUD call.
EVERYONE MUST COME
SAVE THE DATE
SIGN UP TODAY! DON'T WAIT
¡TODOS A LA CALLE AHORA!
VENEZ TOUS À LA RÉUNION
ALLE KOMMEN JETZT
LAST CHANCE: REGISTER BEFORE IT IS TOO LATE
"""
SPOKEN = """
AFSCME, SEIU and UAW Local 9 met.
Members of NATO, UNESCO and UNICEF spoke, and so did NAACP, ACLU, LULAC.
新しいNPOは、市のIT部門とNGOが、AIの勉強会を開きます。
We speak HTTP, REST and JSON here; HTTP REST JSON.
The AFL CIO SEIU table
Set MAX_RETRY_COUNT in `SELECT ALL FROM NAMES`.
LGBTQIA BIPOC AAPI folks
USA TODAY wrote it.
МФО и ООН
בואו כולם עכשיו
"""


def test_a_raised_voice_is_told_and_acronyms_are_not(room: Room) -> None:
    assert told(room, "shouting", [*lines(SHOUTED), *lines(SPOKEN)]) == lines(SHOUTED)


# Letters with their accents apart

APART = [
    "A cafe\u0301 opens.",
    "Hoa\u0323t \u0111o\u0302\u0323ng",
    "Gemu\u0308se",
    "か\u3099っこう",
    "\u1112\u1161\u11ab",
]
WHOLE = ["جداًّ مهم.", "שָׁלוֹם.", "بُشْرَىٰ", "हिन्दी", "A café opens.", "ภาษาไทย", "a\u0327\u0308"]


def test_accents_apart_are_told_and_signs_of_arabic_and_hebrew_are_none(room: Room) -> None:
    assert told(room, "decomposed-letters", [*APART, *WHOLE[:-1]]) == APART


# Paragraphs

CHINESE = "市议会周二通过了新的租房条例，租户可以在三十天内提出申请。"
JAPANESE = "市議会は火曜日に新しい条例を可決し、住民は来月から申し込みができます。"
THAI = "สภาเมืองผ่านแผนใหม่เมื่อวันอังคารและผู้เช่าสามารถสมัครได้"


def test_a_wall_of_text_is_one_in_scripts_without_blanks_too(room: Room) -> None:
    walls = [CHINESE * 15, JAPANESE * 13, THAI * 9, "word " * 151]
    short = [CHINESE * 13, JAPANESE * 11, THAI * 6, "word " * 150]
    assert told(room, "wall-of-text", [*walls, *short]) == walls


def test_a_wall_of_signs_is_counted_in_signs(room: Room) -> None:
    room.item("story", CHINESE * 20 + "\n")
    (found,) = findings(subject_of(room), "wall-of-text")
    assert found.message == f"this paragraph has {(len(CHINESE) - 2) * 20} characters"


# Links

COUNTED = """
https://us1.list-manage.com/track/click?u=1
https://us1.list-manage.com/unsubscribe?u=1&id=2
https://r20.rs6.net/tn.jsp?f=001
https://open.substack.com/redirect/4a1?j=ey
https://t.e2ma.net/click/abc/def
https://org.convio.net/site/R?i=abc
"""
PUBLIC = """
https://ourgroup.us11.list-manage.com/subscribe?u=1a2b&id=3c4d
https://mailchi.mp/ourgroup/september
https://a1b2.sibforms.com/serve/MUIF
https://signup.e2ma.net/signup/1/2/
https://ourgroup.substack.com/p/september
https://secure2.convio.net/org/site/Donation2?df_id=1
https://1234.hs-sites.com/plan
https://docs.google.com/urls
"""


def test_counting_links_are_told_and_forms_and_letters_at_their_hosts_are_not(room: Room) -> None:
    bodies = [f"[The plan]({address})" for address in (*lines(COUNTED), *lines(PUBLIC))]
    assert told(room, "tracking-host", bodies) == bodies[: len(lines(COUNTED))]


MISLEADING = """
[bank.com](https://other.example)
[www.vote.org](https://other.example/vote)
[https://a.example/plan](https://b.example/plan)
[city.gov/plan](https://other.example)
[gov.uk](https://other.example)
"""
NAMES = """
[Node.js](https://nodejs.org)
[README.md](https://github.com/a/b)
[main.rs](https://github.com/a/b), [build.sh](https://github.com/a/b), [setup.py](https://github.com/a/b)
[ASP.NET](https://dotnet.microsoft.com)
[Socket.io](https://github.com/socketio)
[vote.org](https://www.vote.org/register)
[No. 5](https://other.example) [St. Paul](https://other.example) [v1.2](https://other.example)
"""


def test_words_that_show_another_site_are_told_and_names_with_dots_are_not(room: Room) -> None:
    assert told(room, "misleading-link", [*lines(MISLEADING), *lines(NAMES)]) == lines(MISLEADING)


def test_links_of_a_list_may_say_the_same_each_in_its_entry(room: Room) -> None:
    entries = (
        "- Minutes of May ([PDF](https://a.network.example/5))\n- Minutes of June ([PDF](https://a.network.example/6))"
    )
    numbered = "1. May: [read it](https://a.network.example/5)\n2. June:\n   [read it](https://a.network.example/6)"
    table = "| May | [PDF](https://a.network.example/5) |\n|---|---|\n| June | [PDF](https://a.network.example/6) |"
    close = "[The plan](https://a.network.example/1), then [the plan](https://a.network.example/2)."
    assert told(room, "one-text-two-targets", [entries, numbered, table, close]) == [close]


def test_short_words_of_two_stories_are_about_each_and_long_ones_name_one_page(room: Room) -> None:
    one, other = "[Register](https://a.network.example/1)", "[register](https://a.network.example/2)"
    plan, pages = "[The climate plan](https://a.network.example/1)", "[the climate plan](https://a.network.example/2)"
    assert told(room, "one-text-two-targets", [one, other, plan, pages]) == [pages]


def test_one_dead_place_in_the_mail_is_told_once(room: Room) -> None:
    room.item("story", "See [below](#our-plan).\n")
    subject = subject_of(room)
    assert len([*findings(subject, "page-anchor"), *findings(subject, "dead-anchor")]) == 1


def test_the_hint_at_somebodys_tags_is_the_address_without_them(room: Room) -> None:
    address = f"https://a.example/{'x' * 80}?id=5&utm_source=them&UTM_medium=mail&q=a%20b#part"
    room.item("story", f"[The plan]({address})\n")
    (found,) = findings(subject_of(room), "foreign-utm")
    mended = f"https://a.example/{'x' * 80}?id=5&q=a%20b#part"
    assert found.hint == f"write {mended}"
    room.item("story", f"[The plan]({mended})\n")
    assert findings(subject_of(room), "foreign-utm") == []


# Merge tags

TAGS = """
Dear [[FirstName]], hello.
Dear *|FNAME|*, hello.
Read it {{ mirror }} here.
Dear {{ contact.FIRSTNAME }}, hello.
"""
NO_TAGS = """
A talk on rent control, [[ES]] with captions in [[EN]].
See [[Minutes]] and [[Rent Board]] in our wiki.
Set `{{ contact.FIRSTNAME }}` in the template; `*|FNAME|*` is Mailchimp's.
The {golem} package; a set {a, b}; a {curly} brace
"""


def test_tags_of_providers_are_told_and_what_looks_like_them_is_not(room: Room) -> None:
    assert told(room, "foreign-merge-tag", [*lines(TAGS), *lines(NO_TAGS)]) == lines(TAGS)


def test_a_tag_that_is_shown_as_code_stops_no_build(room: Room) -> None:
    room.item("story", "Write this:\n\n```\nDear {{ contact.FIRSTNAME }}, {% if x %}\n```\n")
    assert room.build().is_good
    assert b"{{ contact.FIRSTNAME }}, {% if x %}" in room.built("issue.txt")


def test_a_subject_with_acronyms_in_a_script_without_capitals_is_not_loud(room: Room) -> None:
    room.item("story", title="市のIT部門とNPOがAIを学ぶ")
    assert findings(subject_of(room), "spammy-subject") == []
