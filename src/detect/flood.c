/*
 * flood.c - too much of it: connections, and sources that do not exist.
 *
 * Sources of a flood are invented and never become assets; there is one alert
 * for their target, however many they are.
 */
#include <stdio.h>

#include "../proto/proto.h"
#include "watch.h"

#define WEB_FACTOR 10u /* pages are fetched over many short connections */

static void
invented(struct detect *d, const struct event *e)
{
	const struct talk *t = e->talk;
	char text[192], to[ADDR_TEXT_MAX];
	uint32_t within, least, n, count;

	least = watch_limit(d, ALERT_spoofed_flood, &within);
	n = watch_silent(d,
	    &(struct silence){ .row = ALERT_spoofed_flood,
		.who = watch_service(t),
		.target = &t->client,
		.vlan = t->vlan },
	    e->at);
	if (n == 0 || n < least ||
	    !watch_due(d, ALERT_spoofed_flood, watch_service(t), e->at, &count))
		return;
	(void)snprintf(text, sizeof(text),
	    "%u addresses that never answer sent to %s port %u within %u s", n,
	    ip_text(&t->server.ip, to), t->server_port, within);
	detect_raise(d, e,
	    &(struct finding){ .row = ALERT_spoofed_flood,
		.text = text,
		.count = count,
		.extra = t->server_port,
		.source = &watch_nobody });
}

static bool
is_web(uint16_t port)
{
	return port == 80 || port == 443 || port == 8080 || port == 8443;
}

static void
sessions(struct detect *d, const struct event *e)
{
	const struct talk *t = e->talk;
	char text[192], from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];
	const uint64_t key = key_mix(addr_key(&t->client), watch_service(t));
	uint32_t within, least, n, count;

	least = watch_limit(d, ALERT_excessive_sessions, &within);
	if (is_web(t->server_port))
		least *= WEB_FACTOR;
	n = memory_count(detect_memory(d), ALERT_excessive_sessions, key, e->at,
	    within);
	if (n < least ||
	    !watch_due(d, ALERT_excessive_sessions, key, e->at, &count))
		return;
	(void)snprintf(text, sizeof(text),
	    "%s opened %u connections to %s port %u within %u s",
	    ip_text(&t->client.ip, from), n, ip_text(&t->server.ip, to),
	    t->server_port, within);
	detect_raise(d, e,
	    &(struct finding){ .row = ALERT_excessive_sessions,
		.text = text,
		.count = count,
		.extra = t->server_port });
}

void
detector_flood(struct detect *d, const struct event *e)
{
	const struct talk *t = e->talk;

	if (t->client.ip.len == 0 || ip_is_group(&t->server.ip) ||
	    watch_is(e->client, ASSET_SCANNER))
		return;
	if (e->client == NULL && (t->via == VIA_TCP || t->via == VIA_UDP))
		invented(d, e);
	if (watch_opens(d, t) &&
	    (e->client != NULL ||
		!watch_is_on(d, ALERT_spoofed_flood, watch_service(t), e->at)))
		sessions(d, e);
}
