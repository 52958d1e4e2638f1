// What becomes of a template here when its channel's list has one of that name: decided in one place, done or only told.
import type { ListedTemplate } from '../../channels/channel.ts';
import { asListed, compareContents, findDifferences, keepNames } from '../../domain/template-content.ts';
import type { Difference } from '../../domain/template-content.ts';
import type { Template } from '../../domain/template.ts';
import type { TemplateUpdate } from '../../store/store.ts';

/** A template with what would become of it, and each field that differs. */
export interface PlannedStep {
  readonly name: string;
  readonly language: string;
  /** `keep`: it differs and stays, because it never reached the channel and nobody asked for that to be replaced. */
  readonly kind: 'make' | 'change' | 'keep';
  readonly fields: readonly Difference[];
}

/** Whether what the channel has is taken over, or a template stays: as the same, or as one that says otherwise. */
export function decide(own: Template, listed: ListedTemplate, replace: boolean): 'take' | 'keep' | 'same' {
  if (own.isEdited && own.vendorId !== null) return 'same';
  if (own.vendorId !== null || replace || findDifferences(own, listed).length === 0) return 'take';
  // Its review has the channel change it, where it was handed in before; else that is for a person.
  return own.status === 'auditing' && own.offered.length > 0 ? 'same' : 'keep';
}

/** Tells what would become of one. */
export function planOne(
  listed: ListedTemplate,
  own: Template | undefined,
  replace: boolean,
): { readonly kind: PlannedStep['kind'] | 'same'; readonly fields: readonly Difference[] } {
  if (own === undefined) return { kind: 'make', fields: [] };
  const decision = decide(own, listed, replace);
  if (decision === 'same') return { kind: 'same', fields: [] };
  const said = compareContents(own, listed);
  if (decision === 'keep') return { kind: 'keep', fields: said };
  const fields = [...said, ...compareRest(own, listed)];
  return { kind: fields.length === 0 ? 'same' : 'change', fields };
}

/** What else of a template is taken over with what it says. */
function compareRest(own: Template, listed: ListedTemplate): readonly Difference[] {
  const { components: _components, category: _category, ttlSeconds: _ttl, ...rest } = toUpdate(own, listed);
  const told: Readonly<Record<string, unknown>> = {
    ...rest,
    status: listed.status ?? own.status,
    vendorId: listed.vendorId,
  };
  const mine: Readonly<Record<string, unknown>> = { ...own };
  return Object.entries(told)
    .map(([field, value]) => ({ field, here: toText(mine[field]), there: toText(value) }))
    .filter(({ here, there }) => here !== there);
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value);
}

/** What is written of a template that is here, so that it says what the channel has. */
export function toUpdate(
  own: Template,
  listed: ListedTemplate,
): Partial<Omit<TemplateUpdate, 'channelId' | 'code' | 'language'>> {
  const { category, quality } = listed;
  const about = {
    category,
    quality,
    ...(own.ttlSeconds === null ? {} : { ttlSeconds: listed.ttlSeconds }),
  };
  const isSaidThere = findDifferences({ ...own, category, ttlSeconds: null }, listed).length === 0;
  if (isSaidThere)
    return { ...about, parameterFormat: asListed(own.parameterFormat, listed.parameterFormat) };
  const components = keepNames(own, listed);
  return {
    ...about,
    components: components ?? listed.components,
    example: components === null ? listed.example : { ...listed.example, ...own.example },
    parameterFormat: components === null ? listed.parameterFormat : own.parameterFormat,
  };
}
