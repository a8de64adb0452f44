// What services really do with the registry: register, look up, write and read messages with both clients, one written by the other too.
const url = process.argv[2];
const assert = require('node:assert');
const { SchemaRegistry, SchemaType } = require('@kafkajs/confluent-schema-registry');
const { SchemaRegistryClient, AvroSerializer, AvroDeserializer, JsonSerializer, JsonDeserializer, ProtobufSerializer, ProtobufDeserializer, SerdeType, Compatibility } = require('@confluentinc/schemaregistry');

const { create, createFileRegistry } = require('@bufbuild/protobuf');
const { FileDescriptorProtoSchema, FieldDescriptorProto_Type: Type, FieldDescriptorProto_Label: Label } = require('@bufbuild/protobuf/wkt');

const mail = JSON.stringify({ type: 'record', name: 'Mail', namespace: 'demo', fields: [{ name: 'id', type: 'string' }, { name: 'size', type: 'int' }] });
const wider = JSON.stringify({ type: 'record', name: 'Mail', namespace: 'demo', fields: [{ name: 'id', type: 'string' }, { name: 'size', type: 'int' }, { name: 'text', type: 'string', default: '' }] });
const broken = JSON.stringify({ type: 'record', name: 'Mail', namespace: 'demo', fields: [{ name: 'id', type: 'int' }] });
const json = JSON.stringify({ type: 'object', properties: { id: { type: 'string' } }, required: ['id'], additionalProperties: false });

async function main() {
  const kafkajs = new SchemaRegistry({ host: url });
  const { id } = await kafkajs.register({ type: SchemaType.AVRO, schema: mail }, { subject: 'mail-value' });
  assert.strictEqual((await kafkajs.register({ type: SchemaType.AVRO, schema: mail }, { subject: 'mail-value' })).id, id);
  assert.strictEqual(await kafkajs.getLatestSchemaId('mail-value'), id);
  const bytes = await kafkajs.encode(id, { id: 'a', size: 7 });
  assert.deepStrictEqual({ ...(await new SchemaRegistry({ host: url }).decode(bytes)) }, { id: 'a', size: 7 });
  await assert.rejects(() => kafkajs.register({ type: SchemaType.AVRO, schema: broken }, { subject: 'mail-value' }), /incompatible/i);
  const jsonId = (await kafkajs.register({ type: SchemaType.JSON, schema: json }, { subject: 'json-value' })).id;
  assert.deepStrictEqual(await kafkajs.decode(await kafkajs.encode(jsonId, { id: 'b' })), { id: 'b' });

  const confluent = new SchemaRegistryClient({ baseURLs: [url] });
  assert.deepStrictEqual(await confluent.getAllSubjects(), ['json-value', 'mail-value']);
  assert.strictEqual(await confluent.register('mail-value', { schemaType: 'AVRO', schema: wider }), jsonId + 1);
  assert.deepStrictEqual(await confluent.getAllVersions('mail-value'), [1, 2]);
  assert.strictEqual((await confluent.getLatestSchemaMetadata('mail-value')).version, 2);
  assert.strictEqual(await confluent.testSubjectCompatibility('mail-value', { schemaType: 'AVRO', schema: broken }), false);
  await confluent.updateCompatibility('mail-value', Compatibility.FULL);
  assert.strictEqual(await confluent.getCompatibility('mail-value'), 'FULL');

  const reader = new AvroDeserializer(confluent, SerdeType.VALUE, {});
  assert.deepStrictEqual({ ...(await reader.deserialize('mail', bytes)) }, { id: 'a', size: 7 });
  const writer = new AvroSerializer(confluent, SerdeType.VALUE, { useLatestVersion: true });
  const written = await writer.serialize('mail', { id: 'c', size: 1, text: 'x' });
  assert.deepStrictEqual({ ...(await kafkajs.decode(written)) }, { id: 'c', size: 1, text: 'x' });

  const jsonWriter = new JsonSerializer(confluent, SerdeType.VALUE, { useLatestVersion: true, validate: true });
  const jsonReader = new JsonDeserializer(confluent, SerdeType.VALUE, {});
  assert.deepStrictEqual(await jsonReader.deserialize('json', await jsonWriter.serialize('json', { id: 'd' })), { id: 'd' });
  await assert.rejects(() => jsonWriter.serialize('json', { id: 5 }));

  await protobuf(confluent);

  assert.deepStrictEqual(await confluent.deleteSubjectVersion('mail-value', 1), 1);
  assert.deepStrictEqual({ ...(await new SchemaRegistry({ host: url }).decode(bytes)) }, { id: 'a', size: 7 });
  assert.deepStrictEqual(await confluent.deleteSubject('mail-value'), [2]);
  assert.deepStrictEqual(await confluent.getAllSubjects(), ['json-value']);
  console.log('ok');
}

// What a compiler makes of .proto files: one that imports the other. The client registers both by itself, and sends them compiled.
function files() {
  const field = (name, number, type, typeName) => ({ name, number, type, typeName, label: Label.OPTIONAL, jsonName: name });
  const address = create(FileDescriptorProtoSchema, { name: 'address.proto', package: 'p', syntax: 'proto3', messageType: [{ name: 'Address', field: [field('mail', 1, Type.STRING)] }] });
  const letter = create(FileDescriptorProtoSchema, {
    name: 'letter.proto', package: 'p', syntax: 'proto3', dependency: ['address.proto'],
    messageType: [{ name: 'Other' }, { name: 'Letter', field: [field('id', 1, Type.STRING), field('from', 2, Type.MESSAGE, '.p.Address')] }],
  });
  return createFileRegistry(letter, name => name === 'address.proto' ? address : undefined);
}

async function protobuf(confluent) {
  const types = files();
  const desc = types.getMessage('p.Letter');
  const writer = new ProtobufSerializer(confluent, SerdeType.VALUE, { autoRegisterSchemas: true });
  writer.registry.add(desc);
  writer.registry.add(types.getMessage('p.Address'));
  const bytes = await writer.serialize('letter', create(desc, { id: 'e', from: { $typeName: 'p.Address', mail: 'a@b' } }));
  const read = await new ProtobufDeserializer(confluent, SerdeType.VALUE, {}).deserialize('letter', bytes);
  assert.strictEqual(read.id + read.from.mail, 'ea@b');
  assert.match((await confluent.getLatestSchemaMetadata('letter-value')).schema, /^syntax = "proto3";\npackage p;/);
  assert.strictEqual(await confluent.testSubjectCompatibility('letter-value', { schemaType: 'PROTOBUF', schema: 'syntax = "proto3"; package p; message Other { } message Letter { int32 id = 1; }' }), false);

  const kafkajs = new SchemaRegistry({ host: url });
  const { id } = await kafkajs.register({ type: SchemaType.PROTOBUF, schema: 'syntax = "proto3"; package q; message Note { string id = 1; int32 size = 2; }' }, { subject: 'note-value' });
  const note = await new SchemaRegistry({ host: url }).decode(await kafkajs.encode(id, { id: 'f', size: 3 }));
  assert.strictEqual(note.id + note.size, 'f3');
  for (const subject of ['letter-value', 'address.proto', 'note-value']) {
    await confluent.deleteSubject(subject);
  }
}

main().catch(failure => {
  console.error(failure);
  process.exit(1);
});
