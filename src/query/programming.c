/* programming.c - see lists.h: who changed programs, firmware, modes or
 * settings of whom. */
#include <sqlite3.h>
#include <string.h>

#include "lists.h"
#include "private.h"

/* op_name(proto, op): what an operation is called. */
void
programming_op_name(sqlite3_context *c, int n, sqlite3_value **v)
{
	const char *proto = (const char *)sqlite3_value_text(v[0]);
	char number[16];

	(void)n;
	for (uint32_t i = 0; proto != NULL && i < n_protos; i++)
		if (strcmp(protos[i]->name, proto) == 0) {
			sqlite3_result_text(c,
			    proto_op_name(protos[i],
				(uint32_t)sqlite3_value_int64(v[1]), number),
			    -1, SQLITE_TRANSIENT);
			return;
		}
	sqlite3_result_value(c, v[1]);
}

static const char *
risk_word(uint32_t i)
{
	return i < RISK_COUNT ? fact_risk_name(i) : NULL;
}

static const struct list_column columns[] = {
	{ "id", NULL, RULE_NUMBER, false, false, NULL, "its number here" },
	{ "client", "By", RULE_ADDR, false, false, NULL, "who" },
	{ "client_name", NULL, RULE_TEXT, false, true, NULL, "its name" },
	{ "client_device", NULL, RULE_NUMBER, false, false, NULL,
	    "its number" },
	{ "server", "Of", RULE_ADDR, false, false, NULL, "of whom" },
	{ "server_name", NULL, RULE_TEXT, false, true, NULL, "its name" },
	{ "server_device", NULL, RULE_NUMBER, false, false, NULL,
	    "its number" },
	{ "proto", "Protocol", RULE_TEXT, false, false, NULL,
	    "what is spoken" },
	{ "operation", "What", RULE_TEXT, false, true, NULL,
	    "what was asked for" },
	{ "risk", "Changes", RULE_NAME, false, false, risk_word,
	    "program, firmware, mode ..." },
	{ "count", "Times", RULE_NUMBER, false, false, NULL, "how often" },
	{ "may", NULL, RULE_BOOL, false, false, NULL,
	    "who asks is marked as one that may program" },
	{ "first", NULL, RULE_TIME, false, false, NULL,
	    "the conversation began" },
	{ "last", "Last", RULE_TIME, false, false, NULL,
	    "the conversation was seen" },
	{ "either", NULL, RULE_ADDR, false, false, NULL, "by or of whom" },
};

/* The device at an address of a conversation; its index has the IP. */
#define DEVICE_AT(end)                                                         \
	"iif(c." end "_ip is not null, (select min(device) from "              \
	"device_address x where x.ip = c." end "_ip), (select min(device) "    \
	"from device_address x where x.ip is null and x.mac = c." end "_mac))" \
	" as " end "_device"
#define ASKED                                                                  \
	"(select o.id, coalesce(c.client_ip, c.client_mac, '') as "            \
	"client, " DEVICE_AT(                                                  \
	    "client") ", coalesce(c.server_ip, "                               \
		      "c.server_mac, '') as server, " DEVICE_AT(               \
			  "server") ", "                                       \
				    "o.proto, o.op, o.risk, o.count, c.first " \
				    "as first_ns, c.last "                     \
				    "as last_ns from operation o join "        \
				    "conversation c on c.id = "                \
				    "o.conversation where o.risk in "          \
				    "('program', 'firmware', "                 \
				    "'mode', 'configuration', 'security', "    \
				    "'reset', 'force'))"
#define NAME_OF(end)                                                     \
	"(select nullif(v.name, '') from v_device v where v.id = o." end \
	"_device) as " end "_name"
#define MAY                                                            \
	"coalesce((select v.programming from v_device v where v.id = " \
	"o.client_device), 0) as may"

const struct list list_programming = { .noun = "programming",
	.view = "(select o.*, " NAME_OF("client") ", " NAME_OF(
	    "server") ", " MAY
		      ", op_name(proto, op) as operation, client || ' ' || "
		      "server as either, " LIST_TIME("first") ", " LIST_TIME(
			  "last") " from (select *, first_ns as first, last_ns "
				  "as last from " ASKED ") o)",
	.column = columns,
	.n = sizeof(columns) / sizeof(columns[0]),
	.hidden = 1,
	.order = "last_ns desc, id desc",
	.sort = "-last,-id",
	.ns = true,
	.seek = true,
	.none = "nobody programmed a controller" };
