/*
 * live_card.c - what the network card does by itself, asked and set
 * (ethtool, linux/ethtool.h).
 *
 * Cards join segments into large ones, pause the sender, and drop frames that
 * are damaged: good for a host, wrong for one that watches.
 */
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/net_tstamp.h>
#include <linux/ptp_clock.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "live_private.h"

#define FEATURES_MAX 512u
#define CLOCK_OFF (TICK_SECOND / 100) /* between system and card */

bool
card_ask(int fd, const char *name, void *command)
{
	struct ifreq r = { .ifr_data = command };

	(void)snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	return ioctl(fd, SIOCETHTOOL, &r) == 0;
}

static bool
set_value(int fd, const char *name, uint32_t command, uint32_t value)
{
	struct ethtool_value v = { .cmd = command, .data = value };

	return card_ask(fd, name, &v);
}

void
card_describe(int fd, struct live_status *st)
{
	struct ethtool_drvinfo driver = { .cmd = ETHTOOL_GDRVINFO };
	struct ethtool_cmd speed = { .cmd = ETHTOOL_GSET };
	uint32_t mbit;

	if (card_ask(fd, st->now, &driver))
		(void)snprintf(st->driver, sizeof(st->driver), "%.31s",
		    driver.driver);
	if (!card_ask(fd, st->now, &speed))
		return;
	mbit = ethtool_cmd_speed(&speed);
	st->mbit = mbit != (uint32_t)SPEED_UNKNOWN ? mbit : 0;
	st->full_duplex = speed.duplex == DUPLEX_FULL;
}

/* ------------------------------------------------- features told by name */

uint32_t
card_count(int fd, const char *name, uint32_t set, uint32_t most)
{
	union {
		struct ethtool_sset_info info;
		uint32_t word[sizeof(struct ethtool_sset_info) / 4 + 1];
	} ask = { .word = { 0 } };
	uint32_t n;

	ask.info.cmd = ETHTOOL_GSSET_INFO;
	ask.info.sset_mask = UINT64_C(1) << set;
	if (!card_ask(fd, name, &ask) || ask.info.sset_mask == 0)
		return 0;
	n = ask.info.data[0];
	return n < most ? n : most;
}

/* The number of a feature, or UINT32_MAX. */
static uint32_t
feature_find(int fd, const char *name, const char *feature)
{
	uint32_t n = card_count(fd, name, ETH_SS_FEATURES, FEATURES_MAX),
		 found = UINT32_MAX;
	struct ethtool_gstrings *s;

	s = calloc(1, sizeof(*s) + (size_t)FEATURES_MAX * ETH_GSTRING_LEN);
	if (s == NULL)
		return found;
	s->cmd = ETHTOOL_GSTRINGS;
	s->string_set = ETH_SS_FEATURES;
	s->len = n;
	if (n > 0 && card_ask(fd, name, s))
		for (uint32_t i = 0; i < n; i++)
			if (strncmp((const char *)s->data +
				    (size_t)i * ETH_GSTRING_LEN,
				feature, ETH_GSTRING_LEN) == 0)
				found = i;
	free(s);
	return found;
}

static bool
feature_on(int fd, const char *name, const char *feature)
{
	uint32_t i = feature_find(fd, name, feature);
	union {
		struct ethtool_sfeatures head;
		uint32_t word[2 + 2 * FEATURES_MAX / 32];
	} set = { .word = { 0 } };

	if (i == UINT32_MAX)
		return false;
	set.head.cmd = ETHTOOL_SFEATURES;
	set.head.size = i / 32 + 1;
	set.head.features[i / 32].valid = 1u << i % 32;
	set.head.features[i / 32].requested = 1u << i % 32;
	return card_ask(fd, name, &set);
}

static bool
feature_is_on(int fd, const char *name, const char *feature)
{
	uint32_t i = feature_find(fd, name, feature);
	union {
		struct ethtool_gfeatures head;
		uint32_t word[2 + 4 * FEATURES_MAX / 32];
	} get = { .word = { 0 } };

	get.head.cmd = ETHTOOL_GFEATURES;
	get.head.size = FEATURES_MAX / 32;
	return i != UINT32_MAX && card_ask(fd, name, &get) &&
	    (get.head.features[i / 32].active >> i % 32 & 1) != 0;
}

/* -------------------------------------------------------------- settings */

bool
card_prepare(int fd, const char *name, bool damaged)
{
	struct ethtool_pauseparam pause = { .cmd = ETHTOOL_SPAUSEPARAM };
	struct ethtool_value flags = { .cmd = ETHTOOL_GFLAGS };

	(void)set_value(fd, name, ETHTOOL_SGRO, 0);
	if (card_ask(fd, name, &flags) && (flags.data & ETH_FLAG_LRO) != 0)
		(void)set_value(fd, name, ETHTOOL_SFLAGS,
		    flags.data & ~(uint32_t)ETH_FLAG_LRO);
	(void)card_ask(fd, name, &pause);
	if (damaged) {
		(void)feature_on(fd, name, "rx-all");
		(void)feature_on(fd, name, "rx-fcs");
	}
	return feature_is_on(fd, name, "rx-fcs");
}

bool
card_passes_fcs(int fd, const char *name)
{
	return feature_is_on(fd, name, "rx-fcs");
}

/* A clock of its own that nobody sets would date frames wrongly. */
static bool
clock_is_right(int index)
{
	struct ptp_sys_offset o = { .n_samples = 1 };
	char path[32];
	int64_t off;
	int fd;
	bool ok;

	(void)snprintf(path, sizeof(path), "/dev/ptp%d", index);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (index < 0 || fd < 0)
		return false;
	/* the system's clock, the card's, the system's */
	ok = ioctl(fd, PTP_SYS_OFFSET, &o) == 0;
	(void)close(fd);
	off = (o.ts[1].sec - o.ts[0].sec) * TICK_SECOND +
	    (int64_t)o.ts[1].nsec - (int64_t)o.ts[0].nsec;
	return ok && off < CLOCK_OFF && off > -CLOCK_OFF;
}

bool
card_stamps(int fd, const char *name)
{
	struct ethtool_ts_info info = { .cmd = ETHTOOL_GET_TS_INFO };
	struct hwtstamp_config config = { .tx_type = HWTSTAMP_TX_OFF,
		.rx_filter = HWTSTAMP_FILTER_ALL };
	struct ifreq r = { .ifr_data = (void *)&config };

	if (!card_ask(fd, name, &info) ||
	    (info.so_timestamping & SOF_TIMESTAMPING_RX_HARDWARE) == 0 ||
	    (info.rx_filters & 1u << HWTSTAMP_FILTER_ALL) == 0 ||
	    !clock_is_right(info.phc_index))
		return false;
	(void)snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	return ioctl(fd, SIOCSHWTSTAMP, &r) == 0 &&
	    config.rx_filter == HWTSTAMP_FILTER_ALL;
}
