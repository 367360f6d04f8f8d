/* fill.c - texts with {client} and the like, filled in from an alert. */
#include <string.h>

#include "../proto/proto.h"
#include "private.h"

static void
fill_client(struct words *w, const struct alert *a)
{
	words_addr(w, a->swapped ? &a->destination.addr : &a->source.addr);
}

static void
fill_server(struct words *w, const struct alert *a)
{
	words_addr(w, a->swapped ? &a->source.addr : &a->destination.addr);
}

static void
fill_op(struct words *w, const struct alert *a)
{
	if (a->because.kind == FACT_NONE)
		words_add(w, "message");
	else
		words_op(w, &a->because);
}

static void
fill_object(struct words *w, const struct alert *a)
{
	size_t before = w->n;

	if (a->because.kind != FACT_NONE)
		words_place(w, &a->because);
	if (w->n == before)
		words_add(w, "the device");
}

static void
fill_value(struct words *w, const struct alert *a)
{
	size_t before = w->n;

	words_value(w, &a->because);
	if (w->n == before)
		words_add(w, "a value");
}

static void
fill_count(struct words *w, const struct alert *a)
{
	words_add(w, "%u", a->count);
}

static void
fill_text(struct words *w, const struct alert *a)
{
	words_add(w, "%.*s", (int)a->because.text_len, a->because.text);
}

static void
fill_user(struct words *w, const struct alert *a)
{
	if (a->because.kind == FACT_LOGIN && a->because.text_len > 0)
		fill_text(w, a);
	else
		words_add(w, "a user");
}

static void
fill_code(struct words *w, const struct alert *a)
{
	words_add(w, "%u", a->because.code);
}

static void
fill_unit(struct words *w, const struct alert *a)
{
	words_add(w, "%u", a->because.unit);
}

static void
fill_proto(struct words *w, const struct alert *a)
{
	words_add(w, "%s", protos[a->proto]->name);
}

static void
fill_port(struct words *w, const struct alert *a)
{
	words_add(w, "%u",
	    (unsigned)(a->swapped ? a->source.port : a->destination.port));
}

static const struct {
	const char *name;
	void (*fill)(struct words *, const struct alert *);
} blanks[] = {
	{ "client", fill_client },
	{ "server", fill_server },
	{ "op", fill_op },
	{ "object", fill_object },
	{ "value", fill_value },
	{ "count", fill_count },
	{ "text", fill_text },
	{ "user", fill_user },
	{ "code", fill_code },
	{ "unit", fill_unit },
	{ "proto", fill_proto },
	{ "port", fill_port },
};
#define N_BLANKS (sizeof(blanks) / sizeof(blanks[0]))

/* The blank at `s`, which starts with '{'; N_BLANKS: none. */
static size_t
blank_at(const char *s, size_t *ret_len)
{
	const char *end = strchr(s, '}');
	size_t i = N_BLANKS, n;

	if (end == NULL)
		return N_BLANKS;
	n = (size_t)(end - s) - 1;
	for (i = 0; i < N_BLANKS; i++)
		if (strlen(blanks[i].name) == n &&
		    memcmp(blanks[i].name, s + 1, n) == 0)
			break;
	*ret_len = n + 2;
	return i;
}

bool
alert_form_ok(const char *form)
{
	size_t n;

	for (const char *s = strchr(form, '{'); s != NULL;
	     s = strchr(s + 1, '{'))
		if (blank_at(s, &n) == N_BLANKS)
			return false;
	return true;
}

void
alert_fill(char *dst, size_t cap, const struct alert *a, const char *form)
{
	struct words w = words_in(dst, cap);

	for (const char *s = form; *s != '\0';) {
		size_t n = strcspn(s, "{"), i;

		words_add(&w, "%.*s", (int)n, s);
		s += n;
		if (*s == '\0')
			break;
		n = 1;
		i = blank_at(s, &n);
		if (i < N_BLANKS)
			blanks[i].fill(&w, a);
		else
			words_add(&w, "%.*s", (int)n, s);
		s += n;
	}
}

void
alert_sentence(struct out *o, const struct alert *a)
{
	char text[2048];

	alert_fill(text, sizeof(text), a, alert_rows[a->row].meaning);
	out_text(o, text);
}
