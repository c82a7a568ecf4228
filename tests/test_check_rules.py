"""Every rule: at least one case in which it finds its fault, at the right line, and one in which it keeps silent."""

import io
import random
import re
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from PIL import Image

from newsletter.check import clients
from newsletter.check.registry import check, rules
from newsletter.check.subject import Subject
from newsletter.line import Builder
from newsletter.model import Finding, Moment, PictureFacts
from tests.compiled import COMPILED
from tests.room import TOML, Room

ISSUE = "2024-09/state-LPMN"
FRONT = f"issues/{ISSUE}.md"
TOLD = "On Tuesday the council voted for the new plan, which plants trees on every block and pays for heat in winter. "
TOLD += "Neighbours who came to the hall had asked for it since spring, and stayed until the votes were counted."
ITEM = "issues/2024-09/items/story.md"
BODY = "The council adopted its plan. It sets money aside for trees on the blocks that have the fewest.\n"

Setup = Callable[[Room], Subject]

# One cache for all cases: the skeleton of a mail is the same in most of them.
_FOLDER = tempfile.TemporaryDirectory(prefix="newsletter-check-")


def subject_of(room: Room, issue_id: str = ISSUE, provider: str | None = None, today: date | None = None) -> Subject:
    newsroom = room.load()
    assert not newsroom.faults, newsroom.faults
    builder = Builder(newsroom, Path(_FOLDER.name), provider, COMPILED)
    made = builder.make(issue_id)
    assert not made.faults, made.faults
    return builder.subject(made, today)


def findings(subject: Subject, slug: str) -> list[Finding]:
    found = check(subject, {slug: rules()[slug].level}).findings
    assert not [one for one in found if "itself failed" in one.message], found
    return list(found)


def item(body: str = BODY, *, today: date | None = None, **front: Any) -> Setup:
    def setup(room: Room) -> Subject:
        room.item("story", body, **{"title": "A plan for trees", **front})
        return subject_of(room, today=today)

    return setup


def typed(line: str) -> Setup:
    def setup(room: Room) -> Subject:
        room.file(ITEM, f"---\n{line}\nchapters: [LPMN]\nmonth: 2024-09\nsection: wins\n---\n{BODY}")
        return subject_of(room)

    return setup


def items(*fronts: dict[str, Any]) -> Setup:
    def setup(room: Room) -> Subject:
        for number, front in enumerate(fronts):
            room.item(f"story-{number}", front.get("body", BODY), **{k: v for k, v in front.items() if k != "body"})
        return subject_of(room)

    return setup


def front(body: str = "", *, lists: str = "", **keys: Any) -> Setup:
    def setup(room: Room) -> Subject:
        if lists:
            room.file(
                "newsletter.toml", TOML.replace("[publications.state]", f'[publications.state]\naudience = "{lists}"')
            )
        room.front_page(ISSUE, body, **keys)
        return item()(room)

    return setup


def two_months(earlier: dict[str, Any], later: dict[str, Any]) -> Setup:
    """Front pages of August and September."""

    def setup(room: Room) -> Subject:
        room.front_page(ISSUE.replace("-09", "-08"), **earlier)
        return front(**later)(room)

    return setup


def after_august(**keys: Any) -> Setup:
    """An item of August before that of September."""

    def setup(room: Room) -> Subject:
        room.item("before", folder="2024-08", **{"month": "2024-08", **keys})
        return item(today=date(2024, 9, 1))(room)

    return setup


def toml(old: str, new: str, *, provider: str | None = None) -> Setup:
    def setup(room: Room) -> Subject:
        assert old in TOML
        room.file("newsletter.toml", TOML.replace(old, new))
        room.item("story", BODY, title="A plan for trees")
        return subject_of(room, provider=provider)

    return setup


def nowhere_to_read_it(body: str) -> Setup:
    def setup(room: Room) -> Subject:
        room.file("newsletter.toml", TOML.replace('browser_url = "https://network.example/{id}"\n', ""))
        return item(body)(room)

    return setup


def page(old: str, new: str) -> Setup:
    """The rendered mail with a stretch of its HTML replaced."""

    def setup(room: Room) -> Subject:
        subject = item(link="https://trees.network.example/plan")(room)
        assert old in subject.email.html, subject.email.html
        html = subject.email.html.replace(old, new, 1)
        delivery = replace(subject.delivery, html=subject.delivery.html.replace(old, new, 1))
        return replace(subject, email=replace(subject.email, html=html, blocks=()), delivery=delivery)

    return setup


def put(html: str) -> Setup:
    """The rendered mail with some HTML at the end of its visible part."""
    return page("</body>", f"{html}</body>")


def cover(**lines: str) -> Setup:
    def setup(room: Room) -> Subject:
        subject = item()(room)
        changed = {key: value for key, value in lines.items() if key in {"subject", "preheader"}}
        return replace(
            subject,
            cover=replace(subject.cover, **lines),
            delivery=replace(subject.delivery, **changed),
        )

    return setup


def template(name: str, old: str, new: str) -> Setup:
    def setup(room: Room) -> Subject:
        packaged = Path(__file__).parent.parent / "templates" / name
        source = packaged.read_text("utf-8")
        assert old in source
        room.file(f"templates/{name}", source.replace(old, new, 1))
        return item()(room)

    return setup


def own_template(name: str) -> Setup:
    def setup(room: Room) -> Subject:
        room.file(f"templates/{name}", "<mj-text>Ours</mj-text>")
        return item()(room)

    return setup


def picture(
    width: int, height: int, *, kind: str = "PNG", noise: bool = False, body: str = BODY, **front: Any
) -> Setup:
    def setup(room: Room) -> Subject:
        room.file("issues/2024-09/items/trees.png", drawn(width, height, kind, noise=noise))
        return item(body, image="trees.png", **{"image_alt": "Two people plant a tree", **front})(room)

    return setup


def drawn(width: int, height: int, kind: str = "PNG", *, noise: bool = False, colour: str = "#336699") -> bytes:
    image = Image.new("RGB", (width, height), colour)
    if noise:
        image = Image.frombytes("RGB", (width, height), random.Random(1).randbytes(3 * width * height))
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def event(**dates: str) -> Setup:
    def setup(room: Room) -> Subject:
        subject = item(starts="2024-10-10 18:00")(room)
        story = subject.issue.stories[0]
        moments = {key: Moment(day=date.fromisoformat(value)) for key, value in dates.items()}
        changed = replace(story, item=replace(story.item, **moments))
        return replace(subject, issue=replace(subject.issue, lead=None, parts=_with(subject, changed)))

    return setup


def two_zones(**front: Any) -> Setup:
    def setup(room: Room) -> Subject:
        room.file(
            "newsletter.toml", TOML.replace('accent = "#1D5C63"', 'accent = "#1D5C63"\ntimezone = "America/Denver"')
        )
        return item(**front)(room)

    return setup


def _with(subject: Subject, story: Any) -> Any:
    section = subject.config.sections[story.item.section]
    from newsletter.model import Part

    return (Part(section=section, stories=(story,)),)


def logo(ink: float) -> Setup:
    def setup(room: Room) -> Subject:
        room.file("logo.png", drawn(200, 48))
        subject = toml('short_name = "EN"', 'short_name = "EN"\nlogo = "logo.png"')(room)
        return replace(subject, pictures={"logo.png": PictureFacts(size=1, width=200, height=48, kind="PNG", ink=ink)})

    return setup


def gif(size: int) -> Setup:
    def setup(room: Room) -> Subject:
        room.file("issues/2024-09/items/moving.gif", drawn(600, 400, "GIF") + b"\0" * size)
        return item(image="moving.gif", image_alt="Two people plant a tree")(room)

    return setup


def moving(kind: str, frames: int = 3) -> Setup:
    def setup(room: Room) -> Subject:
        file = io.BytesIO()
        pictures = [Image.new("RGB", (1072, 600), (number * 40, 90, 90)) for number in range(frames)]
        pictures[0].save(file, kind, save_all=True, append_images=pictures[1:])
        room.file("issues/2024-09/items/moving.png", file.getvalue())
        return item(image="moving.png", image_alt="Two people plant a tree")(room)

    return setup


def two_issues(first: dict[str, Any], second: dict[str, Any], *, with_fronts: str = "") -> Setup:
    """A network issue and a chapter's; the second is looked at."""

    def setup(room: Room) -> Subject:
        room.item("one", BODY, **{"chapters": ["network", "LPMN"], "title": "One", **first})
        room.item("two", BODY, **{"chapters": ["LPMN"], "title": "Two", **second})
        for name in ("network", "state-LPMN") if with_fronts else ():
            room.front_page(f"2024-09/{name}", subject=with_fronts)
        return subject_of(room)

    return setup


def _row(inner: str) -> str:
    return f'<table role="presentation"><tr><td>{inner}</td></tr></table>'


LONG = "word " * 160
RED = ".a{color:red}"
GLUED = "!important"
PHONES = "@media (max-width:480px){.a{width:100%}}"
PLAIN = "color:#1D5C63;text-decoration:none"
ALT = "A council member plants a tree with three neighbours, " * 3
WIDE = "x" * 2100
ITALIAN = '[words]\nmedia_title = "Stampa"\nmedia_words = "Scrivete a"\nunsubscribe = "Annulla"\nbrowser = "Vedi"\n'
CLEAN = item()

# slug, a setup in which the rule fires, the place it must name ("" for any), and setups in which it keeps silent.
CASES: list[tuple[str, Setup, str, list[Setup]]] = [
    # Words
    ("placeholder-words", item("Words.\n\nTK more to come.\n"), f"{ITEM}:10", [item("The TKO in round two.\n"), CLEAN]),
    ("placeholder-words", item(title="TODO"), f"{ITEM}:2", [item("A [insert](https://a.network.example) link.\n")]),
    ("placeholder-words", item("Lorem ipsum dolor.\n"), f"{ITEM}:8", [item("We lit candles.\n")]),
    ("placeholder-domain", item(link="https://example.com/a"), f"{ITEM}:7", [item(link="https://a.network.example/")]),
    ("placeholder-domain", toml('https://network.example"', 'https://example.org"'), "newsletter.toml:4", [CLEAN]),
    ("shouting", item("This IS A VERY LOUD call.\n"), f"{ITEM}:8", [item("AFSCME, SEIU and UAW Local 9 met.\n")]),
    ("shouting", item(title="EVERYONE MUST COME"), f"{ITEM}:2", [item("The NLRB and OSHA rules.\n"), CLEAN]),
    (
        "double-words",
        item("Words.\nIt was the the plan.\n"),
        f"{ITEM}:9",
        [item("We knew that that had had an end.\n")],
    ),
    ("double-words", item("It was the\nthe plan.\n"), f"{ITEM}:9", [item("Members met in Walla Walla.\n"), CLEAN]),
    ("exclamation-marks", item("Come!!!\n"), f"{ITEM}:8", [item("Come! Really!\n"), CLEAN]),
    ("wall-of-text", item(f"Short.\n\n{LONG}\n"), f"{ITEM}:10", [item(f"{LONG[:400]}\n\n{LONG[:400]}\n")]),
    ("empty-item", item("", title="Just a title"), f"{ITEM}:2", [item("", link="https://a.network.example"), CLEAN]),
    ("repeated-title", items({"title": "Same"}, {"title": "same"}), "issues/2024-09/items/story-1.md:2", [CLEAN]),
    (
        "repeated-link",
        items({"link": "https://a.network.example/x"}, {"link": "http://www.a.network.example/x/"}),
        "issues/2024-09/items/story-1.md:7",
        [items({"link": "https://a.network.example/x"}, {"link": "https://a.network.example/y"})],
    ),
    (
        "title-runs-twice",
        two_issues({"title": "Same", "chapters": ["network"]}, {"title": "Same"}),
        "",
        [two_issues({}, {})],
    ),
    (
        "link-runs-twice",
        two_issues(
            {"link": "https://a.network.example/x", "chapters": ["network"]},
            {"link": "https://a.network.example/x"},
        ),
        "",
        [two_issues({"link": "https://a.network.example/x"}, {})],
    ),
    (
        "heading-jump",
        item("## One\n\nWords.\n\n#### Three\n\nWords.\n"),
        f"{ITEM}:12",
        [item("## A\n\n### B\n\n## C\n")],
    ),
    ("empty-heading", item("Words.\n\n##\n\nWords.\n"), f"{ITEM}:10", [item("## 2024\n\nWords.\n")]),
    (
        "wrong-weekday",
        item("Come on Friday, October 10, at six.\n"),
        f"{ITEM}:8",
        [
            item("Come on Thursday, Oct. 10. It began on Friday, Oct. 10, 2025.\n"),
            item("Every Friday in May 10 came.\n"),
        ],
    ),
    (
        "wrong-weekday",
        item("Until Friday, July 23.\n", starts="2025-07-22", ends="2025-07-25"),
        f"{ITEM}:10",
        [
            item("Thursday, July 22, to Sunday, July 25.\n", starts="2027-07-22", ends="2027-07-25"),
            item("Save the date: Saturday, April 5.\n"),
        ],
    ),
    ("wrong-weekday", item("Words.\nIt ended on Tues., 31 April.\n"), f"{ITEM}:9", [item("On Tuesday, 1 October.\n")]),
    (
        "words-against-dates",
        item("Join us on October 11 at 6 PM.\n", starts="2024-10-10 18:00"),
        f"{ITEM}:9",
        [item("Join us on October 10 at 6 PM.\n", starts="2024-10-10 18:00"), CLEAN],
    ),
    ("off-season-zone", item("Call at 6 PM PST.\n"), f"{ITEM}:8", [item("Call at 6 PM PT.\n"), CLEAN]),
    (
        "unclear-zone",
        two_zones(chapters=["LPMN", "LPNY"], starts="2024-10-10 18:00"),
        f"{ITEM}:8",
        [two_zones(chapters=["LPMN"], starts="2024-10-10 18:00"), CLEAN],
    ),
    ("idle-timezone", front(timezone="America/Chicago"), "issues/2024-09/state-LPMN.md:2", [front("Hello.\n"), CLEAN]),
    (
        "no-such-time",
        item(starts="2025-03-09 02:30", timezone="America/Chicago"),
        f"{ITEM}:7",
        [item(starts="2025-03-09 02:30", timezone="America/Phoenix"), CLEAN],
    ),
    (
        "start-without-time",
        item(starts="2024-10-10", ends="2024-10-10 18:00"),
        f"{ITEM}:7",
        [item(starts="2024-10-10", ends="2024-10-11"), CLEAN],
    ),
    (
        "until-has-passed",
        item(until="2024-09-10", today=date(2024, 9, 11)),
        f"{ITEM}:7",
        [item(until="2024-09-10", today=date(2024, 9, 10)), CLEAN],
    ),
    ("event-is-over", item(starts="2024-08-10 18:00"), f"{ITEM}:7", [item(starts="2024-09-01"), CLEAN]),
    (
        "event-is-over",
        item(starts="2024-09-10", today=date(2024, 9, 20)),
        f"{ITEM}:7",
        [item(starts="2024-09-10", today=date(2024, 9, 10)), item(starts="2024-09-10", today=date(2026, 1, 1))],
    ),
    ("deadline-is-gone", item(deadline="2024-08-31"), f"{ITEM}:7", [item(deadline="2024-09-30"), CLEAN]),
    ("stale-year", toml("press_contact", 'why = "© 2022 Example"\npress_contact'), "newsletter.toml:6", [CLEAN]),
    ("stale-year", item("Apply by October 10, 2023.\n"), f"{ITEM}:8", [item("It began on October 10, 2019.\n")]),
    (
        "stale-year",
        front(preheader="The best of 2023"),
        "issues/2024-09/state-LPMN.md:2",
        [front(preheader="Now: 2024")],
    ),
    ("broken-letters", item("Itâ€™s here.\n"), f"{ITEM}:8", [item("It’s Ãsta’s café.\n"), CLEAN]),
    ("decomposed-letters", item("A cafe\u0301 opens.\n"), f"{ITEM}:8", [item("A caf\u00e9 opens.\n")]),
    ("stray-blanks", item("Words.\nTwo  blanks here.\n"), f"{ITEM}:9", [item("A hard  \nbreak, and `a  b`.\n")]),
    ("stray-blanks", item("Too early , here.\n"), f"{ITEM}:8", [item("Early, here … and :-) there.\n"), CLEAN]),
    ("typed-list", item("• one • two\n"), f"{ITEM}:8", [item("• one\n• two\n"), item("Mon • Tue • Wed\n")]),
    (
        "html-left-out",
        item("Words.\nWe won. <!-- by how many? -->\n"),
        f"{ITEM}:9",
        [item("<b>Words</b> <br> <name>, `<script>`\n"), CLEAN],
    ),
    ("html-left-out", item("Words.\n\n<form><input></form>\n"), f"{ITEM}:10", [item("<iframe> is a tag.\n")]),
    (
        "html-left-out",
        item('Words.\n<img src="gone.jpg" alt="A tree">\n'),
        f"{ITEM}:9",
        [item("![a](https://a.network.example/a.png)\n")],
    ),
    (
        "lines-run-together",
        item("Words.\n\nMonday 9 to 5\nTuesday 10 to 6\n"),
        f"{ITEM}:10",
        [item("Monday 9 to 5\\\nTuesday 10 to 6\n"), item("One short line\nand another one.\n"), CLEAN],
    ),
    (
        "typed-markup",
        item("Words.\n\nSee &lt;b> this.\n"),
        f"{ITEM}:10",
        [item("a < b > c, `<b>`, <b>bold</b>, \\\\<b>, <me@b.example>\n")],
    ),
    ("typed-markup", item("| A |\n|---|---|\n| 1 | 2 |\n"), f"{ITEM}:9", [item("A | B\n\n---\n\nC -- D | E\n")]),
    (
        "typed-markup",
        item("A **bold ** word.\n"),
        f"{ITEM}:8",
        [item("**Bold** word, f**k, *Terms, 2*3.\n"), item("\\\\*\\\\*.\n")],
    ),
    (
        "typed-markup",
        item("One.\n\n```\ncode\n\nTwo.\n"),
        f"{ITEM}:10",
        [item("One.\n\n```\ncode\n```\n\nTwo.\n"), item("> ~~~\n> code\n> ~~~\n\nTwo.\n"), item("Use ``` here.\n")],
    ),
    ("typed-markup", item("A __bold __ word.\n"), f"{ITEM}:8", [item("Name: ______ a_b __init__ snake__case\n")]),
    ("typed-markup", item("| A | B | C |\n| :-: | --- |\n"), f"{ITEM}:9", [item("| A | B |\n| :-: | --- |\n")]),
    ("typed-markup", item("Words[^1].\n"), f"{ITEM}:8", [item("Words[1] and [x^2].\n")]),
    ("typed-markup", item("- [ ] to do\n"), f"{ITEM}:8", [item("Vote [x] once.\n")]),
    (
        "mistyped-link",
        item("See [the plan] (https://a.network.example).\n"),
        f"{ITEM}:8",
        [item("See [the plan](https://a.network.example).\n")],
    ),
    ("repeated-heading", item("## Wins\n\nWords.\n"), f"{ITEM}:8", [item("## Wins of May\n\nWords.\n"), CLEAN]),
    (
        "wrong-month",
        front(subject="News | August 2024"),
        f"{FRONT}:2",
        [front(subject="News | September 2024"), front("In August we won.\n", subject="Road to November")],
    ),
    (
        "copied-front-page",
        two_months({"subject": "Bikes and a bakery"}, {"subject": "Bikes and a bakery"}),
        f"{FRONT}:2",
        [two_months({"subject": "Bikes and a bakery"}, {"subject": "Ballots"})],
    ),
    (
        "one-list-twice",
        front(audience="LPNY@lists.example", lists="{chapter}@lists.example"),
        f"{FRONT}:2",
        [front(audience="LPMN@lists.example", lists="{chapter}@lists.example")],
    ),
    (
        "other-chapter",
        front(title="LPNY State Download"),
        f"{FRONT}:2",
        [front(title="LPMN State Download"), front("Hello Minnesota and New York!\n")],
    ),
    (
        "ran-before",
        after_august(title="A plan for trees"),
        f"{ITEM}:2",
        [after_august(title="Another plan"), after_august(title="A plan for trees", chapters=["LPNY"])],
    ),
    (
        "unshown-summary",
        item(summary="Trees, in short."),
        f"{ITEM}:7",
        [item(summary="Trees, in short.", chapters=["LPMN", "network"]), item()],
    ),
    (
        "repeated-words",
        items({"body": TOLD}, {"body": TOLD.replace("Tuesday", "Wednesday")}),
        "issues/2024-09/items/story-1.md:8",
        [items({"body": TOLD}, {"body": TOLD[:60] + " Bread was sold at the market, and everybody liked it."})],
    ),
    (
        "name-without-fallback",
        front("Hey %%first_name%%!\n", provider="mailchimp"),
        f"{FRONT}:4",
        [front("Hey %%first_name|friend%%!\n", provider="mailchimp"), front("Hey %%first_name%%!\n")],
    ),
    ("placeholder-words", item("XXX\n"), f"{ITEM}:8", [item("Room TBC.\n")]),
    ("row-of-emoji", item("Come 🎉🎉🎉🎉 now.\n"), f"{ITEM}:8", [item("Come 🎉 now 👩‍👩‍👧‍👦.\n")]),
    # Links
    ("empty-link", item("See [the plan]().\n"), f"{ITEM}:8", [item("See [the plan](https://a.network.example).\n")]),
    ("relative-link", item("Words.\nSee [it](/plan).\n"), f"{ITEM}:9", [item("Write to [us](mailto:a@b.example).\n")]),
    ("page-anchor", item("See [below](#more).\n"), f"{ITEM}:8", [item("See [below](#story-1).\n")]),
    (
        "script-link",
        item("See [it](javascript:alert(1)).\n"),
        f"{ITEM}:8",
        [item("```\n[x](javascript:a)\n```\n"), CLEAN],
    ),
    ("script-link", item("See [it](data:text/html,x).\n"), f"{ITEM}:8", [CLEAN]),
    ("file-link", item("See [it](file:///C:/plan.pdf).\n"), f"{ITEM}:8", [CLEAN]),
    ("file-link", item("See [it](C:\\plans\\plan.pdf).\n"), f"{ITEM}:8", [CLEAN]),
    ("local-link", item(link="http://localhost:8000/x"), f"{ITEM}:7", [item(link="https://local.network.example")]),
    ("local-link", item("See [it](https://192.168.1.4/a).\n"), f"{ITEM}:8", [item(link="https://10.network.example")]),
    *(
        ("local-link", item(f"See [it](https://{host}/a).\n"), f"{ITEM}:8", [CLEAN])
        for host in ("169.254.169.254", "100.64.0.9", "2130706433", "0x7f.1", "127.1", "[fd00::1]", "[::ffff:10.0.0.1]")
    ),
    (
        "insecure-link",
        item("See [it](http://a.network.example).\n"),
        f"{ITEM}:8",
        [item(link="https://a.network.example")],
    ),
    ("shortened-link", item(link="https://bit.ly/3xYz"), f"{ITEM}:7", [item(link="https://orbit.lyon.example/")]),
    (
        "vague-link",
        item("Words.\n[Click here](https://a.network.example).\n"),
        f"{ITEM}:9",
        [item("[What is here](https://a.network.example)\n")],
    ),
    (
        "vague-link",
        item(link="https://a.network.example", link_label="Read more"),
        f"{ITEM}:8",
        [item(link="https://a.network.example")],
    ),
    (
        "address-as-words",
        item("<https://a.network.example/plan>\n"),
        f"{ITEM}:8",
        [item("Write <press@a.network.example>.\n")],
    ),
    (
        "address-without-link",
        item("See network.org/join.\n"),
        f"{ITEM}:8",
        [item("See https://a.network.example/a, www.network.org/join, or Change.org.\n")],
    ),
    (
        "one-text-two-targets",
        item("[The plan](https://a.network.example/1), then\n[the plan](https://a.network.example/2).\n"),
        f"{ITEM}:9",
        [item("[The plan](https://a.network.example/1), [the plan](https://a.network.example/1).\n"), CLEAN],
    ),
    (
        "misleading-link",
        item("[bank.example](https://other.example)\n"),
        f"{ITEM}:8",
        [item("[a.example](https://www.a.example/x)\n")],
    ),
    (
        "foreign-utm",
        item(link="https://a.example/x?utm_source=them"),
        f"{ITEM}:7",
        [item(link="https://network.example/?utm_source=us")],
    ),
    (
        "foreign-utm",
        item(link="https://network.example/?fbclid=x"),
        f"{ITEM}:7",
        [item(link="https://a.example/x?page=2")],
    ),
    (
        "tracking-host",
        item(link="https://x.us2.list-manage.com/track?u=1"),
        f"{ITEM}:7",
        [item(link="https://a.example/list-manage.com")],
    ),
    (
        "long-link",
        item(link=f"https://a.network.example/{WIDE}"),
        f"{ITEM}:7",
        [item(link="https://a.network.example/")],
    ),
    (
        "mailto-without-address",
        item("Write [us](mailto:).\n"),
        f"{ITEM}:8",
        [item("Write [us](mailto:a@b.example?subject=x).\n")],
    ),
    (
        "broken-address",
        item("See [it](https://https://a.network.example).\n"),
        f"{ITEM}:8",
        [item(link="https://a.network.example:8443/a?b=https://c")],
    ),
    ("broken-address", item("See [it](https://network).\n"), f"{ITEM}:8", [CLEAN]),
    # An address over two lines.
    *(
        ("broken-address", item(f"All of it:\n{begin}\n{end} has the plan.\n"), f"{ITEM}:9", [])
        for begin, end in (
            ("https://a.network.example/city-", "council/plan"),
            ("see https://a.network.example/plan?year=", "2024&page=3"),
            ("> https://a.network.example/plan?a=1&", "> b=2"),
            ("www.network.example/a_", "b"),
            ("https://a.network.example/files/", "plan.pdf"),
            ("https://a.network.example/files/", "2024/plan"),
            ("https://a.network.example/files/\\", "city-council/"),
        )
    ),
    (
        "broken-address",
        item("See https://a.network.example/plan-\nof-action\n"),
        f"{ITEM}:8",
        [
            item(f"All of it: {begin}\n{end}\n")
            for begin, end in (
                ("https://a.network.example/", "and/or the council"),
                ("https://a.network.example/", "24 streets have trees"),
                ("https://a.network.example/", "He/she may come"),
                ("https://a.network.example/", "they/them"),
                ("https://a.network.example/", "24/7 help"),
                ("https://a.network.example/plan", "2024/25 was dry"),
                ("https://a.network.example/", ""),
                ("[here](https://a.network.example/a-)", "b"),
                ("`https://a.network.example/a-`", "b"),
                ("https://a.network.example/", "- one/two\n- three/four"),
                ("https://a.network.example/", "well-meant words"),
                ("https://a.network.example/", "https://b.network.example/a-b/"),
                ("https://a.network.example/a-", ""),
            )
        ],
    ),
    # Pictures
    ("picture-without-alt", picture(1072, 600, image_alt=None), f"{ITEM}:7", [picture(1072, 600)]),
    (
        "alt-is-file-name",
        picture(1072, 600, image_alt="IMG_2034.jpg"),
        f"{ITEM}:8",
        [picture(1072, 600, image_alt="Trees")],
    ),
    (
        "alt-says-picture",
        picture(1072, 600, image_alt="Photo of a tree"),
        f"{ITEM}:8",
        [picture(1072, 600, image_alt="A photographer")],
    ),
    ("long-alt", picture(1072, 600, image_alt=ALT), f"{ITEM}:8", [picture(1072, 600)]),
    ("heavy-picture", gif(1_200_000), f"{ITEM}:7", [gif(1000)]),
    ("heavy-picture", picture(900, 600, noise=True), f"{ITEM}:7", [picture(1072, 600)]),
    ("small-picture", picture(300, 200), f"{ITEM}:7", [picture(536, 300), picture(300, 200, section="in-the-news")]),
    ("odd-proportions", picture(600, 1500), f"{ITEM}:7", [picture(600, 600), picture(1200, 600)]),
    ("odd-proportions", picture(1200, 100), f"{ITEM}:7", [CLEAN]),
    ("picture-stands-still", moving("WEBP"), f"{ITEM}:7", [moving("GIF"), moving("WEBP", 1)]),
    ("picture-stands-still", moving("PNG"), f"{ITEM}:7", [moving("PNG", 1)]),
    (
        "unshown-format",
        item(image="https://a.network.example/a.webp", image_alt="A tree"),
        f"{ITEM}:7",
        [item(image="https://a.network.example/a.png", image_alt="A tree"), picture(1072, 600, kind="WEBP")],
    ),
    (
        "drive-picture",
        item(image="https://drive.google.com/file/d/1/view", image_alt="A tree"),
        f"{ITEM}:7",
        [item(image="https://a.network.example/a.png", image_alt="A tree")],
    ),
    (
        "foreign-picture",
        item(image="https://pictures.elsewhere.example/tree.png", image_alt="A tree"),
        f"{ITEM}:7",
        [
            item(image="https://pictures.network.example/tree.png", image_alt="A tree"),
            item(image="https://drive.google.com/file/d/1/view", image_alt="A tree"),
            picture(1072, 600),
        ],
    ),
    ("foreign-picture", item("One.\n\n![A tree](https://elsewhere.example/a.png)\n"), f"{ITEM}:10", [CLEAN]),
    (
        "foreign-picture",
        front("One.\n\n![A tree](https://elsewhere.example/a.png)\n", website="https://elsewhere.example"),
        f"issues/{ISSUE}.md:6",
        [front("![A tree](https://a.network.example/a.png)\n")],
    ),
    (
        "foreign-picture",
        toml('short_name = "EN"', 'short_name = "EN"\nlogo = "https://elsewhere.example/a.png"\nlogo_alt = "EN"'),
        "newsletter.toml:4",
        [
            toml(
                'short_name = "EN"',
                'short_name = "EN"\nlogo = "https://cdn.example/a.png"\nlogo_alt = "EN"\n'
                'picture_base_url = "https://cdn.example/network"',
            )
        ],
    ),
    (
        "foreign-picture",
        template("issue.mjml.j2", "</mj-body>", '<mj-raw><img src="//count.example/1.gif" alt=""></mj-raw></mj-body>'),
        "templates/issue.mjml.j2:55",
        [CLEAN],
    ),
    ("foreign-picture", put('<p style="background: url(https://count.example/1.gif)">One</p>'), "", [CLEAN]),
    ("foreign-picture", put('<img style="display:none" src="https://count.example/1.gif" alt="">'), "", [CLEAN]),
    ("data-picture", put('<img src="data:image/png;base64,AA" alt="x" width="10">'), "", [CLEAN]),
    ("logo-vanishes", logo(0.05), "newsletter.toml:4", [logo(0.6), logo(-1.0)]),
    ("words-in-picture", picture(1072, 600, body="Come!\n"), f"{ITEM}:7", [picture(1072, 600), CLEAN]),
    # Cover
    ("no-subject", cover(subject=" "), "", [CLEAN]),
    ("long-subject", cover(subject="word " * 40), "", [cover(subject="word " * 20)]),
    ("long-preheader", cover(preheader="word " * 40), "", [cover(preheader="word " * 20)]),
    ("no-preheader", cover(preheader=""), "", [CLEAN]),
    (
        "preheader-repeats-subject",
        cover(subject="News for trees in May", preheader="News for trees in May!"),
        "",
        [CLEAN],
    ),
    ("emoji-only", cover(subject="🎉🎉"), "", [cover(subject="🎉 2024"), CLEAN]),
    ("fake-reply", cover(subject="Re: your vote"), "", [cover(subject="Reading: a list"), CLEAN]),
    (
        "covers-alike",
        two_issues({}, {}, with_fronts="The same words"),
        "issues/2024-09/state-LPMN.md:2",
        [two_issues({}, {})],
    ),
    (
        "cover-tag-without-fallback",
        cover(subject="Hello %%first_name%%"),
        "",
        [cover(subject="Hi %%first_name|friend%%")],
    ),
    # HTML and clients
    ("gmail-clips", item("Words and words. " * 5500), f"{ITEM}:1", [CLEAN]),
    ("unsupported-feature", put('<div style="position:absolute;display:grid">x</div>'), "", [CLEAN]),
    ("conditional-comments", put("<!--[if mso]><p>x</p>-->"), "", [put("<!--[if mso]><p>x</p><![endif]-->"), CLEAN]),
    ("image-without-width", put('<img src="a.png" alt="x">'), "", [put('<img src="a.png" alt="x" width="50">')]),
    ("image-without-width", put('<img src="a.png" alt="x" width="50%">'), "", [CLEAN]),
    ("short-colour", put('<p style="color:#abc">x</p>'), "", [put('<p style="color:#aabbcc">x</p>'), CLEAN]),
    ("head-style-too-big", page("</head>", f"<style>{RED * 700}</style></head>"), "", [CLEAN]),
    (
        "head-style-too-big",
        page("</head>", f"{f'<style>{RED * 600}</style>' * 2}</head>"),
        "",
        [page("</head>", f"<style>{RED * 600}</style></head>")],
    ),
    ("template-leftover", put("<p>Dear {{ name }},</p>"), "", [CLEAN]),
    ("template-leftover", put("<p>None</p>"), "", [put("<p>None of it</p>")]),
    ("stripped-element", put("<form><p>x</p></form>"), "", [CLEAN]),
    ("outside-style", page("</head>", '<link rel="stylesheet" href="https://a.example/a.css"></head>'), "", [CLEAN]),
    ("outside-style", page("</head>", "<style>@import url(https://a.example/a.css);</style></head>"), "", [CLEAN]),
    ("double-id", put('<p id="a">x</p><p id="a">y</p>'), "", [put('<p id="a">x</p>'), CLEAN]),
    ("dead-anchor", put('<a href="#nowhere">x</a>'), "", [put('<a href="#here">x</a><p id="here">y</p>')]),
    (
        "anchor-without-name",
        put('<a href="#x">x</a><p id="x"><a href="https://a.example">y</a></p>'),
        "",
        [
            put('<a href="#x">x</a><p id="x"><a name="x" href="https://a.example">y</a></p>'),
            put('<a href="#nowhere">x</a>'),
            put('<a href="#">x</a><p id="">y</p>'),
        ],
    ),
    (
        "important-without-blank",
        page("</head>", f"<style>.a{{color:red{GLUED}}}</style></head>"),
        "",
        [page("</head>", "<style>.a{color:red !important}.b:after{content:'Come!'}</style></head>")],
    ),
    ("important-without-blank", put(f'<p style="color:#112233{GLUED}">x</p>'), "", [CLEAN]),
    (
        "shared-style-block",
        page("</head>", f"<style>{PHONES}[data-ogsc] .a{{color:#fff}}</style></head>"),
        "",
        [page("</head>", f"<style>{PHONES}</style><style>[data-ogsc] .a{{color:#fff}}</style></head>"), CLEAN],
    ),
    (
        "padding-outside-cell",
        put('<div style="padding:8px;background:#FFEEDD">x</div>'),
        "",
        [
            put(_row('<div style="padding:8px">x</div>').replace("<td", '<td style="background:#FFEEDD"')),
            put('<div style="padding:2px;background:#FFEEDD">x</div>'),
            put('<div style="padding:0 8px;border-top:1px solid">x</div>'),
            put(
                _row('<a style="padding:8px;background:#FFEEDD">x</a>').replace(
                    "<td", '<td style="mso-padding-alt:8px"'
                )
            ),
        ],
    ),
    (
        "padding-outside-cell",
        put('<p style="padding:9px 0 0;border-top:1px solid #E2DDD5">x</p>'),
        "",
        [put('<p style="padding:0;border-top:1px solid #E2DDD5">x</p>'), put('<p style="padding:9px;border:0">x</p>')],
    ),
    ("invisible-characters", item("A wo\u00adrd.\n"), f"{ITEM}:8", [item("👩\u200d👧 and words.\n"), CLEAN]),
    # Accessibility
    ("no-language", page(' lang="en"', ""), "", [CLEAN]),
    ("no-direction", page(' dir="ltr"', ""), "", [CLEAN]),
    ("no-title", page("<title>", "<title></title><x-title hidden>"), "", [CLEAN]),
    (
        "no-table-role",
        put("<table><tr><td>x</td></tr></table>"),
        "",
        [put(_row("x")), put("<table><tr><th>x</th></tr></table>")],
    ),
    ("image-without-alt", put('<img src="a.png" width="10">'), "", [put('<img src="a.png" width="10" alt="">')]),
    (
        "link-without-words",
        put('<a href="https://a.example"><img src="a" alt="" width="9"></a>'),
        "",
        [put('<a href="https://a.example"><img src="a" alt="A tree" width="9"></a>')],
    ),
    ("one-main-heading", put("<h1>Another</h1>"), "", [CLEAN]),
    ("heading-order", put("<h2>x</h2><h4>y</h4>"), "", [put("<h2>x</h2><h3>y</h3>")]),
    ("empty-heading-tag", put("<h2> </h2>"), "", [put("<h2>x</h2>")]),
    (
        "low-contrast",
        put('<p style="color:#999999;background-color:#ffffff">pale</p>'),
        "",
        [put('<p style="color:#595959;background-color:#ffffff">dark</p>')],
    ),
    (
        "low-contrast",
        put('<p style="color:#888888;background:#ffffff">pale</p>'),
        "",
        [put('<p style="color:#888888;background:#ffffff;font-size:24px">big</p>')],
    ),
    (
        "low-contrast-dark",
        page(
            "</head>",
            "<style>@media (prefers-color-scheme:dark){h1{color:#222222!important}}</style></head>",
        ),
        "",
        [CLEAN],
    ),
    (
        "low-contrast-inverted",
        put('<p style="color:#000080;background-color:#808080">y</p>'),
        "",
        [CLEAN],
    ),
    ("small-text", put('<p style="font-size:11px">small</p>'), "", [put('<p style="font-size:14px">fine</p>')]),
    (
        "small-target",
        put('<a href="https://a.example" style="display:inline-block;padding:4px;line-height:20px">x</a>'),
        "",
        [
            put('<a href="https://a.example" style="display:inline-block;padding:12px;line-height:20px">x</a>'),
            put('<a href="https://a.example">x</a>'),
        ],
    ),
    ("justified-text", put('<p style="text-align:justify">x</p>'), "", [CLEAN]),
    (
        "centred-text",
        put(f'<p style="text-align:center">{"word " * 50}</p>'),
        "",
        [put('<p style="text-align:center">x</p>')],
    ),
    (
        "vague-link-words",
        put('<a href="https://a.example">here</a>'),
        "",
        [put('<a href="https://a.example">The plan</a>')],
    ),
    (
        "colour-only-link",
        put(f'<p>Read <a href="https://a.example" style="{PLAIN}">the plan</a> today.</p>'),
        "",
        [
            put('<p>Read <a href="https://a.example">the plan</a> today.</p>'),
            put('<p>Read <a href="https://a.example" style="text-decoration:underline">the plan</a>.</p>'),
            put(f'<p>Read <a href="https://a.example" style="{PLAIN}"><u>the plan</u></a> today.</p>'),
            put(f'<p>Read <a href="https://a.example" style="{PLAIN};font-weight:bold">the plan</a>.</p>'),
            put(f'<p>Read <a href="https://a.example" style="{PLAIN};border-bottom:1px solid">the plan</a>.</p>'),
        ],
    ),
    (
        "colour-only-link",
        put(f'<div>Read <i><a href="https://a.example" style="{PLAIN}">the plan</a> aloud</i></div>'),
        "",
        [
            # Nothing stands beside it, or another link, or words of another paragraph.
            put(f'<h3><a href="https://a.example" style="{PLAIN}">A plan for trees</a></h3>'),
            put(f'<p><a href="#a" style="{PLAIN}">Trees</a> · <a href="#b" style="{PLAIN}">Heat</a></p>'),
            put(f'<div><p>Words.</p><a href="https://a.example" style="{PLAIN}">The plan</a></div>'),
            put(f'<p>Come: <a href="https://a.example" style="{PLAIN};background:#1D5C63">RSVP</a></p>'),
            put(f'<p>Come: <a href="https://a.example" style="{PLAIN};border:2px solid">RSVP</a></p>'),
        ],
    ),
    (
        "same-words-two-pages",
        put('<a href="https://a.example">RSVP</a> <a href="https://b.example">RSVP</a>'),
        "",
        [
            put('<a href="https://a.example">RSVP</a> <a href="https://a.example">RSVP</a>'),
            put('<a href="https://a.example" aria-label="RSVP: a">RSVP</a> <a href="https://b.example">RSVP</a>'),
            put('<a href="#x">The picnic</a> <a id="x" href="https://b.example">The picnic</a>'),
            # Told at their lines by one-text-two-targets.
            item("[The plan](https://a.network.example/1), [the plan](https://a.network.example/2).\n"),
        ],
    ),
    (
        "same-words-two-pages",
        put('<a aria-label="RSVP: us" href="https://a.example">RSVP</a> <a aria-label="RSVP: us" href="/b">RSVP</a>'),
        "",
        [CLEAN],
    ),
    (
        "label-without-words",
        put('<a href="https://a.example" aria-label="Tell us that you come to the picnic">RSVP</a>'),
        "",
        [
            put('<a href="https://a.example" aria-label="rsvp: the picnic">RSVP</a>'),
            put('<a href="https://a.example">RSVP</a>'),
            put('<a href="https://a.example" aria-label="Home"><img src="a.png" alt="" width="9"></a>'),
        ],
    ),
    ("no-landmark", page(' role="article"', ""), "", [CLEAN]),
    ("no-landmark", page('<div aria-label="', '<div data-label="'), "", [CLEAN]),
    ("no-zoom", page("initial-scale=1", "initial-scale=1, user-scalable=no"), "", [CLEAN]),
    (
        "no-zoom",
        page("initial-scale=1", "initial-scale=1,maximum-scale=1.0"),
        "",
        [page("initial-scale=1", "initial-scale=1, maximum-scale=5, user-scalable=yes")],
    ),
    (
        "drawing-without-alt",
        put('<!--[if mso]><v:rect style="width:9px"><v:fill src="a.png"/></v:rect><![endif]-->'),
        "",
        [
            put('<!--[if mso]><v:rect alt="" style="width:9px"><v:fill src="a.png"/></v:rect><![endif]-->'),
            put('<!--[if mso]><v:oval alt="A sun"/><![endif]-->'),
        ],
    ),
    ("drawing-without-alt", put("<!--[if mso]><v:oval/><![endif]-->"), "", [put("<!--[if mso]><v:fill/><![endif]-->")]),
    (
        "words-in-a-drawing",
        put('<!--[if mso]><v:roundrect alt="" href="https://a.example">Come</v:roundrect><![endif]-->'),
        "",
        [put('<!--[if mso]><v:roundrect alt="">Come</v:roundrect><![endif]--><a href="https://a.example">Come</a>')],
    ),
    (
        "words-in-a-drawing",
        put(
            '<!--[if mso]><v:rect alt=""><v:textbox><![endif]--><a href="#a">x</a><!--[if mso]></v:textbox></v:rect>-->'
        ),
        "",
        [CLEAN],
    ),
    (
        "words-in-a-drawing",
        put('<!--[if mso]><v:group alt=""><v:rect><v:textbox><h2>x</h2></v:textbox></v:rect></v:group><![endif]-->'),
        "",
        [put('<!--[if mso]><v:group alt=""><v:rect></v:rect></v:group><![endif]--><h2>x</h2>')],
    ),
    # Deliverability and law
    (
        "hidden-text",
        put(f'<div style="display:none">{"word " * 41}</div>'),
        "",
        [
            put(f'<div style="display:none">{"word " * 40}</div>'),
            put(f'<div style="display:none">word{"&#8204;&#8203;" * 200}</div>'),
            put(f'<div style="display:none"><p style="display:none">{"word " * 20}</p></div>' * 3),
        ],
    ),
    ("hidden-text", put(f'<div style="visibility:hidden">word{"&nbsp;&#847;" * 110}.</div>'), "", [CLEAN]),
    ("no-sender", toml('sender_address = "news@network.example"\n', ""), "newsletter.toml:1", [CLEAN]),
    ("free-mail-sender", toml("news@network.example", "us@gmail.com"), "newsletter.toml:7", [CLEAN]),
    ("no-reply-address", toml("news@network.example", "noreply@network.example"), "newsletter.toml:7", [CLEAN]),
    (
        "no-postal-address",
        toml('postal_address = "Example Network, 1 Main Street, Saint Paul, MN 55101"\n', ""),
        "newsletter.toml:1",
        [
            CLEAN,
            toml(
                'postal_address = "Example Network, 1 Main Street, Saint Paul, MN 55101"\n',
                "",
                provider="action-network",
            ),
        ],
    ),
    (
        "no-unsubscribe",
        toml('unsubscribe_url = "https://network.example/unsubscribe"\n', ""),
        "newsletter.toml:1",
        [CLEAN, toml('unsubscribe_url = "https://network.example/unsubscribe"\n', "", provider="mailchimp")],
    ),
    ("foreign-merge-tag", item("Dear *|FNAME|*,\n"), f"{ITEM}:8", [item("Dear %%first_name|friend%%,\n")]),
    ("text-part-differs", put(f"<p>{' '.join('unheard' + chr(97 + n) for n in range(26))}</p>"), "", [CLEAN]),
    ("text-part-empty", lambda room: replace(s := item()(room), delivery=replace(s.delivery, text="Hi")), "", [CLEAN]),
    ("spammy-subject", cover(subject="ACT NOW, friends"), "", [cover(subject="We act on housing now"), CLEAN]),
    (
        "spammy-subject",
        cover(subject="COME TO THE BIG MEETING NOW"),
        "",
        [cover(subject="LPMN State Download 📣 | Wins")],
    ),
    (
        "spammy-subject",
        items({"title": "Trees"}, {"title": "Come to the hearing!!"}),
        "issues/2024-09/items/story-1.md:2",
        [items({"title": "Trees!"}, {"title": "Come to the hearing!"})],
    ),
    ("mostly-pictures", picture(1072, 600, title="Tree"), "", [CLEAN]),
    (
        "unused-template",
        own_template("foter.mjml.j2"),
        "templates/foter.mjml.j2",
        [CLEAN, own_template("footer.mjml.j2")],
    ),
    ("unused-template", own_template("sections/quoted.mjml.j2"), "templates/sections/quoted.mjml.j2", []),
    ("placeholder-words", item("Write the story here: what happened.\n"), f"{ITEM}:8", [item("Write to us here.\n")]),
    (
        "words-in-english",
        toml("[organization]", '[organization]\nlanguage = "it"'),
        "newsletter.toml:2",
        [
            CLEAN,
            toml("[organization]", '[organization]\nlanguage = "es"'),
            toml("[organization]", f'{ITALIAN}[organization]\nlanguage = "it"'),
        ],
    ),
    (
        "left-out",
        nowhere_to_read_it("Trees were planted.\nRead it in your browser: %%browser_url%%.\nMore to come.\n"),
        f"{ITEM}:9",
        [
            item("Read it in your browser: %%browser_url%%.\n"),
            nowhere_to_read_it("Dear %%first_name|friend%%, go on.\n"),
        ],
    ),
    ("unused-template", own_template("style.css"), "templates/style.css", []),
    (
        "placeholder-sender",
        toml("news@network.example", "news@example.org"),
        "newsletter.toml:7",
        [CLEAN],
    ),
    ("placeholder-sender", toml("press@network.example", "press@yoursite.org"), "newsletter.toml:6", [CLEAN]),
    ("front-matter-slip", typed("title: Trees: a plan"), f"{ITEM}:2", [typed('title: "Trees: a plan"')]),
    (
        "shown-nowhere",
        item(rsvp="https://network.example/"),
        f"{ITEM}:7",
        [item(starts="2024-09-10", rsvp="https://network.example/")],
    ),
    ("markup-in-title", item(title="A **plan**"), f"{ITEM}:2", [item(title="A plan * for trees *")]),
    (
        "several-leads",
        items({"lead": True}, {"lead": True}),
        "issues/2024-09/items/story-1.md:7",
        [items({"lead": True}, {"lead": False})],
    ),
    (
        "near-headline",
        front(headlines=["A plan fro trees"]),
        f"issues/{ISSUE}.md:2",
        [front(headlines=["A plan for trees"]), front(headlines=["Trees"])],
    ),
    ("unknown-allowance", item(allow=["wall-of-txt"]), f"{ITEM}:7", [item(allow=["wall-of-text"])]),
]


def told(slug: str, number: int) -> str:
    return f"{slug}-{number}"


IDS = [told(case[0], [other[0] for other in CASES[:at]].count(case[0])) for at, case in enumerate(CASES)]


@pytest.mark.parametrize(("slug", "fires", "place", "silent"), CASES, ids=IDS)
def test_a_rule_finds_its_fault_at_the_line_and_keeps_silent_elsewhere(
    tmp_path: Path, slug: str, fires: Setup, place: str, silent: list[Setup]
) -> None:
    def room(name: str) -> Room:
        one = Room(tmp_path / name)
        one.file("newsletter.toml", TOML)
        return one

    found = findings(fires(room("fires")), slug)
    assert found, f"{slug} finds nothing"
    for one in found:
        assert one.message[-1] != "."
        assert one.hint or one.slug == "unknown-allowance"
        assert one.place.file
    if place:
        assert place in {str(one.place) for one in found}
    for number, setup in enumerate(silent):
        assert not findings(setup(room(f"silent-{number}")), slug)


def test_every_rule_has_a_case() -> None:
    # What other parts of the program find is tried where they are tried.
    elsewhere = {slug for slug, one in rules().items() if not one.looks_at}
    assert {case[0] for case in CASES} == set(rules()) - elsewhere
    assert elsewhere == {
        *("dead-link", "moved-link", "private-link", "spam-score"),
        *("not-loaded", "empty-issue", "unknown-rule", "unused-allowance", "no-item", "other-month", "untouched"),
    }
    assert len(rules()) >= 55


def test_every_rule_says_in_a_sentence_or_two_why_a_reader_suffers() -> None:
    for slug, one in rules().items():
        assert 30 < len(one.why) < 220, slug
        assert one.why[0].isupper() or one.why[0].isdigit() or one.why.startswith(("localhost", "utm")), slug
        assert one.why.endswith((".", "?")), slug
        assert slug == slug.lower()


@pytest.mark.parametrize(
    ("slug", "body", "message"),
    [
        ("file-link", "[it](file:///C:/plan.pdf)", "'file:///C:/plan.pdf' leads to a file on your own computer"),
        ("script-link", "[it](javascript:x)", "'javascript:x' is dead in a mail: it leads to no page"),
        ("wrong-weekday", "By Friday, October 11.", ""),
        ("wrong-weekday", "By Friday, Oct. 10.", "'Friday, Oct. 10' is wrong: 2024-10-10 is a Thursday"),
        ("typed-markup", "a &lt;B>word", "'<B>' is HTML, which comes out as it is typed"),
        (
            "one-text-two-targets",
            "[Plan](https://a.network.example/1)\n[plan](https://a.network.example/2)",
            "two links say 'plan': this one leads to https://a.network.example/2, "
            f"the one at {ITEM}:8 to https://a.network.example/1",
        ),
    ],
)
def test_a_finding_quotes_what_was_typed(room: Room, slug: str, body: str, message: str) -> None:
    assert [one.message for one in findings(item(f"{body}\n")(room), slug)] == [message] * bool(message)


@pytest.mark.parametrize(
    ("language", "words", "real"),
    [
        ("es", "MIÉRCOLES 10 de octubre.", "jueves"),
        ("pt-BR", "Sexta-feira, 10 de outubro.", "quinta-feira"),
        ("tr", "SALI 10 EKİM.", "Perşembe"),
        ("tr", "Cumartesi 10 Ekim.", "Perşembe"),
        ("vi", "Thứ Sáu, 10 tháng 10.", "thứ Năm"),
        ("de", "Freitag, 10. Oktober.", "Donnerstag"),
        ("de", "Donnerſtag, 10. Oktober.", ""),
        ("tr", "PERŞEMBE 10 EKİM.", ""),
    ],
)
def test_a_wrong_weekday_is_found_in_any_language_and_however_it_is_spelt(
    room: Room, language: str, words: str, real: str
) -> None:
    room.file("newsletter.toml", TOML.replace("[organization]", f'[organization]\nlanguage = "{language}"'))
    found = [one.message for one in findings(item(f"{words}\n")(room), "wrong-weekday")]
    assert found == [f"'{words.rstrip('.')}' is wrong: 2024-10-10 is a {real}"] * bool(real)


def test_an_empty_heading_of_a_story_is_told_by_one_rule(room: Room) -> None:
    subject = item("Words.\n\n##\n\nWords.\n")(room)
    assert [str(one.place) for one in findings(subject, "empty-heading")] == [f"{ITEM}:10"]
    assert findings(subject, "empty-heading-tag") == []


def test_a_pale_colour_is_found_where_it_is_set(room: Room) -> None:
    room.file("newsletter.toml", TOML + '\n[theme]\nink = "#BBBBBB"\n')
    room.item("story", BODY, title="A plan for trees")
    places = {str(one.place) for one in findings(subject_of(room), "low-contrast")}
    assert f"newsletter.toml:{TOML.count(chr(10)) + 3}" in places


def test_a_fault_of_a_template_is_found_in_the_template(room: Room) -> None:
    source = (Path(__file__).parent.parent / "templates/styles.css").read_text("utf-8")
    room.file(
        "templates/styles.css", source.replace(".p { margin: 0 0 16px;", ".p { font-size: 11px; margin: 0 0 16px;")
    )
    room.item("story", BODY, title="A plan for trees")
    found = findings(subject_of(room), "small-text")
    line = next(number for number, one in enumerate(source.splitlines(), 1) if one.startswith(".p {"))
    assert [str(one.place) for one in found] == [f"templates/styles.css:{line}"]


def test_a_fault_of_the_rendered_mail_is_found_in_the_item_that_caused_it(room: Room) -> None:
    room.file("issues/2024-09/items/trees.png", drawn(1072, 600))
    room.item("story", BODY, title="Trees", link="https://a.network.example/x", image="trees.png")
    found = findings(subject_of(room), "link-without-words")
    assert [str(one.place) for one in found] == [f"{ITEM}:8"]


def test_a_word_of_the_front_page_is_found_there(room: Room) -> None:
    room.front_page(ISSUE, "Dear friends,\n\nThis is a wo\u00adrd.\n", preheader="Trees")
    room.item("story", BODY, title="A plan for trees")
    found = findings(subject_of(room), "invisible-characters")
    assert [str(one.place) for one in found] == ["issues/2024-09/state-LPMN.md:6"]


@pytest.mark.parametrize(
    ("value", "slugs"),
    [
        ("1px 2% 3em", {"css-unit-px", "css-unit-percent", "css-unit-em"}),
        ("9pxx 10px20", set()),
        ("red ! important", {"css-important"}),
        ("red!important", {"css-important"}),
        ("'Hi!' url(!.png) important", set()),
        ("initial", {"css-unit-initial"}),
        ("initially url(initials.png)", set()),
        ("ui-serif, system-ui", {"css-sytem-ui"}),
        ("min-content max-contents", {"css-intrinsic-size"}),
        ("-webkit-linear-gradient(red, blue)", {"css-linear-gradient"}),
        ("repeating-linear-gradient(red, blue)", {"css-linear-gradient"}),
        ("rgba(0, 0, 0, 1) rgb(1 1 1)", {"css-rgba", "css-rgb"}),
        ("oklch(1 1 1) lab(1 1 1)", {"css-modern-color"}),
        ("calc(1px + var(--a)) clamp(1px, 2px, 3px)", {"css-unit-calc", "css-variables", "css-function-clamp"}),
        ("minmax(1px, 1fr)", set()),
    ],
)
def test_features_are_read_off_a_value(value: str, slugs: set[str]) -> None:
    found = clients._of_declarations((("x-y", value),))
    assert found - {"css-unit-px"} == slugs - {"css-unit-px"}
    assert ("css-unit-px" in found) is bool(re.search(r"\dpx\b", value))
