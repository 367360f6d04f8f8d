/* secret.c - the service account's password at rest, and a question asked. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/vault.h"
#include "private.h"

#define SEALED "directory.sealed"
#define STEP_MS 100
#define PATIENCE_MS 5000 /* beyond what the settings allow */

static bool
fail(char error[static DIRECTORY_WHY], const char *path, const char *what)
{
	(void)snprintf(error, DIRECTORY_WHY, "%.150s: %s", path, what);
	return false;
}

/* As whom the directory belongs to, so that the sensor can read it. */
static void
give_to_owner(int fd, const char *dir)
{
	struct stat is;

	if (geteuid() == 0 && stat(dir, &is) == 0)
		(void)!fchown(fd, is.st_uid, is.st_gid);
}

static bool
write_sealed(const char *dir, const char *text,
    char error[static DIRECTORY_WHY])
{
	char path[CONFIG_TEXT + 32], temp[CONFIG_TEXT + 40];
	ssize_t n = (ssize_t)strlen(text);
	bool ok;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/" SEALED, dir);
	(void)snprintf(temp, sizeof(temp), "%s.new", path);
	fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	if (fd < 0)
		return fail(error, temp, strerror(errno));
	give_to_owner(fd, dir);
	ok = write(fd, text, (size_t)n) == n && fsync(fd) == 0;
	(void)close(fd);
	if (ok && rename(temp, path) == 0)
		return true;
	(void)fail(error, path, strerror(errno));
	(void)unlink(temp);
	return false;
}

bool
directory_seal(const struct config *c, const char *password,
    char error[static DIRECTORY_WHY])
{
	const char *dir = c->text[CONF_STATE];
	char purpose[VAULT_PURPOSE], sealed[VAULT_SEALED];
	struct vault_key key;
	bool ok;

	directory_purpose(c, purpose, sizeof(purpose));
	if (!vault_open_key(dir, true, &key, error))
		return false;
	ok = vault_seal(key.public, purpose, password, sealed);
	vault_wipe(&key, sizeof(key));
	if (!ok)
		return fail(error, "the password", "is too long");
	return write_sealed(dir, sealed, error);
}

bool
directory_unseal(const struct config *c, char ret[static DIRECTORY_PASSWORD],
    char error[static DIRECTORY_WHY])
{
	const char *dir = c->text[CONF_STATE];
	char path[CONFIG_TEXT + 32], purpose[VAULT_PURPOSE];
	char sealed[VAULT_SEALED];
	struct vault_key key;
	ssize_t n = -1;
	bool ok;
	int fd;

	_Static_assert(VAULT_TEXT <= DIRECTORY_PASSWORD, "room for it");
	(void)snprintf(path, sizeof(path), "%s/" SEALED, dir);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0) {
		n = read(fd, sealed, sizeof(sealed) - 1);
		(void)close(fd);
	}
	if (n <= 0)
		return fail(error, path,
		    "the service account's password is not there: sightglass "
		    "users directory password");
	sealed[n] = '\0';
	directory_purpose(c, purpose, sizeof(purpose));
	if (!vault_open_key(dir, false, &key, error))
		return false;
	ok = vault_unseal(&key, purpose, sealed, ret);
	vault_wipe(&key, sizeof(key));
	return ok ||
	    fail(error, path,
		"was sealed for other servers or another account: sightglass "
		"users directory password");
}

/* ------------------------------------------------------------------ asking */

/* Whatever came, texts end and words are known. */
static void
tidy(struct directory_answer *a)
{
	a->server[DIRECTORY_NAME - 1] = a->dn[DIRECTORY_NAME - 1] = '\0';
	a->why[DIRECTORY_WHY - 1] = '\0';
	for (uint32_t i = 0; i < DIRECTORY_GROUPS; i++)
		a->group[i][DIRECTORY_NAME - 1] = '\0';
	if (a->n_groups > DIRECTORY_GROUPS)
		a->n_groups = DIRECTORY_GROUPS;
	if (a->how >= DIRECTORY_HOWS)
		a->how = DIRECTORY_AWAY;
	if (a->access >= ACCESS_COUNT || a->how != DIRECTORY_YES)
		a->access = ACCESS_PUBLIC;
	if (a->how == DIRECTORY_YES && a->access == ACCESS_PUBLIC)
		a->how = DIRECTORY_NO_ROLE;
}

bool
directory_ask(int fd, const struct directory_question *q,
    struct directory_answer *ret, const atomic_bool *stop)
{
	const uint32_t most =
	    (uint32_t)config_keys[CONF_DIRECTORY_TIMEOUT].most;
	int64_t until = monotonic_ms() + 1000 * (int64_t)most + PATIENCE_MS;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n;

	*ret = (struct directory_answer){ .how = DIRECTORY_AWAY };
	/* of one that nobody waited for */
	while (recv(fd, ret, sizeof(*ret), MSG_DONTWAIT) > 0)
		;
	*ret = (struct directory_answer){ .how = DIRECTORY_AWAY };
	if (send(fd, q, sizeof(*q), MSG_NOSIGNAL) != (ssize_t)sizeof(*q))
		return false;
	while (monotonic_ms() < until && (stop == NULL || !atomic_load(stop))) {
		if (poll(&p, 1, STEP_MS) <= 0)
			continue;
		n = recv(fd, ret, sizeof(*ret), MSG_DONTWAIT);
		if (n == (ssize_t)sizeof(*ret)) {
			tidy(ret);
			return true;
		}
		*ret = (struct directory_answer){ .how = DIRECTORY_AWAY };
		return false;
	}
	return true;
}
