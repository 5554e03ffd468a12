# SPDX-License-Identifier: Apache-2.0
"""IPC files between Elea (through ctypes) and pyarrow: each reads what the other wrote."""

import ctypes
import decimal
import gzip
import json
import os
import pathlib
import random
from ctypes import POINTER, byref, c_bool, c_char, c_char_p, c_double, c_int, c_int32, c_int64
from ctypes import c_void_p

import pyarrow as pa
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("ELEA_SHARED", ROOT.parent / "shared"))
GOLDEN = SHARED / "data" / "arrow-testing" / "data" / "arrow-ipc-stream" / "integration"
SAFE, FULL = 1, 2
EINVAL = 1
CODECS = {"lz4": 1, "zstd": 2}


class CError(ctypes.Structure):
    _fields_ = [("status", c_int), ("os_code", c_int), ("message", c_char * 1000)]


class ReadOptions(ctypes.Structure):
    _fields_ = [("columns", POINTER(c_char_p)), ("column_indices", POINTER(c_int64)),
                ("column_count", c_int64), ("validation", c_int), ("misaligned", c_int),
                ("depth_max", c_int32), ("decompressed_max", c_int64), ("limits", c_int64 * 6),
                ("unmapped", c_bool), ("recover", c_bool), ("threads", c_void_p),
                ("pool", c_void_p)]


class WriteOptions(ctypes.Structure):
    _fields_ = [("alignment", c_int32), ("compression", c_int), ("compression_level", c_int32),
                ("legacy_framing", c_bool), ("dictionary_deltas", c_bool),
                ("space_savings_min", c_double), ("metadata_v4", c_bool),
                ("unify_dictionaries", c_bool), ("allow_64bit", c_bool), ("in_place", c_bool),
                ("depth_max", c_int32), ("batch_rows_max", c_int64), ("threads", c_void_p),
                ("pool", c_void_p)]


class EleaError(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


library = ctypes.CDLL(os.environ["ELEA_LIBRARY"])
library.elea_copied_bytes.restype = c_int64
library.elea_table_length.restype = c_int64
library.elea_table_schema.restype = c_void_p


def call(function, *arguments):
    error = CError()
    status = function(*arguments, byref(error))
    if status:
        raise EleaError(status, error.message.decode())


class Table:
    """A table of Elea."""

    def __init__(self, path, **options):
        self.handle = c_void_p()
        columns = options.pop("columns", None)
        if columns is not None:
            names = [name.encode() for name in columns] + [None]
            options["columns"] = (c_char_p * len(names))(*names)
        options.setdefault("validation", FULL)
        call(library.elea_ipc_read_table, os.fsencode(path), byref(ReadOptions(**options)),
             byref(self.handle))

    @classmethod
    def from_stream(cls, path, mapped=True, **options):
        options.setdefault("validation", FULL)
        result = cls.__new__(cls)
        result.handle, file, stream = c_void_p(), c_void_p(), c_void_p()
        call(library.elea_file_map if mapped else library.elea_file_open, os.fsencode(path), None,
             byref(file))
        try:
            call(library.elea_ipc_stream_reader_new, file, byref(ReadOptions(**options)),
                 byref(stream))
            call(library.elea_table_new_from_stream, None, stream, byref(result.handle))
        finally:
            library.elea_record_stream_free(stream)
            library.elea_file_unref(file)
        return result

    def slice(self, offset, length):
        result = Table.__new__(Table)
        result.handle = c_void_p()
        call(library.elea_table_slice, self.handle, c_int64(offset), c_int64(length),
             byref(result.handle))
        return result

    def write(self, path, **options):
        call(library.elea_ipc_write_table, os.fsencode(path), self.handle,
             byref(WriteOptions(**options)))

    def write_stream(self, path, **options):
        output, writer = c_void_p(), c_void_p()
        call(library.elea_output_stream_open, os.fsencode(path), None, None, byref(output))
        try:
            call(library.elea_ipc_stream_writer_new, output,
                 c_void_p(library.elea_table_schema(self.handle)), byref(WriteOptions(**options)),
                 byref(writer))
            call(library.elea_ipc_stream_writer_write_table, writer, self.handle)
            call(library.elea_ipc_stream_writer_close, writer)
            call(library.elea_output_stream_close, output)
        finally:
            library.elea_ipc_stream_writer_free(writer)
            library.elea_output_stream_free(output)

    def to_pyarrow(self):
        """The same bytes, through the C stream interface."""
        struct = (ctypes.c_int64 * 5)()
        call(library.elea_table_export, self.handle, None, byref(struct))
        return pa.RecordBatchReader._import_from_c(ctypes.addressof(struct)).read_all()

    def __len__(self):
        return library.elea_table_length(self.handle)

    def __del__(self):
        library.elea_table_unref(self.handle)


def write_theirs(path, table, rows=None, **options):
    with pa.OSFile(str(path), "wb") as sink:
        with pa.ipc.new_file(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as out:
            out.write_table(table, max_chunksize=rows)


def read_theirs(path, validate=True):
    with pa.memory_map(str(path)) as source:
        table = pa.ipc.open_file(source).read_all()
    table.validate(full=validate)
    return table


def assert_same(found, expected):
    assert found.schema.equals(expected.schema, check_metadata=True)
    assert found.num_rows == expected.num_rows
    for name, ours, theirs in zip(expected.column_names, found.columns, expected.columns):
        assert ours.equals(theirs), f"{name}: {ours} instead of {theirs}"


# ---- columns of every type ----

def sprinkle(rng, values):
    return [None if rng.random() < 0.2 else value for value in values]


def columns(rng, count):
    """Pairs of a name and an array of `count` rows."""
    def numbers(low, high):
        return sprinkle(rng, [rng.randint(low, high) for _ in range(count)])

    def texts():
        return sprinkle(rng, ["zeno \u03b6\u03ae\u03bd\u03c9\u03bd " * rng.randint(0, 3)
                              for _ in range(count)])

    def lists(inner):
        return sprinkle(rng, [inner()[: rng.randint(0, 5)] for _ in range(count)])

    def made(values, kind):
        return pa.array(values, kind)

    yield "null", pa.nulls(count)
    yield "bool", made(sprinkle(rng, [rng.random() < 0.5 for _ in range(count)]), pa.bool_())
    for bits in (8, 16, 32, 64):
        yield f"int{bits}", made(numbers(-2 ** (bits - 1), 2 ** (bits - 1) - 1),
                                 getattr(pa, f"int{bits}")())
        yield f"uint{bits}", made(numbers(0, 2 ** bits - 1), getattr(pa, f"uint{bits}")())
    yield "float16", made(numbers(-2048, 2048), pa.int16()).cast(pa.float16())
    yield "float32", made(numbers(-1000, 1000), pa.float32())
    yield "float64", made(sprinkle(rng, [rng.gauss(0, 1e9) for _ in range(count)]), pa.float64())
    for kind in (pa.utf8(), pa.large_utf8(), pa.string_view(), pa.binary(), pa.large_binary(),
                 pa.binary_view()):
        yield str(kind), made(texts(), pa.utf8()).cast(kind)
    yield "fixed", made(sprinkle(rng, [rng.randbytes(7) for _ in range(count)]), pa.binary(7))
    yield "date32", made(numbers(-10000, 10000), pa.date32())
    yield "date64", made(numbers(-10000, 10000), pa.date32()).cast(pa.date64())
    for unit in ("s", "ms", "us", "ns"):
        yield f"timestamp {unit}", made(numbers(-2 ** 60, 2 ** 60), pa.timestamp(unit))
        yield f"duration {unit}", made(numbers(-2 ** 60, 2 ** 60), pa.duration(unit))
    yield "zoned", made(numbers(0, 2 ** 40), pa.timestamp("us", "Europe/Berlin"))
    yield "time32", made(numbers(0, 86399), pa.time32("s"))
    yield "time64", made(numbers(0, 86399999999), pa.time64("us"))
    yield "interval", made(sprinkle(rng, [pa.MonthDayNano([rng.randint(-9, 9), 2, 3])
                                          for _ in range(count)]), pa.month_day_nano_interval())
    for width, digits in ((32, 9), (64, 18), (128, 38), (256, 76)):
        yield f"decimal{width}", made(
            sprinkle(rng, [decimal.Decimal(rng.randint(-9999, 9999)) / 100 for _ in range(count)]),
            getattr(pa, f"decimal{width}")(digits, 2))
    for name in ("list_", "large_list", "list_view", "large_list_view"):
        yield name, made(lists(lambda: numbers(0, 9)), getattr(pa, name)(pa.int16()))
    yield "list of texts", made(lists(texts), pa.list_(pa.utf8()))
    yield "fixed list", made(sprinkle(rng, [[1.5, None, rng.random()] for _ in range(count)]),
                             pa.list_(pa.float32(), 3))
    yield "struct", made(sprinkle(rng, [{"a": rng.randint(0, 5), "b": None} for _ in range(count)]),
                         pa.struct([pa.field("a", pa.int8()), pa.field("b", pa.utf8())]))
    yield "map", made(sprinkle(rng, [[(str(key), key) for key in range(rng.randint(0, 4))]
                                     for _ in range(count)]), pa.map_(pa.utf8(), pa.int32()))
    codes = pa.array([rng.randint(0, 1) for _ in range(count)], pa.int8())
    yield "sparse union", pa.UnionArray.from_sparse(
        codes, [made(numbers(0, 9), pa.int32()), made(texts(), pa.utf8())])
    places = {0: 0, 1: 0}
    offsets = []
    for code in codes.to_pylist():
        offsets.append(places[code])
        places[code] += 1
    yield "dense union", pa.UnionArray.from_dense(
        codes, pa.array(offsets, pa.int32()),
        [made(numbers(0, 9), pa.int32()), made(texts(), pa.utf8())])
    ends = sorted(rng.sample(range(1, count), max(count // 3, 1) - 1)) + [count]
    yield "runs", pa.RunEndEncodedArray.from_arrays(
        pa.array(ends, pa.int32()), pa.array(numbers(0, 3)[: len(ends)], pa.int64()))


def make_table(seed, count):
    rng = random.Random(seed)
    names, arrays = zip(*columns(rng, count))
    fields = [pa.field(name, array.type, metadata={"number": str(i)} if i % 3 else None)
              for i, (name, array) in enumerate(zip(names, arrays))]
    schema = pa.schema(fields, metadata={"origin": "pyarrow", "\u00e9": "\u00fc"})
    return pa.Table.from_arrays(arrays, schema=schema)


@pytest.fixture(scope="module", params=[3, 17, 200])
def theirs(request):
    return make_table(request.param, request.param)


def test_what_pyarrow_writes(theirs, tmp_path):
    write_theirs(tmp_path / "theirs.arrow", theirs)
    for unmapped in (False, True):
        before = library.elea_copied_bytes()
        table = Table(tmp_path / "theirs.arrow", unmapped=unmapped)
        assert library.elea_copied_bytes() == before
        assert len(table) == theirs.num_rows
        table.write(tmp_path / "ours.arrow")
        assert_same(read_theirs(tmp_path / "ours.arrow"), theirs)


def test_slices(theirs, tmp_path):
    write_theirs(tmp_path / "theirs.arrow", theirs)
    table = Table(tmp_path / "theirs.arrow")
    for offset in (0, 1, 3, 8, 64, 77):
        length = min(theirs.num_rows - offset, 101)
        if length < 0:
            continue
        table.slice(offset, length).write(tmp_path / "ours.arrow")
        assert_same(read_theirs(tmp_path / "ours.arrow"), theirs.slice(offset, length))
        # And read again by Elea, which validates all of it.
        Table(tmp_path / "ours.arrow").write(tmp_path / "again.arrow")
        assert_same(read_theirs(tmp_path / "again.arrow"), theirs.slice(offset, length))


def test_from_file_to_pyarrow_without_a_copy(theirs, tmp_path):
    write_theirs(tmp_path / "theirs.arrow", theirs, rows=50)
    before = library.elea_copied_bytes()
    found = Table(tmp_path / "theirs.arrow", validation=0).to_pyarrow()
    assert library.elea_copied_bytes() == before
    found.validate(full=True)
    assert_same(found, theirs)


def test_many_batches(theirs, tmp_path):
    write_theirs(tmp_path / "theirs.arrow", theirs, rows=7)
    table = Table(tmp_path / "theirs.arrow")
    table.write(tmp_path / "ours.arrow")
    assert_same(read_theirs(tmp_path / "ours.arrow"), theirs)


def test_version_4(theirs, tmp_path):
    write_theirs(tmp_path / "theirs.arrow", theirs, metadata_version=pa.ipc.MetadataVersion.V4)
    Table(tmp_path / "theirs.arrow").write(tmp_path / "ours.arrow")
    assert_same(read_theirs(tmp_path / "ours.arrow"), theirs)


def test_columns(theirs, tmp_path):
    write_theirs(tmp_path / "theirs.arrow", theirs)
    names = ["map", "string_view", "int8", "runs"]
    for unmapped in (False, True):
        table = Table(tmp_path / "theirs.arrow", columns=names, unmapped=unmapped)
        table.write(tmp_path / "ours.arrow")
        assert_same(read_theirs(tmp_path / "ours.arrow"), theirs.select(names))


def test_nothing(tmp_path):
    empty = pa.table({"a": pa.array([], "int8")})
    for table in (pa.table({}), make_table(1, 9).slice(0, 0), empty):
        write_theirs(tmp_path / "theirs.arrow", table)
        Table(tmp_path / "theirs.arrow").write(tmp_path / "ours.arrow")
        assert_same(read_theirs(tmp_path / "ours.arrow"), table)


# ---- dictionaries ----

def coded(indices, values, kind=pa.int32(), ordered=False):
    return pa.DictionaryArray.from_arrays(pa.array(indices, kind), values, ordered=ordered)


def nested_dictionaries():
    inner = pa.array(["x", "y", "x", None]).dictionary_encode()
    struct = pa.StructArray.from_arrays([inner, pa.array([1, 2, 3, 4])], ["coded", "plain"])
    pairs = pa.ListArray.from_arrays(pa.array([0, 2, 4], pa.int32()), inner)
    return pa.table({
        "of structs": coded([0, 3, None, 1, 1], struct, pa.uint16()),
        "in lists": pa.ListArray.from_arrays(pa.array([0, 2, 2, 3, 4, 4], pa.int32()), inner),
        "ordered": coded([0, 1, None, 1, 0], pa.array([1.5, 2.5]), pa.int64(), ordered=True),
        "plain": ["a", "b", "c", "d", None],
        "of lists": coded([0, 1, None, 1, 0], pairs, pa.int8()),
    })


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_nested_dictionaries(rows, tmp_path):
    table = nested_dictionaries()
    write_theirs(tmp_path / "theirs.arrow", table, rows=rows)
    before = library.elea_copied_bytes()
    found = Table(tmp_path / "theirs.arrow")
    assert library.elea_copied_bytes() == before
    assert_same(found.to_pyarrow(), table)
    for offset in range(table.num_rows + 1):
        found.slice(offset, table.num_rows - offset).write(tmp_path / "ours.arrow")
        assert_same(read_theirs(tmp_path / "ours.arrow"), table.slice(offset))
    for names in (["of lists", "ordered"], ["plain"], ["in lists"]):
        for unmapped in (False, True):
            found = Table(tmp_path / "theirs.arrow", columns=names, unmapped=unmapped)
            assert_same(found.to_pyarrow(), table.select(names))


@pytest.mark.parametrize("kind", ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64",
                                  "uint64"])
def test_indices(kind, tmp_path):
    rng = random.Random(7)
    values = dict(columns(rng, 9))
    table = pa.table({name: coded([8, None, 0, 3], column, getattr(pa, kind)())
                      for name, column in values.items()
                      if name not in ("runs", "sparse union", "dense union")})
    write_theirs(tmp_path / "theirs.arrow", table)
    Table(tmp_path / "theirs.arrow").write(tmp_path / "ours.arrow")
    assert_same(read_theirs(tmp_path / "ours.arrow"), table)


def test_dictionary_deltas(tmp_path):
    batches = [pa.record_batch([coded([0, None, 1], ["a", "b"])], ["d"]),
               pa.record_batch([coded([2, 0], ["a", "b", "c"])], ["d"]),
               pa.record_batch([coded([4, 3], ["a", "b", "c", "d", None])], ["d"])]
    options = pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True)
    with pa.OSFile(str(tmp_path / "theirs.arrow"), "wb") as sink:
        with pa.ipc.new_file(sink, batches[0].schema, options=options) as out:
            for batch in batches:
                out.write_batch(batch)
    expected = ["a", None, "b", "c", "a", None, "d"]
    assert Table(tmp_path / "theirs.arrow").to_pyarrow()["d"].to_pylist() == expected


# ---- compression ----

@pytest.mark.parametrize("name", CODECS)
def test_compressed(name, theirs, tmp_path):
    write_theirs(tmp_path / "theirs.arrow", theirs, compression=name)
    table = Table(tmp_path / "theirs.arrow")
    assert_same(table.to_pyarrow(), theirs)
    for level, savings in ((0, 0), (3, 0), (0, 0.9)):
        table.write(tmp_path / "ours.arrow", compression=CODECS[name], compression_level=level,
                    space_savings_min=savings)
        assert_same(read_theirs(tmp_path / "ours.arrow"), theirs)
        # And read again by Elea, a few columns only.
        few = ["string", "runs", "decimal128"]
        assert_same(Table(tmp_path / "ours.arrow", columns=few).to_pyarrow(), theirs.select(few))


def test_savings(tmp_path):
    table = pa.table({"noise": pa.array([random.Random(1).randbytes(5000)]), "same": ["z" * 5000]})
    write_theirs(tmp_path / "theirs.arrow", table)
    found = Table(tmp_path / "theirs.arrow")
    sizes = []
    for savings in (0, 0.5, 1):
        found.write(tmp_path / "ours.arrow", compression=CODECS["zstd"], space_savings_min=savings)
        assert_same(read_theirs(tmp_path / "ours.arrow"), table)
        sizes.append((tmp_path / "ours.arrow").stat().st_size)
    assert sizes[0] == sizes[1] < sizes[2] - 4000


# ---- streams ----

def write_their_stream(path, table, rows=None, **options):
    with pa.OSFile(str(path), "wb") as sink:
        options = pa.ipc.IpcWriteOptions(**options)
        with pa.ipc.new_stream(sink, table.schema, options=options) as out:
            out.write_table(table, max_chunksize=rows)


def read_their_stream(path, validate=True):
    with pa.memory_map(str(path)) as source:
        table = pa.ipc.open_stream(source).read_all()
    table.validate(full=validate)
    return table


@pytest.mark.parametrize("options", [
    {}, {"use_legacy_format": True}, {"compression": "lz4"}, {"compression": "zstd"},
    {"metadata_version": pa.ipc.MetadataVersion.V4}, {"emit_dictionary_deltas": True},
], ids=str)
def test_streams_of_pyarrow(options, theirs, tmp_path):
    for table in (theirs, nested_dictionaries()):
        write_their_stream(tmp_path / "theirs.arrows", table, rows=7, **options)
        for mapped in (True, False):
            before = library.elea_copied_bytes()
            found = Table.from_stream(tmp_path / "theirs.arrows", mapped)
            # Metadata of the old framing begins in the middle of 8 bytes, but bodies do not.
            assert library.elea_copied_bytes() == before
            assert_same(found.to_pyarrow(), table)


@pytest.mark.parametrize("options", [
    {}, {"legacy_framing": True}, {"compression": 1}, {"compression": 2, "alignment": 8},
], ids=str)
def test_streams_of_elea(options, theirs, tmp_path):
    for table in (theirs, nested_dictionaries()):
        write_their_stream(tmp_path / "theirs.arrows", table, rows=50)
        Table.from_stream(tmp_path / "theirs.arrows").write_stream(tmp_path / "ours.arrows",
                                                                   **options)
        assert_same(read_their_stream(tmp_path / "ours.arrows"), table)
        # A stream that is cut off at the end of a batch has ended there.
        data = (tmp_path / "ours.arrows").read_bytes()
        (tmp_path / "cut.arrows").write_bytes(data[: -4 if "legacy_framing" in options else -8])
        assert_same(Table.from_stream(tmp_path / "cut.arrows").to_pyarrow(), table)


@pytest.mark.parametrize("deltas", [False, True])
def test_changing_dictionaries(deltas, tmp_path):
    parts = [["a", "b", None, "a"], ["a", "b", "c"], ["z"], ["a", None], ["z", "y"]]
    batches = [pa.record_batch([pa.array(part).dictionary_encode()], ["d"]) for part in parts]
    options = pa.ipc.IpcWriteOptions(emit_dictionary_deltas=deltas)
    with pa.OSFile(str(tmp_path / "theirs.arrows"), "wb") as sink:
        with pa.ipc.new_stream(sink, batches[0].schema, options=options) as out:
            for batch in batches:
                out.write_batch(batch)
    table = Table.from_stream(tmp_path / "theirs.arrows")
    assert table.to_pyarrow()["d"].to_pylist() == sum(parts, [])
    table.write_stream(tmp_path / "ours.arrows", dictionary_deltas=deltas)
    assert read_their_stream(tmp_path / "ours.arrows")["d"].to_pylist() == sum(parts, [])
    with pytest.raises(EleaError, match='column "d": its dictionary is not that of the batches'):
        table.write(tmp_path / "ours.arrow")


# ---- damage ----

def test_invalid_utf8(tmp_path):
    column = pa.Array.from_buffers(pa.utf8(), 1, [None, pa.py_buffer(b"\0\0\0\0\2\0\0\0"),
                                                  pa.py_buffer(b"\xc3\x28")])
    write_theirs(tmp_path / "theirs.arrow", pa.table({"text": column}))
    Table(tmp_path / "theirs.arrow", validation=0)
    with pytest.raises(EleaError, match='record batch 0: column "text", file offset') as caught:
        Table(tmp_path / "theirs.arrow")
    assert caught.value.status == EINVAL


# ---- the golden files of the Arrow project ----

GOLDEN_FILES = sorted(GOLDEN.glob("*/*.arrow_file")) + sorted(GOLDEN.glob("*/*.stream"))


@pytest.mark.skipif(not GOLDEN_FILES, reason=f"no conformance data in {GOLDEN}")
@pytest.mark.parametrize("path", GOLDEN_FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_golden(path, tmp_path):
    with gzip.open(path.with_suffix(".json.gz")) as file:
        description = json.load(file)
    read, reference, write = Table, read_theirs, Table.write
    if path.suffix == ".stream":
        read, reference, write = Table.from_stream, read_their_stream, Table.write_stream
    # Some golden values are outside their types: decimals of too many digits, dates of half a day.
    table = read(path, validation=SAFE)
    assert len(table) == sum(batch["count"] for batch in description["batches"])
    write(table, tmp_path / "ours")
    expected = reference(path, validate=False)
    assert_same(reference(tmp_path / "ours", validate=False), expected)
    assert_same(table.to_pyarrow(), expected)
