"""AMR and AMR-WB as RTP carries them, unpacked into the frames that decoders take.

Sources: RFC 4867, sections 4.3 (bandwidth-efficient), 4.4 (octet-aligned) and 5.3 (storage frames).  Interleaving, CRC
and robust sorting are not read: nobody was seen to offer them to a recorder.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

NARROW_BITS: Mapping[int, int] = {0: 95, 1: 103, 2: 118, 3: 134, 4: 148, 5: 159, 6: 204, 7: 244, 8: 39, 15: 0}
WIDE_BITS: Mapping[int, int] = {
    0: 132, 1: 177, 2: 253, 3: 285, 4: 317, 5: 365, 6: 397, 7: 461, 8: 477, 9: 40, 14: 0, 15: 0,
}  # fmt: skip
"""Speech bits of each frame type."""


def frames(payload: bytes, *, wide: bool, aligned: bool) -> Iterator[bytes]:
    """The storage frames of a payload: an octet with type and quality, then the speech bits, filled up to octets.

    Whatever is cut short or of an unknown type ends them.
    """
    bits = WIDE_BITS if wide else NARROW_BITS
    whole = int.from_bytes(payload)
    length = 8 * len(payload)
    at = 8 if aligned else 4  # behind the codec mode request
    kinds: list[tuple[int, int]] = []
    step = 8 if aligned else 6
    follows = True
    while follows:
        if at + step > length:
            return
        entry = whole >> length - at - step & (1 << step) - 1
        entry >>= 2 if aligned else 0
        follows = bool(entry & 0x20)
        kinds.append((entry >> 1 & 0x0F, entry & 1))
        at += step
    for kind, quality in kinds:
        count = bits.get(kind)
        if count is None or at + count > length:
            return
        octets = (count + 7) // 8
        speech = (whole >> length - at - count & (1 << count) - 1) << 8 * octets - count
        yield bytes([kind << 3 | quality << 2]) + speech.to_bytes(octets)
        at += 8 * octets if aligned else count
