"""Receipts as spec/scan-receipt.md says, with python3-cryptography and nothing of Tutela's."""
import base64
import hashlib
import json
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

DASH = "\u2014"


class Refused(Exception):
    """Its argument is the code that Tutela says, too."""


def no_twins(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError("a member twice")
    return dict(pairs)


def strict_json(text):
    return json.loads(text, object_pairs_hook=no_twins)


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def b64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def from_b64url(text):
    if not re.fullmatch("[A-Za-z0-9_-]*", text):
        raise ValueError("no base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if b64url(data) != text:
        raise ValueError("stray bits")
    return data


def public_bytes(seed):
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes(
        Encoding.Raw, PublicFormat.Raw)


def is_signed(key, message, signature):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        return True
    except InvalidSignature:
        return False


# ----- keys -----

def key_id(key):
    return b64url(hashlib.sha256(compact(
        {"crv": "Ed25519", "kty": "OKP", "x": b64url(key)}).encode()).digest())


def key_set(keys):
    return {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": b64url(key), "kid": key_id(key),
                      "alg": "EdDSA", "use": "sig"} for key in keys]}


def keys_of(jwk_set):
    keys = [from_b64url(jwk["x"]) for jwk in jwk_set["keys"]]
    if jwk_set != key_set(keys):
        raise Refused("receipt.bad_keys")
    return keys


# ----- the audit log: spec/audit-log.md -----

def leaf_hash(leaf):
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves):
    """RFC 6962, section 2.1, of hashes of leaves."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    return node_hash(root(leaves[:half]), root(leaves[half:]))


def path(index, leaves):
    if len(leaves) == 1:
        return []
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    if index < half:
        return path(index, leaves[:half]) + [root(leaves[half:])]
    return path(index - half, leaves[half:]) + [root(leaves[:half])]


def root_from(leaf, index, size, hashes):
    """RFC 9162, section 2.1.3.2."""
    if index >= size:
        raise ValueError("index")
    at, last, found = index, size - 1, leaf
    for other in hashes:
        if last == 0:
            raise ValueError("too many hashes")
        if at & 1 or at == last:
            found = node_hash(other, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, other)
        at, last = at >> 1, last >> 1
    if last != 0:
        raise ValueError("too few hashes")
    return found


def note_key_id(name, key):
    return hashlib.sha256(name.encode() + b"\n\x01" + key).digest()[:4]


def vkey(name, seed):
    key = public_bytes(seed)
    return f"{name}+{note_key_id(name, key).hex()}+{base64.b64encode(bytes([1]) + key).decode()}"


def checkpoint(name, seed, leaves):
    text = f"{name}\n{len(leaves)}\n{base64.b64encode(root(leaves)).decode()}\n"
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(text.encode())
    line = base64.b64encode(note_key_id(name, public_bytes(seed)) + signature).decode()
    return f"{text}\n{DASH} {name} {line}\n"


def proof(index, leaves, note):
    hashes = [leaf_hash(leaf) for leaf in leaves]
    lines = ["c2sp.org/tlog-proof@v1", "extra " + base64.b64encode(leaves[index]).decode(),
             f"index {index}", *(base64.b64encode(h).decode() for h in path(index, hashes))]
    return "\n".join(lines) + "\n\n" + note


def check_note(note, log_key):
    """Origin, size and root of a checkpoint that the key signed."""
    name, _, encoded = log_key.strip().split("+", 2)
    key = base64.b64decode(encoded)[1:]
    text, signatures = note.rsplit("\n\n", 1)
    for line in signatures.splitlines():
        dash, signer, data = line.split(" ")
        data = base64.b64decode(data, validate=True)
        if (dash, signer, data[:4]) == (DASH, name, note_key_id(name, key)):
            if not is_signed(key, (text + "\n").encode(), data[4:]):
                raise ValueError("signature")
            origin, size, head = text.split("\n")[:3]
            if origin != name:
                raise ValueError("origin")
            return origin, int(size), base64.b64decode(head, validate=True)
    raise ValueError("not signed by this key")


def check_proof(statement, log_key):
    head, note = statement["audit"]["proof"].split("\n\n", 1)
    lines = head.split("\n")
    if lines[0] != "c2sp.org/tlog-proof@v1" or not lines[1].startswith("extra ") or \
            not lines[2].startswith("index "):
        raise ValueError("no proof")
    leaf, index = base64.b64decode(lines[1][6:], validate=True), int(lines[2][6:])
    origin, size, head = check_note(note, log_key)
    hashes = [base64.b64decode(line, validate=True) for line in lines[3:]]
    if root_from(leaf_hash(leaf), index, size, hashes) != head:
        raise ValueError("root")
    entry = json.loads(leaf)
    wanted = {"index": statement["audit"]["index"], "action": "content.verdict",
              "object": "content:" + statement["content"], "result": statement["verdict"],
              "time": statement["decided"]}
    if origin != statement["issuer"] or index != wanted["index"] or \
            any(entry[name] != value for name, value in wanted.items()):
        raise ValueError("another entry")


# ----- receipts -----

NAMES = ["v", "issuer", "issued", "content", "sha256", "door", "received", "decided", "verdict",
         "policy", "lists_position", "lists", "audit"]


def header(key):
    return compact({"alg": "EdDSA", "kid": key_id(key), "typ": "tutela-receipt+json"})


def sign_parts(protected, payload, seed):
    protected, payload = b64url(protected.encode()), b64url(payload.encode())
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(f"{protected}.{payload}".encode())
    return {"payload": payload, "protected": protected, "signature": b64url(signature)}


def sign(statement, seed):
    return sign_parts(header(public_bytes(seed)), compact(statement), seed)


def check_statement(payload):
    statement = strict_json(payload)
    if list(statement) != NAMES or statement["v"] != 1 or compact(statement) != payload or \
            list(statement["audit"]) not in (["index"], ["index", "proof"]):
        raise ValueError("no statement")
    for listed in statement["lists"]:
        if list(listed) not in (["id"], ["id", "version"], ["id", "version", "digest"]):
            raise ValueError("no list")
    return statement


def verify(text, keys, log_key):
    """The statement of a receipt. Raises Refused."""
    try:
        jws = strict_json(text)
        if sorted(jws) != ["payload", "protected", "signature"]:
            raise ValueError("members")
        protected = from_b64url(jws["protected"]).decode()
        signature = from_b64url(jws["signature"])
        if len(signature) != 64:
            raise ValueError("signature")
        if not re.fullmatch(re.escape(header(bytes(32))).replace(
                re.escape(key_id(bytes(32))), "[A-Za-z0-9_-]{43}"), protected):
            raise ValueError("header")
        from_b64url(jws["payload"])
    except (ValueError, TypeError, AttributeError) as error:
        raise Refused("receipt.bad_format") from error
    signed = f"{jws['protected']}.{jws['payload']}".encode()
    if not any(protected == header(key) and is_signed(key, signed, signature) for key in keys):
        raise Refused("receipt.bad_signature")
    try:
        statement = check_statement(from_b64url(jws["payload"]).decode())
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise Refused("receipt.bad_format") from error
    if "proof" in statement["audit"]:
        try:
            check_proof(statement, log_key)
        except (ValueError, KeyError, IndexError) as error:
            raise Refused("receipt.bad_proof") from error
    return statement


# ----- states of lists -----

def state_digest(step):
    lines = ["tutela list state v1", step["previous"], step["salt"], step["list"], step["kind"],
             str(step["version"]), "active" if step["active"] else "inactive",
             str(step["signals"]), *sorted(step["changed"])]
    return hashlib.sha256("".join(line + "\n" for line in lines).encode("ascii")).hexdigest()
