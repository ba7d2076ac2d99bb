"""The words in which a decision is told."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["CAUSES", "NOUNS", "REASONS", "option_words"]

REASONS: dict[str, tuple[str, str]] = {
    "embed": ("closer ties of trust with its core", "looser ties of trust with its core"),
    "ideology": ("a doctrine nearer to its own", "a doctrine further from its own"),
    "resource": ("more money to expect for its need", "less money to expect for its need"),
    "recruits": ("a brand that brings more recruits", "a brand that brings fewer recruits"),
    "legitimacy": ("legitimacy that held better", "legitimacy that held worse"),
    "novelty": ("a new brand that draws its young", "no new brand to draw its young"),
    "power": ("a better balance of force in its theatre", "a worse balance of force in its theatre"),
    "tie": ("more of its peers than elsewhere", "fewer of its peers than elsewhere"),
    "local": ("more ground held in its theatre", "less ground held in its theatre"),
    "punishment": ("less punishment to fear from rivals", "more punishment to fear from rivals"),
    "autonomy": ("more autonomy left to it", "less autonomy left to it"),
    "succession": ("less grievance of one passed over", "the grievance of one passed over"),
    "latent": ("less old resentment", "old resentment, now that there is another pole"),
    "bond": ("an oath kept", "an oath broken"),
    "retain": ("members kept who would leave for another theatre", "fewer members kept from leaving"),
    "survival": ("a side picked against oblivion", "less shelter from oblivion"),
    "adapt": ("the pull of an entrant on one that cannot adapt", "no entrant's pull"),
    "niche": ("a free place to be the first to take", "no free place to take"),
    "permission": ("leave to operate", "operating without leave"),
    "exit": ("peace on offer", "no peace on offer"),
    "constant": ("what speaks for such an option at large", "what speaks against such an option at large"),
}
"""Of each term: how it speaks for an option, and how against it, compared with another."""

NOUNS: dict[str, str] = {
    "embed": "ties of trust",
    "ideology": "nearness of doctrine",
    "resource": "money to expect",
    "recruits": "recruits to expect",
    "legitimacy": "legitimacy",
    "novelty": "pull of a new brand",
    "power": "balance of force",
    "tie": "pull of its peers",
    "local": "ground held",
    "punishment": "safety from punishment",
    "autonomy": "autonomy left",
    "succession": "freedom from the grievance of one passed over",
    "latent": "freedom from old resentment",
    "bond": "freedom from the old oath",
    "retain": "members kept from leaving",
    "survival": "shelter from oblivion",
    "adapt": "pull of an entrant",
    "niche": "free places",
    "permission": "leave to operate",
    "exit": "peace on offer",
    "constant": "constant",
}
"""Each term as something that can rise and fall."""


CAUSES: dict[str, str] = {
    **NOUNS,
    "autonomy": "the autonomy left to it",
    "bond": "the bond of its oath",
    "latent": "old resentment",
    "legitimacy": "the patron's legitimacy",
    "local": "ground held where it stands",
    "novelty": "the pull of a new brand",
    "permission": "leave to operate where it stands",
    "power": "the balance of force where it stands",
    "punishment": "the punishment it expects",
    "succession": "the grievance of one passed over",
    "tie": "what its peers had done",
}
"""Each term as the cause of a choice."""


def option_words(option: str, patrons: Mapping[str, str]) -> str:
    """An option in words.

    Parameters
    ----------
    option
        As in the tables: ``iskp``, ``ally(iskp)``, ``independent``, ``exit``.
    patrons
        Names of the patrons by id.
    """
    if option in patrons:
        return f"an oath to {patrons[option]}"
    if option.startswith("ally("):
        return f"alliance with {patrons.get(option[5:-1], option[5:-1])} without an oath"
    return {"independent": "independence", "exit": "peace with the holder of the state"}.get(option, option)
