/*
 * ledger.c - hourly records of the visibility ledger: chained and signed.
 *
 *	record 7: hash = BLAKE2b-256(number \n at \n previous \n json \n),
 *	          previous = hash of record 6; signature = Ed25519(hash)
 *
 * Whoever has the public key can tell that no record was changed, left out or
 * put in.  That the last ones are missing he can tell only if he knows how
 * many there were: note a hash now and then.
 */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "private.h"

#define HASH crypto_generichash_BYTES
#define HEX (2 * HASH + 1)
#define NONE "0000000000000000000000000000000000000000000000000000000000000000"

_Static_assert(STORE_LEDGER_SECRET == crypto_sign_SECRETKEYBYTES &&
	STORE_LEDGER_PUBLIC == crypto_sign_PUBLICKEYBYTES,
    "keys are as long");

/* -------------------------------------------------------------------- keys */

static bool
write_key(struct store *st, const char *name, mode_t mode, const void *p,
    size_t n)
{
	char path[STORE_PATH];
	int fd;
	bool ok;

	(void)snprintf(path, sizeof(path), "%s/%s", st->dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	    mode);
	ok = fd >= 0 && write(fd, p, n) == (ssize_t)n && fsync(fd) == 0;
	if (!ok)
		(void)store_fail(st, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return ok;
}

static bool
make_key(struct store *st, uint8_t secret[static STORE_LEDGER_SECRET])
{
	uint8_t public[STORE_LEDGER_PUBLIC];
	char hex[2 * STORE_LEDGER_PUBLIC + 2];

	if (sodium_init() < 0 || crypto_sign_keypair(public, secret) != 0)
		return store_fail(st, "no key for the ledger can be made");
	(void)sodium_bin2hex(hex, sizeof(hex), public, sizeof(public));
	hex[2 * STORE_LEDGER_PUBLIC] = '\n';
	return write_key(st, "ledger.key", 0600, secret, STORE_LEDGER_SECRET) &&
	    write_key(st, "ledger.pub", 0644, hex, 2 * STORE_LEDGER_PUBLIC + 1);
}

bool
store_ledger_secret(struct store *st, uint8_t ret[static STORE_LEDGER_SECRET])
{
	char path[STORE_PATH];
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/ledger.key", st->dir);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT
		    ? make_key(st, ret)
		    : store_fail(st, "%s: %s", path, strerror(errno));
	n = read(fd, ret, STORE_LEDGER_SECRET);
	(void)close(fd);
	return n == STORE_LEDGER_SECRET ||
	    store_fail(st,
		"%s is no key: move it aside, and a new chain of "
		"keys begins",
		path);
}

bool
store_ledger_public(struct store *st, const char *path,
    uint8_t ret[static STORE_LEDGER_PUBLIC])
{
	char name[STORE_PATH], hex[2 * STORE_LEDGER_PUBLIC + 1] = "";
	size_t n = 0;
	FILE *in;

	(void)snprintf(name, sizeof(name), "%s/ledger.pub", st->dir);
	path = path != NULL ? path : name;
	in = fopen(path, "re");
	if (in == NULL)
		return store_fail(st, "%s: %s", path, strerror(errno));
	if (fgets(hex, sizeof(hex), in) == NULL)
		hex[0] = '\0';
	(void)fclose(in);
	return (sodium_hex2bin(ret, STORE_LEDGER_PUBLIC, hex, strlen(hex), NULL,
		    &n, NULL) == 0 &&
		   n == STORE_LEDGER_PUBLIC) ||
	    store_fail(st, "%s: is no public key: 64 hexadecimal digits", path);
}

/* ----------------------------------------------------------------- sealing */

static void
hash_record(int64_t number, int64_t at, const char *previous, const char *json,
    uint8_t ret[static HASH])
{
	crypto_generichash_state s;
	char head[64];

	(void)snprintf(head, sizeof(head), "%lld\n%lld\n", (long long)number,
	    (long long)at);
	(void)crypto_generichash_init(&s, NULL, 0, HASH);
	(void)crypto_generichash_update(&s, (const uint8_t *)head,
	    strlen(head));
	(void)crypto_generichash_update(&s, (const uint8_t *)previous,
	    strlen(previous));
	(void)crypto_generichash_update(&s, (const uint8_t *)"\n", 1);
	(void)crypto_generichash_update(&s, (const uint8_t *)json,
	    strlen(json));
	(void)crypto_generichash_update(&s, (const uint8_t *)"\n", 1);
	(void)crypto_generichash_final(&s, ret, HASH);
}

static bool
text_of(struct store *st, const char *sql, char *dst, size_t cap)
{
	sqlite3_stmt *s = NULL;
	bool ok = sqlite3_prepare_v2(st->db, sql, -1, &s, NULL) == SQLITE_OK;

	if (ok && sqlite3_step(s) == SQLITE_ROW)
		(void)snprintf(dst, cap, "%s",
		    (const char *)sqlite3_column_text(s, 0));
	(void)sqlite3_finalize(s);
	return ok || store_fail_db(st, "reading it");
}

static bool
seal_one(struct store *st, const uint8_t *secret, int64_t number, int64_t at,
    char previous[static HEX], const char *key, const char *json)
{
	uint8_t hash[HASH], signature[crypto_sign_BYTES];
	char hash_hex[HEX], signature_hex[2 * crypto_sign_BYTES + 1];

	hash_record(number, at, previous, json, hash);
	(void)crypto_sign_detached(signature, NULL, hash, sizeof(hash), secret);
	(void)sodium_bin2hex(hash_hex, sizeof(hash_hex), hash, sizeof(hash));
	(void)sodium_bin2hex(signature_hex, sizeof(signature_hex), signature,
	    sizeof(signature));
	if (!store_do(st, STATEMENT_LEDGER_HOUR, "iitttt", number, at, json,
		previous, hash_hex, signature_hex) ||
	    !store_do(st, STATEMENT_LIVE_GONE_KEY, "t", key))
		return false;
	memcpy(previous, hash_hex, HEX);
	return true;
}

bool
store_seal_hours(struct store *st,
    const uint8_t secret[static STORE_LEDGER_SECRET])
{
	char previous[HEX] = NONE;
	sqlite3_stmt *s = NULL;
	int64_t number;
	bool ok;

	if (store_number(st,
		"SELECT count(*) FROM live WHERE key GLOB 'ledger.hour.*'", 0,
		0) <= 0)
		return true;
	number = store_number(st, "SELECT max(number) FROM ledger_hour", 0, 0);
	if (!text_of(st,
		"SELECT hash FROM ledger_hour ORDER BY number DESC LIMIT 1",
		previous, sizeof(previous)) ||
	    !store_begin(st))
		return false;
	ok = sqlite3_prepare_v2(st->db,
		 "SELECT key, at, json FROM live WHERE key GLOB "
		 "'ledger.hour.*' ORDER BY at",
		 -1, &s, NULL) == SQLITE_OK ||
	    store_fail_db(st, "reading it");
	while (ok && sqlite3_step(s) == SQLITE_ROW)
		ok = seal_one(st, secret, ++number, sqlite3_column_int64(s, 1),
		    previous, (const char *)sqlite3_column_text(s, 0),
		    (const char *)sqlite3_column_text(s, 2));
	(void)sqlite3_finalize(s);
	if (ok)
		return store_commit(st);
	store_rollback(st);
	return false;
}

/* --------------------------------------------------------------- verifying */

static const char *
wrong_with(const uint8_t *public, int64_t number, int64_t at, const char *json,
    const char *previous, const char *hash_hex, const char *signature_hex)
{
	uint8_t hash[HASH], said[HASH], signature[crypto_sign_BYTES];
	size_t n = 0;

	hash_record(number, at, previous, json, hash);
	if (sodium_hex2bin(said, sizeof(said), hash_hex, strlen(hash_hex), NULL,
		&n, NULL) != 0 ||
	    n != sizeof(said) || sodium_memcmp(said, hash, sizeof(hash)) != 0)
		return "it was changed: its hash is another one";
	if (sodium_hex2bin(signature, sizeof(signature), signature_hex,
		strlen(signature_hex), NULL, &n, NULL) != 0 ||
	    n != sizeof(signature) ||
	    crypto_sign_verify_detached(signature, hash, sizeof(hash),
		public) != 0)
		return "its signature is not of this key";
	return NULL;
}

static const char *
column(sqlite3_stmt *s, int i)
{
	const char *text = (const char *)sqlite3_column_text(s, i);

	return text != NULL ? text : "";
}

static void
check_one(sqlite3_stmt *s, const uint8_t *public, struct ledger_check *c)
{
	int64_t number = sqlite3_column_int64(s, 0);
	const char *why = wrong_with(public, number, sqlite3_column_int64(s, 1),
	    column(s, 2), column(s, 3), column(s, 4), column(s, 5));

	if (why == NULL && c->records > 0 && number != c->last + 1)
		why = "records before it are missing";
	if (why == NULL && c->records > 0 && strcmp(column(s, 3), c->hash) != 0)
		why = "it does not follow the one before";
	if (c->records == 0)
		c->first = number;
	c->records++;
	c->last = number;
	(void)snprintf(c->hash, sizeof(c->hash), "%s", column(s, 4));
	if (why == NULL)
		return;
	if (c->wrong++ == 0) {
		c->wrong_number = number;
		(void)snprintf(c->why, sizeof(c->why), "%s", why);
	}
}

bool
store_verify_ledger(struct store *st,
    const uint8_t public[static STORE_LEDGER_PUBLIC], struct ledger_check *ret)
{
	sqlite3_stmt *s = NULL;
	int rc;

	*ret = (struct ledger_check){ .records = 0 };
	if (sodium_init() < 0 ||
	    sqlite3_prepare_v2(st->db,
		"SELECT number, at, json, previous, hash, signature "
		"FROM ledger_hour ORDER BY number",
		-1, &s, NULL) != SQLITE_OK)
		return store_fail_db(st, "reading it");
	while ((rc = sqlite3_step(s)) == SQLITE_ROW)
		check_one(s, public, ret);
	(void)sqlite3_finalize(s);
	return rc == SQLITE_DONE || store_fail_db(st, "reading it");
}

bool
store_retain_ledger(struct store *st, struct tick before)
{
	return store_do(st, STATEMENT_LEDGER_GONE, "i", before.ns);
}
