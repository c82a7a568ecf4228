"""Looks for what grows faster than its input: hostile signs in every place that text can stand in, stage by stage.

`python benchmarks/growth.py` writes a newsroom for each sign (and, with --pairs, for each two of them) and each place,
runs every stage over it at two sizes, and prints the stages whose time grew faster than the text. Each newsroom is read
in a process of its own, which is ended when it takes too long. tests/test_linear.py asks a few of the same questions.
"""

import argparse
import contextlib
import multiprocessing
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from itertools import permutations
from pathlib import Path
from typing import Any

from newsletter.errors import CommandError, ContentError

# What somebody may repeat. Line ends and blanks too: most patterns that grow too fast do so over those.
SIGNS = (
    *(
        "?",
        "!",
        "¿",
        "…",
        ".",
        ",",
        ":",
        ";",
        "-",
        "–",
        "=",
        "+",
        "~",
        "`",
        "*",
        "_",
        "#",
        "\\",
        "/",
        "@",
        "&",
        "%",
        "$",
    ),
    *("|", "(", ")", "[", "]", "{", "}", "<", ">", "'", '"', "’", "^", "0", "a", "A", "é", "e\u0301", "\u0301", "ж"),
    *(" ", "\t", "\n", "\u00a0", "\u200d", "\u00ad", "🎉", "🎉\u200d", "👩\u200d🚀 ", "a ", "A ", "a a ", "AB ", "a\n"),
    *("[^", "[^a", "![", "](", "[a](", "[a](b", "![a](", "[a]", "[a]: b\n", "[a]:", "[a][", "<a", "</", "<!--", "<a@b"),
    *(
        "&a",
        "&#",
        "&amp;",
        "%%",
        "%%a",
        "%%a|",
        "%%first_name|",
        "%%first_name%%",
        "%%browser_url%% ",
        "**a",
        "**a ",
        "__a",
    ),
    *(
        "*a_",
        "~~a",
        "a**a",
        "_a ",
        "``",
        "`a",
        "``a`",
        "\\`",
        "```\n",
        "~~~\n",
        "    a\n",
        "> ",
        ">a\n",
        "- ",
        "- - ",
        "1. ",
    ),
    *(
        "- a\n",
        "1. a\n",
        "# a\n",
        "a\n=\n",
        "---\n",
        "* * *\n",
        "a  \n",
        "a\n\n",
        "http://",
        "http://a",
        "https://a.b ",
        "www.",
    ),
    *(
        "a@a",
        "a@",
        "a.a",
        "a-",
        "a.",
        "TK ",
        "[insert ",
        "{a",
        "{{",
        "{{a",
        "<<a",
        "(c)",
        "© 20",
        "© 2020-",
        "2020 ",
        "by May 1, ",
    ),
    *(
        "Monday ",
        "Monday, May ",
        "Ã",
        "â€",
        "§",
        "\u05d0",
        "ﷺ",
        "ß",
        "İ",
        "data:",
        "![a](data:",
        "<p>",
        "<p ",
        "</p>",
        "a:",
        "12:",
    ),
    *(
        "|-",
        "|-|",
        ":-",
        "[ ] ",
        "[x]\n",
        "•a\n",
        "a, ",
        "a ,",
        "\\\\",
        "\\a",
        "//",
        "../",
        "qz71x",
        "qz7",
        "*|",
        "[[",
        "{%",
        "#{",
    ),
)
FRONT = "title: A title\nchapters: [LPMN]\nmonth: 2024-09\nsection: wins\n"
TOML = """\
[organization]
name = "Example Network"
website = "https://network.example"
postal_address = "Example Network, 1 Main Street, Saint Paul, MN 55101"
sender_address = "news@network.example"
unsubscribe_url = "https://network.example/unsubscribe"
browser_url = "https://network.example/{id}"
[publications.state]
title = "State Download"
scope = "chapter"
[chapters.LPMN]
name = "Minnesota"
[sections.wins]
title = "Wins"
"""


def main() -> None:
    """Try every sign in every place, and print what grew too fast."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--size", type=int, default=25_000, help="characters of the smaller text; the other has 4 times"
    )
    parser.add_argument("--pairs", action="store_true", help="each two signs in turn as well")
    parser.add_argument("--place", action="append", choices=[*PLACES], help="only there")
    parser.add_argument("--sign", action="append", help="only that (as Python writes it)")
    parser.add_argument("--limit", type=float, default=10.0, help="seconds for a newsroom")
    parser.add_argument("--floor", type=float, default=0.25, help="seconds below which a stage is not told")
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    signs = [one.encode().decode("unicode_escape") for one in asked.sign] if asked.sign else [*SIGNS]
    if asked.pairs:
        signs += ["".join(pair) for pair in permutations(signs, 2)]
    todo = [(place, sign) for place in asked.place or PLACES for sign in dict.fromkeys(signs)]
    with ThreadPoolExecutor(asked.jobs) as pool:
        for (place, sign), told in zip(todo, pool.map(partial(look, asked=asked), todo), strict=True):
            for line in told:
                print(f"{place:<12} {sign!r:<22} {line}", flush=True)


def look(one: tuple[str, str], asked: argparse.Namespace) -> list[str]:
    """Return a line for each stage that grew too fast."""
    place, sign = one
    large = measured(place, repeated(sign, 4 * asked.size), asked.limit)
    suspects = {stage for stage, took in large.items() if took > asked.floor}
    if not suspects:
        return []
    small = measured(place, repeated(sign, asked.size), asked.limit)
    lines = []
    for stage in suspects:
        growth = large[stage] / max(small.get(stage, 0), 1e-4)
        if growth > 7 or large[stage] >= asked.limit:
            lines.append(f"{stage:<28} {small.get(stage, 0):8.3f} s -> {large[stage]:8.3f} s  (x {growth:.1f})")
    return sorted(lines)


def repeated(sign: str, size: int) -> str:
    """Return the sign as often as fits."""
    return sign * (size // len(sign))


def measured(place: str, text: str, limit: float) -> dict[str, float]:
    """Return the seconds of each stage over a newsroom with that text in that place; `limit` where it was ended."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    root = Path(tempfile.mkdtemp(prefix="growth-"))
    worker = context.Process(target=_run, args=(root, place, text, theirs), daemon=True)
    worker.start()
    theirs.close()
    took: dict[str, float] = {}
    stage, until = "start", time.monotonic() + limit
    try:
        while ours.poll(max(0, until - time.monotonic())):
            stage, seconds = ours.recv()
            if seconds is not None:
                took[stage] = seconds
        took[stage] = limit
    except EOFError:
        pass
    finally:
        worker.kill()
        worker.join()
        shutil.rmtree(root, ignore_errors=True)
    return took


def _run(root: Path, place: str, text: str, told: Any) -> None:
    def timed(stage: str, work: Callable[[], Any]) -> Any:
        told.send((stage, None))
        begun = time.process_time()
        try:
            return work()
        except (ContentError, CommandError):
            return None
        except Exception as error:
            told.send((f"TRACEBACK {stage} {type(error).__name__}: {str(error)[:80]}", 99.0))
            return None
        finally:
            told.send((stage, time.process_time() - begun))

    PLACES[place](root, text)
    with contextlib.suppress(OSError):
        for stage, work in stages(root):
            timed(stage, work)


def stages(root: Path) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield every stage of every command with what runs it, in the order in which they build on each other."""
    from rich.console import Console

    from newsletter.check.fix import mend
    from newsletter.check.registry import _run as run_rule
    from newsletter.check.registry import rules
    from newsletter.deliver import tags
    from newsletter.deliver.export import export
    from newsletter.deliver.message import make_message
    from newsletter.deliver.providers import providers
    from newsletter.issue.assemble import assemble
    from newsletter.issue.compose import compose
    from newsletter.issue.edition import edition_of
    from newsletter.line import Builder, Made
    from newsletter.look.pictures import facts, prepare
    from newsletter.look.render import render
    from newsletter.preview.blocks import folded, lines_of
    from newsletter.preview.inbox import sheet_view, sheets
    from newsletter.preview.terminal import Manner, issue_view
    from newsletter.read import prose
    from newsletter.read.load import load

    kept: dict[str, Any] = {}

    def keep(name: str, work: Callable[[], Any]) -> Callable[[], Any]:
        def run() -> None:
            kept[name] = work()

        return run

    yield "load", keep("newsroom", lambda: load(root))
    if not (newsroom := kept.get("newsroom")):
        return
    if newsroom.faults:
        yield "print faults", lambda: "\n".join(map(str, newsroom.faults))
    builder = Builder(newsroom, root / "build")
    edition = edition_of(newsroom, "2024-09/state-LPMN")
    body = "".join(item.body for item in newsroom.items)
    yield "prose parse", lambda: list(prose.passages(body))
    yield "prose text", lambda: prose.to_text(body, lambda address: "[1]")
    yield "prose html", lambda: prose.to_html(body, {}, {})
    yield "prose plain", lambda: prose.plain(body)
    yield "assemble", keep("issue", lambda: assemble(newsroom, edition))
    if not (issue := kept.get("issue")):
        return
    yield "compose", keep("cover", lambda: compose(issue))
    yield "typed tags", lambda: tags.typed_tags(issue, builder.providers, newsroom.config)
    if not (cover := kept.get("cover")):
        return
    yield "pictures", keep("pictures", lambda: prepare(issue, root))
    yield "render", keep("email", lambda: render(issue, cover, kept.get("pictures") or {}, builder.look))
    if not (email := kept.get("email")):
        return
    known = providers(newsroom.config)
    yield "translate", keep("delivery", lambda: tags.translate(email, issue, known["html"], {}))
    delivery = kept.get("delivery")
    if not delivery:
        return
    yield "message", lambda: make_message(issue, cover, delivery)
    made = Made(issue=issue, cover=cover, email=email, provider=known["html"], delivery=delivery)
    subject = builder.subject(made, date(2024, 9, 1))
    yield "manuscripts", lambda: subject.manuscripts
    yield "page", lambda: subject.page.elements
    for slug, rule in rules().items():
        if rule.looks_at:
            yield f"rule {slug}", partial(run_rule, rule, subject)
    yield "facts", lambda: facts(issue, root)
    console = Console(width=100, file=open("/dev/null", "w"), force_terminal=True)  # noqa: PTH123, SIM115
    yield "preview", keep("lines", lambda: lines_of(console, issue_view(issue, cover, delivery, Manner()), 100))
    yield "preview folded", lambda: folded(kept["lines"], 60)
    yield "inbox", lambda: lines_of(console, sheet_view(sheets([(issue, cover, delivery)])), 100)
    for name, provider in known.items():

        def exported(provider: Any = provider) -> Any:
            made = tags.translate(email, issue, provider, {})
            return export(issue, cover, email, made, provider)

        yield f"export {name}", exported
    yield "fix", keep("edits", lambda: mend(newsroom, [edition]))
    yield "diff", lambda: [list(edit.diff()) for edit in kept.get("edits") or ()]


def _room(root: Path, item: str = f"---\n{FRONT}---\nWords.\n", toml: str = TOML, front: str = "") -> None:
    (root / "issues/2024-09/items").mkdir(parents=True)
    (root / "newsletter.toml").write_text(toml)
    (root / "issues/2024-09/items/story.md").write_text(item)
    if front:
        (root / "issues/2024-09/state-LPMN.md").write_text(front)


def _quoted(text: str) -> str:
    """Return the text as one that YAML and TOML both take."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def _key(name: str) -> Callable[[Path, str], None]:
    front = FRONT.replace("title: A title\n", "") if name == "title" else FRONT

    def write(root: Path, text: str) -> None:
        extra = "starts: 2024-09-30 18:00\n" if name in {"location"} else ""
        _room(root, f"---\n{front}{extra}{name}: {_quoted(text)}\n---\nWords.\n")

    return write


def _setting(line: str, after: str) -> Callable[[Path, str], None]:
    def write(root: Path, text: str) -> None:
        lines = [one for one in TOML.split("\n") if not (line and one.startswith(line.partition(" ")[0] + " "))]
        lines.insert(lines.index(after) + 1, line.replace("…", _quoted(text)))
        _room(root, toml="\n".join(lines))

    return write


PLACES: dict[str, Callable[[Path, str], None]] = {
    "body": lambda root, text: _room(root, f"---\n{FRONT}---\n{text}\n"),
    "body a b": lambda root, text: _room(root, f"---\n{FRONT}---\na {text} b\n"),
    "greeting": lambda root, text: _room(root, front=f"{text}\n"),
    "alt": lambda root, text: _room(root, f"---\n{FRONT}---\n![{text}](https://a.example/b.png)\n"),
    "words": lambda root, text: _room(root, f"---\n{FRONT}---\n[{text}](https://a.example/b)\n"),
    "address": lambda root, text: _room(root, f"---\n{FRONT}---\n[a](https://a.example/{text})\n"),
    **{key: _key(key) for key in ("title", "headline", "location", "link_label", "source", "image_alt")},
    "link": lambda root, text: _key("link")(root, f"https://a.example/{text}"),
    "unknown": _key("unknown"),
    "starts": _key("starts"),
    "key": lambda root, text: _room(root, f"---\n{FRONT}{text}: a\n---\nWords.\n"),
    "yaml": lambda root, text: _room(root, f"---\n{FRONT}link_label: {text}\n---\nWords.\n"),
    "front": lambda root, text: _room(root, f"---\n{text}\n---\nWords.\n"),
    "file": lambda root, text: _room(root, text),
    "subject": lambda root, text: _room(root, front=f"---\nsubject: {_quoted(text)}\n---\nHello.\n"),
    "preheader": lambda root, text: _room(root, front=f"---\npreheader: {_quoted(text)}\n---\nHello.\n"),
    "headlines": lambda root, text: _room(root, front=f"---\nheadlines: [{_quoted(text)}]\n---\nHello.\n"),
    "organization": _setting("name = …", "[organization]"),
    "section": _setting("intro = …", "[sections.wins]"),
    "greets": _setting("greeting = …", "[organization]"),
    "pattern": _setting("subject = …", "[organization]"),
    "why": _setting("why = …", "[organization]"),
    "sender": _setting("reply_to = …", "[organization]"),
    "toml": lambda root, text: _room(root, toml=f"{text}\n{TOML}"),
    "toml line": lambda root, text: _room(root, toml=TOML + text),
    "toml value": lambda root, text: _room(root, toml=f"{TOML}{TOML and 'intro = '}{text}\n"),
    "toml header": lambda root, text: _room(root, toml=f"{TOML}[{text}\n"),
    "toml comment": lambda root, text: _room(root, toml=f"{TOML}# {text}\n"),
    "toml many": lambda root, text: _room(root, toml=f'{TOML}intro = """\n{text}\n"""\n'),
    "words of look": _setting("[words]\nlink = …", ""),
}


if __name__ == "__main__":
    main()
