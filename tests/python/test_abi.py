# SPDX-License-Identifier: Apache-2.0
"""Arrays, batches, tables and streams from pyarrow through Elea and back, by the C interfaces.

Everything is compared by value and by address: nothing may have been copied on the way.
"""

import datetime
import decimal
import gc
import random

import pyarrow as pa
import pytest

import elea_ctypes as elea

PLAIN = [
    pa.null(), pa.bool_(), pa.int8(), pa.uint8(), pa.int16(), pa.uint16(), pa.int32(), pa.uint32(),
    pa.int64(), pa.uint64(), pa.float16(), pa.float32(), pa.float64(), pa.date32(), pa.date64(),
    pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns"), pa.timestamp("s"),
    pa.timestamp("ms", "UTC"), pa.timestamp("us", "Europe/Berlin"), pa.timestamp("ns", "-03:30"),
    pa.duration("s"), pa.duration("ms"), pa.duration("us"), pa.duration("ns"),
    pa.month_day_nano_interval(), pa.decimal32(7, 3), pa.decimal64(16, -2), pa.decimal128(30, 5),
    pa.decimal256(70, 11), pa.utf8(), pa.binary(), pa.large_utf8(), pa.large_binary(),
    pa.string_view(), pa.binary_view(), pa.binary(5), pa.binary(0),
]
NESTED = [
    pa.list_(pa.int32()), pa.large_list(pa.utf8()), pa.list_(pa.float16(), 4),
    pa.list_(pa.utf8(), 0), pa.list_view(pa.int16()), pa.large_list_view(pa.utf8()),
    pa.struct([]), pa.struct([("a", pa.int64()), pa.field("b", pa.utf8(), nullable=False)]),
    pa.map_(pa.utf8(), pa.int32()), pa.map_(pa.int32(), pa.list_(pa.utf8()), keys_sorted=True),
    pa.dictionary(pa.int8(), pa.utf8()), pa.dictionary(pa.uint32(), pa.int64(), ordered=True),
    pa.run_end_encoded(pa.int32(), pa.utf8()), pa.run_end_encoded(pa.int64(), pa.bool_()),
    pa.list_(pa.struct([("x", pa.list_(pa.float32(), 2)), ("y", pa.map_(pa.int8(), pa.bool_()))])),
    pa.list_(pa.dictionary(pa.int16(), pa.utf8())),
    pa.list_view(pa.struct([("v", pa.string_view()), ("d", pa.decimal32(5, 2))])),
    pa.large_list_view(pa.month_day_nano_interval()), pa.list_(pa.duration("us"), 2),
    pa.run_end_encoded(pa.int16(), pa.decimal64(9, 1)), pa.map_(pa.utf8(), pa.binary_view()),
    pa.struct([("l", pa.list_(pa.list_view(pa.float16()))), ("n", pa.null())]),
]
TYPES = PLAIN + NESTED
LENGTHS = [0, 1, 63, 64, 65, 1000]


def random_text(rng):
    return "".join(rng.choice("abc äß€😀\n\0") for _ in range(rng.randrange(20)))


def random_key(type_, rng):
    return random_text(rng) if pa.types.is_string(type_) else rng.randrange(100)


def random_number(type_, rng):
    bits = type_.bit_width
    if pa.types.is_unsigned_integer(type_):
        return rng.choice([0, 2**bits - 1, rng.getrandbits(bits)])
    return rng.choice([0, -1, -(2 ** (bits - 1)), 2 ** (bits - 1) - 1, rng.getrandbits(bits - 1)])


def random_value(type_, rng):
    """A Python value that pyarrow takes for the type."""
    is_ = pa.types
    if is_.is_boolean(type_):
        return rng.random() < 0.5
    if is_.is_integer(type_):
        return random_number(type_, rng)
    if is_.is_floating(type_):
        return rng.choice([0.0, -0.0, 1.5, -2.0, float("inf"), float(rng.randrange(2000))])
    if is_.is_decimal(type_):
        digits = rng.randrange(10 ** min(type_.precision, 20))
        return decimal.Decimal((rng.randrange(2), tuple(map(int, str(digits)))[:7], -type_.scale))
    if is_.is_date(type_):
        return datetime.date.fromordinal(rng.randrange(1, 3_000_000))
    if is_.is_time(type_):
        return datetime.time(rng.randrange(24), rng.randrange(60), rng.randrange(60))
    if is_.is_timestamp(type_) or is_.is_duration(type_):
        return rng.randrange(-(2**40), 2**40)
    if is_.is_interval(type_):
        return pa.MonthDayNano([rng.randrange(-9, 9), rng.randrange(-40, 40), rng.getrandbits(60)])
    if is_.is_fixed_size_binary(type_):
        return rng.randbytes(type_.byte_width)
    if is_.is_string(type_) or is_.is_large_string(type_) or is_.is_string_view(type_):
        return random_text(rng)
    if is_.is_struct(type_):
        return {f.name: maybe_value(f.type, rng, f.nullable) for f in type_}
    if is_.is_map(type_):
        keys = {random_key(type_.key_type, rng) for _ in range(rng.randrange(4))}
        return [(key, maybe_value(type_.item_type, rng)) for key in sorted(keys)]
    if is_.is_fixed_size_list(type_):
        return [maybe_value(type_.value_type, rng) for _ in range(type_.list_size)]
    if hasattr(type_, "value_field"):
        return [maybe_value(type_.value_type, rng) for _ in range(rng.randrange(5))]
    return rng.randbytes(rng.randrange(20))


def maybe_value(type_, rng, nullable=True):
    if pa.types.is_null(type_) or (nullable and rng.random() < 0.2):
        return None
    return random_value(type_, rng)


def random_array(type_, length, rng):
    if pa.types.is_dictionary(type_):
        words = list({random_value(type_.value_type, rng) for _ in range(9)})
        indices = [rng.choice([None, *range(len(words))]) for _ in range(length)]
        return pa.DictionaryArray.from_arrays(
            pa.array(indices, type_.index_type), pa.array(words, type_.value_type),
            ordered=type_.ordered)
    if pa.types.is_run_end_encoded(type_):
        ends, end = [], 0
        while end < length:
            end += rng.randrange(1, 5)
            ends.append(end)
        values = [maybe_value(type_.value_type, rng) for _ in ends]
        return pa.RunEndEncodedArray.from_arrays(
            pa.array(ends, type_.run_end_type), pa.array(values, type_.value_type)).slice(0, length)
    if pa.types.is_list(type_) and pa.types.is_dictionary(type_.value_type):
        lengths = [rng.randrange(4) for _ in range(length)]
        offsets = [sum(lengths[:i]) for i in range(length + 1)]
        values = random_array(type_.value_type, offsets[-1], rng)
        return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), values)
    return pa.array([maybe_value(type_, rng) for _ in range(length)], type_)


def random_unions(length, rng):
    codes = pa.array([rng.choice([0, 7]) for _ in range(length)], pa.int8())
    numbers = random_array(pa.int64(), length, rng)
    texts = random_array(pa.utf8(), length, rng)
    yield pa.UnionArray.from_sparse(codes, [numbers, texts], ["n", "t"], [0, 7])
    places = pa.array(sorted(rng.randrange(length) for _ in range(length)), pa.int32())
    yield pa.UnionArray.from_dense(codes, places, [numbers, texts], ["n", "t"], [0, 7])


def addresses(array):
    """Where the buffers of a pyarrow array lie, those of its children and dictionary with it."""
    result = [None if buffer is None else buffer.address for buffer in array.buffers()]
    if pa.types.is_dictionary(array.type):
        result += addresses(array.dictionary)
    return result


def same(a, b):
    # Formatting as well, since NaN and -0 are no matter of equality.
    return a.equals(b) and str(a) == str(b)


def is_forgotten(array):
    """pyarrow drops the view buffer when it imports an array of no rows at an offset, its own too,
    and then finds it missing."""
    is_view = pa.types.is_string_view(array.type) or pa.types.is_binary_view(array.type)
    return is_view and len(array) == 0


def check_array(array):
    copied = elea.copied_bytes()
    ours = elea.Array.from_arrow(array)
    assert len(ours) == len(array)
    assert ours.offset == array.offset
    if not pa.types.is_union(array.type) and not pa.types.is_run_end_encoded(array.type):
        assert ours.null_count == array.null_count
    ours.validate()
    back = pa.array(ours)
    assert elea.copied_bytes() == copied
    assert back.offset == array.offset
    assert back.type == array.type
    if not is_forgotten(back):
        back.validate(full=True)
        assert same(back, array)
        assert addresses(back) == addresses(array)


@pytest.mark.parametrize("type_", TYPES, ids=str)
def test_types(type_):
    nullable = pa.types.is_null(type_)
    field = pa.field("ß", type_, nullable, metadata={b"k": b"v", b"": b"\0\xff"})
    ours = elea.Field.from_arrow(field)
    assert ours.name == "ß"
    assert ours.nullable == nullable
    assert sorted(ours.metadata) == sorted([(b"k", b"v"), (b"", b"\0\xff")])
    back = pa.field(ours)
    assert back.equals(field, check_metadata=True)
    assert pa.field(elea.Field.from_arrow(type_)).type == type_


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("type_", TYPES, ids=str)
def test_arrays(type_, length):
    rng = random.Random(f"{type_} {length}")
    array = random_array(type_, length, rng)
    check_array(array)
    for _ in range(3):
        start = rng.randrange(length + 1)
        check_array(array.slice(start, rng.randrange(length - start + 1)))


@pytest.mark.parametrize("length", LENGTHS[1:])
def test_unions(length):
    rng = random.Random(length)
    for array in random_unions(length, rng):
        check_array(array)
        check_array(array.slice(length // 3, length // 2))


@pytest.mark.parametrize("type_", TYPES, ids=str)
def test_all_null(type_):
    check_array(pa.nulls(77, type_))
    check_array(pa.nulls(77, type_).slice(5, 13))


def test_values_are_read_through_spans():
    array = pa.array([None, 5, -7, 2**62, None, 0], pa.int64()).slice(1)
    ours = elea.Array.from_arrow(array)
    span = ours.span()
    for i, expected in enumerate(array.to_pylist()):
        if expected is not None:
            assert elea.get("elea_span_get_int", elea.byref(span), i) == expected
    array = pa.array(["", "grün", None, "日本"]).slice(1)
    ours = elea.Array.from_arrow(array)
    span = ours.span()
    for i, expected in enumerate(array.to_pylist()):
        if expected is not None:
            value = elea.get("elea_span_get_bytes", elea.byref(span), i)
            assert elea.ctypes.string_at(value.data, value.size).decode() == expected


def test_memory_lives_as_long_as_somebody_needs_it():
    before = pa.total_allocated_bytes()
    array = pa.array(range(100_000))
    address = array.buffers()[1].address
    ours = elea.Array.from_arrow(array)
    del array
    gc.collect()
    assert pa.total_allocated_bytes() > before
    back = pa.array(ours)
    ours.close()
    assert back.buffers()[1].address == address
    assert back[99_999].as_py() == 99_999
    del back
    gc.collect()
    assert pa.total_allocated_bytes() == before


def random_batch(length, rng):
    types = [*TYPES]
    rng.shuffle(types)
    columns = [random_array(type_, length, rng) for type_ in types[:12]]
    fields = [pa.field(f"c{i}", column.type, metadata={"i": str(i)} if i % 2 else None)
              for i, column in enumerate(columns)]
    return pa.record_batch(columns, pa.schema(fields, metadata={"who": "pyarrow"}))


@pytest.mark.parametrize("seed", range(6))
def test_record_batches(seed):
    rng = random.Random(seed)
    batch = random_batch(rng.choice([0, 1, 100]), rng)
    for part in (batch, batch.slice(batch.num_rows // 3)):
        ours = elea.RecordBatch.from_arrow(part)
        ours.validate()
        assert len(ours) == part.num_rows
        back = pa.record_batch(ours)
        back.validate(full=True)
        assert back.schema.equals(part.schema, check_metadata=True)
        assert back.equals(part)
        for a, b in zip(back.columns, part.columns):
            assert addresses(a) == addresses(b)


def test_a_batch_with_nulls_of_its_own_is_refused():
    # A struct array is no record batch when whole rows of it are null.
    array = pa.array([{"a": 1}, None], pa.struct([("a", pa.int64())]))
    with pytest.raises(elea.Error, match="1 rows of the record batch are null"):
        elea.RecordBatch.from_arrow(array)
    whole = pa.array([{"a": 1}, None, {"a": 2}, {"a": 3}], pa.struct([("a", pa.int64())])).slice(2)
    batch = elea.RecordBatch.from_arrow(whole)
    assert pa.record_batch(batch).to_pydict() == {"a": [2, 3]}


@pytest.mark.parametrize("seed", range(6))
def test_tables(seed):
    rng = random.Random(seed)
    first = random_batch(50, rng)
    table = pa.Table.from_batches([first, first.slice(7, 20), first.slice(0, 0), first.slice(49)])
    copied = elea.copied_bytes()
    ours = elea.Table.from_arrow(table)
    ours.validate()
    assert len(ours) == table.num_rows
    back = pa.table(ours)
    assert elea.copied_bytes() == copied
    back.validate(full=True)
    assert back.schema.equals(table.schema, check_metadata=True)
    assert back.equals(table)
    for a, b in zip(back.columns, table.columns):
        parts = [chunk for chunk in b.chunks if len(chunk)]
        assert [addresses(chunk) for chunk in a.chunks if len(chunk)] == list(map(addresses, parts))


def test_empty_tables():
    for table in (pa.table({}), pa.table({"a": pa.array([], pa.utf8())}),
                  pa.schema([("a", pa.int8())]).empty_table()):
        back = pa.table(elea.Table.from_arrow(table))
        assert back.equals(table)
        assert back.schema == table.schema


@pytest.mark.parametrize("type_", TYPES, ids=str)
def test_chunked_arrays(type_):
    rng = random.Random(str(type_))
    whole = random_array(type_, 100, rng)
    chunked = pa.chunked_array([whole.slice(0, 30), whole.slice(30, 0), whole.slice(30)], type_)
    ours = elea.ChunkedArray.from_arrow(chunked)
    ours.validate()
    assert len(ours) == 100
    back = pa.chunked_array(ours)
    for chunk in back.chunks:
        if not is_forgotten(chunk):
            chunk.validate(full=True)
    assert back.equals(chunked)
    assert [len(chunk) for chunk in back.chunks] == [30, 0, 70]
    for a, b in zip(back.chunks, chunked.chunks):
        assert is_forgotten(a) or addresses(a) == addresses(b)
    nothing = pa.chunked_array([], type_)
    assert pa.chunked_array(elea.ChunkedArray.from_arrow(nothing)).equals(nothing)


def test_a_failing_producer_is_heard():
    def batches():
        yield pa.record_batch({"a": [1, 2]})
        raise ValueError("no more of this")

    schema = pa.schema([("a", pa.int64())])
    reader = pa.RecordBatchReader.from_batches(schema, batches())
    with pytest.raises(elea.Error, match="get_next gave errno [0-9]+: .*no more of this") as caught:
        elea.Table.from_arrow(reader)
    assert caught.value.status in ("EINVAL", "EIO")


# Types that pyarrow cannot make; and that of no array, as extensions are storage and metadata.
NOT_OF_PYARROW = {"month_interval", "day_time_interval", "extension"}


def test_every_type_was_here():
    arrays = [random_array(type_, 1, random.Random(1)) for type_ in TYPES]
    arrays += random_unions(1, random.Random(1))
    seen = set()
    for array in arrays:
        span = elea.Array.from_arrow(array).span()
        seen.add(elea.get("elea_type_id_name", span.id).decode())
    every, id_ = set(), 0
    while elea.get("elea_type_id_name", id_) != b"unknown":
        every.add(elea.get("elea_type_id_name", id_).decode())
        id_ += 1
    assert every - seen == NOT_OF_PYARROW


def nested_dictionaries():
    words = pa.DictionaryArray.from_arrays(pa.array([1, None, 0], pa.int8()), pa.array(["a", "b"]))
    yield pa.DictionaryArray.from_arrays(pa.array([2, 0, None, 1], pa.uint16()), words)
    yield pa.StructArray.from_arrays([words, pa.array([1, 2, 3])], ["d", "n"])
    yield pa.ListArray.from_arrays(pa.array([0, 2, 2, 3], pa.int32()), words)
    yield pa.DictionaryArray.from_arrays(
        pa.array([0, 1, 0], pa.int64()), pa.array([[1], [2, 3]], pa.list_(pa.int8())))
    yield pa.RunEndEncodedArray.from_arrays(pa.array([2, 3, 7], pa.int32()), words)


@pytest.mark.parametrize("index", range(5))
def test_nested_dictionaries(index):
    array = list(nested_dictionaries())[index]
    check_array(array)
    check_array(array.slice(1, 2))


def test_extension_types_keep_their_metadata():
    storage = pa.array([b"0123456789abcdef"], pa.binary(16))
    array = pa.ExtensionArray.from_storage(pa.uuid(), storage)
    ours = elea.Field.from_arrow(pa.field("id", array.type))
    assert dict(ours.metadata)[b"ARROW:extension:name"] == b"arrow.uuid"
    assert pa.field(ours).type == array.type
