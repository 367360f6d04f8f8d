/*
 * raise.c - from a finding to an alert: its ends, whether it concerns the
 * plant, and what it is folded with.
 */
#include <stdlib.h>
#include <string.h>

#include "../base/hash.h"
#include "../proto/proto.h"
#include "watch.h"

/* --------------------------------------------------------- who an event is */

static bool
is_plant(const struct detect *d, const struct asset *a, const struct addr *at)
{
	if (a != NULL && (a->flags & (ASSET_OT | ASSET_CONTROLLER)) != 0)
		return true;
	if (at == NULL)
		return false;
	/* what has no network lies in the one that we listen to */
	return at->ip.len > 0 ? asset_is_ot_net(d->assets, &at->ip)
			      : at->has_mac;
}

/* One end belongs to the plant, or the protocol does. */
bool
detect_focus(const struct detect *d, const struct event *e)
{
	return protos[event_proto(e)]->ot ||
	    is_plant(d, e->client, event_end(e, false)) ||
	    is_plant(d, e->server, event_end(e, true));
}

/* Scenarios that are about one device, whoever it talked to. */
static bool
about_one(const struct novelty *n)
{
	return (n->scenario == SCENARIO_DEVICE ||
		   n->scenario == SCENARIO_IDENTITY ||
		   n->scenario == SCENARIO_ATTRIBUTE ||
		   n->scenario == SCENARIO_TOPOLOGY) &&
	    (n->client == ASSET_NONE || n->server == ASSET_NONE);
}

/* ------------------------------------------------------------------ ends */

struct ends {
	struct alert_end source, destination;
	bool fold_source, fold_destination;
};

static struct alert_end
end_of(const struct event *e, bool server)
{
	const struct addr *addr = event_end(e, server);
	const struct asset *asset = server ? e->server : e->client;
	struct alert_end end = { .asset = asset != NULL ? asset->id : 0 };

	if (addr != NULL)
		end.addr = *addr;
	if (e->talk != NULL)
		end.port = server ? e->talk->server_port : e->talk->client_port;
	return end;
}

static struct alert_end
end_at(struct detect *d, const struct addr *addr, uint16_t vlan)
{
	return (struct alert_end){ .addr = *addr,
		.asset = asset_of(d->assets, addr, vlan) };
}

static uint16_t
vlan_of(const struct event *e)
{
	if (e->talk != NULL)
		return e->talk->vlan;
	return e->client != NULL ? e->client->vlan : TALK_NO_VLAN;
}

/* A novelty about one device has no other end. */
static void
ends_of_one(struct detect *d, const struct novelty *n, struct ends *ret)
{
	uint32_t id = n->client != ASSET_NONE ? n->client : n->server;
	const struct asset *a = asset_at(d->assets, id);

	if (a != NULL)
		ret->source =
		    (struct alert_end){ .asset = id, .addr = a->addr };
	ret->destination = (struct alert_end){ .asset = 0 };
}

/* What was counted over many has no single other end. */
static void
ends_counted(const struct counted *c, struct ends *ret)
{
	if (c->n == 0)
		return;
	if (c->per == PER_CLIENT || c->per == PER_ALL)
		ret->fold_destination = false;
	if (c->per == PER_SERVER || c->per == PER_ALL)
		ret->fold_source = false;
	if (c->per == PER_CLIENT && c->distinct != DISTINCT_NOTHING)
		ret->destination = (struct alert_end){ .asset = 0 };
	if (c->per == PER_SERVER && c->distinct == DISTINCT_CLIENT)
		ret->source = (struct alert_end){ .asset = 0 };
}

/*
 * Sources of a flow that nobody confirmed may be invented, a million of them:
 * one alert for their target.
 */
static bool
is_stranger(const struct event *e, const struct finding *f)
{
	return (e->kind == EVENT_BEGIN || e->kind == EVENT_END) &&
	    e->client == NULL && !f->swap && f->source == NULL &&
	    e->talk->client.ip.len > 0;
}

static struct ends
ends_of(struct detect *d, const struct event *e, const struct finding *f,
    const struct counted *c)
{
	struct ends ends = { .source = end_of(e, f->swap),
		.destination = end_of(e, !f->swap),
		.fold_source = true,
		.fold_destination = true };

	if (e->novelty != NULL && about_one(e->novelty))
		ends_of_one(d, e->novelty, &ends);
	ends_counted(c, &ends);
	if (f->any_destination)
		ends.fold_destination = false;
	if (is_stranger(e, f))
		ends.fold_source = false;
	if (f->source != NULL)
		ends.source = end_at(d, f->source, vlan_of(e));
	if (f->destination != NULL)
		ends.destination = end_at(d, f->destination, vlan_of(e));
	return ends;
}

/* What is played back is folded by itself: a live attack is news. */
static uint64_t
fold_as(const struct detect *d, const struct ends *ends, uint32_t row,
    uint64_t extra)
{
	uint64_t parts[4] = { row | (uint64_t)(d->played != NULL) << 32,
		ends->fold_source ? addr_key(&ends->source.addr) : 0,
		ends->fold_destination ? addr_key(&ends->destination.addr) : 0,
		extra };

	return hash_bytes(parts, sizeof(parts), 0);
}

static uint64_t
fold_of(const struct detect *d, const struct ends *ends,
    const struct finding *f)
{
	return fold_as(d, ends, f->row, f->extra);
}

/*
 * The open alert that already speaks of the cause: a new connection lists
 * what is done in it, a new function the objects it was used on.  What is
 * graver speaks for itself.
 */
static struct alert *
spoken_for(struct detect *d, const struct event *e, uint32_t row,
    const struct ends *ends)
{
	const uint8_t joins = alert_rows[row].joins;

	if (joins == CAUSE_NONE || e->novelty == NULL)
		return NULL;
	if (joins == CAUSE_TRIP)
		return watch_trip_before(d, e);
	for (uint32_t i = 0; i < d->n_openers; i++) {
		const uint32_t by = d->opener[i];
		struct alert *a = by != row
		    ? folds_find(d->folds, fold_as(d, ends, by, 0))
		    : NULL;

		if (a != NULL && a->severity >= d->setting[row].severity &&
		    (a->last.ns == e->at.ns ||
			(joins == CAUSE_PAIR &&
			    alert_rows[by].opens == CAUSE_PAIR)))
			return a;
	}
	return NULL;
}

/* ------------------------------------------------------------ violations */

static uint64_t
fact_hash(const struct fact *f)
{
	uint32_t part[] = { f->proto, f->kind, f->op, f->unit, f->object.space,
		f->object.area, f->object.first, f->object.count, f->object.sub,
		f->kind == FACT_ERROR ? f->code : 0 };

	return key_mix(hash_bytes(part, sizeof(part), 0),
	    hash_bytes(f->text, f->text_len, 0));
}

static uint64_t
violation_hash(const struct event *e, const struct finding *f)
{
	if (f->violation != NULL)
		return hash_bytes(f->violation, strlen(f->violation), 0);
	if (e->fact != NULL && e->fact->kind != FACT_IDENT)
		return fact_hash(e->fact);
	return e->novelty != NULL && e->novelty->key != NULL
	    ? e->novelty->key->hash
	    : 0;
}

static struct span
key_words(struct detect *d, const struct event *e)
{
	if (e->novelty == NULL || e->novelty->key == NULL)
		return SPAN(NULL, 0);
	d->out.n = 0;
	baseline_key_text(d->baseline, e->novelty->key, &d->out);
	return SPAN((const uint8_t *)d->out.buf, (uint32_t)d->out.n);
}

static void
add_violation(struct detect *d, struct alert *a, const struct event *e,
    const struct finding *f)
{
	struct violation *v;
	struct words w;
	struct span key;

	if (!alert_rows[f->row].aggregated && f->violation == NULL)
		return;
	v = alert_violation(a, violation_hash(e, f), e->at);
	if (v == NULL)
		return;
	w = words_in(v->text, sizeof(v->text));
	key = key_words(d, e);
	if (f->violation != NULL)
		words_add(&w, "%s", f->violation);
	else if (e->fact != NULL && e->fact->kind != FACT_IDENT)
		words_what(&w, e->fact);
	else
		words_add(&w, "%.*s", (int)key.n, (const char *)key.p);
}

/* ---------------------------------------------------------------- raising */

/* What is to be learned with it. */
static void
add_key(struct alert *a, const struct key *k)
{
	uint32_t i = 0;

	while (i < a->n_keys && a->keys[i] != k->hash)
		i++;
	if (i == a->n_keys && i < ALERT_KEYS)
		a->keys[a->n_keys++] = k->hash;
}

static void
add_sight(struct detect *d, struct alert *a, const struct event *e,
    const struct finding *f)
{
	a->count += f->count > 0 ? f->count : 1;
	a->changed = true;
	alert_time(a, e->at);
	if (e->fact != NULL)
		alert_frame(a, e->fact->file, e->fact->frame);
	else if (d->now != NULL && d->now->frame != NULL)
		alert_frame(a, d->now->frame->file, d->now->frame->number);
	if (e->novelty != NULL && e->novelty->key != NULL)
		add_key(a, e->novelty->key);
	add_violation(d, a, e, f);
}

static void
add_sentence(struct detect *d, struct alert *a, const struct event *e,
    const struct finding *f, const struct counted *c)
{
	const struct alert_row *row = &alert_rows[f->row];
	struct words w = words_in(a->text, sizeof(a->text));

	if (f->text != NULL)
		words_add(&w, "%s", f->text);
	else
		event_sentence(&w, e, key_words(d, e));
	if (c->n > 1)
		words_add(&w, "; %u %s within %u s", c->n,
		    row->unit != NULL ? row->unit : "times",
		    d->setting[f->row].within);
	if (d->played != NULL)
		words_add(&w, "; played back from %s", d->played);
}

static void
add_fact(struct alert *a, const struct fact *f)
{
	a->because = *f;
	memset(a->because.text + f->text_len, 0,
	    sizeof(a->because.text) - f->text_len);
}

static struct alert *
make(struct detect *d, const struct event *e, const struct finding *f,
    const struct counted *c, const struct ends *ends)
{
	struct alert *a = &d->scratch;

	*a = (struct alert){ .row = (uint16_t)f->row,
		.severity = d->setting[f->row].severity,
		.status = STATUS_NEW,
		.swapped = f->swap,
		.source = ends->source,
		.destination = ends->destination,
		.proto = event_proto(e),
		.vlan = vlan_of(e),
		.fold = fold_of(d, ends, f),
		.per_day = -1.0 };
	if (e->fact != NULL)
		add_fact(a, e->fact);
	if (e->novelty != NULL) {
		a->per_day = e->novelty->per_day;
		if (e->novelty->key != NULL)
			a->key = *e->novelty->key;
	}
	add_sight(d, a, e, f);
	add_sentence(d, a, e, f, c);
	return a;
}

static void
tell(struct detect *d, struct alert *a, bool is_new)
{
	if (d->listener.raised != NULL)
		d->listener.raised(d->listener.ctx, a, is_new);
}

static bool
admitted(struct detect *d, struct alert *a)
{
	return d->listener.admit == NULL ||
	    d->listener.admit(d->listener.ctx, a);
}

void
raise_counted(struct detect *d, const struct event *e, const struct finding *f,
    const struct counted *c)
{
	const struct alert_row *row = &alert_rows[f->row];
	struct ends ends;
	struct alert *a;

	if (!detect_wants(d, f->row))
		return;
	if (row->engine != ENGINE_MALWARE && !row->anywhere &&
	    !detect_focus(d, e))
		return;
	ends = ends_of(d, e, f, c);
	a = folds_find(d->folds, fold_of(d, &ends, f));
	if (a == NULL)
		a = spoken_for(d, e, f->row, &ends);
	if (a != NULL) {
		add_sight(d, a, e, f);
		if (folds_due(d->folds, a, e->at))
			tell(d, a, false);
		return;
	}
	a = make(d, e, f, c, &ends);
	if (!admitted(d, a))
		return;
	a = folds_add(d->folds, a);
	if (a != NULL)
		tell(d, a, true);
}

void
detect_raise(struct detect *d, const struct event *e, const struct finding *f)
{
	raise_counted(d, e, f, &(struct counted){ .n = 0 });
}
