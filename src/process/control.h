/*
 * control.h - asking the running sensor: the client's side of the control
 * socket, a JSON object there and one back (src/desk).
 */
#ifndef PROCESS_CONTROL_H
#define PROCESS_CONTROL_H

#include <jansson.h>
#include <sys/types.h>

/*
 * `file`: a descriptor that goes along, -1: none.  The answer, the caller's to
 * json_decref(); NULL: no sensor runs there
 * (*ret_why NULL), or why it cannot be asked.
 */
json_t *control_ask(const char *runtime, const json_t *request, int file,
    const char **ret_why);
/* The one descriptor that came with a message, the caller's; -1: none, or
 * several, which are closed: whoever sends them means no good. */
struct msghdr;
int control_file(struct msghdr *);
/* send(2) with the descriptor beside the first byte; the number sent. */
ssize_t control_send(int fd, const char *text, size_t n, int file);

#endif
