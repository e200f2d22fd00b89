"""Where everything is put together and listens: settings, construction, HTTP.

Law: ``build`` alone constructs, ``http`` alone knows the web protocol's framework (ASGI), ``settings`` alone reads the
environment.
"""
