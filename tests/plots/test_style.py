"""Colours that stay apart, for everyone."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.plots.style import INK, PATRON_COLOURS, Palette, readable_on, short_name, tint

# Machado, Oliveira and Fernandes (2009), full severity, on linear RGB.
SIGHTS = {
    "normal": np.eye(3),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(colour: str) -> NDArray[np.float64]:
    parts = np.array([int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(light: NDArray[np.float64]) -> NDArray[np.float64]:
    x, y, z = TO_XYZ @ np.clip(light, 0, 1) / (TO_XYZ @ np.ones(3))
    f = [np.cbrt(v) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z)]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("sight", SIGHTS)
def test_everything_that_can_be_held_stays_apart(sight: str) -> None:
    palette = Palette({"taliban": "Taliban", "iskp": "ISKP"})
    seen = {name: lab(SIGHTS[sight] @ linear(palette.colour(name))) for name in palette.order()}
    near = {(a, b): float(np.linalg.norm(seen[a] - seen[b])) for a, b in combinations(seen, 2)}
    assert min(near.values()) > 15, min(near, key=near.__getitem__)


@pytest.mark.parametrize("sight", ["normal", "deuteranopia", "protanopia"])
def test_the_first_four_patrons_stay_apart(sight: str) -> None:
    seen = [lab(SIGHTS[sight] @ linear(colour)) for colour in PATRON_COLOURS[:4]]
    assert min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2)) > 17


@pytest.mark.parametrize("colour", [*PATRON_COLOURS, "#FFFFFF", "#000000", tint("#0072B2", 0.42)])
def test_text_on_a_ground_has_contrast(colour: str) -> None:
    ink = readable_on(colour)
    weights = np.array([0.2126, 0.7152, 0.0722])
    light, dark = sorted((weights @ linear(colour), weights @ linear("#FFFFFF" if ink == "white" else INK)))[
        ::-1
    ]
    assert (light + 0.05) / (dark + 0.05) > 3.5


def test_names() -> None:
    palette = Palette({"taliban": "Taliban", "iskp": "Islamic State Khorasan (ISKP)"})
    assert palette.name("ally(iskp)") == "ally of ISKP"
    assert palette.name("exit") == "made peace"
    assert palette.patron_of("ally(taliban)") == "taliban"
    assert palette.patron_of("independent") is None
    assert short_name("Noorzai network (later High Council)") == "Noorzai network"


def test_colours_come_round_again_for_many_patrons() -> None:
    palette = Palette({f"p{n}": f"P {n}" for n in range(8)})
    assert palette.colour("p6") == palette.colour("p0")
    assert palette.line("p5") == palette.line("p1")
