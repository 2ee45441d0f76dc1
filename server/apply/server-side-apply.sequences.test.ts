import { expect } from 'chai';
import { ownersOf } from '../../test/support/widget-fixture.js';
import {
  apply,
  force,
  runSteps,
  update,
  type WidgetStep,
} from '../../test/support/widget-steps.js';

const ITEM_I = 'k:{"name":"i"}';
const ITEM_J = 'k:{"name":"j"}';

describe('applyServerSide, sequences', () => {
  const sequences: {
    name: string;
    reason: string;
    given: WidgetStep[];
    want: { spec: unknown; owners: Record<string, unknown>; status?: unknown };
  }[] = [
    {
      name: 'create',
      reason: 'named fields that hold others are not members, list items and atomic values are',
      given: [
        apply('a', {
          replicas: 1,
          struct: { a: '1' },
          map: { k: 'v' },
          atomicMap: { x: 1 },
          atomicList: ['q'],
          tags: ['t'],
          items: [{ name: 'i', value: 1 }],
          ports: [{ port: 80 }],
          free: { deep: { er: [1] }, empty: {} },
        }),
      ],
      want: {
        spec: {
          replicas: 1,
          struct: { a: '1' },
          map: { k: 'v' },
          atomicMap: { x: 1 },
          atomicList: ['q'],
          tags: ['t'],
          items: [{ name: 'i', value: 1 }],
          ports: [{ port: 80 }],
          free: { deep: { er: [1] }, empty: {} },
        },
        owners: {
          'a Apply': {
            'f:spec': {
              'f:replicas': {},
              'f:struct': { 'f:a': {} },
              'f:map': { 'f:k': {} },
              'f:atomicMap': {},
              'f:atomicList': {},
              'f:tags': { 'v:"t"': {} },
              'f:items': { [ITEM_I]: { '.': {}, 'f:name': {}, 'f:value': {} } },
              'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } },
              'f:free': { 'f:deep': { '.': {}, 'f:er': {} }, 'f:empty': {} },
            },
          },
        },
      },
    },
    {
      name: 'shared field',
      reason: 'the same value from two managers is no conflict and stays until both leave it out',
      given: [
        apply('a', { replicas: 1, image: 'x' }),
        apply('b', { replicas: 1 }),
        apply('a', { image: 'x' }),
      ],
      want: {
        spec: { replicas: 1, image: 'x' },
        owners: {
          'a Apply': { 'f:spec': { 'f:image': {} } },
          'b Apply': { 'f:spec': { 'f:replicas': {} } },
        },
      },
    },
    {
      name: 'force',
      reason: 'the field changes hands, the other manager keeps the rest',
      given: [apply('a', { replicas: 1, image: 'x' }), force('b', { replicas: 2 })],
      want: {
        spec: { replicas: 2, image: 'x' },
        owners: {
          'a Apply': { 'f:spec': { 'f:image': {} } },
          'b Apply': { 'f:spec': { 'f:replicas': {} } },
        },
      },
    },
    {
      name: 'removal',
      reason: 'what only this manager owned goes, with the struct and list that held it',
      given: [
        apply('a', { replicas: 1, struct: { a: '1' }, items: [{ name: 'i' }], tags: ['t'] }),
        apply('a', { replicas: 1 }),
      ],
      want: { spec: { replicas: 1 }, owners: { 'a Apply': { 'f:spec': { 'f:replicas': {} } } } },
    },
    {
      name: 'removal keeps what others set beside it',
      reason: 'an Update owns a sibling in the same struct and map',
      given: [
        apply('a', { replicas: 1, struct: { a: '1' }, map: { k: '1' } }),
        update('u', { replicas: 1, struct: { a: '1', b: '2' }, map: { k: '1', m: '2' } }),
        apply('a', { replicas: 1 }),
      ],
      want: {
        spec: { replicas: 1, struct: { b: '2' }, map: { m: '2' } },
        owners: {
          'a Apply': { 'f:spec': { 'f:replicas': {} } },
          'u Update': { 'f:spec': { 'f:struct': { 'f:b': {} }, 'f:map': { 'f:m': {} } } },
        },
      },
    },
    {
      name: 'removal of a list item takes what an Update set in it',
      reason: 'the item belongs to whom has its key; half an item is of no use',
      given: [
        apply('a', { items: [{ name: 'i', value: 1 }, { name: 'j' }] }),
        update('u', { items: [{ name: 'i', value: 1, note: 'n' }, { name: 'j' }] }),
        apply('a', { items: [{ name: 'j' }] }),
      ],
      want: {
        spec: { items: [{ name: 'j' }] },
        owners: {
          'a Apply': { 'f:spec': { 'f:items': { [ITEM_J]: { '.': {}, 'f:name': {} } } } },
        },
      },
    },
    {
      name: 'list items of two managers',
      reason: 'each owns its item; the shared item has fields of both',
      given: [
        apply('a', { items: [{ name: 'i', value: 1 }] }),
        apply('b', {
          items: [
            { name: 'i', note: 'n' },
            { name: 'j', value: 2 },
          ],
        }),
      ],
      want: {
        spec: {
          items: [
            { name: 'i', value: 1, note: 'n' },
            { name: 'j', value: 2 },
          ],
        },
        owners: {
          'a Apply': {
            'f:spec': { 'f:items': { [ITEM_I]: { '.': {}, 'f:name': {}, 'f:value': {} } } },
          },
          'b Apply': {
            'f:spec': {
              'f:items': {
                [ITEM_I]: { '.': {}, 'f:name': {}, 'f:note': {} },
                [ITEM_J]: { '.': {}, 'f:name': {}, 'f:value': {} },
              },
            },
          },
        },
      },
    },
    {
      name: 'the key default tells list items apart',
      reason: 'a port without protocol is the TCP one',
      given: [
        apply('a', {
          ports: [
            { port: 80, protocol: 'TCP', name: 'web' },
            { port: 80, protocol: 'UDP' },
          ],
        }),
        apply('b', { ports: [{ port: 80, name: 'web' }] }),
      ],
      want: {
        spec: {
          ports: [
            { port: 80, protocol: 'TCP', name: 'web' },
            { port: 80, protocol: 'UDP' },
          ],
        },
        owners: {
          'a Apply': {
            'f:spec': {
              'f:ports': {
                'k:{"port":80,"protocol":"TCP"}': {
                  '.': {},
                  'f:name': {},
                  'f:port': {},
                  'f:protocol': {},
                },
                'k:{"port":80,"protocol":"UDP"}': { '.': {}, 'f:port': {}, 'f:protocol': {} },
              },
            },
          },
          'b Apply': {
            'f:spec': {
              'f:ports': {
                'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:name': {}, 'f:port': {} },
              },
            },
          },
        },
      },
    },
    {
      name: 'set items',
      reason: 'each value has its owners; a value goes when its last owner leaves it out',
      given: [
        apply('a', { tags: ['p', 'q'] }),
        apply('b', { tags: ['q', 'r'] }),
        apply('a', { tags: ['s'] }),
      ],
      want: {
        spec: { tags: ['q', 'r', 's'] },
        owners: {
          'a Apply': { 'f:spec': { 'f:tags': { 'v:"s"': {} } } },
          'b Apply': { 'f:spec': { 'f:tags': { 'v:"q"': {}, 'v:"r"': {} } } },
        },
      },
    },
    {
      name: 'the applied order wins',
      reason: 'items of others stay beside their neighbours',
      given: [apply('a', { tags: ['1', '2', '3'] }), apply('b', { tags: ['3', '9', '1'] })],
      want: {
        spec: { tags: ['2', '3', '9', '1'] },
        owners: {
          'a Apply': { 'f:spec': { 'f:tags': { 'v:"1"': {}, 'v:"2"': {}, 'v:"3"': {} } } },
          'b Apply': { 'f:spec': { 'f:tags': { 'v:"1"': {}, 'v:"3"': {}, 'v:"9"': {} } } },
        },
      },
    },
    {
      name: 'atomic map and list',
      reason: 'they are replaced as a whole',
      given: [
        apply('a', { atomicMap: { x: 1, y: 2 }, atomicList: ['a', 'b'] }),
        apply('a', { atomicMap: { x: 1 }, atomicList: ['c'] }),
      ],
      want: {
        spec: { atomicMap: { x: 1 }, atomicList: ['c'] },
        owners: { 'a Apply': { 'f:spec': { 'f:atomicMap': {}, 'f:atomicList': {} } } },
      },
    },
    {
      name: 'status through its subresource',
      reason: 'it has an entry of its own, which an apply of the spec leaves alone',
      given: [
        apply('a', { replicas: 1 }),
        update('a', { replicas: 1 }, { phase: 'Up' }),
        apply('a', { replicas: 2 }),
      ],
      want: {
        spec: { replicas: 2 },
        status: { phase: 'Up' },
        owners: {
          'a Apply': { 'f:spec': { 'f:replicas': {} } },
          'a Update status': { 'f:status': { '.': {}, 'f:phase': {} } },
        },
      },
    },
    {
      name: 'null over contents',
      reason: 'null does not empty a map or list that others fill',
      given: [apply('a', { map: { k: 'v' }, replicas: 1 }), apply('b', { map: null, image: 'x' })],
      want: {
        spec: { map: { k: 'v' }, replicas: 1, image: 'x' },
        owners: {
          'a Apply': { 'f:spec': { 'f:map': { 'f:k': {} }, 'f:replicas': {} } },
          'b Apply': { 'f:spec': { 'f:image': {}, 'f:map': {} } },
        },
      },
    },
  ];
  for (const { name, reason, given, want } of sequences) {
    it(`${name}: ${reason}`, () => {
      const got = runSteps(given);
      expect(got.spec).to.deep.equal(want.spec);
      expect(got.status).to.deep.equal(want.status);
      expect(ownersOf(got)).to.deep.equal(want.owners);
    });
  }
});
