/*
 * lontalk_tables.h - codes of LonTalk messages and of EIA-852 packets.
 *
 * ISO/IEC 14908-1:2012 clause 10 (network management and diagnosis),
 * ISO/IEC 14908-4 / EIA-852 (packet types).
 */
#ifndef PROTO_LONTALK_TABLES_H
#define PROTO_LONTALK_TABLES_H

#include "proto.h"

#define PACKET(type) FACT_OP(1, type)
#define OTHER(what) FACT_OP(2, what)

enum {
	NV_UPDATE = 1,
	NV_POLL,
	APPLICATION,
	FOREIGN,
	TRANSPORT,
	AUTHENTICATION,
	ANSWER,
};

static const struct proto_op ops[] = {
	{ 0x51, FACT_DIAGNOSE, RISK_NONE, "query status" },
	{ 0x52, FACT_CONTROL, RISK_CONTROL, "proxy command" },
	{ 0x53, FACT_DIAGNOSE, RISK_CONFIGURATION, "clear status" },
	{ 0x54, FACT_DIAGNOSE, RISK_NONE, "query transceiver status" },
	{ 0x61, FACT_DISCOVER, RISK_NONE, "query id" },
	{ 0x62, FACT_CONFIG, RISK_CONFIGURATION, "respond to query" },
	{ 0x63, FACT_CONFIG, RISK_CONFIGURATION, "update domain" },
	{ 0x64, FACT_CONFIG, RISK_CONFIGURATION, "leave domain" },
	{ 0x65, FACT_CONFIG, RISK_SECURITY, "update key" },
	{ 0x66, FACT_CONFIG, RISK_CONFIGURATION, "update address" },
	{ 0x67, FACT_DISCOVER, RISK_NONE, "query address" },
	{ 0x68, FACT_DISCOVER, RISK_NONE, "query nv configuration" },
	{ 0x69, FACT_CONFIG, RISK_CONFIGURATION, "update group address" },
	{ 0x6a, FACT_DISCOVER, RISK_NONE, "query domain" },
	{ 0x6b, FACT_CONFIG, RISK_CONFIGURATION, "update nv configuration" },
	{ 0x6c, FACT_CONTROL, RISK_MODE, "set node mode" },
	{ 0x6d, FACT_READ, RISK_NONE, "read memory" },
	{ 0x6e, FACT_PROGRAM, RISK_PROGRAM, "write memory" },
	{ 0x6f, FACT_CONFIG, RISK_CONFIGURATION, "recalculate checksum" },
	{ 0x70, FACT_CONTROL, RISK_NONE, "wink" },
	{ 0x71, FACT_CONFIG, RISK_CONFIGURATION, "refresh memory" },
	{ 0x72, FACT_DISCOVER, RISK_NONE, "query snvt" },
	{ 0x73, FACT_READ, RISK_NONE, "fetch network variable" },
	{ 0x7f, FACT_DISCOVER, RISK_NONE, "service pin message" },
	{ PACKET(0x01), FACT_SESSION, RISK_NONE, "data packet" },
	{ PACKET(0x03), FACT_SESSION, RISK_NONE, "device registration" },
	{ PACKET(0x04), FACT_CONFIG, RISK_NONE, "channel membership" },
	{ PACKET(0x06), FACT_CONFIG, RISK_NONE, "send list" },
	{ PACKET(0x07), FACT_SESSION, RISK_NONE, "acknowledge" },
	{ PACKET(0x08), FACT_CONFIG, RISK_NONE, "channel routing" },
	{ PACKET(0x60), FACT_DIAGNOSE, RISK_NONE, "statistics request" },
	{ PACKET(0x63), FACT_CONFIG, RISK_NONE,
	    "device configuration request" },
	{ PACKET(0x64), FACT_CONFIG, RISK_NONE, "channel membership request" },
	{ PACKET(0x66), FACT_CONFIG, RISK_NONE, "send list request" },
	{ PACKET(0x68), FACT_CONFIG, RISK_NONE, "channel routing request" },
	{ PACKET(0x70), FACT_DIAGNOSE, RISK_NONE, "statistics response" },
	{ PACKET(0x71), FACT_CONFIG, RISK_CONFIGURATION,
	    "device configuration" },
	{ PACKET(0x7f), FACT_SESSION, RISK_NONE, "segment" },
	{ OTHER(NV_UPDATE), FACT_WRITE, RISK_WRITE, "network variable update" },
	{ OTHER(NV_POLL), FACT_READ, RISK_NONE, "network variable poll" },
	{ OTHER(APPLICATION), FACT_SESSION, RISK_NONE, "application message" },
	{ OTHER(FOREIGN), FACT_SESSION, RISK_NONE, "foreign frame" },
	{ OTHER(TRANSPORT), FACT_SESSION, RISK_NONE, "transport" },
	{ OTHER(AUTHENTICATION), FACT_LOGIN, RISK_NONE, "authentication" },
	{ OTHER(ANSWER), FACT_SESSION, RISK_NONE, "answer" },
};

#endif
