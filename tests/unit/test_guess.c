/* test_guess.c - what is inferred of a protocol that nobody knows, and what it
 * says once it is. */
#include "check.h"

#include "../../src/flow/flow.h"
#include "../../src/flow/guess.h"
#include "../../src/proto/proto.h"

static struct tick
at(uint32_t n)
{
	return (struct tick){ .ns = (int64_t)n * 1000 };
}

static struct talk
talk_to(uint8_t host, uint16_t port)
{
	return (struct talk){ .via = VIA_TCP,
		.server_port = port,
		.client_port = 50000,
		.flow = 7,
		.server = { .ip = { .b = { 10, 0, 0, host }, .len = 4 } } };
}

/* magic 2, length be16 of all, counter be16, type u8, then more. */
static uint32_t
message(uint8_t dst[static 64], uint32_t number, uint8_t type)
{
	uint32_t n = 9 + type % 4 * 3u;

	memset(dst, 0, 64);
	dst[0] = 0xa5;
	dst[1] = 0x5a;
	dst[3] = (uint8_t)n;
	dst[4] = (uint8_t)(number >> 8);
	dst[5] = (uint8_t)number;
	dst[6] = type;
	for (uint32_t i = 7; i < n; i++)
		dst[i] = (uint8_t)(number * 37 + i * 101 + number * number);
	return n;
}

/* 64 questions of four types, each answered; nothing is said of them. */
static void
teach(struct guesses *g, const struct talk *t)
{
	struct guess_message m;
	uint8_t bytes[64];

	for (uint32_t i = 0; i < 64; i++) {
		uint8_t type = (uint8_t)(0x10 + i * 7 % 4);
		uint32_t n = message(bytes, i, type);

		CHECK(!guess_take(g, t, SPAN(bytes, n), n, true, at(i), &m));
		n = message(bytes, i, (uint8_t)(type | 0x80));
		CHECK(!guess_take(g, t, SPAN(bytes, n), n, false, at(i), &m));
	}
}

static const struct guess *
found(const struct guesses *g)
{
	const struct guess *x;

	for (uint32_t i = 0; (x = guess_at(g, i)) != NULL; i++)
		if (x->via != VIA_NONE)
			return x;
	return NULL;
}

static void
test_layout(void)
{
	struct guesses *g = guesses_new();
	struct talk t = talk_to(1, 6000);
	const struct guess *x;

	teach(g, &t);
	x = found(g);
	CHECK(x != NULL);
	CHECK_INT(x->known, GUESS_LAYOUT);
	CHECK_INT(x->field[0], GUESS_CONSTANT);
	CHECK_INT(x->field[1], GUESS_CONSTANT);
	CHECK(x->has_length);
	CHECK_INT(x->length_at + (x->length_form == GUESS_U8 ? 0 : 1), 3);
	CHECK_INT(x->length_base, 0);
	CHECK_INT(x->field[5], GUESS_COUNTER);
	CHECK_INT(x->field[6], GUESS_TYPE);
	CHECK_INT(x->n_type, 1);
	guesses_free(g);
}

/* A type that was never sent before is told as it is; two messages in a run
 * are two. */
static void
test_types(void)
{
	struct guesses *g = guesses_new();
	struct talk t = talk_to(1, 6000);
	struct guess_message m;
	struct guess_type types[GUESS_TYPES];
	uint8_t bytes[128];
	uint32_t n, first;

	teach(g, &t);
	first = message(bytes, 64, 0x17);
	n = first + message(bytes + first, 65, 0x10);
	CHECK(guess_take(g, &t, SPAN(bytes, n), n, true, at(99), &m));
	CHECK_INT(m.op, 0x17);
	CHECK_INT(m.length, first);
	CHECK(guess_take(g, &t, SPAN(bytes + first, n - first), n - first, true,
	    at(99), &m));
	CHECK_INT(m.op, 0x10);
	for (uint32_t i = 0; guess_at(g, i) != NULL; i++)
		if (guess_at(g, i)->via != VIA_NONE) {
			CHECK_INT(guess_types(g, i, types), 8);
			CHECK_INT(types[0].op, 0x10);
			CHECK(types[0].asked && !types[0].answered);
			CHECK_INT(types[7].op, 0x93);
		}
	/* a constant that differs, a message that is shorter than all */
	n = message(bytes, 66, 0x10);
	bytes[0] = 0xa6;
	CHECK(guess_take(g, &t, SPAN(bytes, n), n, true, at(99), &m));
	CHECK_INT(m.op, 0x100a6);
	bytes[0] = 0xa5;
	CHECK(guess_take(g, &t, SPAN(bytes, 4), 4, true, at(99), &m));
	CHECK_INT(m.op, 0xff0004);
	guesses_free(g);
}

/* What looks random says nothing; what is text is told by its first word. */
static void
test_other(void)
{
	struct guesses *g = guesses_new();
	struct talk t = talk_to(2, 6001), u = talk_to(3, 6002);
	struct guess_message m;
	uint8_t bytes[64];
	uint32_t x = 1, one = 0;

	for (uint32_t i = 0; i < 300; i++) {
		uint32_t n = 40 + i % 20;

		for (uint32_t k = 0; k < 64; k++) {
			x = x * 1664525u + 1013904223u;
			bytes[k] = (uint8_t)(x >> 24);
		}
		CHECK(!guess_take(g, &t, SPAN(bytes, n), n, i % 2, at(i), &m));
	}
	for (uint32_t i = 0; i < 140; i++) {
		const char *s = i % 3 == 0 ? "GET 17\r\n" : "STATUS\r\n";

		if (!guess_take(g, &u, span_text(s), 8, true, at(i), &m))
			continue;
		CHECK(m.op != 0 && (one == 0 || i % 3 == 0 || m.op == one));
		if (i % 3 != 0)
			one = m.op;
	}
	CHECK(one != 0);
	guesses_free(g);
}

/* The table is of fixed size: the longest idle make room, and are counted. */
static void
test_room(void)
{
	struct guesses *g = guesses_new();
	struct guess_message m;

	for (uint32_t i = 0; i < 4000; i++) {
		struct talk t =
		    talk_to((uint8_t)(i % 250), (uint16_t)(6000 + i));

		CHECK(!guess_take(g, &t, SPAN_LIT("x"), 1, true, at(i), &m));
	}
	CHECK(guesses_pushed_out(g) >= 4000 - 256);
	guesses_free(g);
}

int
main(void)
{
	proto_init();
	test_layout();
	test_types();
	test_other();
	test_room();
	return check_done();
}
