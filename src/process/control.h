/*
 * control.h - asking the running sensor: the client's side of the control
 * socket, a JSON object there and one back (src/desk).
 */
#ifndef PROCESS_CONTROL_H
#define PROCESS_CONTROL_H

#include <jansson.h>

/*
 * The answer, the caller's to json_decref(); NULL: no sensor runs there
 * (*ret_why NULL), or why it cannot be asked.
 */
json_t *control_ask(const char *runtime, const json_t *request,
    const char **ret_why);

#endif
