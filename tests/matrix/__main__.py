"""``python -m tests.matrix``: the same runs in every surroundings that can be had here; ``make matrix`` calls it.

Environments are made beside ``.venv`` the first time (some minutes each, compilation included). The exit code is 1
where a record is not what it must be.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from matrix_surroundings import (
    CHOICES,
    Found,
    Surroundings,
    make,
    make_runs,
    makeable,
    near_here,
    unlike,
)

TELL = ("python", "mesa", "numba", "numpy", "processor")


def verdict(here: Found, where: Surroundings, there: Found) -> tuple[bool, str]:
    """Whether the records are what they must be, and what there is to say."""
    drivers = [name for name, pair in there.digests.items() if len(set(pair.values())) > 1]
    found = unlike(here, there)
    if drivers:
        return False, f"the drivers disagree: {', '.join(drivers)}"
    if not found:
        return True, f"the same to the bit ({len(there.digests)} records, both drivers)"
    told = "; ".join(f"{one.part}: {one.numbers} of {one.of}, at most {one.largest:.1e}" for one in found)
    chosen = [one.part for one in found if one.part.rpartition("|")[2] in CHOICES]
    return not where.exact and not chosen, f"not the same: {told}"


def main() -> int:
    """Make the runs everywhere and print a line for each."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.matrix", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument(
        "--runs", type=int, default=300, help="runs of the baseline compared, too (default 300)"
    )
    parser.add_argument(
        "--here", action="store_true", help="make no environments, only what this Python can show"
    )
    options = parser.parse_args()
    held = True
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        here = make_runs(Surroundings("here"), folder, options.runs)
        print("here: " + ", ".join(f"{key} {here.environment[key]}" for key in TELL), flush=True)
        for where in near_here():
            held &= _tell(here, where, folder, options.runs)
        for title, (python, pins) in {} if options.here else makeable().items():
            held &= _tell(here, make(title, python, pins), folder, options.runs)
    return 0 if held else 1


def _tell(here: Found, where: Surroundings, folder: Path, runs: int) -> bool:
    there = make_runs(where, folder, runs)
    good, words = verdict(here, where, there)
    made_with = ", ".join(
        f"{key} {there.environment[key]}" for key in TELL if there.environment[key] != here.environment[key]
    )
    print(
        f"{where.name}{f' ({made_with})' if made_with else ''}: {'' if good else 'WRONG: '}{words}",
        flush=True,
    )
    return good


if __name__ == "__main__":
    sys.exit(main())
