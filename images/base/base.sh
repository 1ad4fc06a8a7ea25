#!/bin/sh
# Builds a Debian 12 base image from Debian's packages, for machines that reach no image registry:
#   base.sh IMAGE
# Needs root, mmdebstrap and an engine. Documentation and locales are left out, as in the official slim images.
# shellcheck disable=SC2016 # mmdebstrap's hook gets the folder as its $1
set -eu
image=${1:?usage: base.sh IMAGE}

mmdebstrap --quiet --variant=minbase --include=ca-certificates \
  --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --customize-hook='rm -rf "$1"/var/cache/apt/*.bin "$1"/var/lib/apt/lists/*' \
  bookworm - |
  docker import --change 'CMD ["bash"]' - "$image"
