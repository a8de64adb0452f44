// CloudEvents' own SDK publishes in both modes and as a batch, and reads what comes back. Arguments: the address of a topic's messages, files with events (JSON).
const fs = require('node:fs');
const assert = require('node:assert');
const { CloudEvent, HTTP } = require('cloudevents');

const url = process.argv[2];

async function send(message) {
  const answer = await fetch(url, { method: 'POST', headers: message.headers, body: message.body });
  assert.strictEqual(answer.status, 200, await answer.text());
}

// What the node tells of a message beside the event is not the event's.
function eventOf({ partition, offset, appendedAt, headers, ...event }) {
  return HTTP.toEvent({ headers: { 'content-type': 'application/cloudevents+json' }, body: JSON.stringify(event) });
}

async function main() {
  const sent = [];
  process.argv.slice(3).forEach((file, at) => {
    const given = JSON.parse(fs.readFileSync(file, 'utf8'));
    sent.push(new CloudEvent({ ...given, id: `${at}-structured` }));
    // In binary mode the SDK sends a text that is JSON without its quotes: that is no JSON.
    if (typeof given.data !== 'string' || !(given.datacontenttype ?? 'application/json').startsWith('application/json')) {
      sent.push(new CloudEvent({ ...given, id: `${at}-binary` }));
    }
  });
  const own = { source: '/sdk', type: 'org.example.made', subject: 'order 1', partitionkey: 'k', datacontenttype: 'application/json', data: { text: 'grüß', n: [1, null, true] } };
  sent.push(new CloudEvent({ ...own, id: 'own-structured' }), new CloudEvent({ ...own, id: 'own-binary', time: '2026-01-31T12:00:00.000Z' }));
  for (const event of sent) {
    await send(event.id.endsWith('structured') ? HTTP.structured(event) : HTTP.binary(event));
  }

  const batch = [1, 2, 3].map((n) => new CloudEvent({ ...own, id: `batch-${n}` }));
  await send({ headers: { 'content-type': 'application/cloudevents-batch+json' }, body: JSON.stringify(batch) });
  const page = await (await fetch(`${url}?partition=0&offset=0&limit=1000`)).json();
  const read = new Map(page.messages.map((one) => [one.id, eventOf(one)]));
  for (const event of [...sent, ...batch]) {
    const back = read.get(event.id);
    assert.ok(back, event.id);
    for (const [name, value] of Object.entries(event.toJSON()).filter(([, value]) => value !== undefined)) {
      if (name === 'time') {
        assert.strictEqual(new Date(back.time).getTime(), new Date(value).getTime(), event.id);
      } else {
        assert.deepStrictEqual(back[name], value, `${event.id}: ${name}`);
      }
    }
  }

  assert.strictEqual(read.size, sent.length + batch.length);
  console.log(`${process.argv.length - 3} given`);
}

main().then(() => console.log('ok'), (error) => { console.error(error); process.exitCode = 1; });
