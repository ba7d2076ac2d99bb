"""A comparison as one HTML page: all of it is in it, it needs nothing else, and a browser shows it."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import sim
from sim.cli import main
from sim.errors import StoreError
from sim.plots.comparison_record import amount, percent, signed
from sim.plots.who_moved import moved
from sim.report import write_report
from sim.report.page import command

OMAR = "omar-hidden-until-2018"
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Page(HTMLParser):
    """What a page holds: its elements, its texts, and whether they close as they should."""

    VOID = ("meta", "img", "source", "wbr", "br")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        assert not self.open
        self.text = re.sub(r"\s+", " ", "".join(self.words))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def one() -> Any:
    return sim.compare("baseline", OMAR, runs=40, until="2016-12", progress=False)


@pytest.fixture(scope="module")
def file(one: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(one, tmp_path_factory.mktemp("report") / "answer.html")


@pytest.fixture(scope="module")
def page(file: Path) -> Page:
    return Page(file.read_text(encoding="utf-8"))


def test_the_page_needs_nothing_else(file: Path, page: Page) -> None:
    assert not page.all("script") + page.all("link") + page.all("iframe") + page.all("object")
    for _, attributes in page.elements:
        for name in ("src", "srcset", "href"):
            value = attributes.get(name)
            assert value is None or value.startswith(("data:image/svg+xml;base64,", "#")), value
        assert not any(name.startswith("on") for name in attributes)
    style = re.search(r"<style>(.*?)</style>", file.read_text(encoding="utf-8"), re.S)
    assert style is not None
    assert "url(" not in style[1]
    assert "@import" not in style[1]
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    assert {str(link["href"])[1:] for link in page.all("a")} <= ids


def test_it_says_what_was_compared(one: Any, page: Page) -> None:
    stated = one.what_ifs[OMAR]
    told = [
        one.titles["baseline"],
        one.titles[OMAR],
        one.questions[OMAR],
        one.face,
        "seeds 1 to 40",
        "2013-01 to 2016-12",
    ]
    for text in [*told, *stated["held_fixed"], ", ".join(stated["statements"]), stated["expects"]]:
        assert re.sub(r"\s+", " ", text) in page.text
    assert f"The levers differ from {one.lever_months[OMAR]} on" in page.text


def test_it_holds_the_answer_in_words(one: Any, page: Page) -> None:
    for line in filter(None, (line.strip() for line in one.text(1_000_000).splitlines())):
        assert re.sub(r"\s+", " ", line) in page.text


def test_tables_hold_the_numbers_of_the_frames(one: Any, page: Page) -> None:
    frame = one.difference().loc[OMAR]
    for reading in one.readouts[OMAR]:
        row = frame.loc[(reading.outcome, reading.month)]
        told = [
            signed(row["difference"]),
            f"{signed(row['low'])} to {signed(row['high'])}",
            percent(row["p_lower"]),
        ]
        for text in [reading.outcome, *told, amount(row["smallest"]), f"{row['pairs_needed']:,.0f}"]:
            assert text in page.text, (reading, text)
        assert f"{row['variance_reduction']:.1f} times" in page.text
    movers = moved(one, OMAR)
    assert len(movers) > 5
    for name, share in zip(movers["name"], movers["moved"], strict=True):
        assert name in page.text
        assert percent(share) in page.text
    reasons = one.reasons().loc[OMAR]
    for faction in movers.index[:3]:
        assert reasons.loc[faction].sort_values("of_moved")["words"].iloc[-1] in page.text


def test_it_has_every_figure_twice_with_a_text_for_those_who_cannot_see_it(one: Any, page: Page) -> None:
    outcomes = {reading.outcome for reading in one.readouts[OMAR]}
    count = 1 + len(outcomes) + 2 + 3 + 1
    pictures, narrow = page.all("img"), page.all("source")
    assert len(pictures) == len(narrow) == count
    alts = [str(picture["alt"]) for picture in pictures]
    assert len(set(alts)) == count
    assert all(len(alt) > 40 for alt in alts)
    for kind in (
        "Forest plot",
        "Mean paired difference in",
        "Factions whose side",
        "Allegiances of",
        "Why the side of",
    ):
        assert any(alt.startswith(kind) for alt in alts)
    assert all(source["media"] == "(max-width: 34em)" for source in narrow)


def test_it_tells_versions_and_hashes(one: Any, page: Page) -> None:
    for name in ("baseline", OMAR):
        assert one.about["scenarios"][name]["hash"] in page.text
    assert one.about["code"] in page.text
    for package, version in one.about["packages"].items():
        assert f"{package}{version}" in page.text


def test_it_speaks_of_the_model_and_recommends_nothing(page: Page) -> None:
    assert page.text.count("in the model") >= 4
    assert "no measure is recommended by it" in page.text


@pytest.mark.slow
def test_the_command_that_it_names_makes_it_again_the_same_bytes(
    one: Any, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = shlex.split(command(one))
    assert words[:2] == ["bayah", "compare"]
    assert main([*words[1:], "--no-figures", "--quiet"]) == 0
    assert (tmp_path / "report.html").read_bytes() == file.read_bytes()


def test_a_comparison_that_no_command_makes_says_so() -> None:
    changed = sim.load("baseline", set={"decision.theta": 2.5})
    several = [changed, sim.load("baseline", set={"decision.theta": 2.0})]
    frame = pd.DataFrame({"weights.b_embed": [0.5, 1.0]})
    few = {"runs": 6, "until": "2013-03", "progress": False}
    assert command(sim.compare(changed, "baseline", **few)) == ""
    assert command(sim.compare("baseline", several, **few)) == ""
    assert command(sim.compare("baseline", changed, weights=frame, **few)) == ""
    plain = sim.compare("baseline", changed, seed=3, **few)
    words = "compare baseline --set decision.theta=2.5 --runs 6 --seed 3 --until 2013-03 --report report.html"
    assert command(plain) == f"bayah {words}"
    assert command(plain.where([True, True, False, True, False, False])) == ""


def test_what_scenarios_say_is_text_and_never_markup(tmp_path: Path) -> None:
    title = "</title><script>alert(1)</script> & <b>bold</b>"
    other = sim.load("baseline", set={"meta.title": title, "decision.theta": 2.0})
    told = sim.compare("baseline", other, runs=2, until="2013-03", progress=False)
    page = Page(write_report(told, tmp_path / "odd.html").read_text(encoding="utf-8"))
    assert not page.all("script") + page.all("b")
    assert title in page.text


def test_several_alternatives_have_a_part_each(tmp_path: Path) -> None:
    names = [OMAR, "no-waziristan-operation"]
    told = sim.compare("baseline", names, runs=3, until="2014-08", progress=False)
    page = Page(write_report(told, tmp_path / "two.html").read_text(encoding="utf-8"))
    for n, name in enumerate(names, 1):
        assert page.text.count(told.titles[name]) >= 3
        assert any(section.get("id") == f"what-if-{n}" for section in page.all("section"))
    assert "2 what-ifs against one base" in page.text


def test_nothing_differs_is_said_so(tmp_path: Path) -> None:
    told = sim.compare("baseline", "baseline", runs=2, until="2013-03", progress=False)
    page = Page(write_report(told, tmp_path / "same.html").read_text(encoding="utf-8"))
    assert "It says the same as the base" in page.text
    assert "No faction stands on another side than in the base" in page.text
    assert "same in every pair" in page.text


def test_it_is_written_whole_or_not_at_all(one: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "answer.html"
    target.write_text("what was there")

    def fails(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sim.report.page.page", lambda comparison: "<p>new</p>")
    with monkeypatch.context() as patch:
        patch.setattr("os.replace", fails)
        with pytest.raises(StoreError, match=r"answer.html: cannot be written: No space left"):
            write_report(one, target)
    assert target.read_text() == "what was there"
    assert [path.name for path in tmp_path.iterdir()] == ["answer.html"]
    assert write_report(one, target).read_text() == "<p>new</p>"


def test_a_folder_is_no_file(one: Any, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is a folder; name a file"):
        write_report(one, tmp_path)


MEASURE = """<script>addEventListener("load", () => {
  const pictures = [...document.images];
  document.title = JSON.stringify({
    loaded: pictures.every(one => one.complete && one.naturalWidth > 100),
    count: pictures.length,
    narrow: pictures.map(one => one.naturalWidth),
    over: document.documentElement.scrollWidth - innerWidth,
    outside: [...document.querySelectorAll("main *")].filter(one => {
      const box = one.getBoundingClientRect();
      return box.width > 0 && box.left >= 0 && !one.closest(".rolls") && box.right > innerWidth + 1;
    }).length,
    asked: performance.getEntriesByType("resource").filter(one => !one.name.startsWith("data:")).length,
    wide: innerWidth,
  });
});</script></body>"""


@pytest.mark.skipif(
    BROWSER is None, reason="no Chromium on this machine: the page is checked without a browser"
)
@pytest.mark.parametrize("width", [1200, 800, 500])
def test_a_browser_shows_it_at_every_width(width: int, file: Path, page: Page, tmp_path: Path) -> None:
    assert BROWSER is not None
    # The page has no script; this one only measures what the browser made of it.
    copy = tmp_path / "copy.html"
    copy.write_text(file.read_text(encoding="utf-8").replace("</body>", MEASURE), encoding="utf-8")
    switches = [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        f"--user-data-dir={tmp_path / 'profile'}", f"--window-size={width},900", "--dump-dom",
    ]  # fmt: skip
    out = subprocess.run(
        [BROWSER, *switches, copy.as_uri()], capture_output=True, text=True, timeout=120, check=True
    ).stdout
    found = re.search(r"<title>(\{.*?\})</title>", out)
    assert found is not None, out[:500]
    seen = json.loads(found[1])
    assert seen["loaded"]
    assert seen["count"] == len(page.all("img"))
    assert seen["over"] <= 0
    assert seen["outside"] == 0
    assert seen["asked"] == 0
    assert (max(seen["narrow"]) < 500) == (seen["wide"] <= 34 * 16)
