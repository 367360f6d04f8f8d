/*
 * ask_field.c - identity of controllers, each in its own words.
 *
 * All requests read.  Numbers in hex are the standard's, named beside.
 */
#include "private.h"

/* ------------------------------------------------------------------- ICMP */

/* Echo: RFC 792; the kernel sets identifier and sum. */
bool
icmp_ask(struct inquiry *q, struct wr *w)
{
	if (q->step > 0)
		return false;
	wr_u8(w, q->target.len == 4 ? 8 : 128);
	WR_HEX(w, 0, 0, 0, 0, 0, 0, 1);
	wr_text(w, "sightglass");
	return true;
}

/* ------------------------------------------------------------ EtherNet/IP */

/* Encapsulation header: command, length, session, status, context, options. */
static void
enip_head(struct wr *w, uint32_t command, uint32_t n, uint32_t session)
{
	wr_le16(w, command);
	wr_le16(w, n);
	wr_le32(w, session);
	wr_le32(w, 0);
	wr_text(w, "sightgls");
	wr_le32(w, 0);
}

bool
enip_ask(struct inquiry *q, struct wr *w)
{
	switch (q->step) {
	case 0: /* ListIdentity */
		enip_head(w, 0x63, 0, 0);
		return true;
	case 1: /* RegisterSession, protocol version 1 */
		enip_head(w, 0x65, 4, 0);
		WR_HEX(w, 1, 0, 0, 0);
		return true;
	case 2: /* SendRRData: Get_Attributes_All of the identity object */
		enip_head(w, 0x6f, 22, q->number[0]);
		WR_HEX(w, 0, 0, 0, 0, 0, 0); /* interface, timeout */
		WR_HEX(w, 2, 0, 0, 0, 0, 0); /* two items; null address */
		WR_HEX(w, 0xb2, 0, 6, 0, 0x01, 2, 0x20, 1, 0x24, 1);
		return true;
	case 3: /* UnRegisterSession: nothing answers it */
		enip_head(w, 0x66, 0, q->number[0]);
		return true;
	default:
		return false;
	}
}

bool
enip_heard(struct inquiry *q, struct span s)
{
	struct rd_state state;
	struct rd r = rd_open(&state, s, s.n);
	uint32_t command = rd_le16(&r), session;

	(void)rd_le16(&r);
	session = rd_le32(&r);
	if (rd_le32(&r) != 0 || !rd_ok(&r))
		return false;
	q->number[0] = command == 0x65 ? session : q->number[0];
	return q->step == 1 ? command == 0x63
	    : q->step == 2  ? command == 0x65
			    : command == 0x6f;
}

/* --------------------------------------------------------------- Siemens S7 */

/* TPKT and COTP data. */
static void
cotp_data(struct wr *w, uint32_t n)
{
	WR_HEX(w, 3, 0);
	wr_be16(w, n + 7);
	WR_HEX(w, 2, 0xf0, 0x80);
}

/* Connection request: source TSAP 01 00, destination TSAP as given. */
static void
cotp_connect(struct wr *w, uint32_t tsap)
{
	WR_HEX(w, 3, 0, 0, 22, 17, 0xe0, 0, 0, 0, 1, 0, 0xc0, 1, 10);
	WR_HEX(w, 0xc1, 2, 1, 0, 0xc2, 2);
	wr_be16(w, tsap);
}

/* User data, CPU functions, read SZL: request with the whole list. */
static void
s7_szl(struct wr *w, uint32_t id, uint32_t reference)
{
	cotp_data(w, 26);
	WR_HEX(w, 0x32, 7, 0, 0);
	wr_be16(w, reference);
	WR_HEX(w, 0, 8, 0, 8, 0, 1, 0x12, 4, 0x11, 0x44, 1, 0);
	WR_HEX(w, 0xff, 9, 0, 4);
	wr_be16(w, id);
	wr_be16(w, 0);
}

bool
s7_ask(struct inquiry *q, struct wr *w)
{
	switch (q->step) {
	case 0: /* PG connection, rack 0; slot 2 unless said otherwise */
		cotp_connect(w,
		    0x0100u |
			(q->options.station != 0 ? q->options.station & 0x1fu
						 : 2u));
		return true;
	case 1: /* setup communication, PDU of 480 bytes */
		cotp_data(w, 18);
		WR_HEX(w, 0x32, 1, 0, 0, 0, 1, 0, 8, 0, 0);
		WR_HEX(w, 0xf0, 0, 0, 1, 0, 1, 1, 0xe0);
		return true;
	case 2: /* module identification */
		s7_szl(w, 0x0011, 2);
		return true;
	case 3: /* component identification */
		s7_szl(w, 0x001c, 3);
		return true;
	default:
		return false;
	}
}

/* Connection confirm, then S7 data. */
static bool
cotp_heard(const struct inquiry *q, struct span s, uint8_t protocol)
{
	struct rd_state state;
	struct rd r = rd_open(&state, s, s.n);
	uint32_t code;

	rd_skip(&r, 5);
	code = rd_u8(&r);
	if (q->step == 1)
		return rd_ok(&r) && code == 0xd0;
	rd_skip(&r, 1);
	return rd_ok(&r) && code == 0xf0 &&
	    (protocol == 0 || (rd_u8(&r) == protocol && rd_ok(&r)));
}

bool
s7_heard(struct inquiry *q, struct span s)
{
	return cotp_heard(q, s, 0x32);
}

/* ------------------------------------------------------------------- Modbus */

static void
modbus_head(struct wr *w, const struct inquiry *q, uint32_t n)
{
	wr_be16(w, q->step + 1);
	wr_be16(w, 0);
	wr_be16(w, n + 1);
	wr_u8(w, q->options.station != 0 ? q->options.station : 1u);
}

bool
modbus_ask(struct inquiry *q, struct wr *w)
{
	switch (q->step) {
	case 0: /* read device identification, basic */
	case 1: /* ... regular */
		modbus_head(w, q, 4);
		WR_HEX(w, 0x2b, 0x0e);
		wr_u8(w, q->step + 1);
		wr_u8(w, 0);
		return true;
	case 2: /* report server identifier */
		modbus_head(w, q, 1);
		wr_u8(w, 0x11);
		return true;
	default:
		return false;
	}
}

/* An exception says that it does not know the function: no harm done. */
bool
modbus_heard(struct inquiry *q, struct span s)
{
	return s.n >= 9 && s.p[2] == 0 && s.p[3] == 0 &&
	    (s.p[7] & 0x7f) == (q->step <= 2 ? 0x2b : 0x11);
}

/* ------------------------------------------------------------------- BACnet */

/* Properties of the device object, one a request: devices of all ages can
 * that.  Instance 4194303 is "the device that reads this". */
static const uint8_t properties[] = { 77 /* object-name */,
	121 /* vendor-name */, 70 /* model-name */, 44 /* firmware-revision */,
	12 /* application-software-version */, 58 /* location */,
	28 /* description */ };

bool
bacnet_ask(struct inquiry *q, struct wr *w)
{
	if (q->step == 0) { /* Who-Is, every instance, to this address only */
		WR_HEX(w, 0x81, 0x0a, 0, 15, 1, 0, 0x10, 8);
		WR_HEX(w, 0x0a, 0, 0, 0x1b, 0x3f, 0xff, 0xff);
		return true;
	}
	if (q->step > sizeof(properties))
		return false;
	WR_HEX(w, 0x81, 0x0a, 0, 17, 1, 4, 0, 5);
	wr_u8(w, q->step);
	WR_HEX(w, 0x0c, 0x0c, 2, 0x3f, 0xff, 0xff, 0x19);
	wr_u8(w, properties[q->step - 1]);
	return true;
}

/* BVLC of BACnet/IP, original unicast or broadcast. */
bool
bacnet_heard(struct inquiry *q, struct span s)
{
	(void)q;
	return s.n >= 8 && s.p[0] == 0x81 &&
	    (s.p[1] == 0x0a || s.p[1] == 0x0b) &&
	    ((uint32_t)s.p[2] << 8 | s.p[3]) == s.n;
}

/* --------------------------------------------------------------------- DNP3 */

static uint32_t
dnp3_crc(const uint8_t *p, uint32_t n)
{
	uint32_t crc = 0;

	for (uint32_t i = 0; i < n; i++) {
		crc ^= p[i];
		for (unsigned b = 0; b < 8; b++)
			crc = (crc & 1) != 0 ? crc >> 1 ^ 0xa6bc : crc >> 1;
	}
	return ~crc & 0xffff;
}

/* Read group 0 variation 254: all attributes. */
bool
dnp3_ask(struct inquiry *q, struct wr *w)
{
	uint32_t at = w->n;

	if (q->step > 0)
		return false;
	WR_HEX(w, 0x05, 0x64, 11, 0xc4);
	wr_le16(w, q->options.station != 0 ? q->options.station : 1u);
	wr_le16(w, 1);
	wr_le16(w, dnp3_crc(w->p + at, 8));
	WR_HEX(w, 0xc0, 0xc0, 0x01, 0, 254, 0x06);
	wr_le16(w, dnp3_crc(w->p + at + 10, 6));
	return true;
}

/* --------------------------------------------------------- FINS and MELSEC */

/* Nodes are the last bytes of the addresses, as automatic conversion has it. */
bool
fins_ask(struct inquiry *q, struct wr *w)
{
	if (q->step > 0)
		return false;
	WR_HEX(w, 0x80, 0, 2, 0);
	wr_u8(w, q->target.b[q->target.len == 16 ? 15 : 3]);
	WR_HEX(w, 0, 0, 0, 0, 1, 0x05, 0x01);
	return true;
}

/* 3E binary frame, own station; CPU model name. */
bool
melsec_ask(struct inquiry *q, struct wr *w)
{
	if (q->step > 0)
		return false;
	WR_HEX(w, 0x50, 0, 0, 0xff, 0xff, 0x03, 0, 6, 0, 0x10, 0);
	WR_HEX(w, 0x01, 0x01, 0, 0);
	return true;
}

/* -------------------------------------------------------------- IEC 61850 */

/* BER: tag and length of what is known to be short. */
static void
ber(struct wr *w, uint32_t tag, uint32_t n)
{
	wr_u8(w, tag);
	if (n >= 128)
		wr_u8(w, 0x81);
	wr_u8(w, n);
}

/* MMS initiate request: ISO 9506-2 8.2, the least that servers accept. */
static const uint8_t initiate[] = { 0xa8, 0x26, /* initiate-RequestPDU */
	0x80, 3, 0, 0xfd, 0xe8, /* PDU of 65000 bytes */
	0x81, 1, 1, 0x82, 1, 1, /* one service outstanding */
	0x83, 1, 5, /* nesting */
	0xa4, 0x16, 0x80, 1, 1, /* version 1 */
	0x81, 3, 5, 0xf1, 0, /* parameters: str1 str2 vnam valt vlis */
	0x82, 12, 3, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0 };

/* ACSE AARQ: ISO 8650-1, context MMS (1.0.9506.2.3). */
static const uint8_t aarq_head[] = { 0xa1, 7, 6, 5, 0x28, 0xca, 0x22, 2, 3 };

/* Presentation contexts: 1 ACSE, 3 MMS, both in BER. */
static const uint8_t contexts[] = { 0xa4, 0x23, 0x30, 0x0f, 2, 1, 1, 6, 4, 0x52,
	1, 0, 1, 0x30, 4, 6, 2, 0x51, 1, 0x30, 0x10, 2, 1, 3, 6, 5, 0x28, 0xca,
	0x22, 2, 1, 0x30, 4, 6, 2, 0x51, 1 };

static void
mms_aarq(struct wr *w)
{
	const uint32_t mms = sizeof(initiate);
	/* EXTERNAL: indirect reference 3, single ASN.1 type */
	const uint32_t external = 3 + 2 + mms;
	const uint32_t user = 2 + external;
	const uint32_t aarq = sizeof(aarq_head) + 2 + user;

	ber(w, 0x60, aarq);
	wr_bytes(w, aarq_head, sizeof(aarq_head));
	ber(w, 0xbe, user);
	ber(w, 0x28, external);
	WR_HEX(w, 2, 1, 3);
	ber(w, 0xa0, mms);
	wr_bytes(w, initiate, sizeof(initiate));
}

/* Presentation CP: ISO 8823-1, normal mode, selectors 1. */
static void
mms_presentation(struct wr *w)
{
	uint8_t aarq[160], values[256];
	struct wr inner = WR(aarq);
	uint32_t n;

	mms_aarq(&inner);
	n = inner.n;
	inner = WR(values);
	WR_HEX(&inner, 0x81, 4, 0, 0, 0, 1, 0x82, 4, 0, 0, 0, 1);
	wr_bytes(&inner, contexts, sizeof(contexts));
	ber(&inner, 0x61, 7 + n + (n >= 128));
	ber(&inner, 0x30, 5 + n + (n >= 128));
	WR_HEX(&inner, 2, 1, 1);
	ber(&inner, 0xa0, n);
	wr_bytes(&inner, aarq, n);
	n = inner.n;
	ber(w, 0x31, 5 + 2 + n + (n >= 128));
	WR_HEX(w, 0xa0, 3, 0x80, 1, 1);
	ber(w, 0xa2, n);
	wr_bytes(w, values, n);
}

/* Session CONNECT: ISO 8327-1, version 2, duplex. */
static void
mms_connect(struct wr *w)
{
	uint8_t bytes[400];
	struct wr p = WR(bytes);

	mms_presentation(&p);
	cotp_data(w, 24 + p.n);
	wr_u8(w, 0x0d);
	wr_u8(w, 22 + p.n);
	WR_HEX(w, 5, 6, 0x13, 1, 0, 0x16, 1, 2);
	WR_HEX(w, 0x14, 2, 0, 2);
	WR_HEX(w, 0x33, 2, 0, 1, 0x34, 2, 0, 1);
	wr_u8(w, 0xc1);
	wr_u8(w, p.n);
	wr_bytes(w, bytes, p.n);
}

bool
mms_ask(struct inquiry *q, struct wr *w)
{
	switch (q->step) {
	case 0:
		cotp_connect(w, 0x0001);
		return true;
	case 1:
		mms_connect(w);
		return true;
	case 2: /* identify, invoke identifier 1 */
		cotp_data(w, 20);
		WR_HEX(w, 1, 0, 1, 0, 0x61, 14, 0x30, 12, 2, 1, 3);
		WR_HEX(w, 0xa0, 7, 0xa0, 5, 2, 1, 1, 0x82, 0);
		return true;
	default:
		return false;
	}
}

bool
mms_heard(struct inquiry *q, struct span s)
{
	return cotp_heard(q, s, 0);
}
