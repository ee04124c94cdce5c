"""Opens key files as docs/protocol.md writes them down, with libsodium and nothing of the product: so that tests know
which bytes must lie nowhere in plain."""

import ctypes

ARGON2ID13 = 2


def fields(message):
    """Field number → value of a Protobuf message: numbers and bytes, the last of each."""
    found = {}
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        tag = varint()
        if tag & 7 == 0:
            found[tag >> 3] = varint()
        elif tag & 7 == 2:
            size = varint()
            found[tag >> 3] = message[at : at + size]
            at += size
        else:
            raise ValueError(f"wire type {tag & 7}")
    return found


LABEL = 5


def secrets_of(path, passphrase):
    """The secrets of a key file (Ed25519 seed, X25519 keys, key of what lies at rest), those that it has."""
    return [value for number, value in opened(path, passphrase).items() if value and number != LABEL]


def opened(path, passphrase):
    """What lies sealed in a key file, by the fields' numbers."""
    sodium = ctypes.CDLL("libsodium.so.23")
    if sodium.sodium_init() < 0:
        raise OSError("libsodium does not start")
    file = fields(path.read_bytes())
    secrets = file[7]
    if 4 in file:
        key = ctypes.create_string_buffer(32)
        word = passphrase.encode()
        made = sodium.crypto_pwhash(key, ctypes.c_ulonglong(32), word, ctypes.c_ulonglong(len(word)), file[4],
                                    ctypes.c_ulonglong(file[5]), ctypes.c_size_t(file[6] * 1024), ARGON2ID13)  # fmt: skip
        place = b"chibo/key/v0/" + file[2]
        plain = ctypes.create_string_buffer(len(secrets) - 40)
        opened = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
            plain, None, None, secrets[24:], ctypes.c_ulonglong(len(secrets) - 24), place,
            ctypes.c_ulonglong(len(place)), secrets[:24], key,
        )  # fmt: skip
        if made != 0 or opened != 0:
            raise ValueError(f"{path} does not open")
        secrets = plain.raw
    return fields(secrets)
