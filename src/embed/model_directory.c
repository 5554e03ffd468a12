// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include <elea/embed.h>

// The value of an environment variable; NULL when it is not set or empty.
static const char *variable(const char *name) {
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

elea_status elea_model_directory(const char *name, elea_text *out, elea_error *err) {
    const char *models = variable("ELEA_MODELS");
    const char *cache = variable("XDG_CACHE_HOME");
    const char *home = variable("HOME");
    if (models)
        return elea_text_append_format(out, err, "%s/%s", models, name);
    if (cache)
        return elea_text_append_format(out, err, "%s/elea/models/%s", cache, name);
    if (home)
        return elea_text_append_format(out, err, "%s/.cache/elea/models/%s", home, name);
    return elea_error_set(
        err, ELEA_ENOTFOUND,
        "no place for models: none of ELEA_MODELS, XDG_CACHE_HOME and HOME is set");
}
