/*
 * cases.c - alerts from made traffic: each row has what must raise it and
 * what must not.
 *
 *	cases [-v] FILE.case...		the file is named like the row
 *
 * A case is read from top to bottom: what stands before the first section
 * holds for all, each section starts from nothing.
 *
 *	learn				what the baseline learns, again and
 *again fires				must raise the row quiet
 *must not
 *	set row.count=5			also row.within, another slug, .on,
 *.hand mark 10.0.0.5 programming	authorized important scanner safety
 *	net 10.9.0.0/16 it		ot inside dhcp
 *	mode operational		learning dynamic
 *	flow tcp 10.0.0.5:40000 10.0.0.20:502
 *	flow udp ... / ip A B 1 / ether MAC MAC 0x88b8 / llc MAC MAC 0x42 /
 *		snap MAC MAC 0xc2000; then `vlan 5`, `ttl 30`
 *	> 00 01 "text\r\n"		client to server; < back
 *	syn				a SYN without answer
 *	close, reset			FIN both ways, RST
 *	wait 0.5			seconds
 *	repeat 20 ... end		{n}: the turn, from 1; in hex two
 *digits, {nn} four says "text"			stands in the sentence or a
 *violation
 *
 * `lose`: the next frame does not pass; `again 4`: the fourth frame before now
 * comes once more as it was; `stray 12 24 HEX`: a segment of the client that
 * begins 12 bytes before its place and confirms 24 bytes less than it should.
 *
 * `indicator VALUE` puts it on a list of what is bad; `yara rule x {...}`, on
 * one line, is a rule for what passes.
 *
 * `port NAME SECONDS`: nothing came by that port for so long; wait for it.
 * `lost 3`, `lost 3 port 2`: a second passes in which frames of a port were
 * lost; `killed WORDS`: a frame ended the engine again and again;
 * `clockset SECONDS`: somebody set the sensor's clock.
 *
 * `asked ADDRESS firmware NOW "SEEN"`, `asked ADDRESS program|service N
 * "NAMES"`, `asked ADDRESS unheard HEARD NEAR` (yes or no): a device was asked.
 *
 * `allow NAME`, `exclude RULE`, `maintenance RULE`: as people say it;
 * `sensor NAME`: what this sensor is called.
 *
 * A further `flow` with ends that are still open goes on with that one.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../src/decode/decode.h"
#include "../../src/detect/detect.h"
#include "../../src/flow/flow.h"
#include "../../src/malware/malware.h"
#include "../../src/model/sensor_name.h"
#include "../../src/proto/proto.h"
#include "../../src/triage/triage.h"
#include "../proto/lines.h"
#include "wire.h"

#define LINES 4000
#define CONNS 512
#define SAYS 16
/* Fourteen days of learning in as many minutes and less: an hour is a
 * second, and 36 days are a quarter of an hour. */
#define SCALE 3600
#define LEARN_SECONDS (36 * 86400 / SCALE)

struct line {
	char *text;
	uint32_t number;
};

struct rig { /* a sensor, and who plays to it */
	struct flows *flows;
	struct assets *assets;
	struct baseline *baseline;
	struct detect *detect;
	struct malware *malware;
	struct triage *triage;
	struct packet packet;
	int64_t ns;
	uint32_t frame;
	struct conn conn[CONNS];
	struct conn *now; /* the current flow */
	uint32_t at; /* line */
	bool learning, mode_set, ok;
	bool lose; /* the next frame does not pass */
	enum mode mode;
	const char *says[SAYS];
	uint32_t n_says, rules;
	uint32_t raised[ALERT_COUNT]; /* since the section began */
};

static struct line lines[LINES];
static uint32_t n_lines;
static const char *path;
static uint32_t target; /* row */
static bool verbose;
static unsigned passed, failed;
static struct rig rig;

static void complain(struct rig *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
complain(struct rig *r, const char *fmt, ...)
{
	va_list args;

	(void)printf("%s:%u: ", path,
	    r->at < n_lines ? lines[r->at].number : 0);
	va_start(args, fmt);
	(void)vprintf(fmt, args);
	va_end(args);
	(void)printf("\n");
	r->ok = false;
}

/* ------------------------------------------------------- the stages, wired */

static void
custom(struct rig *r, enum event_kind kind, struct tick at,
    const struct fact *f, const struct talk *t)
{
	struct event e = { .kind = kind, .at = at, .fact = f, .talk = t };
	uint32_t client, server;

	assets_of_talk(r->assets, t, &client, &server);
	e.client = asset_at(r->assets, client);
	e.server = asset_at(r->assets, server);
	triage_event(r->triage, r->detect, &e);
}

static void
on_begin(void *ctx, struct talk *t)
{
	struct rig *r = ctx;
	uint32_t client, server;

	assets_begin(r->assets, t);
	assets_of_talk(r->assets, t, &client, &server);
	baseline_begin(r->baseline, t, client, server);
	detect_begin(r->detect, t, client, server);
	malware_begin(r->malware, t, client, server);
	custom(r, EVENT_BEGIN, t->first, NULL, t);
}

static void
on_fact(void *ctx, const struct fact *f, struct talk *t)
{
	struct rig *r = ctx;
	uint32_t client, server;

	assets_fact(r->assets, f, t);
	assets_of_talk(r->assets, t, &client, &server);
	baseline_fact(r->baseline, f, t, client, server);
	detect_fact(r->detect, f, t, client, server);
	malware_fact(r->malware, f, t, client, server);
	custom(r, EVENT_FACT, f->at, f, t);
	if (verbose && !r->learning) {
		char text[400];

		(void)fact_line(f, protos[f->proto]->name, text, sizeof(text));
		(void)printf("  fact %s\n", text);
	}
}

static void
on_tally(void *ctx, struct talk *t)
{
	struct rig *r = ctx;
	uint32_t client, server;

	assets_of_talk(r->assets, t, &client, &server);
	baseline_tally(r->baseline, t, client, server);
	detect_end(r->detect, t, client, server);
	malware_end(r->malware, t, client, server);
	custom(r, EVENT_END, t->last, NULL, t);
	assets_tally(r->assets, t);
}

static void
on_disorder(void *ctx, struct talk *t)
{
	struct rig *r = ctx;
	uint32_t client, server;

	assets_of_talk(r->assets, t, &client, &server);
	detect_disorder(r->detect, t, client, server);
}

static void
on_content(void *ctx, const struct content *c, struct talk *t)
{
	struct rig *r = ctx;
	uint32_t client, server;

	assets_of_talk(r->assets, t, &client, &server);
	malware_content(r->malware, c, t, client, server);
}

static void
on_new_asset(void *ctx, struct asset *a)
{
	struct rig *r = ctx;

	baseline_new_asset(r->baseline, a);
}

static void
on_novelty(void *ctx, const struct novelty *n)
{
	struct rig *r = ctx;

	if (verbose && !r->learning)
		(void)printf("  novelty scenario %d why %s%s: %s\n",
		    (int)n->scenario, why_name(n->why),
		    n->speak ? "" : " (does not speak)", n->text);
	detect_novelty(r->detect, n);
}

static bool
on_admit(void *ctx, struct alert *a)
{
	struct rig *r = ctx;

	return triage_admit(r->triage, a);
}

static void
on_raised(void *ctx, struct alert *a, bool is_new)
{
	struct rig *r = ctx;

	(void)is_new;
	r->raised[a->row]++;
	if (verbose && !r->learning)
		(void)printf("  raised %s: %s\n", alert_slug(a->row), a->text);
}

static bool
detect_open(struct rig *r)
{
	struct detect_listener alerts = { .ctx = r,
		.admit = on_admit,
		.raised = on_raised };

	r->detect = detect_new(r->assets, r->baseline, &alerts);
	if (r->detect == NULL)
		return false;
	detect_setting(r->detect, (enum alert_id)target)->on = true;
	memset(r->raised, 0, sizeof(r->raised));
	return true;
}

/* A YARA rule on one line: the directory it was put into. */
static const char *
rule_folder(void)
{
	static char folder[64];
	char file[80];
	FILE *out;

	for (uint32_t i = 0; i < n_lines; i++) {
		if (strncmp(lines[i].text, "yara ", 5) != 0)
			continue;
		(void)snprintf(folder, sizeof(folder), "/tmp/cases-XXXXXX");
		if (mkdtemp(folder) == NULL)
			return NULL;
		(void)snprintf(file, sizeof(file), "%s/case.yar", folder);
		out = fopen(file, "w");
		if (out == NULL)
			return NULL;
		(void)fprintf(out, "%s\n", lines[i].text + 5);
		(void)fclose(out);
		return folder;
	}
	return NULL;
}

static void
rule_folder_gone(const char *folder)
{
	char file[80];

	if (folder == NULL)
		return;
	(void)snprintf(file, sizeof(file), "%s/case.yar", folder);
	(void)unlink(file);
	(void)rmdir(folder);
}

static bool
malware_open(struct rig *r)
{
	struct malware_config config = MALWARE_CONFIG_DEFAULT;
	char error[MALWARE_ERROR];

	config.indicators_max = 4096;
	config.files_max = 8;
	config.rules = rule_folder();
	r->malware = malware_new(&config, r->assets, r->detect, error);
	rule_folder_gone(config.rules);
	if (r->malware == NULL)
		(void)printf("%s: %s\n", path, error);
	return r->malware != NULL;
}

static bool
rig_open(struct rig *r)
{
	struct flow_config config = FLOW_CONFIG_DEFAULT;
	struct baseline_config learn = BASELINE_CONFIG_DEFAULT;
	struct flow_listener flows = { .ctx = r,
		.begin = on_begin,
		.content = on_content,
		.fact = on_fact,
		.tally = on_tally,
		.disorder = on_disorder };
	struct baseline_listener novelties = { .ctx = r,
		.novelty = on_novelty };

	memset(r, 0, sizeof(*r));
	learn.keys_max = 1u << 15;
	learn.learn_scale = SCALE;
	learn.secret = 1;
	learn.values = true;
	r->mode = MODE_OPERATIONAL;
	sensor_name_set("");
	r->ns = INT64_C(1772438400) * TICK_SECOND; /* Monday, 8:00 */
	r->flows = flow_new(&config, &flows);
	r->assets = assets_new(8192);
	r->triage = triage_new();
	r->baseline = baseline_new(&learn, r->assets, &novelties);
	if (r->flows == NULL || r->assets == NULL || r->baseline == NULL ||
	    r->triage == NULL || !detect_open(r))
		return false;
	if (!malware_open(r))
		return false;
	assets_on_new(r->assets, on_new_asset, r);
	r->ok = true;
	return true;
}

static void
rig_close(struct rig *r)
{
	triage_free(r->triage);
	malware_free(r->malware);
	detect_free(r->detect);
	baseline_free(r->baseline);
	assets_free(r->assets);
	flow_free(r->flows);
}

/* -------------------------------------------------------------- sending */

static uint8_t frame_bytes[FRAME_MAX_];

/* The last frames, for those that are sent again. */
#define SENT 16u
#define SENT_BYTES 2048u
static struct {
	uint32_t n;
	uint8_t b[SENT_BYTES];
} sent[SENT];
static uint32_t n_sent;

static void
keep_sent(struct bytes d)
{
	if (d.n > SENT_BYTES)
		return;
	memcpy(sent[n_sent % SENT].b, d.b, d.n);
	sent[n_sent % SENT].n = d.n;
	n_sent++;
}

static void
give(struct rig *r, struct bytes d)
{
	struct frame f = { .at = { r->ns += 1000000 },
		.number = ++r->frame,
		.link = 1,
		.wire_len = d.n,
		.bytes = SPAN(d.b, d.n) };

	keep_sent(d);
	if (r->lose) {
		r->lose = false;
		return;
	}
	decode_frame(&f, &r->packet);
	baseline_clock(r->baseline, f.at);
	detect_clock(r->detect, f.at);
	detect_packet(r->detect, &r->packet);
	flow_packet(r->flows, &r->packet);
	detect_packet(r->detect, NULL);
}

/* The frame before last is 2. */
static void
send_again(struct rig *r, uint32_t back)
{
	if (back == 0 || back > SENT || back > n_sent) {
		complain(r, "no such frame");
		return;
	}
	memcpy(frame_bytes, sent[(n_sent - back) % SENT].b, SENT_BYTES);
	give(r,
	    (struct bytes){ .b = frame_bytes,
		.n = sent[(n_sent - back) % SENT].n });
}

static void
segment(struct rig *r, struct conn *c, bool to_server, uint8_t flags,
    struct span data)
{
	struct bytes d = { .b = frame_bytes };

	put_tcp(&d, c, to_server, flags, data);
	give(r, d);
}

static void
handshake(struct rig *r, struct conn *c)
{
	if (c->begun || c->via != VIA_TCP)
		return;
	c->begun = true;
	segment(r, c, true, TCP_SYN, SPAN(NULL, 0));
	segment(r, c, false, TCP_SYN | TCP_ACK, SPAN(NULL, 0));
	segment(r, c, true, TCP_ACK, SPAN(NULL, 0));
}

static void
message(struct rig *r, bool to_server, struct span data)
{
	struct bytes d = { .b = frame_bytes };

	handshake(r, r->now);
	if (r->now->via == VIA_TCP) {
		segment(r, r->now, to_server, TCP_PSH | TCP_ACK, data);
		return;
	}
	put_message(&d, r->now, to_server, data);
	give(r, d);
}

static void
finish(struct rig *r, struct conn *c)
{
	if (c->via == VIA_TCP && c->used) {
		handshake(r, c);
		segment(r, c, true, TCP_FIN | TCP_ACK, SPAN(NULL, 0));
		segment(r, c, false, TCP_FIN | TCP_ACK, SPAN(NULL, 0));
		segment(r, c, true, TCP_ACK, SPAN(NULL, 0));
	}
	c->used = false;
}

static void
reset(struct rig *r, struct conn *c)
{
	if (!c->begun) /* the port is closed */
		segment(r, c, true, TCP_SYN, SPAN(NULL, 0));
	segment(r, c, c->begun, TCP_RST | TCP_ACK, SPAN(NULL, 0));
	c->used = false;
}

static void
pass_time(struct rig *r, double seconds)
{
	int64_t left = (int64_t)(seconds * 1e9);
	int64_t step = left / 1000 > TICK_SECOND ? left / 1000 : TICK_SECOND;

	while (left > 0) {
		int64_t go = left < step ? left : step;

		r->ns += go;
		left -= go;
		baseline_clock(r->baseline, (struct tick){ r->ns });
		detect_clock(r->detect, (struct tick){ r->ns });
	}
}

/* ------------------------------------------------------------- commands */

static bool
same_ends(const struct conn *a, const struct conn *b)
{
	return a->via == b->via && a->service == b->service &&
	    memcmp(a->end, b->end, sizeof(a->end)) == 0;
}

static struct conn *
conn_for(struct rig *r, const struct conn *want)
{
	static uint32_t next;
	struct conn *c;

	for (uint32_t i = 0; i < CONNS; i++)
		if (r->conn[i].used && same_ends(&r->conn[i], want))
			return &r->conn[i];
	c = &r->conn[next++ % CONNS];
	*c = *want;
	return c;
}

static void
do_flow(struct rig *r, const char *s, uint32_t turn)
{
	char via[8], a[64], b[64], word[8], number[16];
	struct conn c = { .used = true,
		.ttl = 64,
		.vlan = TALK_NO_VLAN,
		.seq = { 5000, 1000 } };
	enum via how;
	int n = 0;

	if (sscanf(s, "%7s %63s %63s%n", via, a, b, &n) < 3 ||
	    !read_end(a, &c.end[0]) || !read_end(b, &c.end[1])) {
		complain(r, "flow VIA CLIENT SERVER");
		return;
	}
	how = read_via(via);
	c.via = (uint8_t)how;
	s += n;
	if (c.via >= VIA_IP && sscanf(s, "%15s%n", number, &n) == 1) {
		c.service = (uint32_t)strtoul(number, NULL, 0);
		s += n;
	}
	while (sscanf(s, "%7s %15s%n", word, number, &n) == 2) {
		uint32_t value = (uint32_t)strtoul(number, NULL, 0);

		if (strcmp(word, "vlan") == 0)
			c.vlan = (uint16_t)value;
		else if (strcmp(word, "ttl") == 0)
			c.ttl = (uint8_t)value;
		else
			complain(r, "vlan N or ttl N");
		s += n;
	}
	/* each learned turn is a connection of its own */
	if (r->learning && c.via == VIA_TCP && c.end[0].port >= 20000)
		c.end[0].port = (uint16_t)(c.end[0].port + turn % 20000);
	r->now = conn_for(r, &c);
}

static void
do_set(struct rig *r, const char *s)
{
	char slug[96], what[16];
	struct alert_setting *set;
	uint32_t row;
	unsigned value;

	if (sscanf(s, "%95[^.].%15[^=]=%u", slug, what, &value) != 3) {
		complain(r, "set row.count=N");
		return;
	}
	row = strcmp(slug, "row") == 0 ? target : alert_find(slug);
	if (row == ALERT_COUNT) {
		complain(r, "no row '%s'", slug);
		return;
	}
	set = detect_setting(r->detect, (enum alert_id)row);
	if (strcmp(what, "count") == 0)
		set->count = value;
	else if (strcmp(what, "within") == 0)
		set->within = value;
	else if (strcmp(what, "on") == 0)
		set->on = value != 0;
	else if (strcmp(what, "hand") == 0)
		set->by_hand = (uint8_t)value;
	else
		complain(r, "count, within, on or hand");
}

static void
do_port(struct rig *r, const char *rest)
{
	struct port_report p = { .name = "port", .at = { r->ns } };
	char name[64];
	double seconds;

	if (sscanf(rest, "%63s %lf", name, &seconds) != 2) {
		complain(r, "port NAME SECONDS");
		return;
	}
	p.name = name;
	p.silent_s = (int64_t)seconds;
	detect_port(r->detect, &p);
}

static void
do_mark(struct rig *r, const char *s)
{
	static const struct {
		const char *name;
		uint32_t flag;
	} flags[] = { { "programming", ASSET_PROGRAMMING },
		{ "scanner", ASSET_SCANNER }, { "important", ASSET_IMPORTANT },
		{ "safety", ASSET_SAFETY },
		{ "authorized", ASSET_AUTHORIZED } };
	char addr[64], word[16];
	struct wire_end end;
	struct asset made = { .vlan = TALK_NO_VLAN };
	struct asset *a;
	uint32_t flag = 0;

	if (sscanf(s, "%63s %15s", addr, word) != 2 || !read_end(addr, &end)) {
		complain(r, "mark ADDRESS WORD");
		return;
	}
	for (unsigned i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (strcmp(word, flags[i].name) == 0)
			flag = flags[i].flag;
	made.addr =
	    (struct addr){ .ip = end.ip, .mac = end.mac, .has_mac = true };
	a = asset_at(r->assets, asset_of(r->assets, &made.addr, made.vlan));
	if (flag == 0) {
		complain(r, "no mark '%s'", word);
	} else if (a != NULL) {
		a->flags |= flag;
	} else {
		made.id = assets_count(r->assets) + 1;
		made.flags = flag;
		made.first = made.last = (struct tick){ r->ns };
		if (!assets_restore(r->assets, &made))
			complain(r, "cannot mark %s", addr);
	}
}

static void
do_asked(struct rig *r, const char *s)
{
	const struct tick at = { r->ns };
	char addr[64], what[16], one[64], more[200] = "";
	struct wire_end end;

	if (sscanf(s, "%63s %15s %63s %199[^\n]", addr, what, one, more) < 3 ||
	    !read_end(addr, &end)) {
		complain(r, "asked ADDRESS WORD VALUE VALUE");
		return;
	}
	if (strcmp(what, "firmware") == 0)
		detect_asked_firmware(r->detect, at, &end.ip, one, more);
	else if (strcmp(what, "unheard") == 0)
		detect_asked_unheard(r->detect, at, &end.ip,
		    strcmp(one, "yes") == 0, strcmp(more, "yes") == 0);
	else
		detect_asked_more(r->detect, at, &end.ip,
		    strcmp(what, "service") == 0,
		    (uint32_t)strtoul(one, NULL, 10), more);
}

static void
do_net(struct rig *r, const char *s)
{
	char addr[64], word[16];
	unsigned bits;
	struct wire_end end;
	struct network net = { .name = "" };

	if (sscanf(s, "%63[^/]/%u %15s", addr, &bits, word) != 3 ||
	    !read_end(addr, &end)) {
		complain(r, "net ADDRESS/BITS WORD");
		return;
	}
	net.ip = end.ip;
	net.bits = (uint8_t)bits;
	net.inside = true;
	net.ot = strcmp(word, "it") != 0;
	net.dhcp = strcmp(word, "dhcp") == 0;
	if (!assets_network(r->assets, &net))
		complain(r, "no room for networks");
}

static void
do_mode(struct rig *r, const char *s)
{
	for (uint32_t m = 0; m < MODE_COUNT; m++)
		if (strcmp(s, mode_name((enum mode)m)) == 0) {
			r->mode = (enum mode)m;
			r->mode_set = true;
			baseline_set_mode(r->baseline, r->mode);
			return;
		}
	complain(r, "no mode '%s'", s);
}

static void
do_rule(struct rig *r, const char *s, enum person_rule_kind kind)
{
	static struct person_rule rule; /* large */
	struct rule_error error = { .at = 0 };

	rule = (struct person_rule){ .id = ++r->rules,
		.kind = (uint8_t)kind,
		.on = true,
		.severity = SEVERITY_MAJOR,
		.name = "case",
		.message = "{client} and {server}: {op}" };
	(void)snprintf(rule.text, sizeof(rule.text), "%s", s);
	if (!triage_add(r->triage, &rule, &error))
		complain(r, "%s", error.text);
}

static void
do_indicator(struct rig *r, const char *s)
{
	struct indicator x = { .row = INDICATOR_ROW_OF_TYPE,
		.list = "case",
		.comment = "made up" };

	if (!indicator_value(INDICATOR_COUNT, span_text(s), &x) ||
	    !indicators_add(malware_indicators(r->malware), &x))
		complain(r, "no indicator: %s", s);
}

static void
do_says(struct rig *r, const char *s)
{
	char *copy = strdup(s + (*s == '"')), *end = strrchr(copy, '"');

	if (end != NULL)
		*end = '\0';
	r->says[r->n_says++ % SAYS] = copy;
}

static void
do_bytes(struct rig *r, const char *s, bool to_server)
{
	static uint8_t data[LINE_MAX_];
	uint32_t n = read_bytes(s, data);

	if (r->now == NULL)
		complain(r, "no flow yet");
	else if (n > 60000)
		complain(r, "more than fits a frame");
	else
		message(r, to_server, SPAN(data, n));
}

/* "12 24 0001...": so many bytes before its place, confirming so many less. */
static void
do_stray(struct rig *r, const char *s)
{
	static uint8_t data[LINE_MAX_];
	struct conn c = *r->now;
	char *rest;

	c.seq[1] -= (uint32_t)strtoul(s, &rest, 10);
	c.seq[0] -= (uint32_t)strtoul(rest, &rest, 10);
	segment(r, &c, true, TCP_ACK | TCP_PSH,
	    SPAN(data, read_bytes(rest, data)));
}

/* {n} and {nn}: in hex outside of quotes of a message. */
static void
fill_in(const char *s, uint32_t turn, char *dst)
{
	bool message = *s == '<' || *s == '>', quoted = false;
	size_t n = 0;

	while (*s != '\0' && n < LINE_MAX_ - 16) {
		bool one = strncmp(s, "{n}", 3) == 0;
		bool two = strncmp(s, "{nn}", 4) == 0;

		if (*s == '"' && s[-1] != '\\')
			quoted = !quoted;
		if (!one && !two) {
			dst[n++] = *s++;
			continue;
		}
		if (!message || quoted)
			n += (size_t)sprintf(dst + n, "%u", turn);
		else if (one)
			n += (size_t)sprintf(dst + n, "%02x", turn & 0xff);
		else
			n += (size_t)sprintf(dst + n, "%04x", turn & 0xffff);
		s += one ? 3 : 4;
	}
	dst[n] = '\0';
}

static bool
starts(const char *s, const char *word)
{
	size_t n = strlen(word);

	return strncmp(s, word, n) == 0 && (s[n] == ' ' || s[n] == '\0');
}

/* The line of a section that ends the `repeat` at `from`. */
static uint32_t
end_of(uint32_t from, uint32_t to)
{
	uint32_t depth = 0;

	for (uint32_t i = from; i < to; i++) {
		if (starts(lines[i].text, "repeat") ||
		    starts(lines[i].text, "every"))
			depth++;
		if (starts(lines[i].text, "end") && --depth == 0)
			return i;
	}
	return to;
}

/* "lost 3 port 2": three frames of ten that came in this second. */
static void
do_lost(struct rig *r, const char *s)
{
	const char *port = strstr(s, "port ");

	detect_second(r->detect, (struct tick){ r->ns },
	    port != NULL ? (uint32_t)strtoul(port + 5, NULL, 10) : 0, "eth1", 7,
	    strtoul(s, NULL, 10));
	pass_time(r, 1);
}

static void
do_line(struct rig *r, const char *s, uint32_t turn)
{
	const char *rest = s + strcspn(s, " ");

	rest += strspn(rest, " ");
	if (*s == '>' || *s == '<')
		do_bytes(r, s + 1, *s == '>');
	else if (starts(s, "flow"))
		do_flow(r, rest, turn);
	else if (starts(s, "wait"))
		pass_time(r, strtod(rest, NULL));
	else if (starts(s, "port"))
		do_port(r, rest);
	else if (starts(s, "set"))
		do_set(r, rest);
	else if (starts(s, "mark"))
		do_mark(r, rest);
	else if (starts(s, "net"))
		do_net(r, rest);
	else if (starts(s, "mode"))
		do_mode(r, rest);
	else if (starts(s, "yara"))
		return; /* see rule_folder() */
	else if (starts(s, "indicator"))
		do_indicator(r, rest);
	else if (starts(s, "says"))
		do_says(r, rest);
	else if (starts(s, "lost"))
		do_lost(r, rest);
	else if (starts(s, "killed"))
		detect_set_aside(r->detect, (struct tick){ r->ns }, rest);
	else if (starts(s, "asked"))
		do_asked(r, rest);
	else if (starts(s, "clockset"))
		detect_clock_set(r->detect, (struct tick){ r->ns },
		    strtoll(rest, NULL, 10) * TICK_SECOND);
	else if (starts(s, "rule"))
		do_rule(r, rest, PERSON_CUSTOM);
	else if (starts(s, "exclude"))
		do_rule(r, rest, PERSON_EXCLUDE);
	else if (starts(s, "maintenance"))
		do_rule(r, rest, PERSON_MAINTENANCE);
	else if (starts(s, "allow"))
		(void)triage_domain(r->triage, rest);
	else if (starts(s, "sensor"))
		sensor_name_set(rest);
	else if (r->now == NULL)
		complain(r, "no flow yet, or no such command: %s", s);
	else if (starts(s, "close"))
		finish(r, r->now);
	else if (starts(s, "reset"))
		reset(r, r->now);
	else if (starts(s, "lose"))
		r->lose = true;
	else if (starts(s, "again"))
		send_again(r, (uint32_t)strtoul(s + 5, NULL, 10));
	else if (starts(s, "stray"))
		do_stray(r, rest);
	else if (starts(s, "syn"))
		segment(r, r->now, true, TCP_SYN, SPAN(NULL, 0));
	else
		complain(r, "no such command: %s", s);
}

static void
run_lines(struct rig *r, uint32_t from, uint32_t to, uint32_t turn)
{
	char *text = malloc(LINE_MAX_);

	for (uint32_t i = from; i < to && r->ok; i++) {
		r->at = i;
		if (starts(lines[i].text, "every")) {
			uint32_t end = end_of(i, to);
			unsigned n =
			    (unsigned)strtoul(lines[i].text + 5, NULL, 10);

			if (n == 0 || turn % n == 0)
				run_lines(r, i + 1, end, turn);
			i = end;
			continue;
		}
		if (starts(lines[i].text, "repeat")) {
			uint32_t end = end_of(i, to);
			unsigned n =
			    (unsigned)strtoul(lines[i].text + 6, NULL, 10);

			for (uint32_t k = 1; k <= n && r->ok; k++)
				run_lines(r, i + 1, end, k);
			i = end;
			continue;
		}
		fill_in(lines[i].text, turn, text);
		do_line(r, text, turn);
	}
	free(text);
}

/* ------------------------------------------------------------- sections */

static bool
is_section(const char *s)
{
	return starts(s, "learn") || starts(s, "fires") || starts(s, "quiet");
}

/* Once a window, until the span of learning is over. */
static void
learn(struct rig *r, uint32_t head, uint32_t from, uint32_t to)
{
	int64_t begin = r->ns;

	r->learning = true;
	baseline_set_mode(r->baseline, MODE_LEARNING);
	for (uint32_t turn = 0;
	     r->ok && r->ns - begin < LEARN_SECONDS * TICK_SECOND; turn++) {
		int64_t next = r->ns + TICK_SECOND;

		run_lines(r, from, to, turn);
		for (uint32_t i = 0; i < CONNS; i++)
			if (r->conn[i].used)
				finish(r, &r->conn[i]);
		if (r->ns < next)
			pass_time(r, (double)(next - r->ns) / 1e9);
	}
	r->learning = false;
	r->now = NULL;
	/* what detection remembers of so many connections is not the case's */
	detect_free(r->detect);
	if (!detect_open(r))
		complain(r, "out of memory");
	else
		run_lines(r, 0, head, 0);
}

/* "major: Modbus device refused a request" */
static const char *
title_line(const struct alert *a)
{
	static char line[200];

	(void)snprintf(line, sizeof(line), "%s: %s", severity_name(a->severity),
	    a->title[0] != '\0' ? a->title : alert_rows[a->row].title);
	return line;
}

static bool
was_said(const struct rig *r, const char *text)
{
	for (uint32_t i = 0; i < detect_count(r->detect); i++) {
		const struct alert *a = detect_at(r->detect, i);

		if (a->row != target || a->status == STATUS_CLOSED)
			continue;
		if (strstr(a->text, text) != NULL ||
		    strstr(title_line(a), text) != NULL)
			return true;
		for (uint32_t k = 0; k < a->n_violations; k++)
			if (strstr(a->violation[k].text, text) != NULL)
				return true;
	}
	return false;
}

static void
show_others(const struct rig *r)
{
	for (uint32_t i = 0; i < detect_count(r->detect); i++) {
		const struct alert *a = detect_at(r->detect, i);

		if (a->status != STATUS_CLOSED)
			(void)printf("    %s: %s\n", alert_slug(a->row),
			    a->text);
	}
}

static void
judge(struct rig *r, uint32_t section, bool fires)
{
	bool before = r->ok;

	r->at = section;
	if (fires && r->raised[target] == 0)
		complain(r, "%s was not raised; but", alert_slug(target));
	if (!fires && r->raised[target] > 0)
		complain(r, "%s was raised; there are", alert_slug(target));
	for (uint32_t i = 0; i < r->n_says && fires; i++)
		if (!was_said(r, r->says[i]))
			complain(r, "not said: \"%s\"; but", r->says[i]);
	if (before && !r->ok)
		show_others(r);
}

static void
run_section(uint32_t head, uint32_t learn_from, uint32_t learn_to,
    uint32_t from, uint32_t to)
{
	struct rig *r = &rig;
	bool fires = starts(lines[from].text, "fires");

	if (verbose)
		(void)printf("%s:%u: %s\n", path, lines[from].number,
		    lines[from].text);
	if (!rig_open(r)) {
		(void)printf("%s: out of memory\n", path);
		exit(1);
	}
	run_lines(r, 0, head, 0);
	if (learn_from < learn_to)
		learn(r, head, learn_from, learn_to);
	baseline_set_mode(r->baseline, r->mode);
	run_lines(r, from + 1, to, 0);
	flow_finish(r->flows);
	malware_finish(r->malware);
	judge(r, from, fires);
	if (r->ok)
		passed++;
	else
		failed++;
	for (uint32_t i = 0; i < r->n_says && i < SAYS; i++)
		free((void *)(uintptr_t)r->says[i]);
	rig_close(r);
}

static uint32_t
next_section(uint32_t from)
{
	while (from < n_lines && !is_section(lines[from].text))
		from++;
	return from;
}

static void
run_sections(void)
{
	uint32_t head = next_section(0), learn_from = 0, learn_to = 0;
	unsigned fires = 0, quiet = 0;

	for (uint32_t i = head; i < n_lines;) {
		uint32_t next = next_section(i + 1);

		if (starts(lines[i].text, "learn")) {
			learn_from = i + 1;
			learn_to = next;
		} else {
			fires += starts(lines[i].text, "fires");
			quiet += starts(lines[i].text, "quiet");
			run_section(head, learn_from, learn_to, i, next);
		}
		i = next;
	}
	if (fires == 0 || quiet == 0) {
		(void)printf("%s: a case has fires and quiet\n", path);
		failed++;
	}
}

static void
read_file(FILE *in)
{
	static char text[LINE_MAX_];
	uint32_t number = 0;

	n_lines = 0;
	while (n_lines < LINES && read_line(in, text)) {
		char *s = text + strspn(text, " \t");
		size_t n = strlen(s);

		number++;
		while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t'))
			s[--n] = '\0';
		if (*s == '#' || *s == '\0')
			continue;
		lines[n_lines].number = number;
		lines[n_lines++].text = strdup(s);
	}
}

static void
run_file(void)
{
	const char *name = strrchr(path, '/');
	char slug[128];
	FILE *in = fopen(path, "r");

	(void)snprintf(slug, sizeof(slug), "%s",
	    name != NULL ? name + 1 : path);
	if (strrchr(slug, '.') != NULL)
		*strrchr(slug, '.') = '\0';
	target = alert_find(slug);
	if (in == NULL || target == ALERT_COUNT) {
		(void)printf("%s: %s\n", path,
		    in == NULL ? "cannot be read" : "no row of that name");
		failed++;
	} else {
		read_file(in);
		run_sections();
		for (uint32_t i = 0; i < n_lines; i++)
			free(lines[i].text);
	}
	if (in != NULL)
		(void)fclose(in);
}

int
main(int argc, char **argv)
{
	proto_init();
	for (int i = 1; i < argc; i++) {
		path = argv[i];
		if (strcmp(path, "-v") == 0)
			verbose = true;
		else
			run_file();
	}
	(void)printf("cases: %u passed, %u failed\n", passed, failed);
	return failed > 0;
}
