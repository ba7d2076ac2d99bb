"""What is measured of a run, by month and at its end: names, units and meanings; the numbers come from outcomes.

The focus patron is the one whose rise is asked about, the incumbent the first patron that holds the field at the
start. Meanings hold for any theatre; a scenario may give titles of its own (``report.titles``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sim.state import Column

__all__ = ["MONTHLY", "SUMMARY", "titled"]

MONTHLY: tuple[Column, ...] = (
    Column("focus_fighters", "persons", "Core, sworn and self-declared men of the focus patron."),
    Column("focus_core", "persons", "The focus patron's own men."),
    Column("focus_sworn_units", "count", "Factions whose oath to the focus patron is accepted."),
    Column("focus_declared_units", "count", "Factions that swore to it and were not (yet) accepted."),
    Column("focus_ally_units", "count", "Factions allied with it without an oath."),
    Column("pledged_units", "count", "Lines of factions that ever swore to it."),
    Column("incumbent_units", "count", "Factions sworn to or allied with the incumbent."),
    Column("independent_units", "count", "Factions on their own."),
    Column("third_units", "count", "Factions that left a patron for themselves."),
    Column("exit_units", "count", "Factions that made peace."),
    Column("destroyed_units", "count", "Factions destroyed."),
    Column("active_units", "count", "Factions in being."),
    Column("incumbent_fighters", "persons", "Core, sworn and self-declared men of the incumbent."),
    Column("strength_ratio", "ratio", "Men of the focus patron over the incumbent's."),
    Column("third_fighters", "persons", "Men of those who left a patron for themselves."),
    Column("focus_legitimacy", "share", "Legitimacy of the focus patron."),
    Column("focus_recognition", "share", "Recognition of its leader."),
    Column("focus_momentum", "share", "Its momentum."),
    Column("focus_capability", "share", "Its capability."),
    Column("focus_recruited", "persons", "Men who ever joined its core."),
    Column("focus_inner", "persons", "Inner-layer men of its factions."),
    Column("focus_minority", "share", "Share of its core outside the first group."),
    Column("focus_north", "share", "Share of its men in areas counted as north."),
    Column("focus_west", "share", "Share of its men in areas counted as west."),
    Column("focus_support", "share", "Mean local support of it where it has men."),
    Column("incumbent_legitimacy", "share", "Legitimacy of the incumbent."),
    Column("incumbent_recognition", "share", "Recognition of its leader."),
    Column("incumbent_consistency", "share", "Its doctrinal consistency."),
    Column("incumbent_momentum", "share", "Its momentum."),
    Column("incumbent_outside_support", "share", "Outside support it enjoys."),
    Column("incumbent_posture", "share", "Its crackdown on foreign allies."),
    Column("incumbent_local_support", "share", "Mean local support of it where it has men."),
    Column("incumbent_fragmentation", "share", "Disunity of its side."),
    Column("incumbent_cohesion", "share", "Mean cohesion of its factions."),
    Column("visible_allies", "share", "Its foreign allies' activity seen abroad."),
    Column("hostility", "share", "Hostility of the incumbent toward the focus patron."),
    Column("rival_deaths", "persons", "Deaths between incumbent and focus patron this month."),
    Column("splinter_deaths", "persons", "Deaths between incumbent and third pole this month."),
    Column("attacks", "count", "Attacks by the focus patron as a monitor reports them, this month."),
    Column("attacks_claimed", "count", "The same as it claims them (M60)."),
    Column("attacks_denied", "count", "The same as the holder of the state reports them (M80)."),
    Column("strength_seen", "persons", "Its strength as a monitor estimates it (P22)."),
    Column("foreign_fighters", "persons", "Foreign fighters of all factions."),
    Column("foreign_seen", "persons", "Foreign fighters as officials report them (M49)."),
    Column("threat_seen", "persons", "Threat as home states present it (M21)."),
    Column(
        "exposure", "persons", "Men of the focus patron weighted by nearness to the countries abroad (M77)."
    ),
    Column("focus_abroad", "persons", "Men of the focus patron in regions abroad."),
    Column("returned", "persons", "Men ever returned from the war abroad."),
    Column("returned_to_kin", "persons", "Returnees whom kin factions took in (M70)."),
    Column("abroad_pool", "persons", "Men abroad who may return."),
    Column("state_capacity", "share", "Mean state capacity of the countries at war."),
    Column("home_pressure", "share", "Mean state pressure in regions abroad."),
    Column("repression_felt", "share", "Mean repression felt in regions abroad (M46)."),
    Column("milieu", "share", "Mean Salafi milieu of the countries at war."),
    Column("instability", "share", "Mean instability by armed opposition with a sanctuary (M32)."),
    Column("home_identity", "share", "Mean closeness to home of foreign factions (M20)."),
    Column("leak", "share", "Mean monthly leak to another theatre (M14)."),
    Column("relevance", "share", "Mean relevance of factions."),
    Column("war_chest", "months", "Mean war chest of factions."),
    Column("faction_recruits", "persons", "Men ever recruited by factions."),
    Column(
        "rooted_recruits", "persons", "Men ever recruited by factions with local roots of at least one half."
    ),
    Column("inner_share", "share", "Inner-layer share of all factions' men (M52)."),
    Column("guests_gathered", "persons", "Foreign fighters in areas where guests are gathered (M61)."),
    Column("displaced_units", "count", "Factions ever displaced or resettled."),
    Column("offers", "count", "Oaths offered so far."),
    Column("acceptances", "count", "Oaths accepted so far."),
    Column("switches", "count", "Changes of allegiance so far."),
    Column("splits", "count", "Splits so far."),
    Column("mergers", "count", "Mergers so far."),
    Column("crushed", "count", "Fronts destroyed so far."),
    Column("surrendered", "persons", "Men of crushed fronts who surrendered so far."),
    Column("deal_cost", "share", "Cost of a deal raised by a spoiler, summed (M44)."),
    Column(
        "succession_grievance",
        "log-odds",
        "Mean grievance of those passed over, against the incumbent (M03).",
    ),
    Column(
        "effective_organisations",
        "count",
        "1 / sum of squared shares of men: how many organisations it is like.",
    ),
    Column("polarisation", "share", "4 * incumbent share * focus share of factions: 1 when evenly divided."),
    Column(
        "hostility_acted",
        "share",
        "The same as acted upon: shared ends and an outward goal soften it (M63, M64).",
    ),
    Column(
        "focus_globalism",
        "share",
        "Mean globalism of factions with the focus patron, less that of the others (M33).",
    ),
)
"""Monthly outcomes, in the order of the columns of ``M``."""

SUMMARY: tuple[Column, ...] = (
    Column("pledged_ever", "count", "Lines of factions that ever swore to the focus patron."),
    Column("supported_ever", "count", "Factions that ever stood with it, splinters apart."),
    Column("accepted_ever", "count", "Factions it ever accepted, splinters apart."),
    Column("peak_fighters", "persons", "Most men it had in any month."),
    Column("peak_month", "month", "The month of that, from the start."),
    Column("peak_ratio", "ratio", "Its men over the incumbent's, at most."),
    Column("final_fighters", "persons", "Its men in the last month."),
    Column(
        "third_pole_ever", "count", "Factions that ever left the incumbent for themselves, splinters apart."
    ),
    Column("splits", "count", "Splits."),
    Column("mergers", "count", "Mergers."),
    Column("crushed", "count", "Fronts destroyed."),
    Column("rival_deaths", "persons", "Deaths between incumbent and focus patron."),
    Column("splinter_deaths", "persons", "Deaths between incumbent and third pole."),
    Column("attacks", "count", "Attacks by it as a monitor reports them."),
    Column("switches", "count", "Changes of allegiance."),
    Column("status", "code", "0 good; see the status codes."),
)
"""Outcomes of a run, in the order of the columns of ``O``."""


def titled(columns: Iterable[Column], titles: Mapping[str, str]) -> tuple[Column, ...]:
    """Columns with a scenario's own titles in the place of the general meaning.

    Examples
    --------
    >>> titled(MONTHLY[:1], {"focus_fighters": "Men of the newcomer."})[0].meaning
    'Men of the newcomer.'
    """
    return tuple(column._replace(meaning=titles.get(column.name, column.meaning)) for column in columns)
