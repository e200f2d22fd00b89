// npm @signalwire/compatibility-api, which speaks TLS whatever it is told.
"use strict";

const { RestClient } = require("@signalwire/compatibility-api");
const { talk } = require("./laml.cjs");

talk((credentials) =>
  RestClient(credentials.project_id, credentials.token, { signalwireSpaceUrl: credentials.space_url }),
);
