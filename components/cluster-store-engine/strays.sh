# shellcheck shell=sh
# Threads of a Docker engine in a deleted network namespace.

# strays PID: prints the number of such threads of the engine with this process id; 0 if it cannot be inspected. When
# the last container of an overlay network on a host stops, engines before 23.0 leave the thread that watched the
# network in its namespace, and whatever later runs on that thread has no connectivity
# (https://github.com/moby/libnetwork/issues/1838). Docker keeps the namespaces in use in /var/run/docker/netns.
strays() {
  own=$(readlink "/proc/$1/ns/net") || {
    echo 0
    return
  }
  known=$({ echo "$own" && stat -L -c 'net:[%i]' /var/run/docker/netns/*; } 2>/dev/null)
  readlink "/proc/$1/task"/*/ns/net 2>/dev/null | grep -Fxvc "$known" || :
}
