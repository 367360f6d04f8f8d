/*
 * readers.c - connections to the state database for reading: a few, each taken
 * by one request at a time, its statements kept.
 */
#include <stdlib.h>
#include <string.h>

#include "private.h"

struct readers {
	pthread_mutex_t lock;
	pthread_cond_t given;
	char state[4096];
	uint32_t n;
	struct reader *of;
};

struct readers *
readers_new(const char *state, uint32_t n)
{
	struct readers *rs = calloc(1, sizeof(*rs));

	if (rs == NULL)
		return NULL;
	rs->of = calloc(n, sizeof(*rs->of));
	if (rs->of == NULL) {
		free(rs);
		return NULL;
	}
	rs->n = n;
	(void)snprintf(rs->state, sizeof(rs->state), "%s", state);
	(void)pthread_mutex_init(&rs->lock, NULL);
	(void)pthread_cond_init(&rs->given, NULL);
	return rs;
}

static void
forget(struct reader *r)
{
	for (uint32_t i = 0; i < KEPT; i++) {
		(void)sqlite3_finalize(r->kept[i].stmt);
		r->kept[i].stmt = NULL;
		r->kept[i].sql = NULL;
	}
	if (r->db != NULL)
		store_close(r->db);
	r->db = NULL;
}

void
readers_free(struct readers *rs)
{
	if (rs == NULL)
		return;
	for (uint32_t i = 0; i < rs->n; i++) {
		forget(&rs->of[i]);
		buffer_free(&rs->of[i].text);
		buffer_free(&rs->of[i].item);
	}
	free(rs->of);
	(void)pthread_cond_destroy(&rs->given);
	(void)pthread_mutex_destroy(&rs->lock);
	free(rs);
}

static struct reader *
find_free(struct readers *rs)
{
	struct reader *r = NULL;

	for (uint32_t i = 0; i < rs->n; i++)
		if (!rs->of[i].busy && (r == NULL || r->db == NULL))
			r = &rs->of[i];
	return r;
}

/* is_public(ip): an address of the Internet. */
static void
is_public(sqlite3_context *c, int n, sqlite3_value **v)
{
	const char *text = (const char *)sqlite3_value_text(v[0]);
	struct addr a;

	(void)n;
	sqlite3_result_int(c,
	    text != NULL && rule_addr(span_text(text), &a) &&
		addr_is_public(&a));
}

/* is_industrial(proto) */
static void
is_industrial(sqlite3_context *c, int n, sqlite3_value **v)
{
	const char *proto = (const char *)sqlite3_value_text(v[0]);
	bool ot = false;

	(void)n;
	for (uint32_t i = 0; proto != NULL && i < n_protos; i++)
		ot |= protos[i]->ot && strcmp(protos[i]->name, proto) == 0;
	sqlite3_result_int(c, ot);
}

/* Sent over the Internet: not private, not a group, not of one link. */
bool
addr_is_public(const struct addr *a)
{
	const uint8_t *b = a->ip.b;

	if (a->ip.len == 4)
		return !ip_is_private(&a->ip) && b[0] < 224 && b[0] != 0 &&
		    b[0] != 127 && (b[0] != 169 || b[1] != 254);
	return a->ip.len == 16 && !ip_is_private(&a->ip) &&
	    (b[0] & 0xe0) == 0x20; /* 2000::/3 */
}

static void
add_functions(sqlite3 *db)
{
	static const struct {
		const char *name;
		int n;
		void (*f)(sqlite3_context *, int, sqlite3_value **);
	} functions[] = { { "is_public", 1, is_public },
		{ "is_industrial", 1, is_industrial } };

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		(void)sqlite3_create_function(db, functions[i].name,
		    functions[i].n, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
		    functions[i].f, NULL, NULL);
}

static void
open_reader(struct readers *rs, struct reader *r, char *ret_error)
{
	r->db = store_open(rs->state, STORE_READING, ret_error);
	if (r->db == NULL)
		return;
	add_functions(store_db(r->db));
	(void)list_functions(r->db);
}

struct reader *
readers_take(struct readers *rs, char ret_error[static STORE_ERROR])
{
	struct reader *r;

	(void)pthread_mutex_lock(&rs->lock);
	while ((r = find_free(rs)) == NULL)
		(void)pthread_cond_wait(&rs->given, &rs->lock);
	r->busy = true;
	(void)pthread_mutex_unlock(&rs->lock);
	r->text.n = r->item.n = 0;
	r->text.failed = r->item.failed = false;
	out_open_sink(&r->out, buffer_sink, &r->text);
	if (r->db == NULL)
		open_reader(rs, r, ret_error);
	/* one answer is of one moment */
	if (r->db != NULL &&
	    sqlite3_exec(store_db(r->db), "BEGIN", NULL, NULL, NULL) ==
		SQLITE_OK)
		return r;
	if (r->db != NULL)
		(void)snprintf(ret_error, STORE_ERROR, "%s",
		    sqlite3_errmsg(store_db(r->db)));
	forget(r);
	readers_give(rs, r);
	return NULL;
}

void
readers_give(struct readers *rs, struct reader *r)
{
	for (uint32_t i = 0; i < KEPT; i++)
		if (r->kept[i].stmt != NULL)
			(void)sqlite3_reset(r->kept[i].stmt);
	if (r->db != NULL &&
	    sqlite3_exec(store_db(r->db), "COMMIT", NULL, NULL, NULL) !=
		SQLITE_OK)
		forget(r);
	if (r->text.cap > (size_t)4 << 20)
		buffer_free(&r->text);
	(void)pthread_mutex_lock(&rs->lock);
	r->busy = false;
	(void)pthread_cond_signal(&rs->given);
	(void)pthread_mutex_unlock(&rs->lock);
}

sqlite3_stmt *
reader_ask(struct reader *r, const char *sql)
{
	uint32_t i = 0;

	while (i < KEPT && r->kept[i].sql != NULL && r->kept[i].sql != sql)
		i++;
	if (i == KEPT) { /* more literals than thought: the last makes room */
		i--;
		(void)sqlite3_finalize(r->kept[i].stmt);
		r->kept[i].sql = NULL;
	}
	if (r->kept[i].sql == sql) {
		(void)sqlite3_reset(r->kept[i].stmt);
		(void)sqlite3_clear_bindings(r->kept[i].stmt);
		return r->kept[i].stmt;
	}
	r->kept[i].stmt = NULL;
	if (sqlite3_prepare_v3(store_db(r->db), sql, -1,
		SQLITE_PREPARE_PERSISTENT, &r->kept[i].stmt, NULL) != SQLITE_OK)
		return NULL;
	r->kept[i].sql = sql;
	return r->kept[i].stmt;
}

int64_t
reader_number(struct reader *r, const char *sql, int64_t otherwise)
{
	sqlite3_stmt *s = reader_ask(r, sql);
	int64_t n = otherwise;

	if (s != NULL && sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int64(s, 0);
	if (s != NULL)
		(void)sqlite3_reset(s);
	return n;
}
