"""A word before agents' rules are compiled."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from sim.agents import AllegianceModel
from sim.agents.waiting import rules_are_compiled

SILENT = "from sim.agents.waiting import announce; announce(print); announce(print)"


def said(cache: Path, **more: str) -> str:
    words = {**os.environ, "BAYAH_CACHE": str(cache), **more}
    done = subprocess.run(
        [sys.executable, "-c", SILENT], env=words, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_compiling_is_told_once_and_only_where_it_is_to_come(tmp_path: Path) -> None:
    assert said(tmp_path) == "compiling the rules for agents, once (about a minute)\n"
    assert said(tmp_path, NUMBA_DISABLE_JIT="1") == ""


def test_after_a_month_the_rules_are_kept() -> None:
    AllegianceModel("baseline").step()
    assert rules_are_compiled()
