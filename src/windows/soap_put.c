/* soap_put.c - the requests; see soap.h. */
#include <stdio.h>

#include "soap.h"
#include "xml.h"

#define WMI "http://schemas.microsoft.com/wbem/wsman/1/wmi/"
#define REGISTRY WMI "root/default/StdRegProv"
#define ENUMERATION "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
#define HKEY_LOCAL_MACHINE "2147483650"
#define BATCH "50" /* objects an answer */

static void
put(struct wr *w, const char *text)
{
	wr_bytes(w, text, (uint32_t)strlen(text));
}

static void
put_id(struct wr *w, const uint8_t id[static 16])
{
	char hex[3];

	for (uint32_t i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			put(w, "-");
		(void)snprintf(hex, sizeof(hex), "%02x", id[i]);
		put(w, hex);
	}
}

/* `space`, of WMI, or a whole resource where it begins with "http". */
static void
begin(struct wr *w, const struct soap_to *to, const char *resource,
    const char *under, const char *action)
{
	put(w,
	    "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "
	    "xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" "
	    "xmlns:n=\"" ENUMERATION "\" "
	    "xmlns:w=\"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd\">"
	    "<s:Header><a:To>");
	put(w, to->url);
	put(w, "</a:To><w:ResourceURI s:mustUnderstand=\"true\">");
	put(w, resource);
	put(w, under);
	put(w,
	    "</w:ResourceURI><a:ReplyTo><a:Address s:mustUnderstand=\"true\">"
	    "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous"
	    "</a:Address></a:ReplyTo><a:Action s:mustUnderstand=\"true\">");
	put(w, action);
	put(w, "</a:Action><a:MessageID>uuid:");
	put_id(w, to->id);
	put(w,
	    "</a:MessageID><w:MaxEnvelopeSize s:mustUnderstand=\"true\">512000"
	    "</w:MaxEnvelopeSize><w:OperationTimeout>PT10S"
	    "</w:OperationTimeout></s:Header><s:Body>");
}

static void
end(struct wr *w)
{
	put(w, "</s:Body></s:Envelope>");
}

void
soap_identify(struct wr *w)
{
	put(w,
	    "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "
	    "xmlns:i=\"http://schemas.dmtf.org/wbem/wsman/identity/1/"
	    "wsmanidentity.xsd\"><s:Header/><s:Body><i:Identify/></s:Body>"
	    "</s:Envelope>");
}

void
soap_enumerate(struct wr *w, const struct soap_to *to, const char *space,
    const char *wql)
{
	char resource[128];

	(void)snprintf(resource, sizeof(resource), WMI "%s", space);
	begin(w, to, resource, "/*", ENUMERATION "/Enumerate");
	put(w,
	    "<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>" BATCH
	    "</w:MaxElements><w:Filter Dialect=\"http://schemas.microsoft.com/"
	    "wbem/wsman/1/WQL\">");
	xml_escape(w, wql);
	put(w, "</w:Filter></n:Enumerate>");
	end(w);
}

void
soap_pull(struct wr *w, const struct soap_to *to, const char *space,
    const char *context)
{
	char resource[128];

	(void)snprintf(resource, sizeof(resource), WMI "%s", space);
	begin(w, to, resource, "/*", ENUMERATION "/Pull");
	put(w, "<n:Pull><n:EnumerationContext>");
	xml_escape(w, context);
	put(w,
	    "</n:EnumerationContext><n:MaxElements>" BATCH
	    "</n:MaxElements></n:Pull>");
	end(w);
}

void
soap_registry(struct wr *w, const struct soap_to *to, const char *method,
    const char *key, const char *value)
{
	char action[160];

	(void)snprintf(action, sizeof(action), REGISTRY "/%s", method);
	begin(w, to, REGISTRY, "", action);
	put(w, "<p:");
	put(w, method);
	put(w,
	    "_INPUT xmlns:p=\"" REGISTRY "\"><p:hDefKey>" HKEY_LOCAL_MACHINE
	    "</p:hDefKey><p:sSubKeyName>");
	xml_escape(w, key);
	put(w, "</p:sSubKeyName>");
	if (value != NULL) {
		put(w, "<p:sValueName>");
		xml_escape(w, value);
		put(w, "</p:sValueName>");
	}
	put(w, "</p:");
	put(w, method);
	put(w, "_INPUT>");
	end(w);
}
