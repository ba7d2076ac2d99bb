"""The site is built without a warning, holds every page, and asks nothing of any other machine."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

WITHOUT_SPHINX = pytest.mark.skipif(
    any(
        importlib.util.find_spec(name) is None
        for name in ("sphinx", "myst_parser", "furo", "sphinx_copybutton")
    ),
    reason="the extra docs is not installed: pip install 'bayah[docs]'",
)


def extension() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pages", DOCS / "_ext" / "pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PAGES = extension()


def test_every_page_stands_in_the_contents_once_and_no_other() -> None:
    listed = [name.rpartition("<")[2].rstrip(">") for names in PAGES.CONTENTS.values() for name in names]
    there = [path.relative_to(DOCS).with_suffix("").as_posix() for path in DOCS.rglob("*.md")]
    assert sorted([*listed, "index"]) == sorted(there)


def test_links_to_files_of_the_root_lead_to_their_pages() -> None:
    text = (
        "[a](../README.md#what-if) [b](../CHANGELOG.md) [c](../notebooks/01-first-run.ipynb) "
        "[d](../scenarios/x.yaml) [e](odd.md)"
    )
    told = PAGES.inside(text, "index")
    assert told == (
        "[a](readme.md#what-if) [b](changelog.md) [c](notebooks/01-first-run.md) [d](../scenarios/x.yaml) [e](odd.md)"
    )
    assert (
        PAGES.inside("[a](../../CITATION.cff) [b](../odd.md)", "how-to/cite")
        == "[a](../citation.md) [b](../odd.md)"
    )
    assert PAGES.inside("[a](../CITATION.cff)", "citation") == "[a](../CITATION.cff)"


def test_the_readme_reads_as_a_page() -> None:
    text = "[a](docs/odd.md#x) ![b](docs/images/y.png) [c](LICENSE) [d](#here) [e](https://semver.org)"
    assert PAGES.from_root(text) == (
        "[a](odd.md#x) ![b](images/y.png) [c](../LICENSE) [d](#here) [e](https://semver.org)"
    )


@pytest.mark.parametrize("page", sorted((DOCS / "notebooks").glob("*.md")), ids=lambda page: page.stem)
def test_a_notebook_is_a_page_with_its_figures(page: Path) -> None:
    file = ROOT / "notebooks" / f"{page.stem}.ipynb"
    text = PAGES.notebook(file)
    assert text.startswith(page.read_text(encoding="utf-8").splitlines()[0])
    assert text.count("data:image/png;base64,") >= 3
    assert {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")} == {
        path.stem for path in (DOCS / "notebooks").glob("*.md")
    }


class Reader(HTMLParser):
    """What a page loads, where its links lead, and the ids that it has."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.ids.add(known.get("id") or "")
        if tag in ("script", "img", "source", "iframe"):
            self.loaded.append(known.get("src") or "")
        elif tag == "link" and known.get("rel") not in ("index", "search", "next", "prev", "canonical"):
            self.loaded.append(known.get("href") or "")
        elif tag == "a":
            self.links.append(known.get("href") or "")


def _read(page: Path) -> Reader:
    reader = Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    return reader


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("site")
    out = place / "docs"
    words = ["-b", "html", "-W", "--keep-going", "-q", "-d", str(place / "doctrees"), str(DOCS), str(out)]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *words], capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stderr
    return out


@pytest.mark.slow
@WITHOUT_SPHINX
def test_the_site_is_whole_and_works_offline(site: Path) -> None:
    pages = {page: _read(page) for page in sorted(site.rglob("*.html"))}
    assert {
        site / f"{path.relative_to(DOCS).with_suffix('')}.html" for path in DOCS.rglob("*.md")
    } <= pages.keys()
    strange, broken = [], []
    for page, read in pages.items():
        strange += [(page.name, place) for place in read.loaded if re.match(r"(\w+:)?//", place)]
        for link in (*read.loaded, *read.links):
            path, _, anchor = link.partition("#")
            if not link or re.match(r"\w+:", link):
                continue
            target = (page.parent / unquote(path.partition("?")[0])).resolve() if path else page
            if not target.exists() or (
                anchor and target in pages and unquote(anchor) not in pages[target].ids
            ):
                broken.append((page.name, link))
    assert strange == []
    assert broken == []
    styles = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.css"))
    assert not re.search(r"@import\s+url\(.?https?:|url\(.?(https?:)?//", styles)
