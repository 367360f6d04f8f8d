/*
 * dlms_tables.h - messages of DLMS/COSEM.
 *
 * IEC 62056-5-3:2017 clause 9.5 (xDLMS APDUs), IEC 62056-46 / DLMS UA Green
 * Book edition 8 clause 8 (HDLC).
 */
#ifndef PROTO_DLMS_TABLES_H
#define PROTO_DLMS_TABLES_H

#include "proto.h"

/* What a set or an action is about, where that makes it another thing. */
enum about_class {
	ON_OTHER,
	ON_CLOCK,
	ON_SECURITY,
	ON_IMAGE,
	ON_DISCONNECT,
	ON_SCRIPT,
	ON_HDLC = 32, /* variant of the link layer's own messages */
};

#define SET 0xc1u
#define ACTION 0xc3u
#define HDLC(control) FACT_OP(ON_HDLC, control)

static const struct proto_op ops[] = {
	{ 0x01, FACT_SESSION, RISK_NONE, "initiate-request" },
	{ 0x05, FACT_READ, RISK_NONE, "read-request" },
	{ 0x06, FACT_WRITE, RISK_WRITE, "write-request" },
	{ 0x08, FACT_SESSION, RISK_NONE, "initiate-response" },
	{ 0x0c, FACT_READ, RISK_NONE, "read-response" },
	{ 0x0d, FACT_WRITE, RISK_NONE, "write-response" },
	{ 0x0e, FACT_SESSION, RISK_NONE, "confirmed-service-error" },
	{ 0x0f, FACT_REPORT, RISK_NONE, "data-notification" },
	{ 0x16, FACT_WRITE, RISK_WRITE, "unconfirmed-write-request" },
	{ 0x18, FACT_REPORT, RISK_NONE, "information-report-request" },
	{ 0x21, FACT_SESSION, RISK_NONE, "glo-initiate-request" },
	{ 0x25, FACT_READ, RISK_NONE, "glo-read-request" },
	{ 0x26, FACT_WRITE, RISK_WRITE, "glo-write-request" },
	{ 0x28, FACT_SESSION, RISK_NONE, "glo-initiate-response" },
	{ 0x2c, FACT_READ, RISK_NONE, "glo-read-response" },
	{ 0x2d, FACT_WRITE, RISK_NONE, "glo-write-response" },
	{ 0x60, FACT_LOGIN, RISK_NONE, "aarq" },
	{ 0x61, FACT_SESSION, RISK_NONE, "aare" },
	{ 0x62, FACT_SESSION, RISK_NONE, "rlrq" },
	{ 0x63, FACT_SESSION, RISK_NONE, "rlre" },
	{ 0xc0, FACT_READ, RISK_NONE, "get-request" },
	{ SET, FACT_WRITE, RISK_WRITE, "set-request" },
	{ 0xc2, FACT_REPORT, RISK_NONE, "event-notification-request" },
	{ ACTION, FACT_CONTROL, RISK_CONTROL, "action-request" },
	{ 0xc4, FACT_READ, RISK_NONE, "get-response" },
	{ 0xc5, FACT_WRITE, RISK_NONE, "set-response" },
	{ 0xc7, FACT_CONTROL, RISK_NONE, "action-response" },
	{ 0xc8, FACT_READ, RISK_NONE, "glo-get-request" },
	{ 0xc9, FACT_WRITE, RISK_WRITE, "glo-set-request" },
	{ 0xca, FACT_REPORT, RISK_NONE, "glo-event-notification-request" },
	{ 0xcb, FACT_CONTROL, RISK_CONTROL, "glo-action-request" },
	{ 0xcc, FACT_READ, RISK_NONE, "glo-get-response" },
	{ 0xcd, FACT_WRITE, RISK_NONE, "glo-set-response" },
	{ 0xcf, FACT_CONTROL, RISK_NONE, "glo-action-response" },
	{ 0xd0, FACT_READ, RISK_NONE, "ded-get-request" },
	{ 0xd1, FACT_WRITE, RISK_WRITE, "ded-set-request" },
	{ 0xd2, FACT_REPORT, RISK_NONE, "ded-event-notification-request" },
	{ 0xd3, FACT_CONTROL, RISK_CONTROL, "ded-action-request" },
	{ 0xd4, FACT_READ, RISK_NONE, "ded-get-response" },
	{ 0xd5, FACT_WRITE, RISK_NONE, "ded-set-response" },
	{ 0xd7, FACT_CONTROL, RISK_NONE, "ded-action-response" },
	{ 0xd8, FACT_SESSION, RISK_NONE, "exception-response" },
	{ 0xd9, FACT_READ, RISK_NONE, "access-request" },
	{ 0xda, FACT_READ, RISK_NONE, "access-response" },
	{ 0xdb, FACT_SESSION, RISK_NONE, "general-glo-ciphering" },
	{ 0xdc, FACT_SESSION, RISK_NONE, "general-ded-ciphering" },
	{ 0xdd, FACT_SESSION, RISK_NONE, "general-ciphering" },
	{ 0xdf, FACT_SESSION, RISK_NONE, "general-signing" },
	{ 0xe0, FACT_SESSION, RISK_NONE, "general-block-transfer" },
	{ FACT_OP(ON_CLOCK, SET), FACT_TIME, RISK_TIME, "set-request: clock" },
	{ FACT_OP(ON_CLOCK, ACTION), FACT_TIME, RISK_TIME,
	    "action-request: clock" },
	{ FACT_OP(ON_SECURITY, SET), FACT_CONFIG, RISK_SECURITY,
	    "set-request: security" },
	{ FACT_OP(ON_SECURITY, ACTION), FACT_CONFIG, RISK_SECURITY,
	    "action-request: security" },
	{ FACT_OP(ON_IMAGE, SET), FACT_CONFIG, RISK_FIRMWARE,
	    "set-request: image transfer" },
	{ FACT_OP(ON_IMAGE, ACTION), FACT_FILE, RISK_FIRMWARE,
	    "action-request: image transfer" },
	{ FACT_OP(ON_DISCONNECT, SET), FACT_CONFIG, RISK_CONFIGURATION,
	    "set-request: disconnect control" },
	{ FACT_OP(ON_DISCONNECT, ACTION), FACT_CONTROL, RISK_CONTROL,
	    "action-request: disconnect control" },
	{ FACT_OP(ON_SCRIPT, SET), FACT_CONFIG, RISK_CONFIGURATION,
	    "set-request: script table" },
	{ FACT_OP(ON_SCRIPT, ACTION), FACT_CONTROL, RISK_CONTROL,
	    "action-request: script table" },
	{ HDLC(0x00), FACT_SESSION, RISK_NONE, "information without content" },
	{ HDLC(0x01), FACT_SESSION, RISK_NONE, "receive ready" },
	{ HDLC(0x03), FACT_SESSION, RISK_NONE, "unnumbered information" },
	{ HDLC(0x05), FACT_SESSION, RISK_NONE, "receive not ready" },
	{ HDLC(0x0f), FACT_SESSION, RISK_NONE, "disconnected mode" },
	{ HDLC(0x43), FACT_SESSION, RISK_NONE, "disconnect" },
	{ HDLC(0x63), FACT_SESSION, RISK_NONE, "unnumbered acknowledge" },
	{ HDLC(0x83), FACT_SESSION, RISK_NONE, "set normal response mode" },
	{ HDLC(0x87), FACT_SESSION, RISK_NONE, "frame reject" },
	{ HDLC(0xfe), FACT_SESSION, RISK_NONE, "segment" },
};

#endif
