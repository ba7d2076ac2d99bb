"""A validation as one HTML page: failures first, every score, the hash of the split, and a browser shows it."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pandas as pd
import pytest
from plots.invented import PATTERNS
from plots.invented_scores import LATE, SPLIT, validation_folder
from test_report import BROWSER, MEASURE, Page

from sim.errors import StoreError
from sim.report.validation import write_validation_report


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return validation_folder(tmp_path_factory.mktemp("report") / "invented")


@pytest.fixture(scope="module")
def file(folder: Path) -> Path:
    return write_validation_report(folder, folder / "report.html")


@pytest.fixture(scope="module")
def page(file: Path) -> Page:
    return Page(file.read_text(encoding="utf-8"))


def frame(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(folder / f"{name}.parquet")


def test_the_page_needs_nothing_else(page: Page) -> None:
    assert not page.all("script") + page.all("link") + page.all("iframe")
    for _, attributes in page.elements:
        for name in ("src", "srcset", "href"):
            value = attributes.get(name)
            assert value is None or value.startswith(("data:image/svg+xml;base64,", "#")), value
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    assert {str(link["href"])[1:] for link in page.all("a")} <= ids


def test_failures_stand_first_in_plain_sentences(folder: Path, page: Page) -> None:
    start, end = page.text.index("What it fails at", 200), page.text.index("Patterns of the record", 400)
    first = page.text[start:end]
    verdicts = frame(folder, "verdicts")
    for _, row in verdicts[~verdicts["inside"]].iterrows():
        assert f"Outside: {row['pattern']} {PATTERNS[row['pattern']]['title']}" in first
    assert first.count("Outside: ") == int((~verdicts["inside"]).sum()) > 0
    assert "the record has 4.12" in first
    assert first.count("No better than a null: ") == int((verdicts["skill"] <= 0).sum()) > 0
    assert (
        "not told apart from the one-variable rule; difference −0.014 (95 % interval −0.064 to +0.021)"
        in first
    )
    assert "The fit is better without:" in first
    summary = json.loads((folder / "validation.json").read_text())["summary"]
    assert f"{summary['inside']} of {summary['fitted']} fitted patterns lie" in first


@pytest.mark.parametrize(
    ("low", "high", "words", "section"),
    [
        (-0.09, -0.01, "better than the one-variable rule", "What holds"),
        (0.01, 0.09, "worse than the one-variable rule", "What it fails at"),
        (-0.02, 0.05, "not told apart from the one-variable rule", "What it fails at"),
    ],
)
def test_the_verdict_on_the_rule_follows_from_the_interval(
    low: float, high: float, words: str, section: str, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "validation.json").write_bytes((folder / "validation.json").read_bytes())
    scores = frame(folder, "scores")
    scores[["against_rule_low", "against_rule_high"]] = low, high
    scores.to_parquet(tmp_path / "scores.parquet")
    found = Page(write_validation_report(tmp_path, tmp_path / "report.html").read_text(encoding="utf-8")).text
    before = found[: found.index(words)]
    assert max(("What it fails at", "What holds"), key=before.rfind) == section


def test_every_score_is_in_a_table(folder: Path, page: Page) -> None:
    for _, row in frame(folder, "scores").iterrows():
        assert f"{row['brier']:.3f}" in page.text
    for name in frame(folder, "units")["name"]:
        assert name in page.text
    for _, row in frame(folder, "ablation").iterrows():
        assert row["title"] in page.text
    for caption in (
        "Measures of the model's runs", "Held-out probabilities checked by short refits", "Coding calls turned round",
        "The shock at placebo dates", "Years after the fit; unscored",
    ):  # fmt: skip
        assert caption in page.text


def test_it_tells_the_split_and_the_inputs_after_the_fit(page: Page) -> None:
    assert f"Frozen in a file, SHA-256 {SPLIT}. Fitted: SF1, SF2. Only told: imu_support." in page.text
    for late in LATE:
        assert late["event"] in page.text
        assert late["month"] in page.text
    assert "No observation after 2018-12 serves as pattern, prior or starting value" in page.text
    assert "Those who made the design knew the outcomes." in page.text


def test_years_ahead_are_named_unscored_and_traits_by_what_they_assume(page: Page) -> None:
    assert "Unscored; not a forecast of events to come." in page.text
    assert "context of areas as sources describe it, and no propensity of people" in page.text
    assert page.text.index("no propensity of people") < page.text.index("ridge logit")


def test_every_figure_is_there_twice_with_its_words(page: Page) -> None:
    pictures = page.all("img")
    assert len(pictures) == len(page.all("source")) == 9
    alts = [str(picture["alt"]) for picture in pictures]
    assert len(set(alts)) == 9
    assert all(len(alt) > 60 for alt in alts)


def test_two_calls_write_the_same_bytes(folder: Path, file: Path, tmp_path: Path) -> None:
    assert write_validation_report(folder, tmp_path / "again.html").read_bytes() == file.read_bytes()


def test_a_short_validation_has_the_parts_it_made(folder: Path, tmp_path: Path) -> None:
    data = json.loads((folder / "validation.json").read_text())
    for key in ("summary", "ablation_base", "posterior"):
        data.pop(key)
    (tmp_path / "validation.json").write_text(json.dumps({**data, "quick": True}))
    frame(folder, "placebo").to_parquet(tmp_path / "placebo.parquet")
    page = Page(write_validation_report(tmp_path, tmp_path / "report.html").read_text(encoding="utf-8"))
    assert len(page.all("img")) == 1
    assert "in the quick form: a check that it runs, no result" in page.text
    assert "Who ever pledges" not in page.text
    assert "Nothing was scored that failed" in page.text


def test_what_files_say_is_text_and_never_markup(folder: Path, tmp_path: Path) -> None:
    title = "</title><script>alert(1)</script> & <b>bold</b>"
    data = json.loads((folder / "validation.json").read_text())
    (tmp_path / "validation.json").write_text(json.dumps({**data, "title": title}))
    page = Page(write_validation_report(tmp_path, tmp_path / "odd.html").read_text(encoding="utf-8"))
    assert not page.all("script") + page.all("b")
    assert title in page.text


def test_a_folder_is_no_file_and_an_empty_folder_no_validation(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is a folder; name a file"):
        write_validation_report(folder, tmp_path)
    with pytest.raises(StoreError, match="holds no validation"):
        write_validation_report(tmp_path, tmp_path / "report.html")


@pytest.mark.skipif(
    BROWSER is None, reason="no Chromium on this machine: the page is checked without a browser"
)
@pytest.mark.parametrize("width", [1100, 500])
def test_a_browser_shows_it_at_every_width(width: int, file: Path, page: Page, tmp_path: Path) -> None:
    assert BROWSER is not None
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
