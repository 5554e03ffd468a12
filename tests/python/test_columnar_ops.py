# SPDX-License-Identifier: Apache-2.0
"""Concat, scalars, unified schemas and differences beside pyarrow."""

import ctypes
import datetime
import itertools
import random
from ctypes import byref, c_int, c_void_p

import pyarrow as pa
import pytest

import elea_ctypes as elea


def handles(objects):
    return (c_void_p * len(objects))(*[item.handle for item in objects])


def concat(arrays):
    owners = [elea.Array.from_arrow(array) for array in arrays]
    return elea.Array.make("elea_array_concat", None, handles(owners), len(owners))


class Scalar(elea.Owner):
    unref = "elea_scalar_unref"

    @classmethod
    def of(cls, array, index):
        owner = elea.Array.from_arrow(array)
        return cls.make("elea_scalar_new_from_array", None, owner, index)

    @property
    def array(self):
        return elea.Array.borrowed(elea.get("elea_scalar_array", self))


SAMPLES = {
    "null": pa.nulls(9),
    "bool": pa.array([True, None, False, True] * 5),
    "int16": pa.array([1, None, -3, 32767] * 5, pa.int16()),
    "float16": pa.array([0.5, None, -2.0], pa.float16()),
    "float64": pa.array([0.5, None, float("nan"), -0.0, float("inf")]),
    "decimal32": pa.array([1, None, -7], pa.decimal32(5, 2)),
    "decimal256": pa.array([1, None, -7], pa.decimal256(50, 5)),
    "date32": pa.array([datetime.date(2026, 11, 22), None], pa.date32()),
    "timestamp": pa.array([1, None, 3], pa.timestamp("us", "UTC")),
    "duration": pa.array([1, None, 3], pa.duration("ms")),
    "month_day_nano": pa.array([(1, 2, 3), None], pa.month_day_nano_interval()),
    "fixed_size_binary": pa.array([b"abc", None, b"xyz"], pa.binary(3)),
    "utf8": pa.array(["Zeno", None, "", "of Elea \u03b6"] * 5),
    "large_utf8": pa.array(["Zeno", None, "", "of Elea"], pa.large_string()),
    "utf8_view": pa.array(["Zeno", None, "", "more than twelve bytes of text"] * 5,
                          pa.string_view()),
    "list": pa.array([[1, 2], None, [], [None, 4]] * 5, pa.list_(pa.int32())),
    "large_list": pa.array([["a"], None, [], [None, "b"]], pa.large_list(pa.string())),
    "list_view": pa.array([[1, 2], None, [], [None, 4]] * 5, pa.list_view(pa.int32())),
    "large_list_view": pa.array([[1, 2], None, [], [3]], pa.large_list_view(pa.int8())),
    "fixed_size_list": pa.array([[1, 2], None, [3, None]] * 5, pa.list_(pa.int8(), 2)),
    "struct": pa.array([{"a": 1, "b": "x"}, None, {"a": None, "b": "y"}] * 5),
    "map": pa.array([[("k", 1), ("l", None)], None, []] * 5, pa.map_(pa.string(), pa.int8())),
    "dictionary": pa.array(["x", None, "y", "x"] * 5).dictionary_encode(),
    "run_end_encoded": pa.RunEndEncodedArray.from_arrays([3, 5, 9], pa.array(["x", None, "y"])),
    "sparse_union": pa.UnionArray.from_sparse(
        pa.array([0, 1, 0, 1], pa.int8()), [pa.array([1, 2, 3, 4]), pa.array(list("abcd"))]),
    "dense_union": pa.UnionArray.from_dense(
        pa.array([0, 1, 0, 1], pa.int8()), pa.array([0, 0, 1, 1], pa.int32()),
        [pa.array([1, 2]), pa.array(list("ab"))]),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_concat(name):
    sample = SAMPLES[name]
    generator = random.Random(name)
    for _ in range(20):
        pieces = []
        for _ in range(generator.randrange(1, 6)):
            begin = generator.randrange(len(sample) + 1)
            pieces.append(sample.slice(begin, generator.randrange(len(sample) + 1)))
        ours = concat(pieces)
        ours.validate()
        back = pa.array(ours)
        if len(back):  # pyarrow gives imported empty views no bytes, and then misses them
            back.validate(full=True)
        # Text, because NaN does not equal itself.
        assert str(back.to_pylist()) == str([value for p in pieces for value in p.to_pylist()])
        assert back.type == sample.type
        if name != "run_end_encoded":  # whose null count pyarrow does not define
            assert back.null_count == sum(piece.null_count for piece in pieces)


def test_concat_unifies_dictionaries():
    a = pa.array(["x", "y", None, "x"]).dictionary_encode()
    b = pa.array(["z", "y", "z", None, "w"]).dictionary_encode()
    ours = pa.array(concat([a, b, a]))
    theirs = pa.concat_arrays([a, b, a])
    assert ours.to_pylist() == theirs.to_pylist()
    assert ours.dictionary.to_pylist() == theirs.dictionary.to_pylist() == ["x", "y", "z", "w"]
    assert ours.indices == theirs.indices


@pytest.mark.parametrize("name", SAMPLES)
def test_scalars(name):
    sample = SAMPLES[name]
    for index in range(min(len(sample), 9)):
        scalar = Scalar.of(sample, index)
        assert str(pa.array(scalar.array)[0].as_py()) == str(sample[index].as_py())
        if "union" not in name and name != "run_end_encoded":
            assert elea.get("elea_scalar_is_valid", scalar) == sample[index].is_valid
        repeated = elea.Array.make("elea_array_new_repeated", None, scalar, 5)
        repeated.validate()
        back = pa.array(repeated)
        back.validate(full=True)
        assert str(back.to_pylist()) == str([sample[index].as_py()] * 5)


@pytest.mark.parametrize("name", [
    "bool", "int16", "float16", "decimal32", "decimal256", "date32", "timestamp", "duration",
    "fixed_size_binary", "utf8", "large_utf8", "utf8_view", "dictionary", "run_end_encoded"])
def test_scalar_order(name):
    sample = SAMPLES[name]
    for i, j in itertools.product(range(min(len(sample), 6)), repeat=2):
        out = c_int()
        elea.call("elea_scalar_compare", Scalar.of(sample, i), Scalar.of(sample, j), byref(out))
        a, b = sample[i].as_py(), sample[j].as_py()
        if isinstance(a, str) and isinstance(b, str):
            a, b = a.encode(), b.encode()
        if a is None or b is None:
            expected = (a is None) - (b is None)
        else:
            expected = (a > b) - (a < b)
        assert out.value == expected, (sample[i], sample[j])


# ---- schemas

TYPES = [
    pa.null(), pa.bool_(), pa.int8(), pa.uint8(), pa.int16(), pa.uint16(), pa.int32(), pa.uint32(),
    pa.int64(), pa.uint64(), pa.float16(), pa.float32(), pa.float64(), pa.decimal32(5, 2),
    pa.decimal64(12, 3), pa.decimal128(10, 2), pa.decimal128(10, -2), pa.decimal128(38, 0),
    pa.decimal256(50, 5), pa.decimal256(76, 0), pa.string(), pa.large_string(), pa.string_view(),
    pa.binary(), pa.large_binary(), pa.binary_view(), pa.binary(4), pa.binary(5), pa.date32(),
    pa.date64(), pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns"),
    pa.timestamp("s"), pa.timestamp("ns"), pa.timestamp("ms", "UTC"), pa.timestamp("us", "UTC"),
    pa.duration("s"), pa.duration("us"), pa.month_day_nano_interval(),
    pa.list_(pa.null()), pa.list_(pa.int8()), pa.list_(pa.field("q", pa.int32(), False)),
    pa.large_list(pa.int8()), pa.list_view(pa.int8()), pa.list_(pa.int8(), 3),
    pa.list_(pa.int16(), 3), pa.list_(pa.int8(), 4), pa.struct([]),
    pa.struct([pa.field("a", pa.int8(), False)]), pa.struct([("a", pa.int16()), ("b", pa.int8())]),
    pa.struct([("b", pa.null())]), pa.map_(pa.string(), pa.null()), pa.map_(pa.string(), pa.int8()),
    pa.map_(pa.binary(), pa.int32(), True), pa.dictionary(pa.int8(), pa.string()),
    pa.dictionary(pa.int16(), pa.string()), pa.dictionary(pa.uint8(), pa.large_string()),
    pa.dictionary(pa.int8(), pa.string(), True), pa.run_end_encoded(pa.int32(), pa.int8()),
    pa.sparse_union([pa.field("a", pa.int8())]),
]


def unify(schemas, mode="default"):
    options = (ctypes.c_bool * 12)()
    suffix = "_permissive" if mode == "permissive" else ""
    elea.get("elea_unify_options_init" + suffix, byref(options))
    owners = [elea.Schema.from_arrow(schema) for schema in schemas]
    made = elea.Schema.make("elea_schema_unify", None, handles(owners), len(owners),
                            byref(options))
    return pa.schema(made)


def fixed_size_lists_of_other_sizes(a, b):
    return (pa.types.is_fixed_size_list(a) and pa.types.is_fixed_size_list(b) and
            a.list_size != b.list_size)


def integer_beside_decimal(a, b):
    return any(pa.types.is_integer(x) and pa.types.is_decimal(y) for x, y in ((a, b), (b, a)))


@pytest.mark.parametrize("mode", ["default", "permissive"])
@pytest.mark.parametrize("first", TYPES, ids=str)
def test_unify_types(first, mode):
    for second in TYPES:
        schemas = [pa.schema([pa.field("x", kind)]) for kind in (first, second)]
        if integer_beside_decimal(first, second) and mode == "permissive":
            continue  # pyarrow leaves a digit out: the next test
        if fixed_size_lists_of_other_sizes(first, second) and mode == "default":
            continue  # pyarrow makes a list of them, whatever the options
        try:
            expected = pa.unify_schemas(schemas, promote_options=mode)
        except pa.ArrowException:
            expected = None
        try:
            found = unify(schemas, mode)
        except elea.Error as error:
            assert error.status == "ETYPE"
            found = None
        assert found == expected, (first, second)


@pytest.mark.parametrize("integer,digits", [
    (pa.int8(), 3), (pa.uint8(), 3), (pa.int16(), 5), (pa.uint16(), 5), (pa.int32(), 10),
    (pa.uint32(), 10), (pa.int64(), 19), (pa.uint64(), 20)])
def test_unify_integer_and_decimal(integer, digits):
    for decimal in filter(pa.types.is_decimal, TYPES):
        schemas = [pa.schema([pa.field("x", kind)]) for kind in (integer, decimal)]
        scale = max(decimal.scale, 0)
        precision = max(digits, decimal.precision - decimal.scale) + scale
        if precision > 76:
            with pytest.raises(elea.Error, match="ETYPE"):
                unify(schemas, "permissive")
            continue
        found = unify(schemas, "permissive").field(0).type
        assert (found.precision, found.scale) == (precision, scale)
        assert found.bit_width >= decimal.bit_width
        assert unify(schemas[::-1], "permissive").field(0).type == found


def test_unify_fields():
    a = pa.schema([pa.field("x", pa.int8(), False, {"k": "1"}), pa.field("y", pa.null())],
                  metadata={"s": "1"})
    b = pa.schema([pa.field("z", pa.string(), False), pa.field("x", pa.int8(), metadata={"k": "2"}),
                   pa.field("y", pa.string(), False)], metadata={"s": "2"})
    for schemas in ([a], [a, b], [b, a], [a, b, a]):
        assert unify(schemas).equals(pa.unify_schemas(schemas), check_metadata=True)
    double = pa.schema([pa.field("x", pa.int8()), pa.field("x", pa.int8())])
    for schemas in ([a, double], [double, a], [double]):
        with pytest.raises(elea.Error, match="more than one field is named \"x\""):
            unify(schemas)


# ---- differences


def diff_text(base, target):
    return elea.format_text("elea_array_diff_format", elea.Array.from_arrow(base),
                            elea.Array.from_arrow(target), None)


def assert_same_diff(base, target):
    # pyarrow begins with an empty line where there is anything to tell.
    assert diff_text(base, target) == base.diff(target).removeprefix("\n")


@pytest.mark.parametrize("kind", [pa.int8(), pa.string(), pa.float64()], ids=str)
def test_diff(kind):
    generator = random.Random(str(kind))
    words = {pa.string(): ["", "a", "b\n", "\"c\""], pa.float64(): [0.5, 1e10, float("inf")]}
    values = words.get(kind, [1, 2, 3]) + [None]
    for _ in range(400):
        base, target = ([generator.choice(values) for _ in range(generator.randrange(14))]
                        for _ in range(2))
        assert_same_diff(pa.array(base, kind), pa.array(target, kind))


def test_diff_of_long_arrays():
    generator = random.Random(7)
    base = list(range(20000))
    target = list(base)
    for _ in range(100):
        at = generator.randrange(len(target))
        if generator.random() < 0.5:
            del target[at]
        else:
            target.insert(at, -1)
    assert_same_diff(pa.array(base), pa.array(target))
    assert_same_diff(pa.array(base).slice(7, 300), pa.array(target).slice(3, 310))


@pytest.mark.parametrize("name", SAMPLES)
def test_edit_scripts(name):
    """Rebuilds the target from the base and the script."""
    base, target = SAMPLES[name], SAMPLES[name].slice(1)
    script = pa.array(elea.Array.make("elea_array_diff", None, elea.Array.from_arrow(base),
                                      elea.Array.from_arrow(target), None))
    base, target = base.to_pylist(), target.to_pylist()
    row = script[0]["run_length"].as_py()
    rebuilt, at = base[:row], row
    for edit in script.to_pylist()[1:]:
        if edit["insert"]:
            rebuilt.append(target[len(rebuilt)])
        else:
            at += 1
        rebuilt += base[at:at + edit["run_length"]]
        at += edit["run_length"]
    assert at == len(base) and str(rebuilt) == str(target)


@pytest.mark.parametrize("name", SAMPLES)
def test_differences(name):
    sample = SAMPLES[name]
    text = elea.format_text("elea_array_differences", elea.Array.from_arrow(sample),
                            elea.Array.from_arrow(sample), None)
    assert ("nan != nan" in text) == (name == "float64")
    if name != "float64":
        assert text == ""
    shifted = elea.format_text("elea_array_differences", elea.Array.from_arrow(sample),
                               elea.Array.from_arrow(sample.slice(1)), None)
    assert shifted.startswith(f"length {len(sample)} != {len(sample) - 1}\n")
    if name != "null":
        assert "\n[0]" in shifted or "\n[2]" in shifted
