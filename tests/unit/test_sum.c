/* test_sum.c - the sums of decode against the definitions: RFC 1071 byte by
 * byte, and the CRCs' published check values. */
#include "../../src/decode/private.h"
#include "check.h"

#define LENGTH_MAX 300

static uint32_t
slow_sum(const uint8_t *b, uint32_t n)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < n; i++) {
		sum += i % 2 == 0 ? (uint32_t)b[i] << 8 : b[i];
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return sum;
}

/* In network order, whatever the machine's is. */
static uint32_t
fast_sum(const uint8_t *b, uint32_t n)
{
	uint16_t raw = (uint16_t)sum_fold16(sum_add(0, b, n));
	uint8_t out[2];

	memcpy(out, &raw, sizeof(out));
	return be16(out);
}

static void
test_lengths(void)
{
	uint8_t b[LENGTH_MAX + 8];

	for (uint32_t i = 0; i < sizeof(b); i++)
		b[i] = (uint8_t)(i * i * 7 + 0xf1);
	for (uint32_t off = 0; off < 8; off++)
		for (uint32_t n = 0; n <= LENGTH_MAX; n++)
			CHECK_INT(fast_sum(b + off, n), slow_sum(b + off, n));
	memset(b, 0xff, sizeof(b));
	for (uint32_t n = 0; n <= LENGTH_MAX; n++)
		CHECK_INT(fast_sum(b, n), slow_sum(b, n));
}

static void
test_crc(void)
{
	const uint8_t *b = (const uint8_t *)"123456789";

	CHECK_INT(~crc32_ieee(UINT32_MAX, b, 9), 0xcbf43926);
	CHECK_INT(~crc32_castagnoli(UINT32_MAX, b, 9), 0xe3069283);
}

int
main(void)
{
	test_lengths();
	test_crc();
	return check_done();
}
