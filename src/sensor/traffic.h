/*
 * traffic.h - how much passed in each minute, hour and day: in all, at each
 * monitoring port, in each protocol, from and to each device.
 *
 * Packets are counted in the minute of their own time.  A minute that is over
 * is added to its hour, an hour to its day; rows wait here until they are
 * written.  Of devices the busiest TRAFFIC_DEVICES of a span have rows of
 * their own, the others one together (device 0).  One thread.
 */
#ifndef SENSOR_TRAFFIC_H
#define SENSOR_TRAFFIC_H

#include "../model/packet.h"
#include "../store/store.h"

#define TRAFFIC_DEVICES 64u
#define TRAFFIC_PORTS 16u

struct traffic;

/* NULL when memory is out. */
struct traffic *traffic_new(uint32_t assets_max);
void traffic_free(struct traffic *);

/* What a packet counts for; `proto` is an index into protos[], PROTO_UNKNOWN
 * until its flow is known; assets may be ASSET_NONE. */
void traffic_packet(struct traffic *, const struct packet *, uint8_t proto,
    uint32_t client, uint32_t server);
/* Time passes without packets: a minute may be over. */
void traffic_clock(struct traffic *, struct tick now);
/* No more packets: the running minute ends. */
void traffic_end(struct traffic *);
/* So many rows wait that they should be written now. */
bool traffic_is_full(const struct traffic *);
/* Within a batch of the store: minutes that are over, and what they added to
 * their hour and day. */
bool traffic_save(struct traffic *, struct store *);

#endif
