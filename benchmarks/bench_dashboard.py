"""How long a visitor waits: from the command to a page that can be used, and for a step.

Needs Chromium and the extra ``viz``. The first start is not counted: it may compile the engine, and the disk is cold.

    python benchmarks/bench_dashboard.py
"""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

STEPS = 24


@contextmanager
def served(*words: str) -> Iterator[str]:
    """A server of the page; its address, as soon as it is told."""
    command = [sys.executable, "-m", "sim", "dashboard", *words, "--port", "0", "--no-browser"]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    told = re.search(r"http://\S+", server.stderr.readline())
    assert told
    try:
        yield told[0]
    finally:
        server.terminate()
        server.wait()


def usable(page: Any, address: str) -> None:
    """Go there, and wait for the controls."""
    page.goto(address)
    page.get_by_role("button", name="Step", exact=True).wait_for()


def steps(page: Any) -> list[float]:
    """Seconds from a click on Step to the month on the page, figure drawn."""
    taken = []
    button = page.get_by_role("button", name="Step", exact=True)
    for _ in range(STEPS):
        before = page.locator(".bayah-month").inner_text()
        begun = time.perf_counter()
        button.click()
        page.wait_for_function(
            "before => document.querySelector('.bayah-month').innerText !== before", arg=before
        )
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        taken.append(time.perf_counter() - begun)
    return taken


def main() -> None:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("there is no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        starts = []
        for _ in range(4):
            begun = time.perf_counter()
            with served() as address:
                page = browser.new_page()
                usable(page, address)
                starts.append(time.perf_counter() - begun)
                page.close()
        print(
            f"command to usable page, warm     {statistics.median(starts[1:]):6.2f} s   (first: {starts[0]:.2f} s; aim 5 s)"
        )
        for words in ((), ("omar-hidden-until-2018",)):
            with served(*words) as address:
                page = browser.new_page()
                usable(page, address)
                taken = steps(page)[1:]
                arms = "two arms" if words else "one arm "
                print(
                    f"a step, {arms}                 {statistics.median(taken):6.3f} s   "
                    f"(longest {max(taken):.3f} s; aim 0.3 s)"
                )
                page.close()
        browser.close()


if __name__ == "__main__":
    main()
