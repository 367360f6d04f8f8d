/* places.c - folders of the sensor, the control socket and the web's. */
#include <arpa/inet.h>
#include <errno.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "private.h"

#define BACKLOG 64
#define LISTEN_AGAIN_MS 10000

/* Made if need be, and the service user's where we are root. */
static bool
folder(const char *path, mode_t mode, const struct passwd *owner)
{
	struct stat is;

	if (mkdir(path, mode) != 0 && errno != EEXIST) {
		say(SAY_ERROR, "%s cannot be made: %s", path, strerror(errno));
		return false;
	}
	if (owner == NULL || stat(path, &is) != 0 || is.st_uid == owner->pw_uid)
		return true;
	if (chown(path, owner->pw_uid, owner->pw_gid) == 0)
		return true;
	say(SAY_ERROR, "%s cannot be given to %s: %s", path, owner->pw_name,
	    strerror(errno));
	return false;
}

/* What root left there is the service user's. */
static void
give(const char *folder_path, const char *name, const struct passwd *owner)
{
	char path[300];

	(void)snprintf(path, sizeof(path), "%s/%s", folder_path, name);
	(void)!lchown(path, owner->pw_uid, owner->pw_gid);
}

static void
give_state(const char *path, const struct passwd *owner)
{
	static const char *const names[] = { "state.db", "state.db-wal",
		"state.db-shm", "lock", "evidence", "ledger.key",
		"settings.conf" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		give(path, names[i], owner);
}

bool
places_make(struct supervisor *s)
{
	const char *user = s->config.text[CONF_USER];
	const struct passwd *owner = NULL;
	char packets[CONFIG_TEXT + 16];
	bool ok;

	if (geteuid() == 0 && user[0] != '\0') {
		owner = getpwnam(user);
		if (owner == NULL) {
			say(SAY_INFO,
			    "there is no user %s: the processes stay root, "
			    "without any of its powers; `adduser --system "
			    "--group %s` makes one",
			    user, user);
			s->config.text[CONF_USER][0] = '\0';
		}
	}
	ok = folder(s->config.text[CONF_STATE], 0700, owner);
	if (ok && owner != NULL)
		give_state(s->config.text[CONF_STATE], owner);
	if (ok && records(&s->config)) {
		(void)snprintf(packets, sizeof(packets), "%s/packets",
		    s->config.text[CONF_STATE]);
		(void)folder(packets, 0700, owner);
	}
	return folder(s->config.text[CONF_RUNTIME], 0755, owner) && ok;
}

static bool
control_path(const struct supervisor *s, struct sockaddr_un *ret)
{
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	return snprintf(ret->sun_path, sizeof(ret->sun_path), "%s/control",
		   s->config.text[CONF_RUNTIME]) < (int)sizeof(ret->sun_path);
}

/* Of a sensor that runs already?  Then we are the second one. */
static bool
is_taken(const struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool taken = fd >= 0 &&
	    connect(fd, (const struct sockaddr *)at, sizeof(*at)) == 0;

	if (fd >= 0)
		(void)close(fd);
	return taken;
}

bool
control_open(struct supervisor *s)
{
	const struct group *g = getgrnam(s->config.text[CONF_GROUP]);
	struct sockaddr_un at;
	mode_t mask;
	bool ok;

	if (!control_path(s, &at) || is_taken(&at)) {
		say(SAY_ERROR, "%s: another sensor answers there", at.sun_path);
		return false;
	}
	(void)unlink(at.sun_path);
	s->control =
	    socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mask = umask(0117);
	ok = s->control >= 0 &&
	    bind(s->control, (const struct sockaddr *)&at, sizeof(at)) == 0 &&
	    listen(s->control, BACKLOG) == 0;
	(void)umask(mask);
	if (ok && g != NULL && geteuid() == 0)
		(void)!chown(at.sun_path, (uid_t)-1, g->gr_gid);
	if (!ok)
		say(SAY_ERROR,
		    "%s: %s: the sensor watches, but cannot be asked",
		    at.sun_path, strerror(errno));
	return ok;
}

static socklen_t
address_of(const struct config *c, struct sockaddr_storage *ret)
{
	struct sockaddr_in *four = (void *)ret;
	struct sockaddr_in6 *six = (void *)ret;
	uint16_t port = htons((uint16_t)c->number[CONF_WEB_PORT]);

	memset(ret, 0, sizeof(*ret));
	if (inet_pton(AF_INET, c->text[CONF_WEB_ADDRESS], &four->sin_addr) ==
	    1) {
		four->sin_family = AF_INET;
		four->sin_port = port;
		return sizeof(*four);
	}
	if (inet_pton(AF_INET6, c->text[CONF_WEB_ADDRESS], &six->sin6_addr) ==
	    1) {
		six->sin6_family = AF_INET6;
		six->sin6_port = port;
		return sizeof(*six);
	}
	return 0;
}

bool
listen_open(struct supervisor *s)
{
	const char *at = s->config.text[CONF_WEB_ADDRESS];
	unsigned port = (unsigned)s->config.number[CONF_WEB_PORT];
	struct sockaddr_storage to;
	socklen_t n = address_of(&s->config, &to);
	const int on = 1;
	int fd;

	s->listen_again = 0;
	if (n == 0) {
		say(SAY_ERROR, "web.address=%s: is no IP address: no console",
		    at);
		return false;
	}
	fd =
	    socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	    bind(fd, (const struct sockaddr *)&to, n) == 0 &&
	    listen(fd, BACKLOG) == 0) {
		s->listens = fd;
		return true;
	}
	say(SAY_ERROR,
	    "%s port %u: %s: the sensor watches without its console, and tries "
	    "again; web.port is another one",
	    at, port, strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	s->listen_again = monotonic_ms() + LISTEN_AGAIN_MS;
	return false;
}

void
places_leave(struct supervisor *s)
{
	struct sockaddr_un at;

	if (s->control >= 0 && control_path(s, &at))
		(void)unlink(at.sun_path);
}
