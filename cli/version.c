// SPDX-License-Identifier: Apache-2.0
#include "cli.h"

static elea_status describe(void *context, elea_text *text, elea_error *err) {
    const bool *json = context;
    const char *cpu = elea_cpu_level_name(elea_cpu_level_get());
    int processors = elea_cpu_count();
    if (!*json)
        return elea_text_append_format(text, err, "elea %s (%s, %d processors)\n", elea_version(),
                                       cpu, processors);
    return elea_text_append_format(
        text, err, "{\"version\": \"%s\", \"cpu\": \"%s\", \"processors\": %d, \"memory\": %s}\n",
        elea_version(), cpu, processors, ELEA_WITH_MEMORY ? "true" : "false");
}

static int run(const cli_command *command, int argc, char **argv) {
    bool json = false;
    int exit_code = CLI_OK;
    const cli_option options[] = {
        {"json", NULL, "one JSON document", &json, CLI_FLAG, 0},
    };
    int first = cli_parse(command, options, 1, argc, argv, &exit_code);
    if (first < 0)
        return exit_code;
    if (first < argc)
        return cli_usage_error(command, "takes no operand, and was given \"%s\"", argv[first]);

    return cli_print(describe, &json);
}

const cli_command cli_version = {
    .name = "version",
    .operands = "",
    .summary = "Tells the version and what this machine offers.",
    .notes = "",
    .run = run,
};
