"""The processes of live capture, put together: what each is handed, and how it is started.

What lives here: a file for each process's entry.  What does not: what they do (``callvault.capture``).
"""
