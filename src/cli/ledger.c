/*
 * ledger.c - sightglass ledger: the visibility ledger hour by hour, and
 * whether its records are whole and unchanged.
 */
#include <inttypes.h>
#include <jansson.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "list.h"
#include "options.h"
#include "state.h"

enum {
	OPT_STATE,
	OPT_FORMAT,
	OPT_KEY,
	OPT_HELP
};

static const struct option_row rows[] = {
	[OPT_STATE] = { "state", 'S', "FOLDER",
	    "the state; default " STATE_FOLDER },
	[OPT_FORMAT] = { "format", 'f', "FORMAT",
	    "list: text (the default) or json, the records as they are "
	    "signed" },
	[OPT_KEY] = { "key", 'k', "FILE",
	    "verify: the public key; default ledger.pub of the state" },
	[OPT_HELP] = { "help", 'h', NULL, "this text" },
	{ NULL, 0, NULL, NULL },
};

static const char *const format_names[] = { "text", "json", NULL };

struct request {
	const char *state, *key, *verb;
	int format;
};

static json_int_t
sum(const json_t *record, const char *key)
{
	json_int_t n = 0;
	size_t i;
	json_t *port;

	json_array_foreach(json_object_get(record, "ports"), i, port) {
		n += json_integer_value(json_object_get(port, key));
	}
	return n;
}

static json_int_t
bytes(const json_t *record, const char *key)
{
	json_int_t n = 0;
	const char *name;
	json_t *port, *one;
	size_t i;

	json_array_foreach(json_object_get(record, "ports"), i, port) {
		json_object_foreach(json_object_get(port, "protocols"), name,
		    one) {
			n += json_integer_value(json_object_get(one, key));
		}
	}
	return n;
}

static void
put_record(int64_t number, const char *text)
{
	json_error_t error;
	json_t *r = json_loads(text, 0, &error);
	const char *hour = json_string_value(json_object_get(r, "hour"));
	json_int_t seen = bytes(r, "seen");
	json_int_t understood = bytes(r, "understood");

	(void)printf("%6" PRId64 "  %.16s  %7" JSON_INTEGER_FORMAT
		     "  %12" JSON_INTEGER_FORMAT "  %9" JSON_INTEGER_FORMAT
		     "  %10" JSON_INTEGER_FORMAT "  %9.1f%%\n",
	    number, hour != NULL ? hour : "?",
	    json_integer_value(json_object_get(r, "seconds")), sum(r, "frames"),
	    sum(r, "lost"), sum(r, "unrecorded"),
	    seen > 0 ? 100.0 * (double)understood / (double)seen : 0.0);
	json_decref(r);
}

static int
list(struct store *db, const struct request *q)
{
	sqlite3_stmt *s = NULL;

	if (sqlite3_prepare_v2(store_db(db),
		"SELECT number, json, hash, signature FROM ledger_hour ORDER "
		"BY number",
		-1, &s, NULL) != SQLITE_OK)
		return EXIT_INTERNAL;
	if (q->format == 0)
		(void)printf("Number  Hour              Seconds        Frames  "
			     "     Lost  Unrecorded  Understood\n");
	while (sqlite3_step(s) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(s, 1);

		if (q->format == 1)
			(void)printf("%s\n", text);
		else
			put_record(sqlite3_column_int64(s, 0), text);
	}
	(void)sqlite3_finalize(s);
	return fflush(stdout) == 0 ? EXIT_DONE : EXIT_INTERNAL;
}

static int
verify(struct store *db, const struct request *q)
{
	uint8_t key[STORE_LEDGER_PUBLIC];
	struct ledger_check c;

	if (!store_ledger_public(db, q->key, key) ||
	    !store_verify_ledger(db, key, &c)) {
		complain("ledger: %s", store_error(db));
		return EXIT_INPUT;
	}
	if (c.wrong > 0) {
		complain("ledger: record %" PRId64 ": %s (%u of %u records "
			 "are wrong)",
		    c.wrong_number, c.why, (unsigned)c.wrong,
		    (unsigned)c.records);
		return EXIT_INPUT;
	}
	if (c.records == 0)
		(void)printf("There is no record yet: one is made every "
			     "hour.\n");
	else
		(void)printf("%u records, %" PRId64 " to %" PRId64
			     ": none was changed, left out or put in.\nThe "
			     "last one's hash: %s\n",
		    (unsigned)c.records, c.first, c.last, c.hash);
	return fflush(stdout) == 0 ? EXIT_DONE : EXIT_INTERNAL;
}

int
cmd_ledger(int argc, char **argv)
{
	struct request q = { .state = STATE_FOLDER, .verb = "list" };
	struct options o = { .command = "ledger",
		.synopsis = "[list | verify] [options]",
		.about = "What was seen, understood and lost, hour by hour; "
			 "the records are signed and chained.\n`verify` says "
			 "whether one was changed, left out or put in.",
		.row = rows,
		.argc = argc,
		.argv = argv,
		.at = 1 };
	char error[STORE_ERROR];
	struct store *db;
	int option, status;

	while ((option = options_next(&o)) != OPTION_END) {
		if (option == OPT_HELP) {
			options_help(&o);
			return fflush(stdout) == 0 ? EXIT_DONE : EXIT_INTERNAL;
		}
		if (option == OPT_STATE)
			q.state = o.value;
		else if (option == OPT_KEY)
			q.key = o.value;
		else if (option == OPT_FORMAT)
			q.format = options_choice(&o, "format", format_names);
		else if (option == OPTION_ARGUMENT)
			q.verb = o.value;
		else
			return EXIT_USAGE;
		if (q.format < 0)
			return EXIT_USAGE;
	}
	if (strcmp(q.verb, "list") != 0 && strcmp(q.verb, "verify") != 0) {
		complain("ledger: no verb '%s': list or verify", q.verb);
		return EXIT_USAGE;
	}
	db = store_open(q.state, STORE_READING, error);
	if (db == NULL) {
		complain("ledger: %s", error);
		return EXIT_INPUT;
	}
	status = strcmp(q.verb, "verify") == 0 ? verify(db, &q) : list(db, &q);
	store_close(db);
	return status;
}
