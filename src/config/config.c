/* config.c - see config.h: the table, and one key at a time. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../base/nearest.h"
#include "private.h"

const struct key_row config_keys[CONF_COUNT] = {
#define KEY(sym, key, type, least, most, initial, unit, when, of, help)  \
	{ key, KEY_IS_##type, least, most, initial, unit, KEY_AT_##when, \
		KEY_OF_##of, help },
#include "keys.def"
#undef KEY
};

static const char *
key_name(uint32_t i)
{
	return i < CONF_COUNT ? config_keys[i].name : NULL;
}

bool
config_fail(char error[static CONFIG_ERROR], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(error, CONFIG_ERROR, fmt, ap);
	va_end(ap);
	return false;
}

/* ----------------------------------------------------------------- numbers */

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

bool
config_number(const char *text, bool bytes, uint64_t *ret)
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
set_number(struct config *c, uint32_t i, const char *value,
    char error[static CONFIG_ERROR])
{
	const struct key_row *r = &config_keys[i];
	bool bytes = r->type == KEY_IS_BYTES;
	uint64_t v;

	if (config_number(value, bytes, &v) && v >= r->least && v <= r->most) {
		c->number[i] = v;
		return true;
	}
	return config_fail(error,
	    "%s=%.60s: must be a number from %" PRIu64 " to %" PRIu64 "%s",
	    r->name, value, r->least, r->most,
	    bytes ? " bytes (K, M and G are understood)" : "");
}

/* ------------------------------------------------------------------- words */

/* The i-th word of a list with blanks between. */
static struct span
word_at(const char *list, uint32_t i)
{
	size_t n;

	for (; i > 0 && *list != '\0'; i--) {
		list += strcspn(list, " ");
		list += strspn(list, " ");
	}
	n = strcspn(list, " ");
	return SPAN((const uint8_t *)list, (uint32_t)n);
}

static void
name_choices(const char *list, char *dst, size_t cap)
{
	size_t n = 0;

	for (uint32_t i = 0; word_at(list, i).n > 0 && n < cap; i++) {
		struct span w = word_at(list, i);
		bool last = i > 0 && word_at(list, i + 1).n == 0;
		int k = snprintf(dst + n, cap - n, "%s%.*s",
		    i == 0     ? ""
			: last ? " or "
			       : ", ",
		    (int)w.n, (const char *)w.p);

		n += k > 0 ? (size_t)k : 0;
	}
}

static bool
set_choice(struct config *c, uint32_t i, const char *value,
    char error[static CONFIG_ERROR])
{
	const struct key_row *r = &config_keys[i];
	char names[160];

	for (uint32_t k = 0; word_at(r->unit, k).n > 0; k++) {
		if (!span_is(word_at(r->unit, k), span_text(value)))
			continue;
		c->number[i] = k;
		return true;
	}
	name_choices(r->unit, names, sizeof(names));
	return config_fail(error, "%s=%.60s: must be %s", r->name, value,
	    names);
}

static bool
set_text(struct config *c, uint32_t i, const char *value,
    char error[static CONFIG_ERROR])
{
	const struct key_row *r = &config_keys[i];
	size_t n = strlen(value);

	if (n < r->least)
		return config_fail(error, "%s: must not be empty", r->name);
	if (n > r->most)
		return config_fail(error,
		    "%s: longer than %" PRIu64 " characters", r->name, r->most);
	if (n > 0 && r->type == KEY_IS_FOLDER &&
	    access(value, R_OK | X_OK) != 0)
		return config_fail(error,
		    "%s=%.100s: no such folder, or it cannot be read", r->name,
		    value);
	if (n > 0 && r->type == KEY_IS_FILE && access(value, R_OK) != 0)
		return config_fail(error,
		    "%s=%.100s: no such file, or it cannot be read", r->name,
		    value);
	memcpy(c->text[i], value, n + 1);
	return true;
}

/* -------------------------------------------------------------------- keys */

static bool
set_key(struct config *c, uint32_t i, const char *value,
    char error[static CONFIG_ERROR])
{
	switch (config_keys[i].type) {
	case KEY_IS_NUMBER:
	case KEY_IS_BYTES:
		return set_number(c, i, value, error);
	case KEY_IS_CHOICE:
		return set_choice(c, i, value, error);
	case KEY_IS_FOLDER:
	case KEY_IS_FILE:
	case KEY_IS_PATH:
	case KEY_IS_TEXT:
		break;
	}
	return set_text(c, i, value, error);
}

void
config_init(struct config *c)
{
	char ignored[CONFIG_ERROR];

	memset(c, 0, sizeof(*c));
	/* a folder that is not there stays empty */
	for (uint32_t i = 0; i < CONF_COUNT; i++)
		(void)set_key(c, i, config_keys[i].initial, ignored);
}

enum config_key
config_find(const char *name)
{
	uint32_t i = 0;

	while (i < CONF_COUNT && strcmp(config_keys[i].name, name) != 0)
		i++;
	return (enum config_key)i;
}

bool
config_may_change(enum config_key key)
{
	const struct key_row *r = &config_keys[key];

	return key < CONF_COUNT && !config_is_text(key) &&
	    (r->of & KEY_OF_RUN) != 0 && key != CONF_MODE &&
	    key != CONF_ACTIVE && strncmp(r->name, "web", 3) != 0 &&
	    strncmp(r->name, "directory", 9) != 0;
}

bool
config_set(struct config *c, const char *key, const char *value,
    char error[static CONFIG_ERROR])
{
	const enum config_key known = config_find(key);
	const char *near;

	if (known < CONF_COUNT)
		return set_key(c, known, value, error);
	if (strncmp(key, "port.", 5) == 0)
		return config_set_port(c, key + 5, value, error);
	near = nearest(key, key_name);
	if (near != NULL)
		return config_fail(error,
		    "%.60s: no such setting; did you mean %s?", key, near);
	return config_fail(error, "%.60s: no such setting", key);
}

bool
config_set_pair(struct config *c, const char *text,
    char error[static CONFIG_ERROR])
{
	const char *equals = strchr(text, '=');
	char key[64];

	if (equals == NULL)
		return config_fail(error, "%.60s: must be KEY=VALUE", text);
	(void)snprintf(key, sizeof(key), "%.*s", (int)(equals - text), text);
	return config_set(c, key, equals + 1, error);
}

const char *
config_path(const struct config *c, enum config_key key)
{
	return c->text[key][0] != '\0' ? c->text[key] : NULL;
}

bool
config_is_text(uint32_t i)
{
	return config_keys[i].type >= KEY_IS_FOLDER;
}

/* What the key is set to, as text that config_set() takes. */
void
config_value(const struct config *c, uint32_t i, char dst[static CONFIG_TEXT])
{
	const struct key_row *r = &config_keys[i];
	struct span w;

	if (config_is_text(i)) {
		memcpy(dst, c->text[i], CONFIG_TEXT);
	} else if (r->type == KEY_IS_CHOICE) {
		w = word_at(r->unit, (uint32_t)c->number[i]);
		(void)snprintf(dst, CONFIG_TEXT, "%.*s", (int)w.n,
		    (const char *)w.p);
	} else {
		(void)snprintf(dst, CONFIG_TEXT, "%" PRIu64, c->number[i]);
	}
}

const char *
config_needs_restart(const struct config *was, const struct config *is)
{
	for (uint32_t i = 0; i < CONF_COUNT; i++)
		if (config_keys[i].when == KEY_AT_RESTART &&
		    (was->number[i] != is->number[i] ||
			strcmp(was->text[i], is->text[i]) != 0))
			return config_keys[i].name;
	return NULL;
}
