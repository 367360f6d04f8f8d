/* conn.c - TCP connections: opened, used for days, closed. */
#include "plant.h"

enum {
	SEGMENT = 1460
};

struct conn
conn_make(struct plant *p, struct host *a, struct host *b, uint16_t dport)
{
	struct conn c = { .a = a, .b = b, .dport = dport };

	if (a->port < 49152)
		a->port = 49152;
	c.sport = a->port++;
	if (a->port == 0)
		a->port = 49152;
	c.seq[0] = rng_u32(&p->wire.rng);
	c.seq[1] = rng_u32(&p->wire.rng);
	return c;
}

void
conn_open(struct plant *p, struct conn *c)
{
	tcp_segment(p, c, 0, TCP_SYN, NULL, 0);
	tcp_segment(p, c, 1, TCP_SYN | TCP_ACK, NULL, 0);
	tcp_segment(p, c, 0, TCP_ACK, NULL, 0);
	c->open = true;
}

void
conn_close(struct plant *p, struct conn *c)
{
	tcp_segment(p, c, 0, TCP_FIN | TCP_ACK, NULL, 0);
	tcp_segment(p, c, 1, TCP_FIN | TCP_ACK, NULL, 0);
	tcp_segment(p, c, 0, TCP_ACK, NULL, 0);
	c->open = false;
}

void
conn_refused(struct plant *p, struct conn *c)
{
	tcp_segment(p, c, 0, TCP_SYN, NULL, 0);
	c->seq[1] = 0;
	tcp_segment(p, c, 1, TCP_RST | TCP_ACK, NULL, 0);
}

void
conn_ack(struct plant *p, struct conn *c, unsigned way)
{
	tcp_segment(p, c, way, TCP_ACK, NULL, 0);
}

void
conn_say(struct plant *p, struct conn *c, unsigned way, const struct msg *m)
{
	size_t at = 0;

	while (m->n - at > SEGMENT) {
		tcp_segment(p, c, way, TCP_ACK, m->b + at, SEGMENT);
		at += SEGMENT;
	}
	tcp_segment(p, c, way, TCP_PSH | TCP_ACK, m->b + at, m->n - at);
}

void
conn_ask(struct plant *p, struct conn *c, const struct msg *ask,
    const struct msg *answer)
{
	conn_say(p, c, 0, ask);
	wire_pass(p, 2000000);
	conn_say(p, c, 1, answer);
	conn_ack(p, c, 0);
}

void
conn_swap(struct plant *p, struct conn *c)
{
	conn_ask(p, c, &p->ask, &p->answer);
}

void
conn_alive(struct plant *p, struct conn *c)
{
	c->seq[0]--;
	tcp_segment(p, c, 0, TCP_ACK, NULL, 0);
	c->seq[0]++;
	tcp_segment(p, c, 1, TCP_ACK, NULL, 0);
}

void
conn_bulk(struct plant *p, struct conn *c, unsigned way, size_t n)
{
	static const uint8_t zero[SEGMENT];

	for (unsigned i = 1; n > 0; i++) {
		size_t part = n < SEGMENT ? n : SEGMENT;

		tcp_segment(p, c, way, TCP_ACK, zero, part);
		n -= part;
		if (i % 4 == 0 || n == 0)
			conn_ack(p, c, 1 - way);
	}
}
