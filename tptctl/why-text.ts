import type { Why, WhyDependency } from '../sdk/api/why.js';
import { formatAge, printable } from './table.js';
import type { WhyNode } from './why-tree.js';
import { timeOf, whyTree } from './why-tree.js';
import {
  attemptText,
  effectTexts,
  nameText,
  objectText,
  requestText,
  revisionText,
  stateText,
} from './why-words.js';

/** Of one entry; what is longer is cut. */
const MAX_LINES = 4;
/** Text in a column that is narrower than this cannot be read. */
const NARROWEST_TEXT = 30;

export interface WhyTextOptions {
  readonly nowMs: number;
  readonly width: number;
  /** What was asked about, when it is none of the objects of the answer. */
  readonly subject?: string;
}

/** The chains of an answer as a tree for people, in lines of `width` characters. */
export function formatWhy(why: Why, options: WhyTextOptions): string {
  return new WhyPrinter(why, options).print();
}

class WhyPrinter {
  readonly #why: Why;
  readonly #names: ReadonlyMap<string, string>;
  readonly #nowMs: number;
  readonly #width: number;
  readonly #subject: string | undefined;
  readonly #lines: string[] = [];

  constructor(why: Why, { nowMs, width, subject }: WhyTextOptions) {
    this.#why = why;
    this.#names = new Map(why.objects.map((object) => [object.uid, this.#nameOf(object)]));
    this.#nowMs = nowMs;
    this.#width = width;
    this.#subject = subject;
  }

  print(): string {
    const { objects, waitsFor, waitedForBy, truncated } = this.#why;
    const [asked] = objects;
    if (this.#subject !== undefined) this.#entry('', this.#subject, '  ');
    else if (asked !== undefined) this.#entry('', objectText(asked, nameText(asked)), '  ');
    this.#dependencies('waits for', waitsFor);
    this.#dependencies('waited for by', waitedForBy);
    for (const root of whyTree(this.#why)) this.#chain(root);
    if (truncated === true) {
      this.#entry('', '');
      this.#entry('', 'There is more: --limit, --since and -o json show another part of it.');
    }
    return this.#lines.join('');
  }

  #dependencies(title: string, dependencies: readonly WhyDependency[]): void {
    const names = dependencies.map((each) => this.#nameOf(each));
    const nameWidth = Math.min(50, Math.max(0, ...names.map((name) => name.length)));
    dependencies.forEach((dependency, i) => {
      const label = (i === 0 ? title : '').padEnd(15);
      const text = `${(names[i] ?? '').padEnd(nameWidth)}  ${stateText(dependency)}`;
      this.#entry(label, text, ' '.repeat(label.length + nameWidth + 2));
    });
  }

  /** What began it, and below that what followed. */
  #chain(root: WhyNode): void {
    const at = timeOf(root);
    const age = `${formatAge(at, this.#nowMs)} ago, ${at.slice(0, 19)}Z`;
    const when = at === '' ? 'some time ago' : age;
    this.#entry('', '');
    if (root.kind === 'revision') {
      this.#entry('', `${when}: ${requestText(root.revision.origin)}`, '  ');
      this.#node(root, '', true);
    } else {
      const text = attemptText(root.attempt, this.#name(root.attempt.uid), false);
      this.#entry('', `${when}: ${text}`, '  ');
      this.#below(root, '');
    }
  }

  #node(node: WhyNode, indent: string, isLast: boolean): void {
    const text =
      node.kind === 'revision'
        ? revisionText(node.revision, this.#name(node.revision.uid))
        : attemptText(node.attempt, this.#name(node.attempt.uid), true);
    const below = `${indent}${isLast ? '   ' : '│  '}`;
    const hasEffects = node.kind === 'attempt' && node.attempt.effects.length > 0;
    const isOpen = node.children.length > 0 || hasEffects;
    this.#entry(`${indent}${branchOf(isLast)}`, text, `${below}${isOpen ? '│  ' : '   '}`);
    this.#below(node, below);
  }

  #below(node: WhyNode, indent: string): void {
    const effects = node.kind === 'attempt' ? effectTexts(node.attempt.effects) : [];
    effects.forEach((effect, i) => {
      const isLast = i === effects.length - 1 && node.children.length === 0;
      this.#entry(`${indent}${branchOf(isLast)}`, effect, `${indent}${isLast ? ' ' : '│'}     `);
    });
    node.children.forEach((child, i) => this.#node(child, indent, i === node.children.length - 1));
  }

  #name(uid: string): string {
    return this.#names.get(uid) ?? uid;
  }

  /** Without the namespace where it is that of the object asked about. */
  #nameOf(named: Parameters<typeof nameText>[0]): string {
    const { namespace, ...others } = named;
    return nameText(namespace === this.#why.objects[0]?.namespace ? others : named);
  }

  /** What does not fit goes on below, after `rest`. */
  #entry(before: string, text: string, rest = before): void {
    const widthAfter = (start: string): number =>
      Math.max(NARROWEST_TEXT, this.#width - start.length);
    const lines = wrapped(printable(text), widthAfter(before), widthAfter(rest));
    lines.forEach((line, i) => {
      this.#lines.push(`${`${i === 0 ? before : rest}${line}`.trimEnd()}\n`);
    });
  }
}

function branchOf(isLast: boolean): string {
  return isLast ? '└─ ' : '├─ ';
}

/** Broken at blanks where there are some. */
function wrapped(text: string, firstWidth: number, otherWidth: number): string[] {
  const lines: string[] = [];
  let left = text;
  let width = firstWidth;
  while (left.length > width && lines.length < MAX_LINES - 1) {
    const blank = left.lastIndexOf(' ', width);
    const end = blank > width / 2 ? blank : width;
    lines.push(left.slice(0, end).trimEnd());
    left = left.slice(end).trimStart();
    width = otherWidth;
  }
  return [...lines, left.length > width ? `${left.slice(0, width - 1)}…` : left];
}
