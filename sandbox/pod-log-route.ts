import type { ExtraRoute } from '../server/api-server.js';
import { ApiError } from '../sdk/api/errors.js';
import type { ClusterCache } from './cluster-cache.js';
import type { ContainerStatus, Pod } from './kubernetes-types.js';

/** Where the route is to be mounted. */
export const POD_LOG_PATH = '/api/v1/namespaces/:namespace/pods/:name/log';

/**
 * `kubectl logs`: a few lines that say what the simulated container did. `tailLines`, `previous`,
 * `timestamps` and `container` are honoured; with `follow` the answer ends after what there is.
 */
export function createPodLogHandler(cache: Pick<ClusterCache, 'get'>): ExtraRoute['handler'] {
  return (request, response) => {
    const { namespace = '', name = '' } = request.params as Record<string, string>;
    const pod = cache.get<Pod>('pods', namespace, name);
    if (pod === undefined) {
      throw new ApiError('NotFound', `pods "${name}" not found`, {
        details: { name, kind: 'pods' },
      });
    }
    const query = new URL(request.url, 'http://sandbox').searchParams;
    const lines = podLogLines(
      pod,
      query.get('container') ?? undefined,
      query.get('previous') === 'true',
    );
    const stamped = lines.map(({ time, text }) =>
      query.get('timestamps') === 'true' ? `${time} ${text}` : text,
    );
    const tail = query.get('tailLines');
    const shown =
      tail === null ? stamped : stamped.slice(stamped.length - Math.max(0, Number(tail)));
    response.type('text/plain').send(shown.map((line) => `${line}\n`).join(''));
  };
}

interface LogLine {
  readonly time: string;
  readonly text: string;
}

/**
 * What one container of a pod has said so far.
 *
 * @throws ApiError BadRequest when the container has to be named, is unknown or has not started.
 */
export function podLogLines(pod: Pod, container: string | undefined, previous: boolean): LogLine[] {
  const { name } = pod.metadata;
  const names = (pod.spec?.containers ?? []).map((item) => item.name ?? '');
  const wanted = container ?? (names.length === 1 ? names[0] : undefined);
  if (wanted === undefined) {
    const list = names.join(' ');
    throw new ApiError(
      'BadRequest',
      `a container name must be specified for pod ${name}, choose one of: [${list}]`,
    );
  }
  if (!names.includes(wanted)) {
    throw new ApiError('BadRequest', `container ${wanted} is not valid for pod ${name}`);
  }
  const status = pod.status?.containerStatuses?.find((item) => item.name === wanted);
  const waiting = status?.state.waiting?.reason;
  if (
    status === undefined ||
    (waiting !== undefined && status.lastState.terminated === undefined)
  ) {
    const why =
      waiting === undefined
        ? 'is waiting to start'
        : `is waiting to start: ${reasonText(waiting, status)}`;
    throw new ApiError('BadRequest', `container "${wanted}" in pod "${name}" ${why}`);
  }
  if (previous && status.lastState.terminated === undefined) {
    throw new ApiError(
      'BadRequest',
      `previous terminated container "${wanted}" in pod "${name}" not found`,
    );
  }
  return linesOf(status, previous);
}

function reasonText(reason: string, status: ContainerStatus | undefined): string {
  return reason.includes('ImagePull')
    ? 'trying and failing to pull image'
    : (status?.state.waiting?.message ?? reason);
}

function linesOf(status: ContainerStatus, previous: boolean): LogLine[] {
  const { name, image, state, lastState } = status;
  const ended = previous
    ? lastState.terminated
    : (state.terminated ?? (state.running === undefined ? lastState.terminated : undefined));
  const startedAt = ended?.startedAt ?? state.running?.startedAt ?? '';
  const lines = [
    { time: startedAt, text: `sandbox: container ${name} started from image ${image}` },
  ];
  if (status.ready) lines.push({ time: startedAt, text: `sandbox: container ${name} is ready` });
  if (ended !== undefined) {
    const text = `sandbox: container ${name} ended with exit code ${ended.exitCode} (${ended.reason})`;
    lines.push({ time: ended.finishedAt, text });
  }
  return lines;
}
