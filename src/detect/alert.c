/* alert.c - the rows of alerts, and the words for what an alert has. */
#include "alert.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Spelled with '-' for '_' before main() runs. */
#define ALERT(sym, ...) static char slug_of_##sym[] = #sym;
#include "alerts/all.def"
#undef ALERT

const struct alert_row alert_rows[ALERT_COUNT] = {
#define ALERT(sym, ...) [ALERT_##sym] = { .slug = slug_of_##sym, __VA_ARGS__ },
#include "alerts/all.def"
#undef ALERT
};

static char *const slugs[ALERT_COUNT] = {
#define ALERT(sym, ...) [ALERT_##sym] = slug_of_##sym,
#include "alerts/all.def"
#undef ALERT
};

__attribute__((constructor)) static void
spell_slugs(void)
{
	for (uint32_t i = 0; i < ALERT_COUNT; i++)
		for (char *c = slugs[i]; *c != '\0'; c++)
			if (*c == '_')
				*c = '-';
}

const char *
alert_slug(uint32_t id)
{
	return id < ALERT_COUNT ? alert_rows[id].slug : "";
}

uint32_t
alert_find(const char *slug)
{
	uint32_t i = 0;

	while (i < ALERT_COUNT && strcmp(alert_rows[i].slug, slug) != 0)
		i++;
	return i;
}

static const struct {
	const char *id, *name;
} techniques[] = {
#define TECHNIQUE(id, name) { id, name },
#define ENTERPRISE(id, name) { id, name },
#include "techniques.def"
#undef ENTERPRISE
#undef TECHNIQUE
};

const char *
technique_name(const char *id, size_t n)
{
	for (size_t i = 0; i < sizeof(techniques) / sizeof(techniques[0]); i++)
		if (strlen(techniques[i].id) == n &&
		    memcmp(techniques[i].id, id, n) == 0)
			return techniques[i].name;
	return NULL;
}

bool
technique_next(const char **list, char *text, size_t cap)
{
	const char *id = *list + strspn(*list, " "), *name;
	size_t n = strcspn(id, " ");

	if (n == 0)
		return false;
	*list = id + n;
	name = technique_name(id, n);
	(void)snprintf(text, cap, "%.*s%s%s", (int)n, id,
	    name != NULL ? " " : "", name != NULL ? name : "");
	return true;
}

/* The i-th word of a list, NULL behind its end. */
#define WORD(list, i) \
	((i) < sizeof(list) / sizeof((list)[0]) ? (list)[i] : NULL)

const char *
engine_name(uint32_t i)
{
	static const char *const names[ENGINE_COUNT] = {
		[ENGINE_POLICY] = "policy",
		[ENGINE_PROTOCOL] = "protocol",
		[ENGINE_MALWARE] = "malware",
		[ENGINE_ANOMALY] = "anomaly",
		[ENGINE_OPERATIONAL] = "operational",
	};

	return WORD(names, i);
}

const char *
severity_name(uint32_t i)
{
	static const char *const names[SEVERITY_COUNT] = {
		[SEVERITY_WARNING] = "warning",
		[SEVERITY_MINOR] = "minor",
		[SEVERITY_MAJOR] = "major",
		[SEVERITY_CRITICAL] = "critical",
	};

	return WORD(names, i);
}

const char *
category_name(uint32_t i)
{
	static const char *const names[CATEGORY_COUNT] = {
#define CATEGORY(sym, name) [CATEGORY_##sym] = name,
#include "categories.def"
#undef CATEGORY
	};

	return WORD(names, i);
}

const char *
alert_status_name(uint32_t i)
{
	static const char *const names[STATUS_COUNT] = {
		[STATUS_NEW] = "new",
		[STATUS_ACTIVE] = "active",
		[STATUS_CLOSED] = "closed",
	};

	return WORD(names, i);
}

const char *
event_name(uint32_t i)
{
	static const char *const names[EVENT_COUNT] = {
		[EVENT_FACT] = "fact",
		[EVENT_BEGIN] = "begin",
		[EVENT_END] = "end",
		[EVENT_NOVELTY] = "novelty",
	};

	return WORD(names, i);
}
