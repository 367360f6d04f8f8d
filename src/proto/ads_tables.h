/*
 * ads_tables.h - commands, index groups and states of ADS.
 *
 * Beckhoff Information System, TE1000 ADS: commands, index groups, AdsState;
 * Beckhoff's AdsLib (AdsDef.h) for the names of the system service's groups.
 */
#ifndef PROTO_ADS_TABLES_H
#define PROTO_ADS_TABLES_H

#include "proto.h"

/* Op of the router's datagrams: variant 1. */
#define ROUTER(code) FACT_OP(1, code)

enum {
	ADS_INFO = 1,
	ADS_READ,
	ADS_WRITE,
	ADS_STATE,
	ADS_CONTROL,
	ADS_ADD,
	ADS_DELETE,
	ADS_NOTIFY,
	ADS_READ_WRITE
};

static const struct proto_op ops[] = {
	{ ADS_INFO, FACT_DISCOVER, RISK_NONE, "read device info" },
	{ ADS_READ, FACT_READ, RISK_NONE, "read" },
	{ ADS_WRITE, FACT_WRITE, RISK_WRITE, "write" },
	{ ADS_STATE, FACT_DIAGNOSE, RISK_NONE, "read state" },
	{ ADS_CONTROL, FACT_CONTROL, RISK_MODE, "write control" },
	{ ADS_ADD, FACT_READ, RISK_NONE, "add device notification" },
	{ ADS_DELETE, FACT_SESSION, RISK_NONE, "delete device notification" },
	{ ADS_NOTIFY, FACT_REPORT, RISK_NONE, "device notification" },
	{ ADS_READ_WRITE, FACT_WRITE, RISK_WRITE, "read write" },
	{ ROUTER(1), FACT_DISCOVER, RISK_NONE, "server info" },
	{ ROUTER(6), FACT_CONFIG, RISK_SECURITY, "add route" },
};

/* What reading or writing in a group of indices means. */
struct ads_group {
	uint32_t group;
	uint16_t port; /* of this server only, or 0 */
	uint8_t read, write, risk; /* kinds; risk of a write */
	const char *name;
};

#define ADS_SYSTEM 10000u
#define GROUP_HANDLE 0xf003u
#define GROUP_SUM_READ 0xf080u
#define GROUP_SUM_WRITE 0xf081u
#define GROUP_SUM_READ_WRITE 0xf082u

static const struct ads_group ads_groups[] = {
	{ 100, ADS_SYSTEM, FACT_FILE, FACT_FILE, RISK_FILE, "file create" },
	{ 101, ADS_SYSTEM, FACT_FILE, FACT_FILE, RISK_NONE, "file read" },
	{ 102, ADS_SYSTEM, FACT_FILE, FACT_FILE, RISK_FILE, "file write" },
	{ 110, ADS_SYSTEM, FACT_FILE, FACT_FILE, RISK_FILE, "file create" },
	{ 111, ADS_SYSTEM, FACT_FILE, FACT_FILE, RISK_NONE, "handle close" },
	{ 120, ADS_SYSTEM, FACT_FILE, FACT_FILE, RISK_FILE, "file open" },
	{ 121, ADS_SYSTEM, FACT_FILE, FACT_FILE, RISK_NONE, "file close" },
	{ 122, ADS_SYSTEM, FACT_FILE, FACT_FILE, RISK_NONE, "file read" },
	{ 123, ADS_SYSTEM, FACT_FILE, FACT_FILE, RISK_FILE, "file write" },
	{ 131, ADS_SYSTEM, FACT_FILE, FACT_FILE, RISK_FILE, "file delete" },
	{ 132, ADS_SYSTEM, FACT_FILE, FACT_FILE, RISK_FILE, "file rename" },
	{ 133, ADS_SYSTEM, FACT_FILE, FACT_FILE, RISK_NONE, "file find" },
	{ 200, ADS_SYSTEM, FACT_CONFIG, FACT_CONFIG, RISK_CONFIGURATION,
	    "registry" },
	{ 400, ADS_SYSTEM, FACT_TIME, FACT_TIME, RISK_TIME, "time service" },
	{ 500, ADS_SYSTEM, FACT_CONTROL, FACT_CONTROL, RISK_CONTROL,
	    "start process" },
	{ 600, ADS_SYSTEM, FACT_CONFIG, FACT_CONFIG, RISK_CONFIGURATION,
	    "change net id" },
	{ 0x4020, 0, FACT_READ, FACT_WRITE, RISK_WRITE, "memory" },
	{ 0x4021, 0, FACT_READ, FACT_WRITE, RISK_WRITE, "memory bit" },
	{ 0x4040, 0, FACT_READ, FACT_WRITE, RISK_WRITE, "data" },
	{ GROUP_HANDLE, 0, FACT_READ, FACT_READ, RISK_NONE,
	    "symbol handle by name" },
	{ 0xf004, 0, FACT_READ, FACT_WRITE, RISK_WRITE,
	    "symbol value by name" },
	{ 0xf005, 0, FACT_READ, FACT_WRITE, RISK_WRITE,
	    "symbol value by handle" },
	{ 0xf006, 0, FACT_READ, FACT_SESSION, RISK_NONE,
	    "release symbol handle" },
	{ 0xf007, 0, FACT_DISCOVER, FACT_DISCOVER, RISK_NONE,
	    "symbol info by name" },
	{ 0xf008, 0, FACT_DISCOVER, FACT_DISCOVER, RISK_NONE,
	    "symbol version" },
	{ 0xf009, 0, FACT_DISCOVER, FACT_DISCOVER, RISK_NONE,
	    "symbol info by name" },
	{ 0xf00a, 0, FACT_PROGRAM, FACT_PROGRAM, RISK_PROGRAM,
	    "symbol download" },
	{ 0xf00b, 0, FACT_DISCOVER, FACT_DISCOVER, RISK_NONE, "symbol upload" },
	{ 0xf00c, 0, FACT_DISCOVER, FACT_DISCOVER, RISK_NONE,
	    "symbol upload info" },
	{ 0xf00f, 0, FACT_DISCOVER, FACT_DISCOVER, RISK_NONE,
	    "symbol upload info" },
	{ 0xf020, 0, FACT_READ, FACT_WRITE, RISK_WRITE, "input image" },
	{ 0xf021, 0, FACT_READ, FACT_WRITE, RISK_WRITE, "input image bit" },
	{ 0xf030, 0, FACT_READ, FACT_WRITE, RISK_WRITE, "output image" },
	{ 0xf031, 0, FACT_READ, FACT_WRITE, RISK_WRITE, "output image bit" },
	{ GROUP_SUM_READ, 0, FACT_READ, FACT_READ, RISK_NONE, "sum read" },
	{ GROUP_SUM_WRITE, 0, FACT_WRITE, FACT_WRITE, RISK_WRITE, "sum write" },
	{ GROUP_SUM_READ_WRITE, 0, FACT_READ, FACT_WRITE, RISK_WRITE,
	    "sum read write" },
	{ 0xf100, 0, FACT_DIAGNOSE, FACT_CONFIG, RISK_CONFIGURATION,
	    "device data" },
	{ 0xf302, 0, FACT_CONFIG, FACT_CONFIG, RISK_CONFIGURATION,
	    "CoE object" },
	{ 0xf420, 0, FACT_CONFIG, FACT_CONFIG, RISK_CONFIGURATION,
	    "SoE parameter" },
};

static inline const struct ads_group *
ads_group_find(uint32_t group, uint32_t port)
{
	for (uint32_t i = 0; i < sizeof(ads_groups) / sizeof(ads_groups[0]);
	     i++)
		if (ads_groups[i].group == group &&
		    (ads_groups[i].port == 0 || ads_groups[i].port == port))
			return &ads_groups[i];
	return NULL;
}

static inline const char *
ads_state(uint32_t state)
{
	static const char *const names[] = { "invalid", "idle", "reset", "init",
		"start", "run", "stop", "save config", "load config",
		"power failure", "power good", "error", "shutdown", "suspend",
		"resume", "config", "reconfig", "stopping", "incompatible",
		"exception" };

	return state < sizeof(names) / sizeof(names[0]) ? names[state] : NULL;
}

#endif
