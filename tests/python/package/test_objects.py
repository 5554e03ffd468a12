# SPDX-License-Identifier: Apache-2.0
"""What the objects are to Python: length, slices, equality, text, pickling, columns, errors."""

import copy
import datetime
import decimal
import pickle

import elea
import pyarrow as pa
import pytest

TABLE = elea.table({"id": [1, 2, 3], "name": ["a", None, "c"]})


def test_arrays_are_sequences():
    a = elea.array([1, None, 3])
    assert len(a) == 3 and bool(elea.array([0]))
    assert [one.as_py() for one in a] == a.to_pylist() == a.tolist() == [1, None, 3]
    assert a[0].as_py() == 1 and a[-1].as_py() == 3
    assert 3 in a and None in a and 7 not in a and elea.scalar(3) in a
    assert a[::-1].to_pylist() == [3, None, 1] and a[5:].to_pylist() == []
    assert a.index(3).as_py() == 2 and a.index(9).as_py() == -1
    assert a.is_null().to_pylist() == [False, True, False]
    for wrong in (3, -4, 2**70):
        with pytest.raises(IndexError, match="there are 3"):
            a[wrong]
    with pytest.raises(TypeError, match="'x'"):
        a["x"]
    with pytest.raises(IndexError):
        a.slice(-1)
    with pytest.raises(TypeError):
        hash(a)


def test_equality():
    a = elea.array([1.0, None])
    assert a == elea.array([1.0, None]) and a != elea.array([1.0, 2.0])
    assert a != elea.array([1, None]) and a != [1.0, None] and not a == 3
    nan = elea.array([float("nan")])
    assert nan != nan and nan.equals(nan, nans_equal=True)
    assert elea.chunked_array([[1], [2]]) == elea.chunked_array([[1, 2]])
    assert TABLE == elea.concat_tables([TABLE.slice(0, 1), TABLE.slice(1)])
    assert TABLE.to_batch() == TABLE.to_batch() and TABLE != TABLE.slice(1)
    assert elea.int64() == "int64" and elea.int64() != "int32" and elea.int64() != "no type"
    assert elea.scalar(1) == elea.scalar(1) and elea.scalar(1) != elea.scalar(1, "int8")
    assert len({elea.int8(), elea.int8(), elea.utf8()}) == 2
    assert len({elea.scalar(1), elea.scalar(1), elea.scalar(2)}) == 2
    for thing in (a, TABLE, TABLE["id"], TABLE.to_batch(), TABLE.schema, TABLE.schema.field(0)):
        with pytest.raises(TypeError, match="got 3"):
            thing.equals(3)
    assert elea.py_buffer(b"ab") == b"ab" and elea.py_buffer(b"ab") != b"ac"


def test_texts():
    assert repr(elea.array([1, None])) == "<elea.Array int64, 2 rows>\n[1, null]"
    assert repr(TABLE).splitlines()[0] == "<elea.Table, 3 rows, 2 columns>"
    assert "3 rows x 2 columns" in str(TABLE) and "id" in str(TABLE.to_batch())
    assert "2 chunks" in repr(elea.chunked_array([[1], [2]]))
    assert repr(elea.schema({"a": "int8"})) == "a: int8"
    assert "2,000 rows" in elea.table({"a": list(range(2000))})._repr_html_()
    html = elea.table({"<b>": ["<script>"]})._repr_html_()
    assert "<script>" not in html and "&lt;script&gt;" in html
    long = elea.table({"a": list(range(1000))}).to_string(max_rows=4)
    assert len(long.splitlines()) < 12


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickles(protocol):
    things = [elea.array([1, None])[1:], TABLE, TABLE.to_batch(), TABLE["name"], TABLE.schema,
              TABLE.schema.field("id"), elea.list_("int8", 2), elea.scalar("x"),
              elea.py_buffer(b"abc"), elea.dictionary_array([0, None], ["a"]),
              elea.schema({"a": "int8"}, metadata={"k": "v"})]
    for thing in things:
        again = pickle.loads(pickle.dumps(thing, protocol=protocol))
        assert again == thing and type(again) is type(thing)
        assert copy.copy(thing) == thing == copy.deepcopy(thing)
    kept = pickle.loads(pickle.dumps(things[-1], protocol=protocol))
    assert kept.metadata == {b"k": b"v"}


def test_buffers_go_out_of_band(nothing_copied):
    outside = []
    data = pickle.dumps(TABLE, protocol=5, buffer_callback=outside.append)
    assert outside
    again = pickle.loads(data, buffers=outside)
    assert again == TABLE
    assert (again["id"].chunk(0).buffers()[1].address
            == TABLE["id"].chunk(0).buffers()[1].address)


@pytest.mark.parametrize("kind", ["int64", "bool", "int8", "decimal128(9, 0)"])
def test_slices_pickle_alone(kind):
    whole = elea.array([0, None, 1] * 10000 if kind != "bool" else [True, None] * 10000, kind)
    for begin in (0, 1, 63, 64, 65, 1000):
        part = whole[begin:begin + 70]
        data = pickle.dumps(part)
        assert len(data) < 3000 and pickle.loads(data) == part
    assert pickle.loads(pickle.dumps(whole[5:5])) == whole[:0]


def test_columns_come_and_go():
    for thing in (TABLE, TABLE.to_batch()):
        more = thing.append_column("x", [1.0, 2.0, 3.0])
        assert more.column_names == ["id", "name", "x"] and type(more) is type(thing)
        assert more.set_column(0, elea.field("y", "int8", nullable=False),
                               elea.array([1, 2, 3], "int8")).schema.field(0).nullable is False
        assert more.add_column(0, "z", [0, 0, 0]).column_names[0] == "z"
        assert more.remove_column(-1).column_names == thing.column_names
        assert more.select(["x", "id"]).column_names == ["x", "id"]
        assert more.select([2]).column_names == ["x"]
        assert more.drop_columns("id").column_names == ["name", "x"]
        assert more.rename_columns({"id": "key"}).column_names == ["key", "name", "x"]
        assert more.rename_columns(["a", "b", "c"]).column_names == ["a", "b", "c"]
        assert more.replace_schema_metadata({"k": "v"}).schema.metadata == {b"k": b"v"}
        for wrong, kind, message in [
            (lambda: thing["nothing"], KeyError, "there are: id, name"),
            (lambda: thing[5], IndexError, "there are 2"),
            (lambda: thing.rename_columns(["a"]), ValueError, "as many names"),
            (lambda: thing.append_column("x", [1]), ValueError, "x|1|3"),
            (lambda: thing.select(["id", "no"]), KeyError, "no"),
            (lambda: thing.drop(["no"]), KeyError, "no"),
        ]:
            with pytest.raises(kind, match=message) as caught:
                wrong()
            assert isinstance(caught.value, elea.Error)


def test_tables_are_made():
    rows = [{"a": 1, "b": "x"}, {"a": None, "b": "y"}]
    for cls in (elea.Table, elea.RecordBatch):
        made = cls.from_pylist(rows)
        assert made.to_pylist() == rows
        assert cls.from_pydict(made.to_pydict()) == made
        assert cls.from_arrays([[1, None], ["x", "y"]], names=["a", "b"]) == made
        assert cls.from_arrays([[1, None], ["x", "y"]], schema=made.schema) == made
        with pytest.raises(ValueError, match="'a' 1, 'b' 2"):
            cls.from_pydict({"a": [1], "b": [1, 2]})
        with pytest.raises(KeyError, match="'c'"):
            cls.from_pydict({"a": [1]}, schema=elea.schema({"c": "int8"}))
        with pytest.raises(TypeError, match="column 'a'"):
            cls.from_pydict({"a": ["x"]}, schema=elea.schema({"a": "int8"}))
    assert elea.table({}).shape == (0, 0)
    assert elea.table([TABLE.to_batch(), TABLE.to_batch()]).num_rows == 6
    assert elea.concat_batches([TABLE.to_batch()] * 2).num_rows == 6
    assert elea.schema({"a": "int8"}).empty_table().num_rows == 0
    assert elea.Table.from_struct_array(TABLE.to_struct_array()) == TABLE
    assert elea.RecordBatch.from_struct_array(TABLE.to_batch().to_struct_array()) == (
        TABLE.to_batch())
    filled = elea.concat_tables([TABLE, TABLE.select(["id"])], promote_options="default")
    assert filled["name"].null_count == 4
    with pytest.raises(TypeError, match="table 1"):
        elea.concat_tables([TABLE, TABLE.select(["id"])])
    nested = elea.table({"p": [{"x": 1, "y": 2}]})
    assert nested.flatten().column_names == ["p.x", "p.y"]
    assert TABLE.differences(TABLE) == ""


def test_types_are_made():
    assert str(elea.struct([("a", elea.int8()), elea.field("b", "utf8")])) == (
        "struct<a: int8, b: utf8>")
    assert elea.timestamp("ns", "Europe/Rome").tz == "Europe/Rome"
    assert elea.map_("utf8", "int8").key_type == "utf8"
    assert elea.dictionary("int8", "utf8", ordered=True).ordered
    assert elea.union([("a", "int8")], "dense", [5]).type_codes == [5]
    assert elea.run_end_encoded("int32", "utf8").run_end_type == "int32"
    assert elea.decimal128(10, 2).precision == 10 and elea.decimal256(50).scale == 0
    assert elea.binary(3).byte_width == 3 and elea.bool_().bit_width == 1
    assert elea.type_for_alias("string") == elea.utf8() == elea.string()
    for make in (lambda: elea.timestamp("h"), lambda: elea.time32("ns"),
                 lambda: elea.decimal128(99, 0), lambda: elea.type_from_text("list<"),
                 lambda: elea.union([], "thin"), lambda: elea.list_(3), lambda: elea.field(3),
                 lambda: elea.struct("ab"), lambda: elea.list_("int8", -2)):
        with pytest.raises(elea.Error):
            make()
    for wrong in ("tz", "precision", "value_type", "list_size", "key_type", "unit"):
        with pytest.raises(AttributeError, match="int8 has no"):
            getattr(elea.int8(), wrong)
    for cls in (elea.Array, elea.Table, elea.Schema, elea.DataType, elea.Buffer, elea.Scalar,
                elea.Field, elea.RecordBatch, elea.ChunkedArray, elea.RecordBatchReader):
        with pytest.raises(TypeError, match="elea\\.|from_batches"):
            cls()


def test_parts_of_nested_arrays():
    lists = elea.array([[1, 2], None, [3]])
    assert lists.values.to_pylist() == [1, 2, 3]
    assert lists.offsets.to_pylist() == [0, 2, 2, 3]
    assert elea.list_array([0, 2, 3], [1, 2, 3]).to_pylist() == [[1, 2], [3]]
    people = elea.struct_array([[1, 2], ["a", "b"]], names=["id", "name"])
    assert people.field("name").to_pylist() == ["a", "b"] and people.field(0).type == "int64"
    words = elea.dictionary_array([1, None, 0], ["a", "b"])
    assert words.indices.to_pylist() == [1, None, 0] and words.dictionary.to_pylist() == ["a", "b"]
    pairs = elea.array([{"a": 1}, {}], elea.map_("utf8", "int8"))
    assert pairs.keys.to_pylist() == ["a"] and pairs.items.to_pylist() == [1]
    theirs = pa.RunEndEncodedArray.from_arrays([2, 3], ["a", "b"])
    runs = elea.array(theirs)
    assert runs.to_pylist() == ["a", "a", "b"] and runs[1:].to_pylist() == ["a", "b"]
    assert runs.run_ends.to_pylist() == [2, 3] and runs.values.to_pylist() == ["a", "b"]
    union = pa.UnionArray.from_dense(pa.array([0, 1, 0], pa.int8()),
                                     pa.array([0, 0, 1], pa.int32()), [pa.array([1, 2]),
                                                                       pa.array(["x"])])
    ours = elea.array(union)
    assert ours.to_pylist() == [1, "x", 2] and ours[1:].to_pylist() == ["x", 2]
    assert ours.type_codes.to_pylist() == [0, 1, 0] and ours.field(1).to_pylist() == ["x"]
    for wrong in ("values", "offsets", "dictionary", "run_ends"):
        with pytest.raises(TypeError, match="int64"):
            getattr(elea.array([1]), wrong)


def test_scalars():
    assert int(elea.scalar(3)) == 3 and float(elea.scalar(1.5)) == 1.5
    assert [10, 20, 30][elea.scalar(1)] == 20 and not elea.scalar(0)
    assert elea.scalar(None).as_py() is None and not elea.scalar(None).is_valid
    moment = elea.scalar(datetime.datetime(2020, 1, 1))
    assert moment.value == 1577836800000000 and str(moment.type) == "timestamp[us]"
    assert elea.scalar([1, 2])[1] == 2 and len(elea.scalar("abc")) == 3
    assert elea.scalar(decimal.Decimal("1.20")).as_py() == decimal.Decimal("1.20")
    late = elea.Array.from_buffers("timestamp[s]", 1, [None, (10**15).to_bytes(8, "little")])
    with pytest.raises(OverflowError, match="Scalar.value"):
        late[0].as_py()
    assert late[0].value == 10**15
    fine = elea.array([1001], elea.timestamp("ns"))
    assert fine[0].as_py().nanosecond == 1 and fine[0].value == 1001


@pytest.mark.parametrize("values, kind, error, message", [
    ([1, "a"], None, TypeError, "several kinds: int, str"),
    ([object()], None, TypeError, "row 0: no Arrow type"),
    ([1, 300], "int8", OverflowError, "row 1.*300"),
    (["a"], "int8", TypeError, r"row 0: expected int8, got 'a' \(str\)"),
    ([1.5], "int8", TypeError, "row 0"),
    (["1.5"], "float64", TypeError, "row 0"),
    ([1], "utf8", TypeError, "row 0: expected a str, got 1"),
    ([b"\xff"], "utf8", ValueError, "not UTF-8"),
    (["\ud800"], "utf8", ValueError, "row 0"),
    ([b"abc"], elea.binary(2), ValueError, "row 0"),
    ([[1], 2], "list<int8>", TypeError, "row 1"),
    (["ab"], "list<utf8>", TypeError, "row 0"),
    ([[1, 2, 3]], elea.list_("int8", 2), ValueError, "row 0"),
    ([{"a": "x"}], "struct<a: int8>", TypeError, "field 'a'"),
    ([{1: 2}], None, TypeError, "no struct"),
    ([{None: 1}], elea.map_("utf8", "int8"), ValueError, "key of a map"),
    ([decimal.Decimal("1.234")], elea.decimal128(5, 2), ValueError, "more digits"),
    ([decimal.Decimal("12345")], elea.decimal128(3, 0), OverflowError, "does not fit"),
    ([datetime.datetime(2020, 1, 1, 0, 0, 0, 5)], elea.timestamp("s"), ValueError, "whole number"),
    ([2**64], None, OverflowError, "no integer type"),
    (5, None, TypeError, "expected a list of values"),
    ("abc", None, TypeError, "expected a list of values"),
    ([1], "no such type", ValueError, "no such type|expected"),
    ([1], elea.sparse_union([("a", "int8")]), NotImplementedError, "union"),
])
def test_what_does_not_fit(values, kind, error, message):
    with pytest.raises(error, match=message) as caught:
        elea.array(values, kind)
    assert isinstance(caught.value, elea.Error)


def test_errors_are_one_tree():
    errors = [getattr(elea, name) for name in elea.__all__ if name.endswith("Error")]
    assert len(errors) > 12 and all(issubclass(one, elea.Error) for one in errors)
    for one, also in [(elea.InvalidError, ValueError), (elea.NotFoundError, KeyError),
                      (elea.MissingFileError, FileNotFoundError),
                      (elea.OutOfMemoryError, MemoryError), (elea.ViewError, BufferError),
                      (elea.UnsupportedError, NotImplementedError),
                      (elea.OutOfBoundsError, IndexError), (elea.InputOutputError, OSError)]:
        assert issubclass(one, also)
    assert str(elea.NotFoundError("a name")) == "a name"  # and not quoted, as KeyError does
    assert pickle.loads(pickle.dumps(elea.InvalidError("x"))).args == ("x",)
