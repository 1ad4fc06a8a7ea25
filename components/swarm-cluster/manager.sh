# shellcheck shell=sh
# How scripts use the engine of a host in a swarm.

require_manager() {
  require_program curl curl
  answer=$(get info) || refuse "the engine does not answer"
  case $answer in *'"ControlAvailable":true'*) ;; *) refuse "this host is no manager of a swarm that has a quorum" ;; esac
}

# get PATH: what the engine's API answers, in one line; fails if it has no such object. The command `docker` starts many times slower
# than curl, on the processors on which tasks start.
get() { curl -sS -f -g -m 20 --noproxy '*' --unix-socket /var/run/docker.sock "http://engine/$1" 2>/dev/null; }

# request SEC PATH: sends standard input to the engine's API, in the body and not in an argument, which every user sees. Prints
# its answer, and the HTTP status as the last line.
request() {
  curl -sS -m "$1" --noproxy '*' --unix-socket /var/run/docker.sock -H 'Content-Type: application/json' --data-binary @- \
    -w '\nstatus %{http_code}' "http://engine/$2" 2>&1
}
