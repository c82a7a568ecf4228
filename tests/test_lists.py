"""The lists that rules hold words and addresses against: files in newsletter/check/data."""

import subprocess
import sys
import unicodedata

import pytest

from newsletter.check import clients, lists
from newsletter.check.clients import support, title

LANGUAGES = {"en", "es", "fr", "pt", "de", "ar", "he", "zh", "vi", "ht"}


# A few of each language, as links have them; Arabic and Hebrew may have signs below the letters, for learners.
VAGUE = """
Click here | read more … | » Learn more | Haz clic aquí | Más información | En savoir plus | Lire la suite
plus d’infos | Plus d'infos | Saiba mais | clique aqui! | Mehr erfahren | hier | اقرأ المزيد | اضغط هنا | هُنا
לחצו כאן | כָּאן | 点击这里 | 點擊這裡 | 了解更多 > | Xem thêm | tại đây | klike la | Li plis
"""
TELLING = """
Read more about the plan | Here and now | Learn more Spanish | Más Madrid | Plus belle la vie | ici Montréal
Mais Educação | Mehr Demokratie | هنا القاهرة | כאן תל אביב | 更多绿地计划 | Xem thêm phim
"""


def each(listed: str) -> list[str]:
    """Return what stands between the bars."""
    return [one.strip() for line in listed.strip().splitlines() for one in line.split(" | ")]


@pytest.mark.parametrize("words", each(VAGUE))
def test_words_that_name_no_page_are_vague_in_ten_languages(words: str) -> None:
    assert lists.is_vague(words)


def test_letters_with_their_accents_apart_are_as_vague() -> None:
    assert lists.is_vague(unicodedata.normalize("NFD", "Xem thêm"))


@pytest.mark.parametrize("words", ["", *each(TELLING)])
def test_words_that_name_a_page_are_not_vague(words: str) -> None:
    assert not lists.is_vague(words)


def test_vague_words_are_known_in_every_language_of_the_fixed_words() -> None:
    assert lists.table("words")["vague"].keys() == LANGUAGES


def test_a_feature_that_readers_can_do_without_is_one_that_caniemail_knows() -> None:
    assert all(title(slug) and support(slug, clients.clients()[0]) for slug in clients.harmless())


def test_no_list_names_a_thing_twice() -> None:
    for name in ("hosts", "words"):
        for kind, listed in lists.table(name).items():
            for one in listed.values() if isinstance(listed, dict) else [listed]:
                assert sorted(set(one)) == sorted(one), kind
    for kind in ("properties", "tags", "functions", "words"):
        words = [word for named in lists.table("features")[kind].values() for word in named]
        assert len(words) == len(set(words)), kind


def test_help_reads_no_list() -> None:
    code = (
        "import sys; from newsletter.cli import main\n"
        "try: main(['check', '--help'])\n"
        "except SystemExit: pass\n"
        "print('newsletter.check.lists' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr.strip() == "False"
