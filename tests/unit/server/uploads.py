"""What is uploaded by tests of the ASGI layer, where, and with which key."""

from __future__ import annotations

from tests.world import TOKEN, tone_of_silence

KEY = [("Authorization", f"Bearer {TOKEN}")]
RECORDINGS = "/callvault/v1/recordings"
WAV = tone_of_silence(1, 4000)
PIECE = 4096
