/*
 * parse.c - reads a description: lines of words, "#" begins a comment.
 *
 *	protocol meter			what it is called, and where it is met
 *	title    Meters of a made-up maker
 *	tcp      7777
 *	header				fields that begin every message
 *	  magic    2 is 4d50
 *	  length   2 length all
 *	  function 1 operation
 *	operation 1 read none read registers
 *	  request			fields that follow in a question
 *	    address 2 object
 *	  response			and in an answer
 *	    value   4 values
 *
 * Every fault is told with file, line, the word at fault, and the nearest
 * word that would be right.  Lines and fields: here; what they hold together
 * is checked in finish.c.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/hex.h"
#include "../base/nearest.h"
#include "parse.h"

/* ------------------------------------------------------------------ faults */

bool
parse_fault(struct parser *p, const char *fmt, ...)
{
	va_list args;
	int n;

	n = p->line > 0
	    ? snprintf(p->error, DESCRIBE_ERROR, "%s:%u: ", p->path, p->line)
	    : snprintf(p->error, DESCRIBE_ERROR, "%s: ", p->path);
	if (n < 0 || n >= DESCRIBE_ERROR)
		return false;
	va_start(args, fmt);
	(void)vsnprintf(p->error + n, (size_t)(DESCRIBE_ERROR - n), fmt, args);
	va_end(args);
	return false;
}

static const char *
nth(const void *list, uint32_t n)
{
	const char *const *words = list;

	return words[n];
}

/* Place in a list that NULL ends; -1 after a fault. */
static int
choose(struct parser *p, const char *what, const char *typed,
    const char *const *words)
{
	const char *near;

	for (int i = 0; words[i] != NULL; i++)
		if (strcmp(words[i], typed) == 0)
			return i;
	near = nearest_of(typed, nth, words);
	(void)parse_fault(p, "%s: '%s' is no %s%s%s", p->word[0], typed, what,
	    near != NULL ? "; did you mean " : "", near != NULL ? near : "");
	return -1;
}

/* The same with names that are asked for by number. */
static int
choose_named(struct parser *p, const char *what, const char *typed,
    const char *(*name)(uint32_t), uint32_t n)
{
	const char *words[64] = { NULL };

	for (uint32_t i = 0; i < n && i < 63; i++)
		words[i] = name(i);
	return choose(p, what, typed, words);
}

static const char *
kind_name(uint32_t i)
{
	return fact_kind_name((enum fact_kind)i);
}

/* ----------------------------------------------------------------- numbers */

bool
parse_number(struct parser *p, const char *what, const char *s, uint64_t least,
    uint64_t most, uint64_t *ret)
{
	char *end = NULL;
	uint64_t v;

	if (s == NULL)
		return parse_fault(p, "%s: a number is missing", what);
	v = s[0] >= '0' && s[0] <= '9' ? strtoull(s, &end, 0) : 0;
	if (end == NULL || *end != '\0' || v < least || v > most)
		return parse_fault(p, "%s: '%s' is no number from %llu to %llu",
		    what, s, (unsigned long long)least,
		    (unsigned long long)most);
	*ret = v;
	return true;
}

static bool
parse_hex(struct parser *p, struct field *f, const char *s)
{
	uint32_t n = s != NULL ? (uint32_t)strlen(s) : 0;

	if (n != f->width * 2u)
		return parse_fault(p, "%s: %u bytes are %u hex digits", f->name,
		    f->width, f->width * 2u);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t v = hex_digit((uint8_t)s[i]);

		if (v > 15)
			return parse_fault(p, "%s: '%s' is not hex", f->name,
			    s);
		f->constant[i / 2] =
		    (uint8_t)((unsigned)f->constant[i / 2] << 4 | v);
	}
	return true;
}

/* ------------------------------------------------------------------ fields */

static const char *const meaning_names[] = {
#define MEANING(sym, name, what) name,
#include "meanings.def"
#undef MEANING
	NULL
};

static const char *
word(const struct parser *p, uint32_t i)
{
	return i < p->n_word ? p->word[i] : NULL;
}

static bool
no_more(struct parser *p, const char *name, uint32_t from)
{
	return from >= p->n_word ||
	    parse_fault(p, "%s: '%s' is one word too many", name,
		p->word[from]);
}

/* "length all|after [plus N|minus N]" */
static bool
length_words(struct parser *p, struct field *f)
{
	static const char *const counts[] = { "after", "all", NULL };
	static const char *const signs[] = { "plus", "minus", NULL };
	uint64_t n = 0;
	int all, sign;

	if (word(p, 3) == NULL)
		return parse_fault(p,
		    "%s: a length counts 'all' or what "
		    "comes 'after' it",
		    f->name);
	all = choose(p, "way to count a length", p->word[3], counts);
	if (all < 0)
		return false;
	f->all = all == 1;
	if (word(p, 4) == NULL)
		return true;
	sign = choose(p, "adjustment of a length", p->word[4], signs);
	if (sign < 0 || !parse_number(p, f->name, word(p, 5), 0, 65535, &n))
		return false;
	f->adjust = sign == 0 ? (int32_t)n : -(int32_t)n;
	return no_more(p, f->name, 6);
}

/* "operation [mask N] [answer N]", "answer N [mask N]" */
static bool
operation_words(struct parser *p, struct field *f)
{
	static const char *const words[] = { "mask", "answer", NULL };
	uint32_t at = 3;
	uint64_t n = 0;

	f->mask = f->meaning == MEAN_OPERATION ? 0xffffffu : UINT32_MAX;
	if (f->meaning == MEAN_ANSWER) {
		if (!parse_number(p, f->name, word(p, at++), 0, UINT32_MAX, &n))
			return false;
		f->answer = (uint32_t)n;
	}
	for (; at < p->n_word; at += 2) {
		int i =
		    choose(p, "word about an operation", p->word[at], words);

		if (i < 0 ||
		    !parse_number(p, f->name, word(p, at + 1), 0, UINT32_MAX,
			&n))
			return false;
		if (i == 0)
			f->mask = (uint32_t)n;
		else
			f->answer = (uint32_t)n;
	}
	if (f->meaning == MEAN_OPERATION && f->width > 3 && f->mask > 0xffffffu)
		return parse_fault(p,
		    "%s: of more than 3 bytes a mask of at "
		    "most 0xffffff is needed",
		    f->name);
	return true;
}

static bool
value_words(struct parser *p, struct field *f)
{
	static const char *const forms[] = { "unsigned", "signed", "real",
		NULL };
	int form;

	if (word(p, 3) == NULL)
		return true;
	form = choose(p, "form of a value", p->word[3], forms);
	if (form < 0)
		return false;
	f->form = (uint8_t)form;
	if (f->form == FORM_REAL && f->width != 4 && f->width != 8)
		return parse_fault(p, "%s: a real is of 4 or 8 bytes", f->name);
	return no_more(p, f->name, 4);
}

static bool
identity_words(struct parser *p, struct field *f)
{
	int trait;

	if (word(p, 3) == NULL)
		return parse_fault(p, "%s: which trait is it?", f->name);
	trait =
	    choose_named(p, "trait", p->word[3], fact_trait_name, TRAIT_COUNT);
	if (trait < 0)
		return false;
	f->trait = (uint8_t)trait;
	return no_more(p, f->name, 4);
}

static bool
meaning_words(struct parser *p, struct field *f)
{
	switch ((enum meaning)f->meaning) {
	case MEAN_IS:
		return parse_hex(p, f, word(p, 3)) && no_more(p, f->name, 4);
	case MEAN_LENGTH:
		return length_words(p, f);
	case MEAN_OPERATION:
	case MEAN_ANSWER:
		return operation_words(p, f);
	case MEAN_VALUE:
	case MEAN_VALUES:
		return value_words(p, f);
	case MEAN_IDENTITY:
		return identity_words(p, f);
	case MEAN_SKIP:
	case MEAN_UNIT:
	case MEAN_PAIR:
	case MEAN_AREA:
	case MEAN_OBJECT:
	case MEAN_SUB:
	case MEAN_COUNT:
	case MEAN_NAME:
	case MEAN_ERROR:
	case MEAN_TEXT:
	case MEAN_SECRET:
	case MEAN_OPAQUE:
	case N_MEANINGS:
		break;
	}
	return no_more(p, f->name, 3);
}

/* Fields that a width may be taken from: the header's and this body's. */
static int
find_field(const struct parser *p, const char *name)
{
	const struct described *x = p->x;
	uint32_t n = 0;

	for (uint32_t i = 0; i < x->n_header; i++, n++)
		if (strcmp(x->field[i].name, name) == 0)
			return (int)n;
	for (uint32_t i = 0; p->body != NULL && i < p->body->n; i++, n++)
		if (strcmp(x->field[p->body->first + i].name, name) == 0)
			return (int)n;
	return -1;
}

static bool
width_word(struct parser *p, struct field *f)
{
	const char *s = word(p, 1);
	uint64_t n = 0;
	int from;

	if (s == NULL)
		return parse_fault(p, "%s: how many bytes?", f->name);
	if (strcmp(s, "rest") == 0) {
		f->width_is = WIDTH_REST;
		return true;
	}
	from = find_field(p, s);
	if (from >= 0) {
		f->width_is = WIDTH_FIELD;
		f->from = (uint8_t)from;
		return true;
	}
	if (s[0] < '0' || s[0] > '9')
		return parse_fault(p,
		    "%s: '%s' is no width: a number of "
		    "bytes, 'rest', or an earlier field",
		    f->name, s);
	if (!parse_number(p, f->name, s, 1, 255, &n))
		return false;
	f->width = (uint8_t)n;
	return true;
}

/* What needs a number can hold no more than eight bytes. */
static bool
fits_meaning(struct parser *p, const struct field *f)
{
	bool bytes = f->meaning == MEAN_SKIP || f->meaning == MEAN_NAME ||
	    f->meaning == MEAN_TEXT || f->meaning == MEAN_IDENTITY ||
	    f->meaning == MEAN_SECRET || f->meaning == MEAN_OPAQUE;

	if (bytes)
		return true;
	if (f->width_is != WIDTH_BYTES || f->width > 8)
		return parse_fault(p,
		    "%s: a field that is '%s' is of 1 to 8 "
		    "bytes",
		    f->name, meaning_names[f->meaning]);
	if (f->meaning == MEAN_OPERATION && f->width > 4)
		return parse_fault(p, "%s: an operation is of 1 to 4 bytes",
		    f->name);
	return true;
}

static bool
field_line(struct parser *p)
{
	struct described *x = p->x;
	struct field *f;
	int meaning = MEAN_SKIP;

	if (x->n_field == FIELDS_MAX ||
	    x->n_header + (p->body != NULL ? p->body->n : 0) >= BODY_FIELDS)
		return parse_fault(p, "%s: more fields than there is room for",
		    p->word[0]);
	f = &x->field[x->n_field];
	*f = (struct field){ .little = p->little };
	if (strlen(p->word[0]) >= sizeof(f->name))
		return parse_fault(p, "'%s' is too long a name", p->word[0]);
	(void)snprintf(f->name, sizeof(f->name), "%s", p->word[0]);
	if (find_field(p, f->name) >= 0)
		return parse_fault(p, "%s: there is a field of this name",
		    f->name);
	if (!width_word(p, f))
		return false;
	if (word(p, 2) != NULL)
		meaning =
		    choose(p, "meaning of a field", p->word[2], meaning_names);
	if (meaning < 0)
		return false;
	f->meaning = (uint8_t)meaning;
	if (!fits_meaning(p, f) || !meaning_words(p, f))
		return false;
	x->n_field++;
	if (p->body != NULL)
		p->body->n++;
	else
		x->n_header++;
	return finish_field(p, f);
}

/* -------------------------------------------------------------- statements */

/* What is left of the line after so many words, without quotes around it. */
static const char *
rest_of_line(struct parser *p, uint32_t from)
{
	char *s = p->text;
	size_t n;

	for (uint32_t i = 0; i < from; i++) {
		s += strspn(s, " \t");
		s += strcspn(s, " \t");
	}
	s += strspn(s, " \t");
	n = strlen(s);
	if (n >= 2 && s[0] == '"' && s[n - 1] == '"') {
		s[n - 1] = '\0';
		s++;
	}
	return s;
}

static bool
text_line(struct parser *p, const char *what, char *dst, size_t cap)
{
	const char *s = rest_of_line(p, 1);

	if (s[0] == '\0')
		return parse_fault(p, "%s: says nothing", what);
	if (strlen(s) >= cap)
		return parse_fault(p, "%s: longer than %zu characters", what,
		    cap - 1);
	(void)snprintf(dst, cap, "%s", s);
	return true;
}

static bool
name_line(struct parser *p)
{
	char *name = p->x->name;

	if (!text_line(p, "protocol", name, sizeof(p->x->name)))
		return false;
	for (const char *c = name; *c != '\0'; c++)
		if (!((*c >= 'a' && *c <= 'z') || *c == '-' ||
			(*c >= '0' && *c <= '9')))
			return parse_fault(p,
			    "protocol: '%s' is not of lower "
			    "case letters, digits and "
			    "hyphens",
			    name);
	return true;
}

static bool
ports_line(struct parser *p, uint16_t *ports)
{
	uint64_t n = 0;

	if (p->n_word < 2)
		return parse_fault(p, "%s: which port?", p->word[0]);
	for (uint32_t i = 1; i < p->n_word; i++) {
		if (i > PROTO_PORTS)
			return parse_fault(p, "%s: more than %d ports",
			    p->word[0], PROTO_PORTS);
		if (!parse_number(p, p->word[0], p->word[i], 1, 65535, &n))
			return false;
		ports[i - 1] = (uint16_t)n;
	}
	return true;
}

static bool
ether_line(struct parser *p)
{
	uint64_t n;

	for (uint32_t i = 1; i < p->n_word; i++) {
		if (i > 4)
			return parse_fault(p, "ethertype: more than 4");
		if (!parse_number(p, "ethertype", p->word[i], 1536, 65535, &n))
			return false;
		p->x->proto.ether[i - 1] = (uint32_t)n;
	}
	return p->n_word > 1 || parse_fault(p, "ethertype: which?");
}

static bool
role_line(struct parser *p, uint8_t *ret)
{
	int role;

	if (p->n_word < 2)
		return parse_fault(p, "%s: which role?", p->word[0]);
	role = choose_named(p, "role", p->word[1], role_name, ROLE_COUNT);
	if (role < 0)
		return false;
	*ret = (uint8_t)role;
	return no_more(p, p->word[0], 2);
}

static bool
choice_line(struct parser *p, const char *const words[3], bool *ret)
{
	int i;

	if (p->n_word < 2)
		return parse_fault(p, "%s: %s or %s?", p->word[0], words[0],
		    words[1]);
	i = choose(p, p->word[0], p->word[1], words);
	if (i < 0)
		return false;
	*ret = i == 1;
	return no_more(p, p->word[0], 2);
}

/* operation CODE KIND RISK NAME */
static bool
operation_line(struct parser *p)
{
	struct described *x = p->x;
	struct proto_op *op = &x->op[x->n_op];
	const char *name = rest_of_line(p, 4);
	uint64_t code;
	int kind, risk;

	if (x->n_op == OPS_MAX)
		return parse_fault(p, "operation: more than %u", OPS_MAX);
	if (p->n_word < 5)
		return parse_fault(p,
		    "operation: code, kind, risk and name "
		    "are wanted");
	if (!parse_number(p, "operation", p->word[1], 0, 0xffffff, &code))
		return false;
	kind = choose_named(p, "kind of operation", p->word[2], kind_name,
	    FACT_COUNT);
	risk = kind < 0
	    ? -1
	    : choose_named(p, "risk", p->word[3], fact_risk_name, RISK_COUNT);
	if (kind < 0 || risk < 0)
		return false;
	if (!fact_kind_counts((enum fact_kind)kind) || kind == FACT_UNKNOWN)
		return parse_fault(p, "operation: '%s' is not what is asked",
		    p->word[2]);
	if (risk == RISK_NONE && (kind == FACT_WRITE || kind == FACT_CONTROL))
		return parse_fault(p,
		    "operation: what writes or controls has "
		    "a risk");
	if (strlen(name) >= sizeof(x->op_name[0]))
		return parse_fault(p, "operation: '%s' is too long a name",
		    name);
	(void)snprintf(x->op_name[x->n_op], sizeof(x->op_name[0]), "%s", name);
	*op = (struct proto_op){ .code = (uint32_t)code,
		.kind = (uint8_t)kind,
		.risk = (uint8_t)risk,
		.name = x->op_name[x->n_op] };
	p->op = (uint32_t)code;
	p->has_op = true;
	p->where = WHERE_OPERATION;
	x->n_op++;
	return true;
}

static bool
body_line(struct parser *p, uint32_t ways)
{
	struct described *x = p->x;

	if (!p->has_op)
		return parse_fault(p, "%s: of which operation?", p->word[0]);
	if (x->n_body == BODIES_MAX)
		return parse_fault(p, "%s: more than there is room for",
		    p->word[0]);
	for (uint32_t i = 0; i < x->n_body; i++)
		if (x->body[i].op == p->op && (x->body[i].ways & ways) != 0)
			return parse_fault(p, "%s: was described before",
			    p->word[0]);
	p->body = &x->body[x->n_body++];
	*p->body = (struct body){ .op = p->op,
		.ways = ways,
		.first = (uint16_t)x->n_field };
	p->where = WHERE_BODY;
	return no_more(p, p->word[0], 1);
}

static bool
header_line(struct parser *p)
{
	if (p->x->n_header > 0 || p->x->n_op > 0)
		return parse_fault(p, "header: once, before the operations");
	p->where = WHERE_HEADER;
	return no_more(p, "header", 1);
}

static bool
fixed_line(struct parser *p)
{
	uint64_t n;

	if (!parse_number(p, "fixed", word(p, 1), 1, 65535, &n))
		return false;
	p->x->fixed = (uint32_t)n;
	return no_more(p, "fixed", 2);
}

enum statement {
	ST_PROTOCOL,
	ST_TITLE,
	ST_SPEC,
	ST_INDUSTRIAL,
	ST_TCP,
	ST_UDP,
	ST_ETHERTYPE,
	ST_CLIENT,
	ST_SERVER,
	ST_ORDER,
	ST_FIXED,
	ST_HEADER,
	ST_OPERATION,
	ST_REQUEST,
	ST_RESPONSE,
	ST_BOTH,
	ST_COUNT
};

static const char *const statement_names[] = { "protocol", "title", "spec",
	"industrial", "tcp", "udp", "ethertype", "client", "server", "order",
	"fixed", "header", "operation", "request", "response", "both", NULL };

static bool
statement(struct parser *p, enum statement s)
{
	static const char *const yes[] = { "no", "yes", NULL };
	static const char *const order[] = { "big", "little", NULL };
	struct described *x = p->x;

	if (s == ST_REQUEST || s == ST_RESPONSE || s == ST_BOTH)
		return body_line(p,
		    s == ST_REQUEST ? WAY_BIT_REQUEST
			: s == ST_RESPONSE
			? WAY_BIT_RESPONSE
			: WAY_BIT_REQUEST | WAY_BIT_RESPONSE);
	p->body = NULL;
	if (s == ST_OPERATION)
		return operation_line(p);
	if (s == ST_HEADER)
		return header_line(p);
	p->where = WHERE_TOP;
	switch (s) {
	case ST_PROTOCOL:
		return name_line(p);
	case ST_TITLE:
		return text_line(p, "title", x->title, sizeof(x->title));
	case ST_SPEC:
		return text_line(p, "spec", x->spec, sizeof(x->spec));
	case ST_INDUSTRIAL:
		return choice_line(p, yes, &x->proto.ot);
	case ST_TCP:
		return ports_line(p, x->proto.tcp);
	case ST_UDP:
		return ports_line(p, x->proto.udp);
	case ST_ETHERTYPE:
		return ether_line(p);
	case ST_CLIENT:
		return role_line(p, &x->proto.client_role);
	case ST_SERVER:
		return role_line(p, &x->proto.server_role);
	case ST_ORDER:
		return choice_line(p, order, &p->little);
	case ST_FIXED:
	case ST_HEADER:
	case ST_OPERATION:
	case ST_REQUEST:
	case ST_RESPONSE:
	case ST_BOTH:
	case ST_COUNT:
		break;
	}
	return fixed_line(p);
}

static bool
take_line(struct parser *p)
{
	const char *near;

	for (int i = 0; statement_names[i] != NULL; i++)
		if (strcmp(p->word[0], statement_names[i]) == 0)
			return statement(p, (enum statement)i);
	if (p->where == WHERE_HEADER || p->where == WHERE_BODY)
		return field_line(p);
	near = nearest_of(p->word[0], nth, statement_names);
	return parse_fault(p, "'%s' says nothing here%s%s", p->word[0],
	    near != NULL ? "; did you mean " : "", near != NULL ? near : "");
}

/* ------------------------------------------------------------------- lines */

/* Words of the line, without its comment; `text` keeps the line itself. */
static void
split(struct parser *p, struct span s)
{
	uint32_t n = 0;
	bool in_word = false, quoted = false;

	p->n_word = 0;
	for (uint32_t i = 0; i < s.n && n < LINE_BYTES - 1; i++) {
		char c = (char)s.p[i];

		if (c == '"')
			quoted = !quoted;
		if (c == '#' && !quoted && !in_word)
			break;
		if (c == '\t' || c == '\r' || c == '\0')
			c = ' ';
		in_word = c != ' ';
		p->text[n++] = c;
	}
	while (n > 0 && p->text[n - 1] == ' ')
		n--;
	p->text[n] = '\0';
	memcpy(p->cut, p->text, n + 1);
	for (char *save = NULL, *w = strtok_r(p->cut, " ", &save);
	     w != NULL && p->n_word < LINE_WORDS;
	     w = strtok_r(NULL, " ", &save))
		p->word[p->n_word++] = w;
}

static bool
take_lines(struct parser *p, struct span text)
{
	while (text.n > 0) {
		uint32_t n = span_find(text, '\n');
		struct span s = span_first(text, n);

		text = span_from(text, n + 1);
		p->line++;
		if (s.n >= LINE_BYTES)
			return parse_fault(p, "a line of more than %u bytes",
			    LINE_BYTES - 1);
		split(p, s);
		if (p->n_word > 0 && !take_line(p))
			return false;
	}
	p->line = 0;
	return finish(p);
}

struct described *
describe_parse(const char *path, struct span text,
    char ret_error[static DESCRIBE_ERROR])
{
	static struct parser p;
	struct described *x = calloc(1, sizeof(*x));

	p = (struct parser){ .path = path, .error = ret_error, .x = x };
	ret_error[0] = '\0';
	if (x == NULL) {
		(void)parse_fault(&p, "no memory");
		return NULL;
	}
	x->proto.ot = true;
	if (!take_lines(&p, text)) {
		free(x);
		return NULL;
	}
	return x;
}

void
describe_free(struct described *x)
{
	free(x);
}
