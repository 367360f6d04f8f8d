/*
 * world.h - a small plant as a mirror would show it, and what can be wrong
 * with mirrors: each field of struct world bends one thing.
 *
 * A client polls two servers by Modbus/TCP, ten times a second, for a while;
 * somebody asks for a host now and then, and somebody announces himself by
 * multicast.
 */
#ifndef MIRROR_WORLD_H
#define MIRROR_WORLD_H

#include "../../src/sensor/sensor.h"
#include "../unit/frames.h"

#define CLIENT 10u
#define SERVERS 2u
#define FIRST_SERVER 20u

enum world_side {
	BOTH_SIDES,
	ONLY_CLIENT,
	ONLY_SERVER,
};
enum world_copy {
	NO_COPY,
	COPY_HERE, /* at the same port, at once */
	COPY_THERE, /* at another port */
	COPY_BEHIND_ROUTER,
	COPY_GROUPS, /* of multicasts and broadcasts only */
	COPY_LATER, /* sent again by its sender: not the mirror's doing */
};

struct world {
	struct mirror_port_config port[2];
	struct mirror_link link[2];
	enum world_side side;
	enum world_copy copy;
	unsigned polls; /* 0: 100 */
	unsigned arps, groups; /* besides, each poll */
	bool no_unicast;
	unsigned goose; /* messages each poll */
	bool web; /* HTTP instead of Modbus */
	unsigned also_web; /* requests besides, each poll */
	uint16_t vlan, outer; /* tags */
	bool two_nets, one_large_net; /* who asks for whom */
	uint32_t snap; /* bytes kept, 0 all */
	unsigned damage; /* every n-th frame, 0 none; fcs: it shows */
	bool fcs;
	bool bad_sums;
	unsigned lose; /* every n-th frame, before the mirror */
	unsigned again; /* every n-th frame is lost, and sent again */
	unsigned erspan; /* type 1, 2, 3 */
	uint16_t session;
	unsigned tunnel_lose, tunnel_swap; /* every n-th */
	bool split; /* the tunnel's packets in fragments */
	int64_t back; /* ns: the clock is set back so far, five times */
	int64_t late; /* ns: what the client says is seen later by it */
	bool by_two; /* servers' direction comes by port 1 */
	unsigned silent_s; /* nothing comes for so long, at the end */
	uint32_t bulk; /* bytes a frame of filler, one a poll */
	uint64_t ours;
};

struct stage {
	struct world w;
	struct sensor *sensor;
	struct tick now;
	uint32_t n, sequence, id[256];
	uint32_t seq[SERVERS][2];
	struct tick stamp;
};

static inline struct sensor *
world_sensor(void)
{
	struct sensor_config c = { .flow = FLOW_CONFIG_DEFAULT,
		.baseline = BASELINE_CONFIG_DEFAULT,
		.convs_max = 4096,
		.inventory_max = 4096,
		.assets_max = 1024,
		.mode = MODE_LEARNING };
	char error[STORE_ERROR];
	struct sensor *s;

	c.flow.flows_max = 4096;
	c.flow.wanted &= ~FACT_MASK(FACT_VALUE);
	s = sensor_new(&c, error);
	if (s == NULL) {
		(void)printf("no sensor: %s\n", error);
		exit(1);
	}
	return s;
}

/* ------------------------------------------------------ the mirror's way */

static inline void
world_frame(struct stage *s, unsigned port, const uint8_t *b, uint32_t n)
{
	const struct world *w = &s->w;
	struct frame f = { .at = s->stamp,
		.bytes = SPAN(b, w->snap != 0 && w->snap < n ? w->snap : n),
		.wire_len = n,
		.number = ++s->n,
		.port = (uint16_t)port,
		.file = (uint16_t)port,
		.link = 1,
		.fcs_len = w->fcs ? 4 : 0 };

	sensor_frame(s->sensor, &f);
}

static inline void
world_tag(uint8_t *b, uint32_t *n, uint32_t vlan)
{
	memmove(b + 16, b + 12, *n - 12);
	put16(b + 12, 0x8100);
	put16(b + 14, vlan);
	*n += 4;
}

/* The frame in a tunnel of the switch 10.0.0.254 to 10.0.0.253. */
static inline void
world_erspan(struct stage *s, unsigned port, const uint8_t *b, uint32_t n)
{
	const struct world *w = &s->w;
	uint8_t body[2048] = { 0 };
	struct built f;
	uint32_t at = 4, type = w->erspan == 3 ? 0x22eb : 0x88be;

	put16(body, w->erspan > 1 ? 0x1000 : 0);
	put16(body + 2, type);
	if (w->erspan > 1) {
		put32(body + at, s->sequence);
		at += 4;
		put16(body + at, w->erspan == 3 ? 0x2000 : 0x1000);
		put16(body + at + 2, w->session);
		at += w->erspan == 3 ? 12 : 8;
	}
	memcpy(body + at, b, n);
	build_ip(&f, 254, 253, 0, 47, body, at + n);
	s->sequence++;
	if (w->tunnel_lose != 0 && s->sequence % w->tunnel_lose == 0)
		return;
	if (!w->split) {
		world_frame(s, port, f.b, f.n);
		return;
	}
	build_ip(&f, 254, 253, 0, 47, body, 40);
	put16(f.b + 14 + 4, s->sequence);
	put16(f.b + 14 + 6, 0x2000);
	put16(f.b + 14 + 10, 0);
	put16(f.b + 14 + 10, sum_done(sum16(0, f.b + 14, 20)));
	world_frame(s, port, f.b, f.n);
	build_ip(&f, 254, 253, 0, 47, body + 40, at + n - 40);
	put16(f.b + 14 + 4, s->sequence);
	put16(f.b + 14 + 6, 5);
	put16(f.b + 14 + 10, 0);
	put16(f.b + 14 + 10, sum_done(sum16(0, f.b + 14, 20)));
	world_frame(s, port, f.b, f.n);
}

static inline void
world_out(struct stage *s, unsigned port, const struct built *of)
{
	const struct world *w = &s->w;
	struct built f = *of;

	if (w->vlan != 0)
		world_tag(f.b, &f.n, w->vlan);
	if (w->outer != 0)
		world_tag(f.b, &f.n, w->outer);
	while (f.n < 60)
		f.b[f.n++] = 0;
	if (w->fcs) {
		/* a right one is not needed where it is wrong */
		memset(f.b + f.n, 0xa5, 4);
		f.n += 4;
	}
	if (w->erspan != 0)
		world_erspan(s, port, f.b, f.n);
	else
		world_frame(s, port, f.b, f.n);
}

static inline void
world_ip_id(struct stage *s, struct built *f)
{
	uint8_t *ip = f->b + 14;

	if (f->b[12] != 8 || f->b[13] != 0)
		return;
	put16(ip + 4, ++s->id[ip[15]]);
	put16(ip + 10, 0);
	put16(ip + 10, sum_done(sum16(0, ip, 20)));
	if (s->w.bad_sums)
		ip[36] ^= 0x55; /* TCP's sum */
}

/* A frame that somebody sent: what becomes of it. */
static inline void
world_send(struct stage *s, unsigned port, struct built *f)
{
	const struct world *w = &s->w;
	bool group = (f->b[0] & 1) != 0;
	struct built g;

	s->now.ns += 200000;
	s->stamp = s->now;
	world_ip_id(s, f);
	if (w->lose != 0 && !group && s->n % w->lose == w->lose - 1) {
		s->n++;
		return;
	}
	world_out(s, port, f);
	if (w->copy == COPY_HERE || (w->copy == COPY_GROUPS && group) ||
	    w->copy == COPY_THERE) {
		s->stamp.ns += 20000;
		world_out(s, w->copy == COPY_THERE ? 1 : port, f);
	}
	if (w->copy == COPY_BEHIND_ROUTER && !group) {
		g = *f;
		g.b[5] ^= 0x40;
		g.b[11] ^= 0x40;
		g.b[14 + 8]--;
		put16(g.b + 14 + 10, 0);
		put16(g.b + 14 + 10, sum_done(sum16(0, g.b + 14, 20)));
		s->stamp.ns += 20000;
		world_out(s, port, &g);
	}
	if (w->copy == COPY_LATER) {
		g = *f;
		world_ip_id(s, &g);
		s->now.ns += 5000000;
		s->stamp = s->now;
		world_out(s, port, &g);
	}
}

/* ------------------------------------------------------------- the plant */

static inline void
world_arp(struct stage *s, uint32_t net, uint32_t from, uint32_t to_net,
    uint32_t to)
{
	struct built f = { .b = { 255, 255, 255, 255, 255, 255, 0, 0x1c, 6, 0,
			       0, (uint8_t)from, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1,
			       0, 0x1c, 6, 0, 0, (uint8_t)from },
		.n = 42 };

	put32(f.b + 28, 0x0a000000u | net << 8 | from);
	put32(f.b + 38, 0x0a000000u | to_net << 8 | to);
	world_send(s, 0, &f);
}

static inline void
world_multicast(struct stage *s)
{
	uint8_t body[12] = { 0x12, 0x34, 0x76, 0x6c, 0, 4 };
	struct built f;

	build_udp(&f, CLIENT, 1, 5353, 5353, body, sizeof(body));
	memcpy(f.b, (const uint8_t[]){ 1, 0, 0x5e, 0, 0, 0xfb }, 6);
	put32(f.b + 14 + 16, 0xe00000fbu);
	put16(f.b + 14 + 26, 0); /* no sum */
	world_send(s, 0, &f);
}

/* Not whole, but enough to be what it is. */
static inline void
world_goose(struct stage *s)
{
	struct built f = { .b = { 1, 0x0c, 0xcd, 1, 0, 1, 0, 0x21, 0xc1, 1, 2,
			       3, 0x88, 0xb8, 0, 1, 0, 40 },
		.n = 64 };

	put32(f.b + 40, s->n);
	world_send(s, 0, &f);
}

static inline void
world_tcp(struct stage *s, unsigned server, bool from_client, uint16_t port,
    const uint8_t *data, uint32_t n)
{
	const struct world *w = &s->w;
	struct tcp_at t = {
		.src = (uint8_t)(from_client ? CLIENT : FIRST_SERVER + server),
		.dst = (uint8_t)(from_client ? FIRST_SERVER + server : CLIENT),
		.sport = from_client ? (uint16_t)(40000 + server) : port,
		.dport = from_client ? port : (uint16_t)(40000 + server),
		.seq = s->seq[server][!from_client],
		.ack = s->seq[server][from_client],
		.flags = n > 0 ? 0x18 : 0x10
	};
	struct built f;

	s->seq[server][!from_client] += n;
	if (w->no_unicast || (w->side == ONLY_CLIENT && !from_client) ||
	    (w->side == ONLY_SERVER && from_client))
		return;
	build_tcp(&f, &t, data, n);
	world_send(s, w->by_two && !from_client ? 1 : 0, &f);
}

static inline void
world_poll(struct stage *s, unsigned i, unsigned server)
{
	const uint8_t ask[] = { (uint8_t)(i >> 8), (uint8_t)i, 0, 0, 0, 6, 1, 3,
		0, 10, 0, 2 };
	const uint8_t tell[] = { (uint8_t)(i >> 8), (uint8_t)i, 0, 0, 0, 7, 1,
		3, 4, 0, 1, 0, 2 };
	static const char get[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
			  got[] = "HTTP/1.1 204 No Content\r\n\r\n";
	const struct world *w = &s->w;
	struct tick was = s->now;

	if (w->web) {
		world_tcp(s, server, true, 80, (const uint8_t *)get,
		    sizeof(get) - 1);
		world_tcp(s, server, false, 80, (const uint8_t *)got,
		    sizeof(got) - 1);
		return;
	}
	if (w->late != 0) {
		/* the answer is seen first, the question after it */
		uint32_t seq = s->seq[server][0];

		s->seq[server][0] += (uint32_t)sizeof(ask);
		world_tcp(s, server, false, 502, tell, sizeof(tell));
		s->seq[server][0] = seq;
		s->now.ns = was.ns + w->late;
		world_tcp(s, server, true, 502, ask, sizeof(ask));
		return;
	}
	world_tcp(s, server, true, 502, ask, sizeof(ask));
	world_tcp(s, server, false, 502, tell, sizeof(tell));
	world_tcp(s, server, true, 502, NULL, 0);
}

static inline void
world_also(struct stage *s, unsigned i)
{
	const struct world *w = &s->w;
	uint8_t filler[1400] = { 0 };
	struct built f;

	if (i % 10 == 0) {
		world_arp(s, 0, CLIENT, 0, FIRST_SERVER + i / 10 % 2);
		world_multicast(s);
	}
	if (w->two_nets && i % 10 < 4)
		world_arp(s, 1 + i % 2, 10 + i % 4, 1 + i % 2, 30);
	if (w->one_large_net && i % 10 < 4)
		world_arp(s, 1 + i % 2, 10 + i % 4, 2 - i % 2, 30);
	for (unsigned k = 0; k < w->arps; k++)
		world_arp(s, 0, CLIENT + k % 2, 0, 100 + k % 50);
	for (unsigned k = 0; k < w->groups; k++)
		world_multicast(s);
	for (unsigned k = 0; k < w->goose; k++)
		world_goose(s);
	for (unsigned k = 0; k < w->also_web; k++) {
		build_udp(&f, CLIENT, 30, 50000, 53,
		    (const uint8_t[]){ 0, (uint8_t)k, 1, 0, 0, 1, 0, 0, 0, 0, 0,
			0, 1, 'a', 0, 0, 1, 0, 1 },
		    19);
		world_send(s, 0, &f);
	}
	if (w->bulk != 0) {
		build_udp(&f, CLIENT, 31, 50001, 50001, filler, 1400);
		for (uint32_t k = 0; k < w->bulk; k++)
			world_send(s, 0, &f);
	}
}

static inline void
world_run(struct stage *s)
{
	const struct world *w = &s->w;
	struct mirrors *m;
	unsigned polls = w->polls != 0 ? w->polls : 100;

	s->now.ns = INT64_C(1768200000) * TICK_SECOND;
	s->sensor = world_sensor();
	m = sensor_mirror(s->sensor);
	for (unsigned i = 0; i < 2; i++) {
		if (w->port[i].kind != 0 || w->port[i].name[0] != '\0')
			mirror_port(m, i, &w->port[i]);
		if (w->link[i].live)
			mirror_link(m, i, &w->link[i]);
	}
	for (unsigned i = 0; i < polls; i++) {
		int64_t next = s->now.ns + TICK_SECOND / 10;

		for (unsigned k = 0; k < SERVERS; k++)
			world_poll(s, i, k);
		world_also(s, i);
		s->now.ns = s->now.ns > next ? s->now.ns : next;
		if (w->back != 0 && i % 20 == 19)
			s->now.ns = s->stamp.ns - w->back;
	}
	mirror_ours(m, w->ours);
	for (unsigned i = 0; i < w->silent_s; i++) {
		s->now.ns += TICK_SECOND;
		mirror_clock(m, s->now);
	}
}

static inline void
world_end(struct stage *s)
{
	sensor_free(s->sensor);
	s->sensor = NULL;
}

#endif
