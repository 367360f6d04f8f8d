/*
 * mirror_plan.c - sightglass mirror plan: what to type at the switch, and what
 * to mind.  Asks where nothing was said and somebody is there to answer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../report/table.h"
#include "cli.h"
#include "mirror.h"
#include "output.h"

/* ------------------------------------------------------------------- asking */

/* A line of an answer; false at the end of the input. */
static bool
answer(const char *question, char dst[static PLAN_WORD * 4])
{
	size_t n;

	(void)fprintf(stderr, "%s: ", question);
	if (fgets(dst, PLAN_WORD * 4, stdin) == NULL)
		return false;
	n = strcspn(dst, "\n");
	dst[n] = '\0';
	return true;
}

/* An empty answer is *ret, where that is one. */
static bool
pick(const char *question, const char *(*name)(uint32_t),
    const char *(*what)(uint32_t), bool (*may)(const struct plan *, uint32_t),
    const struct plan *p, uint32_t *ret)
{
	char text[PLAN_WORD * 4];

	for (uint32_t i = 0; name(i) != NULL; i++)
		if (may == NULL || may(p, i))
			(void)fprintf(stderr, "  %-13s %s\n", name(i),
			    what != NULL ? what(i) : "");
	while (answer(question, text)) {
		for (uint32_t i = 0; name(i) != NULL; i++)
			if ((text[0] != '\0' ? strcmp(name(i), text) == 0
					     : i == *ret) &&
			    (may == NULL || may(p, i))) {
				*ret = i;
				return true;
			}
		(void)fprintf(stderr, "  one of the above, please\n");
	}
	return false;
}

static bool
has(const struct plan *p, uint32_t make)
{
	return plan_has(p->method, (enum plan_make)make);
}

static bool
ask_into(const char *question, char dst[static PLAN_WORD])
{
	char text[PLAN_WORD * 4];

	if (!answer(question, text))
		return false;
	(void)snprintf(dst, PLAN_WORD, "%.47s", text);
	return true;
}

static bool
ask_vlans(struct plan *p)
{
	char text[PLAN_WORD * 4], error[PLAN_ERROR];

	while (answer("VLANs, as 10,20-25", text)) {
		p->n_vlan = 0;
		if (plan_vlans(p, text, error) && p->n_vlan > 0)
			return true;
		(void)fprintf(stderr, "  %s\n",
		    text[0] != '\0' ? error : "at least one, please");
	}
	return false;
}

static bool
ask_sources(struct plan *p)
{
	char text[PLAN_WORD * 4], error[PLAN_ERROR];

	while (answer("Ports to mirror, with commas (empty: VLANs instead)",
	    text)) {
		if (text[0] == '\0')
			return ask_vlans(p);
		p->n_source = 0;
		if (plan_sources(p, text, error))
			return true;
		(void)fprintf(stderr, "  %s\n", error);
	}
	return false;
}

static const char *
direction_what(uint32_t i)
{
	static const char *const what[] = {
		[DIRECTION_RX] = "what comes in at the ports: each frame once",
		[DIRECTION_TX] = "what goes out at them",
		[DIRECTION_BOTH] = "what passes between two of them twice",
	};

	return what[i];
}

static bool
ask_switch(struct plan *p)
{
	char text[PLAN_WORD * 4];
	uint32_t direction = DIRECTION_RX;
	unsigned long vlan;

	if (!ask_sources(p) ||
	    !pick("Direction (empty: rx)", plan_direction_name, direction_what,
		NULL, p, &direction))
		return false;
	p->direction = (enum plan_direction)direction;
	if (p->method == METHOD_ERSPAN)
		return ask_into("Address of the sensor's port, with /prefix",
			   p->to) &&
		    ask_into("Address of the switch (empty: its own choice)",
			p->from) &&
		    ask_into("Management address of the sensor, with /prefix",
			p->management);
	if (p->method == METHOD_RSPAN) {
		if (!answer("VLAN of the mirror", text))
			return false;
		vlan = strtoul(text, NULL, 10);
		if (vlan < 4095)
			p->remote_vlan = (uint16_t)vlan;
	}
	return ask_into("Port where the sensor is connected", p->destination);
}

static bool
ask_all(struct plan *p)
{
	uint32_t method = 0, make = 0;

	if (!pick("Method", plan_method_name, plan_method_what, NULL, p,
		&method))
		return false;
	p->method = (enum plan_method)method;
	if (!pick("Make", plan_make_name, plan_make_title, has, p, &make))
		return false;
	p->make = (enum plan_make)make;
	switch (p->method) {
	case METHOD_SPAN:
	case METHOD_RSPAN:
	case METHOD_ERSPAN:
		return ask_switch(p);
	case METHOD_ESXI:
	case METHOD_HYPER_V:
		return ask_into("Name of the virtual switch", p->destination) &&
		    ask_into("Name of the sensor's machine", p->machine);
	case METHOD_TAP:
	case METHOD_TAP_TWO:
	case METHOD_COUNT:
		break;
	}
	return true;
}

/* ------------------------------------------------------------------- telling
 */

static void
put_line(void *ctx, const char *text)
{
	outf(ctx, "%s\n", text);
}

static void
put_warning(void *ctx, const char *id, const char *text)
{
	(void)id;
	mirror_words(ctx, "-", text);
}

static void
put_text(struct out *o, const struct text_style *s, const struct plan *p)
{
	bool types = p->method != METHOD_TAP && p->method != METHOD_TAP_TWO;

	ink(o, s, INK_BOLD, types ? "At the switch" : "At the TAP");
	outf(o, " (%s; %s)\n\n", plan_make_title(p->make),
	    plan_make_origin(p->make));
	plan_switch_lines(p, put_line, o);
	out_char(o, '\n');
	ink(o, s, INK_BOLD, "At the sensor");
	out_text(o, " (sightglass.conf)\n\n");
	plan_sensor_lines(p, put_line, o);
	out_char(o, '\n');
	ink(o, s, INK_BOLD, "Mind");
	out_text(o, "\n\n");
	plan_warnings(p, put_warning, o);
	out_text(o,
	    "\nThen compare it with what arrives: sightglass mirror plan ... "
	    "--format json >plan.json;\nsightglass mirror check plan.json\n");
}

int
mirror_plan(struct mirror_request *q)
{
	static struct out out;
	struct text_style style = { .all = true };
	char error[PLAN_ERROR];

	if (q->asks && isatty(STDIN_FILENO) == 1) {
		if (!ask_all(&q->plan))
			return EXIT_USAGE;
		q->has_method = q->has_make = true;
	}
	if (!q->has_method || !q->has_make) {
		complain("mirror: plan needs --method and --make");
		return EXIT_USAGE;
	}
	if (!plan_check(&q->plan, error)) {
		complain("mirror: %s", error);
		return EXIT_USAGE;
	}
	output_style(&style, q->colour);
	out_open(&out, STDOUT_FILENO);
	if (q->json) {
		plan_json(&out, &q->plan);
		out_char(&out, '\n');
	} else {
		put_text(&out, &style, &q->plan);
	}
	return output_end(&out);
}
