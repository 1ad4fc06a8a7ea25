#!/bin/sh
# One answer of listen.sh. The request is read to its end, since closing a connection with a rest unread resets it.
while read -r line && [ "$line" != "$(printf '\r')" ]; do :; done
printf 'HTTP/1.0 200 OK\r\n\r\n%s\n' "${SOCAT_PEERADDR:?}"
