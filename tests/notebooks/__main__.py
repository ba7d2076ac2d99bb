"""``python -m tests.notebooks`` executes the notebooks and writes them anew; ``make notebooks`` calls it."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from notebook_files import SCRIPTS, beside, execute, text_of, warm


def main() -> None:
    """Write every notebook and say how long it took and how large it is."""
    warm()
    for script in SCRIPTS:
        start = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            text = text_of(execute(script, Path(folder)))
        beside(script).write_text(text, encoding="utf-8")
        size = len(text.encode()) / 1000
        print(f"{beside(script).name}: {time.perf_counter() - start:.0f} s, {size:.0f} kB", flush=True)


if __name__ == "__main__":
    main()
