/*
 * dispatch.c - which rows and functions an event concerns, found at birth.
 *
 * Most facts concern nobody: one look into a table by protocol and kind says
 * so.  Conditions are compiled here, and a mistake in our own rows ends the
 * program with a word about it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/reserve.h"
#include "../proto/proto.h"
#include "private.h"

struct detector {
	const char *name;
	uint32_t events, kinds;
	const char *protos;
};

static const struct detector detectors[] = {
#define DETECTOR(name, events, kinds, protos) { #name, events, kinds, protos },
#include "detectors.def"
#undef DETECTOR
	{ NULL, 0, 0, NULL },
};

void
mistake(const char *what, const char *which, const char *text)
{
	(void)fprintf(stderr, "sightglass: %s %s: %s\n", what, which, text);
	abort();
}

/* ------------------------------------------------------------- our rows */

static void
check_row(const struct alert_row *row)
{
	const char *why = NULL;

	if (row->code == (row->when != NULL))
		why = "has either a condition or .code";
	else if (row->title == NULL || row->meaning == NULL ||
	    row->advice == NULL || row->techniques == NULL)
		why = "title, meaning, advice and techniques must be there";
	else if (!alert_form_ok(row->meaning))
		why = "a {word} of its meaning is not known";
	else if (row->count > 1 && row->within == 0)
		why = "counts, but not within what time";
	else if (row->count_most > 0 &&
	    (row->count < row->count_least || row->count > row->count_most))
		why = "its count is outside its own bounds";
	else if (row->tier < 'A' || row->tier > 'C')
		why = "tier is A, B or C";
	if (why != NULL)
		mistake("alert", row->slug, why);
}

static bool
compile(struct detect *d, uint32_t i)
{
	const struct alert_row *row = &alert_rows[i];
	struct rule_error error = { .at = 0 };
	char text[256];

	check_row(row);
	d->setting[i] = (struct alert_setting){ .on = !row->off,
		.severity = row->severity,
		.count = row->count > 0 ? row->count : 1,
		.within = row->within };
	if (row->when == NULL)
		return true;
	d->rule[i] = rule_compile(&event_schema, span_text(row->when), &error);
	if (d->rule[i] != NULL)
		return true;
	(void)snprintf(text, sizeof(text), "%s, at byte %u of: ", error.text,
	    error.at);
	if (error.text[0] == '\0')
		return false; /* memory is out */
	mistake(text, row->when, row->slug);
}

/* ---------------------------------------------------------------- tables */

static bool
push(struct detect *d, struct run *run, uint32_t entry)
{
	if ((d->n_entry & (d->n_entry - 1)) == 0) {
		uint16_t *more = realloc(d->entry,
		    (d->n_entry > 0 ? d->n_entry * 2 : 1) * sizeof(*more));

		if (more == NULL)
			return false;
		d->entry = more;
	}
	d->entry[d->n_entry++] = (uint16_t)entry;
	run->n++;
	return true;
}

/* A list of names separated by blanks; the empty one holds all. */
static bool
names(const char *list, uint32_t proto)
{
	const char *name = protos[proto]->name;
	size_t n = strlen(name);

	if (*list == '\0')
		return true;
	for (const char *s = list; (s = strstr(s, name)) != NULL; s += n)
		if ((s == list || s[-1] == ' ') &&
		    (s[n] == ' ' || s[n] == '\0'))
			return true;
	return false;
}

/*
 * What each entry can match, asked once for each word: a row cannot match
 * where one of its words cannot.
 */
#define N_DETECTORS (sizeof(detectors) / sizeof(detectors[0]) - 1)
#define ENTRIES (ALERT_COUNT + N_DETECTORS)
#define WORDS ((ENTRIES + 63) / 64)

struct set { /* of entries */
	uint64_t word[WORDS];
};

struct concerns {
	struct set proto[PROTO_MAX], kind[FACT_COUNT], scenario[SCENARIO_COUNT],
	    event[EVENT_COUNT];
};

static void
set_put(struct set *s, uint32_t entry, bool in)
{
	s->word[entry / 64] |= (uint64_t)in << entry % 64;
}

/* Of a field that the row does not ask for, one value stands for all. */
static void
row_field(const struct rule *r, uint32_t field, struct set *set, uint32_t n,
    uint32_t entry)
{
	const bool asks = rule_asks(r, field);
	bool can = false;

	for (uint32_t i = 0; i < n; i++) {
		if (i == 0 || asks)
			can = rule_can_match(r, field, i);
		set_put(&set[i], entry, can);
	}
}

static void
row_concerns(const struct rule *r, struct concerns *c, uint32_t entry)
{
	row_field(r, FIELD_PROTO, c->proto, n_protos, entry);
	row_field(r, FIELD_KIND, c->kind, FACT_COUNT, entry);
	row_field(r, FIELD_SCENARIO, c->scenario, SCENARIO_COUNT, entry);
	set_put(&c->event[alert_rows[entry].listens], entry, true);
}

static void
detector_concerns(const struct detector *f, struct concerns *c, uint32_t entry)
{
	for (uint32_t i = 0; i < EVENT_COUNT; i++)
		set_put(&c->event[i], entry, (f->events >> i & 1) != 0);
	for (uint32_t i = 0; i < n_protos; i++)
		set_put(&c->proto[i], entry, names(f->protos, i));
	for (uint32_t i = 0; i < FACT_COUNT; i++)
		set_put(&c->kind[i], entry, (f->kinds >> i & 1) != 0);
	for (uint32_t i = 0; i < SCENARIO_COUNT; i++)
		set_put(&c->scenario[i], entry, true);
}

/* Rows first, then detectors: the places of dispatch are entries. */
static struct concerns *
concerns_of(struct detect *d)
{
	struct concerns *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	for (uint32_t i = 0; i < ALERT_COUNT; i++)
		if (d->rule[i] != NULL) /* else it listens to nothing */
			row_concerns(d->rule[i], c, i);
	for (uint32_t i = 0; i < N_DETECTORS; i++)
		detector_concerns(&detectors[i], c, ALERT_COUNT + i);
	return c;
}

struct building {
	struct detect *d;
	struct concerns *c;
	bool ok;
};

/* The entries of all the sets; a set that is NULL holds all. */
static void
run_build(struct building *b, struct run *run, enum event_kind event,
    const struct set *one, const struct set *other)
{
	*run = (struct run){ .from = b->d->n_entry };
	for (uint32_t i = 0; i < WORDS; i++) {
		uint64_t left = b->c->event[event].word[i];

		left &= one != NULL ? one->word[i] : UINT64_MAX;
		left &= other != NULL ? other->word[i] : UINT64_MAX;
		for (; left != 0 && b->ok; left &= left - 1)
			b->ok = push(b->d, run,
			    64 * i + (uint32_t)__builtin_ctzll(left));
	}
}

static void
runs_build(struct building *b)
{
	struct detect *d = b->d;

	for (uint32_t i = 0; i < n_protos * FACT_COUNT; i++)
		run_build(b, &d->fact[i], EVENT_FACT,
		    &b->c->proto[i / FACT_COUNT], &b->c->kind[i % FACT_COUNT]);
	for (uint32_t i = 0; i < n_protos; i++)
		run_build(b, &d->end[i], EVENT_END, &b->c->proto[i], NULL);
	for (uint32_t i = 0; i < SCENARIO_COUNT; i++)
		run_build(b, &d->novelty[i], EVENT_NOVELTY, &b->c->scenario[i],
		    NULL);
	run_build(b, &d->begin, EVENT_BEGIN, NULL, NULL);
}

static void
check_detectors(void)
{
	for (uint32_t i = 0; detectors[i].name != NULL; i++) {
		uint32_t found = 0, words = 0;

		for (uint32_t p = 0; p < n_protos; p++)
			found += names(detectors[i].protos, p);
		for (const char *s = detectors[i].protos; *s != '\0';
		     s += strspn(s, " ")) {
			s += strcspn(s, " ");
			words++;
		}
		if (words > 0 && found != words)
			mistake("detector", detectors[i].name,
			    "one of its protocols is not known");
	}
}

bool
dispatch_build(struct detect *d)
{
	struct building b = { .d = d, .ok = true };

	check_detectors();
	for (uint32_t i = 0; i < ALERT_COUNT && b.ok; i++) {
		b.ok = compile(d, i);
		if (alert_rows[i].opens != CAUSE_NONE)
			d->opener[d->n_openers++] = (uint16_t)i;
	}
	b.c = b.ok ? concerns_of(d) : NULL;
	d->fact = calloc(n_protos * FACT_COUNT, sizeof(*d->fact));
	d->end = calloc(n_protos, sizeof(*d->end));
	d->classes = calloc(CLASSES, sizeof(*d->classes));
	d->keys = reserve(END_KEYS * sizeof(*d->keys));
	b.ok = b.ok && b.c != NULL && d->fact != NULL && d->end != NULL &&
	    d->classes != NULL && d->keys != NULL;
	if (b.ok)
		runs_build(&b);
	free(b.c);
	return b.ok;
}

/* --------------------------------------------------------------- classes */

#define AREA_LARGE 0xffffu /* this and above are alike */
#define BIT(field) (UINT64_C(1) << FIELD_##field)
_Static_assert(FIELD_TRAIT < 64, "bits by number");

/* What the key says: these of one fact are those of all of its class. */
static uint64_t
known_fields(const struct fact *f)
{
	uint64_t known = BIT(EVENT) | BIT(PROTO) | BIT(KIND) | BIT(OP) |
	    BIT(VARIANT) | BIT(RESPONSE) | BIT(FROM_SERVER) | BIT(RISK) |
	    BIT(CUT) | BIT(UNSOLICITED) | BIT(BROADCAST) | BIT(NEGATIVE) |
	    BIT(TEST) | BIT(TRAIT) | BIT(SPACE);

	/* what it does not have */
	if (f->text_len == 0)
		known |= BIT(TEXT);
	if (f->num_type == NUM_NONE)
		known |= BIT(VALUE);
	if (!f->has_unit)
		known |= BIT(UNIT);
	if (f->object.area < AREA_LARGE)
		known |= BIT(AREA);
	if (f->object.space == SPACE_NONE)
		known |= BIT(AREA) | BIT(FIRST) | BIT(HOW_MANY) | BIT(SUB);
	return known;
}

static void
class_fill(const struct detect *d, const struct run *run, const struct event *e,
    struct fact_class *c)
{
	const uint64_t known = known_fields(e->fact);

	memset(c->tries, 0, sizeof(c->tries));
	memset(c->holds, 0, sizeof(c->holds));
	for (uint32_t k = 0; k < run->n && k < CLASS_WORDS * 64; k++) {
		const uint32_t i = d->entry[run->from + k];
		const uint64_t bit = UINT64_C(1) << (k % 64);
		const enum rule_guess guess = i < ALERT_COUNT
		    ? rule_guess(d->rule[i], known, e)
		    : RULE_ALWAYS;

		if (guess != RULE_NEVER)
			c->tries[k / 64] |= bit;
		if (guess == RULE_ALWAYS)
			c->holds[k / 64] |= bit;
	}
}

const struct fact_class *
dispatch_fact(struct detect *d, const struct run *run, const struct event *e)
{
	const struct fact *f = e->fact;
	const uint64_t key[2] = { (uint64_t)f->op << 32 |
		    (uint32_t)f->proto << 24 | (uint32_t)f->kind << 16 |
		    (uint32_t)f->risk << 8 | (uint32_t)(f->text_len > 0) << 7 |
		    f->flags,
		(uint64_t)(f->object.area < AREA_LARGE ? f->object.area
						       : AREA_LARGE)
			<< 48 |
		    (uint64_t)f->object.space << 32 | (uint32_t)f->trait << 8 |
		    (uint32_t)f->response | (uint32_t)f->from_server << 1 |
		    (uint32_t)f->has_unit << 2 |
		    (uint32_t)(f->num_type != NUM_NONE) << 3 | 0x80u };
	const uint64_t mixed =
	    (key[0] ^ (key[1] << 17 | key[1] >> 47)) * 0x9e3779b97f4a7c15u;
	struct fact_class *c = &d->classes[mixed >> (64 - CLASS_BITS)];

	if (c->key[0] != key[0] || c->key[1] != key[1]) {
		class_fill(d, run, e, c);
		memcpy(c->key, key, sizeof(c->key));
	}
	return c;
}
