"""Versions of Python, of Bayah and of what it rests on, each with the bound that was declared."""

from __future__ import annotations

import importlib
import platform
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from typing import TYPE_CHECKING

from sim.api.health.check import Check

if TYPE_CHECKING:
    from packaging.requirements import Requirement

__all__ = ["dependency_checks", "extra_checks", "program_checks"]

PACKAGE = "bayah"
NOT_FOR_USERS = ("dev",)
MODULES = {"pyyaml": "yaml"}
"""Names to import by, where they are not the name to install by."""
INSTALL = "pip install --upgrade bayah (in a checkout: pip install -e .)"


@dataclass(frozen=True)
class _Wanted:
    """A requirement as it was declared."""

    extra: str
    requirement: Requirement

    @property
    def bound(self) -> str:
        """Versions allowed, lowest first."""
        return ",".join(sorted(map(str, self.requirement.specifier), reverse=True)) or "any"

    @property
    def installed(self) -> str:
        """The version that is there, empty where none is."""
        try:
            return version(self.requirement.name)
        except PackageNotFoundError:
            return ""

    @property
    def within(self) -> bool:
        """Whether what is there is allowed."""
        return bool(self.installed) and self.requirement.specifier.contains(self.installed, prereleases=True)


def program_checks() -> Iterator[Check]:
    """Bayah, Python, the operating system and the processor."""
    try:
        yield Check("program", "bayah", version(PACKAGE), values={"version": version(PACKAGE)})
        bound = metadata(PACKAGE)["Requires-Python"] or ">=3.11"
    except PackageNotFoundError:
        yield Check(
            "program", "bayah", "not installed as a package", "its versions cannot be checked", INSTALL
        )
        bound = ">=3.11"
    lowest = tuple(int(number) for number in re.findall(r"\d+", bound)[:2])
    yield Check(
        "program",
        "python",
        f"{platform.python_version()} ({bound}), {sys.executable}",
        "" if sys.version_info[:2] >= lowest else f"Bayah needs Python {bound}",
        "make an environment with a newer Python",
        {"version": platform.python_version(), "executable": sys.executable, "bound": bound},
    )
    system = f"{platform.system()} {platform.release()}, {platform.machine()}"
    library = " ".join(part for part in platform.libc_ver() if part)
    yield Check("program", "platform", ", ".join(part for part in (system, library) if part))
    yield _processor()


def _processor() -> Check:
    try:
        from llvmlite import binding

        name = binding.get_host_cpu_name()
    except Exception:
        # What is wrong with llvmlite is told where it is looked at.
        name = platform.processor() or "unknown"
    return Check("program", "processor", name, values={"name": name})


def _declared() -> list[_Wanted]:
    from packaging.requirements import Requirement

    found = []
    for line in requires(PACKAGE) or ():
        requirement = Requirement(line)
        extra = re.search(r"extra == ['\"]([\w.-]+)['\"]", str(requirement.marker or ""))
        found.append(_Wanted(extra[1] if extra else "", requirement))
    return found


def dependency_checks() -> Iterator[Check]:
    """Each direct dependency: its version, whether it is allowed, and whether it can be imported."""
    try:
        declared = _declared()
    except PackageNotFoundError:
        return
    except ImportError as error:
        yield Check("dependencies", "packaging", "missing", str(error), "pip install packaging")
        return
    for wanted in sorted(declared, key=lambda one: one.requirement.name.lower()):
        if not wanted.extra:
            yield _dependency(wanted)


def _dependency(wanted: _Wanted) -> Check:
    name, found, bound = wanted.requirement.name, wanted.installed, wanted.bound
    remedy = f"pip install '{name}{wanted.requirement.specifier}'"
    problem = ""
    if not found:
        problem = "not installed"
    elif not wanted.within:
        problem = f"{found} is not within {bound}"
    else:
        try:
            importlib.import_module(MODULES.get(name.lower(), name.lower()))
        except Exception as error:
            # Whatever an installation that is broken raises: that is what is looked for.
            problem = f"cannot be imported: {type(error).__name__}: {_line(error)}"
            remedy = f"pip install --force-reinstall '{name}{wanted.requirement.specifier}'"
    values = {"version": found or None, "bound": bound, "within": wanted.within}
    return Check("dependencies", name, f"{found or 'missing'} ({bound})", problem, remedy, values)


def extra_checks() -> Iterator[Check]:
    """Each optional extra: there or not, and how to install it. One that is not there is no problem."""
    try:
        declared = _declared()
    except (PackageNotFoundError, ImportError):
        return
    extras: dict[str, list[_Wanted]] = {}
    for wanted in declared:
        if wanted.extra and wanted.extra not in NOT_FOR_USERS:
            extras.setdefault(wanted.extra, []).append(wanted)
    for name, packages in sorted(extras.items()):
        yield _extra(name, packages)


def _extra(name: str, packages: list[_Wanted]) -> Check:
    # "mesa[viz]" asks for packages of mesa's own extra: mesa being there says nothing of them.
    packages = [one for package in packages for one in (package, *_behind(package))]
    missing = sorted({one.requirement.name for one in packages if not one.installed})
    unfit = sorted(
        {f"{one.requirement.name} {one.installed} is not within {one.bound}" for one in packages
         if one.installed and not one.within}
    )  # fmt: skip
    remedy = f"pip install 'bayah[{name}]'"
    values = {"present": not missing, "missing": missing, "unfit": unfit, "install": remedy}
    if missing:
        return Check("extras", name, f"not installed (missing: {', '.join(missing)})", "", remedy, values)
    return Check("extras", name, "unfit" if unfit else "installed", "; ".join(unfit), remedy, values)


def _behind(wanted: _Wanted) -> Iterator[_Wanted]:
    from packaging.requirements import Requirement

    if not wanted.installed:
        return
    for line in requires(wanted.requirement.name) or ():
        requirement = Requirement(line)
        marker = requirement.marker
        asked = [extra for extra in wanted.requirement.extras if marker and marker.evaluate({"extra": extra})]
        if asked and marker and not marker.evaluate({"extra": ""}):
            yield _Wanted(wanted.extra, requirement)


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]
