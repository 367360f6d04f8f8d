/* shared.h - shared by the files of report/ only. */
#ifndef REPORT_SHARED_H
#define REPORT_SHARED_H

#include "report.h"
#include "table.h"

/* ------------------------------------------------- shared.c: small sums */

/* Operations of a conversation; those of the same name added up. */
#define OP_NAME_MAX 96u

struct op_sum {
	uint64_t count;
	uint8_t risk; /* enum risk */
	bool wrapping; /* of a protocol that carried the conversation's */
	char name[OP_NAME_MAX]; /* "cip: read tag" where carried inside */
};
struct op_sums {
	uint32_t n;
	struct op_sum sum[CONV_OPS_MAX];
};
enum op_order {
	OPS_BY_NAME,
	OPS_BY_COUNT
};
void ops_gather(struct op_sums *ret, const struct convs *, const struct conv *,
    enum op_order);

/* Row `to` += row `from`. */
void ledger_add(struct ledger *to, const struct ledger *from);
struct ledger ledger_all(const struct ledger *);
bool ledger_is_empty(const struct ledger *);

/* Protocols in order of name; protos[0] last. */
struct proto_order {
	uint32_t n;
	uint8_t id[PROTO_MAX];
};
struct proto_order protos_sorted(void);
bool has_proto(const uint8_t bits[PROTO_MAX / 8], uint32_t id);
/* "tcp 502", "udp 47808", "ether 0x88b8": where it is expected. */
#define PORTS_TEXT_MAX 512
const char *ports_text(const struct proto *, char dst[static PORTS_TEXT_MAX]);

struct span evidence_text(const struct evidence *); /* NULL: empty */
struct span module_text(const struct module *);

/* A path or an error, made fit to print: what is not plain UTF-8 becomes
 * '?'. */
#define SAFE_TEXT_MAX 1024u
struct span safe_text(const char *, char dst[static SAFE_TEXT_MAX]);

/* --------------------------------------------- json_*.c, alerts.c, csv.c */
void report_alerts_json(struct out *, const struct detect *);
void report_devices_json(struct out *, const struct inventory *);

/* text.c, text_lists.c, alerts.c */
void text_alerts(struct out *, const struct findings *,
    const struct text_style *);
void text_heading(struct out *, const struct text_style *, const char *);
void text_devices(struct out *, const struct findings *,
    const struct text_style *);
void text_conversations(struct out *, const struct findings *,
    const struct text_style *);
void text_ledger(struct out *, const struct findings *,
    const struct text_style *);
void text_remarks(struct out *, const struct findings *,
    const struct text_style *);
enum ink risk_ink(uint8_t risk);
const char *risk_what(uint8_t risk);

#endif
