/*
 * live_port.c - a monitoring port in the supervisor: its socket and ring, and
 * the interface it is bound to, which may come, go and be renamed.
 *
 * The socket begins unbound; the ring is there from the start, so that an
 * engine can wait at it before the interface exists.  Binding again needs no
 * new ring and no new descriptor.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "live_private.h"

/* handed over every 10 ms, however empty: so there are many */
#define BLOCK (128u * 1024u)
#define DROPS_EVERY 5u /* looks, of which there is one a second or more */
#define BLOCKS_MIN 4u
#define FRAME 2048u /* by which the kernel counts; frames may be longer */

struct live_port {
	struct live_config config;
	struct live_status status;
	struct link base; /* counters when it was bound */
	struct live_card card_base[LIVE_CARD_MAX]; /* the same of the card */
	uint32_t looks; /* since then */
	int fd, netlink;
	int sink; /* takes the tunnel's packets off the kernel's hands */
	int index; /* of the interface bound to, 0: none */
};

static bool
refuse(char error[static LIVE_ERROR_MAX], const char *what, const char *name)
{
	int why = errno;

	if (why == EPERM || why == EACCES)
		(void)snprintf(error, LIVE_ERROR_MAX,
		    "%s: not permitted to capture; start as root, or give the "
		    "program the right: setcap cap_net_raw,cap_net_admin+ep",
		    name);
	else
		(void)snprintf(error, LIVE_ERROR_MAX, "%s: %s: %s", name, what,
		    strerror(why));
	return false;
}

static bool
set(int fd, int option, const void *value, socklen_t n)
{
	return setsockopt(fd, SOL_PACKET, option, value, n) == 0;
}

static bool
set_number(int fd, int option, int value)
{
	return set(fd, option, &value, sizeof(value));
}

/* Room for a VLAN tag before each frame, to put back what the card took. */
static bool
ring_make(struct live_port *p, char error[static LIVE_ERROR_MAX])
{
	const struct live_config *c = &p->config;
	uint32_t bytes = c->ring_bytes != 0 ? c->ring_bytes : LIVE_RING;
	struct tpacket_req3 r = { .tp_block_size = BLOCK,
		.tp_frame_size = FRAME,
		.tp_sizeof_priv = sizeof(struct block_note) };

	/* small rings get small blocks, so that there are some to fill */
	while (r.tp_block_size > 65536 && bytes / r.tp_block_size < 16)
		r.tp_block_size /= 2;
	r.tp_block_nr = bytes / r.tp_block_size;
	if (r.tp_block_nr < BLOCKS_MIN)
		r.tp_block_nr = BLOCKS_MIN;
	r.tp_frame_nr = r.tp_block_size / FRAME * r.tp_block_nr;
	r.tp_retire_blk_tov = LIVE_RETIRE;
	if (!set_number(p->fd, PACKET_VERSION, TPACKET_V3) ||
	    !set_number(p->fd, PACKET_RESERVE, 4) ||
	    !set(p->fd, PACKET_RX_RING, &r, sizeof(r)))
		return refuse(error, "cannot make a ring", c->name);
	p->status.block_bytes = r.tp_block_size;
	p->status.blocks = r.tp_block_nr;
	/* refused by old kernels: then the engine sorts them out */
	(void)set_number(p->fd, PACKET_IGNORE_OUTGOING, 1);
	return true;
}

struct live_port *
live_port_open(const struct live_config *config,
    char ret_error[static LIVE_ERROR_MAX])
{
	struct live_port *p = calloc(1, sizeof(*p));

	if (p == NULL) {
		(void)snprintf(ret_error, LIVE_ERROR_MAX, "out of memory");
		return NULL;
	}
	p->config = *config;
	p->sink = -1;
	memcpy(p->status.name, config->name, sizeof(p->status.name));
	p->netlink = link_netlink();
	/* no protocol: hears nothing before it is bound */
	p->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (p->fd < 0 || p->netlink < 0) {
		(void)refuse(ret_error, "cannot open a socket", config->name);
		live_port_close(p);
		return NULL;
	}
	if (!ring_make(p, ret_error)) {
		live_port_close(p);
		return NULL;
	}
	return p;
}

void
live_port_close(struct live_port *p)
{
	if (p == NULL)
		return;
	if (p->index != 0 && p->config.address.len != 0 && p->netlink >= 0)
		link_drop_address(p->netlink, p->index, &p->config.address,
		    p->config.prefix);
	if (p->fd >= 0)
		(void)close(p->fd);
	if (p->netlink >= 0)
		(void)close(p->netlink);
	if (p->sink >= 0)
		(void)close(p->sink);
	free(p);
}

int
live_port_fd(const struct live_port *p)
{
	return p->fd;
}

/* ---------------------------------------------------------------- binding */

static bool
trouble(struct live_port *p, const char *what)
{
	(void)snprintf(p->status.problem, sizeof(p->status.problem), "%s",
	    what);
	return false;
}

static bool
may_answer(const struct live_port *p)
{
	return p->config.address.len != 0;
}

static bool
is_silent(const struct live_port *p, const struct link *l)
{
	return (l->flags & IFF_UP) != 0 && l->no_ipv6 &&
	    ((l->flags & IFF_NOARP) == 0) == may_answer(p) &&
	    l->no_exit == !may_answer(p);
}

/*
 * An interface that is up says things of its own (router solicitations, ARP,
 * group memberships).  So what would speak is switched off while it is down,
 * and its exit is shut.
 */
static bool
silence(struct live_port *p, const struct link *l)
{
	unsigned arp = may_answer(p) ? 0 : IFF_NOARP;

	if (is_silent(p, l))
		return true;
	if ((l->flags & IFF_UP) != 0 &&
	    !link_set(p->netlink, l->index, 0, IFF_UP))
		return false;
	(void)link_no_ipv6(p->netlink, l);
	if (l->no_exit || !may_answer(p))
		(void)link_shut(p->netlink, l->index, !may_answer(p));
	if (!link_set(p->netlink, l->index, arp, IFF_NOARP))
		return false;
	return link_set(p->netlink, l->index, IFF_UP, IFF_UP);
}

/* A management interface taken for a monitoring port would be cut off. */
static bool
is_free(struct live_port *p, const struct link *l)
{
	char text[64];

	if ((l->flags & IFF_LOOPBACK) != 0)
		return trouble(p, "is the loopback interface, not a port");
	if (!link_has_address(p->netlink, l->index, &p->config.address, text))
		return true;
	(void)snprintf(p->status.problem, sizeof(p->status.problem),
	    "has the address %s: a monitoring port has none, so it is left "
	    "alone (remove it: ip addr flush dev %s)",
	    text, l->name);
	return false;
}

/*
 * Packets of the tunnel are for an address of ours, and the kernel would answer
 * that nobody speaks GRE here.  Somebody who listens, and hears nothing, keeps
 * it quiet.
 */
static void
open_sink(struct live_port *p, const char *name)
{
	struct sock_filter nothing = { .code = BPF_RET | BPF_K, .k = 0 };
	struct sock_fprog filter = { .len = 1, .filter = &nothing };
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_GRE);

	if (p->sink >= 0)
		(void)close(p->sink);
	p->sink = fd;
	if (fd < 0)
		return;
	(void)setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter,
	    sizeof(filter));
	(void)setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name,
	    (socklen_t)strlen(name) + 1);
}

static bool
prepare(struct live_port *p, const struct link *l)
{
	const struct live_config *c = &p->config;
	int stamp = SOF_TIMESTAMPING_RAW_HARDWARE;

	p->status.fcs = card_passes_fcs(p->fd, l->name);
	p->status.hardware_time = false;
	if (c->as_is)
		return true;
	if (!is_free(p, l))
		return false;
	if (!silence(p, l))
		return trouble(p, "cannot be switched on without ARP");
	p->status.fcs = card_prepare(p->fd, l->name, c->damaged);
	if (c->hardware_time && card_stamps(p->fd, l->name))
		p->status.hardware_time =
		    set_number(p->fd, PACKET_TIMESTAMP, stamp);
	if (c->address.len != 0)
		open_sink(p, l->name);
	if (c->address.len != 0 &&
	    !link_add_address(p->netlink, l->index, &c->address, c->prefix))
		return trouble(p, "does not take the address of the tunnel");
	return true;
}

static bool
bind_to(struct live_port *p, struct link *l)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
		.sll_protocol = (unsigned short)(ETH_P_ALL << 8),
		.sll_ifindex = l->index };
	struct packet_mreq all = { .mr_ifindex = l->index,
		.mr_type = PACKET_MR_PROMISC };

	if (!prepare(p, l))
		return false;
	(void)link_find(p->netlink, l->index, NULL, l);
	p->base = *l;
	memset(p->card_base, 0, sizeof(p->card_base));
	p->looks = 0;
	if (bind(p->fd, (struct sockaddr *)&at, sizeof(at)) != 0)
		return trouble(p, strerror(errno));
	if (!set(p->fd, PACKET_ADD_MEMBERSHIP, &all, sizeof(all)))
		return trouble(p, "does not become promiscuous");
	p->index = l->index;
	p->status.binds++;
	p->status.problem[0] = '\0';
	return true;
}

/* The interface by its number, its name, or the name it had last. */
static bool
look(struct live_port *p, struct link *ret)
{
	const struct live_status *st = &p->status;

	if (p->index != 0) {
		if (link_find(p->netlink, p->index, NULL, ret))
			return true;
		p->index = 0;
	}
	if (!link_find(p->netlink, 0, st->name, ret))
		return trouble(p, "there is no such interface");
	return bind_to(p, ret) && link_find(p->netlink, p->index, NULL, ret);
}

/* Now and then: a card may take its time. */
static void
count_drops(struct live_port *p)
{
	struct live_status *st = &p->status;
	struct live_card *base = p->card_base;

	if (p->looks++ % DROPS_EVERY != 0)
		return;
	st->n_card = card_drops(p->fd, st->now, st->card);
	for (uint32_t i = 0; i < st->n_card; i++) {
		if (strcmp(base[i].name, st->card[i].name) != 0)
			base[i] = st->card[i];
		st->card[i].n -= base[i].n;
	}
}

static void
describe(struct live_port *p, const struct link *l)
{
	struct live_status *st = &p->status;
	const struct link *base = &p->base;

	memcpy(st->now, l->name, sizeof(st->now));
	st->present = true;
	st->up = (l->flags & IFF_UP) != 0;
	st->carrier = l->carrier;
	st->promiscuous = l->promiscuity > 0;
	st->may_send = may_answer(p);
	st->mtu = l->mtu;
	st->packets = l->rx_packets - base->rx_packets;
	st->bytes = l->rx_bytes - base->rx_bytes;
	st->sent = l->tx_packets - base->tx_packets;
	st->missed = l->missed - base->missed;
	st->damaged = l->damaged - base->damaged;
	st->dropped = l->dropped - base->dropped;
	card_describe(p->fd, st);
	count_drops(p);
}

bool
live_port_tend(struct live_port *p, struct live_board *b, unsigned port)
{
	struct live_status before = p->status, *st = &p->status;
	struct link l;

	if (look(p, &l)) {
		describe(p, &l);
	} else {
		st->present = st->up = st->carrier = false;
		st->now[0] = '\0';
	}
	board_put(b, port, st);
	return before.present != st->present || before.up != st->up ||
	    before.carrier != st->carrier || before.mbit != st->mbit ||
	    before.binds != st->binds || strcmp(before.now, st->now) != 0 ||
	    strcmp(before.problem, st->problem) != 0;
}
