// SPDX-License-Identifier: Apache-2.0
//
// Appending numbers to a builder of a fixed-width type. Parameters, undefined at the end:
//   NUMBER_NAME     the word for the type in the functions' names
//   NUMBER_TYPE     the C type of one value
//   NUMBER_INTEGER  1 for integers, which must fit; 0 for floats, which round

#define NUMBER_GLUE(prefix, name) prefix##name
#define NUMBER_FUNCTION(prefix, name) NUMBER_GLUE(prefix, name)

static elea_status NUMBER_FUNCTION(put_, NUMBER_NAME)(elea_builder *builder, NUMBER_TYPE value,
                                                      elea_error *err) {
    ELEA_TRY(elea__builder_room(builder, 1, err));
    __builtin_memcpy(builder->blocks[1].data + builder->length * (int64_t)sizeof value, &value,
                     sizeof value);
    elea__builder_put_valid(builder);
    return ELEA_OK;
}

#if NUMBER_INTEGER

static elea_status NUMBER_FUNCTION(append_int_, NUMBER_NAME)(elea_builder *builder, int64_t value,
                                                             elea_error *err) {
    NUMBER_TYPE narrow;
    if (__builtin_add_overflow(value, 0, &narrow))
        return elea_error_set(err, ELEA_ECAPACITY, "%lld does not fit %s", (long long)value,
                              elea_type_id_name(builder->type->id));
    return NUMBER_FUNCTION(put_, NUMBER_NAME)(builder, narrow, err);
}

static elea_status NUMBER_FUNCTION(append_uint_, NUMBER_NAME)(elea_builder *builder, uint64_t value,
                                                              elea_error *err) {
    NUMBER_TYPE narrow;
    if (__builtin_add_overflow(value, 0, &narrow))
        return elea_error_set(err, ELEA_ECAPACITY, "%llu does not fit %s",
                              (unsigned long long)value, elea_type_id_name(builder->type->id));
    return NUMBER_FUNCTION(put_, NUMBER_NAME)(builder, narrow, err);
}

#else

static elea_status NUMBER_FUNCTION(append_int_, NUMBER_NAME)(elea_builder *builder, int64_t value,
                                                             elea_error *err) {
    return NUMBER_FUNCTION(put_, NUMBER_NAME)(builder, (NUMBER_TYPE)value, err);
}

static elea_status NUMBER_FUNCTION(append_uint_, NUMBER_NAME)(elea_builder *builder, uint64_t value,
                                                              elea_error *err) {
    return NUMBER_FUNCTION(put_, NUMBER_NAME)(builder, (NUMBER_TYPE)value, err);
}

static elea_status NUMBER_FUNCTION(append_double_, NUMBER_NAME)(elea_builder *builder, double value,
                                                                elea_error *err) {
    return NUMBER_FUNCTION(put_, NUMBER_NAME)(builder, (NUMBER_TYPE)value, err);
}

#endif

#undef NUMBER_FUNCTION
#undef NUMBER_GLUE
#undef NUMBER_NAME
#undef NUMBER_TYPE
#undef NUMBER_INTEGER
