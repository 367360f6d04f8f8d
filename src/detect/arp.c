/*
 * arp.c - who claims which address.
 *
 * An address that moves is nothing: cards are changed, leases end, a standby
 * takes over.  That two hosts claim one address in turn, or that answers come
 * to nobody's question, is what somebody in between does.
 */
#include <stdio.h>
#include <string.h>

#include "../base/hash.h"
#include "watch.h"

#define ALIVE (120 * TICK_SECOND)
#define LIVES 3600u
#define RETURNS (3600 * TICK_SECOND) /* there and back again */
#define OWN_MAX 16u /* addresses of one device; more: it has many */
#define OWN_LIVES 86400u
#define LEASE_SECONDS 120u
#define QUESTION_SECONDS 10u

enum op {
	OP_REQUEST = 1,
	OP_REPLY = 2,
};

/* Which MAC address an IP address was last seen with, and before. */
struct binding {
	struct mac now, before;
	bool bound, moved;
	int64_t seen, seen_before;
};

static uint64_t
ip_key(const struct ip *ip, uint16_t vlan)
{
	return hash_bytes(ip->b, ip->len, vlan);
}

/*
 * Shared on purpose: VRRP, CARP and GLBP, HSRP (both versions), clusters of
 * Microsoft's load balancing.
 */
static bool
is_shared(const struct mac *m)
{
	static const struct {
		uint8_t n, b[5];
	} heads[] = {
		{ 5, { 0x00, 0x00, 0x5e, 0x00, 0x01 } },
		{ 5, { 0x00, 0x00, 0x5e, 0x00, 0x02 } },
		{ 5, { 0x00, 0x00, 0x0c, 0x07, 0xac } },
		{ 4, { 0x00, 0x00, 0x0c, 0x9f } },
		{ 4, { 0x00, 0x07, 0xb4, 0x00 } },
		{ 2, { 0x02, 0xbf } },
	};

	for (uint32_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (memcmp(m->b, heads[i].b, heads[i].n) == 0)
			return true;
	return false;
}

/* ------------------------------------------------------------- raising */

static void
raise_two(struct detect *d, const struct event *e, enum alert_id row,
    const struct ip *ip, const struct mac *comer, const struct mac *holder)
{
	const struct addr from = { .ip = *ip, .mac = *comer, .has_mac = true };
	const struct addr to = { .ip = *ip, .mac = *holder, .has_mac = true };
	char text[192], at[ADDR_TEXT_MAX], a[MAC_TEXT_MAX], b[MAC_TEXT_MAX];

	(void)snprintf(text, sizeof(text), "%s is claimed by %s and by %s",
	    ip_text(ip, at), mac_text(comer, a), mac_text(holder, b));
	detect_raise(d, e,
	    &(struct finding){ .row = row,
		.text = text,
		.source = &from,
		.destination = &to,
		.extra =
		    hash_bytes(comer->b, 6, 0) ^ hash_bytes(holder->b, 6, 0) });
}

/* Asks for an address, or got one, by DHCP. */
static bool
is_leased(struct detect *d, const struct mac *m, struct tick now)
{
	return memory_peek(detect_memory(d),
		   ALERT_COUNT + ALERT_address_announced,
		   hash_bytes(m->b, 6, 0), now) != NULL;
}

/* When a MAC address last spoke of any address of its own. */
static int64_t *
spoke(struct detect *d, const struct mac *m, struct tick now)
{
	return memory_cell(detect_memory(d), ALERT_address_taken,
	    hash_bytes(m->b, 6, 0), now, LIVES);
}

/* What is there must not move unnoticed: controllers and routers. */
static bool
note_move(struct detect *d, const struct event *e, const struct ip *ip,
    const struct binding *b)
{
	const struct addr addr = { .ip = *ip };
	struct assets *assets = detect_assets(d);
	const struct asset *a =
	    asset_at(assets, asset_of(assets, &addr, e->talk->vlan));

	if (!watch_is(a, ASSET_CONTROLLER | ASSET_SAFETY | ASSET_ROUTER))
		return false;
	raise_two(d, e, ALERT_controller_address_moved, ip, &b->now,
	    &b->before);
	return true;
}

/* Its holder is alive, though it has not spoken of this address lately. */
static void
note_taken(struct detect *d, const struct event *e, const struct ip *ip,
    const struct binding *b)
{
	const int64_t last = *spoke(d, &b->before, e->at);

	if (last != 0 && e->at.ns - last <= ALIVE &&
	    !is_leased(d, &b->now, e->at) && !is_leased(d, &b->before, e->at))
		raise_two(d, e, ALERT_address_taken, ip, &b->now, &b->before);
}

/* ------------------------------------------------------------- bindings */

static void
take(struct binding *b, const struct mac *m, int64_t at)
{
	b->before = b->now;
	b->seen_before = b->seen;
	b->now = *m;
	b->seen = at;
	b->moved = true;
}

static void
claim(struct detect *d, const struct event *e, const struct ip *ip,
    const struct mac *m)
{
	struct binding *b;
	bool alive, again;

	if (is_shared(m))
		return;
	*spoke(d, m, e->at) = e->at.ns;
	b = memory_cell(detect_memory(d), ALERT_arp_spoofing,
	    ip_key(ip, e->talk->vlan), e->at, LIVES);
	if (!b->bound) {
		*b = (struct binding){ .now = *m,
			.bound = true,
			.seen = e->at.ns };
		return;
	}
	if (mac_same(&b->now, m)) {
		b->seen = e->at.ns;
		return;
	}
	alive = e->at.ns - b->seen <= ALIVE;
	again = b->moved && mac_same(&b->before, m) &&
	    e->at.ns - b->seen_before <= RETURNS;
	take(b, m, e->at.ns);
	if (again)
		raise_two(d, e, ALERT_arp_spoofing, ip, &b->before, m);
	else if (!alive || !note_move(d, e, ip, b))
		note_taken(d, e, ip, b);
}

/* -------------------------------------------------------------- answers */

static uint64_t
text_hash(const struct ip *ip)
{
	char text[ADDR_TEXT_MAX];

	(void)ip_text(ip, text);
	return hash_bytes(text, strlen(text), 0);
}

/* Somebody asks: answers are welcome for a while. */
static void
asked(struct detect *d, const struct event *e)
{
	int64_t *at = memory_cell(detect_memory(d), ALERT_arp_unasked,
	    key_mix(watch_text(e->fact), e->talk->vlan), e->at,
	    QUESTION_SECONDS);

	*at = e->at.ns;
}

static void
answered(struct detect *d, const struct event *e)
{
	const struct fact *f = e->fact;
	const struct addr *to =
	    f->from_server ? &e->talk->client : &e->talk->server;
	char text[192], ip[ADDR_TEXT_MAX], mac[MAC_TEXT_MAX], who[MAC_TEXT_MAX];
	uint32_t within, least, n;

	/* to all: an announcement */
	if ((f->flags & FACT_BROADCAST) != 0 || is_shared(&f->addr.mac) ||
	    memory_peek(detect_memory(d), ALERT_arp_unasked,
		key_mix(text_hash(&f->addr.ip), e->talk->vlan), e->at) != NULL)
		return;
	least = watch_limit(d, ALERT_arp_unasked, &within);
	n = memory_count(detect_memory(d), ALERT_COUNT + ALERT_arp_unasked,
	    key_mix(ip_key(&f->addr.ip, e->talk->vlan), addr_key(to)), e->at,
	    within);
	if (n < least)
		return;
	(void)snprintf(text, sizeof(text),
	    "%s told %s %u times within %u s, unasked, that it is %s",
	    mac_text(&f->addr.mac, who), mac_text(&to->mac, mac), n, within,
	    ip_text(&f->addr.ip, ip));
	detect_raise(d, e,
	    &(struct finding){ .row = ALERT_arp_unasked,
		.text = text,
		.source = &f->addr,
		.destination = to });
}

/* --------------------------------------------------------- announcements */

struct own { /* addresses of a MAC address */
	uint8_t n;
	uint8_t ip[OWN_MAX][4];
};

/*
 * A device that has an address tells everybody another one: it was given a
 * wrong one, or takes somebody's place.  What DHCP gave is no surprise.
 */
static void
announced(struct detect *d, const struct event *e)
{
	const struct fact *f = e->fact;
	const uint64_t who = hash_bytes(f->addr.mac.b, 6, 0);
	struct memory *m = detect_memory(d);
	char text[192], mac[MAC_TEXT_MAX], now[ADDR_TEXT_MAX],
	    before[ADDR_TEXT_MAX];
	struct own *own;
	struct ip old;

	own = memory_cell(m, ALERT_address_announced, who, e->at, OWN_LIVES);
	for (uint32_t i = 0; i < own->n; i++)
		if (memcmp(own->ip[i], f->addr.ip.b, 4) == 0)
			return;
	if (own->n == OWN_MAX)
		return;
	memcpy(own->ip[own->n++], f->addr.ip.b, 4);
	if (own->n == 1 || is_leased(d, &f->addr.mac, e->at))
		return;
	old = ip4_of(own->ip[own->n - 2]);
	(void)snprintf(text, sizeof(text), "%s, which is %s, announces %s",
	    mac_text(&f->addr.mac, mac), ip_text(&old, before),
	    ip_text(&f->addr.ip, now));
	detect_raise(d, e,
	    &(struct finding){ .row = ALERT_address_announced,
		.text = text,
		.source = &f->addr,
		.destination = &(struct addr){ .ip = old } });
}

/* What is used without being announced belongs to the device as well. */
static void
uses(struct detect *d, const struct event *e)
{
	const struct fact *f = e->fact;
	struct own *own = memory_cell(detect_memory(d), ALERT_address_announced,
	    hash_bytes(f->addr.mac.b, 6, 0), e->at, OWN_LIVES);

	for (uint32_t i = 0; i < own->n; i++)
		if (memcmp(own->ip[i], f->addr.ip.b, 4) == 0)
			return;
	if (own->n < OWN_MAX)
		memcpy(own->ip[own->n++], f->addr.ip.b, 4);
}

void
detector_lease(struct detect *d, const struct event *e)
{
	const struct addr *c = &e->talk->client;

	if (c->has_mac)
		(void)memory_cell(detect_memory(d),
		    ALERT_COUNT + ALERT_address_announced,
		    hash_bytes(c->mac.b, 6, 0), e->at, LEASE_SECONDS);
}

/* Whom the message of the flow was about, for the fact that follows it. */
static uint64_t *
about(struct detect *d, const struct event *e)
{
	return memory_cell(detect_memory(d),
	    2 * ALERT_COUNT + ALERT_address_announced, e->talk->flow, e->at,
	    LIVES);
}

void
detector_arp(struct detect *d, const struct event *e)
{
	const struct fact *f = e->fact;
	bool announces;

	if (e->talk->via != VIA_ETHER)
		return;
	if (f->kind != FACT_IDENT) {
		*about(d, e) = watch_text(f);
		if (f->op == OP_REQUEST)
			asked(d, e);
		return;
	}
	if (f->trait != TRAIT_ADDRESS || f->about != ABOUT_ADDR ||
	    f->addr.ip.len != 4 || !f->addr.has_mac)
		return;
	announces = *about(d, e) == text_hash(&f->addr.ip);
	if (announces && !is_shared(&f->addr.mac))
		announced(d, e);
	else
		uses(d, e);
	claim(d, e, &f->addr.ip, &f->addr.mac);
	if (f->op == OP_REPLY && !announces)
		answered(d, e);
}

/* ------------------------------------------------------------ two hosts */

/*
 * A flow's client uses an address whose holder is somebody else, and both are
 * alive.  Only addresses that were asked for here: what comes through a router
 * carries the router's MAC.
 */
void
detector_address(struct detect *d, const struct event *e)
{
	const struct addr *c = &e->talk->client;
	struct binding *b;

	if (c->ip.len != 4 || !c->has_mac || is_shared(&c->mac) ||
	    ip_is_zero(&c->ip))
		return;
	b = memory_peek(detect_memory(d), ALERT_arp_spoofing,
	    ip_key(&c->ip, e->talk->vlan), e->at);
	if (b == NULL)
		return;
	if (mac_same(&b->now, &c->mac)) {
		b->seen = e->at.ns;
		return;
	}
	if (e->at.ns - b->seen > ALIVE || watch_is(e->client, ASSET_ROUTER))
		return;
	raise_two(d, e, ALERT_two_hosts_one_address, &c->ip, &c->mac, &b->now);
}

/* ------------------------------------------------------------ looking about */

static struct ip
ip_of_text(const struct fact *f)
{
	struct ip ip = { .len = 4 };
	uint32_t part = 0, value = 0, digits = 0;

	for (uint32_t i = 0; i < f->text_len; i++) {
		const char c = f->text[i];

		if (c >= '0' && c <= '9' && digits < 3) {
			value = value * 10 + (uint32_t)(c - '0');
			digits++;
		} else if (c == '.' && part < 3 && digits > 0) {
			ip.b[part++] = (uint8_t)value;
			value = digits = 0;
		} else {
			return (struct ip){ .len = 0 };
		}
	}
	ip.b[part] = (uint8_t)value;
	return part == 3 && digits > 0 ? ip : (struct ip){ .len = 0 };
}

static void
looks(struct detect *d, const struct event *e, enum alert_id row,
    const struct addr *target)
{
	const struct talk *t = e->talk;
	const struct addr *who = e->fact->from_server ? &t->server : &t->client;
	char text[192], mac[MAC_TEXT_MAX], ip[ADDR_TEXT_MAX];
	uint32_t within, least, n;

	least = watch_limit(d, row, &within);
	n = watch_silent(d,
	    &(struct silence){ .row = row,
		.who = addr_key(who),
		.target = target,
		.vlan = t->vlan },
	    e->at);
	if (n == 0 || n < least)
		return;
	(void)snprintf(text, sizeof(text),
	    "%s asked for %u addresses that nobody has within %u s",
	    mac_text(&who->mac, mac), n, within);
	detect_raise(d, e,
	    &(struct finding){ .row = row,
		.text = text,
		.violation = ip_text(&target->ip, ip),
		.destination = &watch_nobody });
}

void
detector_arp_scan(struct detect *d, const struct event *e)
{
	const struct addr target = { .ip = ip_of_text(e->fact) };

	if (e->fact->op != OP_REQUEST || target.ip.len == 0 ||
	    watch_is(e->client, ASSET_SCANNER))
		return;
	looks(d, e, ALERT_arp_sweep, &target);
	if (detect_wants(d, ALERT_arp_scan))
		looks(d, e, ALERT_arp_scan, &target);
}
