"""The sample issues in a real browser: widths, dark mode, contrast, and nothing fetched from anywhere."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.room import SAMPLE_ISSUES
from tests.tools import axe, chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parent.parent
SHOWN = ("2024-09/network", "2024-09/state-LPMN", "2024-01/network", "2023-10/federal")


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """Return Chromium."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def referee(browser: "Browser") -> str:
    """Return the script of axe-core."""
    return axe(browser)


@pytest.fixture
def page(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Return a page of the width and the colour scheme that the test names; whatever it says or asks for is kept."""
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.said, page.asked = [], []
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.on("request", lambda asked: page.asked.append(asked.url))
    yield page
    context.close()


SCREENS = [(width, scheme) for width in (700, 375, 320) for scheme in ("light", "dark")]
screens = pytest.mark.parametrize(
    "page", SCREENS, indirect=True, ids=[f"{width}-{scheme}" for width, scheme in SCREENS]
)


@screens
@pytest.mark.parametrize("issue", SHOWN)
def test_an_issue_fits_its_screen_and_asks_nobody_for_anything(page: Any, built_sample: Path, issue: str) -> None:
    page.goto((built_sample / issue / "issue.html").as_uri())
    measured = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth, document.compatMode]")
    assert measured[0] <= measured[1], "it scrolls sideways"
    assert measured[2] == "CSS1Compat"
    assert page.said == []
    assert [url for url in page.asked if not url.startswith("file://")] == []
    wide = page.evaluate(
        """[...document.body.querySelectorAll('*')].filter(element => {
             const box = element.getBoundingClientRect();
             return box.width && (box.right > innerWidth + 1 || box.left < -1);
           }).map(element => element.outerHTML.slice(0, 120))"""
    )
    assert wide == []
    broken = page.evaluate("[...document.images].filter(one => !one.complete || !one.naturalWidth).map(one => one.src)")
    assert broken == []


@pytest.mark.parametrize(
    "page", [(375, "light"), (375, "dark"), (320, "light")], indirect=True, ids=["light", "dark", "320"]
)
@pytest.mark.parametrize("issue", SAMPLE_ISSUES)
def test_axe_finds_nothing_to_object_to(page: Any, built_sample: Path, issue: str, referee: str) -> None:
    page.goto((built_sample / issue / "issue.html").as_uri())
    page.evaluate(referee)
    # `region` and `landmark-one-main` want <main>, which mail programs take out.
    found = page.evaluate(
        "axe.run(document, {rules: {region: {enabled: false}, 'landmark-one-main': {enabled: false}}})"
        ".then(result => result.violations.map(one => [one.id, one.nodes.map(node => node.html.slice(0, 160))]))"
    )
    assert found == []


@pytest.mark.parametrize("page", [(700, "light")], indirect=True)
def test_without_pictures_the_alt_texts_are_shown(page: Any, built_sample: Path) -> None:
    page.route("**/*.{png,jpg,gif}", lambda route: route.abort())
    page.goto((built_sample / "2024-09/network" / "issue.html").as_uri())
    alts = page.evaluate("[...document.images].map(one => one.alt)")
    assert alts
    assert all(alts)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("page", [(700, "light")], indirect=True)
def test_hostile_words_run_nothing(page: Any, tmp_path: Path) -> None:
    from tests.room import TOML, Room

    room = Room(tmp_path / "room")
    # Its quotation marks stay as typed: `document.title='hit'` would not run with others.
    room.file("newsletter.toml", TOML.replace("[organization]\n", "[organization]\ntypography = false\n"))
    attack = "\"><img src=x onerror=\"document.title='hit'\"><script>document.title='hit'</script><svg onload=alert(1)>"
    room.item("story", f"{attack}\n\n[x](javascript:alert(1))\n", title=attack, author=attack, image_credit=attack)
    room.front_page("2024-09/state-LPMN", attack, preheader=attack)
    assert room.build().is_good
    page.goto((room.root / "build/2024-09/state-LPMN/issue.html").as_uri())
    assert "hit" not in page.title().replace(attack, "")
    assert page.evaluate("document.querySelectorAll('script, svg, [onerror], [onload]').length") == 0
    assert page.evaluate("document.querySelector('h3').textContent") == attack
    assert page.said == []
