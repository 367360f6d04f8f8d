/*
 * web_sees.c - see web_sees.h.
 *
 * Landlock shows a folder with all that is in it, and vault.key lies in the
 * state's: so each file is shown by itself.
 */
#include "web_sees.h"

#include <stdio.h>
#include <string.h>

static const char *const files[] = { "state.db", "state.db-wal", "state.db-shm",
	"evidence", "vault.pub", "lock" };
#define FILES (sizeof(files) / sizeof(files[0]))
#define DATABASE 3u /* of them */
#define OWN "console"

void
web_sees(struct web_sees *s, const char *state, struct jail *ret)
{
	*ret = (struct jail){ .n_path = 0 };
	for (uint32_t i = 0; i <= FILES; i++) {
		(void)snprintf(s->path[i], WEB_PATH, "%s/%s", state,
		    i < FILES ? files[i] : OWN);
		ret->path[ret->n_path++] = (struct jail_path){
			.path = s->path[i],
			.writes = i == FILES,
		};
	}
	ret->path[ret->n_path++].path = "/etc/localtime";
}

void
web_files_of(const char *state, struct web_files *ret)
{
	char path[WEB_PATH];
	struct stat is;

	memset(ret, 0, sizeof(*ret));
	for (uint32_t i = 0; i < DATABASE; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", state, files[i]);
		if (stat(path, &is) != 0)
			continue;
		ret->device = is.st_dev;
		ret->number[i] = is.st_ino;
	}
}

bool
web_files_same(const struct web_files *a, const struct web_files *b)
{
	return a->device == b->device &&
	    memcmp(a->number, b->number, sizeof(a->number)) == 0;
}
