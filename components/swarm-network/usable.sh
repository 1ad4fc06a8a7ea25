# shellcheck shell=sh
# Waits until containers of this host can join a network of its swarm; an engine that is no manager shows the network only
# while one of its containers is on it. Variables: NAME; ID; ENCRYPTED, true or false; IMAGE, an image here with the command `true`.
# shellcheck source=components/host-script/prelude.sh
. ../host-script/prelude.sh
# shellcheck source=components/swarm-network/encryption.sh
. ./encryption.sh

SUBJECT="swarm network ${NAME:?}"

check() { require_encryption; }
down() { :; }

up() {
  for _ in $(seq 20); do
    if said=$(timeout 30 docker run --rm --network "$NAME" --entrypoint true "${IMAGE:?}" </dev/null 2>&1); then
      echo "${ID:?}"
      return
    fi
    sleep 1
  done
  refuse "no container of $(hostname) can join it: $(echo "$said" | tail -n 1)"
}
