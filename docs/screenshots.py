"""Takes the documentation's pictures: `make screenshots`. Needs Chromium, and the font that stands in for Georgia.

docs/issue.png        the sample's network issue as its HTML shows it: on a desktop, on a phone, on a phone in the dark
docs/preview.svg      the terminal preview of the sample's LPMN issue, from its top to its first story
docs/preview-web.png  the page of `preview --web` with the same issue, slips in it
docs/site.png         the sample's site: its first page on a desktop, on a phone, on a phone in the dark
"""

import io
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from generate import with_slips
from georgia import style_sheet
from rich.console import Console
from rich.segment import SegmentLines
from rich.terminal_theme import MONOKAI

from newsletter.line import Builder
from newsletter.preview.blocks import lines_of
from newsletter.preview.pictures import drawer
from newsletter.preview.terminal import Manner, issue_view
from newsletter.read.load import load

ROOT = Path(__file__).resolve().parent.parent
ISSUE = "2024-09/state-LPMN"
WIDTH, LINES = 84, 62


def main() -> None:
    """Take them all."""
    take_issue(ROOT / "docs/issue.png")
    take_terminal(ROOT / "docs/preview.svg")
    take_page(ROOT / "docs/preview-web.png")
    take_site(ROOT / "docs/site.png")


def take_issue(target: Path) -> None:
    """Write what the network's issue is in a mail program."""
    with tempfile.TemporaryDirectory() as out:
        built = Builder(load(ROOT), Path(out)).build("2024-09/network")
        take_tops(Path(built.path, "issue.html"), 700, target)


def take_site(target: Path) -> None:
    """Write what the first page of the site is in a browser."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "site")
        subprocess.run(
            [sys.executable, "-m", "newsletter", "site", "--out", str(out)], cwd=ROOT, check=True, capture_output=True
        )
        take_tops(out / "index.html", 1024, target)


def take_tops(shown: Path, wide: int, target: Path) -> None:
    """Write the tops of one page side by side: wide, on a phone, on a phone in the dark."""
    from PIL import Image
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or sys.exit("Chromium is not installed; on Debian: apt install chromium")
    georgia = style_sheet()
    shots = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for width, scheme in ((wide, "light"), (375, "light"), (375, "dark")):
            page = browser.new_page(viewport={"width": width, "height": 1250}, color_scheme=scheme, bypass_csp=True)
            page.goto(shown.as_uri())
            page.add_style_tag(content=georgia)
            page.evaluate("Promise.all([...document.fonts].map(face => face.load()))")
            shots.append(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))
        browser.close()
    gap = 24
    sheet = Image.new("RGB", (sum(shot.width + gap for shot in shots) + gap, shots[0].height + 2 * gap), "#8F8A80")
    left = gap
    for shot in shots:
        sheet.paste(shot, (left, gap))
        left += shot.width + gap
    sheet.quantize(192).save(target, optimize=True)
    print(target)


def take_terminal(target: Path) -> None:
    """Write what a terminal with colours and clickable links shows."""
    with tempfile.TemporaryDirectory() as out:
        made = Builder(load(ROOT), Path(out)).whole(ISSUE)
    console = Console(
        width=WIDTH,
        record=True,
        force_terminal=True,
        color_system="truecolor",
        highlight=False,
        file=io.StringIO(),
    )
    manner = Manner(links="clickable", draw=drawer(made.delivery.pictures, WIDTH, "blocks"))
    lines = lines_of(console, issue_view(made.issue, made.cover, made.delivery, manner), WIDTH)
    console.print(SegmentLines(lines[:LINES], new_lines=True), end="", crop=False)
    picture = console.export_svg(title="newsletter preview LPMN", theme=MONOKAI, unique_id="preview")
    # The typeface would come from another host, which no page that shows the picture should have to ask.
    target.write_text(re.sub(r"\s*@font-face \{.*?\}", "", picture, flags=re.DOTALL), "utf-8")
    print(target)


def take_page(target: Path) -> None:
    """Write what Chromium shows of the page, the mail at the width of a desktop."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or sys.exit("Chromium is not installed; on Debian: apt install chromium")
    with tempfile.TemporaryDirectory() as folder:
        with_slips(ROOT, Path(folder, "newsroom"))
        # One more, which stands at the top.
        front = Path(folder, "newsroom", "issues", f"{ISSUE}.md")
        front.write_text(front.read_text("utf-8").replace("full notebooks", "full full notebooks"), "utf-8")
        command = [sys.executable, "-m", "newsletter", "preview", "LPMN", "-m", "2024-09", "--web", "--no-open"]
        server = subprocess.Popen(
            [*command, "--port", "0", "--newsroom", f"{folder}/newsroom"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=ROOT,
        )
        try:
            assert server.stdout
            address = server.stdout.readline().strip()
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
                page = browser.new_page(viewport={"width": 1360, "height": 900}, bypass_csp=True)
                page.goto(address)
                page.wait_for_selector(".group")
                page.locator("a", has_text="network").locator(".mark:not(:empty)").wait_for()
                # Nothing runs in the mail's frame, so the page around it hands the fonts in.
                page.evaluate(
                    """css => {
                      for (const one of [document, document.querySelector("iframe").contentDocument]) {
                        const style = one.createElement("style");
                        style.textContent = css;
                        one.head.append(style);
                      }
                    }""",
                    style_sheet(),
                )
                page.wait_for_timeout(1000)
                page.screenshot(path=target)
                browser.close()
        finally:
            server.terminate()
            server.wait()
    print(target)


if __name__ == "__main__":
    main()
