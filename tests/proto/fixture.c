/*
 * fixture.c - runs the protocol fixtures.
 *
 *	fixture [--bless] FILE.fixture...
 *
 * A fixture is a conversation and the facts it must make:
 *
 *	# comment
 *	flow modbus tcp 40000 502	protocol, via, client and server port
 *	> 0001 0000 0006 01 03 0000 0002	client to server, hex
 *	modbus read op=3 unit=1 pair=1 req holding 0+2
 *	< ...				server to client
 *
 * `flow` starts a fresh flow; via is tcp, udp, ether, llc, snap or ip (ports
 * 0 0 where there are none).  Text in double quotes stands for its bytes
 * (\r \n \\ \" \xHH).  A line ending in \ goes on.  A line of bytes holds one
 * or more whole messages.
 *
 * Every message is then mistreated: cut at every length (never malformed,
 * never a crash), every byte changed (never a crash, facts well-formed), and
 * given as its own request.  --bless rewrites the expected lines.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/base/bufs.h"
#include "../../src/proto/join.h"
#include "../../src/proto/proto.h"
#include "lines.h"

#define FACTS 4096

static struct ledger ledger[PROTO_MAX];
static struct fact facts[FACTS];
static unsigned passed, failed;

struct rig {
	const struct proto *p;
	struct talk talk;
	struct dissect d;
	struct pending pending;
	uint64_t state[PROTO_STATE_MAX / 8];
	struct bufs *bufs;
};

static const struct {
	const char *name;
	enum via via;
} vias[] = { { "tcp", VIA_TCP }, { "udp", VIA_UDP }, { "ether", VIA_ETHER },
	{ "llc", VIA_LLC }, { "snap", VIA_SNAP }, { "ip", VIA_IP },
	{ "serial", VIA_SERIAL } };

static void
rig_reset(struct rig *g)
{
	joins_free(g->d.joins);
	bufs_free(g->bufs);
	g->bufs = bufs_new(32u << 20);
	memset(&g->pending, 0, sizeof(g->pending));
	memset(g->state, 0, sizeof(g->state));
	g->d = (struct dissect){ .talk = &g->talk,
		.via = g->talk.via,
		.state = g->state,
		.fact = facts,
		.cap = FACTS,
		.wanted = FACT_MASK_ALL,
		.ledger = ledger,
		.pending = &g->pending,
		.joins = joins_new(g->bufs),
		.flow = 1 };
}

static void
rig_free(struct rig *g)
{
	joins_free(g->d.joins);
	bufs_free(g->bufs);
}

/* Exactly-sized heap copy, so that a sanitizer sees any overrun. */
static enum rd_status
give(struct rig *g, struct span s, uint32_t promised, bool to_server)
{
	uint8_t *copy = malloc(s.n > 0 ? s.n : 1);
	enum rd_status status;

	memcpy(copy, s.p, s.n);
	g->d.to_server = to_server;
	g->d.n = 0;
	status = proto_message(g->p, SPAN(copy, s.n), promised, &g->d, false);
	free(copy);
	return status;
}

static uint32_t
next_message(const struct rig *g, struct span s)
{
	uint32_t n;

	if (g->p->frame == NULL)
		return s.n;
	if (s.n < g->p->frame_min)
		return FRAME_NOT_MINE;
	n = g->p->frame(s, &g->d);
	return n == FRAME_NEED_MORE || n > s.n ? FRAME_NOT_MINE : n;
}

static void
check_facts(const struct rig *g, const char *what)
{
	char line[1024];

	for (uint32_t i = 0; i < g->d.n; i++) {
		const struct fact *f = &facts[i];

		if (f->kind >= FACT_COUNT || f->kind == FACT_NONE ||
		    f->proto >= n_protos || f->text_len > FACT_TEXT_MAX ||
		    f->object.space >= SPACE_COUNT ||
		    fact_line(f, "x", line, sizeof(line)) < 0) {
			printf("ill-formed fact (%s)\n", what);
			abort();
		}
	}
}

/* Mistreat one message in its place in the conversation. */
static void
sweep(struct rig *g, struct span msg, bool to_server, const char *where)
{
	struct pending pending = g->pending;
	struct joins *joins = g->d.joins;
	uint64_t state[PROTO_STATE_MAX / 8];
	uint8_t *copy = malloc(msg.n > 0 ? msg.n : 1);

	g->d.joins = joins_new(g->bufs); /* what is open stays open */

	memcpy(state, g->state, sizeof(state));
	memcpy(copy, msg.p, msg.n);
	for (uint32_t n = 0; n < msg.n; n++) {
		enum rd_status status =
		    give(g, span_first(msg, n), msg.n, to_server);

		if (status == RD_BAD) {
			printf("%s: cut at %u of %u: malformed: %s\n", where, n,
			    msg.n, facts[0].text);
			failed++;
			break;
		}
		check_facts(g, "cut");
		g->pending = pending;
		memcpy(g->state, state, sizeof(state));
		if (g->p->frame != NULL && n >= g->p->frame_min)
			(void)g->p->frame(span_first(msg, n), &g->d);
	}
	for (uint32_t i = 0; i < msg.n; i++) {
		static const uint8_t with[] = { 0x00, 0xff, 0x80, 0x01, 0x7f };

		for (uint32_t k = 0; k < sizeof(with); k++) {
			copy[i] =
			    k < 2 ? with[k] : (uint8_t)(copy[i] ^ with[k]);
			if (g->p->frame != NULL && msg.n >= g->p->frame_min)
				(void)g->p->frame(SPAN(copy, msg.n), &g->d);
			if (g->p->claim != NULL)
				(void)g->p->claim(SPAN(copy, msg.n), &g->d);
			(void)give(g, SPAN(copy, msg.n), msg.n, to_server);
			check_facts(g, "corrupt");
			g->pending = pending;
			memcpy(g->state, state, sizeof(state));
			copy[i] = msg.p[i];
		}
	}
	(void)give(g, msg, msg.n, !to_server);
	check_facts(g, "wrong way");
	g->pending = pending;
	memcpy(g->state, state, sizeof(state));
	joins_drain(g->d.joins);
	joins_free(g->d.joins);
	g->d.joins = joins;
	free(copy);
}

static bool
start_flow(struct rig *g, const char *line)
{
	char proto[64], via[16];
	unsigned client = 0, server = 0;

	if (sscanf(line, "flow %63s %15s %u %u", proto, via, &client, &server) <
	    2)
		return false;
	g->p = NULL;
	for (uint32_t i = 0; i < n_protos; i++)
		if (strcmp(protos[i]->name, proto) == 0)
			g->p = protos[i];
	g->talk = (struct talk){ .client_port = (uint16_t)client,
		.server_port = (uint16_t)server,
		.vlan = TALK_NO_VLAN };
	for (uint32_t i = 0; i < sizeof(vias) / sizeof(vias[0]); i++)
		if (strcmp(vias[i].name, via) == 0)
			g->talk.via = (uint8_t)vias[i].via;
	rig_reset(g);
	return g->p != NULL;
}

struct expect { /* what the last bytes said, to be held against the file */
	char *got;
	size_t n, at;
};

static void
dissect_line(struct rig *g, const char *line, struct expect *e,
    const char *where)
{
	static uint8_t bytes[LINE_MAX_];
	struct span all = SPAN(bytes, read_bytes(line + 1, bytes));
	bool to_server = line[0] == '>';
	char text[1024];

	e->n = e->at = 0;
	e->got[0] = '\0';
	if (g->p->claim != NULL) {
		g->d.to_server = to_server;
		if (g->p->claim(all, &g->d) == CLAIM_NO) {
			printf("%s: claim() says no\n", where);
			failed++;
		}
	}
	do {
		uint32_t n;

		g->d.to_server = to_server;
		n = next_message(g, all);
		if (n == FRAME_NOT_MINE || n == 0) {
			printf("%s: frame() finds no whole message in %u "
			       "bytes\n",
			    where, all.n);
			failed++;
			return;
		}
		sweep(g, span_first(all, n), to_server, where);
		(void)give(g, span_first(all, n), n, to_server);
		check_facts(g, "good");
		for (uint32_t i = 0; i < g->d.n; i++) {
			(void)fact_line(&facts[i], protos[facts[i].proto]->name,
			    text, sizeof(text));
			e->n += (size_t)snprintf(e->got + e->n,
			    LINE_MAX_ * 4 - e->n, "%s\n", text);
		}
		all = span_from(all, n);
	} while (all.n > 0);
}

/* The facts that were not expected: printed, or written when blessing. */
static void
settle(struct expect *e, FILE *bless, const char *where)
{
	if (bless != NULL) {
		(void)fputs(e->got, bless);
	} else if (e->at < e->n) {
		printf("%s: not expected:\n%s", where, e->got + e->at);
		failed++;
	}
	e->n = e->at = 0;
	e->got[0] = '\0';
}

static void
expect_line(struct expect *e, const char *line, const char *where)
{
	const char *end = strchr(e->got + e->at, '\n');
	size_t n = end != NULL ? (size_t)(end - (e->got + e->at)) : 0;

	if (end != NULL && strlen(line) == n &&
	    strncmp(e->got + e->at, line, n) == 0) {
		passed++;
	} else {
		printf("%s:\n  want %s\n  got  %.*s\n", where, line, (int)n,
		    e->got + e->at);
		failed++;
	}
	e->at += end != NULL ? n + 1 : 0;
}

static int
run(const char *path, bool bless)
{
	static char line[LINE_MAX_], got[LINE_MAX_ * 4];
	static struct rig g;
	struct expect e = { .got = got };
	char where[512], temp[512];
	unsigned number = 0;
	FILE *in = fopen(path, "r"), *out = NULL;

	(void)snprintf(temp, sizeof(temp), "%s.new", path);
	if (in == NULL || (bless && (out = fopen(temp, "w")) == NULL)) {
		perror(path);
		return 1;
	}
	got[0] = '\0';
	while (read_line(in, line)) {
		number++;
		(void)snprintf(where, sizeof(where), "%s:%u", path, number);
		if (line[0] == '>' || line[0] == '<' || line[0] == '#' ||
		    line[0] == '\0' || strncmp(line, "flow ", 5) == 0)
			settle(&e, out, where);
		if (out != NULL &&
		    (line[0] == '>' || line[0] == '<' || line[0] == '#' ||
			line[0] == '\0' || strncmp(line, "flow ", 5) == 0))
			(void)fprintf(out, "%s\n", line);
		if (line[0] == '#' || line[0] == '\0')
			continue;
		if (strncmp(line, "flow ", 5) == 0) {
			if (!start_flow(&g, line)) {
				printf("%s: no such protocol\n", where);
				failed++;
				break;
			}
		} else if (g.p == NULL) {
			printf("%s: no flow yet\n", where);
			failed++;
			break;
		} else if (line[0] == '>' || line[0] == '<') {
			dissect_line(&g, line, &e, where);
		} else if (out == NULL) {
			expect_line(&e, line, where);
		}
	}
	settle(&e, out, path);
	rig_free(&g);
	memset(&g, 0, sizeof(g));
	(void)fclose(in);
	if (out != NULL && (fclose(out) != 0 || rename(temp, path) != 0)) {
		perror(path);
		return 1;
	}
	return 0;
}

int
main(int argc, char **argv)
{
	bool bless = argc > 1 && strcmp(argv[1], "--bless") == 0;
	int bad = 0;

	proto_init();
	for (int i = bless ? 2 : 1; i < argc; i++)
		bad |= run(argv[i], bless);
	printf("fixtures: %u passed, %u failed\n", passed, failed);
	return bad != 0 || failed > 0;
}
