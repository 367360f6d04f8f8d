/*
 * windows_took.c - what came of asking a Windows endpoint, or stood in a file
 * that was collected on it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../windows/windows.h"
#include "private.h"

#define ITEMS_MOST 20000u
#define DAY (INT64_C(86400) * TICK_SECOND)

static bool
take_ip(struct work *w, struct ip *ret)
{
	struct addr a;
	const char *text;

	if (!work_text(w, "ip", NULL, 64, &text))
		return false;
	if (!rule_addr(span_text(text), &a) || a.ip.len == 0)
		return work_fail(w, "bad", "ip", "ip: '%s' is no address",
		    text);
	*ret = a.ip;
	return true;
}

static bool
is_pin(const char *s)
{
	return s[0] == '\0' ||
	    (strlen(s) == WINDOWS_PIN - 1 &&
		strspn(s, "0123456789abcdef") == WINDOWS_PIN - 1);
}

bool
windows_pin(struct work *w)
{
	struct windows_host h;
	const char *pin;
	char ip[ADDR_TEXT_MAX], before[WINDOWS_PIN];

	if (!take_ip(w, &h.ip) || !work_text(w, "pin", NULL, 95, &pin))
		return false;
	if (!is_pin(pin))
		return work_fail(w, "bad", "pin",
		    "pin: the SHA-256 of its certificate in 64 hexadecimal "
		    "digits, or empty");
	if (!store_get_windows_host(w->d->store, &h))
		return work_fail_store(w);
	memcpy(before, h.pin, sizeof(before));
	(void)snprintf(h.pin, sizeof(h.pin), "%s", pin);
	(void)ip_text(&h.ip, ip);
	work_say(w, "%s: %s\n", ip,
	    pin[0] != '\0' ? "this certificate, and no other"
			   : "what it shows the next time");
	return (store_put_windows_host(w->d->store, &h) ||
		   work_fail_store(w)) &&
	    work_note(w, "ask", ip, "its certificate should be %s",
		pin[0] != '\0' ? pin : "what it shows next") &&
	    work_put(w, "undo",
		json_pack("{s:s, s:s, s:s}", "verb", "windows.pin", "ip", ip,
		    "pin", before));
}

/* --------------------------------------------------------------------- items
 */

static const char *
trait_word(uint32_t i)
{
	return i < TRAIT_COUNT ? fact_trait_name(i) : NULL;
}

static bool
copy(struct work *w, const char *field, const char *none, char *dst, size_t cap)
{
	const char *text;

	if (!work_text(w, field, none, cap - 1, &text))
		return false;
	(void)snprintf(dst, cap, "%s", text);
	return true;
}

/* Into the inventory: of a name the part that is one. */
static void
tell(struct work *w, const struct ip *ip, struct tick at, int trait,
    const struct windows_fact *f)
{
	const char *text = f->value[0] != '\0' ? f->value : f->name;

	if (w->d->told == NULL || trait < 0)
		return;
	if (trait == TRAIT_ADDRESS)
		text = f->name; /* the card's own address */
	w->d->told(w->d->ctx, at, ip, (uint8_t)trait, text);
}

static bool
take_item(struct work *w, const struct ip *ip, struct tick at,
    struct windows_fact *f)
{
	int kind, trait;

	*f = (struct windows_fact){ .ip = *ip };
	if (!work_word(w, "kind", windows_kind_name, &kind) ||
	    !work_word(w, "trait", trait_word, &trait) ||
	    !copy(w, "name", NULL, f->name, sizeof(f->name)) ||
	    !copy(w, "value", "", f->value, sizeof(f->value)) ||
	    !copy(w, "detail", "", f->detail, sizeof(f->detail)))
		return false;
	if (kind < 0 || f->name[0] == '\0')
		return work_fail(w, "bad", "items",
		    "items: each has a kind and a name");
	(void)snprintf(f->kind, sizeof(f->kind), "%s",
	    windows_kind_name((uint32_t)kind));
	tell(w, ip, at, trait, f);
	return true;
}

static bool
take_items(struct work *w, const struct ip *ip, struct tick at,
    struct windows_fact *f, size_t n)
{
	const json_t *whole = w->q, *list = json_object_get(w->q, "items");
	bool ok = true;

	for (size_t i = 0; ok && i < n; i++) {
		w->q = json_array_get(list, i);
		ok = json_is_object(w->q)
		    ? take_item(w, ip, at, &f[i])
		    : work_fail(w, "bad", "items", "items: must be objects");
	}
	w->q = whole;
	return ok;
}

/* The alert of what is new among what was known. */
static void
tell_more(struct work *w, const struct ip *ip, const struct windows_fact *f,
    uint32_t all, enum windows_kind kind)
{
	char names[256] = "";
	uint32_t n = 0;

	for (uint32_t i = 0; i < all; i++) {
		size_t at = strlen(names);

		if (!f[i].more ||
		    strcmp(f[i].kind, windows_kind_name(kind)) != 0)
			continue;
		n++;
		if (at + strlen(f[i].name) + 3 < sizeof(names))
			(void)snprintf(names + at, sizeof(names) - at, "%s%s",
			    at > 0 ? ", " : "", f[i].name);
	}
	if (n > 0 && w->d->more != NULL)
		w->d->more(w->d->ctx, w->d->now, ip, kind == WINDOWS_SERVICE, n,
		    names);
}

static bool
merge_items(struct work *w, const struct windows_host *h,
    struct windows_news *ret)
{
	size_t n = json_array_size(json_object_get(w->q, "items"));
	struct windows_fact *f;
	bool ok;

	*ret = (struct windows_news){ .all = 0 };
	if (n > ITEMS_MOST)
		return work_fail(w, "bad", "items", "items: at most %u",
		    ITEMS_MOST);
	f = calloc(n + 1, sizeof(*f));
	if (f == NULL)
		return work_fail(w, "failed", NULL, "out of memory");
	ok = take_items(w, &h->ip, h->told, f, n) &&
	    (store_merge_windows(w->d->store, &h->ip, h->told, f, (uint32_t)n,
		 ret) ||
		work_fail_store(w));
	if (ok) {
		tell_more(w, &h->ip, f, ret->all, WINDOWS_PROGRAM);
		tell_more(w, &h->ip, f, ret->all, WINDOWS_SERVICE);
	}
	free(f);
	return ok;
}

/* ------------------------------------------------------------------ the range
 */

/* Refused before they were ever taken: nobody else is shown them. */
static bool
judge_range(struct work *w, const struct windows_host *h, bool proved)
{
	struct windows_range r;
	char ip[ADDR_TEXT_MAX];

	if (h->range == 0)
		return true;
	if (!store_get_windows_range(w->d->store, h->range, &r))
		return true; /* removed meanwhile */
	if (proved) {
		r.proved = w->d->now;
	} else if (strcmp(h->outcome, windows_end_name(ASK_DENIED)) == 0 &&
	    r.proved.ns == 0) {
		(void)snprintf(r.blocked, sizeof(r.blocked),
		    "%s refused the credentials, %s; 'active windows password "
		    "%" PRIu32 "' gives others, 'unblock' tries them again",
		    ip_text(&h->ip, ip), "and nobody had taken them before",
		    r.id);
	} else {
		return true;
	}
	return store_put_windows_range(w->d->store, &r) || work_fail_store(w);
}

/* The certificate of one that was not trusted is not to be trusted next. */
static bool
take_pin(struct work *w, struct windows_host *h, int outcome)
{
	return outcome == ASK_UNTRUSTED ||
	    copy(w, "pin", h->pin, h->pin, sizeof(h->pin));
}

static bool
take_host(struct work *w, struct windows_host *h, bool *ret_proved)
{
	int outcome;
	int64_t range;
	struct tick at;

	if (!take_ip(w, &h->ip))
		return false;
	if (!store_get_windows_host(w->d->store, h))
		return work_fail_store(w);
	if (!work_word(w, "outcome", windows_end_name, &outcome) ||
	    !copy(w, "text", "", h->text, sizeof(h->text)) ||
	    !work_whole(w, "range", h->range, 0, UINT32_MAX, &range) ||
	    !work_yes(w, "proved", false, ret_proved) ||
	    !take_pin(w, h, outcome) ||
	    !copy(w, "name", h->name, h->name, sizeof(h->name)) ||
	    !work_time(w, "at", &at))
		return false;
	if (!is_pin(h->pin))
		return work_fail(w, "bad", "pin", "pin: no SHA-256");
	if (at.ns != 0 && (at.ns < h->told.ns || at.ns > w->d->now.ns + DAY))
		return work_fail(w, "conflict", "at",
		    at.ns < h->told.ns
			? "what is known of it is newer than this"
			: "that has yet to come: is its clock right?");
	h->range = (uint32_t)range;
	if (outcome >= 0) {
		h->at = w->d->now;
		(void)snprintf(h->outcome, sizeof(h->outcome), "%s",
		    windows_end_name((uint32_t)outcome));
		if (outcome == ASK_DENIED)
			h->denied = w->d->now;
		else if (*ret_proved)
			h->denied.ns = 0;
	}
	if (json_array_size(json_object_get(w->q, "items")) > 0)
		h->told = at.ns != 0 ? at : w->d->now;
	if (h->first.ns == 0)
		h->first = h->told;
	return true;
}

bool
windows_took(struct work *w)
{
	struct windows_host h;
	struct windows_news news;
	char ip[ADDR_TEXT_MAX];
	bool proved;

	if (!take_host(w, &h, &proved) || !merge_items(w, &h, &news) ||
	    !judge_range(w, &h, proved))
		return false;
	if (!store_put_windows_host(w->d->store, &h))
		return work_fail_store(w);
	if (w->d->answered != NULL && work_has(w, "outcome") &&
	    strcmp(h.outcome, windows_end_name(ASK_DONE)) == 0)
		w->d->answered(w->d->ctx, w->d->now, &h.ip);
	(void)ip_text(&h.ip, ip);
	if (news.all > 0)
		work_say(w,
		    "%s: %" PRIu32 " known, %" PRIu32 " new, %" PRIu32
		    " changed, %" PRIu32 " gone\n",
		    ip, news.all, news.new_ones, news.changed, news.gone);
	return work_note(w, "ask", ip,
		   "Windows: %s%s%s; %" PRIu32 " known, %" PRIu32
		   " new, %" PRIu32 " changed, %" PRIu32 " gone",
		   work_has(w, "outcome") ? h.outcome : "from a file",
		   h.text[0] != '\0' ? ": " : "", h.text, news.all,
		   news.new_ones, news.changed, news.gone) &&
	    work_put(w, "known", json_integer(news.all)) &&
	    work_put(w, "new", json_integer(news.new_ones)) &&
	    work_put(w, "changed", json_integer(news.changed)) &&
	    work_put(w, "gone", json_integer(news.gone));
}
