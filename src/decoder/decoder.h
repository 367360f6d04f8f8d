/*
 * decoder.h - the process that says what is in the frames of an alert, for
 * the console.
 *
 * These are what an attacker sent, and among them are those that ended the
 * engine: whoever parses them may be lost, and must have nothing to lose.  So
 * it is neither the engine nor the process with the certificate's key and the
 * passwords, but one that has a socket to whoever asks and nothing else.
 *
 * Messages are the leash's: LEASH_EVIDENCE with the descriptor of a capture,
 * then LEASH_FACT for each fact, a line of docs/json-lines.md, and
 * LEASH_DECODED; all with the number of the request.
 */
#ifndef DECODER_DECODER_H
#define DECODER_DECODER_H

#include <jansson.h>
#include <stdint.h>

#define DECODER_FRAMES 64u /* of one request; the others are not looked at */
#define DECODER_FACTS (DECODER_FRAMES * 16u) /* no more are said */

/* Of a process that was started; its exit status. */
int decoder_main(void);

/* Who asks: zeroed but for the socket, -1 for none. */
struct decoder_asker {
	int socket;
	uint32_t number; /* of the last request */
};
/*
 * What is in a capture, open for reading from its start: an array of facts,
 * the caller's; NULL when the decoder is not there, ended, or took longer
 * than a few seconds.  One at a time.
 */
json_t *decoder_ask(struct decoder_asker *, int evidence);

#endif
