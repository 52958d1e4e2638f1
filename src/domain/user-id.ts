/**
 * Whether an id is one by which WhatsApp knows a user within a business portfolio (`US.1349…`), or within portfolios that are
 * linked (`US.ENT.1349…`): developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids, June 2026.
 */
export function isBusinessScopedUserId(id: string): boolean {
  return /^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/.test(id);
}
