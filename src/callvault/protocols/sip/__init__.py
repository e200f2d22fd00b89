"""SIP as a user agent server needs it (RFC 3261): messages, transactions, dialogs, and the agent that ties them.

What lives here: everything between the bytes of a transport and the events that a recorder acts on.  What does not:
SDP, recording metadata, RTP, and any socket; the reading side of a call client shares nothing with this package.
The law of the ground applies: time is an argument everywhere, in seconds of whatever monotonic clock the caller keeps.
"""
