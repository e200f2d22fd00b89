"""Listening in: what lies in a take's two growing files becomes sound, about a second behind the call.

The finisher's own readers, plan and strokes are used, with less time for second thoughts; nothing is ever written, so
whoever listens changes nothing of what is recorded.  What does not live here: who may listen (``vault.listening``).
"""
