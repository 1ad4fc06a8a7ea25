# shellcheck shell=sh
# Installs the program etcd on this host and removes it again: the distribution's package or an archive. A member's script
# includes this file (member.sh). Variables: SOURCE (package or archive); for an archive URL, with {arch} for the
# architecture, VERSION, SHA256_AMD64 and SHA256_ARM64; V2 (common.sh). LOOK_SEC is set where nothing may be fetched (look.sh).

# Packages that were installed for members on this host. They are removed with the last member.
PACKAGES=/var/lib/dockernet-etcd.packages
# Links to the programs of an archive. etcdutl is part of etcd since 3.5.
LINKS="/usr/local/bin/etcd /usr/local/bin/etcdctl /usr/local/bin/etcdutl"

# supported VERSION SUBJECT: sets WANTED
# shellcheck disable=SC2034 # used by upgrade.sh
supported() {
  case ${V2:?}-$1 in
  *-3.[345] | *-3.[345].* | no-3.6 | no-3.6.*) WANTED=$1 ;;
  no-*) refuse "$2 is etcd ${1:-of an unknown version}; without the v2 API, etcd 3.3 to 3.6 is supported" ;;
  *) refuse "$2 is etcd ${1:-of an unknown version}; Docker's cluster store needs the v2 API of etcd 3.3 to 3.5" ;;
  esac
}

archive_url() { echo "${URL:?}" | sed "s/{arch}/$(architecture)/g"; }
archive_home() { echo "/usr/local/etcd-v${VERSION:?}-linux-$(architecture)"; }

checksum() {
  case $(architecture) in
  amd64) echo "${SHA256_AMD64?}" ;;
  arm64) echo "${SHA256_ARM64?}" ;;
  esac
}

check_package() {
  if [ -x /usr/bin/etcd ]; then
    found=$(version_of /usr/bin/etcd)
  else
    command -v apt-get >/dev/null || refuse "no package etcd-server is installed, and there is no apt to install it"
    candidate >/dev/null || fetch_lists
    found=$(candidate) || refuse "the distribution has no package etcd-server"
  fi
  supported "$found" "the package etcd-server"
}

fetch_lists() {
  [ -z "${LOOK_SEC-}" ] || refuse "which etcd apt would install is unknown: it has no package lists yet" 3
  apt-get update -qq >/dev/null || refuse "no package lists: apt-get update failed"
}

# The upstream version of the package that apt would install. The options keep apt from writing a cache.
candidate() { apt-cache -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= policy etcd-server | sed -n 's/^ *Candidate: *\([0-9.]*\).*/\1/p' | grep .; }

check_archive() {
  supported "${VERSION:?}" "the archive"
  [ -n "$(checksum)" ] || refuse "there is no SHA-256 of an archive for this host's architecture ($(uname -m))"
  require_program curl curl
  require_program tar tar
  home=$(archive_home)
  if [ -e "$home" ] && [ ! -e "$home/.dockernet" ]; then refuse "$home exists already and was not installed by dockernet"; fi
  for link in $LINKS; do
    case $(readlink "$link" || echo none) in
    none) [ ! -e "$link" ] || refuse "$link exists already and was not installed by dockernet" ;;
    /usr/local/etcd-v*) ;;
    *) refuse "$link exists already and was not installed by dockernet" ;;
    esac
  done
}

# Members on one host share the program, so only one at a time installs or removes it.
locked() {
  exec 9</usr/local
  flock -w 120 9 || refuse "another member on this host has been busy for two minutes"
  "$@"
  exec 9>&-
}

install_package() {
  [ -x /usr/bin/etcd ] && [ -x /usr/bin/etcdctl ] && return
  missing=$(for each in etcd-server etcd-client; do dpkg-query -W -f '${Status}' "$each" 2>/dev/null | grep -q 'ok installed$' || echo "$each"; done)
  echo "$missing" >>"$PACKAGES"
  # Debian's package starts a member of its own at installation, on the same ports.
  systemctl mask --runtime --quiet etcd.service 2>/dev/null || true
  # shellcheck disable=SC2086 # one word a package
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 install --no-install-recommends $missing \
    </dev/null >/dev/null 2>"$PACKAGES.log" || refuse "apt-get install failed: $(tail -n 3 "$PACKAGES.log")"
  rm -f "$PACKAGES.log"
  systemctl unmask --runtime --quiet etcd.service
  systemctl disable --quiet etcd.service 2>/dev/null
}

# An interrupted download stays in /var/tmp, which is cleared by age, and the next attempt continues it.
download() {
  for attempt in 1 2 3 4 5; do
    [ "$attempt" -eq 1 ] || sleep 2
    code=0
    error=$(curl -fsSL --connect-timeout 15 --speed-limit 1000 --speed-time 30 -C - -o "$1" "$(archive_url)" 2>&1) || code=$?
    case $code in
    0) return ;;
    22) rm -f "$1" && break ;; # an HTTP error, which a retry does not change
    33) rm -f "$1" ;;          # the server does not support ranges
    esac
  done
  refuse "$(archive_url) could not be downloaded: $error"
}

install_archive() {
  home=$(archive_home)
  sum=$(checksum)
  if [ "$(cat "$home/.dockernet" 2>/dev/null)" != "$sum" ]; then
    part=/var/tmp/dockernet-etcd-$sum.part
    echo "$sum  $part" | sha256sum --check --status 2>/dev/null || download "$part"
    found=$(sha256sum "$part" | cut -d ' ' -f 1)
    if [ "$found" != "$sum" ]; then
      rm -f "$part"
      refuse "$(archive_url) has the SHA-256 $found, expected $sum"
    fi
    rm -rf "$home.new"
    mkdir "$home.new"
    tar -xzf "$part" -C "$home.new" --strip-components 1 --no-same-owner
    rm -f "$part"
    found=$(version_of "$home.new/etcd")
    if [ "$found" != "$VERSION" ]; then
      rm -rf "$home.new"
      refuse "$(archive_url) has etcd $found, expected $VERSION"
    fi
    echo "$sum" >"$home.new/.dockernet"
    rm -rf "$home"
    mv "$home.new" "$home"
  fi
}

program_folder() { if [ "$SOURCE" = archive ]; then archive_home; else echo /usr/bin; fi; }

link_programs() {
  [ "$SOURCE" = archive ] || return 0
  for link in $LINKS; do
    [ ! -e "$(archive_home)/${link##*/}" ] || ln -sfn "$(archive_home)/${link##*/}" "$link"
  done
}

# Removes the programs that no member on this host uses.
prune() {
  for home in /usr/local/etcd-v*-linux-*; do
    if [ ! -e "$home/.dockernet" ] || grep -Fqsx "$home" /var/lib/dockernet-etcd-*/program; then continue; fi
    for link in $LINKS; do
      [ "$(readlink "$link")" != "$home/${link##*/}" ] || rm -f "$link"
    done
    rm -rf "$home"
  done
  if [ -s "$PACKAGES" ] && ! grep -Fqsx /usr/bin /var/lib/dockernet-etcd-*/program; then
    # shellcheck disable=SC2046 # one word a package
    DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 purge $(cat "$PACKAGES") </dev/null >/dev/null
  fi
  grep -Fqsx /usr/bin /var/lib/dockernet-etcd-*/program || rm -f "$PACKAGES"
}
