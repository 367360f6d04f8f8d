/*
 * pcapng_put.c - see pcapng_put.h and pcapng.c, where the blocks are drawn.
 */
#include "pcapng_put.h"

#include <string.h>

#define BLOCK_SECTION 0x0a0d0d0au
#define BLOCK_INTERFACE 1u
#define BLOCK_PACKET 6u
#define ORDER 0x1a2b3c4du
#define OPTION_IF_NAME 2u
#define OPTION_IF_TSRESOL 9u
#define OPTION_IF_FCSLEN 13u
#define NAME_MAX_ 64u

struct to {
	uint8_t *at;
};

static void
put16(struct to *t, uint32_t v)
{
	*t->at++ = (uint8_t)v;
	*t->at++ = (uint8_t)(v >> 8);
}

static void
put32(struct to *t, uint32_t v)
{
	put16(t, v);
	put16(t, v >> 16);
}

static uint32_t
padded(uint32_t n)
{
	return (n + 3) & ~3u;
}

static void
put_bytes(struct to *t, const void *p, uint32_t n)
{
	if (n > 0)
		memcpy(t->at, p, n);
	memset(t->at + n, 0, padded(n) - n);
	t->at += padded(n);
}

static void
put_option(struct to *t, uint32_t code, const void *p, uint32_t n)
{
	put16(t, code);
	put16(t, n);
	put_bytes(t, p, n);
}

size_t
pcapng_put_section(uint8_t *dst, size_t cap)
{
	struct to t = { dst };

	if (cap < 28)
		return 0;
	put32(&t, BLOCK_SECTION);
	put32(&t, 28);
	put32(&t, ORDER);
	put16(&t, 1);
	put16(&t, 0);
	put32(&t, UINT32_MAX); /* length not known */
	put32(&t, UINT32_MAX);
	put32(&t, 28);
	return 28;
}

size_t
pcapng_put_interface(uint8_t *dst, size_t cap, const char *name, uint16_t link,
    uint8_t fcs_len)
{
	static const uint8_t nanoseconds = 9;
	size_t length = strlen(name);
	uint32_t n = (uint32_t)(length < NAME_MAX_ ? length : NAME_MAX_),
		 size = 20 + 4 + padded(n) + 8 + (fcs_len != 0 ? 8 : 0) + 4;
	struct to t = { dst };

	if (cap < size)
		return 0;
	put32(&t, BLOCK_INTERFACE);
	put32(&t, size);
	put16(&t, link);
	put16(&t, 0);
	put32(&t, 0); /* no snap length */
	put_option(&t, OPTION_IF_NAME, name, n);
	put_option(&t, OPTION_IF_TSRESOL, &nanoseconds, 1);
	if (fcs_len != 0)
		put_option(&t, OPTION_IF_FCSLEN, &fcs_len, 1);
	put32(&t, 0); /* end of options */
	put32(&t, size);
	return size;
}

size_t
pcapng_put_frame(uint8_t *dst, size_t cap, uint32_t interface,
    const struct frame *f)
{
	uint32_t size = 32 + padded(f->bytes.n);
	uint64_t at = (uint64_t)f->at.ns;
	struct to t = { dst };

	if (cap < size)
		return 0;
	put32(&t, BLOCK_PACKET);
	put32(&t, size);
	put32(&t, interface);
	put32(&t, (uint32_t)(at >> 32));
	put32(&t, (uint32_t)at);
	put32(&t, f->bytes.n);
	put32(&t, f->wire_len);
	put_bytes(&t, f->bytes.p, f->bytes.n);
	put32(&t, size);
	return size;
}
