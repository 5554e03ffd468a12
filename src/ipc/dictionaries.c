// SPDX-License-Identifier: Apache-2.0
#include "ipc/dictionaries.h"

#include "ipc/batch_read.h"
#include "ipc/format.h"
#include "ipc/source.h"

typedef struct dictionary {
    int64_t id;
    int64_t slot;         // the first of those that share it
    elea__ipc_list parts; // elea__ipc_message *: a whole one, then deltas
    elea_array *values;   // of the first `merged` parts
    int64_t merged;
} dictionary;

// ---- the list, ordered by id

static bool before(const dictionary *a, const dictionary *b) {
    return a->id != b->id ? a->id < b->id : a->slot < b->slot;
}

static void sift_down(dictionary *all, int64_t at, int64_t count) {
    for (int64_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && before(&all[child], &all[child + 1]))
            child++;
        if (!before(&all[at], &all[child]))
            return;
        dictionary moved = all[at];
        all[at] = all[child];
        all[child] = moved;
    }
}

// Heapsort: in place, and no order of the ids makes it slow.
static void sort(dictionary *all, int64_t count) {
    for (int64_t i = count / 2 - 1; i >= 0; i--)
        sift_down(all, i, count);
    for (int64_t end = count - 1; end > 0; end--) {
        dictionary moved = all[0];
        all[0] = all[end];
        all[end] = moved;
        sift_down(all, 0, end);
    }
}

static dictionary *find(const elea__ipc_dictionaries *dictionaries, int64_t id) {
    dictionary *all = dictionaries->all.data;
    int64_t low = 0, high = dictionaries->all.count;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (all[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < dictionaries->all.count && all[low].id == id ? &all[low] : NULL;
}

// Two slots with one id must ask for the same values, down to the dictionaries inside.
static elea_status check_shared(const elea__ipc_slot *slots, int64_t a, int64_t b,
                                elea_error *err) {
    bool same = slots[a].nested == slots[b].nested &&
                elea_type_equal(slots[a].value_type, slots[b].value_type, false);
    for (int64_t i = 1; same && i <= slots[a].nested; i++)
        same = slots[a + i].id == slots[b + i].id;
    if (same)
        return ELEA_OK;
    return elea_error_set(
        err, ELEA_EINVAL, "dictionary %lld is used for values of different types: %s and %s",
        (long long)slots[a].id, elea_type_id_name(elea_type_id_of(slots[a].value_type)),
        elea_type_id_name(elea_type_id_of(slots[b].value_type)));
}

elea_status elea__ipc_dictionaries_init(elea__ipc_dictionaries *dictionaries, elea_pool *pool,
                                        const elea__ipc_schema *schema, elea_error *err) {
    const elea__ipc_slot *slots = schema->slots.data;
    elea__ipc_list *list = &dictionaries->all;
    *dictionaries = (elea__ipc_dictionaries){.pool = pool, .schema = schema};
    for (int64_t i = 0; i < schema->slots.count; i++) {
        dictionary entry = {.id = slots[i].id, .slot = i};
        ELEA_TRY(elea__ipc_list_push(list, pool, &entry, sizeof entry, err));
    }
    dictionary *all = list->data;
    int64_t count = list->count;
    sort(all, count);
    list->count = 0;
    for (int64_t i = 0; i < count; i++) {
        const dictionary *last = list->count > 0 ? &all[list->count - 1] : NULL;
        if (last && last->id == all[i].id)
            ELEA_TRY(check_shared(slots, last->slot, all[i].slot, err));
        else
            all[list->count++] = all[i];
    }
    return ELEA_OK;
}

static void drop_values(dictionary *entry) {
    elea_array_unref(entry->values);
    entry->values = NULL;
    entry->merged = 0;
}

static void drop_parts(elea__ipc_dictionaries *dictionaries, dictionary *entry) {
    elea__ipc_message **parts = entry->parts.data;
    for (int64_t i = 0; i < entry->parts.count; i++) {
        elea__ipc_message_release(parts[i]);
        elea_dealloc(dictionaries->pool, parts[i], sizeof *parts[i]);
    }
    entry->parts.count = 0;
    drop_values(entry);
}

void elea__ipc_dictionaries_reset(elea__ipc_dictionaries *dictionaries) {
    for (int64_t i = 0; i < dictionaries->all.count; i++)
        drop_parts(dictionaries, (dictionary *)dictionaries->all.data + i);
}

void elea__ipc_dictionaries_release(elea__ipc_dictionaries *dictionaries) {
    dictionary *all = dictionaries->all.data;
    elea__ipc_dictionaries_reset(dictionaries);
    for (int64_t i = 0; i < dictionaries->all.count; i++) {
        elea__ipc_list_release(&all[i].parts, dictionaries->pool, sizeof(elea__ipc_message *));
    }
    elea__ipc_list_release(&dictionaries->all, dictionaries->pool, sizeof(dictionary));
}

// ---- adding

// What was put together from a dictionary that is replaced is to be put together again.
static void forget_users(elea__ipc_dictionaries *dictionaries, int64_t id) {
    const elea__ipc_slot *slots = dictionaries->schema->slots.data;
    dictionary *all = dictionaries->all.data;
    for (int64_t i = 0; i < dictionaries->all.count; i++) {
        const elea__ipc_slot *outer = &slots[all[i].slot];
        for (int64_t k = 1; all[i].values && k <= outer->nested; k++)
            if (outer[k].id == id)
                drop_values(&all[i]);
    }
}

static elea_status keep(elea__ipc_dictionaries *dictionaries, dictionary *entry,
                        elea__ipc_message *message, elea_error *err) {
    elea__ipc_message *part = NULL;
    void *memory = NULL;
    ELEA_TRY(elea_alloc(dictionaries->pool, sizeof *part, &memory, err));
    part = memory;
    elea_status status =
        elea__ipc_list_push(&entry->parts, dictionaries->pool, &part, sizeof part, err);
    if (status == ELEA_OK)
        elea__ipc_message_move(message, part);
    else
        elea_dealloc(dictionaries->pool, memory, sizeof *part);
    return status;
}

static elea_status add(elea__ipc_dictionaries *dictionaries, elea__ipc_message *message,
                       bool replace, elea_error *err) {
    int64_t id = 0, is_delta = 0;
    ELEA_TRY(elea__flat_get_int(&message->header, ELEA__DICTIONARY_ID, 8, 0, &id, err));
    ELEA_TRY(elea__flat_get_int(&message->header, ELEA__DICTIONARY_IS_DELTA, 1, 0, &is_delta, err));
    dictionary *entry = find(dictionaries, id);
    dictionaries->delta_count += is_delta != 0;
    if (!entry)
        return ELEA_OK;
    if (is_delta && entry->parts.count == 0)
        return elea_error_set(err, ELEA_EINVAL,
                              "file offset %lld: a delta of dictionary %lld, which is not there",
                              (long long)message->flat.file_offset, (long long)id);
    if (!is_delta && entry->parts.count > 0) {
        if (!replace)
            return elea_error_set(err, ELEA_EINVAL,
                                  "file offset %lld: dictionary %lld comes a second time, which "
                                  "only a stream may do",
                                  (long long)message->flat.file_offset, (long long)id);
        dictionaries->replaced_count++;
        drop_parts(dictionaries, entry);
        forget_users(dictionaries, id);
    }
    return keep(dictionaries, entry, message, err);
}

elea_status elea__ipc_dictionaries_add(elea__ipc_dictionaries *dictionaries,
                                       elea__ipc_message *message, bool replace, elea_error *err) {
    elea_status status = add(dictionaries, message, replace, err);
    elea__ipc_message_release(message);
    return status;
}

// ---- putting together

static elea_status read_part(elea__ipc_source *source, int64_t slot, elea__ipc_message *message,
                             elea_array **out, elea_error *err) {
    elea_status status = ELEA_OK;
    const elea__ipc_slot *slots = source->schema.slots.data;
    const elea_type *type = slots[slot].value_type;
    elea__ipc_extent total = {.nodes = 0}, start = {.slots = slot + 1};
    elea__ipc_plan plan = {.number = -1};
    elea__flat_table data;
    bool present = false;

    // A part may be read more than once: the budget is for each walk.
    elea__flat_init(&message->flat, message->flat.data, message->flat.size,
                    message->flat.file_offset);
    elea__ipc_extent_add(&total, type);
    const elea__ipc_shape shape = {
        .type = type, .count = 1, .starts = &start, .total = &total, .wanted = &total};
    ELEA_TRY(elea__flat_get_table(&message->header, ELEA__DICTIONARY_DATA, &data, &present, err));
    if (!present)
        return elea_error_set(err, ELEA_EINVAL, "file offset %lld: there is no data",
                              (long long)message->flat.file_offset);
    ELEA_GOTO(done, elea__ipc_plan_make(&plan, source, message, &data, &shape, err));
    ELEA_GOTO(done, elea__ipc_plans_run(&plan, 1, err));
    *out = elea_array_ref(plan.results[0]);

done:
    elea__ipc_plan_release(&plan);
    return status;
}

// Appends a delta. Only arrays that were wholly validated can be put together.
static elea_status append(elea__ipc_source *source, dictionary *entry, const elea_array *delta,
                          elea_error *err) {
    const elea_array *const arrays[] = {entry->values, delta};
    elea_array *values = NULL;
    if (entry->merged == 1)
        ELEA_TRY(elea_array_validate(entry->values, ELEA_VALIDATE_SAFE, err));
    ELEA_TRY(elea_array_validate(delta, ELEA_VALIDATE_SAFE, err));
    ELEA_TRY(elea_array_concat(source->pool, arrays, 2, &values, err));
    elea_array_unref(entry->values);
    entry->values = values;
    return ELEA_OK;
}

static elea_status merge(elea__ipc_source *source, dictionary *entry, elea_error *err) {
    while (entry->merged < entry->parts.count) {
        elea__ipc_message *part = ((elea__ipc_message **)entry->parts.data)[entry->merged];
        elea_array *array = NULL;
        ELEA_TRY(read_part(source, entry->slot, part, &array, err));
        if (entry->merged > 0) {
            elea_status status = append(source, entry, array, err);
            elea_array_unref(array);
            ELEA_TRY(status);
        } else {
            entry->values = array;
        }
        entry->merged++;
    }
    return ELEA_OK;
}

elea_status elea__ipc_dictionaries_get(elea__ipc_source *source, int64_t index,
                                       const elea_array **out, elea_error *err) {
    const elea__ipc_slot *slots = source->schema.slots.data;
    dictionary *entry = find(&source->dictionaries, slots[index].id);
    if (!entry)
        return elea_error_set(err, ELEA_EINVAL, "there is no dictionary %lld",
                              (long long)slots[index].id);
    elea_status status = merge(source, entry, err);
    if (status != ELEA_OK)
        return elea_error_prefix(err, status, "dictionary %lld", (long long)entry->id);
    *out = entry->values;
    return ELEA_OK;
}
