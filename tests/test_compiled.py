"""What tests share of the packaged templates changes nothing of an issue or a site, and is what commands ask for."""

import shutil
from pathlib import Path

from newsletter.cli import cache_of
from newsletter.line import Builder
from newsletter.memo import Cache
from tests.compiled import COMPILED, lay
from tests.conftest import Run
from tests.room import Room

SITE = '\n[site]\nurl = "https://example.org/downloads"\n'


def written(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_issue_is_the_same_whether_its_templates_are_compiled_or_not(room: Room) -> None:
    looks = {"wins": "a", "action": "b", "events": "c", "in-the-news": "d", "remembrance": "e"}
    for section, slug in looks.items():
        room.item(slug, section=section, starts="2024-09-10" if section == "events" else None)
    caches = [Cache(None), COMPILED, COMPILED, room.builder().cache]
    for number, cache in enumerate(caches):
        assert Builder(room.load(), room.root / f"build-{number}", cache=cache).build("2024-09/state-LPMN").is_good
    first, *others = [written(room.root / f"build-{number}") for number in range(len(caches))]
    assert len(first) > 3
    assert others == [first] * 3


def test_what_one_test_writes_over_the_next_finds_whole(tmp_path: Path) -> None:
    lay(tmp_path / "one")
    first = written(tmp_path / "one")
    for path in (tmp_path / "one").iterdir():
        path.write_bytes(b"odd")
    lay(tmp_path / "two")
    assert written(tmp_path / "two") == first


def test_a_build_and_a_site_compile_nothing_where_all_is_laid(room: Room, run: Run, tmp_path: Path) -> None:
    with (room.root / "newsletter.toml").open("a", encoding="utf-8") as file:
        file.write(SITE)
    room.item()
    folders = [tmp_path / "laid", tmp_path / "empty"]
    lay(folders[0])
    known = {path.name for path in folders[0].iterdir()}
    sites = []
    for folder in folders:
        shutil.rmtree(room.root / "build", ignore_errors=True)
        cache_of.cache_clear()
        for words in (("build", "2024-09/state-LPMN"), ("site", "--all")):
            assert run(*words, env={"NEWSLETTER_CACHE": str(folder)}).exit_code == 0
        sites.append(written(room.root / "site"))
    compiled = [{path.name for path in folder.glob("*.jinja")} for folder in folders]
    assert compiled[0] == known
    assert compiled[1]
    assert compiled[1] < known
    assert sites[0] == sites[1]
