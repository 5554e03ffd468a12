# SPDX-License-Identifier: Apache-2.0
"""The C interfaces between Elea and implementations that share no code with pyarrow: arro3, over
arrow-rs, and nanoarrow.

What a peer gets from Elea must be what it gets from pyarrow, and what pyarrow gets of a peer
through Elea what it gets of it without: the same values at the same addresses. So each peer is
judged by its own ways, such as arro3's of applying offsets to buffers and forgetting flags that
arrow-rs has not.
"""

import gc
import random

import arro3.core as arro3
import nanoarrow
import pyarrow as pa
import pytest

import elea_ctypes as elea
from test_abi import TYPES, addresses, random_array, random_batch, random_unions, same

PEERS = {"arro3": arro3.Array.from_arrow, "nanoarrow": nanoarrow.c_array}
EXTENSIONS = [
    pa.uuid(), pa.bool8(), pa.json_(), pa.opaque(pa.int32(), "t", "v"),
    pa.fixed_shape_tensor(pa.float32(), [2, 3], permutation=[1, 0]),
]
CASES = [*map(str, TYPES), "sparse union", "dense union"]


def sample(case, length):
    rng = random.Random(f"{case} {length}")
    unions = ["sparse union", "dense union"]
    if case in unions:
        return list(random_unions(length, rng))[unions.index(case)]
    return random_array(TYPES[CASES.index(case)], length, rng)


def skip_what_breaks_a_peer(peer, type_):
    if peer == "nanoarrow" and ("view" in str(type_) and "list_view" not in str(type_)
                                or "string_view" in str(type_)):
        pytest.skip("nanoarrow 0.9 reads past its list of buffers when it gives views away")


def same_array(a, b):
    assert a.type == b.type
    assert len(a) == len(b) and a.offset == b.offset
    assert same(a, b)


def makes_buffers(peer, source):
    """Whether arro3 makes some buffers anew, at another place each time: bitmaps that begin at an
    offset, and values of no size."""
    return peer == "arro3" and (source.offset > 0 or "[0]" in str(source.type))


def parts(whole):
    return whole, whole.slice(len(whole) // 3, len(whole) // 2)


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("case", CASES)
def test_peers_read_elea(case, peer):
    for length in (1, 100):
        whole = sample(case, length)
        skip_what_breaks_a_peer(peer, whole.type)
        for array in parts(whole):
            copied = elea.copied_bytes()
            through = PEERS[peer](elea.Array.from_arrow(array))
            assert elea.copied_bytes() == copied
            seen, expected = pa.array(through), pa.array(PEERS[peer](array))
            same_array(seen, expected)
            assert makes_buffers(peer, array) or addresses(seen) == addresses(expected)


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("case", CASES)
def test_elea_reads_peers(case, peer):
    for length in (1, 100):
        whole = sample(case, length)
        skip_what_breaks_a_peer(peer, whole.type)
        for array in parts(whole):
            theirs = PEERS[peer](array)
            expected = pa.array(theirs)
            copied = elea.copied_bytes()
            ours = elea.Array.from_arrow(theirs)
            ours.validate()
            del theirs
            gc.collect()
            assert elea.copied_bytes() == copied
            seen = pa.array(ours)
            same_array(seen, expected)
            assert makes_buffers(peer, array) or addresses(seen) == addresses(expected)


# What each peer keeps of a whole array as it is; the others it rebuilds.
@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("case", CASES)
def test_buffers_come_back(case, peer):
    array = sample(case, 100)
    skip_what_breaks_a_peer(peer, array.type)
    if peer == "arro3" and ("[0]" in case or "ordered=1" in case or "keys_sorted" in case):
        pytest.skip("arrow-rs makes other buffers of values of no size, and has no such flags")
    first = elea.Array.from_arrow(array)
    second = elea.Array.from_arrow(PEERS[peer](first))
    first.close()
    assert second.equals(elea.Array.from_arrow(array))
    same_array(pa.array(second), array)
    assert addresses(pa.array(second)) == addresses(array)


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("type_", EXTENSIONS, ids=str)
def test_extension_fields(type_, peer):
    field = pa.field("ß", type_, False, metadata={"k": "v"})
    kind = {"arro3": arro3.Field.from_arrow, "nanoarrow": nanoarrow.c_schema}[peer]
    ours = elea.Field.from_arrow(kind(elea.Field.from_arrow(field)))
    assert pa.field(ours).equals(field)
    assert dict(ours.metadata)[b"ARROW:extension:name"].decode() == type_.extension_name


@pytest.mark.parametrize("seed", range(4))
def test_tables_and_streams(seed):
    rng = random.Random(seed)
    batch = random_batch(60, rng)
    plain = [i for i, field in enumerate(batch.schema)
             if "view" not in str(field.type) and "sorted" not in str(field.type)
             and "ordered=1" not in str(field.type)]
    batch = batch.select(plain)
    table = pa.Table.from_batches([batch, batch.slice(11, 30), batch.slice(0, 0)])
    through = arro3.Table.from_arrow(elea.Table.from_arrow(table))
    back = elea.Table.from_arrow(through)
    back.validate()
    assert pa.table(back).equals(table)
    assert pa.table(back).schema.equals(table.schema, check_metadata=True)
    stream = nanoarrow.c_array_stream(elea.Table.from_arrow(table))
    ours = elea.Table.from_arrow(stream)
    ours.validate()
    assert pa.table(ours).equals(table)


def test_memory_lives_as_long_as_a_peer_needs_it():
    before = pa.total_allocated_bytes()
    for peer in PEERS.values():
        array = pa.array(range(100_000))
        through = peer(elea.Array.from_arrow(array))
        del array
        gc.collect()
        assert pa.total_allocated_bytes() > before
        assert pa.array(through)[99_999].as_py() == 99_999
        del through
        gc.collect()
        assert pa.total_allocated_bytes() == before
