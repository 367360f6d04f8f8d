/*
 * live.c - the rings of all ports, read in order of time by one thread.
 *
 *	ring   blocks, filled by the kernel one after the other, handed to us
 *	       when full or after retire_ms, given back when read
 *	block  tpacket_block_desc | block_note (ours) | frames
 *	frame  tpacket3_hdr | sockaddr_ll | 4 bytes of room | the frame
 *
 * How far we are within a block is noted in the block itself.  So whoever
 * attaches after us knows what was done, and what we had in our hands.
 *
 * No clock is asked.  A frame waits while another port has nothing to show,
 * until some port shows one that is younger by more than it takes the kernel
 * to hand over a block, or until nothing came for that long.
 */
#include <errno.h>
#include <linux/if_arp.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "live_private.h"

#define HOLD_MS 20 /* twice LIVE_RETIRE */
#define HOLD (HOLD_MS * INT64_C(1000000))
#define CLOCK_SET (10 * INT64_C(1000000000)) /* so far back no port is late */
#define NO_TIME INT64_MIN
/* behind the head of a frame in the ring */
#define SOURCE_AT                                                \
	((sizeof(struct tpacket3_hdr) + TPACKET_ALIGNMENT - 1) & \
	    ~((size_t)TPACKET_ALIGNMENT - 1))
#define LINK_ETHERNET 1u
#define LINK_RAW 101u
#define LINK_RADIOTAP 127u

struct port {
	int fd; /* -1: none */
	uint8_t *map;
	size_t size;
	uint32_t block_bytes, n_blocks;
	uint32_t block; /* the one being read, or to be filled next */
	uint32_t n, i; /* frames in it, and of the next; n 0: not ours yet */
	struct tpacket3_hdr *next;
	struct frame head;
	bool has_head;
	uint32_t number;
	struct live_counts counts;
};

struct live {
	const struct board *board;
	struct port port[LIVE_PORTS_MAX];
	struct port *handed; /* whose frame is with the caller */
	int also;
	unsigned top; /* ports from here on were never used */
	int64_t safe; /* frames up to this time need not wait */
	int64_t latest; /* handed out so far */
	uint32_t deaths;
};

/* ----------------------------------------------------------------- blocks */

static struct tpacket_block_desc *
block_at(const struct port *p, uint32_t i)
{
	return (void *)(p->map + (size_t)i * p->block_bytes);
}

static struct block_note *
block_note(struct tpacket_block_desc *b)
{
	return (void *)((uint8_t *)b + b->offset_to_priv);
}

static bool
block_is_ours(const struct tpacket_block_desc *b)
{
	return (__atomic_load_n(&b->hdr.bh1.block_status, __ATOMIC_ACQUIRE) &
		   TP_STATUS_USER) != 0;
}

static void
block_give_back(struct port *p)
{
	struct tpacket_block_desc *b = block_at(p, p->block);

	*block_note(b) = (struct block_note){ .begun = 0 };
	p->n = p->i = 0;
	p->block = p->block + 1 == p->n_blocks ? 0 : p->block + 1;
	__atomic_store_n(&b->hdr.bh1.block_status, TP_STATUS_KERNEL,
	    __ATOMIC_RELEASE);
}

/* Skip what the one before us had finished. */
static void
block_resume(struct port *p, struct block_note *note)
{
	while (p->i < note->done && p->i < p->n) {
		p->next =
		    (void *)((uint8_t *)p->next + p->next->tp_next_offset);
		p->i++;
	}
	if (note->begun > note->done) {
		note->deaths++;
		p->counts.resumed++;
	}
	if (p->i == p->n)
		block_give_back(p);
}

/* Is a block with frames at hand? */
static bool
block_open(struct port *p)
{
	struct tpacket_block_desc *b;

	while (p->n == 0) {
		b = block_at(p, p->block);
		if (!block_is_ours(b))
			return false;
		p->n = b->hdr.bh1.num_pkts;
		p->i = 0;
		p->next =
		    (void *)((uint8_t *)b + b->hdr.bh1.offset_to_first_pkt);
		if (p->n == 0)
			block_give_back(p);
		else if (block_note(b)->begun != 0)
			block_resume(p, block_note(b));
	}
	return true;
}

/* The card has taken the tag off: it goes back where it was, once. */
static void
tag_put_back(struct port *p, struct tpacket3_hdr *h)
{
	uint8_t *mac = (uint8_t *)h + h->tp_mac, *to = mac - 4;
	uint32_t tpid = (h->tp_status & TP_STATUS_VLAN_TPID_VALID) != 0
	    ? h->hv1.tp_vlan_tpid
	    : 0x8100;

	if (h->tp_snaplen < 12)
		return;
	h->tp_status &= ~(uint32_t)TP_STATUS_VLAN_VALID;
	memmove(to, mac, 12);
	to[12] = (uint8_t)(tpid >> 8);
	to[13] = (uint8_t)tpid;
	to[14] = (uint8_t)(h->hv1.tp_vlan_tci >> 8);
	to[15] = (uint8_t)h->hv1.tp_vlan_tci;
	h->tp_mac = (uint16_t)(h->tp_mac - 4);
	h->tp_snaplen += 4;
	h->tp_len += 4;
	p->counts.tags++;
}

static uint16_t
link_type(uint16_t hardware)
{
	switch (hardware) {
	case ARPHRD_IEEE80211_RADIOTAP:
		return LINK_RADIOTAP;
	case ARPHRD_NONE:
	case ARPHRD_RAWIP:
	case ARPHRD_PPP:
		return LINK_RAW;
	default:
		return LINK_ETHERNET;
	}
}

static void
step(struct port *p)
{
	struct block_note *note = block_note(block_at(p, p->block));

	p->next = (void *)((uint8_t *)p->next + p->next->tp_next_offset);
	p->has_head = false;
	note->begun = note->done = ++p->i;
	note->deaths = 0;
	if (p->i == p->n)
		block_give_back(p);
}

/* Describe the next frame of the port in p->head; false: there is none. */
static bool
look(struct live *l, struct port *p)
{
	const struct sockaddr_ll *from;
	struct tpacket3_hdr *h;
	unsigned index;

	while (!p->has_head && block_open(p)) {
		h = p->next;
		from = (const void *)((uint8_t *)h + SOURCE_AT);
		if (from->sll_pkttype == PACKET_OUTGOING) {
			step(p);
			continue;
		}
		if ((h->tp_status & TP_STATUS_VLAN_VALID) != 0)
			tag_put_back(p, h);
		index = (unsigned)(p - l->port);
		p->head = (struct frame){
			.at.ns = (int64_t)h->tp_sec * TICK_SECOND + h->tp_nsec,
			.bytes = SPAN((uint8_t *)h + h->tp_mac, h->tp_snaplen),
			.wire_len = h->tp_len,
			.number = p->number + 1,
			.file = (uint16_t)index,
			.port = (uint16_t)index,
			.link = link_type(from->sll_hatype),
			.fcs_len = l->board->row[index].status.fcs ? 4 : 0,
			.direction = 1,
		};
		p->has_head = true;
	}
	return p->has_head;
}

/* ------------------------------------------------------------------ merge */

/* The time of the last frame that the port has to show. */
static int64_t
shown(const struct port *p)
{
	const struct tpacket_block_desc *b = block_at(p, p->block), *last = b;
	uint32_t at = p->block;

	for (uint32_t i = 0; i < p->n_blocks && block_is_ours(b); i++) {
		last = b;
		at = at + 1 == p->n_blocks ? 0 : at + 1;
		b = block_at(p, at);
	}
	return (int64_t)last->hdr.bh1.ts_last_pkt.ts_sec * TICK_SECOND +
	    last->hdr.bh1.ts_last_pkt.ts_nsec;
}

/* The port with the oldest frame; NULL: no port has any.  *ret_all: all ports
 * with a link show theirs. */
static struct port *
oldest(struct live *l, bool *ret_all)
{
	struct port *first = NULL;

	*ret_all = true;
	for (unsigned i = 0; i < l->top; i++) {
		struct port *p = &l->port[i];

		if (p->fd < 0)
			continue;
		if (look(l, p)) {
			if (first == NULL || p->head.at.ns < first->head.at.ns)
				first = p;
		} else if (atomic_load_explicit(&l->board->row[i].carrier,
			       memory_order_relaxed)) {
			*ret_all = false;
		}
	}
	return first;
}

static int64_t
newest(const struct live *l)
{
	int64_t at = NO_TIME;

	for (unsigned i = 0; i < l->top; i++) {
		const struct port *p = &l->port[i];

		if (p->fd >= 0 && p->has_head && shown(p) > at)
			at = shown(p);
	}
	return at;
}

enum woken {
	WOKEN_NOT,
	WOKEN_FRAMES,
	WOKEN_ALSO,
};

/* An interface that went down is told as an error, once. */
static void
forget_error(int fd)
{
	int error;
	socklen_t n = sizeof(error);

	(void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n);
}

/* Wait at the ports that show nothing. */
static enum woken
wait_for(struct live *l, int timeout_ms)
{
	struct pollfd fds[LIVE_PORTS_MAX + 1];
	nfds_t n = 0;

	for (unsigned i = 0; i < l->top; i++)
		if (l->port[i].fd >= 0 && !l->port[i].has_head)
			fds[n++] = (struct pollfd){ .fd = l->port[i].fd,
				.events = POLLIN };
	fds[n++] = (struct pollfd){ .fd = l->also, .events = POLLIN };
	if (poll(fds, n, timeout_ms) <= 0)
		return errno == EINTR ? WOKEN_ALSO : WOKEN_NOT;
	for (nfds_t i = 0; i + 1 < n; i++)
		if ((fds[i].revents & POLLERR) != 0)
			forget_error(fds[i].fd);
	return fds[n - 1].revents != 0 ? WOKEN_ALSO : WOKEN_FRAMES;
}

static void
hand_out(struct live *l, struct port *p, struct frame *ret)
{
	struct block_note *note = block_note(block_at(p, p->block));

	note->begun = p->i + 1;
	l->deaths = note->deaths;
	l->handed = p;
	p->number++;
	p->counts.packets++;
	p->counts.bytes += p->head.wire_len;
	*ret = p->head;
	if (l->latest != NO_TIME && ret->at.ns < l->latest - CLOCK_SET) {
		l->latest = ret->at.ns; /* from here on it is another clock */
		l->safe = NO_TIME;
	} else if (ret->at.ns < l->latest) {
		p->counts.late++;
	} else {
		l->latest = ret->at.ns;
	}
}

bool
live_next(struct live *l, int timeout_ms, struct frame *ret)
{
	enum woken woken;
	struct port *p;
	int64_t now = 0;
	bool all;

	if (l->handed != NULL)
		step(l->handed);
	l->handed = NULL;
	for (;;) {
		p = oldest(l, &all);
		if (p == NULL) {
			woken = wait_for(l, timeout_ms);
			if (woken != WOKEN_FRAMES)
				return false;
			continue;
		}
		if (!all && p->head.at.ns > l->safe) {
			now = newest(l);
			l->safe = now - HOLD;
		}
		if (all || p->head.at.ns <= l->safe)
			break;
		/* what shows now was there before the wait */
		woken = wait_for(l, HOLD_MS);
		if (woken == WOKEN_NOT)
			l->safe = now;
		else if (woken == WOKEN_ALSO)
			return false;
	}
	hand_out(l, p, ret);
	return true;
}

uint32_t
live_deaths(const struct live *l)
{
	return l->deaths;
}

/* ----------------------------------------------------------- begin and end */

struct live *
live_attach(int board_fd, char ret_error[static LIVE_ERROR_MAX])
{
	struct live *l = calloc(1, sizeof(*l));

	if (l != NULL)
		l->board = board_map(board_fd);
	if (l == NULL || l->board == NULL) {
		(void)snprintf(ret_error, LIVE_ERROR_MAX,
		    "cannot see the ports: %s", strerror(errno));
		free(l);
		return NULL;
	}
	for (unsigned i = 0; i < LIVE_PORTS_MAX; i++)
		l->port[i].fd = -1;
	l->also = -1;
	l->safe = l->latest = NO_TIME;
	return l;
}

void
live_detach(struct live *l)
{
	if (l == NULL)
		return;
	for (unsigned i = 0; i < LIVE_PORTS_MAX; i++)
		live_detach_port(l, i);
	(void)munmap((void *)(uintptr_t)l->board, sizeof(*l->board));
	free(l);
}

/* The block to begin with: the first not given back, else the one that is
 * filled at present. */
static uint32_t
ring_start(const struct port *p)
{
	uint64_t first = UINT64_MAX, last = 0, seq;
	uint32_t from = 0, at = 0;

	for (uint32_t i = 0; i < p->n_blocks; i++) {
		const struct tpacket_block_desc *b = block_at(p, i);

		seq = b->hdr.bh1.seq_num;
		if (block_is_ours(b) && seq < first) {
			first = seq;
			from = i;
		}
		if (seq > last) {
			last = seq;
			at = i;
		}
	}
	return first != UINT64_MAX ? from : at;
}

bool
live_attach_port(struct live *l, unsigned port, int fd,
    char ret_error[static LIVE_ERROR_MAX])
{
	struct port *p = &l->port[port];
	struct live_status st;
	void *map = MAP_FAILED;
	size_t size = 0;

	if (board_get(l->board, port, &st)) {
		size = (size_t)st.block_bytes * st.blocks;
		map =
		    mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	}
	if (map == MAP_FAILED) {
		(void)snprintf(ret_error, LIVE_ERROR_MAX,
		    "cannot map the ring of port %u: %s", port,
		    size == 0 ? "not on the board" : strerror(errno));
		return false;
	}
	live_detach_port(l, port);
	*p = (struct port){ .fd = fd,
		.map = map,
		.size = size,
		.block_bytes = st.block_bytes,
		.n_blocks = st.blocks };
	p->block = ring_start(p);
	if (port >= l->top)
		l->top = port + 1;
	return true;
}

void
live_detach_port(struct live *l, unsigned port)
{
	struct port *p = &l->port[port];

	if (p->fd < 0)
		return;
	if (l->handed == p) {
		step(p);
		l->handed = NULL;
	}
	(void)munmap(p->map, p->size);
	*p = (struct port){ .fd = -1 };
}

void
live_also(struct live *l, int fd)
{
	l->also = fd;
}

/* ----------------------------------------------------------------- counts */

static uint32_t
waiting(const struct port *p)
{
	uint32_t full = 0, at = p->block;

	while (full < p->n_blocks && block_is_ours(block_at(p, at))) {
		full++;
		at = at + 1 == p->n_blocks ? 0 : at + 1;
	}
	return full * 1000 / p->n_blocks;
}

void
live_counts(struct live *l, unsigned port, struct live_counts *ret)
{
	struct port *p = &l->port[port];
	struct tpacket_stats_v3 s;
	socklen_t n = sizeof(s);

	if (p->fd < 0) {
		*ret = (struct live_counts){ .packets = 0 };
		return;
	}
	/* reading sets the kernel's to zero */
	if (getsockopt(p->fd, SOL_PACKET, PACKET_STATISTICS, &s, &n) == 0) {
		p->counts.dropped += s.tp_drops;
		p->counts.freezes += s.tp_freeze_q_cnt;
	}
	p->counts.waiting = waiting(p);
	*ret = p->counts;
}

bool
live_status(const struct live *l, unsigned port, struct live_status *ret)
{
	return board_get(l->board, port, ret);
}
