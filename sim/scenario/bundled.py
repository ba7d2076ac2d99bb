"""Where the bundled scenarios are: one look-up for a checkout and for an installed package."""

from __future__ import annotations

from pathlib import Path

from ..errors import Problem, ScenarioError
from .wording import nearest, one_line

__all__ = ["bundled_folder", "bundled_root", "bundled_scenarios", "find_scenario"]

_PACKAGE = Path(__file__).resolve().parent.parent


def bundled_folder(name: str, package: Path = _PACKAGE) -> Path:
    """A folder of bundled files, ``scenarios`` or ``experiments``.

    The package of a wheel carries it inside; a checkout or an editable install has it beside the package.
    """
    inside = package / "_bundled" / name
    return inside if inside.is_dir() else package.parent / name


def bundled_root(package: Path = _PACKAGE) -> Path:
    """The folder of the bundled scenarios."""
    return bundled_folder("scenarios", package)


def bundled_scenarios(root: Path | None = None) -> dict[str, Path]:
    """Whole scenarios that come with the program, by name; the parts they are made of are not listed.

    Examples
    --------
    >>> "baseline" in bundled_scenarios()
    True
    """
    root = bundled_root() if root is None else root
    files = [
        file
        for part in ("*.yaml", "what-if/*.yaml")
        for file in sorted(root.glob(part), key=lambda file: file.stem)
    ]
    return {file.stem: file for file in files}


def find_scenario(name_or_path: str | Path) -> tuple[Path, str]:
    """The file of a scenario given by path or by the name of a bundled one, and the file's name in errors.

    Raises
    ------
    ScenarioError
        If a name (no folder, no ending) is neither a bundled scenario nor a file.
    """
    text = str(name_or_path)
    path = Path(name_or_path)
    is_name = isinstance(name_or_path, str) and "/" not in text and "\\" not in text and not path.suffix
    if not is_name:
        return path, text
    bundled = bundled_scenarios()
    if text in bundled:
        return bundled[text], _short(bundled[text])
    if "\0" not in text and len(text) < 200 and path.is_file():
        return path, text
    if text in {file.stem for file in bundled_folder("experiments").glob("*.yaml")}:
        raise ScenarioError(Problem(f"is a design of many runs, not a scenario: bayah sweep {text}", text))
    files = [file.name for file in sorted(Path().glob("*.y*ml"))]
    guess = nearest(text, [*bundled, *files])
    raise ScenarioError(Problem(f"no such file, and no bundled scenario of that name{guess}", one_line(text)))


def _short(path: Path) -> str:
    """Relative to the working folder where the file is below it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
