// SPDX-License-Identifier: Apache-2.0
//
// What the subcommands of `elea` share: how they are described and read their options, how they
// end, and how they speak to a terminal or to a program.
#ifndef ELEA_CLI_CLI_H
#define ELEA_CLI_CLI_H

#include <stdbool.h>
#include <stdint.h>

#include <elea/base.h>

// How a command ends.
enum { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

// ---- commands and options

typedef struct cli_command {
    const char *name;
    const char *operands; // after the options in the usage line: "FILE..."
    const char *summary;  // one line
    const char *notes;    // what --help says after the options; may be ""
    int (*run)(const struct cli_command *command, int argc, char **argv);
} cli_command;

typedef enum cli_option_kind {
    CLI_FLAG,          // bool *
    CLI_TEXT,          // const char **
    CLI_OPTIONAL_TEXT, // const char **; given without "=VALUE" it becomes ""
    CLI_COUNT,         // int64_t *, at least 0
} cli_option_kind;

typedef struct cli_option {
    const char *name;       // of the long form
    const char *value_name; // for --help, of those with a value
    const char *help;
    void *target; // keeps its value when the option is not given
    cli_option_kind kind;
    char letter; // 0: none
} cli_option;

enum { CLI_OPTIONS_MAX = 16 };

// Reads the options of a command; --help is understood besides those in the list. Gives the index
// of the first operand in `argv`, or -1 with *exit_code set when the command is to end.
int cli_parse(const cli_command *command, const cli_option *options, int option_count, int argc,
              char **argv, int *exit_code);

// "elea: recall: ..." on stderr and the hint to --help. Returns CLI_USAGE.
int cli_usage_error(const cli_command *command, const char *format, ...) ELEA_PRINTF(2, 3);

// Does the work of a command: appends to `text` what it prints.
typedef elea_status (*cli_work)(void *context, elea_text *text, elea_error *err);

// Runs the work, and writes what it appended to stdout. When it fails, or the text cannot be
// written, "elea: MESSAGE" on stderr, one line, and nothing on stdout. Returns the exit code.
int cli_print(cli_work work, void *context);

// Writes what a long work has appended so far to stdout, and empties the text.
elea_status cli_flush(elea_text *text, elea_error *err);

// ---- terminal

// Whether escape sequences may be written to stdout: a terminal, NO_COLOR not set, TERM not dumb.
bool cli_stdout_has_colour(void);
// Columns of the terminal on stdout; 0 when it is none.
int cli_stdout_width(void);

// A bar on stderr, when that is a terminal; otherwise nothing is shown. Storage of the caller.
typedef struct cli_progress {
    const char *noun; // "memories"
    const char *unit; // of the rate: "texts", a second
    int64_t start_ns; // private from here on
    int64_t shown_ns;
    bool visible;
} cli_progress;

void cli_progress_init(cli_progress *progress, const char *noun, const char *unit);
// A progress callback of the library; `context` is the cli_progress. `total` is -1 where it is not
// known.
void cli_progress_show(void *context, int64_t done, int64_t total);
// Ends the line of the bar.
void cli_progress_release(cli_progress *progress);

// Nanoseconds from an arbitrary start.
int64_t cli_clock_ns(void);

// The number with a comma between thousands: "3,180". `out` has room for 32 bytes.
const char *cli_format_count(int64_t number, char *out);

// ---- the commands

extern const cli_command cli_version;
extern const cli_command cli_schema;
extern const cli_command cli_head;
extern const cli_command cli_cat;
extern const cli_command cli_convert;
extern const cli_command cli_inspect;
extern const cli_command cli_integration;
extern const cli_command cli_remember;
extern const cli_command cli_recall;

#endif // ELEA_CLI_CLI_H
