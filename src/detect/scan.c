/*
 * scan.c - who looks for hosts and ports.
 *
 * A scan is many targets that do not answer, or many ports of one that does.
 * A master that comes back and connects to its fifty stations is none: they
 * answer, and are known by the time the next five have been tried.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "watch.h"

#define DYNAMIC_PORTS 32768u /* handed out for answers and transfers */

/* Ports on which controllers serve, ascending. */
static const uint16_t control_ports[] = { 102, 502, 789, 1089, 1090, 1091, 1217,
	1502, 1911, 1962, 2222, 2404, 2455, 4840, 4911, 5006, 5007, 5094, 9600,
	11740, 18245, 20000, 20256, 20547, 34962, 34963, 34964, 44818, 47808,
	50000, 55000 };

static int
by_port(const void *a, const void *b)
{
	return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

static bool
is_control_port(uint16_t port)
{
	return bsearch(&port, control_ports,
		   sizeof(control_ports) / sizeof(control_ports[0]),
		   sizeof(control_ports[0]), by_port) != NULL;
}

static uint64_t
block_of(const struct ip *ip)
{
	uint64_t block = 0;

	memcpy(&block, ip->b, ip->len == 4 ? 2 : 8);
	return block + ip->len;
}

/* "10.1.0.0/16" */
static void
block_text(const struct ip *ip, char *dst, size_t cap)
{
	struct ip block = { .len = ip->len };
	char text[ADDR_TEXT_MAX];

	memcpy(block.b, ip->b, ip->len == 4 ? 2 : 8);
	(void)snprintf(dst, cap, "%s/%u", ip_text(&block, text),
	    ip->len == 4 ? 16u : 64u);
}

/* Raised from the scanner to nobody in particular; the targets are listed. */
static void
raise_from(struct detect *d, const struct event *e, enum alert_id row,
    uint64_t extra, uint32_t n, const char *what)
{
	const struct talk *t = e->talk;
	char ip[ADDR_TEXT_MAX], mac[MAC_TEXT_MAX], to[ADDR_TEXT_MAX];
	char text[256], target[96];
	uint32_t within, count;

	if (!watch_due(d, row, key_mix(addr_key(&t->client), extra), e->at,
		&count))
		return;
	(void)watch_limit(d, row, &within);
	(void)snprintf(text, sizeof(text), "%s tried %u %s within %u s",
	    t->client.ip.len > 0 ? ip_text(&t->client.ip, ip)
				 : mac_text(&t->client.mac, mac),
	    n, what, within);
	(void)snprintf(target, sizeof(target), "%s port %u",
	    ip_text(&t->server.ip, to), t->server_port);
	detect_raise(d, e,
	    &(struct finding){ .row = row,
		.text = text,
		.violation = target,
		.count = count,
		.extra = extra,
		.destination = &watch_nobody });
}

/* ------------------------------------------------------- hosts of a network */

static void
hosts(struct detect *d, const struct event *e, enum alert_id row)
{
	const struct talk *t = e->talk;
	const uint64_t block = block_of(&t->server.ip);
	char text[96], net[64];
	uint32_t within, n;

	n = watch_silent(d,
	    &(struct silence){ .row = row,
		.who = key_mix(addr_key(&t->client), block),
		.target = &t->server,
		.vlan = t->vlan },
	    e->at);
	if (n == 0 || n < watch_limit(d, row, &within))
		return;
	block_text(&t->server.ip, net, sizeof(net));
	(void)snprintf(text, sizeof(text), "silent addresses of %s", net);
	raise_from(d, e, row, block, n, text);
}

/*
 * The same from outside: few are enough, however slowly it goes.  One alert, as
 * there is no end to who tries.
 */
static void
from_internet(struct detect *d, const struct event *e)
{
	const struct talk *t = e->talk;
	const uint32_t row = ALERT_sweep_from_internet;
	char text[192], from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];
	uint32_t within, least, n;

	if (!asset_is_internet(detect_assets(d), &t->client.ip) ||
	    asset_is_internet(detect_assets(d), &t->server.ip))
		return;
	least = watch_limit(d, row, &within);
	n = watch_silent(d,
	    &(struct silence){ .row = row,
		.who = addr_key(&t->client),
		.target = &t->server,
		.vlan = t->vlan },
	    e->at);
	if (n < least)
		return;
	(void)snprintf(text, sizeof(text),
	    "%s, in the Internet, tried %u hosts inside in vain",
	    ip_text(&t->client.ip, from), n);
	detect_raise(d, e,
	    &(struct finding){ .row = row,
		.text = text,
		.violation = ip_text(&t->server.ip, to),
		.destination = &watch_nobody });
}

/* Hosts and ports that do not answer, whatever the network. */
static void
targets(struct detect *d, const struct event *e)
{
	const struct talk *t = e->talk;
	uint32_t within, n;

	n = watch_silent(d,
	    &(struct silence){ .row = ALERT_sweep,
		.who = addr_key(&t->client),
		.target = &t->server,
		.port = t->via == VIA_TCP ? t->server_port : 0,
		.vlan = t->vlan },
	    e->at);
	if (n > 0 && n >= watch_limit(d, ALERT_sweep, &within))
		raise_from(d, e, ALERT_sweep, 0, n, "hosts and ports in vain");
}

/* --------------------------------------------------------- ports of a host */

static void
ports(struct detect *d, const struct event *e)
{
	const struct talk *t = e->talk;
	char text[192], port[80], from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];
	uint32_t within, n, least, count;

	if (t->server_port >= DYNAMIC_PORTS ||
	    (t->via == VIA_UDP && t->client_port < t->server_port))
		return;
	least = watch_limit(d, ALERT_port_scan, &within);
	n = memory_distinct(detect_memory(d), ALERT_port_scan, pair_key(e),
	    (uint64_t)t->via << 16 | t->server_port, e->at, within);
	if (n < least ||
	    !watch_due(d, ALERT_port_scan, pair_key(e), e->at, &count))
		return;
	(void)snprintf(text, sizeof(text),
	    "%s tried %u ports of %s within %u s", ip_text(&t->client.ip, from),
	    n, ip_text(&t->server.ip, to), within);
	(void)snprintf(port, sizeof(port), "%s %s %u", to,
	    t->via == VIA_TCP ? "tcp" : "udp", t->server_port);
	detect_raise(d, e,
	    &(struct finding){ .row = ALERT_port_scan,
		.text = text,
		.violation = port,
		.any_destination = true,
		.count = count });
}

/* ----------------------------------------------------------- controllers */

/* Controllers that do not answer. */
static void
silent_controllers(struct detect *d, const struct event *e)
{
	const struct talk *t = e->talk;
	uint32_t within, least, n;

	if (e->server != NULL)
		return;
	least = watch_limit(d, ALERT_plc_scan, &within);
	n = watch_silent(d,
	    &(struct silence){ .row = ALERT_plc_scan,
		.who = addr_key(&t->client),
		.target = &t->server,
		.vlan = t->vlan },
	    e->at);
	if (n > 0 && n >= least)
		raise_from(d, e, ALERT_plc_scan, 0, n,
		    "industrial services of hosts");
}

/*
 * Several industrial protocols were tried, and refused or not answered.  One
 * that is served is none: a control system that starts connects to all its
 * controllers, of all makers.
 */
static void
refused_controllers(struct detect *d, const struct event *e)
{
	const struct talk *t = e->talk;
	const uint64_t who = addr_key(&t->client);
	struct memory *m = detect_memory(d);
	uint32_t within, least, tried, kinds;

	if (t->via != VIA_TCP || t->packets[0] > 2 || t->packets[1] > 1)
		return;
	least = watch_limit(d, ALERT_plc_scan, &within);
	kinds = memory_distinct(m, 3 * ALERT_COUNT + ALERT_plc_scan, who,
	    t->server_port, e->at, within);
	tried = memory_distinct(m, 4 * ALERT_COUNT + ALERT_plc_scan, who,
	    key_mix(addr_key(&t->server), t->server_port), e->at, within);
	if (kinds >= 3 && tried >= least)
		raise_from(d, e, ALERT_plc_scan, 0, tried,
		    "industrial services of hosts");
}

/* From outside, on such a port. */
static void
from_outside(struct detect *d, const struct event *e)
{
	const struct talk *t = e->talk;
	char from[ADDR_TEXT_MAX];

	if (asset_is_internet(detect_assets(d), &t->client.ip) &&
	    !asset_is_internet(detect_assets(d), &t->server.ip) &&
	    !watch_is_on(d, ALERT_spoofed_flood, watch_service(t), e->at))
		detect_raise(d, e,
		    &(struct finding){ .row = ALERT_control_port_from_internet,
			.violation = ip_text(&t->client.ip, from),
			.extra = t->server_port });
}

/* ----------------------------------------------------------- one service */

/* Services that one host looks for on many. */
static const struct {
	uint16_t port;
	uint8_t via;
	bool to_all; /* a broadcast is enough */
	uint16_t row;
} services[] = {
	{ 445, VIA_TCP, false, ALERT_smb_fanout },
	{ 1502, VIA_UDP, true, ALERT_tristation_scan },
	{ 27127, VIA_UDP, true, ALERT_netmanage_scan },
};

static void
one_service(struct detect *d, const struct event *e, bool to_all)
{
	const struct talk *t = e->talk;

	for (uint32_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		const enum alert_id row = (enum alert_id)services[i].row;
		uint32_t within, least, n;

		if (t->server_port != services[i].port ||
		    t->via != services[i].via ||
		    (to_all && !services[i].to_all))
			continue;
		least = watch_limit(d, row, &within);
		n = memory_distinct(detect_memory(d), row, addr_key(&t->client),
		    addr_key(&t->server), e->at, within);
		if (to_all || n >= least)
			raise_from(d, e, row, 0, n, "hosts");
	}
}

static bool
is_to_all(const struct event *e)
{
	const struct ip *ip = &e->talk->server.ip;

	return watch_is(e->server, ASSET_GROUP) || ip_is_group(ip) ||
	    (e->talk->server.has_mac && mac_is_group(&e->talk->server.mac));
}

void
detector_scan(struct detect *d, const struct event *e)
{
	const struct talk *t = e->talk;

	if (watch_is(e->client, ASSET_SCANNER | ASSET_GROUP) ||
	    t->client.ip.len == 0)
		return;
	if (is_to_all(e)) {
		if (e->kind == EVENT_BEGIN)
			one_service(d, e, true);
		return;
	}
	/* of invented sources each is new */
	if (e->client == NULL &&
	    watch_is_on(d, ALERT_spoofed_flood, watch_service(t), e->at))
		return;
	if (e->kind == EVENT_END) {
		if (is_control_port(t->server_port))
			refused_controllers(d, e);
		return;
	}
	if (t->via == VIA_TCP ? !watch_opens(d, t)
			      : t->via != VIA_UDP && t->via != VIA_IP)
		return;
	if (t->via != VIA_IP) {
		ports(d, e);
		if (is_control_port(t->server_port)) {
			silent_controllers(d, e);
			from_outside(d, e);
		}
		one_service(d, e, false);
	}
	/* what answers was not looked for in vain */
	if (e->server != NULL)
		return;
	hosts(d, e, ALERT_address_scan);
	if (detect_wants(d, ALERT_slow_address_scan))
		hosts(d, e, ALERT_slow_address_scan);
	targets(d, e);
	if (t->via == VIA_TCP)
		from_internet(d, e);
}
