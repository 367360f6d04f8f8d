/*
 * xml.h - XML 1.0 as devices answer in, a piece at a time.
 *
 * No document types, no entities but the five that need none and characters
 * by number, at most XML_DEPTH elements within each other.  Nothing is kept,
 * nothing is allocated; names are without their prefix.  One thread.
 */
#ifndef WINDOWS_XML_H
#define WINDOWS_XML_H

#include "../base/rd.h"
#include "../base/wr.h"

#define XML_DEPTH 32u

enum xml_piece {
	XML_END, /* all of it was well formed so far and is closed */
	XML_OPEN, /* name, attributes */
	XML_CLOSE, /* name */
	XML_TEXT, /* text, as it stands: xml_put_text() */
	XML_BAD /* state.why says what, state.off where */
};

struct xml {
	struct rd_state state;
	struct rd r;
	uint32_t depth;
	struct span open[XML_DEPTH]; /* whole names */
	bool closes; /* the element just opened was empty */
	struct span name, attributes, text;
	bool whole; /* text: a CDATA section, nothing in it is marked up */
};

void xml_begin(struct xml *, struct span);
enum xml_piece xml_next(struct xml *);
/* The text with its entities put in; what is none stays as it is. */
void xml_put_text(const struct xml *, struct wr *);
/* The value of an attribute of the element just opened, without its prefix;
 * p NULL: it has none. */
struct span xml_attribute(const struct xml *, const char *name);
/* Escaped, for a request. */
void xml_escape(struct wr *, const char *text);

#endif
