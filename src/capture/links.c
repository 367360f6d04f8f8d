/*
 * links.c - link types by name (the LINKTYPE_ registry, as laid down in
 * draft-ietf-opsawg-pcaplinktype), and what else depends on them.
 */
#include <stdio.h>

#include "private.h"

#define PACKET_MAX (256u * 1024u)
/* half of what a window can hold, for headers and options around them */
#define PACKET_MAX_LARGE (SOURCE_MAX / 2)

enum {
	LINK_DBUS = 231,
	LINK_USBPCAP = 249,
	LINK_EBHSCR = 279
};
enum {
	LINK_RAW_BSD = 12,
	LINK_RAW_OPENBSD = 14,
	LINK_RAW = 101
};

static const struct link {
	uint16_t link;
	const char *name;
} links[] = {
	{ 0, "null" },
	{ 1, "ethernet" },
	{ 3, "ax25" },
	{ 6, "token-ring" },
	{ 7, "arcnet" },
	{ 8, "slip" },
	{ 9, "ppp" },
	{ 10, "fddi" },
	{ 50, "ppp-hdlc" },
	{ 51, "ppp-ethernet" },
	{ 100, "atm-rfc1483" },
	{ 101, "raw-ip" },
	{ 104, "cisco-hdlc" },
	{ 105, "ieee802-11" },
	{ 106, "atm-clip" },
	{ 107, "frame-relay" },
	{ 108, "loop" },
	{ 113, "linux-cooked" },
	{ 114, "localtalk" },
	{ 117, "pf-log" },
	{ 119, "ieee802-11-prism" },
	{ 122, "ip-over-fc" },
	{ 123, "sunatm" },
	{ 127, "ieee802-11-radiotap" },
	{ 129, "arcnet-linux" },
	{ 138, "ip-over-1394" },
	{ 139, "mtp2-with-header" },
	{ 140, "mtp2" },
	{ 141, "mtp3" },
	{ 142, "sccp" },
	{ 143, "docsis" },
	{ 144, "linux-irda" },
	{ 163, "ieee802-11-avs" },
	{ 165, "bacnet-mstp" },
	{ 166, "ppp-pppd" },
	{ 169, "gprs-llc" },
	{ 177, "linux-lapd" },
	{ 178, "juniper-ethernet" },
	{ 187, "bluetooth-hci-h4" },
	{ 189, "usb-linux" },
	{ 192, "ppi" },
	{ 195, "ieee802-15-4" },
	{ 196, "sita" },
	{ 197, "erf" },
	{ 201, "bluetooth-hci-h4-phdr" },
	{ 202, "ax25-kiss" },
	{ 203, "lapd" },
	{ 209, "ipmb-linux" },
	{ 210, "flexray" },
	{ 212, "lin" },
	{ 215, "ieee802-15-4-nonask" },
	{ 220, "usb-linux-mmapped" },
	{ 224, "fc-2" },
	{ 225, "fc-2-frames" },
	{ 226, "ipnet" },
	{ 227, "can-socketcan" },
	{ 228, "ipv4" },
	{ 229, "ipv6" },
	{ 230, "ieee802-15-4-nofcs" },
	{ 231, "dbus" },
	{ 235, "dvb-ci" },
	{ 236, "mux27010" },
	{ 237, "stanag-5066" },
	{ 239, "nflog" },
	{ 240, "netanalyzer" },
	{ 241, "netanalyzer-transp" },
	{ 242, "ip-over-infiniband" },
	{ 243, "mpeg-2-ts" },
	{ 247, "infiniband" },
	{ 248, "sctp" },
	{ 249, "usbpcap" },
	{ 250, "rtac-serial" },
	{ 251, "bluetooth-le-ll" },
	{ 253, "netlink" },
	{ 256, "bluetooth-le-ll-phdr" },
	{ 258, "pktap" },
	{ 259, "epon" },
	{ 264, "iso-14443" },
	{ 265, "rds" },
	{ 266, "usb-darwin" },
	{ 270, "loratap" },
	{ 271, "vsock" },
	{ 272, "nordic-ble" },
	{ 274, "ethernet-mpacket" },
	{ 275, "displayport-aux" },
	{ 276, "linux-cooked-v2" },
	{ 279, "ebhscr" },
	{ 280, "vpp-dispatch" },
	{ 281, "dsa-tag-brcm" },
	{ 282, "dsa-tag-brcm-prepend" },
	{ 283, "ieee802-15-4-tap" },
	{ 284, "dsa-tag-dsa" },
	{ 285, "dsa-tag-edsa" },
	{ 288, "usb-2-0" },
};

const char *
capture_link_name(uint16_t link, char dst[static 24])
{
	(void)snprintf(dst, 24, "linktype-%u", (unsigned)link);
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (links[i].link == link)
			(void)snprintf(dst, 24, "%s", links[i].name);
	return dst;
}

uint16_t
link_normal(uint16_t link)
{
	if (link == LINK_RAW_BSD || link == LINK_RAW_OPENBSD)
		return LINK_RAW;
	return link;
}

/* What every writer keeps to (libpcap's own limit); buses send more. */
uint32_t
link_packet_max(uint16_t link)
{
	if (link == LINK_DBUS || link == LINK_USBPCAP || link == LINK_EBHSCR)
		return PACKET_MAX_LARGE;
	return PACKET_MAX;
}
