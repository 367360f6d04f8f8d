/*
 * test_inventory.c - who is a device: hand-made facts and flows go in, and what
 * comes out is compared with what people would say.
 *
 * Host h has the address 10.0.0.h and the MAC 00:1b:1b:00:00:h.
 */
#include "check.h"
#include "frames.h"

#include <stdlib.h>

#include "../../src/decode/decode.h"
#include "../../src/flow/flow.h"
#include "../../src/inventory/inventory.h"

#define NODES 4096u

static struct inventory *inv;
static struct device dev; /* found last */
static int64_t now;
static uint32_t flow_id, frame_number;

/* ------------------------------------------------------------------ builders
 */

static uint8_t
proto_id(const char *name)
{
	for (uint32_t i = 1; i < n_protos; i++)
		if (strcmp(protos[i]->name, name) == 0)
			return (uint8_t)i;
	return PROTO_UNKNOWN;
}

static struct ip
ip_at(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	const uint8_t bytes[4] = { a, b, c, d };

	return ip4_of(bytes);
}

static struct ip
ip6_at(uint8_t first, uint8_t second, uint8_t last)
{
	uint8_t bytes[16] = { first, second };

	bytes[15] = last;
	return ip6_of(bytes);
}

static struct mac
mac_at(uint8_t h)
{
	return (struct mac){ { 0x00, 0x1b, 0x1b, 0, 0, h } };
}

static struct addr
addr_of(struct ip ip, struct mac mac)
{
	return (struct addr){ .ip = ip, .mac = mac, .has_mac = true };
}

static struct addr
host(uint8_t h)
{
	return addr_of(ip_at(10, 0, 0, h), mac_at(h));
}

static struct addr
only_mac(struct mac mac)
{
	return (struct addr){ .mac = mac, .has_mac = true };
}

static void
start_with(uint32_t nodes, const char *oui)
{
	inv = inventory_new(nodes, oui);
	now = 1000;
	flow_id = frame_number = 0;
}

static void
start(void)
{
	start_with(NODES, NULL);
}

static void
stop(void)
{
	inventory_free(inv);
}

static struct talk
talk_of(struct addr client, struct addr server, const char *proto)
{
	return (struct talk){ .client = client,
		.server = server,
		.client_port = 40000,
		.server_port = 502,
		.vlan = TALK_NO_VLAN,
		.flow = ++flow_id,
		.via = VIA_TCP,
		.proto = proto_id(proto),
		.sure = true,
		.first = { now },
		.last = { now + 10 },
		.packets = { 10, 10 },
		.bytes = { 1000, 2000 },
		.ttl = { 64, 128 } };
}

/* A finished conversation, each end next door. */
static void
speak(struct addr client, struct addr server, const char *proto)
{
	struct talk t = talk_of(client, server, proto);

	inventory_tally(inv, &t);
}

/* The client's packets have crossed routers. */
static void
speak_far(struct addr client, struct addr server, const char *proto)
{
	struct talk t = talk_of(client, server, proto);

	t.ttl[0] = 61;
	inventory_tally(inv, &t);
}

static struct fact
fact_of(const struct talk *t, enum fact_kind kind, const char *proto)
{
	return (struct fact){ .at = { ++now },
		.frame = ++frame_number,
		.flow = t->flow,
		.proto = proto_id(proto),
		.kind = (uint8_t)kind };
}

/* As ARP says it: in a frame from `from`. */
static void
bind_in(struct mac from, struct ip ip, struct mac mac, uint16_t vlan)
{
	struct talk t = talk_of(only_mac(from), only_mac(mac_at(254)), "arp");
	struct fact f = fact_of(&t, FACT_IDENT, "arp");

	t.vlan = vlan;
	f.trait = TRAIT_ADDRESS;
	f.about = ABOUT_ADDR;
	f.addr = addr_of(ip, mac);
	inventory_fact(inv, &f, &t);
}

static void
bind(struct ip ip, struct mac mac)
{
	bind_in(mac, ip, mac, TALK_NO_VLAN);
}

/* `from` says that it has this address, too. */
static void
claim(struct addr from, struct addr own)
{
	struct talk t = talk_of(from, only_mac(mac_at(254)), "lldp");
	struct fact f = fact_of(&t, FACT_IDENT, "lldp");

	f.trait = TRAIT_ADDRESS;
	f.about = ABOUT_SENDER;
	f.addr = own;
	inventory_fact(inv, &f, &t);
}

static void
say_as(const struct talk *t, struct fact f, enum trait trait, const char *text)
{
	f.trait = (uint8_t)trait;
	fact_text(&f, span_text(text));
	inventory_fact(inv, &f, t);
}

/* It says so itself, as the client. */
static void
say(struct addr who, const char *proto, enum trait trait, const char *text)
{
	struct talk t = talk_of(who, host(250), proto);

	say_as(&t, fact_of(&t, FACT_IDENT, proto), trait, text);
}

/* Host 250 says so of an address. */
static void
say_of(struct addr who, const char *proto, enum trait trait, const char *text)
{
	struct talk t = talk_of(host(250), host(251), proto);
	struct fact f = fact_of(&t, FACT_IDENT, proto);

	f.about = ABOUT_ADDR;
	f.addr = who;
	say_as(&t, f, trait, text);
}

static void
answer_unit(const struct talk *t, const char *proto, uint32_t unit)
{
	struct fact f = fact_of(t, FACT_ACK, proto);

	f.is_message = f.response = f.from_server = f.has_unit = true;
	f.unit = unit;
	inventory_fact(inv, &f, t);
}

/* ------------------------------------------------------------------- looking
 */

static bool
has_address(const struct device *d, struct addr a, uint16_t vlan)
{
	for (uint32_t i = 0; i < d->n_addr; i++) {
		const struct device_addr *x = &d->addr[i];

		if (a.ip.len > 0
			? ip_same(&x->addr.ip, &a.ip) &&
			    (vlan == 0 || x->vlan == vlan)
			: x->addr.has_mac && mac_same(&x->addr.mac, &a.mac))
			return true;
	}
	return false;
}

/* How many devices have it; the last is in `dev`.  IP, else MAC. */
static uint32_t
find_in(struct addr a, uint16_t vlan)
{
	uint32_t n = 0;
	struct device d;

	for (uint32_t i = 0; i < inventory_count(inv); i++) {
		inventory_at(inv, i, &d);
		if (!has_address(&d, a, vlan))
			continue;
		dev = d;
		n++;
	}
	return n;
}

static uint32_t
find_ip(struct ip ip)
{
	return find_in((struct addr){ .ip = ip }, 0);
}

static uint32_t
find_mac(struct mac mac)
{
	return find_in(only_mac(mac), 0);
}

static const char *
text_of(const struct evidence *e)
{
	static char text[FACT_TEXT_MAX + 1];

	if (e == NULL)
		return "";
	memcpy(text, e->text, e->text_len);
	text[e->text_len] = '\0';
	return text;
}

static bool
speaks(const uint8_t *bits, const char *proto)
{
	uint8_t id = proto_id(proto);

	return (bits[id / 8] >> (id % 8) & 1) != 0;
}

/* ----------------------------------------------------------------- addresses
 */

static void
test_binding(void)
{
	start();
	bind(ip_at(10, 0, 0, 1), mac_at(1));
	inventory_settle(inv);
	CHECK_INT(inventory_count(inv), 1);
	CHECK_INT(find_ip(ip_at(10, 0, 0, 1)), 1);
	CHECK_INT(dev.n_addr, 1);
	CHECK(dev.addr[0].addr.has_mac);
	CHECK(find_mac(mac_at(1)) == 1);
	stop();
}

/* What DHCP's server says of another: no device until that speaks. */
static void
test_said_of_another(void)
{
	start();
	bind_in(mac_at(9), ip_at(10, 0, 0, 1), mac_at(1), TALK_NO_VLAN);
	inventory_settle(inv);
	CHECK_INT(inventory_count(inv), 0);
	stop();
}

static void
test_both_versions(void)
{
	struct ip v6 = ip6_at(0xfe, 0x80, 1), global = ip6_at(0x20, 1, 1);

	start();
	bind(ip_at(10, 0, 0, 1), mac_at(1));
	bind(v6, mac_at(1));
	bind(global, mac_at(1));
	inventory_settle(inv);
	CHECK_INT(inventory_count(inv), 1);
	CHECK_INT(find_ip(global), 1);
	CHECK_INT(dev.n_addr, 3);
	CHECK(dev.addr[0].addr.ip.len == 4);
	CHECK_INT(inventory_internet(inv), 0);
	stop();
}

static void
test_by_traffic(void)
{
	start();
	speak(host(1), host(2), "modbus");
	inventory_settle(inv);
	CHECK_INT(inventory_count(inv), 2);
	CHECK_INT(find_mac(mac_at(2)), 1);
	CHECK_INT(dev.n_addr, 1);
	CHECK_INT(dev.packets, 10);
	CHECK_INT(dev.bytes, 2000);
	CHECK(speaks(dev.as_server, "modbus"));
	CHECK(!speaks(dev.as_client, "modbus"));
	CHECK(dev.ot);
	stop();
}

static void
test_router(void)
{
	start();
	bind(ip_at(10, 0, 0, 254), mac_at(200));
	for (uint8_t h = 1; h <= 20; h++)
		speak_far(addr_of(ip_at(10, 0, 9, h), mac_at(200)), host(2),
		    "modbus");
	inventory_settle(inv);
	CHECK_INT(inventory_count(inv), 22);
	CHECK_INT(find_ip(ip_at(10, 0, 9, 7)), 1);
	CHECK_INT(dev.n_addr, 1);
	CHECK(!dev.addr[0].addr.has_mac);
	CHECK_INT(find_mac(mac_at(200)), 1);
	CHECK_INT(dev.n_addr, 1);
	CHECK(has_address(&dev, host(254), 0));
	CHECK_INT(dev.role, ROLE_ROUTER);
	CHECK_INT(dev.purdue, 25);
	stop();
}

/* A router of which we know no address, and the internet behind it. */
static void
test_silent_router(void)
{
	start();
	for (uint8_t h = 1; h <= 3; h++)
		speak_far(addr_of(ip_at(8, 8, 8, h), mac_at(200)), host(2),
		    "dns");
	inventory_settle(inv);
	CHECK_INT(inventory_count(inv), 2);
	CHECK_INT(inventory_internet(inv), 3);
	CHECK_INT(find_ip(ip_at(8, 8, 8, 1)), 0);
	CHECK_INT(find_mac(mac_at(200)), 1);
	CHECK_INT(dev.role, ROLE_ROUTER);
	stop();
}

/* Neither six nor twenty addresses are its own. */
static void
proxy(uint8_t n)
{
	start();
	bind(ip_at(10, 0, 0, 254), mac_at(200));
	speak(addr_of(ip_at(10, 0, 0, 254), mac_at(200)), host(2), "snmp");
	for (uint8_t h = 10; h < 10 + n; h++) {
		bind(ip_at(10, 0, 0, h), mac_at(200));
		speak_far(addr_of(ip_at(10, 0, 0, h), mac_at(200)), host(2),
		    "modbus");
	}
	inventory_settle(inv);
	CHECK_INT(inventory_count(inv), n + 2);
	CHECK_INT(find_mac(mac_at(200)), 1);
	CHECK_INT(dev.n_addr, 1);
	CHECK(has_address(&dev, host(254), 0));
	CHECK_INT(dev.role, ROLE_ROUTER);
	stop();
}

/* Systems that start with an odd time to live are not behind themselves. */
static void
test_odd_ttl(void)
{
	start();
	bind(ip_at(10, 0, 0, 1), mac_at(1));
	bind(ip_at(10, 0, 0, 2), mac_at(1));
	speak_far(host(1), host(9), "modbus");
	speak_far(addr_of(ip_at(10, 0, 0, 2), mac_at(1)), host(9), "modbus");
	inventory_settle(inv);
	CHECK_INT(inventory_count(inv), 2);
	CHECK_INT(find_mac(mac_at(1)), 1);
	CHECK_INT(dev.n_addr, 2);
	CHECK(dev.role != ROLE_ROUTER);
	stop();
}

/* Seen before and after the router: the MAC it sends from is its own. */
static void
test_both_sides_of_router(void)
{
	start();
	speak(host(1), host(2), "modbus");
	speak_far(addr_of(ip_at(10, 0, 0, 1), mac_at(200)), host(2), "modbus");
	inventory_settle(inv);
	CHECK_INT(find_ip(ip_at(10, 0, 0, 1)), 1);
	CHECK(mac_same(&dev.addr[0].addr.mac,
	    &(struct mac){ { 0x00, 0x1b, 0x1b, 0, 0, 1 } }));
	CHECK_INT(find_mac(mac_at(200)), 1);
	CHECK_INT(dev.n_addr, 1);
	CHECK_INT(dev.addr[0].addr.ip.len, 0);
	stop();
}

static void
test_multi_homed(void)
{
	start();
	bind(ip_at(10, 0, 0, 1), mac_at(1));
	bind(ip_at(10, 0, 1, 1), mac_at(1)); /* an alias */
	bind(ip_at(10, 0, 2, 1), mac_at(2)); /* a second card */
	claim(host(1), (struct addr){ .ip = ip_at(10, 0, 2, 1) });
	claim(host(1), (struct addr){ .ip = ip_at(192, 168, 56, 1) });
	inventory_settle(inv);
	CHECK_INT(inventory_count(inv), 1);
	CHECK_INT(find_mac(mac_at(2)), 1);
	CHECK_INT(dev.n_addr, 4);
	stop();
}

/* The address that every container host has is no reason to be one. */
static void
test_claimed_twice(void)
{
	start();
	for (uint8_t h = 1; h <= 3; h++) {
		bind(ip_at(10, 0, 0, h), mac_at(h));
		claim(host(h), (struct addr){ .ip = ip_at(172, 17, 0, 1) });
		claim(host(h), (struct addr){ .ip = ip_at(127, 0, 0, 1) });
	}
	inventory_settle(inv);
	CHECK_INT(inventory_count(inv), 3);
	CHECK_INT(find_ip(ip_at(172, 17, 0, 1)), 0);
	stop();
}

/* Two switches take turns with an address: a third that claims it is neither.
 */
static void
test_claim_of_moved(void)
{
	start();
	bind(ip_at(10, 0, 0, 3), mac_at(1));
	bind(ip_at(10, 0, 0, 3), mac_at(2));
	speak(only_mac(mac_at(9)), only_mac(mac_at(254)), "lldp");
	claim(only_mac(mac_at(9)), (struct addr){ .ip = ip_at(10, 0, 0, 3) });
	inventory_settle(inv);
	CHECK_INT(find_ip(ip_at(10, 0, 0, 3)), 2);
	CHECK_INT(find_mac(mac_at(9)), 1);
	CHECK_INT(dev.n_addr, 1);
	stop();
}

/* Ports with their own MACs name one bridge, and that one IP address. */
static void
test_ports_of_bridge(void)
{
	start();
	for (uint8_t port = 1; port <= 3; port++) {
		speak(only_mac(mac_at(port)), only_mac(mac_at(254)), "lldp");
		claim(only_mac(mac_at(port)), only_mac(mac_at(100)));
		claim(only_mac(mac_at(port)),
		    (struct addr){ .ip = ip_at(10, 0, 0, 100) });
	}
	inventory_settle(inv);
	CHECK_INT(find_mac(mac_at(2)), 1);
	CHECK_INT(dev.n_addr, 5);
	CHECK(has_address(&dev, host(100), 0));
	stop();
}

static void
test_vlans(void)
{
	struct ip cell = ip_at(192, 168, 0, 1), far = ip_at(192, 168, 0, 9);

	start();
	bind_in(mac_at(1), cell, mac_at(1), 10); /* two cells alike */
	bind_in(mac_at(2), cell, mac_at(2), 20);
	bind_in(mac_at(3), far, mac_at(3), 10); /* and one of many VLANs */
	bind_in(mac_at(3), far, mac_at(3), 30);
	inventory_settle(inv);
	CHECK_INT(find_ip(cell), 2);
	CHECK_INT(find_in((struct addr){ .ip = cell }, 10), 1);
	CHECK_INT(dev.n_addr, 1);
	CHECK_INT(find_ip(far), 1);
	CHECK_INT(dev.n_addr, 2);
	CHECK_INT(inventory_count(inv), 3);
	stop();
}

static void
test_vlan_routed(void)
{
	struct talk t;

	start();
	bind_in(mac_at(1), ip_at(10, 0, 0, 1), mac_at(1), 10);
	t = talk_of(addr_of(ip_at(10, 0, 0, 1), mac_at(200)), host(2),
	    "modbus");
	t.vlan = 20;
	t.ttl[0] = 63;
	inventory_tally(inv, &t);
	inventory_settle(inv);
	CHECK_INT(find_ip(ip_at(10, 0, 0, 1)), 1);
	CHECK_INT(dev.n_addr, 2);
	CHECK(has_address(&dev, only_mac(mac_at(1)), 0));
	CHECK(!has_address(&dev, only_mac(mac_at(200)), 0));
	stop();
}

/* ------------------------------------------------------- what people say */

static struct grouped
in_group(struct addr a, uint32_t group)
{
	return (struct grouped){ { a, TALK_NO_VLAN }, group };
}

/* Two addresses of one MAC are two devices; later ones follow the MAC. */
static void
test_split(void)
{
	struct addr a = addr_of(ip_at(10, 0, 0, 1), mac_at(1));
	struct addr b = addr_of(ip_at(10, 0, 0, 2), mac_at(1));
	const struct grouped said[] = { in_group(a, 1),
		in_group(only_mac(mac_at(1)), 1), in_group(b, 2) };

	start();
	bind(a.ip, mac_at(1));
	bind(b.ip, mac_at(1));
	claim(a, b);
	CHECK(inventory_group(inv, said, 3));
	bind(ip_at(10, 0, 0, 3), mac_at(1));
	inventory_settle(inv);
	CHECK_INT(inventory_count(inv), 2);
	CHECK_INT(find_ip(b.ip), 1);
	CHECK_INT(dev.n_addr, 1);
	CHECK(!dev.addr[0].addr.has_mac);
	CHECK_INT(find_ip(a.ip), 1);
	CHECK(has_address(&dev, host(3), 0));
	CHECK(dev.addr[0].addr.has_mac);
	stop();
}

/* Two hosts are one device, also while the inventory goes on. */
static void
test_merge(void)
{
	const struct grouped said[] = { in_group(host(1), 4),
		in_group(host(2), 4), in_group(host(77), 4) };
	struct inventory *whole;

	start();
	speak(host(1), host(9), "modbus");
	speak(host(2), host(9), "modbus");
	CHECK(inventory_group(inv, said, 3)); /* 77 was not seen yet */
	whole = inv;
	for (unsigned i = 0; i < 2; i++) {
		inv = inventory_settled(whole);
		CHECK_INT(inventory_count(inv), 2);
		CHECK_INT(find_ip(ip_at(10, 0, 0, 2)), 1);
		CHECK_INT(dev.n_addr, 2);
		inv = whole;
		speak(host(2), host(9), "modbus");
	}
	CHECK(!inventory_group(inv, said, INVENTORY_GROUPED + 1));
	stop();
}

/* The word is of the device that had the address, not of the next. */
static void
test_group_of_lease(void)
{
	struct ip lease = ip_at(10, 0, 0, 1);
	const struct grouped said[] = { in_group(addr_of(lease, mac_at(1)), 1),
		in_group(host(2), 1) };

	start();
	bind(lease, mac_at(1));
	speak(host(2), host(9), "modbus");
	CHECK(inventory_group(inv, said, 2));
	bind(lease, mac_at(5));
	inventory_settle(inv);
	CHECK_INT(find_mac(mac_at(5)), 1);
	CHECK(!has_address(&dev, host(2), 0));
	CHECK_INT(find_mac(mac_at(1)), 1);
	CHECK(has_address(&dev, host(2), 0));
	stop();
}

static void
test_no_devices(void)
{
	struct talk t;

	start();
	speak(host(1), addr_of(ip_at(239, 1, 1, 1), mac_at(1)), "mdns");
	speak(host(1), addr_of(ip_at(255, 255, 255, 255), mac_at(1)), "dhcp");
	speak(host(1), addr_of(ip_at(0, 0, 0, 0), mac_at(1)), "dhcp");
	speak(host(1), only_mac((struct mac){ { 1, 0x80, 0xc2, 0, 0, 0 } }),
	    "lldp");
	speak_far(addr_of(ip_at(8, 8, 8, 8), mac_at(200)), host(1), "dns");
	speak_far(addr_of(ip_at(9, 9, 9, 9), mac_at(200)), host(1), "dns");
	t = talk_of(host(1), host(77), "modbus"); /* a scan finds nobody */
	t.packets[0] = 3;
	t.packets[1] = 0;
	t.proto = PROTO_UNKNOWN;
	inventory_tally(inv, &t);
	say_of((struct addr){ .ip = ip_at(10, 0, 0, 78) }, "dns", TRAIT_NAME,
	    "gone");
	inventory_settle(inv);
	CHECK_INT(inventory_count(inv), 2); /* host 1 and the router */
	CHECK_INT(inventory_internet(inv), 2);
	CHECK_INT(find_ip(ip_at(10, 0, 0, 77)), 0);
	CHECK_INT(find_ip(ip_at(10, 0, 0, 78)), 0);
	stop();
}

/* Of a server we see only what is sent to it, but it is talked with. */
static void
test_one_way(void)
{
	struct talk t;

	start();
	t = talk_of(host(1), host(2), "modbus");
	t.packets[1] = 0;
	inventory_tally(inv, &t);
	inventory_settle(inv);
	CHECK_INT(inventory_count(inv), 2);
	CHECK_INT(find_ip(ip_at(10, 0, 0, 2)), 1);
	CHECK_INT(dev.role, ROLE_CONTROLLER);
	CHECK_INT(dev.packets, 0);
	stop();
}

static void
test_lease_moves(void)
{
	struct ip lease = ip_at(10, 0, 0, 1);

	start();
	bind(lease, mac_at(1));
	say(addr_of(lease, mac_at(1)), "llmnr", TRAIT_NAME, "first");
	speak(addr_of(lease, mac_at(1)), host(9), "modbus");
	now = 5000;
	bind(lease, mac_at(2));
	say(addr_of(lease, mac_at(2)), "llmnr", TRAIT_NAME, "second");
	say_of((struct addr){ .ip = lease }, "dns", TRAIT_DOMAIN, "newest");
	speak(addr_of(lease, mac_at(2)), host(9), "snmp");
	speak(addr_of(lease, mac_at(1)), host(9), "ssh"); /* ended late */
	inventory_settle(inv);
	CHECK_INT(find_ip(lease), 2);
	CHECK_INT(find_mac(mac_at(1)), 1);
	CHECK_STR(text_of(dev.name), "first");
	CHECK(speaks(dev.as_client, "modbus"));
	CHECK(speaks(dev.as_client, "ssh"));
	CHECK(!speaks(dev.as_client, "snmp"));
	CHECK_INT(find_mac(mac_at(2)), 1);
	CHECK_STR(text_of(dev.name), "second");
	CHECK(speaks(dev.as_client, "snmp"));
	CHECK_INT(dev.n_evidence, 2);
	stop();
}

/* An address may move for ever, and come back. */
static void
test_lease_returns(void)
{
	struct ip lease = ip_at(10, 0, 0, 1);

	start();
	for (uint32_t i = 0; i < 60; i++)
		bind(lease, mac_at((uint8_t)(1 + i % 3)));
	say((struct addr){ .ip = lease }, "llmnr", TRAIT_NAME, "third");
	inventory_settle(inv);
	CHECK_INT(inventory_count(inv), 3);
	CHECK_INT(find_mac(mac_at(3)), 1);
	CHECK_STR(text_of(dev.name), "third");
	CHECK_INT(inventory_left_out(inv), 0);
	stop();
	start();
	for (uint8_t h = 1; h < 200; h++)
		bind(lease, mac_at(h));
	inventory_settle(inv);
	CHECK(inventory_left_out(inv) > 0);
	CHECK(find_ip(lease) >= 1);
	stop();
}

static void
test_mac_only(void)
{
	start();
	speak(only_mac(mac_at(1)),
	    only_mac((struct mac){ { 1, 0x0c, 0xcd, 1, 0, 1 } }), "goose");
	say(only_mac(mac_at(1)), "goose", TRAIT_ROLE, "ied");
	speak(only_mac(mac_at(2)), only_mac(mac_at(3)), "profinet-rt");
	inventory_settle(inv);
	CHECK_INT(inventory_count(inv), 3);
	CHECK_INT(find_mac(mac_at(1)), 1);
	CHECK_INT(dev.role, ROLE_IED);
	CHECK(dev.ot);
	CHECK_INT(find_mac(mac_at(2)), 1);
	CHECK_INT(dev.role, ROLE_PLC);
	CHECK_INT(find_mac(mac_at(3)), 1);
	CHECK_INT(dev.role, ROLE_IO);
	stop();
}

/* ------------------------------------------------------------------- vendors
 */

static void
write_file(const char *dir, const char *name, const char *text)
{
	char path[256];
	FILE *out;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	out = fopen(path, "we");
	CHECK(out != NULL);
	if (out == NULL)
		return;
	(void)fputs(text, out);
	(void)fclose(out);
}

static void
drop_file(const char *dir, const char *name)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	(void)remove(path);
}

static const char registry_24[] =
    "Registry,Assignment,Organization Name,Organization Address\r\n"
    "MA-L,001B1B,\"Siemens AG,\",Nuremberg DE\r\n"
    "MA-L,021B1B,Nobody,Nowhere\r\n"
    "MA-L,70B3D5,IEEE Registration Authority,US\r\n"
    "MA-L,A00001,\"The \"\"Big\"\" Company, Inc.\",US\r\n"
    "MA-L,broken\r\nMA-L,XYZ,None,\r\nMA-L\r\n";
static const char registry_36[] = "MA-S,70B3D5123,Small Maker,FR\r\n";

static void
test_vendors(void)
{
	const struct mac own = { { 0x02, 0x1b, 0x1b, 0, 0, 1 } };
	const struct mac part = { { 0x70, 0xb3, 0xd5, 0x12, 0x34, 5 } };
	const struct mac odd = { { 0xa0, 0, 1, 0, 0, 5 } };
	char dir[] = "/tmp/test-inventory-XXXXXX";

	CHECK(mkdtemp(dir) != NULL);
	write_file(dir, "oui.csv", registry_24);
	write_file(dir, "oui36.csv", registry_36);
	start_with(NODES, dir);
	speak(host(1), host(2), "modbus");
	say(host(2), "s7comm", TRAIT_VENDOR, "SIEMENS");
	speak(only_mac(own), only_mac(part), "profinet-rt");
	speak(only_mac(odd), only_mac(part), "profinet-rt");
	inventory_settle(inv);
	CHECK_INT(find_ip(ip_at(10, 0, 0, 1)), 1);
	CHECK_STR(text_of(dev.vendor), "Siemens AG");
	CHECK_INT(dev.vendor->source, SOURCE_GUESSED);
	CHECK_INT(dev.vendor->frame, 0);
	CHECK_INT(find_ip(ip_at(10, 0, 0, 2)), 1);
	CHECK_STR(text_of(dev.vendor), "SIEMENS");
	CHECK_INT(find_mac(own), 1);
	CHECK(dev.vendor == NULL);
	CHECK_INT(find_mac(part), 1);
	CHECK_STR(text_of(dev.vendor), "Small Maker");
	CHECK_INT(find_mac(odd), 1);
	CHECK_STR(text_of(dev.vendor), "The \"Big\" Company, Inc.");
	stop();
	drop_file(dir, "oui.csv");
	drop_file(dir, "oui36.csv");
	(void)remove(dir);
}

/* ------------------------------------------------------------------ evidence
 */

static void
test_ranking(void)
{
	struct talk t;
	struct fact f;

	start();
	speak(host(1), host(2), "modbus");
	for (int i = 0; i < 5; i++)
		say_of(host(1), "dns", TRAIT_NAME, "said");
	say(host(1), "llmnr", TRAIT_NAME, "self");
	say(host(1), "llmnr", TRAIT_NAME, "10.0.0.1");
	say(host(1), "mdns", TRAIT_NAME, "other");
	say(host(1), "mdns", TRAIT_NAME, "other");
	say(host(1), "s7comm", TRAIT_MODE, "run");
	say(host(1), "s7comm", TRAIT_MODE, "run");
	say(host(1), "s7comm", TRAIT_MODE, "stop");
	say(host(2), "enip", TRAIT_ROLE, "hmi");
	t = talk_of(host(1), host(2), "cotp");
	f = fact_of(&t, FACT_IDENT, "cotp");
	f.about = ABOUT_RECEIVER;
	say_as(&t, f, TRAIT_MODEL, "told");
	inventory_settle(inv);
	CHECK_INT(find_ip(ip_at(10, 0, 0, 1)), 1);
	CHECK_STR(text_of(dev.name), "other");
	CHECK_INT(dev.name->count, 2);
	CHECK_INT(dev.name->source, SOURCE_SELF);
	CHECK_STR(text_of(dev.mode), "stop");
	CHECK_INT(dev.n_evidence, 6);
	CHECK_STR(text_of(dev.evidence[2]), "said");
	CHECK_INT(dev.evidence[2]->source, SOURCE_OTHERS);
	CHECK_INT(dev.evidence[2]->count, 5);
	CHECK_INT(find_ip(ip_at(10, 0, 0, 2)), 1);
	CHECK_INT(dev.role, ROLE_HMI); /* said goes before what it speaks */
	CHECK_INT(dev.purdue, 20);
	CHECK_STR(text_of(dev.model), "told");
	CHECK_INT(dev.model->source, SOURCE_OTHERS);
	stop();
}

/* Repeats in one flow are counted, and by another name are not. */
static void
test_folding(void)
{
	struct talk t;

	start();
	t = talk_of(host(1), host(2), "snmp");
	for (uint32_t i = 0; i < 1000; i++) {
		struct fact f = fact_of(&t, FACT_IDENT, "snmp");

		say_as(&t, f, TRAIT_LOCATION, "hall 1");
		f.from_server = true;
		say_as(&t, f, TRAIT_LOCATION, "hall 2");
	}
	inventory_tally(inv, &t);
	/* of the MAC, and of the address: one device says it twice */
	say(only_mac(mac_at(1)), "lldp", TRAIT_NAME, "plc");
	say(host(1), "lldp", TRAIT_NAME, "plc");
	inventory_settle(inv);
	CHECK_INT(find_ip(ip_at(10, 0, 0, 1)), 1);
	CHECK_INT(dev.n_evidence, 2);
	CHECK_INT(dev.name->count, 2);
	CHECK_STR(text_of(dev.evidence[1]), "hall 1");
	CHECK_INT(dev.evidence[1]->count, 1000);
	CHECK_INT(dev.evidence[1]->frame, 1);
	CHECK_INT(dev.evidence[1]->first.ns, 1001);
	CHECK_INT(dev.evidence[1]->last.ns, 2000);
	stop();
}

/* A client that names itself through its server's answer. */
static void
test_own_address_is_self(void)
{
	struct talk t;
	struct fact f;

	start();
	t = talk_of(addr_of(ip_at(0, 0, 0, 0), mac_at(1)),
	    addr_of(ip_at(255, 255, 255, 255), mac_at(254)), "dhcp");
	f = fact_of(&t, FACT_IDENT, "dhcp");
	f.about = ABOUT_ADDR;
	f.addr = only_mac(mac_at(1));
	say_as(&t, f, TRAIT_NAME, "panel");
	inventory_tally(inv, &t);
	inventory_settle(inv);
	CHECK_INT(find_mac(mac_at(1)), 1);
	CHECK_INT(dev.n_addr, 1);
	CHECK_INT(dev.name->source, SOURCE_SELF);
	stop();
}

static void
test_caps(void)
{
	char text[32];

	start_with(64, NULL);
	speak(host(1), host(2), "modbus");
	for (int i = 0; i < 500; i++) {
		(void)snprintf(text, sizeof(text), "name %d", i);
		say_of(host(1), "dns", TRAIT_NAME, text);
		(void)snprintf(text, sizeof(text), "part %d", i);
		say(host(1), "snmp", TRAIT_MODULE, text);
	}
	say(host(1), "lldp", TRAIT_SERIAL, "S 1");
	say(host(1), "lldp", TRAIT_NAME, "plc");
	CHECK(inventory_left_out(inv) > 0);
	for (uint32_t i = 0; i < 1000; i++)
		bind(ip_at(10, 1, (uint8_t)(i >> 8), (uint8_t)i),
		    mac_at((uint8_t)(3 + i % 200)));
	inventory_settle(inv);
	CHECK_INT(find_ip(ip_at(10, 0, 0, 1)), 1);
	CHECK_STR(text_of(dev.name), "plc");
	CHECK_STR(text_of(dev.serial), "S 1");
	CHECK(dev.n_module > 0 && dev.n_module <= DEVICE_MODULES);
	CHECK(inventory_count(inv) <= 64);
	stop();
}

/* More addresses than are shown: the first in order are, the rest counted. */
static void
test_many_addresses(void)
{
	start();
	for (uint8_t i = 100; i > 0; i--)
		bind(ip6_at(0xfd, 0, i), mac_at(1));
	bind(ip_at(10, 0, 0, 1), mac_at(1));
	inventory_settle(inv);
	CHECK_INT(inventory_count(inv), 1);
	inventory_at(inv, 0, &dev);
	CHECK_INT(dev.n_addr, DEVICE_ADDRS);
	CHECK_INT(dev.left_out, 101 - DEVICE_ADDRS);
	CHECK_INT(dev.addr[0].addr.ip.len, 4);
	CHECK_INT(dev.addr[1].addr.ip.b[15], 1);
	stop();
}

/* ------------------------------------------------------------ parts and roles
 */

static void
test_units(void)
{
	struct talk t;
	struct fact f;

	start();
	t = talk_of(host(1), host(2), "modbus");
	for (uint32_t i = 0; i < 100; i++) {
		answer_unit(&t, "modbus", 3);
		answer_unit(&t, "modbus", 1);
	}
	f = fact_of(&t, FACT_IDENT, "modbus");
	f.from_server = f.has_unit = true;
	f.unit = 3;
	say_as(&t, f, TRAIT_MODEL, "meter");
	inventory_tally(inv, &t);
	t = talk_of(host(1), host(3), "modbus");
	answer_unit(&t, "modbus", 255);
	inventory_tally(inv, &t);
	t = talk_of(host(1), host(4), "iec104");
	answer_unit(&t, "iec104", 10);
	answer_unit(&t, "iec104", 11);
	inventory_tally(inv, &t);
	inventory_settle(inv);
	CHECK_INT(find_ip(ip_at(10, 0, 0, 2)), 1);
	CHECK_INT(dev.n_module, 2);
	CHECK_INT(dev.module[0].unit, 1);
	CHECK_INT(dev.module[0].text_len, 0);
	CHECK_INT(dev.module[1].unit, 3);
	CHECK_INT(dev.module[1].text_len, 5);
	CHECK_INT(dev.role, ROLE_GATEWAY);
	CHECK_INT(find_ip(ip_at(10, 0, 0, 3)), 1);
	CHECK_INT(dev.n_module, 0);
	CHECK_INT(dev.role, ROLE_CONTROLLER);
	CHECK_INT(find_ip(ip_at(10, 0, 0, 4)), 1);
	CHECK_INT(dev.n_module, 2);
	CHECK_INT(dev.role, ROLE_RTU);
	stop();
}

/* A server that answers whatever unit it is asked for fills no more than
 * its share. */
static void
test_many_units(void)
{
	struct talk t;

	start();
	t = talk_of(host(1), host(2), "modbus");
	for (uint32_t unit = 0; unit < 248; unit++)
		answer_unit(&t, "modbus", unit);
	inventory_tally(inv, &t);
	inventory_settle(inv);
	CHECK_INT(find_ip(ip_at(10, 0, 0, 2)), 1);
	CHECK_INT(dev.n_module, DEVICE_MODULES);
	CHECK_INT(inventory_left_out(inv), 248 - DEVICE_MODULES);
	stop();
}

static void
program(struct addr client, struct addr server, bool from_server)
{
	struct talk t = talk_of(client, server, "s7comm");
	struct fact f = fact_of(&t, FACT_PROGRAM, "s7comm");

	f.risk = RISK_PROGRAM;
	f.is_message = true;
	f.from_server = from_server;
	inventory_fact(inv, &f, &t);
	inventory_tally(inv, &t);
}

static void
test_roles(void)
{
	start();
	program(host(1), host(2), false);
	program(host(3), host(2), true); /* it fetches what is sent to it */
	for (uint8_t h = 10; h < 16; h++)
		speak(host(4), host(h), "dnp3");
	speak(host(2), host(10), "dnp3");
	speak(host(5), host(6), "dns");
	speak(host(7), host(8), "modbus"); /* a soft PLC on an old Windows */
	say(host(8), "nbdgm", TRAIT_ROLE, "workstation");
	inventory_settle(inv);
	CHECK_INT(find_ip(ip_at(10, 0, 0, 1)), 1);
	CHECK_INT(dev.role, ROLE_ENGINEERING);
	CHECK_INT(dev.purdue, 20);
	CHECK_INT(find_ip(ip_at(10, 0, 0, 2)), 1);
	CHECK_INT(dev.role, ROLE_PLC); /* though it asks, too */
	CHECK_INT(dev.purdue, 10);
	CHECK_INT(find_ip(ip_at(10, 0, 0, 3)), 1);
	CHECK(dev.role != ROLE_ENGINEERING);
	CHECK_INT(find_ip(ip_at(10, 0, 0, 4)), 1);
	CHECK_INT(dev.role, ROLE_SCADA);
	CHECK_INT(find_ip(ip_at(10, 0, 0, 5)), 1);
	CHECK_INT(dev.role, ROLE_UNKNOWN);
	CHECK_INT(dev.purdue, 255);
	CHECK(!dev.ot);
	CHECK_INT(find_ip(ip_at(10, 0, 0, 6)), 1);
	CHECK_INT(dev.role, ROLE_NAME);
	CHECK_INT(find_ip(ip_at(10, 0, 0, 7)), 1);
	CHECK_INT(dev.role, ROLE_HMI);
	CHECK_INT(find_ip(ip_at(10, 0, 0, 8)), 1);
	CHECK_INT(dev.role, ROLE_CONTROLLER);
	stop();
}

/* What is carried inside is spoken, too. */
static void
test_inner(void)
{
	struct talk t;

	start();
	t = talk_of(host(1), host(2), "modbus");
	answer_unit(&t, "umas", 0);
	inventory_tally(inv, &t);
	inventory_settle(inv);
	CHECK_INT(find_ip(ip_at(10, 0, 0, 2)), 1);
	CHECK(speaks(dev.as_server, "umas"));
	CHECK(speaks(dev.as_server, "modbus"));
	CHECK_INT(dev.role, ROLE_PLC);
	stop();
}

/* -------------------------------------------------------------------- order */

static void
test_order(void)
{
	struct device d[3];

	start();
	speak(only_mac(mac_at(9)), only_mac(mac_at(8)), "profinet-rt");
	bind(ip6_at(0xfe, 0x80, 7), mac_at(7));
	bind(ip_at(10, 0, 0, 10), mac_at(1));
	bind(ip_at(10, 0, 0, 9), mac_at(2));
	inventory_settle(inv);
	CHECK_INT(inventory_count(inv), 5);
	for (uint32_t i = 0; i < 3; i++)
		inventory_at(inv, i, &d[i]);
	CHECK_INT(d[0].id, 1);
	CHECK_INT(d[0].addr[0].addr.ip.b[3], 9);
	CHECK_INT(d[1].addr[0].addr.ip.b[3], 10);
	CHECK_INT(d[2].addr[0].addr.ip.len, 16);
	inventory_at(inv, 3, &dev);
	CHECK_INT(dev.addr[0].addr.mac.b[5], 8);
	stop();
}

/* ------------------------------------------------------- through the engine */

static void
on_fact(void *ctx, const struct fact *f, struct talk *t)
{
	(void)ctx;
	inventory_fact(inv, f, t);
}

static void
on_tally(void *ctx, struct talk *t)
{
	(void)ctx;
	inventory_tally(inv, t);
}

static void
give(struct flows *fs, const struct built *b)
{
	struct frame f = { .at = { now += 1000000 },
		.bytes = SPAN(b->b, b->n),
		.wire_len = b->n,
		.number = ++frame_number,
		.link = 1 };
	struct packet p;

	decode_frame(&f, &p);
	flow_packet(fs, &p);
}

static void
build_arp(struct built *b, uint8_t sender, uint8_t target)
{
	static const uint8_t head[14] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0,
		0x1c, 0x06, 0, 0, 0, 0x08, 0x06 };
	static const uint8_t body[20] = { 0, 1, 8, 0, 6, 4, 0, 1, 0, 0x1c, 0x06,
		0, 0, 0, 10, 0, 0, 0, 0, 0 };

	memset(b, 0, sizeof(*b));
	memcpy(b->b, head, sizeof(head));
	b->b[11] = sender;
	memcpy(b->b + 14, body, sizeof(body));
	b->b[27] = sender;
	b->b[31] = sender;
	b->b[38] = 10;
	b->b[41] = target;
	b->n = 42;
}

/* ARP of host 1, a question over Modbus that host 2 answers by way of another
 * MAC than it is asked at, and host 3 that is asked in vain. */
static void
test_engine(void)
{
	static const uint8_t ask[12] = { 0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 1 };
	static const uint8_t answer[11] = { 0, 1, 0, 0, 0, 5, 1, 3, 2, 0, 7 };
	struct flow_listener l = { .fact = on_fact, .tally = on_tally };
	struct flow_config config = FLOW_CONFIG_DEFAULT;
	struct flows *fs = flow_new(&config, &l);
	struct tcp_at syn = { .src = 1,
		.dst = 3,
		.sport = 40001,
		.dport = 502,
		.flags = 2 };
	struct tcp_at up = { .src = 1,
		.dst = 2,
		.sport = 40000,
		.dport = 502,
		.flags = 0x18 };
	struct tcp_at down = { .src = 2,
		.dst = 1,
		.sport = 502,
		.dport = 40000,
		.flags = 0x18 };
	struct built b;

	start();
	build_arp(&b, 1, 3);
	give(fs, &b);
	build_tcp(&b, &syn, NULL, 0);
	give(fs, &b);
	for (uint32_t i = 0; i < 5; i++) {
		build_tcp(&b, &up, ask, sizeof(ask));
		b.b[5] = 99; /* the way there */
		give(fs, &b);
		build_tcp(&b, &down, answer, sizeof(answer));
		give(fs, &b);
		up.seq += (uint32_t)sizeof(ask);
		down.seq += (uint32_t)sizeof(answer);
	}
	flow_finish(fs);
	inventory_settle(inv);
	CHECK_INT(inventory_count(inv), 2);
	CHECK_INT(find_ip(ip_at(10, 0, 0, 2)), 1);
	CHECK(dev.addr[0].addr.has_mac);
	CHECK_INT(dev.addr[0].addr.mac.b[5], 2);
	CHECK_INT(dev.role, ROLE_CONTROLLER);
	CHECK(dev.ot);
	CHECK_INT(dev.packets, 5);
	CHECK_INT(dev.n_module, 0);
	CHECK_INT(find_ip(ip_at(10, 0, 0, 1)), 1);
	CHECK(speaks(dev.as_client, "modbus"));
	stop();
	flow_free(fs);
}

int
main(void)
{
	proto_init();
	test_binding();
	test_said_of_another();
	test_both_versions();
	test_by_traffic();
	test_router();
	test_silent_router();
	proxy(6);
	proxy(20);
	test_odd_ttl();
	test_both_sides_of_router();
	test_multi_homed();
	test_claimed_twice();
	test_claim_of_moved();
	test_ports_of_bridge();
	test_vlans();
	test_vlan_routed();
	test_split();
	test_merge();
	test_group_of_lease();
	test_no_devices();
	test_one_way();
	test_lease_moves();
	test_lease_returns();
	test_mac_only();
	test_vendors();
	test_ranking();
	test_folding();
	test_own_address_is_self();
	test_caps();
	test_many_addresses();
	test_units();
	test_many_units();
	test_roles();
	test_inner();
	test_order();
	test_engine();
	return check_done();
}
