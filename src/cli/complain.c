/* complain.c - what went wrong, on stderr. */
#include <stdarg.h>
#include <stdio.h>

#include "cli.h"

void
complain(const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	for (char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?'; /* file names may hold anything */
	(void)fprintf(stderr, "sightglass: %s\n", text);
}
