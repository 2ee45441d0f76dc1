import { expect } from 'chai';
import type { KindDefinition } from '../../sdk/api/kind.js';
import { KindRegistry } from '../../sdk/api/registry.js';
import { configMapKind } from '../../sdk/api/zz_generated.kinds.js';
import { joinLines } from './join-lines.js';
import type { CountedRequest } from './request-metrics.js';
import { RequestMetrics } from './request-metrics.js';

function request(kind?: KindDefinition, verb = 'GET'): CountedRequest {
  return kind === undefined
    ? { verb, subresource: '', scope: '' }
    : { verb, kind, subresource: '', scope: 'resource' };
}

describe('request metrics', () => {
  it('count by verb, resource and code, and put times into cumulative buckets', async () => {
    const metrics = new RequestMetrics(new KindRegistry([configMapKind]));
    metrics.observe(request(configMapKind), 200, 0.001);
    metrics.observe(request(configMapKind), 200, 0.03);
    metrics.observe(request(configMapKind), 404, 100);
    const labels =
      'verb="GET",version="v1",resource="configmaps",scope="resource",component="apiserver"';
    const text = await joinLines(metrics.lines());
    const lines = text.split('\n');
    expect(lines).to.include(`apiserver_request_total{${labels},code="200"} 2`);
    expect(lines).to.include(`apiserver_request_total{${labels},code="404"} 1`);
    const bucket = `apiserver_request_duration_seconds_bucket{${labels}`;
    expect(lines).to.include(`${bucket},le="0.005"} 1`);
    expect(lines).to.include(`${bucket},le="0.025"} 1`);
    expect(lines).to.include(`${bucket},le="0.05"} 2`);
    expect(lines).to.include(`${bucket},le="60"} 2`);
    expect(lines).to.include(`${bucket},le="+Inf"} 3`);
    expect(lines).to.include(`apiserver_request_duration_seconds_count{${labels}} 3`);
    expect(text).to.match(/^# TYPE apiserver_request_duration_seconds histogram$/m);
  });

  it('have as many series as there are verbs, whatever methods clients make up', async () => {
    const metrics = new RequestMetrics(new KindRegistry([configMapKind]));
    for (let i = 0; i < 100; i++) metrics.observe(request(undefined, `M${i}`), 405, 0.001);
    const text = await joinLines(metrics.lines());
    expect(text).to.include(
      'apiserver_request_total{verb="other",component="apiserver",code="405"}',
    );
    expect(text.match(/^apiserver_request_total\{/gm)).to.have.length(1);
  });

  it('lose the series of a kind that is gone', async () => {
    const registry = new KindRegistry([configMapKind]);
    const metrics = new RequestMetrics(registry);
    metrics.observe(request(configMapKind), 200, 0.001);
    metrics.watchOpened(configMapKind);
    registry.remove('configmaps');
    expect(await joinLines(metrics.lines())).not.to.include('configmaps');
  });

  it('cost less than 10 µs a request', () => {
    const metrics = new RequestMetrics(new KindRegistry([configMapKind]));
    const count = 100_000;
    const took = Array.from({ length: 3 }, () => {
      const startedMs = performance.now();
      for (let i = 0; i < count; i++) metrics.observe(request(configMapKind), 200, 0.004);
      return ((performance.now() - startedMs) / count) * 1_000;
    });
    expect(Math.min(...took), 'µs').to.be.lessThan(10);
  });
});
