import type { Severity } from '../domain/alert.ts';
import type { CaseState, CaseStatus, Tlp } from '../domain/case.ts';
import { parseAsn } from '../domain/enrichment.ts';
import { canonicalJson } from '../domain/entry-chain.ts';
import { type ExchangeContext, factsOf, type ObservableFacts } from './exchange-facts.ts';
import { nameUuid } from './name-uuid.ts';

/** A namespace of ours for MISP's UUIDs. */
const mispNamespace = 'b7e3a1d4-0c2f-5a6b-8d19-4f7c5e2a9031';

const threatLevels: Readonly<Record<Severity, string>> = {
  critical: '1',
  high: '1',
  medium: '2',
  low: '3',
  informational: '4',
};
/** 0 initial, 1 ongoing, 2 completed. */
const analyses: Readonly<Record<CaseStatus, string>> = { open: '1', contained: '1', closed: '2' };

interface TypeAndCategory {
  readonly type: string;
  readonly category: string;
  readonly value: string;
}

const network = (type: string, value: string): TypeAndCategory => ({
  type,
  category: 'Network activity',
  value,
});

/** The attribute types of MISP's core format; what has none there is a text. */
function attributeOf({ kind, value, role }: ObservableFacts): TypeAndCategory {
  switch (kind) {
    case 'ip':
    case 'cidr':
      return network(role === 'destination' ? 'ip-dst' : 'ip-src', value);
    case 'domain':
    case 'url':
    case 'email':
    case 'port':
    case 'user-agent':
      return network(kind, value);
    case 'host':
      return network('hostname', value);
    case 'path':
      return network('uri', value);
    case 'asn': {
      const number = parseAsn(value);
      return number === null ? { type: 'text', category: 'Other', value } : network('AS', String(number));
    }
    case 'user':
      return { type: 'target-user', category: 'Targeting data', value };
    case 'file-hash': {
      const type = new Map([
        [32, 'md5'],
        [40, 'sha1'],
        [64, 'sha256'],
        [128, 'sha512'],
      ]).get(value.length);
      return { type: type ?? 'text', category: type === undefined ? 'Other' : 'Payload delivery', value };
    }
    case 'vulnerability':
      return { type: 'vulnerability', category: 'External analysis', value };
    case 'country':
    case 'signature':
      return { type: 'text', category: 'Other', value };
  }
}

const tlpTag = (tlp: Tlp) => ({ name: tlp.toLowerCase() });

/** Seconds, as MISP counts time. */
const seconds = (timeMs: number) =>
  String(Number.isFinite(timeMs) ? Math.max(0, Math.floor(timeMs / 1000)) : 0);

/**
 * A case as an event in MISP's core JSON format. It is not published and goes to the own organisation alone until
 * somebody decides otherwise in MISP; what attacked is marked for detection (`to_ids`), nothing else is.
 */
export function mispEvent(state: CaseState, context: ExchangeContext) {
  const uuid = (name: string) => nameUuid(mispNamespace, canonicalJson([state.id, name]), context.sha1);
  const techniqueTags = state.techniques.map((id) => {
    const name = context.techniques.find((each) => each.id === id)?.name;
    // The galaxy names a sub-technique by its own name alone.
    const ownName = name?.split(': ').at(-1);
    return {
      name: `misp-galaxy:mitre-attack-pattern="${ownName === undefined ? id : `${ownName} - ${id}`}"`,
    };
  });
  return {
    Event: {
      uuid: uuid('event'),
      info: state.title,
      date: new Date(Number.isFinite(state.openedMs) ? state.openedMs : 0).toISOString().slice(0, 10),
      timestamp: seconds(state.changedMs),
      published: false,
      distribution: '0',
      threat_level_id: threatLevels[state.severity],
      analysis: analyses[state.status],
      Tag: [
        tlpTag(state.tlp),
        { name: state.pap },
        ...techniqueTags,
        ...(state.simulated ? [{ name: 'SIMULATED' }] : []),
      ],
      Attribute: factsOf(state, context).map((facts) => ({
        uuid: uuid(`${facts.kind} ${facts.value}`),
        ...attributeOf(facts),
        to_ids: facts.verdict === 'malicious' || facts.verdict === 'suspicious',
        comment: `${facts.kind}, ${facts.verdict}`,
        distribution: '5',
        disable_correlation: false,
        timestamp: seconds(facts.addedMs),
        ...(facts.sightings === null
          ? {}
          : {
              first_seen: new Date(facts.sightings.firstSeenMs).toISOString(),
              last_seen: new Date(facts.sightings.lastSeenMs).toISOString(),
            }),
        ...(facts.tlp === state.tlp ? {} : { Tag: [tlpTag(facts.tlp)] }),
      })),
    },
  };
}
