/* live.c - what the stages go on with: assets, baseline, inventory,
 * conversations. */
#include <stdlib.h>
#include <string.h>

#include "private.h"

/* -------------------------------------------------------------------- assets
 */

static bool
got_asset(void *ctx, const void *row)
{
	return assets_restore(ctx, row);
}

bool
store_load_assets(struct store *st, struct assets *as)
{
	struct asset a;

	return store_each(st, TABLE_ASSET, "ORDER BY id", 0, &a, sizeof(a),
		   got_asset, as) ||
	    (st->error[0] == '\0' &&
		store_fail(st, "%s: more assets than there is room for",
		    st->path));
}

bool
store_save_assets(struct store *st, struct assets *as)
{
	bool began = store_enter(st), ok = st->in_batch;

	for (uint32_t id = 1; ok && id <= assets_count(as); id++) {
		struct asset *a = asset_at(as, id), row;

		if (a == NULL || (a->flags & ASSET_CHANGED) == 0)
			continue;
		row = *a;
		row.flags &= ~(uint32_t)ASSET_CHANGED;
		ok = store_row(st, TABLE_ASSET, &row);
		if (ok)
			a->flags = row.flags;
	}
	return store_leave(st, began, ok);
}

/* ------------------------------------------------------------------ baseline
 */

static bool
got_key(void *ctx, const void *row)
{
	return baseline_load_key(ctx, row);
}

static bool
load_blocks(struct store *st, struct baseline *b)
{
	sqlite3_stmt *s = NULL;
	bool ok = true;
	int rc;

	if (sqlite3_prepare_v2(st->db,
		"SELECT kind, id, data FROM block ORDER BY kind, id", -1, &s,
		NULL) != SQLITE_OK)
		return store_fail_db(st, "reading it");
	while (ok && (rc = sqlite3_step(s)) != SQLITE_DONE) {
		const void *p = sqlite3_column_blob(s, 2);
		int n = sqlite3_column_bytes(s, 2);
		uint32_t kind = (uint32_t)sqlite3_column_int64(s, 0);

		if (rc != SQLITE_ROW)
			ok = store_fail_db(st, "reading it");
		else if (!baseline_load_block(b, kind,
			     (uint64_t)sqlite3_column_int64(s, 1),
			     SPAN(p, (uint32_t)n)))
			ok = store_fail(st,
			    "%s: the baseline's block %u is of another "
			    "version, or damaged",
			    st->path, kind);
	}
	(void)sqlite3_finalize(s);
	return ok;
}

bool
store_load_baseline(struct store *st, struct baseline *b)
{
	struct key k;

	if (!load_blocks(st, b))
		return false;
	return store_each(st, TABLE_KEY, "", 0, &k, sizeof(k), got_key, b) ||
	    (st->error[0] == '\0' &&
		store_fail(st,
		    "%s: the baseline does not take a key: it is damaged, "
		    "or there are more than there is room for",
		    st->path));
}

static bool
put_key(void *ctx, const struct key *k)
{
	struct key row = *k;

	row.flags = (uint8_t)(row.flags & ~KEY_CHANGED);
	return store_row(ctx, TABLE_KEY, &row);
}

static bool
key_gone(void *ctx, uint64_t hash)
{
	return store_do(ctx, STATEMENT_KEY_GONE, "i", (int64_t)hash);
}

static bool
put_block(void *ctx, uint32_t kind, uint64_t id, struct span bytes)
{
	return store_do(ctx, STATEMENT_BLOCK, "iib", (int64_t)kind, (int64_t)id,
	    bytes);
}

bool
store_save_baseline(struct store *st, struct baseline *b)
{
	const struct baseline_sink sink = { .ctx = st,
		.key = put_key,
		.gone = key_gone,
		.block = put_block };
	bool began = store_enter(st);

	return store_leave(st, began, st->in_batch && baseline_save(b, &sink));
}

/* -------------------------------------------------- inventory, conversations
 */

static const enum table_id table_of[SAVED_COUNT] = {
	[SAVED_NODE] = TABLE_NODE,
	[SAVED_EVIDENCE] = TABLE_NODE_EVIDENCE,
	[SAVED_UNIT] = TABLE_NODE_UNIT,
	[SAVED_TIE] = TABLE_NODE_TIE,
	[SAVED_CONV] = TABLE_CONVERSATION,
	[SAVED_OP] = TABLE_OPERATION,
};

uint64_t *
digest_at(struct digests *d, uint32_t id)
{
	uint64_t *of;
	uint32_t n;

	if (id < d->n)
		return &d->of[id];
	n = id < UINT32_MAX / 4 ? 2 * id + 1024 : id + 1;
	of = realloc(d->of, n * sizeof(of[0]));
	if (of == NULL)
		return NULL;
	memset(of + d->n, 0, (n - d->n) * sizeof(of[0]));
	d->of = of;
	d->n = n;
	return &d->of[id];
}

static bool
is_changed(void *ctx, enum saved_kind kind, uint32_t id, uint64_t digest)
{
	struct store *st = ctx;
	uint64_t *old = digest_at(&st->seen[kind], id);

	if (old == NULL)
		return true;
	if (*old == digest)
		return false;
	*old = digest;
	return true;
}

/* What was just loaded is what is written. */
static bool
note_only(void *ctx, enum saved_kind kind, uint32_t id, uint64_t digest)
{
	(void)is_changed(ctx, kind, id, digest);
	return false;
}

static bool
put_node(struct store *st, const struct saved_node *n)
{
	struct link_row row = { .node = n->id };

	if (!store_row(st, TABLE_NODE, n))
		return false;
	for (row.place = 0; row.place < n->n_link; row.place++) {
		row.link = n->link[row.place];
		if (!store_row(st, TABLE_NODE_LINK, &row))
			return false;
	}
	for (row.place = 0; row.place < n->n_peer; row.place++) {
		row.peer = n->peer[row.place];
		if (!store_row(st, TABLE_NODE_PEER, &row))
			return false;
	}
	return true;
}

static bool
put_saved(void *ctx, enum saved_kind kind, const void *row)
{
	if (kind == SAVED_NODE)
		return put_node(ctx, row);
	return store_row(ctx, table_of[kind], row);
}

static bool
saved_gone(void *ctx, enum saved_kind kind, uint32_t id)
{
	struct store *st = ctx;
	uint64_t *old = digest_at(&st->seen[kind], id);

	if (kind != SAVED_OP || old == NULL || *old == 0)
		return true;
	*old = 0;
	return store_do(st, STATEMENT_OPERATION_GONE, "i", (int64_t)id);
}

static struct save_sink
sink_of(struct store *st, bool notes)
{
	return (struct save_sink){ .ctx = st,
		.wants = notes ? note_only : is_changed,
		.row = put_saved,
		.gone = saved_gone };
}

bool
store_save_inventory(struct store *st, const struct inventory *v)
{
	const struct save_sink sink = sink_of(st, false);
	bool began = store_enter(st);
	bool ok = st->in_batch && inventory_save(v, &sink);

	if (!ok && st->error[0] == '\0')
		(void)store_fail(st,
		    "the inventory was settled before it was saved");
	return store_leave(st, began, ok);
}

bool
store_save_convs(struct store *st, const struct convs *cs)
{
	const struct save_sink sink = sink_of(st, false);
	bool began = store_enter(st);

	return store_leave(st, began, st->in_batch && convs_save(cs, &sink));
}

/* Links and peers, all of them, in the order of their nodes. */
struct links {
	struct link_row *row;
	size_t n, cap, at;
};

static bool
got_link(void *ctx, const void *row)
{
	struct links *l = ctx;

	if (l->n == l->cap) {
		size_t cap = l->cap > 0 ? 2 * l->cap : 1024;
		struct link_row *p = realloc(l->row, cap * sizeof(p[0]));

		if (p == NULL)
			return false;
		l->row = p;
		l->cap = cap;
	}
	memcpy(&l->row[l->n++], row, sizeof(l->row[0]));
	return true;
}

/* The next one of the node; NULL when there is none. */
static const struct link_row *
next_of(struct links *l, uint32_t node)
{
	while (l->at < l->n && l->row[l->at].node < node)
		l->at++;
	return l->at < l->n && l->row[l->at].node == node ? &l->row[l->at++]
							  : NULL;
}

struct loading {
	enum saved_kind kind;
	struct inventory *inventory;
	struct convs *convs;
	struct links links, peers;
};

static bool
got_node(void *ctx, const void *row)
{
	struct loading *l = ctx;
	const struct link_row *r;
	struct saved_node n;

	memcpy(&n, row, sizeof(n));
	while ((r = next_of(&l->links, n.id)) != NULL)
		if (n.n_link < SAVED_LINKS)
			n.link[n.n_link++] = r->link;
	while ((r = next_of(&l->peers, n.id)) != NULL)
		if (n.n_peer < SAVED_PEERS)
			n.peer[n.n_peer++] = r->peer;
	return inventory_load(l->inventory, SAVED_NODE, &n);
}

static bool
got_saved(void *ctx, const void *row)
{
	struct loading *l = ctx;

	if (l->kind == SAVED_CONV || l->kind == SAVED_OP)
		return convs_load(l->convs, l->kind, row);
	return inventory_load(l->inventory, l->kind, row);
}

static bool
load_kind(struct store *st, struct loading *l, enum saved_kind kind)
{
	union {
		struct saved_node node;
		struct saved_evidence evidence;
		struct saved_unit unit;
		struct saved_tie tie;
		struct saved_conv conv;
		struct saved_op op;
	} row;

	l->kind = kind;
	return store_each(st, table_of[kind], "ORDER BY id", 0, &row,
		   sizeof(row), kind == SAVED_NODE ? got_node : got_saved, l) ||
	    (st->error[0] == '\0' &&
		store_damaged(st, tables[table_of[kind]].name));
}

bool
store_load_inventory(struct store *st, struct inventory *v)
{
	const struct save_sink sink = sink_of(st, true);
	struct loading l = { .inventory = v };
	struct link_row row;
	bool ok;

	ok = store_each(st, TABLE_NODE_LINK, "ORDER BY node, place", 0, &row,
		 sizeof(row), got_link, &l.links) &&
	    store_each(st, TABLE_NODE_PEER, "ORDER BY node, place", 0, &row,
		sizeof(row), got_link, &l.peers);
	for (enum saved_kind k = SAVED_NODE; ok && k <= SAVED_TIE; k++)
		ok = load_kind(st, &l, k);
	free(l.links.row);
	free(l.peers.row);
	inventory_loaded(v);
	return ok && store_load_groups(st, v) && inventory_save(v, &sink);
}

bool
store_load_convs(struct store *st, struct convs *cs)
{
	const struct save_sink sink = sink_of(st, true);
	struct loading l = { .convs = cs };

	return load_kind(st, &l, SAVED_CONV) && load_kind(st, &l, SAVED_OP) &&
	    convs_save(cs, &sink);
}
