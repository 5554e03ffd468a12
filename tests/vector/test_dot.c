// SPDX-License-Identifier: Apache-2.0
#include "vector/dot_internal.h"

#include <elea/vector.h>

#include <sys/mman.h>
#include <unistd.h>

#include "reference.h"
#include "support/cmocka_all.h"
#include "support/levels.h"
#include "vector/fused_internal.h"

// Memory whose end is followed by a page that cannot be touched.
typedef struct guarded {
    uint8_t *pages;
    size_t size; // without the guard
    size_t page;
} guarded;

static guarded guarded_new(size_t size) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    guarded out = {.size = (size + page - 1) / page * page, .page = page};
    void *pages =
        mmap(NULL, out.size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(pages, MAP_FAILED);
    out.pages = pages;
    assert_int_equal(mprotect(out.pages + out.size, page, PROT_NONE), 0);
    return out;
}

static void guarded_free(guarded *memory) {
    assert_int_equal(munmap(memory->pages, memory->size + memory->page), 0);
}

static void put_random(uint8_t *row, elea_vector_element element, int32_t dimension,
                       uint64_t *seed) {
    for (int32_t i = 0; i < dimension; i++) {
        int64_t kind = elea_test_random_below(seed, 16);
        float value = reference_random(seed);
        reference_put(row, element, i,
                      kind == 0   ? value * 0x1p-20f // subnormal as a half
                      : kind == 1 ? (value < 0 ? -0.0f : 0.0f)
                                  : value);
    }
}

enum { ROWS = 16, STRIDE_EXTRA = 3 };

// One shape: rows end where the memory ends, at odd addresses.
static void check_shape(const elea__dot_kernels *kernels, elea_vector_element element,
                        int32_t dimension, bool with_squares, uint64_t *seed) {
    int64_t row_size = dimension * (element == ELEA_VECTOR_FLOAT16 ? 2 : 4);
    int64_t stride = row_size + STRIDE_EXTRA;
    int64_t width = (dimension + 15) / 16 * 16;
    guarded memory = guarded_new((size_t)(stride * ROWS));
    uint8_t *first = memory.pages + memory.size - (stride * (ROWS - 1) + row_size);
    const uint8_t *rows[ROWS];
    for (int i = 0; i < ROWS; i++) {
        rows[i] = first + i * stride;
        put_random(first + i * stride, element, dimension, seed);
    }
    void *queries;
    elea_error err;
    int64_t queries_size = kernels->tile * width * 4;
    assert_ok(elea_alloc_zero(NULL, queries_size, &queries, &err));
    for (int64_t q = 0; q < kernels->tile; q++)
        put_random((uint8_t *)queries + q * width * 4, ELEA_VECTOR_FLOAT32, dimension, seed);
    for (int many = 0; many < 2; many++) {
        float dots[ELEA__DOT_ROWS_MAX * ELEA__DOT_TILE_MAX];
        float squares[ELEA__DOT_ROWS_MAX] = {0};
        elea__dot_rows block = {rows, ROWS, many ? stride : 0, dimension};
        (many ? kernels->many : kernels->one)[element][with_squares](&block, queries, dots,
                                                                     squares);
        for (int64_t q = 0; q < (many ? kernels->tile : 1); q++)
            for (int i = 0; i < ROWS; i++) {
                const float *query = (const float *)queries + q * width;
                float dot = dots[q * ELEA__DOT_ROWS_MAX + i];
                float defined =
                    reference_dot(rows[i], element, query, ELEA_VECTOR_FLOAT32, dimension);
                double absolute;
                double exact = reference_exact(rows[i], element, query, ELEA_VECTOR_FLOAT32,
                                               dimension, &absolute);
                if (!reference_same_bits(dot, defined))
                    fail_msg("dimension %d, row %d, query %d: %a instead of %a", dimension, i,
                             (int)q, (double)dot, (double)defined);
                assert_true(fabs((double)dot - exact) <= reference_bound(dimension, absolute));
            }
        for (int i = 0; with_squares && i < ROWS; i++)
            assert_true(reference_same_bits(
                squares[i], reference_dot(rows[i], element, rows[i], element, dimension)));
    }
    elea_dealloc(NULL, queries, queries_size);
    guarded_free(&memory);
}

static void check_dimensions(void **state) {
    (void)state;
    const elea__dot_kernels *kernels = elea__dot_kernels_get();
    assert_ptr_equal(kernels, elea__dot_kernels_of(elea_cpu_level_get()));
    const int32_t large[] = {384, 511, 768, 1023, 2000};
    uint64_t seed = 1;
    for (int element = 0; element < 2; element++)
        for (int squares = 0; squares < 2; squares++) {
            for (int32_t dimension = 1; dimension <= 130; dimension++)
                check_shape(kernels, (elea_vector_element)element, dimension, squares, &seed);
            for (size_t i = 0; i < sizeof large / sizeof *large; i++)
                check_shape(kernels, (elea_vector_element)element, large[i], squares, &seed);
        }
}

static void test_dimensions(void **state) { elea_test_each_level(check_dimensions, state); }

// Every half there is, as a row's value and as a product's factor.
static void check_all_halves(void **state) {
    (void)state;
    const elea__dot_kernels *kernels = elea__dot_kernels_get();
    for (uint32_t from = 0; from < 65536; from += 8 * 37) {
        uint16_t rows[8][37];
        const uint8_t *pointers[8];
        _Alignas(64) float query[48] = {0};
        float dots[ELEA__DOT_ROWS_MAX];
        for (int lane = 0; lane < 37; lane++) {
            for (int i = 0; i < 8; i++)
                memset(rows[i], 0, sizeof rows[i]);
            for (int i = 0; i < 8; i++) {
                rows[i][lane] = (uint16_t)(from + (uint32_t)(8 * lane + i));
                pointers[i] = (const uint8_t *)rows[i];
            }
            memset(query, 0, sizeof query);
            query[lane] = 1;
            elea__dot_rows block = {pointers, 8, 0, 37};
            kernels->one[ELEA_VECTOR_FLOAT16][0](&block, query, dots, NULL);
            for (int i = 0; i < 8; i++) {
                float expected = elea_half_to_float(rows[i][lane]);
                assert_true(isnan(expected) ? isnan(dots[i]) : dots[i] == expected);
            }
        }
    }
}

static void test_all_halves(void **state) { elea_test_each_level(check_all_halves, state); }

static float float_of(uint64_t bits) {
    uint32_t low = (uint32_t)bits;
    float value;
    memcpy(&value, &low, 4);
    return value;
}

static void check_fused(float a, float b, float c) {
    float expected = fmaf(a, b, c);
    float fused = elea__fused(a, b, c);
    if (!reference_same_bits(expected, fused))
        fail_msg("%a * %a + %a: %a instead of %a", (double)a, (double)b, (double)c, (double)fused,
                 (double)expected);
}

static void test_fused(void **state) {
    (void)state;
    uint64_t seed = 5;
    const float special[] = {0,
                             -0.0f,
                             1,
                             -1,
                             INFINITY,
                             -INFINITY,
                             NAN,
                             0x1p-149f,
                             0x1p-126f,
                             0x1p127f,
                             -0x1p-24f,
                             0x1p24f,
                             0x1p-75f,
                             0x1.fffffep127f,
                             0x1.000002p0f,
                             0x1.fffffep-1f};
    const int count = (int)(sizeof special / sizeof *special);
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++)
            for (int k = 0; k < count; k++)
                check_fused(special[i], special[j], special[k]);
    for (int i = 0; i < 300000; i++)
        check_fused(float_of(elea_test_random(&seed)), float_of(elea_test_random(&seed)),
                    float_of(elea_test_random(&seed)));
    // (1 + x)(1 - x) is just below 1: beside an addend, a tie that is none, lost in a double.
    for (int j = 10; j <= 23; j++)
        for (int k = 20; k <= 30; k++)
            for (int odd = 0; odd < 4; odd++)
                for (int sign = -1; sign <= 1; sign += 2) {
                    float a = 1 + ldexpf(1, -j);
                    float b = ldexpf(1 - ldexpf(1, -j), -k);
                    check_fused(a, (float)sign * b, 1 + (float)odd * 0x1p-23f);
                    check_fused(a, (float)sign * b, -1 - (float)odd * 0x1p-23f);
                }
    // Sums that cancel or nearly tie, where a second rounding would show.
    for (int i = 0; i < 1000000; i++) {
        float a = float_of((elea_test_random(&seed) & 0x807fffff) | 0x3f800000);
        float b = float_of((elea_test_random(&seed) & 0x807fffff) | 0x3f800000);
        float c = ldexpf(a * b, (int)elea_test_random_below(&seed, 60) - 30);
        check_fused(a, b, c);
        check_fused(a, b, -a * b);
        check_fused(ldexpf(a, -70), ldexpf(b, -70), ldexpf(c, -120));
        uint32_t few = (uint32_t)elea_test_random(&seed) & 0x80000fff;
        check_fused((float)(1 + (few & 0xfff)), (float)(1 + (few >> 20)) * 0x1p-30f, c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dimensions),
        cmocka_unit_test(test_all_halves),
        cmocka_unit_test(test_fused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
