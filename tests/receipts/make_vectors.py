"""Writes spec/vectors/scan-receipt.json: make_vectors.py FILE. The same bytes every time."""
import hashlib
import hmac
import json
import pathlib
import sys

import receipt
from receipt import b64url, compact

SEED, OTHER_SEED, LOG_SEED = bytes([7]) * 32, bytes([8]) * 32, bytes([9]) * 32
ORIGIN = "example.org/audit"
ITEM = "019b05a2-6d4e-7c55-8a12-3f9d5b6e7a01"
OTHER_ITEM = "019b05a2-6d4e-7c55-8a12-3f9d5b6e7a02"
LISTS = ["019b0000-0000-7000-8000-000000000001", "019b0000-0000-7000-8000-000000000002"]


def leaf(index, action, about, result, second):
    return compact({"v": 1, "index": index, "time": f"2026-11-22T10:00:{second:02}.120Z",
                    "tenant": "default", "principal": "token:1", "role": "service",
                    "action": action, "object": about, "purpose": "scan",
                    "result": result}).encode()


def list_states():
    values = [hashlib.sha256(bytes([i])).hexdigest() for i in range(3)]
    steps, previous = [], ""
    for kind, version, active, signals, changed in [
            ("added", 2, False, 3, ["sha256 " + values[0], "pdq " + values[1],
                                    "md5 " + values[2][:32]]),
            ("activated", 2, True, 3, []),
            ("removed", 3, True, 2, ["pdq " + values[1]])]:
        step = {"previous": previous, "salt": hashlib.sha256(f"salt {len(steps)}".encode()).hexdigest(),
                "list": LISTS[0], "kind": kind, "version": version, "active": active,
                "signals": signals, "changed": changed}
        step["digest"] = previous = receipt.state_digest(step)
        steps.append(step)
    return steps


def statements(states):
    leaves = [leaf(0, "list.import", "list:" + LISTS[0], "ok", 0),
              leaf(1, "content.verdict", "content:" + OTHER_ITEM, "no_match", 5),
              leaf(2, "content.verdict", "content:" + ITEM, "no_match", 7),
              leaf(3, "receipt.issue", "content:" + OTHER_ITEM, "ok", 8),
              leaf(4, "evidence.view", "evidence:" + OTHER_ITEM, "ok", 9)]
    note = receipt.checkpoint(ORIGIN, LOG_SEED, [receipt.leaf_hash(one) for one in leaves])
    proved = {"v": 1, "issuer": ORIGIN, "issued": "2026-11-22T10:01:00.000Z", "content": ITEM,
              "sha256": hashlib.sha256(b"an item").hexdigest(), "door": "http",
              "received": "2026-11-22T10:00:07.001Z", "decided": "2026-11-22T10:00:07.120Z",
              "verdict": "no_match", "policy": "1-5f2a9c01", "lists_position": 17,
              "lists": [{"id": LISTS[0], "version": 3, "digest": states[-1]["digest"]},
                        {"id": LISTS[1], "version": 12}],
              "audit": {"index": 2, "proof": receipt.proof(2, leaves, note)}}
    bare = {**proved, "verdict": "unscannable", "lists_position": 0, "lists": [],
            "audit": {"index": 5}}
    match = {**bare, "verdict": "match", "lists": [{"id": LISTS[0]}]}
    return leaves, note, [proved, bare, match]


def refused(good, leaves, note):
    jws = receipt.sign(good, SEED)
    public = receipt.public_bytes(SEED)

    def signed(statement):
        return compact(receipt.sign(statement, SEED))

    def headed(protected, sign=lambda message: b"\0" * 64):
        parts = {"payload": jws["payload"], "protected": b64url(compact(protected).encode())}
        return compact({**parts, "signature": b64url(
            sign(f"{parts['protected']}.{parts['payload']}".encode()))})

    tampered = b64url(compact({**good, "verdict": "match"}).encode())
    kid = receipt.key_id(public)
    text = compact(jws)
    twice = compact(good).replace('"verdict":', '"verdict":"match","verdict":')
    other = {"index": 1, "proof": receipt.proof(1, leaves, note)}
    return [
        ("the payload was changed", "receipt.bad_signature", compact({**jws, "payload": tampered})),
        ("signed by a key that is not in the set", "receipt.bad_signature",
         compact(receipt.sign(good, OTHER_SEED))),
        ("signed by another key under the name of ours", "receipt.bad_signature",
         compact(receipt.sign_parts(receipt.header(public), compact(good), OTHER_SEED))),
        ("algorithm none", "receipt.bad_format", headed({"alg": "none"}, lambda _: b"")),
        ("algorithm none, with the name of the key", "receipt.bad_format",
         headed({"alg": "none", "kid": kid, "typ": "tutela-receipt+json"})),
        ("algorithm HS256 with the public key as its secret", "receipt.bad_format",
         headed({"alg": "HS256", "kid": kid, "typ": "tutela-receipt+json"},
                lambda message: hmac.digest(public, message, "sha256"))),
        ("another type", "receipt.bad_format", compact(receipt.sign_parts(
            compact({"alg": "EdDSA", "kid": kid, "typ": "JWT"}), compact(good), SEED))),
        ("a critical extension", "receipt.bad_format", compact(receipt.sign_parts(
            compact({"alg": "EdDSA", "crit": ["exp"], "exp": 1, "kid": kid,
                     "typ": "tutela-receipt+json"}), compact(good), SEED))),
        ("a member twice", "receipt.bad_format",
         text[:-1] + ',"payload":"' + jws["payload"] + '"}'),
        ("another member", "receipt.bad_format", compact({**jws, "header": {}})),
        ("a member of the statement twice", "receipt.bad_format",
         compact(receipt.sign_parts(receipt.header(public), twice, SEED))),
        ("another version", "receipt.bad_format", signed({**good, "v": 2})),
        ("another member in the statement", "receipt.bad_format", signed({**good, "matched": 1})),
        ("padding", "receipt.bad_format", compact({**jws, "signature": jws["signature"] + "=="})),
        ("the proof of another entry", "receipt.bad_proof", signed({**good, "audit": other})),
        ("an index that the proof does not have", "receipt.bad_proof",
         signed({**good, "audit": {**good["audit"], "index": 1}})),
        ("a verdict that the entry does not have", "receipt.bad_proof",
         signed({**good, "verdict": "match"})),
        ("a time that the entry does not have", "receipt.bad_proof",
         signed({**good, "decided": "2026-11-22T10:00:07.121Z"})),
        ("the log of another issuer", "receipt.bad_proof",
         signed({**good, "issuer": "example.org/other"})),
        ("a checkpoint that another key signed", "receipt.bad_proof", signed(
            {**good, "audit": {"index": 2, "proof": receipt.proof(2, leaves, receipt.checkpoint(
                ORIGIN, OTHER_SEED, [receipt.leaf_hash(one) for one in leaves]))}})),
        ("a compact serialization", "receipt.bad_format",
         f"{jws['protected']}.{jws['payload']}.{jws['signature']}"),
    ]


def vectors():
    states = list_states()
    leaves, note, good = statements(states)
    return {"seed": SEED.hex(), "keys": receipt.key_set(
                [receipt.public_bytes(SEED), receipt.public_bytes(bytes([6]) * 32)]),
            "log_key": receipt.vkey(ORIGIN, LOG_SEED),
            "list_states": states,
            "receipts": [{"statement": one, "receipt": receipt.sign(one, SEED)} for one in good],
            "refused": [{"why": why, "code": code, "receipt": text}
                        for why, code, text in refused(good[0], leaves, note)]}


def text_of(value):
    return json.dumps(value, indent=1, ensure_ascii=True) + "\n"


if __name__ == "__main__":
    pathlib.Path(sys.argv[1]).write_text(text_of(vectors()))
