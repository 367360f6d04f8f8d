/* answer.c - an answer of a directory, for programs. */
#include "directory.h"

void
directory_answer_json(struct out *o, const struct directory_answer *a,
    const char *nobody)
{
	static const char *const hows[DIRECTORY_HOWS] = { "yes", "wrong",
		"no-role", "unknown", "away" };

	json_text(o, "how", hows[a->how]);
	if (a->access != ACCESS_PUBLIC)
		json_text(o, "role", access_name((enum access)a->access));
	else if (nobody != NULL)
		json_text(o, "role", nobody);
	else
		json_none(o, "role");
	json_text(o, "server", a->server);
	json_text(o, "dn", a->dn);
	json_text(o, "why", a->why);
	json_key(o, "groups");
	json_open(o, '[');
	for (uint32_t i = 0; i < a->n_groups; i++) {
		json_item(o);
		json_put_string(o, span_text(a->group[i]));
	}
	json_close(o, ']');
}
