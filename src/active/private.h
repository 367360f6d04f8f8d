/* private.h - shared by the files of active/ only. */
#ifndef ACTIVE_PRIVATE_H
#define ACTIVE_PRIVATE_H

#include "active.h"

/*
 * Of each method: the next request, and what an answer must be for the
 * conversation to go on.
 */
#define METHOD(prefix, name, title, proto, via, port, requests, hears, whole, \
    of_server, standard, caution)                                             \
	bool prefix##_ask(struct inquiry *, struct wr *);                     \
	bool prefix##_heard(struct inquiry *, struct span);
#include "methods.def"
#undef METHOD

/* governor.c: questions of another kind follow, which take their own time: how
 * fast the device usually is is learned anew. */
void governor_relearn(struct governor *, const struct ip *, struct tick now);

/* whole.c: how long the answer is that begins here. */
uint32_t whole_enip(struct span);
uint32_t whole_tpkt(struct span);
uint32_t whole_modbus(struct span);
uint32_t whole_opcua(struct span);
uint32_t whole_dnp3(struct span);
uint32_t whole_melsec(struct span);
uint32_t whole_codesys(struct span);
uint32_t whole_http(struct span);
uint32_t whole_tls(struct span);
uint32_t whole_dns(struct span);

#endif
