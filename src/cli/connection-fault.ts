// Why a service did not answer, in words that say what to do.

const certificateCodes: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'is signed by an authority that this machine does not know',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'is signed by an authority that this machine does not know',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'comes without its chain, or from an authority that this machine does not know',
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is for another name',
};

/** Says why the service at `origin` did not answer. */
export function toUnreachable(origin: string, error: unknown): string {
  const code = toCode(error);
  const fault = certificateCodes[code];
  if (fault !== undefined)
    return `The certificate of ${origin} ${fault}. Mend it, give the name that it is for, or let NODE_EXTRA_CA_CERTS name a file with its authority.`;
  if (code === 'ECONNREFUSED')
    return `Nothing listens at ${origin}. Is the service running, and is the address right?`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `The host of ${origin} is not found.`;
  if (/TIMEOUT|ETIMEDOUT/.test(code)) return `${origin} did not answer in time.`;
  if (/EPROTO|ERR_SSL|WRONG_VERSION/.test(code)) return `${origin} does not speak TLS. Is it http://?`;
  if (/HPE_|UND_ERR_SOCKET|ECONNRESET/.test(code))
    return `${origin} broke off, or does not speak HTTP. Is it https://, or another service?`;
  return `${origin} cannot be reached${code === '' ? '' : ` (${code})`}. Is the service running, and is the address right?`;
}

function toCode(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if (error instanceof AggregateError && error.errors.length > 0) return toCode(error.errors[0]);
  if (error.name === 'HTTPParserError') return 'HPE_';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return toCode(error.cause);
}
