/* ask.c - see ask.h. */
#include "ask.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../process/control.h"
#include "cli.h"
#include "pick.h"
#include "state.h"

json_t *
ask_new(const char *verb)
{
	json_t *request = json_object();

	ask_text(request, "verb", verb);
	return request;
}

void
ask_text(json_t *request, const char *field, const char *text)
{
	(void)json_object_set_new(request, field, json_string(text));
}

void
ask_time(json_t *request, const char *field, struct tick t)
{
	char text[TIME_TEXT_MAX];

	if (t.ns != 0)
		ask_text(request, field, time_text(t, text));
}

void
ask_numbers(json_t *request, const char *field, const struct picked *p)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < p->n; i++)
		(void)json_array_append_new(list, json_integer(p->number[i]));
	(void)json_object_set_new(request, field, list);
}

void
ask_file(json_t *request, const char *field, struct span text)
{
	(void)json_object_set_new(request, field,
	    json_stringn_nocheck((const char *)text.p, text.n));
}

static int
status_of(const char *code)
{
	if (strcmp(code, "bad") == 0 || strcmp(code, "conflict") == 0)
		return EXIT_USAGE;
	return strcmp(code, "absent") == 0 || strcmp(code, "input") == 0
	    ? EXIT_INPUT
	    : EXIT_INTERNAL;
}

/* The first line says what is wrong, others show where. */
static int
complain_of(const char *command, const json_t *error)
{
	const char *code = json_string_value(json_object_get(error, "code"));
	const char *text = json_string_value(json_object_get(error, "message"));
	size_t n = text != NULL ? strcspn(text, "\n") : 0;

	if (code == NULL || text == NULL) {
		complain("%s: out of memory", command);
		return EXIT_INTERNAL;
	}
	complain("%s: %.*s", command, (int)n, text);
	if (text[n] == '\n')
		(void)fprintf(stderr, "%s\n", text + n + 1);
	return status_of(code);
}

static void
tell_of_new_state(const char *command, const char *folder,
    const json_t *request)
{
	const struct desk_verb *v =
	    desk_verb_find(json_string_value(json_object_get(request, "verb")));
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/state.db", folder);
	if (v != NULL && v->makes && access(path, F_OK) != 0)
		complain("%s: %s is a new state", command, folder);
}

/* Where the sensor that holds the state is found; false: none does. */
static bool
find_sensor(const char *folder, char *dst, size_t cap)
{
	char error[STORE_ERROR];
	struct store *st;

	if (!store_is_written(folder))
		return false;
	st = store_open(folder, STORE_READING, error);
	if (st == NULL)
		return false;
	(void)snprintf(dst, cap, "%s", store_get(st, "sensor.runtime"));
	store_close(st);
	return dst[0] != '\0';
}

bool
ask_has_sensor(const char *folder)
{
	char runtime[256];

	return find_sensor(folder, runtime, sizeof(runtime));
}

/* The running sensor decides, where there is one; else it is done here. */
static json_t *
answer_to(const char *folder, const json_t *request, int file)
{
	const char *why = NULL;
	json_t *answer = NULL;
	char runtime[256];

	if (find_sensor(folder, runtime, sizeof(runtime)))
		answer = control_ask(runtime, request, file, &why);
	if (answer != NULL)
		return answer;
	return why != NULL
	    ? desk_failure("failed", why)
	    : desk_do_in(folder, request, state_user(), state_now());
}

json_t *
ask_answer(const char *command, const char *folder, json_t *request, int file,
    int *ret_status)
{
	json_t *answer;

	*ret_status = EXIT_DONE;
	tell_of_new_state(command, folder, request);
	answer = answer_to(folder, request, file);
	json_decref(request);
	if (json_is_true(json_object_get(answer, "ok")))
		return answer;
	*ret_status = complain_of(command, json_object_get(answer, "error"));
	json_decref(answer);
	return NULL;
}

int
ask(const char *command, const char *folder, json_t *request)
{
	int status;
	json_t *answer = ask_answer(command, folder, request, -1, &status);
	const char *text = json_string_value(json_object_get(answer, "text"));

	if (text != NULL)
		(void)fputs(text, stdout);
	json_decref(answer);
	return status;
}
