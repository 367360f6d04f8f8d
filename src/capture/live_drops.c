/*
 * live_drops.c - what a network card says of frames it did not hand over: the
 * counters of `ethtool -S`, whose names are each driver's own.
 *
 * They tell what is to be done about it (a ring that is too short, a bus that
 * is too slow); the sum of what is lost is the kernel's (struct link).
 */
#include <fnmatch.h>
#include <linux/ethtool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live_private.h"

#define COUNTERS_MAX 4096u

/* `*` stands for anything: the queues of a card are one. */
static const struct drop_name {
	const char *pattern, *shown;
} names[] = {
	{ "rx_no_buffer_count", "rx_no_buffer_count" }, /* e1000, e1000e, igb */
	{ "rx_no_dma_resources", "rx_no_dma_resources" }, /* ixgbe */
	{ "port.rx_dropped", "port.rx_dropped" }, /* i40e */
	{ "rx_dropped.nic", "rx_dropped.nic" }, /* ice */
	{ "rx_out_of_buffer", "rx_out_of_buffer" }, /* mlx5 */
	{ "rx_discards_phy", "rx_discards_phy" }, /* mlx5 */
	{ "rx_discards", "rx_discards" }, /* tg3 */
	{ "rx_missed", "rx_missed" }, /* r8169 */
	{ "rx_no_memory", "rx_no_memory" }, /* hv_netvsc */
	{ "rx*_drops", "rx_queue_drops" }, /* virtio_net, veth */
	{ "*pkts rx OOB", "pkts rx OOB" }, /* vmxnet3 */
	{ "*drv dropped rx total", "drv dropped rx" }, /* vmxnet3 */
};
#define NAMES (sizeof(names) / sizeof(names[0]))

static const char *
shown_as(const char *counter)
{
	for (size_t i = 0; i < NAMES; i++)
		if (fnmatch(names[i].pattern, counter, 0) == 0)
			return names[i].shown;
	return NULL;
}

/* Of several queues the sum; further names than there is room for are not
 * shown. */
static uint32_t
add(struct live_card *all, uint32_t n, const char *name, uint64_t value)
{
	uint32_t i = 0;

	while (i < n && strcmp(all[i].name, name) != 0)
		i++;
	if (i == LIVE_CARD_MAX)
		return n;
	if (i == n) {
		all[i] = (struct live_card){ .n = 0 };
		(void)snprintf(all[i].name, sizeof(all[i].name), "%s", name);
	}
	all[i].n += value;
	return i == n ? n + 1 : n;
}

uint32_t
card_drops(int fd, const char *name, struct live_card ret[static LIVE_CARD_MAX])
{
	uint32_t count = card_count(fd, name, ETH_SS_STATS, COUNTERS_MAX),
		 n = 0;
	struct ethtool_gstrings *s =
	    calloc(1, sizeof(*s) + (size_t)COUNTERS_MAX * ETH_GSTRING_LEN);
	struct ethtool_stats *v =
	    calloc(1, sizeof(*v) + COUNTERS_MAX * sizeof(v->data[0]));

	if (s != NULL && v != NULL && count > 0) {
		s->cmd = ETHTOOL_GSTRINGS;
		s->string_set = ETH_SS_STATS;
		v->cmd = ETHTOOL_GSTATS;
		s->len = v->n_stats = count;
		if (!card_ask(fd, name, s) || !card_ask(fd, name, v))
			count = 0;
		for (uint32_t i = 0; i < count; i++) {
			char one[ETH_GSTRING_LEN + 1] = "";
			const char *as;

			memcpy(one, s->data + (size_t)i * ETH_GSTRING_LEN,
			    ETH_GSTRING_LEN);
			as = shown_as(one);
			if (as != NULL)
				n = add(ret, n, as, v->data[i]);
		}
	}
	free(s);
	free(v);
	return n;
}
