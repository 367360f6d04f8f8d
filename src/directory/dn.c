/*
 * dn.c - distinguished names (RFC 4514): put together, and compared.
 *
 *	CN=Plant\, East,OU=Groups,DC=corp,DC=example
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "../base/hex.h"
#include "private.h"

#define USER "{user}"

static bool
is_special(char c)
{
	return strchr(",+\"\\<>;=# ", c) != NULL && c != '\0';
}

static bool
is_separator(char c)
{
	return c == ',' || c == '+' || c == '=' || c == ';';
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* The character that stands next, its escape taken off; *ret_bare: it was
 * none. */
static char
take(const char **at, bool *ret_bare)
{
	const char *s = *at;
	uint32_t high, low;

	*ret_bare = *s != '\\' || s[1] == '\0';
	if (*ret_bare) {
		*at = s + 1;
		return *s;
	}
	high = hex_digit((uint8_t)s[1]);
	low = high < 16 ? hex_digit((uint8_t)s[2]) : 16;
	if (low < 16) {
		*at = s + 3;
		return (char)(high << 4 | low);
	}
	*at = s + 2;
	return s[1];
}

/* One way to write each name: no blanks around separators, one where there
 * are more, what is special escaped, the rest not. */
static void
normal(const char *s, char dst[static 2 * DIRECTORY_NAME])
{
	size_t n = 0;
	bool bare, gap = false;

	s += strspn(s, " ");
	while (*s != '\0' && n < 2 * DIRECTORY_NAME - 4) {
		char c = take(&s, &bare);

		if (bare && c == ' ') {
			gap = n > 0 && dst[n - 1] != '\n';
			continue;
		}
		if (bare && is_separator(c)) {
			dst[n++] = c == ';' ? ',' : c;
			dst[n++] = '\n'; /* stands in no name */
			gap = false;
			continue;
		}
		if (gap)
			dst[n++] = ' ';
		gap = false;
		if (!bare && is_special(c))
			dst[n++] = '\\';
		dst[n++] = lower(c);
	}
	dst[n] = '\0';
}

bool
dn_same(const char *a, const char *b)
{
	char x[2 * DIRECTORY_NAME], y[2 * DIRECTORY_NAME];

	if (strlen(a) >= DIRECTORY_NAME || strlen(b) >= DIRECTORY_NAME)
		return false;
	normal(a, x);
	normal(b, y);
	return strcmp(x, y) == 0;
}

bool
dn_of(const char *template, const char *user, char dst[static DIRECTORY_NAME])
{
	const char *at = strstr(template, USER);
	bool is_dn = strchr(template, '=') != NULL;
	size_t n;
	int tail;

	if (at == NULL)
		return false;
	n = (size_t)(at - template);
	if (n >= DIRECTORY_NAME)
		return false;
	memcpy(dst, template, n);
	for (; *user != '\0'; user++) {
		if (n + 3 >= DIRECTORY_NAME)
			return false;
		if (is_dn && is_special(*user))
			dst[n++] = '\\';
		dst[n++] = *user;
	}
	tail = snprintf(dst + n, DIRECTORY_NAME - n, "%s", at + strlen(USER));
	return tail >= 0 && n + (size_t)tail < DIRECTORY_NAME;
}
