/*
 * tls_ot.h - TLS around industrial protocols: what lies inside by its port,
 * and how much its ciphers protect.
 *
 * Private to tls.c.  Ports: MODBUS/TCP Security v3.6 (802), CIP Security
 * (2221), IEC 62351-3 with -4 (3782) and -5 (19998), IEEE 1815 (19999), IANA.
 * Cipher suites: IANA's registry, RFC 5246, 4492, 4785, 5489, 9150.
 */
#ifndef PROTO_TLS_OT_H
#define PROTO_TLS_OT_H

#include "proto.h"

struct tls_service {
	uint16_t port;
	const char *name;
};

static const struct tls_service tls_services[] = {
	{ 802, "Modbus/TCP Security" },
	{ 2221, "CIP Security" },
	{ 3782, "MMS" },
	{ 4840, "OPC UA" },
	{ 4843, "OPC UA" },
	{ 4911, "Niagara Fox" },
	{ 5684, "CoAP" },
	{ 8016, "ADS" },
	{ 8883, "MQTT" },
	{ 19998, "IEC 60870-5-104" },
	{ 19999, "DNP3" },
};

static inline const char *
tls_service_name(const struct dissect *d)
{
	for (uint32_t i = 0; i < sizeof(tls_services) / sizeof(tls_services[0]);
	     i++)
		if (tls_services[i].port == d->talk->server_port)
			return tls_services[i].name;
	return NULL;
}

enum tls_strength {
	TLS_ENCRYPTS,
	TLS_SIGNS, /* nobody can change it, everybody can read it */
	TLS_ANONYMOUS, /* whoever answers is believed */
	TLS_BREAKABLE, /* export, RC4, DES */
};

struct tls_range {
	uint16_t from, to;
	uint8_t strength;
};

/* The others encrypt. */
static const struct tls_range tls_ranges[] = {
	{ 0x0000, 0x0002, TLS_SIGNS },
	{ 0x0003, 0x0006, TLS_BREAKABLE },
	{ 0x0008, 0x0009, TLS_BREAKABLE },
	{ 0x000b, 0x000c, TLS_BREAKABLE },
	{ 0x000e, 0x000f, TLS_BREAKABLE },
	{ 0x0011, 0x0012, TLS_BREAKABLE },
	{ 0x0014, 0x0015, TLS_BREAKABLE },
	{ 0x0017, 0x001b, TLS_ANONYMOUS },
	{ 0x002c, 0x002e, TLS_SIGNS },
	{ 0x0034, 0x0034, TLS_ANONYMOUS },
	{ 0x003a, 0x003a, TLS_ANONYMOUS },
	{ 0x003b, 0x003b, TLS_SIGNS },
	{ 0x006c, 0x006d, TLS_ANONYMOUS },
	{ 0x008a, 0x008a, TLS_BREAKABLE },
	{ 0x008e, 0x008e, TLS_BREAKABLE },
	{ 0x0092, 0x0092, TLS_BREAKABLE },
	{ 0x00a6, 0x00a7, TLS_ANONYMOUS },
	{ 0x00b0, 0x00b1, TLS_SIGNS },
	{ 0x00b4, 0x00b5, TLS_SIGNS },
	{ 0x00b8, 0x00b9, TLS_SIGNS },
	{ 0xc001, 0xc001, TLS_SIGNS },
	{ 0xc002, 0xc002, TLS_BREAKABLE },
	{ 0xc006, 0xc006, TLS_SIGNS },
	{ 0xc007, 0xc007, TLS_BREAKABLE },
	{ 0xc00b, 0xc00b, TLS_SIGNS },
	{ 0xc00c, 0xc00c, TLS_BREAKABLE },
	{ 0xc010, 0xc010, TLS_SIGNS },
	{ 0xc011, 0xc011, TLS_BREAKABLE },
	{ 0xc015, 0xc019, TLS_ANONYMOUS },
	{ 0xc033, 0xc033, TLS_BREAKABLE },
	{ 0xc039, 0xc03b, TLS_SIGNS },
	{ 0xc0b4, 0xc0b5, TLS_SIGNS },
};

static inline enum tls_strength
tls_strength_of(uint32_t cipher)
{
	for (uint32_t i = 0; i < sizeof(tls_ranges) / sizeof(tls_ranges[0]);
	     i++)
		if (cipher >= tls_ranges[i].from && cipher <= tls_ranges[i].to)
			return (enum tls_strength)tls_ranges[i].strength;
	return TLS_ENCRYPTS;
}

static inline const char *
tls_strength_name(enum tls_strength s)
{
	static const char *const names[] = {
		[TLS_ENCRYPTS] = "encrypted",
		[TLS_SIGNS] = "not encrypted",
		[TLS_ANONYMOUS] = "without certificates",
		[TLS_BREAKABLE] = "with a broken cipher",
	};

	return names[s];
}

#endif
