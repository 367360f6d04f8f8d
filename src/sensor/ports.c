/*
 * ports.c - behind which port of a switch each device is: the switch's
 * forwarding table, when it was asked for it by SNMP.
 *
 *	dot1dTpFdbPort.0.1.2.3.4.5 = 7	RFC 4188: a MAC address, its bridge port
 *	dot1dBasePortIfIndex.7 = 10107	the port's interface
 *	ifName.10107 = "Gi1/0/7"	RFC 2863: its name
 *
 * A port behind which many addresses are leads to another switch; it says
 * nothing of where they are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

#define ENTRIES 4096u
#define PORTS 1024u
#define NAME 40u
#define BEHIND_MOST 4u /* more: another switch is there */

static const char fdb[] = "1.3.6.1.2.1.17.4.3.1.2.";
static const char base[] = "1.3.6.1.2.1.17.1.4.1.2.";
static const char names[] = "1.3.6.1.2.1.31.1.1.1.1.";

struct ports {
	struct talk talk; /* with the switch */
	struct tick at;
	uint8_t proto;
	uint32_t n_entry, n_base, n_name;
	struct {
		struct mac mac;
		uint32_t port;
	} entry[ENTRIES];
	struct {
		uint32_t port, index;
	} base[PORTS];
	struct {
		uint32_t index;
		char name[NAME];
	} name[PORTS];
};

/* The numbers after the prefix, with dots between; how many there are, 0:
 * another object, or too many. */
static uint32_t
numbers_of(const char *text, const char *prefix, uint32_t *ret, uint32_t most)
{
	size_t n = strlen(prefix);
	uint32_t count = 0;
	char *end;

	if (strncmp(text, prefix, n) != 0)
		return 0;
	for (text += n; *text >= '0' && *text <= '9'; text = end + 1) {
		if (count == most)
			return 0;
		ret[count++] = (uint32_t)strtoul(text, &end, 10);
		if (*end != '.')
			break;
	}
	return count;
}

/* Answers overlap: an address counts once. */
static void
take_entry(struct ports *p, const uint32_t numbers[static 6], int64_t port)
{
	struct mac mac = { .b = { 0 } };

	for (unsigned i = 0; i < 6; i++)
		mac.b[i] = (uint8_t)numbers[i];
	for (uint32_t i = 0; i < p->n_entry; i++)
		if (mac_same(&p->entry[i].mac, &mac))
			return;
	if (p->n_entry == ENTRIES || port <= 0)
		return;
	p->entry[p->n_entry].mac = mac;
	p->entry[p->n_entry++].port = (uint32_t)port;
}

static void
take_number(struct ports *p, const char *text, int64_t value)
{
	uint32_t at[6];

	if (numbers_of(text, fdb, at, 6) == 6)
		take_entry(p, at, value);
	else if (numbers_of(text, base, at, 1) == 1 && p->n_base < PORTS) {
		p->base[p->n_base].port = at[0];
		p->base[p->n_base++].index = (uint32_t)value;
	}
}

/* "1.3.6.1.2.1.31.1.1.1.1.10107=Gi1/0/7" */
static void
take_name(struct ports *p, const char *text)
{
	const char *value = strchr(text, '=');
	uint32_t index;

	if (value == NULL || numbers_of(text, names, &index, 1) != 1 ||
	    p->n_name == PORTS)
		return;
	p->name[p->n_name].index = index;
	(void)snprintf(p->name[p->n_name++].name, NAME, "%s", value + 1);
}

void
ports_fact(struct sensor *s, const struct fact *f, const struct talk *t)
{
	char text[FACT_TEXT_MAX + 1];

	if (f->kind != FACT_VALUE || !f->from_server || f->text_len == 0 ||
	    f->text_len > FACT_TEXT_MAX)
		return;
	memcpy(text, f->text, f->text_len);
	text[f->text_len] = '\0';
	if (strncmp(text, "1.3.6.1.2.1.", 12) != 0)
		return;
	if (s->ports == NULL)
		s->ports = calloc(1, sizeof(*s->ports));
	if (s->ports == NULL)
		return;
	s->ports->talk = *t;
	s->ports->at = f->at;
	s->ports->proto = f->proto;
	if (f->num_type == NUM_INT)
		take_number(s->ports, text, f->num.i);
	else
		take_name(s->ports, text);
}

/* ------------------------------------------------------------------------ told
 */

static uint32_t
behind(const struct ports *p, uint32_t port)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->n_entry; i++)
		n += p->entry[i].port == port;
	return n;
}

/* Its name, or its number where the switch does not say. */
static void
name_port(const struct ports *p, uint32_t port, char *dst, size_t cap)
{
	(void)snprintf(dst, cap, "%u", (unsigned)port);
	for (uint32_t i = 0; i < p->n_base; i++) {
		if (p->base[i].port != port)
			continue;
		for (uint32_t k = 0; k < p->n_name; k++)
			if (p->name[k].index == p->base[i].index)
				(void)snprintf(dst, cap, "%s", p->name[k].name);
	}
}

static void
tell(struct sensor *s, const struct ports *p, uint32_t i)
{
	struct fact f = { .at = p->at,
		.kind = FACT_IDENT,
		.proto = p->proto,
		.about = ABOUT_ADDR,
		.trait = TRAIT_PORT,
		.response = true,
		.from_server = true };
	char port[NAME], ip[ADDR_TEXT_MAX];

	name_port(p, p->entry[i].port, port, sizeof(port));
	f.addr.mac = p->entry[i].mac;
	f.addr.has_mac = true;
	fact_textf(&f, "%s of switch %s", port,
	    ip_text(&p->talk.server.ip, ip));
	inventory_asked(s->inventory, &f, &p->talk);
}

void
ports_end(struct sensor *s)
{
	struct ports *p = s->ports;

	if (p == NULL)
		return;
	for (uint32_t i = 0; i < p->n_entry; i++)
		if (behind(p, p->entry[i].port) <= BEHIND_MOST)
			tell(s, p, i);
	p->n_entry = p->n_base = p->n_name = 0;
}
