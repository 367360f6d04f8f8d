/*
 * soap.h - WS-Management (DSP0226) with WMI behind it (DSP0227, [MS-WSMV]):
 * requests written, answers read.
 *
 * All requests there are: Identify, Enumerate with a query in WQL, Pull, and
 * three methods of StdRegProv that read the registry.
 */
#ifndef WINDOWS_SOAP_H
#define WINDOWS_SOAP_H

#include "windows.h"

struct soap_to {
	const char *url;
	const uint8_t *id; /* 16 random bytes */
};

void soap_identify(struct wr *);
void soap_enumerate(struct wr *, const struct soap_to *, const char *space,
    const char *wql);
void soap_pull(struct wr *, const struct soap_to *, const char *space,
    const char *context);
/* "EnumKey", "GetStringValue" (`value` named) or "GetDWORDValue", below
 * HKEY_LOCAL_MACHINE. */
void soap_registry(struct wr *, const struct soap_to *, const char *method,
    const char *key, const char *value);

struct soap_answer {
	bool fault, end; /* end: of the enumeration */
	char context[TALK_CONTEXT];
	char why[TALK_WHY]; /* of the fault, or why it is no answer */
};
/*
 * Each object of the answer: items of an enumeration, what a method returned,
 * what it is.  False, with why: it is no answer.
 */
bool soap_read(struct span, struct soap_answer *ret,
    struct windows_object *room,
    void (*got)(void *ctx, const struct windows_object *), void *ctx);

#endif
