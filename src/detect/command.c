/*
 * command.c - commands that no dispatcher gives so.
 *
 * What the tools that switched grids off had in common: ask for everything,
 * then operate what answered; switch one point to and fro.  And who came in
 * by a remote session and begins to operate soon after.
 */
#include <stdio.h>

#include "../base/hash.h"
#include "watch.h"

#define TYPE_SINGLE 45u
#define TYPE_DOUBLE 46u
#define TYPE_SINGLE_TIME 58u
#define TYPE_DOUBLE_TIME 59u
#define TYPE_INTERROGATION 100u
#define LOGIN_SECONDS 3600u

static bool
is_switch(uint32_t type)
{
	return type == TYPE_SINGLE || type == TYPE_DOUBLE ||
	    type == TYPE_SINGLE_TIME || type == TYPE_DOUBLE_TIME;
}

/* Several points operated soon after all were asked for. */
static void
after_interrogation(struct detect *d, const struct event *e)
{
	struct memory *m = detect_memory(d);
	const uint64_t pair = pair_key(e);
	char text[192], from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];
	uint32_t within, least, n;
	const int64_t *asked;

	least =
	    watch_limit(d, ALERT_iec104_interrogation_then_commands, &within);
	asked = memory_peek(m, ALERT_iec104_interrogation_then_commands, pair,
	    e->at);
	if (asked == NULL || e->at.ns - *asked > (int64_t)within * TICK_SECOND)
		return;
	n = memory_distinct(m,
	    ALERT_COUNT + ALERT_iec104_interrogation_then_commands, pair,
	    key_of(e, PER_OBJECT), e->at, within);
	if (n < least)
		return;
	(void)snprintf(text, sizeof(text),
	    "%s operated %u points of %s within %u s of asking for all",
	    ip_text(&e->talk->client.ip, from), n,
	    ip_text(&e->talk->server.ip, to), within);
	detect_raise(d, e,
	    &(struct finding){ .row = ALERT_iec104_interrogation_then_commands,
		.text = text });
}

struct point {
	uint64_t state; /* hash of the last command */
	bool known;
};

/* Commands say in words what they ask for. */
static void
to_and_fro(struct detect *d, const struct event *e)
{
	const uint64_t key = key_of(e, PER_OBJECT);
	const uint64_t state = watch_text(e->fact);
	struct memory *m = detect_memory(d);
	uint32_t within, least, n;
	struct point *p;
	char text[192], to[ADDR_TEXT_MAX];
	bool turned;

	least = watch_limit(d, ALERT_iec104_toggle, &within);
	p = memory_cell(m, ALERT_COUNT + ALERT_iec104_toggle, key, e->at,
	    within);
	turned = p->known && p->state != state;
	*p = (struct point){ .state = state, .known = true };
	if (!turned)
		return;
	n = memory_count(m, ALERT_iec104_toggle, key, e->at, within);
	if (n < least)
		return;
	(void)snprintf(text, sizeof(text),
	    "Point %u of %s was switched to and fro %u times within %u s",
	    e->fact->object.first, ip_text(&e->talk->server.ip, to), n, within);
	detect_raise(d, e,
	    &(struct finding){ .row = ALERT_iec104_toggle, .text = text });
}

void
detector_command(struct detect *d, const struct event *e)
{
	const struct fact *f = e->fact;
	int64_t *asked;
	uint32_t within;

	if (f->response)
		return;
	if (f->op == TYPE_INTERROGATION) {
		(void)watch_limit(d, ALERT_iec104_interrogation_then_commands,
		    &within);
		asked = memory_cell(detect_memory(d),
		    ALERT_iec104_interrogation_then_commands, pair_key(e),
		    e->at, within);
		*asked = e->at.ns;
	} else if (is_switch(f->op)) {
		after_interrogation(d, e);
		to_and_fro(d, e);
	}
}

/* -------------------------------------------------------- after a login */

static bool
is_session(const struct novelty *n)
{
	const struct talk *t = n->talk;

	if (n->scenario == SCENARIO_SESSION)
		return true;
	if (t == NULL ||
	    (n->scenario != SCENARIO_CONNECTION &&
		n->scenario != SCENARIO_SERVICE &&
		n->scenario != SCENARIO_EXTERNAL))
		return false;
	return t->server_port == 22 || t->server_port == 23 ||
	    t->server_port == 3389 || t->server_port == 5900 ||
	    t->server_port == 5985 || t->server_port == 5986;
}

static bool
is_command(const struct novelty *n)
{
	return n->scenario == SCENARIO_ENGINEERING ||
	    n->scenario == SCENARIO_WRITE ||
	    (n->scenario == SCENARIO_FUNCTION && n->fact != NULL &&
		n->fact->risk != RISK_NONE);
}

/* Novelties only: a session and a command that were there before are work. */
void
detector_after_login(struct detect *d, const struct event *e)
{
	const struct novelty *n = e->novelty;
	struct memory *m = detect_memory(d);
	const uint32_t row = ALERT_command_after_login;

	if (is_session(n) && n->server != ASSET_NONE)
		(void)memory_cell(m, row, n->server, e->at, LOGIN_SECONDS);
	else if (is_command(n) && n->client != ASSET_NONE &&
	    memory_peek(m, row, n->client, e->at) != NULL)
		detect_raise(d, e, &(struct finding){ .row = row });
}
