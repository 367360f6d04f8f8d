/*
 * plant.h - a made-up plant of two hundred devices, frame by frame.
 *
 * Writes what a mirror port of it would show over days or months, as pcap:
 * cyclic polls, shifts, engineering, backups, novelty that never repeats, and
 * attacks with their ground truth.  The same seed gives the same bytes: own
 * random numbers, no clock.  Not part of the product.
 *
 *   plant.h     what all parts share      rand.c, heap.c   chance, events
 *   wire.c      frames, UDP, TCP, pcap    bytes_*.c        protocols
 *   site*.c     devices and their links   work*.c          what people do
 *   tail.c      novelty, one-offs         attack*.c        the table of both
 */
#ifndef PLANT_H
#define PLANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define SECOND 1000000000ull
#define MINUTE (60 * SECOND)
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)
#define START (1767571200ull * SECOND) /* Monday 2026-01-05 00:00 UTC */

/* ------------------------------------------------------------------- chance */

/* One stream of numbers per actor: what one does, does not change another. */
struct rng {
	uint64_t s;
};
struct rng rng_of(uint64_t seed, const char *name, uint32_t number);
uint32_t rng_u32(struct rng *);
uint32_t rng_below(struct rng *, uint32_t n);
/* Of 0..1, and an interval of a Poisson process with that mean. */
double rng_part(struct rng *);
uint64_t rng_wait(struct rng *, uint64_t mean);
/* About `mean`, a tenth more or less. */
uint64_t rng_about(struct rng *, uint64_t mean);

/* -------------------------------------------------------------- one message */

/* Bytes on their way; more than fit abort, as that is our own mistake. */
struct msg {
	uint32_t n;
	uint8_t b[4096];
};
void m_raw(struct msg *, const void *, size_t);
void m_u8(struct msg *, uint32_t);
void m_b16(struct msg *, uint32_t);
void m_b32(struct msg *, uint32_t);
void m_b64(struct msg *, uint64_t);
void m_l16(struct msg *, uint32_t);
void m_l32(struct msg *, uint32_t);
void m_l64(struct msg *, uint64_t);
void m_bf32(struct msg *, double);
void m_lf32(struct msg *, double);
void m_lf64(struct msg *, double);
void m_fill(struct msg *, uint32_t byte, size_t);
void m_text(struct msg *, const char *);
void m_utf16(struct msg *, const char *);
void m_hex(struct msg *, const char *);
/* Lengths that stand before what they count. */
void m_set_b16(struct msg *, uint32_t at, uint32_t);
void m_set_l16(struct msg *, uint32_t at, uint32_t);
void m_set_l32(struct msg *, uint32_t at, uint32_t);
uint32_t m_ber(struct msg *, uint32_t tag); /* to be closed, inner first */
void m_ber_end(struct msg *, uint32_t mark);
void m_ber_raw(struct msg *, uint32_t tag, const void *, size_t);
void m_ber_text(struct msg *, uint32_t tag, const char *);
void m_ber_u32(struct msg *, uint32_t tag, uint32_t); /* shortest form */

/* ------------------------------------------------------------------ devices */

enum kind {
	KIND_MODBUS,
	KIND_S7,
	KIND_LOGIX,
	KIND_DRIVE_CIP,
	KIND_DRIVE_MODBUS,
	KIND_IEC104,
	KIND_DNP3,
	KIND_IED,
	KIND_BACNET,
	KIND_OPCUA,
	KIND_IO,
	KIND_GATEWAY,
	KIND_HMI,
	KIND_SCADA,
	KIND_HISTORIAN,
	KIND_EWS,
	KIND_SWITCH,
	KIND_CLIENT,
	KIND_DC,
	KIND_FILES,
	KIND_PRINTER,
	KIND_CAMERA,
	KIND_ROUTER,
	KIND_CLOCK,
	KIND_NEW, /* commissioned later */
	KIND_ROGUE, /* brought by somebody */
	KIND_OUTSIDE, /* on the Internet */
	KIND_COUNT
};

struct host {
	uint8_t mac[6];
	uint32_t ip;
	uint16_t vlan;
	uint16_t ident; /* of the next IP packet */
	uint16_t port; /* next one of its own */
	uint8_t ttl;
	uint8_t kind; /* enum kind */
	uint16_t number; /* of its kind, from 1 */
	uint8_t version; /* of the firmware */
	bool away; /* not there (yet, or over night) */
	uint32_t serial;
	char name[16];
	char user[16];
};

/* A TCP connection from a (client) to b (server). */
struct conn {
	struct host *a, *b;
	uint16_t sport, dport;
	uint32_t seq[2];
	uint32_t next; /* the protocol's counter */
	uint32_t more[2]; /* what else the protocol counts */
	bool open;
};

enum {
	N_HOSTS = 512,
	N_LINKS = 512
};

struct plant;
struct link;

/* A protocol as the cyclic links use it. */
struct talker {
	uint16_t port;
	void (*open)(struct plant *, struct conn *);
	/* item i of the link: one question and its answer */
	void (*poll)(struct plant *, struct link *, uint32_t i);
	void (*close)(struct plant *, struct conn *);
};

/* Who asks whom, again and again. */
struct link {
	struct conn c;
	const struct talker *talker;
	struct rng rng;
	uint64_t period;
	uint32_t turn, items;
	uint32_t first[4]; /* of each item: register, byte, object */
	uint16_t count[4];
	uint8_t units; /* behind a gateway; 0: one, which is 1 */
	bool shifts; /* in working hours more than at night */
	bool quiet; /* stopped */
	uint64_t until; /* when it connects again */
};

/* --------------------------------------------------------------- the events */

typedef void event_fn(struct plant *, void *arg);
struct event {
	uint64_t at;
	uint64_t order;
	event_fn *fn;
	void *arg;
};
struct heap {
	struct event *e;
	uint32_t n, max;
	uint64_t order;
};
void heap_add(struct heap *, uint64_t at, event_fn *, void *arg);
bool heap_take(struct heap *, struct event *ret);

/* ---------------------------------------------------------------- the plant */

enum scenario {
	QUIET,
	NORMAL,
	NOISY
};

struct wire {
	FILE *out;
	uint8_t *buf;
	size_t n;
	uint64_t from, to; /* what is written */
	int64_t skew; /* of the capture's clock */
	uint32_t lose; /* frames still to miss */
	uint32_t loss; /* bursts, of a million frames; 0 none */
	struct rng rng;
	bool failed;
};

struct plant {
	uint64_t seed, now, end;
	double rate;
	enum scenario scenario;
	FILE *truth;
	struct wire wire;
	struct heap heap;
	struct host host[N_HOSTS];
	uint32_t n_hosts;
	struct link link[N_LINKS];
	uint32_t n_links;
	struct msg ask, answer;
	struct host *router, *server, *files,
	    *clock; /* server: names, leases */
	uint32_t one_off; /* numbers that were never used before */
};

void plant_at(struct plant *, uint64_t when, event_fn *, void *arg);
void plant_after(struct plant *, uint64_t wait, event_fn *, void *arg);
/* Hour of the day and day of the week (0 Monday) of now; working: 1 when the
 * shift is on at full strength, less at night and on weekends. */
uint32_t plant_hour(const struct plant *);
uint32_t plant_weekday(const struct plant *);
double plant_work(const struct plant *);

struct host *host_add(struct plant *, enum kind, uint32_t number, uint32_t oui,
    uint32_t ip, uint16_t vlan, const char *name);
/* The n-th of a kind, from 1; there must be so many. */
struct host *host_of(struct plant *, enum kind, uint32_t number);
uint32_t host_count(const struct plant *, enum kind);
#define IP(a, b, c, d)                                                    \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | \
	    (uint32_t)(d))

void site_build(struct plant *);
void links_build(struct plant *);
struct link *link_add(struct plant *, const struct talker *, struct host *a,
    struct host *b, uint32_t seconds);
void link_start(struct plant *, struct link *);
const struct talker *talker_of(enum kind);
/* A link between the two, or NULL. */
struct link *link_between(struct plant *, const struct host *a,
    const struct host *b);
void work_begin(struct plant *);
void work_it_begin(struct plant *);
void tail_begin(struct plant *);
void l2_begin(struct plant *);

/* --------------------------------------------------------------------- wire */

void wire_begin(struct plant *);
void wire_end(struct plant *);
void wire_pass(struct plant *, uint64_t ns);
void send_ether(struct plant *, const uint8_t dst[6], const uint8_t src[6],
    uint16_t vlan, uint8_t priority, uint16_t type, const struct msg *);
void send_llc(struct plant *, const uint8_t dst[6], const uint8_t src[6],
    const struct msg *);
void send_udp(struct plant *, struct host *a, struct host *b, uint16_t sport,
    uint16_t dport, const struct msg *);
/* To a group or broadcast address. */
void send_udp_all(struct plant *, struct host *a, const uint8_t mac[6],
    uint32_t ip, uint16_t sport, uint16_t dport, const struct msg *);
void send_arp(struct plant *, uint32_t op, const uint8_t dst[6],
    const struct host *from, uint32_t ip, const uint8_t to_mac[6],
    uint32_t to_ip);
void arp_ask(struct plant *, struct host *asks, struct host *owner);
void send_icmp_echo(struct plant *, struct host *a, struct host *b,
    uint32_t seq);
extern const uint8_t everybody[6];

#define TCP_FIN 1u
#define TCP_SYN 2u
#define TCP_RST 4u
#define TCP_PSH 8u
#define TCP_ACK 16u
void tcp_segment(struct plant *, struct conn *, unsigned way, unsigned flags,
    const uint8_t *, size_t);
struct conn conn_make(struct plant *, struct host *a, struct host *b,
    uint16_t dport);
void conn_open(struct plant *, struct conn *);
void conn_close(struct plant *, struct conn *);
void conn_refused(struct plant *, struct conn *); /* SYN and RST */
/* A message one way, in as many segments as it takes. */
void conn_say(struct plant *, struct conn *, unsigned way, const struct msg *);
void conn_ack(struct plant *, struct conn *, unsigned way);
void conn_alive(struct plant *, struct conn *); /* keep-alive and its answer */
void conn_ask(struct plant *, struct conn *, const struct msg *ask,
    const struct msg *answer); /* and the client's acknowledgement */
void conn_swap(struct plant *, struct conn *); /* ask, answer of the plant */
/* `n` bytes one way, acknowledged on the way. */
void conn_bulk(struct plant *, struct conn *, unsigned way, size_t n);

/* ---------------------------------------------------------------- protocols */

/* A process value that wanders a little. */
uint32_t value_now(const struct plant *, uint32_t which);

void modbus_read(struct plant *, struct conn *, unsigned unit, unsigned fc,
    unsigned first, unsigned count);
void modbus_write(struct plant *, struct conn *, unsigned unit, unsigned first,
    unsigned count, unsigned value);
void modbus_refuse(struct plant *, struct conn *, unsigned unit, unsigned fc,
    unsigned first, unsigned code);
void modbus_identify(struct plant *, struct conn *, unsigned unit);

void s7_open(struct plant *, struct conn *);
void s7_read(struct plant *, struct conn *, unsigned db, unsigned first,
    unsigned count);
void s7_write(struct plant *, struct conn *, unsigned db, unsigned first,
    unsigned count);
void s7_identify(struct plant *, struct conn *);
void s7_upload(struct plant *, struct conn *, const char *block, unsigned size);
void s7_download(struct plant *, struct conn *, const char *block,
    unsigned size);
void s7_stop(struct plant *, struct conn *);
void s7_start(struct plant *, struct conn *);

void enip_open(struct plant *, struct conn *);
void enip_close(struct plant *, struct conn *);
void cip_read_tag(struct plant *, struct conn *, const char *tag, unsigned n);
void cip_write_tag(struct plant *, struct conn *, const char *tag,
    unsigned value);
void cip_get(struct plant *, struct conn *, unsigned class, unsigned instance,
    unsigned attribute);
void cip_set(struct plant *, struct conn *, unsigned class, unsigned instance,
    unsigned attribute, unsigned value);
void cip_reset(struct plant *, struct conn *);
void enip_list(struct plant *, struct host *asks); /* all answer */

void dnp3_poll(struct plant *, struct conn *, bool all);
void dnp3_operate(struct plant *, struct conn *, unsigned point);
void dnp3_restart(struct plant *, struct conn *);
void dnp3_attributes(struct plant *, struct conn *);

void iec104_open(struct plant *, struct conn *);
void iec104_values(struct plant *, struct conn *, unsigned first, unsigned n);
void iec104_interrogate(struct plant *, struct conn *);
void iec104_command(struct plant *, struct conn *, unsigned address, bool on,
    bool known);
void iec104_test(struct plant *, struct conn *);

void opcua_open(struct plant *, struct conn *);
void opcua_read(struct plant *, struct conn *, unsigned node, unsigned n);
void opcua_write(struct plant *, struct conn *, unsigned node, unsigned value);

void mms_open(struct plant *, struct conn *);
void mms_identify(struct plant *, struct conn *);
void mms_read(struct plant *, struct conn *, const char *item);

void bacnet_who(struct plant *, struct host *asks);
void bacnet_iam(struct plant *, struct host *);
void bacnet_read(struct plant *, struct host *a, struct host *b, unsigned type,
    unsigned instance, unsigned property);
void bacnet_write(struct plant *, struct host *a, struct host *b, unsigned type,
    unsigned instance, double value);

struct goose { /* what a publisher counts */
	struct host *host;
	uint64_t changed;
	uint32_t state, number;
	uint32_t data; /* bits */
	struct rng rng;
};
void goose_send(struct plant *, const struct goose *);
void lldp_send(struct plant *, struct host *, unsigned port);
void stp_send(struct plant *, struct host *, unsigned port);
void dcp_identify(struct plant *, struct host *asks);

void dhcp_lease(struct plant *, struct host *, uint32_t ip, bool renew);
void dhcp_answer(struct plant *, struct host *server, struct host *client,
    unsigned kind, uint32_t xid, uint32_t ip);
void dhcp_ask(struct plant *, struct host *client, unsigned kind, uint32_t xid,
    uint32_t ip);
void dns_ask(struct plant *, struct host *, const char *name, uint32_t answer);
void ntp_ask(struct plant *, struct host *a, struct host *server);
void snmp_get(struct plant *, struct host *a, struct host *b, unsigned leaf);
void snmp_describe(struct plant *, struct host *a, struct host *b);
void syslog_say(struct plant *, struct host *, struct host *to,
    const char *text);
void http_get(struct plant *, struct host *a, struct host *b, const char *path);
void tls_session(struct plant *, struct host *a, struct host *b,
    const char *name, size_t up, size_t down);
void rdp_session(struct plant *, struct host *a, struct host *b,
    const char *user, size_t size);
void ssh_session(struct plant *, struct host *a, struct host *b, size_t size);

void smb_begin(struct plant *, struct conn *, struct host *a, struct host *b,
    const char *share);
void smb_copy(struct plant *, struct conn *, const char *file, size_t size,
    bool write);
void smb_end(struct plant *, struct conn *);

/* ------------------------------------------------------- attacks and events */

/* One that was ordered: name@day.hour.  `step` is called again after as long
 * as it says, until it says 0. */
struct attack {
	const struct attack_row *row;
	struct plant *plant;
	uint64_t at;
	uint32_t step;
	struct rng rng;
	struct host *a, *b; /* source and destination */
	struct conn c;
	struct attack *next;
};
struct attack_row {
	const char *name;
	bool attack; /* false: a rightful event */
	uint64_t (*run)(struct plant *, struct attack *);
	const char *note;
};
extern const struct attack_row attack_rows[];
extern const struct attack_row event_rows[];
/* "name@day.hour"; "all@day" one after the other from that day's 00:00.
 * False when there is no such name or time. */
bool attack_order(struct plant *, const char *text);
void attack_list(FILE *);
/* Rightful events that belong to the scenario. */
void events_begin(struct plant *);
void truth_say(struct plant *, const struct attack *, uint64_t end);

#endif
