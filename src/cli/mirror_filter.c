/*
 * mirror_filter.c - sightglass mirror filter: what a capture filter would leave
 * out, by the conversations that were seen; of a sensor that runs also of what
 * passes now, and what the filters that are set leave out of it.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../sensor/sensor.h"
#include "ask.h"
#include "cli.h"
#include "mirror.h"
#include "output.h"
#include "state.h"

struct sums {
	uint64_t convs, packets, bytes;
};

static void
take_end(sqlite3_stmt *q, int column, struct addr *ret)
{
	for (int i = 0; i < 2; i++) {
		const char *text =
		    (const char *)sqlite3_column_text(q, column + i);
		struct addr one;

		if (text == NULL || !rule_addr(span_text(text), &one))
			continue;
		if (one.has_mac) {
			ret->mac = one.mac;
			ret->has_mac = true;
		} else {
			ret->ip = one.ip;
		}
	}
}

static void
take_talk(sqlite3_stmt *q, struct talk *ret)
{
	const char *via = (const char *)sqlite3_column_text(q, 7);

	*ret = (struct talk){ .vlan = TALK_NO_VLAN };
	take_end(q, 0, &ret->client);
	take_end(q, 2, &ret->server);
	ret->server_port = (uint16_t)sqlite3_column_int(q, 4);
	if (sqlite3_column_type(q, 5) != SQLITE_NULL)
		ret->vlan = (uint16_t)sqlite3_column_int(q, 5);
	ret->service = (uint32_t)sqlite3_column_int64(q, 6);
	for (uint32_t i = 0; i < VIA_COUNT && via != NULL; i++)
		if (strcmp(via_name((enum via)i), via) == 0)
			ret->via = (uint8_t)i;
}

static bool
add_up(struct state *s, const struct rule *r, struct sums *all,
    struct sums *out)
{
	sqlite3_stmt *q = NULL;
	bool ok = sqlite3_prepare_v2(store_db(s->store),
		      "select client_ip, client_mac, server_ip, server_mac, "
		      "port, vlan, service, via, packets_sent + packets_back, "
		      "bytes_sent + bytes_back from conversation",
		      -1, &q, NULL) == SQLITE_OK;

	while (ok && sqlite3_step(q) == SQLITE_ROW) {
		uint64_t packets = (uint64_t)sqlite3_column_int64(q, 8),
			 bytes = (uint64_t)sqlite3_column_int64(q, 9);
		struct talk t;

		take_talk(q, &t);
		all->convs++;
		all->packets += packets;
		all->bytes += bytes;
		if (!filter_matches(r, &t))
			continue;
		out->convs++;
		out->packets += packets;
		out->bytes += bytes;
	}
	(void)sqlite3_finalize(q);
	return ok;
}

static int
dump(const char *p, size_t n, void *o)
{
	out_bytes(o, p, n);
	return 0;
}

static double
percent(uint64_t part, uint64_t of)
{
	return of > 0 ? 100.0 * (double)part / (double)of : 0;
}

static void
put(struct out *o, bool json, const struct sums *all, const struct sums *out)
{
	if (!json) {
		outf(o,
		    "Of what was seen it matches %" PRIu64 " of %" PRIu64
		    " conversations: "
		    "%.1f %% of the packets, %.1f %% of the bytes.\n"
		    "filter.exclude would leave these out, filter.include all "
		    "others; malware is looked for in all.\n",
		    out->convs, all->convs, percent(out->packets, all->packets),
		    percent(out->bytes, all->bytes));
		return;
	}
	json_open(o, '{');
	json_text(o, "type", "filter");
	json_u64(o, "conversations", out->convs);
	json_u64(o, "packets", out->packets);
	json_u64(o, "bytes", out->bytes);
	json_u64(o, "of_conversations", all->convs);
	json_u64(o, "of_packets", all->packets);
	json_u64(o, "of_bytes", all->bytes);
	json_close(o, '}');
	out_char(o, '\n');
}

/* ---------------------------------------------------------- live traffic */

/* The row of the trial of that number; NULL: not yet. */
static json_t *
row_of(const struct state *s, int64_t number)
{
	sqlite3_stmt *q = NULL;
	json_t *row = NULL;

	if (sqlite3_prepare_v2(store_db(s->store),
		"select json from live where key = 'filters' and json ->> "
		"'number' = ?1",
		-1, &q, NULL) == SQLITE_OK &&
	    sqlite3_bind_int64(q, 1, number) == SQLITE_OK &&
	    sqlite3_step(q) == SQLITE_ROW)
		row = json_loads((const char *)sqlite3_column_text(q, 0), 0,
		    NULL);
	(void)sqlite3_finalize(q);
	return row;
}

static uint64_t
member(const json_t *row, const char *name)
{
	return (uint64_t)json_integer_value(json_object_get(row, name));
}

static bool
is_tried(const json_t *one, const char *key)
{
	return member(one, "number") == 0 && (key == NULL || key[0] == '\0');
}

static const char *
name_of(const json_t *one, const char *key, char dst[static 64])
{
	const char *of = json_string_value(json_object_get(one, "of")),
		   *take = json_string_value(json_object_get(one, "take"));

	if (is_tried(one, key))
		return "this condition";
	if (member(one, "number") == 0)
		return key;
	(void)snprintf(dst, 64, "%" PRIu64 " %s %s", member(one, "number"),
	    take != NULL ? take : "", of != NULL ? of : "");
	return dst;
}

static void
put_live(struct out *o, const json_t *row)
{
	const json_t *list = json_object_get(row, "filters"), *one;
	uint64_t packets = member(row, "packets"), bytes = member(row, "bytes");
	size_t i;

	outf(o,
	    "Of what passed in %" PRIu64 " s (%" PRIu64 " packets, %" PRIu64
	    " bytes):\n",
	    member(row, "seconds"), packets, bytes);
	if (json_array_size(list) == 0)
		outf(o, "  no capture filter is set\n");
	json_array_foreach(list, i, one) {
		const char *key =
		    json_string_value(json_object_get(one, "key"));
		const char *text =
		    json_string_value(json_object_get(one, "condition"));

		char name[64];

		outf(o,
		    "  %-22s %5.1f %% of the packets, %5.1f %% of the bytes",
		    name_of(one, key, name),
		    percent(member(one, "packets"), packets),
		    percent(member(one, "bytes"), bytes));
		outf(o, is_tried(one, key) ? "\n" : "  (%s)\n",
		    text != NULL ? text : "");
	}
}

/* Nothing where no sensor runs. */
static int
live(const struct mirror_request *q, const struct state *s, struct out *o)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	json_t *request = ask_new("filters.try"), *answer, *row = NULL;
	int64_t number;
	int status;

	if (q->file != NULL)
		ask_text(request, "condition", q->file);
	if (q->include)
		ask_text(request, "take", "include");
	(void)json_object_set_new(request, "seconds",
	    json_integer((json_int_t)q->seconds));
	answer = ask_answer("mirror", q->state, request, -1, &status);
	number = json_integer_value(json_object_get(answer, "number"));
	json_decref(answer);
	if (status != EXIT_DONE)
		return status;
	for (uint64_t i = 0; row == NULL && i < 10 * (q->seconds + 5); i++) {
		(void)nanosleep(&pause, NULL);
		row = row_of(s, number);
	}
	if (row == NULL)
		complain("mirror: the sensor says nothing");
	else if (q->json) {
		(void)json_object_set_new(row, "type",
		    json_string("live-filters"));
		(void)json_dump_callback(row, dump, o, JSON_COMPACT);
		out_char(o, '\n');
	} else
		put_live(o, row);
	json_decref(row);
	return row != NULL ? EXIT_DONE : EXIT_INTERNAL;
}

static int
stored(const struct mirror_request *q, struct state *s, const struct rule *r,
    struct out *o)
{
	struct sums all = { 0 }, left_out = { 0 };

	if (!add_up(s, r, &all, &left_out)) {
		complain("mirror: %s cannot be read", q->state);
		return EXIT_INPUT;
	}
	put(o, q->json, &all, &left_out);
	return EXIT_DONE;
}

static int
change(const struct mirror_request *q)
{
	json_t *request =
	    ask_new(q->add != NULL ? "filters.add" : "filters.remove");

	if (q->add != NULL && (q->file == NULL || q->remove != 0)) {
		complain(q->remove != 0
			? "mirror: filter adds or removes, not both at once"
			: "mirror: filter --add needs a condition");
		json_decref(request);
		return EXIT_USAGE;
	}
	if (q->add != NULL) {
		ask_text(request, "of", q->add);
		ask_text(request, "condition", q->file);
		ask_text(request, "take", q->include ? "include" : "exclude");
	} else {
		(void)json_object_set_new(request, "numbers",
		    json_pack("[I]", (json_int_t)q->remove));
	}
	return ask("mirror", q->state, request);
}

int
mirror_filter(const struct mirror_request *q)
{
	static struct out out;
	char error[FILTER_ERROR];
	struct rule *r =
	    q->file != NULL ? filter_compile(q->file, error) : NULL;
	int status = EXIT_DONE;
	struct state s;
	bool runs;

	if (q->add != NULL || q->remove != 0) {
		rule_free(r);
		return change(q);
	}
	if (r == NULL && q->file != NULL) {
		complain("mirror: %s", error);
		return EXIT_USAGE;
	}
	if (!state_open(&s, "mirror", q->state, STATE_STORE)) {
		rule_free(r);
		return EXIT_INPUT;
	}
	out_open(&out, STDOUT_FILENO);
	runs = ask_has_sensor(q->state);
	if (runs)
		status = live(q, &s, &out);
	else if (r == NULL) {
		complain("mirror: filter needs a condition, where no sensor "
			 "runs");
		status = EXIT_USAGE;
	}
	if (status == EXIT_DONE && r != NULL)
		status = stored(q, &s, r, &out);
	state_close(&s);
	rule_free(r);
	return status != EXIT_DONE ? status : output_end(&out);
}
