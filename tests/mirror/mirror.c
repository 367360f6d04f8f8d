/*
 * mirror.c - plays what stands before the sensor: takes a capture and sends it
 * as a switch's mirror, the end of a tunnel, a TAP or a virtual switch would.
 *
 *	mirror METHOD OUT[,OUT2] CAPTURE [word=value ...]
 *
 *	span         each frame as it is
 *	both         what goes from one to another twice, as of both directions
 *	groups       multicasts and broadcasts three times
 *	one-way      what the station with the lower address sends
 *	deaf         what is for everybody alone: no mirror, or no promiscuous
 *port rspan        with an outer tag: vlan=900 erspan1..3   in GRE: from= to=
 *mac= session=7 lose=N (every N-th is lost) tap          as span, also what is
 *damaged: damage=N (every N-th) tap-two      each direction by a port of its
 *own late         by the second port, and later untagged     tags taken off cut
 *frames cut at 64 bytes, as a switch that truncates
 *
 *	lose=N       every N-th frame is lost before the mirror
 *	rate=N       frames a second, 2000
 *	times=N      the capture so often
 */
#include <arpa/inet.h>
#include <stdbool.h>
#include <time.h>

#include "../../src/capture/capture.h"
#include "net.h"

struct play {
	const char *method;
	int out[2];
	uint32_t vlan, session, lose, damage, rate, times;
	uint8_t from[4], to[4], mac[6];
	uint32_t sequence, sent;
	uint8_t b[4096];
};

static void
put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static bool
is(const struct play *p, const char *method)
{
	return strcmp(p->method, method) == 0;
}

static void
emit(struct play *p, unsigned port, const uint8_t *b, uint32_t n)
{
	net_send(p->out[port], b, n);
	p->sent++;
}

/* -------------------------------------------------------------- tunnels */

static void
put_ip(const struct play *p, uint8_t *ip, uint32_t n)
{
	uint32_t sum = 0;

	memset(ip, 0, 20);
	ip[0] = 0x45;
	put16(ip + 2, n);
	put16(ip + 4, p->sequence);
	ip[8] = 64;
	ip[9] = 47;
	memcpy(ip + 12, p->from, 4);
	memcpy(ip + 16, p->to, 4);
	for (int i = 0; i < 20; i += 2)
		sum += (uint32_t)ip[i] << 8 | ip[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	put16(ip + 10, ~((sum & 0xffff) + (sum >> 16)));
}

static void
erspan(struct play *p, const uint8_t *frame, uint32_t n)
{
	uint32_t type = (uint32_t)(p->method[6] - '0'), at = 38;
	uint8_t *b = p->b;

	memset(b, 0, 64);
	memcpy(b, p->mac, 6);
	b[6] = 2;
	b[11] = 9;
	put16(b + 12, 0x0800);
	put16(b + 34, type > 1 ? 0x1000 : 0);
	put16(b + 36, type == 3 ? 0x22eb : 0x88be);
	if (type > 1) {
		put16(b + 38, p->sequence >> 16);
		put16(b + 40, p->sequence);
		put16(b + 42, type == 3 ? 0x2000 : 0x1000);
		put16(b + 44, p->session);
		at = type == 3 ? 54 : 50;
	}
	memcpy(b + at, frame, n);
	put_ip(p, b + 14, at - 14 + n);
	p->sequence++;
	if (p->lose != 0 && p->sequence % p->lose == 0)
		return;
	if (at + n <= 1514)
		emit(p, 0, b, at + n);
}

/* ----------------------------------------------------------------- frames */

static bool
is_group(const uint8_t *b)
{
	return (b[0] & 1) != 0;
}

static bool
is_forth(const uint8_t *b)
{
	return memcmp(b + 6, b, 6) < 0;
}

static void
tagged(struct play *p, const uint8_t *frame, uint32_t n)
{
	memcpy(p->b, frame, 12);
	put16(p->b + 12, 0x8100);
	put16(p->b + 14, p->vlan);
	memcpy(p->b + 16, frame + 12, n - 12);
	emit(p, 0, p->b, n + 4);
}

static void
untagged(struct play *p, const uint8_t *frame, uint32_t n)
{
	if (n < 18 || frame[12] != 0x81 || frame[13] != 0) {
		emit(p, 0, frame, n);
		return;
	}
	memcpy(p->b, frame, 12);
	memcpy(p->b + 12, frame + 16, n - 16);
	emit(p, 0, p->b, n - 4);
}

static void
repeated(struct play *p, const uint8_t *frame, uint32_t n, unsigned times)
{
	for (unsigned i = 0; i < times; i++)
		emit(p, 0, frame, n);
}

static void
one(struct play *p, const uint8_t *frame, uint32_t n)
{
	uint32_t number = ++p->sequence;

	if (strncmp(p->method, "erspan", 6) == 0) {
		p->sequence--;
		erspan(p, frame, n);
	} else if (p->lose != 0 && number % p->lose == 0) {
		return;
	} else if (p->damage != 0 && number % p->damage == 0) {
		emit(p, 0, frame, n < 24 ? n : 24);
	} else if (is(p, "both")) {
		repeated(p, frame, n, is_group(frame) ? 1 : 2);
	} else if (is(p, "groups")) {
		repeated(p, frame, n, is_group(frame) ? 3 : 1);
	} else if (is(p, "one-way")) {
		if (is_group(frame) || is_forth(frame))
			emit(p, 0, frame, n);
	} else if (is(p, "deaf")) {
		if (is_group(frame))
			emit(p, 0, frame, n);
	} else if (is(p, "tap-two")) {
		emit(p, is_forth(frame) ? 0 : 1, frame, n);
	} else if (is(p, "rspan")) {
		tagged(p, frame, n);
	} else if (is(p, "untagged")) {
		untagged(p, frame, n);
	} else if (is(p, "cut")) {
		emit(p, 0, frame, n < 64 ? n : 64);
	} else {
		emit(p, 0, frame, n);
	}
}

static void
play(struct play *p, const char *path)
{
	struct capture *c = capture_open(&path, 1);
	struct frame f;
	uint32_t n = 0;

	while (c != NULL && capture_next(c, &f)) {
		uint8_t frame[1514];

		if (f.bytes.n < 14 || f.bytes.n > sizeof(frame))
			continue;
		memcpy(frame, f.bytes.p, f.bytes.n);
		one(p, frame, f.bytes.n);
		if (++n % 20 == 0)
			(void)usleep(20 * 1000000 / p->rate);
	}
	capture_close(c);
}

static void
option(struct play *p, const char *text)
{
	const char *value = strchr(text, '=');
	static const struct {
		const char *name;
		size_t at;
	} numbers[] = {
		{ "vlan=", offsetof(struct play, vlan) },
		{ "session=", offsetof(struct play, session) },
		{ "lose=", offsetof(struct play, lose) },
		{ "damage=", offsetof(struct play, damage) },
		{ "rate=", offsetof(struct play, rate) },
		{ "times=", offsetof(struct play, times) },
	};
	uint32_t v;

	if (value == NULL)
		exit(2);
	value++;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (strncmp(text, numbers[i].name, strlen(numbers[i].name)) ==
		    0) {
			v = (uint32_t)strtoul(value, NULL, 10);
			memcpy((uint8_t *)p + numbers[i].at, &v, sizeof(v));
			return;
		}
	if (strncmp(text, "from=", 5) == 0)
		(void)inet_pton(AF_INET, value, p->from);
	else if (strncmp(text, "to=", 3) == 0)
		(void)inet_pton(AF_INET, value, p->to);
	else if (strncmp(text, "mac=", 4) == 0)
		for (int i = 0; i < 6; i++)
			p->mac[i] = (uint8_t)strtoul(value + 3 * i, NULL, 16);
	else
		exit(2);
}

int
main(int argc, char **argv)
{
	static struct play p = { .vlan = 900,
		.session = 7,
		.rate = 2000,
		.times = 1,
		.from = { 10, 9, 0, 2 },
		.to = { 10, 9, 0, 1 },
		.mac = { 2, 0, 0, 0, 0, 1 } };
	char *second;

	if (argc < 4) {
		(void)fprintf(stderr,
		    "usage: mirror METHOD OUT[,OUT2] CAPTURE [word=value]\n");
		return 2;
	}
	p.method = argv[1];
	second = strchr(argv[2], ',');
	if (second != NULL)
		*second++ = '\0';
	p.out[0] = net_socket(argv[2]);
	p.out[1] = second != NULL ? net_socket(second) : p.out[0];
	for (int i = 4; i < argc; i++)
		option(&p, argv[i]);
	for (uint32_t i = 0; i < p.times; i++)
		play(&p, argv[3]);
	(void)printf("%u\n", p.sent);
	return 0;
}
