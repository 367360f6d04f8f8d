/* ldap.h - users of a directory (LDAP over TLS, RFC 4511, 4513). */
#ifndef API_LDAP_H
#define API_LDAP_H

#include "private.h"

bool ldap_is_set(const struct server *);
enum access ldap_ask(void *server, const char *user, const char *password);

#endif
