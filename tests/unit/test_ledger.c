/*
 * test_ledger.c - hourly records: signed, chained, and what was done to them
 * afterwards is found.
 */
#include "store.h"

#include <fcntl.h>

#define HOURS 5
#define HOUR (INT64_C(3600) * TICK_SECOND)

static uint8_t secret[STORE_LEDGER_SECRET], public_key[STORE_LEDGER_PUBLIC];

static void
add_hours(int from, int n)
{
	char key[48], json[64];

	for (int i = from; i < from + n; i++) {
		(void)snprintf(key, sizeof(key), "ledger.hour.%lld",
		    (long long)(i * HOUR));
		(void)snprintf(json, sizeof(json), "{\"hour\":%d}", i);
		CHECK(store_put_live(store, key, (struct tick){ i * HOUR },
		    json));
	}
	CHECK(store_seal_hours(store, secret));
}

static struct ledger_check
check(void)
{
	struct ledger_check c;

	CHECK(store_verify_ledger(store, public_key, &c));
	return c;
}

static void
begin(void)
{
	CHECK(store_ledger_secret(store, secret));
	CHECK(store_ledger_public(store, NULL, public_key));
	add_hours(0, HOURS);
}

static void
test_chain(void)
{
	struct ledger_check c;
	struct stat is;
	char path[512];

	begin();
	c = check();
	CHECK_INT(c.records, HOURS);
	CHECK_INT(c.wrong, 0);
	CHECK_INT(c.first, 1);
	CHECK_INT(c.last, HOURS);
	CHECK_INT(store_count("SELECT count(*) FROM live"), 0);
	store_path(path, sizeof(path), "ledger.key");
	CHECK(stat(path, &is) == 0 && (is.st_mode & 0777) == 0600);
	store_again(STORE_MAKING); /* the same key goes on */
	CHECK(store_ledger_secret(store, secret));
	add_hours(HOURS, 1);
	add_hours(HOURS + 1, 0); /* nothing to sign */
	c = check();
	CHECK_INT(c.records, HOURS + 1);
	CHECK_INT(c.wrong, 0);
}

/* Old ones are removed; the chain begins with the first that is left. */
static void
test_retained(void)
{
	struct ledger_check c;

	begin();
	CHECK(store_retain_ledger(store, (struct tick){ 2 * HOUR }));
	c = check();
	CHECK_INT(c.records, HOURS - 2);
	CHECK_INT(c.first, 3);
	CHECK_INT(c.wrong, 0);
}

static void
test_changed(void)
{
	static const struct {
		const char *sql;
		int64_t number;
		const char *why;
	} bad[] = {
		{ "UPDATE ledger_hour SET json = '{}' WHERE number = 3", 3,
		    "its hash is another one" },
		{ "UPDATE ledger_hour SET at = at + 1 WHERE number = 2", 2,
		    "its hash is another one" },
		{ "UPDATE ledger_hour SET previous = upper(previous) || 'x' "
		  "WHERE number = 1",
		    1, "its hash is another one" },
		{ "DELETE FROM ledger_hour WHERE number = 3", 4,
		    "records before it are missing" },
		{ "UPDATE ledger_hour SET signature = '00' WHERE number = 5", 5,
		    "not of this key" },
		{ "UPDATE ledger_hour SET signature = (SELECT signature FROM "
		  "ledger_hour WHERE number = 1) WHERE number = 2",
		    2, "not of this key" },
		{ "UPDATE ledger_hour SET hash = replace(hash, 'a', 'b') "
		  "WHERE hash GLOB '*a*'",
		    0, "its hash is another one" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct ledger_check c;

		store_end();
		store_fresh();
		if (!store_start(STORE_MAKING))
			return;
		begin();
		CHECK(store_sql(bad[i].sql));
		c = check();
		CHECK(c.wrong > 0);
		CHECK(strstr(c.why, bad[i].why) != NULL);
		if (bad[i].number != 0)
			CHECK_INT(c.wrong_number, bad[i].number);
	}
}

/* Made anew by one who has another key, in all its parts. */
static void
test_other_key(void)
{
	uint8_t other[STORE_LEDGER_PUBLIC];
	struct ledger_check c;
	char path[512];

	begin();
	memcpy(other, public_key, sizeof(other));
	store_path(path, sizeof(path), "ledger.key");
	CHECK(unlink(path) == 0);
	store_path(path, sizeof(path), "ledger.pub");
	CHECK(unlink(path) == 0);
	CHECK(store_sql("DELETE FROM ledger_hour"));
	begin();
	CHECK_INT(check().wrong, 0); /* by its own key */
	memcpy(public_key, other, sizeof(other));
	c = check();
	CHECK_INT(c.wrong, HOURS);
	CHECK(strstr(c.why, "not of this key") != NULL);
}

static void
test_no_key(void)
{
	char path[512];
	int fd;

	store_path(path, sizeof(path), "ledger.key");
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	CHECK(write(fd, "short", 5) == 5);
	(void)close(fd);
	CHECK(!store_ledger_secret(store, secret));
	CHECK(strstr(store_error(store), "is no key") != NULL);
	CHECK(!store_ledger_public(store, NULL, public_key));
}

int
main(void)
{
	void (*const tests[])(void) = { test_chain, test_retained, test_changed,
		test_other_key, test_no_key };

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		store_fresh();
		if (store_start(STORE_MAKING))
			tests[i]();
		store_end();
	}
	return check_done();
}
