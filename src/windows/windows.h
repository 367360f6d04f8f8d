/*
 * windows.h - what Windows endpoints say of themselves, asked by WS-Management
 * or collected on them by a script.
 *
 * What is asked are the rows of queries.c: WQL over CIM classes, and keys of
 * the registry.  Each object that comes back becomes items: a kind, a name, a
 * value that is compared with the last time, a detail that is not.  Both
 * ways (talk.c and file.c) end in the same rows.
 *
 * Nothing here has a socket or a clock but ask.c.  One thread.
 */
#ifndef WINDOWS_WINDOWS_H
#define WINDOWS_WINDOWS_H

#include <stdbool.h>
#include <stdint.h>

#include "../active/active.h"
#include "../base/rd.h"
#include "../base/wr.h"
#include "../model/fact.h"

/* -------------------------------------------------------------------- items */

#define WINDOWS_NAME 160u /* bytes with the NUL; UTF-8 */
#define WINDOWS_VALUE 192u
#define WINDOWS_DETAIL 320u

enum windows_kind {
#define KIND(sym, word, meaning) WINDOWS_##sym,
#include "kinds.def"
#undef KIND
	WINDOWS_KIND_COUNT
};
const char *windows_kind_name(uint32_t); /* NULL: no more */
const char *windows_kind_text(uint32_t);

struct windows_item {
	uint8_t kind; /* enum windows_kind */
	uint8_t trait; /* enum trait, where it is one of the device's, too;
			* TRAIT_COUNT: none */
	char name[WINDOWS_NAME], value[WINDOWS_VALUE], detail[WINDOWS_DETAIL];
};

/* ------------------------------------------------------------------ objects */

#define OBJECT_FIELDS 24u
#define OBJECT_NAME 40u
#define OBJECT_VALUE 512u

/* What a query, a key of the registry or a file holds one of. */
struct windows_object {
	uint32_t n;
	struct {
		char name[OBJECT_NAME], value[OBJECT_VALUE];
	} of[OBJECT_FIELDS];
};
/* Of one that is there already, ", " and the value are added.  What does not
 * fit is left out. */
void object_add(struct windows_object *, const char *name, const char *value);
const char *object_get(const struct windows_object *, const char *name);

/* ------------------------------------------------------------------ queries */

enum windows_how {
	BY_WQL, /* `what` in namespace `space` */
	BY_NUMBER, /* registry: value[0] below key `what`, a DWORD */
	BY_VALUES, /* registry: value[] of each key below `what` */
	BY_KEYS, /* registry: the keys of each key below `what` */
};

struct windows_template { /* of an item: "{Field}" is put in */
	uint8_t kind, trait;
	const char *name, *value, *detail;
};

#define QUERY_TEMPLATES 8u
struct windows_query {
	const char *name; /* of a section in a file */
	enum windows_how how;
	const char *space, *what;
	const char *value[2];
	/* a kind: asked only where nothing of it is known yet */
	bool instead;
	bool may_lack; /* not every Windows has it */
	const char *why; /* it is asked for */
	uint32_t n;
	struct windows_template item[QUERY_TEMPLATES];
};
extern const struct windows_query windows_queries[];
extern const uint32_t windows_query_count;
const struct windows_query *windows_query_find(struct span name);

/* The items of an object. */
void windows_items_of(const struct windows_query *,
    const struct windows_object *,
    void (*got)(void *ctx, const struct windows_item *), void *ctx);

/* --------------------------------------------------------------------- talk */

#define TALK_REQUEST 4096u
#define TALK_REQUESTS 600u /* of one device, at most */
#define TALK_KEYS 256u
#define TALK_KEY 160u
#define TALK_CONTEXT 256u
#define TALK_WHY 256u

enum talk_step {
	TALK_IDENTIFY,
	TALK_ENUMERATE,
	TALK_PULL,
	TALK_KEYS_OF, /* of query.what */
	TALK_BELOW, /* of one of its keys */
	TALK_END
};

/* A conversation with one endpoint, as far as it has come. */
struct windows_talk {
	char url[80];
	uint64_t kinds; /* bits: wanted */
	enum talk_step step;
	uint32_t query, key, value, pulls; /* where it is */
	uint32_t requests, items;
	bool cut; /* more keys or requests than there is room for */
	char context[TALK_CONTEXT]; /* of an enumeration */
	uint32_t n_key;
	char keys[TALK_KEYS][TALK_KEY];
	struct windows_object object; /* being put together */
	uint64_t had; /* bits: kinds of which something came */
	void *ctx;
	void (*got)(void *ctx, const struct windows_item *);
	/* a query that was not answered: whose, and why */
	void (*lacks)(void *ctx, const struct windows_query *, const char *why);
};

void windows_talk_begin(struct windows_talk *, const char *url, uint64_t kinds);
/* The next request, an envelope of SOAP; false: it is over.  `id`: of the
 * message, random. */
bool windows_talk_next(struct windows_talk *, const uint8_t id[static 16],
    struct wr *);
/* The answer to it; false with a sentence: it is none, the conversation is
 * over. */
bool windows_talk_heard(struct windows_talk *, struct span,
    char ret_why[static TALK_WHY]);

/* --------------------------------------------------------------------- file */

/*
 * What the scripts collect (share/windows/sightglass-windows.ps1, .bat):
 *
 *	Sightglass-Windows 1
 *	Time=2026-11-30T10:00:00Z
 *	[Win32_Service]
 *	Name=Spooler
 *	State=Running
 *	(an empty line: the next one)
 *
 * UTF-8, or UTF-16 with a mark of its order; lines end as they like.
 */
#define FILE_MOST (8u << 20)
struct windows_file {
	struct tick at; /* 0: it does not say */
	char host[WINDOWS_NAME];
	uint32_t n_ip;
	struct ip ip[8]; /* its own, the first is the one it is known by */
	uint32_t line; /* of the error */
	char error[TALK_WHY];
};
/* False with line and error.  `got` is called for what came before it, too. */
bool windows_read_file(struct span, struct windows_file *ret,
    void (*got)(void *ctx, const struct windows_item *), void *ctx);

/* ---------------------------------------------------------------------- ask */

#define WINDOWS_PIN 65u /* SHA-256 of a certificate in hex, with its NUL */
#define ASK_WHY 256u

enum windows_trust {
	TRUST_FIRST, /* what it shows the first time */
	TRUST_PINNED, /* what was said beforehand, nothing else */
	TRUST_CA, /* of these authorities; and what it showed before */
};

struct windows_target {
	struct ip ip;
	uint16_t port; /* 0: 5986, 5985 */
	bool plain; /* HTTP: messages are sealed instead */
	enum windows_trust trust;
	struct span authorities; /* PEM, of TRUST_CA */
	char pin[WINDOWS_PIN]; /* "": none yet */
	const char *user, *domain, *password;
	uint64_t kinds;
};
uint16_t windows_port(uint16_t said, bool plain);

enum windows_end {
#define END(sym, word, text) ASK_##sym,
#include "ends.def"
#undef END
	ASK_END_COUNT
};
const char *windows_end_name(uint32_t); /* NULL: no more */
const char *windows_end_text(uint32_t);

struct windows_asked { /* how it ended */
	enum windows_end end;
	uint32_t requests, items;
	bool proved; /* it took the credentials */
	bool cut;
	char pin[WINDOWS_PIN]; /* of the certificate it showed */
	char why[ASK_WHY]; /* more than the end says, or "" */
};

struct windows_listener {
	void *ctx;
	void (*pulse)(void *ctx, const struct ip *, struct device_pulse *);
	/* A stream to the target, connected or on its way, not blocking; it is
	 * ours then.  -1 with a sentence, or "": nobody listens. */
	int (*open)(void *ctx, char ret_why[static ASK_WHY]);
	void (*item)(void *ctx, const struct windows_item *);
	void (*lacks)(void *ctx, const struct windows_query *, const char *why);
	/* What was sent, or came, as frames of HTTP; credentials masked. */
	void (*frame)(void *ctx, struct tick, struct span);
	/* Asked every 50 ms: true ends it at once.  May be NULL. */
	bool (*stop)(void *ctx);
};

/* Ask one endpoint; returns when it is through. */
void windows_ask(const struct windows_target *, struct governor *,
    const struct windows_listener *, struct windows_asked *ret);

/* What would be sent, all of it, to people: heads, bodies, masked. */
struct out;
void windows_show(struct out *, const struct windows_target *);

#endif
