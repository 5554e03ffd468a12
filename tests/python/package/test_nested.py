# SPDX-License-Identifier: Apache-2.0
"""What is taken out of arrays and put together from parts, against pyarrow: rows of lists, nulls,
views, unions, runs; questions about types; figures of memory."""

import inspect

import elea
import numpy as np
import pyarrow as pa
import pytest

LISTS = [[1, 2], None, [], [3, None], [4, 5], None, [6]]
KINDS = [pa.list_(pa.int64()), pa.large_list(pa.int64()), pa.list_view(pa.int64()),
         pa.large_list_view(pa.int64())]
WINDOWS = [(0, 7), (1, 5), (3, 2), (1, 1), (2, 0)]


def same(ours, theirs):
    ours.validate(full=True)
    assert pa.array(ours).equals(theirs), (ours.to_pylist(), theirs.to_pylist())


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_rows_of_lists(kind, window):
    theirs = pa.array(LISTS, kind).slice(*window)
    ours = elea.array(theirs)
    same(ours.flatten(), theirs.flatten())
    same(ours.value_lengths(), theirs.value_lengths())
    same(ours.value_parent_indices(), theirs.value_parent_indices())


@pytest.mark.parametrize("window", WINDOWS)
def test_rows_of_fixed_size_lists(window):
    values = [[1, 2], None, [3, 4], [5, None], None, [7, 8], [9, 0]]
    theirs = pa.array(values, pa.list_(pa.int32(), 2)).slice(*window)
    ours = elea.array(theirs)
    same(ours.flatten(), theirs.flatten())
    same(ours.value_lengths(), theirs.value_lengths())
    same(ours.value_parent_indices(), theirs.value_parent_indices())


def test_values_that_lie_together_are_a_view(nothing_copied):
    ours = elea.list_array([0, 2, 3], [7, 8, 9])
    assert ours[1:].flatten().buffers()[1].address == ours.values.buffers()[1].address
    assert ours[1:].flatten().to_pylist() == [9]


def test_list_views_out_of_order():
    theirs = pa.ListViewArray.from_arrays([3, 0, 2], [1, 2, 2], pa.array([1, 2, 3, 4]))
    same(elea.list_view_array([3, 0, 2], [1, 2, 2], [1, 2, 3, 4]), theirs)
    same(elea.array(theirs).flatten(), theirs.flatten())


@pytest.mark.parametrize("window", [(0, 3), (1, 2), (2, 0)])
def test_children_of_structs(window):
    kind = pa.struct([("a", pa.int32()), ("b", pa.utf8())])
    theirs = pa.array([{"a": 1, "b": "x"}, None, {"a": None, "b": "z"}], kind).slice(*window)
    for ours, expected in zip(elea.array(theirs).flatten(), theirs.flatten()):
        same(ours, expected)
    chunks = pa.chunked_array([theirs, theirs])
    for ours, expected in zip(elea.chunked_array(chunks).flatten(), chunks.flatten()):
        assert pa.chunked_array(ours).equals(expected)


VALUES = [
    pa.array([1, None, 3]), pa.array(["a", None, ""]), pa.array([True, None, False]),
    pa.array([1.5, float("nan"), None]), pa.array([None, None]), pa.array([], pa.int8()),
    pa.array([1, 2, 3]), pa.array(["a", None, "a"]).dictionary_encode(),
    pa.array([[1], None, []]),
]


@pytest.mark.parametrize("theirs", VALUES, ids=lambda values: str(values.type))
@pytest.mark.parametrize("window", [(0, None), (1, None), (1, 1)])
def test_which_are_null(theirs, window):
    theirs = theirs.slice(*window)
    ours = elea.array(theirs)
    same(ours.is_valid(), theirs.is_valid())
    same(ours.is_null(), theirs.is_null())
    if pa.types.is_floating(theirs.type):
        same(ours.is_null(nan_is_null=True), theirs.is_null(nan_is_null=True))


def test_validity_is_a_view(nothing_copied):
    ours = elea.array(pa.array([1, None] * 100))[3:]
    assert ours.is_valid().buffers()[1].address == ours.buffers()[0].address


@pytest.mark.parametrize("values", [
    [True, None, False, True] * 40, [True] * 9, [], [None] * 3, [False, True] * 70])
@pytest.mark.parametrize("offset", [0, 1, 9])
def test_true_and_false(values, offset):
    theirs = pa.array(values, pa.bool_()).slice(offset)
    ours = elea.array(theirs)
    assert (ours.true_count, ours.false_count) == (theirs.true_count, theirs.false_count)
    with pytest.raises(elea.WrongTypeError, match="not of int64"):
        elea.array([1]).true_count


def test_bytes_of_binaries():
    theirs = pa.array(["one", None, "", "three"], pa.binary())
    for begin in range(5):
        assert (elea.array(theirs).slice(begin).total_values_length
                == theirs.slice(begin).total_values_length)


@pytest.mark.parametrize("values, target", [
    (pa.array([1, None, 3]), pa.timestamp("us", "UTC")), (pa.array([1, 2], "int32"), pa.float32()),
    (pa.array(["a", None, "bc"]), pa.binary()), (pa.array([1, None], pa.date32()), pa.int32()),
    (pa.array([b"0123456789abcd\0\0"], pa.binary(16)), pa.decimal128(38, 0)),
    (pa.array(["a"], pa.string_view()), pa.binary_view()),
])
def test_views(values, target, nothing_copied):
    for theirs in (values, values.slice(1)):
        same(elea.array(theirs).view(target), theirs.view(target))


def test_views_that_are_none():
    for values, target in (([1], "int32"), (["a"], "large_utf8"), ([1], "utf8"), ([[1]], "int64")):
        with pytest.raises(elea.ViewError, match="has no view as"):
            elea.array(values).view(target)
    with pytest.raises(elea.InvalidError):
        elea.array([b"\xff"]).view("utf8").to_pylist()


def test_runs():
    theirs = pa.RunEndEncodedArray.from_arrays([2, 5, 6], ["a", None, "c"])
    same(elea.run_end_encoded_array([2, 5, 6], ["a", None, "c"]), theirs)
    for begin in range(7):
        for length in range(7 - begin):
            part = theirs.slice(begin, length)
            ours = elea.array(part)
            assert ours.find_physical_offset() == part.find_physical_offset()
            assert ours.find_physical_length() == part.find_physical_length()


def test_from_parts():
    same(elea.fixed_size_list_array([1, 2, 3, 4], 2, mask=[False, True]),
         pa.FixedSizeListArray.from_arrays([1, 2, 3, 4], 2, mask=pa.array([False, True])))
    same(elea.map_array([0, 2, 3], ["x", "y", "z"], [1, 2, None]),
         pa.MapArray.from_arrays([0, 2, 3], ["x", "y", "z"], [1, 2, None]))
    codes, offsets = [5, 2, 5], [0, 0, 1]
    children = [pa.array([1, 2]), pa.array(["a"])]
    same(elea.dense_union_array(codes, offsets, children, ["n", "s"], [5, 2]),
         pa.UnionArray.from_dense(pa.array(codes, "int8"), pa.array(offsets, "int32"), children,
                                  ["n", "s"], [5, 2]))
    children = [pa.array([1, None, 2]), pa.array([None, "a", None])]
    same(elea.sparse_union_array(codes, children, codes=[5, 2]),
         pa.UnionArray.from_sparse(pa.array(codes, "int8"), children, type_codes=[5, 2]))


@pytest.mark.parametrize("make", [
    lambda: elea.fixed_size_list_array([1, 2, 3], 2),
    lambda: elea.list_view_array([0, 9], [1, 1], [1, 2]),
    lambda: elea.list_view_array([0], [1, 1], [1, 2]),
    lambda: elea.map_array([0, 9], ["x"], [1]),
    lambda: elea.map_array([0, 1], ["x"], [1, 2]),
    lambda: elea.run_end_encoded_array([2, 1], ["a", "b"]),
    lambda: elea.sparse_union_array([3], [[1]]),
    lambda: elea.dense_union_array([0], [7], [[1]]),
    lambda: elea.dense_union_array([0, 0], [0], [[1]]),
    lambda: elea.dense_union_array([0], [0], [[1]], names=["a", "b"]),
])
def test_parts_that_do_not_fit(make):
    with pytest.raises(elea.InvalidError):
        make()


def test_scalars():
    assert elea.scalar("text").as_buffer() == b"text"
    assert elea.scalar(None, "utf8").as_buffer() is None
    assert elea.scalar(b"abc", elea.binary(3)).as_buffer() == b"abc"
    assert elea.scalar([1, 2]).values.to_pylist() == [1, 2]
    assert elea.array([[1], None])[1].values is None
    name = elea.dictionary_array([1, 0], ["a", "b"])[0]
    assert name.index.as_py() == 1 and name.dictionary.to_pylist() == ["a", "b"]
    assert elea.sparse_union_array([1], [[1], ["a"]])[0].type_code == 1
    for question in ("values", "index", "dictionary", "type_code"):
        with pytest.raises((TypeError, AttributeError)):
            getattr(elea.scalar(1), question)
    with pytest.raises(elea.WrongTypeError):
        elea.scalar(1).as_buffer()


def test_index_of_a_value():
    ours, theirs = elea.array([1, 2, 1, None]), pa.array([1, 2, 1, None])
    for arguments in ((1,), (2,), (9,), (1, 1), (2, 2), (1, 0, 1), (1, 1, 2)):
        assert ours.index(*arguments).as_py() == theirs.index(*arguments).as_py()
    assert elea.chunked_array([[1], [2, 3]]).index(3).as_py() == 2


@pytest.mark.parametrize("name", [name for name in dir(pa.types) if name.startswith("is_")
                                  and not name.endswith("_value")])
def test_questions_about_types(name):
    item = pa.int8()
    kinds = [*(getattr(pa, plain)() for plain in (
        "null bool_ int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 "
        "date32 date64 month_day_nano_interval binary large_binary binary_view utf8 large_utf8 "
        "string_view").split()),
        pa.time32("s"), pa.time64("us"), pa.timestamp("s"), pa.duration("s"), pa.binary(3),
        pa.decimal32(3), pa.decimal64(3), pa.decimal128(3), pa.decimal256(3), pa.list_(item),
        pa.large_list(item), pa.list_view(item), pa.large_list_view(item), pa.list_(item, 2),
        pa.struct([]), pa.map_(item, item), pa.dense_union([]), pa.sparse_union([]),
        pa.dictionary(item, item), pa.run_end_encoded(pa.int16(), item)]
    for kind in kinds:
        ours = elea.type_from_arrow(kind)
        assert getattr(elea.types, name)(ours) == getattr(pa.types, name)(kind), kind
        assert ours.has_variadic_buffers == kind.has_variadic_buffers


@pytest.mark.parametrize("dtype", ["i1", "u8", "f2", "f4", "?", "M8[ms]", "m8[ns]", "U", "S3"])
def test_types_of_numpy(dtype):
    if dtype == "S3":
        assert elea.from_numpy_dtype(dtype) == elea.binary()
    else:
        assert elea.from_numpy_dtype(dtype) == elea.type_from_arrow(
            pa.from_numpy_dtype(np.dtype(dtype)))
    for wrong in ("O", "c16", ">i4", "V8"):
        with pytest.raises(elea.UnsupportedError, match="no type for NumPy's"):
            elea.from_numpy_dtype(wrong)


def test_figures_of_memory():
    pool = elea.default_memory_pool()
    before, asked = pool.bytes_allocated(), pool.num_allocations()
    held = elea.nulls(100000, "int64")
    assert pool.bytes_allocated() - before >= 800000 and pool.num_allocations() > asked
    assert pool.max_memory() >= pool.bytes_allocated() == elea.total_allocated_bytes()
    del held
    pool.release_unused()
    assert pool.bytes_allocated() == before and pool.bytes_kept() == 0
    with pytest.raises(elea.WrongTypeError):
        elea.MemoryPool()


def test_memory_of_others(nothing_copied):
    data = np.arange(4, dtype="i8")
    buffer = elea.foreign_buffer(data.ctypes.data, data.nbytes, data)
    del data
    assert elea.Array.from_buffers("int64", 4, [None, buffer]).to_pylist() == [0, 1, 2, 3]


def test_schema_of_pandas():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1, 2], "b": ["x", None]})
    assert elea.Schema.from_pandas(frame).names == pa.Schema.from_pandas(frame).names
    assert elea.struct([("a", "int8"), ("a", "int8")]).get_all_field_indices("a") == [0, 1]


# What pyarrow has and elea does not: it computes, or is of another kind here.
COMPUTES = set("""cast dictionary_encode drop_null fill_null filter group_by is_nan join join_asof
    sort sort_by sum take unify_dictionaries unique value_counts""".split())
ELSEWHERE = set("""add_metadata copy_to data device device_type format from_dlpack from_pandas
    iter_batches_with_custom_metadata memory_manager parent read_next_batch_with_custom_metadata
    statistics to_tensor""".split())


@pytest.mark.parametrize("name", ["DataType", "Field", "Schema", "Scalar", "Array", "ChunkedArray",
                                  "RecordBatch", "Table", "RecordBatchReader", "Buffer"])
def test_names_are_those_of_pyarrow(name):
    theirs = {found for found, _ in inspect.getmembers(getattr(pa, name)) if found[0] != "_"}
    missing = theirs - set(dir(getattr(elea, name)))
    assert missing <= COMPUTES | ELSEWHERE
