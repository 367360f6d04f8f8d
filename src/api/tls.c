/*
 * tls.c - see tls.h: a self-signed certificate at first start (P-256, ten
 * years: RFC 5280), or one's own with its chain and key checked.
 *
 * A new one takes the place of the old one between two handshakes; what old
 * handshakes still hold stays until the end.
 */
#include "tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CHAIN 8u
#define PEM_MOST 65536u
#define YEARS 10

struct pair {
	gnutls_pcert_st cert[CHAIN];
	unsigned n;
	gnutls_privkey_t key;
	gnutls_x509_crt_t first;
	struct pair *older;
};

struct tls {
	bool fixed; /* by the settings */
	char home[4096];
	pthread_mutex_t lock;
	struct pair *now;
};

static struct tls *handed; /* the callback is told nothing */

/* ----------------------------------------------------------------- files */

static bool
read_file(const char *home, const char *name, char *dst, size_t cap)
{
	char path[4200];
	ssize_t n = -1;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", home, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, dst, cap - 1);
		(void)close(fd);
	}
	dst[n > 0 ? n : 0] = '\0';
	return n > 0;
}

/* Whole or not at all. */
static bool
write_file(const char *home, const char *name, const char *text)
{
	char path[4200], old[4200];
	size_t n = strlen(text);
	bool good;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s.new", home, name);
	(void)snprintf(old, sizeof(old), "%s/%s", home, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	good = write(fd, text, n) == (ssize_t)n && fsync(fd) == 0;
	good = close(fd) == 0 && good;
	return good && rename(path, old) == 0;
}

/* One file, so that key and certificate change together. */
static bool
write_pair(const char *home, const char *key, const char *chain)
{
	char *both = NULL;
	bool good = asprintf(&both, "%s\n%s", key, chain) >= 0 &&
	    write_file(home, "server.pem", both);

	if (both != NULL)
		gnutls_memset(both, 0, strlen(both));
	free(both);
	return good;
}

/* ------------------------------------------------------------ making one */

static void
set_names(gnutls_x509_crt_t c, const char *names)
{
	char host[256] = "localhost", word[256];
	unsigned char ip[16] = { 127, 0, 0, 1 };
	const unsigned char six[16] = { [15] = 1 };
	const char *at = names != NULL ? names : "";

	(void)gethostname(host, sizeof(host) - 1);
	(void)gnutls_x509_crt_set_dn_by_oid(c, GNUTLS_OID_X520_COMMON_NAME, 0,
	    host, (unsigned)strlen(host));
	(void)gnutls_x509_crt_set_dn_by_oid(c,
	    GNUTLS_OID_X520_ORGANIZATION_NAME, 0, "Sightglass", 10);
	(void)gnutls_x509_crt_set_subject_alt_name(c, GNUTLS_SAN_DNSNAME, host,
	    (unsigned)strlen(host), GNUTLS_FSAN_SET);
	(void)gnutls_x509_crt_set_subject_alt_name(c, GNUTLS_SAN_DNSNAME,
	    "localhost", 9, GNUTLS_FSAN_APPEND);
	(void)gnutls_x509_crt_set_subject_alt_name(c, GNUTLS_SAN_IPADDRESS, ip,
	    4, GNUTLS_FSAN_APPEND);
	(void)gnutls_x509_crt_set_subject_alt_name(c, GNUTLS_SAN_IPADDRESS, six,
	    16, GNUTLS_FSAN_APPEND);
	while (*at != '\0') {
		size_t n = strcspn(at, " ");

		(void)snprintf(word, sizeof(word), "%.*s", (int)n, at);
		if (inet_pton(AF_INET, word, ip) == 1)
			(void)gnutls_x509_crt_set_subject_alt_name(c,
			    GNUTLS_SAN_IPADDRESS, ip, 4, GNUTLS_FSAN_APPEND);
		else
			(void)gnutls_x509_crt_set_subject_alt_name(c,
			    GNUTLS_SAN_DNSNAME, word, (unsigned)n,
			    GNUTLS_FSAN_APPEND);
		at += n + strspn(at + n, " ");
	}
}

static bool
sign_self(gnutls_x509_crt_t c, gnutls_x509_privkey_t k, const char *names)
{
	unsigned char serial[16];
	time_t now = time(NULL);

	if (gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof(serial)) < 0)
		return false;
	serial[0] &= 0x7f;
	set_names(c, names);
	return gnutls_x509_crt_set_version(c, 3) >= 0 &&
	    gnutls_x509_crt_set_serial(c, serial, sizeof(serial)) >= 0 &&
	    gnutls_x509_crt_set_activation_time(c, now - 3600) >= 0 &&
	    gnutls_x509_crt_set_expiration_time(c,
		now + (time_t)YEARS * 365 * 86400) >= 0 &&
	    gnutls_x509_crt_set_key(c, k) >= 0 &&
	    gnutls_x509_crt_set_basic_constraints(c, 0, -1) >= 0 &&
	    gnutls_x509_crt_set_key_usage(c, GNUTLS_KEY_DIGITAL_SIGNATURE) >=
	    0 &&
	    gnutls_x509_crt_set_key_purpose_oid(c, GNUTLS_KP_TLS_WWW_SERVER,
		0) >= 0 &&
	    gnutls_x509_crt_sign2(c, c, k, GNUTLS_DIG_SHA256, 0) >= 0;
}

static bool
make(const char *home, const char *names)
{
	gnutls_x509_privkey_t k = NULL;
	gnutls_x509_crt_t c = NULL;
	gnutls_datum_t key = { NULL, 0 }, cert = { NULL, 0 };
	bool good = gnutls_x509_privkey_init(&k) >= 0 &&
	    gnutls_x509_crt_init(&c) >= 0 &&
	    gnutls_x509_privkey_generate(k, GNUTLS_PK_ECDSA,
		GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0) >= 0 &&
	    sign_self(c, k, names) &&
	    gnutls_x509_privkey_export2(k, GNUTLS_X509_FMT_PEM, &key) >= 0 &&
	    gnutls_x509_crt_export2(c, GNUTLS_X509_FMT_PEM, &cert) >= 0 &&
	    write_pair(home, (const char *)key.data, (const char *)cert.data);

	gnutls_free(key.data);
	gnutls_free(cert.data);
	gnutls_x509_crt_deinit(c);
	gnutls_x509_privkey_deinit(k);
	return good;
}

/* ---------------------------------------------------------------- loading */

static void
pair_free(struct pair *p)
{
	while (p != NULL) {
		struct pair *older = p->older;

		for (unsigned i = 0; i < p->n; i++)
			gnutls_pcert_deinit(&p->cert[i]);
		if (p->key != NULL)
			gnutls_privkey_deinit(p->key);
		if (p->first != NULL)
			gnutls_x509_crt_deinit(p->first);
		free(p);
		p = older;
	}
}

/* A certificate of the chain, and the one that is to have signed it. */
static const char *
check_link(gnutls_x509_crt_t cert, gnutls_x509_crt_t by, time_t now)
{
	const unsigned forged =
	    GNUTLS_CERT_SIGNATURE_FAILURE | GNUTLS_CERT_SIGNER_NOT_FOUND;
	unsigned critical, status = 0;

	if (gnutls_x509_crt_check_issuer(cert, by) == 0)
		return "The chain is not in order: each certificate must be "
		       "signed by the next.";
	if (gnutls_x509_crt_get_ca_status(by, &critical) <= 0)
		return "A certificate of the chain may not sign others: it is "
		       "no CA's.";
	if (gnutls_x509_crt_get_expiration_time(by) <= now)
		return "A certificate of the chain has expired.";
	if (gnutls_x509_crt_verify(cert, &by, 1,
		GNUTLS_VERIFY_DISABLE_TIME_CHECKS, &status) < 0 ||
	    (status & forged) != 0)
		return "A certificate of the chain was not signed by the next.";
	return NULL;
}

static const char *
check_chain(gnutls_x509_crt_t *list, unsigned n, time_t now)
{
	if (gnutls_x509_crt_get_expiration_time(list[0]) <= now)
		return "The certificate has expired.";
	if (gnutls_x509_crt_get_activation_time(list[0]) > now)
		return "The certificate is not valid yet.";
	for (unsigned i = 0; i + 1 < n; i++) {
		const char *why = check_link(list[i], list[i + 1], now);

		if (why != NULL)
			return why;
	}
	return NULL;
}

/* The first certificate's public key belongs to the key. */
static bool
is_pair(gnutls_x509_crt_t cert, gnutls_privkey_t key)
{
	gnutls_pubkey_t of_cert = NULL, of_key = NULL;
	unsigned char a[64], b[64];
	size_t na = sizeof(a), nb = sizeof(b);
	bool same = gnutls_pubkey_init(&of_cert) >= 0 &&
	    gnutls_pubkey_init(&of_key) >= 0 &&
	    gnutls_pubkey_import_x509(of_cert, cert, 0) >= 0 &&
	    gnutls_pubkey_import_privkey(of_key, key, 0, 0) >= 0 &&
	    gnutls_pubkey_get_key_id(of_cert, GNUTLS_KEYID_USE_SHA256, a,
		&na) >= 0 &&
	    gnutls_pubkey_get_key_id(of_key, GNUTLS_KEYID_USE_SHA256, b, &nb) >=
		0 &&
	    na == nb && memcmp(a, b, na) == 0;

	gnutls_pubkey_deinit(of_cert);
	gnutls_pubkey_deinit(of_key);
	return same;
}

static const char *
take_chain(struct pair *p, gnutls_x509_crt_t *list, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (gnutls_pcert_import_x509(&p->cert[i], list[i], 0) < 0)
			return "The certificate cannot be used.";
		p->n++;
	}
	return is_pair(list[0], p->key)
	    ? NULL
	    : "The key does not belong to the certificate.";
}

static const char *
weak(gnutls_x509_crt_t cert)
{
	unsigned bits = 0;
	int kind = gnutls_x509_crt_get_pk_algorithm(cert, &bits);
	int how = gnutls_x509_crt_get_signature_algorithm(cert);

	if (kind == GNUTLS_PK_RSA && bits < 2048)
		return "RSA keys must have 2048 bits or more.";
	if (gnutls_sign_is_secure2((gnutls_sign_algorithm_t)how,
		GNUTLS_SIGN_FLAG_SECURE_FOR_CERTS) == 0)
		return "The certificate's signature is too weak.";
	return NULL;
}

static struct pair *
load(const char *key, const char *chain, bool strict, const char **ret_why)
{
	struct pair *p = calloc(1, sizeof(*p));
	gnutls_x509_crt_t list[CHAIN];
	gnutls_datum_t k = { (unsigned char *)(uintptr_t)key,
		(unsigned)strlen(key) };
	gnutls_datum_t c = { (unsigned char *)(uintptr_t)chain,
		(unsigned)strlen(chain) };
	unsigned n = CHAIN;

	*ret_why = "out of memory";
	if (p == NULL)
		return NULL;
	if (gnutls_x509_crt_list_import(list, &n, &c, GNUTLS_X509_FMT_PEM,
		GNUTLS_X509_CRT_LIST_IMPORT_FAIL_IF_EXCEED) <= 0) {
		*ret_why = "This is no certificate in PEM.";
		free(p);
		return NULL;
	}
	p->first = list[0];
	if (gnutls_privkey_init(&p->key) < 0 ||
	    gnutls_privkey_import_x509_raw(p->key, &k, GNUTLS_X509_FMT_PEM,
		NULL, 0) < 0)
		*ret_why = "This is no private key in PEM, or it is encrypted.";
	else
		*ret_why = take_chain(p, list, n);
	if (*ret_why == NULL && strict)
		*ret_why = check_chain(list, n, time(NULL));
	if (*ret_why == NULL && strict)
		*ret_why = weak(list[0]);
	for (unsigned i = 1; i < n; i++)
		gnutls_x509_crt_deinit(list[i]);
	if (*ret_why == NULL)
		return p;
	pair_free(p);
	return NULL;
}

struct tls *
tls_open(const char *home, const char *names, char ret_error[static API_ERROR])
{
	struct tls *t = calloc(1, sizeof(*t));
	static char pem[PEM_MOST];
	const char *why = "out of memory";

	if (t == NULL)
		goto failed;
	(void)pthread_mutex_init(&t->lock, NULL);
	(void)snprintf(t->home, sizeof(t->home), "%s", home);
	why = "a certificate could not be made";
	if (!read_file(home, "server.pem", pem, sizeof(pem)) &&
	    (!make(home, names) ||
		!read_file(home, "server.pem", pem, sizeof(pem))))
		goto failed;
	t->now = load(pem, pem, false, &why);
	gnutls_memset(pem, 0, sizeof(pem));
	if (t->now == NULL)
		goto failed;
	handed = t;
	return t;
failed:
	(void)snprintf(ret_error, API_ERROR, "%s: %s (%s)", home, why,
	    strerror(errno));
	free(t);
	return NULL;
}

void
tls_close(struct tls *t)
{
	if (t == NULL)
		return;
	handed = NULL;
	pair_free(t->now);
	(void)pthread_mutex_destroy(&t->lock);
	free(t);
}

static void
put_in_place(struct tls *t, struct pair *p)
{
	(void)pthread_mutex_lock(&t->lock);
	p->older = t->now;
	t->now = p;
	(void)pthread_mutex_unlock(&t->lock);
}

bool
tls_replace(struct tls *t, const char *key, const char *chain, char *ret_why,
    size_t cap)
{
	const char *why = "The settings web.certificate and web.key name it.";
	struct pair *p = t->fixed ? NULL : load(key, chain, true, &why);

	if (p == NULL) {
		(void)snprintf(ret_why, cap, "%s", why);
		return false;
	}
	if (!write_pair(t->home, key, chain)) {
		(void)snprintf(ret_why, cap, "It could not be written.");
		pair_free(p);
		return false;
	}
	put_in_place(t, p);
	return true;
}

bool
tls_fix(struct tls *t, const char *key, const char *chain, char *ret_why,
    size_t cap)
{
	const char *why;
	struct pair *p = load(key, chain, true, &why);

	if (p == NULL) {
		(void)snprintf(ret_why, cap, "%s", why);
		return false;
	}
	put_in_place(t, p);
	t->fixed = true;
	return true;
}

/* What is in use now; it stays valid when another takes its place. */
static struct pair *
pair_now(struct tls *t)
{
	struct pair *p;

	(void)pthread_mutex_lock(&t->lock);
	p = t->now;
	(void)pthread_mutex_unlock(&t->lock);
	return p;
}

bool
tls_has_name(struct tls *t, const char *host)
{
	return gnutls_x509_crt_check_hostname(pair_now(t)->first, host) != 0;
}

bool
tls_describe(struct tls *t, struct tls_facts *f)
{
	gnutls_x509_crt_t c = pair_now(t)->first;
	unsigned char sum[32];
	size_t n = sizeof(sum), a = sizeof(f->subject), b = sizeof(f->issuer);

	if (gnutls_x509_crt_get_dn(c, f->subject, &a) < 0 ||
	    gnutls_x509_crt_get_issuer_dn(c, f->issuer, &b) < 0 ||
	    gnutls_x509_crt_get_fingerprint(c, GNUTLS_DIG_SHA256, sum, &n) < 0)
		return false;
	for (size_t i = 0; i < n; i++)
		(void)snprintf(f->fingerprint + 2 * i, 3, "%02x", sum[i]);
	f->from = gnutls_x509_crt_get_activation_time(c);
	f->until = gnutls_x509_crt_get_expiration_time(c);
	f->own = gnutls_x509_crt_check_issuer(c, c) != 0;
	return true;
}

int
tls_hand_out(gnutls_session_t session, const gnutls_datum_t *authorities, int n,
    const gnutls_pk_algorithm_t *algorithms, int n_algorithms,
    gnutls_pcert_st **ret, unsigned *ret_n, gnutls_privkey_t *ret_key)
{
	struct pair *p = pair_now(handed);

	(void)session;
	(void)authorities;
	(void)n;
	(void)algorithms;
	(void)n_algorithms;
	*ret = p->cert;
	*ret_n = p->n;
	*ret_key = p->key;
	return 0;
}
