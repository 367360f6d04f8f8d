/* vault.c - see vault.h. */
#include "vault.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* In the box: a hash of the purpose, then the secret with its NUL. */
#define HASH 32u
#define BOX_MORE crypto_box_curve25519xchacha20poly1305_SEALBYTES

static bool
fail(char error[static VAULT_ERROR], const char *path, const char *what)
{
	(void)snprintf(error, VAULT_ERROR, "%.160s: %s", path, what);
	return false;
}

static void
hash_purpose(const char *purpose, uint8_t ret[static HASH])
{
	(void)crypto_generichash(ret, HASH, (const uint8_t *)purpose,
	    strlen(purpose), NULL, 0);
}

void
vault_wipe(void *p, size_t n)
{
	sodium_memzero(p, n);
}

/* ------------------------------------------------------------------ the key */

static bool
public_of(struct vault_key *k)
{
	return crypto_scalarmult_base(k->public, k->secret) == 0;
}

static bool
read_key(int fd, const char *path, struct vault_key *ret,
    char error[static VAULT_ERROR])
{
	uint8_t bytes[VAULT_SECRET + 1];
	struct stat is;
	ssize_t n;
	bool ok;

	if (fstat(fd, &is) != 0 || (is.st_mode & 077) != 0)
		return fail(error, path,
		    "others may read it: chmod 600, and give new passwords to "
		    "what it protected");
	n = read(fd, bytes, sizeof(bytes));
	if (n == VAULT_SECRET)
		memcpy(ret->secret, bytes, VAULT_SECRET);
	vault_wipe(bytes, sizeof(bytes));
	ok = n == VAULT_SECRET && public_of(ret);
	return ok || fail(error, path, "is no key of 32 bytes");
}

void
vault_give_to_owner(int fd, const char *dir)
{
	struct stat is;

	if (geteuid() == 0 && stat(dir, &is) == 0)
		(void)!fchown(fd, is.st_uid, is.st_gid);
}

static bool
make_key(const char *dir, const char *path, struct vault_key *ret,
    char error[static VAULT_ERROR])
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool ok;

	if (fd < 0)
		return fail(error, path, strerror(errno));
	randombytes_buf(ret->secret, VAULT_SECRET);
	vault_give_to_owner(fd, dir);
	ok = write(fd, ret->secret, VAULT_SECRET) == VAULT_SECRET &&
	    fsync(fd) == 0 && public_of(ret);
	if (!ok) {
		(void)fail(error, path, strerror(errno));
		(void)unlink(path);
	}
	(void)close(fd);
	return ok;
}

/* For those who only seal; made anew where it is another key's, or gone. */
static void
put_public(const char *dir, const struct vault_key *k)
{
	uint8_t had[VAULT_PUBLIC];
	char path[4096], temp[4096 + 8];
	bool ok;
	int fd;

	if (vault_public(dir, had) && memcmp(had, k->public, sizeof(had)) == 0)
		return;
	(void)snprintf(path, sizeof(path), "%s/vault.pub", dir);
	(void)snprintf(temp, sizeof(temp), "%s.new", path);
	fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
	    0644);
	if (fd < 0)
		return;
	vault_give_to_owner(fd, dir);
	ok = write(fd, k->public, VAULT_PUBLIC) == VAULT_PUBLIC;
	(void)close(fd);
	if (!ok || rename(temp, path) != 0)
		(void)unlink(temp);
}

bool
vault_public(const char *dir, uint8_t ret[static VAULT_PUBLIC])
{
	char path[4096];
	uint8_t bytes[VAULT_PUBLIC + 1];
	ssize_t n = -1;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/vault.pub", dir);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0) {
		n = read(fd, bytes, sizeof(bytes));
		(void)close(fd);
	}
	if (n == VAULT_PUBLIC)
		memcpy(ret, bytes, VAULT_PUBLIC);
	return n == VAULT_PUBLIC;
}

bool
vault_open_key(const char *dir, bool make, struct vault_key *ret,
    char error[static VAULT_ERROR])
{
	const char *given = getenv("CREDENTIALS_DIRECTORY");
	char path[4096];
	int fd = -1;
	bool ok;

	if (sodium_init() < 0)
		return fail(error, dir, "no cryptography on this machine");
	if (given != NULL) {
		(void)snprintf(path, sizeof(path), "%s/vault.key", given);
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	}
	if (fd < 0) {
		(void)snprintf(path, sizeof(path), "%s/vault.key", dir);
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	}
	if (fd < 0 && (errno != ENOENT || !make))
		return fail(error, path, strerror(errno));
	ok = fd < 0 ? make_key(dir, path, ret, error)
		    : read_key(fd, path, ret, error);
	if (fd >= 0)
		(void)close(fd);
	if (ok && make)
		put_public(dir, ret);
	return ok;
}

/* ------------------------------------------------------------------ sealing */

bool
vault_seal(const uint8_t public[static VAULT_PUBLIC], const char *purpose,
    const char *secret, char ret[static VAULT_SEALED])
{
	uint8_t plain[HASH + VAULT_TEXT], box[sizeof(plain) + BOX_MORE];
	size_t n = strlen(secret) + 1;
	bool ok;

	if (sodium_init() < 0 || n > VAULT_TEXT ||
	    strlen(purpose) > VAULT_PURPOSE)
		return false;
	/* always as long as the longest: the length of a password is none of
	 * anybody's business */
	memset(plain, 0, sizeof(plain));
	hash_purpose(purpose, plain);
	memcpy(plain + HASH, secret, n);
	ok = crypto_box_curve25519xchacha20poly1305_seal(box, plain,
		 sizeof(plain), public) == 0;
	vault_wipe(plain, sizeof(plain));
	(void)sodium_bin2base64(ret, VAULT_SEALED, box, sizeof(box),
	    sodium_base64_VARIANT_ORIGINAL);
	return ok;
}

bool
vault_unseal(const struct vault_key *k, const char *purpose, const char *sealed,
    char ret[static VAULT_TEXT])
{
	uint8_t box[HASH + VAULT_TEXT + BOX_MORE], plain[HASH + VAULT_TEXT];
	uint8_t hash[HASH];
	size_t n = 0;
	bool ok;

	hash_purpose(purpose, hash);
	ok = sodium_base642bin(box, sizeof(box), sealed, strlen(sealed), NULL,
		 &n, NULL, sodium_base64_VARIANT_ORIGINAL) == 0 &&
	    n == sizeof(box) &&
	    crypto_box_curve25519xchacha20poly1305_seal_open(plain, box,
		sizeof(box), k->public, k->secret) == 0 &&
	    sodium_memcmp(plain, hash, HASH) == 0 &&
	    plain[sizeof(plain) - 1] == '\0';
	if (ok)
		memcpy(ret, plain + HASH, VAULT_TEXT);
	vault_wipe(plain, sizeof(plain));
	return ok;
}
