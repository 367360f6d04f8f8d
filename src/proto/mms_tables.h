/*
 * mms_tables.h - names and numbers of ISO 9506 and of the layers below it;
 * for mms.c only.
 */
#ifndef PROTO_MMS_TABLES_H
#define PROTO_MMS_TABLES_H

#include "proto.h"

/* Operations that are not services: PDU tag, session identifier, ACSE tag. */
#define OP_PDU 0x100u
#define OP_UNCONFIRMED 0x300u
#define OP_SESSION 0x400u
#define OP_ACSE 0x500u
/* Unconfirmed service 0, beside confirmed service 0. */
#define OP_REPORT FACT_OP(1, 0)

/* ISO 9506-2:2003 clause 7, ConfirmedServiceRequest. */
static const struct proto_op ops[] = {
	{ 0, FACT_DIAGNOSE, RISK_NONE, "status" },
	{ 1, FACT_DISCOVER, RISK_NONE, "get name list" },
	{ 2, FACT_DISCOVER, RISK_NONE, "identify" },
	{ 3, FACT_CONFIG, RISK_CONFIGURATION, "rename" },
	{ 4, FACT_READ, RISK_NONE, "read" },
	{ 5, FACT_WRITE, RISK_WRITE, "write" },
	{ 6, FACT_DISCOVER, RISK_NONE, "get variable access attributes" },
	{ 7, FACT_CONFIG, RISK_CONFIGURATION, "define named variable" },
	{ 8, FACT_CONFIG, RISK_CONFIGURATION, "define scattered access" },
	{ 9, FACT_DISCOVER, RISK_NONE, "get scattered access attributes" },
	{ 10, FACT_CONFIG, RISK_CONFIGURATION, "delete variable access" },
	{ 11, FACT_CONFIG, RISK_CONFIGURATION, "define named variable list" },
	{ 12, FACT_DISCOVER, RISK_NONE, "get named variable list attributes" },
	{ 13, FACT_CONFIG, RISK_CONFIGURATION, "delete named variable list" },
	{ 14, FACT_CONFIG, RISK_CONFIGURATION, "define named type" },
	{ 15, FACT_DISCOVER, RISK_NONE, "get named type attributes" },
	{ 16, FACT_CONFIG, RISK_CONFIGURATION, "delete named type" },
	{ 17, FACT_CONTROL, RISK_NONE, "input" },
	{ 18, FACT_CONTROL, RISK_WRITE, "output" },
	{ 19, FACT_CONTROL, RISK_CONTROL, "take control" },
	{ 20, FACT_CONTROL, RISK_CONTROL, "relinquish control" },
	{ 21, FACT_CONFIG, RISK_CONFIGURATION, "define semaphore" },
	{ 22, FACT_CONFIG, RISK_CONFIGURATION, "delete semaphore" },
	{ 23, FACT_DIAGNOSE, RISK_NONE, "report semaphore status" },
	{ 24, FACT_DIAGNOSE, RISK_NONE, "report pool semaphore status" },
	{ 25, FACT_DIAGNOSE, RISK_NONE, "report semaphore entry status" },
	{ 26, FACT_PROGRAM, RISK_PROGRAM, "initiate download sequence" },
	{ 27, FACT_PROGRAM, RISK_PROGRAM, "download segment" },
	{ 28, FACT_PROGRAM, RISK_PROGRAM, "terminate download sequence" },
	{ 29, FACT_PROGRAM, RISK_PROGRAM, "initiate upload sequence" },
	{ 30, FACT_PROGRAM, RISK_PROGRAM, "upload segment" },
	{ 31, FACT_PROGRAM, RISK_PROGRAM, "terminate upload sequence" },
	{ 32, FACT_PROGRAM, RISK_PROGRAM, "request domain download" },
	{ 33, FACT_PROGRAM, RISK_PROGRAM, "request domain upload" },
	{ 34, FACT_PROGRAM, RISK_PROGRAM, "load domain content" },
	{ 35, FACT_PROGRAM, RISK_PROGRAM, "store domain content" },
	{ 36, FACT_PROGRAM, RISK_PROGRAM, "delete domain" },
	{ 37, FACT_DISCOVER, RISK_NONE, "get domain attributes" },
	{ 38, FACT_PROGRAM, RISK_PROGRAM, "create program invocation" },
	{ 39, FACT_PROGRAM, RISK_PROGRAM, "delete program invocation" },
	{ 40, FACT_CONTROL, RISK_MODE, "start" },
	{ 41, FACT_CONTROL, RISK_MODE, "stop" },
	{ 42, FACT_CONTROL, RISK_MODE, "resume" },
	{ 43, FACT_CONTROL, RISK_RESET, "reset" },
	{ 44, FACT_CONTROL, RISK_MODE, "kill" },
	{ 45, FACT_DISCOVER, RISK_NONE, "get program invocation attributes" },
	{ 46, FACT_FILE, RISK_FILE, "obtain file" },
	{ 47, FACT_CONFIG, RISK_CONFIGURATION, "define event condition" },
	{ 48, FACT_CONFIG, RISK_CONFIGURATION, "delete event condition" },
	{ 49, FACT_DISCOVER, RISK_NONE, "get event condition attributes" },
	{ 50, FACT_DIAGNOSE, RISK_NONE, "report event condition status" },
	{ 51, FACT_CONFIG, RISK_CONFIGURATION,
	    "alter event condition monitoring" },
	{ 52, FACT_CONTROL, RISK_CONTROL, "trigger event" },
	{ 53, FACT_CONFIG, RISK_CONFIGURATION, "define event action" },
	{ 54, FACT_CONFIG, RISK_CONFIGURATION, "delete event action" },
	{ 55, FACT_DISCOVER, RISK_NONE, "get event action attributes" },
	{ 56, FACT_DIAGNOSE, RISK_NONE, "report event action status" },
	{ 57, FACT_CONFIG, RISK_CONFIGURATION, "define event enrollment" },
	{ 58, FACT_CONFIG, RISK_CONFIGURATION, "delete event enrollment" },
	{ 59, FACT_CONFIG, RISK_CONFIGURATION, "alter event enrollment" },
	{ 60, FACT_DIAGNOSE, RISK_NONE, "report event enrollment status" },
	{ 61, FACT_DISCOVER, RISK_NONE, "get event enrollment attributes" },
	{ 62, FACT_CONTROL, RISK_NONE, "acknowledge event notification" },
	{ 63, FACT_READ, RISK_NONE, "get alarm summary" },
	{ 64, FACT_READ, RISK_NONE, "get alarm enrollment summary" },
	{ 65, FACT_READ, RISK_NONE, "read journal" },
	{ 66, FACT_WRITE, RISK_WRITE, "write journal" },
	{ 67, FACT_CONFIG, RISK_CONFIGURATION, "initialize journal" },
	{ 68, FACT_DIAGNOSE, RISK_NONE, "report journal status" },
	{ 69, FACT_CONFIG, RISK_CONFIGURATION, "create journal" },
	{ 70, FACT_CONFIG, RISK_CONFIGURATION, "delete journal" },
	{ 71, FACT_DISCOVER, RISK_NONE, "get capability list" },
	{ 72, FACT_FILE, RISK_NONE, "file open" },
	{ 73, FACT_FILE, RISK_NONE, "file read" },
	{ 74, FACT_FILE, RISK_NONE, "file close" },
	{ 75, FACT_FILE, RISK_FILE, "file rename" },
	{ 76, FACT_FILE, RISK_FILE, "file delete" },
	{ 77, FACT_FILE, RISK_NONE, "file directory" },
	{ 78, FACT_CONFIG, RISK_NONE, "additional service" },
	{ 80, FACT_DISCOVER, RISK_NONE, "get data exchange attributes" },
	{ 81, FACT_WRITE, RISK_WRITE, "exchange data" },
	{ 82, FACT_CONFIG, RISK_SECURITY, "define access control list" },
	{ 83, FACT_DISCOVER, RISK_NONE, "get access control list attributes" },
	{ 84, FACT_DISCOVER, RISK_NONE, "report access controlled objects" },
	{ 85, FACT_CONFIG, RISK_SECURITY, "delete access control list" },
	{ 86, FACT_CONFIG, RISK_SECURITY, "change access control" },
	{ 87, FACT_PROGRAM, RISK_PROGRAM, "reconfigure program invocation" },
	/* PDUs that are not services */
	{ OP_PDU + 2, FACT_UNKNOWN, RISK_NONE, "confirmed service" },
	{ OP_PDU + 4, FACT_SESSION, RISK_NONE, "reject" },
	{ OP_PDU + 5, FACT_SESSION, RISK_NONE, "cancel" },
	{ OP_PDU + 8, FACT_SESSION, RISK_NONE, "initiate" },
	{ OP_PDU + 11, FACT_SESSION, RISK_NONE, "conclude" },
	{ OP_UNCONFIRMED + 1, FACT_REPORT, RISK_NONE, "unsolicited status" },
	{ OP_UNCONFIRMED + 2, FACT_REPORT, RISK_NONE, "event notification" },
	/* ISO 8327-1 */
	{ OP_SESSION + 1, FACT_SESSION, RISK_NONE, "session data" },
	{ OP_SESSION + 9, FACT_SESSION, RISK_NONE, "session finish" },
	{ OP_SESSION + 13, FACT_SESSION, RISK_NONE, "session connect" },
	{ OP_SESSION + 25, FACT_SESSION, RISK_NONE, "session abort" },
	/* ISO 8650-1 */
	{ OP_ACSE + 0, FACT_SESSION, RISK_NONE, "associate" },
	{ OP_ACSE + 2, FACT_SESSION, RISK_NONE, "release" },
	{ OP_ACSE + 4, FACT_SESSION, RISK_NONE, "abort" },
	{ OP_REPORT, FACT_REPORT, RISK_NONE, "information report" },
};

/* Where in a request its object's name stands. */
enum shape {
	SHAPE_NONE,
	SHAPE_IDENT, /* it is the request */
	SHAPE_NAME, /* the request is an ObjectName */
	SHAPE_IDENT0, /* [0] */
	SHAPE_NAME0, /* [0] ObjectName */
	SHAPE_NAME1, /* [1] ObjectName */
	SHAPE_NAMES1, /* [1] list of ObjectName */
	SHAPE_SEQ_NAME, /* the first of a sequence is an ObjectName */
	SHAPE_FILE, /* the request is a FileName */
	SHAPE_FILE0, /* [0] FileName, perhaps [1] another */
	SHAPE_FILE1, /* [1] FileName, [2] another */
	SHAPE_NUMBER, /* the request is a handle */
	SHAPE_ACCESS, /* variables */
	SHAPE_NAME_LIST, /* class and scope */
	SHAPE_COUNT
};

static const uint8_t shapes[] = {
	[1] = SHAPE_NAME_LIST,
	[3] = SHAPE_NAME1,
	[4] = SHAPE_ACCESS,
	[5] = SHAPE_ACCESS,
	[6] = SHAPE_NAME0,
	[7] = SHAPE_SEQ_NAME,
	[8] = SHAPE_SEQ_NAME,
	[9] = SHAPE_NAME,
	[10] = SHAPE_NAMES1,
	[11] = SHAPE_SEQ_NAME,
	[12] = SHAPE_NAME,
	[13] = SHAPE_NAMES1,
	[14] = SHAPE_SEQ_NAME,
	[15] = SHAPE_NAME,
	[16] = SHAPE_NAMES1,
	[17] = SHAPE_IDENT0,
	[18] = SHAPE_IDENT0,
	[19] = SHAPE_NAME0,
	[20] = SHAPE_NAME0,
	[21] = SHAPE_NAME0,
	[22] = SHAPE_NAME,
	[23] = SHAPE_NAME,
	[24] = SHAPE_NAME0,
	[25] = SHAPE_NAME0,
	[26] = SHAPE_IDENT0,
	[27] = SHAPE_IDENT,
	[28] = SHAPE_IDENT0,
	[29] = SHAPE_IDENT,
	[30] = SHAPE_NUMBER,
	[31] = SHAPE_NUMBER,
	[32] = SHAPE_IDENT0,
	[33] = SHAPE_IDENT0,
	[34] = SHAPE_IDENT0,
	[35] = SHAPE_IDENT0,
	[36] = SHAPE_IDENT,
	[37] = SHAPE_IDENT,
	[38] = SHAPE_IDENT0,
	[39] = SHAPE_IDENT,
	[40] = SHAPE_IDENT0,
	[41] = SHAPE_IDENT0,
	[42] = SHAPE_IDENT0,
	[43] = SHAPE_IDENT0,
	[44] = SHAPE_IDENT0,
	[45] = SHAPE_IDENT,
	[46] = SHAPE_FILE1,
	[47] = SHAPE_NAME0,
	[49] = SHAPE_NAME,
	[50] = SHAPE_NAME,
	[51] = SHAPE_NAME0,
	[52] = SHAPE_NAME0,
	[53] = SHAPE_NAME0,
	[55] = SHAPE_NAME,
	[56] = SHAPE_NAME,
	[57] = SHAPE_NAME0,
	[60] = SHAPE_NAME,
	[62] = SHAPE_NAME0,
	[65] = SHAPE_NAME0,
	[66] = SHAPE_NAME0,
	[67] = SHAPE_NAME0,
	[68] = SHAPE_NAME,
	[69] = SHAPE_NAME0,
	[70] = SHAPE_NAME0,
	[72] = SHAPE_FILE0,
	[73] = SHAPE_NUMBER,
	[74] = SHAPE_NUMBER,
	[75] = SHAPE_FILE0,
	[76] = SHAPE_FILE,
	[77] = SHAPE_FILE0,
};

/* DataAccessError, ISO 9506-2 clause 14.4.3. */
static const char *const access_errors[] = { "object-invalidated",
	"hardware-fault", "temporarily-unavailable", "object-access-denied",
	"object-undefined", "invalid-address", "type-unsupported",
	"type-inconsistent", "object-attribute-inconsistent",
	"object-access-unsupported", "object-non-existent",
	"object-value-invalid" };

/* ServiceError classes and codes, ISO 9506-2 clause 7.4.3. */
#define ERROR_CODES 10
static const struct {
	const char *name;
	const char *code[ERROR_CODES];
} error_classes[] = {
	{ "vmd-state",
	    { "other", "vmd-state-conflict", "vmd-operational-problem",
		"domain-transfer-problem", "state-machine-id-invalid" } },
	{ "application-reference",
	    { "other", "application-unreachable", "connection-lost",
		"application-reference-invalid", "context-unsupported" } },
	{ "definition",
	    { "other", "object-undefined", "invalid-address",
		"type-unsupported", "type-inconsistent", "object-exists",
		"object-attribute-inconsistent" } },
	{ "resource",
	    { "other", "memory-unavailable", "processor-resource-unavailable",
		"mass-storage-unavailable", "capability-unavailable",
		"capability-unknown" } },
	{ "service",
	    { "other", "primitives-out-of-sequence", "object-state-conflict",
		"pdu-size", "continuation-invalid",
		"object-constraint-conflict" } },
	{ "service-preempt", { "other", "timeout", "deadlock", "cancel" } },
	{ "time-resolution", { "other", "unsupportable-time-resolution" } },
	{ "access",
	    { "other", "object-access-unsupported", "object-non-existent",
		"object-access-denied", "object-invalidated" } },
	{ "initiate",
	    { "other", "version-incompatible", "max-segment-insufficient",
		"max-services-outstanding-calling-insufficient",
		"max-services-outstanding-called-insufficient",
		"service-cbb-insufficient", "parameter-cbb-insufficient",
		"nesting-level-insufficient" } },
	{ "conclude", { "other", "further-communication-required" } },
	{ "cancel", { "other", "invoke-id-unknown", "cancel-not-possible" } },
	{ "file",
	    { "other", "filename-ambiguous", "file-busy",
		"filename-syntax-error", "content-type-invalid",
		"position-invalid", "file-access-denied", "file-non-existent",
		"duplicate-filename", "insufficient-space-in-filestore" } },
	{ "others", { "other" } },
};

static const char *const object_classes[] = { "named variables",
	"scattered access", "named variable lists", "named types", "semaphores",
	"event conditions", "event actions", "event enrollments", "journals",
	"domains", "program invocations", "operator stations" };

static const char *const physical_status[] = { "operational",
	"partially operational", "inoperable", "needs commissioning" };

/* Names that only TASE.2 (IEC 60870-6-503) uses. */
static const char *const tase2_names[] = { "Bilateral_Table_ID",
	"TASE2_Version", "Supported_Features", "Next_DSTransfer_Set",
	"DSTransfer_Set", "Transfer_Set_Name", "Transfer_Set_Time_Stamp",
	"DSConditions_Detected", "Event_Code_Detected", "Transfer_Report_ACK",
	"Transfer_Report_NACK" };

#define COUNT(table) ((uint32_t)(sizeof(table) / sizeof((table)[0])))

#endif
