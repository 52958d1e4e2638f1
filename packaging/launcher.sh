#!/bin/sh
# Becomes the Node beside it, so that this process is the service itself and gets the signals that are meant for it.
here=$(dirname "$(readlink -f "$0")")
# Of what Node needs, the smallest systems lack libatomic.
LD_LIBRARY_PATH=$here/bin${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} exec "$here/bin/node" "$here/lib/chasqui.js" "$@"
