#!/bin/bash
# run.sh WRITER: the state directory under a writer that is killed, starved of
# room, or not alone, and with bytes changed behind its back.
set -euo pipefail
writer=$1
dir=$(mktemp -d)
trap 'jobs -p | xargs -r kill -9 2>/dev/null; rm -rf "$dir"' EXIT
failed=0

fail()
{
	echo "FAIL: $*"
	failed=1
}

# ------------------------------------------- killed while it is being made
for i in $(seq 15); do
	rm -rf "$dir/new"
	"$writer" batches "$dir/new" 1000000 >"$dir/said" &
	pid=$!
	sleep 0.00$((i % 9 + 1))
	kill -9 $pid 2>/dev/null || fail "it ended by itself: $(tail -n 1 "$dir/said")"
	wait $pid 2>/dev/null || :
	"$writer" batches "$dir/new" 1 >"$dir/said" || fail "killed when new $i: $(cat "$dir/said")"
done

# --------------------------------------- killed at any moment: at most a batch
made=
for i in $(seq 25); do
	"$writer" batches "$dir/a" 1000000 >"$dir/said" &
	pid=$!
	while [ $((i % 2)) = 0 ] && ! [ -s "$dir/said" ]; do
		kill -0 $pid 2>/dev/null || break
		sleep 0.01
	done
	sleep 0.0$((i % 9 + 1))
	kill -9 $pid 2>/dev/null || fail "it ended by itself: $(tail -n 1 "$dir/said")"
	wait $pid 2>/dev/null || :
	said=$(tail -n 1 "$dir/said")
	made=${made:-$said}
	if [ -n "$made" ]; then
		"$writer" check "$dir/a" "${said:-0}" || fail "kill $i (last said: ${said:-nothing})"
	fi
done
"$writer" batches "$dir/a" 1 >"$dir/said" || fail "after the kills: $(cat "$dir/said")"
"$writer" check "$dir/a" "$(cat "$dir/said")" || fail "after the kills"
[ "$(cat "$dir/said")" -gt 25 ] || fail "hardly anything was written"
[ -s "$dir/a/lock" ] && fail "a clean end leaves a name in the lock"

# ------------------------------------------------------------------ no room
"$writer" full "$dir/full" >"$dir/said" || fail "no room: $(cat "$dir/said")"
grep -q 'no room on the disk.*changes are kept' "$dir/said" || fail "no room is not said: $(cat "$dir/said")"

# ------------------------------------------------------------ a second writer
mkfifo "$dir/pipe"
"$writer" hold "$dir/a" <"$dir/pipe" >"$dir/held" &
pid=$!
exec 3>"$dir/pipe"
for i in $(seq 100); do
	grep -q held "$dir/held" && break
	sleep 0.05
done
"$writer" read "$dir/a" || fail "a reader is kept out"
if "$writer" use "$dir/a" >"$dir/said"; then
	fail "two writers"
fi
grep -q "is being written by .*(process $pid)" "$dir/said" || fail "the second writer is told: $(cat "$dir/said")"
exec 3>&-
wait $pid || fail "the first writer did not end well"
"$writer" use "$dir/a" >"$dir/said" || fail "the lock stays: $(cat "$dir/said")"

# ------------------------------------------------------------- changed bytes
# Whatever is changed: it works, or it is refused with a word; never worse.
"$writer" batches "$dir/small" 20 >/dev/null
told=0
for i in $(seq 80); do
	rm -rf "$dir/b"
	cp -r "$dir/small" "$dir/b"
	[ $((i % 3)) = 0 ] && echo died >"$dir/b/lock"
	"$writer" change "$dir/b" $i
	status=0
	timeout 20 "$writer" use "$dir/b" >"$dir/said" 2>&1 || status=$?
	case $status in
	0) ;;
	1)
		told=$((told + 1))
		[ -s "$dir/said" ] || fail "changed bytes $i: refused without a word"
		;;
	*) fail "changed bytes $i: status $status: $(tail -n 3 "$dir/said")" ;;
	esac
	[ -e "$dir/b/state.db" ] || fail "changed bytes $i: the database is gone"
done
[ $told -gt 10 ] || fail "damage was noticed $told times of 80"
head -c 3000 "$dir/small/state.db" >"$dir/b/state.db"
"$writer" use "$dir/b" >"$dir/said" && fail "half a page is accepted"
grep -q 'is damaged' "$dir/said" || fail "half a page: $(cat "$dir/said")"

# --------------------------------------------------------------------- speed
"$writer" speed "$dir/speed" "${STORE_SECONDS:-1}" || fail "speed"

exit $failed
