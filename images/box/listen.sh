#!/bin/sh
# A web server that answers each request with the client's address:
#   listen.sh PORT [ADDRESS]
# Listens on ADDRESS; default: all addresses.
set -eu
exec socat "TCP4-LISTEN:${1:?usage: listen.sh PORT [ADDRESS]},bind=${2:-0.0.0.0},fork,reuseaddr" EXEC:answer.sh
