/*
 * tail.c - novelty that never repeats: somebody looks at a register nobody
 * ever looked at, opens a page nobody knew.  Bursts of one to six new things,
 * nine of ten from five devices.
 */
#include "plant.h"

struct tail {
	struct rng rng;
	uint64_t mean; /* between bursts */
};

static struct host *
actor(struct plant *p, struct tail *t)
{
	static const enum kind others[] = { KIND_HMI, KIND_CLIENT, KIND_EWS };
	enum kind kind = others[rng_below(&t->rng, 3)];
	uint32_t five = rng_below(&t->rng, 5);

	if (rng_below(&t->rng, 10) == 0)
		return host_of(p, kind,
		    1 + rng_below(&t->rng, host_count(p, kind)));
	return five < 4 ? host_of(p, KIND_EWS, five + 1)
			: host_of(p, KIND_HMI, 7);
}

static void
in_controller(struct plant *p, struct tail *t, struct host *a, uint32_t n)
{
	static const enum kind kinds[] = { KIND_MODBUS, KIND_S7, KIND_LOGIX };
	enum kind kind = kinds[rng_below(&t->rng, 3)];
	struct host *b =
	    host_of(p, kind, 1 + rng_below(&t->rng, host_count(p, kind)));
	struct conn c = conn_make(p, a, b, talker_of(kind)->port);
	char tag[24];

	talker_of(kind)->open(p, &c);
	while (n-- > 0) {
		uint32_t new = p->one_off++;

		(void)snprintf(tag, sizeof(tag), "Test.Tag%u", (unsigned)new);
		if (kind == KIND_S7)
			s7_read(p, &c, 300 + new, 0, 8);
		else if (kind == KIND_LOGIX)
			cip_read_tag(p, &c, tag, 1);
		else if (a->kind == KIND_HMI)
			modbus_write(p, &c, 1, 1500 + new, 1, 1);
		else
			modbus_read(p, &c, 1, 3, 5000 + 16 * new % 50000, 4);
		wire_pass(p, SECOND / 2);
	}
	talker_of(kind)->close(p, &c);
}

static void
in_files(struct plant *p, struct host *a, uint32_t n)
{
	struct conn c;
	char file[40];

	smb_begin(p, &c, a, p->files, "office");
	while (n-- > 0) {
		(void)snprintf(file, sizeof(file), "new\\draft%u.docx",
		    (unsigned)p->one_off++);
		smb_copy(p, &c, file, 20000, true);
	}
	smb_end(p, &c);
}

static void
in_the_world(struct plant *p, struct host *a, uint32_t n)
{
	char name[40];

	while (n-- > 0) {
		uint32_t new = p->one_off++;
		struct host *site = host_of(p, KIND_OUTSIDE, 41 + new % 12);

		(void)snprintf(name, sizeof(name), "shop%u.example",
		    (unsigned)new);
		dns_ask(p, a, name, site->ip);
		tls_session(p, a, site, name, 500, 5000);
	}
}

/* A page of a device that this host never looked at. */
static void
in_devices(struct plant *p, struct tail *t, struct host *a, uint32_t n)
{
	static const enum kind kinds[] = { KIND_SWITCH, KIND_LOGIX, KIND_OPCUA,
		KIND_BACNET };

	while (n-- > 0) {
		enum kind kind = kinds[rng_below(&t->rng, 4)];

		http_get(p, a,
		    host_of(p, kind,
			1 + rng_below(&t->rng, host_count(p, kind))),
		    "/");
	}
}

static void
burst(struct plant *p, void *arg)
{
	struct tail *t = arg;
	struct host *a = actor(p, t);
	uint32_t n = 1 + rng_below(&t->rng, 6), what = rng_below(&t->rng, 4);

	if (rng_part(&t->rng) > plant_work(p) || a->away) {
		plant_after(p, HOUR, burst, t); /* later */
		return;
	}
	if (a->kind == KIND_CLIENT && what < 2)
		in_files(p, a, n);
	else if (a->kind == KIND_CLIENT)
		in_the_world(p, a, n);
	else if (a->kind == KIND_HMI || what < 2)
		in_controller(p, t, a, n);
	else if (what == 2)
		in_files(p, a, n);
	else
		in_devices(p, t, a, n);
	plant_after(p, rng_wait(&t->rng, t->mean), burst, t);
}

void
tail_begin(struct plant *p)
{
	static const double a_day[] = { 0.3, 2, 8 };
	static struct tail t;

	t.rng = rng_of(p->seed, "tail", (uint32_t)p->scenario);
	t.mean = (uint64_t)((double)DAY / a_day[p->scenario]);
	plant_after(p, rng_wait(&t.rng, t.mean), burst, &t);
}
