// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

int cli_print(cli_work work, void *context) {
    elea_error err = {0};
    elea_text text;
    elea_text_init(&text, NULL);
    elea_status status = work(context, &text, &err);
    if (status == ELEA_OK)
        status = cli_flush(&text, &err);
    if (status != ELEA_OK)
        fprintf(stderr, "elea: %s\n", elea_error_message(&err));
    elea_text_release(&text);
    return status == ELEA_OK ? CLI_OK : CLI_FAILED;
}

elea_status cli_flush(elea_text *text, elea_error *err) {
    size_t size = (size_t)text->size;
    if (fwrite(text->data ? text->data : "", 1, size, stdout) != size || fflush(stdout) != 0)
        return elea_error_set(err, ELEA_EIO, "cannot write the output: %s", strerror(errno));
    elea_text_reset(text);
    return ELEA_OK;
}

bool cli_stdout_has_colour(void) {
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(STDOUT_FILENO) && !(no_color && *no_color) &&
           !(term && strcmp(term, "dumb") == 0);
}

int cli_stdout_width(void) {
    struct winsize size;
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
        return 0;
    return size.ws_col;
}

int64_t cli_clock_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

const char *cli_format_count(int64_t number, char *out) {
    char digits[24];
    int count = snprintf(digits, sizeof(digits), "%lld", (long long)number);
    char *to = out;
    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0 && digits[i - 1] != '-')
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return out;
}

// ---- progress

enum { BAR_CELLS = 20, REDRAW_NS = 100 * 1000 * 1000 };

void cli_progress_init(cli_progress *progress, const char *noun, const char *unit) {
    *progress = (cli_progress){.noun = noun,
                               .unit = unit,
                               .start_ns = cli_clock_ns(),
                               .visible = isatty(STDERR_FILENO) != 0};
}

// "████░░░░  40% "; nothing where the total is not known.
static void format_bar(int64_t done, int64_t total, char *out, size_t capacity) {
    char bar[BAR_CELLS * 3 + 1];
    *out = '\0';
    if (total <= 0)
        return;
    int filled = (int)((double)done / (double)total * BAR_CELLS);
    for (int i = 0; i < BAR_CELLS; i++)
        memcpy(bar + 3 * i, i < filled ? "█" : "░", 4);
    snprintf(out, capacity, "%s %3d%%  ", bar, (int)((double)done * 100 / (double)total));
}

void cli_progress_show(void *context, int64_t done, int64_t total) {
    cli_progress *progress = context;
    int64_t now = cli_clock_ns();
    if (!progress->visible || (done != total && now - progress->shown_ns < REDRAW_NS))
        return;
    progress->shown_ns = now;

    char count[32], rate[32], bar[BAR_CELLS * 3 + 16];
    double seconds = (double)(now - progress->start_ns) / 1e9;
    format_bar(done, total, bar, sizeof bar);
    fprintf(stderr, "\r %s %s  %s%s %s/s ", cli_format_count(done, count), progress->noun, bar,
            cli_format_count(seconds > 0 ? (int64_t)((double)done / seconds) : 0, rate),
            progress->unit);
    fflush(stderr);
}

void cli_progress_release(cli_progress *progress) {
    if (progress->visible && progress->shown_ns > 0)
        fputc('\n', stderr);
    progress->visible = false;
}
