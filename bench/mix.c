/*
 * mix.c - writes the benchmark's capture: an industrial mix, deterministic.
 *
 *	mix PACKETS > mix.pcap
 *
 * 200 controllers polled by eight masters, in the proportions of a mid-sized
 * plant: Modbus/TCP and S7 polls with the acknowledgements that TCP adds,
 * EtherNet/IP class 1 I/O, IEC 104 spontaneous data, DNP3 over TCP, GOOSE.
 * Frames are about 160 bytes on average; checksums and CRCs are right.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONTROLLERS 200u
#define MASTERS 8u

static uint64_t at_ns = 1700000000ull * 1000000000ull;
static uint64_t written, bytes, wanted;

struct conn { /* one TCP connection */
	uint32_t seq[2], id;
	uint16_t port[2];
};

static struct conn conns[5][CONTROLLERS];

static void
le32(uint8_t *p, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static void
be16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void
be32(uint8_t *p, uint32_t v)
{
	be16(p, v >> 16);
	be16(p + 2, v);
}

static void
emit(const uint8_t *frame, uint32_t n)
{
	uint8_t head[16];

	at_ns += 20000;
	le32(head, (uint32_t)(at_ns / 1000000000ull));
	le32(head + 4, (uint32_t)(at_ns % 1000000000ull / 1000));
	le32(head + 8, n);
	le32(head + 12, n);
	if (fwrite(head, 16, 1, stdout) != 1 ||
	    fwrite(frame, n, 1, stdout) != 1) {
		perror("mix");
		exit(1);
	}
	written++;
	bytes += n;
	if (written == wanted) {
		(void)fprintf(stderr, "%llu packets, %.1f bytes each\n",
		    (unsigned long long)written,
		    (double)bytes / (double)written);
		exit(fflush(stdout) != 0);
	}
}

static uint32_t
add(uint32_t sum, const uint8_t *p, uint32_t n)
{
	for (uint32_t i = 0; i + 1 < n; i += 2)
		sum += (uint32_t)p[i] << 8 | p[i + 1];
	return n % 2 ? sum + ((uint32_t)p[n - 1] << 8) : sum;
}

static uint16_t
fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void
mac(uint8_t *p, uint32_t host)
{
	memcpy(p, "\x00\x1c\x06\x00", 4);
	be16(p + 4, host);
}

/* Ethernet and IPv4 around `n` bytes of TCP or UDP at frame + 34. */
static void
ip(uint8_t *frame, uint32_t src, uint32_t dst, uint8_t proto, uint32_t n,
    uint32_t sum_at)
{
	uint8_t *h = frame + 14, *l4 = frame + 34;

	mac(frame, dst);
	mac(frame + 6, src);
	be16(frame + 12, 0x0800);
	memset(h, 0, 20);
	h[0] = 0x45;
	be16(h + 2, 20 + n);
	be16(h + 6, 0x4000);
	h[8] = 64;
	h[9] = proto;
	be32(h + 12, 0x0a000000u | src);
	be32(h + 16, 0x0a000000u | dst);
	be16(h + 10, fold(add(0, h, 20)));
	be16(l4 + sum_at, 0);
	be16(l4 + sum_at, fold(add(add(proto + n, h + 12, 8), l4, n)));
}

static void
tcp(struct conn *c, uint32_t client, uint32_t server, unsigned way,
    uint8_t flags, const uint8_t *data, uint32_t n)
{
	uint8_t frame[1600] = { 0 };
	uint8_t *t = frame + 34;

	be16(t, c->port[way]);
	be16(t + 2, c->port[!way]);
	be32(t + 4, c->seq[way]);
	be32(t + 8, c->seq[!way]);
	t[12] = 0x50;
	t[13] = flags;
	be16(t + 14, 8192);
	memcpy(t + 20, data, n);
	ip(frame, way ? server : client, way ? client : server, 6, 20 + n, 16);
	c->seq[way] += n + ((flags & 3) != 0);
	emit(frame, 54 + n < 60 ? 60 : 54 + n);
}

static void
hello(struct conn *c, uint32_t client, uint32_t server, uint16_t port)
{
	c->port[0] = (uint16_t)(40000 + server);
	c->port[1] = port;
	c->seq[0] = server * 1000;
	c->seq[1] = server * 77777;
	tcp(c, client, server, 0, 0x02, NULL, 0);
	tcp(c, client, server, 1, 0x12, NULL, 0);
	tcp(c, client, server, 0, 0x10, NULL, 0);
}

static void
ask(struct conn *c, uint32_t m, uint32_t s, const uint8_t *q, uint32_t qn,
    const uint8_t *r, uint32_t rn)
{
	tcp(c, m, s, 0, 0x18, q, qn);
	tcp(c, m, s, 1, 0x18, r, rn);
	if (c->id % 3 == 0)
		tcp(c, m, s, 0, 0x10, NULL, 0);
	c->id++;
}

static void
modbus(struct conn *c, uint32_t m, uint32_t s)
{
	uint8_t q[12] = { 0 }, r[9 + 250] = { 0 };

	be16(q, c->id);
	be16(q + 4, 6);
	q[6] = 1;
	q[7] = 3;
	be16(q + 8, 100);
	be16(q + 10, 125);
	memcpy(r, q, 8);
	be16(r + 4, 253);
	r[8] = 250;
	be16(r + 9, c->id);
	ask(c, m, s, q, 12, r, 259);
}

static void
s7(struct conn *c, uint32_t m, uint32_t s)
{
	static const uint8_t item[] = { 0x12, 0x0a, 0x10, 2, 0, 220, 0, 10,
		0x84, 0, 0, 0 };
	uint8_t q[31] = { 3, 0, 0, 31, 2, 0xf0, 0x80, 0x32, 1 };
	uint8_t r[25 + 220] = { 3, 0, 0, 245, 2, 0xf0, 0x80, 0x32, 3 };

	be16(q + 11, c->id);
	be16(q + 13, 14);
	q[17] = 4;
	q[18] = 1;
	memcpy(q + 19, item, 12);
	be16(r + 11, c->id);
	be16(r + 13, 2);
	be16(r + 15, 224);
	r[19] = 4;
	r[20] = 1;
	r[21] = 0xff;
	r[22] = 4;
	be16(r + 23, 220 * 8);
	r[25] = (uint8_t)c->id;
	ask(c, m, s, q, 31, r, 245);
}

static void
iec104(struct conn *c, uint32_t m, uint32_t s)
{
	uint8_t r[6 + 6 + 12 * 8] = { 0x68, 4 + 6 + 12 * 8 };

	r[2] = (uint8_t)(c->id << 1);
	r[3] = (uint8_t)(c->id >> 7);
	r[6] = 13;
	r[7] = 12;
	r[8] = 3;
	r[10] = (uint8_t)s;
	for (unsigned i = 0; i < 12; i++)
		r[12 + i * 8] = (uint8_t)i;
	c->id++;
	tcp(c, m, s, 1, 0x18, r, sizeof(r));
	tcp(c, m, s, 0, 0x10, NULL, 0);
}

static uint16_t
dnp_crc(const uint8_t *p, uint32_t n)
{
	uint32_t crc = 0;

	for (uint32_t i = 0; i < n; i++) {
		crc ^= p[i];
		for (unsigned k = 0; k < 8; k++)
			crc = (crc & 1) != 0 ? crc >> 1 ^ 0xa6bc : crc >> 1;
	}
	return (uint16_t)~crc;
}

/* Link header, then user data in blocks of 16, each with its CRC. */
static uint32_t
dnp_frame(uint8_t *dst, uint8_t ctl, uint32_t to, uint32_t from,
    const uint8_t *user, uint32_t n)
{
	uint32_t at = 10;
	uint16_t crc;

	dst[0] = 5;
	dst[1] = 0x64;
	dst[2] = (uint8_t)(5 + n);
	dst[3] = ctl;
	dst[4] = (uint8_t)to;
	dst[5] = (uint8_t)(to >> 8);
	dst[6] = (uint8_t)from;
	dst[7] = (uint8_t)(from >> 8);
	crc = dnp_crc(dst, 8);
	dst[8] = (uint8_t)crc;
	dst[9] = (uint8_t)(crc >> 8);
	for (uint32_t i = 0; i < n; i += 16) {
		uint32_t k = n - i < 16 ? n - i : 16;

		memcpy(dst + at, user + i, k);
		crc = dnp_crc(dst + at, k);
		dst[at + k] = (uint8_t)crc;
		dst[at + k + 1] = (uint8_t)(crc >> 8);
		at += k + 2;
	}
	return at;
}

static void
dnp3(struct conn *c, uint32_t m, uint32_t s)
{
	uint8_t q[64], r[300];
	uint8_t ask_all[] = { 0xc0, 0xc0, 1, 30, 1, 6 };
	uint8_t all[10 + 20 * 5] = { 0xc0, 0xc0, 129, 0, 0, 30, 1, 0, 0, 19 };
	uint32_t qn, rn;

	ask_all[1] = all[1] = (uint8_t)(0xc0 | (c->id & 15));
	qn = dnp_frame(q, 0xc4, s, 1, ask_all, sizeof(ask_all));
	rn = dnp_frame(r, 0x44, 1, s, all, sizeof(all));
	ask(c, m, s, q, qn, r, rn);
}

static void
enip_io(uint32_t m, uint32_t s, uint32_t n)
{
	uint8_t frame[34 + 8 + 18 + 4 + 6 + 60] = { 0 }, *u = frame + 34;
	static const uint8_t cpf[] = { 2, 0, 2, 0x80, 8, 0 };

	be16(u, 2222);
	be16(u + 2, 2222);
	be16(u + 4, sizeof(frame) - 34);
	memcpy(u + 8, cpf, 6);
	le32(u + 14, s);
	le32(u + 18, n);
	u[22] = 0xb1;
	u[24] = 62;
	u[26] = (uint8_t)n;
	u[27] = (uint8_t)(n >> 8);
	u[28] = 1;
	ip(frame, s, m, 17, sizeof(frame) - 34, 6);
	emit(frame, sizeof(frame));
}

static void
goose(uint32_t s, uint32_t n)
{
	static const uint8_t head[] = { 0x80, 20, 'I', 'E', 'D', 'L', 'D', '0',
		'/', 'L', 'L', 'N', '0', '$', 'G', 'O', '$', 'g', 'c', 'b', '0',
		'1', 0x81, 2, 0x07, 0xd0, 0x82, 18, 'I', 'E', 'D', 'L', 'D',
		'0', '/', 'L', 'L', 'N', '0', '$', 'D', 'S', '0', '1', '0', '1',
		0x83, 4, 'g', 'o', '0', '1', 0x84, 8, 0x60, 0, 0, 0, 0, 0, 0, 0,
		0x85, 1, 1, 0x86, 4 };
	static const uint8_t tail[] = { 0x87, 1, 0, 0x88, 1, 1, 0x89, 1, 0,
		0x8a, 1, 8, 0xab, 24, 0x83, 1, 0, 0x83, 1, 1, 0x83, 1, 0, 0x83,
		1, 1, 0x83, 1, 0, 0x83, 1, 1, 0x83, 1, 0, 0x83, 1, 1 };
	uint8_t frame[26 + 3 + sizeof(head) + 4 + sizeof(tail)] = { 0 };
	uint32_t pdu = sizeof(head) + 4 + sizeof(tail);

	memcpy(frame, "\x01\x0c\xcd\x01\x00", 5);
	frame[5] = (uint8_t)s;
	mac(frame + 6, s);
	be16(frame + 12, 0x88b8);
	be16(frame + 14, s);
	be16(frame + 16, 8 + 2 + pdu);
	frame[22] = 0x61;
	frame[23] = (uint8_t)pdu;
	memcpy(frame + 24, head, sizeof(head));
	be32(frame + 24 + sizeof(head), n);
	memcpy(frame + 28 + sizeof(head), tail, sizeof(tail));
	emit(frame, 28 + sizeof(head) + sizeof(tail));
}

int
main(int argc, char **argv)
{
	uint8_t head[24] = { 0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4 };

	wanted = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
	le32(head + 16, 65535);
	le32(head + 20, 1);
	if (wanted == 0 || fwrite(head, 24, 1, stdout) != 1)
		return 1;
	for (uint32_t i = 0; i < CONTROLLERS; i++) {
		uint32_t m = 1 + i % MASTERS, s = 1000 + i;

		hello(&conns[0][i], m, s, 502);
		hello(&conns[1][i], m, s, 102);
		hello(&conns[2][i], m, s, 2404);
		hello(&conns[3][i], m, s, 20000);
	}
	for (uint32_t n = 0;; n++) {
		for (uint32_t i = 0; i < CONTROLLERS; i++) {
			uint32_t m = 1 + i % MASTERS, s = 1000 + i;

			modbus(&conns[0][i], m, s);
			enip_io(m, s, n);
			s7(&conns[1][i], m, s);
			goose(s, n);
			if (n % 2 == 0)
				iec104(&conns[2][i], m, s);
			else
				dnp3(&conns[3][i], m, s);
		}
	}
}
