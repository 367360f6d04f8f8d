/*
 * frames_api.c - the frames of an alert, for the page: the bytes as they are,
 * and what the program says of each.
 *
 * The section is our own (docs/database.md): blocks of pcapng with their
 * lengths (draft-ietf-opsawg-pcapng, 4), frames in Enhanced Packet Blocks.
 * What is in a frame is a stranger's: it is shown in hexadecimal only, and
 * decoded by another process (src/decoder).
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "handlers.h"

#define FRAMES 64u
#define SECTION_MOST ((off_t)8 << 20)
#define HEX_MOST 2048u
#define BLOCK_INTERFACE 1u
#define BLOCK_FRAME 6u
#define OPTION_RESOLUTION 9u

static uint32_t
word32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

/* if_tsresol of an interface: ticks a second; microseconds unless it says. */
static uint64_t
ticks_of(const uint8_t *block, uint32_t n)
{
	uint64_t ticks = 1;
	uint32_t at = 16;

	while (at + 4 <= n) {
		uint32_t kind = word32(block + at) & 0xffff;
		uint32_t len = word32(block + at) >> 16;

		if (kind == OPTION_RESOLUTION && len == 1 && at + 5 <= n &&
		    block[at + 4] <= 9) {
			for (uint32_t i = 0; i < block[at + 4]; i++)
				ticks *= 10;
			return ticks;
		}
		if (kind == 0)
			break;
		at += 4 + (len + 3) / 4 * 4;
	}
	return 1000000;
}

static void
put_hex(struct out *o, const uint8_t *p, uint32_t n)
{
	static const char digits[] = "0123456789abcdef";

	json_key(o, "hex");
	out_char(o, '"');
	for (uint32_t i = 0; i < n && i < HEX_MOST; i++) {
		out_char(o, digits[p[i] >> 4]);
		out_char(o, digits[p[i] & 15]);
	}
	out_char(o, '"');
}

/* NULL: nobody says what they are. */
static json_t *
decode(struct server *sv, int fd)
{
	json_t *facts = NULL;

	if (sv->config.decode == NULL || lseek(fd, 0, SEEK_SET) != 0)
		return NULL;
	(void)pthread_mutex_lock(&sv->desk);
	facts = sv->config.decode(sv->config.ctx, fd);
	(void)pthread_mutex_unlock(&sv->desk);
	return facts;
}

/* ------------------------------------------------------------------ frames */

static void
put_facts(struct out *o, const json_t *facts, uint32_t number)
{
	json_t *one, *of = json_array();
	size_t i;
	char *text;

	if (facts == NULL) {
		json_text(o, "summary", "");
		json_none(o, "facts");
		json_decref(of);
		return;
	}
	json_array_foreach(facts, i, one)
		if (json_integer_value(json_object_get(one, "frame")) == number)
			(void)json_array_append(of, one);
	one = json_array_get(of, 0);
	json_key(o, "summary");
	if (one != NULL) {
		const char *proto =
		    json_string_value(json_object_get(one, "proto"));
		const char *op =
		    json_string_value(json_object_get(one, "op_name"));
		char line[200];

		(void)snprintf(line, sizeof(line), "%s %s",
		    proto != NULL ? proto : "", op != NULL ? op : "");
		json_put_string(o, span_text(line));
	} else {
		json_put_string(o, SPAN_LIT(""));
	}
	json_key(o, "facts");
	text = json_dumps(of, JSON_COMPACT);
	out_text(o, text != NULL ? text : "[]");
	o->comma = true;
	free(text);
	json_decref(of);
}

static void
put_frame(struct items *it, const uint8_t *b, uint32_t n, uint64_t ticks,
    uint32_t number, const json_t *facts)
{
	uint64_t at = (uint64_t)word32(b + 12) << 32 | word32(b + 16);
	uint32_t captured = word32(b + 20);
	struct out *o;

	if (captured > n - 32 || (o = items_next(it)) == NULL)
		return;
	json_open(o, '{');
	json_u64(o, "frame", number);
	json_time(o, "time",
	    (struct tick){ (int64_t)(at / ticks * TICK_SECOND +
		at % ticks * (uint64_t)TICK_SECOND / ticks) });
	json_u64(o, "length", word32(b + 24));
	json_u64(o, "captured", captured);
	put_hex(o, b + 28, captured);
	put_facts(o, facts, number);
	json_close(o, '}');
	items_end(it);
}

static void
put_frames(struct items *it, const uint8_t *p, size_t n, const json_t *facts)
{
	uint64_t ticks = 1000000;
	uint32_t number = 0;
	size_t at = 0;

	while (at + 12 <= n) {
		uint32_t kind = word32(p + at), len = word32(p + at + 4);

		if (len < 12 || len % 4 != 0 || len > n - at)
			return;
		if (kind == BLOCK_INTERFACE && len >= 20)
			ticks = ticks_of(p + at, len - 4);
		if (kind == BLOCK_FRAME && len >= 32 && number < FRAMES)
			put_frame(it, p + at, len, ticks, ++number, facts);
		at += len;
	}
}

void
h_alert_frames(struct request *rq)
{
	struct items *it = calloc(1, sizeof(*it));
	char path[4300];
	uint8_t *p = NULL;
	json_t *facts = NULL;
	uint32_t number;
	off_t n;
	int fd;

	if (it == NULL || !arg_number(rq, 0, &number)) {
		free(it);
		return;
	}
	(void)snprintf(path, sizeof(path), "%s/evidence/%" PRIu32 ".pcapng",
	    rq->server->config.state, number);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	n = fd >= 0 ? lseek(fd, 0, SEEK_END) : -1;
	if (n > SECTION_MOST)
		n = SECTION_MOST;
	p = n > 0 ? malloc((size_t)n) : NULL;
	if (p == NULL || pread(fd, p, (size_t)n, 0) != n) {
		fail(rq, 404, "not-found", NULL,
		    "No frames of alert %" PRIu32 " are kept.", number);
	} else if (items_begin(it, rq)) {
		facts = decode(rq->server, fd);
		put_frames(it, p, (size_t)n, facts);
		items_finish(it);
	}
	if (fd >= 0)
		(void)close(fd);
	json_decref(facts);
	free(p);
	free(it);
}
