/* filters_api.c - capture filters: those that are, tried, added, removed. */
#include <sqlite3.h>
#include <stdlib.h>

#include "../config/config.h"
#include "../detect/filter.h"
#include "handlers.h"
#include "live.h"

/* Those that the sensor's file can set (src/sensor/filter.c has them at work).
 */
static const struct {
	enum config_key key;
	enum filter_of of;
	enum filter_take take;
} sets[] = {
#define FILTER(key, of, take) { CONF_##key, FILTER_OF_##of, FILTER_##take },
#include "../config/filters.def"
#undef FILTER
};
#define SETS (sizeof(sets) / sizeof(sets[0]))

static void
put_sets(const struct config *c, struct items *it)
{
	struct out *o;

	for (size_t i = 0; i < SETS; i++) {
		const char *text = c->text[sets[i].key];

		if (text[0] == '\0' || (o = items_next(it)) == NULL)
			continue;
		json_open(o, '{');
		json_none(o, "number");
		json_text(o, "of", filter_of_name(sets[i].of));
		json_text(o, "take", filter_take_name(sets[i].take));
		json_text(o, "condition", text);
		json_text(o, "setting", config_keys[sets[i].key].name);
		json_none(o, "at");
		json_close(o, '}');
		items_end(it);
	}
}

static void
put_added(struct request *rq, struct items *it)
{
	sqlite3_stmt *s = reader_ask(rq->reader,
	    "select cast(substr(key, 8) as integer) as number, value ->> 'of', "
	    "value ->> 'take', value ->> 'condition', value ->> 'at' from "
	    "setting where key glob 'filter.[1-9]*' and json_valid(value) "
	    "order by number");
	static const char *const names[] = { NULL, "of", "take", "condition",
		"at" };
	struct out *o;

	while (s != NULL && sqlite3_step(s) == SQLITE_ROW) {
		if ((o = items_next(it)) == NULL)
			continue;
		json_open(o, '{');
		json_u64(o, "number", (uint64_t)sqlite3_column_int64(s, 0));
		for (int i = 1; i < 4; i++)
			json_span(o, names[i], list_text(s, (uint32_t)i));
		json_none(o, "setting");
		json_span(o, names[4], list_text(s, 4));
		json_close(o, '}');
		items_end(it);
	}
}

void
h_filters(struct request *rq)
{
	struct items *it = calloc(1, sizeof(*it));
	struct config *c = calloc(1, sizeof(*c));

	if (it != NULL && c != NULL && items_begin(it, rq)) {
		settings_now(rq->server, c);
		put_sets(c, it);
		put_added(rq, it);
		items_finish(it);
	}
	free(c);
	free(it);
}

void
h_filter_trial(struct request *rq)
{
	json_open(rq->out, '{');
	live_put(rq, "trial", "filters");
	json_close(rq->out, '}');
}
