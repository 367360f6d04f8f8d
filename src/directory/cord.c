/*
 * cord.c - one connection to a server: bytes with TLS or without, cut into
 * messages, all of it before its time is over.
 *
 * What a server may send is bounded three times: a message by LDAP_MOST, all
 * messages together by HEARD_MOST, and the time.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/x509.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "private.h"

#define STEP_MS 100
#define HEARD_MOST ((uint64_t)8 << 20)
#define PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

bool
cord_fail(struct cord *l, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(l->why, sizeof(l->why), fmt, args);
	va_end(args);
	return false;
}

static bool
wait_for(struct cord *l, short events)
{
	struct pollfd p = { .fd = l->fd, .events = events };

	while (monotonic_ms() < l->until) {
		if (l->idle != NULL)
			l->idle(l->ctx);
		if (poll(&p, 1, STEP_MS) > 0)
			return true;
	}
	return cord_fail(l, "does not answer in time");
}

bool
cord_open(struct cord *l, int fd)
{
	int error = 0;
	socklen_t n = sizeof(error);

	l->fd = fd;
	l->tls = NULL;
	l->id = l->n = l->taken = 0;
	l->heard = 0;
	l->why[0] = '\0';
	if (!wait_for(l, POLLOUT))
		return false;
	(void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n);
	return error == 0 || cord_fail(l, "%s", strerror(error));
}

/* --------------------------------------------------------------------- TLS */

static bool
again(struct cord *l, ssize_t rc)
{
	if (rc == GNUTLS_E_INTERRUPTED)
		return true;
	if (rc == GNUTLS_E_AGAIN)
		return wait_for(l,
		    gnutls_record_get_direction(l->tls) == 0 ? POLLIN
							     : POLLOUT);
	return cord_fail(l, "TLS: %s", gnutls_strerror((int)rc));
}

/* Why the certificate is not trusted, where that is what went wrong. */
static bool
not_trusted(struct cord *l)
{
	unsigned status = gnutls_session_get_verify_cert_status(l->tls);
	gnutls_datum_t text = { NULL, 0 };

	if (status == 0 || status == (unsigned)-1 ||
	    gnutls_certificate_verification_status_print(status,
		GNUTLS_CRT_X509, &text, 0) != 0)
		return false;
	(void)cord_fail(l, "%.200s", (const char *)text.data);
	gnutls_free(text.data);
	return true;
}

static bool
handshake(struct cord *l)
{
	int rc;

	do
		rc = gnutls_handshake(l->tls);
	while (rc < 0 && gnutls_error_is_fatal(rc) == 0 && again(l, rc));
	if (rc == 0)
		return true;
	if (gnutls_error_is_fatal(rc) != 0 && !not_trusted(l))
		(void)cord_fail(l, "TLS: %s", gnutls_strerror(rc));
	return false;
}

bool
cord_tls(struct cord *l, gnutls_certificate_credentials_t trust,
    const char *host)
{
	uint8_t address[16];

	if (l->n > l->taken)
		return cord_fail(l, "it speaks before TLS has begun");
	if (gnutls_init(&l->tls, GNUTLS_CLIENT | GNUTLS_NONBLOCK) != 0 ||
	    gnutls_priority_set_direct(l->tls, PRIORITIES, NULL) != 0 ||
	    gnutls_credentials_set(l->tls, GNUTLS_CRD_CERTIFICATE, trust) != 0)
		return cord_fail(l, "TLS cannot be set up");
	if (inet_pton(AF_INET, host, address) != 1 &&
	    inet_pton(AF_INET6, host, address) != 1)
		(void)gnutls_server_name_set(l->tls, GNUTLS_NAME_DNS, host,
		    strlen(host));
	gnutls_session_set_verify_cert(l->tls, host, 0);
	gnutls_transport_set_int(l->tls, l->fd);
	return handshake(l);
}

/* ------------------------------------------------------------------- bytes */

static bool
send_bytes(struct cord *l, const uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t done = l->tls != NULL ? gnutls_record_send(l->tls, p, n)
					      : send(l->fd, p, n, MSG_NOSIGNAL);

		if (done > 0) {
			p += done;
			n -= (size_t)done;
		} else if (l->tls != NULL) {
			if (!again(l, done))
				return false;
		} else if (errno == EAGAIN || errno == EINTR) {
			if (!wait_for(l, POLLOUT))
				return false;
		} else {
			return cord_fail(l, "%s", strerror(errno));
		}
	}
	return true;
}

bool
cord_send(struct cord *l, const struct ldap_put *m)
{
	if (m->full)
		return cord_fail(l, "the question is too long");
	return send_bytes(l, m->p + m->at, sizeof(m->p) - m->at);
}

/* At least a byte more. */
static bool
hear(struct cord *l)
{
	for (;;) {
		ssize_t n = l->tls != NULL
		    ? gnutls_record_recv(l->tls, l->in + l->n,
			  sizeof(l->in) - l->n)
		    : recv(l->fd, l->in + l->n, sizeof(l->in) - l->n, 0);

		if (n > 0) {
			l->n += (uint32_t)n;
			l->heard += (uint32_t)n;
			return l->heard <= HEARD_MOST ||
			    cord_fail(l, "it says too much");
		}
		if (n == 0)
			return cord_fail(l, "it hung up");
		if (l->tls != NULL) {
			if (!again(l, n))
				return false;
		} else if (errno == EAGAIN || errno == EINTR) {
			if (!wait_for(l, POLLIN))
				return false;
		} else {
			return cord_fail(l, "%s", strerror(errno));
		}
	}
}

bool
cord_next(struct cord *l, struct ldap_message *ret)
{
	uint32_t n = 0;

	for (;;) {
		enum ldap_read is;

		if (monotonic_ms() >= l->until)
			return cord_fail(l, "does not answer in time");
		if (l->taken > 0) {
			l->n -= l->taken;
			memmove(l->in, l->in + l->taken, l->n);
			l->taken = 0;
		}
		is = ldap_read(SPAN(l->in, l->n), ret, &n);
		if (is == LDAP_BAD ||
		    (is == LDAP_MORE && l->n == sizeof(l->in)))
			return cord_fail(l, "what it says is no LDAP");
		if (is == LDAP_MORE) {
			if (!hear(l))
				return false;
			continue;
		}
		l->taken = n;
		if (ret->id == l->id)
			return true;
		if (ret->id == 0) /* a notice of disconnection */
			return cord_fail(l, "it hung up: %s", ret->text);
	}
}

void
cord_close(struct cord *l)
{
	struct ldap_put bye;

	if (l->fd < 0)
		return;
	if (l->id > 0 && l->until > monotonic_ms()) {
		ldap_unbind(&bye, ++l->id);
		l->until = monotonic_ms() + STEP_MS;
		(void)send_bytes(l, bye.p + bye.at, sizeof(bye.p) - bye.at);
	}
	if (l->tls != NULL) {
		(void)gnutls_bye(l->tls, GNUTLS_SHUT_WR);
		gnutls_deinit(l->tls);
	}
	(void)close(l->fd);
	l->fd = -1;
	l->tls = NULL;
	explicit_bzero(l->in, sizeof(l->in));
}
