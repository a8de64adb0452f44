// What teams really do with Pact's command line: publish, verify a running provider, record deployments, ask whether they may deploy.
const url = process.argv[2];
const assert = require('node:assert');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { spawn } = require('node:child_process');

const cli = path.join(__dirname, 'node_modules', '@pact-foundation', `pact-cli-${process.platform}-${process.arch}`, 'standalone', 'pact');
const folder = fs.mkdtempSync(path.join(require('node:os').tmpdir(), 'pact-'));

function pact(consumer, status) {
  const file = path.join(folder, `${consumer}-${status}.json`);
  fs.writeFileSync(file, JSON.stringify({
    consumer: { name: consumer }, provider: { name: 'api' }, metadata: { pactSpecification: { version: '2.0.0' } },
    interactions: [{ description: 'a mail', request: { method: 'GET', path: '/mail' }, response: { status, body: { id: 'a' } } }],
  }));
  return file;
}

function run(exit, ...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(cli, args);
    let output = '';
    child.stdout.on('data', data => output += data);
    child.stderr.on('data', data => output += data);
    child.on('error', reject);
    child.on('close', code => code === exit ? resolve(output) : reject(new Error(`${args.join(' ')}: exit ${code}\n${output}`)));
  });
}

const broker = (exit, command, ...args) => run(exit, 'broker', command, ...args, '--broker-base-url', url);

async function main() {
  const provider = http.createServer((_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('{"id":"a"}');
  });
  await new Promise(resolve => provider.listen(0, '127.0.0.1', resolve));
  const port = String(provider.address().port);
  const verify = (exit, version) => run(exit, 'verifier', '--hostname', '127.0.0.1', '--port', port, '--provider-name', 'api', '--broker-url', url,
    '--publish', '--provider-version', version, '--provider-branch', 'main');

  await broker(0, 'publish', pact('web', 200), '--consumer-app-version', '1', '--branch', 'main');
  await broker(0, 'create-environment', '--name', 'prod', '--display-name', 'Production', '--production');
  assert.match(await broker(1, 'can-i-deploy', '--pacticipant', 'web', '--version', '1', '--to-environment', 'prod'), /no version is there/);
  await verify(0, '7');
  await broker(0, 'record-deployment', '--pacticipant', 'api', '--version', '7', '--environment', 'prod');
  assert.match(await broker(0, 'can-i-deploy', '--pacticipant', 'web', '--version', '1', '--to-environment', 'prod'), /successful/);
  await broker(0, 'record-deployment', '--pacticipant', 'web', '--version', '1', '--environment', 'prod');

  await broker(0, 'publish', pact('web', 404), '--consumer-app-version', '2', '--branch', 'main');
  await verify(1, '8');
  assert.match(await broker(1, 'can-i-deploy', '--pacticipant', 'web', '--version', '2', '--to-environment', 'prod'), /no verified pact/);
  assert.match(await broker(1, 'can-i-deploy', '--pacticipant', 'api', '--version', '9', '--to-environment', 'prod'), /no version 9/);
  assert.match(await broker(0, 'list-latest-pact-versions'), /web/);
  assert.match(await broker(0, 'list-environments'), /prod/);
  assert.match(await broker(0, 'describe-version', '--pacticipant', 'web', '--version', '1'), /1/);
  await broker(0, 'create-version-tag', '--pacticipant', 'web', '--version', '1', '--tag', 'gold');
  await broker(0, 'create-or-update-pacticipant', '--name', 'web', '--main-branch', 'main');

  await broker(0, 'publish', pact('app', 200), '--consumer-app-version', '1', '--branch', 'main', '--tag', 'gold', '--merge');
  await broker(1, 'publish', pact('app', 404), '--consumer-app-version', '1', '--branch', 'main', '--merge');
  const hook = JSON.parse(await broker(0, 'create-webhook', `http://127.0.0.1:${port}/`, '--request', 'POST', '--data', '{}', '--description', 'build', '--contract-content-changed'));
  await broker(0, 'test-webhook', '--uuid', hook.uuid);
  provider.close();
  console.log('ok');
}

main().catch(failure => {
  console.error(failure);
  process.exitCode = 1;
}).finally(() => {
  fs.rmSync(folder, { recursive: true });
  setTimeout(() => process.exit(), 100);
});
