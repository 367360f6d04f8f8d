# lib.sh - what the tests of the running sensor share: a network namespace with
# a pair of interfaces, the sensor at one end, a player at the other.  Sourced
# with the arguments of the script: SIGHTGLASS PLAY.  Ends with 77 (skipped)
# where namespaces cannot be made.
set -u
# A leak check stops a process from outside, which ours do not allow: it waits
# for ever.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
bin=$(realpath "${1:?usage: $0 SIGHTGLASS PLAY}")
play=$(realpath "${2:?usage: $0 SIGHTGLASS PLAY}")
top=$(cd "$(dirname "$0")/../.." && pwd)
sample=$top/samples/plant.pcapng
dir=$(mktemp -d)
chmod 755 "$dir"
ns=sg$$
failed=0 passed=0 sensor=
: >"$dir/log"

cleanup()
{
	[ -z "$sensor" ] || kill -9 "$sensor" 2>/dev/null
	pids=$(ip netns pids "$ns" 2>/dev/null) && [ -n "$pids" ] && kill -9 $pids
	ip netns del "$ns" 2>/dev/null
	rm -rf "$dir"
}
ip netns add "$ns" 2>/dev/null || {
	echo "no network namespaces here: skipped"
	exit 77
}
trap cleanup EXIT
in_ns() { ip netns exec "$ns" "$@"; }
in_ns sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
in_ns ip link set lo up

ok() { # WHAT STATUS
	if [ "$2" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $1"
	fi
}

pair() { # NAME NAME: of interfaces, joined
	in_ns ip link add "$1" type veth peer name "$2"
	in_ns ip link set "$1" up
	in_ns ip link set "$2" up
}

start() { # OPTION...: the sensor, in the background
	ip netns exec "$ns" "$bin" run --set state="$dir/st" --set runtime="$dir/rt" \
		--set user= --set log.level=debug \
		"$@" >>"$dir/log" 2>&1 &
	sensor=$!
}

within() { # SECONDS COMMAND...: becomes true
	local until=$((SECONDS + $1 + 1))
	shift
	while ! "$@"; do
		[ "$SECONDS" -lt "$until" ] || return 1
		sleep 0.05
	done
}

logged() { grep -qF -e "$1" "$dir/log"; }
sql() { sqlite3 -readonly -cmd '.timeout 3000' "$dir/st/state.db" "$1" 2>/dev/null; }
live() { # KEY PATH: out of a row of live
	sql "SELECT json_extract(json, '$2') FROM live WHERE key = '$1'"
}
at_least() { # NUMBER SQL
	local n
	n=$(sql "$2")
	[ "${n:-0}" -ge "$1" ] 2>/dev/null
}
pid_of() { live processes "\$.$1.pid"; }
watching() { [ "$(live processes '$.engine.seconds')" != "" ]; }

stop() { # and see that it ends well
	kill -TERM "$sensor"
	wait "$sensor"
	status=$?
	sensor=
	[ "$status" -eq 0 ]
}

done_all()
{
	echo "$(basename "$0"): $passed passed, $failed failed"
	[ "$failed" -eq 0 ] || {
		tail -40 "$dir/log"
		exit 1
	}
	exit 0
}
