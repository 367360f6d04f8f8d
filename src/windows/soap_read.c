/*
 * soap_read.c - the answers; see soap.h.
 *
 *	Envelope > Body > EnumerateResponse or PullResponse >
 *	    EnumerationContext, Items > OBJECT > FIELD, EndOfSequence
 *	Envelope > Body > METHOD_OUTPUT > FIELD
 *	Envelope > Body > IdentifyResponse > FIELD
 *	Envelope > Body > Fault > ...
 *
 * What an object is called (its class, or XmlFragment of a query that names
 * its fields) does not matter.  A value may have elements of its own
 * (cim:Datetime); their texts are the value.
 */
#include <stdio.h>
#include <string.h>

#include "soap.h"
#include "xml.h"

struct reading {
	struct xml x;
	struct soap_answer *a;
	struct windows_object *o;
	void (*got)(void *ctx, const struct windows_object *);
	void *ctx;
	bool said; /* an Envelope with a Body */
	uint32_t pieces;
};

#define PIECES 400000u

/* The next piece; XML_BAD once it is too much. */
static enum xml_piece
next(struct reading *r)
{
	if (++r->pieces > PIECES) {
		rd_bad(&r->x.r, "too long");
		return XML_BAD;
	}
	return xml_next(&r->x);
}

/* The texts of the element just opened, and of all in it, one after another.
 */
static void
text_of(struct reading *r, char *dst, uint32_t cap)
{
	uint8_t bytes[OBJECT_VALUE];
	struct wr w = WR(bytes);
	uint32_t depth = r->x.depth;
	enum xml_piece piece;
	uint32_t n;

	do {
		piece = next(r);
		if (piece == XML_TEXT)
			xml_put_text(&r->x, &w);
	} while (piece != XML_BAD && piece != XML_END &&
	    !(piece == XML_CLOSE && r->x.depth < depth));
	n = w.n < cap ? w.n : cap - 1;
	for (uint32_t i = 0; i < n; i++)
		dst[i] = (char)(bytes[i] == 0 ? ' ' : bytes[i]);
	dst[n] = '\0';
}

static void
name_of(const struct reading *r, char dst[static OBJECT_NAME])
{
	struct span s = span_first(r->x.name, OBJECT_NAME - 1);

	(void)snprintf(dst, OBJECT_NAME, "%.*s", (int)s.n, (const char *)s.p);
}

/* Whether it goes on below the element that was opened at `depth`. */
static bool
below(struct reading *r, uint32_t depth, enum xml_piece *ret)
{
	*ret = next(r);
	return *ret != XML_BAD && *ret != XML_END &&
	    !(*ret == XML_CLOSE && r->x.depth < depth);
}

/* The fields of the element just opened. */
static void
fields(struct reading *r, bool each)
{
	uint32_t depth = r->x.depth;
	char name[OBJECT_NAME], value[OBJECT_VALUE];
	enum xml_piece piece;

	r->o->n = 0;
	while (below(r, depth, &piece)) {
		bool nil;

		if (piece != XML_OPEN)
			continue;
		name_of(r, name);
		nil = span_is(xml_attribute(&r->x, "nil"), SPAN_LIT("true"));
		text_of(r, value, sizeof(value));
		if (!nil)
			object_add(r->o, name, value);
		if (each && !nil) {
			r->got(r->ctx, r->o);
			r->o->n = 0;
		}
	}
	if (!each && rd_ok(&r->x.r))
		r->got(r->ctx, r->o);
}

static void
items(struct reading *r)
{
	uint32_t depth = r->x.depth;
	enum xml_piece piece;

	while (below(r, depth, &piece))
		if (piece == XML_OPEN)
			fields(r, false);
}

static void
add_why(struct reading *r, const char *text)
{
	size_t n = strlen(r->a->why);

	if (text[0] != '\0' && strstr(r->a->why, text) == NULL)
		(void)snprintf(r->a->why + n, sizeof(r->a->why) - n, "%s%s",
		    n > 0 ? ": " : "", text);
}

/* Reason > Text; Detail has Windows' own words, in the last Message. */
static void
fault(struct reading *r)
{
	uint32_t depth = r->x.depth;
	char text[200];
	enum xml_piece piece;

	r->a->fault = true;
	while (below(r, depth, &piece)) {
		struct span name = r->x.name;

		if (piece != XML_OPEN ||
		    !(span_is(name, SPAN_LIT("Text")) ||
			span_is(name, SPAN_LIT("Value"))))
			continue;
		text_of(r, text, sizeof(text));
		add_why(r, text);
	}
}

static bool
ends_with(struct span s, struct span tail)
{
	return s.n > tail.n && span_is(span_from(s, s.n - tail.n), tail);
}

static void
opened(struct reading *r)
{
	struct span name = r->x.name;
	char skipped[TALK_CONTEXT];

	if (span_is(name, SPAN_LIT("Items")))
		items(r);
	else if (span_is(name, SPAN_LIT("EnumerationContext")))
		text_of(r, r->a->context, sizeof(r->a->context));
	else if (span_is(name, SPAN_LIT("EndOfSequence")))
		r->a->end = true;
	else if (span_is(name, SPAN_LIT("Fault")))
		fault(r);
	else if (ends_with(name, SPAN_LIT("_OUTPUT")))
		fields(r, true);
	else if (span_is(name, SPAN_LIT("IdentifyResponse")))
		fields(r, false);
	else if (span_is(name, SPAN_LIT("Header")))
		text_of(r, skipped, sizeof(skipped));
	else if (span_is(name, SPAN_LIT("Body")))
		r->said = true;
}

bool
soap_read(struct span s, struct soap_answer *ret, struct windows_object *room,
    void (*got)(void *ctx, const struct windows_object *), void *ctx)
{
	struct reading r = { .a = ret, .o = room, .got = got, .ctx = ctx };
	enum xml_piece piece;

	*ret = (struct soap_answer){ .end = false };
	xml_begin(&r.x, s);
	do {
		piece = next(&r);
		if (piece == XML_OPEN)
			opened(&r);
	} while (piece != XML_BAD && piece != XML_END);
	if (piece == XML_END && r.said)
		return true;
	(void)snprintf(ret->why, sizeof(ret->why), "no answer of SOAP: %s",
	    r.x.state.why != NULL ? r.x.state.why : "it has no body");
	return false;
}
