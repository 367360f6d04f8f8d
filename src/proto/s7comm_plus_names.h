/*
 * s7comm_plus_names.h - numbers of S7comm-plus that say what is done: classes
 * of objects, attributes, functions.
 *
 * Private to the dissector.  The numbers are those of the object model of
 * S7-1200 and S7-1500, as public dissectors and drivers have them.
 */
#ifndef PROTO_S7COMM_PLUS_NAMES_H
#define PROTO_S7COMM_PLUS_NAMES_H

#include "proto.h"

/* Functions; of a notification 33h, of what has none the version, of TLS 16h,
 * of how messages are protected 20h, 21h. */
enum plus_op {
	OP_TLS = 0x16,
	OP_PROTECTED = 0x20,
	OP_UNPROTECTED = 0x21,
	OP_NOTIFY = 0x33,
	OP_EVENT = 0xfe,
	OP_KEEP_ALIVE = 0xff,
	OP_EXPLORE = 0x4bb,
	OP_CREATE = 0x4ca,
	OP_DELETE = 0x4d4,
	OP_SET = 0x4f2,
	OP_GET_LINK = 0x524,
	OP_SET_MULTI = 0x542,
	OP_GET_MULTI = 0x54c,
	OP_BEGIN = 0x556,
	OP_END = 0x560,
	OP_INVOKE = 0x56b,
	OP_SET_SUBSTREAM = 0x57c,
	OP_SUBSTREAM = 0x586,
	OP_INIT_SSL = 0x5b3,
};

static const struct proto_op plus_ops[] = {
	{ OP_TLS, FACT_SESSION, RISK_NONE, "encrypted" },
	{ OP_PROTECTED, FACT_SESSION, RISK_NONE, "integrity protected" },
	{ OP_UNPROTECTED, FACT_SESSION, RISK_NONE, "not protected" },
	{ OP_NOTIFY, FACT_REPORT, RISK_NONE, "notification" },
	{ OP_EVENT, FACT_REPORT, RISK_NONE, "system event" },
	{ OP_KEEP_ALIVE, FACT_SESSION, RISK_NONE, "keep alive" },
	{ 0x4b1, FACT_DIAGNOSE, RISK_NONE, "error" },
	{ OP_EXPLORE, FACT_DISCOVER, RISK_NONE, "explore" },
	{ OP_CREATE, FACT_PROGRAM, RISK_PROGRAM, "create object" },
	{ OP_DELETE, FACT_PROGRAM, RISK_PROGRAM, "delete object" },
	{ OP_SET, FACT_WRITE, RISK_WRITE, "set variable" },
	{ 0x4fc, FACT_READ, RISK_NONE, "get variable" },
	{ 0x506, FACT_CONFIG, RISK_CONFIGURATION, "add link" },
	{ 0x51a, FACT_CONFIG, RISK_CONFIGURATION, "remove link" },
	{ OP_GET_LINK, FACT_READ, RISK_NONE, "get link" },
	{ OP_SET_MULTI, FACT_WRITE, RISK_WRITE, "set multi variables" },
	{ OP_GET_MULTI, FACT_READ, RISK_NONE, "get multi variables" },
	{ OP_BEGIN, FACT_PROGRAM, RISK_PROGRAM, "begin sequence" },
	{ OP_END, FACT_PROGRAM, RISK_PROGRAM, "end sequence" },
	{ OP_INVOKE, FACT_CONTROL, RISK_CONTROL, "invoke" },
	{ OP_SET_SUBSTREAM, FACT_PROGRAM, RISK_PROGRAM,
	    "set variable substreamed" },
	{ OP_SUBSTREAM, FACT_READ, RISK_NONE, "get variable substreamed" },
	{ 0x590, FACT_READ, RISK_NONE, "get variables address" },
	{ 0x59a, FACT_SESSION, RISK_NONE, "abort" },
	{ 0x5a9, FACT_DIAGNOSE, RISK_NONE, "error 2" },
	{ OP_INIT_SSL, FACT_SESSION, RISK_NONE, "init ssl" },
};

/* What an object is: what making or deleting it does. */
struct plus_class {
	uint16_t id;
	uint8_t kind, risk;
	const char *name;
};

static const struct plus_class plus_classes[] = {
	{ 287, FACT_SESSION, RISK_NONE, "session" },
	{ 1001, FACT_SESSION, RISK_NONE, "subscription" },
	{ 2496, FACT_CONFIG, RISK_CONFIGURATION, "hardware configuration" },
	{ 2520, FACT_PROGRAM, RISK_PROGRAM, "program" },
	{ 2574, FACT_PROGRAM, RISK_PROGRAM, "DB" },
	{ 2578, FACT_PROGRAM, RISK_PROGRAM, "FB" },
	{ 2579, FACT_PROGRAM, RISK_PROGRAM, "FC" },
	{ 2610, FACT_PROGRAM, RISK_PROGRAM, "OB" },
	{ 2662, FACT_SESSION, RISK_NONE, "subscription of alarms" },
	{ 2708, FACT_CONTROL, RISK_FORCE, "lasting test job" },
	{ 2709, FACT_SESSION, RISK_NONE, "test job" },
	{ 2712, FACT_SESSION, RISK_NONE, "subscription of a test job" },
	{ 3636, FACT_CONTROL, RISK_CONTROL, "acknowledgement of alarms" },
	{ 3643, FACT_CONTROL, RISK_CONTROL, "locking of alarms" },
	{ 3932, FACT_PROGRAM, RISK_PROGRAM, "UDT" },
	{ 3933, FACT_PROGRAM, RISK_PROGRAM, "FBT" },
	{ 3934, FACT_PROGRAM, RISK_PROGRAM, "SDT" },
	{ 3935, FACT_PROGRAM, RISK_PROGRAM, "FCT" },
	{ 4272, FACT_PROGRAM, RISK_PROGRAM, "technology DB" },
	{ 4600, FACT_PROGRAM, RISK_PROGRAM, "motion DB" },
	{ 4637, FACT_PROGRAM, RISK_PROGRAM, "OB" },
	{ 4639, FACT_PROGRAM, RISK_PROGRAM, "OB" },
	{ 4699, FACT_CONTROL, RISK_FORCE, "force job" },
	{ 4700, FACT_DIAGNOSE, RISK_NONE, "trace job" },
};
/* Code and description of a block: who reads them uploads the program. */
#define ATTRIBUTE_BODY 2533u
#define ATTRIBUTE_CODE 2580u
/* Organization blocks have a class for each event that calls them. */
#define CLASS_DB 2574u
#define CLASS_OB 2610u
#define CLASS_OB_FIRST 2637u
#define CLASS_OB_LAST 2658u
#define CLASS_SESSION 287u

/* Attributes of which setting is more than writing a value. */
static const struct plus_class plus_settings[] = {
	{ 304, FACT_LOGIN, RISK_NONE, "response to the challenge" },
	{ 309, FACT_LOGIN, RISK_NONE, "password" },
	{ 387, FACT_CONTROL, RISK_RESET, "memory reset" },
	{ 388, FACT_CONTROL, RISK_RESET, "reset" },
	{ 1053, FACT_SESSION, RISK_NONE, "credit of a subscription" },
	{ 1846, FACT_LOGIN, RISK_NONE, "legitimation" },
	{ 2118, FACT_CONFIG, RISK_CONFIGURATION, "memory card command" },
	{ 2167, FACT_CONTROL, RISK_MODE, "operating state" },
	{ 2415, FACT_TIME, RISK_TIME, "local time" },
	{ 2421, FACT_TIME, RISK_TIME, "system time" },
	{ 2687, FACT_CONTROL, RISK_FORCE, "test job enabled" },
	{ 2711, FACT_SESSION, RISK_NONE, "credit of a test job" },
	{ 3449, FACT_CONFIG, RISK_SECURITY, "know-how password" },
	{ 3451, FACT_CONFIG, RISK_SECURITY, "protection level" },
	{ 3452, FACT_CONFIG, RISK_SECURITY, "password" },
	{ 3453, FACT_CONFIG, RISK_SECURITY, "fail-safe password" },
	{ 3587, FACT_CONFIG, RISK_CONFIGURATION, "network parameters" },
	{ 3748, FACT_CONTROL, RISK_MODE, "state of the station" },
	{ 4544, FACT_CONTROL, RISK_MODE, "state of a processor" },
	{ 4681, FACT_CONFIG, RISK_SECURITY, "password 2" },
	{ 4682, FACT_CONFIG, RISK_SECURITY, "password 3" },
};
#define ATTRIBUTE_STATE 2167u

static inline const struct plus_class *
plus_find(const struct plus_class *table, uint32_t n, uint32_t id)
{
	for (uint32_t i = 0; i < n; i++)
		if (table[i].id == id)
			return &table[i];
	return NULL;
}
#define PLUS_FIND(table, id) \
	plus_find(table, sizeof(table) / sizeof((table)[0]), id)

static inline const struct plus_class *
plus_class_of(uint32_t id)
{
	if (id >= CLASS_OB_FIRST && id <= CLASS_OB_LAST)
		id = CLASS_OB;
	return PLUS_FIND(plus_classes, id);
}

/* What attributes of a session or an object tell. */
enum {
	ATTRIBUTE_NAME = 233,
	ATTRIBUTE_USER = 296,
	ATTRIBUTE_APPLICATION = 297,
	ATTRIBUTE_HOST = 298,
	ATTRIBUTE_VERSION = 319, /* within the session's version, 306 */
};

#endif
