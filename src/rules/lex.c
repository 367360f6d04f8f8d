/* lex.c - the tokens of a condition. */
#include "private.h"

static bool
is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
is_word(uint8_t c)
{
	static const char also[] = "_.:/+-";
	uint8_t lower = c | 0x20;

	return (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z') ||
	    (c != '\0' && strchr(also, c) != NULL);
}

static struct token
bad(uint32_t at, const char *why)
{
	return (struct token){ .kind = TOKEN_BAD, .at = at, .why = why };
}

/* Everything up to a byte of another kind, or to "..". */
static struct token
lex_word(struct span s, uint32_t at)
{
	uint32_t end = at;

	while (end < s.n && is_word(s.p[end]) &&
	    !(s.p[end] == '.' && end + 1 < s.n && s.p[end + 1] == '.'))
		end++;
	return (struct token){ .kind = TOKEN_WORD,
		.at = at,
		.text = SPAN(s.p + at, end - at) };
}

static struct token
lex_text(struct span s, uint32_t at)
{
	for (uint32_t i = at + 1; i < s.n; i++) {
		if (s.p[i] == '"')
			return (struct token){ .kind = TOKEN_TEXT,
				.at = at,
				.text = SPAN(s.p + at + 1, i - at - 1) };
		if (s.p[i] < 0x20 || s.p[i] == 0x7f)
			return bad(i, "a control character in the text");
		if (s.p[i] != '\\')
			continue;
		i++;
		if (i < s.n && s.p[i] != '"' && s.p[i] != '\\')
			return bad(i - 1, "a \\ stands before \" or \\ only");
	}
	return bad(at, "the text has no closing \"");
}

/* What people bring along from other languages. */
static const char *
foreign(uint8_t c)
{
	static const struct {
		char c;
		const char *why;
	} rows[] = {
		{ '&', "write and" },
		{ '|', "write or" },
		{ '!', "write not" },
		{ '\'', "text goes in double quotes" },
		{ '*', "a pattern goes in double quotes, after ~" },
		{ '?', "a pattern goes in double quotes, after ~" },
		{ '[', "a list goes in parentheses" },
		{ '{', "a list goes in parentheses" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (c == (uint8_t)rows[i].c)
			return rows[i].why;
	return "this character means nothing here";
}

static struct token
lex_sign(struct span s, uint32_t at)
{
	static const struct {
		char text[3];
		enum token_kind kind;
	} signs[] = { /* the longer first */
		{ "..", TOKEN_TO }, { "!=", TOKEN_NE }, { "<=", TOKEN_LE },
		{ ">=", TOKEN_GE }, { "(", TOKEN_OPEN }, { ")", TOKEN_CLOSE },
		{ ",", TOKEN_COMMA }, { "=", TOKEN_EQ }, { "<", TOKEN_LT },
		{ ">", TOKEN_GT }, { "~", TOKEN_LIKE }
	};

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		struct span sign = span_text(signs[i].text);

		if (span_starts(span_from(s, at), sign))
			return (struct token){ .kind = signs[i].kind,
				.at = at,
				.text = SPAN(s.p + at, sign.n) };
	}
	return bad(at, foreign(s.p[at]));
}

struct token
rule_lex(struct span s, uint32_t at)
{
	while (at < s.n && is_space(s.p[at]))
		at++;
	if (at >= s.n)
		return (struct token){ .kind = TOKEN_END, .at = s.n };
	if (s.p[at] == '"')
		return lex_text(s, at);
	if (is_word(s.p[at]) && !span_starts(span_from(s, at), SPAN_LIT("..")))
		return lex_word(s, at);
	return lex_sign(s, at);
}
