// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

// Values that getopt_long() gives for long options: past all letters.
enum { HELP_CODE = 256, OPTION_CODE = 257 };

static bool takes_value(const cli_option *option) { return option->kind != CLI_FLAG; }

static void print_option(const cli_option *option) {
    char left[64];
    int size = option->letter
                   ? snprintf(left, sizeof(left), "  -%c, --%s", option->letter, option->name)
                   : snprintf(left, sizeof(left), "      --%s", option->name);
    if (takes_value(option))
        snprintf(left + size, sizeof(left) - (size_t)size,
                 option->kind == CLI_OPTIONAL_TEXT ? "[=%s]" : " %s", option->value_name);
    printf("%-28s  %s\n", left, option->help);
}

static void print_help(const cli_command *command, const cli_option *options, int option_count) {
    printf("%s\n\nusage: elea %s %s%s%s\n\n", command->summary, command->name,
           option_count > 0 ? "[OPTIONS] " : "", command->operands,
           option_count > 0 ? "\n\noptions:" : "");
    for (int i = 0; i < option_count; i++)
        print_option(&options[i]);
    printf("%-28s  %s\n", "      --help", "show this text");
    if (command->notes[0])
        printf("\n%s", command->notes);
}

int cli_usage_error(const cli_command *command, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "elea: %s: ", command->name);
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "; see elea %s --help\n", command->name);
    va_end(arguments);
    return CLI_USAGE;
}

// Stores the value of an option; false when it is no number where one belongs.
static bool store_value(const cli_option *option, const char *value) {
    char *end = NULL;
    switch (option->kind) {
    case CLI_FLAG:
        *(bool *)option->target = true;
        return true;
    case CLI_TEXT:
        *(const char **)option->target = value;
        return true;
    case CLI_OPTIONAL_TEXT:
        *(const char **)option->target = value ? value : "";
        return true;
    case CLI_COUNT:
        errno = 0;
        *(int64_t *)option->target = strtoll(value, &end, 10);
        return errno == 0 && end != value && *end == '\0' && *(int64_t *)option->target >= 0;
    }
    return false;
}

// Fills getopt's own tables.
static void describe(const cli_option *options, int option_count, char *letters,
                     struct option *long_options) {
    // A leading ':' tells a missing value from an unknown option.
    *letters++ = ':';
    for (int i = 0; i < option_count; i++) {
        int has_value = options[i].kind == CLI_OPTIONAL_TEXT ? optional_argument
                        : takes_value(&options[i])           ? required_argument
                                                             : no_argument;
        long_options[i] = (struct option){options[i].name, has_value, NULL, OPTION_CODE + i};
        if (options[i].letter) {
            *letters++ = options[i].letter;
            if (has_value == required_argument)
                *letters++ = ':';
        }
    }
    *letters = '\0';
    long_options[option_count] = (struct option){"help", no_argument, NULL, HELP_CODE};
    long_options[option_count + 1] = (struct option){0};
}

// The option that getopt_long() found, or NULL.
static const cli_option *find_option(const cli_option *options, int option_count, int code) {
    for (int i = 0; i < option_count; i++) {
        if (code == OPTION_CODE + i || (options[i].letter && code == options[i].letter))
            return &options[i];
    }
    return NULL;
}

int cli_parse(const cli_command *command, const cli_option *options, int option_count, int argc,
              char **argv, int *exit_code) {
    char letters[2 * CLI_OPTIONS_MAX + 2];
    struct option long_options[CLI_OPTIONS_MAX + 2];
    int code;

    describe(options, option_count, letters, long_options);
    opterr = 0;
    optind = 1;
    while ((code = getopt_long(argc, argv, letters, long_options, NULL)) != -1) {
        const cli_option *option = find_option(options, option_count, code);
        const char *given = argv[optind - 1];
        if (code == HELP_CODE) {
            print_help(command, options, option_count);
            *exit_code = CLI_OK;
            return -1;
        }
        if (code == ':')
            *exit_code = cli_usage_error(command, "option \"%s\" needs a value", given);
        else if (!option)
            *exit_code = cli_usage_error(command, "there is no option \"%s\"", given);
        else if (!store_value(option, optarg))
            *exit_code = cli_usage_error(command, "--%s takes a number of at least 0, not \"%s\"",
                                         option->name, optarg);
        else
            continue;
        return -1;
    }
    return optind;
}
