import { expect } from 'chai';

import { ApiError } from '../sdk/api/errors.js';
import type { KubeRequest, KubeResponse } from '../sdk/kube/kube-transport.js';
import type { KubeResource } from '../sdk/ports/kube-port.js';
import { eventually } from '../test/support/eventually.js';
import { KindStream } from './kind-stream.js';

const RESOURCE: KubeResource = {
  apiVersion: 'example.com/v1',
  kind: 'Database',
  plural: 'databases',
  namespaced: true,
};

describe('KindStream', () => {
  let found: () => Promise<KubeResource | undefined>;
  let answer: () => KubeResponse;
  let requests: KubeRequest[];
  let abort: AbortController;
  let running: Promise<void>;

  beforeEach(() => {
    found = () => Promise.resolve(RESOURCE);
    answer = () => ({
      statusCode: 200,
      body: {
        metadata: { resourceVersion: '1' },
        items: [{ metadata: { name: 'a', namespace: 'shop', resourceVersion: '1' } }],
      },
    });
    requests = [];
    abort = new AbortController();
  });

  afterEach(async () => {
    abort.abort();
    await running;
  });

  function start(metadataOnly = false): KindStream<string> {
    const stream = new KindStream<string>({
      ...RESOURCE,
      select: { labelSelector: 'a=b', metadataOnly },
      discovery: { resource: () => found() },
      transport: {
        request: (request) => {
          requests.push(request);
          return Promise.resolve(answer());
        },
        async *stream(_path, { signal }) {
          await new Promise((_, reject) => signal.addEventListener('abort', reject));
          yield {};
        },
      },
      keep: ({ metadata }) => metadata.name,
      onChange: () => undefined,
      onState: () => undefined,
      unknownKindRetryMs: 5,
    });
    running = stream.run(abort.signal);
    return stream;
  }

  it('reads a kind that the cluster has', async () => {
    const stream = start();
    expect(stream.state.phase).to.equal('pending');
    await eventually('the list', () => stream.state.phase === 'synced');
    expect(stream.get('shop/a')).to.equal('a');
    expect(requests[0]?.path).to.equal(
      '/apis/example.com/v1/databases?labelSelector=a%3Db&limit=500',
    );
  });

  it('asks for metadata alone where the rest is nobody’s business', async () => {
    const stream = start(true);
    await eventually('the list', () => stream.state.phase === 'synced');
    expect(requests[0]?.accept).to.match(/^application\/json;as=PartialObjectMetadataList;/);
  });

  it('waits for a kind that the cluster does not have yet', async () => {
    found = () => Promise.resolve(undefined);
    const stream = start();
    await eventually('the answer', () => stream.state.phase === 'unreadable');
    expect(stream.state.message).to.equal('the cluster has no kind Database in example.com/v1');
    found = () => Promise.resolve(RESOURCE);
    await eventually('the kind', () => stream.state.phase === 'synced');
  });

  it('says why a kind cannot be read, which is not the same as a cluster that is away', async () => {
    answer = () => ({ statusCode: 403, body: { reason: 'Forbidden', message: 'you may not' } });
    const stream = start();
    await eventually('the refusal', () => stream.state.phase === 'unreadable');
    expect(stream.state).to.deep.equal({
      phase: 'unreadable',
      message: 'the agent cannot read Database: you may not',
    });
  });

  it('says since when the cluster is away', async () => {
    found = () => Promise.reject(new ApiError('ServiceUnavailable', 'away'));
    const stream = start();
    const sinceMs = await eventually('the failure', () => stream.state.unreachableSinceMs);
    expect(sinceMs).to.be.at.most(performance.now());
    expect(stream.state.phase).to.equal('pending');
  });
});
