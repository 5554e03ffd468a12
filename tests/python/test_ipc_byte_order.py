# SPDX-License-Identifier: Apache-2.0
"""Streams and files of the other byte order, made of pyarrow's, are read as what they were."""

import pyarrow as pa
import pytest

import ipc_byte_order
from test_ipc import FULL, GOLDEN, SAFE, Table, assert_same, library, make_table
from test_ipc_decoder import Decoder

OPTIONS = [{}, {"compression": "lz4"}, {"compression": "zstd"},
           {"metadata_version": pa.ipc.MetadataVersion.V4}, {"use_legacy_format": True}]


def more_columns(table):
    """Dictionaries, and dictionaries inside others."""
    count = table.num_rows
    words = pa.array([f"word {i % 5}" if i % 4 else None for i in range(count)])
    days = pa.array([i % 3 for i in range(count)], pa.int64())
    for index in (pa.int8(), pa.uint16(), pa.int32(), pa.int64()):
        encoded = words.dictionary_encode().cast(pa.dictionary(index, pa.utf8()))
        table = table.append_column(f"dictionary {index}", encoded)
    table = table.append_column("numbers", days.dictionary_encode())
    inner = words.dictionary_encode()
    lists = pa.ListArray.from_arrays(pa.array(range(count + 1), pa.int32()), inner)
    return table.append_column("in lists", lists)


def without_views(table, options):
    if "use_legacy_format" not in options and "metadata_version" not in options:
        return table
    return table.select([name for name in table.column_names if "view" not in name
                         and name != "runs"])


def write(kind, table, options):
    sink = pa.BufferOutputStream()
    new = pa.ipc.new_stream if kind == "stream" else pa.ipc.new_file
    with new(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as out:
        out.write_table(table, max_chunksize=70)
    return sink.getvalue().to_pybytes()


def ours(kind, path, **options):
    return Table.from_stream(path, **options) if kind == "stream" else Table(path, **options)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("kind", ["stream", "file"])
@pytest.mark.parametrize("count", [0, 1, 9, 200])
def test_other_order(kind, options, count, tmp_path):
    table = make_table(7, max(count, 3)).slice(0, count)
    table = without_views(more_columns(table), options)
    turn = ipc_byte_order.turn_stream if kind == "stream" else ipc_byte_order.turn_file
    data = turn(write(kind, table, options), table.schema)
    path = tmp_path / "turned"
    path.write_bytes(data)
    before = library.elea_copied_bytes()
    assert_same(ours(kind, path, validation=FULL).to_pyarrow(), table)
    if count and "compression" not in options:  # what is decompressed is turned around in place
        assert library.elea_copied_bytes() > before
    assert_same(ours(kind, path, validation=FULL, unmapped=True).to_pyarrow(), table)


@pytest.mark.parametrize("kind", ["stream", "file"])
def test_pyarrow_agrees(kind, tmp_path):
    """pyarrow, which knows nothing of these tests, reads the same; not all types, though."""
    table = more_columns(make_table(11, 100))
    table = table.select([name for name in table.column_names
                          if "view" not in name and name not in ("runs", "in lists")])
    turn = ipc_byte_order.turn_stream if kind == "stream" else ipc_byte_order.turn_file
    data = turn(write(kind, table, {}), table.schema)
    path = tmp_path / "turned"
    path.write_bytes(data)
    read = pa.ipc.open_stream if kind == "stream" else pa.ipc.open_file
    theirs = read(pa.BufferReader(data)).read_all()
    assert_same(theirs, table)
    assert_same(ours(kind, path).to_pyarrow(), theirs)


@pytest.mark.parametrize("path", sorted(
    path for path in GOLDEN.rglob("generated_*") if not path.name.endswith(".json.gz")),
    ids=lambda path: f"{path.parent.name}/{path.name}")
def test_golden(path, tmp_path):
    """What other implementations wrote, as if on such a machine: in all ways of reading."""
    data, is_file = path.read_bytes(), path.suffix == ".arrow_file"
    kind = "file" if is_file else "stream"
    opened = (pa.ipc.open_file if is_file else pa.ipc.open_stream)(pa.BufferReader(data))
    turn = ipc_byte_order.turn_file if is_file else ipc_byte_order.turn_stream
    turned = turn(data, opened.schema)
    (tmp_path / "turned").write_bytes(turned)
    # Some have dates and decimals beyond their range.
    expected = ours(kind, path, validation=SAFE).to_pyarrow()
    assert_same(ours(kind, tmp_path / "turned", validation=SAFE).to_pyarrow(), expected)
    assert_same(ours(kind, tmp_path / "turned", validation=SAFE, unmapped=True).to_pyarrow(),
                expected)
    if not is_file:
        batches, rest = Decoder(validation=SAFE).decode(turned, 0)
        assert_same(pa.Table.from_batches(batches, schema=expected.schema), expected)
        assert rest == b""


def test_one_column(tmp_path):
    table = more_columns(make_table(5, 50))
    path = tmp_path / "turned.arrow"
    path.write_bytes(ipc_byte_order.turn_file(write("file", table, {}), table.schema))
    for name in ("int8", "bool", "decimal256", "string_view", "dense union", "numbers"):
        assert_same(Table(path, columns=[name]).to_pyarrow(), table.select([name]))
    before = library.elea_copied_bytes()
    Table(path, columns=["int8", "bool"])
    assert library.elea_copied_bytes() == before
