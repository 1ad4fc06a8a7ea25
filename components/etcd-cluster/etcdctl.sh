# shellcheck shell=sh
# How scripts on a host ask an etcd cluster: every call of etcdctl is `ask`. Variable: TLS, the folder with the certificates of
# the script (ca.pem, cert.pem and key.pem), empty for a cluster without TLS.

# ask SEC PROGRAM API URLS ARGUMENT...: the host's own proxy must not be used for members of the cluster.
ask() {
  limit=$1 program=$2 api_version=$3 asked=$4
  shift 4
  # shellcheck disable=SC2046 # one word a flag
  timeout "$limit" env -u ETCDCTL_API no_proxy='*' NO_PROXY='*' $(api_variable "$program" "$api_version") "$program" $(credentials "$api_version") --endpoints "$asked" "$@"
}

# api_variable PROGRAM API: the variable that selects the API. v3 is the default since 3.4, and 3.6, which has no other, complains of it.
api_variable() {
  if [ "$2" = 3 ]; then
    case ${KNOWN_API-} in "$1 "*)
      echo "${KNOWN_API#"$1 "}"
      return
      ;;
    esac
    case $(env -u ETCDCTL_API "$1" version 2>/dev/null) in *"version: 3."[4-9]*) return ;; esac
  fi
  echo "ETCDCTL_API=$2"
}

# know_api PROGRAM: finds the variable for v3 once, for all later calls of this shell and its subshells.
know_api() { KNOWN_API="$1 $(api_variable "$1" 3)"; }

# credentials API: etcdctl's flags
credentials() {
  [ -n "${TLS-}" ] || return 0
  case $1 in
  2) echo "--ca-file $TLS/ca.pem --cert-file $TLS/cert.pem --key-file $TLS/key.pem" ;;
  *) echo "--cacert $TLS/ca.pem --cert $TLS/cert.pem --key $TLS/key.pem" ;;
  esac
}

scheme() { if [ -n "${TLS-}" ]; then echo https; else echo http; fi; }

# tls_problem PROGRAM URL: what is wrong with the certificates of a member that does not answer, in one sentence; nothing if that is
# not the reason. A member that refuses a certificate says so and closes the connection, and what a client sees first is chance: in
# TLS 1.3 it sends its request before it knows (RFC 8446, 4.4.2.4), and may fail at that. So it asks again.
tls_problem() {
  for _ in 1 2 3 4 5; do
    refusal=$(tls_refusal "$1" "$2")
    problem=$(refusal_in_words)
    if [ -n "$problem" ]; then
      echo "$problem"
      return
    fi
    case $refusal in *"reset by peer"* | *"broken pipe"* | *"connection closed"* | *"closed network connection"* | *EOF*) sleep 0.2 ;; *) return ;; esac
  done
}

# tls_refusal PROGRAM URL: what etcdctl says. v2 says it at once; etcdctl 3.6, which has no v2, writes it into its log.
tls_refusal() {
  said=$(ask 5 "$1" 2 "$2" ls / 2>&1 </dev/null) || :
  case $said in *"unknown command"* | *"unknown flag"*) said=$(ask 5 "$1" 3 "$2" --command-timeout 3s get / 2>&1 </dev/null) || : ;; esac
  printf '%s\n' "$said"
}

refusal_in_words() {
  case $refusal in
  *"is not yet valid"*"is before"*) echo "its certificate is not valid yet; compare the clocks of the hosts" ;;
  *"certificate has expired"* | *"expired certificate"*) echo "a certificate has expired; renew the certificates with another rotation" ;;
  *"certificate is valid for "*", not "*)
    echo "its certificate is $(printf '%s\n' "$refusal" | sed -n 's/.*certificate is \(valid for [0-9A-Za-z., :-]*, not [0-9A-Za-z.:-]*\).*/\1/p' | head -n 1)"
    ;;
  *"signed by unknown authority"*) echo "its certificate is of another CA" ;;
  *"bad certificate"* | *"unknown certificate authority"*) echo "it refuses the certificate of this host, which is of another CA or has expired" ;;
  *": EOF"*) echo "it does not talk $(scheme)" ;;
  esac
}

# Certificates are kept by their hash, each set in a folder of its own, so that a configuration that is restored still finds its
# own. The link `now` leads to those in use.
# keep_certificates FOLDER CA CERTIFICATE KEY: writes a set, for root only, and sets TLS to it
keep_certificates() {
  TLS=$1/$(printf '%s\n' "$2" "$3" "$4" | sha256sum | cut -c 1-12)
  (
    umask 077
    mkdir -p "$TLS"
    printf '%s\n' "$2" >"$TLS/ca.pem"
    printf '%s\n' "$3" >"$TLS/cert.pem"
    printf '%s\n' "$4" >"$TLS/key.pem"
  )
}

# use_certificates FOLDER: the set TLS is in use; removes the others
use_certificates() {
  ln -sfn "${TLS##*/}" "$1/now"
  for each in "$1"/*/; do
    case ${each%/} in "$TLS" | "$1/now") ;; *) rm -rf "$each" ;; esac
  done
}

# certificates_of FOLDER: the set in use; nothing if there is none
certificates_of() { [ ! -e "$1/now" ] || echo "$1/now"; }
