/*
 * work_it.c - the offices: people who come in the morning, get an address,
 * sign in, read and write files, look at the Internet, and go.
 */
#include "plant.h"

enum {
	N_CLIENTS = 40,
	SITES = 6, /* that a person likes */
	FILES = 5
};

struct person {
	struct host *host;
	struct rng rng;
	uint64_t home; /* when he goes */
};

static struct person people[N_CLIENTS];

static bool
taken(struct plant *p, uint32_t ip)
{
	for (uint32_t i = 0; i < p->n_hosts; i++)
		if (p->host[i].ip == ip)
			return true;
	return false;
}

/* Most get the address they had. */
static void
come(struct plant *p, struct person *o)
{
	uint32_t ip = o->host->ip;

	if (rng_below(&o->rng, 6) == 0) {
		ip = IP(10, 30, 60, 101 + rng_below(&o->rng, 140));
		if (taken(p, ip))
			ip = o->host->ip;
	}
	o->host->away = false;
	dhcp_lease(p, o->host, ip, ip == o->host->ip);
	arp_ask(p, o->host, p->server);
	dns_ask(p, o->host, "dc-1.plant.example", p->server->ip);
	ntp_ask(p, o->host, p->server);
}

static void
browse(struct plant *p, struct person *o)
{
	uint32_t n =
	    1 + (o->host->number * 11u + rng_below(&o->rng, SITES) * 3) % 40;
	struct host *site = host_of(p, KIND_OUTSIDE, n);
	char name[40];

	(void)snprintf(name, sizeof(name), "www.site%u.example", (unsigned)n);
	dns_ask(p, o->host, name, site->ip);
	tls_session(p, o->host, site, name, 800,
	    3000 + rng_below(&o->rng, 20000));
}

static void
use_file(struct plant *p, struct person *o)
{
	struct conn c;
	char file[48];
	uint32_t n = rng_below(&o->rng, FILES);

	(void)snprintf(file, sizeof(file), "%s\\doc%u.docx", o->host->user,
	    (unsigned)n);
	dns_ask(p, o->host, "files1.plant.example", p->files->ip);
	smb_begin(p, &c, o->host, p->files, "office");
	smb_copy(p, &c, file, 20000 + rng_below(&o->rng, 60000), n % 2 == 0);
	smb_end(p, &c);
}

/* The first two look after an engineering station from their desk. */
static void
remote(struct plant *p, struct person *o)
{
	rdp_session(p, o->host, host_of(p, KIND_EWS, 1u + o->host->number),
	    o->host->user, 60000);
}

static void
day(struct plant *p, void *arg)
{
	struct person *o = arg;
	uint32_t what = rng_below(&o->rng, 10);

	if (p->now >= o->home) {
		o->host->away = true;
		return;
	}
	if (what < 6)
		browse(p, o);
	else if (what < 9)
		use_file(p, o);
	else
		http_get(p, o->host,
		    host_of(p, KIND_PRINTER, 1 + o->host->number % 2u),
		    "/status");
	plant_after(p, rng_wait(&o->rng, 45 * MINUTE), day, o);
}

static void
morning(struct plant *p, void *arg)
{
	struct person *o = arg;
	uint64_t midnight = p->now - p->now % DAY;

	if (plant_weekday(p) < 5) {
		come(p, o);
		o->home =
		    midnight + 15 * HOUR + rng_below(&o->rng, 180) * MINUTE;
		if (o->host->number <= 2)
			remote(p, o);
		plant_after(p, rng_wait(&o->rng, 20 * MINUTE), day, o);
	}
	plant_at(p,
	    midnight + DAY + 6 * HOUR + rng_below(&o->rng, 150) * MINUTE,
	    morning, o);
}

void
work_it_begin(struct plant *p)
{
	for (uint32_t i = 0; i < N_CLIENTS; i++) {
		struct person *o = &people[i];

		o->host = host_of(p, KIND_CLIENT, i + 1);
		o->host->away = true;
		o->rng = rng_of(p->seed, "person", i);
		plant_after(p, 6 * HOUR + rng_below(&o->rng, 150) * MINUTE,
		    morning, o);
	}
}
