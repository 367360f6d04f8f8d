/* test_vault.c - what is sealed opens with the right key, for what it was for,
 * and not otherwise. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../src/base/vault.h"
#include "check.h"

static char dir[] = "/tmp/vaultXXXXXX";

static void
test_key(void)
{
	struct vault_key a, b;
	uint8_t public[VAULT_PUBLIC];
	char error[VAULT_ERROR], path[64];
	struct stat is;

	CHECK(!vault_open_key(dir, false, &a, error));
	CHECK(strstr(error, "No such file") != NULL);
	CHECK(vault_open_key(dir, true, &a, error));
	CHECK(vault_open_key(dir, true, &b, error));
	CHECK(memcmp(&a, &b, sizeof(a)) == 0);
	(void)snprintf(path, sizeof(path), "%s/vault.key", dir);
	CHECK(stat(path, &is) == 0 && (is.st_mode & 0777) == 0600);
	CHECK(vault_public(dir, public) &&
	    memcmp(public, a.public, sizeof(public)) == 0);
	(void)snprintf(path, sizeof(path), "%s/vault.pub", dir);
	CHECK(unlink(path) == 0 && !vault_public(dir, public));
	CHECK(
	    vault_open_key(dir, true, &b, error) && vault_public(dir, public));
	(void)snprintf(path, sizeof(path), "%s/vault.key", dir);
	CHECK(chmod(path, 0640) == 0);
	CHECK(!vault_open_key(dir, true, &b, error));
	CHECK(strstr(error, "others may read it") != NULL);
	CHECK(chmod(path, 0600) == 0 && truncate(path, 31) == 0);
	CHECK(!vault_open_key(dir, true, &b, error));
	CHECK(strstr(error, "is no key") != NULL);
	CHECK(unlink(path) == 0);
}

static void
test_sealing(void)
{
	struct vault_key k, other;
	char sealed[VAULT_SEALED], again[VAULT_SEALED], text[VAULT_TEXT];
	char error[VAULT_ERROR], path[64], most[VAULT_TEXT + 1];

	CHECK(vault_open_key(dir, true, &k, error));
	CHECK(vault_seal(k.public, "10.0.0.0/24 bob", "Secret-1", sealed));
	CHECK(vault_seal(k.public, "10.0.0.0/24 bob", "", again));
	CHECK(strlen(sealed) == strlen(again) && strcmp(sealed, again) != 0);
	CHECK(strstr(sealed, "Secret") == NULL);
	CHECK(vault_unseal(&k, "10.0.0.0/24 bob", sealed, text));
	CHECK_STR(text, "Secret-1");
	CHECK(vault_unseal(&k, "10.0.0.0/24 bob", again, text));
	CHECK_STR(text, "");
	/* another purpose, damaged, cut, no base64, another key */
	CHECK(!vault_unseal(&k, "10.9.9.9 bob", sealed, text));
	for (size_t i = 0; sealed[i] != '\0'; i += 7) {
		memcpy(again, sealed, sizeof(again));
		again[i] = again[i] == 'A' ? 'B' : 'A';
		CHECK(!vault_unseal(&k, "10.0.0.0/24 bob", again, text));
	}
	memcpy(again, sealed, sizeof(again));
	again[strlen(again) - 4] = '\0';
	CHECK(!vault_unseal(&k, "10.0.0.0/24 bob", again, text));
	CHECK(!vault_unseal(&k, "10.0.0.0/24 bob", "!", text));
	(void)snprintf(path, sizeof(path), "%s/vault.key", dir);
	CHECK(unlink(path) == 0);
	CHECK(vault_open_key(dir, true, &other, error));
	CHECK(!vault_unseal(&other, "10.0.0.0/24 bob", sealed, text));
	memset(most, 'x', sizeof(most));
	most[VAULT_TEXT - 1] = '\0';
	CHECK(vault_seal(k.public, "", most, sealed));
	CHECK(vault_unseal(&k, "", sealed, text));
	CHECK_STR(text, most);
	most[VAULT_TEXT - 1] = 'x';
	most[VAULT_TEXT] = '\0';
	CHECK(!vault_seal(k.public, "", most, sealed));
	CHECK(unlink(path) == 0);
}

int
main(void)
{
	char path[64];

	CHECK(mkdtemp(dir) != NULL);
	test_key();
	test_sealing();
	(void)snprintf(path, sizeof(path), "%s/vault.pub", dir);
	CHECK(unlink(path) == 0);
	CHECK(rmdir(dir) == 0);
	return check_done();
}
