/* tls.h - the certificate. */
#ifndef API_TLS_H
#define API_TLS_H

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stdint.h>

#include "api.h"

/* TLS 1.2 with forward secrecy and AEAD only, and 1.3. */
#define TLS_PRIORITIES                                                   \
	"SECURE192:+SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:"      \
	"-RSA:-CIPHER-ALL:+AES-256-GCM:+AES-128-GCM:+CHACHA20-POLY1305:" \
	"-MAC-ALL:+AEAD:%SERVER_PRECEDENCE"

struct tls;

/* Loads home/server.pem, key and chain; makes it when there is none. */
struct tls *tls_open(const char *home, const char *names,
    char ret_error[static API_ERROR]);
void tls_close(struct tls *);
bool tls_has_name(struct tls *, const char *host);
struct tls_facts {
	char subject[256], issuer[256], fingerprint[96];
	int64_t from, until; /* seconds since 1970 */
	bool own; /* signed by itself */
};
bool tls_describe(struct tls *, struct tls_facts *ret);
/* One's own, PEM; takes its place at once.  False with what is wrong. */
bool tls_replace(struct tls *, const char *key, const char *chain,
    char *ret_why, size_t cap);
/* The same, set by the settings: not kept, and not to be replaced. */
bool tls_fix(struct tls *, const char *key, const char *chain, char *ret_why,
    size_t cap);
/* For MHD_OPTION_HTTPS_CERT_CALLBACK. */
int tls_hand_out(gnutls_session_t, const gnutls_datum_t *, int,
    const gnutls_pk_algorithm_t *, int, gnutls_pcert_st **, unsigned *,
    gnutls_privkey_t *);

#endif
