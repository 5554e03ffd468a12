# SPDX-License-Identifier: Apache-2.0
"""Values and types against pyarrow, both ways, for types and data that hypothesis makes."""

import pickle

import elea
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from strategies import columns, slices, typed


@given(typed(3))
def test_types_go_both_ways(pair):
    theirs = pair[0]
    ours = elea.type_from_arrow(theirs)
    assert pa.field(elea.field("x", ours)).type == theirs
    assert ours.id == theirs.id
    assert ours.num_fields == theirs.num_fields
    assert elea.type_from_text(str(ours)) == ours
    assert pickle.loads(pickle.dumps(ours)) == ours
    assert hash(ours) == hash(elea.type_from_text(str(ours)))


@given(columns())
def test_values_in(column):
    """What both make of the same Python values is the same array."""
    kind, values = column
    ours = elea.array(values, elea.type_from_arrow(kind))
    ours.validate(full=True)
    theirs = pa.array(ours)
    theirs.validate(full=True)
    expected = pa.array(values, kind)
    assert theirs.type == kind
    assert theirs.to_pylist() == expected.to_pylist()
    if not pa.types.is_dictionary(kind) and "dictionary" not in str(kind):
        assert theirs.equals(expected)


@given(columns(), st.data())
def test_values_out(column, data):
    """What pyarrow made gives the same Python values, sliced anywhere."""
    kind, values = column
    begin, count = data.draw(slices(len(values)))
    theirs = pa.array(values, kind).slice(begin, count)
    ours = elea.array(theirs)
    assert ours.to_pylist() == theirs.to_pylist()
    assert [one.as_py() for one in ours] == theirs.to_pylist()
    assert ours.null_count == theirs.null_count
    assert ours.equals(elea.array(pa.array(values, kind)).slice(begin, count))
    again = pickle.loads(pickle.dumps(ours, protocol=5))
    assert again.equals(ours) and again.type == ours.type


@given(columns(1), st.data())
def test_slices_are_the_same(column, data):
    kind, values = column
    theirs = pa.array(values, kind)
    ours = elea.array(theirs)
    n = len(values)
    ends = st.one_of(st.none(), st.integers(-n - 2, n + 2))
    key = slice(data.draw(ends), data.draw(ends),
                data.draw(st.sampled_from([None, 1, 2, -1, 3])))
    assert ours[key].to_pylist() == values_of(theirs.to_pylist()[key])


def values_of(values):
    return list(values)


@given(st.lists(columns(1), min_size=1, max_size=4), st.integers(0, 3))
def test_tables_go_both_ways(parts, cut):
    length = min(len(values) for _, values in parts)
    theirs = pa.table({f"c{i}": pa.array(values[:length], kind)
                       for i, (kind, values) in enumerate(parts)})
    cut = min(cut, length)
    theirs = pa.concat_tables([theirs.slice(0, cut), theirs.slice(cut)])
    before = elea.copied_bytes()
    ours = elea.table(theirs)
    assert elea.copied_bytes() == before
    ours.validate(full=True)
    assert ours.shape == theirs.shape
    assert ours.to_pydict() == theirs.to_pydict()
    assert ours.to_pylist() == theirs.to_pylist()
    assert pa.table(ours).equals(theirs)
    assert ours.equals(elea.table(theirs.combine_chunks()))
    assert ours.combine_chunks().equals(ours)
    assert pickle.loads(pickle.dumps(ours)).equals(ours)
    assert str(ours) and ours._repr_html_()


SIMPLE = st.one_of(
    st.none(), st.booleans(), st.integers(-2**63, 2**63 - 1), st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5), st.binary(max_size=5),
    st.dates(), st.decimals(allow_nan=False, allow_infinity=False, places=3, max_value=1000,
                            min_value=-1000))


@given(st.lists(st.recursive(SIMPLE, lambda inner: st.one_of(
    st.lists(inner, max_size=3),
    st.dictionaries(st.sampled_from("abc"), inner, max_size=3)), max_leaves=8), max_size=6))
def test_inference(values):
    """Where both choose a type it is the same one; where pyarrow finds one, so do we, but for what
    it reads leniently."""
    try:
        ours = elea.infer_type(values)
    except elea.Error:
        return
    try:
        theirs = pa.array(values).type
    except (pa.ArrowException, TypeError, ValueError):
        return
    assert pa.field(elea.field("x", ours)).type == theirs


@given(columns(1))
def test_nbytes(column):
    kind, values = column
    theirs = pa.array(values, kind)
    if any(word in str(kind) for word in ("view", "dictionary", "map", "struct", "null")):
        return  # which pyarrow counts in other ways
    assert elea.array(theirs).nbytes == theirs.nbytes
