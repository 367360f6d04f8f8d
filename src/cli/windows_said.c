/* windows_said.c - what the process says that asks Windows endpoints. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "ask.h"
#include "cli.h"
#include "state.h"
#include "windows_scan.h"

static void
put_host(struct scan *s, const json_t *m)
{
	const struct windows_job *j = &s->jobs.of[s->next];
	const char *end = json_string_value(json_object_get(m, "outcome"));
	char ip[ADDR_TEXT_MAX];
	json_t *request = ask_new("windows.took");
	static const char *const copied[] = { "outcome", "text", "proved",
		"pin", NULL };

	ask_text(request, "ip", ip_text(&j->ip, ip));
	for (uint32_t i = 0; copied[i] != NULL; i++)
		(void)json_object_set(request, copied[i],
		    json_object_get(m, copied[i]));
	(void)json_object_set_new(request, "range", json_integer(s->at->id));
	if (s->name[0] != '\0')
		ask_text(request, "name", s->name);
	(void)json_object_set_new(request, "items", s->items);
	s->items = json_array();
	s->name[0] = '\0';
	(void)windows_sink_put(s->sink, request);
	if (end != NULL && strcmp(end, windows_end_name(ASK_DENIED)) == 0) {
		struct windows_range r;

		if (store_get_windows_range(windows_sink_store(s->sink),
			s->at->id, &r))
			s->blocked = r.blocked[0] != '\0';
	}
}

static void
say_end(struct scan *s, const json_t *m)
{
	const char *end = json_string_value(json_object_get(m, "outcome"));
	const char *why = json_string_value(json_object_get(m, "text"));
	char ip[ADDR_TEXT_MAX];

	for (uint32_t i = 0; end != NULL && i < ASK_END_COUNT; i++)
		if (strcmp(end, windows_end_name(i)) == 0)
			(void)printf("%-15s  %s%s%s\n",
			    ip_text(&s->jobs.of[s->next].ip, ip),
			    windows_end_text(i),
			    why != NULL && why[0] != '\0' ? ": " : "",
			    why != NULL ? why : "");
}

void
scan_said_end(struct scan *s, const json_t *m)
{
	json_int_t n = json_integer_value(json_object_get(m, "requests"));
	const char *end = json_string_value(json_object_get(m, "outcome"));
	bool stop =
	    end != NULL && strcmp(end, windows_end_name(ASK_STOPPED)) == 0;

	if (s->next >= s->jobs.n)
		return;
	say_end(s, m);
	if (n > 0)
		s->asked++;
	s->requests += n > 0 ? (uint64_t)n : 0;
	s->answered += end != NULL && strcmp(end, "answered") == 0;
	if (n > 0 || (end != NULL && strcmp(end, "not-asked") != 0 && !stop))
		put_host(s, m);
	(void)json_array_clear(s->items);
	s->next++;
	s->opened = false;
	s->looked = 0;
}

void
scan_said_item(struct scan *s, json_t *m)
{
	const char *name = json_string_value(json_object_get(m, "name"));
	const char *value = json_string_value(json_object_get(m, "value"));
	const char *kind = json_string_value(json_object_get(m, "kind"));

	(void)json_object_del(m, "is");
	if (json_array_size(s->items) < 10000)
		(void)json_array_append(s->items, m);
	if (name != NULL && value != NULL && kind != NULL &&
	    strcmp(kind, "hardware") == 0 && strcmp(name, "name") == 0)
		(void)snprintf(s->name, sizeof(s->name), "%.*s",
		    (int)sizeof(s->name) - 1, value);
}

void
scan_said_lack(const json_t *m)
{
	const char *what = json_string_value(json_object_get(m, "what"));
	const char *why = json_string_value(json_object_get(m, "why"));

	if (what != NULL && why != NULL)
		(void)printf("                 %.60s: %.160s\n", what, why);
}

void
scan_said_frame(struct scan *s, const json_t *m)
{
	static uint8_t bytes[65536];
	const char *text = json_string_value(json_object_get(m, "bytes"));
	struct store_frame f = { .link = 101 };
	size_t n = 0;

	if (text == NULL ||
	    sodium_base642bin(bytes, sizeof(bytes), text, strlen(text), NULL,
		&n, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
		return;
	f.at.ns = json_integer_value(json_object_get(m, "at"));
	f.bytes = SPAN(bytes, (uint32_t)n);
	f.length = f.bytes.n;
	if (store_put_asked(windows_sink_store(s->sink), &f, 1, s->comment) ||
	    s->said)
		return;
	s->said = true;
	complain("active: %s", store_error(windows_sink_store(s->sink)));
}
