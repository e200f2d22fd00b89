// What every JavaScript client's script does: read JSON, do the deeds that it names, print what came of each as JSON.
"use strict";

const fs = require("fs");

// deeds: functions of the credentials and what is given.  tell: an exception of the client's as an object, or null.
async function converse(deeds, tell) {
  const answers = [];
  for (const ask of JSON.parse(fs.readFileSync(0, "utf8"))) {
    try {
      const said = await deeds[ask.deed](ask.credentials, ask.given);
      answers.push({ said: said === undefined ? null : said });
    } catch (error) {
      const told = tell(error);
      if (told === null) {
        console.error(`${ask.deed}: ${error.stack}`);
        process.exit(1);
      }
      answers.push({ refused: told });
    }
  }
  console.log(JSON.stringify(answers));
}

// A time that a client parsed, or text, as ISO 8601 in UTC with milliseconds; null for null.
function instant(moment) {
  return moment === null || moment === undefined ? null : new Date(moment).toISOString();
}

// What a plain GET answers: the status, and the body in hexadecimal.
async function fetched(url) {
  const reply = await fetch(url);
  return { status: reply.status, hex: Buffer.from(await reply.arrayBuffer()).toString("hex") };
}

// Does something as if it were so much later.
async function later(seconds, deed) {
  const now = Date.now;
  Date.now = () => now() + seconds * 1000;
  try {
    return await deed();
  } finally {
    Date.now = now;
  }
}

module.exports = { converse, later, instant, fetched };
