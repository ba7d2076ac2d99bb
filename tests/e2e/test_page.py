"""The page in a real browser: Chromium by Playwright, offline."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("solara", reason="needs the extra viz")
sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None, reason="there is no Chromium on this machine (Debian: apt-get install chromium)"
    ),
]
PATIENCE = 60_000
"""Milliseconds; other tests run beside this one."""

HARMLESS = ("Initialize failed: invalid dom.",)
"""ECharts says so when a figure goes away before the library has loaded."""

Page = Any


def _start(*words: str) -> tuple[subprocess.Popen[str], str]:
    """A server of the page, and its address."""
    command = [sys.executable, "-m", "sim", "dashboard", *words, "--port", "0", "--no-browser"]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    told = server.stderr.readline()
    found = re.search(r"http://127\.0\.0\.1:\d+", told)
    assert found, told + server.stderr.read()
    return server, found[0]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server, where = _start()
    yield where
    server.terminate()
    assert server.wait(20) in (0, -15, 130)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Page]:
    """A fresh page, ready to be used; it may ask nobody but the server, and no script may fail."""
    opened = _open(browser, address, 1280)
    yield opened
    assert opened.faults == []
    opened.context.close()


def _open(browser: Any, address: str, width: int) -> Page:
    opened = browser.new_context(viewport={"width": width, "height": 1000}, accept_downloads=True).new_page()
    opened.set_default_timeout(PATIENCE)
    opened.faults = []
    opened.on("pageerror", lambda error: str(error) in HARMLESS or opened.faults.append(str(error)))
    opened.on("request", lambda request: _note_strangers(opened, request.url, address))
    opened.goto(address)
    opened.get_by_role("button", name="Step", exact=True).wait_for()
    return opened


def _note_strangers(page: Page, url: str, address: str) -> None:
    if not url.startswith((address, address.replace("http", "ws"), "data:", "blob:")):
        page.faults.append(f"asked {url}")


def _month(page: Page, text: str) -> None:
    page.wait_for_function("text => document.querySelector('.bayah-month').innerText === text", arg=text)


def _figures(page: Page, count: int) -> None:
    """Wait until as many figures are drawn."""
    page.wait_for_function(
        "count => document.querySelectorAll('[role=img] canvas').length === count", arg=count
    )


def _choose(page: Page, box: str, words: str, option: str) -> None:
    """Type into a box with a list, and take an entry."""
    field = page.locator(f"{box} input").first
    field.click()
    field.fill(words)
    page.get_by_role("option", name=option).first.click()


def _step_a_year(page: Page) -> None:
    page.locator(".bayah-stride").first.click()
    page.get_by_role("option", name="12", exact=True).click()
    page.get_by_role("button", name="Step", exact=True).click()


def _upload(page: Page, file: Path) -> None:
    page.locator(".bayah-upload input[type=file]").set_input_files(file)


def _seed(page: Page, text: str) -> None:
    page.get_by_label("Seed").fill(text)
    page.get_by_label("Seed").press("Enter")


def test_a_visit(page: Page, tmp_path: Path) -> None:
    """What-if, a year of steps, play, a click on a faction, its reasons, two arms, downloads."""
    _choose(page, ".bayah-what-if", "hidden until", "hidden until July 2018")
    page.get_by_text("Changes: omar_revealed.date 2018").wait_for()
    _step_a_year(page)
    _month(page, "2013-12")
    _figures(page, 2)

    page.get_by_role("button", name="▶").click()
    _month(page, "2016-12")
    page.get_by_role("button", name="❚❚").click()
    page.get_by_role("button", name="▶").wait_for()
    time.sleep(2)  # a step that was under way
    reached = page.locator(".bayah-month").inner_text()
    time.sleep(2)
    assert page.locator(".bayah-month").inner_text() == reached, "a pause is a pause"
    assert reached < "2024-12"

    first = page.locator("[role=img]").first.bounding_box()
    assert first is not None
    # The bar of the first faction.
    page.mouse.click(first["x"] + 160, first["y"] + 27)
    page.locator(".bayah-told").nth(1).wait_for()
    told = page.locator(".bayah-told").all_inner_texts()
    assert len(told) == 2
    assert all("Haqqani network" in text for text in told)

    _choose(page, ".bayah-faction", "Islamic Movement", "Islamic Movement of Uzbekistan")
    page.get_by_text("What made it think again").first.wait_for()
    assert "log-odds in sum" in page.locator(".bayah-told").first.inner_text()

    page.get_by_role("tab", name="Outcomes").click()
    page.get_by_text("a difference of").wait_for()

    with page.expect_download() as scenario:
        page.get_by_text("Scenario (YAML)").click()
    file = tmp_path / scenario.value.suggested_filename
    scenario.value.save_as(file)
    assert file.name == "omar-hidden-until-2018.yaml"
    checked = subprocess.run(
        [sys.executable, "-m", "sim", "check", str(file)], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
    with page.expect_download() as figures:
        page.get_by_text("Figures (PNG)").click()
    figures.value.save_as(tmp_path / "figures.zip")
    assert len(zipfile.ZipFile(tmp_path / "figures.zip").namelist()) == 12

    page.get_by_role("button", name="Reset").click()
    _month(page, "before 2013-01")


def test_a_lever_moves_and_goes_back(page: Page) -> None:
    _step_a_year(page)
    _month(page, "2013-12")
    slider = page.get_by_role("slider", name="franchise slots")
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.get_by_text("1 lever moved").first.wait_for()
    _month(page, "2013-12")
    page.get_by_role("button", name="put back").click()
    page.get_by_text("1 lever moved").first.wait_for(state="detached")

    page.get_by_label("Search all levers").fill("b_embed")
    page.get_by_text("weights · b embed").hover()
    page.get_by_text("Prior: normal(6, 2.25)").wait_for()


def test_an_event_that_others_need_is_not_left_out(page: Page) -> None:
    page.get_by_role("button", name="leave out Omar's death announced").click()
    told = page.locator(".bayah-problems")
    told.wait_for()
    assert "removing it orphans events that need it" in told.inner_text()
    assert page.get_by_text("1 lever moved").count() == 0


def test_an_event_is_left_out_and_put_back(page: Page) -> None:
    page.get_by_role("button", name="Step", exact=True).click()
    page.get_by_role("button", name="leave out Operation in North Waziristan").click()
    page.get_by_text("Operation in North Waziristan: left out").wait_for()
    page.get_by_text("1 lever moved").first.wait_for()
    assert page.get_by_role("slider", name="Operation in North Waziristan").count() == 0
    page.get_by_role("button", name="put back").click()
    page.get_by_role("slider", name="Operation in North Waziristan").wait_for(state="attached")
    page.get_by_text("1 lever moved").first.wait_for(state="detached")


def test_a_lever_that_is_refused_goes_back(page: Page) -> None:
    slider = page.get_by_role("slider", name="Mansour killed")
    assert slider.get_attribute("aria-valuenow") == str(2016 * 12 + 4)
    slider.focus()
    page.keyboard.press("Home")
    page.locator(".bayah-problems").wait_for()
    expect = f"[role=slider][aria-label='Mansour killed'][aria-valuenow='{2016 * 12 + 4}']"
    page.locator(expect).wait_for(state="attached")


def test_a_seed_of_any_length_is_no_stack_trace(page: Page) -> None:
    _seed(page, "9" * 5000)
    page.get_by_text("a whole number from 0 to 2**64 - 1").wait_for()
    _seed(page, "17")
    page.get_by_text("seed 17").wait_for()


def test_a_bad_file_is_told_in_the_page(page: Page, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(
        "extends: baseline\nmeta: {title: Bad, question: '<script>alert(1)</script>'}\n"
        "patrons:\n  iskp: {tolerence: 2, franchise_slots: many}\n"
        "factions: {imu: {name: '<img src=x onerror=alert(2)>', fighters: -3}}\n"
    )
    alerts: list[str] = []
    page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))
    _upload(page, bad)
    told = page.locator(".bayah-problems")
    told.wait_for()
    lines = told.locator(".bayah-problem").all_inner_texts()
    assert any(line.startswith("bad:4:") and "did you mean 'tolerance'" in line for line in lines), lines
    assert len(lines) == 3, "every problem at once"
    assert "Traceback" not in page.locator("body").inner_text()

    good = tmp_path / "good.yaml"
    good.write_text(
        "extends: baseline\nmeta: {title: '<b id=planted>Mine</b>', question: '<script>alert(1)</script>'}\n"
        "factions: {imu: {name: '<img src=x onerror=alert(2)>'}}\n"
    )
    _upload(page, good)
    page.get_by_text("<b id=planted>Mine</b>").first.wait_for()
    assert page.locator(".bayah-problems").count() == 0
    _step_a_year(page)
    _month(page, "2013-12")
    for tab in ("Network", "Outcomes", "Allegiance"):
        page.get_by_role("tab", name=tab).click()
    _figures(page, 2)
    box = page.locator("[role=img]").first.bounding_box()
    assert box is not None
    for down in range(20, 700, 17):
        page.mouse.move(box["x"] + 160, box["y"] + down)
    assert page.locator("#planted").count() == 0
    assert alerts == []


def test_the_controls_outlive_the_end_of_a_run(page: Page) -> None:
    step = page.get_by_role("button", name="Step", exact=True)
    _step_a_year(page)
    for year in range(2014, 2025):
        _month(page, f"{year - 1}-12")
        step.click()
    _month(page, "2024-12")
    assert step.is_disabled()
    _seed(page, "5")
    page.get_by_text("month 144 of 144, seed 5").wait_for()
    page.get_by_role("button", name="Reset").click()
    _month(page, "before 2013-01")
    step.click()
    _month(page, "2013-12")
    page.get_by_role("button", name="▶").click()
    page.get_by_text("month 144 of 144, seed 5").wait_for()
    page.get_by_role("button", name="Reset").click()
    _month(page, "before 2013-01")


def test_many_runs_in_the_background(page: Page) -> None:
    page.get_by_role("button", name="Step", exact=True).click()
    _month(page, "2013-01")
    page.get_by_role("tab", name="Many runs").click()
    page.get_by_role("button", name="Make runs").click()
    page.get_by_text(re.compile(r"[\d,]+ of 200 runs")).wait_for()
    # The page stays usable meanwhile.
    page.get_by_role("button", name="Step", exact=True).click()
    _month(page, "2013-02")
    page.get_by_text("200 runs from seed 1 on").wait_for()
    _figures(page, 1)


def test_on_a_phone_nothing_is_wider_than_the_screen(browser: Any, address: str) -> None:
    phone = _open(browser, address, 390)
    phone.get_by_role("button", name="Step", exact=True).click()
    _month(phone, "2013-01")
    for tab in ("Fighters", "Network", "Regions", "Patrons", "Outcomes"):
        phone.get_by_role("tab", name=tab).click()
        phone.locator("[role=img] canvas").first.wait_for()
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
        assert (
            phone.evaluate(
                "Math.max(...[...document.querySelectorAll('[role=img]')].map(e => e.getBoundingClientRect().right))"
            )
            <= 390
        )
    assert phone.faults == []
    phone.context.close()


def test_a_file_named_on_the_command_line_that_is_wrong_is_told_in_the_page(
    browser: Any, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("extends: baselin\n")
    server, where = _start(str(mine))
    try:
        opened = _open(browser, where, 1280)
        assert "did you mean 'baseline'" in opened.locator(".bayah-problems").inner_text()
        mine.write_text("extends: baseline\nmeta: {title: Mine, question: Why?}\ndecision: {theta: 2}\n")
        opened.reload()
        opened.get_by_text("Mine", exact=True).first.wait_for()
        # While the page is open the file is spoilt, then lost.
        mine.write_text("extends: baseline\ndecision: {thetta: 2}\n")
        opened.get_by_label("Search all levers").fill("franchise")
        _seed(opened, "2")
        told = opened.locator(".bayah-problems")
        opened.get_by_text("did you mean 'theta'").wait_for()
        mine.unlink()
        _seed(opened, "3")
        opened.get_by_text("no such file").wait_for()
        assert "Traceback" not in opened.locator("body").inner_text()
        assert told.count() == 1
        opened.context.close()
    finally:
        server.terminate()
        server.wait(20)


def test_who_leaves_while_it_plays_leaves_no_trace(browser: Any) -> None:
    """A tab that is closed, and then Ctrl-C, while months are simulated."""
    server, where = _start()
    try:
        gone, stays = _open(browser, where, 1280), _open(browser, where, 1280)
        for opened in (gone, stays):
            opened.get_by_role("button", name="▶").click()
            opened.get_by_text(re.compile("month [2-9] of 144")).wait_for()
        gone.context.close()
        reached = stays.locator(".bayah-month").inner_text()
        stays.wait_for_function(
            "seen => document.querySelector('.bayah-month').innerText > seen", arg=reached
        )
        server.send_signal(signal.SIGINT)
        _, told = server.communicate(timeout=30)
        stays.context.close()
    finally:
        server.kill()
    assert "Traceback" not in told
    assert told.strip() == "interrupted"
    assert server.returncode == 130
