/*
 * crc.h - 16-bit checksums of the serial protocols, a nibble at a time.
 *
 * Private to dissectors.  Names as in the catalogue of parametrised CRCs:
 *	crc_ccitt	polynomial 1021h, most significant bit first;
 *			start 0 XMODEM, FFFFh IBM-3740
 *	crc_x25		the same reflected (8408h); start FFFFh, inverted at
 *			the end: X-25, of HDLC
 *	crc_modbus	polynomial 8005h reflected (A001h); start 0 ARC,
 *			FFFFh MODBUS
 */
#ifndef PROTO_CRC_H
#define PROTO_CRC_H

#include <stdint.h>

#include "../base/span.h"

static inline uint32_t
crc_ccitt(struct span s, uint32_t crc)
{
	for (uint32_t i = 0; i < s.n; i++) {
		uint32_t x = (crc >> 8 ^ s.p[i]) & 0xff;

		x ^= x >> 4;
		crc = (crc << 8 ^ x << 12 ^ x << 5 ^ x) & 0xffff;
	}
	return crc;
}

static inline uint32_t
crc_reflected(struct span s, uint32_t crc, const uint16_t table[16])
{
	for (uint32_t i = 0; i < s.n; i++) {
		crc ^= s.p[i];
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return crc & 0xffff;
}

static inline uint32_t
crc_x25(struct span s)
{
	static const uint16_t table[16] = { 0x0000, 0x1081, 0x2102, 0x3183,
		0x4204, 0x5285, 0x6306, 0x7387, 0x8408, 0x9489, 0xa50a, 0xb58b,
		0xc60c, 0xd68d, 0xe70e, 0xf78f };

	return crc_reflected(s, 0xffff, table) ^ 0xffff;
}

static inline uint32_t
crc_modbus(struct span s, uint32_t start)
{
	static const uint16_t table[16] = { 0x0000, 0xcc01, 0xd801, 0x1400,
		0xf001, 0x3c00, 0x2800, 0xe401, 0xa001, 0x6c00, 0x7800, 0xb401,
		0x5000, 0x9c01, 0x8801, 0x4400 };

	return crc_reflected(s, start, table);
}

#endif
