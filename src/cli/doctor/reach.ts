// The exchange was not reached. What can a person do about it, by what the system says?

const CERTIFICATE =
  'its certificate is not accepted: is the date of this machine right, and does nothing in between read along (a proxy, a virus scanner)? ' +
  'The certificate of an authority of your own belongs into NODE_EXTRA_CA_CERTS (in the environment, not in .env)';
const NAMES = 'can this machine look up names (DNS)?';
const NETWORK = 'is the network open to it? A firewall may be in between; a proxy named in HTTPS_PROXY is not used';

/** `reason`: with the system's code in it. `otherwise`: where that says nothing about the way. */
export function reachRemedy(reason: string, otherwise: string): string {
  if (/CERT|UNABLE_TO_(VERIFY|GET)|ERR_(TLS|SSL)|EPROTO/.test(reason)) return CERTIFICATE;
  if (/ENOTFOUND|EAI_AGAIN/.test(reason)) return NAMES;
  if (/ECONN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/.test(reason)) return NETWORK;
  return otherwise;
}
