import type { KindDefinition } from '../../sdk/api/kind.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import { TimeSlice } from '../turns.js';
import { componentsOf } from './openapi-schema.js';
import { swaggerPathsOf } from './openapi-v2-paths.js';
import { protobufDefinition, protobufPath, swaggerProtobuf } from './openapi-v2-protobuf.js';

/** What a kind adds to the document: each piece by its name there. */
interface Pieces<Piece> {
  readonly paths: ReadonlyMap<string, Piece>;
  readonly definitions: ReadonlyMap<string, Piece>;
}

type Render<Piece> = (kind: KindDefinition) => Pieces<Piece>;

/**
 * The paths and schemas of all kinds in one Swagger document. What a kind adds to it is made once for
 * each kind: when one of thousands changes, the rest is only put together. It is done in turns.
 */
export class OpenApiV2 {
  readonly #registry: KindRegistry;
  readonly #version: string;
  readonly #json = new WeakMap<KindDefinition, Pieces<string>>();
  readonly #protobuf = new WeakMap<KindDefinition, Pieces<Buffer>>();

  constructor(registry: KindRegistry, version: string) {
    this.#registry = registry;
    this.#version = version;
  }

  async json(): Promise<string> {
    const { paths, definitions } = await this.#pieces(this.#json, jsonPieces);
    const info = JSON.stringify(this.#info());
    return `{"swagger":"2.0","info":${info},"paths":{${paths.join(',')}},"definitions":{${definitions.join(',')}}}`;
  }

  /** In the only form that older Go clients ask for. */
  async protobuf(): Promise<Buffer> {
    const pieces = await this.#pieces(this.#protobuf, protobufPieces);
    return swaggerProtobuf({ swagger: '2.0', info: this.#info(), ...pieces });
  }

  #info(): { readonly title: string; readonly version: string } {
    return { title: 'Threeport', version: this.#version };
  }

  async #pieces<Piece>(
    known: WeakMap<KindDefinition, Pieces<Piece>>,
    render: Render<Piece>,
  ): Promise<{ readonly paths: Piece[]; readonly definitions: Piece[] }> {
    const slice = new TimeSlice();
    const paths = new Map<string, Piece>();
    const definitions = new Map<string, Piece>();
    for (const kind of this.#registry.served()) {
      let pieces = known.get(kind);
      if (pieces === undefined) {
        pieces = render(kind);
        known.set(kind, pieces);
        await slice.breathe();
      }
      for (const [path, piece] of pieces.paths) paths.set(path, piece);
      for (const [name, piece] of pieces.definitions) definitions.set(name, piece);
    }
    return { paths: [...paths.values()], definitions: [...definitions.values()] };
  }
}

function jsonPieces(kind: KindDefinition): Pieces<string> {
  const render = (name: string, value: object): string =>
    `${JSON.stringify(name)}:${JSON.stringify(value)}`;
  return {
    paths: mapEach(swaggerPathsOf(kind), render),
    definitions: mapEach(componentsOf([kind], '#/definitions/'), render),
  };
}

function protobufPieces(kind: KindDefinition): Pieces<Buffer> {
  return {
    paths: mapEach(swaggerPathsOf(kind), protobufPath),
    definitions: mapEach(componentsOf([kind], '#/definitions/'), protobufDefinition),
  };
}

function mapEach<Value, Piece>(
  values: Readonly<Record<string, Value>>,
  render: (name: string, value: Value) => Piece,
): Map<string, Piece> {
  return new Map(Object.entries(values).map(([name, value]) => [name, render(name, value)]));
}
