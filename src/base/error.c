// SPDX-License-Identifier: Apache-2.0
#include "elea/base.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/os_internal.h"
#include "base/utf8_internal.h"

// A message is formatted here before it is made printable; what is longer is cut anyway.
#define RAW_SIZE (ELEA_ERROR_MESSAGE_SIZE + 8)
#define ELLIPSIS "..."

// A message while it is written. `cut_size` is where it may be cut so that the ellipsis fits.
typedef struct message_writer {
    char *target;
    size_t size;
    size_t cut_size;
    bool is_full;
} message_writer;

elea_bytes elea_bytes_of(const char *string) {
    elea_bytes bytes = {string, string == NULL ? 0 : (int64_t)strlen(string)};
    return bytes;
}

const char *elea_status_name(elea_status status) {
    switch (status) {
#define STATUS_NAME(name, value, text)                                                             \
    case ELEA_##name:                                                                              \
        return #name;
        ELEA_STATUS_LIST(STATUS_NAME)
#undef STATUS_NAME
    }
    return "unknown";
}

const char *elea_status_text(elea_status status) {
    switch (status) {
#define STATUS_TEXT(name, value, text)                                                             \
    case ELEA_##name:                                                                              \
        return text;
        ELEA_STATUS_LIST(STATUS_TEXT)
#undef STATUS_TEXT
    }
    return "unknown";
}

// Adds one character (of up to 4 bytes, or an escape) whole, or ends the message.
static void writer_put(message_writer *writer, const char *text, size_t size) {
    if (writer->is_full)
        return;
    if (writer->size + size >= ELEA_ERROR_MESSAGE_SIZE) {
        writer->is_full = true;
        return;
    }
    memcpy(writer->target + writer->size, text, size);
    writer->size += size;
    if (writer->size + sizeof ELLIPSIS <= ELEA_ERROR_MESSAGE_SIZE)
        writer->cut_size = writer->size;
}

static void writer_end(message_writer *writer) {
    if (writer->is_full) {
        memcpy(writer->target + writer->cut_size, ELLIPSIS, sizeof ELLIPSIS - 1);
        writer->size = writer->cut_size + sizeof ELLIPSIS - 1;
    }
    writer->target[writer->size] = '\0';
}

// Control characters, and those that change how the text around them is shown.
static bool is_printable(uint32_t code_point) {
    if (code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0))
        return false;
    if (code_point >= 0x200B && code_point <= 0x200F)
        return false;
    if (code_point >= 0x2028 && code_point <= 0x202E)
        return false;
    if (code_point >= 0x2060 && code_point <= 0x206F)
        return false;
    return code_point != 0xFEFF;
}

// `is_cut`: the raw text goes on behind `size`; a character that its end splits is left out.
static void writer_put_text(message_writer *writer, const char *raw, size_t size, bool is_cut) {
    static const char digits[] = "0123456789ABCDEF";
    const uint8_t *text = (const uint8_t *)raw;
    size_t at = 0;
    while (at < size && !writer->is_full) {
        uint32_t code_point;
        int length = elea__utf8_decode(text + at, (int64_t)(size - at), &code_point);
        if (length > 0 && is_printable(code_point)) {
            writer_put(writer, raw + at, (size_t)length);
            at += (size_t)length;
            continue;
        }
        if (length == 0 && is_cut && size - at < 4)
            break;
        for (int end = length == 0 ? 1 : length; end > 0; end--, at++) {
            char escape[4] = {'\\', 'x', digits[text[at] >> 4], digits[text[at] & 15]};
            writer_put(writer, escape, sizeof escape);
        }
    }
    writer->is_full = writer->is_full || is_cut;
}

static void writer_put_format(message_writer *writer, const char *format, va_list arguments) {
    char raw[RAW_SIZE];
    int size = vsnprintf(raw, sizeof raw, format, arguments);
    if (size < 0) // an encoding error of a wide character argument: the format says the most
        writer_put_text(writer, format, strlen(format), false);
    else if ((size_t)size < sizeof raw)
        writer_put_text(writer, raw, (size_t)size, false);
    else
        writer_put_text(writer, raw, sizeof raw - 1, true);
}

elea_status(elea_error_set)(elea_error *err, elea_status status, const char *format, ...) {
    if (err == NULL)
        return status;
    // Arguments may point into err->message: it is written when all is formatted.
    char message[ELEA_ERROR_MESSAGE_SIZE] = "";
    message_writer writer = {.target = message};
    va_list arguments;
    va_start(arguments, format);
    writer_put_format(&writer, format, arguments);
    va_end(arguments);
    writer_end(&writer);
    err->status = status;
    err->os_code = 0;
    memcpy(err->message, message, writer.size + 1);
    return status;
}

static elea_status status_of_os_code(int os_code) {
    switch (os_code) {
    case ENOMEM:
        return ELEA_ENOMEM;
    case ENOENT:
        return ELEA_ENOTFOUND;
    case EEXIST:
        return ELEA_EEXISTS;
    default:
        return ELEA_EIO;
    }
}

elea_status(elea_error_set_os)(elea_error *err, int os_code, const char *format, ...) {
    elea_status status = status_of_os_code(os_code);
    if (err == NULL)
        return status;
    char message[ELEA_ERROR_MESSAGE_SIZE] = "";
    char os_text[128];
    message_writer writer = {.target = message};
    va_list arguments;
    va_start(arguments, format);
    writer_put_format(&writer, format, arguments);
    va_end(arguments);
    writer_put_text(&writer, ": ", 2, false);
    elea__os_error_text(os_code, os_text, sizeof os_text);
    writer_put_text(&writer, os_text, strlen(os_text), false);
    writer_end(&writer);
    err->status = status;
    err->os_code = os_code;
    memcpy(err->message, message, writer.size + 1);
    return status;
}

elea_status(elea_error_prefix)(elea_error *err, elea_status status, const char *format, ...) {
    if (err == NULL)
        return status;
    char message[ELEA_ERROR_MESSAGE_SIZE] = "";
    message_writer writer = {.target = message};
    va_list arguments;
    va_start(arguments, format);
    writer_put_format(&writer, format, arguments);
    va_end(arguments);
    if (err->status == ELEA_OK)
        err->status = status;
    const char *inner = elea_error_message(err);
    writer_put_text(&writer, ": ", 2, false);
    writer_put_text(&writer, inner, strlen(inner), false);
    writer_end(&writer);
    memcpy(err->message, message, writer.size + 1);
    return err->status;
}

const char *elea_error_message(const elea_error *err) {
    if (err == NULL)
        return elea_status_text(ELEA_OK);
    return err->message[0] != '\0' ? err->message : elea_status_text(err->status);
}
