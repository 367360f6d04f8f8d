/* text_lists.c - devices, conversations and the ledger, for people. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared.h"

#define ROWS_SHOWN 40u
#define OPS_SHOWN 4u

static void
put_more(struct out *o, const struct text_style *s, uint32_t n)
{
	char text[64], count[COUNT_TEXT_MAX];

	if (n == 0)
		return;
	(void)snprintf(text, sizeof(text), "\xe2\x80\xa6 and %s more (--all)",
	    count_text(n, count));
	ink(o, s, INK_DIM, text);
	out_char(o, '\n');
}

/* ----------------------------------------------------------------- devices */

static void
cell_address(struct table *t, const struct device *d)
{
	char text[ADDR_TEXT_MAX], more[16];

	cell_begin(t);
	if (d->n_addr > 0)
		cell_text(t, addr_text(&d->addr[0].addr, text));
	if (d->n_addr > 1) {
		(void)snprintf(more, sizeof(more), " +%" PRIu32, d->n_addr - 1);
		cell_inked(t, INK_DIM, more);
	}
	cell_end(t);
}

/* The addresses besides the first. */
static void
cell_others(struct table *t, const struct device *d)
{
	char text[ADDR_TEXT_MAX];

	cell_begin(t);
	for (uint32_t i = 1; i < d->n_addr; i++) {
		cell_text(t, i > 1 ? " " : "");
		cell_text(t, addr_text(&d->addr[i].addr, text));
	}
	cell_end(t);
}

/* Vendor and model, the vendor only where the model does not name it. */
static void
cell_product(struct table *t, const struct device *d)
{
	struct span vendor = evidence_text(d->vendor);
	struct span model = evidence_text(d->model);

	if (model.n == 0)
		model = evidence_text(d->order);
	cell_begin(t);
	if (!span_starts(model, vendor))
		cell_span(t, vendor);
	if (vendor.n > 0 && model.n > 0 && !span_starts(model, vendor))
		cell_text(t, " ");
	cell_span(t, model);
	cell_end(t);
}

static void
cell_spoken(struct table *t, const uint8_t bits[PROTO_MAX / 8])
{
	struct proto_order order = protos_sorted();
	bool first = true;

	cell_begin(t);
	for (uint32_t i = 0; i < order.n; i++) {
		const struct proto *p = protos[order.id[i]];

		if (order.id[i] == PROTO_UNKNOWN ||
		    !has_proto(bits, order.id[i]))
			continue;
		cell_text(t, first ? "" : " ");
		first = false;
		if (p->ot)
			cell_inked(t, INK_GREEN, p->name);
		else
			cell_text(t, p->name);
	}
	cell_end(t);
}

static void
put_device(struct table *t, const struct device *d, bool all)
{
	char level[8] = "";

	table_row(t);
	cell_address(t, d);
	table_span(t, evidence_text(d->name));
	table_text(t, d->role == ROLE_UNKNOWN ? "" : role_name(d->role));
	if (d->purdue != 255)
		(void)snprintf(level, sizeof(level),
		    d->purdue % 10 != 0 ? "%u.%u" : "%u", d->purdue / 10u,
		    d->purdue % 10u);
	table_text(t, level);
	cell_product(t, d);
	table_span(t, evidence_text(d->firmware));
	cell_spoken(t, d->as_server);
	cell_spoken(t, d->as_client);
	if (all)
		cell_others(t, d);
}

/* The industrial ones first, so that a cut list holds what matters. */
static uint32_t
put_devices(struct table *t, const struct inventory *v, bool ot, bool all)
{
	uint32_t n = inventory_count(v), left = 0;
	struct device d;

	for (uint32_t i = 0; i < n; i++) {
		inventory_at(v, i, &d);
		if (d.ot != ot)
			continue;
		if (!all && t->n_rows >= ROWS_SHOWN)
			left++;
		else
			put_device(t, &d, all);
	}
	return left;
}

void
text_devices(struct out *o, const struct findings *f,
    const struct text_style *s)
{
	static const struct column columns[] = {
		{ "ADDRESS", false, false }, { "NAME", false, true },
		{ "ROLE", false, false }, { "LEVEL", true, false },
		{ "VENDOR, MODEL", false, true }, { "FIRMWARE", false, true },
		{ "SERVES", false, true }, { "USES", false, true },
		{ "ALSO AT", false, true }, /* --all */
	};
	struct table t;
	uint32_t left;

	if (inventory_count(f->inventory) == 0)
		return;
	text_heading(o, s, "Devices");
	table_open(&t, columns, s->all ? 9 : 8);
	left = put_devices(&t, f->inventory, true, s->all);
	left += put_devices(&t, f->inventory, false, s->all);
	table_put(o, &t, s);
	put_more(o, s, left);
	table_close(&t);
}

/* ----------------------------------------------------------- conversations */

enum ink
risk_ink(uint8_t risk)
{
	switch ((enum risk)risk) {
	case RISK_NONE:
	case RISK_COUNT:
		return INK_PLAIN;
	case RISK_WRITE:
	case RISK_TIME:
	case RISK_FILE:
		return INK_YELLOW;
	case RISK_CONTROL:
	case RISK_PROGRAM:
	case RISK_FORCE:
	case RISK_MODE:
	case RISK_FIRMWARE:
	case RISK_CONFIGURATION:
	case RISK_SECURITY:
	case RISK_RESET:
		break;
	}
	return INK_RED;
}

const char *
risk_what(uint8_t risk)
{
	static const char *const what[] = {
#define RISK(sym, name, what) what,
#include "../model/risks.def"
#undef RISK
	};

	return risk < RISK_COUNT ? what[risk] : "";
}

static void
cell_operation(struct table *t, const struct op_sum *s)
{
	char text[OP_NAME_MAX + 64], count[COUNT_TEXT_MAX];

	(void)snprintf(text, sizeof(text), "%s %s", s->name,
	    count_text(s->count, count));
	if (s->risk == RISK_NONE) {
		cell_text(t, text);
		return;
	}
	(void)snprintf(text, sizeof(text), "%s %s (%s)", s->name,
	    count_text(s->count, count), fact_risk_name(s->risk));
	cell_inked(t, risk_ink(s->risk), text);
}

/* The most frequent, and whatever could change the plant. */
static void
cell_operations(struct table *t, const struct convs *cs, const struct conv *c,
    bool all)
{
	struct op_sums ops;
	uint32_t shown = 0, left = 0, plain = 0;
	char more[24];

	ops_gather(&ops, cs, c, OPS_BY_COUNT);
	cell_begin(t);
	for (uint32_t i = 0; i < ops.n; i++) {
		bool dull = ops.sum[i].risk == RISK_NONE && !all;

		if (dull && ops.sum[i].wrapping && ops.n > 1)
			continue;
		if (dull && plain++ >= OPS_SHOWN) {
			left++;
			continue;
		}
		cell_text(t, shown > 0 ? ", " : "");
		cell_operation(t, &ops.sum[i]);
		shown++;
	}
	if (left > 0) {
		(void)snprintf(more, sizeof(more), ", +%" PRIu32 " more", left);
		cell_inked(t, INK_DIM, more);
	}
	cell_end(t);
}

static void
cell_port(struct table *t, const struct conv *c)
{
	char text[32];
	bool ported =
	    c->via == VIA_TCP || c->via == VIA_UDP || c->via == VIA_SCTP;

	(void)snprintf(text, sizeof(text), ported ? "%s %u" : "%s 0x%02x",
	    via_name((enum via)c->via), ported ? c->port : c->service);
	cell_begin(t);
	if (c->odd_port) {
		cell_text(t, text);
		cell_inked(t, INK_YELLOW, " !");
	} else {
		cell_text(t, text);
	}
	cell_end(t);
}

static void
put_conversation(struct table *t, const struct convs *cs, const struct conv *c,
    bool vlans, bool all)
{
	char text[ADDR_TEXT_MAX], vlan[8] = "";

	table_row(t);
	table_text(t, addr_text(&c->client, text));
	table_text(t, c->sure ? "\xe2\x86\x92" : "\xe2\x86\x94");
	table_text(t, addr_text(&c->server, text));
	cell_begin(t);
	cell_inked(t, protos[c->proto]->ot ? INK_GREEN : INK_PLAIN,
	    protos[c->proto]->name);
	cell_end(t);
	cell_port(t, c);
	if (vlans) {
		if (c->vlan != TALK_NO_VLAN)
			(void)snprintf(vlan, sizeof(vlan), "%u", c->vlan);
		table_text(t, vlan);
	}
	table_u64(t, c->packets[0] + c->packets[1]);
	cell_operations(t, cs, c, all);
}

static int
by_interest(const void *a, const void *b, void *ctx)
{
	const struct convs *cs = ctx;
	uint32_t ia = *(const uint32_t *)a, ib = *(const uint32_t *)b;
	const struct conv *x = convs_at(cs, ia), *y = convs_at(cs, ib);
	uint64_t nx = x->packets[0] + x->packets[1];
	uint64_t ny = y->packets[0] + y->packets[1];

	if (protos[x->proto]->ot != protos[y->proto]->ot)
		return protos[x->proto]->ot ? -1 : 1;
	if (nx != ny)
		return nx > ny ? -1 : 1;
	return ia < ib ? -1 : 1;
}

static void
put_conversations(struct out *o, const struct convs *cs, uint32_t *order,
    const struct text_style *s)
{
	static const struct column columns[2][8] = {
		{
		    { "CLIENT", false, false },
		    { "", false, false },
		    { "SERVER", false, false },
		    { "PROTOCOL", false, false },
		    { "PORT", false, false },
		    { "PACKETS", true, false },
		    { "OPERATIONS", false, true },
		},
		{
		    { "CLIENT", false, false },
		    { "", false, false },
		    { "SERVER", false, false },
		    { "PROTOCOL", false, false },
		    { "PORT", false, false },
		    { "VLAN", true, false },
		    { "PACKETS", true, false },
		    { "OPERATIONS", false, true },
		},
	};
	uint32_t n = convs_count(cs), shown;
	bool vlans = false;
	struct table t;

	for (uint32_t i = 0; i < n; i++) {
		order[i] = i;
		vlans |= convs_at(cs, i)->vlan != TALK_NO_VLAN;
	}
	qsort_r(order, n, sizeof(order[0]), by_interest, (void *)(uintptr_t)cs);
	shown = s->all || n < ROWS_SHOWN ? n : ROWS_SHOWN;
	table_open(&t, columns[vlans], vlans ? 8 : 7);
	for (uint32_t i = 0; i < shown; i++)
		put_conversation(&t, cs, convs_at(cs, order[i]), vlans, s->all);
	table_put(o, &t, s);
	put_more(o, s, n - shown);
	table_close(&t);
}

void
text_conversations(struct out *o, const struct findings *f,
    const struct text_style *s)
{
	uint32_t n = convs_count(f->convs);
	uint32_t *order = calloc((size_t)n + 1, sizeof(*order));

	if (n > 0 && order != NULL) {
		text_heading(o, s, "Conversations");
		put_conversations(o, f->convs, order, s);
	}
	free(order);
}

/* ------------------------------------------------------------------ ledger */

static void
put_ledger_row(struct table *t, const char *name, const struct ledger *l)
{
	uint64_t whole = l->bytes_understood + l->bytes_skipped +
	    l->bytes_encrypted + l->bytes_lost;
	char share[16] = "", size[COUNT_TEXT_MAX];

	if (whole > 0)
		(void)snprintf(share, sizeof(share), "%.1f %%",
		    100 * (double)l->bytes_understood / (double)whole);
	table_row(t);
	table_text(t, name);
	table_u64(t, l->messages);
	table_text(t, size_text(whole, size));
	table_text(t, share);
	table_text(t,
	    l->bytes_encrypted > 0 ? size_text(l->bytes_encrypted, size) : "");
	table_text(t, l->bytes_lost > 0 ? size_text(l->bytes_lost, size) : "");
	cell_begin(t);
	if (l->malformed > 0)
		cell_inked(t, INK_YELLOW, count_text(l->malformed, size));
	cell_end(t);
	table_text(t, l->truncated > 0 ? count_text(l->truncated, size) : "");
	table_text(t, l->unknown > 0 ? count_text(l->unknown, size) : "");
	table_text(t, l->unanswered > 0 ? count_text(l->unanswered, size) : "");
}

void
text_ledger(struct out *o, const struct findings *f, const struct text_style *s)
{
	static const struct column columns[] = {
		{ "PROTOCOL", false, false },
		{ "MESSAGES", true, false },
		{ "BYTES", true, false },
		{ "UNDERSTOOD", true, false },
		{ "ENCRYPTED", true, false },
		{ "LOST", true, false },
		{ "MALFORMED", true, false },
		{ "CUT", true, false },
		{ "UNKNOWN", true, false },
		{ "UNANSWERED", true, false },
	};
	struct proto_order order = protos_sorted();
	struct ledger all = ledger_all(f->ledger);
	struct table t;

	if (ledger_is_empty(&all))
		return;
	text_heading(o, s, "How much was understood");
	table_open(&t, columns, 10);
	for (uint32_t i = 0; i < order.n; i++) {
		const struct ledger *l = &f->ledger[order.id[i]];

		if (!ledger_is_empty(l))
			put_ledger_row(&t, protos[order.id[i]]->name, l);
	}
	put_ledger_row(&t, "all", &all);
	table_put(o, &t, s);
	table_close(&t);
}
