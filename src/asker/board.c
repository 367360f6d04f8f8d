/* board.c - see board.h. */
#include "board.h"

#include <sqlite3.h>
#include <string.h>

#include "../rules/rules.h"

void
board_begin(struct board *b)
{
	__atomic_store_n(&b->seq, b->seq + 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

void
board_end(struct board *b)
{
	__atomic_store_n(&b->seq, b->seq + 1, __ATOMIC_RELEASE);
}

/* ------------------------------------------------------------------ the writer
 */

struct filling {
	struct board *board;
	struct tick now;
};

static bool
got_grant(void *ctx, const struct asking *a)
{
	struct filling *f = ctx;

	if (a->on && a->until.ns > f->now.ns && f->board->n_grant < DESK_GRANTS)
		f->board->grant[f->board->n_grant++] = *a;
	return true;
}

static bool
read_marked(struct board *b, struct store *st)
{
	sqlite3_stmt *s = NULL;
	struct addr addr;
	bool ok = sqlite3_prepare_v2(store_db(st), DESK_MARKED, -1, &s, NULL) ==
	    SQLITE_OK;

	while (ok && sqlite3_step(s) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(s, 0);

		if (text == NULL || !rule_addr(span_text(text), &addr))
			continue;
		ok = b->n_marked < BOARD_MARKED;
		if (ok)
			b->marked[b->n_marked++] = addr.ip;
	}
	(void)sqlite3_finalize(s);
	return ok;
}

uint32_t
board_fill(struct board *b, struct store *st, struct tick now)
{
	struct filling f = { .board = b, .now = now };

	board_begin(b);
	b->n_grant = b->n_marked = 0;
	b->known = store_each_asking(st, got_grant, &f) &&
	    (b->n_grant == 0 || read_marked(b, st));
	board_end(b);
	return b->n_grant;
}

/* ------------------------------------------------------------------- readers
 */

/* Whatever stands there: counts within bounds, texts that end. */
static void
make_sane(struct board *b)
{
	if (b->n_grant > DESK_GRANTS || b->n_marked > BOARD_MARKED) {
		b->known = false;
		b->n_grant = b->n_marked = 0;
	}
	for (uint32_t i = 0; i < b->n_grant; i++) {
		struct asking *a = &b->grant[i];

		a->method[sizeof(a->method) - 1] = '\0';
		a->ranges[sizeof(a->ranges) - 1] = '\0';
		a->community[sizeof(a->community) - 1] = '\0';
		a->hours[sizeof(a->hours) - 1] = '\0';
		a->owner[sizeof(a->owner) - 1] = '\0';
		a->times[sizeof(a->times) - 1] = '\0';
		a->only[sizeof(a->only) - 1] = '\0';
	}
}

bool
board_copy(const struct board *b, struct board *ret)
{
	uint32_t seq = __atomic_load_n(&b->seq, __ATOMIC_ACQUIRE);

	if ((seq & 1) != 0)
		return false;
	memcpy(ret, b, sizeof(*ret));
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (__atomic_load_n(&b->seq, __ATOMIC_RELAXED) != seq)
		return false;
	make_sane(ret);
	return true;
}

bool
board_marks(const struct board *b, const struct ip *ip)
{
	for (uint32_t i = 0; i < b->n_marked; i++)
		if (memcmp(&b->marked[i], ip, sizeof(*ip)) == 0)
			return true;
	return !b->known;
}

const struct asking *
board_grant(const struct board *b, uint32_t id)
{
	for (uint32_t i = 0; i < b->n_grant; i++)
		if (b->grant[i].id == id)
			return &b->grant[i];
	return NULL;
}

bool
board_plan(const struct asking *a, struct active_plan *ret, char *ret_error,
    size_t cap)
{
	struct active_range r;

	if (!desk_asking_plan(a, ret, ret_error, cap))
		return false;
	if (a->only[0] == '\0' || !active_range_read(a->only, &r))
		return true;
	ret->n_range = 0;
	if (!active_plan_add(ret, &r, ret_error, cap))
		return false;
	active_plan_finish(ret);
	return true;
}
