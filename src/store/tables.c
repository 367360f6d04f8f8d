/* tables.c - which column holds which part of which struct. */
#include "private.h"

#define SIZE(s, m) ((uint32_t)sizeof(((struct s *)0)->m))
#define AT(s, m) ((uint32_t)offsetof(struct s, m))
#define COL(s, type, column, m)                                   \
	{                                                         \
		column, COL_##type, SIZE(s, m), AT(s, m), 0, NULL \
	}
#define COL_WITH(s, type, column, m, other)                                  \
	{                                                                    \
		column, COL_##type, SIZE(s, m), AT(s, m), AT(s, other), NULL \
	}
#define COL_OF(s, column, m, list)                                       \
	{                                                                \
		column, COL_WORD, SIZE(s, m), AT(s, m), 0, &words_##list \
	}

static const struct col col_ASSET[] = {
	COL(asset, UINT, "id", id),
	COL(asset, UINT, "flags", flags),
	COL(asset, IP, "ip", addr.ip),
	COL(asset, MAC, "mac", addr),
	COL(asset, VLAN, "vlan", vlan),
	COL_OF(asset, "role", role, role),
	COL(asset, UINT, "ttl", ttl),
	COL(asset, TICK, "first", first),
	COL(asset, TICK, "last", last),
	COL(asset, TICK, "learns_until", learns_until),
};

static const struct col col_NODE[] = {
	COL(saved_node, UINT, "id", id),
	COL(saved_node, BOOL, "latest", latest),
	COL(saved_node, UINT, "older", older),
	COL(saved_node, IP, "ip", addr.ip),
	COL(saved_node, MAC, "mac", addr),
	COL(saved_node, VLAN, "vlan", vlan),
	COL(saved_node, BOOL, "sent", sent),
	COL(saved_node, BOOL, "heard", heard),
	COL(saved_node, BOOL, "programs", programs),
	COL(saved_node, UINT, "behind4", behind4),
	COL(saved_node, UINT, "behind6", behind6),
	COL(saved_node, UINT, "bound4", bound4),
	COL(saved_node, PROTOS, "clients", as_client),
	COL(saved_node, PROTOS, "servers", as_server),
	COL(saved_node, TICK, "first", first),
	COL(saved_node, TICK, "last", last),
	COL(saved_node, UINT, "packets", packets),
	COL(saved_node, UINT, "bytes", bytes),
};

static const struct col col_NODE_LINK[] = {
	COL(link_row, UINT, "node", node),
	COL(link_row, UINT, "place", place),
	COL(link_row, MAC, "mac", link.addr),
	COL(link_row, BOOL, "bound", link.bound),
	COL(link_row, BOOL, "direct", link.direct),
	COL(link_row, BOOL, "crossed", link.crossed),
	COL(link_row, UINT, "frames", link.frames),
};

static const struct col col_NODE_PEER[] = {
	COL(link_row, UINT, "node", node),
	COL(link_row, UINT, "place", place),
	COL(link_row, UINT, "peer", peer),
};

#define EVIDENCE_COLS(s, e)                                                 \
	COL_OF(s, "trait", e.trait, trait),                                 \
	    COL_OF(s, "source", e.source, source),                          \
	    COL(s, PROTO, "proto", e.proto),                                \
	    COL_WITH(s, MAYBE, "unit", e.unit, e.has_unit),                 \
	    COL(s, UINT, "file", e.file), COL(s, UINT, "frame", e.frame),   \
	    COL(s, UINT, "count", e.count), COL(s, TICK, "first", e.first), \
	    COL(s, TICK, "last", e.last),                                   \
	    COL_WITH(s, TEXT_N, "text", e.text, e.text_len)

static const struct col col_NODE_EVIDENCE[] = {
	COL(saved_evidence, UINT, "id", id),
	COL(saved_evidence, UINT, "node", node),
	EVIDENCE_COLS(saved_evidence, e),
};

static const struct col col_NODE_UNIT[] = {
	COL(saved_unit, UINT, "id", id),
	COL(saved_unit, UINT, "node", node),
	COL(saved_unit, PROTO, "proto", proto),
	COL(saved_unit, UINT, "unit", unit),
};

static const struct col col_NODE_TIE[] = {
	COL(saved_tie, UINT, "id", id),
	COL(saved_tie, UINT, "node", node),
	COL(saved_tie, UINT, "own", own),
};

static const struct col col_CONVERSATION[] = {
	COL(saved_conv, UINT, "id", id),
	COL(saved_conv, IP, "client_ip", c.client.ip),
	COL(saved_conv, MAC, "client_mac", c.client),
	COL(saved_conv, IP, "server_ip", c.server.ip),
	COL(saved_conv, MAC, "server_mac", c.server),
	COL(saved_conv, UINT, "port", c.port),
	COL(saved_conv, VLAN, "vlan", c.vlan),
	COL(saved_conv, UINT, "session", c.session),
	COL(saved_conv, UINT, "service", c.service),
	COL_OF(saved_conv, "via", c.via, via),
	COL(saved_conv, PROTO, "proto", c.proto),
	COL(saved_conv, BOOL, "odd_port", c.odd_port),
	COL(saved_conv, BOOL, "sure", c.sure),
	COL(saved_conv, TICK, "first", c.first),
	COL(saved_conv, TICK, "last", c.last),
	COL(saved_conv, UINT, "flows", c.flows),
	COL(saved_conv, UINT, "packets_sent", c.packets[0]),
	COL(saved_conv, UINT, "packets_back", c.packets[1]),
	COL(saved_conv, UINT, "bytes_sent", c.bytes[0]),
	COL(saved_conv, UINT, "bytes_back", c.bytes[1]),
	COL(saved_conv, UINT, "errors", c.errors),
	COL(saved_conv, UINT, "malformed", c.malformed),
	COL(saved_conv, UINT, "ops_left_out", c.ops_left_out),
};

static const struct col col_OPERATION[] = {
	COL(saved_op, UINT, "id", id),
	COL(saved_op, UINT, "conversation", conv),
	COL(saved_op, PROTO, "proto", o.proto),
	COL_OF(saved_op, "kind", o.kind, kind),
	COL(saved_op, UINT, "op", o.op),
	COL_OF(saved_op, "risk", o.risk, risk),
	COL(saved_op, UINT, "count", o.count),
};

static const struct col col_DEVICE[] = {
	COL(device, UINT, "id", id),
	COL(device, SAID, "name", name),
	COL(device, SAID, "vendor", vendor),
	COL(device, SAID, "model", model),
	COL(device, SAID, "order_number", order),
	COL(device, SAID, "firmware", firmware),
	COL(device, SAID, "hardware", hardware),
	COL(device, SAID, "serial", serial),
	COL(device, SAID, "os", os),
	COL(device, SAID, "mode", mode),
	COL_OF(device, "role", role, role),
	COL(device, PURDUE, "purdue", purdue),
	COL(device, BOOL, "ot", ot),
	COL(device, PROTOS, "clients", as_client),
	COL(device, PROTOS, "servers", as_server),
	COL(device, TICK, "first", first),
	COL(device, TICK, "last", last),
	COL(device, UINT, "packets", packets),
	COL(device, UINT, "bytes", bytes),
	COL(device, UINT, "left_out", left_out),
};

static const struct col col_DEVICE_ADDRESS[] = {
	COL(device_child, UINT, "device", device),
	COL(device_child, UINT, "place", place),
	COL(device_child, IP, "ip", addr.addr.ip),
	COL(device_child, MAC, "mac", addr.addr),
	COL(device_child, VLAN, "vlan", addr.vlan),
	COL(device_child, UINT, "asset", asset),
};

static const struct col col_DEVICE_EVIDENCE[] = {
	COL(device_child, UINT, "device", device),
	COL(device_child, UINT, "place", place),
	EVIDENCE_COLS(device_child, evidence),
};

static const struct col col_DEVICE_MODULE[] = {
	COL(device_child, UINT, "device", device),
	COL(device_child, UINT, "place", place),
	COL(device_child, PROTO, "proto", module.proto),
	COL_WITH(device_child, MAYBE, "unit", module.unit, module.has_unit),
	COL_WITH(device_child, TEXT_N, "text", module.text, module.text_len),
};

static const struct col col_DEVICE_PERSON[] = {
	COL(device_person, UINT, "device", device),
	COL(device_person, TEXT_OR, "name", name),
	COL(device_person, TEXT_OR, "role", role),
	COL(device_person, PURDUE, "purdue", purdue),
	COL(device_person, BOOL_OR, "authorized", authorized),
	COL(device_person, BOOL_OR, "important", important),
	COL(device_person, BOOL_OR, "scanner", scanner),
	COL(device_person, BOOL_OR, "programming", programming),
	COL(device_person, BOOL_OR, "fragile", fragile),
	COL(device_person, TEXT_OR, "comment", comment),
	COL(device_person, TICK_OR, "hidden", hidden),
};

static const struct col col_DEVICE_GROUP[] = {
	COL(group_row, UINT, "place", place),
	COL(group_row, IP, "ip", grouped.at.addr.ip),
	COL(group_row, MAC, "mac", grouped.at.addr),
	COL(group_row, VLAN, "vlan", grouped.at.vlan),
	COL(group_row, UINT, "grp", grouped.group),
};

#define KEY_COLS(s, k)                                                        \
	COL(s, UINT, "hash", k hash),                                         \
	    COL_OF(s, "scenario", k scenario, scenario),                      \
	    COL_OF(s, "state", k state, key_state),                           \
	    COL(s, UINT, "client", k client),                                 \
	    COL(s, UINT, "server", k server), COL(s, UINT, "p0", k p[0]),     \
	    COL(s, UINT, "p1", k p[1]), COL(s, UINT, "p2", k p[2]),           \
	    COL(s, UINT, "p3", k p[3]), COL(s, UINT, "p4", k p[4]),           \
	    COL(s, UINT, "first_window", k first_window),                     \
	    COL(s, UINT, "last_window", k last_window),                       \
	    COL(s, UINT, "windows", k windows), COL(s, UINT, "days", k days), \
	    COL(s, UINT, "count", k count), COL(s, UINT, "hours", k hours),   \
	    COL(s, UINT, "flags", k flags), COL(s, UINT, "extra", k extra)

static const struct col col_KEY[] = { KEY_COLS(key, ) };

static const struct col col_ALERT_KIND[] = {
	COL(alert_row, STRING, "slug", slug),
	COL(alert_row, STRING, "ref", ref),
	COL(alert_row, STRING, "title", title),
	COL_OF(alert_row, "engine", engine, engine),
	COL_OF(alert_row, "category", category, category),
	COL(alert_row, CHAR, "tier", tier),
	COL(alert_row, BOOL, "learnable", learnable),
	COL(alert_row, STRING, "techniques", techniques),
};

static const struct col col_ALERT[] = {
	COL(alert, UINT, "number", number),
	COL_OF(alert, "slug", row, alert),
	COL_OF(alert, "severity", severity, severity),
	COL_OF(alert, "status", status, status),
	COL(alert, BOOL, "muted", muted),
	COL(alert, UINT, "source_asset", source.asset),
	COL(alert, IP, "source_ip", source.addr.ip),
	COL(alert, MAC, "source_mac", source.addr),
	COL(alert, UINT, "source_port", source.port),
	COL(alert, UINT, "destination_asset", destination.asset),
	COL(alert, IP, "destination_ip", destination.addr.ip),
	COL(alert, MAC, "destination_mac", destination.addr),
	COL(alert, UINT, "destination_port", destination.port),
	COL(alert, PROTO, "proto", proto),
	COL(alert, VLAN, "vlan", vlan),
	COL(alert, TICK, "first", first),
	COL(alert, TICK, "last", last),
	COL(alert, UINT, "count", count),
	COL(alert, UINT, "fold", fold),
	COL(alert, UINT, "violations_left_out", violations_left_out),
	COL(alert, REAL, "per_day", per_day),
	COL(alert, TEXT, "title", title),
	COL(alert, TEXT, "text", text),
};

static const struct col col_ALERT_TIME[] = {
	COL(child_row, UINT, "alert", alert),
	COL(child_row, UINT, "place", place),
	COL(child_row, TICK, "at", at),
};

static const struct col col_ALERT_FRAME[] = {
	COL(child_row, UINT, "alert", alert),
	COL(child_row, UINT, "place", place),
	COL(child_row, UINT, "file", file),
	COL(child_row, UINT, "frame", frame),
};

static const struct col col_ALERT_VIOLATION[] = {
	COL(child_row, UINT, "alert", alert),
	COL(child_row, UINT, "place", place),
	COL(child_row, UINT, "hash", violation.hash),
	COL(child_row, TICK, "first", violation.first),
	COL(child_row, TICK, "last", violation.last),
	COL(child_row, UINT, "count", violation.count),
	COL(child_row, TEXT, "text", violation.text),
};

static const struct col col_ALERT_KEYS[] = {
	COL(child_row, UINT, "alert", alert),
	COL(child_row, UINT, "place", place),
	COL(child_row, UINT, "hash", violation.hash),
};

static const struct col col_ALERT_FACT[] = {
	COL(alert, UINT, "alert", number),
	COL(alert, TICK, "at", because.at),
	COL(alert, UINT, "file", because.file),
	COL(alert, UINT, "frame", because.frame),
	COL(alert, UINT, "flow", because.flow),
	COL(alert, PROTO, "proto", because.proto),
	COL_OF(alert, "kind", because.kind, kind),
	COL(alert, UINT, "op", because.op),
	COL_WITH(alert, MAYBE, "unit", because.unit, because.has_unit),
	COL_WITH(alert, MAYBE, "pair", because.pair, because.has_pair),
	COL(alert, UINT, "seq", because.seq),
	COL(alert, UINT, "flags", because.flags),
	COL_OF(alert, "risk", because.risk, risk),
	COL_OF(alert, "trait", because.trait, trait),
	COL_OF(alert, "about", because.about, about),
	COL(alert, BOOL, "response", because.response),
	COL(alert, BOOL, "from_server", because.from_server),
	COL(alert, BOOL, "is_message", because.is_message),
	COL_OF(alert, "space", because.object.space, space),
	COL(alert, UINT, "area", because.object.area),
	COL(alert, UINT, "object", because.object.first),
	COL(alert, UINT, "count", because.object.count),
	COL(alert, UINT, "sub", because.object.sub),
	COL_OF(alert, "number_type", because.num_type, number),
	COL_WITH(alert, NUMBER, "number", because.num, because.num_type),
	COL(alert, UINT, "code", because.code),
	COL(alert, IP, "ip", because.addr.ip),
	COL(alert, MAC, "mac", because.addr),
	COL_WITH(alert, TEXT_N, "text", because.text, because.text_len),
};

static const struct col col_ALERT_KEY[] = {
	COL(alert, UINT, "alert", number),
	KEY_COLS(alert, key.),
};

static const struct col col_ALLOW[] = {
	COL(allow_row, UINT, "id", allow.id),
	COL_OF(allow_row, "scenario", allow.scenario, scenario),
	COL(allow_row, UINT, "open", allow.any),
	COL(allow_row, BOOL, "deny", allow.deny),
	COL(allow_row, UINT, "client", allow.client),
	COL(allow_row, UINT, "server", allow.server),
	COL(allow_row, UINT, "p0", allow.p[0]),
	COL(allow_row, UINT, "p1", allow.p[1]),
	COL(allow_row, UINT, "p2", allow.p[2]),
	COL(allow_row, UINT, "p3", allow.p[3]),
	COL(allow_row, UINT, "p4", allow.p[4]),
	COL(allow_row, UINT, "until_p", allow.until_p),
	COL(allow_row, TICK, "expires", allow.expires),
	COL(allow_row, UINT, "alert", alert),
	COL(allow_row, TEXT, "who", who),
	COL(allow_row, TEXT, "reason", reason),
	COL(allow_row, TICK, "at", at),
};

static const struct col col_ASKING[] = {
	COL(asking, UINT, "id", id),
	COL(asking, BOOL, "enabled", on),
	COL(asking, TEXT, "method", method),
	COL(asking, TEXT, "ranges", ranges),
	COL(asking, UINT, "port", port),
	COL(asking, UINT, "station", station),
	COL(asking, TEXT, "community", community),
	COL(asking, IP, "server", server),
	COL(asking, TEXT, "hours", hours),
	COL(asking, UINT, "every", every),
	COL(asking, TEXT, "owner", owner),
	COL(asking, TEXT, "reason", reason),
	COL(asking, TEXT, "who", who),
	COL(asking, TICK, "at", at),
	COL(asking, TICK, "until", until),
	COL(asking, TICK, "last", last),
	COL(asking, TEXT, "times", times),
	COL(asking, TICK, "due", due),
	COL(asking, TEXT, "only", only),
	COL(asking, UINT, "labels", labels),
	COL(asking, TEXT, "user", user),
	COL(asking, TEXT, "hash", hash),
	COL(asking, TEXT, "sealed", sealed),
};

static const struct col col_ASKED[] = {
	COL(asked_address, TEXT, "method", method),
	COL(asked_address, IP, "ip", ip),
	COL(asked_address, UINT, "granted", grant),
	COL(asked_address, TICK, "at", at),
	COL(asked_address, TEXT, "outcome", outcome),
	COL(asked_address, UINT, "answers", answers),
	COL(asked_address, TEXT, "found", found),
	COL(asked_address, TEXT, "before", before),
	COL(asked_address, TICK, "changed", changed),
};

static const struct col col_RULE[] = {
	COL(person_rule, UINT, "id", id),
	COL_OF(person_rule, "kind", kind, rule_kind),
	COL(person_rule, BOOL, "enabled", on),
	COL_OF(person_rule, "severity", severity, severity),
	COL(person_rule, TICK, "since", from),
	COL(person_rule, TICK, "until", until),
	COL(person_rule, TEXT, "name", name),
	COL(person_rule, TEXT, "text", text),
	COL(person_rule, TEXT, "message", message),
	COL(person_rule, UINT, "hits", hits),
	COL(person_rule, TICK, "last_hit", last_hit),
};

static const struct col col_MUTES[] = { COL(mute_row, UINT, "fold", fold) };

static const struct col col_ALERT_SETTING[] = {
	COL_OF(setting_row, "slug", row, alert),
	COL(setting_row, BOOL, "enabled", set.on),
	COL_OF(setting_row, "severity", set.severity, severity),
	COL(setting_row, UINT, "count", set.count),
	COL(setting_row, UINT, "within", set.within),
	COL_OF(setting_row, "by_hand", set.by_hand, by_hand),
	COL(setting_row, TICK, "until", set.until),
};

static const struct col col_NETWORK[] = {
	COL(network, IP, "ip", ip),
	COL(network, UINT, "bits", bits),
	COL(network, BOOL, "inside", inside),
	COL(network, BOOL, "ot", ot),
	COL(network, BOOL, "dhcp", dhcp),
	COL(network, TEXT, "name", name),
};

static const struct col col_DOMAIN[] = {
	COL(allowed_domain, TEXT, "name", name),
	COL(allowed_domain, TEXT, "comment", comment),
	COL(allowed_domain, TICK, "added", added),
};

static const struct col col_PORT_NAME[] = {
	COL_OF(port_name, "via", via, via),
	COL(port_name, UINT, "port", port),
	COL(port_name, TEXT, "name", name),
};

static const struct col col_VLAN_NAME[] = {
	COL(vlan_name, UINT, "vlan", vlan),
	COL(vlan_name, TEXT, "name", name),
};

static const struct col col_INDICATOR[] = {
	COL_OF(indicator, "type", type, indicator_type),
	COL(indicator, TEXT, "value", value),
	COL(indicator, TEXT, "list", list),
	COL(indicator, TEXT, "comment", comment),
	COL(indicator, TICK, "added", added),
	COL(indicator, TICK, "expires", expires),
};

static const struct col col_WINDOWS_RANGE[] = {
	COL(windows_range, UINT, "id", id),
	COL(windows_range, BOOL, "enabled", on),
	COL(windows_range, TEXT, "ranges", ranges),
	COL(windows_range, TEXT, "user", user),
	COL(windows_range, TEXT, "domain", domain),
	COL(windows_range, TEXT, "sealed", sealed),
	COL(windows_range, BOOL, "plain", plain),
	COL(windows_range, UINT, "port", port),
	COL(windows_range, TEXT, "trust", trust),
	COL(windows_range, TEXT, "kinds", kinds),
	COL(windows_range, TEXT, "times", times),
	COL(windows_range, TEXT, "hours", hours),
	COL(windows_range, UINT, "every", every),
	COL(windows_range, TEXT, "owner", owner),
	COL(windows_range, TEXT, "reason", reason),
	COL(windows_range, TEXT, "who", who),
	COL(windows_range, TICK, "at", at),
	COL(windows_range, TICK, "until", until),
	COL(windows_range, TICK, "last", last),
	COL(windows_range, TICK, "given", given),
	COL(windows_range, TICK, "proved", proved),
	COL(windows_range, TEXT, "blocked", blocked),
};

static const struct col col_WINDOWS_HOST[] = {
	COL(windows_host, IP, "ip", ip),
	COL(windows_host, TEXT, "name", name),
	COL(windows_host, UINT, "range", range),
	COL(windows_host, TEXT, "outcome", outcome),
	COL(windows_host, TEXT, "text", text),
	COL(windows_host, TICK, "first", first),
	COL(windows_host, TICK, "at", at),
	COL(windows_host, TICK, "told", told),
	COL(windows_host, TICK, "denied", denied),
	COL(windows_host, TEXT, "pin", pin),
};

static const struct col col_WINDOWS_FACT[] = {
	COL(windows_fact, IP, "ip", ip),
	COL(windows_fact, TEXT, "kind", kind),
	COL(windows_fact, TEXT, "name", name),
	COL(windows_fact, TEXT, "value", value),
	COL(windows_fact, TEXT, "detail", detail),
	COL(windows_fact, TEXT, "was", was),
	COL(windows_fact, TICK, "first", first),
	COL(windows_fact, TICK, "last", last),
	COL(windows_fact, TICK, "changed", changed),
	COL(windows_fact, TICK, "gone", gone),
};

const struct table tables[TABLE_COUNT] = {
#define TABLE(sym, name, key)                   \
	[TABLE_##sym] = { name, key, col_##sym, \
		(uint32_t)(sizeof(col_##sym) / sizeof(col_##sym[0])) },
#include "tables.def"
#undef TABLE
};
