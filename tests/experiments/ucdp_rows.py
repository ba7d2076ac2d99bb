"""Invented files in the columns of the UCDP: no number of theirs, nor a row, is in them."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["BATTLE", "EVENTS", "NONSTATE", "battle", "event", "nonstate", "write"]


def _columns(text: str) -> list[str]:
    return text.split(",")


BATTLE = _columns(
    "conflict_id,dyad_id,location_inc,side_a,side_a_id,side_a_2nd,side_b,side_b_id,side_b_2nd,incompatibility,"
    "territory_name,year,bd_best,bd_low,bd_high,type_of_conflict,battle_location,gwno_a,gwno_a_2nd,gwno_b,gwno_b_2nd,"
    "gwno_loc,gwno_battle,region,version"
)
NONSTATE = _columns(
    "conflict_id,dyad_id,org,side_a_name,side_a_name_fulltext,side_a_name_mothertongue,side_a_id,side_a_components,"
    "side_a_2nd,gwno_a_2nd,side_b_name,side_b_name_fulltext,side_b_name_mothertongue,side_b_id,side_b_components,"
    "side_b_2nd,gwno_b_2nd,start_date,start_prec,start_date2,start_prec2,ep_end,ep_end_date,ep_end_prec,year,"
    "best_fatality_estimate,low_fatality_estimate,high_fatality_estimate,location,gwno_location,region,version"
)
EVENTS = _columns(
    "id,relid,year,active_year,code_status,type_of_violence,conflict_new_id,conflict_name,dyad_new_id,dyad_name,"
    "side_a_new_id,side_a,side_b_new_id,side_b,number_of_sources,source_original,where_prec,where_coordinates,adm_1,"
    "adm_2,latitude,longitude,country,event_clarity,date_prec,date_start,date_end,deaths_a,deaths_b,deaths_civilians,"
    "deaths_unknown,best,high,low"
)
IDS = {
    "IS": "234",
    "Taleban": "303",
    "High Council of Afghanistan Islamic Emirate": "6252",
    "Government of Afghanistan": "130",
    "Government of Pakistan": "142",
    "Civilians": "1",
    "Blue Front": "7001",
    "Red Front": "7002",
    "High Council of Afghanistan Islamic Emirate, IS": "6318",
}


def _dyad(one: str, other: str) -> str:
    return str(int(IDS[one]) * 10_000 + int(IDS[other]))


def nonstate(one: str, other: str, year: Any, best: Any, low: Any, high: Any, **more: Any) -> dict[str, Any]:
    """A row of the Non-State Conflict Dataset."""
    return {
        "dyad_id": _dyad(one, other), "side_a_name": one, "side_a_id": IDS[one], "side_b_name": other,
        "side_b_id": IDS[other], "year": year, "best_fatality_estimate": best, "low_fatality_estimate": low,
        "high_fatality_estimate": high, "version": "99.1", **more,
    }  # fmt: skip


def battle(one: str, other: str, year: Any, best: Any, low: Any, high: Any, **more: Any) -> dict[str, Any]:
    """A row of the dyadic Battle-Related Deaths Dataset."""
    return {
        "dyad_id": _dyad(one, other), "side_a": one, "side_a_id": IDS[one], "side_b": other, "side_b_id": IDS[other],
        "year": year, "bd_best": best, "bd_low": low, "bd_high": high, "version": "99.2", **more,
    }  # fmt: skip


def event(number: int, one: str, other: str, date: str, country: str, **more: Any) -> dict[str, Any]:
    """A row of the Georeferenced Event Dataset; ids with the point that a spreadsheet puts there."""
    return {
        "id": f"{number}.0", "year": date[:4], "type_of_violence": "1.0", "dyad_new_id": _dyad(one, other) + ".0",
        "side_a": one, "side_a_new_id": IDS[one] + ".0", "side_b": other, "side_b_new_id": IDS[other] + ".0",
        "country": country, "date_start": date, "date_prec": "1.0", "best": "3", "low": "2.0", "high": "5.0", **more,
    }  # fmt: skip


def write(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """A file of such rows; its name."""
    with open(path, "w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return str(path)
