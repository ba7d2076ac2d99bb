"""Files that are no YAML, or YAML that this format refuses: one line each, with the place."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from sim.errors import ScenarioError
from sim.scenario import composer
from sim.scenario.bundled import bundled_root, bundled_scenarios, find_scenario
from sim.scenario.composer import compose
from sim.scenario.load import load
from sim.scenario.nodes import flatten
from sim.scenario.reader import read_tree

pytestmark = pytest.mark.core

Refusals = Callable[..., list[str]]


def scalar(text: str) -> object:
    return flatten(compose(text, "f", any_kind=True)).data


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 1e-3), ("1E5", 1e5), (".5", 0.5), ("5.", 5.0), ("-3", -3), ("+3", 3), ("010", 10), ("0x1F", 31),
        ("0o17", 15), ("true", True), ("FALSE", False), ("null", None), ("~", None), ("", None), ("no", "no"),
        ("on", "on"), ("yes", "yes"), ("12:30", "12:30"), ("2015-07", "2015-07"), ("2015-07-29", "2015-07-29"),
        ("1_000", "1_000"), ("nan", "nan"), ("inf", "inf"), ("'1'", "1"), ('"null"', "null"), ("[1, no]", [1, "no"]),
        ("0b1", "0b1"), ("tRue", "tRue"), ("1.2.3", "1.2.3"), ("- ", [None]),
    ],
)  # fmt: skip
def test_scalars_are_those_of_yaml_1_2(text: str, value: object) -> None:
    read = scalar(text)
    assert read == value
    assert type(read) is type(value)


def test_every_value_and_key_knows_its_place(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("# first\na:\n  b: [1,  {c: x}]\n", encoding="utf-8")
    data, marks, keys = read_tree(file)
    assert data == {"a": {"b": [1, {"c": "x"}]}}
    assert marks["a", "b", 1, "c"] == (str(file), 3, 15)
    assert marks["a", "b", 0] == (str(file), 3, 7)
    assert keys["a",] == (str(file), 2, 1)
    assert keys["a", "b", 1, "c"] == (str(file), 3, 12)


BAD_YAML = [
    ("", ["bad.yaml: the file is empty"]),
    ("# nothing but a comment\n", ["bad.yaml: the file is empty"]),
    ("---\n", ["bad.yaml: the file is empty"]),
    ("- a\n", ["bad.yaml:1:1: should be a mapping of keys to values, not a list"]),
    ("just words\n", ["bad.yaml:1:1: should be a mapping of keys to values, not a single value"]),
    ("meta:\n\ttitle: x\n", ["bad.yaml:2:1: a tab in the indentation; YAML indents with spaces"]),
    ("meta:\n  \ttitle: x\n", ["bad.yaml:2:3: a tab in the indentation; YAML indents with spaces"]),
    (
        "a: [1, 2\n",
        [
            "bad.yaml:2:1: not valid YAML: did not find expected ',' or ']' "
            "(is a ] missing, or does a text with a comma or colon lack its quotes?)"
        ],
    ),
    (
        "a: b: c\n",
        [
            "bad.yaml:1:5: not valid YAML: mapping values are not allowed in this context "
            "(is a colon missing after a key, or does a text with a colon lack its quotes?)"
        ],
    ),
    ("a: 1\n---\nb: 2\n", ["bad.yaml:2:1: a second document begins here; a file holds one"]),
    (
        "a: 1\nb: 2\na: 3\n",
        ["bad.yaml:3:1: a: duplicate key 'a' (first at line 1, column 1)"],
    ),
    (
        "m:\n  t: 1\n  'a': 2\n  a: 3\n",
        ["bad.yaml:4:3: m.a: duplicate key 'a' (first at line 3, column 3)"],
    ),
    (
        "a: &x 1\nb: *x\n",
        [
            "bad.yaml:1:4: a: anchors (&x) are not allowed; write the value out, or use extends",
            "bad.yaml:2:4: b: aliases (*x) are not allowed; write the value out, or use extends",
        ],
    ),
    (
        "a: !!python/object:os.system 1\nb: !local {c: 1}\n",
        [
            "bad.yaml:1:4: a: tags (!!python/object:os.system) are not allowed; write the value without it",
            "bad.yaml:2:4: b: tags (!local) are not allowed; write the value without it",
        ],
    ),
    (
        "a:\n  <<: {b: 1}\n",
        ["bad.yaml:2:3: a.<<: merge keys (<<) are not allowed; use extends at the top of the file"],
    ),
    ("? [a, b]\n: 1\n", ["bad.yaml:1:3: a key must be a plain word, not a mapping or a list"]),
    ("'': 1\n", ["bad.yaml:1:1: a key is empty"]),
    (
        "a: .nan\nb: [1, -.inf]\nc: 1e999\nd: " + "9" * 30 + "\n",
        [
            "bad.yaml:1:4: a: .nan is not a finite number",
            "bad.yaml:2:8: b.1: -.inf is not a finite number",
            "bad.yaml:3:4: c: 1e999 is too large a number",
            f"bad.yaml:4:4: d: {'9' * 30} is too large a number",
        ],
    ),
    ('a: "x\\0y"\n', ["bad.yaml:1:4: a: the text has a control character"]),
    (b"a: \x00\x01\x02", ["bad.yaml: is a binary file, not text"]),
    (b"PK\x03\x04\x14\x00\x06\x00", ["bad.yaml: is a binary file, not text"]),
    (b"a: \x07\n", ["bad.yaml:1:4: control character U+0007; save the file as plain text"]),
    (b"a: 1\nb: caf\xe9\n", ["bad.yaml:2:7: is not UTF-8 text (byte 0xe9); save the file as UTF-8"]),
    ("a: 1\n".encode("utf-16"), ["bad.yaml: is encoded as UTF-16 or UTF-32; save it as UTF-8"]),
    ("a: 1\n".encode("utf-32"), ["bad.yaml: is encoded as UTF-16 or UTF-32; save it as UTF-8"]),
]


@pytest.mark.parametrize(("content", "lines"), BAD_YAML)
def test_what_is_no_yaml_of_ours_is_refused(
    refusals: Refusals, content: str | bytes, lines: list[str]
) -> None:
    assert refusals(content) == lines


@pytest.mark.parametrize(("content", "lines"), BAD_YAML)
def test_the_parser_in_plain_python_refuses_the_same(
    refusals: Refusals, monkeypatch: pytest.MonkeyPatch, content: str | bytes, lines: list[str]
) -> None:
    monkeypatch.setattr(composer, "_PARSER", yaml.SafeLoader)
    found = refusals(content)
    if "not valid YAML" not in lines[0]:
        assert found == lines
    else:
        # The two parsers word syntax errors differently.
        assert len(found) == 1
        assert "not valid YAML" in found[0]


def test_an_escape_that_is_no_character_is_refused(
    refusals: Refusals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composer, "_PARSER", yaml.SafeLoader)
    assert refusals('a: "\\ud800"\n') == ["bad.yaml:1:4: a: the text has a control character"]
    assert refusals('a: "\\UFFFFFFFF"\n')[0].startswith("bad.yaml: not valid YAML: ")


def test_a_byte_order_mark_and_windows_line_ends_are_fine(folder: Path, tiny_text: str) -> None:
    (folder / "w.yaml").write_bytes(b"\xef\xbb\xbf" + tiny_text.replace("\n", "\r\n").encode())
    assert load("w.yaml").scenario == load("tiny.yaml").scenario


def test_a_missing_file_names_its_neighbours(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "field.yaml").write_text("a: 1")
    for name, line in [
        ("tiny.yml", "tiny.yml: no such file (did you mean 'tiny.yaml'?)"),
        ("tny.yaml", "tny.yaml: no such file (did you mean 'tiny.yaml'?)"),
        ("sub/feild.yaml", "sub/feild.yaml: no such file (did you mean 'sub/field.yaml'?)"),
        ("nowhere/x.yaml", "nowhere/x.yaml: no such file"),
        ("basline", "basline: no such file, and no bundled scenario of that name (did you mean 'baseline'?)"),
        ("quite-else", "quite-else: no such file, and no bundled scenario of that name"),
        ("a\0b.yaml", "a\\x00b.yaml: cannot be read: this is no file name"),
        ("line\nbreak.yaml", "line\\nbreak.yaml: no such file"),
    ]:
        with pytest.raises(ScenarioError) as caught:
            load(name)
        assert str(caught.value) == line


def test_what_is_no_file_is_refused(folder: Path) -> None:
    (folder / "dir.yaml").mkdir()
    os.mkfifo(folder / "pipe.yaml")
    (folder / "ring.yaml").symlink_to("ring.yaml")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("sock.yaml")
        for name, line in [
            ("dir.yaml", "dir.yaml: is a folder; name a scenario file"),
            ("pipe.yaml", "pipe.yaml: is not a regular file"),
            ("sock.yaml", "sock.yaml: is not a regular file"),
            ("/dev/zero", "/dev/zero: is not a regular file"),
            ("ring.yaml", "ring.yaml: cannot be read: Too many levels of symbolic links"),
            ("x" * 300 + ".yaml", "x" * 197 + "...: cannot be read: File name too long"),
        ]:
            with pytest.raises(ScenarioError) as caught:
                load(name)
            assert str(caught.value) == line


def test_bundled_scenarios_are_found_by_name(tmp_path: Path) -> None:
    assert bundled_scenarios()["baseline"].name == "baseline.yaml"
    assert find_scenario("baseline")[0] == bundled_scenarios()["baseline"]
    assert not {"factions", "regions", "scenario.schema"} & bundled_scenarios().keys()
    for name in ("base.yaml", "parts/actors.yaml", "what-if/other.yaml", "scenario.schema.json"):
        file = tmp_path / "sim" / "_bundled" / "scenarios" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    root = bundled_root(tmp_path / "sim")
    assert root == tmp_path / "sim" / "_bundled" / "scenarios"
    assert list(bundled_scenarios(root)) == ["base", "other"]
    assert bundled_root(tmp_path / "elsewhere") == tmp_path / "scenarios"


def test_too_many_values_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composer, "MOST_VALUES", 5)
    with pytest.raises(ScenarioError) as caught:
        compose("a: [1, 2, 3, 4]", "f")
    assert str(caught.value) == "f:1:11: the file has more than 5 values"
