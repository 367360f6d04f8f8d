/*
 * login.c - too many attempts to sign in.
 *
 * Where the protocol shows an attempt it is counted; where it shows an attempt
 * with every request (HTTP) or all day (Windows), refusals are.  What is
 * encrypted from the start shows only how often it is begun.
 */
#include <stdio.h>
#include <string.h>

#include "../proto/proto.h"
#include "watch.h"

#define ANY UINT32_MAX

/* What says that somebody tried: kind LOGIN, or an error of this code. */
struct sign {
	const struct proto *proto;
	uint32_t op;
	uint32_t code; /* of an error; 0: an attempt */
	bool smb;
};

static const struct sign signs[] = {
	{ &proto_ftp, 2, 0, false }, /* PASS */
	{ &proto_telnet, 2, 0, false },
	{ &proto_vnc, ANY, 0, false },
	{ &proto_rdp, ANY, 0, false },
	{ &proto_radius, 1, 0, false },
	{ &proto_s7comm, 0x501, 0, false },
	{ &proto_opcua, ANY, 0x801f0000, false }, /* user access denied */
	{ &proto_opcua, ANY, 0x80200000, false }, /* identity token invalid */
	{ &proto_opcua, ANY, 0x80210000, false }, /* ... rejected */
	{ &proto_http, ANY, 401, false },
	{ &proto_http, ANY, 407, false },
	{ &proto_snmp, ANY, 16, false }, /* authorization error */
	{ &proto_smb, 0x73, 0xc000006d, true }, /* session setup */
	{ &proto_smb, 0x73, 0xc000006a, true },
	{ &proto_smb, 0x73, 0xc0000064, true },
	{ &proto_smb, 0x73, 0xc0000234, true },
	{ &proto_smb, 0x73, 0xc0000022, true },
	{ &proto_smb2, 1, 0xc000006d, true },
	{ &proto_smb2, 1, 0xc000006a, true },
	{ &proto_smb2, 1, 0xc0000064, true },
	{ &proto_smb2, 1, 0xc0000234, true },
	{ &proto_smb2, 1, 0xc0000022, true },
};

static const struct sign *
sign_of(const struct fact *f)
{
	const uint32_t code = f->kind == FACT_ERROR ? f->code : 0;

	if (f->kind == FACT_ERROR ? code == 0 : f->response)
		return NULL;
	for (uint32_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (protos[f->proto] == signs[i].proto &&
		    code == signs[i].code &&
		    (signs[i].op == ANY || signs[i].op == f->op))
			return &signs[i];
	return NULL;
}

static void
raise_tries(struct detect *d, const struct event *e, enum alert_id row,
    uint32_t n, uint32_t within, const char *to)
{
	char text[192], from[ADDR_TEXT_MAX];

	(void)snprintf(text, sizeof(text),
	    "%s tried to sign in %u times at %s within %u s, by %s",
	    ip_text(&e->talk->client.ip, from), n, to, within,
	    protos[e->fact->proto]->name);
	detect_raise(d, e, &(struct finding){ .row = row, .text = text });
}

/* The first 401 of a flow only asks who it is. */
static bool
is_question(struct detect *d, const struct event *e)
{
	uint32_t *n;

	if (e->fact->kind != FACT_ERROR ||
	    protos[e->fact->proto] != &proto_http)
		return false;
	n = memory_cell(detect_memory(d),
	    2 * ALERT_COUNT + ALERT_excessive_logins, key_of(e, PER_FLOW),
	    e->at, 60);
	return ++*n == 1;
}

void
detector_login(struct detect *d, const struct event *e)
{
	const struct sign *sign = sign_of(e->fact);
	struct memory *m = detect_memory(d);
	char to[ADDR_TEXT_MAX];
	uint32_t within, least, n;
	enum alert_id row;

	if (sign == NULL || is_question(d, e))
		return;
	row = sign->smb ? ALERT_excessive_smb_logins : ALERT_excessive_logins;
	least = watch_limit(d, row, &within);
	n = memory_count(m, row, pair_key(e), e->at, within);
	if (n >= least)
		raise_tries(d, e, row, n, within,
		    ip_text(&e->talk->server.ip, to));
	least = watch_limit(d, ALERT_password_guessing, &within);
	n = memory_count(m, ALERT_password_guessing, key_of(e, PER_CLIENT),
	    e->at, within);
	if (n >= least)
		raise_tries(d, e, ALERT_password_guessing, n, within,
		    "one or more servers");
}

/* ------------------------------------------------ encrypted from the start */

static const char *
shell_name(uint16_t port)
{
	switch (port) {
	case 22:
		return "SSH";
	case 23:
		return "Telnet";
	case 3389:
		return "RDP";
	case 5900:
		return "VNC";
	case 5985:
	case 5986:
		return "WinRM";
	default:
		return NULL;
	}
}

void
detector_shell(struct detect *d, const struct event *e)
{
	const struct talk *t = e->talk;
	const char *name = shell_name(t->server_port);
	char text[192], from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];
	uint32_t within, least, n;

	if (name == NULL || !watch_opens(d, t))
		return;
	least = watch_limit(d, ALERT_shell_guessing, &within);
	n = memory_count(detect_memory(d), ALERT_shell_guessing,
	    key_mix(pair_key(e), t->server_port), e->at, within);
	if (n < least)
		return;
	(void)snprintf(text, sizeof(text),
	    "%s began %u %s sessions at %s within %u s",
	    ip_text(&t->client.ip, from), n, name, ip_text(&t->server.ip, to),
	    within);
	detect_raise(d, e,
	    &(struct finding){ .row = ALERT_shell_guessing,
		.text = text,
		.extra = t->server_port });
}
