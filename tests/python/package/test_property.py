# SPDX-License-Identifier: Apache-2.0
"""Schemas and tables that hypothesis makes, to pyarrow, Polars, DuckDB, nanoarrow and arro3 and
back: the same values, at slices, in chunks, empty and all null. pyarrow is the judge: it makes
the values, and it reads what the other libraries then hold. No byte is copied by us."""

import datetime
import functools

import arro3.core
import duckdb
import elea
import nanoarrow
import polars
import pyarrow as pa
import pytest
from hypothesis import assume, given, reject
from hypothesis import strategies as st

from strategies import columns, slices, typed

UTC = datetime.timezone.utc
PIECES_MOST = 4


# ---- the libraries


@functools.cache
def connection():
    made = duckdb.connect()
    made.execute("set TimeZone = 'UTC'")
    return made


def to_duckdb(table):
    connection().register("given", table)
    return connection().sql("select * from given")


TABLES = {
    "pyarrow": pa.table,
    "Polars": polars.DataFrame,
    "DuckDB": to_duckdb,
    "nanoarrow": nanoarrow.Array,
    "arro3": arro3.core.Table.from_arrow,
}

COLUMNS = {
    "pyarrow": pa.chunked_array,
    "Polars": polars.Series,
    "nanoarrow": nanoarrow.Array,
    "arro3": arro3.core.ChunkedArray.from_arrow,
}


def is_negative_scale(kind):
    return pa.types.is_decimal(kind) and kind.scale < 0


def is_view(kind):
    return kind in (pa.string_view(), pa.binary_view())


def is_list_view(kind):
    return pa.types.is_list_view(kind) or pa.types.is_large_list_view(kind)


def is_struct_of_struct(kind):
    return pa.types.is_struct(kind) and any(pa.types.is_struct(field.type) for field in kind)


def is_dictionary_of_numbers(kind):
    return pa.types.is_dictionary(kind) and not pa.types.is_string(kind.value_type)


def is_fixed_list_of_dictionary(kind):
    return pa.types.is_fixed_size_list(kind) and pa.types.is_dictionary(kind.value_type)


def is_around_struct(kind):
    listed = pa.types.is_fixed_size_list(kind) and pa.types.is_struct(kind.value_type)
    return listed or is_struct_of_struct(kind)


def is_small_decimal(kind):
    return pa.types.is_decimal32(kind) or pa.types.is_decimal64(kind)


def one_in_dictionary():
    """A fixed-size list of a value that its dictionary's indices cannot hold."""
    item = pa.DictionaryArray.from_arrays(pa.array([0], pa.int8()), pa.array([128], pa.int32()))
    return pa.FixedSizeListArray.from_arrays(item, 1)


def in_two_chunks(values):
    return pa.chunked_array([values[:0], values])


def nulls(kind):
    """A column that begins behind some rows."""
    return pa.nulls(8, kind).slice(5)


STRUCTS = pa.list_(pa.struct([("x", pa.int8())]), 2)

# What a library cannot hold: which types, a column that it refuses when it has it from pyarrow
# (None: it ends the process), and why.
LEFT_OUT = {
    "pyarrow": [],
    "Polars": [
        (is_dictionary_of_numbers, in_two_chunks(pa.array([80]).dictionary_encode()),
         "makes texts of values that are none, when there are more chunks than one"),
        (pa.types.is_decimal256, nulls(pa.decimal256(60, 0)), "no operator for 'Int256'"),
        (is_negative_scale, nulls(pa.decimal128(5, -2)), "'scale is not a valid integer'"),
        (is_list_view, nulls(pa.list_view(pa.int8())), "'+vl is still not supported'"),
        (lambda kind: kind == pa.binary(0), nulls(pa.binary(0)), "'expects a positive size'"),
        (pa.types.is_fixed_size_list, nulls(pa.list_(pa.int8(), 2)),
         "compares a slice's bitmap with the items of all"),
        (is_small_decimal, None, "aborts when a frame or a nested one gives them back (2.1)"),
    ],
    "DuckDB": [
        (pa.types.is_float16, nulls(pa.float16()), "'unsupported internal Arrow type e'"),
        (pa.types.is_decimal256, nulls(pa.decimal256(60, 0)), "'unsupported ... for decimal'"),
        (is_negative_scale, nulls(pa.decimal128(5, -2)), "'information loss on integer cast'"),
        (is_fixed_list_of_dictionary, one_in_dictionary(), "takes values for indices"),
        (pa.types.is_map, pa.array([[("a", 1), ("a", 2)]], pa.map_(pa.string(), pa.int8())),
         "'map contains duplicate key': these are in test_interop.py"),
    ],
    "nanoarrow": [(is_view, None, "aborts when a value is read (0.9)")],
    "arro3": [(is_around_struct, pa.nulls(1, STRUCTS).slice(1),
               "takes a slice's offset off twice")],
}


def inner_types(kind):
    """A type and those inside of it."""
    yield kind
    for i in range(kind.num_fields):
        yield from inner_types(kind.field(i).type)
    if pa.types.is_dictionary(kind):
        yield from inner_types(kind.value_type)


def is_left_out(library, kind):
    return any(entry[0](inner) for inner in inner_types(kind) for entry in LEFT_OUT[library])


# ---- what is given to them


def made(values, kind):
    """An array of pyarrow's; none where its own validation refuses what it made: a null struct
    gets an index of 0 into a dictionary of no values."""
    array = pa.array(values, kind)
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        reject()
    return array


@st.composite
def chunked(draw, library):
    """A column of pyarrow's: pieces that begin and end anywhere, of values, of nulls, of none."""
    kind, values = draw(columns())
    assume(not is_left_out(library, kind))
    content = draw(st.sampled_from(["values", "values", "values", "nulls", "nothing"]))
    if content == "nulls":
        values = [None] * len(values)
    elif content == "nothing":
        values = []
    whole = made(values, kind)
    pieces = [whole.slice(*draw(slices(len(values))))
              for _ in range(draw(st.integers(0, PIECES_MOST)))]
    return pa.chunked_array(pieces, kind)


@st.composite
def tables(draw, library):
    """A table of pyarrow's whose columns are slices; their chunks end at the same rows."""
    parts = draw(st.lists(columns(), min_size=1, max_size=4))
    assume(not any(is_left_out(library, kind) for kind, _ in parts))
    length = min(len(values) for _, values in parts)
    whole = pa.table({f"c{i}": made(values[:length], kind)
                      for i, (kind, values) in enumerate(parts)})
    pieces = [whole.slice(*draw(slices(length)))
              for _ in range(draw(st.integers(1, PIECES_MOST)))]
    return pa.concat_tables(pieces)


def plain(value):
    """A value in the terms in which libraries may differ and mean the same."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, elea.MonthDayNano | pa.MonthDayNano):  # DuckDB's of durations
        months, days, nanoseconds = value
        assert months == 0
        return datetime.timedelta(days, microseconds=nanoseconds // 1000)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return datetime.datetime(value.year, value.month, value.day)  # Polars' of date64
    if isinstance(value, datetime.datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    return value


def check_values(library, found, expected, kind):
    assert plain(found) == plain(expected), (library, kind)


# ---- both ways


@pytest.mark.parametrize("library", COLUMNS)
@given(st.data())
def test_columns(library, data):
    source = data.draw(chunked(library))
    expected = source.to_pylist()
    before = elea.copied_bytes()
    ours = elea.chunked_array(source)
    theirs = COLUMNS[library](ours)
    back = elea.chunked_array(theirs)
    from_them = elea.chunked_array(COLUMNS[library](source))
    assert elea.copied_bytes() == before
    check_values("pyarrow", ours.to_pylist(), expected, source.type)
    check_values(library, pa.chunked_array(theirs).to_pylist(), expected, source.type)
    for result in (back, from_them):
        result.validate(full=True)
        check_values(library, result.to_pylist(), expected, source.type)
    if library in ("pyarrow", "arro3", "nanoarrow"):
        assert back.type == from_them.type == ours.type
        assert back.equals(ours)


@pytest.mark.parametrize("library", TABLES)
@given(st.data())
def test_tables(library, data):
    source = data.draw(tables(library))
    before = elea.copied_bytes()
    ours = elea.table(source)
    theirs = TABLES[library](ours)
    back = elea.table(theirs)
    judged = pa.table(TABLES[library](ours)) if library != "nanoarrow" else None
    from_them = elea.table(TABLES[library](source))
    assert elea.copied_bytes() == before
    for result in (back, from_them) if judged is None else (back, from_them, judged):
        assert result.column_names == source.column_names
        assert result.num_rows == source.num_rows
        for field in source.schema:
            check_values(library, result[field.name].to_pylist(),
                         source[field.name].to_pylist(), field.type)
    assert ours.to_pydict() == source.to_pydict()


NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
METADATA = st.none() | st.dictionaries(NAMES.filter(bool), NAMES, min_size=1, max_size=3)


@st.composite
def schemas(draw):
    """Fields of any type and name, with metadata now and then."""
    names = draw(st.lists(NAMES, max_size=5))
    kinds = [draw(typed(3))[0] for _ in names]
    fields = [pa.field(name, kind, kind == pa.null() or draw(st.booleans()), draw(METADATA))
              for name, kind in zip(names, kinds, strict=True)]
    return pa.schema(fields, draw(METADATA))


@given(schemas())
def test_schemas(source):
    """Names, types, nullability and metadata stay."""
    ours = elea.schema(source)
    assert ours.names == source.names
    for through in (pa.schema, arro3.core.Schema.from_arrow, nanoarrow.Schema):
        theirs = through(ours)
        assert pa.schema(theirs).equals(source, check_metadata=True)
        for back in (elea.schema(theirs), elea.schema(through(source))):
            assert back.equals(ours, check_metadata=True)


# ---- the edges, for certain


@pytest.mark.parametrize("library", COLUMNS)
@pytest.mark.parametrize("rows", [[], [None] * 5, [None, *range(130), None]])
def test_edges(library, rows):
    for kind in (pa.int32(), pa.bool_(), pa.string(), pa.list_(pa.int16()),
                 pa.struct([("x", pa.int8()), ("y", pa.bool_())])):
        make = {"string": str, "bool": lambda i: i % 3 == 0, "int32": int}.get(
            str(kind), lambda i: [i] * (i % 3))
        if pa.types.is_struct(kind):
            make = functools.partial(lambda i: {"x": i % 100, "y": i % 2 == 0})
        source = pa.array([None if i is None else make(i) for i in rows], kind)
        for begin in (0, 1, 3, 7, 9, 63, 65, 129):
            part = source.slice(begin)
            ours = elea.array(part)
            theirs = COLUMNS[library](elea.chunked_array([ours, ours[:0], ours[1:]]))
            expected = part.to_pylist() + part.to_pylist()[1:]
            assert elea.chunked_array(theirs).to_pylist() == expected
            assert pa.chunked_array(theirs).to_pylist() == expected


@pytest.mark.parametrize("library", LEFT_OUT)
def test_left_out_is_needed(library):
    """What is left out its library refuses, or returns changed, when pyarrow gives it, too."""
    for _, column, reason in LEFT_OUT[library]:
        if column is None:
            continue
        with pytest.raises(BaseException) as caught:  # Rust's panics are no Exception
            if library in COLUMNS:
                chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
                back = elea.chunked_array(COLUMNS[library](pa.chunked_array(chunks)))
            else:
                back = elea.table(TABLES[library](pa.table({"c": column})))["c"]
            check_values(library, back.to_pylist(), column.to_pylist(), column.type)
        assert not isinstance(caught.value, KeyboardInterrupt | SystemExit), reason
