/* test_rd.c - the reader's contract: two lengths, sticky and shared failure. */
#include "check.h"

#include "../../src/base/rd.h"

static const uint8_t bytes[16] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
	14, 15 };

static void
test_order(void)
{
	struct rd_state st;
	struct rd r = rd_open(&st, SPAN(bytes, 16), 16);

	CHECK_INT(rd_u8(&r), 0);
	CHECK_INT(rd_be16(&r), 0x0102);
	CHECK_INT(rd_le16(&r), 0x0403);
	CHECK_INT(rd_be24(&r), 0x050607);
	CHECK_INT(rd_le32(&r), 0x0b0a0908);
	CHECK_INT(rd_be32(&r), 0x0c0d0e0f);
	CHECK(rd_ok(&r) && !rd_more(&r));
	rd_end(&r);
	CHECK_INT(st.status, RD_OK);
}

static void
test_wide(void)
{
	struct rd_state st;
	struct rd r = rd_open(&st, SPAN(bytes, 16), 16);

	CHECK_INT(rd_be48(&r), 0x000102030405);
	CHECK_INT(rd_le48(&r), 0x0b0a09080706);
	r = rd_open(&st, SPAN(bytes, 16), 16);
	CHECK_INT(rd_be64(&r), 0x0001020304050607);
	CHECK_INT(rd_le64(&r), 0x0f0e0d0c0b0a0908);
}

/* Past what was promised is the sender's fault, past what is held is ours. */
static void
test_two_lengths(void)
{
	struct rd_state st;
	struct rd r = rd_open(&st, SPAN(bytes, 4), 4);

	(void)rd_be32(&r);
	CHECK_INT(rd_u8(&r), 0);
	CHECK_INT(st.status, RD_BAD);
	CHECK_INT(st.off, 4);
	r = rd_open(&st, SPAN(bytes, 4), 8);
	(void)rd_be24(&r);
	CHECK_INT(rd_be16(&r), 0);
	CHECK_INT(st.status, RD_SHORT);
	CHECK_INT(st.off, 3);
}

static void
test_sticky(void)
{
	struct rd_state st;
	struct rd r = rd_open(&st, SPAN(bytes, 16), 16);

	rd_bad(&r, "first");
	rd_bad(&r, "second");
	CHECK_STR(st.why, "first");
	CHECK_INT(rd_u8(&r), 0);
	CHECK_INT(rd_left(&r), 0);
	CHECK_INT(rd_span(&r, 1).n, 0);
	CHECK_INT(rd_count(&r, 3, 1), 0);
	rd_skip(&r, 1000);
	CHECK_STR(st.why, "first");
}

/* A part cannot see past itself, and its failure is the whole's. */
static void
test_parts(void)
{
	struct rd_state st;
	struct rd r = rd_open(&st, SPAN(bytes, 16), 16);
	struct rd part = rd_sub(&r, 4);

	CHECK_INT(rd_left(&part), 4);
	CHECK_INT(rd_left(&r), 12);
	CHECK_INT(rd_u8(&r), 4);
	(void)rd_be32(&part);
	CHECK(rd_ok(&r));
	(void)rd_u8(&part);
	CHECK(!rd_ok(&r));
	CHECK_INT(st.off, 4);
	r = rd_open(&st, SPAN(bytes, 16), 16);
	part = rd_sub(&r, 17);
	CHECK_INT(st.status, RD_BAD);
	CHECK_INT(rd_left(&part), 0);
}

static void
test_depth(void)
{
	struct rd_state st;
	struct rd r = rd_open(&st, SPAN(bytes, 16), 16);

	for (unsigned i = 0; i < RD_MAX_DEPTH; i++)
		r = rd_sub_rest(&r);
	CHECK(rd_ok(&r));
	r = rd_sub_rest(&r);
	CHECK_STR(st.why, "nested too deep");
}

/* Bytes passed by skip need not be in hand; those borrowed must be. */
static void
test_skip(void)
{
	struct rd_state st;
	struct rd r = rd_open(&st, SPAN(bytes, 4), 10);

	rd_skip(&r, 8);
	CHECK(rd_ok(&r));
	CHECK_INT(rd_left(&r), 2);
	CHECK_INT(rd_have(&r), 0);
	CHECK_INT(rd_ahead(&r, 1).n, 0);
	CHECK(rd_ok(&r));
	CHECK_INT(rd_span_rest(&r).n, 0);
	CHECK_INT(rd_left(&r), 0);
	rd_skip(&r, 1);
	CHECK_INT(st.status, RD_BAD);
}

static void
test_ledger(void)
{
	struct rd_state st;
	struct rd r = rd_open(&st, SPAN(bytes, 16), 16);
	struct rd part = rd_sub(&r, 6);

	rd_opaque(&part, 2);
	rd_secret(&part, 3);
	rd_opaque_rest(&r);
	CHECK_INT(st.opaque, 12);
	CHECK_INT(st.secret, 3);
	rd_opaque(&r, 1);
	CHECK_INT(st.opaque, 12);
}

static void
test_count(void)
{
	struct rd_state st;
	struct rd r = rd_open(&st, SPAN(bytes, 16), 16);

	CHECK_INT(rd_count(&r, 8, 2), 8);
	CHECK_INT(rd_count(&r, UINT32_MAX, 8), 0);
	CHECK_INT(st.status, RD_BAD);
}

static void
test_bits(void)
{
	CHECK_INT(BITS(0xa5u, 7, 4), 0xa);
	CHECK_INT(bits_packed_size(0), 0);
	CHECK_INT(bits_packed_size(8), 1);
	CHECK_INT(bits_packed_size(9), 2);
	CHECK(bits_lsb_get(SPAN(bytes, 2), 8));
	CHECK(!bits_lsb_get(SPAN(bytes, 2), 9));
	CHECK(!bits_lsb_get(SPAN(bytes, 2), 16));
}

static void
test_reals(void)
{
	static const uint8_t one[8] = { 0x3f, 0xf0 };
	static const uint8_t half[4] = { 0x3f, 0x00 };
	struct rd_state st;
	struct rd r = rd_open(&st, SPAN(one, 8), 8);

	CHECK_INT(rd_bef64(&r) * 1000, 1000);
	r = rd_open(&st, SPAN(half, 4), 4);
	CHECK_INT(rd_bef32(&r) * 1000, 500);
}

int
main(void)
{
	test_order();
	test_wide();
	test_two_lengths();
	test_sticky();
	test_parts();
	test_depth();
	test_skip();
	test_ledger();
	test_count();
	test_bits();
	test_reals();
	return check_done();
}
