"""Drafts at every provider: run as often as one likes, they never double, never overwrite, never send."""

import ssl
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from newsletter.deliver import ledger
from newsletter.errors import NewsletterError, ServerError, UnknownEndError
from newsletter.line import Made
from newsletter.web import Client
from tests.drafting import ISSUE, WORDS, World, made_for, newsroom, reworded
from tests.standins.action_network import ActionNetwork
from tests.standins.brevo import Brevo
from tests.standins.buttondown import Buttondown
from tests.standins.listmonk import Listmonk
from tests.standins.mailchimp import Mailchimp
from tests.standins.mailerlite import MailerLite
from tests.standins.sendgrid import SendGrid
from tests.standins.server import KEY, MOODS, Request, Standin

STANDINS: tuple[type[Standin], ...] = (
    Mailchimp,
    Listmonk,
    Buttondown,
    Brevo,
    SendGrid,
    ActionNetwork,
    MailerLite,
)
NEW = "Three council members planted a tree"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a newsroom with one issue."""
    return newsroom(tmp_path_factory.mktemp("drafts") / "room").root


def named(kind: type[Standin]) -> str:
    """Return what a stand-in is called."""
    return kind.kind


@pytest.fixture(scope="module", params=STANDINS, ids=named)
def kind(request: pytest.FixtureRequest) -> type[Standin]:
    """Return each stand-in in turn."""
    standin: type[Standin] = request.param
    return standin


@pytest.fixture(scope="module")
def made(root: Path, kind: type[Standin]) -> Made:
    """Return the issue as it is drafted there; pictures without a store lie on a site."""
    return made_for(root, kind.kind, base_url="" if kind.takes_pictures else "https://pictures.example")


@pytest.fixture
def world(tmp_path: Path, kind: type[Standin], made: Made) -> Iterator[World]:
    """Return an empty ledger and a fresh provider with two lists."""
    with kind().open() as standin:
        yield world_of(tmp_path, standin, made)
        # In no test does a request of ours mail a list.
        assert standin.mailed == []


def world_of(root: Path, standin: Standin, made: Made) -> World:
    """Return a world whose issue goes to the smaller of two lists."""
    root.mkdir(exist_ok=True)
    standin.add_list("Everybody", 5000)
    if not standin.takes_pictures:
        base = f"{standin.url}/pictures"
        made = replaced_base(made, base)
    return World(root=root, standin=standin, made=made, list_id=standin.add_list("Minnesota", 200))


def replaced_base(made: Made, base: str) -> Made:
    """Return the issue with its pictures on the stand-in's own site."""
    from msgspec.structs import replace

    settings = replace(made.issue.settings, picture_base_url=base)
    return replace(made, issue=replace(made.issue, settings=settings))


def only(world: World) -> dict[str, object]:
    """Return the one mail that lies there."""
    (mail,) = world.standin.mails().values()
    return mail


# The working day.


def test_a_draft_is_made_with_its_list_words_and_pictures(world: World) -> None:
    outcome = world.draft()
    mail = only(world)
    assert outcome.state == "made"
    assert (outcome.audience.name, outcome.audience.readers) == ("Minnesota", 200)
    assert mail["state"] == "draft"
    assert mail["lists"] == [world.list_id]
    assert "A tree for every street" in str(mail["subject"])
    assert WORDS in str(mail["html"])
    # A reader can load every picture.
    assert 'src="tree-' not in str(mail["html"])
    assert f'src="{world.standin.url}/' in str(mail["html"])
    assert outcome.link.startswith(("http://", "https://"))


def test_a_second_run_changes_nothing(world: World) -> None:
    world.draft()
    before = world.standin.mails()
    world.requests()
    assert world.draft().state == "up to date"
    assert world.standin.mails() == before
    assert [request for request in world.standin.requests if request.method not in {"GET", "HEAD"}] == []


def test_an_edited_item_changes_the_draft(world: World) -> None:
    world.draft()
    outcome = world.draft(reworded)
    assert outcome.state == "updated"
    assert NEW in str(only(world)["html"])
    assert world.draft(reworded).state == "up to date"


def test_what_the_ledger_says_of_a_draft(world: World) -> None:
    outcome = world.draft()
    book = ledger.read(world.root)
    assert {entry.state for entry in book.of(ISSUE)} == {"done"}
    seen = [entry for entry in book.entries if entry.do == "seen"][-1]
    facts = {key: seen.more[key] for key in ("account", "audience", "list", "readers", "there", "link")}
    assert facts == {
        "account": world.standin.kind,
        "audience": world.list_id,
        "list": "Minnesota",
        "readers": 200,
        "there": "draft",
        "link": outcome.link,
    }
    assert KEY not in (world.root / ledger.FILE).read_text("utf-8")


# What somebody did there.


def refusal(world: World, **asked: object) -> str:
    """Return why the draft is not made or changed; it must stand there as it did."""
    before = world.standin.mails()
    with pytest.raises(NewsletterError) as told:
        world.draft(**asked)  # type: ignore[arg-type]  # of a test
    assert world.standin.mails() == before
    assert told.value.hint
    return str(told.value)


def test_an_edited_draft_is_not_overwritten(world: World) -> None:
    world.draft()
    (mail,) = world.standin.mails()
    world.standin.edit(mail, WORDS, "Two council members watered a tree")
    assert "was edited at" in refusal(world)
    assert "was edited at" in refusal(world, change=reworded)
    # Nobody has looked at what would be lost.
    assert "was edited at" in refusal(world, is_over=True)


def test_over_replaces_exactly_what_was_shown(world: World) -> None:
    world.draft()
    (mail,) = world.standin.mails()
    world.standin.edit(mail, WORDS, "Two council members watered a tree")
    shown = world.pull()
    world.standin.edit(mail, "watered", "felled")
    assert "again since it was shown" in refusal(world, is_over=True)
    assert world.pull() != shown
    assert world.draft(is_over=True).state == "updated"
    assert WORDS in str(only(world)["html"])
    assert world.draft().state == "up to date"


def test_a_deleted_draft_is_not_made_again_by_itself(world: World) -> None:
    world.draft()
    (mail,) = world.standin.mails()
    world.standin.delete(mail)
    assert "somebody deleted it" in refusal(world)
    assert "somebody deleted it" in refusal(world, is_over=True)
    assert world.pull() == "gone"
    assert world.draft(is_over=True).state == "made"
    assert len(world.standin.mails()) == 1


@pytest.mark.parametrize("state", ["scheduled", "sent"])
def test_what_is_no_draft_any_more_is_not_changed(world: World, state: str) -> None:
    world.draft()
    (mail,) = world.standin.mails()
    world.standin.set_state(mail, state)
    words = {"scheduled": "is no draft any more", "sent": "went out at"}[state]
    assert words in refusal(world, change=reworded)


def test_a_scheduled_draft_that_is_as_wanted_is_fine(world: World) -> None:
    world.draft()
    (mail,) = world.standin.mails()
    world.standin.set_state(mail, "scheduled")
    assert world.draft().state == "up to date"


def test_a_draft_at_another_list_is_not_changed(world: World) -> None:
    world.draft()
    (mail,) = world.standin.mails()
    world.standin.move(mail, world.standin.add_list("New York", 90))
    assert "is at another list" in refusal(world)
    assert "is at another list" in refusal(world, is_over=True)


def test_an_alias_that_means_another_list_now_makes_no_second_draft(world: World) -> None:
    world.draft()
    world.list_id = world.standin.add_list("New York", 90)
    assert "is at another list" in refusal(world)


# Lists.


def test_a_renamed_list_is_told(world: World) -> None:
    world.draft()
    world.standin.set_list(world.list_id, name="Everybody in Minnesota")
    assert "is called 'Everybody in Minnesota' now" in refusal(world)
    world.list_name = "Everybody in Minnesota"
    assert world.draft().state == "up to date"


def test_the_line_for_a_renamed_list_can_be_pasted(world: World) -> None:
    world.draft()
    world.standin.set_list(world.list_id, name='Members ("active")')
    with pytest.raises(NewsletterError) as told:
        world.draft()
    value = "{" + told.value.hint.partition("{")[2].rpartition("}")[0] + "}"
    assert tomllib.loads(f"a = {value}")["a"] == {"id": world.list_id, "name": 'Members ("active")'}


def test_a_list_that_is_gone_is_told(world: World) -> None:
    world.draft()
    world.standin.drop_list(world.list_id)
    assert f"has no list '{world.list_id}'" in refusal(world)


def test_an_unknown_list_is_told(world: World) -> None:
    world.list_id = "9999999"
    assert "has no list '9999999'" in refusal(world)


def test_a_list_fifty_times_as_long_is_told(world: World) -> None:
    world.draft()
    # Not the widest, or that would be told.
    world.standin.add_list("All", 50_000)
    world.standin.set_list(world.list_id, readers=10_000)
    if world.standin.counts:
        assert "has 10,000 readers; last time it had 200" in refusal(world, change=reworded)
        assert "has 10,000 readers, not 9,000" in refusal(world, change=reworded, readers=9_000)
    assert world.draft(reworded, readers=10_000).state == "updated"


@pytest.mark.parametrize("kind", [kind for kind in STANDINS if kind.counts], ids=named, indirect=True)
def test_the_widest_list_must_be_called_so(world: World) -> None:
    world.standin.set_list(world.list_id, readers=6000)
    assert "the widest list of the account" in refusal(world)
    world.whole_list = True
    assert world.draft().state == "made"


# The ledger is lost.


def test_a_draft_that_the_ledger_lacks_is_taken_for_ours_if_it_is(world: World) -> None:
    world.draft()
    world.forget()
    before = world.standin.mails()
    assert world.draft().state == "adopted"
    assert world.standin.mails() == before
    assert world.draft(reworded).state == "updated"
    assert len(world.standin.mails()) == 1


def test_a_draft_that_the_ledger_lacks_and_that_is_other_is_left_alone(world: World) -> None:
    world.draft()
    world.forget()
    assert "was edited at" in refusal(world, change=reworded)
    (mail,) = world.standin.mails()
    world.standin.edit(mail, "tree?a=1&amp;b=2", "elsewhere")
    assert "was edited at" in refusal(world)


def test_another_name_for_the_account_makes_no_second_draft(world: World) -> None:
    world.draft()
    world.name = "renamed"
    assert world.draft().state == "up to date"
    world.forget()
    assert world.draft().state == "adopted"
    assert len(world.standin.mails()) == 1


# What goes wrong on the way.


def requests_of_a_draft(world: World) -> list[str]:
    """Return the requests that a first draft takes."""
    world.draft()
    return world.requests()


def settle(world: World, times: int = 4) -> str:
    """Run until nothing is told any more, and return how it ended."""
    told = ""
    for _ in range(times):
        try:
            return world.draft().state
        except NewsletterError as error:
            told = str(error)
    raise AssertionError(told)


def tries(requests: list[str], mood: str) -> list[int]:
    """Return the numbers of the requests that may meet with a mood; one that changes nothing has no two ends."""
    two_ends = {"lost", "fault-after", "page-after", "busy-for-a-second"}
    return [number for number, request in enumerate(requests) if not (request.startswith("GET") and mood in two_ends)]


@pytest.mark.parametrize("mood", MOODS)
def test_whatever_happens_to_a_request_there_is_one_draft_in_the_end(
    tmp_path: Path, kind: type[Standin], made: Made, mood: str
) -> None:
    with kind().open() as standin:
        requests = requests_of_a_draft(world_of(tmp_path / "counted", standin, made))
    for number in tries(requests, mood):
        with kind().open() as standin:
            world = world_of(tmp_path / str(number), standin, made)
            meet(standin, number, mood)
            with_trouble(world, mood)
            assert settle(world) in {"made", "updated", "adopted", "up to date"}
            mail = only(world)
            assert (mail["state"], mail["lists"]) == ("draft", [world.list_id])
            assert WORDS in str(mail["html"])
            assert standin.mailed == []
            assert world.draft().state == "up to date"


def meet(standin: Standin, number: int, mood: str) -> None:
    """Let the request of that number meet with a mood."""
    count = iter(range(1000))

    def before(request: object) -> None:
        if next(count) == number:
            standin.moods.append((".", mood))

    standin.before = before


def with_trouble(world: World, mood: str) -> None:
    """Draft once; what is told is honest about what may have happened."""
    before = len(world.standin.mails())
    try:
        world.draft()
    except UnknownEndError as error:
        assert mood not in {"busy", "busy-for-a-second", "bare-403"}
        assert "looks there first" in error.hint
        assert world.entries()[-1][1] == "unknown"
    except ServerError:
        # Not carried out, or not looked at: nothing that was made is denied.
        done = [entry for entry in world.entries() if entry == ("draft", "done")]
        assert len(world.standin.mails()) - before == len(done)


@pytest.mark.parametrize("mood", MOODS)
def test_whatever_happens_to_a_change_it_is_carried_out_in_the_end(
    tmp_path: Path, kind: type[Standin], made: Made, mood: str
) -> None:
    with kind().open() as standin:
        world = world_of(tmp_path / "counted", standin, made)
        world.draft()
        world.requests()
        world.draft(reworded)
        requests = world.requests()
    for number in tries(requests, mood):
        with kind().open() as standin:
            world = world_of(tmp_path / str(number), standin, made)
            world.draft()
            meet(standin, number, mood)
            for _ in range(3):
                try:
                    world.draft(reworded)
                except NewsletterError:
                    continue
                break
            mail = only(world)
            assert (mail["state"], NEW in str(mail["html"]), standin.mailed) == ("draft", True, [])
            assert world.draft(reworded).state == "up to date"


def test_a_run_that_was_killed_is_cleared_up_by_the_next(tmp_path: Path, kind: type[Standin], made: Made) -> None:
    """Killed after the ledger's line of a request, and before that of its end: at each of them."""
    with kind().open() as standin:
        world = world_of(tmp_path / "whole", standin, made)
        world.draft()
        lines = len((world.root / ledger.FILE).read_bytes().splitlines())
    for kept in range(lines):
        with kind().open() as standin:
            world = world_of(tmp_path / str(kept), standin, made)
            # All was carried out, and of what was written down only the first lines are left.
            world.draft()
            file = world.root / ledger.FILE
            file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:kept]))
            assert settle(world) in {"adopted", "up to date"}
            assert len(standin.mails()) == 1
            assert world.draft(reworded).state == "updated"


@contextmanager
def full_disk(world: World, do: str, *, is_carried_out: bool = True) -> Iterator[None]:
    """From the next request of that kind on, no file grows any more, as on a full disk; in the end there is room."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def at(request: Request) -> None:
        if request.method == "GET" or world.entries()[-1:] != [(do, "begun")]:
            return
        world.standin.before = lambda request: None
        if not is_carried_out:
            world.standin.moods.append((".", "lost"))
        size = (world.root / ledger.FILE).stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))

    world.standin.before = at
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_was_made_and_could_not_be_noted_is_told_so(world: World) -> None:
    with full_disk(world, "draft"), pytest.raises(ServerError) as told:
        world.draft()
    assert f"the draft of {ISSUE} is made at" in str(told.value)
    assert "that could not be noted here" in str(told.value)
    assert f"newsletter draft {ISSUE}" in told.value.hint
    assert told.value.exit_code == 3
    assert len(world.standin.mails()) == 1
    assert settle(world) in {"made", "adopted", "up to date"}
    assert len(world.standin.mails()) == 1


def test_what_was_changed_and_could_not_be_noted_is_told_so(world: World) -> None:
    world.draft()
    with full_disk(world, "change"), pytest.raises(ServerError, match=r"is changed at .* could not be noted"):
        world.draft(reworded)
    assert NEW in str(only(world)["html"])
    assert world.draft(reworded).state == "up to date"


def test_on_a_full_disk_a_lost_answer_stays_a_lost_answer(world: World) -> None:
    with full_disk(world, "draft", is_carried_out=False), pytest.raises(UnknownEndError) as told:
        world.draft()
    assert "nor can that be noted here" in str(told.value)
    assert settle(world) in {"made", "adopted", "up to date"}
    assert len(world.standin.mails()) == 1


def test_nobody_is_said_to_have_edited_what_is_only_older(world: World) -> None:
    """The answer is lost, and the item is corrected before the next run."""
    asked: list[Request] = []

    def before(request: Request) -> None:
        if not asked and request.method == "POST" and world.entries()[-1:] == [("draft", "begun")]:
            asked.append(request)
            world.standin.moods.append((".", "lost"))

    world.standin.before = before
    with pytest.raises(UnknownEndError):
        world.draft()
    if world.standin.kind == "mailchimp":
        # Without its content it is filled.
        assert world.draft(reworded).state == "made"
        return
    assert "or the issue was changed here after the draft was made" in refusal(world, change=reworded)
    world.pull()
    assert world.draft(reworded, is_over=True).state == "updated"
    (mail,) = world.standin.mails()
    world.standin.edit(mail, NEW, "Nobody planted a tree")
    assert "or the issue was" not in refusal(world, change=reworded)


def test_a_server_that_takes_too_long_is_not_asked_twice(world: World) -> None:
    context = ssl.create_default_context()
    world.client = Client(timeout=0.3, patience=1, may_open=lambda address: True, most=10**7, context=context)

    def before(request: Request) -> None:
        if world.entries()[-1:] == [("draft", "begun")] and request.method == "POST":
            world.standin.before = lambda request: None
            world.standin.moods.append((".", "slow"))

    world.standin.before = before
    with pytest.raises(UnknownEndError, match="no answer in time"):
        world.draft()
    world.client = None
    assert settle(world) in {"made", "adopted", "up to date"}
    assert len(world.standin.mails()) == 1


def test_a_draft_that_comes_about_late_is_not_doubled(world: World) -> None:
    """Cut off on the way, and carried out while the next run looks."""
    late: list[Request] = []

    def before(request: Request) -> None:
        if world.entries()[-1:] == [("draft", "begun")] and not late and request.method == "POST":
            late.append(request)
            world.standin.moods.append((".", "reset"))

    world.standin.before = before
    with pytest.raises(UnknownEndError):
        world.draft()
    assert world.standin.mails() == {}
    world.meanwhile = lambda: late and world.standin.answer(late.pop())
    assert world.draft().state in {"made", "adopted", "up to date"}
    assert len(world.standin.mails()) == 1
    assert any("may still come about" in said for said in world.said)


def during_the_upload(world: World, meanwhile: Callable[[], object]) -> None:
    """Let something happen while the first picture goes up."""

    def before(request: Request) -> None:
        if request.method == "POST" and world.entries()[-1:] == [("picture", "begun")]:
            world.standin.before = lambda request: None
            meanwhile()

    world.standin.before = before


@pytest.mark.parametrize("kind", [kind for kind in STANDINS if kind.takes_pictures], ids=named, indirect=True)
def test_what_a_colleague_does_while_pictures_go_up_is_not_overwritten(world: World) -> None:
    world.draft()
    (mail,) = world.standin.mails()
    # The picture was cleared out of the store, so it is uploaded anew.
    world.standin.picture = (404, {})
    during_the_upload(world, lambda: world.standin.edit(mail, WORDS, "Two council members watered a tree"))
    with pytest.raises(NewsletterError, match="was edited at"):
        world.draft(reworded)
    assert "watered" in str(only(world)["html"])


@pytest.mark.parametrize("kind", [kind for kind in STANDINS if kind.takes_pictures], ids=named, indirect=True)
def test_what_a_colleague_schedules_while_pictures_go_up_is_left(world: World) -> None:
    world.draft()
    (mail,) = world.standin.mails()
    world.standin.picture = (404, {})
    during_the_upload(world, lambda: world.standin.set_state(mail, "scheduled"))
    with pytest.raises(NewsletterError, match=r"is no draft (any more at|at .* any more)"):
        world.draft(reworded)
    assert (only(world)["state"], WORDS in str(only(world)["html"])) == ("scheduled", True)


def test_what_a_colleague_edits_before_any_request_of_a_change_is_not_overwritten(
    tmp_path: Path, kind: type[Standin], made: Made
) -> None:
    numbers: list[int] = []

    def edited_before(number: int) -> World:
        """Return where a draft is changed while somebody edits it before the request of that number."""
        world = world_of(tmp_path / str(number), standin, made)
        world.draft()
        (mail,) = standin.mails()
        begun = len(world.entries())
        requests: list[Request] = []

        def before(request: Request) -> None:
            # Behind the last look there is the change itself.
            if ("change", "begun") not in world.entries()[begun:]:
                numbers.append(len(requests))
            if len(requests) == number:
                standin.edit(mail, WORDS, "Two council members watered a tree")
            requests.append(request)

        standin.before = before
        return world

    with kind().open() as standin:
        assert edited_before(-1).draft(reworded).state == "updated"
    last = max(numbers)
    assert last > 1
    for number in range(last + 1):
        with kind().open() as standin:
            world = edited_before(number)
            with pytest.raises(NewsletterError, match="was edited at"):
                world.draft(reworded)
            assert "watered" in str(only(world)["html"])


@pytest.mark.parametrize("kind", [kind for kind in STANDINS if kind.takes_pictures], ids=named, indirect=True)
def test_what_another_makes_while_pictures_go_up_is_not_doubled(world: World, tmp_path: Path) -> None:
    other = World(root=tmp_path / "copy", standin=world.standin, made=world.made, list_id=world.list_id)
    other.root.mkdir()
    during_the_upload(world, other.draft)
    assert world.draft().state in {"adopted", "updated"}
    assert len(world.standin.mails()) == 1


@pytest.mark.parametrize("by", [timedelta(days=-400), timedelta(days=-1), timedelta(days=1)], ids=str)
def test_a_clock_that_jumps_keeps_nobody_waiting(world: World, by: timedelta) -> None:
    world.standin.moods.append(("POST (?!.*(search|images|media|files))", "reset"))
    with pytest.raises(UnknownEndError):
        world.draft()
    world.off = by
    assert world.draft().state == "made"
    assert sum(world.waits) <= 60 + 15
    assert world.draft().state == "up to date"
    assert world.draft(reworded).state == "updated"
    assert len(world.standin.mails()) == 1


def test_two_runs_at_once_from_two_copies_are_told(world: World, tmp_path: Path) -> None:
    other = World(root=tmp_path / "copy", standin=world.standin, made=world.made, list_id=world.list_id)
    other.root.mkdir()
    creates: list[str] = []

    def before(request: Request) -> None:
        # In the moment in which one makes its draft, the other does.
        if request.method == "POST" and world.entries()[-1:] == [("draft", "begun")]:
            world.standin.before = lambda request: None
            creates.append(other.draft().state)

    world.standin.before = before
    for _ in range(2):
        with pytest.raises(NewsletterError, match="has 2 mails of this issue"):
            world.draft()
    assert creates == ["made"]
    own = next(entry.more["draft"] for entry in ledger.read(other.root).entries if "draft" in entry.more)
    world.standin.delete(str(own))
    assert world.draft().state == "up to date"


@pytest.mark.parametrize("kind", [kind for kind in STANDINS if kind.takes_pictures], ids=named, indirect=True)
def test_pictures_are_uploaded_once(world: World) -> None:
    world.draft()
    uploads = [entry for entry in world.entries() if entry == ("picture", "done")]
    world.draft(reworded)
    assert [entry for entry in world.entries() if entry == ("picture", "done")] == uploads
    assert len(uploads) == 1


@pytest.mark.parametrize("kind", [kind for kind in STANDINS if not kind.takes_pictures], ids=named, indirect=True)
def test_a_picture_that_is_not_on_the_site_stops_the_draft(world: World) -> None:
    (picture,) = world.made.delivery.pictures
    world.standin.instead[f"HEAD /pictures/{ISSUE}/{picture.name}"] = (404, {})
    assert "there is no picture at" in refusal(world)


@pytest.mark.parametrize("kind", [Brevo], ids=named, indirect=True)
@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({"HEAD": (200, {"Content-Type": "text/html; charset=utf-8"})}, "text/html comes in its place"),
        ({"HEAD": (200, {"Content-Type": "application/json"})}, "application/json comes in its place"),
        ({"HEAD": (302, {"Location": "/login"})}, "text/html comes in its place"),
        ({"HEAD": (405, {}), "GET": (200, {"Content-Type": "text/html"})}, "text/html comes in its place"),
        ({"HEAD": (405, {}), "GET": (404, {})}, "(404)"),
        ({"HEAD": (304, {})}, "(304)"),
        ({"HEAD": (200, {"Content-Type": "image/webp"})}, ""),
        ({"HEAD": (302, {"Location": "/elsewhere.png"})}, ""),
        ({"HEAD": (405, {}), "GET": (200, {"Content-Type": "image/png"})}, ""),
        # A file of a kind that the server does not know.
        ({"HEAD": (200, {"Content-Type": "application/octet-stream"})}, ""),
        ({"HEAD": (200, {"Content-Type": ""})}, ""),
    ],
)
def test_a_picture_is_there_where_a_picture_comes(
    world: World, answers: dict[str, tuple[int, dict[str, str]]], told: str
) -> None:
    (picture,) = world.made.delivery.pictures
    path = f"/pictures/{ISSUE}/{picture.name}"
    world.standin.instead |= {f"{method} {path}": answer for method, answer in answers.items()}
    world.standin.instead["HEAD /login"] = (200, {"Content-Type": "text/html"})
    if not told:
        assert world.draft().state == "made"
        return
    said = refusal(world)
    assert f"there is no picture at {world.standin.url}{path}" in said
    assert told in said


@pytest.mark.parametrize("kind", [kind for kind in STANDINS if kind.takes_pictures], ids=named, indirect=True)
def test_an_uploaded_picture_behind_a_login_stops_the_draft(world: World) -> None:
    world.standin.picture = (200, {"Content-Type": "text/html"})
    for _ in range(2):
        assert "gets no picture: text/html comes in its place" in refusal(world)
    # It is not uploaded once more for that.
    assert [entry for entry in world.entries() if entry == ("picture", "done")] == [("picture", "done")]
    assert world.standin.mails() == {}


def test_a_test_goes_to_the_addresses_and_nobody_else(world: World) -> None:
    world.draft()
    if not world.standin.tests:
        with pytest.raises(NewsletterError, match="mails no drafts to single addresses"):
            world.test("desk@network.example")
        return
    world.test("desk@network.example", "editor@network.example")
    assert world.standin.tested == [("desk@network.example", "editor@network.example")]
    assert world.entries()[-2:] == [("test", "begun"), ("test", "done")] or world.entries()[-1] == ("test", "done")
    written = (world.root / ledger.FILE).read_text("utf-8")
    assert "desk@network.example" not in written


def test_a_dry_run_changes_nothing_and_shows_no_key(world: World) -> None:
    requests = world.dry_run()
    assert requests
    assert world.standin.mails() == {}
    assert world.entries() == []
    assert all(KEY not in request for request in requests)
    world.draft()
    assert world.dry_run() == []
    assert world.dry_run(reworded) != []


def test_a_dry_run_shows_the_very_requests_that_follow(world: World) -> None:
    address = "desk@network.example"
    tests = (address,) if world.standin.tests else ()
    base = world.account().base
    for change in (lambda made: made, reworded):
        shown = [request.partition("\n")[0] for request in world.dry_run(change, *tests)]
        world.requests()
        account = world.account()
        drafting = world.drafting(account, change)
        world.desk().drafted(account, drafting)
        if tests:
            world.desk().test(account, drafting, tests)
        # A search is a POST at some.
        changing = [one for one in world.requests() if not one.startswith("GET") and "/search" not in one]
        (mail,) = world.standin.mails()
        told = [one.replace(base, "").replace("/ID", f"/{mail}") for one in shown]
        assert told == changing
    assert len(world.standin.tested) == 2 * len(tests)


def test_a_dry_run_of_a_test_shows_its_address_and_no_key(world: World) -> None:
    world.draft()
    before = world.standin.mails(), world.entries()
    requests = world.dry_run(lambda made: made, "desk@network.example")
    # SendGrid and others mail no tests: then nothing is shown, and it is refused as in earnest.
    assert len(requests) == (1 if world.standin.tests else 0)
    assert all("desk@network.example" in request and KEY not in request for request in requests)
    assert (world.standin.mails(), world.entries(), world.standin.tested) == (*before, [])


@pytest.mark.parametrize("kind", [kind for kind in STANDINS if not kind.takes_pictures], ids=named, indirect=True)
def test_a_dry_run_refuses_what_would_be_refused(world: World) -> None:
    world.standin.picture = (404, {})
    with pytest.raises(NewsletterError, match="there is no picture at"):
        world.dry_run()
    world.made = replaced_base(world.made, "")
    with pytest.raises(NewsletterError, match="1 picture has no address yet"):
        world.dry_run()


def test_a_wrong_key_is_told_and_not_repeated(world: World) -> None:
    world.key = KEY.replace("0", "1")
    with pytest.raises(ServerError) as told:
        world.draft()
    assert "refuses the key" in str(told.value)
    assert world.key not in str(told.value)
    assert world.entries() == []
