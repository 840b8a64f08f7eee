import type { Mitigated, Severity } from '../domain/alert.ts';
import type { Finding, Layer, Measure, Stage } from '../domain/signal.ts';
import { secondMs } from '../domain/time.ts';
import { isOrdinaryMix, shareWhere, type TrafficMix, topValue } from './mix.ts';
import { amplifiersOf, isCacheBusting, isMostlySyn, listInWords } from './vector.ts';

/** A finding with what is needed of its signal; JSON-safe. */
export interface IncidentFinding {
  readonly finding: Finding;
  readonly name: string;
  readonly unit: string;
  readonly layer: Layer;
  readonly measure: Measure;
  /** What an earlier verdict says of it; then its lane is informational. Absent where none was asked. */
  readonly lesson?: string | null;
}

/** Peaks further apart than this are not of the same moment. */
const comparableMs = 15 * secondMs;
/** What an incident looks like. */
export type Kind =
  | 'network-flood'
  | 'udp-flood'
  | 'udp-amplification'
  | 'connection-flood'
  | 'syn-flood'
  | 'http-flood'
  | 'cache-busting'
  | 'slow-requests'
  | 'request-surge'
  | 'crowd'
  | 'credential-stuffing'
  | 'refused-requests'
  | 'origin-failing'
  | 'origin-slow'
  | 'unreachable'
  | 'name-resolution'
  | 'certificate'
  | 'traffic-drop'
  | 'stopped'
  | 'source-silent'
  | 'budget-burning'
  | 'other';

/** ATT&CK techniques that each suggests. */
export const techniquesOf: Record<Kind, readonly string[]> = {
  'network-flood': ['T1498.001'],
  'udp-flood': ['T1498.001'],
  'udp-amplification': ['T1498.002'],
  'connection-flood': ['T1498.001', 'T1499.001'],
  'syn-flood': ['T1498.001', 'T1499.001'],
  'http-flood': ['T1499.002'],
  'cache-busting': ['T1499.002'],
  'slow-requests': ['T1499.002'],
  'credential-stuffing': ['T1110.004'],
  'request-surge': [],
  crowd: [],
  'refused-requests': [],
  'origin-failing': [],
  'origin-slow': [],
  unreachable: [],
  'name-resolution': [],
  certificate: [],
  'traffic-drop': [],
  stopped: [],
  'source-silent': [],
  'budget-burning': [],
  other: [],
};

/** Floods: more of something comes than can be served, and somebody sends it. */
const floods: ReadonlySet<Kind> = new Set([
  'network-flood',
  'udp-flood',
  'udp-amplification',
  'connection-flood',
  'syn-flood',
  'http-flood',
  'cache-busting',
  'slow-requests',
]);

/** Whether more comes than usual and its senders are to be named. */
export function isSurge(kind: Kind): boolean {
  return floods.has(kind) || kind === 'credential-stuffing' || kind === 'request-surge';
}

/** How many times the expected. */
export function factorOf({ finding }: IncidentFinding): number {
  return finding.observed / Math.max(finding.expected, 1e-9);
}

/** The findings of an incident, sorted into what they mean. */
export interface Signature {
  readonly requests: IncidentFinding | undefined;
  readonly originRequests: IncidentFinding | undefined;
  readonly bits: IncidentFinding | undefined;
  readonly packets: IncidentFinding | undefined;
  readonly connections: IncidentFinding | undefined;
  /** Sessions held open before the origin. */
  readonly sessions: IncidentFinding | undefined;
  readonly refused: IncidentFinding | undefined;
  readonly originErrors: IncidentFinding | undefined;
  readonly originLatency: IncidentFinding | undefined;
  readonly clientLatency: IncidentFinding | undefined;
  readonly reachability: IncidentFinding | undefined;
  readonly availability: IncidentFinding | undefined;
  readonly resolution: IncidentFinding | undefined;
  readonly certificate: IncidentFinding | undefined;
  readonly cacheMisses: IncidentFinding | undefined;
  readonly mitigated: readonly IncidentFinding[];
  readonly drops: readonly IncidentFinding[];
  readonly silent: IncidentFinding | undefined;
  readonly burning: IncidentFinding | undefined;
  readonly unreachable: IncidentFinding | undefined;
}

/** Sorts findings into what they mean. */
export function signatureOf(findings: readonly IncidentFinding[]): Signature {
  const deviations = findings.filter(({ finding }) => finding.kind === 'deviation');
  const strongest = (test: (entry: IncidentFinding) => boolean) =>
    deviations.filter(test).sort((a, b) => b.finding.surprise - a.finding.surprise)[0];
  const up = (measure: Measure, where: (stage: Stage) => boolean) =>
    strongest(
      (entry) => entry.measure === measure && entry.finding.direction === 'up' && where(entry.finding.stage),
    );
  const anywhere = () => true;
  const atOrigin = (stage: Stage) => stage === 'origin';
  const beforeOrigin = (stage: Stage) => stage !== 'origin';
  const down = (measure: Measure) =>
    strongest((entry) => entry.measure === measure && entry.finding.direction === 'down');
  const ofRule = (kind: Finding['kind']) => findings.find(({ finding }) => finding.kind === kind);
  const traffic = new Set<Measure>(['rate', 'bits', 'packets', 'connections']);
  return {
    requests: up('rate', beforeOrigin) ?? up('rate', atOrigin),
    originRequests: up('rate', atOrigin),
    bits: up('bits', anywhere),
    packets: up('packets', anywhere),
    connections: up('connections', anywhere),
    sessions: up('saturation', (stage) => stage === 'network' || stage === 'edge'),
    refused: up('errors', beforeOrigin),
    originErrors: up('errors', atOrigin),
    originLatency: up('latency', atOrigin),
    clientLatency: up('latency', beforeOrigin),
    reachability: down('reachability'),
    availability: down('availability'),
    resolution: ofRule('name-resolution') ?? down('resolution'),
    certificate: ofRule('certificate'),
    cacheMisses: strongest(({ finding }) => finding.stage === 'cache' && finding.direction === 'down'),
    mitigated: deviations.filter(
      (entry) => entry.measure === 'mitigated' && entry.finding.direction === 'up',
    ),
    drops: deviations.filter((entry) => traffic.has(entry.measure) && entry.finding.direction === 'down'),
    silent: ofRule('source-silent'),
    unreachable: ofRule('origin-unreachable'),
    burning: ofRule('burn-rate'),
  };
}

function hasSurge({ requests, originRequests, bits, packets, connections }: Signature): boolean {
  return (requests ?? originRequests ?? bits ?? packets ?? connections) !== undefined;
}

const isRefusal = (status: string) => status === '401' || status === '403';

/** Fewer sessions than this that stay open are somebody's slow afternoon. */
const leastHeldSessions = 20;

/**
 * Sessions pile up while hardly more is asked and hardly more come: they are held open. Where the origin is slow they
 * pile up by themselves.
 */
function isHeldOpen({ sessions, requests, connections, originLatency, originErrors }: Signature): boolean {
  if (sessions === undefined || originLatency !== undefined || originErrors !== undefined) return false;
  const { observed, expected, lane } = sessions.finding;
  const held = factorOf(sessions);
  return (
    lane === 'actionable' &&
    observed - expected >= leastHeldSessions &&
    held >= 2 &&
    (requests === undefined || held >= 2 * factorOf(requests)) &&
    (connections === undefined || held >= 2 * factorOf(connections))
  );
}

/** A flood of connections by what tells it from other ones: its segments, or a counter that counts nothing but SYNs. */
function connectionFlood({ connections }: Signature, mix: TrafficMix): Kind {
  const isSyn = isMostlySyn(mix) ?? connections?.unit.startsWith('SYN') ?? false;
  return isSyn ? 'syn-flood' : 'connection-flood';
}

/** What the pattern looks like. Names come from what was measured, never from who plays it. */
export function kindOf(signature: Signature, mix: TrafficMix): Kind {
  const { requests, bits, packets, connections, refused, originErrors, originLatency, availability } =
    signature;
  if (signature.unreachable !== undefined) return 'origin-failing';
  if (signature.resolution !== undefined) return 'name-resolution';
  const requestFactor = requests === undefined ? 1 : Math.max(1, factorOf(requests));
  // Peaks of different moments cannot be compared: the other one may only not have been told yet.
  const outgrows = (entry: IncidentFinding | undefined, times: number) =>
    entry !== undefined &&
    factorOf(entry) >= times * requestFactor &&
    (requests === undefined || Math.abs(entry.finding.peakMs - requests.finding.peakMs) <= comparableMs);
  const harm = originErrors ?? availability;
  const ordinary = isOrdinaryMix(mix);
  // Who broke requests down and saw no more of them than usual knows that the surge lies below HTTP, and vice versa.
  const askedMore = mix.byDimension.has('url.path');
  if (ordinary === true && askedMore && harm === undefined && hasSurge(signature)) return 'crowd';

  if (!askedMore && isHeldOpen(signature)) return 'slow-requests';
  if (!askedMore && (outgrows(bits, 2.5) || outgrows(connections, 2.5) || outgrows(packets, 2.5))) {
    if (topValue(mix, 'network.transport', 0.5) === 'udp') {
      return amplifiersOf(mix).length > 0 ? 'udp-amplification' : 'udp-flood';
    }
    const bitFactor = bits === undefined ? 1 : factorOf(bits);
    const connectionFactor = connections === undefined ? 1 : factorOf(connections);
    // A surge of connections to which no requests belong; its packets are small.
    if (connectionFactor >= 2.5 * requestFactor && connectionFactor > bitFactor) {
      return connectionFlood(signature, mix);
    }
    if (requests === undefined) return 'network-flood';
  }
  const passwords =
    (shareWhere(mix, 'http.status', isRefusal) ?? 0) >= 0.4 &&
    topValue(mix, 'url.path', 0.4) !== null &&
    topValue(mix, 'http.method', 0.4) === 'POST';
  if (passwords && refused !== undefined) return 'credential-stuffing';
  if (requests !== undefined && requests.finding.stage !== 'origin') {
    if (ordinary === null) return 'request-surge';
    if (ordinary) return harm === undefined ? 'crowd' : 'request-surge';
    const uncached = signature.originRequests ?? signature.cacheMisses;
    return uncached !== undefined && isCacheBusting(mix) ? 'cache-busting' : 'http-flood';
  }
  if (signature.reachability !== undefined && (bits ?? packets ?? connections) === undefined)
    return 'unreachable';
  if (harm !== undefined) return 'origin-failing';
  if (originLatency !== undefined) return 'origin-slow';
  if (refused !== undefined) return explainedByFilter(signature) ? 'stopped' : 'refused-requests';
  if (signature.originRequests !== undefined) return 'request-surge';
  if (bits !== undefined || packets !== undefined || connections !== undefined) return 'network-flood';
  if (signature.drops.length > 0) return 'traffic-drop';
  if (signature.certificate !== undefined) return 'certificate';
  if (signature.burning !== undefined) return 'budget-burning';
  if (signature.silent !== undefined) return 'source-silent';
  if (signature.mitigated.length > 0) return 'stopped';
  return 'other';
}

function excess({ finding }: IncidentFinding): number {
  return Math.max(0, finding.observed - finding.expected);
}

/**
 * Refusals that are the filter's own work: what it stopped accounts for them. Where one of the two was last told at
 * another moment than the other, only an amount of another kind counts against it.
 */
function explainedByFilter({ mitigated, refused }: Signature): boolean {
  const stopped = mitigated.reduce((sum, entry) => sum + excess(entry), 0);
  if (refused === undefined || stopped <= 0) return false;
  const sameMoment = mitigated.some(
    (entry) => Math.abs(entry.finding.peakMs - refused.finding.peakMs) <= comparableMs,
  );
  return excess(refused) <= (sameMoment ? 1.35 : 4) * stopped;
}

/** How much of a surge is being stopped. */
export interface Mitigation {
  readonly state: Mitigated;
  readonly share: number | null;
}

/** Whether, and what part of, a surge is being stopped on the way. */
export function mitigationOf(signature: Signature, mix: TrafficMix, kind: Kind): Mitigation {
  const surge = signature.requests ?? signature.connections ?? signature.bits ?? signature.packets;
  if (kind === 'stopped') return { state: 'yes', share: 1 };
  if (surge === undefined && signature.refused === undefined) return { state: 'no', share: null };
  const fromFindings = () => {
    const stopped = signature.mitigated
      .filter((entry) => entry.unit === surge?.unit)
      .reduce((sum, entry) => sum + excess(entry), 0);
    return surge === undefined || stopped === 0
      ? null
      : Math.min(1, stopped / Math.max(excess(surge), stopped));
  };
  const share = mix.mitigatedShare ?? fromFindings();
  const isOpen = ({ finding }: IncidentFinding) => finding.state === 'open';
  // The surge is gone where it is counted behind the filter, and the filter is busy: that is what stopped it.
  if (surge !== undefined && !isOpen(surge) && signature.mitigated.some(isOpen))
    return { state: 'yes', share };
  if (share === null) return { state: 'not-known', share: null };
  return { state: share >= 0.95 ? 'yes' : share >= 0.02 ? 'partly' : 'no', share };
}

/** How much the service suffers: percentage points of who cannot be served, or the factor of its errors; 0 for nothing. */
export function harmOf(signature: Signature): number {
  const points = (entry: IncidentFinding | undefined) => {
    if (entry === undefined) return 0;
    const factor = entry.unit === '%' ? 1 : 100;
    return Math.max(0, entry.finding.expected - entry.finding.observed) * factor;
  };
  if (signature.unreachable !== undefined) return 100;
  const errors = signature.originErrors === undefined ? 0 : Math.min(10, factorOf(signature.originErrors));
  return Math.max(points(signature.reachability), points(signature.availability), errors);
}

/** How bad an actionable incident is. */
export function severityOf(kind: Kind, harm: number, signature: Signature): Severity {
  switch (kind) {
    case 'network-flood':
    case 'udp-flood':
    case 'udp-amplification':
    case 'connection-flood':
    case 'syn-flood':
    case 'http-flood':
    case 'cache-busting':
    case 'slow-requests':
      return harm >= 20 ? 'critical' : 'high';
    case 'credential-stuffing':
      return 'high';
    case 'name-resolution':
      return signature.resolution?.finding.kind === 'name-resolution' ? 'critical' : 'high';
    case 'certificate':
      return (signature.certificate?.finding.observed ?? 1) <= 0 ? 'critical' : 'high';
    case 'origin-failing':
    case 'unreachable':
      return harm >= 20 ? 'critical' : 'high';
    case 'request-surge':
      return harm > 0 ? 'high' : 'medium';
    case 'traffic-drop':
      return signature.drops.some((entry) => factorOf(entry) < 0.2) ? 'critical' : 'high';
    case 'origin-slow':
    case 'refused-requests':
    case 'source-silent':
    case 'budget-burning':
    case 'other':
      return 'medium';
    case 'crowd':
    case 'stopped':
      return 'informational';
  }
}

/** An incident's name, by its common word. */
export function titleOf(kind: Kind, signature: Signature, mix: TrafficMix, lead: IncidentFinding): string {
  const path = topValue(mix, 'url.path', 0.4);
  const on = path === null ? '' : ` on ${path}`;
  switch (kind) {
    case 'network-flood':
      return 'Network traffic surge';
    case 'udp-flood':
      return 'UDP flood';
    case 'udp-amplification':
      return `${listInWords(amplifiersOf(mix))} amplification flood`;
    case 'connection-flood':
      return 'Connection flood';
    case 'syn-flood':
      return 'SYN flood';
    case 'http-flood':
      return `HTTP flood${on}`;
    case 'cache-busting':
      return `Cache-busting flood${on}`;
    case 'slow-requests':
      return 'Slow loris: sessions held open';
    case 'request-surge':
      return `HTTP request surge${on}`;
    case 'crowd':
      return `Flash crowd${on}`;
    case 'credential-stuffing':
      return `Credential stuffing${on}`;
    case 'refused-requests':
      return 'Refused requests rising';
    case 'origin-failing':
      return signature.unreachable === undefined ? 'Origin failing' : 'Origin unreachable';
    case 'origin-slow':
      return 'Origin slowing down';
    case 'unreachable':
      return 'Loss of reachability';
    case 'name-resolution':
      return 'Name resolution failing';
    case 'certificate':
      return (signature.certificate?.finding.observed ?? 1) <= 0
        ? 'Certificate expired'
        : 'Certificate about to expire';
    case 'traffic-drop':
      return 'Traffic dropped';
    case 'stopped':
      return `More than usual stopped at the ${lead.finding.stage === 'waf' ? 'WAF' : lead.finding.stage}`;
    case 'source-silent':
      return 'Source silent';
    case 'budget-burning':
      return 'Error budget burning';
    case 'other':
      return `${lead.name} ${lead.finding.direction === 'up' ? 'above' : 'below'} the usual`;
  }
}

/** The finding that tells the most about it: the title's own. */
export function leadOf(
  kind: Kind,
  signature: Signature,
  findings: readonly IncidentFinding[],
): IncidentFinding | undefined {
  const strongest = [...findings].sort(
    (a, b) =>
      Number(b.finding.lane === 'actionable') - Number(a.finding.lane === 'actionable') ||
      b.finding.surprise - a.finding.surprise,
  )[0];
  const byKind = (): IncidentFinding | undefined => {
    switch (kind) {
      case 'udp-flood':
      case 'udp-amplification':
      case 'network-flood':
        return signature.bits ?? signature.packets ?? signature.connections;
      case 'connection-flood':
      case 'syn-flood':
        return signature.connections;
      case 'slow-requests':
        return signature.sessions;
      case 'http-flood':
      case 'cache-busting':
      case 'request-surge':
      case 'crowd':
        return signature.requests;
      case 'credential-stuffing':
      case 'refused-requests':
        return signature.refused;
      case 'origin-failing':
        return signature.unreachable ?? signature.availability ?? signature.originErrors;
      case 'origin-slow':
        return signature.originLatency;
      case 'unreachable':
        return signature.reachability;
      case 'name-resolution':
        return signature.resolution;
      case 'certificate':
        return signature.certificate;
      case 'traffic-drop':
        return signature.drops[0];
      case 'stopped':
        return signature.mitigated[0];
      case 'source-silent':
        return signature.silent;
      case 'budget-burning':
        return signature.burning;
      case 'other':
        return undefined;
    }
  };
  return byKind() ?? strongest;
}
