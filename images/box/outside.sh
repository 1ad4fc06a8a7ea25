#!/bin/sh
# A stand-in for a host outside: a network namespace with a web server, connected to this host by a virtual cable.
#   outside.sh INTERFACE HOST_ADDRESS ADDRESS PORT [OWNER]
# INTERFACE is the host's end of the cable, OWNER its alias; the addresses have a prefix length. The namespace has no name and
# exists as long as the server, and the cable as long as the namespace: both are removed when this container stops.
set -eu
usage="usage: outside.sh INTERFACE HOST_ADDRESS ADDRESS PORT [OWNER]"
interface=${1:?$usage} host=${2:?$usage} address=${3:?$usage} port=${4:?$usage} owner=${5-}

unshare --net listen.sh "$port" &
server=$!
trap 'kill "$server"' TERM
own=$(readlink /proc/self/ns/net)
while [ "$(readlink "/proc/$server/ns/net")" = "$own" ]; do sleep 0.02; done

ip link add "$interface" type veth peer name eth0 netns "$server"
ip address add "$host" dev "$interface"
ip link set dev "$interface" up alias "$owner"
inside() { nsenter --net="/proc/$server/ns/net" "$@"; }
inside ip link set dev lo up
inside ip address add "$address" dev eth0
inside ip link set dev eth0 up
wait "$server"
