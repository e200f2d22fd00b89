// npm telnyx: its recordings vocabulary, and that of its TeXML mirror.
"use strict";

const Telnyx = require("telnyx");
const { converse, fetched } = require("./conversing.cjs");

function open(credentials) {
  return new Telnyx({ apiKey: credentials.api_key, baseURL: credentials.base_url, maxRetries: 0 });
}

async function all(pages) {
  const items = [];
  for await (const item of pages) items.push(item);
  return items;
}

const written = (item) => [
  item.id,
  item.recording_id,
  item.status,
  item.transcription_text,
  item.duration_millis,
];
const sids = (answer) => answer.recordings.map((item) => item.sid);

const deeds = {
  async list(credentials, given) {
    return (await all(open(credentials).recordings.list(given))).map((item) => item.id);
  },
  async count(credentials) {
    const { meta } = await open(credentials).recordings.list({ page_size: 2 });
    return [meta.page_number, meta.page_size, meta.total_pages, meta.total_results];
  },
  async get(credentials, { recording }) {
    const one = (await open(credentials).recordings.retrieve(recording)).data;
    return {
      id: one.id,
      record_type: one.record_type,
      call_control_id: one.call_control_id,
      call_leg_id: one.call_leg_id,
      call_session_id: one.call_session_id,
      conference_id: one.conference_id,
      connection_id: one.connection_id,
      from: one.from,
      to: one.to,
      channels: one.channels,
      source: one.source,
      initiated_by: one.initiated_by,
      status: one.status,
      duration_millis: one.duration_millis,
      recording_started_at: one.recording_started_at,
      recording_ended_at: one.recording_ended_at,
      created_at: one.created_at,
    };
  },
  async listed(credentials, { recording }) {
    const item = (await all(open(credentials).recordings.list())).find((one) => one.id === recording);
    return [item.status, item.channels, item.duration_millis];
  },
  async download(credentials, { recording, form }) {
    const one = (await open(credentials).recordings.retrieve(recording)).data;
    return (await fetched(one.download_urls[form])).hex;
  },
  async delete(credentials, { recording }) {
    return (await open(credentials).recordings.delete(recording)).data.id;
  },
  async delete_several(credentials, { recordings }) {
    return (await open(credentials).recordings.actions.delete({ ids: recordings })).status;
  },
  async transcriptions(credentials, given) {
    return (await all(open(credentials).recordingTranscriptions.list(given))).map(written);
  },
  async transcription(credentials, { transcription }) {
    return written((await open(credentials).recordingTranscriptions.retrieve(transcription)).data);
  },
  async delete_transcription(credentials, { transcription }) {
    return (await open(credentials).recordingTranscriptions.delete(transcription)).data.id;
  },
  // verb: start, stop, pause or resume
  async call_command(credentials, { call, verb, ...given }) {
    const { actions } = open(credentials).calls;
    return (await actions[`${verb}Recording`](call, given)).data.result;
  },
  async conference_command(credentials, { conference, verb, ...given }) {
    const { actions } = open(credentials).conferences;
    const method = `record${verb[0].toUpperCase()}${verb.slice(1)}`;
    return (await actions[method](conference, given)).data.result;
  },
  async texml_start(credentials, { call, ...given }) {
    const names = {
      recording_channels: "RecordingChannels",
      recording_track: "RecordingTrack",
      recording_status_callback: "RecordingStatusCallback",
      recording_status_callback_event: "RecordingStatusCallbackEvent",
      send_recording_url: "SendRecordingUrl",
    };
    const said = { account_sid: credentials.account_sid };
    for (const [name, value] of Object.entries(given)) said[names[name]] = value;
    const one = await open(credentials).texml.accounts.calls.recordingsJson.recordingsJson(call, said);
    return [one.call_sid, one.channels, one.track, one.source];
  },
  async texml_update(credentials, { call, recording, status }) {
    const said = { account_sid: credentials.account_sid, call_sid: call, Status: status };
    return (await open(credentials).texml.accounts.calls.recordings.recordingSidJson(recording, said)).sid;
  },
  async texml_statuses(credentials, { call }) {
    const of = { account_sid: credentials.account_sid };
    const answer = await open(credentials).texml.accounts.calls.recordingsJson.retrieveRecordingsJson(call, of);
    return Object.fromEntries(answer.recordings.map((item) => [item.sid, item.status]));
  },
  async texml_list(credentials, { date_created, page, page_size }) {
    const asked = JSON.parse(JSON.stringify({ DateCreated: date_created, Page: page, PageSize: page_size }));
    return sids(await open(credentials).texml.accounts.retrieveRecordingsJson(credentials.account_sid, asked));
  },
  async texml_list_call(credentials, { call }) {
    const of = { account_sid: credentials.account_sid };
    return sids(await open(credentials).texml.accounts.calls.recordingsJson.retrieveRecordingsJson(call, of));
  },
  async texml_list_conference(credentials, { conference }) {
    const of = { account_sid: credentials.account_sid };
    const conferences = open(credentials).texml.accounts.conferences;
    return [
      sids(await conferences.retrieveRecordingsJson(conference, of)),
      sids(await conferences.retrieveRecordings(conference, of)),
    ];
  },
  async texml_get(credentials, { recording }) {
    const of = { account_sid: credentials.account_sid };
    const one = await open(credentials).texml.accounts.recordings.json.retrieveRecordingSidJson(recording, of);
    return [one.sid, one.call_sid, one.channels, one.duration, one.status, one.source];
  },
  async texml_delete(credentials, { recording }) {
    const of = { account_sid: credentials.account_sid };
    await open(credentials).texml.accounts.recordings.json.deleteRecordingSidJson(recording, of);
  },
};

converse(deeds, (error) => {
  if (!(error instanceof Telnyx.APIError)) return null;
  const first = error.error && error.error.errors ? error.error.errors[0] : {};
  return { type: error.constructor.name, status: error.status, code: first.code === undefined ? null : first.code };
});
