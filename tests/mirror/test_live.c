/*
 * Live capture over veth: order, tags, drops, interfaces that come, go and
 * are renamed, an engine that is killed; and that nothing ever leaves a port.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/wait.h>
#include <time.h>

#include "../../src/capture/live.h"
#include "../unit/check.h"
#include "net.h"

static struct live_board *board;

static struct live_port *
port_open(unsigned n, const char *name, uint32_t ring)
{
	struct live_config c = { .ring_bytes = ring };
	char error[LIVE_ERROR_MAX] = "";
	struct live_port *p;

	(void)snprintf(c.name, sizeof(c.name), "%s", name);
	p = live_port_open(&c, error);
	CHECK_STR(error, "");
	if (p == NULL)
		exit(1);
	(void)live_port_tend(p, board, n);
	return p;
}

static struct live *
attach(const struct live_port *const *ports, unsigned n)
{
	char error[LIVE_ERROR_MAX] = "";
	struct live *l = live_attach(live_board_fd(board), error);

	for (unsigned i = 0; l != NULL && i < n; i++)
		CHECK(live_attach_port(l, i, live_port_fd(ports[i]), error));
	CHECK_STR(error, "");
	if (l == NULL)
		exit(1);
	return l;
}

/* A frame that carries a number. */
static void
send_number(int fd, uint32_t number, size_t n)
{
	uint8_t f[1514] = { 1, 0x80, 0xc2, 0, 0, 0x7f, 2, 0, 0, 0, 0, 1, 0x88,
		0xb5 };

	memcpy(f + 14, &number, sizeof(number));
	net_send(fd, f, n);
}

static uint32_t
number_of(const struct frame *f)
{
	uint32_t number = UINT32_MAX;

	if (f->bytes.n >= 18)
		memcpy(&number, f->bytes.p + 14, sizeof(number));
	return number;
}

static struct live_status
status(const struct live *l, unsigned port)
{
	struct live_status st = { .blocks = 0 };

	(void)live_status(l, port, &st);
	return st;
}

static bool
arrives(struct live *l, int fd, uint32_t number)
{
	struct frame f;

	send_number(fd, number, 60);
	return live_next(l, 1000, &f) && number_of(&f) == number;
}

/* ------------------------------------------------------------------ tests */

static void
test_order(void)
{
	struct live_port *p[2] = { port_open(0, "m0", 0),
		port_open(1, "m1", 0) };
	const struct live_port *view[2] = { p[0], p[1] };
	struct live *l = attach(view, 2);
	int fd[2] = { net_socket("s0"), net_socket("s1") };
	struct live_counts c;
	struct timespec now;
	struct frame f;
	int64_t last = 0;
	uint32_t wrong = 0;

	net_wait("s0");
	net_wait("s1");
	for (uint32_t i = 0; i < 2000; i++)
		send_number(fd[i / 3 % 2], i, 60 + i % 1400);
	for (uint32_t i = 0; i < 2000; i++) {
		if (!live_next(l, 1000, &f)) {
			CHECK_INT(i, 2000);
			break;
		}
		wrong += number_of(&f) != i || f.port != i / 3 % 2 ||
		    f.wire_len != 60 + i % 1400 || f.bytes.n != f.wire_len ||
		    f.at.ns < last || f.link != 1;
		last = f.at.ns;
	}
	CHECK_INT(wrong, 0);
	CHECK(!live_next(l, 50, &f));
	(void)clock_gettime(CLOCK_REALTIME, &now);
	CHECK(now.tv_sec - last / TICK_SECOND < 10);
	for (unsigned i = 0; i < 2; i++) {
		live_counts(l, i, &c);
		CHECK_INT(c.packets, i == 0 ? 1001 : 999);
		CHECK_INT(c.dropped, 0);
		CHECK_INT(c.late, 0);
		CHECK_INT(c.waiting, 0);
		(void)live_port_tend(p[i], board, i);
		CHECK_INT(status(l, i).packets, c.packets);
		CHECK(status(l, i).promiscuous);
		CHECK(status(l, i).carrier);
		CHECK_STR(status(l, i).driver, "veth");
		CHECK_INT(status(l, i).mbit, 10000);
	}
	/* one port alone is not kept waiting for the other for long */
	CHECK(arrives(l, fd[1], 77));
	(void)close(fd[0]);
	(void)close(fd[1]);
	live_detach(l);
	live_port_close(p[0]);
	live_port_close(p[1]);
	live_board_clear(board, 0);
	live_board_clear(board, 1);
}

static void
test_tag(const struct live_port *p)
{
	static const uint8_t tagged[60] = { 1, 0x80, 0xc2, 0, 0, 0x7f, 2, 0, 0,
		0, 0, 1, 0x81, 0x00, 0xa0, 0x64, 0x88, 0xb5, 1, 2, 3 };
	static const uint8_t twice[60] = { 1, 0x80, 0xc2, 0, 0, 0x7f, 2, 0, 0,
		0, 0, 1, 0x88, 0xa8, 0x00, 0x07, 0x81, 0x00, 0xa0, 0x64, 0x88,
		0xb5, 1, 2, 3 };
	struct live *l = attach(&p, 1);
	int fd = net_socket("s0");
	struct live_counts c;
	struct frame f;

	net_send(fd, tagged, sizeof(tagged));
	CHECK(live_next(l, 1000, &f));
	CHECK_INT(f.wire_len, sizeof(tagged));
	CHECK(span_is(f.bytes, SPAN(tagged, sizeof(tagged))));
	net_send(fd, twice, sizeof(twice));
	CHECK(live_next(l, 1000, &f));
	CHECK(span_is(f.bytes, SPAN(twice, sizeof(twice))));
	live_counts(l, 0, &c);
	CHECK_INT(c.tags, 2);
	live_detach(l);
	(void)close(fd);
}

static void
test_comes_and_goes(void)
{
	struct live_port *p = port_open(0, "m7", 0);
	const struct live_port *view = p;
	struct live *l = attach(&view, 1);
	struct frame f;
	int fd;

	CHECK_STR(status(l, 0).problem, "there is no such interface");
	CHECK(!live_next(l, 20, &f));
	net_pair("s7", "m7");
	CHECK(live_port_tend(p, board, 0));
	CHECK_STR(status(l, 0).problem, "");
	fd = net_socket("s7");
	net_wait("s7");
	CHECK(arrives(l, fd, 1));

	CHECK_INT(run("ip link set m7 down; ip link set m7 name plant"), 0);
	CHECK(live_port_tend(p, board, 0));
	CHECK(!status(l, 0).up);
	CHECK(!live_next(l, 20, &f));
	CHECK_INT(run("ip link set plant up"), 0);
	net_wait("s7");
	CHECK(live_port_tend(p, board, 0));
	CHECK_STR(status(l, 0).now, "plant");
	CHECK_STR(status(l, 0).name, "m7");
	CHECK(arrives(l, fd, 2));

	CHECK_INT(run("ip link del s7"), 0);
	(void)close(fd);
	CHECK(live_port_tend(p, board, 0));
	CHECK(!status(l, 0).present);
	CHECK(!live_next(l, 20, &f));
	net_pair("s7", "m7");
	CHECK(live_port_tend(p, board, 0));
	fd = net_socket("s7");
	net_wait("s7");
	CHECK(arrives(l, fd, 3));
	CHECK(status(l, 0).promiscuous);
	CHECK_INT(status(l, 0).binds, 2);
	(void)close(fd);
	live_detach(l);
	live_port_close(p);
	(void)run("ip link del s7");
	live_board_clear(board, 0);
}

static void
test_notices(void)
{
	int fd = live_notices_open();

	CHECK(fd >= 0);
	(void)live_notices_read(fd);
	CHECK(!live_notices_read(fd));
	CHECK_INT(run("ip link set s0 mtu 1400"), 0);
	CHECK(live_notices_read(fd));
	CHECK_INT(run("ip link set s0 mtu 1500"), 0);
	(void)close(fd);
}

/* A ring that nobody reads: what was sent is read or counted as dropped. */
static void
test_drops(void)
{
	struct live_port *p = port_open(0, "m0", 512 * 1024);
	const struct live_port *view = p;
	struct live *l = attach(&view, 1);
	int fd = net_socket("s0");
	struct live_counts c;
	uint32_t got = 0;
	struct frame f;

	for (uint32_t i = 0; i < 5000; i++)
		send_number(fd, i, 1000);
	live_counts(l, 0, &c);
	CHECK(c.waiting > 500);
	while (live_next(l, 100, &f))
		got++;
	live_counts(l, 0, &c);
	CHECK_INT(c.packets, got);
	CHECK(c.dropped > 1000);
	CHECK_INT(got + c.dropped, 5000);
	CHECK(arrives(l, fd, 9));
	(void)close(fd);
	live_detach(l);
	live_port_close(p);
	live_board_clear(board, 0);
}

static void
test_killed(void)
{
	struct live_port *p = port_open(0, "m0", 0);
	const struct live_port *view = p;
	int fd = net_socket("s0");
	struct live_counts c;
	struct frame f;
	struct live *l;
	int why;

	for (uint32_t i = 0; i < 300; i++)
		send_number(fd, i, 100);
	/* two die of frame 99, one leaves in good order after frame 150 */
	for (int life = 0; life < 3; life++) {
		pid_t child = fork();

		if (child == 0) {
			l = attach(&view, 1);
			while (live_next(l, 1000, &f))
				if (number_of(&f) == (life < 2 ? 99 : 150))
					break;
			if (life == 2)
				live_detach(l);
			_exit(live_deaths(l) == (uint32_t)life % 2 ? 0 : 1);
		}
		CHECK(waitpid(child, &why, 0) == child);
		if (life < 2)
			CHECK_INT(why, 0);
	}
	l = attach(&view, 1);
	for (uint32_t i = 151; i < 300; i++) {
		CHECK(live_next(l, 1000, &f));
		if (i == 151)
			CHECK_INT(number_of(&f), 151);
		CHECK_INT(live_deaths(l), 0);
	}
	CHECK_INT(number_of(&f), 299);
	CHECK(!live_next(l, 20, &f));
	live_counts(l, 0, &c);
	CHECK_INT(c.resumed, 0);
	live_detach(l);
	(void)close(fd);
	live_port_close(p);
	live_board_clear(board, 0);
}

/* Have the kernel look for a neighbour on the interface, if it will. */
static void
call_out(const char *name)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = 9,
		.sin_addr.s_addr = inet_addr("192.0.2.1") };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	CHECK_INT(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name,
		      (socklen_t)strlen(name) + 1),
	    0);
	(void)sendto(fd, "?", 1, 0, (struct sockaddr *)&to, sizeof(to));
	(void)close(fd);
}

/* What the kernel would say on an interface that is switched on: router
 * solicitations, group reports, ARP.  A first interface proves that it does. */
static void
test_says_nothing(void)
{
	struct live_port *p;
	int loud, quiet;
	uint8_t bytes[2048];
	unsigned heard = 0;

	net_pair("s8", "m8");
	net_pair("s9", "m9");
	loud = net_socket("s8");
	quiet = net_socket("s9");
	CHECK_INT(run("ip link set m8 up"), 0);
	p = port_open(0, "m9", 0);
	call_out("m9");
	(void)sleep(3);
	while (recv(loud, bytes, sizeof(bytes), 0) > 0)
		heard++;
	CHECK(heard > 0);
	CHECK(recv(quiet, bytes, sizeof(bytes), 0) < 0);
	(void)live_port_tend(p, board, 0);
	{
		const struct live_port *view = p;
		struct live *l = attach(&view, 1);

		CHECK_INT(status(l, 0).sent, 0);
		CHECK(status(l, 0).up);
		live_detach(l);
	}
	(void)close(loud);
	(void)close(quiet);
	live_port_close(p);
	live_board_clear(board, 0);
}

/* Also one that was talking already. */
static void
test_falls_silent(void)
{
	struct live_port *p;
	int fd = net_socket("s8");
	uint8_t bytes[2048];

	p = port_open(0, "m8", 0);
	while (recv(fd, bytes, sizeof(bytes), 0) > 0)
		;
	CHECK_INT(run("test -z \"$(ip addr show dev m8 | grep inet6)\""), 0);
	(void)sleep(2);
	CHECK(recv(fd, bytes, sizeof(bytes), 0) < 0);
	(void)close(fd);
	live_port_close(p);
	live_board_clear(board, 0);
}

static int
if_hardware(const char *name, uint8_t *mac)
{
	struct ifreq r = { .ifr_flags = 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), status;

	(void)snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	status = ioctl(fd, SIOCGIFHWADDR, &r);
	memcpy(mac, r.ifr_hwaddr.sa_data, 6);
	(void)close(fd);
	return status;
}

static void
test_address(void)
{
	struct live_config c = { .name = "m9",
		.address = ip4_of((const uint8_t[]){ 10, 9, 0, 1 }),
		.prefix = 24 };
	/* 10.9.0.2 asks for 10.9.0.1 */
	static const uint8_t who_has[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		2, 0, 0, 0, 0, 9, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0,
		9, 10, 9, 0, 2, 0, 0, 0, 0, 0, 0, 10, 9, 0, 1 };
	/* 10.9.0.2 sends it GRE */
	static const uint8_t gre[60] = { 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 9, 8,
		0, 0x45, 0, 0, 46, 0, 1, 0, 0, 64, 47, 0x66, 0x8c, 10, 9, 0, 2,
		10, 9, 0, 1, 0, 0, 0x88, 0xbe };
	char error[LIVE_ERROR_MAX];
	uint8_t bytes[2048], *p2;
	bool answered = false;
	struct live_port *p;
	struct live *l;
	int fd;

	CHECK_INT(run("ip addr add 192.0.2.7/24 dev m8"), 0);
	p = port_open(0, "m8", 0);
	{
		const struct live_port *view = p;

		l = attach(&view, 1);
		CHECK(strstr(status(l, 0).problem, "192.0.2.7") != NULL);
		CHECK_INT(run("ip addr flush dev m8"), 0);
		CHECK(live_port_tend(p, board, 0));
		CHECK_STR(status(l, 0).problem, "");
		live_detach(l);
	}
	live_port_close(p);
	/* the end of a tunnel answers ARP, if it is told to have an address */
	p = live_port_open(&c, error);
	CHECK(p != NULL && live_port_tend(p, board, 0));
	fd = net_socket("s9");
	net_wait("s9");
	net_send(fd, who_has, sizeof(who_has));
	for (int i = 0; i < 100 && !answered; i++) {
		while (recv(fd, bytes, sizeof(bytes), 0) > 0)
			answered |=
			    bytes[12] == 8 && bytes[13] == 6 && bytes[21] == 2;
		(void)usleep(10000);
	}
	CHECK(answered);
	/* ... and does not say that nobody speaks GRE here */
	p2 = bytes + 100;
	memcpy(p2, gre, sizeof(gre));
	CHECK_INT(if_hardware("m9", p2), 0);
	net_send(fd, p2, sizeof(gre));
	(void)usleep(100000);
	answered = false;
	while (recv(fd, bytes, 100, 0) > 0)
		answered |= bytes[12] == 8 && bytes[13] == 0;
	CHECK(!answered);
	(void)close(fd);
	live_port_close(p);
	live_board_clear(board, 0);
}

int
main(void)
{
	char error[LIVE_ERROR_MAX] = "";
	struct live_port *p;

	net_enter();
	net_pair("s0", "m0");
	net_pair("s1", "m1");
	board = live_board_new(error);
	CHECK_STR(error, "");
	if (board == NULL)
		return 1;
	test_order();
	p = port_open(0, "m0", 0);
	test_tag(p);
	live_port_close(p);
	test_comes_and_goes();
	test_notices();
	test_drops();
	test_killed();
	test_says_nothing();
	test_falls_silent();
	test_address();
	live_board_free(board);
	return check_done();
}
