#!/usr/bin/python3
"""One server of Swift, or its rings, from python3-swift alone: Debian's packages of the servers
would start daemons on whatever machine runs the tests.

    swift_server.py FOLDER proxy|account|container|object      swift_server.py FOLDER rings PORTS...

FOLDER holds swift.conf and KIND.conf; rings of one device, "sda", are written there.
"""
import sys

from swift.common.utils import set_swift_dir

if __name__ == "__main__":
    folder, kind, *arguments = sys.argv[1:]
    set_swift_dir(folder)
    if kind == "rings":
        from swift.common.ring import RingBuilder
        for name, port in zip(("account", "container", "object"), arguments):
            builder = RingBuilder(2, 1, 0)
            builder.add_dev({"id": 0, "region": 1, "zone": 1, "ip": "127.0.0.1", "port": int(port),
                             "replication_ip": "127.0.0.1", "replication_port": int(port),
                             "device": "sda", "weight": 1, "meta": ""})
            builder.rebalance()
            builder.get_ring().save(f"{folder}/{name}.ring.gz")
        sys.exit(0)
    from swift.common.wsgi import run_wsgi
    more = {}
    if kind == "object":
        from swift.obj import server
        more["global_conf_callback"] = server.global_conf_callback
    sys.exit(run_wsgi(f"{folder}/{kind}.conf", f"{kind}-server", verbose=True, **more))
