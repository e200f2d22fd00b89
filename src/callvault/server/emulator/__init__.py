"""The server as a stand-in for the vendors, in tests of other people's apps: a cast from a file, a clock, faults.

What lives here: the seed file, the audio that it asks for, the clock, the stage that moves recordings through their
statuses, the faults, and the routes that steer all of it.  What does not: any vendor's words.  The dialects and the
vault are the ones that everybody gets; a server that emulates nothing never imports this package.
"""
