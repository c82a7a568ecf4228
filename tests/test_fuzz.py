"""Newsrooms as strangers, slips and failing disks leave them: some of those that tests/fuzz/fuzz.py makes."""

import subprocess
import sys
from pathlib import Path

import pytest

FUZZ = Path(__file__).parent / "fuzz" / "fuzz.py"


# More of them by hand: python tests/fuzz/fuzz.py --minutes 60 --seed 100000
@pytest.mark.skipif(sys.platform == "win32", reason="the fuzzer forks")
@pytest.mark.parametrize("seed", [1, 101, 201, 301])
def test_whatever_a_newsroom_holds_ends_in_words_in_time_and_in_bounds(seed: int) -> None:
    done = subprocess.run(
        [sys.executable, str(FUZZ), "--seed", str(seed), "--count", "25"],
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "25 newsrooms tried, 0 at fault"
