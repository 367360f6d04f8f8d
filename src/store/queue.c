/*
 * queue.c - what is to be written, until it is.
 *
 * An entry: size (4 bytes), statement (4), then its values one after another:
 * a byte of type, and eight bytes of number or four of length and the bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "private.h"

#define HEAD 8u

static bool
grow(struct queue *q, size_t more)
{
	size_t cap = q->cap > 0 ? q->cap : 65536;
	uint8_t *p;

	if (more > QUEUE_MAX || q->n + more > QUEUE_MAX)
		return false;
	while (cap < q->n + more)
		cap *= 2;
	if (cap == q->cap)
		return true;
	p = realloc(q->p, cap);
	if (p == NULL)
		return false;
	q->p = p;
	q->cap = cap;
	return true;
}

static void
put(struct queue *q, const void *p, size_t n)
{
	q->full = q->full || !grow(q, n);
	if (q->full || n == 0)
		return;
	memcpy(q->p + q->n, p, n);
	q->n += n;
}

static void
put_value(struct queue *q, const struct value *v)
{
	uint8_t type = (uint8_t)v->type;

	put(q, &type, 1);
	switch (v->type) {
	case VALUE_NULL:
		break;
	case VALUE_INT:
		put(q, &v->i, sizeof(v->i));
		break;
	case VALUE_REAL:
		put(q, &v->r, sizeof(v->r));
		break;
	case VALUE_TEXT:
	case VALUE_BLOB:
		put(q, &v->n, sizeof(v->n));
		put(q, v->p, v->n);
		break;
	}
}

static size_t
begin(struct queue *q, uint32_t statement)
{
	const uint32_t head[2] = { 0, statement };
	size_t from = q->n;

	q->full = false;
	put(q, head, sizeof(head));
	return from;
}

/* What does not fit as a whole is not there. */
static void
end(struct queue *q, size_t from)
{
	uint32_t size = (uint32_t)(q->n - from);

	if (q->full) {
		q->n = from;
		return;
	}
	memcpy(q->p + from, &size, sizeof(size));
	q->rows++;
}

void
queue_row(struct queue *q, const struct table *t, uint32_t table,
    const void *subject)
{
	char scratch[VALUE_SCRATCH];
	size_t from = begin(q, table);

	for (uint32_t i = 0; i < t->n; i++) {
		struct value v = row_value(&t->col[i], subject, scratch);

		put_value(q, &v);
	}
	end(q, from);
}

void
queue_values(struct queue *q, uint32_t statement, const char *types, va_list ap)
{
	size_t from = begin(q, statement);

	for (; *types != '\0'; types++) {
		struct value v = { 0 };
		struct span s;

		if (*types == 'i') {
			v.type = VALUE_INT;
			v.i = va_arg(ap, int64_t);
		} else if (*types == 't') {
			v.type = VALUE_TEXT;
			v.p = va_arg(ap, const char *);
			v.n = (uint32_t)strlen(v.p);
		} else {
			s = va_arg(ap, struct span);
			v.type = VALUE_BLOB;
			v.p = s.p;
			v.n = s.n;
		}
		put_value(q, &v);
	}
	end(q, from);
}

/* Bytes of the value that begins at `at`, with its type; 0: it is none. */
static uint32_t
value_size(struct span s, uint32_t at)
{
	uint32_t n;

	if (at >= s.n)
		return 0;
	switch (s.p[at]) {
	case VALUE_NULL:
		return 1;
	case VALUE_INT:
	case VALUE_REAL:
		return 1 + 8;
	case VALUE_TEXT:
	case VALUE_BLOB:
		if (s.n - at < 5)
			return 0;
		memcpy(&n, s.p + at + 1, sizeof(n));
		return n <= INT32_MAX ? 5 + n : 0;
	default:
		return 0;
	}
}

bool
queue_check(struct span s, uint32_t n, uint32_t *ret_rows)
{
	uint32_t head[2], one;

	*ret_rows = 0;
	for (uint32_t at = 0; at < s.n;) {
		uint32_t end;

		if (s.n - at < HEAD)
			return false;
		memcpy(head, s.p + at, sizeof(head));
		if (head[0] < HEAD || head[0] > s.n - at || head[1] >= n)
			return false;
		end = at + head[0];
		for (at += HEAD; at < end; at += one) {
			one = value_size(s, at);
			if (one == 0 || one > end - at)
				return false;
		}
		++*ret_rows;
	}
	return true;
}

uint32_t
queue_statement(const struct queue *q, size_t at)
{
	uint32_t statement;

	memcpy(&statement, q->p + at + 4, sizeof(statement));
	return statement;
}

/* One value; steps over it. */
static int
bind_value(const struct queue *q, size_t *at, sqlite3_stmt *s, int i)
{
	uint8_t type = q->p[(*at)++];
	const uint8_t *p = q->p + *at;
	int64_t number;
	double r;
	uint32_t n;

	switch ((enum value_type)type) {
	case VALUE_INT:
		memcpy(&number, p, sizeof(number));
		*at += sizeof(number);
		return sqlite3_bind_int64(s, i, number);
	case VALUE_REAL:
		memcpy(&r, p, sizeof(r));
		*at += sizeof(r);
		return sqlite3_bind_double(s, i, r);
	case VALUE_TEXT:
	case VALUE_BLOB:
		memcpy(&n, p, sizeof(n));
		*at += sizeof(n) + n;
		if (type == VALUE_TEXT)
			return sqlite3_bind_text(s, i,
			    (const char *)p + sizeof(n), (int)n, SQLITE_STATIC);
		return sqlite3_bind_blob(s, i, p + sizeof(n), (int)n,
		    SQLITE_STATIC);
	case VALUE_NULL:
		break;
	}
	return sqlite3_bind_null(s, i);
}

int
queue_bind(const struct queue *q, size_t *at, sqlite3_stmt *s)
{
	uint32_t size;
	size_t from = *at, end_at;
	int rc = SQLITE_OK;

	memcpy(&size, q->p + from, sizeof(size));
	end_at = from + size;
	*at += HEAD;
	for (int i = 1; *at < end_at; i++) {
		int one = bind_value(q, at, s, i);

		rc = rc == SQLITE_OK ? one : rc;
	}
	*at = end_at;
	return rc;
}
