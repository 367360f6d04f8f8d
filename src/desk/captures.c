/* captures.c - capture files, played back into the sensor that runs. */
#include <inttypes.h>
#include <stdio.h>

#include "private.h"

#define SPEED_MOST 1000

static bool
no_sensor(struct work *w)
{
	return work_fail(w, "conflict", NULL,
	    "no sensor runs with this state; `sightglass read --state FOLDER "
	    "FILE` reads a file into it");
}

static const char *
speed_text(int64_t speed, char *dst, size_t cap)
{
	if (speed == 0)
		return "as fast as it goes";
	if (speed == 1)
		return "as fast as it was";
	(void)snprintf(dst, cap, "%" PRId64 " times as fast as it was", speed);
	return dst;
}

bool
captures_play(struct work *w)
{
	struct desk_play play;
	char why[256] = "", how[48];
	bool busy = false;
	uint32_t number;

	if (w->d->player == NULL)
		return no_sensor(w);
	if (!work_text(w, "name", NULL, 200, &play.name) ||
	    !work_whole(w, "speed", 1, 0, SPEED_MOST, &play.speed) ||
	    !work_yes(w, "learn", false, &play.learns) ||
	    !work_note(w, "setting", play.name, "played back, %s%s",
		speed_text(play.speed, how, sizeof(how)),
		play.learns ? ", and learned from" : ""))
		return false;
	number = w->d->player->play(w->d->ctx, &play, w->d->who, &busy, why,
	    sizeof(why));
	if (number == 0)
		return work_fail(w, busy ? "conflict" : "input", NULL, "%s",
		    why);
	work_say(w, "%s is played, %s\n", play.name,
	    speed_text(play.speed, how, sizeof(how)));
	return work_put(w, "number", json_integer(number));
}

bool
captures_stop(struct work *w)
{
	char name[208];

	if (w->d->player == NULL)
		return no_sensor(w);
	if (!w->d->player->stop(w->d->ctx, name, sizeof(name)))
		return work_fail(w, "absent", NULL, "nothing is played");
	work_say(w, "%s is no longer played\n", name);
	return work_note(w, "setting", name, "no longer played back");
}
