# shellcheck shell=sh
# The process of the etcd member NAME on this host: a systemd unit, or unsupervised. A member's script includes this file
# (member.sh) after common.sh and install.sh. Variables: ADDRESS, CLIENT_PORT, PEER_PORT, SUPERVISOR (systemd or nohup), V2 (yes or
# no); TLS (etcdctl.sh), FLAGS and OWNER, each may be empty.
# shellcheck source=components/etcd-cluster/names.sh
. ./names.sh

PID_FILE=/run/$UNIT.pid

# The flags with which the member was started first. etcd reads them only without data, so they stay as they were.
bootstrap() { cat "$STATE/bootstrap"; }

# etcd's command line: the tutorial's flags in the tutorial's order, then further ones.
arguments() {
  client=$(scheme)://$ADDRESS:$CLIENT_PORT
  peer=$(scheme)://$ADDRESS:$PEER_PORT
  echo "--name $NAME --initial-advertise-peer-urls $peer --listen-peer-urls $peer" \
    "--listen-client-urls $client,$(scheme)://127.0.0.1:$CLIENT_PORT --advertise-client-urls $client" \
    "$(bootstrap)" \
    "--data-dir $STATE/data$(v2_flag "$(program_folder)")$(tls_flags)${FLAGS:+ $FLAGS}"
}

# etcd reads its own copy of the certificates, which it may read as the user that it runs as.
tls_flags() {
  [ -n "$TLS" ] || return 0
  own=$STATE/tls
  echo " --cert-file $own/cert.pem --key-file $own/key.pem --trusted-ca-file $own/ca.pem --client-cert-auth" \
    "--peer-cert-file $own/cert.pem --peer-key-file $own/key.pem --peer-trusted-ca-file $own/ca.pem --peer-client-cert-auth" \
    "--peer-cert-allowed-cn $MEMBER_CN"
}

copy_line() { [ -z "$TLS" ] || printf '\nExecStartPre=+/bin/sh -c "%s"\n' "$(copy_certificates)"; }

# A member that comes back empty has forgotten which writes it acknowledged, and a majority with it may lack them.
guard_line() {
  printf 'ExecStartPre=/bin/sh -c "[ -d %s/data/member ] || [ -e %s ] || { echo Its data is gone, so it does not start: a disk to mount, or lab recover; exit 1; }"\n' "$STATE" "$MAY_BE_EMPTY"
}

# The unit is ready when there is a quorum, which may take long in a new cluster, and systemd restarts it without limit. A
# leader that stops transfers its leadership first; when all members stop together it would wait for 7 seconds.
unit() {
  cat <<EOF
# Owner: ${OWNER-}
[Unit]
Description=etcd member $NAME
Documentation=https://etcd.io/docs
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=notify
DynamicUser=yes
StateDirectory=$UNIT
StateDirectoryMode=0700
Environment=$(architecture_variable)
Environment=NO_PROXY=*$(copy_line)
$(guard_line)
ExecStart=$(program_folder)/etcd $(arguments)
Restart=always
RestartSec=1
TimeoutStartSec=infinity
TimeoutStopSec=3
LimitNOFILE=65536

[Install]
WantedBy=multi-user.target
EOF
}

nohup_pid() {
  pid=$(cat "$PID_FILE" 2>/dev/null) || return
  { tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null | grep -Fq -- "etcd --name $NAME " && echo "$pid"
}

running() { nohup_pid >/dev/null || systemctl --quiet is-active "$UNIT" 2>/dev/null || [ "$(systemctl is-active "$UNIT" 2>/dev/null)" = activating ]; }

stop_nohup() {
  if pid=$(nohup_pid); then
    kill "$pid"
    timeout 3 tail --pid="$pid" -f /dev/null || kill -9 "$pid"
  fi
  rm -f "$PID_FILE"
}

stop_systemd() {
  [ -e "$UNIT_FILE" ] || return 0
  systemctl --quiet disable --now "$UNIT" 2>/dev/null
  rm -f "$UNIT_FILE" "$UNIT_FILE.old" "$UNIT_FILE.new"
  systemctl daemon-reload
  systemctl reset-failed "$UNIT" 2>/dev/null || true
}

# Whether it runs with these settings already. What differs in comments only is written without a restart.
unchanged_systemd() {
  unit >"$UNIT_FILE.new"
  same_settings "$UNIT_FILE.new" "$UNIT_FILE" && running || return
  mv "$UNIT_FILE.new" "$UNIT_FILE"
  systemctl daemon-reload
}

start_systemd() {
  stop_nohup
  unit >"$UNIT_FILE.new"
  if [ -e "$UNIT_FILE" ]; then mv "$UNIT_FILE" "$UNIT_FILE.old"; fi
  mv "$UNIT_FILE.new" "$UNIT_FILE"
  systemctl daemon-reload
  systemctl --quiet enable "$UNIT"
  systemctl stop "$UNIT"
  # systemd counts restarts until the unit is ready. Those of the old settings say nothing about the new ones.
  systemctl reset-failed "$UNIT" 2>/dev/null || true
  # Does not wait until it is ready, which may need the other members.
  systemctl start --no-block "$UNIT"
}

unchanged_nohup() {
  [ "$(arguments)" = "$(cat "$STATE/arguments" 2>/dev/null)" ] && nohup_pid >/dev/null &&
    { [ -z "$TLS" ] || diff -r "$TLS" "$STATE/tls" >/dev/null; }
}

start_nohup() {
  stop_systemd
  stop_nohup
  arguments >"$STATE/arguments"
  [ -z "$TLS" ] || sh -c "$(copy_certificates)"
  # shellcheck disable=SC2046 # one word a flag
  env $(architecture_variable) NO_PROXY='*' setsid nohup "$(program_folder)/etcd" $(arguments) </dev/null >>"$LOG" 2>&1 &
  echo $! >"$PID_FILE"
}

gave_up() {
  if [ "$SUPERVISOR" = systemd ]; then [ "$(systemctl show -p NRestarts --value "$UNIT")" -gt 0 ]; else ! kill -0 "$(cat "$PID_FILE")" 2>/dev/null; fi
}

# etcd listens for its peers at once, and for clients when there is a quorum.
await_listening() {
  for _ in $(seq 150); do
    if [ -n "$(ss -H -ltn "src $ADDRESS and sport = :$PEER_PORT")" ]; then return; fi
    if gave_up; then break; fi
    sleep 0.1
  done
  echo "etcd member $NAME: it does not stay up; its last lines:" >&2
  last_lines >&2
  roll_back
  return 1
}

# After a change that does not start, the previous configuration runs again with the same data.
roll_back() {
  [ -e "$UNIT_FILE.old" ] || return 0
  mv "$UNIT_FILE.old" "$UNIT_FILE"
  systemctl daemon-reload
  systemctl restart --no-block "$UNIT"
  echo "etcd member $NAME: the previous configuration was restored" >&2
}
