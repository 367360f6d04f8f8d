/*
 * worm.c - how worms and intruders get from one Windows host to the next.
 *
 * Exploits of SMB 1 (MS17-010) by the order of their requests; tools that
 * copy a program and start it as a service; ransomware by its renaming; names
 * that are drawn at random.
 */
#include <stdio.h>
#include <string.h>

#include "../proto/proto.h"
#include "private.h"

/* Commands and subcommands of SMB 1, [MS-CIFS] 2.2.2. */
#define SMB_TRANSACTION 0x25u
#define SMB_TRANSACTION2 0x32u
#define SMB_TRANSACTION2_SECONDARY 0x33u
#define SMB_NT_TRANSACT 0xa0u
#define SUB_SESSION_SETUP 0x0eu /* reserved, never implemented */
#define SUB_READ_PIPE 0x36u
#define STATUS_NOT_IMPLEMENTED 0xc0000002u

#define READS 8u /* of a pipe, by transaction, before anything else */
#define LIVES 600u /* seconds */

static struct span
text_of(const struct fact *f)
{
	return SPAN((const uint8_t *)f->text, f->text_len);
}

static bool
has(const struct fact *f, const char *glob)
{
	return rule_glob(span_text(glob), text_of(f));
}

/* ------------------------------------------------------------- SMB exploits */

struct smb1 { /* of a pair of hosts */
	uint32_t nt_pair; /* of the last NT_TRANSACT */
	uint32_t setup_pair; /* of the last TRANS2 SESSION_SETUP */
	uint32_t reads; /* of a pipe, by transaction */
	bool has_nt, has_setup;
};
_Static_assert(sizeof(struct smb1) <= MEMORY_CELL, "one cell");

static void
raise_between(struct detect *d, const struct event *e, enum alert_id row,
    const char *what)
{
	char text[256], from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];

	(void)snprintf(text, sizeof(text), "%s sent %s %s",
	    ip_text(&e->talk->client.ip, from),
	    ip_text(&e->talk->server.ip, to), what);
	detect_raise(d, e, &(struct finding){ .row = row, .text = text });
}

static void
smb1_request(struct detect *d, const struct event *e, struct smb1 *s)
{
	const struct fact *f = e->fact;

	if (f->op == SMB_NT_TRANSACT) {
		s->nt_pair = f->pair;
		s->has_nt = true;
	} else if (f->op == SMB_TRANSACTION2 &&
	    f->object.sub == SUB_SESSION_SETUP) {
		s->setup_pair = f->pair;
		s->has_setup = true;
		raise_between(d, e, ALERT_smb_illegal_parameters,
		    "the reserved request SESSION_SETUP of a transaction 2");
	} else if (f->op == SMB_TRANSACTION2_SECONDARY && s->has_nt &&
	    s->nt_pair == f->pair) {
		raise_between(d, e, ALERT_smb_illegal_transaction,
		    "the continuation of a transaction 2 for what began as an "
		    "NT transaction");
	} else if (f->op == SMB_TRANSACTION && f->object.sub == SUB_READ_PIPE &&
	    ++s->reads == READS) {
		raise_between(d, e, ALERT_smb_illegal_parameters,
		    "one pipe read after another as transactions");
	}
}

void
detector_smb1(struct detect *d, const struct event *e)
{
	const struct fact *f = e->fact;
	struct smb1 *s;

	if (!f->is_message || !f->has_pair)
		return;
	s = memory_cell(detect_memory(d), ALERT_doublepulsar, pair_key(e),
	    e->at, LIVES);
	if (!f->response)
		smb1_request(d, e, s);
	else if (f->op == SMB_TRANSACTION2 && f->kind == FACT_ERROR &&
	    f->code == STATUS_NOT_IMPLEMENTED && s->has_setup &&
	    f->pair == s->setup_pair + 16) {
		/* multiplex identifier 65 comes back as 81 */
		char text[256], to[ADDR_TEXT_MAX];

		(void)snprintf(text, sizeof(text),
		    "%s answered as the DoublePulsar back door does "
		    "(multiplex identifier raised by 16)",
		    ip_text(&e->talk->server.ip, to));
		detect_raise(d, e,
		    &(struct finding){ .row = ALERT_doublepulsar,
			.text = text,
			.swap = true });
	}
}

/* ------------------------------------------------ programs sent and started */

enum step {
	STEP_SHARE = 1, /* administrator's share */
	STEP_PROGRAM = 2, /* program written */
	STEP_SERVICE = 4, /* service created */
};

static bool
is_tool(const struct fact *f)
{
	static const char *const names[] = { "*psexesvc*", "*remcom_communica*",
		"*paexec*", "*csexecsvc*", "*perfc.dat" };

	for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (has(f, names[i]))
			return true;
	return false;
}

static uint8_t
step_of(const struct fact *f)
{
	if (protos[f->proto] == &proto_dcerpc)
		return !f->response && has(f, "svcctl *") &&
			(f->object.first == 12 || f->object.first == 24 ||
			    f->object.first == 44 || f->object.first == 45)
		    ? STEP_SERVICE
		    : 0;
	if (f->object.space == SPACE_SHARE)
		return has(f, "*\\ADMIN$") || has(f, "*\\C$") ? STEP_SHARE : 0;
	return f->object.space == SPACE_FILE && f->risk == RISK_FILE &&
		(has(f, "*.exe") || has(f, "*.dll") || has(f, "*.sys"))
	    ? STEP_PROGRAM
	    : 0;
}

void
detector_remote_run(struct detect *d, const struct event *e)
{
	const struct fact *f = e->fact;
	uint8_t step = step_of(f), *seen;
	bool tool = protos[f->proto] != &proto_dcerpc && !f->response &&
	    f->object.space == SPACE_FILE && is_tool(f);

	if (step == 0 && !tool)
		return;
	seen = memory_cell(detect_memory(d), ALERT_psexec, pair_key(e), e->at,
	    LIVES);
	*seen |= step;
	if (tool)
		raise_between(d, e, ALERT_psexec,
		    "a pipe or file of a tool that runs programs on other "
		    "hosts");
	else if (*seen == (STEP_SHARE | STEP_PROGRAM | STEP_SERVICE)) {
		*seen = 0;
		raise_between(d, e, ALERT_psexec,
		    "a program over an administrator's share, and had it "
		    "started as a service");
	}
}

/* ---------------------------------------------------------------- renaming */

/* What programs do all the time. */
static bool
is_usual(struct span end)
{
	static const char *const ends[] = { "tmp", "bak", "old", "txt", "log",
		"xlsx", "docx", "pdf", "jpg" };

	for (uint32_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (rule_glob(span_text(ends[i]), end))
			return true;
	return false;
}

/* The ending of a name; empty when it has none. */
static struct span
ending(struct span s)
{
	uint32_t at = s.n;

	while (at > 0 && s.p[at - 1] != '.' && s.p[at - 1] != '\\')
		at--;
	return at > 0 && s.p[at - 1] == '.' ? span_from(s, at) : SPAN(s.p, 0);
}

void
detector_rename(struct detect *d, const struct event *e)
{
	const struct alert_setting *set = detect_setting(d, ALERT_mass_rename);
	const struct fact *f = e->fact;
	struct span end = ending(text_of(f));
	char text[256], from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];
	uint64_t key = pair_key(e);
	uint32_t n;

	/* FileRenameInformation */
	if (f->response || f->op != 17 || f->object.area != 1 ||
	    f->object.sub != 10 || end.n == 0 || end.n > 20 || is_usual(end))
		return;
	for (uint32_t i = 0; i < end.n; i++)
		key = key_mix(key, end.p[i]);
	n = memory_count(detect_memory(d), ALERT_mass_rename, key, e->at,
	    set->within);
	if (n < set->count)
		return;
	(void)snprintf(text, sizeof(text),
	    "%s renamed %u files on %s to *.%.*s within %u s",
	    ip_text(&e->talk->client.ip, from), n,
	    ip_text(&e->talk->server.ip, to), (int)end.n, (const char *)end.p,
	    set->within);
	detect_raise(d, e,
	    &(struct finding){ .row = ALERT_mass_rename, .text = text });
}

/* ------------------------------------------------------------- drawn names */

/*
 * One label of 4 to 12 letters, then a top-level domain that Conficker uses
 * (SRI, "An Analysis of Conficker", 2009).
 */
static bool
is_drawn(struct span s)
{
	static const char *const tops[] = { "com", "net", "org", "info", "biz",
		"ws", "cn", "cc" };
	struct span top = ending(s);
	uint32_t label = s.n - top.n - (top.n > 0);

	if (top.n == 0 || label < 4 || label > 12)
		return false;
	for (uint32_t i = 0; i < label; i++)
		if ((s.p[i] | 0x20) < 'a' || (s.p[i] | 0x20) > 'z')
			return false;
	for (uint32_t i = 0; i < sizeof(tops) / sizeof(tops[0]); i++)
		if (rule_glob(span_text(tops[i]), top))
			return true;
	return false;
}

void
detector_drawn_names(struct detect *d, const struct event *e)
{
	const struct alert_setting *set = detect_setting(d, ALERT_conficker);
	const struct fact *f = e->fact;
	char text[256], from[ADDR_TEXT_MAX];
	uint64_t item = 0;
	uint32_t n;

	if (f->code != 3 || !is_drawn(text_of(f))) /* no such name */
		return;
	for (uint32_t i = 0; i < f->text_len; i++)
		item = key_mix(item, (uint8_t)f->text[i] | 0x20u);
	n = memory_distinct(detect_memory(d), ALERT_conficker,
	    addr_key(&e->talk->client), item, e->at, set->within);
	if (n < set->count)
		return;
	(void)snprintf(text, sizeof(text),
	    "%s asked for %u names that do not exist within %u s, the last "
	    "%.*s",
	    ip_text(&e->talk->client.ip, from), n, set->within,
	    (int)f->text_len, f->text);
	detect_raise(d, e,
	    &(struct finding){ .row = ALERT_conficker, .text = text });
}
