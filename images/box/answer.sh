#!/bin/sh
# One answer of listen.sh. Reads the whole request, since closing a connection with unread data resets it.
while read -r line && [ "$line" != "$(printf '\r')" ]; do :; done
printf 'HTTP/1.0 200 OK\r\n\r\n%s\n' "${SOCAT_PEERADDR:?}"
