/*
 * tuple.c - which keys a fact makes.
 *
 * Protocol-neutral: the kind of a fact and its risk decide, and tables say
 * which risks are engineering and which traits belong to which scenario.  A
 * text that nobody said before is not stored here: it waits in the tuple
 * until the key is known to be wanted.
 */
#include "../proto/proto.h"
#include "private.h"

#include <ctype.h>

#define HTTPS 443u

struct making {
	struct baseline *b;
	const struct fact *f;
	const struct talk *t;
	uint32_t client, server;
	uint32_t client_flags, server_flags; /* of the assets */
	struct tuple *out;
	uint32_t n;
};

/* ---------------------------------------------------------------- tables */

/* Risks that are engineering; hard ones only people admit. */
static const struct {
	bool engineering, hard;
} risks[RISK_COUNT] = {
	[RISK_PROGRAM] = { true, true },
	[RISK_FORCE] = { true, true },
	[RISK_MODE] = { true, true },
	[RISK_FIRMWARE] = { true, true },
	[RISK_RESET] = { true, true },
	[RISK_CONFIGURATION] = { true, false },
	[RISK_SECURITY] = { true, false },
};

static const uint8_t trait_scenario[TRAIT_COUNT] = {
	[TRAIT_NAME] = SCENARIO_IDENTITY,
	[TRAIT_OS] = SCENARIO_IDENTITY,
	[TRAIT_DOMAIN] = SCENARIO_IDENTITY,
	[TRAIT_FIRMWARE] = SCENARIO_ATTRIBUTE,
	[TRAIT_HARDWARE] = SCENARIO_ATTRIBUTE,
	[TRAIT_MODEL] = SCENARIO_ATTRIBUTE,
	[TRAIT_SERIAL] = SCENARIO_ATTRIBUTE,
	[TRAIT_ORDER] = SCENARIO_ATTRIBUTE,
	[TRAIT_APPLICATION] = SCENARIO_ATTRIBUTE,
	[TRAIT_CERTIFICATE] = SCENARIO_ATTRIBUTE,
	[TRAIT_SECURITY] = SCENARIO_ATTRIBUTE,
	[TRAIT_PORT] = SCENARIO_TOPOLOGY,
	[TRAIT_GATEWAY] = SCENARIO_TOPOLOGY,
};

/* --------------------------------------------------------------- helpers */

static struct tuple *
make(struct making *m, enum scenario s, uint32_t client, uint32_t server)
{
	struct tuple *t = &m->out[m->n];

	m->n++;
	t->client = client;
	t->server = server;
	memset(t->p, 0, sizeof(t->p));
	t->scenario = (uint8_t)s;
	t->flags = 0;
	t->n_late = 0;
	return t;
}

static void
put_word(struct making *m, struct tuple *t, unsigned part, struct span s)
{
	s = span_first(s, sizeof(t->late[0].bytes));
	t->p[part] = words_find(m->b->words, s);
	if (t->p[part] != 0 || t->n_late == 2)
		return;
	t->late[t->n_late].part = (uint8_t)part;
	t->late[t->n_late].len = (uint8_t)s.n;
	if (s.n > 0)
		memcpy(t->late[t->n_late].bytes, s.p, s.n);
	t->n_late++;
}

static struct span
text_of(const struct fact *f)
{
	return SPAN((const uint8_t *)f->text, f->text_len);
}

static uint32_t
unit_of(const struct fact *f)
{
	return f->has_unit ? f->unit : UNIT_NONE;
}

static uint32_t
proto_of(const struct fact *f)
{
	return f->proto | (f->from_server ? PART_FROM_SERVER : 0);
}

static uint32_t
flags_of(const struct making *m, uint32_t asset)
{
	const struct asset *a =
	    asset != ASSET_NONE ? asset_at(m->b->assets, asset) : NULL;

	return a != NULL ? a->flags : 0;
}

static bool
over_ip(const struct talk *t)
{
	return t->client.ip.len > 0;
}

static uint32_t
port_of(const struct talk *t)
{
	const bool ports =
	    t->via == VIA_TCP || t->via == VIA_UDP || t->via == VIA_SCTP;

	if (!ports)
		return t->service;
	if (t->server_port >= 49152 &&
	    !proto_expects(protos[t->proto], (enum via)t->via, t->server_port))
		return PORT_DYNAMIC;
	return t->server_port;
}

static bool
is_ot(const struct fact *f)
{
	return protos[f->proto]->ot;
}

/*
 * Housekeeping, which every host does with everybody: who asks whom for an
 * address or a name says nothing about the plant.
 */
static const struct proto *const chatter[] = { &proto_arp, &proto_icmp,
	&proto_icmpv6, &proto_igmp, &proto_dhcp, &proto_dhcpv6, &proto_mdns,
	&proto_llmnr, &proto_nbns, &proto_nbdgm, &proto_ssdp, &proto_stp,
	&proto_lldp, &proto_cdp };

static bool
is_chatter(const struct talk *t)
{
	const uint32_t port = t->service != 0 ? t->service : t->server_port;

	for (unsigned i = 0; i < sizeof(chatter) / sizeof(chatter[0]); i++)
		if (protos[t->proto] == chatter[i] ||
		    (t->proto == PROTO_UNKNOWN &&
			proto_expects(chatter[i], (enum via)t->via, port)))
			return true;
	return false;
}

/* ------------------------------------------------ who talks, and to whom */

static void
external(struct making *m)
{
	const bool in = (m->client_flags & ASSET_INTERNET) != 0;
	struct tuple *t = make(m, SCENARIO_EXTERNAL, m->client, m->server);

	t->p[0] = in ? 1 : 0;
	t->p[1] = port_of(m->t);
	if (((in ? m->server_flags : m->client_flags) & ASSET_CONTROLLER) != 0)
		t->flags |= KEY_HARD;
}

static bool
with_outside(const struct making *m)
{
	return ((m->client_flags | m->server_flags) & ASSET_INTERNET) != 0;
}

static void
connection(struct making *m)
{
	struct tuple *t;

	if (m->server == ASSET_NONE || is_chatter(m->t))
		return;
	if (with_outside(m)) {
		external(m);
		return;
	}
	if ((m->server_flags & ASSET_GROUP) != 0) {
		t = make(m, SCENARIO_PUBLISHER, m->client, m->server);
		t->p[1] = m->t->via;
		t->p[2] = port_of(m->t);
		return;
	}
	t = make(m, SCENARIO_CONNECTION, m->client, m->server);
	if (!over_ip(m->t)) {
		t->p[0] = m->t->via;
		t->p[1] = m->t->service;
	}
}

/* A connection that carried nothing: what its port is for, so that it is no
 * service of its own. */
static uint8_t
proto_in(const struct talk *t)
{
	if (t->proto != PROTO_UNKNOWN || t->via != VIA_TCP)
		return t->proto;
	for (uint32_t i = 0; i < n_protos; i++)
		if (proto_expects(protos[i], VIA_TCP, t->server_port))
			return (uint8_t)i;
	return t->proto;
}

static void
service(struct making *m, uint8_t proto)
{
	struct tuple *t;

	if (m->server == ASSET_NONE || with_outside(m) || is_chatter(m->t) ||
	    (m->server_flags & ASSET_GROUP) != 0)
		return;
	t = make(m, SCENARIO_SERVICE, m->client, m->server);
	t->p[0] = proto;
	t->p[1] = m->t->via;
	t->p[2] = port_of(m->t);
}

/* Its MAC address, and how far it seems to be. */
static void
identity(struct making *m, uint32_t asset, const struct addr *a, uint8_t ttl)
{
	struct tuple *t;

	if (asset == ASSET_NONE ||
	    (flags_of(m, asset) & (ASSET_INTERNET | ASSET_GROUP)) != 0)
		return;
	if (a->has_mac && a->ip.len > 0) {
		t = make(m, SCENARIO_IDENTITY, asset, ASSET_NONE);
		t->p[0] = ATTRIBUTE_MAC;
		t->p[2] = UNIT_NONE;
		t->p[3] = (uint32_t)a->mac.b[0] << 24 |
		    (uint32_t)a->mac.b[1] << 16 | (uint32_t)a->mac.b[2] << 8 |
		    a->mac.b[3];
		t->p[4] = (uint32_t)a->mac.b[4] << 8 | a->mac.b[5];
	}
	if (ttl > 0) {
		t = make(m, SCENARIO_IDENTITY, asset, ASSET_NONE);
		t->p[0] = ATTRIBUTE_TTL;
		t->p[2] = UNIT_NONE;
		t->p[4] = ttl <= 32 ? 32
		    : ttl <= 64     ? 64
		    : ttl <= 128    ? 128
				    : 255;
	}
}

/* Who serves and who asks, of industrial protocols. */
static void
role(struct making *m, uint32_t asset, enum attribute what)
{
	struct tuple *t;

	if (asset == ASSET_NONE ||
	    (flags_of(m, asset) & (ASSET_INTERNET | ASSET_GROUP)) != 0)
		return;
	t = make(m, SCENARIO_IDENTITY, asset, ASSET_NONE);
	t->p[0] = what;
	t->p[2] = UNIT_NONE;
	t->p[4] = m->f->proto;
}

/* --------------------------------------------------------- what is asked */

static void
function(struct making *m)
{
	const struct fact *f = m->f;
	struct tuple *t = make(m, SCENARIO_FUNCTION, m->client, m->server);

	t->p[0] = proto_of(f);
	t->p[1] = unit_of(f);
	t->p[2] = f->op;
	if (f->risk == RISK_WRITE || f->risk == RISK_CONTROL)
		t->flags |= KEY_WRITE;
	if (risks[f->risk].engineering)
		t->flags |= KEY_ENGINEER;
}

static void
object(struct making *m, enum scenario s)
{
	const struct fact *f = m->f;
	const struct fact_object *o = &f->object;
	struct tuple *t = make(m, s, m->client, m->server);
	struct area area;

	memset(&area, 0, sizeof(area)); /* it is hashed */
	area.area = o->area;
	area.sub = o->sub;
	area.space = o->space;
	area.named = f->text_len > 0 && !space_extends(o->space);
	t->p[0] = proto_of(f);
	t->p[1] = unit_of(f);
	if (!space_extends(o->space))
		area.count = o->count;
	if (area.named != 0) {
		put_word(m, t, 3, text_of(f));
		t->p[4] = t->p[3];
	} else {
		t->p[3] = t->p[4] = o->first;
		if (space_extends(o->space) && o->count > 1)
			t->p[4] = o->count - 1 > UINT32_MAX - o->first
			    ? UINT32_MAX
			    : o->first + o->count - 1;
	}
	put_word(m, t, 2, SPAN((const uint8_t *)&area, sizeof(area)));
	if (s == SCENARIO_WRITE)
		t->flags |= KEY_WRITE;
}

static void
engineering(struct making *m)
{
	const struct fact *f = m->f;
	struct tuple *t = make(m, SCENARIO_ENGINEERING, m->client, m->server);

	t->p[0] = proto_of(f);
	t->p[1] = unit_of(f);
	t->p[2] = f->op;
	t->p[3] = f->risk;
	t->flags = KEY_ENGINEER;
	if (risks[f->risk].hard)
		t->flags |= KEY_HARD;
}

static void
session(struct making *m, bool refused)
{
	struct tuple *t = make(m, SCENARIO_SESSION, m->client, m->server);

	t->p[0] = m->f->proto;
	if (!refused && m->f->text_len > 0)
		put_word(m, t, 1, text_of(m->f));
	t->p[2] = refused;
	if (refused)
		t->flags = KEY_FAIL;
}

static void
file(struct making *m)
{
	const struct fact *f = m->f;
	struct tuple *t = make(m, SCENARIO_FILE, m->client, m->server);
	uint8_t path[FACT_TEXT_MAX];
	uint32_t n = name_path(text_of(f), path), cut = n;

	while (cut > 0 && path[cut - 1] != '/')
		cut--;
	t->p[0] = f->proto;
	t->p[3] = f->risk != RISK_NONE;
	if (n > 0) {
		put_word(m, t, 1, SPAN(path, cut));
		put_word(m, t, 2, SPAN(path + cut, n - cut));
	}
	if (t->p[3] != 0 && is_ot(f))
		t->flags |= KEY_WRITE;
	if (name_is_active(SPAN(path + cut, n - cut)))
		t->flags |= KEY_ENGINEER;
}

static void
refusal(struct making *m)
{
	const struct fact *f = m->f;
	const struct proto_op *op = proto_op_find(protos[f->proto], f->op);
	struct tuple *t = make(m, SCENARIO_ERROR, m->client, m->server);

	t->p[0] = f->proto;
	t->p[1] = unit_of(f);
	t->p[2] = f->op;
	t->p[3] = f->code;
	if (op != NULL && op->kind == FACT_LOGIN)
		session(m, true);
}

/* What a DNP3 station says of itself with its answer, bit by bit. */
static void
indications(struct making *m)
{
	const struct fact *f = m->f;

	for (uint32_t bit = 0; bit < 16 && m->n < TUPLES_MAX; bit++) {
		struct tuple *t;

		if ((f->object.first >> bit & 1) == 0)
			continue;
		t = make(m, SCENARIO_ERROR, m->client, m->server);
		t->p[0] = f->proto;
		t->p[1] = unit_of(f);
		t->p[2] = f->op;
		t->p[3] = CODE_INDICATION | bit;
	}
}

/* ------------------------------------------------------ names and traits */

static void
name(struct making *m)
{
	struct span s = text_of(m->f);
	uint8_t low[FACT_TEXT_MAX];
	struct tuple *t;

	if (s.n > 0 && s.p[s.n - 1] == '.')
		s.n--;
	for (uint32_t i = 0; i < s.n; i++)
		low[i] = (uint8_t)tolower(s.p[i]);
	s = name_domain(SPAN(low, s.n));
	if (!name_has_letter(s))
		return;
	t = make(m, SCENARIO_EXTERNAL, m->client, ASSET_NONE);
	t->p[0] = 2;
	put_word(m, t, 2, s);
}

/* Another's name: DHCP and NetBIOS sessions tell one's own, without a dot. */
static bool
asks_for_name(const struct fact *f)
{
	return (f->kind == FACT_DISCOVER || f->kind == FACT_SESSION) &&
	    memchr(f->text, '.', f->text_len) != NULL;
}

static uint32_t
subject(const struct making *m)
{
	const struct fact *f = m->f;

	switch ((enum about)f->about) {
	case ABOUT_SENDER:
		return f->from_server ? m->server : m->client;
	case ABOUT_RECEIVER:
		return f->from_server ? m->client : m->server;
	case ABOUT_ADDR:
		return asset_of(m->b->assets, &f->addr, m->t->vlan);
	case ABOUT_COUNT:
	default:
		return ASSET_NONE;
	}
}

/* Names are the same in either case; of a system its family is told, for
 * each protocol words the rest in its own way. */
static struct span
said(const struct fact *f, uint8_t word[FACT_TEXT_MAX])
{
	uint32_t n = 0;

	if (f->trait != TRAIT_NAME && f->trait != TRAIT_OS)
		return text_of(f);
	for (; n < f->text_len; n++) {
		if (f->trait == TRAIT_OS && !isalpha((uint8_t)f->text[n]))
			break;
		word[n] = (uint8_t)tolower((uint8_t)f->text[n]);
	}
	return SPAN(word, n);
}

static void
trait(struct making *m)
{
	const struct fact *f = m->f;
	const uint32_t asset = subject(m);
	uint8_t word[FACT_TEXT_MAX];
	struct tuple *t;

	if (asset == ASSET_NONE || trait_scenario[f->trait] == 0 ||
	    (flags_of(m, asset) & (ASSET_INTERNET | ASSET_GROUP)) != 0)
		return;
	t = make(m, (enum scenario)trait_scenario[f->trait], asset, ASSET_NONE);
	t->p[0] = f->trait;
	put_word(m, t, 1, said(f, word));
	if (t->scenario != SCENARIO_TOPOLOGY)
		t->p[2] = unit_of(f);
}

/* ----------------------------------------------------------- to a group */

static void
published(struct making *m)
{
	const struct fact *f = m->f;
	struct tuple *t = make(m, SCENARIO_PUBLISHER, m->client, m->server);

	t->p[0] = f->proto;
	t->p[1] = m->t->via;
	t->p[2] = port_of(m->t);
	put_word(m, t, 3, text_of(f));
	t->p[4] = (f->has_unit ? f->unit << 16 : 0) | f->object.sub;
}

static void
neighbourly(struct making *m)
{
	struct tuple *t = make(m, SCENARIO_TOPOLOGY, m->client, ASSET_NONE);

	t->p[0] = ATTRIBUTE_SAYS;
	put_word(m, t, 1, text_of(m->f));
	t->p[2] = m->f->object.area;
}

/* ------------------------------------------------------------------- all */

/* Told to a group: what a publisher, or a neighbour on layer 2, says. */
static bool
is_published(const struct making *m)
{
	return (m->server_flags & ASSET_GROUP) != 0 &&
	    m->f->kind == FACT_REPORT && m->f->object.space == SPACE_DATASET;
}

static bool
is_neighbourly(const struct making *m)
{
	return (m->server_flags & ASSET_GROUP) != 0 &&
	    m->f->kind == FACT_REPORT && m->f->text_len > 0 && !over_ip(m->t);
}

static void
asked(struct making *m)
{
	const struct fact *f = m->f;

	if (is_published(m))
		published(m);
	else if (is_neighbourly(m))
		neighbourly(m);
	else if (risks[f->risk].engineering ||
	    (is_ot(f) && (f->kind == FACT_PROGRAM || f->kind == FACT_CONFIG)))
		engineering(m);
	else if (f->kind == FACT_FILE)
		file(m);
	else if (f->kind == FACT_LOGIN)
		session(m, (f->flags & FACT_NEGATIVE) != 0);
	else if (f->object.space == SPACE_NAME && f->text_len > 0 &&
	    over_ip(m->t) && m->t->via != VIA_IP && asks_for_name(f))
		name(m);
	else if (f->object.space == SPACE_SOAP_ACTION)
		object(m, SCENARIO_READ);
	else if (!is_ot(f) || f->object.space == SPACE_NONE ||
	    f->object.space == SPACE_DNP3_INDICATIONS)
		return;
	else if (f->risk == RISK_WRITE || f->risk == RISK_CONTROL)
		object(m, SCENARIO_WRITE);
	else if (f->kind == FACT_READ || f->kind == FACT_REPORT)
		object(m, SCENARIO_READ);
}

static struct making
making_of(struct baseline *b, const struct fact *f, const struct talk *t,
    uint32_t client, uint32_t server, struct tuple *out)
{
	struct making m = { .b = b,
		.f = f,
		.t = t,
		.client = client,
		.server = server,
		.out = out };

	m.client_flags = flags_of(&m, client);
	m.server_flags = flags_of(&m, server);
	return m;
}

uint32_t
tuples_of_fact(struct baseline *b, const struct fact *f, const struct talk *t,
    uint32_t client, uint32_t server, struct tuple *out)
{
	struct making m = making_of(b, f, t, client, server, out);

	if (f->kind == FACT_IDENT) {
		trait(&m);
		return m.n;
	}
	if (client == ASSET_NONE || server == ASSET_NONE)
		return 0;
	if (fact_kind_counts((enum fact_kind)f->kind) && !f->response)
		asked(&m);
	else if (f->kind == FACT_ERROR)
		refusal(&m);
	if (f->object.space == SPACE_DNP3_INDICATIONS)
		indications(&m);
	return m.n;
}

uint32_t
tuples_of_link(struct baseline *b, const struct fact *f, const struct talk *t,
    uint32_t client, uint32_t server, struct tuple *out)
{
	struct making m = making_of(b, f, t, client, server, out);

	connection(&m);
	service(&m, t->proto);
	if (is_ot(f)) {
		role(&m, server, ATTRIBUTE_SERVES);
		role(&m, client, ATTRIBUTE_ASKS);
	}
	return m.n;
}

uint32_t
tuples_of_function(struct baseline *b, const struct fact *f,
    const struct talk *t, uint32_t client, uint32_t server, struct tuple *out)
{
	struct making m = making_of(b, f, t, client, server, out);

	if (!is_published(&m) && !is_neighbourly(&m) && !is_chatter(t))
		function(&m);
	return m.n;
}

/* Where TLS is spoken with the Internet the first message names the server:
 * who allows names is not asked about the address before. */
static bool
is_named_next(const struct making *m)
{
	return with_outside(m) && m->t->via == VIA_TCP &&
	    m->t->server_port == HTTPS;
}

uint32_t
tuples_of_begin(struct baseline *b, const struct talk *t, uint32_t client,
    uint32_t server, struct tuple *out)
{
	struct making m = making_of(b, NULL, t, client, server, out);

	if (client == ASSET_NONE)
		return 0;
	if (!is_named_next(&m))
		connection(&m);
	/* to a group the program sets it, not the system */
	identity(&m, client, &t->client,
	    (m.server_flags & ASSET_GROUP) != 0 ? 0 : t->ttl[0]);
	return m.n;
}

uint32_t
tuples_of_tally(struct baseline *b, const struct talk *t, uint32_t client,
    uint32_t server, struct tuple *out)
{
	struct making m = making_of(b, NULL, t, client, server, out);

	if (client == ASSET_NONE || server == ASSET_NONE)
		return 0;
	connection(&m);
	/* what nobody answered is no service */
	if (t->packets[1] > 0 && (t->via != VIA_TCP || t->packets[0] > 1)) {
		service(&m, proto_in(t));
		identity(&m, server, &t->server, t->ttl[1]);
	}
	return m.n;
}
