// The recordings vocabulary of Twilio's JavaScript client, and of SignalWire's, which is made of it.
"use strict";

const { converse, fetched, instant } = require("./conversing.cjs");

const NAMES = {
  call_sid: "callSid",
  conference_sid: "conferenceSid",
  include_soft_deleted: "includeSoftDeleted",
  page_size: "pageSize",
  limit: "limit",
  date_created: "dateCreated",
  date_created_before: "dateCreatedBefore",
  date_created_after: "dateCreatedAfter",
};

const STARTING = {
  recording_channels: "recordingChannels",
  recording_track: "recordingTrack",
  recording_status_callback: "recordingStatusCallback",
  recording_status_callback_event: "recordingStatusCallbackEvent",
  trim: "trim",
};

const underWay = (one) => [one.sid, one.status, one.channels, one.duration, one.source];

// Where recordings are looked for: the account, a call or a conference.
function scope(client, { call, conference }) {
  if (call !== undefined) return client.calls(call).recordings;
  return conference === undefined ? client.recordings : client.conferences(conference).recordings;
}

function transcriptionsOf(client, recording) {
  return recording === undefined ? client.transcriptions : client.recordings(recording).transcriptions;
}

const written = (item) => [item.recordingSid, item.status, item.transcriptionText];
const sids = (items) => items.map((item) => item.sid);

function moment(text) {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? text : time; // the client passes on what is no time
}

// open: a client for credentials
function talk(open) {
  const deeds = {
    async list(credentials, { call, conference, ...filters }) {
      const given = {};
      for (const [name, value] of Object.entries(filters)) {
        given[NAMES[name]] = name.startsWith("date_") ? moment(value) : value;
      }
      return sids(await scope(open(credentials), { call, conference }).list(given));
    },
    // each page's sids, forwards to the end and back again
    async pages(credentials, { page_size }) {
      let page = await open(credentials).recordings.page({ pageSize: page_size });
      let last;
      const walked = [];
      while (page !== undefined) {
        walked.push(sids(page.instances));
        last = page;
        page = await page.nextPage();
      }
      page = await last.previousPage();
      while (page !== undefined) {
        walked.push(sids(page.instances));
        page = await page.previousPage();
      }
      return walked;
    },
    async get(credentials, { recording, ...outer }) {
      const one = await scope(open(credentials), outer)(recording).fetch();
      return {
        sid: one.sid,
        account_sid: one.accountSid,
        call_sid: one.callSid,
        conference_sid: one.conferenceSid,
        api_version: one.apiVersion,
        channels: one.channels,
        duration: one.duration,
        source: one.source,
        status: one.status,
        price: one.price,
        error_code: one.errorCode,
        start_time: instant(one.startTime),
        date_created: instant(one.dateCreated),
        date_updated: instant(one.dateUpdated) !== null,
        uri: one.uri,
      };
    },
    async start(credentials, { call, ...given }) {
      const said = {};
      for (const [name, value] of Object.entries(given)) said[STARTING[name]] = value;
      return underWay(await open(credentials).calls(call).recordings.create(said));
    },
    async update(credentials, { recording, call, conference, status, pause_behavior }) {
      const said = pause_behavior === undefined ? { status } : { status, pauseBehavior: pause_behavior };
      return underWay(await scope(open(credentials), { call, conference })(recording).update(said));
    },
    async delete(credentials, { recording, ...outer }) {
      return await scope(open(credentials), outer)(recording).remove();
    },
    async transcriptions(credentials, { recording, page_size }) {
      const given = page_size === undefined ? {} : { pageSize: page_size };
      return (await transcriptionsOf(open(credentials), recording).list(given)).map(written);
    },
    // by its sid, or the first of a list
    async transcription(credentials, { recording, sid }) {
      const found = transcriptionsOf(open(credentials), recording);
      return written(await found(sid || (await found.list())[0].sid).fetch());
    },
    async delete_transcription(credentials, { recording, sid }) {
      const found = transcriptionsOf(open(credentials), recording);
      return await found(sid || (await found.list())[0].sid).remove();
    },
    async status_of_deleted(credentials, { recording }) {
      return (await open(credentials).recordings(recording).fetch({ includeSoftDeleted: true })).status;
    },
    async media_url(credentials, { recording }) {
      return (await open(credentials).recordings(recording).fetch()).mediaUrl;
    },
    // as an app does it: the client has no download
    async fetch(credentials, { url }) {
      const reply = await fetched(url);
      if (reply.status !== 200) throw new Error(`${reply.status} for ${url}`);
      return reply.hex;
    },
    async status(credentials, { url }) {
      return (await fetched(url)).status;
    },
  };
  return converse(deeds, (error) => {
    if (typeof error.status !== "number") return null;
    return { type: error.constructor.name, status: error.status, code: error.code };
  });
}

module.exports = { talk };
