#!/bin/sh
# A web server whose every answer is the address that the visitor has from here:
#   listen.sh PORT [ADDRESS]
# It listens on ADDRESS, or else on every one.
set -eu
exec socat "TCP4-LISTEN:${1:?usage: listen.sh PORT [ADDRESS]},bind=${2:-0.0.0.0},fork,reuseaddr" EXEC:answer.sh
