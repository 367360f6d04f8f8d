/*
 * codesys_tables.h - services of CODESYS runtimes, version 3: groups and
 * numbers as in the headers that 3S publishes for components (CmpAppItf.h,
 * CmpFileTransferItf.h ...) and in Kaspersky's "Security research: CODESYS
 * Runtime" (2019).
 */
#ifndef PROTO_CODESYS_TABLES_H
#define PROTO_CODESYS_TABLES_H

#include "proto.h"

/* Variants of op: 0 a service, group << 8 | number. */
#define NS(code) FACT_OP(1, code) /* name service */
#define CHANNEL(code) FACT_OP(2, code)
#define ADDRESS(code) FACT_OP(3, code)
#define V2(code) FACT_OP(4, code)

static const struct proto_op ops[] = {
	{ 0x0101, FACT_DISCOVER, RISK_NONE, "device get target ident" },
	{ 0x0102, FACT_LOGIN, RISK_NONE, "device login" },
	{ 0x0103, FACT_LOGIN, RISK_NONE, "device logout" },
	{ 0x0104, FACT_SESSION, RISK_NONE, "device session" },
	{ 0x0105, FACT_CONTROL, RISK_MODE, "device set operating mode" },
	{ 0x0106, FACT_DIAGNOSE, RISK_NONE, "device get operating mode" },
	{ 0x0201, FACT_SESSION, RISK_NONE, "application login" },
	{ 0x0202, FACT_SESSION, RISK_NONE, "application logout" },
	{ 0x0203, FACT_PROGRAM, RISK_PROGRAM, "create application" },
	{ 0x0204, FACT_PROGRAM, RISK_PROGRAM, "delete application" },
	{ 0x0205, FACT_PROGRAM, RISK_PROGRAM, "download" },
	{ 0x0206, FACT_PROGRAM, RISK_PROGRAM, "online change" },
	{ 0x0207, FACT_PROGRAM, RISK_PROGRAM, "device download" },
	{ 0x0208, FACT_PROGRAM, RISK_PROGRAM, "create device application" },
	{ 0x0210, FACT_CONTROL, RISK_MODE, "start application" },
	{ 0x0211, FACT_CONTROL, RISK_MODE, "stop application" },
	{ 0x0212, FACT_CONTROL, RISK_RESET, "reset application" },
	{ 0x0213, FACT_PROGRAM, RISK_MODE, "set breakpoint" },
	{ 0x0214, FACT_DIAGNOSE, RISK_NONE, "read status" },
	{ 0x0215, FACT_PROGRAM, RISK_NONE, "delete breakpoint" },
	{ 0x0216, FACT_DIAGNOSE, RISK_NONE, "read call stack" },
	{ 0x0217, FACT_DIAGNOSE, RISK_NONE, "get area offset" },
	{ 0x0218, FACT_DISCOVER, RISK_NONE, "read application list" },
	{ 0x0219, FACT_CONTROL, RISK_MODE, "set next statement" },
	{ 0x0220, FACT_CONTROL, RISK_FORCE, "release force list" },
	{ 0x0221, FACT_DIAGNOSE, RISK_NONE, "upload force list" },
	{ 0x0222, FACT_CONTROL, RISK_MODE, "single cycle" },
	{ 0x0223, FACT_PROGRAM, RISK_PROGRAM, "create boot project" },
	{ 0x0224, FACT_CONTROL, RISK_RESET, "reinitialize application" },
	{ 0x0225, FACT_DIAGNOSE, RISK_NONE, "read application states" },
	{ 0x0226, FACT_PROGRAM, RISK_PROGRAM, "load boot application" },
	{ 0x0227, FACT_PROGRAM, RISK_PROGRAM, "register boot application" },
	{ 0x0228, FACT_DIAGNOSE, RISK_NONE, "check file consistency" },
	{ 0x0229, FACT_DISCOVER, RISK_NONE, "read application information" },
	{ 0x0230, FACT_PROGRAM, RISK_PROGRAM, "download compact" },
	{ 0x0231, FACT_DISCOVER, RISK_NONE, "read project information" },
	{ 0x0232, FACT_CONTROL, RISK_CONTROL, "define flow" },
	{ 0x0233, FACT_READ, RISK_NONE, "read flow values" },
	{ 0x0234, FACT_PROGRAM, RISK_PROGRAM, "download encrypted" },
	{ 0x0235, FACT_PROGRAM, RISK_NONE, "read application content" },
	{ 0x0236, FACT_PROGRAM, RISK_NONE, "save retains" },
	{ 0x0237, FACT_WRITE, RISK_WRITE, "restore retains" },
	{ 0x0238, FACT_DIAGNOSE, RISK_NONE, "get area address" },
	{ 0x0602, FACT_CONFIG, RISK_CONFIGURATION, "settings set value" },
	{ 0x0801, FACT_FILE, RISK_NONE, "file information" },
	{ 0x0802, FACT_FILE, RISK_FILE, "file download start" },
	{ 0x0803, FACT_FILE, RISK_FILE, "file download restart" },
	{ 0x0804, FACT_FILE, RISK_FILE, "file download" },
	{ 0x0805, FACT_FILE, RISK_NONE, "file upload start" },
	{ 0x0806, FACT_FILE, RISK_NONE, "file upload restart" },
	{ 0x0807, FACT_FILE, RISK_NONE, "file upload" },
	{ 0x0808, FACT_FILE, RISK_NONE, "file transfer end" },
	{ 0x080c, FACT_FILE, RISK_NONE, "directory information" },
	{ 0x080e, FACT_FILE, RISK_FILE, "file delete" },
	{ 0x0810, FACT_FILE, RISK_FILE, "directory create" },
	{ 0x0811, FACT_FILE, RISK_FILE, "directory delete" },
	{ NS(0xc201), FACT_DISCOVER, RISK_NONE, "resolve name" },
	{ NS(0xc202), FACT_DISCOVER, RISK_NONE, "resolve address" },
	{ CHANNEL(0x01), FACT_SESSION, RISK_NONE, "block" },
	{ CHANNEL(0x02), FACT_SESSION, RISK_NONE, "acknowledge" },
	{ CHANNEL(0x03), FACT_SESSION, RISK_NONE, "keep alive" },
	{ CHANNEL(0xc2), FACT_DISCOVER, RISK_NONE, "channel get info" },
	{ CHANNEL(0xc3), FACT_SESSION, RISK_NONE, "open channel" },
	{ CHANNEL(0xc4), FACT_SESSION, RISK_NONE, "close channel" },
	{ ADDRESS(1), FACT_DISCOVER, RISK_NONE,
	    "address notification request" },
	{ V2(0x01), FACT_DISCOVER, RISK_NONE, "version 2 login" },
	{ V2(0x92), FACT_CONTROL, RISK_CONTROL, "version 2 shell command" },
};

/* Groups of services, where only these are known by name. */
static const struct {
	uint8_t group;
	const char *name;
} codesys_groups[] = { { 0x01, "CmpDevice" }, { 0x02, "CmpApp" },
	{ 0x04, "CmpVisuServer" }, { 0x05, "CmpLog" }, { 0x06, "CmpSettings" },
	{ 0x08, "CmpFileTransfer" }, { 0x09, "CmpIecVarAccess" },
	{ 0x0b, "CmpIoMgr" }, { 0x0c, "CmpUserMgr" }, { 0x0f, "CmpTraceMgr" },
	{ 0x11, "PlcShell" }, { 0x12, "CmpAppBP" }, { 0x13, "CmpAppForce" },
	{ 0x18, "CmpAlarmManager" }, { 0x1b, "CmpMonitor" },
	{ 0x1d, "CmpCodeMeter" }, { 0x1f, "CmpCoreDump" },
	{ 0x22, "CmpOpenSSL" } };

#endif
