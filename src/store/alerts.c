/* alerts.c - alerts, each with its moments, frames and violations. */
#include <string.h>

#include "private.h"

/* ------------------------------------------------------------------- writing
 */

static bool
put_children(struct store *st, const struct alert *a)
{
	struct child_row c = { .alert = a->number };
	bool ok = true;

	for (c.place = 0; ok && c.place < a->n_times; c.place++) {
		c.at = a->times[c.place];
		ok = store_row(st, TABLE_ALERT_TIME, &c);
	}
	for (c.place = 0; ok && c.place < a->n_frames; c.place++) {
		c.file = a->frames[c.place].file;
		c.frame = a->frames[c.place].number;
		ok = store_row(st, TABLE_ALERT_FRAME, &c);
	}
	for (c.place = 0; ok && c.place < a->n_violations; c.place++) {
		c.violation = a->violation[c.place];
		ok = store_row(st, TABLE_ALERT_VIOLATION, &c);
	}
	for (c.place = 0; ok && c.place < a->n_keys; c.place++) {
		c.violation.hash = a->keys[c.place];
		ok = store_row(st, TABLE_ALERT_KEYS, &c);
	}
	return ok &&
	    store_do(st, STATEMENT_ALERT_TIMES_GONE, "ii", (int64_t)a->number,
		(int64_t)a->n_times) &&
	    store_do(st, STATEMENT_ALERT_VIOLATIONS_GONE, "ii",
		(int64_t)a->number, (int64_t)a->n_violations);
}

bool
store_put_alert(struct store *st, struct alert *a)
{
	bool began = store_enter(st), ok = st->in_batch;
	bool is_new = a->number == 0;

	if (!ok)
		return false;
	if (is_new)
		a->number = st->next_alert++;
	ok = store_row(st, TABLE_ALERT, a) && put_children(st, a) &&
	    (a->because.kind == FACT_NONE ||
		store_row(st, TABLE_ALERT_FACT, a)) &&
	    (a->key.state == KEY_NONE || store_row(st, TABLE_ALERT_KEY, a));
	ok = store_leave(st, began, ok);
	if (ok)
		a->changed = false;
	else if (is_new && began)
		a->number = 0;
	return ok;
}

bool
store_put_comment(struct store *st, uint32_t alert, struct tick at,
    const char *who, const char *text)
{
	return store_do(st, STATEMENT_COMMENT, "iitt", (int64_t)alert, at.ns,
	    who, text);
}

bool
store_put_kinds(struct store *st)
{
	bool began = store_enter(st), ok = st->in_batch;

	for (uint32_t i = 0; ok && i < ALERT_COUNT; i++)
		ok = store_row(st, TABLE_ALERT_KIND, &alert_rows[i]);
	return store_leave(st, began, ok);
}

/* ------------------------------------------------------------------- reading
 */

static bool
got_time(void *ctx, const void *row)
{
	const struct child_row *c = row;
	struct alert *a = ctx;

	if (a->n_times < ALERT_TIMES)
		a->times[a->n_times++] = c->at;
	return true;
}

static bool
got_frame(void *ctx, const void *row)
{
	const struct child_row *c = row;
	struct alert *a = ctx;

	if (a->n_frames < ALERT_FRAMES) {
		a->frames[a->n_frames].file = c->file;
		a->frames[a->n_frames++].number = c->frame;
	}
	return true;
}

static bool
got_violation(void *ctx, const void *row)
{
	const struct child_row *c = row;
	struct alert *a = ctx;

	if (a->n_violations < ALERT_VIOLATIONS)
		a->violation[a->n_violations++] = c->violation;
	return true;
}

static bool
got_hash(void *ctx, const void *row)
{
	const struct child_row *c = row;
	struct alert *a = ctx;

	if (a->n_keys < ALERT_KEYS)
		a->keys[a->n_keys++] = c->violation.hash;
	return true;
}

static bool
got_fact(void *ctx, const void *row)
{
	const struct alert *from = row;
	struct alert *a = ctx;

	a->because = from->because;
	return true;
}

static bool
got_key(void *ctx, const void *row)
{
	const struct alert *from = row;
	struct alert *a = ctx;

	a->key = from->key;
	return true;
}

static bool
read_children(struct store *st, struct alert *a)
{
	static const struct {
		enum table_id table;
		const char *tail;
		bool (*got)(void *ctx, const void *row);
	} parts[] = {
		{ TABLE_ALERT_TIME, "WHERE alert = ?1 ORDER BY place",
		    got_time },
		{ TABLE_ALERT_FRAME, "WHERE alert = ?1 ORDER BY place",
		    got_frame },
		{ TABLE_ALERT_VIOLATION, "WHERE alert = ?1 ORDER BY place",
		    got_violation },
		{ TABLE_ALERT_KEYS, "WHERE alert = ?1 ORDER BY place",
		    got_hash },
		{ TABLE_ALERT_FACT, "WHERE alert = ?1", got_fact },
		{ TABLE_ALERT_KEY, "WHERE alert = ?1", got_key },
	};
	union {
		struct alert alert;
		struct child_row child;
	} row;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (!store_each(st, parts[i].table, parts[i].tail, a->number,
			&row, sizeof(row), parts[i].got, a))
			return false;
	return true;
}

static bool
copy_alert(void *ctx, const void *row)
{
	memcpy(ctx, row, sizeof(struct alert));
	return true;
}

bool
store_get_alert(struct store *st, uint32_t number, struct alert *ret)
{
	struct alert row;

	memset(ret, 0, sizeof(*ret));
	if (!store_each(st, TABLE_ALERT, "WHERE number = ?1", number, &row,
		sizeof(row), copy_alert, ret))
		return false;
	if (ret->number != number || number == 0)
		return store_fail(st, "there is no alert %u in %s", number,
		    st->dir);
	return read_children(st, ret);
}

struct restoring {
	struct store *store;
	struct detect *detect;
};

static bool
restore_alert(void *ctx, const void *row)
{
	struct restoring *r = ctx;
	struct alert a;

	memcpy(&a, row, sizeof(a));
	if (!read_children(r->store, &a))
		return false;
	/* A full engine goes on without: the store has it all the same. */
	(void)detect_restore(r->detect, &a);
	return true;
}

static bool
got_setting(void *ctx, const void *row)
{
	const struct setting_row *s = row;
	struct alert_setting *at = detect_setting(ctx, (enum alert_id)s->row);

	if (at != NULL)
		*at = s->set;
	return true;
}

bool
store_load_detect(struct store *st, struct detect *d)
{
	struct restoring r = { .store = st, .detect = d };
	struct setting_row setting;
	struct alert a;

	return store_each(st, TABLE_ALERT_SETTING, "", 0, &setting,
		   sizeof(setting), got_setting, d) &&
	    store_each(st, TABLE_ALERT,
		"WHERE status <> 'closed' ORDER BY number", 0, &a, sizeof(a),
		restore_alert, &r);
}

/* ------------------------------------------------------- changed meanwhile */

static struct alert *
living(struct detect *d, uint32_t number)
{
	for (uint32_t i = 0; i < detect_count(d); i++)
		if (detect_at(d, i)->number == number)
			return detect_at(d, i);
	return NULL;
}

static bool
refresh_one(void *ctx, const void *row)
{
	const struct alert *is = row;
	struct restoring *r = ctx;
	struct alert *a = living(r->detect, is->number);

	if (a == NULL)
		return restore_alert(ctx, row);
	a->status = is->status;
	a->severity = is->severity;
	a->muted = is->muted;
	return true;
}

/* Not among the open ones any more: people closed it. */
static bool
close_others(struct restoring *r)
{
	for (uint32_t i = 0; i < detect_count(r->detect); i++) {
		struct alert *a = detect_at(r->detect, i);

		if (a->number != 0 && a->status != STATUS_CLOSED &&
		    store_number(r->store,
			"SELECT status = 'closed' FROM alert WHERE number = ?1",
			a->number, 0) == 1)
			a->status = STATUS_CLOSED;
	}
	return r->store->error[0] == '\0';
}

bool
store_refresh_alerts(struct store *st, struct detect *d)
{
	struct restoring r = { .store = st, .detect = d };
	struct alert a;

	return store_each(st, TABLE_ALERT,
		   "WHERE status <> 'closed' ORDER BY number", 0, &a, sizeof(a),
		   refresh_one, &r) &&
	    close_others(&r);
}

bool
store_put_setting_of(struct store *st, enum alert_id id,
    const struct alert_setting *set)
{
	struct setting_row row = { .row = id, .set = *set };

	return store_row(st, TABLE_ALERT_SETTING, &row);
}

struct wanted_setting {
	uint32_t row;
	struct alert_setting *set;
};

static bool
copy_setting(void *ctx, const void *row)
{
	const struct setting_row *s = row;
	struct wanted_setting *w = ctx;

	if ((uint32_t)s->row == w->row)
		*w->set = s->set;
	return true;
}

bool
store_get_setting_of(struct store *st, enum alert_id id,
    struct alert_setting *ret)
{
	const struct alert_row *r = &alert_rows[id];
	struct wanted_setting w = { .row = (uint32_t)id, .set = ret };
	struct setting_row row;

	*ret = (struct alert_setting){ .on = !r->off,
		.severity = r->severity,
		.count = r->count,
		.within = r->within };
	return store_each(st, TABLE_ALERT_SETTING, "", 0, &row, sizeof(row),
	    copy_setting, &w);
}
