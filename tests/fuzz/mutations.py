"""Sound files spoilt: bytes, lines, nodes of a tree, cells of a table.

All chance comes from the ``random.Random`` that is given, so that Hypothesis can make examples smaller.
"""

from __future__ import annotations

import copy
import json
from random import Random
from typing import Any

__all__ = ["cells", "nodes", "spoil", "spoil_json", "spoil_parquet", "spoil_text"]

WORDS = (
    "{", "}", "[", "]", ": ", "- ", "\t", "&a ", "*a", "!!str ", "!!python/object/apply:os.system ", "null", "~", "''", '"',
    "<<: ", "---\n", "...\n", "|\n", ">-\n", "? ", "#", "%YAML 1.1\n", "\r", "\r\n", "\n", "\x00", "\x1b[31m", "\x85", "\x9b",
    "\u2028", "\ufeff", "\u202e", "\ud800", "é", "𝔘", "\\", '"\\x1b[2J"', '"\\ud800"', "1e999", ".nan", "-.inf", "0x1f", "-0",
    "1_000", "true", "extends: baseline\n", "../../etc/passwd", "/dev/zero", "@2015-06", ",", ";", '"a""b', "=cmd()",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2, 1e308, -1e308, 1e-320, 2**31, 2**63 - 1, 2**63, -(2**63), 10**30, 0.5, "", " ", "x",
    "a" * 5000, "2015-07", "2015-13", "0000-00", "9999-12", "-1", "nan", "é\u202e", "\x1b[31m", "a\nb", "../../x",
    "/etc/passwd", "elders", "ally(elders)", "prior", "*", "*.*.*", [], {}, [[]], {"": 0}, {"value": 1},
    {"a": {"a": {"a": {}}}}, [0] * 300, {"values": [1, 2]}, {"low": 0, "high": 1, "count": 1000000}, "mine.py:f",
    "<script>alert(1)</script>", float("nan"), float("inf"),
)  # fmt: skip

ODD_CELLS: tuple[list[Any], ...] = (
    ["x"], [""], ["\x1b[31m"], [1e300], [-1], [2**62], [True], [float("nan")], [[1]], [b"\x80\x04N."],
)  # fmt: skip


def spoil(rng: Random, data: bytes) -> bytes:
    """Bytes changed anywhere."""
    content = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randint(0, len(content))
        way = rng.randint(0, 5)
        if way == 0:
            content[at : at + rng.choice((1, 2, 8, 100))] = b""
        elif way == 1:
            content[at:at] = bytes([rng.randint(0, 255)]) * rng.choice((1, 1, 3, 1000))
        elif way == 2 and content:
            content[at % len(content)] ^= 1 << rng.randint(0, 7)
        elif way == 3:
            other = rng.randint(0, len(content))
            content[at:at] = content[other : other + rng.choice((4, 50, 400))]
        elif way == 4:
            content[at:at] = rng.choice(WORDS).encode("utf-8", "surrogatepass")
        else:
            del content[at:]
    return bytes(content)


def spoil_text(rng: Random, data: bytes) -> bytes:
    """Lines moved, doubled and dropped, and the ways in which an editor saves a text."""
    lines = data.decode("utf-8", "replace").split("\n")
    for _ in range(rng.randint(1, 4)):
        line = lines.pop(rng.randint(0, len(lines) - 1)) if lines else ""
        for _ in range(rng.choice((0, 1, 2, 200))):
            lines.insert(rng.randint(0, len(lines)), " " * rng.randint(0, 4) + line)
    text = "\n".join(lines)
    way = rng.randint(0, 11)
    if way == 0:
        return text.encode("utf-16")
    if way == 1:
        return b"\xef\xbb\xbf" + text.encode()
    if way == 2:
        return text.replace("\n", "\r\n").encode()
    if way == 3:
        return text.replace("\n", "\r").encode()
    if way == 4:
        return text.encode("latin-1", "replace")
    if way == 5:
        at = rng.randint(0, len(text))
        return (text[:at] + rng.choice(("x", "[", "{a: ", "- ", "'", '"', " ")) * 20_000 + text[at:]).encode()
    return text.encode()


def nodes(rng: Random, tree: Any) -> Any:
    """A tree with nodes taken out, doubled, put elsewhere or made something else."""
    tree = copy.deepcopy(tree)
    for _ in range(rng.randint(1, 3)):
        places = list(_places(tree))
        if not places:
            return rng.choice(VALUES)
        holder, key = places[rng.randint(0, len(places) - 1)]
        way = rng.randint(0, 5)
        if way == 0:
            del holder[key]
        elif way == 1:
            other, name = places[rng.randint(0, len(places) - 1)]
            holder[key] = copy.deepcopy(other[name]) if _has(other, name) else None
        elif way == 2 and isinstance(holder, dict):
            holder[_key(rng, key)] = holder.pop(key)
        elif way == 3:
            if isinstance(holder, list):
                holder.insert(rng.randint(0, len(holder)), copy.deepcopy(holder[key]))
            else:
                holder[_key(rng, key)] = copy.deepcopy(holder[key])
        elif way == 4 and isinstance(holder[key], int | float) and not isinstance(holder[key], bool):
            holder[key] = rng.choice(
                (-holder[key], holder[key] * 1e6, holder[key] + 0.5, str(holder[key]), [holder[key]])
            )
        else:
            holder[key] = copy.deepcopy(rng.choice(VALUES))
    return tree


def _has(holder: Any, key: Any) -> bool:
    return key in holder if isinstance(holder, dict) else key < len(holder)


def _key(rng: Random, key: Any) -> str:
    return rng.choice(
        (
            "",
            "x",
            f"{key}s",
            str(key)[:-1],
            str(key).upper(),
            f"{key}.{key}",
            "../x",
            "a\nb",
            "<<",
            "extends",
            "*",
        )
    )


def _places(tree: Any) -> Any:
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, child in list(items):
        yield tree, key
        yield from _places(child)


def spoil_yaml(rng: Random, data: bytes) -> bytes:
    """A YAML file with its nodes changed; written as JSON, which is YAML too, or as blocks."""
    import yaml

    tree = nodes(rng, yaml.load(data, Loader=yaml.CBaseLoader) if rng.random() < 0.2 else _plain(data))
    if rng.random() < 0.5:
        return json.dumps(tree, default=str).encode()
    return yaml.dump(tree, allow_unicode=True, sort_keys=False).encode("utf-8", "replace")


def _plain(data: bytes) -> Any:
    from sim.scenario.composer import compose
    from sim.scenario.nodes import flatten

    return flatten(compose(data.decode(), "seed")).data


def spoil_json(rng: Random, data: bytes) -> bytes:
    """A JSON file with its nodes changed, or its bytes."""
    if rng.random() < 0.2:
        return spoil(rng, data)
    return json.dumps(nodes(rng, json.loads(data))).encode()


def spoil_csv(rng: Random, data: bytes) -> bytes:
    """A CSV file with cells, columns or rows changed, or its bytes."""
    if rng.random() < 0.3:
        return spoil(rng, data)
    rows = [line.split(",") for line in data.decode("utf-8", "replace").split("\n")]
    for _ in range(rng.randint(1, 4)):
        row = rows[rng.randint(0, len(rows) - 1)]
        at = rng.randint(0, len(row) - 1) if row else 0
        way = rng.randint(0, 4)
        if way == 0 and row:
            row[at] = str(rng.choice(VALUES))
        elif way == 1 and row:
            del row[at]
        elif way == 2:
            row.insert(at, rng.choice(WORDS))
        elif way == 3:
            rows.insert(rng.randint(0, len(rows)), list(row))
        elif row:
            row[at] = rng.choice(
                ("9" * 400, "1e400", "-5", "2015-02-30", "0x10", "１２", "1946", "99999", "\u0661", "")
            )
    return "\n".join(",".join(row) for row in rows).encode("utf-8", "surrogatepass")


def spoil_parquet(rng: Random, data: bytes) -> bytes:
    """A Parquet file with columns, values, rows or notes changed, or its bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if rng.random() < 0.2:
        return spoil(rng, data)
    table = pq.read_table(pa.BufferReader(data))
    for _ in range(rng.randint(1, 2)):
        table = cells(rng, table)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    return bytes(sink.getvalue())


def cells(rng: Random, table: Any) -> Any:
    """An Arrow table with a column, rows or notes changed."""
    import pyarrow as pa

    if not table.num_columns:
        return table
    at = rng.randint(0, table.num_columns - 1)
    field, way = table.schema.field(at), rng.randint(0, 9)
    if way == 0:
        return table.remove_column(at)
    if way == 1:
        return table.rename_columns(
            [f"{name}x" if n == at else name for n, name in enumerate(table.column_names)]
        )
    if way == 2:
        return table.slice(0, rng.choice((0, 1, table.num_rows // 2)))
    if way == 3:
        return pa.concat_tables([table, table])
    if way == 4:
        return table.replace_schema_metadata(_notes(rng, table.schema.metadata or {}))
    if way == 5:
        return table.set_column(at, field.with_metadata(_notes(rng, field.metadata or {})), table.column(at))
    if way == 6:
        return table.append_column(field, table.column(at))
    values = table.column(at).to_pylist()
    if way == 7 and values:
        values = [None if rng.random() < 0.3 else value for value in values[:2000]]
        values += table.column(at).to_pylist()[2000:]
        return table.set_column(at, field.with_nullable(True), pa.array(values, field.type))
    odd = rng.choice(ODD_CELLS)
    array = pa.array(odd * table.num_rows, pa.array(odd).type)
    return table.set_column(at, pa.field(field.name, array.type, metadata=field.metadata), array)


def _notes(rng: Random, notes: Any) -> dict[bytes, bytes]:
    found = dict(notes)
    if found and rng.random() < 0.5:
        found.pop(rng.choice(sorted(found)))
    name = rng.choice((*sorted(found), b"kind", b"order", b"keys", b"pandas", b"chunks", b"ARROW:schema"))
    if name != b"ARROW:schema":
        found[name] = rng.choice(
            (b"", b"x", b"\xff", b"[]", b"{}", b"null", b"1", b'["a"]', b"[[[[", b"text", b"month", b"-1--5")
        )
    return found
