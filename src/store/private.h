/* private.h - shared by the files of store/ only. */
#ifndef STORE_PRIVATE_H
#define STORE_PRIVATE_H

#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>

#include "../inventory/save.h"
#include "store.h"

#define STORE_PATH 4096
#define STORE_APPLICATION 0x5367476c /* PRAGMA application_id: "SgGl" */

/* ------------------------------------------------- row.c: structs and rows */

enum col_type {
	COL_UINT, /* 1, 2, 4, 8 bytes; 8: the same bits as a signed number */
	COL_BOOL,
	COL_REAL, /* NaN: NULL */
	COL_TICK,
	COL_TEXT, /* char[], ends with NUL */
	COL_TEXT_OR, /* the same; "": NULL */
	COL_STRING, /* const char *, may be NULL; written, never read */
	COL_TEXT_N, /* char[] with its length (uint8_t) at `aux` */
	COL_IP, /* struct ip; none: NULL */
	COL_MAC, /* struct addr; has_mac false: NULL */
	COL_VLAN, /* TALK_NO_VLAN: NULL */
	COL_MAYBE, /* uint32_t, NULL unless the bool at `aux` is set */
	COL_PURDUE, /* 255: NULL */
	COL_WORD, /* 1, 2 or 4 bytes: a place in `words` */
	COL_PROTO, /* index into protos[] */
	COL_PROTOS, /* bits: names with blanks between */
	COL_NUMBER, /* struct fact's num, by the num_type at `aux` */
	COL_SAID, /* const struct evidence *; written, never read */
	COL_CHAR,
	COL_TICK_OR, /* 0: NULL */
	COL_BOOL_OR, /* int8_t: -1 NULL */
};

struct words {
	const char *(*name)(uint32_t);
	uint32_t n;
};

struct col {
	const char *name;
	enum col_type type;
	uint32_t size, at, aux;
	const struct words *words;
};

struct table {
	const char *name;
	const char *key; /* what tells rows apart: "alert, place" */
	const struct col *col;
	uint32_t n;
};

enum table_id {
#define TABLE(sym, name, key) TABLE_##sym,
#include "tables.def"
#undef TABLE
	TABLE_COUNT
};
extern const struct table tables[TABLE_COUNT];

enum statement_id {
	STATEMENT_ROWS = TABLE_COUNT - 1, /* before: a whole row of a table */
#define STATEMENT(sym, sql) STATEMENT_##sym,
#include "statements.def"
#undef STATEMENT
	STATEMENT_COUNT
};

struct value { /* of a column */
	enum value_type {
		VALUE_NULL,
		VALUE_INT,
		VALUE_REAL,
		VALUE_TEXT,
		VALUE_BLOB
	} type;
	int64_t i;
	double r;
	const void *p;
	uint32_t n;
};
#define VALUE_SCRATCH 4096 /* for texts that are made */
struct value row_value(const struct col *, const void *subject,
    char scratch[static VALUE_SCRATCH]);

enum row_is {
	ROW_OK,
	ROW_UNKNOWN, /* a word this program does not know: another version's */
	ROW_BAD, /* cannot be: the file is damaged */
};
enum row_is row_read(sqlite3_stmt *, const struct table *, void *subject);
/* "INSERT ..." and "SELECT ..."; false when cap is too small. */
bool row_insert_sql(const struct table *, char *dst, size_t cap);
bool row_select_sql(const struct table *, const char *tail, char *dst,
    size_t cap);
bool ip_of_text(const char *, struct ip *ret);
bool mac_of_text(const char *, struct mac *ret);

/* --------------------------------------------------- what rows are made of */

struct link_row { /* a node's link, or peer */
	uint32_t node, place, peer;
	struct saved_link link;
};

struct setting_row {
	uint32_t row; /* enum alert_id */
	struct alert_setting set;
};

struct allow_row {
	struct allow allow;
	uint32_t alert;
	char who[64], reason[256];
	struct tick at;
};

struct mute_row {
	uint64_t fold;
};

struct child_row { /* of an alert: a moment, a frame, a violation */
	uint32_t alert, place;
	struct tick at;
	uint16_t file;
	uint32_t frame;
	struct violation violation;
};

struct device_child { /* address, evidence, module */
	uint32_t device, place;
	struct device_addr addr;
	uint32_t asset;
	struct evidence evidence;
	struct module module;
};

struct group_row {
	uint32_t place;
	struct grouped grouped;
};

/* -------------------------------------------------- queue.c: what is to do */

/* Rows to write, encoded one after another; kept until they are written. */
struct queue {
	uint8_t *p;
	size_t n, cap;
	uint32_t rows;
	bool full; /* since the last row: it was not taken */
};
/* Whether bytes from another process are entries one after another, each of
 * a statement below `n`.  Counts them. */
bool queue_check(struct span, uint32_t n, uint32_t *ret_rows);
#define QUEUE_MAX ((size_t)512 << 20)

void queue_row(struct queue *, const struct table *, uint32_t table,
    const void *subject);
/* i: int64_t, r: double, t: const char *, b: struct span */
void queue_values(struct queue *, uint32_t statement, const char *types,
    va_list);
/* Bind the entry at *at and step over it; the bytes must stay. */
int queue_bind(const struct queue *, size_t *at, sqlite3_stmt *);
uint32_t queue_statement(const struct queue *, size_t at);

/* ------------------------------------------------------------------- store */

/* What was last written, by number: not written again while the same. */
struct digests {
	uint64_t *of;
	uint32_t n;
};

#define DEVICE_PARTS 3

/* Which device an address belonged to; sorted. */
struct known_addr {
	uint8_t b[16];
	uint8_t len; /* 4, 16; 6 a MAC */
	uint16_t vlan;
	uint32_t device;
};
struct known {
	struct known_addr *of;
	uint32_t n, cap;
	bool loaded;
};

/* remote.c: what was shipped and is not acknowledged. */
struct shipping {
	struct shipment *first, *last;
	uint64_t number; /* of the last */
	size_t bytes;
};

/* devices.c */
struct known_addr known_ip(const struct device_addr *);
struct known_addr known_mac(const struct device_addr *);
int compare_known(const void *, const void *); /* by address */
bool know(struct known *, const struct known_addr *); /* false: no memory */
void sort_known(struct known *);
bool load_known(struct store *);

struct store {
	char dir[STORE_PATH - 64];
	char path[STORE_PATH]; /* of the database */
	sqlite3 *db;
	int lock; /* -1: reading */
	bool writes;
	bool remote; /* another process writes */
	bool again; /* the first batch may have been written in part */
	struct shipping shipping;
	uint64_t batch; /* keeper: the last one written */
	bool batch_known;
	bool in_batch;
	bool damaged; /* nothing is written any more */
	bool clean; /* on closing: the next one needs no check */
	size_t mark, mark_frames; /* of the queues, at store_begin() */
	uint32_t mark_rows;
	struct queue queue, frames; /* frames: of evidence */
	sqlite3_stmt *stmt[STATEMENT_COUNT];
	uint32_t next_alert, next_rule, next_allow, next_device, next_asking,
	    next_windows;
	struct digests seen[SAVED_COUNT];
	/* devices.c: addresses, evidence and modules as last written */
	struct digests parts[DEVICE_PARTS];
	struct known known; /* devices.c: which device has which address */
	char error[STORE_ERROR];
	char *text; /* of store_get() */
};

/* Always false, so that it can be returned. */
bool store_fail(struct store *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The file cannot be trusted: nothing is written any more. */
bool store_damaged(struct store *, const char *how);
/* What SQLite says, in words, and what to do. */
bool store_fail_db(struct store *, const char *doing);

/* Queue a row or statement; written at once outside a batch. */
bool store_row(struct store *, enum table_id, const void *subject);
bool store_do(struct store *, enum statement_id, const char *types, ...);
/* Several as one, also outside a batch. */
bool store_enter(struct store *); /* whether it began a batch */
bool store_leave(struct store *, bool began, bool ok);

/* Rows of a table; false when the function returned false, or on error. */
bool store_each(struct store *, enum table_id, const char *tail, int64_t bound,
    void *subject, size_t size, bool (*got)(void *ctx, const void *subject),
    void *ctx);
/* A number by SQL, with one bound; `none` where there is no row. */
int64_t store_number(struct store *, const char *sql, int64_t bound,
    int64_t none);
/* Straight, outside the queue. */
bool store_exec(struct store *, const char *doing, const char *sql);

/* Write what is queued; also between batches. */
bool store_flush(struct store *);
/* remote.c: the same where another process writes. */
bool remote_flush(struct store *);
void remote_free(struct store *);
/* open.c */
bool store_connect(struct store *, const char *uri, int flags);
bool store_next_numbers(struct store *);

/* lock.c */
bool store_lock(struct store *, bool *ret_unclean);
void store_unlock(struct store *);
/* migrate.c: from that version to STORE_VERSION; a copy is kept beside. */
bool store_migrate(struct store *, int version);
/* live.c: the digest of a number, made if need be; NULL: no memory. */
uint64_t *digest_at(struct digests *, uint32_t id);
/* alerts.c: the program's rows, for views */
bool store_put_kinds(struct store *);

/* evidence.c */
#define EVIDENCE_PATH (STORE_PATH + 32)
void evidence_path(const struct store *, uint32_t number,
    char dst[static EVIDENCE_PATH]);
bool evidence_append(struct store *, uint32_t number, struct span);
bool evidence_flush(struct store *);
/* To the end of a file of sections; all of it, or as it was.  `again`: it may
 * be there already. */
bool evidence_append_to(int fd, struct span, bool again);
/* A section of pcapng, each frame with the comment; free() it.  NULL: no
 * memory. */
uint8_t *evidence_section(struct store *, const struct store_frame *,
    uint32_t n, const char *comment, struct span *ret);
/* Frames of alerts that were never written: their numbers are given anew. */
bool evidence_remove_strays(struct store *);
uint32_t evidence_number(const char *name); /* of a file; 0: another one */

/* words.c: names of enums in the database */
extern const struct words words_role, words_trait, words_kind, words_risk,
    words_space, words_about, words_number, words_via, words_source,
    words_scenario, words_key_state, words_severity, words_status, words_engine,
    words_category, words_rule_kind, words_by_hand, words_alert, words_timeline,
    words_indicator_type;
uint32_t word_find(const struct words *, const char *); /* n: none */
uint32_t proto_find(const char *); /* n_protos: none */

#endif
