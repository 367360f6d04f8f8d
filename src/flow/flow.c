/* flow.c - see flow.h: the way of one packet through the folder. */
#include "flow.h"

#include <stdlib.h>
#include <string.h>

#include "guess.h"
#include "private.h"

struct flows *
flow_new(const struct flow_config *config, const struct flow_listener *listener)
{
	struct flows *fs = calloc(1, sizeof(*fs));

	if (fs == NULL)
		return NULL;
	fs->config = *config;
	fs->next_id = config->first_id;
	fs->listener = *listener;
	fs->bufs = bufs_new(config->buffer_bytes);
	fs->joins = fs->bufs != NULL ? joins_new(fs->bufs) : NULL;
	fs->frags = fs->bufs != NULL ? frags_new(fs->bufs, &fs->counts) : NULL;
	fs->dups = dups_new();
	fs->guesses = guesses_new();
	fs->d.fact = fs->stage;
	fs->d.cap = STAGE_MAX;
	fs->d.wanted = config->wanted;
	fs->ledger = fs->of_port[0];
	fs->all = calloc(PROTO_MAX, sizeof(fs->all[0]));
	fs->d.ledger = fs->ledger;
	fs->d.joins = fs->joins;
	fs->d.note = config->note;
	fs->d.off = config->off;
	fs->d.wants_content = listener->content != NULL;
	if (!table_init(fs) || fs->all == NULL || fs->joins == NULL ||
	    fs->frags == NULL || fs->dups == NULL || fs->guesses == NULL) {
		flow_free(fs);
		return NULL;
	}
	return fs;
}

void
flow_free(struct flows *fs)
{
	if (fs == NULL)
		return;
	table_fini(fs);
	joins_free(fs->joins);
	frags_free(fs->frags);
	dups_free(fs->dups);
	guesses_free(fs->guesses);
	bufs_free(fs->bufs);
	free(fs->all);
	free(fs);
}

static void
count(struct flow *f, unsigned side, const struct packet *p)
{
	struct talk *t = &f->talk;
	bool from_server = side != f->client_side;

	/* the way back may lead over another router: each end is known by the
	 * MAC it sends from */
	if (t->packets[from_server]++ == 0 && p->has_mac)
		(from_server ? &t->server : &t->client)->mac = p->src_mac;
	t->bytes[from_server] += p->frame->wire_len;
	if (t->ttl[from_server] == 0)
		t->ttl[from_server] = p->ttl;
	if (p->at.ns > t->last.ns)
		t->last = p->at;
}

static void
give_payload(struct flows *fs, struct flow *f, unsigned side,
    const struct packet *p)
{
	if (p->via == VIA_TCP)
		tcp_packet(fs, f, side, p);
	else if (p->payload_wire > 0)
		stream_datagram(fs, f, side, p->payload, p->payload_wire);
}

static void
note_route(struct flows *fs, struct flow *f)
{
	f->talk.routed = true;
	if (fs->listener.disorder != NULL)
		fs->listener.disorder(fs->listener.ctx, &f->talk);
}

const struct talk *
flow_packet(struct flows *fs, struct packet *p)
{
	struct flow_place place = { .made = false };

	return flow_placed(fs, p, &place);
}

const struct talk *
flow_placed(struct flows *fs, struct packet *p, struct flow_place *at)
{
	struct flow *f;
	unsigned side;

	fs->counts.packets++;
	fs->origin.at = p->at;
	fs->origin.frame = p->frame->number;
	fs->origin.file = p->frame->file;
	fs->origin.duplicate = false;
	fs->ledger = fs->of_port[p->frame->port % FLOW_PORTS];
	fs->d.ledger = fs->ledger;
	if (p->frag.is && !frags_packet(fs->frags, p, fs->config.last_copy))
		return NULL;
	if (p->via == VIA_NONE) {
		fs->counts.no_flow++;
		return NULL;
	}
	if (p->red.is && dups_seen(fs->dups, p)) {
		fs->counts.duplicates++;
		fs->origin.duplicate = true;
	}
	fs->origin.group = packet_to_group(p);
	fs->fresh = false;
	if (!at->made)
		flow_place(fs, p, at);
	f = table_find(fs, p, at);
	side = at->side;
	count(f, side, p);
	if (fs->fresh && fs->listener.begin != NULL)
		fs->listener.begin(fs->listener.ctx, &f->talk);
	if ((p->notes & NOTE_SOURCE_ROUTED) != 0)
		note_route(fs, f);
	give_payload(fs, f, side, p);
	if (fs->config.note != NULL)
		*fs->config.note = PROTO_UNKNOWN;
	table_expire(fs, p->at);
	return &f->talk;
}

void
flow_clock(struct flows *fs, struct tick now)
{
	table_expire(fs, now);
}

void
flow_clock_set(struct flows *fs, int64_t by)
{
	fs->expired.ns += by;
	for (uint32_t i = 0; i < fs->n_fresh; i++) {
		fs->flow[i].talk.first.ns += by;
		fs->flow[i].talk.last.ns += by;
		fs->flow[i].touched.ns += by;
	}
}

void
flow_tell(struct flows *fs)
{
	table_each(fs, talk_tell);
}

void
flow_each(const struct flows *fs, void (*each)(void *ctx, const struct talk *),
    void *ctx)
{
	for (uint32_t i = 0; i < fs->n_fresh; i++)
		if (fs->flow[i].used)
			each(ctx, &fs->flow[i].talk);
}

void
flow_finish(struct flows *fs)
{
	table_end_all(fs);
}

const struct flow_counts *
flow_counts(const struct flows *fs)
{
	return &fs->counts;
}

const struct ledger *
flow_ledger_of(const struct flows *fs, unsigned port)
{
	return fs->of_port[port % FLOW_PORTS];
}

/* Nothing but counters of 64 bits. */
static void
add_ledger(struct ledger *to, const struct ledger *l)
{
	uint64_t sum[sizeof(*l) / 8], part[sizeof(*l) / 8];

	memcpy(sum, to, sizeof(sum));
	memcpy(part, l, sizeof(part));
	for (size_t i = 0; i < sizeof(sum) / 8; i++)
		sum[i] += part[i];
	memcpy(to, sum, sizeof(sum));
}

const struct ledger *
flow_ledger(const struct flows *fs)
{
	memset(fs->all, 0, PROTO_MAX * sizeof(fs->all[0]));
	for (unsigned i = 0; i < FLOW_PORTS; i++)
		for (uint32_t p = 0; p < n_protos; p++)
			add_ledger(&fs->all[p], &fs->of_port[i][p]);
	return fs->all;
}

const struct guesses *
flow_guesses(const struct flows *fs)
{
	return fs->guesses;
}
