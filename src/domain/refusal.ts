import { GatewayError } from './errors.ts';

/**
 * Why a rule of the business refuses what is asked, with the code that its systems know it by: the same in an answer and in the
 * receipt of a message that fails for that reason. Codes are never reused.
 */
export const refusalCodes = {
  parameter_missing: 'MissingParameter',
  parameter_invalid: 'InvalidParameter',
  sender_not_numeric: 'InvalidParameter.FromOnlyNumeric',
  sender_unknown: 'InvalidParameter.FromNotExist',
  recipient_not_numeric: 'InvalidParameter.ToOnlyNumeric',
  fallback_unavailable: 'InvalidParameter.SendSmsNotSupport',
  template_code_empty: 'InvalidParameter.TemplateCodeNotEmpty',
  language_empty: 'InvalidParameter.LanguageNotEmpty',
  template_not_found: 'InvalidParameter.TemplateNotExist',
  template_not_passed: 'InvalidParameter.TemplateNotPass',
  template_values: 'InvalidParameter.TemplateParamsError',
  message_type_empty: 'InvalidParameter.MessageTypeNotEmpty',
  content_empty: 'InvalidParameter.ContentNotEmpty',
  content: 'InvalidParameter.ContentError',
  text_empty: 'InvalidParameter.TextNotEmpty',
  link_empty: 'InvalidParameter.LinkNotEmpty',
  message_type_unknown: 'InvalidParameter.MessageTypeNotSupport',
  language: 'InvalidParameter.LanguageNotSupport',
  template_type: 'InvalidParameter.TemplateTypeNotSupport',
  template_name_taken: 'InvalidParameter.TemplateNameExist',
  template_unknown: 'DetailError.TemplateNotExist',
  template: 'InvalidParameter.CreateError',
  template_variables: 'InvalidParameter.MessageInvalid',
  header_type: 'InvalidParameter.HeaderTypeNotSupport',
  header_variables: 'InvalidParameter.HeaderMoreVarable',
  footer_variables: 'InvalidParameter.FooterHaveVariable',
  button_variables: 'InvalidParameter.ButtonTextHaveVariable',
  url_variables: 'InvalidParameter.UrlMoreVarable',
  phone_number: 'InvalidParameter.PhoneNumberError',
  channel_type: 'InvalidParameter.ChannelTypeNotSupport',
} as const satisfies Readonly<Record<string, string>>;

export type RefusalReason = keyof typeof refusalCodes;

/**
 * Something that a rule of the business refuses. `text` says what was wrong and what to do; `message` has the code before it. It
 * holds no secret and nothing that a user wrote, so it may be logged and shown.
 */
export class Refusal extends GatewayError {
  readonly reason: RefusalReason;
  readonly text: string;
  /** The parameter that it is about, where it is about one. */
  readonly parameter: string | null;

  constructor(reason: RefusalReason, text: string, parameter: string | null = null) {
    super('operation_refused', `${refusalCodes[reason]}: ${text}`);
    this.name = 'Refusal';
    this.reason = reason;
    this.text = text;
    this.parameter = parameter;
  }
}

/** Whether what was refused is a value as such, whatever the business makes of it. */
export function isOfParameter({ reason }: Refusal): boolean {
  return reason === 'parameter_missing' || reason === 'parameter_invalid';
}

/** The refusal of a value that has to be there and is not. */
export function missing(name: string): Refusal {
  return new Refusal('parameter_missing', `${name} is required.`, name);
}

/** The refusal of a value that will not do; `expected` says what would. */
export function invalid(name: string, expected: string): Refusal {
  return new Refusal('parameter_invalid', `${name} ${expected}.`, name);
}
