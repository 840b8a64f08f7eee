import type { CasePhase } from './case.ts';
import type { CaseTemplate, StepTarget, TemplateField, TemplateStep, TemplateTask } from './case-template.ts';

const step = (text: string, opens: StepTarget | null = null): TemplateStep => ({ text, opens });
const task = (phase: CasePhase, title: string, ...steps: readonly TemplateStep[]): TemplateTask => ({
  phase,
  title,
  steps,
});
const text = (key: string, label: string): TemplateField => ({
  key,
  label,
  type: 'text',
  unit: null,
  options: [],
});
const number = (key: string, label: string, unit: string): TemplateField => ({
  key,
  label,
  type: 'number',
  unit,
  options: [],
});
const time = (key: string, label: string): TemplateField => ({
  key,
  label,
  type: 'time',
  unit: null,
  options: [],
});
const yesNo = (key: string, label: string): TemplateField => ({
  key,
  label,
  type: 'yes-no',
  unit: null,
  options: [],
});
const choice = (key: string, label: string, ...options: readonly string[]): TemplateField => ({
  key,
  label,
  type: 'choice',
  unit: null,
  options,
});

const queue = (query: string): StepTarget => ({ screen: 'queue', query });
const watch: StepTarget = { screen: 'watch' };
const mitigate: StepTarget = { screen: 'mitigate' };
const reports: StepTarget = { screen: 'reports' };
const backTest: StepTarget = { screen: 'backtest' };
const settings = (section: string): StepTarget => ({ screen: 'settings', section });

const linked = queue('case:{case}');
const openOfCustomer = queue('customer:{customer} -status:closed');

/** The same in every incident. */
const tellCustomer = task(
  'detection-and-analysis',
  'Tell the customer what is known',
  step('Say what is seen, since when, and what is not known yet'),
  step('Agree who speaks to whom, how often, and when next'),
  step('Set the marking (TLP) that the customer asks for'),
);
const afterwards = (...more: readonly TemplateStep[]): TemplateTask =>
  task(
    'post-incident',
    'Close and learn',
    step('Close the alerts of the case with what they were', linked),
    step('Preview and send the retrospective', reports),
    ...more,
  );

/** The playbooks that ship with the app. */
export const caseTemplates: readonly CaseTemplate[] = [
  {
    id: 'ddos-network',
    name: 'DDoS on layers 3 and 4',
    about: 'Bits, packets or connections far above the usual: floods, amplification, exhausted state tables.',
    techniques: ['T1498.001', 'T1498.002', 'T1499.001'],
    fields: [
      choice(
        'vector',
        'Vector',
        'SYN flood',
        'UDP flood',
        'amplification',
        'connection flood',
        'mixed',
        'not known',
      ),
      number('peak-bits', 'Peak', 'bit/s'),
      number('peak-packets', 'Peak', 'packets/s'),
      text('targets', 'Targeted addresses and ports'),
      yesNo('spoofed', 'Source addresses spoofed'),
      text('upstream-ticket', 'Ticket of the transit or scrubbing provider'),
      yesNo('ransom-note', 'Ransom demanded'),
    ],
    tasks: [
      task(
        'detection-and-analysis',
        'Name the vector',
        step('Read what the excess is made of: protocol, ports, flags, packet sizes', linked),
        step('See which stage deviated first, and whether the origin suffers', watch),
        step('Look for other alerts of the same minutes', openOfCustomer),
      ),
      tellCustomer,
      task(
        'containment-eradication-recovery',
        'Stop it where it can be stopped',
        step('Tell whether the line itself is full: then only upstream can help', watch),
        step('Propose blocks within the plan; spoofed sources are not worth blocking', mitigate),
        step('Ask the transit or scrubbing provider for filters, diversion or a blackhole'),
        step('Read back what is in force and what it hits', mitigate),
      ),
      task(
        'containment-eradication-recovery',
        'Go back to the usual',
        step('Watch the traffic for an hour after the last peak', watch),
        step('Let blocks end by themselves; withdraw what was asked of others', mitigate),
      ),
      afterwards(
        step('Check whether it would be found earlier with other settings', backTest),
        step('Agree with the customer what the plan allows next time', mitigate),
      ),
    ],
  },
  {
    id: 'ddos-application',
    name: 'DDoS on layer 7',
    about: 'Requests far above the usual or made to be dear: HTTP floods, cache-busting, slow requests.',
    techniques: ['T1499.002', 'T1499.003'],
    fields: [
      choice('vector', 'Vector', 'HTTP flood', 'cache-busting', 'slow requests', 'API abuse', 'not known'),
      number('peak-requests', 'Peak', 'requests/s'),
      text('paths', 'Targeted paths'),
      text('fingerprint', 'What attackers have in common: agent, headers, TLS'),
      number('innocent-share', 'Ordinary requests that blocks hit', '%'),
      yesNo('origin-degraded', 'Origin degraded'),
    ],
    tasks: [
      task(
        'detection-and-analysis',
        'Tell the attack from a crowd',
        step('Compare paths, methods, answers and agents with the usual mix', linked),
        step('Ask whether a campaign, a sale or a release goes on'),
        step('See whether the cache holds and the origin suffers', watch),
      ),
      task(
        'detection-and-analysis',
        'Find what attackers have in common',
        step('List the sources of the linked alerts', linked),
        step('Look for the same networks at other customers', queue('lane:actionable last:24h')),
      ),
      tellCustomer,
      task(
        'containment-eradication-recovery',
        'Hold requests off the origin',
        step('Propose blocks for the smallest set that carries the excess', mitigate),
        step('Ask for rate limits or challenges at the edge or WAF'),
        step('Read back how many ordinary requests were hit', mitigate),
      ),
      task(
        'containment-eradication-recovery',
        'Go back to the usual',
        step('Watch latency and errors of the origin until they are usual again', watch),
        step('Let blocks end by themselves', mitigate),
      ),
      afterwards(step('Agree on caching and limits for the paths that were dear')),
    ],
  },
  {
    id: 'credential-abuse',
    name: 'Credential abuse',
    about: 'Logins tried in bulk: stuffing of leaked passwords, spraying, guessing, or accounts taken over.',
    techniques: ['T1110.003', 'T1110.004', 'T1078'],
    fields: [
      choice('method', 'Method', 'stuffing', 'spraying', 'guessing', 'session theft', 'not known'),
      number('attempts', 'Attempts', 'requests'),
      number('accounts-tried', 'Accounts tried', 'accounts'),
      number('accounts-taken', 'Accounts taken over', 'accounts'),
      yesNo('multi-factor', 'Second factor asked for'),
      yesNo('notification-duty', 'Duty to notify people or authorities'),
      time('first-success', 'First successful login of the attacker'),
    ],
    tasks: [
      task(
        'detection-and-analysis',
        'Measure the attempts',
        step('See refused and successful logins beside the usual', watch),
        step('List sources and user names of the linked alerts', linked),
        step('Find whether one source tries many accounts, or many sources try one', openOfCustomer),
      ),
      task(
        'detection-and-analysis',
        'Find accounts that were taken over',
        step('Ask the customer for successful logins from the sources of the case'),
        step('Note every account found as an observable of the case'),
      ),
      tellCustomer,
      task(
        'containment-eradication-recovery',
        'Stop the attempts',
        step('Propose blocks for the sources, within the plan', mitigate),
        step('Ask for a second factor, a challenge or a lower limit on the login'),
      ),
      task(
        'containment-eradication-recovery',
        'Give accounts back',
        step('Ask the customer to end sessions and reset passwords of the accounts found'),
        step('Look for what was done with them: orders, changed addresses, exports'),
      ),
      afterwards(
        step('Settle with the customer whether people or authorities must be told'),
        step('Share the sources with those who may have them'),
      ),
    ],
  },
  {
    id: 'origin-outage',
    name: 'Origin outage',
    about: 'The origin fails or slows down with no attack behind it, or before one is proven.',
    techniques: [],
    fields: [
      choice('cause', 'Cause', 'release', 'capacity', 'dependency', 'hardware', 'attack', 'not known'),
      number('error-share', 'Requests that failed at worst', '%'),
      number('outage-minutes', 'Users affected for', 'min'),
      text('change', 'Last change before it'),
      yesNo('stale-served', 'Cache served in its place'),
    ],
    tasks: [
      task(
        'detection-and-analysis',
        'Tell failure from attack',
        step('See which stage deviated first: a surge before the errors speaks for an attack', watch),
        step('Read the linked alerts and what each rests on', linked),
        step('Ask for releases, changes and maintenance of the last hours'),
        step('Check that no source is silent: no data is not an outage', settings('sources')),
      ),
      tellCustomer,
      task(
        'containment-eradication-recovery',
        'Keep users served',
        step('Ask for stale content, a fail-over origin or a maintenance page'),
        step('Ask for the last change to be taken back'),
        step('End blocks that might hit the origin’s own dependencies', mitigate),
      ),
      task(
        'containment-eradication-recovery',
        'Prove that it is back',
        step('Watch errors and latency for half an hour', watch),
        step('Check that cold caches do not bring the load back', watch),
      ),
      afterwards(step('Keep planned work out of the queue next time', settings('suppressions'))),
    ],
  },
  {
    id: 'loss-of-reachability',
    name: 'Loss of reachability',
    about: 'Users cannot get to the service while it runs: routing, name resolution, certificates, a line.',
    techniques: [],
    fields: [
      choice(
        'layer',
        'Where',
        'routing',
        'name resolution',
        'certificate',
        'transit line',
        'firewall',
        'not known',
      ),
      text('scope', 'Networks and countries affected'),
      text('prefixes', 'Prefixes or names affected'),
      text('provider-ticket', 'Ticket of the provider'),
      yesNo('hijack', 'Announced by a stranger'),
    ],
    tasks: [
      task(
        'detection-and-analysis',
        'Find who cannot reach it',
        step('See at which stage traffic is missing, and since when', watch),
        step('Read reachability, name and certificate alerts', queue('customer:{customer} last:24h')),
        step('Look from outside: routes, name servers, certificates, in several countries'),
        step('Check that our own probes are not what fails', settings('sources')),
      ),
      task(
        'detection-and-analysis',
        'Rule out a hijack',
        step('Compare origin and path of the prefixes with those agreed'),
        step('Check that the names are answered by their own servers'),
      ),
      tellCustomer,
      task(
        'containment-eradication-recovery',
        'Bring traffic back',
        step('Call the transit, registrar or certificate authority, whoever has it in hand'),
        step('Announce by another way, or move names to another address, as agreed'),
        step('Rule out blocks of ours as the cause', mitigate),
      ),
      task(
        'containment-eradication-recovery',
        'Prove that it is back',
        step('Watch traffic by network and country return to the usual', watch),
      ),
      afterwards(step('Agree on monitors for what was seen last: expiry, routes, name servers')),
    ],
  },
  {
    id: 'supplier-vulnerability',
    name: 'Supplier vulnerability',
    about: 'A product in front of or behind the service has a vulnerability that is, or will be, exploited.',
    techniques: ['T1190', 'T1195.002'],
    fields: [
      text('vulnerability', 'CVE'),
      text('product', 'Product and versions affected'),
      number('score', 'CVSS', 'points'),
      yesNo('exploited', 'Known to be exploited'),
      text('exposed', 'Services of the customer that have it'),
      choice('fix', 'Fix', 'patch', 'workaround', 'none yet'),
      time('fixed', 'Fixed at'),
    ],
    tasks: [
      task(
        'detection-and-analysis',
        'Find what is exposed',
        step('Read the advisory and note the CVE as an observable of the case'),
        step('List the services that run the product, with the customer'),
        step('Look for attempts so far', queue('technique:T1190 customer:{customer}')),
        step('Search raw records for what exploits look like', openOfCustomer),
      ),
      task(
        'detection-and-analysis',
        'Tell whether somebody was in',
        step('Go through the time since the vulnerability was known, not since the advisory'),
        step('Keep evidence with the case before anything is rebuilt'),
      ),
      tellCustomer,
      task(
        'containment-eradication-recovery',
        'Stand in until it is fixed',
        step('Ask for a WAF rule or for the function to be switched off'),
        step('Propose blocks for sources that tried', mitigate),
      ),
      task(
        'containment-eradication-recovery',
        'Fix it and prove it',
        step('Agree on a window for the patch', settings('suppressions')),
        step('Check the version in use, and that the attempt fails now'),
        step('Change secrets that the product held'),
      ),
      afterwards(step('Share indicators with those who may have them')),
    ],
  },
];
