# shellcheck shell=sh
# Threads of a Docker engine that are in a network namespace that is gone.

# strays PID: how many the engine with this process id has; 0 if it cannot be seen. When the last container of an overlay
# network on a host stops, an engine of before 23.0 leaves the thread that watched the network in its namespace, and what
# later runs on it reaches nothing (https://github.com/moby/libnetwork/issues/1838). Docker keeps the namespaces that are in
# use in /var/run/docker/netns.
strays() {
  own=$(readlink "/proc/$1/ns/net") || {
    echo 0
    return
  }
  known=$({ echo "$own" && stat -L -c 'net:[%i]' /var/run/docker/netns/*; } 2>/dev/null)
  readlink "/proc/$1/task"/*/ns/net 2>/dev/null | grep -Fxvc "$known" || :
}
