/* main.c - options of the plant, and its clock. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plant.h"

/* Who looks finds most connections open already. */
#define BEFORE (10 * MINUTE)

static const char usage[] =
    "usage: plant [options] > plant.pcap\n"
    "\n"
    "A made-up plant of 200 devices, as a mirror port would show it.\n"
    "\n"
    "  --seed N           another plant; the same seed, the same bytes (1)\n"
    "  --days N           how long, also 0.5 (1)\n"
    "  --from DAY         what is before that day happens, but is not written\n"
    "  --scale-rate R     cyclic traffic R times as often as usual (1)\n"
    "  --scenario NAME    quiet, normal (default) or noisy: novelty that "
    "never\n"
    "                     repeats, and works on the plant\n"
    "  --attack NAME@DAY.HOUR\n"
    "                     an attack or event; several are taken.  all@DAY:\n"
    "                     every attack, one after the other\n"
    "  --truth FILE       what happened, as tab separated lines\n"
    "  --list             the names of attacks and events\n"
    "  -o FILE            instead of standard output\n";

void
plant_at(struct plant *p, uint64_t when, event_fn *fn, void *arg)
{
	if (when < p->end)
		heap_add(&p->heap, when, fn, arg);
}

void
plant_after(struct plant *p, uint64_t wait, event_fn *fn, void *arg)
{
	plant_at(p, p->now + wait, fn, arg);
}

uint32_t
plant_hour(const struct plant *p)
{
	return (uint32_t)(p->now / HOUR % 24);
}

uint32_t
plant_weekday(const struct plant *p)
{
	return (uint32_t)((p->now - START) / DAY % 7);
}

double
plant_work(const struct plant *p)
{
	uint32_t hour = plant_hour(p);
	double shift = hour < 6 || hour >= 22 ? 0.35 : hour < 14 ? 1.0 : 0.8;

	return plant_weekday(p) >= 5 ? shift * 0.5 : shift;
}

static void
die(const char *what, const char *arg)
{
	(void)fprintf(stderr, "plant: %s%s\n", what, arg);
	exit(2);
}

static double
number(const char *text, double least, double most)
{
	char *end;
	double v = strtod(text, &end);

	if (end == text || *end != '\0' || !isfinite(v) || v < least ||
	    v > most)
		die("no such number: ", text);
	return v;
}

static enum scenario
scenario(const char *text)
{
	static const char *const names[] = { "quiet", "normal", "noisy" };

	for (unsigned i = 0; i < 3; i++)
		if (strcmp(text, names[i]) == 0)
			return (enum scenario)i;
	die("no such scenario: ", text);
	return NORMAL;
}

static FILE *
file(const char *path)
{
	FILE *f = fopen(path, "wb");

	if (f == NULL)
		die(path, ": cannot be written");
	return f;
}

struct wanted {
	double seed, days, from;
	const char *attacks[256];
	unsigned n;
};

static void
option(struct plant *p, struct wanted *w, const char *name, const char *value)
{
	if (strcmp(name, "--seed") == 0)
		w->seed = number(value, 0, 1e15);
	else if (strcmp(name, "--days") == 0)
		w->days = number(value, 0, 3650);
	else if (strcmp(name, "--from") == 0)
		w->from = number(value, 0, 3650);
	else if (strcmp(name, "--scale-rate") == 0)
		p->rate = number(value, 0.001, 1000);
	else if (strcmp(name, "--scenario") == 0)
		p->scenario = scenario(value);
	else if (strcmp(name, "--truth") == 0)
		p->truth = file(value);
	else if (strcmp(name, "-o") == 0)
		p->wire.out = file(value);
	else if (strcmp(name, "--attack") == 0 && w->n < 256)
		w->attacks[w->n++] = value;
	else
		die("what is ", name);
}

static void
options(struct plant *p, struct wanted *w, char **argv)
{
	for (; *argv != NULL; argv += 2) {
		if (strcmp(*argv, "--help") == 0 || strcmp(*argv, "-h") == 0) {
			(void)fputs(usage, stdout);
			exit(0);
		}
		if (strcmp(*argv, "--list") == 0) {
			attack_list(stdout);
			exit(0);
		}
		if (argv[1] == NULL)
			die(*argv, " lacks its value");
		option(p, w, argv[0], argv[1]);
	}
}

static void
begin(struct plant *p, const struct wanted *w)
{
	p->seed = (uint64_t)w->seed;
	p->now = START;
	p->end = START + (uint64_t)((w->from + w->days) * (double)DAY);
	p->wire.from = START + (uint64_t)(w->from * (double)DAY);
	p->wire.to = p->end;
	if (p->wire.out == stdout && isatty(STDOUT_FILENO))
		die("a capture is no text: use -o, or a pipe", "");
	wire_begin(p);
	site_build(p);
	p->now = START - BEFORE;
	links_build(p);
	p->now = START;
	l2_begin(p);
	work_begin(p);
	work_it_begin(p);
	tail_begin(p);
	events_begin(p);
	for (unsigned i = 0; i < w->n; i++)
		if (!attack_order(p, w->attacks[i]))
			die("no such attack or time: ", w->attacks[i]);
	p->now = START - BEFORE;
}

int
main(int argc, char **argv)
{
	static struct plant plant;
	struct plant *p = &plant;
	struct wanted w = { .seed = 1, .days = 1 };
	struct event e;

	(void)argc;
	p->rate = 1;
	p->scenario = NORMAL;
	p->wire.out = stdout;
	options(p, &w, argv + 1);
	begin(p, &w);
	while (!p->wire.failed && heap_take(&p->heap, &e)) {
		if (e.at > p->now)
			p->now = e.at;
		e.fn(p, e.arg);
	}
	wire_end(p);
	free(p->heap.e);
	if (p->truth != NULL && fclose(p->truth) != 0)
		p->wire.failed = true;
	if (p->wire.failed)
		(void)fprintf(stderr, "plant: not all could be written\n");
	return p->wire.failed ? 1 : 0;
}
