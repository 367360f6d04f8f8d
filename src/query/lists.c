/* lists.c - see lists.h: devices, and what people decided. */
#include "lists.h"

#include <sqlite3.h>

static const char *
role_word(uint32_t i)
{
	return i < ROLE_COUNT ? role_name(i) : NULL;
}

static const struct list_column device_columns[] = {
	{ "id", "No", RULE_NUMBER, false, false, NULL, "its number here" },
	{ "addresses", "Address", RULE_TEXT, false, true, NULL,
	    "IP and MAC addresses" },
	{ "name", "Name", RULE_TEXT, false, true, NULL, "name" },
	{ "role", "Role", RULE_NAME, false, false, role_word,
	    "plc, hmi, switch ..." },
	{ "purdue", "Level", RULE_NUMBER, false, false, NULL, "Purdue level" },
	{ "vendor", "Vendor", RULE_TEXT, false, true, NULL, "maker" },
	{ "model", "Model", RULE_TEXT, false, true, NULL, "model" },
	{ "firmware", "Firmware", RULE_TEXT, false, true, NULL,
	    "firmware version" },
	{ "serial", NULL, RULE_TEXT, false, false, NULL, "serial number" },
	{ "order_number", NULL, RULE_TEXT, false, false, NULL, "order number" },
	{ "hardware", NULL, RULE_TEXT, false, false, NULL, "hardware version" },
	{ "os", NULL, RULE_TEXT, false, false, NULL, "operating system" },
	{ "mode", NULL, RULE_TEXT, false, false, NULL, "operating mode" },
	{ "servers", "Serves", RULE_TEXT, false, true, NULL,
	    "protocols spoken as server" },
	{ "clients", NULL, RULE_TEXT, false, true, NULL,
	    "protocols spoken as client" },
	{ "ot", NULL, RULE_BOOL, false, false, NULL, "industrial" },
	{ "authorized", "Auth.", RULE_BOOL, false, false, NULL,
	    "belongs here" },
	{ "important", NULL, RULE_BOOL, false, false, NULL,
	    "marked important" },
	{ "scanner", NULL, RULE_BOOL, false, false, NULL, "may scan" },
	{ "programming", NULL, RULE_BOOL, false, false, NULL,
	    "may program controllers" },
	{ "fragile", NULL, RULE_BOOL, false, false, NULL,
	    "must never be asked" },
	{ "macs", NULL, RULE_TEXT, false, false, NULL, "MAC addresses" },
	{ "packets", NULL, RULE_NUMBER, false, false, NULL, "packets sent" },
	{ "bytes", NULL, RULE_NUMBER, false, false, NULL, "bytes sent" },
	{ "first", NULL, RULE_TIME, false, false, NULL, "seen first" },
	{ "last", "Last", RULE_TIME, false, false, NULL, "seen last" },
	{ "comment", NULL, RULE_TEXT, false, false, NULL,
	    "what people say of it" },
};

const struct list list_devices = { .noun = "devices",
	.view = "v_device",
	.column = device_columns,
	.n = sizeof(device_columns) / sizeof(device_columns[0]),
	.order = "ot desc, id",
	.sort = "-ot,id",
	.ns = true,
	.seek = true,
	.brief = "addresses",
	.none = "no devices",
	.json = list_device_json };

static const char *
what_word(uint32_t i)
{
	static const char *const words[] = {
#define TIMELINE(sym, word, meaning) word,
#include "../store/timeline.def"
#undef TIMELINE
		NULL
	};

	return words[i];
}

static const struct list_column timeline_columns[] = {
	{ "at", "When", RULE_TIME, false, false, NULL, "when it happened" },
	{ "who", "Who", RULE_TEXT, false, false, NULL,
	    "sensor, or cli: and the system's user" },
	{ "what", "What", RULE_NAME, false, false, what_word,
	    "mode, alert, close, learn, rule ..." },
	{ "about", "About", RULE_TEXT, false, true, NULL,
	    "the alert, device or rule" },
	{ "text", "", RULE_TEXT, false, true, NULL, "the rest" },
	{ "id", NULL, RULE_NUMBER, false, false, NULL, "its number" },
};

const struct list list_timeline = { .noun = "timeline",
	.view = "v_timeline",
	.column = timeline_columns,
	.n = sizeof(timeline_columns) / sizeof(timeline_columns[0]),
	.order = "id desc",
	.sort = "-id",
	.rows = "timeline",
	.key = "id",
	.ns = true,
	.seek = true,
	.none = "nothing happened yet" };

static const struct list_column network_columns[] = {
	{ "network", "Network", RULE_TEXT, false, false, NULL,
	    "address and length of the prefix" },
	{ "name", "Name", RULE_TEXT, false, true, NULL, "what it is called" },
	{ "ot", "OT", RULE_BOOL, false, false, NULL, "industrial" },
	{ "inside", "Inside", RULE_BOOL, false, false, NULL,
	    "ours, not the Internet" },
	{ "dhcp", "DHCP", RULE_BOOL, false, false, NULL,
	    "devices change addresses" },
};

const struct list list_networks = { .noun = "networks",
	.view = "(select ip || '/' || bits as network, name, ot, inside, "
		"dhcp, length(ip) as n, ip from network)",
	.column = network_columns,
	.n = sizeof(network_columns) / sizeof(network_columns[0]),
	.order = "n, ip",
	.sort = "network",
	.none = "no networks: private addresses are inside and industrial, "
		"others the Internet" };

static const struct list_column name_columns[] = {
	{ "kind", "Kind", RULE_TEXT, false, false, NULL,
	    "port, vlan or domain" },
	{ "what", "What", RULE_TEXT, false, false, NULL,
	    "tcp/502, vlan/30, *.example.com" },
	{ "name", "Name", RULE_TEXT, false, true, NULL,
	    "what it is called; of a domain, the comment" },
};

const struct list list_names = { .noun = "names",
	.view = "(select 'port' as kind, via || '/' || port as what, name, 0 "
		"as n, port as m from port_name union all select 'vlan', "
		"'vlan/' || vlan, name, 1, vlan from vlan_name union all "
		"select 'domain', name, comment, 2, 0 from domain)",
	.column = name_columns,
	.n = sizeof(name_columns) / sizeof(name_columns[0]),
	.order = "n, m, what",
	.sort = "kind,what",
	.key = "kind,what",
	.none = "no names" };

static const struct list_column indicator_columns[] = {
	{ "type", "Type", RULE_TEXT, false, false, NULL,
	    "ip, domain, url or hash" },
	{ "value", "Value", RULE_TEXT, false, true, NULL, "what is bad" },
	{ "list", "List", RULE_TEXT, false, false, NULL, "where it is from" },
	{ "added", "Added", RULE_TIME, false, false, NULL, "since when" },
	{ "expires", "Until", RULE_TIME, false, false, NULL,
	    "empty: for ever" },
	{ "comment", "Comment", RULE_TEXT, false, true, NULL, "comment" },
};

const struct list list_indicators = { .noun = "indicators",
	.view = "(select type, value, list, " LIST_TIME("added") ", " LIST_TIME(
	    "expires") ", comment from indicator)",
	.column = indicator_columns,
	.n = sizeof(indicator_columns) / sizeof(indicator_columns[0]),
	.order = "list, type, value",
	.sort = "list,type,value",
	.key = "list,type,value",
	.none = "no indicators but those that are built in" };

static const struct list_column count_columns[] = {
	{ "list", "List", RULE_TEXT, false, false, NULL, "where it is from" },
	{ "type", "Type", RULE_TEXT, false, false, NULL,
	    "ip, domain, url or hash" },
	{ "count", "Indicators", RULE_NUMBER, false, false, NULL, "how many" },
	{ "expired", "Expired", RULE_NUMBER, false, false, NULL,
	    "of them, no longer looked for" },
};

const struct list list_indicator_counts = { .noun = "indicators",
	.view = "(select list, type, count(*) as count, sum(expires <> 0 and "
		"expires / 1000000000 < unixepoch()) as expired from indicator "
		"group by list, type)",
	.column = count_columns,
	.n = sizeof(count_columns) / sizeof(count_columns[0]),
	.order = "list, type",
	.sort = "list,type",
	.key = "list,type",
	.none = "no indicators but those that are built in" };

static const char *
kind_word(uint32_t i)
{
	return i < PERSON_KIND_COUNT ? person_rule_kind_name(i) : NULL;
}

static const struct list_column rule_columns[] = {
	{ "id", "No", RULE_NUMBER, false, false, NULL, "its number" },
	{ "kind", "Kind", RULE_NAME, false, false, kind_word,
	    "exclude, maintenance, custom" },
	{ "enabled", "On", RULE_BOOL, false, false, NULL, "in force" },
	{ "name", "Name", RULE_TEXT, false, true, NULL, "name" },
	{ "severity", "Severity", RULE_TEXT, false, false, NULL,
	    "of a custom rule's alert" },
	{ "hits", "Hits", RULE_NUMBER, false, false, NULL,
	    "how often it applied" },
	{ "last_hit", "Last", RULE_TIME, false, false, NULL, "when last" },
	{ "since", "From", RULE_TIME, false, false, NULL, "not before" },
	{ "until", "Until", RULE_TIME, false, false, NULL, "not after" },
	{ "text", "Condition", RULE_TEXT, false, true, NULL, "the condition" },
	{ "message", NULL, RULE_TEXT, false, false, NULL,
	    "what a custom rule's alert says" },
};

#define RULE_VIEW                                                              \
	"(select id, kind, enabled, name, iif(kind = 'custom', severity, '') " \
	"as severity, hits, " LIST_TIME("last_hit") ", " LIST_TIME(            \
	    "since") ", " LIST_TIME("until") ", text, message from rule)"

const struct list list_rules = { .noun = "rules",
	.view = RULE_VIEW,
	.column = rule_columns,
	.n = sizeof(rule_columns) / sizeof(rule_columns[0]),
	.order = "id",
	.sort = "id",
	.none = "no rules" };

/* ----------------------------------------------------------------- learned */

static const struct list_column learned_columns[] = {
	{ "id", "No", RULE_NUMBER, false, false, NULL, "its number" },
	{ "scenario", "Scenario", RULE_TEXT, false, false, NULL, "scenario" },
	{ "deny", "Never", RULE_BOOL, false, false, NULL, "never normal" },
	{ "client", "Client", RULE_TEXT, false, false, NULL,
	    "who; empty: anybody" },
	{ "server", "Server", RULE_TEXT, false, false, NULL,
	    "to whom; empty: anybody" },
	{ "alert", "Alert", RULE_NUMBER, false, false, NULL,
	    "the alert it comes from" },
	{ "who", "Who", RULE_TEXT, false, false, NULL, "who said so" },
	{ "reason", "Why", RULE_TEXT, false, true, NULL, "why" },
	{ "at", "When", RULE_TIME, false, false, NULL, "when" },
	{ "expires", "Until", RULE_TIME, false, false, NULL,
	    "empty: for ever" },
};

/* The first two bits of `open` are client and server. */
const struct list list_learned = { .noun = "learned",
	.view = "(select w.id, w.scenario, w.deny, iif(w.open & 1, null, "
		"coalesce(c.ip, c.mac)) as client, iif(w.open & 2, null, "
		"coalesce(s.ip, s.mac)) as server, w.alert, w.who, w.reason, "
		"iif(w.at = 0, null, strftime('%Y-%m-%dT%H:%M:%SZ', w.at / "
		"1000000000, 'unixepoch')) as at, iif(w.expires = 0, null, "
		"strftime('%Y-%m-%dT%H:%M:%SZ', w.expires / 1000000000, "
		"'unixepoch')) as expires from allow w left join asset c on "
		"c.id = w.client left join "
		"asset s on s.id = w.server)",
	.column = learned_columns,
	.n = sizeof(learned_columns) / sizeof(learned_columns[0]),
	.order = "id",
	.sort = "-id",
	.none = "nothing was learned by hand" };

static const struct list_column asking_columns[] = {
	{ "id", "No", RULE_NUMBER, false, false, NULL, "its number" },
	{ "enabled", "On", RULE_BOOL, false, false, NULL, "may be used" },
	{ "method", "Method", RULE_TEXT, false, false, NULL, "what is asked" },
	{ "ranges", "Of", RULE_TEXT, false, true, NULL, "addresses" },
	{ "port", NULL, RULE_NUMBER, false, false, NULL,
	    "port, 0: the method's own" },
	{ "station", NULL, RULE_NUMBER, false, false, NULL,
	    "unit or station, 0: the method's own" },
	{ "hours", "Hours", RULE_TEXT, false, true, NULL,
	    "when it may happen" },
	{ "every", NULL, RULE_NUMBER, false, false, NULL,
	    "seconds between two runs, 0: when told to" },
	{ "times", NULL, RULE_TEXT, false, false, NULL,
	    "times of the day, UTC" },
	{ "due", NULL, RULE_TIME, false, false, NULL, "once, from then on" },
	{ "server", NULL, RULE_TEXT, false, false, NULL,
	    "who is asked about the addresses" },
	{ "labels", NULL, RULE_NUMBER, false, false, NULL,
	    "labels of names that are kept, 0: all" },
	{ "user", NULL, RULE_TEXT, false, false, NULL, "of SNMPv3" },
	{ "owner", "Owner", RULE_TEXT, false, true, NULL,
	    "who answers for it" },
	{ "reason", "Reason", RULE_TEXT, false, true, NULL, "why" },
	{ "who", NULL, RULE_TEXT, false, false, NULL, "who granted it" },
	{ "at", NULL, RULE_TIME, false, false, NULL, "when" },
	{ "until", "Until", RULE_TIME, false, false, NULL, "when it ends" },
	{ "last", "Last run", RULE_TIME, false, false, NULL, "run last" },
};

const struct list list_asking = { .noun = "active",
	.view =
	    "(select id, enabled, method, ranges, port, station, hours, "
	    "every, times, coalesce(server, '') as server, labels, user, "
	    "owner, "
	    "reason, who, " LIST_TIME("at") ", " LIST_TIME(
		"until") ", " LIST_TIME("last") ", " LIST_TIME("due") " from "
								      "asking)",
	.column = asking_columns,
	.n = sizeof(asking_columns) / sizeof(asking_columns[0]),
	.order = "id",
	.sort = "id",
	.none = "nothing may be asked of any device" };

static const struct list_column asked_columns[] = {
	{ "ip", "Address", RULE_ADDR, false, false, NULL, "who was asked" },
	{ "method", "Method", RULE_TEXT, false, false, NULL, "what" },
	{ "at", "Asked", RULE_TIME, false, false, NULL, "last" },
	{ "outcome", "Outcome", RULE_TEXT, false, true, NULL, "how it ended" },
	{ "answers", NULL, RULE_NUMBER, false, false, NULL, "answers" },
	{ "found", "Says", RULE_TEXT, false, true, NULL,
	    "what it said of itself" },
	{ "before", NULL, RULE_TEXT, false, false, NULL,
	    "what it said before that changed" },
	{ "changed", NULL, RULE_TIME, false, false, NULL, "when it changed" },
	{ "device", NULL, RULE_NUMBER, false, false, NULL,
	    "the device's number, 0: none" },
};

const struct list list_asked = { .noun = "results",
	.view = "(select ip, method, " LIST_TIME(
	    "at") ", outcome, answers, "
		  "found, before, " LIST_TIME(
		      "changed") ", coalesce((select "
				 "min(x.device) from device_address x where "
				 "x.ip = asked.ip), "
				 "0) as device from asked)",
	.column = asked_columns,
	.n = sizeof(asked_columns) / sizeof(asked_columns[0]),
	.order = "at desc",
	.sort = "-at",
	.key = "method,ip",
	.none = "nothing was asked yet" };
