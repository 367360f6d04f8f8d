/*
 * store.h - the state directory: what outlives the process.
 *
 * One SQLite database, DIR/state.db (WAL, strict tables, foreign keys,
 * migrations by PRAGMA user_version; schema.sql, documented in
 * docs/database.md), and DIR/evidence/ with the frames of alerts as pcapng.
 * One process writes, taken by a lock; any number read.
 *
 * Changes are gathered in memory and written in one transaction a batch:
 * what a kill -9 can lose is at most the last batch (STORE_BATCH_SECONDS),
 * and the database is whole after it.  On a full disk the batch stays in
 * memory, the error says so, and the next batch tries again.
 *
 * Every call that can fail returns false (or NULL) and leaves a sentence in
 * store_error(): what, which file, what to do.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "../asset/asset.h"
#include "../baseline/baseline.h"
#include "../detect/detect.h"
#include "../inventory/conv.h"
#include "../inventory/inventory.h"
#include "../malware/indicators.h"
#include "../triage/triage.h"

#define STORE_ERROR 512
#define STORE_BATCH_SECONDS 5
#define STORE_VERSION 11 /* of the schema */

struct store;
struct sqlite3;

enum store_for {
	STORE_READING, /* must be there */
	STORE_WRITING, /* must be there; waits up to 5 s for the lock */
	STORE_MAKING, /* made if need be */
	STORE_AGAIN, /* the same; its last writer was killed a moment ago by
		      * the same supervisor: the file is not checked */
};

/* NULL with a sentence in ret_error. */
struct store *store_open(const char *dir, enum store_for,
    char ret_error[static STORE_ERROR]);
/* Another process holds it for writing. */
bool store_is_written(const char *dir);
void store_close(struct store *);
const char *store_error(const struct store *);
struct sqlite3 *store_db(struct store *); /* for lists: read only */

/*
 * All writes between the two are one transaction; a write outside is one by
 * itself.  What is read is what was committed.  A commit that failed keeps the
 * batch, and the next one writes it too; store_close() does not try again.
 * store_rollback() drops what came since store_begin(), and after a commit
 * does nothing.
 */
bool store_begin(struct store *);
bool store_commit(struct store *);
void store_rollback(struct store *);

/* ------------------------------------------------- written by another */

/*
 * The running sensor: the engine decides, the keeper writes.  A remote store
 * reads by a connection of its own, which after this call opens no file any
 * more; a commit makes a shipment, kept until it is acknowledged.  The
 * keeper has the database open already.  `last`: store_batch() there.
 */
struct store *store_remote(const char *dir, uint64_t last,
    char ret_error[static STORE_ERROR]);
struct shipment {
	struct shipment *next;
	uint64_t number; /* one more than the one before */
	uint32_t rows, frames; /* bytes of each, in this order */
	uint8_t bytes[];
};
/* The first with a greater number; NULL: none waits. */
const struct shipment *store_shipment(const struct store *, uint64_t after);
/* Written: this one and all before it. */
void store_acknowledge(struct store *, uint64_t number);
uint64_t store_shipped(const struct store *); /* the last one's number */
size_t store_waiting(const struct store *); /* bytes not acknowledged */

/* The keeper: write a shipment, once, however often it comes.  False with a
 * sentence: it has to come again.  What cannot be one is refused for good,
 * which store_error() says, too. */
bool store_apply(struct store *, uint64_t number, struct span rows,
    struct span frames);
uint64_t store_batch(struct store *); /* the last one written */

/* What is true now, as JSON, by key; see table live. */
bool store_put_live(struct store *, const char *key, struct tick,
    const char *json);
bool store_clear_live(struct store *); /* but what is yet to be signed */

/*
 * The visibility ledger's hourly records: rows "ledger.hour.START" of live
 * become rows of ledger_hour, chained and signed, with the key of the state
 * (ledger.key, made if need be; ledger.pub is for others).
 */
#define STORE_LEDGER_SECRET 64
#define STORE_LEDGER_PUBLIC 32
bool store_ledger_secret(struct store *,
    uint8_t ret[static STORE_LEDGER_SECRET]);
/* NULL: the state's own. */
bool store_ledger_public(struct store *, const char *path,
    uint8_t ret[static STORE_LEDGER_PUBLIC]);
bool store_seal_hours(struct store *,
    const uint8_t secret[static STORE_LEDGER_SECRET]);
/* Older ones go; the chain begins with the first that is left. */
bool store_retain_ledger(struct store *, struct tick before);
struct ledger_check {
	uint32_t records, wrong;
	int64_t first, last; /* their numbers */
	int64_t wrong_number; /* of the first that is wrong */
	char why[64];
	char hash[65]; /* of the last */
};
bool store_verify_ledger(struct store *,
    const uint8_t public[static STORE_LEDGER_PUBLIC], struct ledger_check *ret);

/* ------------------------------------------------------------- settings */

/* "" when there is none; the text lives until the next call. */
const char *store_get(struct store *, const char *key);
bool store_put(struct store *, const char *key, const char *value);

/*
 * What people set of the sensor ("conf.KEY"), as a configuration file in the
 * state directory; written only where it is not as it was.
 */
#define STORE_SETTINGS "settings.conf"
bool store_write_settings(struct store *, bool *ret_changed);

/*
 * Capture filters that people added while the sensor runs: settings
 * "filter.NUMBER", each {"of", "take", "condition", "at"}.  What they are of,
 * and what the words mean, is src/sensor/filter.c's.
 */
#define STORE_FILTERS 50u /* at most */
struct said_filter {
	uint32_t number;
	char of[16], take[16]; /* "alerts", "exclude" */
	char condition[201]; /* as long as a setting */
};
/* Those that are there, by number; `ret` has room for STORE_FILTERS.  False
 * with store_error(). */
bool store_filters(struct store *, struct said_filter *ret, uint32_t *ret_n);
/* A condition of "" takes it away. */
bool store_put_filter(struct store *, const struct said_filter *, struct tick);

/* ----------------------------------------------------- what is continued */

bool store_load_assets(struct store *, struct assets *);
bool store_save_assets(struct store *, struct assets *);
bool store_load_baseline(struct store *, struct baseline *);
bool store_save_baseline(struct store *, struct baseline *);
bool store_load_inventory(struct store *, struct inventory *);
/* Before inventory_settle(): what was seen, not what was concluded. */
bool store_save_inventory(struct store *, const struct inventory *);
/* After it, the settled list for people: names, roles, evidence, modules; and
 * what people said of a device wins over what was found. */
bool store_save_devices(struct store *, const struct inventory *,
    struct assets *);
bool store_load_convs(struct store *, struct convs *);
bool store_save_convs(struct store *, const struct convs *);
/* Open alerts, settings of rows. */
bool store_load_detect(struct store *, struct detect *);
/* People changed alerts in the store: closed, opened again, severity. */
bool store_refresh_alerts(struct store *, struct detect *);
/* Mutes, rules, allowed keys, names and networks.  True with a store_error()
 * when a rule does not parse any more and is left out. */
bool store_load_triage(struct store *, struct triage *, struct baseline *,
    struct assets *);
bool store_save_hits(struct store *, const struct triage *);

/* -------------------------------------------------------------- alerts */

/* New (number 0: given one) or changed. */
bool store_put_alert(struct store *, struct alert *);
bool store_get_alert(struct store *, uint32_t number, struct alert *ret);
/* Frames as a pcapng section with a comment; appended to what is there when
 * the batch is written. */
bool store_put_evidence(struct store *, uint32_t number, struct span pcapng);
struct store_frame {
	struct tick at;
	struct span bytes; /* captured */
	uint32_t length; /* on the wire */
	uint16_t link; /* LINKTYPE_ number of pcap */
};
/* The same, the section made from frames, each with the comment. */
bool store_put_frames(struct store *, uint32_t number,
    const struct store_frame *, uint32_t n, const char *comment);
/* Into an open descriptor; false with error when there are none. */
bool store_copy_evidence(struct store *, uint32_t number, int fd);

/* ------------------------------------------------------------- traffic */

enum traffic_of {
	TRAFFIC_ALL,
	TRAFFIC_PORT, /* key: monitoring port */
	TRAFFIC_PROTOCOL, /* index into protos[] */
	TRAFFIC_DEVICE, /* asset; 0: the others together */
};
struct traffic_row {
	int64_t begin; /* ns */
	uint32_t seconds; /* 60, 3600, 86400 */
	uint32_t of; /* enum traffic_of */
	uint32_t key;
	uint64_t packets, bytes; /* on the wire */
};
/* Added to what the span has already. */
bool store_add_traffic(struct store *, const struct traffic_row *);

/* -------------------------------------------------------------- people */

/* The audit timeline: append only. `who` is a user name, "sensor" or "cli:"
 * and the system's user; `what` a word of timeline.def. */
bool store_note(struct store *, struct tick, const char *who, const char *what,
    const char *about, const char *text);
/* *id 0: new. */
bool store_put_rule(struct store *, struct person_rule *);
bool store_get_rule(struct store *, uint32_t id, struct person_rule *ret);
bool store_delete_rule(struct store *, uint32_t id);
bool store_put_allow(struct store *, struct allow *, uint32_t alert,
    const char *who, const char *reason, struct tick);
bool store_delete_allow(struct store *, uint32_t id);
bool store_set_mute(struct store *, uint64_t fold, bool muted);
bool store_put_setting_of(struct store *, enum alert_id,
    const struct alert_setting *);
/* What was set, or the row's own. */
bool store_get_setting_of(struct store *, enum alert_id,
    struct alert_setting *ret);
bool store_put_comment(struct store *, uint32_t alert, struct tick,
    const char *who, const char *text);
bool store_put_network(struct store *, const struct network *);
bool store_delete_network(struct store *, const struct ip *, uint8_t bits);

/* Names: of hosts outside that are allowed, ports, VLANs.  Putting replaces;
 * what was not there can be deleted too. */
struct allowed_domain {
	char name[256]; /* a pattern, see triage_domain() */
	char comment[160];
	struct tick added;
};
struct port_name {
	uint8_t via; /* VIA_TCP or VIA_UDP */
	uint16_t port;
	char name[64];
};
struct vlan_name {
	uint16_t vlan;
	char name[64];
};
bool store_put_domain(struct store *, const struct allowed_domain *);
bool store_delete_domain(struct store *, const char *name);
bool store_put_port_name(struct store *, const struct port_name *);
bool store_delete_port_name(struct store *, uint8_t via, uint16_t port);
bool store_put_vlan_name(struct store *, const struct vlan_name *);
bool store_delete_vlan_name(struct store *, uint16_t vlan);

/* Lists of what is known to be bad. */
bool store_put_indicator(struct store *, const struct indicator *);
bool store_delete_indicators(struct store *, const char *list);
bool store_load_indicators(struct store *, struct indicators *);
/* The same, anew; the list named INDICATORS_OF_RUN is not the store's. */
bool store_refresh_indicators(struct store *, struct indicators *);
#define INDICATORS_OF_RUN "read"

/* What a person says of a device: wins over what is found, and stays. */
struct device_person {
	uint32_t device; /* the store's number, as in v_device */
	char name[96], role[32], comment[256]; /* "": as found */
	uint8_t purdue; /* level times ten, 255: as found */
	int8_t authorized, important, scanner, programming,
	    fragile; /* -1: as found */
	struct tick hidden; /* not listed unless seen after; 0: listed */
};
#define DEVICE_PERSON_NONE                      \
	((struct device_person){ .purdue = 255, \
	    .authorized = -1,                   \
	    .important = -1,                    \
	    .scanner = -1,                      \
	    .programming = -1,                  \
	    .fragile = -1 })
/* All of it is replaced; nothing said (DEVICE_PERSON_NONE) where nobody did. */
bool store_put_person(struct store *, const struct device_person *);
bool store_get_person(struct store *, uint32_t device,
    struct device_person *ret);

/*
 * Which addresses are one device, as people say (inventory.h).  Putting
 * replaces all; ascending by group.  Loading an inventory loads them, too.
 */
bool store_put_groups(struct store *, const struct grouped *, uint32_t n);
bool store_get_groups(struct store *, struct grouped *ret, uint32_t cap,
    uint32_t *ret_n);
bool store_load_groups(struct store *, struct inventory *);
/* Of a device as listed, at most DEVICE_ADDRS. */
bool store_get_addresses(struct store *, uint32_t device,
    struct device_addr *ret, uint32_t *ret_n);
/*
 * Numbers, for the next store_save_devices() of the same batch: who has one of
 * the addresses is this device; a device is no more, nor what people said of
 * it.  A number comes back only where it was given before.
 */
uint32_t store_new_device(struct store *);
bool store_number_device(struct store *, uint32_t device,
    const struct device_addr *, uint32_t n);
bool store_drop_device(struct store *, uint32_t device);

/* --------------------------------------------------------- asking devices */

/* A grant: a method of src/active may be asked of these addresses. */
struct asking {
	uint32_t id;
	bool on;
	char method[32];
	char ranges[1024]; /* with blanks between */
	uint16_t port, station; /* 0: the method's own */
	char community[64];
	struct ip server; /* asked about the addresses; len 0: none */
	char hours[256]; /* condition, when it may happen; "": always */
	uint32_t every; /* seconds between two runs, 0: when told to */
	char owner[96], reason[256]; /* who answers for it, and why */
	char who[64]; /* who granted it */
	struct tick at, until; /* granted, ends */
	struct tick last; /* run last, 0: never */
	char times[96]; /* of the day, UTC: "06:00 18:30"; "": none */
	struct tick due; /* once, at this time or after it; 0: not */
	char only[46]; /* that once: of this address alone; "": of all */
	uint32_t labels; /* of names that are shown, 0: all */
	char user[33], hash[8]; /* of SNMPv3; "": none */
	char sealed[640]; /* its passwords (base/vault.h) */
};
bool store_put_asking(struct store *, struct asking *); /* *id 0: new */
bool store_get_asking(struct store *, uint32_t id, struct asking *ret);
bool store_delete_asking(struct store *, uint32_t id);
/* Each, ascending; false when the function returned false, or on error. */
bool store_each_asking(struct store *,
    bool (*got)(void *ctx, const struct asking *), void *ctx);

/* What came of asking an address, the last time. */
struct asked_address {
	char method[32];
	struct ip ip;
	uint32_t grant;
	struct tick at;
	char outcome[40];
	uint32_t answers;
	char found[512]; /* what it said of itself */
	char before[512]; /* ... before that changed; "": it never did */
	struct tick changed; /* when it did, 0: never */
};
/* Merged with what is there: before, changed.  `was_asked` false: says only
 * why not, where nothing is there. */
bool store_put_asked_of(struct store *, struct asked_address *, bool was_asked);
/* Setting: bytes for what was sent and received, decimal. */
#define STORE_ASKED_MOST "asked.most"
/* What was sent and received, at once: DIR/asked.pcapng, and what was before
 * in DIR/asked.1.pcapng; each at most half of STORE_ASKED_MOST. */
bool store_put_asked(struct store *, const struct store_frame *, uint32_t n,
    const char *comment);

/* ------------------------------------------------------ Windows endpoints */

/* Addresses that are asked over WS-Management, as whom and when. */
struct windows_range {
	uint32_t id;
	bool on;
	char ranges[1024]; /* with blanks between */
	char user[128], domain[128];
	char sealed[640]; /* its password (base/vault.h) */
	bool plain; /* HTTP with sealed messages, not HTTPS */
	uint16_t port; /* 0: the usual one */
	char trust[256]; /* "first", "pinned", or a file of authorities */
	char kinds[128]; /* of what is asked, with blanks; "": all */
	char times[96]; /* of the day, UTC: "06:00 18:00"; "": none */
	char hours[256]; /* condition, when it may happen; "": always */
	uint32_t every; /* seconds between two scans, 0: none */
	char owner[96], reason[256]; /* who answers for it, and why */
	char who[64]; /* who granted it */
	struct tick at, until; /* granted, ends */
	struct tick last; /* scanned last, 0: never */
	struct tick given; /* the password */
	struct tick proved; /* it was taken last, 0: never */
	char blocked[256]; /* why it is not used any more; "": it is */
};
bool store_put_windows_range(struct store *, struct windows_range *);
bool store_get_windows_range(struct store *, uint32_t id,
    struct windows_range *ret);
bool store_delete_windows_range(struct store *, uint32_t id);
bool store_each_windows_range(struct store *,
    bool (*got)(void *ctx, const struct windows_range *), void *ctx);

/* An endpoint, as it was last. */
struct windows_host {
	struct ip ip;
	char name[160];
	uint32_t range; /* 0: from a file only */
	char outcome[16], text[256]; /* of windows/ends.def; more about it */
	struct tick first; /* something was known of it, 0: nothing yet */
	struct tick at; /* asked last */
	struct tick told; /* when what is known of it was so, 0: nothing is */
	struct tick denied; /* the credentials, 0: never */
	char pin[65]; /* SHA-256 of its certificate in hex, or "" */
};
/* ret->ip is whose; all else zero where nothing is known. */
bool store_get_windows_host(struct store *, struct windows_host *ret);
bool store_put_windows_host(struct store *, const struct windows_host *);

/* One thing known of it. */
struct windows_fact {
	struct ip ip;
	char kind[16], name[160], value[192], detail[320];
	char was[192]; /* the value before */
	struct tick first, last; /* known since, and until */
	struct tick changed; /* the value, 0: never */
	struct tick gone; /* it was not there any more, 0: it is */
	bool more; /* merged: new, where others of its kind were known */
};
/*
 * What was found this time, of one endpoint: new, changed, as it was; what is
 * not among them is gone, of the kinds of which something was found.  Sorts
 * `f`, of equal names one is left.  How many are new and changed.
 */
struct windows_news {
	uint32_t all, new_ones, changed, gone;
};
bool store_merge_windows(struct store *, const struct ip *, struct tick at,
    struct windows_fact *f, uint32_t n, struct windows_news *ret);

/* ----------------------------------------------------------- retention */

/* By age and size per kind, oldest first; open alerts never.  Also closes
 * what was quiet for 90 days.  `now` is the newest packet's time. */
struct retention {
	uint32_t alert_days, timeline_days, conv_days; /* 90, 400, 400 */
	uint64_t evidence_bytes; /* 1 GiB */
	uint64_t database_bytes; /* 4 GiB */
	uint32_t close_days; /* 90 */
	uint32_t minutes_days, hours_days,
	    days_days; /* of traffic: 2, 60, 400 */
};
#define RETENTION_DEFAULT                      \
	((struct retention){ .alert_days = 90, \
	    .timeline_days = 400,              \
	    .conv_days = 400,                  \
	    .evidence_bytes = 1ull << 30,      \
	    .database_bytes = 4ull << 30,      \
	    .close_days = 90,                  \
	    .minutes_days = 2,                 \
	    .hours_days = 60,                  \
	    .days_days = 400 })
bool store_retain(struct store *, const struct retention *, struct tick now);

#endif
