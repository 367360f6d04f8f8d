/* output.c - see output.h. */
#include "output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli.h"

#define WIDTH_LEAST 60u

const char *const colour_names[] = { "auto", "always", "never", NULL };
enum {
	COLOUR_AUTO,
	COLOUR_ALWAYS,
	COLOUR_NEVER
};

int
output_end(struct out *o)
{
	if (out_flush(o))
		return EXIT_DONE;
	if (o->error != EPIPE) /* the reader has seen enough */
		complain("cannot write: %s", strerror(o->error));
	return EXIT_INTERNAL;
}

static uint32_t
terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size = { .ws_col = 0 };
	long n = columns != NULL ? strtol(columns, NULL, 10) : 0;

	if (n <= 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		n = size.ws_col;
	if (n <= 0 || n > 10000)
		return 0;
	return n < (long)WIDTH_LEAST ? WIDTH_LEAST : (uint32_t)n;
}

/* See https://no-color.org/. */
static bool
wants_colour(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) == 1 && (no == NULL || no[0] == '\0') &&
	    (term == NULL || strcmp(term, "dumb") != 0);
}

void
output_style(struct text_style *s, int choice)
{
	s->width = isatty(STDOUT_FILENO) == 1 ? terminal_width() : 0;
	s->colour = choice == COLOUR_ALWAYS ||
	    (choice == COLOUR_AUTO && wants_colour());
}
