/*
 * packets.c - sightglass packets: frames out of what the recorder keeps, for
 * an alert, a device, two of them, or a time, as one pcapng.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../capture/capture.h"
#include "../capture/pcapng_put.h"
#include "../decode/decode.h"
#include "../recorder/recorder.h"
#include "cli.h"
#include "list.h"
#include "output.h"
#include "state.h"
#include "values.h"
#include "verbs.h"

#define ENDS 32u
#define INTERFACES 256u
#define AROUND (5 * TICK_SECOND) /* of an alert */
#define DAMAGE (NOTE_BAD_FCS | NOTE_RUNT | NOTE_BAD_IP_SUM | NOTE_BAD_L4_SUM)

enum {
	OPT_STATE,
	OPT_ALERT,
	OPT_DEVICE,
	OPT_BETWEEN,
	OPT_FROM,
	OPT_UNTIL,
	OPT_TO,
	OPT_DAMAGED,
	OPT_OUTPUT,
	OPT_HELP
};

static const struct option_row rows[] = {
	[OPT_STATE] = { "state", 'S', "FOLDER",
	    "the state; default " STATE_FOLDER },
	[OPT_ALERT] = { "alert", 'a', "NUMBER",
	    "between the ends of this alert, from 5 s before its first sight "
	    "to 5 s after its last" },
	[OPT_DEVICE] = { "device", 'd', "DEVICE",
	    "from and to it: an address, or its number in devices" },
	[OPT_BETWEEN] = { "between", 'b', "DEVICE,DEVICE",
	    "between these two" },
	[OPT_FROM] = { "from", 0, "TIME", "not before" },
	[OPT_UNTIL] = { "until", 0, "TIME", "not after" },
	[OPT_TO] = { "to", 0, "TIME", "the same" },
	[OPT_DAMAGED] = { "damaged", 0, NULL, "only frames that are damaged" },
	[OPT_OUTPUT] = { "output", 'o', "FILE",
	    "write there, a file that is not there yet; '-' is standard "
	    "output" },
	[OPT_HELP] = { "help", 'h', NULL, "this text" },
	{ NULL, 0, NULL, NULL },
};

/* One end: any of its addresses. */
struct end {
	struct addr addr[ENDS];
	uint32_t n;
};

struct request {
	const char *state, *alert, *device, *between, *output;
	struct tick from, to; /* 0: open */
	bool damaged;
	struct end end[2]; /* n 0: anybody */
};

/* --------------------------------------------------------------- addresses */

static bool
read_mac(const char *text, struct mac *ret)
{
	for (int i = 0; i < 6; i++) {
		char *end;
		unsigned long v = strtoul(text, &end, 16);

		if (end != text + 2 || (i < 5 ? *end != ':' : *end != '\0'))
			return false;
		ret->b[i] = (uint8_t)v;
		text = end + 1;
	}
	return true;
}

static bool
add_address(struct end *e, const char *text)
{
	struct addr a = { .has_mac = false };
	uint8_t b[16];

	if (e->n == ENDS || text == NULL)
		return e->n == ENDS;
	if (inet_pton(AF_INET, text, b) == 1)
		a.ip = ip4_of(b);
	else if (inet_pton(AF_INET6, text, b) == 1)
		a.ip = ip6_of(b);
	else
		a.has_mac = read_mac(text, &a.mac);
	if (a.ip.len == 0 && !a.has_mac)
		return false;
	e->addr[e->n++] = a;
	return true;
}

/* By number: all addresses of the device. */
static bool
add_device(struct state *s, struct end *e, const char *text)
{
	sqlite3_stmt *q = NULL;
	uint64_t number;

	if (add_address(e, text))
		return true;
	if (!value_number(text, INT32_MAX, &number)) {
		complain("packets: '%s' is no address and no number of a "
			 "device",
		    text);
		return false;
	}
	if (sqlite3_prepare_v2(store_db(s->store),
		"select ip, mac from device_address where device = ?1", -1, &q,
		NULL) == SQLITE_OK &&
	    sqlite3_bind_int64(q, 1, (sqlite3_int64)number) == SQLITE_OK)
		while (sqlite3_step(q) == SQLITE_ROW)
			if (!add_address(e,
				(const char *)sqlite3_column_text(q, 0)))
				(void)add_address(e,
				    (const char *)sqlite3_column_text(q, 1));
	(void)sqlite3_finalize(q);
	if (e->n == 0)
		complain("packets: there is no device %s", text);
	return e->n > 0;
}

static bool
add_alert(struct state *s, struct request *r)
{
	sqlite3_stmt *q = NULL;
	uint64_t number;
	bool found = false;

	if (!value_number(r->alert, UINT32_MAX, &number)) {
		complain("packets: '%s' is no number of an alert", r->alert);
		return false;
	}
	if (sqlite3_prepare_v2(store_db(s->store),
		"select source_ip, source_mac, destination_ip, "
		"destination_mac, first, last from alert where number = ?1",
		-1, &q, NULL) == SQLITE_OK &&
	    sqlite3_bind_int64(q, 1, (sqlite3_int64)number) == SQLITE_OK &&
	    sqlite3_step(q) == SQLITE_ROW) {
		found = true;
		for (int i = 0; i < 2; i++)
			if (!add_address(&r->end[i],
				(const char *)sqlite3_column_text(q, 2 * i)))
				(void)add_address(&r->end[i],
				    (const char *)sqlite3_column_text(q,
					2 * i + 1));
		if (r->from.ns == 0)
			r->from.ns = sqlite3_column_int64(q, 4) - AROUND;
		if (r->to.ns == 0)
			r->to.ns = sqlite3_column_int64(q, 5) + AROUND;
	}
	(void)sqlite3_finalize(q);
	if (!found)
		complain("packets: there is no alert %s", r->alert);
	return found;
}

static bool
add_between(struct state *s, struct request *r)
{
	const char *comma = strchr(r->between, ',');
	char first[64];

	if (comma == NULL || comma - r->between >= (ptrdiff_t)sizeof(first)) {
		complain("packets: --between needs two devices, as A,B");
		return false;
	}
	(void)snprintf(first, sizeof(first), "%.*s", (int)(comma - r->between),
	    r->between);
	return add_device(s, &r->end[0], first) &&
	    add_device(s, &r->end[1], comma + 1);
}

/* ----------------------------------------------------------------- matching */

static bool
is_end(const struct end *e, const struct ip *ip, const struct mac *mac)
{
	for (uint32_t i = 0; i < e->n; i++)
		if (e->addr[i].ip.len != 0 ? ip_same(&e->addr[i].ip, ip)
					   : mac_same(&e->addr[i].mac, mac))
			return true;
	return false;
}

static bool
matches(const struct request *r, const struct frame *f)
{
	const struct end *a = &r->end[0], *b = &r->end[1];
	struct packet p;

	if ((r->from.ns != 0 && f->at.ns < r->from.ns) ||
	    (r->to.ns != 0 && f->at.ns > r->to.ns))
		return false;
	if (a->n == 0 && b->n == 0 && !r->damaged)
		return true;
	decode_frame(f, &p);
	if (r->damaged && (p.notes & DAMAGE) == 0)
		return false;
	if (a->n == 0 && b->n == 0)
		return true;
	if (a->n == 0 || b->n == 0) {
		a = a->n != 0 ? a : b;
		return is_end(a, &p.src_ip, &p.src_mac) ||
		    is_end(a, &p.dst_ip, &p.dst_mac);
	}
	return (is_end(a, &p.src_ip, &p.src_mac) &&
		   is_end(b, &p.dst_ip, &p.dst_mac)) ||
	    (is_end(b, &p.src_ip, &p.src_mac) &&
		is_end(a, &p.dst_ip, &p.dst_mac));
}

/* ------------------------------------------------------------------ writing */

struct writing {
	struct out out;
	struct {
		uint16_t port, link;
		uint8_t fcs_len;
	} interface[INTERFACES];
	uint32_t n_interface;
	uint8_t block[OUT_BUFFER * 5];
	uint64_t frames;
};

static uint32_t
interface_of(struct writing *w, const struct capture *c, const struct frame *f)
{
	char name[64];
	uint32_t i = 0;

	while (i < w->n_interface &&
	    (w->interface[i].port != f->port ||
		w->interface[i].link != f->link ||
		w->interface[i].fcs_len != f->fcs_len))
		i++;
	if (i < w->n_interface || i == INTERFACES)
		return i;
	(void)snprintf(name, sizeof(name), "%s", capture_interface_name(c, f));
	if (name[0] == '\0')
		(void)snprintf(name, sizeof(name), "port %u", f->port);
	w->interface[i].port = f->port;
	w->interface[i].link = f->link;
	w->interface[i].fcs_len = f->fcs_len;
	w->n_interface++;
	out_bytes(&w->out, w->block,
	    pcapng_put_interface(w->block, sizeof(w->block), name, f->link,
		f->fcs_len));
	return i;
}

static void
write_frame(struct writing *w, const struct capture *c, const struct frame *f)
{
	uint32_t i = interface_of(w, c, f);

	if (i == INTERFACES)
		return;
	out_bytes(&w->out, w->block,
	    pcapng_put_frame(w->block, sizeof(w->block), i, f));
	w->frames++;
}

/* The segments of the time asked for, one timeline. */
static struct capture *
open_segments(const struct request *r, unsigned *ret_n)
{
	char folder[512];
	struct segment_file *all = NULL;
	const char **path = NULL;
	struct capture *c = NULL;
	unsigned n = 0;
	int dir, found;

	(void)snprintf(folder, sizeof(folder), "%s/packets", r->state);
	dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	found = dir >= 0 ? recorder_list(dir, &all) : -1;
	if (found > 0)
		path = calloc((size_t)found, sizeof(*path));
	for (int i = 0; path != NULL && i < found; i++) {
		char *text;

		if ((r->from.ns != 0 && all[i].last < r->from.ns) ||
		    (r->to.ns != 0 && all[i].first > r->to.ns) ||
		    n == CAPTURE_FILES_MAX)
			continue;
		text = malloc(600);
		if (text == NULL)
			break;
		(void)snprintf(text, 600, "%s/%s", folder, all[i].name);
		path[n++] = text;
	}
	if (n > 0)
		c = capture_open(path, n);
	for (unsigned i = 0; i < n; i++)
		free((void *)(uintptr_t)path[i]);
	free(path);
	free(all);
	if (dir >= 0)
		(void)close(dir);
	*ret_n = found < 0 ? UINT32_MAX : n;
	return c;
}

static int
open_output(const char *path)
{
	int fd;

	if (strcmp(path, "-") == 0)
		return STDOUT_FILENO;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		complain("packets: cannot write %s: %s", path, strerror(errno));
	return fd;
}

static int
write_all(const struct request *r)
{
	static struct writing w;
	unsigned n;
	struct capture *c = open_segments(r, &n);
	struct frame f;
	int fd, status;

	if (c == NULL) {
		complain(n == UINT32_MAX ? "packets: nothing was recorded into "
					   "%s (keep.packets)"
					 : "packets: nothing of that time is "
					   "kept in %s",
		    r->state);
		return EXIT_INPUT;
	}
	fd = open_output(r->output);
	if (fd < 0) {
		capture_close(c);
		return EXIT_INPUT;
	}
	out_open(&w.out, fd);
	out_bytes(&w.out, w.block,
	    pcapng_put_section(w.block, sizeof(w.block)));
	while (capture_next(c, &f) && w.out.error == 0)
		if (matches(r, &f))
			write_frame(&w, c, &f);
	capture_close(c);
	status = output_end(&w.out);
	if (fd != STDOUT_FILENO)
		(void)close(fd);
	if (status == EXIT_DONE)
		(void)fprintf(stderr, "%" PRIu64 " frame%s\n", w.frames,
		    w.frames == 1 ? "" : "s");
	return status;
}

/* ------------------------------------------------------------------ options */

static bool
take(struct request *r, const struct options *o, int option)
{
	switch (option) {
	case OPT_STATE:
		r->state = o->value;
		return true;
	case OPT_ALERT:
		r->alert = o->value;
		return true;
	case OPT_DEVICE:
		r->device = o->value;
		return true;
	case OPT_BETWEEN:
		r->between = o->value;
		return true;
	case OPT_FROM:
		return value_time("packets", "from", o->value, &r->from);
	case OPT_UNTIL:
	case OPT_TO:
		return value_time("packets", "until", o->value, &r->to);
	case OPT_DAMAGED:
		r->damaged = true;
		return true;
	case OPT_OUTPUT:
		r->output = o->value;
		return true;
	case OPTION_ARGUMENT:
		complain("packets: '%s' is too many", o->value);
		return false;
	default:
		return false;
	}
}

static bool
look_up(struct request *r)
{
	struct state s;
	bool ok;

	if ((r->alert != NULL) + (r->device != NULL) + (r->between != NULL) >
	    1) {
		complain("packets: one of --alert, --device and --between");
		return false;
	}
	if (r->alert == NULL && r->device == NULL && r->between == NULL)
		return true;
	if (!state_open(&s, "packets", r->state, STATE_STORE))
		return false;
	ok = r->alert != NULL    ? add_alert(&s, r)
	    : r->between != NULL ? add_between(&s, r)
				 : add_device(&s, &r->end[0], r->device);
	state_close(&s);
	return ok;
}

int
cmd_packets(int argc, char **argv)
{
	struct options o = {
		.command = "packets",
		.synopsis = "[options] -o FILE",
		.about = "Write frames that the running sensor recorded into a "
			 "file in pcapng: all of a time, or those of an alert, "
			 "a device, or two of them.",
		.row = rows,
		.argc = argc,
		.argv = argv,
		.at = 1,
	};
	struct request r = { .state = STATE_FOLDER };
	int option;

	while ((option = options_next(&o)) != OPTION_END) {
		if (option == OPT_HELP) {
			options_help(&o);
			return fflush(stdout) == 0 ? EXIT_DONE : EXIT_INTERNAL;
		}
		if (option == OPTION_WRONG || !take(&r, &o, option))
			return EXIT_USAGE;
	}
	if (r.output == NULL) {
		complain("packets: say where to: --output FILE, or -");
		return EXIT_USAGE;
	}
	if (!look_up(&r))
		return EXIT_INPUT;
	return write_all(&r);
}
