import type { Environment } from '../env.js';
import type { Tracer } from './tracer.js';

/**
 * The tracer that the standard variables of OpenTelemetry ask for; undefined when they name no
 * endpoint (OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT), or switch it off
 * (OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER=none). Then nothing of OpenTelemetry is loaded.
 */
export async function loadTracer(env: Environment, service: string): Promise<Tracer | undefined> {
  const endpoint =
    (env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ?? '') || env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  const isOff =
    env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true' || env['OTEL_TRACES_EXPORTER'] === 'none';
  if (isOff || endpoint === undefined || endpoint === '') return undefined;
  const { createOpenTelemetry } = await import('./open-telemetry.js');
  return createOpenTelemetry(service);
}
