/*
 * rules.h - the language of conditions.
 *
 * One small language serves everything that selects: what a detection looks
 * for in a fact, what an exclusion keeps quiet, what a custom rule alerts on,
 * and what `--where` shows of a list.
 *
 *	proto = modbus and risk in (write, control) and not client.programming
 *	op in (5, 6, 15..16) or text ~ "*.exe"
 *	source in 10.1.0.0/16 and hour in 22..6 and weekday in mon..fri
 *	has unit and unit != 1
 *
 * The words are those of a schema: a table of fields with types, and one
 * function that fetches a field of a subject.  A condition on something that
 * the subject does not have is false, and so is its opposite; `not` in front
 * of it is true.  See docs/rules.md for the grammar.
 *
 * Bounded by construction: no loops, nesting at most RULE_DEPTH, text at most
 * RULE_TEXT_MAX bytes.  Compiling allocates, matching does not.  A compiled
 * rule is constant: any thread may match it.
 */
#ifndef RULES_RULES_H
#define RULES_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/span.h"
#include "../base/tick.h"
#include "../model/addr.h"

#define RULE_TEXT_MAX 4096u
#define RULE_DEPTH 32u

enum rule_type {
	RULE_BOOL, /* stands alone: "client.scanner" */
	RULE_NUMBER, /* = != < > <= >=, in (1, 5..9); 0x is understood */
	RULE_NAME, /* one of a fixed list: = != in, and < > where `ordered` */
	RULE_TEXT, /* = != in, ~ (glob: * and ?, without regard to case) */
	RULE_ADDR, /* = != in: addresses, CIDR, MAC and MAC prefixes */
	RULE_TIME, /* = < > <= >= in: RFC 3339, or a day "2026-11-20" */
	RULE_TYPE_COUNT
};

struct rule_field {
	const char *name; /* lower case, dots between parts */
	enum rule_type type;
	bool ordered; /* RULE_NAME: names in ascending order */
	bool round; /* a..b goes round where a > b: hours, weekdays */
	const char *help; /* one line, for documentation */
	/* RULE_NAME: the i-th name, NULL ends the list. */
	const char *(*word)(uint32_t i);
};

struct rule_value {
	union {
		bool yes;
		double number;
		uint32_t name; /* place in the list of words */
		struct span text;
		struct {
			const struct addr *addr;
			const struct addr *other; /* either will do; or NULL */
		};
		struct tick time;
	} u;
};

struct rule_schema {
	const char *what; /* "a fact", for messages */
	const struct rule_field *field;
	uint32_t n;
	/* The field's value (*ret is zero before); false: this subject has
	 * none. */
	bool (
	    *get)(const void *subject, uint32_t field, struct rule_value *ret);
};

struct rule_error {
	uint32_t at; /* byte in the text where it went wrong */
	char text[192]; /* "no field 'prto'; did you mean proto?" */
};

struct rule;

/* NULL with *ret_error set when it does not parse, or memory is out. */
struct rule *rule_compile(const struct rule_schema *, struct span text,
    struct rule_error *ret_error);
void rule_free(struct rule *);
bool rule_matches(const struct rule *, const void *subject);
/* Whether it asks for the field at all. */
bool rule_asks(const struct rule *, uint32_t field);
/*
 * Whether the rule can be true of a subject whose field has that value (the
 * place of a word, or a number): for tables that tell beforehand which rules
 * are worth trying.  Errs on the side of true.
 */
bool rule_can_match(const struct rule *, uint32_t field, uint32_t value);
/*
 * The same of subjects that share `fields` (bits by number, below 64) with
 * this one, whatever their others are.
 */
enum rule_guess {
	RULE_NEVER,
	RULE_PERHAPS,
	RULE_ALWAYS,
};
enum rule_guess rule_guess(const struct rule *, uint64_t fields,
    const void *subject);
/* The rule as text again, in the one way we write it; cut at cap. */
size_t rule_text(const struct rule *, char *dst, size_t cap);

/* "2026-11-20T12:00:00Z" (RFC 3339) or "2026-11-20". */
bool rule_moment(struct span, struct tick *ret);
/* One IP or MAC address by itself. */
bool rule_addr(struct span, struct addr *ret);

/* Glob with * and ?, ASCII letters of either case alike. */
bool rule_glob(struct span pattern, struct span text);

/* The fields as a table in Markdown: name, type, words, help. */
struct out;
void rule_fields(const struct rule_schema *, struct out *);

#endif
