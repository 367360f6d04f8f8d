/* private.h - shared by the files of directory/ only. */
#ifndef DIRECTORY_PRIVATE_H
#define DIRECTORY_PRIVATE_H

#include <gnutls/gnutls.h>

#include "../process/leash.h"
#include "../process/process.h"
#include "directory.h"
#include "ldap.h"

#define SERVERS 8u

/* -------------------------------------------------------------- settings.c */

struct server {
	char host[200];
	uint16_t port;
	bool tls; /* from the first byte; else StartTLS, unless in clear */
};

/* The i-th of the settings; false: there is none, or it is no address. */
bool server_at(const struct config *, uint32_t i, struct server *ret);
/* The i-th of groups with semicolons between; false: there is none. */
bool group_at(const char *groups, uint32_t i, char dst[static DIRECTORY_NAME]);
/* What the reader's password is sealed for. */
void directory_purpose(const struct config *, char *dst, size_t cap);

/* ----------------------------------------------------------------- dn.c */

/* Whether two name the same, as far as can be told without the schema:
 * RFC 4514, letters of ASCII in either case, blanks around "," and "=". */
bool dn_same(const char *, const char *);
/* The template with the user's name in place of "{user}": escaped where it is
 * a DN.  False: too long. */
bool dn_of(const char *template, const char *user,
    char dst[static DIRECTORY_NAME]);

/* ---------------------------------------------------------------- cord.c */

/* One connection, that ends in time. */
struct cord {
	int fd;
	int64_t until; /* monotonic ms */
	gnutls_session_t tls;
	uint32_t id; /* of the last request */
	uint32_t n, taken; /* bytes in hand, and of them read */
	uint64_t heard; /* bytes, in all */
	char why[DIRECTORY_WHY];
	void (*idle)(void *ctx); /* while it waits */
	void *ctx;
	uint8_t in[LDAP_MOST];
};

/* Waits until it is connected; false with l->why, as all of these. */
bool cord_open(struct cord *, int fd);
bool cord_tls(struct cord *, gnutls_certificate_credentials_t,
    const char *host);
bool cord_send(struct cord *, const struct ldap_put *);
/* The next message for the last request; it lies in l->in until the next. */
bool cord_next(struct cord *, struct ldap_message *ret);
void cord_close(struct cord *);
bool cord_fail(struct cord *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* ----------------------------------------------------------------- ask.c */

struct asker_of {
	const struct config *config;
	gnutls_certificate_credentials_t trust;
	char password[DIRECTORY_PASSWORD]; /* the reader's */
	int64_t dead[SERVERS]; /* until then asked last, monotonic ms */
	/* A connected or connecting socket; -1 with a sentence. */
	int (*dial)(void *ctx, uint32_t server, int64_t until,
	    char why[static DIRECTORY_WHY]);
	void (*idle)(void *ctx);
	void *ctx;
	struct cord cord;
};
void directory_answer_of(struct asker_of *, const struct directory_question *,
    struct directory_answer *ret);

#endif
