import type { StoredApiObject } from '../../sdk/api/object.js';
import type { WorkloadInstanceStatus } from '../../sdk/api/zz_generated.types.js';
import type { Reconciler } from '../../sdk/runtime/reconciler.js';
import { managedNamespaceName } from '../../reconcilers/workload/managed-namespace.js';
import { workloadInstanceReconciler } from '../../reconcilers/workload/workload-instance-reconciler.js';
import { Crash, FakeWorld, type Attempt } from '../../simulation/fakes/fake-world.js';
import { putDefinition, putInstance, putRuntime, webYaml } from './workload-fixtures.js';

const reconciler = workloadInstanceReconciler as Reconciler;

/** The WorkloadInstance `web` of the definition `web` on the runtime `here`, in a world of its own. */
export class InstanceBench {
  readonly world = new FakeWorld();
  readonly instance: StoredApiObject;
  /** Where its manifests go that name no namespace. */
  readonly namespace: string;
  /** All that is in the cluster once it is applied. */
  readonly ours: readonly string[];

  constructor() {
    putRuntime(this.world);
    putDefinition(this.world, webYaml);
    this.instance = putInstance(this.world);
    this.namespace = managedNamespaceName({
      name: this.instance.metadata.name,
      uid: this.instance.metadata.uid,
    });
    this.ours = [
      `ConfigMap ${this.namespace}/settings`,
      `Deployment ${this.namespace}/web`,
      `Namespace /${this.namespace}`,
      `Service ${this.namespace}/web`,
    ];
  }

  get status(): WorkloadInstanceStatus {
    return this.stored?.status as WorkloadInstanceStatus;
  }

  /** The instance as it is now; undefined once it is gone. */
  get stored(): StoredApiObject | undefined {
    return this.world.api.get('WorkloadInstance', 'web');
  }

  attempt(): Promise<Attempt | undefined> {
    return this.world.attempt(reconciler, this.instance);
  }

  settle(): Promise<void> {
    return this.world.settle(reconciler, this.instance);
  }

  /** One attempt that dies right after so many writes; false when it makes fewer. */
  async crashes(crashAfterWrites: number): Promise<boolean> {
    try {
      await this.world.attempt(reconciler, this.instance, { crashAfterWrites });
      return false;
    } catch (error) {
      if (error instanceof Crash) return true;
      throw error;
    }
  }

  askDelete(): Promise<void> {
    return this.world.api.delete(reconciler.resource, this.instance);
  }

  /** `status reason: message`. */
  condition(type: string): string {
    const found = this.world.condition(this.instance, type);
    return `${found?.status} ${found?.reason}: ${found?.message}`;
  }
}
