#!/usr/bin/python3
"""One server of Swift, or its ring builder, from python3-swift alone: Debian's packages of the servers
would start daemons on whatever machine runs the tests.

    swift_server.py FOLDER ring ARGUMENTS...     swift_server.py FOLDER proxy|account|container|object

FOLDER holds swift.conf, the rings and KIND.conf.
"""
import sys

from swift.common.utils import set_swift_dir

if __name__ == "__main__":
    folder, kind, *arguments = sys.argv[1:]
    set_swift_dir(folder)
    if kind == "ring":
        from swift.cli.ringbuilder import main
        sys.exit(main(["swift-ring-builder", *arguments]))
    from swift.common.wsgi import run_wsgi
    more = {}
    if kind == "object":
        from swift.obj import server
        more["global_conf_callback"] = server.global_conf_callback
    sys.exit(run_wsgi(f"{folder}/{kind}.conf", f"{kind}-server", verbose=True, **more))
