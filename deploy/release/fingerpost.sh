#!/bin/sh
# fingerpost with the runtime that came with it; `exec` keeps the process id that systemd and you know.
here=$(dirname "$(readlink -f "$0")")
exec "$here/../lib/node" "$here/../lib/dist/main.js" "$@"
