/*
 * desk.h - what people decide, applied: the one place where that is done.
 *
 * Command line, console and API make the same request, a JSON object:
 *
 *	{"verb": "alerts.close", "numbers": [12, 14]}
 *
 * desk_do() applies it and answers with a JSON object:
 *
 *	{"ok": true, "text": "close: 2 alerts\n", "undo": {"verb": ...}, ...}
 *	{"ok": false, "error": {"code": "absent", "message": "...",
 *	    "field": "numbers"}}
 *
 * `text` is for people; `undo`, where it is there, is the request that takes
 * it back.  The verbs are the rows of verbs.def, with who may use them and
 * their fields.  All of a request is done, with its lines in the timeline, or
 * nothing of it.
 *
 * A desk works on what is alive (the running engine's stages) or on what was
 * loaded from a state directory (desk_open).  Thread: the owner's.
 */
#ifndef DESK_DESK_H
#define DESK_DESK_H

#include <jansson.h>
#include <stdbool.h>

#include "../malware/malware.h"
#include "../store/store.h"

enum desk_role { /* who may; each may all that those before may */
	DESK_READ_ONLY,
	DESK_ANALYST,
	DESK_ADMIN,
	DESK_ROLE_COUNT
};
const char *desk_role_name(enum desk_role); /* "read-only" ... */

enum desk_need { /* what of the state a verb works on */
	DESK_STORE,
	DESK_BASELINE, /* and what was learned */
	DESK_INVENTORY, /* and what was seen of devices */
};

struct desk_verb {
	const char *name; /* "alerts.close" */
	enum desk_need need;
	bool writes;
	bool makes; /* also where there is no state yet */
	enum desk_role role;
	const char *fields; /* "numbers, level?, reason?": ? may be left out */
	const char *help;
};
extern const struct desk_verb desk_verbs[];
extern const unsigned desk_verb_count;
const struct desk_verb *desk_verb_find(const char *name); /* NULL: none */

struct desk_trial {
	const char *condition; /* "": of the filters that are set alone */
	bool include; /* what is left out is all else */
	uint32_t seconds;
};

struct device_pulse; /* src/active */

struct desk {
	struct store *store;
	struct assets *assets;
	struct baseline *baseline; /* NULL: no verb that needs it */
	struct inventory *inventory; /* NULL: no verb that needs it */
	struct detect *detect; /* of a running engine, else NULL */
	uint32_t learn_scale; /* of the baseline */
	struct tick now; /* the time of day */
	const char *who; /* for the timeline; valid during the call */
	/* A frame that was sent to a device, or came back (LINKTYPE_RAW), for
	 * the inventory; of names that many labels are kept, 0: all; `passed`
	 * false: what an encrypted one said.  NULL: nobody takes them. */
	void (*asked)(void *ctx, struct tick, struct span, uint32_t labels,
	    bool passed);
	/* What devices said of themselves in them since the last call. */
	void (*found)(void *ctx, char *dst, size_t cap);
	/* Of a running engine: asking stops at once, or may go on.  NULL:
	 * there is nothing to tell. */
	void (*halt)(void *ctx, bool stops);
	/* Of a running engine: capture files are played back.  NULL: none
	 * runs. */
	const struct desk_player *player;
	/* Of a running engine: what a condition (NULL: none) and the capture
	 * filters leave out in so many seconds, into the row `filters`; its
	 * number, 0 with a sentence. */
	uint32_t (*try_filter)(void *ctx, const struct desk_trial *,
	    char *ret_error, size_t cap);

	/* Of a running engine: what it sees of a device, which `own` will ask
	 * by that port now; whether another scanner was seen.  NULL: none
	 * runs. */
	bool (*look)(void *ctx, const struct ip *own, const struct ip *,
	    uint16_t port, struct device_pulse *ret);
	/* Of a running engine: an address answered what it was asked; a Windows
	 * machine has programs or services that it did not have.  NULL: none
	 * runs, there are no alerts. */
	void (*answered)(void *ctx, struct tick, const struct ip *);
	void (*more)(void *ctx, struct tick, const struct ip *, bool services,
	    uint32_t n, const char *names);
	/* What an endpoint said of itself when it was asked, for the inventory;
	 * NULL: nobody takes it. */
	void (*told)(void *ctx, struct tick, const struct ip *, uint8_t trait,
	    const char *text);
	void *ctx;
};

struct desk_play {
	const char *name; /* of the file */
	int64_t speed; /* times as fast as it was; 0: as fast as it goes */
	bool learns;
};

struct desk_player {
	/* Begin with the file that came along: its number, or 0 with a
	 * sentence; *ret_busy: another one is played. */
	uint32_t (*play)(void *ctx, const struct desk_play *, const char *who,
	    bool *ret_busy, char *ret_error, size_t cap);
	/* End it; false: nothing was played. */
	bool (*stop)(void *ctx, char *ret_name, size_t cap);
};

/*
 * Apply it.  Never NULL but when memory is out; the caller's to json_decref().
 * Does not look at roles: who asks was checked by whoever let him ask.
 */
json_t *desk_do(struct desk *, const json_t *request);

/* The same, with the verb's state loaded from a directory and closed again. */
json_t *desk_do_in(const char *folder, const json_t *request, const char *who,
    struct tick now);

/* An answer of the same form, for those who hand requests on. */
json_t *desk_failure(const char *code, const char *message);

/* ---------------------------------------------------------- asking devices */

struct active_plan;
/* Whether its schedule says that it is time: once, every so often, at times
 * of the day. */
bool desk_asking_due(const struct asking *, struct tick now);
#define DESK_GRANTS 64u /* at once, at most */
/* SQL: addresses that must not be asked, whoever allows it. */
#define DESK_MARKED                                                      \
	"select distinct x.ip from device_address x join v_device d on " \
	"d.id = x.device where x.ip is not null and (d.fragile or "      \
	"d.role = 'safety-controller')"
/* The setting of the state that says who stopped asking, and when. */
#define DESK_HALTED "active.halted"
/* Why a grant is not to be used now; NULL: it may be. */
const char *desk_asking_not_now(const struct asking *, struct tick now);
/* What the passwords of its user are sealed for (base/vault.h). */
/* Texts of a list as one, a space between: how ranges are kept, and what a
 * password is sealed for.  False: none, no texts, or more than fit. */
bool desk_ranges(const json_t *list, char *dst, size_t cap);
void desk_asking_purpose(const struct asking *, char *dst, size_t cap);
/* Two passwords, sealed as one text with a newline between, into the plan.
 * False: they cannot be opened with this key. */
struct vault_key;
bool desk_asking_unseal(const struct asking *, const struct vault_key *,
    struct active_plan *);
/* Whom it asks; false with a sentence. */
bool desk_asking_plan(const struct asking *, struct active_plan *ret,
    char *ret_error, size_t cap);

/* -------------------------------------------------------- Windows endpoints
 */

#define DESK_PURPOSE 2048u
/* What the password of a range is for (base/vault.h): whom it is shown to, as
 * which user, how. */
void desk_windows_purpose(const struct windows_range *,
    char ret[static DESK_PURPOSE]);
/* Whom it asks; false with a sentence. */
bool desk_windows_plan(const struct windows_range *, struct active_plan *ret,
    char *ret_error, size_t cap);
/* Why it is not to be scanned now, NULL: it may be; whether it is time. */
const char *desk_windows_not_now(const struct windows_range *, struct tick now);
bool desk_windows_due(const struct windows_range *, struct tick now);

/* ------------------------------------------------------ networks as text */

#define DESK_NETWORKS 256u /* as many as the sensor looks through */

/* "10.1.0.0/16", "10.1.2.3", the rest of it zero; false when it is none. */
bool network_read(const char *text, struct ip *ret, uint8_t *ret_bits);
/* The rest of it zero. */
void network_mask(struct ip *, unsigned bits);
/* dst, "10.1.0.0/16" in it. */
const char *network_text(const struct ip *, unsigned bits, char *dst,
    size_t cap);

#endif
