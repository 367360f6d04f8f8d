/* work_l2.c - what devices say by themselves: GOOSE, LLDP, time, management. */
#include "plant.h"

/* The n-th device of the plant that does something now and then. */
struct habit {
	struct host *host, *other;
	uint64_t period;
	void (*act)(struct plant *, struct habit *);
	struct rng rng;
	uint32_t turn;
};

enum {
	N_HABITS = 512,
	N_GOOSE = 8
};

static struct habit habits[N_HABITS];
static uint32_t n_habits;
static struct goose publishers[N_GOOSE];

static void
live(struct plant *p, void *arg)
{
	struct habit *h = arg;

	if (!h->host->away)
		h->act(p, h);
	h->turn++;
	plant_after(p, rng_about(&h->rng, h->period), live, h);
}

static void
habit(struct plant *p, struct host *host, struct host *other, uint64_t period,
    void (*act)(struct plant *, struct habit *))
{
	struct habit *h = &habits[n_habits++];

	*h = (struct habit){ .host = host,
		.other = other,
		.period = period,
		.act = act,
		.rng = rng_of(p->seed, host->name, n_habits) };
	plant_after(p, (uint64_t)(rng_part(&h->rng) * (double)h->period), live,
	    h);
}

static void
habit_of_all(struct plant *p, enum kind kind, struct host *other,
    uint64_t period, void (*act)(struct plant *, struct habit *))
{
	for (uint32_t i = 0; i < p->n_hosts; i++)
		if (p->host[i].kind == kind)
			habit(p, &p->host[i], other, period, act);
}

/* ------------------------------------------------------------------- habits */

static void
lldp(struct plant *p, struct habit *h)
{
	lldp_send(p, h->host, 1 + h->host->number % 8u);
}

static void
bridge(struct plant *p, struct habit *h)
{
	stp_send(p, h->host, 7);
}

static void
ask_time(struct plant *p, struct habit *h)
{
	ntp_ask(p, h->host, h->other);
}

static void
watch(struct plant *p, struct habit *h)
{
	if (h->turn % 24 == 0)
		snmp_describe(p, h->other, h->host);
	snmp_get(p, h->other, h->host, 1 + h->turn % 8);
}

static void
report(struct plant *p, struct habit *h)
{
	syslog_say(p, h->host, h->other, "sshd: 0 sessions, up");
}

static void
who_is_there(struct plant *p, struct habit *h)
{
	if (h->host->kind == KIND_SCADA)
		bacnet_who(p, h->host);
	else
		dcp_identify(p, h->host);
}

static void
interrogate(struct plant *p, struct habit *h)
{
	struct link *l = link_between(p, h->other, h->host);

	if (l != NULL && l->c.open && p->now < l->until)
		iec104_interrogate(p, &l->c);
}

/* A stream goes on; twice a week a breaker moves. */
static void
publish(struct plant *p, void *arg)
{
	struct goose *g = arg;

	if (rng_below(&g->rng, 5000) == 0) {
		g->state++;
		g->number = 0;
		g->data ^= 3;
		g->changed = p->now;
		for (unsigned i = 0; i < 4; i++) { /* repeated quickly */
			goose_send(p, g);
			g->number++;
			wire_pass(p, 4000000u << i);
		}
	}
	goose_send(p, g);
	g->number++;
	plant_after(p,
	    (uint64_t)((60 * (double)SECOND) / p->rate) +
		rng_below(&g->rng, 2000000),
	    publish, g);
}

void
l2_begin(struct plant *p)
{
	struct host *keeper = host_of(p, KIND_SCADA, 1);

	for (uint32_t i = 0; i < N_GOOSE; i++) {
		publishers[i] = (struct goose){
			.host = host_of(p, KIND_IED, i + 1),
			.state = 1,
			.data = 1,
			.changed = START - DAY,
			.rng = rng_of(p->seed, "goose", i),
		};
		plant_after(p, i * 7 * SECOND, publish, &publishers[i]);
	}
	habit_of_all(p, KIND_SWITCH, NULL, 10 * MINUTE, lldp);
	habit(p, host_of(p, KIND_SWITCH, 1), NULL, 2 * MINUTE, bridge);
	habit_of_all(p, KIND_SWITCH, keeper, 10 * MINUTE, watch);
	habit_of_all(p, KIND_SWITCH, keeper, 2 * HOUR, report);
	habit_of_all(p, KIND_PRINTER, p->files, 30 * MINUTE, watch);
	habit_of_all(p, KIND_CAMERA, keeper, 20 * MINUTE, watch);
	habit_of_all(p, KIND_HMI, p->clock, HOUR, ask_time);
	habit_of_all(p, KIND_SCADA, p->clock, HOUR, ask_time);
	habit_of_all(p, KIND_HISTORIAN, p->clock, HOUR, ask_time);
	habit_of_all(p, KIND_EWS, p->clock, HOUR, ask_time);
	habit_of_all(p, KIND_IEC104, p->clock, 2 * HOUR, ask_time);
	habit_of_all(p, KIND_IED, p->clock, 2 * HOUR, ask_time);
	habit_of_all(p, KIND_DC, p->clock, HOUR, ask_time);
	habit(p, host_of(p, KIND_SCADA, 3), NULL, 6 * HOUR, who_is_there);
	habit(p, host_of(p, KIND_EWS, 1), NULL, 12 * HOUR, who_is_there);
	habit_of_all(p, KIND_IEC104, host_of(p, KIND_SCADA, 2), 4 * HOUR,
	    interrogate);
}
