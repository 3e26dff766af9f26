"""What the program that started the emulators says about them, and a way to ask them for faults."""

import json
import os
import urllib.request
import uuid


def setting(name):
    value = os.environ.get(name)
    if not value:
        raise RuntimeError(f"{name} is not set: these tests are started by the tests of @letterlock/clients")
    return value


def admin(service, method, *arguments):
    """Calls a function of an emulator's admin, such as fail or deny, and returns its result."""
    body = json.dumps({"method": method, "arguments": arguments}).encode()
    with urllib.request.urlopen(f"{setting('EMULATOR_ADMIN')}/{service}", data=body, timeout=10) as answer:
        return json.load(answer)


def random_name(prefix="key"):
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


def flipped(ciphertext, at=-1):
    """The same bytes with one bit changed."""
    changed = bytearray(ciphertext)
    changed[at] ^= 1
    return bytes(changed)
