/* folder.c - the descriptions of a folder, all of them or none. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"

#define PATH_BYTES 512

struct folder {
	const char *path;
	void (*wrong)(void *ctx, const char *text);
	void *ctx;
};

static bool
wrong(const struct folder *f, const char *about, const char *why)
{
	char text[PATH_BYTES + DESCRIBE_ERROR + 8];

	(void)snprintf(text, sizeof(text), "%s: %s", about, why);
	f->wrong(f->ctx, text);
	return false;
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

/* NULL after saying why; free() it. */
static char *
read_whole(const struct folder *f, const char *path, struct span *ret)
{
	char *held = malloc(DESCRIBE_BYTES + 1);
	FILE *in = fopen(path, "re");
	size_t n = 0;

	if (in != NULL && held != NULL)
		n = fread(held, 1, DESCRIBE_BYTES + 1, in);
	if (in == NULL || held == NULL || ferror(in) != 0)
		(void)wrong(f, path, strerror(errno));
	else if (n > DESCRIBE_BYTES)
		(void)wrong(f, path, "is too large for a description");
	else
		*ret = SPAN((const uint8_t *)held, (uint32_t)n);
	if (ret->p == NULL) {
		free(held);
		held = NULL;
	}
	if (in != NULL)
		(void)fclose(in);
	return held;
}

static bool
load_one(const struct folder *f, const char *name)
{
	char path[PATH_BYTES], error[DESCRIBE_ERROR];
	struct span text = SPAN(NULL, 0);
	struct described *x;
	char *held;

	if (snprintf(path, sizeof(path), "%s/%s", f->path, name) >= PATH_BYTES)
		return wrong(f, name, "the path is too long");
	held = read_whole(f, path, &text);
	if (held == NULL)
		return false;
	x = describe_parse(path, text, error);
	free(held);
	if (x == NULL) {
		f->wrong(f->ctx, error);
		return false;
	}
	if (describe_add(x, error))
		return true;
	describe_free(x);
	return wrong(f, path, error);
}

bool
describe_folder(const char *path, void (*say)(void *ctx, const char *text),
    void *ctx)
{
	const struct folder f = { .path = path, .wrong = say, .ctx = ctx };
	struct dirent **list = NULL;
	bool good = true;
	int n;

	if (path == NULL)
		return true;
	n = scandir(path, &list, is_description, by_name);
	if (n < 0)
		return wrong(&f, path, strerror(errno));
	for (int i = 0; i < n; i++) {
		good = good && load_one(&f, list[i]->d_name);
		free(list[i]);
	}
	free(list);
	return good;
}
