/*
 * talk.c - the course of asking one endpoint: which request follows which
 * answer.  It holds no socket: bytes come and go through its caller.
 */
#include <stdio.h>
#include <string.h>

#include "soap.h"

#define PULLS 60u /* of one query */
#define ITEMS 8000u /* of one endpoint */

static const struct windows_query *
query_of(const struct windows_talk *t)
{
	return &windows_queries[t->query];
}

static bool
is_wanted(const struct windows_talk *t, const struct windows_query *q)
{
	uint64_t kinds = 0;

	for (uint32_t i = 0; i < q->n; i++)
		kinds |= UINT64_C(1) << q->item[i].kind;
	return (kinds & t->kinds) != 0 &&
	    !(q->instead && (kinds & t->had) != 0);
}

/* The first that is wanted, from t->query on. */
static void
to_query(struct windows_talk *t)
{
	while (t->query < windows_query_count && !is_wanted(t, query_of(t)))
		t->query++;
	t->n_key = t->key = t->value = t->pulls = 0;
	if (t->query == windows_query_count)
		t->step = TALK_END;
	else if (query_of(t)->how == BY_VALUES || query_of(t)->how == BY_KEYS)
		t->step = TALK_KEYS_OF;
	else
		t->step = TALK_ENUMERATE;
}

static void
next_query(struct windows_talk *t)
{
	t->query++;
	to_query(t);
}

void
windows_talk_begin(struct windows_talk *t, const char *url, uint64_t kinds)
{
	*t = (struct windows_talk){ .kinds = kinds, .step = TALK_IDENTIFY };
	(void)snprintf(t->url, sizeof(t->url), "%s", url);
}

/* ----------------------------------------------------------------- requests */

static void
put_enumerate(const struct windows_talk *t, const struct soap_to *to,
    struct wr *w)
{
	const struct windows_query *q = query_of(t);

	if (q->how == BY_WQL)
		soap_enumerate(w, to, q->space, q->what);
	else
		soap_registry(w, to, "GetDWORDValue", q->what, q->value[0]);
}

static void
put_below(const struct windows_talk *t, const struct soap_to *to, struct wr *w)
{
	const struct windows_query *q = query_of(t);
	char key[2 * TALK_KEY];

	(void)snprintf(key, sizeof(key), "%s\\%s", q->what, t->keys[t->key]);
	if (q->how == BY_KEYS)
		soap_registry(w, to, "EnumKey", key, NULL);
	else
		soap_registry(w, to, "GetStringValue", key, q->value[t->value]);
}

bool
windows_talk_next(struct windows_talk *t, const uint8_t id[static 16],
    struct wr *w)
{
	const struct soap_to to = { t->url, id };

	if (t->step != TALK_END &&
	    (t->requests == TALK_REQUESTS || t->items >= ITEMS)) {
		t->cut = true;
		t->step = TALK_END;
	}
	switch (t->step) {
	case TALK_IDENTIFY:
		soap_identify(w);
		break;
	case TALK_ENUMERATE:
		put_enumerate(t, &to, w);
		break;
	case TALK_PULL:
		soap_pull(w, &to, query_of(t)->space, t->context);
		break;
	case TALK_KEYS_OF:
		soap_registry(w, &to, "EnumKey", query_of(t)->what, NULL);
		break;
	case TALK_BELOW:
		put_below(t, &to, w);
		break;
	case TALK_END:
		return false;
	}
	t->requests++;
	return !w->full;
}

/* ------------------------------------------------------------------ answers */

static void
got_item(void *ctx, const struct windows_item *item)
{
	struct windows_talk *t = ctx;

	if ((t->kinds >> item->kind & 1) == 0)
		return;
	if (query_of(t)->how == BY_WQL)
		t->had |= UINT64_C(1) << item->kind;
	t->items++;
	if (t->got != NULL)
		t->got(t->ctx, item);
}

static void
keep_key(struct windows_talk *t, const char *key)
{
	if (t->n_key == TALK_KEYS || strlen(key) >= TALK_KEY)
		t->cut = true;
	else
		(void)snprintf(t->keys[t->n_key++], TALK_KEY, "%s", key);
}

static void
one_below(struct windows_talk *t, const char *name, const char *value)
{
	const struct windows_query *q = query_of(t);
	struct windows_object o = { .n = 0 };

	if (q->how == BY_VALUES) {
		if (strcmp(name, "sValue") == 0)
			object_add(&t->object, q->value[t->value], value);
	} else if (strcmp(name, "sNames") == 0) {
		object_add(&o, "Device", t->keys[t->key]);
		object_add(&o, "Serial", value);
		windows_items_of(q, &o, got_item, t);
	}
}

static void
got_object(void *ctx, const struct windows_object *o)
{
	struct windows_talk *t = ctx;
	struct windows_object named = { .n = 0 };

	switch (t->step) {
	case TALK_ENUMERATE:
	case TALK_PULL:
		if (query_of(t)->how == BY_WQL) {
			windows_items_of(query_of(t), o, got_item, t);
		} else if (strcmp(o->of[0].name, "uValue") == 0) {
			object_add(&named, query_of(t)->value[0],
			    o->of[0].value);
			windows_items_of(query_of(t), &named, got_item, t);
		}
		break;
	case TALK_KEYS_OF:
		if (strcmp(o->of[0].name, "sNames") == 0)
			keep_key(t, o->of[0].value);
		break;
	case TALK_BELOW:
		one_below(t, o->of[0].name, o->of[0].value);
		break;
	case TALK_IDENTIFY:
	case TALK_END:
		break;
	}
}

/* What follows an enumeration's answer. */
static void
after_part(struct windows_talk *t, const struct soap_answer *a)
{
	if (a->context[0] != '\0')
		memcpy(t->context, a->context, sizeof(t->context));
	if (query_of(t)->how != BY_WQL || a->end || t->context[0] == '\0') {
		t->context[0] = '\0';
		next_query(t);
	} else if (t->pulls++ == PULLS) {
		t->cut = true;
		t->context[0] = '\0';
		next_query(t);
	} else {
		t->step = TALK_PULL;
	}
}

static void
after_key(struct windows_talk *t)
{
	const struct windows_query *q = query_of(t);
	bool more = q->how == BY_VALUES && t->object.n > 0 &&
	    t->value + 1 < sizeof(q->value) / sizeof(q->value[0]) &&
	    q->value[t->value + 1] != NULL;

	if (more) {
		t->value++;
		return;
	}
	if (t->object.n > 0)
		windows_items_of(q, &t->object, got_item, t);
	t->object.n = t->value = 0;
	if (++t->key == t->n_key)
		next_query(t);
}

static void
after(struct windows_talk *t, const struct soap_answer *a)
{
	switch (t->step) {
	case TALK_IDENTIFY:
		to_query(t);
		break;
	case TALK_ENUMERATE:
	case TALK_PULL:
		after_part(t, a);
		break;
	case TALK_KEYS_OF:
		if (t->n_key > 0)
			t->step = TALK_BELOW;
		else
			next_query(t);
		break;
	case TALK_BELOW:
		after_key(t);
		break;
	case TALK_END:
		break;
	}
}

bool
windows_talk_heard(struct windows_talk *t, struct span s,
    char why[static TALK_WHY])
{
	static struct windows_object room;
	struct soap_answer a;

	if (!soap_read(s, &a, &room, got_object, t)) {
		memcpy(why, a.why, TALK_WHY);
		t->step = TALK_END;
		return false;
	}
	if (a.fault && t->step != TALK_IDENTIFY && t->step != TALK_END) {
		if (t->lacks != NULL && t->step != TALK_BELOW)
			t->lacks(t->ctx, query_of(t), a.why);
		if (t->step == TALK_BELOW) {
			after_key(t);
		} else {
			t->context[0] = '\0';
			next_query(t);
		}
		return true;
	}
	after(t, &a);
	return true;
}
