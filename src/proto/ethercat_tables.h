/*
 * ethercat_tables.h - what EtherCAT's numbers mean: commands, registers of a
 * slave controller, services of the mailbox, objects that are dangerous to
 * write.
 *
 * ETG.1000.4 clause 5.4 (commands) and 6 (registers), ETG.1000.6 clause 5
 * (mailbox services).
 */
#ifndef PROTO_ETHERCAT_TABLES_H
#define PROTO_ETHERCAT_TABLES_H

#include "proto.h"

/* Variants of op: 0 is the command of a datagram. */
#define V_COE 1u
#define V_FOE 2u
#define V_SOE 3u
#define V_AOE 4u
#define V_EOE 5u
#define V_MAILBOX 6u /* what the mailbox itself refuses, vendors' types */
#define V_VARIABLES 7u

#define COE(code) FACT_OP(V_COE, code)
#define FOE(code) FACT_OP(V_FOE, code)
#define SOE(code) FACT_OP(V_SOE, code)
#define AOE(code) FACT_OP(V_AOE, code)
#define EOE(code) FACT_OP(V_EOE, code)

enum {
	CMD_NOP,
	CMD_APRD,
	CMD_APWR,
	CMD_APRW,
	CMD_FPRD,
	CMD_FPWR,
	CMD_FPRW,
	CMD_BRD,
	CMD_BWR,
	CMD_BRW,
	CMD_LRD,
	CMD_LWR,
	CMD_LRW,
	CMD_ARMW,
	CMD_FRMW
};

/* CoE: service << 8 | command; an SDO's answer has its request's code. */
static const struct proto_op ops[] = {
	{ CMD_NOP, FACT_SESSION, RISK_NONE, "no operation" },
	{ CMD_APRD, FACT_READ, RISK_NONE, "auto increment read" },
	{ CMD_APWR, FACT_WRITE, RISK_WRITE, "auto increment write" },
	{ CMD_APRW, FACT_WRITE, RISK_WRITE, "auto increment read write" },
	{ CMD_FPRD, FACT_READ, RISK_NONE, "configured address read" },
	{ CMD_FPWR, FACT_WRITE, RISK_WRITE, "configured address write" },
	{ CMD_FPRW, FACT_WRITE, RISK_WRITE, "configured address read write" },
	{ CMD_BRD, FACT_READ, RISK_NONE, "broadcast read" },
	{ CMD_BWR, FACT_WRITE, RISK_WRITE, "broadcast write" },
	{ CMD_BRW, FACT_WRITE, RISK_WRITE, "broadcast read write" },
	{ CMD_LRD, FACT_READ, RISK_NONE, "logical read" },
	{ CMD_LWR, FACT_WRITE, RISK_WRITE, "logical write" },
	{ CMD_LRW, FACT_WRITE, RISK_WRITE, "logical read write" },
	{ CMD_ARMW, FACT_WRITE, RISK_WRITE,
	    "auto increment read multiple write" },
	{ CMD_FRMW, FACT_WRITE, RISK_WRITE,
	    "configured address read multiple write" },
	{ COE(0x100), FACT_REPORT, RISK_NONE, "coe emergency" },
	{ COE(0x200), FACT_CONFIG, RISK_NONE, "sdo download segment" },
	{ COE(0x201), FACT_CONFIG, RISK_CONFIGURATION, "sdo download" },
	{ COE(0x202), FACT_CONFIG, RISK_NONE, "sdo upload" },
	{ COE(0x203), FACT_CONFIG, RISK_NONE, "sdo upload segment" },
	{ COE(0x204), FACT_CONFIG, RISK_NONE, "sdo abort" },
	{ COE(0x400), FACT_REPORT, RISK_NONE, "coe transmit pdo" },
	{ COE(0x500), FACT_WRITE, RISK_WRITE, "coe receive pdo" },
	{ COE(0x600), FACT_READ, RISK_NONE, "coe transmit pdo request" },
	{ COE(0x700), FACT_READ, RISK_NONE, "coe receive pdo request" },
	{ COE(0x801), FACT_DISCOVER, RISK_NONE, "sdo information list" },
	{ COE(0x803), FACT_DISCOVER, RISK_NONE, "sdo information object" },
	{ COE(0x805), FACT_DISCOVER, RISK_NONE, "sdo information entry" },
	{ COE(0x807), FACT_DISCOVER, RISK_NONE, "sdo information error" },
	{ FOE(1), FACT_FILE, RISK_NONE, "foe read request" },
	{ FOE(2), FACT_FILE, RISK_FIRMWARE, "foe write request" },
	{ FOE(3), FACT_FILE, RISK_NONE, "foe data" },
	{ FOE(4), FACT_FILE, RISK_NONE, "foe acknowledge" },
	{ FOE(5), FACT_FILE, RISK_NONE, "foe error" },
	{ FOE(6), FACT_FILE, RISK_NONE, "foe busy" },
	{ SOE(1), FACT_CONFIG, RISK_NONE, "soe read" },
	{ SOE(3), FACT_CONFIG, RISK_CONFIGURATION, "soe write" },
	{ SOE(5), FACT_REPORT, RISK_NONE, "soe notification" },
	{ SOE(6), FACT_REPORT, RISK_NONE, "soe emergency" },
	{ AOE(1), FACT_DISCOVER, RISK_NONE, "aoe read device info" },
	{ AOE(2), FACT_READ, RISK_NONE, "aoe read" },
	{ AOE(3), FACT_WRITE, RISK_WRITE, "aoe write" },
	{ AOE(4), FACT_DIAGNOSE, RISK_NONE, "aoe read state" },
	{ AOE(5), FACT_CONTROL, RISK_MODE, "aoe write control" },
	{ AOE(6), FACT_CONFIG, RISK_NONE, "aoe add notification" },
	{ AOE(7), FACT_CONFIG, RISK_NONE, "aoe delete notification" },
	{ AOE(8), FACT_REPORT, RISK_NONE, "aoe notification" },
	{ AOE(9), FACT_WRITE, RISK_WRITE, "aoe read write" },
	{ EOE(0), FACT_SESSION, RISK_NONE, "eoe fragment" },
	{ EOE(1), FACT_TIME, RISK_NONE, "eoe time stamp" },
	{ EOE(2), FACT_CONFIG, RISK_CONFIGURATION, "eoe set ip parameter" },
	{ EOE(4), FACT_CONFIG, RISK_CONFIGURATION, "eoe set address filter" },
	{ FACT_OP(V_MAILBOX, 0), FACT_DIAGNOSE, RISK_NONE, "mailbox error" },
	{ FACT_OP(V_VARIABLES, 4), FACT_REPORT, RISK_NONE,
	    "network variables" },
};

/* Registers of a slave controller, and what writing one does. */
struct ecat_register {
	uint16_t first, last;
	uint8_t kind, risk;
	const char *name;
};

static const struct ecat_register ecat_registers[] = {
	{ 0x0000, 0x000f, FACT_CONFIG, RISK_NONE, "information" },
	{ 0x0010, 0x0011, FACT_CONFIG, RISK_CONFIGURATION, "station address" },
	{ 0x0012, 0x001f, FACT_CONFIG, RISK_CONFIGURATION, "station alias" },
	{ 0x0020, 0x003f, FACT_CONFIG, RISK_SECURITY, "write protection" },
	{ 0x0040, 0x0041, FACT_CONTROL, RISK_RESET, "reset" },
	{ 0x0100, 0x010f, FACT_CONFIG, RISK_CONFIGURATION, "DL control" },
	{ 0x0110, 0x011f, FACT_DIAGNOSE, RISK_NONE, "DL status" },
	{ 0x0120, 0x0121, FACT_CONTROL, RISK_MODE, "AL control" },
	{ 0x0130, 0x0131, FACT_DIAGNOSE, RISK_NONE, "AL status" },
	{ 0x0134, 0x0135, FACT_DIAGNOSE, RISK_NONE, "AL status code" },
	{ 0x0140, 0x015f, FACT_CONFIG, RISK_CONFIGURATION, "PDI control" },
	{ 0x0200, 0x0207, FACT_CONFIG, RISK_NONE, "event mask" },
	{ 0x0210, 0x0223, FACT_DIAGNOSE, RISK_NONE, "event request" },
	{ 0x0300, 0x0313, FACT_DIAGNOSE, RISK_NONE, "error counter" },
	{ 0x0400, 0x0443, FACT_CONFIG, RISK_CONFIGURATION, "watchdog" },
	{ 0x0500, 0x0501, FACT_CONFIG, RISK_NONE, "SII access" },
	{ 0x0502, 0x050f, FACT_CONFIG, RISK_NONE, "SII" },
	{ 0x0510, 0x051b, FACT_CONFIG, RISK_NONE, "MII management" },
	{ 0x0600, 0x06ff, FACT_CONFIG, RISK_CONFIGURATION, "FMMU" },
	{ 0x0800, 0x08ff, FACT_CONFIG, RISK_CONFIGURATION, "sync manager" },
	{ 0x0900, 0x090f, FACT_TIME, RISK_NONE, "DC receive time" },
	{ 0x0910, 0x093f, FACT_TIME, RISK_TIME, "DC system time" },
	{ 0x0980, 0x09ff, FACT_CONFIG, RISK_CONFIGURATION, "DC sync unit" },
	{ 0x0e00, 0x0eff, FACT_CONFIG, RISK_NONE, "product" },
	{ 0x0f00, 0x0f1f, FACT_WRITE, RISK_WRITE, "digital outputs" },
	{ 0x0f80, 0x0fff, FACT_CONFIG, RISK_NONE, "user memory" },
	{ 0x1000, 0xffff, FACT_WRITE, RISK_WRITE, "process memory" },
};

/* Objects of a device (ETG.1000.6, CiA 301, CiA 402, ETG.5001), by what
 * writing one does. */
struct ecat_object {
	uint16_t first, last;
	uint8_t kind, risk;
};

static const struct ecat_object ecat_objects[] = {
	{ 0x1011, 0x1011, FACT_CONTROL, RISK_RESET }, /* restore defaults */
	{ 0x1f50, 0x1f51, FACT_PROGRAM, RISK_FIRMWARE }, /* program data */
	{ 0x6040, 0x6040, FACT_CONTROL, RISK_CONTROL }, /* control word */
	{ 0x6060, 0x6060, FACT_CONTROL, RISK_MODE }, /* mode of operation */
	{ 0x607a, 0x607a, FACT_WRITE, RISK_WRITE }, /* target position */
	{ 0x60ff, 0x60ff, FACT_WRITE, RISK_WRITE }, /* target velocity */
	{ 0x6200, 0x62ff, FACT_WRITE, RISK_WRITE }, /* digital outputs */
	{ 0x7000, 0x7fff, FACT_WRITE, RISK_WRITE }, /* outputs */
};

static inline const char *
ecat_state(uint32_t control)
{
	static const char *const names[] = { NULL, "init", "pre-operational",
		"bootstrap", "safe-operational", NULL, NULL, NULL,
		"operational" };
	uint32_t i = control & 15;

	return i < sizeof(names) / sizeof(names[0]) ? names[i] : NULL;
}

#endif
