// Pact's JavaScript library writes pacts of versions 2 to 4, HTTP and messages, beside one of version 1; a Trunkline node keeps them, and the library's verifier has them from it and publishes the results.
// usage: node pact-library.js BROKER FOLDER; the pacts stay in FOLDER.
const assert = require('node:assert');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { PactV2, PactV3, PactV4, MatchersV3, Matchers, MessageConsumerPact, asynchronousBodyHandler, MessageProviderPact, providerWithMetadata, Verifier } = require('@pact-foundation/pact');

const url = process.argv[2];
const folder = process.argv[3];
const quiet = { dir: folder, logLevel: 'error', provider: 'mails' };

async function get(base, at) {
  const response = await fetch(base + at);
  return response.json();
}

async function consumers() {
  // The library writes version 1 no more; its verifier still reads it.
  const request = { method: 'GET', path: '/mails/7' };
  fs.writeFileSync(path.join(folder, 'one-mails.json'), JSON.stringify({
    consumer: { name: 'one' }, provider: { name: 'mails' }, metadata: { pactSpecification: { version: '1.0.0' } },
    interactions: [{ description: 'a mail', providerState: 'mail 7 is there', request, response: { status: 200, body: { id: 7 } } }],
  }));

  const two = new PactV2({ ...quiet, consumer: 'two', spec: 2 });
  await two.setup();
  await two.addInteraction({ state: 'mail 7 is there', uponReceiving: 'a mail', withRequest: request, willRespondWith: { status: 200, body: { id: Matchers.like(1) } } });
  await get(two.mockService.baseUrl, request.path);
  await two.verify();
  await two.finalize();

  const three = new PactV3({ ...quiet, consumer: 'three' });
  three.given('mail 7 is there', { id: 7 }).uponReceiving('a mail of a state')
    .withRequest({ method: 'GET', path: MatchersV3.fromProviderState('/mails/${id}', '/mails/1') })
    .willRespondWith({ status: 200, body: { id: MatchersV3.integer(1), subject: MatchersV3.string('x') } });
  await three.executeTest(mock => get(mock.url, '/mails/1'));

  const four = new PactV4({ ...quiet, consumer: 'four' });
  await four.addInteraction().given('mail 7 is there').uponReceiving('mails').withRequest('GET', '/mails')
    .willRespondWith(200, builder => builder.jsonBody(MatchersV3.eachLike({ id: MatchersV3.integer(1) })))
    .executeTest(mock => get(mock.url, '/mails'));

  const message = new MessageConsumerPact({ ...quiet, provider: 'events', consumer: 'three' });
  await message.given('mail 7 is there').expectsToReceive('a mail came').withContent({ id: Matchers.like(1) }).withMetadata({ kind: 'mail' })
    .verify(asynchronousBodyHandler(async body => assert.ok(body.id)));

  await new PactV4({ ...quiet, provider: 'events', consumer: 'four' }).addAsynchronousInteraction().given('mail 7 is there')
    .expectsToReceive('a mail came', builder => builder.withJSONContent({ id: MatchersV3.integer(1) }).withMetadata({ kind: 'mail' }))
    .executeTest(async message => assert.ok(message.contents));
}

async function publish() {
  for (const file of fs.readdirSync(folder)) {
    const content = fs.readFileSync(path.join(folder, file));
    const pact = JSON.parse(content);
    const response = await fetch(url + '/contracts/publish', {
      method: 'POST', headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        pacticipantName: pact.consumer.name, pacticipantVersionNumber: '1', branch: 'main',
        contracts: [{ consumerName: pact.consumer.name, providerName: pact.provider.name, specification: 'pact', contentType: 'application/json', content: content.toString('base64') }],
      }),
    });
    assert.equal(response.status, 200, await response.text());
  }
}

async function main() {
  await consumers();
  await publish();
  let states = 0;
  const provider = http.createServer((request, response) => {
    const found = request.url === '/mails' ? [{ id: 7, subject: 'Hello' }] : request.url === '/mails/7' ? { id: 7, subject: 'Hello' } : null;
    response.writeHead(found ? 200 : 404, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(found));
  });
  await new Promise(resolve => provider.listen(0, '127.0.0.1', resolve));
  const common = {
    pactBrokerUrl: url, providerVersion: '7', providerVersionBranch: 'main', publishVerificationResult: true, logLevel: 'error',
    consumerVersionSelectors: [{ mainBranch: true }, { deployedOrReleased: true }, { matchingBranch: true }, { branch: 'feature', fallbackBranch: 'main' }, { latest: true }],
    enablePending: true, includeWipPactsSince: '2020-01-01',
    stateHandlers: { 'mail 7 is there': async () => { states++; return { id: 7 }; } },
  };
  await new Verifier({ ...common, provider: 'mails', providerBaseUrl: `http://127.0.0.1:${provider.address().port}` }).verifyProvider();
  await new MessageProviderPact({ ...common, provider: 'events', messageProviders: { 'a mail came': providerWithMetadata(async () => ({ id: 7 }), { kind: 'mail' }) } }).verify();
  assert.ok(states >= 5, `states were set ${states} times`);
  for (const [name, pacts] of [['mails', ['four', 'one', 'three', 'two']], ['events', ['four', 'three']]]) {
    const matrix = await get(url, `/matrix?q[][pacticipant]=${name}&q[][version]=7&latestby=cvpv`);
    assert.deepEqual(matrix.matrix.map(row => [row.consumer.name, row.verificationResult.success]).sort(), pacts.map(one => [one, true]));
    assert.ok(matrix.summary.deployable, matrix.summary.reason);
  }
  provider.close();
  console.log('ok');
}

main().catch(failure => {
  console.error(failure);
  process.exitCode = 1;
}).finally(() => setTimeout(() => process.exit(), 100));
