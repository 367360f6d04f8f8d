/*
 * verdict.c - from counts to findings: each finding is a function that looks
 * at what came in the last minutes and says a figure, or nothing.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

#define ENOUGH 50u /* packets to judge by */
#define SILENT (60 * TICK_SECOND)

const struct finding_row finding_rows[FINDING_COUNT] = {
#define FINDING(sym, name, grade, words, cause, advice) \
	[FINDING_##sym] = { name, MIRROR_##grade, words, cause, advice },
#include "findings.def"
#undef FINDING
};

const struct make_advice make_advices[] = {
#define MAKE(sym, make, change) { FINDING_##sym, make, change },
#include "makes.def"
#undef MAKE
};
const uint32_t n_make_advices = sizeof(make_advices) / sizeof(make_advices[0]);

const char *
mirror_grade_name(enum mirror_grade grade)
{
	static const char *const names[] = { [MIRROR_GOOD] = "good",
		[MIRROR_NOTE] = "note",
		[MIRROR_WARNING] = "warning",
		[MIRROR_BAD] = "bad" };

	return names[grade];
}

/* The row's words with the figure where they say %s. */
const char *
mirror_finding_text(const struct mirror_finding *f,
    char dst[static MIRROR_TEXT])
{
	const char *words = finding_rows[f->id].words,
		   *at = strstr(words, "%s");

	(void)snprintf(dst, MIRROR_TEXT, "%.*s%s%s", (int)(at - words), words,
	    f->figure, at + 2);
	return dst;
}

/* What a finding looks at. */
struct view {
	const struct mirrors *m;
	const struct point *pt;
	const struct mirror_link *link;
	const struct mirror_port_config *config;
	const uint64_t *c; /* counts of the time looked at */
	struct mirror_verdict *v;
	bool is_port;
};

static bool figure(struct mirror_finding *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool
figure(struct mirror_finding *f, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(f->figure, sizeof(f->figure), format, args);
	va_end(args);
	return true;
}

static double
share(uint64_t part, uint64_t of)
{
	return of > 0 ? (double)part / (double)of : 0;
}

static double
percent(uint64_t part, uint64_t of)
{
	return 100 * share(part, of);
}

static bool
is_kind(const struct view *v, enum mirror_kind kind)
{
	return v->config->kind == kind;
}

/* ------------------------------------------------------- nothing comes */

static bool
no_link(const struct view *v, struct mirror_finding *f)
{
	return v->link->live && !v->link->up && figure(f, "%s", "");
}

static bool
no_traffic(const struct view *v, struct mirror_finding *f)
{
	int64_t ns = 0;

	return v->link->up && mirror_is_silent(v->m, v->pt->port, &ns) &&
	    ns > SILENT &&
	    figure(f, "for %" PRId64 " min", ns / TICK_SECOND / 60);
}

static bool
deaf(const struct view *v)
{
	return v->c[COUNT_PACKETS] >= ENOUGH &&
	    v->c[COUNT_UNICAST] * 50 < v->c[COUNT_PACKETS];
}

static bool
is_vmware(const struct view *v)
{
	return is_kind(v, MIRROR_ESXI) ||
	    strcmp(v->link->driver, "vmxnet3") == 0;
}

static bool
is_hyper_v(const struct view *v)
{
	return is_kind(v, MIRROR_HYPER_V) ||
	    strcmp(v->link->driver, "hv_netvsc") == 0;
}

static bool
unicast_figure(const struct view *v, struct mirror_finding *f)
{
	return figure(f, "%.1f %% of the frames go from one to another",
	    percent(v->c[COUNT_UNICAST], v->c[COUNT_PACKETS]));
}

static bool
esxi(const struct view *v, struct mirror_finding *f)
{
	return deaf(v) && is_vmware(v) && unicast_figure(v, f);
}

static bool
hyper_v(const struct view *v, struct mirror_finding *f)
{
	return deaf(v) && is_hyper_v(v) && !is_vmware(v) &&
	    unicast_figure(v, f);
}

/* Where most is process data that go to groups by their nature, that may be all
 * there is. */
static bool
only_groups(const struct view *v, struct mirror_finding *f)
{
	return deaf(v) && !is_vmware(v) && !is_hyper_v(v) &&
	    v->c[COUNT_PROCESS] * 4 < v->c[COUNT_PACKETS] &&
	    unicast_figure(v, f);
}

static bool
mostly_arp(const struct view *v, struct mirror_finding *f)
{
	return !deaf(v) && v->c[COUNT_PACKETS] >= ENOUGH &&
	    v->c[COUNT_ARP] * 2 > v->c[COUNT_PACKETS] &&
	    figure(f, "%.1f %% of the frames",
		percent(v->c[COUNT_ARP], v->c[COUNT_PACKETS]));
}

/* The other half of a TAP; NULL: this is none, or it is alone. */
static const struct point *
other_half(const struct view *v)
{
	uint8_t wanted =
	    is_kind(v, MIRROR_TAP_RX) ? MIRROR_TAP_TX : MIRROR_TAP_RX;

	if (!is_kind(v, MIRROR_TAP_RX) && !is_kind(v, MIRROR_TAP_TX))
		return NULL;
	for (unsigned i = 0; i < MIRROR_PORTS; i++)
		if (v->m->config[i].kind == wanted)
			return &v->m->point[i];
	return NULL;
}

static bool
half_silent(const struct view *v, struct mirror_finding *f)
{
	const struct point *other = other_half(v);

	return other != NULL && v->c[COUNT_PACKETS] == 0 &&
	    other->count[COUNT_PACKETS] >= ENOUGH &&
	    figure(f, "%" PRIu64 " frames came by the other half",
		other->count[COUNT_PACKETS]);
}

/* --------------------------------------------------- half of it is missing */

static bool
one_way(const struct view *v, struct mirror_finding *f)
{
	const uint64_t *c = v->c;
	const char *end = c[COUNT_ONLY_CLIENT] * 10 > c[COUNT_ONE_WAY] * 9
	    ? "those who ask"
	    : c[COUNT_ONLY_CLIENT] * 10 < c[COUNT_ONE_WAY] ? "those who answer"
							   : "either";

	return c[COUNT_TALKS] >= 2 && c[COUNT_ONE_WAY] * 2 > c[COUNT_TALKS] &&
	    figure(f, "%" PRIu64 " of %" PRIu64 ", and of %s", c[COUNT_ONE_WAY],
		c[COUNT_TALKS], end);
}

static bool
tap_same(const struct view *v, struct mirror_finding *f)
{
	return other_half(v) != NULL && v->c[COUNT_PACKETS] >= ENOUGH &&
	    v->c[COUNT_COPIES_PORT] * 5 > v->c[COUNT_PACKETS] &&
	    figure(f, "%.1f %% of the frames",
		percent(v->c[COUNT_COPIES_PORT], v->c[COUNT_PACKETS]));
}

static bool
no_industrial(const struct view *v, struct mirror_finding *f)
{
	return !deaf(v) && v->c[COUNT_MESSAGES] >= ENOUGH &&
	    v->c[COUNT_INDUSTRIAL] == 0 &&
	    figure(f, "%" PRIu64 " messages of other protocols",
		v->c[COUNT_MESSAGES]);
}

static bool
little_industrial(const struct view *v, struct mirror_finding *f)
{
	return v->c[COUNT_MESSAGES] >= 10 * ENOUGH &&
	    v->c[COUNT_INDUSTRIAL] > 0 &&
	    v->c[COUNT_INDUSTRIAL] * 20 < v->c[COUNT_MESSAGES] &&
	    figure(f, "%.1f %% of the messages",
		percent(v->c[COUNT_INDUSTRIAL], v->c[COUNT_MESSAGES]));
}

/* --------------------------------------------------------- twice, or bent */

static uint64_t
same_unicast(const struct view *v)
{
	return v->c[COUNT_COPIES] - v->c[COUNT_COPIES_GROUP] -
	    v->c[COUNT_COPIES_PORT] - v->c[COUNT_COPIES_ROUTED] -
	    v->c[COUNT_COPIES_TAG];
}

static bool
too_many(const struct view *v, uint64_t copies, struct mirror_finding *f)
{
	return v->c[COUNT_PACKETS] >= ENOUGH &&
	    copies * 20 > v->c[COUNT_PACKETS] &&
	    figure(f, "%.1f %% of the frames are copies",
		percent(copies, v->c[COUNT_PACKETS]));
}

static bool
copies(const struct view *v, struct mirror_finding *f)
{
	return too_many(v, same_unicast(v) + v->c[COUNT_COPIES_TAG], f);
}

static bool
copies_group(const struct view *v, struct mirror_finding *f)
{
	return too_many(v, v->c[COUNT_COPIES_GROUP], f);
}

static bool
copies_port(const struct view *v, struct mirror_finding *f)
{
	return other_half(v) == NULL && too_many(v, v->c[COUNT_COPIES_PORT], f);
}

static bool
copies_routed(const struct view *v, struct mirror_finding *f)
{
	return too_many(v, v->c[COUNT_COPIES_ROUTED], f);
}

static uint32_t
local_subnets(const struct point *pt)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < pt->n_subnet; i++)
		n += pt->subnet[i].n_hosts >= 2 && !pt->subnet[i].is_part;
	return n;
}

/* Two networks whose hosts ask for each other are two wires, or VLANs. */
static bool
tags_lost(const struct view *v, struct mirror_finding *f)
{
	uint32_t n = local_subnets(v->pt);

	return n >= 2 && v->c[COUNT_PACKETS] >= ENOUGH &&
	    v->c[COUNT_TAGGED] == 0 && v->c[COUNT_MIRRORED] == 0 &&
	    figure(f, "%u networks ask for their own hosts", n);
}

static bool
rspan_unnamed(const struct view *v, struct mirror_finding *f)
{
	return v->c[COUNT_PACKETS] >= ENOUGH && v->pt->tag < TAG_MANY &&
	    v->c[COUNT_TWICE_TAGGED] * 2 > v->c[COUNT_PACKETS] &&
	    figure(f, "VLAN %u", v->pt->tag);
}

/* ---------------------------------------------------------------- damaged */

static bool
some(const struct view *v, uint64_t n, struct mirror_finding *f)
{
	return n * 1000 > v->c[COUNT_PACKETS] &&
	    figure(f, "%" PRIu64 " frames, %.2f %%", n,
		percent(n, v->c[COUNT_PACKETS]));
}

/* A frame that a mirror cut looks whole; but so many are no sender's doing. */
static uint64_t
all_cut(const uint64_t *c)
{
	bool many = c[COUNT_OVERLONG] * 20 > c[COUNT_PACKETS];

	return c[COUNT_CUT] + (many ? c[COUNT_OVERLONG] : 0);
}

static bool
cut(const struct view *v, struct mirror_finding *f)
{
	return some(v, all_cut(v->c), f);
}

static bool
damaged(const struct view *v, struct mirror_finding *f)
{
	return some(v,
	    v->c[COUNT_BAD_FCS] + v->c[COUNT_RUNT] + v->link->nic_damaged, f);
}

static bool
bad_sums(const struct view *v, struct mirror_finding *f)
{
	return v->c[COUNT_BAD_SUM] * 100 > v->c[COUNT_PACKETS] &&
	    some(v, v->c[COUNT_BAD_SUM], f);
}

/* ------------------------------------------------------------------- lost */

static bool
of_all(uint64_t lost, uint64_t got, struct mirror_finding *f)
{
	return lost > 0 &&
	    figure(f, "%" PRIu64 " packets, %.3f %%", lost,
		percent(lost, lost + got));
}

static bool
kernel_drops(const struct view *v, struct mirror_finding *f)
{
	return of_all(v->c[COUNT_KERNEL], v->c[COUNT_PACKETS], f);
}

static bool
nic_drops(const struct view *v, struct mirror_finding *f)
{
	return of_all(v->c[COUNT_NIC], v->c[COUNT_PACKETS], f);
}

static bool
tunnel_loss(const struct view *v, struct mirror_finding *f)
{
	return of_all(v->c[COUNT_TUNNEL_MISSING], v->c[COUNT_TUNNEL], f);
}

/* Holes in TCP and in other numbers; of what was lost nearer to us it is not
 * known again. */
static uint64_t
lost_before(const uint64_t *c)
{
	uint64_t holes = c[COUNT_HOLES] + c[COUNT_MISSING],
		 later =
		     c[COUNT_KERNEL] + c[COUNT_NIC] + c[COUNT_TUNNEL_MISSING];

	return holes > later ? holes - later : 0;
}

static bool
switch_loss(const struct view *v, struct mirror_finding *f)
{
	uint64_t lost = lost_before(v->c),
		 of = v->c[COUNT_TCP_DATA] + v->c[COUNT_NUMBERED];

	return of >= ENOUGH && lost >= 3 && lost * 1000 > of &&
	    figure(f, "%" PRIu64 " holes in %" PRIu64 " numbers, %.2f %%", lost,
		of, percent(lost, of));
}

static bool
our_loss(const struct view *v, struct mirror_finding *f)
{
	return v->is_port && v->m->ours > 0 &&
	    figure(f, "%" PRIu64 " times", v->m->ours);
}

static bool
full(const struct view *v, struct mirror_finding *f)
{
	return v->v->utilisation > 0.8 &&
	    figure(f, "%.0f %% of %u Mbit/s in its busiest second",
		100 * v->v->utilisation, v->link->mbit);
}

static bool
no_sequence(const struct view *v, struct mirror_finding *f)
{
	return v->pt->kind == POINT_ERSPAN && !v->pt->has_sequence &&
	    figure(f, "%s", "");
}

static bool
unknown_session(const struct view *v, struct mirror_finding *f)
{
	return v->pt->kind == POINT_ERSPAN && !v->pt->known &&
	    figure(f, "session %u, %" PRIu64 " packets", v->pt->session,
		v->pt->count[COUNT_PACKETS]);
}

static bool
split_tunnel(const struct view *v, struct mirror_finding *f)
{
	return some(v, v->c[COUNT_SPLIT_TUNNEL], f);
}

/* ------------------------------------------------------------------- time */

static bool
time_jumps(const struct view *v, struct mirror_finding *f)
{
	return v->c[COUNT_BACKWARD] >= 3 &&
	    figure(f,
		"%" PRIu64 " frames are dated more than 1 ms before the "
		"one before them",
		v->c[COUNT_BACKWARD]);
}

static bool
is_half(const struct view *v)
{
	return is_kind(v, MIRROR_TAP_RX) || is_kind(v, MIRROR_TAP_TX);
}

static bool
order(const struct view *v, struct mirror_finding *f)
{
	return !is_half(v) && v->c[COUNT_TCP_DATA] >= ENOUGH &&
	    v->c[COUNT_EARLY_ACK] * 100 > v->c[COUNT_TCP_DATA] &&
	    figure(f,
		"%.1f %% of TCP's segments come after their "
		"confirmation",
		percent(v->c[COUNT_EARLY_ACK], v->c[COUNT_TCP_DATA]));
}

static bool
skew(const struct view *v, struct mirror_finding *f)
{
	return is_half(v) && v->v->skew_us > 0 && v->c[COUNT_EARLY_ACK] >= 3 &&
	    v->c[COUNT_EARLY_ACK] * 100 > v->c[COUNT_TCP_DATA] &&
	    figure(f, "%.0f microseconds", v->v->skew_us);
}

/* --------------------------------------------------------------- the port */

static bool
sent(const struct view *v, struct mirror_finding *f)
{
	return !v->link->may_send && v->c[COUNT_SENT] > 0 &&
	    figure(f, "%" PRIu64, v->c[COUNT_SENT]);
}

static bool
half_duplex(const struct view *v, struct mirror_finding *f)
{
	return v->link->up && v->link->mbit > 0 && !v->link->full_duplex &&
	    figure(f, "%s", "");
}

/* In what order they are looked for; those of a port, not of a session. */
static const struct {
	enum finding_id id;
	bool of_port;
	bool (*is_so)(const struct view *, struct mirror_finding *);
} looks[] = {
	{ FINDING_NO_LINK, true, no_link },
	{ FINDING_NO_TRAFFIC, true, no_traffic },
	{ FINDING_ESXI, true, esxi },
	{ FINDING_HYPER_V, true, hyper_v },
	{ FINDING_ONLY_GROUPS, false, only_groups },
	{ FINDING_MOSTLY_ARP, false, mostly_arp },
	{ FINDING_HALF_SILENT, true, half_silent },
	{ FINDING_ONE_WAY, false, one_way },
	{ FINDING_SENT, true, sent },
	{ FINDING_KERNEL_DROPS, true, kernel_drops },
	{ FINDING_NIC_DROPS, true, nic_drops },
	{ FINDING_TUNNEL_LOSS, false, tunnel_loss },
	{ FINDING_SWITCH_LOSS, true, switch_loss },
	{ FINDING_OUR_LOSS, true, our_loss },
	{ FINDING_FULL, true, full },
	{ FINDING_UNKNOWN_SESSION, false, unknown_session },
	{ FINDING_SPLIT_TUNNEL, true, split_tunnel },
	{ FINDING_COPIES, false, copies },
	{ FINDING_COPIES_GROUP, false, copies_group },
	{ FINDING_TAP_SAME, true, tap_same },
	{ FINDING_NO_INDUSTRIAL, false, no_industrial },
	{ FINDING_TAGS_LOST, false, tags_lost },
	{ FINDING_CUT, false, cut },
	{ FINDING_DAMAGED, true, damaged },
	{ FINDING_TIME_JUMPS, true, time_jumps },
	{ FINDING_HALF_DUPLEX, true, half_duplex },
	{ FINDING_COPIES_PORT, true, copies_port },
	{ FINDING_COPIES_ROUTED, false, copies_routed },
	{ FINDING_LITTLE_INDUSTRIAL, false, little_industrial },
	{ FINDING_RSPAN_UNNAMED, true, rspan_unnamed },
	{ FINDING_BAD_SUMS, false, bad_sums },
	{ FINDING_NO_SEQUENCE, false, no_sequence },
	{ FINDING_ORDER, false, order },
	{ FINDING_SKEW, true, skew },
};

static int
by_grade(const void *a, const void *b)
{
	const struct mirror_finding *x = a, *y = b;
	int order =
	    (int)finding_rows[y->id].grade - (int)finding_rows[x->id].grade;

	return order != 0 ? order : (int)x->id - (int)y->id;
}

static void
find(const struct view *v, struct mirror_verdict *ret)
{
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		struct mirror_finding f = { .id = looks[i].id };

		if ((looks[i].of_port && !v->is_port) ||
		    ret->n_findings == MIRROR_FINDINGS ||
		    !looks[i].is_so(v, &f))
			continue;
		ret->finding[ret->n_findings++] = f;
		if (finding_rows[f.id].grade > ret->grade)
			ret->grade = finding_rows[f.id].grade;
	}
	qsort(ret->finding, ret->n_findings, sizeof(ret->finding[0]), by_grade);
}

/* ---------------------------------------------------------------- figures */

static void
name_port(const struct view *v, struct mirror_verdict *ret)
{
	static const char *const kinds[] = { [MIRROR_SPAN] = "span",
		[MIRROR_RSPAN] = "rspan",
		[MIRROR_ERSPAN] = "erspan",
		[MIRROR_TAP] = "tap",
		[MIRROR_TAP_RX] = "tap-rx",
		[MIRROR_TAP_TX] = "tap-tx",
		[MIRROR_ESXI] = "esxi",
		[MIRROR_HYPER_V] = "hyper-v",
		[MIRROR_ANY] = "not said" };

	if (v->config->name[0] != '\0')
		(void)snprintf(ret->name, sizeof(ret->name), "%.47s",
		    v->config->name);
	else
		(void)snprintf(ret->name, sizeof(ret->name), "%s %u",
		    v->link->live ? "port" : "interface", v->pt->port);
	(void)snprintf(ret->how, sizeof(ret->how), "%s",
	    kinds[v->config->kind < MIRROR_ANY ? v->config->kind : MIRROR_ANY]);
}

static void
name_session(const struct view *v, struct mirror_verdict *ret)
{
	const struct mirror_port_config *c = v->config;
	const struct point *pt = v->pt;
	char from[ADDR_TEXT_MAX];
	const char *name = NULL;

	if (pt->kind == POINT_RSPAN) {
		(void)snprintf(ret->name, sizeof(ret->name), "RSPAN VLAN %u",
		    pt->vlan);
		(void)snprintf(ret->how, sizeof(ret->how), "rspan");
		return;
	}
	for (uint32_t i = 0; i < c->n_session && pt->type != 1; i++)
		if (c->session[i].id == pt->session)
			name = c->session[i].name;
	(void)ip_text(&pt->from, from);
	if (name != NULL)
		(void)snprintf(ret->name, sizeof(ret->name), "%.47s", name);
	else if (pt->type == 1)
		(void)snprintf(ret->name, sizeof(ret->name), "ERSPAN of %s",
		    from);
	else
		(void)snprintf(ret->name, sizeof(ret->name),
		    "ERSPAN session %u of %s", pt->session, from);
	(void)snprintf(ret->how, sizeof(ret->how), "erspan-%u", pt->type);
}

static void
shares(const uint64_t *c, struct mirror_verdict *ret)
{
	const uint64_t n = c[COUNT_PACKETS];

	ret->unicast = share(c[COUNT_UNICAST], n);
	ret->multicast = share(c[COUNT_MULTICAST], n);
	ret->broadcast = share(c[COUNT_BROADCAST], n);
	ret->arp = share(c[COUNT_ARP], n);
	ret->copies = share(c[COUNT_COPIES], n);
	ret->tagged = share(c[COUNT_TAGGED], n);
	ret->cut = share(all_cut(c), n);
	ret->damaged = share(c[COUNT_BAD_FCS] + c[COUNT_RUNT], n);
	ret->industrial = share(c[COUNT_INDUSTRIAL], c[COUNT_MESSAGES]);
	ret->one_way = share(c[COUNT_ONE_WAY], c[COUNT_TALKS]);
	ret->conversations = c[COUNT_TALKS];
	ret->numbered = c[COUNT_TCP_DATA] + c[COUNT_NUMBERED];
	ret->lost_before = lost_before(c);
	ret->lost_tunnel = c[COUNT_TUNNEL_MISSING];
	ret->lost_nic = c[COUNT_NIC];
	ret->lost_kernel = c[COUNT_KERNEL];
}

static void
lists(const struct point *pt, struct mirror_verdict *ret)
{
	for (unsigned i = 0; i < 4096; i++)
		if ((pt->vlans[i / 64] >> i % 64 & 1) != 0) {
			if (ret->n_vlans < MIRROR_LIST)
				ret->vlan[ret->n_vlans] = (uint16_t)i;
			ret->n_vlans++;
		}
	for (unsigned i = 0; i < PROTOS; i++)
		if ((pt->protos[i / 64] >> i % 64 & 1) != 0) {
			if (ret->n_protos < MIRROR_LIST)
				ret->proto[ret->n_protos] = (uint8_t)i;
			ret->n_protos++;
		}
	for (uint32_t i = 0; i < pt->n_subnet; i++) {
		const uint8_t net[4] = { pt->subnet[i].net[0],
			pt->subnet[i].net[1], pt->subnet[i].net[2], 0 };

		if (ret->n_subnets < MIRROR_LIST)
			ret->subnet[ret->n_subnets] = ip4_of(net);
		ret->n_subnets++;
	}
}

static void
rates(const struct view *v, int64_t ns, struct mirror_verdict *ret)
{
	const struct point *pt = v->pt;
	uint64_t peak =
	    pt->peak_bytes > pt->peak_before ? pt->peak_bytes : pt->peak_before;
	double seconds = (double)ns / (double)TICK_SECOND;

	if (seconds > 0) {
		ret->packets_second = (double)v->c[COUNT_PACKETS] / seconds;
		ret->bits_second = 8 * (double)v->c[COUNT_BYTES] / seconds;
	}
	if (v->link->mbit > 0)
		ret->utilisation =
		    (double)peak * 8 / ((double)v->link->mbit * 1e6);
	if (pt->n_skew > 0)
		ret->skew_us = (double)pt->skew_sum / pt->n_skew / 1000;
}

/* What came since the oldest window; all of it where that is shorter. */
static int64_t
difference(const struct mirrors *m, const struct point *pt, unsigned i,
    uint64_t c[static COUNTS])
{
	bool all = pt->n_before < WINDOWS;
	struct tick from = all ? pt->first : pt->window_first[0];

	for (unsigned k = 0; k < COUNTS; k++) {
		uint64_t was = all ? 0 : pt->before[0][k];

		c[k] = pt->count[k] > was ? pt->count[k] - was : 0;
	}
	pairs_look(m->pairs, i, c);
	return (m->link[pt->port].live ? m->now.ns : pt->last.ns) - from.ns;
}

bool
mirror_verdict(struct mirrors *m, unsigned i, struct mirror_verdict *ret)
{
	const struct point *pt = &m->point[i];
	struct view v = { .m = m,
		.pt = pt,
		.link = &m->link[pt->port],
		.config = &m->config[pt->port],
		.v = ret,
		.is_port = pt->kind == POINT_PORT };
	uint64_t c[COUNTS];
	int64_t ns;

	if (pt->kind == POINT_NONE ||
	    (pt->count[COUNT_PACKETS] == 0 && !v.link->live &&
		v.config->kind == MIRROR_ANY))
		return false;
	*ret = (struct mirror_verdict){ .port = pt->port,
		.is_session = !v.is_port,
		.id = pt->kind == POINT_RSPAN ? pt->vlan : pt->session,
		.live = v.link->live,
		.up = v.link->up,
		.packets = pt->count[COUNT_PACKETS],
		.bytes = pt->count[COUNT_BYTES] };
	ns = difference(m, pt, i, c);
	v.c = c;
	if (v.is_port)
		name_port(&v, ret);
	else
		name_session(&v, ret);
	shares(c, ret);
	ret->lost_ours = v.is_port ? m->ours : 0;
	lists(pt, ret);
	rates(&v, ns, ret);
	find(&v, ret);
	return true;
}
