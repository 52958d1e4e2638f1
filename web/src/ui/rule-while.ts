import type { FormInstance, FormRule } from 'antd';

/**
 * A rule of a field that is there only while other fields have certain values. By what they hold and not by what is drawn: between a choice
 * and the drawing anew a form can be sent already, and would be refused for a field that is gone when its reader looks for why.
 */
export function ruleWhile(
  isThere: (valueOf: FormInstance['getFieldValue']) => boolean,
  rule: Exclude<FormRule, (...values: never[]) => unknown>,
): FormRule {
  return ({ getFieldValue }) => (isThere(getFieldValue) ? rule : { validator: () => Promise.resolve() });
}
