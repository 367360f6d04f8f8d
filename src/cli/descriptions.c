/* descriptions.c - reads descriptions of protocols from a folder. */
#include "descriptions.h"

#include <stdlib.h>

#include "cli.h"
#include "file.h"

struct described *
description_read(const char *path)
{
	char error[DESCRIBE_ERROR];
	struct described *x;
	struct span text;
	char *held = file_read(path, DESCRIBE_BYTES, &text);

	if (held == NULL)
		return NULL;
	x = describe_parse(path, text, error);
	free(held);
	if (x == NULL)
		complain("%s", error);
	return x;
}

static void
say(void *ctx, const char *text)
{
	(void)ctx;
	complain("%s", text);
}

bool
descriptions_load(const char *folder)
{
	return describe_folder(folder, say, NULL);
}
