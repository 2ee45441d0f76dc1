import { ApiError } from '../../sdk/api/errors.js';
import type { ObjectStore } from '../../server/store/object-store.js';

/** A way to a store of which the log cannot be read for a while; all else goes on. */
export interface AwayStore {
  readonly store: ObjectStore;
  isAway: boolean;
}

export function awayStore(inner: ObjectStore): AwayStore {
  const away: AwayStore = {
    isAway: false,
    store: new Proxy(inner, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        if (name === 'revisionsAfter' && away.isAway) {
          return () => Promise.reject(new ApiError('ServiceUnavailable', 'the log is away'));
        }
        return member.bind(target) as unknown;
      },
    }),
  };
  return away;
}
