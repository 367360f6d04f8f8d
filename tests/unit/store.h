/* store.h - a state directory for a test, made anew and removed again. */
#ifndef UNIT_STORE_H
#define UNIT_STORE_H

#include <dirent.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../src/proto/proto.h"
#include "../../src/store/store.h"
#include "check.h"

static char store_dir[256];
static struct store *store;

static inline void
store_path(char *dst, size_t cap, const char *name)
{
	(void)snprintf(dst, cap, "%s/%s", store_dir, name);
}

static inline void
store_fresh(void)
{
	const char *tmp = getenv("TMPDIR");

	(void)snprintf(store_dir, sizeof(store_dir), "%s/sightglass-XXXXXX",
	    tmp != NULL ? tmp : P_tmpdir);
	if (mkdtemp(store_dir) == NULL)
		abort();
}

static inline bool
store_start(enum store_for how)
{
	char error[STORE_ERROR];

	store = store_open(store_dir, how, error);
	if (store == NULL)
		(void)printf("store_open: %s\n", error);
	CHECK(store != NULL);
	return store != NULL;
}

static inline void
store_again(enum store_for how)
{
	store_close(store);
	if (!store_start(how))
		abort();
}

static inline void
empty_folder(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			(void)unlinkat(dirfd(d), e->d_name, 0);
	if (d != NULL)
		(void)closedir(d);
	(void)rmdir(path);
}

static inline void
store_end(void)
{
	char path[512];

	store_close(store);
	store = NULL;
	store_path(path, sizeof(path), "evidence");
	empty_folder(path);
	empty_folder(store_dir);
}

/* A number out of the database. */
static inline int64_t
store_count(const char *sql)
{
	sqlite3_stmt *s = NULL;
	int64_t n = -1;

	if (sqlite3_prepare_v2(store_db(store), sql, -1, &s, NULL) ==
		SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int64(s, 0);
	else
		(void)printf("%s: %s\n", sql, sqlite3_errmsg(store_db(store)));
	(void)sqlite3_finalize(s);
	return n;
}

/* A text out of it; good until the next call. */
static inline const char *
store_text(const char *sql)
{
	static char text[512];
	sqlite3_stmt *s = NULL;

	text[0] = '\0';
	if (sqlite3_prepare_v2(store_db(store), sql, -1, &s, NULL) ==
		SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW &&
	    sqlite3_column_type(s, 0) != SQLITE_NULL)
		(void)snprintf(text, sizeof(text), "%s",
		    (const char *)sqlite3_column_text(s, 0));
	(void)sqlite3_finalize(s);
	return text;
}

/* Straight into the database, past the store. */
static inline bool
store_sql(const char *sql)
{
	return sqlite3_exec(store_db(store), sql, NULL, NULL, NULL) ==
	    SQLITE_OK;
}

static inline uint8_t
proto_id(const char *name)
{
	for (uint32_t i = 1; i < n_protos; i++)
		if (strcmp(protos[i]->name, name) == 0)
			return (uint8_t)i;
	return PROTO_UNKNOWN;
}

static inline struct addr
host(uint8_t h)
{
	const uint8_t ip[4] = { 10, 0, 0, h };

	return (struct addr){ .ip = ip4_of(ip),
		.mac = { { 0x00, 0x1b, 0x1b, 0, 0, h } },
		.has_mac = true };
}

static inline struct talk
talk_of(uint8_t client, uint8_t server, const char *proto)
{
	static uint32_t flow;

	return (struct talk){ .client = host(client),
		.server = host(server),
		.client_port = 40000,
		.server_port = 502,
		.vlan = TALK_NO_VLAN,
		.flow = ++flow,
		.via = VIA_TCP,
		.proto = proto_id(proto),
		.sure = true,
		.first = { 1000 },
		.last = { 2000 },
		.packets = { 10, 10 },
		.bytes = { 1000, 2000 },
		.ttl = { 64, 128 } };
}

#endif
