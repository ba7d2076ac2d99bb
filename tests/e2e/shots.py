"""Draw the pictures of the page that the documents show: ``python -m tests.e2e.shots``. Needs Chromium."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "how-to"


def visit(page: Any) -> None:
    """Four years of a what-if beside the baseline, and why the IMU chose."""
    page.locator(".bayah-stride").first.click()
    page.get_by_role("option", name="12", exact=True).click()
    for year in range(2013, 2017):
        page.get_by_role("button", name="Step", exact=True).click()
        page.wait_for_function(
            "text => document.querySelector('.bayah-month').innerText === text", arg=f"{year}-12"
        )
    box = page.locator(".bayah-faction input").first
    box.click()
    box.fill("Islamic Movement")
    page.get_by_role("option").first.click()
    page.get_by_text("speaks for").first.wait_for()
    page.evaluate("document.activeElement.blur()")
    page.wait_for_timeout(2000)


def main(folder: Path = PICTURES) -> None:
    """Write the pictures."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("there is no Chromium on this machine")
    words = ["dashboard", "omar-hidden-until-2018", "--port", "0", "--no-browser"]
    server = subprocess.Popen([sys.executable, "-m", "sim", *words], stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    told = re.search(r"http://\S+", server.stderr.readline())
    assert told
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 1720})
        page.set_default_timeout(120_000)
        page.goto(told[0])
        page.get_by_role("button", name="Step", exact=True).wait_for()
        visit(page)
        page.screenshot(path=str(folder / "dashboard.png"))
        browser.close()
    server.terminate()
    server.wait()


if __name__ == "__main__":
    main()
