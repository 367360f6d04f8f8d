/*
 * snmp_tables.h - objects that identify a device, and who owns which branch
 * of the enterprises.
 *
 * SNMPv2-MIB (RFC 3418), IF-MIB (RFC 2863), IP-MIB (RFC 4293), ENTITY-MIB
 * (RFC 6933); numbers: IANA, Private Enterprise Numbers.
 */
#ifndef PROTO_SNMP_TABLES_H
#define PROTO_SNMP_TABLES_H

enum snmp_what { /* what an object's value says */
	SAYS_TEXT, /* the trait, as text */
	SAYS_VENDOR, /* an object identifier under a maker's branch */
	SAYS_PART, /* the trait of the chassis, else of a module */
	SAYS_OWN_MAC,
	SAYS_OWN_IP,
};

struct snmp_object {
	uint8_t n;
	uint8_t oid[12]; /* as encoded, without the instance */
	uint8_t what; /* enum snmp_what */
	uint8_t trait;
	const char *name;
};

#define MIB2 0x2b, 6, 1, 2, 1
#define SYSTEM(last)          \
	7,                    \
	{                     \
		MIB2, 1, last \
	}
#define ENTITY(last)                       \
	11,                                \
	{                                  \
		MIB2, 47, 1, 1, 1, 1, last \
	}

static const struct snmp_object snmp_objects[] = {
	{ SYSTEM(1), SAYS_TEXT, TRAIT_DESCRIPTION, "sysDescr" },
	{ SYSTEM(2), SAYS_VENDOR, TRAIT_VENDOR, "sysObjectID" },
	{ SYSTEM(4), SAYS_TEXT, TRAIT_CONTACT, "sysContact" },
	{ SYSTEM(5), SAYS_TEXT, TRAIT_NAME, "sysName" },
	{ SYSTEM(6), SAYS_TEXT, TRAIT_LOCATION, "sysLocation" },
	{ 9, { MIB2, 2, 2, 1, 6 }, SAYS_OWN_MAC, 0, "ifPhysAddress" },
	{ 9, { MIB2, 4, 20, 1, 1 }, SAYS_OWN_IP, 0, "ipAdEntAddr" },
	{ ENTITY(8), SAYS_PART, TRAIT_HARDWARE, "entPhysicalHardwareRev" },
	{ ENTITY(9), SAYS_PART, TRAIT_FIRMWARE, "entPhysicalFirmwareRev" },
	{ ENTITY(10), SAYS_PART, TRAIT_APPLICATION, "entPhysicalSoftwareRev" },
	{ ENTITY(11), SAYS_PART, TRAIT_SERIAL, "entPhysicalSerialNum" },
	{ ENTITY(12), SAYS_PART, TRAIT_VENDOR, "entPhysicalMfgName" },
	{ ENTITY(13), SAYS_PART, TRAIT_MODEL, "entPhysicalModelName" },
};

#undef ENTITY
#undef SYSTEM
#undef MIB2

struct snmp_maker {
	uint32_t number;
	const char *name;
};

/* In ascending order.  Agents that are software alone are not here. */
static const struct snmp_maker snmp_makers[] = {
	{ 2, "IBM" },
	{ 9, "Cisco" },
	{ 11, "Hewlett-Packard" },
	{ 42, "Sun Microsystems" },
	{ 43, "3Com" },
	{ 94, "Nokia" },
	{ 95, "Rockwell Automation" },
	{ 161, "Motorola" },
	{ 171, "D-Link" },
	{ 193, "Ericsson" },
	{ 207, "Allied Telesis" },
	{ 232, "Compaq" },
	{ 248, "Hirschmann" },
	{ 253, "Xerox" },
	{ 311, "Microsoft" },
	{ 318, "APC" },
	{ 367, "Ricoh" },
	{ 476, "Vertiv" },
	{ 534, "Eaton" },
	{ 637, "Alcatel-Lucent" },
	{ 641, "Lexmark" },
	{ 674, "Dell" },
	{ 789, "NetApp" },
	{ 850, "Tripp Lite" },
	{ 890, "Zyxel" },
	{ 1347, "Kyocera" },
	{ 1588, "Brocade" },
	{ 1602, "Canon" },
	{ 1916, "Extreme Networks" },
	{ 1991, "Foundry Networks" },
	{ 2011, "Huawei" },
	{ 2435, "Brother" },
	{ 2636, "Juniper" },
	{ 3375, "F5" },
	{ 3808, "CyberPower" },
	{ 3833, "Schneider Electric" },
	{ 3902, "ZTE" },
	{ 3955, "Linksys" },
	{ 4196, "Siemens" },
	{ 4329, "Siemens" },
	{ 4346, "Phoenix Contact" },
	{ 4526, "Netgear" },
	{ 4555, "Socomec" },
	{ 5624, "Enterasys" },
	{ 6486, "Alcatel-Lucent Enterprise" },
	{ 6574, "Synology" },
	{ 6876, "VMware" },
	{ 8691, "Moxa" },
	{ 8741, "SonicWall" },
	{ 11863, "TP-Link" },
	{ 12148, "Eltek" },
	{ 12356, "Fortinet" },
	{ 13576, "WAGO" },
	{ 14988, "MikroTik" },
	{ 15004, "RuggedCom" },
	{ 16177, "Westermo" },
	{ 22638, "Siemens" },
	{ 24681, "QNAP" },
	{ 25461, "Palo Alto Networks" },
	{ 25506, "H3C" },
	{ 28866, "TRENDnet" },
	{ 29462, "Stulz" },
	{ 30065, "Arista" },
	{ 41112, "Ubiquiti" },
};

#endif
