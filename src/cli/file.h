/* file.h - files that a command reads whole. */
#ifndef CLI_FILE_H
#define CLI_FILE_H

#include <stddef.h>

#include "../base/span.h"

/* The whole of a file of at most so many bytes, "-" is standard input; free()
 * it.  NULL after complaining. */
char *file_read(const char *path, size_t most, struct span *ret);

#endif
