"""Commands and functions, timed in turns; what comes of it, in a table with its bars.

What is compared runs in turns (A B A B …), so that a busy machine slows both alike. Of a command counts the median.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
# The most memory that any process of a command may take.
MOST_MB = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table; without a bar it is there to be known."""

    measure: str
    figure: str
    bar: str = ""
    verdict: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a command: seconds by the clock, seconds of processor time and MB of its largest process."""

    clock: float
    worked: float = 0.0
    memory: float = 0.0


def in_turns(rounds: int, *runs: Callable[[], Run]) -> list[Run]:
    """Run each once to warm up, then in turns; return of each the medians, and the most memory."""
    for run in runs:
        run()
    taken: list[list[Run]] = [[] for _ in runs]
    for _ in range(rounds):
        for run, known in zip(runs, taken, strict=True):
            known.append(run())
    return [
        Run(
            clock=median(run.clock for run in known),
            worked=median(run.worked for run in known),
            memory=max(run.memory for run in known),
        )
        for known in taken
    ]


def command(
    words: Sequence[str], before: Callable[[], object] = lambda: None, cache: Path | None = None
) -> Callable[[], Run]:
    """Return what runs a command, after what must come before it and is not counted; `cache` is where it keeps."""
    environment = {**os.environ, **({"NEWSLETTER_CACHE": str(cache)} if cache else {})}
    silent = subprocess.DEVNULL

    def run() -> Run:
        before()
        begun = time.perf_counter()
        process = subprocess.Popen(words, stdout=silent, stderr=silent, stdin=silent, env=environment)
        worked, memory = ended(process)
        return Run(clock=time.perf_counter() - begun, worked=worked, memory=memory)

    return run


def ended(process: subprocess.Popen[bytes]) -> tuple[float, float]:
    """Wait for a command; return its seconds of processor time with its workers', and the MB of the largest of them."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def ratio(measure: str, own: float, other: float, bar: float | None = None) -> Row:
    """Return the row of one time over another."""
    figure = own / other
    return Row(
        measure=f"{measure}  ({own * 1e3:,.0f} / {other * 1e3:,.0f} ms)",
        figure=f"{figure:.2f}",
        bar=f"<= {bar:g}" if bar else "",
        verdict="" if not bar else "met" if figure <= bar else "missed",
    )


def most_memory(*runs: Run) -> Row:
    """Return the row of the largest process of all these commands."""
    most = max(run.memory for run in runs)
    verdict = "met" if most <= MOST_MB else "missed"
    return Row(
        measure="  the most memory of a process", figure=f"{most:.0f} MB", bar=f"<= {MOST_MB} MB", verdict=verdict
    )


def show(rows: Sequence[Row], rounds: int) -> None:
    """Print the table, and on what machine it was measured."""
    heads = Row(measure="measure", figure="figure", bar="bar")
    widths = [max(len(getattr(row, name)) for row in (heads, *rows)) for name in ("measure", "figure", "bar")]
    for row in (heads, *rows):
        line = f"{row.measure:{widths[0]}}  {row.figure:>{widths[1]}}  {row.bar:>{widths[2]}}  {row.verdict}"
        print(line.rstrip())
    load = f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"{rounds} rounds; Python {sys.version.split()[0]}, {os.cpu_count()} processors, {load}\n")


def newsletter() -> list[str]:
    """Return the command as it is installed here."""
    script = Path(sys.executable).with_name("newsletter")
    return [str(script)] if script.exists() else [sys.executable, "-m", "newsletter"]


def mjml() -> list[str] | str:
    """Return the command of the official mjml, or in words why there is none."""
    local = ROOT / "tests" / "referees" / "node_modules" / ".bin" / "mjml"
    found = str(local) if local.exists() else shutil.which("mjml")
    if not found:
        return "mjml is not installed: npm ci --prefix tests/referees"
    tried = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
    if tried.returncode:
        return f"mjml does not run here: {(tried.stderr.strip() or 'no reason given').splitlines()[-1]}"
    return [found]
