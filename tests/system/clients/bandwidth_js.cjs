// npm bandwidth-sdk: its recordings vocabulary.
"use strict";

const { Bxml, CallsApi, ConferencesApi, Configuration, RecordingsApi } = require("bandwidth-sdk");
const { converse, instant } = require("./conversing.cjs");

function open(credentials, Api = RecordingsApi) {
  return new Api(
    new Configuration({
      basePath: credentials.base_url,
      username: credentials.username,
      password: credentials.password,
    }),
  );
}

const ids = (items) => items.map((item) => item.recordingId);

const deeds = {
  async list(credentials, given) {
    const { to, from, minStartTime, maxStartTime } = given;
    const account = credentials.account_id;
    const api = open(credentials);
    return ids((await api.listAccountCallRecordings(account, to, from, minStartTime, maxStartTime)).data);
  },
  async list_call(credentials, given) {
    return ids((await open(credentials).listCallRecordings(credentials.account_id, given.call)).data);
  },
  async get(credentials, given) {
    const one = (await open(credentials).getCallRecording(credentials.account_id, given.call, given.recording)).data;
    return {
      accountId: one.accountId,
      callId: one.callId,
      parentCallId: one.parentCallId,
      recordingId: one.recordingId,
      from: one.from,
      to: one.to,
      direction: one.direction,
      channels: one.channels,
      duration: one.duration,
      startTime: instant(one.startTime),
      endTime: instant(one.endTime),
      fileFormat: one.fileFormat,
      status: one.status,
      mediaUrl: one.mediaUrl,
      transcription: one.transcription ? one.transcription.status : null,
    };
  },
  async download(credentials, given) {
    // the client itself does not ask its HTTP library for bytes; its last argument is there for that
    const options = { responseType: "arraybuffer" };
    const api = open(credentials);
    const reply = await api.downloadCallRecording(credentials.account_id, given.call, given.recording, options);
    return Buffer.from(reply.data).toString("hex");
  },
  async delete(credentials, given) {
    await open(credentials).deleteRecording(credentials.account_id, given.call, given.recording);
  },
  async transcribe(credentials, given) {
    const { call, recording } = given;
    const wanted = { callbackTimeout: 20, tag: "order 7" };
    await open(credentials).transcribeCallRecording(credentials.account_id, call, recording, wanted);
  },
  async delete_transcript(credentials, given) {
    await open(credentials).deleteRecordingTranscription(credentials.account_id, given.call, given.recording);
  },
  async delete_media(credentials, given) {
    await open(credentials).deleteRecordingMedia(credentials.account_id, given.call, given.recording);
  },
  async status(credentials, given) {
    const one = (await open(credentials).getCallRecording(credentials.account_id, given.call, given.recording)).data;
    return [one.status, one.mediaUrl, one.transcription ? one.transcription.status : null];
  },
  async transcript(credentials, given) {
    const api = open(credentials);
    const reply = await api.getRecordingTranscription(credentials.account_id, given.call, given.recording);
    return reply.data.transcripts.map((one) => [one.text, one.confidence]);
  },
  async set_state(credentials, given) {
    const { call, state } = given;
    await open(credentials).updateCallRecordingState(credentials.account_id, call, { state });
  },
  async push(credentials, given) {
    const { call, verb, attributes } = given;
    const document = new Bxml.Bxml(new Bxml[verb](attributes)).toBxml();
    await open(credentials, CallsApi).updateCallBxml(credentials.account_id, call, document);
  },
  async list_conference(credentials, given) {
    const api = open(credentials, ConferencesApi);
    const items = (await api.listConferenceRecordings(credentials.account_id, given.conference)).data;
    return items.map((item) => [item.conferenceId, item.name, item.recordingId]);
  },
  async get_conference(credentials, given) {
    const api = open(credentials, ConferencesApi);
    const one = (await api.getConferenceRecording(credentials.account_id, given.conference, given.recording)).data;
    return {
      recordingId: one.recordingId,
      duration: one.duration,
      channels: one.channels,
      startTime: instant(one.startTime),
      fileFormat: one.fileFormat,
      status: one.status,
      mediaUrl: one.mediaUrl,
    };
  },
  async download_conference(credentials, given) {
    const options = { responseType: "arraybuffer" };
    const api = open(credentials, ConferencesApi);
    const { conference, recording } = given;
    const reply = await api.downloadConferenceRecording(credentials.account_id, conference, recording, options);
    return Buffer.from(reply.data).toString("hex");
  },
};

converse(deeds, (error) => {
  if (error.name !== "AxiosError" || !error.response) return null;
  let body = error.response.data;
  if (body instanceof Buffer || body instanceof ArrayBuffer) body = JSON.parse(Buffer.from(body).toString("utf8"));
  return { type: error.name, status: error.response.status, error: body.type };
});
