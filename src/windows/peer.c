/* peer.c - see peer.h. */
#include "peer.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define OPEN_NS (10 * TICK_SECOND)
#define STEP_MS 50

union name {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

struct tick
peer_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (struct tick){ t.tv_sec * TICK_SECOND + t.tv_nsec };
}

static bool
is_stopped(const struct windows_listener *l)
{
	return l->stop != NULL && l->stop(l->ctx);
}

bool
peer_pause(const struct windows_listener *l, int64_t ns)
{
	int64_t ms = ns / 1000000;

	(void)poll(NULL, 0, (int)(ms > STEP_MS ? STEP_MS : ms < 1 ? 1 : ms));
	return is_stopped(l);
}

/* Until the socket can be read, or written to. */
static enum peer_is
wait_for(struct peer *l, short events, struct tick until)
{
	struct pollfd p = { .fd = l->fd, .events = events };

	while (peer_now().ns < until.ns) {
		if (is_stopped(l->listener))
			return PEER_STOPPED;
		if (poll(&p, 1, STEP_MS) > 0)
			return PEER_DONE;
	}
	return PEER_LATE;
}

/* --------------------------------------------------------------------- TCP
 */

static enum peer_is
unable(struct peer *l, const char *what, const char *why)
{
	(void)snprintf(l->why, sizeof(l->why), "%s: %s", what, why);
	return PEER_UNABLE;
}

static void
note_local(struct peer *l)
{
	union name name;
	socklen_t n = sizeof(name);

	memset(&name, 0, sizeof(name));
	(void)getsockname(l->fd, &name.any, &n);
	if (name.any.sa_family == AF_INET6) {
		l->local = ip6_of((const uint8_t *)&name.v6.sin6_addr);
		l->local_port = ntohs(name.v6.sin6_port);
	} else {
		l->local = ip4_of((const uint8_t *)&name.v4.sin_addr);
		l->local_port = ntohs(name.v4.sin_port);
	}
}

static enum peer_is
dial(struct peer *l, struct tick until)
{
	int error = 0;
	socklen_t n = sizeof(error);
	enum peer_is is;

	l->fd = l->listener->open(l->listener->ctx, l->why);
	if (l->fd < 0)
		return PEER_UNABLE;
	is = wait_for(l, POLLOUT, until);
	if (is != PEER_DONE)
		return is;
	(void)getsockopt(l->fd, SOL_SOCKET, SO_ERROR, &error, &n);
	note_local(l);
	return error == 0 ? PEER_DONE : PEER_REFUSED;
}

/* --------------------------------------------------------------------- TLS
 */

static enum peer_is
again(struct peer *l, int rc, struct tick until)
{
	if (rc == GNUTLS_E_INTERRUPTED)
		return is_stopped(l->listener) ? PEER_STOPPED : PEER_DONE;
	if (rc != GNUTLS_E_AGAIN)
		return PEER_REFUSED;
	return wait_for(l,
	    gnutls_record_get_direction(l->tls) == 0 ? POLLIN : POLLOUT, until);
}

static void
note_certificate(struct peer *l)
{
	unsigned n = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(l->tls, &n);
	gnutls_datum_t binding = { NULL, 0 };
	uint8_t hash[32];

	if (n == 0 ||
	    gnutls_hash_fast(GNUTLS_DIG_SHA256, chain->data, chain->size,
		hash) != 0)
		return;
	for (uint32_t i = 0; i < sizeof(hash); i++)
		(void)snprintf(l->pin + 2 * i, 3, "%02x", hash[i]);
	if (gnutls_session_channel_binding(l->tls,
		GNUTLS_CB_TLS_SERVER_END_POINT, &binding) != 0)
		return;
	l->n_binding = 21;
	memcpy(l->binding, "tls-server-end-point:", 21);
	if (binding.size <= sizeof(l->binding) - 21) {
		memcpy(l->binding + 21, binding.data, binding.size);
		l->n_binding += binding.size;
	} else {
		l->n_binding = 0;
	}
	gnutls_free(binding.data);
}

static bool
vouched_for(struct peer *l)
{
	gnutls_datum_t text = { NULL, 0 };
	unsigned status = 0;
	int rc = gnutls_certificate_verify_peers2(l->tls, &status);

	if (rc == 0 && status == 0)
		return true;
	if (rc == 0)
		rc = gnutls_certificate_verification_status_print(status,
		    GNUTLS_CRT_X509, &text, 0);
	(void)snprintf(l->why, sizeof(l->why), "%s",
	    text.data != NULL ? (const char *)text.data : gnutls_strerror(rc));
	gnutls_free(text.data);
	return false;
}

static enum peer_is
judge(struct peer *l, const struct windows_target *t)
{
	bool same = t->pin[0] != '\0' && strcmp(t->pin, l->pin) == 0;

	if (l->pin[0] == '\0')
		return unable(l, "no certificate", "it shows none");
	if (t->trust == TRUST_CA)
		return vouched_for(l) ? PEER_DONE : PEER_UNTRUSTED;
	if (same || (t->trust == TRUST_FIRST && t->pin[0] == '\0'))
		return PEER_DONE;
	(void)snprintf(l->why, sizeof(l->why),
	    "it shows %s, %s%s; if that is right: active windows pin", l->pin,
	    t->pin[0] != '\0' ? "not " : "and none was said to be right",
	    t->pin);
	return PEER_UNTRUSTED;
}

static bool
prepare_tls(struct peer *l, const struct windows_target *t)
{
	gnutls_datum_t pem = { NULL, t->authorities.n };

	if (gnutls_certificate_allocate_credentials(&l->certificates) != 0)
		return false;
	if (t->trust == TRUST_CA) {
		memcpy(&pem.data, &t->authorities.p, sizeof(pem.data));
		if (gnutls_certificate_set_x509_trust_mem(l->certificates, &pem,
			GNUTLS_X509_FMT_PEM) < 1)
			return false;
	}
	/* NORMAL: TLS 1.0 too, which is all that Windows 7 offers unchanged */
	if (gnutls_init(&l->tls, GNUTLS_CLIENT | GNUTLS_NONBLOCK) != 0)
		return false;
	gnutls_transport_set_int(l->tls, l->fd);
	return gnutls_set_default_priority(l->tls) == 0 &&
	    gnutls_credentials_set(l->tls, GNUTLS_CRD_CERTIFICATE,
		l->certificates) == 0;
}

static enum peer_is
begin_tls(struct peer *l, const struct windows_target *t, struct tick until)
{
	enum peer_is is = PEER_DONE;
	int rc;

	if (!prepare_tls(l, t))
		return unable(l, "TLS",
		    "cannot be set up; is that a file of certificates?");
	do {
		rc = gnutls_handshake(l->tls);
		if (rc < 0 && gnutls_error_is_fatal(rc) == 0)
			is = again(l, rc, until);
	} while (rc < 0 && gnutls_error_is_fatal(rc) == 0 && is == PEER_DONE);
	if (is != PEER_DONE)
		return is;
	if (rc < 0)
		return unable(l, "TLS", gnutls_strerror(rc));
	note_certificate(l);
	return judge(l, t);
}

/* -------------------------------------------------------------- open to close
 */

enum peer_is
peer_open(struct peer *l, const struct windows_target *t,
    const struct windows_listener *listener)
{
	const struct tick until = { peer_now().ns + OPEN_NS };
	enum peer_is is;

	*l = (struct peer){ .fd = -1, .listener = listener };
	is = dial(l, until);
	if (is == PEER_DONE && !t->plain)
		is = begin_tls(l, t, until);
	return is;
}

void
peer_close(struct peer *l)
{
	if (l->tls != NULL) {
		(void)gnutls_bye(l->tls, GNUTLS_SHUT_WR);
		gnutls_deinit(l->tls);
	}
	if (l->certificates != NULL)
		gnutls_certificate_free_credentials(l->certificates);
	if (l->fd >= 0)
		(void)close(l->fd);
	l->fd = -1;
	l->tls = NULL;
	l->certificates = NULL;
}

/* -------------------------------------------------------------------- bytes
 */

enum peer_is
peer_send(struct peer *l, struct span s, struct tick until)
{
	enum peer_is is = PEER_DONE;

	while (s.n > 0 && is == PEER_DONE) {
		ssize_t n = l->tls != NULL
		    ? gnutls_record_send(l->tls, s.p, s.n)
		    : send(l->fd, s.p, s.n, MSG_NOSIGNAL);

		if (n > 0)
			s = span_from(s, (uint32_t)n);
		else if (l->tls != NULL)
			is = again(l, (int)n, until);
		else if (errno == EAGAIN || errno == EINTR)
			is = wait_for(l, POLLOUT, until);
		else
			is = PEER_REFUSED;
	}
	return is;
}

enum peer_is
peer_receive(struct peer *l, uint8_t *p, uint32_t cap, struct tick until,
    uint32_t *ret_n)
{
	enum peer_is is = PEER_DONE;

	*ret_n = 0;
	while (is == PEER_DONE) {
		ssize_t n = l->tls != NULL ? gnutls_record_recv(l->tls, p, cap)
					   : recv(l->fd, p, cap, 0);

		if (n >= 0) {
			*ret_n = (uint32_t)n;
			return PEER_DONE;
		}
		if (l->tls != NULL && n == GNUTLS_E_PREMATURE_TERMINATION)
			return PEER_DONE;
		if (l->tls != NULL)
			is = again(l, (int)n, until);
		else if (errno == EAGAIN || errno == EINTR)
			is = wait_for(l, POLLIN, until);
		else
			is = PEER_REFUSED;
	}
	return is;
}
