#!/bin/sh
# watchman.sh STATE SETTLE_MS ROOT
#
# A watchman server of our own, with all its files in STATE, and a client that subscribes to ROOT and prints
# what it is told, an object a line. Whoever starts this ends all of it: server, client and this shell are
# one session.
state=$1 settle=$2 root=$3
mkdir -p "$state"
printf '{"settle": %d}\n' "$settle" >"$state/config"
export WATCHMAN_CONFIG_FILE="$state/config"
ask_watchman() {
  watchman --sockname="$state/socket" --statefile="$state/state" --logfile="$state/log" \
    --pidfile="$state/pid" "$@"
}
ask_watchman --foreground --no-save-state </dev/null >/dev/null 2>&1 &
until [ -S "$state/socket" ]; do sleep 0.005; done
ask_watchman --no-spawn watch "$root" >&2
# -p: it goes on printing until its input ends.
{
  printf '["subscribe", "%s", "bench", {"fields": ["name", "exists", "new"], "empty_on_fresh_instance": true}]\n' \
    "$root"
  exec sleep 100000
} | ask_watchman --no-spawn -j -p --no-pretty
