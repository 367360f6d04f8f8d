/*
 * test_card.c - what is asked of a network card and set at it, with a card that
 * is played: ioctl() and open64() are wrapped.  Hardware time stamps are used
 * where the card has them for every frame and its clock is right; what joins
 * segments is switched off, what passes damaged frames on.
 */
#include "../unit/check.h"

#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/net_tstamp.h>
#include <linux/ptp_clock.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdarg.h>
#include <sys/ioctl.h>

#include "../../src/capture/live_private.h"

#define CARD 77 /* descriptors */
#define CLOCK 78

static struct {
	bool no_ethtool, stamps, all; /* can it */
	int64_t clock_off; /* ns */
	/* what was set */
	bool lro, gro, pause, fcs, every, stamping;
	uint64_t counted; /* by each counter below */
} card;

int __wrap_ioctl(int fd, unsigned long what, ...);
int __wrap_open64(const char *path, int flags, ...);
int __wrap_close(int fd);
int __real_open64(const char *path, int flags, ...);
int __real_close(int fd);

static const char *const features[] = { "tx-checksum", "rx-all", "rx-fcs" };
#define FEATURES 3u

static const char *const counters[] = { "rx_packets", "rx_no_dma_resources",
	"rx_queue_0_drops", "rx_queue_1_drops", "tx_queue_0_drops",
	"  pkts rx OOB", "rx_dropped.nic", "rx_discards", "rx_out_of_buffer",
	"rx_discards_phy" };
#define COUNTERS 10u

static int
answer_counters(void *data, uint32_t command)
{
	struct ethtool_sset_info *info = data;
	struct ethtool_gstrings *s = data;
	struct ethtool_stats *v = data;

	if (command == ETHTOOL_GSSET_INFO)
		info->data[0] = COUNTERS;
	for (uint32_t i = 0; command == ETHTOOL_GSTRINGS && i < COUNTERS; i++)
		(void)snprintf((char *)s->data + i * ETH_GSTRING_LEN,
		    ETH_GSTRING_LEN, "%s", counters[i]);
	for (uint32_t i = 0; command == ETHTOOL_GSTATS && i < COUNTERS; i++)
		v->data[i] = card.counted;
	return 0;
}

/* Of the strings of a card those of its counters. */
static bool
is_counters(const void *data, uint32_t command)
{
	const struct ethtool_sset_info *info = data;
	const struct ethtool_gstrings *s = data;

	return command == ETHTOOL_GSTATS ||
	    (command == ETHTOOL_GSTRINGS && s->string_set == ETH_SS_STATS) ||
	    (command == ETHTOOL_GSSET_INFO &&
		info->sset_mask == UINT64_C(1) << ETH_SS_STATS);
}

static int
answer_features(void *data, uint32_t command)
{
	struct ethtool_sset_info *info = data;
	struct ethtool_gstrings *s = data;
	struct ethtool_sfeatures *set = data;
	struct ethtool_gfeatures *get = data;

	if (command == ETHTOOL_GSSET_INFO) {
		info->data[0] = FEATURES;
	} else if (command == ETHTOOL_GSTRINGS) {
		for (uint32_t i = 0; i < FEATURES; i++)
			(void)snprintf((char *)s->data + i * ETH_GSTRING_LEN,
			    ETH_GSTRING_LEN, "%s", features[i]);
	} else if (command == ETHTOOL_SFEATURES) {
		card.every |= (set->features[0].requested & 2) != 0;
		card.fcs |= (set->features[0].requested & 4) != 0;
	} else {
		get->features[0].active = card.fcs ? 4 : 0;
	}
	return 0;
}

static int
answer_ethtool(void *data)
{
	uint32_t command = *(uint32_t *)data;
	struct ethtool_value *v = data;
	struct ethtool_ts_info *t = data;

	if (card.no_ethtool)
		return -1;
	switch (command) {
	case ETHTOOL_GFLAGS:
		v->data = card.lro ? ETH_FLAG_LRO : 0;
		return 0;
	case ETHTOOL_SFLAGS:
		card.lro = (v->data & ETH_FLAG_LRO) != 0;
		return 0;
	case ETHTOOL_SGRO:
		card.gro = v->data != 0;
		return 0;
	case ETHTOOL_SPAUSEPARAM:
		card.pause = ((struct ethtool_pauseparam *)data)->tx_pause != 0;
		return 0;
	case ETHTOOL_GET_TS_INFO:
		t->so_timestamping =
		    card.stamps ? SOF_TIMESTAMPING_RX_HARDWARE : 0;
		t->rx_filters = card.all ? 1u << HWTSTAMP_FILTER_ALL : 0;
		t->phc_index = 3;
		return 0;
	default:
		return is_counters(data, command)
		    ? answer_counters(data, command)
		    : answer_features(data, command);
	}
}

int
__wrap_ioctl(int fd, unsigned long what, ...)
{
	struct ptp_sys_offset *o;
	struct ifreq *r;
	va_list args;
	void *data;

	va_start(args, what);
	data = va_arg(args, void *);
	va_end(args);
	if (fd == CLOCK && what == PTP_SYS_OFFSET) {
		o = data;
		o->ts[0].sec = o->ts[1].sec = o->ts[2].sec = 1700000000;
		o->ts[0].nsec = o->ts[2].nsec = 100000000;
		o->ts[1].sec += card.clock_off / TICK_SECOND;
		o->ts[1].nsec =
		    (uint32_t)(100000000 + card.clock_off % TICK_SECOND);
		return 0;
	}
	r = data;
	if (fd == CARD && what == SIOCSHWTSTAMP) {
		card.stamping = true;
		return 0;
	}
	return fd == CARD && what == SIOCETHTOOL ? answer_ethtool(r->ifr_data)
						 : -1;
}

int
__wrap_open64(const char *path, int flags, ...)
{
	return strcmp(path, "/dev/ptp3") == 0 ? CLOCK
					      : __real_open64(path, flags);
}

int
__wrap_close(int fd)
{
	return fd == CLOCK ? 0 : __real_close(fd);
}

static void
test_stamps(void)
{
	memset(&card, 0, sizeof(card));
	CHECK(!card_stamps(CARD, "eth9"));
	card.stamps = true; /* of PTP's own frames only */
	CHECK(!card_stamps(CARD, "eth9"));
	card.all = true;
	CHECK(card_stamps(CARD, "eth9"));
	CHECK(card.stamping);
	card.stamping = false;
	card.clock_off = 5 * TICK_SECOND; /* nobody sets it */
	CHECK(!card_stamps(CARD, "eth9"));
	card.clock_off = -37 * TICK_SECOND; /* TAI: not ours either */
	CHECK(!card_stamps(CARD, "eth9"));
	CHECK(!card.stamping);
	card.clock_off = 2000; /* ptp4l and phc2sys do */
	CHECK(card_stamps(CARD, "eth9"));
}

static void
test_prepared(void)
{
	memset(&card, 0, sizeof(card));
	card.lro = card.gro = card.pause = true;
	CHECK(!card_prepare(CARD, "eth9", false));
	CHECK(!card.lro && !card.gro && !card.pause && !card.every);
	CHECK(card_prepare(CARD, "eth9", true));
	CHECK(card.every && card.fcs);
	CHECK(card_passes_fcs(CARD, "eth9"));
	card.no_ethtool = true; /* a card that can nothing is watched, too */
	CHECK(!card_prepare(CARD, "eth9", true));
	CHECK(!card_stamps(CARD, "eth9"));
}

static uint64_t
counted(const struct live_card *all, uint32_t n, const char *name)
{
	for (uint32_t i = 0; i < n; i++)
		if (strcmp(all[i].name, name) == 0)
			return all[i].n;
	return UINT64_MAX;
}

static void
test_drops(void)
{
	struct live_card all[LIVE_CARD_MAX];
	uint32_t n;

	memset(&card, 0, sizeof(card));
	card.counted = 7;
	n = card_drops(CARD, "eth9", all);
	CHECK(n == LIVE_CARD_MAX); /* and no more */
	CHECK(counted(all, n, "rx_no_dma_resources") == 7);
	CHECK(counted(all, n, "rx_queue_drops") == 14); /* of all queues */
	CHECK(counted(all, n, "pkts rx OOB") == 7);
	CHECK(counted(all, n, "rx_packets") == UINT64_MAX);
	CHECK(counted(all, n, "tx_queue_0_drops") == UINT64_MAX);
	card.no_ethtool = true;
	CHECK(card_drops(CARD, "eth9", all) == 0);
}

int
main(void)
{
	test_drops();
	test_stamps();
	test_prepared();
	return check_done();
}
