/* settings.c - what the settings say of a directory, and what they lack. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

#define LDAPS 636u
#define LDAP 389u

static const char *
text_of(const struct config *c, enum config_key key)
{
	return c->text[key];
}

/* "ldaps://dc1.corp.example:636", "ldap://[fd00::1]" */
static bool
read_server(struct span s, struct server *ret)
{
	char text[CONFIG_TEXT], *at = text, *end;
	size_t n;

	(void)snprintf(text, sizeof(text), "%.*s", (int)s.n, (const char *)s.p);
	*ret = (struct server){ .port = LDAP };
	ret->tls = strncmp(text, "ldaps://", 8) == 0;
	if (!ret->tls && strncmp(text, "ldap://", 7) != 0)
		return false;
	if (ret->tls)
		ret->port = LDAPS;
	at += ret->tls ? 8 : 7;
	n = *at == '[' ? strcspn(++at, "]") : strcspn(at, ":/");
	if (n == 0 || n >= sizeof(ret->host))
		return false;
	memcpy(ret->host, at, n);
	at += n + (at[n] == ']');
	if (*at == ':') {
		unsigned long port = strtoul(at + 1, &end, 10);

		if (end == at + 1 || port == 0 || port > 65535)
			return false;
		ret->port = (uint16_t)port;
		at = end;
	}
	return *at == '\0' || strcmp(at, "/") == 0;
}

bool
server_at(const struct config *c, uint32_t i, struct server *ret)
{
	const char *at = text_of(c, CONF_DIRECTORY_SERVERS);
	size_t n;

	if (i >= SERVERS)
		return false;
	for (;; i--) {
		at += strspn(at, " ");
		n = strcspn(at, " ");
		if (n == 0)
			return false;
		if (i == 0)
			return read_server(SPAN((const uint8_t *)at,
					       (uint32_t)n),
			    ret);
		at += n;
	}
}

bool
group_at(const char *groups, uint32_t i, char dst[static DIRECTORY_NAME])
{
	const char *at = groups;
	size_t n;

	for (;; i--) {
		at += strspn(at, "; ");
		n = 0;
		while (at[n] != '\0' && at[n] != ';')
			n += at[n] == '\\' && at[n + 1] != '\0' ? 2 : 1;
		if (n == 0 || n >= DIRECTORY_NAME)
			return false;
		if (i == 0)
			break;
		at += n;
	}
	memcpy(dst, at, n);
	dst[n] = '\0';
	return true;
}

static const char *
server_flaw(const struct config *c)
{
	const char *at = text_of(c, CONF_DIRECTORY_SERVERS);
	uint32_t n = 0;
	struct server s;

	for (; *(at += strspn(at, " ")) != '\0'; at += strcspn(at, " "))
		if (!server_at(c, n++, &s))
			return "directory.servers must be up to 8 of "
			       "ldaps://HOST or ldap://HOST, with blanks "
			       "between";
	return n == 0 ? "directory.servers names none" : NULL;
}

const char *
directory_flaw(const struct config *c)
{
	const char *flaw = server_flaw(c);

	if (flaw != NULL)
		return flaw;
	if (text_of(c, CONF_DIRECTORY_READER)[0] == '\0' &&
	    text_of(c, CONF_DIRECTORY_BIND)[0] == '\0')
		return "directory.reader (a service account) or directory.bind "
		       "(how users bind by themselves) must be set";
	if (text_of(c, CONF_DIRECTORY_READER)[0] == '\0' &&
	    strstr(text_of(c, CONF_DIRECTORY_BIND), "{user}") == NULL)
		return "directory.bind has no {user}";
	if (text_of(c, CONF_DIRECTORY_USERS)[0] == '\0')
		return "directory.users, the DN below which users are, is not "
		       "set";
	if (text_of(c, CONF_DIRECTORY_ADMINS)[0] == '\0' &&
	    text_of(c, CONF_DIRECTORY_ANALYSTS)[0] == '\0' &&
	    text_of(c, CONF_DIRECTORY_READERS)[0] == '\0')
		return "no group gives a role: directory.admins, "
		       "directory.analysts, directory.readers";
	return NULL;
}

bool
directory_can_look(const struct config *c)
{
	return text_of(c, CONF_DIRECTORY_READER)[0] != '\0';
}

void
directory_purpose(const struct config *c, char *dst, size_t cap)
{
	(void)snprintf(dst, cap, "directory\n%s\n%s\n%s",
	    text_of(c, CONF_DIRECTORY_SERVERS),
	    text_of(c, CONF_DIRECTORY_READER),
	    c->number[CONF_DIRECTORY_CLEAR] == 1 ? "clear" : "tls");
}
