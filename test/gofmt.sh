#!/bin/sh
# Fails and prints the changes if Go files are not formatted:
#   gofmt.sh FOLDER
set -eu
changes=$(gofmt -d "${1:?usage: gofmt.sh FOLDER}")
[ -z "$changes" ] || {
  echo "$changes"
  exit 1
}
