/* seal.h - messages sealed within HTTP ([MS-WSMV] 2.2.9.1). */
#ifndef WINDOWS_SEAL_H
#define WINDOWS_SEAL_H

#include "ntlm.h"

#define SEAL_TYPE                                                 \
	"multipart/encrypted;"                                    \
	"protocol=\"application/HTTP-SPNEGO-session-encrypted\";" \
	"boundary=\"Encrypted Boundary\""

void seal_put(struct ntlm *, struct wr *, struct span plain);
/* In place, the plain text within s; false: not sealed by whom it should be.
 */
bool seal_take(struct ntlm *, uint8_t *, uint32_t n, struct span *ret);

#endif
