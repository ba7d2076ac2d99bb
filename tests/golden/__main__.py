"""``python -m tests.golden`` writes the golden runs anew; ``make golden`` calls it."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from golden_runs import FILE, differences, golden_runs, read, write

from sim.api.health.self_test import write_expected


def main() -> None:
    """Write the files and say what changed in the first; the second is what `bayah doctor` expects."""
    found = differences(read(), golden_runs()) if FILE.exists() else []
    write()
    write_expected()
    for line in found[:20]:
        print(line)
    changed = f"{len(found)} numbers changed" if found else "nothing changed"
    print(f"{FILE.name}: {changed}")


if __name__ == "__main__":
    main()
