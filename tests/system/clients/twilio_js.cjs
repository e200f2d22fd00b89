// npm twilio.
"use strict";

const twilio = require("twilio");
const { talk } = require("./laml.cjs");

talk((credentials) => {
  const { account_sid: accountSid, auth_token, by_key, api_key_sid, api_key_secret } = credentials;
  const client = by_key ? twilio(api_key_sid, api_key_secret, { accountSid }) : twilio(accountSid, auth_token);
  client.api.baseUrl = credentials.twilio_base_url;
  return client;
});
