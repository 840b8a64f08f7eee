import ipaddr from 'ipaddr.js';
import { countryCodes, parseAsn } from '../domain/enrichment.ts';
import { type EntityKind, entityKinds } from '../domain/entity.ts';
import { canonicalJson, type Json } from '../domain/entry-chain.ts';
import { ownObservableType } from './stix-objects.ts';

/** What an observable is: kind and value, as in the case. */
export interface KindAndValue {
  readonly kind: EntityKind;
  readonly value: string;
}

/** The STIX object that stands for an observable, without what every object has. */
export interface StixForm {
  readonly type: string;
  /** The properties by which such an object is the same as another. */
  readonly identity: Readonly<Record<string, Json>>;
  readonly more: Readonly<Record<string, Json>>;
}

/** Domain objects; the others are cyber-observable objects, which observed data may hold. */
const domainTypes: ReadonlySet<string> = new Set(['vulnerability', 'location']);

export function isDomainObject(form: Pick<StixForm, 'type'>): boolean {
  return domainTypes.has(form.type);
}

/** Two forms with one key are one object. */
export function formKey({ type, identity }: Pick<StixForm, 'type' | 'identity'>): string {
  return `${type} ${canonicalJson(identity)}`;
}

const form = (type: string, identity: StixForm['identity'], more: StixForm['more'] = {}): StixForm => ({
  type,
  identity,
  more,
});

const hostName =
  /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?){0,126}$/i;
const isHostName = (value: string) => value.length <= 253 && hostName.test(value);

function isEmail(value: string): boolean {
  const at = value.lastIndexOf('@');
  return at > 0 && /^[a-z0-9._%+'-]{1,64}$/i.test(value.slice(0, at)) && isHostName(value.slice(at + 1));
}

/** An address with a scheme, by the signs that RFC 3986 allows. */
const isUri = (value: string) =>
  /^[a-z][a-z0-9+.-]{0,20}:\/\/(?:[a-z0-9._~:/?#@!$&'()*+,;=-]|%[0-9a-f]{2})+$/i.test(value) &&
  // One fragment and no colon where a port should be.
  /^[^#]*(?:#[^#]*)?$/.test(value) &&
  /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?[^/?#@:]+(?::\d{1,5})?(?:[/?#]|$)/i.test(value);

function addressForm(value: string): StixForm | null {
  const [address, length, ...rest] = value.split('/');
  if (address === undefined || rest.length > 0) return null;
  if (length !== undefined && !/^(?:0|[1-9]\d{0,2})$/.test(length)) return null;
  if (/^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})$/.test(address)) {
    return ipaddr.IPv4.isValid(address) && Number(length ?? 0) <= 32 ? form('ipv4-addr', { value }) : null;
  }
  const isIpv6 = /^[0-9a-f:]{2,39}$/i.test(address) && address.includes(':') && ipaddr.IPv6.isValid(address);
  return isIpv6 && Number(length ?? 0) <= 128 ? form('ipv6-addr', { value }) : null;
}

const hashNames: ReadonlyMap<number, string> = new Map([
  [32, 'MD5'],
  [40, 'SHA-1'],
  [64, 'SHA-256'],
  [128, 'SHA-512'],
]);

/** A technique's or vulnerability's id as the CVE programme writes it. */
export const cvePattern = /^CVE-\d{4}-(?:0\d{3}|[1-9]\d{3,18})$/;

function standardForm({ kind, value }: KindAndValue): StixForm | null {
  switch (kind) {
    case 'ip':
    case 'cidr':
      return addressForm(value);
    case 'host':
    case 'domain':
      return isHostName(value) ? form('domain-name', { value }) : null;
    case 'url':
      return isUri(value) ? form('url', { value }) : null;
    case 'email':
      return isEmail(value) ? form('email-addr', { value }) : null;
    case 'user':
      return form('user-account', { account_login: value });
    case 'asn': {
      const number = parseAsn(value);
      const name = /^\S+\s+(\S[\s\S]*)$/.exec(value.trim())?.[1];
      return number === null
        ? null
        : form('autonomous-system', { number }, name === undefined ? {} : { name });
    }
    case 'file-hash': {
      const name = /^[0-9a-f]+$/i.test(value) ? hashNames.get(value.length) : undefined;
      return name === undefined ? null : form('file', { hashes: { [name]: value } });
    }
    case 'country':
      return countryCodes.includes(value) ? form('location', { country: value }, { name: value }) : null;
    case 'vulnerability':
      return cvePattern.test(value)
        ? form(
            'vulnerability',
            { name: value },
            { external_references: [{ source_name: 'cve', external_id: value }] },
          )
        : null;
    case 'path':
    case 'port':
    case 'user-agent':
    case 'signature':
      return null;
  }
}

/** The STIX object that stands for an observable: the standard's own where its value is one, else ours. */
export function formOf(observable: KindAndValue): StixForm {
  return (
    standardForm(observable) ??
    form(ownObservableType, { entity_kind: observable.kind, value: observable.value })
  );
}

const text = (value: Json | undefined): string | null =>
  typeof value === 'string' && value !== '' && value.length <= 2048 ? value : null;

/** What an object is where nothing but itself tells; a file is one for each of its hashes. */
export function observablesOf({ type, identity }: Pick<StixForm, 'type' | 'identity'>): KindAndValue[] {
  const one = (kind: EntityKind, value: string | null) => (value === null ? [] : [{ kind, value }]);
  switch (type) {
    case 'ipv4-addr':
    case 'ipv6-addr': {
      const value = text(identity.value);
      return addressForm(value ?? '') === null ? [] : one(value?.includes('/') ? 'cidr' : 'ip', value);
    }
    case 'domain-name':
      return one('domain', text(identity.value));
    case 'url':
      return one('url', text(identity.value));
    case 'email-addr':
      return one('email', text(identity.value));
    case 'user-account':
      return one('user', text(identity.account_login));
    case 'autonomous-system':
      return typeof identity.number === 'number' ? one('asn', `AS${identity.number}`) : [];
    case 'file': {
      const { hashes } = identity;
      if (typeof hashes !== 'object' || hashes === null || Array.isArray(hashes)) return [];
      return Object.values(hashes).flatMap((hash) => one('file-hash', text(hash)));
    }
    case 'location':
      return one('country', text(identity.country));
    case 'vulnerability': {
      const value = text(identity.name);
      return value !== null && cvePattern.test(value) ? one('vulnerability', value) : [];
    }
    case ownObservableType: {
      const kind = entityKinds.find((each) => each === identity.entity_kind);
      return kind === undefined ? [] : one(kind, text(identity.value));
    }
    default:
      return [];
  }
}
