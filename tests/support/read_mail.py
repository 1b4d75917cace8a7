#!/usr/bin/python3
"""What a mailbox holds, read by programs that are not ours: Python's email package, and gpg.

usage: read_mail.py MBOX [GNUPGHOME]

Prints a JSON list with one object a message, which is plain text or encrypted.
"""
import email
import email.policy
import json
import mailbox
import subprocess
import sys


def no_defects(part):
    for each in part.walk():
        assert not each.defects, each.defects


def read(raw, home):
    message = email.message_from_bytes(raw, policy=email.policy.default)
    no_defects(message)
    head = {
        "from": message["from"], "to": message["to"], "subject": message["subject"],
        "message_id": message["message-id"], "date": message["date"].datetime.isoformat(),
        "lines_max": max(map(len, raw.splitlines())),
    }
    if message.get_content_type() == "text/plain":
        return head | {"text": message.get_content()}
    return head | read_encrypted(message, home)


def read_encrypted(message, home):
    assert message.get_content_type() == "multipart/encrypted", message.get_content_type()
    assert message.get_param("protocol") == "application/pgp-encrypted"
    version, encrypted = message.iter_parts()
    assert version.get_content_type() == "application/pgp-encrypted"
    assert version.get_content().strip() == b"Version: 1"
    assert encrypted.get_content_type() == "application/octet-stream"
    plain = subprocess.run(["gpg", "--homedir", home, "--batch", "--decrypt"], check=True,
                           input=encrypted.get_content(), capture_output=True).stdout
    inside = email.message_from_bytes(plain, policy=email.policy.default)
    no_defects(inside)
    text, document, page = inside.iter_parts()
    return {
        "text": text.get_content(), "names": [document.get_filename(), page.get_filename()],
        "document": json.loads(document.get_content()) if document.get_content_type() ==
                    "application/json" else None,
        "page": page.get_content() if page.get_content_type() == "text/html" else None,
    }


def main(arguments):
    box = mailbox.mbox(arguments[1])
    home = arguments[2] if len(arguments) > 2 else None
    print(json.dumps([read(box.get_bytes(key), home) for key in box.keys()]))


main(sys.argv)
