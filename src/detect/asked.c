/*
 * asked.c - what only asking shows: raised by whoever asked devices, when one
 * has been, not by traffic.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "watch.h"

static void
raise_asked(struct detect *d, enum alert_id row, struct tick at,
    const struct ip *ip, const char *text, const char *violation)
{
	const struct event e = { .kind = EVENT_NOVELTY, .at = at };
	const struct addr device = { .ip = *ip };

	detect_raise(d, &e,
	    &(struct finding){ .row = row,
		.text = text,
		.violation = violation,
		.source = &device,
		.destination = &watch_nobody });
}

/* The next number of a version, "V09.0" is 9 and 0; false: none is left. */
static bool
next_number(const char **p, unsigned long *ret)
{
	const char *at = *p;

	while (*at != '\0' && !isdigit((unsigned char)*at))
		at++;
	if (*at == '\0')
		return false;
	for (*ret = 0; isdigit((unsigned char)*at); at++)
		*ret = *ret * 10 + (unsigned long)(*at - '0');
	*p = at;
	return true;
}

/* Protocols write versions in their own ways, one longer than another: they
 * differ where both have a number, and not the same. */
static bool
differ(const char *a, const char *b)
{
	unsigned long x, y;

	while (next_number(&a, &x) && next_number(&b, &y))
		if (x != y)
			return true;
	return false;
}

void
detect_asked_firmware(struct detect *d, struct tick at, const struct ip *ip,
    const char *asked, const char *seen)
{
	char text[256], device[ADDR_TEXT_MAX];

	if (!differ(asked, seen))
		return;
	(void)snprintf(text, sizeof(text),
	    "%s says when asked that its firmware is %.60s; what passed on the "
	    "network said %.60s",
	    ip_text(ip, device), asked, seen);
	raise_asked(d, ALERT_asked_firmware, at, ip, text, asked);
}

void
detect_asked_more(struct detect *d, struct tick at, const struct ip *ip,
    bool services, uint32_t n, const char *names)
{
	char text[400], device[ADDR_TEXT_MAX];

	if (n == 0)
		return;
	(void)snprintf(text, sizeof(text),
	    "%s has %u %s%s that it did not have when it was asked before: "
	    "%.240s",
	    ip_text(ip, device), (unsigned)n, services ? "service" : "program",
	    n == 1 ? "" : "s", names);
	raise_asked(d, services ? ALERT_asked_service : ALERT_asked_program, at,
	    ip, text, names);
}

void
detect_asked_unheard(struct detect *d, struct tick at, const struct ip *ip,
    bool heard, bool near)
{
	char text[200], device[ADDR_TEXT_MAX];

	if (heard || !near)
		return;
	(void)snprintf(text, sizeof(text),
	    "%s answers when asked, and no port of the sensor ever heard it, "
	    "though others of its subnet are heard",
	    ip_text(ip, device));
	raise_asked(d, ALERT_asked_unheard, at, ip, text, NULL);
}
