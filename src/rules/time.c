/*
 * time.c - moments and days of a condition (RFC 3339, 5.6).
 *
 * A day is all of it, in UTC: "<= 2026-11-20" includes its evening and
 * "> 2026-11-20" begins with the next.
 */
#include "private.h"

/* Until the end of 2261: what nanoseconds in 64 bits hold. */
#define DAYS_MAX 106651

struct cursor {
	struct span s;
	uint32_t at;
	bool bad;
};

static bool
next_is(struct cursor *c, const char *any)
{
	if (c->at >= c->s.n || c->s.p[c->at] == '\0' ||
	    strchr(any, c->s.p[c->at]) == NULL)
		return false;
	c->at++;
	return true;
}

static void
want(struct cursor *c, const char *any)
{
	if (!next_is(c, any))
		c->bad = true;
}

/* So many digits, within limits. */
static uint32_t
digits(struct cursor *c, uint32_t n, uint32_t least, uint32_t most)
{
	uint32_t v = 0;

	for (uint32_t i = 0; i < n; i++, c->at++) {
		uint8_t d = c->at < c->s.n ? c->s.p[c->at] : 0;

		if (d < '0' || d > '9') {
			c->bad = true;
			return 0;
		}
		v = v * 10 + d - '0';
	}
	if (v < least || v > most)
		c->bad = true;
	return v;
}

static uint32_t
days_in(uint32_t year, uint32_t month)
{
	static const uint8_t days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30,
		31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap ? 1u : 0u);
}

/* Days since 1970-01-01; years of the four-digit calendar. */
static int64_t
read_day(struct cursor *c)
{
	uint32_t year = digits(c, 4, 1970, 2261), month, day;
	int64_t days = 0;

	want(c, "-");
	month = digits(c, 2, 1, 12);
	want(c, "-");
	if (c->bad)
		return 0;
	day = digits(c, 2, 1, days_in(year, month));
	for (uint32_t y = 1970; y < year; y++)
		days += 337 + days_in(y, 2);
	for (uint32_t m = 1; m < month; m++)
		days += days_in(year, m);
	return days + day - 1;
}

static int64_t
read_fraction(struct cursor *c)
{
	int64_t ns = 0, unit = TICK_SECOND / 10;

	if (!next_is(c, "."))
		return 0;
	ns = digits(c, 1, 0, 9) * unit;
	while (c->at < c->s.n && c->s.p[c->at] >= '0' && c->s.p[c->at] <= '9') {
		unit /= 10;
		ns += (c->s.p[c->at++] - '0') * unit;
	}
	return ns;
}

/* Seconds east of UTC. */
static int64_t
read_zone(struct cursor *c)
{
	int64_t sign, hour, minute;

	if (next_is(c, "Zz"))
		return 0;
	sign = c->at < c->s.n && c->s.p[c->at] == '-' ? -1 : 1;
	want(c, "+-");
	hour = digits(c, 2, 0, 23);
	want(c, ":");
	minute = digits(c, 2, 0, 59);
	return sign * (hour * 3600 + minute * 60);
}

/* Nanoseconds since midnight UTC. */
static int64_t
read_clock(struct cursor *c)
{
	int64_t seconds = 3600 * (int64_t)digits(c, 2, 0, 23), ns;

	want(c, ":");
	seconds += 60 * digits(c, 2, 0, 59);
	want(c, ":");
	seconds += digits(c, 2, 0, 60); /* 60: a leap second */
	ns = read_fraction(c);
	return (seconds - read_zone(c)) * TICK_SECOND + ns;
}

bool
rule_time(struct span s, int64_t *ret_from, int64_t *ret_to,
    const char **ret_why)
{
	struct cursor c = { .s = s };
	int64_t day = 86400 * TICK_SECOND, length = day - 1;

	*ret_from = day * read_day(&c);
	*ret_why = "a time is a day, 2026-11-20, or 2026-11-20T08:30:00Z";
	if (c.bad)
		return false;
	if (c.at < s.n) {
		want(&c, "Tt");
		*ret_from += read_clock(&c);
		length = 0;
	}
	*ret_to = *ret_from + length;
	return !c.bad && c.at == s.n && *ret_from >= 0 &&
	    *ret_from < DAYS_MAX * day;
}

bool
rule_moment(struct span s, struct tick *ret)
{
	int64_t from, to;
	const char *why;

	if (!rule_time(s, &from, &to, &why))
		return false;
	ret->ns = from;
	return true;
}
