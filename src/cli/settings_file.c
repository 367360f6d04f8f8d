/* settings_file.c - see settings_file.h. */
#include "settings_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli.h"
#include "file.h"

void
settings_wrong(void *ctx, uint32_t line, const char *error)
{
	complain("%s:%u: %s", (const char *)ctx, (unsigned)line, error);
}

bool
settings_from_file(struct config *c, const char *path, bool named)
{
	char name[256];
	struct span text;
	char *whole;
	bool ok;

	if (!named && access(path, F_OK) != 0)
		return true;
	whole = file_read(path, CONFIG_BYTES, &text);
	if (whole == NULL)
		return false;
	(void)snprintf(name, sizeof(name), "%s", path);
	ok = config_read(c, text, settings_wrong, name) == 0;
	free(whole);
	return ok;
}
