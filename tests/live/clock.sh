#!/bin/bash
# clock.sh STEPPED PLAY: the clock is set by hours while the sensor watches
# (stepped.c): it says so and watches on; no alert but that of the clock comes
# of it, the hours of the ledger are whole, and one can sign in.
. "$(dirname "$0")/lib.sh"
export SIGHTGLASS_STEPPED=$dir/by

set_clock() { # SECONDS, as to the real one
	python3 -c 'import struct, sys
with open(sys.argv[1], "r+b") as f: f.write(struct.pack("=q", int(sys.argv[2])))' "$dir/by" "$1"
}
head -c 8 /dev/zero >"$dir/by"
frames() { live traffic '$.frames'; }
plays() { # FRAMES, and all are counted
	local before
	before=$(frames)
	in_ns "$play" out "$sample" 2000 "$1" >/dev/null
	within 5 at_least $((before + $1)) "SELECT json_extract(json, '\$.frames') FROM live WHERE key = 'traffic'"
	ok "every frame is counted: $(($(frames) - before)) of $1" $?
}
curl_() { in_ns curl -sk --max-time 10 -b "$dir/cookies" -c "$dir/cookies" "$@"; }
signed_in() { # anew: by a clock hours later nobody is any more
	[ "$(curl_ -o /dev/null -w '%{http_code}' https://127.0.0.1:8443/api/v1/session -H 'Content-Type: application/json' \
		-d '{"user": "anna", "password": "quiet river under stones"}')" = 200 ] &&
		[ "$(curl_ -o /dev/null -w '%{http_code}' https://127.0.0.1:8443/api/v1/overview)" = 200 ]
}

pair out mirror
start -i mirror --set keep.packets=0
within 10 logged "one-time secret"
within 5 watching
curl_ -o /dev/null https://127.0.0.1:8443/api/v1/setup -H 'Content-Type: application/json' \
	-d "{\"secret\": \"$(sed -n 's/.*one-time secret \([A-Z0-9-]*\).*/\1/p' "$dir/log")\", \"user\": \"anna\", \"password\": \"quiet river under stones\"}"
signed_in
ok "one can sign in" $?
plays 2000
within 3 at_least 4 "SELECT count(*) FROM alert"
others() { sql "SELECT group_concat(slug) FROM (SELECT DISTINCT slug FROM alert WHERE slug <> 'sensor-clock' ORDER BY slug)"; }
before=$(others)
devices=$(sql 'SELECT count(*) FROM device')
engine=$(pid_of engine) keeper=$(pid_of keeper)

step() { # SECONDS WORDS
	: >"$dir/log"
	set_clock "$1"
	within 3 logged "sightglass engine: the clock was set $2"
	ok "it is said: $2" $?
	within 3 logged "what is old is not forgotten before a day"
	ok "what is old by it stays" $?
	plays 2000
	signed_in
	ok "one can sign in" $?
}
step 18000 "forward by 18000 s"
step -18000 "back by 36000 s"
step 0 "forward by 18000 s"
within 3 at_least 3 "SELECT count FROM alert WHERE slug = 'sensor-clock'"
ok "an alert says so, each time: $(sql "SELECT count FROM alert WHERE slug = 'sensor-clock'")" $?
[ "$(others)" = "$before" ]
ok "no other comes of it: $before; $(others)" $?
[ "$(sql 'SELECT count(*) FROM device')" = "$devices" ]
ok "no device is gone or new" $?
[ "$(pid_of engine) $(pid_of keeper)" = "$engine $keeper" ]
ok "by the processes that ran" $?
sent=$(frames)
told() { # in hours that are over, and in the running one, which is written every five seconds
	[ "$(sql "SELECT sum(json_extract(p.value, '$.frames')) FROM (SELECT json FROM ledger_hour UNION ALL SELECT json FROM live WHERE key = 'ledger.now' OR key LIKE 'ledger.hour.%') AS h, json_each(h.json, '$.ports') AS p")" = "$sent" ]
}
within 8 told
stop
ok "ends with 0" $?
told
ok "the hours of the ledger have every frame once" $?
[ "$(sql 'SELECT count(*) FROM ledger_hour')" -ge 3 ] && "$bin" ledger verify -S "$dir/st" >"$dir/verify"
ok "and are verified: $(cat "$dir/verify")" $?
done_all
