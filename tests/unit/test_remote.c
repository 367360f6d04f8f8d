/*
 * test_remote.c - the engine's store and the keeper's: what is shipped is
 * written once, however often it comes; bytes that are no batch do no harm;
 * the engine reads without opening a file.
 */
#include "store.h"

#include <fcntl.h>
#include <sys/resource.h>

static struct store *engine;

static void
engine_start(void)
{
	char error[STORE_ERROR];

	engine = store_remote(store_dir, store_batch(store), error);
	if (engine == NULL)
		(void)printf("store_remote: %s\n", error);
	CHECK(engine != NULL);
	if (engine == NULL)
		abort();
}

static struct span
rows_of(const struct shipment *s)
{
	return SPAN(s->bytes, s->rows);
}

static struct span
frames_of(const struct shipment *s)
{
	return SPAN(s->bytes + s->rows, s->frames);
}

/* All that waits, as the keeper would take it. */
static void
deliver(void)
{
	const struct shipment *s;

	while ((s = store_shipment(engine, 0)) != NULL) {
		CHECK(store_apply(store, s->number, rows_of(s), frames_of(s)));
		CHECK_STR(store_error(store), "");
		store_acknowledge(engine, s->number);
	}
}

static uint32_t
note_alert(const char *title)
{
	static struct alert a;

	memset(&a, 0, sizeof(a));
	a.fold = 7;
	a.first.ns = a.last.ns = 1000;
	a.count = 1;
	(void)snprintf(a.title, sizeof(a.title), "%s", title);
	CHECK(store_put_alert(engine, &a));
	return a.number;
}

static uint8_t block[2][16]; /* pcapng: type, length, number, length */

static void
make_blocks(void)
{
	const uint32_t length = 16;

	for (unsigned i = 0; i < 2; i++) {
		memset(block[i], 'a' + (int)i, 4);
		memcpy(block[i] + 4, &length, 4);
		memset(block[i] + 8, 'A' + (int)i, 4);
		memcpy(block[i] + 12, &length, 4);
	}
}

static int64_t
evidence_bytes(uint32_t number)
{
	char name[64], path[512];
	struct stat is;

	(void)snprintf(name, sizeof(name), "evidence/%u.pcapng", number);
	store_path(path, sizeof(path), name);
	return stat(path, &is) == 0 ? (int64_t)is.st_size : -1;
}

static void
test_shipped(void)
{
	uint32_t number;

	engine_start();
	CHECK(store_begin(engine));
	number = note_alert("one");
	CHECK_INT(number, 1);
	CHECK(store_commit(engine));
	CHECK_INT(store_count("SELECT count(*) FROM alert"), 0);
	CHECK(store_waiting(engine) > 0);
	deliver();
	CHECK_INT(store_waiting(engine), 0);
	CHECK_INT(store_count("SELECT count(*) FROM alert"), 1);
	CHECK_INT(store_batch(store), 1);
	store_close(engine);
	engine_start(); /* a new one goes on with number and batch */
	CHECK(store_begin(engine));
	CHECK_INT(note_alert("two"), 2);
	CHECK(store_commit(engine));
	CHECK_INT(store_shipment(engine, 0)->number, 2);
	CHECK(store_shipment(engine, 2) == NULL);
	deliver();
	CHECK_INT(store_count("SELECT count(*) FROM alert"), 2);
}

/* The keeper dies after it wrote, or between files and rows. */
static void
test_twice(void)
{
	const struct shipment *s;

	engine_start();
	make_blocks();
	CHECK(store_begin(engine));
	CHECK(note_alert("with frames") == 1);
	CHECK(store_put_evidence(engine, 1, SPAN(block[0], 16)));
	CHECK(store_put_evidence(engine, 1, SPAN(block[1], 16)));
	CHECK(
	    store_note(engine, (struct tick){ 1 }, "sensor", "start", "", "x"));
	CHECK(store_commit(engine));
	s = store_shipment(engine, 0);
	CHECK(store_apply(store, s->number, rows_of(s), frames_of(s)));
	CHECK(store_apply(store, s->number, rows_of(s), frames_of(s)));
	store_again(STORE_AGAIN);
	CHECK(store_apply(store, s->number, rows_of(s), frames_of(s)));
	CHECK_INT(store_count("SELECT count(*) FROM timeline"), 1);
	CHECK_INT(evidence_bytes(1), 32);
	/* the rows are gone, the file is there: whole, then in part */
	for (int64_t n = 32; n >= 0; n -= 16) {
		char path[512];

		store_path(path, sizeof(path), "evidence/1.pcapng");
		CHECK(truncate(path, (off_t)n) == 0);
		CHECK(store_sql("DELETE FROM alert; UPDATE setting SET "
				"value = '0' WHERE key = 'keeper.batch'"));
		store_again(STORE_AGAIN);
		CHECK(store_apply(store, s->number, rows_of(s), frames_of(s)));
		CHECK_INT(evidence_bytes(1), 32);
		CHECK_INT(store_count("SELECT count(*) FROM alert"), 1);
	}
}

static void
test_order(void)
{
	const struct shipment *s;

	engine_start();
	for (int i = 0; i < 3; i++) {
		CHECK(store_put(engine, "n",
		    i == 0       ? "0"
			: i == 1 ? "1"
				 : "2"));
		CHECK_INT(store_shipped(engine), i + 1);
	}
	for (uint64_t at = 0; (s = store_shipment(engine, at)) != NULL;
	     at = s->number)
		CHECK(store_apply(store, s->number, rows_of(s), frames_of(s)));
	store_acknowledge(engine, 2);
	CHECK_INT(store_shipment(engine, 0)->number, 3);
	CHECK_STR(store_get(store, "n"), "2");
	CHECK_STR(store_get(engine, "n"), "2");
}

/* Every byte changed: refused for good or written, and the keeper lives. */
static void
test_no_batch(void)
{
	const struct shipment *s;
	uint64_t number = 100;
	uint8_t *copy;

	engine_start();
	make_blocks();
	CHECK(store_begin(engine));
	(void)note_alert("of a liar");
	CHECK(store_put_evidence(engine, 1, SPAN(block[0], 16)));
	CHECK(store_commit(engine));
	s = store_shipment(engine, 0);
	copy = malloc((size_t)s->rows + s->frames);
	if (copy == NULL)
		abort();
	for (uint32_t i = 0; i < s->rows + s->frames; i++) {
		memcpy(copy, s->bytes, (size_t)s->rows + s->frames);
		copy[i] ^= 0x81;
		CHECK(store_apply(store, ++number, SPAN(copy, s->rows),
		    SPAN(copy + s->rows, s->frames)));
		CHECK_INT(store_batch(store), (int64_t)number);
	}
	for (uint32_t n = 0; n < s->rows; n++) /* cut */
		CHECK(store_apply(store, ++number, SPAN(s->bytes, n),
		    SPAN(NULL, 0)));
	free(copy);
	CHECK(store_sql("PRAGMA quick_check"));
}

/* As behind a filter that forbids open(). */
static void
test_reads_without_open(void)
{
	struct rlimit was, none;

	CHECK(store_put(store, "a", "1"));
	engine_start();
	CHECK(getrlimit(RLIMIT_NOFILE, &was) == 0);
	none = (struct rlimit){ .rlim_cur = 3, .rlim_max = was.rlim_max };
	CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
	CHECK_INT(open("/dev/null", O_RDONLY), -1);
	CHECK_STR(store_get(engine, "a"), "1");
	CHECK(setrlimit(RLIMIT_NOFILE, &was) == 0);
	/* enough for the log to begin anew several times */
	for (int i = 0; i < 3; i++) {
		CHECK(store_sql("PRAGMA wal_checkpoint(RESTART)"));
		CHECK(store_put(store, "a", i == 2 ? "last" : "other"));
	}
	CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
	CHECK_STR(store_get(engine, "a"), "last");
	CHECK(setrlimit(RLIMIT_NOFILE, &was) == 0);
	store_again(STORE_AGAIN); /* the keeper is another one */
	CHECK(store_put(store, "a", "its"));
	CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
	CHECK_STR(store_get(engine, "a"), "its");
	CHECK(setrlimit(RLIMIT_NOFILE, &was) == 0);
}

static void
test_live(void)
{
	engine_start();
	CHECK(store_put_live(engine, "traffic", (struct tick){ 5 }, "{}"));
	CHECK(
	    store_put_live(engine, "traffic", (struct tick){ 6 }, "{\"a\":1}"));
	deliver();
	CHECK_STR(store_text("SELECT json FROM live"), "{\"a\":1}");
	CHECK_INT(store_count("SELECT at FROM live"), 6);
	CHECK(store_clear_live(engine));
	deliver();
	CHECK_INT(store_count("SELECT count(*) FROM live"), 0);
}

int
main(void)
{
	void (*const tests[])(void) = { test_shipped, test_twice, test_order,
		test_no_batch, test_reads_without_open, test_live };

	proto_init();
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		store_fresh();
		if (store_start(STORE_MAKING))
			tests[i]();
		store_close(engine);
		engine = NULL;
		store_end();
	}
	return check_done();
}
