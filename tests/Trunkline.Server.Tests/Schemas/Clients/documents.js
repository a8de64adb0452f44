// Reads documents as the tools of AsyncAPI and OpenAPI read them. Arguments: pairs of files, an AsyncAPI document and an OpenAPI document.
const fs = require('node:fs');
const assert = require('node:assert');
const { Parser, DiagnosticSeverity } = require('@asyncapi/parser');
const { AvroSchemaParser } = require('@asyncapi/avro-schema-parser');
const { ProtoBuffSchemaParser } = require('@asyncapi/protobuf-schema-parser');

async function main() {
  const parser = new Parser();
  parser.registerSchemaParser(AvroSchemaParser());
  parser.registerSchemaParser(ProtoBuffSchemaParser());
  const { Validator } = await import('@seriousme/openapi-schema-validator');
  const files = process.argv.slice(2);
  for (let at = 0; at < files.length; at += 2) {
    const { document, diagnostics } = await parser.parse(fs.readFileSync(files[at], 'utf8'));
    const faults = diagnostics.filter((one) => one.severity <= DiagnosticSeverity.Warning).map((one) => `${one.path.join('/')}: ${one.message}`);
    assert.deepStrictEqual(faults, [], files[at]);
    assert.ok(document, files[at]);
    for (const operation of document.operations().all()) {
      assert.ok(operation.channels().all().length === 1 && operation.messages().all().length === 1, operation.id());
    }

    const read = JSON.parse(fs.readFileSync(files[at + 1], 'utf8'));
    const verdict = await new Validator().validate(read);
    assert.ok(verdict.valid, JSON.stringify(verdict.errors));
    console.log(`${document.channels().all().length} channels, ${document.operations().all().length} operations, ${Object.keys(read.paths).length} paths`);
  }
}

main().then(() => console.log('ok'), (error) => { console.error(error); process.exitCode = 1; });
