"""The engine's view of a matrix: where it lies, how long its rows are, and that no other matrix lies there.

A numba array carries its shape and strides with it, passes them all at every call, and takes a negative index to
count from the end. The matrices of a run are plain blocks whose rows have the widths of :mod:`sim.state`, so the
engine hands its rules a :class:`Table` instead: an address and the sizes that differ between scenarios. Every read
and write also says which matrix and column it touches, so the compiler knows that one column never changes another.
Rules read the same on arrays and on tables.
"""

from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.typing.templates import (
    AbstractTemplate,
    AttributeTemplate,
    infer_getattr,
    infer_global,
    signature,
)
from numba.extending import intrinsic, lower_builtin, lower_getattr, models, register_model

from sim import state as s

__all__ = ["Table", "table"]

kinds: Any = types


class Table(kinds.Type):
    """A block of numbers of the given sizes (0: known only at run time), by row (C) or by column (F)."""

    def __init__(self, label: str, dtype: Any, sizes: tuple[int, ...], layout: str) -> None:
        self.label, self.dtype, self.sizes, self.ndim, self.layout = label, dtype, sizes, len(sizes), layout
        super().__init__(f"{label}({dtype}, {', '.join(map(str, sizes))}, {layout})")

    @property
    def open_axes(self) -> tuple[int, ...]:
        """Axes whose size is known only at run time."""
        return tuple(axis for axis, size in enumerate(self.sizes) if not size)


@register_model(Table)
class TableModel(models.StructModel):
    """The address and the sizes that the type does not know."""

    def __init__(self, manager: Any, kind: Table) -> None:
        members = [("data", kinds.CPointer(kind.dtype))]
        members += [(f"n{axis}", kinds.intp) for axis in kind.open_axes]
        super().__init__(manager, kind, members)


def sizes_of(context: Any, builder: Any, kind: Table, value: Any) -> list[Any]:
    """All sizes, in order."""
    parts = cgutils.create_struct_proxy(kind)(context, builder, value=value)
    return [
        context.get_constant(kinds.intp, size) if size else getattr(parts, f"n{axis}")
        for axis, size in enumerate(kind.sizes)
    ]


def constant_of(value: Any) -> int | None:
    """The number behind a constant of the code being compiled."""
    return int(value.constant) if isinstance(value, ir.Constant) else None


def last_of(index: Any) -> Any:
    """The last part of an index put together just before."""
    if isinstance(index, ir.instructions.InsertValue):
        return index.operands[1]
    return index


def mark(builder: Any, access: Any, kind: Table, column: int | None) -> None:
    """Tell the compiler which matrix, and which column of it, a read or write touches."""
    module = builder.module
    node = module.add_metadata(["bayah"])
    node = module.add_metadata([kind.label, node])
    if column is not None:
        node = module.add_metadata([f"{kind.label}.{column}", node])
    access.set_metadata("tbaa", module.add_metadata([node, node, ir.Constant(ir.IntType(64), 0)]))


def place_of(context: Any, builder: Any, kind: Table, value: Any, index_type: Any, index: Any) -> Any:
    """Address of an element, and its column if that is a constant; indices count from the first."""
    if isinstance(index_type, kinds.BaseTuple):
        indices, index_types = cgutils.unpack_tuple(builder, index, kind.ndim), list(index_type)
    else:
        indices, index_types = [index], [index_type]
    column = constant_of(last_of(index)) if kind.sizes[-1] else None
    whole = [
        context.cast(builder, one, had, kinds.intp) for one, had in zip(indices, index_types, strict=True)
    ]
    sizes = sizes_of(context, builder, kind, value)
    axes = list(range(kind.ndim))
    if kind.layout == "F":
        axes.reverse()
    offset = whole[axes[0]]
    for axis in axes[1:]:
        offset = builder.add(builder.mul(offset, sizes[axis], flags=["nsw"]), whole[axis], flags=["nsw"])
    parts = cgutils.create_struct_proxy(kind)(context, builder, value=value)
    return builder.gep(parts.data, [offset], inbounds=True), column


def fits(kind: Any, index: Any) -> bool:
    """Whether an index picks one number of a table."""
    if not isinstance(kind, Table):
        return False
    if isinstance(index, kinds.BaseTuple):
        return len(index) == kind.ndim and all(isinstance(one, kinds.Integer) for one in index)
    return kind.ndim == 1 and isinstance(index, kinds.Integer)


@infer_global(operator.getitem)
class ReadTable(AbstractTemplate):
    """``F[i, column]``."""

    def generic(self, args: Any, kws: Any) -> Any:
        """Its type."""
        kind, index = args
        return signature(kind.dtype, kind, index) if fits(kind, index) else None


@infer_global(operator.setitem)
class WriteTable(AbstractTemplate):
    """``F[i, column] = value``."""

    def generic(self, args: Any, kws: Any) -> Any:
        """Its type."""
        kind, index, _ = args
        return signature(kinds.none, kind, index, kind.dtype) if fits(kind, index) else None


@lower_builtin(operator.getitem, Table, kinds.Any)
def read(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    """Load."""
    place, column = place_of(context, builder, sig.args[0], args[0], sig.args[1], args[1])
    loaded = builder.load(place)
    mark(builder, loaded, sig.args[0], column)
    return loaded


@lower_builtin(operator.setitem, Table, kinds.Any, kinds.Any)
def write(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    """Store."""
    place, column = place_of(context, builder, sig.args[0], args[0], sig.args[1], args[1])
    mark(builder, builder.store(args[2], place), sig.args[0], column)
    return context.get_dummy_value()


@infer_getattr
class TableAttributes(AttributeTemplate):
    """``F.shape``."""

    key = Table

    def resolve_shape(self, kind: Table) -> Any:
        """Its type."""
        return kinds.UniTuple(kinds.intp, kind.ndim)


@lower_getattr(Table, "shape")
def shape(context: Any, builder: Any, kind: Table, value: Any) -> Any:
    """The sizes."""
    sizes = sizes_of(context, builder, kind, value)
    return context.make_tuple(builder, kinds.UniTuple(kinds.intp, kind.ndim), sizes)


def sizes_for(label: str, patrons: int) -> tuple[int, ...]:
    """Sizes of a matrix where the number of patrons is known, or is 0 for any number of them."""
    poles, options = (patrons + 1, 2 * patrons + 2) if patrons else (0, 0)
    return {
        "F": (0, s.F_WIDTH), "I": (0, s.I_WIDTH), "X": (0, patrons, s.X_WIDTH), "P": (patrons, s.P_WIDTH),
        "W": (poles, poles, s.W_WIDTH), "G": (0, s.G_WIDTH), "H": (0, poles, s.H_WIDTH), "C": (s.C_WIDTH,),
        "A": (s.A_WIDTH,), "E": (0, s.E_WIDTH), "CEN": (options, s.T_WIDTH), "T": (options, s.T_WIDTH),
        "V": (options,), "Q": (options,), "D": (0, 0),
    }.get(label, (0,))  # fmt: skip


@intrinsic(prefer_literal=True)
def table(typingctx: Any, array: Any, label: Any, patrons: Any) -> Any:
    """The table of a contiguous array, by its letter in :mod:`sim.state` and the number of patrons (0: any)."""
    sizes = sizes_for(label.literal_value, patrons.literal_value)
    kind = Table(label.literal_value, array.dtype, sizes, array.layout)

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        given = context.make_array(sig.args[0])(context, builder, value=args[0])
        made = cgutils.create_struct_proxy(kind)(context, builder)
        made.data = given.data
        found = cgutils.unpack_tuple(builder, given.shape, kind.ndim)
        for axis in kind.open_axes:
            setattr(made, f"n{axis}", found[axis])
        return made._getvalue()

    return signature(kind, array, label, patrons), build
