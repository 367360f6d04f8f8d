#!/bin/sh
# run.sh [--bless] SIGHTGLASS SCENE...
#
# A scene is a folder: captures, and what must come of them byte for byte:
#
#	args          what to give to `read` (default: the captures here)
#	expect.txt    the text report
#	expect.jsonl  the JSON Lines, with every fact
#	status        the exit status where it is not 0
#
# Makers of network cards come from scene/vendors, not from the machine.
# --bless writes what came instead of comparing.
set -eu
bless=no
[ "${1-}" != --bless ] || {
	bless=yes
	shift
}
sightglass=$(realpath "$1")
shift
got=$(mktemp -d)
trap 'rm -rf "$got"' EXIT
failed=0

# report OPTION...: its output on standard output, its exit status in $got/status
report()
{
	# shellcheck disable=SC2046
	"$sightglass" read --quiet --set vendors=../vendors "$@" \
		$(cat args 2>/dev/null || ls capture*) 2>>"$got/errors" || echo $? >"$got/status"
}

for scene in "$@"; do
	cd "$scene"
	rm -f "$got"/*
	report --color never >"$got/expect.txt"
	report --format json --facts >"$got/expect.jsonl"
	report --format json --facts | cmp -s - "$got/expect.jsonl" || {
		echo "$(basename "$PWD"): a second run says something else"
		failed=1
	}
	for file in expect.txt expect.jsonl status; do
		if [ $bless = yes ]; then
			rm -f "$file"
			[ ! -f "$got/$file" ] || cp "$got/$file" "$file"
			continue
		fi
		[ -f "$got/$file" ] || [ -f "$file" ] || continue
		diff -u "$file" "$got/$file" >"$got/diff" 2>&1 || {
			echo "$(basename "$PWD")/$file is not what came (tools/bless rewrites it):"
			head -40 "$got/diff"
			cat "$got/errors"
			failed=1
		}
	done
	cd - >/dev/null
done
exit $failed
