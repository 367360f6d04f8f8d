/* descriptions.c - reads descriptions of protocols from a folder. */
#include "descriptions.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "file.h"

#define PATH_BYTES 512

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

static int
is_description(const struct dirent *e)
{
	size_t n = strlen(e->d_name), m = strlen(DESCRIBE_SUFFIX);

	return n > m && e->d_name[0] != '.' &&
	    strcmp(e->d_name + n - m, DESCRIBE_SUFFIX) == 0;
}

/* In order of bytes, whatever the locale: the numbers of protocols follow. */
static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool
load_one(const char *folder, const char *name)
{
	char path[PATH_BYTES], error[DESCRIBE_ERROR];
	struct described *x;
	int n = snprintf(path, sizeof(path), "%s/%s", folder, name);

	if (n < 0 || n >= PATH_BYTES) {
		complain("%s: the path is too long", name);
		return false;
	}
	x = description_read(path);
	if (x == NULL)
		return false;
	if (describe_add(x, error))
		return true;
	complain("%s: %s", path, error);
	describe_free(x);
	return false;
}

bool
descriptions_load(const char *folder)
{
	struct dirent **list = NULL;
	bool good = true;
	int n;

	if (folder == NULL)
		return true;
	n = scandir(folder, &list, is_description, by_name);
	if (n < 0) {
		complain("%s: %s", folder, strerror(errno));
		return false;
	}
	for (int i = 0; i < n; i++) {
		good = good && load_one(folder, list[i]->d_name);
		free(list[i]);
	}
	free(list);
	return good;
}
