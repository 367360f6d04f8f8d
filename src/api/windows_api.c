/*
 * windows_api.c - Windows endpoints: which may be asked, as whom.
 *
 * A password is sealed here, at once: this process holds the public half of
 * the key and cannot read one again.
 */
#include <stdio.h>
#include <string.h>

#include "../base/vault.h"
#include "handlers.h"

static bool
put_text(struct request *rq, const char *name, char *dst, size_t cap)
{
	const char *text = body_text(rq, name);

	if (text != NULL && strlen(text) < cap) {
		(void)snprintf(dst, cap, "%s", text);
		return true;
	}
	if (text != NULL)
		fail(rq, 422, "bad", name, "%s: at most %zu bytes", name,
		    cap - 1);
	return text == NULL;
}

static bool
put_ranges(struct request *rq, struct windows_range *r)
{
	const json_t *list = json_object_get(rq->body, "ranges"), *one;
	size_t i, n = 0;

	json_array_foreach(list, i, one) {
		const char *text = json_string_value(one);

		if (text == NULL || n + strlen(text) + 2 > sizeof(r->ranges)) {
			fail(rq, 422, "bad", "ranges",
			    "ranges: must be texts, such as 10.1.2.0/24");
			return false;
		}
		n += (size_t)snprintf(r->ranges + n, sizeof(r->ranges) - n,
		    "%s%s", n > 0 ? " " : "", text);
	}
	return true;
}

/* What the password is for, as the desk will have it. */
static bool
range_of(struct request *rq, struct windows_range *r)
{
	(void)snprintf(r->trust, sizeof(r->trust), "first");
	r->plain = body_flag(rq, "plain", false);
	r->port = (uint16_t)body_number(rq, "port", 0);
	return put_ranges(rq, r) &&
	    put_text(rq, "user", r->user, sizeof(r->user)) &&
	    put_text(rq, "domain", r->domain, sizeof(r->domain)) &&
	    put_text(rq, "trust", r->trust, sizeof(r->trust));
}

/* The password out of the body, sealed into it. */
static bool
seal_password(struct request *rq, const struct windows_range *r)
{
	char purpose[DESK_PURPOSE], sealed[VAULT_SEALED];
	uint8_t public[VAULT_PUBLIC];
	const char *password = body_text(rq, "password");
	bool ok;

	if (password == NULL || password[0] == '\0') {
		fail(rq, 422, "bad", "password", "password is missing");
		return false;
	}
	if (!vault_public(rq->server->config.state, public)) {
		fail(rq, 409, "conflict", NULL,
		    "there is no key yet to seal a password with: on the "
		    "sensor, 'sightglass active windows key' makes it");
		return false;
	}
	desk_windows_purpose(r, purpose);
	ok = vault_seal(public, purpose, password, sealed);
	(void)json_object_del(rq->body, "password");
	if (!ok)
		fail(rq, 422, "bad", "password", "at most %u bytes",
		    VAULT_TEXT - 2);
	else
		(void)json_object_set_new(rq->body, "sealed",
		    json_string(sealed));
	return ok;
}

void
h_windows_add(struct request *rq)
{
	struct windows_range r = { .on = true };

	if (range_of(rq, &r) && seal_password(rq, &r))
		desk_put(rq, "windows.add", NULL);
}

void
h_windows_change(struct request *rq)
{
	struct windows_range r;
	uint32_t id;

	if (!arg_number(rq, 0, &id))
		return;
	if (body_text(rq, "password") != NULL) {
		if (!store_get_windows_range(rq->reader->db, id, &r)) {
			fail(rq, 404, "absent", NULL, "%s",
			    store_error(rq->reader->db));
			return;
		}
		if (!seal_password(rq, &r))
			return;
	}
	desk_put(rq, "windows.change",
	    json_pack("{s:I}", "id", (json_int_t)id));
}

void
h_windows_remove(struct request *rq)
{
	uint32_t id;

	if (arg_number(rq, 0, &id))
		desk_put(rq, "windows.remove",
		    json_pack("{s:[I]}", "ids", (json_int_t)id));
}

void
h_windows_pin(struct request *rq)
{
	desk_put(rq, "windows.pin", NULL);
}
