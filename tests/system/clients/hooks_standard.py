"""standardwebhooks: its check of our own webhooks."""

import datetime

import standardwebhooks.webhooks as checking
from conversing import converse
from standardwebhooks import Webhook, WebhookVerificationError


class Later(datetime.datetime):
    """A clock that is fast."""

    by_s = 0

    @classmethod
    def now(cls, tz=None):
        return datetime.datetime.now(tz) + datetime.timedelta(seconds=cls.by_s)


checking.datetime = Later


def unwrap(credentials, body, headers, later_s=0):
    Later.by_s = later_s
    try:
        event = Webhook(credentials["webhook_secret"]).verify(body, headers)
    except WebhookVerificationError as error:
        return {"refused": str(error)}
    return {"event": event["type"], "recording": event["data"]["id"]}


converse({"unwrap": unwrap}, (), str)
