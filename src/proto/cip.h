/*
 * cip.h - what EtherNet/IP and CIP share: the per-flow memory in which a
 * connection opened by one message gives meaning to the next.
 *
 * A route is where a message leaves the device it was sent to: port << 16 |
 * link address (slot of a backplane, node of a network), with CIP_ROUTED; a
 * link address that is text (an IP address) keeps its length only.
 */
#ifndef PROTO_CIP_H
#define PROTO_CIP_H

#include <stdbool.h>
#include <stdint.h>

#define CIP_ROUTED 0x80000000u
#define CIP_CONNS 8
#define CIP_EMBEDDED 24
#define CIP_TAG_MAX 80

struct cip_conn { /* made by a forward open and its answer */
	uint32_t to_target, to_origin; /* connection identifiers */
	uint32_t route;
	uint16_t serial;
	uint16_t class_id; /* of the object at its end */
};

struct cip_flow {
	struct cip_conn conn[CIP_CONNS];
	uint32_t next_conn;
	uint32_t route; /* of the connection this message came by */
	/* objects of the newest multiple service request */
	struct {
		uint32_t pair;
		uint32_t n;
		struct {
			uint32_t instance; /* or hash of the tag */
			uint16_t class_id; /* CIP_IS_TAG: a tag */
			uint16_t attribute;
		} item[CIP_EMBEDDED];
	} multi;
	/* name of the newest tag asked for, to name its values */
	uint32_t tag_pair;
	uint16_t tag_len;
	bool told_role; /* that the server is a controller */
	uint8_t tag[CIP_TAG_MAX];
};
#define CIP_IS_TAG 0xffffu

struct rd;
struct dissect;

/*
 * The attributes of an identity object in their order: vendor, device type,
 * product code, revision, status, serial number, product name, and state if it
 * is there.  Said of the sender, or where `route` is not zero of a module of
 * it.
 */
void cip_identity_read(struct rd *, struct dissect *, uint32_t route);

#endif
