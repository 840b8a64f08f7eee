import type { AlertStatus, Disposition, Suppressed } from '../../shared/domain/alert.ts';
import { uniform } from '../../shared/testing/random.ts';

/** What an analyst makes of one alert of the flood. */
export interface Verdict {
  readonly status: AlertStatus;
  readonly disposition: Disposition | null;
  readonly snoozed: boolean;
  readonly suppressed: Suppressed | null;
  readonly inCase: boolean;
}

/** A kind of alert in the flood: where it comes from, what it says, and how many there are of it. */
interface Kind {
  readonly name: string;
  readonly count: number;
  readonly signatures: readonly string[];
  /** Suricata's, 1 the worst. */
  readonly severity: 1 | 2 | 3 | 4;
  readonly blocked: boolean;
  /** The address of its client number. */
  readonly client: (number: number) => string;
  readonly target: (number: number) => string;
  readonly verdict: Partial<Verdict>;
}

const byte = (number: number, shift: number) => (number >> shift) & 255;
const closedAs = (disposition: Disposition) => ({ status: 'closed', disposition }) as const;

/**
 * The night of a load test, a botnet and a penetration test at once. Kinds overlap in what they say, as they do in
 * life: the testers use the scanner that the internet uses.
 */
const kinds: readonly Kind[] = [
  {
    name: 'the testers whom we hired',
    count: 900,
    signatures: ['ET SCAN Nuclei probe', 'ET SCAN SQLmap user agent', 'ET WEB_SERVER Path traversal attempt'],
    severity: 2,
    blocked: false,
    client: (number) => `10.9.8.${1 + (number % 250)}`,
    target: (number) => `192.0.2.${10 + (number % 90)}`,
    verdict: closedAs('benign-positive'),
  },
  {
    name: 'scanners of the internet',
    count: 3_100,
    signatures: ['ET SCAN Nuclei probe', 'ET SCAN Masscan', 'ET SCAN Zmap user agent', 'ET SCAN Port sweep'],
    severity: 3,
    blocked: false,
    client: (number) => `203.${byte(number, 12)}.${byte(number, 4)}.${1 + (number & 15)}`,
    target: () => '192.0.2.10',
    verdict: closedAs('false-positive'),
  },
  {
    name: 'the botnet, as the IDS sees it',
    count: 2_600,
    signatures: ['LOCAL HTTP flood of one client', 'LOCAL Credential stuffing of one client'],
    severity: 1,
    blocked: false,
    client: (number) => `198.51.${byte(number, 7)}.${1 + (number & 127)}`,
    target: () => '192.0.2.80',
    verdict: closedAs('true-positive'),
  },
  {
    name: 'the botnet, told again by the firewall of applications',
    count: 1_700,
    signatures: ['CRS echo: anomaly score exceeded'],
    severity: 2,
    blocked: true,
    client: (number) => `198.51.${byte(number, 7)}.${1 + (number & 127)}`,
    target: () => '192.0.2.80',
    verdict: closedAs('duplicate'),
  },
  {
    name: 'the health checks of the load test',
    count: 700,
    signatures: ['LOCAL Health check without a user agent'],
    severity: 4,
    blocked: false,
    client: (number) => `10.20.${byte(number, 8)}.${byte(number, 0)}`,
    target: () => '192.0.2.81',
    verdict: { suppressed: 'held' },
  },
  {
    name: 'handshakes that nobody can explain',
    count: 640,
    signatures: ['SURICATA TLS invalid handshake message', 'SURICATA TLS invalid record type'],
    severity: 3,
    blocked: false,
    client: (number) => `2001:db8:${(1 + (number >> 4)).toString(16)}::${(1 + (number & 15)).toString(16)}`,
    target: () => '192.0.2.44',
    verdict: closedAs('unknown'),
  },
  {
    name: 'what a change at nine in the morning ends',
    count: 310,
    signatures: ['LOCAL Certificate of an old name still served'],
    severity: 2,
    blocked: false,
    client: (number) => `172.16.${byte(number, 8)}.${byte(number, 0)}`,
    target: () => '192.0.2.90',
    verdict: { snoozed: true },
  },
  {
    name: 'what leaves the database',
    count: 50,
    signatures: ['LOCAL Large transfer out of the database network'],
    severity: 1,
    blocked: false,
    client: (number) => `10.66.0.${1 + number}`,
    target: (number) => `203.0.113.${1 + (number % 4)}`,
    verdict: { ...closedAs('true-positive'), inCase: true },
  },
];

/** What the view of an analyst who knows this night finds, in the order in which they are worked. */
export const floodViews = [
  { name: 'Out of the database', text: 'src:10.66.0.0/16' },
  { name: 'Hired testers', text: 'src:10.9.8.0/24' },
  { name: 'Scanners', text: 'title:"ET SCAN"' },
  { name: 'Botnet', text: 'dst:192.0.2.80 -mitigated:yes' },
  { name: 'Echoes of it', text: 'title:echo' },
  { name: 'Old certificate', text: 'title:certificate' },
  { name: 'Load test', text: 'title:"health check"' },
  { name: 'Handshakes', text: 'title:TLS severity<=low' },
] as const;

export interface FloodAlert {
  /** An EVE record. */
  readonly line: string;
  /** What tells it from every other: title, source and destination. */
  readonly key: string;
  readonly verdict: Verdict;
}

const untouched: Verdict = {
  status: 'new',
  disposition: null,
  snoozed: false,
  suppressed: null,
  inCase: false,
};

/**
 * 10,000 records of 10,000 alerts, in the order of a busy minute: kinds mixed, the same for the same seed.
 * @param startMs when the first occurred, epoch ms
 */
export function floodOf(seed: number, startMs: number): readonly FloodAlert[] {
  const alerts = kinds.flatMap((kind, place) =>
    Array.from({ length: kind.count }, (_, number) => ({ kind, place, number })),
  );
  return alerts
    .map((alert, index) => ({ ...alert, order: uniform(seed, index, 1) }))
    .sort((left, right) => left.order - right.order)
    .map(({ kind, place, number }, index): FloodAlert => {
      const title = kind.signatures[number % kind.signatures.length] ?? '';
      // The same client does another thing to another target, so each of these is an alert of its own.
      const client = kind.client(Math.floor(number / kind.signatures.length));
      const target = kind.target(number);
      const record = {
        timestamp: new Date(startMs + index * 6).toISOString().replace('Z', '000+0000'),
        flow_id: 1_000_000 + index,
        event_type: 'alert',
        src_ip: client,
        src_port: 1_024 + Math.floor(uniform(seed, index, 2) * 60_000),
        dest_ip: target,
        dest_port: 443,
        proto: 'TCP',
        alert: {
          action: kind.blocked ? 'blocked' : 'allowed',
          gid: 1,
          signature_id: 2_000_000 + place * 100 + (number % kind.signatures.length),
          rev: 1,
          signature: title,
          category: 'Attempted Denial of Service',
          severity: kind.severity,
        },
      };
      return {
        line: JSON.stringify(record),
        key: `${title} ${client} ${target}`,
        verdict: { ...untouched, ...kind.verdict },
      };
    });
}
