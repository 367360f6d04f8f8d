/* private.h - shared by the files of api/ only. */
#ifndef API_PRIVATE_H
#define API_PRIVATE_H

#include <microhttpd.h>
#include <pthread.h>
#include <sqlite3.h>

#include "../desk/desk.h"
#include "../people/people.h"
#include "../query/lists.h"
#include "api.h"

struct request;
struct server;

/* ------------------------------------------------------- buffer.c: memory */

struct buffer {
	char *p;
	size_t n, cap;
	bool failed; /* memory is out, or it grew past what is sane */
};
#define BUFFER_MOST ((size_t)512 << 20)

void buffer_put(struct buffer *, const void *, size_t);
void buffer_sink(void *buffer, const void *, size_t); /* of an out */
void buffer_free(struct buffer *);
bool text_is_utf8(const char *, size_t);
/* Safe for URLs, unpadded; cap is enough for n bytes: n * 4 / 3 + 2. */
void base64_url(char *dst, size_t cap, const void *, size_t n);
/* Bytes written, or -1. */
int base64_bytes(void *dst, size_t cap, const char *text);
int64_t now_seconds(void);
struct tick now_tick(void);
/* "2026-11-20T12:00:00Z" from seconds. */
const char *seconds_text(int64_t, char dst[static TIME_TEXT_MAX]);

/* ------------------------------------------- readers.c: the state, to read */

#define KEPT 96u

struct reader {
	struct store *db;
	struct out out;
	struct buffer text; /* what out writes into */
	struct buffer item; /* scratch */
	struct alert alert;
	struct {
		const char *sql;
		sqlite3_stmt *stmt;
	} kept[KEPT];
	bool busy;
};

struct lookup;
struct lookups;
struct readers;
struct shares;

struct readers *readers_new(const char *state, uint32_t n);
void readers_free(struct readers *);
/* NULL with a sentence when the state cannot be opened. */
struct reader *readers_take(struct readers *,
    char ret_error[static STORE_ERROR]);
void readers_give(struct readers *, struct reader *);
/* A literal's statement, kept and begun anew; NULL: said to the log. */
sqlite3_stmt *reader_ask(struct reader *, const char *sql);
/* An address of the Internet. */
bool addr_is_public(const struct addr *);
/* The first column of the first row; `otherwise` when there is none. */
int64_t reader_number(struct reader *, const char *sql, int64_t otherwise);

/* --------------------------------------------------------- route.c: the table
 */

enum answer {
	ANSWER_ITEM, /* a JSON object of the schema */
	ANSWER_LIST, /* a page of them, or CSV */
	ANSWER_NONE, /* 204 */
	ANSWER_BYTES, /* the schema is the media type */
	ANSWER_EVENTS, /* text/event-stream */
};

struct route {
	const char *method, *path;
	enum access access;
	void (*run)(struct request *);
	const char *tag, *summary;
	const char *params; /* names in the query, with blanks between */
	const char *takes; /* schema of the body, or "bytes"; NULL: none */
	enum answer answer;
	const char *gives; /* schema */
	const struct list *list; /* of ANSWER_LIST: what may be asked for */
};
#define ROUTE_PARTS 10u
#define ROUTE_ARGS 3u
#define ARG_MAX_LENGTH 256u
extern const struct route routes[];
extern const uint32_t n_routes;

/* The route, its arguments filled in.  NULL: no such path, or *ret_allow has
 * the methods there are. */
const struct route *route_find(const char *method, const char *path,
    char arg[ROUTE_ARGS][ARG_MAX_LENGTH], char *ret_allow, size_t cap);

/* ------------------------------------------------------ schema.c: documents */

/*
 * A member's type: string, integer, number, boolean, time, any, a schema's
 * name, "[T]" an array, "{T}" a map; "?" after it: or null, "-" after that:
 * may be left out.
 */
struct member {
	const char *name, *type, *help;
};
struct schema {
	const char *name, *help;
	const struct member *member;
	uint32_t n;
};
extern const struct schema schemas[];
extern const uint32_t n_schemas;
const struct schema *schema_find(const char *name);
bool schema_has(const struct schema *, const char *name, size_t n);
/* False with a sentence and the member it is about. */
bool schema_check(const struct schema *, const json_t *, char *ret_field,
    size_t field_cap, char *ret_why, size_t why_cap);

/* ------------------------------------------------------------ the request */

struct who {
	char user[PERSON_NAME];
	enum access access; /* ACCESS_PUBLIC: nobody */
	bool by_token, totp;
	uint8_t session[SECRET_HASH];
	char csrf[TOKEN_TEXT];
	int64_t ends;
};

#define HEADERS 6u
struct request {
	struct server *server;
	struct MHD_Connection *link;
	const struct route *route;
	char arg[ROUTE_ARGS][ARG_MAX_LENGTH];
	char source[64]; /* address of the other end */
	struct who who;
	struct reader *reader;
	struct out *out; /* the reader's */
	json_t *body;
	struct buffer raw; /* of it */
	int upload; /* descriptor that takes a large body; -1: none */
	int64_t upload_bytes;
	char upload_path[4200]; /* empty: kept elsewhere */
	struct lookup *lookup; /* lookups.h; NULL: nothing was asked */
	bool waits; /* for it: suspended, and run again */
	/* the answer */
	unsigned status; /* 0: not answered yet */
	const char *type;
	bool secret; /* not to be compressed or kept */
	struct MHD_Response *response; /* made by the handler, else from out */
	uint32_t n_headers;
	struct {
		const char *name;
		char value[320];
	} header[HEADERS];
};

/* kept.c: answers kept for a while */
enum kept_answer {
	KEPT_OVERVIEW,
	KEPT_MAP,
	KEPT_RISK,
	KEPT_ANSWERS
};
struct kept {
	pthread_mutex_t lock;
	struct buffer text; /* empty: none */
	int64_t at, until; /* nanoseconds */
};
/* The answer as it was, or made anew: one at a time, in rq->out. */
void kept_put(struct request *, enum kept_answer,
    void (*put)(struct request *));
void kept_begin(struct server *);
void kept_forget(struct server *); /* something was written */
void kept_end(struct server *);

/* server.c */
struct server {
	struct api_config config;
	struct readers *readers;
	struct people *people;
	struct models *models;
	struct captures *captures;
	struct events *events;
	struct lookups *lookups;
	struct tls *tls;
	pthread_mutex_t desk; /* one at a time is asked */
	char setup[40]; /* the one-time secret; empty: not needed */
	struct MHD_Daemon *daemon;
	int64_t started;
	uint16_t port;
	char names[1024];
	struct kept kept[KEPT_ANSWERS];
	struct shares *shares; /* under the overview's lock */
	struct polls *polls; /* map_api.c; under the map's lock; NULL: none */
	_Atomic uint64_t requests, refused, failed;
	_Atomic int64_t refusal_at; /* in the timeline, seconds since 1970 */
};
void server_log(struct server *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* reply.c */
void fail(struct request *, unsigned status, const char *code,
    const char *field, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* The state's database, not the asker, is to blame. */
void fail_store(struct request *, const char *why);
void add_header(struct request *, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* An answer of its own instead of what is written. */
void reply_with(struct request *, unsigned status, const char *type,
    struct MHD_Response *);
enum MHD_Result reply_send(struct request *);
/* The same bytes for ever: an asset. */
void reply_static(struct request *, const void *, size_t, const char *type);

/* params.c: what is in the query and the body */
const char *param(const struct request *, const char *name); /* or NULL */
bool params_are_known(struct request *);
/* False after failing; otherwise the default or what was said. */
bool param_number(struct request *, const char *name, int64_t least,
    int64_t most, int64_t *ret);
bool param_time(struct request *, const char *name, struct tick *ret);
bool arg_number(struct request *, uint32_t i, uint32_t *ret);
const char *body_text(const struct request *, const char *name);
bool body_flag(const struct request *, const char *name, bool otherwise);
int64_t body_number(const struct request *, const char *name,
    int64_t otherwise);

/* rows.c: a page of a list */
void rows_run(struct request *);
/*
 * A list that no table holds: begun, then each item written to rq->out between
 * items_next() and items_end(), then ended.  `fields`, `limit` and CSV of the
 * members that are words or numbers may be asked for.
 */
struct items {
	struct request *rq;
	const char *fields;
	bool csv;
	uint64_t n, total, most;
	struct out *out; /* the answer */
	struct out item;
};
bool items_begin(struct items *, struct request *);
/* Where to write the next, or NULL: enough. */
struct out *items_next(struct items *);
void items_end(struct items *);
void items_finish(struct items *);

/* --------------------------------------- model.c: what the baseline knows */

struct model {
	struct assets *assets;
	struct baseline *baseline;
	uint32_t learn_scale;
};
struct models;
struct models *models_new(const char *state);
void models_free(struct models *);
/* As the state has it, or had it a moment ago; nobody else has it until it is
 * given back.  NULL after failing. */
struct model *model_take(struct request *);
void model_give(struct request *);
void models_stale(struct models *); /* something was written */
struct store *model_store(struct models *); /* while it is taken */

/* --------------------------------------------------------- auth.c: who asks */

/* By session or token; false after failing. */
bool auth_who(struct request *);
/* People are the business of people: no token makes another, or a user.
 * people_api.c; false after failing. */
bool needs_session(struct request *);
/* Whether the write comes from our own pages; false after failing. */
bool auth_same_site(struct request *);

/* ------------------------------------------------- writes.c: the desk's word
 */

/* Asked for the user; the request is taken over.  A new reference to what is
 * answered, NULL after failing. */
json_t *desk_ask(struct request *, json_t *request);
/* The same beside a request, with a descriptor (-1: none): what is answered,
 * well or not; NULL: the sensor does not answer. */
json_t *desk_ask_with(struct server *, const json_t *request, int file,
    const char *who);
/* Of a verb that only looks: asked of what was loaded from the state. */
json_t *desk_look(struct request *, json_t *request);
/* The body with the verb, and what of it is in the path (or NULL); the answer
 * is put out. */
void desk_put(struct request *, const char *verb, json_t *more);
void json_out(struct request *, json_t *); /* and released */
/* Members of a list in the answer as items of a page. */
void json_out_items(struct request *, json_t *answer, const char *member);
/* If-Match, where it was sent, against what is there; false after failing. */
bool etag_matches(struct request *, uint64_t etag);
uint64_t etag_of(sqlite3_stmt *);

/* A line in the timeline. */
void audit(struct request *, const char *who, const char *what,
    const char *about, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* ------------------------------------------------ assets.c, events.c, tls.c */

bool assets_serve(struct request *, const char *path);
struct events;
struct events *events_new(struct server *);
void events_end(struct events *); /* before the server stops */
void events_free(struct events *);
bool server_has_name(const struct server *, const char *host);
bool request_accepts(const struct request *, const char *coding);
/* uploads.c: a body too large for memory */
bool upload_begin(struct request *);
/* Open, of its own name; the caller unlinks it.  -1: no place. */
int temporary_file(struct server *, char *ret_path, size_t cap);
void upload_take(struct request *, const char *, size_t);
void upload_end(struct request *);

#endif
