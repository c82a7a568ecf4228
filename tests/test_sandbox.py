"""Templates from strangers: what they can reach, how long they run, how large what they make gets."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from newsletter.errors import ContentError
from newsletter.look.sandbox import MOST_STEPS, MOST_TEXT
from newsletter.look.templates import Look
from newsletter.memo import Cache
from newsletter.model import Section
from tests.room import Room

NAME = "look.txt.j2"


class Thing(Struct, frozen=True, kw_only=True):
    """A noun with what no template is to have."""

    title: str
    where: Path = Path("/etc")

    @property
    def loud(self) -> str:
        """Return the title in capitals."""
        return self.title.upper()

    def method(self) -> str:
        """Return what no template may ask for."""
        return "called"


VALUES: Mapping[str, Any] = {
    "thing": Thing(title="Title"),
    "section": Section(key="wins", title="Wins"),
    "items": [{"title": "b", "place": {"city": "Y"}}, {"title": "a", "place": {"city": "X"}}],
    "tags": {"url": "%%url%%"},
}


def plain(room: Room, template: str, values: Mapping[str, Any] = VALUES) -> str:
    """Return what a text template makes, or the words of its fault."""
    room.file(f"templates/{NAME}", template)
    try:
        return Look(room.root).text(NAME, values)
    except ContentError as error:
        return str(error.faults[0]).partition("\n")[0]


def sealed(room: Room, template: str) -> str:
    """Return what a template of the mail makes, each value sealed as `[value]`, or the words of its fault."""
    room.file(f"templates/{NAME}", template)
    try:
        return Look(room.root).mjml(NAME, lambda value: f"[{value}]", VALUES)
    except ContentError as error:
        return str(error.faults[0]).partition("\n")[0]


# What is known to get out of Jinja2 where nothing keeps it in: PayloadsAllTheThings, HackTricks, the CVEs of its
# sandbox (2016-10745, 2019-10906, 2024-56201, 2024-56326, 2025-27516), and what our own values would add.
ESCAPES = [
    "{{ ''.__class__ }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''['__class__']['__mro__'] }}",
    "{{ [].__class__.__base__.__subclasses__()[0].__init__.__globals__ }}",
    "{{ {}.__class__.__bases__[0] }}",
    "{{ ().__class__.__bases__[0].__subclasses__() }}",
    "{{ (1).__class__ }}",
    "{{ ''|attr('__class__') }}",
    "{{ ''|attr('\\x5f\\x5fclass\\x5f\\x5f') }}",
    "{{ ''['\\x5f\\x5fclass\\x5f\\x5f'] }}",
    "{{ [''|map(attribute='__class__')] }}",
    "{{ ['']|map(attribute='__class__')|list }}",
    "{{ ['']|map('attr', '__class__')|list }}",
    "{{ ['']|selectattr('__class__')|list }}",
    "{{ ['']|groupby('__class__') }}",
    "{{ ['']|sort(attribute='__class__') }}",
    "{{ ['']|sum(attribute='__class__', start='') }}",
    "{{ ['']|join(attribute='__class__') }}",
    "{{ ['']|unique(attribute='__class__')|list }}",
    "{{ ['']|max(attribute='__class__') }}",
    "{{ '{0.__class__}'.format('') }}",
    "{{ '{0.__class__.__mro__}'.format('') }}",
    "{{ '{x.__class__}'.format(x='') }}",
    "{{ '{x.__class__}'.format_map({'x': ''}) }}",
    "{% set f = '{0.__class__}'.format %}{{ f('') }}",
    "{{ ['{0.__class__}'.format]|map('string')|list }}",
    "{{ ['{.__class__}']|map('format', '')|list }}",
    "{{ ('{0.__class__}'|safe).format('') }}",
    "{{ '%s'.__mod__(1) }}",
    "{{ self.__init__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ self._TemplateReference__context.cycler.__init__.__globals__.os.popen('touch OUT').read() }}",
    "{{ self.__dict__ }}",
    "{{ cycler.__init__.__globals__.os.popen('touch OUT').read() }}",
    "{{ joiner.__init__.__globals__.os }}",
    "{{ namespace.__init__.__globals__.os }}",
    "{{ namespace().__init__.__globals__ }}",
    "{{ cycler('a').__init__.__globals__ }}",
    "{{ cycler('a').reset.__globals__ }}",
    "{{ joiner().__call__.__globals__ }}",
    "{{ lipsum.__globals__['os'].popen('touch OUT').read() }}",
    "{{ lipsum.__globals__.__builtins__ }}",
    "{{ dict.__base__.__subclasses__() }}",
    "{{ dict.mro() }}",
    "{{ dict.fromkeys('ab') }}",
    "{{ range.__class__ }}",
    "{{ range.__globals__ }}",
    "{{ config }}",
    "{{ request.application.__globals__ }}",
    "{{ url_for.__globals__ }}",
    "{{ get_flashed_messages.__globals__ }}",
    "{{ environment }}",
    "{{ context }}",
    "{{ __loader__ }}",
    "{{ __builtins__ }}",
    "{{ _seal('x') }}",
    "{{ _seal.__self__ }}",
    "{{ undefined.__init__.__globals__ }}",
    "{{ nope._undefined_obj }}",
    "{{ nope.__class__ }}",
    "{{ (nope|default(thing)).__class__ }}",
    "{{ thing.nope._undefined_obj }}",
    "{{ thing.where }}",
    "{{ thing.where.parent }}",
    "{{ thing['where'] }}",
    "{{ [thing]|map(attribute='where')|list }}",
    "{{ [thing]|map(attribute='where.parent')|list }}",
    "{{ '{0.where}'.format(thing) }}",
    "{{ '%s'|format(thing) }}",
    "{{ thing.method() }}",
    "{{ thing.method }}",
    "{{ thing.__init__.__globals__ }}",
    "{{ thing.__noun_values__ }}",
    "{{ thing.__struct_fields__ }}",
    "{{ thing.__reduce__() }}",
    "{{ thing.__struct_config__ }}",
    "{{ section.__class__.__init__.__globals__ }}",
    "{{ thing }}",
    "{{ [thing] }}",
    "{{ {'a': {'b': thing}} }}",
    "{{ thing|string }}",
    "{{ thing ~ '' }}",
    "{{ [thing]|join }}",
    "{{ thing|pprint }}",
    "{{ thing|tojson }}",
    "{{ items.append(1) }}",
    "{{ items.clear() }}",
    "{{ items[0].update({'title': 'x'}) }}",
    "{{ items[0].pop('title') }}",
    "{{ tags.setdefault('a', 'b') }}",
    "{{ items.sort }}",
    "{% for i in items %}{{ loop.__class__ }}{% endfor %}",
    "{% for i in items %}{{ loop._iterator }}{% endfor %}",
    "{% for i in items %}{{ loop.__init__.__globals__ }}{% endfor %}",
    "{% macro m() %}{% endmacro %}{{ m.__call__.__globals__ }}",
    "{% macro m() %}{% endmacro %}{{ m._func.__globals__ }}",
    "{% macro m() %}{% endmacro %}{{ m._environment }}",
    "{% macro m() %}{{ caller.__init__.__globals__ }}{% endmacro %}{% call m() %}{% endcall %}",
    "{% macro m() %}{{ varargs.__class__ }}{{ kwargs.__class__ }}{% endmacro %}{{ m(1, a=2) }}",
    "{% block b %}{{ super.__init__.__globals__ }}{% endblock %}",
    "{% block b %}{{ self.b.__init__.__globals__ }}{% endblock %}",
    "{% block b %}{% endblock %}{{ self.b._context }}",
    "{% block b %}{% endblock %}{{ self.b._stack[0].gi_frame }}",
    "{% import 'empty.txt.j2' as m %}{{ m.__class__ }}",
    "{% import 'empty.txt.j2' as m %}{{ m._body_stream }}",
    "{% import 'empty.txt.j2' as m %}{{ m.__init__.__globals__ }}",
    "{% import 'empty.txt.j2' as m %}{{ m }}",
    "{% from 'empty.txt.j2' import __class__ as c %}{{ c }}",
    "{% include '../../../../etc/passwd' %}",
    "{% include '/etc/passwd' %}",
    "{% extends '/etc/passwd' %}",
    "{% import '/etc/passwd' as x %}",
    "{% set x = ''.encode('utf-8') %}{{ x.__class__ }}",
    "{{ ''.translate.__self__ }}",
    "{{ ''.join.__self__.__class__ }}",
    "{{ 'a'.maketrans('a', 'b') }}",
    "{{ (1).to_bytes(4, 'big') }}",
    "{{ 1.0.fromhex('0') }}",
    "{% do items.append(1) %}",
    "{% debug %}",
    "{{ x.__class__ for x in items }}",
    "{{ items|random }}",
    "{{ ''.__doc__ }}",
    "{{ thing.title.upper.__self__ }}",
    "{{ range(3).count.__self__ }}",
    "{{ tags.items.__self__ }}",
    "{{ tags.get.__name__ }}",
    "{{ [tags.get]|first }}",
    "{{ [tags.get]|map('string')|list }}",
]


@pytest.mark.parametrize("template", ESCAPES)
def test_no_way_out_of_a_template_that_is_known(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, template: str
) -> None:
    monkeypatch.chdir(tmp_path)
    room.file("templates/empty.txt.j2", "words")
    for made in (plain(room, f"\n{template}"), sealed(room, f"\n{template}")):
        # What is refused raises when it is used; in a list that is written it says that there is nothing.
        is_harmless = not made.strip("\n[]()', ").replace("Undefined", "").replace("&#39;", "").strip("[]()', ")
        assert is_harmless or made.startswith(f"templates/{NAME}:2: "), f"it made {made}"
        assert not re.search(r"root:|/etc\b(?!/passwd)|0x[0-9a-f]{6}|<class|<built-in|Traceback", made)
    assert not (tmp_path / "OUT").exists()


# What newsrooms write, and what becomes of it in a text and in a mail.
HONEST = [
    ("{{ thing.title }}", "Title"),
    ("{{ thing['title'] }}", "Title"),
    ("{{ thing.loud }}", "TITLE"),
    ("{{ section.title|upper }}", "WINS"),
    ("{{ items[0].title }}{{ items[-1]['place'].city }}", "bX"),
    ("{{ tags.url }}", "%%url%%"),
    ("{{ items|length }}{{ items|count }}", "22"),
    ("{{ (items|first).title }}{{ (items|last).title }}", "ba"),
    ("{{ items|map(attribute='title')|join(', ') }}", "b, a"),
    ("{{ items|join('+', attribute='place.city') }}", "Y+X"),
    ("{{ items|sort(attribute='title')|map(attribute='title')|join }}", "ab"),
    ("{{ items|selectattr('title', 'equalto', 'a')|map(attribute='title')|list|first }}", "a"),
    ("{{ items|rejectattr('title', '==', 'a')|list|length }}", "1"),
    ("{{ [1, 2, 3, 4]|select('even')|join }}{{ [1, 2, 3]|reject('odd')|join }}", "242"),
    ("{% for g in items|groupby('title') %}{{ g.grouper }}{{ g.list|length }}{% endfor %}", "a1b1"),
    ("{% for city, list in items|groupby('place.city') %}{{ city }}{% endfor %}", "XY"),
    ("{% for row in [1, 2, 3]|batch(2, 'x') %}{{ row|join }};{% endfor %}", "12;3x;"),
    ("{% for row in [1, 2, 3]|slice(2) %}{{ row|join }};{% endfor %}", "12;3;"),
    ("{{ 'hello big world'|truncate(8) }}", "hello..."),
    ("{{ 'hello big world'|wordwrap(9)|replace('\\n', '/') }}", "hello big/world"),
    ("{{ 'a\\nb'|indent(2)|replace('\\n', '/') }}", "a/  b"),
    ("{{ '%s and %02d'|format('one', 2) }}{{ '%.1f' % 2.55 }}", "one and 022.5"),
    ("{{ '{} {:>3} {x}'.format('a', 1, x='b') }}", "a   1 b"),
    ("{{ nope|default('-') }}{{ ''|d('+', true) }}", "-+"),
    ("{{ 'a b'|title }}{{ 'A'|lower }}{{ ' c '|trim }}{{ 'word'|capitalize }}", "A BacWord"),
    ("{{ 'a b'.split()|join('-') }}{{ 'ab'.replace('b', 'c') }}{{ 'Ab'.startswith('A') }}", "a-bacTrue"),
    ("{{ 'abc'[1:] }}{{ 'abc'[::-1] }}{{ [1, 2, 3][:2]|join }}", "bccba12"),
    ("{{ 2 + 3 * 4 - 1 }}{{ 7 // 2 }}{{ 7 % 4 }}{{ 2 ** 10 }}", "13331024"),
    ("{{ 'a' + 'b' }}{{ 'a' ~ 1 ~ 'b' }}{{ '-' * 3 }}{{ ([1] + [2])|join }}", "aba1b---12"),
    ("{{ '3'|int + 1 }}{{ 2.4|round|int }}{{ 2.46|round(1) }}{{ -3|abs }}", "422.53"),
    ("{{ [1, 2]|sum }}{{ items|map(attribute='title')|sum(start='') }}{{ [[1], [2]]|sum(start=[])|join }}", "3ba12"),
    ("{{ [3, 1]|min }}{{ [3, 1]|max }}{{ [1, 1]|unique|join }}{{ 'ab'|reverse }}", "131ba"),
    ("{% for k, v in {'b': 1, 'a': 2}|dictsort %}{{ k }}{{ v }}{% endfor %}", "a2b1"),
    ("{% for k, v in {'b': 1}.items() %}{{ k }}{{ v }}{% endfor %}{% for k in {'c': 1} %}{{ k }}{% endfor %}", "b1c"),
    (
        "{% for i in range(3) %}{{ loop.index }}{{ loop.cycle('x', 'y') }}{{ ',' if not loop.last }}{% endfor %}",
        "1x,2y,3x",
    ),
    ("{% for i in range(6) if i is odd %}{{ i }}{{ loop.revindex0 }}{% else %}none{% endfor %}", "123150"),
    ("{% for i in [] %}{{ i }}{% else %}none{% endfor %}", "none"),
    ("{% for x in [[1], [2]] recursive %}{{ loop(x) if x is not number else x }}{% endfor %}", "12"),
    ("{% set ns = namespace(n=0) %}{% for i in range(4) %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}", "6"),
    (
        "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.current }}{% set j = joiner('|') %}{{ j() }}{{ j() }}",
        "ab|",
    ),
    ("{% macro m(a, b='y') %}{{ a }}{{ b }}{{ varargs|join }}{% endmacro %}{{ m('x') }}{{ m(1, 2, 3) }}", "xy123"),
    ("{% macro m() %}<{{ caller() }}>{% endmacro %}{% call m() %}in{% endcall %}", "<in>"),
    (
        "{% set x %}a{{ 1 }}{% endset %}{{ x }}{% filter upper %}b{% endfilter %}{% with y = 2 %}{{ y }}{% endwith %}",
        "a1B2",
    ),
    ("{% block a %}x{% endblock %}{{ self.a() }}", "xx"),
    ("{% if thing.title is defined and nope is undefined and 'a' in 'ab' and 1 < 2 <= 2 %}yes{% endif %}", "yes"),
    ("{{ section == section }}{{ section in [section] }}{{ {'a': 1}['a'] }}{{ {1: 'x'}.get(2, 'z') }}", "TrueTrue1z"),
    ("{% import 'more.txt.j2' as more %}{{ more.m(1) }}{% from 'more.txt.j2' import m %}{{ m(2) }}", "<1><2>"),
    ("{% include 'part.txt.j2' %}{% include 'nope' ignore missing %}{% include ['nope', 'part.txt.j2'] %}", "partpart"),
    ("{% for i in [1, 2] %}{{ '' if loop }}{% include 'loop.txt.j2' %}{% endfor %}", "1/2;2/2;"),
    ("{% extends 'base.txt.j2' %}{% block a %}own{{ super() }}{% endblock %}", "(ownbase)"),
    ("{{ 'a&b'|urlencode }}{{ 'x'|center(3) }}", "a%26b x "),
    ("{{ 3|px }}", "3px"),
]


def others(room: Room) -> None:
    """Write the templates that the honest ones use."""
    room.file("templates/more.txt.j2", "{% macro m(x) %}<{{ x }}>{% endmacro %}")
    room.file("templates/part.txt.j2", "part")
    room.file("templates/loop.txt.j2", "{{ i }}/{{ loop.length }};")
    room.file("templates/base.txt.j2", "({% block a %}base{% endblock %})")


@pytest.mark.parametrize(("template", "made"), HONEST)
def test_what_newsrooms_write_goes_on(room: Room, template: str, made: str) -> None:
    others(room)
    assert plain(room, template) == made
    # In a mail each value is sealed; without the seals it says the same.
    assert re.sub(r"&(?:lt|gt);|[\[\]<>]", "", sealed(room, template)) == re.sub(r"[<>]", "", made)


@pytest.mark.parametrize(("template", "made"), HONEST)
def test_it_is_the_same_when_it_comes_from_the_cache(room: Room, template: str, made: str) -> None:
    others(room)
    room.file(f"templates/{NAME}", template)
    assert [Look(room.root, Cache(room.cache)).text(NAME, VALUES) for _ in range(2)] == [made, made]


def test_words_are_sealed_and_html_is_not(room: Room) -> None:
    assert sealed(room, "<b>{{ thing.title }}</b>{{ '<i>'|safe }}{{ 5 }}{{ true }}") == "<b>[Title]</b><i>[5][True]"
    assert sealed(room, "{% autoescape false %}{{ thing.title }}{% endautoescape %}") == "[Title]"
    # A template can't put itself in the place of the seal.
    own = "{% macro _seal(x) %}bare{% endmacro %}{% set _seal = _seal %}{{ thing.title }}"
    assert sealed(room, own) == "[Title]"


STEPS = f"this template takes more than {MOST_STEPS:,} steps: a loop in it may never end"
TEXT = f"this template makes a text of more than {MOST_TEXT:,} letters"
NUMBER = "this template works out a number that is too large"
DEEP = "this template nests lists more than 40 deep"
ITSELF = "the template fails: it calls itself, or what calls it, without end"
NESTED = "the template fails: it is nested too deeply: loops in loops, or brackets in brackets"
TWICE = "{% set ns = namespace(x=START) %}{% for i in range(100000) %}{% set ns.x = AGAIN %}{% endfor %}"
LOOPS = "{% for a in range(99999) %}{% for b in range(99999) %}BODY{% endfor %}{% endfor %}"


def twice(start: str, again: str) -> str:
    """Return a template that makes something over and over of what it made before."""
    return TWICE.replace("START", start).replace("AGAIN", again)


# What a loop does each time it goes round.
BODIES = [
    "",
    "{{ a }}",
    "{% set x = thing.title %}",
    "{% set x = range(99999)|list %}",
    "{% set x = range(99999)|sum %}",
    "{% set x = 'b' in 'a' * 9999999 %}",
    "{% set x = ('a' * 999999)[1:] %}",
    "{% set x = 'a' * 999999 == 'a' * 999999 %}",
    "{% set x = ('a' * 999999).rfind('ba') %}",
    "{% set x = cycler(*range(9999)) %}",
    "{% include 'nope' ignore missing %}",
    "{% include ['nope'] * 999 ignore missing %}",
]
ENDLESS = [
    *((LOOPS.replace("BODY", body), STEPS) for body in BODIES),
    ("{% for a in range(9999) %}{% for b in range(99999) if b < 0 %}{% endfor %}{% endfor %}", STEPS),
    ("{% for a in range(9999) %}{% set x = range(99999)|select('==', 1)|list %}{% endfor %}", STEPS),
    ("{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}", STEPS),
    (
        "{% macro m("
        + ", ".join(f"a{n}=1" for n in range(3000))
        + ") %}{% endmacro %}"
        + LOOPS.replace("BODY", "{{ m() }}"),
        STEPS,
    ),
    ("{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(0) }}", ITSELF),
    ("{% for x in [[1]] recursive %}{{ loop([x]) }}{% endfor %}", ITSELF),
    ("{% block a %}{{ self.a() }}{% endblock %}", ITSELF),
    (f"{{% include '{NAME}' %}}", "templates include each other more than 40 deep: one may include itself"),
    (f"{{% import '{NAME}' as x %}}", "templates include each other more than 40 deep: one may include itself"),
    (
        f"{{% from '{NAME}' import x with context %}}",
        "templates include each other more than 40 deep: one may include itself",
    ),
    (f"{{% extends '{NAME}' %}}", "more than 40 templates extend each other: one may extend itself"),
    (twice("'ab'", "ns.x ~ ns.x"), TEXT),
    (twice("'ab'", "ns.x + ns.x"), TEXT),
    (twice("'ab'", "ns.x * 9"), TEXT),
    (twice("'ab'", "'%s%s' % (ns.x, ns.x)"), TEXT),
    (twice("'ab'", "'%s%s'|format(ns.x, ns.x)"), TEXT),
    (twice("'ab'", "'{0}{0}'.format(ns.x)"), TEXT),
    (twice("'ab'", "[ns.x, ns.x]|join"), TEXT),
    (twice("'ab'", "ns.x.join([ns.x, ns.x, ns.x])"), TEXT),
    (twice("'ab'", "ns.x|replace('a', ns.x)"), STEPS),
    (twice("'ab'", "ns.x.replace('', ns.x)"), STEPS),
    (twice("['ab']", "ns.x + ns.x"), STEPS),
    (twice("['ab']", "ns.x * 9"), STEPS),
    (twice("['ab']", "[ns.x, ns.x]") + "{{ ns.x }}", DEEP),
    (twice("['ab']", "[ns.x, ns.x]").replace("100000", "30") + "{{ ns.x }}", STEPS),
    (twice("['ab']", "[ns.x, ns.x]").replace("100000", "30") + "{{ ns.x == ns.x|list }}", STEPS),
    (twice("('ab',)", "(ns.x, ns.x)").replace("100000", "30") + "{{ {ns.x: 1} }}", STEPS),
    # Python itself is brought down by the hash of such a tuple.
    (twice("('ab',)", "(ns.x,)") + "{{ {ns.x: 1} }}", DEEP),
    (twice("('ab',)", "(ns.x,)") + "{{ {}[ns.x] }}", DEEP),
    (twice("('ab',)", "(ns.x,)") + "{{ [ns.x]|unique }}", DEEP),
    (twice("('ab',)", "(ns.x,)") + "{{ dict([(ns.x, 1)]) }}", DEEP),
    (twice("3", "ns.x * ns.x"), NUMBER),
    ("{{ 10 ** (10 ** 10) }}", NUMBER),
    ("{{ 10|round(-1000000000) }}", NUMBER),
    ("{{ 1.5|round(1000000000, 'floor') }}", NUMBER),
    ("{{ ('f' * 99999)|int(0, 16) }}", NUMBER),
    ("{{ 'ab' * 10 ** 10 }}", TEXT),
    ("{{ [1] * 10 ** 9 }}", STEPS),
    ("{{ 'a'|center(10 ** 9) }}", TEXT),
    ("{{ 'a'.center(10 ** 9) }}{{ 'a'.ljust(10 ** 9) }}", TEXT),
    ("{{ 'a'.rjust(10 ** 9) }}", TEXT),
    ("{{ 'a'.zfill(10 ** 9) }}", TEXT),
    ("{{ '%1000000000d' % 1 }}", TEXT),
    ("{{ '%*d' % (1000000000, 1) }}", TEXT),
    ("{{ '%.1000000000f'|format(1) }}", TEXT),
    ("{{ '%(a)1000000000d' % {'a': 1} }}", TEXT),
    ("{{ '{:1000000000}'.format(1) }}", TEXT),
    ("{{ '{:{w}}'.format(1, w=1000000000) }}", TEXT),
    ("{{ '{:{}}'.format(1, 1000000000) }}", TEXT),
    ("{{ ('%s' * 99999) % (('a' * 99999,) * 99999) }}", TEXT),
    ("{{ 'a\\nb'|indent(10 ** 9) }}", TEXT),
    ("{{ ('a\\n' * 9999)|indent('b' * 9999) }}", TEXT),
    ("{{ ('a b ' * 999)|wordwrap(1, true, 'x' * 99999) }}", TEXT),
    ("{{ ('a' * 999999)|wordwrap(1) }}", STEPS),
    ("{{ ('<!---->' * 99999)|striptags }}", STEPS),
    ("{{ ('www.a.co ' * 999)|urlize(target='x' * 99999) }}", TEXT),
    ("{{ [1]|batch(10 ** 9, 1) }}", STEPS),
    ("{{ [1]|slice(10 ** 9) }}", STEPS),
    ("{{ ['a']|map('center', 10 ** 9)|list }}", TEXT),
    ("{{ {'a': 'x' * 9999999}|xmlattr }}", TEXT),
    ("{{ ('a' * 999999).strip('b' * 999999) }}", STEPS),
    ("{{ ('ab ' * 9999999).split()|length }}", TEXT),
    ("{% set x %}{% for i in range(99999) %}" + "a" * 999 + "{% endfor %}{% endset %}", TEXT),
    ("{% filter upper %}{% for i in range(99999) %}" + "a" * 999 + "{% endfor %}{% endfilter %}", TEXT),
    ("{% for i in range(99999) %}" + "a" * 999 + "{% endfor %}", TEXT),
    ("{{ '%1000000000d' is even }}", "the template fails: a text is not a number"),
    ("{{ 'a'|round(99, 'ceil') }}", "the template fails: a text is not a number"),
    (
        "{% set ns = namespace() %}{% set ns.a = [ns] %}{{ ns.a }}",
        "the template fails: a namespace can't be written as it is",
    ),
    ("{% for i in [1] %}{{ loop }}{% endfor %}", None),
    ("{% for i in range(9) %}" * 30 + "{% endfor %}" * 30, NESTED),
    ("{% if 1 %}" * 999 + "{% endif %}" * 999, NESTED),
    ("{{ " + "(" * 10_000 + "1" + ")" * 10_000 + " }}", NESTED),
    ("{{ " + "[" * 10_000 + "]" * 10_000 + " }}", NESTED),
    ("{{ 1" + " + 1" * 10_000 + " }}", NESTED),
    ("{{ " + "not " * 10_000 + "1 }}", NESTED),
    ("{{ a" + ".b" * 10_000 + " }}", NESTED),
    ("{{ " + "9" * 5000 + " }}", "the template fails: a number in it has too many digits"),
    ("{{ 0x" + "f" * 99_999 + " }}", "the template fails: a number in it has too many digits"),
    ("{{ 1e9999999 }}", "the template fails: a number in it is too large"),
    ("{% if [-1e999] %}{% endif %}", "the template fails: a number in it is too large"),
    ("{{ x }}" * 30_000, "the template fails: it holds more than 50,000 words and signs of Jinja's"),
]


@pytest.mark.parametrize(("template", "words"), ENDLESS)
def test_what_would_not_end_is_a_fault_at_its_line(room: Room, template: str, words: str | None) -> None:
    for made in (plain(room, f"\n{template}"), sealed(room, f"\n{template}")):
        assert made.startswith(f"templates/{NAME}:2: ")
        told = made.partition(": ")[2]
        # Which of the two comes first is all one.
        assert words is None or told == words or {told, words} == {STEPS, TEXT}


@pytest.mark.parametrize("steps", ["-10 ** 15", "'-inf'|float", "'nan'|float"])
def test_no_steps_are_given_back(room: Room, steps: str) -> None:
    back = f"{{% set x = [[1]]|map('for if', {steps})|list %}}{{% set y = [1]|batch({steps}) %}}"
    assert plain(room, f"\n{back}" + LOOPS.replace("BODY", "")) == f"templates/{NAME}:2: {STEPS}"


def test_templates_that_include_each_other_twice_come_to_an_end(room: Room) -> None:
    for number in range(30):
        room.file(f"templates/t{number}.txt.j2", f"{{% include 't{number + 1}.txt.j2' %}}" * 2)
    room.file("templates/t30.txt.j2", "x")
    assert STEPS in plain(room, "{% include 't0.txt.j2' %}")


def test_a_module_forgets_between_issues_what_it_counted(room: Room) -> None:
    room.file(
        "templates/count.txt.j2",
        "{% set c = namespace(n=0) %}{% macro m() %}{% set c.n = c.n + 1 %}{{ c.n }}{% endmacro %}",
    )
    room.file(f"templates/{NAME}", "{% import 'count.txt.j2' as count %}{{ count.m() }}{{ count.m() }}")
    look = Look(room.root)
    assert [look.text(NAME, {}) for _ in range(2)] == ["12", "12"]


def test_each_issue_has_steps_of_its_own_and_more_for_many_stories(room: Room) -> None:
    loop = "{% for i in range(LAST) %}{{ i }}{% endfor %}"
    room.file(f"templates/{NAME}", loop.replace("LAST", "99999") * 2)
    look = Look(room.root)
    for _ in range(2):
        assert len(look.text(NAME, {})) > 900_000
    stories = "{% for part in parts %}{% for story in part.stories %}LOOP{% endfor %}{% endfor %}"
    room.file(f"templates/{NAME}", stories.replace("LOOP", loop.replace("LAST", "300")))
    assert len(Look(room.root).text(NAME, {"parts": [{"stories": [{}] * 5000}]})) > 3_900_000


def test_what_jinja_works_out_while_it_compiles_is_counted_too(room: Room) -> None:
    assert plain(room, "{% autoescape 'a'|center(1000000000) %}{% endautoescape %}").endswith(TEXT)


@pytest.mark.parametrize(
    ("opens", "closes", "words"),
    [
        ("<div>", "</div>", "the templates make elements nested more than 500 deep"),
        ("<b>", "", "the templates make elements nested more than 500 deep"),
        ("<div title='</div>'>", "</div>", "the templates make elements nested more than 500 deep"),
        ("<div><!--</div>-->", "</div>", "the templates make elements nested more than 500 deep"),
        ("<b>x</b>", "", "the templates make more than 15,200 elements"),
    ],
)
def test_what_would_bring_the_libraries_down_is_a_fault(room: Room, opens: str, closes: str, words: str) -> None:
    room.item("story")
    loop = "{% for i in range(50000) %}"
    room.file("templates/footer.mjml.j2", f"<mj-text>{loop}{opens}{{% endfor %}}{loop}{closes}{{% endfor %}}</mj-text>")
    (fault,) = room.build().faults
    assert fault.message == words


@pytest.mark.parametrize(
    ("css", "words"),
    [
        (".a > b { color: red; }\n" * 3000, "the style sheet has more than 1,000 rules or 200,000 letters"),
        ("/*" + "x" * 300_000 + "*/", "the style sheet has more than 1,000 rules or 200,000 letters"),
        ("p " * 5000 + "{ color: red; }", "the style sheet can't be read: "),
    ],
)
def test_a_style_sheet_that_keeps_premailer_busy_is_a_fault(room: Room, css: str, words: str) -> None:
    room.item("story")
    room.file("templates/styles.css", css)
    (fault,) = room.build().faults
    assert fault.place.file == "templates/styles.css"
    assert fault.message.startswith(words)


def test_words_that_a_template_writes_again_and_again_have_an_end(room: Room) -> None:
    room.item("story", "Words. " * 3000)
    again = "{% for i in range(5000) %}{{ story.words }}{% endfor %}"
    room.file("templates/sections/story.mjml.j2", again)
    room.item("second", "Words. " * 3000)
    (fault,) = room.build().faults
    assert fault.message == "the issue has more than 50,000,000 letters"


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{{ self._X }}", "the template fails: a template may not use '_X' of a template"),
        ("{% block b %}{% endblock %}{{ self.b._X }}", "the template fails: a template may not use '_X' of a block"),
        ("{{ none._X }}", "the template fails: a template may not use '_X' of none"),
        ("{{ range(3)._X }}", "the template fails: a template may not use '_X' of a list"),
        ("{{ {}.keys()._X }}", "the template fails: a template may not use '_X' of a list"),
        ("{{ dict._X }}", "the template fails: a template may not use '_X' of a function"),
        ("{{ noun }}", "the template fails: a front page can't be written as it is; name a part of it: path, digest"),
    ],
)
def test_values_are_called_by_plain_words(room: Room, template: str, words: str) -> None:
    class FrontPage(Struct, frozen=True, kw_only=True):
        path: str = ""
        digest: str = ""

    assert plain(room, template, {"noun": FrontPage()}) == f"templates/{NAME}:1: {words}"
