/* test_flow.c - the flow engine, one arrangement of packets after another. */
#include "check.h"
#include "frames.h"

#include <stdlib.h>

#include "../../src/decode/decode.h"
#include "../../src/flow/flow.h"

#define LINES 64

/* A Modbus read of three registers and its answer, transaction `t`. */
static const uint8_t ask_bytes[12] = { 0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 3 };
static const uint8_t say_bytes[15] = { 0, 1, 0, 0, 0, 9, 1, 3, 6, 0, 7, 0, 8, 0,
	9 };

struct seen {
	uint32_t n; /* facts that are messages */
	uint32_t values, malformed, truncated, duplicates;
	uint32_t frame[LINES];
	uint32_t pair[LINES];
	bool response[LINES];
	uint8_t proto[LINES];
	struct talk talk; /* of the last fact or tally */
	uint64_t tallied;
};

struct rig {
	struct flows *fs;
	struct seen seen;
	uint32_t frame;
	int64_t ns;
};

static void
on_fact(void *ctx, const struct fact *f, struct talk *t)
{
	struct seen *s = ctx;

	s->values += f->kind == FACT_VALUE;
	s->malformed += f->kind == FACT_MALFORMED;
	s->truncated += f->kind == FACT_TRUNCATED;
	s->duplicates += (f->flags & FACT_DUPLICATE) != 0;
	s->talk = *t;
	if (!f->is_message || s->n == LINES)
		return;
	s->frame[s->n] = f->frame;
	s->pair[s->n] = f->pair;
	s->response[s->n] = f->response;
	s->proto[s->n] = f->proto;
	s->n++;
}

static void
on_tally(void *ctx, struct talk *t)
{
	struct seen *s = ctx;

	s->tallied += t->packets[0] + t->packets[1];
	s->talk = *t;
}

static void
rig_open(struct rig *r, struct flow_config config)
{
	struct flow_listener l = { .ctx = &r->seen,
		.fact = on_fact,
		.tally = on_tally };

	memset(r, 0, sizeof(*r));
	r->ns = 1000 * TICK_SECOND;
	r->fs = flow_new(&config, &l);
}

static void
rig_start(struct rig *r)
{
	rig_open(r, FLOW_CONFIG_DEFAULT);
}

static void
rig_stop(struct rig *r)
{
	flow_finish(r->fs);
	flow_free(r->fs);
}

static void
give(struct rig *r, const struct built *b)
{
	uint8_t *copy = malloc(b->n); /* exact: a sanitizer sees overruns */
	struct frame f = { .at = { r->ns += 1000000 },
		.wire_len = b->n,
		.number = ++r->frame,
		.link = 1 };
	struct packet p;

	memcpy(copy, b->b, b->n);
	f.bytes = SPAN(copy, b->n);
	decode_frame(&f, &p);
	flow_packet(r->fs, &p);
	free(copy);
}

/* Host 1 port 40000 is the client, host 2 the server. */
struct peer {
	struct rig *r;
	uint32_t seq[2];
	uint16_t port, vlan;
};

static void
send_at(struct peer *p, unsigned from_server, uint8_t flags, uint32_t seq,
    const uint8_t *data, uint32_t n)
{
	struct tcp_at t = { .src = from_server ? 2 : 1,
		.dst = from_server ? 1 : 2,
		.sport = from_server ? p->port : 40000,
		.dport = from_server ? 40000 : p->port,
		.seq = seq,
		.ack = p->seq[!from_server],
		.flags = flags,
		.vlan = p->vlan };
	struct built b;

	build_tcp(&b, &t, data, n);
	give(p->r, &b);
}

static void
send_next(struct peer *p, unsigned from_server, uint8_t flags,
    const uint8_t *data, uint32_t n)
{
	send_at(p, from_server, flags, p->seq[from_server], data, n);
	p->seq[from_server] += n + ((flags & (TCP_SYN | TCP_FIN)) != 0);
}

static struct peer
peer_open(struct rig *r, uint16_t port, uint32_t seq)
{
	struct peer p = { .r = r, .seq = { seq, seq + 5000 }, .port = port };

	return p;
}

static void
handshake(struct peer *p)
{
	send_next(p, 0, TCP_SYN, NULL, 0);
	send_next(p, 1, TCP_SYN | TCP_ACK, NULL, 0);
	send_next(p, 0, TCP_ACK, NULL, 0);
}

static void
test_plain(void)
{
	struct rig r;
	struct peer p;

	rig_start(&r);
	p = peer_open(&r, 502, 100);
	handshake(&p);
	send_next(&p, 0, TCP_PSH | TCP_ACK, ask_bytes, 12);
	send_next(&p, 1, TCP_PSH | TCP_ACK, say_bytes, 15);
	CHECK_INT(r.seen.n, 2);
	CHECK_INT(r.seen.frame[0], 4);
	CHECK_INT(r.seen.frame[1], 5);
	CHECK(!r.seen.response[0] && r.seen.response[1]);
	CHECK_INT(r.seen.values, 3);
	CHECK_STR(protos[r.seen.proto[0]]->name, "modbus");
	CHECK(r.seen.talk.sure);
	CHECK_INT(r.seen.talk.server_port, 502);
	rig_stop(&r);
	CHECK_INT(r.seen.tallied, 5);
}

/* However the stream is cut, the facts and their last frames are right. */
static void
test_segments(void)
{
	for (uint32_t cut = 1; cut < 12; cut++) {
		struct rig r;
		struct peer p;

		rig_start(&r);
		p = peer_open(&r, 502, UINT32_MAX - 5); /* wraps on the way */
		handshake(&p);
		send_next(&p, 0, TCP_ACK, ask_bytes, cut);
		CHECK_INT(r.seen.n, 0);
		send_next(&p, 0, TCP_ACK, ask_bytes + cut, 12 - cut);
		send_next(&p, 1, TCP_ACK, say_bytes, cut);
		send_next(&p, 1, TCP_ACK, say_bytes + cut, 15 - cut);
		CHECK_INT(r.seen.n, 2);
		CHECK_INT(r.seen.frame[0], 5);
		CHECK_INT(r.seen.frame[1], 7);
		CHECK_INT(r.seen.values, 3);
		rig_stop(&r);
	}
}

static void
test_reordered(void)
{
	struct rig r;
	struct peer p;
	uint32_t seq;

	rig_start(&r);
	p = peer_open(&r, 502, 100);
	handshake(&p);
	send_next(&p, 0, TCP_ACK, ask_bytes, 12);
	seq = p.seq[0];
	send_at(&p, 0, TCP_ACK, seq + 7, ask_bytes + 7, 5);
	send_at(&p, 0, TCP_ACK, seq + 12, ask_bytes, 12);
	CHECK_INT(r.seen.n, 1);
	send_at(&p, 0, TCP_ACK, seq, ask_bytes, 7);
	CHECK_INT(r.seen.n, 3);
	/* each counts in the frame that brought its end */
	CHECK_INT(r.seen.frame[1], 5);
	CHECK_INT(r.seen.frame[2], 6);
	CHECK_INT(flow_counts(r.fs)->reordered, 2);
	CHECK_INT(flow_counts(r.fs)->gaps, 0);
	rig_stop(&r);
}

static void
test_sent_again(void)
{
	uint8_t other[12], longer[24];
	struct rig r;
	struct peer p;
	uint32_t seq;

	memcpy(other, ask_bytes, 12);
	other[11] = 9;
	rig_start(&r);
	p = peer_open(&r, 502, 100);
	handshake(&p);
	seq = p.seq[0];
	send_next(&p, 0, TCP_ACK, ask_bytes, 12);
	send_at(&p, 0, TCP_ACK, seq, ask_bytes, 12);
	CHECK_INT(r.seen.n, 1);
	CHECK_INT(flow_counts(r.fs)->retransmitted, 1);
	CHECK_INT(flow_counts(r.fs)->conflicting, 0);
	send_at(&p, 0, TCP_ACK, seq, other, 12);
	CHECK_INT(flow_counts(r.fs)->conflicting, 1);
	/* a longer one whose start was changed adds nothing */
	memcpy(longer, other, 12);
	memcpy(longer + 12, ask_bytes, 12);
	send_at(&p, 0, TCP_ACK, seq, longer, 24);
	CHECK_INT(flow_counts(r.fs)->conflicting, 2);
	CHECK_INT(r.seen.n, 1);
	/* a keep-alive is neither */
	send_at(&p, 0, TCP_ACK, p.seq[0] - 1, ask_bytes, 1);
	CHECK_INT(flow_counts(r.fs)->keep_alives, 1);
	CHECK_INT(flow_counts(r.fs)->retransmitted, 3);
	memcpy(longer, ask_bytes, 12);
	send_at(&p, 0, TCP_ACK, seq, longer, 24); /* the same, and more */
	CHECK_INT(flow_counts(r.fs)->conflicting, 2);
	CHECK_INT(r.seen.n, 2);
	rig_stop(&r);
}

/* Two copies in hand: the rule decides which is believed. */
static void
test_copies(bool last)
{
	uint8_t other[12];
	struct flow_config config = FLOW_CONFIG_DEFAULT;
	struct rig r;
	struct peer p;
	uint32_t seq;

	memcpy(other, ask_bytes, 12);
	other[0] = 0x77;
	config.last_copy = last;
	rig_open(&r, config);
	p = peer_open(&r, 502, 100);
	handshake(&p);
	send_next(&p, 0, TCP_ACK, ask_bytes, 12);
	seq = p.seq[0];
	send_at(&p, 0, TCP_ACK, seq + 12, ask_bytes, 12);
	send_at(&p, 0, TCP_ACK, seq + 12, other, 12);
	send_at(&p, 0, TCP_ACK, seq, ask_bytes, 12);
	CHECK_INT(r.seen.n, 3);
	CHECK_INT(flow_counts(r.fs)->conflicting, 1);
	CHECK((r.seen.pair[2] != r.seen.pair[1]) == last);
	rig_stop(&r);
}

/* A segment is missing: the stream goes on at the next message. */
static void
test_gap(void)
{
	struct rig r;
	struct peer p;

	rig_start(&r);
	p = peer_open(&r, 502, 100);
	handshake(&p);
	send_next(&p, 0, TCP_ACK, ask_bytes, 12);
	p.seq[0] += 5; /* end of a message that was not captured */
	send_next(&p, 0, TCP_ACK, ask_bytes + 5, 7);
	send_next(&p, 0, TCP_ACK, ask_bytes, 12);
	r.ns += 3 * TICK_SECOND;
	send_next(&p, 0, TCP_ACK, ask_bytes, 12);
	CHECK_INT(r.seen.n, 3);
	CHECK_INT(r.seen.malformed, 0);
	CHECK_INT(flow_counts(r.fs)->gaps, 1);
	CHECK_INT(flow_counts(r.fs)->gap_bytes, 5);
	rig_stop(&r);
}

/* What waits for a hole is handed out when the input ends. */
static void
test_gap_at_end(void)
{
	struct rig r;
	struct peer p;

	rig_start(&r);
	p = peer_open(&r, 502, 100);
	handshake(&p);
	send_next(&p, 0, TCP_ACK, ask_bytes, 12);
	p.seq[0] += 12;
	send_next(&p, 0, TCP_ACK, ask_bytes, 12);
	CHECK_INT(r.seen.n, 1);
	flow_finish(r.fs);
	CHECK_INT(r.seen.n, 2);
	CHECK_INT(r.seen.frame[1], 5);
	flow_free(r.fs);
}

/* No handshake, one way only, the answer's direction. */
static void
test_mid_stream(void)
{
	struct rig r;
	struct peer p;

	rig_start(&r);
	p = peer_open(&r, 502, 100);
	for (uint32_t i = 0; i < 3; i++)
		send_next(&p, 1, TCP_ACK, say_bytes, 15);
	CHECK_INT(r.seen.n, 3);
	CHECK(r.seen.response[0]);
	CHECK_INT(r.seen.talk.server_port, 502);
	CHECK_INT(r.seen.talk.server.ip.b[3], 2);
	rig_stop(&r);
}

/* On a strange port nothing is believed before a good message each way. */
static void
test_strange_port(void)
{
	struct rig r;
	struct peer p;

	rig_start(&r);
	p = peer_open(&r, 5555, 100);
	handshake(&p);
	send_next(&p, 0, TCP_ACK, ask_bytes, 12);
	CHECK_INT(r.seen.n, 0);
	send_next(&p, 1, TCP_ACK, say_bytes, 15);
	CHECK_INT(r.seen.n, 1);
	send_next(&p, 0, TCP_ACK, ask_bytes, 12);
	CHECK_INT(r.seen.n, 2);
	CHECK_STR(protos[r.seen.proto[0]]->name, "modbus");
	rig_stop(&r);
}

/* HTTP on the Modbus port is HTTP, and is said to be out of place. */
static void
test_strange_protocol(void)
{
	static const char get[] = "GET / HTTP/1.1\r\nHost: plc\r\n\r\n";
	struct rig r;
	struct peer p;

	rig_start(&r);
	p = peer_open(&r, 502, 100);
	handshake(&p);
	send_next(&p, 0, TCP_ACK, (const uint8_t *)get, sizeof(get) - 1);
	CHECK_INT(r.seen.n, 1);
	CHECK_STR(protos[r.seen.proto[0]]->name, "http");
	CHECK(r.seen.talk.odd_port);
	CHECK_INT(flow_counts(r.fs)->odd_ports, 1);
	rig_stop(&r);
}

static void
test_new_connection(void)
{
	struct rig r;
	struct peer p;

	rig_start(&r);
	p = peer_open(&r, 502, 100);
	handshake(&p);
	send_next(&p, 0, TCP_ACK, ask_bytes, 7); /* broken off */
	p = peer_open(&r, 502, 900000);
	handshake(&p);
	send_next(&p, 0, TCP_ACK, ask_bytes, 12);
	send_next(&p, 1, TCP_ACK, say_bytes, 15);
	CHECK_INT(r.seen.n, 2);
	CHECK_INT(r.seen.malformed, 0);
	rig_stop(&r);
}

static void
test_vlans_apart(void)
{
	struct rig r;
	struct peer p, q;

	rig_start(&r);
	p = peer_open(&r, 502, 100);
	q = peer_open(&r, 502, 7777);
	p.vlan = 10;
	q.vlan = 20;
	handshake(&p);
	handshake(&q);
	send_next(&p, 0, TCP_ACK, ask_bytes, 12);
	send_next(&q, 0, TCP_ACK, ask_bytes, 12);
	CHECK_INT(r.seen.n, 2);
	CHECK_INT(r.seen.talk.vlan, 20);
	CHECK_INT(flow_counts(r.fs)->flows, 2);
	CHECK_INT(flow_counts(r.fs)->gaps, 0);
	rig_stop(&r);
}

/* ------------------------------------------------------------- fragments */

static void
give_fragment(struct rig *r, const uint8_t *datagram, uint32_t from,
    uint32_t to, bool more)
{
	struct built b;
	uint8_t *ip = b.b + 14;

	build_ip(&b, 1, 2, 0, 17, datagram + from, to - from);
	put16(ip + 4, 0x4242);
	put16(ip + 6, (more ? 0x2000u : 0u) | from / 8);
	put16(ip + 10, 0);
	put16(ip + 10, sum_done(sum16(0, ip, 20)));
	give(r, &b);
}

static void
test_fragments(const unsigned order[3])
{
	static const uint32_t edge[] = { 0, 8, 16, 20 };
	uint8_t datagram[20] = { 0x9c, 0x40, 0x01, 0xf6, 0, 20, 0, 0 };
	struct rig r;

	memcpy(datagram + 8, ask_bytes, 12);
	rig_start(&r);
	for (unsigned i = 0; i < 3; i++)
		give_fragment(&r, datagram, edge[order[i]], edge[order[i] + 1],
		    order[i] != 2);
	CHECK_INT(r.seen.n, 1);
	CHECK_INT(r.seen.frame[0], 3);
	CHECK_INT(flow_counts(r.fs)->datagrams, 1);
	rig_stop(&r);
}

static void
test_fragments_conflict(void)
{
	uint8_t datagram[20] = { 0x9c, 0x40, 0x01, 0xf6, 0, 20, 0, 0 };
	struct rig r;

	memcpy(datagram + 8, ask_bytes, 12);
	rig_start(&r);
	give_fragment(&r, datagram, 0, 16, true);
	datagram[15] ^= 1;
	give_fragment(&r, datagram, 8, 20, false);
	CHECK_INT(r.seen.n, 1);
	CHECK_INT(flow_counts(r.fs)->fragments_conflicting, 1);
	rig_stop(&r);
}

/* ----------------------------------------------------------------- limits */

/* More flows than there is room for: the longest idle goes, and is counted. */
static void
test_table_full(void)
{
	struct flow_config config = FLOW_CONFIG_DEFAULT;
	struct rig r;

	config.flows_max = 64;
	rig_open(&r, config);
	for (uint16_t i = 0; i < 5000; i++) {
		struct peer p = peer_open(&r, (uint16_t)(10000 + i), i);

		send_next(&p, 0, TCP_SYN, NULL, 0);
	}
	CHECK_INT(flow_counts(r.fs)->flows, 5000);
	CHECK_INT(flow_counts(r.fs)->evicted, 5000 - 64);
	rig_stop(&r);
	CHECK_INT(r.seen.tallied, 5000);
}

/* Holes everywhere and hardly any buffer: counted, never stuck. */
static void
test_buffers_full(void)
{
	struct flow_config config = FLOW_CONFIG_DEFAULT;
	struct rig r;

	config.buffer_bytes = 1u << 20;
	rig_open(&r, config);
	for (uint16_t i = 0; i < 2000; i++) {
		struct peer p = peer_open(&r, 502, 100);
		uint8_t junk[1400] = { 0 };

		p.port = (uint16_t)(20000 + i);
		send_next(&p, 0, TCP_SYN, NULL, 0);
		for (uint32_t k = 1; k < 4; k++)
			send_at(&p, 0, TCP_ACK, p.seq[0] + 2000 * k, junk,
			    sizeof(junk));
	}
	CHECK(flow_counts(r.fs)->buffers_full > 0);
	rig_stop(&r);
}

/* The second copy of a frame sent over both networks is marked. */
static void
test_prp(void)
{
	uint8_t body[42] = { 0, 1, 8, 0, 6, 4, 0, 1, 0, 0x1c, 6, 0, 0, 1, 10, 0,
		0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2 };
	struct built b = { .n = 14 + 40 + 6 };
	struct rig r;

	rig_start(&r);
	memset(b.b, 0xff, 6);
	memcpy(b.b + 6, "\x00\x1c\x06\x00\x00\x01", 6);
	put16(b.b + 12, 0x0806);
	memcpy(b.b + 14, body, 40);
	for (uint32_t lan = 0xa; lan <= 0xb; lan++) {
		put16(b.b + 54, 77);
		put16(b.b + 56, lan << 12 | 46);
		put16(b.b + 58, 0x88fb);
		give(&r, &b);
	}
	CHECK_INT(r.seen.n, 2);
	CHECK_INT(flow_counts(r.fs)->duplicates, 1);
	CHECK(r.seen.duplicates > 0);
	rig_stop(&r);
}

int
main(void)
{
	static const unsigned orders[][3] = { { 0, 1, 2 }, { 0, 2, 1 },
		{ 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };

	proto_init();
	test_plain();
	test_segments();
	test_reordered();
	test_sent_again();
	test_copies(false);
	test_copies(true);
	test_gap();
	test_gap_at_end();
	test_mid_stream();
	test_strange_port();
	test_strange_protocol();
	test_new_connection();
	test_vlans_apart();
	for (unsigned i = 0; i < 6; i++)
		test_fragments(orders[i]);
	test_fragments_conflict();
	test_table_full();
	test_buffers_full();
	test_prp();
	return check_done();
}
