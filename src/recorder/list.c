/* list.c - the segments of a directory, by their names. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "private.h"

/* Digits, and where they end. */
static bool
number(const char **s, int64_t *ret)
{
	char *end;

	if (**s < '0' || **s > '9')
		return false;
	errno = 0;
	*ret = strtoll(*s, &end, 10);
	*s = end;
	return errno == 0;
}

bool
segment_parse(const char *name, struct segment_file *ret)
{
	const char *s = name;

	if (strlen(name) >= sizeof(ret->name) || !number(&s, &ret->first))
		return false;
	(void)snprintf(ret->name, sizeof(ret->name), "%s", name);
	ret->last = INT64_MAX;
	if (strcmp(s, OPEN_TAIL) == 0)
		return true;
	if (*s++ != '-' || !number(&s, &ret->last))
		return false;
	return strcmp(s, CLOSED_TAIL) == 0 && ret->last >= ret->first;
}

static int
by_time(const void *a, const void *b)
{
	const struct segment_file *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return strcmp(x->name, y->name);
}

int
recorder_list(int folder, struct segment_file **ret)
{
	struct segment_file *all = NULL, *grown, one;
	struct dirent *e;
	struct stat st;
	int n = 0, room = 0,
	    fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;

	if (d == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return -1;
	}
	while ((e = readdir(d)) != NULL) {
		if (!segment_parse(e->d_name, &one) ||
		    fstatat(folder, one.name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		one.bytes = (uint64_t)st.st_size;
		if (n == room) {
			room = room == 0 ? 64 : 2 * room;
			grown = realloc(all, (size_t)room * sizeof(*all));
			if (grown == NULL)
				break;
			all = grown;
		}
		all[n++] = one;
	}
	(void)closedir(d);
	if (n > 1)
		qsort(all, (size_t)n, sizeof(*all), by_time);
	*ret = all;
	return n;
}
