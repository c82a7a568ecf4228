"""Measures the site of a year of fifty chapters: written anew, and when nothing has changed.

`python -m benchmarks.site` marks 600 issues with pictures as sent and prints how long their site takes beside the build
of those mails, both from an empty cache but for the compiled look, and the seconds of a second call. It leaves nothing
behind, and never fails for being slow.
"""

import argparse
import shutil
import tempfile
from pathlib import Path

from benchmarks.commands import looked, only_look, own_places
from benchmarks.rooms import write_newsroom
from benchmarks.turns import Row, command, in_turns, most_memory, newsletter, ratio, show

_YEAR = [f"2024-{month:02}" for month in range(1, 13)]
_CHAPTERS = 50
_SITE = """
[site]
url = "https://example.org/downloads"
posts = ["spotlight"]
news = "news"
press = "resources"
"""


def main() -> None:
    """Run both measures and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    # A year takes half a minute, and its site a quarter of one.
    parser.add_argument("--rounds", type=int, default=2, help="runs of each command (2)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="newsletter-bench-") as folder:
        own_places(Path(folder))
        rows = site_of_a_year(Path(folder), options.rounds)
    show(rows, options.rounds)


def site_of_a_year(folder: Path, rounds: int) -> list[Row]:
    """Twelve months of fifty chapters: 600 issues, their mails and their pages."""
    newsroom = write_newsroom(folder / "year", chapters=_CHAPTERS, months=_YEAR)
    with (newsroom / "newsletter.toml").open("a", encoding="utf-8") as settings:
        settings.write(_SITE)
    own = ["--newsroom", str(newsroom), "--out"]
    build = [*newsletter(), "build", "--all", *own, str(newsroom / "build")]
    site = [*newsletter(), "site", *own, str(newsroom / "site")]
    command(build)()
    issues = sorted(path.relative_to(newsroom / "build").as_posix() for path in (newsroom / "build").glob("*/*"))
    for month in _YEAR:
        sent = [issue for issue in issues if issue.startswith(month)]
        command([*newsletter(), "sent", *sent, *own, str(newsroom / "build")])()
    look, cache, kept = looked(folder), folder / "year-cache", folder / "kept-cache"
    whole, mails, unchanged = in_turns(
        rounds,
        command(site, before=only_look(look, cache, newsroom / "site"), cache=cache),
        command([*build[:-1], str(folder / "out")], before=only_look(look, cache, folder / "out"), cache=cache),
        command([*site[:-1], str(folder / "kept-site")], cache=kept),
    )
    verdict = "met" if unchanged.clock <= 3 else "missed"
    shutil.rmtree(newsroom)
    return [
        ratio(f"a site of {len(issues)} issues / the build of their mails", whole.clock, mails.clock, 1.5),
        Row(measure="  the same, unchanged", figure=f"{unchanged.clock:.2f} s", bar="<= 3 s", verdict=verdict),
        most_memory(whole, unchanged),
    ]


if __name__ == "__main__":
    main()
