// npm telnyx: its check of webhooks.
"use strict";

const Telnyx = require("telnyx");
const { converse, later } = require("./conversing.cjs");

const deeds = {
  async unwrap(credentials, { body, headers, later_s }) {
    const client = new Telnyx({ apiKey: credentials.api_key, publicKey: credentials.public_key });
    return later(later_s || 0, async () => {
      try {
        const event = await client.webhooks.unwrap(body, { headers });
        return { event: event.data.event_type, recording: event.data.payload.recording_id || null };
      } catch (error) {
        if (error.name !== "TelnyxWebhookVerificationError") throw error;
        return { refused: error.message };
      }
    });
  },
};

converse(deeds, () => null);
