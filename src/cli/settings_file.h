/* settings_file.h - the configuration file, as commands read it. */
#ifndef CLI_SETTINGS_FILE_H
#define CLI_SETTINGS_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "../config/config.h"

/* For config_read(): complains of a line; `ctx` is the file's name. */
void settings_wrong(void *ctx, uint32_t line, const char *error);

/*
 * The settings of a file; one that nobody named need not be there.  False
 * after complaining: it cannot be read, or a line was wrong; the others count.
 */
bool settings_from_file(struct config *, const char *path, bool named);

#endif
