/*
 * captures_api.c - capture files that were sent, and their playback.
 *
 * HOME/captures/NUMBER-NAME; beside it NUMBER.state, what became of it.  One
 * is played after the other: by the sensor that runs (captures_live.c), or,
 * where none does, by `sightglass read`, a process of its own; how far that
 * has come is where it stands in the file.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "captures.h"
#include "captures_live.h"
#include "handlers.h"

#define FILES_MOST 1000u
#define NAME_MOST 200u
#define QUEUE 64u

struct captures {
	struct server *server;
	pthread_mutex_t lock;
	pthread_cond_t more;
	pthread_t thread;
	bool started;
	struct live_play queue[QUEUE]; /* waiting; the first one plays */
	uint32_t n;
	_Atomic bool stop; /* the first one is not to be played further */
	_Atomic pid_t pid; /* of who plays; 0 nobody, or the sensor */
	_Atomic double part; /* of the file, as the sensor says */
	bool ending;
};

struct capture_entry {
	uint32_t id;
	char name[NAME_MOST];
	uint64_t bytes;
	int64_t at;
};

/* ------------------------------------------------------------------- files */

static void
folder_of(const struct server *sv, char *dst, size_t cap)
{
	(void)snprintf(dst, cap, "%s/captures", sv->config.home);
}

/* "12-name.pcap" */
static bool
read_name(const char *file, struct capture_entry *e)
{
	char *end;
	unsigned long id = strtoul(file, &end, 10);

	if (end == file || *end != '-' || id == 0 || id > UINT32_MAX)
		return false;
	e->id = (uint32_t)id;
	(void)snprintf(e->name, sizeof(e->name), "%s", end + 1);
	return true;
}

static int
by_id(const void *a, const void *b)
{
	const struct capture_entry *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static uint32_t
list_files(const struct server *sv, struct capture_entry *ret, uint32_t cap)
{
	char folder[4200], path[4600];
	const struct dirent *d;
	struct stat is;
	uint32_t n = 0;
	DIR *dir;

	folder_of(sv, folder, sizeof(folder));
	dir = opendir(folder);
	while (dir != NULL && n < cap && (d = readdir(dir)) != NULL) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, d->d_name);
		if (!read_name(d->d_name, &ret[n]) || stat(path, &is) != 0)
			continue;
		ret[n].bytes = (uint64_t)is.st_size;
		ret[n++].at = is.st_mtime;
	}
	if (dir != NULL)
		(void)closedir(dir);
	qsort(ret, n, sizeof(*ret), by_id);
	return n;
}

static bool
path_of(const struct server *sv, uint32_t id, char *dst, size_t cap)
{
	struct capture_entry *all = calloc(FILES_MOST, sizeof(*all));
	char folder[4200];
	uint32_t n = all != NULL ? list_files(sv, all, FILES_MOST) : 0;
	bool found = false;

	folder_of(sv, folder, sizeof(folder));
	for (uint32_t i = 0; i < n; i++)
		if (all[i].id == id) {
			(void)snprintf(dst, cap, "%s/%" PRIu32 "-%s", folder,
			    id, all[i].name);
			found = true;
		}
	free(all);
	return found;
}

/* "done", "failed: why"; "" while nobody played it. */
static void
state_file(const struct server *sv, uint32_t id, const char *write_this,
    char *dst, size_t cap)
{
	char path[4300];
	ssize_t n = 0;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/captures/%" PRIu32 ".state",
	    sv->config.home, id);
	fd = open(path,
	    write_this != NULL ? O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC
			       : O_RDONLY | O_CLOEXEC,
	    0600);
	if (fd >= 0 && write_this != NULL)
		n = write(fd, write_this, strlen(write_this));
	else if (fd >= 0)
		n = read(fd, dst, cap - 1);
	if (fd >= 0)
		(void)close(fd);
	if (dst != NULL)
		dst[n > 0 ? n : 0] = '\0';
}

/* ----------------------------------------------------------------- playing */

/* The last line of what it had to complain of. */
static void
keep_word(int from, char *dst, size_t cap)
{
	char line[512];
	ssize_t n;

	while ((n = read(from, line, sizeof(line) - 1)) > 0) {
		line[n] = '\0';
		(void)snprintf(dst, cap, "%s", line);
	}
	dst[strcspn(dst, "\n")] = '\0';
}

static pid_t
spawn(const struct server *sv, const char *file, int *ret_errors)
{
	char *argv[] = { (char[]){ "sightglass" }, (char[]){ "read" },
		(char[]){ "--quiet" }, (char[]){ "--state" },
		(char *)(uintptr_t)sv->config.state, (char[]){ "--" },
		(char *)(uintptr_t)file, NULL };
	char *env[] = { NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none;
	pid_t pid = -1;
	int pair[2];

	if (pipe2(pair, O_CLOEXEC) != 0)
		return -1;
	(void)sigemptyset(&none);
	(void)posix_spawnattr_init(&attr);
	(void)posix_spawnattr_setsigmask(&attr, &none);
	(void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_addopen(&actions, 0, "/dev/null",
	    O_RDONLY, 0);
	(void)posix_spawn_file_actions_addopen(&actions, 1, "/dev/null",
	    O_WRONLY, 0);
	(void)posix_spawn_file_actions_adddup2(&actions, pair[1], 2);
	if (posix_spawn(&pid, "/proc/self/exe", &actions, &attr, argv, env) !=
	    0)
		pid = -1;
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)posix_spawnattr_destroy(&attr);
	(void)close(pair[1]);
	if (pid < 0)
		(void)close(pair[0]);
	else
		*ret_errors = pair[0];
	return pid;
}

static void
play_by_reading(struct captures *c, const char *path, char state[STATE_MOST])
{
	char word[512] = "";
	int status = -1, errors = -1;
	pid_t pid = spawn(c->server, path, &errors);

	c->pid = pid > 0 ? pid : 0;
	if (pid > 0) {
		keep_word(errors, word, sizeof(word));
		(void)close(errors);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		(void)snprintf(state, STATE_MOST, "done");
	else if (c->stop)
		(void)snprintf(state, STATE_MOST, "stopped");
	else
		(void)snprintf(state, STATE_MOST, "failed: %s",
		    word[0] != '\0' ? word : "it could not be read");
	c->pid = 0;
}

/* Locked when called and after. */
static void
play(struct captures *c, const struct live_play *first)
{
	const struct live_play job = *first;
	char path[4600], state[STATE_MOST] = "failed: it is gone";

	c->part = 0;
	(void)pthread_mutex_unlock(&c->lock);
	if (!path_of(c->server, job.id, path, sizeof(path)))
		;
	else if (c->server->config.standalone)
		play_by_reading(c, path, state);
	else
		live_play(c->server, &job, path, &c->stop, &c->part, state);
	state_file(c->server, job.id, state, NULL, 0);
	models_stale(c->server->models);
	(void)pthread_mutex_lock(&c->lock);
}

static void *
run(void *cls)
{
	struct captures *c = cls;

	(void)pthread_mutex_lock(&c->lock);
	while (!c->ending) {
		if (c->n == 0) {
			(void)pthread_cond_wait(&c->more, &c->lock);
			continue;
		}
		play(c, &c->queue[0]);
		c->stop = c->ending;
		c->n--;
		memmove(c->queue, c->queue + 1, c->n * sizeof(c->queue[0]));
	}
	(void)pthread_mutex_unlock(&c->lock);
	return NULL;
}

struct captures *
captures_new(struct server *sv)
{
	struct captures *c = calloc(1, sizeof(*c));
	char folder[4200];

	if (c == NULL)
		return NULL;
	folder_of(sv, folder, sizeof(folder));
	(void)mkdir(folder, 0700);
	c->server = sv;
	(void)pthread_mutex_init(&c->lock, NULL);
	(void)pthread_cond_init(&c->more, NULL);
	c->started = pthread_create(&c->thread, NULL, run, c) == 0;
	return c;
}

void
captures_free(struct captures *c)
{
	if (c == NULL)
		return;
	(void)pthread_mutex_lock(&c->lock);
	c->ending = true;
	c->stop = true;
	c->n = c->n > 1 ? 1 : c->n;
	if (c->pid > 0)
		(void)kill(c->pid, SIGTERM);
	(void)pthread_cond_signal(&c->more);
	(void)pthread_mutex_unlock(&c->lock);
	if (c->started)
		(void)pthread_join(c->thread, NULL);
	(void)pthread_cond_destroy(&c->more);
	(void)pthread_mutex_destroy(&c->lock);
	free(c);
}

bool
captures_playing(const struct captures *c)
{
	return c != NULL && c->pid != 0;
}

/* --------------------------------------------------------------------- list */

/* Where the process stands in its files: the largest offset of those it has
 * open below captures/. */
static double
progress(pid_t pid, uint64_t bytes)
{
	char path[64], to[4200], text[256];
	uint64_t at = 0;

	for (int fd = 3; fd < 64; fd++) {
		const char *pos;
		ssize_t n;
		int info;

		(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid,
		    fd);
		n = readlink(path, to, sizeof(to) - 1);
		to[n > 0 ? n : 0] = '\0';
		if (strstr(to, "/captures/") == NULL)
			continue;
		(void)snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d",
		    (int)pid, fd);
		info = open(path, O_RDONLY | O_CLOEXEC);
		n = info >= 0 ? read(info, text, sizeof(text) - 1) : 0;
		if (info >= 0)
			(void)close(info);
		text[n > 0 ? n : 0] = '\0';
		pos = strstr(text, "pos:");
		if (pos != NULL && strtoull(pos + 4, NULL, 10) > at)
			at = strtoull(pos + 4, NULL, 10);
	}
	return bytes > 0 && at < bytes ? (double)at / (double)bytes
	    : at > 0                   ? 1.0
				       : 0.0;
}

static bool
is_queued(const struct captures *c, uint32_t id)
{
	for (uint32_t i = 0; i < c->n; i++)
		if (c->queue[i].id == id)
			return true;
	return false;
}

static void
put_state(struct out *o, struct captures *c, const struct capture_entry *e)
{
	char kept[600];
	bool waits, plays;
	pid_t pid;

	(void)pthread_mutex_lock(&c->lock);
	pid = c->pid;
	waits = is_queued(c, e->id);
	plays = waits && c->queue[0].id == e->id;
	(void)pthread_mutex_unlock(&c->lock);
	state_file(c->server, e->id, NULL, kept, sizeof(kept));
	json_text(o, "state",
	    plays                               ? "playing"
		: waits                         ? "waiting"
		: strncmp(kept, "done", 4) == 0 ? "done"
		: strcmp(kept, "stopped") == 0  ? "stopped"
		: kept[0] != '\0'               ? "failed"
						: "new");
	json_key(o, "progress");
	out_real(o,
	    plays && pid != 0                   ? progress(pid, e->bytes)
		: plays                         ? c->part
		: strncmp(kept, "done", 4) == 0 ? 1.0
						: 0.0);
	if (!plays && !waits && strncmp(kept, "failed: ", 8) == 0)
		json_text(o, "error", kept + 8);
	else
		json_none(o, "error");
}

static void
put_capture(struct out *o, struct captures *c, const struct capture_entry *e)
{
	char text[TIME_TEXT_MAX];

	json_open(o, '{');
	json_u64(o, "id", e->id);
	json_text(o, "name", e->name);
	json_u64(o, "bytes", e->bytes);
	json_text(o, "at", seconds_text(e->at, text));
	put_state(o, c, e);
	json_close(o, '}');
}

void
h_captures(struct request *rq)
{
	struct capture_entry *all = calloc(FILES_MOST, sizeof(*all));
	struct items *it = calloc(1, sizeof(*it));
	struct out *o;

	if (all != NULL && it != NULL && items_begin(it, rq)) {
		uint32_t n = list_files(rq->server, all, FILES_MOST);

		for (uint32_t i = 0; i < n; i++)
			if ((o = items_next(it)) != NULL) {
				put_capture(o, rq->server->captures, &all[i]);
				items_end(it);
			}
		items_finish(it);
	}
	free(it);
	free(all);
}

/* ------------------------------------------------------------------ changing
 */

/* pcap, pcapng, snoop, gzip, zstd: the first bytes of each. */
static bool
is_capture(int fd)
{
	static const uint8_t known[][4] = { { 0xa1, 0xb2, 0xc3, 0xd4 },
		{ 0xd4, 0xc3, 0xb2, 0xa1 }, { 0xa1, 0xb2, 0x3c, 0x4d },
		{ 0x4d, 0x3c, 0xb2, 0xa1 }, { 0xa1, 0xb2, 0xcd, 0x34 },
		{ 0x34, 0xcd, 0xb2, 0xa1 }, { 0x0a, 0x0d, 0x0d, 0x0a },
		{ 's', 'n', 'o', 'o' }, { 0x28, 0xb5, 0x2f, 0xfd } };
	uint8_t head[4];

	if (pread(fd, head, sizeof(head), 0) != (ssize_t)sizeof(head))
		return false;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (memcmp(head, known[i], sizeof(head)) == 0)
			return true;
	return head[0] == 0x1f && head[1] == 0x8b;
}

/* Letters, digits and . _ - of the name given; the rest becomes _. */
static void
safe_name(const char *name, char dst[static NAME_MOST])
{
	size_t n = 0;

	for (; *name != '\0' && n + 1 < NAME_MOST; name++) {
		unsigned char c = (unsigned char)*name;
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';

		dst[n] = plain && (n > 0 || c != '.') ? (char)c : '_';
		n++;
	}
	dst[n] = '\0';
}

void
h_capture_add(struct request *rq)
{
	struct captures *c = rq->server->captures;
	struct capture_entry *all = calloc(FILES_MOST, sizeof(*all));
	struct capture_entry e = { .id = 1 };
	const char *name = param(rq, "name");
	char path[4600];
	uint32_t n;

	if (all == NULL || !is_capture(rq->upload)) {
		fail(rq, 422, "capture", NULL,
		    "This is no capture: pcap, pcapng or snoop, or one of them "
		    "in gzip or zstd.");
		free(all);
		return;
	}
	safe_name(name != NULL ? name : "capture", e.name);
	(void)pthread_mutex_lock(&c->lock);
	n = list_files(rq->server, all, FILES_MOST);
	if (n > 0)
		e.id = all[n - 1].id + 1;
	free(all);
	(void)snprintf(path, sizeof(path), "%s/captures/%" PRIu32 "-%s",
	    rq->server->config.home, e.id, e.name);
	if (n == FILES_MOST || rename(rq->upload_path, path) != 0) {
		(void)pthread_mutex_unlock(&c->lock);
		fail(rq, 507, "disk", NULL, "It could not be kept.");
		return;
	}
	rq->upload_path[0] = '\0';
	state_file(rq->server, e.id, "", NULL, 0);
	(void)pthread_mutex_unlock(&c->lock);
	e.bytes = (uint64_t)rq->upload_bytes;
	e.at = now_seconds();
	audit(rq, rq->who.user, "setting", e.name, "capture %" PRIu32 " sent",
	    e.id);
	rq->status = 201;
	put_capture(rq->out, c, &e);
}

static void
put_done(struct request *rq, const char *text)
{
	json_open(rq->out, '{');
	json_bool(rq->out, "ok", true);
	json_text(rq->out, "text", text);
	json_close(rq->out, '}');
}

void
h_capture_play(struct request *rq)
{
	struct captures *c = rq->server->captures;
	struct live_play job = { .learns = false };
	char path[4600];
	int64_t learns;
	bool queued = false, there;

	if (!arg_number(rq, 0, &job.id))
		return;
	job.speed = 1;
	learns = 0;
	if (!param_number(rq, "speed", 0, 1000, &job.speed) ||
	    !param_number(rq, "learn", 0, 1, &learns))
		return;
	job.learns = learns == 1;
	(void)snprintf(job.who, sizeof(job.who), "%s", rq->who.user);
	if (!path_of(rq->server, job.id, path, sizeof(path))) {
		fail(rq, 404, "not-found", NULL, "There is no such capture.");
		return;
	}
	(void)snprintf(job.name, sizeof(job.name), "%s",
	    strchr(strrchr(path, '/'), '-') + 1);
	if (rq->server->config.standalone)
		audit(rq, rq->who.user, "setting", job.name,
		    "capture %" PRIu32 " played", job.id);
	(void)pthread_mutex_lock(&c->lock);
	there = is_queued(c, job.id);
	if (!there && c->n < QUEUE) {
		c->queue[c->n++] = job;
		queued = true;
		(void)pthread_cond_signal(&c->more);
	}
	(void)pthread_mutex_unlock(&c->lock);
	if (queued)
		put_done(rq, "It is played.");
	else
		fail(rq, 409, "playing", NULL,
		    there ? "It is being played." : "Too many wait already.");
}

/* Locked: out of the queue, when it is not the first. */
static bool
no_longer_waits(struct captures *c, uint32_t id)
{
	for (uint32_t i = 1; i < c->n; i++) {
		if (c->queue[i].id != id)
			continue;
		c->n--;
		memmove(c->queue + i, c->queue + i + 1,
		    (c->n - i) * sizeof(c->queue[0]));
		return true;
	}
	return false;
}

void
h_capture_stop(struct request *rq)
{
	struct captures *c = rq->server->captures;
	bool plays, waited;
	uint32_t id;

	if (!arg_number(rq, 0, &id))
		return;
	(void)pthread_mutex_lock(&c->lock);
	plays = c->n > 0 && c->queue[0].id == id;
	waited = !plays && no_longer_waits(c, id);
	if (plays) {
		c->stop = true;
		if (c->pid > 0)
			(void)kill(c->pid, SIGTERM);
	}
	(void)pthread_mutex_unlock(&c->lock);
	if (plays || waited)
		put_done(rq, "It is no longer played.");
	else
		fail(rq, 409, "not-playing", NULL, "It is not being played.");
}

void
h_capture_delete(struct request *rq)
{
	struct captures *c = rq->server->captures;
	char path[4600];
	uint32_t id;
	bool busy, gone = false;

	if (!arg_number(rq, 0, &id))
		return;
	(void)pthread_mutex_lock(&c->lock);
	busy = is_queued(c, id);
	if (!busy && path_of(rq->server, id, path, sizeof(path)))
		gone = unlink(path) == 0;
	if (gone) {
		(void)snprintf(path, sizeof(path),
		    "%s/captures/%" PRIu32 ".state", rq->server->config.home,
		    id);
		(void)unlink(path);
	}
	(void)pthread_mutex_unlock(&c->lock);
	if (busy)
		fail(rq, 409, "playing", NULL, "It is being played.");
	else if (!gone)
		fail(rq, 404, "not-found", NULL, "There is no such capture.");
	else
		audit(rq, rq->who.user, "setting", "captures",
		    "capture %" PRIu32 " deleted", id);
}
