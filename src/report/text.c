/* text.c - the report for people: the summary first, then the lists, then
 * what is to be known about the capture. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shared.h"

#define FILES_SHOWN 8u
#define SHORT_TIME 19 /* "2015-09-01 10:00:00" of RFC 3339 */

void
text_heading(struct out *o, const struct text_style *s, const char *text)
{
	out_char(o, '\n');
	ink(o, s, INK_BOLD, text);
	out_char(o, '\n');
}

static void
put_label(struct out *o, const char *label)
{
	outf(o, "%-12s", label);
}

/* ------------------------------------------------------------ what was read */

static void
put_file(struct out *o, const struct text_style *s,
    const struct capture_file *f)
{
	char safe[SAFE_TEXT_MAX], count[COUNT_TEXT_MAX];
	struct span path = safe_text(f->path, safe);

	put_label(o, "Read");
	if (strcmp(f->path, "-") == 0)
		out_text(o, "standard input");
	else
		out_bytes(o, path.p, path.n);
	if (f->format[0] != '\0') {
		outf(o, ": %s, ", f->format);
		outf(o, "%s, ", size_text(f->bytes, count));
		outf(o, "%s packets", count_text(f->packets, count));
	}
	out_char(o, '\n');
	if (!f->damaged)
		return;
	put_label(o, "");
	ink(o, s, INK_RED,
	    f->packets > 0 ? "not read whole: " : "cannot be read: ");
	path = safe_text(f->error, safe);
	out_bytes(o, path.p, path.n);
	out_char(o, '\n');
}

static void
put_files(struct out *o, const struct findings *f, const struct text_style *s)
{
	unsigned n = capture_files(f->capture), shown = 0;
	char count[COUNT_TEXT_MAX];

	for (unsigned i = 0; i < n; i++) {
		const struct capture_file *c = capture_file(f->capture, i);

		if (shown >= FILES_SHOWN && !s->all && !c->damaged)
			continue;
		put_file(o, s, c);
		shown++;
	}
	if (shown == n)
		return;
	put_label(o, "");
	outf(o, "\xe2\x80\xa6 and %s more files (--all)\n",
	    count_text(n - shown, count));
}

static void
put_duration(struct out *o, int64_t ns)
{
	int64_t s = ns / TICK_SECOND;

	if (s >= 86400)
		outf(o, "%" PRId64 " d %" PRId64 " h", s / 86400,
		    s / 3600 % 24);
	else if (s >= 3600)
		outf(o, "%" PRId64 " h %" PRId64 " min", s / 3600, s / 60 % 60);
	else if (s >= 60)
		outf(o, "%" PRId64 " min %" PRId64 " s", s / 60, s % 60);
	else
		outf(o, "%.1f s", (double)ns / (double)TICK_SECOND);
}

static void
put_moment(struct out *o, struct tick t)
{
	char text[TIME_TEXT_MAX];

	(void)time_text(t, text);
	text[10] = ' ';
	out_bytes(o, text, SHORT_TIME);
}

static void
put_traffic(struct out *o, const struct totals *t)
{
	char count[COUNT_TEXT_MAX];

	put_label(o, "Traffic");
	outf(o, "%s packets, ", count_text(t->packets, count));
	outf(o, "%s\n", size_text(t->bytes, count));
	if (t->packets == 0)
		return;
	put_label(o, "Time");
	put_moment(o, t->first);
	out_text(o, " to ");
	put_moment(o, t->last);
	out_text(o, " UTC (");
	put_duration(o, tick_since(t->last, t->first));
	out_text(o, ")\n");
}

/* ------------------------------------------------------------ what was found
 */

static uint32_t
count_industrial(const struct inventory *v)
{
	struct device d;
	uint32_t n = 0;

	for (uint32_t i = 0; i < inventory_count(v); i++) {
		inventory_at(v, i, &d);
		n += d.ot;
	}
	return n;
}

static void
put_noun(struct out *o, uint64_t n, const char *one, const char *many)
{
	char count[COUNT_TEXT_MAX];

	outf(o, "%s %s", count_text(n, count), n == 1 ? one : many);
}

static void
put_found(struct out *o, const struct findings *f)
{
	uint32_t n = inventory_count(f->inventory);

	put_label(o, "Found");
	put_noun(o, n, "device", "devices");
	if (n > 0) {
		char count[COUNT_TEXT_MAX];

		outf(o, " (%s industrial)",
		    count_text(count_industrial(f->inventory), count));
	}
	out_text(o, ", ");
	put_noun(o, convs_count(f->convs), "conversation", "conversations");
	if (inventory_internet(f->inventory) > 0) {
		out_text(o, ", ");
		put_noun(o, inventory_internet(f->inventory),
		    "internet address", "internet addresses");
	}
	out_text(o, ", ");
	put_noun(o, alerts_seen(f->detect), "alert", "alerts");
	outf(o, " (%s)\n", mode_name(f->mode));
}

static void
put_share(struct out *o, uint64_t part, uint64_t whole, const char *what)
{
	if (part > 0)
		outf(o, "; %.1f %% %s", 100 * (double)part / (double)whole,
		    what);
}

static void
put_understood(struct out *o, const struct findings *f)
{
	struct ledger all = ledger_all(f->ledger);
	uint64_t whole = all.bytes_understood + all.bytes_skipped +
	    all.bytes_encrypted + all.bytes_lost;
	char count[COUNT_TEXT_MAX];

	put_label(o, "Understood");
	if (whole == 0) {
		out_text(o, "no application payload\n");
		return;
	}
	outf(o, "%.1f %% of %s of application payload",
	    100 * (double)all.bytes_understood / (double)whole,
	    size_text(whole, count));
	put_share(o, all.bytes_encrypted, whole, "encrypted");
	put_share(o, all.bytes_lost, whole, "not in the capture");
	put_share(o, all.bytes_skipped, whole, "passed over");
	out_char(o, '\n');
}

/* Operations that could change something in the plant, by what they risk. */
static void
put_changes(struct out *o, const struct findings *f, const struct text_style *s)
{
	uint64_t risk[RISK_COUNT] = { 0 };
	char text[64], count[COUNT_TEXT_MAX];
	bool first = true;

	for (uint32_t i = 0; i < convs_count(f->convs); i++) {
		const struct conv *c = convs_at(f->convs, i);

		for (uint32_t at = c->ops; at != 0;) {
			const struct conv_op *op = convs_op(f->convs, at - 1);

			if (op->risk < RISK_COUNT)
				risk[op->risk] += op->count;
			at = op->next;
		}
	}
	for (uint32_t i = RISK_NONE + 1; i < RISK_COUNT; i++) {
		if (risk[i] == 0)
			continue;
		put_label(o, first ? "Changes" : "");
		first = false;
		(void)snprintf(text, sizeof(text), "%s %s",
		    count_text(risk[i], count), fact_risk_name(i));
		ink(o, s, risk_ink((uint8_t)i), text);
		outf(o, ": %s\n", risk_what((uint8_t)i));
	}
}

/* -------------------------------------------------------------- the capture */

static void
remark(struct out *o, bool *begun, const struct text_style *s, uint64_t n,
    const char *one, const char *many)
{
	char count[COUNT_TEXT_MAX];

	if (n == 0)
		return;
	if (!*begun)
		text_heading(o, s, "About the capture");
	*begun = true;
	outf(o, "%12s %s\n", count_text(n, count), n == 1 ? one : many);
}

static void
remark_packets(struct out *o, bool *begun, const struct text_style *s,
    uint64_t n, const char *joint, const char *what)
{
	char one[192], many[192];

	(void)snprintf(one, sizeof(one), "packet%s%s", joint, what);
	(void)snprintf(many, sizeof(many), "packets%s%s", joint, what);
	remark(o, begun, s, n, one, many);
}

static void
remark_files(struct out *o, bool *begun, const struct findings *f,
    const struct text_style *s)
{
	uint64_t backwards = 0, drops = 0;

	for (unsigned i = 0; i < capture_files(f->capture); i++) {
		backwards += capture_file(f->capture, i)->backwards;
		drops += capture_file(f->capture, i)->drops;
	}
	remark(o, begun, s, drops, "packet was lost by the recorder itself",
	    "packets were lost by the recorder itself");
	remark(o, begun, s, backwards, "packet is dated before its predecessor",
	    "packets are dated before their predecessor");
}

static void
remark_notes(struct out *o, bool *begun, const struct findings *f,
    const struct text_style *s)
{
	static const struct {
		bool damage;
		const char *what;
	} rows[] = {
#define NOTE(sym, name, damage, what) { damage, what },
#include "../model/notes.def"
#undef NOTE
	};

	for (uint32_t i = 0; i < NOTE_COUNT; i++) {
		if (i == NOTE_BIT_TAGGED || i == NOTE_BIT_TUNNELLED ||
		    i == NOTE_BIT_MIRRORED || i == NOTE_BIT_PRP ||
		    i == NOTE_BIT_HSR)
			continue; /* among the wrappings */
		remark_packets(o, begun, s, f->totals->notes[i], ": ",
		    rows[i].what);
	}
	for (uint32_t i = 0; i < ENCAP_COUNT; i++) {
		remark_packets(o, begun, s, f->totals->encaps[i],
		    " wrapped in ", encap_name((enum encap)i));
	}
}

static void
remark_links(struct out *o, bool *begun, const struct findings *f,
    const struct text_style *s)
{
	char name[24];

	for (uint32_t i = 0; i < LINKS; i++) {
		if (f->totals->links[i] == 0 || i == 1) /* Ethernet */
			continue;
		remark_packets(o, begun, s, f->totals->links[i],
		    " on link type ", capture_link_name((uint16_t)i, name));
	}
}

static void
remark_flows(struct out *o, bool *begun, const struct findings *f,
    const struct text_style *s)
{
	const struct flow_counts *c = f->flows;

	remark(o, begun, s, c->duplicates,
	    "packet is the second copy (PRP, HSR)",
	    "packets are second copies (PRP, HSR)");
	remark(o, begun, s, c->retransmitted, "TCP segment was sent again",
	    "TCP segments were sent again");
	remark(o, begun, s, c->conflicting,
	    "TCP segment was sent again with other content: a sign of forgery",
	    "TCP segments were sent again with other content: a sign of "
	    "forgery");
	remark(o, begun, s, c->gaps, "hole in TCP streams: packets are missing",
	    "holes in TCP streams: packets are missing");
	remark(o, begun, s, c->gap_bytes, "byte is missing in these holes",
	    "bytes are missing in these holes");
	remark(o, begun, s, c->fragments_lost, "IP datagram lacks fragments",
	    "IP datagrams lack fragments");
	remark(o, begun, s, c->fragments_conflicting,
	    "IP fragment overlaps another with other content: a sign of "
	    "forgery",
	    "IP fragments overlap others with other content: a sign of "
	    "forgery");
	remark(o, begun, s, c->odd_ports,
	    "flow on a port usual for another protocol",
	    "flows on a port usual for another protocol");
	remark(o, begun, s, c->evicted,
	    "flow was dropped to make room (--set flows.max=...)",
	    "flows were dropped to make room (--set flows.max=...)");
	remark(o, begun, s, c->buffers_full,
	    "time waiting bytes were given up for want of memory (--set "
	    "flows.memory=...)",
	    "times waiting bytes were given up for want of memory (--set "
	    "flows.memory=...)");
}

void
text_remarks(struct out *o, const struct findings *f,
    const struct text_style *s)
{
	bool begun = false;

	remark_files(o, &begun, f, s);
	remark_links(o, &begun, f, s);
	remark_notes(o, &begun, f, s);
	remark_flows(o, &begun, f, s);
	remark(o, &begun, s, inventory_left_out(f->inventory),
	    "time an address found no room (--set inventory.max=...)",
	    "times an address found no room (--set inventory.max=...)");
	remark(o, &begun, s, convs_left_out(f->convs),
	    "time a conversation found no room (--set conversations.max=...)",
	    "times a conversation found no room (--set "
	    "conversations.max=...)");
}

void
report_text(struct out *o, const struct findings *f, const struct text_style *s)
{
	put_files(o, f, s);
	put_traffic(o, f->totals);
	if (f->totals->packets == 0)
		return;
	put_found(o, f);
	put_understood(o, f);
	put_changes(o, f, s);
	text_alerts(o, f, s);
	text_devices(o, f, s);
	text_conversations(o, f, s);
	text_ledger(o, f, s);
	text_remarks(o, f, s);
	report_mirror_text(o, f->mirror, s, false);
}
