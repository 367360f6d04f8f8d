/*
 * siprotec.c - the datagram that stops network modules of SIPROTEC relays.
 *
 * CVE-2015-5374 (Siemens SSA-732541, ICSA-15-202-01) says: to UDP port 50000.
 * The bytes are those of the Metasploit module published for it (Exploit-DB
 * 44103 of March 2018): eighteen, 11 49 at the start, 28 9e at the end and
 * zeros between, as analyses of Industroyer show them.  Whether the zeros
 * matter to the relay is not known; they are not asked for here.
 */
#include "watch.h"

#define PORT 50000u
#define LENGTH 18u

void
detector_siprotec(struct detect *d, const struct event *e)
{
	const struct packet *p = detect_now(d);

	if (e->talk->via != VIA_UDP || e->talk->server_port != PORT ||
	    p == NULL || p->payload.n != LENGTH || p->payload.p[0] != 0x11 ||
	    p->payload.p[1] != 0x49 || p->payload.p[LENGTH - 2] != 0x28 ||
	    p->payload.p[LENGTH - 1] != 0x9e)
		return;
	detect_raise(d, e, &(struct finding){ .row = ALERT_siprotec_dos });
}
