# SPDX-License-Identifier: Apache-2.0
"""The codecs against Python's own, pyarrow's and cramjam's (in Rust), in both directions, all at
once and in steps."""

import bz2
import ctypes
import gzip
import io
import random
import zlib
from ctypes import Structure, byref, c_bool, c_int, c_int32, c_int64, c_void_p

import cramjam
import pyarrow
import pytest

import elea_ctypes
from elea_ctypes import CBytes, Owner, call, get

for _name in ("elea_codec_named", "elea_codec_at", "elea_codec_of_path", "elea_codec_of_magic"):
    elea_ctypes._RESULTS[_name] = c_void_p
elea_ctypes._RESULTS["elea_codec_name"] = ctypes.c_char_p
elea_ctypes._RESULTS["elea_codec_suffix"] = ctypes.c_char_p
elea_ctypes._RESULTS["elea_codec_level_default"] = c_int32


class Progress(Structure):
    _fields_ = [("consumed", c_int64), ("produced", c_int64), ("finished", c_bool)]


class CompressorOptions(Structure):
    _fields_ = [("level", c_int32), ("window_bits", c_int32), ("checksum", c_bool)]


class Compressor(Owner):
    unref = "elea_compressor_free"


class Decompressor(Owner):
    unref = "elea_decompressor_free"


def codec(name):
    return c_void_p(get("elea_codec_named", name.encode()))


def given(data):
    """The bytes as an elea_bytes, by value; `data` must live on."""
    return CBytes(ctypes.cast(ctypes.c_char_p(data), c_void_p), len(data))


def compress(name, data, level=0):
    bound, size = c_int64(), c_int64()
    call("elea_codec_compress_bound", codec(name), len(data), byref(bound))
    target = ctypes.create_string_buffer(bound.value)
    call("elea_codec_compress", codec(name), c_int32(level), given(data), target, bound.value,
         byref(size))
    return target.raw[:size.value]


def decompress(name, packed, size):
    target = ctypes.create_string_buffer(size + 1)
    call("elea_codec_decompress", codec(name), given(packed), target, size)
    return target.raw[:size]


def compress_steps(name, data, step, level=0, window_bits=0, checksum=False):
    options = CompressorOptions(level, window_bits, checksum)
    compressor = Compressor.make("elea_compressor_new", codec(name), byref(options), c_void_p())
    target = ctypes.create_string_buffer(step)
    progress = Progress()
    packed = bytearray()
    while data:
        part = data[:step]
        call("elea_compressor_run", compressor, given(part), target, step, byref(progress))
        packed += target.raw[:progress.produced]
        data = data[progress.consumed:]
    while not progress.finished:
        call("elea_compressor_end", compressor, given(b""), target, step, byref(progress))
        packed += target.raw[:progress.produced]
    return bytes(packed)


def decompress_steps(name, packed, step):
    decompressor = Decompressor.make("elea_decompressor_new", codec(name), c_void_p(), c_void_p())
    target = ctypes.create_string_buffer(step)
    progress = Progress()
    found = bytearray()
    while True:
        part = packed[:step]
        call("elea_decompressor_run", decompressor, given(part), target, step, byref(progress))
        found += target.raw[:progress.produced]
        packed = packed[progress.consumed:]
        if not packed and progress.produced == 0:
            call("elea_decompressor_end", decompressor)
            return bytes(found)


def of_pyarrow(name):
    """Compress and decompress of a pyarrow codec, all at once."""
    def pack(data):
        return pyarrow.Codec(name).compress(data, asbytes=True)

    def unpack(packed, size):
        return pyarrow.Codec(name).decompress(packed, size, asbytes=True)
    return pack, unpack


def of_pyarrow_stream(name):
    def pack(data):
        sink = io.BytesIO()
        with pyarrow.CompressedOutputStream(sink, name) as stream:
            stream.write(data)
            sink.close = lambda: None
        return sink.getvalue()

    def unpack(packed, size):
        with pyarrow.CompressedInputStream(io.BytesIO(packed), name) as stream:
            return stream.read()
    return pack, unpack


def of_cramjam(module):
    return (lambda data: bytes(module.compress(data)),
            lambda packed, size: bytes(module.decompress(packed)))


def raw_deflate(data):
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


# (our name, whose it is, compress, decompress)
OTHERS = [
    ("gzip", "python", gzip.compress, lambda packed, size: gzip.decompress(packed)),
    ("zlib", "python", zlib.compress, lambda packed, size: zlib.decompress(packed)),
    ("deflate", "python", raw_deflate, lambda packed, size: zlib.decompress(packed, -15)),
    ("bz2", "python", bz2.compress, lambda packed, size: bz2.decompress(packed)),
    ("lz4", "pyarrow", *of_pyarrow("lz4")),
    ("lz4_raw", "pyarrow", *of_pyarrow("lz4_raw")),
    ("zstd", "pyarrow", *of_pyarrow("zstd")),
    ("snappy", "pyarrow", *of_pyarrow("snappy")),
    ("brotli", "pyarrow", *of_pyarrow("brotli")),
    ("gzip", "pyarrow", *of_pyarrow("gzip")),
    ("gzip", "pyarrow streams", *of_pyarrow_stream("gzip")),
    ("bz2", "pyarrow streams", *of_pyarrow_stream("bz2")),
    ("lz4", "pyarrow streams", *of_pyarrow_stream("lz4")),
    ("zstd", "pyarrow streams", *of_pyarrow_stream("zstd")),
    ("brotli", "pyarrow streams", *of_pyarrow_stream("brotli")),
    ("gzip", "cramjam", *of_cramjam(cramjam.gzip)),
    ("deflate", "cramjam", *of_cramjam(cramjam.deflate)),
    ("bz2", "cramjam", *of_cramjam(cramjam.bzip2)),
    ("lz4", "cramjam", *of_cramjam(cramjam.lz4)),
    ("zstd", "cramjam", *of_cramjam(cramjam.zstd)),
    ("brotli", "cramjam", *of_cramjam(cramjam.brotli)),
    ("snappy_framed", "cramjam", *of_cramjam(cramjam.snappy)),
    ("snappy", "cramjam", lambda data: bytes(cramjam.snappy.compress_raw(data)),
     lambda packed, size: bytes(cramjam.snappy.decompress_raw(packed))),
]
ONE_SHOT = {"snappy", "lz4_raw", "lz4_hadoop"}
IDS = [f"{name}-{whose}" for name, whose, _, _ in OTHERS]


def samples():
    noise = random.Random(1)
    words = [b"arrow", b"flight", b"stands", b"still", b" ", b"\n", b"1,2,3"]
    return [
        b"a",
        bytes(65535),
        noise.randbytes(65537),
        b"".join(noise.choices(words, k=60000)),
    ]


@pytest.mark.parametrize("name,whose,pack,unpack", OTHERS, ids=IDS)
def test_both_directions(name, whose, pack, unpack):
    # Nothing is a frame, too, but some of the others make no frame of it, or take none.
    for data in samples():
        packed = pack(data)
        assert decompress(name, packed, len(data)) == data
        assert unpack(compress(name, data), len(data)) == data
        if name not in ONE_SHOT:
            for step in (997, 65536):
                assert decompress_steps(name, packed, step) == data
                assert unpack(compress_steps(name, data, step), len(data)) == data


@pytest.mark.parametrize("name,levels", [
    ("gzip", range(1, 10)), ("zlib", range(1, 10)), ("deflate", range(1, 10)),
    ("bz2", (1, 5, 9)), ("brotli", (-(1 << 31), 1, 5, 9, 11)), ("zstd", (-5, 1, 3, 10, 19, 22)),
    ("lz4", (1, 3, 9, 12)), ("lz4_raw", (1, 3, 9, 12)),
])
def test_levels(name, levels):
    unpack = next(unpack for found, _, _, unpack in OTHERS if found == name)
    data = samples()[3][:100000]
    for level in levels:
        assert unpack(compress(name, data, level), len(data)) == data
        if name not in ONE_SHOT:
            assert unpack(compress_steps(name, data, 5000, level), len(data)) == data


def test_empty():
    for name, unpack in [
        ("gzip", gzip.decompress), ("zlib", zlib.decompress), ("bz2", bz2.decompress),
        ("zstd", lambda packed: pyarrow.Codec("zstd").decompress(packed, 0, asbytes=True)),
        ("lz4", lambda packed: pyarrow.Codec("lz4").decompress(packed, 0, asbytes=True)),
        ("brotli", lambda packed: pyarrow.Codec("brotli").decompress(packed, 0, asbytes=True)),
        ("snappy", lambda packed: pyarrow.Codec("snappy").decompress(packed, 0, asbytes=True)),
    ]:
        assert unpack(compress(name, b"")) == b""


def test_members_by_others():
    for name, pack in (("gzip", gzip.compress), ("bz2", bz2.compress),
                       ("zstd", of_pyarrow("zstd")[0]), ("lz4", of_pyarrow("lz4")[0]),
                       ("snappy_framed", of_cramjam(cramjam.snappy)[0])):
        packed = pack(b"the tortoise ") + pack(b"is ahead")
        assert decompress_steps(name, packed, 5) == b"the tortoise is ahead"
        assert decompress(name, packed, 21) == b"the tortoise is ahead"
    # Padded as tapes are.
    assert decompress_steps("gzip", gzip.compress(b"x") + bytes(512), 100) == b"x"
    assert gzip.decompress(compress("gzip", b"a") + compress("gzip", b"b")) == b"ab"


def test_options():
    data = samples()[3][:50000]
    for bits in range(9, 16):
        packed = compress_steps("zlib", data, 1000, window_bits=bits)
        assert zlib.decompress(packed, bits) == data
    for name in ("zstd", "lz4"):
        packed = compress_steps(name, data, 1000, checksum=True)
        assert len(packed) >= len(compress_steps(name, data, 1000)) + 4
        assert of_pyarrow_stream(name)[1](packed, len(data)) == data


def test_lz4_of_hadoop():
    """pyarrow has it inside Parquet only; its frame is two sizes before a bare block."""
    data = samples()[3]
    raw = pyarrow.Codec("lz4_raw").compress(data, asbytes=True)
    framed = len(data).to_bytes(4, "big") + len(raw).to_bytes(4, "big") + raw
    assert decompress("lz4_hadoop", framed, len(data)) == data
    assert decompress("lz4_hadoop", framed + framed, 2 * len(data)) == data + data
    assert decompress("lz4_hadoop", raw, len(data)) == data
    ours = compress("lz4_hadoop", data)
    assert int.from_bytes(ours[:4], "big") == len(data)
    assert int.from_bytes(ours[4:8], "big") == len(ours) - 8
    assert pyarrow.Codec("lz4_raw").decompress(ours[8:], len(data), asbytes=True) == data


def test_same_names_and_levels():
    for name in ("gzip", "brotli", "zstd", "lz4", "bz2"):
        minimum, maximum = c_int32(), c_int32()
        get("elea_codec_levels", codec(name), byref(minimum), byref(maximum))
        assert get("elea_codec_level_default", codec(name)) == (
            pyarrow.Codec.default_compression_level(name))
        assert maximum.value == pyarrow.Codec.maximum_compression_level(name)
        # Of a pyarrow with another libzstd the lowest may differ.
        if name != "zstd":
            assert minimum.value == pyarrow.Codec.minimum_compression_level(name)
        else:
            assert minimum.value < 0
    assert c_int(get("elea_codec_has_steps", codec("snappy"))).value == 0
