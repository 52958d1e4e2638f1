// Requests are read with a strict streaming parser into a small tree; answers are written from templates.
import { SaxesParser } from 'saxes';
import { SmqError } from './errors.ts';

export interface Element {
  /** Local name: clients send the namespace with and without a trailing slash, with a prefix, and not at all. */
  readonly name: string;
  readonly children: Element[];
  text: string;
}

/** Deepest and largest tree that any request has, with room to spare. */
const maxDepth = 8;
const maxElements = 10_000;

/** Reads a request body. Throws MalformedXML for anything that is not well-formed, has a DTD, or is nested too deep. */
export function parseXml(body: Buffer): Element {
  const parser = new SaxesParser({ xmlns: false, fragment: false });
  const open: Element[] = [];
  let root: Element | undefined;
  let elements = 0;
  const fail = (): never => {
    throw new SmqError('MalformedXML');
  };
  parser.on('error', fail);
  parser.on('doctype', () => {
    throw new SmqError(
      'MalformedXML',
      'The XML you provided was not well-formed: document types are refused.',
    );
  });
  parser.on('opentag', (tag) => {
    elements += 1;
    if (open.length >= maxDepth || elements > maxElements) fail();
    const element: Element = { name: tag.name.slice(tag.name.indexOf(':') + 1), children: [], text: '' };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('closetag', () => {
    open.pop();
  });
  const addText = (text: string) => {
    const element = open.at(-1);
    if (element !== undefined) element.text += text;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.write(toText(body)).close();
  return root ?? fail();
}

/** The first child of that name; undefined when there is none. */
export function find(parent: Element, name: string): Element | undefined {
  return parent.children.find((child) => child.name === name);
}

function toText(body: Buffer): string {
  try {
    // Drops a byte order mark, which one client writes, and refuses what is not UTF-8.
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new SmqError('MalformedXML', 'The XML you provided was not well-formed: it is not UTF-8.');
  }
}

/** What an answer is made of: an element with text, or with elements. */
export type Node = readonly [name: string, content: string | number | readonly Node[]];

/**
 * Writes an answer as the service does: two spaces of indent, LF, no trailing newline, the namespace without a trailing
 * slash. Two clients need the white space between elements, and one the exact namespace (docs/protocols/smq.md).
 */
export function formatXml([name, content]: Node): string {
  const xmlns = ' xmlns="http://mns.aliyuncs.com/doc/v1"';
  if (typeof content !== 'object')
    return `<?xml version="1.0" ?>\n<${name}${xmlns}>${escape(String(content))}</${name}>`;
  if (content.length === 0) return `<?xml version="1.0" ?>\n<${name}${xmlns}/>`;
  return `<?xml version="1.0" ?>\n<${name}${xmlns}>\n${formatNodes(content, '  ')}</${name}>`;
}

function formatNodes(nodes: readonly Node[], indent: string): string {
  let out = '';
  for (const [name, content] of nodes) {
    out +=
      typeof content === 'object'
        ? `${indent}<${name}>\n${formatNodes(content, `${indent}  `)}${indent}</${name}>\n`
        : `${indent}<${name}>${escape(String(content))}</${name}>\n`;
  }
  return out;
}

function escape(text: string): string {
  if (!/[&<>\r]/.test(text)) return text;
  // A carriage return would be read back as a line feed.
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;');
}
