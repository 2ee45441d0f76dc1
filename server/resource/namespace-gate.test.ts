import { expect } from 'chai';
import { isApiError } from '../../sdk/api/errors.js';
import { KindRegistry } from '../../sdk/api/registry.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import type { Revision, StoredObject } from '../store/object-store.js';
import { NamespaceGate } from './namespace-gate.js';

const registry = new KindRegistry(kinds);
const configMaps = registry.resource('configmaps');

function namespace(name: string, metadata: object = {}): StoredObject {
  const json = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata });
  return { resource: 'namespaces', uid: name, namespace: '', name, resourceVersion: 1, json };
}

function entry(type: Revision['type'], object: StoredObject): Revision {
  return { resourceVersion: object.resourceVersion, type, object };
}

describe('NamespaceGate', () => {
  let stored: Map<string, StoredObject>;
  let recalled: StoredObject | undefined;
  let reads: number;
  let whileReading: () => void;
  let gate: NamespaceGate;
  beforeEach(() => {
    stored = new Map([['a', namespace('a')]]);
    recalled = undefined;
    reads = 0;
    whileReading = () => undefined;
    gate = new NamespaceGate({
      registry,
      store: {
        recallNamed: () => recalled,
        async get(_kind, _namespace, name) {
          reads += 1;
          const found = stored.get(name);
          whileReading();
          return found;
        },
      },
    });
  });

  const enter = async (name: string): Promise<string> => {
    const metadata = { name: 'c', namespace: name };
    try {
      await gate.assertOpen(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
      return 'in';
    } catch (error) {
      return isApiError(error) ? error.reason : String(error);
    }
  };
  const end = (name: string): void => {
    const ending = namespace(name, { deletionTimestamp: '2026-01-01T00:00:00Z' });
    stored.set(name, ending);
    gate.observe([entry('MODIFIED', ending)]);
  };

  it('asks once for a namespace while it follows the log', async () => {
    gate.observe([]);
    expect([await enter('a'), await enter('a'), reads]).to.deep.equal(['in', 'in', 1]);
  });

  it('asks each time before it does: nobody would tell it of the end', async () => {
    expect([await enter('a'), await enter('a'), reads]).to.deep.equal(['in', 'in', 2]);
  });

  it('lets nothing in that is told to end', async () => {
    gate.observe([]);
    await enter('a');
    end('a');
    expect(await enter('a')).to.equal('Forbidden');
  });

  it('does not remember what ended while it was read', async () => {
    gate.observe([]);
    whileReading = () => end('a');
    expect(await enter('a')).to.equal('in');
    expect(await enter('a')).to.equal('Forbidden');
  });

  it('believes what this process wrote before what it remembers', async () => {
    gate.observe([]);
    await enter('a');
    recalled = namespace('a', { deletionTimestamp: '2026-01-01T00:00:00Z' });
    expect(await enter('a')).to.equal('Forbidden');
  });

  it('reads a namespace that only mentions an end', async () => {
    recalled = namespace('a', { annotations: { note: '"deletionTimestamp"' } });
    expect(await enter('a')).to.equal('in');
  });

  it('finds nothing in a namespace that is not there', async () => {
    gate.observe([]);
    expect([await enter('b'), await enter('b')]).to.deep.equal(['NotFound', 'NotFound']);
  });

  it('forgets all after a gap in the log', async () => {
    gate.observe([]);
    await enter('a');
    stored.delete('a');
    gate.forgetAll();
    expect(await enter('a')).to.equal('NotFound');
  });
});
