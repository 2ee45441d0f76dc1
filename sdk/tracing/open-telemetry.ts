import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context, Link, Span as OtelSpan, SpanContext } from '@opentelemetry/api';
import {
  isSpanContextValid,
  ROOT_CONTEXT,
  SpanKind as OtelKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Span, SpanKind, SpanOptions, Tracer } from './tracer.js';

const KINDS: Readonly<Record<SpanKind, OtelKind>> = {
  server: OtelKind.SERVER,
  client: OtelKind.CLIENT,
  producer: OtelKind.PRODUCER,
  consumer: OtelKind.CONSUMER,
  internal: OtelKind.INTERNAL,
};
const STOP_TIMEOUT_MS = 2_000;
/** https://www.w3.org/TR/trace-context/#traceparent-header */
const TRACEPARENT = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})$/;

/**
 * A tracer by OpenTelemetry. Where it sends, what it samples and how much it keeps back is as the
 * standard variables say; so is the name of the service, which else is `service`.
 */
export function createOpenTelemetry(service: string): Tracer {
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }).merge(
      detectResources({ detectors: [envDetector] }),
    ),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  const tracer = provider.getTracer('threeport');
  const active = new AsyncLocalStorage<OtelSpan>();
  const spans = new WeakMap<Span, OtelSpan>();
  let stopped: Promise<void> | undefined;

  const contextOf = (parent: string | undefined): Context => {
    const remote = parent === undefined ? undefined : parse(parent);
    if (remote !== undefined) return trace.setSpanContext(ROOT_CONTEXT, remote);
    const span = active.getStore();
    return span === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, span);
  };

  return {
    begin({ name, kind, parent, links = [], attributes = {} }: SpanOptions): Span {
      const linked = links.flatMap((link): Link[] => {
        const context = parse(link);
        return context === undefined ? [] : [{ context }];
      });
      const options = { kind: KINDS[kind], attributes, links: linked };
      const otel = tracer.startSpan(name, options, contextOf(parent));
      const span: Span = {
        traceparent: format(otel.spanContext()),
        rename: (better) => void otel.updateName(better),
        set: (more) => void otel.setAttributes(more),
        end(failure) {
          if (failure !== undefined) {
            otel.setAttribute('error.type', failure);
            otel.setStatus({ code: SpanStatusCode.ERROR, message: failure });
          }
          otel.end();
        },
      };
      spans.set(span, otel);
      return span;
    },
    within(span, work) {
      const otel = spans.get(span);
      return otel === undefined ? work() : active.run(otel, work);
    },
    current() {
      const span = active.getStore();
      return span === undefined ? undefined : format(span.spanContext());
    },
    stop() {
      stopped ??= withinTime(provider.shutdown());
      return stopped;
    },
  };
}

function parse(traceparent: string): SpanContext | undefined {
  const [, traceId = '', spanId = '', flags = ''] = TRACEPARENT.exec(traceparent) ?? [];
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(context) ? context : undefined;
}

function format({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/** A collector that is away holds up nobody. */
async function withinTime(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, STOP_TIMEOUT_MS);
  });
  await Promise.race([work.catch(() => undefined), limit]);
  clearTimeout(timer);
}
