#!/usr/bin/env python3
"""python3 test/vectors/make/map.py: writes test/vectors/records/changes.json.

A second implementation of the map and of change lists, from docs/proof-format-time.md alone: no code of the
service, nothing but Python's standard library. The map is computed from all its leaves each time.
"""

import hashlib
import json
import pathlib


def sha256(data):
    return hashlib.sha256(data).digest()


def named(name):
    return sha256(name.encode())


def bit(key, depth):
    return key[depth // 8] >> (7 - depth % 8) & 1


def halves(leaves, depth):
    return [[leaf for leaf in leaves if bit(leaf[0], depth) == side] for side in (0, 1)]


def root(leaves, depth=0):
    if not leaves:
        return bytes(32)
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0][0] + leaves[0][1])
    left, right = halves(leaves, depth)
    return sha256(b"\1" + root(left, depth + 1) + root(right, depth + 1))


def path(leaves, key, depth=0):
    """Hashes beside the way, the deepest first, and the leaf at its end."""
    if len(leaves) < 2:
        return [], (leaves[0] if leaves else None)
    sides = halves(leaves, depth)
    side = bit(key, depth)
    siblings, leaf = path(sides[side], key, depth + 1)
    return siblings + [root(sides[1 - side], depth + 1)], leaf


def signed(key, value, index):
    return b"\0" + key + value + index.to_bytes(4, "big")


def automatic(key, value, text):
    return b"\1" + key + value + len(text.encode()).to_bytes(2, "big") + text.encode()


ORIGIN = "log.example/vectors"


def close(bits, name):
    """A key whose first bits are ones, and the next one zero."""
    number = int.from_bytes(named(name), "big")
    number |= ((1 << bits) - 1) << (256 - bits)
    if bits < 256:
        number &= ~(1 << (255 - bits))
    return number.to_bytes(32, "big")


# Blocks: the signed events as (key, index), then the records that change by themselves.
KEYS = [named(f"record {i}") for i in range(220)]
DEEP = [close(bits, f"close {bits}") for bits in (3, 4, 5, 8, 12, 17, 63, 64, 65, 131, 250, 255, 256)]
BLOCKS = [
    ("the first record", [(KEYS[0], 0)], []),
    ("two events of one record", [(KEYS[0], 2), (KEYS[0], 5)], []),
    ("two records, and one that was there", [(KEYS[1], 0), (KEYS[0], 1), (KEYS[2], 9)], []),
    ("a record changes by itself", [], [KEYS[1]]),
    ("a signed event, and what follows by itself, twice", [(KEYS[2], 4)], [KEYS[0], KEYS[1], KEYS[0]]),
    ("keys that share many bits", [(key, i) for i, key in enumerate(DEEP[:7])], []),
    ("keys that share more", [(key, 3 * i) for i, key in enumerate(DEEP[7:])], []),
    ("many records", [(key, i) for i, key in enumerate(KEYS[3:120])], []),
    ("new and old ones", [(key, i) for i, key in enumerate(KEYS[60:220])], [KEYS[70], KEYS[3], DEEP[12]]),
    ("the deepest again", [(DEEP[12], 7), (DEEP[11], 4294967295)], []),
]


def main():
    leaves = {}
    sequences = {}
    blocks = []
    for height, (about, events, by_itself) in enumerate(BLOCKS):
        changes = b""
        hashes = []
        for key, index in events:
            leaf = named(f"leaf {height} {index}")
            hashes.append(leaf.hex())
            leaves[key] = sha256(b"\5" + leaves.get(key, bytes(32)) + leaf)
            sequences[key] = sequences.get(key, -1) + 1
            changes += signed(key, leaves[key], index)
        for key in by_itself:
            sequences[key] += 1
            facts = sorted([f"notarized {named('document').hex()}\n", f"record {KEYS[0].hex()} {leaves[KEYS[0]].hex()}\n"])
            head = ["ingam/automatic/v1", ORIGIN, key.hex(), str(sequences[key]), leaves[key].hex(), "contract.executed", str(height)]
            text = "\n".join(head) + "\n" + "".join(facts)
            leaves[key] = sha256(b"\5" + leaves[key] + sha256(b"\0" + text.encode()))
            changes += automatic(key, leaves[key], text)
        of_map = sorted(leaves.items())
        asked = [KEYS[0], KEYS[1], KEYS[119], KEYS[219], DEEP[0], DEEP[6], DEEP[11], DEEP[12], named("nobody"), close(30, "nobody")]
        paths = []
        for key in asked if height in (0, 2, 6, 9) else []:
            siblings, leaf = path(of_map, key)
            paths.append({
                "key": key.hex(),
                "siblings": [each.hex() for each in siblings],
                "leaf": leaf and {"key": leaf[0].hex(), "value": leaf[1].hex()},
            })
        blocks.append({
            "about": about,
            "leafHashes": hashes,
            "changes": changes.hex(),
            "digest": sha256(changes).hex(),
            "records": len(leaves),
            "root": root(of_map).hex(),
            "paths": paths,
        })
    target = pathlib.Path(__file__).parents[1] / "records" / "changes.json"
    target.write_text(json.dumps({"origin": ORIGIN, "blocks": blocks}, indent=1) + "\n")


main()
