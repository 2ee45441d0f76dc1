import type { KindDefinition, MovedField } from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';

/** From one version to the next one on the way to another. */
export interface ConversionStep {
  readonly to: KindDefinition;
  readonly moves: readonly MovedField[];
}

/**
 * The way from one version of a kind to another: declared conversions, each followed forwards or
 * backwards. Undefined when they do not lead there: then only `apiVersion` differs.
 */
export function stepsBetween(
  from: KindDefinition,
  to: KindDefinition,
  versions: readonly KindDefinition[],
): readonly ConversionStep[] | undefined {
  const reached = new Map<string, readonly ConversionStep[]>([[from.version, []]]);
  // A map takes what is added while it is walked: each version is visited once, nearest first.
  for (const [version, steps] of reached) {
    if (version === to.version) return steps;
    for (const step of stepsFrom(version, versions)) {
      if (!reached.has(step.to.version)) reached.set(step.to.version, [...steps, step]);
    }
  }
  return undefined;
}

function stepsFrom(version: string, versions: readonly KindDefinition[]): ConversionStep[] {
  return versions.flatMap((kind): ConversionStep[] => {
    const { conversion } = kind;
    if (conversion === undefined) return [];
    if (conversion.of === version) return [{ to: kind, moves: conversion.moved }];
    const other = versions.find((one) => one.version === conversion.of);
    if (kind.version !== version || other === undefined) return [];
    const moves = conversion.moved.map(({ from, to }) => ({ from: to, to: from }));
    return [{ to: other, moves }];
  });
}

/** Where the field at `path` of one version stands at the end of the way. */
export function movedPath(path: string, steps: readonly ConversionStep[]): string {
  return steps.reduce((place, { moves }) => {
    const move = moves.find(({ from }) => isWithin(place, from));
    return move === undefined ? place : move.to + place.slice(move.from.length);
  }, path);
}

function isWithin(path: string, parent: string): boolean {
  return path === parent || path.startsWith(`${parent}.`);
}

/** @throws Error naming the version whose declaration makes no sense. */
export function checkConversions(versions: readonly KindDefinition[]): void {
  for (const { conversion, version, ...kind } of versions) {
    if (conversion === undefined) continue;
    const fault = conversionFault(conversion, versions);
    if (fault === undefined) continue;
    throw new Error(`conversion of ${resourceName(kind)} ${version}: ${fault}`);
  }
}

function conversionFault(
  { of, moved }: NonNullable<KindDefinition['conversion']>,
  versions: readonly KindDefinition[],
): string | undefined {
  if (!versions.some(({ version }) => version === of)) return `there is no version ${of}`;
  for (const end of ['from', 'to'] as const) {
    const paths = moved.map((move) => move[end]);
    const within = paths.find((path, i) =>
      paths.some((other, j) => i !== j && isWithin(path, other)),
    );
    if (within !== undefined) return `${within} is moved twice`;
    const root = paths.find((path) => path.split('.')[0] === 'metadata' || path === '');
    if (root !== undefined) return `"${root}" cannot be moved`;
  }
  return undefined;
}
