/*
 * pulse.c - see pulse.h.
 *
 * Any end of a conversation may be the one that answers: a packet to it is a
 * question, the next one back is the answer.  Of one that only asks, this
 * measures the pauses it makes, which does no harm.  What it usually takes is
 * a mean that moves slowly, what it takes at present one of the last answers;
 * chance alone makes them differ by a part of the spread.
 */
#include "pulse.h"

#include <string.h>

#include "../base/hash.h"

#define PLACES 8u /* where an address may be */
#define FIRST 16u /* answers, until which all count alike */
#define SLOW 512 /* weight of one in what is usual */
#define FAST 16 /* ... and in what is recent */
#define LONGEST (60 * TICK_SECOND) /* more is no answer, and no pause */

static struct pulse *
place(struct pulses *all, const struct ip *ip)
{
	uint32_t at = (uint32_t)hash_bytes(ip->b, sizeof(ip->b), ip->len);
	struct pulse *oldest = NULL;

	for (uint32_t i = 0; i < PLACES; i++) {
		struct pulse *p = &all->slot[(at + i) & (PULSES - 1)];

		if (memcmp(&p->ip, ip, sizeof(*ip)) == 0)
			return p;
		if (p->ip.len == 0)
			return p;
		if (oldest == NULL || p->last < oldest->last)
			oldest = p;
	}
	return oldest;
}

static void
begin(struct pulse *p)
{
	__atomic_store_n(&p->seq, p->seq + 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

static void
end(struct pulse *p)
{
	__atomic_store_n(&p->seq, p->seq + 1, __ATOMIC_RELEASE);
}

static void
be(struct pulse *p, const struct ip *ip)
{
	uint32_t seq = p->seq;

	if (memcmp(&p->ip, ip, sizeof(*ip)) == 0)
		return;
	memset(p, 0, sizeof(*p));
	p->seq = seq;
	p->ip = *ip;
}

static uint64_t
conversation_of(const struct packet *p, bool back)
{
	const struct ip *other = back ? &p->dst_ip : &p->src_ip;
	uint16_t ports[2] = { back ? p->dst_port : p->src_port,
		back ? p->src_port : p->dst_port };
	uint64_t seed =
	    (uint64_t)p->via << 32 | (uint32_t)ports[0] << 16 | ports[1];

	return hash_bytes(other->b, sizeof(other->b), seed);
}

static int64_t
towards(int64_t mean, int64_t value, int64_t weight)
{
	return mean + (value - mean) / weight;
}

static void
took(struct pulse *p, int64_t ns)
{
	int64_t n = p->answers < FIRST ? (int64_t)p->answers + 1 : SLOW;
	int64_t off = ns > p->usual ? ns - p->usual : p->usual - ns;

	if (p->answers == 0)
		p->recent = p->usual = ns;
	else
		p->spread = towards(p->spread, off, n < FAST ? n : FAST * 4);
	p->usual = towards(p->usual, ns, n);
	p->recent = towards(p->recent, ns, n < FAST ? n : FAST);
	p->answers++;
}

/* A question to it: the pause before it is what it usually has. */
static void
is_asked(struct pulse *p, const struct packet *k)
{
	int64_t pause = k->at.ns - p->last;

	if (p->last != 0 && pause > 0 && pause < LONGEST) {
		p->pauses++;
		p->quiet = towards(p->quiet, pause,
		    p->pauses < FAST ? (int64_t)p->pauses : FAST);
	}
	if (!p->asked || k->at.ns - p->asked_at > LONGEST) {
		p->asked = true;
		p->asked_at = k->at.ns;
		p->by = conversation_of(k, false);
	}
	p->last = k->at.ns;
}

static void
has_answered(struct pulse *p, const struct packet *k)
{
	p->last = k->at.ns;
	if (!p->asked || p->by != conversation_of(k, true))
		return;
	p->asked = false;
	if (k->at.ns >= p->asked_at && k->at.ns - p->asked_at < LONGEST)
		took(p, k->at.ns - p->asked_at);
}

void
pulse_packet(struct pulses *all, const struct packet *k)
{
	struct pulse *p;

	if (k->payload_wire == 0 || k->src_ip.len == 0 || k->frag.is)
		return;
	p = place(all, &k->dst_ip);
	begin(p);
	be(p, &k->dst_ip);
	is_asked(p, k);
	end(p);
	p = place(all, &k->src_ip);
	begin(p);
	be(p, &k->src_ip);
	has_answered(p, k);
	end(p);
}

/* ------------------------------------------------------------------- reading
 */

#define TURNS 64u

/* A copy while nobody wrote; false: the writer was always faster. */
static bool
copy(const struct pulse *p, struct pulse *ret)
{
	for (unsigned i = 0; i < TURNS; i++) {
		uint32_t seq = __atomic_load_n(&p->seq, __ATOMIC_ACQUIRE);

		memcpy(ret, p, sizeof(*ret));
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if ((seq & 1) == 0 &&
		    __atomic_load_n(&p->seq, __ATOMIC_RELAXED) == seq)
			return true;
	}
	return false;
}

bool
pulse_look(const struct pulses *all, const struct ip *ip,
    struct device_pulse *ret)
{
	uint32_t at = (uint32_t)hash_bytes(ip->b, sizeof(ip->b), ip->len);
	struct pulse p;

	for (uint32_t i = 0; i < PLACES; i++) {
		if (!copy(&all->slot[(at + i) & (PULSES - 1)], &p) ||
		    memcmp(&p.ip, ip, sizeof(*ip)) != 0)
			continue;
		ret->last.ns = p.last;
		ret->quiet = p.pauses >= FAST ? p.quiet : 0;
		if (p.answers < 2 * FIRST)
			return true;
		ret->usual = p.usual;
		ret->recent = p.recent;
		ret->noise = p.spread;
		return true;
	}
	return false;
}
