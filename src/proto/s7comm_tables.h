/*
 * s7comm_tables.h - names and numbers of S7 communication.
 *
 * Functions below 100h are those of jobs; from 100h on, user data, function
 * group << 8 | subfunction.  Included by s7comm.c only.
 */
#ifndef PROTO_S7COMM_TABLES_H
#define PROTO_S7COMM_TABLES_H

#include "proto.h"

static const struct proto_op ops[] = {
	{ 0x00, FACT_REPORT, RISK_NONE, "mode transition" },
	{ 0x04, FACT_READ, RISK_NONE, "read variable" },
	{ 0x05, FACT_WRITE, RISK_WRITE, "write variable" },
	{ 0x1a, FACT_PROGRAM, RISK_PROGRAM, "request download" },
	{ 0x1b, FACT_PROGRAM, RISK_PROGRAM, "download block" },
	{ 0x1c, FACT_PROGRAM, RISK_PROGRAM, "download ended" },
	{ 0x1d, FACT_PROGRAM, RISK_PROGRAM, "start upload" },
	{ 0x1e, FACT_PROGRAM, RISK_PROGRAM, "upload" },
	{ 0x1f, FACT_PROGRAM, RISK_NONE, "end upload" },
	{ 0x28, FACT_CONTROL, RISK_MODE, "program invocation" },
	{ 0x29, FACT_CONTROL, RISK_MODE, "plc stop" },
	{ 0xf0, FACT_SESSION, RISK_NONE, "setup communication" },
	/* 1: programmer commands */
	{ 0x101, FACT_DIAGNOSE, RISK_NONE, "block status" },
	{ 0x102, FACT_READ, RISK_NONE, "variable status" },
	{ 0x103, FACT_DIAGNOSE, RISK_NONE, "output interrupt stack" },
	{ 0x104, FACT_DIAGNOSE, RISK_NONE, "output block stack" },
	{ 0x105, FACT_DIAGNOSE, RISK_NONE, "output local data stack" },
	{ 0x106, FACT_DIAGNOSE, RISK_NONE, "time measurement" },
	{ 0x107, FACT_DIAGNOSE, RISK_NONE, "force selection" },
	{ 0x108, FACT_WRITE, RISK_FORCE, "modify variable" },
	{ 0x109, FACT_CONTROL, RISK_FORCE, "force" },
	{ 0x10a, FACT_CONTROL, RISK_MODE, "breakpoint" },
	{ 0x10b, FACT_CONTROL, RISK_MODE, "exit hold" },
	{ 0x10c, FACT_CONTROL, RISK_RESET, "memory reset" },
	{ 0x10d, FACT_DIAGNOSE, RISK_NONE, "disable job" },
	{ 0x10e, FACT_DIAGNOSE, RISK_NONE, "enable job" },
	{ 0x10f, FACT_DIAGNOSE, RISK_NONE, "delete job" },
	{ 0x110, FACT_DIAGNOSE, RISK_NONE, "read job list" },
	{ 0x111, FACT_DIAGNOSE, RISK_NONE, "read job" },
	{ 0x112, FACT_DIAGNOSE, RISK_NONE, "replace job" },
	{ 0x113, FACT_DIAGNOSE, RISK_NONE, "block status v2" },
	{ 0x116, FACT_DIAGNOSE, RISK_NONE, "flash led" },
	/* 2: cyclic services */
	{ 0x201, FACT_READ, RISK_NONE, "cyclic transfer" },
	{ 0x204, FACT_READ, RISK_NONE, "unsubscribe" },
	{ 0x205, FACT_READ, RISK_NONE, "change driven transfer" },
	{ 0x207, FACT_READ, RISK_NONE, "change driven transfer modify" },
	{ 0x208, FACT_READ, RISK_NONE, "read record" },
	/* 3: block functions */
	{ 0x301, FACT_DISCOVER, RISK_NONE, "list blocks" },
	{ 0x302, FACT_DISCOVER, RISK_NONE, "list blocks of type" },
	{ 0x303, FACT_DISCOVER, RISK_NONE, "get block info" },
	/* 4: CPU functions */
	{ 0x401, FACT_DIAGNOSE, RISK_NONE, "read szl" },
	{ 0x402, FACT_SESSION, RISK_NONE, "message service" },
	{ 0x403, FACT_REPORT, RISK_NONE, "diagnostic message" },
	{ 0x405, FACT_REPORT, RISK_NONE, "alarm_8 indication" },
	{ 0x406, FACT_REPORT, RISK_NONE, "notify indication" },
	{ 0x407, FACT_CONTROL, RISK_CONFIGURATION, "alarm_8 lock" },
	{ 0x408, FACT_CONTROL, RISK_CONFIGURATION, "alarm_8 unlock" },
	{ 0x409, FACT_REPORT, RISK_NONE, "scan indication" },
	{ 0x40b, FACT_CONTROL, RISK_CONTROL, "alarm ack" },
	{ 0x40c, FACT_REPORT, RISK_NONE, "alarm ack indication" },
	{ 0x40d, FACT_REPORT, RISK_NONE, "alarm lock indication" },
	{ 0x40e, FACT_REPORT, RISK_NONE, "alarm unlock indication" },
	{ 0x411, FACT_REPORT, RISK_NONE, "alarm_sq indication" },
	{ 0x412, FACT_REPORT, RISK_NONE, "alarm_s indication" },
	{ 0x413, FACT_DIAGNOSE, RISK_NONE, "alarm query" },
	{ 0x416, FACT_REPORT, RISK_NONE, "notify_8 indication" },
	/* 5: security */
	{ 0x501, FACT_LOGIN, RISK_NONE, "plc password" },
	{ 0x502, FACT_LOGIN, RISK_NONE, "clear plc password" },
	/* 6: PBC BSEND/BRECV; the subfunction is the user's */
	{ 0x600, FACT_WRITE, RISK_WRITE, "block send" },
	{ 0x601, FACT_WRITE, RISK_WRITE, "block send (1)" },
	{ 0x602, FACT_WRITE, RISK_WRITE, "block send (2)" },
	/* 7: time functions */
	{ 0x701, FACT_TIME, RISK_NONE, "read clock" },
	{ 0x702, FACT_TIME, RISK_TIME, "set clock" },
	{ 0x703, FACT_TIME, RISK_NONE, "read clock (following)" },
	{ 0x704, FACT_TIME, RISK_TIME, "set clock (following)" },
	/* 15: NC programming */
	{ 0xf01, FACT_PROGRAM, RISK_PROGRAM, "nc request download" },
	{ 0xf02, FACT_PROGRAM, RISK_PROGRAM, "nc download block" },
	{ 0xf03, FACT_PROGRAM, RISK_PROGRAM, "nc continue download" },
	{ 0xf04, FACT_PROGRAM, RISK_PROGRAM, "nc download ended" },
	{ 0xf06, FACT_PROGRAM, RISK_PROGRAM, "nc start upload" },
	{ 0xf07, FACT_PROGRAM, RISK_PROGRAM, "nc upload" },
	{ 0xf08, FACT_PROGRAM, RISK_PROGRAM, "nc continue upload" },
};

/* Program invocation services; what is not here is control of the mode. */
static const struct pi {
	const char *name;
	uint8_t kind, risk;
} pis[] = {
	{ "_INSE", FACT_PROGRAM, RISK_PROGRAM }, /* link a block */
	{ "_INS2", FACT_PROGRAM, RISK_PROGRAM },
	{ "_DELE", FACT_PROGRAM, RISK_PROGRAM }, /* delete a block */
	{ "_GARB", FACT_PROGRAM, RISK_PROGRAM }, /* compress memory */
	{ "_MODU", FACT_PROGRAM, RISK_PROGRAM }, /* copy RAM to ROM */
	{ "_RPTK", FACT_CONFIG, RISK_CONFIGURATION }, /* PDU size */
	{ "P_PROGRAM", FACT_CONTROL, RISK_MODE }, /* start */
	{ "_N_LOGIN_", FACT_LOGIN, RISK_NONE },
	{ "_N_LOGOUT", FACT_LOGIN, RISK_NONE },
	{ "_N_CANCEL", FACT_CONTROL, RISK_CONTROL }, /* acknowledge alarms */
	{ "_N_CONFIG", FACT_CONTROL, RISK_RESET }, /* restart with settings */
	{ "_N_DASAVE", FACT_FILE, RISK_FILE },
	{ "_N_DELECE", FACT_PROGRAM, RISK_PROGRAM },
	{ "_N_DELETO", FACT_CONFIG, RISK_CONFIGURATION },
	{ "_N_DELVAR", FACT_CONFIG, RISK_CONFIGURATION },
	{ "_N_EXTERN", FACT_PROGRAM, RISK_PROGRAM },
	{ "_N_EXTMOD", FACT_PROGRAM, RISK_PROGRAM },
	{ "_N_FINDBL", FACT_CONTROL, RISK_CONTROL },
	{ "_N_F_COPY", FACT_FILE, RISK_FILE },
	{ "_N_F_DELE", FACT_FILE, RISK_FILE },
	{ "_N_F_DMDA", FACT_FILE, RISK_FILE },
	{ "_N_F_PROT", FACT_FILE, RISK_FILE },
	{ "_N_F_RENA", FACT_FILE, RISK_FILE },
	{ "_N_F_CLOS", FACT_FILE, RISK_NONE },
	{ "_N_F_OPEN", FACT_FILE, RISK_NONE },
	{ "_N_F_OPER", FACT_FILE, RISK_NONE },
	{ "_N_F_SEEK", FACT_FILE, RISK_NONE },
	{ "_N_IBN_SS", FACT_CONFIG, RISK_CONFIGURATION },
	{ "_N_LOGIN", FACT_LOGIN, RISK_NONE },
	{ "_N_SELECT", FACT_PROGRAM, RISK_PROGRAM }, /* choose a program */
	{ "_N_SETUFR", FACT_CONFIG, RISK_CONFIGURATION },
	{ "_N_SETUDT", FACT_CONFIG, RISK_CONFIGURATION },
	{ "_N_SYSTEM", FACT_CONTROL, RISK_CONTROL },
};

/* Block types: the two characters of a block's file name as a number. */
static const struct block_type {
	uint8_t code;
	const char *name;
} block_types[] = {
	{ 0x00, "OB" },
	{ 0x08, "OB" },
	{ 0x0a, "DB" },
	{ 0x0b, "SDB" },
	{ 0x0c, "FC" },
	{ 0x0d, "SFC" },
	{ 0x0e, "FB" },
	{ 0x0f, "SFB" },
};

/* Memory areas of an S7ANY pointer. */
static const struct area {
	uint8_t code, space;
	uint8_t shift; /* of the address: bits, or whole elements */
} areas[] = {
	{ 0x01, SPACE_S7_SYSTEM, 3 }, /* data record */
	{ 0x03, SPACE_S7_SYSTEM, 3 }, /* S7-200: system information */
	{ 0x05, SPACE_S7_SYSTEM, 3 }, /* S7-200: system flags */
	{ 0x06, SPACE_S7_INPUT, 3 }, /* S7-200: analog inputs */
	{ 0x07, SPACE_S7_OUTPUT, 3 }, /* S7-200: analog outputs */
	{ 0x1c, SPACE_S7_COUNTER, 0 }, { 0x1d, SPACE_S7_TIMER, 0 },
	{ 0x1e, SPACE_S7_COUNTER, 0 }, /* S7-200, IEC */
	{ 0x1f, SPACE_S7_TIMER, 0 }, /* S7-200, IEC */
	{ 0x80, SPACE_S7_PERIPHERY, 3 }, { 0x81, SPACE_S7_INPUT, 3 },
	{ 0x82, SPACE_S7_OUTPUT, 3 }, { 0x83, SPACE_S7_MARKER, 3 },
	{ 0x84, SPACE_S7_DB, 3 }, { 0x85, SPACE_S7_DI, 3 },
	{ 0x86, SPACE_S7_LOCAL, 3 },
	{ 0x87, SPACE_S7_LOCAL, 3 }, /* of the caller */
};

/* How one element of a data type is written. */
enum form {
	FORM_UINT,
	FORM_INT,
	FORM_REAL,
	FORM_BOOL,
	FORM_TEXT,
};

static const struct data_type {
	uint8_t code, width, form;
} data_types[] = {
	{ 0x01, 1, FORM_BOOL }, { 0x02, 1, FORM_UINT }, /* byte */
	{ 0x03, 1, FORM_TEXT }, /* char */
	{ 0x04, 2, FORM_UINT }, /* word */
	{ 0x05, 2, FORM_INT }, { 0x06, 4, FORM_UINT }, /* dword */
	{ 0x07, 4, FORM_INT }, { 0x08, 4, FORM_REAL },
	{ 0x09, 2, FORM_UINT }, /* date: days since 1990 */
	{ 0x0a, 4, FORM_UINT }, /* time of day, ms */
	{ 0x0b, 4, FORM_INT }, /* time, ms */
	{ 0x0c, 2, FORM_UINT }, /* S5 time */
	{ 0x0f, 8, FORM_UINT }, /* date and time, BCD */
	{ 0x1c, 2, FORM_UINT }, /* counter */
	{ 0x1d, 2, FORM_UINT }, /* timer */
};

/* Operating modes of SZL xy24h, by the low nibble of the transition. */
static const char *const modes[16] = { NULL, "STOP (update)",
	"STOP (memory reset)", "STOP (self initialization)", "STOP (internal)",
	"STARTUP (complete restart)", NULL, "STARTUP (restart)", "RUN",
	"RUN (redundant)", "HOLD", "LINK-UP", "UPDATE", "DEFECT", "SELF-TEST",
	"NO POWER" };

/* Modes of a mode transition's push message. */
static const char *const pushed_modes[] = { "STOP", "warm restart", "RUN",
	"hot restart", "HOLD", NULL, "cold restart", "RUN (redundant)", NULL,
	NULL, NULL, "LINK-UP", "UPDATE" };

static const char *const switch_positions[] = { "unknown", "RUN", "RUN-P",
	"STOP", "MRES" };

#endif
