/*
 * sum.c - Internet checksum (RFC 1071) of long runs, and the two CRCs, which
 * go by half bytes: sixteen words of table, seldom needed.
 */
#include "private.h"

/* Fewer than eight bytes, as if zeros followed. */
static inline uint64_t
load_tail(const uint8_t *b, uint32_t n)
{
	uint64_t sum = 0;
	uint32_t four;
	uint16_t two;

	if ((n & 4) != 0) {
		memcpy(&four, b, 4);
		sum += four;
		b += 4;
	}
	if ((n & 2) != 0) {
		memcpy(&two, b, 2);
		sum += two;
		b += 2;
	}
	if ((n & 1) != 0) {
		two = 0;
		memcpy(&two, b, 1);
		sum += two;
	}
	return sum;
}

/* Two words at once, in a register that every processor of ours has. */
typedef uint64_t pair __attribute__((vector_size(16)));

static inline pair
pair_halves(const uint8_t *b)
{
	const pair low = { 0xffffffff, 0xffffffff };
	pair v;

	memcpy(&v, b, sizeof(v));
	return (v & low) + (v >> 32);
}

uint64_t
sum_add(uint64_t sum, const uint8_t *b, uint32_t n)
{
	pair even = { 0, 0 }, odd = { 0, 0 };

	for (; n >= 32; n -= 32, b += 32) {
		even += pair_halves(b);
		odd += pair_halves(b + 16);
	}
	even += odd;
	sum += even[0] + even[1];
	for (; n >= 8; n -= 8, b += 8)
		sum += sum_load8(b);
	return sum + load_tail(b, n);
}

uint32_t
decode_sum(struct span s)
{
	return sum_fold32(sum_add(0, s.p, s.n));
}

static uint32_t
crc_nibbles(const uint32_t table[static 16], uint32_t crc, const uint8_t *b,
    uint32_t n)
{
	for (; n > 0; n--, b++) {
		crc = crc >> 4 ^ table[(crc ^ *b) & 15];
		crc = crc >> 4 ^ table[(crc ^ *b >> 4) & 15];
	}
	return crc;
}

uint32_t
crc32_ieee(uint32_t crc, const uint8_t *b, uint32_t n)
{
	static const uint32_t table[16] = { 0x00000000, 0x1db71064, 0x3b6e20c8,
		0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
		0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0,
		0x86d3d2d4, 0xa00ae278, 0xbdbdf21c };

	return crc_nibbles(table, crc, b, n);
}

uint32_t
crc32_castagnoli(uint32_t crc, const uint8_t *b, uint32_t n)
{
	static const uint32_t table[16] = { 0x00000000, 0x105ec76f, 0x20bd8ede,
		0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
		0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4,
		0xd3d3e1ab, 0xe330a81a, 0xf36e6f75 };

	return crc_nibbles(table, crc, b, n);
}
