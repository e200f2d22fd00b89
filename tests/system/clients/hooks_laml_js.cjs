// npm twilio and @signalwire/compatibility-api: their check of status callbacks.
"use strict";

const { converse } = require("./conversing.cjs");

function client() {
  try {
    return require("twilio");
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
    return require("@signalwire/compatibility-api").RestClient;
  }
}

const vendor = client();

const deeds = {
  validate(credentials, { key, url, body, signature }) {
    const fields = Object.fromEntries(new URLSearchParams(body));
    if (!vendor.validateRequest(credentials[key], signature, url, fields)) return { refused: "it is not valid" };
    return { status: fields.RecordingStatus || null, recording: fields.RecordingSid || null };
  },
};

converse(deeds, () => null);
