/*
 * test_windows.c - what Windows endpoints are asked and say: the codecs and
 * the course of a conversation, without a socket.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../../src/windows/http.h"
#include "../../src/windows/seal.h"
#include "../../src/windows/soap.h"
#include "../../src/windows/xml.h"
#include "check.h"

/* --------------------------------------------------------------------- NTLM
 */

/* [MS-NLMP] 4.2.1: what the examples share. */
static const uint8_t server_nonce[8] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab,
	0xcd, 0xef };

/* 4.2.4.3, with the flags we need. */
static void
put_challenge(struct wr *w, uint32_t flags)
{
	wr_bytes(w, "NTLMSSP", 8);
	wr_le32(w, 2);
	WR_HEX(w, 0, 0, 0, 0, 56, 0, 0, 0);
	wr_le32(w, flags);
	wr_bytes(w, server_nonce, 8);
	WR_HEX(w, 0, 0, 0, 0, 0, 0, 0, 0);
	WR_HEX(w, 36, 0, 36, 0, 56, 0, 0, 0);
	WR_HEX(w, 6, 1, 0, 0, 0, 0, 0, 15);
	WR_HEX(w, 2, 0, 12, 0);
	utf16_put(w, "Domain", false);
	WR_HEX(w, 1, 0, 12, 0);
	utf16_put(w, "Server", false);
	WR_HEX(w, 0, 0, 0, 0);
}

static struct ntlm_credentials
example(void)
{
	struct ntlm_credentials who = { .user = "User",
		.domain = "Domain",
		.password = "Password",
		.target = "HTTP/10.1.2.3" };

	memset(who.challenge, 0xaa, sizeof(who.challenge));
	memset(who.session, 0x55, sizeof(who.session));
	return who;
}

static void
test_ntlm(void)
{
	/* 4.2.4.4: "Plaintext" in UTF-16, sealed */
	static const uint8_t sealed[] = { 0x54, 0xe5, 0x01, 0x65, 0xbf, 0x19,
		0x36, 0xdc, 0x99, 0x60, 0x20, 0xc1, 0x81, 0x1b, 0x0f, 0x06,
		0xfb, 0x5f };
	static const uint8_t signature[] = { 1, 0, 0, 0, 0x7f, 0xb3, 0x8e, 0xc5,
		0xc5, 0x5d, 0x49, 0x76, 0, 0, 0, 0 };
	struct ntlm_credentials who = example();
	uint8_t bytes[256], answer[NTLM_MESSAGE], plain[64], sign[16];
	struct wr w = WR(bytes), a = WR(answer), p = WR(plain);
	struct ntlm c;

	ntlm_negotiate(&c, &a);
	CHECK_INT(a.n, 40);
	a.n = 0;
	put_challenge(&w, 0xe28a8233);
	CHECK(ntlm_authenticate(&c, wr_span(&w), &who, &a));
	CHECK(memcmp(answer, "NTLMSSP\0\3", 9) == 0);
	utf16_put(&p, "Plaintext", false);
	ntlm_seal(&c, p.p, p.n, sign);
	CHECK(memcmp(plain, sealed, sizeof(sealed)) == 0);
	CHECK(memcmp(sign, signature, sizeof(signature)) == 0);
	/* cut anywhere, or offering less: refused */
	for (uint32_t n = 0; n < w.n; n++)
		CHECK(!ntlm_authenticate(&c, SPAN(bytes, n), &who, &a));
	w.n = 0;
	put_challenge(&w, 0xe28a8233 & ~0x20000000u);
	CHECK(!ntlm_authenticate(&c, wr_span(&w), &who, &a));
}

static void
test_utf16(void)
{
	uint8_t bytes[64];
	struct wr w = WR(bytes);

	utf16_put(&w, "m\xc3\xbcller\xff", true);
	CHECK_INT(w.n, 12);
	CHECK(memcmp(bytes, "M\0\xdc\0L\0L\0E\0R\0", 12) == 0);
	w.n = 0;
	utf16_put(&w, "\xf0\x9f\x98\x80", false);
	CHECK(w.n == 4 && memcmp(bytes, "\x3d\xd8\x00\xde", 4) == 0);
}

/* --------------------------------------------------------------------- XML */

static enum xml_piece
last_piece(const char *text)
{
	enum xml_piece piece;
	struct xml x;

	xml_begin(&x, span_text(text));
	do
		piece = xml_next(&x);
	while (piece != XML_END && piece != XML_BAD);
	return piece;
}

static void
test_xml(void)
{
	static const char marked[] =
	    "\xef\xbb\xbf<?xml version='1.0'?><!-- < --><p:a p:b=\"1\">"
	    "<![CDATA[<x>]]></p:a>\n";
	static const char *const good[] = { "<a/>", "<a><b c='x>y'/>t</a>",
		marked };
	static const char *const bad[] = { "<a>", "<a></b>", "<a", "</a>",
		"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "<a/>text", "<a b='/>",
		"<1 2 3", "<>", "<a><!-- ", "<a>\t<![CDATA[x]]</a>" };
	char deep[XML_DEPTH * 3 + 8] = "";
	uint8_t bytes[64];
	struct wr w = WR(bytes);
	struct xml x;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CHECK_INT(last_piece(good[i]), XML_END);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_INT(last_piece(bad[i]), XML_BAD);
	for (uint32_t i = 0; i <= XML_DEPTH; i++)
		memcpy(deep + 3 * i, "<a>", 4);
	CHECK_INT(last_piece(deep), XML_BAD);
	xml_begin(&x,
	    SPAN_LIT("<a x:nil='true'>&lt;&#65;&#x1F600;&nbsp;&#xD800;&</a>"));
	CHECK_INT(xml_next(&x), XML_OPEN);
	CHECK(span_is(xml_attribute(&x, "nil"), SPAN_LIT("true")));
	CHECK(xml_attribute(&x, "il").p == NULL);
	CHECK_INT(xml_next(&x), XML_TEXT);
	xml_put_text(&x, &w);
	CHECK(span_is(wr_span(&w),
	    SPAN_LIT("<A\xf0\x9f\x98\x80&nbsp;&#xD800;&")));
}

/* --------------------------------------------------------------------- HTTP
 */

static uint8_t room[HTTP_BODY];

static enum http_is
read_http(const char *text, bool closed, struct http_answer *ret)
{
	const char *why;

	return http_read(span_text(text), closed, room, ret, &why);
}

static void
test_http(void)
{
	static const char chunked[] =
	    "HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n"
	    "3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\nrest";
	static const char long_chunk[] =
	    "HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "2\r\nabc\r\n";
	static const char *const odd[] = { "HTTP/2 200\r\n\r\n",
		"SSH-2.0-x\r\n", "HTTP/1.1 200\r\nno colon\r\n\r\n",
		"HTTP/1.1 200 x\r\nContent-Length: 99999999\r\n\r\n",
		"HTTP/1.1 200 x\r\nContent-Length: -1\r\n\r\n",
		"HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		long_chunk };
	struct http_answer a;
	char part[sizeof(chunked)];

	CHECK_INT(read_http(chunked, false, &a), HTTP_WHOLE);
	CHECK(span_is(a.body, SPAN_LIT("abc0123456789")));
	CHECK_INT(a.length, sizeof(chunked) - 5);
	for (size_t n = 0; n < sizeof(chunked) - 5; n++) {
		memcpy(part, chunked, n);
		part[n] = '\0';
		CHECK_INT(read_http(part, false, &a), HTTP_MORE);
		CHECK_INT(read_http(part, true, &a), HTTP_ODD);
	}
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		CHECK_INT(read_http(odd[i], false, &a), HTTP_ODD);
	CHECK_INT(read_http("HTTP/1.1 401 \r\nWWW-Authenticate: Basic\r\n"
			    "www-authenticate: Negotiate TlRM\r\n"
			    "Content-Length: 0\r\nConnection: close\r\n\r\n",
		      false, &a),
	    HTTP_WHOLE);
	CHECK_INT(a.status, 401);
	CHECK(a.negotiate && a.closes);
	CHECK_STR(a.token, "TlRM");
}

/* ------------------------------------------------------- a conversation */

struct seen {
	uint32_t n, lacks;
	struct windows_item item[64];
	char why[TALK_WHY];
};

static void
on_item(void *ctx, const struct windows_item *item)
{
	struct seen *s = ctx;

	if (s->n < 64)
		s->item[s->n++] = *item;
}

static void
on_lack(void *ctx, const struct windows_query *q, const char *why)
{
	struct seen *s = ctx;

	(void)q;
	s->lacks++;
	(void)snprintf(s->why, sizeof(s->why), "%s", why);
}

static struct windows_talk talk;
static struct seen seen;

static void
begin(uint64_t kinds)
{
	memset(&seen, 0, sizeof(seen));
	windows_talk_begin(&talk, "https://10.1.2.3:5986/wsman", kinds);
	talk.ctx = &seen;
	talk.got = on_item;
	talk.lacks = on_lack;
}

/* The next request has this text in it, and this is its answer. */
static void
turn(const char *asks, const char *body)
{
	static const uint8_t id[16];
	char text[8192], why[TALK_WHY];
	uint8_t bytes[TALK_REQUEST + 1];
	struct wr w = { .p = bytes, .cap = TALK_REQUEST };

	CHECK(windows_talk_next(&talk, id, &w));
	bytes[w.n] = '\0';
	CHECK(strstr((char *)bytes, asks) != NULL);
	CHECK_INT(last_piece((char *)bytes), XML_END);
	(void)snprintf(text, sizeof(text),
	    "<s:Envelope xmlns:s='x'><s:Header><a:To>x</a:To></s:Header>"
	    "<s:Body>%s</s:Body></s:Envelope>",
	    body);
	CHECK(windows_talk_heard(&talk, span_text(text), why));
}

static void
is_item(uint32_t i, enum windows_kind kind, const char *name, const char *value,
    const char *detail)
{
	CHECK_INT(seen.item[i].kind, kind);
	CHECK_STR(seen.item[i].name, name);
	CHECK_STR(seen.item[i].value, value);
	CHECK_STR(seen.item[i].detail, detail);
}

static void
is_over(void)
{
	static const uint8_t id[16];
	uint8_t bytes[TALK_REQUEST];
	struct wr w = WR(bytes);

	CHECK(!windows_talk_next(&talk, id, &w));
}

#define IDENTIFIED                                                   \
	"<i:IdentifyResponse><i:ProductVendor>Microsoft Corporation" \
	"</i:ProductVendor></i:IdentifyResponse>"
#define FAULT(code, text)                                        \
	"<s:Fault><s:Code><s:Value>s:Sender</"                   \
	"s:Value><s:Subcode><s:Value>" code                      \
	"</s:Value></s:Subcode></s:Code><s:Reason><s:Text>" text \
	"</s:Text></s:Reason></s:Fault>"

static void
test_services(void)
{
	begin(1u << WINDOWS_SERVICE);
	turn("Identify", IDENTIFIED);
	turn("FROM Win32_Service",
	    "<n:EnumerateResponse><n:EnumerationContext>uuid:1&amp;2"
	    "</n:EnumerationContext><w:Items><w:XmlFragment>"
	    "<p:DisplayName>Print &lt;Spooler&gt;</p:DisplayName>"
	    "<p:Name>Spooler</p:Name><p:PathName>C:\\spool.exe</p:PathName>"
	    "<p:StartMode>Auto</p:StartMode><p:StartName>LocalSystem"
	    "</p:StartName><p:State>Running</p:State></w:XmlFragment>"
	    "</w:Items></n:EnumerateResponse>");
	turn("<n:EnumerationContext>uuid:1&amp;2<",
	    "<n:PullResponse><n:EnumerationContext>uuid:3"
	    "</n:EnumerationContext><n:Items><p:Win32_Service>"
	    "<p:Name>W\x01\xff</p:Name><p:PathName xsi:nil='true'/>"
	    "<p:StartMode>Manual</p:StartMode></p:Win32_Service></n:Items>"
	    "</n:PullResponse>");
	turn("uuid:3",
	    "<n:PullResponse><n:Items/><n:EndOfSequence/>"
	    "</n:PullResponse>");
	is_over();
	CHECK_INT(seen.n, 2);
	is_item(0, WINDOWS_SERVICE, "Spooler",
	    "Auto, LocalSystem: C:\\spool.exe", "Running: Print <Spooler>");
	is_item(1, WINDOWS_SERVICE, "W .", "Manual, :", "");
	CHECK_INT(talk.requests, 4);
}

/* Not for this account: one by one, from the registry. */
static void
test_programs(void)
{
	begin(1u << WINDOWS_PROGRAM);
	turn("Identify", IDENTIFIED);
	turn("Win32_InstalledWin32Program",
	    FAULT("w:AccessDenied", "Access is denied."));
	turn("EnumKey",
	    "<p:EnumKey_OUTPUT><p:sNames>7-Zip</p:sNames><p:sNames>{A-B}"
	    "</p:sNames><p:ReturnValue>0</p:ReturnValue></p:EnumKey_OUTPUT>");
	turn("Uninstall\\7-Zip</p:sSubKeyName><p:sValueName>DisplayName<",
	    "<p:GetStringValue_OUTPUT><p:sValue>7-Zip 19.00</p:sValue>"
	    "<p:ReturnValue>0</p:ReturnValue></p:GetStringValue_OUTPUT>");
	turn("DisplayVersion",
	    "<p:GetStringValue_OUTPUT><p:sValue>19.00</p:sValue>"
	    "</p:GetStringValue_OUTPUT>");
	turn("{A-B}",
	    "<p:GetStringValue_OUTPUT><p:sValue xsi:nil='true'/>"
	    "<p:ReturnValue>1</p:ReturnValue>"
	    "</p:GetStringValue_OUTPUT>");
	turn("WOW6432Node", FAULT("w:InternalError", "no such key"));
	is_over();
	CHECK_INT(seen.n, 1);
	is_item(0, WINDOWS_PROGRAM, "7-Zip 19.00", "19.00", "");
	CHECK_INT(seen.lacks, 2);
	CHECK_STR(seen.why, "s:Sender: w:InternalError: no such key");
}

static void
test_usb(void)
{
	begin(1u << WINDOWS_USB);
	turn("Identify", IDENTIFIED);
	turn("Enum\\USBSTOR<",
	    "<p:EnumKey_OUTPUT><p:sNames>Disk&amp;Ven_SanDisk&amp;Prod_"
	    "Ultra_Fit&amp;Rev_1.00</p:sNames></p:EnumKey_OUTPUT>");
	turn("USBSTOR\\Disk&amp;Ven_SanDisk",
	    "<p:EnumKey_OUTPUT><p:sNames>4C5300&amp;0</p:sNames>"
	    "</p:EnumKey_OUTPUT>");
	is_over();
	is_item(0, WINDOWS_USB, "SanDisk Ultra Fit 1.00 4C5300", "", "");
}

/* An enumeration that never ends does, with us. */
static void
test_endless(void)
{
	static const uint8_t id[16];
	uint8_t bytes[TALK_REQUEST];
	struct wr w = WR(bytes);
	char why[TALK_WHY];
	uint32_t n = 0;

	begin(1u << WINDOWS_UPDATE);
	while (windows_talk_next(&talk, id, &w) && n++ < 2000) {
		w.n = 0;
		CHECK(windows_talk_heard(&talk,
		    SPAN_LIT("<E><Body><P><EnumerationContext>x"
			     "</EnumerationContext><Items><a><HotFixID>KB1"
			     "</HotFixID></a></Items></P></Body></E>"),
		    why));
	}
	CHECK(talk.cut && n < 100);
	begin(1u << WINDOWS_UPDATE);
	CHECK(windows_talk_next(&talk, id, &w));
	CHECK(!windows_talk_heard(&talk, SPAN_LIT("<html>"), why));
	CHECK_STR(why, "no answer of SOAP: ends within an element");
	is_over();
}

/* -------------------------------------------------------------------- files
 */

static const char file[] =
    "Sightglass-Windows 1\r\nTime=2026-11-30T10:00:00Z\r\n\r\n"
    "[Win32_ComputerSystem]\r\nName=HMI-7\r\r\nModel=OptiPlex\r\n\r\n"
    "[Win32_NetworkAdapterConfiguration]\r\n"
    "IPAddress={\"169.254.1.1\",\"10.9.8.7\",\"fe80::1\"}\r\n"
    "MACAddress=00:11:22:33:44:55\r\n\r\n"
    "[Something of another version]\r\nx=y\r\n"
    "[Win32_QuickFixEngineering]\nHotFixID=KB1\nInstalledOn=1/2/2026\n\n"
    "HotFixID=KB2\nDescription=Update\n";

static void
test_file(void)
{
	static const char *const bad[][2] = { { "", "it is empty" },
		{ "PK\x03\x04",
		    "a file of ours begins 'Sightglass-Windows 1'" },
		{ "Sightglass-Windows 1\nTime=yesterday",
		    "Time is no time such as 2026-11-30T10:00:00Z" },
		{ "Sightglass-Windows 1\n[Win32_Service]\nNa",
		    "neither a [section] nor a NAME=VALUE: is it cut?" } };
	uint8_t wide[2 * sizeof(file)];
	struct windows_file f;
	struct wr w = WR(wide);
	char ip[ADDR_TEXT_MAX];

	for (int utf16 = 0; utf16 < 2; utf16++) {
		memset(&seen, 0, sizeof(seen));
		WR_HEX(&w, 0xff, 0xfe);
		utf16_put(&w, file, false);
		CHECK(windows_read_file(utf16 != 0 ? wr_span(&w)
						   : span_text(file),
		    &f, on_item, &seen));
		w.n = 0;
		CHECK_STR(f.host, "HMI-7");
		CHECK_INT(f.n_ip, 1);
		CHECK_STR(ip_text(&f.ip[0], ip), "10.9.8.7");
		CHECK_INT(f.at.ns / TICK_SECOND, 1796032800);
		CHECK_INT(seen.n, 5);
		is_item(1, WINDOWS_HARDWARE, "model", "OptiPlex", "");
		is_item(2, WINDOWS_ADDRESS, "00:11:22:33:44:55",
		    "169.254.1.1, 10.9.8.7, fe80::1", "");
		is_item(3, WINDOWS_UPDATE, "KB1", "2026-01-02", "");
		is_item(4, WINDOWS_UPDATE, "KB2", "", "Update");
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK(!windows_read_file(span_text(bad[i][0]), &f, on_item,
		    &seen));
		CHECK_STR(f.error, bad[i][1]);
	}
	CHECK_INT(f.line, 3);
}

static void
test_sealed(void)
{
	static uint8_t bytes[1024], challenge[256];
	uint8_t answer[NTLM_MESSAGE];
	struct wr w = WR(bytes), c = WR(challenge), a = WR(answer);
	struct ntlm_credentials who = example();
	struct span plain;
	struct ntlm one, other;

	put_challenge(&c, 0xe28a8233);
	ntlm_negotiate(&one, &a);
	CHECK(ntlm_authenticate(&one, wr_span(&c), &who, &a));
	other = one; /* the other side: its ways are ours, turned round */
	other.in = one.out;
	other.out = one.in;
	seal_put(&one, &w, SPAN_LIT("<a>secret</a>"));
	CHECK(!w.full && memmem(bytes, w.n, "secret", 6) == NULL);
	CHECK(seal_take(&other, bytes, w.n, &plain));
	CHECK(span_is(plain, SPAN_LIT("<a>secret</a>")));
	/* once more: not the next in order any more */
	CHECK(!seal_take(&other, bytes, w.n, &plain));
	CHECK(!seal_take(&one, bytes, 10, &plain));
}

int
main(void)
{
	test_ntlm();
	test_utf16();
	test_xml();
	test_http();
	test_services();
	test_programs();
	test_usb();
	test_endless();
	test_file();
	test_sealed();
	return check_done();
}
