/*
 * seal.h - the last line of an exported baseline: who signed it.
 *
 *	#signed key=HEX as="pump house" at=2026-05-14T23:00:00 SIGNATURE
 *
 * Ed25519 over a word that says what is signed, the chain of the line before,
 * and the line up to the signature.  Private to baseline/.
 */
#ifndef BASELINE_SEAL_H
#define BASELINE_SEAL_H

#include "baseline.h"
#include "text_line.h"

/* Puts the line out, after the last line that `chain` knows. */
bool export_seal_put(const struct line_chain *, const struct export_seal *,
    struct out *);
bool export_seal_is(struct span line);
/* False: not what that key signed.  Fills the signer in. */
bool export_seal_check(const struct line_chain *, struct span line,
    struct import_result *ret);

#endif
