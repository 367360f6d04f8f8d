/*
 * omron_fins_tables.h - commands and memory areas of FINS.
 *
 * Omron W227 (CV), W342 (CS, CJ, CP) chapter 5.
 */
#ifndef PROTO_OMRON_FINS_TABLES_H
#define PROTO_OMRON_FINS_TABLES_H

#include "proto.h"

/* Op of the TCP header's own commands. */
#define FINS_TCP(code) FACT_OP(1, code)

static const struct proto_op ops[] = {
	{ 0x0101, FACT_READ, RISK_NONE, "memory area read" },
	{ 0x0102, FACT_WRITE, RISK_WRITE, "memory area write" },
	{ 0x0103, FACT_WRITE, RISK_WRITE, "memory area fill" },
	{ 0x0104, FACT_READ, RISK_NONE, "multiple memory area read" },
	{ 0x0105, FACT_WRITE, RISK_WRITE, "memory area transfer" },
	{ 0x0201, FACT_CONFIG, RISK_NONE, "parameter area read" },
	{ 0x0202, FACT_CONFIG, RISK_CONFIGURATION, "parameter area write" },
	{ 0x0203, FACT_CONFIG, RISK_CONFIGURATION, "parameter area clear" },
	{ 0x0220, FACT_CONFIG, RISK_NONE, "data link table read" },
	{ 0x0221, FACT_CONFIG, RISK_CONFIGURATION, "data link table write" },
	{ 0x0304, FACT_PROGRAM, RISK_SECURITY, "program area protect" },
	{ 0x0305, FACT_PROGRAM, RISK_SECURITY, "program area protect clear" },
	{ 0x0306, FACT_PROGRAM, RISK_PROGRAM, "program area read" },
	{ 0x0307, FACT_PROGRAM, RISK_PROGRAM, "program area write" },
	{ 0x0308, FACT_PROGRAM, RISK_PROGRAM, "program area clear" },
	{ 0x0401, FACT_CONTROL, RISK_MODE, "run" },
	{ 0x0402, FACT_CONTROL, RISK_MODE, "stop" },
	{ 0x0403, FACT_CONTROL, RISK_RESET, "reset" },
	{ 0x0501, FACT_DISCOVER, RISK_NONE, "controller data read" },
	{ 0x0502, FACT_DISCOVER, RISK_NONE, "connection data read" },
	{ 0x0601, FACT_DIAGNOSE, RISK_NONE, "controller status read" },
	{ 0x0602, FACT_DIAGNOSE, RISK_NONE, "network status read" },
	{ 0x0603, FACT_DIAGNOSE, RISK_NONE, "data link status read" },
	{ 0x0620, FACT_DIAGNOSE, RISK_NONE, "cycle time read" },
	{ 0x0701, FACT_TIME, RISK_NONE, "clock read" },
	{ 0x0702, FACT_TIME, RISK_TIME, "clock write" },
	{ 0x0801, FACT_DIAGNOSE, RISK_NONE, "loopback test" },
	{ 0x0802, FACT_DIAGNOSE, RISK_NONE, "broadcast test results read" },
	{ 0x0803, FACT_DIAGNOSE, RISK_NONE, "broadcast test data send" },
	{ 0x0920, FACT_DIAGNOSE, RISK_NONE, "message read" },
	{ 0x0c01, FACT_LOGIN, RISK_NONE, "access right acquire" },
	{ 0x0c02, FACT_LOGIN, RISK_SECURITY, "access right forced acquire" },
	{ 0x0c03, FACT_LOGIN, RISK_NONE, "access right release" },
	{ 0x2101, FACT_CONTROL, RISK_CONTROL, "error clear" },
	{ 0x2102, FACT_DIAGNOSE, RISK_NONE, "error log read" },
	{ 0x2103, FACT_DIAGNOSE, RISK_CONFIGURATION, "error log clear" },
	{ 0x2140, FACT_DIAGNOSE, RISK_NONE, "write access log read" },
	{ 0x2141, FACT_DIAGNOSE, RISK_SECURITY, "write access log clear" },
	{ 0x2201, FACT_FILE, RISK_NONE, "file name read" },
	{ 0x2202, FACT_FILE, RISK_NONE, "single file read" },
	{ 0x2203, FACT_FILE, RISK_FILE, "single file write" },
	{ 0x2204, FACT_FILE, RISK_FILE, "file memory format" },
	{ 0x2205, FACT_FILE, RISK_FILE, "file delete" },
	{ 0x2206, FACT_FILE, RISK_FILE, "volume label create or delete" },
	{ 0x2207, FACT_FILE, RISK_FILE, "file copy" },
	{ 0x2208, FACT_FILE, RISK_FILE, "file name change" },
	{ 0x2209, FACT_FILE, RISK_NONE, "file data check" },
	{ 0x220a, FACT_FILE, RISK_FILE, "memory area file transfer" },
	{ 0x220b, FACT_FILE, RISK_CONFIGURATION,
	    "parameter area file transfer" },
	{ 0x220c, FACT_PROGRAM, RISK_PROGRAM, "program area file transfer" },
	{ 0x220f, FACT_FILE, RISK_NONE, "file memory index read" },
	{ 0x2210, FACT_FILE, RISK_NONE, "file memory read" },
	{ 0x2211, FACT_FILE, RISK_FILE, "file memory write" },
	{ 0x2215, FACT_FILE, RISK_FILE, "create or delete directory" },
	{ 0x2220, FACT_PROGRAM, RISK_PROGRAM, "memory cassette transfer" },
	{ 0x2301, FACT_CONTROL, RISK_FORCE, "forced set/reset" },
	{ 0x2302, FACT_CONTROL, RISK_FORCE, "forced set/reset cancel" },
	{ 0x230a, FACT_READ, RISK_NONE, "multiple forced status read" },
	{ 0x2601, FACT_CONFIG, RISK_CONFIGURATION, "name set" },
	{ 0x2602, FACT_CONFIG, RISK_CONFIGURATION, "name delete" },
	{ 0x2603, FACT_DISCOVER, RISK_NONE, "name read" },
	{ FINS_TCP(0), FACT_SESSION, RISK_NONE, "node address request" },
	{ FINS_TCP(1), FACT_SESSION, RISK_NONE, "node address answer" },
	{ FINS_TCP(3), FACT_SESSION, RISK_NONE, "frame send error" },
	{ FINS_TCP(6), FACT_SESSION, RISK_NONE, "connection confirmation" },
};

/* Memory areas by name; codes from 80h on are of words, else of bits. */
static inline const char *
fins_area(uint32_t code)
{
	switch (code) {
	case 0x00:
	case 0x80:
	case 0x30:
	case 0xb0:
	case 0x70:
	case 0xf0:
		return "CIO";
	case 0x31:
	case 0xb1:
	case 0x71:
	case 0xf1:
		return "WR";
	case 0x32:
	case 0xb2:
	case 0x72:
	case 0xf2:
		return "HR";
	case 0x33:
	case 0xb3:
		return "AR";
	case 0x01:
	case 0x81:
	case 0x09:
	case 0x89:
		return "TIM/CNT";
	case 0x02:
	case 0x82:
		return "DM";
	case 0x06:
	case 0x46:
		return "task flag";
	case 0x9c:
	case 0xbc:
		return "DR";
	case 0xdc:
		return "IR";
	default:
		return (code >= 0x90 && code <= 0x98) ||
			(code >= 0xa0 && code <= 0xac) ||
			(code >= 0x20 && code <= 0x2c) || code == 0x0a
		    ? "EM"
		    : NULL;
	}
}

/* Octets of one item of an area. */
static inline uint32_t
fins_item_size(uint32_t code)
{
	return code < 0x80 ? 1 : code == 0xdc || code >= 0xf0 ? 4 : 2;
}

#endif
