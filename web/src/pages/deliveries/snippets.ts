// The snippets of the documentation, which are run in their languages against headers that the service made.
import doc from '../../../../docs/http-callbacks.md?raw';

const fences = [
  ['Node', 'js'],
  ['Java', 'java'],
  ['Python', 'python'],
  ['Go', 'go'],
  ['PHP', 'php'],
] as const;

/** Code that verifies a signature, by language. */
export const snippets = fences.map(([language, fence]) => {
  const code = new RegExp(`^\`\`\`${fence}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(doc)?.[1];
  if (code === undefined) throw new Error(`The documentation has no snippet for ${language}.`);
  return { language, code: code.trimEnd() };
});
