"""Recording metadata (RFC 7865): read in every vendor's spelling, and kept as the history of a call.

What lives here: ``application/rs-metadata`` and ``application/rs-metadata+xml``.  What does not: session descriptions
(``protocols.sdp``), and the recording session that puts both together (``capture.siprec``).
"""
