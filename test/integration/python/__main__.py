"""A published nginx, and an etcd cluster on two practice nodes. What differs between machines is in its environment."""

import json
import os

import pulumi
import pulumi_dockernet as dockernet

name, images, addresses = os.environ["NAME"], json.loads(os.environ["IMAGES"]), os.environ["ADDRESSES"].split()

net = dockernet.BridgeNetwork(
    "net",
    network_name=name,
    # A number in place of the address, to be refused.
    subnet=pulumi.Output.secret(4) if os.environ["WRONG"] == "yes" else os.environ["SUBNET"],
    labels={"token": pulumi.Output.secret(os.environ["TOKEN"])},
)
nginx = dockernet.ServiceImage("nginx", source=images["nginx"])
previous = dockernet.Container(
    "web",
    container_name=name,
    image=nginx.image_id,
    network=net.network_name,
    publish=dockernet.PublishArgs(port=int(os.environ["PORT"]), container_port=80),
    healthcheck="wget -q -O /dev/null http://127.0.0.1:80/ || curl -fsS -o /dev/null http://127.0.0.1:80/",
    capabilities=["CHOWN", "DAC_OVERRIDE", "NET_BIND_SERVICE", "SETGID", "SETUID"],
)

key = dockernet.SshKey("key", file=os.environ["KEY"])
image = dockernet.ServiceImage("node", source=images["node"])
members = []
for number, address in enumerate(addresses, 1):
    previous = dockernet.PracticeNode(
        f"node{number}",
        container_name=f"{name}-{number}",
        image=image.image_id,
        network=net.network_name,
        address=address,
        user_key=key,
        opts=pulumi.ResourceOptions(depends_on=[previous]),
    )
    members.append({"member_name": f"node{number}", "address": address, "host": previous.host})
etcd = dockernet.EtcdCluster("etcd", members=members)

pulumi.export("clients", etcd.client_urls)
pulumi.export("cacert", etcd.ca_certificate)
pulumi.export("cert", etcd.client_certificate)
pulumi.export("certkey", etcd.client_key)
pulumi.export("key", key.private_key)
