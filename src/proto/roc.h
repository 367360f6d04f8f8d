/* roc.h - opcodes of Emerson's ROC and ROC Plus; see roc_plus.c. */
#ifndef PROTO_ROC_H
#define PROTO_ROC_H

#include "proto.h"

#define FILE_OP(command) FACT_OP(command, 203)

static const struct proto_op ops[] = {
	{ 6, FACT_DISCOVER, RISK_NONE, "system configuration" },
	{ 7, FACT_TIME, RISK_NONE, "read real-time clock" },
	{ 8, FACT_TIME, RISK_TIME, "set real-time clock" },
	{ 10, FACT_READ, RISK_NONE, "read configurable opcode point data" },
	{ 11, FACT_WRITE, RISK_WRITE, "write configurable opcode point data" },
	{ 17, FACT_LOGIN, RISK_NONE, "login" },
	{ 24, FACT_SESSION, RISK_NONE, "store and forward" },
	{ 50, FACT_READ, RISK_NONE, "request i/o point position" },
	{ 100, FACT_READ, RISK_NONE, "access user-defined information" },
	{ 105, FACT_READ, RISK_NONE,
	    "request today's and yesterday's min/max values" },
	{ 108, FACT_READ, RISK_NONE, "request history tag and periodic index" },
	{ 118, FACT_READ, RISK_NONE, "request alarm data" },
	{ 119, FACT_READ, RISK_NONE, "request event data" },
	{ 120, FACT_READ, RISK_NONE,
	    "pointers for alarm, event and history logs" },
	{ 121, FACT_READ, RISK_NONE, "request alarm log" },
	{ 122, FACT_READ, RISK_NONE, "request event log" },
	{ 126, FACT_READ, RISK_NONE, "request last 60 minutes" },
	{ 128, FACT_READ, RISK_NONE, "request archived history of a day" },
	{ 130, FACT_READ, RISK_NONE, "request archived history" },
	{ 135, FACT_READ, RISK_NONE, "request single history point data" },
	{ 136, FACT_READ, RISK_NONE, "request multiple history point data" },
	{ 137, FACT_READ, RISK_NONE, "request history index for a day" },
	{ 138, FACT_READ, RISK_NONE,
	    "request daily and periodic history for a day" },
	{ 139, FACT_READ, RISK_NONE, "history information data" },
	{ 165, FACT_CONFIG, RISK_NONE, "current history configuration" },
	{ 166, FACT_WRITE, RISK_WRITE, "set single point parameters" },
	{ 167, FACT_READ, RISK_NONE, "request single point parameters" },
	{ 180, FACT_READ, RISK_NONE, "request parameters" },
	{ 181, FACT_WRITE, RISK_WRITE, "write parameters" },
	{ 203, FACT_FILE, RISK_NONE, "general file transfer" },
	{ 205, FACT_SESSION, RISK_NONE, "peer-to-peer network messages" },
	{ 206, FACT_READ, RISK_NONE, "read transaction history data" },
	{ 224, FACT_REPORT, RISK_NONE, "srbx signal" },
	{ 225, FACT_SESSION, RISK_NONE, "acknowledge srbx" },
	{ 255, FACT_UNKNOWN, RISK_NONE, "error indicator" },
	{ FILE_OP(1), FACT_FILE, RISK_NONE, "open file" },
	{ FILE_OP(2), FACT_FILE, RISK_NONE, "read file" },
	{ FILE_OP(3), FACT_FILE, RISK_FILE, "write file" },
	{ FILE_OP(4), FACT_FILE, RISK_NONE, "close file" },
	{ FILE_OP(5), FACT_FILE, RISK_FILE, "delete file" },
	{ FILE_OP(6), FACT_FILE, RISK_NONE, "read directory" },
	{ FILE_OP(64), FACT_FILE, RISK_NONE, "read directory (64)" },
};

#endif
