"""Which files a file may name. Files are passed from hand to hand; what one names is read on another's machine.

A path that a user types leads anywhere. A path in a file leads to files in the folder of the file that the user named,
below it, or, where that file is in the working folder or below, in the working folder; and to what comes with the program.
"""

from __future__ import annotations

import os
from pathlib import Path

from .bundled import bundled_folder
from .wording import one_line

__all__ = ["ENDINGS", "Reach"]

ENDINGS = (".yaml", ".yml", ".json")
"""How files end that are read as YAML."""


class Reach:
    """What a file, and the files that it names in turn, may name.

    Parameters
    ----------
    folder
        Folder of the file that the user named; the working folder for text that stands in no file.
    """

    def __init__(self, folder: Path) -> None:
        self._roots = [os.path.realpath(folder)]
        here = os.path.realpath(".")
        # At the top of the file system the working folder would hold everything.
        if _inside(self._roots[0], here) and os.path.dirname(here) != here:
            self._roots.append(here)

    def flaw(self, text: str, found: Path, endings: tuple[str, ...] = ()) -> str | None:
        """What is wrong with a path that a file names; None where nothing is.

        Parameters
        ----------
        text
            The path as it stands there.
        found
            Where it leads.
        endings
            How such a file ends; any way where not given.
        """
        told = f"'{one_line(text, 80)}': "
        if not text.isprintable():
            return told + "is no file name: it has characters that are not printed"
        real = os.path.realpath(found)
        if any(
            _inside(real, os.path.realpath(bundled_folder(name))) for name in ("scenarios", "experiments")
        ):
            return None
        if os.path.isabs(text) or text.startswith("~"):
            return told + "is an absolute path; a file names others by a path relative to itself"
        if not any(_inside(real, root) for root in self._roots):
            return told + "leads out of the folder; a file names others in its own folder or below"
        there = os.path.isfile(found)
        if os.path.lexists(found) and not there and not os.path.isdir(found):
            return told + "is no regular file"
        if there and endings and not text.lower().endswith(endings):
            return told + f"is no such file: it should end in {', '.join(endings)}"
        return None


def _inside(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)
