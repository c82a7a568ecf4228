"""A seed -> a newsroom as a stranger, a slip or a failing disk may leave it."""

import contextlib
import os
import random
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BASES = [*sorted(path.parent for path in (ROOT / "tests" / "golden").glob("*/newsletter.toml")), ROOT]
# Lies outside every newsroom; no word of it may come out anywhere.
SECRET = "sesame-4711-open"

TOKENS = [
    *"\"'<>&\\%{}[]|*_`#~$@!-+=^:;,?()/\t\n\r\x00\x07\x08\x0b\x0c\x1b\x7f\x85\x9b\u200b\u200d\u202e\u2066\u2028\ufeff",
    *("---", "\n---\n", "...", "'''", '"""', "[[", "]]", "<<<<<<< HEAD\n", "=======\n", ">>>>>>> theirs\n"),
    *("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "javascript:alert(1)"),
    *("<iframe src=//x>", "<mj-raw>", "</mj-text>", "</td></tr></table>", "<!--", "-->", "<![CDATA[", "]]>", "</body>"),
    *("[a](javascript:alert(1))", "![](../../newsletter.toml)", "![x](/proc/self/environ)", "![y](a%00b.jpg)"),
    *(
        "data:text/html,<script>",
        "https://u:p@127.0.0.1/",
        "http://169.254.169.254/",
        "//x.example",
        "mailto:a@b.example",
    ),
    *("{{ 7*7 }}", "{% for a in range(99999) %}", "{{ ''.__class__.__mro__ }}", "{% include 'issue.mjml.j2' %}", "{##"),
    *("%%first_name|friend%%", "%%unsubscribe_url%%", "%%browser_url%%", "%%nope%%", "%%", "*|FNAME|*", "{{first}}"),
    *(
        "=?utf-8?q?x?=",
        "Bcc: x@y.example",
        "\r\nX: y",
        "\n::error::x",
        "##[add-mask]x",
        "\x1b]52;c;eA==\x07",
        "\x1b[2J",
    ),
    *("qz70x", "\x01unsubscribe_url\x02", "\x04x\x02", "&#x202e;", "&#0;", "&#27;", "&nbsp;", "\\x1b", "\\u202e"),
    *(
        "Cafe\u0301",
        "👩\u200d👩\u200d👧",
        "שלום",
        "مرحبا",
        "漢字",
        "\ud83d".encode("utf-8", "surrogatepass").decode("latin-1"),
    ),
    *(
        "9999-12-31",
        "0001-01-01",
        "2024-02-30 25:61",
        "1e999",
        "NaN",
        "-0",
        "007",
        "true",
        "null",
        "~",
        "&a *a",
        "!!python/x",
    ),
    *(
        "../" * 8 + "etc/passwd",
        "C:\\x",
        "con",
        "a\\b",
        "x" * 300,
        "é" * 5000,
        "[" * 2000,
        "> " * 500,
        "*_" * 1000,
        "`" * 999,
    ),
]
KEYS = ["title", "chapters", "month", "months", "section", "link", "image", "image_alt", "starts", "ends", "timezone"]
KEYS += ["deadline", "until", "order", "lead", "draft", "allow", "headline", "location", "rsvp", "language", "nonsense"]


def newsroom(seed: int, folder: Path) -> tuple[Path, list[str]]:
    """Write a mutated newsroom into the folder; return its root and what was done to it."""
    rng = random.Random(seed)
    root = folder / "room"
    base = rng.choice(BASES)
    root.mkdir()
    for name in ("newsletter.toml", "issues", "logo.gif"):
        source = base / name
        if source.is_dir():
            shutil.copytree(source, root / name)
        elif source.exists():
            shutil.copy(source, root / name)
    (folder / "secret.txt").write_text(SECRET)
    (folder / "secret.md").write_text(f"---\ntitle: {SECRET}\n---\n{SECRET}\n")
    done = [f"base {base.name}"]
    for _ in range(rng.choice([1, 1, 2, 3, 5, 9])):
        mutate = rng.choice(MUTATIONS)
        # What an earlier one has left may be no file any more.
        with contextlib.suppress(OSError, UnicodeError, ValueError, IndexError):
            done.append(f"{mutate.__name__}: {mutate(rng, root, folder)}")
    return root, done


def words(rng: random.Random, root: Path, folder: Path) -> str:
    """Put tokens into a text."""
    path = _text(rng, root)
    content = path.read_bytes().decode("utf-8", "replace")
    for _ in range(rng.choice([1, 2, 5, 20])):
        at = rng.randrange(len(content) + 1)
        content = content[:at] + rng.choice(TOKENS) * rng.choice([1, 1, 1, 2, 50]) + content[at:]
    path.write_bytes(content.encode("utf-8", "replace"))
    return path.name


def bytes_of(rng: random.Random, root: Path, folder: Path) -> str:
    """Flip, cut, double or move bytes of any file."""
    path = rng.choice(_files(root))
    content = bytearray(path.read_bytes())
    for _ in range(rng.choice([1, 3, 30])):
        at = rng.randrange(len(content))
        kind = rng.randrange(4)
        if kind == 0:
            content[at] = rng.randrange(256)
        elif kind == 1:
            del content[at : at + rng.choice([1, 10, 1000])]
        elif kind == 2:
            content[at:at] = content[at : at + rng.choice([1, 10, 1000])]
        else:
            content = content[at:] + content[:at]
    path.write_bytes(content)
    return path.name


def line(rng: random.Random, root: Path, folder: Path) -> str:
    """Give a key of an item another value, or a line another place."""
    path = _text(rng, root)
    lines = path.read_bytes().decode("utf-8", "replace").split("\n")
    at = rng.randrange(1, len(lines))
    kind = rng.randrange(3)
    if kind == 0:
        lines.insert(at, f"{rng.choice(KEYS)}: {rng.choice(TOKENS)}")
    elif kind == 1:
        lines[at] = lines[at].partition(":")[0] + ": " + rng.choice(TOKENS) + rng.choice(["", " x", '"'])
    else:
        lines.insert(rng.randrange(len(lines)), lines.pop(at))
    path.write_bytes("\n".join(lines).encode("utf-8", "replace"))
    return path.name


def much(rng: random.Random, root: Path, folder: Path) -> str:
    """Say one thing very often."""
    path = _text(rng, root)
    token = rng.choice(TOKENS) + rng.choice(["", " ", "\n", "a"])
    with path.open("ab") as file:
        file.write((token * (rng.choice([3_000, 60_000]) // len(token))).encode("utf-8", "replace"))
    return f"{path.name} {token[:9]!r}"


def encoding(rng: random.Random, root: Path, folder: Path) -> str:
    """Save a text as another editor would."""
    path = _text(rng, root)
    content = path.read_bytes().decode("utf-8", "replace")
    name = rng.choice(["utf-16", "utf-8-sig", "cp1252", "utf-32", "crlf", "cr"])
    ends = {"crlf": "\r\n", "cr": "\r"}.get(name)
    raw = content.replace("\n", ends).encode() if ends else content.encode(name, "replace")
    path.write_bytes(raw)
    return f"{path.name} {name}"


def other_file(rng: random.Random, root: Path, folder: Path) -> str:
    """Put something that is no file, or leads elsewhere, in a file's place."""
    path = rng.choice(_files(root))
    path.unlink()
    kind = rng.randrange(9)
    if kind < 5:
        targets = [
            "/proc/self/environ",
            "/dev/zero",
            str(folder / "secret.md"),
            path.name,
            "nowhere",
            "..",
            "/etc/passwd",
        ]
        path.symlink_to(rng.choice(targets))
    elif kind == 5:
        os.mkfifo(path)
    elif kind == 6:
        path.mkdir()
    elif kind == 7:
        with socket.socket(socket.AF_UNIX) as server, contextlib.chdir(path.parent):
            server.bind(path.name)
    else:
        path.touch()
    return f"{path.name} {kind}"


def names(rng: random.Random, root: Path, folder: Path) -> str:
    """Give a file an odd name, or put it elsewhere."""
    path = rng.choice(_files(root))
    stem = rng.choice(
        ["a\nb", "\x1b[31m", "\u202eabc", "x" * 240, "con", "-rf", "a b", "ä\u0308", ".hidden", "%41", "a\tb", "{}"]
    )
    raw = os.fsencode(path.parent / f"{stem}{path.suffix}")
    os.replace(path, raw if rng.randrange(6) else os.fsencode(path.parent) + b"/\xff\xfe.md")  # noqa: PTH105 - bytes
    return f"{path.name} {stem!r}"


def folders(rng: random.Random, root: Path, folder: Path) -> str:
    """Lay folders where nobody expects them."""
    month = rng.choice(sorted(path for path in (root / "issues").iterdir() if path.is_dir()))
    kind = rng.randrange(4)
    if kind == 0:
        (month / "more").symlink_to(rng.choice([folder, Path("items"), Path("/proc/self"), Path("more")]))
    elif kind == 1:
        deep = month / "items"
        for _ in range(60):
            deep /= "deeper-and-deeper"
            deep.mkdir()
    elif kind == 2:
        shutil.move(month, root / "elsewhere")
        month.symlink_to(rng.choice([root / "elsewhere", folder]))
    else:
        (month / "items").chmod(0)
    return f"{month.name} {kind}"


def pictures(rng: random.Random, root: Path, folder: Path) -> str:
    """Put a picture that is none, or a bomb, in a picture's place."""
    suffixes = {".jpg", ".png", ".gif"}
    path = rng.choice([path for path in _files(root) if path.suffix in suffixes])
    big = (40_000).to_bytes(4, "big")
    content: bytes = rng.choice(
        [
            b"GIF89a" + b"A" * 40,
            b"GIF89a\xff\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02L\x01\x00;",
            b"GIF89a/*<script>alert(1)</script>*/",
            b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + big + big + b"\x08\x02\x00\x00\x00" + b"\x00" * 40,
            b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
            + b"\xff\xc0\x00\x0b\x08\xff\xff\xff\xff\x01\x01\x11\x00",
            b"RIFF\x24\x00\x00\x00WEBPVP8 " + b"\x00" * 30,
            b"BM" + b"\xff" * 60,
            b"II*\x00" + b"\x00" * 40,
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
            b"",
        ]
    )
    path.write_bytes(content)
    return f"{path.name} {content[:12]!r}"


def template(rng: random.Random, root: Path, folder: Path) -> str:
    """Bring a template, with something in it that a template should not have."""
    packaged = ROOT / "templates"
    source = rng.choice([path for path in packaged.rglob("*") if path.is_file()])
    path = root / "templates" / source.relative_to(packaged)
    path.parent.mkdir(parents=True, exist_ok=True)
    content = source.read_text("utf-8")
    at = rng.randrange(len(content) + 1)
    token = rng.choice(
        [
            *("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}", "{{ 'x' * 10**9 }}"),
            *("{% include 'issue.mjml.j2' %}", "{% set x = 'aaaaaaaaaaaaaaaa' %}" + "{% set x = x ~ x %}" * 40),
            *(
                "{{ ''.__class__.__mro__[1].__subclasses__() }}",
                "{{ self.__init__.__globals__ }}",
                "{{ cycler.__init__ }}",
            ),
            *("{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}", "{{ 10**10**10 }}", "{% if %}", "{{ 1/0 }}"),
            *(
                "{{ 'a'.center(10**9) }}",
                "{{ '%999999999d' % 1 }}",
                "{{ lipsum(n=10**6) }}",
                "@import url(/etc/passwd);",
            ),
            *("<mj-include path='/etc/passwd' />", "<mj-text>", "</mj-column>", "}", "{", "<", "&", "\x00", "\x1b"),
            rng.choice(TOKENS),
        ]
    )
    path.write_text(content[:at] + token + content[at:], "utf-8")
    return f"{path.name} {token[:30]!r}"


def output(rng: random.Random, root: Path, folder: Path) -> str:
    """Bring a build/ with something in it that no build of ours wrote."""
    month = rng.choice(sorted(path.name for path in (root / "issues").iterdir() if path.is_dir()))
    place = root / "build" / month / "network"
    kind = rng.randrange(6)
    if kind == 0:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(root / "issues" / month / "items")
    elif kind == 1:
        place.parent.parent.mkdir(exist_ok=True)
        place.parent.symlink_to(folder)
    elif kind == 2:
        (root / "build").symlink_to(folder)
    else:
        place.mkdir(parents=True)
        (place / "notes.txt").write_text("a colleague's")
        if kind == 4:
            (place / "manifest.json").write_text(
                '{"issue": 1, "parts": {"notes.txt": {}, "../../../newsletter.toml": {}}}'
            )
        elif kind == 5:
            os.mkfifo(place / "manifest.json")
    return f"{month} {kind}"


MUTATIONS: list[Callable[[random.Random, Path, Path], str]] = [
    *(words, words, words, line, line, line, bytes_of, bytes_of, much, encoding, other_file, other_file),
    *(names, folders, pictures, template, template, output),
]


def _files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink() and path.stat().st_size)


def _text(rng: random.Random, root: Path) -> Path:
    texts = [path for path in _files(root) if path.suffix in {".md", ".toml"}]
    settings = root / "newsletter.toml"
    # newsletter.toml concerns everything, and is one file among many. It may be a pipe by now, or lead to one.
    return settings if settings in texts and not rng.randrange(4) else rng.choice(texts)
