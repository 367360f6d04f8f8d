/* options.c - see options.h. */
#include "options.h"

#include <stdio.h>
#include <string.h>

#include "cli.h"

/*
 * nearest() asks for names by number only; the list it asks about stands
 * here.  The command line is read once, by one thread.
 */
static const struct option_row *asked_rows;
static const char *const *asked_names;

static const char *
row_name(uint32_t i)
{
	return asked_rows[i].name;
}

static const char *
choice_name(uint32_t i)
{
	return asked_names[i];
}

static int
wrong_option(const struct options *o, const char *name, size_t n)
{
	char typed[64];
	const char *near;

	(void)snprintf(typed, sizeof(typed), "%.*s", (int)n, name);
	asked_rows = o->row;
	near = nearest(typed, row_name);
	if (near != NULL)
		complain("%s: no option --%s; did you mean --%s?", o->command,
		    typed, near);
	else
		complain("%s: no option --%s; see 'sightglass help %s'",
		    o->command, typed, o->command);
	return OPTION_WRONG;
}

static int
take_value(struct options *o, int row, const char *attached)
{
	const char *name = o->row[row].name;

	o->value = attached;
	if (o->row[row].arg == NULL) {
		if (attached == NULL)
			return row;
		complain("%s: --%s takes no value", o->command, name);
		return OPTION_WRONG;
	}
	if (attached == NULL && o->at < o->argc)
		o->value = o->argv[o->at++];
	if (o->value != NULL)
		return row;
	complain("%s: --%s needs a value: %s", o->command, name,
	    o->row[row].arg);
	return OPTION_WRONG;
}

static int
long_option(struct options *o, const char *name)
{
	size_t n = strcspn(name, "=");

	for (int i = 0; o->row[i].name != NULL; i++)
		if (strlen(o->row[i].name) == n &&
		    memcmp(o->row[i].name, name, n) == 0)
			return take_value(o, i,
			    name[n] == '=' ? name + n + 1 : NULL);
	return wrong_option(o, name, n);
}

static int
short_option(struct options *o, const char *letter)
{
	const char *rest = letter[1] != '\0' ? letter + 1 : NULL;

	for (int i = 0; o->row[i].name != NULL; i++) {
		if (o->row[i].letter == 0 || o->row[i].letter != *letter)
			continue;
		if (o->row[i].arg != NULL)
			return take_value(o, i, rest);
		o->letters = rest;
		return i;
	}
	complain("%s: no option -%c; see 'sightglass help %s'", o->command,
	    *letter, o->command);
	return OPTION_WRONG;
}

int
options_next(struct options *o)
{
	const char *arg;

	if (o->letters != NULL) {
		arg = o->letters;
		o->letters = NULL;
		return short_option(o, arg);
	}
	if (o->at >= o->argc)
		return OPTION_END;
	arg = o->argv[o->at++];
	if (!o->ended && strcmp(arg, "--") == 0) {
		o->ended = true;
		return options_next(o);
	}
	if (!o->ended && arg[0] == '-' && arg[1] == '-')
		return long_option(o, arg + 2);
	if (!o->ended && arg[0] == '-' && arg[1] != '\0')
		return short_option(o, arg + 1);
	o->value = arg;
	return OPTION_ARGUMENT;
}

static void
row_help(const struct option_row *r)
{
	char left[40];

	if (r->letter != 0)
		(void)snprintf(left, sizeof(left), "-%c, --%s%s%s", r->letter,
		    r->name, r->arg != NULL ? " " : "",
		    r->arg != NULL ? r->arg : "");
	else
		(void)snprintf(left, sizeof(left), "    --%s%s%s", r->name,
		    r->arg != NULL ? " " : "", r->arg != NULL ? r->arg : "");
	if (strlen(left) <= 26)
		(void)printf("  %-26s %s\n", left, r->help);
	else
		(void)printf("  %s\n  %26s %s\n", left, "", r->help);
}

void
options_help(const struct options *o)
{
	(void)printf("usage: sightglass %s %s\n\n%s\n\n", o->command,
	    o->synopsis, o->about);
	for (const struct option_row *r = o->row; r->name != NULL; r++)
		row_help(r);
}

int
options_choice(const struct options *o, const char *option,
    const char *const *names)
{
	const char *near;
	char all[256];
	size_t n = 0;

	for (int i = 0; names[i] != NULL; i++) {
		int k = snprintf(all + n, sizeof(all) - n, "%s%s",
		    i > 0 ? ", " : "", names[i]);

		if (strcmp(o->value, names[i]) == 0)
			return i;
		n += k > 0 && (size_t)k < sizeof(all) - n ? (size_t)k : 0;
	}
	asked_names = names;
	near = nearest(o->value, choice_name);
	if (near != NULL)
		complain("%s: --%s %s: did you mean %s? (%s)", o->command,
		    option, o->value, near, all);
	else
		complain("%s: --%s %s: must be one of %s", o->command, option,
		    o->value, all);
	return -1;
}
