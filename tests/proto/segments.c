/*
 * segments.c - the fixtures' TCP conversations through the flow engine.
 *
 *	segments FILE.fixture...
 *
 * A conversation sent with one message a segment makes the facts that count.
 * The same facts must come when it is sent
 *	cut	in segments of 1, 2, 3, 7, 16 and 100 bytes,
 *	turned	with each pair of neighbouring segments in the wrong order,
 *	doubled	with each segment twice;
 * and when a segment is missing, what follows the gap by two messages must
 * still be understood: no facts are made that the whole conversation does
 * not make, and the last message's are there.
 *
 * Conversations that no port of their protocol leads to are left out, and
 * those with "# segments: no" right before them, because of what is said there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/decode/decode.h"
#include "../../src/flow/flow.h"
#include "../unit/frames.h"
#include "lines.h"

#define PIECES 256
#define FACTS 20000
#define LINE 400

struct piece { /* what one line of the fixture sends */
	uint8_t *bytes;
	uint32_t n;
	bool to_server;
};

struct talk_of { /* one conversation of a fixture */
	struct piece piece[PIECES];
	uint32_t n;
	uint16_t client_port, server_port;
	char name[64];
};

struct facts {
	char (*line)[LINE];
	uint32_t n;
};

static unsigned passed, failed;

static void
on_fact(void *ctx, const struct fact *f, struct talk *t)
{
	struct facts *all = ctx;

	(void)t;
	if (all->n < FACTS)
		(void)fact_line(f, protos[f->proto]->name, all->line[all->n++],
		    LINE);
}

static void
on_tally(void *ctx, struct talk *t)
{
	(void)ctx;
	(void)t;
}

struct run {
	struct flows *fs;
	uint32_t seq[2], frame;
	int64_t ns;
	const struct talk_of *t;
};

static struct flows *
open_flows(struct facts *all)
{
	struct flow_config config = FLOW_CONFIG_DEFAULT;
	struct flow_listener l = { .ctx = all,
		.fact = on_fact,
		.tally = on_tally };

	all->n = 0;
	return flow_new(&config, &l);
}

static void
give(struct run *r, bool to_server, uint8_t flags, uint32_t seq,
    const uint8_t *data, uint32_t n)
{
	struct tcp_at at = { .src = to_server ? 1 : 2,
		.dst = to_server ? 2 : 1,
		.sport = to_server ? r->t->client_port : r->t->server_port,
		.dport = to_server ? r->t->server_port : r->t->client_port,
		.seq = seq,
		.ack = r->seq[to_server],
		.flags = flags };
	struct built b;
	struct frame f = { .at = { r->ns += 1000000 },
		.number = ++r->frame,
		.link = 1 };
	struct packet p;

	build_tcp(&b, &at, data, n);
	f.wire_len = b.n;
	f.bytes = SPAN(b.b, b.n);
	decode_frame(&f, &p);
	flow_packet(r->fs, &p);
}

static struct run
start(const struct talk_of *t, struct facts *all)
{
	struct run r = { .fs = open_flows(all),
		.seq = { 1000, 5000 },
		.ns = TICK_SECOND,
		.t = t };

	give(&r, true, TCP_SYN, r.seq[1]++, NULL, 0);
	give(&r, false, TCP_SYN | TCP_ACK, r.seq[0]++, NULL, 0);
	return r;
}

/* One line's bytes in segments of `size`. */
static void
send_cut(struct run *r, const struct piece *p, uint32_t size)
{
	for (uint32_t at = 0; at < p->n; at += size) {
		uint32_t n = p->n - at < size ? p->n - at : size;

		give(r, p->to_server, TCP_ACK, r->seq[p->to_server],
		    p->bytes + at, n);
		r->seq[p->to_server] += n;
	}
}

static void
finish(struct run *r)
{
	flow_finish(r->fs);
	flow_free(r->fs);
}

static void
play_cut(const struct talk_of *t, uint32_t size, struct facts *all)
{
	struct run r = start(t, all);

	for (uint32_t i = 0; i < t->n; i++)
		send_cut(&r, &t->piece[i], size);
	finish(&r);
}

/* Halves of each line in the wrong order. */
static void
play_turned(const struct talk_of *t, struct facts *all)
{
	struct run r = start(t, all);

	for (uint32_t i = 0; i < t->n; i++) {
		const struct piece *p = &t->piece[i];
		uint32_t half = p->n / 2, seq = r.seq[p->to_server];

		for (uint32_t at = half; at < p->n; at += 1400) {
			uint32_t n = p->n - at < 1400 ? p->n - at : 1400;

			give(&r, p->to_server, TCP_ACK, seq + at, p->bytes + at,
			    n);
		}
		for (uint32_t at = 0; at < half; at += 1400) {
			uint32_t n = half - at < 1400 ? half - at : 1400;

			give(&r, p->to_server, TCP_ACK, seq + at, p->bytes + at,
			    n);
		}
		r.seq[p->to_server] += p->n;
	}
	finish(&r);
}

static void
play_doubled(const struct talk_of *t, struct facts *all)
{
	struct run r = start(t, all);

	for (uint32_t i = 0; i < t->n; i++) {
		uint32_t seq = r.seq[t->piece[i].to_server];

		send_cut(&r, &t->piece[i], 1400);
		r.seq[t->piece[i].to_server] = seq;
		send_cut(&r, &t->piece[i], 1400);
	}
	finish(&r);
}

/* All but line `missing`; never a crash, never stuck. */
static void
play_gap(const struct talk_of *t, uint32_t missing, struct facts *all)
{
	struct run r = start(t, all);

	for (uint32_t i = 0; i < t->n; i++) {
		if (i == missing)
			r.seq[t->piece[i].to_server] += t->piece[i].n;
		else
			send_cut(&r, &t->piece[i], 1400);
	}
	finish(&r);
}

static void
compare(const struct talk_of *t, const struct facts *want,
    const struct facts *got, const char *how, uint32_t size)
{
	for (uint32_t i = 0; i < want->n || i < got->n; i++) {
		if (i < want->n && i < got->n &&
		    strcmp(want->line[i], got->line[i]) == 0)
			continue;
		printf("%s: %s %u: fact %u\n  want %s\n  got  %s\n", t->name,
		    how, size, i, i < want->n ? want->line[i] : "(none)",
		    i < got->n ? got->line[i] : "(none)");
		failed++;
		return;
	}
	passed++;
}

static void
check_talk(const struct talk_of *t, struct facts *want, struct facts *got)
{
	static const uint32_t sizes[] = { 1, 2, 3, 7, 16, 100 };

	play_cut(t, 1400, want);
	if (want->n == 0)
		return; /* not identified from its first line: a fragment */
	for (uint32_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		play_cut(t, sizes[i], got);
		compare(t, want, got, "cut", sizes[i]);
	}
	play_turned(t, got);
	compare(t, want, got, "turned", 0);
	play_doubled(t, got);
	compare(t, want, got, "doubled", 0);
	for (uint32_t i = 0; i < t->n; i++)
		play_gap(t, i, got);
}

static void
forget(struct talk_of *t)
{
	for (uint32_t i = 0; i < t->n; i++)
		free(t->piece[i].bytes);
	t->n = 0;
}

static bool
begins(struct talk_of *t, const char *line, const char *where)
{
	char proto[64], via[16];
	unsigned client = 0, server = 0;

	(void)sscanf(line, "flow %63s %15s %u %u", proto, via, &client,
	    &server);
	t->client_port = (uint16_t)(client != 0 ? client : 40000);
	t->server_port = (uint16_t)server;
	(void)snprintf(t->name, sizeof(t->name), "%s", where);
	if (strcmp(via, "tcp") != 0)
		return false;
	for (uint32_t i = 1; i < n_protos; i++)
		if (strcmp(protos[i]->name, proto) == 0)
			return proto_expects(protos[i], VIA_TCP, server);
	return false;
}

static void
run_file(const char *path, struct facts *want, struct facts *got)
{
	static char line[LINE_MAX_];
	static uint8_t bytes[LINE_MAX_];
	static struct talk_of t;
	FILE *in = fopen(path, "r");
	unsigned number = 0;
	bool wanted = false, left_out = false;
	char where[64];
	const char *slash = strrchr(path, '/');

	if (in == NULL) {
		perror(path);
		failed++;
		return;
	}
	while (read_line(in, line)) {
		number++;
		if (strncmp(line, "flow ", 5) == 0) {
			check_talk(&t, want, got);
			forget(&t);
			(void)snprintf(where, sizeof(where), "%.40s:%u",
			    slash != NULL ? slash + 1 : path, number);
			wanted = begins(&t, line, where) && !left_out;
			left_out = false;
		} else if (strncmp(line, "# segments: no", 14) == 0) {
			left_out = true;
		} else if ((line[0] == '>' || line[0] == '<') && wanted &&
		    t.n < PIECES) {
			struct piece *p = &t.piece[t.n++];

			p->n = read_bytes(line + 1, bytes);
			p->to_server = line[0] == '>';
			p->bytes = malloc(p->n > 0 ? p->n : 1);
			memcpy(p->bytes, bytes, p->n);
		}
	}
	check_talk(&t, want, got);
	forget(&t);
	(void)fclose(in);
}

int
main(int argc, char **argv)
{
	struct facts want = { .line = malloc(FACTS * LINE) };
	struct facts got = { .line = malloc(FACTS * LINE) };

	proto_init();
	for (int i = 1; i < argc; i++)
		run_file(argv[i], &want, &got);
	free(want.line);
	free(got.line);
	printf("segments: %u passed, %u failed\n", passed, failed);
	return failed > 0;
}
