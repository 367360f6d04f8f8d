/* settings.c - see settings.h. */
#include "settings.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

#define VENDORS "/usr/share/ieee-data" /* where Debian's ieee-data puts it */

static const struct setting_row {
	const char *key;
	uint64_t least, most, initial;
	const char *unit, *help;
} rows[] = {
#define SETTING(sym, key, least, most, initial, unit, help) \
	{ key, least, most, initial, unit, help },
#include "settings.def"
#undef SETTING
};

#define KEY_OVERLAP "tcp.overlap"
#define KEY_VENDORS "vendors"
#define KEY_RULES "malware.rules"
#define KEY_INDICATORS "malware.indicators"

static const char *
key_name(uint32_t i)
{
	static const char *const others[] = { KEY_OVERLAP, KEY_VENDORS,
		KEY_RULES, KEY_INDICATORS, NULL };

	return i < SETTING_COUNT ? rows[i].key : others[i - SETTING_COUNT];
}

void
settings_init(struct settings *s)
{
	for (uint32_t i = 0; i < SETTING_COUNT; i++)
		s->number[i] = rows[i].initial;
	s->last_copy = false;
	s->vendors = access(VENDORS, R_OK) == 0 ? VENDORS : NULL;
	s->rules = s->indicators = NULL;
}

static unsigned
scale_of(const char *suffix)
{
	static const char letters[] = "KMG";
	const char *at;

	if (suffix[0] == '\0')
		return 0;
	at = strchr(letters, suffix[0] & ~0x20);
	if (at == NULL || *at == '\0')
		return 64;
	suffix++;
	if (strcmp(suffix, "iB") == 0 || strcmp(suffix, "B") == 0)
		suffix += strlen(suffix);
	return suffix[0] == '\0' ? 10 * (unsigned)(at - letters + 1) : 64;
}

/* Digits and perhaps K, M or G; false when it is neither or too large. */
static bool
number_of(const char *text, bool bytes, uint64_t *ret)
{
	uint64_t v = 0;
	size_t n = strspn(text, "0123456789");
	unsigned scale;

	if (n == 0 || n > 18)
		return false;
	for (size_t i = 0; i < n; i++)
		v = v * 10 + (uint64_t)(text[i] - '0');
	scale = text[n] == '\0' ? 0 : bytes ? scale_of(text + n) : 64;
	if (scale == 64 || v > UINT64_MAX >> scale)
		return false;
	*ret = v << scale;
	return true;
}

static bool
set_number(struct settings *s, const char *command, uint32_t i,
    const char *value)
{
	const struct setting_row *r = &rows[i];
	uint64_t v;

	if (number_of(value, r->unit[0] == 'B', &v) && v >= r->least &&
	    v <= r->most) {
		s->number[i] = v;
		return true;
	}
	complain("%s: --set %s=%s: must be a number from %" PRIu64
		 " to %" PRIu64 "%s",
	    command, r->key, value, r->least, r->most,
	    r->unit[0] == 'B' ? " bytes (K, M and G are understood)" : "");
	return false;
}

static bool
set_overlap(struct settings *s, const char *command, const char *value)
{
	s->last_copy = strcmp(value, "last") == 0;
	if (s->last_copy || strcmp(value, "first") == 0)
		return true;
	complain("%s: --set %s=%s: must be first or last", command, KEY_OVERLAP,
	    value);
	return false;
}

static bool
set_vendors(struct settings *s, const char *command, const char *value)
{
	s->vendors = value[0] != '\0' ? value : NULL;
	if (s->vendors == NULL || access(value, R_OK | X_OK) == 0)
		return true;
	complain("%s: --set %s=%s: no such folder", command, KEY_VENDORS,
	    value);
	return false;
}

static bool
set_path(const char **ret, const char *command, const char *key,
    const char *value, const char *what)
{
	*ret = value[0] != '\0' ? value : NULL;
	if (*ret == NULL || access(value, R_OK) == 0)
		return true;
	complain("%s: --set %s=%s: no such %s, or it cannot be read", command,
	    key, value, what);
	return false;
}

static bool
unknown_key(const char *command, const char *key)
{
	const char *near = nearest(key, key_name);

	if (near != NULL)
		complain("%s: --set %s: no such setting; did you mean %s?",
		    command, key, near);
	else
		complain("%s: --set %s: no such setting; 'sightglass help "
			 "%s' lists them",
		    command, key, command);
	return false;
}

bool
settings_set(struct settings *s, const char *command, const char *text)
{
	const char *equals = strchr(text, '=');
	char key[64];

	if (equals == NULL) {
		complain("%s: --set %s: must be KEY=VALUE", command, text);
		return false;
	}
	(void)snprintf(key, sizeof(key), "%.*s", (int)(equals - text), text);
	for (uint32_t i = 0; i < SETTING_COUNT; i++)
		if (strcmp(rows[i].key, key) == 0)
			return set_number(s, command, i, equals + 1);
	if (strcmp(key, KEY_OVERLAP) == 0)
		return set_overlap(s, command, equals + 1);
	if (strcmp(key, KEY_VENDORS) == 0)
		return set_vendors(s, command, equals + 1);
	if (strcmp(key, KEY_RULES) == 0)
		return set_path(&s->rules, command, key, equals + 1, "folder");
	if (strcmp(key, KEY_INDICATORS) == 0)
		return set_path(&s->indicators, command, key, equals + 1,
		    "file");
	return unknown_key(command, key);
}

void
settings_help(void)
{
	(void)printf("\nsettings (--set KEY=VALUE):\n");
	for (uint32_t i = 0; i < SETTING_COUNT; i++)
		(void)printf("  %-18s %s\n  %18s %" PRIu64 " to %" PRIu64
			     "%s; default %" PRIu64 "\n",
		    rows[i].key, rows[i].help, "", rows[i].least, rows[i].most,
		    rows[i].unit[0] == 'B' ? " bytes" : "", rows[i].initial);
	(void)printf("  %-18s %s\n  %18s first or last; default first\n",
	    KEY_OVERLAP,
	    "of bytes sent twice with different content, which to believe", "");
	(void)printf("  %-18s %s\n  %18s a folder, or empty for none; default "
		     "%s\n",
	    KEY_VENDORS, "the IEEE's registry of MAC addresses, in CSV", "",
	    VENDORS);
	(void)printf("  %-18s %s\n  %18s a folder, or empty for none; default "
		     "none\n",
	    KEY_RULES, "YARA rules for the files that pass", "");
	(void)printf("  %-18s %s\n  %18s a file in CSV, plain, STIX 2.1 or "
		     "MISP; default none\n",
	    KEY_INDICATORS,
	    "known to be bad, besides those of the state (indicators)", "");
}
