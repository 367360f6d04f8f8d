/* descriptions.h - protocols described in files, for the commands. */
#ifndef CLI_DESCRIPTIONS_H
#define CLI_DESCRIPTIONS_H

#include <stdbool.h>

#include "../describe/describe.h"

/* One file; NULL after complaining. */
struct described *description_read(const char *path);
/* All of a folder that end in DESCRIBE_SUFFIX, in order of name, are among
 * protos[] from now on; NULL is no folder.  False after complaining: none of
 * a set that is wrong in part is half believed. */
bool descriptions_load(const char *folder);

/* sightglass protocols check, and infer: argv[0] is the verb. */
int protocols_check(int argc, char **argv);
int protocols_infer(int argc, char **argv);

#endif
