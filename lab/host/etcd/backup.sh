# shellcheck shell=sh
# Copies what the etcd member NAME on this host holds, restores the copy into a scratch member, and prints facts: version,
# token, the copy (data, snapshot) in base64, and the keys of the cluster before and after it, and of the scratch member.
# `etcdctl snapshot save` has the v3 keys alone. The v2 keys are in the snapshots and the log of raft. `etcdctl backup` copies
# both, and draws the id of a new cluster for the copy, but it leaves out what the log says of members. Each such entry
# counts in the index of the v2 keys, so that later writes on condition of an index, as Docker's all are, would fail in the
# copy. So a first scratch member reads the whole log and writes a snapshot of raft, and `etcdctl backup` copies that.
# Removes everything that it creates. Variables: NAME; MAX_BYTES of the copy.
# shellcheck source=lab/host/etcd/client.sh
. ./client.sh

end() {
  end_etcd
  rm -rf "${WORK-}"
}

# The files of raft that only grow unless etcd made a snapshot or began another log in the meantime.
raft_files() { (cd "$STATE/data/member" && ls snap wal); }

# settle URL: etcd writes how far the log is committed with the next entry, and a v2 read by quorum is an entry.
settle() { api "$1/v2/keys/?quorum=true" >/dev/null; }

copy() {
  before=$(raft_files)
  settle "$OWN_MEMBER" || refuse "it has no quorum"
  ctl "$OWN_MEMBER" snapshot save "$WORK/snapshot" >"$WORK/log" 2>&1 || refuse "etcdctl snapshot save failed: $(tail -n 2 "$WORK/log")"
  settle "$OWN_MEMBER" || refuse "it has no quorum"
  rm -rf "$WORK/raw"
  mkdir -p "$WORK/raw/member/snap"
  cp -R --sparse=always "$STATE/data/member/wal" "$WORK/raw/member/"
  find "$STATE/data/member/snap" -name '*.snap' -exec cp {} "$WORK/raw/member/snap/" \;
  [ "$before" = "$(raft_files)" ]
}

take() {
  copy || copy || copy || refuse "etcd wrote snapshots of its own all the time; try again"
  # The last 32 bytes are the SHA-256 of the others.
  head -c "$(($(stat -c %s "$WORK/snapshot") - 32))" "$WORK/snapshot" >"$WORK/raw/member/snap/db"
  scratch "$WORK/raw" --snapshot-count 1
  for _ in 1 2 3 4 5; do settle "$SCRATCH_URL"; done
  end_etcd
  # It copies files and asks no member.
  ETCDCTL_API=2 "$(program_folder)/etcdctl" backup --with-v3 --data-dir "$WORK/raw" --backup-dir "$WORK/data" \
    >"$WORK/log" 2>&1 || refuse "etcdctl backup failed: $(tail -n 2 "$WORK/log")"
  tar -C "$WORK" -I 'gzip -1' -cf "$WORK/data.tgz" data || refuse "the copy could not be packed"
  rm -rf "$WORK/raw" "$WORK/data"
}

# scratch FOLDER FLAG...: starts a scratch member and waits for it
scratch() {
  folder=$1
  shift
  solo "$folder" "$WORK/log" "$@"
  await_healthy "$SCRATCH_URL" "$SCRATCH_PID" || refuse "no member starts from the copy: $(tail -n 3 "$WORK/log")"
}

# A copy is good once a member has started from it.
try() {
  mkdir "$WORK/scratch"
  tar -C "$WORK/scratch" -xzf "$WORK/data.tgz"
  scratch "$WORK/scratch/data"
  keys scratch "$SCRATCH_URL"
  end_etcd
}

backup() {
  umask 077
  WORK=$(mktemp -d /var/tmp/dockernet-etcd-backup.XXXXXX) || refuse "no folder could be made in /var/tmp"
  trap end EXIT
  trap 'exit 1' INT TERM HUP
  echo "version $(version)"
  echo "token $(cat "$STATE/token")"
  keys before "$OWN_MEMBER"
  take
  keys after "$OWN_MEMBER"
  gzip -1 "$WORK/snapshot"
  size=$(cat "$WORK/data.tgz" "$WORK/snapshot.gz" | wc -c)
  [ "$size" -le "${MAX_BYTES:?}" ] || refuse "the copy has $size bytes, and lab backup takes at most $MAX_BYTES; use etcdctl snapshot save"
  try
  echo "data $(base64 -w 0 "$WORK/data.tgz")"
  echo "snapshot $(base64 -w 0 "$WORK/snapshot.gz")"
}
