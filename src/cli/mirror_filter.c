/*
 * mirror_filter.c - sightglass mirror filter: what a capture filter would
 * leave out, by the conversations that were seen.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../sensor/sensor.h"
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
		    "It matches %" PRIu64 " of %" PRIu64 " conversations: "
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

int
mirror_filter(const struct mirror_request *q)
{
	static struct out out;
	struct sums all = { 0 }, left_out = { 0 };
	char error[FILTER_ERROR];
	struct rule *r = filter_compile(q->file, error);
	struct state s;
	bool ok;

	if (r == NULL) {
		complain("mirror: %s", error);
		return EXIT_USAGE;
	}
	if (!state_open(&s, "mirror", q->state, STATE_STORE)) {
		rule_free(r);
		return EXIT_INPUT;
	}
	ok = add_up(&s, r, &all, &left_out);
	state_close(&s);
	rule_free(r);
	if (!ok) {
		complain("mirror: %s cannot be read", q->state);
		return EXIT_INPUT;
	}
	out_open(&out, STDOUT_FILENO);
	put(&out, q->json, &all, &left_out);
	return output_end(&out);
}
