import { Agent, request } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedError } from './embedded-error.js';

const FIELD_MANAGER = 'tptctl-up';
const REQUEST_TIMEOUT_MS = 10_000;
const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 50;
const GROUP = '/apis/kubernetes.threeport.io/v1alpha1';
const INSTANCE_PATH = `${GROUP}/kubernetesruntimeinstances/sandbox`;

export interface BootstrapOptions {
  /** https URL of Threeport's server. */
  readonly server: string;
  /** The CA's certificate, PEM. */
  readonly ca: string;
  /** The administrator's token. */
  readonly token: string;
  /** The kubeconfig by which the sandbox cluster is reached. */
  readonly sandboxKubeconfig: string;
  readonly signal: AbortSignal;
}

interface Answer {
  readonly statusCode: number;
  readonly body: Record<string, unknown>;
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/**
 * Registers the sandbox as a runtime: a Secret with its kubeconfig, a definition and an instance,
 * by server-side apply. Idempotent; whether it is the default runtime is decided only when the
 * instance is made, so that a person's later choice stays.
 */
export async function registerSandbox(options: BootstrapOptions): Promise<void> {
  await withClient(options, async (call) => {
    await apply(call, '/api/v1/namespaces/threeport-system', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'threeport-system' },
    });
    await apply(call, '/api/v1/namespaces/threeport-system/secrets/sandbox-kubeconfig', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'sandbox-kubeconfig', namespace: 'threeport-system' },
      stringData: { kubeconfig: options.sandboxKubeconfig },
    });
    await apply(call, `${GROUP}/kubernetesruntimedefinitions/sandbox`, {
      apiVersion: 'kubernetes.threeport.io/v1alpha1',
      kind: 'KubernetesRuntimeDefinition',
      metadata: { name: 'sandbox' },
      spec: { provider: 'sandbox' },
    });
    const existing = await call('GET', INSTANCE_PATH);
    const isDefault =
      existing.statusCode === 404 || (existing.body['spec'] as { default?: boolean }).default;
    await apply(call, INSTANCE_PATH, {
      apiVersion: 'kubernetes.threeport.io/v1alpha1',
      kind: 'KubernetesRuntimeInstance',
      metadata: { name: 'sandbox' },
      spec: {
        definition: 'sandbox',
        default: isDefault ?? false,
        kubeconfigSecret: {
          namespace: 'threeport-system',
          name: 'sandbox-kubeconfig',
          key: 'kubeconfig',
        },
      },
    });
  });
}

/**
 * Resolves when the sandbox runtime is Ready and its agent is connected. Rejects after 60 s with
 * what its conditions say.
 */
export async function sandboxReady(options: BootstrapOptions): Promise<void> {
  await withClient(options, async (call) => {
    const deadline = performance.now() + READY_TIMEOUT_MS;
    for (;;) {
      const answer = await call('GET', INSTANCE_PATH).catch((error: unknown): Answer => {
        options.signal.throwIfAborted();
        // The server may be starting again: what counts is the deadline.
        return { statusCode: 503, body: { message: String(error) } };
      });
      const status = answer.body['status'] as { conditions?: Condition[] } | undefined;
      const conditions = status?.conditions ?? [];
      const missing = ['Ready', 'AgentConnected'].filter(
        (type) => conditions.find((condition) => condition.type === type)?.status !== 'True',
      );
      if (answer.statusCode === 200 && missing.length === 0) return;
      if (performance.now() > deadline) throw notReady(missing, conditions);
      await delay(POLL_MS, undefined, { signal: options.signal });
    }
  });
}

function notReady(missing: readonly string[], conditions: readonly Condition[]): EmbeddedError {
  const words = missing.map((type) => {
    const condition = conditions.find((candidate) => candidate.type === type);
    return condition === undefined
      ? `${type} is not set`
      : `${type} is ${condition.status} (${condition.reason ?? 'no reason'}: ${condition.message ?? ''})`;
  });
  return new EmbeddedError(
    `the runtime "sandbox" did not become ready within ${READY_TIMEOUT_MS / 1000} s: ${words.join('; ')}`,
    { remedy: 'look at the logs of reconcilers (Ready) and agent (AgentConnected)' },
  );
}

type Call = (method: string, path: string, body?: unknown) => Promise<Answer>;

async function apply(call: Call, path: string, object: unknown): Promise<void> {
  const query = `?fieldManager=${FIELD_MANAGER}&force=true`;
  const answer = await call('PATCH', path + query, object);
  if (answer.statusCode < 300) return;
  throw new EmbeddedError(
    `the server refused PATCH ${path}: ${answer.statusCode} ${String(answer.body['message'] ?? '')}`,
    { remedy: 'look at the log of server' },
  );
}

async function withClient(
  options: BootstrapOptions,
  use: (call: Call) => Promise<void>,
): Promise<void> {
  const agent = new Agent({ ca: options.ca, keepAlive: true, maxSockets: 1 });
  try {
    await use((method, path, body) => callOnce(options, agent, method, path, body));
  } finally {
    agent.destroy();
  }
}

function callOnce(
  options: BootstrapOptions,
  agent: Agent,
  method: string,
  path: string,
  body: unknown,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void =>
      reject(new EmbeddedError(`${method} ${options.server}${path} failed: ${cause}`, { cause }));
    const outgoing = request(
      new URL(path, options.server),
      {
        method,
        agent,
        signal: AbortSignal.any([options.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
        headers: {
          authorization: `Bearer ${options.token}`,
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': 'application/apply-patch+yaml' }),
        },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', fail);
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ statusCode: incoming.statusCode ?? 0, body: parseBody(text) });
        });
      },
    );
    outgoing.on('error', fail);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function parseBody(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { message: text.slice(0, 200) };
  }
}
