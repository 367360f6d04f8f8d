#!/bin/bash
# package.sh [PACKAGE.deb]: installs, runs, upgrades, removes and purges the
# Debian package, in a copy of this system that is thrown away (an overlay;
# nothing of it reaches the system itself).  Without a package it is made of
# this checkout first.  As root.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
sample=$top/samples/plant.pcapng play=$top/build-package/tests/play
dir=$(mktemp -d) failed=0
trap 'rm -rf "$dir"' EXIT
if [ $# -gt 0 ]; then
	deb=$(realpath "$1")
else
	deb=$("$top/tools/package" "$dir") || exit 1
fi
[ -f "$top/build-package/build.ninja" ] || meson setup "$top/build-package" "$top" --prefix=/usr --buildtype=release --strip >"$dir/log" || exit 1
ninja -C "$top/build-package" tests/play >"$dir/log" || { tail "$dir/log"; exit 1; }
ns=sgp$$
cleanup()
{
	pids=$(ip netns pids "$ns" 2>/dev/null) && [ -n "$pids" ] && kill -9 $pids
	ip netns del "$ns" 2>/dev/null
	umount -l "$dir/new" "$dir/space" 2>/dev/null
	rm -rf "$dir"
}
trap cleanup EXIT
mkdir "$dir/space" "$dir/new"
mount -t tmpfs none "$dir/space" && mkdir "$dir/space/up" "$dir/space/work" &&
	mount -t overlay none -o "lowerdir=/,upperdir=$dir/space/up,workdir=$dir/space/work" "$dir/new" || {
	echo "no overlay here: skipped"
	exit 77
}
mount -t proc none "$dir/new/proc"
mount --bind /dev "$dir/new/dev"
trap 'umount -l "$dir/new/proc" "$dir/new/dev" 2>/dev/null; cleanup' EXIT
cp "$deb" "$play" "$sample" "$dir/new/tmp/"
in_new() { chroot "$dir/new" "$@"; }
ok() { [ "$2" -eq 0 ] && echo "ok   $1" || { failed=1; echo "FAIL $1"; }; }

ip netns add "$ns" && ip netns exec "$ns" ip link set lo up
ip netns exec "$ns" ip link add out type veth peer name mirror
ip netns exec "$ns" ip link set out up
ip netns exec "$ns" ip link set mirror up

in_new dpkg -i "/tmp/$(basename "$deb")" >"$dir/log" 2>&1
ok "installs" $?
in_new id sightglass >/dev/null
ok "has its user" $?
in_new sightglass check-config
ok "its settings are sound" $?
printf '[port mirror]\nname = Test\n' >>"$dir/new/etc/sightglass/sightglass.conf"
command -v systemd-analyze >/dev/null && {
	in_new systemd-analyze verify /lib/systemd/system/sightglass.service >"$dir/verify" 2>&1
	[ ! -s "$dir/verify" ]
	ok "the unit is sound: $(head -3 "$dir/verify")" $?
}

# as the unit starts it: as the service user with the rights of the ports only
run()
{
	mkdir -p "$dir/new/run/sightglass"
	in_new chown sightglass:sightglass /run/sightglass
	ip netns exec "$ns" chroot "$dir/new" setpriv --reuid sightglass --regid sightglass --init-groups \
		--inh-caps -all,+net_raw,+net_admin --ambient-caps -all,+net_raw,+net_admin \
		--bounding-set -all,+net_raw,+net_admin --no-new-privs \
		/usr/bin/sightglass run >"$dir/out" 2>&1 &
	sensor=$!
	for _ in $(seq 50); do
		grep -q 'console: https' "$dir/out" && break
		sleep 0.1
	done
}
run
kill -0 "$sensor"
ok "runs as its user" $?
ip netns exec "$ns" "$play" out "$sample" >/dev/null
devices() { sqlite3 -readonly -cmd '.timeout 3000' "$dir/new/var/lib/sightglass/state.db" 'SELECT count(*) FROM device'; }
for _ in $(seq 50); do
	[ "$(devices)" -le 10 ] || break
	sleep 0.1
done
[ "$(devices)" -gt 10 ]
ok "finds devices: $(devices)" $?
kill -TERM "$sensor"
wait "$sensor"
ok "ends with 0" $?

# the next version
mkdir "$dir/next"
dpkg-deb -R "$deb" "$dir/next"
sed -i 's/^Version: .*/&.1/' "$dir/next/DEBIAN/control"
dpkg-deb --root-owner-group -b "$dir/next" "$dir/new/tmp/next.deb" >/dev/null
in_new dpkg -i /tmp/next.deb >>"$dir/log" 2>&1
ok "is brought up to the next version" $?
grep -q '^\[port mirror\]' "$dir/new/etc/sightglass/sightglass.conf"
ok "which keeps the settings" $?
run
kill -TERM "$sensor"
wait "$sensor"
ok "runs again and ends with 0" $?
[ "$(devices)" -gt 10 ]
ok "with what it knew" $?

in_new dpkg -r sightglass >>"$dir/log" 2>&1
ok "is removed" $?
[ ! -e "$dir/new/usr/bin/sightglass" ] && [ -e "$dir/new/var/lib/sightglass/state.db" ]
ok "but for what it knows" $?
in_new dpkg -P sightglass >>"$dir/log" 2>&1
ok "is purged" $?
[ ! -e "$dir/new/var/lib/sightglass" ] && [ ! -e "$dir/new/etc/sightglass" ] && ! in_new id sightglass >/dev/null 2>&1
ok "and nothing is left" $?
[ "$failed" -eq 0 ] || { cat "$dir/log" "$dir/out"; exit 1; }
