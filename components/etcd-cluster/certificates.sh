# shellcheck shell=sh
# The certificates of an etcd cluster, made on the host that runs Pulumi and kept in the state. Prints secrets, a line each, every
# certificate and key in base64:
#   settings -ROTATION DAYS
#   former CERTIFICATE              the CA before the last rotation
#   ca CERTIFICATE KEY              the CA that has signed all certificates
#   next CERTIFICATE KEY            the CA that signs them after the next rotation
#   client CERTIFICATE KEY
#   member NAME ADDRESS CERTIFICATE KEY
# Everything trusts all three CAs. So a rotation needs one pass over the members and engines: those that have their new
# certificate and those that still have the old one trust each other.
# Variables: MEMBERS, a line of name and address each; ROTATION, a word, another one renews everything, may be empty; DAYS, how long certificates
# are valid; TOKEN of the cluster; PULUMI_COMMAND_STDOUT, what up printed the last time, of which everything is kept that still fits.
# shellcheck source=components/host-script/prelude.sh
. ../host-script/prelude.sh
# shellcheck source=components/etcd-cluster/names.sh
. ./names.sh

SUBJECT="certificates of the etcd cluster"
# A CA outlives every certificate that it signs, also as the next one.
CA_DAYS=7300
# Certificates are valid from an hour ago, since the hosts' clocks may be behind.
EARLIER_SEC=3600

check() { require_program openssl openssl; }

in_base64() { openssl base64 -A -in "$1"; }
time_of() { date -u -d "@$1" +%Y%m%d%H%M%SZ 2>/dev/null || date -u -r "$1" +%Y%m%d%H%M%SZ; }
random_hex() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }

config() {
  cat <<END
[ca]
default_ca = own
[own]
database = $made/index
serial = $made/serial
new_certs_dir = $made
default_md = sha256
policy = any
unique_subject = no
[any]
organizationName = supplied
commonName = supplied
[req]
prompt = no
distinguished_name = name
[name]
O = $(printf %s "${TOKEN:?}" | tail -c 60)
CN = $1
[authority]
basicConstraints = critical, CA:true, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[member]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
authorityKeyIdentifier = keyid
subjectAltName = IP:${2:-127.0.0.1}, IP:127.0.0.1
[client]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
authorityKeyIdentifier = keyid
END
}

# issue KIND COMMON_NAME DAYS SIGNER_ARGUMENTS [ADDRESS]: makes a key and a certificate, in the files new.key and new.pem
issue() {
  config "$2" "${5-}" >"$made/config"
  : >"$made/index"
  echo "4$(random_hex 8 | cut -c 2-)" >"$made/serial"
  now=$(date +%s)
  # shellcheck disable=SC2086 # one word an argument
  said=$({
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$made/new.key" &&
      openssl req -new -config "$made/config" -key "$made/new.key" -out "$made/new.csr" &&
      openssl ca -batch -notext -config "$made/config" -extensions "$1" -in "$made/new.csr" -out "$made/new.pem" \
        -startdate "$(time_of $((now - EARLIER_SEC)))" -enddate "$(time_of $((now + $3 * 86400)))" $4
  } 2>&1) || refuse "openssl failed: $(printf '%s\n' "$said" | grep -i error | tail -n 1)"
}

pair() { echo "$(in_base64 "$made/new.pem") $(in_base64 "$made/new.key")"; }

authority() {
  issue authority "etcd CA $(random_hex 4)" "$CA_DAYS" "-selfsign -keyfile $made/new.key"
  pair
}

# leaf KIND COMMON_NAME [ADDRESS]: a certificate of the CA
leaf() {
  issue "$1" "$2" "${DAYS:?}" "-cert $made/ca.pem -keyfile $made/ca.key" "${3-}"
  pair
}

# kept WORDS: the end of the line of the last output that begins with these words
kept() { printf '%s\n' "$last" | sed -n "s|^$1 ||p" | head -n 1; }

authorities() {
  former=$(kept former) ca=$(kept ca) next=$(kept next)
  if [ -n "$ca" ] && [ -n "$next" ]; then
    case $(kept settings) in "-$ROTATION "*) return ;; esac
    former=${ca%% *} ca=$next next=$(authority)
  else
    former='' ca=$(authority) next=$(authority)
  fi
}

up() {
  umask 077
  made=$(mktemp -d)
  code=0
  (certificates >"$made/printed") || code=$?
  # Printed last: the error of a failed command repeats everything that it printed.
  printed=$(cat "$made/printed")
  rm -rf "$made"
  [ "$code" -eq 0 ] || return "$code"
  printf '%s\n' "$printed"
}

certificates() {
  set -e
  last=${PULUMI_COMMAND_STDOUT:-}
  authorities
  # With other settings all certificates are new, also if the CA is not.
  [ "$(kept settings)" = "-${ROTATION?} $DAYS" ] || last=
  echo "settings -$ROTATION $DAYS"
  [ -z "$former" ] || echo "former $former"
  printf '%s\n' "ca $ca" "next $next"
  echo "${ca%% *}" | openssl base64 -d -A >"$made/ca.pem"
  echo "${ca#* }" | openssl base64 -d -A >"$made/ca.key"
  client=$(kept client)
  [ -n "$client" ] || client=$(leaf client etcd-client)
  echo "client $client"
  printf '%s\n' "${MEMBERS:?}" | while read -r name address; do
    member=$(kept "member $name $address")
    [ -n "$member" ] || member=$(leaf member "$MEMBER_CN" "$address")
    echo "member $name $address $member"
  done
}

down() { :; }
