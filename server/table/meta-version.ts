/** Of the Table and the PartialObjectMetadata. Both have the same fields; older clients ask for v1beta1. */
export type MetaVersion = 'meta.k8s.io/v1' | 'meta.k8s.io/v1beta1';
