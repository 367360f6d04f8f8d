/*
 * cotp.h - what the ISO transport tells the protocols it carries.
 *
 * The flow's state belongs to COTP.  While it hands user data on, d->state
 * points to COTP_INNER_STATE bytes of it, which are the inner protocol's own:
 * its state_size must not be larger.
 */
#ifndef PROTO_COTP_H
#define PROTO_COTP_H

#define COTP_INNER_STATE 448u

#endif
