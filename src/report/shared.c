/* shared.c - sums and names that every form of report needs. */
#include "shared.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------- operations */

static void
op_name(char dst[OP_NAME_MAX], const struct conv *c, const struct conv_op *o)
{
	const struct proto *p = protos[o->proto];
	char code[16];
	const char *name = proto_op_name(p, o->op, code);

	if (o->proto == c->proto)
		(void)snprintf(dst, OP_NAME_MAX, "%s", name);
	else
		(void)snprintf(dst, OP_NAME_MAX, "%s: %s", p->name, name);
}

static void
op_gather(struct op_sums *s, const struct conv *c, const struct conv_op *o)
{
	char name[OP_NAME_MAX];
	uint32_t i = 0;

	op_name(name, c, o);
	while (i < s->n && strcmp(s->sum[i].name, name) != 0)
		i++;
	if (i == s->n) {
		s->sum[s->n++] = (struct op_sum){ .count = 0 };
		memcpy(s->sum[i].name, name, sizeof(name));
		s->sum[i].wrapping =
		    protos[o->proto]->carrier && o->proto != c->proto;
	}
	s->sum[i].count += o->count;
	if (o->risk > s->sum[i].risk)
		s->sum[i].risk = o->risk;
}

static int
by_name(const void *a, const void *b)
{
	const struct op_sum *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int
by_count(const void *a, const void *b)
{
	const struct op_sum *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return strcmp(x->name, y->name);
}

void
ops_gather(struct op_sums *s, const struct convs *cs, const struct conv *c,
    enum op_order order)
{
	s->n = 0;
	for (uint32_t at = c->ops; at != 0; at = convs_op(cs, at - 1)->next)
		op_gather(s, c, convs_op(cs, at - 1));
	qsort(s->sum, s->n, sizeof(s->sum[0]),
	    order == OPS_BY_NAME ? by_name : by_count);
}

/* ----------------------------------------------------------------- ledger */

void
ledger_add(struct ledger *to, const struct ledger *l)
{
	to->bytes_seen += l->bytes_seen;
	to->bytes_understood += l->bytes_understood;
	to->bytes_skipped += l->bytes_skipped;
	to->bytes_encrypted += l->bytes_encrypted;
	to->bytes_lost += l->bytes_lost;
	to->messages += l->messages;
	to->malformed += l->malformed;
	to->truncated += l->truncated;
	to->unknown += l->unknown;
	to->unsolicited += l->unsolicited;
	to->unanswered += l->unanswered;
	to->facts_cut += l->facts_cut;
}

struct ledger
ledger_all(const struct ledger *l)
{
	struct ledger all = { .bytes_seen = 0 };

	for (uint32_t i = 0; i < n_protos; i++)
		ledger_add(&all, &l[i]);
	return all;
}

bool
ledger_is_empty(const struct ledger *l)
{
	return l->bytes_seen == 0 && l->bytes_lost == 0 && l->messages == 0 &&
	    l->malformed == 0;
}

/* -------------------------------------------------------------- protocols */

static int
by_proto_name(const void *a, const void *b)
{
	const uint8_t *x = a, *y = b;

	return strcmp(protos[*x]->name, protos[*y]->name);
}

struct proto_order
protos_sorted(void)
{
	struct proto_order o = { .n = 0 };

	for (uint32_t i = 1; i < n_protos; i++)
		o.id[o.n++] = (uint8_t)i;
	qsort(o.id, o.n, sizeof(o.id[0]), by_proto_name);
	o.id[o.n++] = PROTO_UNKNOWN;
	return o;
}

bool
has_proto(const uint8_t bits[PROTO_MAX / 8], uint32_t id)
{
	return (bits[id / 8] >> (id % 8) & 1) != 0;
}

static size_t
put_ports(char *dst, size_t n, const char *kind, const uint16_t *port)
{
	for (uint32_t i = 0; i < PROTO_PORTS && port[i] != 0; i++) {
		int k = snprintf(dst + n, PORTS_TEXT_MAX - n, "%s%s %u",
		    n > 0 ? ", " : "", kind, port[i]);

		n += k > 0 && (size_t)k < PORTS_TEXT_MAX - n ? (size_t)k : 0;
	}
	return n;
}

static size_t
put_services(char *dst, size_t n, const char *kind, const uint32_t *s,
    uint32_t max)
{
	for (uint32_t i = 0; i < max && s[i] != 0; i++) {
		int k = snprintf(dst + n, PORTS_TEXT_MAX - n, "%s%s 0x%02x",
		    n > 0 ? ", " : "", kind, s[i]);

		n += k > 0 && (size_t)k < PORTS_TEXT_MAX - n ? (size_t)k : 0;
	}
	return n;
}

const char *
ports_text(const struct proto *p, char dst[static PORTS_TEXT_MAX])
{
	size_t n = 0;

	dst[0] = '\0';
	n = put_ports(dst, n, "tcp", p->tcp);
	n = put_ports(dst, n, "udp", p->udp);
	n = put_services(dst, n, "ether", p->ether, 4);
	n = put_services(dst, n, "llc", p->llc, 2);
	n = put_services(dst, n, "snap", p->snap, 4);
	n = put_services(dst, n, "ip", p->ip, 2);
	(void)put_services(dst, n, "link", p->serial, 2);
	return dst;
}

/* ------------------------------------------------------------------- text */

struct span
evidence_text(const struct evidence *e)
{
	if (e == NULL)
		return SPAN((const uint8_t *)"", 0);
	return SPAN((const uint8_t *)e->text, e->text_len);
}

struct span
module_text(const struct module *m)
{
	return SPAN((const uint8_t *)m->text, m->text_len);
}

/* fact_text() knows what is fit to print; it takes short pieces. */
struct span
safe_text(const char *s, char dst[static SAFE_TEXT_MAX])
{
	struct fact f = { .kind = FACT_IDENT };
	struct span whole = span_text(s);

	if (whole.n <= FACT_TEXT_MAX) {
		fact_text(&f, whole);
		memcpy(dst, f.text, f.text_len);
		return SPAN((const uint8_t *)dst, f.text_len);
	}
	if (whole.n > SAFE_TEXT_MAX)
		whole.n = SAFE_TEXT_MAX;
	for (uint32_t i = 0; i < whole.n; i++) /* long: plain ASCII only */
		dst[i] = whole.p[i] >= 0x20 && whole.p[i] < 0x7f ? s[i] : '?';
	return SPAN((const uint8_t *)dst, whole.n);
}
