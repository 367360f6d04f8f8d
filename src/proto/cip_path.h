/*
 * cip_path.h - paths of CIP: where a service is meant to go.
 *
 * ODVA, CIP Networks Library volume 1, appendix C-1: segments of a padded path,
 * told apart by their first three bits: port, logical, network, symbol, data.
 * Included by cip.c only.
 */
#ifndef PROTO_CIP_PATH_H
#define PROTO_CIP_PATH_H

#include "cip.h"
#include "proto.h"

#include <stdio.h>

#define SYMBOLS_MAX 32u

enum service {
	SV_GET_ALL = 0x01,
	SV_SET_ALL = 0x02,
	SV_GET_LIST = 0x03,
	SV_SET_LIST = 0x04,
	SV_RESET = 0x05,
	SV_MULTIPLE = 0x0a,
	SV_APPLY = 0x0d,
	SV_GET_ONE = 0x0e,
	SV_SET_ONE = 0x10,
	SV_FIND_NEXT = 0x11,
	SV_RESTORE = 0x15,
	SV_SAVE = 0x16,
	SV_GET_MEMBER = 0x18,
	SV_SET_MEMBER = 0x19,
	SV_INSERT_MEMBER = 0x1a,
	SV_REMOVE_MEMBER = 0x1b,
	SV_LAST_COMMON = 0x31,
	SV_PCCC = 0x4b,
	SV_READ_TAG = 0x4c,
	SV_WRITE_TAG = 0x4d,
	SV_CLOSE = 0x4e,
	SV_SEND = 0x52,
	SV_WRITE_FRAGMENT = 0x53,
	SV_OPEN = 0x54,
	SV_OPEN_LARGE = 0x5b,
};

enum class_id {
	CLASS_IDENTITY = 0x01,
	CLASS_ASSEMBLY = 0x04,
	CLASS_MANAGER = 0x06,
	CLASS_PROGRAM_NAME = 0x64,
	CLASS_PCCC = 0x67,
	CLASS_STORAGE = 0xa1, /* of Rockwell: firmware */
	CLASS_SYMBOL = 0x6b,
	CLASS_TCPIP = 0xf5,
	CLASS_ETHERNET = 0xf6,
	CLASS_NONE = 0xfffe,
};

struct path {
	uint32_t class_id, instance, attribute;
	uint32_t index[3]; /* members since the last symbol */
	uint32_t n_index, n_symbols;
	uint32_t route;
	uint32_t tag_len;
	uint8_t tag[CIP_TAG_MAX];
};

static void
tag_put(struct path *p, const uint8_t *s, uint32_t n)
{
	if (n > CIP_TAG_MAX - p->tag_len)
		n = CIP_TAG_MAX - p->tag_len;
	if (n > 0)
		memcpy(p->tag + p->tag_len, s, n);
	p->tag_len += n;
}

static void
tag_put_index(struct path *p)
{
	for (uint32_t i = 0; i < p->n_index; i++) {
		char text[16];
		int n =
		    snprintf(text, sizeof(text), "%c%u%s", i == 0 ? '[' : ',',
			p->index[i], i + 1 == p->n_index ? "]" : "");

		tag_put(p, (const uint8_t *)text, (uint32_t)n);
	}
	p->n_index = 0;
}

static void
tag_put_symbol(struct path *p, struct span symbol)
{
	if (p->n_index > 0)
		tag_put_index(p);
	if (p->n_symbols++ > 0)
		tag_put(p, (const uint8_t *)".", 1);
	tag_put(p, symbol.p, symbol.n);
}

/* Port segment: the first says where the message leaves this device. */
static void
read_port(struct rd *r, struct path *p, uint32_t head)
{
	uint32_t port = head & 0x0f, link;

	if ((head & 0x10) != 0) { /* a link address of several bytes */
		uint32_t n = rd_u8(r);

		if (port == 15)
			port = rd_le16(r);
		rd_skip(r, n + (n & 1));
		link = n;
	} else {
		if (port == 15)
			port = rd_le16(r);
		link = rd_u8(r);
	}
	if (p->route == 0)
		p->route = CIP_ROUTED | (port & 0x7fff) << 16 | link;
}

/* Logical value: 8 bits, or padded and 16 or 32 bits. */
static uint32_t
read_logical(struct rd *r, uint32_t format)
{
	switch (format) {
	case 0:
		return rd_u8(r);
	case 1:
		rd_skip(r, 1);
		return rd_le16(r);
	case 2:
		rd_skip(r, 1);
		return rd_le32(r);
	default:
		rd_bad(r, "reserved format in path");
		return 0;
	}
}

static void
read_logical_segment(struct rd *r, struct path *p, uint32_t head)
{
	uint32_t type = BITS(head, 4, 2), format = BITS(head, 1, 0), value;

	if (head == 0x34) { /* electronic key: format, then its size */
		value = rd_u8(r);
		rd_skip(r, value == 5 ? 12 : 8);
		return;
	}
	if (type == 7) { /* extended logical */
		rd_skip(r, 1);
		rd_skip(r, format == 2 ? 4 : 2);
		return;
	}
	value = read_logical(r, format);
	switch (type) {
	case 0:
		p->class_id = value;
		break;
	case 1:
	case 3: /* connection point */
		p->instance = value;
		break;
	case 2:
		if (p->n_index < 3)
			p->index[p->n_index++] = value;
		break;
	case 4:
		p->attribute = value;
		break;
	default:
		break;
	}
}

static void
read_segment(struct rd *r, struct path *p)
{
	uint32_t head = rd_u8(r), n;

	switch (head >> 5) {
	case 0:
		read_port(r, p, head);
		break;
	case 1:
		read_logical_segment(r, p, head);
		break;
	case 2: /* network: one byte, or words where bit 4 is set */
		n = rd_u8(r);
		rd_skip(r, (head & 0x10) != 0 ? n * 2 : 0);
		break;
	case 3: /* symbol of up to 31 characters */
		n = head & 0x1f;
		tag_put_symbol(p, rd_span(r, n));
		rd_skip(r, (n & 1) == 0 && rd_more(r) ? 1 : 0);
		break;
	case 4:
		n = rd_u8(r);
		if (head == 0x91) { /* extended symbol */
			tag_put_symbol(p, rd_span(r, n));
			rd_skip(r, n & 1);
		} else {
			rd_skip(r, n * 2);
		}
		break;
	default: /* data types: nothing after them can be told apart */
		rd_opaque_rest(r);
		break;
	}
}

static void
read_path(struct rd *r, struct path *p)
{
	p->class_id = CLASS_NONE;
	p->instance = p->attribute = 0;
	p->n_index = p->n_symbols = p->tag_len = p->route = 0;
	for (uint32_t i = 0; i < SYMBOLS_MAX && rd_more(r); i++)
		read_segment(r, p);
	rd_opaque_rest(r);
	if (p->n_index > 1)
		tag_put_index(p);
}

static uint32_t
hash_tag(const struct path *p)
{
	uint32_t h = 2166136261u;

	for (uint32_t i = 0; i < p->tag_len; i++) {
		uint8_t c = p->tag[i];

		if (c >= 'A' && c <= 'Z')
			c = (uint8_t)(c | 0x20);
		h = (h ^ c) * 16777619u;
	}
	return h;
}

static struct fact_object
object_of(const struct path *p)
{
	if (p->n_symbols > 0)
		return (struct fact_object){ .space = SPACE_CIP_TAG,
			.area = hash_tag(p),
			.first = p->n_index > 0 ? p->index[0] : 0,
			.count = 1 };
	return (struct fact_object){ .space = SPACE_CIP_OBJECT,
		.area = p->class_id == CLASS_NONE ? 0 : p->class_id,
		.first = p->instance,
		.count = 1,
		.sub = (uint16_t)p->attribute };
}

#endif
