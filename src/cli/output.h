/* output.h - what commands share about their output. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>

#include "../report/report.h"

/* Write out what is left; the exit status, after complaining. */
int output_end(struct out *);

/* "auto", "always", "never"; NULL ends them. */
extern const char *const colour_names[];
/* The width of the terminal and whether to colour; `choice` is one of the
 * above by number. */
void output_style(struct text_style *, int choice);

#endif
