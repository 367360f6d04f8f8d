/* rows.c - see rows.h. */
#include "rows.h"

static bool
fail(struct rows *r, const char *error)
{
	r->error = error;
	return false;
}

static int
peek(const struct rows *r)
{
	return r->rest.n > 0 ? r->rest.p[0] : -1;
}

static int
take(struct rows *r)
{
	int c = peek(r);

	if (c >= 0)
		r->rest = span_from(r->rest, 1);
	return c;
}

/* Up to the comma or the end of the line; quotation marks keep both. */
static bool
take_cell(struct rows *r, char *dst)
{
	bool quoted = peek(r) == '"';
	uint32_t n = 0;
	int c;

	if (quoted)
		(void)take(r);
	while ((c = peek(r)) >= 0) {
		if (!quoted && (c == ',' || c == '\n' || c == '\r'))
			break;
		(void)take(r);
		if (quoted && c == '"' && peek(r) != '"') {
			quoted = false;
			break;
		}
		if (quoted && c == '"')
			(void)take(r);
		if (c < 0x20 || n + 1 == ROW_CELL)
			return fail(r,
			    n + 1 == ROW_CELL ? "a cell is too long"
					      : "a control character");
		dst[n++] = (char)c;
	}
	dst[n] = '\0';
	return !quoted || fail(r, "a quotation mark is not closed");
}

static bool
take_row(struct rows *r)
{
	int c;

	r->n = 0;
	do {
		if (r->n == ROW_CELLS)
			return fail(r, "too many cells");
		if (!take_cell(r, r->cell[r->n++]))
			return false;
		c = take(r);
	} while (c == ',');
	if (c == '\r')
		c = take(r);
	return c < 0 || c == '\n' || fail(r, "more after a quotation mark");
}

bool
rows_next(struct rows *r)
{
	r->error = NULL;
	while (r->rest.n > 0) {
		r->line++;
		if (!take_row(r))
			return false;
		if (r->cell[0][0] != '#' && (r->n > 1 || r->cell[0][0] != '\0'))
			return true;
	}
	return false;
}
