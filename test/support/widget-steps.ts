import type { ApiObject } from '../../sdk/api/object.js';
import { applyWidget, updateWidget, widget } from './widget-fixture.js';

/** One write of a sequence that a test runs. */
export interface WidgetStep {
  /** 'apply' merges `body`; 'update' is a PUT of it (metadata kept from live). */
  verb: 'apply' | 'force' | 'update' | 'status';
  manager: string;
  body: ApiObject;
}

/** An apply that must not conflict. */
export const apply = (manager: string, spec: unknown, metadata: object = {}): WidgetStep => ({
  verb: 'apply',
  manager,
  body: widget(spec, { metadata }),
});

/** An apply that takes what conflicts. */
export const force = (manager: string, spec: unknown): WidgetStep => ({
  verb: 'force',
  manager,
  body: widget(spec),
});

/** A PUT of the object, or of its status where one is given. */
export const update = (manager: string, spec: unknown, status?: unknown): WidgetStep => ({
  verb: status === undefined ? 'update' : 'status',
  manager,
  body: widget(spec, { status }),
});

/** Runs the steps from nothing, the n-th at `timeOf(n)`, and gives the object they leave. */
export function runSteps(steps: readonly WidgetStep[]): ApiObject {
  let live: ApiObject | undefined;
  for (const [step, { verb, manager, body }] of steps.entries()) {
    live =
      verb === 'update' || verb === 'status'
        ? updateWidget({
            live,
            updated: live === undefined ? body : { ...body, metadata: live.metadata },
            manager,
            step,
            ...(verb === 'status' && { subresource: 'status' }),
          })
        : applyWidget({ live, applied: body, manager, force: verb === 'force', step });
  }
  if (live === undefined) throw new Error('a sequence needs a step');
  return live;
}
