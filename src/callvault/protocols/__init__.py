"""The wire protocols of telephony, without wires: bytes in, values out, and what to send as bytes again.

What lives here: SIP, SDP, recording metadata, RTP and RTCP, and the forms in which a capture is kept in its spool.
What does not: sockets, files, clocks; ``capture`` has those.  The law: whatever bytes come, a parser answers with
values or raises ``ProtocolError``, and nothing else; ``now`` is an argument.
"""
