/*
 * finish.c - what the lines of a description must hold to together: where a
 * message ends is known, operations are told apart, fields stand where they
 * can be read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"

/* ------------------------------------------------------------------ fields */

static bool
once(struct parser *p, bool *has, uint8_t *place, const struct field *f)
{
	struct described *x = p->x;

	if (*has)
		return parse_fault(p, "%s: there is one already", f->name);
	*has = true;
	*place = (uint8_t)(f - x->field);
	return true;
}

static bool
finish_header_field(struct parser *p, struct field *f)
{
	struct described *x = p->x;

	if (f->width_is != WIDTH_BYTES)
		return parse_fault(p,
		    "%s: fields of the header are of a "
		    "fixed width",
		    f->name);
	if (f->meaning == MEAN_VALUE || f->meaning == MEAN_VALUES ||
	    f->meaning == MEAN_TEXT)
		return parse_fault(p,
		    "%s: values are of an operation, not of "
		    "the header",
		    f->name);
	f->offset = (uint16_t)x->header_size;
	x->header_size += f->width;
	if (f->meaning == MEAN_IS)
		x->constants += f->width;
	if (f->meaning == MEAN_LENGTH)
		return once(p, &x->has_length, &x->length, f);
	if (f->meaning == MEAN_OPERATION)
		return once(p, &x->has_op, &x->operation, f);
	return true;
}

static bool
ends_body(const struct field *f)
{
	return f->meaning == MEAN_VALUES || f->width_is == WIDTH_REST;
}

bool
finish_field(struct parser *p, struct field *f)
{
	struct described *x = p->x;

	if (f->meaning == MEAN_PAIR)
		x->has_pair = true;
	if (p->body == NULL)
		return finish_header_field(p, f);
	if (f->meaning == MEAN_LENGTH || f->meaning == MEAN_OPERATION ||
	    f->meaning == MEAN_ANSWER || f->meaning == MEAN_PAIR ||
	    f->meaning == MEAN_UNIT)
		return parse_fault(p, "%s: belongs in the header", f->name);
	if (p->body->n > 1 &&
	    ends_body(&x->field[p->body->first + p->body->n - 2]))
		return parse_fault(p, "%s: nothing comes after the rest",
		    f->name);
	return true;
}

/* --------------------------------------------------------------- the whole */

static int
by_code(const void *a, const void *b)
{
	const struct proto_op *x = a, *y = b;

	return (x->code > y->code) - (x->code < y->code);
}

static bool
finish_operations(struct parser *p)
{
	struct described *x = p->x;

	qsort(x->op, x->n_op, sizeof(x->op[0]), by_code);
	for (uint32_t i = 1; i < x->n_op; i++)
		if (x->op[i].code == x->op[i - 1].code)
			return parse_fault(p, "operation 0x%x is there twice",
			    x->op[i].code);
	if (x->n_op == 0)
		return parse_fault(p, "no operation is described");
	if (!x->has_op && x->n_op > 1)
		return parse_fault(p,
		    "no field of the header is the "
		    "'operation'");
	if (!x->has_op && x->op[0].code != 0)
		return parse_fault(p,
		    "where no field is the 'operation', the "
		    "only one has the code 0");
	return true;
}

static bool
finish_framing(struct parser *p)
{
	struct described *x = p->x;

	if (x->n_header == 0)
		return parse_fault(p, "there is no header");
	if (x->fixed > 0 && x->has_length)
		return parse_fault(p, "fixed, and with a length: which?");
	if (x->fixed > 0 && x->fixed < x->header_size)
		return parse_fault(p, "fixed: less than the header's %u bytes",
		    x->header_size);
	if (x->proto.tcp[0] != 0 && x->fixed == 0 && !x->has_length)
		return parse_fault(p,
		    "over TCP a message needs a 'length', "
		    "or 'fixed'");
	if (x->proto.tcp[0] == 0 && x->proto.udp[0] == 0 &&
	    x->proto.ether[0] == 0)
		return parse_fault(p,
		    "neither tcp, udp nor ethertype says "
		    "where it is met");
	return true;
}

bool
finish(struct parser *p)
{
	struct described *x = p->x;

	if (x->name[0] == '\0')
		return parse_fault(p, "no 'protocol' says what it is called");
	if (!finish_framing(p) || !finish_operations(p))
		return false;
	if (x->title[0] == '\0')
		(void)snprintf(x->title, sizeof(x->title), "%s", x->name);
	if (x->spec[0] == '\0')
		(void)snprintf(x->spec, sizeof(x->spec), "-");
	(void)snprintf(x->depth, sizeof(x->depth),
	    "described in a file: %u operations, fields of %u messages",
	    x->n_op, x->n_body);
	x->proto.name = x->name;
	x->proto.title = x->title;
	x->proto.spec = x->spec;
	x->proto.depth = x->depth;
	x->proto.slot = &x->slot;
	x->proto.claim = described_claim;
	x->proto.frame = described_frame;
	x->proto.frame_min = (uint16_t)x->header_size;
	x->proto.parse = described_parse;
	x->proto.op = x->op;
	x->proto.n_op = x->n_op;
	return true;
}

const struct proto *
describe_proto(const struct described *x)
{
	return &x->proto;
}

bool
describe_add(struct described *x, char ret_error[static DESCRIBE_ERROR])
{
	if (proto_named(x->name) != NULL) {
		(void)snprintf(ret_error, DESCRIBE_ERROR,
		    "there is a protocol called '%s' already", x->name);
		return false;
	}
	if (!proto_add(&x->proto)) {
		(void)snprintf(ret_error, DESCRIBE_ERROR,
		    "'%s': more protocols than there is room for", x->name);
		return false;
	}
	return true;
}
