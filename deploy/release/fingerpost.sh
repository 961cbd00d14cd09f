#!/bin/sh
# fingerpost with the runtime that came with it; `exec` keeps the process id that systemd and you know.
here=$(dirname "$(readlink -f "$0")")
# SIGUSR1 is not to open a debugger, not even before the program has a word in it.
exec "$here/../lib/node" --disable-sigusr1 "$here/../lib/dist/main.js" "$@"
