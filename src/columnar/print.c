// SPDX-License-Identifier: Apache-2.0
//
// Tables as an aligned grid, and arrays on one line. All cells are written into one text first;
// then widths are known and lines are put together:
//
//     id     name      similarity
//     int64  utf8         float32
//     ─────  ────────  ──────────
//         1  Zeno            0.83
//         2  Parmeni…        null
//     2 rows x 3 columns
#include <string.h>

#include "base/math_internal.h"
#include "columnar/array_internal.h"
#include "columnar/format_internal.h"
#include "columnar/text_width.h"

void elea_print_options_init(elea_print_options *options) {
    *options = (elea_print_options){.rows_max = 20, .items_max = 10, .null_text = "null"};
}

static elea_print_options options_or_defaults(const elea_print_options *options) {
    elea_print_options filled;
    elea_print_options_init(&filled);
    if (options)
        filled = *options;
    if (!filled.null_text)
        filled.null_text = "null";
    return filled;
}

static elea_status put(elea_text *text, const char *string, elea_error *err) {
    return elea_text_append(text, elea_bytes_of(string), err);
}

// Which rows are shown: the first `head` and the last `tail`, with a mark between them.
typedef struct row_window {
    int64_t length;
    int64_t head;
    int64_t tail;
} row_window;

static row_window window_of(int64_t length, int64_t rows_max) {
    if (rows_max <= 0 || length <= rows_max)
        return (row_window){length, length, 0};
    return (row_window){length, rows_max - rows_max / 2, rows_max / 2};
}

static bool window_is_cut(const row_window *window) {
    return window->head + window->tail < window->length;
}

// ---- arrays

elea_status elea_array_format(const elea_array *array, const elea_print_options *options,
                              elea_text *text, elea_error *err) {
    elea_print_options filled = options_or_defaults(options);
    elea__value_style style = {
        .quoted = true, .items_max = filled.items_max, .null_text = filled.null_text};
    row_window window = window_of(array->length, filled.rows_max);
    elea_span span;
    elea_span_of(array, &span);
    ELEA_TRY(put(text, "[", err));
    for (int64_t i = 0; i < window.head + window.tail; i++) {
        int64_t row = i < window.head ? i : window.length - window.tail + (i - window.head);
        if (i > 0)
            ELEA_TRY(put(text, ", ", err));
        if (i == window.head)
            ELEA_TRY(put(text, "…, ", err));
        ELEA_TRY(elea__value_format(&span, row, &style, text, err));
    }
    if (window_is_cut(&window) && window.tail == 0)
        ELEA_TRY(put(text, ", …", err));
    return put(text, "]", err);
}

// ---- the grid

// A piece of the text of all cells.
typedef struct cell {
    int64_t offset;
    int64_t size;
    int64_t width;
} cell;

#define HEADER_ROWS 2 // name and type
#define TYPE_WIDTH_MAX 32
#define SHRUNK_WIDTH_MIN 8
#define GAP "  "

typedef struct grid {
    const elea_table *table;
    elea_print_options options;
    row_window window;
    int64_t row_count;    // with the header and the mark for left-out rows
    int64_t column_count; // shown, without the mark for left-out columns
    cell *cells;          // row by row
    int64_t *widths;
    bool *rights; // columns that are aligned to the right
    int64_t allocated;
    elea_text cell_text;
    elea_text scratch;
} grid;

static cell *cell_at(const grid *g, int64_t row, int64_t column) {
    return &g->cells[row * elea_table_column_count(g->table) + column];
}

// Characters that move the cursor would break the grid; they are shown as escapes.
static elea_status put_plain(elea_text *text, elea_bytes bytes, elea_error *err) {
    static const char names[] = "abtnvfr";
    for (int64_t begin = 0, i = 0; i <= bytes.size; i++) {
        uint8_t byte = i < bytes.size ? (uint8_t)bytes.data[i] : 0;
        if (i < bytes.size && byte >= 0x20 && byte != 0x7F)
            continue;
        if (i > begin)
            ELEA_TRY(elea_text_append(text, (elea_bytes){bytes.data + begin, i - begin}, err));
        if (i == bytes.size)
            break;
        if (byte >= '\a' && byte <= '\r')
            ELEA_TRY(elea_text_append_format(text, err, "\\%c", names[byte - '\a']));
        else
            ELEA_TRY(elea_text_append_format(text, err, "\\x%02x", byte));
        begin = i + 1;
    }
    return ELEA_OK;
}

// Makes a cell of what is in the scratch text, cut to `width_max` columns.
static elea_status put_cell(grid *g, int64_t row, int64_t column, int64_t width_max,
                            elea_error *err) {
    cell *c = cell_at(g, row, column);
    elea_text *text = &g->cell_text;
    c->offset = text->size;
    // More than that cannot be shown, and texts may be large: 4 bytes a character, and marks.
    int64_t size = elea__min(g->scratch.size, width_max * 8 + 64);
    ELEA_TRY(put_plain(text, (elea_bytes){g->scratch.data, size}, err));
    c->size = text->size - c->offset;
    int64_t fitting = c->size == 0 ? 0
                                   : elea__text_fit((elea_bytes){text->data + c->offset, c->size},
                                                    width_max, &c->width);
    if (c->size == 0)
        c->width = 0;
    if (fitting < c->size || size < g->scratch.size) {
        fitting =
            elea__text_fit((elea_bytes){text->data + c->offset, c->size}, width_max - 1, &c->width);
        text->size = c->offset + fitting;
        ELEA_TRY(put(text, "…", err));
        c->size = text->size - c->offset;
        c->width++;
    }
    g->widths[column] = elea__max(g->widths[column], c->width);
    return ELEA_OK;
}

static bool is_right_aligned(const elea_type *type) {
    elea_type_id id = type->id;
    return (id >= ELEA_TYPE_UINT8 && id <= ELEA_TYPE_FLOAT64) || type->precision > 0 ||
           id == ELEA_TYPE_DURATION;
}

static elea_status fill_header(grid *g, int64_t column, elea_error *err) {
    const elea_field *field = elea_schema_field(elea_table_schema(g->table), column);
    g->widths[column] = 0;
    g->rights[column] = is_right_aligned(field->type);
    elea_text_reset(&g->scratch);
    ELEA_TRY(put(&g->scratch, field->name, err));
    ELEA_TRY(put_cell(g, 0, column, INT32_MAX, err));
    elea_text_reset(&g->scratch);
    ELEA_TRY(elea_type_format(field->type, &g->scratch, err));
    return put_cell(g, 1, column, elea__max(TYPE_WIDTH_MAX, g->widths[column]), err);
}

static elea_status fill_column(grid *g, int64_t column, elea_error *err) {
    const elea_chunked_array *values = elea_table_column(g->table, column);
    elea__value_style style = {.items_max = g->options.items_max,
                               .null_text = g->options.null_text};
    int64_t width_max = g->options.items_max > 0 && g->options.items_max < INT32_MAX / 8
                            ? elea__max(8 * g->options.items_max, 1)
                            : INT32_MAX;
    ELEA_TRY(fill_header(g, column, err));
    bool cut = window_is_cut(&g->window);
    for (int64_t i = HEADER_ROWS; i < g->row_count; i++) {
        int64_t shown = i - HEADER_ROWS;
        elea_text_reset(&g->scratch);
        if (cut && shown == g->window.head) {
            ELEA_TRY(put(&g->scratch, "…", err));
        } else {
            // Rows behind the mark are counted from the end.
            int64_t row = shown < g->window.head ? shown : g->window.length - (g->row_count - i);
            int64_t chunk;
            int64_t row_in_chunk;
            elea_span span;
            elea_chunked_array_locate(values, row, &chunk, &row_in_chunk);
            elea_span_of(elea_chunked_array_chunk(values, chunk), &span);
            ELEA_TRY(elea__value_format(&span, row_in_chunk, &style, &g->scratch, err));
        }
        ELEA_TRY(put_cell(g, i, column, width_max, err));
    }
    return ELEA_OK;
}

static elea_status put_repeated(elea_text *text, const char *piece, int64_t count,
                                elea_error *err) {
    for (int64_t i = 0; i < count; i++)
        ELEA_TRY(put(text, piece, err));
    return ELEA_OK;
}

// A cell, cut where its column was made narrower. Stores the columns that it takes.
static elea_status put_shown(const grid *g, const cell *c, int64_t width_max, int64_t *width,
                             elea_text *text, elea_error *err) {
    elea_bytes bytes = {g->cell_text.data + c->offset, c->size};
    *width = c->width;
    if (c->width > width_max)
        bytes.size = elea__text_fit(bytes, width_max - 1, width);
    if (bytes.size > 0)
        ELEA_TRY(elea_text_append(text, bytes, err));
    *width += c->width > width_max;
    return c->width > width_max ? put(text, "…", err) : ELEA_OK;
}

static elea_status put_row(const grid *g, int64_t row, elea_text *text, elea_error *err) {
    ELEA_TRY(put(text, " ", err));
    for (int64_t i = 0; i < g->column_count; i++) {
        const cell *c = cell_at(g, row, i);
        bool is_last = i == g->column_count - 1;
        int64_t width = c->width;
        if (i > 0)
            ELEA_TRY(put(text, GAP, err));
        // Columns that are aligned to the right are never made narrower.
        if (g->rights[i])
            ELEA_TRY(put_repeated(text, " ", g->widths[i] - width, err));
        ELEA_TRY(put_shown(g, c, g->widths[i], &width, text, err));
        // Nothing follows the last column, so that lines do not end in blanks.
        if (!g->rights[i] && !is_last)
            ELEA_TRY(put_repeated(text, " ", g->widths[i] - width, err));
    }
    return put(text, "\n", err);
}

static elea_status put_rule(const grid *g, elea_text *text, elea_error *err) {
    ELEA_TRY(put(text, " ", err));
    for (int64_t i = 0; i < g->column_count; i++) {
        ELEA_TRY(put(text, i > 0 ? GAP : "", err));
        ELEA_TRY(put_repeated(text, "─", g->widths[i], err));
    }
    return put(text, "\n", err);
}

static elea_status put_footer(const grid *g, elea_text *text, elea_error *err) {
    int64_t columns = elea_table_column_count(g->table);
    int64_t rows = elea_table_length(g->table);
    ELEA_TRY(elea_text_append_format(text, err, " %lld %s x %lld %s", (long long)rows,
                                     rows == 1 ? "row" : "rows", (long long)columns,
                                     columns == 1 ? "column" : "columns"));
    for (int64_t i = g->column_count; i < columns; i++) {
        const char *name = elea_schema_field(elea_table_schema(g->table), i)->name;
        ELEA_TRY(put(text, i == g->column_count ? "; not shown: " : ", ", err));
        ELEA_TRY(put_plain(text, elea_bytes_of(name), err));
    }
    return put(text, "\n", err);
}

// The width of a column when none may be wider than `cap`. Numbers are not cut: their beginning
// would be taken for the whole.
static int64_t capped_width(const grid *g, int64_t column, int64_t cap) {
    return g->rights[column] ? g->widths[column] : elea__min(g->widths[column], cap);
}

static bool lines_fit(const grid *g, int64_t column_count, int64_t cap) {
    int64_t width = 1 + (column_count - 1) * (int64_t)strlen(GAP);
    for (int64_t i = 0; i < column_count && width <= g->options.width_max; i++)
        width += capped_width(g, i, cap);
    return width <= g->options.width_max;
}

// Makes wide columns narrower until lines fit, and leaves out columns at the right where that is
// not enough; one is always shown.
static void fit_columns(grid *g) {
    int64_t low = SHRUNK_WIDTH_MIN, high = INT32_MAX;
    g->column_count = elea_table_column_count(g->table);
    if (g->options.width_max <= 0)
        return;
    while (g->column_count > 1 && !lines_fit(g, g->column_count, low))
        g->column_count--;
    // The largest cap with which they do.
    while (low < high) {
        int64_t middle = high - (high - low) / 2;
        if (lines_fit(g, g->column_count, middle))
            low = middle;
        else
            high = middle - 1;
    }
    for (int64_t i = 0; i < g->column_count; i++)
        g->widths[i] = capped_width(g, i, low);
}

static elea_status grid_alloc(grid *g, elea_pool *pool, elea_error *err) {
    int64_t columns = elea_table_column_count(g->table);
    int64_t cells;
    int64_t row_size = (int64_t)sizeof(cell);
    if (elea__mul_overflow(columns, g->row_count, &cells) ||
        elea__mul_overflow(cells, row_size, &g->allocated) ||
        elea__add_overflow(g->allocated, columns * (int64_t)(sizeof(int64_t) + sizeof(bool)),
                           &g->allocated))
        return elea_error_set(err, ELEA_ECAPACITY, "a grid of %lld rows", (long long)g->row_count);
    void *block;
    ELEA_TRY(elea_alloc(pool, g->allocated, &block, err));
    g->cells = block;
    g->widths = (int64_t *)(g->cells + cells);
    g->rights = (bool *)(g->widths + columns);
    return ELEA_OK;
}

static elea_status grid_put(grid *g, elea_text *text, elea_error *err) {
    for (int64_t i = 0; i < elea_table_column_count(g->table); i++)
        ELEA_TRY(fill_column(g, i, err));
    fit_columns(g);
    for (int64_t i = 0; i < g->row_count && g->column_count > 0; i++) {
        ELEA_TRY(put_row(g, i, text, err));
        if (i == HEADER_ROWS - 1)
            ELEA_TRY(put_rule(g, text, err));
    }
    return put_footer(g, text, err);
}

elea_status elea_table_format(const elea_table *table, const elea_print_options *options,
                              elea_text *text, elea_error *err) {
    elea_status status = ELEA_OK;
    grid g = {.table = table, .options = options_or_defaults(options)};
    elea_text_init(&g.cell_text, text->pool);
    elea_text_init(&g.scratch, text->pool);
    g.window = window_of(elea_table_length(table), g.options.rows_max);
    g.row_count = HEADER_ROWS + g.window.head + g.window.tail + window_is_cut(&g.window);
    ELEA_GOTO(done, grid_alloc(&g, text->pool, err));
    ELEA_GOTO(done, grid_put(&g, text, err));

done:
    elea_dealloc(text->pool, g.cells, g.allocated);
    elea_text_release(&g.cell_text);
    elea_text_release(&g.scratch);
    return status;
}

elea_status elea_table_print(const elea_table *table, FILE *file, const elea_print_options *options,
                             elea_error *err) {
    elea_text text;
    elea_text_init(&text, NULL);
    elea_status status = elea_table_format(table, options, &text, err);
    if (status == ELEA_OK && fwrite(text.data, 1, (size_t)text.size, file) != (size_t)text.size)
        status = elea_error_set(err, ELEA_EIO, "cannot write %lld bytes", (long long)text.size);
    elea_text_release(&text);
    return status;
}
