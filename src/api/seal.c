/*
 * seal.c - passwords of what is asked: sealed here, at once.
 *
 * This process holds the public half of the key and cannot read one again.
 */
#include <stdio.h>
#include <string.h>

#include "../base/vault.h"
#include "handlers.h"

bool
body_copy(struct request *rq, const char *name, char *dst, size_t cap)
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

bool
body_ranges(struct request *rq, char *dst, size_t cap)
{
	if (desk_ranges(json_object_get(rq->body, "ranges"), dst, cap))
		return true;
	fail(rq, 422, "bad", "ranges",
	    "ranges: must be texts, such as 10.1.2.0/24");
	return false;
}

bool
body_seal(struct request *rq, const char *purpose, const char *secret)
{
	char sealed[VAULT_SEALED];
	uint8_t public[VAULT_PUBLIC];

	if (!vault_public(rq->server->config.state, public)) {
		fail(rq, 409, "conflict", NULL,
		    "there is no key yet to seal a password with: on the "
		    "sensor, 'sightglass active windows key' makes it");
		return false;
	}
	if (!vault_seal(public, purpose, secret, sealed)) {
		fail(rq, 422, "bad", "password", "at most %u bytes",
		    VAULT_TEXT - 2);
		return false;
	}
	(void)json_object_set_new(rq->body, "sealed", json_string(sealed));
	return true;
}
