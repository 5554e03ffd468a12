// SPDX-License-Identifier: Apache-2.0
//
// Columns, beside Arrow C++: both libraries in one program, in turns, on the same buffers (made by
// Arrow C++, taken over by the C data interface). A line is a name, the bytes that must be looked
// at or made, and the fastest milliseconds of Elea, of Arrow C++ and of reading those bytes once,
// with tabs between. compare_columnar.py builds this against the libraries of pyarrow and makes a
// table of it.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <arrow/api.h>
#include <arrow/array/validate.h>
#include <arrow/c/bridge.h>
#include <arrow/util/bitmap_ops.h>

#include <elea/elea.h>

namespace {

constexpr int kRuns = 9;
constexpr int64_t kRows = 10000000;
constexpr int64_t kChunks = 1000;

volatile uint64_t sink;

using Work = std::function<void()>;
using Arrays = std::vector<std::shared_ptr<arrow::Array>>;

void must(bool good, const std::string &what) {
    if (good)
        return;
    std::fprintf(stderr, "%s\n", what.c_str());
    std::exit(1);
}
void must(const arrow::Status &status) { must(status.ok(), status.ToString()); }
template <typename T> T must(arrow::Result<T> result) {
    must(result.status());
    return std::move(result).ValueOrDie();
}
void must(elea_status status, const elea_error &err) {
    must(status == ELEA_OK, elea_error_message(&err));
}

// An array of Elea.
class Ours {
  public:
    explicit Ours(elea_array *array) : array_(array) {}
    Ours(Ours &&other) noexcept : array_(other.array_) { other.array_ = nullptr; }
    Ours(const Ours &) = delete;
    ~Ours() { elea_array_unref(array_); }
    elea_array *get() const { return array_; }

    static Ours of(const arrow::Array &theirs) {
        ArrowSchema schema;
        ArrowArray array;
        elea_error err;
        elea_field *field = nullptr;
        elea_array *ours = nullptr;
        must(arrow::ExportArray(theirs, &array, &schema));
        must(elea_field_import(&schema, nullptr, &field, &err), err);
        must(elea_array_import(&array, elea_field_type(field), nullptr, &ours, &err), err);
        elea_field_unref(field);
        return Ours(ours);
    }

  private:
    elea_array *array_;
};

// ---- measuring

// Of the processor, by all threads of this process: what else runs on the machine costs nothing.
double milliseconds(const Work &work) {
    timespec times[2];
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &times[0]);
    work();
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &times[1]);
    return static_cast<double>(times[1].tv_sec - times[0].tv_sec) * 1e3 +
           static_cast<double>(times[1].tv_nsec - times[0].tv_nsec) / 1e6;
}

// Memory of that many bytes (1 GiB at most, else again and again), read once: what nothing that
// looks at them beats.
void read_once(int64_t size) {
    constexpr int64_t kMost = int64_t{1} << 30;
    static uint64_t *memory;
    if (memory == nullptr) {
        // Of the pool, for its large pages.
        elea_error err;
        void *block = nullptr;
        must(elea_alloc(nullptr, kMost, &block, &err), err);
        std::memset(block, 1, kMost);
        memory = static_cast<uint64_t *>(block);
    }
    uint64_t sums[8] = {0};
    for (int64_t left = size; left >= 64; left -= kMost) {
        size_t count = static_cast<size_t>(std::min(left, kMost)) / 64 * 8;
        for (size_t i = 0; i < count; i += 8) {
            for (size_t k = 0; k < 8; k++)
                sums[k] ^= memory[i + k];
        }
    }
    sink = sums[0] ^ sums[1] ^ sums[2] ^ sums[3] ^ sums[4] ^ sums[5] ^ sums[6] ^ sums[7];
}

void row(const std::string &name, int64_t size, const Work &ours, const Work &theirs) {
    double best[3];
    std::fill(best, best + 3, std::numeric_limits<double>::infinity());
    read_once(size);
    for (int i = 0; i < kRuns; i++) {
        best[0] = std::min(best[0], milliseconds(ours));
        best[1] = std::min(best[1], milliseconds(theirs));
        best[2] = std::min(best[2], milliseconds([size] { read_once(size); }));
    }
    std::printf("%s\t%lld\t%.4f\t%.4f\t%.4f\n", name.c_str(), static_cast<long long>(size), best[0],
                best[1], best[2]);
    std::fflush(stdout);
}

// ---- appending

elea_builder *builder_of(elea_type_id id, int64_t rows, int64_t bytes) {
    elea_error err;
    elea_builder *builder = nullptr;
    must(elea_builder_new(nullptr, elea_type_of(id), &builder, &err), err);
    if (rows > 0)
        must(elea_builder_reserve(builder, rows, bytes, &err), err);
    return builder;
}

void finish(elea_builder *builder) {
    elea_error err;
    elea_array *array = nullptr;
    must(elea_builder_finish(builder, &array, &err), err);
    must(elea_array_length(array) == kRows, "rows are missing");
    elea_array_unref(array);
    elea_builder_free(builder);
}

void our_numbers(int64_t reserve) {
    elea_error err;
    elea_builder *builder = builder_of(ELEA_TYPE_INT64, reserve, 0);
    for (int64_t i = 0; i < kRows; i++) {
        if (elea_builder_append_int(builder, i, &err) != ELEA_OK)
            must(false, elea_error_message(&err));
    }
    finish(builder);
}

void their_numbers(bool reserved) {
    arrow::Int64Builder builder;
    if (reserved) {
        must(builder.Reserve(kRows));
        for (int64_t i = 0; i < kRows; i++)
            builder.UnsafeAppend(i);
    } else {
        for (int64_t i = 0; i < kRows; i++) {
            if (!builder.Append(i).ok())
                must(false, "append");
        }
    }
    must(must(builder.Finish())->length() == kRows, "rows are missing");
}

// Twelve letters that change from row to row.
inline const char *letters(int64_t i) {
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";
    return alphabet + i % 26;
}

void our_texts(int64_t reserve) {
    elea_error err;
    elea_builder *builder = builder_of(ELEA_TYPE_UTF8, reserve, reserve * 12);
    for (int64_t i = 0; i < kRows; i++) {
        if (elea_builder_append_bytes(builder, elea_bytes{letters(i), 12}, &err) != ELEA_OK)
            must(false, elea_error_message(&err));
    }
    finish(builder);
}

void their_texts(bool reserved) {
    arrow::StringBuilder builder;
    if (reserved) {
        must(builder.Reserve(kRows));
        must(builder.ReserveData(kRows * 12));
        for (int64_t i = 0; i < kRows; i++)
            builder.UnsafeAppend(letters(i), 12);
    } else {
        for (int64_t i = 0; i < kRows; i++) {
            if (!builder.Append(letters(i), 12).ok())
                must(false, "append");
        }
    }
    must(must(builder.Finish())->length() == kRows, "rows are missing");
}

void compare_append() {
    std::vector<int64_t> values(kRows, 7);
    row(
        "append int64, one by one", kRows * 8, [] { our_numbers(0); },
        [] { their_numbers(false); });
    row(
        "append int64, one by one, reserved", kRows * 8, [] { our_numbers(kRows); },
        [] { their_numbers(true); });
    row(
        "append int64, an array of 10 million", kRows * 8,
        [&values] {
            elea_error err;
            elea_builder *builder = builder_of(ELEA_TYPE_INT64, 0, 0);
            must(elea_builder_append_values(builder, values.data(), nullptr, kRows, &err), err);
            finish(builder);
        },
        [&values] {
            arrow::Int64Builder builder;
            must(builder.AppendValues(values.data(), kRows));
            must(must(builder.Finish())->length() == kRows, "rows are missing");
        });
    row(
        "append utf8 of 12 bytes, one by one", kRows * 16, [] { our_texts(0); },
        [] { their_texts(false); });
    row(
        "append utf8 of 12 bytes, one by one, reserved", kRows * 16, [] { our_texts(kRows); },
        [] { their_texts(true); });
}

// ---- samples

std::shared_ptr<arrow::Array> text(int64_t rows, int64_t size, bool accents) {
    arrow::StringBuilder builder;
    std::string one;
    for (int64_t i = 0; i < size; i++)
        one += static_cast<char>('a' + i % 26);
    for (int64_t i = 0; accents && i + 2 <= size; i += 20)
        one.replace(static_cast<size_t>(i), 2, "\xC3\xA9");
    must(builder.Reserve(rows));
    must(builder.ReserveData(rows * size));
    for (int64_t i = 0; i < rows; i++)
        builder.UnsafeAppend(one);
    return must(builder.Finish());
}

// One number in `null_every` is null (0: none).
template <typename Builder> std::shared_ptr<arrow::Array> numbers(int64_t null_every) {
    Builder builder;
    must(builder.Reserve(kRows));
    for (int64_t i = 0; i < kRows; i++) {
        if (null_every > 0 && i * 2654435761 % null_every == 0)
            builder.UnsafeAppendNull();
        else
            builder.UnsafeAppend(static_cast<typename Builder::value_type>(i));
    }
    return must(builder.Finish());
}

// struct<list<int64>, utf8>: a list of five for each row.
std::shared_ptr<arrow::Array> nested() {
    auto values = numbers<arrow::Int64Builder>(10);
    arrow::Int32Builder offsets;
    for (int64_t i = 0; i <= kRows / 5; i++)
        must(offsets.Append(static_cast<int32_t>(i * 5)));
    auto lists = must(arrow::ListArray::FromArrays(*must(offsets.Finish()), *values));
    return must(arrow::StructArray::Make({lists, text(kRows / 5, 12, false)},
                                         std::vector<std::string>{"a", "b"}));
}

int64_t bytes_of(const arrow::ArrayData &data) {
    int64_t size = 0;
    for (const auto &buffer : data.buffers)
        size += buffer ? buffer->size() : 0;
    for (const auto &child : data.child_data)
        size += bytes_of(*child);
    return size;
}

// ---- the rest

void compare_concat(const std::string &name, const std::shared_ptr<arrow::Array> &whole) {
    Arrays chunks;
    std::vector<Ours> owners;
    std::vector<elea_array *> ours;
    int64_t length = whole->length() / kChunks;
    for (int64_t i = 0; i < kChunks; i++) {
        chunks.push_back(whole->Slice(i * length, length));
        owners.push_back(Ours::of(*chunks.back()));
        ours.push_back(owners.back().get());
    }
    row(
        "concat of 1,000 chunks, " + name, bytes_of(*whole->data()),
        [&ours] {
            elea_error err;
            elea_array *joined = nullptr;
            must(elea_array_concat(nullptr, ours.data(), kChunks, &joined, &err), err);
            elea_array_unref(joined);
        },
        [&chunks] { sink = static_cast<uint64_t>(must(arrow::Concatenate(chunks))->length()); });
}

void compare_equality(const std::string &name, const std::shared_ptr<arrow::Array> &a) {
    auto b = must(arrow::Concatenate({a->Slice(0, 1), a->Slice(1)}));
    Ours x = Ours::of(*a), y = Ours::of(*b);
    row(
        "equality, " + name, 2 * bytes_of(*a->data()),
        [&x, &y] { must(elea_array_equal(x.get(), y.get(), nullptr), "they differ"); },
        [&a, &b] { must(a->Equals(*b), "they differ"); });
}

void compare_validation(const std::string &name, const std::shared_ptr<arrow::Array> &array) {
    Ours ours = Ours::of(*array);
    row(
        "full validation, " + name, bytes_of(*array->data()),
        [&ours] {
            elea_error err;
            must(elea_array_validate(ours.get(), ELEA_VALIDATE_FULL, &err), err);
        },
        [&array] { must(array->ValidateFull()); });
}

void compare_bitmaps(int64_t rows) {
    std::vector<uint8_t> a(static_cast<size_t>(rows / 8 + 64)), b(a.size()), out(a.size());
    uint64_t state = 1;
    for (size_t i = 0; i < a.size(); i++) {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        a[i] = static_cast<uint8_t>(state >> 56);
        b[i] = static_cast<uint8_t>(state >> 48);
    }
    for (int64_t odd = 0; odd < 2; odd++) {
        int64_t at = odd * 3, to = odd * 5;
        std::string suffix = odd ? ", odd offsets" : "";
        row(
            "bitmap count, 1,000 million bits" + suffix, rows / 8,
            [&] { sink = static_cast<uint64_t>(elea_bitmap_count(a.data(), at, rows)); },
            [&] {
                sink = static_cast<uint64_t>(arrow::internal::CountSetBits(a.data(), at, rows));
            });
        row(
            "bitmap and, 1,000 million bits" + suffix, rows / 8 * 2,
            [&] { elea_bitmap_and(a.data(), at, b.data(), to, rows, out.data(), at); },
            [&] { arrow::internal::BitmapAnd(a.data(), at, b.data(), to, rows, at, out.data()); });
    }
}

} // namespace

int main(int argc, char **argv) {
    int64_t megabytes = argc > 1 ? std::strtoll(argv[1], nullptr, 10) : 1000;
    compare_append();
    {
        std::vector<std::pair<std::string, std::shared_ptr<arrow::Array>>> samples = {
            {"int64", numbers<arrow::Int64Builder>(0)},
            {"int64 with nulls", numbers<arrow::Int64Builder>(10)},
            {"float64", numbers<arrow::DoubleBuilder>(0)},
            {"utf8 of 12 bytes", text(kRows, 12, false)},
            {"struct of lists and utf8", nested()},
        };
        for (const auto &[name, array] : samples)
            compare_concat(name, array);
        for (const auto &[name, array] : samples)
            compare_equality(name, array);
    }
    std::string size = ", " + std::to_string(megabytes) + " MB";
    compare_validation("ASCII, rows of 100 bytes" + size, text(megabytes * 10000, 100, false));
    compare_validation("ASCII, rows of 12 bytes" + size, text(megabytes * 1000000 / 12, 12, false));
    compare_validation("a tenth accents, rows of 100 bytes" + size,
                       text(megabytes * 10000, 100, true));
    compare_bitmaps(int64_t{1000000000});
    return 0;
}
