"""Frames: what travels on the wire between a board and the host."""

FLAG = 0x7E
ESCAPE = 0x7D


class BadFrame(Exception):
    """A frame that is too short, or whose checksum is wrong."""


def crc16(data):
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0x8408 if crc & 1 else crc >> 1
    return crc ^ 0xFFFF


def pack(payload):
    body = bytes([len(payload)]) + payload
    body += crc16(body).to_bytes(2, "little")
    out = bytearray([FLAG])
    for byte in body:
        if byte in (FLAG, ESCAPE):
            out += bytes([ESCAPE, byte ^ 0x20])
        else:
            out.append(byte)
    return bytes(out)


def unpack(body):
    """Checks an unescaped body and gives the payload."""
    if len(body) < 3:
        raise BadFrame("short frame")
    if crc16(body[:-2]) != int.from_bytes(body[-2:], "little"):
        raise BadFrame("bad checksum")
    return body[1:-2]


def frames(stream):
    """Gives the bodies of all frames in a stream of bytes."""
    body = None
    escaped = False
    for byte in iter(lambda: stream.read(1), b""):
        value = byte[0]
        if value == FLAG:
            if body:
                yield bytes(body)
            body = bytearray()
        elif body is None:
            continue
        elif value == ESCAPE:
            escaped = True
        else:
            body.append(value ^ 0x20 if escaped else value)
            escaped = False
    if body:
        yield bytes(body)
