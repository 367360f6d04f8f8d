/*
 * sbus_tables.h - commands of SAIA S-Bus.
 *
 * Saia-Burgess Controls 26-739 (S-Bus) and the names under which the commands
 * of level 2 (marked * there) are known to open dissectors.
 */
#ifndef PROTO_SBUS_TABLES_H
#define PROTO_SBUS_TABLES_H

#include "proto.h"

#define ROWS_OF_CPUS(first, kind, risk, what)            \
	{ (first), kind, risk, what ", cpu 0" },         \
	    { (first) + 1, kind, risk, what ", cpu 1" }, \
	    { (first) + 2, kind, risk, what ", cpu 2" }, \
	    { (first) + 3, kind, risk, what ", cpu 3" }, \
	    { (first) + 4, kind, risk, what ", cpu 4" }, \
	    { (first) + 5, kind, risk, what ", cpu 5" }, \
	{                                                \
		(first) + 6, kind, risk, what ", cpu 6"  \
	}

#define ROWS_OF_RESTART(first, what)                                     \
	{ (first), FACT_CONTROL, RISK_RESET, what ", cpu 1" },           \
	    { (first) + 1, FACT_CONTROL, RISK_RESET, what ", cpu 2" },   \
	    { (first) + 2, FACT_CONTROL, RISK_RESET, what ", cpu 3" },   \
	    { (first) + 3, FACT_CONTROL, RISK_RESET, what ", cpu 4" },   \
	    { (first) + 4, FACT_CONTROL, RISK_RESET, what ", cpu 5" },   \
	    { (first) + 5, FACT_CONTROL, RISK_RESET, what ", cpu 6" },   \
	    { (first) + 6, FACT_CONTROL, RISK_RESET, what ", own cpu" }, \
	{                                                                \
		(first) + 7, FACT_CONTROL, RISK_RESET, what ", all cpus" \
	}

static const struct proto_op ops[] = {
	{ 0, FACT_READ, RISK_NONE, "read counters" },
	{ 1, FACT_READ, RISK_NONE, "read display register" },
	{ 2, FACT_READ, RISK_NONE, "read flags" },
	{ 3, FACT_READ, RISK_NONE, "read inputs" },
	{ 4, FACT_TIME, RISK_NONE, "read real time clock" },
	{ 5, FACT_READ, RISK_NONE, "read outputs" },
	{ 6, FACT_READ, RISK_NONE, "read registers" },
	{ 7, FACT_READ, RISK_NONE, "read timers" },
	{ 10, FACT_WRITE, RISK_WRITE, "write counters" },
	{ 11, FACT_WRITE, RISK_WRITE, "write flags" },
	{ 12, FACT_TIME, RISK_TIME, "write real time clock" },
	{ 13, FACT_WRITE, RISK_WRITE, "write outputs" },
	{ 14, FACT_WRITE, RISK_WRITE, "write registers" },
	{ 15, FACT_WRITE, RISK_WRITE, "write timers" },
	{ 19, FACT_WRITE, RISK_WRITE, "read write multi-medias" },
	ROWS_OF_CPUS(20, FACT_DIAGNOSE, RISK_NONE, "read pcd status"),
	{ 27, FACT_DIAGNOSE, RISK_NONE, "read pcd status, own cpu" },
	{ 29, FACT_DISCOVER, RISK_NONE, "read station number" },
	{ 30, FACT_PROGRAM, RISK_NONE, "read user memory" },
	{ 31, FACT_PROGRAM, RISK_PROGRAM, "read program line" },
	{ 32, FACT_DISCOVER, RISK_NONE, "read firmware version" },
	{ 33, FACT_READ, RISK_NONE, "read text" },
	{ 34, FACT_DIAGNOSE, RISK_NONE, "read active transition" },
	{ 35, FACT_PROGRAM, RISK_PROGRAM, "write user memory" },
	{ 36, FACT_PROGRAM, RISK_PROGRAM, "write program line" },
	{ 37, FACT_WRITE, RISK_WRITE, "write text" },
	ROWS_OF_CPUS(40, FACT_CONTROL, RISK_MODE, "run procedure"),
	{ 47, FACT_CONTROL, RISK_MODE, "run procedure, own cpu" },
	{ 48, FACT_CONTROL, RISK_MODE, "run procedure, all cpus" },
	ROWS_OF_RESTART(50, "restart cold"),
	ROWS_OF_CPUS(60, FACT_CONTROL, RISK_MODE, "stop procedure"),
	{ 67, FACT_CONTROL, RISK_MODE, "stop procedure, own cpu" },
	{ 68, FACT_CONTROL, RISK_MODE, "stop procedure, all cpus" },
	{ 70, FACT_DIAGNOSE, RISK_NONE, "read arithmetic status and accu" },
	{ 71, FACT_READ, RISK_NONE, "read byte" },
	{ 72, FACT_DIAGNOSE, RISK_NONE, "read halt failure register" },
	{ 73, FACT_DIAGNOSE, RISK_NONE, "read index register" },
	{ 74, FACT_DIAGNOSE, RISK_NONE, "read instruction pointer" },
	{ 75, FACT_DIAGNOSE, RISK_NONE, "find history" },
	{ 80, FACT_WRITE, RISK_WRITE, "write arithmetic status and accu" },
	{ 81, FACT_WRITE, RISK_WRITE, "write byte" },
	{ 82, FACT_WRITE, RISK_WRITE, "write index register" },
	{ 83, FACT_CONTROL, RISK_MODE, "write instruction pointer" },
	{ 90, FACT_CONTROL, RISK_RESET, "clear all" },
	{ 91, FACT_CONTROL, RISK_RESET, "clear flags" },
	{ 92, FACT_CONTROL, RISK_RESET, "clear outputs" },
	{ 93, FACT_CONTROL, RISK_RESET, "clear registers" },
	{ 94, FACT_CONTROL, RISK_RESET, "clear timers" },
	ROWS_OF_RESTART(100, "restart warm"),
	{ 110, FACT_PROGRAM, RISK_PROGRAM, "change block" },
	{ 111, FACT_DIAGNOSE, RISK_CONFIGURATION, "clear history failure" },
	{ 112, FACT_PROGRAM, RISK_PROGRAM, "delete program line" },
	{ 113, FACT_CONTROL, RISK_MODE, "go conditional" },
	{ 114, FACT_PROGRAM, RISK_PROGRAM, "insert program line" },
	{ 115, FACT_CONTROL, RISK_MODE, "local cycles" },
	{ 116, FACT_CONTROL, RISK_MODE, "all cycles" },
	{ 117, FACT_PROGRAM, RISK_PROGRAM, "make text" },
	{ 118, FACT_CONTROL, RISK_CONTROL, "execute single instruction" },
	{ 119, FACT_CONTROL, RISK_MODE, "single step" },
	{ 130, FACT_CONTROL, RISK_CONTROL, "xob 17 interrupt" },
	{ 131, FACT_CONTROL, RISK_CONTROL, "xob 18 interrupt" },
	{ 132, FACT_CONTROL, RISK_CONTROL, "xob 19 interrupt" },
	{ 145, FACT_CONFIG, RISK_NONE, "read hangup timeout" },
	{ 150, FACT_READ, RISK_NONE, "read data block" },
	{ 151, FACT_WRITE, RISK_WRITE, "write data block" },
	{ 152, FACT_PROGRAM, RISK_PROGRAM, "make data block" },
	{ 153, FACT_PROGRAM, RISK_PROGRAM, "clear data block" },
	{ 154, FACT_PROGRAM, RISK_PROGRAM, "clear text" },
	{ 155, FACT_PROGRAM, RISK_NONE, "read block address" },
	{ 156, FACT_PROGRAM, RISK_NONE, "read block sizes" },
	{ 157, FACT_DIAGNOSE, RISK_NONE, "read current block" },
	{ 158, FACT_DIAGNOSE, RISK_NONE, "read call stack" },
	{ 159, FACT_READ, RISK_NONE, "read dbx" },
	{ 161, FACT_READ, RISK_NONE, "read user eeprom register" },
	{ 163, FACT_WRITE, RISK_WRITE, "write user eeprom register" },
	{ 165, FACT_CONTROL, RISK_FIRMWARE, "erase flash" },
	{ 166, FACT_CONTROL, RISK_RESET, "restart cold flag" },
	{ 167, FACT_WRITE, RISK_CONFIGURATION, "write system buffer" },
	{ 168, FACT_READ, RISK_NONE, "read system buffer" },
	{ 169, FACT_PROGRAM, RISK_PROGRAM, "read/write block data" },
	{ 170, FACT_DIAGNOSE, RISK_NONE, "get diagnostic" },
	{ 171, FACT_DISCOVER, RISK_NONE, "read system information" },
	{ 172, FACT_PROGRAM, RISK_PROGRAM, "changes blocks on run" },
	{ 173, FACT_FILE, RISK_FILE, "flashcard telegram" },
	{ 174, FACT_FILE, RISK_FIRMWARE, "download firmware" },
	{ 175, FACT_SESSION, RISK_NONE, "web server serial communication" },
};

#endif
