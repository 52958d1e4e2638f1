// What a template's buttons for products and flows are given with a message (docs/protocols/cams.md).
import { invalid } from '../../domain/refusal.ts';
import { isObject, member, textMember } from '../../domain/json.ts';
import type { JsonObject } from '../../domain/json.ts';

const maxSections = 10;
const maxProducts = 30;

/** A ProductAction whose products can be sent, unchanged. Throws InvalidParameter. */
export function readProductAction(name: string, action: JsonObject | undefined): JsonObject | undefined {
  if (action === undefined) return undefined;
  textMember(action, 'ThumbnailProductRetailerId');
  const sections = readObjects(`${name}.Sections`, member(action, 'Sections'));
  if (sections.length > maxSections) throw invalid(name, `holds more than ${maxSections} Sections`);
  const products = sections.flatMap((section) => {
    textMember(section, 'Title');
    return readObjects(`${name}.Sections.ProductItems`, member(section, 'ProductItems'));
  });
  if (products.length > maxProducts) throw invalid(name, `holds more than ${maxProducts} products`);
  if (products.some((product) => textMember(product, 'ProductRetailerId') === undefined))
    throw invalid(name, 'needs the ProductRetailerId of each of its products');
  return action;
}

/** A FlowAction whose flow can be opened, unchanged. Throws InvalidParameter. */
export function readFlowAction(name: string, action: JsonObject | undefined): JsonObject | undefined {
  if (action === undefined) return undefined;
  textMember(action, 'FlowToken');
  const data = member(action, 'FlowActionData');
  if (data !== undefined && !isObject(data)) throw invalid(name, 'takes a JSON object as FlowActionData');
  return action;
}

function readObjects(name: string, value: unknown): readonly JsonObject[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || !value.every(isObject))
    throw invalid(name, 'has to be a list of JSON objects');
  return value;
}
