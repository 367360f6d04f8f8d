/*
 * ask.h - requests to the desk (src/desk): whatever changes a state.
 */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include <jansson.h>

#include "../desk/desk.h"

/* Apply the request (taken over), print what it says; the exit status, after
 * complaining. */
int ask(const char *command, const char *folder, json_t *request);

/* The same with a descriptor for the sensor (-1: none), and its answer: the
 * caller's, NULL after complaining. */
json_t *ask_answer(const char *command, const char *folder, json_t *request,
    int file, int *ret_status);

/* Whether a sensor runs with this state: changes are asked of it. */
bool ask_has_sensor(const char *folder);

/* A request with its verb; and what is put into one. */
json_t *ask_new(const char *verb);
void ask_text(json_t *request, const char *field, const char *text);
void ask_time(json_t *request, const char *field, struct tick); /* 0: not */

/* A whole file: bytes that are no UTF-8 are left for the desk to refuse. */
void ask_file(json_t *request, const char *field, struct span text);

struct picked;
void ask_numbers(json_t *request, const char *field, const struct picked *);

#endif
