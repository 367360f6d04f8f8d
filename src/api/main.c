/* main.c - api_main(): all is opened, then served until a signal. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "captures.h"
#include "handlers.h"
#include "lookups.h"
#include "polls.h"
#include "shares.h"
#include "tls.h"

#define READERS 5u /* four threads that answer, one that tells */

static bool
bad(char *ret_error, const char *what)
{
	(void)snprintf(ret_error, API_ERROR, "%s: %s", what, strerror(errno));
	return false;
}

static int
listen_on(const char *address, uint16_t port, char ret_error[static API_ERROR])
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6,
		.sin6_port = htons(port) };
	struct sockaddr_in four = { .sin_family = AF_INET,
		.sin_port = htons(port) };
	bool is_six = strchr(address, ':') != NULL;
	int one = 1, fd;

	if (is_six ? inet_pton(AF_INET6, address, &six.sin6_addr) != 1
		   : inet_pton(AF_INET, address, &four.sin_addr) != 1) {
		(void)snprintf(ret_error, API_ERROR,
		    "web.address: '%s' is no address", address);
		return -1;
	}
	fd = socket(is_six ? AF_INET6 : AF_INET,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0 &&
	    bind(fd,
		is_six ? (const struct sockaddr *)(const void *)&six
		       : (const struct sockaddr *)(const void *)&four,
		is_six ? sizeof(six) : sizeof(four)) == 0 &&
	    listen(fd, 128) == 0)
		return fd;
	(void)snprintf(ret_error, API_ERROR, "cannot listen on %s port %u: %s",
	    address, port, strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

static uint16_t
port_of(int fd)
{
	struct sockaddr_storage at = { .ss_family = AF_UNSPEC };
	socklen_t n = sizeof(at);

	if (getsockname(fd, (struct sockaddr *)(void *)&at, &n) != 0)
		return 0;
	return ntohs(at.ss_family == AF_INET6
		? ((struct sockaddr_in6 *)(void *)&at)->sin6_port
		: ((struct sockaddr_in *)(void *)&at)->sin_port);
}

/* Names beside addresses: the machine's own and those that were set. */
bool
server_has_name(const struct server *sv, const char *host)
{
	char own[256] = "localhost";
	size_t n = strlen(host);

	if (strcasecmp(host, own) == 0)
		return true;
	(void)gethostname(own, sizeof(own) - 1);
	if (strcasecmp(host, own) == 0)
		return true;
	for (const char *at = sv->names; *at != '\0';) {
		size_t len = strcspn(at, " ");

		if (len == n && strncasecmp(at, host, n) == 0)
			return true;
		at += len + strspn(at + len, " ");
	}
	return false;
}

/* "ABCDE-FGHIJ-KLMNO-PQRST": a hundred bits that can be typed. */
static void
make_secret(struct server *sv)
{
	static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
	size_t n = 0;

	if (people_has_admin(sv->people))
		return;
	for (int i = 0; i < 20; i++) {
		if (i > 0 && i % 5 == 0)
			sv->setup[n++] = '-';
		sv->setup[n++] =
		    letters[randombytes_uniform(sizeof(letters) - 1)];
	}
	sv->setup[n] = '\0';
}

static void
say_hello(struct server *sv)
{
	const char *address =
	    sv->config.address != NULL ? sv->config.address : "127.0.0.1";
	bool six = strchr(address, ':') != NULL;

	server_log(sv, "console: https://%s%s%s:%u/", six ? "[" : "", address,
	    six ? "]" : "", sv->port);
	if (sv->setup[0] != '\0')
		server_log(sv,
		    "console: nobody can sign in yet; make the first "
		    "administrator there with the one-time secret %s",
		    sv->setup);
}

static bool
open_all(struct server *sv, char ret_error[static API_ERROR])
{
	struct people_limits limits = {
		.idle = 60 * (int64_t)sv->config.idle_minutes,
		.absolute = 3600 * (int64_t)sv->config.session_hours,
	};
	char error[PEOPLE_ERROR], why[256];

	sv->people = people_open(sv->config.home, &limits, error);
	if (sv->people == NULL) {
		(void)snprintf(ret_error, API_ERROR, "%s", error);
		return false;
	}
	make_secret(sv);
	sv->tls = tls_open(sv->config.home, sv->names, ret_error);
	if (sv->tls == NULL)
		return false;
	if (sv->config.chain != NULL &&
	    !tls_fix(sv->tls, sv->config.key, sv->config.chain, why,
		sizeof(why)))
		server_log(sv,
		    "web.certificate: %s The console's own certificate is "
		    "used.",
		    why);
	sv->readers = readers_new(sv->config.state, READERS);
	sv->models = models_new(sv->config.state);
	sv->captures = captures_new(sv);
	if (sv->readers == NULL || sv->models == NULL || sv->captures == NULL)
		return bad(ret_error, "memory");
	return true;
}

static bool
serve(struct server *sv, int socket, const sigset_t *wait,
    char ret_error[static API_ERROR])
{
	int signal = 0;

	sv->port = port_of(socket);
	if (sv->config.ready != NULL &&
	    !sv->config.ready(sv->config.ctx, sv->port))
		return bad(ret_error, "it could not be locked in");
	sv->events = events_new(sv);
	sv->lookups = lookups_new(sv);
	if (sv->events == NULL || sv->lookups == NULL ||
	    !server_start(sv, socket))
		return bad(ret_error, "the server does not start");
	say_hello(sv);
	if (sv->config.wait != NULL)
		sv->config.wait(sv->config.ctx);
	else
		while (sigwait(wait, &signal) != 0)
			;
	events_end(sv->events);
	lookups_end(sv->lookups);
	MHD_stop_daemon(sv->daemon);
	sv->daemon = NULL;
	return true;
}

bool
api_main(const struct api_config *config, char ret_error[static API_ERROR])
{
	struct server *sv = calloc(1, sizeof(*sv));
	int socket = config->socket;
	sigset_t wait;
	bool good = false;

	if (sv == NULL)
		return bad(ret_error, "memory");
	(void)sigemptyset(&wait);
	(void)sigaddset(&wait, SIGTERM);
	(void)sigaddset(&wait, SIGINT);
	(void)pthread_sigmask(SIG_BLOCK, &wait, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)pthread_mutex_init(&sv->desk, NULL);
	kept_begin(sv);
	sv->shares = calloc(1, sizeof(*sv->shares));
	sv->config = *config;
	if (sv->config.idle_minutes == 0)
		sv->config.idle_minutes = 30;
	if (sv->config.session_hours == 0)
		sv->config.session_hours = 12;
	(void)snprintf(sv->names, sizeof(sv->names), "%s",
	    config->names != NULL ? config->names : "");
	sv->started = now_seconds();
	if (sv->shares != NULL && open_all(sv, ret_error)) {
		if (socket < 0)
			socket =
			    listen_on(config->address != NULL ? config->address
							      : "127.0.0.1",
				config->port, ret_error);
		good = socket >= 0 && serve(sv, socket, &wait, ret_error);
	}
	captures_free(sv->captures);
	events_free(sv->events);
	lookups_free(sv->lookups);
	models_free(sv->models);
	readers_free(sv->readers);
	tls_close(sv->tls);
	people_close(sv->people);
	kept_end(sv);
	free(sv->shares);
	polls_free(sv->polls);
	(void)pthread_mutex_destroy(&sv->desk);
	free(sv);
	return good;
}
