/*
 * bittorrent.c - BitTorrent: peers, and the hash table that finds them.
 *
 * BEP 3 (peer protocol), BEP 5 (hash table), BEP 14 (local discovery).
 *
 *	TCP	19 "BitTorrent protocol" reserved 8, torrent 20, peer 20; then
 *		length be32, message u8, ...; length 0 keeps alive
 *	UDP	bencoding: d 1:a d ... e 1:q 4:ping 1:t ... 1:y 1:q e
 *
 * Op is the message; 256 the handshake, 257 to 260 the hash table's queries,
 * 261 its answers, 262 its errors.  The object is the torrent by name (hex).
 */
#include "say.h"
#include "text.h"

#define OP_HANDSHAKE 256u
#define OP_QUERY 257u /* and the next three */
#define OP_ANSWER 261u
#define OP_ERROR 262u
#define HANDSHAKE 68u
#define LENGTH_MAX 0x40000u
#define MAGIC           \
	SPAN_LIT("\x13" \
		 "BitTorrent protocol")

struct state {
	uint8_t seen[2]; /* the handshake, by to_server */
};

static const struct proto_op ops[] = {
	{ 0, FACT_SESSION, RISK_NONE, "choke" },
	{ 1, FACT_SESSION, RISK_NONE, "unchoke" },
	{ 2, FACT_SESSION, RISK_NONE, "interested" },
	{ 3, FACT_SESSION, RISK_NONE, "not interested" },
	{ 4, FACT_REPORT, RISK_NONE, "have" },
	{ 5, FACT_REPORT, RISK_NONE, "bitfield" },
	{ 6, FACT_FILE, RISK_NONE, "request" },
	{ 7, FACT_FILE, RISK_NONE, "piece" },
	{ 8, FACT_SESSION, RISK_NONE, "cancel" },
	{ 9, FACT_SESSION, RISK_NONE, "port" },
	{ 13, FACT_SESSION, RISK_NONE, "suggest piece" },
	{ 14, FACT_REPORT, RISK_NONE, "have all" },
	{ 15, FACT_REPORT, RISK_NONE, "have none" },
	{ 16, FACT_SESSION, RISK_NONE, "reject" },
	{ 17, FACT_SESSION, RISK_NONE, "allowed fast" },
	{ 20, FACT_SESSION, RISK_NONE, "extended" },
	{ OP_HANDSHAKE, FACT_SESSION, RISK_NONE, "handshake" },
	{ OP_QUERY, FACT_DISCOVER, RISK_NONE, "ping" },
	{ OP_QUERY + 1, FACT_DISCOVER, RISK_NONE, "find node" },
	{ OP_QUERY + 2, FACT_DISCOVER, RISK_NONE, "get peers" },
	{ OP_QUERY + 3, FACT_DISCOVER, RISK_NONE, "announce peer" },
	{ OP_ANSWER, FACT_REPORT, RISK_NONE, "answer" },
	{ OP_ERROR, FACT_REPORT, RISK_NONE, "error" },
};

static bool
is_handshake(struct span s)
{
	return s.n >= 20 && span_starts(s, MAGIC);
}

static bool
is_table(struct span s)
{
	return s.n >= 20 && s.p[0] == 'd' && s.p[s.n - 1] == 'e' &&
	    (text_starts(s, "d1:ad2:id20:") || text_starts(s, "d1:rd2:id20:") ||
		text_starts(s, "d1:eli20") || text_starts(s, "d2:ip6:"));
}

static uint32_t
bittorrent_frame(struct span s, const struct dissect *d)
{
	const struct state *st = d->state;
	uint32_t n;

	if (d->via == VIA_UDP)
		return s.n;
	if (s.p[0] == 0x13) {
		if (s.n < 20)
			return text_may_start(s, MAGIC) ? FRAME_NEED_MORE
							: FRAME_NOT_MINE;
		return is_handshake(s) ? HANDSHAKE : FRAME_NOT_MINE;
	}
	n = (uint32_t)s.p[1] << 16 | (uint32_t)s.p[2] << 8 | s.p[3];
	return s.p[0] == 0 && n <= LENGTH_MAX && st->seen[d->to_server] != 0
	    ? n + 4
	    : FRAME_NOT_MINE;
}

static enum claim
bittorrent_claim(struct span s, const struct dissect *d)
{
	const struct state *st = d->state;

	if (d->via == VIA_UDP)
		return is_table(s) ? CLAIM_STRONG : CLAIM_NO;
	if (is_handshake(s))
		return CLAIM_STRONG;
	return st->seen[0] + st->seen[1] > 0 ? CLAIM_WEAK : CLAIM_NO;
}

static void
handshake(struct rd *r, struct dissect *d)
{
	struct state *st = d->state;
	struct fact *f = dissect_op(d, OP_HANDSHAKE);
	struct span hash, peer;
	char text[41] = "";

	rd_skip(r, 28);
	hash = rd_span(r, 20);
	peer = rd_span(r, 20);
	if (!rd_ok(r))
		return;
	for (uint32_t i = 0; i < hash.n; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", hash.p[i]);
	say_named(f, span_text(text));
	if (peer.p[0] == '-') /* "-qB4500-..." */
		dissect_identf(d, TRAIT_APPLICATION, "BitTorrent %.6s",
		    (const char *)peer.p + 1);
	st->seen[d->to_server] = 1;
}

static uint32_t
table_op(struct span s)
{
	static const char *const queries[] = { "1:q4:ping", "1:q9:find_node",
		"1:q9:get_peers", "1:q13:announce_peer" };

	for (uint32_t i = 0; i < 4; i++)
		if (text_find(s, queries[i]) < s.n)
			return OP_QUERY + i;
	return text_starts(s, "d1:e") ? OP_ERROR : OP_ANSWER;
}

static void
bittorrent_parse(struct rd *r, struct dissect *d)
{
	struct span head = rd_ahead(r, 1);
	uint32_t n;

	d->ctx.response = false;
	if (d->via == VIA_UDP) {
		struct span s = rd_ahead(r, rd_have(r));
		uint32_t op = table_op(s);

		d->ctx.response = op >= OP_ANSWER;
		if (s.n == rd_left(r))
			(void)dissect_op(d, op);
		(void)rd_span(r, rd_left(r));
	} else if (head.n == 1 && head.p[0] == 0x13) {
		handshake(r, d);
	} else {
		n = rd_be32(r);
		if (n == 0 || !rd_ok(r))
			return;
		n = rd_u8(r);
		if (rd_ok(r))
			(void)dissect_op(d, n);
		rd_skip_rest(r);
	}
}

const struct proto proto_bittorrent = {
	.name = "bittorrent",
	.title = "BitTorrent",
	.spec = "BEP 3, BEP 5",
	.depth = "handshakes, programs, all messages of peers; queries of the "
		 "hash table; what is encrypted is not told",
	.slot = PROTO_SLOT,
	.tcp = { 6881, 6882, 6883 },
	.udp = { 6881, 6882, 6883 },
	.claim = bittorrent_claim,
	.frame = bittorrent_frame,
	.frame_min = 4,
	.parse = bittorrent_parse,
	PROTO_OPS(ops),
	.state_size = sizeof(struct state),
};
