/* conversations.c - see lists.h: who talks to whom. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../detect/field.h"
#include "lists.h"

static const struct list_column conversation_columns[] = {
	{ "id", NULL, RULE_NUMBER, false, false, NULL, "its number here" },
	{ "client", "Client", RULE_ADDR, false, false, NULL, "who asks" },
	{ "server", "Server", RULE_ADDR, false, false, NULL, "who is asked" },
	{ "proto", "Protocol", RULE_NAME, false, false, proto_word,
	    "what is spoken" },
	{ "via", "Via", RULE_TEXT, false, false, NULL, "tcp, udp, ether ..." },
	{ "port", "Port", RULE_NUMBER, false, false, NULL,
	    "the server's; 0 where there are none" },
	{ "vlan", "VLAN", RULE_NUMBER, false, false, NULL, "VLAN identifier" },
	{ "first", NULL, RULE_TIME, false, false, NULL, "seen first" },
	{ "last", "Last", RULE_TIME, false, false, NULL, "seen last" },
	{ "flows", "Flows", RULE_NUMBER, false, false, NULL, "how many" },
	{ "packets", NULL, RULE_NUMBER, false, false, NULL, "in all" },
	{ "bytes", "Bytes", RULE_NUMBER, false, false, NULL, "in all" },
	{ "packets_to_server", NULL, RULE_NUMBER, false, false, NULL,
	    "packets to the server" },
	{ "packets_to_client", NULL, RULE_NUMBER, false, false, NULL,
	    "packets to the client" },
	{ "bytes_to_server", NULL, RULE_NUMBER, false, false, NULL,
	    "bytes to the server" },
	{ "bytes_to_client", NULL, RULE_NUMBER, false, false, NULL,
	    "bytes to the client" },
	{ "errors", NULL, RULE_NUMBER, false, false, NULL,
	    "requests that were refused" },
	{ "malformed", NULL, RULE_NUMBER, false, false, NULL,
	    "messages that break the protocol's rules" },
	{ "odd_port", NULL, RULE_BOOL, false, false, NULL,
	    "the port is usual for another protocol" },
	{ "certain", NULL, RULE_BOOL, false, false, NULL,
	    "it is known which end is the client" },
	{ "either", NULL, RULE_ADDR, false, false, NULL, "client or server" },
};

/* -------------------------------------------------------------- operations */

#define OPERATIONS 256u
#define OPERATION_NAME 96u

struct operation {
	char name[OPERATION_NAME];
	char risk[24];
	uint64_t count;
};

static const struct proto *
find_proto(const char *name)
{
	for (uint32_t i = 0; name != NULL && i < n_protos; i++)
		if (strcmp(protos[i]->name, name) == 0)
			return protos[i];
	return NULL;
}

static const char *
column(struct sqlite3_stmt *s, int i)
{
	const unsigned char *text = sqlite3_column_text(s, i);

	return text != NULL ? (const char *)text : "";
}

/* Of a protocol inside or around the conversation's: "cip: read tag". */
static void
name_of(struct sqlite3_stmt *s, const char *of, char dst[OPERATION_NAME])
{
	const struct proto *p = find_proto(column(s, 0));
	char number[16];
	const char *name = p != NULL
	    ? proto_op_name(p, (uint32_t)sqlite3_column_int64(s, 1), number)
	    : column(s, 1);

	if (strcmp(column(s, 0), of) == 0)
		(void)snprintf(dst, OPERATION_NAME, "%s", name);
	else
		(void)snprintf(dst, OPERATION_NAME, "%s: %s", column(s, 0),
		    name);
}

static int
by_name(const void *a, const void *b)
{
	const struct operation *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static uint32_t
gather(struct operation *of, struct sqlite3_stmt *s, const char *proto)
{
	uint32_t n = 0, i;

	while (sqlite3_step(s) == SQLITE_ROW && n < OPERATIONS) {
		name_of(s, proto, of[n].name);
		for (i = 0; strcmp(of[i].name, of[n].name) != 0;)
			i++;
		if (i == n) {
			of[n].count = 0;
			of[n++].risk[0] = '\0';
		}
		of[i].count += (uint64_t)sqlite3_column_int64(s, 3);
		if (strcmp(column(s, 2), fact_risk_name(RISK_NONE)) != 0)
			(void)snprintf(of[i].risk, sizeof(of[i].risk), "%s",
			    column(s, 2));
	}
	qsort(of, n, sizeof(of[0]), by_name);
	return n;
}

static void
put_operations(struct out *o, struct list_more *m, int64_t id,
    const char *proto)
{
	struct sqlite3_stmt *s = list_ask(m,
	    "select proto, op, risk, count from operation where conversation "
	    "= ?1",
	    id);
	struct operation *of = calloc(OPERATIONS + 1, sizeof(*of));
	uint32_t n = s != NULL && of != NULL ? gather(of, s, proto) : 0;

	json_key(o, "operations");
	json_open(o, '{');
	for (uint32_t i = 0; i < n; i++)
		json_u64(o, of[i].name, of[i].count);
	json_close(o, '}');
	json_key(o, "risks");
	json_open(o, '{');
	for (uint32_t i = 0; i < n; i++)
		if (of[i].risk[0] != '\0')
			json_text(o, of[i].name, of[i].risk);
	json_close(o, '}');
	free(of);
}

/* --------------------------------------------------------------------- JSON */

static void
put_text(struct out *o, struct sqlite3_stmt *s, int i)
{
	const char *name = sqlite3_column_name(s, i);

	if (sqlite3_column_type(s, i) == SQLITE_NULL)
		json_none(o, name);
	else
		json_span(o, name, list_text(s, (uint32_t)i));
}

static void
put_number(struct out *o, struct sqlite3_stmt *s, int i)
{
	const char *name = sqlite3_column_name(s, i);

	if (sqlite3_column_type(s, i) == SQLITE_NULL)
		json_none(o, name);
	else
		json_u64(o, name, (uint64_t)sqlite3_column_int64(s, i));
}

static void
put_json(struct out *o, struct list_more *m, int64_t id)
{
	struct sqlite3_stmt *s = list_ask(m,
	    "select id, coalesce(client_ip, client_mac) as client, client_mac, "
	    "coalesce(server_ip, server_mac) as server, server_mac, proto, "
	    "via, iif(via in ('tcp', 'udp', 'sctp'), port, null) as port, "
	    "iif(via in ('tcp', 'udp', 'sctp'), null, service) as service, "
	    "vlan, iif(session > 0, session & 65535, null) as session, flows, "
	    "packets_sent + packets_back as packets, packets_sent as "
	    "packets_to_server, packets_back as packets_to_client, bytes_sent "
	    "+ bytes_back as bytes, bytes_sent as bytes_to_server, bytes_back "
	    "as bytes_to_client, ops_left_out as operations_left_out, errors, "
	    "malformed, first, last, odd_port, sure from conversation where "
	    "id = ?1",
	    id);
	char proto[64];

	if (s == NULL || sqlite3_step(s) != SQLITE_ROW)
		return;
	json_open(o, '{');
	json_text(o, "type", "conversation");
	put_number(o, s, 0);
	for (int i = 1; i <= 6; i++)
		put_text(o, s, i);
	for (int i = 7; i <= 20; i++)
		put_number(o, s, i);
	json_time(o, "first", (struct tick){ sqlite3_column_int64(s, 21) });
	json_time(o, "last", (struct tick){ sqlite3_column_int64(s, 22) });
	json_bool(o, "odd_port", sqlite3_column_int(s, 23) != 0);
	json_bool(o, "certain", sqlite3_column_int(s, 24) != 0);
	(void)snprintf(proto, sizeof(proto), "%s", column(s, 5));
	put_operations(o, m, id, proto);
	json_close(o, '}');
	out_char(o, '\n');
}

const struct list list_conversations = { .noun = "conversations",
	.view = "(select *, protocol as proto, packets_sent + packets_back as "
		"packets, bytes_sent + bytes_back as bytes, packets_sent as "
		"packets_to_server, packets_back as packets_to_client, "
		"bytes_sent as bytes_to_server, bytes_back as "
		"bytes_to_client, client || ' ' || server as either from "
		"v_conversation)",
	.column = conversation_columns,
	.n = sizeof(conversation_columns) / sizeof(conversation_columns[0]),
	.hidden = 1,
	.order = "last_ns desc, id",
	.sort = "-last,id",
	.rows = "conversation",
	.ns = true,
	.seek = true,
	.none = "no conversations",
	.json = put_json };
