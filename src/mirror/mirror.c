/*
 * mirror.c - see mirror.h: capture points, and what is counted at each.
 *
 * Points 0 to MIRROR_PORTS - 1 are the ports; sessions of ERSPAN and VLANs of
 * RSPAN come behind them as they are seen.  A packet counts at its port and,
 * where it came in one, at its session.
 */
#include "mirror.h"

#include <stdlib.h>
#include <string.h>

#include "../proto/proto.h"
#include "private.h"

#define BACKWARD (TICK_SECOND / 1000)
#define PROTO_GRE 47u
#define TYPE_ARP 0x0806u

struct mirrors *
mirror_new(void)
{
	struct mirrors *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->copies = copies_new();
	m->pairs = pairs_new();
	m->orders = orders_new();
	if (m->copies == NULL || m->pairs == NULL || m->orders == NULL) {
		mirror_free(m);
		return NULL;
	}
	m->n = MIRROR_PORTS;
	for (unsigned i = 0; i < MIRROR_PORTS; i++)
		m->config[i].kind = MIRROR_ANY;
	return m;
}

void
mirror_free(struct mirrors *m)
{
	if (m == NULL)
		return;
	copies_free(m->copies);
	pairs_free(m->pairs);
	orders_free(m->orders);
	free(m);
}

/* ----------------------------------------------------------------- points */

static struct point *
point_init(struct point *pt, unsigned port)
{
	pt->port = (uint8_t)port;
	pt->known = true;
	pt->tag = TAG_NONE - 2;
	return pt;
}

static struct point *
port_point(struct mirrors *m, unsigned port)
{
	struct point *pt = &m->point[port];

	if (pt->kind == POINT_NONE) {
		(void)point_init(pt, port);
		pt->kind = POINT_PORT;
	}
	return pt;
}

static bool
is_expected(const struct mirror_port_config *c, uint16_t session)
{
	for (uint32_t i = 0; i < c->n_session; i++)
		if (c->session[i].id == session)
			return true;
	return c->n_session == 0;
}

/* Sessions beyond the last point count at the port only. */
static struct point *
session_point(struct mirrors *m, unsigned port, const struct packet *p)
{
	const struct mirror_port_config *c = &m->config[port];
	bool erspan = p->mirror.type != 0;
	struct point *pt;

	for (unsigned i = MIRROR_PORTS; i < m->n; i++) {
		pt = &m->point[i];
		if (pt->port == port &&
		    (erspan ? pt->kind == POINT_ERSPAN &&
				pt->session == p->mirror.session &&
				pt->type == p->mirror.type &&
				ip_same(&pt->from, &p->mirror.from)
			    : pt->kind == POINT_RSPAN &&
				pt->vlan == c->rspan_vlan))
			return pt;
	}
	if (m->n == MIRROR_POINTS)
		return NULL;
	pt = point_init(&m->point[m->n++], port);
	pt->kind = erspan ? POINT_ERSPAN : POINT_RSPAN;
	pt->vlan = erspan ? 0 : c->rspan_vlan;
	if (erspan) {
		pt->session = p->mirror.session;
		pt->type = p->mirror.type;
		pt->from = p->mirror.from;
		pt->known = p->mirror.type == 1 || is_expected(c, pt->session);
	}
	return pt;
}

void
mirror_port(struct mirrors *m, unsigned port,
    const struct mirror_port_config *config)
{
	struct point *pt = port_point(m, port);

	m->config[port] = *config;
	for (unsigned i = MIRROR_PORTS; i < m->n; i++) {
		pt = &m->point[i];
		if (pt->port == port && pt->kind == POINT_ERSPAN)
			pt->known =
			    pt->type == 1 || is_expected(config, pt->session);
	}
}

void
mirror_link(struct mirrors *m, unsigned port, const struct mirror_link *link)
{
	struct point *pt = port_point(m, port);

	m->link[port] = *link;
	pt->count[COUNT_KERNEL] = link->kernel_dropped;
	pt->count[COUNT_NIC] = link->nic_missed;
	pt->count[COUNT_SENT] = link->sent;
}

void
mirror_ours(struct mirrors *m, uint64_t lost)
{
	m->ours = lost;
}

/* ---------------------------------------------------------------- windows */

static void
window_next(struct mirrors *m, unsigned i, struct tick now)
{
	struct point *pt = &m->point[i];

	pairs_sweep(m->pairs, m->point, i);
	if (pt->n_before == WINDOWS) {
		memmove(pt->before, pt->before + 1,
		    sizeof(pt->before) - sizeof(pt->before[0]));
		memmove(pt->window_first, pt->window_first + 1,
		    sizeof(pt->window_first) - sizeof(pt->window_first[0]));
		pt->n_before--;
	}
	memcpy(pt->before[pt->n_before], pt->count, sizeof(pt->count));
	pt->window_first[pt->n_before++] = now;
	pt->window = now;
	pt->peak_before = pt->peak_bytes;
	pt->peak_bytes = 0;
}

void
mirror_clock(struct mirrors *m, struct tick now)
{
	m->now = now;
	for (unsigned i = 0; i < m->n; i++) {
		struct point *pt = &m->point[i];
		int64_t gone = tick_since(now, pt->window);

		if (pt->kind == POINT_NONE)
			continue;
		if (pt->window.ns == 0)
			pt->window = now;
		else if (gone >= WINDOW || gone < -WINDOW)
			window_next(m, i, now);
	}
}

void
mirror_clock_set(struct mirrors *m, int64_t by)
{
	m->now.ns += by;
	for (unsigned i = 0; i < m->n; i++) {
		struct point *pt = &m->point[i];

		if (pt->kind == POINT_NONE || pt->window.ns == 0)
			continue;
		pt->first.ns += by;
		pt->last.ns += by;
		pt->window.ns += by;
		for (unsigned k = 0; k < pt->n_before; k++)
			pt->window_first[k].ns += by;
	}
}

/* --------------------------------------------------------------- counting */

static void
count_second(struct point *pt, const struct packet *p)
{
	const int64_t gone = p->at.ns - pt->second;

	if (gone < 0 || gone >= TICK_SECOND) {
		pt->second = p->at.ns - p->at.ns % TICK_SECOND;
		pt->second_bytes = 0;
	}
	/* on the wire: preamble, check sequence, gap (IEEE 802.3 4.2) */
	pt->second_bytes += p->frame->wire_len + 24;
	if (pt->second_bytes > pt->peak_bytes)
		pt->peak_bytes = pt->second_bytes;
}

static void
count_vlans(struct point *pt, const struct packet *p)
{
	const uint32_t outer = p->n_vlan > 0 ? p->vlan[0] : TAG_NONE;

	if (p->n_vlan > 0) {
		pt->count[COUNT_TAGGED]++;
		pt->count[COUNT_TWICE_TAGGED] += p->n_vlan > 1;
		for (unsigned i = 0; i < p->n_vlan; i++)
			pt->vlans[p->vlan[i] / 64 % 64] |= UINT64_C(1)
			    << (p->vlan[i] & 63);
	}
	if (pt->tag == outer)
		return;
	pt->tag = pt->tag == TAG_NONE - 2 ? outer : TAG_MANY;
}

static void
count_damage(struct point *pt, const struct packet *p)
{
	pt->count[COUNT_CUT] += (p->notes & NOTE_CUT) != 0;
	pt->count[COUNT_OVERLONG] += (p->notes & NOTE_BAD_LENGTH) != 0;
	pt->count[COUNT_BAD_FCS] += (p->notes & NOTE_BAD_FCS) != 0;
	pt->count[COUNT_RUNT] += (p->notes & NOTE_RUNT) != 0;
	pt->count[COUNT_BAD_SUM] +=
	    (p->notes & (NOTE_BAD_IP_SUM | NOTE_BAD_L4_SUM)) != 0;
}

/* Process data that go to groups: GOOSE, SV, PROFINET, EtherCAT, SERCOS III,
 * POWERLINK, CC-Link IE (ethertypes: IEEE registration authority). */
static bool
is_process(uint32_t type)
{
	return type == 0x88b8 || type == 0x88ba || type == 0x8892 ||
	    type == 0x88a4 || type == 0x88cd || type == 0x88ab ||
	    type == 0x890f;
}

static void
count_kind(struct point *pt, const struct packet *p)
{
	static const struct mac all = { { 255, 255, 255, 255, 255, 255 } };
	const bool group =
	    p->has_mac ? mac_is_group(&p->dst_mac) : ip_is_group(&p->dst_ip);

	if (!group)
		pt->count[COUNT_UNICAST]++;
	else if (p->has_mac && mac_same(&p->dst_mac, &all))
		pt->count[COUNT_BROADCAST]++;
	else
		pt->count[COUNT_MULTICAST]++;
	if (!p->has_mac || p->via != VIA_ETHER)
		return;
	pt->count[COUNT_ARP] += p->service == TYPE_ARP;
	pt->count[COUNT_PROCESS] += is_process(p->service);
}

static void
count_packet(struct point *pt, const struct packet *p)
{
	if (pt->count[COUNT_PACKETS]++ == 0)
		pt->first = pt->last = pt->window = p->at;
	pt->count[COUNT_BYTES] += p->frame->wire_len;
	if (p->at.ns > pt->last.ns)
		pt->last = p->at;
	else
		pt->count[COUNT_BACKWARD] +=
		    tick_since(pt->last, p->at) > BACKWARD;
	if (p->mirror.type != 0)
		pt->count[COUNT_MIRRORED]++;
	if (p->frag.is)
		pt->count[COUNT_SPLIT_TUNNEL] +=
		    p->via == VIA_IP && p->service == PROTO_GRE;
	count_second(pt, p);
	count_kind(pt, p);
	count_vlans(pt, p);
	if (p->notes != 0)
		count_damage(pt, p);
}

static void
count_copy(struct point *pt, enum copy copy, bool group)
{
	static const enum count of[] = { [COPY_PORT] = COUNT_COPIES_PORT,
		[COPY_ROUTED] = COUNT_COPIES_ROUTED,
		[COPY_TAG] = COUNT_COPIES_TAG };

	pt->count[COUNT_COPIES]++;
	if (copy == COPY_SAME)
		pt->count[COUNT_COPIES_GROUP] += group;
	else
		pt->count[of[copy]]++;
}

static struct subnet *
subnet_of(struct point *pt, const uint8_t *ip)
{
	uint32_t i = 0;

	while (i < pt->n_subnet && memcmp(pt->subnet[i].net, ip, 3) != 0)
		i++;
	if (i == SUBNETS)
		return NULL;
	if (i == pt->n_subnet)
		memcpy(pt->subnet[pt->n_subnet++].net, ip, 3);
	return &pt->subnet[i];
}

/* Who asks for whom on this wire: an ARP request's sender and target. */
static void
count_arp(struct point *pt, const struct packet *p)
{
	const uint8_t *b = p->payload.p, *from, *to;
	struct subnet *s, *other;

	if (p->payload.n < 28 || b[7] != 1)
		return;
	from = b + 14;
	to = b + 24;
	/* no address yet, none given, or announcing one's own */
	if (from[0] == 0 || from[0] == 169 || memcmp(from, to, 4) == 0)
		return;
	s = subnet_of(pt, from);
	if (s == NULL)
		return;
	if (memcmp(from, to, 3) != 0) {
		other = subnet_of(pt, to);
		s->is_part = true;
		if (other != NULL)
			other->is_part = true;
		return;
	}
	if (s->n_hosts == 0 || (s->n_hosts == 1 && s->host[0] != from[3]))
		s->host[s->n_hosts++] = from[3];
}

/* The two halves of a TAP are one point to those who speak. */
static unsigned
joined(const struct mirrors *m, unsigned port)
{
	if (m->config[port].kind != MIRROR_TAP_TX)
		return port;
	for (unsigned i = 0; i < MIRROR_PORTS; i++)
		if (m->config[i].kind == MIRROR_TAP_RX)
			return i;
	return port;
}

/* A known RSPAN VLAN is the mirror's, not the traffic's. */
static bool
take_rspan(const struct mirrors *m, unsigned port, struct packet *p)
{
	uint16_t vlan = m->config[port].rspan_vlan;

	if (vlan == 0 || p->n_vlan == 0 || p->vlan[0] != vlan)
		return false;
	p->n_vlan--;
	memmove(p->vlan, p->vlan + 1, sizeof(p->vlan) - sizeof(p->vlan[0]));
	memmove(p->vlan_pcp, p->vlan_pcp + 1,
	    sizeof(p->vlan_pcp) - sizeof(p->vlan_pcp[0]));
	return true;
}

static unsigned
port_of(const struct packet *p)
{
	return p->frame->port < MIRROR_PORTS ? p->frame->port
					     : MIRROR_PORTS - 1;
}

void
mirror_ahead(const struct mirrors *m, struct packet *p,
    struct mirror_place *ret)
{
	const unsigned port = port_of(p);

	ret->rspan = take_rspan(m, port, p);
	ret->copy = copies_hash(m->copies, p);
	ret->pair = pairs_hash(m->pairs, p, joined(m, port));
	orders_ahead(m->orders, p);
}

/* What one of the packet's points counts. */
static void
at_point(struct mirrors *m, struct point *pt, const struct packet *p,
    const struct mirror_place *place, enum copy copy, bool drop)
{
	const unsigned at = (unsigned)(pt - m->point),
		       pair = at < MIRROR_PORTS ? joined(m, at) : at;

	count_packet(pt, p);
	if (copy != COPY_NOT)
		count_copy(pt, copy, packet_to_group(p));
	if (p->via == VIA_ETHER && p->service == TYPE_ARP)
		count_arp(pt, p);
	if (tick_since(p->at, pt->window) >= WINDOW)
		window_next(m, at, p->at);
	if (!drop && place->pair != 0)
		pairs_packet(m->pairs, &m->point[pair], pair, p, place->pair);
}

bool
mirror_packet(struct mirrors *m, const struct packet *p,
    const struct mirror_place *place)
{
	const unsigned port = port_of(p);
	struct point *session = NULL;
	enum copy copy;
	bool drop;

	m->now = p->at;
	m->here[0] = port_point(m, port);
	m->n_here = 1;
	if (place->rspan || p->mirror.type != 0)
		session = session_point(m, port, p);
	if (session != NULL)
		m->here[m->n_here++] = session;
	copy = copies_seen(m->copies, p, place->copy, port, &drop);
	for (unsigned i = 0; i < m->n_here; i++)
		at_point(m, m->here[i], p, place, copy, drop);
	if (!drop)
		orders_packet(m->orders, m->here[0], p);
	if (session != NULL && p->mirror.has_sequence)
		orders_tunnel(session, p->mirror.sequence);
	return !drop;
}

void
mirror_fact(struct mirrors *m, const struct fact *f, const struct talk *t)
{
	if (!f->is_message || m->n_here == 0)
		return;
	for (unsigned i = 0; i < m->n_here; i++) {
		struct point *pt = m->here[i];

		pt->count[COUNT_MESSAGES]++;
		if (!protos[f->proto]->ot)
			continue;
		pt->count[COUNT_INDUSTRIAL]++;
		pt->protos[f->proto / 64] |= UINT64_C(1) << f->proto % 64;
	}
	orders_fact(m->orders, m->here[0], f, t);
}

void
mirror_holes(struct mirrors *m, uint64_t holes)
{
	for (unsigned i = 0; i < m->n_here; i++)
		m->here[i]->count[COUNT_HOLES] += holes;
}

unsigned
mirror_points(const struct mirrors *m)
{
	return m->n;
}

bool
mirror_is_silent(const struct mirrors *m, unsigned port, int64_t *ret_ns)
{
	const struct point *pt = &m->point[port];

	if (!m->link[port].live)
		return false;
	*ret_ns = pt->count[COUNT_PACKETS] > 0 ? m->now.ns - pt->last.ns
					       : m->now.ns - pt->window.ns;
	return true;
}
