/* diary.c - see diary.h. */
#include "diary.h"

#include <stdio.h>

void
diary_remember(struct diary *d, struct baseline *b)
{
	struct scenario_report r;

	d->mode = baseline_mode(b);
	d->known = true;
	for (uint32_t i = 0; i < SCENARIO_COUNT; i++) {
		baseline_report(b, (enum scenario)i, &r);
		d->scenario[i] = (uint8_t)r.state;
	}
}

/* A scenario that begins to alert, or must learn on. */
static bool
note_scenario(struct store *st, uint32_t scenario, uint32_t before,
    const struct scenario_report *r, struct tick at)
{
	char text[256];

	(void)snprintf(text, sizeof(text), "%s, was %s%s%s",
	    scenario_state_name(r->state),
	    scenario_state_name((enum scenario_state)before),
	    r->state != STATE_OPER && r->reason[0] != '\0' ? ": " : "",
	    r->state != STATE_OPER ? r->reason : "");
	return store_note(st, at, "sensor", "mode",
	    scenario_names[scenario].name, text);
}

bool
diary_modes(struct diary *d, struct baseline *b, struct store *st,
    struct tick at)
{
	struct diary was = *d;
	struct scenario_report r;
	char text[64] = "at first";

	diary_remember(d, b);
	if (!was.known || was.mode != d->mode) {
		/* its scenarios changed with it: said once */
		if (was.known)
			(void)snprintf(text, sizeof(text), "was %s",
			    mode_name(was.mode));
		return store_note(st, at, "sensor", "mode", mode_name(d->mode),
		    text);
	}
	for (uint32_t i = 0; i < SCENARIO_COUNT; i++) {
		if (was.scenario[i] == d->scenario[i])
			continue;
		baseline_report(b, (enum scenario)i, &r);
		if (!note_scenario(st, i, was.scenario[i], &r, at))
			return false;
	}
	return true;
}

bool
diary_alert(struct store *st, const struct alert *a)
{
	char about[32], text[ALERT_TEXT + 128];

	(void)snprintf(about, sizeof(about), "alert %u", a->number);
	(void)snprintf(text, sizeof(text), "%s: %s: %s",
	    severity_name(a->severity),
	    a->title[0] != '\0' ? a->title : alert_rows[a->row].title, a->text);
	return store_note(st, a->first, "sensor", "alert", about, text);
}
