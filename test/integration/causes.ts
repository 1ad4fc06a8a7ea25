/** By mutation: the objects to explain, one or two, and the fault that must be named. */
export const CAUSES: Readonly<Record<string, readonly (readonly [object: string, cause: RegExp])[]>> = {
  "the loopback of a namespace is set down": [
    ["test1", /lo in the namespace \S+-test1 is down/],
    ["3.2", /lo in the namespace \S+-test1 is down/],
  ],
  "the loopback of the other namespace has a second address": [
    [
      "3.2-loopback-2",
      /there are 2 addresses on lo in \S+ \S+ \S+-test2, the lab gives it one: 127\.0\.0\.9\/8 is not/,
    ],
  ],
  "an end of the veth pair is set down, and the host has interfaces of these names": [
    ["3.3-end-1", /veth-test1 in the namespace \S+-test1 is up without a carrier: the other end of its cable is down/],
    ["3.4-moved-1", /this host has an interface veth-test1 of its own .*created by hand/],
    ["test1 test2", /veth-test2 in the namespace \S+-test2 is down/],
  ],
  "the outside host is stopped": [["2.2-reach", /the container \S+-outside does not run: it ended with exit code \d+/]],
  "a process listens on the closed port of the outside host": [
    ["2.2-no-service", /socat \(process \d+\) listens on port 8081, where the lab expects no listener/],
  ],
  "packets to the outside keep their private source address": [
    [
      "4.3-nat-test5",
      /a rule of the table nat that is not Docker's: -A POSTROUTING -s \S+ -p tcp -j RETURN \(.* keeps its source/,
    ],
  ],
  "one bridge lets the other's containers in": [
    [
      "4.2-apart",
      /iptables has a rule that is not Docker's: -A DOCKER-USER -p icmp -m conntrack --ctorigdst \S+ -j ACCEPT/,
    ],
    [
      "test5 peer5",
      /iptables has a rule that is not Docker's: -A DOCKER-USER -p icmp -m conntrack --ctorigdst \S+ -j ACCEPT/,
    ],
  ],
  "containers have an additional interface": [
    ["3.1-interfaces-test5", /the container \S+-test5 has an interface more than the lab gives it: x, veth, down/],
  ],
  "containers of the default bridge are on a second network, which has a name server": [
    ["4.2-no-name", /the container \S+-test5 is on the network \S+-scratch, too, the state says only bridge/],
  ],
  "containers of the user-defined bridge are on a second network": [
    [
      "4.1-attached-peer5",
      /the container \S+-peer5 is on the network \S+-scratch, too, the state says only \S+-bridge-net/,
    ],
  ],
  "veth ends of containers are removed from docker0": [
    ["test5", /veth\w+, the other end of eth0 of \S+-test5, is no port of any bridge, so nothing leaves the container/],
    ["test7 test8", /veth\w+, the other end of eth0 of \S+-test7, is no port of any bridge/],
  ],
  "veth ends of containers are removed from user-defined bridges": [
    ["8.4-counts", /veth\w+, the other end of eth0 of \S+-redis, is no port of any bridge/],
    ["8.2", /veth\w+, the other end of eth0 of \S+-redis, is no port of any bridge/],
  ],
  "containers resolve names that docker0 does not provide": [
    ["test5", /\/etc\/hosts in the container \S+-test5 has an entry that Docker did not write: 192\.0\.2\.6 test6/],
  ],
  "a link is cut": [["5.1-name", /\/etc\/hosts in the container \S+-test8 lacks the entry of its link test7: 172\./]],
  "containers are moved from their network to another one": [
    ["4.2-name", /the container \S+-peer6 is on the network \S+-scratch, the state says \S+-bridge-net/],
  ],
  "redis is on its network without its name": [
    [
      "8.3-dns",
      /no name server knows the container \S+-redis by the name redis: on the network \S+-counter-net its names/,
    ],
  ],
  "containers have the host's network namespace": [
    ["test5", /the container \S+-test5 runs with the host's network, the state says bridge/],
    ["7.1-stack", /the container \S+-test10 was not made by this environment, whose labels it lacks/],
  ],
  "a container has a public address": [
    ["2.1-private-peer5", /the container \S+-peer5 is on the network \S+-public, the state says \S+-bridge-net/],
  ],
  "containers that should be isolated, or the host's, are on a bridge and published": [
    ["7.1-silence", /the container \S+-test10 is on the network bridge, the state says none/],
    ["7.2-published", /127\.0\.0\.1:\d+->80\/tcp is published for \S+-test11, the lab publishes none/],
  ],
  "a back end is published and a front end is not": [
    ["8.1-unpublished", /127\.0\.0\.1:\d+->6379\/tcp is published for \S+-redis, the lab publishes none/],
    ["6.2-http", /127\.0\.0\.1:\d+->80\/tcp is not published for \S+-web, so no port of the host leads to it/],
    ["8.3-env", /the container \S+-flask-redis was made with REDIS_HOST=redis\., the lab has REDIS_HOST=redis/],
  ],
};

/** Faults that belong to no object of the environment. */
export const FOREIGN = /^iptables has a rule|^this host has an interface/;
