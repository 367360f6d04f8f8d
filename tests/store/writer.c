/*
 * writer.c - a process that writes to a state directory, for run.sh to kill,
 * starve and mislead.
 *
 *	writer batches DIR N	N batches; says the number of each once written
 *	writer check DIR LEAST	all batches whole, and at least LEAST of them
 *	writer use DIR		load all, write a little
 *	writer read DIR		look
 *	writer hold DIR		keep the lock until standard input ends
 *	writer full DIR		no room for files to grow, then room again
 *	writer speed DIR N	100 000 keys in one batch, in N seconds at most
 *	writer change DIR N	a few bytes of the file, as N says
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "../../src/proto/proto.h"
#include "../../src/store/store.h"

#define NOTES 50
#define KEYS 100000u
#define NODES 10000u

static struct store *store;

static int
say(const char *what)
{
	(void)printf("%s\n", what);
	return 1;
}

static bool
start(const char *dir, enum store_for how)
{
	char error[STORE_ERROR];

	store = store_open(dir, how, error);
	if (store == NULL)
		(void)say(error);
	return store != NULL;
}

static int64_t
number(const char *sql)
{
	sqlite3_stmt *s = NULL;
	int64_t n = -1;

	if (sqlite3_prepare_v2(store_db(store), sql, -1, &s, NULL) ==
		SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int64(s, 0);
	(void)sqlite3_finalize(s);
	return n;
}

/* What belongs together: a number, notes, an alert and its frames. */
static bool
put_batch(long batch)
{
	static const uint8_t bytes[200];
	const struct store_frame f = { { batch }, SPAN(bytes, 200), 200, 1 };
	struct alert a;
	char text[32];
	bool ok = true;

	memset(&a, 0, sizeof(a));
	a.fold = (uint64_t)batch;
	a.status = batch % 2 == 0 ? STATUS_CLOSED : STATUS_NEW;
	a.vlan = TALK_NO_VLAN;
	a.last.ns = batch;
	a.n_times = 1;
	(void)snprintf(text, sizeof(text), "%ld", batch);
	ok = store_put(store, "batch", text);
	for (int i = 0; ok && i < NOTES; i++)
		ok = store_note(store, (struct tick){ batch }, "sensor",
		    "start", text, "a note of some length");
	return ok && store_put_alert(store, &a) &&
	    store_put_frames(store, a.number, &f, 1, "why");
}

static int
batches(long n)
{
	for (long i = 1 + atol(store_get(store, "batch")); n > 0; i++, n--) {
		if (!store_begin(store) || !put_batch(i) ||
		    !store_commit(store))
			return say(store_error(store));
		(void)printf("%ld\n", i);
		(void)fflush(stdout);
	}
	return 0;
}

static int
check(long least)
{
	long batch = atol(store_get(store, "batch"));

	if (batch < least)
		return say("a batch that was written is lost");
	if (number("SELECT count(*) FROM timeline") != batch * NOTES ||
	    number("SELECT count(*) FROM alert") != batch ||
	    number("SELECT count(*) FROM alert_time") != batch)
		return say("a batch is there in part");
	for (long i = 1; i <= batch; i++) {
		char path[4096];
		struct stat is;

		(void)snprintf(path, sizeof(path), "evidence/%ld.pcapng", i);
		if (stat(path, &is) != 0 || is.st_size == 0)
			return say("frames of an alert are lost");
	}
	if (number("SELECT count(*) FROM pragma_integrity_check WHERE "
		   "integrity_check <> 'ok'") != 0)
		return say("the database is not whole");
	return 0;
}

static void
ignore(void *ctx, const struct novelty *n)
{
	(void)ctx;
	(void)n;
}

static struct baseline *
new_baseline(struct assets *assets, uint32_t keys)
{
	struct baseline_config c = BASELINE_CONFIG_DEFAULT;
	const struct baseline_listener quiet = { .novelty = ignore };

	c.keys_max = keys;
	c.secret = 1;
	return baseline_new(&c, assets, &quiet);
}

static bool
load_all(void)
{
	const struct detect_listener quiet = { 0 };
	struct assets *assets = assets_new(1024);
	struct baseline *baseline = new_baseline(assets, 4096);
	struct detect *detect = detect_new(assets, baseline, &quiet);
	struct triage *triage = triage_new();
	struct inventory *inventory = inventory_new(1024, NULL);
	struct convs *convs = convs_new(1024);
	struct alert a;
	bool ok = store_load_assets(store, assets) &&
	    store_load_baseline(store, baseline) &&
	    store_load_detect(store, detect) &&
	    store_load_triage(store, triage, baseline, assets) &&
	    store_load_inventory(store, inventory) &&
	    store_load_convs(store, convs) && store_get_alert(store, 1, &a);

	convs_free(convs);
	inventory_free(inventory);
	triage_free(triage);
	detect_free(detect);
	baseline_free(baseline);
	assets_free(assets);
	return ok;
}

static int
use(void)
{
	const struct retention r = RETENTION_DEFAULT;

	if (!load_all() || !store_put(store, "used", "yes") ||
	    !store_retain(store, &r, (struct tick){ TICK_SECOND }))
		return say(store_error(store));
	return 0;
}

/* No file may grow beyond `most` bytes; 0: as they like. */
static void
limit(rlim_t most)
{
	struct rlimit r;

	(void)getrlimit(RLIMIT_FSIZE, &r);
	r.rlim_cur = most != 0 ? most : r.rlim_max;
	(void)setrlimit(RLIMIT_FSIZE, &r);
}

static int
full(void)
{
	long failed = 0, i;

	(void)signal(SIGXFSZ, SIG_IGN);
	limit(300000);
	for (i = 1; failed < 3 && i < 10000; i++) {
		if (!store_begin(store) || !put_batch(i))
			return say(store_error(store));
		if (store_commit(store))
			continue;
		failed++;
		if (strstr(store_error(store), "no room") == NULL)
			return say(store_error(store));
	}
	if (failed < 3)
		return say("there was room all the time");
	(void)say(store_error(store));
	limit(0);
	if (!store_begin(store) || !store_commit(store))
		return say(store_error(store));
	return check(i - 1);
}

static double
seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Every address seen once more. */
static void
see_nodes(struct inventory *v)
{
	for (uint32_t i = 0; i < NODES; i++) {
		const uint8_t from[4] = { 10, 0, (uint8_t)(i >> 8),
			(uint8_t)i };
		const uint8_t to[4] = { 10, 200, 0, 1 };
		const struct talk t = { .client.ip = ip4_of(from),
			.server.ip = ip4_of(to),
			.vlan = TALK_NO_VLAN,
			.via = VIA_TCP,
			.packets = { 1, 1 } };

		inventory_tally(v, &t);
	}
}

/* What is there already is written as fast as what is new. */
static int
speed_of_nodes(double most)
{
	struct inventory *v = inventory_new(2 * NODES, NULL);
	double from, took;

	for (int round = 0; round < 2; round++) {
		see_nodes(v);
		from = seconds();
		if (!store_begin(store) || !store_save_inventory(store, v) ||
		    !store_commit(store))
			return say(store_error(store));
		took = seconds() - from;
		(void)printf("%u addresses %s in %.2f s\n", NODES,
		    round == 0 ? "written" : "changed", took);
		if (took > most)
			return say("too slow");
	}
	inventory_free(v);
	return 0;
}

static int
speed(double most)
{
	struct assets *assets = assets_new(16);
	struct baseline *b = new_baseline(assets, 1u << 18);
	double from, took;
	uint32_t in = 0;

	for (uint64_t i = 1; i <= KEYS; i++) {
		struct key k = { .hash = i * UINT64_C(0x9e3779b97f4a7c15),
			.scenario = SCENARIO_READ,
			.state = KEY_CANDIDATE,
			.client = 1,
			.server = (uint32_t)i,
			.windows = 1,
			.count = 1 };

		in += baseline_load_key(b, &k);
	}
	for (int round = 0; round < 2; round++) {
		from = seconds();
		baseline_finish(b);
		if (!store_begin(store) || !store_save_baseline(store, b) ||
		    !store_commit(store))
			return say(store_error(store));
		took = seconds() - from;
		(void)printf("%u keys %s in %.2f s\n", in,
		    round == 0 ? "written" : "changed", took);
		if (took > most)
			return say("too slow");
	}
	if (in != KEYS || number("SELECT count(*) FROM key") != KEYS)
		return say("keys are missing");
	baseline_free(b);
	assets_free(assets);
	return speed_of_nodes(most);
}

/* Every fourth time only within the first page. */
static int
change(const char *dir, long seed)
{
	uint64_t r = (uint64_t)seed * UINT64_C(0x9e3779b97f4a7c15);
	char path[4096];
	long size;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/state.db", dir);
	f = fopen(path, "r+b");
	if (f == NULL || fseek(f, 0, SEEK_END) != 0)
		return say("no file to change");
	size = seed % 4 == 0 ? 4096 : ftell(f);
	for (int i = 0; i < 6; i++) {
		r = r * UINT64_C(6364136223846793005) + 1442695040888963407u;
		if (fseek(f, (long)((r >> 20) % (uint64_t)size), SEEK_SET) == 0)
			(void)fputc((int)(r >> 56), f);
	}
	return fclose(f);
}

static int
do_it(const char *what, const char *dir, const char *n)
{
	if (strcmp(what, "batches") == 0)
		return batches(atol(n));
	if (strcmp(what, "check") == 0)
		return chdir(dir) == 0 ? check(atol(n)) : 1;
	if (strcmp(what, "full") == 0)
		return chdir(dir) == 0 ? full() : 1;
	if (strcmp(what, "speed") == 0)
		return speed(atof(n));
	if (strcmp(what, "hold") == 0) {
		(void)say("held");
		(void)fflush(stdout);
		return getchar() == EOF ? 0 : 1;
	}
	return use();
}

int
main(int argc, char **argv)
{
	int status;

	if (argc < 3)
		return say("writer WHAT DIR [N]");
	proto_init();
	if (strcmp(argv[1], "change") == 0)
		return change(argv[2], argc > 3 ? atol(argv[3]) : 0);
	if (!start(argv[2],
		strcmp(argv[1], "read") == 0 || strcmp(argv[1], "check") == 0
		    ? STORE_READING
		    : strcmp(argv[1], "use") == 0 ? STORE_WRITING
						  : STORE_MAKING))
		return 1;
	status = strcmp(argv[1], "read") == 0
	    ? !load_all() && say(store_error(store))
	    : do_it(argv[1], argv[2], argc > 3 ? argv[3] : "0");
	store_close(store);
	return status;
}
