"""``python -m tests.gallery`` draws the gallery anew; ``make gallery`` calls it.

What commands draw that take hours is taken from ``results/`` where it is; with ``--long`` the commands are run first.
Give a folder to write there instead of ``docs/images``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from gallery_page import DOCS, Entry, draw, entries


def main(arguments: list[str]) -> int:
    """Draw every figure and say where it went."""
    import matplotlib.pyplot as plt

    from sim.plots.folder import land_figure

    plt.switch_backend("Agg")
    chosen = entries()
    words = [word for word in arguments if not word.startswith("-")]
    folder = Path(words[0]).resolve() if words else DOCS / "images"
    folder.mkdir(parents=True, exist_ok=True)

    def land(image: str, axes: Any) -> None:
        land_figure(axes, folder / Path(image).name)
        plt.close("all")

    here = Path.cwd()
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        try:
            for image in draw(chosen, land):
                print(folder / Path(image).name, flush=True)
        finally:
            os.chdir(here)
    _commands([entry for entry in chosen if entry.language == "sh"], folder, "--long" in arguments)
    return 0


def _commands(chosen: list[Entry], folder: Path, long: bool) -> None:
    if long:
        for line in dict.fromkeys(entry.text.partition("#")[0].strip() for entry in chosen):
            words = [sys.executable, "-m", "sim", *line.split()[1:]]
            subprocess.run(words, check=True)
    for entry in chosen:
        assert entry.image is not None
        assert entry.file is not None
        target = folder / Path(entry.image).name
        if entry.file.is_file():
            shutil.copyfile(entry.file, target)
            print(target, flush=True)
        else:
            print(f"{target.name} stays: no {entry.file}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
