const KUBE_VERSION = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/;

const STABILITY = { alpha: 0, beta: 1, stable: 2 } as const;

/**
 * Kubernetes' order of versions, the preferred one first: `v10`, `v2`, `v1`, `v2beta1`, `v1beta2`,
 * `v1alpha1`; then what is no such version, by name. For `Array.sort`.
 */
export function compareVersions(left: string, right: string): number {
  const a = KUBE_VERSION.exec(left);
  const b = KUBE_VERSION.exec(right);
  if (a === null || b === null) {
    if (a === null && b === null) return left < right ? -1 : left > right ? 1 : 0;
    return a === null ? 1 : -1;
  }
  return stabilityOf(b) - stabilityOf(a) || Number(b[1]) - Number(a[1]) || minorOf(b) - minorOf(a);
}

function stabilityOf(match: RegExpExecArray): number {
  return STABILITY[(match[2] ?? 'stable') as keyof typeof STABILITY];
}

function minorOf(match: RegExpExecArray): number {
  return Number(match[3] ?? 0);
}
