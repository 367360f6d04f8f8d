/*
 * talk.c - which end is the client.
 *
 * A SYN tells.  Without one: the port a protocol is known for, then the
 * protocol's own word (struct proto's way()), then a port below 1024 against
 * one above, then who spoke first.  Only the first two are sure.
 */
#include <string.h>

#include "private.h"

static struct addr
end_of(const struct packet *p, bool source)
{
	struct addr a = { .ip = source ? p->src_ip : p->dst_ip,
		.mac = source ? p->src_mac : p->dst_mac,
		.has_mac = p->has_mac };

	return a;
}

static bool
port_is_known(enum via via, uint16_t port)
{
	for (uint32_t i = 1; port != 0 && i < n_protos; i++)
		if (proto_expects(protos[i], via, port))
			return true;
	return false;
}

/* Whether the sender of a flow's first packet is its client. */
static bool
sender_is_client(const struct packet *p, bool *ret_sure)
{
	enum via via = (enum via)p->via;
	bool to_known, from_known;

	*ret_sure = true;
	if (via == VIA_TCP && (p->tcp_flags & TCP_SYN) != 0)
		return (p->tcp_flags & TCP_ACK) == 0;
	if ((via != VIA_TCP && via != VIA_UDP && via != VIA_SCTP) ||
	    packet_to_group(p))
		return true;
	to_known = port_is_known(via, p->dst_port);
	from_known = port_is_known(via, p->src_port);
	if (to_known != from_known)
		return to_known;
	*ret_sure = false;
	if (p->dst_port == p->src_port)
		return true;
	if ((p->dst_port < 1024) != (p->src_port < 1024))
		return p->dst_port < 1024;
	return via == VIA_UDP || p->dst_port < p->src_port;
}

void
talk_begin(struct flows *fs, struct flow *f, const struct packet *p,
    unsigned side)
{
	struct talk *t = &f->talk;
	bool sure;
	bool from_client = sender_is_client(p, &sure);

	t->client = end_of(p, from_client);
	t->server = end_of(p, !from_client);
	t->client_port = from_client ? p->src_port : p->dst_port;
	t->server_port = from_client ? p->dst_port : p->src_port;
	t->service = p->service;
	t->vlan = f->key.vlan;
	t->session = f->key.session;
	t->via = p->via;
	t->sure = sure;
	t->first = t->last = p->at;
	t->flow = ++fs->next_id;
	f->client_side = (uint8_t)(from_client ? side : !side);
}

void
talk_tally(struct flows *fs, struct flow *f)
{
	struct talk *t = &f->talk;

	fs->listener.tally(fs->listener.ctx, t);
	t->note = 0;
	memset(t->packets, 0, sizeof(t->packets));
	memset(t->bytes, 0, sizeof(t->bytes));
	memset(t->told_packets, 0, sizeof(t->told_packets));
	memset(t->told_bytes, 0, sizeof(t->told_bytes));
}

#define KNOWN_LATER (60 * TICK_SECOND)

void
talk_tell(struct flows *fs, struct flow *f)
{
	struct talk *t = &f->talk;

	if (t->packets[0] == t->told_packets[0] &&
	    t->packets[1] == t->told_packets[1])
		return;
	if (t->proto == PROTO_UNKNOWN &&
	    tick_since(t->last, t->first) < KNOWN_LATER)
		return;
	fs->listener.sofar(fs->listener.ctx, t);
	memcpy(t->told_packets, t->packets, sizeof(t->told_packets));
	memcpy(t->told_bytes, t->bytes, sizeof(t->told_bytes));
}

void
talk_turn(struct flow *f)
{
	struct talk *t = &f->talk;
	const struct addr client = t->client;
	const uint16_t port = t->client_port;
	const uint32_t packets = t->packets[0];
	const uint64_t bytes = t->bytes[0];
	const uint8_t ttl = t->ttl[0];
	const uint32_t told_packets = t->told_packets[0];
	const uint64_t told_bytes = t->told_bytes[0];

	t->client = t->server;
	t->client_port = t->server_port;
	t->server = client;
	t->server_port = port;
	t->packets[0] = t->packets[1];
	t->packets[1] = packets;
	t->bytes[0] = t->bytes[1];
	t->bytes[1] = bytes;
	t->told_packets[0] = t->told_packets[1];
	t->told_packets[1] = told_packets;
	t->told_bytes[0] = t->told_bytes[1];
	t->told_bytes[1] = told_bytes;
	t->ttl[0] = t->ttl[1];
	t->ttl[1] = ttl;
	t->note = 0;
	f->client_side = !f->client_side;
}
