/*
 * private.h - shared by the files of rules/ only.
 *
 * A rule is compiled into one array of nodes, a tree by indices: `first` is
 * the first child of and, or, not, and the first item of a test; `next` the
 * next child of the same parent.  Every literal is a closed interval, so that
 * a test asks one question whatever was written.
 */
#ifndef RULES_PRIVATE_H
#define RULES_PRIVATE_H

#include "rules.h"

/* ------------------------------------------------------- lex.c: the words */

enum token_kind {
	TOKEN_END,
	TOKEN_WORD, /* names, numbers, addresses, times */
	TOKEN_TEXT, /* in double quotes */
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_COMMA,
	TOKEN_TO, /* .. */
	TOKEN_EQ,
	TOKEN_NE,
	TOKEN_LT,
	TOKEN_GT,
	TOKEN_LE,
	TOKEN_GE,
	TOKEN_LIKE, /* ~ */
	TOKEN_BAD, /* why[] says what is wrong */
};

struct token {
	enum token_kind kind;
	uint32_t at;
	struct span text; /* as written, of TEXT without the quotes */
	const char *why; /* TOKEN_BAD */
};

/* The token that begins at or after `at`. */
struct token rule_lex(struct span text, uint32_t at);

/* The byte after a token. */
static inline uint32_t
token_end(const struct token *t)
{
	return t->at + t->text.n + (t->kind == TOKEN_TEXT ? 2 : 0);
}

/* -------------------------------------------------------- the compiled rule */

#define NODE_NONE UINT32_MAX

enum node_kind {
	NODE_AND,
	NODE_OR,
	NODE_NOT,
	NODE_HAS,
	NODE_TEST,
};

enum compare {
	COMPARE_IS, /* a bool alone */
	COMPARE_EQ,
	COMPARE_NE,
	COMPARE_LT,
	COMPARE_GT,
	COMPARE_LE,
	COMPARE_GE,
	COMPARE_IN,
	COMPARE_NOT_IN,
	COMPARE_LIKE,
	COMPARE_COUNT
};

struct node {
	uint8_t kind; /* enum node_kind */
	uint8_t compare; /* enum compare, of TEST */
	uint8_t type; /* enum rule_type of the field */
	uint16_t field;
	uint16_t n; /* items */
	uint32_t first, next;
};

#define NET_RANGE 255u

struct net { /* addresses of one family, lowest to highest */
	uint8_t low[16], high[16];
	uint8_t len; /* 4, 16; 6: MAC */
	uint8_t bits; /* of the prefix; NET_RANGE: from .. to */
};

/* Closed intervals, whatever was written: "< 5" ends just before 5. */
struct item {
	union {
		struct {
			double low, high; /* RULE_NUMBER, RULE_NAME */
			double said, said_high; /* as written */
		};
		struct {
			int64_t from, to; /* RULE_TIME, nanoseconds */
			int64_t said_from, said_to;
		};
		struct span text;
		struct net net;
	};
};

struct rule {
	const struct rule_schema *schema;
	struct node *node;
	struct item *item;
	uint8_t *text; /* what was in quotes */
	uint32_t n_node, n_item, n_text;
	uint32_t root;
};

/* ------------------------------------------------ parse.c, value.c: reading */

struct parser {
	const struct rule_schema *schema;
	struct span text;
	struct token now; /* the next one, not taken yet */
	uint32_t depth;
	bool failed;
	struct rule *rule;
	struct rule_error *error;
};

/* The first failure is kept; after it there are no more tokens. */
void rule_fail(struct parser *, uint32_t at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
struct token rule_take(struct parser *);
/* What was written, safe to show and not long: 'word', or the end. */
#define SHOWN_MAX 48
const char *rule_shown(const struct token *, char dst[static SHOWN_MAX]);
/* The same without quotes. */
const char *rule_word(const struct token *, char dst[static SHOWN_MAX]);

/* One literal of the field's type, or a range of them after "in". */
void rule_value(struct parser *, const struct rule_field *, enum compare,
    struct item *ret);

/* ------------------------------------------------------ net.c, time.c: spans
 */

/* False: no address, CIDR or MAC. */
bool rule_net(struct span, struct net *ret);
/* RFC 3339 or a day; false with a sentence in *ret_why. */
bool rule_time(struct span, int64_t *ret_from, int64_t *ret_to,
    const char **ret_why);

#endif
