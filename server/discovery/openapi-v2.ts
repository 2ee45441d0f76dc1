import type { JsonSchema, KindDefinition } from '../../sdk/api/kind.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import { TimeSlice } from '../turns.js';
import { componentsOf } from './openapi-schema.js';
import { protobufDefinition, swaggerProtobuf } from './openapi-v2-protobuf.js';

/** One definition as it stands in the document, by its name. */
type Pieces<Piece> = ReadonlyMap<string, Piece>;

/**
 * The schemas of all kinds in one Swagger document. What a kind adds to it is made once for each kind:
 * when one of thousands changes, the rest is only put together. It is done in turns.
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
    const definitions = await this.#definitions(
      this.#json,
      (name, schema) => `${JSON.stringify(name)}:${JSON.stringify(schema)}`,
    );
    const info = JSON.stringify(this.#info());
    return `{"swagger":"2.0","info":${info},"paths":{},"definitions":{${definitions.join(',')}}}`;
  }

  /** In the only form that older Go clients ask for. */
  async protobuf(): Promise<Buffer> {
    const definitions = await this.#definitions(this.#protobuf, protobufDefinition);
    return swaggerProtobuf({ swagger: '2.0', info: this.#info(), definitions });
  }

  #info(): { readonly title: string; readonly version: string } {
    return { title: 'Threeport', version: this.#version };
  }

  async #definitions<Piece>(
    known: WeakMap<KindDefinition, Pieces<Piece>>,
    render: (name: string, schema: JsonSchema) => Piece,
  ): Promise<Piece[]> {
    const slice = new TimeSlice();
    const definitions = new Map<string, Piece>();
    for (const kind of this.#registry.served()) {
      let pieces = known.get(kind);
      if (pieces === undefined) {
        const components = Object.entries(componentsOf([kind], '#/definitions/'));
        pieces = new Map(components.map(([name, schema]) => [name, render(name, schema)]));
        known.set(kind, pieces);
        await slice.breathe();
      }
      for (const [name, piece] of pieces) definitions.set(name, piece);
    }
    return [...definitions.values()];
  }
}
