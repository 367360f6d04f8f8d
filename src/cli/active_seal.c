/* active_seal.c - passwords for asking: read, sealed, forgotten. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../base/vault.h"
#include "active.h"
#include "cli.h"

#define LEAST 8u /* bytes of a password (RFC 3414 11.2) */

/* A line without its end; false: there is none, or it is too short. */
static bool
read_line(FILE *in, char *dst, size_t cap)
{
	size_t n;

	if (fgets(dst, (int)cap, in) == NULL)
		return false;
	n = strcspn(dst, "\r\n");
	dst[n] = '\0';
	return n >= LEAST && n + 2 < cap;
}

static bool
seal(const char *state, struct asking *a, const char *both)
{
	char purpose[VAULT_PURPOSE], error[VAULT_ERROR];
	struct vault_key key;
	bool ok;

	(void)mkdir(state, 0700); /* a new state: the grant makes the rest */
	if (!vault_open_key(state, true, &key, error)) {
		complain("active: %s", error);
		return false;
	}
	desk_asking_purpose(a, purpose, sizeof(purpose));
	ok = vault_seal(key.public, purpose, both, a->sealed);
	vault_wipe(&key, sizeof(key));
	if (!ok)
		complain("active: the passwords are too long");
	return ok;
}

bool
active_seal(const char *state, const char *path, struct asking *a)
{
	FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char auth[128], priv[128], both[VAULT_TEXT];
	bool ok = in != NULL && read_line(in, auth, sizeof(auth)) &&
	    read_line(in, priv, sizeof(priv));

	if (!ok)
		complain("active: %s: two lines, of at least %u characters "
			 "each: the password of proof, and that of encryption",
		    path, LEAST);
	else
		(void)snprintf(both, sizeof(both), "%s\n%s", auth, priv);
	if (in != NULL && in != stdin)
		(void)fclose(in);
	ok = ok && seal(state, a, both);
	vault_wipe(auth, sizeof(auth));
	vault_wipe(priv, sizeof(priv));
	vault_wipe(both, sizeof(both));
	return ok;
}
