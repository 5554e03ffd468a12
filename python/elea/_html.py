# SPDX-License-Identifier: Apache-2.0
"""Columns and tables as HTML, for notebooks."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from elea import Array, ChunkedArray, RecordBatch, Table

ROWS_MAX = 20
CHARACTERS_MAX = 80

# Types whose values stand at the right, as numbers do.
RIGHT = ("int", "uint", "float", "decimal")


def _cell(value: Any, kind: str) -> str:
    if value is None:
        return "<td style='opacity: 0.5'>null</td>"
    text = value if isinstance(value, str) else str(value)
    if len(text) > CHARACTERS_MAX:
        text = text[: CHARACTERS_MAX - 1] + "…"
    align = "right" if kind.startswith(RIGHT) else "left"
    return f"<td style='text-align: {align}'>{html.escape(text)}</td>"


def _grid(names: list[str], columns: list[Any], rows: int) -> str:
    kinds = [str(column.type) for column in columns]
    head = "".join(
        f"<th>{html.escape(name)}<br><span style='font-weight: normal; opacity: 0.6'>"
        f"{html.escape(kind)}</span></th>"
        for name, kind in zip(names, kinds)
    )
    half = ROWS_MAX // 2
    shown = rows if rows <= ROWS_MAX else half
    values = [column.slice(0, shown).to_pylist() for column in columns]
    lines = list(zip(*values))
    body = [_line(line, kinds) for line in lines]
    if rows > ROWS_MAX:
        body.append(f"<tr><td colspan='{max(1, len(columns))}'>…</td></tr>")
        values = [column.slice(rows - half, half).to_pylist() for column in columns]
        body += [_line(line, kinds) for line in zip(*values)]
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"


def _line(line: tuple[Any, ...], kinds: list[str]) -> str:
    return "<tr>" + "".join(_cell(value, kind) for value, kind in zip(line, kinds)) + "</tr>"


def table_html(table: Table | RecordBatch) -> str:
    rows = table.num_rows
    grid = _grid(table.column_names, table.columns, rows)
    return f"<div>{grid}<p>{rows:,} rows x {table.num_columns} columns</p></div>"


def column_html(column: Array | ChunkedArray) -> str:
    return f"<div>{_grid([''], [column], len(column))}<p>{len(column):,} rows</p></div>"
