"""Cover, Delivery -> inbox rows: cut where the clients cut, and told what is lost."""

import pytest
from msgspec.structs import replace
from rich.cells import cell_len
from rich.console import Console

from newsletter.line import Builder, Made
from newsletter.preview.blocks import lines_of
from newsletter.preview.inbox import Row, Sheet, clients, sheet_view, sheets
from tests.compiled import COMPILED
from tests.room import Room


def made(room: Room, *issue_ids: str) -> list[Made]:
    builder = Builder(room.load(), room.root / "build", cache=COMPILED)
    return [builder.whole(issue_id) for issue_id in issue_ids or ["2024-09/state-LPMN"]]


def rows(room: Room, *issue_ids: str) -> list[Sheet]:
    return sheets((one.issue, one.cover, one.delivery) for one in made(room, *issue_ids))


def row(room: Room, client: str) -> Row:
    return next(one for one in rows(room)[0].rows if one.client == client)


def test_every_width_states_its_source() -> None:
    assert [client.label for client in clients()] == [
        "Gmail on the desktop",
        "Gmail on a phone",
        "Apple Mail on an iPhone",
        "Outlook on Windows",
    ]
    for client in clients():
        told = " ".join(client.sources + client.estimated)
        assert [name for name in ("sender", "subject", "preheader") if name not in told] == []


def test_a_row_is_cut_where_its_client_cuts(room: Room) -> None:
    room.front_page("2024-09/state-LPMN", subject="S" * 200, preheader="P" * 200)
    room.item("tree")
    widths = {
        one.client: (cell_len(one.sender), cell_len(one.subject), cell_len(one.preheader)) for one in rows(room)[0].rows
    }
    assert widths == {
        "Gmail on the desktop": (15, 77, 30),
        "Gmail on a phone": (15, 40, 40),
        "Apple Mail on an iPhone": (15, 48, 99),
        "Outlook on Windows": (15, 73, 35),
    }


def test_headlines_that_fall_off_are_named(room: Room) -> None:
    room.item("one", headline="Ten trees for the harbor street", order=1)
    room.item("two", headline="A longer school year in Duluth", order=2)
    assert row(room, "Gmail on a phone").subject == "LPMN State Download 📣 | Ten trees for…"
    assert row(room, "Gmail on a phone").lost == ("Ten trees for the harbor street", "A longer school year in Duluth")
    assert row(room, "Gmail on the desktop").lost == ("A longer school year in Duluth",)


def test_a_subject_that_fits_loses_nothing(room: Room) -> None:
    room.front_page("2024-09/state-LPMN", subject="Ten trees")
    room.item("tree", headline="Ten trees")
    assert [one.lost for one in rows(room)[0].rows] == [(), (), (), ()]


def test_issues_that_look_the_same_are_told_of_each_other(room: Room) -> None:
    begin = "The whole network meets in Saint Paul in October: "
    room.front_page("2024-09/network", subject=f"{begin}members")
    room.front_page("2024-09/state-LPMN", subject=f"{begin}Minnesota")
    room.item("tree", chapters=["LPMN", "network"])
    network, state = rows(room, "2024-09/network", "2024-09/state-LPMN")
    assert [one.twins for one in network.rows] == [(), ("2024-09/state-LPMN",), ("2024-09/state-LPMN",), ()]
    assert [one.twins for one in state.rows] == [(), ("2024-09/network",), ("2024-09/network",), ()]


def test_the_packaged_look_lets_no_body_follow_a_short_preheader(room: Room) -> None:
    preheader = "Ten trees, a survey, and a walk in Duluth."
    room.front_page("2024-09/state-LPMN", preheader=preheader)
    room.item("tree")
    assert [one.leak for one in rows(room)[0].rows] == ["", "", "", ""]


@pytest.mark.parametrize(
    ("page", "preheader", "leak"),
    [
        (
            "<div style='display:none'>In short.</div><p>View this in your browser</p>",
            "In short.",
            "View this in your browser",
        ),
        ("<p>View this</p><div style='display:none'>In short.</div>", "", "View this In short."),
        ("<p></p>", "", ""),
    ],
)
def test_body_words_in_the_row_are_found(room: Room, page: str, preheader: str, leak: str) -> None:
    room.front_page("2024-09/state-LPMN", preheader="In short.")
    room.item("tree")
    [one] = made(room)
    [sheet] = sheets([(one.issue, one.cover, replace(one.delivery, html=f"<body>{page}</body>"))])
    assert [(each.preheader, each.leak.strip()) for each in sheet.rows if each.client == "Gmail on a phone"] == [
        (preheader, leak)
    ]


def test_the_contact_sheet_reads_at_40_columns(room: Room) -> None:
    room.front_page(
        "2024-09/state-LPMN", preheader="In short.", subject="Ten trees for every street in the city: planted"
    )
    room.item("tree", headline="planted")
    console = Console(width=40)
    lines = lines_of(console, sheet_view(rows(room)), 40)
    told = ["".join(segment.text for segment in line) for line in lines]
    assert told[:13] == [
        "2024-09/state-LPMN",
        "",
        "Gmail on the desktop",
        "│ Example Network",
        "│ Ten trees for every street in the",
        "│ city: planted – In short.",
        "",
        "Gmail on a phone",
        "│ Example Network",
        "│ Ten trees for every street in the",
        "│ city:…",
        "│ In short.",
        "! falls off: planted",
    ]
