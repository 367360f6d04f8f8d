/*
 * work.c - what people and timetables do in the control network: setpoints by
 * shift, engineering on weekdays, jobs of the night, the week and the month.
 */
#include "plant.h"

enum {
	SETPOINTS = 4 /* that each screen has, two on a controller */
};

/* ----------------------------------------------------------------- operators
 */

struct operator
{
	struct host *host;
	struct rng rng;
};

static void
setpoint(struct plant *p, struct link *l, unsigned which)
{
	switch (l->c.b->kind) {
	case KIND_S7:
		s7_write(p, &l->c, 20, which * 4, 4);
		break;
	case KIND_LOGIX:
		cip_write_tag(p, &l->c,
		    which == 0 ? "Line.Setpoint" : "Oven.Setpoint",
		    value_now(p, which));
		break;
	default:
		modbus_write(p, &l->c, 1, 1000 + which, 1, value_now(p, which));
		break;
	}
}

/* One of the few that this screen offers. */
static void
operate(struct plant *p, void *arg)
{
	struct operator* o = arg;
	unsigned which = rng_below(&o->rng, SETPOINTS), seen = 0;

	for (uint32_t i = 0; i < p->n_links; i++) {
		struct link *l = &p->link[i];

		if (l->c.a != o->host || seen++ != which / 2)
			continue;
		if (l->c.open && p->now < l->until)
			setpoint(p, l, which % 2);
	}
	plant_after(p,
	    rng_wait(&o->rng, (uint64_t)(2 * (double)HOUR / plant_work(p))),
	    operate, o);
}

/* --------------------------------------------------------------- engineering
 */

/* Connects anew, looks around, sometimes fetches the program. */
static void
visit(struct plant *p, struct host *a, struct host *b, uint32_t what)
{
	const struct talker *t = talker_of((enum kind)b->kind);
	struct conn c = conn_make(p, a, b, t->port);

	arp_ask(p, a, b);
	t->open(p, &c);
	for (unsigned i = 0; i < 6; i++) {
		if (b->kind == KIND_S7 && i == 0)
			s7_identify(p, &c);
		else if (b->kind == KIND_S7 && i == 1 && what % 3 == 0)
			s7_upload(p, &c, "_0800010A", 220);
		else if (b->kind == KIND_S7)
			s7_read(p, &c, 100 + i % 3, 0, 8);
		else if (b->kind == KIND_LOGIX)
			cip_read_tag(p, &c,
			    i % 2 == 0 ? "Diag.Status" : "Diag.Faults", 4);
		else if (i == 0)
			modbus_identify(p, &c, 1);
		else
			modbus_read(p, &c, 1, 4, 3000 + 20 * (i % 3), 10);
		wire_pass(p, 20000000);
	}
	t->close(p, &c);
}

struct engineer {
	struct host *host;
	struct rng rng;
};

/* Each has six controllers of each kind that are his. */
static struct host *
his(struct plant *p, struct engineer *e)
{
	static const enum kind kinds[] = { KIND_S7, KIND_LOGIX, KIND_MODBUS };
	enum kind kind = kinds[rng_below(&e->rng, 3)];
	uint32_t n = host_count(p, kind);

	return host_of(p, kind,
	    1 + (e->host->number * 5u + rng_below(&e->rng, 6)) % n);
}

static void
engineer(struct plant *p, void *arg)
{
	struct engineer *e = arg;
	uint32_t hour = plant_hour(p);
	bool at_work = plant_weekday(p) < 5 && hour >= 7 && hour < 16;

	if (at_work)
		visit(p, e->host, his(p, e), rng_u32(&e->rng));
	plant_after(p, rng_wait(&e->rng, 80 * MINUTE), engineer, e);
}

/* A changed block is loaded, with stop and start: every ten days or so. */
static void
download(struct plant *p, void *arg)
{
	struct engineer *e = arg;
	struct host *b = host_of(p, KIND_S7, 1 + rng_below(&e->rng, 20));
	struct conn c = conn_make(p, e->host, b, 102);
	uint32_t hour = plant_hour(p);

	if (plant_weekday(p) < 5 && hour >= 8 && hour < 15) {
		s7_open(p, &c);
		s7_stop(p, &c);
		s7_download(p, &c, "_0800010P", 320);
		s7_start(p, &c);
		conn_close(p, &c);
		plant_after(p, 8 * DAY + rng_wait(&e->rng, 2 * DAY), download,
		    e);
		return;
	}
	plant_after(p, rng_about(&e->rng, 90 * MINUTE), download, e);
}

/* ----------------------------------------------------------------- timetable
 */

static void
copy(struct plant *p, struct host *h, const char *share, const char *file,
    size_t size)
{
	struct conn c;

	if (h->away)
		return;
	dns_ask(p, h, "files1.plant.example", p->files->ip);
	smb_begin(p, &c, h, p->files, share);
	smb_copy(p, &c, file, size, true);
	smb_end(p, &c);
}

/* One host after the other, from one in the morning. */
static void
backup(struct plant *p, void *arg)
{
	struct host *h = arg;
	struct rng r = rng_of(p->seed, h->name, (uint32_t)(p->now / DAY));
	char file[40];

	(void)snprintf(file, sizeof(file), "%s\\night.bak", h->name);
	copy(p, h, "backup", file, 300000 + rng_below(&r, 500000));
	plant_after(p, DAY, backup, h);
}

static void
weekly_tour(struct plant *p)
{
	struct host *a = host_of(p, KIND_EWS, 3);

	dcp_identify(p, a);
	enip_list(p, a);
	for (uint32_t i = 1; i <= 4; i++) {
		visit(p, a, host_of(p, KIND_S7, i), 0);
		visit(p, a, host_of(p, KIND_MODBUS, i), 0);
	}
}

static void
weekly_registers(struct plant *p)
{
	for (uint32_t i = 1; i <= 10; i++) {
		struct link *l = link_between(p, host_of(p, KIND_SCADA, 1),
		    host_of(p, KIND_MODBUS, i));

		if (l != NULL && l->c.open)
			modbus_read(p, &l->c, 1, 3, 4000, 20);
	}
}

static void
weekly_report(struct plant *p)
{
	copy(p, host_of(p, KIND_HISTORIAN, 1), "reports", "week.xlsx", 90000);
}

static void
weekly_relays(struct plant *p)
{
	struct host *a = host_of(p, KIND_SCADA, 2);

	for (uint32_t i = 1; i <= 8; i++) {
		struct link *l = link_between(p, a, host_of(p, KIND_DNP3, i));
		struct link *m = link_between(p, a, host_of(p, KIND_IED, i));

		if (l != NULL && l->c.open)
			dnp3_attributes(p, &l->c);
		if (m != NULL && m->c.open)
			mms_identify(p, &m->c);
	}
}

static void
weekly_switches(struct plant *p)
{
	struct host *a = host_of(p, KIND_EWS, 4);

	for (uint32_t i = 1; i <= 10; i++)
		http_get(p, a, host_of(p, KIND_SWITCH, i), "/status.html");
	http_get(p, a, host_of(p, KIND_CAMERA, 1), "/axis-cgi/param.cgi");
	ssh_session(p, a, host_of(p, KIND_SWITCH, 1), 4000);
}

static void
monthly_air(struct plant *p)
{
	static const unsigned properties[] = { 77, 70, 44 };
	struct host *a = host_of(p, KIND_SCADA, 3);

	for (uint32_t i = 1; i <= 10; i++)
		for (unsigned k = 0; k < 3; k++)
			bacnet_read(p, a, host_of(p, KIND_BACNET, i), 8, 0,
			    properties[k]);
}

static void
monthly_gateways(struct plant *p)
{
	struct host *a = host_of(p, KIND_SCADA, 1);

	for (uint32_t i = 1; i <= 3; i++) {
		struct link *l =
		    link_between(p, a, host_of(p, KIND_GATEWAY, i));

		for (unsigned unit = 1; l != NULL && l->c.open && unit < 5;
		     unit++)
			modbus_read(p, &l->c, unit, 4, 500, 16);
	}
	copy(p, host_of(p, KIND_SCADA, 1), "archive", "month.zip", 2000000);
}

static const struct job {
	uint32_t day, every, hour, minute; /* first day, days between */
	void (*run)(struct plant *);
} jobs[] = {
	{ 2, 7, 9, 0, weekly_tour },
	{ 0, 7, 6, 30, weekly_registers },
	{ 4, 7, 14, 0, weekly_report },
	{ 3, 7, 10, 15, weekly_relays },
	{ 1, 7, 11, 20, weekly_switches },
	{ 7, 28, 8, 10, monthly_air },
	{ 9, 28, 13, 5, monthly_gateways },
};

static void
run_job(struct plant *p, void *arg)
{
	const struct job *const *at = arg;

	(*at)->run(p);
	plant_after(p, (*at)->every * DAY, run_job, arg);
}

void
work_begin(struct plant *p)
{
	static struct operator operators[12];
	static struct engineer engineers[4];
	static const struct job *order[sizeof(jobs) / sizeof(*jobs)];
	uint32_t n = 0;

	for (uint32_t i = 0; i < 12; i++) {
		operators[i].host = host_of(p, KIND_HMI, i + 1);
		operators[i].rng = rng_of(p->seed, "operator", i);
		plant_after(p, rng_below(&operators[i].rng, 3600) * SECOND,
		    operate, &operators[i]);
	}
	for (uint32_t i = 0; i < 4; i++) {
		engineers[i].host = host_of(p, KIND_EWS, i + 1);
		engineers[i].rng = rng_of(p->seed, "engineer", i);
		plant_after(p, 7 * HOUR, engineer, &engineers[i]);
	}
	plant_after(p, DAY, download, &engineers[0]);
	for (size_t i = 0; i < sizeof(jobs) / sizeof(*jobs); i++) {
		order[i] = &jobs[i];
		plant_after(p,
		    jobs[i].day * DAY + jobs[i].hour * HOUR +
			jobs[i].minute * MINUTE,
		    run_job, &order[i]);
	}
	for (uint32_t i = 0; i < p->n_hosts; i++) {
		enum kind kind = (enum kind)p->host[i].kind;

		if (kind == KIND_HMI || kind == KIND_SCADA ||
		    kind == KIND_HISTORIAN || kind == KIND_EWS)
			plant_after(p, HOUR + n++ * 5 * MINUTE, backup,
			    &p->host[i]);
	}
}
