"""A small scenario that holds, as text: two patrons, three factions, three regions, a few events."""

from __future__ import annotations

__all__ = ["tiny_scenario_text"]

_TEXT = """\
meta:
  title: A tiny field
  question: Who follows whom?
  schema_version: 1
period:
  start: 2013-01
  end: 2016-12
patrons:
  elders:
    name: The Elders
    leader: First Elder
    incumbent: true
    salafism: {value: 0.1, source: "A5 M33"}
    globalism: {value: 0.1, source: "judgement: national aims"}
    recognition: {value: 0.9, source: "judgement: no open dissent"}
    doctrinal_consistency: {value: 0.8, source: "judgement: few compromises"}
    momentum: {value: 0.5, source: "judgement: neither up nor down"}
    institutionalisation: {value: 0.3, source: "A3 M33"}
    transfer: {value: 0.6, source: "P8"}
    effort: {value: 1.0, source: "judgement: at home here"}
    capability: {value: 0.5, source: "judgement: average skill"}
    franchise_slots: {value: 50, source: "judgement: no limit known"}
    tolerance: {value: 0.6, source: "judgement: loose command"}
    goal: {value: 0.1, source: "A5 M64"}
    brutality: {value: 0.3, source: "judgement: restrained at home"}
    core_fighters: {value: 5000, source: "R1"}
    core_regions:
      plain: {value: 0.7, source: "judgement: most men are there"}
      hills: {value: 0.3, source: "judgement: the rest"}
    interest: {plain: {value: 1.0, source: "judgement: home ground"}}
  banner:
    name: The Banner
    leader: First Caliph
    salafism: {value: 1.0, source: "A3 M33"}
    globalism: {value: 1.0, source: "A3 M33"}
    recognition: {value: 0.9, source: "judgement: no rival within"}
    doctrinal_consistency: {value: 0.9, source: "judgement: strict"}
    momentum: {value: 0.6, source: "A3 M36"}
    institutionalisation: {value: 0.9, source: "A3 M34"}
    transfer: {value: 1.2, source: "P8"}
    effort: {value: 0.5, source: "A1 M23"}
    capability: {value: 0.6, source: "judgement: imported skill"}
    franchise_slots: {value: 2, source: "A1 M15"}
    tolerance: {value: 0.3, source: "judgement: strict command"}
    goal: {value: 0.9, source: "A5 M64"}
    brutality: {value: 0.9, source: "A3 M39"}
    interest:
      hills: {value: 0.8, source: "A3 M35"}
    hostility:
      elders: {value: 0.2, source: "A5 M54"}
factions:
  guests:
    name: Guests
    code: F01
    aliases: [The Guests]
    home: valley
    theatre: hills
    allegiance: ally(elders)
    foreign: true
    leader: A Guest
    fighters: {value: 600, source: "R1"}
    local_share: {value: 0.2, source: "A5 M52"}
    salafism: {value: 0.6, source: "C case coding"}
    globalism: {value: 0.7, source: "C case coding"}
    embeddedness: {elders: {value: 0.3, source: "C case coding"}}
    local_roots: {value: 0.2, source: "C case coding"}
    ethnic_mix: {uzbek: {value: 1, source: "C case coding"}}
    youth: {value: 0.5, source: "C case coding"}
    autonomy: {value: 0.6, source: "A1 M22"}
    rival_of: {elders: {value: 0.1, source: "C case coding"}}
  sons:
    name: Sons
    code: F02
    home: hills
    theatre: hills
    allegiance: elders
    oath: sworn
    oath_bond: {person: {value: 0.3, source: "C case coding"}, office: {value: 0.2, source: "C case coding"}}
    fighters: {value: 300, source: "R1"}
    local_share: {value: 0.9, source: "C case coding"}
    salafism: {value: 0.5, source: "C case coding"}
    globalism: {value: 0.3, source: "C case coding"}
    embeddedness: {elders: {value: 0.2, source: "C case coding"}}
    local_roots: {value: 0.8, source: "C case coding"}
    ethnic_mix: {pashtun: {value: 1, source: "C case coding"}}
    youth: {value: 0.7, source: "C case coding"}
    autonomy: {value: 0.5, source: "C case coding"}
  old_guard:
    name: Old Guard
    code: F03
    home: plain
    theatre: plain
    allegiance: elders
    oath: sworn
    oath_bond: {person: {value: 0.2, source: "C case coding"}, office: {value: 0.6, source: "C case coding"}}
    fighters: {value: 1500, source: "R1"}
    local_share: {value: 1.0, source: "C case coding"}
    salafism: {value: 0.1, source: "C case coding"}
    globalism: {value: 0.1, source: "C case coding"}
    embeddedness: {elders: {value: 0.9, source: "C case coding"}}
    local_roots: {value: 0.9, source: "C case coding"}
    ethnic_mix: {pashtun: {value: 0.8, source: "C case coding"}, tajik: {value: 0.2, source: "C case coding"}}
    youth: {value: 0.2, source: "C case coding"}
    autonomy: {value: 0.3, source: "C case coding"}
regions:
  plain:
    name: Plain
    country: Afghanistan
    area: south
    grid: [1, 0]
    neighbours: [hills]
    state_capacity: {value: 0.6, source: "judgement: towns held"}
    pressure: {value: 0.3, source: "judgement: usual"}
    salafi_milieu: {value: 0.0, source: "judgement: none known"}
    push: {value: 0.3, source: "A4 M47"}
    recruit_pool: {value: 20000, source: "judgement: by population"}
    ethnic_mix: {pashtun: {value: 0.9, source: "D population"}, other: {value: 0.1, source: "D population"}}
    held: {elders: {value: 0.6, source: "judgement: old ground"}}
    support: {elders: {value: 0.5, source: "judgement: at home"}}
    reach: {elders: {value: 0.9, source: "P5"}, banner: {value: 0.1, source: "P5"}}
  hills:
    name: Hills
    country: Afghanistan
    area: east
    grid: [1, 1]
    neighbours: [plain, valley]
    state_capacity: {value: 0.4, source: "judgement: thin"}
    pressure: {value: 0.2, source: "judgement: low"}
    salafi_milieu: {value: 0.4, source: "A5 M57"}
    push: {value: 0.4, source: "A4 M47"}
    recruit_pool: {value: 10000, source: "judgement: by population"}
    ethnic_mix: {pashtun: {value: 0.7, source: "D population"}, other: {value: 0.3, source: "D population"}}
    held: {elders: {value: 0.2, source: "judgement: visitors"}}
    support: {elders: {value: 0.3, source: "judgement: mixed"}}
    reach: {elders: {value: 0.6, source: "P5"}, banner: {value: 0.6, source: "P5"}}
  valley:
    name: Valley
    country: Pakistan
    area: pakistan
    grid: [0, 2]
    neighbours: [hills]
    state_capacity: {value: 0.5, source: "judgement: partly held"}
    pressure: {value: 0.2, source: "judgement: low"}
    salafi_milieu: {value: 0.2, source: "judgement: some"}
    push: {value: 0.5, source: "A4 M47"}
    recruit_pool: {value: 10000, source: "judgement: by population"}
    ethnic_mix: {pashtun: {value: 1, source: "D population"}}
    reach: {elders: {value: 0.5, source: "P5"}, banner: {value: 0.3, source: "P5"}}
ties:
  - {a: guests, b: sons, weight: 0.6, kind: hosting, source: "C case coding"}
  - {a: sons, b: old_guard, weight: 0.3, kind: kin, source: "C case coding"}
events:
  elder_dies:
    kind: leader_dies
    date: 2013-04
    patron: elders
    concealed: true
    source: "R1"
  elder_revealed:
    kind: revealed
    date: 2015-07
    patron: elders
    requires: [elder_dies]
    source: "R1"
  elder_succeeded:
    kind: succession
    date: elder_revealed
    patron: elders
    leader: Second Elder
    recognition: {value: 0.5, source: "P7"}
    requires: [elder_revealed]
    source: "R1"
  banner_calls:
    kind: offers_open
    date: 2014-06
    patron: banner
    source: "R1"
  banner_founded:
    kind: founded
    date: 2015-01
    patron: banner
    region: hills
    recruited: {value: 200, source: "A5 M50"}
    requires: [banner_calls]
    source: "R1"
  plea:
    kind: unity_plea
    date: banner_founded + 5
    patron: elders
    to: banner
    source: "A5 M54"
  valley_operation:
    kind: operation
    date: 2014-06
    regions: [valley]
    pressure: {value: 0.9, source: "A5 M51"}
    months: {value: 12, source: "judgement: a year"}
    displaces: {value: 0.8, source: "P10"}
    destinations: {hills: {value: 1, source: "A5 M51"}}
    source: "A5 M51"
weights:
  b_embed:
    value: 6.0
    prior: {dist: normal, mean: 6, sd: 1.5, source: "P2"}
    source: "P2"
  wake_base: {value: 0.01, source: "judgement: waking up is rare"}
report:
  dates: [2014-12, 2016-12]
  focus: banner
  marks: [elder_revealed]
sources:
  A1: {cite: First article, kind: article}
  A3: {cite: Third article, kind: article}
  A4: {cite: Fourth article, kind: article}
  A5: {cite: Fifth article, kind: article}
  R1: {cite: A report, kind: record}
  P2: {cite: Prior of trust ties, kind: literature}
  P5: {cite: Prior of reach, kind: literature}
  P7: {cite: Prior of recovery, kind: literature}
  P8: {cite: Prior of transfers, kind: literature}
  P10: {cite: Prior of displacement, kind: literature}
  C: {cite: Coding of cases, kind: coding}
  D: {cite: Data on population, kind: data}
groups: [pashtun, tajik, uzbek, other]
areas:
  {east: [gathered], south: [gathered], north: [north], west: [west], pakistan: [], central_asia: [abroad], iran: [abroad]}
"""


def tiny_scenario_text() -> str:
    """YAML of the tiny scenario; every number has a source, nothing in it gives a warning."""
    return _TEXT
