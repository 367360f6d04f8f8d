#!/bin/bash
# settings.sh SIGHTGLASS PLAY: what is changed while the sensor runs: capture
# filters, tried on live traffic first; described protocols; a certificate.
. "$(dirname "$0")/lib.sh"

pair out mirror
conf=$dir/sightglass.conf
printf 'keep.packets = 0\nweb = off\n[port mirror]\nname = Hall\n' >"$conf"
filter() { "$bin" mirror filter -S "$dir/st" "$@" 2>&1; }
engine() { pid_of engine; }
plays() { # FRAMES
	in_ns "$play" out "$sample" 4000 "$1" >/dev/null
}

start -c "$conf"
within 5 watching
ok "starts" $?

# --- tried on what passes
plays 8000 &
player=$!
sleep 0.2
filter --seconds 1 'port = 502' >"$dir/out"
wait $player
grep -q '^Of what passed in 1 s ([1-9][0-9]* packets' "$dir/out"
ok "live traffic is looked at: $(head -1 "$dir/out")" $?
share=$(sed -n 's/^  this condition *\([0-9]*\)\..*/\1/p' "$dir/out")
[ "${share:-0}" -ge 5 ] && [ "$share" -le 40 ]
ok "and what a condition would leave out of it: $share %" $?
filter --seconds 1 'op = 5' | grep -qF 'cannot ask for op'
ok "a condition that cannot be is refused" $?
filter --seconds 1 | grep -qF 'no capture filter is set'
ok "none is set" $?

# --- they count without a restart
pid=$(engine)
: >"$dir/log"
sed -i '1i filter.exclude = nonsense = 5' "$conf"
kill -HUP "$sensor"
within 3 logged "nothing was changed"
ok "one that is none is refused" $?
"$bin" check-config "$conf" >"$dir/out" 2>&1
[ $? -ne 0 ] && grep -qF filter.exclude "$dir/out"
ok "by check-config, too: $(cat "$dir/out")" $?
: >"$dir/log"
sed -i '1s/.*/filter.exclude = client = 10.20.0.50\nfilter.baseline = port = 502\nfilter.alerts = via = udp/' "$conf"
kill -HUP "$sensor"
within 3 logged "the settings were read again"
ok "others are taken" $?
seen() { sql "SELECT sum(count) FROM alert WHERE source_ip = '10.20.0.50'"; }
sleep 0.7
before=$(seen)
plays 4000
within 5 at_least 12000 "SELECT json_extract(json, '\$.frames') FROM live WHERE key = 'traffic'"
[ "$(engine)" = "$pid" ]
ok "by the engine that ran: every frame is counted" $?
sleep 0.7
[ "${before:-0}" -gt 0 ] && [ "$(seen)" = "$before" ]
ok "what is left out raises no alerts: $before, $(seen)" $?
plays 6000 &
player=$!
sleep 0.2
filter --seconds 1 --format json >"$dir/out"
wait $player
[ "$(grep -o '"key": *"filter.[a-z]*"\|"key":"filter.[a-z]*"' "$dir/out" | wc -l)" = 3 ]
ok "what each of them leaves out is told" $?
stop
ok "ends" $?

done_all
