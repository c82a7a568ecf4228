"""newsletter schema: what it says of items, front pages and newsletter.toml is what the program takes."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from newsletter.cli.schema import schemas_of
from newsletter.errors import ContentError
from newsletter.read import config as settings
from newsletter.read import fields
from newsletter.read.config import read_config
from newsletter.read.fields import Field
from newsletter.read.schema import FILES
from newsletter.read.values import Refused, clean
from tests.conftest import Run
from tests.room import SAMPLE, TOML, Room

GOLDEN = sorted(path.parent for path in Path(__file__).parent.glob("golden/*/newsletter.toml"))
NEWSROOMS = [SAMPLE, *GOLDEN]


class Editor(yaml.SafeLoader):
    """YAML 1.2 as editors read it: no dates, and `on` is a word."""


Editor.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in pairs if not tag.endswith((":timestamp", ":bool"))]
    for letter, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Editor.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("true|false"), ["t", "f"])


def front(path: Path) -> Any:
    """Return the front matter of a file as an editor reads it."""
    text = clean(path.read_text("utf-8-sig"))
    return yaml.load(text.split("---\n", 2)[1], Editor) if text.startswith("---\n") else None


def told(schema: dict[str, Any], value: object) -> list[str]:
    """Return where the value misfits the schema."""
    errors = Draft202012Validator(schema).iter_errors(value)
    return sorted("/".join(map(str, error.absolute_path)) or error.validator for error in errors)


def schemas(room: Room | None = None) -> dict[str, Any]:
    """Return the three schemas of a newsroom, or of any."""
    return schemas_of(read_config(room.root) if room else None, list(FILES))


ITEM = {"title": "Story", "chapters": ["LPMN"], "month": "2024-09", "section": "wins"}


@pytest.mark.parametrize("newsroom", NEWSROOMS, ids=lambda path: path.name)
def test_all_that_a_newsroom_holds_is_valid(newsroom: Path) -> None:
    own, anybodys = schemas_of(read_config(newsroom), list(FILES)), schemas()
    toml = tomllib.loads((newsroom / "newsletter.toml").read_text("utf-8"))
    assert told(own["newsletter.toml"], toml) == []
    items, pages = [*newsroom.glob("issues/*/items/**/*.md")], [*newsroom.glob("issues/*/*.md")]
    assert items
    for kinds in (own, anybodys):
        assert {path.name: told(kinds["item"], front(path)) for path in items} == {path.name: [] for path in items}
        read = {
            path.name: told(kinds["front-page"], front(path)) for path in pages if "section" not in str(front(path))
        }
        assert read == {name: [] for name in read}


@pytest.mark.parametrize(
    ("slip", "place"),
    [
        ({"titel": "Story"}, "additionalProperties"),
        ({"title": ["Story"]}, "title"),
        ({"chapters": ["LPNM"]}, "chapters"),
        ({"chapters": "LPNM"}, "chapters"),
        ({"chapters": ["state"]}, "chapters"),
        ({"chapter": "LPNM", "chapters": None}, "chapter"),
        ({"section": "winds"}, "section"),
        ({"month": "Sept 2024"}, "month"),
        ({"month": None, "months": ["2024-13"]}, "months"),
        ({"starts": "October 10, 6 pm"}, "starts"),
        ({"until": "2024-09-31-"}, "until"),
        ({"order": "first"}, "order"),
        ({"order": 1.5}, "order"),
        ({"lead": "perhaps"}, "lead"),
        ({"link": "example.org/story"}, "link"),
        ({"image_focus": "middle"}, "image_focus"),
        ({"language": "Spanish!"}, "language"),
        ({"allow": ["vague-lnk"]}, "allow"),
    ],
)
def test_each_kind_of_slip_in_an_item_is_told_where_it_is(room: Room, slip: dict[str, Any], place: str) -> None:
    schema = schemas(room)["item"]
    assert told(schema, ITEM) == []
    assert told(schema, {**ITEM, **slip}) == [place]


@pytest.mark.parametrize("key", ["title", "chapters", "month", "section"])
def test_an_item_lacks_what_it_needs(key: str) -> None:
    schema = schemas()["item"]
    assert told(schema, {name: value for name, value in ITEM.items() if name != key})
    both = {"title": "Story", "chapter": "ANY", "months": ["2024-09"], "section": "any", "link": None}
    assert told(schema, both) == []


@pytest.mark.parametrize(
    ("slip", "place"),
    [
        ({"hedlines": ["One"]}, "additionalProperties"),
        ({"cadence": "monthly"}, "additionalProperties"),
        ({"sections": ["winds"]}, "sections"),
        ({"issue": "2024-09/state-LPNM"}, "issue"),
        ({"accent": "teal"}, "accent"),
        ({"leave_out": {"a": 1}}, "leave_out"),
    ],
)
def test_each_kind_of_slip_on_a_front_page_is_told(room: Room, slip: dict[str, Any], place: str) -> None:
    schema = schemas(room)["front-page"]
    for good in (None, {}, {"headlines": "One"}, {"issue": "state-LPMN", "sections": ["wins"], "accent": "#abc"}):
        assert told(schema, good) == []
    assert told(schema, slip) == [place]


@pytest.mark.parametrize(
    ("added", "place"),
    [
        ("[chapter.LPPA]", "additionalProperties"),
        ("[chapters.LPPA]", "chapters/LPPA"),
        ('[chapters."L P"]\nname = "x"', "chapters"),
        ('[chapters.LPPA]\nname = "Pennsylvania"\nemojy = "x"', "chapters/LPPA"),
        ('[publications.more]\ntitle = "x"\nscope = "all"', "publications/more/scope"),
        ('[sections.more]\ntitle = "x"\nlook = "big"', "sections/more/look"),
        ("[theme]\nink = 3", "theme/ink"),
        ('[words]\nwhere = ["x"]', "words/where"),
        ('[words.es]\nwehre = "x"', "words/es"),
        ('[checks]\nvague-lnk = "off"', "checks"),
        ('[checks]\nvague-link = "never"', "checks/vague-link"),
        ('[proof]\npassword = "x"', "proof"),
        ("[proof]\ntimeout = 900", "proof/timeout"),
        ('[providers.own]\ndocument = "half"', "providers/own/document"),
        ('[providers.own]\ntaggs = { a = "b" }', "providers/own"),
    ],
)
def test_each_kind_of_slip_in_the_settings_is_told(added: str, place: str) -> None:
    schema = schemas()["newsletter.toml"]
    assert told(schema, tomllib.loads(TOML)) == []
    assert told(schema, tomllib.loads(f"{TOML}\n{added}\n")) == [place]


def test_settings_that_are_seldom_used_are_valid(room: Room) -> None:
    toml = TOML + (
        '[words]\nwhere = "Place"\n[words.es]\nwhere = "Lugar"\n[words.es.sections]\nwins = "Logros"\n'
        '[words.es.sections.action]\ntitle = "Actúe"\nintro = "Hoy."\n'
        '[checks]\nvague-link = "off"\n[proof]\nserver = "smtp://mail.network.example:587"\ntimeout = "20"\n'
        'domains = "network.example"\n[proof.lists]\nstaff = ["a@network.example"]\nboss = "b@network.example"\n'
        '[providers.own]\nlabel = "Ours"\nmax_subject = 3\nhas_text = false\nsteps = { start = "x" }\n'
    )
    room.file("newsletter.toml", toml)
    assert read_config(room.root).proof.timeout == 20
    assert told(schemas()["newsletter.toml"], tomllib.loads(toml)) == []


TYPED = [
    *(
        "",
        "  ",
        "text",
        "2024",
        "7",
        "+3",
        "007",
        "21",
        "31",
        "600",
        "1.5",
        "true",
        "Yes",
        "OFF",
        "on",
        "True ",
        "x" * 300,
    ),
    *("2024-09", "2024-13", "2024-09-30", "2024-02-30", "2024-10-10 18:00", "2024-10-10T9:00", "2024-10-10 18:00:00"),
    *("24:00", "America/Chicago", "UTC", "Etc/GMT+5", "EST5EDT", "en", "pt-BR", "zh_Hant", "iw", "Spanish", "es-419"),
    *(
        "https://a.example/b",
        "HTTP://a.example",
        "mailto:a@b.example",
        "a@b.example",
        "tel:+1 612 555 0100",
        "b.example",
    ),
    *("%%browser_url%%", "{chapter}@b.example", " https://a.example ", "#abc", "#1D5C63", "1D5C63", "Georgia, 'A B'"),
    *("smtp://m.example:587", "smtps://u@m.example", "network", "chapter", "monthly", "quote", "top", "long", "off"),
]
VALUES: list[Any] = [
    *TYPED,
    *(0, 1, 7, 25, 31, 600, -3, 1.5, True, False, [], ["a"], ["2024-09", "2024-10"], ["a@b.example"], {}, {"a": "b"}),
    *({"Bluesky": "https://a.example"}, {"staff": ["a@b.example"], "boss": "c@d.example"}, ["https://a.example"]),
]
TABLES = ("ITEM", "SETTINGS", "FRONT_PAGE", "ORGANIZATION", "PUBLICATION", "CHAPTER", "SECTION", "THEME", "PROOF")


@pytest.mark.parametrize(
    "field",
    [field for name in TABLES for field in getattr(fields, name).values()],
    ids=lambda field: field.key,
)
def test_a_schema_never_refuses_what_the_program_takes(field: Field) -> None:
    from newsletter.read.schema import _described

    if field.key == "password":
        return
    schema = _described(field)
    assert told(schema, schema["examples"][0] if "examples" in schema else field.example) == []
    for value in VALUES:
        try:
            field.parse(value)
        except (Refused, TypeError):
            continue
        assert told(schema, value) == [], (field.key, value)


def test_every_table_of_the_settings_is_described() -> None:
    assert {*schemas()["newsletter.toml"]["properties"]} == {*settings._TABLES}


def test_the_schemas_are_of_the_draft_that_they_name(room: Room) -> None:
    for schema in (*schemas().values(), *schemas(room).values()):
        Draft202012Validator.check_schema(schema)


def test_every_key_says_what_it_is() -> None:
    def undescribed(schema: Any, path: str) -> list[str]:
        if not isinstance(schema, dict):
            return []
        keys = [
            f"{path}/{key}"
            for key, value in schema.get("properties", {}).items()
            if not value.get("description") and "steps" not in path and key != "sections"
        ]
        inner = [place for key, value in schema.items() for place in undescribed(value, f"{path}/{key}")]
        return keys + inner

    assert undescribed(schemas(), "") == []


def test_without_a_kind_all_three_are_printed_and_with_one_that_alone(run: Run, room: Room) -> None:
    everything = run("schema")
    assert (everything.exit_code, everything.stderr) == (0, "")
    assert [*json.loads(everything.stdout)] == ["item", "front-page", "newsletter.toml"]
    for kind, schema in json.loads(everything.stdout).items():
        assert json.loads(run("schema", kind).stdout) == schema
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_a_newsrooms_own_names_are_told_with_what_they_stand_for(run: Run, room: Room) -> None:
    names = json.loads(run("schema", "item").stdout)["$defs"]
    assert names["tag"] == {
        "enum": ["LPMN", "LPNY", "network"],
        "enumDescriptions": ["Minnesota", "New York", "The Network Download"],
    }
    assert names["section"]["enum"] == ["wins", "action", "events", "in-the-news", "remembrance"]


def test_a_chapter_whose_code_looks_like_a_number_is_one_to_an_editor(room: Room) -> None:
    room.file("newsletter.toml", f'{TOML}\n[chapters.12]\nname = "Twelfth Ward"\n[chapters.1E3]\nname = "Mile"\n')
    schema = schemas(room)["item"]
    for code in (12, "12", 1000.0, "1E3"):
        assert told(schema, {**ITEM, "chapters": [code]}) == []


def test_outside_a_newsroom_any_name_goes_and_one_that_was_named_must_be_there(
    run: Run, room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    made = run("schema", "item")
    assert (made.exit_code, made.stderr) == (0, "no newsroom here, so chapters and sections may have any name\n")
    assert told(json.loads(made.stdout), {**ITEM, "chapters": ["ANY"], "section": "any"}) == []
    assert run("--newsroom", str(room.root), "schema", "item").stderr == ""
    refused = run("schema", "item", "--newsroom", "nowhere")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.startswith("nowhere is no newsroom: it holds no newsletter.toml\n")


def test_settings_with_a_fault_keep_the_names_from_being_told_but_not_their_own_schema(run: Run, room: Room) -> None:
    room.file("newsletter.toml", TOML.replace('scope = "network"', 'scope = "netwrk"'))
    with pytest.raises(ContentError):
        read_config(room.root)
    assert (run("schema", "item").exit_code, run("schema", "item").stdout) == (1, "")
    assert run("schema", "newsletter.toml").exit_code == 0


def test_the_files_of_an_editor_are_written_and_written_again_only_where_they_differ(run: Run, room: Room) -> None:
    paths = [f".newsletter/{name}" for name in FILES.values()]
    assert run("schema", "--out", ".newsletter").stdout.splitlines() == paths
    before = json.loads((room.root / paths[0]).read_text("utf-8"))
    assert before == json.loads(run("schema", "item").stdout)
    assert run("schema", "--out", ".newsletter").stdout == ""
    room.file("newsletter.toml", f'{TOML}\n[chapters.LPPA]\nname = "Pennsylvania"\n')
    assert run("schema", "--out", ".newsletter").stdout.splitlines() == [paths[0], paths[1]]
    assert "LPPA" in json.loads((room.root / paths[0]).read_text("utf-8"))["$defs"]["tag"]["enum"]
    assert run("schema", "item", "--out", "elsewhere").stdout == "elsewhere/item.schema.json\n"


def test_nothing_is_written_through_a_link_that_leads_out_of_the_newsroom(run: Run, room: Room, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (room.root / ".newsletter").symlink_to(tmp_path / "home")
    refused = run("schema", "--out", ".newsletter")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert list((tmp_path / "home").iterdir()) == []


def test_words_in_brackets_are_no_list_that_readers_would_see(room: Room) -> None:
    room.item("story", summary=["One", "two"])
    assert room.faults() == [
        "issues/2024-09/items/story.md:7: summary: one text is wanted, not a list or a table\n"
        "  hint: put a text with brackets or braces in quotes"
    ]
