"""kazoo-sdk 0.2.4 in an app that adds the recordings, which the client has not, in the client's own way."""

import csv
import io

import kazoo
import requests
from kazoo.exceptions import KazooApiAuthenticationError, KazooApiBadDataError, KazooApiError
from kazoo.request_objects import KazooRequest
from kazoo.rest_resources import RestResource

from conversing import converse


class Client(kazoo.Client):
    _recordings = RestResource("recording", "/accounts/{account_id}/recordings/{recording_id}")
    _users_recordings = RestResource(
        "users_recording", "/accounts/{account_id}/users/{user_id}/recordings/{recording_id}"
    )

    _channels = RestResource("channel", "/accounts/{account_id}/channels/{channel_id}")
    _users_channels = RestResource("users_channel", "/accounts/{account_id}/users/{user_id}/channels/{channel_id}")

    def run_metaflow(self, account_id, channel_id, flow):
        """A PUT that names its object, for which the client has no resource."""
        request = KazooRequest("/accounts/{account_id}/channels/{channel_id}", method="put")
        return self._execute_request(request, account_id=account_id, channel_id=channel_id, data=flow)

    def search_recordings(self, account_id, parameters):
        """As the client's own ``list_devices_by_owner``."""
        request = KazooRequest("/accounts/{account_id}/recordings", get_params=parameters)
        return self._execute_request(request, account_id=account_id)


def open_client(credentials):
    if "username" in credentials:
        who = {name: credentials[name] for name in ("username", "password", "account_name")}
    else:
        who = {"api_key": credentials["api_key"]}
    client = Client(base_url=credentials["base_url"], **who)
    client.authenticate()
    return client


def ids(answer):
    assert answer["status"] == "success"
    assert answer["page_size"] == len(answer["data"])
    return [item["id"] for item in answer["data"]]


def log_in(credentials):
    client = open_client(credentials)
    identity = client.auth_data["data"]
    return [identity["account_id"], identity["account_name"], identity.get("owner_id")]


def list_(credentials):
    return ids(open_client(credentials).get_recordings(credentials["account_id"]))


def list_old_version(credentials):
    """``/v1``, which is in the client's default base."""
    base_url = credentials["base_url"].removesuffix("/v2") + "/v1"
    return list_({**credentials, "base_url": base_url})


def list_user(credentials, user):
    return ids(open_client(credentials).get_users_recordings(credentials["account_id"], user))


def search(credentials, **parameters):
    return ids(open_client(credentials).search_recordings(credentials["account_id"], parameters))


def unpaged(credentials):
    answer = open_client(credentials).search_recordings(credentials["account_id"], {"paginate": "false"})
    assert not {"page_size", "start_key", "next_start_key"} & set(answer)
    return [item["id"] for item in answer["data"]]


def pages(credentials, **parameters):
    """As Kazoo's web client does it: until there is no next key, or it is the one we began with."""
    client, walked = open_client(credentials), []
    while True:
        answer = client.search_recordings(credentials["account_id"], parameters)
        walked.append(ids(answer))
        following = answer.get("next_start_key")
        if following is None or following == answer["start_key"]:
            return walked
        parameters["start_key"] = following


def get(credentials, recording):
    one = open_client(credentials).get_recording(credentials["account_id"], recording)["data"]
    names = "id call_id caller_id_number callee_id_number direction duration duration_ms start content_type media_type"
    return {name: one.get(name) for name in names.split()}


def kinds(credentials, recording):
    listed = open_client(credentials).get_recordings(credentials["account_id"])["data"]
    return [item["_read_only"]["content_types"] for item in listed if item["id"] == recording]


def delete(credentials, recording):
    answer = open_client(credentials).delete_recording(credentials["account_id"], recording)
    return [answer["data"]["id"], answer["data"]["_read_only"]["deleted"]]


def delete_tunnelled(credentials, recording):
    """A POST, with the verb in its URL; what the client sends is what it calls an update."""
    client = open_client(credentials)
    request = KazooRequest(
        "/accounts/{account_id}/recordings/{recording_id}", method="post", get_params={"verb": "delete"}
    )
    answer = client._execute_request(request, account_id=credentials["account_id"], recording_id=recording)
    return answer["data"]["id"]


def download(credentials, recording):
    """As an app does it: the client takes every answer for JSON."""
    client = open_client(credentials)
    url = f"{client.base_url}/accounts/{credentials['account_id']}/recordings/{recording}"
    reply = requests.get(url, headers={"X-Auth-Token": client.auth_token, "Accept": "audio/mpeg"}, timeout=20)
    reply.raise_for_status()
    return reply.content.hex()


def download_by_query(credentials, recording):
    client = open_client(credentials)
    url = f"{client.base_url}/accounts/{credentials['account_id']}/recordings/{recording}"
    asked = {"accept": "audio/mpeg", "auth_token": client.auth_token, "inline": "true"}
    reply = requests.get(url, params=asked, timeout=20)
    reply.raise_for_status()
    assert reply.headers["content-disposition"].startswith("inline")
    return reply.content.hex()


def url_of(client, credentials, recording=""):
    path = f"/accounts/{credentials['account_id']}/recordings"
    return f"{client.base_url}{path}/{recording}" if recording else client.base_url + path


def piece(credentials, recording, first, last):
    client = open_client(credentials)
    asked = {"X-Auth-Token": client.auth_token, "Accept": "audio/*", "Range": f"bytes={first}-{last}"}
    reply = requests.get(url_of(client, credentials, recording), headers=asked, timeout=20)
    assert reply.status_code == 206, reply.status_code
    return len(reply.content)


def again(credentials, recording):
    """Document and audio, by the entity tags that they came with."""
    client, statuses = open_client(credentials), []
    for form in ("application/json", "audio/mpeg"):
        asked = {"X-Auth-Token": client.auth_token, "Accept": form}
        url = url_of(client, credentials, recording)
        tag = requests.get(url, headers=asked, timeout=20).headers["etag"]
        statuses.append(requests.get(url, headers={**asked, "If-None-Match": tag}, timeout=20).status_code)
    return statuses


def table(credentials):
    client = open_client(credentials)
    asked = {"X-Auth-Token": client.auth_token, "Accept": "text/csv"}
    reply = requests.get(url_of(client, credentials), headers=asked, timeout=20)
    return [row["id"] for row in csv.DictReader(io.StringIO(reply.text, newline=""))]


def change(credentials, recording, **data):
    """A POST, with the verb in its URL: the client knows no PATCH."""
    client = open_client(credentials)
    request = KazooRequest(
        "/accounts/{account_id}/recordings/{recording_id}", method="post", get_params={"verb": "patch"}
    )
    asked = {"account_id": credentials["account_id"], "recording_id": recording, "data": data}
    return client._execute_request(request, **asked)["data"]


def keep(credentials, recording, metadata):
    assert change(credentials, recording, user_metadata=metadata)["id"] == recording


def rename(credentials, recording, name):
    change(credentials, recording, name=name)


def kept(credentials, recording):
    return open_client(credentials).get_recording(credentials["account_id"], recording)["data"].get("user_metadata")


def list_with_a_stale_token(credentials):
    """On 401 the client logs in again, and asks again."""
    client = open_client(credentials)
    client.auth_token = "0" * 32
    return ids(client.get_recordings(credentials["account_id"]))


def list_with_a_stale_token_and_no_key(credentials):
    client = open_client(credentials)
    client.auth_token, client.auth_request.password = "0" * 32, "no"
    return ids(client.get_recordings(credentials["account_id"]))


def channels(credentials):
    return [line["uuid"] for line in open_client(credentials).get_channels(credentials["account_id"])["data"]]


def channels_of(credentials, user):
    answer = open_client(credentials).get_users_channels(credentials["account_id"], user)
    return [line["uuid"] for line in answer["data"]]


def being_recorded(credentials, channel):
    told = open_client(credentials).get_channel(credentials["account_id"], channel)["data"]
    return len(told["custom_channel_vars"].get("media_recordings", []))


def metaflow(credentials, channel, **parameters):
    """The client wraps what it sends in ``data``, so the action stands in there."""
    flow = {"action": "metaflow", "module": "record_call", "data": parameters}
    return open_client(credentials).run_metaflow(credentials["account_id"], channel, flow)["data"]


def nested(credentials, channel, **parameters):
    """As the documentation's example has it."""
    flow = {"action": "metaflow", "data": {"module": "record_call", "data": parameters}}
    return open_client(credentials).run_metaflow(credentials["account_id"], channel, flow)["data"]


def act(credentials, channel, action):
    client = open_client(credentials)
    return client.update_channel(credentials["account_id"], channel, {"action": action})["data"]


def settle_account(credentials, recording):
    client, account = open_client(credentials), credentials["account_id"]
    changed = client.update_account(account, {"call_recording": recording})["data"]
    assert client.get_account(account)["data"] == changed
    return changed["call_recording"]


def settle_user(credentials, user, recording):
    client, account = open_client(credentials), credentials["account_id"]
    changed = client.update_user(account, user, {"call_recording": recording})["data"]
    assert client.get_user(account, user)["data"] == changed
    return changed["call_recording"]


def a_device(credentials, device):
    """Made, listed, changed, and gone again."""
    client, account = open_client(credentials), credentials["account_id"]
    made = client.create_device(account, device)["data"]
    assert made["id"] in [each["id"] for each in client.get_devices(account)["data"]]
    client.update_device(account, made["id"], {**device, "name": "Hall"})
    kept = client.get_device(account, made["id"])["data"]
    assert (kept["id"], kept["name"]) == (made["id"], "Hall")
    assert client.delete_device(account, made["id"])["data"]["_read_only"] == {"deleted": True}
    assert client.get_devices(account)["data"] == []
    return kept["call_recording"]


def tell(error):
    if isinstance(error, KazooApiBadDataError):
        return {"fields": error.field_errors}
    if isinstance(error, KazooApiAuthenticationError):
        return {"message": str(error)}
    return {"message": error.args[-1]}


deeds = (
    log_in, list_, list_old_version, list_user, search, unpaged, pages, get, kinds, delete, delete_tunnelled, download,
    download_by_query, piece, again, table, keep, kept, rename, list_with_a_stale_token,
    list_with_a_stale_token_and_no_key, channels, channels_of, being_recorded, metaflow, nested, act, settle_account,
    settle_user, a_device,
)  # fmt: skip
converse(
    {deed.__name__.rstrip("_"): deed for deed in deeds},
    (KazooApiError, KazooApiAuthenticationError, KazooApiBadDataError),
    tell,
)
