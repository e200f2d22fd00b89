"""signalwire 1 and 2, which speak TLS whatever they are told."""

import os

import certifi

# This machine trusts the private CA; the client's HTTP library asks certifi, and not the environment, whom to trust.
certifi.where = lambda: os.environ["REQUESTS_CA_BUNDLE"]

from signalwire.rest import Client

from laml import talk


def open_client(credentials):
    return Client(credentials["project_id"], credentials["token"], signalwire_space_url=credentials["space_url"])


talk(open_client)
