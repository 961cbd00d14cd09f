#!/bin/sh
# Starts fingerpost with the runtime that comes with it; `exec` keeps the process id that systemd and you know.
here=$(dirname "$(readlink -f "$0")")
# SIGUSR1 must not open a debugger, not even before the program has been loaded.
exec "$here/../lib/node" --disable-sigusr1 "$here/../lib/dist/main.js" "$@"
