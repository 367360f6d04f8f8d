/* windows_api.c - Windows endpoints: which may be asked, as whom. */
#include <stdio.h>
#include <string.h>

#include "../base/vault.h"
#include "handlers.h"

/* What the password is for, as the desk will have it. */
static bool
range_of(struct request *rq, struct windows_range *r)
{
	(void)snprintf(r->trust, sizeof(r->trust), "first");
	r->plain = body_flag(rq, "plain", false);
	r->port = (uint16_t)body_number(rq, "port", 0);
	return body_ranges(rq, r->ranges, sizeof(r->ranges)) &&
	    body_copy(rq, "user", r->user, sizeof(r->user)) &&
	    body_copy(rq, "domain", r->domain, sizeof(r->domain)) &&
	    body_copy(rq, "trust", r->trust, sizeof(r->trust));
}

/* The password out of the body, sealed into it. */
static bool
seal_password(struct request *rq, const struct windows_range *r)
{
	char purpose[DESK_PURPOSE];
	const char *password = body_text(rq, "password");
	bool ok;

	if (password == NULL || password[0] == '\0') {
		fail(rq, 422, "bad", "password", "password is missing");
		return false;
	}
	desk_windows_purpose(r, purpose);
	ok = body_seal(rq, purpose, password);
	(void)json_object_del(rq->body, "password");
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
