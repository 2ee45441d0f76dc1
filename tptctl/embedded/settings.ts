import type { HomePaths } from './home-paths.js';
import { readJsonFile, writeFileAtomically } from './json-file.js';

/** The TCP ports of 127.0.0.1 that the embedded control plane listens on. */
export interface Ports {
  readonly api: number;
  readonly sandbox: number;
  readonly nats: number;
}

/** What one `up` leaves for the next. */
export interface Settings {
  readonly version: 1;
  /** Of the last `up` that succeeded. */
  readonly ports?: Ports;
  /** Folders outside the home that hold our state. */
  readonly outsideDirs: readonly string[];
}

/** The settings, or empty ones if there are none. Throws if the file is damaged. */
export function readSettings(paths: HomePaths): Settings {
  return (
    readJsonFile<Settings>(
      paths.settings,
      (value) => value.version === 1 && Array.isArray(value.outsideDirs),
      `remove ${paths.settings}: it only remembers which ports were chosen`,
    ) ?? { version: 1, outsideDirs: [] }
  );
}

export function writeSettings(paths: HomePaths, settings: Settings): void {
  writeFileAtomically(paths.settings, `${JSON.stringify(settings, null, 2)}\n`);
}
