"""Where each key of newsletter.toml stands, and what is said of a text that is no TOML."""

import tomllib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter.errors import ContentError
from newsletter.read import slips, toml
from newsletter.read.config import read_config
from tests.room import Room

BARE = st.text("abAB01_-", min_size=1, max_size=3)
# What stands in texts and comments and must not be taken for keys, heads, quotes or brackets.
TRAPS = ["[wins]", "a = 1", "#", "'", '"', '""', "''", "]", "}", "{", ",", "x", " ", "é", "=", "[[a.b]]"]


def basic(words: str) -> str:
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A text in one of the four ways to write it."""
    words = "".join(draw(st.lists(st.sampled_from(TRAPS), max_size=4)))
    kind = draw(st.sampled_from(["basic", "literal", "long basic", "long literal", "quotes at the end"]))
    if kind == "basic":
        return basic(words)
    if kind == "literal":
        return "'" + words.replace("'", "") + "'"
    more = "\n".join(
        "".join(draw(st.lists(st.sampled_from(TRAPS), max_size=3))) for _ in range(draw(st.integers(0, 3)))
    )
    if kind == "long literal":
        return "'''" + f"\n{words}\n{more}".replace("'''", "").replace("''", "").rstrip("'") + "'''"
    inner = f"\n{words}\n{more}\\\n  ".replace('"""', "").replace('""', "")
    return '"""' + inner + ('""' if kind == "quotes at the end" else "") + '"""'


def names() -> st.SearchStrategy[tuple[str, str]]:
    """A name as it is typed, and what it is."""
    plain = BARE.map(lambda name: (name, name))
    quoted = st.sampled_from(["a.b", "a b", "", "[x]", "a=b", "#"])
    return st.one_of(
        plain,
        plain,
        quoted.map(lambda name: (basic(name), name)),
        quoted.map(lambda name: (f"'{name}'", name)),
        st.just(('"\\u0061\\""', 'a"')),
    )


class Writer:
    """Writes a random document, and notes where each key of it stands."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.text = ""
        self.lines: dict[toml.Path, int] = {}

    @property
    def line(self) -> int:
        return self.text.count("\n") + 1

    def noise(self) -> None:
        for _ in range(self.draw(st.integers(0, 2))):
            self.text += self.draw(st.sampled_from(["\n", "# [a] = \"'''\n", "\t\n", "  # ]\n"]))

    def blanks(self, *, lines: bool) -> None:
        self.text += self.draw(st.sampled_from(["", " ", "\t", *(["\n", " # ] , }\n  "] if lines else [])]))

    def pair(self, table: toml.Path, taken: set[str], depth: int = 0) -> None:
        typed, name = self.draw(names())
        if name in taken:
            return
        taken.add(name)
        path = (*table, name)
        parts = [typed]
        self.lines[path] = self.line
        if self.draw(st.booleans()):
            below, inner = self.draw(names())
            parts.append(below)
            path += (inner,)
            self.lines[path] = self.line
        dot = self.draw(st.sampled_from([".", " . ", "\t."]))
        self.text += dot.join(parts) + self.draw(st.sampled_from(["=", " = "]))
        self.value(path, depth)

    def value(self, path: toml.Path, depth: int) -> None:
        kind = self.draw(st.sampled_from(["text", "text", "number", "list", "table"] if depth < 3 else ["text"]))
        if kind == "text":
            self.text += self.draw(texts())
        elif kind == "number":
            self.text += self.draw(st.sampled_from(["1", "-1.5e3", "true", "2024-01-01 10:00:00Z", "0x1F", "10:00:00"]))
        elif kind == "list":
            self.text += "["
            for number in range(self.draw(st.integers(0, 3))):
                self.text += "," if number else ""
                self.blanks(lines=True)
                self.lines[(*path, str(number))] = self.line
                self.value((*path, str(number)), depth + 1)
                self.blanks(lines=True)
            self.text += "]"
        else:
            self.text += "{"
            taken: set[str] = set()
            for _ in range(self.draw(st.integers(0, 2))):
                before = self.text
                self.text += "," if taken else ""
                self.blanks(lines=False)
                count = len(taken)
                self.pair(path, taken, depth + 1)
                self.text = self.text if len(taken) > count else before
            self.text += "}"

    def document(self) -> None:
        self.noise()
        tables: dict[str, int] = {}
        taken: set[str] = set()
        where: toml.Path = ()
        for _ in range(self.draw(st.integers(0, 8))):
            if self.draw(st.integers(0, 3)):
                before = len(taken)
                self.pair(where, taken)
                if len(taken) > before:
                    self.blanks(lines=False)
                    self.text += self.draw(st.sampled_from(["\n", "# ] = '\n"]))
            else:
                where, taken = self.head(tables), set()
            self.noise()

    def head(self, tables: dict[str, int]) -> toml.Path:
        """Write `[t1]`, `[t1.sub]` or `[[list]]`, of which only the last may come again."""
        number = len(tables)
        name = f"t{number}"
        tables[name] = 1
        kind = self.draw(st.sampled_from(["table", "below", "list"]))
        if kind == "list":
            again = tables["list"] = tables.get("list", -1) + 1
            self.lines.setdefault(("list",), self.line)
            self.lines["list", str(again)] = self.line
            self.text += self.draw(st.sampled_from(["[[list]]\n", "[[ 'list' ]] # x\n"]))
            return "list", str(again)
        self.lines[(name,)] = self.line
        if kind == "table":
            self.text += f"[{name}]\n"
            return (name,)
        self.lines[name, "a.b"] = self.line
        self.text += f'[ {name} . "a.b" ]\n'
        return name, "a.b"


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, dict[toml.Path, int]]:
    writer = Writer(draw)
    writer.document()
    return writer.text, writer.lines


# To draw a document is slower than to read it, and a loaded machine takes its time.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@patient
@given(documents())
def test_every_key_of_any_document_has_its_line(document: tuple[str, dict[toml.Path, int]]) -> None:
    source, lines = document
    tomllib.loads(source)
    scan = toml.Scan(source)
    assert scan.is_whole
    assert toml.lines(scan.stated) == lines
    assert toml.doubled(scan.stated, 1) is None


@pytest.mark.parametrize(
    ("source", "told"),
    [
        # Texts over lines: one without an end, one that swallows what follows, a sign with a meaning in it.
        ('a = """x\nb\n', '1: the text that """ opens here has no end'),
        ("b = 1\na = '''\nb\n", "2: the text that ''' opens here has no end"),
        (
            'a = """Hi"\nn = "x"\n[b]\nw = """Bye"""\n',
            '1: the text that """ opens here ends in line 4, and something stands behind it there',
        ),
        ('a = """x\n\\d\nb"""\n', "2: a backslash has a meaning of its own in this text"),
        ('a = """x\\d\nb"""\n', "1: a backslash has a meaning of its own in this text"),
        ('a = """x""" y\n', "1: something stands after the value"),
        # What only looks like keys and heads, inside a text.
        ('[a]\nb = """\n[c]\n[c]\nx = 1\nx = 2\n"""\n[a]\n', "8: [a] stands twice, first in line 1"),
        ("a = '''\nx = \"\n'''\n[b\n", "4: the square bracket is not closed"),
        # Twice, however it is written.
        ("[a]\nb = 1\n\n[c]\nd = 2\n[a]\n", "6: [a] stands twice, first in line 1"),
        ("[a] # one\n[ a ] # two\n", "2: [a] stands twice, first in line 1"),
        ("[a]\nb.c = 1\n[a.b]\nd = 1\n", "3: [a.b] stands twice, first in line 2"),
        ("[a]\nb = {}\n[a.b]\n", "3: [a.b] stands twice, first in line 2"),
        ("[[a]]\n[a]\n", "2: [a] stands twice, first in line 1"),
        ("\"a\" = 1\n'a' = 2\n", "2: 'a' stands twice, first in line 1"),
        ('[a]\nb = 1 # c\nb = """\nx\n"""\n', "3: 'b' stands twice, first in line 2"),
        ("a.b = 1\na = 2\n", "2: 'a' stands twice, first in line 1"),
        ("a = { b = 1, b = 2 }\n", "1: 'b' stands twice, first in line 1"),
        ("a.b = 1\n[a.b.c]\n", "2: 'a.b' can't have keys: line 1 says already what it is"),
        # Lists and tables in braces.
        ('a = ["x"\nb = 1\n', "1: this list is not closed"),
        ('a = [\n"x"\n', "1: this list is not closed"),
        ('a = [\n"x"\n"y"\n]\n', "3: a comma is missing before this entry"),
        ('a = ["x" "y"]\n', "1: a comma is missing in this list"),
        ('a = ["x",, "y"]\n', "1: a comma too many stands in this list"),
        ('a = [\n "x",\n y,\n]\n', "3: 'y' has no quotation marks"),
        ("a = [\n “x”,\n]\n", "2: curly quotation marks don't count here"),
        ('a = [\n "x",\n "y\n]\n[b]\n', "3: a quotation mark in this list is not closed"),
        ("a = { b = 1,\n c = 2 }\n", "1: a table in braces stands in one line"),
        ("a = { b = 1, }\n", "1: this table in braces can't be read"),
        # Values.
        ("a = 012\n", "1: the value of 'a' has no quotation marks"),
        ("phone = (555) 123\n", "1: the value of 'phone' has no quotation marks"),
        ("a = 2024-13-45\n", "1: '2024-13-45' is no day, no time and no number"),
        ("a = " + "1" * 300, "1: this number has 300 digits"),
        ("[x]\na = [1,\n" + "1" * 5000 + "]", "3: this number has 5,000 digits"),
        ("a = 1 b = 2\n", "1: something stands after the value"),
        ('x = "Hello "World"."\n', "1: the text of 'x' has quotation marks of the kind that it stands in"),
        # Keys and heads.
        ("= 1\n", "1: there is no key before the ="),
        ("short name = 1\n", "1: the key 'short name' has other signs than a to z, 0 to 9, - and _"),
        ("größe = 1\n", "1: the key 'größe' has other signs than a to z, 0 to 9, - and _"),
        ('"a = 1\n', '1: the quotation mark " is not closed'),
        ("[a] x = 1\n", "1: something stands behind [a]"),
        ("[[a]\n", "1: one bracket opens or closes this line, and two do the other"),
        # Signs that nobody sees, and marks of git.
        ("a\u00a0= 1\n", "1: a blank that only looks like one (U+00A0) stands in this line"),
        ("a = 1\rb = 2\n", "1: the lines of this file end in CR, as those of old Macs did"),
        ("a = 1\n>>>>>>> branch\nb = 2\n", "2: '>>>>>>>' is a mark that git left where two versions meet"),
        ("* a\n", "1: this line is not valid TOML"),
    ],
)
def test_a_text_that_is_no_toml_is_told_where_it_went_wrong(room: Room, source: str, told: str) -> None:
    room.file("newsletter.toml", source)
    with pytest.raises(ContentError) as caught:
        read_config(room.root)
    assert [str(fault).partition("\n")[0] for fault in caught.value.faults] == [f"newsletter.toml:{told}"]


@given(
    documents(),
    st.integers(0),
    st.sampled_from([*"\"'[]{}=,x.\\\n", '"""', "'''"]),
)
def test_what_is_broken_anywhere_is_told_in_a_line_of_the_text(
    document: tuple[str, dict[toml.Path, int]], at: int, sign: str
) -> None:
    source, _ = document
    at %= len(source) + 1
    source = source[:at] + sign + source[at:]
    scan = toml.Scan(source)
    try:
        tomllib.loads(source)
    except tomllib.TOMLDecodeError:
        for line in range(1, source.count("\n") + 2):
            assert 1 <= slips.in_toml(source, line).line <= source.count("\n") + 1
    else:
        assert scan.is_whole
