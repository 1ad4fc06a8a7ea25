# shellcheck shell=sh
# The common name of the certificates of an etcd cluster's members: as peers they accept only each other, by this name.

# shellcheck disable=SC2034 # used by the including scripts
MEMBER_CN=etcd-member
