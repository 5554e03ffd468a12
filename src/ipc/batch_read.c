// SPDX-License-Identifier: Apache-2.0
#include "ipc/batch_read.h"

#include "base/math_internal.h"
#include "columnar/record_batch_internal.h"
#include "ipc/source.h"

// Fewer bytes than this are done sooner than a thread is woken.
#define THREADED_MIN (128 << 10)

// Bodies are read together up to this size: those of large batches by themselves, so that threads
// share them.
#define READ_MAX (4 << 20)

typedef struct runner {
    elea__ipc_plan *plans;
    int64_t count;
    elea__ipc_source *source;
} runner;

// Adds to a sum that is only compared with that: sizes that are not checked yet may be any.
static void add_bytes(int64_t *sum, int64_t size) {
    *sum = elea__min(*sum + elea__max(elea__min(size, THREADED_MIN), 0), THREADED_MIN);
}

// What is done with items [begin, end) of a loop: here always one.
typedef elea_morsel_fn step_fn;

// Runs `step` for each item in order, or in the thread pool when there is enough to do.
static elea_status for_each(runner *run, int64_t count, int64_t bytes, step_fn step,
                            elea_error *err) {
    if (bytes >= THREADED_MIN)
        return elea_thread_pool_for(run->source->options.threads, count, 1, step, run, NULL, err);
    for (int64_t i = 0; i < count; i++)
        ELEA_TRY(step(run, i, i + 1, 0, err));
    return ELEA_OK;
}

// ---- bodies

static bool reads_whole(const elea__ipc_source *source) {
    return elea_file_has_views(source->file) || source->schema.count >= source->column_count;
}

// A body that is read whole. Where there is no schema, the values of a dictionary: all of the
// message.
static bool is_whole(const elea__ipc_plan *plan) {
    return !plan->shape.schema || reads_whole(plan->source);
}

static bool is_fetched(const elea__ipc_part *part) { return part->is_used && part->size > 0; }

// What has to be read for a plan; gives how many ranges, which are written when `ranges` is there.
static int64_t list_ranges(const elea__ipc_plan *plan, elea_file_range *ranges) {
    const elea__ipc_parts *body = &plan->body;
    int64_t count = 0;
    if (body->whole || body->size == 0)
        return 0;
    if (is_whole(plan)) {
        if (ranges)
            ranges[0] = (elea_file_range){.offset = body->file_offset, .size = body->size};
        return 1;
    }
    for (int64_t i = 0; i < body->part_count; i++) {
        const elea__ipc_part *part = &body->parts[i];
        if (!is_fetched(part))
            continue;
        if (ranges)
            ranges[count] =
                (elea_file_range){.offset = body->file_offset + part->offset, .size = part->size};
        count++;
    }
    return count;
}

// Hands over what was read, in the same order; gives how many.
static int64_t take_buffers(elea__ipc_plan *plan, elea_buffer **buffers) {
    elea__ipc_parts *body = &plan->body;
    int64_t count = 0;
    if (body->whole || body->size == 0)
        return 0;
    if (is_whole(plan)) {
        body->whole = buffers[0];
        return 1;
    }
    for (int64_t i = 0; i < body->part_count; i++)
        if (is_fetched(&body->parts[i]))
            body->parts[i].raw = buffers[count++];
    return count;
}

// Reads the bodies of all plans, or the wanted buffers of them, by few reads.
static elea_status fetch_by_ranges(runner *run, int64_t count, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_pool *pool = run->source->pool;
    const elea_read_ranges_options options = {.range_max = READ_MAX,
                                              .threads = run->source->options.threads};
    int64_t ranges_size = count * (int64_t)sizeof(elea_file_range);
    int64_t buffers_size = count * (int64_t)sizeof(elea_buffer *);
    void *ranges = NULL, *buffers = NULL;

    ELEA_GOTO(done, elea_alloc(pool, ranges_size, &ranges, err));
    ELEA_GOTO(done, elea_alloc(pool, buffers_size, &buffers, err));
    elea_file_range *range = ranges;
    for (int64_t i = 0; i < run->count; i++)
        range += list_ranges(&run->plans[i], range);
    ELEA_GOTO(done,
              elea_file_read_ranges(run->source->file, ranges, count, &options, buffers, err));
    elea_buffer **buffer = buffers;
    for (int64_t i = 0; i < run->count; i++)
        buffer += take_buffers(&run->plans[i], buffer);

done:
    elea_dealloc(pool, buffers, buffers_size);
    elea_dealloc(pool, ranges, ranges_size);
    return status;
}

// Bodies are parts of the view of all of the file, but for those that reach out of it.
static elea_status view_bodies(runner *run, elea_error *err) {
    ELEA_TRY(elea__ipc_source_view(run->source, err));
    if (!run->source->whole)
        return ELEA_OK;
    for (int64_t i = 0; i < run->count; i++) {
        elea__ipc_parts *body = &run->plans[i].body;
        if (body->whole || !elea__range_inside(body->file_offset, body->size,
                                               elea_buffer_size(run->source->whole)))
            continue;
        body->whole = elea_buffer_ref(run->source->whole);
        body->start = body->file_offset;
    }
    return ELEA_OK;
}

static elea_status fetch(runner *run, elea_error *err) {
    elea_file *file = run->source->file;
    int64_t count = 0;
    ELEA_TRY(view_bodies(run, err));
    for (int64_t i = 0; i < run->count; i++)
        count += list_ranges(&run->plans[i], NULL);
    // One body, or views, which cost nothing.
    if (count > 1 && !elea_file_has_views(file))
        return fetch_by_ranges(run, count, err);
    for (int64_t i = 0; i < run->count && count > 0; i++) {
        elea_file_range range;
        elea_buffer *buffer = NULL;
        if (list_ranges(&run->plans[i], &range) == 0)
            continue;
        ELEA_TRY(elea_file_view_at(file, range.offset, range.size, &buffer, err));
        take_buffers(&run->plans[i], &buffer);
    }
    return ELEA_OK;
}

// ---- room

// Buffers of several batches that lie in one block of at most so many bytes, and of at least so
// many: then it is of large pages, which the pool keeps when it is freed.
#define ROOM_MAX ((int64_t)32 << 20)
#define ROOM_MIN ((int64_t)8 << 20)

// Takes one block for the plans [begin, end), which need `size` bytes.
static elea_status take_room(runner *run, int64_t begin, int64_t end, int64_t size,
                             elea_error *err) {
    elea_buffer *block = NULL;
    if (end - begin < 2 || size < ROOM_MIN)
        return ELEA_OK;
    ELEA_TRY(elea_buffer_new(run->source->pool, size, &block, err));
    uint8_t *room = elea_buffer_mutable_data(block);
    for (int64_t i = begin; i < end; i++) {
        elea__ipc_parts *body = &run->plans[i].body;
        elea__ipc_parts_give_room(body, room);
        room += elea__ipc_parts_room(body);
        body->arena->kept[1] = elea_buffer_ref(block);
    }
    elea_buffer_unref(block);
    return ELEA_OK;
}

static elea_status share_room(runner *run, elea_error *err) {
    int64_t begin = 0, size = 0;
    for (int64_t i = 0; i < run->count; i++) {
        int64_t more = elea__ipc_parts_room(&run->plans[i].body);
        if (more > ROOM_MAX - size) {
            ELEA_TRY(take_room(run, begin, i, size, err));
            begin = i;
            size = 0;
        }
        // A batch that is larger by itself has buffers that are large by themselves.
        if (more > ROOM_MAX)
            begin = i + 1;
        else
            size += more;
    }
    return take_room(run, begin, run->count, size, err);
}

// ---- buffers

// Finds the plan that item `index` of all falls to, and takes off it what is of the plans before.
static elea__ipc_plan *find_part(const runner *run, int64_t *index) {
    elea__ipc_plan *plan = run->plans;
    for (; *index >= plan->body.part_count; plan++)
        *index -= plan->body.part_count;
    return plan;
}

static elea_status make_part(void *context, int64_t begin, int64_t end, int worker,
                             elea_error *err) {
    elea__ipc_plan *plan = find_part(context, &begin);
    (void)end;
    (void)worker;
    (void)err;
    // What fails is done again when it is the turn of its column, which then tells why.
    if (elea__ipc_part_is_work(&plan->body, &plan->body.parts[begin]))
        (void)!elea__ipc_part_make(&plan->body, begin, NULL);
    return ELEA_OK;
}

// All buffers that are work, before the arrays: columns are too few and too uneven to share out.
static elea_status make_parts(runner *run, elea_error *err) {
    int64_t bytes = 0, count = 0, work_count = 0;
    for (int64_t i = 0; i < run->count; i++) {
        const elea__ipc_parts *body = &run->plans[i].body;
        count += body->part_count;
        for (int64_t k = 0; k < body->part_count; k++) {
            if (!elea__ipc_part_is_work(body, &body->parts[k]))
                continue;
            add_bytes(&bytes, body->parts[k].plain_size);
            work_count++;
        }
    }
    if (work_count < 2 || bytes < THREADED_MIN)
        return ELEA_OK;
    return for_each(run, count, bytes, make_part, err);
}

// ---- columns

static elea_status make_column(void *context, int64_t begin, int64_t end, int worker,
                               elea_error *err) {
    const runner *run = context;
    elea__ipc_plan *plan = &run->plans[begin / run->plans->shape.count];
    elea_status status = elea__ipc_plan_column(plan, begin % plan->shape.count, err);
    (void)end;
    (void)worker;
    if (status == ELEA_OK || plan->number < 0)
        return status;
    return elea_error_prefix(err, status, "record batch %lld", (long long)plan->number);
}

static elea_status make_columns(runner *run, elea_error *err) {
    int64_t bytes = 0;
    if (run->source->options.validation != ELEA_VALIDATE_QUICK)
        for (int64_t i = 0; i < run->count; i++)
            add_bytes(&bytes, run->plans[i].body.size);
    return for_each(run, run->count * run->plans->shape.count, bytes, make_column, err);
}

elea_status elea__ipc_plans_run(elea__ipc_plan *plans, int64_t count, elea_error *err) {
    runner run = {.plans = plans, .count = count, .source = plans->source};
    if (count == 0)
        return ELEA_OK;
    ELEA_TRY(fetch(&run, err));
    for (int64_t i = 0; i < count; i++)
        ELEA_TRY(elea__ipc_plan_prepare(&plans[i], err));
    ELEA_TRY(share_room(&run, err));
    ELEA_TRY(make_parts(&run, err));
    return make_columns(&run, err);
}

// ---- record batches

elea_status elea__ipc_plan_batch(elea__ipc_plan *plan, elea__ipc_source *source,
                                 const elea__ipc_message *message, int64_t number,
                                 elea_error *err) {
    const elea__ipc_schema *schema = &source->schema;
    const elea__ipc_shape shape = {.schema = schema->schema,
                                   .count = schema->count,
                                   .starts = schema->starts,
                                   .total = &schema->total,
                                   .wanted = &schema->wanted};
    plan->number = number;
    return elea__ipc_plan_make(plan, source, message, &message->header, &shape, err);
}

elea_status elea__ipc_plan_result(elea__ipc_plan *plan, elea_record_batch **out, elea_error *err) {
    return elea__record_batch_new_at(plan->batch, plan->body.arena, plan->shape.schema,
                                     plan->length, plan->results, out, err);
}

elea_status elea__ipc_source_read_batch(elea__ipc_source *source, const elea__ipc_message *message,
                                        elea_record_batch **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea__ipc_plan *plan = source->plan;
    void *memory = NULL;
    if (!plan) {
        ELEA_TRY(elea_alloc_zero(source->pool, sizeof *plan, &memory, err));
        source->plan = plan = memory;
    }
    ELEA_GOTO(done, elea__ipc_plan_batch(plan, source, message, -1, err));
    ELEA_GOTO(done, elea__ipc_plans_run(plan, 1, err));
    status = elea__ipc_plan_result(plan, out, err);

done:
    elea__ipc_plan_clear(plan);
    return status;
}
