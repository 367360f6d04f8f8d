/*
 * sensor_name.h - what this sensor is called, for exclusions and exports.
 *
 * One for the process: set once, from the settings, before packets come.
 */
#ifndef MODEL_SENSOR_NAME_H
#define MODEL_SENSOR_NAME_H

#define SENSOR_NAME_MAX 64u /* with its NUL */

/* A name that is too long is cut. */
void sensor_name_set(const char *);
/* "" unless it was set. */
const char *sensor_name(void);

#endif
