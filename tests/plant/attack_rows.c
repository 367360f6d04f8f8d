/*
 * attack_rows.c - the attacks, one function and one row each.  A function is
 * called until it returns 0; what it returns is how long until the next call.
 */
#include <string.h>

#include "plant.h"

/* Somebody's laptop in the control network. */
static struct host *
rogue(struct plant *p)
{
	struct host *h = host_of(p, KIND_ROGUE, 1);

	h->away = false;
	return h;
}

/* A cyclic link's connection, while it stands; else one of its own. */
static struct conn *
line(struct plant *p, struct attack *a, uint16_t port)
{
	struct link *l = link_between(p, a->a, a->b);

	if (l != NULL && l->c.open && p->now < l->until)
		return &l->c;
	if (!a->c.open) {
		a->c = conn_make(p, a->a, a->b, port);
		conn_open(p, &a->c);
	}
	return &a->c;
}

static void
from_to(struct plant *p, struct attack *a, struct host *from, struct host *to)
{
	if (a->step != 0)
		return;
	a->a = from;
	a->b = to;
	if (to != NULL)
		arp_ask(p, from, to);
}

/* A screen that only ever read writes. */
static uint64_t
new_writer(struct plant *p, struct attack *a)
{
	from_to(p, a, host_of(p, KIND_HMI, 12), host_of(p, KIND_MODBUS, 15));
	modbus_write(p, line(p, a, 502), 1, 2000 + a->step, 2, 7);
	return a->step < 12 ? 45 * SECOND : 0;
}

static uint64_t
register_sweep(struct plant *p, struct attack *a)
{
	from_to(p, a, rogue(p), host_of(p, KIND_MODBUS, 3));
	if (a->step == 0) {
		a->c = conn_make(p, a->a, a->b, 502);
		conn_open(p, &a->c);
		modbus_identify(p, &a->c, 1);
	}
	for (unsigned i = 0; i < 10; i++)
		modbus_read(p, &a->c, 1, 3, a->step * 100 + i * 10, 10);
	modbus_refuse(p, &a->c, 1, 3, 60000 + a->step, 2);
	if (a->step < 60)
		return SECOND;
	conn_close(p, &a->c);
	return 0;
}

static uint64_t
s7_halt(struct plant *p, struct attack *a)
{
	from_to(p, a, rogue(p), host_of(p, KIND_S7, 5));
	a->c = conn_make(p, a->a, a->b, 102);
	s7_open(p, &a->c);
	s7_identify(p, &a->c);
	s7_stop(p, &a->c);
	conn_close(p, &a->c);
	return 0;
}

static uint64_t
s7_load(struct plant *p, struct attack *a)
{
	from_to(p, a, host_of(p, KIND_EWS, 4), host_of(p, KIND_S7, 7));
	a->c = conn_make(p, a->a, a->b, 102);
	s7_open(p, &a->c);
	s7_download(p, &a->c, "_0800035P", 400);
	s7_download(p, &a->c, "_0A00090P", 200);
	conn_close(p, &a->c);
	return 0;
}

static uint64_t
iec104_walk(struct plant *p, struct attack *a)
{
	from_to(p, a, rogue(p), host_of(p, KIND_IEC104, 3));
	if (a->step == 0) {
		a->c = conn_make(p, a->a, a->b, 2404);
		iec104_open(p, &a->c);
	} else {
		iec104_command(p, &a->c, 3000 + a->step, true, a->step < 5);
	}
	return a->step < 24 ? SECOND : 0;
}

static uint64_t
restart_relay(struct plant *p, struct attack *a)
{
	from_to(p, a, rogue(p), host_of(p, KIND_DNP3, 2));
	a->c = conn_make(p, a->a, a->b, 20000);
	conn_open(p, &a->c);
	dnp3_restart(p, &a->c);
	conn_close(p, &a->c);
	return 0;
}

static uint64_t
reset_logix(struct plant *p, struct attack *a)
{
	from_to(p, a, rogue(p), host_of(p, KIND_LOGIX, 3));
	a->c = conn_make(p, a->a, a->b, 44818);
	enip_open(p, &a->c);
	cip_reset(p, &a->c);
	enip_close(p, &a->c);
	return 0;
}

/* Says to each of two that it is the other. */
static uint64_t
arp_spoof(struct plant *p, struct attack *a)
{
	struct host *server = host_of(p, KIND_SCADA, 1);

	from_to(p, a, rogue(p), host_of(p, KIND_MODBUS, 4));
	send_arp(p, 2, server->mac, a->a, a->b->ip, server->mac, server->ip);
	send_arp(p, 2, a->b->mac, a->a, server->ip, a->b->mac, a->b->ip);
	return a->step < 150 ? 2 * SECOND : 0;
}

static void
knock(struct plant *p, struct attack *a, struct host *to, uint16_t port)
{
	struct conn c = conn_make(p, a->a, to, port);

	conn_refused(p, &c);
}

static uint64_t
port_scan(struct plant *p, struct attack *a)
{
	static const uint16_t ports[] = { 21, 22, 23, 80, 102, 135, 139, 443,
		445, 502, 1433, 2404, 3306, 3389, 4840, 5900, 8080, 9600, 20000,
		44818 };

	from_to(p, a, host_of(p, KIND_CLIENT, 7), NULL);
	for (unsigned i = 0; i < sizeof(ports) / sizeof(*ports); i++)
		knock(p, a, host_of(p, KIND_LOGIX, 1 + a->step % 20),
		    (uint16_t)(ports[i] + (a->step >= 20)));
	return a->step < 40 ? SECOND : 0;
}

static uint64_t
smb_fanout(struct plant *p, struct attack *a)
{
	from_to(p, a, host_of(p, KIND_CLIENT, 9), NULL);
	if (a->step < 20) {
		knock(p, a, host_of(p, KIND_S7, a->step + 1), 445);
		knock(p, a, host_of(p, KIND_MODBUS, a->step + 1), 445);
		return 3 * SECOND;
	}
	smb_begin(p, &a->c, a->a, host_of(p, KIND_HMI, a->step - 19), "C$");
	smb_copy(p, &a->c, "Windows\\perfc.dat", 60000, true);
	smb_end(p, &a->c);
	return a->step < 31 ? 10 * SECOND : 0;
}

static uint64_t
exfiltrate(struct plant *p, struct attack *a)
{
	static const char name[] = "cdn-update.example";

	if (a->step == 0) {
		a->a = host_of(p, KIND_HISTORIAN, 1);
		a->b = host_of(p, KIND_OUTSIDE, 55);
		dns_ask(p, a->a, name, a->b->ip);
	}
	tls_session(p, a->a, a->b, name, 400000, 1000);
	return a->step < 10 ? 2 * MINUTE : 0;
}

/* From the Internet to an engineering station, from there to a controller
 * that this station never wrote to. */
static uint64_t
remote_write(struct plant *p, struct attack *a)
{
	if (a->step == 0) {
		a->a = host_of(p, KIND_EWS, 2);
		a->b = host_of(p, KIND_MODBUS, 23);
		rdp_session(p, host_of(p, KIND_OUTSIDE, 58), a->a, "admin",
		    100000);
		return 15 * MINUTE;
	}
	if (a->step == 1)
		arp_ask(p, a->a, a->b);
	modbus_write(p, line(p, a, 502), 1, 1000 + a->step, 1, 0);
	return a->step < 10 ? 5 * SECOND : 0;
}

/* In the name of a protection relay, one state ahead of it. */
static uint64_t
goose_spoof(struct plant *p, struct attack *a)
{
	struct goose g = { .host = host_of(p, KIND_IED, 3),
		.changed = p->now,
		.state = 5000,
		.number = a->step,
		.data = 6 };

	a->a = g.host;
	goose_send(p, &g);
	return a->step < 20 ? SECOND / 10 : 0;
}

static uint64_t
rogue_dhcp(struct plant *p, struct attack *a)
{
	struct host *kept = p->server;
	uint32_t xid = 0x66600000u | a->step, ip;

	a->a = rogue(p);
	a->b = host_of(p, KIND_CLIENT, 11 + a->step);
	ip = IP(10, 30, 60, 250u - a->step);
	dhcp_ask(p, a->b, 1, xid, a->b->ip);
	dhcp_answer(p, a->a, a->b, 2, xid, ip);
	p->server = a->a;
	dhcp_ask(p, a->b, 3, xid, ip);
	p->server = kept;
	dhcp_answer(p, a->a, a->b, 5, xid, ip);
	return a->step < 3 ? MINUTE : 0;
}

/* Twelve hours of reading, a few registers every ten minutes. */
static uint64_t
slow_recon(struct plant *p, struct attack *a)
{
	struct conn c;

	a->a = host_of(p, KIND_HMI, 11);
	a->b = host_of(p, KIND_MODBUS, 1 + a->step % 8);
	c = conn_make(p, a->a, a->b, 502);
	conn_open(p, &c);
	modbus_read(p, &c, 1, 3, 7000 + a->step * 4, 4);
	conn_close(p, &c);
	return a->step < 72 ? 10 * MINUTE : 0;
}

static uint64_t
flood(struct plant *p, struct attack *a)
{
	from_to(p, a, rogue(p), host_of(p, KIND_MODBUS, 9));
	for (unsigned i = 0; i < 400; i++) {
		struct conn c = conn_make(p, a->a, a->b, 502);

		tcp_segment(p, &c, 0, TCP_SYN, NULL, 0);
	}
	return a->step < 60 ? SECOND : 0;
}

/* `n` questions a second, each from another address. */
static void
spoofed(struct plant *p, struct attack *a, unsigned n, bool macs)
{
	struct host h = *host_of(p, KIND_ROGUE, 2);

	for (unsigned i = 0; i < n; i++) {
		struct conn c;

		h.ip = rng_u32(&a->rng) | 0x01000000u;
		h.port = 0;
		h.vlan = macs ? 0 : 0xfff;
		if (macs) {
			uint32_t low = rng_u32(&a->rng);

			memcpy(h.mac + 2, &low, 4);
			h.ip = IP(10, 30, 0, 0) | (h.ip & 0x3ff);
		}
		c = conn_make(p, &h, a->b, 502);
		tcp_segment(p, &c, 0, TCP_SYN, NULL, 0);
	}
}

static uint64_t
spoof_flood(struct plant *p, struct attack *a)
{
	a->b = host_of(p, KIND_MODBUS, 10);
	spoofed(p, a, 278, false);
	return a->step < 3599 ? SECOND : 0;
}

static uint64_t
spoof_burst(struct plant *p, struct attack *a)
{
	a->b = host_of(p, KIND_MODBUS, 10);
	spoofed(p, a, 100, false);
	return a->step < 99 ? SECOND : 0;
}

static uint64_t
mac_flood(struct plant *p, struct attack *a)
{
	a->b = host_of(p, KIND_MODBUS, 11);
	spoofed(p, a, 500, true);
	return a->step < 199 ? SECOND : 0;
}

/* Who is there: ARP for the whole network, then an echo to each. */
static uint64_t
sweep(struct plant *p, struct attack *a)
{
	static const uint8_t nobody[6];

	a->a = rogue(p);
	for (unsigned i = 0; i < 64 && a->step < 16; i++)
		send_arp(p, 1, everybody, a->a, a->a->ip, nobody,
		    IP(10, 30, 0, 0) + a->step * 64 + i);
	for (uint32_t i = 0; i < p->n_hosts && a->step == 16; i++)
		if (p->host[i].vlan == 0 && !p->host[i].away)
			send_icmp_echo(p, a->a, &p->host[i], i);
	return a->step < 16 ? SECOND : 0;
}

static uint64_t
opcua_set(struct plant *p, struct attack *a)
{
	from_to(p, a, rogue(p), host_of(p, KIND_OPCUA, 2));
	a->c = conn_make(p, a->a, a->b, 4840);
	opcua_open(p, &a->c);
	opcua_read(p, &a->c, 2000, 4);
	opcua_write(p, &a->c, 2003, 9999);
	conn_close(p, &a->c);
	return 0;
}

const struct attack_row attack_rows[] = {
	{ "new-writer", true, new_writer,
	    "an operator's screen writes where it only ever read" },
	{ "register-sweep", true, register_sweep,
	    "a new laptop reads all registers of a controller in a minute" },
	{ "s7-stop", true, s7_halt, "a new laptop stops a controller" },
	{ "s7-download", true, s7_load,
	    "an engineering station loads blocks it never loaded" },
	{ "iec104-walk", true, iec104_walk,
	    "a new laptop commands one address after the other" },
	{ "dnp3-restart", true, restart_relay, "a cold restart of a relay" },
	{ "cip-reset", true, reset_logix, "a reset of a controller" },
	{ "arp-spoof", true, arp_spoof,
	    "a laptop says that it is the server, and the controller" },
	{ "port-scan", true, port_scan, "twenty ports of twenty controllers" },
	{ "smb-fanout", true, smb_fanout,
	    "an office computer tries file sharing everywhere" },
	{ "exfil", true, exfiltrate,
	    "the historian sends megabytes to a new name on the Internet" },
	{ "remote-write", true, remote_write,
	    "remote desktop from the Internet, then writes to a controller" },
	{ "goose-spoof", true, goose_spoof,
	    "trips in the name of a relay, its own counters wrong" },
	{ "rogue-dhcp", true, rogue_dhcp, "a second server hands out leases" },
	{ "opcua-write", true, opcua_set, "a new laptop writes a variable" },
	{ "sweep", true, sweep, "ARP and echo to everybody" },
	{ "flood", true, flood, "24,000 connection requests in a minute" },
	{ "spoof-burst", true, spoof_burst,
	    "10,000 forged sources in 100 seconds" },
	{ "mac-flood", true, mac_flood,
	    "100,000 forged MAC addresses in 200 seconds" },
	{ "slow-recon", true, slow_recon,
	    "a screen reads what it never read, for twelve hours" },
	{ "spoof-flood", true, spoof_flood,
	    "a million forged sources in an hour" },
	{ .name = NULL },
};
