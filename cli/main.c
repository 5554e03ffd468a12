// SPDX-License-Identifier: Apache-2.0
//
// The program `elea`: finds the subcommand and runs it.
#include <stdio.h>
#include <string.h>

#include "cli.h"

static const cli_command *const commands[] = {
#if ELEA_WITH_MEMORY
    &cli_remember, &cli_recall,
#endif
    &cli_schema,   &cli_head,        &cli_cat,     &cli_convert,
    &cli_inspect,  &cli_integration, &cli_version,
};

enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

static const cli_command *find_command(const char *name) {
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    }
    return NULL;
}

static void print_help(FILE *file) {
    fputs("Arrow data and an agent's memory, without copying.\n\n"
          "usage: elea COMMAND [OPTIONS] ...\n\ncommands:\n",
          file);
    for (int i = 0; i < COMMAND_COUNT; i++)
        fprintf(file, "  %-11s  %s\n", commands[i]->name, commands[i]->summary);
    fputs("\nelea COMMAND --help tells more. --json gives one JSON document on stdout.\n"
          "Exit status: 0 done, 1 the input was wrong or damaged, 2 wrong usage.\n",
          file);
}

static bool asks_for_help(const char *word) {
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        print_help(stderr);
        return CLI_USAGE;
    }
    if (asks_for_help(argv[1]) && argc == 2) {
        print_help(stdout);
        return CLI_OK;
    }
    if (strcmp(argv[1], "--version") == 0)
        argv[1] = (char[]){"version"};
    // "elea help recall" is "elea recall --help".
    const char *name = asks_for_help(argv[1]) ? argv[2] : argv[1];
    const cli_command *command = find_command(name);
    if (!command) {
        fprintf(stderr, "elea: there is no command \"%s\"; see elea --help\n", name);
        return CLI_USAGE;
    }
    if (asks_for_help(argv[1])) {
        char help[] = "--help";
        char *words[] = {argv[2], help, NULL};
        return command->run(command, 2, words);
    }
    return command->run(command, argc - 1, argv + 1);
}
