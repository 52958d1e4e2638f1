#!/bin/sh
# Becomes the Node beside it, so that this process is the service itself and gets the signals that are meant for it.
here=$(dirname "$(readlink -f "$0")")
exec "$here/bin/node" "$here/lib/chasqui.js" "$@"
