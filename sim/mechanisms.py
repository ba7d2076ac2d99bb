"""The statements of the articles, M01 to M80, each with its rule, its switch and what it should do to a run.

A statement is on unless a scenario switches it off (``mechanisms: {M05: false}``); M53 and M73, which other sources
contest, are off by default. The direction is that of the readout when the statement is switched on against the
same runs with it off; ``bayah mechanisms --check`` shows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["ARTICLES", "CITED", "MECHANISMS", "Mechanism", "mechanism"]

ARTICLES: dict[str, str] = {
    "A1": 'D. Koznazarov, "The Islamic Movement of Uzbekistan (IMU) chooses the greater of two evils", CAAN / The PULS, 2015',
    "A2": 'The Soufan Center, IntelBrief, "Impact of Taliban Resurgence on the Future of Militancy in Central Asia", 2021',
    "A3": '"ISIS\' Expedition Into Central Asia: A Spoiler or Boon for the Taliban?", 2015',
    "A4": 'J. Paraszczuk, "Islamic State Not Yet Seeking Central Asia Expansion, Report Says", RFE/RL, 2015',
    "A5": '"Islamic State-Khorasan\'s Transition Into a Transregional Threat", The Diplomat, about 2022-2023',
}
"""The five articles, by key."""

CITED: dict[str, str] = {
    "A1": "Koznazarov 2015",
    "A2": "The Soufan Center 2021",
    "A3": '"ISIS\' Expedition Into Central Asia" 2015',
    "A4": "Paraszczuk 2015",
    "A5": "The Diplomat, about 2022-2023",
}
"""The same in short, by author (or title, where it names none) and date."""


@dataclass(frozen=True)
class Mechanism:
    """One statement."""

    id: str
    title: str
    article: str
    """Key of :data:`ARTICLES`."""
    statement: str
    """What the article says, in our words."""
    rule: str
    """The function that carries it, ``module.function`` below ``sim``."""
    readout: str
    """The monthly outcome in which it should show."""
    direction: Literal[1, -1]
    """Sign of the readout, on against off."""
    window: tuple[str, str] = ("2013-01", "2024-12")
    """Months of the Afghan case over which the readout is averaged; elsewhere those of them that the period has."""
    setting: Mapping[str, object] = field(default_factory=dict)
    """Levers set in both arms, where the baseline gives the statement nothing to do; ``{focus}`` and ``{incumbent}``
    stand for a scenario's patrons."""
    default: bool = True
    """On unless switched off."""
    contested: str = ""
    """By whom it is contested."""

    @property
    def switch(self) -> str:
        """The dotted path of its switch in a scenario."""
        return f"mechanisms.{self.id}"


_AFTER_REVELATION = ("2015-08", "2016-07")
_CASCADE = ("2014-07", "2016-12")
_IN_POWER = ("2021-09", "2024-12")

MECHANISMS: tuple[Mechanism, ...] = (
    Mechanism("M01", "Survival", "A1", "A movement that fears oblivion picks a side rather than none.",
              "rules.appraisal.appraise_patron", "independent_units", -1),
    Mechanism("M02", "Revealed death", "A1", "The news that the leader is long dead makes the field fall apart.",
              "rules.succession.settle_leadership", "incumbent_consistency", -1, _AFTER_REVELATION),
    Mechanism("M03", "Succession losers", "A1", "A struggle for power breeds offended men who look for a way out.",
              "rules.succession.succession_grievance", "incumbent_units", -1, _AFTER_REVELATION),
    Mechanism("M04", "Old resentment released", "A1", "Commanders hid their resentment until another pole came along.",
              "rules.appraisal.latent", "pledged_units", 1, _CASCADE),
    Mechanism("M05", "Permission", "A1", "Nobody could operate without informing the incumbent.",
              "rules.appraisal.appraise_alone", "independent_units", -1),
    Mechanism("M06", "Promise of resources", "A1", "An oath shows hope for resources like the incumbent's own.",
              "rules.appraisal.resource", "pledged_units", 1, _CASCADE),
    Mechanism("M07", "Retaliation", "A1", "The incumbent reads defection as a challenge and strikes at what it can see.",
              "rules.clash.risk_fronts", "destroyed_units", 1),
    Mechanism("M08", "Calculated risk", "A1", "Those who leave know how the incumbent will react and weigh it.",
              "rules.appraisal.punishment", "pledged_units", -1, _CASCADE),
    Mechanism("M09", "Wedges", "A1", "Those who left work to deepen the quarrels of those who stayed.",
              "rules.sustain.sustain", "incumbent_cohesion", -1, ("2015-01", "2024-12")),
    Mechanism("M10", "Drain of infighting", "A1", "Squabbles waste men and send some of them to the rival.",
              "rules.clash.infighting_drain", "focus_core", 1, ("2015-09", "2018-12")),
    Mechanism("M11", "Critical mass", "A1", "The entrant gains critical mass only once the incumbent splits.",
              "rules.sustain.entry", "focus_recruited", 1, ("2015-08", "2018-12")),
    Mechanism("M12", "Contested successor", "A1", "Refusal to recognise the successor can fill the rival's ranks.",
              "rules.posture.legitimacy_of", "incumbent_legitimacy", -1, _AFTER_REVELATION),
    Mechanism("M13", "Recruits by brand", "A1", "Joining a rising name is expected to bring recruits.",
              "rules.sustain.appeal", "focus_recruited", 1),
    Mechanism("M14", "Competing theatre", "A1", "Members would rather fight in Syria than in a war that seems pointless.",
              "rules.sustain.leak_rate", "foreign_fighters", -1),
    Mechanism("M15", "Vacant franchise", "A1", "The place of the local branch is free, and the first to come gains most.",
              "rules.appraisal.appraise_patron", "pledged_units", 1, _CASCADE),
    Mechanism("M16", "Localness", "A1", "Without local roots it is hard to move, recruit and be of use.",
              "rules.sustain.recruit", "rooted_recruits", 1),
    Mechanism("M17", "Pressure to rebrand", "A1", "A powerful entrant moves most those who cannot adapt.",
              "rules.appraisal.appraise_patron", "pledged_units", 1, _CASCADE),
    Mechanism("M18", "Bandwagon", "A1", "Small groups join the great cause to ride its wave.",
              "rules.posture.change_momentum", "focus_momentum", 1, _CASCADE),
    Mechanism("M19", "Growth loop", "A1", "Fighters bring funds, funds commanders and arms, these backing and fighters.",
              "rules.sustain.appeal", "focus_recruited", 1),
    Mechanism("M20", "Identity drift", "A1", "Years away from home loosen a movement from its roots.",
              "rules.movement.drift", "home_identity", -1),
    Mechanism("M21", "Threat as a tool", "A1", "States use the exiles as a scare story, whatever their number.",
              "rules.movement.alarm_home_states", "home_pressure", 1),
    Mechanism("M22", "Autonomy", "A1", "A movement wants to be a right hand, not to dissolve.",
              "rules.appraisal.appraise_patron", "pledged_units", -1, _CASCADE),
    Mechanism("M23", "Patron's commitment", "A1", "Much depends on how far the patron wants to take root.",
              "rules.oaths.acceptance", "acceptances", 1, setting={"patrons.{focus}.effort": 0.9}),
    Mechanism("M24", "Seeking recognition", "A2", "In power, the incumbent curbs its guests to win recognition.",
              "rules.posture.demanded", "incumbent_posture", 1, _IN_POWER),
    Mechanism("M25", "Tale of betrayal", "A2", "A crackdown lets the rival say that the incumbent left the cause.",
              "rules.posture.change_momentum", "focus_momentum", 1, _IN_POWER),
    Mechanism("M26", "Backlash", "A2", "A full crackdown would turn its own allies against it.",
              "rules.posture.posture_target", "incumbent_posture", -1, _IN_POWER),
    Mechanism("M27", "Common rival", "A2", "It needs its allies while the rival fights on.",
              "rules.posture.posture_target", "incumbent_posture", -1, _IN_POWER),
    Mechanism("M28", "Quiet accommodation", "A2", "Guests are kept silent rather than expelled.",
              "rules.posture.take_posture", "visible_allies", -1, _IN_POWER),
    Mechanism("M29", "Promises half believed", "A2", "Commitments meet with doubt.",
              "rules.posture.support_target", "incumbent_outside_support", -1, ("2020-03", "2024-12")),
    Mechanism("M30", "Pressure by neighbours", "A2", "Neighbours press for action and tie aid to it.",
              "rules.posture.demanded", "incumbent_posture", 1, _IN_POWER),
    Mechanism("M31", "Conditional return", "A2", "Veterans return if conditions allow or minorities are abused.",
              "rules.movement.return_rate", "returned", 1),
    Mechanism("M32", "Sanctuary next door", "A2", "Shelter given to an opposition unsettles the north.",
              "rules.news.region_news", "instability", 1, _IN_POWER),
    Mechanism("M33", "Vision", "A3", "A global caliphate draws other movements than a national emirate does.",
              "rules.appraisal.distance", "focus_globalism", 1, _CASCADE),
    Mechanism("M34", "Outliving leaders", "A3", "A doctrine that expects successors survives the loss of a leader.",
              "rules.succession.shock_share", "focus_capability", 1, ("2015-01", "2020-12")),
    Mechanism("M35", "Export under pressure", "A3", "A core under pressure cultivates havens elsewhere.",
              "rules.common.promised_transfer", "war_chest", 1, ("2014-09", "2017-06")),
    Mechanism("M36", "Signal of success", "A3", "The fall of Mosul and returning veterans moved others.",
              "rules.news.patron_news", "focus_momentum", 1, ("2014-06", "2014-12")),
    Mechanism("M37", "Contagion", "A3", "The message spreads along close ties.",
              "rules.awareness.wake", "switches", 1, _CASCADE,
              setting={"weights.b_tie": 3.0, "weights.wake_tie": 0.3}),
    Mechanism("M38", "Generations", "A3", "The young are unmoved by the old leaders' style.",
              "rules.appraisal.novelty", "pledged_units", 1, _CASCADE),
    Mechanism("M39", "Alienation", "A3", "Splits of creed and method drive local people away.",
              "rules.sustain.change_support", "incumbent_local_support", -1),
    Mechanism("M40", "Vacuum", "A3", "Attrition and desertion of state forces open a foothold.",
              "rules.sustain.change_region", "focus_recruited", 1),
    Mechanism("M41", "Demonstration", "A3", "Violence staged to show prowess earns prestige and revenge.",
              "rules.posture.demonstrate", "hostility", 1, ("2015-01", "2018-12")),
    Mechanism("M42", "Leaders removed", "A3", "An air strike that kills a leader sets his front back.",
              "rules.news.strike", "focus_recognition", -1, ("2015-02", "2018-12")),
    Mechanism("M43", "Lesser evil", "A3", "Outside powers court the incumbent to check the entrant.",
              "rules.posture.support_target", "incumbent_outside_support", 1, ("2015-01", "2024-12")),
    Mechanism("M44", "Spoiler", "A3", "The entrant may spoil a delicate phase for all parties.",
              "rules.posture.change_momentum", "deal_cost", 1, ("2018-10", "2024-12")),
    Mechanism("M45", "Neglect", "A4", "The patron largely ignores far-off oaths.",
              "rules.oaths.acceptance", "acceptances", -1),
    Mechanism("M46", "Over-reaction", "A4", "Knee-jerk measures by brittle states feed what they fear.",
              "rules.sustain.appeal", "focus_abroad", 1, ("2016-01", "2024-12")),
    Mechanism("M47", "Push and pull", "A4", "Exclusion and repression push, brotherhood pulls; poverty alone does not.",
              "rules.sustain.appeal", "faction_recruits", 1),
    Mechanism("M48", "Low return", "A4", "Few want to return, and their patron forbids it.",
              "rules.movement.return_rate", "returned", -1),
    Mechanism("M49", "Politics of numbers", "A4", "Official numbers of foreign fighters are politically shaped.",
              "observation.observe", "foreign_seen", 1),
    Mechanism("M50", "Three streams", "A5", "Recruits, resettled foreigners and envoys met at the founding.",
              "rules.news.found", "focus_core", 1, ("2015-01", "2015-06")),
    Mechanism("M51", "Displacement", "A5", "An operation scattered groups toward the new pole.",
              "rules.news.displace", "pledged_units", 1, ("2014-06", "2015-06")),
    Mechanism("M52", "Two layers", "A5", "Losses fall on the local face first, and the foreign core lasts.",
              "rules.common.lose_fighters", "inner_share", 1),
    Mechanism("M53", "Core shielded", "A5", "The incumbent crushes local challengers and spares the foreign core.",
              "rules.clash.destroy", "destroyed_units", -1, default=False,
              contested="UN reporting; a single author says it"),
    Mechanism("M54", "Plea refused", "A5", "A refused plea for unity turned cordial relations into war.",
              "rules.news.refuse_unity", "hostility", 1, ("2015-06", "2016-06")),
    Mechanism("M55", "Others recruited, others' lands", "A5", "Pressed, it turns to other ethnic groups and moves north.",
              "rules.sustain.pull_of", "focus_minority", 1, ("2016-01", "2024-12")),
    Mechanism("M56", "Minorities", "A5", "Oppression of minorities opens a way in.",
              "rules.sustain.appeal", "focus_recruited", 1),
    Mechanism("M57", "Madrasa reservoir", "A5", "Salafi schooling since the 1980s left a pool to draw on.",
              "rules.sustain.appeal", "focus_recruited", 1),
    Mechanism("M58", "Truce held against it", "A5", "The rival attacks the truce; jurists defend it.",
              "rules.news.patron_news", "incumbent_consistency", -1, ("2020-02", "2021-01")),
    Mechanism("M59", "Learning under pressure", "A5", "The crackdown made it evolve and come back.",
              "rules.posture.learn", "focus_capability", 1),
    Mechanism("M60", "Claims", "A5", "What it claims of its own deeds is data of a kind.",
              "observation.observe", "attacks_claimed", 1),
    Mechanism("M61", "Guests resettled", "A5", "Before the operation the patron moved foreigners east and south.",
              "rules.news.resettle", "guests_gathered", 1, ("2014-06", "2015-06")),
    Mechanism("M62", "Keeping members", "A1", "A pledge restates that this theatre matters, so that members stay.",
              "rules.appraisal.appraise_patron", "pledged_units", 1, _CASCADE),
    Mechanism("M63", "Shared ends", "A5", "Shared ends make relations ambiguous and blunt the fight.",
              "rules.common.effective_hostility", "hostility_acted", -1),
    Mechanism("M64", "Outward goal", "A5", "An entrant that looks beyond the border threatens the holder less.",
              "rules.common.effective_hostility", "hostility_acted", -1),
    Mechanism("M65", "Entry through fragments", "A3", "Splits among the incumbent's affiliates assist the entrant.",
              "rules.sustain.entry", "focus_recruited", 1, ("2015-08", "2024-12")),
    Mechanism("M66", "Withdrawal", "A3", "After a withdrawal the entrant could gain, so the drawdown is reconsidered.",
              "rules.sustain.change_region", "state_capacity", -1, ("2014-01", "2021-07")),
    Mechanism("M67", "Stronger hand", "A3", "Support and a weakening state strengthen the incumbent's hand in talks.",
              "rules.posture.change_momentum", "incumbent_momentum", 1, ("2018-10", "2020-02")),
    Mechanism("M68", "Patrons compared", "A3", "The other global organisation's investment looks more enduring.",
              "rules.appraisal.resource", "pledged_units", -1, _CASCADE,
              setting={"patrons.{incumbent}.global_backing": 1.0, "patrons.{focus}.global_backing": 0.0}),
    Mechanism("M69", "Commander's tribesmen", "A5", "Commanders who pledged then recruited thousands of tribesmen.",
              "rules.oaths.swear_in", "faction_recruits", 1, ("2015-01", "2018-12")),
    Mechanism("M70", "Harvest of returnees", "A1", "Men back from Syria may join their kin.",
              "rules.movement.take_kin", "returned_to_kin", 1),
    Mechanism("M71", "Homeward turn", "A1", "A movement may regain its home identity where its patron bets on it.",
              "rules.movement.drift", "home_identity", 1),
    Mechanism("M72", "Comfort of distance", "A1", "Home states found it convenient that the exiles fought far away.",
              "rules.movement.alarm_home_states", "home_pressure", -1),
    Mechanism("M73", "Blowback", "A4", "Fighters will likely return and multiply force.",
              "rules.movement.return_rate", "returned", 1, default=False, contested="M48, in the same article"),
    Mechanism("M74", "Pretext", "A4", "Returns serve repressive states as a reason to tighten.",
              "rules.movement.bring_back", "repression_felt", 1),
    Mechanism("M75", "Low demand", "A4", "Interest in the caliphate stays low in Central Asia.",
              "rules.sustain.appeal", "focus_abroad", -1),
    Mechanism("M76", "Losses abroad", "A4", "Many of those who left are killed there.",
              "rules.movement.bring_back", "abroad_pool", -1),
    Mechanism("M77", "Nearness", "A5", "Moving north and west brings the entrant close to its outer targets.",
              "observation.nearness", "exposure", 1),
    Mechanism("M78", "Madrasas found madrasas", "A5", "Those schooled there founded schools or sent more children.",
              "rules.sustain.change_region", "milieu", 1),
    Mechanism("M79", "Exposed, and limited", "A2", "Visible guests expose broken promises; capability is doubted too.",
              "rules.posture.support_target", "incumbent_outside_support", -1, _IN_POWER),
    Mechanism("M80", "Denial", "A5", "The holder of the state plays the entrant down.",
              "observation.observe", "attacks_denied", -1, _IN_POWER),
)  # fmt: skip
"""All statements, in order."""


def mechanism(identifier: str) -> Mechanism:
    """A statement by its id.

    Raises
    ------
    KeyError
        If there is no such statement.
    """
    for entry in MECHANISMS:
        if entry.id == identifier.upper():
            return entry
    raise KeyError(identifier)
