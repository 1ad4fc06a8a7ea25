# shellcheck shell=sh
# How the member NAME of an etcd cluster comes into it, stays in it and leaves it. A member's script includes this file
# (member.sh) after process.sh and turn.sh. Variables: MEMBERS, as in --initial-cluster, of the settings.

# The member's URLs, after TLS is set.
own_urls() {
  PEER=$(scheme)://${ADDRESS-}:${PEER_PORT-}
  OWN=$(scheme)://${ADDRESS-}:${CLIENT_PORT-}
}
# Time for an answer of the living cluster, and for a new member to catch up with it, in seconds.
ANSWER_SEC=30
CATCH_UP_SEC=120
HEALTH_SEC=60

has_data() { [ -d "$STATE/data/member" ]; }

wipe() {
  systemctl stop "$UNIT" 2>/dev/null || :
  stop_nohup
  rm -rf "$STATE/data"
}

start() {
  "start_$SUPERVISOR"
  await_listening
  await_data
}

# etcd creates its data after it has begun to listen, and from then on it does not start without.
await_data() {
  for _ in $(seq 100); do
    if has_data; then
      rm -f "$MAY_BE_EMPTY"
      return
    fi
    sleep 0.1
  done
}

# remember LIST STATE [ID]: keeps the flags of the first start, without data, and the member's id, if the cluster gave it one.
remember() {
  : >"$MAY_BE_EMPTY"
  echo "--initial-cluster-token $TOKEN --initial-cluster $1 --initial-cluster-state $2" >"$STATE/bootstrap"
  echo "${3-}" >"$STATE/id"
}

# A member without data starts the first cluster together with the others, or joins the living one. etcd itself refuses to
# start the first one again while members of it answer.
enter() {
  if [ "$EXISTS" = no ] && ! find_cluster 1; then
    remember "${MEMBERS:?}" new
    start
    return
  fi
  end=$(($(date +%s) + ANSWER_SEC))
  until [ -n "${CLUSTER:-}" ] || find_cluster 3; do
    [ "$(date +%s)" -lt "$end" ] ||
      refuse "it has no data, and no member of its cluster answers with a quorum ($(client_urls | sed 's/,/, /g')), so it cannot join; start the members that are off, or restore a backup; only if its data may be lost, replace its token (the resource that ends in -creation)"
    sleep 1
  done
  end=$(($(date +%s) + CATCH_UP_SEC))
  again=yes
  until [ "$again" = no ]; do
    [ "$(date +%s)" -lt "$end" ] || refuse "its cluster has refused another member for $CATCH_UP_SEC s: $(cat "$STATE/refusal")"
    in_turn join
    [ "$again" = no ] || sleep 1
  done
}

# Whether the settings have a member with this peer URL.
wanted() { case ,$MEMBERS, in *"=$1,"*) ;; *) return 1 ;; esac }

# Removes what keeps the cluster from taking a new member: an entry of this one's own whose data is lost, and members that
# do not answer and are not in the settings.
forget() {
  rows "$CLUSTER" | while read -r row; do
    peer=$(column "$row" 4) client=$(column "$row" 5)
    if [ "$peer" = "$PEER" ]; then
      [ "$(column "$row" 2)" = started ] || continue
    elif wanted "$peer" || { [ -n "$client" ] && [ -n "$(healthy "$client" 2)" ]; }; then
      continue
    fi
    remove_member "$CLUSTER" "$row" || { reason "$said" >"$STATE/refusal" && exit 75; }
  done
}

# A learner has no vote until it has caught up, so its start takes no quorum away. etcd has learners since 3.4.
learner() { [ "$(minor "$(version_of "$(program_folder)/etcd")")" = 3 ] || echo --learner; }

# The members as in --initial-cluster. etcd compares the URLs only, and the name of a member that has not started is empty.
member_list() {
  rows "$CLUSTER" | awk -F ', ' -v name="$NAME" -v own="$PEER" '{
    count = split($4, urls, ",")
    for (each = 1; each <= count; each++) printf "%s%s=%s", (out++ ? "," : ""), (urls[each] == own ? name : "m" NR), urls[each]
  }'
}

join() {
  forget
  row=$(entry "$CLUSTER" "$PEER")
  if [ -z "$row" ]; then
    # shellcheck disable=SC2046 # a flag or none
    said=$(ctl "$CLUSTER" 5 member add "$NAME" --peer-urls "$PEER" $(learner)) || {
      reason "$said" >"$STATE/refusal"
      exit 75
    }
    until row=$(entry "$CLUSTER" "$PEER") && [ -n "$row" ]; do sleep 0.1; done
  fi
  remember "$(member_list)" existing "$(id_of "$row")"
  start
  catch_up
}

await_health() {
  end=$(($(date +%s) + HEALTH_SEC))
  until [ -n "$(healthy "$OWN" 2)" ]; do
    if [ "$(date +%s)" -ge "$end" ]; then
      echo "etcd member $NAME: it has no quorum after $HEALTH_SEC s; its last lines:" >&2
      last_lines >&2
      roll_back
      return 1
    fi
    renew
    sleep 0.3
  done
}

is_learner() { [ "$(column "$(entry "$CLUSTER" "$PEER")" 6)" = true ]; }

# etcd refuses to give a learner its vote before it has the leader's data.
catch_up() {
  end=$(($(date +%s) + CATCH_UP_SEC))
  while is_learner; do
    said=$(ctl "$CLUSTER" 3 member promote "$(id_of "$(entry "$CLUSTER" "$PEER")")") || :
    if [ "$(date +%s)" -ge "$end" ]; then
      echo "etcd member $NAME: it has not caught up with its cluster after $CATCH_UP_SEC s ($(reason "$said")); its last lines:" >&2
      last_lines >&2
      return 1
    fi
    renew
    sleep 0.3
  done
  await_health
}

# Whether the living cluster does not have the member to which this host's data belongs: it was removed there, or was added
# once more without its data.
stranger() {
  all=$(rows "$CLUSTER")
  row=$(printf '%s\n' "$all" | grep -F ", $PEER, " || :)
  [ -n "$all" ] || return 1
  [ -z "$row" ] || { [ "$(column "$row" 2)" = unstarted ] && [ "$(id_of "$row")" != "$(cat "$STATE/id" 2>/dev/null)" ]; }
}

# A member with data keeps it, whatever the settings say of the others.
resume() {
  CLUSTER=
  if [ -z "$(healthy "$OWN" 1)" ]; then
    if find_cluster 2; then
      if stranger; then
        wipe
        enter
        return
      fi
      lagging=yes
    elif is_alone; then
      after_the_loss
      return
    fi
  fi
  if ! "unchanged_$SUPERVISOR"; then
    if running && find_cluster 2 && [ "$(voters "$CLUSTER")" -gt 1 ]; then in_turn restart; else start; fi
  fi
  if [ "${lagging:-no}" = yes ] && is_learner; then in_turn catch_up; fi
}

# A quorum must be healthy without this member. Of two members none can do without the other, so both must be healthy; and all
# must be before an upgrade.
restart() {
  size=$(voters "$CLUSTER")
  least=$((size / 2 + 1)) why="its restart would end the quorum"
  if [ "${upgrade:-no}" = yes ]; then least=$size why="an upgrade needs all of them"; fi
  end=$(($(date +%s) + HEALTH_SEC))
  until
    others=$(healthy "$(rows "$CLUSTER" | awk -F ', ' '{ print $5 }' | grep -Fvx "$OWN" | grep . | paste -sd , -)" 2 | grep -c . || :)
    [ "$others" -ge "$least" ] || [ "$others" -ge $((size - 1)) ]
  do
    [ "$(date +%s)" -lt "$end" ] || refuse "of $size members only $others others are healthy, and $why; it was left unchanged"
    renew
    sleep 1
  done
  start
  await_health
}

# Leaves the cluster, so that the others do not count on it any more. Without a quorum there is none to leave.
leave() {
  if [ -z "${CLIENT_PORT:-}" ] || ! has_data || [ -z "$(healthy "$OWN" 1)" ] || [ "$(voters "$OWN")" -le 1 ]; then return 0; fi
  remove_member "$(rows "$OWN" | awk -F ', ' '$5 { print $5 }' | paste -sd , -)" "$(entry "$OWN" "$PEER")" || :
}
