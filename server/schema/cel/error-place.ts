import type { ASTNode } from './expression-parser.js';

/** Where cel-go would point for a fault of this node: at an operator, at the `(` of a call. */
export function placeOf(node: ASTNode, text: string): { readonly start: number } {
  switch (node.op) {
    case '.':
    case '.?':
      return at(text.lastIndexOf('.', node.pos), node);
    case '[]':
    case '[?]':
      return at(text.indexOf('[', node.args[0].end), node);
    case 'call':
      return at(text.indexOf('(', node.start), node);
    case 'rcall':
      return at(text.indexOf('(', node.args[1].end), node);
    case '?:':
      return at(text.indexOf('?', node.args[0].end), node);
    case 'id':
    case 'value':
    case 'list':
    case 'map':
    case '!_':
    case '-_':
      return node;
    default:
      return Array.isArray(node.args)
        ? at(text.indexOf(node.op, (node.args[0] as ASTNode).end), node)
        : node;
  }
}

function at(found: number, node: ASTNode): { readonly start: number } {
  return { start: found < 0 ? node.start : found };
}
