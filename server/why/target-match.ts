/** Kubernetes' short names for what workloads are made of. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  cj: 'cronjob',
  cm: 'configmap',
  crd: 'customresourcedefinition',
  deploy: 'deployment',
  ds: 'daemonset',
  ep: 'endpoints',
  hpa: 'horizontalpodautoscaler',
  ing: 'ingress',
  limits: 'limitrange',
  netpol: 'networkpolicy',
  ns: 'namespace',
  pdb: 'poddisruptionbudget',
  po: 'pod',
  pv: 'persistentvolume',
  pvc: 'persistentvolumeclaim',
  quota: 'resourcequota',
  sa: 'serviceaccount',
  sc: 'storageclass',
  sts: 'statefulset',
  svc: 'service',
};

/**
 * Whether a target (`apps/v1 Deployment default/web`) is of the kind that a word names as people do:
 * `deployment`, `Deployments`, `deploy`, `deployments.apps`. No cluster is asked, so plurals are formed
 * as English forms them.
 */
export function isOfKind(target: string, word: string): boolean {
  const [apiVersion = '', kind = ''] = target.toLowerCase().split(' ');
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  const wanted = word.toLowerCase();
  const dot = wanted.indexOf('.');
  const name = dot < 0 ? wanted : wanted.slice(0, dot);
  if (dot >= 0 && wanted.slice(dot + 1) !== group) return false;
  const singular = Object.hasOwn(SHORT_NAMES, name) ? SHORT_NAMES[name] : name;
  return [kind, `${kind}s`, `${kind}es`, kind.replace(/y$/, 'ies')].includes(singular ?? name);
}
