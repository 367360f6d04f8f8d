/* sensor_name.c - see sensor_name.h. */
#include "sensor_name.h"

#include <stdio.h>

static char name[SENSOR_NAME_MAX];

void
sensor_name_set(const char *s)
{
	(void)snprintf(name, sizeof(name), "%s", s);
}

const char *
sensor_name(void)
{
	return name;
}
