"""newsletter preview --web: a server for this machine alone, and a page that real Chromium shows."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from newsletter.issue import length
from tests.room import Room, picture
from tests.tools import axe, chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parent.parent
STATE = "2024-09/state-LPMN"


class Server:
    """A running preview of a newsroom."""

    def __init__(self, room: Room) -> None:
        self.room = room
        environment = {key: value for key, value in os.environ.items() if key not in {"DISPLAY", "WAYLAND_DISPLAY"}}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "newsletter", "preview", "--newsroom", str(room.root), "--web", "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment,
        )
        assert self.process.stdout
        self.address = self.process.stdout.readline().strip()
        self.port = int(self.address.rstrip("/").rpartition(":")[2])

    def get(self, path: str, host: str = "") -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body of a request, its path sent as it stands."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.putrequest("GET", path, skip_host=True)
            connection.putheader("Host", host or f"127.0.0.1:{self.port}")
            connection.endheaders()
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def json(self, path: str) -> Any:
        return json.loads(self.get(path)[2])

    def end(self) -> str:
        """End it as Ctrl-C does and return what it said."""
        self.process.send_signal(signal.SIGINT)
        return self.process.communicate(timeout=20)[1]


def fill(room: Room) -> None:
    room.file("issues/2024-09/items/tree.png", picture("#A23B2A", (160, 90)))
    room.item(
        "tree", "A tree was planted.\n", image="tree.png", image_alt="A red tree", link="https://example.org/tree"
    )
    room.item("walk", "Bring boots.\n\n" * 40, chapters=["LPMN", "network"], section="events", starts="2024-10-26")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    from tests.room import TOML

    room = Room(tmp_path_factory.mktemp("web") / "room")
    room.file("newsletter.toml", TOML)
    room.file("secret.txt", "secret")
    fill(room)
    server = Server(room)
    yield server
    server.end()


def test_the_page_gets_the_month_and_each_issue_as_built(server: Server) -> None:
    assert [one["id"] for one in server.json("/api/month")["issues"]] == ["2024-09/network", STATE]
    told = server.json(f"/api/issue/{STATE}")
    assert told["faults"] == []
    assert told["subject"] == "LPMN State Download 📣 | Tree & Walk | September 2024"
    assert told["text"].encode() == server.room.built("issue.txt")
    assert (
        told["bytes"]
        == len(server.room.built("issue.html"))
        == sum(one["bytes"] for one in told["items"]) + told["rest"]
    )
    assert {one["file"] for one in told["items"]} == {f"issues/2024-09/items/{name}.md" for name in ("tree", "walk")}
    assert [one["client"] for one in server.json(f"/api/inbox/{STATE}")["rows"]][1] == "Gmail on a phone"
    issue = server.room.issue()
    assert (told["stories"], told["words"], told["minutes"]) == (2, length.words(issue), length.minutes(issue))


def test_what_is_found_comes_by_story_in_the_mail_s_order(room: Room) -> None:
    room.item("second", "It was the the plan.\n", order=2)
    room.item("first", "Read it [here](https://a.network.example/x).\n", order=1)
    room.item("third", order=3)
    room.front_page(STATE, "Dear friends, it was the the plan.\n")
    server = Server(room)
    told = server.json(f"/api/findings/{STATE}")
    server.end()
    assert not told["is_stopped"]
    assert [
        (group["story"], group["title"], [one["slug"] for one in group["findings"]]) for group in told["groups"]
    ] == [
        (0, "Front page", ["double-words"]),
        (1, "First", ["vague-link"]),
        (2, "Second", ["double-words"]),
    ]
    assert told["groups"][2]["findings"] == [
        {
            "level": "warning",
            "slug": "double-words",
            "place": "issues/2024-09/items/second.md:9",
            "message": "'the' stands twice in a row",
            "hint": "take one of them out; `newsletter check --fix` does it",
        }
    ]


def test_what_is_found_is_looked_for_without_a_build(room: Room) -> None:
    room.item("one")
    room.item("two", chapters=["network"])
    server = Server(room)
    assert server.json("/api/findings/2024-09/network")["groups"] == []
    assert not (room.root / "build").exists()
    server.json("/api/issue/2024-09/network")
    assert (room.root / "build/2024-09/network/issue.html").exists()
    room.item("two", chapters=["netwrk"])
    until_true(lambda: server.json("/api/findings/2024-09/network")["is_stopped"])
    server.end()


def until_true(claim: Callable[[], bool]) -> None:
    """Wait until something is so; twenty seconds at most."""
    for _ in range(400):
        if claim():
            return
        time.sleep(0.05)
    raise AssertionError("this did not come true")


def test_a_page_and_a_drawing_that_somebody_committed_can_run_nothing(server: Server) -> None:
    names = {"evil.html": b"<script>x</script>", "evil.svg": b"<svg onload='x'/>", "evil.txt": b"<script>x</script>"}
    folder = server.room.root / "build/2024-08/state-LPMN"
    folder.mkdir(parents=True, exist_ok=True)
    listed = {name: {"bytes": 1, "sha256": "0"} for name in names}
    manifest = {"issue": "2024-08/state-LPMN", "provider": "html", "parts": listed, "pictures": {}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    for name, content in names.items():
        (folder / name).write_bytes(content)
        status, headers, body = server.get(f"/built/2024-08/state-LPMN/{name}")
        assert (status, body) == (200, content)
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
        assert headers["content-type"].partition(";")[0] in {"application/octet-stream", "text/plain"}
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("target", ["../../../secret.txt", "/etc/hostname", "loop.png", "pipe", "../../../build"])
def test_a_link_out_of_the_build_or_to_no_file_is_not_followed(server: Server, target: str) -> None:
    folder = server.room.root / "build/2024-07/state-LPMN"
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "pipe").exists():
        os.mkfifo(folder / "pipe")
    (folder / "manifest.json").write_text(json.dumps({"parts": {"loop.png": 1, "\0": 1}, "pictures": {}}))
    (folder / "loop.png").unlink(missing_ok=True)
    (folder / "loop.png").symlink_to(target)
    assert server.get("/built/2024-07/state-LPMN/loop.png")[0] == 404
    assert server.get("/built/2024-07/state-LPMN/%00")[0] == 404


def test_a_folder_that_leads_out_of_the_build_is_not_followed(server: Server) -> None:
    outside = server.room.root / "outside"
    outside.mkdir(exist_ok=True)
    (outside / "manifest.json").write_text(json.dumps({"parts": {"issue.html": 1}, "pictures": {}}))
    (outside / "issue.html").write_text("secret")
    link = server.room.root / "build/2024-06/state-LPMN"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(outside)
    assert server.get("/built/2024-06/state-LPMN/issue.html")[0] == 404


@pytest.mark.parametrize("folder", ["built", "unseen"])
def test_the_frame_gets_the_built_bytes_and_nothing_in_them_may_run(server: Server, folder: str) -> None:
    server.json(f"/api/issue/{STATE}")
    status, headers, body = server.get(f"/{folder}/{STATE}/issue.html")
    assert (status, body) == (200, server.room.built("issue.html"))
    assert headers["content-security-policy"].startswith(
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'"
    )
    assert "form-action 'none'; frame-ancestors 'self'; sandbox allow-same-origin" in headers["content-security-policy"]
    assert "allow-scripts" not in headers["content-security-policy"]
    [name] = json.loads(server.room.built("manifest.json"))["pictures"]
    assert server.get(f"/{folder}/{STATE}/{name}")[0] == (200 if folder == "built" else 204)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("", 200),
        ("localhost:1", 200),
        ("localhost", 200),
        ("evil.example", 400),
        ("evil.example:80", 400),
        ("127.0.0.1.evil.example", 400),
    ],
)
def test_a_foreign_host_is_refused(server: Server, host: str, status: int) -> None:
    assert [server.get(path, host)[0] for path in ("/", "/api/month", f"/api/issue/{STATE}")] == [status] * 3


@pytest.mark.parametrize(
    "path",
    [
        "/secret.txt",
        "/built/2024-09/state-LPMN/manifest.json",
        "/built/2024-09/state-LPMN/../../../secret.txt",
        "/built/2024-09/state-LPMN/..%2f..%2f..%2fsecret.txt",
        "/built/../../secret.txt",
        "/built/..%2f../issues/2024-09/items/tree.md",
        "/built/2024-09/%2e%2e/secret.txt",
        "/built/.cache/x/y",
        "//etc/passwd",
        "/page.js/../../web.py",
        "/web.py",
        "/api/issue/..%2f../secret.txt",
    ],
)
def test_nothing_outside_the_build_is_given_away(server: Server, path: str) -> None:
    status, _, body = server.get(path)
    assert (status, b"secret" in body) == (404, False)


def test_an_unknown_issue_is_answered_in_words(server: Server) -> None:
    assert server.json("/api/issue/2024-09/state-LPNM") == {
        "id": "2024-09/state-LPNM",
        "faults": ["no issue is called 'state-LPNM'\n  hint: did you mean 'state-LPMN'?"],
    }


def test_it_listens_on_this_machine_alone(server: Server) -> None:
    told = Path(f"/proc/{server.process.pid}/net/tcp")
    if not told.exists():
        pytest.skip("only Linux tells who listens where")
    listening = [line.split()[1] for line in told.read_text().splitlines()[1:] if line.split()[3] == "0A"]
    assert [one for one in listening if one.endswith(f":{server.port:04X}")] == [f"0100007F:{server.port:04X}"]


def test_a_port_that_is_taken_is_said_in_words(run: Any, room: Room) -> None:
    room.item("tree")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("preview", "--web", "--no-open", "--port", str(port))
    assert result.exit_code == 2
    assert result.stderr == (
        f"port {port} of 127.0.0.1 is taken\n"
        "  hint: another preview may be running there; --port 0 takes any free one\n"
    )


def test_no_browser_is_said_in_words_and_ctrl_c_ends_it_cleanly(room: Room) -> None:
    room.item("tree")
    server = Server(room)
    assert server.get("/")[0] == 200
    said = server.end()
    assert said == (
        "Ctrl-C ends it; the page reloads after every save\n"
        f"no browser could be opened\n  hint: open {server.address} yourself\nended\n"
    )
    assert server.process.returncode == 0


def test_an_empty_month_is_not_served(run: Any, room: Room) -> None:
    result = run("preview", "--web", "--no-open")
    assert result.exit_code == 1
    assert "this newsroom has no items" in result.stderr


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    with chromium("--no-sandbox", "--disable-gpu", "--disable-background-networking") as browser:
        yield browser


@pytest.fixture
def page(server: Server, browser: "Browser") -> "Iterator[Page]":
    """Return the page with Minnesota's issue on it; no error and no foreign request may happen while it is used."""
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith(server.address) else faults.append(asked.url))
    page.goto(f"{server.address}#{STATE}")
    wait(page, "html", "desktop", "false", "true")
    yield page
    page.close()
    assert faults == []


def wait(page: "Page", part: str, width: str, dark: str, images: str, issue: str = STATE) -> None:
    page.wait_for_selector(f'body[data-shown^="{issue} {part} {width} {dark} {images} "]')


def inside(page: "Page", expression: str) -> Any:
    """Return the value of an expression about `page`, the document in the frame."""
    return page.evaluate(
        f"(() => {{ const page = document.querySelector('iframe').contentDocument; return {expression}; }})()"
    )


def until(page: "Page", expression: str) -> None:
    """Wait until an expression about the document in the frame is true; ten seconds at most."""
    for _ in range(500):
        if inside(page, f"Boolean({expression})"):
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"this did not come true: {expression}")


@pytest.mark.browser
def test_the_toggles_change_what_is_shown(page: "Page", server: Server) -> None:
    assert inside(page, "page.body.innerText.includes('A tree was planted.')")
    light = inside(page, "getComputedStyle(page.body).backgroundColor")
    page.get_by_role("button", name="Dark").click()
    wait(page, "html", "desktop", "true", "true")
    assert inside(page, "getComputedStyle(page.body).backgroundColor") != light
    assert "Dark is emulated" in page.inner_text("#note")
    page.get_by_role("button", name="320 px").click()
    wait(page, "html", "320", "true", "true")
    assert inside(page, "page.documentElement.clientWidth") == 320
    assert inside(page, "page.images[0].naturalWidth") > 0
    page.get_by_role("button", name="Images").click()
    wait(page, "html", "320", "true", "false")
    assert inside(page, "page.images[0].naturalWidth") == 0
    page.get_by_role("button", name="Plain text").click()
    wait(page, "text", "320", "true", "false")
    assert "A tree was planted." in page.inner_text("#stage pre")
    page.get_by_role("button", name="Inbox rows").click()
    wait(page, "inbox", "320", "true", "false")
    assert page.locator(".row h2").all_inner_texts()[0] == "Gmail on the desktop"
    assert re.search(r"kB of Gmail’s 102 kB \(\d+ %\)", page.inner_text("#size"))
    assert page.locator("#weights li").count() == 3
    size = len(server.room.built("issue.html"))
    assert f"({100 * size // 102_000} %)" in page.inner_text("#size"), "build tells another share"


@pytest.mark.browser
def test_the_keyboard_does_it_all(page: "Page") -> None:
    for key, shown in (
        ("m", ("html", "375", "false", "true")),
        ("m", ("html", "320", "false", "true")),
        ("m", ("html", "desktop", "false", "true")),
        ("d", ("html", "desktop", "true", "true")),
        ("i", ("html", "desktop", "true", "false")),
        ("t", ("text", "desktop", "true", "false")),
        ("t", ("inbox", "desktop", "true", "false")),
        ("t", ("html", "desktop", "true", "false")),
    ):
        page.keyboard.press(key)
        wait(page, *shown)
    page.keyboard.press("ArrowLeft")
    wait(page, "html", "desktop", "true", "false", issue="2024-09/network")
    assert page.get_attribute("nav a[aria-current]", "href") == "#2024-09/network"
    page.keyboard.press("ArrowRight")
    wait(page, "html", "desktop", "true", "false")
    page.frames[-1].click("body", position={"x": 5, "y": 5})
    page.keyboard.press("d")
    wait(page, "html", "desktop", "false", "false")


@pytest.mark.browser
def test_a_save_shows_without_a_touch_and_keeps_the_place(page: "Page", server: Server) -> None:
    page.evaluate("scrollTo(0, 600)")
    server.room.item(
        "walk",
        "Bring boots.\n\n" * 40 + "And a hat.\n",
        chapters=["LPMN", "network"],
        section="events",
        starts="2024-10-26",
    )
    until(page, "page.body.innerText.includes('And a hat.')")
    assert page.evaluate("scrollY") == 600
    server.room.item("walk", "Bring boots.\n", chapters=["LPMN"], section="evnts")
    page.wait_for_selector("#faults:not([hidden])")
    assert "did you mean 'events'?" in page.inner_text("#faults")
    assert page.evaluate("scrollY") > 0
    assert page.evaluate("document.getElementById('faults').getBoundingClientRect().top >= 0"), "out of sight"
    assert inside(page, "page.body.innerText.includes('And a hat.')")
    fill(server.room)
    page.wait_for_selector("#faults", state="hidden")


@pytest.mark.browser
def test_an_issue_that_loses_its_items_says_so_and_nothing_is_written(page: "Page", server: Server) -> None:
    page.goto(f"{server.address}#2024-09/network")
    wait(page, "html", "desktop", "false", "true", issue="2024-09/network")
    built = server.room.built("issue.html", "2024-09/network")
    server.room.item("walk", "Bring boots.\n", chapters=["LPMN"], section="events")
    page.wait_for_selector("#faults:not([hidden])")
    assert "2024-09/network has no items, so there is nothing to preview\n  hint: tag" in page.inner_text("#faults")
    page.wait_for_selector("nav:not(:has(a[aria-current]))")
    assert page.inner_text("#title") == "2024-09/network"
    assert server.room.built("issue.html", "2024-09/network") == built
    fill(server.room)
    page.wait_for_selector("#faults", state="hidden")


@pytest.mark.browser
def test_an_address_that_names_no_issue_shows_the_one_before(page: "Page", server: Server) -> None:
    page.goto(f"{server.address}#2023-01/nothing")
    page.goto(f"{server.address}#nothing")
    wait(page, "html", "desktop", "false", "true")
    page.keyboard.press("ArrowLeft")
    wait(page, "html", "desktop", "false", "true", issue="2024-09/network")


@pytest.mark.browser
def test_nothing_in_a_mail_runs(server: Server, browser: "Browser") -> None:
    page = browser.new_page()
    page.goto(f"{server.address}#{STATE}")
    wait(page, "html", "desktop", "false", "true")
    assert page.get_attribute("iframe", "sandbox") == "allow-same-origin"
    packaged = (ROOT / "templates/footer.mjml.j2").read_text("utf-8")
    script = "<mj-text><script>parent.document.title = 'owned'</script></mj-text>"
    own = server.room.file("templates/footer.mjml.j2", packaged + script)
    page.wait_for_selector("#faults:not([hidden])")
    assert "the templates write '<script'" in page.inner_text("#faults")
    assert page.title() == f"{STATE}: preview"
    # Not even where our own look at it misses something.
    page.evaluate(
        "document.querySelector('iframe').contentDocument.body.append("
        "Object.assign(document.createElement('script'), {text: \"parent.document.title = 'owned'\"}))"
    )
    until(page, "page.querySelector('script')")
    assert page.title() == f"{STATE}: preview"
    shutil.rmtree(own.parent)
    page.wait_for_selector("#faults", state="hidden")
    page.close()


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a month with an issue in which things are found, one that can't be built, and one without a fault."""
    from tests.room import TOML

    room = Room(tmp_path_factory.mktemp("faulty") / "room")
    room.file("newsletter.toml", TOML)
    room.item("clean", "The council met.\n", chapters=["network"], title="A plan for trees")
    room.item("first", "Words of the first story. " * 30, order=1)
    room.item("second", "It was the the plan.\n", order=2, link="https://a.network.example/x", link_label="click here")
    room.item("third", "More words. " * 30, order=3)
    room.item("last", "Come!!!\n", section="events", starts="2024-10-26")
    room.item("broken", chapters=["LPNY"], image="nowhere.jpg")
    server = Server(room)
    yield server
    server.end()


def opened(browser: "Browser", server: Server, width: int, scheme: Any = "light", issue: str = STATE) -> "Page":
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(f"{server.address}#{issue}")
    wait(page, "html", "desktop", "false", "true", issue=issue)
    page.wait_for_selector(f'#groups[data-shown^="{issue} "]', state="attached")
    return page


@pytest.mark.browser
def test_what_is_found_stands_beside_its_story(browser: "Browser", faulty: Server) -> None:
    page = opened(browser, faulty, 1280)
    assert page.inner_text("#count") == "3 findings"
    groups = page.locator(".group")
    assert [words.split("\n")[0] for words in groups.all_inner_texts()] == ["Second", "Last"]
    assert re.sub("\n+", "\n", groups.nth(1).inner_text()) == (
        "Last\nwarning exclamation-marks\n'!!!' is more than one exclamation mark\n"
        "one is enough, none is often better\nissues/2024-09/items/last.md:9"
    )
    for at, number in ((0, 2), (1, 4)):
        story = f"document.querySelector('iframe').contentDocument.getElementById('story-{number}')"
        group = f"document.querySelectorAll('.group')[{at}]"
        frame = "document.querySelector('iframe').getBoundingClientRect().top"
        down = f"{group}.getBoundingClientRect().top - {frame} - {story}.getBoundingClientRect().top"
        assert abs(page.evaluate(down)) < 20
    assert page.inner_text("#length") == "4 stories · 223 words · 1 minute to read"
    page.close()


@pytest.mark.browser
def test_a_key_goes_from_finding_to_finding_and_shows_its_story(browser: "Browser", faulty: Server) -> None:
    page = opened(browser, faulty, 1280)
    for title in ("Second", "Last", "Second"):
        page.keyboard.press("f")
        assert page.evaluate("document.activeElement.textContent") == title
        number = {"Second": 2, "Last": 4}[title]
        assert inside(page, f"page.getElementById('story-{number}').style.outline").startswith("rgb")
        top, bottom = page.evaluate(
            f"""(() => {{ const frame = document.querySelector('iframe');
              const box = frame.contentDocument.getElementById('story-{number}').getBoundingClientRect();
              const top = frame.getBoundingClientRect().top; return [top + box.top, top + box.bottom]; }})()"""
        )
        assert 0 <= top < bottom <= 900
    page.keyboard.press("t")
    wait(page, "text", "desktop", "false", "true")
    page.get_by_role("button", name="Next").click()
    wait(page, "html", "desktop", "false", "true")
    assert page.evaluate("document.activeElement.textContent") == "Last"
    page.close()


@pytest.mark.browser
def test_an_issue_with_something_to_mend_is_marked_in_the_list(browser: "Browser", faulty: Server) -> None:
    page = opened(browser, faulty, 1280)
    page.wait_for_selector(".mark.error:not(:empty)")
    page.wait_for_selector(".mark.warning:not(:empty)")
    marks = {entry.split("\n")[0]: entry.split("\n")[1] for entry in page.locator("nav a").all_inner_texts()}
    assert {name: words for name, words in marks.items() if "|" not in words} == {
        "state-LPMN": "3 warnings",
        "state-LPNY": "faulty",
    }
    assert "network" in marks
    page.close()


@pytest.mark.browser
def test_an_issue_that_can_t_be_built_shows_its_fault_and_nothing_of_another(
    browser: "Browser", faulty: Server
) -> None:
    page = opened(browser, faulty, 1280)
    page.get_by_role("link", name="state-LPNY").click()
    wait(page, "html", "desktop", "false", "true", issue="2024-09/state-LPNY")
    assert "issues/2024-09/items/broken.md:7: " in page.inner_text("#faults")
    assert page.inner_text("#count") == "A fault stops it"
    assert page.locator("iframe, .group, #size:visible").count() == 0
    assert page.inner_text("#subject") == page.inner_text("#length") == ""
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector(f'#groups[data-shown^="{STATE} "]')
    assert page.inner_text("#count") == "3 findings"
    assert page.is_visible("#size")
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [700, 375])
def test_a_narrow_window_folds_the_list_and_what_is_found_away(browser: "Browser", faulty: Server, width: int) -> None:
    page = opened(browser, faulty, width)
    page.wait_for_selector(".mark.error:not(:empty)", state="attached")
    assert not page.is_visible("nav") and not page.is_visible(".group")
    assert page.evaluate("document.querySelector('iframe').getBoundingClientRect().top") < 800
    page.get_by_role("button", name="3 issues, 1 faulty").click()
    assert page.is_visible("nav")
    page.get_by_role("link", name="state-LPNY").focus()
    page.keyboard.press("Escape")
    assert not page.is_visible("nav")
    assert page.evaluate("document.activeElement.id") == "fold"
    page.keyboard.press("Enter")
    page.get_by_role("link", name="network").click()
    wait(page, "html", "desktop", "false", "true", issue="2024-09/network")
    assert not page.is_visible("nav")
    page.keyboard.press("ArrowRight")
    wait(page, "html", "desktop", "false", "true")
    page.get_by_role("button", name="Show").click()
    page.locator(".group").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 375])
def test_the_plain_text_is_wrapped_once(browser: "Browser", faulty: Server, width: int) -> None:
    page = opened(browser, faulty, width)
    page.keyboard.press("t")
    wait(page, "text", "desktop", "false", "true")
    lines = faulty.room.built("issue.txt").decode().rstrip("\n").count("\n") + 1
    height, line = page.evaluate(
        "(() => { const style = getComputedStyle(document.querySelector('pre'));"
        " return [document.querySelector('pre').clientHeight - 2 * parseFloat(style.paddingTop),"
        " parseFloat(style.lineHeight)]; })()"
    )
    assert round(height / line) == lines
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls, not the text"
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 700, 375])
def test_the_page_passes_axe(faulty: Server, browser: "Browser", width: int, scheme: Any) -> None:
    referee = axe(browser)
    page = opened(browser, faulty, width, scheme)
    page.wait_for_selector(".mark.error:not(:empty)", state="attached")
    page.evaluate(referee)
    faults = []
    for part in ("html", "text", "inbox"):
        wait(page, part, "desktop", "false", "true")
        page.wait_for_selector(f'#groups[data-shown^="{STATE} "]', state="attached")
        for opens in ("#fold", "#unfold", "#size"):
            if page.is_visible(opens):
                page.click(opens)
        told = page.evaluate("axe.run({exclude: ['iframe']}, {resultTypes: ['violations']})")
        faults += [(part, one["id"], [node["html"] for node in one["nodes"]]) for one in told["violations"]]
        page.keyboard.press("t")
    page.close()
    assert faults == []
