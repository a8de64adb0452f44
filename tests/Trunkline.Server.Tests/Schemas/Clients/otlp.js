// Sends a trace by each of the three exporters: node otlp.js http://HOST:PORT http://HOST:GRPC
const { trace, SpanKind, context } = require('@opentelemetry/api');
const { BasicTracerProvider, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-base');
const { resourceFromAttributes } = require('@opentelemetry/resources');

const [, , http, grpc] = process.argv;
const kinds = { http: `${http}/v1/traces`, proto: `${http}/v1/traces`, grpc };

async function main() {
  for (const [kind, url] of Object.entries(kinds)) {
    const { OTLPTraceExporter } = require(`@opentelemetry/exporter-trace-otlp-${kind}`);
    let failed;
    const exporter = new OTLPTraceExporter({ url, ...(kind === 'grpc' ? {} : { compression: 'gzip' }) });
    const send = exporter.export.bind(exporter);
    exporter.export = (spans, done) => send(spans, result => { failed ??= result.error; done(result); });
    const provider = new BasicTracerProvider({
      resource: resourceFromAttributes({ 'service.name': `node-${kind}` }),
      spanProcessors: [new SimpleSpanProcessor(exporter)],
    });
    const tracer = provider.getTracer('otlp.js');
    const taken = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', traceFlags: 1 };
    const pay = tracer.startSpan('pay', { kind: SpanKind.CONSUMER, links: [{ context: taken }] });
    const charge = tracer.startSpan('charge', { attributes: { items: 3 } }, trace.setSpan(context.active(), pay));
    charge.end();
    pay.end();
    await provider.forceFlush();
    await provider.shutdown();
    if (failed) throw failed;
  }

  console.log('ok');
}

main().catch(error => { console.error(error); process.exit(1); });
