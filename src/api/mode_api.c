/* mode_api.c - the mode, and how far each scenario has come. */
#include "handlers.h"
#include "mode.h"

static void
put_real(struct out *o, const char *key, double v)
{
	json_key(o, key);
	out_real(o, v);
}

static void
put_curve(struct out *o, const struct baseline *b, enum scenario scenario)
{
	uint32_t day[BASELINE_DAYS], n;
	struct tick from = { 0 };

	n = baseline_curve(b, scenario, day, &from);
	if (n > 0)
		json_time(o, "curve_from", from);
	else
		json_none(o, "curve_from");
	json_key(o, "curve");
	json_open(o, '[');
	for (uint32_t i = 0; i < n; i++) {
		json_item(o);
		out_u64(o, day[i]);
	}
	json_close(o, ']');
}

static void
put_scenario(struct out *o, uint32_t i, const struct scenario_report *r,
    const struct baseline *b)
{
	json_item(o);
	json_open(o, '{');
	json_text(o, "id", scenario_names[i].id);
	json_text(o, "name", scenario_names[i].name);
	json_text(o, "title", scenario_names[i].title);
	json_text(o, "state", scenario_state_name(r->state));
	json_u64(o, "keys", r->keys);
	json_u64(o, "learned", r->learned);
	json_u64(o, "candidates", r->candidates);
	json_u64(o, "windows", r->windows);
	json_u64(o, "single", r->single);
	put_real(o, "per_day", r->per_day);
	put_real(o, "at_most", r->at_most);
	put_real(o, "budget", r->budget);
	put_real(o, "missing", r->missing);
	json_key(o, "ready_in");
	out_i64(o, r->ready_in);
	json_u64(o, "held", r->held);
	json_bool(o, "ready", r->ready);
	json_text(o, "reason", r->reason);
	put_curve(o, b, (enum scenario)i);
	json_close(o, '}');
}

static void
put_since(struct request *rq)
{
	int64_t at = reader_number(rq->reader,
	    "select max(at) from timeline where what = 'mode' and about in "
	    "('learning', 'dynamic', 'operational')",
	    0);

	if (at > 0)
		json_time(rq->out, "since", (struct tick){ at });
	else
		json_none(rq->out, "since");
}

void
h_mode(struct request *rq)
{
	struct model *m = model_take(rq);
	struct out *o = rq->out;
	double now = 0, most = 0;
	uint32_t ready = 0;

	if (m == NULL)
		return;
	json_open(o, '{');
	json_text(o, "type", "mode");
	json_text(o, "mode", mode_name(baseline_mode(m->baseline)));
	put_since(rq);
	json_key(o, "age_seconds");
	out_i64(o, baseline_mode_age(m->baseline));
	json_u64(o, "learn_scale", m->learn_scale);
	json_u64(o, "curve_step", (uint64_t)baseline_day_seconds(m->baseline));
	json_key(o, "scenarios");
	json_open(o, '[');
	for (uint32_t i = 0; i < SCENARIO_COUNT; i++) {
		struct scenario_report r;

		baseline_report(m->baseline, (enum scenario)i, &r);
		now += r.per_day;
		most += r.at_most;
		ready += r.ready;
		put_scenario(o, i, &r, m->baseline);
	}
	json_close(o, ']');
	put_real(o, "per_day", now);
	put_real(o, "at_most", most);
	json_u64(o, "ready", ready);
	json_close(o, '}');
	model_give(rq);
}

void
mode_put_brief(struct request *rq)
{
	struct model *m = model_take(rq);
	struct out *o = rq->out;
	uint32_t ready = 0;

	if (m == NULL)
		return;
	json_key(o, "mode");
	json_open(o, '{');
	json_text(o, "mode", mode_name(baseline_mode(m->baseline)));
	put_since(rq);
	json_key(o, "scenarios");
	json_open(o, '[');
	for (uint32_t i = 0; i < SCENARIO_COUNT; i++) {
		struct scenario_report r;

		baseline_report(m->baseline, (enum scenario)i, &r);
		ready += r.ready;
		json_item(o);
		json_open(o, '{');
		json_text(o, "id", scenario_names[i].id);
		json_text(o, "title", scenario_names[i].title);
		json_text(o, "state", scenario_state_name(r.state));
		json_bool(o, "ready", r.ready);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_u64(o, "ready", ready);
	json_close(o, '}');
	model_give(rq);
}
