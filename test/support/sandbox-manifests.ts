/** A Deployment of one container, with annotations on its pods. */
export function deployment(
  name: string,
  options: {
    annotations?: Record<string, string>;
    image?: string;
    replicas?: number;
    namespace?: string;
  } = {},
): string {
  const { annotations = {}, image = 'nginx:1.27', replicas = 1, namespace = 'default' } = options;
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name }, annotations },
        spec: { containers: [{ name: 'main', image, ports: [{ containerPort: 80 }] }] },
      },
    },
  });
}

/** WordPress with MySQL, as a user would write it: no defaults said. */
export const WORDPRESS = `
apiVersion: v1
kind: Namespace
metadata: {name: blog, labels: {team: web}}
---
apiVersion: v1
kind: Secret
metadata: {name: mysql, namespace: blog}
stringData: {password: not-so-secret}
---
apiVersion: v1
kind: Service
metadata: {name: mysql, namespace: blog}
spec: {clusterIP: None, selector: {app: mysql}, ports: [{port: 3306}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: mysql, namespace: blog}
spec:
  serviceName: mysql
  selector: {matchLabels: {app: mysql}}
  template:
    metadata: {labels: {app: mysql}}
    spec:
      containers:
        - name: mysql
          image: mysql:8.4
          ports: [{containerPort: 3306, name: mysql}]
          env:
            - name: MYSQL_ROOT_PASSWORD
              valueFrom: {secretKeyRef: {name: mysql, key: password}}
          resources: {requests: {cpu: 0.5, memory: 1024Mi}}
          volumeMounts: [{name: data, mountPath: /var/lib/mysql}]
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: uploads, namespace: blog}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: wordpress, namespace: blog}
spec:
  replicas: 2
  selector: {matchLabels: {app: wordpress}}
  template:
    metadata: {labels: {app: wordpress}}
    spec:
      containers:
        - name: wordpress
          image: wordpress:6
          ports: [{containerPort: 80, name: http}]
          readinessProbe: {httpGet: {path: /, port: http}}
          volumeMounts: [{name: uploads, mountPath: /var/www/html}]
      volumes: [{name: uploads, persistentVolumeClaim: {claimName: uploads}}]
---
apiVersion: v1
kind: Service
metadata: {name: wordpress, namespace: blog}
spec: {type: LoadBalancer, selector: {app: wordpress}, ports: [{port: 80, targetPort: http}]}
---
apiVersion: batch/v1
kind: Job
metadata: {name: setup, namespace: blog}
spec:
  template:
    spec: {restartPolicy: Never, containers: [{name: setup, image: wordpress:cli}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: wordpress, namespace: blog}
spec:
  rules:
    - host: blog.example.com
      http:
        paths: [{path: /, pathType: Prefix, backend: {service: {name: wordpress, port: {number: 80}}}}]
`;
