/* test_describe.c - descriptions of protocols: what is refused and how that is
 * told, and what a described protocol says of its messages. */
#include "check.h"

#include "../../src/base/bufs.h"
#include "../../src/describe/describe.h"
#include "../../src/proto/join.h"

static const char meter[] = "protocol meter\n"
			    "tcp 7777 # made up\n"
			    "server meter\n"
			    "header\n"
			    "  magic    2 is 4d50\n"
			    "  length   2 length all\n"
			    "  function 1 operation\n"
			    "  station  1 unit\n"
			    "operation 3 write write \"set limit\"\n"
			    "  request\n"
			    "    register 2 object\n"
			    "    limit    4 value signed\n"
			    "  response\n"
			    "    status 1 error\n"
			    "operation 1 read none read registers\n"
			    "  request\n"
			    "    register 2 object\n"
			    "    count    2 count\n"
			    "  response\n"
			    "    reading  4 values\n"
			    "operation 4 discover none who\n"
			    "  response\n"
			    "    n    1\n"
			    "    made n identity vendor\n"
			    "    more rest opaque\n";

static struct described *
read_text(const char *text, char error[static DESCRIBE_ERROR])
{
	return describe_parse("f", span_text(text), error);
}

/* ------------------------------------------------------------------ faults */

static void
wrong(const char *text, const char *want)
{
	char error[DESCRIBE_ERROR];
	struct described *x = read_text(text, error);

	CHECK(x == NULL);
	CHECK_STR(error, want);
	describe_free(x);
}

#define TOP "protocol x\nudp 9\nheader\n"
#define OP "operation 0 read none r\n"

static void
test_faults(void)
{
	wrong("", "f: no 'protocol' says what it is called");
	wrong("protocoll x\n",
	    "f:1: 'protocoll' says nothing here; did you mean protocol");
	wrong("protocol X\n",
	    "f:1: protocol: 'X' is not of lower case "
	    "letters, digits and hyphens");
	wrong("tcp 70000\n", "f:1: tcp: '70000' is no number from 1 to 65535");
	wrong("\n\nserver pcl\n",
	    "f:3: server: 'pcl' is no role; did you mean plc");
	wrong(TOP "a 2 lenght all\n",
	    "f:4: a: 'lenght' is no meaning of a field; did you mean length");
	wrong(TOP "a 2 length al\n",
	    "f:4: a: 'al' is no way to count a "
	    "length; did you mean all");
	wrong(TOP "a 9 unit\n",
	    "f:4: a: a field that is 'unit' is of 1 to 8 bytes");
	wrong(TOP "a rest\n",
	    "f:4: a: fields of the header are of a fixed width");
	wrong(TOP "a 2 is 4d\n", "f:4: a: 2 bytes are 4 hex digits");
	wrong(TOP "a 1\na 1\n", "f:5: a: there is a field of this name");
	wrong(TOP "a 1 skip now\n", "f:4: a: 'now' is one word too many");
	wrong(TOP "a 1\noperation 1 read rest r\n",
	    "f:5: operation: 'rest' is no risk; did you mean reset");
	wrong(TOP "a 1\noperation 0 write none r\n",
	    "f:5: operation: what writes or controls has a risk");
	wrong(TOP "a 1\noperation 0 ack none r\n",
	    "f:5: operation: 'ack' is not what is asked");
	wrong(TOP "a 1\nrequest\n", "f:5: request: of which operation?");
	wrong(TOP "a 1\n" OP "request\nb rest\nc 1\n",
	    "f:8: c: nothing comes after the rest");
	wrong(TOP "a 1\n" OP "request\nrequest\n",
	    "f:7: request: was described before");
	wrong(TOP "a 1\n" OP "request\nb 2 pair\n",
	    "f:7: b: belongs in the header");
	wrong(TOP "a 1 operation\n" OP OP, "f: operation 0x0 is there twice");
	wrong("protocol x\ntcp 9\nheader\na 1\n" OP,
	    "f: over TCP a message needs a 'length', or 'fixed'");
	wrong("protocol x\nheader\na 1\n" OP,
	    "f: neither tcp, udp nor "
	    "ethertype says where it is met");
	wrong(TOP "a 1\n", "f: no operation is described");
	wrong("udp 9\nheader\na 1\n" OP,
	    "f: no 'protocol' says what it is called");
}

static void
test_names(void)
{
	char error[DESCRIBE_ERROR];
	struct described *x;

	x = read_text("protocol modbus\nudp 9\nheader\na 1\n" OP, error);
	CHECK(x != NULL && !describe_add(x, error));
	CHECK_STR(error, "there is a protocol called 'modbus' already");
	describe_free(x);
}

/* -------------------------------------------------------------- at work */

static struct fact facts[64];
static struct ledger ledger[PROTO_MAX];
static struct pending pending;
static struct joins *joins;

struct said {
	enum rd_status status;
	uint32_t n;
	char line[8][256];
};

static struct said
say(const struct proto *p, bool to_server, const char *bytes, uint32_t n,
    uint32_t promised)
{
	struct talk talk = { .via = VIA_TCP, .server_port = 7777 };
	struct dissect d = { .talk = &talk,
		.via = VIA_TCP,
		.to_server = to_server,
		.fact = facts,
		.cap = 64,
		.wanted = FACT_MASK_ALL,
		.ledger = ledger,
		.pending = &pending,
		.joins = joins,
		.flow = 1 };
	struct said s = { .n = 0 };

	s.status = proto_message(p, SPAN((const uint8_t *)bytes, n), promised,
	    &d, false);
	for (uint32_t i = 0; i < d.n && i < 8; i++, s.n++)
		(void)fact_line(&facts[i], "meter", s.line[i],
		    sizeof(s.line[i]));
	return s;
}

#define SAY(p, way, bytes) \
	say(p, way, bytes, sizeof(bytes) - 1, sizeof(bytes) - 1)

static void
test_messages(const struct proto *p)
{
	struct said s = SAY(p, true, "MP\0\x0a\1\7\0\x10\0\2");

	CHECK_STR(s.line[0],
	    "meter read op=1 unit=7 req described-object 16+2");
	s = SAY(p, false, "MP\0\x0e\1\7\0\0\0\x2a\0\0\0\x2b");
	CHECK_INT(s.n, 3);
	CHECK_STR(s.line[0], "meter ack op=1 unit=7 rsp described-object 16+2");
	CHECK_STR(s.line[1],
	    "meter value op=1 unit=7 rsp described-object 16+1 = 42");
	CHECK_STR(s.line[2],
	    "meter value op=1 unit=7 rsp described-object 17+1 = 43");
	s = SAY(p, true, "MP\0\x0c\3\7\0\1\xff\xff\xff\xfe");
	CHECK_STR(s.line[0],
	    "meter write op=3 unit=7 req risk=write "
	    "described-object 1+1");
	CHECK_STR(s.line[1],
	    "meter value op=3 unit=7 req described-object "
	    "1+1 = -2 \"limit\"");
	s = SAY(p, false, "MP\0\7\3\7\5");
	CHECK_STR(s.line[0],
	    "meter error op=3 unit=7 rsp described-object 1+1 code=5");
	s = SAY(p, true, "MP\0\6\x63\7");
	CHECK_STR(s.line[0], "meter unknown op=99 unit=7 req");
	s = SAY(p, false, "MP\0\x0d\4\7\4Acme!!");
	CHECK_STR(s.line[0],
	    "meter ack op=4 unit=7 rsp unsolicited described-object 0+1");
	CHECK_STR(s.line[1],
	    "meter ident op=4 unit=7 rsp unsolicited vendor \"Acme\"");
}

/* Cut short is truncated, too short is malformed. */
static void
test_short(const struct proto *p)
{
	static const char ask[] = "MP\0\x0a\1\7\0\x10\0\2";
	struct said s;

	for (uint32_t n = 0; n < 10; n++)
		CHECK_INT(say(p, true, ask, n, 10).status, RD_SHORT);
	s = SAY(p, true, "MP\0\x09\1\7\0\x10\0");
	CHECK_INT(s.status, RD_BAD);
	s = SAY(p, true, "MQ\0\6\2\7");
	CHECK_INT(s.status, RD_BAD);
	s = SAY(p, false,
	    "MP\0\x0c\4\7\xc8"
	    "Acme!");
	CHECK_INT(s.status, RD_BAD);
}

static void
test_framing(const struct proto *p)
{
	struct talk talk = { .via = VIA_TCP, .server_port = 7777 };
	struct dissect d = { .talk = &talk, .via = VIA_TCP, .proto = p };

	CHECK_INT(p->frame(SPAN_LIT("MP\0\x0a\1\7"), &d), 10);
	CHECK_INT(p->frame(SPAN_LIT("MP\0\5\1\7"), &d), FRAME_NOT_MINE);
	CHECK_INT(p->frame(SPAN_LIT("MQ\0\6\1\7"), &d), FRAME_NOT_MINE);
	CHECK_INT(p->claim(SPAN_LIT("MP\0\x0a\1\7"), &d), CLAIM_WEAK);
	CHECK_INT(p->claim(SPAN_LIT("MQ\0\x0a\1\7"), &d), CLAIM_NO);
	talk.server_port = 9;
	CHECK_INT(p->claim(SPAN_LIT("MP\0\x0a\1\7"), &d), CLAIM_WEAK);
	CHECK_INT(p->claim(SPAN_LIT("MP\0\x0a\x63\7"), &d), CLAIM_NO);
}

static void
test_little(void)
{
	char error[DESCRIBE_ERROR];
	struct described *x =
	    read_text("protocol le\ntcp 9\norder little\n"
		      "header\nsize 2 length after plus 1\n"
		      "kind 1 operation mask 0x7f answer 0x80\n"
		      "operation 2 read none r\nboth\n"
		      "a 4 value real\n",
		error);
	struct dissect d = { .proto = describe_proto(x) };
	const struct proto *p = describe_proto(x);
	struct said s;

	CHECK_INT(p->frame(SPAN_LIT("\x04\0\x02"), &d), 7);
	s = SAY(p, true, "\x04\0\x82\0\0\x80\x3f");
	CHECK_STR(s.line[1],
	    "meter value op=2 rsp unsolicited "
	    "described-object 0+1 = 1 \"a\"");
	describe_free(x);
}

int
main(void)
{
	char error[DESCRIBE_ERROR];
	struct bufs *bufs = bufs_new(1u << 20);
	struct described *x;

	proto_init();
	joins = joins_new(bufs);
	test_faults();
	test_names();
	test_little();
	x = read_text(meter, error);
	CHECK(x != NULL && describe_add(x, error));
	if (x == NULL)
		return check_done();
	CHECK(proto_named("meter") == describe_proto(x));
	CHECK_INT(describe_proto(x)->n_op, 3);
	test_messages(describe_proto(x));
	test_short(describe_proto(x));
	test_framing(describe_proto(x));
	joins_free(joins);
	bufs_free(bufs);
	return check_done();
}
