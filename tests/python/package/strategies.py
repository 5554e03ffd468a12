# SPDX-License-Identifier: Apache-2.0
"""Types, and Python values for them, for hypothesis: as pyarrow types, which is whom the package
is compared with."""

import datetime
import decimal

import pyarrow as pa
from hypothesis import strategies as st

UTC = datetime.timezone.utc
UNITS = ["s", "ms", "us", "ns"]


def integers(bits, signed):
    least = -(2 ** (bits - 1)) if signed else 0
    most = 2 ** (bits - 1) - 1 if signed else 2**bits - 1
    return st.one_of(st.integers(least, most), st.sampled_from([least, most, 0, 1]))


def moments(unit, zone):
    """Datetimes that are whole numbers of a unit."""
    least, most = datetime.datetime(1800, 1, 1), datetime.datetime(2200, 1, 1)
    values = st.datetimes(least, most, timezones=st.just(UTC) if zone else st.none())
    digits = {"s": 10**6, "ms": 1000}.get(unit, 1)
    return values.map(lambda v: v.replace(microsecond=v.microsecond // digits * digits))


def deltas(unit):
    step = {"s": 10**6, "ms": 1000}.get(unit, 1)
    return st.integers(-(10**14) // step, 10**14 // step).map(
        lambda n: datetime.timedelta(microseconds=n * step))


def times(unit):
    step = {"s": 10**6, "ms": 1000}.get(unit, 1)
    return st.times().map(lambda v: v.replace(microsecond=v.microsecond // step * step))


def decimals(precision, scale):
    most = 10**precision - 1
    return st.integers(-most, most).map(lambda n: decimal.Decimal(f"{n}E{-scale}"))


def plain():
    """Pairs of a type without children and a strategy for its values."""
    floats = {pa.float16(): 16, pa.float32(): 32, pa.float64(): 64}
    out = [(pa.int8(), integers(8, True)), (pa.uint8(), integers(8, False)),
           (pa.int16(), integers(16, True)), (pa.uint16(), integers(16, False)),
           (pa.int32(), integers(32, True)), (pa.uint32(), integers(32, False)),
           (pa.int64(), integers(64, True)), (pa.uint64(), integers(64, False)),
           (pa.bool_(), st.booleans()), (pa.null(), st.none()),
           (pa.date32(), st.dates()), (pa.date64(), st.dates())]
    out += [(kind, st.floats(width=width, allow_nan=False)) for kind, width in floats.items()]
    texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    out += [(kind, texts) for kind in (pa.string(), pa.large_string(), pa.string_view())]
    out += [(kind, st.binary(max_size=20))
            for kind in (pa.binary(), pa.large_binary(), pa.binary_view())]
    out += [(pa.binary(5), st.binary(min_size=5, max_size=5)), (pa.binary(0), st.just(b""))]
    out += [(pa.timestamp(unit), moments(unit, False)) for unit in UNITS]
    out += [(pa.timestamp(unit, "UTC"), moments(unit, True)) for unit in UNITS]
    out += [(pa.duration(unit), deltas(unit)) for unit in UNITS]
    out += [(pa.time32("s"), times("s")), (pa.time32("ms"), times("ms")),
            (pa.time64("us"), times("us")), (pa.time64("ns"), times("us"))]
    out += [(pa.decimal32(7, 2), decimals(7, 2)), (pa.decimal64(15, 3), decimals(15, 3)),
            (pa.decimal128(38, 10), decimals(38, 10)), (pa.decimal256(60, 0), decimals(60, 0)),
            (pa.decimal128(5, -2), decimals(5, -2))]
    return out


PLAIN = plain()
HASHABLE = [pair for pair in PLAIN if pair[0] in (pa.int32(), pa.string(), pa.int64(),
                                                  pa.binary())]


def with_nulls(values):
    return st.one_of(st.none(), values, values)


@st.composite
def typed(draw, depth=2):
    """A type and a strategy for its values, None among them."""
    if depth == 0 or draw(st.integers(0, 2)) == 0:
        kind, values = draw(st.sampled_from(PLAIN))
        return kind, with_nulls(values)
    shape = draw(st.sampled_from(["list", "large_list", "list_view", "fixed", "struct", "map",
                                  "dictionary"]))
    if shape == "dictionary":
        kind, values = draw(st.sampled_from(HASHABLE))
        index = draw(st.sampled_from([pa.int8(), pa.int32(), pa.uint16()]))
        return pa.dictionary(index, kind), with_nulls(values)
    if shape == "struct":
        children = [draw(typed(depth - 1)) for _ in range(draw(st.integers(0, 3)))]
        kind = pa.struct([(f"f{i}", child[0]) for i, child in enumerate(children)])
        return kind, with_nulls(st.fixed_dictionaries(
            {f"f{i}": child[1] for i, child in enumerate(children)}))
    if shape == "map":
        key, keys = draw(st.sampled_from(HASHABLE))
        item, items = draw(typed(depth - 1))
        pairs = st.lists(st.tuples(keys, items), max_size=4)
        return pa.map_(key, item), with_nulls(pairs)
    kind, values = draw(typed(depth - 1))
    if shape == "fixed":
        size = draw(st.integers(0, 3))
        return pa.list_(kind, size), with_nulls(st.lists(values, min_size=size, max_size=size))
    make = {"list": pa.list_, "large_list": pa.large_list, "list_view": pa.list_view}[shape]
    return make(kind), with_nulls(st.lists(values, max_size=4))


@st.composite
def columns(draw, depth=2, length_max=30):
    """A type and a list of values of it."""
    kind, values = draw(typed(depth))
    return kind, draw(st.lists(values, max_size=length_max))


@st.composite
def slices(draw, length):
    begin = draw(st.integers(0, length))
    return begin, draw(st.integers(0, length - begin))
