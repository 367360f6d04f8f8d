#!/bin/bash
# playback.sh SIGHTGLASS PLAY: capture files are played back while the ports are
# watched: no live frame is lost, the baseline is left alone, it can be stopped,
# and a file that is none, or that the engine does not survive, is said.
. "$(dirname "$0")/lib.sh"

captures() { "$bin" captures -S "$dir/st" "$@" 2>&1; }
playing() { [ "$(live playback '$.state')" = "$1" ]; }

pair out mirror
start -i mirror --set keep.packets=0
within 5 watching
ok "starts" $?
captures | grep -qF 'nothing was played'
ok "nothing was played at first" $?

# --- as fast as it goes, while frames come by the port
in_ns "$play" out "$sample" 20000 20000 >"$dir/sent" &
sender=$!
captures play --quiet --speed max "$sample" >"$dir/out"
ok "is played: $(cat "$dir/out")" $?
grep -q "^plant.pcapng: 356 frames, [1-9][0-9]* new alerts$" "$dir/out"
ok "all of it, with alerts" $?
wait $sender
within 5 at_least 20000 "SELECT json_extract(json, '\$.frames') FROM live WHERE key = 'traffic'"
ok "no live frame is lost: $(live traffic '$.frames')" $?
[ "$(live traffic '$.frames')" = 20000 ] && [ "$(live traffic '$.dropped')" = 0 ]
ok "nor counted twice" $?
at_least 1 "SELECT count(*) FROM alert WHERE text LIKE '%; played back from plant.pcapng'"
ok "alerts say so" $?
at_least 1 "SELECT count(*) FROM alert WHERE text NOT LIKE '%played back%'"
ok "those of live traffic are others" $?
[ "$(sql "SELECT count(*) FROM alert WHERE abs(last - $(date +%s)000000000) > 60000000000")" = 0 ]
ok "all of today" $?
[ "$(sql "SELECT count(*) FROM timeline WHERE what = 'setting' AND about = 'plant.pcapng'")" = 1 ]
ok "the timeline has who played it" $?
number=$(sql "SELECT number FROM alert WHERE text LIKE '%played back%' LIMIT 1")
"$bin" alerts pcap "$number" -S "$dir/st" --output "$dir/evidence.pcapng" >/dev/null
"$bin" read --quiet "$dir/evidence.pcapng" | grep -q '^Time  *2026-01-12 06:00:'
ok "evidence is of the time it was captured" $?

# --- as fast as it was, and stopped
"$bin" captures -S "$dir/st" play --quiet "$sample" >"$dir/out" 2>&1 &
player=$!
within 3 playing playing
ok "is played as fast as it was" $?
captures play "$sample" | grep -qF "is being played"
ok "one at a time" $?
captures stop | grep -qF "plant.pcapng is no longer played"
ok "is stopped" $?
wait $player
grep -q "frames, stopped" "$dir/out" && playing stopped
ok "which is said: $(cat "$dir/out")" $?
captures stop | grep -qF 'nothing is played'
ok "only once" $?

# --- what is none
echo 'no capture' >"$dir/letter.pcap"
captures play "$dir/letter.pcap" >"$dir/out"
[ $? -eq 1 ] && grep -q 'letter.pcap: ' "$dir/out"
ok "is said to be none: $(cat "$dir/out")" $?
head -c 20000 "$sample" >"$dir/cut.pcapng"
captures play --quiet --speed max "$dir/cut.pcapng" >"$dir/out"
[ $? -eq 1 ] && grep -q 'until then' "$dir/out"
ok "a damaged one is read as far as it goes: $(tail -1 "$dir/out")" $?
captures play /dev/zero | grep -qF 'is no file'
ok "a device is refused" $?
captures play "$dir/none.pcap" | grep -qF 'No such file'
ok "what is not there, too" $?

# --- the baseline is left alone: all of it is news, as often as it is played
"$bin" mode operational --force -S "$dir/st" >/dev/null
other=$top/tests/scene/mirrored/capture.pcapng
keys() {
	"$bin" mode -S "$dir/st" >/dev/null # what was learned is written
	sql 'SELECT count(*) FROM key'
}
before=$(keys)
captures play --quiet --speed max "$other" >"$dir/out" 2>&1
grep -q ', [1-9][0-9]* new alert' "$dir/out"
ok "what is new in it alerts: $(cat "$dir/out")" $?
[ "$before" -gt 0 ] && [ "$(keys)" = "$before" ]
ok "nothing is learned of it: $before keys, $(keys)" $?
in_ns "$play" out "$other" >/dev/null
within 3 at_least 1 "SELECT count(*) FROM alert WHERE slug LIKE '%device%' AND text NOT LIKE '%played back%'"
ok "what was only played is new when it comes alive" $?
"$bin" mode learning -S "$dir/st" >/dev/null
before=$(keys)
captures play --quiet --speed max --learn "$top/tests/scene/redundant/capture.pcapng" >"$dir/out" 2>&1
[ "$(keys)" -gt "$before" ]
ok "with --learn it is learned from: $before keys, $(keys)" $?

# --- by the console's API
secret=$(grep -o 'one-time secret [A-Z0-9-]*' "$dir/log" | head -1 | cut -d' ' -f3)
in_ns python3 "$top/tests/live/playback_api.py" 8443 "$secret" "$sample" >"$dir/out" 2>&1
ok "sent, played, stopped and played to its end by the API: $(tail -1 "$dir/out")" $?

# --- an engine that ends meanwhile: the file is not tried again
"$bin" captures -S "$dir/st" play --quiet "$sample" >"$dir/out" 2>&1 &
player=$!
within 3 playing playing
kill -9 "$(pid_of engine)"
within 5 playing failed
ok "the engine ends, and it is not played further" $?
wait $player
[ $? -eq 1 ] && grep -q 'the engine ended at frame' "$dir/out"
ok "which is said: $(head -1 "$dir/out")" $?
before=$(live traffic '$.frames')
in_ns "$play" out "$sample" >/dev/null
within 5 at_least $((before + 356)) "SELECT json_extract(json, '\$.frames') FROM live WHERE key = 'traffic'"
ok "and the port is watched" $?

# --- the sensor ends while one is played
"$bin" captures -S "$dir/st" play --quiet "$sample" >/dev/null 2>&1 &
player=$!
within 3 playing playing
stop
ok "it ends meanwhile" $?
kill $player 2>/dev/null
[ "$(sqlite3 "$dir/st/state.db" "SELECT json_extract(json, '\$.state') FROM live WHERE key = 'playback'")" = stopped ]
ok "and has written so" $?
captures play "$sample" | grep -qF 'no sensor runs'
ok "without a sensor it is said what to do" $?

done_all
