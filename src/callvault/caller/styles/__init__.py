"""How each vendor's recording client phrases one and the same call: a file for each, and a table of them all.

What lives here: text.  Requests' heads, session descriptions and metadata, with every habit that has been seen of real
clients, the bad ones above all.  What does not live here: sockets, timers, what is said when (``callvault.caller``).
Nothing here reads what others wrote, and nothing here knows the server.
"""
