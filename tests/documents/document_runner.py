"""Runs the blocks of a page, one after the other, in a folder of its own, and holds them against what they show."""

from __future__ import annotations

import contextlib
import io
import linecache
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from document_blocks import ROOT, Block, blocks_of
from document_tables import GIVEN, scaled

from sim.cli import main

__all__ = ["AS_THEY_STAND", "LONGEST", "Differs", "PageRun", "answers", "matches"]

AS_THEY_STAND = ("docs/tutorial.md",)
"""Pages of which nothing is run smaller than printed."""

LONGEST = 150
"""Seconds a block may take where nothing is compiled yet."""

_PART = """\
extends: {base}
meta: {{title: A part, question: Does it hold?}}
"""


class Differs(AssertionError):
    """What a block prints is not what the page shows."""

    def __init__(self, block: Block, shown: str, printed: str) -> None:
        super().__init__(f"{block.place} shows\n\n{shown}\nand what is printed is\n\n{printed}")
        self.block, self.printed = block, printed


def matches(shown: str, printed: str) -> bool:
    """Whether a page shows what was printed, where ``...`` stands for anything, also over lines."""
    told = "\n".join(line.rstrip() for line in printed.strip().splitlines())
    wanted = "\n".join(line.rstrip() for line in shown.strip().splitlines())
    return re.fullmatch(".*?".join(map(re.escape, wanted.split("..."))), told, re.DOTALL) is not None


def answers(block: Block) -> Iterator[tuple[str, str]]:
    """Each command of a console block, and what it answers."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, answer = part.partition("\n")
        yield command, answer


class PageRun:
    """One page: its folder, the names that its Python blocks have made, and what was printed last."""

    def __init__(self, page: str, folder: Path, commands: Path, given: dict[str, str] | None = None) -> None:
        self.page, self.folder = page, folder
        self.here = folder
        self.names: dict[str, Any] = {"__name__": "page"}
        self.printed = ""
        self.used: set[object] = set()
        self.as_it_stands = page in AS_THEY_STAND
        self.path = os.pathsep.join([str(commands), str(Path(sys.executable).parent), os.environ["PATH"]])
        for name, text in {**GIVEN, **(given or {})}.items():
            (folder / name).write_text(text, encoding="utf-8")

    def all(self) -> None:
        """Run every block of the page."""
        for block in blocks_of(self.page):
            self.run(block)

    def run(self, block: Block) -> None:
        """Run a block, or hold it against what the one before it printed."""
        if block.language in ("sh", "bash"):
            self.printed = self._shell(block, block.text)
        elif block.language == "console":
            for command, answer in answers(block):
                told = self._shell(block, command + "\n")
                if not matches(answer, told):
                    raise Differs(block, answer, told)
        elif block.language == "yaml":
            self._yaml(block)
        elif "file" in block.notes:
            (self.here / block.notes["file"]).write_text(block.text, encoding="utf-8")
        elif block.language == "python":
            self._python(block)
        elif "prints" in block.notes and not matches(block.text, self.printed):
            raise Differs(block, block.text, self.printed)

    def _shell(self, block: Block, text: str) -> str:
        script = scaled(text, block.language, self.used, self.as_it_stands)
        script = script.replace("ROOT", str(ROOT)).replace("ENVIRONMENT", sys.prefix)
        where = self.folder / ".here"
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", f"{script}code=$?; pwd > '{where}'; exit $code"],
            cwd=self.here,
            env={**os.environ, "PATH": self.path, "MPLBACKEND": "Agg", "COLUMNS": "120"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
            timeout=LONGEST,
        )
        wanted = int(block.notes.get("exit", "0"))
        assert done.returncode == wanted, (
            f"{block.place}: exit code {done.returncode}, and {wanted} was meant, of\n\n{script}\n{done.stdout}"
        )
        if where.exists():
            self.here = Path(where.read_text(encoding="utf-8").strip())
        return done.stdout

    def _python(self, block: Block) -> None:
        text = scaled(block.text, "python", self.used, self.as_it_stands)
        name = f"<{block.place}>"
        # Errors point to the line of the page, and what is defined here can be read like any source.
        padded = "\n" * (block.line - 1) + text
        linecache.cache[name] = (len(padded), None, padded.splitlines(keepends=True), name)
        told = io.StringIO()
        with contextlib.chdir(self.here), contextlib.redirect_stdout(told):
            exec(compile(padded, name, "exec"), self.names)
        self.printed = told.getvalue()

    def _yaml(self, block: Block) -> None:
        base, text = block.notes.get("part of"), block.text
        if base:
            text = _PART.format(base=base) + text
        path = self.here / block.notes.get("file", "example.yaml")
        path.write_text(text, encoding="utf-8")
        if "wrong" in block.notes:
            return
        told = io.StringIO()
        # A piece need not say where its numbers are from; a whole file does.
        words = ["check", str(path)] if base else ["check", "--strict", str(path)]
        with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
            code = main(words)
        assert code == 0, f"{block.place}\n{told.getvalue()}"
        path.write_text(scaled(text, "yaml", self.used, self.as_it_stands), encoding="utf-8")
