/*
 * ledger.c - see ledger.h.
 *
 *	file:  page of ledger_file
 *	locks: byte 0 who reads or writes, byte 2^32 + n owner n
 *
 * Open file description locks (fcntl F_OFD_SETLK): they go with whoever held
 * them.  What the file says is not believed where it could do harm: a place
 * is looked for among a few, so that there is no loop without an end.
 */
#include "ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/hash.h"
#include "../base/vault.h"

#define MARK UINT64_C(0x31676c2d74687369)
#define SLOTS 16384u /* of devices and of subnets; power of two */
#define PLACES 32u /* where one may be */
#define LONG_AGO (3600 * TICK_SECOND)
#define OWNERS ((off_t)1 << 32)

struct ledger_file {
	uint64_t mark;
	struct tick sent; /* to anybody */
	struct ledger_device device[SLOTS];
	struct ledger_subnet subnet[SLOTS];
};

struct ledger {
	struct ledger_file *file;
	int fd; /* -1: memory of our own */
	uint32_t owner;
};

/* --------------------------------------------------------------------- locks
 */

static bool
lock(int fd, short type, bool wait, off_t at)
{
	struct flock l = { .l_type = type,
		.l_whence = SEEK_SET,
		.l_start = at,
		.l_len = 1 };
	int rc;

	do
		rc = fcntl(fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, &l);
	while (rc != 0 && wait && errno == EINTR);
	return rc == 0;
}

void
ledger_lock(struct ledger *l)
{
	if (l->fd >= 0)
		(void)lock(l->fd, F_WRLCK, true, 0);
}

void
ledger_unlock(struct ledger *l)
{
	if (l->fd >= 0)
		(void)lock(l->fd, F_UNLCK, false, 0);
}

bool
ledger_lives(struct ledger *l, uint32_t owner)
{
	struct flock k = { .l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = OWNERS + owner,
		.l_len = 1 };

	if (owner == l->owner)
		return true;
	return l->fd >= 0 && fcntl(l->fd, F_OFD_GETLK, &k) == 0 &&
	    k.l_type != F_UNLCK;
}

uint32_t
ledger_owner(const struct ledger *l)
{
	return l->owner;
}

/* ------------------------------------------------------------- opened, closed
 */

struct ledger *
ledger_new(void)
{
	struct ledger *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->fd = -1;
	l->file = calloc(1, sizeof(*l->file));
	if (l->file != NULL)
		return l;
	free(l);
	return NULL;
}

static bool
map(struct ledger *l)
{
	void *p = MAP_FAILED;
	struct stat was;

	if (fstat(l->fd, &was) != 0 ||
	    (was.st_size != (off_t)sizeof(*l->file) &&
		(ftruncate(l->fd, 0) != 0 ||
		    ftruncate(l->fd, (off_t)sizeof(*l->file)) != 0)))
		return false;
	p = mmap(NULL, sizeof(*l->file), PROT_READ | PROT_WRITE, MAP_SHARED,
	    l->fd, 0);
	l->file = p != MAP_FAILED ? p : NULL;
	return l->file != NULL;
}

/* A number that nobody has who lives. */
static bool
be_somebody(struct ledger *l)
{
	for (int i = 0; i < 100; i++) {
		l->owner = randombytes_random();
		if (lock(l->fd, F_WRLCK, false, OWNERS + l->owner))
			return true;
	}
	return false;
}

static bool
begin(struct ledger *l, bool *ret_new)
{
	bool ok;

	ledger_lock(l);
	ok = map(l);
	*ret_new = ok && l->file->mark != MARK;
	if (*ret_new)
		memset(l->file, 0, sizeof(*l->file));
	if (ok)
		l->file->mark = MARK;
	ledger_unlock(l);
	return ok && be_somebody(l);
}

struct ledger *
ledger_open(const char *dir, bool *ret_new, char *ret_error, size_t cap)
{
	struct ledger *l = calloc(1, sizeof(*l));
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/active.ledger", dir);
	if (l != NULL) {
		l->fd =
		    open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (l->fd >= 0)
			vault_give_to_owner(l->fd, dir);
		if (l->fd >= 0 && begin(l, ret_new))
			return l;
	}
	(void)snprintf(ret_error, cap, "%.160s: %s", path, strerror(errno));
	if (l != NULL)
		ledger_close(l);
	return NULL;
}

void
ledger_close(struct ledger *l)
{
	if (l->fd < 0) {
		free(l->file);
	} else {
		if (l->file != NULL)
			(void)munmap(l->file, sizeof(*l->file));
		(void)close(l->fd);
	}
	free(l);
}

/* -------------------------------------------------------------------- finding
 */

/* Nobody waits for its answer, and nobody must wait because of it. */
static bool
is_past(const struct ledger_device *d, struct tick now)
{
	return !d->outstanding && now.ns - d->sent.ns > LONG_AGO &&
	    now.ns - d->freed.ns > LONG_AGO;
}

struct ledger_device *
ledger_device(struct ledger *l, const struct ip *ip, struct tick now)
{
	uint32_t at = (uint32_t)hash_bytes(ip->b, sizeof(ip->b), 0);
	struct ledger_device *room = NULL;

	for (uint32_t i = 0; i < PLACES; i++) {
		struct ledger_device *d =
		    &l->file->device[(at + i) & (SLOTS - 1)];

		if (memcmp(&d->ip, ip, sizeof(*ip)) == 0)
			return d;
		if (room == NULL && (d->ip.len == 0 || is_past(d, now)))
			room = d;
	}
	if (room == NULL)
		return NULL;
	memset(room, 0, sizeof(*room));
	room->ip = *ip;
	return room;
}

struct ledger_subnet *
ledger_subnet(struct ledger *l, const struct ip *ip, struct tick now)
{
	struct ip net = *ip;
	struct ledger_subnet *room = NULL;
	uint32_t at;

	memset(net.b + (ip->len == 16 ? 8 : 3), 0, ip->len == 16 ? 8 : 1);
	at = (uint32_t)hash_bytes(net.b, sizeof(net.b), 1);
	for (uint32_t i = 0; i < PLACES; i++) {
		struct ledger_subnet *s =
		    &l->file->subnet[(at + i) & (SLOTS - 1)];

		if (s->used && memcmp(&s->net, &net, sizeof(net)) == 0)
			return s;
		if (room == NULL &&
		    (!s->used || now.ns - s->sent.ns > LONG_AGO))
			room = s;
	}
	if (room != NULL)
		*room = (struct ledger_subnet){ .net = net };
	return room;
}

struct tick *
ledger_sent(struct ledger *l)
{
	return &l->file->sent;
}
