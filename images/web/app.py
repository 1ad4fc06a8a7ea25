"""Counts the visits of its front page in redis, which the environment variable REDIS_HOST names."""

import os
import socket

from flask import Flask
from redis import Redis

app = Flask(__name__)
redis = Redis(host=os.environ["REDIS_HOST"], port=6379, socket_timeout=5)


@app.get("/")
def hello():
    return (
        f"Hello Container World! I have been seen {redis.incr('hits')} times "
        f"and my hostname is {socket.gethostname()}.\n"
    )


@app.get("/healthz")
def healthz():
    """Whether a visit could be counted now; counts none itself."""
    redis.ping()
    return "ok\n"
