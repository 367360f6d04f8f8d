/* devices.c - what people say of devices: it wins over what is found. */
#include <inttypes.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "private.h"

#define DEVICES_UNDO "devices.undo" /* setting: the request */

/* A mark: its field, where it is kept, and the asset's flag. */
static const struct mark {
	const char *field;
	size_t at;
	uint32_t flag;
} marks[] = {
	{ "authorized", offsetof(struct device_person, authorized),
	    ASSET_AUTHORIZED },
	{ "important", offsetof(struct device_person, important),
	    ASSET_IMPORTANT },
	{ "scanner", offsetof(struct device_person, scanner), ASSET_SCANNER },
	{ "programming", offsetof(struct device_person, programming),
	    ASSET_PROGRAMMING },
	{ "fragile", offsetof(struct device_person, fragile), 0 },
};
#define N_MARKS (sizeof(marks) / sizeof(marks[0]))

static int8_t *
mark_of(struct device_person *p, const struct mark *m)
{
	return (int8_t *)((char *)p + m->at);
}

/* ------------------------------------------------------------------- reading
 */

/* Given as null: as found again. */
static bool
is_given(const struct work *w, const char *field)
{
	return json_object_get(w->q, field) != NULL;
}

static bool
take_text(struct work *w, const char *field, char *dst, size_t cap)
{
	const char *text;

	if (!is_given(w, field))
		return true;
	if (!work_text(w, field, "", cap - 1, &text))
		return false;
	memset(dst, 0, cap);
	memcpy(dst, text, strlen(text));
	return true;
}

static bool
take_role(struct work *w, struct device_person *p)
{
	if (!take_text(w, "role", p->role, sizeof(p->role)))
		return false;
	return !is_given(w, "role") || p->role[0] == '\0' ||
	    role_find(span_text(p->role)) != ROLE_UNKNOWN ||
	    work_fail(w, "bad", "role",
		"no role '%s'; for example plc, rtu, ied, hmi, scada-server, "
		"engineering-station, historian, switch, workstation",
		p->role);
}

static bool
take_level(struct work *w, struct device_person *p)
{
	const json_t *v = json_object_get(w->q, "level");
	double level = json_number_value(v);

	if (v == NULL)
		return true;
	p->purdue = 255;
	if (json_is_null(v))
		return true;
	if (!json_is_number(v) || !(level >= 0 && level <= 5))
		return work_fail(w, "bad", "level",
		    "level: must be a Purdue level from 0 to 5, such as 3.5");
	p->purdue = (uint8_t)(level * 10 + 0.5);
	return true;
}

static bool
take_marks(struct work *w, struct device_person *p)
{
	for (size_t i = 0; i < N_MARKS; i++) {
		bool yes;

		if (!is_given(w, marks[i].field))
			continue;
		if (!work_yes(w, marks[i].field, false, &yes))
			return false;
		*mark_of(p, &marks[i]) =
		    work_has(w, marks[i].field) ? (int8_t)yes : -1;
	}
	return true;
}

static bool
take_listed(struct work *w, struct device_person *p)
{
	bool listed;

	if (!work_yes(w, "listed", true, &listed))
		return false;
	if (is_given(w, "listed") && listed)
		p->hidden.ns = 0;
	return true;
}

/* ------------------------------------------------------------------- applying
 */

static int8_t
said(const struct device_person *p, const struct mark *m)
{
	return *mark_of((struct device_person *)(uintptr_t)p, m);
}

static void
mark_asset(struct asset *a, const struct device_person *p)
{
	uint32_t on = 0, off = 0;

	for (size_t i = 0; i < N_MARKS; i++) {
		on |= said(p, &marks[i]) == 1 ? marks[i].flag : 0;
		off |= said(p, &marks[i]) == 0 ? marks[i].flag : 0;
	}
	if (a != NULL && (a->flags & ASSET_INTERNET) == 0 && (on | off) != 0)
		a->flags = ((a->flags & ~off) | on) | (uint32_t)ASSET_CHANGED;
}

bool
device_mark_addresses(struct work *w, const struct device_person *p,
    const struct device_addr *a, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		mark_asset(asset_at(w->d->assets,
			       asset_of(w->d->assets, &a[i].addr, a[i].vlan)),
		    p);
	return true;
}

void
device_marks_fill(struct device_person *to, const struct device_person *from)
{
	for (size_t i = 0; i < N_MARKS; i++)
		if (said(to, &marks[i]) < 0)
			*mark_of(to, &marks[i]) = said(from, &marks[i]);
}

/* Those of its addresses, at once: the engine must not forget them. */
static bool
flag_assets(struct work *w, const struct device_person *p)
{
	sqlite3_stmt *s = NULL;
	bool ok;

	ok = sqlite3_prepare_v2(store_db(w->d->store),
		 "SELECT DISTINCT asset FROM device_address WHERE device = ?1",
		 -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_bind_int64(s, 1, p->device) == SQLITE_OK;
	while (ok && sqlite3_step(s) == SQLITE_ROW)
		mark_asset(asset_at(w->d->assets,
			       (uint32_t)sqlite3_column_int64(s, 0)),
		    p);
	(void)sqlite3_finalize(s);
	return ok || work_fail(w, "failed", NULL, "the devices cannot be read");
}

static json_t *
text_or_null(const char *s)
{
	return s[0] != '\0' ? json_string(s) : json_null();
}

/* As a request's device: for undo. */
json_t *
device_person_json(struct device_person *p)
{
	json_t *q = json_pack("{s:I, s:o, s:o, s:o, s:o, s:b}", "id",
	    (json_int_t)p->device, "name", text_or_null(p->name), "role",
	    text_or_null(p->role), "comment", text_or_null(p->comment), "level",
	    p->purdue != 255 ? json_real(p->purdue / 10.0) : json_null(),
	    "listed", (int)(p->hidden.ns == 0));

	for (size_t i = 0; i < N_MARKS; i++) {
		int8_t v = *mark_of(p, &marks[i]);

		(void)json_object_set_new(q, marks[i].field,
		    v >= 0 ? json_boolean(v == 1) : json_null());
	}
	return q;
}

/* "name Boiler, authorized true", of the fields given. */
static void
describe(const struct work *w, char *dst, size_t cap)
{
	const char *key;
	json_t *v;
	size_t n = 0;

	dst[0] = '\0';
	json_object_foreach((json_t *)(uintptr_t)w->q, key, v) {
		char *text;

		if (strcmp(key, "verb") == 0 || strncmp(key, "id", 2) == 0)
			continue;
		text = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);
		if (n < cap)
			n += (size_t)snprintf(dst + n, cap - n, "%s%s %.200s",
			    n > 0 ? ", " : "", key, text != NULL ? text : "");
		free(text);
	}
}

bool
device_person_of(struct work *w, uint32_t id, struct device_person *ret)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%" PRIu32, id);
	if (work_sql(w, "select count(*) from device where id = ?1 + 0", text,
		0) == 0)
		return work_fail(w, "absent", "ids", "there is no device %s",
		    text);
	return store_get_person(w->d->store, id, ret) || work_fail_store(w);
}

bool
device_person_take(struct work *w, struct device_person *p)
{
	return take_text(w, "name", p->name, sizeof(p->name)) &&
	    take_text(w, "comment", p->comment, sizeof(p->comment)) &&
	    take_role(w, p) && take_level(w, p) && take_marks(w, p) &&
	    take_listed(w, p);
}

static bool
change_one(struct work *w, uint32_t id, json_t *before)
{
	struct device_person p;
	char about[32], text[512];

	if (!device_person_of(w, id, &p))
		return false;
	(void)json_array_append_new(before, device_person_json(&p));
	if (!device_person_take(w, &p))
		return false;
	(void)snprintf(about, sizeof(about), "device %" PRIu32, id);
	describe(w, text, sizeof(text));
	return (store_put_person(w->d->store, &p) || work_fail_store(w)) &&
	    flag_assets(w, &p) && work_note(w, "device", about, "%s", text);
}

/* Each entry is a small request of its own. */
bool
device_change_listed(struct work *w, const json_t *list, json_t *before)
{
	const json_t *whole = w->q, *one;
	int64_t id;
	size_t i;
	bool ok = json_array_size(list) <= WORK_NUMBERS_MAX ||
	    work_fail(w, "bad", "devices", "more than %u devices at a time",
		WORK_NUMBERS_MAX);

	json_array_foreach(list, i, one) {
		if (!ok)
			break;
		w->q = one;
		ok = work_whole(w, "id", WORK_MUST, 1, UINT32_MAX, &id) &&
		    change_one(w, (uint32_t)id, before);
	}
	w->q = whole;
	return ok;
}

bool
device_undo(struct work *w, json_t *undo)
{
	char *text = undo != NULL ? json_dumps(undo, JSON_COMPACT) : NULL;
	bool ok = text != NULL && work_put(w, "undo", undo) &&
	    (store_put(w->d->store, DEVICES_UNDO, text) || work_fail_store(w));

	free(text);
	return ok || w->code != NULL ||
	    work_fail(w, "failed", NULL, "out of memory");
}

/* The last change is known to the state: it is one for all who ask. */
bool
devices_undo(struct work *w)
{
	json_t *last =
	    json_loads(store_get(w->d->store, DEVICES_UNDO), 0, NULL);
	const json_t *whole = w->q;
	const char *verb = json_string_value(json_object_get(last, "verb"));
	bool ok;

	if (verb == NULL)
		return work_fail(w, "conflict", NULL,
		    "nothing was changed of devices that could be taken back");
	w->q = last;
	ok = strcmp(verb, "devices.arrange") == 0 ? devices_arrange(w)
						  : devices_change(w);
	w->q = whole;
	json_decref(last);
	return ok;
}

static bool
finish(struct work *w, const char *did, json_t *before, bool ok)
{
	size_t n = json_array_size(before);

	if (ok)
		ok = device_undo(w,
		    json_pack("{s:s, s:O}", "verb", "devices.change", "devices",
			before));
	json_decref(before);
	work_say(w, "%s: %zu device%s\n", did, n, n == 1 ? "" : "s");
	return ok;
}

bool
devices_change(struct work *w)
{
	static struct numbers ids;
	const json_t *list = json_object_get(w->q, "devices");
	json_t *before = json_array();
	bool ok;

	if (json_array_size(list) > 0)
		return finish(w, "changed", before,
		    device_change_listed(w, list, before));
	ok = work_numbers(w, "ids", &ids);
	for (uint32_t i = 0; ok && i < ids.n; i++)
		ok = change_one(w, ids.of[i], before);
	return finish(w, "changed", before, ok);
}

/* It is back when seen after. */
static bool
delete_one(struct work *w, uint32_t id, json_t *before)
{
	struct device_person p;
	char about[32], text[16];

	if (!device_person_of(w, id, &p))
		return false;
	(void)json_array_append_new(before, device_person_json(&p));
	(void)snprintf(text, sizeof(text), "%" PRIu32, id);
	p.hidden.ns =
	    work_sql(w, "select last from device where id = ?1 + 0", text, 0);
	(void)snprintf(about, sizeof(about), "device %" PRIu32, id);
	return (store_put_person(w->d->store, &p) || work_fail_store(w)) &&
	    work_note(w, "remove", about, "off the list");
}

bool
devices_delete(struct work *w)
{
	static struct numbers ids;
	json_t *before = json_array();
	bool ok = work_numbers(w, "ids", &ids);

	for (uint32_t i = 0; ok && i < ids.n; i++)
		ok = delete_one(w, ids.of[i], before);
	return finish(w, "deleted", before, ok);
}
